"""One market: determinism, and figures that follow from its trades."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.helpers import LISTED, START, play_stream

from binance_sockets.simulator.binance.families import make_producer, parse
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.payloads import milliseconds
from binance_sockets.simulator.binance.products import default_symbols, instrument, quarters, symbol_table
from binance_sockets.simulator.market.book import BUY, SELL, DepthTracker, Diff
from binance_sockets.simulator.market.candles import INTERVALS, MINUTE
from binance_sockets.simulator.market.instruments import fixed
from binance_sockets.simulator.market.market import Market
from binance_sockets.simulator.market.world import World

ALL = [(product, symbol) for product, symbols in LISTED.items() for symbol in symbols]


def ran(product: str, symbol: str, seed: int = 7, steps: int = 600) -> Market:
    market = Market(instrument(product, symbol), seed, START)
    for _ in range(steps):
        market.step()
    return market


@pytest.mark.parametrize(("product", "symbol"), ALL)
def test_a_market_is_sound(product: str, symbol: str) -> None:
    """The book never crosses or runs dry, trade ids are contiguous, times never step back."""
    market = Market(instrument(product, symbol), 3, START)
    for _ in range(300):
        market.step()
        (bid, bid_qty), (ask, ask_qty) = market.best(BUY), market.best(SELL)
        assert 0 < bid < ask
        assert min(bid_qty, ask_qty) > 0
    trades = list(market.trades)
    assert len(trades) > 50
    assert [trade.id for trade in trades] == list(range(trades[0].id, trades[0].id + len(trades)))
    assert [trade.time for trade in trades] == sorted(trade.time for trade in trades)


def test_the_seed_decides() -> None:
    """Equal seeds give equal markets, other seeds and symbols others."""
    one, two, three = ran("spot", "BTCUSDT"), ran("spot", "BTCUSDT"), ran("spot", "BTCUSDT", seed=8)
    assert list(one.trades) == list(two.trades)
    assert one.snapshot(50) == two.snapshot(50)
    assert [t.price for t in one.trades] != [t.price for t in three.trades]


def test_actions_do_not_depend_on_who_looks() -> None:
    """Reading candles, tickers and samples changes nothing in the market."""
    watched, alone = Market(instrument("usdm", "ETHUSDT"), 1, START), Market(instrument("usdm", "ETHUSDT"), 1, START)
    for _ in range(300):
        watched.step()
        watched.bars("5m")
        watched.price_samples("mark", "1m")
        watched.ticker(START)
        alone.step()
    assert list(watched.trades) == list(alone.trades)
    assert watched.prices.mark8 == alone.prices.mark8


@given(interval=st.sampled_from(sorted(INTERVALS)), offset=st.sampled_from([0, 8]), seed=st.integers(0, 1000))
@settings(max_examples=25)
def test_candles_are_the_trades_grouped(interval: str, offset: int, seed: int) -> None:
    """Every candle with trades equals the one computed from the trades within its times, whatever the interval."""
    market = Market(instrument("spot", "ETHUSDT"), seed, START)
    early = market.bars(interval, offset * 60 * MINUTE)
    for _ in range(200):
        market.step()
    for bars in (early, Market.bars(market, interval, offset * 60 * MINUTE)):
        total = 0
        for bar in bars.all():
            trades = [trade for trade in market.trades if bar.start <= trade.time < bar.end]
            total += len(trades)
            assert bar.count == len(trades)
            if not trades:
                assert bar.open == bar.high == bar.low == bar.close
                assert (bar.first, bar.volume) == (-1, 0)
                continue
            prices = [trade.price for trade in trades]
            assert (bar.open, bar.high, bar.low, bar.close) == (prices[0], max(prices), min(prices), prices[-1])
            assert bar.volume == sum(trade.qty for trade in trades)
            assert bar.turnover == sum(trade.qty * trade.price for trade in trades)
            assert bar.buy_volume == sum(trade.qty for trade in trades if not trade.buyer_maker)
            assert (bar.first, bar.last) == (trades[0].id, trades[-1].id)
        starts = [bar.start for bar in bars.all()]
        assert starts == sorted(set(starts))
        if interval != "1s":
            assert total == len(market.trades)


def test_candle_boundaries() -> None:
    """Weeks begin on Monday, months on the first, days of +08:00 at 16:00 UTC."""
    market = ran("spot", "BTCUSDT", steps=50)
    for interval, offset, start in (
        ("1w", 0, 1_789_948_800),  # Monday 2026-09-21
        ("1M", 0, 1_788_220_800),  # 2026-09-01
        ("1d", 8, 1_789_920_000),  # 16:00 UTC
        ("1d", 0, 1_789_948_800),
    ):
        bar = market.bars(interval, offset * 60 * MINUTE).current
        assert bar is not None
        assert bar.start == start * 1_000_000, (interval, offset)


@pytest.mark.parametrize(("product", "symbol"), [("spot", "BNBUSDT"), ("usdm", "BNBUSDT"), ("coinm", "BNBUSD_PERP")])
def test_aggregate_trades_are_the_trades_merged(product: str, symbol: str) -> None:
    """Aggregate trades cover every trade once, in order, with the quantities added up."""
    market = ran(product, symbol)
    trades = {trade.id: trade for trade in market.trades}
    expected = next(iter(trades))
    for agg in market.aggs:
        assert agg.first == expected
        rows = [trades[number] for number in range(agg.first, agg.last + 1)]
        assert {(row.price, row.buyer_maker) for row in rows} == {(agg.price, agg.buyer_maker)}
        assert agg.qty == sum(row.qty for row in rows)
        assert agg.plain_qty == sum(row.qty for row in rows if not row.retail)
        expected = agg.last + 1
    assert expected == market.last_trade().id + 1


def test_some_trades_meet_retail_orders() -> None:
    """On USD-M ``nq`` is sometimes smaller than ``q``."""
    assert any(agg.plain_qty < agg.qty for agg in ran("usdm", "BTCUSDT", steps=3000).aggs)


@pytest.mark.parametrize(
    ("product", "symbol"), [("spot", "BTCUSDT"), ("usdm", "BTCUSDT"), ("options", "BTC-261225-90000-C")]
)
def test_tickers_follow_from_the_trades(product: str, symbol: str) -> None:
    """The 24 h ticker's figures are those of the trades in its window."""
    name = symbol.lower() + ("@optionTicker" if product == "options" else "@ticker")
    row = play_stream(product, name, seed=7)[-1]
    market = Market(instrument(product, symbol), 7, START)
    while market.next_time <= row["E"] * 1000:
        market.step()
    trades = list(market.trades)
    i = market.instrument
    prices = [Decimal(i.price_text(trade.price)) for trade in trades]
    volume = sum(Decimal(i.qty_text(trade.qty)) for trade in trades)
    quote = sum(Decimal(i.price_text(t.price)) * Decimal(i.qty_text(t.qty)) for t in trades)
    assert Decimal(row["o"]) == prices[0]
    assert Decimal(row["c"]) == prices[-1]
    assert Decimal(row["h"]) == max(prices)
    assert Decimal(row["l"]) == min(prices)
    assert Decimal(row["v"]) == volume
    assert abs(Decimal(row["q"]) - quote) <= Decimal("0.01")
    assert Decimal(row["p"]) == prices[-1] - prices[0]
    assert (row["F"], row["L"], row["n"]) == (trades[0].id, trades[-1].id, len(trades))
    assert min(prices) <= Decimal(row["w"]).quantize(Decimal("1e-8")) + Decimal("0.01")


