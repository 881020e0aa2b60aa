"""One callback at a time among many connections, where a program was written for one thread.

A lock around the callbacks would not do: who stops a connection from inside a callback would wait for one that waits
for the lock, and that one would still be called afterwards. So whoever waits here looks at the flag that stops it. Nor
would a lock be fair: a connection with a backlog would take it again before the next one is awake. So the turn is
handed on, to whoever has waited longest.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from .clock import Clock

__all__ = ["Gate", "Stoppable"]

_PERIOD = 0.5  # seconds between two looks at the flag, should nobody tell
_stopwatch = Clock().stopwatch


class Stoppable(Protocol):
    """Whose calls pass."""

    waited: float
    """Set at each call: seconds for which it has waited, which are no time of the callback's."""

    @property
    def stopping(self) -> bool:
        """No call may begin any more."""


class _Turn:
    """A thread that waits."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.told = threading.Event()


class Gate:
    """Lets one call at a time through, first come, first served. Any thread; a call inside a call passes at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the three below
        self._owner: int | None = None  # identifier of the thread whose call runs, or may begin
        self._depth = 0
        self._waiting: deque[_Turn] = deque()

    def through(self, callback: Callable[[Any], object], who: Stoppable) -> Callable[[Any], object]:
        """``callback``, each call of which waits for its turn; none begins once ``who`` is stopping."""

        def call(payload: Any) -> None:
            if self._enter(who):
                try:
                    callback(payload)
                finally:
                    self._leave()

        return call

    def attempt(self, callback: Callable[[Any], object], payload: Any) -> bool:
        """Call back at once if no call runs or may begin; returns whether it did. Never waits."""
        with self._lock:
            free = self._owner is None
            if free:
                self._owner, self._depth = threading.get_ident(), 1
        if free:
            try:
                callback(payload)
            finally:
                self._leave()
        return free

    def look(self) -> None:
        """A flag was set: those that wait look at theirs. Never blocks for long."""
        with self._lock:
            for turn in self._waiting:
                turn.told.set()

    def is_mine(self) -> bool:
        """The caller is inside a call."""
        return self._owner == threading.get_ident()

    def _enter(self, who: Stoppable) -> bool:
        me = threading.get_ident()
        with self._lock:
            stopping = who.stopping
            if stopping:
                return False
            if self._owner in (None, me):
                self._owner = me
                self._depth += 1
                who.waited = 0.0
                return True
            turn = _Turn()
            self._waiting.append(turn)
        began = _stopwatch()
        while True:
            turn.told.wait(_PERIOD)
            with self._lock:
                turn.told.clear()
                stopping = who.stopping
                if self._owner == me:
                    who.waited = _stopwatch() - began
                    if stopping:
                        self._hand_on()
                    return not stopping
                if stopping:
                    self._waiting.remove(turn)
                    return False

    def _leave(self) -> None:
        with self._lock:
            self._depth -= 1
            if not self._depth:
                self._hand_on()

    def _hand_on(self) -> None:
        """The turn is that of who has waited longest, if anybody waits. Called with the lock held."""
        if not self._waiting:
            self._owner, self._depth = None, 0
            return
        turn = self._waiting.popleft()
        self._owner, self._depth = turn.thread, 1
        turn.told.set()
