"""Streams that join and leave an open connection: spread over links, gathered into few frames, and as wanted last."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fake_exchange import Bench, FakeExchange, calm, data, named, says, server
from hypothesis import given, settings
from hypothesis import strategies as st

from binance_sockets.engine.frames import TEXT
from binance_sockets.errors import ConfigError
from binance_sockets.events import StateChange
from binance_sockets.testing import Drop, Script, Send

FREE: Any = {"rates": ()}


def asked(bench: Bench, link: int = 0) -> list[tuple[str, list[str]]]:
    """What the client asked for on a link."""
    return [(each["op"], each["list"]) for each in map(json.loads, bench.transport.links[link].texts())]


def test_changes_made_close_together_become_one_frame_of_each_kind() -> None:
    """Thirty joins and a leave within a moment are two messages; one that is taken back is none."""
    bench = Bench(server(), streams="ab", exchange=FakeExchange(per_frame=100, **FREE))
    names = [f"n{number}" for number in range(30)]
    for number, name in enumerate(names):
        bench.clock.at(1.0 + number / 1000, lambda name=name: bench.connection.change(named(name), ()))
    bench.clock.at(1.0, lambda: bench.connection.change(named("z"), ["a"]))
    bench.clock.at(1.01, lambda: bench.connection.change((), ["z"]))
    bench.run(stop_at=5)
    assert asked(bench) == [("join", ["a", "b"]), ("leave", ["a"]), ("join", names)]


def test_links_are_filled_added_and_ended() -> None:
    """What joins fills the room that there is, then opens a link; one that carries nothing any more is closed."""
    bench = Bench(server(), server(), server(), streams="abc", exchange=FakeExchange(per_link=3, **FREE))
    seen: dict[float, list[list[str]]] = {}

    def look() -> None:
        seen[bench.now] = [list(link.wanted) for link in bench.connection.links]

    bench.clock.at(1.0, lambda: bench.connection.change(named("d", "e"), ["b"]))
    bench.clock.at(2.0, look)
    bench.clock.at(3.0, lambda: bench.connection.change(named("x:f"), ["e"]))
    bench.clock.at(4.0, look)
    bench.clock.at(5.0, lambda: bench.connection.change((), ["a", "c", "d", "x:f"]))
    bench.clock.at(6.0, look)
    bench.run(stop_at=7)
    assert seen == {
        2.0: [["a", "c", "d"], ["e"]],
        4.0: [["a", "c", "d"], ["x:f"]],
        6.0: [[]],
    }
    assert len(bench.attempts) == 3
    assert bench.gaps == []


def test_the_last_link_stays_and_takes_what_comes() -> None:
    """Without any stream the connection lives on, and one that joins later needs no new link."""
    bench = Bench(server(data("b", 7, after=4)), streams="a", exchange=FakeExchange(**FREE))
    bench.clock.at(1.0, lambda: bench.connection.change((), ["a"]))
    bench.clock.at(2.0, lambda: bench.connection.change(named("b"), ()))
    bench.run(stop_at=5)
    assert asked(bench) == [("join", ["a"]), ("leave", ["a"]), ("join", ["b"])]
    assert bench.payloads == [7]


def test_a_stream_that_is_not_there_cannot_leave() -> None:
    """It is said at once, with those that could, and nothing changes."""
    bench = Bench(server(), streams="ab")
    with pytest.raises(ConfigError, match="one of 'a', 'b'; got 'c'"):
        bench.connection.change(named("d"), ["a", "c"])
    bench.run(stop_at=1)
    assert [list(link.wanted) for link in bench.connection.links] == [["a", "b"]]


def test_what_is_changed_before_the_start_needs_no_frame() -> None:
    """The first link opens with what is wanted by then."""
    bench = Bench(server(), streams="a", exchange=FakeExchange(names_in_url=9))
    bench.connection.change(named("b"), ["a"])
    bench.run(stop_at=5)
    assert bench.transport.attempts[0][1].url.endswith("names=b")
    assert asked(bench) == []


def test_nothing_is_missing_of_a_stream_that_had_not_begun() -> None:
    """A link that is lost before the answer came tells a gap of the older stream alone."""
    first = server(Drop(after=2.0))
    joins: list[int] = []
    answer = first.react

    def react(opcode: int, payload: bytes) -> Any:
        if opcode == TEXT:
            joins.append(1)
        return answer(opcode, payload) if len(joins) < 2 else []

    first.react = react
    bench = Bench(first, server(), streams="a")
    bench.clock.at(1.0, lambda: bench.connection.change(named("b"), ()))
    bench.run(stop_at=20)
    assert [gap.streams for gap in bench.gaps] == [("a",)]
    assert len(joins) == 2


def test_what_was_on_its_way_is_dropped_without_a_word() -> None:
    """A message of a stream that was given up is neither delivered nor an error."""
    bench = Bench(server(data("a", 1, after=0.5), data("a", 2, after=1.0)), streams="ab")
    bench.clock.at(1.0, lambda: bench.connection.change((), ["a"]))
    bench.run(stop_at=3)
    assert bench.payloads == [1]
    assert bench.reports == []


def test_counts_never_fall() -> None:
    """Messages of streams that left, and those of links that end or have ended, stay in the sums at every moment."""
    bench = Bench(
        server(data("a", 1, after=0.5)),
        server(data("b", 2, after=0.5)),
        streams="ab",
        exchange=FakeExchange(per_link=1),
    )
    bench.clock.at(2.0, lambda: bench.connection.change((), ["b"]))
    seen: list[int] = []
    told = bench.on_state

    def on_state(change: StateChange) -> None:
        told(change)
        seen.append(bench.connection.counts()[0])

    bench.clock.at(1.0, lambda: seen.append(bench.connection.counts()[0]))
    bench.on_state = on_state  # type: ignore[method-assign]
    bench.run(stop_at=5)
    assert seen == sorted(seen)
    assert seen[-1] == 2
    assert bench.connection.roster.totals().received > 0


def test_settled_only_when_the_change_is() -> None:
    """Whoever waits after a change waits for that one; a change that comes to nothing is settled at once."""
    slow = server(answer=False)
    slow.react = lambda opcode, payload: (
        [says(after=1.0, ref=json.loads(payload)["ref"], ok=True)] if opcode == TEXT else [Drop()]
    )
    bench = Bench(slow, streams="a", exchange=FakeExchange(names_in_url=1))
    settled = bench.connection.roster.settled
    seen: dict[float, bool] = {}
    for at in (1.0, 2.5, 3.5, 4.5, 5.5):
        bench.clock.at(at, lambda: seen.setdefault(bench.now, settled.is_set()))
    bench.clock.at(2.0, lambda: bench.connection.change(named("b"), ()))
    bench.clock.at(4.4, lambda: bench.connection.change(named("c"), ()))
    bench.clock.at(4.41, lambda: bench.connection.change((), ["c"]))
    bench.run(stop_at=6)
    assert seen == {1.0: True, 2.5: False, 3.5: True, 4.5: True, 5.5: True}


def test_a_stream_that_joins_again_while_its_leave_is_unanswered_is_not_settled() -> None:
    """The exchange may have ended it already: it counts only when it is confirmed anew."""
    slow = server()
    slow.react = lambda opcode, payload: (
        [says(after=1.0, ref=json.loads(payload)["ref"], ok=True)] if opcode == TEXT else [Drop()]
    )
    bench = Bench(slow, streams="ab", exchange=FakeExchange(names_in_url=2, **FREE))
    settled = bench.connection.roster.settled
    bench.clock.at(1.0, lambda: bench.connection.change((), ["b"]))
    bench.clock.at(1.5, lambda: bench.connection.change(named("b"), ()))
    seen: dict[float, bool] = {}
    for at in (0.5, 1.9, 2.5, 4.0):
        bench.clock.at(at, lambda: seen.setdefault(bench.now, settled.is_set()))
    bench.run(stop_at=5)
    assert asked(bench) == [("leave", ["b"]), ("join", ["b"])]
    assert seen == {0.5: True, 1.9: False, 2.5: False, 4.0: True}


def test_a_stream_that_joins_again_begins_when_its_leave_is_answered() -> None:
    """What comes before was on its way when it was given up, and what comes behind that has a hole before it."""
    slow = server(data("b", 1, after=0.7), *[data("b", number, after=0.5) for number in range(2, 9)])
    slow.react = lambda opcode, payload: (
        [says(after=1.0, ref=json.loads(payload)["ref"], ok=True)] if opcode == TEXT else [Drop()]
    )
    bench = Bench(slow, streams="ab", exchange=FakeExchange(names_in_url=2, ids=True, **FREE))
    bench.clock.at(1.0, lambda: bench.connection.change((), ["b"]))  # leaves at 1.05
    bench.clock.at(1.5, lambda: bench.connection.change(named("b"), ()))
    bench.run(stop_at=5)
    assert bench.payloads == [1, *range(4, 9)]
    assert (bench.gaps, bench.reports) == ([], [])


NAMES = ["a", "b", "c", "d", "x:e", "x:f"]
STEPS = st.lists(
    st.tuples(st.sampled_from("+-r"), st.sampled_from(NAMES), st.sampled_from([0.01, 0.2, 3.0])), max_size=25
)
LIVES = st.lists(st.tuples(st.floats(0.1, 9), st.floats(0, 2), st.sets(st.sampled_from(NAMES), max_size=2)), max_size=6)


@settings(deadline=None, max_examples=60)
@given(STEPS, LIVES)
def test_the_wanted_set_wins(steps: list[tuple[str, str, float]], lives: list[tuple[float, float, set[str]]]) -> None:
    """Whatever joins and leaves, whatever links are lost, and whenever answers and refusals come: in the end each
    stream that is wanted is carried once, and no other."""
    carried: list[set[str]] = []

    def script(life: float | None, delay: float, refused: set[str]) -> Script:
        names: set[str] = set()
        carried.append(names)

        def react(opcode: int, payload: bytes) -> list[Send | Drop]:
            if opcode != TEXT:
                return [Drop()]
            request = json.loads(payload)
            if refused.intersection(request["list"]):
                return [says(after=delay, ref=request["ref"], ok=False, why=[13, "no"])]
            (names.update if request["op"] == "join" else names.difference_update)(request["list"])
            return [says(after=delay, ref=request["ref"], ok=True)]

        return Script([] if life is None else [Drop(after=life)], react)

    outcomes = [script(*each) for each in lives] + [script(None, 0.1, set()) for _ in range(120)]
    options = calm(max_reconnects=None, maximum=1.0)
    exchange = FakeExchange(per_link=2, per_frame=1, stale_after=1e6, **FREE)
    bench = Bench(*outcomes, streams="a", exchange=exchange, options=options)
    wanted, at = {"a"}, 0.5
    for kind, name, wait in steps:
        at += wait
        if kind == "+":
            wanted.add(name)
            bench.clock.at(at, lambda name=name: bench.connection.change(named(name), ()))
        elif kind == "r":
            bench.clock.at(at, bench.connection.reconnect)
        elif name in wanted:
            wanted.remove(name)
            bench.clock.at(at, lambda name=name: bench.connection.change((), [name]))
    found: list[Any] = []

    def again() -> None:  # what was refused is asked for once more on the next link
        bench.connection.reconnect()

    def look() -> None:
        live = [names for names, link in zip(carried, bench.transport.links, strict=False) if not link.closed]
        found.append(sorted(name for names in live for name in names))
        found.append(bench.connection.roster.settled.is_set())

    for pause in range(1, 8):
        bench.clock.at(at + 60.0 * pause, again)
    bench.clock.at(at + 520, look)
    bench.run(stop_at=at + 530)
    assert found == [sorted(wanted), True]
