"""Slow calls that share an allowance: one thread per manager runs them one after another, each when it may go."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from .clock import Clock
from .threads import Worker

__all__ = ["Budget", "Errand", "Errands"]

log = logging.getLogger("binance_sockets.jobs")

_BOUND = 60.0  # seconds of one wait


class Budget:
    """What may be spent in any ``seconds``. Used by one thread.

    Args:
        most: the sum of weights; a single errand above it goes when nothing else was spent.
        seconds: the window, in seconds.
    """

    def __init__(self, most: float, seconds: float = 60.0) -> None:
        self._most = most
        self._seconds = seconds
        self._spent: deque[tuple[float, float]] = deque()  # when, how much
        self._sum = 0.0
        self._closed_until = float("-inf")

    def wait(self, weight: float, now: float) -> float:
        """Seconds until ``weight`` may be spent; 0 for now."""
        spent = self._spent
        while spent and spent[0][0] <= now - self._seconds:
            self._sum -= spent.popleft()[1]
        free, index = self._most - self._sum, 0
        at = max(now, self._closed_until)
        while free < weight and index < len(spent):
            at = max(at, spent[index][0] + self._seconds)
            free += spent[index][1]
            index += 1
        return at - now

    def spend(self, weight: float, now: float) -> None:
        """It is being spent."""
        self._spent.append((now, weight))
        self._sum += weight

    def close(self, until: float) -> None:
        """Nothing may be spent before ``until`` (monotonic seconds)."""
        self._closed_until = max(self._closed_until, until)


@dataclass(eq=False, slots=True)
class Errand:
    """One slow call.

    Args:
        budget: what it is paid from.
        weight: how much it costs.
        run: does it, on the errands' thread; returns the seconds after which it is to be done again, or ``None``.
        cancelled: whether nobody wants it any more.
        due: not before that (monotonic seconds).
    """

    budget: Budget
    weight: float
    run: Callable[[], float | None]
    cancelled: Callable[[], bool]
    due: float = float("-inf")


class Errands:
    """Runs errands, the oldest of each budget first. The thread is a daemon, started with the first errand.

    Args:
        name: name of the thread.
        clock: tells the time.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self._changed = threading.Condition()  # guards the three below
        self._waiting: list[Errand] = []
        self._stopped = False
        self._started = False
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
            self._waiting.append(errand)
            self._changed.notify()
            start, self._started = not self._started, True
        if start:
            self.thread.start()

    def stop(self) -> None:
        """End after the errand under way; forget the others. Any thread; never blocks."""
        with self._changed:
            self._stopped = True
            self._waiting.clear()
            self._changed.notify()
            never = not self._started
        if never:
            self.thread.abandon()

    def join(self, timeout: float) -> bool:
        """Wait for the end; returns whether it came. Inside an errand it does not wait."""
        return self.thread.join(timeout)

    def next(self, now: float) -> Errand | float:
        """Take the errand that may go now, or tell for how many seconds none may."""
        shortest, held = _BOUND, set()
        self._waiting = [errand for errand in self._waiting if not errand.cancelled()]
        for errand in self._waiting:
            if errand.budget in held:
                continue  # a cheaper one behind does not overtake, else a dear one might never go
            wait = errand.due - now
            if wait <= 0:
                wait = errand.budget.wait(errand.weight, now)
                if wait <= 0:
                    self._waiting.remove(errand)
                    errand.budget.spend(errand.weight, now)
                    return errand
                held.add(errand.budget)
            shortest = min(shortest, wait)
        return shortest

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                found = self.next(self._clock.monotonic())
                if not isinstance(found, Errand):
                    self._changed.wait(found)
                    continue
            self._do(found)

    def _do(self, errand: Errand) -> None:
        try:
            again = errand.run()
        except Exception:
            log.exception("an errand failed")
            return
        if again is not None:
            errand.due = self._clock.monotonic() + again
            self.submit(errand)
