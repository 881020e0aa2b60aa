"""Each fault, seen by a client that is not ours."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme
import websocket
from simulator.helpers import (
    PATIENCE,
    ask,
    client,
    combined,
    get,
    handshake,
    read_until_end,
    receive,
    tcp,
    tls_client,
    until,
    ws_url,
)
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from binance_sockets.simulator import Fault, Simulator, gate, wire
from binance_sockets.simulator import injections as board

TRADES = "/spot/ws/btcusdt@trade"


@pytest.fixture(scope="module")
def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def tls_sim(server_context: ssl.SSLContext) -> Iterator[Simulator]:
    with Simulator(ssl_context=server_context, speed=50) as simulator:
        yield simulator


def end_of(connection: ClientConnection) -> tuple[int | None, str]:
    """Read to the end: the server's close code and reason."""
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            connection.recv(timeout=PATIENCE)
    return (caught.value.rcvd.code, caught.value.rcvd.reason) if caught.value.rcvd else (None, "")


class HeldClock:
    """Stands in for ``time`` where faults are judged: ``duration`` does not run until :meth:`go`."""

    def __init__(self) -> None:
        self._now: float | None = time.monotonic()

    def go(self) -> None:
        self._now = None

    def monotonic(self) -> float:
        return time.monotonic() if self._now is None else self._now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HeldClock:
    held = HeldClock()
    monkeypatch.setattr(board, "time", held)
    return held


# while connecting


def test_refuse_resets_new_connections(sim: Simulator) -> None:
    """REFUSE resets as many connections as its count says before a byte is read; then all is well."""
    fault = sim.inject(Fault.REFUSE, count=2)
    for _ in range(2):
        with pytest.raises(OSError), tcp(sim) as sock:
            sock.sendall(handshake(TRADES))
            if not read_until_end(sock):
                raise OSError("ended without an answer")
    assert (fault.struck, fault.active) == (2, False)
    assert get(sim, "/spot/api/v3/ping") == (200, {})


def test_refuse_can_close_the_port(sim: Simulator, clock: HeldClock) -> None:
    """With mode 'closed' nothing listens until the fault is removed or has run out; open connections live on."""
    with client(sim, TRADES) as connection:
        fault = sim.inject(Fault.REFUSE, mode="closed")
        with pytest.raises(ConnectionRefusedError), tcp(sim):
            pass
        assert receive(connection)["e"] == "trade"
        fault.remove()
        with tcp(sim):
            pass
        passing = sim.inject(Fault.REFUSE, mode="closed", duration=0.01)
        with pytest.raises(ConnectionRefusedError), tcp(sim):
            pass
        clock.go()
        wait_until_open(sim)
        assert (passing.struck, passing.active) == (1, False)


def wait_until_open(sim: Simulator) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with tcp(sim):
                return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "still closed"


@pytest.mark.parametrize("duration", [None, 0.01], ids=["removed", "run out"])
def test_a_closed_port_opens_again_although_it_fails_at_first(
    sim: Simulator,
    clock: HeldClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    duration: float | None,
) -> None:
    """When the port cannot be opened at the end of the fault, that is logged and tried again."""
    failures = [OSError("in use"), OSError("in use")]
    real = gate.listen

    def listen(sock: socket.socket) -> socket.socket:
        if failures:
            sock.close()
            raise failures.pop()
        return real(sock)

    monkeypatch.setattr(gate, "listen", listen)
    fault = sim.inject(Fault.REFUSE, mode="closed", duration=duration)
    if duration is None:
        fault.remove()
    clock.go()
    wait_until_open(sim)
    assert get(sim, "/spot/api/v3/ping") == (200, {})
    said = [entry.getMessage() for entry in caplog.records if entry.name == "binance_sockets.simulator"]
    assert said == [f"port {sim.port} cannot be opened again yet: in use"] * 2


def test_slow_accept(sim: Simulator) -> None:
    """The handshake is answered after the delay, not before."""
    sim.inject(Fault.SLOW_ACCEPT, delay=0.2, count=1)
    began = time.monotonic()
    with client(sim, TRADES):
        assert time.monotonic() - began >= 0.2


