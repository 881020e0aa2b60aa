"""Planned changes: the next WebSocket is open and receives before the old one ends, and nothing shows of it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from fake_exchange import START, Badge, Bench, Dials, FakeExchange, batch, calm, data, later, named, says, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.config import Verdict
from binance_sockets.engine import frames
from binance_sockets.engine.metrics import connection_snapshot
from binance_sockets.engine.timers import Timer
from binance_sockets.errors import ConnectError, ConnectionLost, HandshakeRejected
from binance_sockets.events import Gap, Reason, StreamGap
from binance_sockets.exchange import Rate
from binance_sockets.testing import Drop, Refuse, Script, ScriptedStream, ScriptedTransport, Send, close, frame

IDS = FakeExchange(ids=True)
BYE = {"bye": "maintenance"}


def pong(payload: bytes) -> Send:
    return Send(frame(frames.PONG, payload))


def ticks(first: int, count: int, every: float = 0.5, name: str = "a") -> list[Send]:
    """Numbered messages, one every so many seconds."""
    return [data(name, number, after=every) for number in range(first, first + count)]


def shot(bench: Bench) -> Any:
    return connection_snapshot(bench.connection, bench.clock.now)


def replacing(bench: Bench) -> str | None:
    return shot(bench)["links"][0]["replacing"]


def old(*steps: Send | Drop, at: float = 20.0, **options: Any) -> Script:
    """A server that brings a message every half second for 30 s, and announces its end at ``at``."""
    return server(*merged(ticks(0, 60), [says(after=at, **BYE)]), *steps, **options)


def merged(*tracks: list[Any]) -> list[Any]:
    """Steps of several sequences in the order of their times."""
    timed = []
    for track in tracks:
        now = 0.0
        for step in track:
            now += step.after
            timed.append((now, step))
    timed.sort(key=lambda each: each[0])
    times = [0.0, *(at for at, _ in timed)]
    return [Send(step.data, at - before) for (at, step), before in zip(timed, times, strict=False)]


# -- the way it goes --


@pytest.mark.parametrize("exchange", [IDS, FakeExchange()], ids=["ids", "content"])
def test_nothing_shows_of_a_planned_change(exchange: FakeExchange) -> None:
    """The new WebSocket brings what the old one brings, from its opening on: each once, in order, no change, no gap."""
    bench = Bench(old(), server(*ticks(40, 40)), exchange=exchange).run(stop_at=35.2)
    assert bench.payloads == list(range(70))
    assert bench.attempts == [0.0, 20.0]
    assert [state for _, state in bench.states] == ["connecting", "open", "closing", "closed"]
    assert (bench.gaps, bench.errors) == ([], [])
    assert bench.closes(0) == [b"\x03\xe8"]
    assert shot(bench)["streams"]["a"]["messages"] == 70
    assert (shot(bench)["reconnects"], shot(bench)["links"][0]["left"]) == (1, "server_shutdown")


def test_the_new_one_is_ahead() -> None:
    """What the old one has not brought yet waits for it, and follows when it has ended."""
    ahead = [later(0.0, step) for step in ticks(41, 6)]
    bench = Bench(old(), server(*ahead, *ticks(47, 40)), exchange=IDS).run(stop_at=35)
    assert bench.payloads == list(range(bench.payloads[-1] + 1))
    assert not bench.gaps


def test_the_new_one_is_behind() -> None:
    """Copies of what the old one brought are still dropped when that has ended; the change counts as done."""
    seen: list[Any] = []
    bench = Bench(server(*ticks(0, 60, 0.25), says(after=5.0, **BYE)), server(*ticks(40, 40, 0.1)), exchange=IDS)
    bench.clock.at(
        21.0, lambda: seen.extend([len(bench.payloads), replacing(bench), len(bench.connection.links[0].sockets)])
    )
    bench.run(stop_at=30)
    assert seen == [60, None, 1]
    assert bench.payloads == list(range(80))
    assert shot(bench)["streams"]["a"]["messages"] == 80


def test_copies_are_looked_for_no_longer_than_needed() -> None:
    """Five seconds behind the end of the old one at most, where the new one is read to what it was sent since."""
    pings = [Send(frame(frames.PING, b""), 1.0)] * 8
    bench = Bench(server(*ticks(0, 80, 0.25), says(**BYE)), server(*ticks(79, 1), *pings), exchange=IDS)
    seen: list[bool] = []
    for at in (20.6, 25.4, 25.6):
        bench.clock.at(at, lambda: seen.append(bench.connection.links[0].router.delivery.stage is None))
    bench.run(stop_at=30)
    assert seen == [False, False, True]


def test_a_quiet_link_is_changed_soon() -> None:
    """There is nothing to compare, and what the new one came too late for may be on its way to the old one."""
    bench = Bench(server(says(after=20, **BYE)), server(data("a", 1, after=3)), exchange=IDS).run(stop_at=30)
    assert bench.sent(0)[-1] == (22.0, frames.CLOSE)
    assert (bench.payloads, bench.gaps) == ([1], [])


def test_what_comes_late_over_a_host_that_is_behind_is_waited_for() -> None:
    """It happened before the new one was subscribed: the old one alone brings it, a moment later."""
    first = server(says(after=20, **BYE), data("a", 1, after=1.5), data("b", 4, after=0.1))
    bench = Bench(first, server(data("a", 2, after=6.0)), streams="ab", exchange=IDS).run(stop_at=30)
    assert (bench.payloads, bench.gaps) == ([1, 4, 2], [])


def test_a_stream_that_is_silent_on_the_new_one_is_waited_for_only_a_while() -> None:
    """Five seconds after the confirmation."""
    bench = Bench(old(), server(), exchange=IDS).run(stop_at=29)
    assert bench.sent(0)[-1] == (25.0, frames.CLOSE)
    assert bench.payloads == list(range(50))


def test_the_wait_for_a_silent_stream_is_not_prolonged() -> None:
    """By streams that are confirmed meanwhile."""
    bench = Bench(old(), server(), exchange=IDS)
    bench.clock.at(22.0, lambda: bench.connection.change(named("b"), ()))
    bench.run(stop_at=29)
    assert bench.sent(0)[-1] == (25.0, frames.CLOSE)


def test_the_old_one_is_read_to_its_end() -> None:
    """What it sends before its answer to the close frame is delivered, and the new one's copies are not."""

    def react(opcode: int, payload: bytes) -> list[Send | Drop]:
        if opcode == frames.PING:
            return [*ticks(42, 3, 0.1), pong(payload)]
        if opcode == frames.CLOSE:
            return [Send(close(1000).data, 0.3), Drop()]
        return [says(ref=json.loads(payload)["ref"], ok=True)]

    first = Script([*ticks(0, 40), says(**BYE), *ticks(40, 2, 0.1)], react)
    bench = Bench(first, server(*ticks(40, 20, 0.1)), exchange=IDS).run(stop_at=30)
    assert bench.payloads == list(range(60))
    assert not bench.gaps


