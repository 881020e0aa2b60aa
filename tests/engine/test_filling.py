"""When a link's holes open and end, with a connection on the thread of the test."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

import pytest
from fake_exchange import FINAL, START, Bench, FakeExchange, Jobs, batch, calm, data, says, server

from binance_sockets.engine.frames import TEXT
from binance_sockets.errors import BackfillFailed
from binance_sockets.events import Gap, Reason, StreamGap
from binance_sockets.exchange import Page, Past, Place, Since, Stream
from binance_sockets.testing import Drop, Refuse, Send


class Told:
    """The past of a stream whose payloads are their ids, all of which the exchange tells."""

    numbered = True
    rises = True

    def __init__(self, newest: int, fills: bool = True, since: Since | None = None) -> None:
        self.fills = fills
        self.since = since
        self._newest = newest
        self.wait = 0.0
        self.waits = False
        self.asked: list[float] = []  # how long ago that was from which on all was asked for

    def place(self, payload: Any) -> Place:
        return Place(payload)

    def joins(self, before: Place, after: Place) -> bool:
        return after.order <= before.order + 1

    def repeats(self, payload: Any) -> bool:
        return False

    def pause(self) -> float:
        self.waits = self.wait > 0.0
        return self.wait

    def leave(self) -> None:
        self.waits = False

    def page(self, after: Place | float | None) -> Page:
        if isinstance(after, float):
            self.asked.append(after)
            after = Place(0)
        if self._newest < 0:
            raise RuntimeError("HTTP 500")
        first = self._newest - (self.since.count or 0) if after is None and self.since else after.order if after else 0
        return Page(list(range(first + 1, self._newest + 1)), True)


class Telling(FakeExchange):
    """Tells the past of stream ``a`` alone."""

    def __init__(self, past: Past) -> None:
        super().__init__()
        self._past = past

    def past(self, stream: Stream) -> Past | None:
        return self._past if stream.name == "a" else None


def test_what_was_lost_comes_before_the_live_messages() -> None:
    """No gap of the stream that was filled, one of the other; nothing stands in the way any more."""
    first = server(data("a", 1, 1.0), data("b", 1), Drop(after=1))
    second = server(data("a", 5, 1.0), data("a", 6), data("b", 9))
    bench = Bench(first, second, streams="ab", exchange=Telling(Told(5)))
    link = bench.connection.links[0]
    bench.run(stop_at=8)
    assert [each for each in bench.payloads if each != 9] == [1, 1, 2, 3, 4, 5, 6]
    assert [gap.streams for gap in bench.gaps] == [("b",)]
    assert link.router.delivery.stage is None


def test_what_a_quiet_stream_has_missed_comes_after_a_while() -> None:
    """Two seconds after it is back; then nothing stands in the way until it is lost again."""
    times, stages = list[float](), list[bool]()
    first = server(data("a", 1, 1.0), Drop(after=1))
    bench = Bench(first, server(data("a", 6, 5.0)), exchange=Telling(Told(5)))
    bench._callback = lambda payload: times.append(bench.now)
    link = bench.connection.links[0]
    for at in (4.0, 7.75):
        bench.clock.at(at, lambda: stages.append(link.router.delivery.stage is None))
    bench.run(stop_at=8)
    assert bench.payloads == [1, 2, 3, 4, 5, 6]
    assert times == [1.0, 4.5, 4.5, 4.5, 4.5, 7.5]
    assert stages == [False, True]


@pytest.mark.parametrize("lost", [1, 6])
@pytest.mark.parametrize("speaks", [True, False])
def test_what_a_stream_has_missed_that_had_brought_nothing(lost: int, speaks: bool) -> None:
    """It comes before the live messages, from the last safe moment on, but from none before it was confirmed."""
    past = Told(4)
    first = server(*[data("b", 9, 0.5)] * (lost * 2), Drop())
    bench = Bench(first, server(data("a", 5, 1.0 if speaks else 9.0)), streams="ab", exchange=Telling(past))
    asked_at: list[float] = []
    told, link = past.page, bench.connection.links[0]
    past.page = lambda after: asked_at.append(bench.now) or told(after)  # type: ignore[method-assign,func-returns-value]
    stages: list[bool] = []
    bench.clock.at(lost + 4.75, lambda: stages.append(link.router.delivery.stage is None))
    bench.run(stop_at=lost + 5)
    assert [each for each in bench.payloads if each != 9] == [1, 2, 3, 4, *([5] if speaks else [])]
    (gap,) = bench.gaps
    safe_at = gap.last_received - START
    assert gap.streams == ("b",) and (safe_at > 2.0 if lost == 6 else safe_at == 0.0)
    assert [at - ago for at, ago in zip(asked_at, past.asked, strict=True)] == [pytest.approx(safe_at)]
    assert stages == [speaks]


def test_a_stream_that_was_given_up_and_is_wanted_anew_misses_nothing_of_before() -> None:
    """It was lost within a second of that: what it brought before does not come again."""
    past = Told(4)
    first = server(data("a", 3, 3.0), data("b", 9, 0.5), data("b", 9, 0.5), Drop(after=0.5))
    bench = Bench(first, server(data("a", 5, 1.0)), streams="ab", exchange=Telling(past))
    bench.clock.at(3.25, lambda: bench.connection.change((), ["a"]))
    bench.clock.at(3.75, lambda: bench.connection.change([Stream("a")], ()))
    asked_at: list[float] = []
    told = past.page
    past.page = lambda after: asked_at.append(bench.now) or told(after)  # type: ignore[method-assign,func-returns-value]
    bench.run(stop_at=9)
    assert 3.75 <= asked_at[0] - past.asked[0] <= 4.0
    assert bench.payloads[:3] == [3, 9, 9]
    assert bench.payloads[-1] == 5


def test_history_alone_fills_nothing_of_a_stream_that_had_none() -> None:
    """Its gap is reported as ever, once there was no history to come."""
    past = Told(0, fills=False, since=Since(count=2))
    first, second = server(Drop(after=2)), server(data("a", 3, 5.0))
    bench = Bench(first, second, exchange=Telling(past))
    afters: list[Any] = []
    past.page = lambda after: afters.append(after) or Page([], True)  # type: ignore[method-assign,func-returns-value]
    bench.run(stop_at=9)
    assert bench.payloads == [3]
    assert set(afters) == {None}
    assert [(gap.streams, gap.error) for gap in bench.gaps] == [(("a",), None)]


def test_a_loss_of_a_quiet_stream_may_have_begun_earlier() -> None:
    """As found only when it was open already: all since then is asked for."""
    past, asked_at = Told(4), list[float]()
    bench = Bench(server(Drop(after=1)), server(data("a", 5, 4.0)), exchange=Telling(past))
    told = past.page
    past.page = lambda after: asked_at.append(bench.now) or told(after)  # type: ignore[method-assign,func-returns-value]
    bench.clock.at(1.25, lambda: bench.connection.links[0].losses.widen(START - 0.5))
    bench.run(stop_at=4)
    assert [at - ago for at, ago in zip(asked_at, past.asked, strict=True)] == [pytest.approx(-0.5)]


def test_what_a_quiet_stream_was_given_is_told_to_others_until_now() -> None:
    """No id tells what of it came live, too: their gap lasts until something newer has come."""
    bench = Bench(server(Drop(after=1)), server(data("a", 5, 9.0)), exchange=Telling(Told(4)))
    found: list[Gap] = []
    bench.clock.at(6.0, lambda: found.extend(bench.connection.links[0].losses.so_far(["a"], fills=False)))
    bench.run(stop_at=7)
    (gap,) = found
    assert (gap.ids, gap.resumed) == ((), START + 6.0)


def test_a_quiet_stream_whose_past_cannot_be_asked_is_a_gap_with_its_cause() -> None:
    """Without ids, with the window of the loss; what comes next waits for no more."""
    bench = Bench(server(Drop(after=5)), server(data("a", 5, 1.0)), exchange=Telling(Told(-1)))
    bench.run(stop_at=10)
    (gap,) = bench.gaps
    assert (gap.streams, gap.ids, gap.reason, gap.resumed) == (("a",), (), Reason.NETWORK, START + 5.5)
    assert isinstance(gap.error, BackfillFailed) and gap.error.why == "HTTP 500"
    assert bench.payloads == [5]


def test_a_loss_behind_a_message_of_an_unknown_kind_is_a_gap_with_its_cause() -> None:
    """Messages came before it: they are not asked for by time, as they might come twice."""
    past = Told(5)
    first = server(data("a", 1, 1.0), data("a", "?"), Drop(after=1))
    bench = Bench(first, server(data("a", 6, 1.0)), exchange=Telling(past))
    bench.run(stop_at=8)
    (gap,) = bench.gaps
    assert isinstance(gap.error, BackfillFailed) and not gap.ids
    assert gap.error.why == "nobody knows where the message stands that came last"
    assert bench.payloads == [1, "?", 6]
    assert past.asked == []


def test_history_comes_first() -> None:
    """As soon as the stream is confirmed, although it is quiet."""
    bench = Bench(server(data("a", 9, 5.0)), exchange=Telling(Told(8, since=Since(count=3))))
    bench.run(stop_at=7)
    assert bench.payloads == [6, 7, 8, 9]
    assert not bench.gaps


def test_history_alone_fills_no_later_loss() -> None:
    """Its gap is reported as ever."""
    past = Told(2, fills=False, since=Since(count=2))
    first, second = server(data("a", 3, 1.0), Drop(after=1)), server(data("a", 6, 1.0))
    bench = Bench(first, second, exchange=Telling(past))
    bench.run(stop_at=8)
    assert bench.payloads == [1, 2, 3, 6]
    assert [(gap.streams, gap.error) for gap in bench.gaps] == [(("a",), None)]


def test_a_refusal_is_told_with_its_cause() -> None:
    """The window of the gap is that of the loss."""
    first, second = server(data("a", 1, 1.0), Drop(after=1)), server(data("a", 5, 1.0))
    bench = Bench(first, second, exchange=Telling(Told(-1)))
    bench.run(stop_at=8)
    (gap,) = bench.gaps
    assert (gap.reason, gap.ids) == (Reason.NETWORK, (StreamGap("a", 1, 5),))
    assert isinstance(gap.error, BackfillFailed)
    assert gap.error.why == "HTTP 500"
    assert (gap.last_received, gap.resumed) == (START, START + 2.5)
    assert bench.payloads == [1, 5]


def test_giving_up_keeps_nothing_back() -> None:
    """What waited is delivered before the last payload, and what is missing before it and behind it is reported."""
    jobs = Jobs()
    first = server(data("a", 1, 1.0), Drop(after=1))
    second = server(data("a", 5, 1.0), data("a", 6), Drop(after=1))
    bench = Bench(
        first,
        second,
        *[Refuse(OSError("no"))] * 2,
        exchange=Telling(Told(4)),
        submit=jobs,
        options=calm(max_reconnects=2),
    )
    bench.run()
    assert bench.payloads == [1, 5, 6, FINAL]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 1, 5),), (StreamGap("a", 6, None),)]
    jobs.run()
    assert bench.payloads[-1] == FINAL


@pytest.mark.parametrize("at", [2.5, 4.5])
def test_a_stop_while_a_hole_is_open(at: float) -> None:
    """No callback begins any more, whatever the exchange answers later: what is missing or waits is told as a gap."""
    jobs = Jobs()
    first, second = server(data("a", 1, 1.0), Drop(after=1)), server(data("a", 5, 1.0))
    bench = Bench(first, second, exchange=Telling(Told(4)), submit=jobs)
    bench.run(stop_at=at)
    jobs.run()
    assert bench.payloads == [1]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 1, None),)]
    assert bench.connection.links[0].router.delivery.stage is None


@pytest.mark.parametrize("at", [2.2, 4.5])
def test_a_stream_that_leaves_while_its_hole_is_open_is_told_of_once(at: float) -> None:
    """What is missing, or waits, goes on to then, whether its link is back or not; it comes to nobody any more."""
    first, second = server(data("a", 1, 1.0), data("b", 1), Drop(after=1)), [data("a", 5, 1.0)] * (at > 3.0)
    bench = Bench(first, server(*second), streams="ab", exchange=Telling(Told(4)), submit=Jobs())
    bench.clock.at(at, lambda: bench.connection.change((), ["a"]))
    bench.run(stop_at=6)
    assert bench.payloads == [1, 1]
    (gap,) = [gap for gap in bench.gaps if gap.streams != ("b",)]
    assert (gap.streams, gap.ids) == (("a",), (StreamGap("a", 1, None),))
    assert gap.resumed == pytest.approx(START + at, abs=0.1)
    assert isinstance(gap.error, BackfillFailed)


@pytest.mark.parametrize("left", [True, False], ids=["given up", "stopped"])
def test_a_page_that_nobody_wants_holds_nobody_back(left: bool) -> None:
    """One that waits for its turn stands in no line when its stream is given up, or its socket is stopped."""
    past, seen = Told(5), list[bool]()
    past.wait = 1.0
    first = server(data("a", 1, 1.0), Drop(after=1))
    bench = Bench(first, server(data("a", 5, 1.0)), streams="ab", exchange=Telling(past))
    bench.clock.at(6.0, lambda: seen.append(past.waits))
    if left:
        bench.clock.at(6.1, lambda: bench.connection.change((), ["a"]))
        bench.clock.at(6.9, lambda: seen.append(past.waits))
    bench.run(stop_at=7)
    assert seen.pop(0) and not any([*seen, past.waits])


def test_a_hole_may_have_begun_earlier() -> None:
    """As found only when it was open already: what cannot be filled is told from there on."""
    first, second = server(data("a", 1, 1.0), Drop(after=1)), server(data("a", 5, 1.0))
    bench = Bench(first, second, exchange=Telling(Told(-1)))
    bench.clock.at(2.2, lambda: bench.connection.links[0].losses.widen(START - 0.5))
    bench.run(stop_at=8)
    (gap,) = bench.gaps
    assert gap.last_received == START - 0.5


def test_each_loss_has_its_own_window() -> None:
    """One that is over does not lengthen the next one."""
    first, second = server(data("a", 1, 1.0), Drop(after=1)), server(data("a", 5, 1.0), Drop(after=10))
    bench = Bench(first, second, server(data("a", 9, 1.0)), exchange=Telling(Told(-1)))
    bench.run(stop_at=25)
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 1, 5),), (StreamGap("a", 5, 9),)]
    assert bench.gaps[0].resumed <= bench.gaps[1].last_received


def test_losses_before_the_stream_is_back_are_one() -> None:
    """Its window begins with the first of them."""
    first, silent = server(data("a", 1, 1.0), Drop(after=1)), server(Drop(after=9), answer=False)
    bench = Bench(first, silent, server(data("a", 9, 1.0)), exchange=Telling(Told(-1)))
    bench.run(stop_at=25)
    (gap,) = bench.gaps
    assert gap.ids == (StreamGap("a", 1, 9),)
    assert gap.last_received == START


@pytest.mark.parametrize(("safe_at", "resumed"), [(5.0, 5.25), (5.25, 5.25), (5.5, 5.25)])
def test_a_loss_that_is_told_of_an_open_link(safe_at: float, resumed: float) -> None:
    """From when to when is what was told, by the wall clock; it is never shorter than nothing."""
    bench = Bench(server(data("a", 1, 1.0), data("a", 5, 6.0)), exchange=Telling(Told(-1)))
    link = bench.connection.links[0]

    def lose() -> None:
        link.losses.lose(Reason.NETWORK, START + safe_at, ["a"])
        link.since["a"] = START
        link.losses.resumed(START + resumed, bench.clock.now)

    bench.clock.at(6.0, lose)
    bench.run(stop_at=10)
    (gap,) = bench.gaps
    assert (gap.last_received, gap.resumed) == (START + min(safe_at, resumed), START + resumed)


def test_a_stream_that_another_link_has_brought_until_now_has_had_its_history() -> None:
    """It is not asked for again; what is lost here is filled."""
    past = Told(8, since=Since(count=3))
    bench = Bench(
        server(data("a", 6, 2.0), Drop(after=1)), server(data("a", 9, 1.0)), streams="b", exchange=Telling(past)
    )
    bench.clock.at(1.0, lambda: bench.connection.links[0].change([Stream("a")], (), bench.clock.now, moved=True))
    bench.run(stop_at=9)
    assert bench.payloads == [6, 7, 8, 9]
    assert [gap for gap in bench.gaps if "a" in gap.streams] == []


def test_a_hole_that_opens_in_the_midst_of_what_was_read() -> None:
    """The exchange says that it does not carry the stream, and what came just behind that was read with it."""
    good = server(data("a", 1, 0.5))
    lists = iter([[], *[["a"]] * 9])

    def react(opcode: int, payload: bytes) -> Iterable[Send | Drop]:
        asked = json.loads(payload) if opcode == TEXT else {}
        if asked.get("op") != "list":
            return list(good.react(opcode, payload))
        answer = says(ref=asked["ref"], ok=True, list=(found := next(lists)))
        return [answer] if found else [batch(answer, data("a", 2), data("a", 3)), data("a", 4, 2.0)]

    exchange = Telling(Told(4))
    exchange.lists = True
    bench = Bench(dataclasses.replace(good, react=react), exchange=exchange)
    bench.run(stop_at=20)
    assert bench.payloads == [1, 2, 3, 4]


def test_a_question_whose_answer_nobody_awaits_is_not_asked() -> None:
    """It stood behind others until it was given up: those behind it need not wait for it, too."""
    jobs, told = Jobs(), Told(4)
    first, second = server(data("a", 1, 1.0), Drop(after=1)), server(data("a", 5, 1.0), data("a", 6, 70.0))
    bench = Bench(first, second, exchange=Telling(told), submit=jobs, options=calm(stale=300.0))
    asked: list[Any] = []
    told.page = lambda after: asked.append(after) or Page([], True)  # type: ignore[method-assign,func-returns-value]
    bench.clock.at(69.0, jobs.run)
    bench.run(stop_at=80)
    assert bench.payloads == [1, 5, 6]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 1, 5),)]
    assert not asked and not jobs.waiting
