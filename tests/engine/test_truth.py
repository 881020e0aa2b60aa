"""What a connection says of itself is true: gaps, lag, silence, states, names."""

from __future__ import annotations

import logging
import sys
import time
from collections import deque
from typing import Any

import pytest
from fake_exchange import FINAL, START, Bench, FakeExchange, batch, calm, data, later, says, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine.clock import Clock
from binance_sockets.engine.metrics import connection_snapshot
from binance_sockets.errors import WouldDeadlock, display_name
from binance_sockets.events import Reason, State, StateChange, StreamGap
from binance_sockets.exchange import Stream
from binance_sockets.testing import Drop, Refuse, Script, ScriptedStream, ScriptedTransport, Send, close

HOUR = 3600.0


def ticks(first: int, count: int, every: float = 0.5) -> list[Send]:
    """Numbered messages, one every so many seconds."""
    return [data("a", number, after=every) for number in range(first, first + count)]


def sleeping(bench: Bench, at: float, seconds: float) -> None:
    """Nothing of the process runs for so long, from ``at`` on: suspended, or the system sleeps."""
    bench.clock.at(at, lambda: bench.clock.advance(bench.clock.now + seconds))


# -- gaps: no message that is missing lies outside --


@pytest.mark.parametrize("late", [0.0, 0.05, 5.0])
def test_gap_after_a_backlog(late: float) -> None:
    """The callback blocks for 15 s, and the server cuts a reader that slow: the gap begins before the block.

    What the socket still held is delivered; what the server had not got rid of is lost, whether its end shows at once
    or only when the socket was read empty.
    """

    def block(payload: int) -> None:
        if payload == 10:
            bench.clock.advance(bench.clock.now + 15)

    held = ticks(0, 11) + [later(0.1, step) for step in ticks(11, 5)]  # the socket takes no more than these five
    bench = Bench(server(*held, Drop(after=14.5 + late)), server(), callback=block)
    bench.run(stop_at=60)
    assert bench.payloads == list(range(16))
    assert bench.gaps[0].last_received <= START + 5.5
    assert bench.gaps[0].last_received >= START + 5.5 - 3
    assert bench.gaps[0].duration > 14


@pytest.mark.parametrize(
    ("seconds", "late"), [(12.0, 0.0), (12.0, 0.05), (12.0, 3.0), (8 * HOUR, 0.0), (8 * HOUR, 0.05)]
)
def test_gap_after_a_sleep(seconds: float, late: float) -> None:
    """The process was suspended, or the system slept: the gap spans all of it."""
    bench = Bench(server(*ticks(0, 20), Drop(after=seconds + late)), server(), options=calm(stale=1e6))
    sleeping(bench, 9.9, seconds)
    bench.run(stop_at=seconds + 60)
    assert bench.gaps[0].last_received <= START + 10
    assert bench.gaps[0].last_received >= START + 10 - 3
    assert bench.gaps[0].duration >= seconds


def test_gap_of_a_link_that_went_stale() -> None:
    """It begins before the last message: what the exchange sent behind that into a dead connection is lost."""
    bench = Bench(server(*ticks(0, 4), pong=False), server(), options=calm(stale=30)).run(stop_at=60)
    assert bench.gaps[0].reason is Reason.STALE
    assert START <= bench.gaps[0].last_received <= START + 2


def test_no_gap_of_the_age_limit_after_a_block() -> None:
    """A link that is changed as planned is read to its end, a backlog included."""

    def block(payload: int) -> None:
        if payload == 5:
            bench.clock.advance(bench.clock.now + 40)

    exchange = FakeExchange(max_age=20)
    bench = Bench(server(*ticks(0, 100)), server(), exchange=exchange, callback=block)
    bench.run(stop_at=60)
    closed_at, opcode = bench.sent(0)[-1]
    assert (opcode, len(bench.attempts)) == (8, 2)
    assert bench.payloads == list(range(int(closed_at / 0.5)))
    assert not bench.gaps


