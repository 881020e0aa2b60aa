"""Links through HTTP and SOCKS proxies: what is asked of them, what their refusals become, what never shows."""

from __future__ import annotations

import base64
import builtins
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback import (
    PATIENCE,
    Inbox,
    LoopbackExchange,
    Peer,
    Server,
    Sockets,
    Stop,
    data,
    http_proxy,
    relay,
    socks5_proxy,
)

from binance_sockets.config import Backoff, Options, Verdict
from binance_sockets.engine.backoff import classify
from binance_sockets.engine.transport import SocketTransport
from binance_sockets.errors import ConfigError, ConnectError, HandshakeRejected, ProxyRejected
from binance_sockets.exchange import ConnectRequest, Stream

HOST = "exchange.test"  # nobody looks it up: that is the proxy's affair
SECRET = "hunter2/+%"
QUOTED = "hunter2%2F%2B%25"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def connect() -> Iterator[Callable[..., None]]:
    """``connect(proxy)`` opens one link through a proxy, and closes it."""
    with contextlib.closing(Stop()) as stop:

        def connecting(proxy: str | None, url: str = f"ws://{HOST}:4444/ws") -> None:
            transport = SocketTransport(Options(proxy=proxy))
            transport.connect(ConnectRequest(url), PATIENCE, stop).close()

        yield connecting


def port(server: Server) -> tuple[str, int]:
    return "127.0.0.1", server.port


def at(proxy: Server, scheme: str = "http", credentials: str = "") -> str:
    return f"{scheme}://{credentials}127.0.0.1:{proxy.port}"


def shown(error: BaseException) -> str:
    """Every text of an error and of what lies behind it."""
    texts = []
    behind: BaseException | None = error
    while behind is not None:
        texts += [str(behind), repr(behind)]
        behind = behind.__cause__ or behind.__context__
    return " ".join(texts)


def test_http(connect: Callable[..., None], server: Server) -> None:
    """A CONNECT with host and port goes to the proxy, the handshake to the exchange; nothing else is told."""
    with Server(http_proxy(port(server))) as proxy:
        connect(at(proxy))
    lines = proxy.heads[0].decode().split("\r\n")
    assert lines[:2] == [f"CONNECT {HOST}:4444 HTTP/1.1", f"Host: {HOST}:4444"]
    assert "authorization" not in proxy.heads[0].decode().lower()
    assert server.heads[0].startswith(b"GET /ws HTTP/1.1\r\n")
    assert b"Host: exchange.test:4444\r\n" in server.heads[0]


def test_http_credentials(connect: Callable[..., None], server: Server) -> None:
    """User and password, percent-encoded in the URL, reach the proxy, and not the exchange."""
    with Server(http_proxy(port(server))) as proxy:
        connect(at(proxy, credentials=f"us%40er:{QUOTED}@"))
    token = next(line for line in proxy.heads[0].split(b"\r\n") if line.startswith(b"Proxy-Authorization: Basic "))
    assert base64.b64decode(token.split(b" ")[2]).decode() == f"us@er:{SECRET}"
    assert b"Proxy-Authorization" not in server.heads[0]


