"""The joining of a stream's past with what it sends: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from binance_sockets.engine.backfill import Backfill, Question, Turn
from binance_sockets.errors import BackfillFailed
from binance_sockets.events import Gap, Reason, StreamGap
from binance_sockets.exchange import Page, Place, Since

STREAM = "btcusdt@trade"
SOURCE: Any = None  # the stage does not look at it
REFUSED = BackfillFailed(STREAM, "refused")


class Trades:
    """The past of a stream whose messages are their ids: all up to ``newest``, but for those that are ``gone``."""

    fills = True
    since: Since | None = None
    numbered = True
    rises = True

    def __init__(self, page: int = 5) -> None:
        self.newest = 0
        self.gone: set[int] = set()
        self.repeated: set[Any] = set()  # payloads that tell what was there before
        self._page = page
        self.wait = 0.0

    def place(self, payload: Any) -> Place:
        return Place(payload)

    def joins(self, before: Place, after: Place) -> bool:
        return after.order <= before.order + 1

    def repeats(self, payload: Any) -> bool:
        return payload in self.repeated

    def pause(self) -> float:
        return self.wait

    def leave(self) -> None: ...

    def page(self, after: Place | float | None) -> Page:
        if after is None:
            assert self.since is not None and self.since.count is not None
            ids = [number for number in range(1, self.newest + 1) if number not in self.gone][-self.since.count :]
            return Page(ids, True)
        behind = after.order if isinstance(after, Place) else int(after)  # each happened at the moment that it is
        ids = [number for number in range(behind + 1, self.newest + 1) if number not in self.gone]
        return Page(ids[: self._page], len(ids) < self._page)


class Candles(Trades):
    """The same for candles of length 10: payloads are ``(begin, trades, closed)``."""

    numbered = False

    def __init__(self, rows: Sequence[tuple[int, int, bool]]) -> None:
        super().__init__()
        self.rows = rows

    def place(self, payload: Any) -> Place:
        begin, trades, closed = payload
        return Place(begin, 10**9 if closed else trades)

    def joins(self, before: Place, after: Place) -> bool:
        if before.order == after.order:
            return True
        return before.progress == 10**9 and after.order == before.order + 10

    def page(self, after: Place | float | None) -> Page:
        if isinstance(after, float):
            return Page([row for row in self.rows if row[0] + 10 > after], True, open=True)
        return Page([row for row in self.rows if after is None or row[0] >= after.order], True, open=True)


class Bench:
    """A link with one stream: what its callback got, what was reported, and what is being asked."""

    def __init__(self, past: Trades, before: Any = None) -> None:
        self.past = past
        self.moments: dict[Any, float] = {}  # of those payloads that tell one
        self.backfill = Backfill("key", self.moments.__getitem__)
        self.got: list[Any] = [] if before is None else [before]
        self.gaps: list[Gap] = []
        self.filled: list[Gap] = []
        self.asked: list[Question] = []
        self.now = 0.0
        self.due: float | None = None
        self.since: float | None = None  # from when on all was missed, where nothing came

    def lose(self) -> None:
        last, since = (self.got[-1], None) if self.got else (None, self.since)
        assert self.backfill.lost(STREAM, self.past, last, Reason.NETWORK, since)

    def resume(self) -> None:
        self.backfill.resumed((100.0, 101.0), self.now, lambda stream: False)
        self.turn()

    def live(self, *payloads: Any) -> None:
        for payload in payloads:
            if self.backfill(SOURCE, STREAM, payload):
                self.got.append(payload)
        self.turn()

    def turn(self) -> None:
        self._take(self.backfill.turn(self.now))

    def _take(self, turn: Turn) -> None:
        self.got += [payload for _, payload in turn.messages]
        self.gaps += turn.gaps
        self.filled += turn.filled
        self.asked += turn.questions
        self.due = turn.due

    def answer(self, answer: Page | BackfillFailed | None = None) -> None:
        """The oldest question is answered, by the past itself as a rule."""
        question = self.asked.pop(0)
        self.backfill.answered(question, answer or question.past.page(question.after), self.now)
        self.turn()

    def settle(self) -> None:
        """Answer all questions and let time pass until nothing is to be done."""
        for _ in range(100):
            if self.asked:
                self.answer()
            elif self.due is not None:
                self.now = max(self.now, self.due)
                self.turn()
            else:
                return
        raise AssertionError("it does not come to rest")

    def end(self, delivers: bool = True) -> None:
        got = self.got[-1] if self.got else None
        self._take(self.backfill.ended(REFUSED, (90.0, 102.0), None if delivers else lambda stream: got))


def lost_at(last: int, newest: int) -> Bench:
    """The link is lost behind ``last`` and carries the stream again when the exchange is at ``newest``."""
    bench = Bench(Trades(), last)
    bench.lose()
    bench.past.newest = newest
    bench.resume()
    return bench


def test_what_is_missing_comes_before_the_live_message() -> None:
    """Several pages are delivered in order, then what waited; then nothing stands in the way any more."""
    bench = lost_at(3, 20)
    bench.live(21)
    assert bench.got == [3]
    bench.past.newest = 21
    bench.settle()
    bench.live(22)
    assert bench.got == list(range(3, 23))
    assert not bench.gaps
    assert not bench.backfill


def test_nothing_is_asked_where_nothing_is_missing() -> None:
    """The first live message follows the last one: no request is spent."""
    bench = lost_at(3, 3)
    bench.live(4)
    assert bench.got == [3, 4]
    assert not bench.asked
    assert not bench.backfill


def test_a_quiet_stream_is_asked_for_after_a_while() -> None:
    """What was missed comes although no live message does."""
    bench = lost_at(3, 7)
    assert not bench.asked
    bench.settle()
    assert bench.got == [3, 4, 5, 6, 7]
    bench.live(8)
    assert bench.got[-1] == 8
    assert not bench.backfill


def test_what_the_exchange_does_not_tell_yet_is_asked_for_again() -> None:
    """REST may lag behind the stream by some moments."""
    bench = lost_at(3, 4)
    bench.live(7)
    bench.answer()
    assert bench.got == [3, 4]
    assert not bench.asked
    bench.past.newest = 7
    bench.settle()
    assert bench.got == [3, 4, 5, 6, 7]
    assert not bench.gaps


def test_without_an_answer_live_messages_wait_for_a_minute() -> None:
    """Whatever holds the answer up: what is missing is told, and what waits is delivered. A late answer is too late."""
    bench = lost_at(3, 9)
    bench.live(10, 11)
    (late,) = bench.asked
    assert bench.backfill.awaits(late)
    bench.now = 2.0
    bench.turn()
    assert bench.due == 60.0
    bench.now = 59.9
    bench.live(12)
    assert bench.got == [3]
    bench.now = 60.0
    bench.turn()
    assert bench.got == [3, 10, 11, 12]
    (gap,) = bench.gaps
    assert gap.ids == (StreamGap(STREAM, 3, 10),) and "60 s" in str(gap.error)
    assert not bench.backfill and not bench.backfill.awaits(late)
    bench.backfill.answered(late, Page([4, 5], True), bench.now)
    bench.turn()
    assert bench.got == [3, 10, 11, 12]


def test_each_answer_is_a_sign_that_the_others_come() -> None:
    """Many streams ask one behind the other: as long as answers come, none is given up, nor one that waits to ask."""
    bench = Bench(Trades(), 3)
    names = [f"s{number}" for number in range(6)]
    for name in names:
        assert bench.backfill.lost(name, bench.past, 3, Reason.NETWORK)
    bench.past.newest = 5
    bench.resume()
    for name in names:
        bench.backfill(SOURCE, name, 6)
    bench.turn()
    assert len(bench.asked) == 4
    for _ in range(3):
        bench.now += 50.0
        bench.answer(Page([4, 5], True))
    assert len(bench.asked) == 3 and not bench.gaps
    bench.now += 60.0
    bench.turn()
    assert len(bench.gaps) == 3
    assert not bench.backfill


def test_numbers_that_begin_anew_are_a_gap_and_the_stream_goes_on() -> None:
    """An exchange that was set up anew counts from 1 again: what is younger than the last one is no copy of old."""
    bench = Bench(Trades(), 1000)
    bench.moments.update({1000: 50.0, 1: 60.0, 2: 61.0})
    bench.lose()
    bench.resume()
    bench.settle()  # there is nothing behind 1000, and never will be
    bench.past.newest = 1
    bench.live(1)
    bench.settle()
    bench.past.newest = 2
    bench.live(2, 3)
    assert bench.got == [1000, 1, 2, 3]
    (gap,) = bench.gaps
    assert gap.ids == (StreamGap(STREAM, 1000, 1),) and isinstance(gap.error, BackfillFailed)
    assert not bench.backfill


def test_numbers_that_begin_anew_while_the_exchange_is_asked() -> None:
    """The answer comes first; and nothing is told before the stream is carried."""
    bench = Bench(Trades(), 1000)
    bench.moments.update({1000: 50.0, 4: 60.0})
    bench.lose()
    bench.live(4)
    assert (bench.got, bench.gaps) == ([1000], [])
    bench.resume()
    bench.live(5)
    bench.settle()
    assert bench.got == [1000, 4, 5]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap(STREAM, 1000, 4),)]
    assert not bench.backfill


@pytest.mark.parametrize("happened", [None, 40.0, 51.0])
def test_a_host_that_is_behind_brings_copies(happened: float | None) -> None:
    """They are older than the last one, or nobody can tell."""
    bench = Bench(Trades(), 1000)
    bench.moments.update({1000: 50.0} if happened is None else {1000: 50.0, 999: happened})
    bench.lose()
    bench.past.newest = 1001
    bench.resume()
    bench.live(999, 1000, 1001)
    assert bench.got == [1000, 1001]
    assert not bench.gaps and not bench.backfill


def test_a_refusal_is_a_gap_and_the_stream_goes_on() -> None:
    """The report has the ids at both ends of what is missing, and why; live messages are delivered at once."""
    bench = lost_at(3, 9)
    bench.live(10, 11)
    bench.answer(REFUSED)
    assert bench.got == [3, 10, 11]
    (gap,) = bench.gaps
    assert (gap.streams, gap.last_received, gap.resumed, gap.error) == ((STREAM,), 100.0, 101.0, REFUSED)
    assert [(part.last_id, part.first_id) for part in gap.ids] == [(3, 10)]
    assert not bench.backfill


def test_a_refusal_behind_the_first_page_reports_what_remains() -> None:
    """What was filled is not called missing."""
    bench = lost_at(3, 20)
    bench.live(21)
    bench.answer()
    bench.answer(REFUSED)
    assert bench.got == [3, 4, 5, 6, 7, 8, 21]
    assert [(part.last_id, part.first_id) for part in bench.gaps[0].ids] == [(8, 21)]


def test_holes_in_what_the_exchange_tells_are_reported() -> None:
    """Ids that REST leaves out, in the middle and at the end."""
    bench = lost_at(3, 10)
    bench.past.gone = {5, 6, 9}
    bench.live(10)
    bench.settle()
    assert bench.got == [3, 4, 7, 8, 10]
    assert [(part.last_id, part.first_id) for gap in bench.gaps for part in gap.ids] == [(4, 7), (8, 10)]


def test_ids_that_never_come_are_given_up() -> None:
    """The exchange never tells as much as the live message says: a gap, after some tries."""
    bench = lost_at(3, 4)
    bench.live(9)
    bench.settle()
    assert bench.got == [3, 4, 9]
    assert [(part.last_id, part.first_id) for part in bench.gaps[0].ids] == [(4, 9)]
    assert 1.0 < bench.now < 10.0


def test_the_waits_before_the_same_question_grow() -> None:
    """A quarter of a second at first, two seconds at last, and anew behind a whole page."""
    bench = lost_at(3, 4)
    bench.live(99)
    asked = list[float]()
    while bench.asked:
        asked.append(bench.now)
        bench.past.newest = 4 if bench.now < 0.75 else 12
        bench.answer()
        while not bench.asked and bench.due is not None:
            bench.now = max(bench.now, bench.due)
            bench.turn()
    assert asked == [0.0, 0.25, 0.75, 0.75, 1.0, 1.5, 2.5, 4.5]
    assert bench.got == [*range(3, 13), 99]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap(STREAM, 12, 99),)]


def test_the_exchange_may_have_told_more_than_the_stream_has_sent() -> None:
    """What is on its way meanwhile comes no second time, however late it is; then nothing stands in the way."""
    bench = lost_at(3, 8)
    bench.now = bench.due or 0.0
    bench.turn()
    bench.settle()
    assert bench.got == list(range(3, 9))
    for number in range(4, 8):
        bench.live(number)
        assert bench.backfill
    bench.live(8, 9)
    assert bench.got == list(range(3, 10))
    assert not bench.backfill and not bench.gaps


def test_a_copy_of_what_was_delivered_before_asks_for_nothing() -> None:
    """The stream is not quiet: its next message will tell whether there is a hole, before it or not."""
    bench = lost_at(5, 5)
    bench.live(4)
    assert bench.got == [5] and STREAM in bench.backfill
    bench.now = 3.0
    bench.turn()
    assert (bench.asked, bench.due) == ([], None)
    bench.live(6)
    assert bench.got == [5, 6]
    assert not bench.backfill and STREAM not in bench.backfill


def test_a_copy_in_front_of_a_new_message_hides_no_hole() -> None:
    """What waits first is the last one that was delivered, once more."""
    bench = lost_at(5, 9)
    bench.live(9)
    bench.lose()
    bench.past.newest = 12
    bench.resume()
    bench.live(5, 12)
    bench.settle()
    assert bench.got == list(range(5, 13))
    assert not bench.gaps


@pytest.mark.parametrize("odd", [5, None])
def test_what_came_before_an_answer_and_is_nothing_new_does_not_cut_it(odd: Any) -> None:
    """A copy of the last message, or one without a place, in front of the first new one."""
    bench = lost_at(5, 9)
    bench.now = 2.0
    bench.turn()
    assert len(bench.asked) == 1
    bench.live(odd, 12)
    bench.past.newest = 12
    bench.settle()
    assert [number for number in bench.got if number is not None] == list(range(5, 13))
    assert not bench.gaps


def test_a_candle_told_by_the_exchange_is_not_set_back() -> None:
    """The candle before it closes on the stream while the exchange has told the next one."""
    bench = Bench(Candles([(10, 3, True), (20, 0, False)]))
    bench.past.since = Since(count=2)
    bench.backfill.began(STREAM, bench.past, 100.0)
    bench.resume()
    bench.settle()
    for candle in ((10, 2, False), (10, 3, True), (20, 1, False)):
        bench.live(candle)
    assert bench.got == [(10, 3, True), (20, 0, False), (20, 1, False)]
    assert not bench.backfill


def test_a_second_loss_while_the_first_is_filled() -> None:
    """Both holes are filled, and what came between them is delivered where it belongs."""
    bench = lost_at(3, 8)
    bench.live(9, 10)
    bench.lose()
    bench.past.newest = 15
    bench.answer()
    bench.resume()
    bench.live(16)
    bench.past.newest = 16
    bench.settle()
    assert bench.got == list(range(3, 17))
    assert not bench.gaps
    assert not bench.backfill


def test_a_second_loss_does_not_put_off_the_next_question() -> None:
    """It is asked again when that was due anyway."""
    bench = lost_at(3, 4)
    bench.live(7)
    bench.answer()
    bench.lose()
    bench.resume()
    assert (bench.asked, bench.due) == ([], 0.25)


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("refused", [False, True])
def test_an_answer_to_what_was_asked_before_a_loss_tells_nothing_of_that(refused: bool, ends: bool) -> None:
    """A stream that is quiet since it is back is asked for once more; at an end before that, the gap is told."""
    bench = Bench(Trades(), 1)
    bench.lose()
    bench.resume()
    bench.past.newest = 3
    bench.live(3)  # asked about what is before it
    bench.lose()
    bench.past.newest = 5
    bench.resume()
    bench.answer(REFUSED if refused else Page([2, 3], True))
    assert bench.got == [1, 3] if refused else [1, 2, 3]
    if ends:
        assert bench.backfill.ended(REFUSED, (100.0, 102.0)).gaps[-1].ids == (StreamGap(STREAM, 3, None),)
    else:
        assert bench.due is not None
        bench.now = bench.due
        bench.turn()
        bench.answer()
        assert bench.got[-3:] == [3, 4, 5]
        assert len(bench.gaps) == refused


def test_a_hole_that_grows_is_told_with_the_latest_reason() -> None:
    """A history that has not come stays one, and what is lost of its stream is a gap of its own."""
    bench = lost_at(3, 8)
    bench.live(9)
    assert bench.backfill.lost(STREAM, bench.past, 3, Reason.STALE)
    bench.resume()
    bench.answer(REFUSED)
    bench.live(12)
    assert [gap.reason for gap in bench.gaps] == [Reason.STALE]
    past = Trades()
    past.newest = 10
    late = history(past, 5)
    assert not late.backfill.lost(STREAM, past, None, Reason.STALE)
    late.resume()
    late.live(11)
    late.answer(REFUSED)
    assert [gap.reason for gap in late.gaps] == [Reason.HISTORY]


def test_a_stream_that_is_not_back_yet_is_not_asked_for() -> None:
    """Each has the window in which it was away."""
    backfill = Backfill("key")
    for name in "ab":
        assert backfill.lost(name, Trades(), 3, Reason.NETWORK)
    assert backfill.resumed((100.0, 101.0), 0.0, lambda stream: stream == "b") is True
    first = backfill.turn(2.0)
    assert backfill.resumed((90.0, 103.0), 3.0, lambda stream: False) is False
    second = backfill.turn(5.0)
    assert [each.stream for turn in (first, second) for each in turn.questions] == ["a", "b"]
    gaps = backfill.ended(REFUSED, (0.0, 0.0)).gaps
    assert [(gap.streams, gap.last_received, gap.resumed) for gap in gaps] == [
        (("a",), 100.0, 101.0),
        (("b",), 90.0, 103.0),
    ]


def test_the_window_of_a_hole_that_grows_begins_with_the_first_loss() -> None:
    """It ends when the stream is back for the last time, 19 s later; the wall clock may have stepped meanwhile."""
    for earlier, since in ((110.0, 100.0), (95.0, 95.0)):
        for step in (0.0, 3600.0, -3600.0):
            bench = lost_at(3, 8)
            bench.live(9)
            bench.lose()
            bench.now += 19.0
            bench.backfill.resumed((earlier + step, 120.0 + step), bench.now, lambda stream: False)
            bench.live(12)
            bench.answer(REFUSED)
            (gap,) = bench.gaps
            assert (gap.last_received, gap.resumed) == (since + step, 120.0 + step)


class Frozen(Trades):
    """A cache on the way tells the same first rows, whatever it is asked."""

    def page(self, after: Place | None) -> Page:
        return Page(list(range(1, self._page + 1)), False)


def test_a_full_page_without_anything_new_is_no_progress() -> None:
    """It is asked for again after some time, and given up, as where nothing is told at all."""
    bench = Bench(Frozen(), 3)
    bench.lose()
    bench.resume()
    bench.live(9)
    bench.settle()
    assert bench.got == [3, 4, 5, 9]
    assert [(part.last_id, part.first_id) for part in bench.gaps[0].ids] == [(5, 9)]
    assert 1.0 < bench.now < 10.0
    quiet = Bench(Frozen(), 3)
    quiet.lose()
    quiet.resume()
    quiet.settle()
    assert quiet.got == [3, 4, 5]


@pytest.mark.parametrize("odd", [None, "9", 9.0, {"no": 1}])
def test_what_has_no_place_is_delivered_where_it_stands(odd: Any) -> None:
    """A message of another shape, live or over REST, or as the last one before: nothing is compared with it."""
    bench = lost_at(3, 8)
    bench.live(9, odd, 10)
    bench.answer(Page([4, odd, 5, 6, 7, 8], True))
    bench.settle()
    assert bench.got == [3, 4, 5, 6, 7, 8, 9, odd, 10]


@pytest.mark.parametrize("odd", ["9", 9.0, {"no": 1}, (10, "9", False)])
@pytest.mark.parametrize("early", [True, False], ids=["early", "late"])
def test_a_loss_behind_what_has_no_place_is_told_with_its_cause(odd: Any, early: bool) -> None:
    """Others came before that message: by time they might come twice. Nothing is asked, and the stream goes on."""
    bench = Bench(Trades(), odd)
    bench.past.newest = 8
    for number in (9, 10):
        bench.lose()
        if early:
            bench.live(number)
        bench.resume()
        (gap,) = bench.gaps
        assert (gap.streams, gap.ids, gap.last_received, gap.resumed) == ((STREAM,), (), 100.0, 101.0)
        assert isinstance(gap.error, BackfillFailed)
        assert gap.error.why == "nobody knows where the message stands that came last"
        assert not bench.backfill  # nothing more is held back
        if not early:
            bench.lose()  # once more, before anything came
            bench.resume()
            assert [each.error.why for each in bench.gaps if isinstance(each.error, BackfillFailed)] == [
                gap.error.why
            ] * 2
            bench.live(number)
        assert not bench.asked and not bench.backfill
        bench.gaps.clear()
        bench.got.append(odd)
    assert bench.got == [odd, 9, odd, 10, odd]
    bench.lose()
    bench.end()
    assert [(each.ids, each.error) for each in bench.gaps] == [((), REFUSED)]


def test_an_overflow_is_a_gap(monkeypatch: Any) -> None:
    """When more waits than is kept, it is delivered behind a report; the late answer is not."""
    monkeypatch.setattr("binance_sockets.engine.backfill._MOST_HELD", 10)
    bench = lost_at(3, 8)
    bench.live(9)
    bench.live(*range(10, 20))
    assert bench.got == [3, *range(9, 20)]
    assert [(part.last_id, part.first_id) for part in bench.gaps[0].ids] == [(3, 9)]
    bench.answer()
    assert bench.got == [3, *range(9, 20)]
    assert not bench.backfill


def test_fifty_thousand_live_messages_may_wait() -> None:
    """One more is too many."""
    bench = lost_at(3, 8)
    bench.live(*range(9, 50_009))
    assert bench.got == [3]
    bench.live(50_009)
    assert bench.got == [3, *range(9, 50_010)]
    (gap,) = bench.gaps
    assert gap.ids == (StreamGap(STREAM, 3, 9),)


def test_an_overflow_gives_up_only_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quiet stream keeps its hole; and what nobody wants any more leaves its room to others."""
    monkeypatch.setattr("binance_sockets.engine.backfill._MOST_HELD", 10)
    backfill = Backfill("key")
    for name in "abc":
        assert backfill.lost(name, Trades(), 3, Reason.NETWORK)
    backfill.resumed((100.0, 101.0), 0.0, lambda stream: False)
    for number in range(9, 17):
        backfill(SOURCE, "c", number)
    backfill.forgotten(["c", "unknown"])
    for number in range(9, 19):
        backfill(SOURCE, "a", number)
    assert backfill.turn(0.0).gaps == []
    backfill(SOURCE, "a", 19)
    turn = backfill.turn(0.5)
    assert [gap.streams for gap in turn.gaps] == [("a",)]
    assert [payload for _, payload in turn.messages] == list(range(9, 20))
    assert "b" in backfill and "a" not in backfill
    assert [each.stream for each in backfill.turn(2.0).questions] == ["b"]


