"""What Upbit says of its markets, over WebSockets and REST alike, with the long keys."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from msgspec import Raw

from binance_sockets.simulator.market.book import BUY, SELL, Levels
from binance_sockets.simulator.market.candles import DAY, HOUR, SECOND, Bar
from binance_sockets.simulator.market.market import Trade
from binance_sockets.simulator.upbit.listing import CoinMarket
from binance_sockets.simulator.upbit.numbers import decimal, double

__all__ = ["KST", "candle", "change", "moment", "orderbook", "previous_close", "sequential_id", "statistics", "trade"]

KST = 9 * HOUR
_SCALE = 8  # decimals of prices and volumes that are written with a fixed scale
_RATE_PLACES = 10
_ALL_LEVELS = 10**6

Payload = dict[str, Any]


def moment(time: int, pattern: str) -> str:
    """A time in µs as text."""
    return datetime.fromtimestamp(time // SECOND, timezone.utc).strftime(pattern)


def price(market: CoinMarket, ticks: int) -> Raw:
    """A price of a fixed scale: ``91154000.00000000``."""
    return decimal(ticks, market.instrument.price_places, _SCALE)


def volume(market: CoinMarket, lots: int) -> Raw:
    """A volume of a fixed scale: ``0.80044670``."""
    return decimal(lots, market.instrument.qty_places, _SCALE)


def funds(market: CoinMarket, turnover: int) -> Raw:
    """What something is worth, with all its digits."""
    return decimal(turnover, market.instrument.turnover_places, _SCALE)


def sequential_id(row: Trade) -> int:
    """The number of a trade: unique, and nearly rising."""
    return row.time // 1000 * 10_000 + row.id % 10_000


def previous_close(market: CoinMarket) -> int:
    """The last price of the day before, which ends at 00:00 UTC; the first price of all where there was none."""
    days = market.bars("1d")
    if days.closed:
        return days.closed[-1].close
    return days.current.open if days.current is not None else market.last_trade().price


def change(market: CoinMarket, ticks: int, before: int) -> Payload:
    """What a price is to the close before."""
    difference, places = ticks - before, market.instrument.price_places
    rate = Decimal(difference) / Decimal(before)
    rate8 = int(rate.scaleb(_RATE_PLACES).to_integral_value(ROUND_HALF_UP))
    return {
        "change": "RISE" if difference > 0 else "FALL" if difference < 0 else "EVEN",
        "change_price": decimal(abs(difference), places, _SCALE),
        "signed_change_price": decimal(difference, places, _SCALE),
        "change_rate": decimal(abs(rate8), _RATE_PLACES, 1),
        "signed_change_rate": decimal(rate8, _RATE_PLACES, 1),
    }


def side_of(row: Trade) -> str:
    """Which side the taker was on."""
    return "ASK" if row.buyer_maker else "BID"


def statistics(market: CoinMarket) -> Payload:
    """The figures of a ticker, in no order."""
    last, before = market.last_trade(), previous_close(market)
    today = market.bars("1d").current or Bar(0, 0, last.price, last.price, last.price, last.price)
    window = market.ticker(market.now - DAY)
    days = [bar for bar in market.bars("1d").all() if bar.count]
    highest, lowest = max(days, key=lambda bar: bar.high), min(days, key=lambda bar: bar.low)
    return {
        "opening_price": price(market, today.open),
        "high_price": price(market, today.high),
        "low_price": price(market, today.low),
        "trade_price": price(market, last.price),
        "prev_closing_price": price(market, before),
        "acc_trade_price": funds(market, today.turnover),
        **change(market, last.price, before),
        "ask_bid": side_of(last),
        "trade_volume": volume(market, last.qty),
        "acc_trade_volume": volume(market, today.volume),
        "trade_timestamp": last.time // 1000,
        "acc_ask_volume": volume(market, today.volume - today.buy_volume),
        "acc_bid_volume": volume(market, today.buy_volume),
        "highest_52_week_price": price(market, highest.high),
        "highest_52_week_date": moment(highest.start, "%Y-%m-%d"),
        "lowest_52_week_price": price(market, lowest.low),
        "lowest_52_week_date": moment(lowest.start, "%Y-%m-%d"),
        "timestamp": market.now // 1000,
        "acc_trade_price_24h": funds(market, window.turnover if window else 0),
        "acc_trade_volume_24h": volume(market, window.volume if window else 0),
    }


_TICKER_HEAD = (
    "opening_price", "high_price", "low_price", "trade_price", "prev_closing_price", "acc_trade_price", "change",
    "change_price", "signed_change_price", "change_rate", "signed_change_rate", "ask_bid", "trade_volume",
    "acc_trade_volume",
)  # fmt: skip
_TICKER_MIDDLE = (
    "trade_timestamp", "acc_ask_volume", "acc_bid_volume", "highest_52_week_price", "highest_52_week_date",
    "lowest_52_week_price", "lowest_52_week_date",
)  # fmt: skip


def ticker(market: CoinMarket, kind: str, *, deprecated: bool) -> Payload:
    """The message ``ticker``.

    Args:
        market: whose.
        kind: SNAPSHOT or REALTIME.
        deprecated: whether with the fields that are on their way out.
    """
    figures, last = statistics(market), market.last_trade()
    return {
        "type": "ticker",
        "code": market.instrument.symbol,
        **{name: figures[name] for name in _TICKER_HEAD},
        "trade_date": moment(last.time, "%Y%m%d"),
        "trade_time": moment(last.time, "%H%M%S"),
        **{name: figures[name] for name in _TICKER_MIDDLE},
        "market_state": "ACTIVE",
        **({"is_trading_suspended": market.halted} if deprecated else {}),
        "delisting_date": None,
        **({"market_warning": "NONE"} if deprecated else {}),
        "timestamp": figures["timestamp"],
        "acc_trade_price_24h": figures["acc_trade_price_24h"],
        "acc_trade_volume_24h": figures["acc_trade_volume_24h"],
        "stream_type": kind,
    }


def trade(market: CoinMarket, row: Trade, kind: str) -> Payload:
    """The message ``trade``."""
    before, i = previous_close(market), market.instrument
    told = change(market, row.price, before)
    (bid, bid_size), (ask, ask_size) = market.best(BUY), market.best(SELL)
    return {
        "type": "trade",
        "code": i.symbol,
        "timestamp": market.now // 1000,
        "trade_date": moment(row.time, "%Y-%m-%d"),
        "trade_time": moment(row.time, "%H:%M:%S"),
        "trade_timestamp": row.time // 1000,
        "trade_price": price(market, row.price),
        "trade_volume": volume(market, row.qty),
        "ask_bid": side_of(row),
        "prev_closing_price": price(market, before),
        "change": told["change"],
        "change_price": told["change_price"],
        "sequential_id": sequential_id(row),
        "best_ask_price": double(ask, i.price_places),
        "best_ask_size": volume(market, ask_size),
        "best_bid_price": double(bid, i.price_places),
        "best_bid_size": volume(market, bid_size),
        "stream_type": kind,
    }


def orderbook(market: CoinMarket, depth: int, group: int, *, padded: bool = False) -> Payload:
    """The figures of a book, as WebSockets and REST have them in common.

    Args:
        market: whose.
        depth: units at most.
        group: ticks that a price stands for; 0 for the book as it is.
        padded: whether a thin book is filled up with zeros.
    """
    i = market.instrument
    bids, asks = market.book.levels(BUY, _ALL_LEVELS), market.book.levels(SELL, _ALL_LEVELS)
    totals = sum(qty for _, qty in asks), sum(qty for _, qty in bids)
    if group:
        bids, asks = _grouped(bids, group, up=False), _grouped(asks, group, up=True)
    length = depth if padded else min(depth, max(len(bids), len(asks)))
    nothing = [(0, 0)] * length
    units = [
        {
            "ask_price": double(ask, i.price_places),
            "bid_price": double(bid, i.price_places),
            "ask_size": volume(market, ask_size),
            "bid_size": volume(market, bid_size),
        }
        for (ask, ask_size), (bid, bid_size), _ in zip(
            [*asks, *nothing], [*bids, *nothing], range(length), strict=False
        )
    ]
    return {
        "timestamp": market.now // 1000,
        "total_ask_size": volume(market, totals[0]),
        "total_bid_size": volume(market, totals[1]),
        "orderbook_units": units,
        "level": decimal(group, i.price_places),
    }


def _grouped(levels: Levels, group: int, *, up: bool) -> Levels:
    """Neighbouring prices as one: asks at the next price above, bids at the one below."""
    sums: dict[int, int] = {}
    for ticks, qty in levels:
        rounded = -(-ticks // group) * group if up else ticks // group * group
        sums[rounded] = sums.get(rounded, 0) + qty
    return [(ticks, qty) for ticks, qty in sums.items() if ticks]


def orderbook_message(market: CoinMarket, figures: Payload, kind: str) -> Payload:
    """The message ``orderbook``."""
    level = figures["level"]
    rest = {name: value for name, value in figures.items() if name != "level"}
    return {"type": "orderbook", "code": market.instrument.symbol, **rest, "stream_type": kind, "level": level}


def candle(market: CoinMarket, bar: Bar) -> Payload:
    """The figures of a candle, as WebSockets and REST have them in common."""
    return {
        "candle_date_time_utc": moment(bar.start, "%Y-%m-%dT%H:%M:%S"),
        "candle_date_time_kst": moment(bar.start + KST, "%Y-%m-%dT%H:%M:%S"),
        "opening_price": price(market, bar.open),
        "high_price": price(market, bar.high),
        "low_price": price(market, bar.low),
        "trade_price": price(market, bar.close),
        "candle_acc_trade_volume": volume(market, bar.volume),
        "candle_acc_trade_price": funds(market, bar.turnover),
    }


def candle_message(market: CoinMarket, bar: Bar, unit: str, kind: str) -> Payload:
    """The message ``candle.{unit}``."""
    head = {"type": f"candle.{unit}", "code": market.instrument.symbol}
    return {**head, **candle(market, bar), "timestamp": market.now // 1000, "stream_type": kind}
