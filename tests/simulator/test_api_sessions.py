"""The WebSocket APIs: envelopes, logon, user streams, and every way in which they say no."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import websocket
from simulator.helpers import LISTED, PATIENCE, until, ws_url
from simulator.members import Member, by_ed25519, by_hmac, by_rsa, milliseconds, opened, rest, spot

from binance_sockets.simulator import (
    DEMO_API_KEY,
    DEMO_API_SECRET,
    DEMO_LOGON_API_KEY,
    DEMO_PRIVATE_KEY,
    Fault,
    LimitOverrides,
    Simulator,
)

EVENT = {"e": "balanceUpdate", "E": 5, "a": "BTC", "d": "1.00000000", "T": 5}
HMAC, RSA, ED = by_hmac(), by_rsa(), by_ed25519()
OTHER = by_ed25519("otherKey" * 8)
ALL = [HMAC, RSA, ED]
PATHS = {"spot": "/spot/ws-api/v3", "usdm": "/usdm/ws-fapi/v1", "coinm": "/coinm/ws-dapi/v1"}
SIGNED = "userDataStream.subscribe.signature"


def with_members(sim: Simulator) -> Simulator:
    """Each of them has an account of its own."""
    for member in (*ALL, OTHER):
        sim.accounts.create(member.api_key, **member.arguments)
    return sim


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    with with_members(Simulator(symbols=LISTED)) as simulator:
        yield simulator


@pytest.fixture
def exchange(shared: Simulator) -> Iterator[Simulator]:
    """The shared simulator, without faults and with a true clock."""
    yield shared
    shared.clear_faults()
    shared.accounts.clock_skew = 0.0


# envelopes


@pytest.mark.parametrize("product", PATHS)
@pytest.mark.parametrize("request_id", [7, -3, "a b/ü", "", None])
def test_a_reply(exchange: Simulator, product: str, request_id: Any) -> None:
    """The id comes back as it was, with a status, the result, and the weight used so far."""
    with opened(exchange, PATHS[product]) as api:
        reply = api.ask("ping", request_id=request_id)
    (limit,) = reply.pop("rateLimits")
    assert reply == {"id": request_id, "status": 200, "result": {}}
    assert limit.pop("count") > 0
    most = 6000 if product == "spot" else 2400
    assert limit == {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": most}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", -1135),
        ("[]", -1135),
        ('{"id":1,"method":"ping","params":[]}', -1135),
        ('{"id":1,"method":"ping","params":{"a":NaN}}', -1135),
        ('{"id":1}', -1102),
        ('{"id":1,"method":5}', -1102),
        ('{"id":1.5,"method":"ping"}', -1100),
        ('{"id":true,"method":"ping"}', -1100),
        ('{"id":[1],"method":"ping"}', -1100),
    ],
)
def test_what_is_no_request(exchange: Simulator, message: str, code: int) -> None:
    """It is refused under no id, and the connection goes on."""
    with spot(exchange) as api:
        api.send(message)
        reply = api.receive()
        assert (reply["id"], reply["status"], reply["error"]["code"]) == (None, 400, code)
        assert api.ask("ping")["status"] == 200


def test_methods_may_name_a_version(exchange: Simulator) -> None:
    """``v3/ping`` is ``ping``; what does not exist is refused under its id."""
    with spot(exchange) as api:
        assert api.result("v3/ping") == {}
        assert abs(api.result("v3/time")["serverTime"] - milliseconds()) < 5000
        reply = api.ask("no.such.method", request_id="x")
        assert (reply["id"], reply["status"], reply["error"]["code"]) == ("x", 400, -1020)


@pytest.mark.parametrize("product", PATHS)
@pytest.mark.parametrize(("query", "shown"), [("", True), ("?returnRateLimits=false", False)])
def test_limits_are_shown_on_demand(exchange: Simulator, product: str, query: str, shown: bool) -> None:
    """The address says whether replies carry them, a request overrides that, and refusals obey too."""
    with opened(exchange, PATHS[product] + query) as api:
        assert ("rateLimits" in api.ask("ping")) is shown
        for wish in (True, False):
            assert ("rateLimits" in api.ask("ping", {"returnRateLimits": wish})) is wish
            assert ("rateLimits" in api.ask("nothing", {"returnRateLimits": wish})) is wish
        api.send("nonsense")
        assert ("rateLimits" in api.receive()) is shown


def test_paths_belong_to_their_products(exchange: Simulator) -> None:
    """Another product's path, and a time unit that does not exist, open nothing."""
    for path, status in (("/usdm/ws-api/v3", 404), ("/spot/ws-api/v4", 404), ("/spot/ws-api/v3?timeUnit=WEEK", 400)):
        with pytest.raises(websocket.WebSocketBadStatusException) as caught:
            websocket.create_connection(ws_url(exchange) + path, PATIENCE, http_no_proxy=["*"])
        assert caught.value.status_code == status
        if status == 400:
            assert json.loads(caught.value.resp_body or b"")["code"] == -1194


