"""The examination against the embedded exchange: all well, and one test for each kind of failure."""

from __future__ import annotations

import datetime
import errno
import pathlib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from exchanges.rest_server import RestServer

from binance_sockets import ApiKey, ConfigError, Options, Timeouts
from binance_sockets.doctor import Finding, Outcome, advice, examination, examine, machine, network, rest, routes
from binance_sockets.doctor.bounds import Bounds, in_parallel
from binance_sockets.engine.budget import Budgets, shared
from binance_sockets.engine.clock import Clock
from binance_sockets.engine.tcp import Target
from binance_sockets.errors import ConnectTimeout, ProxyRejected
from binance_sockets.exchanges.binance.products import product_of
from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, DEMO_LOGON_API_KEY, DEMO_PRIVATE_KEY, Simulator

KEY = ApiKey(DEMO_API_KEY, DEMO_API_SECRET)
HURRIED = Options(timeouts=Timeouts(connect=1.0))
LIMITED = Options(limit_loopback=True)  # as everywhere but on this machine
_REAL = socket.getaddrinfo


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator(seed=1, speed=10) as exchange:
        yield exchange


@pytest.fixture
def exchange(running: Simulator) -> Iterator[Simulator]:
    """An embedded exchange that is as it was."""
    yield running
    running.clear_faults()
    running.accounts.clock_skew = 0.0
    running.accounts.expire_listen_keys()


def of(found: list[Finding], check: str, subject: str | None = None) -> Finding:
    """The one finding of a check, which must be there."""
    rows = [each for each in found if each.check == check and subject in (None, each.subject)]
    assert len(rows) == 1, [str(each) for each in found]
    return rows[0]


def not_ok(found: list[Finding]) -> list[tuple[str, str, str]]:
    """What is neither OK nor skipped."""
    bad = (Outcome.WARNING, Outcome.FAILED)
    return [(each.outcome.value, each.check, each.subject) for each in found if each.outcome in bad]


def is_told(finding: Finding, outcome: Outcome, *words: str) -> None:
    """A failure or warning has a fact, a meaning and an advice, with these words among them."""
    assert finding.outcome is outcome, str(finding)
    assert finding.fact and finding.meaning and finding.advice
    for word in words:
        assert word in str(finding), str(finding)


# -- all well --------------------------------------------------------------------------------------------------------


def test_all_is_well(exchange: Simulator) -> None:
    """Every check of every product is made, in the order in which things are needed, and leaves nothing behind."""
    found = examine(exchange.environment, key=KEY)
    assert not_ok(found) == [], [str(each) for each in found]
    order = list(dict.fromkeys(each.check for each in found))
    assert order == ["settings", "machine", "trust", "dns", "proxy", "tcp", "tls", "rest", "clock", "route", "key",
                     "signed", "user"]  # fmt: skip
    assert [each.subject for each in found if each.check == "route"] == [
        "spot streams", "usdm public", "usdm market", "coinm streams", "options public", "options market", "spot api",
        "usdm api", "coinm api",
    ]  # fmt: skip
    users = ["spot", "usdm", "coinm", "options", "margin", "portfolio"]
    assert [each.subject for each in found if each.check == "user"] == users
    assert {of(found, "user", name).outcome for name in users} == {Outcome.OK}
    exchange.wait_for(lambda: not exchange.connections)
    assert exchange.accounts.listen_keys(DEMO_API_KEY) == {}
    assert DEMO_API_KEY not in str([str(each) for each in found])


def test_a_listen_key_of_others_stays(exchange: Simulator) -> None:
    """One listen key serves all programs of an account: one that was there before is left alone."""
    from binance_sockets import SocketManager

    with SocketManager(api_key=DEMO_API_KEY, api_secret=DEMO_API_SECRET, environment=exchange.environment) as manager:
        manager.wait_open(manager.start_futures_user_socket(lambda event: None))
        before = exchange.accounts.listen_keys(DEMO_API_KEY)
        found = examine(exchange.environment, products=["usdm"], routes=["private"], key=KEY)
        assert exchange.accounts.listen_keys(DEMO_API_KEY) == before
    assert "was left alone" in of(found, "user").fact


