"""Frames and endings as raw bytes on a transport, below any library that would refuse to send something wrong."""

from __future__ import annotations

import asyncio
import socket
import struct

__all__ = ["BINARY", "CLOSE", "CONTINUATION", "PING", "PONG", "TEXT", "close_payload", "frame", "reset"]

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


def frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    """One unmasked frame."""
    return frame_header(opcode, len(payload), fin=fin) + payload


def frame_header(opcode: int, length: int, *, fin: bool = True) -> bytes:
    """The first bytes of a frame of ``length`` bytes."""
    first = (0x80 if fin else 0) | opcode
    if length < 126:
        return bytes((first, length))
    if length < 65536:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)


def close_payload(code: int | None, reason: str = "") -> bytes:
    """The payload of a close frame; empty without a code."""
    return b"" if code is None else struct.pack("!H", code) + reason.encode()[:123]


def linger_off(sock: socket.socket) -> None:
    """Let the next close of ``sock`` send a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset(transport: asyncio.BaseTransport) -> None:
    """End a connection by a TCP reset, also below TLS."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.fileno() != -1:  # else it has been cut a moment ago
        linger_off(sock)
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
