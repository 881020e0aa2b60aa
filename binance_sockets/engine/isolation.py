"""TLS undone outside this process's GIL: the helper process as seen from here, and the streams it opens.

``ssl`` gives the GIL away for every record, and a thread that computes keeps it for 5 ms each time. The helper reads
the records; here the plain bytes are read in batches. There is one helper per process. It is started when a stream is
first asked for, and ends with this process, or when nobody uses it any more.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import weakref

from .. import _early
from ..errors import ConnectError, ConnectionLost, ConnectTimeout
from .clock import Cancel, Clock, wait_event, wait_ready
from .gil import GilWait
from .pipes import Blocking, PlainStream
from .talk import Order, raise_failure, read_end

__all__ = ["SUPPORTED", "HelperFailed", "IsolatedStream", "helper"]

SUPPORTED = hasattr(socket, "send_fds")  # not on Windows
_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_BUFFER = 1 << 18  # bytes between the two processes, each way; some systems have 8 KiB as a rule
_GRACE = 0.5  # seconds beyond the deadline, in which the helper says what it waited for
_LINE = 1 << 20  # bytes of an answer at most
_HUNG = 15.0  # seconds without any answer, while one is due, after which the helper is taken for hung
_END = 2.0  # seconds in which a helper that is told to end has ended

# Without the package's ``__init__``, which imports what the helper does not need.
_PROGRAM = """\
import sys
folder, *sys.path = sys.argv[1:]
import types
sys.modules["binance_sockets"] = package = types.ModuleType("binance_sockets")
package.__path__ = [folder]
from binance_sockets.engine.helper import main
main()
"""

# What OpenSSL, the resolver and the loader of libraries look at; no secret of the parent is among it.
_ENVIRONMENT = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "OPENSSL_MODULES", "SSLKEYLOGFILE",
    "RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPLATLIBDIR", "LANG", "LC_ALL", "LC_CTYPE",
)  # fmt: skip

_controls: weakref.WeakSet[socket.socket] = weakref.WeakSet()  # of all processes, also of one that just begins


def _command() -> list[str]:
    """How to start the helper. ``multiprocessing.set_executable`` tells programs that embed Python apart."""
    if getattr(sys, "frozen", False):  # the program itself, whose import of this package becomes the helper
        return [sys.executable, _early.HELPER]
    from multiprocessing.spawn import get_executable  # here, as few programs come this way

    program = os.fsdecode(get_executable() or sys.executable or "")
    paths = [path for path in sys.path if os.path.isabs(path)]
    return [program, "-S", "-s", "-B", "-c", _PROGRAM, _FOLDER, *paths]


class _Process(subprocess.Popen[bytes]):
    """A helper process.

    Attributes:
        gone: a stream of it has met its end, or it answers no more.
    """

    def __init__(self) -> None:
        self.gone = False
        self._due: float | None = None  # since when it owes an answer, having given none to anybody
        self.control, far = socket.socketpair()
        _controls.add(self.control)
        try:
            self.control.setblocking(False)
            super().__init__(
                _command(),
                stdin=far.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,  # Ctrl-C is meant for the parent
            )
        except BaseException:
            self.control.close()
            raise
        finally:
            far.close()

    def __del__(self) -> None:
        """Popen warns of a process that goes on: this one ends with its control socket."""

    def hand_over(self, ends: list[socket.socket], deadline: float, cancel: Cancel, clock: Clock) -> None:
        """Give it two descriptors. Any thread, also several at once: one byte goes out or does not."""
        while True:
            try:
                socket.send_fds(self.control, [b"\0"], [end.fileno() for end in ends])
                return
            except BlockingIOError:
                wait_ready([self.control.fileno()], True, deadline, cancel, clock)

    def ordered(self, now: float) -> None:
        """It is to answer from now on. Any thread."""
        if self._due is None:
            self._due = now

    def settled(self) -> None:
        """It has answered, or nobody waits for that any more. Any thread."""
        self._due = None

    def unanswered(self, now: float) -> None:
        """It has not, in time. One that was stopped, or hangs, would take every further order with it. Any thread.

        A short while is no proof: it may still be starting, on a machine that is busy.
        """
        due = self._due
        if due is not None and now - due >= _HUNG:
            self.gone = True

    def has_ended(self) -> bool:
        """Never blocks. A process that is killed closes its sockets one by one: any of them tells."""
        try:
            return self.gone or self.control.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def end(self) -> None:
        """Have it end, and wait for that, for a short time; by force if need be."""
        self.control.close()
        try:
            self.wait(_END)
        except subprocess.TimeoutExpired:
            self.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.wait(_END)


class HelperFailed(ConnectError):
    """The helper process cannot be started, or has ended before it answered."""

    def __init__(self, target: str, detail: str) -> None:
        super().__init__(target, f"the helper process that undoes TLS {detail}")


class _Start:
    """One start of a process, by the thread that wanted it first; others wait for it outside any lock.

    Args:
        before: the one whose place it takes, which has ended.
    """

    def __init__(self, before: _Start | None) -> None:
        self._before = before
        self._done = threading.Event()
        self._process: _Process | None = None
        self._failure: Exception | None = None

    def run(self) -> None:
        before, self._before = self._before, None
        try:
            if before is not None:
                before.end()
            self._process = _Process()
        except Exception as exc:
            self._failure = exc
        finally:
            self._done.set()

    def get(self) -> _Process:
        """Raises OSError: it could not be started."""
        wait_event(self._done, None)
        if self._process is None:
            raise OSError(f"cannot be started ({self._failure!r})")
        return self._process

    def over(self) -> bool:
        """It has failed, or the process has ended since. Never blocks."""
        if not self._done.is_set():
            return False
        return self._process is None or self._process.has_ended()

    def end(self) -> None:
        wait_event(self._done, None)
        if self._process is not None:
            self._process.end()


class _Helper:
    """The helper of this process. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the two below; never held over a start, an end or a wait
        self._start: _Start | None = None
        self._users: weakref.WeakSet[object] = weakref.WeakSet()

    def connect(self, user: object, order: Order, cancel: Cancel, clock: Clock) -> IsolatedStream:
        """Have a TLS stream opened, on behalf of ``user``. Blocks until its deadline.

        Raises:
            ConnectError, ConfigError, Cancelled: as if the stream had been opened here.
            HelperFailed: there is no helper.
        """
        target = f"{order.host}:{order.port}"
        deadline = order.deadline + _GRACE
        talk, data, far = None, None, []
        process: _Process | None = None
        try:
            talk, far_talk = _pair()
            far.append(far_talk)
            data, far_data = _pair()
            far.append(far_data)
            wire = Blocking(PlainStream(talk), deadline, cancel, clock)
            process = self._running(user)
            process.ordered(clock.monotonic())
            wire.sendall(order.line())
            process.hand_over(far, deadline, cancel, clock)
            for end in far:
                end.close()
            _await_answer(wire, target, process)
            return IsolatedStream(data, talk, process)
        except TimeoutError as exc:
            _close(talk, data)
            if isinstance(exc, ConnectTimeout):
                raise
            if process is not None:
                process.unanswered(clock.monotonic())
            raise ConnectTimeout(target, f"no answer of the helper process within {order.timeout:g} s") from exc
        except OSError as exc:
            _close(talk, data)
            raise HelperFailed(target, f"cannot be used: {exc}") from exc
        except BaseException:
            _close(talk, data)
            if process is not None:
                process.settled()
            raise
        finally:
            _close(*far)

    def _running(self, user: object) -> _Process:
        with self._lock:
            self._users.add(user)
            start = self._start
            mine = start is None or start.over()
            if mine:
                start = self._start = _Start(start)
        assert start is not None
        if mine:
            start.run()
        return start.get()

    def release(self, user: object) -> None:
        """``user`` needs it no longer. The process ends when that was the last one; waits a short time for it."""
        with self._lock:
            self._users.discard(user)
            start = None if self._users else self._start
            if start is not None:
                self._start = None
        if start is not None:
            start.end()

    def forget(self) -> None:
        """In a forked child: the helper must see the end of its parent whatever the child does."""
        self._lock, self._start = threading.Lock(), None
        for control in list(_controls):
            control.close()


