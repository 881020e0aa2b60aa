"""Candles of the simulated exchange: over WebSockets as they grow and close, and over REST, page by page.

Every interval has its candle, as on Binance: one in which nobody trades has no trades. What a candle holds follows from
its open time and its number of trades, so that whatever is told of it can be compared. Those from before a stream was
first asked for exist as well, as far back as anybody asks.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simulation.exchange import Event, Exchange, Stream
from simulation.faults import TELLING
from simulation.rest import Rest
from simulation.world import World

__all__ = ["Chart", "Charts", "ChartRest", "Tick", "candle_of", "place_of"]

_EPOCH = 1_789_999_000.0  # of its clock, in seconds before the start of the world's
_UNITS = {"s": 1_000, "m": 60_000}
_BITS = 24  # of an id: the number of trades, and whether the candle is closed
_LAG = (0.3, 1.5)  # seconds by which an answer may be behind
_QUIET = 0.25  # share of trades that no message tells of, before the next one does


def place_of(open_ms: int, count: int, final: bool) -> int:
    """One number for a state of a candle; later states have larger ones."""
    return (open_ms << _BITS) + (count << 1) + final


def candle_of(id: int) -> tuple[int, int, bool]:
    """Open time, number of trades, and whether it is closed."""
    return id >> _BITS, (id & (1 << _BITS) - 1) >> 1, bool(id & 1)


class Tick(Event):
    """A message about a candle."""

    __slots__ = ()

    stream: Chart

    @property
    def sent(self) -> int:
        """The event time."""
        return _clock(self.time)

    @property
    def payload(self) -> bytes:
        return json.dumps(self.stream.message(self)).encode()


class Chart(Stream):
    """All candles of a stream.

    Args:
        name: of the stream.
        now: monotonic seconds.

    Attributes:
        step: milliseconds of a candle.
        final: number of trades of those that have closed, by open time.
    """

    events: list[Tick]  # type: ignore[assignment]

    def __init__(self, name: str, now: float) -> None:
        head, _, kind = name.partition("@")
        super().__init__(f"{head}@", 0)
        self.kind = kind  # which may have a colon, that of a time zone
        self.interval = self.kind.partition("_")[2].partition("@")[0]
        self.step = int(self.interval[:-1]) * _UNITS[self.interval[-1]]
        self.final: dict[int, int] = {}
        self.begun = self.open = _clock(now) // self.step * self.step
        self._count = self._before(self.open)
        self._states: list[tuple[float, int]] = []
        self._note(now, False)

    # -- what happens --

    def _note(self, now: float, final: bool) -> None:
        """``last`` is always its latest state."""
        self.last = place_of(self.open, self._count, final)
        self._states.append((now, self.last))

    def closes_in(self, now: float) -> float:
        """Seconds until the current candle is over."""
        return (self.open + self.step) / 1000 - _EPOCH - now

    def _over(self, now: float) -> bool:
        return _clock(now) >= self.open + self.step

    def trade(self, now: float, count: int) -> None:
        """Trades of which nobody is told yet."""
        if not self._over(now):
            self._count += count
            self._note(now, False)

    def happen(self, now: float) -> Tick:
        """The next message: that a candle has closed, where its time is over; else that it grows, or is as it was."""
        final = self._over(now)
        if not final:
            again = not self.events or self.events[-1].sent < _clock(now)  # it may be as it was, at another time
            self._count += (self._count + len(self.events)) % 3 if again else 1
        self._note(now, final)
        tick = Tick(self, len(self.events), self.last, now)
        self.events.append(tick)
        if final:
            self.final[self.open] = self._count
            self.open += self.step
            while self._over(now):  # candles of which nothing was said, while there was no market
                self.final[self.open] = 0
                self.open += self.step
            self._count = 0
        return tick

    # -- what is told --

    def _before(self, open_ms: int) -> int:
        """Trades of a candle from before the stream was first asked for."""
        return open_ms // self.step * 7919 // 13 % 4

    def trades(self, open_ms: int) -> int | None:
        """Of a candle that has closed; ``None`` where it has not."""
        return self._before(open_ms) if open_ms < self.begun else self.final.get(open_ms)

    def latest(self, moment: float) -> tuple[int, int]:
        """The newest candle at a moment, and its trades."""
        at = bisect_right(self._states, (moment, float("inf"))) - 1
        if at < 0:
            return _clock(moment) // self.step * self.step, 0
        open_ms, count, final = candle_of(self._states[at][1])
        return (open_ms + self.step, 0) if final else (open_ms, count)

    def holds(self, open_ms: int, count: int) -> dict[str, Any]:
        """What a candle holds."""
        return {
            "t": open_ms, "T": open_ms + self.step - 1, "i": self.interval, "o": f"{open_ms % 991}.5",
            "c": f"{count % 7}.0", "h": f"{count + 9}.0", "l": "0.5", "v": f"{count}.25", "n": count,
            "q": f"{2 * count}.0", "V": f"{count // 2}.0", "Q": f"{count // 3}.0", "B": "0",
        }  # fmt: skip

    def row(self, open_ms: int, count: int) -> list[object]:
        """The same, as REST has it."""
        k = self.holds(open_ms, count)
        return [k[field] for field in ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")]

    def message(self, tick: Tick) -> dict[str, Any]:
        """The same, as the stream has it."""
        open_ms, count, final = candle_of(tick.id)
        first = open_ms // 100 if count else -1
        k = {**self.holds(open_ms, count), "f": first, "L": first + count - 1 if count else -1}
        if self.kind.startswith("continuousKline"):
            pair, _, contract = self.symbol.decode().partition("_")
            return {"e": "continuous_kline", "E": tick.sent, "ps": pair, "ct": contract, "k": {**k, "x": final}}
        symbol = self.symbol.decode()
        return {"e": "kline", "E": tick.sent, "s": symbol, "k": {**k, "s": symbol, "x": final}}

    def denies(self, payload: dict[str, Any], at: float) -> str:
        """What a callback must not have been told at a moment; empty where all is right."""
        k, backfilled = payload["k"], payload.get("backfilled", False)
        open_ms, count, final = k["t"], k["n"], k["x"]
        wrong = [field for field, value in self.holds(open_ms, count).items() if k[field] != value]
        if open_ms % self.step or wrong:
            return f"holds something else: {wrong}"
        closed = self.trades(open_ms)
        if final and closed != count:
            return f"is told as closed with {count} trades, not {closed}"
        if backfilled and payload["E"] != (open_ms + self.step if final else open_ms):
            return f"has the event time {payload['E']}"
        newest, most = self.latest(at)
        if open_ms > newest or (open_ms == newest and count > most) or (closed is not None and count > closed):
            return f"has {count} trades before there were as many"
        return ""


def _clock(now: float) -> int:
    return round((now + _EPOCH) * 1000)


class Charts(Exchange):
    """The exchange, whose streams are all of candles."""

    def stream(self, name: str) -> Chart:
        if name not in self.streams:
            chart = self.streams[name] = Chart(name, self.world.now)
            if "nosuch" not in name:
                self._lively.append(name)
                self._await_close(chart, name)
        found = self.streams[name]
        assert isinstance(found, Chart)
        return found

    def _await_close(self, chart: Chart, name: str) -> None:
        late = self.world.rng.choice((0.001, 0.02, 0.2))
        self.world.at(max(0.0, chart.closes_in(self.world.now)) + late, lambda: self._close(name, chart.open))

    def _close(self, name: str, open_ms: int) -> None:
        chart = self.stream(name)
        if not self.going:
            return
        if chart.open == open_ms:  # else something has happened meanwhile
            super().happen(name)
        self._await_close(chart, name)

    def happen(self, name: str) -> None:
        """Something, of which a message may tell later."""
        if self.world.rng.random() < _QUIET:
            self.stream(name).trade(self.world.now, self.world.rng.randint(1, 3))
        else:
            super().happen(name)


class ChartRest(Rest):
    """REST that tells of candles.

    Args:
        world, exchange: see :class:`Rest`.
        most: rows of one answer.
    """

    def __init__(self, world: World, exchange: Charts, most: int = 1000) -> None:
        super().__init__(world, exchange)
        self.most = most
        self._charts = exchange
        self._ends: dict[str, int] = {}  # where the last page of a stream ended that was full

    def _found(self, request: Any) -> object:
        parts = urlsplit(request.path_url)
        query = dict(parse_qsl(parts.query))
        prefix = "usdm:" if parts.path.startswith("/usdm/") else ""
        if parts.path.endswith("/continuousKlines"):
            name = f"{query['pair']}_{query['contractType']}".lower() + f"@continuousKline_{query['interval']}"
        elif parts.path.endswith("/klines"):
            zone = query.get("timeZone", "")
            name = f"{query['symbol'].lower()}@kline_{query['interval']}" + (f"@+{zone}" if zone else "")
        else:
            return super()._found(request)
        if "nosuch" in name:
            return None
        return self._rows(self._charts.stream(prefix + name), prefix + name, query)

    def _rows(self, chart: Chart, name: str, query: dict[str, str]) -> list[list[object]]:
        world, limit = self._world, min(int(query.get("limit", "500")), self.most)
        moment = world.now
        if self._exchange.strikes(0.3, TELLING):
            moment -= world.rng.choice(_LAG)
            world.sometimes("a past that is behind")
        newest, count = chart.latest(moment)
        until = min(newest, int(query.get("endTime", newest))) // chart.step * chart.step
        if "startTime" in query:
            first = -(-int(query["startTime"]) // chart.step) * chart.step
            until = min(until, first + (limit - 1) * chart.step)
        else:
            first = until - (limit - 1) * chart.step
        times = range(first, until + 1, chart.step)
        if self._ends.pop(name, None) in times:
            world.sometimes("a past of several pages")
        if len(times) == limit and "startTime" in query:
            self._ends[name] = times[-1]
        if len(times) > 1:
            world.sometimes("a past that is told")
        return [chart.row(each, count if each == newest else self._closed(chart, each)) for each in times]

    def _closed(self, chart: Chart, open_ms: int) -> int:
        found = chart.trades(open_ms)
        assert found is not None
        return found
