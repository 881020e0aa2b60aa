"""Compressed messages. A level is not the client's to choose. Ends after one ticker."""

from binance_sockets import ConfigError
from binance_sockets.service import WebSocketService

try:
    WebSocketService(enable_compression=True, compression_level=6)
except ConfigError as error:
    print(error)

service = WebSocketService(enable_compression=True)
service.subscribe_ticker("BTCUSDT")
with service, service.listen() as events:
    print("compressed, if the server agreed:", next(events).symbol)
