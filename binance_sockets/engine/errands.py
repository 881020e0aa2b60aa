"""Slow calls that share an allowance: one thread per manager runs them one after another, each when it may go."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .allowance import Claim
from .clock import Clock
from .threads import Worker

__all__ = ["Errand", "Errands"]

log = logging.getLogger("binance_sockets.jobs")

_BOUND = 60.0  # seconds of one wait


@dataclass(eq=False, slots=True)
class Errand:
    """One slow call.

    Args:
        claim: what it is paid from; ``None`` for what asks nothing of the exchange.
        run: does it, on the errands' thread; returns the seconds after which it is to be done again, or ``None``.
        cancelled: whether nobody wants it any more.
        due: not before that (monotonic seconds).
    """

    claim: Claim | None
    run: Callable[[], float | None]
    cancelled: Callable[[], bool]
    due: float = float("-inf")


class Errands:
    """Runs errands, the oldest of each line first. The thread is a daemon, started with the first errand.

    Args:
        name: name of the thread.
        clock: tells the time.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self._changed = threading.Condition()  # guards the three below
        self._new: list[Errand] = []
        self._stopped = False
        self._started = False
        self._waiting: list[Errand] = []  # the thread's own
        self.thread = Worker(self._run, name=name, daemon=True)

    @property
    def doing(self) -> str:
        """What it is busy with when it does not end, for texts."""
        return "waiting for an answer over REST"

    def submit(self, errand: Errand) -> None:
        """Queue an errand. Any thread; never blocks. Nothing is done once it has been stopped."""
        with self._changed:
            if self._stopped:
                return
            self._new.append(errand)
            self._changed.notify()
            start, self._started = not self._started, True
        if start:
            self.thread.start()

    def stop(self) -> None:
        """End after the errand under way; forget the others. Any thread; never blocks."""
        with self._changed:
            self._stopped = True
            self._new.clear()
            self._changed.notify()
            never = not self._started
        if never:
            self.thread.abandon()

    def join(self, timeout: float) -> bool:
        """Wait for the end; returns whether it came. Inside an errand it does not wait."""
        return self.thread.join(timeout)

    def next(self, now: float) -> Errand | float:
        """Take the errand that may go now, or tell for how many seconds none may. On the errands' thread."""
        shortest, held = _BOUND, set()
        self._waiting = [errand for errand in self._waiting if not _forgotten(errand)]
        for errand in self._waiting:
            wait, claim = errand.due - now, errand.claim
            if wait <= 0 and claim is not None:
                if claim.line in held:
                    continue  # one errand of each line asks, else a hundred of one manager stood before one of another
                held.add(claim.line)
                wait = claim.take()
            if wait <= 0:
                self._waiting.remove(errand)
                return errand
            shortest = min(shortest, wait)
        return shortest

    def _run(self) -> None:
        wait = 0.0
        while True:
            with self._changed:
                if not (self._new or self._stopped) and wait > 0:
                    self._changed.wait(wait)
                new, self._new = self._new, []
                stopped = self._stopped
            if stopped:
                break
            self._waiting += new
            found = self.next(self._clock.monotonic())
            wait = 0.0 if isinstance(found, Errand) else found
            if isinstance(found, Errand):
                self._do(found)
        for errand in self._waiting:
            _leave(errand)

    def _do(self, errand: Errand) -> None:
        try:
            again = errand.run()
        except Exception:
            log.exception("an errand failed")
            return
        if again is not None:
            errand.due = self._clock.monotonic() + again
            self.submit(errand)


def _forgotten(errand: Errand) -> bool:
    """Whether nobody wants it any more; then it stands in no line, either."""
    if not errand.cancelled():
        return False
    _leave(errand)
    return True


def _leave(errand: Errand) -> None:
    if errand.claim is not None:
        errand.claim.leave()
