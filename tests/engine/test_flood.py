"""The end of a connection while its server sends the smallest frames there are, as fast as it can."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import Any

import pytest
from fake_exchange import START, Bench, calm
from loopback import Peer, Server, Sockets
from patience import PATIENCE

from binance_sockets.config import Options, Timeouts
from binance_sockets.engine import frames
from binance_sockets.engine.clock import Cancel
from binance_sockets.exchange import ConnectRequest
from binance_sockets.testing import Script, ScriptedStream, ScriptedTransport

FLOODS = {
    "ping": (b"", b"\x89\x00"),
    "pong": (b"", b"\x8a\x00"),
    "text": (b"", b"\x81\x00"),
    "binary": (b"", b"\x82\x00"),
    "fragment": (b"\x01\x00", b"\x00\x00"),
}
READ = 0.05  # seconds that a read of the flood takes on the fake clock


class Flood(ScriptedStream):
    """Never empty from some moment on; each read is full and takes its time."""

    kind = "ping"
    from_close = True

    @property
    def _flooding(self) -> bool:
        return not self.from_close or any(opcode == frames.CLOSE for _, opcode, _ in self.sent)

    def next_step(self) -> float:
        return self._clock.now if self._flooding else super().next_step()

    def recv_into(self, view: memoryview) -> int:
        if not self._flooding:
            return super().recv_into(view)
        first, again = FLOODS[self.kind]
        if not hasattr(self, "begun"):
            self.begun = True
            view[: len(first)] = first
            return len(first) or self.recv_into(view)
        self._clock.advance(self._clock.now + READ)
        self.pending = True
        count = min(len(view) // 2 * 2, 1000)
        view[:count] = again * (count // 2)
        return count


class Flooding(ScriptedTransport):
    def connect(self, request: ConnectRequest, timeout: float, cancel: Cancel) -> ScriptedStream:
        stream = super().connect(request, timeout, cancel)
        stream.__class__ = Flood
        return stream


@pytest.mark.parametrize("from_close", [True, False], ids=["from the close on", "all the time"])
@pytest.mark.parametrize("kind", FLOODS)
def test_the_close_handshake_ends_at_its_deadline(kind: str, from_close: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full socket does not put off the stop, nor the end of waiting for the server's close frame."""
    monkeypatch.setattr(Flood, "kind", kind)
    monkeypatch.setattr(Flood, "from_close", from_close)
    script = Script((), lambda opcode, payload: ())
    bench = Bench(script, transport=Flooding, options=calm(close=1.0), exchange=None)
    bench.run(stop_at=2.0)
    closing = next(at for at, state in bench.states if state == "closing")
    assert closing - 2.0 < 2.5 * READ
    assert bench.now - closing - 1.0 < 6 * READ  # two turns of the loop, of two reads each
    assert bench.clock.now >= START + 3.0 - READ


@pytest.mark.parametrize("kind", FLOODS)
def test_close_against_a_real_flood(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Over a real socket ``close()`` returns within its deadlines, and the client answers no more than it must."""
    caplog.set_level(logging.ERROR)
    begun = threading.Event()
    first, again = FLOODS[kind]

    def flood(peer: Peer) -> None:
        peer.accept()
        chunk = again * 50_000
        peer.sock.settimeout(None)
        with contextlib.suppress(OSError):
            peer.sock.sendall(first)
            while not peer.over.is_set():
                peer.sock.sendall(chunk)
                begun.set()

    options = Options(timeouts=Timeouts(close=0.2, stop=1.0))
    with Server(flood) as server:
        manager = Sockets(options=options)
        reports: list[Any] = []
        manager.add_error_listener(reports.append)
        manager.start()
        manager.open(server.url, print, "a")
        assert begun.wait(PATIENCE)
        manager.close(timeout=PATIENCE)  # without deadlines of its own it would raise
