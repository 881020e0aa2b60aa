"""Whether a callback keeps up with what arrives. Nothing else shows it, until the exchange cuts the link."""

from __future__ import annotations

import threading

__all__ = ["Lag"]

_BEHIND = 5.0  # seconds behind that are worth a warning
_AGAIN = 60.0  # seconds behind a warning in which falling behind once more is the same story
_WINDOW = 10.0  # seconds over which it is counted how busy a thread is
_SHARE = 4  # a thread that is busy for four fifths of its time still keeps up


class Lag:
    """How long a thread has not caught up. Written by that thread; any may call :meth:`seconds`, :meth:`busy`,
    :meth:`due` and :meth:`working`.

    A wait that is short beside the work before it found messages that had been there all the time: the thread is
    behind. Whether a wait was short must not be judged by the clock alone, as a thread that computes can make the
    shortest one last for milliseconds.
    """

    __slots__ = ("_began", "_lock", "_share", "_since", "_waiting", "_warned", "_woken", "_work")

    def __init__(self) -> None:
        self._lock = threading.Lock()  # of two that see it fall behind at once one is to tell
        self._since = 0.0
        self._waiting = True
        self._warned: float | None = None  # when, until it has caught up some time later
        self._began: float | None = None  # of the window that is counted
        self._share: float | None = None  # of the window before
        self._work = 0.0  # seconds, in this one
        self._woken = 0.0

    def seconds(self, now: float) -> float:
        """The gauge: 0 while the thread waits."""
        return 0.0 if self._waiting else max(0.0, now - self._since)

    def busy(self, now: float) -> float:
        """The share of its time, 0 to 1, in which the thread decoded and called back, of some ten seconds."""
        began = self._began
        if began is None or now <= began:
            return 0.0
        elapsed = now - began
        work = self._work + (0.0 if self._waiting else max(0.0, now - self._woken))
        before = self._share
        if before is None or elapsed >= _WINDOW:
            return min(1.0, work / elapsed)
        return min(1.0, work / _WINDOW + before * (1.0 - elapsed / _WINDOW))

    def waits(self, idle: bool) -> None:
        """The thread is about to wait; ``idle`` when it has nothing left to read."""
        self._waiting = idle

    def worked(self, woken: float, began: float, now: float) -> bool:
        """It worked from ``woken`` to ``began``, then waited until ``now``. Returns whether that is worth a warning."""
        caught_up = self._waiting and _SHARE * (now - began) >= began - woken
        if caught_up:
            self._since = now
        self._woken = now
        self._waiting = False  # last: who sees it at work sees since when
        self._work += began - woken
        if self._began is None or now - self._began >= _WINDOW:
            if self._began is not None:
                self._share = min(1.0, self._work / (now - self._began))
            self._began, self._work = now, 0.0
        if caught_up:
            if self._warned is not None and now - self._warned > _AGAIN:
                self._warned = None
            return False
        return self.working(now)

    def pauses(self) -> None:
        """The thread begins what is no work of the callback: nothing waits for that."""
        self._waiting = True

    def resumes(self, now: float) -> None:
        """That is over."""
        self._since = self._woken = now
        self._waiting = False

    def due(self, now: float) -> float | None:
        """Seconds until it is behind, if it does not wait before; 0 or less where it is. ``None`` where it waits, or
        that it is behind was said."""
        if self._waiting or self._warned is not None:  # before the next look: it is older than that only at work
            return None
        return self._since + _BEHIND - now

    def working(self, now: float) -> bool:
        """It is at work, and more waits. Returns whether that is worth a warning: of many callers to one."""
        if self._warned is not None or now - self._since <= _BEHIND:
            return False
        with self._lock:
            first, self._warned = self._warned is None, now
        return first
