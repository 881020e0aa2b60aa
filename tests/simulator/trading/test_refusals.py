"""Every refusal: its code, its text, and that it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from simulator.trading.helpers import SYMBOL, Exchange, Trader

from binance_sockets.simulator.binance.order_door import perform
from binance_sockets.simulator.binance.trading import BY_METHOD, Refused
from binance_sockets.simulator.market.book import SELL

BASE: dict[str, Any] = {
    "symbol": SYMBOL,
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "50000",
}
MARKET: dict[str, Any] = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET"}
STOP: dict[str, Any] = {"symbol": SYMBOL, "side": "BUY", "type": "STOP_LOSS", "quantity": "0.01"}


NUMBER, NAME = "^([0-9]{1,20})(\\.[0-9]{1,20})?$", "^[a-zA-Z0-9-_]{1,36}$"


def without(name: str, params: dict[str, Any] = BASE) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key != name}


def mandatory(name: str) -> tuple[int, str]:
    return -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."


def illegal(name: str, limits: str) -> tuple[int, str]:
    return -1100, f"Illegal characters found in parameter '{name}'; legal range is '{limits}'."


CASES: list[tuple[dict[str, Any], int, str]] = [
    (without("symbol"), *mandatory("symbol")),
    (without("side"), *mandatory("side")),
    (without("type"), *mandatory("type")),
    (without("timeInForce"), *mandatory("timeInForce")),
    (without("quantity"), *mandatory("quantity")),
    (without("price"), *mandatory("price")),
    ({**BASE, "price": ""}, -1105, "Parameter 'price' was empty."),
    ({**BASE, "colour": "red"}, -1104, "Not all sent parameters were read; read '6' parameter(s) but was sent '7'."),
    ({**BASE, "symbol": "NOSUCH"}, -1121, "Invalid symbol."),
    ({**BASE, "side": "HOLD"}, -1117, "Invalid side."),
    ({**BASE, "type": "WISH"}, -1116, "Invalid orderType."),
    ({**BASE, "timeInForce": "GTX"}, -1115, "Invalid timeInForce."),
    ({**BASE, "newOrderRespType": "ALL"}, -1130, "Data sent for parameter 'newOrderRespType' is not valid."),
    (
        {**BASE, "selfTradePreventionMode": "X"}, -1130,
        "Data sent for parameter 'selfTradePreventionMode' is not valid.",
    ),
    (
        {**BASE, "selfTradePreventionMode": "NONE"}, -1013,
        "This symbol does not allow the specified self-trade prevention mode.",
    ),
    ({**BASE, "stopPrice": "60000"}, -1106, "Parameter 'stopPrice' sent when not required."),
    ({**BASE, "trailingDelta": "100"}, -1106, "Parameter 'trailingDelta' sent when not required."),
    ({**BASE, "quoteOrderQty": "100"}, -1106, "Parameter 'quoteOrderQty' sent when not required."),
    ({**BASE, "quantity": "1e3"}, *illegal("quantity", NUMBER)),
    ({**BASE, "price": "-1"}, *illegal("price", NUMBER)),
    ({**BASE, "newClientOrderId": "a b"}, *illegal("newClientOrderId", NAME)),
    ({**BASE, "strategyId": "x"}, *illegal("strategyId", "^[0-9]{1,20}$")),
    ({**BASE, "strategyType": "999999"}, -1134, "strategyType was less than 1000000."),
    ({**BASE, "quantity": "0.000000001"}, -1111, "Parameter 'quantity' has too much precision."),
    ({**BASE, "quantity": "0"}, -1013, "Invalid quantity."),
    ({**BASE, "price": "0"}, -1013, "Invalid price."),
    ({**BASE, "price": "50000.001"}, -1013, "Filter failure: PRICE_FILTER"),
    ({**BASE, "price": "90000000"}, -1013, "Filter failure: PRICE_FILTER"),
    ({**BASE, "price": "10000"}, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    ({**BASE, "price": "500000"}, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    ({**BASE, "quantity": "0.000001"}, -1013, "Filter failure: LOT_SIZE"),
    ({**BASE, "quantity": "10001"}, -1013, "Filter failure: LOT_SIZE"),
    ({**BASE, "quantity": "0.00009"}, -1013, "Filter failure: NOTIONAL"),
    ({**BASE, "quantity": "200"}, -1013, "Filter failure: NOTIONAL"),
    ({**BASE, "quantity": "0.1", "icebergQty": "0.0005"}, -1013, "Filter failure: ICEBERG_PARTS"),
    ({**BASE, "icebergQty": "0.01"}, -2010, "IcebergQty exceeds QTY."),
    ({**BASE, "icebergQty": "0.005", "timeInForce": "IOC"}, -2010, "Unsupported order combination"),
    ({**BASE, "quantity": "3"}, -2010, "Account has insufficient balance for requested action."),
    ({**BASE, "side": "SELL", "quantity": "2.1"}, -2010, "Account has insufficient balance for requested action."),
    (MARKET, -1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"),
    ({**MARKET, "quantity": "1", "quoteOrderQty": "1"}, -1128, "Combination of optional parameters invalid."),
    ({**MARKET, "quantity": "1", "price": "50000"}, -1106, "Parameter 'price' sent when not required."),
    ({**MARKET, "quantity": "1", "timeInForce": "GTC"}, -1106, "Parameter 'timeInForce' sent when not required."),
    ({**MARKET, "quantity": "100"}, -1013, "Filter failure: MARKET_LOT_SIZE"),
    ({**MARKET, "quantity": "0.00001"}, -1013, "Filter failure: NOTIONAL"),
    ({**MARKET, "quoteOrderQty": "4.9"}, -1013, "Filter failure: NOTIONAL"),
    ({**MARKET, "quoteOrderQty": "100001"}, -2010, "Account has insufficient balance for requested action."),
    (STOP, -1102, "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!"),
    ({**STOP, "trailingDelta": "9"}, -1013, "Filter failure: TRAILING_DELTA"),
    ({**STOP, "trailingDelta": "2001"}, -1013, "Filter failure: TRAILING_DELTA"),
    ({**STOP, "stopPrice": "60000"}, -2010, "Order would trigger immediately."),
    ({**STOP, "side": "SELL", "stopPrice": "120000"}, -2010, "Order would trigger immediately."),
    ({**STOP, "type": "TAKE_PROFIT", "stopPrice": "120000"}, -2010, "Order would trigger immediately."),
    ({**STOP, "type": "TAKE_PROFIT", "side": "SELL", "stopPrice": "60000"}, -2010, "Order would trigger immediately."),
    (
        {**without("timeInForce"), "type": "LIMIT_MAKER", "price": "120000"}, -2010,
        "Order would immediately match and take.",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def ann() -> Trader:
    return Exchange().trader("ann")


@pytest.mark.parametrize(("params", "code", "text"), CASES)
def test_bad_orders_are_refused(ann: Trader, params: dict[str, Any], code: int, text: str) -> None:
    """With the exchange's code and text, and nothing has changed."""
    assert ann.refused("order.place", **params) == (code, text)
    if code not in (-2010,) and "symbol" in params:
        assert ann.refused("order.test", **params) == (code, text)


