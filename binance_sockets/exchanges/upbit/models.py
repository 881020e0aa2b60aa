"""Upbit's messages as typed events: frozen Structs whose numbers are exact ``Decimal`` values.

All fields but the type may be missing or null, as the exchange guarantees none of them; they are ``None`` then. Fields
that it adds later are in ``extra``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from ...exchange import Misfits

__all__ = [
    "Announcement",
    "Asset",
    "Candle",
    "EVENTS",
    "Indicator",
    "MyAsset",
    "MyOrder",
    "OrderBookEvent",
    "Ticker",
    "Trade",
    "Unit",
    "UpbitEvent",
    "event_of",
]


class UpbitEvent(Struct, frozen=True, kw_only=True):
    """What all events have.

    Args:
        type: the exchange's name of the type, such as ``"candle.1m"``.
        code: the market, such as ``"KRW-BTC"``.
        timestamp: when the exchange made the message, milliseconds since the epoch.
        stream_type: ``"SNAPSHOT"`` or ``"REALTIME"``.
        extra: fields that stand nowhere here, by their full names.
    """

    type: str
    code: str | None = None
    timestamp: int | None = None
    stream_type: str | None = None
    extra: dict[str, Any] = {}

    @property
    def symbol(self) -> str | None:
        """The market, by the name that other exchanges have for it."""
        return self.code


class Ticker(UpbitEvent, frozen=True, kw_only=True):
    """The state of a market. ``acc_`` fields without ``24h`` count from midnight, UTC."""

    opening_price: Decimal | None = None
    high_price: Decimal | None = None
    low_price: Decimal | None = None
    trade_price: Decimal | None = None
    prev_closing_price: Decimal | None = None
    change: str | None = None
    change_price: Decimal | None = None
    signed_change_price: Decimal | None = None
    change_rate: Decimal | None = None
    signed_change_rate: Decimal | None = None
    trade_volume: Decimal | None = None
    acc_trade_volume: Decimal | None = None
    acc_trade_volume_24h: Decimal | None = None
    acc_trade_price: Decimal | None = None
    acc_trade_price_24h: Decimal | None = None
    trade_date: str | None = None
    trade_time: str | None = None
    trade_timestamp: int | None = None
    ask_bid: str | None = None
    acc_ask_volume: Decimal | None = None
    acc_bid_volume: Decimal | None = None
    highest_52_week_price: Decimal | None = None
    highest_52_week_date: str | None = None
    lowest_52_week_price: Decimal | None = None
    lowest_52_week_date: str | None = None
    market_state: str | None = None
    delisting_date: Any = None
    is_trading_suspended: bool | None = None
    market_warning: str | None = None


class Trade(UpbitEvent, frozen=True, kw_only=True):
    """One trade. ``sequential_id`` is unique; two of one second may come in either order."""

    trade_price: Decimal | None = None
    trade_volume: Decimal | None = None
    ask_bid: str | None = None
    prev_closing_price: Decimal | None = None
    change: str | None = None
    change_price: Decimal | None = None
    trade_date: str | None = None
    trade_time: str | None = None
    trade_timestamp: int | None = None
    sequential_id: int | None = None
    best_ask_price: Decimal | None = None
    best_ask_size: Decimal | None = None
    best_bid_price: Decimal | None = None
    best_bid_size: Decimal | None = None


class Unit(Struct, frozen=True, kw_only=True):
    """The ask and the bid of one rank. A price of 0 stands for none."""

    ask_price: Decimal | None = None
    bid_price: Decimal | None = None
    ask_size: Decimal | None = None
    bid_size: Decimal | None = None


class OrderBookEvent(UpbitEvent, frozen=True, kw_only=True):
    """A whole order book, the best rank first. ``level`` is the price unit that it is grouped by; 0 for none."""

    total_ask_size: Decimal | None = None
    total_bid_size: Decimal | None = None
    orderbook_units: tuple[Unit, ...] = ()
    level: Decimal | None = None


class Candle(UpbitEvent, frozen=True, kw_only=True):
    """A candle so far. The exchange does not say when one is final: the next one's begin tells."""

    candle_date_time_utc: str | None = None
    candle_date_time_kst: str | None = None
    opening_price: Decimal | None = None
    high_price: Decimal | None = None
    low_price: Decimal | None = None
    trade_price: Decimal | None = None
    candle_acc_trade_volume: Decimal | None = None
    candle_acc_trade_price: Decimal | None = None


