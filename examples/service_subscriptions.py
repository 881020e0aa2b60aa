"""Tickers, candles and books, each with its own handler, before and after connecting. Ends when all have come."""

import threading

from binance_sockets.service import Freq, WebSocketService
from binance_sockets.unified import Depth, Kline, Ticker

service = WebSocketService()
missing = {"ticker", "kline", "depth"}
complete = threading.Event()


def came(kind: str) -> None:
    missing.discard(kind)
    if not missing:
        complete.set()


@service.on_ticker
def handle_ticker(ticker: Ticker) -> None:
    print(f"symbol: {ticker.symbol}, price: {ticker.price}")
    came("ticker")


@service.on_kline
def handle_kline(kline: Kline) -> None:
    print(f"candle: {kline.symbol} {kline.interval} {kline.close_price}")
    came("kline")


@service.on_depth
def handle_depth(book: Depth) -> None:
    if not book.is_diff:
        print(f"bids: {book.bids[:5]}")
        print(f"asks: {book.asks[:5]}")
        came("depth")


service.subscribe_tickers(["BTCUSDT", "ETHUSDT", "BNBUSDT"])
for interval in (Freq.m1, Freq.m5, Freq.h1):
    service.subscribe_kline("BTCUSDT", interval)
with service:
    service.subscribe_depth("BTCUSDT", limit=20)
    service.subscribe_depth_diff("BTCUSDT")
    complete.wait(60)
    service.unsubscribe_tickers(["ETHUSDT", "BNBUSDT"])
    print("still subscribed:", len(service.subscriptions))
