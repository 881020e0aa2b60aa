"""Typed events of the spot market streams (margin trading uses the same ones)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Generic

from msgspec import field

from .base import IGNORED, DecimalOf, Event, Level, N, Number, OptionalDecimalOf, Part, Symbol, Time, TimedEvent

__all__ = [
    "AggTrade",
    "AveragePrice",
    "BaseCandle",
    "BlockTrade",
    "BookTicker",
    "Candle",
    "Depth",
    "Kline",
    "MiniTicker",
    "PartialDepth",
    "ReferencePrice",
    "Ticker",
    "Ticker1d",
    "Ticker1h",
    "Ticker4h",
    "Trade",
    "WindowTicker",
]


class AggTrade(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="aggTrade"):
    """Fills of one taker order at one price, as one trade."""

    left_out: ClassVar[Mapping[str, str]] = {"M": IGNORED, "st": "seen once, documented for futures alone"}

    symbol: Annotated[Symbol, ""] = field(name="s")
    agg_trade_id: Annotated[int, "id of the aggregate trade"] = field(name="a")
    price: Annotated[Number[N], "price, in the quote asset"] = field(name="p")
    quantity: Annotated[Number[N], "quantity, in the base asset"] = field(name="q")
    first_trade_id: Annotated[int, "id of the first trade in it"] = field(name="f")
    last_trade_id: Annotated[int, "id of the last trade in it"] = field(name="l")
    trade_time: Annotated[Time, "when it was traded"] = field(name="T")
    is_buyer_maker: Annotated[bool, "the buyer's order was in the book: the taker sold"] = field(name="m")

    price_decimal = DecimalOf()
    quantity_decimal = DecimalOf()


class Trade(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="trade"):
    """One trade."""

    left_out: ClassVar[Mapping[str, str]] = {
        "M": IGNORED,
        "a": "id of the seller's order, not sent since 2024-06",
        "b": "id of the buyer's order, not sent since 2024-06",
    }

    symbol: Annotated[Symbol, ""] = field(name="s")
    trade_id: Annotated[int, "id of the trade"] = field(name="t")
    price: Annotated[Number[N], "price, in the quote asset"] = field(name="p")
    quantity: Annotated[Number[N], "quantity, in the base asset"] = field(name="q")
    trade_time: Annotated[Time, "when it was traded"] = field(name="T")
    is_buyer_maker: Annotated[bool, "the buyer's order was in the book: the taker sold"] = field(name="m")

    price_decimal = DecimalOf()
    quantity_decimal = DecimalOf()


class BlockTrade(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="blockTrade"):
    """One block trade."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    block_trade_id: Annotated[int, "id of the block trade, not in the sequence of trade ids"] = field(name="t")
    price: Annotated[Number[N], "price, in the quote asset"] = field(name="p")
    quantity: Annotated[Number[N], "quantity, in the base asset"] = field(name="q")
    trade_time: Annotated[Time, "when it was traded"] = field(name="T")
    is_buyer_maker: Annotated[bool, "the buyer was the maker"] = field(name="m")

    price_decimal = DecimalOf()
    quantity_decimal = DecimalOf()


