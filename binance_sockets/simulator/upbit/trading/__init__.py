"""Orders of accounts on Upbit."""

from binance_sockets.simulator.upbit.trading.calls import CALLS
from binance_sockets.simulator.upbit.trading.desk import Desk

__all__ = ["CALLS", "Desk"]
