"""Which errors a loop over a stream service may end with. Ends after ten tickers."""

from itertools import islice

from binance_sockets import BinanceSocketsError, ConfigError, ConnectError, StreamEnded
from binance_sockets.service import WebSocketService

service = WebSocketService()
try:
    service.subscribe_ticker("BTCUSDT")
    service.connect()
    for event in islice(service.listen(), 10):
        print(event.type, event.symbol)
except ConnectError as error:
    print("no connection:", error)
except StreamEnded as error:  # behind what was left to read
    print("the connection was lost for good:", error.failure)
except ConfigError as error:  # a ValueError: a wrong argument
    print("wrong argument:", error)
except BinanceSocketsError as error:
    print("something else:", error)
finally:
    service.close()
