"""Typed events of European options. Book, book ticker and ticker are those of futures, klines those of spot."""

from __future__ import annotations

from typing import Annotated, Generic

from msgspec import field

from .base import DecimalOf, N, Number, Symbol, Time, TimedEvent

__all__ = ["OptionIndexPrice", "OptionMarkPrice", "OptionOpenInterest", "OptionSymbol", "OptionTrade"]


class OptionTrade(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="trade"):
    """One trade of an option."""

    trade_time: Annotated[Time, "when it was traded"] = field(name="T")
    symbol: Annotated[Symbol, ""] = field(name="s")
    trade_id: Annotated[int, "id of the trade"] = field(name="t")
    price: Annotated[Number[N], "price, in the quote asset"] = field(name="p")
    quantity: Annotated[Number[N], "quantity, in contracts; always positive"] = field(name="q")
    trade_type: Annotated[str, "MARKET or BLOCK"] = field(name="X")
    side: Annotated[str, "side of the taker: BUY or SELL"] = field(name="S")
    is_buyer_maker: Annotated[bool, "the buyer was the maker"] = field(name="m")

    price_decimal = DecimalOf()
    quantity_decimal = DecimalOf()


class OptionIndexPrice(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="indexPrice"):
    """Index price of an underlying."""

    symbol: Annotated[str, "underlying, such as BTCUSDT"] = field(name="s")
    price: Annotated[Number[N], "index price"] = field(name="p")

    price_decimal = DecimalOf()


class OptionMarkPrice(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="markPrice"):
    """Mark price, best quotes, volatility and greeks of one option."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    mark_price: Annotated[Number[N], "mark price"] = field(name="mp")
    index_price: Annotated[Number[N], "index price of the underlying"] = field(name="i")
    settle_price: Annotated[Number[N], "estimated settle price"] = field(name="P")
    bid_price: Annotated[Number[N], "best bid price"] = field(name="bo")
    ask_price: Annotated[Number[N], "best ask price"] = field(name="ao")
    bid_quantity: Annotated[Number[N], "best bid quantity"] = field(name="bq")
    ask_quantity: Annotated[Number[N], "best ask quantity"] = field(name="aq")
    bid_volatility: Annotated[Number[N], "implied volatility of the bid; -1.0 without one"] = field(name="b")
    ask_volatility: Annotated[Number[N], "implied volatility of the ask; -1.0 without one"] = field(name="a")
    price_limit_high: Annotated[Number[N], "highest price accepted for a buy order"] = field(name="hl")
    price_limit_low: Annotated[Number[N], "lowest price accepted for a sell order"] = field(name="ll")
    volatility: Annotated[Number[N], "implied volatility of the mark price"] = field(name="vo")
    risk_free_rate: Annotated[Number[N], "risk-free rate"] = field(name="rf")
    delta: Annotated[Number[N], "delta"] = field(name="d")
    theta: Annotated[Number[N], "theta"] = field(name="t")
    gamma: Annotated[Number[N], "gamma"] = field(name="g")
    vega: Annotated[Number[N], "vega"] = field(name="v")

    mark_price_decimal = DecimalOf()
    index_price_decimal = DecimalOf()
    settle_price_decimal = DecimalOf()
    bid_price_decimal = DecimalOf()
    ask_price_decimal = DecimalOf()
    bid_quantity_decimal = DecimalOf()
    ask_quantity_decimal = DecimalOf()
    bid_volatility_decimal = DecimalOf()
    ask_volatility_decimal = DecimalOf()
    price_limit_high_decimal = DecimalOf()
    price_limit_low_decimal = DecimalOf()
    volatility_decimal = DecimalOf()
    risk_free_rate_decimal = DecimalOf()
    delta_decimal = DecimalOf()
    theta_decimal = DecimalOf()
    gamma_decimal = DecimalOf()
    vega_decimal = DecimalOf()


class OptionOpenInterest(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="openInterest"):
    """Open interest of one option."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    open_interest: Annotated[Number[N], "open interest, in contracts"] = field(name="o")
    open_interest_value: Annotated[Number[N], "open interest, in USDT"] = field(name="h")

    open_interest_decimal = DecimalOf()
    open_interest_value_decimal = DecimalOf()


class OptionSymbol(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="optionSymbol"):
    """An option was listed or changed its status."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    underlying: Annotated[str, "underlying, such as BTCUSDT"] = field(name="ps")
    quote_asset: Annotated[str, "quote asset"] = field(name="qa")
    side: Annotated[str, "CALL or PUT"] = field(name="d")
    strike_price: Annotated[Number[N], "strike price"] = field(name="sp")
    delivery_time: Annotated[Time, "expiry"] = field(name="dt")
    unit: Annotated[int, "underlying quantity of one contract"] = field(name="u")
    onboard_time: Annotated[Time, "start of trading"] = field(name="ot")
    status: Annotated[str, "status, such as TRADING"] = field(name="cs")

    strike_price_decimal = DecimalOf()
