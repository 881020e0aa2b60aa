import time

from binance.client import Client
from binance.websockets import BinanceSocketManager

got = []
bm = BinanceSocketManager(Client())
bm.start()
bm.start_trade_socket('BTCUSDT', got.append)
while not got:
    time.sleep(0.05)
bm.close()
del got[:]
bm.start_trade_socket('BTCUSDT', got.append)
bm.start()
while not got:
    time.sleep(0.05)
bm.close()
print('revived')
