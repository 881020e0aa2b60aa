"""Store trades in ``trades.csv``, a hundred of them, or until Ctrl-C."""

import csv
import threading
from typing import Any

from binance_sockets import Buffered, SocketManager, is_error

WANTED = 100
FIELDS = {"T": "time", "t": "id", "s": "symbol", "p": "price", "q": "quantity"}
enough = threading.Event()

with open("trades.csv", "w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file)
    writer.writerow(FIELDS.values())
    stored = 0

    def store(trade: dict[str, Any]) -> None:
        """Runs on the buffer's thread: a slow disk never holds the stream."""
        global stored
        if is_error(trade):
            print("gave up:", trade["m"])
            enough.set()
        elif stored < WANTED:
            writer.writerow([trade[field] for field in FIELDS])
            stored += 1
            if stored == WANTED:
                enough.set()

    # The block ends the sockets first, then the buffer, which stores what
    # still waits; then the file is closed.
    with Buffered(store) as buffered, SocketManager() as manager:
        manager.start_trade_socket("BTCUSDT", buffered)
        enough.wait()

print(f"stored {stored} trades in trades.csv")