def test_an_overflow_gives_up_all_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also streams of which nothing has come lately."""
    monkeypatch.setattr("binance_sockets.engine.backfill._MOST_HELD", 10)
    backfill = Backfill("key")
    for name in "ab":
        assert backfill.lost(name, Trades(), 3, Reason.NETWORK)
    backfill.resumed((100.0, 101.0), 0.0, lambda stream: False)
    for number in range(9, 15):
        backfill(SOURCE, "a", number)
    assert [each.stream for each in backfill.turn(0.0).questions] == ["a"]
    for number in range(9, 14):
        backfill(SOURCE, "b", number)
    turn = backfill.turn(0.5)
    assert [gap.streams for gap in turn.gaps] == [("a",), ("b",)]
    assert [name for name, _ in turn.messages] == [*"aaaaaabbbbb"]
    assert not backfill


def test_what_was_delivered_leaves_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second hole may hold as much as the first."""
    monkeypatch.setattr("binance_sockets.engine.backfill._MOST_HELD", 10)
    bench = lost_at(3, 8)
    for last in (18, 28):
        bench.live(*range(last - 9, last + 1))
        bench.past.newest = last
        bench.settle()
        assert bench.got == list(range(3, last + 1))
        bench.lose()
        bench.resume()
    assert not bench.gaps
    bench.live(*range(30, 41))
    assert [gap.ids for gap in bench.gaps] == [(StreamGap(STREAM, 28, 30),)]


