import threading
import time

from binance.client import Client
from binance.websockets import BinanceSocketManager
from twisted.internet import reactor

balance = {'busy': 0, 'worst': 0, 'calls': 0}


def trade(msg):
    balance['busy'] += 1
    balance['worst'] = max(balance['worst'], balance['busy'])
    client.get_orderbook_ticker(symbol=msg['s'])
    time.sleep(0.02)
    balance['busy'] -= 1
    balance['calls'] += 1
    if balance['calls'] == 15:
        threading.Thread(target=shutdown).start()


def shutdown():
    bm.close()
    reactor.callFromThread(reactor.stop)


client = Client()
bm = BinanceSocketManager(client)
for symbol in ('BTCUSDT', 'ETHUSDT', 'BNBUSDT'):
    bm.start_aggtrade_socket(symbol, trade)
bm.start()
bm.join()
print(balance['worst'], balance['calls'] >= 15)
