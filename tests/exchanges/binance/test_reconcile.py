"""What REST and the stream tell together: each fill once, nothing twice, whatever was lost, late or asked again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from exchanges.binance.account_book import BOOKS, Account, AccountBook, Reader
from hypothesis import given, settings
from hypothesis import strategies as st

from binance_sockets.exchange import View
from binance_sockets.exchanges.binance.reconciling import told as told_module
from binance_sockets.exchanges.binance.reconciling.accounts import source_of
from binance_sockets.exchanges.binance.reconciling.reconciler import Reconciler
from binance_sockets.exchanges.binance.user_products import USER_PRODUCTS

NAMES = sorted(BOOKS)


class Bench:
    """An account, what its stream has sent, and a reconciler between both and a reader."""

    def __init__(self, name: str, page: int = 100) -> None:
        self.account = Account()
        self.book: AccountBook = BOOKS[name](self.account)
        self.reader = Reader(self.book)
        source = source_of(name)
        assert source is not None
        source = replace(source, orders_page=page, fills_page=page)
        kind = USER_PRODUCTS[name].events
        self.reconciler = Reconciler(
            self.reader, View.DICT, kind, source, self.book, wrapped=False, automatic=False
        )  # fmt: skip
        self.waiting: list[dict[str, Any]] = []

    def happens(self, fate: str, *events: dict[str, Any]) -> None:
        """Events of the exchange: they come, are lost, or wait on their way."""
        if fate == "comes":
            self.arrive()
            for event in events:
                self.reconciler(event)
        elif fate == "waits":
            self.waiting += events

    def arrive(self) -> None:
        """What waits arrives, in order."""
        waiting, self.waiting = self.waiting, []
        for event in waiting:
            self.reconciler(event)

    def ask(self, since: int) -> Any:
        """What REST says now."""
        now = self.account.now / 1000
        return self.reconciler.fetch(self.reconciler.question(now, since / 1000, ["BTCUSDT", "ETHUSDT"]))

    def reconcile(self, since: int = 0) -> list[dict[str, Any]]:
        """Ask and tell; returns what was told."""
        events = self.reconciler.differences(self.ask(since))
        for event in events:
            self.reconciler(event)
        return events


def kinds(bench: Bench, events: list[dict[str, Any]]) -> list[tuple[str, str, str, int]]:
    """Kind, state, filled so far and number of the trade, of events about orders."""
    steps = [bench.book.step(event) for event in events if bench.book.is_order(event)]
    return [(step["x"], step["X"], step["z"], max(step["t"], 0)) for step in steps]


@pytest.mark.parametrize("name", NAMES)
def test_an_earlier_look_counts_no_fill_again(name: str) -> None:
    """An order that REST told with what was filled long ago is not filled more by looking further back."""
    bench = Bench(name)
    bench.account.place(4)
    bench.account.fill(1, 1)
    bench.account.now += 60_000
    first = bench.reconcile(since=bench.account.now - 1000)
    assert kinds(bench, first) == [("NEW", "NEW", "0", 0), ("TRADE", "PARTIALLY_FILLED", "1", 1)]
    assert bench.reconcile(since=0) == []
    bench.happens("comes", *bench.book.events("TRADE", bench.account.fill(1, 3)), bench.book.holdings())
    assert bench.reconcile(since=0) == []
    assert bench.reader.faults() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_fill_before_one_that_was_streamed_is_told_without_counting_it_again(name: str) -> None:
    """The stream's later fill has told of both in its sum; the order's state does not go back."""
    bench = Bench(name)
    bench.happens("comes", *bench.book.events("NEW", bench.account.place(4)))
    bench.happens("is lost", *bench.book.events("TRADE", bench.account.fill(1, 1)))
    bench.happens("comes", *bench.book.events("TRADE", bench.account.fill(1, 3)))
    assert kinds(bench, bench.reconcile()) == [("TRADE", "FILLED", "4", 1)]
    assert bench.reader.faults() == []


@pytest.mark.parametrize("name", NAMES)
def test_orders_of_two_symbols_may_have_the_same_number(name: str) -> None:
    """An order's number is its symbol's own, and so is that of a trade."""
    bench = Bench(name)
    bench.happens("comes", *bench.book.events("NEW", bench.account.place(2)))
    bench.account.place(2, "ETHUSDT")
    assert {order.number for order in bench.account.orders} == {1}
    bench.account.fill(1, 1)
    bench.account.fill(1, 2, "ETHUSDT")
    bench.reconcile()
    assert bench.reader.faults() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_trade_with_oneself_is_a_fill_of_both_orders(name: str) -> None:
    """One number, two orders: each is told."""
    bench = Bench(name)
    for _ in range(2):
        bench.happens("comes", *bench.book.events("NEW", bench.account.place(1)))
    number = bench.account.fill(1, 1).fills[-1].number
    bench.account.fill(2, 1, trade=number)
    assert [step[3] for step in kinds(bench, bench.reconcile())] == [number, number]
    assert bench.reader.faults() == []


@pytest.mark.parametrize("name", NAMES)
def test_what_rest_told_is_dropped_when_it_comes(name: str) -> None:
    """Events that were on their way while REST was asked, and the short form of a fill beside its long one."""
    bench = Bench(name)
    bench.happens("waits", *bench.book.events("NEW", bench.account.place(2)))
    bench.happens("waits", *bench.book.events("TRADE", bench.account.fill(1, 1)))
    bench.happens("waits", *bench.book.events("CANCELED", bench.account.cancel(1)))
    bench.happens("waits", bench.book.holdings())
    assert len(bench.reconcile()) == 4
    before = len(bench.reader.events)
    bench.arrive()
    assert bench.reader.events[before:] == []
    assert bench.reader.faults() == []


@pytest.mark.parametrize("name", [name for name in NAMES if BOOKS[name].amendment])
def test_an_amendment_that_was_lost_is_told(name: str) -> None:
    """An open order with other terms than it was told with."""
    bench = Bench(name)
    bench.happens("comes", *bench.book.events("NEW", bench.account.place(4)))
    bench.account.amend(1, 3)
    (step,) = kinds(bench, bench.reconcile())
    assert step[0] == bench.book.amendment
    assert bench.reconcile() == []
    bench.happens("comes", *bench.book.events(bench.book.amendment, bench.account.amend(1, 2)))
    assert bench.reader.quantity(1) == 2
    assert bench.reconcile() == []


@pytest.mark.parametrize("name", NAMES)
def test_the_row_may_be_older_than_what_was_streamed_behind_it(name: str) -> None:
    """Between the question and the telling the stream goes on: nothing goes back, nothing comes twice."""
    bench = Bench(name)
    bench.happens("comes", *bench.book.events("NEW", bench.account.place(4)))
    bench.happens("comes", bench.book.holdings())
    bench.account.fill(1, 1)
    facts = bench.ask(0)
    if bench.book.amendment:
        bench.happens("comes", *bench.book.events(bench.book.amendment, bench.account.amend(1, 3)))
    bench.happens("comes", *bench.book.events("TRADE", bench.account.fill(1, 1)))
    bench.happens("comes", *bench.book.events("CANCELED", bench.account.cancel(1)))
    bench.happens("comes", bench.book.holdings())
    for event in bench.reconciler.differences(facts):
        bench.reconciler(event)
    assert bench.reader.faults() == []


@pytest.mark.parametrize("name", NAMES)
def test_the_row_may_be_older_than_the_fills(name: str) -> None:
    """REST is asked for orders before it is asked for fills, which may be more by then."""
    bench = Bench(name)
    bench.account.place(2)
    bench.account.fill(1, 1)
    bench.book.between["openOrders" if name == "options" else "allOrders"] = lambda: bench.account.fill(1, 1)
    assert [step[1:3] for step in kinds(bench, bench.reconcile())] == [
        ("NEW", "0"), ("PARTIALLY_FILLED", "1"), ("FILLED", "2"),
    ]  # fmt: skip
    assert bench.reader.faults() == []
    assert bench.reconcile() == []


@pytest.mark.parametrize("name", NAMES)
def test_what_was_forgotten_is_not_told_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more orders than are kept, the first to end are forgotten, and what ended by then is not looked at."""
    monkeypatch.setattr(told_module, "_KEPT", 8)
    bench = Bench(name)
    bench.happens("comes", *bench.book.events("NEW", bench.account.place(9)))  # stays open all the time
    for number in range(2, 12):
        bench.account.place(1)
        bench.account.fill(number, 1)
        bench.account.now += 10
        bench.reconcile()
    bench.account.fill(1, 2)
    bench.reconcile()
    assert bench.reader.faults() == []
    counts = Counter(step[3] for step in kinds(bench, bench.reader.events))
    assert len(counts) == 12 and bench.reconcile() == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("spans", "calls"), [(0.9, 1), (1, 2), (2.5, 3)])
