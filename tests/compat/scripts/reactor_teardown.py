import time

from binance.client import Client
from binance.websockets import BinanceSocketManager
from twisted.internet import reactor

btc_price = {'error': False}


def btc_trade_history(msg):
    if msg['e'] != 'error':
        btc_price['last'] = msg['c']
        btc_price['bid'] = msg['b']
    else:
        btc_price['error'] = True


client = Client(None, None)
bsm = BinanceSocketManager(client)
conn_key = bsm.start_symbol_ticker_socket('BTCUSDT', btc_trade_history)
bsm.start()
while 'last' not in btc_price:
    time.sleep(0.1)
bsm.stop_socket(conn_key)
reactor.stop()
print('last', btc_price['last'])
