"""How many orders an account may send, and the names of those that have none."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from binance_sockets.simulator.accounts import Account

__all__ = ["OrderCounts", "Window", "made_up_id"]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Window(NamedTuple):
    """A limit of orders.

    Args:
        interval: SECOND, MINUTE or DAY.
        times: how many of them the window is long.
        length: the same in µs.
        limit: orders in it.
    """

    interval: str
    times: int
    length: int
    limit: int


def made_up_id(number: int) -> str:
    """A client order id as the exchange makes them: 22 letters and digits, the same for the same number."""
    value = int.from_bytes(hashlib.sha256(f"order {number}".encode()).digest(), "big")
    letters = []
    for _ in range(22):
        value, digit = divmod(value, 62)
        letters.append(_DIGITS[digit])
    return "".join(letters)


class OrderCounts:
    """How many orders each account has sent that count against its limits, by window of the clock.

    Args:
        windows: the limits.
    """

    def __init__(self, windows: Sequence[Window]) -> None:
        self._windows = tuple(windows)
        self._counts: Counter[tuple[int, str, int]] = Counter()

    def add(self, account: Account, number: int, now: int) -> None:
        """Count orders; below zero takes them back, never below none."""
        for interval, _, length, _ in self._windows:
            key = (account.uid, interval, now // length)
            self._counts[key] = max(0, self._counts[key] + number)

    def exceeded(self, account: Account, number: int, now: int) -> str | None:
        """Which limit so many orders more would break, such as ``50 orders per 10 SECOND``."""
        for interval, times, length, limit in self._windows:
            if number and self._counts[account.uid, interval, now // length] + number > limit:
                return f"{limit} orders per {times} {interval}"
        return None

    def rows(self, account: Account, now: int) -> list[dict[str, Any]]:
        """As ``rateLimits`` shows them."""
        return [
            {
                "rateLimitType": "ORDERS", "interval": interval, "intervalNum": times, "limit": limit,
                "count": self._counts[account.uid, interval, now // length],
            }
            for interval, times, length, limit in self._windows
        ]  # fmt: skip
