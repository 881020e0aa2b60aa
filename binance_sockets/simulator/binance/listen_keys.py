"""Listen keys: an hour long the right to one product's user stream. On the simulator's thread."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from binance_sockets.simulator.accounts import Account, Key
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.server_clock import ServerClock

__all__ = ["LISTEN_KEY_PRODUCTS", "Follower", "ListenKey", "ListenKeys"]

LISTEN_KEY_PRODUCTS = ("usdm", "coinm", "options", "portfolio", "margin-risk", "us")

Follower = Callable[[str, dict[str, Any]], None]
"""Takes a listen key and one of its events."""


@dataclass(slots=True, eq=False)
class ListenKey:
    """One listen key.

    Args:
        text: by which it is known.
        product: whose user stream it opens.
        owner: the API key that made it.
        expires: seconds since the epoch.
    """

    text: str = field(repr=False)
    product: str
    owner: Key
    expires: float
    _followers: dict[Follower, Callable[[], None]] = field(default_factory=dict, repr=False)

    def follow(self, follower: Follower, wallet: str) -> None:
        """Send the events of a wallet of its account."""
        self.leave(follower)
        self._followers[follower] = self.owner.account.listen(wallet, lambda event: follower(self.text, event))

    def leave(self, follower: Follower) -> None:
        """Send nothing more to one."""
        remove = self._followers.pop(follower, None)
        if remove is not None:
            remove()

    def end(self, event: dict[str, Any] | None) -> None:
        """Send a last event, or none."""
        for follower in list(self._followers):
            self.leave(follower)
            if event is not None:
                follower(self.text, event)


class ListenKeys:
    """All listen keys: one for each account and product.

    Args:
        clock: by which they expire.
        lifetime: seconds after the last extension.
    """

    def __init__(self, clock: ServerClock, lifetime: float) -> None:
        self._clock, self._lifetime = clock, lifetime
        self._keys: dict[tuple[int, str], ListenKey] = {}

    def live(self) -> list[ListenKey]:
        """Those that have not expired; those that have are ended now, with their event."""
        for row in [row for row in self._keys.values() if row.expires <= self._clock.seconds()]:
            self.expire(row)
        return list(self._keys.values())

    def find(self, text: str) -> ListenKey | None:
        """A live one by its text."""
        return next((row for row in self.live() if row.text == text), None)

    def of(self, account: Account, product: str) -> ListenKey | None:
        """The live one of an account."""
        self.live()
        return self._keys.get((account.uid, product))

    def start(self, owner: Key, product: str, *, rotate: bool = False) -> ListenKey:
        """The account's key for another hour; a new one where there is none.

        Args:
            owner: who asks.
            product: one of :data:`LISTEN_KEY_PRODUCTS`.
            rotate: let the old one die in silence, and answer a new one.
        """
        row = self.of(owner.account, product)
        if row is not None and rotate:
            self.expire(row, notice=False)
            row = None
        if row is None:
            row = self._keys[owner.account.uid, product] = ListenKey(secrets.token_hex(32), product, owner, 0.0)
        row.expires = self._clock.seconds() + self._lifetime
        return row

    def extend(self, owner: Key, product: str, text: str | None = None) -> ListenKey:
        """Let the account's key live for another hour.

        Raises:
            Refused: -1125 where there is none, or ``text`` is another.
        """
        row = self.of(owner.account, product)
        if row is None or text not in (None, row.text):
            raise Refused(-1125, "This listenKey does not exist.")
        row.expires = self._clock.seconds() + self._lifetime
        return row

    def delete(self, owner: Key, product: str, text: str | None = None) -> None:
        """End the account's key, for every program that shares it.

        Raises:
            Refused: -1125 where there is none, or ``text`` is another.
        """
        self.expire(self.extend(owner, product, text), notice=False)

    def expire(self, row: ListenKey, *, notice: bool = True) -> None:
        """End a key.

        Args:
            row: which.
            notice: whether those who follow it are told.
        """
        self._keys.pop((row.owner.account.uid, row.product), None)
        event: dict[str, Any] = {"e": "listenKeyExpired", "E": self._clock.milliseconds()}
        if row.product != "portfolio":
            event["listenKey"] = row.text
        row.end(event if notice else None)