class ReferencePrice(Event, Generic[N], frozen=True, kw_only=True, tag_field="e", tag="referencePrice"):
    """The reference price of a symbol. The exchange sends no event time here."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    price: Annotated[Number[N] | None, "reference price; None while there is none"] = field(name="r")
    engine_time: Annotated[Time, "when the matching engine held it valid"] = field(name="t")

    price_decimal = OptionalDecimalOf()


class BaseCandle(Part, Generic[N], frozen=True, kw_only=True):
    """What every traded candle has."""

    left_out: ClassVar[Mapping[str, str]] = {"B": IGNORED}

    open_time: Annotated[Time, "start of the interval"] = field(name="t")
    close_time: Annotated[Time, "last instant of the interval"] = field(name="T")
    interval: Annotated[str, "length, such as 1m"] = field(name="i")
    first_trade_id: Annotated[int, "id of the first trade (continuous contracts: update id); -1 without trades"] = (
        field(name="f")
    )
    last_trade_id: Annotated[int, "id of the last trade (continuous contracts: update id); -1 without trades"] = field(
        name="L"
    )
    open: Annotated[Number[N], "first price"] = field(name="o")
    close: Annotated[Number[N], "last price so far"] = field(name="c")
    high: Annotated[Number[N], "highest price"] = field(name="h")
    low: Annotated[Number[N], "lowest price"] = field(name="l")
    volume: Annotated[Number[N], "volume, in the base asset (COIN-M, options: in contracts)"] = field(name="v")
    trade_count: Annotated[int, "number of trades"] = field(name="n")
    is_closed: Annotated[bool, "the interval is over: these are the final figures"] = field(name="x")
    quote_volume: Annotated[Number[N], "volume, in the quote asset (COIN-M: in the base asset)"] = field(name="q")
    taker_buy_volume: Annotated[Number[N], "part of volume where the taker bought"] = field(name="V")
    taker_buy_quote_volume: Annotated[Number[N], "part of quote_volume where the taker bought"] = field(name="Q")

    open_decimal = DecimalOf()
    close_decimal = DecimalOf()
    high_decimal = DecimalOf()
    low_decimal = DecimalOf()
    volume_decimal = DecimalOf()
    quote_volume_decimal = DecimalOf()
    taker_buy_volume_decimal = DecimalOf()
    taker_buy_quote_volume_decimal = DecimalOf()


class Candle(BaseCandle[N], Generic[N], frozen=True, kw_only=True):
    """The candle of a symbol."""

    symbol: Annotated[Symbol, ""] = field(name="s")


class Kline(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="kline"):
    """The current state of a candle. Spot, futures and options send the same fields."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    candle: Annotated[Candle[N], "the candle"] = field(name="k")


class MiniTicker(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="24hrMiniTicker"):
    """Prices and volumes of the last 24 hours."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    close: Annotated[Number[N], "last price"] = field(name="c")
    open: Annotated[Number[N], "price 24 hours ago"] = field(name="o")
    high: Annotated[Number[N], "highest price"] = field(name="h")
    low: Annotated[Number[N], "lowest price"] = field(name="l")
    volume: Annotated[Number[N], "volume, in the base asset (COIN-M: in contracts)"] = field(name="v")
    quote_volume: Annotated[Number[N], "volume, in the quote asset (COIN-M: in the base asset)"] = field(name="q")

    close_decimal = DecimalOf()
    open_decimal = DecimalOf()
    high_decimal = DecimalOf()
    low_decimal = DecimalOf()
    volume_decimal = DecimalOf()
    quote_volume_decimal = DecimalOf()

    @property
    def last_price(self) -> N:
        """``close`` by its other name."""
        return self.close

    @property
    def last_price_decimal(self) -> Decimal:
        """``close_decimal`` by its other name."""
        return self.close_decimal


class WindowTicker(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="WindowTicker"):
    """Statistics of a moving window: what the tickers of all lengths and products have in common."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    price_change: Annotated[Number[N], "last price less open price"] = field(name="p")
    price_change_percent: Annotated[Number[N], "the change, in percent"] = field(name="P")
    weighted_average_price: Annotated[Number[N], "average price, weighted by volume"] = field(name="w")
    close: Annotated[Number[N], "last price"] = field(name="c")
    open: Annotated[Number[N], "first price of the window"] = field(name="o")
    high: Annotated[Number[N], "highest price"] = field(name="h")
    low: Annotated[Number[N], "lowest price"] = field(name="l")
    volume: Annotated[Number[N], "volume, in the base asset (COIN-M, options: in contracts)"] = field(name="v")
    quote_volume: Annotated[Number[N], "volume, in the quote asset (COIN-M: in the base asset)"] = field(name="q")
    open_time: Annotated[Time, "start of the window"] = field(name="O")
    close_time: Annotated[Time, "end of the window"] = field(name="C")
    first_trade_id: Annotated[int, "id of the first trade"] = field(name="F")
    last_trade_id: Annotated[int, "id of the last trade"] = field(name="L")
    trade_count: Annotated[int, "number of trades"] = field(name="n")

    price_change_decimal = DecimalOf()
    price_change_percent_decimal = DecimalOf()
    weighted_average_price_decimal = DecimalOf()
    close_decimal = DecimalOf()
    open_decimal = DecimalOf()
    high_decimal = DecimalOf()
    low_decimal = DecimalOf()
    volume_decimal = DecimalOf()
    quote_volume_decimal = DecimalOf()

    @property
    def last_price(self) -> N:
        """``close`` by its other name."""
        return self.close

    @property
    def last_price_decimal(self) -> Decimal:
        """``close_decimal`` by its other name."""
        return self.close_decimal