def test_the_next_hole_of_a_stream_is_asked_for_at_once() -> None:
    """What was asked in vain for the one before it does not put it off."""
    bench = lost_at(3, 8)
    bench.live(9, 20)
    bench.answer()
    assert bench.got == list(range(3, 10))
    assert len(bench.asked) == 1


def test_the_answer_to_an_earlier_question_is_not_taken_for_the_latest() -> None:
    """The stream was given up and is wanted again, and has lost something once more."""
    bench = lost_at(3, 8)
    bench.live(9)
    earlier = bench.asked.pop()
    bench.backfill.forgotten([STREAM])
    bench.lose()
    bench.resume()
    bench.live(9)
    bench.backfill.answered(earlier, REFUSED, bench.now)
    bench.settle()
    assert bench.got == list(range(3, 10))
    assert not bench.gaps


def test_few_questions_of_one_link_wait_at_once() -> None:
    """The others of many streams follow a moment later, when the first ones are answered."""
    backfill, names = Backfill("key"), list("abcdef")
    for name in names:
        assert backfill.lost(name, Trades(), 3, Reason.NETWORK)
    backfill.resumed((100.0, 101.0), 0.0, lambda stream: False)
    turn = backfill.turn(2.0)
    assert ([each.stream for each in turn.questions], turn.due) == (names[:4], 2.25)
    assert backfill.turn(2.25).questions == []
    backfill.answered(turn.questions[0], Page([4], True), 2.375)
    later = backfill.turn(2.375)
    assert (later.questions, later.messages, later.due) == ([], [("a", 4)], 2.5)
    later = backfill.turn(2.5)
    assert ([each.stream for each in later.questions], later.due) == (["e"], 2.75)


