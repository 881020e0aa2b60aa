"""websockets: one combined connection; its ``async for`` reconnects."""

import json

from websockets import connect
from websockets.exceptions import ConnectionClosed

_NAMES = {"btcusdt@trade": "trade", "btcusdt@kline_1m": "kline", "btcusdt@bookTicker": "bookTicker"}


async def streams(exchange):
    exchange.asked(*_NAMES.values())
    async for connection in connect(f"{exchange.ws}/spot/stream?streams=" + "/".join(_NAMES), proxy=None):
        try:
            async for text in connection:
                message = json.loads(text)
                data = message["data"]
                if message["stream"] == "btcusdt@trade":
                    exchange.trade(data["t"], data["p"], data["q"])
                else:
                    exchange.event(_NAMES[message["stream"]])
        except ConnectionClosed:
            continue


reconnect = streams
