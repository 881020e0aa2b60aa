"""A connection on the thread of the test: whole histories of what it did, at fake times."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from fake_exchange import FINAL, START, Bench, FakeExchange, batch, calm, data, joined, later, named, says, server
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE

from binance_sockets.config import Verdict
from binance_sockets.engine import frames
from binance_sockets.engine.lifecycle import Phase
from binance_sockets.engine.metrics import connection_snapshot
from binance_sockets.errors import (
    CallbackBehind,
    CertificateRejected,
    ConfigError,
    ConnectError,
    ConnectionLost,
    HandshakeRejected,
    ProtocolError,
    RequestTimeout,
    StaleConnection,
    SubscriptionRejected,
    WouldDeadlock,
)
from binance_sockets.events import Gap, Reason, State, StreamGap
from binance_sockets.testing import Drop, Refuse, ScriptedStream, ScriptedTransport, Send, binary, close, frame, ping

CLOSE, PING, PONG, TEXT = 8, 9, 10, 1


def refused(times: int) -> list[Refuse]:
    return [Refuse(ConnectError("fake:1", "refused")) for _ in range(times)]


# -- a quiet life --


def test_a_quiet_life() -> None:
    """Connect, subscribe, receive, stop: every state at its time, payloads in order, one join, one close."""
    bench = Bench(server(data("a", 1, after=1), data("a", 2, after=1))).run(stop_at=5)
    assert bench.states == [(0.0, "connecting"), (0.0, "open"), (5.0, "closing"), (5.0, "closed")]
    assert bench.reasons == [("closing", "stopped"), ("closed", "stopped")]
    assert bench.payloads == [1, 2]
    assert joined(bench.transport.links[0]) == [["a"]]
    assert bench.sent() == [(0.0, TEXT), (5.0, CLOSE)]
    assert bench.closes() == [b"\x03\xe8"]
    assert (bench.gaps, bench.reports) == ([], [])
    assert bench.history[-2:] == ["released", "ended"]


def test_names_in_the_url_need_no_control_frame() -> None:
    """What the URL subscribes is confirmed at once; only the rest is asked for."""
    bench = Bench(server(), streams="abc", exchange=FakeExchange(names_in_url=2)).run(stop_at=1)
    assert bench.attempts == [0.0]
    assert bench.transport.attempts[0][1].url == "ws://fake.invalid/main?names=a,b"
    assert joined(bench.transport.links[0]) == [["c"]]


def test_changes_carry_what_listeners_need() -> None:
    """A change of state has key, both states, reason, error, attempt, delay, link and wall clock."""
    bench = Bench(Refuse(ConnectError("fake:1", "refused")), server()).run(stop_at=3)
    change = bench.changes[1][1]
    assert (change.conn_key, change.previous, change.state) == ("key", State.CONNECTING, State.BACKOFF)
    assert (change.reason, str(change.error)) == (Reason.NETWORK, "cannot connect to fake:1: refused")
    assert (change.attempt, change.delay, change.link, change.time) == (1, 0.5, 0, START)


def test_early_bytes_are_delivered() -> None:
    """Frames that came in the segment of the handshake response are messages like others."""

    class Early(ScriptedTransport):
        def connect(self, request: Any, timeout: float, cancel: Any) -> ScriptedStream:
            stream = super().connect(request, timeout, cancel)
            stream.early = data("a", 1).data + data("a", 2).data[:5]
            return stream

    rest = Send(data("a", 2).data[5:])
    assert Bench(server(rest, data("a", 3)), transport=Early).run(stop_at=1).payloads == [1, 2, 3]


def test_early_bytes_beyond_the_buffer() -> None:
    """They may be longer than the buffer of the reader."""

    class Early(ScriptedTransport):
        def connect(self, request: Any, timeout: float, cancel: Any) -> ScriptedStream:
            stream = super().connect(request, timeout, cancel)
            stream.early = b"".join(data("a", number).data for number in range(2000))
            return stream

    assert Bench(server(), transport=Early).run(stop_at=1).payloads == list(range(2000))


def test_large_batches_end_complete_and_in_order() -> None:
    """Thousands of messages in one segment, read in many rounds, arrive once each, in order."""
    flood = batch(*(data("a", [number, "x" * 200]) for number in range(8000)), after=1)
    bench = Bench(server(flood, data("a", [8000]))).run(stop_at=2)
    assert [payload[0] for payload in bench.payloads] == list(range(8001))


def test_a_flood_does_not_delay_a_stop() -> None:
    """Between rounds of an endless flood a stop at its time is seen."""
    flood = batch(*(data("a", "x" * 1000) for _ in range(4000)))
    bench = Bench(
        server(flood, *[later(0.001, flood)] * 40), callback=lambda _: bench.clock.advance(bench.clock.now + 1e-4)
    )
    bench.run(stop_at=1)
    assert bench.states[-2][0] == pytest.approx(1, abs=0.01)
    assert 9000 < len(bench.payloads) < 11000


# -- reconnecting --


def test_gives_up_after_five_reconnects(caplog: pytest.LogCaptureFixture) -> None:
    """Six attempts at exact times; then the key is free, ONE error line, one report, one payload, in that order."""
    caplog.set_level(logging.ERROR)
    bench = Bench(*refused(20)).run()
    assert bench.attempts == [0.0, 0.5, 1.75, 4.875, 12.6875, 32.21875]
    assert bench.waits() == [0.5, 1.25, 3.125, 7.8125, 19.53125, None]
    assert [change.attempt for _, change in bench.changes if change.state is State.BACKOFF] == [1, 2, 3, 4, 5, 6]
    assert bench.history[-6:] == [
        "backoff", "closed", "released", "ConnectError final", f"payload {FINAL}", "ended",
    ]  # fmt: skip
    assert bench.payloads == [FINAL]
    assert [record.getMessage() for record in caplog.records] == [
        "key: giving up after the last attempt: cannot connect to fake:1: refused"
    ]
    assert bench.reports[0].final
    assert bench.connection.state is State.CLOSED


@pytest.mark.parametrize(("allowed", "attempts"), [(0, 1), (1, 2), (9, 10)])
def test_the_number_of_reconnects_is_an_option(allowed: int, attempts: int) -> None:
    """``max_reconnects`` failures in a row are forgiven, the next is the last."""
    assert len(Bench(*refused(20), options=calm(max_reconnects=allowed)).run().attempts) == attempts


def test_none_never_gives_up() -> None:
    """Without a limit it goes on for as long as it takes."""
    bench = Bench(*refused(500), server(data("a", 1)), options=calm(max_reconnects=None)).run(stop_at=14900)
    assert len(bench.attempts) == 501
    assert bench.payloads == [1]


def test_jitter_shortens_each_wait() -> None:
    """Waits are shortened by up to the jitter, repeatably with a seed."""
    first = Bench(*refused(9), options=calm(jitter=0.5, seed=3)).run().waits()[:-1]
    again = Bench(*refused(9), options=calm(jitter=0.5, seed=3)).run().waits()[:-1]
    assert first == again
    for wait, full in zip(first, [0.5, 1.25, 3.125, 7.8125, 19.53125], strict=True):
        assert full / 2 <= (wait or 0) < full


def test_failures_are_forgotten_after_a_stable_time() -> None:
    """A link that stayed open for ``stable_after`` starts the count and the waits anew."""
    scripts = [*refused(3), server(Drop(after=10)), *refused(9)]
    bench = Bench(*scripts).run()
    assert bench.waits() == [0.5, 1.25, 3.125, 0.5, 1.25, 3.125, 7.8125, 19.53125, None]


def test_accepted_then_kicked_gives_up() -> None:
    """Links that never last do not reset the count: the sixth is the last."""
    bench = Bench(*(server(close(1008, "policy"), Drop()) for _ in range(20))).run()
    assert len(bench.attempts) == 6
    assert bench.payloads == [FINAL]
    assert bench.errors == ["the server closed the connection: code 1008 (policy)"]


def test_reason_and_error_of_every_loss() -> None:
    """A reset, an end of stream and a close frame are told apart."""
    bench = Bench(
        server(Drop(after=1)),
        server(Drop(ConnectionResetError("reset"), after=1)),
        server(close(1001, "away")),
        server(),
    ).run(stop_at=20)
    lost = [(change.reason, str(change.error)) for _, change in bench.changes if change.state is State.BACKOFF]
    assert lost == [
        (Reason.NETWORK, "the connection ended without a close frame"),
        (Reason.NETWORK, "the connection broke (reset)"),
        (Reason.PEER_CLOSED, "the server closed the connection: code 1001 (away)"),
    ]
    assert isinstance(bench.changes[5][1].error, ConnectionLost)


def test_every_link_asks_for_everything_again() -> None:
    """The wanted set is replayed on each link, whatever was answered before, with fresh ids."""
    exchange = FakeExchange(per_frame=2)
    bench = Bench(
        server(Drop(after=1)), server(Drop(after=0.1), answer=False), server(), streams="abc", exchange=exchange
    )
    bench.run(stop_at=20)
    sent = [joined(link) for link in bench.transport.links]
    assert sent == [[["a", "b"], ["c"]], [["a", "b"]], [["a", "b"], ["c"]]]  # the second did not live for its second
    ids = [text.split('"ref": ')[1].split(",")[0] for link in bench.transport.links for text in link.texts()]
    assert len(set(ids)) == len(ids)


def test_request_is_made_anew_for_every_attempt() -> None:
    """The exchange is asked for URL and headers on each attempt, as credentials change."""

    class Renewing(FakeExchange):
        count = 0

        def connect_request(self, group: Any) -> Any:
            self.count += 1
            request = super().connect_request(group)
            return type(request)(f"{request.url}?key={self.count}", confirmed=request.confirmed)

    bench = Bench(*refused(2), server(), exchange=Renewing()).run(stop_at=5)
    assert [request.url[-5:] for _, request in bench.transport.attempts] == ["key=1", "key=2", "key=3"]


def test_failing_request_is_an_attempt() -> None:
    """When the exchange cannot even make the request, that is a failure like others."""

    class Failing(FakeExchange):
        def connect_request(self, group: Any) -> Any:
            raise RuntimeError("no credential")

    bench = Bench(exchange=Failing(), options=calm(max_reconnects=1)).run()
    assert bench.states[-1] == (0.5, "closed")
    assert bench.errors == ["cannot connect to key: RuntimeError('no credential')"]
    assert bench.payloads == [FINAL]


# -- verdicts --


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 451])
def test_final_statuses_end_at_once(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """One attempt, the same payload as after exhaustion, and the reason in the log."""
    bench = Bench(Refuse(HandshakeRejected("fake:1", status, body=b"restricted"))).run()
    assert bench.states == [(0.0, "connecting"), (0.0, "closed")]
    assert bench.reasons == [("closed", "rejected")]
    assert bench.payloads == [FINAL]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "key: giving up at once, another attempt cannot help: "
        f"cannot connect to fake:1: handshake rejected with HTTP {status} (restricted)"
    ]
    assert bench.history[-4:] == ["released", "HandshakeRejected final", f"payload {FINAL}", "ended"]


def test_bad_certificate_ends_at_once() -> None:
    """A certificate that is not trusted is no matter of time."""
    bench = Bench(Refuse(CertificateRejected("fake:1", "its certificate is not accepted: self-signed"))).run()
    assert bench.attempts == [0.0]
    assert bench.reasons == [("closed", "rejected")]
    assert bench.payloads == [FINAL]


@pytest.mark.parametrize("status", [202, 403, 408, 429, 500, 503])
def test_other_statuses_are_tried_again(status: int) -> None:
    """They may pass, and cost an attempt where no wait was asked for."""
    bench = Bench(Refuse(HandshakeRejected("fake:1", status)), server()).run(stop_at=2)
    assert bench.attempts == [0.0, 0.5]
    assert bench.reasons[0] == ("backoff", "rejected")
    assert bench.changes[1][1].attempt == 1


def test_a_ban_that_does_not_tell_lasts_two_minutes() -> None:
    """As REST has it: an HTTP 418 without ``Retry-After`` is waited for, and costs no attempt."""
    bench = Bench(Refuse(HandshakeRejected("fake:1", 418)), server()).run(stop_at=130)
    assert bench.attempts == [0.0, 120.0]
    assert bench.changes[1][1].attempt == 0


def test_a_ban_may_be_made_fatal() -> None:
    """``classify`` is asked first: a FATAL ends the connection, whatever the server asked to wait."""
    outcomes = [Refuse(HandshakeRejected("fake:1", 418, retry_after=30)), server()]
    bench = Bench(*outcomes, options=calm(classify=lambda error: Verdict.FATAL)).run(stop_at=100)
    assert len(bench.attempts) == 1
    assert bench.payloads == [FINAL]


@pytest.mark.parametrize("status", [418, 429])
def test_retry_after_is_kept_and_costs_nothing(status: int) -> None:
    """The server's wait is visible, kept to the second, and repeated without ever giving up."""
    bench = Bench(*[Refuse(HandshakeRejected("fake:1", status, retry_after=30))] * 20, server()).run(stop_at=650)
    assert bench.attempts == [30.0 * number for number in range(21)]
    assert bench.waits() == [30.0] * 20
    assert {change.attempt for _, change in bench.changes} == {0}


