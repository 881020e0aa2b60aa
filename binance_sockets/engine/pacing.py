"""Even spacing of control frames. A token bucket would let a burst through, which exchanges answer with code 1008."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from ..exchange import Rate

__all__ = ["Pacer"]

_Item = TypeVar("_Item")
_PONGS = 64  # pings of one read that are answered where nothing limits that


class Pacer(Generic[_Item]):
    """Queue of control frames that leave one by one within the exchange's rates. No clock of its own.

    Frames are spaced evenly over the shortest period, with room left for one pong; longer periods are windows on top.
    So one pong leaves in each shortest period: to the last of the pings that came meanwhile (RFC 6455, 5.5.3).

    Args:
        rates: what the exchange allows on one WebSocket, the shortest period first.
    """

    __slots__ = ("_next", "_period", "_pong_at", "_pongs", "_put_off", "_sent", "_spacing", "queue")

    def __init__(self, rates: Sequence[Rate] = ()) -> None:
        self._period = rates[0].seconds if rates else 0.0
        self._spacing = self._period / max(1, rates[0].count - 1) if rates else 0.0
        # the times of as many frames as a period may hold beside a pong (lists: an idle link keeps no deque)
        self._sent = [(rate.seconds, max(1, rate.count - 1), list[float]()) for rate in rates]
        self._next = self._pong_at = float("-inf")
        self._pongs: Sequence[bytes] = ()  # what they bear that have not left
        self._put_off = False
        self.queue: list[_Item] = []

    def due(self) -> float | None:
        """When the next frame or pong may leave (monotonic seconds), or ``None`` when nothing waits."""
        if not self._pongs:
            return self._allowed() if self.queue else None
        return min(self._pong_at, self._allowed()) if self.queue else self._pong_at

    def pinged(self, payloads: Sequence[bytes]) -> None:
        """Pings have come, with these payloads, and ask for pongs."""
        self._pongs = payloads[-1:] if self._period else payloads[-_PONGS:]

    def take_pongs(self, now: float) -> Sequence[bytes]:
        """What the pongs bear that leave at ``now``."""
        if not self._pongs or now < self._pong_at:
            return ()
        self._pong_at = now + self._period
        pongs, self._pongs = self._pongs, ()
        self.spent(now)
        return pongs

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
