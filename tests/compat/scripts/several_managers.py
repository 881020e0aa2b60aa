import threading

from binance.client import Client
from binance.enums import *
from binance.websockets import BinanceSocketManager

client = Client()
done = {name: threading.Event() for name in ('trades', 'klines', 'depth')}


def feed(name, start):
    bm = BinanceSocketManager(client)

    def callback(msg):
        if not done[name].is_set():
            done[name].set()

    start(bm, callback)
    bm.start()
    return bm


managers = [
    feed('trades', lambda bm, cb: bm.start_trade_socket('BTCUSDT', cb)),
    feed('klines', lambda bm, cb: bm.start_kline_socket('BTCUSDT', cb, interval=KLINE_INTERVAL_1MINUTE)),
    feed('depth', lambda bm, cb: bm.start_depth_socket('BTCUSDT', cb, depth=BinanceSocketManager.WEBSOCKET_DEPTH_10)),
]
for event in done.values():
    event.wait()
for bm in managers:
    bm.close()
print('all feeds')
