"""Rates, sizes, pings and ages."""

from __future__ import annotations

import time

import pytest
from patience import PATIENCE
from simulator.helpers import ask, client, receive
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from binance_sockets.simulator import LimitOverrides, Simulator, session


def closed_with(connection: ClientConnection) -> tuple[int | None, str]:
    """Read to the end: close code and reason."""
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            connection.recv(timeout=PATIENCE)
    frame = caught.value.rcvd
    return (frame.code, frame.reason) if frame else (None, "")


class HeldClock:
    """Stands in for ``time`` where messages are counted: a second passes when :meth:`pass_second` is called."""

    time_ns = staticmethod(time.time_ns)

    def __init__(self) -> None:
        self._now = 0.0

    def pass_second(self) -> None:
        self._now += 1.0

    def monotonic(self) -> float:
        return self._now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HeldClock:
    held = HeldClock()
    monkeypatch.setattr(session, "time", held)
    return held


@pytest.mark.parametrize(("path", "allowed"), [("/spot/ws", 5), ("/usdm/market/ws", 10), ("/coinm/ws", 10)])
def test_too_many_messages(path: str, allowed: int, clock: HeldClock) -> None:
    """One message beyond the limit in a second ends the connection with 1008; up to the limit nothing happens."""
    with Simulator() as sim, client(sim, path) as connection:
        for _ in range(2):
            clock.pass_second()
            for number in range(allowed):
                assert ask(connection, {"method": "LIST_SUBSCRIPTIONS", "id": number})["id"] == number
        connection.send('{"method":"LIST_SUBSCRIPTIONS","id":99}')
        assert closed_with(connection) == (1008, "Too many requests")
        assert sim.wait_for(lambda: sim.closed_connections)[0].server_close_code == 1008


@pytest.mark.usefixtures("clock")
def test_pings_count_as_messages() -> None:
    """Client pings use up the same limit, and a burst is tolerated as configured."""
    with Simulator(limits=LimitOverrides(burst=3)) as sim, client(sim, "/spot/ws") as connection:
        for _ in range(8):
            assert connection.ping().wait(PATIENCE)
        connection.ping()
        assert closed_with(connection) == (1008, "Too many requests")
        assert len(sim.wait_for(lambda: sim.closed_connections)[0].pings) == 8


@pytest.mark.parametrize(("path", "limit"), [("/spot/ws", 1024), ("/options/market/ws", 200)])
def test_too_many_streams(sim: Simulator, path: str, limit: int) -> None:
    """One stream too many is answered with code 4, then the connection ends with 1008."""
    names = [f"s{number}@trade" for number in range(limit + 1)]
    with client(sim, path) as connection:
        ask(connection, {"method": "SUBSCRIBE", "params": names[:-1], "id": 1})
        ask(connection, {"method": "SUBSCRIBE", "params": names[:3], "id": 2})
        answer = ask(connection, {"method": "SUBSCRIBE", "params": names[-1:], "id": 3})
        assert answer == {"error": {"code": 4, "msg": "Too many subscriptions"}, "id": 3}
        assert closed_with(connection) == (1008, "Invalid request")


def test_too_many_streams_in_the_url(sim: Simulator) -> None:
    """A URL with more streams than allowed is opened and closed with 1008."""
    names = "/".join(f"s{number}@trade" for number in range(1025))
    with client(sim, f"/spot/stream?streams={names}") as connection:
        assert closed_with(connection) == (1008, "Invalid request")


def test_pings_carry_a_payload_and_pongs_are_recorded() -> None:
    """The server pings with a millisecond text; the pongs that come back are recorded with theirs."""
    with Simulator(limits=LimitOverrides(ping_interval=0.02, pong_timeout=5)) as sim, client(sim, "/usdm/market/ws"):
        pongs = sim.wait_for(lambda: [row for info in sim.connections for row in info.pongs if len(info.pongs) >= 3])
        sent = [row.payload for row in sim.connections[0].pings_sent]
        assert [row.payload for row in pongs] == sent[: len(pongs)]
        assert all(len(payload) == 13 and payload.isdigit() for payload in sent)


def test_no_pong_ends_the_connection() -> None:
    """Without a pong, or with one of another payload, the connection ends with 1008 'Pong timeout'."""
    with (
        Simulator(limits=LimitOverrides(ping_interval=0.05, pong_timeout=0.2)) as sim,
        client(sim, "/spot/ws") as connection,
    ):
        connection.protocol.send_pong = lambda data: None  # type: ignore[method-assign]
        connection.protocol.recv_frame, keep = _without_pings(connection)
        assert closed_with(connection) == (1008, "Pong timeout")
        assert keep


def _without_pings(connection: ClientConnection) -> tuple[object, list[bytes]]:
    """A receiver that answers pings with a pong of another payload."""
    seen: list[bytes] = []
    real = connection.protocol.recv_frame

    def recv_frame(frame: object) -> None:
        if frame.opcode == 9:  # type: ignore[attr-defined]
            seen.append(frame.data)  # type: ignore[attr-defined]
            frame.data = b"wrong"  # type: ignore[attr-defined]
        real(frame)  # type: ignore[arg-type]

    return recv_frame, seen


def test_old_connections_are_cut() -> None:
    """At its maximum age, and not before, a connection ends without a close frame."""
    with Simulator(limits=LimitOverrides(max_age=0.2)) as sim:
        with client(sim, "/spot/ws/btcusdt@trade") as connection:
            assert closed_with(connection) == (None, "")
        (info,) = sim.wait_for(lambda: sim.closed_connections)
        assert info.closed_at is not None
        assert info.closed_at - info.opened_at >= 0.19


def test_control_messages_in_microseconds_are_not_data(sim: Simulator) -> None:
    """Answers stay unwrapped on combined connections that are full of data."""
    with client(sim, "/spot/stream?streams=btcusdt@bookTicker&timeUnit=MICROSECOND") as connection:
        receive(connection)
        assert ask(connection, {"method": "GET_PROPERTY", "params": ["combined"], "id": 3}) == {"result": True, "id": 3}
