"""Faults of the common vocabulary on connections to Upbit, seen by a client that is not ours."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from e2e.harness import eventually
from simulator.helpers import PATIENCE, client
from simulator.upbit.helpers import PUBLIC, Member, ask, collected, listed, receive, until
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection

from binance_sockets.simulator import Fault, Playback, RecordedFrame, Simulator

BTC, ETH = "KRW-BTC", "KRW-ETH"
TRADES = {"type": "trade", "codes": [BTC, ETH], "is_only_realtime": True}


def end_of(connection: ClientConnection) -> int | None:
    """Read to the end: the server's close code."""
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            connection.recv(timeout=PATIENCE)
    return caught.value.rcvd.code if caught.value.rcvd else None


@pytest.mark.parametrize(
    ("fault", "params", "code"),
    [
        (Fault.CLOSE, {"code": 1012}, 1012),
        (Fault.RESET, {}, None),
        (Fault.EOF, {}, None),
        (Fault.MAX_AGE, {}, None),
        (Fault.SERVER_SHUTDOWN, {"close_after": 0.0}, None),
        (Fault.CUT, {}, None),
    ],
)
def test_a_connection_ends(exchange: Simulator, fault: Fault, params: dict[str, object], code: int | None) -> None:
    """By a close frame, or without one; no notice comes before."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, TRADES)
        receive(connection)
        struck = exchange.inject(fault, product="upbit", route="public", **params)
        assert end_of(connection) == code
        struck.remove()


def test_faults_find_their_place(exchange: Simulator) -> None:
    """A route or a stream of Upbit; others stay."""
    with client(exchange, PUBLIC) as connection, Member(exchange).stream() as private:
        ask(connection, TRADES)
        receive(connection)
        exchange.inject(Fault.CLOSE, product="upbit", route="private")
        end_of(private)
        hole = exchange.inject(Fault.HOLE, product="upbit", stream=f"trade/{BTC}")
        exchange.wait_for(lambda: hole.struck > 3)
        hole_seen = collected(connection, 30)[-20:]
        assert {row["code"] for row in hole_seen} == {ETH}
        hole.remove()
        assert until(connection, code=BTC)
    with pytest.raises(ValueError, match="public"):
        exchange.inject(Fault.CLOSE, product="upbit", route="market")


def test_messages_are_spoilt(exchange: Simulator) -> None:
    """Each in its way, in the words of the exchange, in binary frames."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, TRADES)
        receive(connection)
        exchange.inject(Fault.DUPLICATE, product="upbit", count=1)
        seen = [row["sequential_id"] for row in collected(connection, 20)]
        assert len(set(seen)) == 19
        exchange.inject(Fault.MISSING_FIELD, product="upbit", count=1)
        exchange.inject(Fault.MISSING_FIELD, product="upbit", count=1, field="trade_price")
        rows = collected(connection, 20)
        assert [row for row in rows if "code" not in row or "trade_price" not in row]
        exchange.inject(Fault.UNKNOWN_EVENT, product="upbit", count=1)
        assert until(connection, type="neverHeardOf")
        exchange.inject(Fault.INVALID_JSON, product="upbit", count=1)
        with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
            while True:
                json.loads(connection.recv(timeout=PATIENCE))
        exchange.inject(Fault.INVALID_UTF8, product="upbit", count=1)
        with pytest.raises(UnicodeDecodeError):
            while True:
                connection.recv(timeout=PATIENCE).decode()
        exchange.inject(Fault.OVERSIZE, product="upbit", count=1, size=300_000)
        while len(connection.recv(timeout=PATIENCE)) < 300_000:
            pass
        exchange.inject(Fault.FRAGMENT, product="upbit", count=2)
        collected(connection, 10)
        exchange.inject(Fault.OUT_OF_ORDER, product="upbit", count=1, stream=f"trade/{BTC}")
        seen = [row["sequential_id"] for row in collected(connection, 60) if row["code"] == BTC]
        assert seen != sorted(seen)
        assert len(set(seen)) == len(seen)