def test_an_ed25519_key_logs_on(exchange: Simulator) -> None:
    """With an Ed25519 key the session logs on, as the sockets do."""
    key = ApiKey(DEMO_LOGON_API_KEY, private_key=DEMO_PRIVATE_KEY)
    found = examine(exchange.environment, products=["spot"], routes=["private"], key=key)
    assert not_ok(found) == []
    assert "logged on" in of(found, "user").fact


def test_products_and_routes_narrow_it(exchange: Simulator) -> None:
    """Only what was asked for is examined; without a key nothing private is."""
    before = len(exchange.history)
    found = examine(exchange.environment, products=["usdm"], routes=["market"])
    assert [each.subject for each in found if each.check in ("rest", "route")] == ["usdm", "usdm market"]
    assert of(found, "key").outcome is Outcome.SKIPPED
    assert [(attempt.product, attempt.route) for attempt in exchange.history[before:]] == [("usdm", "market")]


@pytest.mark.parametrize(
    ("products", "route", "allowed"),
    [
        (["spot"], "market", "'api', 'private', 'streams'"),
        (["usdm"], "streams", "'api', 'market', 'private', 'public'"),
        (["options"], "api", "'market', 'private', 'public'"),
    ],
)
def test_a_route_of_no_product_is_refused(products: list[str], route: str, allowed: str) -> None:
    """Else nothing would be examined, and nothing have failed."""
    with pytest.raises(ConfigError) as caught:
        examine("http://127.0.0.1:1", products=products, routes=[route, "private"])
    assert str(caught.value) == f"routes: expected a list of {allowed} for {products[0]}; got {[route, 'private']}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"environment": "nowhere"}, {"products": ["stocks"]}, {"products": "spot"}, {"routes": ["side"]},
        {"routes": "market"}, {"timeout": 0}, {"options": 5}, {"key": "text"}, {"tld": "org"},
    ],
)  # fmt: skip
def test_wrong_arguments(wrong: dict[str, Any]) -> None:
    """A bad argument is refused at once."""
    with pytest.raises(ConfigError):
        examine(**{"environment": "http://127.0.0.1:1", **wrong})


def test_compression(exchange: Simulator) -> None:
    """Where it is asked for, each route tells whether the server takes it up."""
    found = examine(exchange.environment, products=["coinm"], routes=["streams"], options=Options(compression=True))
    row = of(found, "compression", "coinm streams")
    assert (row.outcome is Outcome.OK) == ("permessage-deflate" in row.fact)
    if row.outcome is not Outcome.OK:
        is_told(row, Outcome.WARNING, "not accepted")


# -- settings and machine ---------------------------------------------------------------------------------------------


def test_a_bad_variable_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the environment is examined, and not raised."""
    monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", "ftp://nowhere")
    (finding,) = examine()
    is_told(finding, Outcome.FAILED, "BINANCE_SOCKETS_BASE_URL")


def test_too_few_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that leaves few descriptors is a warning."""
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda which: (64, 64))
    is_told(of(machine.examine_machine(), "machine", "descriptors"), Outcome.WARNING, "limit 64", "ulimit -n")


