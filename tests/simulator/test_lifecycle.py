"""Start, stop, restart; what is refused; nothing left behind."""

from __future__ import annotations

import gc
import logging
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
import trustme
from patience import PATIENCE
from simulator.helpers import client, get, handshake, receive, tcp, tls_client, until
from websockets.exceptions import ConnectionClosed

from binance_sockets.simulator import Fault, Simulator

ROOT = Path(__file__).parents[2]


def test_kill_and_bring_back() -> None:
    """After stop() connections end without a close frame and the port refuses; start() takes the same port."""
    with Simulator(speed=50) as sim:
        port = sim.port
        with client(sim, "/spot/ws/btcusdt@trade") as connection:
            receive(connection)
            sim.stop()
            with pytest.raises(ConnectionClosed) as caught:
                while True:
                    connection.recv(timeout=PATIENCE)
            assert caught.value.rcvd is None
        assert not sim.running
        assert len(sim.closed_connections) == 1
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError), tcp(sim):
                pass
            sim.start()
            assert sim.port == port
            with client(sim, "/spot/ws/btcusdt@trade") as connection:
                assert receive(connection)["e"] == "trade"
            sim.stop()
        assert len(sim.history) == 3


CLOSINGS = {
    "stopped": (Simulator.stop, Simulator.start),
    "closed by a fault": (partial(Simulator.inject, fault="refuse", mode="closed"), Simulator.clear_faults),
}


@pytest.mark.parametrize("closing", CLOSINGS, ids=lambda closing: closing.replace(" ", "-"))
def test_nobody_else_is_given_the_port(closing: str) -> None:
    """Within its ``with`` block a simulator keeps its port while nothing listens there."""
    close, open_again = CLOSINGS[closing]
    with Simulator() as sim:  # without a connection before: what is left of one would keep the port too
        close(sim)
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", sim.port))
        open_again(sim)
        assert get(sim, "/spot/api/v3/ping") == (200, {})


def test_start_and_stop_are_idempotent() -> None:
    """Both may be called twice; the thread has a name and is gone afterwards."""
    before = threading.enumerate()
    sim = Simulator()
    assert sim.start() is sim.start()
    (thread,) = set(threading.enumerate()) - set(before)
    assert thread.name == "binance_sockets:simulator"
    sim.stop()
    sim.stop()
    assert not thread.is_alive()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_nothing_is_left_behind() -> None:
    """Threads and file descriptors are the same before and after, three times over, whatever was connected."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    def once(ssl_context: ssl.SSLContext | None) -> None:
        reader = tls_client if ssl_context else client
        with Simulator(ssl_context=ssl_context, speed=50) as sim, tcp(sim), reader(sim, "/spot/ws/btcusdt@trade") as c:
            receive(c)
            sim.inject("silence")
            with tcp(sim) as idle:
                idle.sendall(b"GET / HTTP/1.1\r\n")
                sim.stop()
        Simulator().start().stop()

    def held() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    once(context)
    before = held()
    for _ in range(3):
        once(None)
        once(context)
    until(lambda: held() == before)  # the clients' own threads may end a moment later


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.invalid", "::", ""])
def test_only_loopback(host: str) -> None:
    """Every host beyond loopback is refused."""
    with pytest.raises(ValueError, match="loopback"):
        Simulator(host)


def test_arguments_are_checked() -> None:
    """A speed that is not positive, unknown products and misspelt symbols raise at once."""
    with pytest.raises(ValueError, match="speed"):
        Simulator(speed=0)
    with pytest.raises(ValueError, match="unknown product"):
        Simulator(symbols={"moon": 3})
    with pytest.raises(ValueError, match="not a spot symbol"):
        Simulator(symbols={"spot": ["btcusdt"]})


def test_a_taken_port() -> None:
    """A port in use is an OSError in the caller's thread."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            Simulator(port=taken.getsockname()[1]).start()


