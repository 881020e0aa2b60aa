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
from types import CodeType, FrameType
from typing import Protocol

__all__ = ["MainThread", "Stoppable", "guard"]

log = logging.getLogger("binance_sockets.manager")

_INTERRUPTED = 130  # 128 + SIGINT, as shells show it


class Stoppable(Protocol):
    """Something that ends when asked, without blocking."""

    def request_stop(self) -> None: ...


class MainThread:
    """Tells whether, and how, the main thread has ended. Made while it runs, from any thread."""

    def __init__(self) -> None:
        self._thread = threading.main_thread()
        frame = sys._current_frames().get(self._thread.ident or 0)
        while frame is not None and frame.f_back is not None:
            frame = frame.f_back
        self._outermost = frame

    def failed(self) -> bool:
        """It has ended by an exception, ``sys.exit``, or the end of an interactive session."""
        if self._thread.is_alive():
            return False
        frame = self._outermost
        return frame is None or hasattr(sys, "ps1") or not _returned(frame)


def _returned(frame: FrameType) -> bool:
    """The frame, which is over, ended by returning: its last instruction was a return."""
    return _opname(frame.f_code, frame.f_lasti).startswith("RETURN_")


def _opname(code: CodeType, offset: int) -> str:
    return dis.opname[code.co_code[offset]] if 0 <= offset < len(code.co_code) else ""


_lock = threading.Lock()
_guarded: weakref.WeakSet[Stoppable] = weakref.WeakSet()
_installed = False
_interrupted = False


def guard(stoppable: Stoppable) -> None:
    """See to it that Ctrl-C after the main thread's end stops ``stoppable``, quietly and with exit code 130.

    The handler is installed once, when called on the main thread and nobody else handles SIGINT; before the main
    thread's end it changes nothing. Never blocks.
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
    atexit.register(_exit)


def _on_sigint(number: int, frame: FrameType | None) -> None:
    global _interrupted
    if threading.main_thread().is_alive():
        signal.default_int_handler(number, frame)
    _interrupted = True
    for stoppable in list(_guarded):
        stoppable.request_stop()


def _exit() -> None:
    """The last of our exit handlers: the exit code of an interrupt that came after the main thread's end."""
    if _interrupted:
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(_INTERRUPTED)