class Ticker1h(WindowTicker[N], Generic[N], frozen=True, kw_only=True, tag="1hTicker"):
    """Statistics of the last hour; the window opens on a full minute."""


class Ticker4h(WindowTicker[N], Generic[N], frozen=True, kw_only=True, tag="4hTicker"):
    """Statistics of the last four hours; the window opens on a full minute."""


class Ticker1d(WindowTicker[N], Generic[N], frozen=True, kw_only=True, tag="1dTicker"):
    """Statistics of the last day; the window opens on a full minute."""


class Ticker(WindowTicker[N], Generic[N], frozen=True, kw_only=True, tag="24hrTicker"):
    """Statistics of the last 24 hours, with the best bid and ask."""

    previous_close: Annotated[Number[N], "price of the trade just before the window"] = field(name="x")
    last_quantity: Annotated[Number[N], "quantity of the last trade"] = field(name="Q")
    bid_price: Annotated[Number[N], "best bid price"] = field(name="b")
    bid_quantity: Annotated[Number[N], "best bid quantity"] = field(name="B")
    ask_price: Annotated[Number[N], "best ask price"] = field(name="a")
    ask_quantity: Annotated[Number[N], "best ask quantity"] = field(name="A")

    previous_close_decimal = DecimalOf()
    last_quantity_decimal = DecimalOf()
    bid_price_decimal = DecimalOf()
    bid_quantity_decimal = DecimalOf()
    ask_price_decimal = DecimalOf()
    ask_quantity_decimal = DecimalOf()


class BookTicker(Event, Generic[N], frozen=True, kw_only=True):
    """Best bid and ask. The exchange sends neither type nor time here."""

    update_id: Annotated[int, "id of the book update"] = field(name="u")
    symbol: Annotated[Symbol, ""] = field(name="s")
    bid_price: Annotated[Number[N], "best bid price"] = field(name="b")
    bid_quantity: Annotated[Number[N], "best bid quantity"] = field(name="B")
    ask_price: Annotated[Number[N], "best ask price"] = field(name="a")
    ask_quantity: Annotated[Number[N], "best ask quantity"] = field(name="A")

    bid_price_decimal = DecimalOf()
    bid_quantity_decimal = DecimalOf()
    ask_price_decimal = DecimalOf()
    ask_quantity_decimal = DecimalOf()


class AveragePrice(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="avgPrice"):
    """Average price over an interval."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    interval: Annotated[str, "length, such as 5m"] = field(name="i")
    price: Annotated[Number[N], "average price, in the quote asset"] = field(name="w")
    last_trade_time: Annotated[Time, "when the last trade was"] = field(name="T")

    price_decimal = DecimalOf()


class PartialDepth(Event, Generic[N], frozen=True, kw_only=True):
    """The best levels of the book. The exchange sends neither type, symbol nor time: the stream's name tells."""

    last_update_id: Annotated[int, "id of the book update"] = field(name="lastUpdateId")
    bids: Annotated[list[Level[N]], "highest price first"]
    asks: Annotated[list[Level[N]], "lowest price first"]


class Depth(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="depthUpdate"):
    """A change of the book: the new quantities of the levels that changed."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    first_update_id: Annotated[int, "id of the first book update in it"] = field(name="U")
    last_update_id: Annotated[int, "id of the last book update in it"] = field(name="u")
    bids: Annotated[list[Level[N]], "changed bid levels"] = field(name="b")
    asks: Annotated[list[Level[N]], "changed ask levels"] = field(name="a")