# authentication


@pytest.mark.parametrize("member", ALL, ids=["hmac", "rsa", "ed25519"])
def test_signatures_of_every_kind(exchange: Simulator, member: Member) -> None:
    """Each kind of key opens its user stream, and a changed parameter does not fit its signature."""
    with spot(exchange) as api:
        params = member.signed(recvWindow=6000)
        assert api.code(SIGNED, {**params, "recvWindow": 6001}) == (400, -1022)
        assert api.result(SIGNED, params) == {"subscriptionId": 0}
        exchange.accounts.publish(member.api_key, "spot", EVENT)
        assert api.event() == {"subscriptionId": 0, "event": EVENT}


def test_case_of_signatures(exchange: Simulator) -> None:
    """Hexadecimal digits may be of either case, base64 may not."""
    with spot(exchange) as api:
        params = HMAC.signed()
        assert api.code(SIGNED, {**params, "signature": params["signature"].swapcase() + "0"}) == (400, -1022)
        assert api.result(SIGNED, {**params, "signature": params["signature"].upper()}) == {"subscriptionId": 0}
        for member in (RSA, ED):
            params = member.signed()
            assert api.code(SIGNED, {**params, "signature": params["signature"].swapcase()}) == (400, -1022)
            assert api.code(SIGNED, {**params, "signature": "no base64!"}) == (400, -1022)


def test_the_text_of_parameters_is_signed(exchange: Simulator) -> None:
    """Numbers are signed as they are written, texts as they are, without percent-encoding."""
    with spot(exchange) as api:
        stamp = milliseconds()
        text = f"apiKey={HMAC.api_key}&note=测试 a+b&recvWindow=5000.000&timestamp={stamp}"
        request = (
            f'{{"id":1,"method":"{SIGNED}","params":{{"timestamp":{stamp},"recvWindow":5000.000,"note":"测试 a+b",'
            f'"apiKey":"{HMAC.api_key}","signature":"{HMAC.sign(text)}"}}}}'
        )
        api.send(request)
        assert api.receive()["result"] == {"subscriptionId": 0}


@pytest.mark.parametrize(
    ("offset", "more", "code"),
    [
        (-4.0, {}, None),
        (-6.0, {}, -1021),
        (-6.0, {"recvWindow": 8000}, None),
        (-6.0, {"recvWindow": "8000"}, None),
        (-1.0, {"recvWindow": 60}, -1021),
        (-1.0, {"recvWindow": "60.125"}, -1021),
        (3.0, {}, -1021),
        (0.5, {}, None),
        (0.0, {"recvWindow": 60000}, None),
        (0.0, {"recvWindow": 60001}, -1131),
        (0.0, {"recvWindow": "5000.5"}, None),
        (0.0, {"recvWindow": "5000.1234"}, -1100),
        (0.0, {"recvWindow": "soon"}, -1100),
        (0.0, {"timestamp": "now"}, -1100),
        (0.0, {"timestamp": None}, -1102),
        (0.0, {"apiKey": None}, -1102),
        (0.0, {"apiKey": "not a key"}, -2014),
        (0.0, {"apiKey": "unknown"}, -2015),
    ],
)
def test_the_time_of_a_request(exchange: Simulator, offset: float, more: dict[str, Any], code: int | None) -> None:
    """Requests are refused outside of their window, and everything that is not as it must be, each with its code."""
    with spot(exchange) as api:
        reply = api.ask(SIGNED, HMAC.signed(offset, **more))
        assert reply.get("error", {}).get("code") == code
        assert reply["status"] == (200 if code is None else 401 if code in (-2014, -2015) else 400)


