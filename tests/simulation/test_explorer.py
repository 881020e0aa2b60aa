"""The explorer has teeth: mistakes that are put into copies of the package's modules are found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from simulation import pairs, pairs_of_sockets
from simulation.interleavings import Scenario, Scheduled, explore, together
from simulation.system import System

from binance_sockets.engine import allowance, connection, dialler, errands, jobs, secure, threads
from binance_sockets.exchanges.binance import api_limits
from binance_sockets.manager import core
from binance_sockets.sinks import store


def test_a_lost_update() -> None:
    """Two threads that read, give way and write lose an update in some interleaving, and it is found."""

    def racy(world: Scheduled, system: System) -> None:
        values = [0]

        def add() -> None:
            before = values[0]
            world.maybe_switch()
            values[0] = before + 1

        together(system, add, add)
        assert values == [2]

    with pytest.raises(AssertionError, match="its schedule is"):
        explore(racy, preemptions=1)


def test_a_deadlock() -> None:
    """Two locks taken in opposite order: somebody waits for ever in some interleaving."""

    def crossed(world: Scheduled, system: System) -> None:
        one, other = (system.modules["threading"].Lock() for _ in range(2))

        def take(first: object, second: object) -> None:
            with first, second:  # type: ignore[attr-defined]
                pass

        together(system, lambda: take(one, other), lambda: take(other, one))

    with pytest.raises(AssertionError, match="Deadlock"):
        explore(crossed, preemptions=1)


@pytest.mark.parametrize("opcodes", [False, True])
def test_an_update_in_one_line_is_split_by_instructions_alone(opcodes: bool) -> None:
    """``values[0] = one(values[0]) + 1`` is one line: instructions show what lines do not."""
    counter = ModuleType("counter")
    counter.__file__ = "<counter>"
    exec(compile("def add(values):\n    values[0] = values[0] + 1\n", "<counter>", "exec"), vars(counter))

    def racy(world: Scheduled, system: System) -> None:
        values = [0]
        together(system, lambda: counter.add(values), lambda: counter.add(values))
        assert values == [2]

    if opcodes:
        with pytest.raises(AssertionError, match="its schedule is"):
            explore(racy, preemptions=1, lines=[counter], opcodes=True)
    else:
        assert explore(racy, preemptions=1, lines=[counter]).count > 5


def test_what_does_not_repeat_is_no_exploration() -> None:
    """A scenario that depends on something else than its schedule is refused, or "no new one" would mean nothing."""
    runs: list[int] = []

    def moody(world: Scheduled, system: System) -> None:
        runs.append(1)
        together(system, *[world.maybe_switch] * (2 + len(runs) % 2))

    with pytest.raises(AssertionError, match="does not repeat"):
        explore(moody, preemptions=1)


@pytest.fixture
def planted() -> Iterator[Callable[[ModuleType, str, str], ModuleType]]:
    """Makes copies of modules with one text in place of another."""
    made: list[str] = []

    def plant(module: ModuleType, text: str, instead: str) -> ModuleType:
        source = Path(str(module.__file__)).read_text()
        assert source.count(text) == 1, text
        name = f"{module.__name__}_planted"
        copy = ModuleType(name)
        copy.__file__, copy.__package__ = f"<planted {module.__name__}>", module.__package__
        sys.modules[name] = copy
        made.append(name)
        source = source.replace(text, instead).replace("@atexit.register\n", "").replace("register_at_fork", "no_fork")
        exec(compile(source, copy.__file__, "exec"), vars(copy))
        return copy

    yield plant
    for name in made:
        del sys.modules[name]


MISTAKES: dict[str, tuple[ModuleType, str, str, Callable[[Any], Scenario]]] = {
    # lost wake-ups
    "a buffer's worker is not notified": (
        store, "            if self._waiting:\n", "            if self._waiting > 1:\n", pairs.stores_wake,
    ),
    "who waits for room is not notified": (
        store, "        if self._blocked:\n", "        if self._blocked > 1:\n", pairs.stores_wake,
    ),
    "errands are queued without a notice": (
        errands, "            self._new.append(errand)\n            self._changed.notify()\n",
        "            self._new.append(errand)\n", pairs.errands_wake,
    ),
    "the inbox is emptied before the wake-up is cleared": (
        connection,
        "            self._wakeup.clear()\n        with self._lock:\n"
        "            messages, self._inbox = self._inbox, []\n",
        "            with self._lock:\n                messages, self._inbox = self._inbox, []\n"
        "            self._wakeup.clear()\n        else:\n            messages = []\n",
        pairs_of_sockets.woken,
    ),
    "what was posted before the wake-up was there is forgotten": (
        connection,
        "            if self._inbox:  # whoever posted it had nobody to wake\n                wakeup.set()\n", "",
        pairs_of_sockets.woken,
    ),
    # check, then act
    "a stopped dialler runs what was just taken": (
        dialler, "if self._stopped:  # it was taken", "if False:  # it was taken", pairs.dial_stopped,
    ),
    "an attempt looks at its cancel before it has opened alone": (
        dialler, "            if isinstance(result, Opened):\n                result.stream.close()\n", "",
        pairs.dial_hand_over,
    ),
    "jobs are numbered without the lock": (
        jobs, "        with self._lock:\n            self._number += 1\n            number = self._number\n",
        "        self._number += 1\n        number = self._number\n", pairs.jobs_same_rank,
    ),
    "listeners are added without the lock": (
        core, "        with self._lock:\n            self._entries += (entry,)\n",
        "        entries = self._entries\n        self._entries = (*entries, entry)\n", pairs.listeners,
    ),
    "a worker's claim is a look and a step": (
        threads, 'abandoned = self._claim.setdefault("by", _NOBODY) is _NOBODY',
        'abandoned = "by" not in self._claim\n        if abandoned:\n            self._claim["by"] = _NOBODY',
        pairs.claims,
    ),
    "what is made once is made by each who finds nothing": (
        secure, "        with self._lock:\n            mine, self._claimed = not self._claimed, True\n",
        "        mine = not self._claimed\n        self._claimed = True\n", pairs.once,
    ),
    "weight is asked for, then spent": (
        allowance, "            self._spent.append((now, _AT_ONCE, weight))\n",
        "        with self._lock:\n            self._spent.append((now, _AT_ONCE, weight))\n", pairs.weighed,
    ),
    "a limit is checked, then taken": (
        api_limits, "            for kind, cost in costs.items():\n                self._under_way[kind] += cost\n",
        "        for kind, cost in costs.items():\n            self._under_way[kind] += cost\n", pairs.limited,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_found(name: str, planted: Callable[[ModuleType, str, str], ModuleType]) -> None:
    """With one preemption, in any line of the module."""
    module, text, instead, scenario = MISTAKES[name]
    copy = planted(module, text, instead)
    with pytest.raises(AssertionError, match="its schedule is"):
        explore(scenario(copy), preemptions=1, lines=[copy], delays=1)
