"""The only place that makes threads: who owns what a thread uses, and where threads come from when Python refuses one.

``Thread.start`` leaves two questions open. Interrupted by Ctrl-C it does not tell whether the thread runs, so starter
and thread may both clean up; and CPython 3.12.0 to 3.12.2 starts none once the main thread has ended, although open
sockets live on. A :class:`Worker` answers both: one atomic claim decides whose the work is, and parked threads, started
while that was possible, take what cannot be started any more.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable

from .clock import wait_event

__all__ = ["Worker", "check_stack", "park"]

_ROOM = 100  # frames; the deepest of starting, stopping and closing takes about 30, log lines included
_REFUSED = (3, 12) <= sys.version_info < (3, 12, 3)  # no thread starts after the main thread's end
_PARKED = 2  # threads of each kind that wait; each that was used comes back
_PERIOD = 0.25  # seconds between two looks at whether the process still needs them
_TAKE = 1.0  # seconds to wait for a parked thread: the one before is perhaps on its way back
_NOBODY = "nobody: it was abandoned"
_SPARE = "binance_sockets-spare"


def check_stack(frames: int = _ROOM) -> None:
    """Fail before anything has changed. On a stack too full for starting or stopping a thread, cleaning up after a half
    way has no room either. Takes some microseconds.

    Raises:
        RecursionError: there is no room for so many frames.
    """
    if frames:
        check_stack(frames - 1)


class Worker:
    """``target``, to be run once on a thread of its own.

    Whoever makes one cleans up what ``target`` would have used if, and only if, :meth:`abandon` says so::

        worker = Worker(run, name="binance_sockets:...", daemon=False)
        try:
            open_what_run_uses()
            worker.start()
        except BaseException:  # also Ctrl-C, which comes anywhere
            if worker.abandon():
                close_what_run_uses()
            raise

    Args:
        target: runs on the thread, and alone owns what it uses from then on.
        name: name of the thread.
        daemon: whether the process may end while it runs.

    Attributes:
        ended: is set when ``target`` has returned, or will never run.
    """

    def __init__(self, target: Callable[[], object], *, name: str, daemon: bool) -> None:
        self.name = name
        self.daemon = daemon
        self.ended = threading.Event()
        self._target = target
        self._claim: dict[str, object] = {}  # whose the work is: the first one who sets it; one step, without a lock
        self._thread: threading.Thread | None = None  # the one that runs it

    def start(self) -> None:
        """Have ``target`` run. Call it once; does not block, but for a second where only a parked thread is left.

        Raises:
            RuntimeError: there is no thread to be had. ``target`` never runs.
            KeyboardInterrupt: Ctrl-C; :meth:`abandon` tells whether ``target`` runs.
        """
        try:
            threading.Thread(target=self._bootstrap, name=self.name, daemon=self.daemon).start()
        except RuntimeError:
            if not park.take(self):
                self.abandon()
                raise

    def abandon(self) -> bool:
        """See to it that ``target`` never runs, if it has not begun. Any thread; never blocks; may be repeated.

        Returns:
            ``True``: it never runs, and what it would have used is the caller's. ``False``: it has begun.
        """
        abandoned = self._claim.setdefault("by", _NOBODY) is _NOBODY
        if abandoned:
            self.ended.set()
        return abandoned

    def is_current(self) -> bool:
        """Called by ``target``."""
        return threading.current_thread() is self._thread and not self.ended.is_set()

    def is_alive(self) -> bool:
        """``target`` has begun, and not returned."""
        return self._thread is not None and not self.ended.is_set()

    def join(self, timeout: float | None) -> bool:
        """Wait until ``target`` has returned, or will never run; returns whether that came.

        Within ``target`` it does not wait. Ctrl-C ends the wait, and nothing else.
        """
        if self.is_current():
            return True
        # not Thread.join: interrupted, it marks a living thread as dead before 3.13
        if not wait_event(self.ended, timeout):
            return False
        thread = self._thread
        if thread is not None and thread is not threading.current_thread() and thread.name == self.name:
            thread.join(_PERIOD)  # nothing is left to do there; a parked thread has another name by now
        return True

    def run(self, parked: bool = False) -> None:
        """Run ``target`` here, unless it was abandoned. For the thread that is given it."""
        me = threading.current_thread()
        if self._claim.setdefault("by", me) is not me:
            return
        self._thread = me
        try:
            self._target()
        except BaseException:  # a parked thread must survive it; told as for any thread
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), self._thread)))
        finally:
            del self._target  # a parked thread lives on, what the target refers to need not
            if parked or park.outlives():
                self._thread.name = _SPARE
            self.ended.set()

    def _bootstrap(self) -> None:
        self.run()
        park.join_in(self.daemon)


class _Park:
    """Threads that wait for work, for the versions that start none after the main thread's end.

    They wait while a manager runs. Once the main thread has ended a thread whose work is done joins them: a callback
    that stops its socket and starts another may do so for ever. Those that are not daemons, as a socket's thread must
    hold the process, leave when nobody else is left that could give them work.
    """

    def __init__(self) -> None:
        self.enabled = _REFUSED
        self._reset()

    def _reset(self) -> None:
        self._changed = threading.Condition()  # guards the rest
        self._users: set[object] = set()
        self._threads: list[threading.Thread] = []  # started by open
        self._work: dict[bool, deque[Worker]] = {False: deque(), True: deque()}
        self._waiting: dict[bool, set[threading.Thread]] = {False: set(), True: set()}
        self._leaving: set[threading.Thread] = set()  # after the main thread's end

    def open(self, user: object) -> None:
        """``user`` may need threads later: have some waiting.

        Raises:
            RuntimeError: no thread can be started.
        """
        if not self.enabled:
            return
        with self._changed:
            self._users.add(user)
            missing = [daemon for daemon in (False, True) for _ in range(_PARKED - len(self._waiting[daemon]))]
        for daemon in missing if threading.main_thread().is_alive() else ():
            thread = threading.Thread(target=self._rest, args=(daemon,), name=_SPARE, daemon=daemon)
            with self._changed:
                self._threads = [*(each for each in self._threads if each.is_alive() or not each.ident), thread]
            thread.start()

    def close(self, user: object) -> None:
        """``user`` needs none any more; after the last one nobody waits. Never blocks; may be repeated."""
        with self._changed:
            self._users.discard(user)
            self._changed.notify_all()

    def join(self, timeout: float) -> None:
        """After :meth:`close`: wait for those that leave. Does nothing while there are users, or in one of them."""
        with self._changed:
            leaving = [] if self._users or not threading.main_thread().is_alive() else self._threads
        for thread in leaving:
            if thread.ident and thread is not threading.current_thread() and thread.name == _SPARE:
                thread.join(min(timeout, 60.0))  # they leave at once, all together

    def take(self, worker: Worker) -> bool:
        """Give the work to a waiting thread; returns whether there is one."""
        if not self.enabled:
            return False
        work, waiting = self._work[worker.daemon], self._waiting[worker.daemon]
        with self._changed:
            if not self._changed.wait_for(lambda: len(work) < len(waiting), _TAKE):
                return False
            work.append(worker)
            self._changed.notify_all()
        return True

    def outlives(self) -> bool:
        """A thread whose work is done now does not end."""
        return self.enabled and not threading.main_thread().is_alive()

    def join_in(self, daemon: bool) -> None:
        """The calling thread has done its work: it waits for more, where no new one could be started."""
        if self.outlives():
            self._rest(daemon)

    def _rest(self, daemon: bool) -> None:
        me = threading.current_thread()
        while True:
            me.name = _SPARE
            worker = self._next(me, daemon)
            if worker is None:
                return
            me.name = worker.name
            worker.run(parked=True)
            del worker

    def _next(self, me: threading.Thread, daemon: bool) -> Worker | None:
        with self._changed:
            self._waiting[daemon].add(me)
            self._changed.notify_all()  # who wants a thread, and who waits for the last one to leave
            try:
                while True:
                    if self._work[daemon]:
                        return self._work[daemon].popleft()
                    if not self._needed(daemon):
                        self._leaving.add(me)
                        return None
                    self._changed.wait(_PERIOD)
            finally:
                self._waiting[daemon].discard(me)

    def _needed(self, daemon: bool) -> bool:
        """Work may still come: while the main thread lives from users, afterwards from any thread."""
        main = threading.main_thread()
        if main.is_alive():
            return bool(self._users)
        if daemon:
            return True
        ours = self._waiting[False] | self._leaving
        return any(not each.daemon and each is not main and each not in ours for each in threading.enumerate())


park = _Park()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=park._reset)  # the child has none of these threads
