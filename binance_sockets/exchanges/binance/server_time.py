"""The exchange's clock as far as it is known here: what signed requests are stamped with."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["ServerTime"]


class ServerTime:
    """This machine's clock, corrected by the last measurement. Any thread.

    Attributes:
        offset: what is added, in ms: 0 until it is measured.
    """

    __slots__ = ("_wall", "offset")

    def __init__(self, wall: Callable[[], float] | None = None) -> None:
        self._wall = wall or time.time
        self.offset = 0

    def now(self) -> int:
        """The exchange's time in ms."""
        return int(self._wall() * 1000) + self.offset

    def learn(self, server_time: int, asked: int) -> None:
        """The exchange said ``server_time`` (ms) when asked at ``asked``, by :meth:`now`; the answer came just now.

        Half of the time between is taken for the way there.
        """
        self.offset += server_time - (asked + self.now()) // 2
