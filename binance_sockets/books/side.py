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
        known: the key of the last level up to which every level is known; ``-inf`` where the whole side is.
    """

    __slots__ = ("_exact", "_keys", "_levels", "known", "sign")

    def __init__(self, sign: int, exact: bool) -> None:
        self.sign = sign
        self.known = -math.inf
        self._exact = exact
        self._keys: list[float] = []
        self._levels: dict[float, Any] = {}  # key -> (price, quantity) as sent, or the quantity

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def best(self) -> float | None:
        """The key of the best level."""
        return self._keys[-1] if self._keys else None

    @property
    def furthest(self) -> float:
        """The key of the last level; what is known of an empty side where there is none."""
        return self._keys[0] if self._keys else self.known

    def load(self, levels: Iterable[Sequence[str]], limit: int | None) -> None:
        """Replace all levels by those of a snapshot.

        Args:
            levels: pairs of price and quantity, in any order.
            limit: how many the snapshot has at most; with as many there may be more levels behind. ``None``: it is
                the whole side.
        """
        self.known = -math.inf
        self._keys, self._levels = [], {}
        self.apply(levels)
        if limit is not None and len(self._keys) >= limit:
            self.known = self._keys[0]

    def apply(self, changes: Iterable[Sequence[str]]) -> None:
        """Set the quantity of each price; 0 removes the level, and removing one that is not there is normal.

        Prices behind what is known are left out: nobody can say which other levels lie there.

        Raises:
            ValueError: a price or quantity is no number. What came before it has been applied.
        """
        keys, levels, sign, known, exact = self._keys, self._levels, self.sign, self.known, self._exact
        for change in changes:
            price, quantity = change
            key = sign * float(price)
            if known <= key:
                size = float(quantity)
                if size > 0.0:
                    if key not in levels:
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
        surplus = len(self._keys) - keep
        if surplus > 0:
            for key in self._keys[:surplus]:
                del self._levels[key]
            del self._keys[:surplus]
            self.known = self._keys[0] if keep else math.inf

    def copy(self) -> Side:
        side = Side(self.sign, self._exact)
        side.known, side._keys, side._levels = self.known, self._keys.copy(), self._levels.copy()
        return side

    # -- reading -----------------------------------------------------------------------------------------------------

    def texts(self, count: int | None = None) -> list[Any]:
        """The best ``count`` levels as they were sent. For exact sides."""
        levels = self._levels
        return [levels[key] for key in (self._keys[::-1] if count is None else self._keys[: -count - 1 : -1])]

    def floats(self, count: int | None = None) -> list[Level]:
        """The best ``count`` levels as numbers."""
        levels, new = self._levels, new_level
        keys = self._keys[::-1] if count is None else self._keys[: -count - 1 : -1]
        if self._exact:
            sign = self.sign
            return [new(Level, (sign * key, float(levels[key][1]))) for key in keys]
        if self.sign > 0:  # a top has twenty levels: what is not calculated for each is felt
            return [new(Level, (key, levels[key])) for key in keys]
        return [new(Level, (-key, levels[key])) for key in keys]

    def walk(self) -> Iterator[tuple[float, float]]:
        """Price and quantity, the best first."""
        levels, sign, exact = self._levels, self.sign, self._exact
        for key in reversed(self._keys):
            yield sign * key, float(levels[key][1]) if exact else levels[key]

    def quantities(self) -> dict[float, float]:
        """Quantity by key."""
        return {key: float(value[1]) for key, value in self._levels.items()} if self._exact else dict(self._levels)
