import sys
import time

from binance.client import Client
from binance.websockets import BinanceSocketManager

Client.API_URL = sys.argv[1] + '/spot/api'
client = Client(None, None, {'timeout': 20})
client.API_URL = sys.argv[1] + '/spot/api'
client.timestamp_offset = client.get_server_time()['serverTime'] - int(time.time() * 1000)
got = []


def callback(msg):
    got.append(msg)


bm = BinanceSocketManager(client)
keys = [bm.start_symbol_ticker_socket(row['symbol'], callback) for row in client.get_all_tickers()[:3]]
bm.start()
while len(set(msg['s'] for msg in got)) < 3:
    time.sleep(0.05)
print(len(keys), abs(client.timestamp_offset) < 5000)
bm.close()
