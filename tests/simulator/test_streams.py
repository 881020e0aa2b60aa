"""Names of streams: which are served, where, and how often."""

from __future__ import annotations

import itertools

import pytest
from simulator.helpers import LISTED, START, play_stream

from binance_sockets.simulator.binance.families import home_of, make_producer, parse, route_of
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.market.world import World

PERIODS = [
    ("spot", "btcusdt@trade", 0, ""),
    ("spot", "btcusdt@aggTrade", 0, ""),
    ("spot", "btcusdt@bookTicker", 0, ""),
    ("spot", "btcusdt@depth", 1000, ""),
    ("spot", "btcusdt@depth@100ms", 100, ""),
    ("spot", "btcusdt@depth@1000ms", 1000, ""),
    ("spot", "btcusdt@depth5", 1000, ""),
    ("spot", "btcusdt@depth5@1000ms", 1000, ""),
    ("spot", "btcusdt@depth20@100ms", 100, ""),
    ("spot", "btcusdt@kline_1s", 1000, ""),
    ("spot", "btcusdt@kline_1m", 2000, ""),
    ("spot", "btcusdt@kline_1d@+08:00", 2000, ""),
    ("spot", "!miniTicker@arr", 1000, ""),
    ("spot", "!miniTicker@arr@1000ms", 1000, ""),
    ("spot", "!ticker_1h@arr", 1000, ""),
    ("usdm", "btcusdt@depth", 250, "public"),
    ("usdm", "btcusdt@depth@500ms", 500, "public"),
    ("usdm", "btcusdt@depth@0ms", 0, "public"),
    ("coinm", "btcusd_perp@depth@0ms", 0, ""),
    ("usdm", "btcusdt@depth10@100ms", 100, "public"),
    ("usdm", "btcusdt@rpiDepth@500ms", 500, "public"),
    ("usdm", "btcusdt@bookTicker", 0, "public"),
    ("usdm", "!bookTicker", 5000, "public"),
    ("usdm", "btcusdt@aggTrade", 100, "market"),
    ("usdm", "btcusdt@markPrice", 3000, "market"),
    ("usdm", "btcusdt@markPrice@1s", 1000, "market"),
    ("usdm", "!markPrice@arr", 3000, "market"),
    ("usdm", "btcusdt@kline_1m", 250, "market"),
    ("usdm", "btcusdt@ticker", 2000, "market"),
    ("usdm", "!forceOrder@arr", 1000, "market"),
    ("usdm", "tradingSession", 1000, "market"),
    ("coinm", "btcusd_perp@ticker", 500, ""),
    ("coinm", "btcusd@indexPrice", 1000, ""),
    ("coinm", "!bookTicker", 0, ""),
    ("options", "btc-261225-90000-c@optionTrade", 50, "public"),
    ("options", "btcusdt@openInterest@261225", 60000, "market"),
    ("options", "btc-261225-90000-c@depth@500ms", 500, "public"),
    ("options", "!index@arr", 1000, "market"),
]
SILENT = [
    ("spot", "BTCUSDT@trade"),
    ("spot", "nosuchusdt@trade"),
    ("spot", "!ticker@arr"),
    ("spot", "!bookTicker"),
    ("spot", "!miniTicker@arr@3000ms"),
    ("spot", "btcusdt@markPrice"),
    ("spot", "btcusdt@kline_7m"),
    ("spot", "btcusdt@depth@250ms"),
    ("spot", "btcusdt@kline_1m@+09:00"),
    ("usdm", "btcusdt@depth@250ms"),
    ("spot", "btcusdt@depth@0ms"),
    ("usdm", "btcusdt@kline_1s"),
    ("usdm", "btcusdt@compositeIndex"),
    ("usdm", "!blah"),
    ("coinm", "btcusd@indexPrice@1s"),
    ("coinm", "btcusdt@aggTrade"),
    ("coinm", "btcusd_perp@rpiDepth@500ms"),
    ("options", "BTC-261225-90000-C@optionTrade"),
    ("options", "btc-261225-90000-c@trade"),
    ("options", "btc-261225-90000-c@depth"),
    ("options", "btcusdt@optionMarkPrice@1s"),
    ("options", "xrpusdt@optionMarkPrice"),
]


@pytest.mark.parametrize(("product", "name", "milliseconds", "route"), PERIODS)
def test_served_names(product: str, name: str, milliseconds: int, route: str) -> None:
    """Each documented name is served at its documented period, on its route."""
    stream = parse(product, name)
    assert stream is not None
    assert stream.period == milliseconds * 1000
    assert route_of(product, name) == route
    assert make_producer(Listing(World(0), LISTED), product, stream, START) is not None


