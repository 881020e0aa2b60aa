"""Follow one's own orders: each event of an order, and the balances behind it. Needs a key that may trade.

It places a buy order far below the market and takes it back. Try it on the embedded exchange or on the testnet.
"""

import threading
from typing import Any

from binance_sockets import SocketManager, WebSocketAPI, is_error
from binance_sockets.exchanges.binance.models import AccountPosition, ExecutionReport

SYMBOL = "BTCUSDT"
cancelled = threading.Event()


def on_event(event: Any) -> None:
    if is_error(event):
        print("gave up:", event["m"])
        cancelled.set()
    elif isinstance(event, ExecutionReport):
        print(event.symbol, event.side, event.quantity, "at", event.price, event.status)
        if event.status == "CANCELED":
            cancelled.set()
    elif isinstance(event, AccountPosition):
        for balance in event.balances:
            print(balance.asset, balance.free, "free,", balance.locked, "locked")


with SocketManager() as manager, WebSocketAPI() as api:
    key = manager.start_user_socket(on_event, view="typed")
    manager.wait_open(key)  # from here on every event of the account arrives
    price = round(float(api.ticker_price(symbol=SYMBOL)["price"]) * 0.8)
    order = api.order_place(SYMBOL, "BUY", "LIMIT", timeInForce="GTC", quantity="0.001", price=price)
    api.order_cancel(SYMBOL, orderId=order["orderId"])
    cancelled.wait(10)