def test_microseconds_are_a_timestamp_too(exchange: Simulator) -> None:
    """On spot a timestamp may count microseconds."""
    with spot(exchange) as api:
        assert api.result(SIGNED, HMAC.signed(timestamp=milliseconds() * 1000)) == {"subscriptionId": 0}
        assert api.code(SIGNED, RSA.signed(timestamp=milliseconds(-9) * 1000)) == (400, -1021)


def test_futures_take_whole_milliseconds(exchange: Simulator) -> None:
    """Their windows have no decimals."""
    with opened(exchange, PATHS["usdm"]) as api:
        assert api.code("session.logon", ED.signed(recvWindow="5000.5")) == (400, -1100)
        assert api.code("session.logon", ED.signed(-7.0)) == (400, -1021)
        assert api.result("session.logon", ED.signed(-7.0, recvWindow=9000))["apiKey"] == ED.api_key


def test_the_clock_of_the_exchange(exchange: Simulator) -> None:
    """It may be wrong: its time tells the offset by which requests pass again."""
    exchange.accounts.clock_skew = 30.0
    with spot(exchange) as api:
        assert api.code(SIGNED, HMAC.signed()) == (400, -1021)
        offset = (api.result("time")["serverTime"] - milliseconds()) / 1000
        assert offset == pytest.approx(30, abs=2)
        assert api.result(SIGNED, HMAC.signed(offset)) == {"subscriptionId": 0}


def test_unsigned_and_wrongly_signed(exchange: Simulator) -> None:
    """Without a signature -1102, with somebody else's -1022."""
    with spot(exchange) as api:
        params = HMAC.signed()
        assert api.code(SIGNED, {**params, "signature": "0" * 64}) == (400, -1022)
        assert api.code(SIGNED, {**params, "signature": by_hmac("x").sign("x")}) == (400, -1022)
        del params["signature"]
        assert api.code(SIGNED, params) == (400, -1102)


# sessions


def test_logon_and_logout(exchange: Simulator) -> None:
    """The session knows its key until it logs out; its stream ends then, and no other."""
    with spot(exchange) as api:
        before = api.result("session.status")
        assert (before["apiKey"], before["authorizedSince"], before["userDataStream"]) == (None, None, None)
        assert before["returnRateLimits"] is True
        status = api.result("session.logon", ED.signed())
        assert (status["apiKey"], status["userDataStream"]) == (ED.api_key, False)
        assert status["connectedSince"] <= status["authorizedSince"] <= status["serverTime"]
        assert api.result("userDataStream.subscribe") == {"subscriptionId": 0}
        assert api.result(SIGNED, HMAC.signed()) == {"subscriptionId": 1}
        assert api.result("session.status")["userDataStream"] is True
        assert api.result("session.subscriptions") == [{"subscriptionId": 0}, {"subscriptionId": 1}]
        assert api.result("session.logout")["apiKey"] is None
        ended = api.event()
        assert (ended["subscriptionId"], ended["event"]["e"]) == (0, "eventStreamTerminated")
        assert api.result("session.subscriptions") == [{"subscriptionId": 1}]
        assert api.code("userDataStream.subscribe") == (400, -1102)


@pytest.mark.parametrize("product", PATHS)
def test_only_ed25519_logs_on(exchange: Simulator, product: str) -> None:
    """HMAC and RSA keys are refused with -4056."""
    with opened(exchange, PATHS[product]) as api:
        for member in (HMAC, RSA):
            assert api.code("session.logon", member.signed()) == (400, -4056)
        status = api.result("session.logon", ED.signed())
        assert status["apiKey"] == ED.api_key
        assert ("userDataStream" in status) is (product == "spot")


def test_any_key_logs_on() -> None:
    """A logon needs no permission; what follows does."""
    with Simulator(symbols=LISTED) as sim, spot(sim) as api:
        sim.accounts.create(ED.api_key, **ED.arguments, permissions=("TRADE",))
        api.result("session.logon", ED.signed())
        assert api.code("userDataStream.subscribe") == (401, -2015)
        assert api.code("account.status", {"timestamp": milliseconds()}) == (401, -2015)