def test_an_old_one_that_never_closes_is_cut() -> None:
    """After ``Timeouts.close``; what waited follows."""
    first = server(*ticks(0, 40), says(**BYE))
    first.react = lambda opcode, payload: [says(ref=1, ok=True)] if opcode == frames.TEXT else []
    bench = Bench(first, server(*ticks(39, 20, 0.1)), exchange=IDS, options=calm(close=1.0))
    times: list[float] = []
    bench._callback = lambda payload: times.append(bench.now) if payload == 40 else None
    bench.run(stop_at=40)
    assert bench.payloads == list(range(59))
    assert times == [21.1]
    assert not bench.gaps  # both brought the same message, so that nothing is missing between them


def test_a_change_is_over_at_once_where_the_new_one_is_ahead_when_the_old_one_is_cut() -> None:
    """No copy can come of what waited, and nothing is left to wait for."""
    first = server(*ticks(0, 40), says(**BYE))
    first.react = lambda opcode, payload: [says(ref=1, ok=True)] if opcode == frames.TEXT else []
    bench = Bench(first, server(*ticks(39, 3, 0.1)), exchange=IDS, options=calm(close=1.0))
    link = bench.connection.links[0]
    shown: list[tuple[str | None, bool]] = []
    for at in (21.0, 21.2):
        bench.clock.at(at, lambda: shown.append((replacing(bench), link.timers.at(Timer.SUCCEED) is None)))
    bench.run(stop_at=40)
    assert bench.payloads == list(range(42))
    assert shown == [("server_shutdown", False), (None, True)]


def test_the_age_limit_is_met_early_and_not_by_all_at_once() -> None:
    """Between 88 and 98 percent of the age at which the exchange would cut it; each WebSocket at its own time."""
    lives = []
    for seed in range(8):
        steps = [Send(b"\x89\x00", after=50.0)] * 40
        bench = Bench(server(*steps), server(*steps), exchange=FakeExchange(max_age=1000), options=calm(seed=seed)).run(
            stop_at=1000
        )
        assert not bench.gaps
        assert shot(bench)["links"][0]["left"] == "max_age"
        lives.append(bench.attempts[1])
    assert all(880 <= life <= 980 for life in lives)
    assert len(set(lives)) == 8


