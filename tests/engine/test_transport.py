"""Opening links over plain TCP: the WebSocket handshake, its deadline, and every way a server can refuse it."""

from __future__ import annotations

import contextlib
import random
import re
import string
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
import websocket
from hypothesis import given
from hypothesis import strategies as st
from loopback import PATIENCE, TEXT, Peer, Server, Stop, deaf, frame, http_proxy, silent

from binance_sockets import proxy
from binance_sockets.config import Options
from binance_sockets.engine import clock, secure, tcp, transport
from binance_sockets.engine.clock import Cancelled, Clock
from binance_sockets.engine.frames import FrameReader
from binance_sockets.engine.pipes import Blocking, ByteStream
from binance_sockets.engine.transport import SocketTransport, _retry_after
from binance_sockets.engine.websocket import WebSocket
from binance_sockets.errors import ConfigError, ConnectError, ConnectTimeout, HandshakeRejected
from binance_sockets.exchange import ConnectRequest

SECRET = "hunter2"
KEY = ("X-API-KEY", SECRET)


@pytest.fixture
def stop() -> Iterator[Stop]:
    with contextlib.closing(Stop()) as stop:
        yield stop


@pytest.fixture
def connect(stop: Stop) -> Callable[..., Any]:
    """``connect(url, timeout=…, headers=…, **options)``, in a with block."""

    @contextlib.contextmanager
    def connecting(url: str, timeout: float = PATIENCE, headers: Any = (), origin: str | None = None, **options: Any):
        transport = SocketTransport(Options(**options))
        stream = transport.connect(ConnectRequest(url, tuple(headers), origin), timeout, stop)
        with contextlib.closing(stream):
            yield stream

    return connecting


def answering(*parts: bytes) -> Callable[[Peer], None]:
    """Read the request, send ``parts``, end."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.write(*parts)
        peer.read(PATIENCE)  # until the client closes, so that nothing is reset

    return script


def texts(stream: ByteStream, count: int) -> list[bytes]:
    """The next text messages of a stream."""
    link = WebSocket(stream, FrameReader(1 << 24), 0.0)
    found: list[bytes] = []
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while len(found) < count:
        assert time.monotonic() < deadline and link.ended is None, link.ended
        found += [bytes(message) for message in link.receive(0.0)]
        if not link.more:
            pause.wait(0.002)
    return found


# -- success --


def test_request(connect: Callable[..., Any]) -> None:
    """The request carries the given headers once, no Origin and no cookie."""
    with Server() as server, connect(server.url + "/ws/a@trade?x=1", headers=[KEY]):
        server.arrived.get(timeout=PATIENCE)
    lines = server.heads[0].decode().split("\r\n")
    assert lines[0] == "GET /ws/a@trade?x=1 HTTP/1.1"
    names = [line.partition(":")[0].lower() for line in lines[1:] if line]
    assert len(names) == len(set(names))
    assert "origin" not in names and "cookie" not in names
    assert f"X-API-KEY: {SECRET}" in lines


def test_origin(connect: Callable[..., Any]) -> None:
    """An Origin is sent where the exchange asks for one."""
    with Server() as server, connect(server.url, origin="https://example.test"):
        pass
    assert b"\r\nOrigin: https://example.test\r\n" in server.heads[0]


@pytest.mark.parametrize("size", [1, 5_000, 200_000])
def test_frames_behind_the_response(connect: Callable[..., Any], size: int) -> None:
    """Frames in the same segment as the response are not lost, whether few or many."""
    expected = [bytes([number]) * (size // 50 or 1) for number in range(97, 122)]
    behind = b"".join(frame(TEXT, payload) for payload in expected)

    def script(peer: Peer) -> None:
        peer.accept(behind)
        peer.write(frame(TEXT, b"last"))
        peer.read()

    with Server(script) as server, connect(server.url) as stream:
        assert texts(stream, 26) == [*expected, b"last"]


def test_response_in_pieces(connect: Callable[..., Any]) -> None:
    """A response that arrives byte by byte, with a frame cut in the middle behind it, is put together."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.drip(peer.upgrade() + frame(TEXT, b"whole"), 0.0005)
        peer.read()

    with Server(script) as server, connect(server.url) as stream:
        assert texts(stream, 1) == [b"whole"]


