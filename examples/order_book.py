"""Keep an order book for a few seconds: it is right, or it says that it is not."""

import time

from binance_sockets import SocketManager
from binance_sockets.books import BookStatus
from binance_sockets.errors import BookOutOfSync


def tell(status: BookStatus) -> None:
    print(f"{status.name}: {status.state.value} {status.why}".rstrip())


with SocketManager() as manager:
    key = manager.start_order_book("BTCUSDT", on_status=tell, audit_every=600)
    book = manager.order_book(key)
    for _ in range(5):
        time.sleep(0.5)
        try:  # any thread may ask; an answer is one moment of the exchange
            top = book.top(1)
            print(f"{top.id}: best bid {top.bids[0]}, best ask {top.asks[0]}, 0.01 cost {book.vwap('asks', 0.01):.2f}")
        except BookOutOfSync as error:
            print(error)