def test_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no thread that is told, and the other checks run one after the other."""

    def refused(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    is_told(of(machine.examine_machine(), "machine", "threads"), Outcome.FAILED, "can't start new thread")
    assert in_parallel([lambda: 1, lambda: 2], Bounds(Options(), 5.0), lambda number: 0) == [1, 2]


# -- the way to the host ----------------------------------------------------------------------------------------------


def resolver(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    """Names below ``.example`` are looked up by ``answer``: addresses, or what is raised."""

    def look_up(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if not str(host).endswith(".example"):
            return _REAL(host, port, *args, **more)
        if isinstance(answer, Exception):
            raise answer
        families = [(socket.AF_INET6 if ":" in text else socket.AF_INET, text) for text in answer]
        return [(family, socket.SOCK_STREAM, 6, "", (text, port)) for family, text in families]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    ("code", "words"),
    [(socket.EAI_NONAME, "blocks the exchange"), (socket.EAI_AGAIN, "does not answer")],
    ids=["unknown", "silent"],
)
def test_dns_fails(code: int, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is not found stops everything behind it, which is skipped with that reason."""
    resolver(monkeypatch, socket.gaierror(code, "no"))
    found = examine("http://exchange.example:9", products=["spot"])
    is_told(of(found, "dns"), Outcome.FAILED, "name look-up failed", words)
    assert not_ok(found) == [("failed", "dns", "exchange.example:9")]
    assert of(found, "tcp").fact == "dns failed"
    assert "dns of exchange.example:9 failed" in of(found, "rest").fact
    assert of(found, "clock").outcome is Outcome.SKIPPED


