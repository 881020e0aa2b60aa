"""Whatever a client sends over HTTP, it is refused with a reason, nothing is logged as an error, and no argument of the
registrar passes that makes no sense."""

from __future__ import annotations

import logging
import math
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from simulator.helpers import LISTED
from simulator.members import by_hmac, milliseconds, rest

from binance_sockets.simulator import LimitOverrides, Registrar, Simulator

MEMBER = by_hmac()
KEY = MEMBER.api_key
DEEP = b"[" * 100_000


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    with Simulator(symbols=LISTED, limits=LimitOverrides(weight=10**9)) as simulator:
        simulator.accounts.create(KEY, **MEMBER.arguments, balances={"spot": {"USDT": "5000"}})
        yield simulator


@pytest.fixture(autouse=True)
def no_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def raw(exchange: Simulator, request: bytes) -> bytes:
    """What comes back for some bytes until the server closes."""
    with socket.create_connection(("127.0.0.1", exchange.port), 10) as connection:
        connection.sendall(request)
        answer = b""
        while received := connection.recv(65_536):
            answer += received
    return answer


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /spot/api/v3/time\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /spot/api/v3/time HTTP/1.1\r\n\r\n",
        b"GET /spot/api/v3/time HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST /usdm/fapi/v1/listenKey HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /usdm/fapi/v1/listenKey HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /control/faults HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_answered_400_without_a_traceback(exchange: Simulator, request_: bytes) -> None:
    """It is the client's mistake."""
    assert raw(exchange, request_).split()[1] == b"400"


@pytest.mark.parametrize("path", ["exchangeInfo", "ticker", "ticker/24hr", "ticker/price", "ticker/bookTicker"])
@pytest.mark.parametrize("array", ['["BTC\\USDT"]', '["BTC\nUSDT"]', '["\\"]', '[\u00a0"BTCUSDT"]', "[" * 900])
def test_symbols_must_be_json(exchange: Simulator, path: str, array: str) -> None:
    """Also where an array only looks like it."""
    answer = rest(exchange, "GET", f"/spot/api/v3/{path}", params={"symbols": array})
    assert (answer.status_code, answer.json()["code"]) == (400, -1100)


@pytest.mark.parametrize(
    ("query", "form"),
    [("symbol=BTCUSDT&symb%6Fl=ETHUSDT", ""), ("", "symbol=BTCUSDT&symbol=ETHUSDT"), ("", "symbol=A&s%79mbol=B")],
)
def test_a_parameter_stands_once(exchange: Simulator, query: str, form: str) -> None:
    """Under whatever spelling, in the query and in the form."""
    signed = f"timestamp={milliseconds()}" + (f"&{query}" if query else "")
    text = f"{signed}&signature={MEMBER.sign(signed + form)}"
    headers = {"Content-Type": "Application/X-WWW-Form-Urlencoded; charset=utf-8"}
    answer = rest(exchange, "DELETE", f"/spot/api/v3/openOrders?{text}", KEY, data=form, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, -1101)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accounts", DEEP),
        ("accounts", b'{"a":' * 100_000),
        ("accounts", b'{"api_key": "k", "balances": 5}'),
        ("accounts", b'{"api_key": "k", "balances": {"spot": 5}}'),
        ("accounts", b'{"api_key": "k", "public_key": 5}'),
        ("accounts", b'{"api_key": "k", "nothing": 5}'),
        (f"accounts/{KEY}/deposits", DEEP),
        (f"accounts/{KEY}/deposits", b'{"asset": 5, "amount": "1"}'),
        (f"accounts/{KEY}/events", b'{"event": {"e": "x", "v": NaN}}'),
        (f"accounts/{KEY}/events", b'{"event": {"e": "x"}, "wallet": "typo"}'),
        ("clock", b'{"skew": NaN}'),
        ("clock", b'{"skew": 1e400}'),
        ("clock", b'{"skew": true}'),
        ("clock", b'{"skew": ' + b"9" * 400 + b"}"),
        ("clock", b"{}"),
    ],
)
def test_the_control_endpoint_refuses_with_a_reason(exchange: Simulator, path: str, body: bytes) -> None:
    """And nothing has changed: the exchange answers, by the right clock."""
    answer = rest(exchange, "POST", f"/control/{path}", data=body)
    assert (answer.status_code, bool(answer.json()["msg"])) == (400, True)
    served = rest(exchange, "GET", "/spot/api/v3/time").json()["serverTime"]
    assert abs(served - milliseconds()) < 60_000


def test_a_number_of_a_fault_may_be_absurd(exchange: Simulator) -> None:
    """There is none of it."""
    assert rest(exchange, "DELETE", f"/control/faults/{'9' * 6000}").status_code == 404


