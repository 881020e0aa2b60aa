"""All calls: what they are called on the WebSocket API and over REST, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping

from binance_sockets.simulator.binance.trading import account
from binance_sockets.simulator.binance.trading.calls import Call

__all__ = ["BY_METHOD", "BY_REST", "CALLS"]

_API = "/api/v3"

CALLS: tuple[Call, ...] = (
    Call(
        account.status, frozenset({"omitZeroBalances"}), "account.status", ("GET", f"{_API}/account"),
        weight=lambda _: 20,
    ),
)  # fmt: skip

BY_METHOD: Mapping[str, Call] = {call.method: call for call in CALLS if call.method}
"""By the method's name on the WebSocket API."""
BY_REST: Mapping[tuple[str, str], Call] = {call.rest: call for call in CALLS if call.rest is not None}
"""By HTTP method and path, without the simulator's prefix of the product."""
