"""The five best bids and asks of a symbol, ten times."""

from typing import Any

from binance_sockets import SocketManager, is_error

left = 10


def on_book(book: dict[str, Any]) -> None:
    global left  # safe: callbacks of one conn_key never run at the same time
    if is_error(book):
        print("gave up:", book["m"])
        return
    (bid, bid_size), (ask, ask_size) = book["bids"][0], book["asks"][0]
    print(f"bid {bid} ({bid_size})  ask {ask} ({ask_size})")
    left -= 1
    if left == 0:
        manager.stop_socket(conn_key)


manager = SocketManager()
conn_key = manager.start_depth_socket("BTCUSDT", on_book, depth="5", interval=100)
manager.start()
