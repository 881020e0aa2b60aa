"""Times in microseconds, for connections that asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["in_microseconds"]

_EVENTS: Mapping[str, tuple[str, ...]] = {
    "executionReport": ("E", "T", "O", "W", "D"),
    "outboundAccountPosition": ("E", "u"),
    "balanceUpdate": ("E", "T"),
    "externalLockUpdate": ("E", "T"),
    "listStatus": ("E", "T"),
}
_RESULTS = frozenset(
    {
        "authorizedSince", "closeTime", "connectedSince", "expirationTime", "openTime", "serverTime", "time",
        "transactTime", "transactionTime", "trailingTime", "updateTime", "workingTime",
    }
)  # fmt: skip


def in_microseconds(payload: Any) -> Any:
    """A result or an event whose times are in milliseconds, with all of them in microseconds."""
    if isinstance(payload, list):
        return [in_microseconds(row) for row in payload]
    if not isinstance(payload, dict):
        return payload
    times = _EVENTS.get(payload["e"], ("E",)) if "e" in payload else _RESULTS
    return {
        name: value * 1000 if name in times and isinstance(value, int) and value > 0 else in_microseconds(value)
        for name, value in payload.items()
    }
