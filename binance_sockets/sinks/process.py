"""What becomes of messages that wait in memory when the process forks, and when it ends."""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from typing import Protocol

__all__ = ["Holder", "watch"]

_AT_EXIT = 5.0  # seconds that the end of the process leaves for delivering


class Holder(Protocol):
    """Something in which messages wait."""

    def reset(self) -> None:
        """A forked child, where threads and messages are the parent's, and nobody gives back a lock: begin anew."""

    def shut(self) -> None:
        """The process ends: take no more messages. Does not wait."""

    def finish(self, timeout: float) -> object:
        """The process ends: deliver what waits, in so many seconds."""


_lock = threading.Lock()  # guards the set
_known: weakref.WeakSet[Holder] = weakref.WeakSet()


def watch(holder: Holder) -> None:
    """Have ``holder`` told of forks and of the end, for as long as somebody refers to it."""
    with _lock:
        _known.add(holder)


@atexit.register
def _drain() -> None:
    """Deliver what waits anywhere at the end of the process, within one deadline."""
    deadline = time.monotonic() + _AT_EXIT
    with _lock:
        found = list(_known)
    for holder in found:
        holder.shut()
    for holder in found:
        holder.finish(max(0.0, deadline - time.monotonic()))


def _start_anew() -> None:
    """In a forked child nobody else is here."""
    global _lock
    _lock = threading.Lock()
    for holder in list(_known):
        holder.reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
