"""Which errors a loop over a stream service may end with. Ends after ten tickers."""

from itertools import islice

from binance_sockets import BinanceSocketsError, ConfigError, ConnectError, ConnectionLost
from binance_sockets.service import WebSocketService

service = WebSocketService()
try:
    service.subscribe_ticker("BTCUSDT")
    for event in islice(service.listen(), 10):
        print(event.type, event.symbol)
except (ConnectError, ConnectionLost) as error:
    print("no connection:", error)
except ConfigError as error:  # a ValueError: a wrong argument
    print("wrong argument:", error)
except BinanceSocketsError as error:
    print("something else:", error)
finally:
    service.close()
