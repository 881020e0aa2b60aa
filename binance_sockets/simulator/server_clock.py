"""The clock by which the exchange judges requests: the wall clock, set wrong on demand."""

from __future__ import annotations

import time

__all__ = ["ServerClock"]


class ServerClock:
    """What the exchange takes for the time of day, whatever the speed of its markets.

    Attributes:
        skew: seconds by which it is ahead of this machine's clock.
    """

    def __init__(self) -> None:
        self.skew = 0.0

    def seconds(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.skew

    def microseconds(self) -> int:
        """Microseconds since the epoch."""
        return time.time_ns() // 1000 + int(self.skew * 1_000_000)

    def milliseconds(self) -> int:
        """Milliseconds since the epoch."""
        return self.microseconds() // 1000
