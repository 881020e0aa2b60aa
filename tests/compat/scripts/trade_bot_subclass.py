import time

from binance.client import Client
from binance.websockets import BinanceClientFactory, BinanceClientProtocol, BinanceSocketManager
from binance.websockets import connectWS, ssl
from twisted.internet import reactor


class StreamManager(BinanceSocketManager):
    def __init__(self, client, *args, **kwargs):
        super().__init__(client, *args, **kwargs)
        self.prices = {}

    def _start_socket(self, path, callback, prefix='ws/'):
        if path in self._conns:
            return False
        factory_url = self.STREAM_URL + prefix + path
        factory = BinanceClientFactory(factory_url)
        factory.protocol = BinanceClientProtocol
        factory.callback = callback
        factory.reconnect = True
        context_factory = ssl.ClientContextFactory()
        self._conns[path] = connectWS(factory, context_factory)
        return path


manager = StreamManager(Client())
got = []
key = manager.start_miniticker_socket(got.append)
while not key:
    time.sleep(1)
    key = manager.start_miniticker_socket(got.append)
manager.start()
while not got:
    time.sleep(0.1)
for row in got[0]:
    manager.prices[row['s']] = float(row['c'])
print(key, len(manager.prices) > 0)
manager.close()
reactor.stop()
