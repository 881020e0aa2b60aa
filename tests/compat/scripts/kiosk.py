import time

from binance.client import Client
from binance.websockets import BinanceSocketManager
from twisted.internet import reactor


def ticker(msg):
    for row in msg:
        prices[row['s']] = row['c']
    print('prices', len(prices) > 0, flush=True)


prices = {}
client = Client()
bm = BinanceSocketManager(client)
bm.start_ticker_socket(ticker)
bm.start()
try:
    while True:
        time.sleep(1)
except KeyboardInterrupt:
    bm.close()
    reactor.stop()
    print('closed')
