"""Sockets of candles, with their past, filled gaps and two links at once, while everything beneath goes wrong.

Each candle that closes is told as closed once, in order, with what it held, or lies in a gap that was told; one that is
open never goes back, and the past and what comes live are one sequence.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from unittest import mock

from simulation.charts import Chart, ChartRest, Charts, Tick, candle_of, place_of
from simulation.lives import Life, Span
from simulation.promises import budget, end, filled, read
from simulation.session import Session

from binance_sockets.events import ErrorReport, Gap, Reason, State, StateChange
from binance_sockets.exchanges.binance import past_table

__all__ = ["Candles", "check_candles"]

_NAMES = {
    "spot": (
        "btcusdt@kline_1s", "ethusdt@kline_1s", "btcusdt@kline_1m", "ethusdt@kline_1m", "btcusdt@kline_3m",
        "btcusdt@kline_1m@+08:00",
    ),
    "usdm": (
        "btcusdt@kline_1m", "ethusdt@kline_1m", "btcusdt@kline_3m", "btcusdt_perpetual@continuousKline_1m",
        "btcusdt_perpetual@continuousKline_1s",
    ),
}  # fmt: skip
_BARE = "btcusdt_perpetual@continuousKline_1s"  # of which REST has no past
_PAGES = (1000, 1000, 5, 2)
_COUNTS = (1, 3, 20)
_NEAR = 40.0  # seconds in which the loss of a link is noticed, and what it carried is back
_DEAD = 10.0  # seconds that nothing takes on a link that lives


class Row(NamedTuple):
    """What a callback was told of a candle.

    Args:
        id: see :func:`simulation.charts.place_of`.
        at: when (monotonic seconds).
        payload: all of it.
    """

    id: int
    at: float
    payload: dict[str, Any]

    @property
    def backfilled(self) -> bool:
        """It came over REST."""
        return bool(self.payload.get("backfilled"))


class Charted(Life):
    """One socket.

    Attributes:
        told: payloads, by stream; as long as ``got``.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.told: dict[str, list[dict[str, Any]]] = {}

    def _take(self, message: Any) -> None:
        super()._take(message)
        name = message.get("stream") if self.wrapped else self.names[0]
        got, told = self.got.get(name, []), self.told.setdefault(name, [])
        if len(got) > len(told):
            told.append(message["data"] if self.wrapped else message)

    def rows(self, name: str) -> list[Row]:
        """All that was told of a stream."""
        return [Row(id, at, told) for (id, at), told in zip(self.got[name], self.told.get(name, []), strict=True)]

    def wants(self, way: str, name: str) -> bool:
        """Whether it was started with ``backfill`` or ``history``, and REST can tell that of a stream."""
        return bool(self.ways.get(way)) and name != _BARE


class Candles(Session):
    """The program."""

    life_class = Charted
    nosuch = "nosuch@kline_1m"
    acts = 100.0
    pause = 8.0
    exchange: Charts

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        rng = self.world.rng
        self.product = rng.choice(("spot", "spot", "usdm"))
        self.names = _NAMES[self.product]
        unruly = self.exchange.said
        self.exchange = Charts(self.world)
        self.exchange.said = unruly
        self.exchange.rate = 1.5
        self.exchange.seldom = self.names if random.Random(~seed).random() < 0.5 else ()
        self.network.peer = self.exchange
        self._page = rng.choice(_PAGES)
        self.rest = ChartRest(self.world, self.exchange, self._page)
        self.rest.trouble = rng.choice((0.5, 0.1, 0.1))
        self.changes: list[tuple[str, float]] = []  # keys whose links were in trouble, and when

    @contextlib.contextmanager
    def _in_world(self) -> Iterator[None]:
        paged = {
            market: {key: dataclasses.replace(source, page=self._page) for key, source in sources.items()}
            for market, sources in past_table.SOURCES.items()
        }
        with mock.patch.object(past_table, "SOURCES", paged), super()._in_world():
            yield

    def id_of(self, name: str, payload: Any) -> Any:
        k: Any = payload.get("k") if isinstance(payload, dict) else None
        if not isinstance(k, Mapping) or not {"t", "n", "x"} <= k.keys():
            return None
        return place_of(k["t"], k["n"], k["x"])

    def _state(self, change: StateChange) -> None:
        super()._state(change)
        if change.state is not State.OPEN or change.previous is not State.OPEN:
            self.changes.append((change.conn_key, self.world.now))

    def _report(self, report: ErrorReport) -> None:
        super()._report(report)
        self.changes.append((report.conn_key, self.world.now))

    # -- what the program does -----------------------------------------------------------------------------------------

    def _start_some(self) -> None:
        rng = self.world.rng
        if len(self._open()) > 2:
            return
        if rng.random() < 0.4:
            names: tuple[str, ...] = (rng.choice(self.names),)
            self._start(names, False, self._ways(names))
        else:
            names = tuple(rng.sample(self.names, rng.randint(2, len(self.names))))
            ways = self._ways(names)
            self._start((*names, self.nosuch) if rng.random() < 0.1 else names, True, ways)

    def _ways(self, names: tuple[str, ...]) -> dict[str, Any]:
        rng = self.world.rng
        way = rng.random()
        if way < 0.2:
            return {"redundancy": 2}
        if way < 0.3 or set(names) == {_BARE}:
            return {}
        ways: dict[str, Any] = {"backfill": True} if rng.random() < 0.7 else {}
        if not ways or rng.random() < 0.6:
            ways["history"] = rng.choice(_COUNTS) if rng.random() < 0.6 else self._moment()
        return ways

    def _moment(self) -> int:
        """Some time ago, by the exchange's clock, in milliseconds."""
        return round((self.world.now + self.base - self.world.rng.choice((0.5, 7.0, 90.0))) * 1000)


