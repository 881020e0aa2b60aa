"""From a host name to a TCP connection: addresses, order, deadline, refusals, and which proxy is taken."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from loopback import PATIENCE, Server, Stop, deaf, silent

from binance_sockets.engine import lookup
from binance_sockets.engine import tcp as module
from binance_sockets.engine.clock import Cancelled, Clock
from binance_sockets.engine.pipes import PlainStream
from binance_sockets.engine.tcp import Target, dial
from binance_sockets.errors import ConfigError, ConnectError, ConnectTimeout
from binance_sockets.proxy import Proxy, is_loopback, proxy_for

CLOCK = Clock()


@pytest.fixture
def stop() -> Iterator[Stop]:
    with contextlib.closing(Stop()) as stop:
        yield stop


def connect(host: str, port: int, stop: Stop, timeout: float = PATIENCE, proxy: Proxy | None = None) -> PlainStream:
    return dial(Target(host, port, timeout, CLOCK.monotonic() + timeout, proxy), stop, CLOCK)


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


@pytest.mark.parametrize(
    ("turn", "reached"), [(None, "127.0.0.4"), (0, "127.0.0.2"), (1, "127.0.0.3"), (5, "127.0.0.4")]
)
def test_links_of_the_same_streams_begin_with_different_addresses(
    turn: int | None, reached: str, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whatever order the name server tells them, which may be another one each time."""
    with contextlib.ExitStack() as servers:
        port = servers.enter_context(Server(silent, host="127.0.0.2")).port
        for host in ("127.0.0.3", "127.0.0.4"):
            servers.enter_context(Server(silent, host=host, port=port))
        resolve_to(monkeypatch, "127.0.0.4", "127.0.0.2", "127.0.0.3")
        target = Target("exchange.test", port, PATIENCE, CLOCK.monotonic() + PATIENCE, turn=turn)
        stream = dial(target, stop, CLOCK)
        with contextlib.closing(stream):
            assert stream.sock.getpeername() == (reached, port)


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
    assert proxy_for("example.com", 443, True, None) is None
    environment.setenv("all_proxy", "socks5://all.test")
    environment.setenv("http_proxy", "http://plain.test:3128")
    assert str(proxy_for("example.com", 443, False, None)) == "http://plain.test:3128"
    assert str(proxy_for("example.com", 443, True, None)) == "socks5://all.test:1080"
    environment.setenv("HTTPS_PROXY", "secure.test")
    assert str(proxy_for("example.com", 443, True, None)) == "http://secure.test:80"


def test_proxy_is_bypassed(environment: pytest.MonkeyPatch) -> None:
    """Loopback never goes through a proxy, nor does a host in ``no_proxy``; ``""`` switches proxies off."""
    environment.setenv("https_proxy", "http://secure.test:3128")
    environment.setenv("no_proxy", "example.com,other.test")
    for host in ("example.com", "stream.example.com", "other.test", "127.0.0.1", "localhost", "::1"):
        assert proxy_for(host, 443, True, None) is None
    assert proxy_for("else.test", 443, True, None)
    assert proxy_for("else.test", 443, True, "") is None
    assert proxy_for("127.0.0.1", 443, True, "http://asked.test") is None
    asked = proxy_for("example.com", 443, True, "http://asked.test")
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


@pytest.mark.parametrize(
    ("listed", "inside", "outside"),
    [
        ("example.com:8443", [("example.com", 8443), ("a.example.com", 8443)], [("example.com", 443)]),
        ("10.0.0.0/8", [("10.1.2.3", 443)], [("11.1.2.3", 443), ("10.example.com", 443)]),
        ("10.0.0.5/8,192.0.2.7:80", [("10.9.9.9", 1), ("192.0.2.7", 80)], [("192.0.2.7", 443)]),
        ("2001:db8::/32 [2001:dead::1]:443", [("2001:db8::9", 1), ("2001:dead::1", 443)], [("2001:dead::1", 80)]),
        (".example.com, *.other.test", [("a.EXAMPLE.com.", 1), ("b.other.test", 1)], [("badexample.com", 1)]),
        ("*", [("anything.test", 1)], []),
        (" ,.,*.,:80", [], [("anything.test", 80)]),
    ],
)
def test_no_proxy(
    environment: pytest.MonkeyPatch, listed: str, inside: list[tuple[str, int]], outside: list[tuple[str, int]]
) -> None:
    """``no_proxy`` takes domains, addresses and networks, each with a port or without, between commas or blanks."""
    environment.setenv("all_proxy", "http://proxy.test")
    environment.setenv("no_proxy", listed)
    for host, port in inside:
        assert proxy_for(host, port, True, None) is None, (host, port)
    for host, port in outside:
        assert proxy_for(host, port, True, None) is not None, (host, port)


