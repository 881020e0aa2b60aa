"""All calls of options, over REST alone: their paths, and what they cost."""

from __future__ import annotations

from collections.abc import Callable

from binance_sockets.simulator.binance.trading.calls import Call, Handler, Params
from binance_sockets.simulator.binance.trading.options import placing, queries

__all__ = ["CALLS"]

_NAMED = frozenset({"symbol", "orderId", "clientOrderId"})
_TIMES = frozenset({"startTime", "endTime"})
_SYMBOL = frozenset({"symbol"})
_PAGED = _TIMES | {"symbol", "limit"}


def _row(
    handler: Handler,
    names: frozenset[str],
    verb: str,
    path: str,
    weight: int | Callable[[Params], int] = 1,
    *,
    trade: bool = False,
    orders: int = 0,
) -> Call:
    return Call(
        handler, names, "options", rest=(verb, f"/eapi/v1/{path}"), security="TRADE" if trade else "USER_DATA",
        weight=weight if callable(weight) else lambda params: weight, orders=orders,
    )  # fmt: skip


CALLS: tuple[Call, ...] = (
    _row(placing.place, placing.ORDER_NAMES, "POST", "order", trade=True, orders=1),
    _row(placing.cancel, _NAMED, "DELETE", "order", trade=True),
    _row(placing.batch_place, frozenset({"orders"}), "POST", "batchOrders", 5, trade=True, orders=5),
    _row(
        placing.batch_cancel, frozenset({"symbol", "orderIds", "clientOrderIds"}), "DELETE", "batchOrders", trade=True
    ),
    _row(placing.cancel_all, _SYMBOL, "DELETE", "allOpenOrders", trade=True),
    _row(placing.cancel_underlying, frozenset({"underlying"}), "DELETE", "allOpenOrdersByUnderlying", trade=True),
    _row(queries.order_status, _NAMED, "GET", "order"),
    _row(
        queries.open_orders, _TIMES | {"symbol", "orderId"}, "GET", "openOrders",
        lambda params: 1 if "symbol" in params else 40,
    ),
    _row(queries.history_orders, _PAGED | {"orderId"}, "GET", "historyOrders", 3),
    _row(queries.user_trades, _PAGED | {"fromId"}, "GET", "userTrades", 5),
    _row(queries.positions, _SYMBOL, "GET", "position", 5),
    _row(queries.margin_account, frozenset(), "GET", "marginAccount", 3),
    _row(queries.commission, frozenset(), "GET", "commission", 5),
    _row(queries.bill, _TIMES | {"currency", "recordId", "limit"}, "GET", "bill"),
    _row(queries.exercise_records, _PAGED, "GET", "exerciseRecord", 5),
)  # fmt: skip
