"""User data: each product's credential, URL and events; renewals, ends and refusals; nothing secret in any text."""

from __future__ import annotations

import itertools
import json
import logging
import random
from collections.abc import Callable
from typing import Any

import pytest
from exchanges.binance.user_bench import (
    API_KEY,
    LISTEN_KEY,
    SECRET,
    START,
    Bench,
    api,
    event,
    says,
)

from binance_sockets import ConfigError, CredentialError, SocketManager
from binance_sockets.errors import AuthenticationError, ConnectError, ExchangeError, RateLimited
from binance_sockets.exchange import View
from binance_sockets.exchanges.binance.keys import ApiKey
from binance_sockets.exchanges.binance.user_products import EVENTS, USER_PRODUCTS
from binance_sockets.testing import Drop, Refuse, Script

ED25519 = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""
UNKNOWN_KEY = ExchangeError(-1125, "This listenKey does not exist.")
ORDER = {"e": "ORDER_TRADE_UPDATE", "E": 1, "o": {"s": "BTCUSDT"}}


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Bench]:
    def make(*outcomes: Any, **fields: Any) -> Bench:
        return Bench(*outcomes, monkeypatch=monkeypatch, **fields)

    return make


def keyed(found: Bench, path: str, key: str = LISTEN_KEY) -> Bench:
    """Have the exchange give out a listen key."""
    found.rest.answers = {f"POST {path}": {"listenKey": key}, f"PUT {path}": {}, f"DELETE {path}": {}}
    return found


EVENT_LIST = "/".join(EVENTS)

# method, further arguments, path of the REST call, URL of the WebSocket, conn key
KEYED: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        "start_futures_user_socket", {}, "/fapi/v1/listenKey",
        f"/usdm/private/ws?listenKey={LISTEN_KEY}&events={EVENT_LIST}", "usdm:user",
    ),
    (
        "start_futures_user_socket", {"events": ["ACCOUNT_UPDATE"]}, "/fapi/v1/listenKey",
        f"/usdm/private/ws?listenKey={LISTEN_KEY}&events=ACCOUNT_UPDATE", "usdm:user",
    ),
    (
        "start_futures_user_socket", {"form": "plain"}, "/fapi/v1/listenKey",
        f"/usdm/private/ws?listenKey={LISTEN_KEY}", "usdm:user",
    ),
    (
        "start_futures_user_socket", {"form": "path"}, "/fapi/v1/listenKey",
        f"/usdm/private/ws/{LISTEN_KEY}", "usdm:user",
    ),
    ("start_coin_futures_user_socket", {}, "/dapi/v1/listenKey", f"/coinm/ws/{LISTEN_KEY}", "coinm:user"),
    ("start_options_user_socket", {}, "/eapi/v1/listenKey", f"/options/private/ws/{LISTEN_KEY}", "options:user"),
    ("start_portfolio_margin_socket", {}, "/papi/v1/listenKey", f"/portfolio/pm/ws/{LISTEN_KEY}", "portfolio:user"),
    (
        "start_portfolio_margin_pro_socket", {}, "/fapi/v1/listenKey", f"/portfolio/pm-classic/ws/{LISTEN_KEY}",
        "portfolio_pro:user",
    ),
    ("start_margin_risk_socket", {}, "/sapi/v1/margin/listen-key", f"/margin/ws/{LISTEN_KEY}", "margin_risk:user"),
]  # fmt: skip


# -- listen keys --


@pytest.mark.parametrize(("method", "given", "path", "url", "key"), KEYED, ids=lambda value: str(value)[:40])
def test_a_listen_key(
    bench: Callable[..., Bench], method: str, given: dict[str, Any], path: str, url: str, key: str
) -> None:
    """POST, the URL, a PUT that proves the key, and events without wrapper; nothing is deleted."""
    found = keyed(bench(Script([says(ORDER, after=1), says({"stream": LISTEN_KEY, "data": ORDER}, after=1)])), path)
    assert found.run(getattr(found.manager, method), stop_at=3, **given) == key
    assert found.urls == [url]
    assert found.seen == [ORDER, ORDER]
    names_key = USER_PRODUCTS[key.partition(":")[0]].names_key
    assert [call[1:] for call in found.rest.calls] == [
        ("POST", path, {}, "key"),
        ("PUT", path, {"listenKey": LISTEN_KEY} if names_key else {}, "key"),
    ]
    assert found.steps == [(0.0, "obtained"), (0.0, "renewed")]


