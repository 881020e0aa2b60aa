import queue

from binance.client import Client
from binance.websockets import BinanceSocketManager
from twisted.internet import reactor

q = queue.Queue()
bm = BinanceSocketManager(Client(), user_timeout=60)
symbols = ['btcusdt', 'ethusdt', 'bnbusdt']
streams = [s + '@bookTicker' for s in symbols] + ['btcusdt@depth5@100ms']
conn_key = bm.start_multiplex_socket(streams, q.put)
bm.start()
seen = set()
while len(seen) < 4:
    msg = q.get(timeout=20)
    seen.add(msg['stream'])
    data = msg['data']
print(sorted(seen))
bm.close()
reactor.stop()
