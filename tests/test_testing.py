"""The fakes that users build their own tests on."""

from __future__ import annotations

import pytest
from fake_exchange import Bench, data, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine import frames
from binance_sockets.engine.clock import Cancelled
from binance_sockets.engine.frames import FrameReader
from binance_sockets.errors import ConnectError, ConnectTimeout
from binance_sockets.exchange import ConnectRequest
from binance_sockets.testing import (
    Drop,
    FakeClock,
    Refuse,
    Script,
    ScriptedStream,
    ScriptedTransport,
    Send,
    binary,
    close,
    frame,
    ping,
    text,
)

REQUEST = ConnectRequest("ws://fake.invalid/")


class Flag:
    def __init__(self) -> None:
        self.on = False

    def fileno(self) -> int:
        return 0

    def cancelled(self) -> bool:
        return self.on


def opened(script: Script) -> tuple[FakeClock, ScriptedStream]:
    clock = FakeClock(0.0)
    return clock, ScriptedTransport(clock, [script]).connect(REQUEST, 10, Flag())


def taken(stream: ScriptedStream, size: int = 4096) -> bytes:
    view = memoryview(bytearray(size))
    return bytes(view[: stream.recv_into(view)])


# -- FakeClock --


def test_clock_stands_still() -> None:
    """Both clocks show the same time until somebody moves it."""
    clock = FakeClock(50.0)
    assert (clock.monotonic(), clock.time()) == (50.0, 50.0)
    clock.advance(60.0)
    assert (clock.monotonic(), clock.time()) == (60.0, 60.0)
    clock.advance(55.0)
    assert clock.now == 60.0


def test_actions_run_at_their_times_in_order() -> None:
    """Each sees its own time; equal times keep the order they were asked in; an action may ask for another."""
    clock, seen = FakeClock(0.0), list[tuple[float, str]]()
    clock.at(2, lambda: seen.append((clock.now, "late")))
    clock.at(1, lambda: (seen.append((clock.now, "first")), clock.at(0.5, lambda: seen.append((clock.now, "child")))))
    clock.at(1, lambda: seen.append((clock.now, "second")))
    clock.at(9, lambda: seen.append((clock.now, "never")))
    assert clock.next_action() == 1.0
    clock.advance(3)
    assert seen == [(1.0, "first"), (1.0, "second"), (1.5, "child"), (2.0, "late")]
    assert (clock.now, clock.next_action()) == (3.0, 9.0)
    assert FakeClock().next_action() == float("inf")


# -- frames --


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 70000])
def test_frames_are_what_a_server_sends(size: int) -> None:
    """The package's reader takes every size in one go."""
    reader = FrameReader(1 << 20, initial=1 << 17)
    wire = frame(frames.TEXT, b"x" * size)
    reader.writable()[: len(wire)] = wire
    assert [bytes(message) for message in reader.feed(len(wire))] == [b"x" * size]


def test_helpers() -> None:
    """Each makes its one frame."""
    assert text("é") == text("é".encode()) == Send(b"\x81\x02\xc3\xa9")
    assert binary(b"\x00") == Send(b"\x82\x01\x00")
    assert ping(b"p") == Send(b"\x89\x01p")
    assert close(1001, "bye") == Send(b"\x88\x05\x03\xe9bye")
    assert frame(frames.TEXT, b"half", fin=False)[0] == 0x01


# -- ScriptedStream --


def test_steps_come_at_their_times() -> None:
    """Each waits its seconds behind the one before; nothing is there in between."""
    clock, stream = opened(Script([Send(b"one", 1), Send(b"two"), Send(b"three", 2), Drop(after=1)]))
    with pytest.raises(BlockingIOError):
        taken(stream)
    seen = []
    while stream.next_step() > clock.now or not seen or seen[-1][1]:
        clock.advance(stream.next_step())
        seen.append((clock.now, taken(stream)))
    assert seen == [(1.0, b"one"), (1.0, b"two"), (3.0, b"three"), (4.0, b"")]
    assert taken(stream) == b"", "the end stays the end"


def test_long_step_is_read_in_parts() -> None:
    """What does not fit stays readable."""
    _, stream = opened(Script([Send(b"abcdef"), Send(b"gh")]))
    assert [taken(stream, 4), taken(stream, 4), taken(stream, 4)] == [b"abcd", b"ef", b"gh"]


def test_drop_with_an_error() -> None:
    """It is raised by every further read."""
    _, stream = opened(Script([Drop(ConnectionResetError("reset"))]))
    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            taken(stream)


def test_frames_of_the_client_are_kept_unmasked() -> None:
    """With their times, whatever their size."""
    clock, stream = opened(Script())
    stream.write(frames.encode(frames.TEXT, b"short"))
    clock.advance(2.0)
    stream.write(frames.encode(frames.TEXT, b"x" * 300))
    stream.write(frames.encode(frames.TEXT, b"y" * 70000))
    assert stream.sent == [(0.0, 1, b"short"), (2.0, 1, b"x" * 300), (2.0, 1, b"y" * 70000)]
    assert stream.texts() == ["short", "x" * 300, "y" * 70000]