def test_names_of_open_orders_are_taken() -> None:
    """And free again afterwards."""
    ann = Exchange().trader("ann")
    first = ann.limit("BUY", "0.01", "50000", newClientOrderId="one")
    assert ann.refused("order.place", **BASE, newClientOrderId="one") == (-2010, "Duplicate order sent.")
    ann.call("order.cancel", symbol=SYMBOL, orderId=first["orderId"])
    ann.limit("BUY", "0.01", "50000", newClientOrderId="one")


def test_an_account_that_may_not_trade_is_told() -> None:
    """Before anything is locked."""
    ann = Exchange().trader("ann")
    order_id = ann.limit("BUY", "0.01", "50000")["orderId"]
    ann.account.can_trade = False
    text = "This account may not place or cancel orders."
    assert ann.refused("order.cancel", symbol=SYMBOL, orderId=order_id) == (-2011, text)
    assert ann.refused("order.place", **BASE) == (-2010, "This account may not place or cancel orders.")
    assert ann.call("account.status")["canTrade"] is False


def test_open_orders_are_limited_by_kind() -> None:
    """As the filters of the symbol say."""
    exchange = Exchange()
    ann = exchange.trader("ann", balances={"USDT": "10000000", "BTC": "100"})
    for _ in range(5):
        ann.call("order.place", **{**STOP, "stopPrice": "120000"})
    text = "Filter failure: MAX_NUM_ALGO_ORDERS"
    assert ann.refused("order.place", **{**STOP, "stopPrice": "120000"}) == (-1013, text)
    for _ in range(195):
        ann.call("order.place", **BASE)
    assert ann.refused("order.place", **BASE) == (-1013, "Filter failure: MAX_NUM_ORDERS")
    ann.limit("BUY", "0.1", "500.00", symbol="BNBUSDT")


