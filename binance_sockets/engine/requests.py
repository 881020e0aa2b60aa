"""Requests that wait for their answer, by id. Every waiter ends: by answer, in time, or by what ended its socket."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..errors import BinanceSocketsError, RequestTimeout
from ..exchange import Ack

__all__ = ["Obstacle", "OnAnswer", "Request", "Requests", "Unsent"]

log = logging.getLogger("binance_sockets.connection")

_MOST_LATE = 1000  # ids of requests that were given up and may still be answered

OnAnswer = Callable[["Ack | BinanceSocketsError"], None]
"""Called once, on the connection's thread, with the answer or with the error that makes it impossible."""

Obstacle = tuple[str, "BinanceSocketsError | None"]
"""Why a request cannot leave: in words, and the error that is the reason, if one is."""

_NO_TURN = "what was to be sent before it left no room"


class Request:
    """A question of a caller, who may be on any thread. It ends exactly once.

    Args:
        build: makes the text to send, given the request's id. Called at most once, on the connection's thread, when the
            request is about to leave: what it signs has the time of that moment.
        answered: takes the answer or the error; what it raises is logged.
        deadline: until when an answer is waited for, and after which it is never sent (monotonic seconds).
        timeout: the same, as the caller said it: seconds from the call.

    Attributes:
        sent: it may have reached the exchange. Once the deadline has passed this changes no more.
    """

    __slots__ = ("_answered", "build", "deadline", "sent", "timeout")

    def __init__(self, build: Callable[[int], bytes], answered: OnAnswer, deadline: float, timeout: float) -> None:
        self.build = build
        self.deadline = deadline
        self.timeout = timeout
        self.sent = False
        self._answered: OnAnswer | None = answered

    def end(self, answer: Ack | BinanceSocketsError) -> None:
        """Hand over what came of it. Later calls do nothing."""
        answered, self._answered = self._answered, None
        if answered is not None:
            try:
                answered(answer)
            except BaseException:  # also SystemExit, which would end the thread with its work half done
                log.exception("what waits for an answer raised")

    def expire(self, obstacle: Obstacle = (_NO_TURN, None)) -> None:
        """Its time is over. ``obstacle``: why it has not left, if it has not."""
        why, cause = ("", None) if self.sent else obstacle
        error = RequestTimeout("answer", self.timeout, self.sent, unsent=why)
        error.__cause__ = cause
        self.end(error)


class Unsent:
    """Requests of callers that wait for an open WebSocket. Lives on the connection's thread; has no clock."""

    __slots__ = ("_requests",)

    def __init__(self) -> None:
        self._requests: list[Request] = []

    def add(self, request: Request) -> None:
        self._requests.append(request)

    def take(self) -> list[Request]:
        """All of them, in order; they are somebody else's affair from now on."""
        taken, self._requests = self._requests, []
        return taken

    def expire(self, now: float, obstacle: Callable[[float], Obstacle]) -> None:
        """End those whose time is over; ``obstacle(deadline)`` tells why they have not left."""
        late = [request for request in self._requests if request.deadline <= now]
        self._requests = [request for request in self._requests if request.deadline > now]
        for request in late:
            request.expire(obstacle(request.deadline))

    def fail(self, error: BinanceSocketsError) -> None:
        """No WebSocket will open any more."""
        for request in self.take():
            request.end(error)

    @property
    def due(self) -> float | None:
        """When the first of them is to expire."""
        return min((request.deadline for request in self._requests), default=None)


class Requests:
    """The unanswered requests of one WebSocket. Lives on the connection's thread; has no clock."""

    __slots__ = ("_late", "_waiting", "patient")

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[float, OnAnswer, Request | None]] = {}  # in the order sent
        self._late: dict[int, None] = {}
        self.patient = 0
        """How many belong to callers, whose time-out ends nothing but the request."""

    def __len__(self) -> int:
        return len(self._waiting)

    def expect(self, request_id: int, waiter: OnAnswer, deadline: float) -> None:
        """A control frame has left; its answer is due by ``deadline`` (monotonic seconds)."""
        self._waiting[request_id] = (deadline, waiter, None)

    def asked(self, request_id: int, request: Request) -> None:
        """The request of a caller is about to leave."""
        request.sent = True
        self._waiting[request_id] = (request.deadline, request.end, request)
        self.patient += 1

    def answered(self, ack: Ack) -> bool:
        """Hand an answer to its waiter; returns whether there is one, or was one until its time was over.

        An error without an id (the exchange could not read the request) can only belong to a request that waits: the
        oldest. Where callers wait and it is not the only one, it is nobody's: who is told by mistake that nothing was
        done believes it.
        """
        request_id = ack.request_id
        if request_id is None and ack.error is not None and (len(self._waiting) == 1 or not self.patient):
            request_id = next(iter(self._waiting), None)
        if request_id in self._waiting:
            self._take(request_id)(ack)
            return True
        if request_id in self._late:
            del self._late[request_id]
            return True
        return False

    def _take(self, request_id: int) -> OnAnswer:
        _, waiter, request = self._waiting.pop(request_id)
        self.patient -= request is not None
        return waiter

    def overdue(self, now: float) -> bool:
        """End those requests of callers whose time is over; returns whether a control frame is overdue."""
        late = [(found, request) for found, (due, _, request) in self._waiting.items() if due <= now]
        for request_id, request in late:
            if request is not None:
                self._take(request_id)
                self._late[request_id] = None
                if len(self._late) > _MOST_LATE:
                    del self._late[next(iter(self._late))]
                request.expire()
        return any(request is None for _, request in late)

    def fail(self, error: BinanceSocketsError) -> None:
        """No further answers will come: end every waiter."""
        # Emptied first: a waiter may ask again, and its new request must not end with the old ones.
        waiting, self._waiting, self.patient = self._waiting, {}, 0
        for _, waiter, _ in waiting.values():
            waiter(error)

    @property
    def due(self) -> float | None:
        """When the first unanswered request is overdue, or ``None``."""
        return min((deadline for deadline, _, _ in self._waiting.values()), default=None)
