import sqlite3
import sys

from binance.client import Client
from binance.depthcache import DepthCacheManager
from binance.websockets import BinanceSocketManager
from twisted.internet import reactor

db = sqlite3.connect(sys.argv[1], check_same_thread=False)
db.execute('create table best (symbol text, bid real, ask real, time integer)')
rows = {}


def process_depth(depth_cache):
    if depth_cache is None:
        print('lost')
        return
    bids, asks = depth_cache.get_bids(), depth_cache.get_asks()
    if not bids or not asks:
        return
    db.execute('insert into best values (?, ?, ?, ?)',
               (depth_cache.symbol, bids[0][0], asks[0][0], depth_cache.update_time))
    db.commit()
    rows[depth_cache.symbol] = rows.get(depth_cache.symbol, 0) + 1
    if len(rows) == 2 and min(rows.values()) >= 3 and not finished:
        finished.append(True)
        for dcm in caches:
            dcm.close()
        bm.close()
        reactor.stop()


finished = []
client = Client()
bm = BinanceSocketManager(client)
caches = []
for symbol in ('BTCUSDT', 'ETHUSDT'):
    caches.append(DepthCacheManager(client, symbol, bm=bm, refresh_interval=60 * 60, ws_interval=100))
for symbol, dcm in zip(('BTCUSDT', 'ETHUSDT'), caches):
    print(dcm.get_symbol(), len(dcm.get_depth_cache().get_bids()) > 5)
    dcm.close()
caches = [DepthCacheManager(client, s, callback=process_depth, bm=bm, limit=100) for s in ('BTCUSDT', 'ETHUSDT')]
bm.join()
print(db.execute('select count(*) >= 6, min(bid < ask) from best').fetchone())
db.close()
