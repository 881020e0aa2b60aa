"""A stream service in a few lines: what is subscribed is read in a loop. Ends after five tickers."""

from itertools import islice

from binance_sockets.service import WebSocketService

service = WebSocketService()
service.subscribe_ticker("BTCUSDT")

for ticker in islice(service.listen("ticker"), 5):
    assert ticker.type == "ticker"
    print("price now:", ticker.price)
service.close()
