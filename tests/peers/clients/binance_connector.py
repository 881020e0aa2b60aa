"""binance-connector 3: ``SpotWebsocketStreamClient`` and ``Spot``."""

import json

from binance.spot import Spot
from binance.websocket.spot.websocket_stream import SpotWebsocketStreamClient


def streams(exchange):
    exchange.asked("trade", "kline", "bookTicker", "miniTickers", "depth5")

    def received(_, text):
        message = json.loads(text)
        if isinstance(message, list):
            exchange.event("miniTickers")
        elif message.get("e") == "trade":
            exchange.trade(message["t"], message["p"], message["q"])
        elif message.get("e") == "kline":
            exchange.event("kline")
        elif "lastUpdateId" in message:
            exchange.event("depth5")
        elif "B" in message:
            exchange.event("bookTicker")

    client = SpotWebsocketStreamClient(stream_url=exchange.ws + "/spot", on_message=received)
    client.subscribe(["btcusdt@trade", "btcusdt@kline_1m", "btcusdt@bookTicker"])
    client.mini_ticker()
    client.partial_book_depth("btcusdt", level=5, speed=1000)


def rest(exchange):
    _rest(exchange, Spot(base_url=exchange.url + "/spot"))


def hosts(exchange):
    def received(_, text):
        message = json.loads(text)
        if message.get("e") == "trade":
            exchange.trade(message["t"], message["p"], message["q"])

    _rest(exchange, Spot())
    SpotWebsocketStreamClient(on_message=received).trade("btcusdt")


def _rest(exchange, client):
    depth = client.depth("BTCUSDT")
    exchange.rest(
        [row["symbol"] for row in client.exchange_info()["symbols"]],
        time=client.time()["serverTime"],
        bids=depth["bids"],
        asks=depth["asks"],
        klines=len(client.klines("BTCUSDT", "1m")),
        last=float(client.ticker_price("BTCUSDT")["price"]),
    )
