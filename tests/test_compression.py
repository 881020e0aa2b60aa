"""permessage-deflate over a real socket: negotiated with another implementation, bounded, off by default."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from patience import PATIENCE
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.sync.server import ServerConnection, serve

from binance_sockets import Backoff, Limits, Options, SocketManager
from binance_sockets.errors import ProtocolError
from binance_sockets.exchanges.binance.models import Trade

TRADES = [
    json.dumps(
        {"e": "trade", "E": 1, "s": "BTCUSDT", "t": number, "p": "60000.10", "q": "0.00100000", "T": 1, "m": True}
    )
    for number in range(200)
]


@contextmanager
def server(handler: Callable[[ServerConnection], None], **deflate: Any) -> Iterator[str]:
    """An independent server that compresses; yields the base URL for a manager."""
    extensions = [ServerPerMessageDeflateFactory(**deflate)]
    with serve(handler, "127.0.0.1", 0, extensions=extensions, compression=None) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.socket.getsockname()[1]}"
        finally:
            running.shutdown()
            thread.join(PATIENCE)


def send_all(connection: ServerConnection) -> None:
    """Whole messages, then the same in fragments; then wait for the client to leave."""
    for text in TRADES:
        connection.send(text)
    for text in TRADES:
        connection.send([text[:20], text[20:40], text[40:]])
    for _ in connection:
        pass


@pytest.mark.parametrize("view", ["dict", "raw", "typed"])
@pytest.mark.parametrize(
    "deflate",
    [{}, {"server_no_context_takeover": True}, {"server_max_window_bits": 10}],
    ids=["takeover", "no takeover", "small window"],
)
def test_compressed_messages_arrive_whole(view, deflate):
    """Whole and fragmented compressed messages reach the callback unchanged, in every view and kind of context."""
    got: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with server(send_all, **deflate) as url:
        manager = SocketManager(environment=url, options=Options(compression=True))
        with manager:
            manager.start_trade_socket("BTCUSDT", got.put, view=view)
            received = [got.get(timeout=PATIENCE) for _ in range(2 * len(TRADES))]
            wire = manager.snapshot()["connections"]["btcusdt@trade"]["bytes"]
    if view == "raw":
        assert received == [text.encode() for text in TRADES] * 2
    elif view == "dict":
        assert received == [json.loads(text) for text in TRADES] * 2
    else:
        assert {type(event) for event in received} == {Trade}
        assert [(event.trade_id, event.price) for event in received] == [(n, "60000.10") for n in range(200)] * 2
    assert wire < 2 * sum(map(len, TRADES))


def test_compression_is_off_unless_asked_for():
    """Without the option nothing is offered and messages come uncompressed."""
    got: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with server(send_all) as url, SocketManager(environment=url) as manager:
        manager.start_trade_socket("BTCUSDT", got.put)
        received = [got.get(timeout=PATIENCE) for _ in range(2 * len(TRADES))]
        assert manager.snapshot()["connections"]["btcusdt@trade"]["bytes"] > 2 * sum(map(len, TRADES))
    assert received[0] == json.loads(TRADES[0])


def test_a_compressed_bomb_is_refused_with_1009():
    """A small frame that inflates beyond the size limit closes the link with 1009 and is reported, never delivered."""
    closed: queue.SimpleQueue[int | None] = queue.SimpleQueue()

    def bomb(connection: ServerConnection) -> None:
        connection.send('"' + "x" * 5_000_000 + '"')
        with suppress(ConnectionClosed):
            connection.recv()
        closed.put(connection.close_code)

    errors: queue.SimpleQueue[Any] = queue.SimpleQueue()
    got: list[Any] = []
    options = Options(
        compression=True,
        limits=Limits(message_size=1_000_000),
        backoff=Backoff(initial=0.01, max_reconnects=0),
    )
    with server(bomb) as url, SocketManager(environment=url, options=options) as manager:
        manager.add_error_listener(errors.put)
        manager.start_trade_socket("BTCUSDT", got.append)
        report = errors.get(timeout=PATIENCE)
        assert isinstance(report.error, ProtocolError)
        assert report.error.code == 1009
        assert closed.get(timeout=PATIENCE) == 1009
        manager.join(PATIENCE)
    assert got == [{"e": "error", "m": "Max reconnect retries reached"}]
