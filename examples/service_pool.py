"""Subscriptions on several connections, each with a thread of its own. Ends when both symbols have come."""

import threading

from binance_sockets.service import WebSocketPool
from binance_sockets.unified import Ticker

pool = WebSocketPool(max_connections=5, connection_timeout=30)
waiting = {"BTCUSDT", "ETHUSDT"}
complete = threading.Event()
lock = threading.Lock()  # the handlers of a pool run on several threads


@pool.on_ticker
def show(ticker: Ticker) -> None:
    with lock:
        waiting.discard(ticker.symbol)
        if not waiting:
            complete.set()


pool.subscribe_ticker("BTCUSDT", connection_id=0)
pool.subscribe_ticker("ETHUSDT", connection_id=1)
pool.subscribe_ticker("BNBUSDT")  # where least is carried
with pool:
    complete.wait(60)
    print("connections:", len(pool.manager.snapshot()["connections"]))
