"""python-binance 0.7.10: ``BinanceSocketManager`` on Twisted and autobahn."""

from __future__ import annotations

from types import SimpleNamespace

from binance.client import Client
from binance.websockets import BinanceSocketManager
from harness import Meter, main, rest_base, shape_of, symbol, websocket_base


def run(task: SimpleNamespace, meter: Meter) -> None:
    Client.API_URL = rest_base(task) + "/api"
    BinanceSocketManager.STREAM_URL = websocket_base(task) + "/"
    manager = BinanceSocketManager(Client("", ""))
    start = {
        "trade": manager.start_trade_socket,
        "aggTrade": manager.start_aggtrade_socket,
        "bookTicker": manager.start_symbol_book_ticker_socket,
        "depth": lambda name, callback: manager.start_depth_socket(name, callback, interval=100),
        "miniTickerArr": lambda name, callback: manager.start_miniticker_socket(callback),
        "combined": lambda name, callback: manager.start_multiplex_socket(task.streams, callback),
    }[task.payload]
    for index in range(task.connections):
        start(symbol(index), meter.callback(shape_of(task.payload, task.wrapped)))
    manager.start()


main(run)
