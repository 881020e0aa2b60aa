"""Links: alone, as values that decide; and several of one connection, one lost or ending while the others go on."""

from __future__ import annotations

import dataclasses
import json
import random
import select
import threading
from typing import Any

import pytest
from fake_exchange import FINAL, START, Bench, Dials, FakeExchange, Jobs, batch, calm, data, joined, named, says, server
from hypothesis import given
from hypothesis import strategies as st
from patience import PATIENCE

from binance_sockets.config import Verdict
from binance_sockets.engine.budget import Budgets
from binance_sockets.engine.commands import Changed, Command, Detach
from binance_sockets.engine.dialler import Opened
from binance_sockets.engine.frames import TEXT, FrameReader
from binance_sockets.engine.link import Link
from binance_sockets.engine.router import Handler
from binance_sockets.engine.surroundings import Surroundings
from binance_sockets.engine.websocket import WebSocket
from binance_sockets.errors import AuthenticationError, ConnectError, ConnectionLost, HandshakeRejected
from binance_sockets.events import Reason, State, StreamGap
from binance_sockets.exchange import Ack, ConnectRequest, Group, Misfits, Stream
from binance_sockets.testing import Drop, FakeClock, Refuse, Script, ScriptedStream, ScriptedTransport, Send, close

EACH = FakeExchange(per_link=1)


def every(name: str, count: int, after: float = 1.0) -> list[Any]:
    return [data(name, f"{name}{number}", after=after) for number in range(count)]


def by_link(bench: Bench, link: int) -> list[tuple[float, str]]:
    return [(at, change.state.value) for at, change in bench.changes if change.link == link]


# -- splitting --


def test_streams_are_split_over_links() -> None:
    """One link per group, in order, each asking for its own names; all of it ends together."""
    bench = Bench(server(), server(), server(), streams="abcde", exchange=FakeExchange(per_link=2)).run(stop_at=3)
    assert [joined(link) for link in bench.transport.links] == [[["a", "b"]], [["c", "d"]], [["e"]]]
    assert {change.link for _, change in bench.changes} == {0, 1, 2}
    assert all(by_link(bench, link)[-2:] == [(3.0, "closing"), (3.0, "closed")] for link in range(3))


def test_endpoints_are_links_of_their_own() -> None:
    """Groups of different endpoints connect to their own address."""
    bench = Bench(server(), server(), streams=["x:a", "y:b"]).run(stop_at=1)
    assert [request.url for _, request in bench.transport.attempts] == ["ws://fake.invalid/x", "ws://fake.invalid/y"]


def test_one_lost_link_does_not_stop_the_others() -> None:
    """While one reconnects the others deliver; the gap is about its streams alone."""
    outcomes = [server(*every("a", 2), Drop()), server(*every("b", 9)), server(*every("a", 2))]
    bench = Bench(*outcomes, streams="ab", exchange=EACH).run(stop_at=9.5)
    assert [payload for payload in bench.payloads if payload[0] == "b"] == [f"b{number}" for number in range(9)]
    assert [payload for payload in bench.payloads if payload[0] == "a"] == ["a0", "a1", "a0", "a1"]
    assert [(gap.streams, gap.last_received, gap.resumed) for gap in bench.gaps] == [(("a",), START, START + 2.5)]
    assert [state for _, state in by_link(bench, 1)] == ["connecting", "open", "closing", "closed"]


def test_state_is_the_one_furthest_from_open() -> None:
    """The connection is OPEN only when every link is."""
    bench = Bench(server(Drop(after=2)), server(), server(), streams="ab", exchange=EACH)
    seen: list[State] = []
    for at in (1.0, 2.1, 4.0):
        bench.clock.at(at, lambda: seen.append(bench.connection.state))
    bench.run(stop_at=5)
    assert seen == [State.OPEN, State.BACKOFF, State.OPEN]


# -- dialling elsewhere --