def test_retry_after_is_never_undercut_by_jitter() -> None:
    """Jitter on top of the server's wait, so that many sockets do not return together."""
    bench = Bench(Refuse(HandshakeRejected("fake:1", 429, retry_after=30)), server(), options=calm(jitter=0.5, seed=1))
    assert 30 < bench.run(stop_at=40).attempts[1] < 30.5


def test_classify_replaces_the_verdict() -> None:
    """The user's verdict wins, in both directions; ``None`` keeps the default."""
    seen: list[BaseException] = []

    def stubborn(error: BaseException) -> Verdict | None:
        seen.append(error)
        return {1: Verdict.RETRY, 2: None}.get(len(seen), Verdict.FATAL)

    outcomes = [Refuse(HandshakeRejected("fake:1", 404)), server(Drop(after=1)), *refused(3)]
    bench = Bench(*outcomes, options=calm(classify=stubborn)).run()
    assert len(bench.attempts) == 3
    assert [type(error) for error in seen] == [HandshakeRejected, ConnectionLost, ConnectError]
    assert bench.payloads == [FINAL]


def test_classify_can_end_an_open_link() -> None:
    """A close code may be final for a user, which ends the connection from OPEN."""
    bench = Bench(
        server(close(4001, "banned")),
        options=calm(classify=lambda error: Verdict.FATAL if getattr(error, "code", 0) == 4001 else None),
    ).run()
    assert bench.states == [(0.0, "connecting"), (0.0, "open"), (0.0, "closed")]
    assert bench.reasons == [("closed", "peer_closed")]
    assert bench.payloads == [FINAL]


