"""What the exchange refuses: by name, and what is done about it."""

from __future__ import annotations

import itertools

import pytest
from fake_upbit import Inline

from binance_sockets import CredentialError, HandshakeRejected, SnapshotMissing, SubscriptionRejected
from binance_sockets.errors import ConfigError
from binance_sockets.exchanges.upbit.refusals import advice, is_auth, is_passing
from binance_sockets.exchanges.upbit.tokens import UpbitKey
from binance_sockets.testing import Refuse, binary


def account(**arguments: object) -> Inline:
    return Inline(access_key="access", secret_key="secret", **arguments)


@pytest.mark.parametrize("name", ["WRONG_FORMAT", "NO_TICKET", "NO_TYPE", "NO_CODES", "INVALID_PARAM"])
def test_a_wrong_request_is_told_and_not_repeated(name: str) -> None:
    """What was asked for last is rejected; what ran before is asked for again without it, and has a gap until then."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.at(1, lambda: manager.exchange.refusals.append(name))
    manager.at(1, lambda: manager.begin(manager.start_trade_socket("KRW-ETH", manager.into("b"))))
    manager.run_until(30)
    error, missing = manager.errors
    assert isinstance(error, SubscriptionRejected)
    assert isinstance(missing, SnapshotMissing)
    assert error.streams == ("trade:KRW-ETH",)
    assert [(gap.conn_key, gap.streams) for gap in manager.gaps] == [("ticker=KRW-BTC", ("ticker:KRW-BTC",))]
    assert str(error).startswith(f"{name}: no")
    assert [each["type"] for each in manager.exchange.link.subscriptions] == ["ticker"]
    assert manager.got["a"][0]["stream_type"] == "SNAPSHOT"
    assert len(manager.wire.links) == 1


@pytest.mark.parametrize("name", ["TOO_MANY_REQUEST", "Too Many Requests"])
def test_too_many_requests_are_asked_again_later(name: str) -> None:
    """The same is asked for after the wait of the back-off, and comes."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.at(1, lambda: manager.exchange.refusals.extend([name, name]))
    manager.at(1, lambda: manager.begin(manager.start_trade_socket("KRW-ETH", manager.into("b"))))
    manager.run_until(30)
    asked = [at for at, _ in manager.exchange.link.lists]
    assert len(asked) == 4
    waits = [round(later - first, 3) for first, later in itertools.pairwise(asked[1:])]
    assert waits == [1.0, 2.0]
    assert [message["stream_type"] for message in manager.got["b"]] == ["SNAPSHOT"]
    assert sorted(each["type"] for each in manager.exchange.link.subscriptions) == ["ticker", "trade"]


