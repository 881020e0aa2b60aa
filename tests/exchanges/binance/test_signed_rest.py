"""REST calls with a key: headers, signatures, the exchange's clock, and what the errors say."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from binance_keys import DOC_KEY, DOC_SECRET, WIDE_SYMBOL
from exchanges.rest_server import RestServer

from binance_sockets import (
    AuthenticationError,
    ConfigError,
    ConnectError,
    ConnectionLost,
    CredentialError,
    ExchangeError,
    Options,
    RequestLost,
)
from binance_sockets.exchanges.binance.keys import ApiKey
from binance_sockets.exchanges.binance.rest import SignedRest
from binance_sockets.exchanges.binance.server_time import ServerTime

KEY = ApiKey(DOC_KEY, DOC_SECRET)


@pytest.fixture
def exchange() -> Iterator[RestServer]:
    server = RestServer()
    yield server
    server.close()


@pytest.fixture
def rest(exchange: RestServer) -> Iterator[SignedRest]:
    client = SignedRest(exchange.url, Options(), KEY, "/api/v3/time")
    yield client
    client.close()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wait between attempts."""
    monkeypatch.setattr("binance_sockets.exchanges.rest._wait", lambda _: 0)


def query(exchange: RestServer, number: int = -1) -> str:
    return urlsplit(exchange.requests[number][0]).query


def test_a_signed_call(exchange: RestServer, rest: SignedRest) -> None:
    """Key in the header; what is signed is what is sent, percent-encoded, with the time before the signature."""
    exchange.answer(body={"orderId": 1})
    before = int(time.time() * 1000)
    params = {"symbol": WIDE_SYMBOL, "price": 1e-7, "stopPrice": None}
    assert rest.call("POST", "/api/v3/order", params, "signed") == {"orderId": 1}
    assert exchange.methods == ["POST"]
    assert exchange.requests[0][1]["X-MBX-APIKEY"] == DOC_KEY
    payload, _, signature = query(exchange).partition("&signature=")
    assert payload.startswith(
        "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&price=0.0000001&timestamp="
    )
    assert signature == KEY.sign(payload)
    assert before <= int(parse_qs(payload)["timestamp"][0]) <= int(time.time() * 1000)


def test_key_alone_and_nothing(exchange: RestServer, rest: SignedRest) -> None:
    """A listen key needs the header alone; public data needs nothing, and tells nobody the key."""
    exchange.answer(body={"listenKey": "abc"})
    rest.call("POST", "/fapi/v1/listenKey", security="key")
    rest.call("GET", "/api/v3/depth", {"limit": 5})
    assert [urlsplit(path).query for path, _ in exchange.requests] == ["", "limit=5"]
    assert ["X-MBX-APIKEY" in headers for _, headers in exchange.requests] == [True, False]


def test_a_call_without_a_key_is_refused_here(exchange: RestServer) -> None:
    """Before anything is sent."""
    with pytest.raises(ConfigError, match="api_key"):
        SignedRest(exchange.url, Options(), None, "/api/v3/time").call("GET", "/x", {}, "key")
    with pytest.raises(ConfigError, match="api_secret"):
        SignedRest(exchange.url, Options(), ApiKey("key"), "/api/v3/time").call("GET", "/x", {}, "signed")
    assert exchange.requests == []


