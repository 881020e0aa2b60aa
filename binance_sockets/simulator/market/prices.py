"""What an instrument is worth: the price that traders believe in, and the mark and index prices that follow from it."""

from __future__ import annotations

import random

from binance_sockets.simulator.market.instruments import Instrument

__all__ = ["Prices"]


class Prices:
    """A fair price that wanders around the instrument's start price. Prices ending in ``8`` are in steps of 1e-8.

    Args:
        instrument: what is priced.
        rng: draws the steps.
        volatility: how far a step goes, as a multiple of the usual.

    Attributes:
        fair: in ticks.
        spacing: usual distance between two levels of a book, in ticks.
    """

    def __init__(self, instrument: Instrument, rng: random.Random, volatility: float = 1.0) -> None:
        self._volatility = volatility
        self.fair = self._anchor = instrument.start_price
        self.spacing = max(1, self.fair // 20_000)
        self._rng = rng
        self._premium = 0
        self._unit8 = instrument.price8(1)
        self.average8 = self.fair * self._unit8  # moving average of the mark price

    def drift(self) -> None:
        """One step."""
        rng = self._rng
        if rng.random() < 0.5:
            self.fair += round(self._volatility * rng.randint(-self.spacing, self.spacing))
        pull = abs(self._anchor - self.fair) // 500
        self.fair += pull if self.fair < self._anchor else -pull
        self.fair = max(self.fair, self._anchor // 2)
        unit = self.spacing * self._unit8
        self._premium += rng.randint(-unit, unit) // 4 - self._premium // 50
        self.average8 += (self.mark8 - self.average8) // 20

    @property
    def index8(self) -> int:
        """Index price."""
        return self.fair * self._unit8 + self._premium // 7

    @property
    def mark8(self) -> int:
        """Mark price."""
        return self.index8 + self._premium

    @property
    def premium8(self) -> int:
        """What the mark price is above the index price, as a share of it in steps of 1e-8."""
        return self._premium * 10**8 // max(1, self.index8)

    @property
    def funding8(self) -> int:
        """Funding rate in steps of 1e-8."""
        return 10_000 + self.premium8 // 8
