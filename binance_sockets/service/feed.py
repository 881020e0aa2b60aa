"""Events to read in a loop, beside the handlers: a stream whose source is a service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..consume.stream import MessageStream
from ..unified import AnyEvent

__all__ = ["Feed", "Origin"]


class Origin:
    """A service, as the streams that it fills see it: one source, whatever the number of its connections.

    Args:
        waits_for_caller: whether none of its connections can bring an event before the calling function returns.
    """

    conn_key = "service"
    stopping = False  # events that nobody reads are dropped: no thread waits for room
    failure = None

    def __init__(self, waits_for_caller: Callable[[], bool]) -> None:
        self.waits_for_caller = waits_for_caller

    @property
    def handler(self) -> Origin:
        return self

    def is_own_thread(self) -> bool:
        return False


class Feed(MessageStream[AnyEvent[Any]]):
    """What :meth:`WebSocketService.listen` returns: a :class:`~binance_sockets.MessageStream` of events, in the order
    in which they came.

    It ends when the service is closed, with :meth:`close`, and when every connection has given up: what is left is read
    first, and then :class:`~binance_sockets.StreamEnded` tells the reason.

    Args:
        kinds: the types of events that are wanted; empty for all.
        maxsize, max_age: as for :class:`~binance_sockets.MessageStream`.
        origin: the service.
        leave: called when nobody reads any more.
    """

    def __init__(
        self,
        kinds: frozenset[str],
        maxsize: int,
        max_age: float | None,
        origin: Origin,
        leave: Callable[[Feed], object],
    ) -> None:
        super().__init__(maxsize, max_age=max_age)
        self._kinds = kinds
        self._origin = origin
        self._leave = leave
        self._inbox.attach(origin, lambda: None)

    def __call__(self, event: AnyEvent[Any]) -> None:
        """Take an event, if it is wanted. Runs on a connection's thread; never blocks."""
        if not self._kinds or event.type in self._kinds:
            super().__call__(event)

    def end(self, failure: Any = None) -> None:
        """Nothing comes any more, because of ``failure``, or because it was asked for."""
        self._inbox.detach(self._origin, failure)

    def close(self) -> None:
        """End it, and drop what was not read; the service goes on. Any thread; idempotent; does not wait."""
        super().close()
        self._leave(self)
