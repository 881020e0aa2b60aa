"""What the calls of options rest on: orders, positions, premiums, exercise, and the events that tell of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from binance_sockets.simulator.accounts import PLACES, Account, Accounts, Contract, Position
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.binance.trading.futures.desk import FuturesDesk
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder, OwnTrade, Ticket
from binance_sockets.simulator.binance.trading.options import admission, answers, reports
from binance_sockets.simulator.binance.trading.options.risk import OptionsRisk, listed_of, payout8
from binance_sockets.simulator.market.instruments import power
from binance_sockets.simulator.market.market import Trade
from binance_sockets.simulator.market.world import World

__all__ = ["OptionsDesk"]

_ASSET = "USDT"
_MOST_FEE = 10  # one part in so many of what is traded
_PAUSE = 10_000  # between two ACCOUNT_UPDATE of an account that has positions, ms


class OptionsDesk(FuturesDesk):
    """Orders go the way of those of futures; a trade is paid for at once, in USDT.

    Args:
        listing: the instruments, and their markets.
        world: tells what happens in the markets.
        accounts: who trades.
        now: the simulator's time, µs since the epoch.
        look: brings a market up to now and keeps it awake for a while, as ``Feed.look`` does.

    Attributes:
        exercised: symbols that were exercised, and are not traded any more.
    """

    def __init__(
        self,
        listing: Listing,
        world: World,
        accounts: Accounts,
        now: Callable[[], int],
        look: Callable[[BinanceMarket], None],
    ) -> None:
        super().__init__("options", listing, world, accounts, now, look)
        self.exercised: set[str] = set()
        self._record_ids = itertools.count(1_125_899_906_842_624_042)
        self._records: dict[int, list[dict[str, Any]]] = {}
        self._reduce_only: set[int] = set()  # accounts
        self._moved: dict[int, tuple[Account, bool]] = {}  # whose balance or positions have changed; which of both
        self._told: dict[int, int] = {}  # of each account when its last ACCOUNT_UPDATE was sent, ms

    # what handlers ask

    def mark(self, contract: Contract) -> int:
        """The mark price of an option, in steps of 1e-8: its fair price."""
        prices = self.listing.market(self.instrument(contract.symbol), self.now()).prices
        return contract.instrument.price8(prices.fair)

    def index(self, contract: Contract) -> int:
        """The index price of what is underlying, in steps of 1e-8."""
        return self.listing.underlying(listed_of(contract).pair, self.now()).prices.index8

    def fee(self, contract: Contract, qty: int, value: int) -> int:
        """The fee of a trade: a share of what is underlying, at most a tenth of what is traded."""
        share = contract.value8(self.index(contract), qty) * self.fees.taker // power(PLACES)
        return min(share, value // _MOST_FEE)

    def risk(self, account: Account) -> OptionsRisk:
        """The positions and open orders of an account, as they are now."""
        orders = self.orders(account).open()
        return OptionsRisk(account.margin(self.product), orders, self.mark, self.index, self.fee)

    def reduce_only(self, account: Account) -> bool:
        """Whether an account may only make its positions smaller, as its margin is used up."""
        return account.uid in self._reduce_only

    def records(self, account: Account) -> list[dict[str, Any]]:
        """What was exercised, oldest first, as ``exerciseRecord`` lists it."""
        return self._records.setdefault(account.uid, [])

    # trades

    def admit(self, account: Account, market: BinanceMarket, ticket: Ticket) -> None:
        """Check an order; see :meth:`FuturesDesk.admit`."""
        admission.admit(self, account, market, ticket)

    def charge(self, order: FuturesOrder, qty: int, value: int, trade_id: int, *, maker: bool) -> tuple[int, int]:
        """Pay or receive the premium, and pay the fee; see :meth:`FuturesOffice.charge`."""
        fee, asset = self.fee(order.contract, qty, value), order.contract.asset
        gain = order.position.trade(order.side, qty, value, fee)
        self._pay(order.account, order.contract, -order.side * value, trade_id)
        order.margin.wallet.settle(asset, -fee)
        self.note_income(order.account, "FEE", asset, -fee, order.instrument.symbol, trade_id)
        return fee, gain

    def _pay(self, account: Account, contract: Contract, amount: int, trade_id: int | None = None) -> None:
        account.wallet(self.product).settle(contract.asset, amount)
        self.note_income(account, "CONTRACT", contract.asset, amount, contract.symbol, trade_id)

    def exercise(self, symbol: str, index8: int | None = None) -> int:
        """Let an option expire: its open orders end, and every position is settled in cash.

        Args:
            symbol: which.
            index8: the price that what is underlying is settled at, in steps of 1e-8; its index price by default.

        Returns:
            How many positions were settled.

        Raises:
            Refused: there is no such symbol.
        """
        market, done = self.market(symbol), 0
        contract = self.contract(market.instrument)
        price8 = self.index(contract) if index8 is None else index8
        with self.transaction():
            self.exercised.add(symbol)
            for account in self.accounts:
                for order in self.orders(account).open(symbol):
                    self.end(order, "EXPIRED")
                if self.product in account.margins:
                    done += self._exercise(account, contract, price8)
        return done

    def _exercise(self, account: Account, contract: Contract, price8: int) -> bool:
        position = account.margin(self.product).position(contract)
        side, value = position.side, position.value8(max(0, payout8(listed_of(contract), price8)))
        if not side:
            return False
        records, amount = self.records(account), side * value
        records.append(answers.exercise_row(next(self._record_ids), position, amount, price8, self.milliseconds))
        position.trade(-side, position.size, value)
        self._pay(account, contract, amount)
        self.accounts.crowd[contract.asset] -= amount
        self.tell_account(account, "ORDER", {contract.asset: 0}, [position])
        return True

    # events

    def report(self, order: FuturesOrder, kind: str, *, trade: OwnTrade | None = None, modify_id: str = "") -> None:
        """Tell of an order."""
        lots = self.risk(order.account).quantities(order.contract)
        self.tell(order.account, reports.order_trade_update(order, kind, self.milliseconds, lots, trade))

    def tell_account(
        self,
        account: Account,
        reason: str,
        changes: dict[str, int],
        positions: Iterable[Position],
        symbol: str = "",
    ) -> None:
        """Tell of balances and positions that have changed; of what follows from that at the end of the transaction."""
        rows, now, wallet = list(positions), self.milliseconds, account.wallet(self.product)
        account.updated_at = self.now()
        for row in rows:
            row.updated = now
        self.tell(account, reports.balance_position_update(now, reason, wallet, changes, rows, self.risk(account)))
        self._moved[account.uid] = account, bool(rows) or self._moved.get(account.uid, (account, False))[1]

    def _follow(self, market: BinanceMarket, trades: tuple[Trade, ...]) -> None:
        """Besides the orders: accounts with positions are told of their equity again and again."""
        super()._follow(market, trades)
        for account in self.accounts:
            due = self._told.get(account.uid, 0) + _PAUSE <= self.milliseconds
            if due and self.product in account.margins and any(row.qty for row in account.margin(self.product)):
                self._tell_equity(account)

    def _flush(self) -> None:
        super()._flush()
        while self._moved:
            account, positions = self._moved.pop(next(iter(self._moved)))
            if positions:
                self.tell(account, reports.greek_update(self.milliseconds, self.risk(account)))
            self._tell_equity(account)
            self._judge(account)

    def _tell_equity(self, account: Account) -> None:
        self._told[account.uid] = self.milliseconds
        self.tell(account, reports.account_update(self.milliseconds, _ASSET, self.risk(account)))

    def _judge(self, account: Account) -> None:
        """Look at the margin again, as after transfers, fills and expiries; nothing else changes the level of risk."""
        row = self.risk(account).asset(_ASSET)
        short = row.wallet < row.kept
        if short == self.reduce_only(account):
            return
        (self._reduce_only.add if short else self._reduce_only.discard)(account.uid)
        level = "REDUCE_ONLY" if short else "NORMAL"
        self.tell(account, reports.risk_level_change(self.milliseconds, level, row.wallet, row.kept))
