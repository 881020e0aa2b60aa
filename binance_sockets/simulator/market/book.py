"""An order book with price-time priority, and the trackers that turn its changes into depth updates."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["BUY", "SELL", "Book", "DepthTracker", "Diff", "Fill", "Levels", "UpdateIds"]

BUY, SELL = 1, -1
Levels = list[tuple[int, int]]


class Fill(NamedTuple):
    """A part of a taker order, filled by one maker order."""

    price: int
    qty: int
    update_id: int


class Diff(NamedTuple):
    """The levels that changed since the diff before, with their absolute quantities."""

    first_id: int
    last_id: int
    previous_id: int
    bids: Levels
    asks: Levels


class UpdateIds:
    """Update ids, always rising: by one on spot, by more on futures."""

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
        self.queues: dict[int, dict[int, int]] = {}  # price -> order id -> open quantity, oldest first
        self.totals: dict[int, int] = {}

    def best(self) -> int | None:
        return self.keys[-1] * self.sign if self.keys else None

    def add(self, price: int, order_id: int, qty: int) -> None:
        if price not in self.queues:
            insort(self.keys, price * self.sign)
            self.queues[price], self.totals[price] = {}, 0
        self.queues[price][order_id] = qty
        self.totals[price] += qty

    def reduce(self, price: int, order_id: int, qty: int) -> None:
        queue = self.queues[price]
        queue[order_id] -= qty
        self.totals[price] -= qty
        if not queue[order_id]:
            del queue[order_id]
        if not queue:
            del self.queues[price], self.totals[price]
            del self.keys[bisect_left(self.keys, price * self.sign)]

    def levels(self, limit: int) -> Levels:
        prices = [key * self.sign for key in reversed(self.keys[-limit:])]
        return [(price, self.totals[price]) for price in prices]


class Book:
    """Buy and sell orders of one symbol. Prices and quantities are whole numbers above zero."""

    def __init__(self, ids: UpdateIds) -> None:
        self.ids = ids
        self.last_id = ids.last  # of this book's last change; the ids may be shared with another book
        self.trackers: list[DepthTracker] = []
        self._sides = {BUY: _Side(BUY), SELL: _Side(SELL)}
        self._orders: dict[int, tuple[int, int]] = {}  # order id -> side, price
        self._next_order = 1

    @property
    def orders(self) -> dict[int, tuple[int, int]]:
        """Open orders: id to (side, price), oldest first."""
        return self._orders

    def best(self, side: int) -> int | None:
        """Best price of a side, ``None`` where it is empty."""
        return self._sides[side].best()

    def quantity(self, side: int, price: int) -> int:
        """Open quantity at a price."""
        return self._sides[side].totals.get(price, 0)

    def depth(self, side: int) -> int:
        """Number of price levels of a side."""
        return len(self._sides[side].keys)

    def levels(self, side: int, limit: int) -> Levels:
        """The best ``limit`` levels, best first."""
        return self._sides[side].levels(limit)

    def add(self, side: int, price: int, qty: int) -> int:
        """Rest an order and return its id.

        Raises:
            ValueError: it would cross the book, or is not positive.
        """
        opposite = self.best(-side)
        if price <= 0 or qty <= 0:
            raise ValueError(f"price and quantity must be positive: {price}, {qty}")
        if opposite is not None and price * side >= opposite * side:
            raise ValueError(f"order at {price} crosses {opposite}")
        order_id = self._next_order
        self._next_order += 1
        self._orders[order_id] = (side, price)
        self._sides[side].add(price, order_id, qty)
        self._changed(side, price)
        return order_id

    def cancel(self, order_id: int) -> None:
        """Take an open order out."""
        side, price = self._orders.pop(order_id)
        self._sides[side].reduce(price, order_id, self._sides[side].queues[price][order_id])
        self._changed(side, price)

    def take(self, side: int, qty: int, limit: int | None = None) -> list[Fill]:
        """Cross the book with a taker order of ``side``; what finds no maker is dropped.

        Args:
            side: BUY takes asks, SELL takes bids.
            qty: how much.
            limit: worst price to accept.

        Returns:
            The fills, in price-time order.
        """
        makers = self._sides[-side]
        fills: list[Fill] = []
        while qty and (price := makers.best()) is not None:
            if limit is not None and price * side > limit * side:
                break
            order_id, rest = next(iter(makers.queues[price].items()))
            filled = min(qty, rest)
            makers.reduce(price, order_id, filled)
            if filled == rest:
                del self._orders[order_id]
            qty -= filled
            fills.append(Fill(price, filled, self._changed(-side, price)))
        return fills

    def _changed(self, side: int, price: int) -> int:
        update_id = self.last_id = self.ids.next()
        for tracker in self.trackers:
            tracker.note(side, price, update_id)
        return update_id


class DepthTracker:
    """Collects the levels of one or more books that change between two diffs; quantities of several books add up."""

    def __init__(self, *books: Book) -> None:
        self._books = books
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
        return [(price, sum(book.quantity(side, price) for book in self._books)) for price in prices]