def test_a_reconnect_that_was_asked_for() -> None:
    """At once, also on a young link; every link of the connection; none that is under way already."""
    outcomes = [server(*ticks(0, 40, name=name)) for name in "ab"] + [server(*ticks(4, 40, name=name)) for name in "ab"]
    bench = Bench(*outcomes, streams="ab", exchange=FakeExchange(per_link=1, ids=True))
    bench.clock.at(2.0, bench.connection.reconnect)
    bench.clock.at(2.0, bench.connection.reconnect)
    bench.run(stop_at=10)
    assert bench.attempts == [0.0, 0.0, 2.0, 2.0]
    assert bench.payloads == [number for number in range(len(bench.payloads) // 2) for _ in "ab"]
    assert {link["left"] for link in shot(bench)["links"]} == {"requested"}
    assert not bench.gaps


def test_where_there_is_no_link_none_is_changed() -> None:
    """It is being opened anyway."""
    bench = Bench(Refuse(OSError("no")), server())
    bench.clock.at(0.1, bench.connection.reconnect)
    bench.run(stop_at=5)
    assert bench.attempts == [0.0, 0.5]


def test_a_change_that_is_asked_for_behind_another_follows_it() -> None:
    """While copies may still come from the one before, the next one waits."""
    bench = Bench(
        server(*ticks(0, 40), says(**BYE), *ticks(40, 20, 0.1)),
        server(*ticks(40, 1, 0.1), *[later(0.5, step) for step in ticks(41, 99)]),
        server(*ticks(41, 99, 0.01)),
        exchange=IDS,
    )
    bench.clock.at(20.5, bench.connection.reconnect)
    bench.run(stop_at=60)
    assert len(bench.attempts) == 3
    assert bench.payloads == list(range(len(bench.payloads)))


@pytest.mark.parametrize("at", [20.2, 20.7])
def test_a_credential_that_changes_meanwhile(at: float) -> None:
    """The new one may have been dialled with the one before: another change follows."""
    dials = Dials()
    outcomes = [old(), server(*ticks(41, 40)), server(*ticks(41, 99, 0.01))]
    bench = Bench(*outcomes, exchange=IDS, dial=dials.dial)
    link = bench.connection.links[0]
    for moment in (20.6, 23.0):
        bench.clock.at(moment, dials.run)
    bench.clock.at(at, lambda: link.restart(Reason.CREDENTIAL, ConnectionLost("another one"), bench.clock.now))
    bench.run(stop_at=30)
    assert len(bench.attempts) == 3
    assert shot(bench)["links"][0]["left"] == "credential"
    assert bench.payloads == list(range(len(bench.payloads)))
    assert not bench.gaps


def test_a_change_that_is_asked_for_while_one_is_under_way_is_that_one() -> None:
    """Where it was asked for before the next one was dialled, and also behind that: it begins anew anyway."""
    bench = Bench(old(), server(*ticks(42, 99)), server(*ticks(42, 99)), exchange=IDS)
    for at in (20.0, 20.25, 20.75):
        bench.clock.at(at, bench.connection.reconnect)
    bench.run(stop_at=40)
    assert len(bench.attempts) == 2


@pytest.mark.parametrize(
    "asked",
    [
        (Reason.CREDENTIAL, Reason.REQUESTED),
        (Reason.REQUESTED, Reason.CREDENTIAL),
        (Reason.SERVER_SHUTDOWN, Reason.REQUESTED),
    ],
)
def test_nothing_takes_the_place_of_a_credential_that_has_changed(asked: tuple[Reason, Reason]) -> None:
    """The change that follows is for the most urgent of the reasons that came up, or else for the latest."""
    first = server(*ticks(0, 40), says(**BYE), *ticks(40, 20, 0.1))
    late = server(*ticks(40, 1, 0.1), *[later(0.5, step) for step in ticks(41, 99)])
    bench = Bench(first, late, server(*ticks(41, 99, 0.01)), exchange=IDS)
    link = bench.connection.links[0]
    for at, reason in zip((20.25, 20.5), asked, strict=True):
        error = ConnectionLost("another")
        bench.clock.at(at, lambda reason=reason, error=error: link.restart(reason, error, bench.clock.now))  # type: ignore[misc]
    bench.run(stop_at=60)
    assert len(bench.attempts) == 3
    assert shot(bench)["links"][0]["left"] == ("credential" if Reason.CREDENTIAL in asked else "requested")


def test_a_change_has_its_turn_in_the_connect_budget() -> None:
    """The old one goes on until then."""
    exchange = FakeExchange(ids=True, connects=(Rate(2, 60.0),), stale_after=1e6)
    bench = Bench(old(), server(), exchange=exchange).run(stop_at=70)
    assert bench.attempts == [0.0, 60.0]
    assert (bench.payloads, bench.gaps) == (list(range(60)), [])


def test_a_stream_that_nobody_wants_is_not_waited_for() -> None:
    """The new one has not brought it yet: once it is given up, the old one can go."""
    first = server(*merged(ticks(0, 60), ticks(0, 60, name="b"), [says(after=20.0, **BYE)]))
    bench = Bench(first, server(*ticks(41, 40)), streams="ab", exchange=IDS)
    bench.clock.at(21.25, lambda: bench.connection.change((), ["b"]))
    bench.run(stop_at=30)
    at, opcode = bench.sent(0)[-1]
    assert opcode == frames.CLOSE and 21.25 < at < 21.5


@pytest.mark.parametrize("refusal", [HandshakeRejected("fake:1", 451), HandshakeRejected("fake:1", 503)])
def test_who_asks_need_not_wait_for_the_next_attempt(refusal: Exception) -> None:
    """Also where another attempt was said not to help."""
    bench = Bench(old(), Refuse(refusal), server(*ticks(41, 40)), exchange=IDS, options=calm(initial=8.0))
    bench.clock.at(20.1, bench.connection.reconnect)
    bench.run(stop_at=30)
    assert bench.attempts == [0.0, 20.0, 20.1]


def test_it_shows_in_the_snapshot_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Why and how long; no change of state."""
    caplog.set_level("INFO")
    bench = Bench(old(), server(*ticks(42, 40)), exchange=IDS)
    seen: list[str | None] = []
    for at in (19.0, 20.2, 24.0):
        bench.clock.at(at, lambda: seen.append(replacing(bench)))
    bench.run(stop_at=30)
    assert seen == [None, "server_shutdown", None]
    lines = [(each.name, each.getMessage()) for each in caplog.records if "next WebSocket" in each.getMessage()]
    assert lines == [
        (
            "binance_sockets.connection",
            "key: the next WebSocket is opened beside this one (server_shutdown: maintenance)",
        ),
        ("binance_sockets.connection", "key: the next WebSocket has taken over (server_shutdown)"),
    ]


def test_why_there_is_no_next_one_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """As a warning, once for each attempt."""
    refused = Refuse(ConnectError("fake:1", "refused"))
    Bench(old(), refused, refused, server(*ticks(42, 40)), exchange=IDS).run(stop_at=30)
    lines = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    expected = "key: the next WebSocket could not be had, the old one goes on: cannot connect to fake:1: refused"
    assert lines == [expected, expected]


def test_nothing_is_said_behind_the_close_frame() -> None:
    """No ping, however long the answer takes."""
    first = server(*ticks(0, 40), says(**BYE))
    first.react = lambda opcode, payload: [says(ref=1, ok=True)] if opcode == frames.TEXT else []
    exchange = FakeExchange(ids=True, ping_after=1.0)
    bench = Bench(first, server(*ticks(39, 20, 0.1)), exchange=exchange, options=calm(close=5.0)).run(stop_at=40)
    sent = [opcode for _, opcode in bench.sent(0)]
    assert sent[sent.index(frames.CLOSE) :] == [frames.CLOSE]


def test_a_stream_that_is_silent_on_the_new_one_is_reported() -> None:
    """Its first message is waited for anew, from the taking over on."""
    bench = Bench(old(at=20.2), server(), streams=named("a", first_message=5.0), exchange=IDS)
    bench.run(stop_at=40)
    assert bench.errors == ["a: no message 5 s after it was subscribed. Nobody trades it"]
    assert bench.reports[0].time == pytest.approx(START + 30.2)


def test_bytes_are_counted_once() -> None:
    """Also behind a link that was lost, and with two open at the end."""
    counts: list[int] = []

    class Counting(ScriptedStream):
        def recv_into(self, view: memoryview) -> int:
            counts.append(super().recv_into(view))
            return counts[-1]

    class Transport(ScriptedTransport):
        stream = Counting

    outcomes = [server(data("a", 0), Drop(after=1)), old(), server(*ticks(42, 40))]
    bench = Bench(*outcomes, exchange=IDS, transport=Transport).run(stop_at=35)
    assert len(bench.attempts) == 3
    assert bench.connection.links[0].received == sum(counts)


def test_bytes_never_run_backwards() -> None:
    """Those of the new one count from its taking over on."""
    seen: list[int] = []
    bench = Bench(
        old(), server(*ticks(42, 40)), exchange=IDS, callback=lambda payload: seen.append(shot(bench)["bytes"])
    )
    bench.run(stop_at=30)
    assert seen == sorted(seen)


# -- attempts that fail --


def test_a_successor_that_cannot_be_had() -> None:
    """It is tried again with the back-off, beside the old one that goes on; the failures cost no attempt."""
    refusals = [Refuse(ConnectError("fake:1", "refused"))] * 7
    bench = Bench(old(), *refusals, server(*ticks(60, 40)), exchange=IDS, options=calm(maximum=1.0)).run(stop_at=35)
    assert bench.attempts == [0.0, 20.0, 20.5, 21.5, 22.5, 23.5, 24.5, 25.5, 26.5]
    assert bench.payloads[:60] == list(range(60))
    assert bench.errors == ["cannot connect to fake:1: refused"] * 7
    assert [state for _, state in bench.states] == ["connecting", "open", "closing", "closed"]


def test_retry_after_is_kept() -> None:
    """Also beside an open link."""
    refused = Refuse(HandshakeRejected("fake:1", 429, retry_after=4.0))
    bench = Bench(old(), refused, server(*ticks(48, 40)), exchange=IDS).run(stop_at=35)
    assert bench.attempts == [0.0, 20.0, 24.0]


def test_where_another_attempt_cannot_help_the_old_one_is_used_to_its_end() -> None:
    """Then the link is lost as ever."""
    refused = Refuse(HandshakeRejected("fake:1", 451))
    bench = Bench(old(Drop()), refused, server(data("a", 99)), exchange=IDS).run(stop_at=40)
    assert bench.attempts == [0.0, 20.0, 30.0]
    assert bench.payloads == [*range(60), 99]
    assert bench.reasons[0] == ("backoff", "server_shutdown")
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 59, 99),)]


def test_a_successor_that_dies_before_it_has_taken_over() -> None:
    """Its messages are not missed: the old one brings them. Another one is tried."""
    bench = Bench(old(), server(*ticks(45, 2, 0.1), Drop(), answer=False), server(*ticks(41, 40)), exchange=IDS).run(
        stop_at=35
    )
    assert bench.attempts == [0.0, 20.0, 20.7]
    assert bench.payloads == list(range(len(bench.payloads)))
    assert not bench.gaps


def test_a_successor_that_dies_while_the_old_one_is_sent_away() -> None:
    """Both are gone: what the new one has brought is delivered, then the link is lost."""
    first = server(*ticks(0, 40), says(**BYE))
    first.react = lambda opcode, payload: [says(ref=1, ok=True)] if opcode == frames.TEXT else []
    bench = Bench(first, server(*ticks(39, 5, 0.1), Drop()), server(data("a", 50, after=0.5)), exchange=IDS)
    bench.run(stop_at=40)
    assert bench.payloads == [*range(44), 50]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 43, 50),)]
    assert [state for _, state in bench.states][:5] == ["connecting", "open", "backoff", "connecting", "open"]


def test_a_new_one_that_is_closed_while_the_old_one_is_sent_away_is_lost_at_once() -> None:
    """Its close frame is its end, also where the network stays open behind it."""
    first = server(*ticks(0, 40), says(**BYE))
    second = server(*ticks(39, 5, 0.1), close(1001))
    first.react = second.react = lambda opcode, payload: (
        [says(ref=json.loads(payload)["ref"], ok=True)] if opcode == frames.TEXT else []
    )
    bench = Bench(first, second, server(data("a", 50, after=0.5)), exchange=IDS, options=calm(close=5.0))
    bench.run(stop_at=40)
    assert bench.states[2:4] == [(20.5, "backoff"), (21.0, "connecting")]
    assert bench.payloads == [*range(44), 50]


def test_a_server_that_announces_its_end_all_the_time_is_backed_off() -> None:
    """Changes of links that were open for a moment only are spaced, and never end the connection."""
    bench = Bench(*(server(says(bye="again")) for _ in range(20))).run(stop_at=100)
    waits = [round(after - before, 3) for before, after in zip(bench.attempts, bench.attempts[1:], strict=False)]
    assert waits[:5] == [0.5, 3.25, 5.125, 9.812, 2.5]  # in 11 s it was stable
    assert [state for _, state in bench.states] == ["connecting", "open", "closing", "closed"]


def test_a_new_one_that_is_too_far_ahead_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is bounded; the old one, which still has all of it, goes on."""
    monkeypatch.setattr("binance_sockets.engine.continuity._MOST_HELD", 5)
    bench = Bench(old(), server(*[later(0.0, step) for step in ticks(41, 9)]), exchange=IDS).run(stop_at=28.2)
    assert bench.payloads == list(range(56))
    assert "too far behind" in bench.errors[0]
    assert bench.closes(1) == [b"\x03\xe8"]


# -- the old one ends too early --


def test_the_old_one_ends_while_the_next_is_dialled() -> None:
    """The attempt that is under way serves as the next one; there is no second, and no wait."""
    dials = Dials()
    first = server(*ticks(0, 40), says(**BYE), *ticks(40, 2), Drop())
    bench = Bench(first, server(*ticks(50, 9)), exchange=IDS, dial=dials.dial)
    bench.clock.at(25.0, dials.run)
    bench.run(stop_at=40)
    assert bench.attempts == [0.0, 25.0]
    assert [(at, state) for at, state in bench.states][2:5] == [(21.0, "backoff"), (21.0, "connecting"), (25.0, "open")]
    assert bench.reasons[0] == ("backoff", "server_shutdown")
    assert bench.payloads == [*range(42), *range(50, 59)]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 41, 50),)]


