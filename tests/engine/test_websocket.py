"""One socket's life: what is read, answered, written, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from binance_sockets.engine.frames import CLOSE, PING, PONG, TEXT, FrameReader
from binance_sockets.engine.timers import Timer
from binance_sockets.engine.websocket import WebSocket
from binance_sockets.errors import ConnectionLost, ProtocolError
from binance_sockets.exchange import ControlFrame, Rate
from binance_sockets.testing import close, frame, ping, text


class Wire:
    """A byte stream whose reads and writes the test decides."""

    def __init__(self, *reads: bytes | BaseException, early: bytes = b"") -> None:
        self.reads = list(reads)
        self.early = early
        self.pending = False
        self.extensions: str | None = None
        self.isolated = False
        self.wait = None
        self.written: list[bytes] = []
        self.kept = 0
        self.refuses: BaseException | None = None
        self.closed = False

    def fileno(self) -> int:
        return 7

    def recv_into(self, view: memoryview) -> int:
        if not self.reads:
            raise BlockingIOError
        step = self.reads.pop(0)
        if isinstance(step, BaseException):
            raise step
        count = min(len(view), len(step))
        view[:count] = step[:count]
        if count < len(step):
            self.reads.insert(0, step[count:])
        return count

    def write(self, data: bytes) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.written.append(data)

    def flush(self) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.kept = 0

    @property
    def wants_write(self) -> bool:
        return self.kept > 0

    def close(self) -> None:
        self.closed = True

    def frames(self) -> list[tuple[int, bytes]]:
        """What was written, unmasked."""
        found = []
        for data in self.written:
            assert data[0] & 0x80
            assert data[1] & 0x80, "a client masks"
            mask, payload = data[2:6], data[6:]
            found.append((data[0] & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))))
        return found


def link_on(
    *reads: bytes | BaseException, early: bytes = b"", size: int = 4096, **rules: Any
) -> tuple[WebSocket, Wire]:
    wire: Any = Wire(*reads, early=early)
    return WebSocket(wire, FrameReader(1 << 20, initial=size), now=10.0, **rules), wire


def read(link: WebSocket, now: float = 11.0) -> list[bytes]:
    """What a link does with one read."""
    messages = [bytes(message) for message in link.receive(now)]
    link.conclude()
    return messages


def test_new_link_counts_as_just_heard() -> None:
    """Its age and its silence begin with the opening."""
    link, _ = link_on()
    assert (link.opened_at, link.last_frame, link.pinged_at, link.ended) == (10.0, 10.0, None, None)
    assert not link.more


def test_messages_and_counters() -> None:
    """A read returns every whole message and notes time and bytes."""
    wire = text("one").data + text("two").data
    link, _ = link_on(wire + text("three").data[:3], text("three").data[3:])
    assert read(link) == [b"one", b"two"]
    assert (link.last_frame, link.received) == (11.0, len(wire) + 3)
    assert read(link, 12.0) == [b"three"]
    assert read(link, 13.0) == []
    assert link.last_frame == 12.0


def test_more_tells_whether_to_come_again() -> None:
    """True after a read that filled the buffer, or while the stream holds more; false when nothing is there."""
    link, wire = link_on(text("x" * 100).data, size=64)
    read(link)
    assert link.more
    read(link)
    read(link)
    assert not link.more
    wire.pending = True
    wire.reads.append(text("y").data)
    read(link)
    assert link.more


def test_early_bytes_come_first() -> None:
    """What came with the handshake is read without touching the socket."""
    link, wire = link_on(text("two").data, early=text("one").data)
    assert link.more
    assert read(link) == [b"one"]
    assert not link.more  # the descriptor tells
    assert read(link) == [b"two"]
    assert not wire.early


def test_ping_is_answered_with_its_payload() -> None:
    """The pong goes out within the same read, and counts for the pacer."""
    link, wire = link_on(ping(b"abc").data, rates=(Rate(5, 1.0),))
    assert read(link) == []
    assert wire.frames() == [(PONG, b"abc")]
    link.ask([ControlFrame(b"join")], lambda frame, answer: None, 11.1)
    assert len(wire.written) == 1
    assert link.timers.next == 11.25


def test_without_rates_each_ping_is_answered() -> None:
    """Of a flood in one read the last 64."""
    pings = [b"%d" % number for number in range(100)]
    link, wire = link_on(b"".join(ping(each).data for each in pings), rates=())
    read(link)
    assert wire.frames() == [(PONG, each) for each in pings[-64:]]


def test_pings_that_waited_are_answered_within_the_rate() -> None:
    """After a callback that took minutes many are read at once; pongs count, and one more than the exchange allows ends
    the link. So the last ping of each second is answered."""
    reads = [b"".join(ping(b"%d.%d" % (read, each)).data for each in range(8)) for read in range(3)]
    link, wire = link_on(*reads, rates=(Rate(5, 1.0),))
    for now in (11.0, 11.1, 11.2):
        read(link, now)
    assert wire.frames() == [(PONG, b"0.7")]
    assert link.timers.next == 12.0
    link.tick(Timer.SEND, 11.9, lambda: 11.9)
    assert len(wire.written) == 1
    link.tick(Timer.SEND, 12.0, lambda: 12.0)
    assert wire.frames() == [(PONG, b"0.7"), (PONG, b"2.7")]
    assert link.timers.at(Timer.SEND) is None


def test_a_pong_that_waits_does_not_follow_a_close_frame() -> None:
    """Nothing does."""
    link, wire = link_on(ping(b"1").data, ping(b"2").data, rates=(Rate(5, 1.0),))
    read(link, 11.0)
    read(link, 11.1)
    link.close_handshake()
    link.tick(Timer.SEND, 12.0, lambda: 12.0)
    assert [opcode for opcode, _ in wire.frames()] == [PONG, CLOSE]


def test_any_bytes_answer_our_ping() -> None:
    """After a ping of ours whatever arrives is the sign of life."""
    link, wire = link_on(text("alive").data)
    link.ping(20.0)
    assert (link.pinged_at, wire.frames()) == (20.0, [(PING, b"")])
    read(link, 21.0)
    assert link.pinged_at is None


def test_close_is_echoed_once() -> None:
    """The server's code goes back, and is what the end says; messages before it count."""
    link, wire = link_on(text("last").data + close(1001, "away").data + text("lost").data)
    assert read(link) == [b"last"]
    assert wire.frames() == [(CLOSE, b"\x03\xe9")]
    assert isinstance(link.ended, ConnectionLost)
    assert (link.ended.code, link.ended.close_reason) == (1001, "away")
    link.close_handshake()
    assert len(wire.written) == 1


