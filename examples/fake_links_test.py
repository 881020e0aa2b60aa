"""Test a callback without sockets and without waiting: the links follow a script, time is made up."""

import json
from typing import Any

from binance_sockets import SocketManager
from binance_sockets.testing import Drop, FakeClock, Script, ScriptedTransport, text

TRADE = {"e": "trade", "E": 1, "s": "BNBBTC", "q": "5", "T": 1, "m": True, "M": True}


def trade(number: int, price: str) -> str:
    """A trade has an id of its own: one that comes again behind a reconnect is a copy, and dropped."""
    return json.dumps({**TRADE, "t": number, "p": price})


def test_prices_and_the_end() -> None:
    """Two prices on the first link, one after a reconnect, then five refused attempts."""
    first = Script([text(trade(1, "1.0")), text(trade(2, "2.0")), Drop()])
    second = Script([text(trade(3, "3.0")), Drop()])
    transport = ScriptedTransport(FakeClock(), [first, second])
    seen: list[str] = []

    def callback(msg: dict[str, Any]) -> None:
        seen.append(msg["p"] if msg["e"] == "trade" else msg["m"])

    manager = SocketManager(transport=transport)
    manager.start_trade_socket("BNBBTC", callback)
    manager.run()
    manager.close()
    assert seen == ["1.0", "2.0", "3.0", "Max reconnect retries reached"]


if __name__ == "__main__":
    test_prices_and_the_end()
    print("passed")
