"""One-minute candles as they form; ends after five updates."""

from typing import Any

from binance_sockets import SocketManager, is_error

updates = 0


def on_kline(message: dict[str, Any]) -> None:
    global updates
    if is_error(message):
        print("gave up:", message["m"])
        return
    kline = message["k"]
    state = "closed" if kline["x"] else "open"
    print(kline["s"], kline["i"], "close", kline["c"], "volume", kline["v"], state)
    updates += 1
    if updates == 5:
        manager.close()


manager = SocketManager()
manager.start_kline_socket("BTCUSDT", on_kline, interval="1m")
manager.start()
