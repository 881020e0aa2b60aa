"""Ten trades as typed events, whose fields editors and checkers know."""

from decimal import Decimal
from typing import Any

from binance_sockets import SocketManager
from binance_sockets.exchanges.binance.models import Trade

WANTED = 10
received = 0
turnover = Decimal(0)


def on_trade(trade: Trade | dict[str, Any]) -> None:
    global received, turnover
    if isinstance(trade, dict):  # the last payload of a connection that gives up
        print("gave up:", trade["m"])
        return
    received += 1
    turnover += trade.price_decimal * trade.quantity_decimal
    if received == WANTED:
        manager.close()


manager = SocketManager()
manager.start_trade_socket("BTCUSDT", on_trade, view="typed")
manager.start()
manager.join()
print(f"{received} trades, turnover {turnover:.2f}")
