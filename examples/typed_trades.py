"""Ten trades as typed events, whose fields editors and checkers know."""

from decimal import Decimal
from typing import Any

from binance_sockets import SocketManager, is_error
from binance_sockets.exchanges.binance.models import Trade

WANTED = 10
received = 0
turnover = Decimal(0)


def on_trade(trade: Trade | dict[str, Any]) -> None:
    global received, turnover
    if is_error(trade):
        print("gave up:", trade["m"])
        return
    if isinstance(trade, dict):  # it fits no event, and is as with view="dict"
        print("unusual:", trade)
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