def test_weights_are_waited_for() -> None:
    """Nothing is asked before the limits of the exchange allow it."""
    bench = lost_at(3, 8)
    bench.past.wait = 7.0
    bench.live(9)
    assert bench.due == 2.0
    bench.now = 2.0
    bench.turn()
    assert not bench.asked
    assert bench.due == 9.0
    bench.past.wait = 0.0
    bench.now = 9.0
    bench.turn()
    assert len(bench.asked) == 1


def test_the_end_delivers_what_waits() -> None:
    """A link that gives up: what it has brought is not kept back, what is missing is told."""
    bench = lost_at(3, 8)
    bench.live(9, 10, 20)
    bench.end()
    assert bench.got == [3, 9, 10, 20]
    assert [(part.last_id, part.first_id) for gap in bench.gaps for part in gap.ids] == [(3, 9), (10, 20)]


def test_what_came_over_one_link_in_a_row_is_asked_for_once() -> None:
    """Where ids do not tell what follows, the first message behind the loss does; another loss makes another hole."""
    bench = Bench(Unnumbered(), before=1)
    bench.lose()
    bench.past.newest = 9
    bench.resume()
    bench.live(5, 7, 9)
    assert [question.after for question in bench.asked] == [Place(1)]
    bench.answer()
    assert bench.got == [1, 2, 3, 4, 5, 7, 9]
    assert not bench.asked
    bench.lose()
    bench.live(12, 14)
    bench.lose()
    bench.past.newest = 20
    bench.resume()
    bench.live(18, 20)
    bench.settle()
    assert bench.got[7:] == [10, 11, 12, 14, 15, 16, 17, 18, 20]