def test_cookies(connect: Callable[..., Any]) -> None:
    """A cookie that the server sets is neither kept nor sent again, not even by other users of the library below."""

    def script(peer: Peer) -> None:
        peer.accept(extra=b"Set-Cookie: tracking=1; Domain=127.0.0.1; Path=/\r\nset-cookie: b=2; domain=127.0.0.1\r\n")
        peer.behave()

    with Server(script) as server:
        for _ in range(2):
            with connect(server.url, headers=[("Cookie", "mine=1")]):
                pass
        other = websocket.create_connection(server.url, timeout=PATIENCE)
        other.close()
    assert len(server.heads) == 3
    assert [head for head in server.heads if b"cookie" in head.lower()] == []


# -- refusals --


@pytest.mark.parametrize("status", [200, 202, 400, 401, 403, 404, 408, 410, 418, 429, 451, 500, 502, 503])
def test_rejected(connect: Callable[..., Any], status: int) -> None:
    """Every other status is a HandshakeRejected with status, headers, body and the wait that was asked for."""
    answer = f"HTTP/1.1 {status} Why Not\r\nRetry-After: 17\r\nX-Note: a\r\nContent-Length: 10\r\n\r\n"
    with Server(answering(answer.encode(), b'{"code":1}')) as server:
        with pytest.raises(HandshakeRejected) as caught, connect(server.url + f"/ws?key={SECRET}", headers=[KEY]):
            pass
        assert len(server.heads) == 1
    error = caught.value
    assert (error.status, error.retry_after, error.body) == (status, 17.0, b'{"code":1}')
    assert error.headers["x-note"] == "a"
    assert str(status) in str(error) and '{"code":1}' in str(error)
    assert SECRET not in f"{error} {error!r} {error.__cause__}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect(connect: Callable[..., Any], status: int) -> None:
    """No redirect is followed, so an API key goes to the host it was meant for, once."""
    with Server() as elsewhere:
        answer = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url}/stolen\r\nContent-Length: 0\r\n\r\n"
        with Server(answering(answer.encode())) as server:
            with pytest.raises(HandshakeRejected) as caught, connect(server.url, headers=[KEY]):
                pass
            assert caught.value.status == status
            assert caught.value.headers["location"].endswith("/stolen")
            assert [head.count(SECRET.encode()) for head in server.heads] == [1]
        assert elsewhere.peers == []


