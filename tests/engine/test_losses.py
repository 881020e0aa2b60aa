"""What a link may miss, told once, with a window that is never too narrow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fake_exchange import START, Bench, FakeExchange, calm, data, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine.losses import Losses
from binance_sockets.engine.router import StreamStats
from binance_sockets.engine.timers import Timer, Timers
from binance_sockets.errors import ConnectionLost
from binance_sockets.events import Reason, StreamGap
from binance_sockets.exchange import Continuity, Position, Stream
from binance_sockets.testing import Drop, FakeClock

NUMBERED = Continuity(Position, ids=True)  # payloads are their ids


class _Link(SimpleNamespace):
    """Facts of a link without a WebSocket; ``told`` is what it asks its connection to do."""

    def __init__(self, *names: str, rule: Continuity | None = None) -> None:
        self.told: list[Any] = []
        self.lacking: set[str] = set()
        super().__init__(
            around=SimpleNamespace(conn_key="key", clock=FakeClock(START)),
            router=SimpleNamespace(
                stats={name: StreamStats() for name in names}, delivery=SimpleNamespace(backfill=None)
            ),
            rule=lambda name: rule,
            twins=None,
            since={},
            lacks=lambda name: name in self.lacking,
            ready=True,
            timers=Timers(),
            wanted=names,
            do=lambda command: self.told.append(command.gap),
        )

    def came(self, name: str, payload: int) -> None:
        """The router has delivered a message."""
        stats = self.router.stats[name]
        stats.messages, stats.payload = stats.messages + 1, payload
        stats.first = payload if stats.first is None else stats.first


class _Twins(SimpleNamespace):
    """Other links that have none of what is lost; ``asked`` are the moments at which they are to go on."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        super().__init__(lost=lambda link, names, safe_at: names, go_on=lambda link, now: self.asked.append(now))


def lost(*names: str, at: float = 3.0, rule: Continuity | None = None) -> tuple[Any, Losses]:
    """A link that lost ``names`` so many seconds after the start, when each had brought message 1; it is 10 s later
    than the start."""
    link: Any = _Link(*names, rule=rule)
    for name in names:
        link.came(name, 1)
    losses = Losses(link)
    link.lacking = set(names)
    losses.lose(Reason.NETWORK, START + at, names)
    link.around.clock.now = START + 10.0
    return link, losses


def windows(link: Any) -> list[tuple[Reason, tuple[str, ...], float, float]]:
    """Of each gap that was told: why, of which streams, and its window in seconds after the start."""
    return [(gap.reason, gap.streams, gap.last_received - START, gap.resumed - START) for gap in link.told]


def back(link: Any, losses: Losses, *names: str) -> None:
    """``names`` come again since now."""
    link.lacking -= set(names)
    losses.resumed(link.around.clock.now, link.around.clock.now)


def test_of_a_stream_that_leaves_is_told_what_it_has_missed() -> None:
    """Up to now, whether something came behind the loss or not; the others are lost as before."""
    link, losses = lost("a", "b", rule=NUMBERED)
    link.came("a", 2)
    losses.forgotten(iter(["a"]))
    assert windows(link) == [(Reason.NETWORK, ("a",), 3.0, 10.0)]
    assert (losses.names, losses.open) == (["b"], True)
    losses.forgotten(["b"])
    assert windows(link)[1:] == [(Reason.NETWORK, ("b",), 3.0, 10.0)]
    assert [gap.ids for gap in link.told] == [(StreamGap("a", 1, 2),), (StreamGap("b", 1, None),)]
    assert (losses.names, losses.open) == ([], False)


def test_of_a_stream_that_another_link_goes_on_with_nothing_is_told() -> None:
    """It misses nothing: the other link has brought it all the time."""
    link, losses = lost("a")
    losses.forgotten(["a"], elsewhere=True)
    assert (link.told, losses.names, losses.open) == ([], [], False)