def test_a_key_may_be_subscribed(bench: Callable[..., Bench]) -> None:
    """The form of the official SDK: SUBSCRIBE with the key, whose answer is waited for."""
    script = Script(
        [says({"stream": LISTEN_KEY, "data": ORDER}, after=1)],
        lambda opcode, payload: [says({"result": None, "id": json.loads(payload)["id"]})] if opcode == 1 else [],
    )
    found = keyed(bench(script), "/fapi/v1/listenKey")
    found.run(found.manager.start_futures_user_socket, form="subscribe", stop_at=2)
    assert found.urls == ["/usdm/private/stream"]
    assert found.sent() == [{"method": "SUBSCRIBE", "params": [LISTEN_KEY], "id": 1}]
    assert found.seen == [ORDER]


def test_binance_us_keeps_listen_keys(bench: Callable[..., Bench]) -> None:
    """The spot method, with the key as a parameter of PUT; other accounts are not there."""
    found = keyed(bench(Script(), tld="us"), "/api/v3/userDataStream")
    assert found.run(found.manager.start_user_socket, stop_at=1) == "user"
    assert (found.urls, found.rest.calls[1][3]) == ([f"/us/ws/{LISTEN_KEY}"], {"listenKey": LISTEN_KEY})
    with pytest.raises(ConfigError, match="no USD-M user data"):
        found.manager.start_futures_user_socket(print)


def test_deleted_when_told_to(bench: Callable[..., Bench]) -> None:
    """By an option only, at the end of the connection."""
    found = keyed(bench(Script()), "/fapi/v1/listenKey")
    found.run(found.manager.start_futures_user_socket, delete_listen_key=True, stop_at=5)
    assert found.rest.made("DELETE") == [5.0]


def test_renewed_well_before_half_of_its_life(bench: Callable[..., Bench]) -> None:
    """By PUT; also where python-binance 0.7's user_timeout is longer, and not each second where it is tiny."""
    found = keyed(bench(Script()), "/fapi/v1/listenKey")
    found.run(found.manager.start_futures_user_socket, stop_at=7200)
    waits = [later - earlier for earlier, later in itertools.pairwise(found.rest.made("PUT"))]
    assert len(waits) >= 5 and all(0.8 * 1440 <= wait <= 1440 for wait in waits)
    assert len(found.rest.made("POST")) == 1

    found = keyed(bench(Script(), user_timeout=1), "/fapi/v1/listenKey")
    found.run(found.manager.start_futures_user_socket, stop_at=600)
    assert len(found.rest.made("PUT")) <= 14


def test_an_unknown_key_is_made_anew(bench: Callable[..., Bench]) -> None:
    """-1125 on a PUT: a POST, and a new link with the new key; the gap begins where the old one was surely good."""
    other = "Other" * 12 + "0002"
    found = keyed(bench(Script(), Script()), "/fapi/v1/listenKey")
    found.rest.answers["POST /fapi/v1/listenKey"] = [{"listenKey": LISTEN_KEY}, {"listenKey": other}]
    found.rest.answers["PUT /fapi/v1/listenKey"] = [{}, UNKNOWN_KEY, {}]
    found.run(found.manager.start_futures_user_socket, form="plain", stop_at=2000)
    assert found.urls == [f"/usdm/private/ws?listenKey={key}" for key in (LISTEN_KEY, other)]
    assert [step for _, step in found.steps] == ["obtained", "renewed", "changed", "obtained", "renewed"]
    assert [(gap.last_received - START, gap.reason.value) for gap in found.gaps] == [(0.0, "credential")]


def test_expired_by_notice(bench: Callable[..., Bench]) -> None:
    """``listenKeyExpired``, bare or wrapped: a new key and link at once. The callback does not get the key."""
    expired = {"e": "listenKeyExpired", "E": 1, "listenKey": LISTEN_KEY}
    for message in (expired, {"stream": LISTEN_KEY, "data": expired}, {"e": "listenKeyExpired", "E": 1}):
        found = keyed(bench(Script([says(message, after=100)]), Script()), "/papi/v1/listenKey")
        found.run(found.manager.start_portfolio_margin_socket, stop_at=102)
        assert [step for _, step in found.steps] == ["obtained", "renewed", "ended", "obtained", "renewed"]
        assert len(found.urls) == 2 and found.seen == []
        assert len(found.gaps) == 1


