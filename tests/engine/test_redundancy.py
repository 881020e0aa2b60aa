"""Several links that deliver as one: the first copy wins, in order, and what both have missed is known."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from fake_exchange import START, Bench, FakeExchange, calm, data, says, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine import redundancy
from binance_sockets.engine.frames import TEXT
from binance_sockets.engine.redundancy import Copies, Twins, twins_of
from binance_sockets.errors import ConnectError
from binance_sockets.events import Reason, State, StreamGap
from binance_sockets.exchange import Continuity, Group, Position, Stream
from binance_sockets.testing import Drop, Refuse, Script, Send

BY_ID = Continuity(lambda payload: Position(payload), True)
CLOCK = partial(float, 0.0)
CANDLES = Continuity(lambda payload: Position(payload[0], payload[1]), True)
GROWING = Continuity(lambda payload: Position(*payload), True)  # payloads are (open time, content, progress)


class Line:
    """One link: what is on its way to the client, since which message it is subscribed, what it brought last."""

    def __init__(self) -> None:
        self.queue: list[int] = []
        self.since: int | None = None
        self.next = 0


class _Hashed:
    """A stand-in for a link: facts by name, itself by identity."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.__dict__.update(facts)


class Side:
    """One of several links that stand still: what it is asked to do, and what it delivers.

    Args:
        *since: streams that it has since 0.0.
        lost: streams that it has lost.
        rejected: streams that its WebSocket was refused.
        safe_at: of its WebSocket.
        copy: of its group.
    """

    def __init__(
        self,
        *since: str,
        lost: Iterable[str] = (),
        rejected: Iterable[str] = (),
        safe_at: float = 0.0,
        copy: int = 0,
    ) -> None:
        self.now = [0.0]
        self.told: list[Any] = []
        self.delivered: list[Any] = []
        losses = SimpleNamespace(
            names=list(lost),
            missed=lambda *what: self.told.append(what),
            resumed=lambda *what: self.told.append(("resumed", *what)),
            take_over=lambda *what: self.told.append(("takes over", *what)),
        )
        subscriptions = SimpleNamespace(rejected=set(rejected))
        self.link: Any = _Hashed(
            {
                "state": State.OPEN,
                "since": dict.fromkeys(since, 0.0),
                "current": _Hashed({"safe_at": safe_at, "subscriptions": subscriptions}),
                "twins": None,
                "group": SimpleNamespace(copy=copy),
                "rule": lambda stream: BY_ID,
                "around": SimpleNamespace(clock=SimpleNamespace(monotonic=lambda: self.now[0])),
                "router": SimpleNamespace(delivery=SimpleNamespace(twins=None), release=self.delivered.extend),
                "losses": losses,
                "listing": SimpleNamespace(safe_at=lambda socket, names: socket.safe_at),
            }
        )

    def brings(self, payload: int) -> Any:
        """Whether a message of stream ``s`` is delivered."""
        return self.link.router.delivery.twins(None, "s", payload)


def beside(*sides: Side) -> Twins:
    """Their links carry the same; all have the clock of the first."""
    twins = Twins(lambda stream: BY_ID)
    for side in sides:
        side.now = sides[0].now
        twins.add(side.link)
    return twins


class World:
    """An exchange that counts, two links, and a client that notes what it delivers."""

    def __init__(self) -> None:
        self.copies = Copies(BY_ID, CLOCK)
        self.lines = {"a": Line(), "b": Line()}
        self.sent = 0
        self.delivered: list[int] = []
        self.missed: set[int] = set()

    def send(self) -> None:
        for line in self.lines.values():
            if line.since is not None:
                line.queue.append(self.sent)
        self.sent += 1

    def open(self, name: str) -> None:
        line = self.lines[name]
        if line.since is None:
            line.since = line.next = self.sent
            line.queue = []

    def bring(self, name: str) -> None:
        line = self.lines[name]
        if line.queue:
            number = line.queue.pop(0)
            line.next = number + 1
            if self.copies.came(name, number):
                self.delivered.append(number)
        self.release()

    def lose(self, name: str) -> None:
        line, other = self.lines[name], self.lines["b" if name == "a" else "a"]
        if line.since is None:
            return
        self.copies.left(name)
        covered = other.since is not None and (other.since <= line.next or self.copies.joined(self.name_of(other)))
        if not covered:  # until the next link is open
            until = self.sent if other.since is None else other.since
            self.missed |= set(range(line.next, until))
            if other.since is None:
                self.missed |= {-1}
        line.since, line.queue = None, []
        self.release()

    def name_of(self, line: Line) -> str:
        return next(name for name, each in self.lines.items() if each is line)

    def release(self) -> None:
        if self.copies.waiting:
            self.delivered += self.copies.release()


