"""All calls of USD-M and COIN-M: their names on the WebSocket APIs and over REST, and what they cost."""

from __future__ import annotations

from collections.abc import Callable

from binance_sockets.simulator.binance.trading.calls import Call, Handler, Params
from binance_sockets.simulator.binance.trading.futures import account, algo_calls, placing, queries, terms
from binance_sockets.simulator.binance.trading.futures.tickets import ORDER_NAMES

__all__ = ["CALLS"]

_NAMED = frozenset({"symbol", "orderId", "origClientOrderId"})
_MODIFY = _NAMED | {"side", "quantity", "price", "priceMatch", "modifyId"}
_TIMES = frozenset({"startTime", "endTime", "limit"})
_ALGO = frozenset({"algoId", "clientAlgoId"})
_NONE: frozenset[str] = frozenset()
_SYMBOL = frozenset({"symbol"})
_PREFIX = {"usdm": "/fapi", "coinm": "/dapi"}
_Weight = int | Callable[[Params], int]


def _call(
    product: str,
    handler: Handler,
    names: frozenset[str],
    verb: str,
    path: str,
    weight: _Weight = 1,
    *,
    method: str = "",
    trade: bool = False,
    orders: int = 0,
) -> Call:
    """A call; its path without the product's prefix."""
    weigh = weight if callable(weight) else lambda params: weight
    return Call(
        handler,
        names,
        product,
        method,
        (verb, _PREFIX[product] + path),
        "TRADE" if trade else "USER_DATA",
        weigh,
        orders,
    )


def _one_or_all(one: int, every: int) -> Callable[[Params], int]:
    return lambda params: one if "symbol" in params else every


def _shared(product: str) -> tuple[Call, ...]:
    """The calls that both products have."""
    usdm = product == "usdm"
    pair = frozenset() if usdm else frozenset({"pair"})

    def row(handler: Handler, names: frozenset[str], verb: str, path: str, weight: _Weight = 1, **more: object) -> Call:
        return _call(product, handler, names, verb, path, weight, **more)  # type: ignore[arg-type]

    return (
        row(placing.place, ORDER_NAMES, "POST", "/v1/order", 0, method="order.place", trade=True, orders=1),
        row(placing.modify, _MODIFY, "PUT", "/v1/order", 0 if usdm else 1, method="order.modify", trade=True, orders=1),
        row(placing.cancel, _NAMED, "DELETE", "/v1/order", method="order.cancel", trade=True),
        row(placing.test, ORDER_NAMES, "POST", "/v1/order/test", 0, trade=True),
        row(placing.batch_place, frozenset({"batchOrders"}), "POST", "/v1/batchOrders", 5, trade=True, orders=5),
        row(placing.batch_modify, frozenset({"batchOrders"}), "PUT", "/v1/batchOrders", 5, trade=True, orders=5),
        row(
            placing.batch_cancel, frozenset({"symbol", "orderIdList", "origClientOrderIdList"}), "DELETE",
            "/v1/batchOrders", trade=True,
        ),
        row(placing.cancel_all, _SYMBOL, "DELETE", "/v1/allOpenOrders", trade=True),
        row(
            placing.countdown, frozenset({"symbol", "countdownTime"}), "POST", "/v1/countdownCancelAll", 10, trade=True
        ),
        row(queries.order_status, _NAMED, "GET", "/v1/order", method="order.status"),
        row(queries.open_order, _NAMED, "GET", "/v1/openOrder"),
        row(queries.open_orders, _SYMBOL | pair, "GET", "/v1/openOrders", _one_or_all(1, 40)),
        row(queries.all_orders, _SYMBOL | pair | _TIMES | {"orderId"}, "GET", "/v1/allOrders", 5 if usdm else 20),
        row(
            queries.user_trades, _SYMBOL | pair | _TIMES | {"orderId", "fromId"}, "GET", "/v1/userTrades",
            5 if usdm else 20,
        ),
        row(queries.income, _SYMBOL | _TIMES | {"incomeType", "page"}, "GET", "/v1/income", 30 if usdm else 20),
        row(account.dual_side, _NONE, "GET", "/v1/positionSide/dual", 30),
        row(terms.position_mode, frozenset({"dualSidePosition"}), "POST", "/v1/positionSide/dual", trade=True),
        row(terms.leverage, frozenset({"symbol", "leverage"}), "POST", "/v1/leverage", trade=True),
        row(terms.margin_type, frozenset({"symbol", "marginType"}), "POST", "/v1/marginType", trade=True),
        row(
            terms.position_margin, frozenset({"symbol", "positionSide", "amount", "type"}), "POST",
            "/v1/positionMargin", trade=True,
        ),
        row(
            algo_calls.place, algo_calls.ALGO_NAMES, "POST", "/v1/algoOrder", 0,
            method="algoOrder.place" if usdm else "", trade=True, orders=1,
        ),
        row(
            algo_calls.cancel, _ALGO, "DELETE", "/v1/algoOrder", method="algoOrder.cancel" if usdm else "", trade=True
        ),
        row(algo_calls.cancel_all, _SYMBOL, "DELETE", "/v1/algoOpenOrders", trade=True),
        row(algo_calls.status, _ALGO, "GET", "/v1/algoOrder"),
        row(algo_calls.open_orders, _SYMBOL | {"algoType", "algoId"}, "GET", "/v1/openAlgoOrders", _one_or_all(1, 40)),
        row(algo_calls.all_orders, _SYMBOL | _TIMES | {"algoId", "page"}, "GET", "/v1/allAlgoOrders", 5),
        row(account.commission, _SYMBOL, "GET", "/v1/commissionRate", 20),
        row(account.leverage_brackets, _SYMBOL | pair, "GET", "/v1/leverageBracket" if usdm else "/v2/leverageBracket"),
    )  # fmt: skip


_USDM = (
    _call("usdm", account.balances, _NONE, "GET", "/v2/balance", 5, method="account.balance"),
    _call("usdm", account.balances, _NONE, "GET", "/v3/balance", 5, method="v2/account.balance"),
    _call("usdm", account.status, _NONE, "GET", "/v2/account", 5, method="account.status"),
    _call("usdm", account.status_v3, _NONE, "GET", "/v3/account", 5, method="v2/account.status"),
    _call("usdm", account.position_risk, _SYMBOL, "GET", "/v2/positionRisk", 5, method="account.position"),
    _call("usdm", account.position_risk_v3, _SYMBOL, "GET", "/v3/positionRisk", 5, method="v2/account.position"),
    _call("usdm", account.account_config, _NONE, "GET", "/v1/accountConfig", 5),
    _call("usdm", account.symbol_config, _SYMBOL, "GET", "/v1/symbolConfig", 5),
    _call("usdm", account.order_counts, _NONE, "GET", "/v1/rateLimit/order"),
    _call("usdm", account.multi_assets, _NONE, "GET", "/v1/multiAssetsMargin", 30),
)
_COINM = (
    _call("coinm", account.balances, _NONE, "GET", "/v1/balance", 1, method="account.balance"),
    _call("coinm", account.status, _NONE, "GET", "/v1/account", 5, method="account.status"),
    _call(
        "coinm", account.position_risk, frozenset({"marginAsset", "pair"}), "GET", "/v1/positionRisk", 1,
        method="account.position",
    ),
)  # fmt: skip

CALLS: tuple[Call, ...] = (*_shared("usdm"), *_USDM, *_shared("coinm"), *_COINM)