@pytest.mark.parametrize(
    ("variable", "value", "write"),
    [
        ("all_proxy", "socks://127.0.0.1:1080/", "Write all_proxy=socks5h://127.0.0.1:1080; GNOME"),
        ("HTTPS_PROXY", "https://user:hunter2@p.test:1", "Write HTTPS_PROXY=http://user:password@p.test:1"),
        ("https_proxy", "http://user:hunter2@p.test:port", "Write https_proxy=http://user:password@host:3128"),
        ("https_proxy", "user:hunter2", "Write https_proxy=http://host:3128"),
        (
            "https_proxy",
            "http://user:hunter2#1@p.test:1",
            "Write https_proxy=http://user:password@p.test:1 with",
        ),
    ],
)
def test_bad_variable(environment: pytest.MonkeyPatch, variable: str, value: str, write: str) -> None:
    """A variable that cannot be used is named, with what to write, and without its password."""
    environment.setenv(variable, value)
    with pytest.raises(ConfigError) as caught:
        proxy_for("example.com", 443, True, None)
    assert str(caught.value).startswith(f"{variable}: expected a URL with http, socks4")
    assert write in str(caught.value)
    assert "hunter2" not in f"{caught.value} {caught.value!r}"


# -- name look-up --


class Resolver:
    """A ``getaddrinfo`` that hangs until it is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.called = threading.Event()
        self.go_on = threading.Event()
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, port: int, *args: Any, **more: Any) -> Any:
        if not host.endswith(".test"):
            return self._real(host, port, *args, **more)
        self.calls.append(threading.current_thread().name)
        self.called.set()
        assert self.go_on.wait(PATIENCE)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    resolver = Resolver(monkeypatch)
    yield resolver
    resolver.go_on.set()


def test_look_up_that_hangs(resolver: Resolver, stop: Stop) -> None:
    """A look-up that hangs ends at the deadline, whatever the system does, and the text says what hung."""
    began = time.monotonic()
    with pytest.raises(ConnectTimeout, match=r"name look-up of exchange\.test took longer than 0\.2 s"):
        connect("exchange.test", 1, stop, timeout=0.2)
    with pytest.raises(ConnectTimeout, match=r"the proxy .* cannot be reached: name look-up of proxy\.test took"):
        connect("exchange.test", 1, stop, timeout=0.2, proxy=Proxy.parse("http://proxy.test:1"))
    assert 0.4 <= time.monotonic() - began < PATIENCE / 2


def test_look_up_is_stopped(resolver: Resolver, stop: Stop) -> None:
    """A stop ends the wait for a look-up."""
    stopper = threading.Thread(target=lambda: (resolver.called.wait(PATIENCE), stop.stop()))
    stopper.start()
    with pytest.raises(Cancelled):
        connect("exchange.test", 1, stop)
    stopper.join()


def test_look_ups_are_shared(resolver: Resolver, stop: Stop) -> None:
    """However many wait for a name, and however often, one thread looks it up; its answer serves them all."""
    for _ in range(3):
        with pytest.raises(ConnectTimeout):
            connect("exchange.test", 1, stop, timeout=0.01)
    with Server(silent) as server, ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(connect, "exchange.test", server.port, stop) for _ in range(8)]
        while sum(len(entry.waiting) for entry in lookup._pending._latest.values()) < 8:
            assert not any(future.done() for future in waiting)
        resolver.go_on.set()
        for future in waiting:
            future.result(PATIENCE).close()
    assert len(resolver.calls) == 2, "one for each port"
    assert set(resolver.calls) == {"binance_sockets:look-up"}


def test_look_ups_are_bounded(resolver: Resolver, stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """While many names hang no further thread is started; one that hangs for long gets another attempt beside it."""
    monkeypatch.setattr(lookup, "_MOST", 3)
    monkeypatch.setattr(lookup, "_HUNG", 0.0)
    for host in ("a.test", "a.test", "b.test", "b.test", "a.test"):
        with pytest.raises(ConnectTimeout):
            connect(host, 1, stop, timeout=0.01)
    with pytest.raises(ConnectError, match="3 name look-ups hang already"):
        connect("c.test", 1, stop)
    assert len(resolver.calls) == 3


def test_look_up_without_a_thread(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses and localhost need no thread; where none can be started, a name is looked up on the caller's."""

    def refuse(self: lookup.Worker) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    with Server(silent) as server:
        with monkeypatch.context() as patch:
            patch.setattr(lookup.Worker, "start", lambda self: pytest.fail("a thread"))
            for host in ("127.0.0.1", "localhost"):
                connect(host, server.port, stop).close()
        resolve_to(monkeypatch, "127.0.0.1")
        with monkeypatch.context() as patch:
            patch.setattr(lookup.Worker, "start", refuse)
            connect("exchange.test", server.port, stop).close()
    assert not lookup._pending._latest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_look_up_in_a_forked_child() -> None:
    """A child does not wait for look-ups whose threads stayed in the parent, nor for a lock that one of them held."""
    script = """
import os, socket, sys, threading
from binance_sockets.engine import lookup
from binance_sockets.engine.clock import Clock, Wakeup
from binance_sockets.errors import ConnectTimeout

class Never(Wakeup):
    def cancelled(self):
        return False

clock, cancel, parent = Clock(), Never(), os.getpid()
hang = threading.Event()
socket.getaddrinfo = lambda *args, **more: hang.wait() if os.getpid() == parent else ["found"]
try:
    lookup.look_up("a.test", 1, 0.05, clock.monotonic() + 0.05, cancel, clock)
except ConnectTimeout:
    pass
with lookup._pending._lock:
    child = os.fork()
if child == 0:
    found = lookup.look_up("a.test", 1, 10.0, clock.monotonic() + 10.0, cancel, clock)
    os._exit(0 if found == ["found"] else 3)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 0, ended.stderr
