import threading

from binance.client import Client
from binance.websockets import BinanceSocketManager


class TradeSocketManager(BinanceSocketManager):
    symbol_hosts = {}

    def __init__(self, symbol, on_trade, **kwargs):
        self.symbol = symbol
        self.lock = threading.Lock()
        self.callback = on_trade
        self.last_message = None
        super().__init__(client=Client(), user_timeout=60, **kwargs)
        self.symbol_hosts[symbol] = self
        self.socket = self.start_trade_socket(symbol, self.on_message)
        self.start()

    def on_message(self, msg):
        with self.lock:
            self.last_message = msg
        self.callback(self, msg)

    def close(self, **kwargs):
        super().close(**kwargs)
        self.symbol_hosts.pop(self.symbol, None)


def on_trade(manager, msg):
    prices.append(float(msg['p']))
    if len(prices) >= 3 and manager.symbol_hosts:
        print(manager.symbol, manager.socket, manager.last_message['e'], len(manager.symbol_hosts), flush=True)
        manager.close()


prices = []
manager = TradeSocketManager('BTCUSDT', on_trade)
manager.join()
print(manager.symbol_hosts, manager.is_alive())