def test_drip(sim: Simulator) -> None:
    """The answer comes byte by byte and never ends."""
    fault = sim.inject(Fault.DRIP, delay=0.001)
    with tcp(sim) as sock:
        sock.sendall(handshake(TRADES))
        data = b""
        while len(data) < 120:
            chunk = sock.recv(65536)
            assert chunk
            data += chunk
        assert data.startswith(b"HTTP/1.1 101 ")
        assert b"\r\n\r\n" not in data
    assert fault.struck == 1


@pytest.mark.parametrize("mode", ["alert", "cut"])
def test_tls_failure(tls_sim: Simulator, mode: str) -> None:
    """The TLS handshake ends in an alert or a cut, once."""
    fault = tls_sim.inject(Fault.TLS_FAILURE, mode=mode, count=1)
    with pytest.raises((ssl.SSLError, OSError)), tls_client(tls_sim, TRADES):
        pass
    assert fault.struck == 1
    with tls_client(tls_sim, TRADES) as connection:
        assert receive(connection)["e"] == "trade"


def test_tls_failure_needs_tls(sim: Simulator) -> None:
    """Without TLS the fault is refused, under its name too."""
    for fault in (Fault.TLS_FAILURE, "tls_failure"):
        with pytest.raises(ValueError, match="ssl_context"):
            sim.inject(fault)


def test_http_status(sim: Simulator) -> None:
    """The upgrade is answered with the status, Retry-After and body asked for; REST only where asked for."""
    sim.inject(Fault.HTTP_STATUS, status=429, retry_after=7, body="slow down", count=1)
    with pytest.raises(InvalidStatus) as caught, client(sim, TRADES):
        pass
    answer = caught.value.response
    assert (answer.status_code, answer.headers["Retry-After"], answer.body) == (429, "7", b"slow down")
    sim.inject(Fault.HTTP_STATUS, status=503, on="rest", product="usdm")
    assert get(sim, "/usdm/fapi/v1/ping")[0] == 503
    assert get(sim, "/spot/api/v3/ping")[0] == 200
    with client(sim, "/usdm/market/ws"):
        pass
    sim.clear_faults()
    sim.inject(Fault.HTTP_STATUS, status=418, on="any", body='{"code":-1003,"msg":"banned"}')
    assert get(sim, "/spot/api/v3/ping") == (418, {"code": -1003, "msg": "banned"})
    with pytest.raises(InvalidStatus), client(sim, TRADES):
        pass
    assert [row.path for row in sim.history] == [TRADES, "/usdm/market/ws", TRADES]


def test_garbage_handshake(sim: Simulator) -> None:
    """The upgrade is answered with something that is not HTTP."""
    sim.inject(Fault.GARBAGE_HANDSHAKE, count=1)
    with pytest.raises((InvalidMessage, EOFError, WebSocketException)), client(sim, TRADES):
        pass
    with client(sim, TRADES):
        pass


# the link


@pytest.mark.parametrize(("code", "reason"), [(1001, "going away"), (1000, ""), (1008, "Too many"), (1011, "")])
def test_close(sim: Simulator, code: int, reason: str) -> None:
    """Open connections are closed with the code and reason; new ones are left alone."""
    with client(sim, TRADES) as connection:
        fault = sim.inject(Fault.CLOSE, code=code, reason=reason)
        assert end_of(connection) == (code, reason)
    assert (fault.struck, fault.active) == (1, False)
    with client(sim, TRADES) as connection:
        assert receive(connection)["e"] == "trade"


def test_close_without_a_code(sim: Simulator) -> None:
    """A close frame may be empty; 1006 cannot stand in one."""
    with client(sim, TRADES) as connection:
        sim.inject(Fault.CLOSE, code=None)
        assert end_of(connection) == (1005, "")
    with pytest.raises(ValueError, match="eof"):
        sim.inject(Fault.CLOSE, code=1006)


