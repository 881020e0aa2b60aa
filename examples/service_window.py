"""The mean price of the last sixty seconds, by symbol, made by the method of an object. Ends after three means."""

import threading
from collections.abc import Sequence

from binance_sockets import Windowed
from binance_sockets.service import WebSocketService
from binance_sockets.unified import Market, Ticker

service = WebSocketService()


def mean_price(tickers: Sequence[Ticker]) -> float:
    return sum(ticker.price for ticker in tickers) / len(tickers)


class DataAggregator:
    def __init__(self, window_size: float = 60) -> None:
        self.enough = threading.Event()
        self.shown = 0
        self.window = Windowed(self.show, seconds=window_size, every=1, reducer=mean_price)
        service.register(self)  # from now on aggregate_data is called on this object

    @service.on_ticker
    def aggregate_data(self, ticker: Ticker) -> None:
        self.window(ticker)

    def show(self, means: dict[Market, float]) -> None:
        for market, mean in means.items():
            print(f"{market.symbol} mean price of a minute: {mean:.2f}")
        self.shown += 1
        if self.shown == 3:
            self.enough.set()


aggregator = DataAggregator()
service.subscribe_tickers(["BTCUSDT", "ETHUSDT"])
with service:
    aggregator.enough.wait(60)
aggregator.window.close()
