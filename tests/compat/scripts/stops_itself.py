from binance.client import Client
from binance.websockets import BinanceSocketManager

count = 0


def callback(msg):
    global count
    count += 1
    print(count, flush=True)
    if count == 3:
        bm.stop_socket(key)
        print('stopped', flush=True)


bm = BinanceSocketManager(Client())
key = bm.start_aggtrade_socket('BTCUSDT', callback)
bm.start()
