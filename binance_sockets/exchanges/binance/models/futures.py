"""Typed events of USD-M and COIN-M futures. Options share the book, book ticker and ticker.

``pair`` and ``symbol_type`` are ``None`` in frames from before 2026; COIN-M has always sent ``pair``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Generic

from msgspec import field

from .base import FILLER, Blank, DecimalOf, Event, Level, N, Number, OptionalDecimalOf, Part, Symbol, Time, TimedEvent
from .spot import BaseCandle, MiniTicker, WindowTicker

__all__ = [
    "AssetIndex",
    "Bracket",
    "CompositeIndex",
    "ContinuousKline",
    "ContractInfo",
    "FuturesAggTrade",
    "FuturesBookTicker",
    "FuturesDepth",
    "FuturesMiniTicker",
    "FuturesTicker",
    "FuturesTrade",
    "IndexComponent",
    "IndexPrice",
    "IndexPriceKline",
    "Liquidation",
    "LiquidationOrder",
    "MarkPrice",
    "MarkPriceKline",
    "PriceCandle",
    "TradingSession",
]

Pair = Annotated[str | None, "underlying pair; None where not sent"]
SymbolType = Annotated[int | None, "1 = USD-M, 2 = COIN-M; None where not sent"]


class FuturesAggTrade(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="aggTrade"):
    """Fills of one taker order at one price within 100 ms; no insurance-fund and no ADL trades."""

    agg_trade_id: Annotated[int, "id of the aggregate trade"] = field(name="a")
    symbol: Annotated[Symbol, ""] = field(name="s")
    price: Annotated[Number[N], "price"] = field(name="p")
    quantity: Annotated[Number[N], "quantity with RPI trades, in the base asset (COIN-M: in contracts)"] = field(
        name="q"
    )
    normal_quantity: Annotated[Number[N] | None, "quantity without RPI trades; None on COIN-M and before 2026"] = field(
        name="nq", default=None
    )
    first_trade_id: Annotated[int, "id of the first trade in it"] = field(name="f")
    last_trade_id: Annotated[int, "id of the last trade in it"] = field(name="l")
    trade_time: Annotated[Time, "when it was traded"] = field(name="T")
    is_buyer_maker: Annotated[bool, "the buyer's order was in the book: the taker sold"] = field(name="m")
    symbol_type: Annotated[SymbolType, ""] = field(name="st", default=None)

    price_decimal = DecimalOf()
    quantity_decimal = DecimalOf()
    normal_quantity_decimal = OptionalDecimalOf()


class FuturesTrade(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="trade"):
    """One trade. The exchange does not document this stream and may end it; price and quantity may be zero."""

    trade_time: Annotated[Time, "when it was traded"] = field(name="T")
    symbol: Annotated[Symbol, ""] = field(name="s")
    trade_id: Annotated[int, "id of the trade"] = field(name="t")
    price: Annotated[Number[N], "price"] = field(name="p")
    quantity: Annotated[Number[N], "quantity, in the base asset (COIN-M: in contracts)"] = field(name="q")
    trade_type: Annotated[str | None, "MARKET, INSURANCE_FUND, ADL, RPI or NA; None in old frames"] = field(
        name="X", default=None
    )
    is_buyer_maker: Annotated[bool, "the buyer's order was in the book: the taker sold"] = field(name="m")
    symbol_type: Annotated[SymbolType, ""] = field(name="st", default=None)

    price_decimal = DecimalOf()
    quantity_decimal = DecimalOf()


class MarkPrice(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="markPriceUpdate"):
    """Mark price and funding of a contract. ``funding_rate`` is ``""`` and the time 0 for delivery contracts."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    mark_price: Annotated[Number[N], "mark price"] = field(name="p")
    mark_price_average: Annotated[Number[N] | None, "moving average of the mark price; None where not sent"] = field(
        name="ap", default=None
    )
    index_price: Annotated[Number[N] | None, "index price; None in old COIN-M frames"] = field(name="i", default=None)
    settle_price: Annotated[Number[N] | None, "estimated settle price, of use in the last hour before settlement"] = (
        field(name="P", default=None)
    )
    funding_rate: Annotated[Blank[N], "exact decimal", 'funding rate; "" for delivery contracts'] = field(name="r")
    next_funding_time: Annotated[Time, "next funding; 0 for delivery contracts"] = field(name="T")
    symbol_type: Annotated[SymbolType, ""] = field(name="st", default=None)

    mark_price_decimal = DecimalOf()
    mark_price_average_decimal = OptionalDecimalOf()
    index_price_decimal = OptionalDecimalOf()
    settle_price_decimal = OptionalDecimalOf()
    funding_rate_decimal = OptionalDecimalOf()


