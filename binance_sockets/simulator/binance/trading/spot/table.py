"""All calls of spot and margin: their names on the WebSocket API and over REST, and what they cost."""

from __future__ import annotations

from collections.abc import Callable

from binance_sockets.simulator.binance.trading.calls import Call, Handler, Params
from binance_sockets.simulator.binance.trading.spot import account, lists, margin, placing, queries
from binance_sockets.simulator.binance.trading.spot.tickets import ORDER_NAMES

__all__ = ["CALLS"]

_API = "/api/v3"
_NAMED = frozenset({"symbol", "orderId", "origClientOrderId"})
_CANCEL = _NAMED | {"newClientOrderId", "cancelRestrictions"}
_REPLACE = ORDER_NAMES | {
    "cancelReplaceMode", "cancelNewClientOrderId", "cancelOrigClientOrderId", "cancelOrderId", "cancelRestrictions",
    "orderRateLimitExceededMode",
}  # fmt: skip
_SOR = ORDER_NAMES - {"quoteOrderQty", "stopPrice", "trailingDelta"}
_TIMES = frozenset({"startTime", "endTime", "limit"})


def _trade(handler: Handler, names: frozenset[str], method: str, verb: str, path: str, orders: int = 0) -> Call:
    """A call that places or cancels: one unit of weight, given back where it succeeds."""
    return Call(handler, names, method=method, rest=(verb, _API + path), security="TRADE", orders=orders, free=True)


def _ask(
    handler: Handler, names: frozenset[str], method: str, path: str, weight: int | Callable[[Params], int]
) -> Call:
    """A call that changes nothing."""
    weigh = weight if callable(weight) else lambda params: weight
    return Call(handler, names, method=method, rest=("GET", _API + path), weight=weigh)


def _test_weight(params: Params) -> int:
    return 20 if params.get("computeCommissionRates", "").lower() == "true" else 1


def _margin(handler: Handler, names: frozenset[str], verb: str, path: str, weight: int, orders: int = 0) -> Call:
    """A call of margin, which only REST has."""
    return Call(
        handler, names, rest=(verb, f"/sapi/v1/{path}"), security="MARGIN", weight=lambda params: weight, orders=orders
    )


_ISOLATED = frozenset({"isIsolated"})
_LIST_NAMES = frozenset({"symbol", "orderListId", "listClientOrderId", "newClientOrderId"})
_MARGIN_CALLS = (
    _margin(margin.place, ORDER_NAMES | _ISOLATED | {"sideEffectType"}, "POST", "margin/order", 6, 1),
    _margin(margin.cancel, _CANCEL | _ISOLATED, "DELETE", "margin/order", 10),
    _margin(margin.cancel_all, _ISOLATED | {"symbol"}, "DELETE", "margin/openOrders", 1),
    _margin(margin.order_status, _NAMED | _ISOLATED, "GET", "margin/order", 10),
    _margin(margin.open_orders, _ISOLATED | {"symbol"}, "GET", "margin/openOrders", 10),
    _margin(margin.all_orders, _TIMES | _ISOLATED | {"symbol", "orderId"}, "GET", "margin/allOrders", 200),
    _margin(margin.my_trades, _TIMES | _ISOLATED | {"symbol", "orderId", "fromId"}, "GET", "margin/myTrades", 10),
    _margin(margin.oco, lists.LEGACY_OCO_NAMES | _ISOLATED, "POST", "margin/order/oco", 6, 2),
    _margin(margin.cancel_list, _LIST_NAMES | _ISOLATED, "DELETE", "margin/orderList", 1),
    _margin(
        margin.query_list, _ISOLATED | {"symbol", "orderListId", "origClientOrderId"}, "GET", "margin/orderList", 10,
    ),
    _margin(margin.open_lists, _ISOLATED | {"symbol"}, "GET", "margin/openOrderList", 10),
    _margin(margin.all_lists, _TIMES | _ISOLATED | {"symbol", "fromId"}, "GET", "margin/allOrderList", 200),
    _margin(
        margin.borrow_repay, _ISOLATED | {"asset", "symbol", "amount", "type"}, "POST", "margin/borrow-repay", 1500,
    ),
    _margin(margin.cross_account, frozenset(), "GET", "margin/account", 10),
    _margin(margin.isolated_account, frozenset({"symbols"}), "GET", "margin/isolated/account", 10),
    _margin(
        margin.transfer, frozenset({"type", "asset", "amount", "fromSymbol", "toSymbol"}), "POST", "asset/transfer",
        900,
    ),
)  # fmt: skip