@given(
    st.lists(
        st.tuples(st.sampled_from(["send", "open", "bring", "bring", "lose"]), st.sampled_from("ab")), max_size=200
    )
)
def test_the_first_copy_wins(steps: list[tuple[str, str]]) -> None:
    """In whatever order two links open, lag and are lost: no message comes twice or behind a later one, and none is
    missing while one of the links has it."""
    world = World()
    blind: set[int] = set()  # sent while no link was open
    for what, name in steps:
        if what == "send":
            if all(line.since is None for line in world.lines.values()):
                blind.add(world.sent)
            world.send()
        else:
            getattr(world, what)(name)
    for name in "ab":
        while world.lines[name].queue:
            world.bring(name)
    world.release()
    assert world.delivered == sorted(set(world.delivered))
    if world.delivered:
        first, last = world.delivered[0], world.delivered[-1]
        assert set(range(first, last)) - set(world.delivered) <= world.missed | blind


def test_candles_of_one_minute_are_told_apart_by_what_they_hold() -> None:
    """Messages of the same order but other content are all delivered, each once."""
    copies = Copies(CANDLES, CLOCK)
    came = [copies.came(*each) for each in [("a", (1, "x")), ("b", (1, "x")), ("a", (1, "y")), ("b", (1, "y"))]]
    assert came == [True, False, True, False]


def test_a_candle_never_goes_back() -> None:
    """A link that began later is ahead: what the other brings of the same candle, older than that, is over."""
    copies = Copies(GROWING, CLOCK)
    assert copies.came("a", (1, "y", 5))
    assert not copies.came("b", (1, "x", 4))
    assert not copies.came("b", (1, "y", 5))
    assert copies.joined("b") and not copies.waiting and copies.release() == []
    assert [copies.came("b", each) for each in ((1, "z", 6), (2, "x", 1))] == [True, True]


def test_a_link_that_is_ahead_waits() -> None:
    """What a new link brings first waits until the other has brought it, too; then it is as good as that."""
    copies = Copies(BY_ID, CLOCK)
    assert copies.came("a", 1)
    assert not copies.came("b", 5) and not copies.waiting
    assert [copies.came("a", number) for number in (2, 3, 4, 5)] == [True] * 4
    assert copies.joined("b") and copies.came("b", 6)


def test_a_link_that_is_ahead_waits_not_for_ever() -> None:
    """Where the other one says nothing any more, what waits is delivered after a while."""
    copies = Copies(BY_ID, CLOCK)
    assert copies.came("a", 1)
    assert not copies.came("b", 5)
    assert [copies.overdue(at) for at in (10.0, 11.0, 12.5)] == [False, False, True]
    copies.give_up()
    assert copies.waiting and copies.release() == [5] and copies.came("b", 6)


