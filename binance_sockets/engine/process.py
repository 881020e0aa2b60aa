"""How the process around the sockets ends: the main thread's end, Ctrl-C after it, fork.

Scripts in the style of python-binance end their main thread right after starting sockets and expect to go on; those
that fail, or call ``sys.exit``, expect to end. Python tells neither case to other threads, so this module looks.
"""

from __future__ import annotations

import atexit
import dis
import logging
import os
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from types import CodeType, FrameType
from typing import Any, Protocol

from .clock import wait_event

__all__ = ["MainWatch", "Stoppable", "guard"]

_PERIOD = 0.25  # seconds between two looks at the main thread
_INTERRUPTED = 130  # 128 + SIGINT, as shells show it


class Stoppable(Protocol):
    """Something that ends when asked, without blocking."""

    def request_stop(self) -> None: ...


_lock = threading.RLock()  # a signal handler may come in the middle, on the same thread
_watches: weakref.WeakSet[MainWatch] = weakref.WeakSet()


class MainWatch:
    """Asks ``stoppable`` to end once the main thread has failed or exited. Make and start it in any thread.

    It has a daemon thread of its own, as every other one may be busy: in user code, or in a connect.

    Args:
        name: name of the thread.
        stoppable: what ends then.
    """

    def __init__(self, name: str, stoppable: Stoppable) -> None:
        self._main = threading.main_thread()
        self._outermost = _outermost(self._main) if self._main.is_alive() else None
        self._stoppable = stoppable
        self._over = threading.Event()
        self._ended = threading.Event()
        self.name = name
        self.doing = ""
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        with _lock:
            _watches.add(self)

    def start(self) -> None:
        self.thread.start()

    def let_go(self) -> None:
        """Forget the main thread's frame, or its variables, files of the user among them, would outlive the exit."""
        self._outermost = None

    def stop(self) -> None:
        """End. Any thread; never blocks."""
        self._over.set()

    def join(self, timeout: float) -> bool:
        """Wait for the end; returns whether it came."""
        if not wait_event(self._ended, timeout):
            return False
        self.thread.join(timeout)
        return True

    def _run(self) -> None:
        try:
            while self._main.is_alive():
                if self._over.wait(_PERIOD):
                    return
            while self._failed() and not self._over.is_set():
                self._stoppable.request_stop()
                self._over.wait(_PERIOD)
        finally:
            self.let_go()
            self._ended.set()

    def _failed(self) -> bool:
        """The main thread has ended by an exception, ``sys.exit``, or the end of an interactive session.

        In a child of ``multiprocessing`` it counts as ended while its frames are still running. How its work ended
        cannot be told then; it is taken for a normal end.
        """
        frame = self._outermost
        if hasattr(sys, "ps1"):
            return True
        return frame is not None and frame is not _outermost(self._main) and not _returned(frame)


def _outermost(thread: threading.Thread) -> FrameType | None:
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _returned(frame: FrameType) -> bool:
    """The frame, which is over, ended by returning: its last instruction was a return."""
    return _opname(frame.f_code, frame.f_lasti).startswith("RETURN_")


def _opname(code: CodeType, offset: int) -> str:
    return dis.opname[code.co_code[offset]] if 0 <= offset < len(code.co_code) else ""


@atexit.register
def _let_go() -> None:
    with _lock:
        watches = list(_watches)
    for watch in watches:
        watch.let_go()


_guarded: weakref.WeakSet[Stoppable] = weakref.WeakSet()
_installed = False
_interrupted = False


def guard(stoppable: Stoppable) -> None:
    """See to it that Ctrl-C after the main thread's end stops ``stoppable``, quietly and with exit code 130.

    The handler is installed once, when called on the main thread and nobody else handles SIGINT; before the main
    thread's end it does what Python's own does. Never blocks.
    """
    global _installed
    with _lock:
        _guarded.add(stoppable)
        if _installed or threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            return
        _installed = True
    signal.signal(signal.SIGINT, _on_sigint)


def _on_sigint(number: int, frame: FrameType | None) -> None:
    global _interrupted
    if threading.main_thread().is_alive():
        signal.default_int_handler(number, frame)
    if _interrupted:
        logging.shutdown()  # without exit handlers: a callback does not return, and the user insists
        _exit((sys.stdout, sys.stderr))
    _interrupted = True
    setattr(sys, "_binance_sockets_exit", _LastWord())  # noqa: B010 - where the interpreter clears it last
    with _lock:
        stoppables = list(_guarded)
    for stoppable in stoppables:
        stoppable.request_stop()


def _exit(streams: Sequence[Any], end: Callable[[int], object] = os._exit, code: int = _INTERRUPTED) -> None:
    """End at once. It uses no globals, which may be cleared by now."""
    for stream in streams:
        try:  # noqa: SIM105 - contextlib is a global
            stream.flush()
        except Exception:  # none, a closed pipe, closed
            pass
    end(code)


class _LastWord:
    """Gives an interrupt that came after the main thread's end its exit code, which Python has no other way to.

    It speaks when the interpreter has run all exit handlers and cleared all modules but ``sys``.
    """

    def __init__(self) -> None:
        self._streams = (sys.stdout, sys.stderr)

    def __del__(self, end: Callable[[Sequence[Any]], None] = _exit) -> None:
        end(self._streams)
