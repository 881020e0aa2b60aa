"""The sending side: serves framed messages on loopback, as fast as they are read or at an even rate.

One process per run. It prints ``PORTS <streams> <rest>``, waits until the wanted number of WebSockets is ready, warms
them up, sends to each a marker, the messages and another marker, and prints a line of facts about the sending.

A WebSocket is ready when its URL names streams, otherwise at its first SUBSCRIBE, or at its first request of Upbit's
kind. Paths with ``/stream`` get wrapped messages, all others bare ones. Plain HTTP requests get the few answers that
peers ask for when they start.

    python benchmarks/server.py '{"payload": "trade", "messages": 100000}'
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import selectors
import socket
import ssl
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

from payloads import UPBIT, Pool, frame, pool, streams

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CHUNK = 256 * 1024  # bytes handed to the kernel in one call
_SPIN = 0.0002  # the last seconds before a message is due are waited for awake
_SETTLE = 0.2  # seconds between the last WebSocket and the warm-up, for peers that are still starting up
_PROOF = 1.0  # likewise on Upbit, where a client asks what is carried, and takes no message before the answer
_DIGEST = 0.1  # seconds between the warm-up and the first marker


@dataclass
class Setup:
    """What to serve.

    Args:
        payload: a name of ``payloads.PAYLOADS``.
        messages: messages for each connection, without markers and warm-up.
        connections: WebSockets to wait for.
        rate: messages per second over all connections, evenly spaced and stamped; ``None`` sends without pause.
        warmup: messages that every connection gets before its first marker.
        pause: seconds of silence between the markers when there are no messages.
        certificate: PEM file with certificate chain and key; ``None`` serves plain.
        big_records: fill TLS records to 16 KiB instead of one message per record.
        core: CPU to run on; ``None`` leaves that to the system.
    """

    payload: str = "trade"
    messages: int = 100_000
    connections: int = 1
    rate: float | None = None
    warmup: int = 50
    pause: float = 0.0
    certificate: str | None = None
    big_records: bool = False
    core: int | None = None


class Peer:
    """One accepted connection. The main thread reads it, the main and a sending thread write to it."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext | None) -> None:
        self.sock = sock
        self.lock = threading.Lock()
        self.inbox = bytearray()
        self.carried: list[dict[str, Any]] = []  # what an Upbit client has asked for
        self.upgraded = self.wrapped = self.ready = self.handshaken = False
        self.tls: ssl.SSLObject | None = None
        if context is not None:
            self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def send(self, *parts: bytes | memoryview) -> None:
        """Send ``parts``, over TLS each as a record of its own; blocks until the kernel has them."""
        with self.lock:
            if self.tls is None:
                for part in parts:
                    self.sock.sendall(part)
                return
            write, outgoing = self.tls.write, self._outgoing
            for part in parts:
                write(part)
            self.sock.sendall(outgoing.read())

    def receive(self) -> bool:
        """Add what has arrived to ``inbox``; false at the end of the connection."""
        try:
            data = self.sock.recv(65536, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        if self.tls is None:
            self.inbox += data
            return True
        with self.lock:
            self._incoming.write(data)
            try:
                if not self.handshaken:
                    self.tls.do_handshake()
                    self.handshaken = True
                while piece := self.tls.read(65536):
                    self.inbox += piece
                return False
            except ssl.SSLWantReadError:
                return True
            except ssl.SSLError:
                return False
            finally:
                if self._outgoing.pending:
                    self.sock.sendall(self._outgoing.read())


class Server:
    """Accepts, answers, and starts the sending once everybody is there."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._selector = selectors.DefaultSelector()
        self._peers: list[Peer] = []  # ready WebSockets, in the order in which they got ready
        self._pools = {
            wrapped: pool(setup.payload, wrapped=wrapped, stamped=setup.rate is not None) for wrapped in (False, True)
        }
        context = None
        if setup.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(setup.certificate)
        ports = [self._listen(context), self._listen(None)]
        print("PORTS", *ports, flush=True)

    def run(self) -> None:
        """Serve until the process is ended from outside."""
        sender = None
        while True:
            for key, _ in self._selector.select():
                if isinstance(key.data, Peer):
                    self._serve(key.data)
                else:
                    self._accept(key.fileobj, key.data)  # type: ignore[arg-type]
            if sender is None and len(self._peers) >= self._setup.connections:
                sender = threading.Thread(target=self._send_all, name="sender", daemon=True)
                sender.start()

    def _listen(self, context: ssl.SSLContext | None) -> int:
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._selector.register(listener, selectors.EVENT_READ, context)
        return int(listener.getsockname()[1])

    def _accept(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._selector.register(sock, selectors.EVENT_READ, Peer(sock, context))

    def _serve(self, peer: Peer) -> None:
        alive = peer.receive()
        try:
            while alive and (self._frame(peer) if peer.upgraded else self._request(peer)):
                pass
        except (OSError, ssl.SSLError):
            alive = False
        if not alive:
            self._selector.unregister(peer.sock)
            peer.sock.close()

    # -- what peers say ----------------------------------------------------------------------------------------------

    def _request(self, peer: Peer) -> bool:
        head, found, _ = bytes(peer.inbox).partition(b"\r\n\r\n")
        if not found:
            return False
        lines = head.split(b"\r\n")
        path = lines[0].split(b" ")[1].decode()
        fields = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])
        }
        del peer.inbox[: len(head) + 4 + int(fields.get(b"content-length", b"0"))]
        key = fields.get(b"sec-websocket-key")
        if key is None:
            body = json.dumps(_rest(path)).encode()
            answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            peer.send(answer + body)
            return True
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())
        peer.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        peer.upgraded = True
        route = path.partition("?")[0].rstrip("/")
        peer.wrapped = route.endswith("/stream")
        if "@" in path or "%40" in path:
            self._ready(peer)
        return True

    def _frame(self, peer: Peer) -> bool:
        """Handle one frame of a client; control frames of clients are short, so two length forms suffice."""
        inbox = peer.inbox
        if len(inbox) < 2:
            return False
        start, size = 2, inbox[1] & 0x7F
        if size == 126:
            start, size = 4, int.from_bytes(inbox[2:4], "big")
        elif size == 127:
            start, size = 10, int.from_bytes(inbox[2:10], "big")
        end = start + 4 + size
        if len(inbox) < end:
            return False
        mask = inbox[start : start + 4]
        payload = bytes(byte ^ mask[index & 3] for index, byte in enumerate(inbox[start + 4 : end]))
        opcode = inbox[0] & 0x0F
        del inbox[:end]
        if opcode == 9:
            peer.send(b"\x8a" + bytes((len(payload),)) + payload)
        elif opcode == 8:
            peer.send(b"\x88" + bytes((len(payload),)) + payload)
        elif opcode == 1:
            request = json.loads(payload)
            if isinstance(request, list):  # of Upbit, which acknowledges nothing, and tells what it carries
                if any(part.get("method") == "LIST_SUBSCRIPTIONS" for part in request):
                    answer = {"method": "LIST_SUBSCRIPTIONS", "result": peer.carried, "ticket": request[0]["ticket"]}
                    peer.send(frame(json.dumps(answer).encode(), binary=True))
                else:
                    peer.carried = [part for part in request if "type" in part]
                    self._ready(peer)
                return True
            peer.send(frame(json.dumps({"result": None, "id": request.get("id")}).encode()))
            if request.get("method") == "SUBSCRIBE":
                self._ready(peer)
        return True

    def _ready(self, peer: Peer) -> None:
        if not peer.ready:
            peer.ready = True
            self._peers.append(peer)

    # -- sending -----------------------------------------------------------------------------------------------------

    def _send_all(self) -> None:
        setup = self._setup
        peers = self._peers[: setup.connections]
        time.sleep(_PROOF if setup.payload == UPBIT else _SETTLE)
        for peer in peers:
            frames = self._pools[peer.wrapped].frames
            for index in range(setup.warmup):
                peer.send(frames[index % len(frames)])
        time.sleep(_DIGEST)
        began = time.monotonic()
        late = 0.0
        try:
            if setup.rate is not None:
                late = self._pace(peers, setup.rate)
            elif setup.messages == 0:
                for peer in peers:
                    peer.send(self._pools[peer.wrapped].marker)
                time.sleep(setup.pause)
                for peer in peers:
                    peer.send(self._pools[peer.wrapped].marker)
            else:
                threads = [threading.Thread(target=self._burst, args=(peer,), daemon=True) for peer in peers]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
        except OSError as exc:
            print(json.dumps({"error": f"a client left: {exc}"}), flush=True)
            return
        print(json.dumps({"seconds": time.monotonic() - began, "latest_us": late * 1e6}), flush=True)

    def _burst(self, peer: Peer) -> None:
        """Send as fast as the peer reads."""
        source = self._pools[peer.wrapped]
        whole = peer.tls is None or self._setup.big_records
        blocks = _blocks(source, whole)
        peer.send(source.marker)
        left = self._setup.messages
        while left:
            for count, parts in blocks:
                if count > left:  # the tail, cut to size
                    count, parts = left, tuple(source.frames[:left])
                    parts = (b"".join(parts),) if whole else parts
                peer.send(*parts)
                left -= count
                if not left:
                    break
        peer.send(source.marker)

    def _pace(self, peers: list[Peer], rate: float) -> float:
        """Send evenly, round robin, each message stamped with the time at which it was due; returns the worst delay."""
        cut: dict[bool, list[tuple[bytes, bytes]]] = {
            wrapped: [(data[:at], data[at + 16 :]) for data, at in zip(source.frames, source.stamps, strict=True)]
            for wrapped, source in self._pools.items()
        }
        for peer in peers:
            peer.send(self._pools[peer.wrapped].marker)
        monotonic, sleep = time.monotonic, time.sleep
        start = monotonic() + 0.05
        to_wall = time.time() - monotonic()
        worst = 0.0
        number = 0
        for index in range(self._setup.messages):
            for peer in peers:
                due = start + number / rate
                number += 1
                wait = due - monotonic()
                if wait > _SPIN:
                    sleep(wait - _SPIN)
                while (now := monotonic()) < due:
                    pass
                if now - due > worst:
                    worst = now - due
                head, tail = cut[peer.wrapped][index % len(cut[peer.wrapped])]
                peer.send(b"%b%016d%b" % (head, int((due + to_wall) * 1e6), tail))
        for peer in peers:
            peer.send(self._pools[peer.wrapped].marker)
        return worst


def _blocks(source: Pool, whole: bool) -> list[tuple[int, tuple[bytes, ...]]]:
    """The pool in groups of about ``_CHUNK`` bytes: ``(messages, parts to send)``; ``whole`` joins each group."""
    groups: list[list[bytes]] = [[]]
    size = 0
    for data in source.frames:
        if size > (_CHUNK if whole else _CHUNK // 4):
            groups.append([])
            size = 0
        groups[-1].append(data)
        size += len(data)
    return [(len(group), (b"".join(group),) if whole else tuple(group)) for group in groups]


def _rest(path: str) -> Any:
    """The REST answers that peers need in order to start."""
    if "exchangeInfo" in path:
        return {
            "timezone": "UTC",
            "serverTime": int(time.time() * 1000),
            "rateLimits": [],
            "exchangeFilters": [],
            "symbols": [_symbol(base) for base in ("BTC", "END")],
        }
    if "depth" in path:
        return {"lastUpdateId": 1, "bids": [["90000.00", "1.0"]], "asks": [["90001.00", "1.0"]]}
    if "market/all" in path:
        return [{"market": code, "korean_name": code, "english_name": code} for code in streams(UPBIT)]
    if "time" in path:
        return {"serverTime": int(time.time() * 1000)}
    return {}


def _symbol(base: str) -> dict[str, Any]:
    return {
        "symbol": base + "USDT",
        "status": "TRADING",
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": "USDT",
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "MARKET"],
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "permissions": ["SPOT"],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000.00", "tickSize": "0.01"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000", "stepSize": "0.00001"},
        ],
    }


if __name__ == "__main__":
    wanted = Setup(**json.loads(sys.argv[1]))
    if wanted.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {wanted.core})
    Server(wanted).run()