def test_accepted_then_kicked(sim: Simulator) -> None:
    """With a count, connections that open later are ended too."""
    fault = sim.inject(Fault.CLOSE, count=2)
    for _ in range(2):
        with client(sim, TRADES) as connection:
            assert end_of(connection)[0] == 1001
    with client(sim, TRADES) as connection:
        assert receive(connection)["e"] == "trade"
    assert fault.struck == 2


def test_reset_and_eof(sim: Simulator) -> None:
    """RESET ends by a TCP reset, EOF and MAX_AGE by the end of the stream; none sends a close frame."""
    for fault in (Fault.RESET, Fault.EOF, Fault.MAX_AGE):
        with tcp(sim) as sock:
            sock.sendall(handshake("/spot/ws"))
            assert sock.recv(65536).startswith(b"HTTP/1.1 101 ")
            sim.wait_for(lambda: sim.connections)
            sim.inject(fault)
            if fault is Fault.RESET:
                with pytest.raises(ConnectionResetError):
                    read_until_end(sock)
            else:
                assert read_until_end(sock) == b""
        sim.wait_for(lambda: not sim.connections)


def test_a_reset_behind_a_cut_is_no_error() -> None:
    """Two faults may strike one connection in the same moment: the second finds a socket that is closed already."""
    sock = socket.socket()
    sock.close()
    ended = []

    class Cut(asyncio.Transport):
        def abort(self) -> None:
            ended.append(self)

    wire.reset(Cut({"socket": sock}))
    assert len(ended) == 1


def test_reset_below_tls(tls_sim: Simulator) -> None:
    """Over TLS too the connection ends without a close frame."""
    with tls_client(tls_sim, TRADES) as connection:
        receive(connection)
        tls_sim.inject(Fault.RESET)
        with pytest.raises((OSError, websocket.WebSocketConnectionClosedException)):
            while connection.recv_data(control_frame=True)[0] != websocket.ABNF.OPCODE_CLOSE:
                pass


def test_silence(sim: Simulator) -> None:
    """Open and new connections stay open and get nothing, not even answers, as long as they live; later ones do."""
    with client(sim, TRADES) as connection:
        receive(connection)
        fault = sim.inject(Fault.SILENCE, product="spot")
        with client(sim, TRADES) as second:
            pong = second.ping()
            second.send('{"method":"LIST_SUBSCRIPTIONS","id":1}')
            with pytest.raises(TimeoutError):
                second.recv(timeout=0.2)
            assert not pong.is_set()
            assert len(sim.connections) == 2
            until(lambda: fault.struck == 2)
        fault.remove()
        with client(sim, TRADES) as third:
            assert receive(third)["e"] == "trade"
        with pytest.raises(TimeoutError):
            while connection.recv(timeout=0.2):  # what was sent before
                pass


def test_silence_of_one_product(sim: Simulator) -> None:
    """A fault for one product leaves the others alone."""
    sim.inject(Fault.SILENCE, product="usdm")
    with client(sim, TRADES) as connection:
        assert receive(connection)["e"] == "trade"


def test_cut(sim: Simulator) -> None:
    """The connection ends in the middle of a frame."""
    with tcp(sim) as sock:
        sim.inject(Fault.CUT, count=1)
        sock.sendall(handshake(TRADES))
        data = read_until_end(sock).partition(b"\r\n\r\n")[2]
    assert data[0] == 0x81
    length, start = (data[1], 2) if data[1] < 126 else (int.from_bytes(data[2:4], "big"), 4)
    assert 0 < len(data) - start < length


# frames


def test_fragments(sim: Simulator) -> None:
    """Messages come in pieces with pings between; put together they are whole."""
    sim.inject(Fault.FRAGMENT, frames=4)
    with client(sim, TRADES) as connection:
        pieces = list(connection.recv_streaming())
        assert len(pieces) == 4
        assert json.loads("".join(pieces))["e"] == "trade"  # type: ignore[arg-type]
        sim.wait_for(lambda: len(sim.connections[0].pongs) >= 3)


def test_oversize(sim: Simulator) -> None:
    """One message has the size asked for; the next is ordinary."""
    sim.inject(Fault.OVERSIZE, size=3_000_000, count=1)
    with client(sim, TRADES, max_size=None) as connection:
        assert len(connection.recv(timeout=PATIENCE)) > 3_000_000
        assert receive(connection)["e"] == "trade"


