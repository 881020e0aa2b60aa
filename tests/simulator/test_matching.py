"""The matching engine and its order book, against a naive one; and what the crowd may not do."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.helpers import START

from binance_sockets.simulator.binance.products import instrument
from binance_sockets.simulator.market.book import BUY, SELL, DepthTracker, Order, Status, TimeInForce, UpdateIds
from binance_sockets.simulator.market.crowd import CROWD
from binance_sockets.simulator.market.market import Market, Step
from binance_sockets.simulator.market.matching import (
    MatchingEngine,
    OrderRejected,
    Rejection,
    SelfTrade,
    UnknownOrder,
)

GTC, IOC, FOK = TimeInForce
OWNERS = ("ann", "bob", "cy")
SIDES = st.sampled_from([BUY, SELL])
ACTIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("submit"),
            st.sampled_from(OWNERS),
            SIDES,
            st.integers(1, 12),
            st.one_of(st.none(), st.integers(1, 30)),
            st.sampled_from(list(TimeInForce)),
            st.booleans(),
            st.sampled_from(list(SelfTrade)),
        ),
        st.tuples(st.just("cancel"), st.sampled_from(OWNERS), st.integers(0, 200)),
        st.tuples(st.just("publish")),
    ),
    max_size=60,
)


class Naive:
    """Resting orders as a plain list of ``[id, owner, side, price, open]``, searched anew for everything."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []

    def makers(self, side: int, price: int | None) -> list[list[Any]]:
        """What a taker of ``side`` may meet, in price-time order."""
        rows = [row for row in self.rows if row[2] == -side and (price is None or row[3] * side <= price * side)]
        return sorted(rows, key=lambda row: (row[3] * side, row[0]))

    def best(self, side: int) -> int | None:
        prices = [row[3] * side for row in self.rows if row[2] == side]
        return max(prices) * side if prices else None

    def levels(self, side: int) -> list[tuple[int, int]]:
        prices = {row[3] for row in self.rows if row[2] == side}
        return [
            (price, sum(row[4] for row in self.rows if row[2:4] == [side, price]))
            for price in sorted(prices, reverse=side == BUY)
        ]

    def submit(
        self, number: int, owner: str, side: int, qty: int, price: int | None, tif: TimeInForce, mode: SelfTrade
    ) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]], int, bool]:
        """Fills (maker, price, quantity), preventions (maker, its loss, the taker's loss), what is left, whether
        prevention ended it."""
        saved = [row.copy() for row in self.rows]
        fills, prevented, ended = [], [], False
        left = qty
        for row in self.makers(side, price):
            if not left:
                break
            if row[1] == owner and mode is not SelfTrade.ALLOW:
                both = min(left, row[4])
                lost, given_up = {
                    SelfTrade.EXPIRE_TAKER: (0, left),
                    SelfTrade.EXPIRE_MAKER: (row[4], 0),
                    SelfTrade.EXPIRE_BOTH: (row[4], left),
                    SelfTrade.DECREMENT: (both, both),
                }[mode]
                prevented.append((row[0], lost, given_up))
                row[4] -= lost
                left -= given_up
                ended = not left
                continue
            filled = min(left, row[4])
            fills.append((row[0], row[3], filled))
            row[4] -= filled
            left -= filled
        if tif is FOK and sum(fill[2] for fill in fills) < qty:
            self.rows = saved
            return [], [], qty, False
        self.rows = [row for row in self.rows if row[4]]
        if left and not ended and price is not None and tif is GTC:
            self.rows.append([number, owner, side, price, left])
        return fills, prevented, left, ended