@pytest.mark.parametrize("step", [-HOUR, HOUR])
def test_durations_survive_a_stepped_wall_clock(step: float) -> None:
    """Somebody sets the clock while the link is down: the gap is as long as it was."""
    bench = Bench(server(*ticks(0, 20), Drop()), server())
    offset = [0.0]
    bench.clock.time = lambda: bench.clock.now + offset[0]
    bench.clock.at(10.2, lambda: offset.__setitem__(0, step))
    bench.run(stop_at=30)
    assert 0.5 <= bench.gaps[0].duration <= 3.5
    assert bench.gaps[0].resumed == pytest.approx(START + 10.5 + step)


@pytest.mark.parametrize("step", [0.0, -HOUR, HOUR])
@pytest.mark.parametrize("slept", [0.0, 12.0, 8 * HOUR])
def test_the_ids_that_are_missing_lie_in_the_gap(slept: float, step: float) -> None:
    """Whatever the clocks did meanwhile: suspended for seconds, asleep for hours, set to another hour."""
    cut = server(*ticks(0, 20), Drop(after=slept))
    bench = Bench(cut, server(*ticks(40, 3)), exchange=FakeExchange(ids=True), options=calm(stale=1e6))
    offset = [0.0]
    bench.clock.time = lambda: bench.clock.now + offset[0]
    bench.clock.at(9.8, lambda: offset.__setitem__(0, step))
    if slept:
        sleeping(bench, 9.9, slept)
    bench.run(stop_at=slept + 60)
    assert bench.payloads == [*range(20), *range(40, 43)]
    (gap,) = bench.gaps
    assert gap.ids == (StreamGap("a", 19, 40),)
    assert gap.duration >= slept


@pytest.mark.skipif(sys.platform != "linux", reason="the clock that counts sleep has another name elsewhere")
def test_the_clock_counts_sleep() -> None:
    """Ages are measured by it."""
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    now = Clock().monotonic()
    assert before <= now <= time.clock_gettime(time.CLOCK_BOOTTIME)


@given(
    blocks=st.lists(st.tuples(st.integers(0, 60), st.floats(0.1, 20)), max_size=4),
    capacity=st.integers(1, 40),
    cut=st.floats(5, 60),
    late=st.floats(0, 0.2),
)
def test_every_lost_message_lies_in_a_reported_gap(
    blocks: list[tuple[int, float]], capacity: int, cut: float, late: float
) -> None:
    """A server that sends a message every half second holds what a slow reader leaves, and cuts one that is too slow.

    Whenever the callback blocks for however long: what was sent and not delivered lies in a gap that was reported.
    """
    sleeps = dict(blocks)
    sent = {number: 0.5 * (number + 1) for number in range(120)}
    done: list[float] = []

    def block(payload: int) -> None:
        if payload in sleeps:
            bench.clock.advance(bench.clock.now + sleeps.pop(payload))

    class Server(ScriptedStream):
        """Of what waits when it cuts the connection, only as much as fits the socket still arrives."""

        def recv_into(self, view: memoryview) -> int:
            now = self._clock.now
            if now - START >= cut and not done:
                done.append(now)
                waiting = [step for step in self._steps if step[0] <= START + cut][:capacity]
                self._steps = deque([*waiting, (max([now, *(at for at, _ in waiting)]) + late, Drop())])
            return super().recv_into(view)

    class Cutting(ScriptedTransport):
        stream = Server

    script = server(*(data("a", number, after=0.5) for number in sent))
    bench = Bench(script, server(), callback=block, transport=Cutting, options=calm(stale=1e6))
    bench.run(stop_at=150)
    resumed = bench.gaps[0].resumed if bench.gaps else START + 150
    lost = [number for number, at in sent.items() if number not in bench.payloads and START + at <= resumed]
    for number in lost:
        assert any(gap.last_received <= START + sent[number] for gap in bench.gaps), (number, bench.gaps)


def test_gap_of_a_connection_that_died_without_a_word() -> None:
    """Half-open: what was sent into it lies in the gap, although the socket was found empty again and again."""
    exchange = FakeExchange(stale_after=40, ping_after=25)
    bench = Bench(server(*ticks(0, 20), pong=False), server(), exchange=exchange).run(stop_at=90)
    assert bench.gaps[0].reason is Reason.STALE
    assert bench.gaps[0].last_received <= START + 10


