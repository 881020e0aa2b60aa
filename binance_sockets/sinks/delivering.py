"""The thread of a handler: calls a user's function, guarded, from the first message on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from ..config import check_handler
from ..engine.threads import Worker

__all__ = ["Delivering", "log", "name_of"]

log = logging.getLogger("binance_sockets.sinks")


def name_of(handler: object) -> str:
    """The name of a user's function, for threads and texts."""
    return getattr(handler, "__qualname__", type(handler).__name__)


class Delivering:
    """To be mixed into what has a lock, ``_closed`` and counters behind it, and says what the thread does.

    The thread starts with the first message, so that a process that only forks has none, and nobody but it calls the
    user's function.
    """

    _lock: threading.Lock
    _closed: bool
    received: int
    dropped: int
    worker: Worker | None
    errors: int

    def _named(self, argument: str, handler: Callable[[Any], object], kind: str) -> None:
        """Whose thread it is; ``argument`` and ``kind`` are for texts."""
        check_handler(argument, handler)
        self._handler = handler
        self._kind = kind

    def _without_thread(self) -> None:
        """New, or in a forked child, where the thread is the parent's."""
        self.worker = None
        self.errors = 0

    def begin(self) -> None:
        """Start the thread, once.

        Raises:
            RuntimeError: none can be started; a message was dropped for it, and the next one tries again.
        """
        worker = Worker(self._run, name=f"binance_sockets:{self._kind}:{name_of(self._handler)}", daemon=True)
        with self._lock:
            if self.worker is not None or self._closed:
                return
            self.worker = worker
        try:
            worker.start()
        except BaseException:
            with self._lock:
                if worker.abandon():
                    self.worker = None
                    self.received += 1
                    self.dropped += 1
            raise

    def _run(self) -> None:
        """The thread's life."""
        raise NotImplementedError

    def shut(self) -> None:
        """Take no more messages, and wake all who wait. Any thread; does not wait."""
        raise NotImplementedError

    def _guarded(self, call: Callable[[Any], object], message: Any) -> bool:
        """Call the user's function, which cannot end anything but its own handler. Returns whether that goes on."""
        try:
            call(message)
        except Exception:
            self.errors += 1
            if self.errors == 1:
                log.exception("%s raised; it is called further, and further errors are only counted", self._who)
        except BaseException as exc:  # SystemExit ends this thread: nobody may wait for room from now on
            log.warning("%s raised %s: it gets no more messages", self._who, type(exc).__name__)
            self.shut()
            return False
        return True

    @property
    def _who(self) -> str:
        return f"handler {name_of(self._handler)} ({self._kind})"

    def joined(self, timeout: float) -> bool:
        """Wait for the end of the thread; ``False`` while it lives. Inside the user's function it does not wait."""
        worker = self.worker
        return worker is None or worker.is_current() or worker.join(timeout)
