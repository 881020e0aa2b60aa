"""The time of all markets of a simulator."""

from __future__ import annotations

import time

__all__ = ["SimClock"]


class SimClock:
    """The markets' time in microseconds: wall-clock time at the start, then ``speed`` times as fast."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.now = time.time_ns() // 1000
        self._seen = time.monotonic()

    def advance(self) -> int:
        """Let the time since the last call pass."""
        seen = time.monotonic()
        self.now += int((seen - self._seen) * self.speed * 1_000_000)
        self._seen = seen
        return self.now

    def skip(self, seconds: float) -> None:
        """Leave out this much of the time that has passed since the last :meth:`advance`."""
        self._seen = min(time.monotonic(), self._seen + max(0.0, seconds))
