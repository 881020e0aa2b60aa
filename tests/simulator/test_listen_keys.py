"""Listen keys and the streams they open, on every product and in every form of the address."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
import requests
from simulator.helpers import LISTED
from simulator.members import HMAC, by_hmac, following, opened, rest

from binance_sockets.simulator import Fault, LimitOverrides, Simulator

KEY = HMAC[0]
PATHS = {
    "usdm": "/usdm/fapi/v1/listenKey",
    "coinm": "/coinm/dapi/v1/listenKey",
    "options": "/options/eapi/v1/listenKey",
    "portfolio": "/portfolio/papi/v1/listenKey",
    "margin-risk": "/spot/sapi/v1/margin/listen-key",
    "us": "/us/api/v3/userDataStream",
}
STREAMS = [
    ("usdm", "usdm", "/usdm/private/ws?listenKey={key}&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE/listenKeyExpired"),
    ("usdm", "usdm", "/usdm/private/ws?listenKey={key}"),
    ("usdm", "usdm", "/usdm/private/ws/{key}"),
    ("usdm", "portfolio-pro", "/portfolio/pm-classic/ws/{key}"),
    ("coinm", "coinm", "/coinm/ws/{key}"),
    ("coinm", "coinm", "/coinm/ws?listenKey={key}"),
    ("portfolio", "portfolio", "/portfolio/pm/ws/{key}"),
    ("margin-risk", "margin-risk", "/margin/ws/{key}"),
    ("us", "spot", "/us/ws/{key}"),
]
ENVELOPED = [
    ("usdm", "usdm", "/usdm/private/stream?listenKey={key}&events=ACCOUNT_UPDATE"),
    ("usdm", "usdm", "/usdm/private/stream?listenKey={key}"),
    ("usdm", "usdm", "/usdm/private/stream?streams={key}"),
    ("coinm", "coinm", "/coinm/stream?streams={key}"),
    ("options", "options", "/options/private/ws/{key}"),
    ("options", "options", "/options/private/stream?listenKey={key}"),
    ("options", "options", "/usdm/private/ws/{key}"),
    ("margin-risk", "margin-risk", "/margin/stream?streams={key}"),
]
EVENT = {"e": "ACCOUNT_UPDATE", "E": 1, "T": 1, "a": {"m": "DEPOSIT", "B": [], "P": []}}


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    with Simulator(symbols=LISTED) as simulator:
        accounts, member = simulator.accounts, by_hmac()
        accounts.create(member.api_key, **member.arguments)
        for name in ("second", "fourth", "shortlived"):
            accounts.create(name, secret="s")
        accounts.add_key("second", "third", secret="t")
        accounts.create("narrow", secret="s", permissions=("USER_DATA",))
        accounts.create("elsewhere", secret="s", ip=("10.0.0.7",))
        yield simulator


@pytest.fixture
def exchange(shared: Simulator) -> Iterator[Simulator]:
    """The shared simulator, where nobody has a listen key yet."""
    shared.accounts.expire_listen_keys()
    yield shared
    shared.clear_faults()


def issued(sim: Simulator, product: str = "usdm", key: str = KEY) -> str:
    answer = rest(sim, "POST", PATHS[product], key)
    assert answer.status_code == 200, answer.text
    text: str = answer.json()["listenKey"]
    return text


@pytest.mark.parametrize("product", PATHS)
def test_life_of_a_listen_key(exchange: Simulator, product: str) -> None:
    """POST is idempotent, PUT extends, DELETE ends; afterwards PUT is refused with -1125 and POST makes another."""
    key = issued(exchange, product)
    assert len(key) == 64
    assert issued(exchange, product) == key
    put = rest(exchange, "PUT", PATHS[product], KEY, params={"listenKey": key})
    assert (put.status_code, put.json()) == (200, {"listenKey": key} if product in ("usdm", "coinm") else {})
    assert rest(exchange, "PUT", PATHS[product], KEY, params={"listenKey": "other"}).json()["code"] == -1125
    delete = rest(exchange, "DELETE", PATHS[product], KEY)
    assert (delete.status_code, delete.json()) == (200, {})
    late = rest(exchange, "PUT", PATHS[product], KEY)
    assert (late.status_code, late.json()) == (400, {"code": -1125, "msg": "This listenKey does not exist."})
    assert issued(exchange, product) != key


def test_options_tell_when_a_key_expires(exchange: Simulator) -> None:
    """POST on options carries the time of the expiry, an hour from now."""
    answer = rest(exchange, "POST", PATHS["options"], KEY).json()
    assert answer["expiration"] / 1000 == pytest.approx(time.time() + 3600, abs=30)


def test_keys_belong_to_one_account_and_product(exchange: Simulator) -> None:
    """Two products, and two accounts, have different keys; two API keys of one account share theirs."""
    keys = {issued(exchange, product, api_key) for product in ("usdm", "coinm") for api_key in (KEY, "second")}
    assert len(keys) == 4
    assert issued(exchange, "usdm", "third") == issued(exchange, "usdm", "second")
    assert exchange.accounts.listen_keys("third").keys() == {"usdm", "coinm"}


def test_what_opens_no_door(exchange: Simulator) -> None:
    """No key, an unknown one, one without the permission, and one for another address are refused with 401."""
    expected = {None: -2014, "no key!": -2014, "nobody": -2015, "narrow": -2015, "elsewhere": -2015}
    for api_key, code in expected.items():
        answer = rest(exchange, "POST", PATHS["usdm"], api_key)
        assert (answer.status_code, answer.json()["code"]) == (401, code)


@pytest.mark.parametrize(("product", "wallet", "path"), STREAMS)
def test_raw_streams(exchange: Simulator, product: str, wallet: str, path: str) -> None:
    """Every raw form of the address brings the bare events, then the notice of expiry, then silence."""
    key = issued(exchange, product)
    with opened(exchange, path.format(key=key)) as stream:
        following(exchange, path.split("/")[1], key)
        exchange.accounts.publish(KEY, wallet, EVENT)
        assert stream.event() == EVENT
        assert exchange.accounts.expire_listen_keys(KEY, product) == 1
        last = stream.event()
        assert (last.pop("e"), last.pop("E") > 0) == ("listenKeyExpired", True)
        assert last == ({} if product == "portfolio" else {"listenKey": key})
        exchange.accounts.publish(KEY, wallet, EVENT)
        answers = stream.connection.ping("x")
        assert answers is None
        assert stream.connection.recv_data(control_frame=True)[1] == b"x"  # open, and nothing came before


@pytest.mark.parametrize(("product", "wallet", "path"), ENVELOPED)
def test_enveloped_streams(exchange: Simulator, product: str, wallet: str, path: str) -> None:
    """Combined streams, and those of options, name the key beside each event."""
    key = issued(exchange, product)
    with opened(exchange, path.format(key=key)) as stream:
        following(exchange, path.split("/")[1], key)
        exchange.accounts.publish(KEY, wallet, EVENT)
        assert stream.event() == {"stream": key, "data": EVENT}


def test_a_key_may_be_subscribed(exchange: Simulator) -> None:
    """SUBSCRIBE takes a listen key like a stream's name, UNSUBSCRIBE ends it."""
    key = issued(exchange)
    with opened(exchange, "/usdm/private/stream") as stream:
        for method, seen in (("SUBSCRIBE", True), ("UNSUBSCRIBE", False)):
            stream.send({"method": method, "params": [key], "id": 1})
            assert stream.receive() == {"result": None, "id": 1}
            exchange.accounts.publish(KEY, "usdm", EVENT)
            if seen:
                assert stream.event() == {"stream": key, "data": EVENT}
        stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 2})
        assert stream.receive() == {"result": [], "id": 2}


