"""Hand slow work to a thread of your own, and decide what happens when it falls behind."""

import queue
import threading
import time

from binance_sockets import SocketManager

WANTED = 20
tasks: "queue.Queue[dict]" = queue.Queue(maxsize=100)
dropped = 0


def on_trade(trade: dict) -> None:
    """Runs on the connection's thread: quick."""
    global dropped
    if trade["e"] == "error":
        print("gave up:", trade["m"])
        return
    while True:
        try:
            return tasks.put_nowait(trade)
        except queue.Full:
            tasks.get_nowait()  # the oldest goes
            dropped += 1


def work() -> None:
    """Runs on its own thread: as slow as it must be."""
    for _ in range(WANTED):
        trade = tasks.get()
        time.sleep(0.02)  # a database, an order over REST, ...
        print("stored", trade["t"], trade["p"])
    print("dropped", dropped)
    manager.close()


manager = SocketManager()
manager.start_trade_socket("BTCUSDT", on_trade)
manager.start()
worker = threading.Thread(target=work, name="worker")
worker.start()
worker.join()
