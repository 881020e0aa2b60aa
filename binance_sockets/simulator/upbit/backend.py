"""What the connections and calls of a region share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from binance_sockets.simulator.accounts import Account, Accounts
from binance_sockets.simulator.session import Services
from binance_sockets.simulator.upbit.limits import Limits
from binance_sockets.simulator.upbit.listing import Coin, CoinMarket, Listing
from binance_sockets.simulator.upbit.options import UpbitOptions
from binance_sockets.simulator.upbit.regions import Region
from binance_sockets.simulator.upbit.tokens import SCOPES, Gatekeeper

__all__ = ["WALLET", "Backend", "House", "Notices"]

WALLET = "upbit"
"""The wallet of an account, and the name under which its events are told."""


class Notices:
    """Announcements of an exchange, and who hears of them."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[dict[str, Any]], None]] = []

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        """Hear of announcements from now on; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def tell(self, notice: dict[str, Any]) -> None:
        """Hand one to all."""
        for listener in tuple(self._listeners):
            listener(notice)


class Cashier(Protocol):
    """Where money comes in."""

    def deposit(self, account: Account, currency: str, amount: str) -> None:
        """Credit an account; below zero debit it."""


class House:
    """What of a region outlives a restart of the simulator: its accounts.

    Args:
        region: which.

    Attributes:
        desk: where its accounts trade, once the markets are open.
    """

    def __init__(self, region: Region) -> None:
        self.region = region
        self.accounts = Accounts(SCOPES)
        self.gatekeeper = Gatekeeper(self.accounts)
        self.notices = Notices()
        self.desk: Cashier | None = None


class Backend:
    """One region, running.

    Args:
        house: its accounts.
        listing: what is listed.
        services: what all sessions share.
        options: what of the exchange is set.
        limits: of addresses and accounts; of all regions together.
    """

    def __init__(
        self, house: House, listing: Listing, services: Services, options: UpbitOptions, limits: Limits
    ) -> None:
        self.region, self.accounts, self.gatekeeper = house.region, house.accounts, house.gatekeeper
        self.notices, self.listing, self.services = house.notices, listing, services
        self.options, self.limits = options, limits

    def now(self) -> int:
        """The markets' time in microseconds."""
        return self.services.feed.clock.advance()

    def look(self, coin: Coin) -> CoinMarket:
        """A market, brought up to now and awake for a while."""
        market = self.listing.market(coin, self.now())
        self.services.feed.look(market)
        return market
