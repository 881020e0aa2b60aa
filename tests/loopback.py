"""Servers on loopback that can misbehave at the level of bytes: WebSocket (plain and TLS), HTTP and SOCKS5 proxies.

Everything runs on threads with blocking sockets. A server runs one *script* per accepted connection::

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.write(b"HTTP/1.1 429 Too Many Requests\\r\\nRetry-After: 7\\r\\n\\r\\n")

``with Server(script) as server: ... server.url``. The scripts may wait for ``peer.over``, which is set when the server
closes. Nothing of the package is used for the bytes, so that one mistake cannot hide in both.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import queue
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fake_exchange import FakeExchange
from patience import PATIENCE

from binance_sockets.engine.clock import Wakeup
from binance_sockets.exchange import ConnectRequest, Group, Stream
from binance_sockets.manager import Manager

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def frame(opcode: int, payload: bytes = b"", fin: bool = True) -> bytes:
    """A frame as a server sends it."""
    first, size = (0x80 if fin else 0) | opcode, len(payload)
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def data(name: str, body: object) -> bytes:
    """A frame with a message of the fake exchange."""
    return frame(TEXT, json.dumps({"from": name, "body": body}).encode())


class Peer:
    """The server's end of one connection. Writing and reading may happen on different threads."""

    def __init__(self, sock: socket.socket, over: threading.Event) -> None:
        self.sock = sock
        self.over = over
        self.head = b""
        self.tls: ssl.SSLSocket | None = None
        self._lock = threading.Lock()
        self._rest = b""

    # -- bytes --

    def start_tls(self, context: ssl.SSLContext) -> None:
        self.tls = self.sock = context.wrap_socket(self.sock, server_side=True)

    def write(self, *parts: bytes) -> None:
        """Each part goes out in one call."""
        for part in parts:
            with self._lock:
                self.sock.sendall(part)

    def drip(self, data: bytes, interval: float) -> None:
        """One byte per ``interval`` seconds, until the server closes."""
        for byte in data:
            self.write(bytes([byte]))
            if self.over.wait(interval):
                return

    def _ready(self, timeout: float) -> bool:
        if isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            return True
        return bool(select.select([self.sock], [], [], timeout)[0])

    def read(self, timeout: float | None = None) -> bytes | None:
        """Some bytes; ``b""`` at the end; ``None`` when none came within ``timeout`` or the server closes."""
        if self._rest:
            found, self._rest = self._rest, b""
            return found
        while not self.over.is_set():
            if self._ready(0.05 if timeout is None else timeout):
                with self._lock:
                    return self.sock.recv(65536)
            if timeout is not None:
                return None
        return None

    def read_until(self, mark: bytes) -> bytes:
        """Everything up to and with ``mark``."""
        found = b""
        while mark not in found:
            more = self.read()
            if not more:
                raise EOFError(found)
            found += more
        at = found.index(mark) + len(mark)
        self._rest = found[at:]
        return found[:at]

    def read_exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            more = self.read()
            if not more:
                raise EOFError(found)
            found += more
        self._rest = found[size:]
        return found[:size]

    def reset(self) -> None:
        """End with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()  # without a shutdown, which would end it in order

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    # -- WebSocket --

    def read_head(self) -> bytes:
        self.head = self.read_until(b"\r\n\r\n")
        return self.head

    def headers(self) -> dict[str, str]:
        """The request's headers, names in lower case."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}

    def upgrade(self, extra: bytes = b"") -> bytes:
        """The response that accepts the request which was read."""
        key = self.headers()["sec-websocket-key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + _MAGIC).digest())
        return (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n" + extra + b"\r\n"
        )

    def accept(self, behind: bytes = b"", extra: bytes = b"") -> None:
        """Read the request and accept it; ``behind`` goes out in the same segment."""
        self.read_head()
        self.write(self.upgrade(extra) + behind)

    def read_frame(self) -> tuple[int, bytes]:
        """The next frame of the client, unmasked. Raises EOFError at the end."""
        first, second = self.read_exactly(2)
        assert second & 0x80, "a client must mask its frames"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self.read_exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.read_exactly(8))
        mask = self.read_exactly(4)
        payload = self.read_exactly(size)
        return first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))

    def names(self) -> list[str]:
        """Names of streams in the URL of the request."""
        _, _, query = self.head.split(b" ")[1].decode().partition("names=")
        return [name for name in query.split(",") if name]

    def behave(self) -> None:
        """Answer joins, pings and the close frame until the end."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == CLOSE:
                self.write(frame(CLOSE, payload))
                return
            if opcode == PING:
                self.write(frame(PONG, payload))
            elif opcode == TEXT:
                ref = json.loads(payload)["ref"]
                self.write(frame(TEXT, json.dumps({"ref": ref, "ok": True}).encode()))


def good(peer: Peer) -> None:
    """A server that behaves, and says what it is told by :meth:`Server.say`."""
    peer.accept()
    peer.behave()


def chatty(peer: Peer) -> None:
    """A server that behaves and sends a message of every stream each 10 ms."""
    peer.accept()
    pending = threading.Event()

    def talk() -> None:
        number = 0
        with contextlib.suppress(OSError):
            while not pending.wait(0.01):
                number += 1
                for name in peer.names():
                    peer.write(data(name, number))

    thread = threading.Thread(target=talk, name="loopback-talk")
    thread.start()
    try:
        peer.behave()
    finally:
        pending.set()
        thread.join()


def silent(peer: Peer) -> None:
    """Accept the connection, and nothing more."""
    peer.over.wait()


class Server:
    """Accepts connections and runs a script for each, on its own thread.

    Args:
        script: what each connection meets; a sequence is used up one per connection, the last one repeated.
        tls: makes it a TLS server.
        host: where it listens.
        port: 0 takes a free one.
        family: IPv4 or IPv6.
    """

    def __init__(
        self,
        script: Callable[[Peer], None] | Sequence[Callable[[Peer], None]] = good,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        family: int = socket.AF_INET,
    ) -> None:
        self._scripts = [script] if callable(script) else list(script)
        self._tls = tls
        self._host = host
        self.over = threading.Event()
        self._threads: list[threading.Thread] = []
        self.peers: list[Peer] = []
        self.arrived: queue.Queue[Peer] = queue.Queue()
        self.failures: list[BaseException] = []
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((host, port))
        self._listener.listen(512)
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="loopback-accept")
        self._accepting.start()

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'wss' if self._tls else 'ws'}://{host}:{self.port}"

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self.over.is_set():
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = Peer(sock, self.over)
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            thread = threading.Thread(target=self._run, args=(peer, script), name="loopback-peer")
            self.peers.append(peer)
            self._threads.append(thread)
            thread.start()
            self.arrived.put(peer)

    def _run(self, peer: Peer, script: Callable[[Peer], None]) -> None:
        try:
            if self._tls is not None:
                peer.start_tls(self._tls)
            script(peer)
        except (OSError, EOFError):
            pass  # the client has gone
        except BaseException as exc:
            self.failures.append(exc)
            raise
        finally:
            peer.close()

    def say(self, name: str, body: object) -> None:
        """Send a message of a stream on every open connection."""
        for peer in list(self.peers):
            with contextlib.suppress(OSError):
                peer.write(data(name, body))

    def drop(self) -> None:
        """Cut every open connection."""
        for peer in list(self.peers):
            with contextlib.suppress(OSError):
                peer.sock.shutdown(socket.SHUT_RDWR)

    @property
    def heads(self) -> list[bytes]:
        return [peer.head for peer in self.peers if peer.head]

    def close(self) -> None:
        self.over.set()
        with socket.socket(self._listener.family) as waker:  # ends the accept
            waker.connect(self._listener.getsockname())
            self._accepting.join(PATIENCE)
        self._listener.close()
        self.drop()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "a loopback script does not end"
        assert not self.failures, self.failures


# -- proxies --


def relay(peer: Peer, host: str, port: int) -> None:
    """Copy bytes both ways until one side ends."""
    with socket.create_connection((host, port)) as other:
        other.settimeout(PATIENCE)
        while not peer.over.is_set():
            ready, _, _ = select.select([peer.sock, other], [], [], 0.05)
            for source in ready:
                found = source.recv(65536)
                if not found:
                    return
                (other if source is peer.sock else peer.sock).sendall(found)


def http_proxy(to: tuple[str, int] | None = None, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Callable[[Peer], None]:
    """A CONNECT proxy; ``to`` is where tunnels go whatever was asked for; another ``answer`` refuses."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.write(answer)
        if b" 200" in answer.split(b"\r\n")[0]:
            host, _, port = peer.head.split(b" ")[1].decode().rpartition(":")
            relay(peer, *(to or (host.strip("[]"), int(port))))

    return script