def test_dns_leads_into_the_own_network(exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that somebody else than its owner answers is a warning."""
    resolver(monkeypatch, ["127.0.0.1"])
    found = examine(f"http://exchange.example:{exchange.port}", products=["coinm"], routes=["streams"])
    is_told(of(found, "dns"), Outcome.WARNING, "127.0.0.1 (1 IPv4, 0 IPv6)", "/etc/hosts")
    assert of(found, "route").outcome is Outcome.OK


def test_nothing_listens() -> None:
    """A refused connection says so."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        found = examine(f"http://127.0.0.1:{held.getsockname()[1]}", products=["spot"])
    is_told(of(found, "tcp"), Outcome.FAILED, "refused", "Nothing listens there")


def test_the_proxy_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that cannot be reached is told as that, without its password."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        monkeypatch.setenv("http_proxy", f"http://me:hidden@127.0.0.1:{held.getsockname()[1]}")
        found = examine("http://exchange.example:9", products=["spot"])
    is_told(of(found, "proxy"), Outcome.FAILED, "the environment", "go without it")
    assert "looks the name up" in of(found, "dns").fact
    assert "hidden" not in str([str(each) for each in found])


def test_the_proxy_variable_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that cannot be used says what to write."""
    monkeypatch.setenv("http_proxy", "gopher://proxy.example")
    found = examine("http://exchange.example:9", products=["spot"])
    is_told(of(found, "proxy"), Outcome.FAILED, "http_proxy", "Write http_proxy=http://")


@pytest.mark.parametrize(("credentials", "words"), [(True, "user and password"), (False, "does not connect")])
def test_the_proxy_refuses(credentials: bool, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP 407 and any other refusal are told apart."""

    def dial(target: Target, *rest: Any) -> Any:
        if target.proxy is not None:
            status = 407 if credentials else 403
            raise ProxyRejected(target.host, str(target.proxy), "says no", status, credentials=credentials)
        return socket.socket()

    monkeypatch.setattr(network, "dial", dial)
    found = examine("http://exchange.example:9", products=["spot"], options=Options(proxy="http://proxy.example:3128"))
    assert of(found, "proxy").outcome is Outcome.OK
    is_told(of(found, "tcp"), Outcome.FAILED, "says no", words)


def test_port_9443_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where 443 of the same host answers, the port is to blame."""

    def dial(target: Target, *rest: Any) -> Any:
        if target.port == 9443:
            raise ConnectTimeout(str(target), "no TCP connection within 1 s")
        return socket.socket()

    monkeypatch.setattr(network, "dial", dial)
    found = network.examine_host(network.Host.of("ws://127.0.0.1:9443"), Bounds(HURRIED, 10.0))
    is_told(of(found, "tcp"), Outcome.FAILED, "reached on port 443", "environment='data'")


# -- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA(organization_name="Corporate Proxy")


def served(ca: trustme.CA, *names: str, **dates: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*(names or ("127.0.0.1",)), **dates).configure_cert(context)
    return context


def over_tls(context: ssl.SSLContext, ca_file: str | None = None, **options: Any) -> list[Finding]:
    with Simulator(seed=1, ssl_context=context) as exchange:
        return examine(exchange.environment, products=["coinm"], options=Options(ca_file=ca_file, **options))


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: pathlib.Path) -> str:
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


def test_tls_is_well(ca: trustme.CA, ca_file: str) -> None:
    """Version, issuer and validity of the certificate are told, and the file that is trusted as well."""
    found = over_tls(served(ca), ca_file)
    assert not_ok(found) == []
    assert "Corporate Proxy" in of(found, "tls").fact
    assert ca_file in of(found, "trust").fact


def test_an_authority_that_nobody_trusts(ca: trustme.CA) -> None:
    """A proxy that reads TLS is told with the name that it signs with."""
    is_told(of(over_tls(served(ca)), "tls"), Outcome.FAILED, "--ca-file", "Corporate Proxy")


@pytest.mark.parametrize(
    ("names", "days", "words"),
    [
        ((), (-20, -10), "has expired"),
        ((), (10, 20), "clock is most likely slow"),
        (("other.test",), (-1, 20), "another name"),
    ],
    ids=["expired", "not yet", "other name"],
)
def test_a_certificate_that_does_not_fit(
    names: tuple[str, ...], days: tuple[int, int], words: str, ca: trustme.CA, ca_file: str
) -> None:
    """Time and name are told apart."""
    now = datetime.datetime.now(datetime.timezone.utc)
    begin, end = (now + datetime.timedelta(days=each) for each in days)
    found = over_tls(served(ca, *names, not_before=begin, not_after=end), ca_file)
    is_told(of(found, "tls"), Outcome.FAILED, words)


def test_a_certificate_that_ends_soon(ca: trustme.CA, ca_file: str) -> None:
    """Some days before its end it is a warning."""
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
    is_told(of(over_tls(served(ca, not_after=end), ca_file), "tls"), Outcome.WARNING, "ends soon")


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_a_context_that_does_not_verify(ca: trustme.CA) -> None:
    """A context of the user's that takes any certificate is a warning."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with Simulator(seed=1, ssl_context=served(ca)) as exchange:
        found = examine(exchange.environment, products=["coinm"], options=Options(ssl_context=context))
    is_told(of(found, "tls"), Outcome.WARNING, "not verified")


def test_no_tls_there(exchange: Simulator) -> None:
    """A server that speaks plain HTTP under an https URL."""
    found = examine(exchange.environment.replace("http", "https"), products=["coinm"])
    is_told(of(found, "tls"), Outcome.FAILED, "does not speak TLS")


def test_a_ca_file_that_is_none(exchange: Simulator, tmp_path: pathlib.Path) -> None:
    """A file without certificates is told where trust is examined."""
    (tmp_path / "ca.pem").write_text("nothing")
    found = examine(exchange.environment, products=["coinm"], options=Options(ca_file=str(tmp_path / "ca.pem")))
    is_told(of(found, "trust"), Outcome.FAILED, "ca_file")


# -- REST and clock ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "more", "words"),
    [
        (451, {}, "region"),
        (403, {}, "firewall"),
        (418, {"retry_after": 300}, "banned until"),
        (429, {"retry_after": 60}, "no requests until"),
        (302, {"location": "http://portal.example/"}, "captive portal"),
        (404, {}, "base URL"),
        (503, {}, "maintenance"),
    ],
    ids=str,
)  # fmt: skip
def test_rest_refuses(status: int, more: dict[str, Any], words: str, exchange: Simulator) -> None:
    """Each status is told in words; what needs REST is skipped, and the routes are examined all the same."""
    exchange.inject("http_status", status=status, on="rest", count=None, body="<html>no</html>", **more)
    found = examine(exchange.environment, products=["coinm"], key=KEY)
    is_told(of(found, "rest"), Outcome.FAILED, str(status), words)
    assert of(found, "signed").outcome is of(found, "user").outcome is Outcome.SKIPPED
    assert of(found, "route", "coinm streams").outcome is Outcome.OK