# -- lag --


def test_lag_is_shown_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """20 ms a message at 500 a second: the gauge grows, one warning names the callback and the way out."""
    lags: list[float] = []

    def slow(payload: int) -> None:
        bench.clock.advance(bench.clock.now + 0.02)
        if payload % 250 == 0:
            lags.append(connection_snapshot(bench.connection, bench.clock.now)["lag"])

    steps = [batch(*(data("a", 5 * turn + number) for number in range(5)), after=0.01) for turn in range(300)]
    bench = Bench(server(*steps), callback=slow)
    bench.run(stop_at=60)
    assert bench.payloads == list(range(1500))
    assert lags[1:] == sorted(lags[1:])
    assert lags[-1] > 20
    lines = [record.getMessage() for record in caplog.records if "behind" in record.getMessage()]
    assert len(lines) == 1
    assert "_receive has been behind for 5 s" in lines[0]
    assert "Buffered" in lines[0]


def test_lag_is_said_in_time_when_much_waits(caplog: pytest.LogCaptureFixture) -> None:
    """Hundreds of messages stand in one read: a slow callback reads less at once, so that the warning is not late."""
    said: list[float] = []

    def slow(payload: int) -> None:
        bench.clock.advance(bench.clock.now + 0.02)
        if "behind" in caplog.text and not said:
            said.append(bench.now)

    flood = batch(*(data("a", number) for number in range(6000)))
    bench = Bench(server(flood), callback=slow, exchange=FakeExchange(names_in_url=1))
    bench.run(stop_at=200)
    assert bench.payloads == list(range(6000))
    assert said and said[0] < 20


def test_one_slow_callback_does_not_keep_the_reads_small() -> None:
    """When the callbacks are quick again, a read takes all it can."""
    seen: list[bool] = []

    def once(payload: int) -> None:
        if payload == 0:
            bench.clock.advance(bench.clock.now + 2)
        socket = bench.connection.links[0].current
        assert socket is not None
        seen.append(socket.small_reads)

    flood = batch(*(data("a", number) for number in range(6000)))
    bench = Bench(server(flood), callback=once, exchange=FakeExchange(names_in_url=1))
    bench.run(stop_at=5)
    assert True in seen
    assert seen[-1] is False


def test_a_slow_callback_leaves_the_other_links_their_turn() -> None:
    """They are read between two of its batches, not behind sixteen of them."""
    flood = batch(*(data("a", number) for number in range(3000)))
    waits: list[float] = []

    def slow(payload: object) -> None:
        if payload == "b":
            waits.append(bench.now)
        bench.clock.advance(bench.clock.now + 0.02)

    bench = Bench(
        server(flood), server(data("b", "b", after=10)), streams="ab", exchange=FakeExchange(per_link=1), callback=slow
    )
    bench.run(stop_at=120)
    assert waits[0] < 20


def test_no_lag_while_the_callback_keeps_up() -> None:
    """Bursts that are read at once are no lag."""
    lags: list[float] = []
    bench = Bench(server(*ticks(0, 20, 1.0)))
    for at in range(20):
        bench.clock.at(at + 0.5, lambda: lags.append(connection_snapshot(bench.connection, bench.clock.now)["lag"]))
    bench.run(stop_at=30)
    assert lags == [0.0] * 20


def test_a_slow_connect_is_no_lag(caplog: pytest.LogCaptureFixture) -> None:
    """The thread connects for nine seconds, and then finds messages at once: no callback is to blame."""
    slow = Refuse(OSError("no"), after=9.0)
    bench = Bench(slow, server(*[data("a", number) for number in range(99)]), slow, server(data("a", 99)))
    bench.run(stop_at=30)
    assert bench.payloads == list(range(99))
    assert "behind" not in caplog.text


# -- silence, and the order of frames --


