"""Calls that carry several others, each with an answer of its own."""

from __future__ import annotations

import json
from typing import Any

from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.binance.trading.calls import Handler, Params, Refused
from binance_sockets.simulator.binance.trading.reading import required

__all__ = ["array_of", "each", "rows_of"]


def each(call: Handler, desk: Any, account: Account, row: Params) -> Any:
    """What a call answers, or the body of its refusal."""
    try:
        return call(desk, account, row)
    except Refused as refused:
        return refused.body


def rows_of(params: Params, name: str, most: int) -> list[dict[str, str]]:
    """The parameters of several calls, from a JSON array of objects.

    Raises:
        Refused: it is none, or has more than ``most`` of them.
    """
    rows = array_of(params, name, most)
    if not all(isinstance(row, dict) for row in rows):
        raise Refused(-1130, f"Data sent for parameter '{name}' is not valid.")
    return [{key: _text(value) for key, value in row.items()} for row in rows]


def array_of(params: Params, name: str, most: int) -> list[Any]:
    """The values of a JSON array.

    Raises:
        Refused: it is none, or has more than ``most`` of them.
    """
    try:
        rows = json.loads(required(params, name))
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list):
        raise Refused(-1130, f"Data sent for parameter '{name}' is not valid.")
    if not 1 <= len(rows) <= most:
        raise Refused(-4082, "Invalid number of batch place orders.")
    return rows


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
