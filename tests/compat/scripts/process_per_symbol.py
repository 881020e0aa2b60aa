import multiprocessing
import sys


def work(symbol, queue):
    from binance.client import Client
    from binance.websockets import BinanceSocketManager

    bm = BinanceSocketManager(Client())

    def callback(msg):
        queue.put(msg['s'])
        bm.close()

    bm.start_trade_socket(symbol, callback)
    bm.start()


if __name__ == '__main__':
    queue = multiprocessing.Queue()
    symbols = ['BTCUSDT', 'ETHUSDT']
    children = [multiprocessing.Process(target=work, args=(s, queue)) for s in symbols]
    for child in children:
        child.start()
    print(sorted({queue.get(timeout=30) for _ in symbols}))
    for child in children:
        child.join()
    sys.exit(max(child.exitcode for child in children))
