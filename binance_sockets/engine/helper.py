"""The helper process: opens TLS streams and passes their plain bytes on, outside the GIL of who asked for them.

It is a program of its own, which :mod:`.isolation` starts; so it imports only what opening a TLS stream needs. Its
standard input is the control socket. One byte comes over it for each stream that is asked for, with two descriptors:

``talk``
    an :class:`~.talk.Order` comes in; the answer and, at the end of the stream, the last word go out. Its end before
    the answer says that the stream is wanted no longer.
``data``
    the plain bytes, both ways. Its end says that the stream is over.

One thread waits for all of them and passes bytes on. An attempt to connect runs on a thread of its own until it has
succeeded. Nothing is read that cannot be passed on at once, so that each side feels how fast the other one is.

The end of the control socket, however it came about, ends the process.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
from collections.abc import Callable

from ..config import Options
from ..errors import ConnectionLost
from .clock import Cancelled, Clock, Wakeup
from .pipes import TlsStream
from .secure import TlsConnector
from .talk import OPENED, Order, ended, failed
from .threads import Worker
from .tls import client_context

__all__ = ["main"]

_READ, _WRITE = select.POLLIN, select.POLLOUT
_CHUNK = 65536  # bytes of one read, either way
_ORDER = 65536  # bytes of an order; it is a few hundred
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # meant for the parent, whose end is the end of this process


def main() -> None:
    """The whole process; returns when the parent has gone."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    code = 1
    try:
        Helper(socket.socket(fileno=0)).run()
        code = 0
    finally:
        os._exit(code)  # look-ups may hang, and nothing has to be put away


class Helper:
    """Passes bytes between the TLS streams and the parent.

    Args:
        control: gives the descriptors.
    """

    def __init__(self, control: socket.socket) -> None:
        self.clock = Clock()
        self._control = control
        self._poll = select.poll()
        self._watched: dict[int, tuple[Callable[[int], None], int]] = {}
        self._over = False
        self._wakeup = Wakeup()
        self._lock = threading.Lock()  # guards the next one
        self._opened: list[Relay] = []
        self._more: set[Relay] = set()  # have bytes of which the descriptor says nothing
        self._connectors: dict[str | None, TlsConnector] = {}
        self.scratch = memoryview(bytearray(_CHUNK))

    def run(self) -> None:
        """Until the control socket ends."""
        self.watch(self._control.fileno(), self._asked, _READ)
        self.watch(self._wakeup.fileno(), self._take_opened, _READ)
        while not self._over:
            for fileno, mask in self._poll.poll(0 if self._more else None):
                found = self._watched.get(fileno)
                if found is not None:  # else it was closed a moment ago
                    found[0](mask)
            more, self._more = self._more, set()
            for relay in more:
                relay.inward(0)

    def watch(self, fileno: int, react: Callable[[int], None], mask: int) -> None:
        """Call ``react`` when the descriptor is ready for ``mask``, or has ended."""
        before = self._watched.get(fileno)
        if before is None:
            self._poll.register(fileno, mask)
        elif before[1] != mask:
            self._poll.modify(fileno, mask)
        self._watched[fileno] = (react, mask)

    def ignore(self, fileno: int) -> None:
        """Look no longer, also not for its end."""
        if self._watched.pop(fileno, None) is not None:
            self._poll.unregister(fileno)

    def come_again(self, relay: Relay) -> None:
        self._more.add(relay)

    def _asked(self, mask: int) -> None:
        """A stream is asked for, or the parent has gone."""
        byte, descriptors, _, _ = socket.recv_fds(self._control, 1, 2)
        if not byte:
            self._over = True
        elif len(descriptors) == 2:  # else there are too many open: what came is closed, which the parent sees
            ends = [socket.socket(fileno=fileno) for fileno in descriptors]
            for end in ends:
                end.setblocking(False)
            attempt = Attempt(self, *ends)
            try:
                Worker(attempt.run, name="connect", daemon=True).start()
            except RuntimeError as exc:
                attempt.refuse(exc)
        else:
            for fileno in descriptors:
                os.close(fileno)

    def connector(self, ca_file: str | None) -> TlsConnector:
        """Any thread."""
        options = Options(ca_file=ca_file)
        new = TlsConnector(lambda: client_context(options), self.clock)
        return self._connectors.setdefault(ca_file, new)

    def opened(self, relay: Relay) -> None:
        """Pass the bytes of ``relay`` on from now on. Any thread."""
        with self._lock:
            self._opened.append(relay)
        self._wakeup.set()

    def _take_opened(self, mask: int) -> None:
        self._wakeup.clear()
        with self._lock:
            opened, self._opened = self._opened, []
        for relay in opened:
            relay.begin()


