"""A moving average over the last 20 one-minute candles, right from the first message on; ends after five."""

from collections import deque
from typing import Any

from binance_sockets import SocketManager, is_error

LENGTH = 20
closes: deque[float] = deque(maxlen=LENGTH)
opened = 0
updates = 0


def on_kline(message: dict[str, Any]) -> None:
    global opened, updates
    if is_error(message):
        print("gave up:", message["m"])
        return
    kline = message["k"]
    if kline["t"] == opened:
        closes[-1] = float(kline["c"])  # the candle of before has changed
    else:
        closes.append(float(kline["c"]))
        opened = kline["t"]
    if len(closes) < LENGTH:
        return
    source = "from the past" if "backfilled" in message else "live"
    print(kline["s"], "close", kline["c"], f"average of {LENGTH}: {sum(closes) / LENGTH:.2f}", source)
    updates += 1
    if updates == 5:
        manager.close()


manager = SocketManager()
manager.start_kline_socket("BTCUSDT", on_kline, interval="1m", history=LENGTH, backfill=True)
manager.start()