def test_what_tells_what_was_there_fills_no_hole() -> None:
    """It is delivered where it stands, and what it holds comes over REST as well."""
    bench = Bench(Unnumbered(), before=1)
    bench.lose()
    bench.past.repeated = {4}
    bench.past.newest = 5
    bench.resume()
    bench.live(4, 7)
    bench.settle()
    assert bench.got == [1, 2, 3, 4, 4, 5, 7]
    assert [gap.ids for gap in bench.filled] == [(StreamGap(STREAM, 1, 7),)]
    bench.lose()
    bench.past.repeated = {7}
    bench.resume()
    bench.live(7, 8)
    assert bench.got[7:] == [7, 8]
    assert not bench.asked


@pytest.mark.parametrize("live", [(4, 7), (4,)])
def test_what_only_a_repetition_has_told_is_missing(live: tuple[int, ...]) -> None:
    """The exchange refuses: the gap goes on behind it."""
    bench = Bench(Unnumbered(), before=1)
    bench.lose()
    bench.past.repeated = {4}
    bench.resume()
    bench.live(*live)
    bench.answer(REFUSED)
    assert bench.got == [1, *live]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap(STREAM, 1, 7 if 7 in live else None),)]


def test_what_cannot_be_had_is_one_gap() -> None:
    """However many live messages wait behind it."""
    bench = Bench(Unnumbered(), before=1)
    bench.lose()
    bench.resume()
    bench.live(5, 7, 9)
    bench.answer(REFUSED)
    assert bench.got == [1, 5, 7, 9]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap(STREAM, 1, 5),)]


@pytest.mark.parametrize("carried", [True, False])
def test_a_stop_delivers_nothing_of_what_waits_and_tells_that(carried: bool) -> None:
    """The gap goes on to the end: nobody gets the live message that comes next."""
    bench = lost_at(3, 8)
    bench.live(9, 10, 20)
    if not carried:
        bench.lose()
    bench.end(delivers=False)
    assert bench.got == [3]
    assert [(gap.last_received, gap.resumed, gap.ids, gap.error) for gap in bench.gaps] == [
        (100.0, 102.0, (StreamGap(STREAM, 3, None),), REFUSED)
    ]


def test_a_stop_tells_nothing_of_what_was_delivered() -> None:
    """The live message that waits has come over REST."""
    bench = lost_at(3, 8)
    bench.settle()
    bench.live(7)
    bench.end(delivers=False)
    assert bench.got == [3, 4, 5, 6, 7, 8]
    assert not bench.gaps


def test_a_stop_in_the_midst_of_what_was_fetched_is_a_gap_from_there_on() -> None:
    """What a turn had for the callback was not all delivered."""
    bench = lost_at(3, 8)
    bench.settle()
    del bench.got[3:]
    bench.end(delivers=False)
    assert [gap.ids for gap in bench.gaps] == [(StreamGap(STREAM, 5, None),)]


def test_a_stop_before_a_history_has_begun_is_its_gap() -> None:
    """What came live was never delivered."""
    past = Trades()
    past.since = Since(count=3)
    bench = Bench(past)
    bench.backfill.began(STREAM, past, 95.0)
    bench.resume()
    bench.live(9)
    bench.end(delivers=False)
    assert bench.got == []
    assert [(gap.reason, gap.last_received, gap.resumed, gap.ids) for gap in bench.gaps] == [
        (Reason.HISTORY, 95.0, 102.0, ())
    ]


def test_the_end_tells_what_nobody_has_told_yet() -> None:
    """The stream is carried again and quiet; it ends before the exchange has been asked, or has answered."""
    for patience in (0.0, 9.0):
        bench = lost_at(3, 8)
        bench.now += patience
        bench.turn()
        assert bool(bench.asked) is bool(patience)
        bench.end()
        assert bench.got == [3]
        assert [(part.last_id, part.first_id) for gap in bench.gaps for part in gap.ids] == [(3, None)]
    bench = lost_at(3, 8)
    bench.settle()
    bench.end()
    assert bench.got == [3, 4, 5, 6, 7, 8]
    assert not bench.gaps  # nothing has come since, and nothing was missed
    for delivers in (True, False):
        bench = lost_at(3, 8)
        bench.settle()
        bench.live(9)
        bench.lose()
        bench.end(delivers)
        assert [(part.last_id, part.first_id) for gap in bench.gaps for part in gap.ids] == [(9, None)]


def test_the_end_tells_what_was_filled_until_then() -> None:
    """And what was not, in the window of the loss."""
    bench = lost_at(3, 20)
    bench.now = 2.0
    bench.turn()
    bench.answer()
    bench.end()
    assert bench.got == list(range(3, 9))
    told = [(gap.ids, gap.last_received, gap.resumed) for gap in [*bench.filled, *bench.gaps]]
    assert told == [((StreamGap(STREAM, last, None),), 100.0, 101.0) for last in (3, 8)]
    assert not bench.backfill


def test_what_is_refused_while_the_link_is_lost_is_not_asked_for_again() -> None:
    """Live messages wait behind a hole when the link is lost once more; a ban refuses each question at once."""
    bench = lost_at(3, 8)
    bench.live(10)
    assert bench.asked
    bench.lose()
    for _ in range(3):
        if bench.asked:
            bench.answer(REFUSED)
    assert not bench.asked
    bench.resume()
    bench.live(11)
    assert [part.last_id for gap in bench.gaps for part in gap.ids] == [3]
    assert bench.got == [3, 10, 11]


def test_a_forgotten_stream_delivers_nothing() -> None:
    """Neither what waits nor the answer to what was asked."""
    bench = lost_at(3, 8)
    bench.live(9)
    bench.backfill.forgotten([STREAM])
    bench.answer()
    assert bench.got == [3]
    assert not bench.backfill


def history(past: Trades, count: int) -> Bench:
    past.since = Since(count=count)
    bench = Bench(past)
    bench.backfill.began(STREAM, past, 99.0)
    bench.resume()
    return bench


def test_history_and_live_are_one_sequence() -> None:
    """Whether the live messages come before the answer, or it ends before they begin."""
    past = Trades()
    past.newest = 10
    early = history(past, 4)
    early.live(9, 10, 11)
    past.newest = 11
    early.settle()
    assert early.got == [8, 9, 10, 11]
    past.newest = 12
    late = history(past, 4)
    late.settle()
    past.newest = 15
    late.live(15)
    late.settle()
    assert late.got == [9, 10, 11, 12, 13, 14, 15]
    assert not early.gaps + late.gaps


