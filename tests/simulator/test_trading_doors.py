"""Orders through both doors of spot: REST and the WebSocket API reach the same desk, and its events the streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from simulator.helpers import LISTED, get
from simulator.members import Api, by_ed25519, by_hmac, milliseconds, rest, spot

from binance_sockets.simulator import LimitOverrides, Simulator

HMAC, ED = by_hmac(), by_ed25519()
SIGNED = "userDataStream.subscribe.signature"
FAR = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "60000", "quantity": "0.01"}


@pytest.fixture
def exchange() -> Iterator[Simulator]:
    with Simulator(symbols=LISTED, seed=3) as simulator:
        for member in (HMAC, ED):
            simulator.accounts.create(member.api_key, **member.arguments, balances={"spot": {"USDT": "5000"}})
        yield simulator


def until_report(api: Api, status: str) -> Any:
    """The execution report that tells this status."""
    while (event := api.event()["event"]).get("X") != status:
        continue
    return event


def test_an_order_over_the_websocket_api(exchange: Simulator) -> None:
    """It is placed, told, found and cancelled; success costs no weight, and replies show the count of orders."""
    with spot(exchange) as api:
        api.result(SIGNED, HMAC.signed())
        before = api.ask("ping")["rateLimits"][0]["count"]
        reply = api.ask("order.place", HMAC.signed(**FAR))
        assert reply["status"] == 200, reply
        rows = {(row["rateLimitType"], row["interval"]): row["count"] for row in reply["rateLimits"]}
        assert rows == {("ORDERS", "SECOND"): 1, ("ORDERS", "DAY"): 1, ("REQUEST_WEIGHT", "MINUTE"): before}
        order = reply["result"]
        assert until_report(api, "NEW")["i"] == order["orderId"]
        asked = api.result("order.status", HMAC.signed(symbol="BTCUSDT", orderId=order["orderId"]))
        assert (asked["status"], asked["price"]) == ("NEW", "60000.00000000")
        api.result("order.cancel", HMAC.signed(symbol="BTCUSDT", orderId=order["orderId"]))
        assert until_report(api, "CANCELED")["i"] == order["orderId"]


def test_an_order_over_rest_is_told_on_the_socket(exchange: Simulator) -> None:
    """A market order over REST is filled, and its events come to the stream of its account."""
    with spot(exchange) as api:
        api.result(SIGNED, HMAC.signed())
        answer = HMAC.call(
            exchange, "POST", "/spot/api/v3/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01"
        )
        assert (answer.status_code, answer.json()["status"]) == (200, "FILLED"), answer.text
        assert {"X-MBX-ORDER-COUNT-10S", "X-MBX-ORDER-COUNT-1D"} <= answer.headers.keys()
        assert until_report(api, "FILLED")["i"] == answer.json()["orderId"]
    balances = {
        row["asset"]: row["free"] for row in HMAC.call(exchange, "GET", "/spot/api/v3/account").json()["balances"]
    }
    assert float(balances["BTC"]) == pytest.approx(0.01, rel=0.01)


def test_what_an_account_pays_below_sapi(exchange: Simulator) -> None:
    """``asset/tradeFee`` tells maker and taker of each symbol, or of one; it needs a signature."""
    path = "/spot/sapi/v1/asset/tradeFee"
    rows = HMAC.call(exchange, "GET", path).json()
    assert [row["symbol"] for row in rows] == list(exchange.symbols["spot"])
    one = {"symbol": "BTCUSDT", "makerCommission": "0.001", "takerCommission": "0.001"}
    assert one in rows
    assert HMAC.call(exchange, "GET", path, symbol="BTCUSDT").json() == [one]
    assert HMAC.call(exchange, "GET", path, symbol="NOSUCH").json()["code"] == -1121
    assert get(exchange, path)[0] == 401


def test_the_wallet_of_usdm(exchange: Simulator) -> None:
    """``/fapi/v2/account`` has what the wallet holds, and an empty position for each symbol; it needs a signature."""
    exchange.accounts.create("futures", secret="s", balances={"usdm": {"USDT": "250.5", "BNB": "1"}})
    from simulator.members import Member

    told = Member("futures", "s").call(exchange, "GET", "/usdm/fapi/v2/account").json()
    assert {row["asset"]: row["walletBalance"] for row in told["assets"]} == {
        "USDT": "250.50000000",
        "BNB": "1.00000000",
    }
    assert (told["totalWalletBalance"], told["availableBalance"]) == ("250.50000000", "250.50000000")
    assert [row["symbol"] for row in told["positions"]] == list(exchange.symbols["usdm"])
    assert {float(row["positionAmt"]) for row in told["positions"]} == {0.0}
    assert get(exchange, "/usdm/fapi/v2/account")[0] == 401


def test_a_session_trades_without_signatures(exchange: Simulator) -> None:
    """Logged on, orders need a timestamp only; JSON numbers serve as well as texts."""
    with spot(exchange) as api:
        api.result("session.logon", ED.signed())
        params = {**FAR, "price": 60000, "quantity": 0.01, "timestamp": milliseconds()}
        assert api.result("order.place", params)["symbol"] == "BTCUSDT"
        assert len(api.result("openOrders.status", {"timestamp": milliseconds()})) == 1
        assert api.code("order.place", {**params, "quantity": "9"})[1] == -2010
        assert api.code("order.place", {**params, "nonsense": "1"}) == (400, -1104)


def test_a_key_that_may_not_trade(exchange: Simulator) -> None:
    """Reading is allowed, trading is not, over both doors."""
    exchange.accounts.add_key(HMAC.api_key, "reader", secret="s", permissions=("USER_DATA",))
    from simulator.members import Member

    reader = Member("reader", "s")
    with spot(exchange) as api:
        assert api.result("account.status", reader.signed())["accountType"] == "SPOT"
        assert api.code("order.place", reader.signed(**FAR)) == (401, -2015)
    answer = reader.call(exchange, "POST", "/spot/api/v3/order", **FAR)
    assert (answer.status_code, answer.json()["code"]) == (401, -2015)


def test_too_many_orders(exchange: Simulator) -> None:
    """Beyond the limit of unfilled orders -1015 with 429; cancelling does not help."""
    small = {**FAR, "quantity": "0.001", "newOrderRespType": "ACK"}
    with spot(exchange) as api:
        replies = [api.ask("order.place", HMAC.signed(**small, newClientOrderId=f"n{number}")) for number in range(120)]
        refused = [reply for reply in replies if reply["status"] == 429]
        assert refused
        assert refused[0]["error"] == {
            "code": -1015,
            "msg": "Too many new orders; current limit is 50 orders per 10 SECOND.",
        }


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("exchangeInfo", {"symbol": "BTCUSDT"}),
        ("depth", {"symbol": "BTCUSDT", "limit": 5}),
        ("trades.recent", {"symbol": "BTCUSDT", "limit": 2}),
        ("trades.aggregate", {"symbol": "BTCUSDT", "limit": 2}),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 2}),
        ("avgPrice", {"symbol": "BTCUSDT"}),
        ("ticker.24hr", {"symbols": ["BTCUSDT", "ETHUSDT"]}),
        ("ticker.price", {"symbol": "BTCUSDT", "returnRateLimits": True}),
        ("ticker.book", None),
    ],
)
def test_market_data_over_the_websocket_api(exchange: Simulator, method: str, params: dict[str, Any] | None) -> None:
    """Methods that need no key answer what REST does."""
    with spot(exchange) as api:
        reply = api.ask(method, params)
        assert reply["status"] == 200, reply
        assert reply["result"]
        assert api.code("depth", {"symbol": "NOTHING"}) == (400, -1121)
        assert api.code("depth") == (400, -1102)
        before = api.ask("ping")["rateLimits"][0]["count"]
        assert api.ask("depth", {"symbol": "BTCUSDT", "limit": 5000})["rateLimits"][0]["count"] == before + 250


def test_what_clients_ask_before_they_trade(exchange: Simulator) -> None:
    """The pairs of margin need a key, the coins a signature; both list what spot has."""
    symbols = set(exchange.symbols["spot"])
    for path in ("/spot/sapi/v1/margin/allPairs", "/spot/sapi/v1/margin/isolated/allPairs"):
        assert {row["symbol"] for row in rest(exchange, "GET", path, HMAC.api_key).json()} == symbols
        assert rest(exchange, "GET", path).status_code == 401
    coins = {row["coin"]: row for row in HMAC.call(exchange, "GET", "/spot/sapi/v1/capital/config/getall").json()}
    assert coins["USDT"]["free"] == "5000.00000000"
    assert "BNB" in coins
    assert rest(exchange, "GET", "/spot/sapi/v1/capital/config/getall", HMAC.api_key).json()["code"] == -1102


def test_a_restart_frees_what_orders_had_locked(exchange: Simulator) -> None:
    """The orders of the old markets are gone, and their money is not."""
    with spot(exchange) as api:
        api.result("order.place", HMAC.signed(**FAR))
    assert exchange.accounts.balances(HMAC.api_key)["USDT"] == ("4400.00000000", "600.00000000")
    exchange.stop()
    exchange.start()
    assert exchange.accounts.balances(HMAC.api_key)["USDT"] == ("5000.00000000", "0.00000000")
    with spot(exchange) as api:
        assert api.result("openOrders.status", HMAC.signed()) == []


def test_refused_calls_are_charged() -> None:
    """A trading call that fails costs its weight, one that succeeds nothing, over both doors."""
    with Simulator(symbols=LISTED, limits=LimitOverrides(weight=1000)) as sim:
        sim.accounts.create(HMAC.api_key, **HMAC.arguments, balances={"spot": {"USDT": "5000"}})
        used = [HMAC.call(sim, "POST", "/spot/api/v3/order", **FAR).headers["X-MBX-USED-WEIGHT-1M"] for _ in range(2)]
        failed = HMAC.call(sim, "POST", "/spot/api/v3/order", **{**FAR, "symbol": "NOTHING"})
        assert (failed.json()["code"], int(failed.headers["X-MBX-USED-WEIGHT-1M"])) == (-1121, int(used[1]) + 1)
        assert used[0] == used[1]
        assert rest(sim, "GET", "/spot/api/v3/order").status_code == 401
