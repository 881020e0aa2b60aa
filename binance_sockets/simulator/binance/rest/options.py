"""Rows that options have in a form of their own."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.rest.backend import Backend
from binance_sockets.simulator.binance.rest.query import Query, RestError
from binance_sockets.simulator.binance.rest.rows import Row, get
from binance_sockets.simulator.market.book import BUY, SELL
from binance_sockets.simulator.market.instruments import fixed

__all__ = ["ROWS"]


def trades(backend: Backend, query: Query) -> object:
    market = backend.market(query)
    i = market.instrument
    return [
        {
            "id": row.taker_order, "tradeId": row.id, "symbol": i.symbol, "price": i.price_text(row.price),
            "qty": i.qty_text(row.qty), "quoteQty": i.turnover_text(i.turnover(row.price, row.qty)),
            "side": -1 if row.buyer_maker else 1, "time": query.ts(row.time),
        }
        for row in list(market.trades)[-query.limit(100, 500) :]
    ]  # fmt: skip


def block_trades(backend: Backend, query: Query) -> object:
    """The crowd of options agrees on nothing off the book."""
    backend.selected(query)
    query.limit(100, 500)
    return []


def ticker(backend: Backend, query: Query) -> object:
    return [_ticker(backend, backend.look(found), query) for found in backend.selected(query)]


def _ticker(backend: Backend, market: BinanceMarket, query: Query) -> dict[str, Any]:
    i, now = market.instrument, backend.now()
    p = payloads.ticker(market, now, query.ts)
    underlying = backend.listing.underlying(i.pair, now)
    return {
        "symbol": i.symbol, "priceChange": p["p"], "priceChangePercent": p["P"], "lastPrice": p["c"],
        "lastQty": p["Q"], "open": p["o"], "high": p["h"], "low": p["l"], "volume": p["v"], "amount": p["q"],
        "bidPrice": i.price_text(market.best(BUY)[0]), "askPrice": i.price_text(market.best(SELL)[0]),
        "openTime": p["O"], "closeTime": p["C"], "firstTradeId": p["F"], "tradeCount": p["n"],
        "strikePrice": f"{i.strike:g}", "exercisePrice": fixed(underlying.prices.index8, 8),
    }  # fmt: skip


def mark(backend: Backend, query: Query) -> object:
    return [_mark(backend, backend.look(found), query) for found in backend.selected(query)]


def _mark(backend: Backend, market: BinanceMarket, query: Query) -> dict[str, Any]:
    now = backend.now()
    underlying = backend.listing.underlying(market.instrument.pair, now)
    p = payloads.option_mark(market, underlying.prices.index8, now, query.ts)
    return {
        "symbol": p["s"], "markPrice": p["mp"], "bidIV": p["b"], "askIV": p["a"], "markIV": p["vo"], "delta": p["d"],
        "theta": p["t"], "gamma": p["g"], "vega": p["v"], "highPriceLimit": p["hl"], "lowPriceLimit": p["ll"],
        "riskFreeInterest": p["rf"],
    }  # fmt: skip


def index(backend: Backend, query: Query) -> object:
    pair = query.text("underlying")
    if not backend.listing.matching(("options",), pair=pair):
        raise RestError(-1121, "Invalid symbol.")
    now = backend.now()
    underlying = backend.listing.underlying(pair, now)
    backend.services.feed.look(underlying)
    return {"time": query.ts(now), "indexPrice": fixed(underlying.prices.index8, 8)}


def open_interest(backend: Backend, query: Query) -> object:
    asset, day = query.text("underlyingAsset"), query.text("expiration")
    found = [row for row in backend.listing.matching(("options",), delivery=day) if asset in (row.base, row.pair)]
    if not found:
        raise RestError(-1121, "Invalid symbol.")
    now = backend.now()
    payloads_of = [payloads.open_interest(backend.look(row), now, query.ts) for row in found]
    return [
        {"symbol": p["s"], "sumOpenInterest": p["o"], "sumOpenInterestUsd": p["h"], "timestamp": str(p["E"])}
        for p in payloads_of
    ]


def exercise_history(backend: Backend, query: Query) -> object:
    """Listed options have yet to expire, and others are not remembered."""
    query.limit(100, 100)
    query.span()
    return []


ROWS: tuple[Row, ...] = (
    *get("options", "trades", 5, trades, "symbol! limit"),
    *get("options", "blockTrades", 5, block_trades, "symbol limit"),
    *get("options", "ticker", 5, ticker, "symbol"),
    *get("options", "mark", 5, mark, "symbol"),
    *get("options", "index", 1, index, "underlying!"),
    *get("options", "openInterest", 0, open_interest, "underlyingAsset! expiration!"),
    *get("options", "exerciseHistory", 3, exercise_history, "underlying startTime endTime limit"),
)
