"""The calls that need no key: what is listed, tickers, books, trades and candles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from itertools import groupby, islice, pairwise
from typing import Any

from binance_sockets.simulator.market.candles import DAY, SECOND, Bar
from binance_sockets.simulator.market.market import Trade
from binance_sockets.simulator.upbit import payloads
from binance_sockets.simulator.upbit.backend import Backend
from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.listing import Coin, CoinMarket
from binance_sockets.simulator.upbit.numbers import decimal, text
from binance_sockets.simulator.upbit.payloads import KST, moment
from binance_sockets.simulator.upbit.rest.query import Query
from binance_sockets.simulator.upbit.rest.rows import Row
from binance_sockets.simulator.upbit.streams import DEPTHS, UNITS, group_of, level_text

__all__ = ["ROWS"]

_MOST_TRADES, _MOST_CANDLES = 500, 200
_CAUTIONS = (
    "PRICE_FLUCTUATIONS", "TRADING_VOLUME_SOARING", "DEPOSIT_AMOUNT_SOARING", "GLOBAL_PRICE_DIFFERENCES",
    "CONCENTRATION_OF_SMALL_ACCOUNTS",
)  # fmt: skip
_FIGURES = (
    "opening_price", "high_price", "low_price", "trade_price", "prev_closing_price", "change", "change_price",
    "change_rate", "signed_change_price", "signed_change_rate", "trade_volume", "acc_trade_price",
    "acc_trade_price_24h", "acc_trade_volume", "acc_trade_volume_24h", "highest_52_week_price",
    "highest_52_week_date", "lowest_52_week_price", "lowest_52_week_date", "timestamp",
)  # fmt: skip
_CLOCK = re.compile(r"([01]\d|2[0-3]):?([0-5]\d):?([0-5]\d)")
_Call = Callable[[Backend, Query], Any]
_ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")


def _markets(backend: Backend, query: Query) -> Any:
    details = query.flag("is_details", "isDetails")
    event = {"warning": False, "caution": dict.fromkeys(_CAUTIONS, False)}
    return [
        {
            "market": coin.symbol, "korean_name": coin.names[0], "english_name": coin.names[1],
            **({"market_event": event} if details else {}),
        }
        for coin in backend.listing.coins.values()
    ]  # fmt: skip


def _tickers(backend: Backend, query: Query) -> Any:
    return [_ticker(backend.look(coin)) for coin in _coins(backend, query.words("markets"))]


def _all_tickers(backend: Backend, query: Query) -> Any:
    quotes = query.several("quote_currencies") or list(backend.region.quotes)
    return [_ticker(backend.look(coin)) for coin in backend.listing.coins.values() if coin.quote in quotes]


def _ticker(market: CoinMarket) -> dict[str, Any]:
    figures, time = payloads.statistics(market), market.last_trade().time
    return {
        "market": market.instrument.symbol,
        "trade_date": moment(time, "%Y%m%d"),
        "trade_time": moment(time, "%H%M%S"),
        "trade_date_kst": moment(time + KST, "%Y%m%d"),
        "trade_time_kst": moment(time + KST, "%H%M%S"),
        "trade_timestamp": figures["trade_timestamp"],
        **{name: figures[name] for name in _FIGURES},
    }


def _books(backend: Backend, query: Query) -> Any:
    count, level = query.whole("count", DEPTHS[-1], 1, DEPTHS[-1]), _level(query)
    rows = []
    for coin in _coins(backend, query.words("markets")):
        group = group_of(coin, level)
        if group is None:
            raise query.invalid("level")
        figures = payloads.orderbook(backend.look(coin), count, group, padded=backend.options.zero_padding)
        rows.append({"market": coin.symbol, **figures})
    return rows


def _level(query: Query) -> str:
    try:
        number = Decimal(query.text("level", "0"))
        return f"{number.normalize():f}" if number.is_finite() and abs(number.adjusted()) < 20 else "none"
    except InvalidOperation:
        raise query.invalid("level") from None


def _instruments(backend: Backend, query: Query) -> Any:
    return [
        {
            "market": coin.symbol,
            "quote_currency": coin.quote,
            "tick_size": text(1, coin.price_places),
            "supported_levels": [level_text(coin, group) for group in coin.groups],
        }
        for coin in _coins(backend, query.words("markets"))
    ]


def _trades(backend: Backend, query: Query) -> Any:
    market = _market(backend, query)
    count = query.whole("count", 1, 1, _MOST_TRADES)
    cursor = query.whole("cursor", 10**19, 0, 10**19)
    days = query.whole("days_ago", 0, 0, 7)
    if query.has("days_ago") and not days:
        raise query.invalid("days_ago")
    first, end = _span(market.now, days, query)
    rows = (
        row
        for row in sorted(market.trades, key=payloads.sequential_id, reverse=True)
        if first <= row.time < end and payloads.sequential_id(row) < cursor
    )
    return [_trade(market, row) for row in islice(rows, count)]


def _span(now: int, days: int, query: Query) -> tuple[int, int]:
    """From when to when trades are asked for; without ``days_ago`` from the first one on."""
    day = now // DAY * DAY - days * DAY
    end = day + DAY if days else now + 1
    until = query.text("to", "")
    if until:
        clock = _CLOCK.fullmatch(until)
        if clock is None:
            raise query.invalid("to")
        hours, minutes, seconds = map(int, clock.groups())
        end = min(end, day + (hours * 3600 + minutes * 60 + seconds) * SECOND)
    return (day if days else 0), end


def _trade(market: CoinMarket, row: Trade) -> dict[str, Any]:
    before = payloads.previous_close(market)
    return {
        "market": market.instrument.symbol,
        "trade_date_utc": moment(row.time, "%Y-%m-%d"),
        "trade_time_utc": moment(row.time, "%H:%M:%S"),
        "timestamp": row.time // 1000,
        "trade_price": payloads.price(market, row.price),
        "trade_volume": payloads.volume(market, row.qty),
        "prev_closing_price": payloads.price(market, before),
        "change_price": payloads.change(market, row.price, before)["signed_change_price"],
        "ask_bid": payloads.side_of(row),
        "sequential_id": payloads.sequential_id(row),
    }


# candles


def _seconds(backend: Backend, query: Query) -> Any:
    market = _market(backend, query)
    return [_candle(market, bar) for bar in _bars(market, "1s", query)]


def _minutes(unit: str) -> _Call:
    def call(backend: Backend, query: Query) -> Any:
        market = _market(backend, query)
        return [{**_candle(market, bar), "unit": int(unit[:-1])} for bar in _bars(market, UNITS[unit], query)]

    return call


def _days(backend: Backend, query: Query) -> Any:
    market = _market(backend, query)
    converted = query.text("converting_price_unit", "") == backend.region.local
    every = [bar for bar in market.bars("1d").all() if bar.count]
    before = {bar.start: previous.close for previous, bar in pairwise(every)}
    rows = []
    for bar in _bars(market, "1d", query):
        base = before.get(bar.start, bar.open)
        change = payloads.change(market, bar.close, base)
        row = {
            **_candle(market, bar), "prev_closing_price": payloads.price(market, base),
            "change_price": change["signed_change_price"], "change_rate": change["signed_change_rate"],
        }  # fmt: skip
        if converted:
            row["converted_trade_price"] = _converted(backend, market, bar)
        rows.append(row)
    return rows


def _converted(backend: Backend, market: CoinMarket, bar: Bar) -> Any:
    """The price in the local currency, by that currency's own market of the quote."""
    coin, local = market.instrument, backend.region.local
    if coin.quote == local:
        return payloads.price(market, bar.close)
    other = backend.listing.coins.get(f"{local}-{coin.quote}")
    if other is None:
        return None
    rate = backend.look(other).last_trade().price
    return decimal(bar.close * rate, coin.price_places + other.price_places, 1)


