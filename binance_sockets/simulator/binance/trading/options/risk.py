"""What an options account has, needs and may still use, and the greeks of its positions.

Source: ``exchangeInfo`` of options for the rates of margin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from binance_sockets.simulator.accounts import PLACES, Contract, MarginAccount, Position, units
from binance_sockets.simulator.binance.payloads import VOLATILITY, greeks
from binance_sockets.simulator.binance.products import Listed
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder, Ticket
from binance_sockets.simulator.binance.trading.futures.risk import AssetRisk, Mark, Risk, SymbolRisk
from binance_sockets.simulator.market.book import BUY
from binance_sockets.simulator.market.instruments import power

__all__ = ["Greeks", "OptionsRisk", "listed_of", "payout8"]

Fee = Callable[[Contract, int, int], int]
"""The fee of so many lots that are worth so much."""
_WHOLE = 1000


class _Rates(NamedTuple):
    """Shares of the index price that a sold lot needs, in 1/1000.

    Args:
        usual: less by how far the option is out of the money.
        least: however far that is.
    """

    usual: int
    least: int


_INITIAL, _MAINTENANCE = _Rates(150, 100), _Rates(75, 50)


class Greeks(NamedTuple):
    """Of all positions in one underlying."""

    underlying: str
    delta: float
    theta: float
    gamma: float
    vega: float


def listed_of(contract: Contract) -> Listed:
    """The option of a contract."""
    i = contract.instrument
    assert isinstance(i, Listed)
    return i


def payout8(i: Listed, index8: int) -> int:
    """What one option pays at an index price, in steps of 1e-8; below zero: by how much it is out of the money."""
    above = index8 - units(i.symbol.split("-")[2])
    return above if i.contract == "CALL" else -above


class OptionsRisk(Risk):
    """The positions and open orders of one account, as they are now.

    Bought lots are paid for and need nothing. Sold ones need margin, in which what they are worth is contained.

    Args:
        margin: its positions.
        orders: its open orders.
        mark: tells mark prices.
        index: tells the index prices of what is underlying.
        fee: of trades.
    """

    def __init__(
        self, margin: MarginAccount, orders: Iterable[FuturesOrder], mark: Mark, index: Mark, fee: Fee
    ) -> None:
        super().__init__(margin, orders, mark)
        self.index, self._fee = index, fee

    def _short(self, contract: Contract, lots: int, rates: _Rates) -> int:
        """The margin of so many sold lots; nothing for less than none."""
        if lots <= 0:
            return 0
        index8 = self.index(contract)
        usual = index8 * rates.usual // _WHOLE + min(0, payout8(listed_of(contract), index8))
        return contract.value8(max(usual, index8 * rates.least // _WHOLE) + self.mark(contract), lots)

    def kept(self, row: Position) -> int:
        """The maintenance margin of a position."""
        return self._short(row.contract, -row.qty, _MAINTENANCE)

    def symbol(self, contract: Contract, more: tuple[Ticket, int] | None = None) -> SymbolRisk:
        """One symbol; what its orders need is what is needed once those of the one or of the other side are filled.

        Args:
            contract: its contract.
            more: an order that is not there yet, and what it would be worth.
        """
        rows = [
            (o.ticket, o.remaining, contract.value(o.price, o.remaining))
            for o in self._orders
            if o.contract == contract
        ]
        if more is not None:
            rows.append((more[0], more[0].qty, more[1]))
        bids = [row for row in rows if row[0].side == BUY]
        asks = [row for row in rows if row[0].side != BUY]
        premium = sum(value + self._fee(contract, qty, value) for _, qty, value in bids)
        sold = -self._margin.position(contract).qty
        held = self._short(contract, sold, _INITIAL)
        opening = sum(qty for ticket, qty, _ in asks if not ticket.closes)
        after_asks = self._short(contract, sold + opening, _INITIAL)
        after_bids = premium + self._short(contract, sold - sum(qty for _, qty, _ in bids), _INITIAL)
        needed = max(held, after_asks, after_bids)
        return SymbolRisk(premium, sum(value for _, _, value in asks), held, needed - held)

    def asset(self, asset: str) -> AssetRisk:
        """One asset; what is not realised of its profit cannot be used."""
        row = super().asset(asset)
        return replace(row, available=max(0, row.wallet - row.held - row.orders))

    def quantities(self, contract: Contract) -> tuple[int, int]:
        """The lots of the open orders of a symbol, those that buy and those that sell."""
        rows = [order for order in self._orders if order.contract == contract]
        bids = sum(order.remaining for order in rows if order.side == BUY)
        return bids, sum(order.remaining for order in rows) - bids

    def value(self, asset: str) -> int:
        """What all positions would bring at their mark prices, below zero for what closing them would cost."""
        return sum(row.side * self.worth(row) for row in self._margin if row.contract.asset == asset)

    def bought(self, asset: str) -> int:
        """What the bought lots would bring."""
        return sum(self.worth(row) for row in self._margin if row.contract.asset == asset and row.qty > 0)

    def greeks(self, now: int) -> list[Greeks]:
        """By underlying, of those in which there ever was a position; ``now`` is in µs."""
        sums: dict[str, list[float]] = {}
        for row in self._margin:
            i = listed_of(row.contract)
            size = row.qty / power(i.qty_places)
            one = greeks(i, self.index(row.contract) / power(PLACES), VOLATILITY, now)
            total = sums.setdefault(i.pair, [0.0] * len(one))
            sums[i.pair] = [had + size * part for had, part in zip(total, one, strict=True)]
        return [Greeks(name, *(value + 0.0 for value in parts)) for name, parts in sums.items()]
