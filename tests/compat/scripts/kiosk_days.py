import time

from binance.client import Client
from binance.websockets import BinanceSocketManager

counts = {}
errors = []


def on_message(msg):
    if isinstance(msg, dict) and msg.get('e') == 'error':
        errors.append(msg)
        return
    name = msg['stream'] if 'stream' in msg else msg[0]['e'] if isinstance(msg, list) else msg.get('e', 'book')
    counts[name] = counts.get(name, 0) + 1


bm = BinanceSocketManager(Client())
bm.start_kline_socket('BTCUSDT', on_message)
bm.start_miniticker_socket(on_message)
bm.start_depth_socket('ETHUSDT', on_message, depth=5, interval=100)
bm.start_multiplex_socket(['btcusdt@bookTicker', 'ethusdt@trade'], on_message)
bm.start()
for day in range(1, 6):
    counts.clear()
    while len(counts) < 5:
        time.sleep(0.05)
    print('day', day, flush=True)
    time.sleep(0.3)
bm.close()
print('errors', errors)
