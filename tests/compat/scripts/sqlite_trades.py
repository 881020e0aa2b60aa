import sqlite3
import sys

from binance.client import Client
from binance.websockets import BinanceSocketManager

db = sqlite3.connect(sys.argv[1], check_same_thread=False)
db.execute('create table trades (symbol text, price real, buyer integer)')
count = 0


def store(msg):
    global count
    count += 1
    db.execute('insert into trades values (?, ?, ?)', (msg['s'], float(msg['p']), msg['b']))
    db.commit()
    if count >= 10:
        bm.close()


bm = BinanceSocketManager(Client())
for symbol in ('BTCUSDT', 'ETHUSDT', 'BNBUSDT'):
    bm.start_trade_socket(symbol, store)
bm.start()
bm.join()
print(db.execute('select count(*) from trades').fetchone()[0] >= 10)
db.close()
