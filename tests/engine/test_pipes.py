"""Byte streams: partial writes, ends, and the deadline of their blocking use. TLS is in ``test_tls``."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from loopback import PATIENCE, Stop

from binance_sockets.engine.clock import Cancelled, Clock
from binance_sockets.engine.pipes import Blocking, PlainStream
from binance_sockets.errors import ConnectionLost

CLOCK = Clock()


@pytest.fixture
def stop() -> Iterator[Stop]:
    with contextlib.closing(Stop()) as stop:
        yield stop


@pytest.fixture
def ends() -> Iterator[tuple[PlainStream, socket.socket]]:
    """A stream with small buffers below it, and the peer's socket."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    theirs.settimeout(PATIENCE)
    with theirs, contextlib.closing(PlainStream(ours)) as stream:
        yield stream, theirs


def drain(sock: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += sock.recv(65536)
    return found


def test_write_keeps_what_does_not_fit(ends: tuple[PlainStream, socket.socket]) -> None:
    """What the socket does not take is kept, in order, and goes out with later flushes."""
    stream, peer = ends
    sent = b"".join(bytes([number]) * 50_000 for number in range(6))
    for at in range(0, len(sent), 50_000):
        stream.write(sent[at : at + 50_000])
    assert stream.wants_write
    found = b""
    while stream.wants_write:
        found += peer.recv(65536)
        stream.flush()
    found += drain(peer, len(sent) - len(found))
    assert found == sent


def test_write_has_a_limit(ends: tuple[PlainStream, socket.socket]) -> None:
    """A peer that never reads cannot make us keep more than 1 MiB."""
    stream, _ = ends
    with pytest.raises(ConnectionLost, match="does not read"):
        for _ in range(100):
            stream.write(b"x" * 50_000)


def test_read(ends: tuple[PlainStream, socket.socket]) -> None:
    """Nothing there is BlockingIOError, the end is 0, and what came before the end is read first."""
    stream, peer = ends
    view = memoryview(bytearray(10))
    with pytest.raises(BlockingIOError):
        stream.recv_into(view)
    peer.send(b"abc")
    peer.shutdown(socket.SHUT_WR)
    assert stream.recv_into(view) == 3
    assert stream.recv_into(view) == 0


def blocking(stream: PlainStream, stop: Stop, timeout: float = PATIENCE) -> Blocking:
    return Blocking(stream, CLOCK.monotonic() + timeout, stop, CLOCK)


def test_blocking_use(ends: tuple[PlainStream, socket.socket], stop: Stop) -> None:
    """It sends all of a large request to a slow reader and reads at most what is asked for."""
    stream, peer = ends
    wire = blocking(stream, stop)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(drain(peer, 500_000)))
    reader.start()
    wire.sendall(b"x" * 500_000)
    reader.join(PATIENCE)
    assert found == [b"x" * 500_000]
    peer.send(b"abcdef")
    assert wire.recv(2) == b"ab"
    assert wire.recv(65536) == b"cdef"
    peer.close()
    assert wire.recv(1) == b""


def test_deadline_against_dripping(ends: tuple[PlainStream, socket.socket], stop: Stop) -> None:
    """A peer that sends a byte now and then does not move the deadline."""
    stream, peer = ends
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.005):
            peer.send(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    began = time.monotonic()
    try:
        wire = blocking(stream, stop, 0.2)
        with pytest.raises(TimeoutError):
            while True:
                wire.recv(1)
    finally:
        over.set()
        dripping.join()
    assert 0.2 <= time.monotonic() - began < PATIENCE / 2


def test_deadline_and_stop_of_a_send(ends: tuple[PlainStream, socket.socket], stop: Stop) -> None:
    """A peer that does not read holds a send no longer than the deadline, or the stop."""
    stream, _ = ends
    with pytest.raises(TimeoutError):
        blocking(stream, stop, 0.1).sendall(b"x" * 900_000)
    timer = threading.Timer(0.05, stop.stop)
    timer.start()
    with pytest.raises(Cancelled):
        blocking(stream, stop).sendall(b"x")
    timer.join()
