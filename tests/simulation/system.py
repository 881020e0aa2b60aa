"""What a program asks of Python and the operating system, over a :class:`~simulation.world.World`.

Stand-ins for the modules ``threading``, ``queue``, ``time``, ``select``, ``os`` and ``socket``, as far as the client
uses them. :func:`installed` puts them into the client's modules: all of it runs as it is, and knows nothing about it.
"""

from __future__ import annotations

import contextlib
import functools
import heapq
import os
import queue
import select
import socket
import sys
import threading
import time
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import tenacity
import tenacity.nap
from simulation.network import Network
from simulation.world import Task, World

from binance_sockets.engine import budget, clock, lookup, transport
from binance_sockets.engine.threads import park

__all__ = ["System", "installed"]

_CLIENT = "binance_sockets."
_OTHERS = ("binance_sockets.simulator", "binance_sockets.cli", "binance_sockets.faults")


class _Lock:
    def __init__(self, world: World) -> None:
        self._world = world
        self._owner: Task | None = None
        self._waiting: deque[Task] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        world = self._world
        world.used(self)
        world.maybe_switch()
        if self._owner is None:
            self._owner = world.current
            return True
        if not blocking:
            return False
        if self._owner is world.current:
            raise AssertionError("a thread waits for its own lock")
        deadline = None if timeout < 0 else world.now + timeout
        while self._owner is not None:
            self._waiting.append(world.current)
            woken = world.park(None if deadline is None else deadline - world.now)
            if not woken and deadline is not None and world.current in self._waiting:  # else it was let in just now
                self._waiting.remove(world.current)
                return False
        self._owner = world.current
        return True

    def release(self) -> None:
        if self._owner is not self._world.current:
            raise RuntimeError("release of a lock that another thread holds")
        self._owner = None
        if self._waiting:
            self._world.unpark(self._waiting.popleft())

    def locked(self) -> bool:
        return self._owner is not None

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


class _RLock(_Lock):
    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._depth = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self._owner is not self._world.current and not super().acquire(blocking, timeout):
            return False
        self._depth += 1
        return True

    def release(self) -> None:
        self._depth -= 1
        if not self._depth:
            super().release()


class _Condition:
    def __init__(self, world: World, lock: _Lock | None = None) -> None:
        self._world = world
        self._lock = _Lock(world) if lock is None else lock
        self._waiting: deque[Task] = deque()
        self.acquire, self.release = self._lock.acquire, self._lock.release

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def wait(self, timeout: float | None = None) -> bool:
        self._world.used(self)
        me = self._world.current
        self._waiting.append(me)
        self._lock.release()
        try:
            woken = self._world.park(timeout)
        finally:
            if me in self._waiting:
                self._waiting.remove(me)
            self._lock.acquire()
        return woken

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        deadline = None if timeout is None else self._world.now + timeout
        while not (found := predicate()):
            left = None if deadline is None else deadline - self._world.now
            if left is not None and left <= 0:
                break
            self.wait(left)
        return found

    def notify(self, n: int = 1) -> None:
        self._world.used(self)
        for _ in range(min(n, len(self._waiting))):
            self._world.unpark(self._waiting.popleft())

    def notify_all(self) -> None:
        self.notify(len(self._waiting))


class _Event:
    def __init__(self, world: World) -> None:
        self._world = world
        self._set = False
        self._waiting: list[Task] = []

    def is_set(self) -> bool:
        self._world.used(self)
        return self._set

    def set(self) -> None:
        self._world.used(self)
        self._world.maybe_switch()
        self._set = True
        waiting, self._waiting = self._waiting, []
        for task in waiting:
            self._world.unpark(task)

    def clear(self) -> None:
        self._world.maybe_switch()
        self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        world = self._world
        world.used(self)
        world.maybe_switch()
        if not self._set:
            self._waiting.append(world.current)
            if not world.park(timeout) and world.current in self._waiting:
                self._waiting.remove(world.current)
        return self._set


