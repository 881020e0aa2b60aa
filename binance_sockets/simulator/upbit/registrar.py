"""Accounts of Upbit and what the exchange does of its own accord, as tests manage them. From any thread."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timezone
from typing import Any, TypeVar

from binance_sockets.faults import Rule, check, choice
from binance_sockets.simulator.accounts import Account, amount_text
from binance_sockets.simulator.calls import made_there
from binance_sockets.simulator.market.candles import SECOND
from binance_sockets.simulator.server_clock import ServerClock
from binance_sockets.simulator.upbit.backend import WALLET, House
from binance_sockets.simulator.upbit.payloads import KST
from binance_sockets.simulator.upbit.regions import REGIONS
from binance_sockets.simulator.upbit.requests import CATEGORIES
from binance_sockets.simulator.upbit.tokens import SCOPES

__all__ = ["DEMO_ACCESS_KEY", "DEMO_SECRET_KEY", "UpbitRegistrar"]

_T = TypeVar("_T")

DEMO_ACCESS_KEY = "demo" * 10
"""Opens the account that the Korean region has from the start."""
DEMO_SECRET_KEY = "known" * 8
"""Signs for :data:`DEMO_ACCESS_KEY`; no secret at all."""
_DEMO_BALANCES = {"KRW": "100000000", "BTC": "1", "ETH": "20", "USDT": "10000"}

_REGIONS = {region.code: product for product, region in REGIONS.items()}
_KEY = Rule("1 to 128 letters, digits, '-' or '_'", lambda value: _matches(value, r"[A-Za-z0-9_-]{1,128}"))
_ASSET = Rule("1 to 20 capital letters or digits", lambda value: _matches(value, r"[A-Z0-9]{1,20}"))
_TEXT = Rule("text", lambda value: isinstance(value, str))
_AMOUNTS = Rule("a mapping of currencies to amounts", lambda value: value is None or isinstance(value, Mapping))
_ADDRESSES = Rule(
    "several addresses, or None for all",
    lambda value: (
        value is None
        or (isinstance(value, Collection) and not isinstance(value, str) and all(_is_address(one) for one in value))
    ),
)
_SOME_SCOPES = Rule(
    f"some of {', '.join(sorted(SCOPES))}",
    lambda value: (
        isinstance(value, Collection) and not isinstance(value, str) and all(scope in SCOPES for scope in value)
    ),
)


def _matches(value: object, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_address(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


class UpbitRegistrar:
    """Where accounts of Upbit are opened and keys are taken back; an account is named by one of its access keys.

    Calls return when the exchange has done what they ask. They work while the simulator is stopped as well; accounts
    and keys outlive a restart, open orders do not.

    Args:
        houses: product to the accounts of a region.
        clock: the exchange's time of day.
        on_loop: runs a function on the simulator's thread and waits; does nothing while it is stopped.
    """

    def __init__(
        self, houses: Mapping[str, House], clock: ServerClock, on_loop: Callable[[Callable[[], None]], None]
    ) -> None:
        self._houses, self._clock, self._on_loop = houses, clock, on_loop
        houses["upbit"].accounts.create(
            DEMO_ACCESS_KEY, secret=DEMO_SECRET_KEY, permissions=SCOPES, balances={WALLET: _DEMO_BALANCES}
        )

    def create(
        self,
        access_key: str,
        secret_key: str,
        *,
        scopes: Collection[str] = SCOPES,
        ip: Collection[str] | None = None,
        region: str = "kr",
        balances: Mapping[str, str] | None = None,
    ) -> None:
        """Open an account with its first key.

        Args:
            access_key: its public name.
            secret_key: signs its tokens.
            scopes: of VIEW_ASSETS, VIEW_ORDERS and MAKE_ORDERS; all by default.
            ip: addresses that may use it; all by default.
            region: ``kr``, ``sg``, ``id`` or ``th``; the key is unknown in the others.
            balances: amounts by currency, such as ``{"KRW": "1000000"}``.

        Raises:
            ValueError: the name is taken, or an argument is not valid.
        """
        _check_key(access_key, secret_key, scopes, ip)
        check("region", region, choice(_REGIONS))
        check("balances", balances, _AMOUNTS)
        for currency, amount in (balances or {}).items():
            check("currency", currency, _ASSET)
            check("amount", amount, _TEXT)
        self._free(access_key)
        house = self._houses[_REGIONS[region]]
        self._do(
            lambda: house.accounts.create(
                access_key, secret=secret_key, permissions=scopes, ip=ip, balances={WALLET: dict(balances or {})}
            )
        )

    def add_key(
        self,
        owner: str,
        access_key: str,
        secret_key: str,
        *,
        scopes: Collection[str] = SCOPES,
        ip: Collection[str] | None = None,
    ) -> None:
        """Give the account of ``owner`` one more key; for the others see :meth:`create`.

        Raises:
            KeyError: there is no key ``owner``.
            ValueError: as :meth:`create`.
        """
        _check_key(access_key, secret_key, scopes, ip)
        self._free(access_key)
        house, account = self._found(owner)
        self._do(lambda: house.accounts.add_key(account, access_key, secret=secret_key, permissions=scopes, ip=ip))

    def revoke(self, access_key: str) -> None:
        """Take a key back: it opens nothing more, and connections that it opened are refused new subscriptions.

        Raises:
            KeyError: there is no such key.
        """
        house, _ = self._found(access_key)
        self._do(lambda: house.accounts.revoke(access_key))

    def expire(self, access_key: str) -> None:
        """Let the year of a key be over: it is answered ``expired_access_key``.

        Raises:
            KeyError: there is no such key.
        """
        house, _ = self._found(access_key)
        self._do(lambda: house.gatekeeper.expired.add(access_key))

    def balances(self, access_key: str) -> dict[str, tuple[str, str]]:
        """Currency to its free and its locked amount.

        Raises:
            KeyError: there is no such key.
        """
        _, account = self._found(access_key)

        def do() -> dict[str, tuple[str, str]]:
            held = account.wallet(WALLET)
            return {asset: (amount_text(held.free(asset)), amount_text(held.locked(asset))) for asset in held.assets}

        return self._do(do)

    def deposit(self, access_key: str, currency: str, amount: str) -> None:
        """Credit an account, with the event of it; ``amount`` is a decimal text, negative for a withdrawal.

        Raises:
            KeyError: there is no such key.
            ValueError: no currency or amount, or more than is free.
            RuntimeError: the simulator was never started.
        """
        check("currency", currency, _ASSET)
        check("amount", amount, _TEXT)
        house, account = self._found(access_key)

        def do() -> None:
            if house.desk is None:
                raise RuntimeError("deposits need a simulator that was started")
            house.desk.deposit(account, currency, amount)

        self._do(do)

    def announce(
        self,
        title: str,
        *,
        category: str = "notice",
        body: str | None = None,
        event_type: str = "CREATED",
        region: str = "kr",
    ) -> str:
        """Publish an announcement to all who have subscribed to its category; returns its uuid.

        Args:
            title: its heading.
            category: such as ``notice``, ``trade``, ``maintenance``.
            body: its text in Markdown; sent to those who asked for bodies.
            event_type: ``CREATED`` or ``UPDATED``.
            region: ``kr``, ``sg``, ``id`` or ``th``.

        Raises:
            ValueError: a category, an event or a region that does not exist.
        """
        check("title", title, _TEXT)
        check("category", category, choice(CATEGORIES))
        check("event_type", event_type, choice(("CREATED", "UPDATED")))
        check("region", region, choice(_REGIONS))
        number, house = str(uuid.uuid4()), self._houses[_REGIONS[region]]
        now = self._clock.milliseconds()
        listed = datetime.fromtimestamp(now // 1000 + KST // SECOND, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+09:00")
        notice: dict[str, Any] = {
            "type": "announcement", "event_type": event_type, "category": category, "title": title, "uuid": number,
            "url": f"https://upbit.example/service_center/notice?id={number}", "body": body, "listed_at": listed,
            "first_listed_at": listed, "timestamp": now, "stream_type": "REALTIME",
        }  # fmt: skip
        self._do(lambda: house.notices.tell(notice))
        return number

    def _free(self, access_key: str) -> None:
        if any(house.accounts.key(access_key) is not None for house in self._houses.values()):
            raise ValueError(f"there is a key {access_key[:4]}… already")

    def _found(self, access_key: str) -> tuple[House, Account]:
        for house in self._houses.values():
            found = house.accounts.key(access_key)
            if found is not None:
                return house, found.account
        raise KeyError(f"no access key {str(access_key)[:4]}…")

    def _do(self, call: Callable[[], _T]) -> _T:
        return made_there(self._on_loop, call)


def _check_key(access_key: object, secret_key: object, scopes: object, ip: object) -> None:
    check("access_key", access_key, _KEY)
    if not (isinstance(secret_key, str) and secret_key.isprintable() and secret_key):
        raise ValueError("secret_key must be printable text")  # and is not shown
    check("scopes", scopes, _SOME_SCOPES)
    check("ip", ip, _ADDRESSES)