def test_own_symbols() -> None:
    """Symbols may be chosen; others do not exist then."""
    with Simulator(symbols={"spot": ["AAAUSDT"]}, speed=50) as sim:
        assert get(sim, "/spot/api/v3/depth?symbol=AAAUSDT")[0] == 200
        assert get(sim, "/spot/api/v3/depth?symbol=BTCUSDT")[0] == 400
        with client(sim, "/spot/ws/aaausdt@trade") as connection:
            assert receive(connection)["s"] == "AAAUSDT"


def test_publish() -> None:
    """Any bytes can be sent on a stream: as they are on raw connections, wrapped on combined ones."""
    with Simulator() as sim:
        assert sim.publish("spot", "odd@stream", b"{}") == 0
        with client(sim, "/spot/ws/odd@stream") as raw, client(sim, "/spot/stream?streams=odd@stream") as wrapped:
            sim.wait_for(lambda: len(sim.connections) == 2 and all(row.streams for row in sim.connections))
            assert sim.publish("spot", "odd@stream", b'{"x": 1.50 }', event="odd") == 2
            assert raw.recv(timeout=PATIENCE) == '{"x": 1.50 }'
            assert wrapped.recv(timeout=PATIENCE) == '{"stream":"odd@stream","data":{"x": 1.50 }}'
        assert sim.sent.events["spot", "odd"] == 2
    assert sim.publish("spot", "odd@stream", b"{}") == 0


def test_wait_for_gives_up() -> None:
    """A predicate that stays false ends in a TimeoutError."""
    with Simulator() as sim, pytest.raises(TimeoutError, match="not true after"):
        sim.wait_for(lambda: sim.connections, timeout=0.05)


def test_serve_forever_ends_on_stop() -> None:
    """serve_forever() returns once another thread calls stop()."""
    sim = Simulator(speed=50)
    server = threading.Thread(target=sim.serve_forever)
    server.start()
    try:
        sim.wait_for(lambda: sim.running)
    finally:
        sim.stop()
        server.join(PATIENCE)
    assert not server.is_alive()


def test_stop_while_it_starts() -> None:
    """stop() from another thread is not lost when it comes before the server is up."""
    for _ in range(20):
        sim = Simulator()
        starter = threading.Thread(target=sim.start)
        starter.start()
        while not sim.running and starter.is_alive():
            pass
        sim.stop()
        starter.join(PATIENCE)
        assert not sim.running


def test_unloved_channels_are_forgotten() -> None:
    """When the last subscriber is gone its market rests, and goes on for the next one."""
    with Simulator(speed=50) as sim:
        numbers = []
        for _ in range(2):
            with client(sim, "/spot/ws/btcusdt@trade") as connection:
                numbers.append(receive(connection)["t"])
            sim.wait_for(lambda: not sim.connections)
        assert numbers[1] > numbers[0]


def test_without_aiohttp_the_import_says_what_to_install() -> None:
    """Importing without aiohttp names the extra."""
    code = "import sys; sys.modules['aiohttp'] = None\nimport binance_sockets.simulator"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert 'pip install ".[sim]"' in ended.stderr.splitlines()[-1]


def test_clients_that_leave_during_the_upgrade_are_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """Connections that are reset right behind their request leave nothing in the log, wherever that strikes."""
    with Simulator() as sim:
        for _ in range(150):
            with tcp(sim) as sock:
                sock.sendall(handshake("/spot/ws/btcusdt@trade"))
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with client(sim, "/spot/ws/btcusdt@trade") as connection:
            receive(connection)
        until(lambda: not sim.connections)
    assert [row.getMessage() for row in caplog.records if row.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("fault", [Fault.SLOW_ACCEPT, Fault.DRIP, Fault.REST_LATE])
def test_a_stop_ends_what_a_fault_holds_up(fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    """A handshake or an answer that is under way says nothing when the simulator goes."""
    rest = b"GET /spot/api/v3/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with Simulator() as sim:
        standing = sim.inject(fault, delay=PATIENCE)
        with tcp(sim) as sock:
            sock.sendall(rest if fault is Fault.REST_LATE else handshake("/spot/ws/btcusdt@trade"))
            until(lambda: standing.struck)
            sim.stop()
    gc.collect()
    assert [row.getMessage() for row in caplog.records if row.levelno >= logging.WARNING] == []
