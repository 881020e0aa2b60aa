"""Algo orders: stops, take-profits and trailing stops that wait for a price and then send an order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading.calls import Refused
from binance_sockets.simulator.binance.trading.futures import admission, reports, rules
from binance_sockets.simulator.binance.trading.futures.desk import FuturesDesk
from binance_sockets.simulator.binance.trading.futures.orders import LEG_NAMES, FuturesOrder, Ticket
from binance_sockets.simulator.binance.trading.register import Register
from binance_sockets.simulator.market.book import BUY

__all__ = ["AlgoOrder", "Algos"]

_WHOLE = 10_000  # in 1/100 of a percent
_PROTECTED = 500
_WOULD_TRIGGER = Refused(-2021, "Order would immediately trigger.")
_FIRST_ID = 4_000_000_071_250_318


@dataclass(slots=True, eq=False)
class AlgoOrder:
    """One algo order. :class:`Algos` changes it; others only read.

    Args:
        id: unique on the exchange.
        account: whose it is.
        market: where it waits.
        ticket: the order that it will send; ``origin`` is its own type, ``stop`` what it waits for.
        client_id: the user's name for it, and for that order.
        created: ms.
        status: NEW, TRIGGERING, TRIGGERED, FINISHED, CANCELED, REJECTED, EXPIRED.
        updated: of its last change, ms.
        triggered: when its price came, ms; 0 before.
        extreme8: the best price since a trailing stop follows it, in steps of 1e-8; 0 before.
        order: what it has sent.
        reason: why that was refused.
    """

    id: int
    account: Account
    market: BinanceMarket
    ticket: Ticket
    client_id: str
    created: int
    status: str = "NEW"
    updated: int = 0
    triggered: int = 0
    extreme8: int = 0
    order: FuturesOrder | None = None
    reason: str = ""

    @property
    def instrument(self) -> Listed:
        return self.market.instrument

    @property
    def is_open(self) -> bool:
        """Whether it waits."""
        return self.status == "NEW"

    @property
    def trailing(self) -> bool:
        return self.ticket.callback > 0

    def passed(self, price8: int) -> bool:
        """Whether a price is where it waits for; a trailing stop moves with it."""
        ticket, unit = self.ticket, self.instrument.price8(1)
        if not self.trailing:
            rising = (ticket.side == BUY) == ticket.origin.startswith("STOP")
            return price8 >= ticket.stop * unit if rising else price8 <= ticket.stop * unit
        if not self.extreme8:
            if price8 * ticket.side > ticket.activation * unit * ticket.side:
                return False
            self.extreme8 = price8
        if ticket.side == BUY:
            self.extreme8 = min(self.extreme8, price8)
            return price8 * _WHOLE >= self.extreme8 * (_WHOLE + ticket.callback)
        self.extreme8 = max(self.extreme8, price8)
        return price8 * _WHOLE <= self.extreme8 * (_WHOLE - ticket.callback)


class Algos:
    """The algo orders of a product. Everything here runs on the simulator's thread.

    Args:
        desk: takes the orders that they send, and tells of them.
    """

    def __init__(self, desk: FuturesDesk) -> None:
        self._desk = desk
        self._registers: dict[int, Register[AlgoOrder]] = {}
        self._waiting: dict[str, dict[int, AlgoOrder]] = {}  # by instrument
        self._ids = itertools.count(_FIRST_ID)
        desk.watchers.append(self._watch)

    def of(self, account: Account) -> Register[AlgoOrder]:
        """The algo orders of an account."""
        return self._registers.setdefault(account.uid, Register())

    def find(self, account: Account, algo_id: int | None, client_id: str | None) -> AlgoOrder | None:
        """The algo order of this id, or the youngest of this name."""
        rows = [
            row
            for row in self.of(account).all()
            if (row.id == algo_id if algo_id is not None else row.client_id == client_id)
        ]
        return rows[-1] if rows else None

    def place(self, account: Account, market: BinanceMarket, ticket: Ticket) -> AlgoOrder:
        """Begin to wait.

        Raises:
            Refused: it cannot be taken.
        """
        desk, register, i = self._desk, self.of(account), market.instrument
        row = AlgoOrder(
            next(self._ids), account, market, ticket, ticket.client_id or desk.new_client_id(), desk.milliseconds,
            updated=desk.milliseconds,
        )  # fmt: skip
        self._check(row)
        if ticket.client_id and register.named(i.symbol, ticket.client_id):
            raise Refused(-4116, "ClientOrderId is duplicated.")
        if len(register.open(i.symbol)) >= rules.most_algos(i):
            raise Refused(-4045, "Reach max stop order limit.")
        if ticket.close_all and any(self._same_end(row, other) for other in register.open(i.symbol)):
            text = "An open stop or take profit order with GTE and closePosition in the direction is existing."
            raise Refused(-4130, text)
        if row.trailing and not ticket.activation:
            row.extreme8 = self._price(row)
        with desk.transaction():
            register.add(row)
            self._waiting.setdefault(i.key, {})[row.id] = row
            market.waiting += 1
            self._tell(row)
        return row

    def _check(self, row: AlgoOrder) -> None:
        ticket, i, price = row.ticket, row.instrument, self._price(row)
        if not ticket.close_all:
            rules.check_quantity(i, ticket.type, ticket.qty)
        if ticket.price is not None:
            rules.check_price(row.market, ticket.side, ticket.price)
        if row.trailing:
            if ticket.activation and price * ticket.side <= i.price8(ticket.activation) * ticket.side:
                raise _WOULD_TRIGGER
            return
        rules.check_trigger(i, ticket.stop)
        if row.passed(price):
            raise _WOULD_TRIGGER

    @staticmethod
    def _same_end(row: AlgoOrder, other: AlgoOrder) -> bool:
        """Whether two orders close the same position in the same way."""
        ours, theirs = row.ticket, other.ticket
        return theirs.close_all and (ours.side, ours.leg, ours.origin) == (theirs.side, theirs.leg, theirs.origin)

    def cancel(self, row: AlgoOrder) -> None:
        """Stop waiting."""
        with self._desk.transaction():
            self._end(row, "CANCELED")

    def _end(self, row: AlgoOrder, status: str, reason: str = "") -> None:
        if self._waiting.get(row.instrument.key, {}).pop(row.id, None) is not None:
            row.market.waiting -= 1
        row.status, row.reason = status, reason
        self.of(row.account).ended(row)
        self._tell(row)

    # what happens in the markets

    def _price(self, row: AlgoOrder) -> int:
        """The price that an order looks at, in steps of 1e-8."""
        market = row.market
        if row.ticket.working == "MARK_PRICE":
            return market.prices.mark8
        return market.instrument.price8(market.last_trade().price)

    def _watch(self, market: BinanceMarket, prices: list[int]) -> None:
        for row in list(self._waiting.get(market.instrument.key, {}).values()):
            if not row.is_open:
                continue
            if row.ticket.good_till and row.ticket.good_till * 1000 <= market.now:
                self._end(row, "EXPIRED")
                continue
            followed = row.extreme8 > 0
            if any(row.passed(price8) for price8 in self._looked_at(row, prices)) and not self._is_held(row):
                self._trigger(row)
            elif row.trailing and not followed and row.extreme8:
                self._tell(row)  # NEW for the second time: it follows the price from now on

    def _looked_at(self, row: AlgoOrder, prices: list[int]) -> Iterator[int]:
        if row.ticket.working == "MARK_PRICE":
            yield row.market.prices.mark8
        else:
            yield from map(row.instrument.price8, prices)

    @staticmethod
    def _is_held(row: AlgoOrder) -> bool:
        """Whether price protection keeps it back: mark and last price are too far apart."""
        mark, last = row.market.prices.mark8, row.instrument.price8(row.market.last_trade().price)
        return row.ticket.protect and abs(mark - last) * _WHOLE > mark * _PROTECTED

    def _trigger(self, row: AlgoOrder) -> None:
        desk, ticket = self._desk, row.ticket
        row.triggered = desk.milliseconds
        self._end(row, "TRIGGERING")
        position = row.account.margin(desk.product).position(desk.contract(row.instrument), ticket.leg)
        ticket.client_id = row.client_id
        if ticket.close_all:
            ticket.qty = position.size
        try:
            if ticket.close_all and position.side != -ticket.side:
                raise Refused(-2022, admission.REDUCE_ONLY)
            desk.place(row.account, row.market, ticket, partial(self._sent, row))
        except Refused as refused:
            self._end(row, "REJECTED", refused.msg)

    def _sent(self, row: AlgoOrder, order: FuturesOrder) -> None:
        row.order, row.status = order, "TRIGGERED"
        order.closed = partial(self._finished, row)
        self._tell(row)

    def _finished(self, row: AlgoOrder) -> None:
        row.status = "FINISHED"
        self._tell(row)

    # events

    def _tell(self, row: AlgoOrder) -> None:
        """An ``ALGO_UPDATE``; which event tells of them on COIN-M is not known, so there is none."""
        row.updated = self._desk.milliseconds
        if self._desk.product == "usdm":
            head = {"e": "ALGO_UPDATE", "T": row.updated, "E": row.updated}
            self._desk.tell(row.account, {**head, "o": _event(row)})


def _event(row: AlgoOrder) -> dict[str, Any]:
    i, ticket, order = row.instrument, row.ticket, row.order
    body: dict[str, Any] = {
        "caid": row.client_id, "aid": row.id, "at": "CONDITIONAL", "o": ticket.origin, "s": i.symbol,
        "S": "BUY" if ticket.side == BUY else "SELL", "ps": LEG_NAMES[ticket.leg], "f": ticket.tif,
        "q": i.qty_text(ticket.qty) if ticket.qty else "0", "X": row.status, "ai": str(order.id) if order else "",
    }  # fmt: skip
    if row.status not in ("TRIGGERING", "REJECTED"):
        average = reports.price8(order.average8, i.price_places) if order and order.filled else "0.00000"
        filled = i.qty_text(order.filled) if order and order.filled else "0.00000"
        body |= {"ap": average, "aq": filled, "act": order.ticket.type if order else "0"}
    body |= {
        "tp": i.price_text(ticket.stop) if ticket.stop else "0", "p": i.price_text(ticket.price or 0),
        "V": ticket.stp, "wt": ticket.working, "pm": ticket.price_match, "cp": ticket.close_all, "pP": ticket.protect,
        "R": ticket.reduce_only or ticket.close_all, "tt": row.triggered, "gtd": ticket.good_till,
    }  # fmt: skip
    if not ticket.price:
        body["p"] = "0"
    if row.trailing:
        body["ia"] = row.extreme8 > 0
    return {**body, "rm": row.reason} if row.reason else body
