"""The calls that trade: pure functions over accounts and markets, whatever carried the request."""

from binance_sockets.simulator.binance.trading.calls import Call, Refused
from binance_sockets.simulator.binance.trading.office import Desks, Office
from binance_sockets.simulator.binance.trading.table import BY_METHOD, BY_REST, CALLS

__all__ = ["BY_METHOD", "BY_REST", "CALLS", "Call", "Desks", "Office", "Refused"]