def test_raising_classify_is_logged_and_the_default_used(caplog: pytest.LogCaptureFixture) -> None:
    """A broken ``classify`` neither ends nor hides anything."""

    def broken(error: BaseException) -> Verdict:
        raise ZeroDivisionError("classify")

    bench = Bench(*refused(1), Refuse(HandshakeRejected("fake:1", 401)), options=calm(classify=broken)).run()
    assert bench.attempts == [0.0, 0.5]
    assert bench.payloads == [FINAL]
    raised = [record for record in caplog.records if "classify() raised" in record.getMessage()]
    assert len(raised) == 2
    assert raised[0].exc_info


def test_classify_that_returns_nonsense_is_ignored() -> None:
    """Only a Verdict counts."""
    bench = Bench(Refuse(HandshakeRejected("fake:1", 401)), options=calm(classify=lambda error: True))  # type: ignore
    assert bench.run().attempts == [0.0]


# -- liveness --


def test_silence_reconnects() -> None:
    """No frame for longer than the exchange allows: reported with the silence, and reconnected."""
    bench = Bench(server(data("a", 1, after=10)), server(), exchange=FakeExchange(stale_after=60)).run(stop_at=75)
    assert bench.states[2] == (70.0, "backoff")
    change = bench.changes[2][1]
    assert change.reason is Reason.STALE
    assert isinstance(change.error, StaleConnection)
    assert str(change.error) == "no frame for 60.0 s (allowed: 60 s)"
    assert bench.states[4] == (70.5, "open")
    assert PING not in [opcode for _, opcode in bench.sent()]


def test_stale_option_wins() -> None:
    """``timeouts.stale`` replaces the exchange's interval; a ping at half of it lets a quiet link prove its life."""
    bench = Bench(server(), options=calm(stale=7)).run(stop_at=70)
    assert len(bench.attempts) == 1
    assert [at for at, opcode in bench.sent() if opcode == PING][:3] == [3.5, 7.0, 10.5]
    bench = Bench(server(pong=False), server(), options=calm(stale=7)).run(stop_at=8)
    assert bench.states[2] == (7.0, "backoff")


def test_server_pings_keep_a_link_alive() -> None:
    """Pings are frames, and are answered with the same payload."""
    steps = [later(50, ping(b"id %d" % number)) for number in range(10)]
    bench = Bench(server(*steps), exchange=FakeExchange(stale_after=60)).run(stop_at=520)
    assert [state for _, state in bench.states] == ["connecting", "open", "closing", "closed"]
    pongs = [payload for _, opcode, payload in bench.transport.links[0].sent if opcode == PONG]
    assert pongs == [b"id %d" % number for number in range(10)]


def test_client_ping_keeps_a_link_alive() -> None:
    """Where the server pings rarely, the client asks after the agreed silence, and the pong counts."""
    bench = Bench(server(), exchange=FakeExchange(stale_after=40, ping_after=25)).run(stop_at=110)
    assert [at for at, opcode in bench.sent() if opcode == PING] == [25.0, 50.0, 75.0, 100.0]
    assert len(bench.attempts) == 1


def test_unanswered_client_ping_ends_the_link() -> None:
    """One ping per silence; without any answer the link is stale at its time."""
    bench = Bench(server(pong=False), server(), exchange=FakeExchange(stale_after=40, ping_after=25)).run(stop_at=42)
    assert [at for at, opcode in bench.sent() if opcode == PING] == [25.0]
    assert bench.states[2] == (40.0, "backoff")


def test_ping_option_of_zero_never_pings() -> None:
    """``timeouts.ping=0`` switches the client's pings off, a number sets their silence."""
    exchange = FakeExchange(stale_after=40, ping_after=25)
    bench = Bench(server(), server(), exchange=exchange, options=calm(ping=0)).run(stop_at=41)
    assert PING not in [opcode for _, opcode in bench.sent()]
    bench = Bench(server(), exchange=exchange, options=calm(ping=5)).run(stop_at=21)
    assert [at for at, opcode in bench.sent() if opcode == PING] == [5.0, 10.0, 15.0, 20.0]


def test_ping_has_to_come_before_the_link_is_dead() -> None:
    """A ping that could not be answered in time is refused in the caller's thread, whoever set the limit."""
    for options in (calm(ping=40), calm(ping=9, stale=9)):
        with pytest.raises(ConfigError, match=r"^Timeouts.ping: expected less than .* dead \((40|9) s\); got"):
            Bench(server(), exchange=FakeExchange(stale_after=40, ping_after=25), options=options)


@pytest.mark.parametrize("alive", [True, False])
def test_slow_callback_on_a_quiet_link(alive: bool) -> None:
    """After a callback that outlasts every limit the client asks first; no link of the connection is lost for it."""

    def slow(payload: object) -> None:
        bench.clock.advance(bench.clock.now + 45)

    exchange = FakeExchange(per_link=1, names_in_url=1, stale_after=40, ping_after=25)
    outcomes = [server(data("a", 1, after=5), pong=alive), server(pong=alive), server(), server()]
    bench = Bench(*outcomes, streams="ab", exchange=exchange, callback=slow)
    bench.run(stop_at=66)
    assert [at for at, opcode in bench.sent() if opcode == PING][:1] == [50.0]
    assert len(bench.attempts) == (2 if alive else 4)
    if not alive:
        assert {change.reason for _, change in bench.changes if change.state is State.BACKOFF} == {Reason.STALE}