def test_the_next_is_subscribed_already_when_the_old_one_ends() -> None:
    """The exchange sent both the same, though the client saw the next one open later: each comes once all the same."""
    dials = Dials()
    first = server(*ticks(0, 40), says(**BYE), *ticks(40, 3), Drop())
    bench = Bench(first, server(batch(*ticks(41, 4)), *ticks(45, 5)), exchange=IDS, dial=dials.dial)
    bench.clock.at(23.0, dials.run)
    bench.run(stop_at=40)
    assert bench.payloads == list(range(50))
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 42, 43),)]


def test_after_an_end_while_the_next_one_was_dialled_copies_are_looked_for_as_long_as_it_may_take() -> None:
    """Until the attempt is over at the latest, and what was sent by then has come."""
    dials = Dials()
    first = server(*ticks(0, 40), says(**BYE), *ticks(40, 2), Drop())  # at 21 s
    bench = Bench(first, server(*ticks(50, 9)), exchange=IDS, dial=dials.dial, options=calm(connect=10.0))
    looked: list[bool] = []
    for at in (35.75, 36.25):
        bench.clock.at(at, lambda: looked.append(bench.connection.links[0].router.delivery.stage is not None))
    bench.clock.at(25.0, dials.run)
    bench.run(stop_at=40)
    assert looked == [True, False]


def test_a_change_that_is_asked_for_behind_an_end_while_the_next_one_was_dialled_follows() -> None:
    """Once no copies can come any more."""
    dials = Dials()
    first = server(*ticks(0, 40), says(**BYE), *ticks(40, 2), Drop())  # at 21 s
    bench = Bench(first, server(), server(), exchange=IDS, dial=dials.dial, options=calm(connect=10.0))
    bench.clock.at(25.0, dials.run)
    bench.clock.at(26.0, bench.connection.reconnect)
    bench.clock.at(36.25, dials.run)
    bench.run(stop_at=45)
    assert bench.attempts == [0.0, 25.0, 36.25]
    assert shot(bench)["links"][0]["left"] == "requested"


def test_the_next_is_refused_what_the_old_one_has() -> None:
    """The old one goes on, and another one is tried; one that is refused the same again takes over without it."""
    bench = Bench(old(), server(*ticks(40, 9), refuses="a"), server(*ticks(41, 40)), exchange=IDS).run(stop_at=35.2)
    assert bench.payloads == list(range(70))
    assert (bench.attempts, bench.gaps) == ([0.0, 20.0, 20.5], [])
    assert "refused what the old one brings: a" in bench.errors[1]
    bench = Bench(old(), server(refuses="a"), server(refuses="a"), exchange=IDS).run(stop_at=35.2)
    assert (bench.attempts, bench.payloads) == ([0.0, 20.0, 20.5], list(range(51)))


@pytest.mark.parametrize("code", [1001, 1000])
def test_the_old_one_was_left_before_the_next_was_subscribed(code: int) -> None:
    """Its close frame is read when it has been asked to close, and is no answer to that, whatever its code."""
    first = server(data("a", 1, after=1), says(after=19, **BYE), later(0.5, close(code)), Drop())
    second = server(data("a", 9, after=1))
    second.accept_after = 1.0
    exchange = FakeExchange(ids=True, names_in_url=1)
    bench = Bench(first, second, exchange=exchange).run(stop_at=40)
    assert (bench.payloads, [gap.streams for gap in bench.gaps]) == ([1, 9], [("a",)])


@pytest.mark.parametrize(("was_there", "gaps"), [(True, []), (False, [("a",)])])
def test_the_old_one_breaks_when_it_is_sent_away(was_there: bool, gaps: list[tuple[str, ...]]) -> None:
    """Where it has answered the last ping, everything has come that it was sent until the next one brought it."""
    first = server(data("a", 1, after=1), says(after=19, **BYE))
    first.react = lambda opcode, payload: (
        [*([pong(payload)] if was_there else []), Drop()] if opcode == frames.PING else []
    )
    second = server(data("a", 9, after=4))
    second.accept_after = 1.0
    bench = Bench(first, second, exchange=FakeExchange(ids=True, names_in_url=1)).run(stop_at=40)
    assert (bench.payloads, [gap.streams for gap in bench.gaps]) == ([1, 9], gaps)


def test_what_was_lost_before_comes_late_on_the_old_one() -> None:
    """It was not carried there when the next one was subscribed, whose first messages are older than what it brings
    then: the gap goes on until both are level."""
    first = server(data("a", 1, after=1), Drop(after=1))
    second = server(*merged(ticks(1, 19, 1.0, "b"), [data("a", 9, after=9.5)]), answer=False)
    third = server(data("a", 7, after=1), data("b", 12, after=4), *ticks(13, 9, 1.0, "b"))
    bench = Bench(first, second, third, streams="ab", exchange=IDS, options=calm(ack=60.0))
    bench.clock.at(10.0, bench.connection.reconnect)
    bench.run(stop_at=22)
    assert 9 in bench.payloads and bench.payloads.count(7) == 1  # of b
    (gap,) = bench.gaps
    assert gap.streams == ("a", "b") and gap.ids[0].last_id == 1
    assert gap.resumed >= START + 15