def test_http_with_frames_behind_its_answer(connect: Callable[..., None]) -> None:
    """Bytes of the tunnel in the segment of the proxy's answer are not lost."""

    def both(peer: Peer) -> None:
        peer.read_head()
        peer.write(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
        peer.accept(data("a", "early"))
        peer.behave()

    inbox = Inbox()
    with Server(both) as proxy:
        manager = Sockets(options=Options(proxy=at(proxy)))
        with manager:
            manager._open("a", LoopbackExchange(f"ws://{HOST}"), [Stream("a")], inbox)
            assert inbox.next() == "early"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407 Proxy Authentication Required"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "403 Forbidden"),
        (b"HTTP/1.1 502\r\n\r\n", "502"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "no HTTP"),
        (b"\x00" * 100_000, "no HTTP"),
        (b"\r\n\r\n", "no HTTP"),
        (b"", "closed"),
    ],
)
def test_http_refuses(connect: Callable[..., None], answer: bytes, text: str) -> None:
    """A refusal, an answer that is no HTTP and none at all are a ConnectError that names the proxy and its answer."""
    with Server(http_proxy(answer=answer)) as proxy:
        with pytest.raises(ConnectError, match=text) as caught:
            connect(at(proxy, credentials=f"user:{QUOTED}@"))
        status = getattr(caught.value, "status", None)
        assert (type(caught.value) is ProxyRejected and str(status) in text) or status is None
        assert str(proxy.port) in str(caught.value)
        assert "hunter2" not in shown(caught.value)


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
def test_proxy_resets(connect: Callable[..., None], scheme: str) -> None:
    """A proxy that resets the connection, or does not exist, is a ConnectError that names it."""

    def resets(peer: Peer) -> None:
        peer.read(PATIENCE)
        peer.reset()

    with Server(resets) as proxy:
        with pytest.raises(ConnectError) as caught:
            connect(at(proxy, scheme, f"user:{QUOTED}@"))
        assert f"127.0.0.1:{proxy.port}" in str(caught.value)
        assert "hunter2" not in shown(caught.value)
    with pytest.raises(ConnectError, match="refused") as caught:
        connect(f"{scheme}://user:{QUOTED}@127.0.0.1:1")
    assert "hunter2" not in shown(caught.value)


def test_refusal_of_the_exchange(connect: Callable[..., None]) -> None:
    """What the exchange behind a proxy answers is its own answer, with the wait."""

    def busy(peer: Peer) -> None:
        peer.read_head()
        peer.write(b"HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n")

    with Server(busy) as server, Server(http_proxy(port(server))) as proxy:
        with pytest.raises(HandshakeRejected) as caught:
            connect(at(proxy))
        assert (caught.value.status, caught.value.retry_after) == (429, 3.0)


def test_socks5(connect: Callable[..., None], server: Server) -> None:
    """``socks5h`` leaves the look-up of the name to the proxy."""
    with Server(socks5_proxy(port(server))) as proxy:
        connect(at(proxy, "socks5h"))
    assert [peer.head for peer in proxy.peers] == [f"{HOST}:4444".encode()]


