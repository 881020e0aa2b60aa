"""WebSocketAPI on a scripted exchange: what goes out, what each reply becomes, limits, logons and losses."""

from __future__ import annotations

import base64
import dataclasses
import json
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from binance_keys import DOC_KEY, DOC_SECRET
from cryptography.hazmat.primitives.asymmetric import ed25519

from binance_sockets import (
    AuthenticationError,
    ConfigError,
    ConnectError,
    ExchangeError,
    Options,
    RateLimited,
    RequestLost,
    RequestTimeout,
    WebSocketAPI,
    WouldDeadlock,
)
from binance_sockets.config import Backoff
from binance_sockets.engine import frames
from binance_sockets.exchanges.binance.keys import ApiKey
from binance_sockets.testing import Drop, FakeClock, Refuse, Script, ScriptedTransport, Send, frame, text

URL = "http://127.0.0.1:9000"
KEY = ApiKey(DOC_KEY, DOC_SECRET)
ED25519 = ed25519.Ed25519PrivateKey.generate()
NOW = 1_000_000  # the first ms of the fake clock
STEADY = Options(backoff=Backoff(initial=1.0, jitter=0, max_reconnects=3))
MINUTE = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000, "count": 70}

Answer = Callable[[dict[str, Any]], Any]
"""From a request to the fields of its reply; ``None`` sends none, a Drop ends the connection."""


def ok(result: Any = None, *limits: Any) -> Any:
    return {"status": 200, "result": result, "rateLimits": list(limits)}


def no(status: int, code: int, msg: str = "no", data: Any = None, limits: Any = ()) -> Any:
    error = {"code": code, "msg": msg} | ({} if data is None else {"data": data})
    return {"status": status, "error": error, "rateLimits": list(limits)}


def server(answer: Answer = lambda asked: ok({}), *steps: Send | Drop, wait: float = 0.1) -> Script:
    """One link of an exchange that answers each request after ``wait`` seconds."""

    def react(opcode: int, payload: bytes) -> Iterable[Send | Drop]:
        if opcode == frames.CLOSE:
            return [Send(frame(frames.CLOSE, payload)), Drop()]
        if opcode != frames.TEXT:
            return []
        asked = json.loads(payload)
        found = answer(asked)
        if found is None or isinstance(found, Drop):
            return [] if found is None else [found]
        return [Send(text(json.dumps({"id": asked["id"], **found})).data, wait)]

    return Script(steps, react)


class Bench:
    """A client on the thread of the test: requests are made at given times, on its clock."""

    def __init__(self, *outcomes: Script | Refuse, keyed: bool = True, **fields: Any) -> None:
        self.clock = FakeClock()
        self.transport = ScriptedTransport(self.clock, outcomes)
        keys = {"api_key": DOC_KEY, "api_secret": DOC_SECRET} if keyed else {}
        fields = {"environment": URL, "options": STEADY, **keys, **fields}
        self.api = WebSocketAPI(transport=self.transport, **fields)
        self.api._core.was_started = True  # it runs here
        self.futures: list[Future[Any]] = []
        self.raised: list[BaseException] = []

    def at(self, seconds: float, method: str, params: Any = None, **fields: Any) -> Bench:
        def ask() -> None:
            try:
                self.futures.append(self.api.submit(method, params, **fields))
            except Exception as exc:
                self.raised.append(exc)

        self.clock.at(seconds, ask)
        return self

    def run(self, seconds: float = 60) -> Bench:
        (connection,) = self.api._core.connections.values()
        connection._dials._elsewhere = lambda attempt: attempt.run(self.transport.wakeup())
        self.clock.at(seconds, connection.request_stop)
        connection.run()
        assert all(future.done() for future in self.futures)  # every waiter ends
        return self

    def sent(self, link: int = 0) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.transport.links[link].texts()]

    def error(self, number: int = 0) -> Any:
        return self.futures[number].exception()


# -- what goes out --


def test_a_public_request() -> None:
    """Neither key nor time; the result comes back as it is."""
    bench = Bench(server(lambda asked: ok([["0.1", "2"]])), keyed=False)
    bench.at(1, "depth", {"symbol": "BTCUSDT", "limit": 5, "symbolStatus": None}).run()
    assert bench.sent() == [{"id": 1, "method": "depth", "params": {"symbol": "BTCUSDT", "limit": 5}}]
    assert bench.futures[0].result() == [["0.1", "2"]]


