"""What a connection hands to a book: snapshots in a quiet market, and touches that never go back."""

from __future__ import annotations

from typing import Any

import pytest

from binance_sockets.books import BookState, BookSync, Depth, Level, OrderBook
from binance_sockets.books.feed import QUIET, BookFeed, Fetched, Ticker, Touch
from binance_sockets.errors import BookOutOfSync
from binance_sockets.events import State, StateChange

BIDS, ASKS = [["99.0", "1"]], [["101.0", "1"]]


class Bench:
    """A feed by hand; counts what it asks for, and what it wants delivered later."""

    def __init__(self, *, touch: bool = False) -> None:
        self.asked = 0
        self.later: list[float] = []
        self.told: list[Any] = []
        self.book = OrderBook(name="TEST")
        self.sync = BookSync(self.book, "spot", self._ask, limit=5000)
        self.feed = BookFeed(
            self.sync,
            lambda message: message,
            lambda error: pytest.fail(str(error)),
            self.told.append,
            later=self.later.append,
            touch=touch,
            audit_every=None,
            monotonic=lambda: 0.0,
        )

    def _ask(self) -> None:
        self.asked += 1

    def link(self, state: State) -> None:
        self.feed.changed(_change(state))

    def in_sync_at(self, number: int) -> None:
        self.link(State.OPEN)
        self.feed(Fetched(number, BIDS, ASKS))
        self.feed(QUIET)
        assert self.sync.state is BookState.IN_SYNC


def _change(state: State) -> StateChange:
    return StateChange("TEST", State.CONNECTING, state, None, None, 0, None, 0, 0.0)


def test_a_snapshot_waits_for_a_diff_that_proves_it() -> None:
    """Not shown before, joined by the first diff, and told once."""
    bench = Bench()
    bench.link(State.OPEN)
    bench.feed(Fetched(10, BIDS, ASKS))
    assert (bench.asked, bench.later, bench.sync.state) == (1, [3.0], BookState.SYNCING)
    with pytest.raises(BookOutOfSync):
        bench.book.top()
    bench.feed(Depth(11, 11, None, [["99.5", "2"]], []))
    assert (bench.book.id, bench.told) == (11, [bench.book])
    bench.feed(QUIET)
    assert (bench.book.id, len(bench.told)) == (11, 1)


def test_a_snapshot_in_a_quiet_market_is_taken_as_it_is() -> None:
    """After three seconds without a diff; where it was too old, the next diff shows the hole."""
    bench = Bench()
    bench.in_sync_at(10)
    assert (bench.book.id, bench.told) == (10, [bench.book])
    bench.feed(Depth(13, 13, None, [], [["100.5", "2"]]))
    assert (bench.sync.state, bench.asked) == (BookState.RESYNCING, 2)
    assert "diffs are missing between 10 and 13" in bench.book.why


def test_a_stale_snapshot_in_a_quiet_market_is_asked_for_again() -> None:
    """Quiet or not, no reader sees a moment before the one that was shown."""
    bench = Bench()
    bench.in_sync_at(349331913)
    bench.link(State.BACKOFF)
    bench.link(State.OPEN)
    bench.feed(Fetched(349331883, BIDS, ASKS))
    bench.feed(QUIET)
    assert (bench.sync.state, bench.asked) == (BookState.RESYNCING, 3)
    assert "older than 349331913" in bench.book.why
    bench.feed(Fetched(349331913, BIDS, ASKS))
    bench.feed(QUIET)
    assert (bench.sync.state, bench.later) == (BookState.IN_SYNC, [3.0] * 3)


def test_a_snapshot_of_a_lost_link_is_not_taken_when_the_quiet_is_over() -> None:
    """It may lack what the lost link would have told."""
    bench = Bench()
    bench.link(State.OPEN)
    bench.feed(Fetched(10, BIDS, ASKS))
    bench.link(State.BACKOFF)
    bench.feed(QUIET)
    assert (bench.sync.state, bench.told) == (BookState.SYNCING, [])


@pytest.mark.parametrize("before", [BookState.SYNCING, BookState.RESYNCING])
def test_a_snapshot_that_waits_when_the_link_is_lost_is_asked_for_again(before: BookState) -> None:
    """Nobody would take it any more, and the book would wait for it for ever."""
    bench = Bench()
    if before is BookState.RESYNCING:
        bench.in_sync_at(5)
        bench.link(State.BACKOFF)
    bench.link(State.OPEN)
    bench.feed(Fetched(10, BIDS, ASKS))
    assert bench.sync.state is before
    asked = bench.asked
    bench.link(State.BACKOFF)
    bench.link(State.OPEN)
    bench.feed(Depth(21, 22, None, [], []))
    assert bench.asked == asked + 1
    bench.feed(Fetched(21, BIDS, ASKS))
    assert (bench.book.id, bench.sync.state) == (22, BookState.IN_SYNC)


def test_a_touch_never_goes_back_over_a_lost_link() -> None:
    """The book ticker was ahead of the book; what comes after the resync counts from there, unless ids begin anew."""
    bench = Bench(touch=True)
    bench.in_sync_at(10)
    bench.feed(Ticker(15, ("99.5", "1"), ("101.0", "1")))
    bench.link(State.BACKOFF)
    bench.link(State.OPEN)
    bench.feed(Fetched(12, BIDS, ASKS))
    bench.feed(QUIET)
    assert [touch.id for touch in bench.told] == [10, 15]
    bench.feed(Ticker(16, ("99.0", "1"), ("101.0", "1")))
    assert bench.told[-1] == Touch(16, Level(99.0, 1.0), Level(101.0, 1.0))
    bench.link(State.BACKOFF)
    bench.link(State.OPEN)
    for number in range(1, 11):
        bench.feed(Fetched(number, [["98.0", "1"]], ASKS))
        bench.feed(QUIET)
    assert bench.told[-1] == Touch(10, Level(98.0, 1.0), Level(101.0, 1.0))
