"""The matching engine of one symbol: orders of many owners meet by price, then by time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from binance_sockets.simulator.market.book import Order, OrderBook, Status, TimeInForce, UpdateIds

__all__ = [
    "Execution",
    "Fill",
    "MatchingEngine",
    "OrderRejected",
    "Prevention",
    "Rejection",
    "SelfTrade",
    "UnknownOrder",
]


class SelfTrade(Enum):
    """What happens when an order meets one of the same owner. The taker's choice counts."""

    #: they trade
    ALLOW = "allow"
    #: what is left of the taker ends
    EXPIRE_TAKER = "expire taker"
    #: the maker ends, the taker goes on
    EXPIRE_MAKER = "expire maker"
    #: both end
    EXPIRE_BOTH = "expire both"
    #: both lose what would have been traded; the smaller ends
    DECREMENT = "decrement"


class Rejection(Enum):
    """Why an order was not taken."""

    #: price or quantity is not above zero
    NOT_POSITIVE = "price and quantity must be positive"
    #: a post-only order would have taken
    WOULD_TAKE = "the order would trade at once"
    #: post-only needs a price, and waits until it is cancelled
    POST_ONLY = "a post-only order needs a price and GTC"
    #: the owner has an open order of this name
    DUPLICATE = "an open order has this client order id"


class OrderRejected(ValueError):
    """An order was not taken; nothing has changed.

    Attributes:
        reason: why.
    """

    def __init__(self, reason: Rejection) -> None:
        super().__init__(reason.value)
        self.reason = reason


class UnknownOrder(LookupError):
    """The owner has no such open order."""


class Fill(NamedTuple):
    """A part of a taker order, filled by one maker order at the maker's price."""

    maker: Order
    taker: Order
    price: int
    qty: int
    update_id: int


class Prevention(NamedTuple):
    """A trade of an owner with itself that did not happen.

    Args:
        maker: the order that rested.
        taker: the order that met it.
        price: the maker's.
        maker_qty: what the maker lost; 0 if nothing.
        taker_qty: what the taker lost; 0 if nothing.
        after: how many fills of the taker came before.
    """

    maker: Order
    taker: Order
    price: int
    maker_qty: int
    taker_qty: int
    after: int


class Execution(NamedTuple):
    """What became of a submitted order at once.

    Args:
        order: the order; later fills change it.
        fills: its trades, in order.
        prevented: what self-trade prevention did, in order.
    """

    order: Order
    fills: tuple[Fill, ...]
    prevented: tuple[Prevention, ...]


