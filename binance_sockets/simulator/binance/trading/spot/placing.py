"""Calls that send, change and cancel single orders."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.accounts import Account, amount_text
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading.calls import Params, Refused
from binance_sockets.simulator.binance.trading.reading import Reader, required, whole
from binance_sockets.simulator.binance.trading.spot import filters, reports
from binance_sockets.simulator.binance.trading.spot.desk import Desk
from binance_sockets.simulator.binance.trading.spot.orders import SpotOrder, Ticket
from binance_sockets.simulator.binance.trading.spot.tickets import client_id, read_ticket, response_type

__all__ = [
    "amend",
    "cancel",
    "cancel_all",
    "cancel_only",
    "cancel_replace",
    "commission_rates",
    "find_order",
    "place",
    "place_in",
    "shortfall",
    "sor",
    "test",
]

_RESTRICTIONS = {"ONLY_NEW": "NEW", "ONLY_PARTIALLY_FILLED": "PARTIALLY_FILLED"}


def place(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``order.place``: a new order."""
    return place_in(desk, account, params, wallet, desk.market(required(params, "symbol")))


def place_in(
    desk: Desk, account: Account, params: Params, wallet: str, market: BinanceMarket, *, repays: bool = False
) -> Any:
    """What :func:`place` does, in a market that has been brought up to now.

    ``repays`` says whether what the order receives pays back what is owed of it.
    """
    ticket = read_ticket(market.instrument, Reader(params))
    ticket.repays = repays
    response = response_type(params, _default_response(ticket))
    with desk.transaction():
        return reports.placed(desk.place(account, wallet, market, ticket), response)


def _default_response(ticket: Ticket) -> str:
    return "FULL" if ticket.type in ("LIMIT", "MARKET") else "ACK"


def shortfall(desk: Desk, account: Account, params: Params, wallet: str, market: BinanceMarket) -> tuple[str, int]:
    """Which asset the order that :func:`place_in` would send lacks, and how many units of it."""
    return desk.shortfall(account, wallet, market, read_ticket(market.instrument, Reader(params)))


def test(desk: Desk, account: Account, params: Params) -> Any:
    """``order.test``: what :func:`place` checks before an order comes to the book."""
    market = desk.market(required(params, "symbol"))
    ticket = read_ticket(market.instrument, Reader(params))
    response_type(params, _default_response(ticket))
    desk.check(account, "spot", market, ticket)
    if params.get("computeCommissionRates", "false").lower() != "true":
        return {}
    rates = commission_rates(account)
    names = ("standardCommission", "specialCommission", "taxCommission")
    sides = ("maker", "taker")
    per_order = {f"{name}ForOrder": {side: rates[name][side] for side in sides} for name in names}
    return {**per_order, "discount": rates["discount"]}


def commission_rates(account: Account) -> dict[str, Any]:
    """What an account pays, as ``account.commission`` and ``order.test`` show it."""
    nothing = dict.fromkeys(("maker", "taker", "buyer", "seller"), amount_text(0))
    standard = {"maker": amount_text(account.fees.maker), "taker": amount_text(account.fees.taker)}
    return {
        "standardCommission": {**nothing, **standard}, "specialCommission": dict(nothing),
        "taxCommission": dict(nothing),
        "discount": {
            "enabledForAccount": False, "enabledForSymbol": True, "discountAsset": "BNB", "discount": "0.75000000",
        },
    }  # fmt: skip


def sor(desk: Desk, account: Account, params: Params) -> Any:
    """``sor.order.place`` and ``sor.order.test``: no symbol here shares its base with others in one routing group.

    Raises:
        Refused: always, as the exchange does for such a symbol.
    """
    desk.market(required(params, "symbol"))
    raise Refused(-1013, "Smart order routing is not supported for this symbol.")


