"""What stands behind positions: a wallet that losses may overdraw, the terms of each symbol, and what is still free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from binance_sockets.simulator.accounts.positions import LONG, NET, SHORT, Contract, Position
from binance_sockets.simulator.accounts.wallets import Insufficient, Wallet

__all__ = ["MarginAccount", "Terms", "margin_needed"]


@dataclass(slots=True)
class Terms:
    """How an account holds the positions of one symbol.

    Args:
        leverage: what a position is worth, as a multiple of the margin that it needs.
        isolated: whether each stands alone, with what was set aside for it.
    """

    leverage: int = 20
    isolated: bool = False


class MarginAccount:
    """The positions of an account that share a wallet.

    Args:
        wallet: pays for them.

    Attributes:
        hedge: whether bought and sold lots of a symbol are kept apart.
        terms: by symbol.
    """

    def __init__(self, wallet: Wallet) -> None:
        self.wallet = wallet
        self.hedge = False
        self.terms: dict[str, Terms] = {}
        self._positions: dict[tuple[str, int], Position] = {}

    def __iter__(self) -> Iterator[Position]:
        """All positions there ever were, also those that are empty now."""
        return iter(self._positions.values())

    def terms_of(self, symbol: str) -> Terms:
        """The terms of a symbol, made when they are first asked for."""
        return self.terms.setdefault(symbol, Terms())

    def position(self, contract: Contract, leg: int = NET) -> Position:
        """A position, made when it is first asked for."""
        key = contract.symbol, leg
        found = self._positions.get(key)
        if found is None:
            found = self._positions[key] = Position(contract, leg)
        return found

    def legs(self, contract: Contract) -> list[Position]:
        """The positions of a symbol that the account's mode allows."""
        return [self.position(contract, leg) for leg in ((LONG, SHORT) if self.hedge else (NET,))]

    def trade(self, position: Position, side: int, qty: int, value: int, fee: int) -> int:
        """Change a position, pay the fee, and settle what was gained.

        Args:
            position: which.
            side: 1 to buy, -1 to sell.
            qty: lots.
            value: what they are worth at the price of the trade.
            fee: what the trade costs, below zero for what it brings.

        Returns:
            What was gained or lost by closing.
        """
        before, was = position.size, position.side
        gain = position.trade(side, qty, value, fee)
        self.wallet.settle(position.contract.asset, gain - fee)
        self._set_aside(position, before if position.side == was or not was else 0)
        return gain

    def _set_aside(self, position: Position, before: int) -> None:
        terms = self.terms_of(position.contract.symbol)
        if not terms.isolated:
            return
        if position.size < before:
            position.isolated = position.isolated * position.size // before
        else:
            opened = position.cost * (position.size - before) // max(1, position.size)
            position.isolated = (position.isolated if before else 0) + opened // terms.leverage

    def change_isolated(self, position: Position, amount: int) -> None:
        """Set more aside for a position that stands alone; below zero gives it back.

        Raises:
            Insufficient: there is not so much.
        """
        if self.cross(position.contract.asset) < amount or position.isolated + amount < 0:
            raise Insufficient(position.contract.asset)
        position.isolated += amount

    def cross(self, asset: str) -> int:
        """What stands behind all positions that do not stand alone."""
        return self.wallet.total(asset) - sum(row.isolated for row in self._in(asset))

    def _in(self, asset: str) -> Iterable[Position]:
        return (row for row in self._positions.values() if row.contract.asset == asset)


def margin_needed(legs: Iterable[tuple[int, int, int, int]], leverage: int) -> int:
    """The margin of the positions of a symbol and of its open orders.

    Args:
        legs: of each leg: ``NET``, ``LONG`` or ``SHORT``; what its position is worth, below zero for sold lots; and
            what the open orders that may enlarge it are worth, those that buy and those that sell.
        leverage: of the symbol.

    An order needs nothing as far as it would close, and of orders that buy and orders that sell the larger need counts.
    """
    total = 0
    for leg, held, bids, asks in legs:
        if leg == NET:
            total += max(abs(held), abs(held + bids), abs(held - asks))
        else:
            total += abs(held) + (bids if leg == LONG else asks)
    return -(-total // leverage)
