"""Futures through their doors: REST, the WebSocket APIs, user streams, and the control endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from golden import differences, read, shape
from simulator.helpers import get
from simulator.members import Member, by_hmac, following, opened, rest

from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, LimitOverrides, Simulator

HMAC = by_hmac()
SYMBOLS = {"spot": 1, "usdm": ["BTCUSDT"], "coinm": ["BTCUSD_PERP"]}
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "price": "70000",
    "quantity": "0.010",
}


@pytest.fixture
def exchange() -> Iterator[Simulator]:
    with Simulator(symbols=SYMBOLS, seed=3, limits=LimitOverrides(weight=10_000)) as simulator:
        simulator.accounts.create(HMAC.api_key, **HMAC.arguments, balances={"usdm": {"USDT": "5000"}})
        yield simulator


def test_the_websocket_api_of_usdm_trades(exchange: Simulator) -> None:
    """Replies show both counts of orders; weight is nothing; conditional types are sent elsewhere."""
    with opened(exchange, "/usdm/ws-fapi/v1") as api:
        reply = api.ask("order.place", HMAC.signed(**ORDER))
        wanted = next(row["message"] for row in read("ws_api/usdm")["samples"] if row["method"] == "order.place")
        assert differences(shape(reply["result"]), shape(wanted["result"])) == []
        rows = [(row["rateLimitType"], row["interval"], row["limit"]) for row in reply["rateLimits"]]
        same = [(row["rateLimitType"], row["interval"], row["limit"]) for row in wanted["rateLimits"][:2]]
        assert rows == [*same, ("REQUEST_WEIGHT", "MINUTE", 10_000)]
        error = api.ask("order.place", HMAC.signed(**{**ORDER, "type": "STOP_MARKET"}))["error"]
        assert error["code"] == -4120
        assert api.result("v2/account.status", HMAC.signed())["totalOpenOrderInitialMargin"] == "35.00000000"
        assert "feeTier" in api.result("account.status", HMAC.signed())


def test_rest_counts_orders_and_wants_permission(exchange: Simulator) -> None:
    """Headers show both windows; a key without FUTURES is refused, as is one that may not trade."""
    answer = HMAC.call(exchange, "POST", "/usdm/fapi/v1/order", **ORDER)
    assert answer.status_code == 200, answer.text
    assert {"X-MBX-ORDER-COUNT-10S", "X-MBX-ORDER-COUNT-1M", "X-MBX-USED-WEIGHT-1M"} <= answer.headers.keys()
    for number, permissions in enumerate((("TRADE", "USER_DATA"), ("FUTURES", "USER_DATA"))):
        exchange.accounts.add_key(HMAC.api_key, f"less{number}", secret="s", permissions=permissions)
        refused = Member(f"less{number}", "s").call(exchange, "POST", "/usdm/fapi/v1/order", **ORDER)
        assert (refused.status_code, refused.json()["code"]) == (401, -2015)
    assert rest(exchange, "POST", "/usdm/fapi/v1/order", HMAC.api_key).json()["code"] == -1102
    assert HMAC.call(exchange, "GET", "/usdm/fapi/v1/openOrders", whatever="1").json()[0]["origQty"] == "0.010"


def test_the_demo_account_trades_both(exchange: Simulator) -> None:
    """It has balances on USD-M and COIN-M."""
    demo = Member(DEMO_API_KEY, DEMO_API_SECRET)
    for product, path, symbol, quantity in (
        ("usdm", "/usdm/fapi/v1/order", "BTCUSDT", "0.010"), ("coinm", "/coinm/dapi/v1/order", "BTCUSD_PERP", "1"),
    ):  # fmt: skip
        order = {"symbol": symbol, "side": "BUY", "type": "MARKET", "quantity": quantity}
        answer = demo.call(exchange, "POST", path, newOrderRespType="RESULT", **order).json()
        assert answer["status"] == "FILLED", product


def test_positions_outlive_a_restart_and_orders_do_not(exchange: Simulator) -> None:
    """As accounts do; the margin of the orders is free again."""
    HMAC.call(exchange, "POST", "/usdm/fapi/v1/order", **ORDER)
    HMAC.call(exchange, "POST", "/usdm/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010")
    exchange.stop()
    exchange.start()
    rows = HMAC.call(exchange, "GET", "/usdm/fapi/v3/positionRisk").json()
    assert [row["positionAmt"] for row in rows] == ["0.010"]
    assert HMAC.call(exchange, "GET", "/usdm/fapi/v1/openOrders").json() == []
    assert HMAC.call(exchange, "GET", "/usdm/fapi/v3/account").json()["totalOpenOrderInitialMargin"] == "0.00000000"


def test_what_the_control_endpoint_can_do_to_positions(exchange: Simulator) -> None:
    """Funding, a margin call, a liquidation, ADL and a delivery; each says how many positions it met."""
    key = rest(exchange, "POST", "/usdm/fapi/v1/listenKey", HMAC.api_key).json()["listenKey"]
    told: list[Any] = []
    with opened(exchange, f"/usdm/private/ws?listenKey={key}") as stream:
        following(exchange, "usdm", key)
        for path in ("liquidations", "deleveragings", "settlements"):
            HMAC.call(
                exchange, "POST", "/usdm/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01"
            )
            body = {"symbol": "BTCUSDT", "product": "usdm"}
            assert get(exchange, "/control/funding", "POST", {**body, "rate": "-0.0001"}) == (200, {"positions": 1})
            for name in ("margin-calls", path):
                answer = get(exchange, f"/control/accounts/{HMAC.api_key}/{name}", "POST", body)
                assert answer == (200, {"positions": 1}), name
        while not any(row.get("o", {}).get("c", "").startswith("settlement") for row in told):
            told.append(json.loads(stream.connection.recv()))
    assert {row["a"]["m"] for row in told if row["e"] == "ACCOUNT_UPDATE"} == {"ORDER", "FUNDING_FEE"}
    assert "MARGIN_CALL" in {row["e"] for row in told}
    assert get(exchange, "/control/funding", "POST", {"symbol": "NOSUCH"})[0] == 400
    assert get(exchange, "/control/funding")[0] == 405
    assert get(exchange, "/control/accounts/nobody/liquidations", "POST", {"symbol": "BTCUSDT"})[0] == 404