def test_a_frame_that_never_completes_is_silence() -> None:
    """One byte every half second is no sign of life."""
    drip = [Send(b"\x81\x7e\xff\xff"), *(Send(b"x", after=0.5) for _ in range(400))]
    bench = Bench(server(*drip), server(), exchange=FakeExchange(names_in_url=1), options=calm(stale=30)).run(
        stop_at=60
    )
    assert bench.states[2][0] == pytest.approx(30, abs=0.6)
    assert bench.reasons[0] == ("backoff", "stale")


def test_a_frame_that_never_completes_is_silence_where_the_client_pings() -> None:
    """The ping stays unanswered, whatever bytes arrive."""
    drip = [Send(b"\x81\x7e\xff\xff"), *(Send(b"x", after=0.5) for _ in range(400))]
    exchange = FakeExchange(stale_after=40, ping_after=25, names_in_url=1)
    bench = Bench(server(*drip, pong=False), server(), exchange=exchange).run(stop_at=60)
    assert bench.reasons[0] == ("backoff", "stale")
    assert bench.states[2][0] == pytest.approx(40, abs=0.6)


def test_fragments_are_a_sign_of_life() -> None:
    """A message in many frames, each of them whole, is none of a dead server."""
    parts = [Send(b"\x01\x01{")] + [Send(b"\x00\x01 ", after=5.0) for _ in range(20)]
    whole = Send(b"\x80" + bytes([len(b'"from": "a", "body": 1}')]) + b'"from": "a", "body": 1}', after=5.0)
    exchange = FakeExchange(names_in_url=1)
    bench = Bench(server(*parts, whole), exchange=exchange, options=calm(stale=30)).run(stop_at=120)
    assert bench.payloads == [1]
    assert len(bench.attempts) == 1


def test_close_is_answered_after_the_messages_before_it() -> None:
    """A callback that looks finds the good messages delivered and no close frame sent yet."""
    seen: list[tuple[int, list[bytes]]] = []
    steps = batch(data("a", 1), data("a", 2), close(1001, "away"))
    bench = Bench(server(steps), server(), callback=lambda payload: seen.append((payload, bench.closes())))
    bench.run(stop_at=5)
    assert seen == [(1, []), (2, [])]
    assert bench.closes() == [b"\x03\xe9"]


def test_violation_is_answered_after_the_messages_before_it() -> None:
    """A broken frame behind good ones takes nothing from them."""
    seen: list[list[bytes]] = []
    steps = batch(data("a", 1), Send(b"\x83\x00"))
    bench = Bench(server(steps), server(), callback=lambda payload: seen.append(bench.closes()))
    bench.run(stop_at=5)
    assert seen == [[]]
    assert bench.closes()[0][:2] == (1002).to_bytes(2, "big")


# -- listeners see whole states --


def test_listeners_see_the_new_state() -> None:
    """In every change the snapshot agrees with it: nothing is confirmed on a link that is not open."""
    seen: list[tuple[str, str, bool]] = []

    def look(change: StateChange) -> None:
        shot = connection_snapshot(bench.connection, bench.clock.now)
        seen.append((change.state.value, shot["state"], shot["streams"]["a"]["confirmed"]))

    bench = Bench(server(data("a", 1, after=1), Drop(after=1)), server())
    bench.on_change = look
    bench.run(stop_at=10)
    assert seen == [
        ("connecting", "connecting", False),
        ("open", "open", False),
        ("backoff", "backoff", False),
        ("connecting", "connecting", False),
        ("open", "open", False),
        ("closing", "closing", False),
        ("closed", "closed", False),
    ]


@pytest.mark.parametrize("names_in_url", [0, 1])
@pytest.mark.parametrize("state", [State.CONNECTING, State.OPEN, State.BACKOFF])
def test_wait_open_in_a_listener_never_blocks_its_own_thread(state: State, names_in_url: int) -> None:
    """It would wait for what only this thread can do, and says so at once."""
    raised: list[State] = []

    def wait(change: StateChange) -> None:
        if change.state is state:
            with pytest.raises(WouldDeadlock, match="key"):
                bench.connection.wait_open(60)
            raised.append(change.state)

    bench = Bench(server(Drop(after=2)), server(), exchange=FakeExchange(names_in_url=names_in_url))
    bench.on_change = wait
    before = time.monotonic()
    bench.run(stop_at=10)
    assert raised
    assert time.monotonic() - before < 20