@pytest.mark.parametrize(
    "product, url",
    [("spot", "/spot/ws-api/v3"), ("usdm", "/usdm/ws-fapi/v1"), ("coinm", "/coinm/ws-dapi/v1")],
)
def test_where_it_connects(product: str, url: str) -> None:
    """Each product under its own path, without an Origin."""
    bench = Bench(server(), product=product).run(1)
    request = bench.transport.attempts[0][1]
    assert request.url == URL.replace("http", "ws") + url and request.origin is None
    assert bench.api.product == product


def test_a_signed_request() -> None:
    """Numbers as text, an id for the order, the time of the moment it leaves, and a signature over just that."""
    bench = Bench(server())
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": 1e-5, "price": 50_000}
    bench.at(2, "order.place", {**params, "recvWindow": Decimal("100.5")}).run()
    (asked,) = bench.sent()
    signature = asked["params"].pop("signature")
    made = asked["params"].pop("newClientOrderId")
    assert len(made) == 32 and made.isalnum()
    assert asked["params"] == {
        **params,
        "quantity": "0.00001",
        "price": "50000",
        "recvWindow": "100.5",
        "apiKey": DOC_KEY,
        "timestamp": NOW + 2000,
    }
    payload = "&".join(f"{k}={v}" for k, v in sorted({**asked["params"], "newClientOrderId": made}.items()))
    assert signature == KEY.sign(payload)


@pytest.mark.parametrize(
    "method, ids",
    [
        ("order.place", {"newClientOrderId"}),
        ("order.cancelReplace", {"newClientOrderId"}),
        ("sor.order.place", {"newClientOrderId"}),
        ("orderList.place.oco", {"listClientOrderId", "aboveClientOrderId", "belowClientOrderId"}),
        (
            "orderList.place.otoco",
            {
                "listClientOrderId",
                "workingClientOrderId",
                "pendingAboveClientOrderId",
                "pendingBelowClientOrderId",
            },
        ),
        ("order.cancel", set()),
    ],
)
def test_whatever_is_created_has_ids(method: str, ids: set[str]) -> None:
    """Those of the caller, or new ones; each is another one."""
    mine = dict.fromkeys(sorted(ids)[:1], "mine")
    bench = Bench(server()).at(1, method).at(2, method, mine).run()
    first, second = ({k: v for k, v in each["params"].items() if "lientOrderId" in k} for each in bench.sent())
    assert first.keys() == second.keys() == ids
    assert mine.items() <= second.items()
    assert len({*first.values(), *second.values()}) == 2 * len(ids)


def test_a_key_alone_is_sent_where_that_is_all(recwarn: object) -> None:
    """Listen keys of futures take the key without a signature."""
    bench = Bench(server(lambda asked: ok({"listenKey": "x"})), product="usdm").at(1, "userDataStream.start").run()
    assert bench.sent() == [{"id": 1, "method": "userDataStream.start", "params": {"apiKey": DOC_KEY}}]


def test_methods_beyond_the_table() -> None:
    """They say themselves how they are secured; a version may stand before any name."""
    bench = Bench(server()).at(1, "new.thing", {"x": 1}, security="signed").at(2, "v3/time").at(3, "order.plaice").run()
    assert [asked["method"] for asked in bench.sent()] == ["new.thing", "v3/time"]
    assert "signature" in bench.sent()[0]["params"]
    assert isinstance(bench.raised[0], ConfigError) and "Close to it: order.place" in str(bench.raised[0])


@pytest.mark.parametrize(
    "method, params, fields, name",
    [
        ("order.place", {"price": float("nan")}, {}, "price"),
        ("order.place", {"signature": "x"}, {}, "params"),
        ("order.place", {}, {"timeout": 0}, "timeout"),
        ("order.place", {}, {"timeout": float("inf")}, "timeout"),
        ("order.place", {}, {"security": "maybe"}, "security"),
        ("userDataStream.subscribe.signature", {}, {}, "method"),
        (7, {}, {}, "method"),
        (7, {}, {"security": "none"}, "method"),
        ("order.place", ["symbol"], {}, "params"),
    ],
    ids=str,
)
def test_mistakes_are_told_at_once(method: Any, params: Any, fields: Any, name: str) -> None:
    """Before anything is sent, naming what is wrong."""
    bench = Bench(server()).at(1, method, params, **fields).run()
    (error,) = bench.raised
    assert isinstance(error, ConfigError) and error.name == name
    assert bench.sent() == []


