"""The physical limit in Python: nothing but a read into a big buffer, a frame parser in the same loop, a JSON parser.

No pings, no fragments, no checks, no reconnects: a floor to compare with, not a client to use.
Variants, joined by commas: ``orjson`` (default), ``msgspec`` or ``none`` (frames only) for JSON;
``memory-bio`` reads TLS through memory, many records per system call, instead of an ``SSLSocket``.
"""

from __future__ import annotations

import base64
import os
import socket
import ssl
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from harness import Meter, json_decoder, main, shape_of

_BUFFER = 1 << 20
_READ = 1 << 18
_TEXT = b'[{"ticket":"1"},{"type":"trade","codes":["KRW-END"]}]'
_SUBSCRIPTION = bytes((0x81, 0x80 | len(_TEXT), 0, 0, 0, 0)) + _TEXT  # with a mask that changes nothing


def run(task: SimpleNamespace, meter: Meter) -> None:
    options = set(task.variant.split(","))
    for _ in range(task.connections):
        callback = meter.callback("count" if "none" in options else shape_of(task.payload, task.wrapped))
        work = threading.Thread(target=_connection, args=(task, options, _decoder(options), callback), daemon=True)
        work.start()


def _decoder(options: set[str]) -> Callable[[memoryview], Any]:
    if "none" in options:
        return lambda view: view
    return json_decoder("msgspec" if "msgspec" in options else "orjson")


def _connection(
    task: SimpleNamespace,
    options: set[str],
    decode: Callable[[memoryview], Any],
    callback: Callable[[Any], None],
) -> None:
    sock = socket.create_connection(("127.0.0.1", task.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    path = "/stream?streams=" + "/".join(task.streams) if task.wrapped else "/ws/" + task.streams[0]
    upbit = task.payload == "upbit"
    path, first = ("/upbit/websocket/v1", 0x82) if upbit else (path, 0x81)
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
    if upbit:
        request += _SUBSCRIPTION
    if task.tls and "memory-bio" in options:
        read_into = _memory_bio(sock, task.ca_file, request)
    else:
        if task.tls:
            sock = ssl.create_default_context(cafile=task.ca_file).wrap_socket(sock, server_hostname="127.0.0.1")
        sock.sendall(request)
        read_into = sock.recv_into
    buffer = bytearray(_BUFFER)
    view = memoryview(buffer)
    filled = 0
    while (head := buffer.find(b"\r\n\r\n", 0, filled)) < 0:
        filled += read_into(view[filled : filled + _READ])
    position = head + 4
    while True:
        while filled - position >= 2:
            size = buffer[position + 1]
            if size < 126:
                start = position + 2
            elif size == 126:
                if filled - position < 4:
                    break
                size = buffer[position + 2] << 8 | buffer[position + 3]
                start = position + 4
            else:
                if filled - position < 10:
                    break
                size = int.from_bytes(buffer[position + 2 : position + 10], "big")
                start = position + 10
            end = start + size
            if end > filled:
                break
            if buffer[position] == first:
                callback(decode(view[start:end]))
            position = end
        if position == filled:
            position = filled = 0
        elif _BUFFER - filled < _READ:
            rest = filled - position
            view[:rest] = view[position:filled]
            position, filled = 0, rest
        count = read_into(view[filled : filled + _READ])
        if not count:
            return
        filled += count


def _memory_bio(sock: socket.socket, ca_file: str, request: bytes) -> Callable[[memoryview], int]:
    """Do the TLS handshake, send ``request``, and return a ``recv_into`` that takes all records that are there."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ssl.create_default_context(cafile=ca_file).wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    raw = memoryview(bytearray(_READ))

    def exchange() -> bool:
        if outgoing.pending:
            sock.sendall(outgoing.read())
        count = sock.recv_into(raw)
        incoming.write(raw[:count])
        return count > 0

    while True:
        try:
            tls.do_handshake()
            break
        except ssl.SSLWantReadError:
            exchange()
    tls.write(request)
    sock.sendall(outgoing.read())
    read = tls.read

    def read_into(target: memoryview) -> int:
        filled, room = 0, len(target)
        while True:
            try:
                while room - filled >= 16384:
                    filled += read(16384, target[filled:])
                return filled
            except ssl.SSLWantReadError:
                if filled or not exchange():
                    return filled

    return read_into


main(run)
