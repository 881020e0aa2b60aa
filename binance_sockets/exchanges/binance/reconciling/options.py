"""``ORDER_TRADE_UPDATE`` and ``BALANCE_POSITION_UPDATE`` of options, and the answers they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from .facts import ZERO, Execution, Fill, Holding, OrderKey, Row, finite, whole

__all__ = ["OptionsShape", "option_balances", "option_positions"]

_STATUS = {"ACCEPTED": "NEW", "CANCELLED": "CANCELED"}  # older words of REST
_rounded = Context(prec=8).create_decimal  # events and REST may round entry prices differently


class OptionsShape:
    """Options. What fills are worth is not counted, as events do not tell it; orders are never amended.

    REST writes what was sold below zero in some answers, events do not.
    """

    amendment = "AMENDMENT"
    dated = False

    def row(self, data: Mapping[str, Any]) -> Row:
        status = _STATUS.get(data["status"], data["status"])
        return Row(
            (data["symbol"], data["orderId"]), abs(finite(data["quantity"])), abs(finite(data["executedQty"])), ZERO,
            status, whole(data.get("createTime", data["updateTime"])), whole(data["updateTime"]), (), data,
        )  # fmt: skip

    def fill(self, data: Mapping[str, Any]) -> Fill:
        """``tradeId`` is what events tell; ``id`` counts the rows."""
        order = data["symbol"], data["orderId"]
        return Fill(order, whole(data["tradeId"]), abs(finite(data["quantity"])), ZERO, whole(data["time"]), data)

    def execution(self, event: Mapping[str, Any]) -> Execution | None:
        if event["e"] != "ORDER_TRADE_UPDATE":
            return None
        order, quantity = event["o"], finite(event["o"]["l"])
        number = order["t"] if order["x"] == "TRADE" and quantity else None
        return Execution(
            (order["s"], order["i"]), order["x"], order["X"], finite(order["z"]), ZERO, number, quantity, ZERO, (),
            event["T"],
        )  # fmt: skip

    def repeats(self, event: Mapping[str, Any]) -> tuple[OrderKey, int] | None:
        return None

    def holdings(self, event: Mapping[str, Any]) -> Sequence[Holding] | None:
        if event["e"] != "BALANCE_POSITION_UPDATE":
            return None
        balances = [_balance(row, event["T"]) for row in event.get("B") or ()]
        return [*balances, *(_position(row, event["T"]) for row in event.get("P") or ())]

    def none_of(self, key: tuple[str, ...]) -> Holding:
        if key[0] == "B":
            return _balance({"a": key[1], "b": "0", "bc": "0"}, None)
        return _position({"s": key[1], "c": "0", "p": "0", "a": "0"}, None)

    def report(self, row: Row, kind: str, status: str, time: int, filled: Decimal, quote: Decimal) -> dict[str, Any]:
        """Source: options documentation (2026-08), "Query Single Order", "Event: Order update"."""
        data = row.data
        order = {
            "s": data["symbol"], "c": data["clientOrderId"], "S": data["side"], "o": data["type"],
            "f": data["timeInForce"], "q": f"{row.quantity:f}", "p": str(data["price"]),
            "ap": str(data.get("avgPrice", "0")), "x": kind, "X": status, "i": data["orderId"], "l": "0",
            "z": f"{filled:f}", "L": "0", "T": time, "t": 0, "b": "0", "a": "0", "m": False,
            "R": data.get("reduceOnly", False), "ot": data["type"], "rp": "0",
            "V": data.get("selfTradePreventionMode", "NONE"),
        }  # fmt: skip
        return {"e": "ORDER_TRADE_UPDATE", "E": time, "T": time, "o": order}

    def trade(self, row: Row, fill: Fill, status: str, filled: Decimal, quote: Decimal) -> dict[str, Any]:
        """A fee that was paid is below zero in events, and above in REST."""
        event, data = self.report(row, "TRADE", status, fill.time, filled, quote), fill.data
        event["o"].update(
            l=f"{fill.quantity:f}", L=data["price"], t=fill.number, N=data["quoteAsset"],
            n=f"{ZERO - finite(data['fee']):f}", rp=data["realizedProfit"], m=data["liquidity"] == "MAKER",
        )  # fmt: skip
        return event

    def account(self, holdings: Sequence[Holding], now: int) -> dict[str, Any]:
        rows = {name: [row.data for row in holdings if row.key[0] == name] for name in ("B", "P")}
        return {"e": "BALANCE_POSITION_UPDATE", "E": now, "T": now, "m": "", **rows}


def option_balances(answer: Any) -> list[Holding]:
    """Of ``GET .../marginAccount``."""
    return [_balance({"a": row["asset"], "b": row["marginBalance"], "bc": "0"}, None) for row in answer["asset"]]


def option_positions(answer: Any) -> list[Holding]:
    """Of ``GET .../position``, which has those that are not flat, and whatever their side what they are worth."""
    return [
        _position(
            {
                "s": row["symbol"], "c": row["quantity"], "a": row["entryPrice"],
                "p": f"{abs(finite(row['markValue'])).copy_sign(finite(row['quantity'])):f}",
            },
            None,
        )
        for row in answer
    ]  # fmt: skip


def _balance(data: Mapping[str, Any], at: int | None) -> Holding:
    return Holding(("B", data["a"]), (finite(data["b"]),), at, data)


def _position(data: Mapping[str, Any], at: int | None) -> Holding:
    return Holding(("P", data["s"]), (finite(data["c"]), _rounded(data["a"])), at, data, data["s"])
