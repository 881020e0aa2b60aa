"""Which orders of options may come in: what the exchange checks before an order exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.binance.payloads import option_limits
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.futures import rules
from binance_sockets.simulator.binance.trading.futures.admission import REDUCE_ONLY
from binance_sockets.simulator.binance.trading.futures.orders import Ticket
from binance_sockets.simulator.market.book import BUY

if TYPE_CHECKING:
    from binance_sockets.simulator.binance.trading.options.desk import OptionsDesk

__all__ = ["admit"]


def admit(desk: OptionsDesk, account: Account, market: BinanceMarket, ticket: Ticket) -> None:
    """Check an order; one that may only reduce is cut to what there is to reduce.

    Raises:
        Refused: it may not come in.
    """
    i = market.instrument
    if i.symbol in desk.exercised:
        raise Refused(-1122, "Invalid symbol status.")
    rules.check_quantity(i, ticket.type, ticket.qty)
    _check_price(market, ticket)
    if ticket.client_id and desk.orders(account).named(i.symbol, ticket.client_id):
        raise Refused(-4116, "ClientOrderId is duplicated.")
    if ticket.reduce_only or desk.reduce_only(account):
        position = account.margin(desk.product).position(desk.contract(i))
        if position.side != -ticket.side or (ticket.qty > position.size and not ticket.reduce_only):
            raise Refused(-2022, REDUCE_ONLY)
        ticket.qty = min(ticket.qty, position.size)
    _afford(desk, account, market, ticket)


def _check_price(market: BinanceMarket, ticket: Ticket) -> None:
    i, price = market.instrument, ticket.price or 0
    rules.check_limit(i, price)
    lowest, highest = option_limits(market)
    if ticket.side == BUY and price > highest:
        raise Refused(-4016, f"Limit price can't be higher than {i.price_text(highest)}.")
    if ticket.side != BUY and price < lowest:
        raise Refused(-4024, f"Limit price can't be lower than {i.price_text(lowest)}.")


def _afford(desk: OptionsDesk, account: Account, market: BinanceMarket, ticket: Ticket) -> None:
    contract, risk = desk.contract(market.instrument), desk.risk(account)
    value = contract.value(ticket.price or 0, ticket.qty)
    more = risk.symbol(contract, (ticket, value)).orders - risk.symbol(contract).orders
    if more > max(0, risk.asset(contract.asset).available):
        if ticket.side == BUY:
            raise Refused(-2018, "Balance is insufficient.")
        raise Refused(-2027, "Option margin is insufficient.")
