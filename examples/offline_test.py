"""How to test your own callback without the exchange: run with pytest, or as a script. Needs the extra ``sim``."""

import threading
from typing import Any

from binance_sockets import SocketManager
from binance_sockets.simulator import Simulator


class HighestPrice:
    """The code under test: a callback that keeps the highest price."""

    def __init__(self) -> None:
        self.price = 0.0
        self.enough = threading.Event()
        self._trades = 0

    def __call__(self, trade: dict[str, Any]) -> None:
        self.price = max(self.price, float(trade["p"]))
        self._trades += 1
        if self._trades == 20:
            self.enough.set()


def test_highest_price_rises_above_zero() -> None:
    highest = HighestPrice()
    with Simulator(seed=1, speed=10) as exchange, SocketManager(environment=exchange.environment) as manager:
        conn_key = manager.start_trade_socket("BTCUSDT", highest)
        manager.wait_open(conn_key, timeout=10)
        assert highest.enough.wait(timeout=30)
    assert highest.price > 0


if __name__ == "__main__":
    test_highest_price_rises_above_zero()
    print("passed")
