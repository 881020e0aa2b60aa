"""All calls of all products, and how they are found."""

from __future__ import annotations

from collections.abc import Mapping

from binance_sockets.simulator.binance.trading.calls import Call
from binance_sockets.simulator.binance.trading.futures import table as futures
from binance_sockets.simulator.binance.trading.options import table as options
from binance_sockets.simulator.binance.trading.spot import table as spot

__all__ = ["BY_METHOD", "BY_REST", "CALLS"]

CALLS: tuple[Call, ...] = (*spot.CALLS, *futures.CALLS, *options.CALLS)

BY_METHOD: Mapping[tuple[str, str], Call] = {(call.product, call.method): call for call in CALLS if call.method}
"""By product, and the method's name on its WebSocket API."""
BY_REST: Mapping[tuple[str, str, str], Call] = {
    (call.product, *call.rest): call for call in CALLS if call.rest is not None
}
"""By product, HTTP method, and path without the simulator's prefix of the product."""
