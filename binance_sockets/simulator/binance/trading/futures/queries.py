"""Calls that ask for orders, trades and what has come and gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.binance.trading.calls import Params, Refused, missing
from binance_sockets.simulator.binance.trading.futures import answers
from binance_sockets.simulator.binance.trading.futures.desk import FuturesDesk
from binance_sockets.simulator.binance.trading.futures.placing import find_order
from binance_sockets.simulator.binance.trading.reading import whole

__all__ = ["all_orders", "income", "open_order", "open_orders", "order_status", "page", "span", "user_trades"]

_WEEK_MS = 7 * 86_400_000
_T = TypeVar("_T")


def order_status(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """``order.status``: one order."""
    order = find_order(desk, account, params)
    if order is None:
        raise Refused(-2013, "Order does not exist.")
    return answers.order_row(order)


def open_order(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """One order, if it is open."""
    order = find_order(desk, account, params)
    if order is None or not order.is_open:
        raise Refused(-2013, "Order does not exist.")
    return answers.order_row(order)


def open_orders(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """The open orders of a symbol, of a pair, or of all."""
    symbol = desk.instrument(params["symbol"]).symbol if "symbol" in params else None
    rows = [row for row in desk.orders(account).open(symbol) if params.get("pair") in (None, row.instrument.pair)]
    return [answers.order_row(order) for order in rows]


def all_orders(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """The orders of a symbol (of a pair on COIN-M), open or not."""
    chosen = _chosen(desk, params)
    first, (start, end) = whole(params, "orderId"), span(params)
    rows = [
        order
        for order in desk.orders(account).all()
        if order.instrument.symbol in chosen and order.id >= (first or 0) and start <= order.created <= end
    ]
    return [answers.order_row(order) for order in page(params, rows, first is not None or "startTime" in params)]


def user_trades(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """The account's trades in a symbol (in a pair on COIN-M)."""
    chosen = _chosen(desk, params)
    first, order_id, (start, end) = whole(params, "fromId"), whole(params, "orderId"), span(params)
    if first is not None and ("startTime" in params or "endTime" in params):
        raise Refused(-1128, "Combination of optional parameters invalid.")
    rows = [
        (order, trade)
        for order in desk.orders(account).all()
        if order.instrument.symbol in chosen and order_id in (None, order.id)
        for trade in order.trades
        if trade.id >= (first or 0) and start <= trade.time <= end
    ]
    rows.sort(key=lambda row: (row[1].time, row[1].id, row[0].id))
    return [answers.trade_row(*row) for row in page(params, rows, first is not None or "startTime" in params)]


def income(desk: FuturesDesk, account: Account, params: Params) -> Any:
    """What has come and gone: profit, fees, funding, transfers."""
    start, end = span(params)
    rows = [
        row
        for row in desk.incomes(account)
        if params.get("symbol") in (None, row["symbol"]) and params.get("incomeType") in (None, row["incomeType"])
        and start <= row["time"] <= end
    ]  # fmt: skip
    limit = whole(params, "limit", 1000) or 100
    return rows[:limit] if "startTime" in params else rows[-limit:]


def _chosen(desk: FuturesDesk, params: Params) -> set[str]:
    if "symbol" in params:
        return {desk.instrument(params["symbol"]).symbol}
    if desk.product == "coinm" and "pair" in params:
        return {row.symbol for row in desk.listing.listed[desk.product].values() if row.pair == params["pair"]}
    raise missing("symbol")


def span(params: Params) -> tuple[int, int]:
    """``startTime`` and ``endTime``, ms; everything by default.

    Raises:
        Refused: -4166 for more than a week.
    """
    start, end = whole(params, "startTime"), whole(params, "endTime")
    if start is not None and end is not None and end - start > _WEEK_MS:
        raise Refused(-4166, "Search window is restricted to recent 7 days only.")
    return start or 0, 10**15 if end is None else end


def page(params: Params, rows: Iterable[_T], oldest_first: bool, default: int = 500) -> list[_T]:
    """As many rows as ``limit`` says."""
    limit, every = whole(params, "limit", 1000) or default, list(rows)
    return every[:limit] if oldest_first else every[-limit:]