def test_coinm_volumes_are_contracts_and_base_currency() -> None:
    """On COIN-M a kline's ``v`` counts contracts and ``q`` is their value in the base currency."""
    row = play_stream("coinm", "btcusd_perp@kline_1h")[-1]["k"]
    assert row["v"].isdigit()
    assert abs(Decimal(row["q"]) * Decimal(row["c"]) / 100 / Decimal(row["v"]) - 1) < Decimal("0.01")


@given(st.integers(-(10**15), 10**15), st.integers(0, 12), st.integers(0, 12))
def test_fixed_writes_decimals_exactly(number: int, places: int, at_least: int) -> None:
    """The text has the value, and at least the decimals asked for."""
    text = fixed(number, places, at_least)
    assert Decimal(text) == Decimal(number).scaleb(-places)
    assert len(text.partition(".")[2]) == max(places, at_least)


def test_klines_close_once() -> None:
    """Each candle is sent as closed exactly once, and the next one begins where it ended."""
    rows = [row["k"] for row in play_stream("spot", "btcusdt@kline_1s", seconds=60)]
    closed = [row for row in rows if row["x"]]
    assert [row["t"] for row in closed] == list(range(closed[0]["t"], closed[-1]["t"] + 1, 1000))
    assert all(row["T"] == row["t"] + 999 for row in rows)


def test_candles_close_however_late_the_tick_is() -> None:
    """Where the exchange's time runs fast, or it was held up, many candles end between two ticks: all are sent."""
    stream = parse("spot", "btcusdt@kline_1s")
    assert stream is not None
    producer = make_producer(Listing(World(1), LISTED), "spot", stream, START)
    assert producer is not None
    seconds = (1, 2, 200)
    rows = [row["k"] for at in seconds for row in producer.on_tick(START + at * 1_000_000, milliseconds)]
    closed = [row["t"] for row in rows if row["x"]]
    assert len(closed) > 190
    assert closed == list(range(closed[0], closed[-1] + 1, 1000))
    producer.close()


def test_the_candle_of_the_subscription_closes_though_the_first_tick_is_late() -> None:
    """It may have been told over REST meanwhile, as one that is open."""
    stream = parse("spot", "btcusdt@kline_1s")
    assert stream is not None
    producer = make_producer(Listing(World(1), LISTED), "spot", stream, START)
    assert producer is not None
    closed = [row["k"]["t"] for row in producer.on_tick(START + 5_000_000, milliseconds) if row["k"]["x"]]
    assert closed[0] * 1000 <= START and len(closed) >= 5
    producer.close()


