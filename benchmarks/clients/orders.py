"""Places orders over the WebSocket API with one of the clients, and tells how long each took."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import itertools
import json
import os
import socket
import statistics
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

KEY, SECRET = "k" * 64, "s" * 64
ORDER: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "price": "23416.10000000",
    "quantity": "0.00847000",
}
WARMUP = 200


class Watch:
    """Times of orders, without those of the warm-up."""

    def __init__(self, orders: int) -> None:
        self.wanted = orders + WARMUP
        self.times: list[float] = []
        self._lock = threading.Lock()
        self._began = self._cpu = 0.0
        self._left = self.wanted

    def take(self) -> bool:
        """Whether another order shall be placed."""
        with self._lock:
            self._left -= 1
            return self._left >= 0

    def placed(self, seconds: float) -> None:
        """One order was answered after so long."""
        with self._lock:
            self.times.append(seconds)
            if len(self.times) == WARMUP:
                self._began, self._cpu = time.perf_counter(), time.process_time()
            elif len(self.times) == self.wanted:
                self._tell()

    def _tell(self) -> None:
        seconds, cpu = time.perf_counter() - self._began, time.process_time() - self._cpu
        counted = sorted(self.times[WARMUP:])
        found = {
            "per_second": len(counted) / seconds,
            "p50": statistics.median(counted) * 1e6,
            "p99": counted[int(len(counted) * 0.99)] * 1e6,
            "cpu": cpu / len(counted) * 1e6,
        }
        print("RESULT " + json.dumps(found), flush=True)


def limit(task: SimpleNamespace, watch: Watch) -> None:
    """A blocking socket and nothing else."""
    sock = socket.create_connection(("127.0.0.1", task.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(
        b"GET /ws-api/v3 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    inbox = b""
    while b"\r\n\r\n" not in inbox:
        inbox += sock.recv(4096)
    inbox = inbox.partition(b"\r\n\r\n")[2]
    sent: dict[int, float] = {}
    number = 0
    while True:
        while len(sent) < task.in_flight and watch.take():
            number += 1
            sent[number] = time.perf_counter()
            sock.sendall(_request(number))
        if not sent:
            return
        inbox += sock.recv(65536)
        while len(inbox) > 4 and len(inbox) >= (size := 4 + int.from_bytes(inbox[2:4], "big")):
            reply = json.loads(inbox[4:size])
            inbox = inbox[size:]
            watch.placed(time.perf_counter() - sent.pop(reply["id"]))


def _request(number: int) -> bytes:
    params = {**ORDER, "apiKey": KEY, "timestamp": int(time.time() * 1000), "newClientOrderId": f"limit-{number}"}
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    params["signature"] = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    payload = json.dumps({"id": number, "method": "order.place", "params": params}).encode()
    return b"\x81\xfe" + len(payload).to_bytes(2, "big") + b"\0\0\0\0" + payload  # a mask of zeros changes nothing


def ours(task: SimpleNamespace, watch: Watch) -> None:
    """``WebSocketAPI``: one order after the other by ``request``, many by ``submit``, all from one thread."""
    with _our_client(task) as api:
        api.wait_open()
        if task.in_flight == 1:
            while watch.take():
                began = time.perf_counter()
                api.order_place(**ORDER)
                watch.placed(time.perf_counter() - began)
            return
        free = threading.Semaphore(task.in_flight)
        while watch.take():
            free.acquire()
            began = time.perf_counter()

            def answered(future: Any, began: float = began) -> None:
                watch.placed(time.perf_counter() - began)
                free.release()

            api.submit("order.place", ORDER).add_done_callback(answered)
        for _ in range(task.in_flight):
            free.acquire()


def ours_threads(task: SimpleNamespace, watch: Watch) -> None:
    """``WebSocketAPI`` with as many threads as orders in flight, each waiting for its own."""
    with _our_client(task) as api:
        api.wait_open()
        _in_threads(task, watch, lambda: api.order_place(**ORDER))


def _in_threads(task: SimpleNamespace, watch: Watch, place: Callable[[], object]) -> None:
    def trade() -> None:
        while watch.take():
            began = time.perf_counter()
            place()
            watch.placed(time.perf_counter() - began)

    threads = [threading.Thread(target=trade) for _ in range(task.in_flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _our_client(task: SimpleNamespace) -> Any:
    from binance_sockets import WebSocketAPI

    return WebSocketAPI(api_key=KEY, api_secret=SECRET, environment=f"http://127.0.0.1:{task.port}")


async def _keep_in_flight(task: SimpleNamespace, watch: Watch, place: Callable[[], Awaitable[object]]) -> None:
    async def trade() -> None:
        while watch.take():
            began = time.perf_counter()
            await place()
            watch.placed(time.perf_counter() - began)

    await asyncio.gather(*(trade() for _ in range(task.in_flight)))


def python_binance(task: SimpleNamespace, watch: Watch) -> None:
    """python-binance 1.0.37: ``AsyncClient.ws_create_order``."""
    from binance import AsyncClient
    from binance.ws.websocket_api import WebsocketAPI

    async def run() -> None:
        client = AsyncClient(KEY, SECRET)
        client.ws_api = WebsocketAPI(url=f"ws://127.0.0.1:{task.port}/ws-api/v3")
        try:
            await _keep_in_flight(task, watch, lambda: client.ws_create_order(**ORDER))
        finally:
            await client.close_connection()

    asyncio.run(run())


def sdk_spot(task: SimpleNamespace, watch: Watch) -> None:
    """The exchange's own SDK."""
    from binance_common.configuration import ConfigurationWebSocketAPI
    from binance_sdk_spot.spot import Spot

    names = {"type": "type", "timeInForce": "time_in_force"}
    order = {names.get(name, name): value for name, value in ORDER.items()}
    order["price"], order["quantity"] = float(order["price"]), float(order["quantity"])

    async def run() -> None:
        configuration = ConfigurationWebSocketAPI(
            api_key=KEY, api_secret=SECRET, stream_url=f"ws://127.0.0.1:{task.port}/ws-api/v3"
        )
        connection = await Spot(config_ws_api=configuration).websocket_api.create_connection()
        try:
            await _keep_in_flight(task, watch, lambda: connection.order_place(**order))
        finally:
            await connection.close_connection(close_session=True)

    asyncio.run(run())


