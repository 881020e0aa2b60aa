"""What is listed on Binance, and its markets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from binance_sockets.simulator.binance.products import PRODUCTS, BinanceMarket, Listed, instrument, symbol_table
from binance_sockets.simulator.market.world import World

__all__ = ["Listing"]

_ARRAY_ROWS = 40


class Listing:
    """The instruments of every product.

    Args:
        world: holds their markets.
        symbols: product to a list of symbols, or to how many; the defaults elsewhere.

    Raises:
        ValueError: unknown product, or a symbol that does not fit it.
    """

    def __init__(self, world: World, symbols: Mapping[str, Sequence[str] | int] | None = None) -> None:
        self._world = world
        self.listed: dict[str, dict[str, Listed]] = {
            product: {symbol: instrument(product, symbol) for symbol in names}
            for product, names in symbol_table(symbols).items()
        }
        self._statuses: dict[tuple[str, str], str] = {}

    def status(self, found: Listed) -> str:
        """How it trades, as exchangeInfo says it."""
        return self._statuses.get((found.product, found.symbol), "TRADING")

    def set_status(self, product: str, symbol: str, status: str, now: int) -> None:
        """Have a listed symbol trade, or halt: a market that does not trade stands still."""
        found = self.listed[product][symbol]
        self._statuses[product, symbol] = status
        self.market(found, now).halted = status != "TRADING"

    def add(self, product: str, symbol: str) -> None:
        """List a symbol."""
        self.listed[product][symbol] = instrument(product, symbol)
        self._statuses.pop((product, symbol), None)

    def remove(self, product: str, symbol: str, now: int) -> None:
        """List a symbol no more: its market stands still."""
        found = self.listed[product].pop(symbol)
        self.market(found, now).halted = True

    def find(self, product: str, symbol: str) -> Listed | None:
        """A listed instrument."""
        return self.listed[product].get(symbol)

    def in_arrays(self, *products: str) -> list[Listed]:
        """The instruments that streams of all symbols carry: the first forty of each product."""
        return [row for product in products for row in list(self.listed[product].values())[:_ARRAY_ROWS]]

    def matching(self, products: Iterable[str] = PRODUCTS, **facts: object) -> list[Listed]:
        """The listed instruments with these attributes."""
        return [
            row
            for product in products
            for row in self.listed[product].values()
            if all(getattr(row, name) == value for name, value in facts.items())
        ]

    def index_parts(self) -> list[Listed]:
        """What the composite indexes of USD-M are made of."""
        return [row for row in self.in_arrays("usdm") if not row.index and not row.delivery][:3]

    def collateral(self) -> dict[str, Listed]:
        """What the asset indexes of USD-M are taken from, by their names such as BTCUSD."""
        rows = [row for row in self.in_arrays("usdm") if not (row.index or row.tradfi or row.delivery)]
        return {f"{row.base}USD": row for row in rows}

    def market(self, found: Listed, now: int) -> BinanceMarket:
        """The market of an instrument; opened at ``now`` if nobody asked for it before."""
        return self._world.market(found, now)

    def underlying(self, pair: str, now: int) -> BinanceMarket:
        """The market that gives the index price of a pair such as BTCUSDT."""
        return self.market(self.find("usdm", pair) or instrument("usdm", pair), now)
