"""Requests that wait for their answer, by id. Every waiter ends: by its answer, or by what ended its socket."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import BinanceSocketsError
from ..exchange import Ack

__all__ = ["OnAnswer", "Requests"]

OnAnswer = Callable[["Ack | BinanceSocketsError"], None]
"""Called once, on the connection's thread, with the answer or with the error that makes it impossible."""


class Requests:
    """The unanswered requests of one WebSocket. Lives on the connection's thread; has no clock."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[float, OnAnswer]] = {}  # in the order sent

    def __len__(self) -> int:
        return len(self._waiting)

    def expect(self, request_id: int, waiter: OnAnswer, deadline: float) -> None:
        """The request has left; its answer is due by ``deadline`` (monotonic seconds)."""
        self._waiting[request_id] = (deadline, waiter)

    def answered(self, ack: Ack) -> bool:
        """Hand an answer to its waiter; returns whether there is one.

        An error without an id (the exchange could not read the request) can only belong to a request that waits: the
        oldest.
        """
        request_id = ack.request_id
        if request_id is None and ack.error is not None:
            request_id = next(iter(self._waiting), None)
        if request_id not in self._waiting:
            return False
        _, waiter = self._waiting.pop(request_id)
        waiter(ack)
        return True

    def fail(self, error: BinanceSocketsError) -> None:
        """No further answers will come: end every waiter."""
        # Emptied first: a waiter may ask again, and its new request must not end with the old ones.
        waiting, self._waiting = self._waiting, {}
        for _, waiter in waiting.values():
            waiter(error)

    @property
    def due(self) -> float | None:
        """When the first unanswered request is overdue, or ``None``."""
        return min((deadline for deadline, _ in self._waiting.values()), default=None)
