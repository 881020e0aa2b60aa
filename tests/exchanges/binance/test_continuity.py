"""Where a message stands in its stream: by the same field in every view."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from golden import Sample, compact, market_samples

from binance_sockets.exchange import Continuity, Misfits, Position, View
from binance_sockets.exchanges.binance.continuity import continuity
from binance_sockets.exchanges.binance.market import MarketStreams
from binance_sockets.exchanges.binance.names import parse
from binance_sockets.exchanges.binance.urls import Environment

EVENTS = {"liquidation", "all_liquidations", "contract_info", "trading_session", "new_symbols", "block_trade"}
BOOKS = {"depth", "partial_depth", "rpi_depth", "book_ticker"}


def exchange(market: str, view: View, wrapped: bool) -> MarketStreams:
    tld = "us" if market == "us" else "com"
    product = "spot" if market == "us" else market
    return MarketStreams(Environment("http://127.0.0.1:9", tld), product, wrapped=wrapped, view=view)


def rule_and_payload(sample: Sample, view: View, wrapped: bool) -> tuple[Continuity | None, Any]:
    """What the engine is told about a stream, and what it reads positions from."""
    made = exchange(sample.market, view, wrapped)
    stream = parse(sample.market, sample.stream).stream()
    (group,) = made.split([stream])
    message = sample.combined if wrapped else sample.raw
    _, payload = made.decoder(group, Misfits())(memoryview(message))
    return made.continuity(stream), payload


def expected(sample: Sample) -> tuple[int, bool] | None:
    """``(order, whether it is an id)`` by the exchange's documents; ``None`` where only content tells."""
    body = sample.payload
    if sample.key in EVENTS or parse(sample.market, sample.stream).family is None:
        return None
    if sample.key in BOOKS:
        return body["lastUpdateId"] if "lastUpdateId" in body else body["u"], True
    if sample.key == "trade" and (sample.market != "options" or "-" in sample.stream):
        return body["t"], True
    if sample.key == "agg_trade":
        return body["a"], True
    if "kline" in sample.key:
        return body["k"]["t"], True
    first = body[0] if isinstance(body, list) else body
    return first["E"] if "E" in first else first["t"], False


@pytest.mark.parametrize("sample", market_samples(), ids=lambda sample: sample.id)
def test_the_position_of_every_kind_of_message(sample: Sample) -> None:
    """Ids where the exchange numbers messages, event times elsewhere; the same in every view."""
    for view, wrapped in itertools.product(View, (False, True)):
        rule, payload = rule_and_payload(sample, view, wrapped)
        found = None if rule is None else (rule.position(payload).order, rule.ids)
        assert found == expected(sample), (view, wrapped)


CANDLE = {"e": "kline", "E": 5, "s": "A", "k": {"t": 60, "c": "1.0", "x": False}}
LATER = {"e": "kline", "E": 6, "s": "A", "k": {"t": 60, "c": "1.0", "x": False}}
OTHER = {"e": "kline", "E": 5, "s": "A", "k": {"t": 60, "c": "1.1", "x": False}}


def position(market: str, name: str, payload: Any) -> Position:
    rule = continuity(parse(market, name).family, name, wrapped=False)
    assert rule is not None
    return rule.position(payload)


def test_candles_are_the_same_by_what_they_hold() -> None:
    """Two hosts may send one at different times."""
    first = position("spot", "a@kline_1m", CANDLE)
    assert first == position("spot", "a@kline_1m", compact(LATER))
    assert first != position("spot", "a@kline_1m", OTHER)


def test_a_candle_comes_to_its_end() -> None:
    """By the trades in it; when it has closed it is beyond all that it was before."""
    states = [{"t": 60, "n": 7, "x": False}, {"t": 60, "n": 12, "x": False}, {"t": 60, "n": 12, "x": True}]
    progress = [position("spot", "a@kline_1m", {"e": "kline", "k": k}).progress for k in states]
    assert progress == sorted(set(progress))


def test_messages_of_one_time_differ_by_their_content() -> None:
    """As the two lists of mark prices that come at once."""
    first, second = ([{"e": "markPriceUpdate", "E": 5, "s": symbol}] for symbol in ("A", "B"))
    name = "!markPrice@arr@1s"
    assert position("usdm", name, first) == position("usdm", name, [dict(first[0])])
    assert position("usdm", name, first) != position("usdm", name, second)


def test_trades_of_many_contracts_have_no_common_id() -> None:
    """Each contract of an underlying counts its own."""
    row = parse("options", "btcusdt@optionTrade").family
    rule = continuity(row, "btcusdt@optionTrade", wrapped=False)
    assert rule is not None
    assert not rule.ids


def test_unknown_streams_have_no_rule() -> None:
    """Only equal content makes two of their messages copies."""
    assert continuity(None, "a@neverHeardOf", wrapped=True) is None
