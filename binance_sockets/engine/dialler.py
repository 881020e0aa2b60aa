"""Dialling: from the exchange's request to an open WebSocket with its frame reader.

With one link nothing is readable while it connects, so that its connection dials on its own thread. Where other links
are open, or several open side by side, a few dial threads do it and hand the descriptor over.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ..config import Options
from ..errors import BinanceSocketsError, CredentialError
from ..exchange import Credential, Exchange, Group, Lease
from .clock import Cancel, Cancelled, Wakeup
from .deflate import negotiate
from .frames import FrameReader
from .pipes import ByteStream
from .threads import Worker
from .transport import Transport

__all__ = ["Attempt", "Dialler", "Opened", "known_failure", "open_websocket"]

log = logging.getLogger("binance_sockets.dialler")

_THREADS = 4  # links of one multiplex open side by side; more would only meet the exchange's limit of connects earlier
_BOUND = 60.0  # seconds of one wait
_IDLE_BUFFER = 4096  # bytes per quiet link; it grows while busy


@dataclass(frozen=True, slots=True)
class Opened:
    """An open WebSocket, not yet owned by a link.

    Attributes:
        asked_at: when it was begun to be opened (monotonic seconds): nothing was sent on it before.
        leased_at: when its credential was asked for.
    """

    stream: ByteStream
    reader: FrameReader
    confirmed: frozenset[str]
    lease: Lease | None = None
    asked_at: float | None = None
    leased_at: float | None = None


def known_failure(error: Exception) -> CredentialError:
    """What a credential raised, as the one error that it may raise. Errors of others may quote a secret."""
    if isinstance(error, CredentialError):
        return error
    if isinstance(error, BinanceSocketsError):
        return CredentialError(str(error), retry_after=getattr(error, "retry_after", None))
    return CredentialError(f"the credential failed with {type(error).__name__}")


def open_websocket(
    exchange: Exchange,
    group: Group,
    transport: Transport,
    options: Options,
    cancel: Cancel,
    credential: Credential | None = None,
    in_vain: Callable[[Lease], object] = lambda lease: None,
) -> Opened:
    """Obtain the credential, if there is one, and connect for ``group``. Blocks until the deadlines of both at most.

    Where the first succeeds and the second does not, ``in_vain`` is called with what was obtained.

    Raises:
        ConnectError, CredentialError, Cancelled: why there is none.
    """
    lease, leased_at = None, transport.clock.monotonic()
    if credential is not None:
        try:
            lease = credential.obtain()
        except Exception as exc:
            raise known_failure(exc) from None
    request = exchange.connect_request(group)
    asked_at = transport.clock.monotonic()
    try:
        stream = transport.connect(request, options.timeouts.connect, cancel)
    except BaseException:
        if lease is not None:
            in_vain(lease)
        raise
    try:
        inflater = negotiate(stream.extensions)
        reader = FrameReader(options.limits.message_size, inflater, _IDLE_BUFFER, check_text=not exchange.checks_text)
    except BaseException:
        stream.close()
        raise
    return Opened(stream, reader, request.confirmed, lease, asked_at, leased_at)


class Attempt:
    """One dial under way on a dial thread.

    Args:
        connect: opens the WebSocket; blocks.
        done: takes the result, on the dial thread; never called for a cancelled attempt.
    """

    def __init__(self, connect: Callable[[Cancel], Opened], done: Callable[[Opened | Exception], None]) -> None:
        self._connect = connect
        self._done = done
        self._lock = threading.Lock()  # guards the two below
        self._cancelled = False
        self._wakeup: Wakeup | None = None  # of the dial thread, while it works on this

    def cancel(self) -> None:
        """The result is wanted no longer. Any thread; never blocks."""
        with self._lock:
            self._cancelled = True
            if self._wakeup is not None:
                self._wakeup.set()

    def cancelled(self) -> bool:
        return self._cancelled

    def fail(self, error: Exception) -> None:
        """It cannot even be tried."""
        if not self._cancelled:
            self._done(error)

    def run(self, wakeup: Wakeup) -> None:
        """Dial, on the thread that owns ``wakeup``."""
        with self._lock:
            if self._cancelled:
                return
            self._wakeup = wakeup
        try:
            result: Opened | Exception = self._connect(_Cancel(wakeup, self))
        except Cancelled:
            return
        except Exception as exc:
            result = exc
        finally:
            # From here on nobody sets the wake-up for this attempt, so that the next one does not meet its cancel.
            with self._lock:
                self._wakeup = None
            wakeup.clear()
        if self.cancelled():
            if isinstance(result, Opened):
                result.stream.close()
            return
        self._done(result)


class _Cancel:
    """What ends a blocking connect on a dial thread early."""

    def __init__(self, wakeup: Wakeup, attempt: Attempt) -> None:
        self.fileno = wakeup.fileno
        self.cancelled = attempt.cancelled


class Dialler:
    """A few threads that dial, started when they are first needed.

    They are daemons: the process waits for open connections, not for attempts.

    Args:
        name: of the manager; the threads are ``name:dial-1`` and so on.
        transport: gives wake-up descriptors.
        threads: at most so many.
    """

    def __init__(self, name: str, transport: Transport, threads: int = _THREADS) -> None:
        self.name = f"{name}:dial"
        self._transport = transport
        self._most = threads
        self._queue: queue.SimpleQueue[Attempt | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards the four below
        self._idle = 0
        self._current: dict[Attempt, None] = {}  # in order
        self._workers: list[Worker] = []
        self._stopped = False

    @property
    def doing(self) -> str:
        """What it is busy with when it does not end, for texts."""
        return "connecting"

    def submit(self, attempt: Attempt) -> None:
        """Run an attempt as soon as a thread is free. Any thread; never blocks.

        Raises:
            RuntimeError: there is no dial thread, and none can be started.
        """
        worker = None
        with self._lock:
            if self._stopped:
                return
            # Those that are idle will take what stands in the queue; a further thread is started only for what is more.
            # A thread between its take and its mark counts as busy, so at worst one is started too early.
            if len(self._workers) < self._most and self._idle <= self._queue.qsize():
                worker = Worker(self._run, name=f"{self.name}-{len(self._workers) + 1}", daemon=True)
                self._workers.append(worker)
            self._queue.put(attempt)
        if worker is not None:
            self._start(worker)

    def _start(self, worker: Worker) -> None:
        try:
            worker.start()
        except BaseException as exc:
            if not worker.abandon():  # Ctrl-C came when it ran already
                raise
            with self._lock:
                self._workers.remove(worker)
                others = bool(self._workers)
            if not others or not isinstance(exc, RuntimeError):
                raise
            # no further thread is to be had; those that run take the attempt in their turn

    def stop(self) -> None:
        """Cancel what is under way, forget what waits, and end. Any thread; never blocks."""
        with self._lock:
            self._stopped = True
            current = list(self._current)
            count = len(self._workers)
        for attempt in current:
            attempt.cancel()
        for _ in range(count):
            self._queue.put(None)

    def join(self, timeout: float) -> bool:
        """Wait until all threads are over; returns whether they are."""
        with self._lock:
            waiting = list(self._workers)
        deadline = self._transport.clock.monotonic() + timeout
        return all(worker.join(max(0.0, deadline - self._transport.clock.monotonic())) for worker in waiting)

    def _run(self) -> None:
        wakeup = None
        try:
            while (attempt := self._next()) is not None:
                with self._lock:
                    self._current[attempt] = None
                    if self._stopped:  # it was taken before stop() could see it
                        attempt.cancel()
                try:
                    wakeup = self._dial(attempt, wakeup)
                except Exception:
                    log.exception("a dial failed")
                finally:
                    with self._lock:
                        self._current.pop(attempt, None)
        finally:
            if wakeup is not None:
                wakeup.close()

    def _dial(self, attempt: Attempt, wakeup: Wakeup | None) -> Wakeup | None:
        """Run an attempt with this thread's wake-up; returns that, once there is one."""
        if wakeup is None:
            try:
                wakeup = self._transport.wakeup()
            except OSError as exc:
                # The system gives no descriptor: that is how this attempt failed, and no reason to end. The links back
                # off; a thread that died here would leave them connecting for ever.
                attempt.fail(exc)
                return None
        attempt.run(wakeup)
        return wakeup

    def _next(self) -> Attempt | None:
        with self._lock:
            self._idle += 1
        try:
            while True:
                try:
                    return self._queue.get(timeout=_BOUND)
                except queue.Empty:
                    continue
        finally:
            with self._lock:
                self._idle -= 1