def test_what_has_no_order_is_told_apart_by_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of contents is bounded."""
    monkeypatch.setattr(redundancy, "_REMEMBERED", 1000)
    copies = Copies(None, CLOCK)
    payloads: list[Any] = [{"n": number} for number in range(3000)]
    assert all(copies.came("a", payload) for payload in payloads)
    assert not copies.came("b", payloads[-1])
    assert len(copies._contents) <= 1000


def test_a_link_that_says_nothing_is_told_as_a_gap() -> None:
    """What waits is delivered in the end, and what the silent link may not have brought is told, once."""
    first, second, third = links = [Side("s", safe_at=safe_at) for safe_at in (3.0, 9.0, 2.0)]
    twins = beside(*links)
    assert [first.brings(1), third.brings(1), second.brings(5)] == [True, False, False]
    for at in (10.0, 11.0, 12.0):
        twins.advance(second.link, at)
    assert not first.told and not second.delivered
    for at in (12.5, 13.0, 20.0):
        twins.advance(second.link, at)
    assert first.told == [(Reason.STALE, 3.0, ["s"], 12.5)]  # what was surely read last
    assert (second.told, third.told) == ([], [])
    assert second.delivered == [("s", 5)]
    assert [second.brings(6), first.brings(2), third.brings(8)] == [True, False, False]
    for at in (21.0, 22.9):
        twins.advance(third.link, at)
    assert third.delivered == []  # it is waited for anew


class Twice(FakeExchange):
    """Each group of streams comes over two links."""

    def split(self, streams: Sequence[Stream]) -> list[Group]:
        return [Group(group.streams, group.endpoint, copy) for group in super().split(streams) for copy in (0, 1)]


def test_a_link_that_has_all_only_by_a_planned_change_tells_what_the_other_lost() -> None:
    """The first WebSocket of one link never has all that is wanted; its successor has. What the other link lost is over
    with that, though it is never back, and is told as a gap of its own, not as a part of a later one."""
    lost = server(*[data("a", number, after=0.5) for number in range(10)], Drop())
    part = server(data("a", 20), answer=False)  # of "b", which its URL does not ask for, nothing is said
    whole = server(data("a", 20), data("a", 30, after=1.0), Drop(after=4.0))
    exchange = Twice(ids=True, names_in_url=1)
    options = calm(initial=6.0, ack=60.0)
    refused = Refuse(ConnectError("fake", "refused"))
    outcomes = (refused, lost, part, whole, refused, server(data("a", 40), data("a", 41, after=1.0)))
    bench = Bench(*outcomes, streams="ab", exchange=exchange, options=options)
    bench.clock.at(8.0, bench.connection.reconnect)
    bench.run(stop_at=30)
    assert bench.payloads == [*range(10), 20, 30, 40, 41]
    first, second = bench.gaps
    assert first.ids == (StreamGap("a", 9, 30),)
    assert second.ids == (StreamGap("a", 30, 41),)
    assert (first.resumed, second.resumed) == (START + 10.0, START + 26.0)


class Anew(Twice):
    """Numbers below 100 are those of an exchange that was set up anew, ``later`` seconds after the last before."""

    later: float | None = 60.0

    def moment(self, payload: Any) -> float | None:
        late = 1000.0 if self.later is None else self.later
        return None if self.later is None else payload if payload >= 100 else 1000 + late + payload / 1000


@pytest.mark.parametrize(("later", "pause"), [(60.0, 3.0), (None, 61.0)])
def test_numbers_that_begin_anew_are_a_gap_and_the_stream_goes_on(later: float | None, pause: float) -> None:
    """An exchange that was set up anew counts from 1 again, on one link first: what comes then is no copy of old. Where
    no message tells its time, that is certain once nothing else has come for long."""
    exchange = Anew(ids=True, stale_after=300.0)
    exchange.later = later
    before = [data("a", number, after=0.5) for number in range(998, 1001)]
    anew = [data("a", number, after=0.5) for number in range(1, 6)]
    first = server(*before, data("a", 1, after=pause), *anew[1:])
    second = server(*before, data("a", 1, after=pause + 0.1), *anew[1:])
    bench = Bench(first, second, streams="a", exchange=exchange, options=calm())
    bench.run(stop_at=pause + 8)
    assert bench.payloads == [998, 999, 1000, 1, 2, 3, 4, 5]
    (gap,) = bench.gaps
    assert gap.ids == (StreamGap("a", 1000, 1),)
    assert gap.last_received <= START + 1.5 <= START + 1.5 + pause <= gap.resumed


def test_numbers_that_begin_anew_behind_the_end_of_both_links_are_one_gap() -> None:
    """The loss tells it already."""
    before = [data("a", number, after=0.5) for number in (999, 1000)]
    anew = [data("a", number, after=0.5) for number in range(1, 4)]
    lost, last, back = server(*before, Drop(after=0.1)), server(*before, Drop(after=0.2)), server(*anew)
    bench = Bench(last, lost, back, back, streams="a", exchange=Anew(ids=True), options=calm(initial=3.0))
    bench.run(stop_at=20)
    assert bench.payloads == [999, 1000, 1, 2, 3]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 1000, 1),)]


@pytest.mark.parametrize(("later", "pause"), [(1.9, 30.0), (None, 59.0)])
def test_a_link_that_is_behind_brings_copies(later: float | None, pause: float) -> None:
    """They are not younger than what was delivered; or that is not certain yet."""
    exchange = Anew(ids=True, stale_after=300.0)
    exchange.later = later
    before = [data("a", number, after=0.5) for number in (999, 1000)]
    late = server(data("a", 98, after=pause), data("a", 999), data("a", 1000), data("a", 1001, after=0.5))
    bench = Bench(server(*before), late, streams="a", exchange=exchange, options=calm())
    bench.run(stop_at=pause + 8)
    assert bench.payloads == [999, 1000, 1001]
    assert not bench.gaps


def test_a_message_that_tells_nothing_makes_no_copy_younger() -> None:
    """It was the last one of the link that is ahead; what the other had brought long before is no measure."""
    ahead = [data("a", number) for number in range(991, 1001)]
    late = server(data("a", 990, after=0.5), data("a", 991, after=8.0), *ahead[1:], data("a", 1001, after=0.5))
    first = server(data("a", 990, after=1.0), *ahead, data("a", "odd"))
    bench = Bench(late, first, streams="a", exchange=Anew(ids=True, stale_after=300.0), options=calm())
    bench.run(stop_at=15)
    assert bench.payloads == [*range(990, 1001), "odd", 1001]
    assert not bench.gaps


def test_what_does_not_fit_the_rule_of_its_stream_joins_no_link() -> None:
    """A copy may be another message with the same content."""
    copies = Copies(BY_ID, CLOCK)
    assert copies.came("a", 7) and copies.came("a", "odd")
    assert not copies.came("b", "odd") and not copies.joined("b")
    assert not copies.came("b", "later") and copies.came("a", "later")
    assert not copies.joined("b") and not copies.holds
    assert not copies.came("b", 7) and copies.joined("b")


def test_what_a_silent_link_has_not_brought_is_told_since_it_last_did() -> None:
    """It lives, and the exchange may have forgotten the stream on it long before the other link was lost."""
    lively = [data("a", number, after=0.5) for number in range(60)]
    first = server(data("b", "x", after=0.7), *lively)
    second = server(data("b", "x", after=0.7), Drop(after=9.3))
    third = server(data("b", "y", after=3.0))
    bench = Bench(first, second, third, streams="ab", exchange=Twice(names_in_url=9), options=calm(initial=1.0))
    bench.run(stop_at=25)
    assert "y" in bench.payloads
    (gap,) = [gap for gap in bench.gaps if "b" in gap.streams]
    assert gap.reason is Reason.STALE and gap.last_received <= START + 0.7


def _moods(script: Script, *moods: bool | None) -> Script:
    """Joins are confirmed, refused or never answered, in this order."""
    answers, behaved = iter(moods), script.react

    def react(opcode: int, payload: bytes) -> Iterable[Send | Drop]:
        if opcode != TEXT:
            return behaved(opcode, payload)
        ok = next(answers, True)
        return [] if ok is None else [says(ref=json.loads(payload)["ref"], ok=ok, why=[3, "busy"])]

    return dataclasses.replace(script, react=react)


def test_what_all_links_have_lost_is_told_when_its_stream_leaves() -> None:
    """Both are lost, and the first one back brings the stream before anything is confirmed: what lies between is in the
    midst of what was delivered, though the link that lost it has brought nothing since."""
    before = [data("a", number, after=1.0) for number in range(4)]
    unanswered = _moods(server(data("a", 20)), None)
    refused = Refuse(ConnectError("fake", "refused"))
    bench = Bench(
        server(*before, Drop(after=0.1)),
        server(*before, Drop(after=0.2)),
        unanswered,
        *[refused] * 3,
        streams="ab",
        exchange=Twice(ids=True),
        options=calm(initial=1.0, ack=60.0),
    )
    bench.clock.at(7.0, lambda: bench.connection.change((), ["a"]))
    bench.run(stop_at=9)
    assert bench.payloads == [0, 1, 2, 3, 20]
    (gap,) = [gap for gap in bench.gaps if "a" in gap.streams]
    assert gap.last_received <= START + 4.0 and gap.resumed >= START + 5.1


def test_a_link_covers_each_stream_since_it_has_that() -> None:
    """A link that was refused a stream at first, and has had everything else for long, does not cover what the other
    one lost of that stream before."""
    late = _moods(server(data("a", 1, after=1.0), data("b", 9, after=11.0)), True, False, True)
    early = server(*[data("b", number, after=0.5) for number in range(6)], Drop(after=6.0))  # silent, and perhaps dead
    options = calm(initial=4.0)
    bench = Bench(late, early, server(), streams="ab", exchange=Twice(ids=True, per_frame=1), options=options)
    bench.run(stop_at=20)
    assert bench.payloads == [0, 1, 1, 2, 3, 4, 5, 9]
    (gap,) = bench.gaps
    assert gap.streams == ("b",)
    assert gap.last_received <= START + 3.0 and gap.resumed >= START + 4.0


def test_a_link_that_came_behind_a_gap_does_not_cover_what_was_lost_before() -> None:
    """What one link has lost since a moment at which no other brought the stream is missing, though one does by now."""
    first, second = Side("s"), Side()
    twins = beside(first, second)
    assert first.brings(1)
    second.link.state = State.CONNECTING
    assert twins.lost(first.link, ["s"], 3.0) == ["s"]
    first.now[0] = 8.0
    second.link.state, second.link.since = State.OPEN, {"s": 8.0}
    twins.relies(second.link)
    assert twins.lost(first.link, ["s"], 5.0) == ["s"]
    assert twins.lost(first.link, ["s"], 9.0) == []


def test_a_copy_shows_that_a_link_brings_all() -> None:
    """What is older than all that was delivered is one, too; something new that came meanwhile shows nothing."""
    copies = Copies(BY_ID, CLOCK)
    assert [copies.came("a", 1), copies.came("a", 2), copies.came("b", 1)] == [True, True, False]
    assert copies.joined("b")
    assert copies.came("c", 9) is False
    assert copies.came("a", 3) and not copies.joined("c")
    assert copies.came("b", 4)


def test_what_was_delivered_is_whole_from_the_first_message_behind_a_break() -> None:
    """Nothing was delivered before the very first one; while a link goes on there is no break."""
    for rule, payloads in ((BY_ID, [1, 7, 8]), (None, ["x", "y", "z"])):
        now = [1.0]
        copies = Copies(rule, lambda now=now: now[0])  # type: ignore[misc]
        assert copies.came("a", payloads[0]) and copies.whole_since == float("-inf")
        copies.left("a")
        now[0] = 5.0
        assert copies.came("b", payloads[1]) and copies.whole_since == 5.0
        now[0] = 6.0
        assert copies.came("b", payloads[2]) and copies.whole_since == 5.0


def test_what_is_released_when_no_link_is_left_lies_behind_a_break() -> None:
    """It is what the first of those that wait has brought, and joins that; the copies of others are none but copies."""
    now = [1.0]
    copies = Copies(BY_ID, lambda: now[0])
    assert [copies.came("a", 1), copies.came("b", 5), copies.came("c", 5), copies.came("c", 6)] == [True, *[False] * 3]
    assert copies.release() == [] and copies.whole_since == float("-inf")
    copies.left("a")
    now[0] = 2.0
    assert copies.waiting
    assert (copies.release(), copies.whole_since) == ([5], 2.0)
    assert (copies.joined("b"), copies.joined("c"), copies.waiting) == (True, False, False)
    copies.rely(["d"])
    assert not copies.came("d", 5)
    now[0] = 3.0
    assert copies.came("b", 6) and copies.joined("c") and not copies.holds
    assert copies.whole_since == 2.0


def test_what_waits_of_a_link_that_had_the_stream_all_the_time_is_due() -> None:
    """Not what waits of others, whichever came first; both are in order."""
    copies = Copies(BY_ID, CLOCK)
    copies.came("a", 1)
    for link, number in (("c", 5), ("b", 4), ("b", 5)):
        assert not copies.came(link, number)
    copies.rely(["b"])
    assert copies.waiting and copies.release() == [4, 5]
    copies.rely(["d"])
    assert copies.came("d", 6)


def test_how_far_a_link_may_be_ahead_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """20,000 messages, unless it is the one that is waited for; what is dropped the others still bring."""
    copies = Copies(BY_ID, CLOCK)
    copies.came("a", 0)
    for number in range(1, 20_001):
        assert copies.came("b", number) is False
    assert copies.holds
    assert copies.came("b", 20_001) is False
    assert not copies.holds
    monkeypatch.setattr("binance_sockets.engine.redundancy._MOST_HELD", 1)
    assert not copies.came("b", 20_002)
    copies.rely(["b"])
    assert [copies.came("b", number) for number in (20_003, 20_004)] == [False, False]
    assert copies.release() == [20_002, 20_003, 20_004]


def test_a_link_that_was_too_far_ahead_does_not_cover_what_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited of it is forgotten: where the other ends before it has brought that, it is missing."""
    monkeypatch.setattr(redundancy, "_MOST_HELD", 2)
    first, second = Side("s"), Side("s")
    twins = beside(first, second)
    assert first.brings(1)
    first.now[0] = 5.0
    assert not any(second.brings(number) for number in (4, 5, 6))
    assert twins.lost(first.link, ["s"], 1.0) == ["s"]
    assert twins.lost(first.link, ["s"], 5.0) == []