def test_a_gap_that_is_over_waits_for_the_streams_that_stay() -> None:
    """Those that leave meanwhile are told of at once, and not again; where none is left nothing is waited for."""
    link, losses = lost("a", "b", rule=NUMBERED)
    back(link, losses, "a", "b")
    assert (link.told, link.timers.at(Timer.GAP)) == ([], START + 12.0)
    losses.forgotten(["a"])
    assert windows(link) == [(Reason.NETWORK, ("a",), 3.0, 10.0)]
    assert losses.open and link.timers.at(Timer.GAP) is not None
    link.wanted = ("b",)
    losses.forgotten(["b"])
    assert [gap.streams for gap in link.told] == [("a",), ("b",)]
    assert (losses.open, link.timers.at(Timer.GAP)) == (False, None)


def test_what_is_lost_is_no_longer_there_since_some_moment() -> None:
    """And another link is asked to go on with it, unless it is known to have it."""
    link: Any = _Link("a", "b")
    link.since, link.twins = {"a": 1.0, "b": 2.0}, _Twins()
    losses = Losses(link)
    link.around.clock.now = START + 10.0
    losses.lose(Reason.NETWORK, START + 3.0, iter(["a"]))
    assert (link.since, link.twins.asked, losses.names) == ({"b": 2.0}, [START + 10.0], ["a"])
    link.twins.lost = lambda link, names, safe_at: []
    losses.lose(Reason.NETWORK, START + 3.0, ["b"])
    assert (link.since, link.twins.asked, losses.names) == ({}, [START + 10.0], ["a"])


def test_what_was_missed_is_over_already() -> None:
    """It is told at once, of a stream that comes as ever."""
    link: Any = _Link("a")
    link.around.clock.now = START + 10.0
    losses = Losses(link)
    losses.missed(Reason.STALE, START + 3.0, ["a"], START + 10.0)
    assert (windows(link), losses.open) == ([(Reason.STALE, ("a",), 3.0, 10.0)], False)


def test_a_gap_that_is_over_is_told_before_another_begins() -> None:
    """Without waiting any longer for the ids at its end; the other one is told with its own."""
    link, losses = lost("a", rule=NUMBERED)
    back(link, losses, "a")
    losses.lose(Reason.STALE, START + 9.0, ["a"])
    assert [gap.ids for gap in link.told] == [(StreamGap("a", 1, None),)]
    back(link, losses, "a")
    link.came("a", 7)
    assert len(link.told) == 1
    losses.advance(START + 10.0)
    assert [gap.ids for gap in link.told[1:]] == [(StreamGap("a", 1, 7),)]
    assert link.timers.at(Timer.GAP) is None


def test_nothing_that_is_lost_changes_no_gap() -> None:
    """Neither its begin nor its streams."""
    link, losses = lost("a")
    losses.lose(Reason.NETWORK, START + 1.0, [])
    back(link, losses, "a")
    assert windows(link) == [(Reason.NETWORK, ("a",), 3.0, 10.0)]


def test_a_gap_that_is_widened_begins_earlier() -> None:
    """Where there is one."""
    link, losses = lost("a")
    Losses(link).widen(START + 1.0)
    losses.widen(START + 2.0)
    back(link, losses, "a")
    assert windows(link) == [(Reason.NETWORK, ("a",), 2.0, 10.0)]


@pytest.mark.parametrize(("ready", "reason"), [(True, Reason.REJECTED), (False, Reason.NETWORK)])
def test_what_is_not_back_when_all_is_answered_was_refused(ready: bool, reason: Reason) -> None:
    """What is back is told apart from it; each has the same begin."""
    link, losses = lost("a", "b")
    link.ready = ready
    back(link, losses, "a")
    link.around.clock.now = START + 15.0
    back(link, losses, "b")
    assert windows(link) == [(Reason.NETWORK, ("a",), 3.0, 10.0), (reason, ("b",), 3.0, 15.0)]


