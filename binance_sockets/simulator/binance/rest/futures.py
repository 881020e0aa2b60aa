"""Rows of what only futures have: mark and index prices, funding, open interest."""

from __future__ import annotations

import hashlib
from typing import Any

from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.rest.backend import Backend
from binance_sockets.simulator.binance.rest.query import Query, RestError
from binance_sockets.simulator.binance.rest.rows import Row, get, one_or_all
from binance_sockets.simulator.binance.rest.tickers import of_each
from binance_sockets.simulator.market.candles import HOUR
from binance_sockets.simulator.market.instruments import fixed

__all__ = ["ROWS"]

_FUNDING = 8 * HOUR
_INTEREST = "0.00010000"
_CAPS_SINCE = 1_758_000_000_000


def premium_index(market: BinanceMarket, query: Query, now: int) -> dict[str, Any]:
    """Mark price, index price and funding."""
    p = payloads.mark_price(market, now, query.ts)
    pair = {"pair": market.instrument.pair} if query.product == "coinm" else {}
    return {
        "symbol": p["s"], **pair, "markPrice": p["p"], "indexPrice": p["i"], "estimatedSettlePrice": p["P"],
        "lastFundingRate": p["r"], "interestRate": _INTEREST if p["r"] else "", "nextFundingTime": p["T"],
        "time": p["E"],
    }  # fmt: skip


def funding_rates(backend: Backend, query: Query) -> object:
    """Past rates; made up, the same whenever they are asked for. Contracts with a delivery have none."""
    limit = query.limit(100, 1000)
    start, end = query.span()
    now = min(backend.now(), end)
    perpetual = [found for found in backend.selected(query) if not found.delivery]
    last = now // _FUNDING * _FUNDING
    count = limit // max(1, len(perpetual)) + 1
    first = max(-(-start // _FUNDING) * _FUNDING, 0 if "startTime" in query else last - (count - 1) * _FUNDING)
    times = range(first, min(last, first + (count - 1) * _FUNDING) + 1, _FUNDING)
    rows = [_funding(found, time, query) for time in times for found in perpetual]
    return rows[:limit] if "startTime" in query else rows[-limit:]


def _funding(found: Listed, time: int, query: Query) -> dict[str, Any]:
    digest = hashlib.sha256(f"{found.key}/{time}".encode()).digest()
    rate = 10_000 + int.from_bytes(digest[:2], "big") % 12_001 - 8_000
    return {
        "symbol": found.symbol, "fundingTime": query.ts(time), "fundingRate": fixed(rate, 8),
        "markPrice": fixed(found.price8(found.start_price), 8), "rateType": "Regular",
    }  # fmt: skip


def funding_info(backend: Backend, query: Query) -> object:
    return [
        {
            "symbol": found.symbol, "adjustedFundingRateCap": "0.02000000", "adjustedFundingRateFloor": "-0.02000000",
            "fundingIntervalHours": 8, "disclaimer": False, "updateTime": _CAPS_SINCE,
        }
        for found in backend.listing.listed[query.product].values()
        if not found.delivery
    ]  # fmt: skip


def open_interest(backend: Backend, query: Query) -> object:
    market = backend.market(query)
    p = payloads.open_interest(market, backend.now(), query.ts)
    row = {"symbol": p["s"], "openInterest": p["o"], "time": p["E"]}
    if query.product == "coinm":
        row |= {"pair": market.instrument.pair, "contractType": market.instrument.contract}
    return row


def asset_index(backend: Backend, query: Query) -> object:
    now = backend.now()
    rows = []
    for name, found in backend.listing.collateral().items():
        p = payloads.asset_index(name, backend.look(found).prices.index8, now, query.ts)
        rows.append(
            {
                "symbol": p["s"], "time": p["E"], "index": p["i"], "bidBuffer": p["b"], "askBuffer": p["a"],
                "bidRate": p["B"], "askRate": p["A"], "autoExchangeBidBuffer": p["q"],
                "autoExchangeAskBuffer": p["g"], "autoExchangeBidRate": p["Q"], "autoExchangeAskRate": p["G"],
            }
        )  # fmt: skip
    if "symbol" not in query:
        return rows
    one = [row for row in rows if row["symbol"] == query.text("symbol")]
    if not one:
        raise RestError(-1121, "Invalid symbol.")
    return one[0]


def index_info(backend: Backend, query: Query) -> object:
    parts = [backend.look(found) for found in backend.listing.index_parts()]
    indexes = [found for found in backend.selected(query) if found.index]
    if not indexes:
        raise RestError(-1121, "Invalid symbol.")
    rows = [payloads.composite_index(backend.look(found), parts, backend.now(), query.ts) for found in indexes]
    return [
        {
            "symbol": p["s"], "time": p["E"], "component": p["C"],
            "baseAssetList": [
                {"baseAsset": c["b"], "quoteAsset": c["q"], "weightInQuantity": c["w"], "weightInPercentage": c["W"]}
                for c in p["c"]
            ],
        }
        for p in rows
    ]  # fmt: skip


def constituents(backend: Backend, query: Query) -> object:
    found = backend.listing.matching((query.product,), pair=query.text("symbol"))
    if not found:
        raise RestError(-1121, "Invalid symbol.")
    market = backend.look(found[0])
    part = {"exchange": "binance", "symbol": market.instrument.pair, "price": fixed(market.prices.index8, 8)}
    return {
        "symbol": market.instrument.pair,
        "time": query.ts(backend.now()),
        "constituents": [{**part, "weight": "1.00000000"}],
    }


ROWS: tuple[Row, ...] = (
    *get("usdm", "premiumIndex", one_or_all(1, 10), of_each(premium_index), "symbol"),
    *get("coinm", "premiumIndex", 10, of_each(premium_index), "symbol pair"),
    *get("usdm", "fundingRate", 0, funding_rates, "symbol startTime endTime limit"),
    *get("coinm", "fundingRate", 1, funding_rates, "symbol! startTime endTime limit"),
    *get("usdm coinm", "fundingInfo", 0, funding_info),
    *get("usdm coinm", "openInterest", 1, open_interest, "symbol!"),
    *get("usdm", "assetIndex", one_or_all(1, 10), asset_index, "symbol"),
    *get("usdm", "indexInfo", 1, index_info, "symbol"),
    *get("usdm coinm", "constituents", 2, constituents, "symbol!"),
)
