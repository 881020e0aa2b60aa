"""Virtual time and a seeded scheduler: of all threads exactly one runs, and which one goes on is drawn.

A thread gives way in each call that may block, and where the other side of a race begins (a lock, a flag, a queue).
Then the next one is drawn among those that can run; when none can, time moves to what is due next. So a seed fixes
every interleaving and every moment, and a run repeats exactly.
"""

from __future__ import annotations

import heapq
import itertools
import random
import sys
import threading
import traceback
from collections.abc import Callable
from typing import ClassVar

__all__ = ["Deadlock", "Endless", "Task", "World"]

_START = 1_000.0
_EPOCH = 1_790_000_000.0  # wall clock at the start
_STALLS = (0.0, 0.001, 0.02, 0.3)  # seconds for which the system leaves a thread waiting


class Deadlock(AssertionError):
    """Nobody can ever go on."""


class Endless(AssertionError):
    """The run does not come to an end."""


class _Killed(BaseException):
    """Ends a thread of a run that has failed."""


class _Carrier:
    """A thread of the system that carries one simulated thread after the other."""

    idle: ClassVar[list[_Carrier]] = []

    def __init__(self) -> None:
        self.gate = threading.Lock()
        self.gate.acquire()
        self.run: Callable[[], None] = lambda: None
        threading.Thread(target=self._loop, name="simulation-carrier", daemon=True).start()

    def _loop(self) -> None:
        while True:
            self.gate.acquire()
            self.run()

    @classmethod
    def take(cls) -> _Carrier:
        return cls.idle.pop() if cls.idle else cls()


class Task:
    """A simulated thread, from the scheduler's point of view.

    Args:
        world: where it lives.
        name: for the record.

    Attributes:
        woken: how its last :meth:`World.park` ended: by somebody, or by time.
    """

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.gate: threading.Lock
        self.parked = False
        self.woken = False
        self.parks = 0

    def __repr__(self) -> str:
        return f"<{self.name}>"


