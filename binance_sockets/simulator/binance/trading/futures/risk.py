"""What an account has, needs and may still use: the margin of its positions and open orders by the mark prices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from binance_sockets.simulator.accounts import Contract, MarginAccount, Position, margin_needed
from binance_sockets.simulator.binance.trading.futures.brackets import bracket_of
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder, Ticket
from binance_sockets.simulator.market.book import BUY

__all__ = ["AssetRisk", "Risk", "SymbolRisk"]

Mark = Callable[[Contract], int]
"""The mark price of a contract, in steps of 1e-8."""


@dataclass(frozen=True, slots=True)
class SymbolRisk:
    """Of one symbol, in units of the margin asset.

    Args:
        bids: what open orders that buy are worth.
        asks: what open orders that sell are worth.
        held: initial margin of its positions.
        orders: initial margin of its open orders.
    """

    bids: int
    asks: int
    held: int
    orders: int


@dataclass(frozen=True, slots=True)
class AssetRisk:
    """Of one margin asset, in units of it.

    Args:
        wallet: what was paid in and earned.
        cross: what of it stands behind crossed positions.
        profit: not realised yet, of all positions.
        cross_profit: of the crossed ones.
        held: initial margin of positions.
        orders: initial margin of open orders.
        kept: maintenance margin.
        available: what new orders may use.
    """

    wallet: int
    cross: int
    profit: int
    cross_profit: int
    held: int
    orders: int
    kept: int
    available: int


class Risk:
    """The positions and open orders of one account, as they are now.

    Args:
        margin: its positions.
        orders: its open orders.
        mark: tells mark prices.
    """

    def __init__(self, margin: MarginAccount, orders: Iterable[FuturesOrder], mark: Mark) -> None:
        self._margin, self._orders, self.mark = margin, list(orders), mark

    def profit(self, row: Position) -> int:
        return row.profit8(self.mark(row.contract)) if row.qty else 0

    def worth(self, row: Position) -> int:
        """What a position is worth, whatever its side."""
        return row.value8(self.mark(row.contract)) if row.qty else 0

    def kept(self, row: Position) -> int:
        """The maintenance margin of a position."""
        value = self.worth(row)
        return bracket_of(row.contract, value).kept(value)

    def symbol(self, contract: Contract, more: tuple[Ticket, int] | None = None) -> SymbolRisk:
        """One symbol.

        Args:
            contract: its contract.
            more: an order that is not there yet, and what it would be worth.
        """
        bids, asks = {-1: 0, 0: 0, 1: 0}, {-1: 0, 0: 0, 1: 0}
        total = [0, 0]
        priced = [o for o in self._orders if o.contract == contract and o.price]  # a market order never rests
        rows = [(o.ticket, contract.value(o.price, o.remaining)) for o in priced]
        for ticket, value in (*rows, *([more] if more is not None else [])):
            total[ticket.side != BUY] += value
            if not ticket.closes:
                (bids if ticket.side == BUY else asks)[ticket.leg] += value
        legs = [(row.leg, row.side * self.worth(row)) for row in self._margin.legs(contract)]
        leverage = self._margin.terms_of(contract.symbol).leverage
        held = margin_needed([(leg, value, 0, 0) for leg, value in legs], leverage)
        needed = margin_needed([(leg, value, bids[leg], asks[leg]) for leg, value in legs], leverage)
        return SymbolRisk(total[0], total[1], held, needed - held)

    def contracts(self, asset: str | None = None) -> list[Contract]:
        """Those with a position or an open order."""
        found = [row.contract for row in self._margin if row.qty] + [order.contract for order in self._orders]
        return [row for row in dict.fromkeys(found) if asset in (None, row.asset)]

    def asset(self, asset: str) -> AssetRisk:
        """One margin asset."""
        rows = [row for row in self._margin if row.qty and row.contract.asset == asset]
        crossed = [row for row in rows if not self._margin.terms_of(row.contract.symbol).isolated]
        symbols = [(one, self.symbol(one)) for one in self.contracts(asset)]
        cross, profit = self._margin.cross(asset), sum(map(self.profit, crossed))
        orders = sum(row.orders for _, row in symbols)
        bound = sum(row.held for one, row in symbols if not self._margin.terms_of(one.symbol).isolated)
        return AssetRisk(
            self._margin.wallet.total(asset), cross, sum(map(self.profit, rows)), profit,
            sum(row.held for _, row in symbols), orders, sum(map(self.kept, rows)),
            max(0, cross + profit - bound - orders),
        )  # fmt: skip

    def liquidation8(self, row: Position) -> int:
        """The mark price at which a position is closed by force, in steps of 1e-8; 0 where there is none."""
        if not row.qty:
            return 0
        terms, asset = self._margin.terms_of(row.contract.symbol), row.contract.asset
        others = [
            other
            for other in self._margin
            if other is not row and other.qty and other.contract.asset == asset
            and not self._margin.terms_of(other.contract.symbol).isolated
        ]  # fmt: skip
        behind = row.isolated
        if not terms.isolated:
            behind = self._margin.cross(asset) + sum(self.profit(one) - self.kept(one) for one in others)
        bracket = bracket_of(row.contract, self.worth(row))
        sense = row.side * row.contract.sense
        relief = bracket.relief * 10**4  # of 1/10000 of a whole, in units
        value = (sense * row.cost - behind - relief) * 10_000 // (sense * 10_000 - bracket.rate)
        return row.contract.price8(value, row.size)