@given(ACTIONS, st.integers(1, 7))
@settings(max_examples=300)
def test_the_engine_agrees_with_a_naive_one_and_with_its_diffs(actions: list[Any], stride: int) -> None:
    """Any orders of any owners give the fills, ends and levels of a naive engine, and the diffs rebuild the book."""
    engine, naive = MatchingEngine(UpdateIds(100, lambda: stride)), Naive()
    book, tracker = engine.book, DepthTracker(engine.book)
    rebuilt: dict[int, dict[int, int]] = {BUY: {}, SELL: {}}
    previous, number = 100, 0
    orders: list[Order] = []
    for action, *rest in [*actions, ("publish",)]:
        if action == "submit":
            owner, side, qty, price, tif, post_only, mode = rest
            kwargs = {"tif": tif, "post_only": post_only, "self_trade": mode}
            takes = bool(naive.makers(side, price))
            if post_only and (price is None or tif is not GTC or takes):
                with pytest.raises(OrderRejected) as caught:
                    engine.submit(owner, side, qty, price, **kwargs)
                plain = price is None or tif is not GTC
                assert caught.value.reason is (Rejection.POST_ONLY if plain else Rejection.WOULD_TAKE)
                continue
            number += 1
            fills, prevented, left, ended = naive.submit(number, owner, side, qty, price, tif, mode)
            order, made, gone = engine.submit(owner, side, qty, price, **kwargs)
            orders.append(order)
            assert order.id == number
            assert [(fill.maker.id, fill.price, fill.qty) for fill in made] == fills
            assert [(row.maker.id, row.maker_qty, row.taker_qty) for row in gone] == prevented
            assert all(fill.taker is order and fill.maker.side == -side for fill in made)
            assert order.remaining == left
            assert qty == left + order.filled + order.prevented
            rests = left and not ended and price is not None and tif is GTC
            wanted = Status.PREVENTED if ended else Status.FILLED if not left else Status.EXPIRED if not rests else None
            assert order.status is (wanted or (Status.PARTLY_FILLED if fills else Status.NEW))
        elif action == "cancel" and orders:
            owner, index = rest
            order = orders[index % len(orders)]
            if order.is_open and order.owner == owner:
                assert engine.cancel(owner, order.id).status is Status.CANCELLED
                naive.rows = [row for row in naive.rows if row[0] != order.id]
            else:
                with pytest.raises(UnknownOrder):
                    engine.cancel(owner, order.id)
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
        assert {order.id for order in orders if order.is_open} == {row[0] for row in naive.rows}
        for owner in OWNERS:
            assert list(engine.open_orders(owner)) == [row[0] for row in sorted(naive.rows) if row[1] == owner]
    assert sorted(rebuilt[BUY].items(), reverse=True) == book.levels(BUY, 1000)
    assert sorted(rebuilt[SELL].items()) == book.levels(SELL, 1000)


def test_a_limit_stops_a_taker() -> None:
    """A taker order does not pay worse than its limit; each trade has its maker's price."""
    engine = MatchingEngine(UpdateIds(0))
    for price in (10, 11, 12):
        engine.submit("ann", SELL, 1, price)
    assert [fill.price for fill in engine.submit("bob", BUY, 9, 11, tif=IOC).fills] == [10, 11]


@pytest.mark.parametrize(("price", "qty"), [(0, 1), (-3, 1), (1, 0), (None, 0)])
def test_orders_must_be_positive(price: int | None, qty: int) -> None:
    """Zero and negative prices and quantities are refused, and change nothing."""
    engine = MatchingEngine(UpdateIds(0))
    with pytest.raises(OrderRejected, match="positive") as caught:
        engine.submit("ann", BUY, qty, price)
    assert caught.value.reason is Rejection.NOT_POSITIVE
    assert not engine.has_others("")


