"""Orders and balances as Upbit tells of them: numbers over WebSockets, texts over REST."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from binance_sockets.simulator.accounts import PLACES
from binance_sockets.simulator.market.candles import SECOND
from binance_sockets.simulator.market.instruments import power
from binance_sockets.simulator.upbit.numbers import decimal, text
from binance_sockets.simulator.upbit.payloads import KST, moment
from binance_sockets.simulator.upbit.trading.orders import Fill, UpbitOrder

__all__ = ["asset_event", "average", "order_event", "order_row"]

_AVERAGE_PLACES = 8


def units_text(amount: int) -> str:
    """An amount as text, without zeros at its end."""
    return text(amount, PLACES)


def units_number(amount: int) -> Raw:
    """The same as a number."""
    return decimal(amount, PLACES)


def average(funds: int, lots: int) -> int:
    """What one whole coin cost on average, in units."""
    return funds * power(_AVERAGE_PLACES) // lots if lots else 0


def _price(order: UpbitOrder) -> tuple[int, int] | None:
    """The price of an order, or what it may spend, with its decimals."""
    if order.ticket.budget is not None:
        return order.ticket.budget, PLACES
    return None if order.ticket.price is None else (order.ticket.price, order.coin.price_places)


def order_event(order: UpbitOrder, state: str, now: int, fill: Fill | None = None) -> dict[str, Any]:
    """The message ``myOrder``.

    Args:
        order: as it is now.
        state: ``wait``, ``trade``, ``done``, ``cancel`` or ``prevented``.
        now: µs.
        fill: of ``trade``; then price and volume are its own.
    """
    ticket, coin = order.ticket, order.coin
    price, volume = _price(order), None if ticket.lots is None else decimal(ticket.lots, coin.qty_places)
    if fill is not None:
        price, volume = (fill.price, coin.price_places), decimal(fill.lots, coin.qty_places)
    last = order.fills[-1].time // 1000 if order.fills else None
    return {
        "type": "myOrder",
        "code": coin.symbol,
        "uuid": order.uuid,
        "ask_bid": "BID" if order.buys else "ASK",
        "order_type": ticket.type,
        "state": state,
        "trade_uuid": fill.uuid if fill is not None else None,
        "price": None if price is None else decimal(*price),
        "avg_price": units_number(average(order.funds, order.filled)) if order.filled else None,
        "volume": volume,
        "remaining_volume": None if ticket.lots is None else decimal(order.remaining, coin.qty_places),
        "executed_volume": decimal(order.filled, coin.qty_places),
        "trades_count": len(order.fills),
        "reserved_fee": units_number(order.reserved_fee),
        "remaining_fee": units_number(order.remaining_fee),
        "paid_fee": units_number(order.paid_fee),
        "locked": units_number(order.locked),
        "executed_funds": units_number(order.funds),
        "time_in_force": ticket.tif or None,
        "trade_fee": units_number(fill.fee) if fill is not None else None,
        "is_maker": fill.maker if fill is not None else None,
        "identifier": ticket.identifier or None,
        "smp_type": ticket.smp or None,
        "prevented_volume": decimal(order.prevented, coin.qty_places),
        "prevented_locked": units_number(order.prevented_locked),
        "trade_timestamp": fill.time // 1000 if fill is not None else last,
        "order_timestamp": order.created // 1000,
        "timestamp": now // 1000,
        "stream_type": "REALTIME",
    }


def asset_event(uuid: str, balances: dict[str, tuple[int, int]], now: int) -> dict[str, Any]:
    """The message ``myAsset``: free and locked amounts of the currencies that have changed."""
    return {
        "type": "myAsset",
        "asset_uuid": uuid,
        "assets": [
            {"currency": currency, "balance": units_number(free), "locked": units_number(locked)}
            for currency, (free, locked) in balances.items()
        ],
        "asset_timestamp": now // 1000,
        "timestamp": now // 1000,
        "stream_type": "REALTIME",
    }


def order_row(order: UpbitOrder, *, trades: bool = False) -> dict[str, Any]:
    """An order as REST tells of it."""
    ticket, coin = order.ticket, order.coin
    price = _price(order)
    row: dict[str, Any] = {
        "market": coin.symbol,
        "uuid": order.uuid,
        "side": "bid" if order.buys else "ask",
        "ord_type": ticket.type,
        "price": None if price is None else text(*price),
        "state": order.state,
        "created_at": _local(order.created),
        "volume": None if ticket.lots is None else text(ticket.lots, coin.qty_places),
        "remaining_volume": None if ticket.lots is None else text(order.remaining, coin.qty_places),
        "executed_volume": text(order.filled, coin.qty_places),
        "reserved_fee": units_text(order.reserved_fee),
        "remaining_fee": units_text(order.remaining_fee),
        "paid_fee": units_text(order.paid_fee),
        "locked": units_text(order.locked),
        "executed_funds": units_text(order.funds),
        "prevented_volume": text(order.prevented, coin.qty_places),
        "prevented_locked": units_text(order.prevented_locked),
        "trades_count": len(order.fills),
    }
    for name, value in (("time_in_force", ticket.tif), ("identifier", ticket.identifier), ("smp_type", ticket.smp)):
        if value:
            row[name] = value
    if trades:
        row["trades"] = [_trade_row(order, fill) for fill in order.fills]
    return row


def _trade_row(order: UpbitOrder, fill: Fill) -> dict[str, Any]:
    coin = order.coin
    return {
        "market": coin.symbol,
        "uuid": fill.uuid,
        "price": text(fill.price, coin.price_places),
        "volume": text(fill.lots, coin.qty_places),
        "funds": units_text(fill.funds),
        "trend": "up" if order.buys != fill.maker else "down",
        "created_at": _local(fill.time),
        "side": "bid" if order.buys else "ask",
    }


def _local(time: int) -> str:
    """A time in Korea."""
    return moment(time // SECOND * SECOND + KST, "%Y-%m-%dT%H:%M:%S+09:00")
