"""Messages that are taken when the reader wants them."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, NoReturn, Protocol, TypeVar

from .._closing import Closing
from .._html import html_table
from ..config import check_number
from ..engine.clock import Clock
from ..errors import BinanceSocketsError, ConfigError, ReceiveTimeout, StreamEnded, WouldDeadlock, one_line
from ..sinks.process import watch
from ..sinks.store import Store

__all__ = ["MessageStream", "Signal", "Source", "message_stream"]

log = logging.getLogger("binance_sockets.consume")

T = TypeVar("T")

_CLOSED = "it was closed"
_STOPPED = "its socket was stopped"
_GAVE_UP = "its socket has given up"
_UNUSED = "no socket has been started with it"
_FORKED = "its socket belongs to the parent process: open one in this process"
_EXIT = "the process ends"
_ASKED_FOR = (_CLOSED, _STOPPED, _EXIT)


class _Stoppable(Protocol):
    stopping: bool


class Source(Protocol):
    """What a stream knows of a socket that brings it messages."""

    conn_key: str

    @property
    def handler(self) -> _Stoppable: ...

    @property
    def failure(self) -> BinanceSocketsError | None: ...

    def is_own_thread(self) -> bool: ...

    def waits_for_caller(self) -> bool: ...


class Signal:
    """Wakes those that wait for one of several streams. Any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()  # guards the count
        self.count = 0
        """Changes so far: none is missed between a look and a wait."""

    def tell(self) -> None:
        """Something has changed."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Wait for a change behind those that were ``seen``, at most so long."""
        with self._changed:
            if self.count == seen:
                self._changed.wait(seconds)


class _Inbox(Store):
    """The messages that wait, each with the moment at which it came, and the sockets that bring them."""

    def __init__(
        self, maxsize: int, on_full: str, key: Callable[[Any], Hashable] | None, max_age: float | None
    ) -> None:
        check_number("max_age", max_age, zero=False, none=True)
        self.max_age = max_age
        self.monotonic = Clock().monotonic
        self.sources: dict[Source, Callable[[], object]] = {}
        self.watchers: tuple[weakref.ref[Signal], ...] = ()
        self.why = _UNUSED
        self.failure: BinanceSocketsError | None = None
        self.latest: Any = None
        super().__init__(maxsize, on_full, key, self._is_stopping)
        self._closed = True  # until a socket is there
        watch(self)

    # -- what the process does ---------------------------------------------------------------------------------------

    def reset(self) -> None:
        super().reset()
        self.delivered = self.stale = 0
        self.watchers = ()  # a parent's thread may hold their locks
        if self.sources:
            self.sources, self.why, self.failure, self._closed = {}, _FORKED, None, True

    def shut(self) -> None:
        """The process ends: no socket's thread will run for much longer."""
        self._end(_EXIT)

    def finish(self, timeout: float) -> None:
        """Nothing waits for a thread of this one."""

    # -- sockets -----------------------------------------------------------------------------------------------------

    def attach(self, source: Source, stop: Callable[[], object]) -> None:
        """Messages will come from ``source``.

        Raises:
            ConfigError: the stream was closed.
        """
        with self._lock:
            if self.why is _CLOSED:
                raise ConfigError("callback", "a MessageStream that was closed", "one that is open", "Make a new one")
            if not self.sources:
                self.why, self.failure, self._closed = _STOPPED, None, False
            self.sources = {**self.sources, source: stop}

    def detach(self, source: Source, failure: BinanceSocketsError | None, why: str = _STOPPED) -> None:
        """``source`` brings nothing more."""
        with self._lock:
            if source not in self.sources:
                return
            self.sources = {each: stop for each, stop in self.sources.items() if each is not source}
            if failure is not None and self.why is _STOPPED:
                self.why, self.failure = _GAVE_UP, failure
            if not self.sources:
                if self.why is _STOPPED:
                    self.why = why
                self._close()
        self.tell()

    def withdraw(self, source: Source) -> None:
        """``source`` was never started: its key is taken."""
        self.detach(source, None, _UNUSED)

    def _end(self, why: str) -> None:
        with self._lock:
            if self.why is not _CLOSED and (self.sources or why is _CLOSED):
                self.why = why
            self._close()
        self.tell()

    def watch(self, signal: Signal) -> None:
        """Tell ``signal`` of each message, and of each end of a socket, while somebody refers to it."""
        with self._lock:
            self.watchers = (*(each for each in self.watchers if each() not in (None, signal)), weakref.ref(signal))

    def unwatch(self, signal: Signal) -> None:
        with self._lock:
            self.watchers = tuple(each for each in self.watchers if each() not in (None, signal))

    def is_watched(self) -> bool:
        return any(each() is not None for each in self.watchers)

    def tell(self) -> None:
        for each in self.watchers:
            if (signal := each()) is not None:
                signal.tell()

    def _is_stopping(self) -> bool:
        """The socket whose thread waits for room is asked to end, which that thread alone can do."""
        return any(source.handler.stopping and source.is_own_thread() for source in self.sources)

    # -- reading -----------------------------------------------------------------------------------------------------

    def _ready(self) -> bool:
        if self.max_age is not None and self._queue:
            oldest = self.monotonic() - self.max_age
            while self._queue and self._head()[0] < oldest:
                self._pop()
                self.stale += 1
                super()._took(1)
        return bool(self._queue)

    def _took(self, count: int) -> None:
        self.delivered += count
        super()._took(count)

    def _head(self) -> Any:
        return self._queue[0] if self._key is None else self._latest[self._queue[0]]

    def peek(self) -> Any:
        """The next message with its arrival, left where it is; ``None`` where there is none."""
        with self._lock:
            return self._head() if self._ready() else None

    def take_head(self, head: Any) -> bool:
        """Take what :meth:`peek` has shown, unless it has gone; returns whether it was there."""
        with self._lock:
            if not self._queue or self._head() is not head:
                return False
            self._pop()
            self._took(1)
            return True

    def taken(self, most: int, timeout: float | None) -> list[Any]:
        """The next messages; see :meth:`Store.take`. Checks that somebody else can bring them."""
        sources = self.sources
        if sources and not self._queue and all(source.waits_for_caller() for source in sources):
            raise WouldDeadlock("receive() inside a callback or listener of the socket that brings the messages")
        found = self.take(most, None if timeout is None else time.monotonic() + timeout)
        return [message for _, message in found]

    def ended(self) -> StreamEnded | None:
        """Why nothing will come any more; ``None`` while something may, or waits."""
        with self._lock:
            if not self._closed or self._queue:
                return None
            return StreamEnded(self.why, self.failure, self.why in _ASKED_FOR)


