"""Events to read in a loop, beside the handlers."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from ..unified import AnyEvent

__all__ = ["Feed"]

log = logging.getLogger("binance_sockets.service")

_SLICE = 1.0  # seconds of one bounded wait, so that Ctrl-C is seen on every system


class Feed(Iterator[AnyEvent[Any]]):
    """What :meth:`WebSocketService.listen` returns: an iterator over events, in the order in which they came.

    Any thread may read; several readers share the events. It ends when the service is closed, or with :meth:`close`;
    when every connection has given up, what is left is read first, and then the reason is raised.

    Args:
        kinds: the types of events that are wanted; empty for all.
        maxsize: events that wait at most. What is one too many makes the oldest go.
        leave: called once when nobody reads any more.

    Attributes:
        dropped: events that went because nobody had read them.
    """

    def __init__(self, kinds: frozenset[str], maxsize: int, leave: Callable[[Feed], object]) -> None:
        self._kinds = kinds
        self._maxsize = maxsize
        self._leave = leave
        self._changed = threading.Condition()  # guards the rest
        self._events: deque[Any] = deque()
        self._ended = False
        self._error: BaseException | None = None
        self.dropped = 0

    def put(self, event: Any) -> None:
        """Take an event. On a connection's thread; never blocks."""
        if self._kinds and event.type not in self._kinds:
            return
        with self._changed:
            if self._ended:
                return
            first = len(self._events) >= self._maxsize and not self.dropped
            if len(self._events) >= self._maxsize:
                self._events.popleft()
                self.dropped += 1
            self._events.append(event)
            self._changed.notify()
        if first:
            log.warning("listen() is not read fast enough: %d events wait, the oldest are dropped", self._maxsize)

    def end(self, error: BaseException | None = None) -> None:
        """Nothing comes any more: behind what is left, ``error`` is raised, if there is one."""
        with self._changed:
            if not self._ended:
                self._ended, self._error = True, error
            self._changed.notify_all()

    def __iter__(self) -> Feed:
        return self

    def __next__(self) -> AnyEvent[Any]:
        """The next event; blocks until there is one.

        Raises:
            StopIteration: the service was closed, or this was.
            BinanceSocketsError: why every connection has given up.
        """
        with self._changed:
            while not self._events:
                if self._ended:
                    error, self._error = self._error, None  # once; further calls just end
                    if error is not None:
                        raise error
                    raise StopIteration
                self._changed.wait(_SLICE)
            event: AnyEvent[Any] = self._events.popleft()
            return event

    def close(self) -> None:
        """End it, and forget what was not read. Any thread; may be called twice."""
        with self._changed:
            self._events.clear()
        self.end()
        self._leave(self)

    def __enter__(self) -> Feed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