def test_renewals_are_retried_within_the_life(bench: Callable[..., Bench]) -> None:
    """Twenty minutes without REST: the link stays, the key is extended before its hour is over."""
    found = keyed(bench(Script()), "/fapi/v1/listenKey")

    def put() -> Any:
        return ConnectError("127.0.0.1:9", "refused") if 1000 < found.now < 3000 else {}

    found.rest.answers["PUT /fapi/v1/listenKey"] = put
    found.run(found.manager.start_futures_user_socket, stop_at=4000)
    steps = [step for _, step in found.steps]
    assert steps.count("ended") == 0 and steps.count("failed") > 10 and steps[-1] == "renewed"
    assert len(found.urls) == 1 and found.gaps == []
    assert len(found.rest.made("PUT")) < 60


@pytest.mark.parametrize(
    ("refusal", "says_"),
    [
        (AuthenticationError(-2015, "Invalid API-key, IP, or permissions for action."), "Invalid API-key"),
        (CredentialError("the exchange has removed /x (HTTP 410)", "the WebSocket API", 410), "use the WebSocket API"),
    ],
)
def test_what_cannot_get_better_gives_up(bench: Callable[..., Bench], refusal: Exception, says_: str) -> None:
    """A wrong key, or a call that is gone: no second attempt, the legacy payload, and the reason."""
    found = bench(Script())
    found.rest.answers["POST /fapi/v1/listenKey"] = refusal
    found.run(found.manager.start_futures_user_socket, stop_at=50)
    assert len(found.rest.calls) == 1 and found.urls == []
    assert found.seen == [{"e": "error", "m": "Max reconnect retries reached"}]
    assert says_ in str(found.reports[0].error) and found.reports[0].final


def test_a_ban_is_waited_for(bench: Callable[..., Bench]) -> None:
    """Retry-After of the REST call is the wait of the link."""
    found = keyed(bench(Script()), "/fapi/v1/listenKey")
    found.rest.answers["POST /fapi/v1/listenKey"] = [RateLimited(418, 120.0), {"listenKey": LISTEN_KEY}]
    found.run(found.manager.start_futures_user_socket, stop_at=130)
    assert found.rest.made("POST") == [0.0, 120.0]


@pytest.mark.parametrize("status", [418, 429])
def test_a_ban_is_waited_for_by_renewals_too(bench: Callable[..., Bench], status: int) -> None:
    """However short the back-off is; the link goes on meanwhile, and the failure is told with its reason."""
    found = keyed(bench(Script()), "/fapi/v1/listenKey")
    found.rest.answers["PUT /fapi/v1/listenKey"] = [RateLimited(status, 300.0), {}]
    found.run(found.manager.start_futures_user_socket, stop_at=400)
    assert found.rest.made("PUT") == [0.0, 300.0]
    assert found.steps == [(0.0, "obtained"), (0.0, "failed"), (300.0, "renewed")]
    assert len(found.urls) == 1


def test_an_answer_without_a_key_is_a_failure(bench: Callable[..., Bench]) -> None:
    """Bad input from the exchange backs off like any other."""
    found = keyed(bench(Script()), "/fapi/v1/listenKey")
    found.rest.answers["POST /fapi/v1/listenKey"] = [{}, [], {"listenKey": ""}, {"listenKey": LISTEN_KEY}]
    found.run(found.manager.start_futures_user_socket, stop_at=20)
    assert [step for _, step in found.steps] == ["failed"] * 3 + ["obtained", "renewed"]


# -- signature subscription and session logon --


def test_a_signed_subscription(bench: Callable[..., Bench]) -> None:
    """Signed anew on every connection; events come bare; the answer to the request proves it."""
    report = event("executionReport", after=1, s="BTCUSDT")
    found = bench(api(report, Drop(after=20)), api(report))
    assert found.run(found.manager.start_user_socket, stop_at=25) == "user"
    assert found.urls == ["/spot/ws-api/v3"] * 2
    for number, at in ((0, START), (1, found.transport.attempts[1][0])):
        (request,) = found.sent(number)
        assert request["method"] == "userDataStream.subscribe.signature"
        stamp = request["params"]["timestamp"]
        assert stamp == int(at * 1000)
        signed = ApiKey(API_KEY, SECRET).sign(f"apiKey={API_KEY}&timestamp={stamp}")
        assert request["params"] == {"apiKey": API_KEY, "timestamp": stamp, "signature": signed}
    assert found.seen == [{"e": "executionReport", "E": 1, "s": "BTCUSDT"}] * 2
    assert found.rest.calls == [] and len(found.gaps) == 1


