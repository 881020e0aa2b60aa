"""Calls that send and cancel orders of options."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading.batches import array_of, each, rows_of
from binance_sockets.simulator.binance.trading.calls import Params, Refused, missing
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder, Ticket
from binance_sockets.simulator.binance.trading.futures.tickets import (
    choice,
    client_id,
    flag,
    read_lots,
    read_stp,
    read_ticks,
    side_of,
)
from binance_sockets.simulator.binance.trading.options import answers
from binance_sockets.simulator.binance.trading.options.desk import OptionsDesk
from binance_sockets.simulator.binance.trading.reading import required, whole

__all__ = [
    "ORDER_NAMES", "batch_cancel", "batch_place", "cancel", "cancel_all", "cancel_underlying", "find_order", "place",
]  # fmt: skip

ORDER_NAMES = frozenset(
    {
        "symbol", "side", "type", "quantity", "price", "timeInForce", "reduceOnly", "postOnly", "newOrderRespType",
        "clientOrderId", "isMmp", "selfTradePreventionMode",
    }
)  # fmt: skip
"""Parameters of one order."""
_TIMES = ("GTC", "IOC", "FOK", "GTX")
_BATCH = 10
_DONE = {"code": 0, "msg": "success"}


def place(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """A new order."""
    market = desk.market(required(params, "symbol"))
    ticket = _read_ticket(market, params)
    bad = Refused(-1130, "Data sent for parameter 'newOrderRespType' is not valid.")
    response = choice(params, "newOrderRespType", ("ACK", "RESULT"), bad, "ACK")
    with desk.transaction():
        order = desk.place(account, market, ticket)
    return answers.placed(order, result=response == "RESULT")


def _read_ticket(market: BinanceMarket, params: Params) -> Ticket:
    i, side = market.instrument, side_of(params)
    kind = choice(params, "type", ("LIMIT",), Refused(-1116, "Invalid orderType."))
    tif = choice(params, "timeInForce", _TIMES, Refused(-1115, "Invalid timeInForce."), "GTC")
    if flag(params, "isMmp"):
        raise Refused(-1020, "Orders with market maker protection are not supported.")
    if flag(params, "postOnly"):
        if tif not in ("GTC", "GTX"):
            raise Refused(-1128, "Combination of optional parameters invalid.")
        tif = "GTX"
    price = read_ticks(i, params, "price")
    if price is None:
        raise missing("price")
    return Ticket(
        side=side, type=kind, qty=read_lots(i, params), tif=tif, price=price, origin=kind,
        reduce_only=flag(params, "reduceOnly"), client_id=client_id(params, "clientOrderId"), stp=read_stp(params),
    )  # fmt: skip


def find_order(desk: OptionsDesk, account: Account, params: Params) -> FuturesOrder:
    """The order that a call names, by its id or its client order id.

    Raises:
        Refused: it names none, there is none, or the symbol is unknown.
    """
    symbol = desk.instrument(required(params, "symbol")).symbol
    order_id, name = whole(params, "orderId"), params.get("clientOrderId")
    if order_id is None and name is None:
        raise Refused(-1102, "Param 'clientOrderId' or 'orderId' must be sent, but both were empty/null!")
    order = desk.orders(account).find(symbol, order_id, name if order_id is None else None)
    if order is None:
        raise Refused(-2013, "Order does not exist.")
    return order


def cancel(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """One open order."""
    desk.market(required(params, "symbol"))
    order = find_order(desk, account, params)
    if not order.is_open:
        raise Refused(-2011, "Unknown order sent.")
    desk.cancel(order)
    return answers.placed(order)


def cancel_all(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """All open orders of a symbol; nothing is refused where there is none."""
    desk.cancel_all(account, desk.market(required(params, "symbol")).instrument.symbol)
    return _DONE


def cancel_underlying(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """All open orders of the options on something."""
    pair = required(params, "underlying")
    rows = desk.listing.matching((desk.product,), pair=pair)
    if not rows:
        raise Refused(-1121, "Invalid symbol.")
    with desk.transaction():
        for row in rows:
            desk.cancel_all(account, row.symbol)
    return _DONE


def batch_place(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """Up to ten orders, each with its own answer."""
    return [each(place, desk, account, row) for row in rows_of(params, "orders", _BATCH)]


def batch_cancel(desk: OptionsDesk, account: Account, params: Params) -> Any:
    """Up to ten orders of a symbol, by their ids or their client order ids."""
    symbol = required(params, "symbol")
    for name, one in (("orderIds", "orderId"), ("clientOrderIds", "clientOrderId")):
        if name in params:
            rows = [{"symbol": symbol, one: str(value)} for value in array_of(params, name, _BATCH)]
            return [each(cancel, desk, account, row) for row in rows]
    raise missing("orderIds")
