"""python-binance 1.0.37: ``ThreadedWebsocketManager``.

Its default ``max_queue_size`` of 100 ends a stream for good in any burst, so it gets a queue that holds the whole run.
"""

from __future__ import annotations

from types import SimpleNamespace

from binance import ThreadedWebsocketManager
from binance.base_client import BaseClient
from binance.ws.streams import BinanceSocketManager
from harness import Meter, main, rest_base, shape_of, symbol, websocket_base


def run(task: SimpleNamespace, meter: Meter) -> None:
    BaseClient.API_URL = rest_base(task) + "/api"
    BinanceSocketManager.STREAM_URL = websocket_base(task) + "/"
    manager = ThreadedWebsocketManager(max_queue_size=100_000_000)
    manager.start()
    for index in range(task.connections):
        callback = meter.callback(shape_of(task.payload, task.wrapped))
        if task.payload == "trade":
            manager.start_trade_socket(callback, symbol(index))
        elif task.payload == "aggTrade":
            manager.start_aggtrade_socket(callback, symbol(index))
        elif task.payload == "bookTicker":
            manager.start_symbol_book_ticker_socket(callback, symbol(index))
        elif task.payload == "depth":
            manager.start_depth_socket(callback, symbol(index), interval=100)
        elif task.payload == "miniTickerArr":
            manager.start_miniticker_socket(callback)
        else:
            manager.start_multiplex_socket(callback, task.streams)


main(run)
