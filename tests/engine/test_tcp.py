"""From a host name to a TCP connection: addresses, order, deadline, refusals, and which proxy is taken."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from loopback import PATIENCE, Server, Stop, deaf, silent

from binance_sockets.engine import tcp as module
from binance_sockets.engine.clock import Cancelled, Clock
from binance_sockets.engine.pipes import PlainStream
from binance_sockets.engine.tcp import Proxy, dial, is_loopback, proxy_for
from binance_sockets.errors import ConfigError, ConnectError, ConnectTimeout

CLOCK = Clock()


@pytest.fixture
def stop() -> Iterator[Stop]:
    with contextlib.closing(Stop()) as stop:
        yield stop


def connect(host: str, port: int, stop: Stop, timeout: float = PATIENCE, proxy: Proxy | None = None) -> PlainStream:
    return dial(host, port, proxy, timeout, CLOCK.monotonic() + timeout, stop, CLOCK)


def resolve_to(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Let every name have these addresses, in this order."""

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, port, 0, 0) if family == socket.AF_INET6 else (address, port))
            for address in hosts
            for family in [socket.AF_INET6 if ":" in address else socket.AF_INET]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def test_connects(stop: Stop) -> None:
    """A connection is non-blocking and sends small writes at once."""
    with Server(silent) as server, contextlib.closing(connect("127.0.0.1", server.port, stop)) as stream:
        assert not stream.sock.getblocking()
        assert stream.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_dead_first_address(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that does not answer delays the next one by a moment, not by the timeout."""
    with Server(silent) as server, deaf("127.0.0.2", server.port):
        resolve_to(monkeypatch, "127.0.0.2", "127.0.0.2", "127.0.0.1")
        began = time.monotonic()
        with contextlib.closing(connect("exchange.test", server.port, stop)) as stream:
            assert stream.sock.getpeername() == ("127.0.0.1", server.port)
        assert time.monotonic() - began < PATIENCE / 2


def test_refused_first_address(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that refuses costs no waiting: the next one does not come by the clock."""
    monkeypatch.setattr(module, "_STAGGER", 3600.0)
    with Server(silent) as server:
        resolve_to(monkeypatch, "127.0.0.3", "127.0.0.4", "127.0.0.1")
        with contextlib.closing(connect("exchange.test", server.port, stop)) as stream:
            assert stream.sock.getpeername() == ("127.0.0.1", server.port)


def test_slow_first_address_still_counts(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """While later addresses are tried, an earlier one may still answer: the later refusals do not end the attempt."""
    with Server(silent) as server, deaf("127.0.0.2", server.port):
        resolve_to(monkeypatch, "127.0.0.2", "127.0.0.3")
        with pytest.raises(ConnectTimeout):
            connect("exchange.test", server.port, stop, timeout=0.5)


def test_all_refused(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every address refuses, the error says so, at once, and keeps the system's error as its cause."""
    resolve_to(monkeypatch, "127.0.0.3", "127.0.0.4")
    with pytest.raises(ConnectError, match=r"cannot connect to exchange\.test:1: .*refused") as caught:
        connect("exchange.test", 1, stop)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_families_take_turns(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several dead IPv6 addresses do not all come before the first IPv4 one; where IPv6 works, it is taken."""
    tried: list[str] = []
    real = socket.socket.connect_ex
    monkeypatch.setattr(
        socket.socket, "connect_ex", lambda self, address: tried.append(address[0]) or real(self, address)
    )
    with Server(silent) as server:
        resolve_to(monkeypatch, "::1", "::1", "::1", "127.0.0.1", "127.0.0.5")
        with contextlib.closing(connect("exchange.test", server.port, stop)):
            pass
    assert tried[-1] == "127.0.0.1"
    assert "127.0.0.5" not in tried
    if has_ipv6():
        assert tried == ["::1", "127.0.0.1"]
        with (
            Server(silent, host="::1", family=socket.AF_INET6) as server,
            contextlib.closing(connect("exchange.test", server.port, stop)) as stream,
        ):
            assert stream.sock.getpeername()[0] == "::1"


def test_name_without_address(stop: Stop) -> None:
    """A name that cannot be looked up is a ConnectError that says so; a name that cannot exist too."""
    for name in ("exchange.invalid", "a" * 300 + ".invalid"):
        with pytest.raises(ConnectError, match="look-up failed"):
            connect(name, 443, stop)


def test_deadline(stop: Stop) -> None:
    """Nobody answers: the total deadline holds."""
    with deaf() as port:
        began = time.monotonic()
        with pytest.raises(ConnectTimeout, match=r"no TCP connection within 0\.3 s"):
            connect("127.0.0.1", port, stop, timeout=0.3)
        assert 0.3 <= time.monotonic() - began < PATIENCE / 2


def test_stop(stop: Stop) -> None:
    """A stop ends the attempt, long before its deadline."""
    with deaf() as port:
        timer = threading.Timer(0.1, stop.stop)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            connect("127.0.0.1", port, stop)
        assert time.monotonic() - began < PATIENCE / 2
        timer.join()


# -- which proxy --


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("app.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("example.com", False),
    ],
)
def test_is_loopback(host: str, expected: bool) -> None:
    """Loopback is ``localhost`` and its sub-domains, 127/8 and ::1, and no name that only looks like it."""
    assert is_loopback(host) is expected


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_proxy_of_the_environment(environment: pytest.MonkeyPatch) -> None:
    """``https_proxy`` serves wss, ``http_proxy`` ws, ``all_proxy`` what has none of its own; without any: none."""
    assert proxy_for("example.com", True, None) is None
    environment.setenv("all_proxy", "socks5://all.test")
    environment.setenv("http_proxy", "http://plain.test:3128")
    assert str(proxy_for("example.com", False, None)) == "http://plain.test:3128"
    assert str(proxy_for("example.com", True, None)) == "socks5://all.test:1080"
    environment.setenv("HTTPS_PROXY", "secure.test")
    assert str(proxy_for("example.com", True, None)) == "http://secure.test:80"


def test_proxy_is_bypassed(environment: pytest.MonkeyPatch) -> None:
    """Loopback never goes through a proxy, nor does a host in ``no_proxy``; ``""`` switches proxies off."""
    environment.setenv("https_proxy", "http://secure.test:3128")
    environment.setenv("no_proxy", "example.com,other.test")
    for host in ("example.com", "stream.example.com", "other.test", "127.0.0.1", "localhost", "::1"):
        assert proxy_for(host, True, None) is None
    assert proxy_for("else.test", True, None)
    assert proxy_for("else.test", True, "") is None
    assert proxy_for("127.0.0.1", True, "http://asked.test") is None
    asked = proxy_for("example.com", True, "http://asked.test")
    assert asked and asked.host == "asked.test"


def test_proxy_url() -> None:
    """Scheme, host, port and percent-encoded credentials are read from the URL."""
    proxy = Proxy.parse("SOCKS5h://us%40er:p%3Ass@proxy.test:9999")
    assert (proxy.scheme, proxy.host, proxy.port) == ("socks5h", "proxy.test", 9999)
    assert proxy.credentials == ("us@er", "p:ss")
    assert Proxy.parse("http://user@proxy.test").credentials == ("user", "")
    assert Proxy.parse("http://[::1]:8080").port == 8080


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@proxy.test",
        "ftp://user:hunter2@proxy.test",
        "http://user:hunter2@",
        "http://user:hunter2#x@proxy.test",
        "http://user:hunter2@proxy.test:port",
        "http://user:hunter2@proxy.test:99999",
        "http://[user:hunter2@proxy.test",
        "user:hunter2",
    ],
)
def test_bad_proxy_url(url: str) -> None:
    """A proxy URL that cannot be used is a ConfigError, and no part of its password shows."""
    with pytest.raises(ConfigError, match="proxy") as caught:
        Proxy.parse(url)
    shown = f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert "hunter2" not in shown


def test_proxy_hides_its_password() -> None:
    """The password shows in no text of a proxy."""
    proxy = Proxy.parse("http://user:hunter2@proxy.test:3128")
    assert "hunter2" not in f"{proxy} {proxy!r} {[proxy]}"
    assert str(proxy) == "http://proxy.test:3128"
