"""What outlives a WebSocket: state, back-off and wanted streams of one group. Decides; its connection acts."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

from ..config import Options, Verdict
from ..errors import (
    AuthenticationError,
    BinanceSocketsError,
    CertificateRejected,
    ConnectionLost,
    DecodeError,
    HandshakeRejected,
    ProtocolError,
    RequestTimeout,
    StaleConnection,
    SubscriptionRejected,
    one_line,
)
from ..events import Gap, Reason, State, StateChange
from ..exchange import Ack, ControlFrame, Exchange, Group, Misfits, Notice, NoticeKind, Stream
from .backoff import classify, delays, retry_after
from .clock import Clock
from .commands import Attach, Changed, Command, Detach, Dial, Explain, GapSeen, GiveUp, Report, Settled
from .frames import FrameReader
from .lifecycle import Lifecycle, Trigger
from .pipes import ByteStream
from .router import Handler, Router
from .timers import Timer, Timers
from .websocket import Liveness, WebSocket

__all__ = ["Link", "Surroundings"]

log = logging.getLogger("binance_sockets.connection")

_ROUNDS = 16  # reads in a row before other links and timers get their turn
_TURN = 0.1  # seconds after which other links, timers and the stop flag get their turn
_SLOW = 0.5  # seconds of callbacks for one read after which less is read at once,
_QUICK = 0.05  # and those for a small one after which all is read again
_REPORTS = 100  # undecodable messages, of those read in a row, that listeners are told of
_LONG = 1.0  # seconds without a read after which an empty socket proves nothing for a while
_NOTICES = {NoticeKind.SERVER_SHUTDOWN: Reason.SERVER_SHUTDOWN, NoticeKind.CREDENTIAL: Reason.CREDENTIAL}


@dataclass(frozen=True)
class Surroundings:
    """What the links of one connection share.

    Args:
        conn_key: of the connection.
        label: its name in logs.
        exchange: answers every question about the exchange.
        options: deadlines, back-off, limits.
        handler: the user's callback, guarded.
        clock: tells the time.
        rng: draws the jitter of the back-off; made when first needed.
        commands: takes a command; they are carried out, in order, after the call that gave them.
        misfits: what the view of the messages could not express.
    """

    conn_key: str
    label: str
    exchange: Exchange
    options: Options
    handler: Handler
    clock: Clock
    rng: Callable[[], Random]
    commands: Callable[[Command], None]
    misfits: Misfits


class Link:
    """One group of streams over all its WebSockets. Everything runs on the connection's thread.

    No method waits, or calls anybody but the user's data callback. ``now`` is when the last wait ended (monotonic
    seconds).

    Args:
        index: its number among the links of the connection.
        group: its streams.
        around: what it shares with the other links.

    Attributes:
        current: the WebSocket that is open, if any.
        wanted: the streams it shall carry, by name, in order.
    """

    def __init__(self, index: int, group: Group, around: Surroundings) -> None:
        self.index = index
        self.group = group
        self.wanted = {stream.name: stream for stream in group.streams}
        self.current: WebSocket | None = None
        self.failures = 0
        self.sockets_opened = 0
        self.received = 0
        self.timers = Timers()
        self.router = Router(
            around.exchange, group, around.handler, around.clock, self._control, self._undecodable, around.misfits
        )
        self._around = around
        self._do = around.commands
        self._clock = around.clock
        self._lifecycle = Lifecycle()
        self._liveness = Liveness.of(around.exchange.keepalive(group), around.options.timeouts)
        self._rates = tuple(around.exchange.limits(group))
        self._last_id = 0
        self._delays: Iterator[float] | None = None
        self._lost: tuple[Reason, float] | None = None  # why and since when the group is without data
        self._reported_silent: set[str] = set()
        self._unreadable = 0  # undecodable messages of those read in a row

    # -- looking (any thread may read) -------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        return self._lifecycle.state

    @property
    def ready(self) -> bool:
        """Open, and every wanted stream is confirmed or rejected."""
        socket = self.current
        return socket is not None and self.state is State.OPEN and socket.subscriptions.settled

    @property
    def more(self) -> bool:
        """There is more to read at once, although the descriptor may not say so."""
        socket = self.current
        return socket is not None and socket.more

    @property
    def due(self) -> float | None:
        """When :meth:`tick` wants to be called next (monotonic seconds)."""
        own, socket = self.timers.next, self.current
        other = None if socket is None else socket.timers.next
        if own is None or other is None:
            return other if own is None else own
        return min(own, other)

    # -- what the connection asks for --------------------------------------------------------------------------------

    def start(self) -> None:
        self._fire(Trigger.START)
        self._do(Dial(self))

    def stop(self, now: float) -> None:
        """Begin the end: the close handshake if a WebSocket is open."""
        if self.state in (State.CLOSED, State.CLOSING):
            return
        socket = self.current
        self.timers.clear()
        if socket is None:
            self._fire(Trigger.STOP, Reason.STOPPED)
            return
        socket.close_handshake()
        socket.timers.clear()  # the close handshake has a deadline of its own
        self.timers.set(Timer.CLOSE, now + self._around.options.timeouts.close)
        self._fire(Trigger.STOP, Reason.STOPPED)

    def abort(self, error: BaseException) -> None:
        """The engine has failed: end at once."""
        self.timers.clear()
        self._drop()
        if self.state is not State.CLOSED:
            fatal = self.state in (State.CONNECTING, State.OPEN)
            self._fire(Trigger.FATAL if fatal else Trigger.STOP, Reason.STOPPED, error)

    def opened(self, stream: ByteStream, reader: FrameReader, confirmed: frozenset[str], now: float) -> None:
        """A WebSocket is open; ``confirmed`` are the streams that its URL subscribed."""
        if self.state is not State.CONNECTING:  # stopped while it was dialled
            stream.close()
            return
        self.current = socket = WebSocket(
            stream,
            reader,
            now,
            liveness=self._liveness,
            rates=self._rates,
            wanted=self.wanted,
            confirmed=confirmed,
            received=self.received,
        )
        if self.sockets_opened:
            self.router.change(self.group)  # decoders look at what comes first
        self.sockets_opened += 1
        socket.timers.set(Timer.STABLE, now + self._around.options.backoff.stable_after)
        self._do(Attach(self, socket))
        self._fire(Trigger.OPENED)
        logins = self._around.exchange.credential_frames(self.group, self._next_id)
        if logins:
            socket.logging_in = True
            socket.ask(logins, self._logged_in, now)
        else:
            self._subscribe(socket, now)

    def failed(self, error: BaseException, now: float) -> None:
        """The attempt to open a WebSocket failed."""
        if self.state is not State.CONNECTING:
            return
        rejected = isinstance(error, (HandshakeRejected, CertificateRejected))
        reason = Reason.REJECTED if rejected else Reason.NETWORK
        if self._verdict(error) is Verdict.FATAL:
            self._fire(Trigger.FATAL, reason, error)
            self._do(GiveUp(error, exhausted=False))
        else:
            self._back_off(Trigger.FAILED, reason, error, retry_after(error), now)

    def change(self, added: Iterable[Stream], removed: Iterable[str], now: float) -> None:
        """Want other streams. The wanted set wins over any order of answers, errors and reconnects."""
        removed = list(removed)
        for name in removed:
            self.wanted.pop(name, None)
        self.wanted.update((stream.name, stream) for stream in added)
        self.group = dataclasses.replace(self.group, streams=tuple(self.wanted.values()))
        self.router.change(self.group)
        socket = self.current
        if socket is not None:
            socket.subscriptions.forget(removed)
            if self.state is State.OPEN and not socket.logging_in:  # the login's answer leads here, too
                self._subscribe(socket, now)

    # -- reading -----------------------------------------------------------------------------------------------------

    def service(self, socket: WebSocket, now: float) -> None:
        """The descriptor is ready (or there is more): read, deliver, write what waits."""
        if socket is not self.current:
            return
        if socket.writing:
            socket.flush()
        deliver = self.router.deliver if self.state is State.OPEN else None
        handler, monotonic = self._around.handler, self._clock.monotonic
        rounds, entered = (_ROUNDS if deliver else 1), now  # the deadline of the close handshake comes soon
        self._unreadable = 0
        while True:
            messages = socket.receive(now)
            if messages and deliver:
                deliver(socket, messages, now)
            socket.conclude()
            rounds -= 1
            if socket.ended or socket.leave or not rounds or (handler.stopping and deliver):
                break
            if not socket.more and now < socket.prove_at:
                break
            before, now = now, monotonic()  # the callbacks since the last one may have taken long
            if now - before > _SLOW:
                socket.small_reads = True
                if now - before > _LONG:
                    socket.doubt(now, now - before)
            elif now - before < _QUICK:
                socket.small_reads = False
            if now - entered > _TURN:
                break
        self._look(socket)

    def _look(self, socket: WebSocket) -> None:
        """Follow what the WebSocket has come to."""
        if socket.leave is not None and self.state is State.OPEN:
            self.restart(*socket.leave, self._clock.monotonic())
        elif socket.ended is not None:
            self._ended(socket, socket.ended, self._clock.monotonic())

    def _control(self, socket: WebSocket, message: Ack | Notice) -> None:
        """The server answered a control frame, or announces something about the WebSocket."""
        if isinstance(message, Notice):  # to be followed when the messages that came with it are delivered
            socket.leave = (_NOTICES[message.kind], ConnectionLost(message.detail or message.kind.value))
        elif not socket.answer(message) and message.error is not None:
            self._rejected(SubscriptionRejected(*message.error, ()))

    def _undecodable(self, error: DecodeError) -> None:
        if self.router.decode_errors == 1:  # a server that sends nothing else must not flood the log
            log.warning("%s: %s; the stream goes on, repeats are only counted", self._around.label, error)
        self._unreadable += 1
        if self._unreadable <= _REPORTS:  # nor keep this thread busy with listeners
            self._do(Report(error))

    # -- asking ------------------------------------------------------------------------------------------------------

    def _logged_in(self, frame: ControlFrame, answer: Ack | BinanceSocketsError) -> None:
        """The answer to a login frame."""
        socket = self.current
        if socket is None or isinstance(answer, BinanceSocketsError):
            return
        if answer.error is not None:
            socket.ended = AuthenticationError(*answer.error)
        elif not socket.requests and not socket.pacer.queue:
            socket.logging_in = False
            self._subscribe(socket, self._clock.monotonic())

    def _subscribe(self, socket: WebSocket, now: float) -> None:
        """Ask for what is wanted and not carried, unless an earlier question is still open: its answer comes here."""
        subscriptions = socket.subscriptions
        if not subscriptions.under_way:
            added, removed = subscriptions.missing(), subscriptions.surplus()
            if added or removed:
                frames = self._around.exchange.control_frames(
                    self.group, list(self.wanted), added, removed, self._next_id
                )
                subscriptions.planned(frames)
                socket.ask(frames, self._subscribed, now)
                return
        if subscriptions.settled:
            self._settled(socket, now)

    def _subscribed(self, frame: ControlFrame, answer: Ack | BinanceSocketsError) -> None:
        """The answer to a control frame."""
        socket = self.current
        if socket is None or isinstance(answer, BinanceSocketsError):
            return
        rejection = socket.subscriptions.answered(frame, answer)
        if rejection is not None:
            self._rejected(rejection)
        if not socket.subscriptions.under_way:
            self._subscribe(socket, self._clock.monotonic())

    def _rejected(self, rejection: SubscriptionRejected) -> None:
        log.warning("%s: %s", self._around.label, rejection)
        self._do(Report(rejection))

    def _settled(self, socket: WebSocket, now: float) -> None:
        """Everything wanted is confirmed: report the gap before it, and wait for first messages."""
        if self._lost is not None:
            reason, safe_at = self._lost
            self._lost = None
            resumed = self._clock.time()
            # by a clock that never steps: two readings of the wall clock may lie an hour apart in either direction
            last_received = resumed - max(0.0, self._clock.monotonic() - safe_at)
            self._do(GapSeen(Gap(self._around.conn_key, tuple(self.wanted), last_received, resumed, reason)))
        socket.expect(self.wanted.values(), self._around.options.timeouts.first_message, now)
        self._do(Settled(self))

    # -- timers ------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """A timer is due. ``now`` was read when the last wait ended, so silence is not mistaken for a slow callback."""
        for timer in self.timers.expired(now):
            if timer is Timer.RETRY and self.state is State.BACKOFF:
                self._fire(Trigger.DUE)
                self._do(Dial(self))
            elif timer is Timer.CLOSE and self.state is State.CLOSING:
                self._drop()
                self._fire(Trigger.TIMEOUT, Reason.STOPPED)
        socket = self.current
        if socket is None or socket.timers.next is None or socket.timers.next > now:
            return
        for timer in socket.timers.expired(now):
            if timer is Timer.PROOF:
                self.service(socket, now)
            elif timer is Timer.STABLE:
                self._stable(socket, now)
            elif timer is Timer.SILENCE:
                self._check_silences(socket, now)
            else:
                socket.tick(timer, now, self._clock.monotonic)
            if socket is not self.current or socket.ended or socket.leave:
                break
        if socket is self.current:
            self._look(socket)

    def _check_silences(self, socket: WebSocket, now: float) -> None:
        """Report, once per stream, those without a first message by their deadline."""
        if socket.more:  # it may wait there
            socket.timers.set(Timer.SILENCE, now)
            return
        for stream in socket.late(now):
            name = stream.name
            silent = name in self.wanted and self.router.stats[name].last < socket.opened_at
            if silent and name not in self._reported_silent and name not in socket.subscriptions.rejected:
                self._reported_silent.add(name)
                self._do(Explain(self, stream, now - socket.opened_at))

    # -- ends --------------------------------------------------------------------------------------------------------

    def restart(self, reason: Reason, error: BaseException, now: float) -> None:
        """Leave an open WebSocket as planned and open the next one at once, unless it was open only for a moment."""
        socket = self.current
        if self.state is not State.OPEN or socket is None:
            return
        socket.close_handshake()
        stable = self._stable(socket, now)
        self._drop(reason)
        self._back_off(Trigger.RESTART, reason, error, 0.0 if stable else None, now)

    def _ended(self, socket: WebSocket, error: BinanceSocketsError, now: float) -> None:
        """The WebSocket will bring nothing more."""
        if self.state is State.CLOSING:
            self.timers.clear()
            self._drop()
            self._fire(Trigger.LOST, Reason.STOPPED)
            return
        if isinstance(error, ProtocolError):
            self._do(Report(error))
        self._stable(socket, now)
        reason = _reason_of(error)
        self._drop(reason)
        if self._verdict(error) is Verdict.FATAL:
            self._fire(Trigger.FATAL, reason, error)
            self._do(GiveUp(error, exhausted=False))
        else:
            self._back_off(Trigger.LOST, reason, error, None, now)

    def _stable(self, socket: WebSocket, now: float) -> bool:
        """Forget earlier failures if the WebSocket was open long enough; tells whether it was."""
        stable = now >= socket.opened_at + self._around.options.backoff.stable_after
        if stable:
            self.failures = 0
            self._delays = None
        return stable

    def _drop(self, reason: Reason | None = None) -> None:
        """Let go of the WebSocket. With a reason: the group is without data from the last safe moment on."""
        socket = self.current
        if socket is None:
            return
        self.received = socket.received  # before it is gone, so that the sum never runs backwards
        self.current = None
        if reason is not None and self._lost is None:
            self._lost = (reason, socket.safe_at)
        socket.lost(socket.ended or ConnectionLost("the connection ended"))
        self._do(Detach(socket))

    def _back_off(self, trigger: Trigger, reason: Reason, error: BaseException, wait: float | None, now: float) -> None:
        """Into BACKOFF. A ``wait`` that is given (Retry-After, a planned restart) costs no attempt."""
        options = self._around.options.backoff
        exhausted = False
        if wait is None:
            self.failures += 1
            exhausted = options.max_reconnects is not None and self.failures > options.max_reconnects
            self._delays = self._delays or delays(options, self._around.rng())
            wait = next(self._delays)
        else:
            wait += options.initial * options.jitter * self._around.rng().random()
        if exhausted:
            self._fire(trigger, reason, error)
            self._fire(Trigger.EXHAUSTED, reason, error)
            self._do(GiveUp(error, exhausted=True))
        else:
            self.timers.set(Timer.RETRY, now + wait)
            self._fire(trigger, reason, error, wait)

    def _verdict(self, error: BaseException) -> Verdict:
        custom = self._around.options.classify
        if custom is not None:
            try:
                verdict = custom(error)
            except BaseException:  # also SystemExit, which would end the thread with its work half done
                log.exception("classify() raised on %s; the default verdict is used", one_line(repr(error)))
            else:
                if isinstance(verdict, Verdict):
                    return verdict
        return classify(error)

    def _fire(
        self,
        trigger: Trigger,
        reason: Reason | None = None,
        error: BaseException | None = None,
        delay: float | None = None,
    ) -> None:
        previous = self.state
        self._lifecycle.fire(trigger)
        self._do(
            Changed(
                StateChange(
                    self._around.conn_key,
                    previous,
                    self.state,
                    reason,
                    error,
                    self.failures,
                    delay,
                    self.index,
                    self._clock.time(),
                )
            )
        )

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


def _reason_of(error: BinanceSocketsError) -> Reason:
    """Why a WebSocket that ended with ``error`` was left."""
    if isinstance(error, (StaleConnection, RequestTimeout)):
        return Reason.STALE
    if isinstance(error, AuthenticationError):
        return Reason.CREDENTIAL
    closed = isinstance(error, ConnectionLost) and error.code is not None
    return Reason.PEER_CLOSED if closed else Reason.NETWORK
