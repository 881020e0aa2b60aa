import threading

from binance.client import Client
from binance.websockets import BinanceSocketManager

rounds = 0


def callback(msg):
    global conn_key, rounds
    if threading.main_thread().is_alive():
        return
    rounds += 1
    bm.stop_socket(conn_key)
    if rounds <= 3:
        conn_key = bm.start_symbol_book_ticker_socket('BTCUSDT', callback)
        print('restarted', conn_key, flush=True)


bm = BinanceSocketManager(Client())
conn_key = bm.start_symbol_book_ticker_socket('BTCUSDT', callback)
bm.start()
