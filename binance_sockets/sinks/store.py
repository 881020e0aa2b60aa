"""A bounded buffer between threads, with a policy for what meets a full one."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any

from ..errors import BinanceSocketsError, ConfigError

__all__ = ["BufferFull", "Store"]

_POLICIES = ("block", "drop_oldest", "drop_newest", "conflate", "raise")
_SLICE = 1.0  # seconds of one bounded wait
_LOOK = 0.05  # seconds between two looks at a flag that nobody tells of


class BufferFull(BinanceSocketsError):
    """A message met a full buffer whose policy is ``raise``; it was dropped.

    Args:
        maxsize: capacity of the buffer, in messages.
    """

    def __init__(self, maxsize: int) -> None:
        super().__init__(maxsize)
        self.maxsize = maxsize

    def __str__(self) -> str:
        return f"the buffer is full ({self.maxsize} messages); the message was dropped"


class Store:
    """Items, counters, and one lock that is never held over user code. All methods may be called from any thread.

    Args:
        maxsize: capacity, above 0.
        on_full: one of the policies of :class:`~binance_sockets.Buffered`.
        key: tells which messages replace each other; with ``conflate`` only.
        gives_up: whether who waits for room should drop its message instead; ``None`` (default) for never.

    Raises:
        ConfigError: for a bad argument.
    """

    def __init__(
        self,
        maxsize: int,
        on_full: str,
        key: Callable[[Any], Hashable] | None,
        gives_up: Callable[[], bool] | None = None,
    ) -> None:
        if not isinstance(maxsize, int) or isinstance(maxsize, bool) or maxsize < 1:
            raise ConfigError("maxsize", maxsize, "a whole number above 0")
        if on_full not in _POLICIES:
            raise ConfigError("on_full", on_full, _POLICIES)
        if (key is not None) != (on_full == "conflate") or not (key is None or callable(key)):
            raise ConfigError("key", key, "a callable with on_full='conflate', and None otherwise")
        self._maxsize = maxsize
        self._on_full = on_full
        self._key = key
        self._gives_up = gives_up
        self._closed = False
        self.reset()

    def reset(self) -> None:
        """Empty: new, or in a forked child, where the messages are the parent's."""
        self._lock = threading.Lock()
        self._filled = threading.Condition(self._lock)
        self._emptied = threading.Condition(self._lock)
        self._queue: deque[Any] = deque()  # items, or keys when conflating
        self._latest: dict[Hashable, Any] = {}
        self._blocked = self._waiting = 0
        self.received = self.dropped = 0

    def __len__(self) -> int:
        return len(self._queue)

    # -- who puts ------------------------------------------------------------------------------------------------------

    def put(self, message: Any, item: Any) -> None:
        """Keep ``item`` for ``message``, by the policy. Blocks only with ``block``.

        Raises:
            BufferFull: there is no room, and the policy is ``raise``.
            Exception: of ``key``; the item is kept, and replaces none.
        """
        if self._key is None:
            self._add(item, None)
            return
        try:
            key = self._key(message)
            hash(key)
        except Exception:
            self._add(item, object())  # kept by itself, and the error goes where those of callbacks go
            raise
        self._add(item, key)

    def _add(self, item: Any, key: Hashable) -> None:
        with self._lock:
            self.received += 1
            if self._key is not None and key in self._latest and not self._closed:
                self._latest[key] = item
                self.dropped += 1
                return
            if (self._closed or len(self._queue) >= self._maxsize) and not self._make_room():
                self.dropped += 1
                if self._on_full == "raise" and not self._closed:
                    raise BufferFull(self._maxsize)
                return
            if self._key is not None:
                self._latest[key] = item
            self._queue.append(item if self._key is None else key)
            if self._waiting:
                self._filled.notify()

    def _make_room(self) -> bool:
        """Apply the policy; tells whether the new item has a place."""
        while len(self._queue) >= self._maxsize and not self._closed:
            if self._on_full == "block":
                if self._gives_up is not None and self._gives_up():
                    return False
                self._blocked += 1
                try:
                    self._emptied.wait(_SLICE if self._gives_up is None else _LOOK)
                finally:
                    self._blocked -= 1
            elif self._on_full in ("drop_newest", "raise"):
                return False
            else:
                self._pop()
                self.dropped += 1
        return not self._closed

    def _pop(self) -> Any:
        item = self._queue.popleft()
        return item if self._key is None else self._latest.pop(item)

    # -- who takes -----------------------------------------------------------------------------------------------------

    def take(self, most: int = 1, deadline: float | None = None) -> list[Any]:
        """The next items, at least one of them.

        Args:
            most: at most so many.
            deadline: until when to wait for the first, in monotonic seconds; ``None`` (default) for ever.

        Returns:
            None of them when the deadline has passed, or when the store is closed and empty.
        """
        with self._lock:
            while not self._ready():
                left = _SLICE if deadline is None else min(_SLICE, deadline - time.monotonic())
                if self._closed or left <= 0:
                    return []
                self._waiting += 1
                try:
                    self._filled.wait(left)
                finally:
                    self._waiting -= 1
            found = [self._pop() for _ in range(min(most, len(self._queue)))]
            self._took(len(found))
            return found

    def poll(self) -> Any:
        """The next item, if one is there; ``None`` otherwise. Never waits."""
        with self._lock:
            if not self._ready():
                return None
            item = self._pop()
            self._took(1)
            return item

    def _ready(self) -> bool:
        """Whether there is something to take. Under the lock; may drop what is not to be delivered any more."""
        return bool(self._queue)

    def _took(self, count: int) -> None:
        """So many were taken: those that wait go on. Under the lock."""
        if self._blocked:
            self._emptied.notify(count)
        if self._waiting and self._queue:  # who was woken for the item that was taken here
            self._filled.notify()

    # -- the end -------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Take nothing more, and wake all who wait."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        self._closed = True
        self._filled.notify_all()
        self._emptied.notify_all()

    def discard(self) -> int:
        """Drop what waits; returns all that were ever dropped."""
        with self._lock:
            self.dropped += len(self._queue)
            self._queue.clear()
            self._latest.clear()
            return self.dropped
