"""Several links that deliver as one: the first copy wins, in order, and what both have missed is known."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from fake_exchange import START, Bench, FakeExchange, calm, data, says, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine.frames import TEXT
from binance_sockets.engine.redundancy import Copies, Twins
from binance_sockets.errors import ConnectError
from binance_sockets.events import Reason, State, StreamGap
from binance_sockets.exchange import Continuity, Group, Position, Stream
from binance_sockets.testing import Drop, Refuse, Script, Send

BY_ID = Continuity(lambda payload: Position(payload), True)
CLOCK = partial(float, 0.0)
CANDLES = Continuity(lambda payload: Position(payload[0], payload[1]), True)


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


def test_what_has_no_order_is_told_apart_by_its_content() -> None:
    """The memory of contents is bounded."""
    copies = Copies(None, CLOCK)
    payloads: list[Any] = [{"n": number} for number in range(3000)]
    assert all(copies.came("a", payload) for payload in payloads)
    assert not copies.came("b", payloads[-1])
    assert len(copies._contents) <= 1000


def test_a_link_that_says_nothing_is_told_as_a_gap() -> None:
    """What waits is delivered in the end, and what the silent link may not have brought is told, once."""
    told: list[Any] = []
    delivered: list[Any] = []

    def link(name: str, safe_at: float) -> Any:
        return SimpleNamespace(
            name=name, state=State.OPEN, since={"s": 0.0}, current=SimpleNamespace(safe_at=safe_at), twins=None,
            around=SimpleNamespace(clock=SimpleNamespace(monotonic=CLOCK)),
            router=SimpleNamespace(delivery=SimpleNamespace(twins=None), release=delivered.extend),
            losses=SimpleNamespace(missed=lambda *what: told.append((name, *what))),
            listing=SimpleNamespace(safe_at=lambda socket, names: socket.safe_at),
        )  # fmt: skip

    twins = Twins(lambda stream: BY_ID)
    links: list[Any] = [_Hashed(vars(link(name, safe_at))) for name, safe_at in (("a", 3.0), ("b", 9.0))]
    for each in links:
        twins.add(each)
    first, second = links
    assert first.router.delivery.twins(None, "s", 1)
    assert not second.router.delivery.twins(None, "s", 5)
    for at in (10.0, 11.0):
        twins.advance(second, at)
    assert not told and not delivered
    for at in (12.5, 13.0, 20.0):
        twins.advance(second, at)
    assert told == [("a", Reason.STALE, 3.0, ["s"], 12.5)]
    assert delivered == [("s", 5)]
    assert second.router.delivery.twins(None, "s", 6) and not first.router.delivery.twins(None, "s", 2)


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
    assert (first.resumed, second.resumed) == (START + 8.0, START + 26.0)


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
    now = [0.0]

    def link(since: dict[str, float]) -> Any:
        return _Hashed(
            {
                "state": State.OPEN, "since": since,
                "around": SimpleNamespace(clock=SimpleNamespace(monotonic=lambda: now[0])),
                "router": SimpleNamespace(delivery=SimpleNamespace(twins=None)),
            }
        )  # fmt: skip

    twins = Twins(lambda stream: BY_ID)
    first, second = link({"s": 0.0}), link({})
    twins.add(first)
    twins.add(second)
    assert first.router.delivery.twins(None, "s", 1)
    second.state = State.CONNECTING
    assert twins.lost(first, ["s"], 3.0) == ["s"]
    now[0] = 8.0
    second.state, second.since = State.OPEN, {"s": 8.0}
    twins.relies(second)
    assert twins.lost(first, ["s"], 5.0) == ["s"]
    assert twins.lost(first, ["s"], 9.0) == []
