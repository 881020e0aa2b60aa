"""One worker thread per manager, for work that must not delay a stream: slow REST calls, connects beside open links."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from .threads import Worker

__all__ = ["Jobs"]

log = logging.getLogger("binance_sockets.jobs")

_URGENT, _PATIENT, _LAST = range(3)
_BOUND = 60.0  # seconds of one wait


class Jobs:
    """Runs jobs one after another on a thread of its own.

    The thread is a daemon: the process waits for open connections, not for it.

    Args:
        name: name of the thread.
    """

    def __init__(self, name: str) -> None:
        self._queue: queue.PriorityQueue[tuple[int, int, Callable[[], None] | None]] = queue.PriorityQueue()
        self._lock = threading.Lock()  # guards the number: equal ones would make the queue compare jobs
        self._number = 0
        self.name = name
        self.thread = Worker(self._run, name=name, daemon=True)

    @property
    def doing(self) -> str:
        """What it is busy with when it does not end, for texts."""
        return "waiting for an answer over REST"

    def start(self) -> None:
        """Begin. Interrupted, or where no thread is to be had, it does not begin any more, or :meth:`stop` ends it."""
        try:
            self.thread.start()
        except BaseException:
            self.thread.abandon()
            raise

    def submit(self, job: Callable[[], None], urgent: bool = False) -> None:
        """Queue a job, an urgent one before all that are not. Any thread; never blocks."""
        self._put(_URGENT if urgent else _PATIENT, job)

    def stop(self) -> None:
        """End after the jobs that are queued. Any thread; never blocks."""
        self._put(_LAST, None)

    def _put(self, rank: int, job: Callable[[], None] | None) -> None:
        with self._lock:
            self._number += 1
            number = self._number
        self._queue.put((rank, number, job))

    def join(self, timeout: float) -> bool:
        """Wait for the end; returns whether it came. Inside a job it does not wait."""
        return self.thread.join(timeout)

    def _run(self) -> None:
        while True:
            try:
                _, _, job = self._queue.get(timeout=_BOUND)
            except queue.Empty:
                continue
            if job is None:
                return
            try:
                job()
            except Exception:
                log.exception("a job failed")