def test_oversize_is_refused_by_a_careful_client(sim: Simulator) -> None:
    """A client with a limit closes with 1009, and the server records it."""
    sim.inject(Fault.OVERSIZE, count=1)
    with client(sim, TRADES) as connection, pytest.raises(ConnectionClosed):
        connection.recv(timeout=PATIENCE)
    assert sim.wait_for(lambda: sim.closed_connections)[0].close_code == 1009


def test_invalid_utf8(sim: Simulator) -> None:
    """A text message that is not UTF-8 makes a strict client close with 1007."""
    sim.inject(Fault.INVALID_UTF8, count=1)
    with client(sim, TRADES) as connection, pytest.raises((UnicodeDecodeError, ConnectionClosed)):
        connection.recv(timeout=PATIENCE)
    assert sim.wait_for(lambda: sim.closed_connections)[0].close_code == 1007


# messages


def test_invalid_json_comes_beside_good_messages(sim: Simulator) -> None:
    """The broken text is extra: the trades around it are complete."""
    sim.inject(Fault.INVALID_JSON, count=3)
    numbers, broken = [], 0
    with client(sim, TRADES) as connection:
        while len(numbers) < 6:
            text = connection.recv(timeout=PATIENCE)
            try:
                numbers.append(json.loads(text)["t"])
            except ValueError:
                broken += 1
    assert broken == 3
    assert numbers == list(range(numbers[0], numbers[0] + 6))


def test_unknown_event(sim: Simulator) -> None:
    """An event of an undocumented type comes under a known stream's name."""
    sim.inject(Fault.UNKNOWN_EVENT, count=1)
    with client(sim, combined("/spot", "btcusdt@trade")) as connection:
        message = receive(connection)
        assert (message["stream"], message["data"]["e"]) == ("btcusdt@trade", "neverHeardOf")
        assert receive(connection)["data"]["e"] == "trade"


def test_missing_field(sim: Simulator) -> None:
    """The named field is missing, in arrays from every row."""
    sim.inject(Fault.MISSING_FIELD, field="s", count=1)
    sim.inject(Fault.MISSING_FIELD, stream="!miniTicker@arr", field="c", count=1)
    with client(sim, TRADES) as connection:
        assert "s" not in receive(connection)
        assert "s" in receive(connection)
    with client(sim, "/spot/ws/!miniTicker@arr") as connection:
        assert all("c" not in row for row in receive(connection))


@pytest.mark.parametrize("payload", [b"no JSON", b"[" * 100_000, b'[[1],{"e":"x"}]', b'{"e":"x"}', b"5"])
def test_what_lacks_every_field_stays_as_it_is(sim: Simulator, payload: bytes) -> None:
    """A test may publish anything; the fault strikes all the same."""
    fault = sim.inject(Fault.MISSING_FIELD, stream="x@published", count=1)
    with client(sim, "/spot/ws/x@published") as connection:
        sim.wait_for(lambda: any("x@published" in row.streams for row in sim.connections))
        assert sim.publish("spot", "x@published", payload) == 1
        assert connection.recv().encode() == payload
    assert fault.struck == 1


def trade_ids(sim: Simulator, count: int) -> list[int]:
    with client(sim, TRADES) as connection:
        return [receive(connection)["t"] for _ in range(count)]


SEQUENCES: list[tuple[Fault, int, Callable[[int], list[int]]]] = [
    (Fault.HOLE, 2, lambda n: [n, n + 1, n + 2]),
    (Fault.DUPLICATE, 1, lambda n: [n, n, n + 1]),
    (Fault.OUT_OF_ORDER, 1, lambda n: [n, n - 1, n + 1]),
]


@pytest.mark.parametrize(("fault", "count", "expected"), SEQUENCES)
def test_sequence_faults(sim: Simulator, fault: Fault, count: int, expected: Callable[[int], list[int]]) -> None:
    """Messages are left out, sent twice, or change places, as often as asked."""
    handle = sim.inject(fault, stream="btcusdt@trade", count=count)
    numbers = trade_ids(sim, 3)
    assert numbers == expected(numbers[0])
    assert handle.struck == count


