"""Calls that send, cancel and ask for order lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading.calls import Params, Refused
from binance_sockets.simulator.binance.trading.reading import Reader, required, whole
from binance_sockets.simulator.binance.trading.spot import reports
from binance_sockets.simulator.binance.trading.spot.desk import Desk
from binance_sockets.simulator.binance.trading.spot.orders import OrderList, Ticket
from binance_sockets.simulator.binance.trading.spot.tickets import (
    client_id,
    leg_names,
    read_leg,
    read_ticket,
    response_type,
)
from binance_sockets.simulator.market.book import BUY, SELL

__all__ = [
    "LEGACY_OCO_NAMES",
    "OCO_NAMES",
    "OPOCO_NAMES",
    "OPO_NAMES",
    "OTOCO_NAMES",
    "OTO_NAMES",
    "all_lists",
    "cancel_list",
    "legacy_oco",
    "oco",
    "open_lists",
    "opo",
    "opoco",
    "oto",
    "otoco",
    "query_list",
]

_COMMON = frozenset({"symbol", "listClientOrderId", "newOrderRespType", "selfTradePreventionMode"})
_WORKING = leg_names("working", "Side", "Quantity") - {"workingStopPrice", "workingTrailingDelta"}
_PAIR = leg_names("pendingAbove") | leg_names("pendingBelow")
OCO_NAMES = _COMMON | leg_names("above") | leg_names("below") | {"side", "quantity"}
OTO_NAMES = _COMMON | _WORKING | leg_names("pending", "Side", "Quantity")
OTOCO_NAMES = _COMMON | _WORKING | _PAIR | {"pendingSide", "pendingQuantity"}
OPO_NAMES = OTO_NAMES - {"pendingQuantity"}
OPOCO_NAMES = OTOCO_NAMES - {"pendingQuantity"}
LEGACY_OCO_NAMES = _COMMON | {
    "side", "quantity", "price", "limitClientOrderId", "limitIcebergQty", "limitStrategyId", "limitStrategyType",
    "stopPrice", "trailingDelta", "stopClientOrderId", "stopLimitPrice", "stopLimitTimeInForce", "stopIcebergQty",
    "stopStrategyId", "stopStrategyType",
}  # fmt: skip
"""Parameters of each call."""

_PAIR_TYPES = frozenset({"LIMIT_MAKER", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})
_STOPS = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT"})


def oco(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``orderList.place.oco``: two orders, of which one at most is filled."""
    market = desk.market(required(params, "symbol"))
    same = {"side": "side", "quantity": "quantity"}
    pair = _pair(market, params, "above", "below", same)
    _check_prices(market, *pair)
    return _place(desk, account, wallet, market, params, pair, "OCO")