def test_rejected_with_a_body_that_stalls(connect: Callable[..., Any]) -> None:
    """A refusal whose body never comes is still a refusal, with its wait."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.write(b"HTTP/1.1 429 Too Many\r\nRetry-After: 5\r\nContent-Length: 100\r\n\r\nhalf")
        peer.over.wait()

    with Server(script) as server, pytest.raises(HandshakeRejected) as caught, connect(server.url, timeout=2.0):
        pass
    assert (caught.value.status, caught.value.retry_after, caught.value.body) == (429, 5.0, b"half")


@pytest.mark.parametrize("length", [b"Content-Length: 99999999\r\n", b"Content-Length: many\r\n", b""])
def test_rejected_with_a_huge_body(connect: Callable[..., Any], length: bytes) -> None:
    """Only the beginning of a body is kept, and a length that lies does no harm."""
    answer = b"HTTP/1.1 503 Busy\r\n" + length + b"\r\n" + b"x" * 300_000
    with Server(answering(answer)) as server, pytest.raises(HandshakeRejected) as caught, connect(server.url):
        pass
    assert 0 < len(caught.value.body) <= 4096
    assert len(str(caught.value)) < 500


def test_retry_after_as_a_date(connect: Callable[..., Any]) -> None:
    """``Retry-After`` may be an HTTP date; one in the past means no wait."""
    for offset, least, most in ((30, 20, 30), (-30, 0, 0)):
        date = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=offset), usegmt=True)
        answer = f"HTTP/1.1 429 Too Many\r\nRetry-After: {date}\r\nContent-Length: 0\r\n\r\n"
        script = answering(answer.encode())
        with Server(script) as server, pytest.raises(HandshakeRejected) as caught, connect(server.url):
            pass
        assert caught.value.retry_after is not None
        assert least <= caught.value.retry_after <= most


@given(st.text() | st.from_regex(r"\A[+-]?[0-9.eE_]{1,20}\Z") | st.sampled_from(["inf", "nan", "-1", "1e400"]))
def test_retry_after_of_any_text(value: str) -> None:
    """Any value of ``Retry-After`` is a number of seconds from 0, or none at all."""
    wait = _retry_after(value, Clock())
    assert wait is None or 0 <= wait < float("inf")


GARBAGE = {
    "nothing": b"",
    "half a line": b"HTTP/1.",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "no status": b"HTTP/1.1\r\n\r\n",
    "status in words": b"HTTP/1.1 OK\r\n\r\n",
    "status in strange digits": b"HTTP/1.1 \xb2\xb9\xb3 Strange\r\n\r\n",
    "no head": b"\x00\xff" * 3000 + b"\r\n\r\n",
    "head without end": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n",
    "no upgrade": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "wrong accept": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
    "header without colon": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade\r\n\r\n",
    "a line without end": b"HTTP/1.1 101 Switching Protocols\r\nX: " + b"x" * 200_000,
    "headers without end": b"HTTP/1.1 101 Switching Protocols\r\n" + b"X-Filler: x\r\n" * 20_000,
    "many headers of a refusal": b"HTTP/1.1 404 Not Found\r\n" + b"X-Filler: x\r\n" * 500 + b"\r\n",
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=list(GARBAGE))
def test_garbage(connect: Callable[..., Any], answer: bytes) -> None:
    """An answer that is no HTTP, or no WebSocket handshake, or has no end, is a ConnectError, before the deadline."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.write(answer)

    with Server(script) as server, pytest.raises(ConnectError) as caught, connect(server.url):
        pass
    assert type(caught.value) is ConnectError
    assert len(str(caught.value)) < 1000


def test_random_garbage(connect: Callable[..., Any]) -> None:
    """Random bytes, and random changes of a good response, open a link or are a ConnectError; nothing else happens."""
    rng = random.Random(random.randrange(2**32))

    def script(peer: Peer) -> None:
        peer.read_head()
        answer = bytearray(peer.upgrade() if rng.random() < 0.7 else rng.randbytes(200))
        for _ in range(rng.randrange(4)):
            answer[rng.randrange(len(answer))] = ord(rng.choice(string.printable))
        peer.write(bytes(answer) + b"\r\n\r\n")

    with Server(script) as server:
        for _ in range(60):
            with contextlib.suppress(ConnectError), connect(server.url):
                pass


def test_reset(connect: Callable[..., Any]) -> None:
    """A connection reset in the handshake is a ConnectError."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.reset()

    with Server(script) as server, pytest.raises(ConnectError), connect(server.url):
        pass


@pytest.mark.parametrize(
    "url", ["http://host", "host", "ws://", "ws:///path", "wss://host:port/", "ws://host:99999", "ws://[::1"]
)
def test_bad_url(connect: Callable[..., Any], url: str) -> None:
    """A URL that cannot be used is a ConfigError, which is never tried again."""
    with pytest.raises(ConfigError, match="url"), connect(url):
        pass


def test_bad_settings() -> None:
    """A proxy URL that cannot be read and a CA file that does not exist are refused when the manager is made."""
    with pytest.raises(ConfigError, match="proxy"):
        SocketTransport(Options(proxy=f"http://user:{SECRET}@host:port"))
    with pytest.raises(ConfigError, match="ca_file"):
        SocketTransport(Options(ca_file="/nowhere/ca.pem"))


# -- a handshake as the RFCs say --


ACCEPT = b"Sec-WebSocket-Accept: "


def changing(change: Callable[[bytes], bytes], behind: bytes = b"") -> Callable[[Peer], None]:
    """Accept the request with a changed response."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.write(change(peer.upgrade()) + behind)
        peer.read(PATIENCE)

    return script


