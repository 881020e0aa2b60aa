"""Even spacing of control frames. A token bucket would let a burst through, which exchanges answer with code 1008."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from ..exchange import Rate

__all__ = ["Pacer"]

_Item = TypeVar("_Item")


class Pacer(Generic[_Item]):
    """Queue of control frames that leave one by one within the exchange's rates. No clock of its own.

    Frames are spaced evenly over the shortest period, with room left for one pong; longer periods are windows on top.

    Args:
        rates: what the exchange allows on one WebSocket, the shortest period first.
    """

    __slots__ = ("_next", "_put_off", "_sent", "_spacing", "queue")

    def __init__(self, rates: Sequence[Rate] = ()) -> None:
        self._spacing = rates[0].seconds / max(1, rates[0].count - 1) if rates else 0.0
        # the times of as many frames as a period may hold beside a pong (lists: an idle link keeps no deque)
        self._sent = [(rate.seconds, max(1, rate.count - 1), list[float]()) for rate in rates]
        self._next = float("-inf")
        self._put_off = False
        self.queue: list[_Item] = []

    def due(self) -> float | None:
        """When the next frame may leave (monotonic seconds), or ``None`` when nothing waits."""
        return self._allowed() if self.queue else None

    def take(self, now: float) -> _Item | None:
        """The next frame if it may leave at ``now``, else ``None``."""
        if not self.queue or now < self._allowed():
            return None
        self._next = now + self._spacing
        self._put_off = False
        for _, most, times in self._sent:
            times.append(now)
            del times[:-most]
        return self.queue.pop(0)

    def used(self, now: float) -> list[tuple[int, float, int]]:
        """For each rate how many frames it allows, in how many seconds, and how many left within them. Any thread."""
        return [(most, seconds, sum(at > now - seconds for at in [*times])) for seconds, most, times in self._sent]

    def spent(self, now: float) -> None:
        """A pong or a ping left at ``now``: the next frame waits its turn, but is put off only once.

        More often, a server that pings all the time would keep every frame from leaving.
        """
        if not self._put_off:
            self._next = now + self._spacing
            self._put_off = bool(self.queue)

    def _allowed(self) -> float:
        full = (times[0] + seconds for seconds, most, times in self._sent if len(times) == most)
        return max(self._next, *full, float("-inf"))