def test_client_order_ids_are_unique_among_the_open_orders_of_an_owner() -> None:
    """A name in use is refused; it is free again once its order has ended, and other owners may use it."""
    engine = MatchingEngine(UpdateIds(0))
    first = engine.submit("ann", BUY, 5, 10, client_id="a").order
    engine.submit("bob", BUY, 5, 10, client_id="a")
    with pytest.raises(OrderRejected) as caught:
        engine.submit("ann", BUY, 5, 9, client_id="a")
    assert caught.value.reason is Rejection.DUPLICATE
    assert engine.find("ann", "a") is first
    engine.submit("cy", SELL, 5, 10)
    assert first.status is Status.FILLED
    assert engine.find("ann", "a") is None
    assert engine.submit("ann", BUY, 5, 9, client_id="a").order.status is Status.NEW


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("rest"), st.integers(1, 9), st.integers(0, 4)),
            st.tuples(st.just("take"), st.integers(1, 15), st.just(0)),
            st.tuples(st.just("amend"), st.integers(0, 9), st.integers(1, 9)),
        ),
        max_size=30,
    )
)
@settings(max_examples=200)
def test_icebergs_show_a_part_and_queue_anew_and_amended_orders_keep_their_place(actions: list[Any]) -> None:
    """One price level as a plain list of ``[id, shown, hidden, part]`` behaves as the engine does."""
    engine, queue = MatchingEngine(UpdateIds(0)), list[list[int]]()
    orders: dict[int, Order] = {}
    for action, first, second in actions:
        if action == "rest":
            order = engine.submit("ann", SELL, first, 10, iceberg=second).order
            orders[order.id] = order
            shown = min(first, second) if second else first
            queue.append([order.id, shown, first - shown, second])
        elif action == "take":
            made, left = [], first
            while left and queue:
                row = queue[0]
                qty = min(left, row[1])
                made.append((row[0], qty))
                left, row[1] = left - qty, row[1] - qty
                if not row[1]:
                    queue.pop(0)
                    if row[2]:
                        part = min(row[2], row[3])
                        queue.append([row[0], part, row[2] - part, row[3]])
            execution = engine.submit("bob", BUY, first, 10, tif=IOC)
            assert [(fill.maker.id, fill.qty) for fill in execution.fills] == made
        elif queue:
            row = queue[first % len(queue)]
            order, left = orders[row[0]], row[1] + row[2]
            if second < left:
                engine.amend("ann", order.id, order.filled + second)
                row[1], row[2] = min(row[1], second), max(0, second - row[1])
            else:
                with pytest.raises(ValueError, match="must be above"):
                    engine.amend("ann", order.id, order.filled + second)
        assert engine.book.levels(SELL, 5) == ([(10, sum(row[1] for row in queue))] if queue else [])
        assert [order.id for order in engine.book.orders(SELL)] == [row[0] for row in queue]
    with pytest.raises(UnknownOrder):
        engine.amend("bob", 1, 1)


def test_only_the_owner_can_cancel() -> None:
    """An order of somebody else, a finished one and one that never was are all unknown."""
    engine = MatchingEngine(UpdateIds(0))
    order = engine.submit("ann", BUY, 5, 10).order
    for owner, number in (("bob", order.id), ("ann", order.id + 1)):
        with pytest.raises(UnknownOrder):
            engine.cancel(owner, number)
    assert engine.cancel("ann", order.id) is order
    with pytest.raises(UnknownOrder):
        engine.cancel("ann", order.id)
    assert engine.book.depth(BUY) == 0


# a market with guests


def guest_order(market: Market[Any], rng: random.Random, owner: str, number: int) -> Order:
    """An order of a guest somewhere around the touch, at times a large or a crossing one."""
    side = rng.choice((BUY, SELL))
    away = rng.randint(-6, 30) * market.prices.spacing
    price = max(1, market.prices.fair - side * away)
    qty = rng.randint(1, market.instrument.typical_qty * rng.choice((1, 1, 20)))
    execution = market.submit(owner, side, qty, price, client_id=f"{owner}-{number}")
    return execution.order