def test_a_session_signs_nothing_but_stamps(exchange: Simulator) -> None:
    """When logged on, requests need a timestamp and no signature; a key of their own overrides the session's."""
    with spot(exchange) as api:
        api.result("session.logon", ED.signed())
        assert api.code("account.status") == (400, -1102)
        assert api.code("account.status", {"timestamp": milliseconds(-9)}) == (400, -1021)
        assert api.code("account.status", {"timestamp": milliseconds(), "signature": "AAAA"}) == (400, -1022)
        mine = api.result("account.status", {"timestamp": milliseconds()})["uid"]
        assert api.result("account.status", ED.signed())["uid"] == mine
        assert api.result("account.status", HMAC.signed())["uid"] != mine
        assert api.result("session.logon", OTHER.signed())["apiKey"] == OTHER.api_key
        assert api.result("account.status", {"timestamp": milliseconds()})["uid"] != mine


def test_a_key_revoked_in_a_session() -> None:
    """Its stream ends; the next request is answered under no id with 401, and the connection is dropped."""
    with with_members(Simulator(symbols=LISTED)) as sim, spot(sim) as api, spot(sim) as idle:
        api.result("session.logon", ED.signed())
        api.result("userDataStream.subscribe")
        idle.result(SIGNED, ED.signed())
        sim.accounts.revoke(ED.api_key)
        assert [one.event()["event"]["e"] for one in (api, idle)] == ["eventStreamTerminated"] * 2
        api.send({"id": 5, "method": "ping"})
        reply = api.receive()
        assert (reply["id"], reply["status"], reply["error"]["code"]) == (None, 401, -2015)
        assert api.ended()
        assert idle.code(SIGNED, ED.signed()) == (401, -2015)


# user streams


def test_one_stream_for_each_account(exchange: Simulator) -> None:
    """A second one is refused with -2035; numbers are not used again."""
    with spot(exchange) as api:
        assert api.result(SIGNED, HMAC.signed()) == {"subscriptionId": 0}
        assert api.code(SIGNED, HMAC.signed()) == (400, -2035)
        assert api.result("userDataStream.unsubscribe", {"subscriptionId": 0}) == {}
        assert api.event()["event"]["e"] == "eventStreamTerminated"
        assert api.code("userDataStream.unsubscribe", {"subscriptionId": 0}) == (400, -2036)
        assert api.result(SIGNED, HMAC.signed()) == {"subscriptionId": 1}
        assert api.result(SIGNED, RSA.signed()) == {"subscriptionId": 2}
        exchange.accounts.publish(RSA.api_key, "spot", EVENT)
        exchange.accounts.publish(HMAC.api_key, "spot", EVENT)
        assert [api.event()["subscriptionId"] for _ in range(2)] == [2, 1]
        assert api.result("userDataStream.unsubscribe") == {}
        assert [api.event()["subscriptionId"] for _ in range(2)] == [1, 2]
        assert api.result("userDataStream.unsubscribe") == {}
        assert api.result("session.subscriptions") == []


def test_the_same_account_on_two_connections(exchange: Simulator) -> None:
    """Both receive its events."""
    with spot(exchange) as one, spot(exchange, "?timeUnit=MICROSECOND") as two:
        for api in (one, two):
            api.result(SIGNED, HMAC.signed())
        exchange.accounts.publish(HMAC.api_key, "spot", EVENT)
        assert one.event()["event"] == EVENT
        assert two.event()["event"] == {**EVENT, "E": 5000, "T": 5000}
        assert two.result("time")["serverTime"] > 10**15


def test_a_deposit_is_told(exchange: Simulator) -> None:
    """Money from outside changes the balance, and the stream tells it."""
    with spot(exchange) as api:
        api.result(SIGNED, OTHER.signed())
        exchange.accounts.deposit(OTHER.api_key, "BTC", "1.5")
        assert [api.event()["event"]["e"] for _ in range(2)] == ["balanceUpdate", "outboundAccountPosition"]
        assert exchange.accounts.balances(OTHER.api_key)["BTC"][0] == "1.50000000"


