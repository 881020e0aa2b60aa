"""One socket's life: bytes in, messages out; pings answered, the close handshake kept. Non-blocking."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import BinanceSocketsError, ConnectionLost, ProtocolError
from . import frames
from .frames import FrameReader
from .pipes import ByteStream

__all__ = ["WebSocket"]


class WebSocket:
    """An open WebSocket. Everything here runs on the thread of its connection and never blocks.

    Args:
        stream: the connected byte stream; the link closes it.
        reader: cuts bytes into messages.
        now: monotonic seconds.
        received: bytes that the links before it have received.

    Attributes:
        received: bytes received, those of the links before included.
        ended: why no further frames will come, once that is known. Messages returned before still count.
        last_frame: when bytes last arrived (monotonic seconds).
        full_at: when a read last filled the buffer.
        control_sent: a pong or a close frame went out since the last look; the pacer wants to know.
    """

    __slots__ = (
        "_close_sent",
        "_reader",
        "_recv_into",
        "_stream",
        "control_sent",
        "ended",
        "full_at",
        "last_frame",
        "more",
        "opened_at",
        "pinged_at",
        "received",
    )

    def __init__(self, stream: ByteStream, reader: FrameReader, now: float, received: int = 0) -> None:
        self._stream = stream
        self._reader = reader
        self._recv_into = self._take_early if stream.early else stream.recv_into
        self._close_sent = False
        self.opened_at = self.last_frame = self.full_at = now
        self.pinged_at: float | None = None
        self.received = received
        self.ended: BinanceSocketsError | None = None
        self.control_sent = False
        self.more = bool(stream.early) or stream.pending

    def fileno(self) -> int:
        return self._stream.fileno()

    def receive(self, now: float) -> list[memoryview | bytes]:
        """Read once and return the complete messages. ``more`` tells whether to come again without waiting."""
        reader = self._reader
        room = reader.writable()
        try:
            count = self._recv_into(room)
        except BlockingIOError:
            self.more = False
            return []
        except (OSError, ConnectionLost) as exc:
            return self._broke(exc)
        if not count:
            return self._broke(None)
        self.more = count == len(room) or self._stream.pending
        if self.more:
            self.full_at = now
        self.last_frame = now
        self.pinged_at = None
        self.received += count
        messages = reader.feed(count)
        if reader.events:
            self._control()
        return messages

    def _broke(self, error: OSError | ConnectionLost | None) -> list[memoryview | bytes]:
        """The stream has ended, by an error or without."""
        self.more = False
        how = "the connection ended without a close frame" if error is None else f"the connection broke ({error})"
        self.ended = ConnectionLost(how)
        self.ended.__cause__ = error
        return []

    def _take_early(self, room: memoryview) -> int:
        """Read what came with the handshake response; then the stream itself."""
        stream = self._stream
        count = min(len(room), len(stream.early))
        room[:count] = stream.early[:count]
        stream.early = stream.early[count:]
        if not stream.early:
            self._recv_into = stream.recv_into
        return count

    def _control(self) -> None:
        """See to the control frames of the last read."""
        events, self._reader.events = self._reader.events, []
        for event in events:
            if isinstance(event, frames.Ping):
                self.control_sent = True
                self._write(frames.encode(frames.PONG, event.payload))
            elif isinstance(event, frames.Close):
                self._send_close(event.code)
                self.ended = ConnectionLost("the server closed the connection", event.code or 1005, event.reason)
            elif isinstance(event, frames.Violation):
                self.refuse(event.error)

    def refuse(self, error: ProtocolError) -> None:
        """The peer broke the protocol: tell it so; nothing further is read."""
        self._send_close(error.code, error.detail)
        self.ended = error

    def send_text(self, payload: bytes) -> None:
        """Send a text message, or keep it until the socket takes it."""
        self._write(frames.encode(frames.TEXT, payload))

    def ping(self, now: float) -> None:
        """Ask for a sign of life."""
        self.pinged_at = now
        self._write(frames.encode(frames.PING, b""))

    def close_handshake(self) -> None:
        """Begin the close handshake."""
        self._send_close(1000)

    def _send_close(self, code: int | None, reason: str = "") -> None:
        if not self._close_sent:
            self._close_sent = self.control_sent = True
            echo = frames.encode(frames.CLOSE, b"") if code is None else frames.encode_close(code, reason)
            self._write(echo)

    def _write(self, data: bytes) -> None:
        self._sending(self._stream.write, data)

    def flush(self) -> None:
        """Send what was kept."""
        self._sending(self._stream.flush)

    def _sending(self, step: Callable[..., None], *arguments: bytes) -> None:
        try:
            step(*arguments)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the peer has gone: reading meets the end, behind what it sent before
        except (OSError, ConnectionLost) as exc:
            self.ended = self.ended or ConnectionLost(f"the connection broke while sending ({exc})")

    @property
    def wants_write(self) -> bool:
        return self._stream.wants_write

    def shrink(self) -> None:
        """Little is coming: give back buffers that have grown."""
        self._reader.shrink()

    def close(self) -> None:
        """Close the socket, whatever state the handshake is in."""
        self._stream.close()
