"""A handler with a bounded buffer and a thread of its own, for work that is slower than its stream."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any, Generic, NoReturn, TypeVar

from .._closing import Closing
from ..config import check_number
from .delivering import Delivering, log, name_of
from .process import watch
from .store import BufferFull, Store

__all__ = ["BufferFull", "Buffered"]

_Message = TypeVar("_Message")

_MARKS = (50, 80)  # percent of the capacity that are worth a warning each,
_CALM = 10  # until no more than so many wait again
_SMALL = 100  # messages of capacity below which it is full as a rule


class Buffered(Closing, Generic[_Message]):
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

    A buffer for 100 messages or more that is half full is logged as a WARNING, and once more at 80 %; again when it was
    nearly empty meanwhile.

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
        self._store = _Delivery(handler, maxsize, on_full, key)
        self._forgotten = weakref.finalize(self, self._store.forget)
        self._forgotten.atexit = False  # the end of the process does more

    def __call__(self, message: _Message) -> None:
        """Take a message. Runs on the stream's thread; blocks only with ``on_full="block"``.

        Raises:
            BufferFull: the buffer is full and ``on_full`` is ``"raise"``.
            RuntimeError: no thread can be started; the message was dropped.
        """
        store = self._store
        if store.worker is None:
            store.begin()
        store.put(message, message)

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
        return self._store.finish(timeout)


class _Delivery(Delivering, Store):
    """The buffer itself, and its thread, which does not refer to the Buffered, so that a forgotten one can end."""

    def __init__(
        self, handler: Callable[[Any], object], maxsize: int, on_full: str, key: Callable[[Any], Hashable] | None
    ) -> None:
        self._named("handler", handler, "buffered")
        super().__init__(maxsize, on_full, key)
        watch(self)

    def reset(self) -> None:
        super().reset()
        self._without_thread()
        self.delivered = self._told = 0

    def __str__(self) -> str:
        counts = f"{self.received} received, {self.delivered} delivered, {self.dropped} dropped, {self.errors} errors"
        state = "closed, " if self._closed else ""
        return f"{name_of(self._handler)}: {state}{len(self)} of {self._maxsize} wait, {counts}"

    def forget(self) -> None:
        """Nobody can add or close any more: the worker delivers what waits, and ends.

        Without the lock: the garbage collector may call this in a thread that holds it.
        """
        self._closed = True

    def shut(self) -> None:
        self.close()

    def _run(self) -> None:
        going = True
        while going and (found := self.take()):
            if self._maxsize >= _SMALL:
                self._look(100 * len(self._queue) // self._maxsize)
            going = self._guarded(self._handler, found[0])
            self.delivered += 1

    def _look(self, percent: int) -> None:
        """So full it is: tell in time. On the buffer's thread."""
        if percent < _CALM:
            self._told = 0
            return
        passed = [mark for mark in _MARKS if self._told < mark <= percent]
        if passed:
            self._told = passed[-1]
            log.warning(
                "the buffer of %s is %d %% full: it is slower than its stream (on_full=%r)",
                name_of(self._handler),
                percent,
                self._on_full,
            )

    def finish(self, timeout: float) -> int:
        """Close, and wait for the thread; what is left then is dropped. Returns all that were ever dropped."""
        self.close()
        if self.worker is not None and self.worker.is_current():
            return self.dropped
        self.joined(timeout)
        left = len(self)
        dropped = self.discard()
        if left:
            log.warning("a buffer was closed with %d messages left: they are dropped", left)
        return dropped
