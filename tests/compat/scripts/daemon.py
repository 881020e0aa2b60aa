import time

from binance.client import Client
from binance.websockets import BinanceSocketManager

got = []
bm = BinanceSocketManager(Client())
bm.setDaemon(True)
bm.start_trade_socket('BTCUSDT', got.append)
bm.start()
while not got:
    time.sleep(0.05)
print('leaving')
