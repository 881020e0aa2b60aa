"""Orders that rest, in price-time priority, and the trackers that turn a book's changes into depth updates."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

__all__ = ["BUY", "SELL", "DepthTracker", "Diff", "Levels", "Order", "OrderBook", "Status", "TimeInForce", "UpdateIds"]

BUY, SELL = 1, -1
Levels = list[tuple[int, int]]


class TimeInForce(Enum):
    """How long an order may wait for makers."""

    #: until it is filled or cancelled
    GTC = "GTC"
    #: not at all: what is not filled at once expires
    IOC = "IOC"
    #: all at once or nothing
    FOK = "FOK"


class Status(Enum):
    """What has become of an order. The first two are open."""

    NEW = "new"
    PARTLY_FILLED = "partly filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    #: its time in force, or an empty book, has ended it
    EXPIRED = "expired"
    #: ended by self-trade prevention
    PREVENTED = "prevented"


@dataclass(slots=True, eq=False)
class Order:
    """One order of one owner. The engine changes it; others only read.

    Args:
        id: given by the engine, rising in order of arrival.
        owner: whose it is.
        client_id: the owner's own name for it, "" for none.
        side: ``BUY`` or ``SELL``.
        price: limit in steps of the instrument's tick; ``None`` for a market order.
        qty: in steps of the instrument's lot.
        tif: its time in force.
        filled: how much of it has been traded.
        status: what has become of it.
        iceberg: how much of it the book shows at a time; 0 for all.
        prevented: how much of it self-trade prevention has ended.
        hidden: how much of what is left the book does not show.
    """

    id: int
    owner: str
    client_id: str
    side: int
    price: int | None
    qty: int
    tif: TimeInForce
    filled: int = 0
    status: Status = Status.NEW
    iceberg: int = 0
    prevented: int = 0
    hidden: int = 0

    @property
    def remaining(self) -> int:
        """What can still be traded."""
        return self.qty - self.filled - self.prevented

    @property
    def shown(self) -> int:
        """What the book shows of it while it rests."""
        return self.remaining - self.hidden

    @property
    def is_open(self) -> bool:
        """Whether it can still be filled."""
        return self.status in (Status.NEW, Status.PARTLY_FILLED)


class Diff(NamedTuple):
    """The levels that changed since the diff before, with their absolute quantities."""

    first_id: int
    last_id: int
    previous_id: int
    bids: Levels
    asks: Levels


class UpdateIds:
    """Update ids, always rising; by how much is the venue's affair."""

    def __init__(self, start: int, stride: Callable[[], int] = lambda: 1) -> None:
        self.last = start
        self._stride = stride

    def next(self) -> int:
        self.last += self._stride()
        return self.last


class _Side:
    """One side of a book. ``keys`` is sorted so that the best price stands last."""

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        self.queues: dict[int, dict[int, Order]] = {}  # price -> order id -> order, oldest first
        self.totals: dict[int, int] = {}

    def best(self) -> int | None:
        return self.keys[-1] * self.sign if self.keys else None

    def add(self, price: int, order: Order) -> None:
        if price not in self.queues:
            insort(self.keys, price * self.sign)
            self.queues[price], self.totals[price] = {}, 0
        self.queues[price][order.id] = order
        self.totals[price] += order.shown

    def reduce(self, price: int, order_id: int, qty: int, *, gone: bool) -> None:
        queue = self.queues[price]
        self.totals[price] -= qty
        if gone:
            del queue[order_id]
        if not queue:
            del self.queues[price], self.totals[price]
            del self.keys[bisect_left(self.keys, price * self.sign)]

    def top(self) -> tuple[int, int]:
        """Best price and its quantity; zeros where the side is empty."""
        if not self.keys:
            return 0, 0
        price = self.keys[-1] * self.sign
        return price, self.totals[price]

    def levels(self, limit: int) -> Levels:
        prices = [key * self.sign for key in reversed(self.keys[-limit:])]
        return [(price, self.totals[price]) for price in prices]