class IndexPrice(Event, Generic[N], frozen=True, kw_only=True):
    """Index price of a pair. The exchange renamed both the type and the pair's field in 2026; both are read."""

    event_type: Annotated[str, "IndexUpdate, before 2026 indexPriceUpdate"] = field(name="e")
    event_time: Annotated[Time, "when the exchange sent the event"] = field(name="E")
    new_pair: Annotated[str | None, "pair; None in old frames, see symbol"] = field(name="s", default=None)
    old_pair: Annotated[str | None, "pair in frames before 2026, see symbol"] = field(name="i", default=None)
    price: Annotated[Number[N], "index price"] = field(name="p")

    price_decimal = DecimalOf()

    def __post_init__(self) -> None:
        if self.event_type not in ("IndexUpdate", "indexPriceUpdate") or not (self.new_pair or self.old_pair):
            raise ValueError("neither an old nor a new index price")

    @property
    def symbol(self) -> str:
        """The pair, whichever field it came in."""
        return self.new_pair or self.old_pair or ""


class ContinuousKline(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="continuous_kline"):
    """The current state of a candle of a continuous contract."""

    pair: Annotated[str, "underlying pair"] = field(name="ps")
    contract_type: Annotated[str, "PERPETUAL, CURRENT_QUARTER, NEXT_QUARTER or TRADIFI_PERPETUAL"] = field(name="ct")
    candle: Annotated[BaseCandle[N], "the candle"] = field(name="k")


class PriceCandle(Part, Generic[N], frozen=True, kw_only=True):
    """A candle of index or mark price samples: there are no trades, hence no volumes."""

    left_out: ClassVar[Mapping[str, str]] = dict.fromkeys(("v", "q", "V", "Q", "B"), FILLER)

    open_time: Annotated[Time, "start of the interval"] = field(name="t")
    close_time: Annotated[Time, "last instant of the interval"] = field(name="T")
    symbol: Annotated[str, 'symbol; "0" for an index price'] = field(name="s")
    interval: Annotated[str, "length, such as 1m"] = field(name="i")
    first_sample_time: Annotated[Time, "when the first sample was taken"] = field(name="f")
    last_sample_time: Annotated[Time, "when the last sample was taken"] = field(name="L")
    open: Annotated[Number[N], "first price"] = field(name="o")
    close: Annotated[Number[N], "last price so far"] = field(name="c")
    high: Annotated[Number[N], "highest price"] = field(name="h")
    low: Annotated[Number[N], "lowest price"] = field(name="l")
    sample_count: Annotated[int, "number of samples"] = field(name="n")
    is_closed: Annotated[bool, "the interval is over: these are the final figures"] = field(name="x")

    open_decimal = DecimalOf()
    close_decimal = DecimalOf()
    high_decimal = DecimalOf()
    low_decimal = DecimalOf()


class IndexPriceKline(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="indexPrice_kline"):
    """The current state of a candle of index prices."""

    pair: Annotated[str, "underlying pair"] = field(name="ps")
    candle: Annotated[PriceCandle[N], "the candle"] = field(name="k")


class MarkPriceKline(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="markPrice_kline"):
    """The current state of a candle of mark prices."""

    pair: Annotated[str, "underlying pair"] = field(name="ps")
    candle: Annotated[PriceCandle[N], "the candle"] = field(name="k")


class FuturesMiniTicker(MiniTicker[N], Generic[N], frozen=True, kw_only=True, tag="24hrMiniTicker"):
    """Prices and volumes of the last 24 hours."""

    pair: Annotated[Pair, ""] = field(name="ps", default=None)
    symbol_type: Annotated[SymbolType, ""] = field(name="st", default=None)


class FuturesTicker(WindowTicker[N], Generic[N], frozen=True, kw_only=True, tag="24hrTicker"):
    """Statistics of the last 24 hours. Options send it too."""

    last_quantity: Annotated[Number[N], "quantity of the last trade"] = field(name="Q")
    pair: Annotated[Pair, ""] = field(name="ps", default=None)
    symbol_type: Annotated[SymbolType, ""] = field(name="st", default=None)

    last_quantity_decimal = DecimalOf()


