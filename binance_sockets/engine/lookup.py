"""The system's name look-up, bounded and cancellable.

``getaddrinfo`` can be neither cancelled nor given a deadline, so it runs on a helper thread, and its caller waits for
the answer, the deadline or the stop, whichever comes first. A look-up that hangs keeps its thread; others for the same
name wait for the same answer, so that threads do not pile up while a name server is silent.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from ..errors import ConnectError, ConnectTimeout
from .clock import Cancel, Clock, Wakeup, wait_ready
from .threads import Worker

__all__ = ["look_up"]

_MOST = 16  # look-ups under way at once, in the whole process
_HUNG = 30.0  # seconds after which another attempt is begun beside one that has not come back


class _LookUp:
    """One call of ``getaddrinfo``, shared by all who wait for it."""

    def __init__(self, host: str, port: int, began: float) -> None:
        self.host = host
        self.port = port
        self.began = began
        self.done = False
        self.found: list[Any] = []
        self.failure: Exception | None = None
        self.waiting: list[Wakeup] = []


class _Pending:
    """What is under way in this process. The lock is held for a few instructions, never over a look-up or a wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[tuple[str, int], _LookUp] = {}
        self._running = 0

    def join(self, host: str, port: int, wakeup: Wakeup, now: float) -> tuple[_LookUp | None, bool]:
        """The look-up to wait for, and whether the caller must begin it; ``None`` when too many hang."""
        with self._lock:
            found = self._latest.get((host, port))
            begin = found is None or (now - found.began > _HUNG and self._running < _MOST)
            if begin:
                if self._running >= _MOST:
                    return None, False
                found = self._latest[host, port] = _LookUp(host, port, now)
                self._running += 1
            assert found is not None
            found.waiting.append(wakeup)
            return found, begin

    def leave(self, look_up: _LookUp, wakeup: Wakeup) -> None:
        with self._lock:
            if wakeup in look_up.waiting:
                look_up.waiting.remove(wakeup)

    def run(self, look_up: _LookUp) -> None:
        """The call itself. On a helper thread, or on the caller's where none can be had."""
        failure: Exception | None = None
        found: list[Any] = []
        try:
            found = socket.getaddrinfo(look_up.host, look_up.port, type=socket.SOCK_STREAM)
        except Exception as exc:
            failure = exc
        # Under the lock: whoever leaves closes its descriptor afterwards, so none is written to that is closed or,
        # worse, somebody else's by now. A wake-up never blocks.
        with self._lock:
            look_up.found, look_up.failure, look_up.done = found, failure, True
            self._running -= 1
            if self._latest.get((look_up.host, look_up.port)) is look_up:
                del self._latest[look_up.host, look_up.port]
            for wakeup in look_up.waiting:
                wakeup.set()


_pending = _Pending()


def _forget() -> None:
    """In a forked child: the helper threads, and whoever held the lock, have stayed behind."""
    global _pending
    _pending = _Pending()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def look_up(host: str, port: int, timeout: float, deadline: float, cancel: Cancel, clock: Clock) -> list[Any]:
    """What ``socket.getaddrinfo`` finds for TCP. Any thread; blocks until ``deadline`` at the latest.

    Args:
        host: a name or an address; an address, and ``localhost``, need no helper thread.
        port: of the server.
        timeout: seconds of the whole attempt, for the text of the error.
        deadline: monotonic seconds.
        cancel: ends the wait when the connection is stopped.
        clock: real time.

    Raises:
        ConnectError: the system knows no address.
        ConnectTimeout: it does not say within the deadline.
        Cancelled: the connection is being stopped.
    """
    target = f"{host}:{port}"
    try:
        if _is_local(host):
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with contextlib.closing(Wakeup()) as wakeup:
            return _shared(host, port, wakeup, deadline, cancel, clock)
    except TimeoutError as exc:
        raise ConnectTimeout(target, f"name look-up of {host} took longer than {timeout:g} s") from exc
    except (OSError, UnicodeError) as exc:
        raise ConnectError(target, f"name look-up failed ({exc})") from exc


def _shared(host: str, port: int, wakeup: Wakeup, deadline: float, cancel: Cancel, clock: Clock) -> list[Any]:
    pending = _pending
    found, begin = pending.join(host, port, wakeup, clock.monotonic())
    if found is None:
        raise ConnectError(
            f"{host}:{port}", f"{_MOST} name look-ups hang already; the system's resolver does not answer"
        )
    try:
        if begin:
            _begin(lambda: pending.run(found))
        wait_ready([wakeup.fileno()], False, deadline, cancel, clock)
    finally:
        pending.leave(found, wakeup)
    if found.failure is not None:
        raise found.failure
    return found.found


def _begin(run: Callable[[], None]) -> None:
    """On a thread of its own; here and now, unbounded, where the interpreter starts none any more."""
    try:
        Worker(run, name="binance_sockets:look-up", daemon=True).start()
    except RuntimeError:
        run()


def _is_local(host: str) -> bool:
    """Whether the answer needs no name server."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.lower() == "localhost"
    return True
