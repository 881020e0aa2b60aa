"""Hand slow work to a thread of its own, and decide what happens when it falls behind."""

import threading
import time
from typing import Any

from binance_sockets import Buffered, SocketManager, is_error

WANTED = 20
stored = 0
enough = threading.Event()


def store(trade: dict[str, Any]) -> None:
    """Runs on the buffer's thread: as slow as it must be."""
    global stored
    if is_error(trade):
        print("gave up:", trade["m"])
        enough.set()
        return
    time.sleep(0.02)  # a database, an order over REST, ...
    stored += 1
    if stored == WANTED:
        enough.set()


buffered = Buffered(store, maxsize=1000, on_full="drop_oldest")
with SocketManager() as manager:
    manager.start_trade_socket("BTCUSDT", buffered)
    enough.wait()
buffered.close()  # after its sockets; what still waits is worked off
print(f"stored {stored}, dropped {buffered.dropped}")