def test_a_link_that_was_waited_for_in_vain_is_trusted_again() -> None:
    """Once it has brought something that was delivered, or has begun anew."""
    for again in (lambda copies: copies.came("a", 1), lambda copies: copies.left("a")):
        copies = Copies(BY_ID, CLOCK)
        assert copies.came("a", 1) and not copies.came("b", 5)
        assert copies.trusts("a") is True
        assert copies.give_up() == {"a"}
        assert (copies.trusts("a"), copies.trusts("b"), copies.brought) == (False, True, False)
        again(copies)
        assert copies.trusts("a")


def test_a_link_that_left_brings_nothing() -> None:
    """Nor what waits of it."""
    copies = Copies(BY_ID, CLOCK)
    copies.came("a", 1)
    copies.came("b", 5)
    copies.left("b")
    assert not copies.holds


def test_the_patience_begins_with_what_waits() -> None:
    """Two seconds, and anew where nothing waited meanwhile."""
    copies = Copies(BY_ID, CLOCK)
    copies.came("a", 1)
    copies.came("b", 3)
    assert [copies.overdue(at) for at in (10.0, 12.0, 12.5)] == [False, False, True]
    assert copies.came("a", 3) and not copies.overdue(13.0)
    copies.came("c", 9)
    assert [copies.overdue(at) for at in (13.5, 15.5, 15.6)] == [False, False, True]


