"""How the process around the sockets ends: the main thread's end, Ctrl-C after it, fork.

Scripts in the style of python-binance end their main thread right after starting sockets and expect to go on; those
that fail, or exit with a code, expect to end. Python tells neither case to other threads, so this module looks.
"""

from __future__ import annotations

import atexit
import builtins
import dis
import enum
import functools
import gc
import logging
import os
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from types import CodeType, FrameType
from typing import Any, NoReturn, Protocol

from .tally import tally
from .threads import Worker

__all__ = ["MainWatch", "Stoppable", "guard", "launched"]

log = logging.getLogger("binance_sockets.process")

_PERIOD = 0.25  # seconds between two looks at the main thread
_INTERRUPTED = 130  # 128 + SIGINT, as shells show it


class Stoppable(Protocol):
    """Something that ends when asked, without blocking."""

    def request_stop(self) -> None: ...

    def is_open(self) -> bool:
        """It has not ended yet."""


_lock = threading.RLock()  # a signal handler may come in the middle, on the same thread
_watches: weakref.WeakSet[MainWatch] = weakref.WeakSet()


class MainWatch:
    """Asks ``stoppable`` to end once the main thread has failed, or exited with a code. Made and started anywhere.

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
        self.name = name
        self.doing = ""
        self.thread = Worker(self._run, name=name, daemon=True)
        exits.watch()
        with _lock:
            _watches.add(self)

    def start(self) -> None:
        """Begin. Interrupted, or where no thread is to be had, it does not begin any more, or :meth:`stop` ends it."""
        try:
            self.thread.start()
        except BaseException:
            self.thread.abandon()
            raise

    def let_go(self) -> None:
        """Forget the main thread's frame, or its variables, files of the user among them, would outlive the exit."""
        self._outermost = None

    def stop(self) -> None:
        """End. Any thread; never blocks."""
        self._over.set()

    def join(self, timeout: float) -> bool:
        """Wait for the end; returns whether it came."""
        return self.thread.join(timeout)

    def _run(self) -> None:
        try:
            while self._main.is_alive():
                if self._over.wait(_PERIOD):
                    return
            ending = self._ending()
            if self._stoppable.is_open():
                _say(ending)
            while ending in (Ending.FAILED, Ending.UNKNOWN) and not self._over.is_set():
                self._stoppable.request_stop()
                self._over.wait(_PERIOD)
        finally:
            self.let_go()

    def _ending(self) -> Ending:
        """How the main thread has ended; the end of an interactive session counts as a failure."""
        frame = self._outermost
        if hasattr(sys, "ps1"):
            return Ending.FAILED
        if frame is not None and frame is _outermost(self._main):
            return _ending_of_child(self._main)
        if frame is None or _returned(frame):
            return Ending.RETURNED
        return exits.ending(frame)


class Ending(enum.Enum):
    """How a main program ended."""

    RETURNED = "at its last line"
    EXITED = "by an exit with 0 or None"
    FAILED = "by an exception, or an exit with another code"
    UNKNOWN = "by an exit whose code nobody saw"


_TEXTS = {
    Ending.EXITED: "the main program has exited normally while sockets are open: the process goes on with them. Ctrl-C "
    "or close() ends it; daemon = True before start() lets it end with its main program",
    Ending.UNKNOWN: "the main program has exited with sockets open and a code that cannot be seen: they are closed. "
    "sys.exit(0), or returning, would have let them go on",
}
_said = False


def _say(ending: Ending) -> None:
    """Log what surprises, once for all managers."""
    global _said
    with _lock:
        first, _said = not _said, True
    if first and ending in _TEXTS:
        log.warning(_TEXTS[ending])


def launched() -> None:
    """The main program has returned to what launched it, whose exit surprises nobody."""
    global _said
    with _lock:
        _said = True


