import os
import threading
import time

from binance.client import Client
from binance.websockets import BinanceSocketManager


class FuturesWebsockets(BinanceSocketManager):
    STREAM_URL = 'wss://stream.binance.com:9443/'
    FSTREAM_URL = 'wss://fstream.binance.com/'

    def __init__(self, client, user_timeout=BinanceSocketManager.DEFAULT_USER_TIMEOUT):
        super().__init__(client, user_timeout)
        self._timers['futures'] = None
        self._listen_keys['futures'] = None
        self._account_callbacks['futures'] = None

    def start_futures_user_socket(self, callback):
        listen_key = self._client.futures_stream_get_listen_key()
        return self._start_futures_account_socket('futures', listen_key, callback)

    def _start_futures_account_socket(self, socket_type, listen_key, callback):
        self._check_account_socket_open(listen_key)
        self._listen_keys[socket_type] = listen_key
        self._account_callbacks[socket_type] = callback
        conn_key = self._start_futures_socket(listen_key, callback, prefix='ws/')
        if conn_key:
            self._start_socket_timer(socket_type)
        return conn_key

    def _keepalive_account_socket(self, socket_type):
        if socket_type != 'futures':
            return super()._keepalive_account_socket(socket_type)
        self._client.futures_stream_keepalive(self._listen_keys[socket_type])


done = threading.Event()


def on_event(msg):
    if msg['e'] == 'ORDER_TRADE_UPDATE' and msg['o']['X'] == 'FILLED':
        print(msg['o']['s'], msg['o']['S'], flush=True)
        done.set()


client = Client(os.environ['KEY'], os.environ['SECRET'])
bm = FuturesWebsockets(client, user_timeout=60)
key = bm.start_futures_user_socket(on_event)
bm.start()
bm._keepalive_account_socket('futures')
while not done.is_set():
    client.futures_create_order(symbol='BTCUSDT', side='BUY', type='MARKET', quantity='0.010')
    time.sleep(0.5)
print(key == bm._listen_keys['futures'], key in bm._conns)
bm.stop_socket(key)
bm.close()
