"""Ten trades, read one after another; then five at once. Nothing calls back."""

from binance_sockets import SocketManager, StreamEnded
from binance_sockets.exchanges.binance.models import Trade

manager = SocketManager()
try:
    with manager.stream("btcusdt@trade", view="typed", event=Trade[str]) as stream:
        for number, trade in enumerate(stream, start=1):
            print(number, trade.symbol, trade.price)
            if number == 10:
                break
        more = stream.receive_many(5, timeout=60)
        print(len(more), "more, the last one at", more[-1].price)
except StreamEnded as ended:  # the connection gave up
    print(ended)
