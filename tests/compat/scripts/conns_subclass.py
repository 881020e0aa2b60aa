import time

from binance.client import Client
from binance.websockets import BinanceSocketManager


class BinanceWebsocket(BinanceSocketManager):
    def __init__(self, client, monitor_coins):
        super().__init__(client)
        self.client = client
        self.monitor_coins = monitor_coins
        self.seen = {}
        self._conns = {}
        self._timers = {'user': None, 'margin': None}
        self._listen_keys = {'user': None, 'margin': None}

    def callback(self, msg):
        self.seen[msg['stream'].split('@')[0]] = msg['data']

    def begin(self):
        self.start_multiplex_socket([c.lower() + '@miniTicker' for c in self.monitor_coins], self.callback)
        if not self.is_alive():
            self.start()

    def close(self):
        for key in set(self._conns.keys()):
            self.stop_socket(key)
        self._conns = {}


ws = BinanceWebsocket(Client('', ''), ['BTCUSDT', 'ETHUSDT'])
ws.begin()
while len(ws.seen) < 2:
    time.sleep(0.1)
print(sorted(ws.seen), len(ws._conns), 'streams=btcusdt@miniTicker/ethusdt@miniTicker' in ws._conns)
ws.close()
print(ws._conns)
