"""The join of snapshot and diffs: right or out of sync, whatever arrives in whatever order."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.books import BookState, BookStatus, BookSync, Depth, OrderBook, Rule, WholeBooks
from binance_sockets.books.book import Keep
from binance_sockets.errors import BookOutOfSync, ConfigError
from tests.books.exchange import TrueBook

RULES = [Rule.SPOT, Rule.FUTURES]


class Bench:
    """A book fed by hand; counts what it asks."""

    def __init__(self, rule: Rule, *, keep: Keep = None, limit: int = 5000, **options: int) -> None:
        self.asked = 0
        self.statuses: list[BookStatus] = []
        self.book = OrderBook(keep=keep, name="TEST")
        self.sync = BookSync(self.book, rule, self._ask, limit=limit, on_status=self.statuses.append, **options)

    def _ask(self) -> None:
        self.asked += 1

    def in_sync_at(self, true: TrueBook) -> None:
        self.sync.begin()
        self.sync.snapshot(*true.snapshot())
        assert self.sync.state is BookState.IN_SYNC

    def right(self, true: TrueBook) -> bool:
        bids, asks = true.levels()
        return ([tuple(level) for level in self.book.bids], [tuple(level) for level in self.book.asks]) == (bids, asks)


def names(rule: Rule) -> str:
    return rule.value


@pytest.mark.parametrize("rule", RULES, ids=names)
def test_diffs_wait_for_the_snapshot_and_join_it(rule: Rule) -> None:
    """What the snapshot has is left out, what follows is applied, and the book equals the exchange's."""
    true, bench = TrueBook(Random(1)), Bench(rule)
    early = [true.diff() for _ in range(3)]
    assert not bench.sync.diff(early[0])
    assert bench.asked == 1
    with pytest.raises(BookOutOfSync, match="TEST is out of sync: no snapshot yet"):
        bench.book.top()
    bench.sync.diff(early[1])
    bench.sync.diff(early[2])
    snapshot = true.snapshot()
    late = [true.diff() for _ in range(3)]
    for diff in late[:2]:
        bench.sync.diff(diff)
    bench.sync.snapshot(*snapshot)
    assert bench.sync.diff(late[2])
    assert bench.asked == 1
    assert bench.right(true)
    assert [(status.state, status.why) for status in bench.statuses] == [(BookState.IN_SYNC, "")]


@pytest.mark.parametrize("rule", RULES, ids=names)
def test_a_snapshot_older_than_the_first_diff_is_asked_for_again(rule: Rule) -> None:
    """The stale snapshot of the documents."""
    true, bench = TrueBook(Random(2)), Bench(rule)
    stale = true.snapshot()
    true.diff()
    bench.sync.diff(true.diff())
    bench.sync.snapshot(*stale)
    assert (bench.asked, bench.sync.counts.outdated, bench.book.in_sync) == (2, 1, False)
    bench.sync.snapshot(*true.snapshot())
    assert bench.right(true)


@pytest.mark.parametrize("rule", RULES, ids=names)
def test_a_hole_begins_anew(rule: Rule) -> None:
    """Nobody reads a book with a hole in it; the diff behind the hole waits for the new snapshot."""
    true, bench = TrueBook(Random(3)), Bench(rule)
    bench.in_sync_at(true)
    true.diff()
    after = true.diff()
    assert not bench.sync.diff(after)
    with pytest.raises(BookOutOfSync, match=f"diffs are missing between 1000 and {after.first}"):
        _ = bench.book.best_bid
    assert bench.statuses[-1].state is BookState.RESYNCING
    bench.sync.snapshot(*true.snapshot())
    assert bench.right(true)
    assert (bench.asked, bench.sync.counts.resyncs) == (2, 1)


def test_a_snapshot_asked_for_before_a_restart_is_not_taken() -> None:
    """It may be older than what the lost link had delivered."""
    true, bench = TrueBook(Random(4)), Bench(Rule.SPOT)
    bench.sync.begin()
    old = true.snapshot()
    true.diff()
    bench.sync.restart("the link was lost")
    bench.sync.snapshot(*old)
    assert (bench.asked, bench.book.in_sync) == (2, False)
    bench.sync.snapshot(*true.snapshot())
    assert bench.right(true)


def test_a_snapshot_that_fails_is_asked_for_by_the_next_diff() -> None:
    """Not by each diff before that."""
    true, bench = TrueBook(Random(5)), Bench(Rule.SPOT)
    bench.sync.diff(true.diff())
    bench.sync.diff(true.diff())
    assert bench.asked == 1
    bench.sync.failed()
    bench.sync.diff(true.diff())
    assert bench.asked == 2