@given(
    seed=st.integers(0, 10_000),
    symbol=st.sampled_from([("spot", "BTCUSDT"), ("usdm", "ETHUSDT"), ("options", "BTC-261225-90000-C")]),
)
@settings(max_examples=25)
def test_the_crowd_touches_no_order_that_is_not_its_own(seed: int, symbol: tuple[str, str]) -> None:
    """Orders of others are reduced by fills only; they keep their place, and every quantity is accounted for."""
    rng, market = random.Random(seed), Market(instrument(*symbol), seed, START)
    guests: list[Order] = []
    filled: dict[int, int] = {}
    for number in range(250):
        if rng.random() < 0.15:
            order = guest_order(market, rng, rng.choice(OWNERS), number)
            guests.append(order)
            filled[order.id] = 0
        seen = market.last_trade().id
        queues = {(side, price): [row.id for row in rows] for side, price, rows in _queues(market)}
        step = market.step()
        assert [trade.id for trade in step.trades] == list(range(seen + 1, seen + 1 + len(step.trades)))
        for trade in step.trades:
            assert CROWD in (trade.maker, trade.taker)
            if trade.maker_order in filled:
                filled[trade.maker_order] += trade.qty
                queue = queues[BUY if trade.buyer_maker else SELL, trade.price]
                ahead = set(queue[: queue.index(trade.maker_order)])
                still = {row.id for _, _, rows in _queues(market) for row in rows}
                assert not ahead & still, "an order behind was filled before one ahead of it"
        resting = {row.id: row for _, _, rows in _queues(market) for row in rows}
        for order in guests:
            taken_at_once = order.filled - filled[order.id]
            assert order.qty == order.filled + order.remaining
            assert taken_at_once >= 0
            if order.remaining:
                assert order.is_open
                assert resting[order.id] is order
            else:
                assert order.status is Status.FILLED
                assert order.id not in resting
        bid, ask = market.best(BUY)[0], market.best(SELL)[0]
        assert not (bid and ask) or bid < ask
        for side in (BUY, SELL):
            totals: dict[int, int] = {}
            for row in market.book.orders(side):
                totals[row.price or 0] = totals.get(row.price or 0, 0) + row.remaining
            assert list(totals.items()) == market.book.levels(side, 10_000)


def _queues(market: Market[Any]) -> list[tuple[int, int, list[Order]]]:
    found: dict[tuple[int, int], list[Order]] = {}
    for side in (BUY, SELL):
        for order in market.book.orders(side):
            found.setdefault((side, order.price or 0), []).append(order)
    return [(side, price, rows) for (side, price), rows in found.items()]


def test_guests_get_filled_by_the_crowd_and_know_by_whom() -> None:
    """An order at the touch is filled by the crowd, and the trades name both orders and both owners."""
    market = Market(instrument("spot", "BTCUSDT"), 4, START)
    order = market.submit("ann", BUY, 3, market.best(BUY)[0] + 1, client_id="mine").order
    assert market.has_guests
    assert market.find_order("ann", "mine") is order
    mine = []
    while order.is_open:
        mine += [trade for trade in market.step().trades if trade.maker == "ann"]
    assert sum(trade.qty for trade in mine) == 3
    assert {(trade.maker_order, trade.taker, trade.buyer_maker) for trade in mine} == {(order.id, CROWD, True)}
    assert not market.has_guests


def test_an_absurd_guest_does_not_stop_the_market() -> None:
    """A huge order at one tick takes every bid and leaves no room for new ones; the crowd goes on."""
    market = Market(instrument("spot", "BTCUSDT"), 4, START)
    order = market.submit("ann", SELL, 10**12, 1).order
    for _ in range(300):
        market.step()
    assert order.is_open
    assert market.best(SELL)[0] == 1
    market.cancel("ann", order.id)
    for _ in range(300):
        market.step()
    assert 0 < market.best(BUY)[0] < market.best(SELL)[0]


@pytest.mark.parametrize(
    ("act", "trades"),
    [
        (lambda market: market.submit("ann", BUY, 1), 1),
        (lambda market: market.submit("ann", BUY, 1, 1), 0),
        (lambda market: market.liquidate("ann", SELL, 1, 1), 1),
        (lambda market: market.block_trade(5, 7, buyer_maker=True), 0),
    ],
)
def test_every_action_is_told_once_and_when_it_is_complete(act: Callable[[Market[Any]], object], trades: int) -> None:
    """The observer hears of the crowd's and of other actions alike, one step each."""
    told: list[Step] = []
    market = Market(instrument("usdm", "BTCUSDT"), 4, START, lambda market, step: told.append(step))
    assert told == []
    act(market)
    assert [len(step.trades) for step in told] == [trades]
    market.step()
    assert len(told) == 2