def test_a_gap_keeps_its_time_where_a_callback_is_slow_meanwhile() -> None:
    """The old one is given up behind a callback that takes six seconds: the gap's window is not shifted by them."""
    first = server(data("a", 1, after=1), says(after=19, **BYE), data("a", 5, after=1))
    first.react = lambda opcode, payload: []
    bench = Bench(first, server(), exchange=FakeExchange(ids=True, names_in_url=1), options=calm(close=1.0))
    bench._callback = lambda payload: bench.clock.advance(bench.clock.now + 6) if payload == 5 else None
    bench.run(stop_at=40)
    (gap,) = bench.gaps
    assert gap.resumed == START + 20
    assert gap.last_received <= START + 20


def test_the_old_one_ends_while_the_next_waits_for_its_turn() -> None:
    """The link is lost as ever, and the back-off is its own."""
    first = server(*ticks(0, 40), says(**BYE), later(0.2, Send(b"")), Drop())
    bench = Bench(first, Refuse(OSError("no")), server(*ticks(50, 9)), exchange=IDS).run(stop_at=40)
    assert bench.attempts == [0.0, 20.0, 20.2]
    assert bench.waits() == [0.0]  # it was announced


def test_the_old_one_ends_before_the_next_is_confirmed() -> None:
    """The new one is the current one from then on, what it brought is delivered, the gap is told when it is sure."""
    first = server(*ticks(0, 40), says(**BYE), *ticks(40, 2), Drop())
    second = server(*ticks(44, 9), answer=False)
    second.react = lambda opcode, payload: (
        [says(after=3.0, ref=json.loads(payload)["ref"], ok=True)] if opcode == frames.TEXT else [close(1000), Drop()]
    )
    bench = Bench(first, second, exchange=IDS).run(stop_at=40)
    assert bench.payloads == [*range(42), *range(44, 53)]
    assert bench.states[2:5] == [(21.0, "backoff"), (21.0, "connecting"), (21.0, "open")]
    (gap,) = bench.gaps
    assert (gap.resumed, gap.ids) == (START + 23.0, (StreamGap("a", 41, 44),))
    assert START + 18 <= gap.last_received <= START + 21


def test_the_old_one_ends_when_both_have_shown_to_meet() -> None:
    """No gap: nothing can be missing. No change of state either."""
    first = server(*merged(ticks(0, 40), ticks(0, 40, name="b"), [says(after=20.0, **BYE)]), Drop(after=0.4))
    second = server(*merged(ticks(39, 20, 0.1), [later(9.0, data("b", 50))]))
    bench = Bench(first, second, streams="ab", exchange=IDS).run(stop_at=40)
    assert [state for _, state in bench.states] == ["connecting", "open", "closing", "closed"]
    (gap,) = bench.gaps
    assert (gap.streams, gap.reason, gap.ids) == (("b",), Reason.SERVER_SHUTDOWN, (StreamGap("b", 39, None),))
    assert gap.resumed == START + 20.0


def test_the_old_one_ends_with_nothing_unread_since_the_confirmation() -> None:
    """Its socket was empty after the new one was confirmed, and brought more: no gap, whatever was compared."""
    first = server(*ticks(0, 40), says(**BYE), *ticks(40, 9), Drop())
    bench = Bench(first, server(data("a", 60, after=9)), exchange=IDS).run(stop_at=40)
    assert (bench.payloads, bench.gaps) == ([*range(49), 60], [])


@pytest.mark.parametrize(("read", "told"), [(-0.25, [("a",)]), (0.0, [])])
def test_what_was_read_up_to_the_confirmation_is_not_missing(read: float, told: list[tuple[str, ...]]) -> None:
    """The old one breaks when all was read that it was sent until then, or a moment less."""
    first = server(*ticks(0, 40), says(**BYE), later(0.5, Send(b"")), Drop())
    bench = Bench(first, server(data("a", 60, after=9)), exchange=IDS)
    bench.clock.at(20.25, lambda: setattr(bench.connection.links[0].current, "safe_at", START + 20 + read))
    bench.run(stop_at=40)
    assert bench.payloads == [*range(40), 60]
    assert [gap.streams for gap in bench.gaps] == told


def test_an_old_one_that_breaks_while_the_change_that_was_asked_for_is_under_way() -> None:
    """Its own end is the reason of what may be missing, and stands in the list of departures."""
    bench = Bench(server(*ticks(0, 42), Drop()), server(), exchange=IDS)
    bench.clock.at(20.25, bench.connection.reconnect)
    bench.run(stop_at=40)
    (gap,) = bench.gaps
    assert (gap.reason, gap.ids) == (Reason.NETWORK, (StreamGap("a", 41, None),))
    assert shot(bench)["links"][0]["left"] == "network"


def test_the_reason_of_an_unannounced_end_is_its_own() -> None:
    """A link that breaks while it is being changed on demand was lost by the network."""
    dials = Dials()
    bench = Bench(server(*ticks(0, 50), Drop()), server(data("a", 99)), exchange=IDS, dial=dials.dial)
    bench.clock.at(24.0, bench.connection.reconnect)
    bench.clock.at(26.0, dials.run)
    bench.run(stop_at=40)
    assert bench.reasons[0] == ("backoff", "network")


def test_a_final_verdict_ends_what_is_under_way() -> None:
    """Nothing is dialled any more, and nothing is left open."""
    dials = Dials()
    options = calm(classify=lambda error: Verdict.FATAL)
    bench = Bench(old(Drop()), server(), exchange=IDS, dial=dials.dial, options=options).run()
    dials.run()
    assert len(bench.transport.links) == 1
    assert bench.payloads[-1] == {"e": "error", "m": "Max reconnect retries reached"}


def test_a_credential_that_has_ended_leaves_a_gap_from_the_moment_at_which_it_was_surely_good() -> None:
    """The old one is open until there is another, but may have brought nothing."""
    badge = Badge(life=1e6, renew_after=1e6)
    exchange = FakeExchange(ids=True, badge=badge, stale_after=1e9)
    first = server(*ticks(0, 40), says(key="expired"), *ticks(40, 9))
    bench = Bench(first, server(data("a", 60, after=9)), exchange=exchange).run(stop_at=40)
    (gap,) = bench.gaps
    assert gap.reason is Reason.CREDENTIAL
    assert gap.last_received <= START + 20
    assert [state for _, state in bench.states] == ["connecting", "open", "closing", "closed"]


def test_an_old_one_that_is_dead_is_left_as_soon_as_there_is_another() -> None:
    """It may have brought nothing since the earliest moment that was told: that is a gap, whatever both bring."""
    bench = Bench(old(), Refuse(OSError("no")), server(), exchange=IDS)
    link = bench.connection.links[0]
    for at, safe_at in ((20.125, 17.0), (20.25, 16.0), (20.375, 18.0)):
        bench.clock.at(at, lambda safe_at=safe_at: link.succession and link.succession.old_is_dead(START + safe_at))  # type: ignore[misc]
    bench.run(stop_at=30)
    assert bench.sent(0)[-1] == (20.5, frames.CLOSE)
    (gap,) = bench.gaps
    assert (gap.reason, gap.streams, gap.last_received) == (Reason.CREDENTIAL, ("a",), START + 16.0)