def test_what_waits_is_bounded() -> None:
    """Without a snapshot for long, the oldest diffs go, and the book is right all the same."""
    true, bench = TrueBook(Random(6)), Bench(Rule.SPOT, buffer=5)
    for _ in range(12):
        bench.sync.diff(true.diff())
    snapshot = true.snapshot()
    bench.sync.diff(true.diff())
    bench.sync.snapshot(*snapshot)
    assert bench.right(true)


@pytest.mark.parametrize("bad", [[["x", "1"]], [["nan", "1"]], [["1", "nan"]], [["1", "-1"]]])
def test_a_bad_number_begins_anew(bad: list[list[str]]) -> None:
    """What could not be applied whole is not shown."""
    true, bench = TrueBook(Random(7)), Bench(Rule.SPOT)
    bench.in_sync_at(true)
    assert not bench.sync.diff(Depth(1001, 1001, 1000, bad, []))
    assert bench.sync.state is BookState.RESYNCING
    with pytest.raises(BookOutOfSync):
        bench.book.top()


def test_a_crossed_book_is_not_shown() -> None:
    """No true book has a bid above its best ask."""
    true, bench = TrueBook(Random(8)), Bench(Rule.SPOT)
    bench.in_sync_at(true)
    assert not bench.sync.diff(Depth(1001, 1001, 1000, [["101.00", "1"]], []))
    with pytest.raises(BookOutOfSync, match="crossed"):
        bench.book.top()


@pytest.mark.parametrize("keep", [20, "0.2%"])
def test_what_is_known_too_little_is_refreshed_in_sync(keep: Keep) -> None:
    """The price runs to the end of what the snapshot had: a new one replaces it, and the book stays readable."""
    true, bench = TrueBook(Random(9)), Bench(Rule.SPOT, keep=keep, limit=30)
    bench.sync.begin()
    bench.sync.snapshot(*true.snapshot(30))
    held: tuple[int, list[list[str]], list[list[str]]] | None = None
    refreshed = 0
    for number in range(3000):
        bench.sync.diff(true.diff())
        assert bench.book.in_sync
        if bench.asked > 1 + refreshed and held is None:
            held = true.snapshot(30)
        elif held is not None and number % 3 == 0:  # the answer takes a while
            bench.sync.snapshot(*held)
            held, refreshed = None, refreshed + 1
        bids, asks = true.levels()
        ours = bench.book.top(20)
        assert [tuple(level) for level in ours.bids] == bids[: len(ours.bids)]
        assert [tuple(level) for level in ours.asks] == asks[: len(ours.asks)]
    assert 3 < refreshed < 300
    assert [status.state for status in bench.statuses] == [BookState.IN_SYNC]


@given(
    seed=st.integers(0, 2**32),
    rule=st.sampled_from(RULES),
    spoiled=st.lists(st.sampled_from(["as is", "as is", "as is", "removed", "doubled", "swapped"]), max_size=40),
    delays=st.lists(st.integers(0, 4), min_size=1, max_size=10),
)
def test_a_removed_doubled_or_swapped_diff_is_detected_or_harmless(
    seed: int, rule: Rule, spoiled: list[str], delays: list[int]
) -> None:
    """A book in sync equals what the exchange had at that very id."""
    true, bench = TrueBook(Random(seed)), Bench(rule)
    history = {true.id: true.levels()}
    pending: list[tuple[int, tuple[int, list[list[str]], list[list[str]]]]] = []
    answered = 0

    def look(number: int) -> None:
        nonlocal answered
        if bench.asked > answered + len(pending):
            pending.append((number + delays[len(history) % len(delays)], true.snapshot()))
        while pending and pending[0][0] <= number:
            bench.sync.snapshot(*pending.pop(0)[1])
            answered += 1
        if bench.book.in_sync:
            levels = [tuple(level) for level in bench.book.bids], [tuple(level) for level in bench.book.asks]
            assert levels == history[bench.book.id]

    bench.sync.begin()
    look(0)
    kept: Depth | None = None
    for number, how in enumerate(spoiled, 1):
        diff = true.diff()
        history[true.id] = true.levels()
        if how == "swapped" and kept is None:
            kept = diff
            continue
        for arriving in [] if how == "removed" else [diff, diff] if how == "doubled" else [diff]:
            bench.sync.diff(arriving)
            look(number)
        if kept is not None:
            bench.sync.diff(kept)
            kept = None
            look(number)


