"""How often something may be done: so many times in each second and minute of the clock, then 429, then a ban."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from time import time

from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.options import UpbitOptions

__all__ = ["GROUPS", "Allowance", "Limits", "Rate"]


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times in so many seconds."""

    count: int
    seconds: int


GROUPS = {
    "market": Rate(10, 1), "candle": Rate(10, 1), "trade": Rate(10, 1), "ticker": Rate(10, 1),
    "orderbook": Rate(10, 1), "default": Rate(30, 1), "order": Rate(12, 1), "order-test": Rate(8, 1),
    "order-cancel-all": Rate(1, 2), "origin": Rate(1, 10),
}  # fmt: skip
"""The groups of REST requests; the first five are counted by address, the next four by account."""

_MOST_KEPT = 10_000


@dataclass(slots=True)
class Allowance:
    """What one address, account or connection may still do of one thing.

    Args:
        rates: all of which it must keep.
        options: how it is banned.
    """

    rates: tuple[Rate, ...]
    options: UpbitOptions
    _windows: dict[Rate, tuple[int, int]] = field(default_factory=dict)  # number of the window, and how often in it
    _refused: int = 0
    _banned_until: float = 0.0
    _bans: int = 0

    def take(self) -> int:
        """Do it once more; returns how often it may be done yet in this second.

        Raises:
            Refused: with status 429, or 418 for the time of a ban, and the seconds to wait.
        """
        now = time()
        if now < self._banned_until:
            raise self._ban(now)
        full = [rate for rate in self.rates if self._used(rate, now) >= rate.count]
        if not full:
            for rate in self.rates:
                self._windows[rate] = (int(now // rate.seconds), self._used(rate, now) + 1)
            self._refused = 0
            return min(rate.count - self._used(rate, now) for rate in self.rates)
        self._refused += 1
        if self._refused > self.options.refusals_before_ban:
            seconds = min(self.options.longest_ban, self.options.first_ban * 2**self._bans)
            self._banned_until, self._bans, self._refused = now + seconds, min(self._bans + 1, 32), 0
            raise self._ban(now)
        raise Refused(429, status=429, retry_after=max(1, max(math.ceil(_next(rate, now) - now) for rate in full)))

    def left(self) -> int:
        """How often it may be done yet in this second."""
        now = time()
        return max(0, min(rate.count - self._used(rate, now) for rate in self.rates))

    def _used(self, rate: Rate, now: float) -> int:
        number, count = self._windows.get(rate, (0, 0))
        return count if number == int(now // rate.seconds) else 0

    def _ban(self, now: float) -> Refused:
        wait = max(1, math.ceil(self._banned_until - now))
        return Refused(418, wait, 418, wait)


def _next(rate: Rate, now: float) -> float:
    """When the next window begins."""
    return (now // rate.seconds + 1) * rate.seconds


class Limits:
    """Allowances by group and by who is counted.

    Args:
        options: of the venue.
    """

    def __init__(self, options: UpbitOptions) -> None:
        self._options = options
        self._rows: dict[tuple[str, Hashable], Allowance] = {}

    def of(self, group: str, who: Hashable) -> Allowance:
        """The allowance of somebody: a REST group of :data:`GROUPS`, or ``websocket-connect``."""
        row = self._rows.get((group, who))
        if row is None:
            if len(self._rows) >= _MOST_KEPT:
                self._rows.clear()
            row = self._rows[group, who] = Allowance((self._rate(group),), self._options)
        return row

    def messages(self) -> Allowance:
        """Of a new connection."""
        options = self._options
        return Allowance((Rate(options.messages_per_second, 1), Rate(options.messages_per_minute, 60)), options)

    def _rate(self, group: str) -> Rate:
        if group == "websocket-connect":
            return Rate(self._options.connects_per_second, 1)
        usual, own = GROUPS[group], self._options.requests_per_second
        return usual if own is None or group == "origin" else Rate(own, usual.seconds)
