"""Calls that ask for orders, trades and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.binance.trading.calls import Params, Refused
from binance_sockets.simulator.binance.trading.reading import required, whole
from binance_sockets.simulator.binance.trading.spot import reports
from binance_sockets.simulator.binance.trading.spot.desk import Desk
from binance_sockets.simulator.binance.trading.spot.placing import find_order

__all__ = [
    "all_orders",
    "allocations",
    "amendments",
    "my_trades",
    "open_orders",
    "order_status",
    "prevented_matches",
]

_DAY_MS = 86_400_000
_T = TypeVar("_T")


def order_status(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``order.status``: one order."""
    symbol = desk.instrument(required(params, "symbol")).symbol
    order = find_order(desk, account, params, wallet, symbol)
    if order is None:
        raise Refused(-2013, "Order does not exist.")
    return reports.queried(order)


def open_orders(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``openOrders.status``: the open orders of a symbol, or of all."""
    symbol = desk.instrument(params["symbol"]).symbol if "symbol" in params else None
    return [reports.queried(order) for order in desk.orders(account, wallet).open(symbol)]


def all_orders(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``allOrders``: the orders of a symbol, open or not."""
    symbol = desk.instrument(required(params, "symbol")).symbol
    first, (start, end) = whole(params, "orderId"), _span(params)
    rows = [
        order
        for order in desk.orders(account, wallet).all(symbol)
        if order.id >= (first or 0) and start <= order.created <= end
    ]
    return [reports.queried(order) for order in _page(params, rows, first is not None or "startTime" in params)]


def my_trades(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``myTrades``: the account's trades in a symbol."""
    symbol = desk.instrument(required(params, "symbol")).symbol
    first, order_id, (start, end) = whole(params, "fromId"), whole(params, "orderId"), _span(params)
    if first is not None and ("startTime" in params or "endTime" in params):
        raise Refused(-1128, "Combination of optional parameters invalid.")
    rows = [
        (order, trade)
        for order in desk.orders(account, wallet).all(symbol)
        if order_id in (None, order.id)
        for trade in order.trades
        if trade.id >= (first or 0) and start <= trade.time <= end
    ]
    rows.sort(key=lambda row: (row[1].id, row[0].id))
    oldest_first = first is not None or "startTime" in params
    return [reports.trade_row(order, trade) for order, trade in _page(params, rows, oldest_first)]


def prevented_matches(desk: Desk, account: Account, params: Params, wallet: str = "spot") -> Any:
    """``myPreventedMatches``: trades with oneself that did not happen."""
    symbol = desk.instrument(required(params, "symbol")).symbol
    number, order_id = whole(params, "preventedMatchId"), whole(params, "orderId")
    if number is None and order_id is None:
        raise Refused(-1102, "Param 'orderId' or 'preventedMatchId' must be sent, but both were empty/null!")
    first = whole(params, "fromPreventedMatchId") or 0
    orders = desk.orders(account, wallet).all(symbol)
    found = {
        match.id: match
        for order in orders
        if order_id in (None, order.id)
        for match in order.matches
        if number in (None, match.id) and match.id >= first
    }
    return [reports.match_row(match) for _, match in _page(params, sorted(found.items()), oldest_first=True)]


def amendments(desk: Desk, account: Account, params: Params) -> Any:
    """``order.amendments``: how an order was changed."""
    symbol = desk.instrument(required(params, "symbol")).symbol
    required(params, "orderId")
    order = find_order(desk, account, params, "spot", symbol)
    if order is None:
        raise Refused(-2013, "Order does not exist.")
    first = whole(params, "fromExecutionId") or 0
    rows = [row for row in order.amendments if row.execution_id >= first]
    return [reports.amendment_row(order, row) for row in _page(params, rows, oldest_first=True)]


def allocations(desk: Desk, account: Account, params: Params) -> Any:
    """``myAllocations``: none, as no symbol is routed; see :func:`~.placing.sor`."""
    desk.instrument(required(params, "symbol"))
    return []


def _span(params: Params) -> tuple[int, int]:
    start, end = whole(params, "startTime"), whole(params, "endTime")
    if start is not None and end is not None and end - start > _DAY_MS:
        raise Refused(-1127, "More than 24 hours between startTime and endTime.")
    return start or 0, 10**15 if end is None else end


def _page(params: Params, rows: Iterable[_T], oldest_first: bool) -> list[_T]:
    limit, every = whole(params, "limit", 1000) or 500, list(rows)
    return every[:limit] if oldest_first else every[-limit:]
