"""The mark price of a USD-M future, five times. Futures payloads are wrapped, as in python-binance 0.7."""

from typing import Any

from binance_sockets import SocketManager

left = 5


def on_mark_price(message: dict[str, Any]) -> None:
    global left
    if "data" not in message:
        print("gave up:", message["m"])
        return
    mark = message["data"]
    print(mark["s"], "mark", mark["p"], "index", mark["i"], "funding", mark["r"])
    left -= 1
    if left == 0:
        manager.close()


manager = SocketManager()
manager.start_symbol_mark_price_socket("BTCUSDT", on_mark_price, fast=True)
manager.start()
