from binance.client import Client
from binance.websockets import BinanceSocketManager


class BinanceWrapper(BinanceSocketManager):
    def __init__(self, *args):
        super().__init__(Client(*args))
        self.candles = {}

    def load(self, symbol, interval):
        self.candles[symbol] = self._client.get_klines(symbol=symbol, interval=interval, limit=5)
        self.start_kline_socket(symbol, self.on_candle, interval)

    def on_candle(self, msg):
        if msg['e'] == 'error':
            return self.close()
        candle = msg['k']
        rows = self.candles[msg['s']]
        if candle['t'] == rows[-1][0]:
            rows[-1][4] = candle['c']
        else:
            rows.append([candle['t'], candle['o'], candle['h'], candle['l'], candle['c']])
        print(msg['s'], len(rows) >= 5, float(self._client.get_avg_price(symbol=msg['s'])['price']) > 0, flush=True)
        self.close()


wrapper = BinanceWrapper()
wrapper.load('BTCUSDT', '1m')
wrapper.run()
print('run returned')
