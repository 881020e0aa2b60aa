"""What all sockets of the process brought, said in one line when Ctrl-C ends it."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import weakref
from typing import Protocol

__all__ = ["Counted", "Tally", "tally"]

log = logging.getLogger("binance_sockets.process")


class Counted(Protocol):
    """A socket, over all its links."""

    def counts(self) -> tuple[int, int]:
        """Messages and reconnects so far. Any thread; never blocks."""


class Tally:
    """Counts over the life of a process. All methods may be called from any thread; none blocks.

    Attributes:
        interrupted: Ctrl-C came, and no socket was started since. A signal handler sets it, which may take no lock.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew, as in a forked child, where nobody holds the lock."""
        self._lock = threading.Lock()
        self._open: weakref.WeakSet[Counted] = weakref.WeakSet()
        self._sockets = self._messages = self._gaps = self._reconnects = 0
        self.interrupted = False

    def began(self, socket: Counted) -> None:
        """A socket was started."""
        self.interrupted = False  # the program goes on
        with self._lock:
            self._sockets += 1
            self._open.add(socket)

    def ended(self, socket: Counted) -> None:
        """A socket counts no further; nothing where it never began."""
        with self._lock:
            if socket in self._open:
                self._open.discard(socket)
                self._add(socket)

    def gap(self) -> None:
        with self._lock:
            self._gaps += 1

    def _add(self, socket: Counted) -> None:
        messages, reconnects = socket.counts()
        self._messages += messages
        self._reconnects += reconnects

    def summary(self) -> str:
        """``1,204 messages, 0 gaps, 1 reconnect``; empty where no socket was started."""
        with self._lock:
            if not self._sockets:
                return ""
            for socket in list(self._open):  # daemons, which the exit does not wait for
                self._open.discard(socket)
                self._add(socket)
            counts = {"message": self._messages, "gap": self._gaps, "reconnect": self._reconnects}
        return ", ".join(f"{count:,} {name}{'' if count == 1 else 's'}" for name, count in counts.items())


tally = Tally()
"""The process's own."""


def _say_at_exit() -> None:
    """Non-daemon threads are over by now, so the numbers are final."""
    if tally.interrupted and not hasattr(sys, "ps1") and (text := tally.summary()):
        could = _stderr_takes_it()
        # Where logging was not configured Python writes warnings to stderr, and nothing below.
        log.log(logging.INFO if log.hasHandlers() else logging.WARNING, "ended by Ctrl-C: %s", text)
        if could and not _stderr_takes_it():  # then nobody reads it, which is no reason to exit with 120
            sys.stderr = None


def _stderr_takes_it() -> bool:
    """Whether what was written to stderr has left this process."""
    try:
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # none, a descriptor or a pipe that is closed, a closed file
        return False
    return True


atexit.register(_say_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=tally.forget)