def socks5_proxy(
    to: tuple[str, int], user: str | None = None, password: str = "", code: int = 0
) -> Callable[[Peer], None]:
    """A SOCKS5 proxy with tunnels to ``to``; ``peer.head`` is what was asked for; a ``code`` above 0 refuses."""

    def script(peer: Peer) -> None:
        methods = peer.read_exactly(peer.read_exactly(2)[1])
        wanted = 0 if user is None else 2
        if wanted not in methods:
            peer.write(b"\x05\xff")
            return
        peer.write(bytes([5, wanted]))
        if user is not None:
            name = peer.read_exactly(peer.read_exactly(2)[1]).decode()
            given = peer.read_exactly(peer.read_exactly(1)[0]).decode()
            right = (name, given) == (user, password)
            peer.write(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                return
        kind = peer.read_exactly(4)[3]
        if kind == 3:
            host = peer.read_exactly(peer.read_exactly(1)[0])
        else:
            host = socket.inet_ntop(
                *((socket.AF_INET, peer.read_exactly(4)) if kind == 1 else (socket.AF_INET6, peer.read_exactly(16)))
            ).encode()
        (port,) = struct.unpack("!H", peer.read_exactly(2))
        peer.head = host + b":" + str(port).encode()
        peer.write(bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
        if not code:
            relay(peer, *to)

    return script


@contextlib.contextmanager
def deaf(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port whose connects are neither taken nor refused: its backlog is full. Yields the port."""
    with socket.socket() as listener:
        listener.bind((host, port))
        listener.listen(0)
        address = listener.getsockname()
        fillers = []
        try:
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(address)
                fillers.append(filler)
            select.select([], fillers[:1], [], PATIENCE)
            yield address[1]
        finally:
            for filler in fillers:
                filler.close()


# -- the client's side --


class Stop:
    """A cancel of one's own."""

    def __init__(self) -> None:
        self.wakeup = Wakeup()
        self.stopped = False

    def fileno(self) -> int:
        return self.wakeup.fileno()

    def cancelled(self) -> bool:
        return self.stopped

    def stop(self) -> None:
        self.stopped = True
        self.wakeup.set()

    def close(self) -> None:
        self.wakeup.close()


class LoopbackExchange(FakeExchange):
    """The fake exchange at a loopback server; names go in the URL unless ``names_in_url`` says otherwise."""

    def __init__(self, url: str, **rules: Any) -> None:
        super().__init__(**{"names_in_url": 1000, **rules})
        self._url = url

    def connect_request(self, group: Group) -> ConnectRequest:
        request = super().connect_request(group)
        _, _, path = request.url.partition("://fake.invalid")
        return ConnectRequest(self._url + path, confirmed=request.confirmed)


class Sockets(Manager):
    """A manager with a public way to open sockets of the fake exchange."""

    def open(
        self, url: str, callback: Callable[[Any], object], *names: str, key: str | None = None, **rules: Any
    ) -> Any:
        """Start a socket for streams ``names``; its key is the first of them unless given."""
        names = names or ("a",)
        return self._open(key or names[0], LoopbackExchange(url, **rules), [Stream(name) for name in names], callback)


class Inbox:
    """A callback that keeps what it gets, for a test to wait for."""

    def __init__(self) -> None:
        self.queue: queue.Queue[Any] = queue.Queue()

    def __call__(self, payload: Any) -> None:
        self.queue.put(payload)

    def next(self, timeout: float = PATIENCE) -> Any:
        return self.queue.get(timeout=timeout)

    def empty(self) -> bool:
        return self.queue.empty()