class Exits:
    """Sees the code of an exit of the main thread: ``SystemExit`` is gone before anything else can ask for it.

    From CPython 3.12 on the interpreter tells which exception leaves the outermost frame. Before, ``sys.exit``,
    ``exit`` and ``quit`` note their code; a ``raise SystemExit`` goes unseen.
    """

    def __init__(self) -> None:
        self._watching = False
        self._seen: tuple[int, int, object] | None = None  # outermost frame, where it stopped, code

    def watch(self) -> None:
        """Begin, once per process."""
        with _lock:
            first, self._watching = not self._watching, True
        if not first:
            return
        if sys.version_info >= (3, 12):
            self._watch_unwinding()
        else:
            sys.exit = self._noting(sys.exit)
            quitter = type(getattr(builtins, "exit", None))
            if quitter.__name__ == "Quitter":  # of the module site, if it was imported
                setattr(quitter, "__call__", self._noting_method(quitter.__call__))  # noqa: B010

    def ending(self, frame: FrameType) -> Ending:
        """How the outermost frame ended, which did not return."""
        seen = self._seen
        # Where it stopped tells the exit that ended it from one that was caught before. Behind ``except`` clauses that
        # did not match, and behind ``finally``, it stopped where it raised that again.
        stopped = seen is not None and seen[0] == id(frame) and self._stopped_at(frame, seen[1])
        if seen is not None and stopped:
            code = seen[2]
            return Ending.EXITED if code is None or (isinstance(code, int) and code == 0) else Ending.FAILED
        if (sys.version_info >= (3, 12) and self._tool is not None) or hasattr(sys, "last_type"):
            return Ending.FAILED  # by an exception that is no exit
        return Ending.UNKNOWN

    @staticmethod
    def _stopped_at(frame: FrameType, place: int) -> bool:
        again = _opname(frame.f_code, frame.f_lasti) in ("RERAISE", "POP_EXCEPT_AND_RERAISE")
        return frame.f_lasti == place or (again and not hasattr(sys, "last_type"))

    def _note(self, frame: FrameType, code: object) -> None:
        """Code below ``frame`` is about to exit."""
        if threading.current_thread() is threading.main_thread():
            while frame.f_back is not None:
                frame = frame.f_back
            self._seen = id(frame), frame.f_lasti, code

    if sys.version_info >= (3, 12):
        _tool: int | None = None

        def _watch_unwinding(self) -> None:
            monitoring = sys.monitoring
            for tool in (4, 3):  # those without a meaning
                try:
                    monitoring.use_tool_id(tool, "binance_sockets")
                except ValueError:
                    continue
                self._tool = tool
                monitoring.register_callback(tool, monitoring.events.PY_UNWIND, self._unwound)
                monitoring.set_events(tool, monitoring.events.PY_UNWIND)
                return

        def _unwound(self, code: CodeType, offset: int, error: BaseException) -> None:
            """An exception leaves a frame of any thread."""
            if isinstance(error, SystemExit):
                frame = sys._getframe(1)
                if frame.f_back is None:
                    self._note(frame, error.code)

    else:

        def _noting(self, real: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
            @functools.wraps(real)
            def exit(status: object = None, /) -> NoReturn:
                self._note(sys._getframe(), status)
                real(status)

            return exit

        def _noting_method(self, real: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
            @functools.wraps(real)
            def call(quitter: object, code: object = None) -> NoReturn:
                self._note(sys._getframe(), code)
                real(quitter, code)

            return call


exits = Exits()
if sys.version_info < (3, 12):
    # Already now: in ``sys.exit(main())`` Python looks ``sys.exit`` up before ``main`` starts a manager.
    exits.watch()


def _innermost(thread: threading.Thread) -> FrameType | None:
    """The frame ``thread`` is in.

    On CPython 3.11 ``sys._current_frames()`` makes frame objects under the interpreter's own lock; a collection that
    begins there runs finalizers, and these may wait for ever for another thread that needs that lock
    (python/cpython#106883).
    """
    if thread is threading.current_thread():
        return sys._getframe()
    with _lock:  # two of these at once would switch it on for each other
        collects = sys.version_info < (3, 12) and gc.isenabled()
        if collects:
            gc.disable()
        try:
            return sys._current_frames().get(thread.ident or 0)
        finally:
            if collects:
                gc.enable()


def _outermost(thread: threading.Thread) -> FrameType | None:
    frame = _innermost(thread)
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _ending_of_child(main: threading.Thread) -> Ending:
    """How the target of a child of ``multiprocessing`` ended; its main thread counts as ended while it still runs.

    The function below it that waits for the other threads has the exit code in a variable.
    """
    frame = _innermost(main)
    while frame is not None:
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) == ("multiprocessing.process", "_bootstrap"):
            return Ending.RETURNED if frame.f_locals.get("exitcode", 0) == 0 else Ending.FAILED
        frame = frame.f_back
    return Ending.RETURNED


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


def _forget_parent() -> None:
    """In a forked child nothing runs that belongs to the parent, and nobody holds the lock."""
    global _lock
    _lock = threading.RLock()
    _watches.clear()
    _guarded.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parent)


def _on_sigint(number: int, frame: FrameType | None) -> None:
    global _interrupted
    tally.interrupted = True
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
