"""Runs until SIGTERM, as ``docker stop`` sends it, and ends in order."""

import signal
import sys
from types import FrameType
from typing import Any

from binance_sockets import SocketManager, is_error


def on_sigterm(number: int, frame: FrameType | None) -> None:
    sys.exit(0)  # leaves join() and the block, which closes all sockets


def on_trade(trade: dict[str, Any]) -> None:
    if is_error(trade):
        print("gave up:", trade["m"])
    else:
        print(trade["s"], trade["p"])


signal.signal(signal.SIGTERM, on_sigterm)
with SocketManager() as manager:
    manager.start_trade_socket("BTCUSDT", on_trade)
    manager.join()  # the main thread must be there for the signal
sys.exit("no socket is left")
