"""Several streams over one connection, until thirty messages have come."""

from collections import Counter
from typing import Any

from binance_sockets import SocketManager

WANTED = 30
received: Counter[str] = Counter()


def on_message(message: dict[str, Any]) -> None:
    if "stream" not in message:
        print("gave up:", message["m"])
        return
    received[message["stream"]] += 1
    if received.total() == WANTED:
        manager.close()


manager = SocketManager()
manager.start_multiplex_socket(["btcusdt@trade", "ethusdt@trade", "btcusdt@bookTicker"], on_message)
manager.start()
manager.join()
for stream, count in received.most_common():
    print(stream, count)
