"""What an event of an account says, in a form that does not depend on the product."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from binance_sockets.simulator.upbit.numbers import encode

Fact = tuple[Any, ...]
"""``("reply", order, status)``, ``("order", order, status, filled)``, ``("fill", trade, price, qty)`` or
``("balance", asset, amount)``."""


def facts(event: dict[str, Any]) -> Iterator[Fact]:
    """All that one event says of orders, trades and balances."""
    if "type" in event:
        yield from _of_upbit(event)
        return
    kind = event["e"]
    if kind in ("executionReport", "ORDER_TRADE_UPDATE"):
        yield from _of_order(event if kind == "executionReport" else event["o"])
    elif kind == "outboundAccountPosition":
        for row in event["B"]:
            yield "balance", row["a"], float(row["f"])
    elif kind == "ACCOUNT_UPDATE":
        for row in event["a"]["B"]:
            yield from (("balance", row["a"], float(row[name])) for name in ("wb", "cw"))


def _of_upbit(event: dict[str, Any]) -> Iterator[Fact]:
    told = json.loads(encode(event))
    if told["type"] == "myAsset":
        for row in told["assets"]:
            yield from (("balance", row["currency"], float(row[name])) for name in ("balance", "locked"))
        return
    yield "reply", told["uuid"], told["state"]
    yield "order", told["uuid"], told["state"], float(told["executed_volume"])
    if told["state"] == "trade":
        yield "fill", told["trade_uuid"], float(told["price"]), float(told["volume"])


def _of_order(order: dict[str, Any]) -> Iterator[Fact]:
    yield "reply", order["i"], order["X"]
    yield "order", order["i"], order["X"], float(order["z"])
    if order["x"] == "TRADE":
        yield "fill", order["t"], float(order["L"]), float(order["l"])
