"""What every call of a desk rests on: instruments, wallets, transactions, and the events that tell of them."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from binance_sockets.simulator.accounts import Account, Accounts, amount_text, units
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading import reports
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.orders import OrderList, SpotOrder
from binance_sockets.simulator.binance.trading.registry import OrderCounts, Orders, made_up_id

__all__ = ["Office"]


class Office:
    """The part of a desk that knows no order's life.

    A request, and a step of a market, is one transaction: events of orders go out as they happen, balances once at
    its end, and what follows from it (triggered orders, pending ones) comes after it.

    Args:
        listing: the instruments, and their markets.
        accounts: who trades.
        now: the simulator's time, µs since the epoch.
        look: brings a market up to now and keeps it awake for a while, as ``Feed.look`` does.

    Attributes:
        counts: unfilled orders by account.
    """

    def __init__(
        self, listing: Listing, accounts: Accounts, now: Callable[[], int], look: Callable[[BinanceMarket], None]
    ) -> None:
        self.listing, self.accounts, self.now = listing, accounts, now
        self.counts = OrderCounts()
        self._look = look
        self._orders: dict[str, Orders] = {}
        self._numbers = itertools.count(1)  # of client order ids
        self._transfer_ids = itertools.count(13_526_853_623)
        self._execution_ids = itertools.count(1)
        self._busy = False
        self._agenda: deque[Callable[[], None]] = deque()
        self._touched: dict[tuple[Account, str], dict[str, None]] = {}
        self._changed_lists: dict[OrderList, None] = {}

    # what handlers ask

    @property
    def milliseconds(self) -> int:
        """The simulator's time as Binance writes it."""
        return self.now() // 1000

    def instrument(self, symbol: str) -> Listed:
        """A listed spot symbol.

        Raises:
            Refused: there is none of this name.
        """
        found = self.listing.find("spot", symbol)
        if found is None:
            raise Refused(-1121, "Invalid symbol.")
        return found

    def market(self, symbol: str) -> BinanceMarket:
        """The market of a symbol, brought up to now.

        Raises:
            Refused: there is no such symbol.
        """
        market = self.listing.market(self.instrument(symbol), self.now())
        self._look(market)
        return market

    def orders(self, account: Account, wallet: str = "spot") -> Orders:
        """The orders of a wallet."""
        return self._orders.setdefault(f"{account.uid}/{wallet}", Orders())

    def new_client_id(self) -> str:
        """A client order id nobody has."""
        return made_up_id(next(self._numbers))

    def new_transfer_id(self) -> int:
        """The number of a transfer or a loan."""
        return next(self._transfer_ids)

    # money

    def deposit(self, account: Account, asset: str, amount: str, wallet: str = "spot") -> None:
        """Credit a wallet, as an arrived deposit does; ``amount`` is a decimal text, negative for a withdrawal.

        Raises:
            Insufficient: less is free.
            ValueError: not an amount.
        """
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

    # one transaction

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done within it belongs together; at its end, also that of an error, comes what follows from it."""
        if self._busy:
            yield
            return
        self._busy = True
        try:
            yield
        finally:
            try:
                self._flush()
                while self._agenda:
                    self._agenda.popleft()()
                    self._flush()
            finally:
                self._busy = False

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