@pytest.mark.parametrize("method", ["order.cancel", "order.status", "order.amend.keepPriority"])
def test_calls_about_an_order_must_name_it(ann: Trader, method: str) -> None:
    """By its id or its name."""
    more = {"newQty": "1"} if "amend" in method else {}
    text = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
    assert ann.refused(method, symbol=SYMBOL, **more) == (-1102, text)


def test_an_id_and_a_name_must_be_of_one_order() -> None:
    """Else none is touched."""
    ann = Exchange().trader("ann")
    order_id = ann.limit("BUY", "0.01", "50000", newClientOrderId="one")["orderId"]
    wrong = {"symbol": SYMBOL, "orderId": order_id, "origClientOrderId": "two"}
    assert ann.refused("order.status", **wrong) == (-2013, "Order does not exist.")
    assert ann.refused("order.cancel", **wrong) == (-2011, "Unknown order sent.")
    assert ann.call("order.status", **{**wrong, "origClientOrderId": "one"})["orderId"] == order_id


def test_smart_routing_is_refused_as_no_symbol_takes_part(ann: Trader) -> None:
    """Rather than done as an ordinary order."""
    for method in ("sor.order.place", "sor.order.test"):
        code, text = ann.refused(method, **BASE)
        assert code == -1013
        assert "not supported for this symbol" in text
    assert ann.call("myAllocations", symbol=SYMBOL) == []


def test_a_market_order_that_costs_more_than_there_is_is_refused() -> None:
    """Before it takes from the book."""
    exchange = Exchange()
    ann = exchange.trader("ann", balances={"USDT": "1000", "BTC": "0"})
    assert ann.refused("order.place", **MARKET, quantity="0.02")[0] == -2010
    exchange.market.submit("whale", -SELL, 10**9, None)
    text = "Order book liquidity is less than symbol minimum quantity."
    assert ann.refused("order.place", **MARKET, quoteOrderQty="100") == (-2010, text)


@pytest.mark.parametrize(
    ("mode", "status", "results"),
    [
        ({}, 429, None),
        ({"orderRateLimitExceededMode": "DO_NOTHING"}, 429, None),
        ({"orderRateLimitExceededMode": "CANCEL_ONLY"}, 409, ("SUCCESS", "FAILURE")),
    ],
)
def test_a_cancel_replace_beyond_the_limit_of_orders(
    mode: dict[str, str], status: int, results: tuple[str, str] | None
) -> None:
    """It does nothing, or cancels only where that is asked for, and tells why there is no new order."""
    exchange = Exchange()
    ann = exchange.trader("ann")
    params = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "50000"}
    order_id = ann.call("order.place", quantity="0.01", **params)["orderId"]
    exchange.desk.counts.add(ann.account, 50, exchange.now)
    sent = {**params, **mode, "quantity": "0.02", "cancelReplaceMode": "ALLOW_FAILURE", "cancelOrderId": str(order_id)}
    with pytest.raises(Refused) as caught:
        perform(BY_METHOD["spot", "order.cancelReplace"], exchange.desk, ann.account, sent)
    refused = caught.value
    assert (refused.status, refused.code) == (status, -2021 if results else -1015)
    found = refused.data and (refused.data["cancelResult"], refused.data["newOrderResult"])
    assert found == results
    assert refused.data is None or refused.data["newOrderResponse"]["code"] == -1015
    assert len(ann.call("openOrders.status")) == (0 if results else 1)


def test_a_mode_that_does_not_exist(ann: Trader) -> None:
    """Of what a cancel-replace does beyond the limit there are two."""
    failure = ann.refused(
        "order.cancelReplace", symbol=SYMBOL, side="BUY", type="LIMIT", timeInForce="GTC", price="50000",
        quantity="0.01", cancelReplaceMode="ALLOW_FAILURE", cancelOrderId="1", orderRateLimitExceededMode="BOTH",
    )  # fmt: skip
    assert failure == (-1130, "Data sent for parameter 'orderRateLimitExceededMode' is not valid.")