def test_slow_callback_is_not_silence() -> None:
    """A callback may take longer than the stale limit while messages wait behind it."""

    def slow(payload: object) -> None:
        if payload == 1:
            bench.clock.advance(bench.clock.now + 300)

    bench = Bench(server(data("a", 1, after=5), data("a", 2, after=100), data("a", 3, after=1)), callback=slow)
    bench.run(stop_at=320)
    assert bench.payloads == [1, 2, 3]
    assert [state for _, state in bench.states] == ["connecting", "open", "closing", "closed"]


def test_falling_behind_is_told_within_a_batch() -> None:
    """The exchange may cut the link before the batch is done."""

    def slow(payload: object) -> None:
        bench.clock.advance(bench.clock.now + 1.0)

    bench = Bench(server(batch(*(data("a", number) for number in range(1, 31)), after=5)), callback=slow)
    bench.run(stop_at=60)
    behind = [report.time - START for report in bench.reports if isinstance(report.error, CallbackBehind)]
    assert len(behind) == 1
    assert behind[0] < 12.0


@pytest.mark.parametrize("answered", [True, False], ids=["first message last", "answer last"])
def test_what_waits_behind_a_backlog_is_not_missing(answered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not read yet is not missing: neither an answer nor a first message is judged before all is read."""
    monkeypatch.setattr(frames, "BUSY_SIZE", 4096)  # so that a turn reads 64 KiB
    backlog = [says(ref=1, ok=True), *[data("a", "x" * 1000)] * 1200, data("b", "first")]
    if not answered:
        backlog.append(backlog.pop(0))
    bench = Bench(
        server(batch(*backlog), answer=False),
        streams=named("a", "b", first_message=20),
        callback=lambda _: bench.clock.advance(bench.clock.now + 0.1),
    )
    bench.run(stop_at=175)
    assert len(bench.payloads) == 1201
    assert [type(report.error) for report in bench.reports] == [CallbackBehind]
    assert len(bench.attempts) == 1


def test_silence_begins_with_the_last_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callbacks between two reads of a turn do not make the link look older than it is."""
    monkeypatch.setattr(frames, "BUSY_SIZE", 4096)
    bench = Bench(
        server(batch(*[data("a", "x" * 1000)] * 60), data("a", "next", after=9)),
        callback=lambda _: bench.clock.advance(bench.clock.now + 0.1),
        exchange=FakeExchange(names_in_url=1, stale_after=5),
    )
    bench.run(stop_at=10)
    assert bench.payloads[-1] == "next"
    assert len(bench.attempts) == 1


def test_infinite_limits_wait_for_ever() -> None:
    """``inf`` means never, also to the system call that waits."""
    bench = Bench(server(data("a", 1, after=1e4)), options=calm(stale=float("inf"))).run(stop_at=2e4)
    assert bench.payloads == [1]
    assert len(bench.attempts) == 1


@pytest.mark.parametrize(
    ("notice", "reason"), [({"bye": "maintenance"}, "server_shutdown"), ({"key": "expired"}, "credential")]
)
def test_notice_changes_the_link(notice: dict[str, str], reason: str) -> None:
    """An announcement of the server leads to a new link at once, beside the old one, and costs nothing."""
    bench = Bench(server(says(after=20, **notice)), server(data("a", 1))).run(stop_at=30)
    assert bench.attempts == [0.0, 20.0]
    assert [state for _, state in bench.states] == ["connecting", "open", "closing", "closed"]
    assert (bench.payloads, bench.gaps) == ([1], [])
    assert bench.closes() == [b"\x03\xe8"]
    assert connection_snapshot(bench.connection, bench.clock.now)["links"][0]["left"] == reason


def test_messages_around_a_notice_are_delivered() -> None:
    """Before and behind it in the same segment."""
    bench = Bench(server(batch(data("a", 1), says(bye="now"), data("a", 2), after=20)), server()).run(stop_at=30)
    assert bench.history == [
        "connecting", "open", "payload 1", "payload 2", "closing", "closed", "released", "ended",
    ]  # fmt: skip


@pytest.mark.parametrize(("at", "waits"), [(20.0, [0.0]), (5.0, [0.5])])
def test_a_notice_with_the_end_right_behind_it(at: float, waits: list[float]) -> None:
    """It explains the end, which then costs no attempt where the link was stable."""
    bench = Bench(server(batch(says(bye="now"), close(1001), after=at)), server()).run(stop_at=30)
    assert bench.reasons[0] == ("backoff", "server_shutdown")
    assert bench.waits() == waits


# -- gaps --


def test_gap_tells_streams_times_and_reason() -> None:
    """After a reconnect is confirmed, one gap: streams, last safe moment before, confirmation after, reason."""
    bench = Bench(server(data("a", 1, after=3), Drop(after=2)), server(), streams="ab").run(stop_at=20)
    assert bench.gaps == [Gap("key", ("a", "b"), START, START + 5.5, Reason.NETWORK)]
    assert bench.gaps[0].duration == 5.5


def test_gap_after_several_failed_attempts() -> None:
    """It begins at the last safe moment, with the first reason, also over a link that was never confirmed."""
    outcomes = [
        server(data("a", 1, after=3), close(1001)),
        *refused(2),
        server(Drop(after=0.5), answer=False),
        server(),
    ]
    bench = Bench(*outcomes).run(stop_at=60)
    assert bench.gaps == [Gap("key", ("a",), START, bench.changes[-3][1].time, Reason.PEER_CLOSED)]
    assert bench.changes[-3][1].state is State.OPEN


NUMBERED = FakeExchange(ids=True)


def test_a_gap_waits_for_the_first_message_behind_it() -> None:
    """Its window stays what it was; with it comes the id."""
    bench = Bench(server(data("a", 7), Drop(after=2)), server(data("a", 12, after=1.5)), exchange=NUMBERED)
    bench.run(stop_at=20)
    assert bench.gaps == [Gap("key", ("a",), START, START + 2.5, Reason.NETWORK, (StreamGap("a", 7, 12),))]
    assert bench.history.index("gap") == bench.history.index("payload 12") + 1


def test_a_gap_waits_two_seconds_at_most() -> None:
    """A stream that is quiet since then has no first id; one that was quiet before has no entry."""
    bench = Bench(server(data("a", 7), Drop(after=2)), server(), streams="ab", exchange=NUMBERED)
    bench.clock.at(4.4, lambda: bench.history.append("4.4 s"))
    bench.clock.at(4.6, lambda: bench.history.append("4.6 s"))
    bench.run(stop_at=20)
    assert bench.gaps == [Gap("key", ("a", "b"), START, START + 2.5, Reason.NETWORK, (StreamGap("a", 7, None),))]
    assert bench.history.index("4.4 s") < bench.history.index("gap") < bench.history.index("4.6 s")


@pytest.mark.parametrize("stop", [True, False])
def test_a_gap_is_told_before_anything_else_ends(stop: bool) -> None:
    """The stop, or the next loss, comes before its messages do."""
    second = server() if stop else server(Drop(after=1))
    bench = Bench(server(data("a", 7), Drop(after=2)), second, server(data("a", 20)), exchange=NUMBERED)
    bench.run(stop_at=3.0 if stop else 20.0)
    first = Gap("key", ("a",), START, START + 2.5, Reason.NETWORK, (StreamGap("a", 7, None),))
    assert bench.gaps[0] == first
    assert [gap.ids for gap in bench.gaps[1:]] == ([] if stop else [(StreamGap("a", 7, 20),)])


def test_first_connection_has_no_gap() -> None:
    """Failures before the first message miss nothing that was promised."""
    assert Bench(*refused(2), server()).run(stop_at=20).gaps == []


def test_gap_comes_with_the_last_confirmation(caplog: pytest.LogCaptureFixture) -> None:
    """With several joins it is reported when the last is answered, and logged as a warning."""
    exchange = FakeExchange(per_frame=1)
    bench = Bench(server(Drop(after=5)), server(), streams="abc", exchange=exchange).run(stop_at=20)
    assert bench.gaps[0].resumed == START + 6.0  # two frames behind the first, spaced by 0.25 s
    lines = [record.getMessage() for record in caplog.records if "gap" in record.getMessage()]
    assert lines == ["key: gap of 6.000 s in 3 stream(s) after network"]


# -- subscriptions --


def test_joins_are_spaced() -> None:
    """Chunks leave a quarter of a second apart; a pong between them moves the next one."""
    exchange = FakeExchange(per_frame=2)
    bench = Bench(server(later(0.6, ping(b"x"))), streams="abcdefgh", exchange=exchange).run(stop_at=3)
    assert bench.sent() == [(0.0, 1), (0.25, 1), (0.5, 1), (0.6, 10), (0.85, 1), (3.0, 8)]


@settings(max_examples=25)
@given(st.integers(1, 12), st.lists(st.floats(0.01, 0.5), max_size=12))
def test_no_second_has_more_than_four_joins(chunks: int, pings: list[float]) -> None:
    """However the server pings, no second has more than four joins, and all of them leave."""
    steps = [later(after, ping(b"p")) for after in pings]
    bench = Bench(server(*steps), streams=[f"s{n}" for n in range(chunks)], exchange=FakeExchange(per_frame=1))
    bench.run(stop_at=20)
    joins = [at for at, opcode in bench.sent() if opcode == TEXT]
    assert len(joins) == chunks
    for first in joins:
        assert len([at for at in joins if first <= at < first + 1 - 1e-6]) <= 4


def test_joins_are_spaced_while_data_flows() -> None:
    """The spacing counts from when a join leaves, not from when the messages before it arrived."""
    callback = lambda payload: bench.clock.advance(bench.clock.now + 0.24)  # noqa: E731
    steps = data("a", 1, after=0.25), data("a", 2, after=0.5)
    bench = Bench(server(*steps), streams="abcdef", exchange=FakeExchange(per_frame=1), callback=callback)
    bench.run(stop_at=5)
    times = [at for at, opcode in bench.sent() if opcode == TEXT]
    assert len(times) == 6
    assert min(b - a for a, b in itertools.pairwise(times)) >= 0.25


def test_refused_join_is_reported_and_the_rest_goes_on() -> None:
    """A refusal names its streams; the connection serves the others."""
    exchange = FakeExchange(per_frame=1)
    bench = Bench(server(data("a", 1, after=5), refuses="b"), streams="abc", exchange=exchange).run(stop_at=20)
    assert bench.errors == ["no such stream (code 13) for b"]
    assert not bench.reports[0].final
    assert bench.payloads == [1]


def test_refusal_without_id() -> None:
    """One without a reference belongs to the request that waits."""
    steps = [says(after=0.1, ok=False, why=[3, "unreadable"])]
    bench = Bench(server(*steps, answer=False), streams="ab").run(stop_at=1)
    assert bench.errors == ["unreadable (code 3) for a, b"]


def test_unanswered_join_reconnects() -> None:
    """A join without an answer within ``timeouts.ack`` means a link that does not work."""
    steps = [data("a", 1, after=4), data("a", 2, after=4)]
    bench = Bench(server(*steps, answer=False), server()).run(stop_at=12)
    assert bench.payloads == [1, 2]
    change = bench.changes[2]
    assert (change[0], change[1].reason, str(change[1].error)) == (
        10.0, Reason.STALE, "no answer to a control frame within 10 s",
    )  # fmt: skip


def test_exchange_without_answers() -> None:
    """Where nothing is answered, joins that have left are confirmed."""
    bench = Bench(server(), streams="abc", exchange=FakeExchange(answers=False, per_frame=1))
    bench.clock.at(0.4, lambda: bench.history.append(f"ready {bench.connection.links[0].ready}"))
    bench.clock.at(0.6, lambda: bench.history.append(f"ready {bench.connection.links[0].ready}"))
    bench.run(stop_at=30)
    assert [line for line in bench.history if "ready" in line] == ["ready False", "ready True"]
    assert len(bench.attempts) == 1


# -- first messages --


def test_stream_without_first_message_is_reported_once() -> None:
    """At its family's deadline, with the likely cause; not again on later links, and not for rare streams."""
    streams = [*named("a", "b", first_message=5), *named("rare")]
    steps = [data("a", 1, after=1), Drop(after=20)]
    bench = Bench(server(*steps), server(), streams=streams).run(stop_at=50)
    assert bench.errors == [
        "b: no message 5 s after it was subscribed. Nobody trades it",
        "a: no message 5 s after it was subscribed. Nobody trades it",  # on the second link
    ]
    assert bench.exchange.asked == ["b", "a"]


def test_refused_streams_are_not_called_silent() -> None:
    """What was refused has been reported already."""
    bench = Bench(server(refuses="b"), streams=named("a", "b", first_message=5), exchange=FakeExchange(per_frame=1))
    assert [type(report.error).__name__ for report in bench.run(stop_at=30).reports] == [
        "SubscriptionRejected",
        "StreamSilent",
    ]


def test_a_name_that_is_asked_for_anew_is_told_as_refused_anew() -> None:
    """A repeat of the engine's own is not told again; one of the user's is."""
    bench = Bench(server(refuses="b"), streams="a")
    for at, added, removed in ((1, "b", ""), (3, "", "b"), (5, "b", "")):
        bench.clock.at(at, lambda added=added, removed=removed: bench.connection.change(named(*added), list(removed)))
    told = bench.run(stop_at=8).reports
    assert [(type(each.error).__name__, each.time - START) for each in told] == [
        ("SubscriptionRejected", pytest.approx(1.05)),
        ("SubscriptionRejected", pytest.approx(5.05)),
    ]


@pytest.mark.parametrize(("option", "times"), [(None, [5.0]), (12.0, [12.0]), (0, [])])
def test_first_message_option(option: float | None, times: list[float]) -> None:
    """``timeouts.first_message`` replaces the family's deadline, 0 switches the reports off."""
    options = calm(first_message=option)
    bench = Bench(server(), streams=named("a", first_message=5), options=options).run(stop_at=30)
    assert [report.time - START for report in bench.reports] == times


def test_cause_that_cannot_be_found_is_still_a_report() -> None:
    """A silence is reported also when the search for its cause raises."""
    exchange = FakeExchange(cause=RuntimeError("no REST today"))
    bench = Bench(server(), streams=named("a", first_message=5), exchange=exchange).run(stop_at=30)
    assert len(bench.errors) == 1
    assert bench.errors[0].startswith("a: no message 5 s after it was subscribed. ")


# -- bad input --


def test_undecodable_message_is_reported_and_the_stream_goes_on() -> None:
    """Text that is no JSON, JSON that is no message, binary: reported with an excerpt; nothing ends."""
    steps = [
        Send(frame(1, b"not json")),
        Send(frame(1, b'{"from": 7}')),
        binary(b"\x00\x01"),
        Send(frame(1, b'["from"]')),
        data("a", 1),
    ]
    bench = Bench(server(*steps)).run(stop_at=1)
    assert [type(report.error).__name__ for report in bench.reports] == ["DecodeError"] * 4
    assert "b'not json'" in bench.errors[0]
    assert bench.payloads == [1]
    assert bench.connection.links[0].router.decode_errors == 4
    assert len(bench.attempts) == 1


def test_bad_input_shows_in_the_log_without_a_listener(caplog: pytest.LogCaptureFixture) -> None:
    """A refused subscription is one WARNING; of undecodable messages the first is, repeats are only counted."""
    bad = [Send(frame(1, b"not json")), Send(frame(1, b"nor this"))]
    Bench(server(*bad, refuses="b"), streams="ab", exchange=FakeExchange(names_in_url=1)).run(stop_at=1)
    warnings = [entry.getMessage() for entry in caplog.records if entry.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert any(text.startswith("key: ") and "b'not json'" in text for text in warnings)
    assert any(text.startswith("key: ") and text.endswith("for b") for text in warnings)


def test_stream_that_was_not_asked_for_is_delivered_and_reported_once() -> None:
    """Nothing that arrived is lost, and the strangeness does not pass silently."""
    bench = Bench(server(data("x", 1), data("x", 2), data("a", 3), data("y", 4))).run(stop_at=1)
    assert bench.payloads == [1, 2, 3, 4]
    assert len(bench.errors) == 2
    assert bench.errors[0].startswith("data of x, which was not asked for; delivered")


@pytest.mark.parametrize(
    ("raw", "code", "said"),
    [
        (frame(1, b"\xff\xfe"), 1007, "text is not UTF-8"),
        (b"\xf1\x00", 1002, "reserved bits"),
        (b"\x81\x85abcdhello", 1002, "masked frame from the server"),
        (frame(3, b""), 1002, "reserved opcode"),
        (frame(0, b"lost"), 1002, "continuation without a start"),
        (b"\x81\x7f" + (2**40).to_bytes(8, "big"), 1009, "message larger than"),
        (frame(8, b"\x03"), 1002, "close frame with half a code"),
    ],
)
def test_broken_frames_close_with_their_code_and_reconnect(raw: bytes, code: int, said: str) -> None:
    """What was whole before is delivered; then a report, the right close code, and a new link."""
    bench = Bench(server(batch(data("a", 1), Send(raw), data("a", 2))), server(data("a", 3))).run(stop_at=5)
    assert bench.payloads == [1, 3]
    assert [type(report.error) for report in bench.reports] == [ProtocolError]
    assert said in bench.errors[0]
    assert int.from_bytes(bench.closes()[0][:2], "big") == code
    assert bench.reasons[0] == ("backoff", "network")


def test_message_limit_is_an_option() -> None:
    """``limits.message_size`` bounds a message, also in fragments."""
    parts = frame(1, b"x" * 600, fin=False) + frame(0, b"x" * 600)
    bench = Bench(server(Send(parts)), server(), options=calm(message_size=1000)).run(stop_at=5)
    assert bench.errors == ["message larger than 1000 bytes (closed with 1009)"]


def test_fragments_and_cuts_anywhere() -> None:
    """A message in fragments, with a ping inside, in segments of one byte, is one message."""
    whole = data("a", {"text": "x" * 300}).data[4:]
    wire = frame(1, whole[:7], fin=False) + frame(9, b"in between") + frame(0, whole[7:])
    bench = Bench(server(*(Send(wire[at : at + 1]) for at in range(len(wire))))).run(stop_at=1)
    assert bench.payloads == [{"text": "x" * 300}]
    assert [payload for _, opcode, payload in bench.transport.links[0].sent if opcode == PONG] == [b"in between"]


# -- callbacks --


def test_raising_callback_does_not_end_the_stream(caplog: pytest.LogCaptureFixture) -> None:
    """Logged once with name and traceback, counted and reported each time; every message is delivered."""

    def broken(payload: object) -> None:
        raise KeyError("price")

    bench = Bench(server(*(data("a", number) for number in range(5))), callback=broken).run(stop_at=1)
    assert bench.payloads == [0, 1, 2, 3, 4]
    assert bench.connection.handler.errors == 5
    assert len(bench.reports) == 5
    assert bench.errors[0] == "callback Bench._receive raised KeyError('price') on a message of a"
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(logged) == 1
    assert "Bench._receive" in logged[0].getMessage()
    assert logged[0].exc_info
    assert logged[0].exc_info[0] is KeyError


def test_another_failure_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    """Only repeats of the same exception at the same line are left out of the log."""

    def broken(payload: int) -> None:
        if payload % 2:
            raise ValueError("odd")
        raise ValueError("even")

    Bench(server(*(data("a", number) for number in range(6))), callback=broken).run(stop_at=1)
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 2


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_exit_in_a_callback_is_a_stop(kind: type[BaseException]) -> None:
    """Ends the socket as ``stop_socket`` would: no error, no final payload."""

    def leaving(payload: object) -> None:
        if payload == 2:
            raise kind

    bench = Bench(server(batch(*(data("a", number) for number in range(6)))), callback=leaving).run()
    assert bench.payloads == [0, 1, 2]
    assert bench.reasons[-1] == ("closed", "stopped")
    assert (bench.reports, bench.connection.handler.errors) == ([], 0)


def test_stop_from_a_callback() -> None:
    """No callback begins after it, not even for messages of the same segment."""

    def stopping(payload: object) -> None:
        if payload == 1:
            bench.connection.request_stop()

    bench = Bench(server(batch(*(data("a", number) for number in range(6)))), callback=stopping)
    bench.run()
    assert bench.payloads == [0, 1]
    assert [state for _, state in bench.states] == ["connecting", "open", "closing", "closed"]


def test_slow_callback_is_measured_and_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    """The slowest is kept; above a second it is a warning, once."""

    def slow(seconds: float) -> None:
        bench.clock.advance(bench.clock.now + seconds)

    bench = Bench(server(*(data("a", seconds) for seconds in (0.5, 1.5, 3.0, 0.1))), callback=slow)
    bench.run(stop_at=30)
    assert bench.connection.handler.slowest == pytest.approx(3.0)
    assert len([record for record in caplog.records if "took" in record.getMessage()]) == 1


def test_time_of_earlier_messages_is_not_charged_to_later_ones(caplog: pytest.LogCaptureFixture) -> None:
    """Many short callbacks read in many rounds make no slow one."""

    def brief(payload: object) -> None:
        bench.clock.advance(bench.clock.now + 0.01)

    flood = batch(*(data("a", "x" * 100) for _ in range(2000)))
    bench = Bench(server(flood), callback=brief)
    bench.run(stop_at=40)
    assert len(bench.payloads) == 2000
    assert bench.connection.handler.slowest == pytest.approx(0.01)
    assert not [record for record in caplog.records if "took" in record.getMessage()]


def test_final_payload_may_raise() -> None:
    """A callback that fails on the last word is reported like any other, and the end is complete."""

    def broken(payload: object) -> None:
        raise RuntimeError("last word")

    bench = Bench(*refused(1), callback=broken, options=calm(max_reconnects=0)).run()
    assert bench.history[-3:] == [f"payload {FINAL}", "CallbackError", "ended"]


# -- stopping --


def test_stop_waits_for_the_close_handshake() -> None:
    """The socket stays until the server has answered; what it sends meanwhile is ignored."""

    def react(opcode: int, payload: bytes) -> list[Send | Drop]:
        if opcode == CLOSE:
            return [data("a", "late"), later(0.3, close(1000)), Drop()]
        return [says(ref=1, ok=True)] if opcode == TEXT else []

    script = server(data("a", 1, after=1))
    script.react = react
    bench = Bench(script).run(stop_at=2)
    assert bench.states[-2:] == [(2.0, "closing"), (2.3, "closed")]
    assert bench.payloads == [1]
    assert bench.closes() == [b"\x03\xe8"]


def test_stop_is_bounded() -> None:
    """A server that does not answer, or floods, is cut after ``timeouts.close``."""
    script = server(*[later(0.01, data("a", 1))] * 1000)
    script.react = lambda opcode, payload: [says(ref=1, ok=True)] if opcode == TEXT else []
    bench = Bench(script, options=calm(close=0.7)).run(stop_at=2)
    assert bench.states[-2:] == [(2.0, "closing"), (2.7, "closed")]
    assert len(bench.payloads) in (199, 200)


def test_close_frame_of_the_server_is_echoed() -> None:
    """Its code goes back, data behind it is ignored, and a new link is opened."""
    bench = Bench(server(batch(data("a", 1), close(1001, "bye"), data("a", 2))), server()).run(stop_at=2)
    assert bench.payloads == [1]
    assert bench.closes() == [(1001).to_bytes(2, "big")]
    assert bench.states[2] == (0.0, "backoff")


def test_close_frame_without_code_is_echoed_empty() -> None:
    """A close frame without a code counts as 1005, which may not be sent."""
    bench = Bench(server(Send(frame(8, b""))), server()).run(stop_at=2)
    assert bench.closes() == [b""]
    assert str(bench.changes[2][1].error) == "the server closed the connection: code 1005"


def test_stop_during_backoff() -> None:
    """A wait ends at once."""
    bench = Bench(*refused(3)).run(stop_at=1.0)
    assert bench.states[-1] == (1.0, "closed")
    assert bench.attempts == [0.0, 0.5]
    assert bench.payloads == []


def test_stop_during_a_connect() -> None:
    """An attempt under way is abandoned, and is no failure."""
    bench = Bench(Refuse(OSError("late"), after=8)).run(stop_at=3)
    assert [state for _, state in bench.states] == ["connecting", "closed"]
    assert bench.reasons == [("closed", "stopped")]
    assert bench.reports == []


def test_stop_before_run() -> None:
    """Nothing is connected at all."""
    bench = Bench(server())
    assert bench.connection._enter(Phase.RUNNING)  # as start() does, before the thread runs
    bench.connection.request_stop()
    bench.connection.run()
    assert (bench.states, bench.attempts) == ([(0.0, "closed")], [])
    assert bench.history == ["closed", "released", "ended"]


def test_stop_without_ever_starting() -> None:
    """A connection that never ran gives its key back at once, once."""
    bench = Bench(server())
    bench.connection.request_stop()
    bench.connection.request_stop()
    assert bench.history == ["released", "ended"]
    assert bench.connection.ended.is_set()
    bench.connection.start(True)
    assert bench.connection._worker is None


def test_stop_after_the_end_is_nothing() -> None:
    """It may be asked for at any time."""
    bench = Bench(server()).run(stop_at=1)
    before = list(bench.history)
    bench.connection.request_stop()
    assert bench.history == before


def test_stop_while_giving_up_suppresses_the_final_payload() -> None:
    """Who has stopped a socket hears nothing more from it."""
    bench = Bench(*refused(1), options=calm(max_reconnects=0))
    bench.on_change = lambda change: change.state is State.CLOSED and bench.connection.request_stop()
    assert bench.run().payloads == []


# -- wait_open --


def settled_by(bench: Bench) -> Callable[[], None]:
    """Wait on a thread of its own, as the connection's own may not."""
    failures: list[BaseException] = []

    def wait() -> None:
        try:
            bench.connection.wait_open(5)
        except BaseException as exc:
            failures.append(exc)

    def check() -> None:
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(PATIENCE)
        if failures:
            raise failures[0]

    return check


def test_wait_open_returns_when_all_is_confirmed() -> None:
    """Open and confirmed: it returns at once."""
    bench = Bench(server())
    check = settled_by(bench)
    bench.clock.at(1, check)
    bench.run(stop_at=2)


def test_wait_open_tells_why_not() -> None:
    """A refused join, a final failure and a stop are raised as what they are."""
    bench = Bench(server(refuses="a"))
    errors: list[BaseException] = []

    def note() -> None:
        try:
            settled_by(bench)()
        except BaseException as exc:
            errors.append(exc)

    bench.clock.at(1, note)
    bench.clock.at(1.5, note)
    bench.run(stop_at=2)
    note()
    bench = Bench(Refuse(HandshakeRejected("fake:1", 451))).run()
    note()
    note()
    rejected, stopped, refused = errors[:2], errors[2], errors[3:]
    assert [type(error) for error in rejected] == [SubscriptionRejected] * 2
    assert str(stopped) == "cannot connect to key: the socket was stopped"
    assert [type(error) for error in refused] == [HandshakeRejected] * 2
    for first, second in (rejected, refused):
        assert first is not second, "each caller raises an error of its own"
        assert str(first) == str(second)


def test_wait_open_is_bounded() -> None:
    """Not open in time is a RequestTimeout with the key, and with what keeps it."""
    with pytest.raises(RequestTimeout, match=r"^no open connection key \(its manager has not been started\) within"):
        Bench(server()).connection.wait_open(0.01)


def test_wait_open_inside_a_callback_would_deadlock() -> None:
    """It raises instead of waiting for itself; where nothing is to be waited for it returns."""
    seen: list[object] = []

    def waiting(payload: object) -> None:
        try:
            seen.append(bench.connection.wait_open(5))
        except WouldDeadlock as exc:
            seen.append(str(exc))

    steps = [data("a", 1), data("a", 2, after=2)]
    bench = Bench(server(*steps), streams="ab", callback=waiting, exchange=FakeExchange(per_frame=1))
    bench.run(stop_at=3)
    assert seen == ["wait_open('key') inside a callback of the same connection", None]


# -- a bug of ours --


def test_engine_bug_ends_with_a_report(caplog: pytest.LogCaptureFixture) -> None:
    """An exception inside ends the socket, CLOSED, logged, reported and with the last word; never a hang."""

    class Broken(FakeExchange):
        def control_frames(self, *args: Any) -> Any:
            raise ZeroDivisionError("inside")

    bench = Bench(server(), exchange=Broken()).run()
    assert bench.connection.state is State.CLOSED
    assert bench.payloads == [FINAL]
    assert bench.reports[-1].final
    assert "ZeroDivisionError('inside')" in bench.errors[-1]
    critical = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert len(critical) == 1
    assert critical[0].exc_info
    assert bench.history[-1] == "ended"


# -- the log --


def test_log_lines(caplog: pytest.LogCaptureFixture) -> None:
    """INFO for changes, WARNING for what a human should read, and nothing per message."""
    caplog.set_level(logging.DEBUG, logger="binance_sockets")
    Bench(server(*[data("a", 1)] * 50, Drop(after=5)), server()).run(stop_at=10)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "key: idle -> connecting"),
        ("INFO", "key: connecting -> open"),
        (
            "WARNING",
            "key: open -> backoff (network: the connection ended without a close frame), attempt 1 in 0.50 s",
        ),
        ("INFO", "key: backoff -> connecting"),
        ("INFO", "key: connecting -> open"),
        ("WARNING", "key: gap of 5.500 s in 1 stream(s) after network"),
        ("INFO", "key: open -> closing (stopped)"),
        ("INFO", "key: closing -> closed (stopped)"),
    ]


