"""What a notebook shows, kept current in its place."""

from __future__ import annotations

import importlib
import logging
import threading
import weakref
from collections.abc import Callable
from typing import Any

from .._closing import Closing
from ..config import check_number
from ..engine.threads import Worker
from ..errors import ConfigError

__all__ = ["LiveDisplay"]

log = logging.getLogger("binance_sockets.consume")

_lock = threading.Lock()  # guards the table
_running: weakref.WeakKeyDictionary[Any, LiveDisplay] = weakref.WeakKeyDictionary()


class LiveDisplay(Closing):
    """Shows something below the cell of a notebook that made this, and shows it again in the same place while it
    changes. The cell does not wait.

    >>> LiveDisplay(manager)  # doctest: +SKIP
    >>> LiveDisplay(stream, every=0.5)  # doctest: +SKIP

    A thread of its own does so until :meth:`close`, until what it shows is gone or has ended (a stream without sockets,
    a manager that was closed), or until another one shows the same thing: the cell may be run again and again.

    Args:
        source: a manager, a :class:`~binance_sockets.MessageStream`, :class:`~binance_sockets.Table`,
            :class:`~binance_sockets.MessageStore`, order book, or anything else that a notebook can show.
        every: seconds between two looks, above 0. Default 1.

    Raises:
        ImportError: there is no IPython, and hence no notebook.
        ConfigError: for a bad argument.
    """

    def __init__(self, source: object, every: float = 1.0) -> None:
        check_number("every", every, zero=False, infinite=False)
        try:
            self._source = weakref.ref(source)
        except TypeError:
            raise ConfigError("source", type(source).__name__, "an object that changes, not a plain value") from None
        try:
            display: Callable[..., Any] = importlib.import_module("IPython.display").display
        except ImportError as error:
            raise ImportError("a live display needs a notebook: pip install ipykernel", name="IPython") from error
        self._every = every
        self._over = threading.Event()
        self._handle = display(source, display_id=True)
        self._worker = Worker(self._run, name="binance_sockets:display", daemon=True)
        with _lock:
            before = _running.get(source)
            _running[source] = self
        if before is not None:
            before.close()
        try:
            self._worker.start()
        except BaseException:
            self._worker.abandon()
            raise

    def _run(self) -> None:
        while not self._over.wait(self._every):
            source = self._source()
            if source is None:
                return
            over = _has_ended(source)  # before it is shown for the last time
            try:
                if self._handle is not None:  # None where nobody looks
                    self._handle.update(source)
            except Exception:
                log.exception("a live display cannot be updated any more")
                return
            if over:
                return
            del source  # nobody else may need it while this waits

    @property
    def is_live(self) -> bool:
        """It still follows its source."""
        return self._worker.is_alive() and not self._over.is_set()

    def close(self) -> None:
        """Leave what is shown as it is. Any thread; idempotent; waits for an update that runs, some seconds at most."""
        self._over.set()
        self._worker.join(5.0)

    def __repr__(self) -> str:
        return f"<LiveDisplay of a {type(self._source()).__name__}{'' if self.is_live else ', not live'}>"


def _has_ended(source: Any) -> bool:
    is_open = getattr(source, "is_open", None)  # of a stream
    if isinstance(is_open, bool):
        return not is_open
    is_alive = getattr(source, "is_alive", None)  # of a manager
    return callable(is_alive) and not is_alive()
