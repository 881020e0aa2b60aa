"""Every interleaving of a small scenario with few preemptions, one after another, until there is no new one.

A schedule is the list of choices that were made: at each place where a thread may be interrupted, whether it is; and
where several threads can go on, which one does. Each run follows a schedule and then always takes the first choice;
the next schedule is that of the run with its last choice that has an alternative changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from simulation.exchange import Exchange
from simulation.network import Network
from simulation.system import System, installed
from simulation.world import World

__all__ = ["Scenario", "Scheduled", "explore"]


class Scheduled(World):
    """A world in which a schedule takes the place of chance.

    Args:
        schedule: the first choices.
        preemptions: how often a thread that could go on may be interrupted.

    Attributes:
        choices: what was chosen, and among how many.
    """

    most_steps = 20_000

    def __init__(self, schedule: list[int], preemptions: int) -> None:
        super().__init__(seed=0, eager=0.0, stall=0.0)
        self.choices: list[tuple[int, int]] = []
        self._schedule = schedule
        self._preemptions = preemptions
        self._random = self._draw

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
        return (self._pick(count) + 0.5) / count

    def _pick(self, count: int) -> int:
        number = len(self.choices)
        choice = self._schedule[number] if number < len(self._schedule) else 0
        self.choices.append((choice, count))
        return choice


Scenario = Callable[[Scheduled, System], None]
"""Runs on the main thread of its world, makes threads of ``system.modules["threading"]``, and asserts."""


def explore(scenario: Scenario, preemptions: int = 2, most: int = 100_000) -> int:
    """Run all interleavings of a scenario; returns how many there are.

    Args:
        scenario: what is run, each time anew.
        preemptions: at most so many in one run.
        most: interleavings after which the scenario counts as too large.

    Raises:
        AssertionError: one of them fails, with its schedule; or there are more than ``most``.
    """
    schedule: list[int] = []
    for number in range(1, most + 1):
        world = Scheduled(schedule, preemptions)
        system = System(world, Network(world, Exchange(world)))
        try:
            with contextlib.ExitStack() as stack:
                stack.enter_context(installed(system))
                scenario(world, system)
            assert not world.failures, world.failures
        except Exception as error:
            made = [choice for choice, _ in world.choices]
            raise AssertionError(f"interleaving {number} fails: {error!r}; its schedule is {made}") from error
        choices = world.choices
        while choices and choices[-1][0] + 1 == choices[-1][1]:
            choices.pop()
        if not choices:
            return number
        schedule = [choice for choice, _ in choices]
        schedule[-1] += 1
    raise AssertionError(f"more than {most} interleavings")
