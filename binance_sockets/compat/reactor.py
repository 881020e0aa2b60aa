"""``twisted.internet.reactor`` as scripts use it beside socket managers: it stops what streams, and calls later.

No reactor runs: sockets have threads of their own. ``run()`` blocks until ``stop()``, as scripts that call it expect;
``stop()`` closes every manager of this process, and does nothing where nothing runs.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from ..engine.clock import wait_event

__all__ = ["Reactor", "reactor"]


class _Closable(Protocol):
    def close(self) -> None: ...

    def start(self) -> None: ...

    def is_alive(self) -> bool: ...


class _Call:
    """What ``callLater`` returns."""

    def __init__(self, timer: threading.Timer) -> None:
        self._timer = timer

    def cancel(self) -> None:
        """Not to be made any more."""
        self._timer.cancel()

    def active(self) -> bool:
        """It is still to be made."""
        return self._timer.is_alive()


class Reactor:
    """The part of a reactor that scripts touch."""

    def __init__(self) -> None:
        self._managers: weakref.WeakSet[Any] = weakref.WeakSet()
        self._stop = threading.Event()
        self._lock = threading.Lock()  # guards the one below
        self._calls: set[threading.Timer] = set()
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
        for timer in calls:
            timer.cancel()
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

        def call() -> None:
            with self._lock:
                self._calls.discard(timer)
            function(*args, **kwargs)

        timer = threading.Timer(delay, call)
        timer.daemon = True
        with self._lock:
            self._calls.add(timer)
        timer.start()
        return _Call(timer)


reactor = Reactor()
"""The one of this process."""
