import multiprocessing
import sys
import time


def work(symbol, queue):
    from binance.client import Client
    from binance.websockets import BinanceSocketManager

    bm = BinanceSocketManager(Client())
    got = []
    bm.start_trade_socket(symbol, got.append)
    bm.start()
    while not got:
        time.sleep(0.05)
    queue.put(got[0]['s'])
    bm.close()


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