helper = _Helper()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=helper.forget)


def _pair() -> tuple[socket.socket, socket.socket]:
    """Our end and the helper's."""
    pair = socket.socketpair()
    for end in pair:
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            end.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
    return pair


def _close(*ends: socket.socket | None) -> None:
    for end in ends:
        if end is not None:
            end.close()


def _await_answer(wire: Blocking, target: str, process: _Process) -> None:
    """Wait for the answer to an order, which says why there is no stream if there is none."""
    answer = b""
    while not answer.endswith(b"\n"):
        more = wire.recv(_LINE)
        if not more or len(answer) > _LINE:
            raise HelperFailed(target, "ended before it answered")
        answer += more
    process.settled()
    raise_failure(answer)


class IsolatedStream:
    """The plain bytes of a TLS stream that the helper has opened.

    Args:
        data: carries them.
        talk: brings the last word.
        process: the helper.
    """

    __slots__ = ("_plain", "_process", "_recv", "_talk", "early", "extensions", "pending")
    isolated = True
    wait: GilWait | None = None

    def __init__(self, data: socket.socket, talk: socket.socket, process: _Process) -> None:
        self._process = process
        self._plain = PlainStream(data)
        self._talk = talk
        self._recv = data.recv_into
        self.early = b""
        self.extensions: str | None = None
        self.pending = False

    def fileno(self) -> int:
        return self._plain.fileno()

    def recv_into(self, view: memoryview) -> int:
        try:
            count = self._recv(view)
        except ConnectionError:  # it has not taken what we sent: an end like any other
            count = 0
        if not count:
            self._ended()
        return count

    def _ended(self) -> None:
        """Raise what ended the stream, unless that was in order."""
        word = b""
        # A word stands there before the end of the data does: none, or half of one, is one that never came.
        with contextlib.suppress(OSError):
            word = self._talk.recv(_LINE, socket.MSG_PEEK)
        if not word.endswith(b"\n"):
            self._process.gone = True
            raise ConnectionLost("the helper process that undoes TLS has ended")
        broken = read_end(word)
        if broken is not None:
            raise ConnectionLost(broken)

    def write(self, data: bytes) -> None:
        self._plain.write(data)

    def flush(self) -> None:
        self._plain.flush()

    @property
    def wants_write(self) -> bool:
        return self._plain.wants_write

    def close(self) -> None:
        # for the helper to see, also where a forked child has the same descriptor
        with contextlib.suppress(OSError):
            self._plain.sock.shutdown(socket.SHUT_RDWR)
        self._plain.close()
        self._talk.close()
