"""REST's rows become what the stream would have sent: the same fields, in every view, for every product."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from golden import market_samples

from binance_sockets import unified
from binance_sockets.config import Options
from binance_sockets.engine.budget import Budgets
from binance_sockets.engine.clock import Clock
from binance_sockets.errors import ConfigError, ExchangeError, RateLimited
from binance_sockets.exchange import Page, Place, Since, View
from binance_sockets.exchanges.binance.instruments import Instruments
from binance_sockets.exchanges.binance.market import checked_numbers
from binance_sockets.exchanges.binance.names import Name, parse
from binance_sockets.exchanges.binance.past import StreamPast
from binance_sockets.exchanges.binance.past_table import SOURCES, source_of
from binance_sockets.exchanges.binance.products import MARKETS
from binance_sockets.exchanges.binance.rest import PublicRest
from binance_sockets.exchanges.binance.unify import Unifier
from binance_sockets.exchanges.binance.urls import Environment
from binance_sockets.exchanges.since import since_of

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "binance" / "spot"
ALL = [(market, key) for market, sources in SOURCES.items() for key in sources]

# One row of each kind, as the documents of the exchange show it.
TRADE = {
    "id": 28457, "price": "4.00000100", "qty": "12.00000000", "quoteQty": "48.000012", "time": 1499865549590,
    "isBuyerMaker": True,
}  # fmt: skip
AGG = {
    "a": 26129, "p": "0.01633102", "q": "4.70443515", "f": 27781, "l": 27781, "T": 1498793709153, "m": True,
}  # fmt: skip
CANDLE = [
    1499040000000, "0.01634790", "0.80000000", "0.01575800", "0.01577100", "148976.11427815", 1499644799999,
    "2434.19055334", 308, "1756.87402397", "28.46694368", "0",
]  # fmt: skip
BESIDE: Mapping[tuple[str, str], dict[str, Any]] = {
    ("spot", "trade"): {"isBestMatch": True},
    ("us", "trade"): {"isBestMatch": True},
    ("spot", "agg_trade"): {"M": True},
    ("us", "agg_trade"): {"M": True},
    ("usdm", "agg_trade"): {"nq": "4.70443515"},
}
UNTOLD = {"X", "st", "nq", "a", "b"}  # what the stream has, or once had, and REST has not


def row_of(market: str, key: str) -> Any:
    row = CANDLE if "kline" in key else AGG if key == "agg_trade" else TRADE
    return row if isinstance(row, list) else {**row, **BESIDE.get((market, key), {})}


class Rest(PublicRest):
    """Answers with rows, and notes what it was asked."""

    def __init__(self, *answers: Any) -> None:
        super().__init__("http://127.0.0.1:1", MARKETS["spot"], Options())
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def get(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str] | None = None, *, weight: int = 0
    ) -> Any:
        self.asked.append((path, dict(params), dict(headers or {})))
        return self.answers.pop(0)


def past_of(name: Name, rest: Rest, *, view: View = View.DICT, wrapped: bool = False, **more: Any) -> StreamPast:
    source = source_of(name, "key")
    assert source is not None
    return StreamPast(source, name, rest, view=view, wrapped=wrapped, api_key="key", **more)


def named(market: str, key: str) -> Name:
    return parse(market, next(each.stream for each in market_samples(market) if each.key == key))


def converted(market: str, key: str, view: View = View.DICT, wrapped: bool = False) -> Any:
    past = past_of(named(market, key), Rest([row_of(market, key)]), view=view, wrapped=wrapped, since=Since(count=1))
    (payload,) = past.page(None).payloads
    return payload


@pytest.mark.parametrize(("market", "key"), ALL)
def test_the_fields_are_those_of_the_stream(market: str, key: str) -> None:
    """All that the stream's own messages have, but for what REST does not tell, and the mark."""
    found = converted(market, key)
    assert found.pop("backfilled") is True
    samples = [each.payload for each in market_samples(market) if each.key == key]
    assert any(set(found) <= set(each) and set(each) - set(found) <= UNTOLD for each in samples), found
    if "k" in found:
        assert any(set(found["k"]) == set(each["k"]) for each in samples)
    same = next(each for each in samples if set(found) <= set(each))
    assert {name: type(value) for name, value in found.items()} == {name: type(same[name]) for name in found}
    assert found["e"] == same["e"]