def test_reactions_come_at_their_own_time() -> None:
    """A reaction begins when the frame arrives, before steps that are due later, behind those that are due."""
    clock, stream = opened(
        Script([Send(b"old"), Send(b"later", 5)], lambda opcode, payload: [Send(b"now"), Send(b"soon", 1)])
    )
    stream.write(frames.encode(frames.TEXT, b"x"))
    seen = []
    while stream.next_step() < float("inf"):
        clock.advance(stream.next_step())
        seen.append((clock.now, taken(stream)))
    assert seen == [(0.0, b"old"), (0.0, b"now"), (1.0, b"soon"), (5.0, b"later")]


def test_server_without_reactions_still_answers_pings_and_a_close() -> None:
    """With the same payload, and to a close the end of the connection, once; and nothing else."""
    _, stream = opened(Script())
    stream.write(frames.encode(frames.PING, b"x"))
    assert taken(stream) == b"\x8a\x01x"
    stream.write(frames.encode(frames.TEXT, b"x"))
    with pytest.raises(BlockingIOError):
        taken(stream)
    stream.write(frames.encode_close(1000))
    assert [taken(stream), taken(stream)] == [b"\x88\x02\x03\xe8", b""]


@given(st.lists(st.tuples(st.floats(0, 5), st.binary(min_size=1, max_size=40)), max_size=20), st.integers(1, 50))
def test_nothing_is_lost_whatever_the_reader_takes(steps: list[tuple[float, bytes]], size: int) -> None:
    """All bytes come, in order, never early."""
    clock, stream = opened(Script([Send(data, after) for after, data in steps]))
    got = b""
    while stream.next_step() < float("inf"):
        clock.advance(stream.next_step())
        got += taken(stream, size)
    assert got == b"".join(data for _, data in steps)


# -- ScriptedTransport --


def test_outcomes_are_met_in_order() -> None:
    """Every attempt is noted; after the last outcome attempts are refused."""
    clock = FakeClock(0.0)
    transport = ScriptedTransport(clock, [Refuse(OSError("first"), after=2), Script()])
    with pytest.raises(OSError, match="first"):
        transport.connect(REQUEST, 10, Flag())
    link = transport.connect(REQUEST, 10, Flag())
    with pytest.raises(ConnectError, match="no further links"):
        transport.connect(REQUEST, 10, Flag())
    assert transport.links == [link]
    assert [at for at, _ in transport.attempts] == [0.0, 2.0, 2.0]


def test_slow_refusal_meets_the_deadline() -> None:
    """One that takes longer than the time-out is a ConnectTimeout at the time-out."""
    clock = FakeClock(0.0)
    with pytest.raises(ConnectTimeout, match="no answer within 10 s"):
        ScriptedTransport(clock, [Refuse(OSError(), after=60)]).connect(REQUEST, 10, Flag())
    assert clock.now == 10.0


def test_slow_refusal_can_be_cancelled() -> None:
    """As a stop does."""
    clock, flag = FakeClock(0.0), Flag()
    clock.at(3, lambda: setattr(flag, "on", True))
    with pytest.raises(Cancelled):
        ScriptedTransport(clock, [Refuse(OSError(), after=60)]).connect(REQUEST, 10, flag)


def test_wait_moves_the_clock() -> None:
    """To the next step, action, or end of the wait, whichever comes first."""
    clock = FakeClock(0.0)
    transport = ScriptedTransport(clock, [Script([Send(b"x", 5)])])
    link = transport.connect(REQUEST, 10, Flag())
    waiter, wakeup = transport.waiter(), transport.wakeup()
    waiter.add(link.fileno())
    waiter.add(wakeup.fileno())
    assert (waiter.wait(2), clock.now) == ([], 2.0)
    clock.at(1, wakeup.set)
    assert ([fd for fd, _ in waiter.wait(None)], clock.now) == ([wakeup.fileno()], 3.0)
    wakeup.clear()
    assert ([fd for fd, _ in waiter.wait(9)], clock.now) == ([link.fileno()], 5.0)
    waiter.remove(link.fileno())
    with pytest.raises(AssertionError, match="wait for ever"):
        waiter.wait(None)
    waiter.close()
    wakeup.close()


def test_docs_example_as_a_whole() -> None:
    """Message, cut, a failed attempt, message: as the module's docstring shows."""
    bench = Bench(server(data("a", 1), Drop()), Refuse(OSError("refused")), server(data("a", 2))).run(stop_at=30)
    assert bench.payloads == [1, 2]
    assert bench.attempts == [0.0, 0.5, 1.75]