def test_a_page_in_place_of_the_answer() -> None:
    """HTML with status 200 is not the exchange."""
    server = RestServer()
    try:
        server.answer(200, b"<html>Welcome to our hotel</html>")
        found = rest.examine_rest(product_of("spot"), server.url, Bounds(Options(), 10.0))
    finally:
        server.close()
    is_told(found.finding, Outcome.FAILED, "captive portal")
    assert found.sample is None


def test_the_weight_is_used_up() -> None:
    """Weight that other programs use is told before the exchange refuses."""
    server = RestServer()
    try:
        server.answer(200, {"serverTime": 1}, X_MBX_USED_WEIGHT_1M="5900")
        found = rest.examine_rest(product_of("spot"), server.url, Bounds(Options(), 10.0))
    finally:
        server.close()
    is_told(found.finding, Outcome.WARNING, "5900 of 6000")


@pytest.mark.parametrize(
    ("skew", "outcome", "words"),
    [
        (-40.0, Outcome.FAILED, "s ahead of"),
        (40.0, Outcome.FAILED, "s behind"),
        (3.5, Outcome.WARNING, "-1021"),
        (0.0, Outcome.OK, "within"),
    ],
)  # fmt: skip
def test_the_clock(skew: float, outcome: Outcome, words: str, exchange: Simulator) -> None:
    """How far the clocks are apart, and whether signed requests bear it."""
    exchange.accounts.clock_skew = skew
    row = of(examine(exchange.environment, products=["coinm"], routes=["private"], key=KEY), "clock")
    assert words in row.fact + row.meaning, str(row)
    assert row.outcome is outcome
    assert abs(skew) < 10 or "40.0" in row.fact or "39.9" in row.fact


# -- routes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "parameters", "words"),
    [
        ("http_status", {"status": 451}, "region"),
        ("http_status", {"status": 403, "body": "<html>Request blocked</html>"}, "firewall"),
        ("http_status", {"status": 429, "retry_after": 30}, "no requests until"),
        ("garbage_handshake", {}, "not the exchange"),
        ("refuse", {}, "cuts"),
    ],
    ids=str,
)
def test_a_route_refuses(fault: str, parameters: dict[str, Any], words: str, exchange: Simulator) -> None:
    """Whatever meets the handshake is told in words."""
    bounds = Bounds(HURRIED, 10.0)
    exchange.inject(fault, count=None, **parameters)
    from binance_sockets.exchanges.binance.urls import Environment

    found = routes.examine_route(Environment.resolve(exchange.environment), product_of("coinm"), "streams", bounds)
    is_told(of(found, "route"), Outcome.FAILED, words)