def test_a_subscription_is_forgotten(exchange: Simulator) -> None:
    """Its stream is silent, and the list of subscriptions lacks it; a further request brings it back."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, TRADES)
        receive(connection)
        lost = exchange.inject(Fault.FORGET, product="upbit", stream=f"trade/{BTC}", count=1)
        exchange.wait_for(lambda: not lost.active)
        assert listed(connection)["result"] == [{"type": "trade", "codes": [ETH]}]
        assert {row["code"] for row in collected(connection, 10)} == {ETH}
        ask(connection, TRADES)
        assert until(connection, code=BTC)


def test_a_connection_falls_silent(exchange: Simulator) -> None:
    """Half-open: a ping finds no answer, on this connection."""
    with client(exchange, PUBLIC) as connection, client(exchange, PUBLIC) as other:
        ask(connection, TRADES)
        receive(connection)
        silence = exchange.inject(Fault.SILENCE, product="upbit")
        pong = connection.ping()
        with pytest.raises(TimeoutError):
            while True:
                connection.recv(timeout=0.2)
        assert not pong.is_set()
        silence.remove()
        assert other.ping().wait(PATIENCE)


@pytest.mark.parametrize(
    ("fault", "params"),
    [(Fault.HTTP_STATUS, {"status": 503}), (Fault.GARBAGE_HANDSHAKE, {}), (Fault.SLOW_ACCEPT, {"delay": 0.05})],
)
def test_handshakes_are_spoilt(exchange: Simulator, fault: Fault, params: dict[str, object]) -> None:
    """Once each."""
    struck = exchange.inject(fault, product="upbit", count=1, **params)
    if fault is Fault.SLOW_ACCEPT:
        with client(exchange, PUBLIC):
            pass
    else:
        with (
            pytest.raises(InvalidStatus if fault is Fault.HTTP_STATUS else WebSocketException),
            client(exchange, PUBLIC),
        ):
            pass
    assert struck.struck == 1


def test_something_is_published(exchange: Simulator) -> None:
    """To who is subscribed, in the wrapping of the format."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, {"type": "trade", "codes": ["BTC-ETH"]}, format="JSON_LIST")
        receive(connection)
        assert exchange.publish("upbit", "trade/BTC-ETH", b'{"type":"trade","code":"BTC-ETH","mine":1}') == 1
        assert until(connection, mine=1)


def test_a_recording_is_played_and_made(tmp_path: Path) -> None:
    """Frames by the names of streams; what happens can be written down beside any connection."""
    frames = [RecordedFrame(f"trade/{BTC}", b'{"type":"trade","n":%d}' % n, None, "trade") for n in range(5)]
    with (
        Simulator(speed=50, playback=Playback(product="upbit", frames=frames)) as sim,
        client(sim, PUBLIC) as connection,
    ):
        ask(connection, {"type": "trade", "codes": [BTC], "is_only_realtime": True})
        assert [row["n"] for row in collected(connection, 5)] == list(range(5))
    path = tmp_path / "record.jsonl"
    with Simulator(speed=50) as sim:
        names = [f"trade/{BTC}", f"orderbook/{BTC}.5@10000", f"candle.1s/{ETH}", f"ticker/{ETH}"]
        with closing(sim.record(path, "upbit", names)), client(sim, PUBLIC) as connection:
            ask(connection, {"type": "trade", "codes": [BTC], "is_only_realtime": True})
            seen = collected(connection, 5)
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        told = [row["data"] for row in rows if row["stream"] == names[0]]
        assert all(row in told for row in seen)
        for wrong in ("trade/KRW-NOPE", "nonsense", 'trade/"', f"orderbook/{BTC}@7"):
            with pytest.raises(ValueError, match="nothing is sent"):
                sim.record(path, "upbit", [wrong])


def test_what_is_shown_hides_tokens(exchange: Simulator) -> None:
    """In records and over the control endpoint."""
    member = Member(exchange)
    with member.stream():
        eventually(lambda: [row for row in exchange.connections if row.route == "private"], "the private connection")
        (info,) = [row for row in exchange.connections if row.route == "private"]
        assert info.product == "upbit"
        attempt = exchange.history[-1]
        assert "Bearer" in attempt.headers["Authorization"]
        assert "Bearer" not in repr(attempt)
