import time

from binance.client import Client
from binance.websockets import BinanceSocketManager

MAX_ERROR = 'Max reconnect retries reached'
state = {'restart': False, 'messages': 0, 'rounds': 0}


def process_message(msg):
    if msg['e'] == 'error' and msg['m'] == MAX_ERROR:
        print('error', flush=True)
        state['restart'] = True
    else:
        state['messages'] += 1


def begin():
    global conn_key
    conn_key = bm.start_trade_socket('BTCUSDT', process_message)


bm = BinanceSocketManager(Client())
begin()
bm.start()
while state['messages'] < 3:
    time.sleep(0.05)
print('running', flush=True)
while not state['restart']:
    time.sleep(0.05)
bm.stop_socket(conn_key)
bm.close()
state['messages'] = 0
while not state['messages']:
    begin()
    if not bm.is_alive():
        bm.start()
    time.sleep(0.5)
    if not state['messages'] and conn_key and state['restart']:
        bm.stop_socket(conn_key)
print('running again', conn_key)
bm.close()
