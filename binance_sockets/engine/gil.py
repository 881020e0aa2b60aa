"""How long reading TLS waits for the GIL, and from when on that is worth a move to the helper process."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable

from .clock import Clock
from .pipes import PlainStream, TlsStream

__all__ = ["GilWait", "WatchedTlsStream", "has_gil"]

_NOTABLE = 0.001  # seconds of one read; a thread that computes keeps the GIL for 5 ms
_WINDOW = 5.0  # seconds
_SHARE = 0.05  # of the window, spent waiting in
_TIMES = 10  # reads or more


def has_gil() -> bool:
    """Whether threads wait for each other at all."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


class GilWait:
    """The waits of one stream. Written by the thread that reads it; any may read :attr:`seconds`.

    A read that finds nothing returns at once, so that what it takes beyond the CPU time of its thread was spent
    waiting for other threads: for the GIL as a rule, for a core at times.

    Args:
        on_long: called once, when the waits are long and frequent.

    Attributes:
        seconds: of all notable waits together.
    """

    __slots__ = ("_begun", "_on_long", "_spent", "_times", "long", "seconds")

    def __init__(self, on_long: Callable[[], None]) -> None:
        self._on_long = on_long
        self._begun = 0.0
        self._spent = 0.0
        self._times = 0
        self.seconds = 0.0
        self.long = False

    def add(self, seconds: float, now: float) -> None:
        """A read that ended ``now`` has waited for so long."""
        if seconds < _NOTABLE:
            return
        if now - self._begun > _WINDOW:
            self._begun, self._spent, self._times = now, 0.0, 0
        self.seconds += seconds
        self._spent += seconds
        self._times += 1
        if not self.long and self._times >= _TIMES and self._spent >= _SHARE * _WINDOW:
            self.long = True
            self._on_long()


class WatchedTlsStream(TlsStream):
    """A TLS stream that measures what its reads wait. That takes about 1 µs per read, which may bring many messages.

    Args:
        plain, context, host, session: as for :class:`~.pipes.TlsStream`.
        wait: where it is noted.
        clock: real time.
    """

    __slots__ = ("_clock", "_note", "wait")

    def __init__(
        self,
        plain: PlainStream,
        context: ssl.SSLContext,
        host: str,
        session: ssl.SSLSession | None,
        wait: GilWait,
        clock: Clock,
    ) -> None:
        super().__init__(plain, context, host, session)
        self._clock = clock
        self.wait = wait
        self._note = wait.add

    def recv_into(self, view: memoryview) -> int:
        clock = self._clock
        began, worked = clock.stopwatch(), clock.thread_time()
        try:
            return super().recv_into(view)
        finally:
            now = clock.stopwatch()
            self._note(now - began - (clock.thread_time() - worked), now)