def test_limits_of_subscriptions() -> None:
    """A thousand streams at a time, and 65,535 in the life of a connection."""
    from binance_sockets.simulator.accounts import Accounts
    from binance_sockets.simulator.binance.subscriptions import Subscriptions
    from binance_sockets.simulator.binance.trading import Refused
    from binance_sockets.simulator.server_clock import ServerClock

    accounts, events = Accounts(), []
    keys = []
    for number in range(1001):
        accounts.create(f"k{number}", secret="s")
        keys.append(accounts.key(f"k{number}"))
    rows = Subscriptions(
        ServerClock(), lambda number, event: events.append(number), lambda rows: None, lambda seconds, call: None
    )
    for number, key in enumerate(keys[:1000]):
        assert key is not None
        assert rows.add(key, "spot") == number
    last = keys[1000]
    assert last is not None
    with pytest.raises(Refused) as caught:
        rows.add(last, "spot")
    assert caught.value.code == -1191
    rows.end_all()
    assert events == list(range(1000))
    for number in range(1000, 65_535):
        assert rows.add(last, "spot") == number
        rows.end(number)
    with pytest.raises(Refused) as caught:
        rows.add(last, "spot")
    assert caught.value.code == -2042


# listen tokens


def token_of(sim: Simulator, member: Member, **params: Any) -> dict[str, Any]:
    answer = rest(sim, "POST", "/spot/sapi/v1/userListenToken", member.api_key, params=params)
    assert answer.status_code == 200, answer.text
    token: dict[str, Any] = answer.json()
    return token


TOKEN = "userDataStream.subscribe.listenToken"


def test_a_margin_account_by_token(exchange: Simulator) -> None:
    """A token opens the stream of one wallet, on a connection without a key."""
    cross = token_of(exchange, HMAC)
    lone = token_of(exchange, HMAC, isIsolated="true", symbol="BTCUSDT")
    assert cross["expirationTime"] == pytest.approx(milliseconds(86_400), abs=30_000)
    with spot(exchange) as api:
        assert api.result(TOKEN, {"listenToken": cross["token"]}) == {
            "subscriptionId": 0,
            "expirationTime": cross["expirationTime"],
        }
        assert api.result(TOKEN, {"listenToken": lone["token"]})["subscriptionId"] == 1
        assert api.result(SIGNED, HMAC.signed())["subscriptionId"] == 2
        for number, wallet in enumerate(("margin", "isolated/BTCUSDT", "spot")):
            exchange.accounts.publish(HMAC.api_key, wallet, {"e": wallet})
            assert api.event() == {"subscriptionId": number, "event": {"e": wallet}}


def test_a_token_is_renewed_on_its_stream(exchange: Simulator) -> None:
    """A further token keeps the same number, and the stream outlives the first token; then it ends with its event."""
    first, second = token_of(exchange, HMAC, validity=300), token_of(exchange, HMAC, validity=700)
    with spot(exchange) as api:
        assert api.result(TOKEN, {"listenToken": first["token"]})["subscriptionId"] == 0
        again = api.result(TOKEN, {"listenToken": second["token"]})
        assert again == {"subscriptionId": 0, "expirationTime": second["expirationTime"]}
        until(lambda: milliseconds() > first["expirationTime"])
        exchange.accounts.publish(HMAC.api_key, "margin", EVENT)
        assert api.event()["event"] == EVENT
        ended = api.event()
        assert (ended["subscriptionId"], ended["event"]["e"]) == (0, "eventStreamTerminated")
        assert ended["event"]["E"] >= second["expirationTime"]
        assert api.code(TOKEN, {"listenToken": second["token"]}) == (400, -1209)


def test_a_stream_ends_with_its_token_though_the_clock_was_set_back(exchange: Simulator) -> None:
    """The exchange's clock decides, and not how long it seemed when the stream was opened."""
    token = token_of(exchange, HMAC, validity=200)
    with spot(exchange) as api:
        api.result(TOKEN, {"listenToken": token["token"]})
        exchange.accounts.clock_skew = -0.3
        ended = api.event()["event"]
        assert ended["e"] == "eventStreamTerminated"
        assert ended["E"] >= token["expirationTime"]


def test_tokens_that_are_refused(exchange: Simulator) -> None:
    """Each wrong parameter has its code; a signed request is checked."""
    path = "/spot/sapi/v1/userListenToken"
    for params, code in (
        ({"isIsolated": "true"}, -1102),
        ({"isIsolated": "true", "symbol": "NOTHING"}, -1121),
        ({"validity": "86400001"}, -1130),
        ({"validity": "0"}, -1130),
        ({"validity": "long"}, -1100),
    ):
        answer = rest(exchange, "POST", path, HMAC.api_key, params=params)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert HMAC.call(exchange, "POST", path, validity=5000).status_code == 200
    forged = f"timestamp={milliseconds()}&signature=00"
    assert rest(exchange, "POST", f"{path}?{forged}", HMAC.api_key).json()["code"] == -1022
    with spot(exchange) as api:
        assert api.code(TOKEN, {"listenToken": "nonsense"}) == (400, -1209)
        assert api.code(TOKEN) == (400, -1102)


