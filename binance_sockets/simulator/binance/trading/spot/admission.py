"""Which orders may come in: what the exchange checks before an order exists."""

from __future__ import annotations

from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.spot import filters
from binance_sockets.simulator.binance.trading.spot.orders import SpotOrder, Ticket, quote_units
from binance_sockets.simulator.binance.trading.spot.registry import Orders
from binance_sockets.simulator.market.book import BUY
from binance_sockets.simulator.market.instruments import power

__all__ = [
    "INSUFFICIENT",
    "WOULD_MATCH",
    "WOULD_TRIGGER",
    "admit",
    "budget_quantity",
    "cost",
    "passed",
    "refusal",
    "room",
]

INSUFFICIENT = "Account has insufficient balance for requested action."
WOULD_MATCH = "Order would immediately match and take."
WOULD_TRIGGER = "Order would trigger immediately."


def admit(orders: Orders, market: BinanceMarket, ticket: Ticket) -> None:
    """Check an order against the filters, the names in use, and the limits of its account.

    Raises:
        Refused: it may not come in.
    """
    filters.check(market, ticket)
    symbol = market.instrument.symbol
    if ticket.client_id and orders.named(symbol, ticket.client_id):
        raise Refused(-2010, "Duplicate order sent.")


def room(orders: Orders, i: Listed, tickets: list[Ticket], *, lists: int = 0) -> None:
    """Check that so many orders more, and order lists, fit the limits of a symbol.

    Raises:
        Refused: they do not.
    """
    there = [order.ticket for order in orders.open(i.symbol)]
    algos = sum(ticket.contingent for ticket in tickets)
    for name, open_now, wanted in (
        ("MAX_NUM_ORDERS", len(there), len(tickets)),
        ("MAX_NUM_ALGO_ORDERS", sum(ticket.contingent for ticket in there), algos),
        ("MAX_NUM_ORDER_LISTS", len(orders.open_lists(i.symbol)), lists),
    ):
        if wanted and open_now + wanted > filters.most(i, name):
            raise filters.failure(name)


def refusal(market: BinanceMarket, ticket: Ticket) -> str | None:
    """Why the market does not let an order in now; ``None`` if it does."""
    if ticket.type == "LIMIT_MAKER":
        opposite = market.book.best(-ticket.side)
        if opposite is not None and ticket.price is not None and ticket.price * ticket.side >= opposite * ticket.side:
            return WOULD_MATCH
    if ticket.contingent and ticket.stop is not None and passed(ticket, ticket.stop, market.last_trade().price):
        return WOULD_TRIGGER
    return None


def passed(ticket: Ticket, stop: int, price: int) -> bool:
    """Whether a price fulfils the stop condition of a contingent order."""
    rising = (ticket.side == BUY) == ticket.type.startswith("STOP_LOSS")
    return price >= stop if rising else price <= stop


def cost(order: SpotOrder) -> int:
    """What a market order would pay for what the book offers now, in units of the quote asset."""
    total, left = 0, order.remaining
    skips = order.ticket.stp == "EXPIRE_MAKER"
    for maker in order.market.book.orders(-order.side):
        if maker.owner == order.owner and skips:
            continue
        qty = min(left, maker.remaining)
        total += quote_units(order.instrument, maker.price or 0, qty)
        left -= qty
        if not left:
            break
    return total


def budget_quantity(market: BinanceMarket, owner: str, ticket: Ticket) -> int:
    """How many lots an amount of the quote asset buys, or has to be sold for, in the book as it is.

    What the book does not have counts at its last price, and will expire.

    Raises:
        Refused: the book is empty, or the amount is less than one lot.
    """
    i, left, total = market.instrument, ticket.quote_qty or 0, 0
    price = 0
    for maker in market.book.orders(-ticket.side):
        if maker.owner == owner and ticket.stp == "EXPIRE_MAKER":
            continue
        price = maker.price or 1
        qty = min(maker.remaining, _lots(market, left, price))
        total += qty
        left -= quote_units(i, price, qty)
        if qty < maker.remaining:
            break
    else:
        total += _lots(market, left, price) if price else 0
    if not price:
        raise Refused(-2010, "Order book liquidity is less than symbol minimum quantity.")
    if not total:
        raise filters.failure("LOT_SIZE")
    return total


def _lots(market: BinanceMarket, amount: int, price: int) -> int:
    """The most lots at a price whose value does not exceed an amount."""
    places = market.instrument.turnover_places
    return amount * power(places) // (price * power(8))
