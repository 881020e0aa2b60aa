"""The whole client in a simulated world: no promise is broken, whatever goes wrong beneath it, in whatever order."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from simulation import exchange, faults
from simulation.network import Network
from simulation.programs import run
from simulation.sweep import sweep
from simulation.system import System
from simulation.world import Deadlock, Endless, World

from binance_sockets.engine.connection import Connection
from binance_sockets.engine.continuity import Overlap
from binance_sockets.engine.dials import Dials
from binance_sockets.engine.losses import Losses
from binance_sockets.engine.websocket import WebSocket
from binance_sockets.faults import Fault

pytestmark = pytest.mark.skipif(not hasattr(select, "poll"), reason="the simulated system is one with poll")

HERE = Path(__file__).resolve().parent
DIFFERED = (38, 150, 204, 363)
"""Seeds in which something was once done in the order of addresses or hashes."""


def failing() -> list[tuple[str, int]]:
    lines = (HERE / "failing.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [("market", int(row[0])) if row[0].isdigit() else (row[0], int(row[1])) for row in rows]


@pytest.mark.parametrize(("kind", "seed"), failing())
def test_what_was_found_once_stays_mended(kind: str, seed: int) -> None:
    """Seeds that have failed before."""
    assert run(seed, kind).world.failures == []


@pytest.mark.full
@pytest.mark.timeout(600)
def test_credentials_are_renewed_for_months() -> None:
    """Whatever goes wrong every few hours of them."""
    assert sweep(range(10), kind="months").failures == {}


def test_a_seed_repeats_exactly() -> None:
    """Every moment and every interleaving, in another process with other hashes, too."""
    printed = []
    for hashes in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "simulation", "--digest", "--seeds", "15", *map(str, DIFFERED)],
            env={**os.environ, "PYTHONHASHSEED": hashes, "PYTHONPATH": os.pathsep.join(map(str, HERE.parents[:2]))},
            cwd=HERE.parent,
            capture_output=True,
            text=True,
            timeout=50,
        )
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert printed[0] == printed[1]
    assert len(set(printed[0].split())) == 2 * (15 + len(DIFFERED))


def test_every_fault_of_the_vocabulary_has_its_place() -> None:
    """A fault strikes here, or it is said why not."""
    groups = (
        faults.UNRULY,
        faults.TELLING,
        faults.CONNECTING,
        faults.ENDING,
        faults.RUBBISH,
        faults.ASKING,
        faults.FORGETTING,
        faults.PRIVATE,
    )
    assert sorted([*(fault for group in groups for fault in group), *faults.NOT_HERE]) == sorted(Fault)


# -- the watch notices mistakes, or the tests above could not fail --


def forgets_wakeups(connection: Any) -> None:
    """The order of the two steps is changed: what is posted between them is not seen."""
    with connection._lock:
        messages, connection._inbox = connection._inbox, []
    if not connection.handler.stopping and connection._wakeup is not None:
        connection._wakeup.clear()
    connection._run_messages(messages)


def trusts_the_moment(socket: Any, now: float) -> None:
    """An empty socket proves that nothing is on its way."""
    socket.safe_at = now


def keeps_late_sockets(dials: Any, owner: Any, result: Any) -> None:
    """Nobody closes a socket that is opened when its connection is over."""
    dials._post(lambda: dials._finish(owner, result))


MISTAKES: dict[str, tuple[type, str, Callable[..., Any], str]] = {
    "copies": (Overlap, "__call__", lambda *arguments: True, "twice|behind a later one"),
    "losses": (Losses, "lose", lambda *arguments: None, "lost without a report"),
    "windows": (WebSocket, "_found_empty", trusts_the_moment, "lost without a report"),
    "wake-ups": (Connection, "_woken", forgets_wakeups, "never came back|stop_socket took|close:"),
    "descriptors": (Dials, "hand_over", keeps_late_sockets, "descriptors left open"),
}


RACES = ("wake-ups", "descriptors")  # one seed of some thousand hits upon such a moment


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.full if name in RACES else ()) for name in MISTAKES]
)
def test_a_mistake_is_found(name: str) -> None:
    """And the failure says what was broken."""
    owner, method, broken, said = MISTAKES[name]
    failures: list[str] = []
    with mock.patch.object(owner, method, broken):
        for seed in range(5000 if name in RACES else 200):
            failures = run(seed).world.failures
            if failures:
                break
    assert any(part in "".join(failures[:1]) for part in said.split("|")), failures[:1]


# -- the world --


def world_of(seed: int = 1) -> tuple[World, Any]:
    world = World(seed, eager=0.5, stall=0.0)
    return world, System(world, Network(world, exchange.Exchange(world))).modules["threading"]


def test_time_moves_when_everybody_waits() -> None:
    """To the next moment at which somebody goes on, and no real time passes."""
    world, threading = world_of()
    seen: list[tuple[str, float]] = []
    event = threading.Event()

    def sleeper() -> None:
        world.park(3600.0)
        seen.append(("slept", world.now))
        event.set()

    threading.Thread(target=sleeper, name="sleeper").start()
    assert not event.wait(5.0)
    seen.append(("waited", world.now))
    assert event.wait()
    assert seen == [("waited", 1005.0), ("slept", 4600.0)]


@pytest.mark.parametrize("seed", range(20))
def test_a_lock_excludes_and_a_race_shows(seed: int) -> None:
    """Threads that read, give way and write lose counts without a lock, and none with it."""
    world, threading = world_of(seed)
    lock = threading.Lock()
    counts = {"with": 0, "without": 0}

    def work() -> None:
        for _ in range(10):
            with lock:
                before = counts["with"]
                world.switch()
                counts["with"] = before + 1
            before = counts["without"]
            world.switch()
            counts["without"] = before + 1

    threads = [threading.Thread(target=work, name=str(number)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts["with"] == 30
    assert counts["without"] < 30


def test_a_deadlock_is_told() -> None:
    """Two threads that wait for each other's lock; the stacks are in the text."""
    world, threading = world_of()
    locks = [threading.Lock(), threading.Lock()]

    def take(first: int) -> None:
        with locks[first]:
            world.park(1.0)
            with locks[1 - first]:
                pass

    for number in (0, 1):
        threading.Thread(target=take, args=(number,), name=f"thread-{number}").start()
    with pytest.raises(Deadlock, match="thread-0"):
        threading.Event().wait()


def test_a_run_without_end_is_told() -> None:
    """A thread that never waits for anything."""
    world, threading = world_of()
    world.most_steps = 1000

    def spin() -> None:
        while True:
            world.switch()

    threading.Thread(target=spin, name="spin").start()
    with pytest.raises(Endless, match="spin"):
        threading.Event().wait(1.0)


def test_a_thread_that_dies_is_told() -> None:
    """Its error does not end the run, which has failed."""
    world, threading = world_of()

    def die() -> None:
        raise ValueError("oh")

    threading.Thread(target=die, name="mortal").start()
    world.park(1.0)
    assert world.failures == ["thread mortal died with ValueError('oh')"]


def test_a_suspended_process_wakes_late() -> None:
    """Nobody runs meanwhile, whatever is due."""
    world, _ = world_of()
    due: list[float] = []
    world.at(5.0, lambda: due.append(world.now))
    world.freeze(12.0)
    world.park(1.0)
    assert (world.now, due) == (1012.0, [1005.0])
