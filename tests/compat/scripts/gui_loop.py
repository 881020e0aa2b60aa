import collections
import time

from binance.client import Client
from binance.websockets import BinanceSocketManager


class Window(object):
    """A user interface's loop, without a screen."""

    def __init__(self):
        self.tasks = collections.deque()
        self.open = True

    def after(self, function, *args):
        self.tasks.append((function, args))

    def mainloop(self):
        while self.open:
            while self.tasks:
                function, args = self.tasks.popleft()
                function(*args)
            time.sleep(0.02)


window = Window()
bm = BinanceSocketManager(Client())
bm.daemon = True
bm.start()
labels = {}


def show(msg):
    labels[msg['s']] = msg['c']
    if len(labels) == 2:
        on_close()


def choose(symbol):
    bm.start_symbol_ticker_socket(symbol, lambda msg: window.after(show, msg))


def on_close():
    bm.close()
    window.open = False


choose('BTCUSDT')
choose('ETHUSDT')
window.mainloop()
print(sorted(labels))
