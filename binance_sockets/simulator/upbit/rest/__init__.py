"""REST calls of Upbit."""

from binance_sockets.simulator.upbit.rest.answering import Rest

__all__ = ["Rest"]
