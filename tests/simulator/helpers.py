"""What the simulator's tests share: clients that are not ours, and a market without a network."""

from __future__ import annotations

import heapq
import itertools
import json
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import websocket
from patience import PATIENCE
from websockets.sync.client import ClientConnection, connect

from binance_sockets.simulator import Simulator
from binance_sockets.simulator.binance.families import make_producer, parse
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.payloads import microseconds, milliseconds
from binance_sockets.simulator.binance.products import default_symbols
from binance_sockets.simulator.market.market import Market
from binance_sockets.simulator.market.world import World

START = 1_790_000_000_000_000  # µs
LISTED = default_symbols(1_793_000_000)  # with deliveries on 2026-12-25 and 2027-03-26, whatever the day


def ws_url(sim: Simulator) -> str:
    return sim.url.replace("http", "ws", 1)


@contextmanager
def client(sim: Simulator, path: str, **options: Any) -> Iterator[ClientConnection]:
    """A plain third-party client on ``path``; not for TLS, see :func:`tls_client`."""
    options = {"proxy": None, "close_timeout": 1.0, "max_queue": None, "ping_interval": None, **options}
    with connect(ws_url(sim) + path, **options) as connection:
        yield connection


@contextmanager
def tls_client(sim: Simulator, path: str) -> Iterator[websocket.WebSocket]:
    """A third-party client for TLS that stays on the caller's thread.

    The other one reads and writes one SSLSocket from two threads, which OpenSSL does not allow and ``ssl`` does not
    prevent: now and then its handshake hangs.
    """
    connection = websocket.create_connection(
        ws_url(sim) + path, PATIENCE, sslopt={"cert_reqs": ssl.CERT_NONE}, http_no_proxy=["*"]
    )
    try:
        yield connection
    finally:
        connection.shutdown()  # the socket only, without a closing handshake


def combined(prefix: str, *names: str) -> str:
    return f"{prefix}/stream?streams=" + quote("/".join(names))


def receive(connection: ClientConnection | websocket.WebSocket) -> Any:
    options = {} if isinstance(connection, websocket.WebSocket) else {"timeout": PATIENCE}
    return json.loads(connection.recv(**options))


def ask(connection: ClientConnection, request: object) -> Any:
    """Send a control message and return the answer, passing over data."""
    connection.send(request if isinstance(request, str) else json.dumps(request))
    while True:
        message = receive(connection)
        if isinstance(message, dict) and message.keys() & {"result", "error", "code"}:
            return message


def first_of_each(connection: ClientConnection, names: list[str]) -> dict[str, Any]:
    """The first payload of every stream of a combined connection."""
    seen: dict[str, Any] = {}
    deadline = time.monotonic() + PATIENCE + len(names) / 20  # a loaded machine needs time for a thousand markets
    while len(seen) < len(names):
        silent = sorted(set(names) - set(seen))
        assert time.monotonic() < deadline, f"{len(silent)} silent: {silent[:5]}"
        message = receive(connection)
        seen.setdefault(message["stream"], message["data"])
    return seen


def get(sim: Simulator, path: str, method: str = "GET", body: object = None, **headers: str) -> tuple[int, Any]:
    """An HTTP request: status and decoded body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(sim.url + path, data, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            status, text = error.code, error.read()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text.decode()


@contextmanager
def tcp(sim: Simulator) -> Iterator[socket.socket]:
    """A bare TCP connection."""
    with socket.create_connection(("127.0.0.1", sim.port), timeout=PATIENCE) as sock:
        yield sock


def handshake(path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def read_until_end(sock: socket.socket) -> bytes:
    """Everything until the peer ends; raises ConnectionResetError on a reset."""
    data = b""
    while chunk := sock.recv(65536):
        data += chunk
    return data


def until(fact: Callable[[], object]) -> None:
    """Wait for a fact that nobody announces."""
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while not fact():
        assert time.monotonic() < deadline, "the fact did not come"
        pause.wait(0.005)


def play_stream(product: str, name: str, seconds: float = 20.0, seed: int = 1, *, micro: bool = False) -> list[Any]:
    """The payloads of one stream, without network, threads or waiting."""
    listing = Listing(World(seed), LISTED)
    stream = parse(product, name)
    assert stream is not None, f"unknown name {name}"
    producer = make_producer(listing, product, stream, START)
    assert producer is not None, f"unlisted symbol in {name}"
    ts = microseconds if micro else milliseconds
    number = itertools.count()
    due: list[tuple[int, int, Market | None]] = [
        (market.next_time, next(number), market) for market in producer.markets
    ]
    if stream.period:
        due.append(((START // stream.period + 1) * stream.period, next(number), None))
    heapq.heapify(due)
    payloads: list[Any] = []
    while due and due[0][0] <= START + seconds * 1_000_000:
        now, _, market = heapq.heappop(due)
        if market is None:
            payloads += producer.on_tick(now, ts)
            heapq.heappush(due, (now + stream.period, next(number), None))
        else:
            payloads += producer.on_step(market, market.step(), now, ts)
            heapq.heappush(due, (market.next_time, next(number), market))
    producer.close()
    return payloads