def test_a_hole_is_visible_in_the_middle(sim: Simulator) -> None:
    """A hole in a running stream leaves out exactly the messages counted."""
    with client(sim, TRADES) as connection:
        numbers = [receive(connection)["t"]]
        fault = sim.inject(Fault.HOLE, count=3)
        while numbers[-1] - numbers[0] < len(numbers):  # some came before the fault
            numbers.append(receive(connection)["t"])
        assert not fault.active
        numbers += [receive(connection)["t"] for _ in range(30)]
    missing = set(range(numbers[0], numbers[-1] + 1)) - set(numbers)
    assert len(missing) == 3
    assert max(missing) - min(missing) == 2


# control messages and notices


def test_ack_never(sim: Simulator) -> None:
    """One request is not answered and does nothing; the next is answered."""
    sim.inject(Fault.ACK_NEVER, count=1)
    with client(sim, "/spot/ws") as connection:
        connection.send('{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}')
        assert ask(connection, {"method": "LIST_SUBSCRIPTIONS", "id": 2}) == {"result": [], "id": 2}


def test_ack_error(sim: Simulator) -> None:
    """One request is refused with the code and text asked for."""
    sim.inject(Fault.ACK_ERROR, count=1, code=1, msg="no")
    with client(sim, "/spot/ws") as connection:
        answer = ask(connection, {"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 1})
        assert answer == {"error": {"code": 1, "msg": "no"}, "id": 1}


def test_server_shutdown(sim: Simulator) -> None:
    """The notice has its raw or its combined form, and the connection ends afterwards when asked."""
    with client(sim, TRADES) as raw, client(sim, combined("/spot", "btcusdt@trade")) as wrapped:
        sim.inject(Fault.SERVER_SHUTDOWN, close_after=0.1)
        notice: Any = {}
        while notice.get("e") != "serverShutdown":
            notice = receive(raw)
        assert set(notice) == {"e", "E"}
        message: Any = {"stream": ""}
        while message["stream"] != "!serverShutdown":
            message = receive(wrapped)
        assert message["data"]["e"] == "serverShutdown"
        assert end_of(raw) == end_of(wrapped) == (None, "")


# the board


def test_filters(sim: Simulator) -> None:
    """Product, route and stream narrow a fault down."""
    sim.inject(Fault.CLOSE, product="usdm", route="market", duration=60, code=4000)
    sim.inject(Fault.HOLE, stream="ethusdt@trade")
    with client(sim, "/usdm/public/ws/btcusdt@bookTicker") as public, client(sim, "/usdm/market/ws") as market:
        assert end_of(market)[0] == 4000
        assert receive(public)["e"] == "bookTicker"
    with client(sim, combined("/spot", "btcusdt@trade", "ethusdt@trade")) as connection:
        assert {receive(connection)["stream"] for _ in range(10)} == {"btcusdt@trade"}


def test_durations_end(sim: Simulator, clock: HeldClock) -> None:
    """A fault with a duration stops by itself: afterwards messages arrive again."""
    with client(sim, TRADES) as connection:
        last = receive(connection)["t"]
        fault = sim.inject(Fault.HOLE, duration=0.01)
        until(lambda: fault.struck)
        assert fault.active
        clock.go()
        while receive(connection)["t"] == last + 1:  # it came before the fault
            last += 1
        assert not fault.active


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fault": "nonsense"}, "unknown fault 'nonsense'; one of refuse"),
        ({"fault": Fault.CLOSE, "colour": 1}, "close has no parameter colour; it has code, reason, delay"),
        ({"fault": Fault.HOLE, "count": 0}, "count must be a whole number from 1: 0"),
        ({"fault": Fault.HOLE, "duration": -1}, "duration must be a number of seconds above 0 to 1000000000: -1"),
        ({"fault": Fault.HOLE, "product": "spott"}, "product must be one of spot, usdm, coinm, options, .*: 'spott'"),
        ({"fault": Fault.HOLE, "product": "coinm", "route": "market"}, "route must be one of '', ws-api: 'market'"),
        ({"fault": Fault.CLOSE, "code": None, "reason": "x"}, "reason of close must be empty where the code is None"),
        ({"fault": Fault.REFUSE, "product": "spot"}, "before the path is known"),
        ({"fault": Fault.REFUSE, "mode": "gone"}, "one of reset, closed"),
        ({"fault": Fault.REFUSE, "mode": "closed", "count": 1}, "cannot count"),
        ({"fault": Fault.HTTP_STATUS, "on": "mars"}, "one of ws, rest, any"),
    ],
)
def test_mistakes_are_refused(arguments: dict[str, Any], message: str) -> None:
    """Unknown faults, parameters and values raise at once and say what is allowed, also before the start."""
    with pytest.raises(ValueError, match=message):
        Simulator().inject(**arguments)


