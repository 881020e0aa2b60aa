"""Which orders may come in: what the exchange checks before an order exists."""

from __future__ import annotations

from binance_sockets.simulator.accounts import NET, PLACES, Account
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.futures import rules
from binance_sockets.simulator.binance.trading.futures.brackets import most_held
from binance_sockets.simulator.binance.trading.futures.office import FuturesOffice
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder, Ticket
from binance_sockets.simulator.market.instruments import power

__all__ = ["REDUCE_ONLY", "admit", "admit_change", "would_take"]

REDUCE_ONLY = "ReduceOnly Order is rejected."
_MOST_CHANGES = 10_000


def admit(desk: FuturesOffice, account: Account, market: BinanceMarket, ticket: Ticket) -> None:
    """Check an order; one that may only reduce is cut to what there is to reduce.

    Raises:
        Refused: it may not come in.
    """
    i, register = market.instrument, desk.orders(account)
    rules.check_quantity(i, ticket.type, ticket.qty)
    if ticket.price is not None:
        rules.check_price(market, ticket.side, ticket.price)
    if ticket.client_id and register.named(i.symbol, ticket.client_id):
        raise Refused(-4116, "ClientOrderId is duplicated.")
    if len(register.open(i.symbol)) >= rules.most_orders(i):
        raise Refused(-2025, "Reach max open order limit.")
    if ticket.closes:
        _reduce(desk, account, market, ticket)
        return
    price = ticket.price if ticket.price is not None else _market_price(market, ticket.side)
    value = desk.contract(i).value(price, ticket.qty)
    rules.check_value(desk.contract(i), ticket, value)
    _afford(desk, account, market, ticket, value)


def _reduce(desk: FuturesOffice, account: Account, market: BinanceMarket, ticket: Ticket) -> None:
    position = account.margin(desk.product).position(desk.contract(market.instrument), ticket.leg)
    if position.side != -ticket.side or (ticket.leg != NET and ticket.qty > position.size):
        raise Refused(-2022, REDUCE_ONLY)
    ticket.qty = min(ticket.qty, position.size)
    if ticket.price is None:
        _market_price(market, ticket.side)


def _market_price(market: BinanceMarket, side: int) -> int:
    """The price that a market order finds first."""
    best = market.book.best(-side)
    if best is None:
        raise Refused(-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit.")
    return best


def _afford(desk: FuturesOffice, account: Account, market: BinanceMarket, ticket: Ticket, value: int) -> None:
    contract, risk = desk.contract(market.instrument), desk.risk(account)
    margin = account.margin(desk.product)
    now, then = risk.symbol(contract), risk.symbol(contract, (ticket, value))
    more = then.orders - now.orders
    if more <= 0:
        return
    leverage = margin.terms_of(contract.symbol).leverage
    if (then.held + then.orders) * leverage > most_held(contract, leverage) * power(PLACES):
        raise Refused(-2027, "Exceeded the maximum allowable position at current leverage.")
    fee = value * desk.fees.taker // 10**8
    if more + fee > risk.asset(contract.asset).available:
        raise Refused(-2019, "Margin is insufficient.")


def would_take(market: BinanceMarket, side: int, price: int) -> bool:
    """Whether an order at this price would trade at once."""
    opposite = market.book.best(-side)
    return opposite is not None and price * side >= opposite * side


def admit_change(desk: FuturesOffice, order: FuturesOrder, qty: int, price: int) -> None:
    """Check another quantity and price of an open order.

    Raises:
        Refused: it may not be changed so.
    """
    if (qty, price) == (order.qty, order.price):
        raise Refused(-5027, "No need to modify the order.")
    if order.changes >= _MOST_CHANGES:
        raise Refused(-5026, "Exceed maximum modify order limit.")
    rules.check_quantity(order.instrument, order.ticket.type, qty)
    rules.check_price(order.market, order.side, price)
    if order.ticket.closes:
        if qty - order.filled > order.position.size:
            raise Refused(-2022, REDUCE_ONLY)
        return
    rules.check_value(order.contract, order.ticket, order.contract.value(price, qty))
    more = order.contract.value(price, qty - order.filled) - order.contract.value(order.price, order.remaining)
    if more > 0:
        _afford(desk, order.account, order.market, order.ticket, more)