def _periods(interval: str) -> _Call:
    def call(backend: Backend, query: Query) -> Any:
        market = _market(backend, query)
        rows = []
        for bar in _bars(market, interval, query):
            rows.append({**_candle(market, bar), "first_day_of_period": moment(bar.start, "%Y-%m-%d")})
        return rows

    return call


def _candle(market: CoinMarket, bar: Bar) -> dict[str, Any]:
    figures = payloads.candle(market, bar)
    value, volume = figures.pop("candle_acc_trade_price"), figures.pop("candle_acc_trade_volume")
    stamp = min(bar.end - 1, market.now) // 1000
    head = {"market": market.instrument.symbol, **figures, "timestamp": stamp}
    return {**head, "candle_acc_trade_price": value, "candle_acc_trade_volume": volume}


def _bars(market: CoinMarket, interval: str, query: Query) -> list[Bar]:
    """The candles that are asked for, newest first; those without a trade do not exist."""
    count, end = query.whole("count", 1, 1, _MOST_CANDLES), _until(query)
    every: Iterable[Bar] = market.bars("1M" if interval == "1y" else interval).all()
    rows = [bar for bar in every if bar.count]
    if interval == "1y":
        rows = [_sum(list(months)) for _, months in groupby(rows, lambda bar: moment(bar.start, "%Y"))]
    return [bar for bar in reversed(rows) if end is None or bar.start < end][:count]


