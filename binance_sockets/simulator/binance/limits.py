"""How much each address and each account may ask for. One pool for REST and the WebSocket API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.server_clock import ServerClock
from binance_sockets.simulator.session import LimitOverrides

__all__ = ["LIMITS", "Limit", "Limits", "pool_of"]

_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400}
_PATIENCE = 10  # refusals within one window before an address is banned
_FIRST_BAN = 120
_LONGEST_BAN = 3 * 86_400


@dataclass(frozen=True, slots=True)
class Limit:
    """So much in each interval, which begins with the clock's.

    Args:
        kind: REQUEST_WEIGHT, by address, or ORDERS, by account.
        interval: SECOND, MINUTE, HOUR or DAY.
        number: of them.
        limit: so much.
    """

    kind: str
    interval: str
    number: int
    limit: int

    def begins(self, now: float) -> float:
        """Of the interval that holds this second."""
        length = _SECONDS[self.interval] * self.number
        return now // length * length

    def ends(self, now: float) -> float:
        return self.begins(now) + _SECONDS[self.interval] * self.number


_WEIGHT, _ORDERS = "REQUEST_WEIGHT", "ORDERS"
LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "spot": (
        Limit(_WEIGHT, "MINUTE", 1, 6000), Limit(_ORDERS, "SECOND", 10, 50), Limit(_ORDERS, "DAY", 1, 160_000)
    ),
    "futures": (
        Limit(_WEIGHT, "MINUTE", 1, 2400), Limit(_ORDERS, "SECOND", 10, 300), Limit(_ORDERS, "MINUTE", 1, 1200)
    ),
    "options": (Limit(_WEIGHT, "MINUTE", 1, 400), Limit(_ORDERS, "MINUTE", 1, 100)),
    "portfolio": (Limit(_WEIGHT, "MINUTE", 1, 6000), Limit(_ORDERS, "MINUTE", 1, 1200)),
}  # fmt: skip
"""What each pool allows."""


def pool_of(product: str) -> str:
    """The pool of a product; USD-M and COIN-M share one."""
    return "futures" if product in ("usdm", "coinm") else product if product in LIMITS else "spot"


class Limits:
    """Counts requests and orders.

    Args:
        clock: whose intervals count.
        overrides: what replaces the limits.
    """

    def __init__(self, clock: ServerClock, overrides: LimitOverrides) -> None:
        self._clock, self._overrides = clock, overrides
        self._counts: dict[tuple[str, Limit, object], tuple[float, int]] = {}
        self._refused: dict[tuple[str, str], tuple[float, int]] = {}
        self._banned: dict[str, tuple[float, float]] = {}  # address to the ban's end and its length

    def of(self, product: str) -> tuple[Limit, ...]:
        """The limits of a product, with what overrides them."""
        wanted = {_WEIGHT: self._overrides.request_weight, _ORDERS: self._overrides.orders}
        rows = LIMITS[pool_of(product)]
        return tuple(Limit(row.kind, row.interval, row.number, wanted[row.kind] or row.limit) for row in rows)

    def charge(self, product: str, address: str, weight: int) -> None:
        """Count a request.

        Raises:
            Refused: -1003 with 429, or with 418 once an address went on and on after that.
        """
        self._check_ban(address)
        for limit in self._weights(product):
            if self._add(product, limit, address, weight) > limit.limit:
                self._count_refusal(product, limit, address)
                raise self._refusal(
                    f"Too much request weight used; current limit is {limit.limit} request weight per {limit.number} "
                    f"{limit.interval}. Please use WebSocket Streams for live updates to avoid polling the API.",
                    429, limit.ends(self._clock.seconds()),
                )  # fmt: skip

    def refund(self, product: str, address: str, weight: int) -> None:
        """Take back what :meth:`charge` has counted: what succeeded is free."""
        for limit in self._weights(product):
            self._add(product, limit, address, -weight)

    def check_orders(self, product: str, uid: int, count: int) -> None:
        """Refuse orders beyond an account's limits.

        Raises:
            Refused: -1015 with 429.
        """
        for limit in self._orders(product):
            if self._count(product, limit, uid) + count > limit.limit:
                text = f"Too many new orders; current limit is {limit.limit} orders per {limit.number} {limit.interval}"
                raise Refused(-1015, f"{text}.", 429, self._when(limit.ends(self._clock.seconds())))

    def count_orders(self, product: str, uid: int, count: int) -> None:
        """Count orders that were placed."""
        for limit in self._orders(product):
            self._add(product, limit, uid, count)

    def weight(self, product: str, address: str) -> int:
        """What an address has used in the current minute."""
        return max(self._count(product, limit, address) for limit in self._weights(product))

    def orders(self, product: str, uid: int) -> list[dict[str, Any]]:
        """The order limits of an account, and how much of them is used."""
        return [self._row(product, limit, uid) for limit in self._orders(product)]

    def rows(self, product: str, address: str, uid: int | None = None) -> list[dict[str, Any]]:
        """All limits as ``rateLimits`` has them; those of orders where an account is given."""
        weights = [self._row(product, limit, address) for limit in self._weights(product)]
        return weights if uid is None else [*self.orders(product, uid), *weights]

    # inside

    def _weights(self, product: str) -> list[Limit]:
        return [row for row in self.of(product) if row.kind == _WEIGHT]

    def _orders(self, product: str) -> list[Limit]:
        return [row for row in self.of(product) if row.kind == _ORDERS]

    def _count(self, product: str, limit: Limit, whose: object) -> int:
        began, count = self._counts.get((pool_of(product), limit, whose), (0.0, 0))
        return count if began == limit.begins(self._clock.seconds()) else 0

    def _add(self, product: str, limit: Limit, whose: object, amount: int) -> int:
        count = max(0, self._count(product, limit, whose) + amount)
        self._counts[pool_of(product), limit, whose] = (limit.begins(self._clock.seconds()), count)
        return count

    def _row(self, product: str, limit: Limit, whose: object) -> dict[str, Any]:
        return {
            "rateLimitType": limit.kind, "interval": limit.interval, "intervalNum": limit.number, "limit": limit.limit,
            "count": self._count(product, limit, whose),
        }  # fmt: skip

    def _count_refusal(self, product: str, limit: Limit, address: str) -> None:
        begins = limit.begins(self._clock.seconds())
        before, count = self._refused.get((pool_of(product), address), (0.0, 0))
        count = count + 1 if before == begins else 1
        self._refused[pool_of(product), address] = (begins, count)
        if count > _PATIENCE:
            _, length = self._banned.get(address, (0.0, _FIRST_BAN / 2))
            length = min(length * 2, _LONGEST_BAN)
            self._banned[address] = (self._clock.seconds() + length, length)

    def _check_ban(self, address: str) -> None:
        until, _ = self._banned.get(address, (0.0, 0.0))
        if until > self._clock.seconds():
            raise self._refusal(
                f"Way too much request weight used; IP banned until {int(until * 1000)}. Please use WebSocket Streams "
                "for live updates to avoid bans.",
                418, until,
            )  # fmt: skip

    def _refusal(self, msg: str, status: int, until: float) -> Refused:
        return Refused(-1003, msg, status, self._when(until))

    def _when(self, until: float) -> dict[str, Any]:
        return {"serverTime": self._clock.milliseconds(), "retryAfter": int(until * 1000)}