def test_open_links_deliver_while_another_is_dialled() -> None:
    """A dial that is slow on its thread delays no message, spins nowhere, and joins in when it is done."""
    dials = Dials()
    outcomes = [server(*every("a", 8)), server(Drop(after=2)), server(*every("b", 3))]
    bench = Bench(*outcomes, streams="ab", exchange=EACH, dial=dials.dial)
    bench.clock.at(0.0, dials.run)
    bench.clock.at(6.0, dials.run)  # the reconnect has been waiting for its turn since 2.5
    bench.run(stop_at=9.5)
    assert by_link(bench, 1) == [
        (0.0, "connecting"),
        (0.0, "open"),
        (2.0, "backoff"),
        (2.5, "connecting"),
        (6.0, "open"),
        (9.5, "closing"),
        (9.5, "closed"),
    ]
    assert [payload for payload in bench.payloads if payload[0] == "a"] == [f"a{number}" for number in range(8)]
    assert [payload for payload in bench.payloads if payload[0] == "b"] == ["b0", "b1", "b2"]


def test_stop_while_a_dial_waits_for_its_turn() -> None:
    """It is never made."""
    dials = Dials()
    bench = Bench(server(), server(), streams="ab", exchange=EACH, dial=dials.dial)
    bench.clock.at(0.0, lambda: dials.run(1))
    bench.run(stop_at=5)
    assert by_link(bench, 1) == [(0.0, "connecting"), (5.0, "closed")]
    dials.run()
    assert bench.attempts == [0.0]


def test_link_that_opens_after_the_stop_is_closed() -> None:
    """A dial that succeeds as the stop comes leaves no open socket and delivers nothing."""
    dials = Dials()
    bench = Bench(server(), server(*every("b", 2, 0.0)), streams="ab", exchange=EACH, dial=dials.dial)
    bench.clock.at(0.0, lambda: dials.run(1))
    bench.clock.at(3.0, dials.run)
    bench.run(stop_at=3)  # and asserts that every link was closed
    assert by_link(bench, 1) == [(0.0, "connecting"), (3.0, "open"), (3.0, "closing"), (3.0, "closed")]
    assert len(bench.transport.links) == 2
    assert bench.payloads == []


def test_stop_cancels_what_is_being_dialled() -> None:
    """While another link closes, an attempt that waits is never made."""
    dials = Dials()
    slow = server()
    slow.react = lambda opcode, payload: [says(ref=1, ok=True)] if opcode == 1 else []
    bench = Bench(slow, server(), streams="ab", exchange=EACH, dial=dials.dial)
    bench.clock.at(0.0, lambda: dials.run(1))
    bench.clock.at(3.5, dials.run)  # while the first link waits for the answer to its close frame
    bench.run(stop_at=3)
    assert by_link(bench, 0)[-1] == (4.0, "closed")
    assert len(bench.transport.links) == 1


def test_dial_that_outlives_the_connection() -> None:
    """Its late WebSocket is closed by the dial thread; it could see that it was cancelled until then."""
    entered, cancelled = threading.Event(), list[bool]()

    class Outliving(ScriptedTransport):
        def connect(self, request: Any, timeout: float, cancel: Any) -> ScriptedStream:
            if not self.links:
                return super().connect(request, timeout, cancel)
            entered.set()
            assert bench.connection.ended.wait(PATIENCE)
            cancelled.append(cancel.cancelled() and cancel.fileno() in readable(cancel.fileno()))
            return super().connect(request, timeout, cancel)

    def readable(fileno: int) -> list[int]:
        return select.select([fileno], [], [], 10)[0]

    dials = Dials()
    bench = Bench(server(), server(), streams="ab", exchange=EACH, dial=dials.dial, transport=Outliving)
    worker = threading.Thread(target=lambda: dials.run())

    def dial() -> None:
        worker.start()
        assert entered.wait(PATIENCE)

    bench.clock.at(0.0, lambda: dials.run(1))
    bench.clock.at(1.0, dial)
    bench.run(stop_at=2)
    worker.join(PATIENCE)
    assert cancelled == [True]
    assert [link.closed for link in bench.transport.links] == [True, True]
    assert bench.history[-1] == "ended"


# -- the end of all --


def test_one_exhausted_link_ends_all_with_one_payload() -> None:
    """A socket is whole or over: when one link gives up the rest closes, and the callback hears it once."""
    outcomes = [server(*every("a", 99)), *[Refuse(ConnectError("fake:1", "refused"))] * 9]
    bench = Bench(*outcomes, streams="ab", exchange=EACH).run()
    assert bench.states[-3:] == [(32.21875, "closed"), (32.21875, "closing"), (32.21875, "closed")]
    assert bench.payloads[:-1] == [f"a{number}" for number in range(32)]
    assert bench.payloads[-1] == FINAL
    assert [report.final for report in bench.reports] == [True]
    assert bench.closes() == [b"\x03\xe8"]


