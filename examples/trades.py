"""Print every trade of one symbol, until Ctrl-C."""

from binance_sockets import SocketManager


def on_trade(trade: dict) -> None:
    if trade["e"] == "error":
        print("gave up:", trade["m"])
    else:
        print(trade["s"], trade["p"], trade["q"])


manager = SocketManager()
manager.start_trade_socket("BTCUSDT", on_trade)
manager.start()