CALLS: tuple[Call, ...] = (
    _trade(placing.place, ORDER_NAMES, "order.place", "POST", "/order", 1),
    Call(
        placing.test, ORDER_NAMES | {"computeCommissionRates"}, method="order.test",
        rest=("POST", f"{_API}/order/test"), security="TRADE", weight=_test_weight,
    ),
    _trade(placing.cancel, _CANCEL, "order.cancel", "DELETE", "/order"),
    Call(
        placing.cancel_replace, _REPLACE, method="order.cancelReplace", rest=("POST", f"{_API}/order/cancelReplace"),
        security="TRADE", orders=1, free=True, over_limit=placing.cancel_only,
    ),
    Call(
        placing.amend, _NAMED | {"newClientOrderId", "newQty"}, method="order.amend.keepPriority",
        rest=("PUT", f"{_API}/order/amend/keepPriority"), security="TRADE", weight=lambda params: 4,
    ),
    _trade(placing.cancel_all, frozenset({"symbol"}), "openOrders.cancelAll", "DELETE", "/openOrders"),
    _trade(placing.sor, _SOR, "sor.order.place", "POST", "/sor/order", 1),
    Call(
        placing.sor, _SOR | {"computeCommissionRates"}, method="sor.order.test",
        rest=("POST", f"{_API}/sor/order/test"), security="TRADE", weight=_test_weight,
    ),
    _trade(lists.legacy_oco, lists.LEGACY_OCO_NAMES, "orderList.place", "POST", "/order/oco", 2),
    _trade(lists.oco, lists.OCO_NAMES, "orderList.place.oco", "POST", "/orderList/oco", 2),
    _trade(lists.oto, lists.OTO_NAMES, "orderList.place.oto", "POST", "/orderList/oto", 2),
    _trade(lists.otoco, lists.OTOCO_NAMES, "orderList.place.otoco", "POST", "/orderList/otoco", 3),
    _trade(lists.opo, lists.OPO_NAMES, "orderList.place.opo", "POST", "/orderList/opo", 2),
    _trade(lists.opoco, lists.OPOCO_NAMES, "orderList.place.opoco", "POST", "/orderList/opoco", 3),
    _trade(
        lists.cancel_list, _LIST_NAMES,
        "orderList.cancel", "DELETE", "/orderList",
    ),
    _ask(queries.order_status, _NAMED, "order.status", "/order", 4),
    _ask(
        queries.open_orders, frozenset({"symbol"}), "openOrders.status", "/openOrders",
        lambda params: 6 if "symbol" in params else 80,
    ),
    _ask(queries.all_orders, _TIMES | {"symbol", "orderId"}, "allOrders", "/allOrders", 20),
    _ask(
        lists.query_list, frozenset({"orderListId", "origClientOrderId"}), "orderList.status", "/orderList", 4,
    ),
    _ask(lists.open_lists, frozenset(), "openOrderLists.status", "/openOrderList", 6),
    _ask(lists.all_lists, _TIMES | {"fromId"}, "allOrderLists", "/allOrderList", 20),
    _ask(
        queries.my_trades, _TIMES | {"symbol", "orderId", "fromId"}, "myTrades", "/myTrades",
        lambda params: 5 if "orderId" in params else 20,
    ),
    _ask(account.status, frozenset({"omitZeroBalances"}), "account.status", "/account", 20),
    _ask(account.order_counts, frozenset(), "account.rateLimits.orders", "/rateLimit/order", 40),
    _ask(
        queries.prevented_matches,
        frozenset({"symbol", "preventedMatchId", "orderId", "fromPreventedMatchId", "limit"}), "myPreventedMatches",
        "/myPreventedMatches", lambda params: 20 if "orderId" in params else 2,
    ),
    _ask(
        queries.allocations, _TIMES | {"symbol", "fromAllocationId", "orderId"}, "myAllocations", "/myAllocations", 20,
    ),
    _ask(account.commission, frozenset({"symbol"}), "account.commission", "/account/commission", 20),
    Call(account.trade_fees, frozenset({"symbol"}), rest=("GET", "/sapi/v1/asset/tradeFee")),
    _ask(
        queries.amendments, frozenset({"symbol", "orderId", "fromExecutionId", "limit"}), "order.amendments",
        "/order/amendments", 4,
    ),
    _ask(account.my_filters, frozenset({"symbol"}), "myFilters", "/myFilters", 40),
    *_MARGIN_CALLS,
)  # fmt: skip
