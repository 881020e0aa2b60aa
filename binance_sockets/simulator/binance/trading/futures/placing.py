"""Calls that send, change and cancel orders."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.binance.trading.batches import array_of, each, rows_of
from binance_sockets.simulator.binance.trading.calls import Params, Refused, missing
from binance_sockets.simulator.binance.trading.futures import admission, answers
from binance_sockets.simulator.binance.trading.futures.desk import FuturesDesk
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder
from binance_sockets.simulator.binance.trading.futures.tickets import choice, matched_price, read_lots, read_ticket
from binance_sockets.simulator.binance.trading.reading import required, whole

__all__ = [
    "batch_cancel", "batch_modify", "batch_place", "cancel", "cancel_all", "countdown", "find_order", "modify", "place",
    "test",
]  # fmt: skip

_BATCH, _BATCH_CANCEL = 5, 10
_BAD_RESPONSE = Refused(-1130, "Data sent for parameter 'newOrderRespType' is not valid.")


def place(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """``order.place``: a new order."""
    market = desk.market(required(params, "symbol"))
    ticket = read_ticket(market, account.margin(desk.product), params, desk.milliseconds)
    response = choice(params, "newOrderRespType", ("ACK", "RESULT"), _BAD_RESPONSE, "ACK")
    with desk.transaction():
        order = desk.place(account, market, ticket)
    return answers.placed(order, result=response == "RESULT")


def test(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """``order/test``: what :func:`place` checks before an order comes to the book."""
    market = desk.market(required(params, "symbol"))
    ticket = read_ticket(market, account.margin(desk.product), params, desk.milliseconds)
    admission.admit(desk, account, market, ticket)
    return {}


def find_order(desk: FuturesDesk, account: Account, params: Params) -> FuturesOrder | None:
    """The order that a call names, by its id or its client order id.

    Raises:
        Refused: it names none, or an unknown symbol.
    """
    symbol = desk.instrument(required(params, "symbol")).symbol
    order_id, name = whole(params, "orderId"), params.get("origClientOrderId")
    if order_id is None and name is None:
        raise Refused(-1102, "Param 'origClientOrderId' or 'orderid' must be sent, but both were empty/null!")
    return desk.orders(account).find(symbol, order_id, name if order_id is None else None)


def cancel(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """``order.cancel``: one order."""
    desk.market(required(params, "symbol"))
    order = find_order(desk, account, params)
    if order is None or not order.is_open:
        raise Refused(-2011, "Unknown order sent.")
    desk.cancel(order)
    return answers.placed(order)


def cancel_all(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """All open orders of a symbol; nothing is refused where there is none."""
    market = desk.market(required(params, "symbol"))
    desk.cancel_all(account, market.instrument.symbol)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def modify(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """``order.modify``: another quantity and price for a limit order; both must be sent."""
    market = desk.market(required(params, "symbol"))
    order = find_order(desk, account, params)
    if order is None or not order.is_open:
        raise Refused(-2013, "Order does not exist.")
    side = choice(params, "side", ("BUY", "SELL"), Refused(-1117, "Invalid side."))
    if side != order.side_name:
        raise Refused(-1117, "Invalid side.")
    if order.ticket.type != "LIMIT":
        raise Refused(-5025, "Limit order only.")
    qty, price = read_lots(market.instrument, params), matched_price(market, params, order.side)
    modify_id = whole(params, "modifyId")
    desk.modify(order, qty, price, "" if modify_id is None else str(modify_id))
    number = {} if modify_id is None else {"modifyId": modify_id}
    return {**answers.placed(order), **number}


def countdown(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """Cancel all orders of a symbol unless this call comes again in time; zero ends that."""
    symbol = desk.market(required(params, "symbol")).instrument.symbol
    required(params, "countdownTime")
    pause = whole(params, "countdownTime") or 0
    desk.countdowns.pop((account, symbol), None)
    if pause:
        desk.countdowns[account, symbol] = desk.now() + pause * 1000
    return {"symbol": symbol, "countdownTime": str(pause)}


# several at once


def batch_place(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """Up to five orders, each with its own answer."""
    return [each(place, desk, account, row) for row in rows_of(params, "batchOrders", _BATCH)]


def batch_modify(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """Up to five changes, each with its own answer."""
    return [each(modify, desk, account, row) for row in rows_of(params, "batchOrders", _BATCH)]


def batch_cancel(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """Up to ten orders of a symbol, by their ids or their client order ids."""
    symbol = required(params, "symbol")
    lists = (("orderIdList", "orderId"), ("origClientOrderIdList", "origClientOrderId"))
    for name, one in lists:
        if name in params:
            rows = [{"symbol": symbol, one: str(value)} for value in array_of(params, name, _BATCH_CANCEL)]
            return [each(cancel, desk, account, row) for row in rows]
    raise missing("orderIdList")
