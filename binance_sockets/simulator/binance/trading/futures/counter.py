"""Everything a product of futures trades by: its desk, the orders that wait for a price, and what is done by force."""

from __future__ import annotations

from collections.abc import Callable

from binance_sockets.simulator.accounts import Accounts
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading.futures.algo import Algos
from binance_sockets.simulator.binance.trading.futures.desk import FuturesDesk
from binance_sockets.simulator.binance.trading.futures.force import Force
from binance_sockets.simulator.market.world import World

__all__ = ["FuturesCounter"]


class FuturesCounter(FuturesDesk):
    """The desk with all that rests on it; for the arguments see :class:`FuturesDesk`.

    Attributes:
        algos: orders that wait for a price.
        force: funding, and positions that the exchange closes.
    """

    def __init__(
        self,
        product: str,
        listing: Listing,
        world: World,
        accounts: Accounts,
        now: Callable[[], int],
        look: Callable[[BinanceMarket], None],
    ) -> None:
        super().__init__(product, listing, world, accounts, now, look)
        self.algos = Algos(self)
        self.force = Force(self)