def test_faults_may_stand_before_the_start() -> None:
    """A fault injected before the start meets the first connection."""
    sim = Simulator()
    sim.inject(Fault.HTTP_STATUS, status=451, count=1)
    with sim, pytest.raises(InvalidStatus), client(sim, TRADES):
        pass


def test_every_fault_has_parameters() -> None:
    """No name of the shared vocabulary is unknown to the simulator."""
    from binance_sockets.faults import PARAMETERS

    assert set(PARAMETERS) == set(Fault)


# the control endpoint


def test_control_endpoint(sim: Simulator) -> None:
    """Faults are injected, listed and removed over HTTP, and open connections are struck at once."""
    with client(sim, TRADES) as connection:
        receive(connection)
        status, fault = get(sim, "/control/faults", "POST", {"fault": "close", "code": 1012, "product": "spot"})
        assert (status, fault["struck"], fault["params"]["code"]) == (201, 1, 1012)
        assert end_of(connection)[0] == 1012
    status, fault = get(sim, "/control/faults", "POST", {"fault": "hole", "stream": "btcusdt@trade", "count": 5})
    assert [row["id"] for row in get(sim, "/control/faults")[1]] == [fault["id"]]
    assert get(sim, f"/control/faults/{fault['id']}", "DELETE")[0] == 200
    assert get(sim, "/control/faults") == (200, [])
    get(sim, "/control/faults", "POST", {"fault": "hole"})
    assert get(sim, "/control/faults", "DELETE") == (200, [])
    assert get(sim, "/control/faults/99", "DELETE")[0] == 404


def test_control_state(sim: Simulator) -> None:
    """The state shows connections and counters."""
    with client(sim, TRADES) as connection:
        receive(connection)
        state = get(sim, "/control/state")[1]
        assert state["connections"][0]["streams"] == ["btcusdt@trade"]
        assert state["sent"]["streams"]["spot/btcusdt@trade"] >= 1
        assert state["sent"]["events"]["spot/trade"] == state["sent"]["total"]


def test_control_mistakes(sim: Simulator) -> None:
    """Bad bodies, paths and methods are refused; so is every request made by a web page."""
    assert get(sim, "/control/faults", "POST", {"fault": "nonsense"})[0] == 400
    for body in ([1], {}, 5):
        status, answer = get(sim, "/control/faults", "POST", body)
        assert (status, answer["msg"]) == (400, "the body must be a JSON object with 'fault'")
    assert get(sim, "/control/faults", "POST", {"fault": "close", "count": "x"})[0] == 400
    assert get(sim, "/control/faults", "PUT", {})[0] == 405
    assert get(sim, "/control/nosuch")[0] == 404
    assert get(sim, "/control/state", Origin="http://example.invalid")[0] == 403