class Attempt:
    """One stream that is being opened, on a thread of its own; also what ends that early."""

    def __init__(self, helper: Helper, talk: socket.socket, data: socket.socket) -> None:
        self._helper = helper
        self._talk = talk
        self._data = data
        self.fileno = talk.fileno

    def cancelled(self) -> bool:
        """The parent has closed its end."""
        try:
            return self._talk.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def run(self) -> None:
        try:
            self._connect()
        except Cancelled:
            self._close()
        except Exception as exc:
            self.refuse(exc)

    def refuse(self, error: Exception) -> None:
        """Say why there is no stream."""
        with contextlib.suppress(OSError):
            self._talk.sendall(failed(error))
        self._close()

    def _close(self) -> None:
        self._talk.close()
        self._data.close()

    def _connect(self) -> None:
        helper = self._helper
        order = Order.of(self._talk.recv(_ORDER))  # it was there before its descriptors were
        connector = helper.connector(order.ca_file)
        stream = connector.connect(order.target(), self)
        relay = Relay(helper, stream, self._talk, self._data)
        relay.first = lambda: connector.keep_session(order.host, order.port, stream)
        try:
            self._talk.sendall(OPENED)
        except OSError as exc:
            stream.close()
            raise Cancelled from exc
        helper.opened(relay)


def _nothing() -> None:
    """No more than the first bytes are awaited."""


class Relay:
    """One open stream, and what passes between it and the parent. On the one thread that waits.

    Args:
        helper: waits.
        stream: the TLS stream.
        talk: takes the last word.
        data: the plain bytes.

    Attributes:
        first: called once, when bytes have come.
    """

    def __init__(self, helper: Helper, stream: TlsStream, talk: socket.socket, data: socket.socket) -> None:
        self._helper = helper
        self._stream = stream
        self._talk = talk
        self._data = data
        self._kept = memoryview(b"")  # for the parent, which has not taken it
        self._end: bytes | None = None  # the last word, behind what is kept
        self._deaf = False  # the server takes nothing any more
        self.first: Callable[[], None] = _nothing

    def begin(self) -> None:
        self._look()
        if self._stream.pending:
            self._helper.come_again(self)

    def inward(self, mask: int) -> None:
        """From the server to the parent."""
        stream, scratch = self._stream, self._helper.scratch
        if self._kept or self._end is not None:  # it is the turn of the parent
            return
        try:
            count = stream.recv_into(scratch)
        except BlockingIOError:
            self._look()
            return
        except (OSError, ConnectionLost) as exc:
            self._end = ended(exc)
        else:
            if count:
                self.first()
                self.first = _nothing
                self._pass_on(scratch[:count])
            else:
                self._end = ended(None)
        if stream.pending and not self._kept and self._end is None:
            self._helper.come_again(self)
        self._look()

    def _pass_on(self, view: memoryview) -> None:
        try:
            sent = self._data.send(view)
        except BlockingIOError:
            sent = 0
        except OSError:  # the parent has closed its end, and that will be seen
            return
        self._kept = memoryview(bytes(view[sent:]))

    def outward(self, mask: int) -> None:
        """From the parent to the server; and room for what the parent has not taken."""
        if self._kept and mask & _WRITE:
            kept, self._kept = self._kept, memoryview(b"")
            self._pass_on(kept)
            if not self._kept and self._stream.pending and self._end is None:
                self._helper.come_again(self)
        if mask & ~_WRITE and not self._take():
            self._close()
        else:
            self._look()

    def _take(self) -> bool:
        """Take what the parent sends; returns whether it is still there."""
        if self._stream.wants_write and not self._deaf:
            return False  # then nothing but its end was waited for
        try:
            data = self._data.recv(_CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if data and not self._deaf:
            self._write(data)
        return bool(data)

    def _write(self, data: bytes) -> None:
        try:
            self._stream.write(data)
        except (OSError, ConnectionLost):
            self._deaf = True  # reading meets the end, behind what the server sent before

    def _look(self) -> None:
        """Wait for what can be done; or end, when everything is passed on."""
        helper, stream = self._helper, self._stream
        if self._end is not None and not self._kept:
            with contextlib.suppress(OSError):
                self._talk.send(self._end)
            self._close()
            return
        writes = stream.wants_write and not self._deaf
        mask = _READ * (not self._kept and self._end is None) | _WRITE * writes
        if mask:
            helper.watch(stream.fileno(), self._served, mask)
        else:
            helper.ignore(stream.fileno())
        helper.watch(self._data.fileno(), self.outward, _WRITE * bool(self._kept) | _READ * (not writes))

    def _served(self, mask: int) -> None:
        """The TLS stream is ready."""
        if mask & _WRITE:
            try:
                self._stream.flush()
            except (OSError, ConnectionLost):
                self._deaf = True
            self._look()
        if mask & ~_WRITE:
            self.inward(mask)

    def _close(self) -> None:
        self._end = self._end or b""
        self._helper.ignore(self._stream.fileno())
        self._helper.ignore(self._data.fileno())
        for each in (self._stream, self._data, self._talk):
            each.close()
