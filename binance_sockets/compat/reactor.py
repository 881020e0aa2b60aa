"""``twisted.internet.reactor`` as scripts use it beside socket managers: it stops what streams, and calls later.

No reactor runs: sockets have threads of their own. ``run()`` blocks until ``stop()``, as scripts that call it expect;
``stop()`` closes every manager of this process, and does nothing where nothing runs.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from ..engine.clock import wait_event
from ..engine.threads import Worker

__all__ = ["Reactor", "reactor"]


class _Closable(Protocol):
    def close(self) -> None: ...

    def start(self) -> None: ...

    def is_alive(self) -> bool: ...


class _Call:
    """A call that is to be made, which is what ``callLater`` returns.

    Args:
        delay: seconds until then.
        function: called then, on a thread of its own.
        over: told at the end, made or not.
    """

    def __init__(self, delay: float, function: Callable[[], object], over: Callable[[_Call], object]) -> None:
        self._delay = delay
        self._function = function
        self._over = over
        self._cancelled = threading.Event()
        self.worker = Worker(self._run, name="binance_sockets-later", daemon=True)

    def cancel(self) -> None:
        """Not to be made any more."""
        self._cancelled.set()

    def active(self) -> bool:
        """It is still to be made."""
        return not self._cancelled.is_set() and not self.worker.ended.is_set()

    def _run(self) -> None:
        cancelled = wait_event(self._cancelled, self._delay)
        self._over(self)
        if not cancelled:
            self._function()


class Reactor:
    """The part of a reactor that scripts touch."""

    def __init__(self) -> None:
        self._managers: weakref.WeakSet[Any] = weakref.WeakSet()
        self._stop = threading.Event()
        self._lock = threading.Lock()  # guards the one below
        self._calls: set[_Call] = set()
        self._stopped = False
        self.on_run: Callable[[], object] = lambda: None

    def watch(self, manager: _Closable) -> None:
        """``manager`` ends with :meth:`stop`."""
        self._managers.add(manager)

    @property
    def running(self) -> bool:
        """A manager runs."""
        return any(manager.is_alive() for manager in list(self._managers))

    def run(self, installSignalHandlers: bool = True) -> None:
        """Block until :meth:`stop`, or Ctrl-C."""
        self._stop.clear()
        self._stopped = False
        self.on_run()
        for manager in list(self._managers):
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
        managers = list(self._managers)
        for manager in managers:
            manager.close()
        self._stop.set()
        return bool(managers)

    def callFromThread(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call ``function`` now: there is no other thread that it would have to run on."""
        function(*args, **kwargs)

    def callInThread(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call ``function`` on a thread of its own."""
        self.callLater(0, function, *args, **kwargs)

    def callWhenRunning(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call ``function`` now."""
        function(*args, **kwargs)

    def addSystemEventTrigger(self, *args: Any, **kwargs: Any) -> None:
        """Nothing triggers here."""

    def callLater(self, delay: float, function: Callable[..., object], *args: Any, **kwargs: Any) -> _Call:
        """Call ``function`` after ``delay`` seconds, on a thread of its own."""

        call = _Call(delay, partial(function, *args, **kwargs), self._forget)
        with self._lock:
            self._calls.add(call)
        call.worker.start()
        return call

    def _forget(self, call: _Call) -> None:
        with self._lock:
            self._calls.discard(call)


reactor = Reactor()
"""The one of this process."""
