"""What the calls of futures rest on: orders, positions, margin, and the events that tell of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from binance_sockets.simulator.accounts import Account, Accounts, Contract, Fees, Insufficient, Position, units
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading.counts import Window
from binance_sockets.simulator.binance.trading.futures import reports
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder, OwnTrade
from binance_sockets.simulator.binance.trading.futures.risk import Risk
from binance_sockets.simulator.binance.trading.office import Office
from binance_sockets.simulator.binance.trading.register import Register

__all__ = ["FuturesOffice"]

_MINUTE = Window("MINUTE", 1, 60_000_000, 1200)
_WINDOWS = {
    "usdm": (Window("SECOND", 10, 10_000_000, 300), _MINUTE),
    "coinm": (_MINUTE,),
    "options": (Window("SECOND", 10, 10_000_000, 30), Window("MINUTE", 1, 60_000_000, 100)),
}
_FEES = {
    "usdm": Fees(maker=20_000, taker=50_000),
    "coinm": Fees(maker=10_000, taker=50_000),
    "options": Fees(maker=24_000, taker=24_000),  # of what is underlying
}


class FuturesOffice(Office):
    """The part of a desk of futures that knows no order's life.

    Args:
        product: ``usdm`` or ``coinm``.
        listing: the instruments, and their markets.
        accounts: who trades.
        now: the simulator's time, µs since the epoch.
        look: brings a market up to now and keeps it awake for a while, as ``Feed.look`` does.

    Attributes:
        fees: what everybody pays.
    """

    def __init__(
        self,
        product: str,
        listing: Listing,
        accounts: Accounts,
        now: Callable[[], int],
        look: Callable[[BinanceMarket], None],
    ) -> None:
        super().__init__(product, listing, accounts, now, look, _WINDOWS[product])
        self.fees = _FEES[product]
        self._opened = now()
        self._registers: dict[int, Register[FuturesOrder]] = {}
        self._incomes: dict[int, list[dict[str, Any]]] = {}
        self._income_ids = itertools.count(9_689_322_392)

    # what handlers ask

    def contract(self, i: Listed) -> Contract:
        """How an instrument is settled."""
        return Contract(i)

    def orders(self, account: Account) -> Register[FuturesOrder]:
        """The orders of an account."""
        return self._registers.setdefault(account.uid, Register())

    def mark(self, contract: Contract) -> int:
        """The mark price of a contract, in steps of 1e-8."""
        return self.listing.market(self.instrument(contract.symbol), self.now()).prices.mark8

    def risk(self, account: Account) -> Risk:
        """The positions and open orders of an account, as they are now."""
        return Risk(account.margin(self.product), self.orders(account).open(), self.mark)

    def refresh(self, account: Account) -> Risk:
        """The same, with the markets of all positions brought up to now."""
        for contract in self.risk(account).contracts():
            self.market(contract.symbol)
        return self.risk(account)

    def updated(self, account: Account, asset: str) -> int:
        """When a balance last changed, ms; 0 for one that there never was, which clients take for none."""
        there = account.wallet(self.product).total(asset) != 0
        return (account.updated_at or (self._opened if there else 0)) // 1000

    def incomes(self, account: Account) -> list[dict[str, Any]]:
        """What has come and gone, oldest first, as ``income`` lists it."""
        return self._incomes.setdefault(account.uid, [])

    # money

    def deposit(self, account: Account, asset: str, amount: str, wallet: str) -> None:
        """Credit a wallet; see :meth:`Office.deposit`."""
        number, margin = units(amount), account.margin(self.product)
        if number < 0 and self.risk(account).asset(asset).available < -number:
            raise Insufficient(asset)
        with self.transaction():
            margin.wallet.settle(asset, number)
            self.accounts.deposited[asset] += number
            self.note_income(account, "TRANSFER", asset, number)
            self.tell_account(account, "DEPOSIT" if number > 0 else "WITHDRAW", {asset: number}, ())

    def charge(self, order: FuturesOrder, qty: int, value: int, trade_id: int, *, maker: bool) -> tuple[int, int]:
        """Change the position of an order by a trade, and pay for it.

        Args:
            order: whose trade it is.
            qty: in lots.
            value: what they are worth at the price of the trade.
            trade_id: of the trade.
            maker: whether the order rested.

        Returns:
            The fee, and what was gained by closing.
        """
        asset, symbol = order.contract.asset, order.instrument.symbol
        fee = value * (self.fees.maker if maker else self.fees.taker) // 10**8
        gain = order.margin.trade(order.position, order.side, qty, value, fee)
        self.note_income(order.account, "REALIZED_PNL", asset, gain, symbol, trade_id)
        self.note_income(order.account, "COMMISSION", asset, -fee, symbol, trade_id)
        return fee, gain

    def note_income(
        self, account: Account, kind: str, asset: str, number: int, symbol: str = "", trade_id: int | None = None
    ) -> None:
        """Keep what came, or went if below zero; nothing is kept of nothing."""
        if number:
            self.incomes(account).append(
                {
                    "symbol": symbol, "incomeType": kind, "income": reports.amount(number), "asset": asset,
                    "info": "" if trade_id is None else str(trade_id), "time": self.milliseconds,
                    "tranId": next(self._income_ids), "tradeId": "" if trade_id is None else str(trade_id),
                }
            )  # fmt: skip

    # events

    def head(self, account: Account, kind: str) -> dict[str, Any]:
        """What an event begins with."""
        return reports.outer(self.product, account.uid, kind, self.milliseconds, self.milliseconds)

    def tell(self, account: Account, event: dict[str, Any]) -> None:
        """Send an event to the account's user streams."""
        account.tell(self.product, event)

    def tell_account(
        self,
        account: Account,
        reason: str,
        changes: dict[str, int],
        positions: Iterable[Position],
        symbol: str = "",
    ) -> None:
        """Tell of balances and positions that have changed.

        Args:
            account: whose they are.
            reason: why.
            changes: assets to what came or went, beside profit and fees.
            positions: which.
            symbol: of a funding fee.
        """
        margin, risk, now = account.margin(self.product), self.risk(account), self.milliseconds
        account.updated_at = self.now()
        for row in positions:
            row.updated = now
        rows = [
            reports.position(row, risk, isolated=margin.terms_of(row.contract.symbol).isolated) for row in positions
        ]
        balances = [reports.balance(margin, asset, change) for asset, change in changes.items()]
        self.tell(account, reports.account_update(self.head(account, "ACCOUNT_UPDATE"), reason, balances, rows, symbol))

    def report(self, order: FuturesOrder, kind: str, *, trade: OwnTrade | None = None, modify_id: str = "") -> None:
        """Tell of an order."""
        found = self.risk(order.account).symbol(order.contract)
        event = reports.order_trade_update(
            order, kind, self.milliseconds, (found.bids, found.asks), trade=trade, modify_id=modify_id
        )
        self.tell(order.account, event)
