"""Keys that share a connection, in whatever order they start, stop and lose it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from fake_exchange import FINAL, START, FakeExchange, calm, data, server
from hypothesis import given, settings
from hypothesis import strategies as st

from binance_sockets.engine.subscriptions import Subscriptions
from binance_sockets.events import Gap, StateChange
from binance_sockets.exchange import Stream
from binance_sockets.manager import Manager
from binance_sockets.testing import Drop, FakeClock, ScriptedTransport


class Wrapped(FakeExchange):
    """Payloads carry the name of their stream."""

    def decoder(self, group: Any, misfits: Any, notes: Any = ()) -> Any:
        def decode(message: Any) -> tuple[str, Any]:
            found = json.loads(bytes(message))
            return found["from"], (found["from"], found["body"])

        return decode


def unwrap(payload: Any) -> tuple[str, Any]:
    """What a shared connection needs of its exchange; the last payload is no pair."""
    if isinstance(payload, dict):
        raise TypeError
    return payload  # type: ignore[no-any-return]


KEYS = "abcd"
STEPS = st.lists(
    st.tuples(st.sampled_from("+-"), st.sampled_from(KEYS), st.sampled_from([0.0, 0.01, 0.3])), max_size=20
)


@settings(deadline=None, max_examples=60)
@given(STEPS, st.lists(st.floats(0.1, 3), max_size=3), st.booleans())
def test_each_key_has_a_life_of_its_own(steps: list[tuple[str, str, float]], lives: list[float], dies: bool) -> None:
    """Whatever starts and stops, and whenever links are lost: states follow each other, a key that was stopped hears
    nothing more, one that stays is carried, and each that is left hears the last word once."""
    last = [Drop(after=30)] if dies else []
    outcomes = [server(Drop(after=life)) for life in lives]
    outcomes.append(server(*[data(key, 1, after=5 if key == "a" else 0) for key in KEYS], *last))
    clock = FakeClock(START)
    transport = ScriptedTransport(clock, outcomes)
    manager = Manager(options=calm(max_reconnects=len(lives) + 1 if dies else None, maximum=0.5), transport=transport)
    changes: list[StateChange] = []
    manager.add_state_listener(changes.append)
    got: dict[str, list[Any]] = {}
    open_: set[str] = set()

    def start(key: str) -> None:
        found = manager._open_pooled(
            key, "pool", Wrapped(rates=()), [Stream(key)], got.setdefault(key, []).append, unwrap
        )
        assert found == (False if key in open_ else key)
        open_.add(key)
        if found and begun:
            manager._core.connections[key].start(False)

    def stop(key: str) -> None:
        found = manager._core.connections.get(key)
        if found is not None:
            found.request_stop()
            got[key].append("stopped")
        open_.discard(key)

    begun = False
    start("a")  # so that the connection lives as long as the test looks at it
    member: Any = manager._core.connections["a"]
    member._begun = True
    pool: Any = member._pool

    real = pool._make
    made: list[Any] = []

    def make(observer: Any, first: Any) -> Any:
        connection = real(observer, first)
        connection.start = lambda daemon: None  # the test runs it
        made.append(connection)
        return connection

    pool._make = make
    pool.add(member, False)
    begun = True
    at = 0.5
    for kind, key, wait in steps:
        at += wait
        if key != "a":
            clock.at(at, lambda kind=kind, key=key: start(key) if kind == "+" else stop(key))
    seen: list[Any] = []
    clock.at(at + 15, lambda: seen.append((set(open_), set(made[0].roster.links[0].wanted))))
    clock.at(at + 200, made[0].request_stop)
    made[0].run()
    assert len(made) == 1
    assert seen[0][0] == seen[0][1]
    for key in KEYS:
        mine = [change for change in changes if change.conn_key == key]
        for before, after in itertools.pairwise(mine):
            assert after.previous is before.state or after.previous.value == "idle"
        lines = got.get(key, [])
        assert lines.count(FINAL) == (dies and key in seen[0][0])
        assert dies is False or key not in seen[0][0] or lines[-1] == FINAL
        assert key in seen[0][0] or not lines or lines[-1] == "stopped"
    assert manager._core.connections == {}
    assert not manager._core.ending


@pytest.mark.parametrize(
    ("leaves", "told"),
    [
        (lambda member: member.request_stop(), [("a", ("a", "c")), ("b", ("b",))]),
        (lambda member: member.change((), ["a"]), [("a", ("a",)), ("a", ("c",)), ("b", ("b",))]),
    ],
    ids=["stopped", "changed"],
)
def test_a_key_that_gives_up_what_it_has_behind_a_gap_is_told_of_it(
    leaves: Callable[[Any], object], told: list[tuple[str, tuple[str, ...]]]
) -> None:
    """What it has missed would be told when its link knows the ids of all streams, and nobody has them any more."""
    clock = FakeClock(START)
    lost = server(data("a", 1, after=1.0), data("b", 1), data("c", 1), Drop(after=1.0))
    back = server(data("a", 5, after=1.0), data("b", 5, after=0.5), data("c", 5))
    manager = Manager(options=calm(), transport=ScriptedTransport(clock, [lost, back]))
    gaps: list[Gap] = []
    manager.add_gap_listener(gaps.append)
    members: dict[str, Any] = {}
    left: list[int] = []

    def leaving(payload: Any) -> None:
        if payload == 5 and not left:
            left.append(payload)
            leaves(members["a"])

    for key, names, callback in (("a", "ac", leaving), ("b", "b", lambda payload: None)):
        streams = [Stream(name) for name in names]
        manager._open_pooled(key, "pool", Wrapped(rates=(), ids=True), streams, callback, unwrap)
        members[key] = manager._core.connections[key]
    _begin(members)
    clock.at(20.0, members["b"].request_stop)
    clock.at(20.0, members["a"].request_stop)
    members["a"].connection.run()
    assert [(gap.conn_key, gap.streams) for gap in gaps] == told


@pytest.mark.parametrize("changed", [False, True], ids=["stopped", "changed"])
def test_a_key_that_gives_up_what_its_link_has_lost_is_told_of_it(changed: bool) -> None:
    """While the link is down, and nothing has come since; who stays is told when it is back."""
    clock = FakeClock(START)
    lost = server(data("a", 1, after=1.0), data("b", 1), data("c", 1), Drop(after=1.0))
    back = server(data("b", 5, after=1.0), data("c", 5))
    manager = Manager(options=calm(initial=4.0), transport=ScriptedTransport(clock, [lost, back]))
    gaps: list[Gap] = []
    manager.add_gap_listener(gaps.append)
    members: dict[str, Any] = {}
    for key, names in (("a", "ac"), ("b", "b")):
        streams = [Stream(name) for name in names]
        manager._open_pooled(key, "pool", Wrapped(rates=(), ids=True), streams, lambda payload: None, unwrap)
        members[key] = manager._core.connections[key]
    _begin(members)
    clock.at(3.0, lambda: members["a"].change((), ["a"]) if changed else members["a"].request_stop())
    clock.at(20.0, members["b"].request_stop)
    clock.at(20.0, members["a"].request_stop)
    members["a"].connection.run()
    told = [("a", ("a",)), ("a", ("c",)), ("b", ("b",))] if changed else [("a", ("a", "c")), ("b", ("b",))]
    assert [(gap.conn_key, gap.streams) for gap in gaps] == told
    assert gaps[0].resumed == pytest.approx(START + 3.0, abs=0.2)


def _begin(members: dict[str, Any]) -> None:
    """All of them share a connection, which the test runs."""
    pool = next(iter(members.values()))._pool
    real = pool._make

    def make(observer: Any, first: Stream) -> Any:
        connection = real(observer, first)
        connection.start = lambda daemon: None
        return connection

    pool._make = make
    for member in members.values():
        member._begun = True
        pool.add(member, False)


@pytest.mark.parametrize(("added", "removed"), [("z", ""), ("", "a")], ids=["joins", "leaves"])
def test_a_change_that_a_stop_overtakes_leaves_nothing_behind(added: str, removed: str) -> None:
    """Another thread had the key change when it was stopped: the shared connection carries nothing for it, and ends."""
    clock = FakeClock(START)
    manager = Manager(options=calm(), transport=ScriptedTransport(clock, [server()]))
    members: dict[str, Any] = {}
    for key, names in (("a", "ac"), ("b", "b")):
        streams = [Stream(name) for name in names]
        manager._open_pooled(key, "pool", Wrapped(rates=(), ids=True), streams, lambda payload: None, unwrap)
        members[key] = manager._core.connections[key]
    _begin(members)
    member = members["a"]
    shared, connection = member.shared, member.connection
    real = shared.change

    def overtaken(*change: Any) -> bool:
        member.request_stop()
        return real(*change)  # type: ignore[no-any-return]

    shared.change = overtaken
    assert not member.change([Stream(name) for name in added], list(removed))
    seen: list[list[str]] = []
    clock.at(5.0, lambda: seen.append(list(connection.roster.links[0].wanted)))
    clock.at(6.0, members["b"].request_stop)
    clock.at(20.0, lambda: seen.append(["it goes on"]))
    clock.at(20.0, connection.request_stop)
    connection.run()
    assert seen == [["b"]]


def test_what_is_refused_may_be_asked_while_a_link_is_lost() -> None:
    """The WebSocket may go between two looks of another thread."""

    class Losing:
        wanted: ClassVar[dict[str, Stream]] = {"a": Stream("a")}

        def __init__(self) -> None:
            self.sockets: list[Any] = [None, SimpleNamespace(subscriptions=Subscriptions("a"))]

        @property
        def current(self) -> Any:
            return self.sockets.pop() if self.sockets else None

    manager = Manager(options=calm(), transport=ScriptedTransport(FakeClock(START), []))
    exchange = Wrapped(rates=(), ids=True)
    manager._open_pooled("a", "pool", exchange, [Stream("a")], lambda payload: None, unwrap)
    member: Any = manager._core.connections["a"]
    member.shared = SimpleNamespace(connection=SimpleNamespace(links=[Losing()]))
    assert member.refused() == []