def test_all_links_exhausted_at_once_end_with_one_payload() -> None:
    """The first reason counts."""
    outcomes = [Refuse(HandshakeRejected("fake:1", 451)), Refuse(HandshakeRejected("fake:1", 404))]
    bench = Bench(*outcomes, streams="ab", exchange=EACH).run()
    assert bench.payloads == [FINAL]
    assert bench.errors == ["cannot connect to fake:1: handshake rejected with HTTP 451"]


def test_giving_up_waits_for_the_others_close_without_spinning() -> None:
    """Links that are closed have no timers, however long the last close handshake takes."""
    silent = server(close(1008))
    slow = server()
    slow.react = lambda opcode, payload: [says(ref=1, ok=True)] if opcode == 1 else []
    options = calm(max_reconnects=0, close=5.0)
    bench = Bench(slow, silent, streams="ab", exchange=EACH, options=options)
    bench.run()  # fake time stands still while it spins: it would not come back
    assert by_link(bench, 0)[-2:] == [(0.0, "closing"), (5.0, "closed")]


def test_final_verdict_on_one_open_link_ends_all() -> None:
    """FATAL from OPEN takes the others with it."""
    options = calm(classify=lambda error: Verdict.FATAL)
    bench = Bench(server(), server(close(1008)), streams="ab", exchange=EACH, options=options).run()
    assert by_link(bench, 1)[-1] == (0.0, "closed")
    assert by_link(bench, 0)[-2:] == [(0.0, "closing"), (0.0, "closed")]
    assert bench.payloads == [FINAL]


# -- fairness --


def test_a_flooded_link_does_not_starve_another() -> None:
    """After at most sixteen reads in a row the next link has its turn."""
    flood = batch(*(data("a", "a" * 2000) for _ in range(3000)))
    bench = Bench(server(flood), server(*every("b", 5, 0.0)), streams="ab", exchange=EACH).run(stop_at=1)
    first = bench.payloads.index("b0")
    assert 0 < first < 1500
    assert len(bench.payloads) == 3005


def test_slow_callback_of_one_link_is_no_silence_of_another() -> None:
    """What waits in the other link's socket is read before its age is judged."""

    def slow(payload: str) -> None:
        if payload == "a0":
            bench.clock.advance(bench.clock.now + 500)

    outcomes = [server(*every("a", 1, 5)), server(*every("b", 3, 50))]
    bench = Bench(*outcomes, streams="ab", exchange=EACH, callback=slow, options=calm(stale=60))
    bench.run(stop_at=510)
    assert [payload for payload in bench.payloads if payload[0] == "b"] == ["b0", "b1", "b2"]
    assert [state for _, state in by_link(bench, 1)] == ["connecting", "open", "closing", "closed"]


# -- timers of their own --


def test_each_link_has_its_own_silences_and_ids() -> None:
    """First messages are judged per link, from its own confirmation; request ids are its own."""
    streams = named("a", "b", first_message=5)
    bench = Bench(server(), server(), streams=streams, exchange=EACH).run(stop_at=10)
    assert sorted(bench.errors) == [
        f"{name}: no message 5 s after it was subscribed. Nobody trades it" for name in "ab"
    ]
    assert ['"ref": 1' in link.texts()[0] for link in bench.transport.links] == [True, True]


@pytest.mark.parametrize("lost", [0, 1])
def test_wait_open_needs_every_link(lost: int) -> None:
    """Readiness comes with the last link, and goes with the first."""
    scripts = [server(Drop(after=3)) if number == lost else server() for number in range(2)]
    bench = Bench(*scripts, server(), streams="ab", exchange=EACH)
    seen: list[bool] = []
    for at in (1.0, 3.2, 5.0):
        bench.clock.at(at, lambda: seen.append(bench.connection.roster.settled.is_set()))
    bench.run(stop_at=6)
    assert seen == [True, False, True]


