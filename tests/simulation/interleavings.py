"""Every interleaving of a small scenario with few preemptions, one after another, until there is no new one.

A schedule is the list of choices that were made: at each place where a thread may be interrupted, whether it is; and
where several threads can go on, which one does. Each run follows a schedule and then always takes the first choice;
the next schedule is that of the run with its last choice that has an alternative changed.

A thread may be interrupted where it takes a lock, uses a queue, sets, clears or waits for an event, wakes another one
or looks at descriptors; and, in modules that are named, before every line (or every instruction) of theirs: so a race
that no lock guards shows as well. Time moves only when nobody can go on. Who was woken by time, although somebody
should have woken him, is found by looking at the clock: see ``instant``.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from types import FrameType, ModuleType
from typing import Any, NamedTuple

from simulation.exchange import Exchange
from simulation.network import Network
from simulation.system import System, installed
from simulation.world import Task, World

from binance_sockets.engine import isolation, process
from binance_sockets.engine.tally import tally
from binance_sockets.sinks import process as memory

__all__ = ["Explored", "Scenario", "Scheduled", "explore", "together"]

_MADE = ("Lock", "RLock", "Condition", "Event")
_COLLECT = 500  # runs after which the collector runs, between two of them: what it calls must not come in the middle


class Scheduled(World):
    """A world in which a schedule takes the place of chance.

    Args:
        schedule: the first choices.
        preemptions: how often a thread that could go on may be interrupted.
        files: in these it may be interrupted before every line,
        opcodes: or every instruction.
        delays: how often another thread than the one that waits for the longest goes on, where one has to wait;
            ``None`` for as often as there is a choice.

    Attributes:
        choices: what was chosen, and among how many.
    """

    most_steps = 20_000

    def __init__(
        self,
        schedule: Sequence[tuple[int, int]],
        preemptions: int,
        files: frozenset[str] = frozenset(),
        opcodes: bool = False,
        delays: int | None = None,
    ) -> None:
        super().__init__(seed=0, eager=0.0, stall=0.0)
        self.choices: list[tuple[int, int]] = []
        self._schedule = schedule
        self._preemptions = preemptions
        self._files = files
        self._opcodes = opcodes
        self._delays = delays
        self._random = self._draw
        self._places: dict[object, str] = {}  # where each lock, event and queue was made
        self._users: dict[object, set[Task]] = {}

    # -- what threads share --------------------------------------------------------------------------------------------

    def watch(self, system: System) -> None:
        """Take note of where locks, events and queues are made."""
        for module, names in (("threading", _MADE), ("queue", ("SimpleQueue", "PriorityQueue", "Queue"))):
            for name in names:
                setattr(system.modules[module], name, self._noting(getattr(system.modules[module], name)))

    def _noting(self, make: Callable[..., Any]) -> Callable[..., Any]:
        def made(*arguments: Any) -> Any:
            found = make(*arguments)
            frame = sys._getframe(1)
            self._places[found] = f"{frame.f_code.co_filename}:{frame.f_lineno}"
            return found

        return made

    def used(self, shared: object) -> None:
        """The current thread uses a lock, an event or a queue."""
        self._users.setdefault(shared, set()).add(self.current)

    @property
    def shared(self) -> set[str]:
        """Where those were made that more than one thread has used."""
        return {self._places[each] for each, users in self._users.items() if len(users) > 1 and each in self._places}

    # -- lines ---------------------------------------------------------------------------------------------------------

    def spawn(self, task: Task, target: Callable[[], object]) -> None:
        """Let ``task`` run ``target``, which may be interrupted at every line of the named files."""

        def traced() -> None:
            with self.traced():
                target()

        super().spawn(task, traced)

    @contextlib.contextmanager
    def traced(self) -> Iterator[None]:
        """The calling thread may be interrupted at every line of the named files."""
        before = sys.gettrace()
        if self._files:
            sys.settrace(self._called)
        try:
            yield
        finally:
            if self._files:
                sys.settrace(before)

    def _called(self, frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename not in self._files:
            return None
        frame.f_trace_opcodes = self._opcodes
        return self._stepped_on

    def _stepped_on(self, frame: FrameType, event: str, argument: object) -> Any:
        if event == ("opcode" if self._opcodes else "line"):
            self.maybe_switch()
        return self._stepped_on

    # -- choices -------------------------------------------------------------------------------------------------------

    def maybe_switch(self) -> None:
        self._check()
        if not self._preemptions or not self._runnable:
            return
        if self._pick(1 + len(self._runnable)):
            self._preemptions -= 1
            # the choice among the others has been made: the chosen one is alone until it has been taken
            others, chosen = self._runnable, self.choices[-1][0] - 1
            self._runnable = [others.pop(chosen)]
            rest, me = others, self.current
            task = self._runnable.pop()
            self._runnable = [*rest, me]
            self.current = task
            task.gate.release()
            me.gate.acquire()
            if self._broken is not None:
                self._check_broken(me)

    def _check_broken(self, me: object) -> None:
        if me is self.main and self._broken is not None:
            raise self._broken
        self._check()

    def _draw(self) -> float:
        """Which of the threads that can run goes on, as the share of the way through their list."""
        count = len(self._runnable)
        choice = 0 if self._delays == 0 else self._pick(count)
        if choice and self._delays is not None:
            self._delays -= 1
        return (choice + 0.5) / count

    def _pick(self, count: int) -> int:
        number = len(self.choices)
        choice = 0
        if number < len(self._schedule):
            choice, before = self._schedule[number]
            if before not in (0, count):
                raise RuntimeError(f"choice {number} was among {before}, and now is among {count}: it does not repeat")
        self.choices.append((choice, count))
        return choice


Scenario = Callable[[Scheduled, System], None]
"""Runs on the main thread of its world, makes threads of ``system.modules["threading"]``, and asserts."""


@contextlib.contextmanager
def _own_state(system: System) -> Iterator[None]:
    """The locks of the process are of this world, and what they guard is new."""
    make = system.modules["threading"]
    rows: list[tuple[Any, str, object]] = [
        (process, "_lock", make.RLock()),
        (process, "_watches", weakref.WeakSet()),
        (process, "_guarded", weakref.WeakSet()),
        (memory, "_lock", make.Lock()),
        (tally, "_lock", make.Lock()),
        (isolation.helper, "_lock", make.Lock()),
    ]
    saved = [(owner, name, getattr(owner, name)) for owner, name, _ in rows]
    try:
        for row in rows:
            setattr(*row)
        yield
    finally:
        for row in saved:
            setattr(*row)


def together(system: System, *calls: Callable[[], object]) -> None:
    """Run these at once, each on a thread of its own, until all are over."""
    threads = [
        system.modules["threading"].Thread(target=call, name=f"thread {number}") for number, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Explored(NamedTuple):
    """What an exploration has come to.

    Args:
        count: how many interleavings there are.
        shared: places (``file:line``) that made a lock, an event or a queue which two threads used.
    """

    count: int
    shared: frozenset[str]


def explore(
    scenario: Scenario,
    preemptions: int = 2,
    most: int = 100_000,
    lines: Sequence[ModuleType] = (),
    *,
    opcodes: bool = False,
    instant: bool = True,
    delays: int | None = None,
) -> Explored:
    """Run all interleavings of a scenario.

    Args:
        scenario: what is run, each time anew.
        preemptions: at most so many in one run.
        most: interleavings after which the scenario counts as too large.
        lines: modules in which a thread may be interrupted at every line. All locks that their code takes must have
            been made by the scenario.
        opcodes: at every instruction instead.
        delays: at most so many times, where a thread has to wait, another one than the next in turn goes on; ``None``
            (default) explores all of these choices. For scenarios of many threads.
        instant: everybody is woken by what he waits for, and nobody by time: all is over in no time.

    Raises:
        AssertionError: one of them fails, with its schedule; or there are more than ``most``.
    """
    files = frozenset(str(module.__file__) for module in lines)
    schedule: list[tuple[int, int]] = []
    shared: set[str] = set()
    collects = gc.isenabled()
    gc.disable()
    logging.disable()
    try:
        for number in range(1, most + 1):
            if not number % _COLLECT:
                gc.collect()
            world = Scheduled(schedule, preemptions, files, opcodes, delays)
            _run(scenario, world, number, instant, lines)
            shared |= world.shared
            choices = world.choices
            while choices and choices[-1][0] + 1 == choices[-1][1]:
                choices.pop()
            if not choices:
                return Explored(number, frozenset(shared))
            chosen, count = choices.pop()
            schedule = [*choices, (chosen + 1, count)]
    finally:
        logging.disable(logging.NOTSET)
        if collects:
            gc.enable()
    raise AssertionError(f"more than {most} interleavings")


def _run(scenario: Scenario, world: Scheduled, number: int, instant: bool, lines: Sequence[ModuleType]) -> None:
    """One interleaving."""
    system = System(world, Network(world, Exchange(world)))
    world.watch(system)
    begun = world.now
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(installed(system, lines))
            stack.enter_context(_own_state(system))
            with world.traced():
                scenario(world, system)
        assert not world.failures, world.failures
        assert not instant or world.now == begun, f"somebody waited for {world.now - begun} s, and was not woken"
    except Exception as error:
        made = [choice for choice, _ in world.choices]
        raise AssertionError(f"interleaving {number} fails: {error!r}; its schedule is {made}") from error