def cancel(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``order.cancel``: one order, or the whole list that it belongs to."""
    market = desk.market(required(params, "symbol"))
    cancel_id = _cancel_id(desk, params, "newClientOrderId")
    with desk.transaction():
        order = _cancel(
            desk, account, params, wallet, market.instrument.symbol, cancel_id, "orderId", "origClientOrderId"
        )
        return _cancelled(order, cancel_id)


def _cancel(
    desk: Desk, account: Account, params: Params, wallet: str, symbol: str, cancel_id: str, by_id: str, by_name: str
) -> SpotOrder:
    restriction = params.get("cancelRestrictions")
    if restriction is not None and restriction not in _RESTRICTIONS:
        raise Refused(-1145, "Invalid cancelRestrictions")
    order = find_order(desk, account, params, wallet, symbol, by_id, by_name)
    if order is None or not order.is_open:
        raise Refused(-2011, "Unknown order sent.")
    if restriction is not None and order.status != _RESTRICTIONS[restriction]:
        raise Refused(-2011, "Order was not canceled due to cancel restrictions.")
    desk.cancel(order, cancel_id)
    return order


def find_order(
    desk: Desk,
    account: Account,
    params: Params,
    wallet: str,
    symbol: str,
    by_id: str = "orderId",
    by_name: str = "origClientOrderId",
) -> SpotOrder | None:
    """The order that a call names, by its id, its client order id or both.

    Raises:
        Refused: it names none.
    """
    order_id, name = whole(params, by_id), params.get(by_name)
    if order_id is None and name is None:
        raise Refused(-1102, f"Param '{by_name}' or '{by_id}' must be sent, but both were empty/null!")
    return desk.orders(account, wallet).find(symbol, order_id, name)


def _cancel_id(desk: Desk, params: Params, name: str) -> str:
    return client_id(name, params[name]) if name in params else desk.new_client_id()


def _cancelled(order: SpotOrder, cancel_id: str) -> dict[str, Any]:
    row = order.order_list
    if row is None:
        return reports.cancelled(order, cancel_id)
    rows = [reports.cancelled(member, cancel_id) for member in row.orders if member.status == "CANCELED"]
    return {**reports.list_row(row), "orderReports": rows}


def cancel_all(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``openOrders.cancelAll``: all open orders and order lists of a symbol."""
    market = desk.market(required(params, "symbol"))
    answers = []
    with desk.transaction():
        orders = desk.orders(account, wallet).open(market.instrument.symbol)
        if not orders:
            raise Refused(-2011, "Unknown order sent.")
        for order in orders:
            if order.is_open:
                cancel_id = desk.new_client_id()
                desk.cancel(order, cancel_id)
                answers.append(_cancelled(order, cancel_id))
    return answers


def cancel_only(desk: Desk, account: Account, params: Params, exceeded: Refused) -> Any:
    """``order.cancelReplace`` beyond the limit of unfilled orders: nothing, or the cancel alone.

    Raises:
        Refused: always.
    """
    if params.get("orderRateLimitExceededMode", "DO_NOTHING") == "DO_NOTHING":
        raise exceeded
    return cancel_replace(desk, account, params, exceeded=exceeded)


def cancel_replace(
    desk: Desk, account: Account, params: Params, wallet: str = "spot", exceeded: Refused | None = None
) -> Any:
    """``order.cancelReplace``: cancel one order, then send another, unless ``exceeded`` says why not.

    Raises:
        Refused: -2022 with status 400 where nothing was done, -2021 with status 409 where one of both was.
    """
    market = desk.market(required(params, "symbol"))
    mode = required(params, "cancelReplaceMode")
    if mode not in ("STOP_ON_FAILURE", "ALLOW_FAILURE"):
        raise Refused(-1130, "Data sent for parameter 'cancelReplaceMode' is not valid.")
    if params.get("orderRateLimitExceededMode", "DO_NOTHING") not in ("DO_NOTHING", "CANCEL_ONLY"):
        raise Refused(-1130, "Data sent for parameter 'orderRateLimitExceededMode' is not valid.")
    ticket = read_ticket(market.instrument, Reader(params))
    response = response_type(params, _default_response(ticket))
    filters.check(market, ticket)
    cancel_id = _cancel_id(desk, params, "cancelNewClientOrderId")
    outcome: dict[str, Any] = {
        "cancelResult": "FAILURE", "newOrderResult": "NOT_ATTEMPTED", "cancelResponse": None, "newOrderResponse": None,
    }  # fmt: skip
    with desk.transaction():
        symbol, by = market.instrument.symbol, ("cancelOrderId", "cancelOrigClientOrderId")
        try:
            order = _cancel(desk, account, params, wallet, symbol, cancel_id, *by)
            outcome |= {"cancelResult": "SUCCESS", "cancelResponse": _cancelled(order, cancel_id)}
        except Refused as refused:
            if refused.code not in (-2011, -2010):
                raise
            outcome["cancelResponse"] = refused.body
        if outcome["cancelResult"] == "SUCCESS" or mode == "ALLOW_FAILURE":
            try:
                if exceeded is not None:
                    raise exceeded
                answer = reports.placed(desk.place(account, wallet, market, ticket), response)
                outcome |= {"newOrderResult": "SUCCESS", "newOrderResponse": answer}
            except Refused as refused:
                outcome |= {"newOrderResult": "FAILURE", "newOrderResponse": refused.body}
    done = [outcome["cancelResult"], outcome["newOrderResult"]].count("SUCCESS")
    if done == 2:
        return outcome
    if done:
        raise Refused(-2021, "Order cancel-replace partially failed.", 409, outcome)
    raise Refused(-2022, "Order cancel-replace failed.", 400, outcome)


def amend(desk: Desk, account: Account, params: Params) -> Any:
    """``order.amend.keepPriority``: make an order smaller; it keeps its place in the book."""
    market = desk.market(required(params, "symbol"))
    i = market.instrument
    required(params, "newQty")
    number = Reader(params).decimal("newQty") or 0
    order = find_order(desk, account, params, "spot", i.symbol)
    if order is None or not order.is_open:
        raise Refused(-2013, "Order does not exist.")
    lots = filters.whole_steps(number, i.qty_places, "LOT_SIZE")
    new_id = _cancel_id(desk, params, "newClientOrderId")
    if new_id != order.client_id and desk.orders(account).named(i.symbol, new_id):
        raise Refused(-2038, "Duplicate order sent.")
    if lots == order.qty:
        raise Refused(-2038, "The requested action would change no state; rejecting.")
    if lots > order.qty:
        raise Refused(-2038, "Order amend (quantity increase) is not supported.")
    rivals = tuple(order.order_list.rivals(order)) if order.order_list is not None else ()
    if lots <= max(member.gone for member in (order, *rivals)):
        raise Refused(-2038, "The new quantity is not above what is filled already.")
    if len(order.amendments) >= filters.most(i, "MAX_NUM_ORDER_AMENDS"):
        raise Refused(-2038, "Too many amendments of this order.")
    if order.pending and order.order_list is not None and order.order_list.pays:
        raise Refused(-2038, "The quantity of a pending OPO order cannot be amended.")
    for member in (order, *rivals):
        filters.check_quantity(market, member.ticket, lots)
    with desk.transaction():
        change = desk.amend(order, lots, new_id)
        answer = {
            "transactTime": change.time, "executionId": change.execution_id,
            "amendedOrder": reports.amended(order, change.old_client_id),
        }  # fmt: skip
        if order.order_list is not None:
            row = reports.list_row(order.order_list)
            answer["listStatus"] = {k: v for k, v in row.items() if k not in ("listStatusType", "transactionTime")}
        return answer
