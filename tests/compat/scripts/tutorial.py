from binance.client import Client
from binance.websockets import BinanceSocketManager

client = Client('', '')


def process_message(msg):
    print("message type: {}".format(msg['e']), flush=True)
    print(msg['s'], msg['p'], flush=True)


bm = BinanceSocketManager(client)
conn_key = bm.start_trade_socket('BNBBTC', process_message)
bm.start()
