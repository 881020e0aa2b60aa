"""Whether a callback keeps up with what arrives. Nothing else shows it, until the exchange cuts the link."""

from __future__ import annotations

__all__ = ["Lag"]

_BEHIND = 5.0  # seconds behind that are worth a warning
_SHARE = 4  # a thread that is busy for four fifths of its time still keeps up


class Lag:
    """How long a thread has not caught up. Written by that thread; any may read :meth:`seconds`.

    A wait that is short beside the work before it found messages that had been there all the time: the thread is
    behind. Whether a wait was short must not be judged by the clock alone, as a thread that computes can make the
    shortest one last for milliseconds.
    """

    __slots__ = ("_since", "_waiting", "_warned")

    def __init__(self) -> None:
        self._since = 0.0
        self._waiting = True
        self._warned = False

    def seconds(self, now: float) -> float:
        """The gauge: 0 while the thread waits."""
        return 0.0 if self._waiting else max(0.0, now - self._since)

    def waits(self, idle: bool) -> None:
        """The thread is about to wait; ``idle`` when it has nothing left to read."""
        self._waiting = idle

    def worked(self, woken: float, began: float, now: float) -> bool:
        """It worked from ``woken`` to ``began``, then waited until ``now``. Returns whether that is worth a warning."""
        caught_up = self._waiting and _SHARE * (now - began) >= began - woken
        self._waiting = False
        if caught_up:
            self._since = now
            return False
        late = now - self._since > _BEHIND and not self._warned
        self._warned = self._warned or late
        return late
