"""A connection: one conn_key, one long-lived thread, one or more links."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property
from typing import Any, Protocol

from ..config import Options
from ..errors import BinanceSocketsError, ConnectError, ProtocolError, RequestTimeout, StreamSilent, WouldDeadlock
from ..events import ErrorReport, Gap, Reason, State, StateChange
from ..exchange import Exchange, Stream
from .clock import Cancelled, wait_event
from .deflate import negotiate
from .frames import FrameReader
from .link import Link
from .pipes import ByteStream
from .router import Handler
from .threads import Worker
from .transport import Transport

__all__ = ["Connection", "Observer"]

log = logging.getLogger("binance_sockets.connection")

_IDLE_BUFFER = 4096  # bytes per quiet link; it grows while busy


class Observer(Protocol):
    """Who is told what happens to a connection. Called on its thread."""

    def on_state(self, change: StateChange) -> None: ...

    def on_gap(self, gap: Gap) -> None: ...

    def on_error(self, report: ErrorReport) -> None: ...

    def on_released(self, connection: Connection) -> None:
        """The conn_key may be used again."""

    def on_ended(self, connection: Connection) -> None:
        """Its thread makes no further calls."""


class Connection:
    """Runs the links of one conn_key and calls back with their messages.

    Args:
        conn_key: its key.
        exchange: answers every question about the exchange.
        streams: what it carries.
        callback: called with each payload, in order, on this connection's thread.
        final_payload: what the callback receives last when the connection gives up.
        options: deadlines, back-off, limits.
        transport: opens links.
        submit: ``submit(job, urgent)`` runs a slow job elsewhere.
        observer: is told what happens.

    Attributes:
        after: connections whose end this one waits for before it begins, so that callbacks of a key never overlap.
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
        submit: Callable[[Callable[[], None], bool], None],
        observer: Observer,
    ) -> None:
        self.conn_key = conn_key
        self.exchange = exchange
        self.options = options
        self.transport = transport
        self.handler = Handler(callback, self.report, self.request_stop)
        self.ended = threading.Event()
        self.after: tuple[Connection, ...] = ()
        self._final_payload = final_payload
        self._submit = submit
        self._observer = observer
        self._clock = transport.clock
        self._lock = threading.Lock()  # guards the five below
        self._claimed = False
        self._thread: Worker | None = None
        self._runs_on: threading.Thread | None = None
        self._dials = 0  # connects under way on the job thread; they watch the wake-up descriptor
        self._inbox: list[Callable[[], None]] = []
        self._over = False
        self._settled = threading.Event()
        self._final: tuple[BaseException, bool] | None = None
        self._links = [Link(index, group, self) for index, group in enumerate(exchange.split(streams))]
        self._live = len(self._links)  # links that are not CLOSED
        self._by_fileno: dict[int, Link] = {}

    @cached_property
    def rng(self) -> random.Random:
        """Randomness of the back-off; made when it is first needed."""
        return random.Random(self.options.seed)

    # -- any thread --------------------------------------------------------------------------------------------------

    @property
    def links(self) -> Sequence[Link]:
        return self._links

    @property
    def thread(self) -> Worker | None:
        return self._thread

    @property
    def state(self) -> State:
        """The state of its links together: the one that is furthest from OPEN."""
        order = (State.CLOSING, State.IDLE, State.BACKOFF, State.CONNECTING, State.OPEN, State.CLOSED)
        return min((link.state for link in self._links), key=order.index)

    def start(self, daemon: bool) -> None:
        """Start the thread, once. Later calls do nothing.

        Raises:
            RuntimeError: the interpreter starts no threads any more.
            OSError: the system gives no descriptor.
        """
        with self._lock:
            if self._claimed or self._over:
                return
            self._claimed = True
        # Ctrl-C may come anywhere here: what was opened is closed by this thread, or by the new one, never by both
        worker = Worker(self.run, name=f"binance_sockets:{self.conn_key}", daemon=daemon)
        try:
            self._open_resources()
            if self._adopt(worker):
                worker.start()
                return
        except BaseException:
            if not worker.abandon():
                self.request_stop()
                raise
            with self._lock:
                first, self._over = self._thread is not None or not self._over, True  # else request_stop has said it
            if hasattr(self, "_wakeup"):
                self._close_resources()
            if first:
                self._released()
            raise
        self._close_resources()

    def _adopt(self, worker: Worker) -> bool:
        """Have the thread, unless a stop came first; that has said so."""
        with self._lock:
            if not self._over:
                self._thread = worker
            return self._thread is not None

    def request_stop(self) -> None:
        """Ask for the end; no callback begins once the running one has returned. Any thread; never blocks."""
        self.handler.stopping = True
        with self._lock:
            started = self._thread is not None
            first = not self._over
            if not started:
                self._over = True
            elif first:
                self._wakeup.set()
        if not started and first:
            self._released()

    def _released(self) -> None:
        """Over without ever having run."""
        self._observer.on_released(self)
        self._end()

    def _end(self) -> None:
        self._observer.on_ended(self)
        self.ended.set()
        self._settled.set()

    def join(self, timeout: float) -> bool:
        """Wait for the end of the thread; returns whether it came. Not for its own thread."""
        if not wait_event(self.ended, timeout):
            return False
        thread = self._thread
        if thread is not None:
            thread.join(max(timeout, 0.05))  # it makes no further calls
        return True

    def is_own_thread(self) -> bool:
        """The caller is a callback or a listener of this connection."""
        return threading.current_thread() is self._runs_on

    def wait_open(self, timeout: float) -> None:
        """Block until every link is open and every subscription is answered.

        Raises:
            RequestTimeout: not within ``timeout`` seconds.
            ConnectError, SubscriptionRejected, ...: why it cannot be.
            WouldDeadlock: called from its own callback.
        """
        if self.is_own_thread() and not all(link.ready for link in self._links):
            raise WouldDeadlock(f"wait_open({self.conn_key!r}) inside a callback of the same connection")
        if not wait_event(self._settled, timeout):
            raise RequestTimeout(f"open connection {self.conn_key}", timeout)
        if self._final is not None:
            error = self._final[0]
            if isinstance(error, BinanceSocketsError):
                raise _fresh(error)
            raise ConnectError(self.conn_key, repr(error)) from error
        if self.handler.stopping or self.ended.is_set():
            raise ConnectError(self.conn_key, "the socket was stopped")
        for link in self._links:
            for rejection in list(link.subscriptions.rejected.values()):
                raise _fresh(rejection)

    # -- the cancel of a blocking connect ----------------------------------------------------------------------------

    def fileno(self) -> int:
        return self._wakeup.fileno()

    def cancelled(self) -> bool:
        return self.handler.stopping or self._over

    # -- the thread --------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """The thread's life; tests call it inline after :meth:`prepare`."""
        self._runs_on = threading.current_thread()
        try:
            for earlier in self.after:
                while not self.handler.stopping and not wait_event(earlier.ended, 0.05):
                    pass
            self.after = ()
            self._loop()
        except Exception as exc:
            log.critical("%s: the engine failed; this socket ends", self.conn_key, exc_info=exc)
            self._final = self._final or (exc, False)
            for link in self._links:
                link.abort(exc)
        finally:
            try:
                self._finish()
            finally:
                self._end()

    def prepare(self) -> None:
        """Open descriptors for a :meth:`run` without :meth:`start`."""
        with self._lock:
            self._thread = Worker(self.run, name=threading.current_thread().name, daemon=True)
            self._runs_on = threading.current_thread()
        self._open_resources()

    def _open_resources(self) -> None:
        self.waiter = self.transport.waiter()
        self._wakeup = self.transport.wakeup()
        self.waiter.add(self._wakeup.fileno())

    def _close_resources(self) -> None:
        with self._lock:
            self._over = True
            late, self._inbox = self._inbox, []
            unused = not self._dials
            if not unused:
                self._wakeup.set()  # cancels them; the last one closes the descriptor
        for message in late:
            message()
        self.waiter.close()
        if unused:
            self._wakeup.close()

    def _loop(self) -> None:
        links, clock, waiter = self._links, self._clock, self.waiter
        wake = self._wakeup.fileno()
        stopping = False
        if not self.handler.stopping:
            for link in links:
                link.start()
        while True:
            if self.handler.stopping and not stopping:
                stopping = True
                waiter.remove(wake)  # it stays readable, which ends blocking connects elsewhere
                self._stop_links()
            if not self._live:
                return
            ready = waiter.wait(self._timeout())
            now = clock.monotonic()
            for fileno, _ in ready:
                ready_link = self._by_fileno.get(fileno)
                if ready_link is not None:
                    ready_link.service(now)
                elif fileno == wake:
                    self._woken()
            for link in links:
                if link.more:
                    link.service(now)
                if link.due is not None and link.due <= now:
                    link.tick(now)

    def _timeout(self) -> float | None:
        """Seconds until something is due."""
        due: float | None = None
        for link in self._links:
            if link.more:
                return 0.0
            if link.due is not None and (due is None or link.due < due):
                due = link.due
        if due is None:
            return None
        left = due - self._clock.monotonic()
        return left if left > 0 else 0.0

    def _woken(self) -> None:
        if not self.handler.stopping:
            self._wakeup.clear()
        with self._lock:
            messages, self._inbox = self._inbox, []
        for message in messages:
            message()

    def _stop_links(self) -> None:
        now = self._clock.monotonic()
        for link in self._links:
            link.stop(now)

    def _finish(self) -> None:
        """Give the key back, say the last word, let go of everything."""
        for link in self._links:
            if link.socket is not None:
                link.socket.close()
        self._close_resources()
        self._observer.on_released(self)
        if self._final is not None and not self.handler.stopping:
            error, exhausted = self._final
            why = "after the last attempt" if exhausted else "at once, another attempt cannot help"
            log.error("%s: giving up %s: %s", self.conn_key, why, error)
            self._settled.set()
            known = error if isinstance(error, BinanceSocketsError) else ConnectError(self.conn_key, repr(error))
            self._observer.on_error(ErrorReport(self.conn_key, known, True, self._clock.time()))
            if not self.handler.stopping:
                self.handler.call(self._final_payload())

    def _post(self, message: Callable[[], None]) -> None:
        """Run ``message`` on the connection's thread. Any thread; at once, here, when that thread is over."""
        with self._lock:
            over = self._over
            if not over:
                self._inbox.append(message)
                self._wakeup.set()
        if over:
            message()

    # -- for links ---------------------------------------------------------------------------------------------------

    def dial(self, link: Link) -> None:
        """Open a link here if no other link needs this thread, else on the job thread."""
        if len(self._links) == 1:
            self._connect(link)()
        else:
            self._submit(lambda: self._dial_elsewhere(link), True)

    def _dial_elsewhere(self, link: Link) -> None:
        with self._lock:
            if self._over:
                return
            self._dials += 1
        result = self._connect(link)
        if self._dialled():
            self._wakeup.close()
        self._post(result)

    def _dialled(self) -> bool:
        """A connect on the job thread is over; tells whether it was the last user of the wake-up descriptor."""
        with self._lock:
            self._dials -= 1
            return self._over and not self._dials

    def _connect(self, link: Link) -> Callable[[], None]:
        """Blocks while it connects; returns what to tell the link, on the connection's thread."""
        try:
            request = self.exchange.connect_request(link.group)
            stream = self.transport.connect(request, self.options.timeouts.connect, self)
            reader = self._reader(stream)
        except Cancelled:
            return lambda: None
        except Exception as exc:
            error = exc
            return lambda: link.failed(error)
        return lambda: link.opened(stream, reader, request.confirmed)

    def _reader(self, stream: ByteStream) -> FrameReader:
        """The frame reader for what the handshake agreed on."""
        try:
            if stream.extensions and not self.options.compression:
                raise ProtocolError(1002, f"extension that was not offered: {stream.extensions!r}")
            inflater = negotiate(stream.extensions)
            return FrameReader(
                self.options.limits.message_size, inflater, _IDLE_BUFFER, check_text=not self.exchange.checks_text
            )
        except BaseException:
            stream.close()
            raise

    def attach(self, link: Link, fileno: int) -> None:
        self._by_fileno[fileno] = link
        self.waiter.add(fileno)

    def detach(self, fileno: int) -> None:
        del self._by_fileno[fileno]
        self.waiter.remove(fileno)

    def changed(
        self,
        link: Link,
        previous: State,
        reason: Reason | None,
        error: BaseException | None,
        delay: float | None,
    ) -> None:
        if previous is State.OPEN:
            self._settled.clear()
        if link.state is State.CLOSED:
            self._live -= 1
        change = StateChange(
            self.conn_key,
            previous,
            link.state,
            reason,
            error,
            link.failures,
            delay,
            link.index,
            self._clock.time(),
        )
        level = logging.WARNING if link.state is State.BACKOFF else logging.INFO
        if log.isEnabledFor(level):
            log.log(level, "%s", _describe(change))
        self._observer.on_state(change)

    def settled(self) -> None:
        if all(link.ready for link in self._links):
            self._settled.set()

    def gap(self, gap: Gap) -> None:
        log.warning(
            "%s: gap of %.3f s in %d stream(s) after %s",
            gap.conn_key,
            gap.duration,
            len(gap.streams),
            gap.reason.value,
        )
        self._observer.on_gap(gap)

    def report(self, error: BinanceSocketsError) -> None:
        self._observer.on_error(ErrorReport(self.conn_key, error, False, self._clock.time()))

    def explain(self, link: Link, stream: Stream, waited: float) -> None:
        """Find the cause of a silence on the job thread, report it on this one."""

        def ask() -> None:
            if self.cancelled():
                return
            try:
                cause = self.exchange.explain_silence(link.group, stream.name)
            except Exception as exc:
                log.exception("the cause of a silence could not be found")
                cause = f"Its cause could not be found ({exc!r})"
            self._post(lambda: tell(cause))

        def tell(cause: str) -> None:
            if self.cancelled():
                return
            error = StreamSilent(stream.name, waited, cause)
            log.warning("%s: %s", self.conn_key, error)
            self.report(error)

        self._submit(ask, False)

    def give_up(self, error: BaseException, exhausted: bool) -> None:
        self._final = self._final or (error, exhausted)
        self._stop_links()


def _fresh(error: BinanceSocketsError) -> BinanceSocketsError:
    """A copy for one caller: raising an error writes to it, and several threads may wait."""
    found = copy(error)
    found.__cause__ = error.__cause__
    return found


def _describe(change: StateChange) -> str:
    """One line for the log."""
    where = f"{change.conn_key} link {change.link}" if change.link else change.conn_key
    text = f"{where}: {change.previous.value} -> {change.state.value}"
    if change.reason is not None:
        text += f" ({change.reason.value}{f': {change.error}' if change.error is not None else ''})"
    if change.delay is not None:
        text += f", attempt {change.attempt} in {change.delay:.2f} s"
    return text