@pytest.mark.parametrize(
    ("error", "told"), [(OSError("no"), ConnectionLost), (ConnectError("fake:1", "refused"), ConnectError)]
)
def test_an_old_one_that_is_dead_does_not_go_on_alone(error: Exception, told: type[Exception]) -> None:
    """Where the next one cannot be had the link is lost, and says why."""
    bench = Bench(old(), Refuse(OSError("no")), Refuse(error), server(), exchange=IDS)
    link = bench.connection.links[0]
    bench.clock.at(20.25, lambda: link.succession and link.succession.old_is_dead(START + 18.0))
    bench.run(stop_at=30)
    lost = next(change for _, change in bench.changes if change.state.value == "backoff")
    assert type(lost.error) is told
    assert lost.time == START + 20.5 and link.succession is None


# -- stopping, and other streams --


@pytest.mark.parametrize("at", [20.0, 20.2, 20.7, 21.2])
def test_stop_at_any_step(at: float) -> None:
    """Both WebSockets are closed, and nothing is called afterwards."""
    dials = Dials()
    first = old()
    first.react = lambda opcode, payload: [says(ref=1, ok=True)] if opcode == frames.TEXT else []
    bench = Bench(first, server(*ticks(41, 40, 0.5)), exchange=IDS, dial=dials.dial)
    bench.clock.at(20.1, dials.run)
    bench.run(stop_at=at)  # which looks that all is closed
    assert bench.payloads == list(range(len(bench.payloads)))
    assert [state for _, state in bench.states][-2:] == ["closing", "closed"]


def test_streams_change_while_both_are_open() -> None:
    """Both carry what is wanted then, and the old one is not sent away before."""
    bench = Bench(old(), server(*ticks(40, 40)), streams="a", exchange=IDS)
    bench.clock.at(20.2, lambda: bench.connection.change(named("b"), ()))
    bench.run(stop_at=30.2)
    names = [[json.loads(text)["list"] for text in link.texts()] for link in bench.transport.links]
    assert names == [[["a"], ["b"]], [["a"], ["b"]]]
    assert bench.payloads == list(range(60))


def test_data_that_nobody_asked_for_comes_once() -> None:
    """It is delivered as ever, and both WebSockets bring it."""
    extra = [says(after=20.6, **{"from": "x", "body": "x1"}), says(after=4.0, **{"from": "x", "body": "x2"})]
    first = server(*merged(ticks(0, 60), [says(after=20, **BYE)], extra))
    second = server(*merged(ticks(50, 40), [later(0.6, extra[0]), later(4.0, extra[1])]))
    bench = Bench(first, second, exchange=IDS).run(stop_at=40)
    assert [each for each in bench.payloads if isinstance(each, str)] == ["x1", "x2"]


def test_where_no_dial_thread_is_to_be_had_it_dials_itself() -> None:
    """The old one waits meanwhile, and loses nothing."""

    def refuse(attempt: object) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    slow = server(*ticks(40, 40))
    slow.accept_after = 3.0
    bench = Bench(old(), slow, exchange=IDS, dial=refuse).run(stop_at=40)
    assert bench.payloads[:46] == list(range(46))
    assert bench.payloads == sorted(set(bench.payloads))
    assert shot(bench)["reconnects"] == 1
    assert not bench.gaps


# -- what changes while both are open --


def asked_later(answers_after: float) -> Script:
    """A new one that brings nothing, and takes its time to answer all but its first join."""
    script = server()
    answered: list[int] = []

    def react(opcode: int, payload: bytes) -> list[Send | Drop]:
        if opcode != frames.TEXT:
            return [close(1000), Drop()] if opcode == frames.CLOSE else []
        answered.append(json.loads(payload)["ref"])
        return [says(after=answers_after if len(answered) > 1 else 0.0, ref=answered[-1], ok=True)]

    script.react = react
    return script


def test_what_joins_is_refused_on_the_new_one() -> None:
    """Though it had all that was wanted before: the old one, which has it, goes on, and the next one is tried."""
    bench = Bench(old(), server(refuses="c"), server(*ticks(42, 40)), exchange=IDS)
    bench.clock.at(21.0, lambda: bench.connection.change(named("c"), ()))
    bench.run(stop_at=34)
    assert bench.errors == [
        "no such stream (code 13) for c",
        "the next WebSocket was refused what the old one brings: c",
    ]
    assert len(bench.attempts) == 3
    assert bench.payloads == list(range(bench.payloads[-1] + 1))
    assert not bench.gaps


def refusing_once(script: Script, name: str, after: float) -> Script:
    """The first join of ``name`` is refused, so many seconds later."""
    refused: list[bytes] = []
    react = script.react
    assert react is not None

    def once(opcode: int, payload: bytes) -> list[Send | Drop]:
        if opcode == frames.TEXT and name in json.loads(payload)["list"] and not refused:
            refused.append(payload)
            return [says(after=after, ref=json.loads(payload)["ref"], ok=False, why=[1, "try later"])]
        return list(react(opcode, payload))

    script.react = once
    return script


def test_what_both_were_refused_at_first_is_asked_for_on_the_new_one_too() -> None:
    """The old one was not refused it again: that the new one was is not for good either."""
    second = server(*ticks(44, 60))
    first = server(*merged(ticks(0, 60), [data("c", 1, after=24.0)], [says(after=20.0, **BYE)]))
    bench = Bench(refusing_once(first, "c", 0.1), refusing_once(second, "c", 0.2), exchange=IDS)
    bench.clock.at(21.0, lambda: bench.connection.change(named("c"), ()))
    bench.run(stop_at=45)
    asked = [[at for at, op, text in bench.transport.links[link].sent if op == 1 and b'"c"' in text] for link in (0, 1)]
    assert [len(times) for times in asked] == [2, 2]


def test_the_answer_about_what_joins_is_waited_for_on_the_new_one() -> None:
    """The old one is not sent away before."""
    bench = Bench(old(), asked_later(8.0), exchange=IDS)
    bench.clock.at(21.0, lambda: bench.connection.change(named("c"), ()))
    bench.run(stop_at=34)
    assert bench.sent(0)[-1][1] == frames.CLOSE
    assert 29.05 <= bench.sent(0)[-1][0] < 30.1


def test_the_old_one_ends_before_what_joins_is_answered_on_the_new_one() -> None:
    """What the old one had of it is missing until then."""
    first = merged(ticks(0, 44), [says(after=20, **BYE)], [data("c", 1000, after=21.9)])
    bench = Bench(server(*first, Drop(after=0.1)), asked_later(5.0), exchange=IDS)
    bench.clock.at(21.0, lambda: bench.connection.change(named("c"), ()))
    bench.run(stop_at=40)
    told = [(gap.streams, round(gap.resumed - START, 2)) for gap in bench.gaps]
    assert [each for each in told if "c" in each[0]] == [(("c",), 26.05)]


def test_what_joined_comes_without_a_hole_since_the_new_one_has_it_though_more_is_still_asked_for() -> None:
    """When the new one first had all that was wanted, it was not among that."""
    first = merged(ticks(0, 40), [says(after=20, **BYE)], [data("c", 1000, after=21.9)])
    bench = Bench(server(*first, Drop(after=2.1)), asked_later(2.0), exchange=IDS)
    since: list[dict[str, float]] = []
    for at, name in ((21.0, "c"), (21.5, "d")):  # the second is asked for when the first is answered
        bench.clock.at(at, lambda name=name: bench.connection.change(named(name), ()))
    for at in (24.5, 26.0):
        bench.clock.at(at, lambda: since.append(dict(bench.connection.links[0].since)))
    bench.run(stop_at=40)
    assert since[0] == {"a": START + 24, "c": START + 24}
    assert since[1]["d"] == pytest.approx(START + 25.05)
    assert min(gap.resumed for gap in bench.gaps if "c" in gap.streams) >= START + 23.0