@pytest.mark.parametrize(
    "body",
    [
        {"fault": "close", "code": 70000},
        {"fault": "close", "code": 999},
        {"fault": "close", "code": "1001"},
        {"fault": "close", "code": 1001.5},
        {"fault": "close", "code": True},
        {"fault": "close", "code": 1006},
        {"fault": "close", "delay": "soon"},
        {"fault": "close", "delay": -1},
        {"fault": "reset", "delay": float("nan")},
        {"fault": "max_age", "duration": float("nan")},
        {"fault": "server_shutdown", "close_after": float("inf")},
        {"fault": "http_status", "status": 99},
        {"fault": "http_status", "status": "503"},
        {"fault": "http_status", "status": None},
        {"fault": "fragment", "frames": 0},
        {"fault": "oversize", "size": -1},
        {"fault": "ack_error", "code": "2"},
        {"fault": "http_status", "retry_after": float("nan")},
        {"fault": "http_status", "retry_after": -1},
        {"fault": "http_status", "retry_after": "1\r\nSet-Cookie: a"},
        {"fault": "http_status", "retry_after": ["1"]},
        {"fault": "http_status", "location": "http://a/\r\nX: y"},
        {"fault": "http_status", "location": 5},
        {"fault": "http_status", "body": {"a": 1}},
        {"fault": "http_status", "body": "\ud800"},
        {"fault": "http_status", "on": ["ws"]},
        {"fault": "garbage_handshake", "body": 5},
        {"fault": "close", "reason": "x" * 124},
        {"fault": "close", "reason": "\u20ac" * 42},
        {"fault": "close", "reason": None},
        {"fault": "close", "delay": 10**400},
        {"fault": "refuse", "mode": 5},
        {"fault": "missing_field", "field": 5},
        {"fault": "ack_error", "msg": None},
        {"fault": "hole", "count": float("nan")},
        {"fault": "hole", "count": "x"},
        {"fault": "hole", "count": 1.0},
        {"fault": "hole", "count": True},
        {"fault": "hole", "duration": "x"},
        {"fault": "hole", "duration": True},
        {"fault": "hole", "duration": 10**400},
        {"fault": "hole", "product": 5},
        {"fault": "hole", "product": ""},
        {"fault": "hole", "route": ["market"]},
        {"fault": "hole", "stream": ["a"]},
        {"fault": "hole", "stream": ""},
        {"fault": "hole", "self": 1},
    ],
    ids=str,
)
def test_control_refuses_bad_values(body: dict[str, Any], sim: Simulator) -> None:
    """A code or time that makes no sense is answered with 400 and its name; no fault stands, and data flows on."""
    with client(sim, TRADES) as connection:
        status, answer = get(sim, "/control/faults", "POST", body)
        name = list(body)[1]
        assert status == 400
        assert answer["msg"].startswith(
            (f"{name} must be ", f"{name} of {body['fault']} must be ", "hole has no parameter")
        )
        assert len(answer["msg"]) < 300 and "Python" not in answer["msg"] and "()" not in answer["msg"]
        assert get(sim, "/control/faults")[1] == []
        assert receive(connection)["e"] == "trade"


def test_a_bare_socket_is_harmless(sim: Simulator) -> None:
    """Noise, and connections that say nothing, do not disturb the others."""
    with tcp(sim) as silent, tcp(sim) as noisy:
        noisy.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
        assert b"400" in read_until_end(noisy)
        assert silent.fileno() > 0
        with client(sim, TRADES) as connection:
            assert receive(connection)["e"] == "trade"


def test_tls_serves_everything(tls_sim: Simulator) -> None:
    """REST and WebSocket work over TLS; a plain client gets nowhere."""
    assert tls_sim.url.startswith("https://127.0.0.1:")
    with tls_client(tls_sim, combined("/usdm/public", "btcusdt@depth@100ms")) as connection:
        assert receive(connection)["data"]["e"] == "depthUpdate"
    plain = ws_url(tls_sim).replace("wss", "ws") + TRADES
    with pytest.raises((OSError, WebSocketException, EOFError)):
        connect(plain, proxy=None, open_timeout=5)
    assert socket.getdefaulttimeout() is None


def test_an_account_says_what_it_takes(sim: Simulator) -> None:
    """In the words of the endpoint, not of a function."""
    status, answer = get(sim, "/control/accounts", "POST", {"api_key": "A", "api_secret": "s"})
    assert status == 400
    assert answer["msg"].startswith("no such argument: api_secret; there are api_key, secret, public_key, ")