@pytest.mark.parametrize("rule", RULES, ids=names)
def test_the_book_never_goes_back_in_time(rule: Rule) -> None:
    """A snapshot from a cache, older than what readers have seen, is asked for again even where no diff betrays it."""
    true, bench = TrueBook(Random(10)), Bench(rule)
    stale = true.snapshot()
    bench.in_sync_at(true)
    for _ in range(5):
        bench.sync.diff(true.diff())
    shown = bench.book.id
    bench.sync.restart("the link was lost")
    bench.sync.begin()
    bench.sync.snapshot(*stale)
    assert (bench.asked, bench.sync.counts.outdated, bench.sync.state) == (3, 1, BookState.RESYNCING)
    with pytest.raises(BookOutOfSync, match=f"led to {stale[0]}, which is older than {shown}, shown before"):
        bench.book.top()
    bench.sync.snapshot(*true.snapshot())
    assert bench.right(true)
    assert bench.book.id == shown
    assert [status.why for status in bench.statuses] == ["", "the link was lost", ""]


@pytest.mark.parametrize("rule", RULES, ids=names)
def test_ids_that_begin_anew_do_not_lock_a_book(rule: Rule) -> None:
    """After ten older snapshots in a row the exchange counts anew; status and counts tell."""
    true, bench = TrueBook(Random(11)), Bench(rule)
    bench.in_sync_at(true)
    bench.sync.restart("maintenance")
    bench.sync.begin()
    _, bids, asks = true.snapshot()
    for number in range(10):
        assert (bench.sync.state, bench.asked) == (BookState.RESYNCING, number + 2)
        bench.sync.snapshot(20 + number, bids, asks)
    assert (bench.book.id, bench.right(true), bench.sync.counts.anew) == (29, True, 1)
    assert bench.statuses[-1][1:] == (BookState.IN_SYNC, "the exchange counts its ids anew", 29)
    assert bench.sync.diff(Depth(30, 30, 29, [], []))
    bench.sync.restart("again")
    bench.sync.begin()
    bench.sync.snapshot(28, bids, asks)
    assert bench.sync.state is BookState.RESYNCING


def test_whole_books_never_go_back_in_time_and_are_not_locked() -> None:
    """Neither in sync nor after a lost link, unless ten messages in a row are older."""
    statuses: list[BookStatus] = []
    book = OrderBook()
    sync = WholeBooks(book, on_status=statuses.append)

    def told(number: int) -> bool:
        return sync.whole(Depth(number, number, None, [["1.0", str(number)]], [["2.0", "1"]]))

    assert told(500)
    assert not told(500)
    assert not told(499)
    sync.restart("the link was lost")
    assert not told(498)
    with pytest.raises(BookOutOfSync):
        book.top()
    assert told(500)
    assert [told(number) for number in range(1, 11)] == [False] * 9 + [True]
    assert (book.id, book.bids, sync.counts.anew) == (10, [(1.0, 10.0)], 1)
    assert statuses[-1].why == "the exchange counts its ids anew"
    assert told(11)


def test_wrong_arguments_say_what_is_allowed() -> None:
    """At once, where the book is made."""
    book = OrderBook()
    with pytest.raises(ConfigError, match="rule: expected one of 'spot', 'futures'; got 'margin'"):
        BookSync(book, "margin", lambda: None, limit=10)
    with pytest.raises(ConfigError, match="limit: expected a number from 1; got 0"):
        BookSync(book, "spot", lambda: None, limit=0)
    with pytest.raises(ConfigError, match="buffer"):
        BookSync(book, "spot", lambda: None, limit=1, buffer=True)
    for arguments in (
        {"limit": True},
        {"limit": "10"},
        {"limit": 10, "refresh_below": -1},
        {"limit": 10, "buffer": 2.5},
    ):
        with pytest.raises(ConfigError):
            BookSync(book, "spot", lambda: None, **arguments)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="ask: expected a callable"):
        BookSync(book, "spot", None, limit=1)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="refresh_below: expected a number of levels up to 5"):
        BookSync(OrderBook(keep=5), "spot", lambda: None, limit=10, refresh_below=6)  # would ask for ever


@pytest.mark.parametrize("bids", [[["99", "x"]], [["102", "1"]]])
def test_a_bad_snapshot_in_a_quiet_market_is_asked_for_again(bids: list[list[str]]) -> None:
    """No diff may come that would ask for the next one."""
    asked: list[int] = []
    sync = BookSync(OrderBook(), "spot", lambda: asked.append(1), limit=10)
    sync.begin()
    sync.snapshot(5, bids, [["101", "1"]])
    assert (len(asked), sync.book.in_sync) == (2, False)
    sync.snapshot(6, [["99", "1"]], [["101", "1"]])
    assert sync.book.in_sync