def test_a_gap_that_is_over_is_told_when_another_is() -> None:
    """Each with its own end; a confirmation with which nothing comes back does not end the wait for ids."""
    link, losses = lost("a", "b", rule=NUMBERED)
    back(link, losses, "a")
    back(link, losses)
    assert link.told == []
    link.around.clock.now = START + 11.0
    back(link, losses, "b")
    assert windows(link) == [(Reason.NETWORK, ("a",), 3.0, 10.0)]
    losses.tell()
    assert windows(link)[1:] == [(Reason.REJECTED, ("b",), 3.0, 11.0)]


def test_what_another_link_has_lost_goes_on_here() -> None:
    """Behind the gap that is over here, together with what is missing here, by the counters of this link."""
    (link, losses), (other, others) = lost("a", "b", rule=NUMBERED), lost("b", "c", at=2.0, rule=NUMBERED)
    link.router.stats["c"] = StreamStats()
    back(link, losses, "a")
    losses.take_over(others, ["b", "c"])
    assert (others.names, others.open, losses.names) == ([], False, ["b", "c"])
    assert windows(link) == [(Reason.NETWORK, ("a",), 3.0, 10.0)]
    link.wanted = ("b", "c")
    back(link, losses, "b", "c")
    link.came("b", 5)
    link.came("c", 6)
    losses.advance(START + 10.0)
    assert windows(link)[1:] == [(Reason.REJECTED, ("b", "c"), 2.0, 10.0)]
    assert link.told[1].ids == (StreamGap("b", 1, 5), StreamGap("c", 1, 6))
    losses.take_over(others, ["b"])
    assert (losses.open, other.told) == (False, [])


def test_where_the_link_ends_what_it_has_lost_is_told() -> None:
    """Up to the end, behind the gap that is over; also where nothing has come since."""
    link, losses = lost("a", "b", "c", rule=NUMBERED)
    back(link, losses, "a")
    link.came("b", 2)
    link.around.clock.now = START + 11.0
    losses.end(ConnectionLost("the end"))
    gaps = [(Reason.NETWORK, ("a",), 3.0, 10.0), (Reason.REJECTED, ("b", "c"), 3.0, 11.0)]
    assert (windows(link), losses.open) == (gaps, False)
    losses.end(ConnectionLost("the end"))
    assert len(link.told) == 2
    link, losses = lost("a")
    losses.end(ConnectionLost("the end"))
    assert windows(link) == [(Reason.NETWORK, ("a",), 3.0, 10.0)]


def test_a_gap_of_which_nothing_is_wanted_any_more_is_not_told() -> None:
    """Its wait is over all the same."""
    link, losses = lost("a", rule=NUMBERED)
    back(link, losses, "a")
    link.wanted = ()
    losses.tell()
    assert (link.told, losses.open, link.timers.at(Timer.GAP)) == ([], False, None)


def test_a_loss_that_is_added_may_have_begun_earlier() -> None:
    """A stream that is refused is lost since then; the WebSocket that breaks a moment later was last read before."""
    link: Any = _Link("refused", "read")
    clock, losses = link.around.clock, Losses(link)
    losses.lose(Reason.REJECTED, START + 10.0, ["refused"])
    losses.lose(Reason.NETWORK, START + 5.0, ["refused", "read"])
    clock.now = START + 20.0
    losses.resumed(clock.now, clock.now)
    (gap,) = link.told
    assert gap.streams == ("refused", "read")
    assert (gap.last_received, gap.resumed) == (clock.time() - 15.0, clock.time())