# faults


def test_faults_of_credentials(exchange: Simulator) -> None:
    """Streams are ended, tokens expire, logons and subscriptions are refused, on demand."""
    with spot(exchange) as api:
        exchange.inject(Fault.CREDENTIAL_REFUSED, on="logon", count=1)
        assert api.code("session.logon", ED.signed()) == (401, -2015)
        api.result("session.logon", ED.signed())
        exchange.inject(Fault.CREDENTIAL_REFUSED, on="subscribe", status=503, code=-1001, msg="busy", count=1)
        assert api.code("userDataStream.subscribe") == (503, -1001)
        api.result("userDataStream.subscribe")
        token = token_of(exchange, HMAC)["token"]
        api.result(TOKEN, {"listenToken": token})
        assert exchange.inject(Fault.TOKEN_EXPIRED).struck >= 1
        assert api.event()["subscriptionId"] == 1
        assert api.code(TOKEN, {"listenToken": token}) == (400, -1209)
        assert exchange.inject(Fault.STREAM_TERMINATED).struck == 1
        assert api.event()["subscriptionId"] == 0
        exchange.inject(Fault.CREDENTIAL_REFUSED, on="token", count=1)
        assert rest(exchange, "POST", "/spot/sapi/v1/userListenToken", HMAC.api_key).status_code == 401
        assert exchange.accounts.end_streams() == 0


def test_replies_that_go_wrong(exchange: Simulator) -> None:
    """They do not come, come late, or tell an error, whether the request was carried out or not."""
    with spot(exchange) as api:
        other = exchange.inject(Fault.REPLY_NEVER, method="time")
        exchange.inject(Fault.REPLY_NEVER, method=SIGNED, count=1)
        api.send({"id": 1, "method": SIGNED, "params": HMAC.signed()})
        assert api.result("session.subscriptions") == [{"subscriptionId": 0}]
        exchange.inject(Fault.REPLY_NEVER, method=SIGNED, performed=False, count=1)
        api.send({"id": 2, "method": SIGNED, "params": RSA.signed()})
        assert api.result("session.subscriptions") == [{"subscriptionId": 0}]
        exchange.inject(Fault.REPLY_ERROR, method=SIGNED, performed=True, count=1)
        assert api.code(SIGNED, RSA.signed()) == (500, -1000)
        assert api.result("session.subscriptions") == [{"subscriptionId": 0}, {"subscriptionId": 1}]
        assert other.struck == 0
        other.remove()
        exchange.inject(Fault.REPLY_LATE, method="time", delay=0.1, count=1)
        api.send({"id": 3, "method": "time"})
        api.send({"id": 4, "method": "ping"})
        assert [api.receive()["id"] for _ in range(2)] == [4, 3]
        exchange.inject(Fault.REPLY_ERROR, status=418, code=-1003, msg="banned", retry_after=120, count=1)
        reply = api.ask("ping")
        data = reply["error"]["data"]
        assert (reply["status"], data["retryAfter"] - data["serverTime"]) == (418, 120_000)
        assert api.ended()


@pytest.mark.parametrize("product", PATHS)
def test_the_shutdown_is_announced_on_spot(exchange: Simulator, product: str) -> None:
    """Spot tells it in an event without a number; futures say nothing."""
    with opened(exchange, PATHS[product]) as api:
        api.result("ping")
        exchange.inject(Fault.SERVER_SHUTDOWN, product=product)
        if product == "spot":
            notice = api.event()
            assert (list(notice), notice["event"]["e"]) == (["event"], "serverShutdown")
        assert api.ask("ping")["status"] == 200


