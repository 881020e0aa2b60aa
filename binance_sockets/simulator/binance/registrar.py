"""Accounts and their credentials, as tests and the control endpoint manage them. From any thread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from binance_sockets.simulator.accounts import PERMISSIONS, Account, amount_text, units
from binance_sockets.simulator.binance.doors import Doors
from binance_sockets.simulator.binance.registrar_checks import (
    check_asset,
    check_balances,
    check_event,
    check_futures,
    check_key,
    check_product,
    check_skew,
    check_wallet,
)
from binance_sockets.simulator.binance.trading import Refused
from binance_sockets.simulator.binance.trading.futures import FuturesCounter
from binance_sockets.simulator.binance.trading.futures.force import Force
from binance_sockets.simulator.binance.trading.options import OptionsDesk
from binance_sockets.simulator.calls import made_there

__all__ = ["DEMO_API_KEY", "DEMO_API_SECRET", "DEMO_LOGON_API_KEY", "DEMO_PRIVATE_KEY", "Registrar"]

_T = TypeVar("_T")

DEMO_API_KEY = "demo" * 16
"""Opens the account that every simulator has from the start."""
DEMO_API_SECRET = "known" * 12 + "demo"
"""Signs for :data:`DEMO_API_KEY`; no secret at all."""
DEMO_LOGON_API_KEY = "logon" * 12 + "demo"
"""Opens the same account, by an Ed25519 key, so that it may log on."""
DEMO_PRIVATE_KEY = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIGJpbmFuY2Vfc29ja2V0czoga25vd24gdG8gYW55b25l
-----END PRIVATE KEY-----
"""
"""Signs for :data:`DEMO_LOGON_API_KEY`; known to anyone."""
_DEMO_PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA/MXUWfRotkyRYorfX7hfQKLfSvp7P/t/9F1+3lbHb/w=
-----END PUBLIC KEY-----
"""
_DEMO_BALANCES = {
    "spot": {"USDT": "100000", "BTC": "1", "ETH": "20", "BNB": "100"},
    "margin": {"USDT": "10000"},
    "usdm": {"USDT": "100000"},
    "coinm": {"BTC": "1", "ETH": "20"},
    "options": {"USDT": "100000"},
}


class Registrar:
    """Where accounts are opened, and credentials are taken back. An account is named by one of its API keys.

    Calls return when the exchange has done what they ask. They work before the simulator's start and between its stop
    and next start as well; accounts, keys and listen keys outlive a restart.

    Args:
        doors: keys and limits.
        on_loop: runs a function on the simulator's thread and waits; does nothing while it is stopped.
    """

    def __init__(self, doors: Doors, on_loop: Callable[[Callable[[], None]], None]) -> None:
        self._doors, self._on_loop = doors, on_loop
        doors.accounts.create(DEMO_API_KEY, secret=DEMO_API_SECRET, balances=_DEMO_BALANCES)
        doors.accounts.add_key(self._account(DEMO_API_KEY), DEMO_LOGON_API_KEY, public_key=_DEMO_PUBLIC_KEY)

    def create(
        self,
        api_key: str,
        *,
        secret: str | None = None,
        public_key: str | None = None,
        permissions: Collection[str] = PERMISSIONS,
        ip: Collection[str] | None = None,
        balances: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Open an account with its first key.

        Args:
            api_key: its public name.
            secret: of an HMAC key.
            public_key: PEM of an RSA or Ed25519 key.
            permissions: of TRADE, USER_DATA, USER_STREAM, MARGIN and FUTURES; all by default.
            ip: addresses that may use it; all by default.
            balances: wallet name to amounts by asset, such as ``{"spot": {"USDT": "10000"}}``.

        Raises:
            ValueError: the name is taken or none, both ``secret`` and ``public_key``, an unknown permission or wallet,
                no address, no amount, or no public key of RSA or Ed25519.
        """
        check_key(api_key, secret, public_key, permissions, ip)
        check_balances(balances)
        self._do(
            lambda: self._doors.accounts.create(
                api_key, secret=secret, public_key=public_key, permissions=permissions, ip=ip, balances=balances
            )
        )

    def add_key(
        self,
        owner: str,
        api_key: str,
        *,
        secret: str | None = None,
        public_key: str | None = None,
        permissions: Collection[str] = PERMISSIONS,
        ip: Collection[str] | None = None,
    ) -> None:
        """Give the account of ``owner`` one more key; for the others see :meth:`create`.

        Raises:
            KeyError: there is no key ``owner``.
            ValueError: as :meth:`create`.
        """
        check_key(api_key, secret, public_key, permissions, ip)
        self._do(
            lambda: self._doors.accounts.add_key(
                self._account(owner), api_key, secret=secret, public_key=public_key, permissions=permissions, ip=ip
            )
        )

    def revoke(self, api_key: str) -> None:
        """Take a key back. What it opened ends; a session that is logged on with it ends at its next request.

        Raises:
            KeyError: there is no such key.
        """
        self._do(lambda: self._doors.revoke(api_key))

    def deposit(self, api_key: str, asset: str, amount: str, wallet: str = "spot") -> None:
        """Credit a wallet, with the events of a deposit; ``amount`` is a decimal text, negative for a withdrawal.

        Raises:
            KeyError: there is no such key.
            ValueError: no asset, amount or wallet, or more than is free.
            RuntimeError: the simulator was never started.
        """

        check_asset(asset, amount)
        check_wallet(wallet)

        def do() -> None:
            desks = self._doors.desks
            if not desks:
                raise RuntimeError("deposits need a simulator that was started")
            desks.get(wallet, desks["spot"]).deposit(self._account(api_key), asset, amount, wallet)

        self._do(do)

    def balances(self, api_key: str, wallet: str = "spot") -> dict[str, tuple[str, str]]:
        """Asset to its free and its locked amount.

        Raises:
            KeyError: there is no such key.
            ValueError: no account has such a wallet.
        """
        check_wallet(wallet)

        def do() -> dict[str, tuple[str, str]]:
            held = self._account(api_key).wallet(wallet)
            return {asset: (amount_text(held.free(asset)), amount_text(held.locked(asset))) for asset in held.assets}

        return self._do(do)

    def publish(self, api_key: str, wallet: str, event: Mapping[str, Any]) -> None:
        """Send an event on every open user stream of a wallet, as it is.

        Args:
            api_key: of the account.
            wallet: ``spot``, ``margin``, ``isolated/BTCUSDT``, ``usdm``, ``coinm``, ``options``, ``portfolio``,
                ``portfolio-pro`` or ``margin-risk``.
            event: with its type in ``e``.

        Raises:
            KeyError: there is no such key.
            ValueError: an unknown wallet, an event without a type, or one that JSON cannot hold.
        """
        check_wallet(wallet)
        check_event(event)
        self._do(lambda: self._account(api_key).tell(wallet, dict(event)))

    # what the exchange does of its own accord on futures

    def fund(self, symbol: str, rate: str | None = None, product: str = "usdm") -> int:
        """Settle funding in a symbol, now; returns how many positions have paid or received.

        Args:
            symbol: which.
            rate: a decimal text, such as ``0.0001``; below zero who has sold pays. The market's own by default.
            product: ``usdm`` or ``coinm``.

        Raises:
            ValueError: another product, an unknown symbol, or no rate.
            RuntimeError: the simulator was never started.
        """
        check_futures(product)
        rate8 = None if rate is None else units(rate)
        return self._do(lambda: _known(lambda: self._force(product).fund(symbol, rate8)))

    def margin_call(self, api_key: str, symbol: str | None = None, product: str = "usdm") -> int:
        """Send a margin call about an account's open positions, of one symbol or all; returns how many those are.

        Raises:
            KeyError: there is no such key.
            ValueError: another product.
            RuntimeError: the simulator was never started.
        """
        check_futures(product)
        return self._do(lambda: self._force(product).call(self._account(api_key), symbol))

    def liquidate(self, api_key: str, symbol: str, product: str = "usdm") -> int:
        """Close an account's positions in a symbol by force, as after a margin call; returns how many those were.

        Raises:
            KeyError: there is no such key.
            ValueError: another product, or an unknown symbol.
            RuntimeError: the simulator was never started.
        """
        check_futures(product)
        return self._do(lambda: _known(lambda: self._force(product).liquidate(self._account(api_key), symbol)))

    def deleverage(self, api_key: str, symbol: str, product: str = "usdm") -> int:
        """Close an account's positions in a symbol at the mark price (ADL); for the rest see :meth:`liquidate`."""
        check_futures(product)
        return self._do(lambda: _known(lambda: self._force(product).deleverage(self._account(api_key), symbol)))

    def settle(self, api_key: str, symbol: str, product: str = "usdm") -> int:
        """Close an account's positions in a symbol as at a delivery; for the rest see :meth:`liquidate`."""
        check_futures(product)
        return self._do(lambda: _known(lambda: self._force(product).settle(self._account(api_key), symbol)))

    def exercise(self, symbol: str, price: str | None = None) -> int:
        """Let an option expire, now: its orders end, and positions are settled in cash; returns how many those were.

        Args:
            symbol: which.
            price: of what is underlying, a decimal text such as ``90000``; its index price by default.

        Raises:
            ValueError: an unknown symbol, or no price.
            RuntimeError: the simulator was never started.
        """
        price8 = None if price is None else units(price)

        def do() -> int:
            desk = self._doors.desks.get("options")
            if not isinstance(desk, OptionsDesk):
                raise RuntimeError("this needs a simulator that was started")
            return _known(lambda: desk.exercise(symbol, price8))

        return self._do(do)

    def _force(self, product: str) -> Force:
        desk = self._doors.desks.get(product)
        if not isinstance(desk, FuturesCounter):
            raise RuntimeError("this needs a simulator that was started")
        return desk.force

    def listen_keys(self, api_key: str) -> dict[str, str]:
        """Product to the listen key that lives.

        Raises:
            KeyError: there is no such key.
        """

        def do() -> dict[str, str]:
            account = self._account(api_key)
            return {row.product: row.text for row in self._doors.listen_keys.live() if row.owner.account is account}

        return self._do(do)

    def expire_listen_keys(self, api_key: str | None = None, product: str | None = None) -> int:
        """End listen keys before their time, with their event; returns how many those were.

        Args:
            api_key: of one account only.
            product: one of ``usdm``, ``coinm``, ``options``, ``portfolio``, ``margin-risk``, ``us`` only.

        Raises:
            KeyError: there is no such key.
            ValueError: another product.
        """
        check_product(product)
        return self._do(lambda: self._doors.expire_listen_keys(self._chosen(api_key), product))

    def expire_tokens(self, api_key: str | None = None) -> int:
        """End listen tokens before their time, and the streams they opened; returns how many tokens those were."""
        return self._do(lambda: self._doors.expire_tokens(self._chosen(api_key)))

    def end_streams(self, api_key: str | None = None) -> int:
        """End user streams on the WebSocket API with ``eventStreamTerminated``; returns how many those were."""
        return self._do(lambda: self._doors.end_streams(self._chosen(api_key)))

    @property
    def clock_skew(self) -> float:
        """Seconds by which the exchange's clock is ahead of this machine's; requests are judged by it.

        Setting it raises ValueError for more than 10**9 either way.
        """
        return self._doors.clock.skew

    @clock_skew.setter
    def clock_skew(self, seconds: float) -> None:
        check_skew(seconds)
        self._do(lambda: self._doors.set_clock(float(seconds)))

    def _chosen(self, api_key: str | None) -> Account | None:
        return None if api_key is None else self._account(api_key)

    def _account(self, api_key: str) -> Account:
        found = self._doors.accounts.key(api_key)
        if found is None:
            raise KeyError(f"no API key {str(api_key)[:4]}…")
        return found.account

    def _do(self, call: Callable[[], _T]) -> _T:
        return made_there(self._on_loop, call)


def _known(call: Callable[[], int]) -> int:
    """What a call answers.

    Raises:
        ValueError: the exchange knows no such symbol.
    """
    try:
        return call()
    except Refused as refused:
        raise ValueError(refused.msg) from None
