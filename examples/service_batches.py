"""Tickers in batches of ten, or of what has come in five seconds. Ends after three batches."""

import threading

from binance_sockets import Batched
from binance_sockets.service import WebSocketService
from binance_sockets.unified import Ticker

service = WebSocketService()


class BatchProcessor:
    def __init__(self, batch_size: int = 10, batch_timeout: float = 5) -> None:
        self.batches = 0
        self.enough = threading.Event()
        self.batch = Batched(self.handle_batch, size=batch_size, seconds=batch_timeout)
        service.register(self)

    @service.on_ticker
    def process(self, ticker: Ticker) -> None:
        self.batch(ticker)

    def handle_batch(self, batch: list[Ticker]) -> None:
        print(f"batch of {len(batch)}, {len({ticker.symbol for ticker in batch})} symbols")
        self.batches += 1
        if self.batches == 3:
            self.enough.set()


processor = BatchProcessor()
service.subscribe_tickers(["BTCUSDT", "ETHUSDT", "BNBUSDT"])
with service:
    processor.enough.wait(60)
processor.batch.close()  # hands over what is left
