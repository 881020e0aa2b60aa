"""Days of a book: right within its known depth where the exchange falls silent about far levels, and of one size."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from e2e.tables import TABLES
from simulator.helpers import LISTED, START

from binance_sockets.books import Audit, BookSync, Depth, OrderBook, Rule
from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.families import make_producer, parse
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.market.world import World
from tests.books.exchange import TrueBook

_TOLD, _KEPT = 16, 12
_HOUR = 3600.0


class _Kept:
    """A book on a market without a network; snapshots come at once."""

    def __init__(self, market: Any, rule: Rule, *, keep: int | None, limit: int) -> None:
        self._market, self._limit = market, limit
        self._wanted = False
        self.book = OrderBook(keep=keep)
        self.sync = BookSync(self.book, rule, self._ask, limit=limit)

    def _ask(self) -> None:
        self._wanted = True

    def diff(self, diff: Depth) -> None:
        self.sync.diff(diff)
        if self._wanted:
            self._wanted = False
            body = _body(self._market, self._limit)
            self.sync.snapshot(body["lastUpdateId"], body["bids"], body["asks"])

    def audit(self) -> Audit:
        body = _body(self._market, 5000)
        return self.book.audit(body["bids"], body["asks"], body["lastUpdateId"])


class _Naive:
    """A snapshot and all diffs since, as the exchange's documents say it: never crossed out, never refreshed."""

    def __init__(self, market: Any) -> None:
        self._market = market
        self._sides: dict[str, dict[str, str]] = {"bids": {}, "asks": {}}

    def diff(self, diff: Depth) -> None:
        if not self._sides["bids"]:
            self._sides = {side: dict(_body(self._market, 5000)[side]) for side in self._sides}
            return
        for side, changes in (("bids", diff.bids), ("asks", diff.asks)):
            for price, quantity in changes:
                if float(quantity):
                    self._sides[side][price] = quantity
                else:
                    self._sides[side].pop(price, None)

    def right(self) -> tuple[float, int]:
        """Percent of its levels that the exchange has too, and how many it has."""
        body = _body(self._market, 5000)
        mine = {(side, *level) for side in self._sides for level in self._sides[side].items()}
        true = {(side, *level) for side in self._sides for level in body[side]}
        return 100.0 * len(mine & true) / len(mine), len(mine)


def _body(market: Any, limit: int) -> dict[str, Any]:
    return payloads.rest_depth(market, market.snapshot(5000), limit, market.now)


def _run(product: str, hours: float, every: float) -> Iterator[tuple[float, Audit, tuple[float, int], _Kept]]:
    """Each ``every`` hours: what audits say of our book and of one that never forgets."""
    listing = Listing(World(5, 8.0, _TOLD), LISTED)
    stream = parse(product, f"{LISTED[product][0].lower()}@depth")
    assert stream is not None
    producer = make_producer(listing, product, stream, START)
    assert producer is not None
    (market,) = producer.markets
    rule = Rule.SPOT if product == "spot" else Rule.FUTURES
    ours = _Kept(market, rule, keep=_KEPT, limit=_KEPT)
    naive = _Naive(market)
    now, end, due = START, START + int(hours * _HOUR * 1e6), START + int(every * _HOUR * 1e6)
    while now < end:
        now += 1_000_000
        while market.next_time <= now:
            market.step()
        for diff in producer.on_tick(now, payloads.milliseconds):
            told = Depth(diff["U"], diff["u"], diff.get("pu"), diff["b"], diff["a"], diff["E"])
            ours.diff(told)
            naive.diff(told)
        if now >= due:
            due += int(every * _HOUR * 1e6)
            yield (now - START) / _HOUR / 1e6, ours.audit(), naive.right(), ours


def _holds(product: str, hours: float, every: float) -> None:
    title = f"{product} book with {_TOLD} told levels"
    rot = []
    for at, ours, (right, size), kept in _run(product, hours, every):
        assert ours.levels >= _KEPT, ours
        assert ours.percent >= 99.9, (at, ours)
        assert len(kept.book) <= 2 * _KEPT
        rot.append(right)
        TABLES[title].append(
            f"after {at:5.2f} h: {ours.percent:6.2f} % of {ours.levels:3} levels, never forgotten "
            f"{right:6.2f} % of {size:5} levels; {kept.sync.counts.snapshots} snapshots"
        )
    assert rot[-1] < 50.0, "the exchange has told of everything, so that this proves nothing"
    assert kept.sync.counts.resyncs == 0


def test_half_an_hour_of_a_book_that_forgets() -> None:
    """Within its known depth every level is right, while a book that never forgets rots."""
    _holds("spot", 0.5, 0.125)


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("product", ["spot", "usdm"])
def test_a_day_of_a_book_that_forgets(product: str) -> None:
    """The same for 24 hours."""
    _holds(product, 24.0, 2.0)


def _equals(book: OrderBook, true: TrueBook) -> bool:
    """Every level that the book knows is the exchange's, and it has all of these."""
    bids, asks = true.levels()
    bid_end, ask_end = book.known_to("bids"), book.known_to("asks")
    bids = [level for level in bids if bid_end is None or level[0] >= bid_end]
    asks = [level for level in asks if ask_end is None or level[0] <= ask_end]
    return ([tuple(level) for level in book.bids], [tuple(level) for level in book.asks]) == (bids, asks)


def _stays_equal(count: int, rule: Rule) -> None:
    true, wanted = TrueBook(Random(7)), [False]
    book = OrderBook(keep=40)
    sync = BookSync(book, rule, lambda: wanted.__setitem__(0, True), limit=60)
    half = 0
    for number in range(1, count + 1):
        sync.diff(true.diff())
        if wanted[0]:
            wanted[0] = False
            sync.snapshot(*true.snapshot(60))
        if number % 1000 == 0:
            assert _equals(book, true), f"after {number} diffs"
            assert len(book) <= 80
            for side in (true.bids, true.asks):  # what is far away goes without a word
                for level in [level for level in side if abs(level - true.middle) > 300]:
                    del side[level]
        if number == count // 2:
            half = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sync.counts.resyncs == 0
    assert sync.counts.applied + sync.counts.ignored + sync.counts.snapshots >= count * 0.99
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - half < 8192, "kilobytes"


@pytest.mark.parametrize("rule", [Rule.SPOT, Rule.FUTURES], ids=lambda rule: rule.value)
def test_random_diffs_keep_it_equal_and_small(rule: Rule) -> None:
    """Within the known depth it is the exchange's own book, however many diffs came."""
    _stays_equal(15_000, rule)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_ten_million_random_diffs_keep_it_equal_and_small() -> None:
    """The same for ten million."""
    _stays_equal(10_000_000, Rule.SPOT)