def test_nobody_asks_about_silence_after_the_stop() -> None:
    """Questions that wait on the job thread when the connection ends are not asked any more."""

    class Asked(FakeExchange):
        def explain_silence(self, group: Group, name: str) -> str:
            raise AssertionError("asked after the stop")

    jobs = Jobs()
    bench = Bench(server(), streams=[Stream("a", 1.0)], exchange=Asked(), submit=jobs)
    bench.run(5)
    assert len(jobs.waiting) == 1
    jobs.run()
    assert bench.errors == []


def test_a_grown_buffer_is_given_back_though_messages_go_on() -> None:
    """Five seconds after the last burst the buffer is small again, also on a stream with a message every second."""
    sizes: list[int] = []

    def look() -> None:
        (link,) = bench.connection.links
        assert link.current is not None
        sizes.append(len(link.current._reader._view))

    burst = batch(*(data("a", "x" * 500) for _ in range(200)))
    bench = Bench(server(burst, *(dataclasses.replace(data("a", n), after=1.0) for n in range(20))))
    bench.clock.at(1.5, look)
    bench.clock.at(15, look)
    bench.run(18)
    assert sizes[0] > 16_384
    assert sizes[1] == 4096


# -- a link alone: it decides, and asks by commands --


class Alone:
    """A link without a connection: a test carries out what it wants of its commands."""

    def __init__(self, exchange: FakeExchange | None = None, streams: str = "a", **options: Any) -> None:
        self.clock = FakeClock(START)
        self.commands: list[Command] = []
        self.payloads: list[Any] = []
        around = Surroundings(
            "key",
            "key",
            exchange or FakeExchange(),
            calm(**options),
            Handler(self.payloads.append, self._never, self._never),
            self.clock,
            lambda: random.Random(1),
            self.commands.append,
            Misfits(),
            Budgets,
        )
        self.link = Link(0, Group(tuple(named(*streams))), around)
        self.wires: list[ScriptedStream] = []

    def _never(self, *arguments: Any) -> None:
        raise AssertionError(arguments)

    def take(self) -> list[str]:
        """What was asked for since the last look: the commands' names, states for changes."""
        found = [
            command.change.state.value if isinstance(command, Changed) else type(command).__name__
            for command in self.commands
        ]
        self.commands.clear()
        return found

    def open(self, script: Script) -> WebSocket:
        """As a dial that succeeds."""
        wire = ScriptedStream(7, ConnectRequest("ws://x"), script, self.clock)
        self.wires.append(wire)
        self.link.opened(wire, FrameReader(1 << 20), frozenset(), self.clock.now)
        return self.link.sockets[-1]

    def read(self, seconds: float = 0.0) -> None:
        """Let time pass, and read."""
        self.clock.advance(self.clock.now + seconds)
        while ready := [each for each in self.link.sockets if self.wire(each).next_step() <= self.clock.now]:
            self.link.service(ready[0], self.clock.now)

    def wire(self, socket: WebSocket) -> ScriptedStream:
        """What a WebSocket reads from."""
        stream = socket._stream
        assert isinstance(stream, ScriptedStream)
        return stream


def test_one_reconnect_needs_no_call_to_the_connection() -> None:
    """All it decides, from the start over a loss to the stop, stands in its commands, whole states only."""
    alone = Alone()
    link = alone.link
    link.start()
    assert (alone.take(), link.state) == (["connecting", "Dial"], State.CONNECTING)
    first = alone.open(server(data("a", 1), Drop(after=1)))
    alone.read()
    assert (alone.take(), link.ready) == (["Attach", "open", "Settled"], True)
    alone.read(1.0)
    lost, changed = alone.commands
    assert isinstance(lost, Detach)
    assert isinstance(changed, Changed)
    assert (lost.socket, changed.change.delay) == (first, 0.5)
    assert (link.state, link.current, link.ready, link.due) == (State.BACKOFF, None, False, alone.clock.now + 0.5)
    alone.commands.clear()
    alone.clock.advance(alone.clock.now + 0.5)
    link.tick(alone.clock.now)
    assert alone.take() == ["connecting", "Dial"]
    alone.open(server())
    alone.read()
    assert alone.take() == ["Attach", "open", "GapSeen", "Settled"]
    link.stop(alone.clock.now)
    alone.read()
    assert alone.take() == ["closing", "Detach", "closed"]
    assert alone.payloads == [1]


