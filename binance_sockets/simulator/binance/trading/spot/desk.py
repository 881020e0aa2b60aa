"""Where accounts meet the markets of spot and margin: what orders lock, pay and receive, and what is told of it."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from binance_sockets.simulator.accounts import Account, Accounts, Insufficient
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.spot import admission, filters, reports, triggers
from binance_sockets.simulator.binance.trading.spot.office import SpotOffice
from binance_sockets.simulator.binance.trading.spot.orders import (
    Amendment,
    Hold,
    Match,
    OrderList,
    OwnTrade,
    SpotOrder,
    Ticket,
    base_units,
    quote_units,
)
from binance_sockets.simulator.market.book import BUY, Status, TimeInForce
from binance_sockets.simulator.market.market import Market, Step, Trade
from binance_sockets.simulator.market.matching import Prevention, SelfTrade
from binance_sockets.simulator.market.world import World

__all__ = ["Desk"]

_SELF_TRADE = {
    "EXPIRE_TAKER": SelfTrade.EXPIRE_TAKER,
    "EXPIRE_MAKER": SelfTrade.EXPIRE_MAKER,
    "EXPIRE_BOTH": SelfTrade.EXPIRE_BOTH,
    "DECREMENT": SelfTrade.DECREMENT,
    "TRANSFER": SelfTrade.DECREMENT,  # the same within one account, and there are no groups of accounts
}
_UNFILLED = {"IOC": "UNFILLED_IOC_QUANTITY_EXPIRED", "FOK": "UNFILLED_FOK_ORDER_EXPIRED"}


class Desk(SpotOffice):
    """What the handlers work on. Everything here runs on the simulator's thread.

    Args:
        listing: the instruments, and their markets.
        world: tells what happens in the markets.
        accounts: who trades.
        now: the simulator's time, µs since the epoch.
        look: brings a market up to now and keeps it awake for a while, as ``Feed.look`` does.
    """

    def __init__(
        self,
        listing: Listing,
        world: World,
        accounts: Accounts,
        now: Callable[[], int],
        look: Callable[[BinanceMarket], None],
    ) -> None:
        super().__init__(listing, accounts, now, look)
        self._live: dict[tuple[str, int], SpotOrder] = {}  # in a book, by instrument and id
        self._waiting: dict[str, dict[int, SpotOrder]] = {}  # for a price, by instrument
        self._list_ids = itertools.count(1)
        self._match_ids = itertools.count(1)
        world.observers.append(self._acted)

    # orders

    def check(self, account: Account, wallet: str, market: BinanceMarket, ticket: Ticket) -> None:
        """Check an order as if it was placed.

        Raises:
            Refused: it would be refused before it came to the book.
        """
        orders = self.orders(account, wallet)
        admission.admit(orders, market, ticket)
        admission.room(orders, market.instrument, [ticket])

    def place(self, account: Account, wallet: str, market: BinanceMarket, ticket: Ticket) -> SpotOrder:
        """Send an order.

        Raises:
            Refused: it cannot be taken; nothing has changed.
        """
        self._may_trade(account)
        self.check(account, wallet, market, ticket)
        if ticket.qty is None:
            ticket.qty = admission.budget_quantity(market, f"{account.uid}/{wallet}", ticket)
        if (why := admission.refusal(market, ticket)) is not None:
            raise Refused(-2010, why)
        order = self._new(account, wallet, market, ticket)
        if not self._fund(order):
            raise Refused(-2010, admission.INSUFFICIENT)
        self._accept(order)
        return order

    def shortfall(self, account: Account, wallet: str, market: BinanceMarket, ticket: Ticket) -> tuple[str, int]:
        """Which asset an order would have to have more of before it can be placed, and how many units."""
        if ticket.qty is None:
            ticket.qty = admission.budget_quantity(market, f"{account.uid}/{wallet}", ticket)
        order = self._new(account, wallet, market, ticket)
        asset = order.paid_asset
        return asset, max(0, self._price_of(order) - account.wallet(wallet).free(asset))

    def place_list(
        self,
        account: Account,
        wallet: str,
        market: BinanceMarket,
        tickets: list[Ticket],
        contingency: str,
        client_id: str = "",
        *,
        pays: bool = False,
    ) -> OrderList:
        """Send orders that depend on each other.

        Args:
            account: whose they are.
            wallet: what pays.
            market: where.
            tickets: of an OCO both; else the working order and the one or two pending ones.
            contingency: OCO or OTO.
            client_id: of the list; made up by default.
            pays: whether the pending orders sell what the working one buys.

        Raises:
            Refused: it cannot be taken; nothing has changed.
        """
        self._may_trade(account)
        orders = self.orders(account, wallet)
        if client_id and any(row.client_id == client_id for row in orders.open_lists()):
            raise Refused(-2010, "Duplicate order sent.")
        names = [ticket.client_id for ticket in tickets if ticket.client_id]
        if len(set(names)) < len(names):
            raise Refused(-2010, "Duplicate order sent.")
        at_once = tickets if contingency == "OCO" else tickets[:1]
        for ticket in tickets:
            admission.admit(orders, market, ticket)
        admission.room(orders, market.instrument, tickets, lists=1)
        for ticket in at_once:
            if (why := admission.refusal(market, ticket)) is not None:
                raise Refused(-2010, why)
        members = self._members(account, wallet, market, tickets, pending=contingency == "OTO")
        self._fund_all([order for order in members if not (pays and order.pending)])
        row = OrderList(
            next(self._list_ids), client_id or self.new_client_id(), contingency, members, self.milliseconds, pays
        )
        orders.lists[row.id] = row
        for order in members:
            order.order_list = row
        self._accept_list(row)
        return row

    def cancel(self, order: SpotOrder, cancel_id: str) -> None:
        """Cancel an open order, and with it the others of its list.

        Args:
            order: which.
            cancel_id: the client order id of the request.

        Raises:
            Refused: the account may not cancel.
        """
        self._may_trade(order.account, -2011)
        row = order.order_list
        for member in row.orders if row is not None else [order]:
            if member.is_open:
                self._end(member, "CANCELED", client_id=cancel_id)
        if row is not None:
            self._follow(row)

    def amend(self, order: SpotOrder, qty: int, client_id: str) -> Amendment:
        """Make an open order smaller; it keeps its place.

        Args:
            order: which.
            qty: in lots, what is filled included; above that and below what it was.
            client_id: its name from now on.
        """
        row = order.order_list
        rivals = list(row.rivals(order)) if row is not None else []
        old = order.client_id
        for member in (order, *rivals):
            change = Amendment(
                next(self._execution_ids), member.client_id, client_id if member is order else member.client_id,
                member.qty, qty, self.milliseconds,
            )  # fmt: skip
            if self._is_live(member):
                member.market.amend(member.owner, member.id, qty)
            member.qty, member.client_id, member.updated = qty, change.new_client_id, change.time
            member.amendments.append(change)
            self.orders(member.account, member.wallet).name(member)
            member.hold.reduce(member.id, member.needed)
            event = reports.execution_report(member, "REPLACED", self.milliseconds, change.execution_id)
            event["C"] = change.old_client_id
            self._tell(member, event)
        if row is not None and client_id != old:
            row.status, row.time = "UPDATED", self.milliseconds
            self._tell_list(row)
        return order.amendments[-1]

    # what happens in the markets

    def _acted(self, market: Market[Any], step: Step) -> None:
        """Something has happened in a market."""
        found = market.instrument
        if step.trades and isinstance(found, Listed) and found.product == "spot":  # other venues have other kinds
            self._agenda.append(partial(self._follow_trades, market, tuple(step.trades)))
            with self.transaction():
                pass

    def _follow_trades(self, market: BinanceMarket, trades: tuple[Trade, ...]) -> None:
        """Fill the orders that others have met; trigger those that wait for such a price."""
        key = market.instrument.key
        for trade in trades:
            maker = self._live.get((key, trade.maker_order))
            if maker is not None and trade.taker not in self._orders:
                self._fill(maker, trade, met_account=False)
        for trade in trades:
            for order in list(self._waiting.get(key, {}).values()):
                if order.is_open and triggers.triggered(order, trade.price, trade.time):
                    self._trigger(order)

    # an order's way in

    @staticmethod
    def _may_trade(account: Account, code: int = -2010) -> None:
        if not account.can_trade:
            raise Refused(code, "This account may not place or cancel orders.")

    def _new(
        self, account: Account, wallet: str, market: BinanceMarket, ticket: Ticket, hold: Hold | None = None
    ) -> SpotOrder:
        asset = market.instrument.quote if ticket.side == BUY else market.instrument.base
        return SpotOrder(
            market.new_order_id(), account, wallet, market, ticket, ticket.client_id or self.new_client_id(),
            hold or Hold(account.wallet(wallet), asset), self.milliseconds, ticket.qty or 0, updated=self.milliseconds,
        )  # fmt: skip

    def _members(
        self, account: Account, wallet: str, market: BinanceMarket, tickets: list[Ticket], *, pending: bool
    ) -> list[SpotOrder]:
        """Of an OTO the first order stands alone; the pair of an OCO shares what it locks."""
        first = [self._new(account, wallet, market, tickets[0])]
        if pending:
            rest = [self._new(account, wallet, market, tickets[1])]
            rest += [self._new(account, wallet, market, ticket, rest[0].hold) for ticket in tickets[2:]]
            for order in rest:
                order.status = "PENDING_NEW"
            return first + rest
        return first + [self._new(account, wallet, market, ticket, first[0].hold) for ticket in tickets[1:]]

    def _fund(self, order: SpotOrder) -> bool:
        """Lock what an order needs, or see that what it pays at once is there."""
        try:
            order.hold.need(order.id, order.needed)
        except Insufficient:
            return False
        wallet = order.account.wallet(order.wallet)
        return bool(order.needed) or wallet.free(order.paid_asset) >= self._price_of(order)

    @staticmethod
    def _price_of(order: SpotOrder) -> int:
        """What an order locks, or pays at once."""
        if order.side == BUY:
            return order.needed or max(admission.cost(order), order.ticket.quote_qty or 0)
        return order.needed or base_units(order.instrument, order.remaining)

    def _fund_all(self, orders: list[SpotOrder]) -> None:
        for order in orders:
            if not self._fund(order):
                for funded in orders:
                    funded.hold.need(funded.id, 0)
                raise Refused(-2010, admission.INSUFFICIENT)

    def _accept(self, order: SpotOrder) -> None:
        self._register(order)
        self._begin(order)
        self._report(order, "NEW")
        self._send(order)

    def _accept_list(self, row: OrderList) -> None:
        for order in row.orders:
            self._register(order)
            if not order.pending:
                self._begin(order)
            self._report(order, "NEW")
        self._tell_list(row)
        for order in row.orders:
            if order.is_open and not order.pending:
                self._send(order)

    def _register(self, order: SpotOrder) -> None:
        self.orders(order.account, order.wallet).add(order)

    def _begin(self, order: SpotOrder) -> None:
        """From now on it is on the book, or waits for a price."""
        if order.ticket.contingent:
            triggers.start(order, self.milliseconds)
        else:
            order.working_at = self.milliseconds

    def _send(self, order: SpotOrder) -> None:
        """To the book, or among those that wait for a price."""
        if order.working:
            self._work(order)
            return
        self._waiting.setdefault(order.instrument.key, {})[order.id] = order
        order.market.waiting += 1

    def _work(self, order: SpotOrder) -> None:
        """Let an order meet the book."""
        ticket, market = order.ticket, order.market
        self._live[order.instrument.key, order.id] = order
        with market.action() as step:
            execution = market.submit(
                order.owner, order.side, order.remaining, None if ticket.is_market else ticket.price,
                tif=TimeInForce[ticket.tif], self_trade=_SELF_TRADE[ticket.stp], iceberg=ticket.iceberg,
                order_id=order.id,
            )  # fmt: skip
        prevented = deque(execution.prevented)
        for n, trade in enumerate(step.trades):
            while prevented and prevented[0].after <= n:
                self._prevent(order, prevented.popleft())
            self._settle(order, trade)
        for row in prevented:
            self._prevent(order, row)
        if execution.order.status is Status.EXPIRED:
            why = _UNFILLED.get(ticket.tif, "")
            self._end(order, "EXPIRED", why="INSUFFICIENT_LIQUIDITY" if ticket.is_market else why)

    # an order's life

    def _settle(self, taker: SpotOrder, trade: Trade) -> None:
        maker = self._live.get((taker.instrument.key, trade.maker_order))
        self._fill(taker, trade, met_account=maker is not None)
        if maker is not None:
            self._fill(maker, trade, met_account=True)

    def _fill(self, order: SpotOrder, trade: Trade, *, met_account: bool) -> None:
        i, rivals = order.instrument, []
        if order.order_list is not None:
            rivals = list(order.order_list.rivals(order))
        if not order.filled:
            self.counts.add(order.account, -1, self.now())
        base, quote = base_units(i, trade.qty), quote_units(i, trade.price, trade.qty)
        order.filled += trade.qty
        order.quote += quote
        order.updated = trade.time // 1000
        order.status = "PARTIALLY_FILLED" if order.remaining else "FILLED"
        order.hold.only(order.id)
        order.hold.need(order.id, order.needed)
        own = self._pay(order, trade, base, quote, met_account=met_account)
        order.trades.append(own)
        if not order.is_open:
            self._closed(order)
        self._report(order, "TRADE", trade=own)
        if order.ticket.repays:
            received = (base if order.side == BUY else quote) - own.fee
            owed = order.account.debt(order.wallet)[own.fee_asset]
            if paid := min(received, owed):
                self.lend(order.account, own.fee_asset, -paid, order.wallet)
        for rival in rivals:
            self._end(rival, "EXPIRED", why="OCO_TRIGGER")

    def _pay(self, order: SpotOrder, trade: Trade, base: int, quote: int, *, met_account: bool) -> OwnTrade:
        i, wallet = order.instrument, order.account.wallet(order.wallet)
        maker = order.id == trade.maker_order
        rate = order.account.fees.maker if maker else order.account.fees.taker
        (given, gives), (got, gets) = ((i.quote, quote), (i.base, base))[:: order.side]
        fee = gets * rate // 10**8
        wallet.add(given, -gives)
        wallet.add(got, gets - fee)
        self.accounts.fees[got] += fee
        if not met_account:
            self.accounts.crowd[given] += gives
            self.accounts.crowd[got] -= gets
        row = order.order_list
        if row is not None and row.pays and order is row.orders[0]:
            self._set_aside(row, gets - fee)
        return OwnTrade(trade.id, trade.price, trade.qty, quote, fee, got, trade.time // 1000, maker)

    @staticmethod
    def _set_aside(row: OrderList, received: int) -> None:
        """Lock what the working order has received, for the orders that will sell it."""
        hold, first = row.orders[1].hold, row.orders[1]
        hold.need(first.id, hold.amount + received)

    def _prevent(self, taker: SpotOrder, row: Prevention) -> None:
        maker = self._live[taker.instrument.key, row.maker.id]
        match = Match(
            next(self._match_ids), taker, maker, taker.ticket.stp, row.price, row.maker_qty, row.taker_qty,
            self.milliseconds,
        )  # fmt: skip
        for order, lost in ((maker, row.maker_qty), (taker, row.taker_qty)):
            order.matches.append(match)
            if not lost:
                continue
            order.prevented += lost
            order.updated = match.time
            if not order.remaining:
                order.status = "EXPIRED_IN_MATCH"
                self._closed(order)
            order.hold.need(order.id, order.needed)
            self._report(order, "TRADE_PREVENTION", match=match)

    def _trigger(self, order: SpotOrder) -> None:
        """Its price has come: it goes to the book."""
        self._stop_waiting(order)
        if order.order_list is not None:
            for rival in list(order.order_list.rivals(order)):
                self._end(rival, "EXPIRED", why="OCO_TRIGGER")
        order.working_at = order.updated = self.milliseconds
        if not self._fund(order):
            self._end(order, "EXPIRED", why="REJECTED", reason="INSUFFICIENT_BALANCES")
            return
        self._report(order, "NEW")
        self._work(order)

    def _end(self, order: SpotOrder, status: str, *, why: str = "", reason: str = "NONE", client_id: str = "") -> None:
        """An open order ends unfilled, or partly filled."""
        if self._is_live(order) and order.id in order.market.open_orders(order.owner):
            order.market.cancel(order.owner, order.id)
        self._stop_waiting(order)
        order.status, order.expiry, order.updated = status, why, self.milliseconds
        order.hold.need(order.id, 0)
        self._closed(order)
        self._report(order, status, reason=reason, client_id=client_id)

    def _closed(self, order: SpotOrder) -> None:
        self._live.pop((order.instrument.key, order.id), None)
        self.orders(order.account, order.wallet).ended(order)

    def _is_live(self, order: SpotOrder) -> bool:
        return (order.instrument.key, order.id) in self._live

    def _stop_waiting(self, order: SpotOrder) -> None:
        if self._waiting.get(order.instrument.key, {}).pop(order.id, None) is not None:
            order.market.waiting -= 1

    # order lists

    def _follow(self, row: OrderList) -> None:
        """What the state of its orders means for a list."""
        if not row.is_open:
            return
        first, rest = row.orders[0], row.orders[1:]
        if row.contingency == "OTO" and any(order.pending for order in rest):
            if first.status == "FILLED":
                self._agenda.append(partial(self._start_pending, row))
            elif not first.is_open and first.status != "FILLED":
                for order in rest:
                    self._end(order, "EXPIRED", why="OTO_PHASE_ONE_EXPIRED")
        pair = row.orders if row.contingency == "OCO" else rest
        if any(not order.is_open and order.expiry != "OCO_TRIGGER" for order in pair):
            for order in pair:
                if order.is_open:
                    self._end(order, "EXPIRED", why="OCO_TRIGGER")
        if not any(order.is_open for order in row.orders):
            row.status, row.time = "ALL_DONE", self.milliseconds
            self._tell_list(row)

    def _start_pending(self, row: OrderList) -> None:
        """The working order is filled: the pending ones are placed."""
        pending = [order for order in row.orders[1:] if order.pending]
        if not pending:  # they have begun already, or were cancelled
            return
        if row.pays:
            self._size_by_receipts(row, pending)
        why = next((why for order in pending if (why := self._unplaceable(order))), "")
        for order in pending:
            order.status, order.updated = "NEW", self.milliseconds
            self._begin(order)
            if why or not self._fund(order):
                self._end(order, "EXPIRED", why="REJECTED", reason=why or "INSUFFICIENT_BALANCES")
            else:
                self._report(order, "NEW")
        row.status, row.time = "UPDATED", self.milliseconds
        self._tell_list(row)
        for order in pending:
            if order.is_open:
                self._send(order)

    @staticmethod
    def _unplaceable(order: SpotOrder) -> str:
        """Why a pending order cannot be placed, "" if it can."""
        try:
            filters.check(order.market, order.ticket)
        except Refused:
            return "NONE"  # what it sells was not known before; the sheet names no reason for filters
        why = admission.refusal(order.market, order.ticket)
        if why is None:
            return ""
        triggers_now = why == admission.WOULD_TRIGGER
        return "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY" if triggers_now else "WOULD_MATCH_IMMEDIATELY"

    @staticmethod
    def _size_by_receipts(row: OrderList, pending: list[SpotOrder]) -> None:
        lot = base_units(pending[0].instrument, 1)
        lots = pending[0].hold.amount // lot
        for order in pending:
            order.qty = order.ticket.qty = lots
        for order in pending:
            order.hold.need(order.id, base_units(order.instrument, lots))