def inserting(lines: bytes) -> Callable[[bytes], bytes]:
    return lambda head: head.replace(b"\r\n", b"\r\n" + lines + b"\r\n", 1)


TOLERATED: dict[str, Callable[[bytes], bytes]] = {
    "a second Connection": inserting(b"Connection: keep-alive"),
    "a second Connection behind": lambda head: head[:-2] + b"Connection: keep-alive\r\n\r\n",
    "100 Continue": lambda head: b"HTTP/1.1 100 Continue\r\n\r\n" + head,
    "Early Hints": lambda head: b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100\r\n\r\n" + head,
    "a folded line": inserting(b"X-Note: one\r\n  two\r\n\tthree"),
    "a folded Connection": lambda head: head.replace(b"Connection: ", b"Connection: keep-alive,\r\n "),
    "bytes that are not UTF-8": inserting(b"Server: caf\xe9 \xff\xfe"),
    "a reason that is not ASCII": lambda head: head.replace(b"Switching Protocols", b"Bas\xe9"),
    "no reason": lambda head: head.replace(b" Switching Protocols", b""),
    "case of names and tokens": lambda head: head.replace(b"Upgrade: websocket", b"uPGRADE:WebSocket"),
    "a colon in a value": inserting(b"X-Time: 12:30:00"),
    "an empty extension": inserting(b"Sec-WebSocket-Extensions:"),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_tolerated(connect: Callable[..., Any], name: str) -> None:
    """What HTTP allows in a response opens the link, and the frame behind it is not lost."""
    script = changing(TOLERATED[name], frame(TEXT, b"whole"))
    with Server(script) as server, connect(server.url) as stream:
        assert texts(stream, 1) == [b"whole"]


def lowered(head: bytes) -> bytes:
    at = head.index(ACCEPT) + len(ACCEPT)
    end = head.index(b"\r\n", at)
    return head[:at] + head[at:end].swapcase() + head[end:]


REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "accept in another case": (lowered, r"Sec-WebSocket-Accept: '.{28}' does not answer our key"),
    "accept twice, the good one last": (inserting(ACCEPT + b"AAAA"), "Sec-WebSocket-Accept: 'AAAA, .*more than once"),
    "accept twice, the good one first": (
        lambda head: head[:-2] + ACCEPT + b"AAAA\r\n\r\n",
        "Sec-WebSocket-Accept: '.*, AAAA' is there more than once",
    ),
    "no accept": (lambda head: head.replace(ACCEPT, b"X: "), "has no Sec-WebSocket-Accept"),
    "subprotocol": (
        inserting(b"Sec-WebSocket-Protocol: chat"),
        "Sec-WebSocket-Protocol: 'chat' was not asked for",
    ),
    "another upgrade": (lambda head: head.replace(b": websocket", b": h2c"), "Upgrade: 'h2c' is not websocket"),
    "a second upgrade": (inserting(b"Upgrade: h2c"), "Upgrade: 'h2c, websocket' is not websocket"),
    "another connection": (
        lambda head: head.replace(b": Upgrade", b": close"),
        "Connection: 'close' does not say Upgrade",
    ),
    "an extension": (
        inserting(b"Sec-WebSocket-Extensions: permessage-deflate"),
        "Sec-WebSocket-Extensions: 'permessage-deflate' was not offered",
    ),
    "a long value": (inserting(b"Upgrade: " + b"x-" * 2500), r"Upgrade: '(x-){60}'\.\.\. is not websocket"),
    "no status": (lambda head: head.replace(b"HTTP/1.1 101", b"HTTP/1.1 1O1"), "no HTTP status line: b'HTTP/1.1 1O1"),
    "endless interim answers": (lambda head: b"HTTP/1.1 100 Wait\r\n\r\n" * 5000 + head, "longer than 64 KiB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(connect: Callable[..., Any], name: str) -> None:
    """What RFC 6455 forbids is refused, and the text names header and value, and no close code, as none was sent."""
    change, text = REFUSED[name]
    with Server(changing(change)) as server, pytest.raises(ConnectError, match=text) as caught, connect(server.url):
        pass
    assert type(caught.value) is ConnectError
    assert "closed with" not in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([b"permessage-deflate; server_no_context_takeover"], "permessage-deflate; server_no_context_takeover"),
        ([b"", b"permessage-deflate"], "permessage-deflate"),
        ([b"permessage-deflate", b"permessage-deflate"], None),
        ([b"permessage-deflate", b"x-other"], None),
        ([b"x-other", b"permessage-deflate"], None),
        ([b"permessage-deflate; server_max_window_bits=99"], None),
        ([b"permessage-deflate; server_max_window_bits"], None),
        ([b"permessage-deflate; a=1; a=2"], None),
        ([b"permessage-deflate; " + b"x-" * 1500], None),
    ],
)
def test_extensions(connect: Callable[..., Any], values: list[bytes], found: str | None) -> None:
    """Repeated extensions are one list; one that was not offered, or cannot be, refuses the handshake."""
    lines = b"\r\n".join(b"Sec-WebSocket-Extensions: " + value for value in values)
    with Server(changing(inserting(lines))) as server:
        if found is None:
            with pytest.raises(ConnectError, match="Sec-WebSocket-Extensions") as caught:
                connect(server.url, compression=True).__enter__()
            text, sent = str(caught.value), b", ".join(values).decode()
            assert "closed with" not in text and len(text) < 400
            assert re.search(rf"Sec-WebSocket-Extensions: '{re.escape(sent[:120])}'(\.\.\.)? (has|was) ", text)
        else:
            with connect(server.url, compression=True) as stream:
                assert stream.extensions == found


