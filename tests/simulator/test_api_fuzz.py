"""Whatever is sent to a WebSocket API is answered, and the connection goes on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from simulator.helpers import LISTED
from simulator.members import Api, by_ed25519, by_hmac, milliseconds, opened

from binance_sockets.simulator import LimitOverrides, Simulator
from binance_sockets.simulator.binance.trading import BY_METHOD

PATHS = {"spot": "/spot/ws-api/v3", "usdm": "/usdm/ws-fapi/v1", "coinm": "/coinm/ws-dapi/v1"}
HMAC, ED = by_hmac(), by_ed25519()
METHODS = [
    *(method for _, method in BY_METHOD),
    *("ping", "time", "exchangeInfo", "depth", "klines", "trades.historical", "ticker", "ticker.24hr", "ticker.price"),
    *("session.logon", "session.status", "session.logout", "session.subscriptions", "userDataStream.subscribe"),
    *("userDataStream.subscribe.signature", "userDataStream.subscribe.listenToken", "userDataStream.unsubscribe"),
    *("userDataStream.start", "userDataStream.ping", "userDataStream.stop", "v3/ping", "v2/account.status", "no"),
]
NAMES = st.sampled_from(
    [
        *("symbol", "symbols", "side", "type", "timeInForce", "price", "quantity", "quoteOrderQty", "orderId", "limit"),
        *("newClientOrderId", "stopPrice", "trailingDelta", "icebergQty", "apiKey", "signature", "timestamp"),
        *("recvWindow", "subscriptionId", "listenToken", "interval", "fromId", "startTime", "returnRateLimits"),
        *("aboveType", "belowType", "abovePrice", "workingType", "pendingType", "cancelReplaceMode", "newQty"),
    ]
)
TEXTS = st.one_of(
    st.sampled_from(["BTCUSDT", "BUY", "SELL", "LIMIT", "MARKET", "STOP_LOSS", "GTC", "IOC", "1", "0", "-1", "0.001"]),
    st.sampled_from(["60000", "1e5", "NaN", "Infinity", "\uff19", "1" * 400, "true", "", " ", "测试USDT", "\ud800"]),
    st.text(max_size=8),
)
VALUES = st.one_of(
    TEXTS, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none(),
    st.lists(TEXTS, max_size=3), st.dictionaries(st.text(max_size=3), TEXTS, max_size=2),
)  # fmt: skip


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    limits = LimitOverrides(weight=10**9, connects=10**6)
    with Simulator(symbols=LISTED, limits=limits) as simulator:
        for member in (HMAC, ED):
            simulator.accounts.create(
                member.api_key, **member.arguments, balances={"spot": {"USDT": "5000", "BTC": "1"}}
            )
        yield simulator


@pytest.fixture(scope="module", params=PATHS)
def api(request: pytest.FixtureRequest, exchange: Simulator) -> Iterator[Api]:
    """A session that is logged on."""
    with opened(exchange, PATHS[request.param]) as connection:
        connection.result("session.logon", ED.signed())
        yield connection


_MARKS = itertools.count()


def answer(api: Api, message: str) -> Any:
    """The reply to a message, before that to a marked one."""
    mark = f"mark {next(_MARKS)}"
    api.send(message)
    api.send({"id": mark, "method": "ping"})
    replies = []
    while not replies or replies[-1]["id"] != mark:
        received = api.receive()
        if "status" in received:
            replies.append(received)
    (reply, _) = replies
    return reply


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(METHODS),
    params=st.dictionaries(NAMES, VALUES, max_size=7),
    request_id=st.one_of(st.integers(-(2**60), 2**60), st.text(max_size=5), st.none()),
    signed=st.booleans(),
)
@example(method="ping", params={}, request_id="\ud800", signed=False)
@example(method="userDataStream.subscribe.signature", params={"signature": "\ud800ü"}, request_id=1, signed=True)
@example(method="account.status", params={"signature": "ü"}, request_id=1, signed=True)
def test_every_request_is_answered(
    api: Api, method: str, params: dict[str, Any], request_id: int | str | None, signed: bool
) -> None:
    """Each has one reply under its id, with a result or an error, and no request is an internal error."""
    if signed:
        params = {"timestamp": milliseconds(), **params}
    reply = answer(api, json.dumps({"id": request_id, "method": method, "params": params}))
    expected = request_id.encode("utf-8", "replace").decode() if isinstance(request_id, str) else request_id
    assert reply["id"] == expected
    assert ("result" in reply) is (reply["status"] == 200)
    if "error" in reply:
        assert 400 <= reply["status"] < 500
        assert reply["error"]["code"] < -1000
        assert reply["error"]["msg"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=st.one_of(st.text(max_size=30), st.recursive(VALUES, lambda row: st.lists(row)).map(json.dumps)))
@example(message="[" * 5_000)
@example(message='{"id":1,"method":"ping","params":{"a":' + "9" * 5000 + "}}")
def test_what_is_no_request_is_answered_too(api: Api, message: str) -> None:
    """Each has one reply under no id."""
    message = message.encode("utf-8", "replace").decode()
    reply = answer(api, message)
    assert reply["status"] == 400
    assert reply["error"]["code"] < -1000
    assert reply["id"] is None
