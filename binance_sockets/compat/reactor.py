"""``twisted.internet.reactor`` as scripts use it beside socket managers: it stops what streams, and calls later.

No reactor runs: sockets have threads of their own, which take turns at one gate, as callbacks took turns on 0.7's only
reactor. ``run()`` blocks until ``stop()``, as scripts that call it expect; ``stop()`` closes every manager of this
process, and does nothing where nothing runs.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from ..engine.clock import wait_event
from ..engine.gate import Gate
from ..engine.threads import Worker

__all__ = ["Reactor", "reactor"]


class _Closable(Protocol):
    def close(self) -> None: ...

    def start(self) -> None: ...

    def is_alive(self) -> bool: ...

    _conns: Any


class _Call:
    """A call that is to be made, which is what ``callLater`` returns.

    Args:
        delay: seconds until then.
        function: called then, on a thread of its own.
        over: told at the end, made or not.
        gate: where it waits for its turn; ``None`` for none.
    """

    def __init__(
        self, delay: float, function: Callable[[], object], over: Callable[[_Call], object], gate: Gate | None
    ) -> None:
        def call(_: object) -> None:
            function()

        self.waited = 0.0
        self._delay = delay
        self._call = call if gate is None else gate.through(call, self)
        self._over = over
        self._cancelled = threading.Event()
        self.worker = Worker(self._run, name="binance_sockets-later", daemon=True)

    def cancel(self) -> None:
        """Not to be made any more."""
        self._cancelled.set()

    @property
    def stopping(self) -> bool:
        """It was cancelled."""
        return self._cancelled.is_set()

    def active(self) -> bool:
        """It is still to be made."""
        return not self._cancelled.is_set() and not self.worker.ended.is_set()

    def _run(self) -> None:
        try:
            if not wait_event(self._cancelled, self._delay):
                self._call(None)
        finally:
            self._over(self)


class Reactor:
    """The part of a reactor that scripts touch."""

    def __init__(self) -> None:
        self.gate = Gate()
        self._stop = threading.Event()
        self._lock = threading.Lock()  # guards the two below
        self._managers: list[_Closable] = []
        self._calls: set[_Call] = set()
        self._stopped = False
        self.on_run: Callable[[], object] = lambda: None

    def watch(self, manager: _Closable) -> None:
        """``manager`` ends with :meth:`stop`. It is kept while it may have sockets, as its script may not keep it."""
        idle = [each for each in self._all() if not each.is_alive() and not each._conns]
        with self._lock:
            kept = [each for each in self._managers if each not in idle and each is not manager]
            self._managers = [*kept, manager]

    def forget_parent(self) -> None:
        """In a forked child nothing runs that belongs to the parent, and nobody holds a lock or the turn."""
        self.gate, self._lock = Gate(), threading.Lock()
        self._managers, self._calls = [], set()

    @property
    def running(self) -> bool:
        """A manager runs."""
        return any(manager.is_alive() for manager in self._all())

    def run(self, installSignalHandlers: bool = True) -> None:
        """Block until :meth:`stop`, or Ctrl-C."""
        self._stop.clear()
        self._stopped = False
        self.on_run()
        for manager in self._all():
            manager.start()
        while not wait_event(self._stop, 3600.0):
            pass

    def stop(self) -> bool:
        """Close all managers; calls that are still to be made are not made. Harmless when nothing runs.

        Returns:
            Whether there was a manager.
        """
        self._stopped = True
        with self._lock:
            calls, self._calls = self._calls, set()
        for call in calls:
            call.cancel()
        self.gate.look()
        managers = self._all()
        for manager in managers:
            manager.close()
        self._stop.set()
        return bool(managers)

    def callFromThread(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call ``function`` now: there is no other thread that it would have to run on."""
        function(*args, **kwargs)

    def callInThread(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call ``function`` on a thread of its own, whatever else runs."""
        self._later(0, partial(function, *args, **kwargs), None)

    def callWhenRunning(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call ``function`` now."""
        function(*args, **kwargs)

    def addSystemEventTrigger(self, *args: Any, **kwargs: Any) -> None:
        """Nothing triggers here."""

    def callLater(self, delay: float, function: Callable[..., object], *args: Any, **kwargs: Any) -> _Call:
        """Call ``function`` after ``delay`` seconds, on a thread of its own, while no callback of a socket runs."""
        return self._later(delay, partial(function, *args, **kwargs), self.gate)

    def _later(self, delay: float, function: Callable[[], object], gate: Gate | None) -> _Call:
        call = _Call(delay, function, self._forget, gate)
        with self._lock:
            self._calls.add(call)
        call.worker.start()
        return call

    def _all(self) -> list[_Closable]:
        with self._lock:
            return list(self._managers)

    def _forget(self, call: _Call) -> None:
        with self._lock:
            self._calls.discard(call)


reactor = Reactor()
"""The one of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=reactor.forget_parent)