def test_a_gap_may_be_longer_than_a_call_may_ask(name: str, spans: float, calls: int) -> None:
    """Orders and fills are asked for span by span, page by page; those at an end of one come once."""
    bench = Bench(name, page=2)
    since, length = bench.account.now, int(BOOKS[name].span * spans)
    for place in range(9):
        bench.account.now = since + length * place // 9
        bench.account.place(2)
        bench.account.fill(place + 1, 1)
        bench.account.fill(place + 1, 1)
    bench.account.now = since + length
    bench.reconcile(since)
    assert bench.reader.faults() == []
    told = [
        params
        for path, params in bench.book.calls
        if path.endswith(("allOrders", "historyOrders")) and params["symbol"] == "BTCUSDT"
    ]
    assert len({params["startTime"] for params in told if "startTime" in params}) == calls
    assert bench.reconcile(since) == []


@pytest.mark.parametrize("name", [name for name in NAMES if BOOKS[name].has_positions])
def test_a_position_that_is_closed_in_a_gap_is_told_as_flat(name: str) -> None:
    """REST leaves flat positions out; and a symbol that nobody named is looked at for its position."""
    bench = Bench(name)
    bench.account.place(2, "ETHUSDT")
    bench.account.fill(1, 2, "ETHUSDT")
    bench.reconcile()
    assert bench.reader.positions() == {"ETHUSDT": Decimal(2)}
    bench.account.position["ETHUSDT"] = Decimal(0)
    (event,) = bench.reconcile()
    assert bench.book.positions(event) == {"ETHUSDT": 0}
    assert bench.reconcile() == []