def test_contents_of_one_order_are_remembered() -> None:
    """All of them, and none of the order before."""
    copies = Copies(CANDLES, CLOCK)
    assert [copies.came("a", (1, each)) for each in "xy"] == [True, True]
    copies.rely(["b"])
    assert not copies.came("b", (1, "x"))
    assert [copies.came("a", (2, each)) for each in "yx"] == [True, True]


def test_twenty_thousand_contents_are_remembered() -> None:
    """Of a stream without an order: a stream of a whole market brings thousands a second."""
    copies = Copies(None, CLOCK)
    for number in range(20_000):
        assert copies.came("a", number)
    copies.rely(["b"])
    assert not copies.came("b", 0)
    assert copies.came("a", 20_000) and copies.came("a", 0)


def test_what_waits_is_delivered_once_the_others_have_brought_it() -> None:
    """And a stream that nobody wants any more is as if it had never been."""
    first, second = Side("s"), Side("s")
    twins = beside(first, second)
    assert first.brings(1)
    assert second.brings(5) is False
    twins.forgotten(["s"])
    twins.advance(second.link, 10.0)
    assert (second.delivered, second.told, first.told) == ([], [], [])
    assert first.brings(0)


def test_a_link_that_had_the_stream_covers_what_another_loses() -> None:
    """From the moment on at which it had it; what it brings then follows what was delivered, so that it is whole."""
    first, second = Side("s"), Side("s")
    twins = beside(first, second)
    assert first.brings(1)
    assert twins.lost(first.link, ["s"], 0.0) == []  # it has it since 0.0
    first.now[0] = 6.0
    assert second.brings(2)
    first.link.since = {"s": 5.0}
    assert not first.brings(2)
    assert twins.lost(second.link, ["s"], 4.5) == []  # not covered, but joined