def test_wanted_streams_change_while_it_is_open() -> None:
    """What joins is asked for, what leaves is left, and the next link asks for what is wanted then."""
    alone = Alone(streams="ab")
    alone.link.start()
    alone.open(server(data("b", 1, after=2), data("c", 2)))
    alone.read()
    alone.link.change(named("c"), ["a"], alone.clock.now)
    alone.clock.advance(alone.clock.now + 1)
    alone.link.tick(alone.clock.now)
    alone.read()
    alone.clock.advance(alone.clock.now + 1)
    alone.link.tick(alone.clock.now)
    alone.read()
    asked = [json.loads(text) for text in alone.wires[0].texts()]
    assert [(each["op"], each["list"]) for each in asked] == [("join", ["a", "b"]), ("leave", ["a"]), ("join", ["c"])]
    assert alone.link.current is not None
    assert alone.link.current.subscriptions.confirmed == {"b", "c"}
    assert alone.payloads == [1, 2]
    assert [stream.name for stream in alone.link.group.streams] == ["b", "c"]


def test_what_was_carried_before_and_is_refused_is_asked_for_again() -> None:
    """With growing waits, until it is confirmed; what was missing meanwhile is one gap, which no answer ends before."""
    moody = server(data("a", 7, after=2.5))
    answers = iter([False, False, True])
    moody.react = lambda opcode, payload: (
        [says(ref=json.loads(payload)["ref"], ok=next(answers), why=[3, "busy"])] if opcode == TEXT else []
    )
    bench = Bench(server(data("a", 1), Drop(after=1)), moody, exchange=FakeExchange(ids=True))
    bench.run(stop_at=30)
    assert [at for at, opcode in bench.sent(1) if opcode == TEXT] == [1.5, 2.0, 3.25]
    assert bench.payloads == [1, 7]
    assert [type(report.error).__name__ for report in bench.reports] == ["SubscriptionRejected"]
    (gap,) = bench.gaps
    assert (gap.reason, gap.ids) == (Reason.REJECTED, (StreamGap("a", 1, 7),))
    assert gap.last_received <= START and gap.resumed == START + 3.25


def test_a_gap_of_what_is_refused_lasts_until_it_is_confirmed() -> None:
    """Another stream leaves while the question is under way: all is answered or was refused, and nothing is back."""
    moody = server(data("c", 7, after=4.5))
    answers = iter([(0.0, False), (3.0, True), (0.0, True)])

    def react(opcode: int, payload: bytes) -> list[Send]:
        if opcode != TEXT:
            return []
        after, ok = next(answers)
        return [says(after, ref=json.loads(payload)["ref"], ok=ok, why=[3, "busy"])]

    moody.react = react
    first = server(data("b", 1), data("c", 1), Drop(after=1))
    bench = Bench(first, moody, streams="bc", exchange=FakeExchange(ids=True))
    bench.clock.at(2.5, lambda: bench.connection.change((), ["b"]))
    bench.run(stop_at=30)
    assert bench.payloads == [1, 1, 7]
    (gap,) = [gap for gap in bench.gaps if "c" in gap.streams]
    assert (gap.reason, gap.ids, gap.resumed) == (Reason.REJECTED, (StreamGap("c", 1, 7),), START + 5.0)


def test_a_name_that_was_never_carried_is_refused_for_good() -> None:
    """Asking again for a wrong name could not help; ``wait_open`` tells of it."""
    bench = Bench(server(refuses=["x"]), streams=["x"]).run(stop_at=50)
    assert joined(bench.transport.links[0]) == [["x"]]
    assert len(bench.reports) == 1


def test_whole_lists() -> None:
    """An exchange that takes the whole list again, and answers nothing, gets just that."""
    alone = Alone(FakeExchange(whole=True, rates=()), streams="ab")
    alone.link.start()
    alone.open(server())
    alone.link.change(named("c"), ["a"], alone.clock.now)
    assert [json.loads(text)["list"] for text in alone.wires[0].texts()] == [["a", "b"], ["b", "c"]]
    assert alone.link.ready