@pytest.mark.parametrize(("product", "name"), SILENT)
def test_silent_names(product: str, name: str) -> None:
    """Retired, misspelt, upper-case and unlisted names have no data."""
    stream = parse(product, name)
    assert stream is None or make_producer(Listing(World(0), LISTED), product, stream, START) is None


def test_both_futures_products_serve_each_others_candles() -> None:
    """Candles and mark prices of either product are served on both; trades are not."""
    assert play_stream("usdm", "btcusd_perp@kline_1m")[0]["s"] == "BTCUSD_PERP"
    assert play_stream("coinm", "btcusdt@markPrice@1s")[0]["st"] == 1


@pytest.mark.parametrize("product", ["usdm", "coinm"])
@pytest.mark.parametrize("name", ["!miniTicker@arr", "!ticker@arr"])
def test_broadcasts_carry_both_products(product: str, name: str) -> None:
    """Streams of all symbols carry USD-M and COIN-M rows on both hosts, and only those that traded."""
    frames = play_stream(product, name)
    assert {row["st"] for frame in frames for row in frame} == {1, 2}
    assert any(len(frame) < len(frames[0]) for frame in frames)


def test_mark_prices_come_in_two_frames() -> None:
    """Each tick has one array for crypto and one for traditional finance."""
    first, second = play_stream("usdm", "!markPrice@arr@1s", seconds=1.5)[:2]
    assert {row["s"] for row in second} == {"TSLAUSDT", "XAUUSDT"}
    assert "BTCUSDT" in {row["s"] for row in first}
    assert first[0]["E"] == second[0]["E"]


def test_delivery_contracts_have_no_funding() -> None:
    """A contract with a delivery date has an empty rate and no next funding time."""
    row = play_stream("coinm", "btcusd_261225@markPrice@1s")[0]
    assert (row["r"], row["T"]) == ("", 0)


def test_force_orders_are_objects_one_per_symbol_and_second() -> None:
    """The stream of all liquidations sends objects, at most one per symbol and second."""
    rows = play_stream("usdm", "!forceOrder@arr", seconds=60)
    keys = [(row["E"], row["o"]["s"]) for row in rows]
    assert len(keys) > 10
    assert len(set(keys)) == len(keys)


def test_microseconds_touch_every_time() -> None:
    """With microseconds every time has three more digits and the rest is the same."""
    for name in ("btcusdt@trade", "btcusdt@kline_1m", "btcusdt@ticker", "btcusdt@avgPrice", "btcusdt@depth"):
        coarse, fine = play_stream("spot", name)[0], play_stream("spot", name, micro=True)[0]
        for key in ("E", "T", "O", "C", "t"):
            if isinstance(coarse.get(key), int) and coarse[key] > 10**12:
                assert fine[key] // 1000 == coarse[key]
        if "k" in coarse:
            assert (fine["k"]["t"], fine["k"]["T"]) == (coarse["k"]["t"] * 1000, coarse["k"]["T"] * 1000 + 999)


@pytest.mark.parametrize(("product", "symbol"), [("usdm", "btcusdt"), ("coinm", "btcusd_perp")])
def test_depth_in_real_time_is_the_same_book(product: str, symbol: str) -> None:
    """``@depth@0ms`` sends every change by itself, without a gap, and ends where the collected diffs end."""
    single, collected = play_stream(product, f"{symbol}@depth@0ms"), play_stream(product, f"{symbol}@depth@100ms")
    assert len(single) > len(collected)
    assert all(row["pu"] == before["u"] for before, row in itertools.pairwise(single))
    books: list[dict[tuple[str, str], str]] = []
    last = collected[-1]["u"]
    for rows in (single, collected):
        changes = [(side, *level) for row in rows if row["u"] <= last for side in "ba" for level in row[side]]
        books.append({(side, price): qty for side, price, qty in changes})
    assert books[0] == books[1]


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("btc-261225-90000-c@bookTicker", "options"),
        ("btc-261225-90000-c@depth5@100ms", "options"),
        ("btcusdt@optionMarkPrice", "options"),
        ("!optionSymbol", "options"),
        ("btcusdt@bookTicker", "usdm"),
        ("btcusdt_261225@depth@100ms", "usdm"),
        ("!contractInfo", "usdm"),
        ("no name", "usdm"),
    ],
)
def test_options_live_on_the_host_of_usdm(name: str, home: str) -> None:
    """Names of options belong to options on that host, and on no other."""
    assert home_of("usdm", name) == home
    assert home_of("coinm", name) == "coinm"
