"""What each typed event becomes in the unified view: one function per event, and the table of them.

An event without a function has no neutral form. Books are decoded into pairs at once, which saves a step per level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Generic

from msgspec import field
from msgspec.structs import replace

from ... import unified as u
from . import models as m
from .instruments import Instruments
from .models.base import N

__all__ = ["BUILDERS", "FORMS", "MS", "WIRE", "Build", "Target", "builder"]

MS = 1_000_000
"""Nanoseconds."""

_KINDS: Mapping[str | None, u.TradeKind] = {
    None: "trade", "MARKET": "trade", "INSURANCE_FUND": "insurance_fund", "ADL": "adl", "RPI": "rpi", "BLOCK": "block",
}  # fmt: skip


class _Depth(m.Depth[N], Generic[N], frozen=True, kw_only=True, tag="depthUpdate"):
    bids: list[tuple[N, N]] = field(name="b")  # type: ignore[assignment]
    asks: list[tuple[N, N]] = field(name="a")  # type: ignore[assignment]


class _PartialDepth(m.PartialDepth[N], Generic[N], frozen=True, kw_only=True):
    bids: list[tuple[N, N]]  # type: ignore[assignment]
    asks: list[tuple[N, N]]  # type: ignore[assignment]


class _FuturesDepth(m.FuturesDepth[N], Generic[N], frozen=True, kw_only=True, tag="depthUpdate"):
    bids: list[tuple[N, N]] = field(name="b")  # type: ignore[assignment]
    asks: list[tuple[N, N]] = field(name="a")  # type: ignore[assignment]


WIRE: Mapping[Any, Any] = {m.Depth: _Depth, m.PartialDepth: _PartialDepth, m.FuturesDepth: _FuturesDepth}


class Target:
    """What the functions of this module must know of the streams of one market.

    Args:
        market: ``"spot"``, ``"us"``, ``"usdm"``, ``"coinm"`` or ``"options"``.
        instruments: the names of its symbols.
        unit: nanoseconds of one unit of the exchange's times.
    """

    def __init__(self, market: str, instruments: Instruments, unit: int = MS) -> None:
        self.instruments = instruments
        self.unit = unit
        self.market = market
        self.product = "spot" if market == "us" else market
        self.exchange = "binanceus" if market == "us" else "binance"

    def head(self, symbol: str, received: int, sent: int | None, time: int | None = None) -> dict[str, Any]:
        """What all events have; times are the exchange's."""
        product, instrument = self.instruments.known[symbol]
        unit = self.unit
        sent_ns = None if sent is None else sent * unit
        return {
            "exchange": self.exchange,
            "product": product,
            "symbol": symbol,
            "instrument": instrument,
            "time_ns": sent_ns if time is None else time * unit,
            "received_ns": received,
            "sent_ns": sent_ns,
        }


# -- one function per typed event --

Build = Callable[[Target, str, Any, int], u.Event]


