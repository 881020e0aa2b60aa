import sys
import threading

from binance.client import Client
from binance.websockets import BinanceSocketManager


def callback(msg):
    if not threading.main_thread().is_alive():
        print('still here', flush=True)
        bm.close()


bm = BinanceSocketManager(Client())
bm.start_symbol_book_ticker_socket('BTCUSDT', callback)
bm.start()
sys.exit()
