"""Connected byte streams, plain and TLS: non-blocking, one owner thread, with a write buffer of their own."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ConnectionLost
from .clock import Cancel, Clock, wait_ready

if TYPE_CHECKING:
    from .gil import GilWait

__all__ = ["Blocking", "ByteStream", "PlainStream", "TlsStream"]

_CIPHERTEXT = 65536  # one read takes all TLS records that are there
_PIECE = 8192  # what a MemoryBIO is fed at once: it never gives back what it has grown to
_HANDSHAKE = 4096  # bytes per read before frames flow
_WRITE_LIMIT = 1 << 20
_NOTHING = memoryview(b"")


class ByteStream(Protocol):
    """What a link needs of a socket."""

    early: bytes
    """Bytes that arrived together with the handshake response."""
    pending: bool
    """More can be read at once, although the descriptor may not be readable."""
    extensions: str | None
    """The ``Sec-WebSocket-Extensions`` header of the handshake response."""

    @property
    def isolated(self) -> bool:
        """TLS is undone in the helper process."""

    @property
    def wait(self) -> GilWait | None:
        """How long its reads have waited for the GIL, where that is measured."""

    def fileno(self) -> int: ...

    def recv_into(self, view: memoryview) -> int:
        """Read what is there; 0 at the end of the stream; BlockingIOError when nothing is there."""

    def write(self, data: bytes) -> None:
        """Send, or keep what does not fit."""

    def flush(self) -> None:
        """Send what was kept."""

    @property
    def wants_write(self) -> bool:
        """Something is kept until the descriptor is writable."""

    def close(self) -> None: ...


class PlainStream:
    """A TCP connection."""

    __slots__ = ("_out", "early", "extensions", "pending", "recv_into", "sock")
    isolated = False
    wait: GilWait | None = None

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.recv_into = sock.recv_into
        self.early = b""
        self.extensions: str | None = None
        self.pending = False
        self._out = bytearray()

    def fileno(self) -> int:
        return self.sock.fileno()

    def write(self, data: bytes) -> None:
        if len(self._out) + len(data) > _WRITE_LIMIT:
            raise ConnectionLost("the peer does not read what we send")
        self._out += data
        self.flush()

    def flush(self) -> None:
        while self._out:
            try:
                sent = self.sock.send(self._out)
            except BlockingIOError:
                return
            del self._out[:sent]

    @property
    def wants_write(self) -> bool:
        return bool(self._out)

    def close(self) -> None:
        self.sock.close()


class TlsStream:
    """TLS over a connected :class:`PlainStream`, driven through memory buffers.

    An ``SSLSocket`` needs two system calls per TLS record. Here one call takes all records that have arrived.
    """

    __slots__ = ("_failure", "_in", "_out", "_plain", "_rest", "_tls", "early", "extensions", "pending")
    isolated = False
    wait: GilWait | None = None

    def __init__(
        self, plain: PlainStream, context: ssl.SSLContext, host: str, session: ssl.SSLSession | None = None
    ) -> None:
        self._plain = plain
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host, session=session)
        self._rest = _NOTHING  # read, and not yet fed to the MemoryBIO
        self._failure: Exception | None = None  # met behind data that had to be handed over first
        self.early = b""
        self.extensions: str | None = None
        self.pending = False

    def fileno(self) -> int:
        return self._plain.fileno()

    def handshake(self, wire: Blocking) -> None:
        """The TLS handshake, blocking within the deadline of ``wire``.

        Raises:
            ssl.SSLError: the peer is not trusted, or does not speak TLS.
        """
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                wire.sendall(self._out.read())
                data = wire.recv(_HANDSHAKE)
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            except ssl.SSLError:
                self.flush()  # the alert that tells the peer why
                raise
            else:
                wire.sendall(self._out.read())
                return

    def recv_into(self, view: memoryview) -> int:
        if self._failure is not None:
            raise self._failure
        got, size, read = 0, len(view), self._tls.read
        self.pending = False
        try:
            while got < size:
                try:
                    count: int = read(size - got, view[got:])  # type: ignore
                except ssl.SSLWantReadError:
                    if got and not self._rest:
                        break
                    self._feed()
                    continue
                if not count:  # the peer will send no more, whether or not its socket ends as well
                    self.pending = got > 0
                    break
                got += count
            else:
                self.pending = True
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            self.pending = got > 0  # what was read before the end counts; the next call returns 0
        except ssl.SSLError as exc:
            if not got:
                with contextlib.suppress(OSError, ConnectionLost):
                    self.flush()  # the alert that tells the peer why
                raise
            self._failure, self.pending = exc, True
        if self._out.pending:  # a key update or an alert
            self._answer(got)
        return got

    def _answer(self, got: int) -> None:
        """Send what TLS itself has to say; an error waits until ``got`` bytes are taken."""
        try:
            self.flush()
        except (OSError, ConnectionLost) as exc:
            if not got:
                raise
            self._failure, self.pending = self._failure or exc, True

    def _feed(self) -> None:
        """Hand some ciphertext to the TLS layer."""
        if not self._rest:
            if self._out.pending:  # the peer may wait for it before it sends more
                self.flush()
            self._rest = memoryview(self._plain.sock.recv(_CIPHERTEXT))
        if self._rest:
            self._in.write(self._rest[:_PIECE])
            self._rest = self._rest[_PIECE:] or _NOTHING  # an empty view would keep all its bytes
        else:
            self._in.write_eof()

    def write(self, data: bytes) -> None:
        self._tls.write(data)
        self.flush()

    def flush(self) -> None:
        data = self._out.read()
        if data:
            self._plain.write(data)
        else:
            self._plain.flush()

    @property
    def wants_write(self) -> bool:
        return self._plain.wants_write

    @property
    def tls(self) -> ssl.SSLObject:
        """What tells the version and the certificate of the peer; not to be read or written."""
        return self._tls

    @property
    def session(self) -> ssl.SSLSession | None:
        """The session ticket, to be offered to the same server next time."""
        return self._tls.session

    def close(self) -> None:
        self._plain.close()


class Blocking:
    """A stream as a blocking socket within one deadline: for proxy, TLS and handshake, before frames flow.

    Args:
        stream: what is read and written.
        deadline: monotonic seconds by which all steps together must be over.
        cancel: ends a wait when the connection is stopped.
        clock: real time.
    """

    def __init__(self, stream: ByteStream, deadline: float, cancel: Cancel, clock: Clock) -> None:
        self._stream = stream
        self._deadline = deadline
        self._cancel = cancel
        self._clock = clock
        self._buffer = bytearray(_HANDSHAKE)

    def fileno(self) -> int:
        return self._stream.fileno()

    def recv(self, size: int) -> bytes:
        """Read up to ``size`` bytes; ``b""`` at the end of the stream.

        Raises:
            TimeoutError: the deadline passed.
            Cancelled: the connection is being stopped.
        """
        view = memoryview(self._buffer)[: min(size, _HANDSHAKE)]
        while True:
            if self._clock.monotonic() > self._deadline:
                raise TimeoutError  # also against a peer that drips bytes
            try:
                return bytes(view[: self._stream.recv_into(view)])
            except BlockingIOError:
                wait_ready([self.fileno()], False, self._deadline, self._cancel, self._clock)

    def sendall(self, data: bytes) -> None:
        """Send everything. Raises as :meth:`recv`."""
        self._stream.write(data)
        while self._stream.wants_write:
            wait_ready([self.fileno()], True, self._deadline, self._cancel, self._clock)
            self._stream.flush()

    def close(self) -> None:
        self._stream.close()

    def settimeout(self, value: Any) -> None:
        """For python-socks, which sets one; the deadline rules."""
