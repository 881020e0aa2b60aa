"""A callback that ends its own connection after ten trades; the process ends with it."""

from typing import Any

from binance_sockets import SocketManager, is_error

prices: list[float] = []


def on_trade(trade: dict[str, Any]) -> None:
    if is_error(trade):
        print("gave up:", trade["m"])
        return
    prices.append(float(trade["p"]))
    if len(prices) == 10:
        manager.stop_socket(conn_key)  # no further callback after this one


manager = SocketManager()
conn_key = manager.start_trade_socket("BTCUSDT", on_trade)
manager.start()
manager.join()
print(f"mean of {len(prices)} trades: {sum(prices) / len(prices):.2f}")
