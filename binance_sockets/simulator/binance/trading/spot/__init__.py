"""Trading on spot, and on margin, which is spot with other wallets."""

from binance_sockets.simulator.binance.trading.spot.desk import Desk

__all__ = ["Desk"]
