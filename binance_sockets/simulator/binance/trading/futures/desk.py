"""Where accounts meet the markets of futures: what orders need, what their trades change, and what is told of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from binance_sockets.simulator.accounts import Account, Accounts, Position
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.futures import admission, reports
from binance_sockets.simulator.binance.trading.futures.office import FuturesOffice
from binance_sockets.simulator.binance.trading.futures.orders import FuturesOrder, OwnTrade, Ticket
from binance_sockets.simulator.market.book import Status, TimeInForce
from binance_sockets.simulator.market.market import Market, Step, Trade
from binance_sockets.simulator.market.matching import Execution, OrderRejected, Prevention, SelfTrade
from binance_sockets.simulator.market.world import World

__all__ = ["FuturesDesk"]

_SELF_TRADE = {
    "NONE": SelfTrade.ALLOW,
    "EXPIRE_TAKER": SelfTrade.EXPIRE_TAKER,
    "EXPIRE_MAKER": SelfTrade.EXPIRE_MAKER,
    "EXPIRE_BOTH": SelfTrade.EXPIRE_BOTH,
}
_MATCHED = {"IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}
_PREVENTED, _IOC_REST, _NOT_REDUCING, _MARKET_REST = "1", "2", "4", "9"
_FOK = "Due to the order could not be filled immediately, the FOK order has been rejected."
_GTX = "Due to the order could not be executed as maker, the Post Only order will be rejected."
_UNRECORDED = " The order will not be recorded in the order history"


class FuturesDesk(FuturesOffice):
    """What the handlers work on. Everything here runs on the simulator's thread.

    Args:
        product: ``usdm`` or ``coinm``.
        listing: the instruments, and their markets.
        world: tells what happens in the markets.
        accounts: who trades.
        now: the simulator's time, µs since the epoch.
        look: brings a market up to now and keeps it awake for a while, as ``Feed.look`` does.

    Attributes:
        watchers: called in a transaction of its own after each action in a market of the product that has traded, or
            has open orders of accounts, with the prices of its trades in ticks.
        countdowns: account and symbol to when all its orders there are cancelled, µs.
    """

    def __init__(
        self,
        product: str,
        listing: Listing,
        world: World,
        accounts: Accounts,
        now: Callable[[], int],
        look: Callable[[BinanceMarket], None],
    ) -> None:
        super().__init__(product, listing, accounts, now, look)
        self.watchers: list[Callable[[BinanceMarket, list[int]], None]] = []
        self.countdowns: dict[tuple[Account, str], int] = {}
        self._live: dict[tuple[str, int], FuturesOrder] = {}  # in a book, by instrument and id
        self._owners: set[str] = set()
        self._dated: dict[str, dict[int, FuturesOrder]] = {}  # that expire, by instrument
        self._changed: dict[tuple[int, str, int], tuple[Account, Position]] = {}
        world.observers.append(self._acted)

    # orders

    def place(
        self,
        account: Account,
        market: BinanceMarket,
        ticket: Ticket,
        register: Callable[[FuturesOrder], None] | None = None,
    ) -> FuturesOrder:
        """Send an order.

        Args:
            account: whose it is.
            market: where.
            ticket: what is asked for.
            register: called with the order once it is taken, before anything is told of it.

        Raises:
            Refused: it cannot be taken; nothing has changed.
        """
        self._may_trade(account)
        self.admit(account, market, ticket)
        order = FuturesOrder(
            market.new_order_id(), account, market, self.contract(market.instrument), ticket,
            ticket.client_id or self.new_client_id(), self.milliseconds, ticket.qty, ticket.price or 0,
            updated=self.milliseconds,
        )  # fmt: skip

        def begin() -> None:
            self.orders(account).add(order)
            if register is not None:
                register(order)
            self.report(order, "NEW")

        with self.transaction():
            self._work(order, begin)
            self._note(order)
        return order

    def admit(self, account: Account, market: BinanceMarket, ticket: Ticket) -> None:
        """Check an order; one that may only reduce is cut to what there is to reduce.

        Raises:
            Refused: it may not come in.
        """
        admission.admit(self, account, market, ticket)

    def cancel(self, order: FuturesOrder) -> None:
        """Cancel an open order."""
        with self.transaction():
            self.end(order, "CANCELED")

    def modify(self, order: FuturesOrder, qty: int, price: int, modify_id: str) -> None:
        """Give an open limit order another quantity and price; it keeps its place where it only becomes smaller.

        Raises:
            Refused: it cannot be changed so; it stays as it was.
        """
        self._may_trade(order.account)
        admission.admit_change(self, order, qty, price)
        smaller = price == order.price and qty < order.qty
        takes = order.ticket.tif == "GTX" and admission.would_take(order.market, order.side, price)
        with self.transaction():
            if qty <= order.filled or takes:
                self.end(order, "CANCELED")
                return
            less = order.qty - qty
            order.changes += 1
            order.qty, order.price, order.updated = qty, price, self.milliseconds
            if smaller:
                resting = order.market.open_orders(order.owner)[order.id]  # of what was left when it was sent last
                order.market.amend(order.owner, order.id, resting.qty - less)
                self.report(order, "AMENDMENT", modify_id=modify_id)
            else:
                order.market.cancel(order.owner, order.id)
                self._work(order, partial(self.report, order, "AMENDMENT", modify_id=modify_id))
            self._note(order)

    def end(self, order: FuturesOrder, status: str, expiry: str = "0") -> None:
        """An open order ends unfilled, or partly filled.

        Args:
            order: which.
            status: CANCELED or EXPIRED.
            expiry: why, as ``er`` says it.
        """
        if order.id in order.market.open_orders(order.owner):
            order.market.cancel(order.owner, order.id)
        order.status, order.expiry, order.updated = status, expiry, self.milliseconds
        self._closed(order)
        self.report(order, status)

    # what happens in the markets

    def _acted(self, market: Market[Any], step: Step) -> None:
        """Something has happened in a market."""
        found = market.instrument
        if not isinstance(found, Listed) or found.product != self.product:  # other venues have other kinds
            return
        if step.trades or market.has_guests:
            self._agenda.append(partial(self._follow, market, tuple(step.trades)))
            with self.transaction():
                pass

    def _follow(self, market: BinanceMarket, trades: tuple[Trade, ...]) -> None:
        """Fill the orders that others have met; end those whose time has come."""
        key = market.instrument.key
        for trade in trades:
            maker = self._live.get((key, trade.maker_order))
            if maker is not None and trade.taker not in self._owners:
                self._fill(maker, trade, met_account=False)
        now = market.now
        for order in [o for o in self._dated.get(key, {}).values() if o.ticket.good_till * 1000 <= now]:
            self.end(order, "EXPIRED")
        for (account, symbol), due in list(self.countdowns.items()):
            if due <= now:
                del self.countdowns[account, symbol]
                self.cancel_all(account, symbol)
        for watcher in self.watchers:
            watcher(market, [trade.price for trade in trades])

    def cancel_all(self, account: Account, symbol: str) -> None:
        """Cancel all open orders of an account in a symbol."""
        with self.transaction():
            for order in self.orders(account).open(symbol):
                if order.is_open:
                    self.end(order, "CANCELED")

    # an order's way

    @staticmethod
    def _may_trade(account: Account) -> None:
        if not account.can_trade:
            raise Refused(-2015, "Invalid API-key, IP, or permissions for action.", 401)

    def _work(self, order: FuturesOrder, begin: Callable[[], None]) -> None:
        """Let an order meet the book; ``begin`` tells of it once it is taken."""
        ticket, market = order.ticket, order.market
        tif = _MATCHED.get(ticket.tif, TimeInForce.GTC)

        def submit() -> Execution:
            execution = market.submit(
                order.owner, order.side, order.remaining, order.price or None, tif=tif,
                post_only=ticket.tif == "GTX", self_trade=_SELF_TRADE[ticket.stp], order_id=order.id,
            )  # fmt: skip
            if ticket.tif == "FOK" and not execution.fills and execution.order.status is Status.EXPIRED:
                raise Refused(-5021, _FOK + _UNRECORDED)
            return execution

        try:
            execution = self.meet(order, submit, begin)
        except OrderRejected:
            raise Refused(-5022, _GTX + _UNRECORDED) from None
        if execution.order.status is Status.EXPIRED:
            self.end(order, "EXPIRED", _MARKET_REST if ticket.type == "MARKET" else _IOC_REST)
        elif order.is_open and ticket.good_till:
            self._dated.setdefault(order.instrument.key, {})[order.id] = order

    def meet(
        self, order: FuturesOrder, submit: Callable[[], Execution], begin: Callable[[], None] = lambda: None
    ) -> Execution:
        """Let an order meet the book, and settle its trades.

        Args:
            order: which.
            submit: sends it to its market under its id; what it raises undoes everything.
            begin: tells of it once it is taken.
        """
        market, key = order.market, (order.instrument.key, order.id)
        self._live[key] = order
        self._owners.add(order.owner)
        try:
            with market.action() as step:
                execution = submit()
        except Exception:
            del self._live[key]
            raise
        for trade in step.trades:
            self._tell_lite(order, trade)
        begin()
        prevented = deque(execution.prevented)
        for n, trade in enumerate(step.trades):
            while prevented and prevented[0].after <= n:
                self._prevent(order, prevented.popleft())
            self._settle(order, trade)
        for row in prevented:
            self._prevent(order, row)
        return execution

    def _settle(self, taker: FuturesOrder, trade: Trade) -> None:
        maker = self._live.get((taker.instrument.key, trade.maker_order))
        self._fill(taker, trade, met_account=maker is not None)
        if maker is not None:
            self._fill(maker, trade, met_account=True)

    def _fill(self, order: FuturesOrder, trade: Trade, *, met_account: bool) -> None:
        maker = order.id == trade.maker_order
        if maker:
            self._tell_lite(order, trade)
        self.book(order, trade.price, trade.qty, trade.id, maker=maker, met_account=met_account)

    def book(
        self, order: FuturesOrder, price: int, qty: int, trade_id: int, *, maker: bool, met_account: bool = False
    ) -> None:
        """Change a position by a trade of an order, settle it, and tell of it.

        Args:
            order: whose trade it is.
            price: in ticks.
            qty: in lots.
            trade_id: unique in its market.
            maker: whether the order rested.
            met_account: whether an account is the other side too, for which the same is done.
        """
        contract, position, account = order.contract, order.position, order.account
        value = contract.value(price, qty)
        fee, gain = self.charge(order, qty, value, trade_id, maker=maker)
        self.accounts.fees[contract.asset] += fee
        if not met_account:
            self.accounts.crowd[contract.asset] += contract.sense * order.side * value
        order.filled += qty
        order.turnover += price * qty
        order.value += value
        order.updated = self.milliseconds
        order.status = "PARTIALLY_FILLED" if order.remaining else "FILLED"
        own = OwnTrade(trade_id, price, qty, value, fee, gain, order.updated, maker)
        order.trades.append(own)
        if not order.is_open:
            self._closed(order)
        self.tell_account(account, "ORDER", {contract.asset: 0}, [position])
        self.report(order, order.execution, trade=own)
        self._note(order)

    def _tell_lite(self, order: FuturesOrder, trade: Trade) -> None:
        if self.product == "usdm":
            maker = order.id == trade.maker_order
            event = reports.trade_lite(order, trade.id, trade.price, trade.qty, self.milliseconds, maker=maker)
            self.tell(order.account, event)

    def _prevent(self, taker: FuturesOrder, row: Prevention) -> None:
        maker = self._live[taker.instrument.key, row.maker.id]
        for order, lost in ((maker, row.maker_qty), (taker, row.taker_qty)):
            if lost:
                order.status, order.expiry, order.updated = "EXPIRED_IN_MATCH", _PREVENTED, self.milliseconds
                self._closed(order)
                self.report(order, "EXPIRED")

    def _closed(self, order: FuturesOrder) -> None:
        key = order.instrument.key
        self._live.pop((key, order.id), None)
        self._dated.get(key, {}).pop(order.id, None)
        self.orders(order.account).ended(order)
        if order.closed is not None:
            self._agenda.append(order.closed)

    # orders that may only reduce

    def _note(self, order: FuturesOrder) -> None:
        position = order.position
        self._changed[order.account.uid, order.instrument.symbol, position.leg] = order.account, position

    def _flush(self) -> None:
        """End the orders that would close more than there is; of several those at the worst prices."""
        while self._changed:
            key = next(iter(self._changed))
            account, position = self._changed.pop(key)
            orders = [o for o in self.orders(account).open(key[1]) if o.ticket.leg == key[2] and o.ticket.closes]
            room = {-position.side: position.size}
            for order in sorted(orders, key=lambda one: (-one.side * one.price, one.id)):
                left = room.get(order.side, 0)
                if order.remaining > left:
                    self.end(order, "EXPIRED", _NOT_REDUCING)
                else:
                    room[order.side] = left - order.remaining
