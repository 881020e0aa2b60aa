"""A TCP proxy on loopback that does to connections what networks do, between a client and the embedded exchange.

What faults of the exchange itself cannot show: it believes that all is well while the client hears nothing, or half.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from dataclasses import dataclass, field
from types import TracebackType

__all__ = ["FaultProxy"]

_CHUNK = 65_536
_RESET = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class _Pair:
    """One connection: the client's end, the server's end, and what waits for the client."""

    client: socket.socket
    server: socket.socket
    waiting: bytearray = field(default_factory=bytearray)
    passed: int = 0
    ends: bool = False


class FaultProxy:
    """Forwards connections to a port of loopback, and spoils them from when it is told. A context manager.

    Args:
        port: of the server.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._pairs: list[_Pair] = []
        self._over = threading.Event()
        self._silent = False
        self._rate: int | None = None
        self._cut: int | None = None
        self._late_ends = False
        self._tick = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fault-proxy")

    # what is told, from any thread

    def silence(self) -> None:
        """From now on nothing reaches any client, and no end is closed: half-open."""
        self._silent = True

    def slow(self, rate: int | None) -> None:
        """At most ``rate`` bytes in 10 ms reach each client; ``None`` for all there are."""
        self._rate = rate

    def cut_after(self, count: int) -> None:
        """Each open connection ends by a reset when ``count`` bytes more have reached its client, wherever that is."""
        with self._lock:
            for pair in self._pairs:
                pair.passed = 0
            self._cut = count

    def late_ends(self) -> None:
        """An end of the server reaches its client only with the next :meth:`heal`: a later connection opens before."""
        self._late_ends = True

    def heal(self) -> None:
        """No more faults."""
        self._silent, self._rate, self._cut, self._late_ends = False, None, None, False

    @property
    def connections(self) -> int:
        """How many are open."""
        with self._lock:
            return len(self._pairs)

    # the thread

    def _run(self) -> None:
        while not self._over.is_set():
            with selectors.DefaultSelector() as ready:
                ready.register(self._listener, selectors.EVENT_READ, None)
                for pair in self._pairs:
                    ready.register(pair.client, selectors.EVENT_READ, (pair, True))
                    if not pair.ends and len(pair.waiting) < _CHUNK:
                        ready.register(pair.server, selectors.EVENT_READ, (pair, False))
                found = ready.select(0.01)
            for key, _ in found:
                if key.data is None:
                    self._accept()
                elif key.data[0] in self._pairs:
                    self._read(*key.data)
            for pair in list(self._pairs):
                self._give(pair)
            if self._rate is not None:
                self._tick.wait(0.01)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self._port), 5.0)
        except OSError:
            client.close()
            return
        for end in (client, server):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._pairs.append(_Pair(client, server))

    def _read(self, pair: _Pair, from_client: bool) -> None:
        try:
            data = (pair.client if from_client else pair.server).recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not from_client:
            pair.waiting += data
            pair.ends = pair.ends or not data
        elif not data:
            self._end(pair)
        elif not self._silent:
            with contextlib.suppress(OSError):
                pair.server.sendall(data)

    def _give(self, pair: _Pair) -> None:
        if self._silent or pair not in self._pairs:
            return
        data = bytes(pair.waiting[: self._rate])
        if self._cut is not None:
            data = data[: max(0, self._cut - pair.passed)]
        if data:
            try:
                count = pair.client.send(data)
            except BlockingIOError:
                return
            except OSError:
                self._end(pair)
                return
            pair.passed += count
            del pair.waiting[:count]
        if self._cut is not None and pair.passed >= self._cut:
            pair.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._end(pair)
        elif pair.ends and not pair.waiting and not self._late_ends:
            self._end(pair)

    def _end(self, pair: _Pair) -> None:
        with self._lock:
            self._pairs.remove(pair)
        pair.client.close()
        pair.server.close()

    # life

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(10.0)
        for pair in list(self._pairs):
            self._end(pair)
        self._listener.close()