class FuturesBookTicker(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="bookTicker"):
    """Best bid and ask. Options send it too."""

    update_id: Annotated[int, "id of the book update"] = field(name="u")
    symbol: Annotated[Symbol, ""] = field(name="s")
    pair: Annotated[Pair, ""] = field(name="ps", default=None)
    bid_price: Annotated[Number[N], "best bid price"] = field(name="b")
    bid_quantity: Annotated[Number[N], "best bid quantity"] = field(name="B")
    ask_price: Annotated[Number[N], "best ask price"] = field(name="a")
    ask_quantity: Annotated[Number[N], "best ask quantity"] = field(name="A")
    transaction_time: Annotated[Time, "when the book changed"] = field(name="T")
    symbol_type: Annotated[SymbolType, ""] = field(name="st", default=None)

    bid_price_decimal = DecimalOf()
    bid_quantity_decimal = DecimalOf()
    ask_price_decimal = DecimalOf()
    ask_quantity_decimal = DecimalOf()


class FuturesDepth(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="depthUpdate"):
    """A change of the book, or its best levels for a partial book stream. Options send it too."""

    transaction_time: Annotated[Time, "when the book changed"] = field(name="T")
    symbol: Annotated[Symbol, ""] = field(name="s")
    pair: Annotated[Pair, ""] = field(name="ps", default=None)
    first_update_id: Annotated[int, "id of the first book update in it"] = field(name="U")
    last_update_id: Annotated[int, "id of the last book update in it"] = field(name="u")
    previous_update_id: Annotated[int, "last_update_id of the event sent before; -1 in some partial books"] = field(
        name="pu"
    )
    bids: Annotated[list[Level[N]], "bid levels, absolute quantities"] = field(name="b")
    asks: Annotated[list[Level[N]], "ask levels, absolute quantities"] = field(name="a")
    symbol_type: Annotated[SymbolType, ""] = field(name="st", default=None)


class LiquidationOrder(Part, Generic[N], frozen=True, kw_only=True):
    """The order that closed a liquidated position."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    pair: Annotated[Pair, ""] = field(name="ps", default=None)
    side: Annotated[str, "BUY or SELL"] = field(name="S")
    order_type: Annotated[str, "order type, such as LIMIT"] = field(name="o")
    time_in_force: Annotated[str, "time in force, such as IOC"] = field(name="f")
    quantity: Annotated[Number[N], "original quantity"] = field(name="q")
    price: Annotated[Number[N], "price of the order"] = field(name="p")
    average_price: Annotated[Number[N], "average price of the fills"] = field(name="ap")
    status: Annotated[str, "order status, such as FILLED"] = field(name="X")
    last_filled_quantity: Annotated[Number[N], "quantity of the last fill"] = field(name="l")
    filled_quantity: Annotated[Number[N], "quantity of all fills"] = field(name="z")
    trade_time: Annotated[Time, "when it was traded"] = field(name="T")
    symbol_type: Annotated[SymbolType, ""] = field(name="st", default=None)

    quantity_decimal = DecimalOf()
    price_decimal = DecimalOf()
    average_price_decimal = DecimalOf()
    last_filled_quantity_decimal = DecimalOf()
    filled_quantity_decimal = DecimalOf()


class Liquidation(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="forceOrder"):
    """A forced liquidation; at most one per symbol and second is shown.

    ``pair`` and ``symbol_type`` come beside the order, inside it, or not at all.
    """

    order: Annotated[LiquidationOrder[N], "the order"] = field(name="o")
    pair: Annotated[Pair, ""] = field(name="ps", default=None)
    symbol_type: Annotated[SymbolType, ""] = field(name="st", default=None)


class IndexComponent(Part, Generic[N], frozen=True, kw_only=True):
    """One component of a composite index."""

    base_asset: Annotated[str, "base asset"] = field(name="b")
    quote_asset: Annotated[str, "quote asset"] = field(name="q")
    weight: Annotated[Number[N], "weight, as a quantity"] = field(name="w")
    weight_percent: Annotated[Number[N], "weight, as a share"] = field(name="W")
    index_price: Annotated[Number[N], "index price of the component"] = field(name="i")

    weight_decimal = DecimalOf()
    weight_percent_decimal = DecimalOf()
    index_price_decimal = DecimalOf()


class CompositeIndex(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="compositeIndex"):
    """A composite index, such as DEFIUSDT, with its components."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    price: Annotated[Number[N], "price of the index"] = field(name="p")
    component_type: Annotated[str, "what the components are, such as baseAsset"] = field(name="C")
    components: Annotated[list[IndexComponent[N]], "the components"] = field(name="c")

    price_decimal = DecimalOf()


