"""Recorded messages in a folder beside the project, where it is, or in the one that ``RECORDINGS`` names."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from golden import compact

__all__ = ["BARE", "Recorded", "SHARED", "needs_recordings", "recorded_lines", "single_messages"]

SHARED = Path(os.environ.get("RECORDINGS") or Path(__file__).resolve().parents[4] / "shared" / "data")
needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason="no folder ../shared/data beside the project")

Recorded: TypeAlias = tuple[str, str, bool, bytes]
"""Market, stream, whether it is wrapped, and the message."""

# Which stream a bare message belongs to, by the folder that it lies in.
BARE = {
    "spot": {
        "1hTicker": "x@ticker_1h",
        "24hrMiniTicker": "x@miniTicker",
        "24hrTicker": "x@ticker",
        "aggTrade": "x@aggTrade",
        "arr.1hTicker": "!ticker_1h@arr",
        "arr.24hrMiniTicker": "!miniTicker@arr",
        "avgPrice": "x@avgPrice",
        "blockTrade": "x@blockTrade",
        "bookTicker": "x@bookTicker",
        "depthUpdate": "x@depth",
        "kline": "x@kline_1m",
        "partialDepth": "x@depth5",
        "referencePrice": "x@referencePrice",
        "trade": "x@trade",
    },
    "usdm": {
        "24hrMiniTicker": "x@miniTicker",
        "24hrTicker": "x@ticker",
        "EquityUpdate": "tradingSession",
        "aggTrade": "x@aggTrade",
        "arr.24hrMiniTicker": "!miniTicker@arr",
        "arr.24hrTicker": "!ticker@arr",
        "arr.assetIndexUpdate": "!assetIndex@arr",
        "arr.markPriceUpdate": "!markPrice@arr",
        "arr.ticker": "!ticker@arr",
        "assetIndexUpdate": "x@assetIndex",
        "bookTicker": "x@bookTicker",
        "compositeIndex": "x@compositeIndex",
        "continuous_kline": "x_perpetual@continuousKline_1m",
        "contractInfo": "!contractInfo",
        "depthUpdate": "x@depth",
        "forceOrder": "x@forceOrder",
        "kline": "x@kline_1m",
        "markPriceUpdate": "x@markPrice",
        "partialDepth": "x@depth5",
        "rpiDepth": "x@rpiDepth@500ms",
        "trade": "x@trade",
    },
    "coinm": {
        "arr.indexPriceUpdate": "!indexPrice@arr",
        "24hrMiniTicker": "x_perp@miniTicker",
        "24hrTicker": "x_perp@ticker",
        "IndexUpdate": "x@indexPrice",
        "aggTrade": "x_perp@aggTrade",
        "arr.24hrMiniTicker": "!miniTicker@arr",
        "arr.24hrTicker": "!ticker@arr",
        "arr.markPriceUpdate": "x@markPrice",
        "bookTicker": "x_perp@bookTicker",
        "continuous_kline": "x_next_quarter@continuousKline_1m",
        "contractInfo": "!contractInfo",
        "depthUpdate": "x_perp@depth",
        "forceOrder": "x_perp@forceOrder",
        "indexPriceUpdate": "x@indexPrice",
        "indexPrice_kline": "x@indexPriceKline_1m",
        "kline": "x_perp@kline_1m",
        "markPriceUpdate": "x_perp@markPrice",
        "markPrice_kline": "x_perp@markPriceKline_1m",
        "trade": "x_perp@trade",
        "partialDepth": "x_perp@depth5",
    },
    "options": {
        "24hrTicker": "x@optionTicker",
        "arr.indexPrice": "!index@arr",
        "arr.markPrice": "x@optionMarkPrice",
        "arr.openInterest": "x@openInterest@991231",
        "bookTicker": "x@bookTicker",
        "depthUpdate": "x@depth@100ms",
        "kline": "x@kline_1m",
        "optionSymbol": "!optionSymbol",
        "partialDepth": "x@depth5@100ms",
        "trade": "x@optionTrade",
    },
}


def recorded_lines(step: int = 1) -> Iterator[Recorded]:
    """Every message of the recorded sequences, in order, or one of ``step`` lines."""
    places = {"spot": "spot", "usdm": "usdm", "coinm": "coinm", "binanceus": "us"}
    for path in sorted((SHARED / "sequences").glob("*/*")):
        market = next((places[part] for part in path.parent.name.split("_") if part in places), None)
        if market is None or path.name.endswith((".0.0", "FUTURES.0")):
            continue
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in data.splitlines()[::step]:
            found = re.match(rb'\S+ (\{"stream":"([^"]+)".*\})$', line)
            if found:
                yield market, found[2].decode(), True, found[1]


def single_messages() -> Iterator[Recorded]:
    """Those that were recorded alone, in the usual spacing."""
    for market, folders in BARE.items():
        for folder, bare in folders.items():
            for path in sorted((SHARED / "binance" / market / folder).glob("*.json")):
                document = json.loads(path.read_bytes())
                wrapped = isinstance(document, dict) and "stream" in document
                yield market, document["stream"] if wrapped else bare, wrapped, compact(document)
    for path in sorted((SHARED / "new_samples_2026").glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            yield path.stem.partition("_")[2], json.loads(line)["stream"], True, compact(json.loads(line))