def test_a_wrong_clock_is_measured_and_the_call_repeated(exchange: RestServer, rest: SignedRest) -> None:
    """-1021 means that nothing was done: the exchange's time is asked for, and used from then on."""
    exchange.answer(400, {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."})
    exchange.answer(body={"serverTime": int(time.time() * 1000) + 60_000})
    exchange.answer(body={"ok": 1})
    assert rest.call("POST", "/api/v3/order", {"a": 1}, "signed") == {"ok": 1}
    assert [urlsplit(path).path for path, _ in exchange.requests] == ["/api/v3/order", "/api/v3/time", "/api/v3/order"]
    first, last = (int(parse_qs(query(exchange, number))["timestamp"][0]) for number in (0, 2))
    assert 59_000 < last - first < 65_000
    assert 59_000 < rest.server_time.offset <= 60_000


def test_a_clock_that_stays_wrong_is_the_callers_affair(exchange: RestServer, rest: SignedRest) -> None:
    """Measured once, not for ever."""
    exchange.answer(400, {"code": -1021, "msg": "no"})
    exchange.answer(body={"serverTime": 1})
    exchange.answer(400, {"code": -1021, "msg": "no"})
    with pytest.raises(ExchangeError, match="-1021"):
        rest.call("GET", "/api/v3/account", {}, "signed")
    assert len(exchange.requests) == 3


@pytest.mark.parametrize(
    "path, replacement",
    [
        ("/api/v3/userDataStream", "userDataStream.subscribe.signature"),
        ("/sapi/v1/userDataStream", "userListenToken"),
        ("/sapi/v1/userDataStream/isolated", "userListenToken"),
    ],
)
@pytest.mark.parametrize("status", [410, 404])
def test_what_is_gone_names_its_replacement(
    exchange: RestServer, rest: SignedRest, path: str, replacement: str, status: int
) -> None:
    """The retired listen keys answer in HTML; that is no failure to parse."""
    exchange.answer(status, b"<html><head><title>410 Gone</title></head></html>")
    with pytest.raises(CredentialError, match=replacement) as caught:
        rest.call("POST", path, security="key")
    assert (caught.value.status, len(exchange.requests)) == (status, 1)


def test_anything_else_that_is_gone(exchange: RestServer, rest: SignedRest) -> None:
    """A path that is removed one day says so."""
    exchange.answer(410, b"<html>")
    with pytest.raises(CredentialError, match="removed /fapi/v9/x"):
        rest.call("GET", "/fapi/v9/x")


@pytest.mark.parametrize("code", [-2008, -2014, -2015, -1022])
def test_a_refused_key(exchange: RestServer, rest: SignedRest, code: int) -> None:
    """An error of its own, with code and status."""
    exchange.answer(401, {"code": code, "msg": "Invalid API-key, IP, or permissions for action."})
    with pytest.raises(AuthenticationError) as caught:
        rest.call("GET", "/api/v3/account", {}, "signed")
    assert (caught.value.error_code, caught.value.status) == (code, 401)


def test_weights_are_kept(exchange: RestServer, rest: SignedRest) -> None:
    """What the headers say of weight and orders used."""
    exchange.answer(200, {"ok": 1}, X_MBX_USED_WEIGHT_1M="12", X_MBX_ORDER_COUNT_10S="3", X_Other="5")
    rest.call("GET", "/api/v3/account", {}, "signed")
    assert rest.used == {"x-mbx-used-weight-1m": 12, "x-mbx-order-count-10s": 3}


@pytest.mark.parametrize("method, kind", [("POST", RequestLost), ("GET", ConnectionLost)])
def test_no_answer_says_what_is_known_and_hides_the_url(
    exchange: RestServer, rest: SignedRest, method: str, kind: type
) -> None:
    """An order whose answer is lost may have been placed; the error has no signature and no key."""
    exchange.answer(0)
    with pytest.raises(kind) as caught:
        rest.call(method, "/api/v3/order", {"listenKey": "s3cret"}, "signed")
    assert getattr(caught.value, "outcome_unknown", False) == (method == "POST")
    assert len(exchange.requests) == (1 if method == "POST" else 3)
    shown = "".join(traceback.format_exception(caught.value))
    for secret in (DOC_KEY, parse_qs(query(exchange))["signature"][0], "s3cret"):
        assert secret not in shown.replace('"s3cret"', "")


def test_an_exchange_that_cannot_be_reached() -> None:
    """Nothing was sent, and the error says so."""
    server = RestServer()
    server.close()
    with pytest.raises(ConnectError, match="was not sent"):
        SignedRest(server.url, Options(), KEY, "/api/v3/time").call("POST", "/api/v3/order", {}, "signed")


def test_half_of_the_way_counts() -> None:
    """The exchange read its clock in the middle between question and answer."""
    now = 0.0
    clock = ServerTime(lambda: now)
    asked = clock.now()
    now = 2.0
    clock.learn(11_000, asked)
    assert clock.now() == 12_000
    asked = clock.now()
    clock.learn(12_000, asked)
    assert clock.now() == 12_000


def test_wrong_values_are_refused_before_anything_is_sent(exchange: RestServer, rest: SignedRest) -> None:
    """A number that is none never reaches the exchange."""
    wrong: Any = float("nan")
    with pytest.raises(ConfigError, match="price"):
        rest.call("POST", "/api/v3/order", {"price": wrong}, "signed")
    assert exchange.requests == []