def test_a_missing_key_is_told_at_once() -> None:
    """Public data goes without."""
    bench = Bench(server(), keyed=False).at(1, "order.place").at(2, "ping").run()
    assert [str(error).split(":")[0] for error in bench.raised] == ["api_key"]
    bench = Bench(server(), keyed=False, api_key=DOC_KEY).at(1, "order.place").run()
    assert [str(error).split(":")[0] for error in bench.raised] == ["api_secret"]


def test_a_legacy_client_brings_its_keys_and_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its testnet keys do not go to the live exchange; options has no such API anywhere, nor has the data host."""
    monkeypatch.delenv("BINANCE_SOCKETS_BASE_URL", raising=False)
    old = SimpleNamespace(API_KEY=DOC_KEY, API_SECRET=DOC_SECRET, testnet=True)
    assert WebSocketAPI(old).snapshot()["hosts"] == {"spot": "ws-api.testnet.binance.vision"}
    assert WebSocketAPI(old, product="coinm").snapshot()["hosts"] == {"coinm": "testnet.binancefuture.com"}
    assert WebSocketAPI().snapshot()["hosts"] == {"spot": "ws-api.binance.com:443"}
    with pytest.raises(ConfigError, match="environment"):
        WebSocketAPI(environment="data")


# -- the session --


def ed25519_bench(*outcomes: Script | Refuse, **fields: Any) -> Bench:
    return Bench(*outcomes, keyed=False, api_key=DOC_KEY, private_key=ED25519, **fields)


def test_an_ed25519_key_logs_on_once_for_each_connection() -> None:
    """Before any request, and again after a loss; requests then carry the time alone."""
    bench = ed25519_bench(server(lambda asked: ok({}), Drop(after=5)), server())
    bench.at(0, "account.status").at(3, "order.cancel", {"symbol": "X", "orderId": 1}).at(5.5, "ping").run()
    logon = bench.sent(0)[0]
    assert logon["method"] == "session.logon"
    payload = f"apiKey={DOC_KEY}&timestamp={NOW}".encode()
    ED25519.public_key().verify(base64.b64decode(logon["params"]["signature"]), payload)
    assert bench.sent(0)[1:] == [
        {"id": 2, "method": "account.status", "params": {"timestamp": NOW + 100}},
        {"id": 3, "method": "order.cancel", "params": {"symbol": "X", "orderId": 1, "timestamp": NOW + 3000}},
    ]
    assert [asked["method"] for asked in bench.sent(1)] == ["session.logon", "ping"]


def test_after_a_logout_requests_are_signed_one_by_one() -> None:
    """The session forgets the key, and so nothing relies on it."""
    bench = ed25519_bench(server()).at(1, "session.logout").at(2, "account.status").run()
    assert [set(asked.get("params", {})) for asked in bench.sent()[1:]] == [set(), {"apiKey", "timestamp", "signature"}]


def test_a_refused_logon_is_told_to_everybody() -> None:
    """It is not tried again by itself: each request hears the cause, until ``start``."""
    refuse = server(lambda asked: no(401, -2015, "Invalid API-key, IP, or permissions for action."))
    bench = ed25519_bench(refuse).at(0, "ping").run(5)
    assert isinstance(bench.error(), AuthenticationError) and bench.error().error_code == -2015
    assert len(bench.transport.attempts) == 1
    with pytest.raises(AuthenticationError, match="-2015"):
        bench.api.submit("ping")


def test_a_logon_refused_for_the_clock_is_repeated_with_the_exchanges_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is measured before the next attempt, which succeeds."""
    asked: list[str] = []

    def call(rest: Any, method: str, path: str) -> Any:
        asked.append(path)
        return {"serverTime": int(bench.clock.now * 1000) + 90_000}

    monkeypatch.setattr("binance_sockets.exchanges.binance.rest.SignedRest.call", call)
    outside = "Timestamp for this request is outside of the recvWindow."
    bench = ed25519_bench(server(lambda asked: no(400, -1021, outside)), server()).at(0, "ping")
    bench.run()
    assert asked == ["/api/v3/time"]
    assert [each[-1]["method"] for each in (bench.sent(0), bench.sent(1))] == ["session.logon", "ping"]
    assert bench.sent(1)[0]["params"]["timestamp"] - bench.sent(0)[0]["params"]["timestamp"] == 91_100
    assert bench.error() is None


# -- what replies become --