def legacy_oco(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``orderList.place``: a limit-maker and a stop order in the spelling before ``orderList.place.oco``."""
    market = desk.market(required(params, "symbol"))
    kind = "STOP_LOSS_LIMIT" if "stopLimitPrice" in params else "STOP_LOSS"
    spelling = {
        "limit": {"price": "price", "newClientOrderId": "limitClientOrderId"},
        "stop": {
            "price": "stopLimitPrice", "timeInForce": "stopLimitTimeInForce", "stopPrice": "stopPrice",
            "trailingDelta": "trailingDelta", "newClientOrderId": "stopClientOrderId",
        },
    }  # fmt: skip
    types = {"limit": "LIMIT_MAKER", "stop": kind}
    legs = []
    for prefix, names in spelling.items():
        names |= {"side": "side", "quantity": "quantity", "selfTradePreventionMode": "selfTradePreventionMode"}
        names |= {
            f"{name}": f"{prefix}{name[0].upper()}{name[1:]}" for name in ("icebergQty", "strategyId", "strategyType")
        }
        plain = {name: params[sent] for name, sent in names.items() if sent in params}
        legs.append(read_ticket(market.instrument, Reader({**plain, "type": types[prefix]})))
    limit, stop = legs
    pair = [stop, limit] if limit.side == BUY else [limit, stop]
    _check_prices(market, *pair)
    return _place(desk, account, wallet, market, params, pair, "OCO")


def oto(desk: Desk, account: Account, params: Params) -> Any:
    """``orderList.place.oto``: a working order, whose fill places another."""
    return _oto(desk, account, params, {"quantity": "pendingQuantity"})


def opo(desk: Desk, account: Account, params: Params) -> Any:
    """``orderList.place.opo``: what the working order buys, the pending one sells."""
    return _oto(desk, account, params, {"quantity": ""}, pays=True)


def otoco(desk: Desk, account: Account, params: Params) -> Any:
    """``orderList.place.otoco``: a working order, whose fill places an OCO."""
    return _otoco(desk, account, params, {"quantity": "pendingQuantity"})


def opoco(desk: Desk, account: Account, params: Params) -> Any:
    """``orderList.place.opoco``: what the working order buys, an OCO sells."""
    return _otoco(desk, account, params, {"quantity": ""}, pays=True)


def _oto(desk: Desk, account: Account, params: Params, quantity: Mapping[str, str], *, pays: bool = False) -> Any:
    market = desk.market(required(params, "symbol"))
    working = _working(market, params)
    pending = read_leg(market.instrument, params, "pending", {"side": "pendingSide", **quantity})
    return _place(desk, account, "spot", market, params, [working, pending], "OTO", pays=pays)


def _otoco(desk: Desk, account: Account, params: Params, quantity: Mapping[str, str], *, pays: bool = False) -> Any:
    market = desk.market(required(params, "symbol"))
    working = _working(market, params)
    pair = _pair(market, params, "pendingAbove", "pendingBelow", {"side": "pendingSide", **quantity})
    return _place(desk, account, "spot", market, params, [working, *pair], "OTO", pays=pays)


def _working(market: BinanceMarket, params: Params) -> Ticket:
    ticket = read_leg(market.instrument, params, "working", {})
    if ticket.type not in ("LIMIT", "LIMIT_MAKER"):
        raise Refused(-1116, "Invalid orderType.")
    return ticket


def _pair(market: BinanceMarket, params: Params, above: str, below: str, same: Mapping[str, str]) -> list[Ticket]:
    """The two orders of an OCO, the upper first: one takes profit, the other stops a loss."""
    for prefix in (above, below):
        kind = params.get(f"{prefix}Type")
        if kind is not None and kind not in _PAIR_TYPES:
            raise Refused(-1158, "Order type not supported in OCO.")
    pair = [read_leg(market.instrument, params, prefix, same) for prefix in (above, below)]
    if all(ticket.type == "LIMIT_MAKER" for ticket in pair):
        raise Refused(-1168, "At least one OCO order must be contingent.")
    for ticket, place in zip(pair, (BUY, SELL), strict=True):  # above: where a buyer loses and a seller wins
        loses = ticket.side == place
        if loses == (ticket.type in _STOPS):
            continue
        raise _misplaced(ticket)
    return pair


def _misplaced(ticket: Ticket) -> Refused:
    side = "buy" if ticket.side == BUY else "sell"
    if ticket.type == "LIMIT_MAKER":
        return Refused(-1165 if side == "buy" else -1166, f"A limit order in a {side} OCO must be {_win(side)}.")
    if ticket.type in _STOPS:
        code, where = (-1196, "above") if side == "buy" else (-1197, "below")
        return Refused(code, f"A stop loss order in a {side} OCO must be {where}.")
    return Refused(-1198 if side == "buy" else -1199, f"A take profit order in a {side} OCO must be {_win(side)}.")


def _win(side: str) -> str:
    return "below" if side == "buy" else "above"


def _check_prices(market: BinanceMarket, above: Ticket, below: Ticket) -> None:
    last = market.last_trade().price
    for ticket, sign in ((above, 1), (below, -1)):
        price = ticket.price if ticket.type == "LIMIT_MAKER" else ticket.stop
        if price is not None and (price - last) * sign <= 0:
            raise Refused(-2010, "The relationship of the prices for the orders is not correct.")


def _place(
    desk: Desk,
    account: Account,
    wallet: str,
    market: BinanceMarket,
    params: Params,
    tickets: list[Ticket],
    contingency: str,
    *,
    pays: bool = False,
) -> Any:
    name = client_id("listClientOrderId", params["listClientOrderId"]) if "listClientOrderId" in params else ""
    response = response_type(params, "RESULT")
    if pays and (tickets[0].side, tickets[1].side) != (BUY, SELL):
        raise Refused(-1117, "Invalid side.")
    with desk.transaction():
        row = desk.place_list(account, wallet, market, tickets, contingency, name, pays=pays)
        return reports.list_placed(row, response)


def cancel_list(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``orderList.cancel``: all orders of a list."""
    market = desk.market(required(params, "symbol"))
    row = _find(desk, account, params, wallet, "listClientOrderId")
    if row is None or not row.is_open or row.orders[0].instrument is not market.instrument:
        raise Refused(-2011, "Unknown order list sent.")
    cancel_id = client_id("newClientOrderId", params["newClientOrderId"]) if "newClientOrderId" in params else ""
    cancel_id = cancel_id or desk.new_client_id()
    with desk.transaction():
        desk.cancel(row.orders[0], cancel_id)
        rows = [reports.cancelled(order, cancel_id) for order in row.orders if order.status == "CANCELED"]
        return {**reports.list_row(row), "orderReports": rows}


def _find(desk: Desk, account: Account, params: Params, wallet: str, by_name: str) -> OrderList | None:
    list_id, name = whole(params, "orderListId"), params.get(by_name)
    if list_id is None and name is None:
        raise Refused(-1102, f"Param '{by_name}' or 'orderListId' must be sent, but both were empty/null!")
    return desk.orders(account, wallet).find_list(list_id, name)


def query_list(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``orderList.status``: one order list."""
    row = _find(desk, account, params, wallet, "origClientOrderId")
    if row is None:
        raise Refused(-2013, "Order list does not exist.")
    return reports.list_row(row)


def open_lists(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``openOrderLists.status``: those that are open."""
    return [reports.list_row(row) for row in desk.orders(account, wallet).open_lists()]


def all_lists(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``allOrderLists``: open and ended ones."""
    first, limit = whole(params, "fromId"), whole(params, "limit", 1000) or 500
    start, end = whole(params, "startTime"), whole(params, "endTime")
    if first is not None and (start is not None or end is not None):
        raise Refused(-1128, "Combination of optional parameters invalid.")
    rows = [
        row
        for row in desk.orders(account, wallet).lists.values()
        if row.id >= (first or 0) and (start or 0) <= row.time and (end is None or row.time <= end)
    ]
    oldest_first = first is not None or start is not None
    return [reports.list_row(row) for row in (rows[:limit] if oldest_first else rows[-limit:])]