def test_a_history_is_asked_for_at_once() -> None:
    """No live message has to come first."""
    assert len(history(Trades(), 4).asked) == 1


def test_a_history_that_has_come_live_by_then_is_no_gap() -> None:
    """A slow answer tells nothing that the stream has not brought."""
    past = Trades()
    past.newest = 10
    bench = history(past, 3)
    bench.live(8, 9, 10, 11)
    bench.settle()
    assert bench.got == [8, 9, 10, 11]
    assert not bench.gaps and not bench.backfill


def test_no_history_is_no_gap() -> None:
    """A new symbol has no past: the first live message is the first of all."""
    bench = history(Trades(), 5)
    bench.live(1, 2)
    bench.settle()
    assert bench.got == [1, 2]
    assert not bench.gaps


def test_a_history_that_is_refused_is_reported() -> None:
    """Without ids, as none is known; the stream begins."""
    past = Trades()
    past.newest = 10
    bench = history(past, 5)
    bench.live(11)
    bench.answer(REFUSED)
    assert bench.got == [11]
    (gap,) = bench.gaps
    assert (gap.reason, gap.ids, gap.error) == (Reason.HISTORY, (), REFUSED)


def test_a_history_that_is_not_understood_is_reported() -> None:
    """An answer whose rows have no place is not the same as one without rows."""
    bench = history(Trades(), 5)
    bench.live(11)
    bench.answer(Page(["9", "10"], True))
    assert bench.got == [11]
    (gap,) = bench.gaps
    assert (gap.reason, gap.ids) == (Reason.HISTORY, ())
    assert isinstance(gap.error, BackfillFailed)


def test_the_open_candle_is_never_set_back() -> None:
    """REST's picture of the open candle is newer than the first live message: that one is dropped."""
    past = Candles([(0, 9, True), (10, 5, False)])
    bench = history(past, 2)
    bench.settle()
    bench.live((10, 4, False), (10, 6, False))
    bench.settle()
    assert bench.got == [(0, 9, True), (10, 5, False), (10, 6, False)]


def test_a_candle_that_closed_meanwhile_comes_with_its_final_figures() -> None:
    """The live messages go on with the next candle: the end of the one before is asked for."""
    past = Candles([(0, 7, False)])
    bench = Bench(past, (0, 3, False))
    bench.lose()
    bench.resume()
    bench.live((20, 1, False))
    past.rows = [(0, 9, True), (10, 2, True), (20, 1, False)]
    bench.settle()
    assert bench.got == [(0, 3, False), (0, 9, True), (10, 2, True), (20, 1, False)]
    assert not bench.gaps


def test_a_loss_behind_what_has_no_place_is_told_when_its_stream_is_back() -> None:
    """Not before, though others are."""
    bench = Bench(Trades(), "odd")
    bench.lose()
    bench.backfill.resumed((90.0, 91.0), bench.now, lambda stream: True)
    bench.turn()
    assert not bench.gaps
    bench.resume()
    assert [gap.resumed for gap in bench.gaps] == [101.0]


def quiet(past: Trades, since: float) -> Bench:
    """A stream that had brought nothing when it was lost, and is back."""
    bench = Bench(past)
    bench.since = since
    bench.lose()
    bench.resume()
    return bench


def test_all_that_a_quiet_stream_has_missed_comes_first() -> None:
    """After a while, page by page, from the moment of the loss on; then the live messages."""
    past = Trades()
    past.newest = 10
    bench = quiet(past, 3.0)
    assert (bench.due, bench.asked) == (2.0, [])
    bench.settle()
    assert bench.got == [4, 5, 6, 7, 8, 9, 10]
    bench.live(11)
    assert bench.got[-1] == 11
    assert not bench.gaps and not bench.backfill


def test_the_first_live_message_of_a_quiet_stream_waits_for_what_is_before_it() -> None:
    """It is asked for at once, and again where REST is behind; what came live is not told a second time."""
    past = Trades()
    past.newest = 3
    bench = quiet(past, 3.0)
    bench.live(8, 9)
    bench.answer()
    assert bench.got == [] and not bench.asked
    past.newest = 9
    bench.settle()
    assert bench.got == [4, 5, 6, 7, 8, 9]
    assert not bench.gaps and not bench.backfill


def test_a_quiet_stream_that_missed_nothing() -> None:
    """REST tells nothing; what comes first may have been on its way, so it is looked for once more."""
    past = Trades()
    past.newest = 3
    bench = quiet(past, 3.0)
    bench.settle()
    assert bench.got == [] and bench.backfill
    past.newest = 4
    bench.live(4)
    bench.settle()
    assert bench.got == [4]
    assert not bench.gaps and not bench.backfill


@pytest.mark.parametrize("delivers", [True, False], ids=["given up", "stopped"])
@pytest.mark.parametrize("live", [(), (9,)])
def test_the_end_of_a_quiet_stream_tells_what_was_not_asked_yet(live: tuple[int, ...], delivers: bool) -> None:
    """Without ids, as nothing came before."""
    past = Trades()
    past.newest = 9
    bench = quiet(past, 3.0)
    bench.live(*live)
    bench.end(delivers)
    assert bench.got == (list(live) if delivers else [])
    assert [(gap.ids, gap.error, gap.reason) for gap in bench.gaps] == [((), REFUSED, Reason.NETWORK)]


def test_what_a_quiet_stream_missed_and_is_refused_is_reported() -> None:
    """Without ids; the stream goes on."""
    past = Trades()
    past.newest = 8
    bench = quiet(past, 3.0)
    bench.live(9)
    bench.answer(REFUSED)
    assert bench.got == [9]
    assert [(gap.ids, gap.error) for gap in bench.gaps] == [((), REFUSED)]
    assert not bench.backfill


def test_what_rest_cannot_read_of_a_quiet_stream_is_reported() -> None:
    """Rows without a place are something else than no rows."""
    bench = quiet(Trades(), 3.0)
    bench.live(9)
    bench.answer(Page(["4", "5"], True))
    assert bench.got == [9]
    (gap,) = bench.gaps
    assert isinstance(gap.error, BackfillFailed) and not gap.ids


@pytest.mark.parametrize("asked", [True, False])
def test_a_second_loss_of_a_quiet_stream(asked: bool) -> None:
    """Also while the exchange is asked: it is one hole from the first loss on."""
    past = Trades()
    past.newest = 5
    bench = quiet(past, 3.0)
    if asked:
        bench.now = 2.0
        bench.turn()
        assert [question.after for question in bench.asked] == [3.0]
    bench.since = 6.0
    bench.lose()
    if asked:
        bench.answer()
    past.newest = 9
    bench.resume()
    bench.settle()
    assert bench.got == [4, 5, 6, 7, 8, 9]
    bench.live(10)
    assert bench.got[-1] == 10
    assert not bench.gaps and not bench.backfill


