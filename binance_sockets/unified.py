"""Exchange-neutral events: one vocabulary for what every exchange streams, and what ``view="unified"`` gives.

An event is a frozen msgspec Struct. ``type`` names its kind (``event.type == "trade"``), and is written with it as
JSON, so that :data:`AnyEvent` reads it back. Numbers are of the type that was asked for with ``numbers=``: ``float``
(default), ``Decimal`` or ``str``; ``Trade`` as an annotation means ``Trade[float]``. Times are whole nanoseconds since
1970 UTC, whatever unit the exchange sends, so that they can be compared and taken off each other. ``None`` stands where
an exchange does not say.

All events are made on the connection's thread; they may be read anywhere.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, NamedTuple, TypeAlias, Union

import msgspec

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    N = TypeVar("N", bound=str | Decimal | float, default=float)
else:
    from typing import TypeVar

    N = TypeVar("N")

__all__ = [
    "AnyEvent",
    "BookTicker",
    "Depth",
    "Event",
    "Greeks",
    "IndexPrice",
    "Kline",
    "KlineKind",
    "Level",
    "Liquidation",
    "MarkPrice",
    "Market",
    "OpenInterest",
    "Side",
    "Ticker",
    "Trade",
    "TradeKind",
]

Side: TypeAlias = Literal["buy", "sell"]
TradeKind: TypeAlias = Literal["trade", "aggregate", "block", "insurance_fund", "adl", "rpi", "na"]
KlineKind: TypeAlias = Literal["trade", "mark", "index"]

Level: TypeAlias = tuple[N, N]
"""One price level of a book: ``price, quantity = level``."""


class Market(NamedTuple):
    """Where something is traded: the same symbol means something else on another exchange, and as another product."""

    exchange: str
    product: str
    symbol: str


# gc=False is safe: a frozen value that is made of a message cannot be part of a reference cycle.
class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="type"):
    """What every event has.

    Args:
        exchange: ``"binance"``, ``"binanceus"``, or another one's name, as ccxt writes it.
        product: of that exchange, such as ``"spot"``, ``"usdm"``, ``"coinm"``, ``"options"``.
        symbol: the exchange's own name of what is traded, in its spelling; of an index the pair or underlying.
        instrument: its name as ccxt writes it: ``BTC/USDT``, ``BTC/USDT:USDT`` for a perpetual contract,
            ``BTC/USDT:USDT-261225`` for a dated one, ``BTC/USDT:USDT-261225-110000-C`` for an option. ``None`` where it
            is not known for sure, or where there is no such thing, as for an index.
        time_ns: when it happened, by the exchange's clock; where it tells several times, that of the trade, or of the
            change of the book, then that of the message. ``None`` where it tells none.
        sent_ns: when the exchange made the message. ``None`` where it does not say.
        received_ns: when this machine read it, by its own wall clock.
    """

    type: ClassVar[str]

    exchange: str
    product: str
    symbol: str
    instrument: str | None
    time_ns: int | None
    received_ns: int
    sent_ns: int | None = None

    @property
    def market(self) -> Market:
        """``(exchange, product, symbol)``, by which events are told apart."""
        return Market(self.exchange, self.product, self.symbol)


class Trade(Event, Generic[N], frozen=True, kw_only=True, tag="trade"):
    """One trade, or several of one taker at one price.

    Args:
        id: number of the trade (of an aggregate: of the aggregate), unique for its symbol and kind.
        consecutive: each ``id`` is one more than the one before it, so that a jump is a missing trade. ``False`` where
            it only tells trades apart (Upbit).
        price: in the quote asset.
        quantity: in the base asset; in contracts where the exchange counts so (COIN-M, options).
        side: what the taker did.
        kind: ``"trade"``, ``"aggregate"``, ``"block"``, or what futures send besides: ``"insurance_fund"``, ``"adl"``,
            ``"rpi"``, ``"na"`` (which may have a price of zero).
        first_id: of an aggregate, number of the first trade in it.
        last_id: of an aggregate, number of the last trade in it.
        backfilled: it was fetched over REST.
    """

    type: ClassVar[Literal["trade"]] = "trade"

    id: int
    price: N
    quantity: N
    side: Side
    kind: TradeKind = "trade"
    first_id: int | None = None
    last_id: int | None = None
    consecutive: bool = True
    backfilled: bool = False

    @property
    def volume(self) -> N:
        """``quantity`` by its other name."""
        return self.quantity


class Ticker(Event, Generic[N], frozen=True, kw_only=True, tag="ticker"):
    """Statistics of a moving window, and the last price.

    Args:
        window: its length: ``"24h"``, ``"1d"``, ``"4h"``, ``"1h"``.
        price: last price, in the quote asset.
        price_change: last price less the one that the exchange compares with: the first of the window, or the close of
            the day before (Upbit).
        price_change_percent: the same in percent of it, as the exchange rounds it; where it does not send it, computed
            and rounded to three places, and zero where the first price is.
        open_price, high_price, low_price: of the window.
        volume: in the base asset; in contracts where the exchange counts so (COIN-M, options).
        quote_volume: in the quote asset (COIN-M: in the base asset).
        open_time_ns, close_time_ns: begin and end of the window.
        weighted_average_price: average price, weighted by volume.
        previous_close_price: last price before the window.
        last_quantity: quantity of the last trade.
        bid_price, bid_quantity, ask_price, ask_quantity: best prices.
        trade_count: number of trades in the window.
    """

    type: ClassVar[Literal["ticker"]] = "ticker"

    window: str
    price: N
    price_change: N
    price_change_percent: N
    open_price: N
    high_price: N
    low_price: N
    volume: N
    quote_volume: N
    open_time_ns: int | None = None
    close_time_ns: int | None = None
    weighted_average_price: N | None = None
    previous_close_price: N | None = None
    last_quantity: N | None = None
    bid_price: N | None = None
    bid_quantity: N | None = None
    ask_price: N | None = None
    ask_quantity: N | None = None
    trade_count: int | None = None

    @property
    def close_price(self) -> N:
        """``price`` by its other name."""
        return self.price


class Kline(Event, Generic[N], frozen=True, kw_only=True, tag="kline"):
    """The present state of a candle.

    Args:
        interval: its length, such as ``"1m"``.
        open_time_ns: start of the interval.
        close_time_ns: last instant of the interval, as the exchange says it or in whole milliseconds.
        open_price, high_price, low_price, close_price: so far.
        volume: in the base asset; in contracts where the exchange counts so (COIN-M, options). Zero for prices that are
            not traded.
        quote_volume: in the quote asset (COIN-M: in the base asset).
        is_closed: these are the final figures. Always ``False`` where the exchange does not say so (Upbit): there the
            first candle with a later ``open_time_ns`` tells.
        kind: what it is made of: ``"trade"``, ``"mark"`` or ``"index"`` prices.
        trade_count: number of trades (of prices that are not traded: of samples).
        taker_buy_volume, taker_buy_quote_volume: the part of the volumes where the taker bought.
        backfilled: it was fetched over REST.
    """

    type: ClassVar[Literal["kline"]] = "kline"

    interval: str
    open_time_ns: int
    close_time_ns: int
    open_price: N
    high_price: N
    low_price: N
    close_price: N
    volume: N
    quote_volume: N
    is_closed: bool
    kind: KlineKind = "trade"
    trade_count: int | None = None
    taker_buy_volume: N | None = None
    taker_buy_quote_volume: N | None = None
    backfilled: bool = False

    @property
    def price(self) -> N:
        """``close_price`` by its other name."""
        return self.close_price


class BookTicker(Event, Generic[N], frozen=True, kw_only=True, tag="book_ticker"):
    """Best bid and ask.

    Args:
        bid_price, bid_quantity, ask_price, ask_quantity: best prices, and what is there at them.
        update_id: number of the change of the book.
    """

    type: ClassVar[Literal["book_ticker"]] = "book_ticker"

    bid_price: N
    bid_quantity: N
    ask_price: N
    ask_quantity: N
    update_id: int | None = None


class Depth(Event, Generic[N], frozen=True, kw_only=True, tag="depth"):
    """A book: its best levels, or what has changed in it.

    Args:
        bids: pairs of price and quantity. Of a whole book the best ones, highest price first; of a change the new
            quantities, in any order, where zero removes the level.
        asks: likewise; of a whole book lowest price first.
        is_diff: it is a change, and means nothing without what came before.
        last_update_id: number of the last change in it.
        first_update_id: of a change, number of the first change in it.
        previous_update_id: of a change, ``last_update_id`` of the message before.
    """

    type: ClassVar[Literal["depth"]] = "depth"

    bids: list[Level[N]]
    asks: list[Level[N]]
    is_diff: bool
    last_update_id: int | None = None
    first_update_id: int | None = None
    previous_update_id: int | None = None


class MarkPrice(Event, Generic[N], frozen=True, kw_only=True, tag="mark_price"):
    """Mark price and funding of a contract.

    Args:
        mark_price: what profit, loss and liquidation are computed with.
        index_price: of the underlying.
        settle_price: estimated; of use in the last hour before settlement.
        funding_rate: as a share, not in percent; ``None`` where there is no funding.
        next_funding_time_ns: when it is paid next.
    """

    type: ClassVar[Literal["mark_price"]] = "mark_price"

    mark_price: N
    index_price: N | None = None
    settle_price: N | None = None
    funding_rate: N | None = None
    next_funding_time_ns: int | None = None

    @property
    def price(self) -> N:
        """``mark_price`` by its other name."""
        return self.mark_price


class IndexPrice(Event, Generic[N], frozen=True, kw_only=True, tag="index_price"):
    """Price of an index, such as the one behind the contracts of a pair.

    Args:
        price: of the index.
    """

    type: ClassVar[Literal["index_price"]] = "index_price"

    price: N


class Liquidation(Event, Generic[N], frozen=True, kw_only=True, tag="liquidation"):
    """An order by which the exchange closed somebody's position.

    Args:
        side: of the order: ``"sell"`` closed a long position.
        price: of the order.
        average_price: of its fills.
        quantity: of the order.
        filled_quantity: of its fills.
    """

    type: ClassVar[Literal["liquidation"]] = "liquidation"

    side: Side
    price: N
    average_price: N
    quantity: N
    filled_quantity: N


class OpenInterest(Event, Generic[N], frozen=True, kw_only=True, tag="open_interest"):
    """Open interest of a contract.

    Args:
        open_interest: in contracts.
        open_interest_value: in the quote asset.
    """

    type: ClassVar[Literal["open_interest"]] = "open_interest"

    open_interest: N
    open_interest_value: N


class Greeks(Event, Generic[N], frozen=True, kw_only=True, tag="greeks"):
    """Mark price, best prices, implied volatility and greeks of an option.

    Args:
        mark_price: what profit and loss are computed with.
        index_price: of the underlying.
        bid_price, bid_quantity, ask_price, ask_quantity: best prices; zero without one.
        bid_volatility, ask_volatility: implied by them, as a share; ``None`` without one.
        mark_volatility: implied by the mark price, as a share.
        delta, gamma, theta, vega: the greeks.
    """

    type: ClassVar[Literal["greeks"]] = "greeks"

    mark_price: N
    index_price: N
    bid_price: N
    bid_quantity: N
    ask_price: N
    ask_quantity: N
    bid_volatility: N | None
    ask_volatility: N | None
    mark_volatility: N
    delta: N
    gamma: N
    theta: N
    vega: N


AnyEvent: TypeAlias = Union[  # noqa: UP007 - evaluated at run time, where the parts are generic
    Trade[N],
    Ticker[N],
    Kline[N],
    BookTicker[N],
    Depth[N],
    MarkPrice[N],
    IndexPrice[N],
    Liquidation[N],
    OpenInterest[N],
    Greeks[N],
]
"""All of them, told apart by ``type``: ``msgspec.json.decode(data, type=AnyEvent[float])`` reads one back."""