@pytest.mark.parametrize(
    "status, code, kind, unknown",
    [
        (400, -1121, ExchangeError, False),
        (401, -2015, AuthenticationError, False),
        (400, -1022, AuthenticationError, False),
        (500, -1000, ExchangeError, True),
        (400, -1007, ExchangeError, True),
        (400, -1006, ExchangeError, True),
        (503, -1008, ExchangeError, False),
        (409, -2021, ExchangeError, False),
    ],
)
def test_refusals(status: int, code: int, kind: type, unknown: bool) -> None:
    """Code, text, status and data, and whether it may have been carried out nevertheless."""
    data = {"cancelResult": "SUCCESS"}
    bench = Bench(server(lambda asked: no(status, code, "because", data))).at(1, "order.cancelReplace").run()
    error = bench.error()
    assert type(error) is kind
    assert (error.error_code, error.message, error.status, error.data) == (code, "because", status, data)
    assert error.outcome_unknown is unknown


def test_a_failure_of_futures_that_did_nothing() -> None:
    """Its text alone tells it from one whose outcome is unknown."""
    texts = [
        "Service Unavailable.",
        "Internal error; unable to process your request. Please try again.",
        "Unknown error",
    ]
    left = iter(texts)
    bench = Bench(server(lambda asked: no(503, -1000, next(left))), product="usdm")
    for number in range(3):
        bench.at(number, "order.place")
    bench.run()
    assert [bench.error(number).outcome_unknown for number in range(3)] == [False, False, True]


def test_a_wrong_clock_is_corrected_once_and_the_request_sent_again() -> None:
    """-1021 means that nothing was done: that alone is repeated, with the exchange's time."""

    def answer(asked: dict[str, Any]) -> Any:
        if asked["method"] == "time":
            return ok({"serverTime": int(bench.clock.now * 1000) + 5000})
        return no(400, -1021) if asked["params"]["timestamp"] < NOW + 5000 else ok({"orderId": 1})

    bench = Bench(server(answer)).at(1, "order.place").at(2, "account.status")
    bench.run()
    assert [asked["method"] for asked in bench.sent()] == ["order.place", "time", "order.place", "account.status"]
    first, again = bench.sent()[0]["params"], bench.sent()[2]["params"]
    assert first["newClientOrderId"] == again["newClientOrderId"]
    assert again["timestamp"] - first["timestamp"] == 200 + 4950  # two ways, and half of the way of the time back
    assert [future.result() for future in bench.futures] == [{"orderId": 1}, {"orderId": 1}]


def test_a_clock_that_stays_wrong_is_an_error() -> None:
    """Corrected once for each request, not for ever."""
    bench = Bench(server(lambda asked: ok({"serverTime": NOW}) if asked["method"] == "time" else no(400, -1021)))
    bench.at(1, "order.place").run()
    assert bench.error().error_code == -1021
    assert len(bench.sent()) == 3


# -- limits --


def test_limits_are_kept() -> None:
    """As the last replies told them."""
    orders = {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50, "count": 3}
    replies = iter([ok({}, MINUTE), ok({}, {**MINUTE, "count": 90}, orders, {"rateLimitType": 5})])
    bench = Bench(server(lambda asked: next(replies))).at(1, "ping").at(2, "ping").run()
    assert [str(limit) for limit in bench.api.rate_limits] == [
        "3 of 50 ORDERS per 10 SECOND",
        "90 of 6000 REQUEST_WEIGHT per MINUTE",
    ]
    assert bench.api.rate_limits[1].count == 90


def test_what_would_not_fit_is_refused_here() -> None:
    """Also counting what is under way; the next window takes it."""
    near = {**MINUTE, "limit": 100, "count": 60}
    bench = Bench(server(lambda asked: ok({}, near), wait=1.0)).at(0, "ping")
    for _ in range(3):
        bench.at(2.0, "account.status")  # weight 20: two fit, as long as they are under way
    bench.at(2.0, "ping")
    bench.at(25.0, "account.status")  # the next minute: 1,000 s are 16 minutes and 40 s
    bench.run()
    assert [asked["method"] for asked in bench.sent()] == ["ping", *["account.status"] * 3]
    error = bench.raised[0]
    assert isinstance(error, RateLimited) and "60 of 100 REQUEST_WEIGHT per MINUTE" in str(error)
    assert (error.status, error.retry_after) == (429, 18.0)
    assert len(bench.raised) == 2


