import multiprocessing
import sys

from binance.client import Client
from binance.enums import KLINE_INTERVAL_1MINUTE
from binance.websockets import BinanceSocketManager


class Feed(object):
    def __init__(self, symbol, queue):
        self.symbol = symbol
        self.queue = queue
        self.bm = BinanceSocketManager(Client())

    def on_kline(self, msg):
        self.queue.put((self.symbol, msg['k']['i']))
        self.bm.close()

    def run(self):
        self.bm.start_kline_socket(self.symbol, self.on_kline, interval=KLINE_INTERVAL_1MINUTE)
        self.bm.start()
        self.bm.join()


def work(symbol, queue):
    Feed(symbol, queue).run()


def last_price(symbol):
    return symbol, float(Client().get_symbol_ticker(symbol=symbol)['price']) > 0


if __name__ == '__main__':
    symbols = ['BTCUSDT', 'ETHUSDT']
    for method in sys.argv[1:]:
        context = multiprocessing.get_context(method)
        queue = context.Queue()
        children = [context.Process(target=work, args=(s, queue)) for s in symbols]
        for child in children:
            child.start()
        print(sorted(queue.get(timeout=30) for _ in symbols), flush=True)
        for child in children:
            child.join()
        with context.Pool(2) as pool:
            print(pool.map(last_price, symbols), flush=True)
            pool.close()
            pool.join()
        print([child.exitcode for child in children], flush=True)
