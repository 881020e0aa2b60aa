"""WebSocket frames of a client (RFC 6455), without a socket, a clock or a thread.

:class:`FrameReader` takes bytes and gives every complete message in them; :func:`encode` makes the frames to send.
The normal case, a whole text message in one frame, runs inline in :meth:`FrameReader.feed`; everything else takes the
slow path. Text is always checked to be UTF-8, but a batch at a time: joined payloads that are ASCII are valid together
and cost a fifth of checking them one by one.

A reader has one owner at a time; it takes no lock.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ProtocolError

if TYPE_CHECKING:
    from .deflate import Inflater

__all__ = [
    "BINARY",
    "CLOSE",
    "PING",
    "PONG",
    "TEXT",
    "Close",
    "Control",
    "FrameReader",
    "Ping",
    "Pong",
    "Violation",
    "encode",
    "encode_close",
]

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
OPCODES = frozenset((CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG))

FIN, RSV1, RESERVED, MASKED = 0x80, 0x40, 0x70, 0x80
MAX_CONTROL = 125  # bytes in the payload of a control frame
LENGTH_16, LENGTH_64 = 126, 127  # values of the length field that announce a longer one
MAX_16 = 0xFFFF

# A whole text message without extension, as the first two bytes of its frame: length inline, or 16 bits behind.
SHORT_TEXT, LONG_TEXT = 0x8100, 0x817E

BUSY_SIZE = 256 * 1024  # how far a buffer grows for the sake of larger batches

_head = struct.Struct("!HH").unpack_from


@dataclass(frozen=True)
class Ping:
    """A ping arrived; the answer is a pong with the same payload."""

    payload: bytes


@dataclass(frozen=True)
class Pong:
    """A pong arrived."""

    payload: bytes


@dataclass(frozen=True)
class Close:
    """A close frame arrived; ``code`` is ``None`` where it carried none. Nothing after it is read."""

    code: int | None
    reason: str


@dataclass(frozen=True)
class Violation:
    """The peer broke the protocol; ``error.code`` is the close code to send. Nothing after it is read."""

    error: ProtocolError


Control = Ping | Pong | Close | Violation


class FrameReader:
    """Cuts the bytes of one link into messages and control frames.

    Receive into :meth:`writable`, tell :meth:`feed` how many bytes came, take its messages, then take and clear
    ``controls``.

    Args:
        max_message: largest message in bytes, also after inflation, and largest compressed message on the wire.
            A longer one is refused with 1009 as soon as its length is declared.
        inflate: what permessage-deflate negotiated; ``None`` refuses compressed messages.
        initial: size of the buffer in bytes when idle. Default 8192. It doubles when a read fills it, up to
            256 KiB, and beyond that as one large frame arrives; :meth:`shrink` gives the memory back.
        check_text: refuse text that is not UTF-8. Default ``True``; ``False`` where the decoder does that.
    """

    def __init__(
        self, max_message: int, inflate: Inflater | None = None, initial: int = 8192, check_text: bool = True
    ) -> None:
        if max_message < 1 or initial < 1:
            raise ValueError(f"max_message and initial must be above 0; got {max_message} and {initial}")
        self.controls: list[Control] = []
        self._max_message = max_message
        self._inflate = inflate
        self._initial = initial
        self._check_text = check_text
        self._view = memoryview(bytearray(initial))
        self._position = 0  # start of the first byte not yet consumed
        self._end = 0  # behind the last byte received
        self._needed = 0  # size of the last frame whose length became known on the slow path
        self._opcode = TEXT  # of the message being read
        self._compressed = False
        self._joined = bytearray()  # payloads of the fragmented message being read
        self._fragmented = False
        self._finished = False  # after a close frame or a violation
        self._inline = max_message >= MAX_16  # the inline path need not compare sizes

    @property
    def pending(self) -> int:
        """Bytes held of a frame that is not complete yet."""
        return self._end - self._position

    @property
    def joined(self) -> int:
        """Bytes held of a fragmented message that is not complete yet."""
        return len(self._joined)

    def writable(self) -> memoryview:
        """Free space to receive into, never empty. Ends the life of the views that :meth:`feed` returned."""
        size = len(self._view)
        held = self._end - self._position
        if self._end == size and (size < BUSY_SIZE or held == size):
            self._move(min(2 * size, max(BUSY_SIZE, self._needed)))
        elif self._position:
            if held:
                self._view[:held] = self._view[self._position : self._end]
            self._position, self._end = 0, held
        return self._view[self._end :]

    def shrink(self) -> None:
        """Give back a grown buffer, unless it holds more than the initial one could."""
        if len(self._view) > self._initial > self.pending:
            self._move(self._initial)

    def feed(self, n: int) -> list[memoryview | bytes]:
        """Read ``n`` more bytes, which were received into :meth:`writable`.

        Returns:
            Every complete message in order: text as a ``memoryview``, valid until the next :meth:`writable` or
            :meth:`feed`, binary as ``bytes``. Messages before a close frame or a violation are still returned.
        """
        messages: list[memoryview | bytes] = []
        append = messages.append
        view = self._view
        position = self._position
        self._end = end = self._end + n
        last = end - 4
        try:
            while position < end and not self._finished:
                if self._inline and not self._fragmented:
                    checked = len(messages)
                    while position <= last:
                        head, length = _head(view, position)
                        if head == LONG_TEXT and length > MAX_CONTROL:
                            start = position + 4
                        elif SHORT_TEXT <= head < LONG_TEXT:
                            start = position + 2
                            length = head - SHORT_TEXT
                        else:
                            break
                        stop = start + length
                        if stop > end:
                            break
                        append(view[start:stop])
                        position = stop
                    if len(messages) > checked:
                        if self._check_text:
                            _check_texts(messages, checked)
                        continue
                after = self._read_frame(position, end, messages)
                if after == position:
                    break
                position = after
        except ProtocolError as error:
            # Without its traceback: that would keep the buffer alive as long as the error.
            self.controls.append(Violation(error.with_traceback(None)))
            self._finished = True
        self._position = end if self._finished else position
        return messages

    def _move(self, size: int) -> None:
        """Go on in a new buffer: one with views on it cannot be resized, and theirs stay valid."""
        view = memoryview(bytearray(size))
        held = self._end - self._position
        view[:held] = self._view[self._position : self._end]
        self._view, self._position, self._end = view, 0, held

    def _read_frame(self, position: int, end: int, messages: list[memoryview | bytes]) -> int:
        """Read one frame of any kind; returns where the next one starts, or ``position`` if it is incomplete."""
        view = self._view
        start = position + 2
        if start > end:
            return position
        first, length = view[position], view[position + 1]
        self._check_head(first, length)
        if length >= LENGTH_16:
            width, shortest = (2, LENGTH_16) if length == LENGTH_16 else (8, MAX_16 + 1)
            start += width
            if start > end:
                return position
            length = int.from_bytes(view[start - width : start], "big")
            if length < shortest:
                raise ProtocolError(1002, f"length {length} not in its shortest form")
            if length >> 63:
                raise ProtocolError(1002, "length with the top bit set")
        opcode = first & 0x0F
        if opcode < CLOSE and len(self._joined) + length > self._max_message:
            raise ProtocolError(1009, f"message larger than {self._max_message} bytes")
        stop = start + length
        self._needed = stop - position
        if stop > end:
            return position
        if opcode < CLOSE:
            self._read_data(first, view[start:stop], messages)
        else:
            self._read_control(opcode, bytes(view[start:stop]))
        return stop

    def _check_head(self, first: int, second: int) -> None:
        """Refuse what the first two bytes of a frame already show to be wrong."""
        opcode = first & 0x0F
        if opcode not in OPCODES:
            raise ProtocolError(1002, f"reserved opcode {opcode:#x}")
        allowed = RSV1 if self._inflate is not None and opcode in (TEXT, BINARY) else 0
        if first & RESERVED & ~allowed:
            raise ProtocolError(1002, f"reserved bits {first & RESERVED:#x} in a frame with opcode {opcode:#x}")
        if second & MASKED:
            raise ProtocolError(1002, "masked frame from the server")
        if opcode >= CLOSE:
            if not first & FIN:
                raise ProtocolError(1002, "fragmented control frame")
            if second > MAX_CONTROL:
                raise ProtocolError(1002, f"control frame with more than {MAX_CONTROL} bytes")
        elif (opcode == CONTINUATION) != self._fragmented:
            what = "new message inside a fragmented one" if self._fragmented else "continuation without a start"
            raise ProtocolError(1002, what)

    def _read_data(self, first: int, payload: memoryview, messages: list[memoryview | bytes]) -> None:
        opcode, final = first & 0x0F, bool(first & FIN)
        if opcode != CONTINUATION:
            self._opcode, self._compressed = opcode, bool(first & RSV1)
        whole: memoryview | bytearray | bytes = payload
        if not final or opcode == CONTINUATION:
            self._joined += payload
            self._fragmented = not final
            if not final:
                return
            whole, self._joined = self._joined, bytearray()
        if self._compressed and self._inflate is not None:
            whole = self._inflate.decompress(whole, self._max_message)
        if self._opcode == BINARY:
            messages.append(bytes(whole))
        else:
            messages.append(memoryview(whole))
            if self._check_text:
                _check_texts(messages, len(messages) - 1)

    def _read_control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.controls.append(Ping(payload))
        elif opcode == PONG:
            self.controls.append(Pong(payload))
        else:
            self.controls.append(_decode_close(payload))
            self._finished = True


def _check_texts(messages: list[memoryview | bytes], first: int) -> None:
    """Check texts from index ``first`` on; drops the first invalid one and all behind it, and raises 1007."""
    texts = messages[first:] if first else messages
    if b"".join(texts).isascii():
        return
    for index, text in enumerate(texts, first):
        try:
            str(text, "utf-8")
        except UnicodeDecodeError as error:
            del messages[index:]
            raise ProtocolError(1007, f"text is not UTF-8: {error.reason} at byte {error.start}") from None


def _sendable(code: int) -> bool:
    """Whether a close frame may carry this code (RFC 6455 section 7.4 and the IANA registry)."""
    return (1000 <= code <= 1014 and code not in (1004, 1005, 1006)) or 3000 <= code <= 4999


def _decode_close(payload: bytes) -> Close:
    if not payload:
        return Close(None, "")
    if len(payload) == 1:
        raise ProtocolError(1002, "close frame with half a code")
    code = int.from_bytes(payload[:2], "big")
    if not _sendable(code):
        raise ProtocolError(1002, f"invalid close code {code}")
    try:
        return Close(code, payload[2:].decode())
    except UnicodeDecodeError:
        raise ProtocolError(1007, "close reason is not UTF-8") from None


def encode(opcode: int, payload: bytes, mask: bytes | None = None) -> bytes:
    """One final, masked frame of a client.

    Args:
        opcode: ``TEXT``, ``BINARY``, ``CLOSE``, ``PING`` or ``PONG``.
        payload: at most 125 bytes in a control frame.
        mask: four bytes; fresh random ones by default.

    Raises:
        ValueError: a control frame is too long, or ``mask`` is not four bytes.
    """
    size = len(payload)
    if opcode >= CLOSE and size > MAX_CONTROL:
        raise ValueError(f"a control frame carries at most {MAX_CONTROL} bytes; got {size}")
    if mask is None:
        mask = os.urandom(4)
    elif len(mask) != 4:
        raise ValueError(f"a mask has 4 bytes; got {len(mask)}")
    if size < LENGTH_16:
        head = struct.pack("!BB", FIN | opcode, MASKED | size)
    elif size <= MAX_16:
        head = struct.pack("!BBH", FIN | opcode, MASKED | LENGTH_16, size)
    else:
        head = struct.pack("!BBQ", FIN | opcode, MASKED | LENGTH_64, size)
    key = (mask * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")
    return head + mask + masked.to_bytes(size, "little")


def encode_close(code: int, reason: str = "") -> bytes:
    """A masked close frame; a reason longer than 123 bytes is cut between characters.

    An empty close frame, the answer to one without a code, is ``encode(CLOSE, b"")``.

    Raises:
        ValueError: a close frame may not carry this code.
    """
    if not _sendable(code):
        raise ValueError(f"a close frame may not carry code {code}")
    text = reason.encode()[: MAX_CONTROL - 2].decode("utf-8", "ignore").encode()
    return encode(CLOSE, code.to_bytes(2, "big") + text)
