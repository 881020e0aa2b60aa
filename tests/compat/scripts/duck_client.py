import atexit
import csv
import signal
import sys

from binance.websockets import BinanceSocketManager


class Exchange(object):
    """A client of somebody else."""

    name = 'binance'

    def stream_get_listen_key(self):
        raise NotImplementedError


out = csv.writer(sys.stdout)
done = []


def shutdown(*args):
    if not done:
        done.append(True)
        bm.close()


def on_book(msg):
    if 'e' in msg and msg['e'] == 'error':
        return
    out.writerow([len(msg['bids']), len(msg['asks']), msg['lastUpdateId'] > 0])
    sys.stdout.flush()
    shutdown()


bm = BinanceSocketManager(Exchange(), user_timeout='300')
bm.start_depth_socket('btcusdt', on_book, '20')
bm.start()
signal.signal(signal.SIGTERM, shutdown)
atexit.register(shutdown)
