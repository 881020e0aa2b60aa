"""How many orders an account may place in an interval. Intervals begin with the clock's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.server_clock import ServerClock
from binance_sockets.simulator.session import LimitOverrides

__all__ = ["OrderLimits"]

_SECONDS = {"SECOND": 1, "MINUTE": 60, "DAY": 86400}


@dataclass(frozen=True, slots=True)
class _Limit:
    interval: str
    number: int
    limit: int

    @property
    def seconds(self) -> int:
        return _SECONDS[self.interval] * self.number


_SPOT = (_Limit("SECOND", 10, 50), _Limit("DAY", 1, 160_000))
_FUTURES = (_Limit("SECOND", 10, 300), _Limit("MINUTE", 1, 1200))
_OPTIONS = (_Limit("MINUTE", 1, 100),)
_PORTFOLIO = (_Limit("MINUTE", 1, 1200),)
_POOLS: Mapping[str, tuple[str, tuple[_Limit, ...]]] = {
    "spot": ("spot", _SPOT),
    "usdm": ("futures", _FUTURES),
    "coinm": ("futures", _FUTURES),
    "options": ("options", _OPTIONS),
    "portfolio": ("portfolio", _PORTFOLIO),
}


class OrderLimits:
    """Counts orders by pool and account; USD-M and COIN-M share a pool.

    Args:
        clock: whose intervals count.
        overrides: ``orders`` replaces every limit.
    """

    def __init__(self, clock: ServerClock, overrides: LimitOverrides) -> None:
        self._clock, self._overrides = clock, overrides
        self._counts: dict[tuple[str, _Limit, int], tuple[int, int]] = {}

    def check(self, product: str, uid: int, orders: int) -> None:
        """Refuse orders beyond an account's limits.

        Raises:
            Refused: -1015 with 429.
        """
        pool, rows = _POOLS[product]
        for row in rows:
            limit = self._limit(row)
            if orders and self._count(pool, row, uid) + orders > limit:
                text = f"Too many new orders; current limit is {limit} orders per {row.number} {row.interval}."
                until = (self._interval(row) + 1) * row.seconds * 1000
                raise Refused(-1015, text, 429, {"serverTime": self._clock.milliseconds(), "retryAfter": until})

    def count(self, product: str, uid: int, orders: int) -> None:
        """Count orders that were placed."""
        pool, rows = _POOLS[product]
        for row in rows:
            self._counts[pool, row, uid] = (self._interval(row), self._count(pool, row, uid) + orders)

    def rows(self, product: str, uid: int) -> list[dict[str, Any]]:
        """The limits of an account as ``rateLimits`` has them."""
        pool, rows = _POOLS[product]
        return [
            {
                "rateLimitType": "ORDERS", "interval": row.interval, "intervalNum": row.number,
                "limit": self._limit(row), "count": self._count(pool, row, uid),
            }
            for row in rows
        ]  # fmt: skip

    def headers(self, product: str, uid: int) -> dict[str, str]:
        """The limits of an account as REST tells them."""
        return {
            f"X-MBX-ORDER-COUNT-{row['intervalNum']}{row['interval'][0]}": str(row["count"])
            for row in self.rows(product, uid)
        }

    def _limit(self, row: _Limit) -> int:
        return row.limit if self._overrides.orders is None else self._overrides.orders

    def _interval(self, row: _Limit) -> int:
        return int(self._clock.seconds()) // row.seconds

    def _count(self, pool: str, row: _Limit, uid: int) -> int:
        interval, count = self._counts.get((pool, row, uid), (0, 0))
        return count if interval == self._interval(row) else 0