def test_answer_to_our_close_is_not_answered() -> None:
    """A close handshake has two frames."""
    link, wire = link_on(close(1000).data)
    link.close_handshake()
    read(link)
    assert wire.frames() == [(CLOSE, b"\x03\xe8")]
    assert isinstance(link.ended, ConnectionLost)


def test_violation_is_closed_with_its_code() -> None:
    """The peer learns what was wrong."""
    link, wire = link_on(text("fine").data + frame(TEXT, b"\xff"))
    assert read(link) == [b"fine"]
    opcode, payload = wire.frames()[0]
    assert (opcode, payload[:2]) == (CLOSE, (1007).to_bytes(2, "big"))
    assert b"not UTF-8" in payload
    assert isinstance(link.ended, ProtocolError)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (b"", "the connection ended without a close frame"),
        (ConnectionResetError("reset"), "the connection broke (reset)"),
    ],
)
def test_broken_reads_end_the_link(step: Any, said: str) -> None:
    """An end of stream and an error are told apart, and ``more`` asks for nothing."""
    link, _ = link_on(step)
    link.more = True
    assert read(link) == []
    assert str(link.ended) == said
    assert not link.more


ACTS: dict[str, Callable[[WebSocket], None]] = {
    "ping": lambda link: link.ping(1.0),
    "send": lambda link: link.send_text(b"x"),
    "flush": lambda link: link.flush(0.0),
    "close": WebSocket.close_handshake,
}


@pytest.mark.parametrize("act", ACTS)
def test_broken_writes_end_the_link(act: str) -> None:
    """A failing write raises nothing; the link has ended."""
    link, wire = link_on()
    wire.refuses = OSError("no route")
    ACTS[act](link)
    assert str(link.ended) == "the connection broke while sending (no route)"


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("error", [BrokenPipeError, ConnectionResetError])
def test_writes_to_a_peer_that_has_gone(act: str, error: type[OSError]) -> None:
    """What the peer sent before it went is still read; then its end is met."""
    link, wire = link_on(text("last").data, close(1001, "bye").data)
    wire.refuses = error("gone")
    ACTS[act](link)
    assert link.ended is None
    assert read(link) == [b"last"]
    read(link)
    assert isinstance(link.ended, ConnectionLost)
    assert (link.ended.code, link.ended.close_reason) == (1001, "bye")


def test_what_waits_in_the_stream_at_opening_is_read_at_once() -> None:
    """The TLS layer may hold data that no descriptor shows."""
    wire: Any = Wire()
    wire.pending = True
    assert WebSocket(wire, FrameReader(1000), 0.0).more


def test_peer_that_does_not_read_ends_the_link() -> None:
    """A full write buffer is an end like others."""
    link, wire = link_on(ping(b"x").data)
    wire.refuses = ConnectionLost("the peer does not read what we send")
    read(link)
    assert "does not read" in str(link.ended)


def test_first_end_is_kept() -> None:
    """A broken write after the end does not replace the reason."""
    link, wire = link_on(close(1008, "policy").data)
    wire.refuses = BrokenPipeError("pipe")
    read(link)
    assert isinstance(link.ended, ConnectionLost)
    assert link.ended.code == 1008


def test_wants_write_and_close() -> None:
    """What the socket did not take is asked for, flushed and, at the end, given up."""
    link, wire = link_on()
    wire.kept = 5
    assert link.wants_write
    link.flush(0.0)
    assert not link.wants_write
    link.close()
    assert wire.closed


def test_a_control_frame_waits_until_what_has_left_before_is_gone() -> None:
    """Else a peer that was slow to read would get more at once than it allows."""
    link, wire = link_on()
    wire.kept = 5
    link.ask([ControlFrame(b"x")], lambda frame, answer: None, 0.0)
    assert wire.written == []
    link.flush(1.0)
    link.tick(Timer.SEND, 1.0, lambda: 1.0)
    assert wire.frames() == [(TEXT, b"x")]