def test_login_comes_before_any_stream_is_asked_for() -> None:
    """The credential step: streams are asked for when it is confirmed."""
    alone = Alone(FakeExchange(password="x"))
    alone.link.start()
    script = server(answer=False)
    replies = {"login": True}
    script.react = lambda opcode, payload: (
        [says(ref=json.loads(payload)["ref"], ok=True)] if json.loads(payload)["op"] in replies else []
    )
    alone.open(script)
    assert [json.loads(text)["op"] for text in alone.wires[0].texts()] == ["login"]
    alone.read()
    alone.clock.advance(alone.clock.now + 1)
    alone.link.tick(alone.clock.now)
    assert [json.loads(text)["op"] for text in alone.wires[0].texts()] == ["login", "join"]


def test_refused_login_ends_it() -> None:
    """The reason is the credential's; nothing is asked for, and it is not tried again."""
    alone = Alone(FakeExchange(password="x"))
    alone.link.start()
    script = Script(react=lambda opcode, payload: [says(ref=1, ok=False, why=[-2015, "Invalid key"])])
    alone.open(script)
    alone.commands.clear()
    alone.read()
    changes = [command.change for command in alone.commands if isinstance(command, Changed)]
    assert [(change.state, change.reason) for change in changes] == [(State.CLOSED, Reason.CREDENTIAL)]
    assert isinstance(changes[0].error, AuthenticationError)
    assert len(alone.wires[0].texts()) == 1


@given(st.lists(st.tuples(st.sampled_from("+-rl"), st.sampled_from("abcdef"), st.floats(0, 2)), max_size=30))
def test_the_wanted_set_wins(steps: list[tuple[str, str, float]]) -> None:
    """In whatever order streams join and leave, links are changed and lost: what is carried is what is wanted."""
    alone = Alone(FakeExchange(per_frame=1, stale_after=1e6), streams="a", ack=1e6, max_reconnects=None, maximum=1.0)
    link = alone.link
    link.start()
    alone.take()
    carried: list[set[str]] = []

    def opening() -> None:
        names: set[str] = set()
        carried.append(names)

        def react(opcode: int, payload: bytes) -> list[Send | Drop]:
            if opcode != TEXT:
                return [close(1000), Drop()]
            request = json.loads(payload)
            (names.update if request["op"] == "join" else names.difference_update)(request["list"])
            return [says(after=0.3, ref=request["ref"], ok=True)]

        alone.open(Script(react=react))

    def pass_time(seconds: float) -> None:
        end = alone.clock.now + seconds
        while alone.clock.now < end:
            alone.read(0.1)
            if link.due is not None and link.due <= alone.clock.now:
                link.tick(alone.clock.now)
            if "Dial" in alone.take():
                opening()

    opening()
    for kind, name, wait in steps:
        if kind == "r":
            link.restart(Reason.REQUESTED, ConnectionLost("asked for"), alone.clock.now)
        elif kind == "l" and link.current is not None:
            link.endings.ended(link.current, ConnectionLost("cut"), alone.clock.now)
        else:
            link.change(named(name) if kind == "+" else (), [name] if kind == "-" else (), alone.clock.now)
        pass_time(wait)
    pass_time(60)
    assert carried[-1] == set(link.wanted)
    assert link.current is not None
    assert link.current.subscriptions.confirmed == set(link.wanted)
    assert link.ready


def test_a_change_during_the_login_waits_for_its_answer() -> None:
    """No stream is asked for before; then all that is wanted by now."""
    alone = Alone(FakeExchange(password="x"))
    alone.link.start()
    alone.open(server(answer=False))
    alone.link.change(named("z"), (), alone.clock.now)
    alone.read(5.0)
    assert [json.loads(text)["op"] for text in alone.wires[0].texts()] == ["login"]
    assert alone.link.current is not None
    alone.link._control(alone.link.current, Ack(1))
    alone.clock.advance(alone.clock.now + 1)
    alone.link.tick(alone.clock.now)
    asked = [json.loads(text) for text in alone.wires[0].texts()]
    assert [(each["op"], each.get("list")) for each in asked] == [("login", None), ("join", ["a", "z"])]