class MyOrder(UpbitEvent, frozen=True, kw_only=True):
    """One's own order. Where ``state`` is ``"trade"``, price and volume are those of the fill."""

    uuid: str | None = None
    ask_bid: str | None = None
    order_type: str | None = None
    state: str | None = None
    trade_uuid: str | None = None
    price: Decimal | None = None
    avg_price: Decimal | None = None
    volume: Decimal | None = None
    remaining_volume: Decimal | None = None
    executed_volume: Decimal | None = None
    trades_count: int | None = None
    reserved_fee: Decimal | None = None
    remaining_fee: Decimal | None = None
    paid_fee: Decimal | None = None
    locked: Decimal | None = None
    executed_funds: Decimal | None = None
    time_in_force: str | None = None
    trade_fee: Decimal | None = None
    is_maker: bool | None = None
    identifier: str | None = None
    smp_type: str | None = None
    prevented_volume: Decimal | None = None
    prevented_locked: Decimal | None = None
    trade_timestamp: int | None = None
    order_timestamp: int | None = None


class Asset(Struct, frozen=True, kw_only=True):
    """The balance of one currency."""

    currency: str | None = None
    balance: Decimal | None = None
    locked: Decimal | None = None


class MyAsset(UpbitEvent, frozen=True, kw_only=True):
    """Balances that have changed."""

    asset_uuid: str | None = None
    assets: tuple[Asset, ...] = ()
    asset_timestamp: int | None = None


class Announcement(UpbitEvent, frozen=True, kw_only=True):
    """A notice of the exchange. ``body`` is Markdown, where it was asked for."""

    event_type: str | None = None
    category: str | None = None
    title: str | None = None
    uuid: str | None = None
    url: str | None = None
    body: str | None = None
    listed_at: str | None = None
    first_listed_at: str | None = None


class Indicator(UpbitEvent, frozen=True, kw_only=True):
    """The value of a technical indicator when a candle has ended, or the signal that it has crossed a trigger."""

    timeframe: str | None = None
    indicator: str | None = None
    params: Any = None
    value: Any = None
    candle_date_time_utc: str | None = None
    trigger: Any = None
    event_params: Any = None


EVENTS: Mapping[str, type[UpbitEvent]] = {
    "ticker": Ticker,
    "trade": Trade,
    "orderbook": OrderBookEvent,
    "candle": Candle,
    "myOrder": MyOrder,
    "myAsset": MyAsset,
    "announcement": Announcement,
    "indicator": Indicator,
    "indicator_signal": Indicator,
}
"""By the type of their row."""
_FIELDS = {kind: frozenset(event.__struct_fields__) for kind, event in EVENTS.items()}


def event_of(kind: str, fields: Mapping[str, Any], stream: str, misfits: Misfits) -> UpbitEvent | None:
    """The event of a message.

    Args:
        kind: the type of its row.
        fields: by full names, with exact numbers.
        stream: its stream.
        misfits: told of fields that the event does not declare, and of a message that fits none.

    Returns:
        The event, or ``None`` where the message fits none.
    """
    if not fields.keys() <= _FIELDS[kind]:
        extra = {name: value for name, value in fields.items() if name not in _FIELDS[kind]}
        known = tuple(name for name in extra if name != "backfilled")
        if known:
            misfits.added(stream, known)
        fields = {**fields, "extra": extra}
    try:
        return msgspec.convert(fields, EVENTS[kind])
    except msgspec.ValidationError as error:
        misfits.untyped(stream, str(error))
        return None
