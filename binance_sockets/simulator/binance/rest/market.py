"""Rows of books, trades and candles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from binance_sockets.faults import Fault
from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.products import INTERVALS, BinanceMarket, Listed
from binance_sockets.simulator.binance.rest.backend import Backend
from binance_sockets.simulator.binance.rest.query import Query, RestError
from binance_sockets.simulator.binance.rest.rows import Row, Weight, by_limit, get
from binance_sockets.simulator.market.candles import DAY, Bar
from binance_sockets.simulator.market.instruments import fixed

__all__ = ["ROWS", "interval_of"]

_DEPTHS = (5, 10, 20, 50, 100, 500, 1000)  # spot takes any
_DEFAULT_DEPTH = {"spot": 100, "usdm": 500, "coinm": 500, "options": 100}


# the book


def depth(backend: Backend, query: Query) -> object:
    return _depth(backend, query, retail=False)


def rpi_depth(backend: Backend, query: Query) -> object:
    return _depth(backend, query, retail=True)


def _depth(backend: Backend, query: Query, *, retail: bool) -> object:
    recorded = backend.services.replay.snapshots
    body = recorded.get(query.text("symbol")) or recorded.get("")
    if body is not None:
        return body
    product = query.product
    limit = query.number("limit", _DEFAULT_DEPTH[product])
    limit = query.limit(limit, 5000 if product == "spot" else 1000)
    if product != "spot" and limit not in _DEPTHS:
        raise RestError(-4021, f"{limit} is not valid depth limit")
    market = backend.market(query)
    stale = backend.services.faults.strike(Fault.STALE_SNAPSHOT, product)
    snapshot = market.first_snapshot if stale else market.snapshot(5000, retail=retail)
    return payloads.rest_depth(market, snapshot, limit, backend.now())


# trades


def trades(backend: Backend, query: Query) -> object:
    market = backend.market(query)
    limit = query.limit(500, 1000)
    return [_trade(market.instrument, row, query) for row in list(market.trades)[-limit:]]


def historical_trades(backend: Backend, query: Query) -> object:
    if query.product != "spot" and not query.request.headers.get("X-MBX-APIKEY"):
        raise RestError(-2014, "API-key format invalid.", 401)
    market = backend.market(query)
    limit = query.limit(500, 1000 if query.product == "spot" else 500)
    first = query.number("fromId", 0)
    rows = [row for row in market.trades if row.id >= first]
    return [_trade(market.instrument, row, query) for row in (rows[:limit] if first else rows[-limit:])]


def historical_blocks(backend: Backend, query: Query) -> object:
    market = backend.market(query)
    limit = query.limit(500, 1000)
    first = query.number("fromId", 0)
    rows = [row for row in market.blocks if row.id >= first]
    i = market.instrument
    return [
        {
            "id": row.id, "price": i.price_text(row.price), "qty": i.qty_text(row.qty),
            "quoteQty": i.turnover_text(i.turnover(row.price, row.qty)), "time": query.ts(row.time),
            "isBuyerMaker": row.buyer_maker,
        }
        for row in (rows[:limit] if first else rows[-limit:])
    ]  # fmt: skip


def _trade(i: Listed, row: Any, query: Query) -> dict[str, Any]:
    value = fixed(i.turnover(row.price, row.qty), i.turnover_places, i.padding)
    quote = "baseQty" if i.contract_size else "quoteQty"
    trade = {
        "id": row.id, "price": i.price_text(row.price), "qty": i.qty_text(row.qty), quote: value,
        "time": query.ts(row.time), "isBuyerMaker": row.buyer_maker,
    }  # fmt: skip
    if i.product == "coinm":
        return trade
    return {**trade, "isBestMatch": True} if i.product == "spot" else {**trade, "isRPITrade": row.retail}


def agg_trades(backend: Backend, query: Query) -> object:
    if query.product == "spot" and "fromId" in query and ("startTime" in query or "endTime" in query):
        raise RestError(-1128, "Combination of optional parameters invalid.")
    market = backend.market(query)
    first, limit = query.number("fromId", -1), query.limit(500, 1000)
    start, end = query.span()
    now = backend.now()
    complete = now // 100_000 * 100_000 if query.product != "spot" else now + DAY
    rows = [row for row in market.aggs if row.time < complete and start <= row.time <= end and row.id >= first]
    bounded = first >= 0 or "startTime" in query
    keys = ("a", "p", "q", "nq", "f", "l", "T", "m", "M")
    return [
        {key: value for key, value in payloads.agg_trade(market, row, 0, query.ts).items() if key in keys}
        for row in (rows[:limit] if bounded else rows[-limit:])
    ]


# candles


def interval_of(query: Query) -> str:
    """The parameter ``interval``.

    Raises:
        RestError: the product has no such candles.
    """
    interval = query.text("interval")
    if interval not in INTERVALS or (interval == "1s" and query.product != "spot"):
        raise RestError(-1120, "Invalid interval.")
    return interval


def klines(backend: Backend, query: Query) -> object:
    interval, offset = interval_of(query), query.zone()
    market = backend.market(query)
    return _candles(query, market, market.bars(interval, offset).all())


def continuous_klines(backend: Backend, query: Query) -> object:
    interval = interval_of(query)
    pair, contract = query.text("pair"), query.text("contractType")
    found = backend.listing.matching((query.product,), pair=pair, contract=contract)
    if not found:
        raise RestError(-1121, "Invalid symbol.")
    market = backend.look(found[0])
    return _candles(query, market, market.bars(interval).all())


def _candles(query: Query, market: BinanceMarket, bars: Iterable[Bar]) -> list[list[Any]]:
    i, ts = market.instrument, query.ts
    return [
        [
            ts(bar.start), i.price_text(bar.open), i.price_text(bar.high), i.price_text(bar.low),
            i.price_text(bar.close), i.qty_text(bar.volume), ts(bar.end - 1), i.turnover_text(bar.turnover),
            bar.count, i.qty_text(bar.buy_volume), i.turnover_text(bar.buy_turnover), "0",
        ]
        for bar in _chosen(query, bars)
    ]  # fmt: skip


def _chosen(query: Query, bars: Iterable[Bar]) -> list[Bar]:
    start, end = query.span()
    limit = query.limit(500, 1000 if query.product == "spot" else 1500)
    rows = [bar for bar in bars if start <= bar.start <= end]
    return rows[:limit] if "startTime" in query else rows[-limit:]


def mark_klines(backend: Backend, query: Query) -> object:
    return _sampled(query, backend.market(query), "mark")


def premium_klines(backend: Backend, query: Query) -> object:
    return _sampled(query, backend.market(query), "premium")


def index_klines(backend: Backend, query: Query) -> object:
    found = backend.listing.matching((query.product,), pair=query.text("pair"))
    if not found:
        raise RestError(-1121, "Invalid symbol.")
    return _sampled(query, backend.look(found[0]), "index")


def _sampled(query: Query, market: BinanceMarket, kind: str) -> list[list[Any]]:
    ts = query.ts
    return [
        [
            ts(bar.start), fixed(bar.open, 8), fixed(bar.high, 8), fixed(bar.low, 8), fixed(bar.close, 8), "0",
            ts(bar.end - 1), "0", bar.count, "0", "0", "0",
        ]
        for bar in _chosen(query, market.price_samples(kind, interval_of(query)).all())
    ]  # fmt: skip


_SPAN = "startTime endTime limit"
_FUTURES_KLINES = by_limit(500, (99, 1), (499, 2), (1000, 5), (1500, 10))
_FUTURES_DEPTH = by_limit(500, (50, 2), (100, 5), (500, 10), (1000, 20))


def _futures(path: str, weight: int | Weight, call: Any, parameters: str) -> list[Row]:
    return get("usdm coinm", path, weight, call, parameters)


ROWS: tuple[Row, ...] = (
    *get("spot", "depth", by_limit(100, (100, 5), (500, 25), (1000, 50), (5000, 250)), depth,
         "symbol! limit symbolStatus"),
    *_futures("depth", _FUTURES_DEPTH, depth, "symbol! limit"),
    *get("options", "depth", by_limit(100, (50, 1), (100, 5), (500, 10), (1000, 20)), depth, "symbol! limit"),
    *get("usdm", "rpiDepth", 20, rpi_depth, "symbol! limit"),
    *get("spot", "trades", 25, trades, "symbol! limit"),
    *_futures("trades", 5, trades, "symbol! limit"),
    *get("spot", "historicalTrades", 25, historical_trades, "symbol! limit fromId"),
    *_futures("historicalTrades", 20, historical_trades, "symbol! limit fromId"),
    *get("spot", "historicalBlockTrades", 25, historical_blocks, "symbol! limit fromId"),
    *get("spot", "aggTrades", 4, agg_trades, f"symbol! fromId {_SPAN}"),
    *_futures("aggTrades", 20, agg_trades, f"symbol! fromId {_SPAN}"),
    *get("spot", "klines", 2, klines, f"symbol! interval! timeZone {_SPAN}"),
    *get("spot", "uiKlines", 2, klines, f"symbol! interval! timeZone {_SPAN}"),
    *_futures("klines", _FUTURES_KLINES, klines, f"symbol! interval! {_SPAN}"),
    *get("options", "klines", 1, klines, f"symbol! interval! {_SPAN}"),
    *_futures("continuousKlines", _FUTURES_KLINES, continuous_klines, f"pair! contractType! interval! {_SPAN}"),
    *_futures("indexPriceKlines", _FUTURES_KLINES, index_klines, f"pair! interval! {_SPAN}"),
    *_futures("markPriceKlines", _FUTURES_KLINES, mark_klines, f"symbol! interval! {_SPAN}"),
    *_futures("premiumIndexKlines", _FUTURES_KLINES, premium_klines, f"symbol! interval! {_SPAN}"),
)  # fmt: skip
