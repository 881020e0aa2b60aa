"""Accounts and announcements over the control endpoint, for programs in any language."""

from __future__ import annotations

from typing import Any

import pytest
from simulator.helpers import PATIENCE, get
from simulator.upbit.helpers import Member, ask, receive

from binance_sockets.simulator import Simulator

ACCOUNTS = "/control/upbit/accounts"


def test_an_account_is_opened_used_and_closed(exchange: Simulator) -> None:
    """With the arguments of ``create``; money and announcements arrive on its streams."""
    body = {"access_key": "remote", "secret_key": "s", "balances": {"KRW": "10"}, "scopes": ["VIEW_ASSETS"]}
    assert get(exchange, ACCOUNTS, "POST", body) == (201, {})
    assert get(exchange, f"{ACCOUNTS}/remote") == (200, {"balances": {"KRW": ["10.00000000", "0.00000000"]}})
    with Member(exchange, "remote", "s").stream() as stream:
        ask(stream, {"type": "myAsset"}, {"type": "announcement"})
        stream.ping().wait(PATIENCE)
        assert get(exchange, f"{ACCOUNTS}/remote/deposits", "POST", {"currency": "KRW", "amount": "5"}) == (200, {})
        assert receive(stream)["assets"] == [{"currency": "KRW", "balance": 15, "locked": 0}]
        status, told = get(exchange, "/control/upbit/announcements", "POST", {"title": "hello"})
        assert (status, told["uuid"]) == (201, receive(stream)["uuid"])
    assert get(exchange, f"{ACCOUNTS}/remote/expirations", "POST") == (200, {})
    assert Member(exchange, "remote", "s").call("GET", "accounts").json()["error"]["name"] == "expired_access_key"
    assert get(exchange, f"{ACCOUNTS}/remote", "DELETE") == (200, {})
    assert get(exchange, f"{ACCOUNTS}/remote")[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", ACCOUNTS, {}, 400), ("POST", ACCOUNTS, [], 400), ("POST", ACCOUNTS, {"access_key": "a b"}, 400),
        ("POST", ACCOUNTS, {"access_key": "a", "secret_key": "s", "moon": 1}, 400), ("GET", ACCOUNTS, None, 404),
        ("GET", f"{ACCOUNTS}/nobody", None, 404), ("DELETE", f"{ACCOUNTS}/nobody", None, 404),
        ("POST", f"{ACCOUNTS}/nobody/deposits", {"currency": "KRW", "amount": "1"}, 404),
        ("POST", f"{ACCOUNTS}/{'demo' * 10}/deposits", {"currency": "KRW", "amount": "x"}, 400),
        ("POST", "/control/upbit/announcements", {"title": 5}, 400), ("POST", "/control/upbit/moon", {}, 404),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(exchange: Simulator, method: str, path: str, body: Any, status: int) -> None:
    """With the reason."""
    code, answer = get(exchange, path, method, body)
    assert code == status
    assert answer["msg"]
