"""A naive exchange whose book is true: numbers its changes, sends diffs and snapshots."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from binance_sockets.books import Depth

Pairs = list[list[str]]


def price(ticks: int) -> str:
    return f"{ticks / 100:.2f}"


@dataclass
class TrueBook:
    """Bids below 100.00, asks above; levels in ticks."""

    rng: Random
    id: int = 1000
    bids: dict[int, int] = field(default_factory=dict)
    asks: dict[int, int] = field(default_factory=dict)
    middle: int = 10_000
    previous: int = 1000

    def __post_init__(self) -> None:
        for distance in range(1, 60):
            self.bids[self.middle - distance] = self.rng.randint(1, 9)
            self.asks[self.middle + distance] = self.rng.randint(1, 9)

    def diff(self) -> Depth:
        """Some changes; the middle may move, and levels that it passes go."""
        first = self.id + 1
        bids: dict[int, int] = {}
        asks: dict[int, int] = {}
        self.middle += self.rng.choice((-2, -1, 0, 0, 0, 1, 2))
        for side, changes, gone in (
            (self.bids, bids, [level for level in self.bids if level >= self.middle]),
            (self.asks, asks, [level for level in self.asks if level <= self.middle]),
        ):
            for level in gone:
                del side[level]
                changes[level] = 0
        for _ in range(self.rng.randint(0, 5)):
            side, changes, sign = self.rng.choice(((self.bids, bids, -1), (self.asks, asks, 1)))
            level = self.middle + sign * self.rng.randint(1, 80)
            quantity = self.rng.choice((0, 0, 1, 2, 3))
            changes[level] = quantity
            if quantity:
                side[level] = quantity
            else:
                side.pop(level, None)
        self.id += max(1, len(bids) + len(asks))
        self.previous, previous = self.id, self.previous
        return Depth(first, self.id, previous, _pairs(bids), _pairs(asks), self.id)

    def snapshot(self, limit: int | None = None) -> tuple[int, Pairs, Pairs]:
        bids = sorted(self.bids.items(), reverse=True)[:limit]
        asks = sorted(self.asks.items())[:limit]
        return self.id, _pairs(dict(bids)), _pairs(dict(asks))

    def levels(self) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
        _, bids, asks = self.snapshot()
        return [(float(p), float(q)) for p, q in bids], [(float(p), float(q)) for p, q in asks]


def _pairs(levels: dict[int, int]) -> Pairs:
    return [[price(level), f"{quantity}.000"] for level, quantity in levels.items()]
