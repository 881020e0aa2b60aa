"""A handler with a bounded buffer and a thread of its own, for work that is slower than its stream."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Any, Generic, NoReturn, TypeVar

from ..config import check_number
from ..engine.threads import Worker
from ..errors import BinanceSocketsError, ConfigError

__all__ = ["BufferFull", "Buffered"]

log = logging.getLogger("binance_sockets.sinks")

_Message = TypeVar("_Message")
_Self = TypeVar("_Self", bound="Buffered[Any]")

_POLICIES = ("block", "drop_oldest", "drop_newest", "conflate", "raise")
_SLICE = 1.0  # seconds of one bounded wait
_AT_EXIT = 5.0  # seconds that the end of the process leaves for draining


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


class Buffered(Generic[_Message]):
    """Give this to ``start_*_socket`` in place of a slow callback: it takes each message at once and calls
    ``handler`` on a thread of its own, in order.

    What ``on_full`` does with a message that meets a full buffer:

    ``block``
        the stream's thread waits for room, so nothing is lost while the exchange's own buffers last.
    ``drop_oldest``
        the oldest waiting message makes room.
    ``drop_newest``
        the new message is dropped.
    ``conflate``
        at any fill, a message replaces the waiting one with the same ``key`` and keeps its place; a new key that
        meets a full buffer drops the oldest waiting one.
    ``raise``
        the new message is dropped; the error listeners are told by a :class:`~binance_sockets.CallbackError` whose
        ``__cause__`` is :class:`BufferFull`.

    When its connection gives up, ``{'e': 'error', ...}`` is a message like any other, a dict in every view:
    ``drop_newest`` and ``raise`` can drop it too. Error listeners hear of giving up in any case.

    Its thread starts with the first message. In a forked child a buffer starts anew: empty, with counters at zero and
    a thread of the child; messages that waited at the fork are delivered by the parent alone.

    Close it after its sockets; :meth:`close` drains it. At the end of the process a forgotten one is drained for at
    most five seconds. An exception of ``handler`` is logged the first time, counted, and goes no further;
    ``SystemExit`` ends the buffer, which drops and counts what waits and what comes later.

    Args:
        handler: called with each message, on the buffer's thread.
        maxsize: capacity in messages, above 0. Default 10,000.
        on_full: one of the policies above. Default ``"block"``.
        key: ``key(message)`` tells which messages replace each other; with ``conflate`` only. Runs on the stream's
            thread. It also gets the payload of giving up, which has no symbol: ``lambda m: m.get('s')``. A message for
            which it raises replaces none, and the error is reported as one of the callback.

    Attributes:
        received: messages taken from the stream.
        delivered: messages that ``handler`` was called with.
        dropped: messages that were dropped or replaced, and those left at the end.
        errors: calls of ``handler`` that raised.
    """

    def __init__(
        self,
        handler: Callable[[_Message], object],
        maxsize: int = 10_000,
        on_full: str = "block",
        key: Callable[[_Message], Hashable] | None = None,
    ) -> None:
        if not callable(handler):
            raise ConfigError("handler", handler, "a callable with one argument")
        if not isinstance(maxsize, int) or isinstance(maxsize, bool) or maxsize < 1:
            raise ConfigError("maxsize", maxsize, "a whole number above 0")
        if on_full not in _POLICIES:
            raise ConfigError("on_full", on_full, _POLICIES)
        if (key is not None) != (on_full == "conflate") or not (key is None or callable(key)):
            raise ConfigError("key", key, "a callable with on_full='conflate', and None otherwise")
        self._store = _Store(handler, maxsize, on_full, key)
        with _lock:
            _known.add(self._store)
        self._forgotten = weakref.finalize(self, self._store.forget)
        self._forgotten.atexit = False  # _drain does more

    def __call__(self, message: _Message) -> None:
        """Take a message. Runs on the stream's thread; blocks only with ``on_full="block"``.

        Raises:
            BufferFull: the buffer is full and ``on_full`` is ``"raise"``.
            RuntimeError: no thread can be started; the message was dropped.
        """
        store = self._store
        if store.worker is None:
            store.begin()
        store.put(message)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Buffered cannot be pickled or copied: its thread belongs to this process. Make one in the other process"
        )

    def __len__(self) -> int:
        """Messages that wait."""
        return len(self._store)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._store}>"

    @property
    def received(self) -> int:
        return self._store.received

    @property
    def delivered(self) -> int:
        return self._store.delivered

    @property
    def dropped(self) -> int:
        return self._store.dropped

    @property
    def errors(self) -> int:
        return self._store.errors

    def close(self, timeout: float = 10.0) -> int:
        """Take no more messages, deliver what waits, end the thread. Any thread; idempotent.

        Inside ``handler`` it does not wait. A message that comes later counts as dropped.

        Args:
            timeout: seconds for delivering, from 0; what is left then is dropped. ``math.inf`` waits for as long as it
                takes. Default 10.

        Returns:
            How many messages were dropped over the whole life of the buffer.

        Raises:
            ConfigError: ``timeout`` is no number from 0; nothing was closed.
        """
        check_number("timeout", timeout)
        self._forgotten.detach()
        return _close(self._store, timeout)

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Store:
    """The buffer itself: messages, counters, one lock that is never held over user code.

    Its thread does not refer to the Buffered, so that a forgotten one can end.
    """

    def __init__(
        self, handler: Callable[[Any], object], maxsize: int, on_full: str, key: Callable[[Any], Hashable] | None
    ) -> None:
        self._handler = handler
        self._maxsize = maxsize
        self._on_full = on_full
        self._key = key
        self._closed = False
        self.reset()

    def reset(self) -> None:
        """Empty, without a thread: new, or in a forked child, where thread and messages are the parent's."""
        self.worker: Worker | None = None
        self._lock = threading.Lock()
        self._filled = threading.Condition(self._lock)
        self._emptied = threading.Condition(self._lock)
        self._queue: deque[Any] = deque()  # messages, or keys when conflating
        self._latest: dict[Hashable, Any] = {}
        self._blocked = 0
        self.received = self.delivered = self.dropped = self.errors = 0

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def _name(self) -> str:
        return getattr(self._handler, "__qualname__", type(self._handler).__name__)

    def __str__(self) -> str:
        counts = f"{self.received} received, {self.delivered} delivered, {self.dropped} dropped, {self.errors} errors"
        state = "closed, " if self._closed else ""
        return f"{self._name}: {state}{len(self)} of {self._maxsize} wait, {counts}"

    def begin(self) -> None:
        """Start the thread, once: with the first message, so that a process that only forks has none."""
        worker = Worker(self._deliver, name=f"binance_sockets:buffered:{self._name}", daemon=True)
        with self._lock:
            if self.worker is not None or self._closed:
                return
            self.worker = worker
        try:
            worker.start()
        except BaseException:
            with self._lock:
                if worker.abandon():
                    self.worker = None  # the next message tries again
                    self.received += 1
                    self.dropped += 1
            raise

    def put(self, message: Any) -> None:
        if self._key is None:
            self._add(message, None)
            return
        try:
            key = self._key(message)
            hash(key)
        except Exception:
            self._add(message, object())  # delivered by itself, and the error goes where those of callbacks go
            raise
        self._add(message, key)

    def _add(self, message: Any, key: Hashable) -> None:
        with self._lock:
            self.received += 1
            if self._key is not None and key in self._latest and not self._closed:
                self._latest[key] = message
                self.dropped += 1
                return
            if not self._make_room():
                self.dropped += 1
                if self._on_full == "raise" and not self._closed:
                    raise BufferFull(self._maxsize)
                return
            if self._key is not None:
                self._latest[key] = message
            self._queue.append(message if self._key is None else key)
            if len(self._queue) == 1:  # otherwise the worker is awake
                self._filled.notify()

    def _make_room(self) -> bool:
        """Apply the policy; tells whether the new message has a place."""
        while len(self._queue) >= self._maxsize and not self._closed:
            if self._on_full == "block":
                self._blocked += 1
                self._emptied.wait(_SLICE)
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

    def take(self) -> tuple[bool, Any]:
        """The next message, or ``(False, None)`` when the buffer is closed and empty."""
        with self._lock:
            while not self._queue:
                if self._closed:
                    return False, None
                self._filled.wait(_SLICE)
            message = self._pop()
            if self._blocked:
                self._emptied.notify()
            return True, message

    def forget(self) -> None:
        """Nobody can add or close any more: the worker delivers what waits, and ends.

        Without the lock: the garbage collector may call this in a thread that holds it.
        """
        self._closed = True

    def close(self) -> None:
        with self._lock:
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

    def _deliver(self) -> None:
        """The buffer's thread."""
        handler = self._handler
        name = getattr(handler, "__qualname__", repr(handler))
        while True:
            found, message = self.take()
            if not found:
                return
            try:
                handler(message)
            except Exception:
                self.errors += 1
                if self.errors == 1:
                    log.exception("handler %s raised; the buffer goes on, further errors are only counted", name)
            except BaseException as exc:  # SystemExit ends this thread: nobody may wait for room from now on
                log.warning("handler %s raised %s: its buffer takes no more messages", name, type(exc).__name__)
                self.delivered += 1
                self.close()
                return
            self.delivered += 1


def _close(store: _Store, timeout: float) -> int:
    store.close()
    worker = store.worker
    if worker is not None:
        if worker.is_current():
            return store.dropped
        worker.join(timeout)
    left = len(store)
    dropped = store.discard()
    if left:
        log.warning("a buffer was closed with %d messages left: they are dropped", left)
    return dropped


_lock = threading.Lock()  # guards the set
_known: weakref.WeakSet[_Store] = weakref.WeakSet()


@atexit.register
def _drain() -> None:
    """Deliver what waits anywhere at the end of the process, within one deadline."""
    deadline = time.monotonic() + _AT_EXIT
    with _lock:
        found = list(_known)
    for store in found:
        store.close()
    for store in found:
        _close(store, max(0.0, deadline - time.monotonic()))


def _start_anew() -> None:
    """In a forked child: nobody else is here, and nobody gives back a lock that another thread held."""
    global _lock
    _lock = threading.Lock()
    for store in list(_known):
        store.reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