def test_candles_close_though_their_market_is_ahead_of_the_tick() -> None:
    """A late tick comes at a market that somebody has looked at since: what has ended there is told as closed."""
    stream, listing = parse("spot", "btcusdt@kline_1s"), Listing(World(1), LISTED)
    assert stream is not None
    producer = make_producer(listing, "spot", stream, START)
    assert producer is not None
    producer.markets[0].advance(START + 5_000_000)
    rows = [row["k"] for row in producer.on_tick(START + 1_000_000, milliseconds)]
    rows += [row["k"] for row in producer.on_tick(START + 9_000_000, milliseconds)]
    begins = sorted({row["t"] for row in rows})
    assert [row["t"] for row in rows if row["x"]] == begins
    assert begins == list(range(begins[0], begins[0] + 9000, 1000))
    producer.close()


def test_a_count_makes_up_names() -> None:
    """A number of symbols gives as many different names, the defaults first."""
    table = symbol_table({"spot": 1000, "coinm": 50, "options": 30})
    assert [len(set(table[name])) for name in ("spot", "coinm", "options")] == [1000, 50, 30]
    assert table["spot"][0] == "BTCUSDT"
    with pytest.raises(ValueError, match="unknown product"):
        symbol_table({"stocks": 3})
    with pytest.raises(ValueError, match="not a coinm symbol"):
        symbol_table({"coinm": ["BTCUSDT"]})


@pytest.mark.parametrize(
    ("day", "near", "far"),
    [
        ((2026, 11, 26, 0), "261225", "270326"),
        ((2026, 12, 25, 7), "261225", "270326"),
        ((2026, 12, 25, 8), "270326", "270625"),
        ((2027, 3, 27, 0), "270625", "270924"),
        ((2027, 12, 31, 23), "280331", "280630"),
    ],
)
def test_default_deliveries_follow_the_clock(day: tuple[int, int, int, int], near: str, far: str) -> None:
    """Dated contracts end on the last Fridays of the next two quarters, and none of them in the past."""
    now = datetime(*day, tzinfo=timezone.utc).timestamp()
    assert quarters(now) == (near, far)
    table = default_symbols(now)
    assert {symbol.partition("_")[2] for symbol in table["coinm"]} == {"PERP", near, far}
    assert {symbol.split("-")[1] for symbol in table["options"]} == {near, far}
    assert all(instrument(product, symbol) for product, symbols in table.items() for symbol in symbols)


def test_diffs_chain() -> None:
    """Spot diffs follow each other without a gap in their ids; futures diffs name their predecessor."""
    spot = play_stream("spot", "btcusdt@depth@100ms")
    assert all(b["U"] == a["u"] + 1 for a, b in pairwise(spot))
    for product, name in (("usdm", "btcusdt@depth@500ms"), ("options", "btc-261225-90000-c@depth@100ms")):
        rows = play_stream(product, name)
        assert len(rows) > 10
        assert all(b["pu"] == a["u"] < b["U"] <= b["u"] for a, b in pairwise(rows))
        assert any(b["U"] > a["u"] + 1 for a, b in pairwise(rows))


@pytest.mark.parametrize(("product", "symbol"), ALL)
def test_a_snapshot_always_lies_in_the_chain_of_diffs(product: str, symbol: str) -> None:
    """Whenever a snapshot is taken, its id is the ``u`` of the last diff, also after changes of the other book."""
    market = Market(instrument(product, symbol), 5, START)
    plain, both = DepthTracker(market.book), DepthTracker(market.book, market.retail_book)
    last_plain, last_both = market.snapshot(1)[0], market.snapshot(1, retail=True)[0]
    for _ in range(300):
        market.step()
        last_plain = (plain.drain() or Diff(0, last_plain, 0, [], [])).last_id
        last_both = (both.drain() or Diff(0, last_both, 0, [], [])).last_id
        assert market.snapshot(1)[0] == last_plain
        assert market.snapshot(1, retail=True)[0] == last_both


def test_book_tickers_show_the_top() -> None:
    """A book ticker is sent when the top changed, and never twice the same."""
    rows = play_stream("usdm", "btcusdt@bookTicker", seconds=60)
    tops = [(row["b"], row["B"], row["a"], row["A"]) for row in rows]
    assert len(rows) > 30
    assert all(len(list(group)) == 1 for _, group in groupby(tops))
    assert [row["u"] for row in rows] == sorted({row["u"] for row in rows})


def test_volatility_is_how_far_prices_move() -> None:
    """The same seed moves further with more volatility, and hardly at all without; 1 is the default."""
    found = instrument("spot", "BTCUSDT")
    still, usual, wild = (_walk(Market(found, 5, START, volatility=factor)) for factor in (0.0, 1.0, 10.0))
    assert usual == _walk(Market(found, 5, START))
    assert len(set(still)) == 1
    assert max(wild) - min(wild) > 4 * (max(usual) - min(usual)) > 0


def _walk(market: Market[Any]) -> list[int]:
    """The fair price after each of many steps."""
    prices = []
    for _ in range(2000):
        market.step()
        prices.append(market.prices.fair)
    return prices
