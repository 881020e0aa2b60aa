"""What a stream service tells of its connection. Ends after ten trades; a server that is gone for good ends it, too."""

import threading

from binance_sockets import BinanceSocketsError
from binance_sockets.service import WebSocketService
from binance_sockets.unified import Trade

service = WebSocketService(
    auto_reconnect=True,
    max_reconnect_attempts=10,
    reconnect_delay=1,
    max_reconnect_delay=60,
    backoff_factor=2.0,
)
over = threading.Event()
left = 10


@service.on_connect
def connected() -> None:
    print("connected")


@service.on_disconnect
def disconnected() -> None:
    print("disconnected")


@service.on_error
def failed(error: BinanceSocketsError) -> None:
    print("error:", error)


@service.on_reconnect
def attempt_begins(attempt: int) -> None:
    print("reconnecting, attempt", attempt)


@service.on_reconnect_failed
def gave_up(attempts: int) -> None:
    print("gave up after", attempts, "attempts")  # the place for another source of data
    over.set()


@service.on_trade
def count(trade: Trade) -> None:
    global left
    left -= 1
    if left == 0:
        over.set()


service.subscribe_trade("BTCUSDT")
with service:
    over.wait(60)