FATES = st.sampled_from(("comes", "is lost", "waits"))
STEPS = st.one_of(
    st.tuples(st.just("place"), FATES, st.integers(1, 4)),
    st.tuples(st.just("fill"), FATES, st.integers(0, 30)),
    st.tuples(st.just("cancel"), FATES, st.integers(0, 30)),
    st.tuples(st.just("amend"), FATES, st.integers(0, 30)),
    st.tuples(st.just("arrive"), st.none(), st.none()),
    st.tuples(st.just("time"), st.none(), st.sampled_from((0, 1, 10_000))),
    st.tuples(st.just("reconcile"), st.none(), st.sampled_from((0, 1, 5_000, 10**9))),
    st.tuples(st.just("ask"), st.none(), st.sampled_from((0, 1, 5_000, 10**9))),
    st.tuples(st.just("tell"), st.none(), st.none()),
)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=150, deadline=None)
@given(steps=st.lists(STEPS, max_size=40), kept=st.sampled_from((4, 20_000)))
def test_whatever_is_lost_or_late(name: str, steps: list[tuple[str, Any, Any]], kept: int) -> None:
    """At the end all is known, every fill once, and no sum was ever more than was traded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(told_module, "_KEPT", kept)
        bench = Bench(name)
        facts = None
        for what, fate, number in steps:
            account, still = bench.account, [order for order in bench.account.orders if order.is_open]
            if what == "place":
                bench.happens(fate, *bench.book.events("NEW", account.place(number)), bench.book.holdings())
            elif what in ("fill", "cancel", "amend") and still and (what != "amend" or bench.book.amendment):
                order = still[number % len(still)]
                if what == "fill":
                    account.fill(order.number, 1)
                elif what == "cancel":
                    account.cancel(order.number)
                else:
                    account.amend(order.number, order.filled + 1 + number % 3)
                kind = {"fill": "TRADE", "cancel": "CANCELED", "amend": bench.book.amendment}[what]
                bench.happens(fate, *bench.book.events(kind, order), bench.book.holdings())
            elif what == "arrive":
                bench.arrive()
            elif what == "time":
                account.now += number
            elif what == "reconcile" and kept > 4:
                bench.reconcile(account.now - number)
            elif what == "ask":
                facts = bench.ask(account.now - number)
            elif what == "tell" and facts is not None:
                for event in bench.reconciler.differences(facts):
                    bench.reconciler(event)
                facts = None
            assert bench.reader.excess() == [], (what, fate, number)
        bench.arrive()
        bench.reconcile()
        if kept > 4:
            assert bench.reader.faults() == []
            assert bench.reconcile() == []
        assert bench.reader.excess() == []