def test_orders_have_limits_of_their_own() -> None:
    """Unfilled orders are counted apart from weight; a list counts for each of its orders."""
    limit = {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 5, "count": 4}
    bench = Bench(server(lambda asked: ok({}, limit))).at(0, "ping")
    bench.at(1, "orderList.place.oco").at(2, "order.place").at(3, "order.cancel").at(11, "orderList.place.oco").run()
    assert [asked["method"] for asked in bench.sent()] == ["ping", "order.place", "order.cancel", "orderList.place.oco"]
    assert len(bench.raised) == 1


@pytest.mark.parametrize("status", [429, 418])
def test_during_a_ban_nothing_is_sent(status: int) -> None:
    """The exchange said until when; another request would make it longer."""
    told = {"serverTime": NOW + 1100, "retryAfter": NOW + 9000}
    banned = no(status, -1003, "Way too much request weight used", told)
    replies = iter([banned, ok({}), ok({})])
    bench = Bench(server(lambda asked: next(replies))).at(1, "ping").at(5, "ping").at(9.5, "ping").run()
    error = bench.error()
    assert isinstance(error, RateLimited)
    assert (error.status, error.error_code, error.retry_after) == (status, -1003, 7.9)
    (refused,) = bench.raised
    assert isinstance(refused, RateLimited) and (refused.status, refused.retry_after) == (status, 4.0)
    assert len(bench.sent()) == 2


LIMITED = dataclasses.replace(STEADY, limit_loopback=True)  # as everywhere but on this machine


@pytest.mark.parametrize(
    ("status", "data", "seconds"),
    [(429, {"serverTime": 5_000, "retryAfter": 14_000}, 9.0), (418, None, 120.0), (418, {"retryAfter": 7_000}, 120.0)],
)
def test_a_ban_holds_for_the_whole_process(status: int, data: Any, seconds: float) -> None:
    """What one answer asks for is everybody's: the connection that the exchange then ends is not opened before."""
    banned = server(lambda asked: no(status, -1003, "Way too much request weight used", data))
    banned = Script([*banned.steps, Drop(after=2.0)], banned.react)
    bench = Bench(banned, server(), options=LIMITED).at(1, "ping").run(seconds + 5)
    budget = bench.transport.budgets.of("127.0.0.1:9000", True)
    assert budget is not None and budget.banned(NOW / 1000 + 1.1) == (status, pytest.approx(seconds))
    assert [at - NOW / 1000 for at, _ in bench.transport.attempts] == [0.0, pytest.approx(seconds + 1.1)]
    assert isinstance(bench.error(), RateLimited) and bench.error().status == status


def test_a_ban_of_others_keeps_requests_from_leaving() -> None:
    """A 418 of REST or of a handshake: a request would make it longer."""
    bench = Bench(server(), options=LIMITED).at(1, "ping").at(5, "ping").at(23, "ping")
    budget = bench.transport.budgets.of("127.0.0.1:9000", True)
    assert budget is not None
    bench.clock.at(2, lambda: budget.ban(418, 20.0, bench.clock.monotonic()))
    bench.clock.at(3, lambda: shown.append(bench.api.snapshot()["budgets"]["127.0.0.1:9000"]["banned_until"]))
    shown: list[float | None] = []
    bench.run(30)
    assert [future.result() for future in bench.futures] == [{}, {}]
    (refused,) = bench.raised
    assert isinstance(refused, RateLimited) and (refused.status, refused.retry_after) == (418, 17.0)
    assert shown == [NOW / 1000 + 22.0]


def test_no_ban_lasts_longer_than_the_exchange_may_impose() -> None:
    """Three days: a moment far away is a mistake, and must not silence a program for ever."""
    banned = no(418, -1003, "banned", {"serverTime": NOW, "retryAfter": 10**20})
    bench = Bench(server(lambda asked: banned)).at(1, "ping").at(5, "ping").run()
    error = bench.error()
    assert isinstance(error, RateLimited) and error.retry_after == 3 * 86_400
    (refused,) = bench.raised
    assert isinstance(refused, RateLimited) and (refused.retry_after or 0) < 3 * 86_400


def test_too_many_orders_end_no_other_request() -> None:
    """-1015 comes with 429, and without a time to be left alone."""
    replies = iter([no(429, -1015, "Too many new orders."), ok({})])
    bench = Bench(server(lambda asked: next(replies))).at(1, "order.place").at(2, "ping").run()
    assert isinstance(bench.error(), RateLimited) and bench.error().retry_after is None
    assert bench.futures[1].result() == {}


