"""Writes the named methods of ``WebSocketAPI`` from the table of methods: ``make sockets``.

They are written out, and not made at run time, so that ``help()``, completion and type checkers see them. A test holds
them in step with the table.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from binance_sockets.exchanges.binance.methods import METHODS, Method, kind_of, python_name  # noqa: E402

FOLDER = ROOT / "binance_sockets" / "exchanges" / "binance"
HEADER = "# Written by scripts/generate_api.py from the table in methods.py; edit the table instead."
WIDTH = 120

TITLES = {"spot": "Spot", "usdm": "USD-M", "coinm": "COIN-M"}
LEGS = {
    "pendingAbove": "upper pending order",
    "pendingBelow": "lower pending order",
    "pending": "pending order",
    "working": "working order",
    "above": "upper order",
    "below": "lower order",
    "stopLimit": "stop order's limit",
    "limit": "limit order",
    "stop": "stop order",
}
MEANS = {
    "activatePrice": "price at which a trailing stop begins",
    "algoId": "the exchange's id of a conditional order",
    "algoType": '``"CONDITIONAL"``',
    "callbackRate": "distance of a trailing stop in per cent",
    "cancelNewClientOrderId": "id of the cancel itself",
    "cancelOrderId": "the exchange's id of the order to cancel",
    "cancelOrigClientOrderId": "client order id of the order to cancel",
    "cancelReplaceMode": '``"STOP_ON_FAILURE"`` or ``"ALLOW_FAILURE"``',
    "cancelRestrictions": '``"ONLY_NEW"`` or ``"ONLY_PARTIALLY_FILLED"``',
    "clientAlgoId": "id of a conditional order; made here where a new one has none",
    "clientOrderId": "its client order id; made here where a new one has none",
    "closePosition": "close the whole position",
    "computeCommissionRates": "answer the rates of commission, too",
    "endTime": "last moment, in ms",
    "fromAllocationId": "first id",
    "fromExecutionId": "first id",
    "fromId": "first id",
    "fromPreventedMatchId": "first id",
    "goodTillDate": "when a ``GTD`` order ends, in ms",
    "icebergQty": "visible part of an iceberg order",
    "interval": 'length of a candle, such as ``"1m"``',
    "limit": "how many",
    "listClientOrderId": "id of the list; made here where a new one has none",
    "marginAsset": "asset of the margin",
    "modifyId": "id of the change",
    "newClientOrderId": "client order id of what is created; made here where a new order has none",
    "newOrderRespType": '``"ACK"``, ``"RESULT"`` or ``"FULL"`` (spot)',
    "newQty": "new quantity, less than before",
    "omitZeroBalances": "leave out assets without balance",
    "orderId": "the exchange's id of the order",
    "orderListId": "the exchange's id of the list",
    "orderRateLimitExceededMode": '``"DO_NOTHING"`` or ``"CANCEL_ONLY"``',
    "origClientOrderId": "client order id that it was placed with",
    "pair": "pair of contracts",
    "pegOffsetType": '``"PRICE_LEVEL"``',
    "pegOffsetValue": "levels from the pegged price, at most 100",
    "pegPriceType": '``"PRIMARY_PEG"`` or ``"MARKET_PEG"``',
    "permissions": "only symbols with these",
    "positionSide": '``"BOTH"``, ``"LONG"`` or ``"SHORT"``',
    "preventedMatchId": "id of one match",
    "price": "limit price",
    "priceMatch": 'price taken from the book instead of ``price``, such as ``"QUEUE"``',
    "priceProtect": "do not trigger on a price far from the mark price",
    "quantity": "in the base asset, or in contracts",
    "quoteOrderQty": "what a market order spends or brings, in the quote asset",
    "recvWindow": "ms within which the request must arrive, at most 60,000; the exchange's default is 5,000",
    "reduceOnly": "only make the position smaller",
    "selfTradePreventionMode": "what happens instead of a trade with oneself",
    "showPermissionSets": "answer the sets of permissions",
    "side": '``"BUY"`` or ``"SELL"``',
    "startTime": "first moment, in ms",
    "stopPrice": "price that triggers it",
    "strategyId": "id of your strategy",
    "strategyType": "kind of your strategy, from 1,000,000",
    "symbol": 'such as ``"BTCUSDT"``',
    "symbols": "several, instead of ``symbol``",
    "symbolStatus": "only symbols of this status",
    "timeInForce": '``"GTC"``, ``"IOC"``, ``"FOK"``, or another one of the exchange',
    "timeZone": "hours from UTC",
    "trailingDelta": "distance of a trailing stop in basis points",
    "triggerPrice": "price that triggers it",
    "type": "as the exchange names it",
    "windowSize": 'length of the window, such as ``"7d"``',
    "workingType": '``"MARK_PRICE"`` or ``"CONTRACT_PRICE"``',
}
TYPES = {"list": "Sequence[str]", "bool": "bool", "decimal": "Number", "number": "Number", "int": "int", "text": "str"}


@dataclass(frozen=True)
class Module:
    """One generated file."""

    name: str
    title: str
    owner: str
    says: str


MARKET = Module("ws_api_market", "Named methods of the WebSocket API for public data.", "MarketMethods", "Public data.")
ORDERS = Module("ws_api_orders", "Named methods of the WebSocket API for orders.", "OrderMethods", "Orders and lists.")
ACCOUNT = Module("ws_api_account", "Named methods of the WebSocket API for accounts.", "AccountMethods", "The account.")
MODULES = (MARKET, ORDERS, ACCOUNT)


def module_of(row: Method) -> Module:
    if row.security == "none":
        return MARKET
    changes = row.orders or row.ids or re.search(r"(cancel|cancelAll|keepPriority)$", row.name)
    return ORDERS if changes else ACCOUNT


def meaning(name: str) -> str:
    """What a parameter means."""
    if name in MEANS:
        return MEANS[name]
    for leg, says in LEGS.items():
        own = name.removeprefix(leg)
        if own != name and (own[0].lower() + own[1:]) in MEANS:
            return f"of the {says}: {MEANS[own[0].lower() + own[1:]]}"
    raise KeyError(name)


class Named:
    """One named method: its rows, by product."""

    def __init__(self, name: str) -> None:
        self.rows = {product: rows[name] for product, rows in METHODS.items() if name in rows}
        self.row = next(iter(self.rows.values()))

    @property
    def required(self) -> list[str]:
        """What every product wants."""
        others = [row.required for row in self.rows.values()]
        return [name for name in self.row.required if all(name in each for each in others)]

    @property
    def optional(self) -> list[str]:
        every = dict.fromkeys(name for row in self.rows.values() for name in row.parameters)
        return [name for name in every if name not in self.required]

    @property
    def result(self) -> str:
        kinds = {row.answers for row in self.rows.values()}
        return {"dict": "dict[str, Any]", "list": "list[Any]"}.get(kinds.pop() if len(kinds) == 1 else "any", "Any")

    def text(self) -> str:
        parts = ["self", *(f"{name}: {TYPES[kind_of(name)]}" for name in self.required), "*"]
        parts += [f"{name}: {TYPES[kind_of(name)]} | None = None" for name in self.optional]
        parts.append("timeout: float | None = None")
        name = python_name(self.row.name)
        joined = ", ".join(parts)
        head = f"    def {name}({joined}) -> {self.result}:"
        if len(head) > WIDTH and len(joined) + 8 <= WIDTH:
            head = f"    def {name}(\n        {joined}\n    ) -> {self.result}:"
        elif len(head) > WIDTH:
            head = f"    def {name}(\n" + "".join(f"        {part},\n" for part in parts) + f"    ) -> {self.result}:"
        return "\n".join([head, *self.docstring(), *self.body()]) + "\n"

    def docstring(self) -> list[str]:
        lines = [f'        """{self.row.does}', ""]
        lines += wrapped(f"``{self.row.name}`` of {self.products()}. {self.costs()}", 8)
        lines += ["", "        Args:"]
        for name in (*self.required, *self.optional):
            only = [TITLES[product] for product, row in self.rows.items() if name in row.parameters]
            where = "" if len(only) == len(self.rows) else f" ({', '.join(only)})"
            lines += wrapped(f"{name}: {meaning(name)}{where}.", 12, 16)
        lines += wrapped("timeout: seconds for the reply; ``None`` (default) for the client's.", 12, 16)
        lines += ["", "        Returns and raises as :meth:`WebSocketAPI.request` does.", '        """']
        return lines

    def products(self) -> str:
        names = [TITLES[product] for product in self.rows]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

    def costs(self) -> str:
        weights = {row.weighs or str(row.weight) for row in self.rows.values()}
        if len(weights) == 1:
            text = f"Request weight {weights.pop()}."
        else:
            each = (f"{TITLES[product]} {row.weighs or row.weight}" for product, row in self.rows.items())
            text = f"Request weight: {'; '.join(each)}."
        return text + (f" It counts as {self.row.orders} order{'s'[: self.row.orders - 1]}." if self.row.orders else "")

    def body(self) -> list[str]:
        names = [*self.required, *self.optional]
        given = "{" + ", ".join(f'"{name}": {name}' for name in names) + "}"
        before: list[str] = []
        call = f'self._named("{self.row.name}", {given}, timeout)'
        if len(call) > WIDTH - 40:
            before = ["        given = {", *(f'            "{name}": {name},' for name in names), "        }"]
            call = f'self._named("{self.row.name}", given, timeout)'
        if self.result == "Any":
            return [*before, f"        return {call}"]
        return [*before, f"        result: {self.result} = {call}", "        return result"]


