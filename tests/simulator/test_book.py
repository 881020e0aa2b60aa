"""The order book and its depth updates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.simulator.market.book import BUY, SELL, Book, DepthTracker, UpdateIds

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from([BUY, SELL]), st.integers(1, 30), st.integers(1, 9)),
        st.tuples(st.just("take"), st.sampled_from([BUY, SELL]), st.integers(1, 40), st.integers(1, 30)),
        st.tuples(st.just("cancel"), st.integers(0, 200), st.just(0), st.just(0)),
        st.tuples(st.just("publish"), st.just(0), st.just(0), st.just(0)),
    ),
    max_size=60,
)


class Naive:
    """A book as a plain list of orders, searched anew for everything."""

    def __init__(self) -> None:
        self.orders: list[list[int]] = []  # id, side, price, qty

    def best(self, side: int) -> int | None:
        prices = [price * side for _, row_side, price, _ in self.orders if row_side == side]
        return max(prices) * side if prices else None

    def levels(self, side: int) -> list[tuple[int, int]]:
        prices = {price for _, row_side, price, _ in self.orders if row_side == side}
        return [
            (price, sum(row[3] for row in self.orders if row[1] == side and row[2] == price))
            for price in sorted(prices, reverse=side == BUY)
        ]

    def take(self, side: int, qty: int) -> list[tuple[int, int]]:
        fills = []
        for row in sorted((r for r in self.orders if r[1] == -side), key=lambda row: (row[2] * side, row[0])):
            filled = min(qty, row[3])
            if filled:
                fills.append((row[2], filled))
                row[3] -= filled
                qty -= filled
        self.orders = [row for row in self.orders if row[3]]
        return fills


@given(ACTIONS, st.integers(1, 7))
def test_the_book_agrees_with_a_naive_one_and_with_its_diffs(actions: list[tuple], stride: int) -> None:
    """Any actions leave the same levels and fills as a naive book, and the diffs rebuild it exactly."""
    book, naive = Book(UpdateIds(100, lambda: stride)), Naive()
    tracker = DepthTracker(book)
    rebuilt: dict[int, dict[int, int]] = {BUY: {}, SELL: {}}
    previous = 100
    for action, first, second, third in [*actions, ("publish", 0, 0, 0)]:
        if action == "add":
            opposite = naive.best(-first)
            if opposite is not None and second * first >= opposite * first:
                with pytest.raises(ValueError, match="crosses"):
                    book.add(first, second, third)
            else:
                naive.orders.append([book.add(first, second, third), first, second, third])
        elif action == "take":
            fills = book.take(first, third)
            assert [(fill.price, fill.qty) for fill in fills] == naive.take(first, third)
        elif action == "cancel" and book.orders:
            order_id = list(book.orders)[first % len(book.orders)]
            book.cancel(order_id)
            naive.orders = [row for row in naive.orders if row[0] != order_id]
        elif action == "publish":
            diff = tracker.drain()
            if diff is not None:
                assert previous < diff.first_id <= diff.last_id == book.ids.last
                assert diff.previous_id == previous
                previous = diff.last_id
                for side, changes in ((BUY, diff.bids), (SELL, diff.asks)):
                    rebuilt[side].update(changes)
                    rebuilt[side] = {price: qty for price, qty in rebuilt[side].items() if qty}
        for side in (BUY, SELL):
            assert book.levels(side, 1000) == naive.levels(side)
            assert book.best(side) == naive.best(side)
    assert sorted(rebuilt[BUY].items(), reverse=True) == book.levels(BUY, 1000)
    assert sorted(rebuilt[SELL].items()) == book.levels(SELL, 1000)


def test_a_limit_stops_a_taker() -> None:
    """A taker order does not pay worse than its limit."""
    book = Book(UpdateIds(0))
    for price in (10, 11, 12):
        book.add(SELL, price, 1)
    assert [fill.price for fill in book.take(BUY, 9, limit=11)] == [10, 11]


@pytest.mark.parametrize(("price", "qty"), [(0, 1), (-3, 1), (1, 0)])
def test_orders_must_be_positive(price: int, qty: int) -> None:
    """Prices and quantities that are not positive are refused."""
    with pytest.raises(ValueError, match="positive"):
        Book(UpdateIds(0)).add(BUY, price, qty)
