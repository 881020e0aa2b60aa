"""Print every trade of one symbol, until Ctrl-C."""

from typing import Any

from binance_sockets import SocketManager, is_error


def on_trade(trade: dict[str, Any]) -> None:
    if is_error(trade):
        print("gave up:", trade["m"])
    else:
        print(trade["s"], trade["p"], trade["q"])


manager = SocketManager()
manager.start_trade_socket("BTCUSDT", on_trade)
manager.start()
