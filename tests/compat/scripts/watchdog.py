import threading
import time

from binance.client import Client
from binance.websockets import BinanceSocketManager

last = [time.time()]
restarts = []


def callback(msg):
    last[0] = time.time()


bm = BinanceSocketManager(Client())
key = bm.start_trade_socket('BTCUSDT', callback)
bm.start()


def watch():
    global key
    while len(restarts) < 2:
        time.sleep(0.2)
        if len(restarts) == 0 or time.time() - last[0] > 0.0:
            bm.stop_socket(key)
            key = bm.start_trade_socket('BTCUSDT', callback)
            restarts.append(key)
    bm.close()
    print(restarts)


t = threading.Thread(target=watch)
t.daemon = True
t.start()
t.join()
