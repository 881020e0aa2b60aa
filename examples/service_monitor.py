"""Watches several symbols: large moves, and candles that are final. Runs until Ctrl-C."""

from binance_sockets.service import Freq, WebSocketService
from binance_sockets.unified import AnyEvent, Kline, Ticker


class CryptoMonitor:
    def __init__(self) -> None:
        self.service = WebSocketService(auto_reconnect=True)
        self.symbols = ["BTCUSDT", "ETHUSDT", "BNBUSDT", "ADAUSDT"]

    def start_monitoring(self) -> None:
        for symbol in self.symbols:
            self.service.subscribe_ticker(symbol)
            self.service.subscribe_kline(symbol, Freq.m1)
        self.service.connect()
        print("watching", ", ".join(self.symbols))
        for event in self.service.listen():
            self.process(event)

    def process(self, event: AnyEvent) -> None:
        if event.type == "ticker":
            self.handle_price_change(event)
        elif event.type == "kline":
            self.handle_kline_update(event)

    def handle_price_change(self, ticker: Ticker) -> None:
        if abs(ticker.price_change_percent) > 3:
            direction = "up" if ticker.price_change_percent > 0 else "down"
            print(f"{direction} {ticker.symbol}: {ticker.price_change_percent:.2f}%")

    def handle_kline_update(self, kline: Kline) -> None:
        if kline.is_closed:
            print(f"{kline.symbol} candle: open {kline.open_price}, close {kline.close_price}")


monitor = CryptoMonitor()
try:
    monitor.start_monitoring()
except KeyboardInterrupt:
    print("stopped")
finally:
    monitor.service.close()
