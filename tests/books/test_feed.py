"""What a connection hands to a book: snapshots in a quiet market, and touches that never go back."""

from __future__ import annotations

from typing import Any

import pytest

from binance_sockets.books import BookState, BookSync, Depth, Level, OrderBook
from binance_sockets.books.feed import AUDIT, BookFeed, Fetched, Ticker, Touch
from binance_sockets.errors import BookOutOfSync, DecodeError
from binance_sockets.events import State, StateChange

BIDS, ASKS = [["99.0", "1"]], [["101.0", "1"]]


class Bench:
    """A feed by hand; counts what it asks for, and what it wants delivered later."""

    def __init__(self, *, touch: bool = False, audit_every: float | None = None, faulty: bool = False) -> None:
        self.asked = 0
        self.reported: list[DecodeError] = []
        self.later: list[tuple[float, Any]] = []
        self.told: list[Any] = []
        self.book = OrderBook(name="TEST")
        self.sync = BookSync(self.book, "spot", self._ask, limit=5000)
        self.feed = BookFeed(
            self.sync,
            lambda message: message,
            self.reported.append if faulty else lambda error: pytest.fail(str(error)),
            self.told.append,
            later=lambda seconds, message: self.later.append((seconds, message)),
            touch=touch,
            audit_every=audit_every,
        )

    def _ask(self) -> None:
        self.asked += 1

    def link(self, state: State) -> None:
        self.feed.changed(_change(state))

    def wait(self, seconds: float) -> None:
        """So much time passes without a message of the exchange; what is wanted after it is wanted again later."""
        due, self.later = (
            [each for each in self.later if each[0] == seconds],
            [e for e in self.later if e[0] != seconds],
        )
        assert due, f"nothing is wanted after {seconds} s"
        for _, message in due:
            self.feed(message)

    def in_sync_at(self, number: int) -> None:
        self.link(State.OPEN)
        self.feed(Fetched(number, BIDS, ASKS))
        self.wait(3.0)
        assert self.sync.state is BookState.IN_SYNC


def _change(state: State) -> StateChange:
    return StateChange("TEST", State.CONNECTING, state, None, None, 0, None, 0, 0.0)


def test_a_snapshot_waits_for_a_diff_that_proves_it() -> None:
    """Not shown before, joined by the first diff, and told once."""
    bench = Bench()
    bench.link(State.OPEN)
    bench.feed(Fetched(10, BIDS, ASKS))
    assert (bench.asked, len(bench.later), bench.sync.state) == (1, 1, BookState.SYNCING)
    with pytest.raises(BookOutOfSync):
        bench.book.top()
    bench.feed(Depth(11, 11, None, [["99.5", "2"]], []))
    assert (bench.book.id, bench.told) == (11, [bench.book])
    bench.wait(3.0)
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
    bench.wait(3.0)
    assert (bench.sync.state, bench.asked) == (BookState.RESYNCING, 3)
    assert "older than 349331913" in bench.book.why
    bench.feed(Fetched(349331913, BIDS, ASKS))
    bench.wait(3.0)
    assert bench.sync.state is BookState.IN_SYNC


def test_a_snapshot_of_a_lost_link_is_not_taken_when_the_quiet_is_over() -> None:
    """It may lack what the lost link would have told; another one is asked for."""
    bench = Bench()
    bench.link(State.OPEN)
    bench.feed(Fetched(10, BIDS, ASKS))
    bench.link(State.BACKOFF)
    bench.wait(3.0)
    assert (bench.sync.state, bench.told, bench.asked) == (BookState.SYNCING, [], 1)
    bench.link(State.OPEN)
    assert bench.asked == 2
    bench.feed(Fetched(20, BIDS, ASKS))
    bench.wait(3.0)
    assert (bench.sync.state, bench.book.id) == (BookState.IN_SYNC, 20)


