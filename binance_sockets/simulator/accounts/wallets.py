"""What an account owns. Amounts are whole numbers of 1e-8 of an asset."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from binance_sockets.simulator.market.instruments import fixed

__all__ = ["PLACES", "Insufficient", "Wallet", "amount_text", "units"]

PLACES = 8
_AMOUNT = re.compile(r"-?\d{1,12}(?:\.\d{1,8})?")


class Insufficient(ValueError):
    """There is not enough of an asset."""

    def __init__(self, asset: str) -> None:
        super().__init__(f"not enough {asset}")
        self.asset = asset


def units(amount: str) -> int:
    """A decimal text as whole units.

    Raises:
        ValueError: not a decimal number, or more than eight decimals.
    """
    if not _AMOUNT.fullmatch(amount):
        raise ValueError(f"not an amount: {amount!r}; a decimal number of at most {PLACES} decimals")
    whole, _, part = amount.partition(".")
    return int(whole + part.ljust(PLACES, "0"))


def amount_text(amount: int) -> str:
    """Whole units as a decimal text of eight decimals."""
    return fixed(amount, PLACES, PLACES)


class Wallet:
    """Free and locked amounts of each asset; neither ever falls below zero, but by a loss that is settled."""

    def __init__(self, balances: Mapping[str, str] | None = None) -> None:
        self._free: defaultdict[str, int] = defaultdict(int)
        self._locked: defaultdict[str, int] = defaultdict(int)
        for asset, amount in (balances or {}).items():
            self.add(asset, units(amount))

    @property
    def assets(self) -> list[str]:
        """All that it ever held, in order of their arrival."""
        return list(self._free)

    def free(self, asset: str) -> int:
        return self._free.get(asset, 0)

    def locked(self, asset: str) -> int:
        return self._locked.get(asset, 0)

    def total(self, asset: str) -> int:
        return self.free(asset) + self.locked(asset)

    def add(self, asset: str, amount: int) -> None:
        """Change the free amount; below zero takes away.

        Raises:
            Insufficient: less is free.
        """
        self._change(self._free, asset, amount)

    def lock(self, asset: str, amount: int) -> None:
        """Move free amounts to locked ones; below zero moves them back.

        Raises:
            Insufficient: less is free, or locked.
        """
        if self.locked(asset) + amount < 0:
            raise Insufficient(asset)
        self._change(self._free, asset, -amount)
        self._change(self._locked, asset, amount)

    def settle(self, asset: str, amount: int) -> None:
        """Credit a profit; a loss, below zero, is taken from the free amount even where there is less."""
        self._free[asset] += amount

    def _change(self, amounts: defaultdict[str, int], asset: str, amount: int) -> None:
        if amount < 0 and amounts.get(asset, 0) + amount < 0:
            raise Insufficient(asset)
        amounts[asset] += amount
