"""Three cells of a notebook. The first may be run again and again."""

# %% Start, or start again
import queue
from typing import Any

from binance_sockets import SocketManager

previous = globals().get("manager")
if previous is not None:  # of the last run: its sockets would stay open
    previous.close()

arrived: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
trades: list[dict[str, Any]] = []

manager = SocketManager()
manager.daemon = True  # a kernel that shuts down does not wait for sockets
conn_key = manager.start_trade_socket("BTCUSDT", arrived.put)
manager.start()
manager.wait_open(conn_key)

# %% Look, as often as you like
trades.append(arrived.get(timeout=30))
while not arrived.empty():
    trades.append(arrived.get())
price = trades[-1].get("p", "none: the connection gave up")
print(len(trades), "trades, last price", price)

# %% The end
manager.close()
