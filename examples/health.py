"""Watch the connections themselves: a snapshot every second, three times."""

import time
from typing import Any

from binance_sockets import SocketManager


def on_message(message: dict[str, Any]) -> None:
    """A real script would use the message here."""


with SocketManager() as manager:
    conn_key = manager.start_multiplex_socket(["btcusdt@trade", "btcusdt@depth"], on_message)
    manager.wait_open(conn_key, timeout=10)
    for _ in range(3):
        time.sleep(1)
        print(manager.snapshot())