def wrapped(text: str, indent: int, later: int | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if later is None else later),
        break_long_words=False,
        break_on_hyphens=False,
    )


def written(module: Module, names: Sequence[str]) -> str:
    """One file."""
    methods = [Named(name).text() for name in names]
    body = "\n".join(methods)
    imports = [
        "from typing import Any",
        "",
        "from .api_client import ApiClient" + (", Number" if "Number" in body else ""),
    ]
    if "Sequence[" in body:
        imports.insert(0, "from collections.abc import Sequence")
    return "\n".join(
        [
            f'"""{module.title}"""',
            "",
            HEADER,
            "",
            "from __future__ import annotations",
            "",
            *imports,
            "",
            f'__all__ = ["{module.owner}"]',
            "",
            "",
            f"class {module.owner}(ApiClient):",
            f'    """{module.says}"""',
            "",
            body,
        ]
    )


def files() -> dict[Path, str]:
    """All generated files, with their text."""
    names = dict.fromkeys(name for rows in METHODS.values() for name in rows)
    by_module: dict[Module, list[str]] = {module: [] for module in MODULES}
    for name in names:
        by_module[module_of(Named(name).row)].append(name)
    return {FOLDER / f"{module.name}.py": written(module, found) for module, found in by_module.items()}


def main() -> None:
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