class _Thread(Task):
    def __init__(
        self,
        world: World,
        target: Callable[..., object],
        name: str,
        daemon: bool = False,
        args: Sequence[object] = (),
    ) -> None:
        super().__init__(world, name)
        self.daemon = daemon
        self.ident: int | None = None
        self._target = target
        self._args = args
        self._over = False
        self._joining: list[Task] = []

    def start(self) -> None:
        self.world.spawn(self, self._run)
        self.ident = id(self)
        self.world.maybe_switch()

    def _run(self) -> None:
        try:
            self._target(*self._args)
        except Exception as exc:
            self.world.fail(f"thread {self.name} died with {exc!r}")
        self._over = True
        for task in self._joining:
            self.world.unpark(task)

    def is_alive(self) -> bool:
        return self.ident is not None and not self._over

    def join(self, timeout: float | None = None) -> None:
        if self.is_alive():
            self._joining.append(self.world.current)
            self.world.park(timeout)


class _Main:
    """The main thread, which does not end."""

    name = "main"
    daemon = False
    ident = threading.main_thread().ident

    @staticmethod
    def is_alive() -> bool:
        return True


class _Queue:
    """All kinds of queues; ``ordered`` is a priority queue, ``size`` its bound, 0 for none."""

    def __init__(self, world: World, ordered: bool, size: int = 0) -> None:
        self._world = world
        self._ordered = ordered
        self._size = size
        self._putting: deque[Task] = deque()
        self._items: Any = [] if ordered else deque()
        self._waiting: deque[Task] = deque()

    def put(self, item: Any, timeout: float | None = None) -> None:
        world = self._world
        world.used(self)
        world.maybe_switch()
        deadline = None if timeout is None else world.now + timeout
        while self._size and len(self._items) >= self._size:
            self._putting.append(world.current)
            if not world.park(None if deadline is None else deadline - world.now):
                if world.current in self._putting:
                    self._putting.remove(world.current)
                if len(self._items) >= self._size:
                    raise queue.Full
        if self._ordered:
            heapq.heappush(self._items, item)
        else:
            self._items.append(item)
        if self._waiting:
            self._world.unpark(self._waiting.popleft())

    def get(self, timeout: float | None = None) -> Any:
        world = self._world
        world.used(self)
        world.maybe_switch()
        deadline = None if timeout is None else world.now + timeout
        while not self._items:
            self._waiting.append(world.current)
            left = None if deadline is None else deadline - world.now
            if not world.park(left) and world.current in self._waiting:  # else something came just now
                self._waiting.remove(world.current)
                if not self._items:
                    raise queue.Empty
        if self._putting:
            world.unpark(self._putting.popleft())
        return heapq.heappop(self._items) if self._ordered else self._items.popleft()

    def qsize(self) -> int:
        return len(self._items)


class _Poll:
    """``select.poll``."""

    def __init__(self, world: World, network: Network) -> None:
        self._world = world
        self._network = network
        self._masks: dict[int, int] = {}

    def register(self, fileno: int, mask: int) -> None:
        self._network.descriptor(fileno)
        self._masks[fileno] = mask

    def modify(self, fileno: int, mask: int) -> None:
        if fileno not in self._masks:
            raise FileNotFoundError(fileno)
        self._masks[fileno] = mask

    def unregister(self, fileno: int) -> None:
        del self._masks[fileno]

    def poll(self, milliseconds: float | None = None) -> list[tuple[int, int]]:
        world, network = self._world, self._network
        world.maybe_switch()
        deadline = None if milliseconds is None else world.now + milliseconds / 1000
        me = world.current
        while True:
            watched, ready = [], []
            for fileno, mask in self._masks.items():
                found = network.descriptor(fileno)
                watched.append(found)
                if bits := found.ready() & (mask | select.POLLHUP):
                    ready.append((fileno, bits))
            left = None if deadline is None else deadline - world.now
            if ready or (left is not None and left <= 0):
                return ready
            for found in watched:
                found.watchers.append(me)
            world.park(left)
            for found in watched:
                found.watchers.remove(me)