def test_faults_of_links_and_messages(exchange: Simulator) -> None:
    """Connections to the API are struck like all others, and their events are spoilt by the number of their stream."""
    with spot(exchange) as api:
        api.result(SIGNED, HMAC.signed())
        exchange.inject(Fault.HOLE, product="spot", route="ws-api", stream="0", count=1)
        for number in range(2):
            exchange.accounts.publish(HMAC.api_key, "spot", {**EVENT, "E": number})
        assert api.event()["event"]["E"] == 1
        exchange.inject(Fault.MISSING_FIELD, route="ws-api", field="a", count=1)
        exchange.accounts.publish(HMAC.api_key, "spot", EVENT)
        assert "a" not in api.event()["event"]
        exchange.inject(Fault.CLOSE, route="ws-api", code=1001)
        assert api.ended()


# limits


def test_too_many_requests() -> None:
    """Beyond the weight of a minute 429 with the time of the next one, then a ban with 418 that ends connections."""
    with with_members(Simulator(symbols=LISTED, limits=LimitOverrides(weight=20))) as sim, spot(sim) as api:
        refused = next(reply for reply in iter(lambda: api.ask("ping"), None) if reply["status"] != 200)
        assert (refused["status"], refused["error"]["code"]) == (429, -1003)
        data = refused["error"]["data"]
        assert 0 < data["retryAfter"] - data["serverTime"] <= 60_000
        banned = next(reply for reply in iter(lambda: api.ask("ping"), None) if reply["status"] != 429)
        assert (banned["status"], banned["error"]["code"]) == (418, -1003)
        assert banned["error"]["data"]["retryAfter"] - data["serverTime"] > 60_000
        assert api.ended()
        answer = rest(sim, "POST", "/spot/sapi/v1/userListenToken", HMAC.api_key)
        assert answer.status_code == 418
        assert int(answer.headers["Retry-After"]) > 60
        with pytest.raises(websocket.WebSocketBadStatusException, match="418"):
            websocket.create_connection(ws_url(sim) + PATHS["spot"], PATIENCE, http_no_proxy=["*"])


@pytest.mark.parametrize(("product", "interval"), [("spot", 0.05), ("usdm", 0.05)])
def test_pings_of_the_server(product: str, interval: float) -> None:
    """The server pings, and leaves who does not answer."""
    limits = LimitOverrides(ping_interval=interval, pong_timeout=0.1)
    with Simulator(symbols=LISTED, limits=limits) as sim, opened(sim, PATHS[product]) as api:
        opcode, payload = api.connection.recv_data(control_frame=True)
        assert opcode == websocket.ABNF.OPCODE_PING
        assert payload.isdigit()
    with Simulator(symbols=LISTED, limits=LimitOverrides(max_age=0.05)) as sim, opened(sim, PATHS[product]) as api:
        assert api.ended()


# REST


def test_signed_rest(exchange: Simulator) -> None:
    """Signatures are made over the percent-encoded query and form; a changed or bare text does not fit."""
    answer = HMAC.call(exchange, "GET", "/spot/api/v3/account", omitZeroBalances="true")
    assert answer.status_code == 200, answer.text
    assert answer.json()["accountType"] == "SPOT"
    assert int(answer.headers["X-MBX-USED-WEIGHT-1M"]) >= 20
    for member in (RSA, ED):
        assert member.call(exchange, "GET", "/spot/api/v3/account").status_code == 200
    stamp = milliseconds()
    for query, code in (
        (f"timestamp={stamp}", -1102),
        ("signature=00", -1102),
        (f"timestamp={stamp}&signature=00", -1022),
        (f"timestamp={stamp}&timestamp={stamp}&signature=00", -1101),
        (f"timestamp={stamp - 9000}&signature=00", -1021),
    ):
        answer = rest(exchange, "GET", f"/spot/api/v3/account?{query}", HMAC.api_key)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert rest(exchange, "GET", f"/spot/api/v3/account?timestamp={stamp}").json()["code"] == -2014


def test_what_rest_signs_is_encoded(exchange: Simulator) -> None:
    """Over the bare text of a symbol beyond ASCII -1022, over the encoded one the call is read."""
    stamp, path = milliseconds(), "/spot/sapi/v1/userListenToken"
    bare, encoded = (
        f"isIsolated=true&symbol={name}&timestamp={stamp}" for name in ("测试USDT", "%E6%B5%8B%E8%AF%95USDT")
    )
    assert rest(exchange, "POST", f"{path}?{encoded}&signature={HMAC.sign(bare)}", HMAC.api_key).json()["code"] == -1022
    assert rest(exchange, "POST", f"{path}?{encoded}&signature={HMAC.sign(encoded)}", HMAC.api_key).status_code == 200


