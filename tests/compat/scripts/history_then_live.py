from binance.client import Client
from binance.websockets import BinanceSocketManager
from twisted.internet import reactor

client = Client()
klines = client.get_historical_klines('BTCUSDT', Client.KLINE_INTERVAL_1MINUTE, '30 minutes ago UTC')
closes = [float(row[4]) for row in klines]
info = client.get_symbol_info('BTCUSDT')
print(len(closes) >= 29, info['baseAsset'], client.KLINE_INTERVAL_1HOUR, flush=True)


def process(msg):
    if msg['e'] == 'error':
        return
    candle = msg['k']
    closes.append(float(candle['c']))
    print('live', candle['i'], flush=True)
    bm.close()
    reactor.stop()


bm = BinanceSocketManager(client)
bm.start_kline_socket('BTCUSDT', process, interval=client.KLINE_INTERVAL_1MINUTE)
bm.start()