def _trade(to: Target, name: str, event: Any, received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    return u.Trade(
        exchange=to.exchange,
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.trade_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        id=event.trade_id,
        price=event.price,
        quantity=event.quantity,
        side="sell" if event.is_buyer_maker else "buy",
    )


def _typed_trade(to: Target, name: str, event: Any, received: int) -> u.Event:
    """Futures and options say what kind of trade it is."""
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    return u.Trade(
        exchange=to.exchange,
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.trade_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        id=event.trade_id,
        price=event.price,
        quantity=event.quantity,
        side="sell" if event.is_buyer_maker else "buy",
        kind=_KINDS.get(event.trade_type, "na"),
    )


def _block_trade(to: Target, name: str, event: m.BlockTrade[Any], received: int) -> u.Event:
    return u.Trade(
        **to.head(event.symbol, received, event.event_time, event.trade_time),
        id=event.block_trade_id,
        price=event.price,
        quantity=event.quantity,
        side="sell" if event.is_buyer_maker else "buy",
        kind="block",
    )


def _agg_trade(to: Target, name: str, event: Any, received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    return u.Trade(
        exchange=to.exchange,
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.trade_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        id=event.agg_trade_id,
        price=event.price,
        quantity=event.quantity,
        side="sell" if event.is_buyer_maker else "buy",
        kind="aggregate",
        first_id=event.first_trade_id,
        last_id=event.last_trade_id,
    )


def _mini_ticker(to: Target, name: str, event: Any, received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    change, percent = _changes(event.open, event.close)
    time = event.event_time * to.unit
    return u.Ticker(
        exchange=to.exchange,
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=time,
        received_ns=received,
        sent_ns=time,
        window="24h",
        price=event.close,
        price_change=change,
        price_change_percent=percent,
        open_price=event.open,
        high_price=event.high,
        low_price=event.low,
        volume=event.volume,
        quote_volume=event.quote_volume,
    )


def _changes(opened: Any, closed: Any) -> tuple[Any, Any]:
    """Last price less first, and that in percent, in the type of the prices."""
    if type(opened) is float:
        # a float has 15 digits that count: behind them the difference would have noise
        change = round(closed - opened, 15 - len(str(int(max(opened, closed)))))
        return change, round(change / opened * 100, 3) if opened else 0.0
    first, last = Decimal(opened), Decimal(closed)
    exact = last - first
    percent = round(exact / first * 100, 3) if first else Decimal(0)
    return (f"{exact:f}", f"{percent:f}") if isinstance(opened, str) else (exact, percent)


def _window(to: Target, event: m.WindowTicker[Any], received: int, window: str, **more: Any) -> u.Event:
    return u.Ticker(
        **to.head(event.symbol, received, event.event_time),
        window=window,
        price=event.close,
        price_change=event.price_change,
        price_change_percent=event.price_change_percent,
        open_price=event.open,
        high_price=event.high,
        low_price=event.low,
        volume=event.volume,
        quote_volume=event.quote_volume,
        open_time_ns=event.open_time * to.unit,
        close_time_ns=event.close_time * to.unit,
        weighted_average_price=event.weighted_average_price,
        trade_count=event.trade_count,
        **more,
    )


def _rolling_ticker(window: str) -> Build:
    return lambda to, name, event, received: _window(to, event, received, window)


def _futures_ticker(to: Target, name: str, event: m.FuturesTicker[Any], received: int) -> u.Event:
    return _window(to, event, received, "24h", last_quantity=event.last_quantity)


def _ticker(to: Target, name: str, event: m.Ticker[Any], received: int) -> u.Event:
    return _window(
        to,
        event,
        received,
        "24h",
        previous_close_price=event.previous_close,
        last_quantity=event.last_quantity,
        bid_price=event.bid_price,
        bid_quantity=event.bid_quantity,
        ask_price=event.ask_price,
        ask_quantity=event.ask_quantity,
    )


def _kline(to: Target, name: str, event: Any, received: int, symbol: str = "") -> u.Event:
    candle = event.candle
    unit = to.unit
    return u.Kline(
        **to.head(symbol or event.symbol, received, event.event_time),
        interval=candle.interval,
        open_time_ns=candle.open_time * unit,
        close_time_ns=candle.close_time * unit,
        open_price=candle.open,
        high_price=candle.high,
        low_price=candle.low,
        close_price=candle.close,
        volume=candle.volume,
        quote_volume=candle.quote_volume,
        is_closed=candle.is_closed,
        trade_count=candle.trade_count,
        taker_buy_volume=candle.taker_buy_volume,
        taker_buy_quote_volume=candle.taker_buy_quote_volume,
    )


def _continuous_kline(to: Target, name: str, event: m.ContinuousKline[Any], received: int) -> u.Event:
    """A pair has no contract of its own; the perpetual one of USD-M is named like it."""
    if to.market == "usdm" and event.contract_type.endswith("PERPETUAL"):
        return _kline(to, name, event, received, event.pair)
    made = _kline(to, name, event, received, event.pair)
    return replace(made, instrument=None)


def _price_kline(kind: u.KlineKind) -> Build:
    def build(to: Target, name: str, event: Any, received: int) -> u.Event:
        candle: m.PriceCandle[Any] = event.candle
        unit = to.unit
        number = type(candle.open)
        head = to.head(event.pair if kind == "index" else candle.symbol, received, event.event_time)
        if kind == "index":
            head.update(instrument=None, product=to.product)
        return u.Kline(
            **head,
            interval=candle.interval,
            open_time_ns=candle.open_time * unit,
            close_time_ns=candle.close_time * unit,
            open_price=candle.open,
            high_price=candle.high,
            low_price=candle.low,
            close_price=candle.close,
            volume=number("0"),
            quote_volume=number("0"),
            is_closed=candle.is_closed,
            kind=kind,
            trade_count=candle.sample_count,
        )

    return build


def _book_ticker(to: Target, name: str, event: m.BookTicker[Any], received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    return u.BookTicker(
        exchange=to.exchange,
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=None,
        received_ns=received,
        bid_price=event.bid_price,
        bid_quantity=event.bid_quantity,
        ask_price=event.ask_price,
        ask_quantity=event.ask_quantity,
        update_id=event.update_id,
    )


def _futures_book_ticker(to: Target, name: str, event: m.FuturesBookTicker[Any], received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    return u.BookTicker(
        exchange=to.exchange,
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.transaction_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        bid_price=event.bid_price,
        bid_quantity=event.bid_quantity,
        ask_price=event.ask_price,
        ask_quantity=event.ask_quantity,
        update_id=event.update_id,
    )


def _depth(to: Target, name: str, event: Any, received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    return u.Depth(
        exchange=to.exchange,
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.event_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        bids=event.bids,
        asks=event.asks,
        is_diff=True,
        last_update_id=event.last_update_id,
        first_update_id=event.first_update_id,
    )


def _partial_depth(to: Target, name: str, event: Any, received: int) -> u.Event:
    """The payload does not even tell its symbol."""
    return u.Depth(
        **to.head(name.partition("@")[0].upper(), received, None),
        bids=event.bids,
        asks=event.asks,
        is_diff=False,
        last_update_id=event.last_update_id,
    )


def _futures_depth(to: Target, name: str, event: Any, received: int) -> u.Event:
    product, instrument = to.instruments.known[event.symbol]
    unit = to.unit
    is_diff = not _is_partial(name)
    return u.Depth(
        exchange=to.exchange,
        product=product,
        symbol=event.symbol,
        instrument=instrument,
        time_ns=event.transaction_time * unit,
        received_ns=received,
        sent_ns=event.event_time * unit,
        bids=event.bids,
        asks=event.asks,
        is_diff=is_diff,
        last_update_id=event.last_update_id,
        first_update_id=event.first_update_id if is_diff else None,
        previous_update_id=event.previous_update_id if is_diff else None,
    )


@lru_cache(maxsize=4096)
def _is_partial(name: str) -> bool:
    """Whether a stream of a book brings its best levels: futures send both in one shape."""
    return name.partition("@depth")[2][:1].isdigit()


def _mark_price(to: Target, name: str, event: m.MarkPrice[Any], received: int) -> u.Event:
    funded = bool(event.next_funding_time) and event.funding_rate != ""
    return u.MarkPrice(
        **to.head(event.symbol, received, event.event_time),
        mark_price=event.mark_price,
        index_price=event.index_price,
        settle_price=event.settle_price,
        funding_rate=event.funding_rate if funded else None,
        next_funding_time_ns=event.next_funding_time * to.unit if funded else None,
    )


def _index_price(to: Target, name: str, event: Any, received: int) -> u.Event:
    head = to.head(event.symbol, received, event.event_time)
    head.update(instrument=None, product=to.product)
    return u.IndexPrice(**head, price=event.price)


def _liquidation(to: Target, name: str, event: m.Liquidation[Any], received: int) -> u.Event:
    order = event.order
    return u.Liquidation(
        **to.head(order.symbol, received, event.event_time, order.trade_time),
        side="buy" if order.side == "BUY" else "sell",
        price=order.price,
        average_price=order.average_price,
        quantity=order.quantity,
        filled_quantity=order.filled_quantity,
    )


def _open_interest(to: Target, name: str, event: m.OptionOpenInterest[Any], received: int) -> u.Event:
    return u.OpenInterest(
        **to.head(event.symbol, received, event.event_time),
        open_interest=event.open_interest,
        open_interest_value=event.open_interest_value,
    )


def _greeks(to: Target, name: str, event: m.OptionMarkPrice[Any], received: int) -> u.Event:
    return u.Greeks(
        **to.head(event.symbol, received, event.event_time),
        mark_price=event.mark_price,
        index_price=event.index_price,
        bid_price=event.bid_price,
        bid_quantity=event.bid_quantity,
        ask_price=event.ask_price,
        ask_quantity=event.ask_quantity,
        bid_volatility=_implied(event.bid_volatility),
        ask_volatility=_implied(event.ask_volatility),
        mark_volatility=event.volatility,
        delta=event.delta,
        gamma=event.gamma,
        theta=event.theta,
        vega=event.vega,
    )


def _implied(volatility: Any) -> Any:
    """The exchange says -1 where there is no price."""
    return None if float(volatility) < 0 else volatility


FORMS: Mapping[Any, tuple[Any, Build]] = {
    m.Trade: (u.Trade, _trade),
    m.FuturesTrade: (u.Trade, _typed_trade),
    m.OptionTrade: (u.Trade, _typed_trade),
    m.BlockTrade: (u.Trade, _block_trade),
    m.AggTrade: (u.Trade, _agg_trade),
    m.FuturesAggTrade: (u.Trade, _agg_trade),
    m.MiniTicker: (u.Ticker, _mini_ticker),
    m.FuturesMiniTicker: (u.Ticker, _mini_ticker),
    m.Ticker: (u.Ticker, _ticker),
    m.Ticker1h: (u.Ticker, _rolling_ticker("1h")),
    m.Ticker4h: (u.Ticker, _rolling_ticker("4h")),
    m.Ticker1d: (u.Ticker, _rolling_ticker("1d")),
    m.FuturesTicker: (u.Ticker, _futures_ticker),
    m.Kline: (u.Kline, _kline),
    m.ContinuousKline: (u.Kline, _continuous_kline),
    m.MarkPriceKline: (u.Kline, _price_kline("mark")),
    m.IndexPriceKline: (u.Kline, _price_kline("index")),
    m.BookTicker: (u.BookTicker, _book_ticker),
    m.FuturesBookTicker: (u.BookTicker, _futures_book_ticker),
    m.Depth: (u.Depth, _depth),
    m.PartialDepth: (u.Depth, _partial_depth),
    m.FuturesDepth: (u.Depth, _futures_depth),
    m.MarkPrice: (u.MarkPrice, _mark_price),
    m.IndexPrice: (u.IndexPrice, _index_price),
    m.OptionIndexPrice: (u.IndexPrice, _index_price),
    m.CompositeIndex: (u.IndexPrice, _index_price),
    m.Liquidation: (u.Liquidation, _liquidation),
    m.OptionOpenInterest: (u.OpenInterest, _open_interest),
    m.OptionMarkPrice: (u.Greeks, _greeks),
}


BUILDERS: Mapping[Any, Build] = {
    kind: build for plain, (_, build) in FORMS.items() for kind in (plain, WIRE.get(plain, plain))
}


def _find(kind: Any) -> Build | None:
    """The function for a typed event with further fields; ``None`` for what is no event."""
    return next((BUILDERS[each] for each in kind.__mro__ if each in BUILDERS), None)


builder: Callable[[Any], Build | None] = cache(_find)
