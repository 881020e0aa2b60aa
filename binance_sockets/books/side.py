"""One side of an order book: price levels in order, and the price down to which they are known.

The keys are prices, negated on the ask side, so that on both sides the best level is the last one and the levels that
change most are near the end of the list: putting one in there moves few others.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

__all__ = ["Level", "Side", "new_level"]


class Level(NamedTuple):
    """One price level. Numbers are of the kind that the book was made with."""

    price: Any
    quantity: Any


new_level: Any = tuple.__new__  # ``new_level(Level, pair)`` costs half of ``Level(*pair)``, and a top has twenty


class Side:
    """Levels of one side. Not safe for threads: its book has the lock.

    Args:
        sign: 1 for bids, -1 for asks.
        exact: keep the levels' texts; else quantities as ``float``.

    Attributes:
        keys: the best is the last one.
        levels: price and quantity as sent, or the quantity, by key.
        known: the key up to which every level is known; ``-inf`` where the whole side is.
    """

    __slots__ = ("_exact", "_span", "keys", "known", "levels", "sign")

    def __init__(self, sign: int, exact: bool) -> None:
        self.sign = sign
        self.known = -math.inf
        self._span = 0.0  # from the best level to the end of what a window held when it was loaded
        self._exact = exact
        self.keys: list[float] = []
        self.levels: dict[float, Any] = {}

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def best(self) -> float | None:
        """The key of the best level."""
        return self.keys[-1] if self.keys else None

    @property
    def furthest(self) -> float:
        """The key of the last level; what is known of an empty side where there is none."""
        return self.keys[0] if self.keys else self.known

    def load(self, levels: Iterable[Sequence[str]], limit: int | None) -> None:
        """Replace all levels by those of a snapshot.

        Args:
            levels: pairs of price and quantity, in any order.
            limit: how many the snapshot has at most; with as many there may be more levels behind. ``None``: it is
                the whole side.
        """
        self.known = -math.inf
        self.keys, self.levels = [], {}
        self.apply(levels)
        if limit is not None and len(self.keys) >= limit:
            self.known = self.keys[0]

    def apply(self, changes: Iterable[Sequence[str]]) -> None:
        """Set the quantity of each price; 0 removes the level, and removing one that is not there is normal.

        Prices behind what is known are left out: nobody can say which other levels lie there.

        Raises:
            ValueError: a price or quantity is no number. What came before it has been applied.
        """
        keys, levels, sign, known, exact = self.keys, self.levels, self.sign, self.known, self._exact
        infinity = math.inf
        for change in changes:
            price, quantity = change
            key = sign * float(price)
            if known <= key:
                size = float(quantity)
                if 0.0 < size < infinity:
                    if key not in levels:
                        if key - key:  # NaN, as of infinity alone
                            raise ValueError(f"price {price!r}")
                        insort(keys, key)
                    levels[key] = change if exact else size
                elif size != 0.0:
                    raise ValueError(f"quantity {quantity!r}")
                elif levels.pop(key, None) is not None:
                    del keys[bisect_left(keys, key)]
            elif key != key:
                raise ValueError(f"price {price!r}")

    def trim(self, keep: int) -> None:
        """Forget the levels behind the best ``keep``; the side is known up to the last one kept."""
        surplus = len(self.keys) - keep
        if surplus > 0:
            self._forget(surplus)
            self.known = self.keys[0]

    def narrow(self, share: float) -> None:
        """Forget the levels further from the best one than ``share`` of its price; the side is known up to there."""
        keys = self.keys
        if keys:
            end = keys[-1] - share * abs(keys[-1])
            if keys[0] < end:
                self._forget(bisect_left(keys, end))
                self.known = end

    def measure(self, share: float) -> None:
        """Remember how far a window of ``share`` is known now, as a snapshot has just filled it."""
        best = self.best
        self._span = 0.0 if best is None else min(share * abs(best), best - self.known)

    @property
    def worn(self) -> bool:
        """Less than half of that is known now, and there may be more."""
        best = self.best
        return self.known > -math.inf and (best is None or best - self.known < self._span / 2)

    def _forget(self, count: int) -> None:
        for key in self.keys[:count]:
            del self.levels[key]
        del self.keys[:count]

    def copy(self) -> Side:
        side = Side(self.sign, self._exact)
        side.known, side._span = self.known, self._span
        side.keys, side.levels = self.keys.copy(), self.levels.copy()
        return side

    # -- reading -----------------------------------------------------------------------------------------------------

    def texts(self, count: int | None = None) -> list[Any]:
        """The best ``count`` levels as they were sent. For exact sides."""
        levels = self.levels
        return [levels[key] for key in (self.keys[::-1] if count is None else self.keys[: -count - 1 : -1])]

    def floats(self, count: int | None = None) -> list[Level]:
        """The best ``count`` levels as numbers."""
        levels, new = self.levels, new_level
        keys = self.keys[::-1] if count is None else self.keys[: -count - 1 : -1]
        sign = self.sign
        if self._exact:
            return [new(Level, (sign * key, float(levels[key][1]))) for key in keys]
        return [new(Level, (sign * key, levels[key])) for key in keys]

    def walk(self) -> Iterator[tuple[float, float]]:
        """Price and quantity, the best first."""
        levels, sign, exact = self.levels, self.sign, self._exact
        for key in reversed(self.keys):
            yield sign * key, float(levels[key][1]) if exact else levels[key]

    def fill(self, quantity: float) -> tuple[float, float, float]:
        """What an order of ``quantity`` gets: how much, what it pays, and the price of the last level that it takes."""
        left, paid, price = quantity, 0.0, math.nan
        for price, size in self.walk():
            taken = min(size, left)
            paid += taken * price
            left -= taken
            if left <= 0:
                break
        return quantity - left, paid, price

    def quantities(self) -> dict[float, float]:
        """Quantity by key."""
        return {key: float(value[1]) for key, value in self.levels.items()} if self._exact else dict(self.levels)
