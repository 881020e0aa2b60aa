"""The door: accepts sockets, and spoils them before a byte of HTTP is read where a fault asks for it."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Callable

from binance_sockets.faults import Fault
from binance_sockets.simulator import wire
from binance_sockets.simulator.injections import FaultBoard

__all__ = ["Gate", "listen", "reserve"]

_BACKLOG = 1024
_RETRY = 0.05  # seconds until a port that could not be opened again is tried again
_log = logging.getLogger("binance_sockets.simulator")
_HANDSHAKE_FAILURE = b"\x15\x03\x03\x00\x02\x02\x28"  # a fatal TLS alert


def reserve(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen: its port refuses connects, and no other program is given it.

    Raises:
        OSError: the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_REUSEADDR") and not hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


def listen(sock: socket.socket) -> socket.socket:
    """Let a bound socket listen; on failure it is closed.

    Raises:
        OSError: another program listens there.
    """
    try:
        sock.listen(_BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


class Gate:
    """Accepts connections from :meth:`apply` to :meth:`close`. For an event loop that has ``add_reader``.

    While it accepts none, it keeps its port by a socket that is bound and does not listen.

    Args:
        listener: a listening, non-blocking socket; it belongs to the gate.
        make_protocol: what handles an accepted connection.
        faults: which faults stand.
        ssl_context: for TLS.
    """

    def __init__(
        self,
        listener: socket.socket,
        make_protocol: Callable[[], asyncio.Protocol],
        faults: FaultBoard,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        self._host, self._port = listener.getsockname()[:2]
        self._listener: socket.socket | None = listener
        self._kept: socket.socket | None = None  # holds the port while nothing listens
        self._make_protocol, self._faults, self._ssl = make_protocol, faults, ssl_context
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._again: asyncio.TimerHandle | None = None
        self._closed = False
        self._loop.add_reader(listener, self._accept)

    def apply(self) -> None:
        """The faults have changed: open or close the port accordingly, at once."""
        if self._closed:
            return
        refusal = self._faults.find(Fault.REFUSE)
        if refusal is None or refusal.params["mode"] != "closed":
            if self._listener is None:
                self._open()
            return
        if self._listener is not None:
            refusal.strike()
            self._shut()
        if refusal.until is not None:
            self._apply_in(refusal.until - time.monotonic() + 0.001)

    async def close(self) -> socket.socket | None:
        """Accept no more, and end what has not got as far as HTTP. Returns the socket that keeps the port."""
        self._closed = True
        self._shut()
        if self._again is not None:
            self._again.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        kept, self._kept = self._kept, None
        return kept

    def _apply_in(self, seconds: float) -> None:
        if self._again is not None:
            self._again.cancel()
        self._again = self._loop.call_later(max(0.0, seconds), self.apply)

    def _open(self) -> None:
        kept, self._kept = self._kept, None
        try:
            self._listener = listen(kept or reserve(self._host, self._port))
        except OSError as error:
            _log.warning("port %d cannot be opened again yet: %s", self._port, error)
            self._apply_in(_RETRY)
        else:
            self._loop.add_reader(self._listener, self._accept)

    def _shut(self) -> None:
        if self._listener is None:
            return
        self._loop.remove_reader(self._listener)
        self._listener.close()
        self._listener = None
        try:
            self._kept = reserve(self._host, self._port)
        except OSError as error:  # somebody was quicker
            _log.warning("port %d cannot be kept: %s", self._port, error)

    def _accept(self) -> None:
        while self._listener is not None:
            try:
                sock, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            task = self._loop.create_task(self._admit(sock))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _admit(self, sock: socket.socket) -> None:
        loop = self._loop
        try:
            sock.setblocking(False)
            refusal = self._faults.find(Fault.REFUSE)
            if refusal is not None and refusal.params["mode"] == "reset" and refusal.strike():
                wire.linger_off(sock)
                sock.close()
                return
            failure = self._faults.strike(Fault.TLS_FAILURE) if self._ssl else None
            if failure is not None:
                await asyncio.wait_for(loop.sock_recv(sock, 4096), 5.0)
                if failure.params["mode"] == "alert":
                    await loop.sock_sendall(sock, _HANDSHAKE_FAILURE)
                sock.close()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.connect_accepted_socket(self._make_protocol, sock, ssl=self._ssl)
        except (OSError, ssl.SSLError, asyncio.TimeoutError):
            sock.close()
        except BaseException:
            sock.close()
            raise
