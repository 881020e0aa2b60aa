"""What the exchange lets one address do: request weight by the minute, and connects by five minutes."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field

from binance_sockets.simulator.session import LimitOverrides

__all__ = ["POOLS", "Connects", "Spent", "Weights"]

POOLS = {
    "spot": ("spot", 6000),
    "usdm": ("futures", 2400),
    "coinm": ("futures", 2400),
    "options": ("options", 400),
    "portfolio": ("portfolio", 6000),
    "us": ("us", 1200),
}
"""Product to the pool that its weight is taken from, and how much that holds in a minute."""

_MINUTE = 60.0
_WARNINGS = 10  # refused requests in a row before an address is banned
_FIRST_BAN, _LONGEST_BAN = 120.0, 3 * 86_400.0
_CONNECT_WINDOW = 300.0


@dataclass(frozen=True, slots=True)
class Spent:
    """What a request is told.

    Args:
        used: weight in this minute, this request's included.
        limit: of the minute.
        retry_after: seconds to wait; 0 where the request is admitted.
        banned_until: seconds since the epoch; 0 where the address is not banned.
    """

    used: int
    limit: int
    retry_after: int = 0
    banned_until: float = 0.0


@dataclass(slots=True)
class _Purse:
    minute: float = 0.0
    used: int = 0
    warnings: int = 0
    banned_until: float = 0.0
    ban: float = _FIRST_BAN


class Weights:
    """Request weight by pool and address, in minutes of the wall clock, whatever the market's speed.

    Args:
        limits: ``weight`` overrides the pools' limit.
    """

    def __init__(self, limits: LimitOverrides) -> None:
        self._limits = limits
        self._purses: dict[tuple[str, str], _Purse] = {}

    def spend(self, product: str, address: str, weight: int) -> Spent:
        """Charge a request, also one that is refused; eleven refused ones in a row ban the address.

        Args:
            product: whose pool it is.
            address: of the client.
            weight: of the request.
        """
        pool, usual = POOLS[product]
        limit = usual if self._limits.weight is None else self._limits.weight
        purse = self._purses.setdefault((pool, address), _Purse())
        now = time.time()
        if purse.banned_until > now:
            return self._banned(purse, limit, now)
        minute = now // _MINUTE * _MINUTE
        if minute != purse.minute:
            purse.minute, purse.used, purse.warnings = minute, 0, 0
        purse.used += weight
        if purse.used <= limit:
            return Spent(purse.used, limit)
        purse.warnings += 1
        if purse.warnings <= _WARNINGS:
            return Spent(purse.used, limit, max(1, math.ceil(minute + _MINUTE - now)))
        purse.banned_until, purse.ban = now + purse.ban, min(_LONGEST_BAN, 2 * purse.ban)
        return self._banned(purse, limit, now)

    def banned(self, address: str) -> int:
        """For how many seconds an address is banned, in whichever pool it was; 0 where it is not."""
        ends = max((row.banned_until for (_, other), row in self._purses.items() if other == address), default=0.0)
        return max(0, math.ceil(ends - time.time()))

    def used(self, product: str, address: str) -> Spent:
        """What an address has used so far, without a request."""
        pool, usual = POOLS[product]
        purse = self._purses.get((pool, address), _Purse())
        used = purse.used if purse.minute == time.time() // _MINUTE * _MINUTE else 0
        return Spent(used, usual if self._limits.weight is None else self._limits.weight)

    @staticmethod
    def _banned(purse: _Purse, limit: int, now: float) -> Spent:
        return Spent(purse.used, limit, max(1, math.ceil(purse.banned_until - now)), purse.banned_until)


@dataclass(slots=True)
class Connects:
    """Upgrades by address.

    Args:
        most: in five minutes.
    """

    most: int
    _seen: dict[str, deque[float]] = field(default_factory=dict)

    def admit(self, address: str) -> int:
        """Count an upgrade: 0, or the seconds after which the next one will be admitted."""
        now = time.monotonic()
        seen = self._seen.setdefault(address, deque())
        while seen and seen[0] <= now - _CONNECT_WINDOW:
            seen.popleft()
        if len(seen) >= self.most:
            return math.ceil(seen[0] + _CONNECT_WINDOW - now) if seen else int(_CONNECT_WINDOW)
        seen.append(now)
        return 0
