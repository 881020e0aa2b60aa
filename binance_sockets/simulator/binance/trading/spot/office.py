"""What the calls of spot rest on: its wallets and orders, and the events that tell of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from binance_sockets.simulator.accounts import Account, Accounts, amount_text, units
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading.counts import Window
from binance_sockets.simulator.binance.trading.office import Office
from binance_sockets.simulator.binance.trading.spot import reports
from binance_sockets.simulator.binance.trading.spot.orders import OrderList, SpotOrder
from binance_sockets.simulator.binance.trading.spot.registry import Orders

__all__ = ["SpotOffice"]


_WINDOWS = (Window("SECOND", 10, 10_000_000, 50), Window("DAY", 1, 86_400_000_000, 160_000))


class SpotOffice(Office):
    """The part of the desk of spot that knows no order's life; balances are told once for a transaction.

    Args:
        listing: the instruments, and their markets.
        accounts: who trades.
        now: the simulator's time, µs since the epoch.
        look: brings a market up to now and keeps it awake for a while, as ``Feed.look`` does.
    """

    def __init__(
        self, listing: Listing, accounts: Accounts, now: Callable[[], int], look: Callable[[BinanceMarket], None]
    ) -> None:
        super().__init__("spot", listing, accounts, now, look, _WINDOWS)
        self._orders: dict[str, Orders] = {}
        self._transfer_ids = itertools.count(13_526_853_623)
        self._execution_ids = itertools.count(1)
        self._touched: dict[tuple[Account, str], dict[str, None]] = {}
        self._changed_lists: dict[OrderList, None] = {}

    # what handlers ask

    def orders(self, account: Account, wallet: str = "spot") -> Orders:
        """The orders of a wallet."""
        return self._orders.setdefault(f"{account.uid}/{wallet}", Orders())

    def new_transfer_id(self) -> int:
        """The number of a transfer or a loan."""
        return next(self._transfer_ids)

    # money

    def deposit(self, account: Account, asset: str, amount: str, wallet: str = "spot") -> None:
        """Credit a wallet, as an arrived deposit does; see :meth:`Office.deposit`."""
        with self.transaction():
            self.move(account, asset, units(amount), wallet)

    def move(self, account: Account, asset: str, amount: int, wallet: str) -> None:
        """Bring units of an asset in from outside, or out if below zero.

        Raises:
            Insufficient: less is free.
        """
        account.wallet(wallet).add(asset, amount)
        self.accounts.deposited[asset] += amount
        now = self.milliseconds
        account.tell(wallet, {"e": "balanceUpdate", "E": now, "a": asset, "d": amount_text(amount), "T": now})
        self._touch(account, wallet, asset)

    def lend(self, account: Account, asset: str, amount: int, wallet: str) -> None:
        """Bring borrowed units into a wallet of margin, or take them back if below zero.

        Raises:
            Insufficient: less is free.
        """
        self.move(account, asset, amount, wallet)
        account.debt(wallet)[asset] += amount
        if wallet == "margin":
            event = {"e": "USER_LIABILITY_CHANGE", "E": self.milliseconds, "a": asset}
            kind = "BORROW" if amount > 0 else "REPAY"
            account.tell("margin-risk", {**event, "t": kind, "p": amount_text(abs(amount)), "i": "0.00000000"})

    # one transaction

    def _flush(self) -> None:
        while self._changed_lists:
            row = next(iter(self._changed_lists))
            del self._changed_lists[row]
            self._follow(row)
        now, touched, self._touched = self.milliseconds, self._touched, {}
        for (account, wallet), assets in touched.items():
            account.updated_at, held = self.now(), account.wallet(wallet)
            rows = [{"a": a, "f": amount_text(held.free(a)), "l": amount_text(held.locked(a))} for a in assets]
            account.tell(wallet, {"e": "outboundAccountPosition", "E": now, "u": now, "B": rows})

    def _follow(self, row: OrderList) -> None:
        """What the state of its orders means for a list."""
        raise NotImplementedError

    # events

    def _report(self, order: SpotOrder, kind: str, **facts: Any) -> None:
        self._tell(order, reports.execution_report(order, kind, self.milliseconds, next(self._execution_ids), **facts))
        if order.order_list is not None and not order.is_open:
            self._changed_lists[order.order_list] = None

    def _tell(self, order: SpotOrder, event: dict[str, Any]) -> None:
        order.account.tell(order.wallet, event)
        i = order.instrument
        self._touch(order.account, order.wallet, i.base, i.quote)

    def _tell_list(self, row: OrderList) -> None:
        first = row.orders[0]
        first.account.tell(first.wallet, reports.list_status(row, self.milliseconds))

    def _touch(self, account: Account, wallet: str, *assets: str) -> None:
        self._touched.setdefault((account, wallet), {}).update(dict.fromkeys(assets))
