"""Tells of callbacks that do not return. Their own threads cannot, before it is too late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from ..events import ErrorReport
from .clock import Clock
from .threads import Worker

__all__ = ["Alarm", "LagWatch", "Watched"]

_BOUND = 60.0  # seconds of one wait
_CALM = 5.0  # seconds in which nobody who is not at work falls behind
_SHORT = 0.05  # seconds between two looks at least


class Watched(Protocol):
    """A connection."""

    def behind(self, now: float) -> float | ErrorReport | None:
        """Seconds until it may be behind, ``None`` while nothing says so; or what is to be told. Never waits."""

    def tell_behind(self, report: ErrorReport) -> None:
        """Call its listeners."""


class Alarm:
    """Wakes the watch of a manager, which sleeps while no connection is at work.

    Attributes:
        asleep: somebody who begins to work is to :meth:`ring`. Any thread may read it.
    """

    __slots__ = ("asleep", "woken")

    def __init__(self) -> None:
        self.asleep = False
        self.woken: threading.Event | None = None

    def ring(self) -> None:
        """Any thread; never blocks."""
        self.asleep = False
        if (woken := self.woken) is not None:
            woken.set()


class LagWatch:
    """Looks every few seconds whether a connection has fallen behind, and has that told on a thread of its own.

    A look costs some microseconds for each connection, and none is made while all of them wait. The thread is a daemon.
    It calls error listeners, so nothing else may depend on it.

    Args:
        name: name of the thread.
        clock: tells the time.
        connections: those that may be at work. Any thread.
        alarm: rung by who begins to work.
    """

    doing = "in an error listener"
    """What it is busy with when it does not end, for texts."""

    def __init__(self, name: str, clock: Clock, connections: Callable[[], Iterable[Watched]], alarm: Alarm) -> None:
        self.name = name
        self._clock = clock
        self._connections = connections
        self._alarm = alarm
        self._woken = threading.Event()
        self._stopped = False
        self.thread = Worker(self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin. Interrupted, or where no thread is to be had, it does not begin any more, or :meth:`stop` ends it."""
        try:
            self.thread.start()
        except BaseException:
            self.thread.abandon()
            raise

    def stop(self) -> None:
        """End after the look under way. Any thread; never blocks."""
        self._stopped = True
        self._woken.set()

    def join(self, timeout: float) -> bool:
        """Wait for the end; returns whether it came. Inside a listener that it calls it does not wait."""
        return self.thread.join(timeout)

    def look(self, now: float) -> float | None:
        """Have told who is behind; returns the seconds until the next look, ``None`` while nobody is at work."""
        shortest: float | None = None
        reports = []
        for connection in self._connections():
            found = connection.behind(now)
            if isinstance(found, ErrorReport):
                reports.append((connection, found))
            elif found is not None:
                shortest = min(found, _CALM if shortest is None else shortest)
        for connection, report in reports:  # behind all log lines: a listener may take its time
            if not self._stopped:
                connection.tell_behind(report)
        if reports:
            return _SHORT
        return None if shortest is None else max(_SHORT, shortest)

    def _run(self) -> None:
        alarm, woken = self._alarm, self._woken
        alarm.woken = woken
        while not self._over():
            woken.clear()
            alarm.asleep = True
            # behind the line above: who has begun before it does not ring
            wait = self._looked(self._clock.monotonic())
            if self._over():
                return
            if wait is None:
                woken.wait(_BOUND)
                wait = _CALM
            alarm.asleep = False
            self._pause(wait)

    def _looked(self, now: float) -> float | None:
        """A look that ends in no case what comes behind it: the log lines pass handlers of the user's."""
        try:
            return self.look(now)
        except Exception:
            return _CALM

    def _over(self) -> bool:
        return self._stopped

    def _pause(self, seconds: float) -> None:
        """Until the next look, or the end."""
        self._woken.clear()
        if not self._stopped:
            self._woken.wait(seconds)
