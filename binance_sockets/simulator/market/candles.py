"""Candles and rolling windows, computed from trades and nothing else. Times are microseconds since the epoch."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import NamedTuple

__all__ = ["DAY", "HOUR", "INTERVALS", "MINUTE", "SECOND", "Bar", "Bars", "Tick", "window"]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
INTERVALS = {
    "1s": SECOND, "1m": MINUTE, "3m": 3 * MINUTE, "5m": 5 * MINUTE, "10m": 10 * MINUTE, "15m": 15 * MINUTE,
    "30m": 30 * MINUTE, "1h": HOUR, "2h": 2 * HOUR, "4h": 4 * HOUR, "6h": 6 * HOUR, "8h": 8 * HOUR, "12h": 12 * HOUR,
    "1d": DAY, "3d": 3 * DAY, "1w": 7 * DAY, "1M": 0,
}  # fmt: skip
_MONDAY = 4 * DAY  # the epoch was a Thursday
KEPT = 1500


class Tick(NamedTuple):
    """One price that a candle is made of: a trade, or a sample of a mark or index price."""

    time: int
    price: int
    qty: int
    turnover: int
    buy: bool
    number: int  # trade id, or time of the sample
    update_id: int


@dataclass(slots=True)
class Bar:
    """One candle. ``start`` is included, ``end`` is not."""

    start: int
    end: int
    open: int
    high: int
    low: int
    close: int
    volume: int = 0
    turnover: int = 0
    buy_volume: int = 0
    buy_turnover: int = 0
    count: int = 0
    first: int = -1
    last: int = -1
    first_update: int = -1
    last_update: int = -1

    def add(self, tick: Tick) -> None:
        """Count a tick in."""
        if not self.count:
            self.open = self.high = self.low = tick.price
            self.first, self.first_update = tick.number, tick.update_id
        self.high, self.low, self.close = max(self.high, tick.price), min(self.low, tick.price), tick.price
        self.volume += tick.qty
        self.turnover += tick.turnover
        if tick.buy:
            self.buy_volume += tick.qty
            self.buy_turnover += tick.turnover
        self.count += 1
        self.last, self.last_update = tick.number, tick.update_id


class Bars:
    """The candles of one interval: up to 1,500 closed ones and the open one.

    Args:
        interval: a key of :data:`INTERVALS`.
        offset: time zone of the boundaries, in microseconds east of UTC.
        ticks: history to begin with.
        fill: whether times without a trade get an empty candle.
    """

    def __init__(self, interval: str, offset: int = 0, ticks: Iterable[Tick] = (), *, fill: bool = True) -> None:
        self.interval = interval
        self.closed: deque[Bar] = deque(maxlen=KEPT)
        self.current: Bar | None = None
        self._length = INTERVALS[interval]
        self._offset = offset
        self._fill = fill
        for tick in ticks:
            self.add(tick)

    def add(self, tick: Tick) -> None:
        """Count a tick in; ticks come in order of time."""
        if self.current is None:
            self.current = self._bar(tick.time, tick.price)
        self.roll(tick.time)
        self.current.add(tick)

    def roll(self, now: int) -> None:
        """Close every candle that has ended by ``now``."""
        if self.current is None or self.current.end > now:
            return
        if not self._fill:
            self.closed.append(self.current)
            self.current = self._bar(now, self.current.close)
            return
        if self._length and now - self.current.end > KEPT * self._length:
            self.closed.append(self.current)
            self.current = self._bar(now - KEPT * self._length, self.current.close)
        while self.current.end <= now:
            self.closed.append(self.current)
            self.current = self._bar(self.current.end, self.current.close)

    def all(self) -> Iterator[Bar]:
        """Every candle, oldest first."""
        yield from self.closed
        if self.current is not None:
            yield self.current

    def _bar(self, time: int, price: int) -> Bar:
        start, end = self._bounds(time)
        return Bar(start, end, price, price, price, price)

    def _bounds(self, time: int) -> tuple[int, int]:
        local = time + self._offset
        if self._length:
            anchor = _MONDAY if self.interval == "1w" else 0
            start = (local - anchor) // self._length * self._length + anchor - self._offset
            return start, start + self._length
        day = datetime.fromtimestamp(local // SECOND, timezone.utc)
        start_day = datetime(day.year, day.month, 1, tzinfo=timezone.utc)
        end_day = datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=timezone.utc)
        return (
            int(start_day.timestamp()) * SECOND - self._offset,
            int(end_day.timestamp()) * SECOND - self._offset,
        )


def window(minutes: Bars, start: int) -> Bar | None:
    """One candle over all minutes with trades that end after ``start``; ``None`` when there is none."""
    total: Bar | None = None
    for bar in minutes.all():
        if bar.end <= start or not bar.count:
            continue
        if total is None:
            total = Bar(bar.start, bar.end, bar.open, bar.high, bar.low, bar.close, first=bar.first)
        total.high, total.low, total.close = max(total.high, bar.high), min(total.low, bar.low), bar.close
        total.volume += bar.volume
        total.turnover += bar.turnover
        total.count += bar.count
        total.end, total.last = bar.end, bar.last
    return total
