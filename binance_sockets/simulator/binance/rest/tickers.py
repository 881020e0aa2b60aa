"""Rows of prices and price changes, of one symbol, some, or all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.rest.backend import Backend
from binance_sockets.simulator.binance.rest.query import Query, RestError
from binance_sockets.simulator.binance.rest.rows import Call, Row, get, one_or_all, per_symbol
from binance_sockets.simulator.market.candles import DAY, HOUR, MINUTE

__all__ = ["ROWS", "of_each"]

_TYPES = ("FULL", "MINI")
_CHANGES = ("priceChange", "priceChangePercent", "weightedAvgPrice")
_UNITS = {"m": (MINUTE, 59), "h": (HOUR, 23), "d": (DAY, 7)}

RowMaker = Callable[[BinanceMarket, Query, int], dict[str, Any]]


def of_each(make: RowMaker, *, needed: bool = False) -> Call:
    """A call that makes a row of each selected market: one alone for ``symbol``, else a list (COIN-M: always).

    Args:
        make: the row of a market at a time.
        needed: whether ``symbol`` or ``symbols`` must be sent.
    """

    def call(backend: Backend, query: Query) -> object:
        if needed and "symbol" not in query and "symbols" not in query:
            raise RestError(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
        selected = backend.selected(query)
        rows = [make(backend.look(found), query, backend.now()) for found in selected]
        return rows[0] if "symbol" in query and query.product != "coinm" else rows

    return call


def _full(market: BinanceMarket, p: payloads.Payload, query: Query) -> dict[str, Any]:
    """The fields that every price change has, from the stream's payload."""
    coinm = query.product == "coinm"
    row = {
        "symbol": market.instrument.symbol, **({"pair": market.instrument.pair} if coinm else {}),
        "priceChange": p["p"], "priceChangePercent": p["P"], "weightedAvgPrice": p["w"],
        "openPrice": p["o"], "highPrice": p["h"], "lowPrice": p["l"], "lastPrice": p["c"], "volume": p["v"],
        "baseVolume" if coinm else "quoteVolume": p["q"],
        "openTime": p["O"], "closeTime": p["C"], "firstId": p["F"], "lastId": p["L"], "count": p["n"],
    }  # fmt: skip
    if query.product == "spot" and query.choice("type", _TYPES, "FULL") == "MINI":
        return {key: value for key, value in row.items() if key not in _CHANGES}
    return row


def day(market: BinanceMarket, query: Query, now: int) -> dict[str, Any]:
    """The last 24 hours."""
    p = payloads.ticker(market, now, query.ts)
    row = _full(market, p, query)
    if "priceChange" not in row:
        return row
    row["lastQty"] = p["Q"]
    if query.product == "spot":
        row |= {"prevClosePrice": p["x"], "bidPrice": p["b"], "bidQty": p["B"], "askPrice": p["a"], "askQty": p["A"]}
    return row


def trading_day(market: BinanceMarket, query: Query, now: int) -> dict[str, Any]:
    """The day of a time zone, from its midnight to its end."""
    offset = query.zone()
    start = (now + offset) // DAY * DAY - offset
    p = payloads.window_ticker(market, "1d", start, now, query.ts)
    return _full(market, {**p, "C": query.ts(start + DAY - 1)}, query)


def window(market: BinanceMarket, query: Query, now: int) -> dict[str, Any]:
    """A window of minutes, hours or days."""
    text = query.text("windowSize", "1d")
    unit, most = _UNITS[text[-1]]
    number = int(text[:-1])
    if number > most:
        raise RestError(
            -1100, "Illegal characters found in parameter 'windowSize'; legal range is '^[0-9]{1,2}[mhd]$'."
        )
    return _full(market, payloads.rolling_ticker(market, text, number * unit, now, query.ts), query)


def price(market: BinanceMarket, query: Query, now: int) -> dict[str, Any]:
    """The last price."""
    i, last = market.instrument, market.last_trade()
    row = {"symbol": i.symbol, "price": i.price_text(last.price)}
    if query.product == "coinm":
        row["ps"] = i.pair
    return row if query.product == "spot" else {**row, "time": query.ts(last.time)}


def book_ticker(market: BinanceMarket, query: Query, now: int) -> dict[str, Any]:
    """The best bid and ask."""
    i = market.instrument
    p = payloads.book_ticker(market, now, query.ts)
    row = {"symbol": p["s"], "bidPrice": p["b"], "bidQty": p["B"], "askPrice": p["a"], "askQty": p["A"]}
    if query.product == "spot":
        return row
    pair = {"pair": i.pair} if query.product == "coinm" else {}
    return {"lastUpdateId": p["u"], **row, **pair, "time": p["T"]}


def average_price(backend: Backend, query: Query) -> object:
    payload = payloads.average_price(backend.market(query), backend.now(), query.ts)
    return {"mins": 5, "price": payload["w"], "closeTime": payload["T"]}


def _day_weight(query: Query) -> int:
    if "symbol" in query:
        return 2
    count = query.text("symbols").count('"') // 2 if "symbols" in query else 101
    return 2 if count <= 20 else 40 if count <= 100 else 80


_SOME = "symbol symbols symbolStatus"
_futures_price = of_each(price)
ROWS: tuple[Row, ...] = (
    *get("spot", "avgPrice", 2, average_price, "symbol!"),
    *get("spot", "ticker/24hr", _day_weight, of_each(day), f"{_SOME} type"),
    *get("spot", "ticker/tradingDay", per_symbol(4, 200), of_each(trading_day, needed=True), f"{_SOME} type timeZone"),
    *get("spot", "ticker", per_symbol(4, 200), of_each(window, needed=True), f"{_SOME} type windowSize"),
    *get("spot", "ticker/price", one_or_all(2, 4), of_each(price), _SOME),
    *get("spot", "ticker/bookTicker", one_or_all(2, 4), of_each(book_ticker), _SOME),
    *get("usdm", "ticker/24hr", one_or_all(1, 40), of_each(day), "symbol"),
    *get("coinm", "ticker/24hr", one_or_all(1, 40), of_each(day), "symbol pair"),
    *get("usdm", "ticker/price", one_or_all(1, 2), _futures_price, "symbol"),
    *get("usdm", "/fapi/v2/ticker/price", one_or_all(1, 2), _futures_price, "symbol"),
    *get("coinm", "ticker/price", one_or_all(1, 2), _futures_price, "symbol pair"),
    *get("usdm", "ticker/bookTicker", one_or_all(2, 5), of_each(book_ticker), "symbol"),
    *get("coinm", "ticker/bookTicker", one_or_all(2, 5), of_each(book_ticker), "symbol pair"),
)
