"""Trades of every pair against USDT, also of those that will be listed later: which ones are traded most."""

from collections import Counter
from typing import Any

from binance_sockets import SocketManager, SymbolChange

trades: Counter[str] = Counter()


def on_message(message: dict[str, Any]) -> None:
    if "stream" not in message:
        print("gave up:", message["m"])
        return
    trades[message["data"]["s"]] += 1
    if trades.total() == 200:
        manager.close()


def on_symbol(change: SymbolChange) -> None:
    print(change.symbol, change.event.value)  # listed, delisted, halted, resumed


manager = SocketManager()
manager.add_symbol_listener(on_symbol)
key = manager.start_multiplex_socket(["*usdt@trade"], on_message)
manager.start()
manager.wait_open(key)
print(len(manager.snapshot()["connections"][str(key)]["streams"]), "pairs against USDT")
manager.join()
for symbol, count in trades.most_common(3):
    print(symbol, count)