def test_a_loss_of_a_quiet_stream_may_have_begun_earlier() -> None:
    """As found only when it was open already; not where it is back."""
    past = Trades()
    past.newest = 6
    bench = quiet(past, 5.0)
    bench.backfill.widen(1.0)
    bench.lose()
    bench.backfill.widen(3.0)
    bench.backfill.widen(4.0)
    bench.resume()
    bench.settle()
    assert bench.got == [4, 5, 6]


def test_what_was_missed_behind_an_empty_history_is_filled() -> None:
    """All of it, however little of the past was asked for; one whose history may still come is another thing."""
    past = Trades()
    bench = history(past, 2)
    assert not bench.backfill.lost(STREAM, past, None, Reason.NETWORK, 0.0)
    bench.resume()
    bench.settle()
    bench.since = 0.0
    bench.lose()
    past.newest = 6
    bench.resume()
    bench.settle()
    assert bench.got == [1, 2, 3, 4, 5, 6]
    (gap,) = bench.backfill.so_far([STREAM], (0.0, 0.0)) or bench.filled
    assert (gap.reason, gap.ids, gap.last_received) == (Reason.NETWORK, (), 100.0)


def test_what_a_quiet_stream_missed_is_told_to_others() -> None:
    """To those who do not get it: without ids, with the window of the loss, once."""
    past = Trades()
    past.newest = 6
    bench = quiet(past, 3.0)
    bench.settle()
    assert [gap.ids for gap in bench.backfill.so_far([STREAM], (1.0, 2.0))] == [()]
    bench.live(7)
    assert [(gap.ids, gap.last_received, gap.resumed) for gap in bench.filled] == [((), 100.0, 101.0)]
    assert not bench.gaps and not bench.backfill.so_far([STREAM], (1.0, 2.0))


def test_the_running_candle_of_a_quiet_stream_was_not_missed() -> None:
    """What comes next about it tells all; those that ended since the loss come, each as it was at its end."""
    past = Candles([(0, 2, True), (10, 4, True), (20, 6, True), (30, 1, False)])
    bench = quiet(past, 12.0)
    bench.settle()
    assert bench.got == [(10, 4, True), (20, 6, True)]
    bench.live((30, 2, False))
    assert bench.got[-1] == (30, 2, False)
    assert not bench.gaps and not bench.backfill


@pytest.mark.parametrize("first", [(10, 5, False), (10, 5, True)])
def test_a_quiet_candle_that_goes_on_has_missed_nothing(first: tuple[int, int, bool]) -> None:
    """Asked before it speaks and when it does, REST tells of no other; none waits for what may be told later."""
    past = Candles([(0, 2, True), (10, 4, False)])
    bench = quiet(past, 12.0)
    bench.settle()
    assert bench.got == []
    bench.live(first)
    bench.answer()
    assert bench.got == [first]
    assert not bench.gaps and not bench.backfill and bench.now < 3.0


def test_rest_that_is_behind_the_first_candle_of_a_quiet_stream_is_asked_again() -> None:
    """The one before may have ended meanwhile, which REST does not know yet."""
    past = Candles([(10, 4, False)])
    bench = quiet(past, 12.0)
    bench.live((20, 1, False))
    bench.answer()
    assert bench.got == []
    past.rows = [(10, 6, True), (20, 1, False)]
    bench.settle()
    assert bench.got == [(10, 6, True), (20, 1, False)]
    assert not bench.gaps


Step = st.sampled_from(["trade", "trade", "lose", "resume", "answer", "wait", "refuse"])


@given(st.lists(st.tuples(Step, st.integers(1, 7)), max_size=60), st.integers(2, 6), st.integers(0, 6), st.booleans())
def test_each_id_comes_once_and_in_order_or_is_reported(
    steps: list[tuple[str, int]], page: int, lag: int, quiet: bool
) -> None:
    """Whatever is lost, refused or late, in whatever order: no double, no step back, no hole without a report. Also
    of a stream that had brought nothing when it was lost."""
    past = Trades(page)
    bench = Bench(past, None if quiet else 1)
    bench.past.newest = newest = 1
    carried = not quiet
    if quiet:
        bench.since = 1.0
        bench.lose()
    for step, count in steps:
        if step == "trade":
            for _ in range(count):
                newest += 1
                past.newest = max(past.newest, newest - lag)
                if carried:
                    bench.live(newest)
        elif step == "lose":
            carried = False
            bench.lose()
        elif step == "resume" and not carried:
            carried = True
            bench.resume()
        elif step == "answer" and bench.asked:
            bench.answer()
        elif step == "refuse" and bench.asked:
            bench.answer(REFUSED)
        elif step == "wait":
            bench.now += count
            bench.turn()
    if not carried:
        bench.resume()
    past.newest = newest = newest + 1
    bench.live(newest)
    bench.settle()
    assert bench.got[-1] == newest
    assert not bench.backfill
    reported = {
        number
        for gap in bench.gaps
        for part in gap.ids
        for number in range(part.last_id + 1, newest if part.first_id is None else part.first_id)
    }
    if any(not gap.ids for gap in bench.gaps):
        reported.update(range(2, bench.got[0]))
    assert bench.got == sorted(set(bench.got))
    assert not set(range(1 + quiet, newest)) - set(bench.got) - reported


class LiveCandles(Candles):
    """Candles that go on, and are told as they were some changes ago; the last row of an answer is never final."""

    def __init__(self, page: int, lag: int) -> None:
        super().__init__([])
        self._size, self._lag = page, lag
        self._told = [[(0, 1)]]  # after each change: begin and trades of each candle

    @property
    def open(self) -> tuple[int, int]:
        return self._told[-1][-1]

    def trade(self) -> tuple[int, int, bool]:
        """One more trade, as it is sent."""
        begin, trades = self.open
        self._told.append([*self._told[-1][:-1], (begin, trades + 1)])
        return begin, trades + 1, False

    def close(self) -> tuple[int, int, bool]:
        """The candle ends, as it is sent; of the next one nothing is sent before its first trade."""
        begin, trades = self.open
        self._told.append([*self._told[-1], (begin + 10, 0)])
        return begin, trades, True

    def catch_up(self) -> None:
        self._lag = 0

    def page(self, after: Place | None) -> Page:
        assert after is not None
        known = self._told[max(0, len(self._told) - 1 - self._lag)]
        rows = [row for row in known if row[0] >= after.order + (after.progress == 10**9)]
        chosen = rows[: self._size]
        closed = [begin != chosen[-1][0] for begin, _ in chosen]
        payloads = [(*row, final) for row, final in zip(chosen, closed, strict=True)]
        return Page(payloads, len(rows) < self._size)


Change = st.sampled_from(["trade", "trade", "close", "arrive", "lose", "resume", "answer", "wait", "refuse"])