def test_a_link_that_is_joined_covers_what_is_lost_behind_a_break() -> None:
    """From its very moment on; one that has had the stream since before covers that, too."""
    first, second, third = Side("s"), Side(), Side()
    twins = beside(first, second, third)
    first.brings(1)
    third.link.state = State.BACKOFF
    second.link.state = State.CONNECTING
    assert twins.lost(first.link, ["s"], 0.0) == ["s"]
    second.link.state = State.OPEN
    first.now[0] = 8.0
    assert second.brings(9)
    assert twins.lost(first.link, ["s"], 8.0) == []
    assert twins.lost(first.link, ["s"], 7.9) == ["s"]
    second.link.since = {"s": 7.0}
    assert twins.lost(first.link, ["s"], 7.9) == []


def test_a_stream_is_wanted_elsewhere_unless_all_others_were_refused_it() -> None:
    """One that has no WebSocket yet was not."""
    first, second, third = Side(), Side(rejected="s"), Side(rejected="s")
    twins = beside(first, second, third)
    assert not twins.wanted_elsewhere(first.link, "s")
    assert twins.wanted_elsewhere(first.link, "t") and twins.wanted_elsewhere(second.link, "s")
    third.link.current = None
    assert twins.wanted_elsewhere(first.link, "s")


def test_a_link_is_alone_where_no_other_is_open_or_about_to_be() -> None:
    """In whatever state it is itself."""
    first, second, third = sides = Side(), Side(), Side()
    twins = beside(*sides)
    for state, alone in ((State.OPEN, False), (State.CONNECTING, False), (State.BACKOFF, True), (State.CLOSED, True)):
        second.link.state, third.link.state = State.CLOSED, state
        assert twins.alone(first.link) is alone