def test_an_error_out_of_the_blue_is_told() -> None:
    """One that belongs to nothing that was sent ends no stream."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    late = b'{"error":{"name":"INTERNAL","message":"sorry"}}'
    manager.at(20, lambda: manager.exchange.link.play([binary(late)]))
    manager.at(21, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.run_until(22)
    assert [str(error) for error in manager.errors] == ["INTERNAL: sorry"]
    assert len(manager.got["a"]) == 2


def test_signs_of_life_and_rubbish() -> None:
    """``{"status": "UP"}`` is nothing, in any form; what nobody knows is told, and the stream goes on."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    for wire in (b'{"status":"UP"}', b'[{"status":"UP"}]'):
        manager.at(1, lambda wire=wire: manager.exchange.link.play([binary(wire)]))
    manager.run_until(2)
    assert manager.errors == []
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    for wire in (b"[]", b"7", b"{", b'{"type":"neverHeardOf"}', b'{"type":"ticker"}', b"\xff\xfe"):
        manager.at(1, lambda wire=wire: manager.exchange.link.play([binary(wire)]))
    manager.at(2, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.run_until(3)
    assert len(manager.errors) == 6
    assert {type(error).__name__ for error in manager.errors} == {"DecodeError"}
    assert len(manager.got["a"]) == 2


def test_several_in_one_list() -> None:
    """A list of messages of several markets is delivered piece by piece."""
    manager = Inline(format="JSON_LIST")
    manager.begin(manager.start_ticker_socket(["KRW-BTC", "KRW-ETH"], manager.into("a")))
    both = b'[{"type":"ticker","code":"KRW-BTC","timestamp":1,"stream_type":"REALTIME"},' \
           b'{"type":"ticker","code":"KRW-ETH","timestamp":2,"stream_type":"REALTIME"}]'  # fmt: skip
    manager.at(1, lambda: manager.exchange.link.play([binary(both)]))
    manager.run_until(2)
    assert [message["code"] for message in manager.got["a"][2:]] == ["KRW-BTC", "KRW-ETH"]
    assert manager.errors == []


@pytest.mark.parametrize("name", ["jwt_verification", "no_authorization_ip", "out_of_scope", "invalid_access_key"])
def test_a_refused_key_ends_the_socket_with_the_reason(name: str) -> None:
    """HTTP 401 is not tried again; the error names what the exchange says, and no secret."""
    body = f'{{"error":{{"name":"{name}","message":"no"}}}}'.encode()
    manager = account()
    manager.wire.failures.append(Refuse(HandshakeRejected("api.upbit.com", 401, {}, body)))
    manager.begin(manager.start_my_asset_socket(manager.into("a"), prime=False))
    manager.run_until(30)
    assert len(manager.wire.attempts) == 1
    assert manager.got["a"] == [{"e": "error", "m": "Max reconnect retries reached"}]
    assert name in str(manager.errors[-1])
    assert advice(name)
    assert "secret" not in "".join(map(str, manager.errors))


def test_a_token_that_is_refused_on_an_open_link() -> None:
    """``INVALID_AUTH`` asks for another handshake, whose token is a new one; five times, then it is over."""
    manager = account()
    manager.exchange.refusals.extend(["INVALID_AUTH"] * 10)
    manager.begin(manager.start_my_order_socket(manager.into("a"), prime=False))
    manager.run_until(60)
    assert [round(at - 1000) for at, _ in manager.wire.attempts] == [0, 1, 3, 7, 15, 31]
    tokens = [dict(request.headers)["Authorization"] for _, request in manager.wire.attempts]
    assert len(set(tokens)) == 6
    assert isinstance(manager.errors[-1], CredentialError)
    assert "permission" in str(manager.errors[-1])  # which is what it may mean, too
    assert manager.got["a"][-1]["e"] == "error"


@pytest.mark.parametrize(("status", "after"), [(429, 7.0), (418, 60.0)])
def test_a_ban_is_waited_for(status: int, after: float) -> None:
    """HTTP 429 and 418 are waited for as long as they say, which costs no attempt."""
    manager = Inline()
    manager.wire.failures.append(Refuse(HandshakeRejected("api.upbit.com", status, {}, b"", after)))
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.run_until(100)
    assert [at - 1000 for at, _ in manager.wire.attempts] == [0, pytest.approx(after, abs=1.01)]
    assert len(manager.got["a"]) == 1


def test_back_off() -> None:
    """1, 2, 4, 8 and 16 seconds, then it gives up."""
    manager = Inline()
    manager.wire.failures.extend([Refuse(OSError("no"))] * 10)
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.run_until(100)
    assert [round(at - 1000, 3) for at, _ in manager.wire.attempts] == [0, 1, 3, 7, 15, 31]
    assert manager.got["a"] == [{"e": "error", "m": "Max reconnect retries reached"}]


def test_names() -> None:
    """Spelled in any way."""
    assert all(map(is_passing, ("TOO_MANY_REQUEST", "too many requests", "I'm a Teapot")))
    assert all(map(is_auth, ("INVALID_AUTH", "jwt_verification", "nonce_used")))
    assert not is_auth("WRONG_FORMAT")
    assert advice("WRONG_FORMAT") == ""


def test_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parts, from arguments or variables; neither shows anywhere."""
    monkeypatch.delenv("UPBIT_ACCESS_KEY", raising=False)
    monkeypatch.delenv("UPBIT_SECRET_KEY", raising=False)
    assert UpbitKey.resolve(None, None) is None
    with pytest.raises(ConfigError, match="secret_key"):
        UpbitKey.resolve("hidden-access", None)
    with pytest.raises(ConfigError, match="UPBIT_ACCESS_KEY"):
        Inline().start_my_asset_socket(print)
    monkeypatch.setenv("UPBIT_ACCESS_KEY", " hidden-access ")
    monkeypatch.setenv("UPBIT_SECRET_KEY", "hidden-secret\n")
    key = UpbitKey.resolve(None, None)
    assert key == UpbitKey("hidden-access", "hidden-secret")
    assert "hidden" not in repr(key)
    manager = Inline()
    assert manager.start_my_asset_socket(print) == "myAsset"
    manager.close()
