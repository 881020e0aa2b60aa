"""Typed events of several streams over one connection; ends after thirty."""

from typing import Any

from binance_sockets import SocketManager, is_error
from binance_sockets.exchanges.binance.models import BookTicker, Combined, Trade

Payload = dict[str, Any]  # of a message that fits no event
Message = Combined[Trade | BookTicker | Payload] | Payload
left = 30


def on_message(message: Message) -> None:
    global left
    if is_error(message):
        print("gave up:", message["m"])
        return
    assert not isinstance(message, dict)  # all others are wrapped
    event = message.data
    if isinstance(event, Trade):
        print(message.stream, "trade", event.price)
    elif isinstance(event, BookTicker):
        print(message.stream, "quote", event.bid_price, event.ask_price)
    left -= 1
    if left == 0:
        manager.close()


manager = SocketManager()
streams = ["btcusdt@trade", "btcusdt@bookTicker"]
manager.start_multiplex_socket(streams, on_message, view="typed")
manager.start()