# -- what must be true afterwards --------------------------------------------------------------------------------------


def check_candles(session: Candles) -> None:
    """Note everything that breaks a promise as a failure of the session's world."""
    for life in session.lives:
        assert isinstance(life, Charted)
        for name in life.names:
            if (life.key, name) in session.refused and name not in life.live:
                continue  # nobody knows whether its name is right
            chart = session.exchange.streams.get(life.sent(name))
            if "nosuch" not in name and chart is not None and not chart.unruly:
                _stream(session, life, name, session.exchange.stream(life.sent(name)))
        end(session, life)
    for reader in session.readers:
        read(session, reader)
    budget(session)


def _stream(session: Candles, life: Charted, name: str, chart: Chart) -> None:
    rows = life.rows(name)
    for row in rows:
        if wrong := chart.denies(row.payload, row.at):
            session.world.fail(f"{life.key}: {name} of {candle_of(row.id)} {wrong}")
            return
    _order(session, life, name, rows)
    gaps = [gap for gap, _ in session.gaps if gap.conn_key == life.key and name in gap.streams]
    if life.wants("backfill", name) and not life.ways.get("history"):
        filled(session, life, name, gaps)
    for number, span in enumerate(life.spans[name]):
        mine = [row for row in rows if span.since <= row.at and (span.until is None or row.at <= span.until)]
        if number:  # what came before may still be on its way
            mine = [row for row in mine if row.backfilled or row.payload["E"] >= _ms(session, span.since)]
        _whole(session, life, name, chart, span, mine, gaps)
        if mine and life.wants("history", name):
            _history(session, life, name, chart, span, mine, gaps)


def _order(session: Candles, life: Charted, name: str, rows: list[Row]) -> None:
    """No candle goes back, none is told as closed twice, or as open behind that."""
    pasts = len(life.spans[name]) - 1 if life.wants("history", name) else 0  # that may come again
    for before, after in itertools.pairwise(rows):
        if after.id > before.id:
            continue
        again = after.id == before.id and not after.id & 1 and not after.backfilled
        if again and (before.backfilled or after.payload["E"] > before.payload["E"]):
            continue  # nobody has traded meanwhile
        if after.backfilled and pasts:
            pasts -= 1
            continue
        how = "came twice" if after.id == before.id else f"came behind {candle_of(before.id)}"
        session.world.fail(f"{life.key}: {name} {candle_of(after.id)} {how}")