def test_events_are_chosen_for_each_key(exchange: Simulator) -> None:
    """With several keys in one address each brings the events named behind it, and ``ALGO_ORDER_UPDATE`` another."""
    one, two = issued(exchange), issued(exchange, "usdm", "fourth")
    query = f"listenKey={one}&events=ORDER_TRADE_UPDATE&listenKey={two}&events=ALGO_ORDER_UPDATE/ACCOUNT_UPDATE"
    with opened(exchange, f"/usdm/private/stream?{query}") as stream:
        following(exchange, "usdm", two)
        for api_key in (KEY, "fourth"):
            for kind in ("ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE", "ALGO_UPDATE"):
                exchange.accounts.publish(api_key, "usdm", {"e": kind})
        seen = [(message["stream"], message["data"]["e"]) for message in (stream.event() for _ in range(3))]
        assert seen == [(one, "ORDER_TRADE_UPDATE"), (two, "ACCOUNT_UPDATE"), (two, "ALGO_UPDATE")]


@pytest.mark.parametrize("path", ["/usdm/private/ws/{key}", "/coinm/ws/{key}", "/portfolio/pm/ws/{key}"])
def test_a_bogus_key_is_followed_in_silence(exchange: Simulator, path: str) -> None:
    """A key that nobody has issued upgrades like any other; so does a key of another product, or on the plain path."""
    foreign = issued(exchange, "margin-risk")
    for key in ("bogus" * 12, foreign):
        with opened(exchange, path.format(key=key)) as stream:
            assert stream.connection.status == 101
            exchange.accounts.publish(KEY, "margin-risk", EVENT)
            stream.connection.ping("still here")
            assert stream.connection.recv_data(control_frame=True)[1] == b"still here"