class Bracket(Part, frozen=True, kw_only=True):
    """One notional bracket. The exchange sends numbers here; fractions are kept exactly, as ``Decimal``."""

    bracket: Annotated[int, "number of the bracket"] = field(name="bs")
    notional_floor: Annotated[Decimal, "lower limit of the notional value"] = field(name="bnf")
    notional_cap: Annotated[Decimal, "upper limit of the notional value"] = field(name="bnc")
    maintenance_margin_ratio: Annotated[Decimal, "maintenance margin, as a share"] = field(name="mmr")
    auxiliary: Annotated[Decimal, "auxiliary number of the quick calculation"] = field(name="cf")
    min_leverage: Annotated[Decimal, "lowest leverage"] = field(name="mi")
    max_leverage: Annotated[Decimal, "highest leverage"] = field(name="ma")


class ContractInfo(TimedEvent, frozen=True, kw_only=True, tag="contractInfo"):
    """A contract was listed, settled, or got other brackets."""

    symbol: Annotated[Symbol, ""] = field(name="s")
    pair: Annotated[Pair, ""] = field(name="ps", default=None)
    contract_type: Annotated[str, "contract type, such as PERPETUAL"] = field(name="ct")
    delivery_time: Annotated[Time, "delivery; far away for perpetuals"] = field(name="dt")
    onboard_time: Annotated[Time, "start of trading"] = field(name="ot")
    status: Annotated[str, "contract status, such as TRADING"] = field(name="cs")
    brackets: Annotated[list[Bracket] | None, "the brackets; None unless they changed"] = field(
        name="bks", default=None
    )
    symbol_type: Annotated[SymbolType, ""] = field(name="st", default=None)


class AssetIndex(TimedEvent, Generic[N], frozen=True, kw_only=True, tag="assetIndexUpdate"):
    """Index of an asset of the multi-assets mode."""

    symbol: Annotated[str, "asset pair, such as ADAUSD"] = field(name="s")
    index_price: Annotated[Number[N], "index price"] = field(name="i")
    bid_buffer: Annotated[Number[N], "bid buffer"] = field(name="b")
    ask_buffer: Annotated[Number[N], "ask buffer"] = field(name="a")
    bid_rate: Annotated[Number[N], "bid rate"] = field(name="B")
    ask_rate: Annotated[Number[N], "ask rate"] = field(name="A")
    auto_exchange_bid_buffer: Annotated[Number[N], "bid buffer of the auto exchange"] = field(name="q")
    auto_exchange_ask_buffer: Annotated[Number[N], "ask buffer of the auto exchange"] = field(name="g")
    auto_exchange_bid_rate: Annotated[Number[N], "bid rate of the auto exchange"] = field(name="Q")
    auto_exchange_ask_rate: Annotated[Number[N], "ask rate of the auto exchange"] = field(name="G")

    index_price_decimal = DecimalOf()
    bid_buffer_decimal = DecimalOf()
    ask_buffer_decimal = DecimalOf()
    bid_rate_decimal = DecimalOf()
    ask_rate_decimal = DecimalOf()
    auto_exchange_bid_buffer_decimal = DecimalOf()
    auto_exchange_ask_buffer_decimal = DecimalOf()
    auto_exchange_bid_rate_decimal = DecimalOf()
    auto_exchange_ask_rate_decimal = DecimalOf()


class TradingSession(Event, frozen=True, kw_only=True):
    """The session of one traditional market, for contracts on its assets; one event per market."""

    event_type: Annotated[str, "EquityUpdate, CommodityUpdate, or a country's, such as KR_EquityUpdate"] = field(
        name="e"
    )
    event_time: Annotated[Time, "when the exchange sent the event"] = field(name="E")
    session_start: Annotated[Time, "start of the session"] = field(name="t")
    session_end: Annotated[Time, "end of the session"] = field(name="T")
    session: Annotated[str, "PRE_MARKET, REGULAR, AFTER_MARKET, OVERNIGHT or NO_TRADING"] = field(name="S")