# -- anything --

FAULTS = st.sampled_from(
    [
        lambda n: Refuse(ConnectError("fake:1", "refused")),
        lambda n: Refuse(OSError("reset"), after=3),
        lambda n: Refuse(ConnectError("fake:1", "slow"), after=50),
        lambda n: Refuse(HandshakeRejected("fake:1", 503)),
        lambda n: Refuse(HandshakeRejected("fake:1", 429, retry_after=4)),
        lambda n: server(data("a", n), data("b", n, after=1), Drop(after=2)),
        lambda n: server(data("a", n), data("a", n, after=30), close(1001)),
        lambda n: server(batch(data("a", n), says(bye="now"), data("b", n), after=15)),
        lambda n: server(batch(data("a", n), Send(b"\xff\xff"), data("b", n))),
        lambda n: server(data("a", n), answer=False),
        lambda n: server(data("c", n), Send(frame(1, b"nonsense")), pong=False),
        lambda n: server(*[later(0.1, ping(b"x"))] * 30, Drop(OSError("reset"))),
        lambda n: server(data("b", n, after=1), refuses="b"),
        lambda n: server(Send(data("a", n).data[:6]), Drop()),
    ]
)


@settings(max_examples=60)
@given(st.lists(FAULTS, max_size=8), st.floats(0.1, 200), st.integers(0, 5), st.one_of(st.none(), st.integers(0, 4)))
def test_any_script_of_faults(faults: list[Any], stop_at: float, names_in_url: int, allowed: int | None) -> None:
    """Ends CLOSED after a stop; every lasting link asks for all; no callback outside OPEN; the waits are bounded."""
    outcomes = [fault(number) for number, fault in enumerate(faults)]
    exchange = FakeExchange(per_frame=1, names_in_url=names_in_url, ping_after=20, stale_after=40)
    bench = Bench(
        *outcomes,
        server(),
        streams="abc",
        exchange=exchange,
        options=calm(jitter=0.5, seed=1, max_reconnects=allowed),
    ).run(stop_at=stop_at)

    assert bench.connection.state is State.CLOSED
    assert bench.history[-1] == "ended"
    assert bench.payloads.count(FINAL) <= 1
    state = "idle"
    for line in bench.history:
        if line in {each.value for each in State}:
            state = line
        elif line.startswith("payload ") and str(FINAL) not in line:
            assert state == "open"
    for wait in bench.waits():
        assert wait is None or 0 <= wait <= 30
    wanted = ["a", "b", "c"][names_in_url:]
    for link in bench.transport.links:
        asked = list(
            dict.fromkeys(name for join in joined(link) for name in join)
        )  # what is refused is asked for again
        assert asked == wanted[: len(asked)]
        lived = max((at for at, _, _ in link.sent), default=0) - min((at for at, _, _ in link.sent), default=0)
        pings = [1 for _, opcode, _ in link.sent if opcode in (PING, PONG)]
        assert asked == wanted or lived < 0.25 * (len(wanted) + len(pings)) + 1
    bodies = [payload for payload in bench.payloads if payload != FINAL]
    assert bodies == sorted(bodies)  # each link says its own number: nothing overtakes
