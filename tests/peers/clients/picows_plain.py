"""picows: a listener on one combined connection."""

import json

from picows import WSListener, WSMsgType, ws_connect

_NAMES = {"btcusdt@trade": "trade", "btcusdt@kline_1m": "kline", "btcusdt@bookTicker": "bookTicker"}


async def streams(exchange):
    exchange.asked(*_NAMES.values())

    class Listener(WSListener):
        def on_ws_frame(self, transport, frame):
            if frame.msg_type == WSMsgType.TEXT:
                message = json.loads(frame.get_payload_as_utf8_text())
                data = message["data"]
                if message["stream"] == "btcusdt@trade":
                    exchange.trade(data["t"], data["p"], data["q"])
                else:
                    exchange.event(_NAMES[message["stream"]])

    transport, _ = await ws_connect(Listener, f"{exchange.ws}/spot/stream?streams=" + "/".join(_NAMES))
    await transport.wait_disconnected()