def test_commands_of_one_transition_come_before_its_dial() -> None:
    """A listener hears CONNECTING before the attempt, also where the attempt blocks this thread."""
    history: list[Any] = []
    bench = Bench(server(), streams="a")
    bench.on_change = lambda change: history.append((change.state.value, len(bench.transport.attempts)))
    bench.run(stop_at=1)
    assert history[:2] == [("connecting", 0), ("open", 1)]


# -- names --


@pytest.mark.parametrize(
    ("conn_key", "shown"),
    [
        ("btcusdt@trade", "btcusdt@trade"),
        ("usdm:streams=btcusdt@trade/ethusdt@trade", "usdm:streams=btcusdt@trade/ethusdt@trade"),
        ("streams=" + "/".join(["btcusdt@trade"] * 1024), "streams=btcusdt@trade+1023"),
        ("x-" * 2500, "x-" * 30 + "..."),
        ("x-" * 50 + "/y", "x-" * 30 + "+1"),
        ("usdm:" + "7" * 64, "usdm:[64 characters hidden]"),
        ("a" * 64, "[64 characters hidden]"),
        ("streams=a@trade/" + "a" * 64, "streams=a@trade+1"),
        ("streams=" + "a" * 64 + "/a@trade", "streams=[64 characters hidden]+1"),
        ("a\n\x1b[0m", "a\\n\\x1b[0m"),
    ],
)
def test_display_name(conn_key: str, shown: str) -> None:
    """Short keys as they are; of long ones the first stream, and how many more there are."""
    assert display_name(conn_key) == shown


def test_no_line_carries_a_long_key(caplog: pytest.LogCaptureFixture) -> None:
    """1,024 streams make a key of 14 kB; logs show its short name, listeners get the whole."""
    caplog.set_level(logging.DEBUG)
    conn_key = "streams=" + "/".join(f"coin{number}usdt@trade" for number in range(1024))
    bench = Bench(server(close(1008)), server(close(1011)), conn_key=conn_key, options=calm(max_reconnects=1)).run()
    assert {change.conn_key for _, change in bench.changes} == {conn_key}
    assert len(caplog.records) > 3
    assert all(len(record.getMessage()) < 300 for record in caplog.records)
    assert "streams=coin0usdt@trade+1023: giving up" in caplog.text
    assert all(len(error) < 300 for error in bench.errors)


def test_lost_again_before_it_was_confirmed() -> None:
    """One gap, whose ids enclose both holes: what came between them was never confirmed."""
    second = server(data("a", 20), data("a", 21), Drop(after=1.0), answer=False)
    bench = Bench(server(data("a", 1), Drop()), second, server(data("a", 30)), exchange=FakeExchange(ids=True)).run(
        stop_at=30
    )
    assert bench.payloads == [1, 20, 21, 30]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 1, 30),)]


def test_what_the_network_kept_back_lies_in_the_gap() -> None:
    """A cut network brings what was sent meanwhile late, in order; if the link ends before all of it is here, the gap
    begins where the network was cut."""
    kept_back = [later(0.0, step) for step in ticks(10, 3)]  # of what was sent during 20 s
    bench = Bench(server(*ticks(0, 10), later(20.0, data("a", 9)), *kept_back, Drop(after=0.1)), server())
    bench.run(stop_at=40)
    assert START + 3 <= bench.gaps[0].last_received <= START + 5


def test_what_is_on_its_way_lies_in_the_gap() -> None:
    """A message needs some time from the exchange: the gap begins a second before bytes last came."""
    bench = Bench(server(*ticks(0, 10), Drop(after=0.4)), server()).run(stop_at=20)
    assert START + 2 <= bench.gaps[0].last_received <= START + 4


