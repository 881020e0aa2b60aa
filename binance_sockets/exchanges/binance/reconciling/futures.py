"""``ORDER_TRADE_UPDATE`` and ``ACCOUNT_UPDATE``, and the answers they are made of: USD-M and COIN-M."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from .facts import ZERO, Execution, Fill, Holding, OrderKey, Row, finite, whole

__all__ = ["FuturesShape", "futures_balances", "futures_positions"]

_FILLS = ("TRADE", "CALCULATED")  # the latter of a liquidation
_rounded = Context(prec=8).create_decimal  # events and REST round entry prices differently


class FuturesShape:
    """USD-M and COIN-M. What fills are worth is not counted, as events do not tell it."""

    amendment = "AMENDMENT"
    dated = False  # nothing says that updateTime of REST is T of the event

    def row(self, data: Mapping[str, Any]) -> Row:
        quantity = finite(data["origQty"])
        return Row(
            (data["symbol"], data["orderId"]), quantity, finite(data["executedQty"]), ZERO, data["status"],
            whole(data["time"]), whole(data["updateTime"]), (quantity, finite(data["price"])), data,
        )  # fmt: skip

    def fill(self, data: Mapping[str, Any]) -> Fill:
        order = data["symbol"], data["orderId"]
        return Fill(order, whole(data["id"]), finite(data["qty"]), ZERO, whole(data["time"]), data)

    def execution(self, event: Mapping[str, Any]) -> Execution | None:
        if event["e"] != "ORDER_TRADE_UPDATE":
            return None
        order, quantity = event["o"], finite(event["o"]["l"])
        number = order["t"] if order["x"] in _FILLS and quantity else None
        return Execution(
            (order["s"], order["i"]), order["x"], order["X"], finite(order["z"]), ZERO, number, quantity, ZERO,
            (finite(order["q"]), finite(order["p"])), event["T"],
        )  # fmt: skip

    def repeats(self, event: Mapping[str, Any]) -> tuple[OrderKey, int] | None:
        return ((event["s"], event["i"]), event["t"]) if event["e"] == "TRADE_LITE" else None

    def holdings(self, event: Mapping[str, Any]) -> Sequence[Holding] | None:
        if event["e"] != "ACCOUNT_UPDATE":
            return None
        data, at = event["a"], event["T"]
        balances = [_balance(row, at) for row in data.get("B") or ()]
        return [*balances, *(_position(row, at) for row in data.get("P") or ())]

    def none_of(self, key: tuple[str, ...]) -> Holding:
        if key[0] == "B":
            return _balance({"a": key[1], "wb": "0", "cw": "0", "bc": "0"}, None)
        return _position(
            {"s": key[1], "pa": "0", "ep": "0", "cr": "0", "up": "0", "mt": "cross", "iw": "0", "ps": key[2]}, None
        )

    def report(self, row: Row, kind: str, status: str, time: int, filled: Decimal, quote: Decimal) -> dict[str, Any]:
        """Source: derivatives documentation (2026-10), "All Orders", "Event: Order Update"."""
        data = row.data
        order = {
            "s": data["symbol"], "c": data["clientOrderId"], "S": data["side"], "o": data["type"],
            "f": data["timeInForce"], "q": data["origQty"], "p": data["price"], "ap": data.get("avgPrice", "0"),
            "sp": data.get("stopPrice", "0"), "x": kind, "X": status, "i": data["orderId"], "l": "0",
            "z": f"{filled:f}", "L": "0", "n": "0", "N": None, "T": time, "t": 0, "b": "0", "a": "0", "m": False,
            "R": data.get("reduceOnly", False), "wt": data.get("workingType", ""),
            "ot": data.get("origType", data["type"]), "ps": data.get("positionSide", "BOTH"),
            "cp": data.get("closePosition", False), "rp": "0", "pP": data.get("priceProtect", False), "si": 0, "ss": 0,
            "V": data.get("selfTradePreventionMode", "NONE"), "pm": data.get("priceMatch", "NONE"),
            "gtd": data.get("goodTillDate", 0), "er": "0",
        }  # fmt: skip
        trailing = {"AP": data["activatePrice"], "cr": data["priceRate"]} if data.get("priceRate") else {}
        return {"e": "ORDER_TRADE_UPDATE", "T": time, "E": time, "o": {**order, **trailing}}

    def trade(self, row: Row, fill: Fill, status: str, filled: Decimal, quote: Decimal) -> dict[str, Any]:
        event, data = self.report(row, "TRADE", status, fill.time, filled, quote), fill.data
        event["o"].update(
            l=data["qty"], L=data["price"], t=fill.number, n=data["commission"], N=data["commissionAsset"],
            rp=data["realizedPnl"], m=data["maker"],
        )  # fmt: skip
        return event

    def account(self, holdings: Sequence[Holding], now: int) -> dict[str, Any]:
        at = max((row.at for row in holdings if row.at is not None), default=now)
        rows = {name: [row.data for row in holdings if row.key[0] == name] for name in ("B", "P")}
        return {"e": "ACCOUNT_UPDATE", "T": at, "E": at, "a": {"m": "", **rows}}


def futures_balances(answer: Any) -> list[Holding]:
    """Of ``GET .../balance``."""
    return [
        _balance(
            {"a": row["asset"], "wb": row["balance"], "cw": row["crossWalletBalance"], "bc": "0"},
            row.get("updateTime") or None,
        )
        for row in answer
    ]


def futures_positions(answer: Any) -> list[Holding]:
    """Of ``GET .../positionRisk``, which has those that are not flat on USD-M."""
    return [
        _position(
            {
                "s": row["symbol"], "pa": row["positionAmt"], "ep": row["entryPrice"], "cr": "0",
                "up": row["unRealizedProfit"], "ps": row["positionSide"], "bep": row.get("breakEvenPrice"),
                "mt": "isolated" if finite(row.get("isolatedWallet", "0")) else "cross",
                "iw": row.get("isolatedWallet", "0"), "ma": row.get("marginAsset"),
            },
            row.get("updateTime") or None,
        )
        for row in answer
    ]  # fmt: skip


def _balance(data: Mapping[str, Any], at: int | None) -> Holding:
    return Holding(("B", data["a"]), (finite(data["wb"]), finite(data["cw"])), at, data)


def _position(data: Mapping[str, Any], at: int | None) -> Holding:
    amounts = finite(data["pa"]), _rounded(data["ep"]), finite(data.get("iw") or "0")
    return Holding(("P", data["s"], data["ps"]), amounts, at, data, data["s"])
