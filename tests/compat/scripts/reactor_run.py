from binance.client import Client
from binance.websockets import BinanceSocketManager
from twisted.internet import reactor


def callback(msg):
    print(msg['e'], flush=True)
    reactor.callLater(0.1, reactor.stop)


bm = BinanceSocketManager(Client())
bm.start_trade_socket('BTCUSDT', callback)
reactor.run()
print('reactor stopped', reactor.running)
