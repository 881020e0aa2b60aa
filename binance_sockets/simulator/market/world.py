"""All markets of a simulator, of all venues. A market exists from the first time somebody asks for it."""

from __future__ import annotations

from typing import Any, TypeVar

from binance_sockets.simulator.market.instruments import Instrument
from binance_sockets.simulator.market.market import Market, Observer, Step

__all__ = ["World"]

_I = TypeVar("_I", bound=Instrument)


class World:
    """Markets by their instrument's key.

    Args:
        seed: fixes what the crowds do.
        volatility: how far prices move, as a multiple of the usual.
        told_levels: of how many levels per side the diffs of a book tell; ``None`` for all.

    Attributes:
        observers: called after every action in any market, by the crowd or somebody else.
    """

    def __init__(self, seed: int, volatility: float = 1.0, told_levels: int | None = None) -> None:
        self.observers: list[Observer] = []
        self._seed, self._volatility, self._told_levels = seed, volatility, told_levels
        self._markets: dict[str, Market[Any]] = {}

    def market(self, found: _I, now: int) -> Market[_I]:
        """The market of an instrument; opened at ``now`` if nobody asked for it before."""
        market = self._markets.get(found.key)
        if market is None:
            market = self._markets[found.key] = Market(
                found, self._seed, now, self._tell, volatility=self._volatility, told_levels=self._told_levels
            )
        return market

    def _tell(self, market: Market[Any], step: Step) -> None:
        for observer in self.observers:
            observer(market, step)
