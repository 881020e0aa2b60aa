"""All markets of a simulator. A market exists from the first time somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from binance_sockets.simulator.binance.products import PRODUCTS, Instrument, instrument, symbol_table
from binance_sockets.simulator.market.market import Market

__all__ = ["World"]

_ARRAY_ROWS = 40


class World:
    """Instruments and their markets.

    Args:
        seed: fixes what happens in every market.
        symbols: product to a list of symbols, or to how many; the defaults elsewhere.

    Raises:
        ValueError: unknown product, or a symbol that does not fit it.
    """

    def __init__(self, seed: int, symbols: Mapping[str, Sequence[str] | int] | None = None) -> None:
        self._seed = seed
        self.listed: dict[str, dict[str, Instrument]] = {
            product: {symbol: instrument(product, symbol) for symbol in names}
            for product, names in symbol_table(symbols).items()
        }
        self._markets: dict[tuple[str, str], Market] = {}

    def find(self, product: str, symbol: str) -> Instrument | None:
        """A listed instrument."""
        return self.listed[product].get(symbol)

    def in_arrays(self, *products: str) -> list[Instrument]:
        """The instruments that streams of all symbols carry: the first forty of each product."""
        return [row for product in products for row in list(self.listed[product].values())[:_ARRAY_ROWS]]

    def matching(self, products: Iterable[str] = PRODUCTS, **facts: object) -> list[Instrument]:
        """The listed instruments with these attributes."""
        return [
            row
            for product in products
            for row in self.listed[product].values()
            if all(getattr(row, name) == value for name, value in facts.items())
        ]

    def market(self, found: Instrument, now: int) -> Market:
        """The market of an instrument; opened at ``now`` if nobody asked for it before."""
        key = (found.product, found.symbol)
        market = self._markets.get(key)
        if market is None:
            market = self._markets[key] = Market(found, self._seed, now)
        return market

    def underlying(self, pair: str, now: int) -> Market:
        """The market that gives the index price of a pair such as BTCUSDT."""
        return self.market(self.find("usdm", pair) or instrument("usdm", pair), now)