@pytest.mark.parametrize(("market", "key"), ALL)
def test_every_view_shows_the_same_and_the_mark(market: str, key: str) -> None:
    """An event with the mark among its further fields, and nothing else there; bytes; bare or wrapped."""
    bare = converted(market, key)
    stream = named(market, key).wire
    assert converted(market, key, wrapped=True) == {"stream": stream, "data": bare}
    assert msgspec.json.decode(converted(market, key, View.RAW)) == bare
    event = converted(market, key, View.TYPED)
    assert event.extra == {"backfilled": True}
    assert event.event_time == bare["E"]
    combined = converted(market, key, View.TYPED, wrapped=True)
    assert (combined.stream, combined.data) == (stream, event)
    past = past_of(named(market, key), Rest())
    whole = past_of(named(market, key), Rest(), wrapped=True)
    places = [past.place(bare), past.place(event), past.place(converted(market, key, View.RAW))]
    places += [whole.place(combined), whole.place({"stream": stream, "data": bare})]
    assert len(set(places)) == 1


@pytest.mark.parametrize("micro", [False, True])
@pytest.mark.parametrize(("market", "key"), ALL)
def test_the_unified_view_shows_the_mark_and_the_same_place(market: str, key: str, micro: bool) -> None:
    """In its own field, with the numbers that were asked for."""
    name, rows = named(market, key), Rest([row_of(market, key)], [row_of(market, key)])
    unify = Unifier(market, Instruments(market), lambda: 1.0, 1_000 if micro else 1_000_000)
    plain = past_of(name, rows, since=Since(count=1), microseconds=micro)
    past = past_of(name, rows, view=View.UNIFIED, since=Since(count=1), microseconds=micro, numbers=float, unify=unify)
    (bare,), (event,) = plain.page(None).payloads, past.page(None).payloads
    assert isinstance(event, unified.Event) and event.backfilled  # type: ignore[attr-defined]
    assert isinstance(event.price, float)  # type: ignore[attr-defined]
    assert past.place(event) == plain.place(bare)


@pytest.mark.parametrize("numbers", ["str", "decimal", "float"])
def test_a_row_without_a_number_is_no_neutral_event(numbers: str) -> None:
    """As of the stream: nothing can be computed with what is none, in any type."""
    row, kind = {**row_of("spot", "agg_trade"), "p": "NaN"}, checked_numbers(View.UNIFIED, numbers)
    unify = Unifier("spot", Instruments("spot"), lambda: 1.0)
    name = named("spot", "agg_trade")
    past = past_of(name, Rest([row]), view=View.UNIFIED, since=Since(count=1), numbers=kind, unify=unify)
    with pytest.raises(msgspec.ValidationError):
        past.page(None)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no folder ../shared/data beside the project")
@pytest.mark.parametrize(("folder", "key"), [("wsapi.trades.aggregate", "agg_trade"), ("wsapi.klines", "kline")])
def test_recorded_answers(folder: str, key: str) -> None:
    """The exchange's own answers are understood; those of the WebSocket API have REST's rows."""
    answers = [msgspec.json.decode(path.read_bytes()) for path in sorted((SHARED / folder).glob("*.json"))]
    rows = [row for each in answers if isinstance(each, dict) for row in each.get("result", [])]
    name = named("spot", key)
    payloads = past_of(name, Rest(rows), since=Since(count=500)).page(None).payloads
    assert len(payloads) == len(rows) > 0
    for row, payload in zip(rows, payloads, strict=True):
        if key == "kline":
            assert [payload["k"][field] for field in "tohlcvTqnVQB"] == row
        else:
            assert row.items() <= payload.items()


def test_the_last_candle_counts_as_open() -> None:
    """Whatever clock is wrong: final is what has another one behind it. Its time is the first instant behind it."""
    second = [CANDLE[0] + 60_000, *CANDLE[1:6], CANDLE[0] + 119_999, *CANDLE[7:]]
    first = [*CANDLE[:6], CANDLE[0] + 59_999, *CANDLE[7:]]
    past = past_of(parse("spot", "btcusdt@kline_1m"), Rest([first, second]), since=Since(count=2))
    page = past.page(None)
    assert [each["k"]["x"] for each in page.payloads] == [True, False]
    assert [each["E"] for each in page.payloads] == [CANDLE[0] + 60_000] * 2
    closed, opened = map(past.place, page.payloads)
    assert past.joins(closed, opened)
    assert not past.joins(Place(*opened), Place(opened.order + 60_000, 1))
    assert past.joins(opened, Place(opened.order, opened.progress + 1))
    assert not past.joins(closed, Place(closed.order + 120_000, 1))


