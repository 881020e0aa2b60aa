"""What the exchange does of its own accord, here when it is asked to: funding, liquidation, deleveraging, delivery."""

from __future__ import annotations

from functools import partial

from binance_sockets.simulator.accounts import Account, Position
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading.futures import reports
from binance_sockets.simulator.binance.trading.futures.desk import FuturesDesk
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder, Ticket
from binance_sockets.simulator.market.matching import Execution

__all__ = ["Force"]

_LIQUIDATED, _DELISTED = "5", "7"
_BOUND = 20  # a liquidation goes no farther from the mark price than by one part in so many


class Force:
    """Acts on positions. Everything here runs on the simulator's thread.

    Args:
        desk: of the product.
    """

    def __init__(self, desk: FuturesDesk) -> None:
        self._desk = desk

    def fund(self, symbol: str, rate8: int | None = None) -> int:
        """Settle funding in a symbol: bought positions pay sold ones, or the other way where the rate is below zero.

        Args:
            symbol: which.
            rate8: in steps of 1e-8; the market's own by default.

        Returns:
            How many positions have paid or received.

        Raises:
            Refused: there is no such symbol.
        """
        desk = self._desk
        market = desk.market(symbol)
        contract, rate, done = desk.contract(market.instrument), rate8, 0
        if rate is None:
            rate = market.prices.funding8
        with desk.transaction():
            for account in [one for one in desk.accounts if desk.product in one.margins]:
                margin = account.margin(desk.product)
                isolated = margin.terms_of(symbol).isolated
                for row in [row for row in margin.legs(contract) if row.qty]:
                    paid = row.side * row.value8(market.prices.mark8) * rate // 10**8
                    margin.wallet.settle(contract.asset, -paid)
                    desk.accounts.crowd[contract.asset] += paid
                    if isolated:
                        row.isolated = max(0, row.isolated - paid)
                    desk.note_income(account, "FUNDING_FEE", contract.asset, -paid, symbol)
                    changed = [row] if isolated else []
                    desk.tell_account(account, "FUNDING_FEE", {contract.asset: -paid}, changed, symbol)
                    done += 1
        return done

    def call(self, account: Account, symbol: str | None = None) -> int:
        """Send a margin call about the open positions, of one symbol or all; returns how many those are."""
        desk = self._desk
        margin = account.margin(desk.product)
        rows = [row for row in margin if row.qty and symbol in (None, row.contract.symbol)]
        if rows:
            event = reports.margin_call(desk.head(account, "MARGIN_CALL"), margin, rows, desk.refresh(account))
            desk.tell(account, event)
        return len(rows)

    def liquidate(self, account: Account, symbol: str) -> int:
        """Take over the positions of a symbol: open orders end, the lots go to the book, and the insurance fund takes
        what nobody buys, and makes good for what the account cannot pay.

        Returns:
            How many positions were closed.

        Raises:
            Refused: there is no such symbol.
        """
        desk = self._desk
        market = desk.market(symbol)
        with desk.transaction():
            rows = self._cleared(account, market, _LIQUIDATED)
            for row in rows:
                bound = market.prices.mark8 // market.instrument.price8(1)
                bound -= row.side * bound // _BOUND
                order = self._order(account, market, row, f"autoclose-{desk.milliseconds}", bound, "CALCULATED")
                desk.meet(order, partial(_liquidated, order), partial(self._begin, order))
                if order.is_open:
                    desk.book(order, bound, order.remaining, market.new_order_id(), maker=False)
            for asset in {row.contract.asset for row in rows}:
                self._insure(account, asset)
        return len(rows)

    def deleverage(self, account: Account, symbol: str) -> int:
        """Close the positions of a symbol at the mark price, against somebody who is liquidated (ADL).

        Returns:
            How many positions were closed.

        Raises:
            Refused: there is no such symbol.
        """
        return self._close_at_mark(account, symbol, "adl_autoclose", _LIQUIDATED, "CALCULATED")

    def settle(self, account: Account, symbol: str) -> int:
        """Close the positions of a symbol at the mark price, as at a delivery; open orders end.

        Returns:
            How many positions were closed.

        Raises:
            Refused: there is no such symbol.
        """
        name = f"settlement_autoclose-{self._desk.milliseconds}"
        return self._close_at_mark(account, symbol, name, _DELISTED, "TRADE")

    def _close_at_mark(self, account: Account, symbol: str, name: str, expiry: str, execution: str) -> int:
        desk = self._desk
        market = desk.market(symbol)
        with desk.transaction():
            rows = self._cleared(account, market, expiry)
            price = max(1, market.prices.mark8 // market.instrument.price8(1))
            for row in rows:
                order = self._order(account, market, row, name, price, execution)
                self._begin(order)
                desk.book(order, price, order.qty, market.new_order_id(), maker=False)
        return len(rows)

    def _cleared(self, account: Account, market: BinanceMarket, expiry: str) -> list[Position]:
        """The open positions of a market, after all orders there have ended."""
        desk = self._desk
        for order in desk.orders(account).open(market.instrument.symbol):
            desk.end(order, "EXPIRED", expiry)
        return [row for row in account.margin(desk.product).legs(desk.contract(market.instrument)) if row.qty]

    def _order(
        self, account: Account, market: BinanceMarket, row: Position, name: str, price: int, execution: str
    ) -> FuturesOrder:
        """An order of the exchange's own that closes a position."""
        desk = self._desk
        ticket = Ticket(
            side=-row.side,
            type="LIMIT",
            tif="IOC",
            qty=row.size,
            price=price,
            leg=row.leg,
            reduce_only=True,
            stp="NONE",
        )
        return FuturesOrder(
            market.new_order_id(), account, market, row.contract, ticket, name, desk.milliseconds, row.size, price,
            execution, updated=desk.milliseconds,
        )  # fmt: skip

    def _begin(self, order: FuturesOrder) -> None:
        self._desk.orders(order.account).add(order)
        self._desk.report(order, "NEW")

    def _insure(self, account: Account, asset: str) -> None:
        """Make good for what an account has lost beyond what it had."""
        desk = self._desk
        margin = account.margin(desk.product)
        missing = -margin.wallet.total(asset)
        if missing > 0:
            margin.wallet.settle(asset, missing)
            desk.accounts.insurance[asset] -= missing
            desk.note_income(account, "INSURANCE_CLEAR", asset, missing)
            desk.tell_account(account, "INSURANCE_CLEAR", {asset: missing}, [])


def _liquidated(order: FuturesOrder) -> Execution:
    return order.market.liquidate(order.owner, order.side, order.qty, order.price, order_id=order.id)
