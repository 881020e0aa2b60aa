"""When orders that wait for a price are sent: stops, and stops that trail the price."""

from __future__ import annotations

from binance_sockets.simulator.binance.trading.spot.admission import passed
from binance_sockets.simulator.binance.trading.spot.orders import SpotOrder
from binance_sockets.simulator.market.book import BUY

__all__ = ["start", "triggered"]

_WHOLE = 10_000  # in 1/100 of a percent


def start(order: SpotOrder, now: int) -> None:
    """An order begins to wait; a trailing stop without a stop price follows from the last trade on."""
    if order.ticket.trailing is not None and order.ticket.stop is None:
        order.extreme, order.trail_started = order.market.last_trade().price, now


def triggered(order: SpotOrder, price: int, time: int) -> bool:
    """Whether a trade at this price sends an order to the book.

    Args:
        order: one that waits.
        price: of the trade, in ticks.
        time: of the trade, µs.
    """
    ticket = order.ticket
    if ticket.trailing is None:
        return ticket.stop is not None and passed(ticket, ticket.stop, price)
    if order.extreme is None:
        if ticket.stop is None or not passed(ticket, ticket.stop, price):
            return False
        order.extreme, order.trail_started = price, time // 1000
        return False
    if ticket.side == BUY:
        order.extreme = min(order.extreme, price)
        return price * _WHOLE >= order.extreme * (_WHOLE + ticket.trailing)
    order.extreme = max(order.extreme, price)
    return price * _WHOLE <= order.extreme * (_WHOLE - ticket.trailing)
