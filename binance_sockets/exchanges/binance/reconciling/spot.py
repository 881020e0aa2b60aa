"""``executionReport`` and ``outboundAccountPosition``, and the answers they are made of: spot and margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from .facts import ZERO, Execution, Fill, Holding, OrderKey, Row, finite, whole

__all__ = ["SpotShape", "account_balances", "isolated_balances", "margin_balances"]


@dataclass(frozen=True)
class SpotShape:
    """Spot and margin.

    Args:
        micro: times of events are in microseconds.
        dated: REST tells as of when the balances are.
    """

    micro: bool = False
    dated: bool = True

    amendment: ClassVar[str] = "REPLACED"

    @property
    def _scale(self) -> int:
        return 1000 if self.micro else 1

    def row(self, data: Mapping[str, Any]) -> Row:
        quantity = finite(data["origQty"])
        return Row(
            (data["symbol"], data["orderId"]), quantity, finite(data["executedQty"]),
            max(finite(data["cummulativeQuoteQty"]), ZERO),  # below zero where it is not known
            data["status"], whole(data["time"]), whole(data["updateTime"]), (quantity,), data,
        )  # fmt: skip

    def fill(self, data: Mapping[str, Any]) -> Fill:
        quantity = finite(data["qty"])
        quote = finite(data["quoteQty"]) if "quoteQty" in data else quantity * finite(data["price"])  # margin
        return Fill((data["symbol"], data["orderId"]), whole(data["id"]), quantity, quote, whole(data["time"]), data)

    def execution(self, event: Mapping[str, Any]) -> Execution | None:
        if event["e"] != "executionReport":
            return None
        return Execution(
            (event["s"], event["i"]), event["x"], event["X"], finite(event["z"]), finite(event["Z"]),
            event["t"] if event["x"] == "TRADE" else None, finite(event["l"]), finite(event["Y"]),
            (finite(event["q"]),), event["T"] // self._scale,
        )  # fmt: skip

    def repeats(self, event: Mapping[str, Any]) -> tuple[OrderKey, int] | None:
        return None

    def holdings(self, event: Mapping[str, Any]) -> Sequence[Holding] | None:
        if event["e"] != "outboundAccountPosition":
            return None
        at = event["u"] // self._scale
        return [_holding(row["a"], row["f"], row["l"], at) for row in event["B"]]

    def none_of(self, key: tuple[str, ...]) -> Holding:
        return _holding(key[0], "0", "0", None)

    def report(self, row: Row, kind: str, status: str, time: int, filled: Decimal, quote: Decimal) -> dict[str, Any]:
        """Source: ``user-data-stream.md``, ``rest-api.md`` (2026-07-21)."""
        data, at = row.data, time * self._scale
        working = data.get("workingTime", -1)
        return {
            "e": "executionReport", "E": at, "s": data["symbol"], "c": data["clientOrderId"], "S": data["side"],
            "o": data["type"], "f": data["timeInForce"], "q": data["origQty"], "p": data["price"],
            "P": data.get("stopPrice", "0"), "F": data.get("icebergQty", "0"), "g": data.get("orderListId", -1),
            "C": "", "x": kind, "X": status, "r": "NONE", "i": data["orderId"], "l": "0", "z": f"{filled:f}", "L": "0",
            "n": "0", "N": None, "T": at, "t": -1, "I": -1,
            "w": status in ("NEW", "PARTIALLY_FILLED") and bool(data.get("isWorking", True)), "m": False, "M": False,
            "O": row.opened * self._scale, "Z": f"{quote:f}", "Y": "0", "Q": data.get("origQuoteOrderQty", "0"),
            "V": data.get("selfTradePreventionMode", "NONE"),
            **({"W": working * self._scale} if working > 0 else {}),
        }  # fmt: skip

    def trade(self, row: Row, fill: Fill, status: str, filled: Decimal, quote: Decimal) -> dict[str, Any]:
        data = fill.data
        return {
            **self.report(row, "TRADE", status, fill.time, filled, quote), "l": data["qty"], "L": data["price"],
            "Y": f"{fill.quote:f}", "t": fill.number, "n": data["commission"], "N": data["commissionAsset"],
            "m": data["isMaker"],
        }  # fmt: skip

    def account(self, holdings: Sequence[Holding], now: int) -> dict[str, Any]:
        at = max((row.at for row in holdings if row.at is not None), default=now) * self._scale
        return {"e": "outboundAccountPosition", "E": at, "u": at, "B": [row.data for row in holdings]}


def account_balances(answer: Any) -> list[Holding]:
    """Of ``GET .../account``."""
    at = answer["updateTime"]
    return [_holding(row["asset"], row["free"], row["locked"], at) for row in answer["balances"]]


def margin_balances(answer: Any) -> list[Holding]:
    """Of ``GET .../margin/account``, which does not tell its time."""
    return [_holding(row["asset"], row["free"], row["locked"], None) for row in answer["userAssets"]]


def isolated_balances(answer: Any) -> list[Holding]:
    """Of ``GET .../margin/isolated/account``, asked for one symbol."""
    sides = (row[side] for row in answer["assets"] for side in ("baseAsset", "quoteAsset"))
    return [_holding(row["asset"], row["free"], row["locked"], None) for row in sides]


def _holding(asset: str, free: str, locked: str, at: int | None) -> Holding:
    return Holding((asset,), (finite(free), finite(locked)), at, {"a": asset, "f": free, "l": locked})