class System:
    """The stand-ins of one world, by the name of the module that each replaces."""

    def __init__(self, world: World, network: Network) -> None:
        self.world = world
        self.network = network
        self.modules: dict[str, Any] = {
            "threading": self._threading(),
            "queue": self._queue(),
            "time": self._time(),
            "select": _over(select, poll=lambda: _Poll(world, network)),
            "os": _over(
                os,
                eventfd=lambda *_: network.event_descriptor(),
                eventfd_read=network.read_event,
                eventfd_write=network.write_event,
                EFD_NONBLOCK=1,
                EFD_CLOEXEC=2,
                dup=network.duplicate,
                close=network.close,
                name="posix",
            ),
            "socket": _over(socket, socket=network.socket, getaddrinfo=network.look_up),
        }

    def _threading(self) -> Any:
        world = self.world
        main = _Main()
        return _over(
            threading,
            Lock=lambda: _Lock(world),
            RLock=lambda: _RLock(world),
            Condition=lambda lock=None: _Condition(world, lock),
            Event=lambda: _Event(world),
            Thread=lambda **arguments: _Thread(world, **arguments),
            current_thread=lambda: main if world.current is world.main else world.current,
            main_thread=lambda: main,
            enumerate=lambda: [task for task in world.tasks if task is not world.main],
            excepthook=self._uncaught,
        )

    def _uncaught(self, arguments: Any) -> None:
        if not issubclass(arguments.exc_type, Exception):
            raise arguments.exc_value
        self.world.fail(f"thread {arguments.thread.name} died with {arguments.exc_value!r}")

    def _queue(self) -> Any:
        return types.SimpleNamespace(
            SimpleQueue=lambda: _Queue(self.world, False),
            PriorityQueue=lambda: _Queue(self.world, True),
            Queue=lambda size=0: _Queue(self.world, False, size),
            Empty=queue.Empty,
            Full=queue.Full,
        )

    def _time(self) -> Any:
        world = self.world
        return types.SimpleNamespace(
            monotonic=lambda: world.now,
            perf_counter=lambda: world.now,
            thread_time=lambda: world.now,
            clock_gettime=lambda number: world.now,
            CLOCK_BOOTTIME=7,
            time=world.wall,
            sleep=lambda seconds: world.park(seconds),
        )


def _over(module: types.ModuleType, **replaced: Any) -> Any:
    return types.SimpleNamespace(**{**vars(module), **replaced})


@contextlib.contextmanager
def installed(system: System, also: Sequence[types.ModuleType] = ()) -> Iterator[None]:
    """All of the client, its retries over REST included, lives in the world of ``system``; ``also`` these modules."""
    saved: list[tuple[Any, str, Any]] = []

    def replace(owner: Any, name: str, value: Any) -> None:
        saved.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    try:
        for module, name in [*_places(len(sys.modules)), *_uses(also)]:
            replace(module, name, system.modules[name])
        replace(park, "enabled", False)
        replace(budget, "_shared", budget.Budgets())
        replace(lookup, "_pending", lookup._Pending())  # state of the process, with a lock of this world
        yield
    finally:
        for row in reversed(saved):
            setattr(*row)


@functools.lru_cache(maxsize=1)
def _places(loaded: int) -> list[tuple[types.ModuleType, str]]:
    """Where the client asks the system, as far as it is loaded: looked for once for each number of modules."""
    modules = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(_CLIENT) and not name.startswith(_OTHERS) and isinstance(module, types.ModuleType)
    ]
    return [*_uses(modules), (clock, "os"), (transport, "os"), (tenacity, "time"), (tenacity.nap, "time")]


def _uses(modules: Iterable[types.ModuleType]) -> list[tuple[types.ModuleType, str]]:
    """The modules of the system that each of these has imported and that are replaced."""
    real = {"threading": threading, "queue": queue, "time": time, "select": select, "socket": socket}
    return [(module, name) for module in modules for name in real if getattr(module, name, None) is real[name]]
