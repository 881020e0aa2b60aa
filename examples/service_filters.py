"""Several handlers of one kind, each with a filter of its own. Ends after twenty tickers."""

import threading

from binance_sockets.service import WebSocketService
from binance_sockets.unified import Ticker

service = WebSocketService()
enough = threading.Event()
seen = 0


@service.on_ticker
def price_filter(ticker: Ticker) -> None:
    if abs(ticker.price_change_percent) > 5:
        print(f"moved: {ticker.symbol} {ticker.price_change_percent}%")


@service.on_ticker
def volume_filter(ticker: Ticker) -> None:
    if ticker.volume > 1_000_000:
        print(f"busy: {ticker.symbol} {ticker.volume}")


@service.on_ticker
def count(ticker: Ticker) -> None:
    global seen
    seen += 1
    if seen == 20:
        enough.set()


service.subscribe_tickers(["BTCUSDT", "ETHUSDT", "BNBUSDT"])
with service:
    enough.wait(60)
print("looked at", seen, "tickers")
