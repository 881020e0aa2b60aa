"""The only place that reads time or waits."""

from __future__ import annotations

import os
import select
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

__all__ = ["Cancel", "Cancelled", "Clock", "Waiter", "Wakeup", "wait_event", "wait_ready"]

_READ = select.POLLIN if hasattr(select, "poll") else selectors.EVENT_READ
_WRITE = select.POLLOUT if hasattr(select, "poll") else selectors.EVENT_WRITE
_SPURIOUS_SLICE = 0.05
_LONGEST = 3600.0  # seconds of one wait; the system call refuses some weeks, not to speak of infinity


def _since_boot() -> Callable[[], float]:
    """A clock that never steps, and goes on while the system sleeps.

    ``time.monotonic`` stands still then on Linux and macOS: a link that was dead for a night would seem seconds old.
    """
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC_RAW" if sys.platform == "darwin" else ""):
        if hasattr(time, name):
            return partial(time.clock_gettime, getattr(time, name))
    return time.monotonic


class Clock:
    """Real time."""

    def __init__(self) -> None:
        self.monotonic: Callable[[], float] = _since_boot()
        """Seconds for deadlines and ages; sleep of the system counts."""
        self.stopwatch: Callable[[], float] = time.perf_counter
        """Seconds for short durations; the fastest to read."""
        self.thread_time: Callable[[], float] = time.thread_time
        """Seconds for which the calling thread has had a core."""
        self.time: Callable[[], float] = time.time
        """Wall clock: seconds since the epoch, for reports."""


class Cancelled(Exception):
    """A wait ended because its connection is being stopped."""


class Cancel(Protocol):
    """What lets a blocking step end early: a descriptor that becomes readable, and the flag behind it."""

    def fileno(self) -> int: ...

    def cancelled(self) -> bool: ...


class _SelectorPoll:
    """``select.poll`` by means of ``selectors``, for systems without it (Windows)."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def register(self, fileno: int, mask: int) -> None:
        self._selector.register(fileno, mask)

    def modify(self, fileno: int, mask: int) -> None:
        self._selector.modify(fileno, mask)

    def unregister(self, fileno: int) -> None:
        self._selector.unregister(fileno)

    def poll(self, milliseconds: float | None = None) -> list[tuple[int, int]]:
        timeout = None if milliseconds is None else milliseconds / 1000
        return [(key.fd, mask) for key, mask in self._selector.select(timeout)]

    def close(self) -> None:
        self._selector.close()


def _new_poll() -> Any:
    return select.poll() if hasattr(select, "poll") else _SelectorPoll()


def _close_poll(poll: Any) -> None:
    if isinstance(poll, _SelectorPoll):
        poll.close()


class Wakeup:
    """A descriptor that any thread can make readable, to end the wait of the thread that owns it."""

    __slots__ = ("_fds", "_pair")

    def __init__(self) -> None:
        self._pair: tuple[socket.socket, socket.socket] | None = None
        if hasattr(os, "eventfd"):
            fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
            self._fds = (fd, fd)
        else:
            self._pair = socket.socketpair()
            for end in self._pair:
                end.setblocking(False)
            self._fds = (self._pair[0].fileno(), self._pair[1].fileno())

    def fileno(self) -> int:
        return self._fds[0]

    def set(self) -> None:
        """Make the descriptor readable. Any thread; never blocks. The owner must not have closed it."""
        # Both ends are non-blocking: whoever sets may hold a lock, and a full pipe or counter is readable already.
        try:
            if self._pair:
                self._pair[1].send(b"\0")
            else:
                os.eventfd_write(self._fds[1], 1)
        except BlockingIOError:
            return  # full means readable already

    def clear(self) -> None:
        """Forget all calls of :meth:`set` so far. Owner only."""
        try:
            if self._pair:
                while self._pair[0].recv(4096):
                    pass
            else:
                os.eventfd_read(self._fds[0])
        except BlockingIOError:
            return

    def close(self) -> None:
        if self._pair:
            for end in self._pair:
                end.close()
        else:
            os.close(self._fds[0])


class Waiter:
    """Waits for many descriptors at once. Owned by one thread."""

    __slots__ = ("_poll",)

    def __init__(self) -> None:
        self._poll = _new_poll()

    def add(self, fileno: int) -> None:
        """Report ``fileno`` when it is readable."""
        self._poll.register(fileno, _READ)

    def watch_write(self, fileno: int, on: bool) -> None:
        """Report it when it is writable too, or no longer."""
        self._poll.modify(fileno, _READ | _WRITE if on else _READ)

    def remove(self, fileno: int) -> None:
        self._poll.unregister(fileno)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        """Block until a descriptor is ready, at most ``timeout`` seconds; return ``(descriptor, mask)`` pairs.

        It may come back earlier with nothing.
        """
        if timeout is None:
            return self._poll.poll(None)  # type: ignore[no-any-return]
        return self._poll.poll(min(timeout, _LONGEST) * 1000)  # type: ignore[no-any-return]

    def close(self) -> None:
        _close_poll(self._poll)


def wait_ready(filenos: Sequence[int], write: bool, deadline: float, cancel: Cancel, clock: Clock) -> set[int]:
    """Block until one of the descriptors is readable (or writable); return those that are.

    Raises:
        TimeoutError: ``deadline`` (monotonic seconds) passed.
        Cancelled: the connection is being stopped.
    """
    poll = _new_poll()
    try:
        for fileno in filenos:
            poll.register(fileno, _WRITE if write else _READ)
        poll.register(cancel.fileno(), _READ)
        watching = True
        while True:
            if cancel.cancelled():
                raise Cancelled
            left = deadline - clock.monotonic()
            if left <= 0:
                raise TimeoutError
            if not watching:
                left = min(left, _SPURIOUS_SLICE)
            ready = {fd for fd, _ in poll.poll(int(min(left, _LONGEST) * 1000) + 1)}
            woken = cancel.fileno() in ready
            ready.discard(cancel.fileno())
            if ready:
                return ready
            if woken and not cancel.cancelled():
                # woken for another reason, which the owner will see to: do not spin on it meanwhile
                poll.unregister(cancel.fileno())
                watching = False
    finally:
        _close_poll(poll)


def wait_event(event: threading.Event, timeout: float | None) -> bool:
    """Wait for an event in slices, so that Ctrl-C is seen on every system. Returns whether it is set."""
    deadline = None if timeout is None else time.monotonic() + timeout
    while not event.is_set():
        left = 1.0 if deadline is None else min(1.0, deadline - time.monotonic())
        if left <= 0:
            return False
        event.wait(left)
    return True