class World:
    """One run.

    Args:
        seed: of every choice.
        eager: share of the places where a thread may give way at which it does.
        stall: share of hand-overs at which the system leaves the chosen thread waiting for a moment.

    Attributes:
        now: monotonic seconds.
        rng: draws everything; use it for whatever is to be repeatable.
        record: what happened, as ``(time, thread, text)``.
        failures: what must not happen and did.
        seen: rare paths that were reached.
        most_steps: hand-overs and events after which a run counts as endless; a usual one takes some thousands.
    """

    most_steps = 200_000

    def __init__(self, seed: int, eager: float = 0.2, stall: float = 0.01) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.now = _START
        self.record: list[tuple[float, str, str]] = []
        self.failures: list[str] = []
        self.seen: set[str] = set()
        self.tasks: list[Task] = []  # begun and not over
        self._random = self.rng.random
        self._eager = eager
        self._stall = stall
        self._stepped = 0.0
        self._frozen_until = 0.0
        self._events: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._runnable: list[Task] = []
        self._steps = 0
        self._broken: BaseException | None = None
        self.main = Task(self, "main")
        self.main.gate = threading.Lock()
        self.main.gate.acquire()
        self.current = self.main
        self.tasks.append(self.main)

    # -- time ----------------------------------------------------------------------------------------------------------

    def wall(self) -> float:
        """The wall clock, which may be stepped."""
        return _EPOCH + self.now - _START + self._stepped

    def step_wall(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self._stepped += seconds

    def at(self, delay: float, call: Callable[[], object]) -> None:
        """Call something ``delay`` seconds from now, in no thread: it may wake threads, and never waits."""
        heapq.heappush(self._events, (self.now + delay, next(self._order), call))

    def freeze(self, seconds: float) -> None:
        """The process is suspended: no thread runs, while the world goes on."""
        self._frozen_until = max(self._frozen_until, self.now + seconds)

    def froze_since(self, moment: float) -> bool:
        """Whether the process was suspended at some time after ``moment``."""
        return self._frozen_until > moment

    # -- the record ----------------------------------------------------------------------------------------------------

    def note(self, text: str) -> None:
        """Put something on record."""
        self.record.append((self.now, self.current.name, text))

    def fail(self, text: str) -> None:
        """Something happened that must not."""
        self.note(f"FAILED: {text}")
        self.failures.append(text)

    def used(self, shared: object) -> None:
        """The current thread uses a lock, an event or a queue."""

    def sometimes(self, what: str) -> None:
        """A rare path was reached."""
        self.seen.add(what)

    # -- threads -------------------------------------------------------------------------------------------------------

    def spawn(self, task: Task, target: Callable[[], object]) -> None:
        """Let ``task`` run ``target``, on a thread of its own, from some moment on."""
        carrier = _Carrier.take()
        task.gate = carrier.gate

        def run() -> None:
            try:
                if self._broken is None:
                    target()
            except _Killed:
                return
            except BaseException as exc:  # it is the world that fails; the thread's own errors are caught by it
                self._break(exc)
                return
            if self._broken is not None:
                return
            self.tasks.remove(task)
            _Carrier.idle.append(carrier)
            self._hand_over(None)

        carrier.run = run
        self.tasks.append(task)
        self._runnable.append(task)

    def maybe_switch(self) -> None:
        """The current thread may be interrupted here."""
        if self._random() < self._eager:
            self.switch()

    def switch(self) -> None:
        """The current thread can go on; perhaps another one does first."""
        self._check()
        me = self.current
        self._runnable.append(me)
        self._hand_over(me)

    def park(self, timeout: float | None) -> bool:
        """The current thread waits until somebody calls :meth:`unpark`; returns whether that came in time."""
        self._check()
        me = self.current
        me.parks += 1
        me.parked, me.woken = True, False
        if timeout is not None:
            number = me.parks
            self.at(max(0.0, timeout), lambda: self._expired(me, number))
        self._hand_over(me)
        return me.woken

    def unpark(self, task: Task) -> None:
        """``task`` may go on, if it waits."""
        if task.parked:
            task.parked, task.woken = False, True
            self._runnable.append(task)

    def _expired(self, task: Task, number: int) -> None:
        if task.parked and task.parks == number:
            task.parked = False
            self._runnable.append(task)

    def _hand_over(self, me: Task | None) -> None:
        """Choose who goes on. ``me`` comes back when it is chosen; ``None`` is a thread that is over."""
        try:
            task = self._choose()
        except AssertionError as exc:
            self._break(exc)
            if me is None:
                return
            raise
        if task is me:
            return
        self.current = task
        task.gate.release()
        if me is not None:
            me.gate.acquire()
            if self._broken is not None:
                if me is self.main:
                    raise self._broken
                raise _Killed

    def _choose(self) -> Task:
        runnable, events = self._runnable, self._events
        while True:
            self._steps += 1
            if self._steps > self.most_steps:
                raise Endless(f"no end after {self.most_steps} steps, at {self.now:.3f}\n{self.stacks()}")
            if events and events[0][0] <= self.now:
                heapq.heappop(events)[2]()
                continue
            if runnable and self.now >= self._frozen_until:
                count = len(runnable)
                task = runnable.pop(int(self._random() * count) if count > 1 else 0)
                if self._stall and self._random() < self._stall:
                    self.at(self.rng.choice(_STALLS), lambda task=task: runnable.append(task))
                    continue
                return task
            if runnable and (not events or events[0][0] > self._frozen_until):
                self.now = self._frozen_until
            elif events:
                self.now = events[0][0]
            else:
                raise Deadlock(f"nobody can go on, at {self.now:.3f}\n{self.stacks()}")

    def _check(self) -> None:
        """A thread that has survived its end, in code that catches everything, goes no further."""
        if self._broken is not None:
            raise _Killed

    # -- the end -------------------------------------------------------------------------------------------------------

    def _break(self, error: BaseException) -> None:
        """The run has failed: all threads end where they wait."""
        if self._broken is None:
            self._broken = error
        for task in self.tasks:
            if task is not self.current and task.gate.locked():
                task.gate.release()

    def stacks(self) -> str:
        """Where every thread stands."""
        frames = sys._current_frames()
        names = {carrier.name: carrier for carrier in threading.enumerate()}
        shown = [", ".join(task.name for task in self.tasks)]
        for name, thread in names.items():
            frame = frames.get(thread.ident or 0)
            if frame is not None and any(_in_package(each) for each in traceback.extract_stack(frame)):
                shown.append(name + "\n" + "".join(traceback.format_stack(frame)[-12:]))
        return "\n".join(shown)


def _in_package(frame: traceback.FrameSummary) -> bool:
    return "binance_sockets/" in frame.filename
