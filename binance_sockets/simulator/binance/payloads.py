"""The payloads of all events: one function each, fields and order as the exchange sends them in late 2026.

``now`` and all market times are microseconds; ``ts`` turns them into the unit the connection asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.market.book import BUY, SELL, Diff, Levels
from binance_sockets.simulator.market.candles import DAY, HOUR, MINUTE, Bar
from binance_sockets.simulator.market.instruments import fixed
from binance_sockets.simulator.market.market import AggTrade, Block, Liquidation, Trade

Payload = dict[str, Any]
Stamp = Callable[[int], int]


def milliseconds(time: int) -> int:
    """The unit of all times unless a connection asks for microseconds."""
    return time // 1000


def microseconds(time: int) -> int:
    """The unit of spot connections with ``timeUnit=MICROSECOND``."""
    return time


def _is_futures(instrument: Listed) -> bool:
    return instrument.product in ("usdm", "coinm")


def _pair(instrument: Listed) -> Payload:
    return {"ps": instrument.pair} if _is_futures(instrument) else {}


def _type(instrument: Listed) -> Payload:
    return {"st": instrument.symbol_type} if _is_futures(instrument) else {}


# trades


def trade(market: BinanceMarket, row: Trade, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    price, qty = i.price_text(row.price), i.qty_text(row.qty)
    if i.product == "spot":
        return {
            "e": "trade", "E": ts(now), "s": i.symbol, "t": row.id, "p": price, "q": qty,
            "T": ts(row.time), "m": row.buyer_maker, "M": True,
        }  # fmt: skip
    payload: Payload = {
        "e": "trade", "E": ts(now), "T": ts(row.time), "s": i.symbol, "t": row.id, "p": price, "q": qty, "X": "MARKET",
    }  # fmt: skip
    if i.product == "options":
        payload["S"] = "SELL" if row.buyer_maker else "BUY"
    payload["m"] = row.buyer_maker
    return {**payload, **_type(i)} if i.product == "usdm" else payload  # COIN-M sends none here


def agg_trade(market: BinanceMarket, row: AggTrade, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    price, qty = i.price_text(row.price), i.qty_text(row.qty)
    tail: Payload = {"f": row.first, "l": row.last, "T": ts(row.time), "m": row.buyer_maker}
    if i.product == "spot":
        head: Payload = {"e": "aggTrade", "E": ts(now), "s": i.symbol, "a": row.id, "p": price, "q": qty}
        return {**head, **tail, "M": True}
    plain = {"nq": i.qty_text(row.plain_qty)} if i.product == "usdm" else {}
    head = {"e": "aggTrade", "E": ts(now), "a": row.id, "s": i.symbol, "p": price, "q": qty, **plain}
    return {**head, **tail, **_type(i)}


def block_trade(market: BinanceMarket, row: Block, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    return {
        "e": "blockTrade", "E": ts(now), "s": i.symbol, "t": row.id, "p": i.price_text(row.price),
        "q": i.qty_text(row.qty), "T": ts(row.time), "m": row.buyer_maker,
    }  # fmt: skip


def force_order(market: BinanceMarket, row: Liquidation, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    order: Payload = {
        "s": i.symbol, "S": "BUY" if row.side == BUY else "SELL", "o": "LIMIT", "f": "IOC",
        "q": i.qty_text(row.qty), "p": i.price_text(row.price), "ap": i.price_text(row.average), "X": "FILLED",
        "l": i.qty_text(row.last_fill), "z": i.qty_text(row.filled), "T": ts(row.time), **_pair(i), **_type(i),
    }  # fmt: skip
    return {"e": "forceOrder", "E": ts(now), "o": order}


# the book


def _levels(i: Listed, levels: Levels) -> list[list[str]]:
    zero = i.qty_text(0) if i.product == "spot" else "0"
    return [[i.price_text(price), i.qty_text(qty) if qty else zero] for price, qty in levels]


def book_ticker(market: BinanceMarket, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    (bid, bid_qty), (ask, ask_qty) = market.best(BUY), market.best(SELL)
    prices = {"b": i.price_text(bid), "B": i.qty_text(bid_qty), "a": i.price_text(ask), "A": i.qty_text(ask_qty)}
    if i.product == "spot":
        return {"u": market.ids.last, "s": i.symbol, **prices}
    head: Payload = {"e": "bookTicker", "u": market.ids.last, "s": i.symbol, **_pair(i)}
    return {**head, **prices, "T": ts(market.now), "E": ts(now), **_type(i)}


def depth_update(market: BinanceMarket, diff: Diff, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    sides = {"b": _levels(i, diff.bids), "a": _levels(i, diff.asks)}
    if i.product == "spot":
        head: Payload = {"e": "depthUpdate", "E": ts(now), "s": i.symbol, "U": diff.first_id, "u": diff.last_id}
        return {**head, **sides}
    head = {"e": "depthUpdate", "E": ts(now), "T": ts(market.now), "s": i.symbol, **_pair(i)}
    return {**head, "U": diff.first_id, "u": diff.last_id, "pu": diff.previous_id, **sides, **_type(i)}


def spot_partial_depth(market: BinanceMarket, limit: int) -> Payload:
    update_id, bids, asks = market.snapshot(limit)
    i = market.instrument
    return {"lastUpdateId": update_id, "bids": _levels(i, bids), "asks": _levels(i, asks)}


def rest_depth(market: BinanceMarket, snapshot: tuple[int, Levels, Levels], limit: int, now: int) -> Payload:
    """The body of a REST depth call."""
    update_id, bids, asks = snapshot
    i = market.instrument
    sides = {"bids": _levels(i, bids[:limit]), "asks": _levels(i, asks[:limit])}
    if i.product == "spot":
        return {"lastUpdateId": update_id, **sides}
    if i.product == "options":
        return {"T": milliseconds(market.now), "lastUpdateId": update_id, **sides}
    names = {"symbol": i.symbol, "pair": i.pair} if i.product == "coinm" else {}
    return {**names, "lastUpdateId": update_id, "E": milliseconds(now), "T": milliseconds(market.now), **sides}


# candles


def kline(market: BinanceMarket, bar: Bar, interval: str, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    inner = _kline(i, bar, interval, now, ts, symbol=i.symbol, numbers=(bar.first, bar.last))
    if i.product == "options":
        del inner["B"]
    return {"e": "kline", "E": ts(now), "s": i.symbol, "k": inner}


def continuous_kline(market: BinanceMarket, bar: Bar, interval: str, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    inner = _kline(i, bar, interval, now, ts, symbol=None, numbers=(bar.first_update, bar.last_update))
    return {"e": "continuous_kline", "E": ts(now), "ps": i.pair, "ct": i.contract, "k": inner}


def _kline(
    i: Listed, bar: Bar, interval: str, now: int, ts: Stamp, symbol: str | None, numbers: tuple[int, int]
) -> Payload:
    return {
        "t": ts(bar.start), "T": ts(bar.end - 1), **({"s": symbol} if symbol else {}), "i": interval,
        "f": numbers[0], "L": numbers[1], "o": i.price_text(bar.open), "c": i.price_text(bar.close),
        "h": i.price_text(bar.high), "l": i.price_text(bar.low), "v": i.qty_text(bar.volume), "n": bar.count,
        "x": bar.end <= now, "q": i.turnover_text(bar.turnover), "V": i.qty_text(bar.buy_volume),
        "Q": i.turnover_text(bar.buy_turnover), "B": "0",
    }  # fmt: skip


def price_kline(market: BinanceMarket, kind: str, bar: Bar, interval: str, now: int, ts: Stamp) -> Payload:
    """``indexPrice_kline`` and ``markPrice_kline``; volumes are filler, ``n`` counts samples."""
    i = market.instrument
    inner = {
        "t": ts(bar.start), "T": ts(bar.end - 1), "s": "0" if kind == "index" else i.symbol, "i": interval,
        "f": ts(bar.first) if bar.count else -1, "L": ts(bar.last) if bar.count else -1,
        "o": fixed(bar.open, 8), "c": fixed(bar.close, 8), "h": fixed(bar.high, 8), "l": fixed(bar.low, 8),
        "v": "0", "n": bar.count, "x": bar.end <= now, "q": "0", "V": "0", "Q": "0", "B": "0",
    }  # fmt: skip
    return {"e": f"{kind}Price_kline", "E": ts(now), "ps": i.pair, "k": inner}


# tickers


def _window(market: BinanceMarket, start: int) -> Bar:
    """The window's candle; without a trade in it, an empty one at the last price."""
    bar = market.ticker(start)
    if bar is None:
        last = market.last_trade()
        bar = Bar(start, market.now, last.price, last.price, last.price, last.price, first=last.id, last=last.id - 1)
    return bar