@pytest.mark.parametrize(("answer", "taken"), [("v2", True), ("V2", False), ("v3", False), (None, True)])
def test_subprotocol_that_was_asked_for(connect: Callable[..., Any], answer: str | None, taken: bool) -> None:
    """One of the subprotocols in the request is taken, spelt as there, and so is none."""
    lines = b"X: y" if answer is None else b"Sec-WebSocket-Protocol: " + answer.encode()
    headers = [("Sec-WebSocket-Protocol", "v1, v2")]
    outcome = contextlib.nullcontext() if taken else pytest.raises(ConnectError, match="Sec-WebSocket-Protocol")
    with Server(changing(inserting(lines))) as server, outcome:
        connect(server.url, headers=headers).__enter__().close()


def test_repeated_headers_of_a_refusal(connect: Callable[..., Any]) -> None:
    """The longest wait counts, and repeated headers are one list."""
    answer = b"HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nX-A: 1\r\nretry-after: 17\r\nX-A: 2\r\nContent-Length: 0\r\n\r\n"
    with Server(answering(answer)) as server, pytest.raises(HandshakeRejected) as caught, connect(server.url):
        pass
    assert caught.value.retry_after == 17.0
    assert caught.value.headers["x-a"] == "1, 2"


def test_one_waits_for_a_descriptor(connect: Callable[..., Any], stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connect waits for no descriptor that others wait for: eventlet allows one green thread for each."""
    real = clock._new_poll

    def new_poll() -> Any:
        poll = real()

        class Watched:
            def register(self, fileno: int, mask: int) -> None:
                assert fileno != stop.fileno(), "the connection's own wait has it already"
                poll.register(fileno, mask)

            def __getattr__(self, name: str) -> Any:
                return getattr(poll, name)

        return Watched()

    monkeypatch.setattr(clock, "_new_poll", new_poll)
    with Server(http_proxy(answer=b"HTTP/1.1 502\r\n\r\n")) as proxy, Server() as server:
        with connect(server.url):
            pass
        with contextlib.suppress(ConnectError), connect("ws://exchange.test", proxy=f"http://127.0.0.1:{proxy.port}"):
            pass


# -- deadline and stop, wherever the server stalls --


def drips_head(peer: Peer) -> None:
    peer.read_head()
    peer.drip(b"HTTP/1.1 101 Switching Protocols\r\n" + b"X: y\r\n" * 10_000, 0.01)


def drips_body(peer: Peer) -> None:
    peer.read_head()
    peer.write(b"HTTP/1.1 101 Switching Protocols\r\n")
    peer.over.wait()


def drips_tls(peer: Peer) -> None:
    peer.drip(b"\x16\x03\x03\x40\x00" + b"\x00" * 10_000, 0.01)


def drips_proxy(peer: Peer) -> None:
    peer.read_head()
    peer.drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000, 0.01)


def drips_socks(peer: Peer) -> None:
    peer.read(PATIENCE)
    peer.write(b"\x05")
    peer.over.wait()


STALLS: dict[str, tuple[Callable[[Peer], None] | None, str, str | None]] = {
    # what is slow: its script, the URL, the proxy
    "TCP": (None, "ws://127.0.0.1:{port}", None),
    "no head": (silent, "ws://127.0.0.1:{port}", None),
    "dripping head": (drips_head, "ws://127.0.0.1:{port}", None),
    "half a head": (drips_body, "ws://127.0.0.1:{port}", None),
    "no TLS": (silent, "wss://127.0.0.1:{port}", None),
    "dripping TLS": (drips_tls, "wss://127.0.0.1:{port}", None),
    "TCP of a proxy": (None, "ws://exchange.test", "http://127.0.0.1:{port}"),
    "silent proxy": (silent, "ws://exchange.test", "http://127.0.0.1:{port}"),
    "dripping proxy": (drips_proxy, "wss://exchange.test", "http://127.0.0.1:{port}"),
    "silent SOCKS": (silent, "wss://exchange.test", "socks5h://127.0.0.1:{port}"),
    "half a SOCKS greeting": (drips_socks, "wss://exchange.test", "socks5h://127.0.0.1:{port}"),
}


@contextlib.contextmanager
def stalling(name: str) -> Iterator[tuple[str, str | None]]:
    script, url, proxy = STALLS[name]
    with deaf() if script is None else Server(script) as found:
        port = found if isinstance(found, int) else found.port
        yield url.format(port=port), proxy and proxy.format(port=port)


@pytest.mark.parametrize("name", STALLS)
def test_deadline(connect: Callable[..., Any], name: str) -> None:
    """The total deadline of a connect holds wherever the other side stalls or drips."""
    with stalling(name) as (url, proxy):
        began = time.monotonic()
        with pytest.raises(ConnectTimeout, match=r"0\.12 s"), connect(url, timeout=0.12, proxy=proxy):
            pass
        assert 0.12 <= time.monotonic() - began < PATIENCE / 2


@pytest.mark.parametrize("name", STALLS)
def test_stop(connect: Callable[..., Any], stop: Stop, name: str) -> None:
    """A stop ends a connect, long before its deadline, wherever the other side stalls or drips."""
    timer = threading.Timer(0.04, stop.stop)
    with stalling(name) as (url, proxy):
        timer.start()
        began = time.monotonic()
        with pytest.raises(Cancelled), connect(url, proxy=proxy):
            pass
        assert time.monotonic() - began < PATIENCE / 2
    timer.join()


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_deadline_behind_a_proxy(
    connect: Callable[..., Any], stop: Stop, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """The time a proxy took counts against the deadline of the handshake behind it: they have the same one."""
    deadlines: list[float] = []

    class Noted(Blocking):
        def __init__(self, stream: ByteStream, deadline: float, *others: Any) -> None:
            deadlines.append(deadline)
            super().__init__(stream, deadline, *others)
            if len(deadlines) == 2:  # the proxy's; then that of TLS, or of the WebSocket handshake
                stop.stop()

    for user in (tcp, secure, transport):
        monkeypatch.setattr(user, "Blocking", Noted)
    with Server(silent) as server, Server(http_proxy(("127.0.0.1", server.port))) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        with pytest.raises(Cancelled), connect(f"{scheme}://exchange.test", proxy=url):
            pass
    assert deadlines == [deadlines[0]] * 2


def test_loopback_ignores_proxies(connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is not asked for a server on loopback."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:1")
    with Server() as server, connect(server.url):
        pass
    monkeypatch.setattr(proxy, "is_loopback", lambda host: False)
    with Server() as server, pytest.raises(ConnectError, match="refused"), connect(server.url):
        pass