def test_a_form_is_signed_behind_the_query(exchange: Simulator) -> None:
    """Query and form are one text, without anything between."""
    path, stamp = "/spot/sapi/v1/userListenToken", milliseconds()
    form = f"validity=5000&timestamp={stamp}"
    signature = HMAC.sign("isIsolated=false" + form)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for body, status in ((f"{form}&signature={signature}", 200), (f"{form}&signature={HMAC.sign(form)}", 400)):
        answer = rest(exchange, "POST", f"{path}?isIsolated=false", HMAC.api_key, data=body, headers=headers)
        assert answer.status_code == status


# accounts


def test_the_demo_account() -> None:
    """It exists in every simulator, and opens by a secret and by a private key that everybody knows."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    by_key: Any = load_pem_private_key(DEMO_PRIVATE_KEY.encode(), None)
    with Simulator(symbols=LISTED) as sim, spot(sim) as api:
        assert api.result(SIGNED, Member(DEMO_API_KEY, DEMO_API_SECRET).signed()) == {"subscriptionId": 0}
        assert api.result("session.logon", Member(DEMO_LOGON_API_KEY, by_key).signed())["apiKey"] == DEMO_LOGON_API_KEY
        assert sim.accounts.balances(DEMO_API_KEY)["USDT"][0] == "100000.00000000"


def test_accounts_that_make_no_sense(exchange: Simulator) -> None:
    """Mistakes raise in the caller's thread, also while the simulator runs; no key stands in the message."""
    with pytest.raises(ValueError, match="already") as caught:
        exchange.accounts.create(HMAC.api_key, secret="s")
    assert HMAC.api_key not in str(caught.value)
    with pytest.raises(KeyError):
        exchange.accounts.publish("nobody", "spot", EVENT)
    with pytest.raises(ValueError, match="type"):
        exchange.accounts.publish(HMAC.api_key, "spot", {})
    with pytest.raises(ValueError, match="unknown permissions"):
        exchange.accounts.create("x", secret="s", permissions=("FLY",))
    with pytest.raises(ValueError, match="PEM"):
        exchange.accounts.create("x", public_key="none")


def test_the_control_endpoint(exchange: Simulator) -> None:
    """Accounts, events, expiries and the clock are managed over HTTP; secrets are never told."""
    with requests.Session() as http:
        http.trust_env = False

        def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            answer = http.request(method, f"{exchange.url}/control{path}", json=body, timeout=PATIENCE)
            assert "topsecret" not in answer.text
            return answer.status_code, answer.json()

        made = {"api_key": "remote", "secret": "topsecret", "balances": {"spot": {"USDT": "5"}}}
        assert call("POST", "/accounts", made) == (201, {})
        assert call("POST", "/accounts", made)[0] == 400
        assert call("POST", "/accounts", {"api_key": 5})[0] == 400
        assert call("GET", "/accounts/remote?wallet=spot")[1]["balances"] == {"USDT": ["5.00000000", "0.00000000"]}
        with spot(exchange) as api:
            api.result(SIGNED, Member("remote", "topsecret").signed())
            assert call("POST", "/accounts/remote/events", {"wallet": "spot", "event": EVENT})[0] == 200
            assert api.event()["event"] == EVENT
            assert call("POST", "/accounts/remote/deposits", {"asset": "USDT", "amount": "2"})[0] == 200
            assert api.event()["event"]["d"] == "2.00000000"
            assert call("DELETE", "/accounts/remote/streams")[1] == {"ended": 1}
        rest(exchange, "POST", "/usdm/fapi/v1/listenKey", "remote")
        assert call("DELETE", "/accounts/remote/listen-keys?product=usdm")[1] == {"ended": 1}
        token_of(exchange, Member("remote", "topsecret"))
        assert call("DELETE", "/accounts/remote/tokens")[1] == {"ended": 1}
        assert call("POST", "/clock", {"skew": 12.5}) == (200, {"skew": 12.5})
        assert exchange.accounts.clock_skew == 12.5
        assert call("GET", "/clock") == (200, {"skew": 12.5})
        assert call("DELETE", "/accounts/remote") == (200, {})
        assert call("GET", "/accounts/remote")[0] == 404
        assert call("POST", "/clock", {"skew": "late"})[0] == 400