def test_the_plain_path_of_usdm_is_dead(exchange: Simulator) -> None:
    """``/ws/<listenKey>`` without ``/private`` connects and brings nothing."""
    key = issued(exchange)
    with opened(exchange, f"/usdm/ws/{key}") as stream:
        following(exchange, "usdm", key)
        exchange.accounts.publish(KEY, "usdm", EVENT)
        stream.connection.ping("nothing")
        assert stream.connection.recv_data(control_frame=True)[1] == b"nothing"


def test_keys_expire_by_themselves() -> None:
    """A key that nobody extends ends with its event after its lifetime, a deleted one without."""
    member = by_hmac()
    with Simulator(symbols=LISTED, limits=LimitOverrides(listen_key_lifetime=0.2)) as sim:
        sim.accounts.create(member.api_key, **member.arguments)
        key = issued(sim, "coinm")
        with opened(sim, f"/coinm/ws/{key}") as stream:
            assert stream.event()["e"] == "listenKeyExpired"
        assert rest(sim, "PUT", PATHS["coinm"], KEY).json()["code"] == -1125


def test_extension_moves_the_expiry() -> None:
    """A stream whose key was extended lives on; the clock of the exchange decides when it ends."""
    member = by_hmac()
    with Simulator(symbols=LISTED) as sim:
        sim.accounts.create(member.api_key, **member.arguments)
        key = issued(sim)
        sim.accounts.clock_skew = 3500.0
        assert rest(sim, "PUT", PATHS["usdm"], KEY).status_code == 200
        sim.accounts.clock_skew = 3700.0
        assert issued(sim) == key
        with opened(sim, f"/usdm/private/ws?listenKey={key}") as stream:
            following(sim, "usdm", key)
            sim.accounts.clock_skew = 3700.0 + 3601.0
            assert stream.event()["e"] == "listenKeyExpired"
        assert issued(sim) != key


def test_faults_of_listen_keys(exchange: Simulator) -> None:
    """They expire, are rotated, and are refused on demand, on the product that is meant."""
    key, other = issued(exchange), issued(exchange, "coinm")
    with opened(exchange, f"/usdm/private/ws?listenKey={key}") as stream:
        following(exchange, "usdm", key)
        assert exchange.inject(Fault.LISTEN_KEY_EXPIRED, product="usdm").struck == 1
        assert stream.event()["listenKey"] == key
    assert issued(exchange, "coinm") == other
    key = issued(exchange)
    exchange.inject(Fault.LISTEN_KEY_ROTATED, count=1)
    rotated = rest(exchange, "PUT", PATHS["usdm"], KEY).json()["listenKey"]
    assert rotated not in (key, other)
    assert issued(exchange) == rotated
    exchange.inject(Fault.CREDENTIAL_REFUSED, on="renewal", status=503, code=-1001, msg="busy", count=1)
    assert issued(exchange) == rotated
    refused = rest(exchange, "PUT", PATHS["usdm"], KEY)
    assert (refused.status_code, refused.json()) == (503, {"code": -1001, "msg": "busy"})
    assert rest(exchange, "PUT", PATHS["usdm"], KEY).status_code == 200


