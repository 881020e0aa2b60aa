"""The REST calls that scripts make, one row each: how ``Client`` spells them, and what they are today.

Rows say ``name: (verb, family, path, signed)``. A family is a URL that a client has: ``api`` (spot), ``margin`` (sapi),
``futures`` (fapi), ``coin`` (dapi). Sources: the REST references of each product (2025-11 to 2026).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["CALLS", "Call"]

Security = Literal["none", "key", "signed"]


class Call(NamedTuple):
    """One REST call.

    Args:
        verb: ``get``, ``post``, ``put`` or ``delete``.
        family: which URL.
        path: behind the family's URL, with its version.
        security: what it carries.
        fixed: parameters that the method sets.
    """

    verb: str
    family: str
    path: str
    security: Security = "none"
    fixed: tuple[tuple[str, str], ...] = ()


def _order(side: str, kind: str, path: str = "/v3/order", family: str = "api") -> Call:
    fixed: tuple[tuple[str, str], ...] = (("side", side), ("type", kind))
    return Call("post", family, path, "signed", fixed if kind == "MARKET" else (*fixed, ("timeInForce", "GTC")))


CALLS: dict[str, Call] = {
    # general and market data
    "ping": Call("get", "api", "/v3/ping"),
    "get_server_time": Call("get", "api", "/v3/time"),
    "get_exchange_info": Call("get", "api", "/v3/exchangeInfo"),
    "get_order_book": Call("get", "api", "/v3/depth"),
    "get_recent_trades": Call("get", "api", "/v3/trades"),
    "get_historical_trades": Call("get", "api", "/v3/historicalTrades", "key"),
    "get_aggregate_trades": Call("get", "api", "/v3/aggTrades"),
    "get_klines": Call("get", "api", "/v3/klines"),
    "get_avg_price": Call("get", "api", "/v3/avgPrice"),
    "get_ticker": Call("get", "api", "/v3/ticker/24hr"),
    "get_symbol_ticker": Call("get", "api", "/v3/ticker/price"),
    "get_all_tickers": Call("get", "api", "/v3/ticker/price"),
    "get_orderbook_ticker": Call("get", "api", "/v3/ticker/bookTicker"),
    "get_orderbook_tickers": Call("get", "api", "/v3/ticker/bookTicker"),
    "get_system_status": Call("get", "margin", "/v1/system/status"),
    # orders
    "create_order": Call("post", "api", "/v3/order", "signed"),
    "create_test_order": Call("post", "api", "/v3/order/test", "signed"),
    "order_limit": Call("post", "api", "/v3/order", "signed", (("type", "LIMIT"), ("timeInForce", "GTC"))),
    "order_limit_buy": _order("BUY", "LIMIT"),
    "order_limit_sell": _order("SELL", "LIMIT"),
    "order_market": Call("post", "api", "/v3/order", "signed", (("type", "MARKET"),)),
    "order_market_buy": _order("BUY", "MARKET"),
    "order_market_sell": _order("SELL", "MARKET"),
    "get_order": Call("get", "api", "/v3/order", "signed"),
    "get_all_orders": Call("get", "api", "/v3/allOrders", "signed"),
    "get_open_orders": Call("get", "api", "/v3/openOrders", "signed"),
    "cancel_order": Call("delete", "api", "/v3/order", "signed"),
    # account
    "get_account": Call("get", "api", "/v3/account", "signed"),
    "get_my_trades": Call("get", "api", "/v3/myTrades", "signed"),
    # margin
    "get_margin_account": Call("get", "margin", "/v1/margin/account", "signed"),
    "get_isolated_margin_account": Call("get", "margin", "/v1/margin/isolated/account", "signed"),
    "create_margin_order": Call("post", "margin", "/v1/margin/order", "signed"),
    "cancel_margin_order": Call("delete", "margin", "/v1/margin/order", "signed"),
    "get_margin_order": Call("get", "margin", "/v1/margin/order", "signed"),
    "get_open_margin_orders": Call("get", "margin", "/v1/margin/openOrders", "signed"),
    "get_all_margin_orders": Call("get", "margin", "/v1/margin/allOrders", "signed"),
    "get_margin_trades": Call("get", "margin", "/v1/margin/myTrades", "signed"),
    "create_margin_loan": Call("post", "margin", "/v1/margin/borrow-repay", "signed", (("type", "BORROW"),)),
    "repay_margin_loan": Call("post", "margin", "/v1/margin/borrow-repay", "signed", (("type", "REPAY"),)),
    "get_max_margin_loan": Call("get", "margin", "/v1/margin/maxBorrowable", "signed"),
    # futures
    "futures_ping": Call("get", "futures", "/v1/ping"),
    "futures_time": Call("get", "futures", "/v1/time"),
    "futures_exchange_info": Call("get", "futures", "/v1/exchangeInfo"),
    "futures_order_book": Call("get", "futures", "/v1/depth"),
    "futures_recent_trades": Call("get", "futures", "/v1/trades"),
    "futures_aggregate_trades": Call("get", "futures", "/v1/aggTrades"),
    "futures_klines": Call("get", "futures", "/v1/klines"),
    "futures_mark_price": Call("get", "futures", "/v1/premiumIndex"),
    "futures_ticker": Call("get", "futures", "/v1/ticker/24hr"),
    "futures_symbol_ticker": Call("get", "futures", "/v1/ticker/price"),
    "futures_orderbook_ticker": Call("get", "futures", "/v1/ticker/bookTicker"),
    "futures_create_order": Call("post", "futures", "/v1/order", "signed"),
    "futures_get_order": Call("get", "futures", "/v1/order", "signed"),
    "futures_get_open_orders": Call("get", "futures", "/v1/openOrders", "signed"),
    "futures_get_all_orders": Call("get", "futures", "/v1/allOrders", "signed"),
    "futures_cancel_order": Call("delete", "futures", "/v1/order", "signed"),
    "futures_cancel_all_open_orders": Call("delete", "futures", "/v1/allOpenOrders", "signed"),
    "futures_account_balance": Call("get", "futures", "/v2/balance", "signed"),
    "futures_account": Call("get", "futures", "/v2/account", "signed"),
    "futures_account_trades": Call("get", "futures", "/v1/userTrades", "signed"),
    "futures_position_information": Call("get", "futures", "/v2/positionRisk", "signed"),
    "futures_change_leverage": Call("post", "futures", "/v1/leverage", "signed"),
    "futures_change_margin_type": Call("post", "futures", "/v1/marginType", "signed"),
}
