"""The REST calls of public market data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from binance_sockets.faults import Fault
from binance_sockets.simulator.answers import json_answer
from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import PRODUCTS, BinanceMarket, Listed
from binance_sockets.simulator.market.book import BUY, SELL
from binance_sockets.simulator.market.candles import DAY, INTERVALS
from binance_sockets.simulator.market.instruments import fixed
from binance_sockets.simulator.session import Services

__all__ = ["Rest"]

_GONE = (
    "<html>\r\n<head><title>410 Gone</title></head>\r\n<body>\r\n<center><h1>410 Gone</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_RETIRED = re.compile(r"/spot/(?:api/v[13]|sapi/v1)/userDataStream(?:/isolated)?")
_LIMITS = {"spot": 100, "usdm": 500, "coinm": 500, "options": 100}
_FUTURES_DEPTHS = (5, 10, 20, 50, 100, 500, 1000)


class RestError(Exception):
    """An answer of the form ``{"code", "msg"}``."""

    def __init__(self, code: int, msg: str, status: int = 400) -> None:
        super().__init__(code, msg)
        self.code, self.msg, self.status = code, msg, status


class Rest:
    """Answers REST requests from the same markets that the streams show.

    Args:
        listing: what is listed, and its markets.
        services: faults, clock and playback.
    """

    def __init__(self, listing: Listing, services: Services) -> None:
        self._listing, self._services = listing, services

    def answer(self, method: str, path: str, query: str) -> web.Response:
        """Answer one request; ``path`` begins with the product."""
        if _RETIRED.fullmatch(path):
            return web.Response(text=_GONE, status=410, content_type="text/html", headers={"Server": "nginx"})
        product = PRODUCTS.get(path.split("/")[1])
        call = _CALLS.get(path[len(product.name) + len(product.rest) + 1 :]) if product and self._below(path) else None
        if product is None or call is None or (product.name, call[0]) in _MISSING:
            return web.Response(text="404 page not found", status=404)
        if method != "GET":
            return json_answer({"code": -1000, "msg": "Method not allowed."}, 405)
        try:
            body = call[1](self, product.name, dict(parse_qsl(query)))
        except RestError as error:
            return json_answer({"code": error.code, "msg": error.msg}, error.status)
        headers = {"X-MBX-USED-WEIGHT-1M": "1"}
        if isinstance(body, bytes):
            return web.Response(body=body, content_type="application/json", headers=headers)
        return json_answer(body, headers=headers)

    @staticmethod
    def _below(path: str) -> bool:
        product = PRODUCTS[path.split("/")[1]]
        return path.startswith(f"/{product.name}{product.rest}/")

    # arguments

    def _now(self) -> int:
        return self._services.feed.clock.advance()

    def _instrument(self, product: str, query: Mapping[str, str]) -> Listed:
        symbol = query.get("symbol")
        if not symbol:
            raise RestError(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
        found = self._listing.find(product, symbol)
        if found is None:
            raise RestError(-1121, "Invalid symbol.")
        return found

    def _market(self, product: str, query: Mapping[str, str]) -> BinanceMarket:
        market = self._listing.market(self._instrument(product, query), self._now())
        self._services.feed.look(market)
        return market

    @staticmethod
    def _number(query: Mapping[str, str], name: str, default: int) -> int:
        text = query.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"\d{1,18}", text):
            raise RestError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
        return int(text)

    # calls

    def ping(self, product: str, query: Mapping[str, str]) -> object:
        return {}

    def time(self, product: str, query: Mapping[str, str]) -> object:
        return {"serverTime": payloads.milliseconds(self._now())}

    def exchange_info(self, product: str, query: Mapping[str, str]) -> object:
        rows = [self._instrument(product, query)] if "symbol" in query else list(self._listing.listed[product].values())
        head = {"timezone": "UTC", "serverTime": payloads.milliseconds(self._now()), "rateLimits": _RATE_LIMITS}
        if product == "options":
            return {**head, "optionContracts": [], "optionAssets": [], "optionSymbols": [_symbol(row) for row in rows]}
        return {**head, "exchangeFilters": [], "symbols": [_symbol(row) for row in rows]}

    def depth(self, product: str, query: Mapping[str, str]) -> object:
        return self._depth(product, query, rpi=False)

    def rpi_depth(self, product: str, query: Mapping[str, str]) -> object:
        return self._depth(product, query, rpi=True)

    def _depth(self, product: str, query: Mapping[str, str], *, rpi: bool) -> object:
        recorded = self._services.replay.snapshots
        body = recorded.get(query.get("symbol", "")) or recorded.get("")
        if body is not None:
            return body
        limit = self._number(query, "limit", _LIMITS[product])
        if product in ("usdm", "coinm") and limit not in _FUTURES_DEPTHS:
            raise RestError(-4021, f"Parameter 'limit' must be one of {', '.join(map(str, _FUTURES_DEPTHS))}.")
        market = self._market(product, query)
        stale = self._services.faults.strike(Fault.STALE_SNAPSHOT, product)
        snapshot = market.first_snapshot if stale else market.snapshot(5000, retail=rpi)
        return payloads.rest_depth(market, snapshot, max(1, limit), self._now())

    def trades(self, product: str, query: Mapping[str, str]) -> object:
        market = self._market(product, query)
        rows = list(market.trades)[-self._number(query, "limit", 500) :]
        return [_trade(market.instrument, row) for row in rows]

    def historical_trades(self, product: str, query: Mapping[str, str]) -> object:
        market = self._market(product, query)
        limit = self._number(query, "limit", 500)
        first = self._number(query, "fromId", 0)
        rows = [row for row in market.trades if row.id >= first]
        return [_trade(market.instrument, row) for row in (rows[:limit] if first else rows[-limit:])]

    def agg_trades(self, product: str, query: Mapping[str, str]) -> object:
        market = self._market(product, query)
        first, limit = self._number(query, "fromId", -1), self._number(query, "limit", 500)
        start, end = self._number(query, "startTime", 0), self._number(query, "endTime", 10**15)
        window_end = self._now() // 100_000 * 100_000 if product != "spot" else self._now() + DAY
        rows = [row for row in market.aggs if row.time < window_end and start <= row.time // 1000 <= end]
        rows = [row for row in rows if row.id >= first]
        bounded = first >= 0 or "startTime" in query
        stamp = payloads.milliseconds
        keys = ("a", "p", "q", "nq", "f", "l", "T", "m", "M")
        return [
            {key: value for key, value in payloads.agg_trade(market, row, 0, stamp).items() if key in keys}
            for row in (rows[:limit] if bounded else rows[-limit:])
        ]

    def klines(self, product: str, query: Mapping[str, str]) -> object:
        market = self._market(product, query)
        interval = query.get("interval", "")
        if interval not in INTERVALS or (interval == "1s" and product != "spot"):
            raise RestError(-1120, "Invalid interval.")
        start, end = self._number(query, "startTime", 0), self._number(query, "endTime", 10**15)
        limit = self._number(query, "limit", 500)
        rows = [bar for bar in market.bars(interval).all() if start <= bar.start // 1000 <= end]
        i = market.instrument
        return [
            [
                bar.start // 1000, i.price_text(bar.open), i.price_text(bar.high), i.price_text(bar.low),
                i.price_text(bar.close), i.qty_text(bar.volume), (bar.end - 1) // 1000, i.turnover_text(bar.turnover),
                bar.count, i.qty_text(bar.buy_volume), i.turnover_text(bar.buy_turnover), "0",
            ]
            for bar in (rows[:limit] if "startTime" in query else rows[-limit:])
        ]  # fmt: skip

    def average_price(self, product: str, query: Mapping[str, str]) -> object:
        payload = payloads.average_price(self._market(product, query), self._now(), payloads.milliseconds)
        return {"mins": 5, "price": payload["w"], "closeTime": payload["T"]}

    def ticker(self, product: str, query: Mapping[str, str]) -> object:
        market = self._market(product, query)
        p = payloads.ticker(market, self._now(), payloads.milliseconds)
        (bid, bid_qty), (ask, ask_qty) = market.best(BUY), market.best(SELL)
        i = market.instrument
        return {
            "symbol": i.symbol, "priceChange": p["p"], "priceChangePercent": p["P"], "weightedAvgPrice": p["w"],
            "prevClosePrice": p["o"], "lastPrice": p["c"], "lastQty": p["Q"], "bidPrice": i.price_text(bid),
            "bidQty": i.qty_text(bid_qty), "askPrice": i.price_text(ask), "askQty": i.qty_text(ask_qty),
            "openPrice": p["o"], "highPrice": p["h"], "lowPrice": p["l"], "volume": p["v"], "quoteVolume": p["q"],
            "openTime": p["O"], "closeTime": p["C"], "firstId": p["F"], "lastId": p["L"], "count": p["n"],
        }  # fmt: skip

    def price(self, product: str, query: Mapping[str, str]) -> object:
        market = self._market(product, query)
        i = market.instrument
        return {"symbol": i.symbol, "price": i.price_text(market.last_trade().price)}

    def book_ticker(self, product: str, query: Mapping[str, str]) -> object:
        p = payloads.book_ticker(self._market(product, query), self._now(), payloads.milliseconds)
        return {"symbol": p["s"], "bidPrice": p["b"], "bidQty": p["B"], "askPrice": p["a"], "askQty": p["A"]}

    def premium_index(self, product: str, query: Mapping[str, str]) -> object:
        p = payloads.mark_price(self._market(product, query), self._now(), payloads.milliseconds)
        return {
            "symbol": p["s"], "markPrice": p["p"], "indexPrice": p["i"], "estimatedSettlePrice": p["P"],
            "lastFundingRate": p["r"], "nextFundingTime": p["T"], "time": p["E"],
        }  # fmt: skip


_Call = Callable[[Rest, str, Mapping[str, str]], object]
_CALLS: dict[str, tuple[str, _Call]] = {
    f"/{name}": (name, call)
    for name, call in {
        "ping": Rest.ping,
        "time": Rest.time,
        "exchangeInfo": Rest.exchange_info,
        "depth": Rest.depth,
        "rpiDepth": Rest.rpi_depth,
        "trades": Rest.trades,
        "historicalTrades": Rest.historical_trades,
        "aggTrades": Rest.agg_trades,
        "klines": Rest.klines,
        "avgPrice": Rest.average_price,
        "ticker/24hr": Rest.ticker,
        "ticker/price": Rest.price,
        "ticker/bookTicker": Rest.book_ticker,
        "premiumIndex": Rest.premium_index,
    }.items()
}
_MISSING = frozenset(
    {
        *((product, "rpiDepth") for product in ("spot", "coinm", "options")),
        *((product, "avgPrice") for product in ("usdm", "coinm", "options")),
        *((product, "premiumIndex") for product in ("spot", "options")),
        *(("options", name) for name in ("aggTrades", "ticker/24hr", "ticker/price", "ticker/bookTicker")),
    }
)
_RATE_LIMITS = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000}]


def _symbol(i: Listed) -> dict[str, Any]:
    tick, lot = fixed(1, i.price_places, i.padding), fixed(1, i.qty_places, i.padding)
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000", "tickSize": tick},
        {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "1000000", "stepSize": lot},
    ]
    row: dict[str, Any] = {"symbol": i.symbol}
    if i.product == "options":
        return {
            **row, "side": i.contract, "strikePrice": f"{i.strike:g}", "underlying": i.pair, "unit": 1,
            "expiryDate": payloads.delivery_ms(i.delivery), "quoteAsset": i.quote, "status": "TRADING",
            "filters": filters,
        }  # fmt: skip
    if i.product == "spot":
        return {
            **row, "status": "TRADING", "baseAsset": i.base, "baseAssetPrecision": 8, "quoteAsset": i.quote,
            "quotePrecision": 8, "quoteAssetPrecision": 8, "isSpotTradingAllowed": True, "filters": filters,
        }  # fmt: skip
    status = "contractStatus" if i.product == "coinm" else "status"
    size = {"contractSize": i.contract_size} if i.product == "coinm" else {}
    return {
        **row, "pair": i.pair, "contractType": i.contract, "deliveryDate": payloads.delivery_ms(i.delivery),
        status: "TRADING", **size, "baseAsset": i.base, "quoteAsset": i.quote, "pricePrecision": i.price_places,
        "quantityPrecision": i.qty_places, "filters": filters,
    }  # fmt: skip


def _trade(i: Listed, row: Any) -> dict[str, Any]:
    value = fixed(i.turnover(row.price, row.qty), i.turnover_places, i.padding)
    quote = "baseQty" if i.contract_size else "quoteQty"
    trade = {
        "id": row.id, "price": i.price_text(row.price), "qty": i.qty_text(row.qty), quote: value,
        "time": payloads.milliseconds(row.time), "isBuyerMaker": row.buyer_maker,
    }  # fmt: skip
    return {**trade, "isBestMatch": True} if i.product == "spot" else trade