def _sum(bars: list[Bar]) -> Bar:
    """Months as one year."""
    year = int(moment(bars[0].start, "%Y"))
    start, end = (int(datetime(year + n, 1, 1, tzinfo=timezone.utc).timestamp()) * SECOND for n in (0, 1))
    total = Bar(start, end, bars[0].open, max(bar.high for bar in bars), min(bar.low for bar in bars), bars[-1].close)
    total.volume, total.turnover = sum(bar.volume for bar in bars), sum(bar.turnover for bar in bars)
    total.count = sum(bar.count for bar in bars)
    return total


def _until(query: Query) -> int | None:
    """The end of a query for candles in µs; a time without a zone is UTC."""
    until = query.text("to", "").strip().replace(" ", "T", 1)
    if not until:
        return None
    try:
        time = datetime.fromisoformat(_ZONE.sub(_zone, until))
        time = time if time.tzinfo else time.replace(tzinfo=timezone.utc)
        return (time - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise query.invalid("to") from None


def _zone(found: re.Match[str]) -> str:
    """A zone as Python 3.10 reads it."""
    return "+00:00" if found[0] == "Z" else f"{found[0][:3]}:{found[0][-2:]}"


def _coins(backend: Backend, codes: list[str]) -> list[Coin]:
    missing = [code for code in codes if code not in backend.listing.coins]
    if missing:
        raise Refused(404, status=404)
    return [backend.listing.coins[code] for code in dict.fromkeys(codes)]


def _market(backend: Backend, query: Query) -> CoinMarket:
    (coin,) = _coins(backend, [query.text("market")])
    return backend.look(coin)


ROWS: tuple[Row, ...] = (
    Row("/v1/market/all", "market", _markets),
    Row("/v1/ticker", "ticker", _tickers),
    Row("/v1/ticker/all", "ticker", _all_tickers),
    Row("/v1/orderbook", "orderbook", _books),
    Row("/v1/orderbook/instruments", "orderbook", _instruments),
    Row("/v1/trades/ticks", "trade", _trades),
    Row("/v1/candles/seconds", "candle", _seconds),
    *(Row(f"/v1/candles/minutes/{unit[:-1]}", "candle", _minutes(unit)) for unit in UNITS if unit != "1s"),
    Row("/v1/candles/days", "candle", _days),
    Row("/v1/candles/weeks", "candle", _periods("1w")),
    Row("/v1/candles/months", "candle", _periods("1M")),
    Row("/v1/candles/years", "candle", _periods("1y")),
)
