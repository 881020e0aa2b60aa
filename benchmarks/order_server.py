"""A WebSocket API that answers every request at once with a placed order: what is left of a round trip is the client's.

python benchmarks/order_server.py        prints its port, and serves one connection after another
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import sys

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ORDER = {
    "symbol": "BTCUSDT", "orderId": 12569099453, "orderListId": -1, "clientOrderId": "4d96324ff9d44481926157ec08158a40",
    "transactTime": 1660801715639, "price": "23416.10000000", "origQty": "0.00847000", "executedQty": "0.00847000",
    "origQuoteOrderQty": "0.000000", "cummulativeQuoteQty": "198.33521500", "status": "FILLED", "timeInForce": "GTC",
    "type": "LIMIT", "side": "SELL", "workingTime": 1660801715639, "selfTradePreventionMode": "NONE",
    "fills": [{"price": "23416.10000000", "qty": "0.00847000", "commission": "0.000000", "commissionAsset": "BNB",
               "tradeId": 1650422481}],
}  # fmt: skip
_LIMITS = [
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50000, "count": 12},
    {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 160000000, "count": 4043},
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000000, "count": 321},
]
_TAIL = json.dumps({"status": 200, "result": _ORDER, "rateLimits": _LIMITS})[1:].encode()


def serve(sock: socket.socket) -> None:
    """One connection, to its end."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    inbox = bytearray()
    while b"\r\n\r\n" not in inbox:
        inbox += _more(sock)
    head, _, rest = bytes(inbox).partition(b"\r\n\r\n")
    fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    key = next(value for name, value in fields.items() if name.lower() == b"sec-websocket-key")
    accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())
    sock.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    inbox = bytearray(rest)
    while True:
        answers = []
        while (found := _frame(inbox)) is not None:
            opcode, payload = found
            if opcode == 8:
                sock.sendall(b"".join(answers) + bytes([0x88, len(payload)]) + payload)
                return
            if opcode == 1:
                answers.append(_text(b'{"id":' + json.dumps(json.loads(payload)["id"]).encode() + b"," + _TAIL))
        if answers:
            sock.sendall(b"".join(answers))
        inbox += _more(sock)


def _more(sock: socket.socket) -> bytes:
    data = sock.recv(65536)
    if not data:
        raise EOFError
    return data


def _frame(inbox: bytearray) -> tuple[int, bytes] | None:
    """The first whole frame of a client, taken off ``inbox``."""
    if len(inbox) < 6:
        return None
    size, start = inbox[1] & 0x7F, 2
    if size == 126:
        size, start = int.from_bytes(inbox[2:4], "big"), 4
    end = start + 4 + size
    if len(inbox) < end:
        return None
    mask = int.from_bytes((bytes(inbox[start : start + 4]) * (size // 4 + 1))[:size], "big")
    payload = (int.from_bytes(inbox[start + 4 : end], "big") ^ mask).to_bytes(size, "big")
    opcode = inbox[0] & 0x0F
    del inbox[:end]
    return opcode, payload


def _text(payload: bytes) -> bytes:
    return b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        sock, _ = listener.accept()
        with sock:
            try:
                serve(sock)
            except (OSError, EOFError):
                print("a client went away", file=sys.stderr)


if __name__ == "__main__":
    main()
