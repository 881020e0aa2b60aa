import os
import threading

from binance.client import Client
from binance.websockets import BinanceSocketManager
from twisted.internet import reactor

client = Client(os.environ['KEY'], os.environ['SECRET'])
first = threading.Event()


def on_trade(msg):
    first.set()


def on_account(msg):
    print(msg['e'], flush=True)


bm = BinanceSocketManager(client, user_timeout=20)
margin_key = bm.start_margin_socket(on_account)
isolated_key = bm.start_isolated_margin_socket('btcusdt', on_account)
trade_key = bm.start_trade_socket('BTCUSDT', on_trade)
bm.start()
first.wait()
client.margin_stream_keepalive(margin_key)
client.isolated_margin_stream_keepalive('BTCUSDT', isolated_key)
print(bm._listen_keys['margin'] == margin_key, bm._listen_keys['BTCUSDT'] == isolated_key)
again = bm.start_margin_socket(on_account)
print(bool(again), again in bm._conns)
for key in (again, isolated_key, trade_key, 'never opened', False):
    bm.stop_socket(key)
print(len(bm._conns), bm._listen_keys['margin'])
client.margin_stream_close(margin_key)
bm.close()
reactor.stop()