def _whole(
    session: Candles, life: Charted, name: str, chart: Chart, span: Span, rows: list[Row], gaps: list[Gap]
) -> None:
    """All that closed while it was wanted has come, or lies in a gap; likewise of all else that was said of it."""
    world = session.world
    have = {row.id for row in rows}
    live = [row for row in rows if not row.backfilled]
    alive = life in session.alive and span.until is None
    last = chart.last if alive else rows[-1].id if rows else 0
    first = rows[0].id if rows else last + 1
    spoken = live[0].id if live else last + 1
    if span.opened is not None:
        since = [tick.id for tick in chart.events if tick.time > span.opened][:1]
        first = min([first, *since])
        spoken = first if not life.wants("history", name) else spoken
    if rows and rows[0].backfilled and life.wants("history", name) and (wanted := life.ways["history"]) not in _COUNTS:
        first = max(first, place_of(-(-wanted // chart.step) * chart.step, 0, False))  # none that began before
    lost = []
    for open_ms in range(candle_of(first)[0], candle_of(last)[0] + 1, chart.step):
        closed = chart.trades(open_ms)
        place = None if closed is None else place_of(open_ms, closed, True)
        if place is not None and first <= place <= last and place not in have:
            lost.append((place, "was never told as closed"))
    ticks = [tick for tick in chart.events if spoken <= tick.id <= last and tick.id not in have and not tick.id & 1]
    lost += [(tick.id, "was left out") for tick in ticks if not _skipped(session, life, name, tick, rows)]
    told = [place for place, _ in lost if any(_tells(session, gap, name, chart, place) for gap in gaps)]
    if any(place & 1 for place in told):
        world.sometimes("a gap that spans a close")
    missing = [(place, how) for place, how in lost if place not in set(told)]
    if missing:
        world.fail(f"{life.key}: {len(missing)} of {name}, the first {candle_of(missing[0][0])} {missing[0][1]}")
    _paths(session, life, name, rows, live)


def _skipped(session: Candles, life: Charted, name: str, tick: Tick, rows: list[Row]) -> bool:
    """A socket whose gaps are filled goes on with what a candle holds behind a loss, not with how it grew before."""
    if not (life.wants("backfill", name) or life.wants("history", name)):
        return False
    behind = next((row for row in rows if row.id > tick.id), None)
    if behind is not None and behind.backfilled:  # also behind a loss that nobody was told of, as nothing is missing
        return True
    until = float("inf") if behind is None else behind.at
    since = max((row.at for row in rows if row.id < tick.id), default=0.0)
    if until - since > _DEAD:  # a WebSocket that was about to be changed, and said nothing more
        return True
    return any(key == life.key and tick.time - _NEAR <= at <= until for key, at in session.changes)


def _tells(session: Candles, gap: Gap, name: str, chart: Chart, place: int) -> bool:
    """Whether a gap has room for a state of a candle: it names the candles at both of its ends."""
    open_ms, _, final = candle_of(place)
    ids = next((ids for ids in gap.ids if ids.stream == name), None)
    if ids is not None and ids.first_id is not None:
        return ids.last_id <= open_ms <= ids.first_id - final
    ticks = [tick.time for tick in chart.events if tick.id == place]
    when = session.base + (ticks[0] if ticks else (open_ms + chart.step) / 1000 - session.base)
    begun = (
        any(gap.last_received <= when + offset for offset in session.offsets)
        if ids is None
        else (ids.last_id <= open_ms)
    )
    return begun and any(when + offset <= gap.resumed for offset in session.offsets)


def _history(
    session: Candles, life: Charted, name: str, chart: Chart, span: Span, rows: list[Row], gaps: list[Gap]
) -> None:
    """It begins where it was asked for, unless it was told that it cannot be had."""
    if any(gap.reason is Reason.HISTORY for gap in gaps) or len(life.spans[name]) > 1:
        return
    wanted, first = life.ways["history"], candle_of(rows[0].id)[0]
    asked, answered = _ms(session, span.since) - 2000, _ms(session, rows[0].at)
    if wanted in _COUNTS:
        back = (wanted - 1) * chart.step
        earliest, latest = asked // chart.step * chart.step - back, answered // chart.step * chart.step - back
    else:
        begin, running = -(-wanted // chart.step) * chart.step, asked // chart.step * chart.step
        earliest, latest = min(begin, running), begin if begin <= running else answered
    if not earliest <= first <= latest:
        session.world.fail(f"{life.key}: the past of {name} begins with {first}, not {earliest} to {latest}")


def _paths(session: Candles, life: Charted, name: str, rows: list[Row], live: list[Row]) -> None:
    """Take note of what is rare."""
    world = session.world
    if any(row.id & 1 and not row.payload["k"]["n"] for row in rows):
        world.sometimes("a candle without trades")
    if not live:
        return
    filled = [row for row in rows if row.backfilled and row.at > live[0].at]
    if any(row.id & 1 for row in filled):
        world.sometimes("a candle that closed in a gap, and was filled in")
    if rows[0].backfilled and life.wants("history", name):
        world.sometimes("a past that what is live goes on with")
        if any(key == life.key and rows[0].at < at < live[0].at for key, at in session.changes):
            world.sometimes("a past that is joined across a loss")
    if life.ways.get("redundancy") and any(row.id & 1 for row in live):
        world.sometimes("a candle that closed on two links")


def _ms(session: Candles, at: float) -> int:
    return round((at + session.base) * 1000)
