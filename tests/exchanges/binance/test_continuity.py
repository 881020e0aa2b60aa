"""Where a message stands in its stream: by the same field in every view."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from golden import Sample, compact, market_samples

from binance_sockets.engine.continuity import position_of
from binance_sockets.engine.redundancy import Copies
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


def expected(sample: Sample) -> tuple[int | None, bool] | None:
    """``(order, whether it is an id)`` by the exchange's documents; ``None`` where only content tells."""
    body = sample.payload
    if parse(sample.market, sample.stream).family is None:
        return None
    if sample.key in EVENTS:
        return None, False
    if sample.key in BOOKS:
        return body["lastUpdateId"] if "lastUpdateId" in body else body["u"], True
    if of_many(sample):
        return None, False
    if sample.key == "trade":
        return body["t"], True
    if sample.key == "agg_trade":
        return body["a"], True
    if "kline" in sample.key:
        return body["k"]["t"], True
    return body["E"] if "E" in body else body["t"], False


def of_many(sample: Sample) -> bool:
    """A stream of several instruments: all of a market, of a pair, or the contracts of an underlying."""
    single = {"mini_ticker", "ticker", "rolling_ticker", "asset_index", "index_price", "index_price_1s"}
    broad = sample.stream.startswith("!") or "@arr" in sample.stream or sample.key == "pair_mark_price"
    return (broad or (sample.market == "options" and "-" not in sample.stream)) and sample.key not in single


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


def test_what_is_late_among_many_instruments_is_no_copy() -> None:
    """Each has its own clock: of two that come one behind the other, the second may bear the earlier time."""
    for market, name in (("usdm", "!bookTicker"), ("usdm", "!miniTicker@arr"), ("options", "btcusdt@optionTrade")):
        first, second = ({"e": "x", "E": time, "s": symbol, "u": 7, "t": 7} for time, symbol in ((9, "A"), (8, "B")))
        copies = Copies(continuity(parse(market, name).family, name, wrapped=False), lambda: 0.0)
        came = [copies.came(link, each) for each in (first, second) for link in "ab"]
        assert came == [True, False, True, False], name


def test_trades_of_two_contracts_are_not_the_same_by_chance() -> None:
    """One moment, one number, two contracts: also where events are neutral."""
    name = "btcusdt@optionTrade"
    fields = {"e": "trade", "E": 9, "T": 9, "t": 7, "p": "1", "q": "1", "X": "MARKET", "S": "BUY", "m": False}
    for view in View:
        made = exchange("options", view, False)
        stream = parse("options", name).stream()
        rule, (group,) = made.continuity(stream), made.split([stream])
        decode = made.decoder(group, Misfits())
        assert rule is not None
        one, other = (
            decode(memoryview(compact({**fields, "s": f"BTC-261225-{strike}-C"})))[1] for strike in (100, 200)
        )
        assert rule.position(one) != rule.position(other), view


def test_what_tells_no_order_is_a_copy_in_every_view() -> None:
    """A neutral event bears when it was received, which copies do not share."""
    order = {"s": "BTCUSDT", "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "1", "p": "2", "ap": "2", "X": "FILLED"}
    message = memoryview(compact({"e": "forceOrder", "E": 9, "o": {**order, "l": "1", "z": "1", "T": 9}}))
    for view in View:
        made = exchange("usdm", view, False)
        stream = parse("usdm", "btcusdt@forceOrder").stream()
        rule, (group,) = made.continuity(stream), made.split([stream])
        first, second = (made.decoder(group, Misfits())(message)[1] for _ in range(2))
        assert position_of(rule, first) == position_of(rule, second), view


def test_unknown_streams_have_no_rule() -> None:
    """Only equal content makes two of their messages copies."""
    assert continuity(None, "a@neverHeardOf", wrapped=True) is None
