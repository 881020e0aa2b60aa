"""Several links of one connection: one lost, one dialled, one ending, while the others go on."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import pytest
from fake_exchange import FINAL, START, Bench, FakeExchange, Jobs, batch, calm, data, joined, named, says, server

from binance_sockets.config import Verdict
from binance_sockets.errors import ConnectError, HandshakeRejected
from binance_sockets.events import State
from binance_sockets.exchange import Group, Stream
from binance_sockets.testing import Drop, Refuse, ScriptedStream, ScriptedTransport, close

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
    assert [(gap.streams, gap.last_received, gap.resumed) for gap in bench.gaps] == [(("a",), START + 2, START + 2.5)]
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
    """A dial that is slow on the job thread delays no message, spins nowhere, and joins in when it is done."""
    jobs = Jobs()
    outcomes = [server(*every("a", 8)), server(Drop(after=2)), server(*every("b", 3))]
    bench = Bench(*outcomes, streams="ab", exchange=EACH, submit=jobs)
    bench.clock.at(0.0, jobs.run)
    bench.clock.at(6.0, jobs.run)  # the reconnect has been waiting for its turn since 2.5
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
    jobs = Jobs()
    bench = Bench(server(), server(), streams="ab", exchange=EACH, submit=jobs)
    bench.clock.at(0.0, lambda: jobs.run(1))
    bench.run(stop_at=5)
    assert by_link(bench, 1) == [(0.0, "connecting"), (5.0, "closed")]
    jobs.run()
    assert bench.attempts == [0.0]


def test_link_that_opens_after_the_stop_is_closed() -> None:
    """A dial that succeeds while the connection is closing leaves no open socket and changes no state."""
    jobs = Jobs()
    slow = server()
    slow.react = lambda opcode, payload: [says(ref=1, ok=True)] if opcode == 1 else []
    bench = Bench(slow, server(*every("b", 2, 0.0)), streams="ab", exchange=EACH, submit=jobs)
    bench.clock.at(0.0, lambda: jobs.run(1))
    bench.clock.at(3.5, jobs.run)  # while the first link waits for the answer to its close frame
    bench.run(stop_at=3)  # and asserts that every link was closed
    assert by_link(bench, 0)[-1] == (4.0, "closed")
    assert by_link(bench, 1) == [(0.0, "connecting"), (3.0, "closed")]
    assert len(bench.transport.links) == 2
    assert bench.payloads == []


def test_dial_that_outlives_the_connection() -> None:
    """Its late link is closed by the job thread; it could see that it was cancelled until then."""
    entered, cancelled = threading.Event(), list[bool]()

    class Outliving(ScriptedTransport):
        def connect(self, request: Any, timeout: float, cancel: Any) -> ScriptedStream:
            if not self.links:
                return super().connect(request, timeout, cancel)
            entered.set()
            assert bench.connection.ended.wait(10)
            cancelled.append(cancel.cancelled() and self.ready_at(cancel.fileno()) <= self.clock.now)
            return super().connect(request, timeout, cancel)

    jobs = Jobs()
    bench = Bench(server(), server(), streams="ab", exchange=EACH, submit=jobs, transport=Outliving)
    worker = threading.Thread(target=lambda: jobs.run())

    def dial() -> None:
        worker.start()
        assert entered.wait(10)

    bench.clock.at(0.0, lambda: jobs.run(1))
    bench.clock.at(1.0, dial)
    bench.run(stop_at=2)
    worker.join(10)
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
        bench.clock.at(at, lambda: seen.append(bench.connection._settled.is_set()))
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
        assert link.socket is not None
        sizes.append(len(link.socket._reader._view))

    burst = batch(*(data("a", "x" * 500) for _ in range(200)))
    bench = Bench(server(burst, *(dataclasses.replace(data("a", n), after=1.0) for n in range(20))))
    bench.clock.at(1.5, look)
    bench.clock.at(15, look)
    bench.run(18)
    assert sizes[0] > 16_384
    assert sizes[1] == 4096
