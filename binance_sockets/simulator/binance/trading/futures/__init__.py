"""Trading of USD-M and COIN-M futures: the same orders over linear and inverse contracts."""

from binance_sockets.simulator.binance.trading.futures.desk import FuturesDesk

__all__ = ["FuturesDesk"]