def test_a_renewal_may_hang(exchange: Simulator) -> None:
    """REST is answered late on one path, so that clients must give up by themselves."""
    issued(exchange)
    late = exchange.inject(Fault.REST_LATE, path=PATHS["usdm"], delay=30.0)
    with pytest.raises(requests.ReadTimeout):
        rest(exchange, "PUT", PATHS["usdm"], KEY, timeout=0.1)
    assert issued(exchange, "coinm")
    late.remove()
    assert late.struck == 1
    assert rest(exchange, "PUT", PATHS["usdm"], KEY).status_code == 200


def test_an_expiry_may_be_silent(exchange: Simulator) -> None:
    """Without the notice a stream only falls silent."""
    key = issued(exchange)
    with opened(exchange, f"/usdm/private/ws?listenKey={key}") as stream:
        following(exchange, "usdm", key)
        exchange.inject(Fault.LISTEN_KEY_EXPIRED, notice=False)
        exchange.accounts.publish(KEY, "usdm", EVENT)
        stream.connection.ping("silent")
        assert stream.connection.recv_data(control_frame=True)[1] == b"silent"


def test_a_revoked_key_ends_its_listen_key(exchange: Simulator) -> None:
    """Its stream is told, and it makes no other."""
    key = issued(exchange, "usdm", "shortlived")
    with opened(exchange, f"/usdm/private/ws?listenKey={key}") as stream:
        following(exchange, "usdm", key)
        exchange.accounts.revoke("shortlived")
        assert stream.event()["e"] == "listenKeyExpired"
    assert rest(exchange, "POST", PATHS["usdm"], "shortlived").json()["code"] == -2015


def test_listen_keys_outlive_a_restart() -> None:
    """The exchange forgets no account, and no key, when it is stopped and started again."""
    member = by_hmac()
    with Simulator(symbols=LISTED) as sim:
        sim.accounts.create(member.api_key, **member.arguments)
        key = issued(sim)
        sim.stop()
        assert sim.accounts.listen_keys(KEY) == {"usdm": key}
        sim.start()
        with opened(sim, f"/usdm/private/ws?listenKey={key}") as stream:
            following(sim, "usdm", key)
            sim.accounts.publish(KEY, "usdm", EVENT)
            assert stream.event() == EVENT


def test_listen_keys_over_the_websocket_apis(exchange: Simulator) -> None:
    """``userDataStream.start``, ``.ping`` and ``.stop`` manage the same key, with a key and no signature."""
    for product, path in (("usdm", "/usdm/ws-fapi/v1"), ("coinm", "/coinm/ws-dapi/v1")):
        with opened(exchange, path) as api:
            key = api.result("userDataStream.start", {"apiKey": KEY})["listenKey"]
            assert key == issued(exchange, product)
            assert api.result("userDataStream.ping", {"apiKey": KEY}) == {"listenKey": key}
            assert api.result("userDataStream.stop", {"apiKey": KEY}) == {}
            assert api.code("userDataStream.ping", {"apiKey": KEY}) == (400, -1125)
            assert api.code("userDataStream.start", {"apiKey": "nobody"}) == (401, -2015)
            assert api.code("userDataStream.start") == (400, -1102)


@pytest.mark.parametrize(
    "path", ["/spot/api/v3/userDataStream", "/spot/api/v1/userDataStream", "/spot/sapi/v1/userDataStream/isolated"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_spot_and_margin_have_none_any_more(exchange: Simulator, path: str, method: str) -> None:
    """They answer 410 with a page."""
    answer = rest(exchange, method, path, KEY)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (410, "text/html")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)