def test_socks5_with_own_look_up(connect: Callable[..., None], server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """``socks5`` looks the name up itself."""
    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        return real("127.0.0.9" if host == HOST else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with Server(socks5_proxy(port(server))) as proxy:
        connect(at(proxy, "socks5"))
    assert [peer.head for peer in proxy.peers] == [b"127.0.0.9:4444"]


def test_socks5_credentials(connect: Callable[..., None], server: Server) -> None:
    """User and password reach a SOCKS proxy; wrong ones, and a refused tunnel, are a ConnectError without them."""
    with Server(socks5_proxy(port(server), "user", SECRET)) as proxy:
        connect(at(proxy, "socks5h", f"user:{QUOTED}@"))
        for credentials in ("user:hunter2wrong@", ""):
            with pytest.raises(ProxyRejected, match="refused") as caught:
                connect(at(proxy, "socks5h", credentials))
            assert "hunter2" not in shown(caught.value)
            assert classify(caught.value) is Verdict.FATAL, "another attempt may lock the account"
    with Server(socks5_proxy(port(server), code=5)) as proxy, pytest.raises(ProxyRejected, match="refused") as caught:
        connect(at(proxy, "socks5h"))
    assert (caught.value.status, classify(caught.value)) == (None, Verdict.RETRY)
    with Server(lambda peer: peer.write(b"garbage\r\n\r\n")) as proxy, pytest.raises(ConnectError):
        connect(at(proxy, "socks5h"))


def test_socks_without_its_package(connect: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without python-socks the error says what to install."""
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("python_socks"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with Server() as proxy, pytest.raises(ConfigError, match=r"pip install .\.\[socks\]"):
        connect(at(proxy, "socks5h"))


def test_proxy_of_the_environment(
    connect: Callable[..., None], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the option the variables decide, also ``no_proxy``; the option ``""`` switches them off."""
    with Server(http_proxy(port(server))) as proxy:
        monkeypatch.setenv("http_proxy", at(proxy))
        connect(None)
        assert len(proxy.heads) == 1
        for off in ("option", "no_proxy"):
            if off == "no_proxy":
                monkeypatch.setenv("no_proxy", "other.invalid,exchange.invalid")
            with pytest.raises(ConnectError, match="look-up"):
                connect("" if off == "option" else None, "ws://exchange.invalid/ws")
        assert len(proxy.heads) == 1


def test_password_in_no_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """A whole life behind a proxy that refuses, at the most talkative level, shows the password nowhere."""
    options = Options(
        proxy=f"http://user:{QUOTED}@127.0.0.1:1", backoff=Backoff(initial=0.01, factor=1, max_reconnects=1)
    )
    inbox, reports = Inbox(), Inbox()
    with caplog.at_level(logging.DEBUG):
        manager = Sockets(options=options)
        manager.add_error_listener(reports)
        with manager:
            manager._open("a", LoopbackExchange(f"ws://{HOST}"), [Stream("a")], inbox)
            assert inbox.next()["e"] == "error"
            texts = [caplog.text, repr(options), repr(manager), repr(reports.next()), str(manager.snapshot())]
    assert "giving up" in caplog.text
    assert "hunter2" not in " ".join(texts)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_that_is_not_there_is_named(connect: Callable[..., None], scheme: str) -> None:
    """When nobody listens at the proxy's port the error names both the target and the proxy."""
    with pytest.raises(ConnectError, match=f"{HOST}:4444: the proxy {scheme}://127.0.0.1:1 cannot be reached"):
        connect(f"{scheme}://127.0.0.1:1")


@pytest.mark.parametrize("credentials", ["", f"user:{QUOTED}@"])
def test_a_proxy_that_asks_who_we_are_is_asked_once(server: Server, credentials: str) -> None:
    """HTTP 407 gives up at once, however many reconnects are allowed, and says what the proxy takes."""
    answer = (
        b"HTTP/1.1 407 Proxy Authentication Required\r\n"
        b'Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm="x, y"\r\nContent-Length: 0\r\n\r\n'
    )
    inbox, reports = Inbox(), Inbox()
    with Server(http_proxy(answer=answer)) as proxy:
        options = Options(proxy=at(proxy, credentials=credentials), backoff=Backoff(initial=0.0, max_reconnects=None))
        manager = Sockets(options=options)
        manager.add_error_listener(reports)
        with manager:
            manager._open("a", LoopbackExchange(f"ws://{HOST}"), [Stream("a")], inbox)
            assert inbox.next()["e"] == "error"
        assert len(proxy.peers) == 1
    error = reports.next().error
    assert isinstance(error, ProxyRejected)
    assert (error.status, error.credentials, error.target) == (407, True, f"{HOST}:80")
    assert error.headers["proxy-authenticate"] == 'Negotiate, Basic realm="x, y"'
    assert ("refuses" if credentials else "wants") + " user and password (Negotiate, Basic" in str(error)
    assert "hunter2" not in shown(error)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 204 Fine\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: \xff\r\n\r\n"]
)
def test_http_accepts(connect: Callable[..., None], server: Server, answer: bytes) -> None:
    """Every 2xx opens the tunnel, and an interim answer before it says nothing."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.write(answer)
        relay(peer, *port(server))

    with Server(script) as proxy:
        connect(at(proxy))
    assert len(server.heads) == 1


def test_socks4_takes_an_ipv4_address(connect: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """A host with IPv6 addresses alone cannot be asked of a SOCKS4 proxy, and the text says so."""
    found = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 4444, 0, 0))]
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *args, **more: found if host == HOST else real(host, *args, **more)
    )
    with Server(lambda peer: peer.over.wait()) as proxy, pytest.raises(ConnectError, match="no IPv4 address"):
        connect(at(proxy, "socks4"))
