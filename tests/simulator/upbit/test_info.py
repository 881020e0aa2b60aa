"""Announcements, indicators and signals."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from simulator.helpers import PATIENCE, START
from simulator.upbit.helpers import INFO, Member, ask, error, listed, receive

from binance_sockets.simulator import Simulator
from binance_sockets.simulator.market.candles import MINUTE
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.upbit import indicators
from binance_sockets.simulator.upbit.indicators import IndicatorSource, checked
from binance_sockets.simulator.upbit.listing import instrument
from binance_sockets.simulator.upbit.regions import REGIONS

DEFINITIONS: dict[str, dict[str, Any]] = {
    "volume": {"period": 5},
    "rsi": {"period": 3},
    "moving_average": {"period": 3, "type": "EMA"},
    "ma_crossover": {"short_period": 5, "long_period": 20, "type": "SMA"},
    "bollinger_bands": {"period": 10, "multiplier": 2.5},
    "macd": {"fast": 8, "slow": 17, "signal_period": 9},
}
VALUES = {
    "volume": {"volume", "avg_volume", "ratio"},
    "rsi": {"rsi"},
    "moving_average": {"value"},
    "ma_crossover": {"ma_short", "ma_long"},
    "bollinger_bands": {"bb_upper", "bb_middle", "bb_lower"},
    "macd": {"macd", "macd_signal", "histogram"},
}


def test_announcements_are_told_by_category_and_with_their_text_on_request(exchange: Simulator) -> None:
    """No snapshot; each region has its own."""
    member = Member(exchange)
    with member.stream() as some, member.stream() as all_:
        ask(some, {"type": "announcement", "categories": ["trade"], "include_body": True})
        ask(all_, {"type": "announcement"}, format="SIMPLE")
        for stream in (some, all_):
            stream.ping().wait(PATIENCE)
        exchange.upbit.announce("elsewhere", category="trade", region="sg")
        exchange.upbit.announce("first", body="text")
        number = exchange.upbit.announce("second", category="trade", body="**text**", event_type="UPDATED")
        told = receive(some)
        assert (told["title"], told["body"], told["uuid"], told["event_type"]) == (
            "second",
            "**text**",
            number,
            "UPDATED",
        )
        assert told.keys() == {
            "type", "event_type", "category", "title", "uuid", "url", "body", "listed_at", "first_listed_at",
            "timestamp", "stream_type",
        }  # fmt: skip
        rows = [receive(all_), receive(all_)]
        assert [(row["ty"], row["tt"], row["cat"]) for row in rows] == [
            ("announcement", "first", "notice"),
            ("announcement", "second", "trade"),
        ]
        assert all("bd" not in row for row in rows)
        assert listed(some)["result"] == [{"type": "announcement", "categories": ["trade"], "include_body": True}]


@pytest.mark.parametrize("wrong", [{"category": "x"}, {"event_type": "x"}, {"region": "us"}, {"title": 5}])
def test_announcements_that_make_no_sense_are_refused(exchange: Simulator, wrong: dict[str, Any]) -> None:
    """With the allowed values."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        exchange.upbit.announce(**{"title": "x", **wrong})


@pytest.mark.parametrize("kind", DEFINITIONS)
def test_indicators_are_told_when_a_candle_has_closed(kind: str) -> None:
    """Of every kind, once for each candle, once there are enough."""
    seen = played("indicator", {"type": kind, "params": DEFINITIONS[kind]}, minutes=250)
    assert len(seen) > 10
    assert len({row["candle_date_time_utc"] for row in seen}) == len(seen)
    for row in seen:
        assert (row["type"], row["indicator"], row["timeframe"], row["params"]) == (
            "indicator",
            kind,
            "5m",
            DEFINITIONS[kind],
        )
        assert row["value"].keys() == VALUES[kind]
        assert not row.keys() & {"trigger", "event_params"}


