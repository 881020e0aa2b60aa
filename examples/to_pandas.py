"""Trades as a pandas DataFrame, and bars of one second. Needs pandas."""

import queue
from typing import Any

import pandas as pd

from binance_sockets import SocketManager, is_error

WANTED = 100
# from the stream's thread to this one
arrived: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
trades: list[dict[str, Any]] = []

with SocketManager() as manager:
    manager.start_trade_socket("BTCUSDT", arrived.put)
    while len(trades) < WANTED:
        trade = arrived.get()
        if is_error(trade):
            raise SystemExit(f"gave up: {trade['m']}")
        trades.append(trade)

times = [trade["T"] for trade in trades]
frame = pd.DataFrame(
    {
        "price": [float(trade["p"]) for trade in trades],  # sent as text
        "quantity": [float(trade["q"]) for trade in trades],
    },
    index=pd.to_datetime(times, unit="ms", utc=True),
)
bars = frame["price"].resample("1s").ohlc()
bars["volume"] = frame["quantity"].resample("1s").sum()
print(bars.dropna().tail())
