import os
import threading
import time

from binance.client import Client
from binance.exceptions import BinanceAPIException
from binance.websockets import BinanceSocketManager
from twisted.internet import reactor

client = Client(os.environ['KEY'], os.environ['SECRET'])
filled = threading.Event()


def on_user(msg):
    if msg['e'] == 'error':
        print(msg['m'])
    elif msg['e'] == 'executionReport' and msg['X'] == 'FILLED':
        print(msg['s'], msg['S'], msg['X'], flush=True)
        filled.set()


def keepalive(key):
    client.stream_keepalive(listenKey=key)
    print('alive', flush=True)


bm = BinanceSocketManager(client, user_timeout=60)
user_key = bm.start_user_socket(on_user)
bm.start()
keepalive(user_key)
client.stream_keepalive(bm._listen_keys['user'])
time.sleep(1)
try:
    order = client.order_market_buy(symbol='BTCUSDT', quantity=0.01)
except BinanceAPIException as e:
    print(e.code, e.message)
filled.wait()
bm.stop_socket(user_key)
client.stream_close(user_key)
bm.close()
reactor.stop()
