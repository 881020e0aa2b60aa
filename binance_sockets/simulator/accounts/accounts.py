"""The accounts of a simulator, and the keys that open them. Everything here runs on the simulator's thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from binance_sockets.simulator.accounts.margin import MarginAccount
from binance_sockets.simulator.accounts.wallets import Wallet

__all__ = ["PERMISSIONS", "Account", "Accounts", "Fees", "Key", "Sink"]

Sink = Callable[[dict[str, Any]], None]
"""Takes one event of an account."""

PERMISSIONS = frozenset({"TRADE", "USER_DATA", "USER_STREAM", "MARGIN", "FUTURES"})
_FIRST_UID = 354_937_868


@dataclass(slots=True)
class Fees:
    """Shares of a trade's value that the exchange keeps, in steps of 1e-8.

    Args:
        maker: of who rested.
        taker: of who came.
    """

    maker: int = 100_000
    taker: int = 100_000


class Account:
    """One customer.

    Args:
        uid: the exchange's number for it.
        balances: wallet name (``spot``, ``margin``, ``isolated/BTCUSDT``, …) to amounts by asset.

    Attributes:
        wallets: by name.
        debts: wallet name to what was borrowed into it.
        margins: wallet name to the positions that it stands behind.
        fees: what it pays.
        can_trade: whether it may place and cancel orders.
        updated_at: when a wallet last changed, µs.
    """

    def __init__(self, uid: int, balances: Mapping[str, Mapping[str, str]]) -> None:
        self.uid = uid
        self.wallets = {name: Wallet(amounts) for name, amounts in balances.items()}
        self.debts: dict[str, Counter[str]] = {}
        self.margins: dict[str, MarginAccount] = {}
        self.fees = Fees()
        self.can_trade = True
        self.updated_at = 0
        self._sinks: dict[str, list[Sink]] = {}

    def wallet(self, name: str) -> Wallet:
        """The wallet of this name, made when it is first asked for."""
        return self.wallets.setdefault(name, Wallet())

    def debt(self, wallet: str) -> Counter[str]:
        """What was borrowed into a wallet, by asset."""
        return self.debts.setdefault(wallet, Counter())

    def margin(self, wallet: str) -> MarginAccount:
        """The positions that a wallet stands behind."""
        found = self.margins.get(wallet)
        if found is None:
            found = self.margins[wallet] = MarginAccount(self.wallet(wallet))
        return found

    def listen(self, product: str, sink: Sink) -> Callable[[], None]:
        """Receive the events of a wallet from now on.

        Args:
            product: its name: ``spot``, ``margin`` (cross), ``isolated/BTCUSDT``, ….
            sink: called with each event, in order, on the simulator's thread.

        Returns:
            What ends it; a second call does nothing.
        """
        sinks = self._sinks.setdefault(product, [])
        sinks.append(sink)
        return lambda: sinks.remove(sink) if sink in sinks else None

    def tell(self, product: str, event: dict[str, Any]) -> None:
        """Hand an event to all who listen."""
        for sink in tuple(self._sinks.get(product, ())):
            sink(event)


@dataclass(slots=True)
class Key:
    """One API key.

    Args:
        api_key: its public name.
        account: what it opens.
        secret: of an HMAC key.
        public_key: PEM of an RSA or Ed25519 key.
        permissions: some of :data:`PERMISSIONS`.
        ips: addresses that may use it; ``None`` for all.
        revoked: whether it was taken back.
    """

    api_key: str
    account: Account
    secret: str | None = field(default=None, repr=False)
    public_key: str | None = field(default=None, repr=False)
    permissions: frozenset[str] = PERMISSIONS
    ips: frozenset[str] | None = None
    revoked: bool = False


class Accounts:
    """All accounts of an exchange.

    Args:
        permissions: what its keys may be allowed.

    Attributes:
        deposited: what came in from outside minus what went out, loans included, by asset.
        fees: what the exchange has kept, by asset.
        crowd: what the crowd won and lost in trades with accounts, by asset; of contracts what it was paid for those
            it has sold, and has paid for those it has bought.
        insurance: what losses were covered with that accounts could not pay, by asset, below zero.

    The wallets, ``fees``, ``crowd`` and ``insurance`` always add up to ``deposited``, where what open positions have
    cost counts as paid by who has bought them, and as received by who has sold them (of inverse contracts the other
    way); for options that really is paid.
    """

    def __init__(self, permissions: Collection[str] = PERMISSIONS) -> None:
        self._permissions = frozenset(permissions)
        self.deposited: Counter[str] = Counter()
        self.fees: Counter[str] = Counter()
        self.crowd: Counter[str] = Counter()
        self.insurance: Counter[str] = Counter()
        self._keys: dict[str, Key] = {}
        self._accounts: dict[int, Account] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def create(
        self,
        api_key: str,
        *,
        secret: str | None = None,
        public_key: str | None = None,
        permissions: Collection[str] = PERMISSIONS,
        ip: Collection[str] | None = None,
        balances: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Account:
        """Open an account with its first key; for the arguments see :meth:`add_key`.

        Args:
            balances: wallet name to amounts by asset, such as ``{"spot": {"USDT": "10000"}}``.

        Raises:
            ValueError: the name is taken, or an argument is not valid.
        """
        account = Account(_FIRST_UID + len(self._accounts), balances or {})
        self.add_key(account, api_key, secret=secret, public_key=public_key, permissions=permissions, ip=ip)
        self._accounts[account.uid] = account
        for wallet in account.wallets.values():
            for asset in wallet.assets:
                self.deposited[asset] += wallet.total(asset)
        return account

    def add_key(
        self,
        account: Account,
        api_key: str,
        *,
        secret: str | None = None,
        public_key: str | None = None,
        permissions: Collection[str] = PERMISSIONS,
        ip: Collection[str] | None = None,
    ) -> Key:
        """Give an account one more key.

        Args:
            account: what it opens.
            api_key: its public name.
            secret: of an HMAC key.
            public_key: PEM of an RSA or Ed25519 key.
            permissions: some of :data:`PERMISSIONS`.
            ip: addresses that may use it; all by default.

        Raises:
            ValueError: the name is taken, both ``secret`` and ``public_key``, an unknown permission.
        """
        if api_key in self._keys:
            raise ValueError(f"there is a key {api_key[:4]}… already")
        if secret is not None and public_key is not None:
            raise ValueError("secret or public_key, not both")
        if unknown := set(permissions) - self._permissions:
            raise ValueError(f"unknown permissions {sorted(unknown)}; some of {sorted(self._permissions)}")
        ips = None if ip is None else frozenset(ip)
        key = self._keys[api_key] = Key(api_key, account, secret, public_key, frozenset(permissions), ips)
        return key

    def key(self, api_key: str) -> Key | None:
        """The key of this name, unless it was revoked."""
        key = self._keys.get(api_key)
        return None if key is None or key.revoked else key

    def revoke(self, api_key: str) -> None:
        """Take a key back; who holds its :class:`Key` sees ``revoked``.

        Raises:
            KeyError: there is no such key.
        """
        if api_key not in self._keys:
            raise KeyError(f"no API key {str(api_key)[:4]}…")
        self._keys[api_key].revoked = True