# -- losses --


def test_a_reply_that_never_comes() -> None:
    """The error says that the outcome is unknown, and has what names the order, but neither key nor signature."""
    bench = Bench(server(lambda asked: None)).at(1, "order.place", {"symbol": "X"}, timeout=3).run()
    error = bench.error()
    assert isinstance(error, RequestTimeout) and error.outcome_unknown
    asked = bench.sent()[0]["params"]
    assert error.request == {"symbol": "X", "newClientOrderId": asked["newClientOrderId"], "timestamp": NOW + 1000}
    assert str(error) == "no reply to order.place within 3 s; whether it was carried out is unknown"


def test_a_lost_connection() -> None:
    """What was sent is not sent again; what was not goes over the next one."""
    bench = Bench(server(lambda asked: Drop()), server()).at(1, "order.place", {"symbol": "X"}).at(1.5, "ping").run()
    error = bench.error()
    assert isinstance(error, RequestLost) and error.outcome_unknown and error.request["symbol"] == "X"
    assert error.method == "order.place" and "whether it was carried out is unknown" in str(error)
    assert [asked["method"] for asked in bench.sent(1)] == ["ping"]
    assert bench.error(1) is None


def test_an_exchange_that_cannot_be_reached() -> None:
    """Nothing was sent; the cause is told when the connection gives up, and to each request from then on."""
    bench = Bench(*[Refuse(ConnectError("host", "refused"))] * 4)
    bench.at(0, "order.place", timeout=60).run()
    assert isinstance(bench.error(), ConnectError)
    with pytest.raises(ConnectError, match="refused"):
        bench.api.submit("ping")


def test_a_request_before_the_connection_waits_for_it() -> None:
    """For its own time; then nothing was sent, and the error says so."""
    slow = server()
    slow.accept_after = 8.0
    bench = Bench(slow).at(0, "ping", timeout=5).at(1, "order.place", timeout=9).run()
    assert isinstance(bench.error(), RequestTimeout) and not bench.error().outcome_unknown
    assert str(bench.error()) == (
        "no reply to ping: the request was not sent within 5 s: the connection was not open yet"
    )
    assert [asked["method"] for asked in bench.sent()] == ["order.place"]


def test_a_revoked_key_is_told() -> None:
    """The exchange answers without an id and drops the session; the next one signs anew."""
    revoked = json.dumps({"id": None, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key"}})
    bench = Bench(server(lambda asked: None, Send(text(revoked).data, 20.0)), server())
    bench.at(19, "order.place").at(25, "ping").run()
    assert isinstance(bench.error(), RequestLost) and "-2015" in str(bench.error())
    assert bench.error(1) is None


def test_what_a_callback_of_a_future_may_do() -> None:
    """It may ask again; waiting there would wait for itself."""
    bench = Bench(server())
    found: list[Any] = []

    def again(future: Future[Any]) -> None:
        try:
            bench.api.request("ping")
        except WouldDeadlock as error:
            found.append(error)
        bench.futures.append(bench.api.submit("ping"))

    bench.clock.at(1, lambda: bench.api.submit("ping").add_done_callback(again))
    bench.run()
    assert isinstance(found[0], WouldDeadlock) and "submit()" in str(found[0])
    assert bench.futures[0].result() == {}


# -- secrets --


def test_no_secret_shows_anywhere(caplog: pytest.LogCaptureFixture) -> None:
    """Not in reprs, errors, logs or snapshots, whatever happens to requests."""
    caplog.set_level(logging.DEBUG)
    replies = iter([ok({}), no(400, -1102), no(500, -1000), None, Drop()])
    for bench in (
        Bench(server(lambda asked: next(replies)), server()),
        ed25519_bench(server(), server()),
    ):
        for second in range(1, 6):
            bench.at(second, "order.place", {"symbol": "X"}, timeout=2)
        bench.run()
        said = [caplog.text, repr(bench.api), str(bench.api.snapshot()), str(bench.api.report())]
        said += [repr(vars(bench.api)), repr(bench.api._api.account), repr(bench.transport.attempts)]
        for future in bench.futures:
            error = future.exception()
            said += [repr(future), repr(error), str(error), repr(getattr(error, "__dict__", None))]
        signatures = [
            asked["params"].get("signature") for link in (0,) for asked in bench.sent(link) if "params" in asked
        ]
        for secret in (DOC_SECRET, DOC_KEY, *filter(None, signatures)):
            assert secret not in "".join(said)
