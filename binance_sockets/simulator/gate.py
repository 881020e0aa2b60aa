"""The door: accepts sockets, and spoils them before a byte of HTTP is read where a fault asks for it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
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
    """Accepts connections from :meth:`apply` to :meth:`close`. For an event loop that has ``add_reader``.

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
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._loop.add_reader(listener, self._accept)

    def apply(self) -> None:
        """The faults have changed: open or close the port accordingly, at once."""
        if self._closed:
            return
        refusal = self._faults.find(Fault.REFUSE)
        if refusal is None or refusal.params["mode"] != "closed":
            if self._listener is None:
                self._listener = listen(*self._address)
                self._loop.add_reader(self._listener, self._accept)
            return
        if self._listener is not None:
            refusal.strike()
            self._stop_listening()
        if refusal.until is not None:
            self._loop.call_later(max(0.0, refusal.until - time.monotonic()) + 0.001, self.apply)

    async def close(self) -> None:
        """Accept no more, and end what has not got as far as HTTP."""
        self._closed = True
        self._stop_listening()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

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
