"""Positions in contracts, linear and inverse. Amounts are whole numbers of 1e-8 of the asset that is the margin.

A linear contract is paid for in its quote: what it is worth rises with its price. An inverse one is worth a fixed sum
of its quote and is paid for in its base: what it is worth in that falls when its price rises. Both gain by the
difference of what they were worth when they were opened and when they are closed; :attr:`Contract.sense` says in which
direction.
"""

from __future__ import annotations

from dataclasses import dataclass

from binance_sockets.simulator.accounts.wallets import PLACES
from binance_sockets.simulator.market.instruments import Instrument, power

__all__ = ["LONG", "NET", "SHORT", "Contract", "Position"]

NET, LONG, SHORT = 0, 1, -1
"""Legs of a symbol: the only one of an account, or those of one that keeps both directions apart."""


@dataclass(frozen=True, slots=True)
class Contract:
    """How an instrument is settled.

    Args:
        instrument: what is traded; inverse where it has a ``contract_size``.
    """

    instrument: Instrument

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    @property
    def inverse(self) -> bool:
        return self.instrument.contract_size > 0

    @property
    def asset(self) -> str:
        """What margin, profit and fees are paid in."""
        return self.instrument.base if self.inverse else self.instrument.quote

    @property
    def sense(self) -> int:
        """1 where a rising value is the gain of who has bought, -1 where it is that of who has sold."""
        return -1 if self.inverse else 1

    def value(self, price: int, qty: int) -> int:
        """What so many lots are worth at a price in ticks."""
        return self.value8(self.instrument.price8(price), qty)

    def value8(self, price8: int, qty: int) -> int:
        """What so many lots are worth at a price in steps of 1e-8."""
        if self.inverse:
            return qty * self.instrument.contract_size * power(2 * PLACES) // price8
        return price8 * qty // power(self.instrument.qty_places)

    def price8(self, value: int, qty: int) -> int:
        """The price at which so many lots are worth that, in steps of 1e-8; 0 without lots."""
        if not qty or value <= 0:
            return 0
        if self.inverse:
            return qty * self.instrument.contract_size * power(2 * PLACES) // value
        return value * power(self.instrument.qty_places) // qty


@dataclass(slots=True)
class Position:
    """One leg of one symbol of one account.

    Args:
        contract: of what.
        leg: ``NET``, ``LONG`` or ``SHORT``.
        qty: lots; below zero for sold ones.
        cost: what they were worth when they were opened.
        fees: what was paid for opening them.
        isolated: what was set aside for them, where they stand alone.
        realised: what closing has brought so far, fees left aside.
        updated: when it last changed, ms.
    """

    contract: Contract
    leg: int = NET
    qty: int = 0
    cost: int = 0
    fees: int = 0
    isolated: int = 0
    realised: int = 0
    updated: int = 0

    @property
    def side(self) -> int:
        """1 for bought lots, -1 for sold ones, 0 for none."""
        return (self.qty > 0) - (self.qty < 0)

    @property
    def size(self) -> int:
        """Lots, whatever their side."""
        return abs(self.qty)

    @property
    def entry8(self) -> int:
        """The average price of opening, in steps of 1e-8."""
        return self.contract.price8(self.cost, self.size)

    @property
    def even8(self) -> int:
        """The price at which closing brings back what opening has cost, fees included."""
        return self.contract.price8(self.cost + self.side * self.contract.sense * self.fees, self.size)

    def value8(self, mark8: int) -> int:
        """What it is worth at a mark price in steps of 1e-8."""
        return self.contract.value8(mark8, self.size)

    def profit8(self, mark8: int) -> int:
        """What closing at a mark price would bring."""
        return self._gain(self.cost, self.value8(mark8))

    def trade(self, side: int, qty: int, value: int, fee: int = 0) -> int:
        """Buy or sell; what is beyond the lots of the other side opens new ones.

        Args:
            side: 1 to buy, -1 to sell.
            qty: lots.
            value: what they are worth at the price of the trade.
            fee: what the trade costs.

        Returns:
            What was gained or lost by closing.
        """
        closed = min(qty, self.size) if side == -self.side else 0
        leaving, paid = value * closed // qty, fee * closed // qty
        gain = self._close(closed, leaving) if closed else 0
        if qty > closed:
            self.qty += side * (qty - closed)
            self.cost += value - leaving
            self.fees += fee - paid
        return gain

    def _close(self, qty: int, value: int) -> int:
        share = self.cost * qty // self.size
        gain = self._gain(share, value)
        self.fees -= self.fees * qty // self.size
        self.cost -= share
        self.qty -= self.side * qty
        self.realised += gain
        return gain

    def _gain(self, entered: int, left: int) -> int:
        return self.side * self.contract.sense * (left - entered)
