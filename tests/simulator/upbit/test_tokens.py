"""Who may open private connections and make calls: tokens, keys, their scopes, addresses and regions."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from simulator.helpers import PATIENCE, client
from simulator.upbit.helpers import GENEROUS, INFO, PRIVATE, PUBLIC, Member, ask, bearer, error, part, receive, token
from websockets.exceptions import InvalidStatus

from binance_sockets.simulator import Fault, Simulator, UpbitOptions
from binance_sockets.simulator.accounts import Accounts
from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.tokens import SCOPES, Gatekeeper

KEY, SECRET = "key" * 10, "secret" * 6


@pytest.fixture
def gate() -> Gatekeeper:
    accounts = Accounts(SCOPES)
    accounts.create(KEY, secret=SECRET, permissions=SCOPES)
    return Gatekeeper(accounts)


def refusal(gate: Gatekeeper, header: str | None, **options: Any) -> str:
    """The name of a refusal; "" where there is none."""
    try:
        gate.key(header, "127.0.0.1", **options)
    except Refused as refused:
        assert refused.status == 401
        return str(refused.name)
    return ""


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_token_is_good_whatever_its_length(gate: Gatekeeper, algorithm: str) -> None:
    """The exchange recommends HS512, its own SDK takes HS256."""
    assert refusal(gate, f"Bearer {token(KEY, SECRET, algorithm=algorithm)}") == ""


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, "no_authorization_token"),
        ("", "no_authorization_token"),
        ("Basic abc", "no_authorization_token"),
        ("Bearer ", "no_authorization_token"),
        ("Bearer abc", "jwt_verification"),
        ("Bearer a.b.c", "jwt_verification"),
        ("Bearer é.é.é", "jwt_verification"),
        (f"Bearer {token(KEY, 'wrong')}", "jwt_verification"),
        (f"Bearer {token('nobody', SECRET)}", "invalid_access_key"),
        (f"Bearer {token(KEY, SECRET, nonce=None)}", "jwt_verification"),
        (f"Bearer {token(KEY, SECRET, nonce='')}", "jwt_verification"),
        (f"Bearer {token(KEY, SECRET, nonce='x' * 201)}", "jwt_verification"),
        (f"Bearer {part({'alg': 'HS512'})}.{part({'access_key': [KEY], 'nonce': '1'})}.x", "jwt_verification"),
        (f"Bearer {part({'alg': 'none'})}.{part({'access_key': KEY, 'nonce': '1'})}.", "jwt_verification"),
        (f"Bearer {part({'alg': ['HS512']})}.{part({'access_key': KEY, 'nonce': '1'})}.", "jwt_verification"),
        (f"Bearer {part([1])}.{part([2])}.x", "jwt_verification"),
        (f"Bearer {base64.urlsafe_b64encode(b'[' * 9000).decode()}.x.y", "jwt_verification"),
    ],
)  # fmt: skip
def test_what_is_no_good_token_has_a_name(gate: Gatekeeper, header: str | None, name: str) -> None:
    """Nothing of it is ever an error of the server."""
    assert refusal(gate, header) == name


@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    """By name, and by nothing else."""
    assert refusal(Gatekeeper(Accounts(SCOPES)), f"Bearer {text}")


def test_a_nonce_is_used_once(gate: Gatekeeper) -> None:
    """nonce_used, unless the exchange does not look."""
    text = f"Bearer {token(KEY, SECRET)}"
    assert [refusal(gate, text), refusal(gate, text), refusal(gate, text, once=False)] == ["", "nonce_used", ""]


def test_parameters_must_be_hashed(gate: Gatekeeper) -> None:
    """invalid_query_payload without a hash, with another one, and with another algorithm."""
    hashes = {"0" * 128}
    assert refusal(gate, f"Bearer {token(KEY, SECRET)}", hashes=hashes) == "invalid_query_payload"
    assert refusal(gate, f"Bearer {token(KEY, SECRET, 'a=1')}", hashes=hashes) == "invalid_query_payload"
    good = token(KEY, SECRET, query_hash="0" * 128, query_hash_alg="sha512")
    assert refusal(gate, f"Bearer {good}", hashes=hashes) == ""
    other = token(KEY, SECRET, query_hash="0" * 128, query_hash_alg="SHA256")
    assert refusal(gate, f"Bearer {other}", hashes=hashes) == "invalid_query_payload"


@pytest.fixture(scope="module")
def house() -> Iterator[Simulator]:
    """An exchange with keys of several kinds."""
    with Simulator(speed=50, upbit=GENEROUS) as sim:
        sim.upbit.create("assets", SECRET, scopes=["VIEW_ASSETS"], balances={"KRW": "1000000"})
        sim.upbit.create("orders", SECRET, scopes=["VIEW_ORDERS"])
        sim.upbit.create("elsewhere", SECRET, ip=["10.0.0.1"])
        sim.upbit.create("old", SECRET)
        sim.upbit.expire("old")
        sim.upbit.create("gone", SECRET)
        sim.upbit.revoke("gone")
        sim.upbit.create("sg", SECRET, region="sg", balances={"SGD": "5000"})
        yield sim


@pytest.mark.parametrize("place", [PRIVATE, INFO])
@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("elsewhere", "no_authorization_ip"), ("old", "expired_access_key"), ("gone", "invalid_access_key"),
        ("sg", "invalid_access_key"), ("nobody", "invalid_access_key"), (None, "no_authorization_token"),
    ],
)  # fmt: skip
def test_a_handshake_without_a_good_token_is_answered_401(
    house: Simulator, place: str, key: str | None, name: str
) -> None:
    """With the reason as an error."""
    options = {} if key is None else {"additional_headers": {"Authorization": f"Bearer {token(key, SECRET)}"}}
    with pytest.raises(InvalidStatus) as caught, client(house, place, **options):
        pass
    assert caught.value.response.status_code == 401
    assert json.loads(caught.value.response.body or b"")["error"]["name"] == name


def test_a_key_is_good_in_its_region_alone(house: Simulator) -> None:
    """And has its balances there."""
    assert Member(house, "sg", SECRET, "upbit-sg").get("accounts")[0]["currency"] == "SGD"
    assert Member(house, "sg", SECRET).call("GET", "accounts").json()["error"]["name"] == "invalid_access_key"
    with Member(house, "sg", SECRET).stream("/upbit-sg/websocket/v1/private") as stream:
        ask(stream, {"type": "myAsset"})
        stream.ping().wait(PATIENCE)
        house.upbit.deposit("sg", "SGD", "1")
        assert receive(stream)["assets"][0]["currency"] == "SGD"


@pytest.mark.parametrize(
    ("key", "kind", "good"),
    [
        ("assets", "myAsset", True), ("assets", "myOrder", False), ("orders", "myOrder", True),
        ("orders", "myAsset", False), ("orders", "announcement", True),
    ],
)  # fmt: skip
def test_private_streams_need_their_scope(house: Simulator, key: str, kind: str, good: bool) -> None:
    """Announcements need none."""
    with Member(house, key, SECRET).stream() as stream:
        ask(stream, {"type": kind})
        if not good:
            assert error(stream)["name"] == "INVALID_AUTH"
        ask(stream, {"method": "LIST_SUBSCRIPTIONS"})
        assert [row["type"] for row in receive(stream)["result"]] == ([kind] if good else [])


@pytest.mark.parametrize(
    ("key", "method", "path", "status"),
    [
        ("assets", "GET", "accounts", 200), ("assets", "GET", "orders/open", 401), ("assets", "POST", "orders", 401),
        ("orders", "GET", "orders/open", 200), ("orders", "GET", "accounts", 401), ("orders", "DELETE", "order", 401),
    ],
)  # fmt: skip
def test_calls_need_their_scope(house: Simulator, key: str, method: str, path: str, status: int) -> None:
    """out_of_scope."""
    answer = Member(house, key, SECRET).call(method, path)
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]["name"] == "out_of_scope"


def test_the_scope_error_may_have_another_name() -> None:
    """What a stream says of it is not written anywhere."""
    with Simulator(upbit=UpbitOptions(scope_error="OUT_OF_SCOPE")) as sim:
        sim.upbit.create("assets", SECRET, scopes=["VIEW_ASSETS"])
        with Member(sim, "assets", SECRET).stream() as stream:
            ask(stream, {"type": "myOrder"})
            assert error(stream)["name"] == "OUT_OF_SCOPE"


def test_a_handshake_may_be_refused_later() -> None:
    """Then every request is INVALID_AUTH, whatever it asks for."""
    with Simulator(upbit=UpbitOptions(late_auth=True)) as sim, bearer(sim, "nonsense") as stream:
        for row in ({"type": "myAsset"}, {"type": "nope"}):
            ask(stream, row)
            assert error(stream)["name"] == "INVALID_AUTH"


def test_a_token_opens_one_connection_unless_the_exchange_does_not_look() -> None:
    """By default it looks, as it does over REST."""
    text = token()
    with Simulator() as sim, bearer(sim, text), pytest.raises(InvalidStatus, match="401"), bearer(sim, text):
        pass
    with Simulator(upbit=UpbitOptions(nonce_once=False)) as sim, bearer(sim, text), bearer(sim, text):
        pass


def test_the_public_endpoint_takes_any_token(house: Simulator) -> None:
    """And needs none."""
    with bearer(house, "nonsense", PUBLIC) as connection:
        ask(connection, {"type": "trade", "codes": ["KRW-BTC"]})
        assert receive(connection)["type"] == "trade"


def test_a_key_that_is_taken_back_subscribes_to_nothing_more(house: Simulator) -> None:
    """On a connection that it opened; REST does not know it any more."""
    house.upbit.create("brief", SECRET)
    with Member(house, "brief", SECRET).stream() as stream:
        ask(stream, {"type": "myAsset"})
        house.upbit.revoke("brief")
        ask(stream, {"type": "myOrder"})
        assert error(stream)["name"] == "INVALID_AUTH"
    assert Member(house, "brief", SECRET).call("GET", "accounts").status_code == 401


def test_info_exists_where_it_is_said_to() -> None:
    """In Korea by default; whether elsewhere is not documented."""
    with Simulator(upbit=GENEROUS) as sim:
        sim.upbit.create("sg", SECRET, region="sg")
        with pytest.raises(InvalidStatus, match="404"), Member(sim, "sg", SECRET).stream("/upbit-sg/websocket/v1/info"):
            pass
    with Simulator(upbit=UpbitOptions(info_regions=("kr", "sg"))) as sim:
        sim.upbit.create("sg", SECRET, region="sg")
        with Member(sim, "sg", SECRET).stream("/upbit-sg/websocket/v1/info"):
            pass


@pytest.mark.parametrize(("on", "struck"), [("logon", True), ("any", True), ("listen_key", False)])
def test_a_fault_refuses_tokens(house: Simulator, on: str, struck: bool) -> None:
    """At the handshake, with its status."""
    fault = house.inject(Fault.CREDENTIAL_REFUSED, product="upbit", on=on, status=403, count=1)
    if struck:
        with pytest.raises(InvalidStatus, match="403"), Member(house).stream():
            pass
    with Member(house).stream():
        pass
    fault.remove()
    assert fault.struck == struck


def test_a_query_is_hashed_as_it_is_sent_or_not_encoded(house: Simulator) -> None:
    """As SDKs do it in either way: brackets bare or encoded, a form in a GET, JSON with numbers."""
    url = f"{house.url}/upbit/v1"
    with requests.Session() as session:
        session.trust_env = False

        def call(method: str, path: str, hashed: str, **options: Any) -> int:
            headers = {"Authorization": f"Bearer {token(query=hashed)}", **options.pop("headers", {})}
            return session.request(method, url + path, headers=headers, timeout=PATIENCE, **options).status_code

        assert call("GET", "/orders/open?market=KRW-BTC&states[]=wait", "market=KRW-BTC&states[]=wait") == 200
        assert call("GET", "/orders/open?market=KRW-BTC&states%5B%5D=wait", "market=KRW-BTC&states[]=wait") == 200
        assert (
            call("GET", "/orders/open", "market=KRW-BTC&state=wait", data={"market": "KRW-BTC", "state": "wait"}) == 200
        )
        assert call("GET", "/orders/open?market=KRW-BTC", "market=KRW-ETH") == 401
        assert call("GET", "/orders/open?market=KRW-BTC", "") == 401
        order = {"market": "KRW-BTC", "side": "bid", "ord_type": "limit", "price": 50000000, "volume": 0.001}
        text = "market=KRW-BTC&side=bid&ord_type=limit&price=50000000&volume=0.001"
        assert call("POST", "/orders/test", text, json=order) == 201
        assert call("POST", "/orders/test", text, data=order) == 201
        assert call("POST", "/orders/test", text, data=b"[1]") == 400


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("", "s"), {}), (("a b", "s"), {}), ((5, "s"), {}), (("k", ""), {}), (("k", 5), {}), (("demo" * 10, "s"), {}),
        (("k", "s"), {"scopes": ["X"]}), (("k", "s"), {"ip": ["x"]}), (("k", "s"), {"ip": "10.0.0.1"}),
        (("k", "s"), {"region": "us"}), (("k", "s"), {"balances": {"KRW": "x"}}), (("k", "s"), {"balances": [1]}),
        (("k", "s"), {"balances": {"krw": "1"}}), (("k", "s"), {"balances": {"KRW": "-1"}}),
    ],
)  # fmt: skip
def test_accounts_that_make_no_sense_are_refused(arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    """At once, and without the secret in the text."""
    with pytest.raises(ValueError, match=r".+"):
        Simulator().upbit.create(*arguments, **options)


def test_the_registrar_knows_its_keys() -> None:
    """And says which it does not."""
    sim = Simulator()
    sim.upbit.create("k", "s", balances={"KRW": "10"})
    assert sim.upbit.balances("k") == {"KRW": ("10.00000000", "0.00000000")}
    for call in (sim.upbit.revoke, sim.upbit.expire, sim.upbit.balances):
        with pytest.raises(KeyError):
            call("nobody")
    with pytest.raises(RuntimeError, match="started"):
        sim.upbit.deposit("k", "KRW", "1")
