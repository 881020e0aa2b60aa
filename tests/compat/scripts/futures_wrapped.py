import time

from binance.client import Client
from binance.websockets import BinanceSocketManager

client = Client()
print(float(client.futures_mark_price(symbol='BTCUSDT')['markPrice']) > 0)
got = {}
bm = BinanceSocketManager(client)


def on_message(msg):
    got[msg['stream'].split('@')[1]] = msg['data']['s']


bm.start_symbol_mark_price_socket('BTCUSDT', on_message)
bm.start_aggtrade_futures_socket('BTCUSDT', on_message)
bm.start_symbol_ticker_futures_socket('BTCUSDT', on_message)
bm.start()
while len(got) < 3:
    time.sleep(0.1)
bm.close()
print(sorted(got))