def test_pages_of_trades() -> None:
    """A long history begins at the id that lies so far back; each page goes on behind the one before."""
    rows = [{**TRADE, "id": number} for number in range(1, 1001)]
    rest = Rest([{**TRADE, "id": 2500}], rows, rows[:10])
    past = past_of(parse("spot", "btcusdt@trade"), rest, since=Since(count=1500))
    assert not past.page(None).last
    assert past.page(Place(2000)).last
    path = "/api/v3/historicalTrades"
    assert rest.asked == [
        (path, {"symbol": "BTCUSDT", "limit": "1"}, {}),
        (path, {"symbol": "BTCUSDT", "fromId": "1001", "limit": "1000"}, {}),
        (path, {"symbol": "BTCUSDT", "fromId": "2001", "limit": "1000"}, {}),
    ]


def test_trades_since_a_time() -> None:
    """Aggregate trades alone are found by their time: their first one leads to the single ones."""
    rest = Rest([AGG], [TRADE])
    past = past_of(parse("usdm", "btcusdt@trade"), rest, since=Since(time=1498793709.0))
    past.page(None)
    key = {"X-MBX-APIKEY": "key"}
    assert rest.asked == [
        ("/fapi/v1/aggTrades", {"symbol": "BTCUSDT", "startTime": "1498793709000", "limit": "1"}, key),
        ("/fapi/v1/historicalTrades", {"symbol": "BTCUSDT", "fromId": "27781", "limit": "500"}, key),
    ]


NOW = 1_498_793_769.0


class Machine(Clock):
    """A clock that stands wrong by some seconds, and on which each reading of the other one takes a quarter."""

    def __init__(self, ahead: float = 0.0) -> None:
        self._ahead = ahead
        self._read = 0.0

    def time(self) -> float:
        return NOW + self._ahead

    def monotonic(self) -> float:
        self._read += 0.25
        return self._read


def missed(
    stream: str, *answers: Any, market: str = "spot", clock: Clock | None = None, **more: Any
) -> tuple[Page, Any]:
    """What REST told of the last ten seconds, and what it was asked."""
    rest = Rest({"serverTime": int(NOW * 1000)}, *answers)
    page = past_of(parse(market, stream), rest, clock=clock or Machine(), fills=True, **more).page(10.0)
    return page, rest.asked


@pytest.mark.parametrize(("market", "base"), [("spot", "/api/v3"), ("usdm", "/fapi/v1")])
def test_trades_of_the_last_seconds(market: str, base: str) -> None:
    """By the exchange's clock, less what the question for it took; then as a history of a time."""
    page, asked = missed("btcusdt@trade", [AGG], [TRADE], market=market)
    assert [path for path, _, _ in asked] == [f"{base}/{name}" for name in ("time", "aggTrades", "historicalTrades")]
    assert asked[1][1] == {"symbol": "BTCUSDT", "startTime": str(int((NOW - 10.25) * 1000)), "limit": "1"}
    assert asked[2][1]["fromId"] == "27781"
    assert len(page.payloads) == 1 and page.last and not page.open
    assert page.payloads[0]["backfilled"] is True


def test_no_trades_in_the_last_seconds() -> None:
    """Then nothing more is asked."""
    page, asked = missed("btcusdt@aggTrade", [])
    assert page == Page([], True)
    assert len(asked) == 2


@pytest.mark.parametrize(("ahead", "begin"), [(3600.0, 10.25), (0.5, 10.25), (-30.0, 40.25), (-60.0, 70.25)])
def test_a_clock_that_is_wrong_makes_the_last_seconds_no_shorter(ahead: float, begin: float) -> None:
    """One that is ahead changes nothing; one that is behind may mean that the exchange's runs fast."""
    _, asked = missed("btcusdt@aggTrade", [], clock=Machine(ahead))
    assert asked[1][1]["startTime"] == str(int((NOW - begin) * 1000))


def test_a_clock_that_is_far_behind_is_told() -> None:
    """Else what came long before the loss would come as missed."""
    with pytest.raises(ExchangeError, match=r"this machine's clock is 61 s behind the exchange's"):
        missed("btcusdt@aggTrade", clock=Machine(-61.0))


@pytest.mark.parametrize("answer", [[], {}, {"serverTime": "1"}, {"serverTime": True}])
def test_an_exchange_that_does_not_tell_its_time(answer: Any) -> None:
    """Nothing is asked by time then."""
    past = past_of(parse("spot", "btcusdt@trade"), Rest(answer), clock=Machine(), fills=True)
    with pytest.raises(ExchangeError, match="/api/v3/time answered without a time"):
        past.page(10.0)