def test_connects_count_among_those_of_the_process(exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each WebSocket of an examination is an attempt of the one budget, from which it waits for its turn."""
    monkeypatch.setattr("binance_sockets.engine.budget._shared", Budgets())
    found = examine(exchange.environment, products=["spot"], options=LIMITED, key=KEY)
    assert not not_ok(found)
    venue = exchange.url.partition("://")[2].partition("/")[0]
    budget = shared().of(venue, True)
    assert budget is not None
    clock = Clock()
    used = budget.snapshot(clock.monotonic(), clock.time())["used"]
    assert used == sum(row.check in ("route", "user") and row.outcome is Outcome.OK for row in found) >= 3


@pytest.mark.parametrize("status", [418, 429])
def test_a_ban_that_is_known_is_kept(status: int, exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody of this process was told of it: nothing is asked, not even the time, and until when is said."""
    monkeypatch.setattr("binance_sockets.engine.budget._shared", Budgets())
    budget = shared().of(exchange.url.partition("://")[2].partition("/")[0], True)
    assert budget is not None
    budget.ban(status, 300.0, Clock().monotonic())
    before = len(exchange.history)
    found = examine(exchange.environment, products=["coinm"], options=LIMITED)
    is_told(of(found, "route", "coinm streams"), Outcome.FAILED, "not tried", str(status), "until")
    is_told(of(found, "rest"), Outcome.FAILED, "not sent", str(status))
    assert len(exchange.history) == before


@pytest.mark.parametrize(
    ("fault", "parameters"), [("http_status", {"status": 429}), ("reply_error", {"status": 418, "code": -1003})]
)
def test_a_ban_is_told_to_all(
    fault: str, parameters: dict[str, Any], exchange: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a handshake or an answer of the WebSocket API asks for holds for every manager."""
    from binance_sockets.exchanges.binance.api_products import api_product
    from binance_sockets.exchanges.binance.urls import Environment

    monkeypatch.setattr("binance_sockets.engine.budget._shared", Budgets())
    exchange.inject(fault, count=1, retry_after=40, **parameters)
    found = routes.examine_api(api_product("spot"), Environment.resolve(exchange.environment), Bounds(LIMITED, 10.0))
    is_told(of(found, "route"), Outcome.FAILED, "until")
    budget = shared().of(exchange.url.partition("://")[2].partition("/")[0], True)
    assert budget is not None
    status, left = budget.banned(Clock().monotonic())
    assert status == parameters["status"] and 35 < left <= 40


def test_a_silent_route(exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """An open connection over which nothing comes has failed, as a stream would."""
    monkeypatch.setattr(routes, "_PATIENCE", 0.3)
    exchange.inject("silence", count=None)
    found = examine(exchange.environment, products=["usdm"], routes=["market"])
    is_told(of(found, "route"), Outcome.FAILED, "neither an answer nor a message")


def test_a_route_that_answers_and_sends_nothing(exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers without data are a warning: the market may stand still."""
    monkeypatch.setattr(routes, "_PATIENCE", 1.0)
    monkeypatch.setitem(routes._LIVELY, ("coinm", routes.PLAIN_ROUTE), ("nosuch_perp@trade",))  # type: ignore[index]
    found = examine(exchange.environment, products=["coinm"], routes=["streams"])
    is_told(of(found, "route"), Outcome.WARNING, "sends nothing")


def test_the_exchange_closes(exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A close frame is told with its code."""
    monkeypatch.setattr(routes, "_PATIENCE", 5.0)
    monkeypatch.setitem(routes._LIVELY, ("coinm", routes.PLAIN_ROUTE), ("nosuch_perp@trade",))  # type: ignore[index]
    exchange.inject("close", code=1008, reason="Too many requests", count=1)
    found = examine(exchange.environment, products=["coinm"], routes=["streams"])
    is_told(of(found, "route"), Outcome.FAILED, "1008", "Too many requests")


# -- credentials ------------------------------------------------------------------------------------------------------


def test_a_wrong_secret(exchange: Simulator) -> None:
    """A signature of another secret is told as that."""
    key = ApiKey(DEMO_API_KEY, "another" * 9)
    found = examine(exchange.environment, products=["spot"], routes=["private"], key=key)
    is_told(of(found, "signed"), Outcome.FAILED, "-1022", "not the one of its secret")
    is_told(of(found, "user"), Outcome.FAILED, "-1022")
    assert "another" * 9 not in str([str(each) for each in found])


@pytest.mark.parametrize("product", ["spot", "usdm"])
def test_a_key_that_does_not_exist(product: str, exchange: Simulator) -> None:
    """A key of another environment is refused everywhere."""
    found = examine(exchange.environment, products=[product], routes=["private"], key=ApiKey("k" * 64, "s" * 64))
    for check in ("signed", "user"):
        is_told(of(found, check), Outcome.FAILED, "-2015", "list of IPs")


def test_an_address_that_is_not_allowed(exchange: Simulator) -> None:
    """A key with a list of IPs refuses this machine."""
    exchange.accounts.create("i" * 64, secret="s" * 64, ip=["10.1.2.3"])
    found = examine(exchange.environment, products=["spot"], routes=["private"], key=ApiKey("i" * 64, "s" * 64))
    is_told(of(found, "signed"), Outcome.FAILED, "-2015", "public address")


def test_a_key_without_futures(exchange: Simulator) -> None:
    """A missing permission is told for the product that lacks it, and for that alone."""
    exchange.accounts.create("f" * 64, secret="s" * 64, permissions=["USER_DATA", "USER_STREAM"])
    key = ApiKey("f" * 64, "s" * 64)
    found = examine(exchange.environment, products=["spot", "usdm"], routes=["private"], key=key)
    assert of(found, "signed", "spot").outcome is not Outcome.FAILED
    is_told(of(found, "signed", "usdm"), Outcome.FAILED, "permission")


def test_a_key_that_cannot_sign(exchange: Simulator) -> None:
    """Without a secret listen keys alone are left."""
    found = examine(exchange.environment, products=["spot", "usdm"], routes=["private"], key=ApiKey(DEMO_API_KEY))
    is_told(of(found, "key"), Outcome.WARNING, "BINANCE_API_SECRET")
    assert [of(found, "user", name).outcome for name in ("spot", "usdm")] == [Outcome.SKIPPED, Outcome.OK]


def test_a_listen_key_is_deleted_although_its_stream_fails(exchange: Simulator) -> None:
    """Whatever meets the user stream, the key that was made for it goes."""
    exchange.inject("http_status", status=503, product="usdm", count=1)
    found = examine(exchange.environment, products=["usdm"], routes=["private"], key=KEY)
    is_told(of(found, "user"), Outcome.FAILED, "503")
    assert exchange.accounts.listen_keys(DEMO_API_KEY) == {}


def test_margin_and_portfolio_margin(exchange: Simulator) -> None:
    """A listen token that lives for a minute, and a listen key that is deleted again; nothing of them shows."""
    found = examine(
        exchange.environment, products=["spot"], routes=["private"], accounts=["margin", "portfolio"], key=KEY
    )
    assert not_ok(found) == []
    assert "listen token" in of(found, "user", "margin").fact
    assert "a listen key was made, and deleted again" in of(found, "user", "portfolio").fact
    assert exchange.accounts.listen_keys(DEMO_API_KEY) == {}


def test_products_that_are_named_leave_other_accounts_out(exchange: Simulator) -> None:
    """Who asks for spot is told of spot."""
    found = examine(exchange.environment, products=["spot"], routes=["private"], key=KEY)
    assert [each.subject for each in found if each.check == "user"] == ["spot"]


def test_an_account_that_is_named_is_examined_whatever_the_route(exchange: Simulator) -> None:
    """Else nothing would be examined, and nothing have failed."""
    found = examine(exchange.environment, products=["spot"], routes=["api"], accounts=["margin"], key=KEY)
    assert [each.subject for each in found if each.check == "user"] == ["margin"]


@pytest.mark.parametrize("account", ["margin", "portfolio"])
def test_an_account_that_is_refused_says_what_to_do(account: str, exchange: Simulator) -> None:
    """A key that does not exist: a failure where the account was asked for by its name."""
    wrong = ApiKey("k" * 64, "s" * 64)
    found = examine(exchange.environment, products=["spot"], routes=["private"], accounts=[account], key=wrong)
    is_told(of(found, "user", account), Outcome.FAILED, "-2015", "list of IPs", f"{account} margin".split()[0])
    assert "s" * 64 not in str([str(each) for each in found])


def test_a_wrong_secret_gets_no_listen_token(exchange: Simulator) -> None:
    """The token's call is signed."""
    key = ApiKey(DEMO_API_KEY, "another" * 9)
    found = examine(exchange.environment, products=["spot"], routes=["private"], accounts=["margin"], key=key)
    is_told(of(found, "user", "margin"), Outcome.FAILED, "-1022", "not the one of its secret")


def test_a_listen_token_that_is_not_taken(exchange: Simulator) -> None:
    """The exchange gives one, and refuses it on the WebSocket API."""
    method = "userDataStream.subscribe.listenToken"
    exchange.inject("reply_error", method=method, count=1, code=-1209, msg="Invalid listen token.", status=400)
    found = examine(exchange.environment, products=["spot"], routes=["private"], accounts=["margin"], key=KEY)
    is_told(of(found, "user", "margin"), Outcome.FAILED, "-1209", "listen token")
    assert of(found, "user", "spot").outcome is Outcome.OK


def test_margin_without_rest(exchange: Simulator) -> None:
    """Asking on would make a ban longer."""
    exchange.inject("http_status", status=418, on="rest", count=None)
    found = examine(exchange.environment, products=["spot"], routes=["private"], accounts=["margin"], key=KEY)
    row = of(found, "user", "margin")
    assert (row.outcome, row.fact) == (Outcome.SKIPPED, "REST does not answer")
    assert [each.subject for each in found if each.check == "signed"] == ["spot"]


def test_an_account_that_nobody_asked_for_is_no_failure(exchange: Simulator) -> None:
    """Few have one: that the exchange refuses it is told with words, and ends nothing with 1."""
    exchange.accounts.create("m" * 64, secret="s" * 64, permissions=["USER_DATA", "USER_STREAM"])
    found = examine(exchange.environment, routes=["private"], key=ApiKey("m" * 64, "s" * 64))
    row = of(found, "user", "portfolio")
    is_told(row, Outcome.SKIPPED, "-2015", "portfolio margin")


@pytest.mark.parametrize(
    ("accounts", "more"),
    [("margin", {}), (["pension"], {}), (["margin"], {"environment": "testnet"}), (["portfolio"], {"tld": "us"})],
)
def test_accounts_that_are_not_there(accounts: Any, more: dict[str, str]) -> None:
    """Refused at once, as nothing would be examined."""
    with pytest.raises(ConfigError):
        examine(**{"environment": "http://127.0.0.1:1", **more}, accounts=accounts, key=KEY)


def test_too_little_time_for_a_listen_key(exchange: Simulator) -> None:
    """None is made where it might not be deleted in time."""
    found = examine(exchange.environment, products=["coinm"], routes=["private"], key=KEY, timeout=8.0)
    assert "must be deleted again" in of(found, "user").fact
    assert exchange.accounts.listen_keys(DEMO_API_KEY) == {}


def test_binance_us(exchange: Simulator) -> None:
    """Its listen keys cannot be told from those of other programs: none is made."""
    found = examine(exchange.environment, tld="us", key=KEY)
    assert of(found, "route").outcome is Outcome.OK
    assert of(found, "user").outcome is Outcome.SKIPPED
    assert exchange.accounts.listen_keys(DEMO_API_KEY) == {}


# -- bounds -----------------------------------------------------------------------------------------------------------


def test_what_is_late_has_failed(exchange: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole is over in time, whatever hangs; what has not ended is told."""
    release = threading.Event()
    monkeypatch.setattr(examination, "examine_rest", lambda *_: release.wait(30))
    try:
        found = examine(exchange.environment, products=["coinm"], timeout=1.5)
    finally:
        release.set()
    is_told(of(found, "rest"), Outcome.FAILED, "not done within the 1.5 s")


@pytest.mark.parametrize("code", [errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNRESET])
def test_errors_of_the_system_have_words(code: int) -> None:
    """Each has a meaning of its own."""
    from binance_sockets.errors import ConnectError

    error = ConnectError("host:1", "no")
    error.__cause__ = OSError(code, "no")
    assert advice.explain(error) == advice._SYSTEM[code]