def test_a_session_logon(bench: Callable[..., Bench]) -> None:
    """Logon, then the subscription, in this order and after each reconnect."""
    pytest.importorskip("cryptography")
    fields = {"api_secret": None, "private_key": ED25519}
    found = bench(api(Drop(after=20)), api(event("balanceUpdate", after=1)), **fields)
    found.run(found.manager.start_user_socket, logon=True, stop_at=23)
    for link in (0, 1):
        assert [request["method"] for request in found.sent(link)] == ["session.logon", "userDataStream.subscribe"]
        assert "params" not in found.sent(link)[1]
    assert len(found.seen) == 1
    with pytest.raises(ConfigError, match="Only an Ed25519 key can log on"):
        bench().manager.start_user_socket(print, logon=True)


def test_a_wrong_clock_is_measured(bench: Callable[..., Bench]) -> None:
    """-1021: the exchange's time is measured before the next attempt, which uses it."""
    method = "userDataStream.subscribe.signature"
    found = bench(api(refuses={method: (-1021, "Timestamp for this request is outside of the recvWindow.")}), api())
    found.run(found.manager.start_user_socket, stop_at=5)
    assert found.rest.measured == [0.5]
    assert [step for _, step in found.steps] == ["obtained", "failed", "obtained"]


@pytest.mark.parametrize("code", [-2015, -2014, -1022])
def test_a_refused_signature_gives_up(bench: Callable[..., Bench], code: int) -> None:
    """Key, permissions or signature are wrong: another attempt cannot help."""
    found = bench(api(refuses={"userDataStream.subscribe.signature": (code, "no")}))
    found.run(found.manager.start_user_socket, stop_at=5)
    assert found.seen == [{"e": "error", "m": "Max reconnect retries reached"}]
    assert str(found.reports[-1].error) == f"the exchange refused it: no (code {code})"


