"""Accounts, keys and wallets."""

from __future__ import annotations

from typing import Any

import pytest

from binance_sockets.simulator.accounts import Accounts, Insufficient, Wallet, amount_text, units


def test_wallets_never_fall_below_zero_and_keep_their_sum() -> None:
    """What is locked or freed changes no sum, and nobody takes what is not there."""
    wallet = Wallet({"USDT": "100.5"})
    wallet.lock("USDT", units("60"))
    assert (wallet.free("USDT"), wallet.locked("USDT")) == (units("40.5"), units("60"))
    with pytest.raises(Insufficient):
        wallet.lock("USDT", units("40.50000001"))
    with pytest.raises(Insufficient):
        wallet.lock("USDT", -units("60.00000001"))
    with pytest.raises(Insufficient):
        wallet.add("USDT", -units("41"))
    with pytest.raises(Insufficient):
        wallet.add("BTC", -1)
    assert wallet.total("USDT") == units("100.5")
    wallet.lock("USDT", -units("60"))
    assert wallet.free("USDT") == units("100.5")


@pytest.mark.parametrize("text", ["", "1e3", "1.123456789", " 1", "0x1", "1.", ".5", "1_0", "nan"])
def test_only_plain_amounts_of_eight_decimals_are_taken(text: str) -> None:
    """Exponents, signs and further digits are no amounts."""
    with pytest.raises(ValueError, match="not an amount"):
        units(text)


def test_amounts_are_written_as_they_are_read() -> None:
    """With eight decimals, as the exchange writes them."""
    assert [amount_text(units(text)) for text in ("1", "-0.5", "12.00000001")] == [
        "1.00000000", "-0.50000000", "12.00000001",
    ]  # fmt: skip


def test_keys_open_their_account_until_they_are_revoked() -> None:
    """A revoked key is nobody's."""
    accounts = Accounts()
    ann = accounts.create("ann-key", secret="s3cret", balances={"spot": {"USDT": "10"}})
    second = accounts.add_key(ann, "ann-second", public_key="PEM", permissions=["USER_DATA"], ip=["127.0.0.1"])
    assert accounts.key("ann-key") is not None
    assert second.account is ann
    assert second.permissions == {"USER_DATA"}
    assert second.ips == frozenset({"127.0.0.1"})
    accounts.revoke("ann-second")
    assert accounts.key("ann-second") is None
    assert second.revoked
    assert accounts.key("nobody") is None
    assert accounts.deposited == {"USDT": units("10")}
    assert "s3cret" not in repr(accounts.key("ann-key"))


def test_accounts_have_numbers_of_their_own() -> None:
    """No two accounts share one."""
    accounts = Accounts()
    ann, bob = accounts.create("a"), accounts.create("b")
    assert ann.uid != bob.uid
    assert list(accounts) == [ann, bob]


def test_bad_keys_are_refused_and_open_no_account() -> None:
    """A refused key leaves nothing behind."""
    accounts = Accounts()
    accounts.create("a")
    for options, says in [
        ({"api_key": "a"}, "already"),
        ({"api_key": "b", "secret": "x", "public_key": "y"}, "not both"),
        ({"api_key": "b", "permissions": ["FLY"]}, "unknown permissions"),
        ({"api_key": "b", "balances": {"spot": {"USDT": "many"}}}, "not an amount"),
    ]:
        with pytest.raises(ValueError, match=says):
            accounts.create(**options)  # type: ignore[arg-type]
    assert len(list(accounts)) == 1
    assert accounts.key("b") is None


def test_listeners_hear_their_wallet_only_until_they_leave() -> None:
    """Events go to the listeners of their wallet alone."""
    account = Accounts().create("a")
    heard: list[dict[str, Any]] = []
    leave = account.listen("spot", heard.append)
    account.tell("margin", {"n": 1})
    account.tell("spot", {"n": 2})
    leave()
    leave()
    account.tell("spot", {"n": 3})
    assert heard == [{"n": 2}]
