"""Keep an order book by hand: diffs from a depth socket, snapshots over REST, five lines."""

import os
import threading
from typing import Any

import requests

from binance_sockets import SocketManager, is_error
from binance_sockets.books import BookStatus, BookSync, Depth, OrderBook

SYMBOL, LIMIT = "BTCUSDT", 1000
BASE = os.environ.get("BINANCE_SOCKETS_BASE_URL")
REST = f"{BASE}/spot" if BASE else "https://api.binance.com"
wanted = threading.Event()
lock = threading.Lock()  # diffs come on the socket's thread, snapshots on the main thread


def tell(status: BookStatus) -> None:
    print(f"{status.name}: {status.state.value} {status.why}".rstrip())


book = OrderBook(name=SYMBOL)
sync = BookSync(book, "spot", wanted.set, limit=LIMIT, on_status=tell)


def on_diff(event: dict[str, Any]) -> None:
    if is_error(event):
        print("gave up:", event["m"])
        return
    with lock:
        sync.diff(Depth(event["U"], event["u"], None, event["b"], event["a"], event["E"]))


with SocketManager() as manager:
    manager.start_depth_socket(SYMBOL, on_diff)
    for _ in range(5):
        while wanted.wait(0.5) or not book.in_sync:
            if wanted.is_set():
                wanted.clear()
                query: dict[str, Any] = {"symbol": SYMBOL, "limit": LIMIT}
                answer = requests.get(f"{REST}/api/v3/depth", params=query, timeout=10).json()
                with lock:
                    sync.snapshot(answer["lastUpdateId"], answer["bids"], answer["asks"])
        print(f"{book.id}: best bid {book.best_bid}, best ask {book.best_ask}, spread {book.spread:.2f}")