class MatchingEngine:
    """Takes and cancels orders. Price-time priority; a trade has the maker's price.

    Args:
        ids: numbers the changes of the book.
        order_ids: gives orders their ids; shared where two engines serve one symbol.
    """

    def __init__(self, ids: UpdateIds, order_ids: Iterator[int] | None = None) -> None:
        self.book = OrderBook(ids)
        self._order_ids = itertools.count(1) if order_ids is None else order_ids
        self._open: dict[str, dict[int, Order]] = {}
        self._named: dict[tuple[str, str], Order] = {}

    def submit(
        self,
        owner: str,
        side: int,
        qty: int,
        price: int | None = None,
        client_id: str = "",
        tif: TimeInForce = TimeInForce.GTC,
        post_only: bool = False,
        self_trade: SelfTrade = SelfTrade.ALLOW,
        iceberg: int = 0,
        order_id: int | None = None,
    ) -> Execution:
        """Match an order, and rest what is left of it where it may rest.

        Args:
            owner: whose it is.
            side: ``BUY`` or ``SELL``.
            qty: how much.
            price: its limit; ``None`` for a market order, which never rests.
            client_id: the owner's own name for it; unique among the owner's open orders.
            tif: what happens to the part that finds no maker at once.
            post_only: refuse it where it would trade at once.
            self_trade: what happens when it meets an order of its owner.
            iceberg: how much of it the book shows at a time; 0 for all.
            order_id: its id, from :meth:`new_id`; the next one by default.

        Raises:
            OrderRejected: it cannot be taken; ``reason`` says why.
        """
        self._check(owner, side, qty, price, client_id, tif, post_only)
        number = self.new_id() if order_id is None else order_id
        order = Order(number, owner, client_id, side, price, qty, tif, iceberg=iceberg)
        if tif is TimeInForce.FOK and not self._fillable(order, self_trade):
            order.status = Status.EXPIRED
            return Execution(order, (), ())
        fills, prevented = self._match(order, self_trade)
        if order.status is not Status.PREVENTED:
            if not order.remaining:
                order.status = Status.FILLED
            elif price is None or tif is not TimeInForce.GTC:
                order.status = Status.EXPIRED
            else:
                order.status = Status.PARTLY_FILLED if order.filled else Status.NEW
                self._rest(order, price)
        return Execution(order, tuple(fills), tuple(prevented))

    def cancel(self, owner: str, order_id: int) -> Order:
        """End an open order of this owner.

        Raises:
            UnknownOrder: the owner has no open order of this id.
        """
        order = self._open.get(owner, {}).get(order_id)
        if order is None:
            raise UnknownOrder(f"{owner} has no open order {order_id}")
        self._take_out(order, Status.CANCELLED)
        return order

    def amend(self, owner: str, order_id: int, qty: int) -> Order:
        """Make an open order smaller; it keeps its place in the queue.

        Args:
            owner: whose it is.
            order_id: which.
            qty: its new quantity, what was filled included; less than before and more than what is gone of it.

        Raises:
            UnknownOrder: the owner has no open order of this id.
            ValueError: the quantity is not within these limits.
        """
        order = self._open.get(owner, {}).get(order_id)
        if order is None:
            raise UnknownOrder(f"{owner} has no open order {order_id}")
        gone = order.qty - order.remaining
        if not gone < qty < order.qty:
            raise ValueError(f"qty must be above {gone} and below {order.qty}: {qty}")
        self.book.shrink(order, _resting_price(order), qty)
        return order

    def new_id(self) -> int:
        """An order id nobody has."""
        return next(self._order_ids)

    def open_orders(self, owner: str) -> Mapping[int, Order]:
        """An owner's open orders by id, oldest first."""
        return self._open.get(owner, {})

    def find(self, owner: str, client_id: str) -> Order | None:
        """The owner's open order of this name."""
        return self._named.get((owner, client_id))

    def has_others(self, owner: str) -> bool:
        """Whether somebody beside this owner has an open order."""
        return len(self._open) > (owner in self._open)

    def _check(
        self, owner: str, side: int, qty: int, price: int | None, client_id: str, tif: TimeInForce, post_only: bool
    ) -> None:
        if qty <= 0 or (price is not None and price <= 0):
            raise OrderRejected(Rejection.NOT_POSITIVE)
        if client_id and (owner, client_id) in self._named:
            raise OrderRejected(Rejection.DUPLICATE)
        if not post_only:
            return
        if price is None or tif is not TimeInForce.GTC:
            raise OrderRejected(Rejection.POST_ONLY)
        opposite = self.book.best(-side)
        if opposite is not None and price * side >= opposite * side:
            raise OrderRejected(Rejection.WOULD_TAKE)

    def _fillable(self, order: Order, self_trade: SelfTrade) -> bool:
        """Whether all of an order would be filled at once."""
        left = order.qty
        for _, queue in itertools.groupby(self.book.orders(-order.side), _resting_price):
            makers = list(queue)
            if not _crosses(order, makers[0]):
                break
            own = [maker.owner == order.owner and self_trade is not SelfTrade.ALLOW for maker in makers]
            if any(own) and self_trade is not SelfTrade.EXPIRE_MAKER:  # what is prevented is not filled
                before = makers[: own.index(True)]  # of these only what is shown: the rest queues behind one's own
                return sum(maker.shown for maker in before) >= left
            left -= sum(maker.remaining for maker, mine in zip(makers, own, strict=True) if not mine)
            if left <= 0:
                return True
        return False

    def _match(self, order: Order, self_trade: SelfTrade) -> tuple[list[Fill], list[Prevention]]:
        fills: list[Fill] = []
        prevented: list[Prevention] = []
        book = self.book
        best = book.best(-order.side)
        if best is None or (order.price is not None and best * order.side > order.price * order.side):
            return fills, prevented  # most orders of makers
        while order.remaining and (maker := book.first(-order.side)) is not None and _crosses(order, maker):
            if maker.owner != order.owner or self_trade is SelfTrade.ALLOW:
                fills.append(self._trade(order, maker))
                continue
            prevented.append(self._prevent(order, maker, self_trade, len(fills)))
            if order.status is Status.PREVENTED:
                break
        return fills, prevented

    def _prevent(self, order: Order, maker: Order, self_trade: SelfTrade, after: int) -> Prevention:
        price, maker_qty, taker_qty = _resting_price(maker), maker.remaining, order.remaining
        if self_trade is SelfTrade.DECREMENT:
            maker_qty = taker_qty = min(order.remaining, maker.shown)
            self.book.prevent(maker, price, maker_qty)
            if not maker.remaining:
                maker.status = Status.PREVENTED
                self._forget(maker)
        elif self_trade is SelfTrade.EXPIRE_TAKER:
            maker_qty = 0
        else:
            self._take_out(maker, Status.PREVENTED)
            maker.prevented += maker_qty
        if self_trade is SelfTrade.EXPIRE_MAKER:
            taker_qty = 0
        order.prevented += taker_qty
        if not order.remaining:
            order.status = Status.PREVENTED
        return Prevention(maker, order, price, maker_qty, taker_qty, after)

    def _trade(self, order: Order, maker: Order) -> Fill:
        price, qty = _resting_price(maker), min(order.remaining, maker.shown)
        order.filled += qty
        update_id = self.book.fill(maker, price, qty)
        if maker.remaining:
            maker.status = Status.PARTLY_FILLED
        else:
            maker.status = Status.FILLED
            self._forget(maker)
        return Fill(maker, order, price, qty, update_id)

    def _rest(self, order: Order, price: int) -> None:
        if order.iceberg:
            order.hidden = max(0, order.remaining - order.iceberg)
        self.book.add(order, price)
        self._open.setdefault(order.owner, {})[order.id] = order
        if order.client_id:
            self._named[order.owner, order.client_id] = order

    def _take_out(self, order: Order, status: Status) -> None:
        self.book.remove(order, _resting_price(order))
        order.status = status
        self._forget(order)

    def _forget(self, order: Order) -> None:
        orders = self._open[order.owner]
        del orders[order.id]
        if not orders:
            del self._open[order.owner]
        if order.client_id:
            del self._named[order.owner, order.client_id]


def _crosses(taker: Order, maker: Order) -> bool:
    return taker.price is None or _resting_price(maker) * taker.side <= taker.price * taker.side


def _resting_price(order: Order) -> int:
    if order.price is None:
        raise AssertionError("a market order never rests")
    return order.price
