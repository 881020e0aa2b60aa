"""Handlers that collect messages and hand them over in parts, on a thread of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, NoReturn

from .._closing import Closing
from ..config import check_number
from ..errors import ConfigError
from ..events import is_error
from ..unified import Event
from .delivering import Delivering, log
from .process import watch

__all__ = ["Batched", "Collector", "Snapshots"]

_SLICE = 1.0  # seconds of one bounded wait


class Collector(Closing, Delivering):
    """What the handlers of this module share. A part begins with its first message and is handed over ``seconds``
    later, when it is full, at the last payload of a connection that gives up (``{'e': 'error', ...}``, which is in no
    part), and by :meth:`close`. Without messages there are no parts.

    The callback runs on one thread, which starts with the first message. An exception of it is logged the first time,
    counted, and goes no further. In a forked child it starts anew, empty. At the end of the process the last parts
    of forgotten ones are handed over, for at most five seconds.

    Attributes:
        received: messages taken.
        delivered: parts that the callback was called with.
        dropped: messages that came after the end.
        errors: calls of the callback that raised.
    """

    def __init__(self, callback: Callable[[Any], object], seconds: float) -> None:
        self._named("callback", callback, type(self).__name__.lower())
        check_number("seconds", seconds, zero=False)
        self._seconds = seconds
        self._closed = False
        self.reset()
        watch(self)

    def reset(self) -> None:
        """Empty, without a thread: new, or in a forked child."""
        self._lock = threading.Lock()  # guards the rest; never held over the callback
        self._changed = threading.Condition(self._lock)
        self._due: float | None = None  # monotonic; None while the part is empty
        self._without_thread()
        self.received = self.delivered = self.dropped = 0
        self._clear()

    # -- what a kind of part is: all but the last run under the lock --------------------------------------------------

    def _clear(self) -> None:
        raise NotImplementedError

    def _add(self, message: Any) -> None:
        raise NotImplementedError

    def _take(self) -> Any:
        """The part; the next one begins empty."""
        raise NotImplementedError

    def _full(self) -> bool:
        return False

    def _call(self, part: Any) -> None:
        """Hand the part over. Runs on the thread, without the lock."""
        self._handler(part)

    # -- the stream's side ---------------------------------------------------------------------------------------------

    def __call__(self, message: Any) -> None:
        """Take a message. Runs on the stream's thread; blocks only while a full part waits for the callback.

        Raises:
            RuntimeError: no thread can be started; the message was dropped.
        """
        if self.worker is None:
            self.begin()  # before anything waits for it
        with self._changed:
            if is_error(message):
                if self._due is not None:
                    self._due = time.monotonic()
                    self._changed.notify_all()
                return
            self.received += 1
            while self._full() and not self._closed:
                self._changed.wait(_SLICE)
            if self._closed:
                self.dropped += 1
                return
            self._add(message)
            begun = self._due is None
            if begun:
                self._due = time.monotonic() + self._seconds
            if begun or self._full():
                self._changed.notify_all()

    # -- the thread ----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._ready():
                    if self._closed:
                        return
                    left = _SLICE if self._due is None else min(_SLICE, self._due - time.monotonic())
                    self._changed.wait(max(0.0, left))
                part = self._take()
                self._due = None
                self._changed.notify_all()
            going = self._guarded(self._call, part)
            self.delivered += 1
            if not going:
                return

    def _ready(self) -> bool:
        return self._due is not None and (self._closed or self._full() or self._due <= time.monotonic())

    # -- the end -------------------------------------------------------------------------------------------------------

    def close(self, timeout: float = 10.0) -> None:
        """Take no more messages, hand over the last part, end the thread. Any thread; idempotent.

        Inside the callback it does not wait.

        Args:
            timeout: seconds to wait at most, from 0. Default 10.

        Raises:
            ConfigError: ``timeout`` is no number from 0; nothing was closed.
        """
        check_number("timeout", timeout)
        self.finish(timeout)

    def shut(self) -> None:
        """Take no more messages. Any thread; does not wait."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def finish(self, timeout: float) -> None:
        """As :meth:`close`."""
        self.shut()
        if not self.joined(timeout):
            log.warning("%s was closed while its callback runs: its last part may be lost", self)

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be pickled or copied: its thread belongs to this process")

    def __repr__(self) -> str:
        counts = f"{self.received} received, {self.delivered} parts delivered, {self.dropped} dropped"
        return f"<{type(self).__name__}{' closed' if self._closed else ''}: {counts}, {self.errors} errors>"


class Batched(Collector):
    """Give this to ``start_*_socket``: ``callback`` gets lists of messages, in order.

    Args:
        callback: called with each list, on the batches' thread.
        size: messages of a full batch, above 0. A full one that waits for the callback makes the stream wait.
        seconds: after which a batch that is not full is handed over, above 0. ``math.inf`` for never.
    """

    def __init__(self, callback: Callable[[list[Any]], object], size: int = 100, seconds: float = 5.0) -> None:
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ConfigError("size", size, "a whole number above 0")
        self._size = size
        super().__init__(callback, seconds)

    def _clear(self) -> None:
        self._messages: list[Any] = []

    def _add(self, message: Any) -> None:
        self._messages.append(message)

    def _take(self) -> list[Any]:
        part, self._messages = self._messages, []
        return part

    def _full(self) -> bool:
        return len(self._messages) >= self._size


class Snapshots(Collector):
    """Give this to ``start_*_socket`` of books or best prices: at most once in ``seconds``, ``callback`` gets the
    newest message of each symbol that had one, as ``{symbol: message}``.

    Neutral events go by their ``market``, a :class:`~binance_sockets.unified.Market` of exchange, product and symbol.
    All others tell their symbol alone: where sockets of several products or exchanges share one of these, give a
    ``key``, or one to each.

    Args:
        callback: called with each dict, on the snapshots' thread.
        seconds: between the first change and the call, above 0.
        key: ``key(message)`` is what messages are told apart by; ``None`` (default) takes ``message.market`` of a
            neutral event, else ``message.symbol``, or ``message["s"]`` of a dict, or the name of an order book; of one
            that is wrapped its stream in place of the symbol; without these, ``None``. Runs on the stream's thread.
    """

    def __init__(
        self,
        callback: Callable[[dict[Any, Any]], object],
        seconds: float = 1.0,
        key: Callable[[Any], Hashable] | None = None,
    ) -> None:
        if key is not None and not callable(key):
            raise ConfigError("key", key, "a callable with one argument, or None")
        self._key = key or _subject
        super().__init__(callback, seconds)

    def _clear(self) -> None:
        self._newest: dict[Hashable, Any] = {}

    def __call__(self, message: Any) -> None:
        """Take a message; see :meth:`Collector.__call__`. Never blocks."""
        if is_error(message):
            super().__call__(message)
        else:
            super().__call__((self._key(message), message))  # the key is user code: outside the lock

    def _add(self, message: tuple[Hashable, Any]) -> None:
        self._newest[message[0]] = message[1]

    def _take(self) -> dict[Hashable, Any]:
        part, self._newest = self._newest, {}
        return part


def _subject(message: Any) -> Hashable:
    """What a message is about."""
    if isinstance(message, Event):
        return message.market
    if isinstance(data := getattr(message, "data", None), Event):
        return data.market._replace(symbol=message.stream)
    if isinstance(message, dict):
        return message.get("s") or message.get("stream")
    for name in ("symbol", "stream", "name"):  # an order book has a name
        if (found := getattr(message, name, None)) is not None:
            return found  # type: ignore[no-any-return]
    return None