def test_what_ends_a_subscription(bench: Callable[..., Bench]) -> None:
    """``eventStreamTerminated``, a key revoked in mid-session, a shutdown: a new link each time."""
    ends = [
        event("eventStreamTerminated", after=20),
        says({"id": None, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key"}}, after=20),
        says({"event": {"e": "serverShutdown", "E": 1}}, after=20),
    ]
    found = bench(*(api(end) for end in ends), api())
    found.run(found.manager.start_user_socket, stop_at=70)
    assert [gap.reason.value for gap in found.gaps] == ["credential", "credential"], "a planned change loses nothing"
    assert "backoff" not in [change.state.value for change in found.states] and len(found.urls) == 4
    assert [step for _, step in found.steps] == ["obtained", "ended", "obtained", "ended", "obtained", "obtained"]
    assert found.seen == []


def test_times_in_microseconds(bench: Callable[..., Bench]) -> None:
    """Asked for in the URL."""
    found = bench(api())
    found.run(found.manager.start_user_socket, time_unit="us", stop_at=1)
    assert found.urls == ["/spot/ws-api/v3?timeUnit=MICROSECOND"]


# -- listen tokens --


def tokens(found: Bench, life: float = 3600.0) -> Bench:
    """Have the exchange give out listen tokens that live so many seconds."""
    count = iter(range(1, 1000))

    def token() -> dict[str, Any]:
        return {"token": f"tok0.en-{next(count)}", "expirationTime": int((found.clock.now + life) * 1000)}

    found.rest.answers["POST /sapi/v1/userListenToken"] = token
    return found


def test_a_listen_token_is_renewed_on_the_same_subscription(bench: Callable[..., Bench]) -> None:
    """Signed for, subscribed, and subscribed again with a new one well before it expires; no gap."""
    found = tokens(bench(api(*(event("executionReport", after=500) for _ in range(20)))))
    assert found.run(found.manager.start_margin_socket, stop_at=9000) == "margin:user"
    assert [call[1:] for call in found.rest.calls[:1]] == [
        ("POST", "/sapi/v1/userListenToken", {"isIsolated": False}, "signed")
    ]
    times = found.rest.made("POST")
    assert len(times) >= 6 and all(b - a <= 1440.1 for a, b in itertools.pairwise(times))
    used = [request["params"]["listenToken"] for request in found.sent()]
    assert used == [f"tok0.en-{n}" for n in range(1, len(times) + 1)]
    assert {request["method"] for request in found.sent()} == {"userDataStream.subscribe.listenToken"}
    assert (len(found.urls), found.gaps, len(found.seen)) == (1, [], 17)


def test_isolated_accounts(bench: Callable[..., Bench]) -> None:
    """One token and conn key for each symbol."""
    found = tokens(bench(api()))
    assert found.run(found.manager.start_isolated_margin_socket, "btcusdt", stop_at=1) == "isolated:BTCUSDT"
    assert found.rest.calls[0][3] == {"isIsolated": True, "symbol": "BTCUSDT"}
    with pytest.raises(ConfigError, match=r"order is \(symbol, callback\)"):
        found.manager.start_isolated_margin_socket(print, "BTCUSDT")  # type: ignore[arg-type]
    for wrong in (None, "", "BTC-USDT", "btc usdt", 7):
        with pytest.raises(ConfigError, match="a symbol"):
            found.manager.start_isolated_margin_socket(wrong, print)  # type: ignore[call-overload]


def test_a_symbol_without_isolated_account_ends_it(bench: Callable[..., Bench]) -> None:
    """-1121: no attempt will change that."""
    found = bench(api())
    found.rest.answers["POST /sapi/v1/userListenToken"] = ExchangeError(-1121, "Invalid symbol.")
    found.run(found.manager.start_isolated_margin_socket, "NOSUCH", stop_at=600)
    assert len(found.rest.calls) == 1
    assert "-1121" in str(found.reports[0].error) and found.reports[0].final


def test_a_bad_token_is_replaced(bench: Callable[..., Bench]) -> None:
    """-1209: the next attempt has a new one."""
    found = tokens(bench(api(refuses={"userDataStream.subscribe.listenToken": (-1209, "Invalid listen token")}), api()))
    found.run(found.manager.start_margin_socket, stop_at=5)
    assert [found.sent(link)[0]["params"]["listenToken"] for link in (0, 1)] == ["tok0.en-1", "tok0.en-2"]


def test_a_token_whose_renewals_fail_ends_the_link(bench: Callable[..., Bench]) -> None:
    """Before the exchange does it, and in the open."""
    found = tokens(bench(api(), api()))
    first = found.rest.answers["POST /sapi/v1/userListenToken"]

    def token() -> Any:
        return ConnectError("x", "down") if 1 < found.now < 3600 else first()

    found.rest.answers["POST /sapi/v1/userListenToken"] = token
    found.run(found.manager.start_margin_socket, stop_at=3650)
    assert (3600.0, "ended") in found.steps
    assert len(found.urls) == 2 and len(found.gaps) == 1


# -- a month --

MONTH = [
    ("start_futures_user_socket", "/fapi/v1/listenKey"),
    ("start_coin_futures_user_socket", "/dapi/v1/listenKey"),
    ("start_options_user_socket", "/eapi/v1/listenKey"),
    ("start_portfolio_margin_socket", "/papi/v1/listenKey"),
    ("start_portfolio_margin_pro_socket", "/fapi/v1/listenKey"),
    ("start_margin_risk_socket", "/sapi/v1/margin/listen-key"),
    ("start_margin_socket", "/sapi/v1/userListenToken"),
]


@pytest.mark.parametrize(
    ("method", "path", "days"),
    [
        *((*MONTH[number], 1) for number in (0, 6)),
        *(pytest.param(method, path, 30, marks=pytest.mark.full) for method, path in MONTH),
    ],
)
def test_a_month_with_faults(bench: Callable[..., Bench], method: str, path: str, days: int) -> None:
    """REST fails at random, links are cut, sockets are changed every day: no credential is left to expire, no storm."""
    rng, day = random.Random(days), 86_400.0
    token = path.endswith("Token")
    servers = [(api if token else Script)] * (12 * days)
    cuts = [[Drop(after=rng.uniform(100, day))] for _ in servers]
    found = bench(*(make(*steps) if token else Script(steps) for make, steps in zip(servers, cuts, strict=True)))
    outage, numbers, good_until = [0.0], iter(range(10**6)), [0.0]
    lives: list[float] = []

    def rest() -> Any:
        now = found.now
        if now >= outage[0] and rng.random() < 0.02:
            outage[0] = now + rng.uniform(0, 1200)
        if now < outage[0]:
            return ConnectError("x", "down")
        lives.append(good_until[0] - now)
        good_until[0] = now + 3600
        ends = int((found.clock.now + 3600) * 1000)
        return {"token": f"tok-{next(numbers)}", "expirationTime": ends} if token else {"listenKey": LISTEN_KEY}

    found.rest.answers = {f"POST {path}": rest, f"PUT {path}": rest}
    found.run(getattr(found.manager, method), stop_at=days * day)
    assert min(lives[1:]) > 0, "each was renewed while it lived"
    assert "ended" not in [step for _, step in found.steps]
    assert len(found.rest.calls) < days * (day / 1152 * 1.5 + 30)


@pytest.mark.parametrize("days", [1, pytest.param(30, marks=pytest.mark.full)])
@pytest.mark.parametrize("logon", [False, True])
def test_a_month_of_subscriptions_with_faults(bench: Callable[..., Bench], logon: bool, days: int) -> None:
    """Links are cut, refused, and changed every day: signed anew on each, logon first; nothing else is ever asked."""
    rng, day = random.Random(days), 86_400.0
    refused = [Refuse(ConnectError("x", "down")) for _ in range(6 * days)]
    outcomes: list[Any] = [*refused, *(api(Drop(after=rng.uniform(100, day))) for _ in range(12 * days))]
    rng.shuffle(outcomes)
    fields: dict[str, Any] = {}
    if logon:
        pytest.importorskip("cryptography")
        fields = {"api_secret": None, "private_key": ED25519}
    found = bench(*outcomes, **fields)
    found.run(found.manager.start_user_socket, logon=logon, stop_at=days * day)
    methods = ["session.logon", "userDataStream.subscribe"] if logon else ["userDataStream.subscribe.signature"]
    asked = [found.sent(link) for link in range(len(found.transport.links))]
    assert len(asked) > days
    assert all([request["method"] for request in each] == methods for each in asked)
    stamps = [each[0]["params"]["timestamp"] for each in asked]
    assert stamps == sorted(set(stamps)), "no signature is used twice"
    assert found.rest.calls == [] and len(found.urls) <= len(outcomes)
    assert {step for _, step in found.steps} == {"obtained"}


# -- views, keys, accounts --


@pytest.mark.parametrize("view", [View.DICT, View.TYPED, View.RAW])
def test_views(bench: Callable[..., Bench], view: View) -> None:
    """The event alone; its bytes with the wrapper in the raw view."""
    found = bench(api(event("balanceUpdate", after=1, a="BTC", d="1.0", T=5)))
    found.run(found.manager.start_user_socket, view=view, stop_at=2)
    (seen,) = found.seen
    plain = {"e": "balanceUpdate", "E": 1, "a": "BTC", "d": "1.0", "T": 5}
    if view is View.RAW:
        assert json.loads(seen) == {"subscriptionId": 0, "event": plain}
    elif view is View.DICT:
        assert seen == plain


def test_an_account_has_no_unified_form(bench: Callable[..., Bench]) -> None:
    """It is said at once, with the views that there are."""
    manager = bench(api()).manager
    with pytest.raises(ConfigError, match="'dict', 'typed', 'raw'"):
        manager.start_user_socket(print, view="unified")


def test_rubbish_between_events_is_reported(bench: Callable[..., Bench]) -> None:
    """What is no event is no callback, and not the end."""
    rubbish = [says(5), says([]), says({"subscriptionId": 0}), says({"event": 7}), says({"e": 5}), says({"x": 1})]
    found = bench(api(*rubbish, event("balanceUpdate")))
    found.run(found.manager.start_user_socket, stop_at=2)
    assert found.seen == [{"e": "balanceUpdate", "E": 1}]
    assert len(found.reports) == len(rubbish)


def test_several_accounts_in_one_manager(bench: Callable[..., Bench]) -> None:
    """Each has a conn key of its own, which does not show its API key."""
    manager = bench().manager
    others = [ApiKey(f"other{number}key" * 6, "s") for number in range(2)]
    keys = [manager.start_user_socket(print), *(manager.start_user_socket(print, account=each) for each in others)]
    assert len(set(keys)) == 3 and keys[0] == "user"
    assert all(str(key).startswith("user@") and "other" not in str(key) for key in keys[1:])
    assert manager.start_user_socket(print, account=others[0]) is False
    manager.close()


def test_where_keys_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments, a legacy client, variables; without any the call says what to do."""

    class Client:
        API_KEY, API_SECRET, testnet = "legacy0key", "legacy0secret", True

    manager = SocketManager(Client())
    assert manager.snapshot()["environment"] == "testnet"
    assert manager.start_user_socket(print) == "user"
    manager.close()
    bare = SocketManager(environment="testnet")
    with pytest.raises(ConfigError, match="BINANCE_API_KEY"):
        bare.start_user_socket(print)
    monkeypatch.setenv("BINANCE_API_KEY", "variable0key")
    with pytest.raises(ConfigError, match="signed for"):
        bare.start_user_socket(print)
    assert bare.start_futures_user_socket(print) == "usdm:user", "a listen key takes no signature"
    bare.close()
    with pytest.raises(ConfigError, match="no cross margin user data"):
        bare.start_margin_socket(print)


def test_keys_go_to_no_host_that_a_variable_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where they come from variables themselves."""
    monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", "http://elsewhere.test")
    monkeypatch.setenv("BINANCE_API_KEY", "variable0key")
    monkeypatch.setenv("BINANCE_API_SECRET", "variable0secret")
    manager = SocketManager()
    with pytest.raises(ConfigError, match="a loopback URL"):
        manager.start_user_socket(print)
    assert manager.start_trade_socket("BTCUSDT", print) == "btcusdt@trade"
    manager.close()


@pytest.mark.parametrize(
    ("method", "given", "name"),
    [
        ("start_user_socket", {"view": "json"}, "view"),
        ("start_user_socket", {"account": "key"}, "account"),
        ("start_user_socket", {"time_unit": "s"}, "time_unit"),
        ("start_futures_user_socket", {"form": "query"}, "form"),
        ("start_futures_user_socket", {"events": []}, "events"),
        ("start_futures_user_socket", {"events": "ACCOUNT_UPDATE"}, "events"),
        ("start_futures_user_socket", {"events": ["a&b=c"]}, "events"),
    ],
)
def test_bad_arguments(bench: Callable[..., Bench], method: str, given: dict[str, Any], name: str) -> None:
    """In the caller's thread, with what would be accepted."""
    with pytest.raises(ConfigError) as caught:
        getattr(bench().manager, method)(print, **given)
    assert caught.value.name == name


def test_nothing_secret_is_shown(bench: Callable[..., Bench], caplog: pytest.LogCaptureFixture) -> None:
    """Not in logs at any level, reports, states, credential events, snapshots or reprs; with every kind of failure."""
    caplog.set_level(logging.DEBUG)
    short = "shortkey7"  # too short for the filter of texts: it must not get there at all
    secrets = [short, SECRET, API_KEY]
    shown: list[str] = []
    broken = ValueError(f"PUT https://x/?listenKey={short}&signature={SECRET}")
    found = keyed(bench(Script([says({"stream": short, "data": 5}, after=1), Drop(after=20)]), Script()), "/x", short)
    found.rest.answers = {
        "POST /fapi/v1/listenKey": [{"listenKey": short}, broken, {"listenKey": short + "b"}],
        "PUT /fapi/v1/listenKey": [broken, {}],
    }
    key = found.manager.start_futures_user_socket(found.seen.append, form="plain")
    found.manager.add_state_listener(lambda change: shown.append(repr(change)))
    found.manager.add_credential_listener(lambda change: shown.append(repr(change) + str(change.error)))
    found.manager.add_error_listener(lambda report: shown.append(repr(report) + str(report.error)))
    connection = found.manager._core.connections[str(key)]
    found.clock.at(10, lambda: shown.append(repr(found.manager.snapshot()) + str(found.manager.report())))
    found.clock.at(40, connection.request_stop)
    connection.elsewhere._submit = lambda job: job()
    connection.run()
    renewals = connection.links[0].renewals
    assert renewals is not None
    shown += [repr(each) for each in (renewals.credential, found.manager, *found.transport.attempts)]
    text = "\n".join([*shown, caplog.text, str(key)])
    assert "failed" in text
    assert [secret for secret in secrets if secret in text] == []