@pytest.mark.parametrize(
    ("kind", "params", "trigger", "event_params"),
    [
        ("volume", {"period": 10}, "volume_spike", {"multiplier": 2}),
        ("rsi", {"period": 7}, "overbought", {"threshold": 70}),
        ("moving_average", {"period": 5, "type": "SMA"}, "price_cross_above", {}),
        ("ma_crossover", {"short_period": 5, "long_period": 20, "type": "EMA"}, "golden_cross", {}),
        ("macd", {"fast": 8, "slow": 17, "signal_period": 9}, "zero_cross_below", {}),
        ("bollinger_bands", {"period": 20, "multiplier": 1}, "price_cross_below", {}),
    ],
)
def test_signals_are_told_when_they_become_true(kind: str, params: Any, trigger: str, event_params: Any) -> None:
    """Not for each candle, and never twice in a row."""
    definition = {"type": kind, "params": params, "trigger": trigger, "event_params": event_params}
    seen = played("indicator_signal", definition, minutes=1500)
    assert 0 < len(seen) < 250
    starts = [int(row["candle_date_time_utc"][11:13]) * 60 + int(row["candle_date_time_utc"][14:16]) for row in seen]
    assert all(after != before + 5 for before, after in itertools.pairwise(starts))
    for row in seen:
        assert (row["type"], row["trigger"], row["event_params"]) == ("indicator_signal", trigger, event_params)


def played(kind: str, definition: dict[str, Any], minutes: int) -> list[dict[str, Any]]:
    """The messages of some minutes of a market, without network or waiting."""
    market = World(3).market(instrument(REGIONS["upbit"], "KRW-BTC"), START)
    source = IndicatorSource("x", market, kind, checked(kind, "5m", definition), lambda payload: payload)
    seen: list[dict[str, Any]] = []
    for minute in range(minutes):
        market.resume(START + minute * MINUTE)
        for _ in range(3):
            market.step()
        seen += [json.loads(payload) for payload, _ in source.on_tick(START + minute * MINUTE)]
    return seen


def test_figures_of_indicators() -> None:
    """Reckoned by hand."""
    reckoned = indicators._reckoned
    closes, volumes = [1.0, 2.0, 3.0, 2.0], [1.0, 1.0, 1.0, 5.0]
    assert reckoned("volume", {"period": 4}, closes, volumes) == {"volume": 5.0, "avg_volume": 2.0, "ratio": 2.5}
    assert reckoned("moving_average", {"period": 3, "type": "SMA"}, closes, volumes) == {"value": 7 / 3}
    assert reckoned("moving_average", {"period": 3, "type": "EMA"}, closes, volumes) == {"value": 2.0}
    assert reckoned("rsi", {"period": 3}, closes, volumes) == {"rsi": pytest.approx(200 / 3)}
    assert reckoned("rsi", {"period": 2}, [5.0, 5.0, 5.0], volumes) == {"rsi": 50.0}
    bands = reckoned("bollinger_bands", {"period": 4, "multiplier": 2}, closes, volumes)
    assert bands is not None
    assert bands["bb_upper"] - bands["bb_middle"] == pytest.approx(2 * 0.5**0.5)
    for kind in DEFINITIONS:
        assert reckoned(kind, DEFINITIONS[kind], closes[:2], volumes[:2]) is None


def test_info_needs_no_scope_and_is_silent_beyond_won(exchange: Simulator) -> None:
    """Unknown codes, and those that are not priced in won, are no error; too many combinations are."""
    exchange.upbit.create("bare", "secret", scopes=[])
    rsi = {"type": "rsi", "params": {"period": 14}}
    row = {"type": "indicator", "codes": ["KRW-BTC", "BTC-ETH", "KRW-NOPE"], "timeframe": "5m", "indicators": [rsi]}
    with Member(exchange, "bare", "secret").stream(INFO) as stream:
        ask(stream, row)
        assert listed(stream)["result"] == [row]
        ask(stream, {**row, "codes": [f"KRW-N{n}" for n in range(101)]})
        assert error(stream)["name"] == "TOO_MANY_REQUEST"
        assert listed(stream)["result"] == [row]


def test_indicators_flow_over_a_connection() -> None:
    """In short keys, from the market that the other streams show."""
    with Simulator(speed=1500, upbit=None) as sim, Member(sim).stream(INFO) as stream:
        volume = {"type": "volume", "params": {"period": 5}}
        ask(
            stream,
            {"type": "indicator", "codes": ["KRW-BTC"], "timeframe": "5m", "indicators": [volume]},
            format="SIMPLE_LIST",
        )
        (row,) = receive(stream)
        assert (row["ty"], row["cd"], row["ind"], row["p"], row["st"]) == (
            "indicator",
            "KRW-BTC",
            "volume",
            {"p": 5},
            "REALTIME",
        )
        assert row["v"].keys() == {"vol", "av", "rto"}
