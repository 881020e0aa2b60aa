import sys

from binance.client import Client
from binance.websockets import BinanceSocketManager


class App(object):
    def __init__(self):
        self.bm = BinanceSocketManager(Client())
        self.seen = 0

    def callback(self, msg):
        self.seen += 1
        if self.seen == 5:
            print('five', flush=True)
            self.bm.close()


def main():
    app = App()
    app.bm.start_depth_socket('BTCUSDT', app.callback, interval=100)
    app.bm.start()
    return 0


if __name__ == '__main__':
    sys.exit(main())
