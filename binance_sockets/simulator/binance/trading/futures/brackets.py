"""How large a position may be at a leverage, and what it must keep: the brackets of all symbols of a product."""

from __future__ import annotations

from typing import Any, NamedTuple

from binance_sockets.simulator.accounts import PLACES, Contract
from binance_sockets.simulator.market.instruments import power

__all__ = ["MOST_LEVERAGE", "Bracket", "bracket_of", "bracket_rows", "most_held"]

MOST_LEVERAGE = 125
_USDM = (
    (50_000, 125, 40), (600_000, 100, 50), (3_000_000, 75, 65), (12_000_000, 50, 100), (70_000_000, 25, 200),
    (100_000_000, 20, 250), (230_000_000, 10, 500), (480_000_000, 5, 1000), (600_000_000, 4, 1250),
    (800_000_000, 3, 1500), (1_200_000_000, 2, 2500), (1_800_000_000, 1, 5000),
)  # fmt: skip
_COINM = (
    (5, 125, 40), (10, 100, 50), (20, 50, 100), (50, 20, 250), (100, 10, 500), (200, 5, 1000), (400, 4, 1250),
    (1000, 3, 1500), (1500, 2, 2500), (2000, 1, 5000),
)  # fmt: skip
_WHOLE = 10_000


class Bracket(NamedTuple):
    """One step; what a position is worth is in whole units of the margin asset.

    Args:
        floor: from here on.
        cap: up to here.
        leverage: at most.
        rate: of the maintenance margin, in 1/100 of a percent.
        relief: what is taken off the maintenance margin, so that it does not jump from one step to the next; in steps
            of 1/10000.
    """

    floor: int
    cap: int
    leverage: int
    rate: int
    relief: int

    def kept(self, value: int) -> int:
        """The maintenance margin of a position that is worth that, both in units of 1e-8."""
        return (value * self.rate - self.relief * power(PLACES)) // _WHOLE


def _brackets(rows: tuple[tuple[int, int, int], ...], factor: int) -> tuple[Bracket, ...]:
    found: list[Bracket] = []
    floor = rate = relief = 0
    for cap, leverage, higher in rows:
        relief += floor * (higher - rate) if found else 0
        found.append(Bracket(floor, cap * factor, leverage, higher, relief))
        floor, rate = cap * factor, higher
    return tuple(found)


_TABLES = {name: _brackets(rows, factor) for name, rows, factor in (
    ("linear", _USDM, 1), ("BTC", _COINM, 1), ("other coins", _COINM, 20),
)}  # fmt: skip


def _table(contract: Contract) -> tuple[Bracket, ...]:
    if not contract.inverse:
        return _TABLES["linear"]
    return _TABLES["BTC" if contract.asset == "BTC" else "other coins"]


def bracket_of(contract: Contract, value: int) -> Bracket:
    """The step for a position that is worth that, in units of 1e-8; the last one also beyond it."""
    table = _table(contract)
    return next((row for row in table if value < row.cap * power(PLACES)), table[-1])


def most_held(contract: Contract, leverage: int) -> int:
    """What a position may be worth at a leverage, in whole units of the margin asset."""
    return max(row.cap for row in _table(contract) if row.leverage >= leverage)


def bracket_rows(contract: Contract) -> list[dict[str, Any]]:
    """As ``leverageBracket`` lists them."""
    kind = "qty" if contract.inverse else "notional"
    return [
        {
            "bracket": number, "initialLeverage": row.leverage, f"{kind}Cap": row.cap, f"{kind}Floor": row.floor,
            "maintMarginRatio": row.rate / _WHOLE, "cum": row.relief / _WHOLE,
        }
        for number, row in enumerate(_table(contract), 1)
    ]  # fmt: skip
