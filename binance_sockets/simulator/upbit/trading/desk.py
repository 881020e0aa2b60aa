"""Where accounts meet the markets: what orders lock, pay and receive, and what is told of it."""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from binance_sockets.simulator.accounts import Account, Insufficient, units
from binance_sockets.simulator.market.book import SELL, Status, TimeInForce
from binance_sockets.simulator.market.instruments import power
from binance_sockets.simulator.market.market import Market, Step, Trade
from binance_sockets.simulator.market.matching import Prevention, SelfTrade
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.upbit.backend import WALLET, Backend
from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.listing import Coin, CoinMarket
from binance_sockets.simulator.upbit.trading import rows
from binance_sockets.simulator.upbit.trading.orders import (
    CANCELLED,
    DONE,
    OPEN,
    Fill,
    Ticket,
    UpbitOrder,
    fee_of,
    funds_of,
)

__all__ = ["Desk"]

_SELF_TRADE = {
    "": SelfTrade.ALLOW,
    "reduce": SelfTrade.DECREMENT,
    "cancel_maker": SelfTrade.EXPIRE_MAKER,
    "cancel_taker": SelfTrade.EXPIRE_TAKER,
}
_KEPT = 2_000  # closed orders of an account


class Desk:
    """The orders of a region. Everything here runs on the simulator's thread.

    Args:
        backend: the region.
        world: tells what happens in the markets.
    """

    def __init__(self, backend: Backend, world: World) -> None:
        self.backend = backend
        self._product = backend.region.product
        self._live: dict[tuple[str, int], UpbitOrder] = {}  # in a book, by instrument and number
        self._orders: dict[Account, dict[str, UpbitOrder]] = {}
        self._named: dict[tuple[Account, str], UpbitOrder] = {}
        self._bought: dict[tuple[Account, str], tuple[int, int]] = {}  # lots and what they cost
        self._touched: dict[Account, dict[str, None]] = {}
        self._busy = False
        self._rng = random.Random(self._product)  # the uuids are the same whenever the same happens
        for account in backend.accounts:
            wallet = account.wallet(WALLET)
            for currency in wallet.assets:  # orders of an earlier run are gone
                wallet.lock(currency, -wallet.locked(currency))
        world.observers.append(self._acted)

    # what calls ask

    def orders(self, account: Account) -> Iterator[UpbitOrder]:
        """All orders of an account that are kept, oldest first."""
        return iter(tuple(self._orders.get(account, {}).values()))

    def find(self, account: Account, number: str = "", identifier: str = "") -> UpbitOrder | None:
        """An order by its uuid, or by the user's name for it."""
        return self._orders.get(account, {}).get(number) or self._named.get((account, identifier))

    def average_price(self, account: Account, currency: str) -> int:
        """What a coin has cost on average in the local currency, in units."""
        lots, cost = self._bought.get((account, currency), (0, 0))
        return rows.average(cost, lots)

    def market(self, code: str) -> CoinMarket:
        """A market, brought up to now.

        Raises:
            Refused: it is not listed.
        """
        coin = self.backend.listing.coins.get(code)
        if coin is None:
            raise Refused("market_does_not_exist", status=404)
        return self.backend.look(coin)

    def check(self, account: Account, market: CoinMarket, ticket: Ticket) -> None:
        """Check an order as if it was placed.

        Raises:
            Refused: it would not be taken.
        """
        if market.halted:
            raise Refused("market_offline")
        if ticket.identifier and (account, ticket.identifier) in self._named:
            raise Refused("identifier_already_used")
        order = self.made(account, market, ticket)
        if account.wallet(WALLET).free(order.paid_in) < order.needed:
            raise Refused(f"insufficient_funds_{'bid' if order.buys else 'ask'}")

    def place(self, account: Account, market: CoinMarket, ticket: Ticket) -> UpbitOrder:
        """Send an order.

        Raises:
            Refused: it is not taken; nothing has changed.
        """
        self.check(account, market, ticket)
        with self._transaction():
            order = self.made(account, market, ticket)
            order.number, order.reserved_fee = market.new_order_id(), order.remaining_fee
            self._lock(order)
            self._keep(order)
            self._tell(order, OPEN)
            self._send(order)
        return order

    def cancel(self, order: UpbitOrder) -> None:
        """Cancel an open order."""
        with self._transaction():
            self._end(order, CANCELLED)

    def deposit(self, account: Account, currency: str, amount: str) -> None:
        """Credit an account; below zero debit it.

        Raises:
            ValueError: no amount, or more than is free.
        """
        with self._transaction():
            account.wallet(WALLET).add(currency, units(amount))
            self.backend.accounts.deposited[currency] += units(amount)
            self._touch(account, currency)

    # one transaction

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """What is done within it belongs together: balances are told once, at its end."""
        if self._busy:
            yield
            return
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
            touched, self._touched = self._touched, {}
            for account, currencies in touched.items():
                held = account.wallet(WALLET)
                balances = {currency: (held.free(currency), held.locked(currency)) for currency in currencies}
                account.tell(WALLET, rows.asset_event(self._uuid(), balances, self.backend.now()))

    def _touch(self, account: Account, *currencies: str) -> None:
        self._touched.setdefault(account, {}).update(dict.fromkeys(currencies))

    def _tell(self, order: UpbitOrder, state: str, fill: Fill | None = None) -> None:
        order.account.tell(WALLET, rows.order_event(order, state, self.backend.now(), fill))
        self._touch(order.account, order.paid_in, *((order.coin.base, order.coin.quote) if fill is not None else ()))

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

    # an order's way in

    def made(self, account: Account, market: CoinMarket, ticket: Ticket) -> UpbitOrder:
        """An order as it would be sent."""
        order = UpbitOrder(self._uuid(), 0, account, market, ticket, self.backend.now())
        order.lots = ticket.lots or 0
        if ticket.type == "limit":
            order.limit = ticket.price
        elif ticket.type == "best":
            order.limit = market.book.best(-ticket.side)
        if ticket.budget is not None:
            order.lots = self._affordable(order)
        return order

    def _affordable(self, order: UpbitOrder) -> int:
        """How many lots an amount buys in the book as it is."""
        ticket, coin, left, total = order.ticket, order.coin, order.ticket.budget or 0, 0
        if ticket.type == "best":
            return _lots(coin, left, order.limit) if order.limit else 0
        for maker in order.market.book.orders(SELL):
            if maker.owner == self._owner(order.account) and ticket.smp == "cancel_maker":
                continue
            most = _lots(coin, left, maker.price or 1)
            lots = min(maker.remaining, most)
            total += lots
            left -= funds_of(coin, maker.price or 1, lots, up=True)
            if most <= lots:
                break
        return total

    def _owner(self, account: Account) -> str:
        return f"{self._product}/{account.uid}"

    def _keep(self, order: UpbitOrder) -> None:
        kept = self._orders.setdefault(order.account, {})
        kept[order.uuid] = order
        if order.ticket.identifier:
            self._named[order.account, order.ticket.identifier] = order
        if len(kept) > _KEPT:
            oldest = next((row for row in kept.values() if row.state != OPEN), None)
            if oldest is not None:
                del kept[oldest.uuid]

    def _send(self, order: UpbitOrder) -> None:
        """Let an order meet the book."""
        market, ticket = order.market, order.ticket
        if ticket.tif == "post_only" and _would_take(order):
            self._end(order, CANCELLED)
            return
        if not order.lots or (order.limit is None and ticket.type == "best"):
            self._end(order, CANCELLED)
            return
        self._live[order.coin.key, order.number] = order
        tif = TimeInForce.FOK if ticket.tif == "fok" else TimeInForce.IOC
        waits = ticket.type == "limit" and ticket.tif in ("", "post_only")
        with market.action() as step:
            execution = market.submit(
                self._owner(order.account), ticket.side, order.lots, order.limit,
                tif=TimeInForce.GTC if waits else tif, self_trade=_SELF_TRADE[ticket.smp], order_id=order.number,
            )  # fmt: skip
        prevented = deque(execution.prevented)
        for n, trade in enumerate(step.trades):
            while prevented and prevented[0].after <= n:
                self._prevent(order, prevented.popleft())
            maker = self._live.get((order.coin.key, trade.maker_order))
            self._fill(order, trade, met=maker is not None)
            if maker is not None:
                self._fill(maker, trade, met=True)
        for row in prevented:
            self._prevent(order, row)
        if order.state == OPEN and execution.order.status in (Status.EXPIRED, Status.PREVENTED):
            self._end(order, CANCELLED)
        elif order.state == OPEN and not order.remaining:
            # What an amount cannot buy any more goes back, and then the order counts as cancelled.
            self._end(order, CANCELLED if order.ticket.budget is not None and order.needed else DONE)

    # an order's life

    def _acted(self, market: Market[Any], step: Step) -> None:
        """Something has happened in a market: orders of accounts may have been met by others."""
        coin = market.instrument
        if not step.trades or not isinstance(coin, Coin) or coin.region != self._product:
            return
        with self._transaction():
            for trade in step.trades:
                maker = self._live.get((coin.key, trade.maker_order))
                if maker is not None and not trade.taker.startswith(f"{self._product}/"):
                    self._fill(maker, trade, met=False)
                    if maker.state == OPEN and not maker.remaining:
                        self._end(maker, DONE)

    def _fill(self, order: UpbitOrder, trade: Trade, *, met: bool) -> None:
        """Settle a trade for one of its orders.

        Args:
            order: which.
            trade: what happened.
            met: whether the other one is of an account, too.
        """
        coin, wallet, accounts = order.coin, order.account.wallet(WALLET), self.backend.accounts
        funds = funds_of(coin, trade.price, trade.qty)
        fee = fee_of(coin, funds)
        maker = order.number == trade.maker_order
        order.filled += trade.qty
        order.funds += funds
        order.paid_fee += fee
        self._lock(order)
        side = 1 if order.buys else -1
        wallet.add(coin.quote, -side * funds - fee) if order.buys else wallet.add(coin.base, -trade.qty)
        wallet.add(coin.base, trade.qty) if order.buys else wallet.add(coin.quote, funds - fee)
        accounts.fees[coin.quote] += fee
        if not met:
            accounts.crowd[coin.quote] += side * funds
            accounts.crowd[coin.base] -= side * trade.qty
        self._remember_cost(order, trade.qty, funds)
        fill = Fill(self._uuid(), trade.price, trade.qty, funds, fee, trade.time, maker)
        order.fills.append(fill)
        self._tell(order, "trade", fill)
        if maker and met and order.state == OPEN and not order.remaining:
            self._end(order, DONE)

    def _remember_cost(self, order: UpbitOrder, lots: int, funds: int) -> None:
        if order.coin.quote != self.backend.region.local:
            return
        key = order.account, order.coin.base
        held, cost = self._bought.get(key, (0, 0))
        if order.buys:
            self._bought[key] = held + lots, cost + funds
        elif held > lots:
            self._bought[key] = held - lots, cost - cost * lots // held
        else:
            self._bought.pop(key, None)

    def _prevent(self, taker: UpbitOrder, row: Prevention) -> None:
        """Two orders of one account have met, and do not trade."""
        maker = self._live[taker.coin.key, row.maker.id]
        for order, lost in ((maker, row.maker_qty), (taker, row.taker_qty)):
            if not lost:
                continue
            before = order.locked
            order.prevented += lost
            self._lock(order)
            order.prevented_locked += before - order.locked
            self._tell(order, "prevented")
            if order.state == OPEN and not order.remaining:
                self._end(order, CANCELLED)

    def _lock(self, order: UpbitOrder) -> None:
        """Have as much set aside as the order needs."""
        needed = order.needed
        try:
            order.account.wallet(WALLET).lock(order.paid_in, needed - order.locked)
        except Insufficient:
            raise AssertionError("an order never needs more than it has locked") from None
        order.locked = needed

    def _end(self, order: UpbitOrder, state: str) -> None:
        """An open order is over."""
        if order.number in order.market.open_orders(self._owner(order.account)):
            order.market.cancel(self._owner(order.account), order.number)
        self._live.pop((order.coin.key, order.number), None)
        order.state = state
        self._lock(order)
        self._tell(order, state)


def _lots(coin: Coin, amount: int, price: int) -> int:
    """The most lots at a price whose value does not exceed an amount."""
    places = coin.turnover_places
    return amount * power(places) // (price * power(8)) if places >= 0 else 0


def _would_take(order: UpbitOrder) -> bool:
    other = order.market.book.best(-order.ticket.side)
    price, side = order.ticket.price or 0, order.ticket.side
    return other is not None and price * side >= other * side