def test_what_is_asked_for_anew_on_the_new_one_when_the_old_one_ends_is_missing() -> None:
    """It was confirmed there before, and may have ended with that."""
    first = server(*ticks(0, 40), says(**BYE), *ticks(40, 9), Drop())
    bench = Bench(first, asked_later(5.0), streams="ab", exchange=IDS)
    bench.clock.at(21.0, lambda: bench.connection.change((), (), ["b"]))
    bench.run(stop_at=40)
    assert [name for gap in bench.gaps for name in gap.streams].count("b") == 1


@pytest.mark.parametrize(("answers_after", "told"), [(5.0, [(("b",), 28.05)]), (0.5, [])])
def test_what_is_asked_for_anew_while_the_old_one_is_sent_away(
    answers_after: float, told: list[tuple[tuple[str, ...], float]]
) -> None:
    """The old one has brought all until its end: only what the new one has not confirmed by then is missing."""
    ending = [Send(close().data, after=2.0), Drop()]
    first = server(data("b", 1, after=1.0))
    answers = {frames.CLOSE: lambda payload: ending, frames.PING: lambda payload: [pong(payload)]}
    first.react = lambda opcode, payload: (
        answers[opcode](payload) if opcode in answers else [says(ref=json.loads(payload)["ref"], ok=True)]
    )
    bench = Bench(first, asked_later(answers_after), streams="ab", exchange=IDS, options=calm(close=5.0))
    bench.clock.at(20.0, bench.connection.reconnect)
    bench.clock.at(23.0, lambda: bench.connection.change((), (), ["b"]))
    bench.run(stop_at=40)
    assert bench.sent(0)[-1] == (22.0, frames.CLOSE)
    assert [(gap.streams, round(gap.resumed - START, 2)) for gap in bench.gaps] == told


def test_a_login_comes_first_on_the_new_one_too() -> None:
    """Nothing is asked for before it is answered."""
    first, second = server(says(after=20, **BYE), answer=False), server(answer=False)
    first.react = second.react = lambda opcode, payload: (
        [says(ref=json.loads(payload)["ref"], ok=True)] if opcode == frames.TEXT else [close(1000), Drop()]
    )
    bench = Bench(first, second, exchange=FakeExchange(password="x")).run(stop_at=30)
    asked = [[json.loads(text)["op"] for text in link.texts()] for link in bench.transport.links]
    assert asked == [["login", "join"], ["login", "join"]]
    assert bench.sent(0)[-1] == (22.25, frames.CLOSE)


def test_a_new_one_whose_first_words_are_kept_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system takes nothing of them at first: room to write is looked for once the new one is watched at all."""
    bench = Bench(old(), server(*ticks(40, 40)), exchange=IDS)
    gone: list[ScriptedStream] = []
    kept = property(lambda stream: stream in bench.transport.links[1:] and bool(stream.sent) and stream not in gone)
    monkeypatch.setattr(ScriptedStream, "wants_write", kept)
    monkeypatch.setattr(ScriptedStream, "flush", lambda stream: gone.append(stream))
    bench.run(stop_at=35.2)
    assert bench.payloads == list(range(70))
    assert (bench.gaps, bench.errors) == ([], [])


def test_a_login_that_is_refused_on_the_new_one() -> None:
    """The old one goes on."""
    refused = Script(react=lambda opcode, payload: [says(ref=1, ok=False, why=[-2015, "Invalid key"])])
    first = server(*merged(ticks(0, 60), [says(after=20, **BYE)]), answer=False)
    first.react = lambda opcode, payload: (
        [says(ref=json.loads(payload)["ref"], ok=True)] if opcode == frames.TEXT else [close(1000), Drop()]
    )
    bench = Bench(first, refused, exchange=FakeExchange(password="x", ids=True)).run(stop_at=30.2)
    assert bench.payloads == list(range(60))
    assert "Invalid key" in bench.errors[0]
    assert not bench.gaps


# -- any interleaving --


class Feed:
    """An exchange that sends a numbered message every 0.1 s to all who have joined, each behind a lag of its own.

    A client that closes gets what was sent until then, and the answer behind it.
    """

    EVERY = 0.1

    def __init__(self, lags: list[float], answers: list[float], bye: float, cut: float | None) -> None:
        self.lags, self.answers, self.bye, self.cut = iter(lags), iter(answers), bye, cut
        self.opened = 0

    def outcomes(self, refusals: int) -> Iterator[Script | Refuse]:
        yield Script()
        yield from [Refuse(OSError("refused"))] * refusals
        while True:
            yield Script()

    def transport(self) -> type[ScriptedTransport]:
        feed = self

        class Fed(ScriptedStream):
            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments)
                self.lag = next(feed.lags)
                feed.opened += 1
                if feed.opened == 1:
                    self.add(START + feed.bye, says(**BYE))
                    if feed.cut is not None:
                        self.add(START + feed.cut, Drop())

            def add(self, at: float, step: Send | Drop) -> None:
                self._steps.append((at, step))
                self._steps = deque(sorted(self._steps, key=lambda each: each[0]))

            def write(self, frame: bytes) -> None:
                now = self._clock.now
                super().write(frame)
                _, opcode, payload = self.sent[-1]
                if opcode == frames.CLOSE:
                    self._steps = deque(step for step in self._steps if step[0] <= now + self.lag)
                    self.add(now + self.lag, close(1000))
                    self.add(now + self.lag, Drop())
                elif opcode == frames.TEXT:
                    self.add(now + next(feed.answers), says(ref=json.loads(payload)["ref"], ok=True))
                    first = int((now - START) / feed.EVERY) + 1
                    for number in range(first, first + 400):
                        self.add(START + number * feed.EVERY + self.lag, data("a", number))

        class Feeding(ScriptedTransport):
            stream = Fed

        return Feeding


@given(
    lags=st.lists(st.floats(0, 0.6), min_size=12, max_size=12),
    answers=st.lists(st.floats(0, 0.5), min_size=12, max_size=12),
    bye=st.floats(12, 14),
    cut=st.none() | st.floats(12, 16),
    refusals=st.integers(0, 2),
    ids=st.booleans(),
)
def test_each_once_and_in_order(
    lags: list[float], answers: list[float], bye: float, cut: float | None, refusals: int, ids: bool
) -> None:
    """Whatever lags behind what, whatever fails: each message once, in order, or inside a gap that was told."""
    feed = Feed(lags, answers, bye, cut)
    bench = Bench(
        exchange=FakeExchange(ids=ids, rates=()),
        options=calm(stale=1e6),
        transport=feed.transport(),
    )
    bench.transport._outcomes = feed.outcomes(refusals)
    bench.run(stop_at=25)
    got = bench.payloads
    assert got == sorted(set(got))
    missing = set(range(got[0], got[-1] + 1)) - set(got)
    if cut is None:
        assert not missing and not bench.gaps
        assert feed.opened == 2
    for number in missing:
        assert any(inside(gap, number) for gap in bench.gaps), (number, bench.gaps)


def inside(gap: Gap, number: int) -> bool:
    """Whether a message lies in a gap, by its id or by the time when it was sent."""
    for each in gap.ids:
        return each.last_id < number and (each.first_id is None or number < each.first_id)
    return gap.last_received - 0.6 <= START + number * Feed.EVERY <= gap.resumed + 1e-6  # it may lag by so much


def test_messages_in_one_read_of_both() -> None:
    """Many at once, on both, make no difference."""
    flood = [data("a", number) for number in range(3000)]
    bench = Bench(
        server(batch(*flood[:1000], after=19), says(after=1.0, **BYE), batch(*flood[1000:2500], after=0.2)),
        server(batch(*flood[1500:2000], after=0.1), batch(*flood[2000:], after=0.3)),
        exchange=IDS,
    ).run(stop_at=40)
    assert bench.payloads == list(range(3000))
    assert not bench.gaps


def test_the_new_one_may_be_lost_while_copies_are_still_expected() -> None:
    """It is the link's own by then: an ordinary loss, with a gap and another attempt."""
    content = FakeExchange()  # without ids copies are looked for until some seconds are over
    second = server(data("a", "x", after=1), Drop(after=7))
    bench = Bench(old(at=20.0), second, server(data("a", "y", after=1)), exchange=content)
    bench.run(stop_at=40)
    assert (len(bench.attempts), bench.attempts[0]) == (3, 0.0)
    assert ("backoff", "network") in bench.reasons
    assert bench.payloads[-1] == "y"


