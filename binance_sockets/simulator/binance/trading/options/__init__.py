"""Trading of European options: limit orders, premiums in cash, and short positions with margin."""

from binance_sockets.simulator.binance.trading.options.desk import OptionsDesk

__all__ = ["OptionsDesk"]