class MessageStream(Closing, Generic[T]):
    """Messages that wait until they are asked for. :meth:`~binance_sockets.SocketManager.stream` makes one; or make one
    yourself and give it to any ``start_*_socket`` in place of a callback:

    >>> from binance_sockets import MessageStream, SocketManager
    >>> manager = SocketManager()
    >>> stream: MessageStream[dict] = MessageStream()
    >>> manager.start_kline_socket("BTCUSDT", stream)
    'btcusdt@kline_1m'
    >>> manager.close()

    Any number of threads may read; each message goes to one of them. The stream ends when all its sockets have: after
    what still waits, iteration ends if that was asked for (:meth:`close`, ``stop_socket``, ``manager.close``), and
    raises :class:`~binance_sockets.StreamEnded` with the reason if a socket has given up. A wait ends with it, whatever
    its timeout; in a forked child, and at the end of the process, too. Ctrl-C ends the wait of the main thread.

    Args:
        maxsize: messages that may wait, above 0. Default 10,000.
        on_full: what becomes of a message that finds it full: a policy of :class:`~binance_sockets.Buffered`. Default
            ``"drop_oldest"``, which is logged the first time: a reader that has stopped reading holds up no socket.
        key: as for :class:`~binance_sockets.Buffered`, with ``on_full="conflate"`` only.
        max_age: seconds after its arrival for which a message may be received, above 0; an older one is dropped and
            counted as ``stale``. ``None`` (default) for ever.

    Attributes:
        received: messages that came.
        delivered: messages that were handed to a reader.
        dropped: messages that were dropped or replaced because of ``maxsize``, and those left at :meth:`close`.
        stale: messages that were older than ``max_age``.

    Raises:
        ConfigError: for a bad argument, naming what is allowed.
    """

    def __init__(
        self,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[T], Hashable] | None = None,
        *,
        max_age: float | None = None,
    ) -> None:
        self._inbox = _Inbox(maxsize, on_full, key, max_age)
        self._warned = not on_full.startswith("drop")
        self.__qualname__ = type(self).__name__  # for texts about the callback

    # -- the sockets' side -------------------------------------------------------------------------------------------

    def __call__(self, message: T) -> None:
        """Take a message. Runs on the socket's thread; blocks only with ``on_full="block"``, and not while that stops.

        Raises:
            BufferFull: it is full and ``on_full`` is ``"raise"``.
        """
        if message.__class__ is dict and message.get("e") == "error":  # type: ignore[attr-defined]
            return  # the last payload: the end comes with its reason
        inbox = self._inbox
        inbox.latest = message
        inbox.put(message, (inbox.monotonic(), message))
        if inbox.watchers:
            inbox.tell()
        if inbox.dropped and not self._warned and inbox.delivered:
            self._warn()

    def _warn(self) -> None:
        self._warned = True
        log.warning("%r: its readers do not keep up, and messages are dropped; that is only counted from now on", self)

    # -- reading -----------------------------------------------------------------------------------------------------

    def receive(self, timeout: float | None = None) -> T:
        """The next message. Any thread; blocks until there is one.

        Args:
            timeout: seconds to wait at most, from 0; ``None`` (default) until the stream ends.

        Raises:
            ReceiveTimeout: none came in time.
            StreamEnded: none will come any more, with the reason.
            WouldDeadlock: called on the thread that alone could bring one.
            ConfigError: ``timeout`` is no number from 0.
        """
        if timeout is not None:
            check_number("timeout", timeout)
        if (item := self._inbox.poll()) is not None:
            return item[1]  # type: ignore[no-any-return]
        while True:  # without a timeout a socket may have been started with it again, just behind its end
            for message in self._inbox.taken(1, timeout):
                return message  # type: ignore[no-any-return]
            if (ended := self._inbox.ended()) is not None:
                raise ended
            if timeout is not None:
                raise ReceiveTimeout(timeout)

    def receive_many(self, count: int, timeout: float | None = None) -> list[T]:
        """The next ``count`` messages. Any thread; blocks until they are there. Where several threads read, others may
        get some in between.

        Args:
            count: how many, above 0.
            timeout: seconds for all of them, from 0; ``None`` (default) until the stream ends.

        Returns:
            ``count`` messages; fewer, perhaps none, where the time is over, or where the stream ends behind them.

        Raises:
            StreamEnded: there are none, and none will come any more.
            WouldDeadlock, ConfigError: as :meth:`receive`.
        """
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise ConfigError("count", count, "a whole number above 0")
        check_number("timeout", timeout, none=True)
        deadline = None if timeout is None else time.monotonic() + timeout
        messages: list[T] = []
        while len(messages) < count:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            found = self._inbox.taken(count - len(messages), left)
            if not found:
                ended = self._inbox.ended()
                if ended is not None and not messages:
                    raise ended
                break
            messages += found
        return messages

    def __iter__(self) -> Iterator[T]:
        """The messages, until the stream ends."""
        return self

    def __next__(self) -> T:
        try:
            return self.receive()
        except StreamEnded as ended:
            if ended.asked_for:
                raise StopIteration from None
            raise

    @property
    def latest(self) -> T | None:
        """The newest message that came, received or not, whatever its age; ``None`` before the first. Never blocks."""
        return self._inbox.latest  # type: ignore[no-any-return]

    # -- looking -----------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Messages that wait."""
        return len(self._inbox)

    def __bool__(self) -> bool:
        """Always true: an empty stream is a stream."""
        return True

    @property
    def received(self) -> int:
        return self._inbox.received

    @property
    def delivered(self) -> int:
        return self._inbox.delivered

    @property
    def dropped(self) -> int:
        return self._inbox.dropped

    @property
    def stale(self) -> int:
        return self._inbox.stale

    @property
    def conn_keys(self) -> tuple[str, ...]:
        """The conn keys of its open sockets."""
        return tuple(source.conn_key for source in self._inbox.sources)

    @property
    def is_open(self) -> bool:
        """More messages may come: one of its sockets has not ended. What came before may wait in any case."""
        return not self._inbox._closed

    def __repr__(self) -> str:
        inbox = self._inbox
        where = ", ".join(self.conn_keys) or f"ended: {inbox.why}"
        counts = f"{inbox.received} received, {inbox.delivered} delivered, {inbox.dropped} dropped, {inbox.stale} stale"
        return one_line(f"<{type(self).__name__} {where}: {len(inbox)} wait, {counts}>")

    def _repr_html_(self) -> str:
        inbox = self._inbox
        state = "open" if inbox.sources else f"ended: {inbox.why}"
        columns = ("sockets", "state", "waiting", "received", "delivered", "dropped", "stale", "latest")
        counts = (len(inbox), inbox.received, inbox.delivered, inbox.dropped, inbox.stale)
        keys = one_line(", ".join(self.conn_keys), 200)
        return html_table(columns, [(keys, state, *(f"{count:,}" for count in counts), one_line(repr(self.latest)))])

    # -- the end -----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop its sockets, drop and count what waits, and end all waits. Any thread; idempotent.

        Waits for its sockets as ``stop_socket`` does, and not inside a callback of theirs.
        """
        inbox = self._inbox
        stops = list(inbox.sources.values())
        inbox._end(_CLOSED)
        inbox.discard()
        for stop in stops:
            stop()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be pickled or copied: its sockets belong to this process")


def message_stream(callback: object) -> MessageStream[Any] | None:
    """The stream that a callback is, or that stands behind what the library has put around it."""
    while not isinstance(callback, MessageStream):
        callback = getattr(callback, "__wrapped__", None)
        if callback is None:
            return None
    return callback
