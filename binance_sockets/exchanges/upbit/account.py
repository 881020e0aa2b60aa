"""What an account has by now, over REST: its open orders and balances, in the form of the streams.

Those streams tell what changes and nothing else. Source: docs.upbit.com/kr/reference, ``list-open-orders`` and
``get-balance`` (2026-11).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ...errors import ExchangeError
from .kinds import KINDS
from .messages import Message, Reading
from .rest import UpbitRest

__all__ = ["PRIMED", "account_of"]

_ORDERS = 100  # of one page
_PAGES = 50
_SAME = (
    "uuid", "state", "trades_count", "time_in_force", "identifier", "smp_type", "price", "volume", "remaining_volume",
    "executed_volume", "reserved_fee", "remaining_fee", "paid_fee", "locked", "executed_funds", "prevented_volume",
    "prevented_locked",
)  # fmt: skip

PRIMED = ("myOrder", "myAsset")
"""Streams that begin with what REST has."""


def account_of(name: str, rest: UpbitRest, reading: Reading) -> list[Message]:
    """What there is of ``myOrder`` or ``myAsset``; blocks for a few seconds at most, and raises as REST calls do."""
    found = _orders(rest) if name == "myOrder" else _assets(rest)
    time = int(reading.clock() * 1000)
    common = {"type": name, "stream_type": "SNAPSHOT", "timestamp": time}
    return [Message(name, KINDS[name], {**common, **fields}, None, reading) for fields in found]


def _orders(rest: UpbitRest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in range(1, _PAGES + 1):
        query = {"states[]": ("wait", "watch"), "limit": str(_ORDERS), "page": str(page), "order_by": "asc"}
        rows = _listed(rest.ask_private("/v1/orders/open", query))
        found += [_order(row) for row in rows]
        if len(rows) < _ORDERS:
            return found
    raise ExchangeError(None, f"more than {_ORDERS * _PAGES} open orders")


def _order(row: dict[str, Any]) -> dict[str, Any]:
    numbers = KINDS["myOrder"].part.numbers
    fields = {name: _number(row[name]) if name in numbers else row[name] for name in _SAME if name in row}
    created = row.get("created_at")
    return {
        "code": row["market"],
        "ask_bid": str(row["side"]).upper(),
        "order_type": row["ord_type"],
        **fields,
        "order_timestamp": None if created is None else round(datetime.fromisoformat(created).timestamp() * 1000),
    }


def _assets(rest: UpbitRest) -> list[dict[str, Any]]:
    rows = _listed(rest.ask_private("/v1/accounts", {}))
    assets = [
        {"currency": row["currency"], "balance": _number(row["balance"]), "locked": _number(row["locked"])}
        for row in rows
    ]
    return [{"assets": assets}]


def _number(text: Any) -> Decimal | None:
    return None if text is None else Decimal(str(text))


def _listed(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list):
        raise ExchangeError(None, "the answer is no list")
    return answer
