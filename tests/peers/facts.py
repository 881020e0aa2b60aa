"""What an event of an account says, in a form that does not depend on the product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Fact = tuple[Any, ...]
"""``("reply", order, status)``, ``("order", order, status, filled)``, ``("fill", trade, price, qty)`` or
``("balance", asset, amount)``."""


def facts(event: dict[str, Any]) -> Iterator[Fact]:
    """All that one event says of orders, trades and balances."""
    kind = event["e"]
    if kind in ("executionReport", "ORDER_TRADE_UPDATE"):
        yield from _of_order(event if kind == "executionReport" else event["o"])
    elif kind == "outboundAccountPosition":
        for row in event["B"]:
            yield "balance", row["a"], float(row["f"])
    elif kind == "ACCOUNT_UPDATE":
        for row in event["a"]["B"]:
            yield from (("balance", row["a"], float(row[name])) for name in ("wb", "cw"))


def _of_order(order: dict[str, Any]) -> Iterator[Fact]:
    yield "reply", order["i"], order["X"]
    yield "order", order["i"], order["X"], float(order["z"])
    if order["x"] == "TRADE":
        yield "fill", order["t"], float(order["L"]), float(order["l"])