def test_a_refused_name_that_comes_back_is_asked_for_again() -> None:
    """That it was refused once says nothing about another time."""
    alone = Alone(streams="a")
    alone.link.start()
    alone.open(server(refuses=["x"]))
    alone.read()
    alone.link.change(named("x"), (), alone.clock.now)
    alone.read(1.0)
    alone.link.tick(alone.clock.now)
    alone.read()
    assert alone.link.current is not None
    assert set(alone.link.current.subscriptions.rejected) == {"x"}
    alone.link.change((), ["x"], alone.clock.now)
    assert alone.link.current.subscriptions.rejected == {}
    alone.link.change(named("x"), (), alone.clock.now)
    alone.clock.advance(alone.clock.now + 1)
    alone.link.tick(alone.clock.now)
    assert [json.loads(text)["list"] for text in alone.wires[0].texts()] == [["a"], ["x"], ["x"]]


def test_wait_open_after_a_change() -> None:
    """It waits for what is wanted now, not for what was confirmed before."""
    exchange = FakeExchange(names_in_url=1)
    bench = Bench(server(answer=False), exchange=exchange)
    seen: list[bool] = []
    bench.clock.at(1.0, lambda: bench.connection.change(named("b"), ()))
    bench.clock.at(1.0, lambda: seen.append(bench.connection.roster.settled.is_set()))
    bench.clock.at(2.0, lambda: seen.append(bench.connection.roster.settled.is_set()))
    bench.clock.at(3.0, lambda: bench.connection.change((), ["b"]))
    bench.run(stop_at=5)
    assert seen == [False, False]


def test_classify_that_exits_ends_nothing() -> None:
    """The default verdict is used, whatever it raises."""

    def exits(error: BaseException) -> Verdict:
        raise SystemExit(1)

    bench = Bench(Refuse(OSError("no")), server(), options=calm(classify=exits)).run(stop_at=5)
    assert [state for _, state in bench.states][:4] == ["connecting", "backoff", "connecting", "open"]


def test_a_message_that_fails_takes_none_behind_it_along() -> None:
    """The engine fails, and what other threads have handed over is still seen to."""
    bench = Bench(server())
    done: list[str] = []

    def post() -> None:
        bench.connection.post(lambda: 1 // 0)
        bench.connection.post(lambda: done.append("second"))

    bench.clock.at(1.0, post)
    bench.run()
    assert done == ["second"]
    assert bench.reports[-1].final


# -- the connection's own part --


def test_what_it_is_busy_with() -> None:
    """A connect that does not end is not blamed on the callback."""
    said: list[str] = []

    class Looking(ScriptedTransport):
        def connect(self, request: Any, timeout: float, cancel: Any) -> ScriptedStream:
            said.append(bench.connection.doing)
            return super().connect(request, timeout, cancel)

    bench = Bench(server(data("a", 1)), transport=Looking, callback=lambda payload: said.append(bench.connection.doing))
    bench.run(stop_at=1)
    assert said == ["connecting", "in its callback"]


def test_where_no_dial_thread_is_to_be_had_it_dials_itself() -> None:
    """Late is better than never."""

    def refuse(attempt: Any) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    bench = Bench(server(data("a", 1)), server(data("b", 2)), streams="ab", exchange=EACH, dial=refuse).run(stop_at=1)
    assert sorted(bench.payloads) == [1, 2]


def test_a_websocket_handed_over_to_a_connection_that_is_over_is_closed() -> None:
    """Nobody else knows it."""
    bench = Bench(server()).run(stop_at=1)
    late = ScriptedStream(9, ConnectRequest("ws://x"), server(), bench.clock)
    bench.connection._dials.hand_over(bench.connection.links[0], Opened(late, FrameReader(1000), frozenset()))
    assert late.closed


def test_a_link_that_closes_asks_for_nothing_more() -> None:
    """No ping and no control frame follows our close frame, however long the answer takes."""
    exchange = FakeExchange(per_frame=1, ping_after=1.0)
    script = server(answer=False)
    script.react = lambda opcode, payload: []
    bench = Bench(script, streams="abcdef", exchange=exchange, options=calm(close=30.0)).run(stop_at=0.6)
    sent = [opcode for _, opcode in bench.sent()]
    assert sent[sent.index(8) :] == [8]


def test_commands_are_carried_out_by_the_connections_own_thread() -> None:
    """Anybody else would touch what has one owner."""
    bench = Bench(server()).run(stop_at=1)
    bench.connection._thread = threading.Thread()
    with pytest.raises(AssertionError, match="own thread"):
        bench.connection._carry_out()