SECRET = "hush\nhush"
CALLS: list[tuple[Callable[[Registrar], Any], str]] = [
    (lambda a: a.create("", secret="s"), "api_key must be 1 to 128 letters"),
    (lambda a: a.create("k k", secret="s"), "api_key must be"),
    (lambda a: a.create(5, secret="s"), "api_key must be"),  # type: ignore[arg-type]
    (lambda a: a.create("k", secret=""), "secret must be printable text"),
    (lambda a: a.create("k", secret=b"s"), "secret must be printable text"),  # type: ignore[arg-type]
    (lambda a: a.create("k", secret=SECRET), "secret must be printable text"),
    (lambda a: a.create("k", secret="\ud800"), "secret must be printable text"),
    (lambda a: a.create("k", public_key=b"PEM"), "public_key must be text in PEM"),  # type: ignore[arg-type]
    (lambda a: a.create("k", secret="s", permissions="TRADE"), "permissions must be several texts"),
    (lambda a: a.create("k", secret="s", permissions=[[]]), "permissions must be"),  # type: ignore[list-item]
    (lambda a: a.create("k", secret="s", ip="127.0.0.1"), "ip must be several addresses"),
    (lambda a: a.create("k", secret="s", ip=["localhost"]), "ip must be"),
    (lambda a: a.create("k", balances=[1]), "balances must be a mapping"),  # type: ignore[arg-type]
    (lambda a: a.create("k", balances={"spot": {"BTC": 1}}), "amount must be text"),  # type: ignore[dict-item]
    (lambda a: a.create("k", balances={"spot": {"": "1"}}), "asset must be 1 to 20 letters"),
    (lambda a: a.create("k", balances={"spott": {"BTC": "1"}}), "wallet must be one of spot"),
    (lambda a: a.create("k", balances={"isolated/": {"BTC": "1"}}), "wallet must be"),
    (lambda a: a.add_key(KEY, "k", secret=SECRET), "secret must be printable text"),
    (lambda a: a.deposit(KEY, "BTC", 1), "amount must be text"),  # type: ignore[arg-type]
    (lambda a: a.deposit(KEY, "BTC", "1", "spott"), "wallet must be"),
    (lambda a: a.balances(KEY, "spott"), "wallet must be"),
    (lambda a: a.publish(KEY, "spott", {"e": "x"}), "wallet must be"),
    (lambda a: a.publish(KEY, "spot", [("e", "x")]), "event must be a mapping"),  # type: ignore[arg-type]
    (lambda a: a.publish(KEY, "spot", {"e": "x", "v": object()}), "the event cannot be sent as JSON"),
    (lambda a: a.publish(KEY, "spot", {"e": "x", "v": math.nan}), "the event cannot be sent as JSON"),
    (lambda a: a.expire_listen_keys(KEY, "spot"), "product must be one of usdm"),
    (lambda a: setattr(a, "clock_skew", math.inf), "clock_skew must be a number of seconds"),
    (lambda a: setattr(a, "clock_skew", "5"), "clock_skew must be"),
]


@pytest.mark.parametrize(("call", "text"), CALLS)
def test_the_registrar_refuses_in_the_callers_thread(
    exchange: Simulator, call: Callable[[Registrar], Any], text: str
) -> None:
    """With what is allowed, and without a secret."""
    with pytest.raises(ValueError, match=text) as caught:
        call(exchange.accounts)
    assert "hush" not in str(caught.value)
    with pytest.raises(KeyError):
        exchange.accounts.balances("k")


@pytest.mark.parametrize("name", ["revoke", "balances", "listen_keys", "end_streams", "expire_tokens"])
def test_a_key_that_does_not_exist_is_not_shown_in_full(exchange: Simulator, name: str) -> None:
    """Somebody may have mistaken the environment."""
    with pytest.raises(KeyError, match="no API key real…") as caught:
        getattr(exchange.accounts, name)("real-key-of-somebody")
    assert "somebody" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"symbols": ["BTCUSDT"]}, "symbols must be a mapping of products"),
        ({"symbols": "BTCUSDT"}, "symbols must be a mapping of products"),
        ({"symbols": {"spot": "BTCUSDT"}}, "symbols of spot must be several names, or how many"),
        ({"symbols": {"spot": -1}}, "symbols of spot must be"),
        ({"symbols": {"spot": True}}, "symbols of spot must be"),
        ({"symbols": {"spot": None}}, "symbols of spot must be"),
        ({"symbols": {"spot": [1]}}, "symbols of spot must be"),
        ({"symbols": {"spot": ["BTCUSDT", "BTCUSDT"]}}, "symbols of spot must be"),
        ({"port": 70_000}, "port must be a whole number"),
        ({"port": "80"}, "port must be a whole number"),
        ({"seed": "x"}, "seed must be a whole number"),
        ({"speed": "x"}, "speed must be a number above 0"),
        ({"volatility": "x"}, "volatility must be between 0 and 100"),
        ({"limits": {"weight": 5}}, "limits must be LimitOverrides"),
        ({"playback": "frames.jsonl"}, "playback must be a Playback"),
    ],
)
def test_the_simulator_refuses_in_the_callers_thread(arguments: dict[str, Any], text: str) -> None:
    """What no simulator can be made of is told at once, not by a thread that dies later."""
    with pytest.raises(ValueError, match=text):
        Simulator(**arguments)


@pytest.mark.parametrize(
    "limits",
    [
        {"weight": -1}, {"weight": "x"}, {"connects": -1}, {"connects": None}, {"burst": -1}, {"burst": 0.5},
        {"ping_interval": 0}, {"pong_timeout": -1}, {"max_age": 0}, {"max_age": math.nan}, {"max_age": "x"},
        {"listen_key_lifetime": 0}, {"flat_errors": "no"},
    ],
)  # fmt: skip
def test_limits_refuse_what_is_none(limits: dict[str, Any]) -> None:
    """A limit of another kind would fail in the middle of a request."""
    (name,) = limits
    with pytest.raises(ValueError, match=f"{name} must be"):
        LimitOverrides(**limits)


def test_limits_may_be_narrow() -> None:
    """Nothing at all may be allowed."""
    assert LimitOverrides(weight=0, connects=0).weight == 0
