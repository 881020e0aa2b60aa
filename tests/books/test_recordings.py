"""Recorded sequences: the book that diffs give is the one that snapshots and book tickers prove."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from binance_sockets.books import BookSync, Depth, OrderBook, Rule

SEQUENCES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sequences"
needs_recordings = pytest.mark.skipif(not SEQUENCES.is_dir(), reason="no folder ../shared/data beside the project")

FILES = {
    "spot": (Rule.SPOT, ["hftbacktest_spot_btcusdt_2024-08/spot_btcusdt_20240808.log.gz"]),
    "usdm": (Rule.FUTURES, ["hftbacktest_usdm_btcusdt_2024-08/usdm_btcusdt_20240808.log.gz"]),
    "coinm": (
        Rule.FUTURES,
        [
            "hftbacktest_coinm_btcusd_perp_2024-08/cm_btcusd_perp_20240808.log.gz",
            "hftbacktest_coinm_btcusd_perp_2024-08/cm_btcusd_perp_20240809.log.gz",
        ],
    ),
}


def frames(names: list[str]) -> Iterator[dict[str, Any]]:
    decode = msgspec.json.Decoder().decode
    for name in names:
        with gzip.open(SEQUENCES / name) as lines:
            for line in lines:
                yield decode(line.split(b" ", 1)[1])


@needs_recordings
@pytest.mark.parametrize("product", FILES)
def test_a_recorded_book_agrees_with_every_book_ticker(product: str) -> None:
    """Each book ticker with the id of a diff has the price and quantity of the book at that id, where it is known."""
    rule, names = FILES[product]
    book = OrderBook(numbers="decimal")
    sync = BookSync(book, rule, lambda: None, limit=1000, refresh_below=0)
    agreed, tickers = 0, {}
    for message in frames(names):
        if "lastUpdateId" in message:
            sync.snapshot(message["lastUpdateId"], message["bids"], message["asks"])
        elif message["stream"].endswith("@bookTicker"):
            tickers[message["data"]["u"]] = message["data"]
        elif "@depth" in message["stream"]:
            data = message["data"]
            applied = sync.diff(Depth(data["U"], data["u"], data.get("pu"), data["b"], data["a"], data["E"]))
            ticker = tickers.get(data["u"])
            if applied and ticker is not None:
                top = book.top(1)
                agreed += 1
                for side, price, quantity in ((top.bids, "b", "B"), (top.asks, "a", "A")):
                    if side:
                        assert (side[0].price, side[0].quantity) == (
                            msgspec.convert(ticker[price], type(side[0].price), strict=False),
                            msgspec.convert(ticker[quantity], type(side[0].quantity), strict=False),
                        )
    assert agreed > 500
    assert (sync.counts.resyncs, book.in_sync) == (0, True)
