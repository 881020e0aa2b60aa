"""What the exchange's rate limits leave, as its replies tell: asked before each request, so that no ban comes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...engine.budget import LONGEST_BAN
from ...errors import RateLimited
from .methods import Method
from .server_time import ServerTime

__all__ = ["Budget", "RateLimit"]

_MS = {"SECOND": 1_000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One limit and its use, as the exchange last told it.

    Args:
        kind: ``"REQUEST_WEIGHT"`` or ``"ORDERS"``.
        interval: ``"SECOND"``, ``"MINUTE"``, ``"HOUR"`` or ``"DAY"``.
        interval_num: how many of these a window has. Windows begin at multiples of their length, by the exchange's
            clock.
        limit: what a window allows.
        count: what was used in it.
    """

    kind: str
    interval: str
    interval_num: int
    limit: int
    count: int

    @property
    def milliseconds(self) -> int:
        """The length of a window."""
        return _MS[self.interval] * self.interval_num

    def __str__(self) -> str:
        length = f"{self.interval_num} {self.interval}" if self.interval_num != 1 else self.interval
        return f"{self.count} of {self.limit} {self.kind} per {length}"


class Budget:
    """The limits of one connection. Any thread.

    Args:
        clock: the exchange's time, which its windows go by.
    """

    def __init__(self, clock: ServerTime) -> None:
        self._clock = clock
        self._lock = threading.Lock()  # guards the three below
        self._limits: dict[tuple[str, str, int], tuple[RateLimit, int]] = {}  # with the number of the window
        self._under_way = {"REQUEST_WEIGHT": 0, "ORDERS": 0}
        self._banned: tuple[int, int] | None = None  # status, and until when (ms)

    @property
    def limits(self) -> tuple[RateLimit, ...]:
        """As last told, the shortest window first."""
        with self._lock:
            found = [limit for limit, _ in self._limits.values()]
        return tuple(sorted(found, key=lambda limit: (limit.kind, limit.milliseconds)))

    def take(self, method: Method) -> None:
        """Reserve what a request costs, until :meth:`give_back`.

        Raises:
            RateLimited: it would not fit into a window, or the exchange wants no requests for now.
        """
        costs = {"REQUEST_WEIGHT": method.weight, "ORDERS": method.orders}
        with self._lock:
            now = self._clock.now()
            status, until = self._banned or (0, 0)
            if now < until:
                raise RateLimited(status, (until - now) / 1000, message=f"not sent, as the exchange answered {status}")
            for limit, window in self._limits.values():
                size = limit.milliseconds
                used = limit.count if now // size == window else 0
                cost = costs.get(limit.kind, 0)
                if cost and used + self._under_way.get(limit.kind, 0) + cost > limit.limit:
                    left = size - now % size
                    raise RateLimited(429, left / 1000, message=f"{method.name} was not sent, as {limit} are used")
            for kind, cost in costs.items():
                self._under_way[kind] += cost

    def give_back(self, method: Method) -> None:
        """The request has ended: what it cost is in the counts of the replies from now on."""
        with self._lock:
            self._under_way["REQUEST_WEIGHT"] -= method.weight
            self._under_way["ORDERS"] -= method.orders

    def told(self, limits: Iterable[Mapping[str, Any]]) -> None:
        """A reply has told the limits."""
        with self._lock:
            now = self._clock.now()
            for row in limits:
                limit = _read(row)
                if limit is not None:
                    key = (limit.kind, limit.interval, limit.interval_num)
                    self._limits[key] = (limit, now // limit.milliseconds)

    def refused(self, status: int, data: object) -> float | None:
        """The exchange answered 429 or 418; returns the seconds that it wants to be left alone for, if it says so."""
        until = data.get("retryAfter") if isinstance(data, dict) else None
        if type(until) is not int:
            return None
        with self._lock:
            now = self._clock.now()
            until = min(until, now + int(LONGEST_BAN * 1000))
            self._banned = (status, until)
            return max(0.0, (until - now) / 1000)


def _read(row: Mapping[str, Any]) -> RateLimit | None:
    kind, interval = row.get("rateLimitType"), row.get("interval")
    numbers = [row.get(name) for name in ("intervalNum", "limit", "count")]
    if not isinstance(kind, str) or not isinstance(interval, str) or interval not in _MS:
        return None
    if not all(type(each) is int for each in numbers):
        return None
    length, limit, count = (int(each or 0) for each in numbers)
    return RateLimit(kind, interval, length, limit, count) if length > 0 else None
