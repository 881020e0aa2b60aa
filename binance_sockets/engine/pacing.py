"""Even spacing of control frames. A token bucket would let a burst through, which exchanges answer with code 1008."""

from __future__ import annotations

from collections import deque

from ..exchange import ControlFrame

__all__ = ["Pacer"]


class Pacer:
    """Queue of control frames that leave one by one, at least ``interval`` seconds apart. No clock of its own."""

    __slots__ = ("_interval", "_next", "_put_off", "queue")

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._next = float("-inf")
        self._put_off = False
        self.queue: deque[ControlFrame] = deque()

    def due(self) -> float | None:
        """When the next frame may leave (monotonic seconds), or ``None`` when nothing waits."""
        return self._next if self.queue else None

    def take(self, now: float) -> ControlFrame | None:
        """The next frame if it may leave at ``now``, else ``None``."""
        if not self.queue or now < self._next:
            return None
        self._next = now + self._interval
        self._put_off = False
        return self.queue.popleft()

    def spent(self, now: float) -> None:
        """A pong or a ping left at ``now``: the next frame waits its interval, but is put off only once."""
        if not self._put_off:
            self._next = now + self._interval
            self._put_off = bool(self.queue)
