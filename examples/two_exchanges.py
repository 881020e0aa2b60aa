"""One coin on two exchanges in one callback: how far their prices are apart, in percent.

Unified events have the same fields and units wherever they come from, and ``instrument`` tells what is the same.
"""

import threading

from binance_sockets import SocketManager, UpbitSocketManager, is_error
from binance_sockets.unified import Trade

LINES = 10

last: dict[str, float] = {}
told = 0
lock = threading.Lock()  # each manager calls back on threads of its own
done = threading.Event()


def on_trade(trade: Trade) -> None:
    global told
    if is_error(trade):
        print("given up:", trade["m"])
        done.set()
        return
    with lock:
        last[trade.exchange] = trade.price
        if len(last) == 2 and told < LINES:
            percent = (last["upbit"] / last["binance"] - 1) * 100
            print(f"{trade.instrument}: binance {last['binance']:.2f}, upbit {last['upbit']:.2f}, {percent:+.3f} %")
            told += 1
            if told == LINES:
                done.set()


with SocketManager() as binance, UpbitSocketManager() as upbit:
    binance.start_trade_socket("BTCUSDT", on_trade, view="unified")
    upbit.start_trade_socket("USDT-BTC", on_trade, view="unified")
    done.wait(60)
