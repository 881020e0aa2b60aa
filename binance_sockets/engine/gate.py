"""One callback at a time among many connections, where a program was written for one thread.

A lock around the callbacks would not do: who stops a connection from inside a callback would wait for one that waits
for the lock, and that one would still be called afterwards. So whoever waits here looks at the flag that stops it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["Gate"]

_PERIOD = 0.5  # seconds between two looks at the flag, should nobody tell


class Stoppable(Protocol):
    """Whose calls pass."""

    stopping: bool


class Gate:
    """Lets one call at a time through. Any thread; a call inside a call passes at once."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._owner: int | None = None  # identifier of the thread whose call runs
        self._depth = 0

    def through(self, callback: Callable[[Any], object], who: Stoppable) -> Callable[[Any], object]:
        """``callback``, each call of which waits for its turn; none begins once ``who`` is stopping."""

        def call(payload: Any) -> None:
            if self._enter(who):
                try:
                    callback(payload)
                finally:
                    self._leave()

        return call

    def look(self) -> None:
        """A flag was set: those that wait look at theirs. Never blocks for long."""
        with self._turn:
            self._turn.notify_all()

    def is_busy(self) -> bool:
        """A call runs."""
        return self._owner is not None

    def _enter(self, who: Stoppable) -> bool:
        me = threading.get_ident()
        with self._turn:
            while self._owner not in (None, me):
                if who.stopping:
                    return False
                self._turn.wait(_PERIOD)
            if who.stopping:
                return False
            self._owner = me
            self._depth += 1
        return True

    def _leave(self) -> None:
        with self._turn:
            self._depth -= 1
            if not self._depth:
                self._owner = None
                self._turn.notify()
