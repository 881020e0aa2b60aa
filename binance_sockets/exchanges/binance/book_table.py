"""Binance's order books: what each market's are made of, by its REST paths, weights and numbering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...books import Rule
from ...errors import ConfigError

__all__ = ["BOOKS", "BookMarket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookMarket:
    """How books are made in one market.

    Args:
        rule: how its diffs are numbered.
        path: of its snapshots.
        retail: of those with retail price improvement orders; empty where there are none.
        weights: ``(most levels, weight)``, rising.
        any_limit: whether a snapshot of any number of levels can be had, not only the listed ones.
        default: levels of a snapshot.
    """

    rule: Rule
    path: str
    retail: str = ""
    weights: tuple[tuple[int, int], ...]
    any_limit: bool = False
    default: int = 1000

    def weight(self, limit: object) -> int:
        """What a snapshot costs.

        Raises:
            ConfigError: it cannot be had with so many levels.
        """
        allowed = [most for most, _ in self.weights]
        fits = isinstance(limit, int) and not isinstance(limit, bool) and 1 <= limit <= allowed[-1]
        if not isinstance(limit, int) or not fits or not (self.any_limit or limit in allowed):
            raise ConfigError("limit", limit, f"a number of levels up to {allowed[-1]}" if self.any_limit else allowed)
        return next(weight for most, weight in self.weights if limit <= most)


_FUTURES_WEIGHTS = ((5, 2), (10, 2), (20, 2), (50, 2), (100, 5), (500, 10), (1000, 20))
_SPOT = BookMarket(
    rule=Rule.SPOT,
    path="/api/v3/depth",
    weights=((100, 5), (500, 25), (1000, 50), (5000, 250)),
    any_limit=True,
)
BOOKS: Mapping[str, BookMarket] = {
    "spot": _SPOT,
    "us": _SPOT,
    "usdm": BookMarket(
        rule=Rule.FUTURES,
        path="/fapi/v1/depth",
        retail="/fapi/v1/rpiDepth",
        weights=_FUTURES_WEIGHTS,
    ),
    "coinm": BookMarket(rule=Rule.FUTURES, path="/dapi/v1/depth", weights=_FUTURES_WEIGHTS),
    "options": BookMarket(
        rule=Rule.FUTURES,
        path="/eapi/v1/depth",
        weights=((10, 1), (20, 1), (50, 1), (100, 5), (500, 10), (1000, 20)),
    ),
}
"""Source: "How to manage a local order book correctly", spot (2025-11-12), USD-M, COIN-M and options (2026)."""
