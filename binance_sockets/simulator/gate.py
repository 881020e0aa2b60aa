"""The door: accepts sockets, and spoils them before a byte of HTTP is read where a fault asks for it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

from binance_sockets.faults import Fault
from binance_sockets.simulator import wire
from binance_sockets.simulator.faults import FaultBoard

__all__ = ["Gate", "listen"]

_HANDSHAKE_FAILURE = b"\x15\x03\x03\x00\x02\x02\x28"  # a fatal TLS alert


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises OSError where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_REUSEADDR") and not hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(1024)
    except BaseException:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


class Gate:
    """Accepts connections for as long as :meth:`run` runs.

    Args:
        listener: a listening, non-blocking socket; the gate closes it.
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
        self._address = listener.getsockname()[:2]
        self._listener: socket.socket | None = listener
        self._make_protocol, self._faults, self._ssl = make_protocol, faults, ssl_context
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Accept until cancelled."""
        acceptor: asyncio.Task[None] | None = None
        try:
            while True:
                self._changed.clear()
                closed = self._closed_by_fault()
                # only then: a cancelled accept may lose a connection that it had taken already
                if acceptor is not None and (closed or acceptor.done()):
                    await _cancelled(acceptor)
                    acceptor = None
                self._open_or_close(closed)
                if acceptor is None and self._listener is not None:
                    acceptor = asyncio.create_task(self._accept(self._listener))
                waiter = asyncio.create_task(self._changed.wait())
                try:
                    await asyncio.wait({waiter, acceptor or waiter}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    await _cancelled(waiter)
        finally:
            for task in (*self._tasks, *((acceptor,) if acceptor else ())):
                await _cancelled(task)
            if self._listener is not None:
                self._listener.close()

    def changed(self) -> None:
        """The faults have changed: look whether the port must be closed or open."""
        self._changed.set()

    def _closed_by_fault(self) -> bool:
        found = self._faults.find(Fault.REFUSE)
        if found is None or found.params["mode"] != "closed":
            return False
        if self._listener is not None:
            found.strike()
        if found.duration is not None:
            asyncio.get_running_loop().call_later(found.duration, self._changed.set)
        return True

    def _open_or_close(self, closed: bool) -> None:
        if closed:
            if self._listener is not None:
                self._listener.close()
                self._listener = None
        elif self._listener is None:
            self._listener = listen(*self._address)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(listener)
            task = loop.create_task(self._admit(sock))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _admit(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            sock.setblocking(False)
            if self._faults.strike(Fault.REFUSE):
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


async def _cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
