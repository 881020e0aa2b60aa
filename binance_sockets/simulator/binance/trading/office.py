"""What every desk rests on: instruments, markets, the limits of orders, and transactions."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from binance_sockets.simulator.accounts import Account, Accounts
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.counts import OrderCounts, Window, made_up_id

__all__ = ["Desks", "Office"]


class Office(ABC):
    """The part of a desk that is the same for every product.

    A request, and a step of a market, is one transaction: events of orders go out as they happen, what :meth:`_flush`
    sends once at its end, and what follows from it (triggered orders, pending ones) comes after it.

    Args:
        product: whose desk it is.
        listing: the instruments, and their markets.
        accounts: who trades.
        now: the simulator's time, µs since the epoch.
        look: brings a market up to now and keeps it awake for a while, as ``Feed.look`` does.
        windows: how many orders an account may send.

    Attributes:
        counts: orders by account that count against these limits.
    """

    def __init__(
        self,
        product: str,
        listing: Listing,
        accounts: Accounts,
        now: Callable[[], int],
        look: Callable[[BinanceMarket], None],
        windows: Sequence[Window],
    ) -> None:
        self.product, self.listing, self.accounts, self.now = product, listing, accounts, now
        self.counts = OrderCounts(windows)
        self._look = look
        self._numbers = itertools.count(1)  # of client order ids
        self._busy = False
        self._agenda: deque[Callable[[], None]] = deque()

    @property
    def milliseconds(self) -> int:
        """The simulator's time as Binance writes it."""
        return self.now() // 1000

    def instrument(self, symbol: str) -> Listed:
        """A listed symbol of the product.

        Raises:
            Refused: there is none of this name.
        """
        found = self.listing.find(self.product, symbol)
        if found is None:
            raise Refused(-1121, "Invalid symbol.")
        return found

    def market(self, symbol: str) -> BinanceMarket:
        """The market of a symbol, brought up to now.

        Raises:
            Refused: there is no such symbol.
        """
        market = self.listing.market(self.instrument(symbol), self.now())
        self._look(market)
        return market

    def new_client_id(self) -> str:
        """A client order id nobody has."""
        return made_up_id(next(self._numbers))

    @abstractmethod
    def deposit(self, account: Account, asset: str, amount: str, wallet: str) -> None:
        """Credit a wallet, as an arrived deposit does; ``amount`` is a decimal text, negative for a withdrawal.

        Raises:
            Insufficient: less is free.
            ValueError: not an amount.
        """

    # one transaction

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done within it belongs together; at its end, also that of an error, comes what follows from it."""
        if self._busy:
            yield
            return
        self._busy = True
        try:
            yield
        finally:
            try:
                self._flush()
                while self._agenda:
                    self._agenda.popleft()()
                    self._flush()
            finally:
                self._busy = False

    @abstractmethod
    def _flush(self) -> None:
        """Tell what is told once for a transaction."""


Desks = Mapping[str, Office]
"""The desks by product; a product's wallet has its name."""
