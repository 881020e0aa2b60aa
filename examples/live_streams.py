"""Streams that join and leave an open socket: the pairs of a watch list, one at a time."""

from collections import Counter
from typing import Any

from binance_sockets import SocketManager

received: Counter[str] = Counter()
watch_list = ["ethusdt@trade", "bnbusdt@trade"]
watched = "btcusdt@trade"


def on_message(message: dict[str, Any]) -> None:
    global watched
    if "stream" not in message:
        print("gave up:", message["m"])
        return
    received[message["stream"]] += 1
    if message["stream"] != watched or received[watched] < 10:
        return
    if not watch_list:
        manager.close()
        return
    following = watch_list.pop(0)
    manager.subscribe(key, following)
    manager.unsubscribe(key, watched)
    watched = following


manager = SocketManager()
key = manager.start_multiplex_socket([watched], on_message, name="watched")
manager.start()
manager.join()
for stream, count in received.items():
    print(stream, count)