def test_a_quiet_link_has_a_bound_of_its_own() -> None:
    """Some seconds behind a message that came after a long silence nothing kept back is to be expected any more."""
    bench = Bench(server(*ticks(1, 3, 20.0), Drop(after=10)), server(), options=calm(stale=1e6)).run(stop_at=90)
    assert bench.gaps[0].last_received == START + 54  # it was last looked at 5 s before the message


def test_what_was_read_late_tells_nothing_of_the_time_of_reading() -> None:
    """A callback is slow, and the link half-open since long when the last of the backlog is read."""

    def slow(payload: int) -> None:
        bench.clock.advance(bench.clock.now + 2.5)

    bench = Bench(server(*ticks(0, 10), pong=False), server(), callback=slow)
    bench.run(stop_at=120)
    assert bench.payloads == list(range(10))
    assert bench.gaps[0].last_received <= START + 5


@pytest.mark.parametrize("how", ["stopped", "exhausted"])
def test_a_gap_that_was_never_confirmed_is_told_at_the_end(how: str) -> None:
    """The new link brings data and is not confirmed when the socket ends: there is a hole in what was delivered."""
    second = [data("a", 20), data("a", 21), *([Drop(after=3)] if how == "exhausted" else [])]
    bench = Bench(
        server(data("a", 1), Drop()),
        server(*second, answer=False),
        exchange=FakeExchange(ids=True),
        options=calm(max_reconnects=1),
    ).run(stop_at=8)
    assert bench.payloads[:3] == [1, 20, 21]
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 1, 20 if how == "stopped" else None),)]
    assert bench.history.index("gap") < bench.history.index("closed")


def test_a_stream_that_joined_while_something_was_missing_and_is_lost_with_that() -> None:
    """Its gap is told as that of the others is, though nothing was confirmed in between."""
    second = server(data("a", 20, after=0.5), data("c", 1, after=1.0), Drop(after=0.5), answer=False)
    bench = Bench(server(data("a", 1), Drop(after=1.0)), second, server(data("c", 9, after=0.5), answer=False))
    bench.clock.at(2.0, lambda: bench.connection.change([Stream("c")], ()))
    bench.run(stop_at=6)
    assert bench.payloads == [1, 20, 1, 9]
    assert [gap.streams for gap in bench.gaps] == [("a", "c")]


def test_a_loss_with_nothing_behind_it_is_a_gap_to_the_end() -> None:
    """What the exchange sent since the last message was read is missing, though the socket gives up."""
    bench = Bench(server(data("a", 1), Drop()), exchange=FakeExchange(ids=True), options=calm(max_reconnects=1)).run()
    assert [gap.ids for gap in bench.gaps] == [(StreamGap("a", 1, None),)]
    assert bench.history.index("gap") < bench.history.index("payload " + str(FINAL))


def test_a_second_loss_of_more_streams_is_about_all_of_them() -> None:
    """Of a change one stream is in doubt; before that is confirmed the next link is lost, and with it both streams."""
    first = server(*ticks(0, 40), says(bye="soon"), data("a", 40, after=0.3), Drop(after=0.2))
    second = server(data("a", 40, after=0.1), data("a", 41), Drop(after=1.0), answer=False)
    bench = Bench(first, second, server(data("a", 50)), streams="ab", exchange=FakeExchange(ids=True)).run(stop_at=40)
    assert bench.payloads == [*range(42), 50]
    assert [(gap.streams, gap.ids) for gap in bench.gaps] == [(("a", "b"), (StreamGap("a", 41, 50),))]


def test_what_was_sent_while_the_link_was_being_opened_lies_in_the_gap() -> None:
    """The answer to a handshake is kept back for three seconds, in which the exchange sends already; the next link is
    lost with some of that."""
    second = Script([data("a", 2), Drop()], accept_after=3.0)
    bench = Bench(server(data("a", 1), Drop()), second, server(data("a", 9))).run(stop_at=30)
    assert bench.payloads == [1, 2, 9]
    assert [gap.last_received for gap in bench.gaps] == [START]
    lost = Script([data("a", 1), Drop()], accept_after=3.0)
    assert Bench(lost, server()).run(stop_at=30).gaps[0].last_received == START
