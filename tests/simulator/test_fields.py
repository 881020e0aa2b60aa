"""Every simulated event has exactly the fields and JSON types of its golden sample, or is listed as an exception."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

import golden
import pytest
from golden import differences, shape
from simulator.helpers import LISTED, client, combined, first_of_each, get, play_stream

from binance_sockets.simulator import LimitOverrides, Simulator
from binance_sockets.simulator.binance.families import route_of
from binance_sockets.simulator.binance.rest.answering import PUBLIC

# Rows that the simulator does not serve: Binance.US is played by the spot market, which has no such stream.
UNSERVED = {("us", "all_tickers")}
# Fields that the simulator lacks: (market, row) -> paths.
LACKING = {("us", "trade"): {".a", ".b"}}  # the order ids that Binance itself sends no more
# Samples whose shape the simulator never sends: (market, row, number in the file).
UNSENT = {
    ("spot", "reference_price", 2),  # no reference price
    ("coinm", "index_price", 2),  # the names before June 2026
}

ROWS = {
    (sample.market, sample.key): [row for row in golden.market_samples(sample.market) if row.key == sample.key]
    for sample in golden.market_samples()
    if (sample.market, sample.key) not in UNSERVED
}
PRODUCTS = {"spot": "spot", "us": "spot", "usdm": "usdm", "coinm": "coinm", "options": "options"}


@cache
def simulated(product: str, name: str) -> str:
    """Distinct shapes of a stream's payloads, as a JSON text that can be cached."""
    seconds = 130.0 if "openInterest" in name else 40.0
    payloads = json.loads(json.dumps(play_stream(product, name, seconds)))
    assert payloads, f"{product} {name} is silent"
    found: list[Any] = []
    for payload in payloads:
        if shape(payload) not in found:
            found.append(shape(payload))
    return json.dumps(found)


@pytest.mark.parametrize(("market", "key"), ROWS, ids=["-".join(row) for row in ROWS])
def test_fields_of_every_stream(market: str, key: str) -> None:
    """Every payload has the fields and types of a sample of its row, and those of every sample are sent."""
    samples, lacking = ROWS[market, key], LACKING.get((market, key), set())
    wanted = [shape(sample.payload) for sample in samples]
    names = dict.fromkeys(sample.stream for sample in samples)
    sent = [got for name in names for got in json.loads(simulated(PRODUCTS[market], name))]
    assert {row for got in sent for row in golden.closest(got, wanted)} == lacking
    for sample in samples:
        unsent = set(golden.closest(shape(sample.payload), sent)) - lacking
        assert bool(unsent) == ((market, key, sample.number) in UNSENT), unsent


# Streams of each product that the server sends within seconds, by row.
SERVED = {
    "spot": (
        "agg_trade", "trade", "kline", "mini_ticker", "all_mini_tickers", "ticker", "rolling_ticker", "book_ticker",
        "average_price", "partial_depth", "depth", "reference_price",
    ),
    "usdm": (
        "agg_trade", "mark_price", "all_mark_prices", "kline", "continuous_kline", "ticker", "all_tickers",
        "book_ticker", "all_book_tickers", "partial_depth", "depth", "rpi_depth", "asset_index", "trading_session",
    ),
    "coinm": (
        "agg_trade", "index_price", "index_price_kline", "mark_price", "mark_price_kline", "pair_mark_price", "ticker",
        "book_ticker", "partial_depth", "depth",
    ),
    "options": ("ticker", "ticker_by_expiration", "depth", "index_prices", "kline", "mark_price"),
}  # fmt: skip


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(seed=7, speed=20, symbols=LISTED, limits=LimitOverrides(weight=100_000)) as running:
        yield running


@pytest.mark.parametrize("product", SERVED)
def test_fields_over_the_network(sim: Simulator, product: str) -> None:
    """A running server sends the same fields and types, on each route of a product."""
    by_name = {ROWS[product, key][0].stream: ROWS[product, key] for key in SERVED[product]}
    for route in {route_of(product, name) for name in by_name}:
        chosen = [name for name in by_name if route_of(product, name) == route]
        with client(sim, combined(f"/{product}/{route}".rstrip("/"), *chosen)) as connection:
            for name, payload in first_of_each(connection, chosen).items():
                wanted = [shape(sample.payload) for sample in by_name[name]]
                assert golden.closest(shape(payload), wanted) == [], name


REST = [(product, row["path"], row["body"]) for product in SERVED for row in golden.read(f"rest/{product}")["samples"]]


@pytest.mark.parametrize(("product", "path", "body"), REST, ids=[row[1] for row in REST])
def test_fields_of_rest_answers(sim: Simulator, product: str, path: str, body: Any) -> None:
    """Every REST answer has the fields and types of its golden sample."""
    status, answer = get(sim, f"/{product}{quote(path, safe='/?&=')}", **{"X-MBX-APIKEY": "some key"})
    assert status == 200, answer
    assert differences(shape(answer), shape(body)) == []


def test_every_public_call_has_a_golden_sample() -> None:
    """Who adds a call adds its sample."""
    sampled = {(product, path.partition("?")[0]) for product, path, _ in REST}
    assert {(row.product, row.path) for row in PUBLIC} == sampled