def test_what_others_have_lost_is_over_when_a_link_has_it() -> None:
    """And from then on others wait for that link, where nobody else brings a stream."""
    first, second = Side("s", "t"), Side("s", lost="tu")
    twins = beside(first, second)
    twins.settled(first.link, 7.0)
    assert first.told == [("takes over", second.link.losses, ["t"]), ("resumed", 7.0, 7.0)]
    assert second.told == []
    assert second.brings(5) is False
    assert first.brings(5) is True


def test_what_a_link_has_lost_is_over_where_another_brings_it() -> None:
    """An open one, which is waited for from then on; one that has nothing of it, or is not open, is not asked."""
    first, second, third = Side(lost="s"), Side("s"), Side("s")
    twins = beside(first, second, third)
    second.link.state = State.BACKOFF
    twins.go_on(first.link, 7.0)
    assert (second.told, len(third.told)) == ([], 2)
    assert first.brings(5) is False and third.brings(5)
    first.link.losses.names = ["t"]
    first, second = Side(lost="t"), Side("s")
    twins = beside(first, second)
    twins.go_on(first.link, 7.0)
    assert second.told == [] and first.brings(5)


def test_only_links_that_carry_the_same_know_each_other() -> None:
    """By the copy of their groups; those of another group are others."""
    links = [Side(copy=copy).link for copy in (0, 0, 1)]
    assert twins_of(links) == [[links[0]], links[1:]]
    assert links[0].twins is None
    assert links[1].twins is not None and links[1].twins is links[2].twins