def test_a_loss_that_is_taken_over_is_told_apart_from_one_that_is_over() -> None:
    """A link has had its streams since before it lost something, and what the other link lost is over only now: one
    window would end too early for that."""
    link: Any = _Link("a")
    clock, losses, others = link.around.clock, Losses(link), Losses(link)
    clock.now = START + 20.0
    others.lose(Reason.STALE, START + 15.0, ["a"])
    losses.lose(Reason.NETWORK, START + 3.0, ["a"])
    losses.resumed(START + 8.0, clock.now)
    losses.take_over(others, ["a"])
    losses.resumed(clock.now, clock.now)
    wall = clock.time() - 20.0
    windows = [(gap.reason, gap.last_received - wall, gap.resumed - wall) for gap in link.told]
    assert windows == [(Reason.NETWORK, 3.0, 8.0), (Reason.STALE, 15.0, 20.0)]


def test_a_stream_that_was_added_to_an_open_gap_has_its_ids() -> None:
    """One stream is refused for now, so that its gap stays open. Another one is wanted meanwhile, and is lost: its
    messages are counted as those of the first."""
    bench = Bench(
        server(data("a", 1), Drop(after=1.0)),
        server(data("c", 5, after=2.0), Drop(after=0.5), refuses="a"),
        server(data("c", 9, after=1.0), refuses="a"),
        streams="a",
        exchange=FakeExchange(ids=True, per_frame=1),
        options=calm(initial=1.0),
    )
    bench.clock.at(2.5, lambda: bench.connection.change([Stream("c")], ()))
    bench.run(stop_at=20)
    assert bench.payloads == [1, 5, 9]
    assert [each for gap in bench.gaps for each in gap.ids if each.stream == "c"] == [StreamGap("c", 5, 9)]


def test_a_stream_that_was_added_to_an_open_gap_is_told_where_the_link_ends() -> None:
    """It has brought something behind what it lost, though its confirmation never came: that lies in the midst."""
    quiet = server(data("c", 9, after=1.0), answer=False)
    bench = Bench(
        server(data("a", 1), Drop(after=1.0)),
        server(data("c", 5, after=2.0), Drop(after=0.5), refuses="a"),
        quiet,
        streams="a",
        exchange=FakeExchange(ids=True, per_frame=1),
        options=calm(initial=1.0, ack=60.0),
    )
    bench.clock.at(2.5, lambda: bench.connection.change([Stream("c")], ()))
    bench.run(stop_at=9)
    assert bench.payloads == [1, 5, 9]
    (gap,) = bench.gaps
    assert gap.streams == ("a", "c") and StreamGap("c", 5, 9) in gap.ids


STREAMS = st.sets(st.sampled_from("abc"), min_size=1)


@given(st.lists(st.tuples(st.sampled_from(["lose", "back", "sent", "sent"]), STREAMS), max_size=40))
def test_each_stream_is_missing_until_it_is_back(steps: list[tuple[str, set[str]]]) -> None:
    """In whatever order streams are lost and come back, each message that one of them has missed lies in a gap, by its
    id and by its time."""
    link: Any = _Link("a", "b", "c", rule=NUMBERED)
    clock, losses, stats = link.around.clock, Losses(link), link.router.stats
    missed: list[tuple[str, int, float]] = []
    for number, (what, names) in enumerate(steps):
        clock.now += 1.0
        if what == "lose":
            losses.lose(Reason.NETWORK, clock.now - 0.5, sorted(names))
            link.lacking |= names
        elif what == "back":
            link.lacking -= names
            losses.resumed(clock.now, clock.now)
        for name in sorted(names) if what == "sent" else ():
            if name in link.lacking:
                missed.append((name, number, clock.time()))
                continue
            each = stats[name]
            each.messages, each.payload = each.messages + 1, number
            each.first = number if each.first is None else each.first
        losses.advance(clock.now)
    link.lacking.clear()
    losses.resumed(clock.now, clock.now)
    losses.tell()
    assert not losses.open
    for name, number, at in missed:
        around = [gap for gap in link.told if name in gap.streams and gap.last_received <= at <= gap.resumed]
        found = [[each for each in gap.ids if each.stream == name] for gap in around]
        assert any(
            all(each.last_id < number and (each.first_id is None or number < each.first_id) for each in ids)
            for ids in found
        )
