import time

from binance.client import Client
from binance.websockets import BinanceSocketManager


class Feed:
    def __init__(self, client):
        self.bm = BinanceSocketManager(client)
        self.keys = {}
        self.counts = {}

    def on_message(self, msg):
        self.counts[msg['s']] = self.counts.get(msg['s'], 0) + 1

    def use(self, symbols):
        self.bm.close()
        self.keys = {s: self.bm.start_symbol_book_ticker_socket(s, self.on_message) for s in symbols}
        if not self.bm.is_alive():
            self.bm.start()

    def wait(self, symbols):
        while not all(self.counts.get(s) for s in symbols):
            time.sleep(0.05)


feed = Feed(Client())
for symbols in (['BTCUSDT', 'ETHUSDT'], ['BNBUSDT'], ['BTCUSDT', 'BNBUSDT']):
    feed.counts = {}
    feed.use(symbols)
    feed.wait(symbols)
    print(sorted(feed.keys.values()), flush=True)
feed.bm.close()