def test_a_quiet_that_is_over_takes_the_snapshot_that_it_was_for() -> None:
    """A newer one has its own three seconds."""
    bench = Bench()
    bench.link(State.OPEN)
    bench.feed(Fetched(10, BIDS, ASKS))
    (quiet,) = bench.later
    bench.link(State.BACKOFF)
    bench.link(State.OPEN)
    bench.feed(Fetched(12, BIDS, ASKS))
    bench.feed(quiet[1])
    assert bench.sync.state is BookState.SYNCING


def test_audits_come_without_messages() -> None:
    """In a quiet market, too, and also after the link was lost; each asks for one snapshot and finds all right."""
    bench = Bench(audit_every=60.0)
    bench.in_sync_at(10)
    for audits in (1, 2):
        bench.wait(60.0)
        bench.feed(Fetched(10, BIDS, ASKS))
        assert (bench.asked, bench.sync.counts.audits, bench.told) == (1 + audits, audits, [bench.book])
    bench.link(State.BACKOFF)
    bench.wait(60.0)
    assert bench.asked == 3
    bench.in_sync_at(11)
    bench.wait(60.0)
    assert bench.feed.book_snapshot()["audit_missing"] == 0
    bench.feed(Fetched(11, [["98.0", "1"]], [["101.0", "2"]]))
    assert (bench.sync.counts.audits, bench.sync.counts.resyncs) == (3, 2)
    found = bench.feed.book_snapshot()
    assert (found["audit_percent"], found["audit_missing"], found["audit_orphaned"], found["audit_different"]) == (
        0.0, 1, 1, 1,
    )  # fmt: skip
    assert [message for seconds, message in bench.later if seconds == 60.0] == [bench.later[-1][1]]


def test_an_audit_waits_until_the_stream_is_as_far_as_the_snapshot() -> None:
    """Books of two moments cannot be compared. Where no diff comes, the snapshot is taken without."""
    bench = Bench()
    bench.in_sync_at(10)
    bench.feed(AUDIT)
    bench.feed(Fetched(12, [["99.0", "1"], ["98.5", "2"]], ASKS))
    assert (bench.book.id, bench.sync.counts.audits) == (10, 0)
    bench.feed(Depth(11, 11, None, [["98.5", "1"]], []))
    assert bench.sync.counts.audits == 0
    bench.feed(Depth(12, 13, None, [["98.5", "2"]], [["102.0", "1"]]))
    assert (bench.book.id, bench.sync.counts.audits, bench.sync.counts.resyncs) == (13, 1, 0)
    bench.feed(AUDIT)
    bench.feed(Fetched(15, BIDS, ASKS))
    bench.wait(3.0)
    assert (bench.book.id, bench.sync.counts.audits, bench.sync.counts.resyncs) == (15, 1, 0)


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
    bench.wait(3.0)
    assert [touch.id for touch in bench.told] == [10, 15]
    bench.feed(Ticker(16, ("99.0", "1"), ("101.0", "1")))
    assert bench.told[-1] == Touch(16, Level(99.0, 1.0), Level(101.0, 1.0))
    bench.link(State.BACKOFF)
    bench.link(State.OPEN)
    for number in range(1, 11):
        bench.feed(Fetched(number, [["98.0", "1"]], ASKS))
        bench.wait(3.0)
    assert bench.told[-1] == Touch(10, Level(98.0, 1.0), Level(101.0, 1.0))


@pytest.mark.parametrize("pair", [("x", "1"), ("99.5", "nan"), ("inf", "1"), (None, "1"), ("99.5",)])
def test_a_ticker_without_numbers_is_reported_and_not_told(pair: Any) -> None:
    """It is the exchange's fault, and no error of the callback; the next one is told."""
    bench = Bench(touch=True, faulty=True)
    bench.in_sync_at(5)
    bench.feed(Ticker(6, pair, ("101.0", "1")))
    assert len(bench.reported) == 1
    bench.feed(Ticker(7, ("100.0", "1"), ("101.0", "0.0")))
    assert bench.told == [Touch(5, Level(99.0, 1.0), Level(101.0, 1.0)), Touch(7, Level(100.0, 1.0), None)]
