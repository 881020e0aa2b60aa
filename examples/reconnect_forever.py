"""A script that outlives the exchange's maintenance: it never gives up, and logs why it waits. Until Ctrl-C."""

import logging
from typing import Any

from binance_sockets import Backoff, Options, SocketManager, is_error

logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def on_ticker(ticker: dict[str, Any]) -> None:
    if not is_error(ticker):  # an answer that no retry can change still ends in this payload
        print(ticker["s"], ticker["c"])


manager = SocketManager(options=Options(backoff=Backoff(max_reconnects=None, maximum=60)))
manager.start_symbol_ticker_socket("BTCUSDT", on_ticker)
manager.start()