def test_a_stream_that_was_forgotten_before_the_change_has_a_gap() -> None:
    """The old link brought nothing of it any more: what lies before the first message of the new one is told."""
    old = server(*[data("a", number, after=1.0) for number in range(1, 6)])
    new = server(*[data("a", number, after=2.0 if number == 9 else 1.0) for number in range(9, 20)])
    bench = Bench(old, new, streams="ab", exchange=FakeExchange(ids=True, rates=()))
    bench.clock.at(6.0, lambda: bench.connection.reconnect())
    bench.run(stop_at=20)
    assert bench.payloads == [1, 2, 3, 4, 5, *range(9, 20)][: len(bench.payloads)]
    (gap,) = bench.gaps
    assert (gap.streams, gap.reason) == (("a",), Reason.FORGOTTEN)
    assert [(ids.last_id, ids.first_id) for ids in gap.ids] == [(5, 9)]
    assert gap.last_received <= START + 5


def test_what_was_forgotten_and_what_is_missing_behind_an_early_end_are_one_gap() -> None:
    """The old one has left by itself, though it has been asked to close; and it had not brought a stream for long."""
    ending = [Send(close(1001).data, after=0.5), Drop()]
    first = Script(
        [data("a", number, after=1.0) for number in range(1, 6)],
        lambda opcode, payload: ending if opcode == frames.CLOSE else [],
    )
    second = server(data("a", 9, after=0.5), data("b", 7, after=9.0))
    second.accept_after = 1.0
    bench = Bench(first, second, streams="ab", exchange=FakeExchange(ids=True, names_in_url=9, rates=()))
    bench.clock.at(12.0, bench.connection.reconnect)
    bench.run(stop_at=30)
    (gap,) = bench.gaps
    assert (gap.streams, gap.reason) == (("a", "b"), Reason.REQUESTED)


def test_a_stream_that_was_forgotten_and_is_given_up_while_the_old_one_ends_has_no_gap() -> None:
    """Nobody wants to hear of it any more."""
    ending = [Send(close().data, after=0.8), Drop()]
    first = Script(
        [data("a", 1), *ticks(1, 20, 1.0, "b")], lambda opcode, payload: ending if opcode == frames.CLOSE else []
    )
    new = server(data("a", 9, after=0.5), *ticks(7, 20, 1.0, "b"))
    bench = Bench(first, new, streams="ab", exchange=FakeExchange(ids=True, names_in_url=9, rates=()))
    bench.clock.at(6.0, lambda: bench.connection.reconnect())
    bench.clock.at(11.2, lambda: bench.connection.change((), ["a"]))  # sent away at 11.0
    bench.run(stop_at=20)
    assert (bench.gaps, bench.sent(0)[-1]) == ([], (11.0, frames.CLOSE))
    assert bench.payloads == [1, *range(1, bench.payloads[-1] + 1)]


def test_a_quiet_stream_that_comes_over_the_new_one_first_is_no_gap() -> None:
    """The old one is a moment behind: it is waited for before it is sent away."""
    quiet = server(data("a", 1, after=1.0), data("a", 2, after=11.5), data("a", 3, after=10.0))
    new = server(data("a", 2), data("a", 3, after=10.0))  # opened at 12
    bench = Bench(quiet, new, exchange=FakeExchange(ids=True, rates=()))
    bench.clock.at(12.0, lambda: bench.connection.reconnect())
    bench.run(stop_at=40)
    assert bench.payloads == [1, 2, 3] and len(bench.attempts) == 2
    assert not bench.gaps


def test_what_came_unasked_does_not_count_for_the_stream_that_is_wanted_later() -> None:
    """Its ids are known from then on: those at the ends of a gap are told."""
    first = server(data("a", 1, after=0.5), data("z", 1, after=2.0))
    new = server(data("z", 5, after=8.0), Drop(after=1.0))
    bench = Bench(first, new, server(data("z", 9, after=1.0)), streams="a", exchange=FakeExchange(ids=True))
    bench.clock.at(1.0, lambda: bench.connection.reconnect())
    bench.clock.at(3.0, lambda: bench.connection.change(named("z"), ()))
    bench.run(stop_at=20)
    (gap,) = bench.gaps
    assert StreamGap("z", 5, 9) in gap.ids


def test_a_host_that_is_behind_that_of_the_lost_websocket_brings_copies() -> None:
    """They are dropped, the gap ends with what is new, and a moment later nothing stands in the way any more."""
    stages = list[bool]()
    first = server(*[data("a", number, after=1.0) for number in (1, 2, 3, 4)], Drop(after=0.1))
    behind = server(data("a", 3, after=0.2), data("a", 4), data("a", 6, after=0.2), data("a", 7))
    bench = Bench(first, behind, exchange=FakeExchange(ids=True), options=calm(initial=0.5))
    for at in (4.7, 10.0):
        bench.clock.at(at, lambda: stages.append(bench.connection.links[0].router.delivery.stage is None))
    bench.run(stop_at=12)
    assert bench.payloads == [1, 2, 3, 4, 6, 7]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 4, 6),)]
    assert stages == [False, True]


def test_copies_that_the_network_holds_up_are_dropped_whenever_they_come() -> None:
    """The next one brings nothing for long, and then first what the old one has brought."""
    first = server(data("a", 1, after=1.0), says(after=19.0, **BYE), data("a", 2, after=1.5))
    held_up = server(data("a", 2, after=15.0), data("a", 3))
    bench = Bench(first, held_up, exchange=IDS).run(stop_at=40)
    assert (bench.payloads, bench.gaps) == ([1, 2, 3], [])