class OrderBook:
    """Resting orders of one symbol. Prices and quantities are whole numbers above zero.

    It keeps order and counts; who may trade with whom is decided by
    :class:`~binance_sockets.simulator.market.matching.MatchingEngine`.
    """

    def __init__(self, ids: UpdateIds) -> None:
        self.ids = ids
        self.last_id = ids.last  # of this book's last change; the ids may be shared with another book
        self.trackers: list[DepthTracker] = []
        self._bids, self._asks = _Side(BUY), _Side(SELL)
        self._sides = {BUY: self._bids, SELL: self._asks}

    def best(self, side: int) -> int | None:
        """Best price of a side, ``None`` where it is empty."""
        return self._sides[side].best()

    def top(self, side: int) -> tuple[int, int]:
        """Best price and its quantity; zeros where the side is empty."""
        return self._sides[side].top()

    def touch(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Both sides' best price and quantity, as :meth:`top` has them."""
        return self._bids.top(), self._asks.top()

    def quantity(self, side: int, price: int) -> int:
        """Open quantity at a price."""
        return self._sides[side].totals.get(price, 0)

    def depth(self, side: int) -> int:
        """Number of price levels of a side."""
        return len(self._sides[side].keys)

    def levels(self, side: int, limit: int) -> Levels:
        """The best ``limit`` levels, best first."""
        return self._sides[side].levels(limit)

    def shows(self, side: int, price: int, count: int | None) -> bool:
        """Whether a price is not behind the best ``count`` levels of a side; ``None`` for all levels."""
        keys = self._sides[side].keys
        return count is None or len(keys) < count or price * side >= keys[-count]

    def first(self, side: int) -> Order | None:
        """The order of a side that is filled next."""
        makers = self._sides[side]
        price = makers.best()
        return None if price is None else next(iter(makers.queues[price].values()))

    def orders(self, side: int) -> Iterator[Order]:
        """The orders of a side in the sequence in which they would be filled."""
        makers = self._sides[side]
        for key in reversed(makers.keys):
            yield from makers.queues[key * side].values()

    # written by the engine

    def add(self, order: Order, price: int) -> int:
        """Rest an order behind all others of its price; returns the update id."""
        self._sides[order.side].add(price, order)
        return self._changed(order.side, price)

    def fill(self, maker: Order, price: int, qty: int) -> int:
        """Trade ``qty`` of what is shown of a resting order; returns the update id."""
        maker.filled += qty
        return self._take(maker, price, qty)

    def prevent(self, maker: Order, price: int, qty: int) -> int:
        """End ``qty`` of what is shown of a resting order, without a trade; returns the update id."""
        maker.prevented += qty
        return self._take(maker, price, qty)

    def remove(self, order: Order, price: int) -> int:
        """Take an order out; returns the update id."""
        self._sides[order.side].reduce(price, order.id, order.shown, gone=True)
        return self._changed(order.side, price)

    def shrink(self, order: Order, price: int, qty: int) -> None:
        """Make an order smaller where it stands; what was shown of it stays shown as far as it is left."""
        shown = order.shown
        order.qty = qty
        order.hidden = max(0, order.remaining - shown)
        if order.shown < shown:
            self._sides[order.side].reduce(price, order.id, shown - order.shown, gone=False)
            self._changed(order.side, price)

    def _take(self, maker: Order, price: int, qty: int) -> int:
        self._sides[maker.side].reduce(price, maker.id, qty, gone=not maker.shown)
        update_id = self._changed(maker.side, price)
        if maker.hidden and not maker.shown:  # the next part queues behind all others
            maker.hidden -= min(maker.hidden, maker.iceberg)
            self.add(maker, price)
        return update_id

    def _changed(self, side: int, price: int) -> int:
        update_id = self.last_id = self.ids.next()
        for tracker in self.trackers:
            tracker.note(side, price, update_id)
        return update_id


class DepthTracker:
    """Collects the levels of one or more books that change between two diffs; quantities of several books add up.

    Args:
        books: are watched.
        told: of how many levels per side the diffs tell. What changes behind them is never told, not even when it
            comes near later. ``None`` for all.
    """

    def __init__(self, *books: OrderBook, told: int | None = None) -> None:
        self._books = books
        self._told = told
        self._previous = max(book.last_id for book in books)
        self._first: int | None = None
        self._prices: dict[int, set[int]] = {BUY: set(), SELL: set()}
        for book in books:
            book.trackers.append(self)

    def close(self) -> None:
        """Stop listening."""
        for book in self._books:
            book.trackers.remove(self)

    def note(self, side: int, price: int, update_id: int) -> None:
        """Called by a book for every change."""
        if self._first is None:
            self._first = update_id
        self._last = update_id
        self._prices[side].add(price)

    def drain(self) -> Diff | None:
        """What changed since the last call; ``None`` when nothing did."""
        if self._first is None:
            return None
        diff = Diff(self._first, self._last, self._previous, self._changes(BUY), self._changes(SELL))
        self._previous, self._first = self._last, None
        return diff

    def _changes(self, side: int) -> Levels:
        prices = sorted(self._prices[side], reverse=side == BUY)
        self._prices[side].clear()
        if self._told is not None:
            prices = [price for price in prices if any(book.shows(side, price, self._told) for book in self._books)]
        return [(price, sum(book.quantity(side, price) for book in self._books)) for price in prices]
