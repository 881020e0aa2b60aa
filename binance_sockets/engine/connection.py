"""A connection: one conn_key, one long-lived thread, one or more links."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from copy import copy
from functools import cached_property, partial
from typing import Any, TypeVar

from ..config import Options
from ..errors import (
    BinanceSocketsError,
    ConfigError,
    ConnectError,
    ConnectionLost,
    RequestTimeout,
    WouldDeadlock,
    display_name,
)
from ..events import ErrorReport, Gap, Reason, State, StateChange
from ..exchange import Exchange, Misfits, Stream
from .clock import Cancel, Waiter, Wakeup, wait_event
from .commands import (
    Attach,
    Changed,
    Command,
    CredentialSeen,
    Detach,
    Dial,
    Explain,
    Fetch,
    Filled,
    GapSeen,
    GiveUp,
    Renew,
    Report,
    Settled,
)
from .dialler import Attempt, Opened, known_failure, open_websocket
from .dials import Dials
from .elsewhere import Elsewhere
from .gate import Gate
from .lag import Lag
from .lifecycle import PHASES, Phase
from .link import Link
from .requests import Obstacle, OnAnswer, Request
from .roster import Decision, Roster
from .router import Handler
from .surroundings import Surroundings
from .telling import Observer, Teller
from .threads import Worker
from .transport import Transport
from .watch import Alarm
from .websocket import WebSocket

_Q = TypeVar("_Q")
_A = TypeVar("_A")

__all__ = ["Connection", "best_state", "fixed", "fresh"]

log = logging.getLogger("binance_sockets.connection")

_LONG = 1.0  # seconds without a read after which an empty socket proves nothing for a while
_BEGIN = 10.0  # seconds in which a thread that runs has opened its descriptors


class Connection:
    """Runs the links of one conn_key and calls back with their messages.

    The links decide; what they ask for as commands is carried out here, when their transition is complete.

    Args:
        conn_key: its key.
        exchange: answers every question about the exchange.
        streams: what it carries.
        callback: called with each payload, in order, on this connection's thread.
        final_payload: what the callback receives last when the connection gives up.
        options: deadlines, back-off, limits.
        transport: opens WebSockets.
        submit: runs a slow job elsewhere.
        dial: runs an attempt to connect elsewhere; raises RuntimeError where it cannot.
        observer: is told what happens.
        named: makes streams of what :meth:`Manager.subscribe` is given; ``None`` (default) refuses it.
        gate: what each callback waits for; ``None`` (default) for nothing.
        alarm: is rung at work; ``None`` (default) where nobody watches.

    Attributes:
        label: its name in logs and thread names.
        after: connections whose end this one waits for before it begins, so that callbacks of a key never overlap.
        lag: whether the callback keeps up.
        misfits: what the view of the messages could not express.
        elsewhere: asks what is slow on the job thread.
        changeable: its streams may change.
        on_settled: called when all that is wanted is asked for and answered on a link; on the connection's thread.
        on_filled: called with a gap that was filled; on the connection's thread.
        on_spread: called when what is wanted was spread over links; on the connection's thread.
        named: makes streams of the names that a user gives.
        roster: the links, and what they shall carry.
    """

    def __init__(
        self,
        conn_key: str,
        exchange: Exchange,
        streams: Sequence[Stream],
        callback: Callable[[Any], object],
        *,
        final_payload: Callable[[], object],
        options: Options,
        transport: Transport,
        submit: Callable[[Callable[[], None]], None],
        dial: Callable[[Attempt], None],
        observer: Observer,
        named: Callable[[object], list[Stream]] | None = None,
        gate: Gate | None = None,
        alarm: Alarm | None = None,
    ) -> None:
        self.conn_key = conn_key
        self.changeable = named is not None
        self.named: Callable[[object], list[Stream]] = named or fixed
        self.label = display_name(conn_key)
        self.exchange = exchange
        self.options = options
        self.transport = transport
        self._clock = transport.clock
        self._teller = Teller(conn_key, self.label, observer, self._clock)
        self.handler = Handler(callback, self._teller.error, self.request_stop, gate)
        self.handler.on_slow = self._behind_within
        self._gate = gate
        self._alarm = alarm or Alarm()
        self.on_spread: Callable[[], object] = lambda: None
        self.on_settled: Callable[[], object] = lambda: None
        self.on_filled: Callable[[Gap], object] = lambda gap: None
        self.elsewhere = Elsewhere(self.label, exchange, self.handler, self._teller, submit, self.post, self._clock)
        self.ended = threading.Event()
        self.after: tuple[Connection, ...] = ()
        self.lag = Lag()
        self.misfits = Misfits(  # told as they are decoded: no listener is called in the middle of a batch
            lambda stream, detail: self._commands.append(Report(self._teller.misfit(stream, detail)))
        )
        self._final_payload = final_payload
        self._commands: list[Command] = []
        around = Surroundings(
            conn_key,
            self.label,
            exchange,
            options,
            self.handler,
            self._clock,
            lambda: self._rng,
            self._commands.append,
            self.misfits,
            lambda: transport.budgets,
        )
        self.roster = Roster(streams, around)
        self._lock = threading.Lock()  # guards the four below
        self._phase = Phase.NEW
        self._worker: Worker | None = None
        self._thread: threading.Thread | None = None  # the one that runs it
        self._inbox: list[Callable[[], None]] = []
        self._wakeup: Wakeup | None = None
        self._begun: threading.Event | None = None  # while start() waits for it
        self._refused: BaseException | None = None  # why its thread could not begin
        self._final: tuple[BaseException, bool] | None = None
        # the thread's own, from here on
        self._waiter: Waiter
        self._by_fileno: dict[int, tuple[Link, WebSocket]] = {}
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._dials = Dials(self._connect, self._dialled, dial, self.post, self, self._clock, self.lag)

    @cached_property
    def _rng(self) -> random.Random:
        """Randomness of the back-off; made when it is first needed."""
        return random.Random(self.options.seed)

    # -- any thread --------------------------------------------------------------------------------------------------

    @property
    def links(self) -> Sequence[Link]:
        return self.roster.links

    @property
    def state(self) -> State:
        """The state of its links together: the one that is furthest from OPEN, of links that carry the same the one
        that is nearest."""
        order = (State.CLOSING, State.IDLE, State.BACKOFF, State.CONNECTING, State.OPEN, State.CLOSED)
        return min((best_state(link.state for link in links) for links in self.roster.sets), key=order.index)

    def counts(self) -> tuple[int, int]:
        """Messages and reconnects so far, over all links."""
        totals = self.roster.totals()
        return totals.messages, totals.reconnects

    @property
    def gaps(self) -> int:
        """How many were told."""
        return self._teller.gaps

    @property
    def doing(self) -> str:
        """What its thread is busy with when it does not end, for texts."""
        if self.after:
            return "waiting for the callback of an earlier socket of the same key"
        return "connecting" if self._dials.connecting else "in its callback"

    def start(self, daemon: bool) -> None:
        """Start the thread, once, and wait until it has begun. Later calls do nothing.

        Raises:
            RuntimeError: the interpreter starts no threads any more.
            OSError: the system gives no descriptor.
        """
        if not self._enter(Phase.RUNNING):
            return
        # Descriptors are opened by the thread itself: whatever interrupts this call, nobody else ever closes them.
        self._begun = begun = threading.Event()
        self._worker = Worker(self.run, name=f"binance_sockets:{self.label}", daemon=daemon)
        try:
            self._worker.start()
        except BaseException:  # no thread is to be had, or Ctrl-C, which may come when it runs already
            if self._worker.abandon():
                self._never()
            raise
        wait_event(begun, _BEGIN)
        self._begun = None
        if self._refused is not None:
            raise self._refused

    def _enter(self, phase: Phase) -> bool:
        """Go to ``phase`` unless it is there or beyond already; returns whether it went."""
        with self._lock:
            if phase not in PHASES[self._phase]:
                return False
            self._phase = phase
            # Under the lock, as the thread closes its descriptor under it: a set that came after the close would
            # write to whatever the system has given the number to by then. Before the thread has opened it there is
            # nothing to wake: it looks at the flag first.
            if self._wakeup is not None:
                self._wakeup.set()
        return True

    def _never(self) -> None:
        """The thread will not run."""
        if self._enter(Phase.OVER):
            self._released()

    def request_stop(self) -> None:
        """Ask for the end; no callback begins once the running one has returned. Any thread; never blocks."""
        # The flag first: whatever the thread does between two messages from here on, it sees it.
        self.handler.stopping = True
        if self._gate is not None:
            self._gate.look()
        if self._enter(Phase.STOPPING):
            return
        # Not running: either it never began, and one caller alone says that it is over, or it is over already.
        with self._lock:
            new = self._phase is Phase.NEW
            if new:
                self._phase = Phase.OVER
        if new:
            self._released()

    def _released(self) -> None:
        """Over without ever having run."""
        self._teller.observer.on_released(self)
        self._end()

    def _end(self) -> None:
        self._teller.observer.on_ended(self)
        self.ended.set()
        self._has_begun()
        self.roster.settled.set()

    def _has_begun(self) -> None:
        begun = self._begun
        if begun is not None:
            begun.set()

    def join(self, timeout: float) -> bool:
        """Wait for the end of the thread; returns whether it came. Not for its own thread."""
        if not wait_event(self.ended, timeout):
            return False
        if self._worker is not None:
            self._worker.join(max(timeout, 0.05))  # it makes no further calls
        return True

    def is_own_thread(self) -> bool:
        """The caller is a callback or a listener of this connection."""
        return threading.current_thread() in (self._thread, self._teller.speaker)

    def waits_for_caller(self) -> bool:
        """Nothing of this connection goes on before the calling function returns: a callback or a listener of it.

        Also one of an earlier connection of the same key, for whose end it waits.
        """
        return self.is_own_thread() or any(earlier.waits_for_caller() for earlier in self.after)

    def wait_open(self, timeout: float, names: Collection[str] | None = None) -> None:
        """Block until every link is open and every subscription is answered. Of ``names`` alone refusals are raised.

        Raises:
            RequestTimeout: not within ``timeout`` seconds.
            ConnectError, SubscriptionRejected, ...: why it cannot be.
            WouldDeadlock: called from its own callback or listener while it is not open.
        """
        # not by the links' states: behind this listener they may be about to be settled, by this very thread
        if self.waits_for_caller() and not self.roster.settled.is_set():
            raise WouldDeadlock(f"wait_open({self.label!r}) inside a callback of the same connection")
        if not wait_event(self.roster.settled, timeout):
            raise RequestTimeout(f"open connection {self.label}{self._why_not_open()}", timeout)
        if self._final is not None:
            raise fresh(self._teller.known(self._final[0]))
        if self.handler.stopping or self.ended.is_set():
            raise ConnectError(self.label, "the socket was stopped")
        for link in self.links:
            socket = link.current
            rejected = socket.subscriptions.rejected if socket is not None else {}
            for name, rejection in list(rejected.items()):
                if names is None or name in names:
                    raise fresh(rejection)

    def _why_not_open(self) -> str:
        """What a time-out should say besides."""
        if self._phase is Phase.NEW:
            return " (its manager has not been started)"
        return f" (it is {self.doing})" if self.after or self._dials.connecting else ""

    def change(self, added: Iterable[Stream], removed: Iterable[str], anew: Iterable[str] = ()) -> bool:
        """Carry other streams: :meth:`decide` where it is known which."""
        return self.decide(lambda: (added, removed), anew)

    def decide(self, decision: Decision, anew: Iterable[str] = ()) -> bool:
        """Carry other streams. Any thread; never blocks; returns ``False`` when the thread is over.

        Changes made close together become one control frame per link. Names of ``anew`` are asked for once more,
        although they are carried.

        Args:
            decision: see :meth:`.roster.Roster.change`.

        Raises:
            ConfigError: one of those removed is not carried; then nothing changes.
        """
        self.roster.change(decision, anew)
        return self.post(lambda: self.roster.gather(self._clock.monotonic()))

    def request(self, build: Callable[[int], bytes], answered: OnAnswer, timeout: float) -> Request:
        """Ask the exchange something on this connection's WebSocket. Any thread; never blocks.

        A request leaves once the WebSocket is open and logged in. None is sent twice.

        Args:
            build: makes the text to send, given the request's id; see :class:`~.requests.Request`.
            answered: called once, as a rule on the connection's thread: with the answer; with ``RequestTimeout``; or
                with what ended the WebSocket that it was sent on, or the connection that it waited for.
            timeout: seconds for all of it.

        Returns:
            The request, which knows whether it has left.
        """
        request = Request(build, answered, self._clock.monotonic() + timeout, timeout)
        if not self.post(lambda: self.links[0].asking.request(request, self._clock.monotonic())):
            request.end(self.failure or ConnectionLost("the connection was closed"))
        return request

    def obstacle(self) -> Obstacle:
        """Why a request does not leave, whose time is over before this thread has seen it. Any thread."""
        if self._dials.connecting or self.state is not State.OPEN:
            return self.links[0].attempts.obstacle()
        return f"its connection's thread was {self.doing}", None

    def ban(self) -> tuple[int, float]:
        """The HTTP status with which the exchange asked this process to be left alone, and the seconds left of it.

        Any thread; never blocks. 0 seconds where there is no ban.
        """
        return self.links[0].attempts.ban(self._clock.monotonic())

    def reconnect(self, streams: Collection[str] | None = None) -> None:
        """Have each open link, or those of ``streams``, change its WebSocket as planned. Any thread; never blocks."""
        error = ConnectionLost("a new link was asked for")
        for link in self.links:
            if streams is None or any(name in link.wanted for name in streams):
                self.post(partial(self._restart, link, error))

    def _restart(self, link: Link, error: BaseException) -> None:
        link.restart(Reason.REQUESTED, error, self._clock.monotonic())

    def post(self, message: Callable[[], None]) -> bool:
        """Run ``message`` on the connection's thread. Any thread; returns ``False`` when that thread is over."""
        with self._lock:
            if self._phase is Phase.OVER:
                return False
            self._inbox.append(message)
            if self._wakeup is not None:
                self._wakeup.set()
        return True

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Run ``action`` on the connection's thread, ``seconds`` from now. On that thread; not once it is stopping."""
        self._later.append((self._clock.monotonic() + seconds, action))

    # -- a callback that does not return, on the thread that watches --------------------------------------------------

    def behind(self, now: float) -> float | ErrorReport | None:
        """Seconds until its callback may be behind, ``None`` while nothing says so. Where it is, that is logged and
        the report returned, once each time."""
        due = None if self.handler.stopping else self.lag.due(now)
        if due is None or due >= 0.0 or not self.lag.working(now):
            return due
        return self._teller.lag(self.handler.name, self.lag.seconds(now))

    def tell_behind(self, report: ErrorReport) -> None:
        """Call the listeners, or have the connection's thread do so where it is in one of them."""
        if not self.handler.stopping and not self._teller.speak(report):
            self.post(lambda: None if self.handler.stopping else self._teller.report(report))

    def tell(self, call: Callable[[Any], object], event: object) -> None:
        """``call(event)``, which calls listeners, once no other one of this connection runs."""
        self._teller.tell(call, event)

    # -- the cancel of a blocking connect on the own thread ----------------------------------------------------------

    def fileno(self) -> int:
        assert self._wakeup is not None
        return self._wakeup.fileno()

    def cancelled(self) -> bool:
        return self.handler.stopping

    # -- the thread --------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """The thread's life; tests call it inline."""
        self._enter(Phase.RUNNING)  # inline nobody has
        self._thread = threading.current_thread()
        try:
            if self._open_resources():
                try:
                    self._live()
                finally:
                    self._close_resources()
        finally:
            self._say_last()
            self._end()

    def _open_resources(self) -> bool:
        try:
            waiter = self.transport.waiter()
            try:
                wakeup = self.transport.wakeup()
                waiter.add(wakeup.fileno())
            except BaseException:
                waiter.close()
                raise
        except OSError as exc:
            self._refused = exc
            return False
        with self._lock:
            self._waiter, self._wakeup = waiter, wakeup
            if self._inbox:  # whoever posted it had nobody to wake
                wakeup.set()
        self._has_begun()
        return True

    def _close_resources(self) -> None:
        self.lag.pauses()  # no message waits any more
        for link in self.roster.all:
            for socket in link.sockets:
                socket.close()
        self._dials.cancel()
        with self._lock:
            # Set and closed under the lock: who posts or stops meanwhile either finds it open, or finds none.
            self._phase = Phase.OVER
            late, self._inbox = self._inbox, []
            wakeup, self._wakeup = self._wakeup, None
        try:
            self._run_messages(late)  # a WebSocket handed over too late is closed by its link, which is CLOSED
        finally:
            self._waiter.close()
            if wakeup is not None:
                wakeup.close()
            self._release_credentials()

    def _release_credentials(self) -> None:
        for link in self.roster.all:
            if link.renewals is not None:
                try:
                    link.renewals.credential.release()
                except Exception as exc:
                    log.warning("%s: %s", self.label, known_failure(exc))

    def _live(self) -> None:
        try:
            for earlier in self.after:
                while not self.handler.stopping and not wait_event(earlier.ended, 0.05):
                    pass
            self.after = ()
            self._loop()
        except Exception as exc:
            log.critical("%s: the engine failed; this socket ends", self.label, exc_info=exc)
            self._final = self._final or (exc, False)
            for link in self.roster.all:
                link.abort(exc)
            self._carry_out()

    def _loop(self) -> None:
        roster, clock, waiter, by_fileno = self.roster, self._clock, self._waiter, self._by_fileno
        wake, alarm = self.fileno(), self._alarm
        stopping = False
        if not self.handler.stopping:
            roster.begin()
            self.on_spread()
            for link in roster.links:
                link.start()
                self._carry_out()
        now = clock.monotonic()
        self.lag.worked(now, now, now)
        while True:
            if self.handler.stopping and not stopping:
                stopping = True
                waiter.remove(wake)  # it stays readable, which ends a blocking connect
                self._stop_links()
            if all(link.state is State.CLOSED for link in roster.all):
                return
            woken, began = max(now, self._dials.done_at), clock.monotonic()
            timeout = self._timeout(began)
            self.lag.waits(timeout != 0.0)
            ready = waiter.wait(timeout)
            now = clock.monotonic()
            if self.lag.worked(woken, began, now):
                self._behind(now)
            if alarm.asleep:
                alarm.ring()
            if began - woken > _LONG:
                self._doubt(began, began - woken)
            for fileno, _ in ready:
                found = by_fileno.get(fileno)
                if found is not None:
                    found[0].service(found[1], now)
                elif fileno == wake:
                    self._woken()
            if roster.due is not None and roster.due <= now and not (stopping or self._final):
                roster.apply(now)
                self.on_spread()
            may_merge = roster.merge_due is not None and roster.merge_due <= now and not (stopping or self._final)
            if may_merge and roster.advance(now):
                self.on_spread()
            if self._later and not (stopping or self._final):
                self._run_later(now)
            for link in roster.all:
                for socket in link.sockets:
                    if socket.more:
                        link.service(socket, now)
                due = link.due
                if due is not None and due <= now:
                    link.tick(now)
            if self._commands:
                self._carry_out()
                roster.prune()
            for link in roster.all:  # behind the commands, which have the waiter know a new WebSocket
                for socket in link.sockets:
                    if socket.write_changed:
                        self._watch_write(socket)

    def _behind_within(self) -> None:
        """Between two messages of a batch."""
        now = self._clock.monotonic()
        if self.lag.working(now):
            self._behind(now)

    def _behind(self, now: float) -> None:
        self._teller.report(self._teller.lag(self.handler.name, self.lag.seconds(now)))

    def _timeout(self, now: float) -> float | None:
        """Seconds until something is due."""
        due = None if self.handler.stopping or self._final else self.roster.next_due
        for at, _ in self._later:
            due = at if due is None or at < due else due
        for link in self.roster.all:
            for socket in link.sockets:
                if socket.more:  # although the descriptor may not say so
                    return 0.0
            wanted = link.due
            if wanted is not None and (due is None or wanted < due):
                due = wanted
        if due is None:
            return None
        return due - now if due > now else 0.0

    def _run_later(self, now: float) -> None:
        due = [action for at, action in self._later if at <= now]
        self._later = [(at, action) for at, action in self._later if at > now]
        self._run_messages(due)

    def _doubt(self, now: float, seconds: float) -> None:
        """This thread read nothing for so long: what it reads next may be old."""
        for link in self.roster.all:
            for socket in link.sockets:
                socket.doubt(now, seconds)

    def _woken(self) -> None:
        # Cleared before the inbox is emptied: a message that comes between the two wakes the thread once more for
        # nothing, where the other order would leave it lying. While stopping it stays readable, for a connect to see.
        if not self.handler.stopping and self._wakeup is not None:
            self._wakeup.clear()
        with self._lock:
            messages, self._inbox = self._inbox, []
        self._run_messages(messages)

    def _run_messages(self, messages: Sequence[Callable[[], None]]) -> None:
        """All of them, also behind one that fails: the next one may bring a WebSocket that nobody else would close."""
        failure: Exception | None = None
        for message in messages:
            try:
                message()
            except Exception as exc:
                failure = failure or exc
        if failure is not None:
            raise failure

    def _stop_links(self) -> None:
        now = self._clock.monotonic()
        # First: an attempt that ends now has no result, so that none comes for a link that is closed already.
        self._dials.cancel()
        self._later.clear()
        for link in self.roster.all:
            link.stop(now)
        self._carry_out()

    def _watch_write(self, socket: WebSocket) -> None:
        """Have the waiter look for room to write while something is kept, and only then."""
        socket.write_changed = False
        if socket.ended is None:
            socket.writing = socket.wants_write
            self._waiter.watch_write(socket.fileno(), socket.writing)

    @property
    def failure(self) -> BinanceSocketsError | None:
        """Why it has given up; ``None`` while it has not, or when its end was asked for."""
        return None if self._final is None or self.handler.stopping else self._teller.known(self._final[0])

    def _say_last(self) -> None:
        """Give the key back, and say the last word."""
        self._teller.observer.on_released(self)
        if self._final is not None and not self.handler.stopping:
            error, exhausted = self._final
            self._teller.giving_up(error, exhausted)
            self.roster.settled.set()
            self._teller.error(self._teller.known(error), final=True)
            if not self.handler.stopping:
                self.handler.call(self._final_payload())

    # -- commands ----------------------------------------------------------------------------------------------------

    def _carry_out(self) -> None:
        """Do what the links ask for, in order; what they ask for meanwhile comes behind."""
        assert self._thread is threading.current_thread(), "commands are carried out by the connection's own thread"
        commands = self._commands
        while commands:
            command = commands.pop(0)
            match command:
                case Changed():
                    self._changed(command.change)
                case Attach():
                    fileno = command.socket.fileno()
                    self._waiter.add(fileno)
                    self._by_fileno[fileno] = (command.link, command.socket)
                case Detach():
                    self._detach(command.socket)
                case Dial():
                    self._dial(command.link)
                case Settled():
                    self.roster.look()
                    self.on_settled()
                case GapSeen():
                    self._teller.gap(command.gap)
                case Filled():
                    self.on_filled(command.gap)
                case Report():
                    self._teller.error(command.error)
                case CredentialSeen():
                    self._teller.credential(command.change)
                case Renew():
                    self.elsewhere.renew(command)
                case Explain():
                    self.elsewhere.explain(command)
                case Fetch():
                    self.elsewhere.fetch(command)
                case GiveUp():
                    self._final = self._final or (command.error, command.exhausted)
                    self._stop_links()

    def _connect(self, link: Link, cancel: Cancel) -> Opened:
        common = (self.exchange, link.group, self.transport, self.options, cancel)
        renewals = link.renewals
        if renewals is None:
            return open_websocket(*common)
        return open_websocket(*common, renewals.credential, lambda lease: self.post(lambda: renewals.in_vain(lease)))

    def _changed(self, change: StateChange) -> None:
        if change.previous is State.OPEN and not self.roster.whole:
            self.roster.settled.clear()
        if change.previous is State.OPEN:
            self.roster.left(self._clock.monotonic())
            self.roster.look()  # it may be a link that is no longer needed
        self._teller.state(change)

    def _detach(self, socket: WebSocket) -> None:
        fileno = socket.fileno()
        if self._by_fileno.pop(fileno, None) is not None:  # else it could not be watched
            self._waiter.remove(fileno)
        socket.close()

    def _dial(self, link: Link) -> None:
        # Where nothing is readable meanwhile this thread dials itself.
        here = len(self.roster.all) == 1 and link.current is None
        self._dials.dial(link, here)

    def _dialled(self, link: Link, result: Opened | Exception) -> None:
        if self._alarm.asleep:  # what is told now may take long
            self._alarm.ring()
        if isinstance(result, Opened):
            now = self._clock.monotonic()
            link.opened(
                result.stream, result.reader, result.confirmed, now, result.lease, result.asked_at, result.leased_at
            )
        else:
            link.attempts.failed(result, self._clock.monotonic())


def best_state(states: Iterable[State]) -> State:
    """The state of links together that carry the same, by their own."""
    order = (State.OPEN, State.CONNECTING, State.BACKOFF, State.IDLE, State.CLOSING, State.CLOSED)
    return min(states, key=order.index)


def fixed(names: object) -> list[Stream]:
    """Refuses names that a user gives."""
    raise ConfigError("streams", names, "nothing: the streams of this socket are fixed")


def fresh(error: BinanceSocketsError) -> BinanceSocketsError:
    """A copy for one caller: raising an error writes to it, and several threads may wait."""
    found = copy(error)
    found.__cause__ = error.__cause__
    return found