def ccxt_pro(task: SimpleNamespace, watch: Watch) -> None:
    """ccxt: ``create_order_ws``, with its own rate limit off and a market that it need not load."""
    import ccxt.pro

    market = {
        "id": "BTCUSDT", "symbol": "BTC/USDT", "base": "BTC", "quote": "USDT", "baseId": "BTC", "quoteId": "USDT",
        "type": "spot", "spot": True, "margin": False, "swap": False, "future": False, "option": False,
        "contract": False, "linear": None, "inverse": None, "active": True,
        "precision": {"amount": 0.00001, "price": 0.01}, "limits": {"amount": {"min": 0.00001}},
        "info": {"orderTypes": ["LIMIT", "MARKET"]},
    }  # fmt: skip

    async def run() -> None:
        client = ccxt.pro.binance({"apiKey": KEY, "secret": SECRET, "enableRateLimit": False})
        client.urls["api"]["ws"]["ws-api"]["spot"] = f"ws://127.0.0.1:{task.port}/ws-api/v3"
        client.set_markets([market])
        amount, price = float(ORDER["quantity"]), float(ORDER["price"])
        try:
            await _keep_in_flight(
                task, watch, lambda: client.create_order_ws("BTC/USDT", "limit", "sell", amount, price)
            )
        finally:
            await client.close()

    asyncio.run(run())


def unicorn(task: SimpleNamespace, watch: Watch) -> None:
    """unicorn-binance-websocket-api: ``create_order`` from as many threads as orders in flight.

    Replies are taken from the stream's callback: ``return_response`` waits for ever for one that comes at once.
    """
    from unicorn_binance_websocket_api import BinanceWebSocketApiManager

    waiting: dict[str, threading.Event] = {}
    manager = BinanceWebSocketApiManager(
        exchange="binance.com", output_default="dict", warn_on_update=False, disable_colorama=True,
        websocket_api_base_uri=f"ws://127.0.0.1:{task.port}/ws-api/v3",
    )  # fmt: skip
    stream = manager.create_stream(
        api=True, api_key=KEY, api_secret=SECRET, process_stream_data=lambda reply: waiting.pop(reply["id"]).set()
    )
    manager.wait_till_stream_has_started(stream)
    order = {"symbol": "BTCUSDT", "side": "SELL", "order_type": "LIMIT", "time_in_force": "GTC"}
    order |= {"price": float(ORDER["price"]), "quantity": float(ORDER["quantity"])}
    numbers = itertools.count()

    def place() -> None:
        request_id = str(next(numbers))
        answered = waiting[request_id] = threading.Event()
        manager.api.spot.create_order(stream_id=stream, request_id=request_id, **order)
        answered.wait()

    _in_threads(task, watch, place)
    manager.stop_manager()


RUNS = {
    "limit": limit,
    "ours": ours,
    "ours-threads": ours_threads,
    "python-binance-1.0.37": python_binance,
    "binance-sdk-spot": sdk_spot,
    "ccxt": ccxt_pro,
    "unicorn": unicorn,
}


def main() -> None:
    task = SimpleNamespace(**json.loads(sys.argv[1]))
    if getattr(task, "core", None) is not None:
        with contextlib.suppress(AttributeError):
            os.sched_setaffinity(0, {task.core})
    RUNS[task.client](task, Watch(task.orders))


if __name__ == "__main__":
    main()