@example([("lose", 1), ("resume", 1), ("trade", 1), ("wait", 4), ("answer", 1), ("arrive", 1)], 3, 0)
@example([("lose", 1), ("resume", 1), ("wait", 4), ("answer", 1)], 3, 0)
@given(st.lists(st.tuples(Change, st.integers(1, 4)), max_size=60), st.integers(2, 5), st.integers(0, 5))
def test_each_candle_comes_with_its_end_or_is_reported(steps: list[tuple[str, int]], page: int, lag: int) -> None:
    """Whatever is lost, refused or late: no candle is set back or comes behind a later one, and each comes in the state
    in which it ended, unless a report has it."""
    past = LiveCandles(page, lag)
    bench = Bench(past, (0, 1, False))
    ends: dict[int, int] = {}
    under_way: list[tuple[int, int, bool]] = []
    carried = True

    def send(candle: tuple[int, int, bool]) -> None:
        if candle[2]:
            ends[candle[0]] = candle[1]
        if carried:
            under_way.append(candle)

    def arrive(count: int) -> None:
        bench.live(*under_way[:count])
        del under_way[:count]

    for step, count in steps:
        if step in ("trade", "close"):
            for _ in range(count):
                send(past.trade() if step == "trade" else past.close())
        elif step == "arrive":
            arrive(count)
        elif step == "lose":
            carried = False
            under_way.clear()
            bench.lose()
        elif step == "resume" and not carried:
            carried = True
            bench.resume()
        elif step == "answer" and bench.asked:
            bench.answer()
        elif step == "refuse" and bench.asked:
            bench.answer(REFUSED)
        elif step == "wait":
            bench.now += count
            bench.turn()
    if not carried:
        carried = True
        bench.resume()
    send(past.trade())
    arrive(len(under_way))
    past.catch_up()
    bench.settle()
    send(past.trade())
    arrive(1)
    assert bench.got[-1] == (*past.open, False)
    assert not bench.backfill
    places = [past.place(candle) for candle in bench.got]
    assert places == sorted(set(places))
    reported = [(part.last_id, part.first_id) for gap in bench.gaps for part in gap.ids]
    for begin, trades in ends.items():
        told = any(last <= begin and (first is None or begin <= first) for last, first in reported)
        assert told or (begin, trades, True) in bench.got


# -- told to those who do not get what was fetched ---------------------------------------------------------------------


class Unnumbered(Trades):
    """Trades whose ids do not follow each other: of two of them nobody can say that nothing is missing."""

    numbered = False

    def joins(self, before: Place, after: Place) -> bool:
        return False


@pytest.mark.parametrize("early", [False, True])
def test_a_filled_gap_is_told_to_others_with_its_window(early: bool) -> None:
    """Once, with the ids around it; what was filled before the stream was confirmed is told when that is so."""
    bench = Bench(Unnumbered(), before=1)
    bench.lose()
    bench.past.newest = 5
    if early:  # it comes already, though the exchange has not said so yet
        bench.live(5)
        bench.settle()
        assert bench.got == [1, 2, 3, 4, 5]
        assert bench.filled == []
        assert bench.backfill
        bench.resume()
    else:
        bench.resume()
        bench.live(5)
        bench.settle()
    (gap,) = bench.filled
    assert (gap.last_received, gap.resumed, gap.ids) == (100.0, 101.0, (StreamGap(STREAM, 1, 5),))
    assert bench.gaps == []
    assert not bench.backfill


def test_what_was_filled_is_told_when_the_stream_is_confirmed_not_when_others_are() -> None:
    """Unless nobody wants it by then."""
    for wanted in (True, False):
        bench = Bench(Unnumbered(), before=1)
        bench.lose()
        bench.past.newest = 5
        bench.live(5)
        bench.settle()
        assert bench.backfill.resumed((100.0, 101.0), bench.now, lambda stream: True) is True
        bench.turn()
        assert (bench.filled, bool(bench.backfill)) == ([], True)
        if not wanted:
            bench.backfill.forgotten([STREAM])
        assert bench.backfill.resumed((90.0, 103.0), bench.now, lambda stream: False) is False
        bench.turn()
        assert [(gap.last_received, gap.resumed) for gap in bench.filled] == ([(90.0, 103.0)] if wanted else [])
        assert not bench.backfill


def test_a_filled_gap_is_told_when_the_stream_brings_what_was_fetched() -> None:
    """No message has to come behind that."""
    bench = lost_at(3, 8)
    bench.settle()
    assert bench.filled == []
    bench.live(8)
    assert [gap.ids for gap in bench.filled] == [(StreamGap(STREAM, 3, None),)]
    assert not bench.backfill


def test_two_losses_before_a_confirmation_are_told_as_one() -> None:
    """From the last message before the first of them."""
    bench = Bench(Unnumbered(), before=1)
    for newest in (5, 9):
        bench.lose()
        bench.past.newest = newest
        bench.live(newest)
        bench.settle()
    bench.resume()
    assert [gap.ids for gap in bench.filled] == [(StreamGap(STREAM, 1, 9),)]


def test_a_filled_gap_is_told_where_the_link_ends_first() -> None:
    """Its window ends then."""
    bench = Bench(Unnumbered(), before=1)
    bench.lose()
    bench.past.newest = 5
    bench.live(5)
    bench.settle()
    bench.end()
    assert [(gap.last_received, gap.resumed) for gap in bench.filled] == [(90.0, 102.0)]


def test_nothing_is_told_where_nothing_was_missing_or_the_past_was_wanted() -> None:
    """No message was fetched, or it came first."""
    bench = Bench(Unnumbered(), before=1)
    bench.lose()
    bench.resume()
    bench.past.newest = 1
    bench.settle()
    assert bench.filled == []
    fresh = Bench(Trades())
    fresh.past.since, fresh.past.newest = Since(3, None), 5
    fresh.backfill.began(STREAM, fresh.past, 100.0)
    fresh.resume()
    fresh.live(6)
    fresh.settle()
    assert fresh.got == [3, 4, 5, 6]
    assert fresh.filled == []


@pytest.mark.parametrize(("happened", "anew"), [(52.0, False), (52.25, True)])
def test_a_lower_number_begins_anew_where_it_is_clearly_younger(happened: float, anew: bool) -> None:
    """By more than two seconds; what was fetched until then is told, and what is missing behind it."""
    past, moments = Trades(), {100: 50.0, 7: happened}
    past.newest = 103
    backfill = Backfill("key", moments.get)
    assert backfill.lost(STREAM, past, 100, Reason.NETWORK)
    backfill.resumed((100.0, 101.0), 0.0, lambda stream: False)
    (question,) = backfill.turn(2.0).questions
    backfill.answered(question, past.page(question.after), 2.0)
    assert [payload for _, payload in backfill.turn(2.0).messages] == [101, 102, 103]
    assert not backfill(SOURCE, STREAM, 7)
    turn = backfill.turn(2.5)
    assert [payload for _, payload in turn.messages] == ([7] if anew else [])
    assert [gap.ids for gap in turn.filled] == ([(StreamGap(STREAM, 100, None),)] if anew else [])
    assert [gap.ids for gap in turn.gaps] == ([(StreamGap(STREAM, 103, 7),)] if anew else [])