def _average(i: Listed, bar: Bar) -> str:
    """Turnover by volume, with the decimals of the product."""
    if i.contract_size:
        price = bar.volume * i.contract_size * 10**16 // bar.turnover if bar.turnover else bar.close * 10**7
        return fixed(price, 8)
    price = bar.turnover // bar.volume if bar.volume else bar.close
    places = i.price_places
    if i.product == "spot":
        price = bar.turnover * 10 ** (8 - places) // bar.volume if bar.volume else bar.close * 10 ** (8 - places)
        places = 8
    return fixed(price, places)


def _change(i: Listed, bar: Bar) -> Payload:
    change = bar.close - bar.open
    percent = fixed(int(change * 100_000 / bar.open), 3)
    return {"p": i.price_text(change), "P": percent}


def _quote_volume(i: Listed, bar: Bar) -> str:
    return fixed(bar.turnover, i.turnover_places, i.padding or (1 if i.contract_size else i.price_places), cut=True)


def mini_ticker(market: BinanceMarket, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    bar = _window(market, now - DAY)
    return {
        "e": "24hrMiniTicker", "E": ts(now), "s": i.symbol, **_pair(i), "c": i.price_text(bar.close),
        "o": i.price_text(bar.open), "h": i.price_text(bar.high), "l": i.price_text(bar.low),
        "v": i.qty_text(bar.volume), "q": _quote_volume(i, bar), **_type(i),
    }  # fmt: skip


def ticker(market: BinanceMarket, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    start = now - DAY if i.product == "spot" else (now - DAY) // MINUTE * MINUTE
    bar = _window(market, start)
    last = market.last_trade()
    payload: Payload = {"e": "24hrTicker", "E": ts(now), "s": i.symbol, **_pair(i), **_change(i, bar)}
    payload["w"] = _average(i, bar)
    if i.product == "spot":
        payload["x"] = i.price_text(bar.open)
    payload.update({"c": i.price_text(bar.close), "Q": i.qty_text(last.qty)})
    if i.product == "spot":
        (bid, bid_qty), (ask, ask_qty) = market.best(BUY), market.best(SELL)
        payload.update({"b": i.price_text(bid), "B": i.qty_text(bid_qty)})
        payload.update({"a": i.price_text(ask), "A": i.qty_text(ask_qty)})
    payload.update(_totals(i, bar, start, now, ts))
    payload.update(_type(i))
    return payload


def _totals(i: Listed, bar: Bar, start: int, now: int, ts: Stamp) -> Payload:
    return {
        "o": i.price_text(bar.open), "h": i.price_text(bar.high), "l": i.price_text(bar.low),
        "v": i.qty_text(bar.volume), "q": _quote_volume(i, bar), "O": ts(start), "C": ts(now),
        "F": bar.first, "L": bar.last, "n": bar.count,
    }  # fmt: skip


def rolling_ticker(market: BinanceMarket, size: str, length: int, now: int, ts: Stamp) -> Payload:
    return window_ticker(market, size, (now - length) // MINUTE * MINUTE, now, ts)


def window_ticker(market: BinanceMarket, size: str, start: int, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    bar = _window(market, start)
    payload: Payload = {"e": f"{size}Ticker", "E": ts(now), "s": i.symbol, **_change(i, bar), "w": _average(i, bar)}
    totals = _totals(i, bar, start, now, ts)
    prices = {key: totals.pop(key) for key in ("o", "h", "l")}
    return {**payload, **prices, "c": i.price_text(bar.close), **totals}


def average_price(market: BinanceMarket, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    bar = market.ticker(now - 5 * MINUTE)
    last = market.last_trade()
    text = _average(i, bar) if bar else fixed(i.price8(last.price), 8)
    return {"e": "avgPrice", "E": ts(now), "s": i.symbol, "i": "5m", "w": text, "T": ts(last.time)}


def reference_price(market: BinanceMarket, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    return {"e": "referencePrice", "s": i.symbol, "r": i.price_text(market.prices.fair), "t": ts(now)}


# futures


def mark_price(market: BinanceMarket, now: int, ts: Stamp) -> Payload:
    i, prices = market.instrument, market.prices
    rate, due = ("", 0) if i.delivery else (fixed(prices.funding8, 8), ts((now // (8 * HOUR) + 1) * 8 * HOUR))
    return {
        "e": "markPriceUpdate", "E": ts(now), "s": i.symbol, "p": fixed(prices.mark8, 8), "i": fixed(prices.index8, 8),
        "P": fixed((prices.mark8 + prices.index8) // 2, 8), "r": rate, "ap": fixed(prices.average8, 8), "T": due,
        **_type(i),
    }  # fmt: skip


def index_price(market: BinanceMarket, now: int, ts: Stamp) -> Payload:
    return {"E": ts(now), "s": market.instrument.pair, "p": fixed(market.prices.index8, 8), "e": "IndexUpdate"}


def composite_index(market: BinanceMarket, parts: Sequence[BinanceMarket], now: int, ts: Stamp) -> Payload:
    share = 10**8 // max(1, len(parts))
    rows = [
        {
            "b": part.instrument.base, "q": part.instrument.quote,
            "w": fixed(share * 100 // max(1, part.prices.index8 // 10**8 + 1), 8), "W": fixed(share, 8),
            "i": fixed(part.prices.index8, 8),
        }
        for part in parts
    ]  # fmt: skip
    head: Payload = {"e": "compositeIndex", "E": ts(now), "s": market.instrument.symbol}
    return {**head, "p": fixed(market.prices.index8, 8), "C": "baseAsset", "c": rows}


def asset_index(asset: str, index8: int, now: int, ts: Stamp) -> Payload:
    return {
        "e": "assetIndexUpdate", "E": ts(now), "s": asset, "i": fixed(index8, 8), "b": "0.05000000", "a": "0.05000000",
        "B": fixed(index8 * 95 // 100, 8), "A": fixed(index8 * 105 // 100, 8), "q": "0.02500000", "g": "0.02500000",
        "Q": fixed(index8 * 975 // 1000, 8), "G": fixed(index8 * 1025 // 1000, 8),
    }  # fmt: skip


def contract_info(market: BinanceMarket, now: int, ts: Stamp, *, brackets: bool) -> Payload:
    i = market.instrument
    payload: Payload = {
        "e": "contractInfo", "E": ts(now), "s": i.symbol, **_pair(i), "ct": i.contract,
        "dt": delivery_ms(i.delivery), "ot": 1_569_398_400_000, "cs": "TRADING",
    }  # fmt: skip
    if brackets:
        payload["bks"] = [
            {"bs": 1, "bnf": 0, "bnc": 5000, "mmr": 0.01, "cf": 0, "mi": 21, "ma": 50},
            {"bs": 2, "bnf": 5000, "bnc": 25000, "mmr": 0.025, "cf": 75, "mi": 11, "ma": 20},
        ]
    return {**payload, **_type(i)}


def trading_session(kind: str, now: int, ts: Stamp) -> Payload:
    """One message per market; made-up opening hours in UTC."""
    hour = now // HOUR % 24
    start = now // HOUR * HOUR
    if kind == "EquityUpdate":
        states = ("OVERNIGHT",) * 8 + ("PRE_MARKET",) * 6 + ("REGULAR",) * 7 + ("AFTER_MARKET",) * 3
        state = states[hour]
    else:
        state = "REGULAR" if 1 <= hour < 22 else "NO_TRADING"
    return {"e": kind, "E": ts(now), "t": ts(start), "T": ts(start + HOUR), "S": state}


def delivery_ms(day: str) -> int:
    """Delivery time of ``yymmdd`` in milliseconds; the year 2100 for contracts without one."""
    if not day:
        return 4_133_404_800_000
    return int(datetime.strptime(day + "08", "%y%m%d%H").replace(tzinfo=timezone.utc).timestamp()) * 1000


# options

VOLATILITY = 0.45
"""Implied volatility of every option."""


def option_limits(market: BinanceMarket) -> tuple[int, int]:
    """The lowest price at which an option may be sold, and the highest at which it may be bought, in ticks."""
    fair = market.prices.fair
    return fair // 5, fair * 2


def option_mark(market: BinanceMarket, underlying8: int, now: int, ts: Stamp) -> Payload:
    i, fair = market.instrument, market.prices.fair
    (bid, bid_qty), (ask, ask_qty) = market.best(BUY), market.best(SELL)
    volatility = VOLATILITY
    delta, theta, gamma, vega = greeks(i, underlying8 / 1e8, volatility, now)
    lowest, highest = option_limits(market)
    return {
        "s": i.symbol, "mp": i.price_text(fair), "E": ts(now), "e": "markPrice", "i": fixed(underlying8, 8),
        "P": i.price_text(fair), "bo": i.price_text(bid), "ao": i.price_text(ask), "bq": i.qty_text(bid_qty),
        "aq": i.qty_text(ask_qty), "b": str(volatility - 0.01), "a": str(volatility + 0.01),
        "hl": i.price_text(highest), "ll": i.price_text(lowest), "vo": str(volatility),
        "rf": "0.0525",
        "d": f"{delta:.8f}", "t": f"{theta:.8f}", "g": f"{gamma:.8f}", "v": f"{vega:.8f}",
    }  # fmt: skip


def greeks(i: Listed, spot: float, volatility: float, now: int) -> tuple[float, float, float, float]:
    """Delta, theta per day, gamma and vega per point of the Black-Scholes model, without interest."""
    years = max(1e-4, (delivery_ms(i.delivery) - now / 1000) / (365 * 86_400_000))
    spread = volatility * math.sqrt(years)
    d1 = math.log(spot / i.strike) / spread + spread / 2
    density = math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)
    delta = (1 + math.erf(d1 / math.sqrt(2))) / 2 - (1 if i.contract == "PUT" else 0)
    theta = -spot * density * volatility / (2 * math.sqrt(years)) / 365
    return delta, theta, density / (spot * spread), spot * density * math.sqrt(years) / 100


def open_interest(market: BinanceMarket, now: int, ts: Stamp) -> Payload:
    i = market.instrument
    contracts = 10_000 + sum(row.qty for row in market.trades)
    dollars = contracts * market.prices.fair * 10 // 10 ** (i.price_places + 1)
    return {"e": "openInterest", "E": ts(now), "s": i.symbol, "o": i.qty_text(contracts), "h": fixed(dollars, 2)}


def option_index(pair: str, index8: int, now: int, ts: Stamp) -> Payload:
    return {"e": "indexPrice", "E": ts(now), "s": pair, "p": fixed(index8, 8)}


def option_symbol(i: Listed, now: int, ts: Stamp) -> Payload:
    return {
        "e": "optionSymbol", "E": ts(now), "s": i.symbol, "ps": i.pair, "qa": i.quote, "d": i.contract,
        "sp": f"{i.strike:g}", "dt": delivery_ms(i.delivery), "u": 1, "ot": 1_791_283_200_000, "cs": "TRADING",
    }  # fmt: skip


# the connection


def server_shutdown(now: int, ts: Stamp) -> Payload:
    return {"e": "serverShutdown", "E": ts(now)}


def label(stream_kind: str, payload: Payload | list[Payload]) -> str:
    """The event type of a payload, by which it is counted; untagged ones are named after their stream."""
    first = payload[0] if isinstance(payload, list) and payload else payload
    return str(first.get("e", stream_kind)) if isinstance(first, dict) else stream_kind


SESSIONS = ("EquityUpdate", "CommodityUpdate", "KR_EquityUpdate", "HK_EquityUpdate", "CN_EquityUpdate")