@pytest.mark.parametrize("micro", [False, True])
def test_candles_of_the_last_seconds(micro: bool) -> None:
    """Those that have ended since then, and the running one, which may change; not one that had ended before."""
    unit = 1000 if micro else 1
    begin = int((NOW - 10.25) * 1000) - 59_999  # of one whose last instant is the first of them
    rows = [
        [(begin + n * 60_000) * unit, *CANDLE[1:6], (begin + n * 60_000 + 59_999) * unit, *CANDLE[7:]]
        for n in (-1, 0, 1)
    ]
    page, asked = missed("btcusdt@kline_1m", rows, microseconds=micro)
    assert [(each["k"]["t"], each["k"]["x"]) for each in page.payloads] == [(rows[1][0], True), (rows[2][0], False)]
    assert page.open and page.last
    assert asked[0][2] == {}
    assert asked[1][0] == "/api/v3/klines"
    assert asked[1][1]["startTime"] == str((int((NOW - 10.25) * 1000) - 60_000) * unit)


def test_pages_of_candles() -> None:
    """By their begin: the open one is asked for again, one that is final is not; microseconds where they are wanted."""
    rest = Rest([CANDLE], [CANDLE], [])
    name = parse("spot", "btcusdt@kline_1d@+08:00")
    past = past_of(name, rest, since=Since(time=1498793709.0), microseconds=True)
    past.page(None)
    past.page(Place(CANDLE[0], 308))
    assert past.page(past.place({"k": {"t": CANDLE[0], "x": True, "n": 308}})).last
    subject = {"symbol": "BTCUSDT", "interval": "1d", "timeZone": "08:00", "limit": "1000"}
    starts = ["1498793709000000", str(CANDLE[0]), str(CANDLE[0] + 1)]
    unit = {"X-MBX-TIME-UNIT": "MICROSECOND"}
    assert rest.asked == [("/api/v3/klines", {**subject, "startTime": start}, unit) for start in starts]


def test_live_messages_wait_for_no_ban(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may last for days: the past is refused at once, and told as missing."""
    monkeypatch.setattr("binance_sockets.engine.budget._shared", Budgets())
    environment = Environment("https://api.invalid")
    rest = PublicRest(environment.endpoint("spot").rest, MARKETS["spot"], Options(), environment.quota("spot"))
    source = source_of(named("spot", "trade"), "key")
    assert source is not None
    past = StreamPast(source, named("spot", "trade"), rest, view=View.DICT, wrapped=False)
    assert past.pause() == 0.0
    rest._budget.ban(418, 86_400.0, rest._clock.monotonic())
    assert past.pause() == 0.0
    with pytest.raises(RateLimited, match="not sent"):
        past.page(Place(1))


def test_an_answer_of_another_shape_is_refused() -> None:
    """What is no list of rows is an error, which becomes a gap."""
    past = past_of(parse("spot", "btcusdt@trade"), Rest({"code": 0}))
    with pytest.raises(ExchangeError):
        past.page(Place(1))


def test_what_history_takes() -> None:
    """Counts are small numbers, times large ones."""
    assert since_of(None) is None
    assert since_of(500) == Since(count=500)
    assert since_of(1_790_000_000_000) == Since(time=1_790_000_000.0)
    assert since_of(datetime(2026, 1, 1, tzinfo=timezone.utc)) == Since(time=1_767_225_600.0)
    assert since_of(10**8 - 1) == Since(count=10**8 - 1)
    assert since_of(10**11) == Since(time=1e8)


@pytest.mark.parametrize(
    "all_there_is", [timedelta(days=60 * 365), timedelta.max, datetime.min.replace(tzinfo=timezone.utc)]
)
def test_a_time_before_all_others_is_the_first_one(all_there_is: object) -> None:
    """The exchange knows no time before 1970."""
    assert since_of(all_there_is) == Since(time=0.0)


@pytest.mark.parametrize(
    "wrong, hint",
    [
        (datetime(2026, 1, 1), "tzinfo=timezone.utc"),
        (datetime(9999, 1, 1, tzinfo=timezone.utc), "lies in the future"),
        (10**14 - 1, "lies in the future"),
        (1_770_000_000, "multiplied by 1000"),
    ],
)
def test_what_is_wrong_with_a_time_is_said(wrong: object, hint: str) -> None:
    """A time to come would bring nothing, without a word."""
    with pytest.raises(ConfigError, match=hint):
        since_of(wrong, lambda: 1_760_000_000.0)
    ahead = 10**10
    assert since_of((ahead + 30) * 1000, lambda: float(ahead)) is not None  # another clock


@pytest.mark.parametrize("odd", [10**8, 1_790_000_000, 10**11 - 1, 10**14, 1_790_000_000_000_000, 10**30])
def test_seconds_and_microseconds_are_no_counts_and_no_times(odd: int) -> None:
    """As a count, the seconds of today would ask for a thousand million trades; microseconds for none, ever."""
    with pytest.raises(ConfigError, match="milliseconds since 1970"):
        since_of(odd)
