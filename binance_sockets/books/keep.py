"""How much of each side a book keeps: so many levels, or those within a part of the price around the touch."""

from __future__ import annotations

import re

from ..errors import ConfigError
from .side import Side

__all__ = ["Keep", "Retention"]

Keep = int | str | None  # levels, percent such as "2%", or all

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%", re.ASCII)


class Retention:
    """Has a side forget what a book does not keep.

    Args:
        keep: levels of each side, from 1; how far from the best price, in percent of it, as ``"2%"``; ``None`` for all.

    Attributes:
        levels: how many are kept; ``None`` where their number does not count.

    Raises:
        ConfigError: for anything else.
    """

    __slots__ = ("_share", "levels")

    def __init__(self, keep: Keep) -> None:
        self.levels: int | None = None
        self._share: float | None = None
        if isinstance(keep, int) and not isinstance(keep, bool) and keep >= 1:
            self.levels = keep
        elif isinstance(keep, str) and (found := _PERCENT.fullmatch(keep)) and 0 < float(found[1]) < 100:
            self._share = float(found[1]) / 100
        elif keep is not None:
            allowed = (
                "a number of levels from 1, percent of the price between 0% and 100% such as '2%', or None for all"
            )
            raise ConfigError("keep", keep, allowed)

    @property
    def window(self) -> bool:
        """Whether the price decides what is kept."""
        return self._share is not None

    def settle(self, bids: Side, asks: Side) -> None:
        """After a change."""
        if self.levels is not None:
            bids.trim(self.levels)
            asks.trim(self.levels)
        elif self._share is not None:
            bids.narrow(self._share)
            asks.narrow(self._share)

    def loaded(self, bids: Side, asks: Side) -> None:
        """After a snapshot."""
        self.settle(bids, asks)
        if self._share is not None:
            bids.measure(self._share)
            asks.measure(self._share)
