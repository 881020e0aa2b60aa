"""The table of the WebSocket API's methods: one row each, with its parameters, security and weight by product.

``scripts/generate_api.py`` makes the named methods of :class:`~.ws_api.WebSocketAPI` of it.

Sources: ``web-socket-api.md`` (2026-07-21) and its change log (2026-09-18) for spot; derivatives documentation
(2026-10-23) and the connectors' docstrings (2026-08-21) for USD-M and COIN-M.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

from ...errors import ConfigError
from .rest import Security

__all__ = ["API_PRODUCTS", "METHODS", "Kind", "Method", "kind_of", "method_of", "python_name", "without_version"]

API_PRODUCTS = ("spot", "usdm", "coinm")

Kind = Literal["text", "int", "decimal", "number", "bool", "list"]
"""What a parameter is. A decimal goes out as text, also where it is a whole number; a number in its own form."""

_DECIMALS = re.compile(r"(?:price|quantity|qty|callbackRate)$", re.IGNORECASE)
_INTS = re.compile(r"(?:Id|Time|Date|limit|strategyType|Delta|pegOffsetValue)$", re.IGNORECASE)
_IDS_OF_CLIENTS = re.compile(r"client(?:Order|Algo)Id$", re.IGNORECASE)
_KINDS_BY_NAME: Mapping[str, Kind] = {
    "recvWindow": "number",
    "symbols": "list",
    "permissions": "list",
    **dict.fromkeys(("reduceOnly", "closePosition", "priceProtect", "computeCommissionRates"), "bool"),
    **dict.fromkeys(("omitZeroBalances", "showPermissionSets"), "bool"),
}


@lru_cache(maxsize=1024)
def kind_of(parameter: str) -> Kind:
    """What a parameter is, by its name, which the exchange gives the same meaning everywhere."""
    if parameter in _KINDS_BY_NAME:
        return _KINDS_BY_NAME[parameter]
    if _DECIMALS.search(parameter):
        return "decimal"
    return "int" if _INTS.search(parameter) and not _IDS_OF_CLIENTS.search(parameter) else "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of one product.

    Args:
        name: on the wire.
        does: what it does, in one sentence.
        required: parameters that must be given, in the order of the named method.
        optional: all others.
        security: ``"none"``, ``"key"`` or ``"signed"``.
        weight: request weight of the cheapest form.
        weighs: how the weight grows, for the documentation; empty where it does not.
        orders: by how many it raises the count of unfilled orders.
        ids: parameters that name what it creates; one that is left out is made here.
        answers: what the result is: ``"dict"``, ``"list"`` or, where that depends, ``"any"``.
    """

    name: str
    does: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    security: Security = "none"
    weight: int = 1
    weighs: str = ""
    orders: int = 0
    ids: tuple[str, ...] = ()
    answers: Literal["dict", "list", "any"] = "dict"

    @property
    def parameters(self) -> tuple[str, ...]:
        """All that it takes, besides key, time and signature."""
        signed = ("recvWindow",) if self.security == "signed" else ()
        return (*self.required, *self.optional, *signed)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _with(prefix: str, text: str) -> tuple[str, ...]:
    """Parameters of one leg of an order list."""
    return tuple(prefix + word[0].upper() + word[1:] for word in text.split())


def _plain(
    name: str,
    does: str,
    required: str = "",
    optional: str = "",
    weight: int = 1,
    weighs: str = "",
    answers: str = "any",
) -> Method:
    kind: Literal["dict", "list", "any"] = "list" if answers == "list" else "dict" if answers == "dict" else "any"
    return Method(
        name=name, does=does, required=_words(required), optional=_words(optional), weight=weight, weighs=weighs,
        answers=kind,
    )  # fmt: skip


def _signed(
    name: str,
    does: str,
    required: str = "",
    optional: str = "",
    weight: int = 1,
    weighs: str = "",
    *,
    orders: int = 0,
    ids: str = "",
    more: tuple[str, ...] = (),
    must: tuple[str, ...] = (),
    answers: Literal["dict", "list", "any"] = "dict",
) -> Method:
    return Method(
        name=name, does=does, required=(*_words(required), *must), optional=(*_words(optional), *more),
        security="signed", weight=weight, weighs=weighs, orders=orders, ids=_words(ids), answers=answers,
    )  # fmt: skip


_SESSION = (
    _plain("session.status", "Whether the session is logged on.", weight=2, answers="dict"),
    _plain("session.logout", "Forget the key of the session; later requests are signed one by one.", weight=2,
           answers="dict"),
)  # fmt: skip
_CLOCK = (
    _plain("ping", "Whether the exchange answers.", answers="dict"),
    _plain("time", "The exchange's time.", answers="dict"),
)
_STATUS = "symbolStatus"
_SYMBOLS = "symbol symbols"
_PEG = "pegPriceType pegOffsetValue pegOffsetType"
_STRATEGY = "strategyId strategyType"
_KINDS = "newOrderRespType selfTradePreventionMode"
_SPOT_ORDER = (
    f"timeInForce quantity price quoteOrderQty newClientOrderId newOrderRespType stopPrice trailingDelta icebergQty"
    f" {_STRATEGY} selfTradePreventionMode {_PEG}"
)
_SOR_ORDER = f"timeInForce price newClientOrderId newOrderRespType icebergQty {_STRATEGY} selfTradePreventionMode"
_LEG = f"clientOrderId icebergQty price stopPrice trailingDelta timeInForce {_STRATEGY} {_PEG}"
_WORKING = f"clientOrderId icebergQty timeInForce {_STRATEGY} {_PEG}"
_LEGS = (*_with("pendingAbove", _LEG), "pendingBelowType", *_with("pendingBelow", _LEG))
_ONE = "orderId origClientOrderId"
_RANGE = "startTime endTime"
_LIST = f"listClientOrderId {_KINDS}"

_SPOT = (
    *_CLOCK,
    _plain("exchangeInfo", "Rules and symbols of the exchange.",
           optional=f"{_SYMBOLS} permissions showPermissionSets {_STATUS}", weight=20, answers="dict"),
    _plain("executionRules", "Rules of execution by symbol.", optional=f"{_SYMBOLS} {_STATUS}", weight=2,
           weighs="2 for each symbol, 40 at most", answers="dict"),
    _plain("depth", "Order book.", "symbol", f"limit {_STATUS}", 5, "5, 25, 50 or 250 by limit", "dict"),
    _plain("trades.recent", "Recent trades.", "symbol", "limit", 25, answers="list"),
    _plain("trades.historical", "Trades from an id on.", "symbol", "fromId limit", 25, answers="list"),
    _plain("blockTrades.historical", "Block trades from an id on.", "symbol fromId", "limit", 25, answers="list"),
    _plain("trades.aggregate", "Aggregate trades.", "symbol", f"fromId {_RANGE} limit", 4, answers="list"),
    _plain("klines", "Candles.", "symbol interval", f"{_RANGE} timeZone limit", 2, answers="list"),
    _plain("uiKlines", "Candles for charts.", "symbol interval", f"{_RANGE} timeZone limit", 2, answers="list"),
    _plain("avgPrice", "Average price of the last minutes.", "symbol", weight=2, answers="dict"),
    _plain("ticker.24hr", "Statistics of the last 24 hours.", optional=f"{_SYMBOLS} type {_STATUS}", weight=2,
           weighs="2, 40 or 80 by the number of symbols"),
    _plain("ticker.tradingDay", "Statistics of the trading day.", optional=f"{_SYMBOLS} timeZone type {_STATUS}",
           weight=4, weighs="4 for each symbol, 200 at most"),
    _plain("ticker", "Statistics of a rolling window.", optional=f"{_SYMBOLS} windowSize type {_STATUS}", weight=4,
           weighs="4 for each symbol, 200 at most"),
    _plain("ticker.price", "Latest prices.", optional=f"{_SYMBOLS} {_STATUS}", weight=2, weighs="2, or 4 for several"),
    _plain("ticker.book", "Best prices of the book.", optional=f"{_SYMBOLS} {_STATUS}", weight=2,
           weighs="2, or 4 for several"),
    _plain("referencePrice", "Reference price.", "symbol", weight=2, answers="dict"),
    _plain("referencePrice.calculation", "How the reference price is made.", "symbol", _STATUS, 2, answers="dict"),
    *_SESSION,
    _plain("session.subscriptions", "The session's user data subscriptions.", weight=2, answers="list"),
    _signed("order.place", "Place an order.", "symbol side type", _SPOT_ORDER, orders=1, ids="newClientOrderId"),
    _signed("order.test", "Check an order without placing it.", "symbol side type",
            f"{_SPOT_ORDER} computeCommissionRates", 1, "20 with commission", ids="newClientOrderId"),
    _signed("order.cancel", "Cancel an order, which either id names.", "symbol",
            f"{_ONE} newClientOrderId cancelRestrictions"),
    _signed("order.cancelReplace", "Cancel an order and place another one.",
            "symbol cancelReplaceMode side type",
            f"cancelOrderId cancelOrigClientOrderId cancelNewClientOrderId {_SPOT_ORDER} cancelRestrictions"
            " orderRateLimitExceededMode", orders=1, ids="newClientOrderId"),
    _signed("order.amend.keepPriority", "Make an order smaller without losing its place in the book.",
            "symbol newQty", f"{_ONE} newClientOrderId", 4),
    _signed("openOrders.cancelAll", "Cancel all orders and order lists of a symbol.", "symbol", answers="list"),
    _signed("orderList.place", "Place an OCO; the exchange calls it deprecated.",
            "symbol side price quantity stopPrice",
            f"{_LIST} limitClientOrderId limitIcebergQty limitStrategyId limitStrategyType trailingDelta"
            " stopClientOrderId stopLimitPrice stopLimitTimeInForce stopIcebergQty stopStrategyId stopStrategyType",
            orders=2, ids="listClientOrderId limitClientOrderId stopClientOrderId"),
    _signed("orderList.place.oco", "Place two orders, of which one cancels the other.",
            "symbol side quantity aboveType belowType", _LIST, orders=2,
            ids="listClientOrderId aboveClientOrderId belowClientOrderId",
            more=(*_with("above", _LEG), *_with("below", _LEG))),
    _signed("orderList.place.oto", "Place an order, and another one once it is filled.",
            "symbol workingType workingSide workingPrice workingQuantity pendingType pendingSide pendingQuantity",
            _LIST, orders=2, ids="listClientOrderId workingClientOrderId pendingClientOrderId",
            more=(*_with("working", _WORKING), *_with("pending", _LEG))),
    _signed("orderList.place.otoco", "Place an order, and an OCO once it is filled.",
            "symbol workingType workingSide workingPrice workingQuantity pendingSide pendingQuantity pendingAboveType",
            _LIST, orders=3,
            ids="listClientOrderId workingClientOrderId pendingAboveClientOrderId pendingBelowClientOrderId",
            more=(*_with("working", _WORKING), *_LEGS)),
    _signed("orderList.place.opo", "Place an order, and another one over what it brought.",
            "symbol workingType workingSide workingPrice workingQuantity pendingType pendingSide",
            _LIST, orders=2, ids="listClientOrderId workingClientOrderId pendingClientOrderId",
            more=(*_with("working", _WORKING), *_with("pending", _LEG))),
    _signed("orderList.place.opoco", "Place an order, and an OCO over what it brought.",
            "symbol workingType workingSide workingPrice workingQuantity pendingSide pendingAboveType",
            _LIST, orders=3,
            ids="listClientOrderId workingClientOrderId pendingAboveClientOrderId pendingBelowClientOrderId",
            more=(*_with("working", _WORKING), *_LEGS)),
    _signed("orderList.cancel", "Cancel an order list, which either id names.", "symbol",
            "orderListId listClientOrderId newClientOrderId"),
    _signed("sor.order.place", "Place an order by smart order routing.", "symbol side type quantity", _SOR_ORDER,
            orders=1, ids="newClientOrderId", answers="any"),
    _signed("sor.order.test", "Check an order by smart order routing without placing it.", "symbol side type quantity",
            f"{_SOR_ORDER} computeCommissionRates", 1, "20 with commission", ids="newClientOrderId"),
    _signed("account.status", "Balances and permissions.", optional="omitZeroBalances", weight=20),
    _signed("order.status", "An order, which either id names.", "symbol", _ONE, 4),
    _signed("openOrders.status", "Open orders.", optional="symbol", weight=6, weighs="6, or 80 without a symbol",
            answers="list"),
    _signed("allOrders", "Orders of a symbol, open or not.", "symbol", f"orderId {_RANGE} limit", 20, answers="list"),
    _signed("orderList.status", "An order list, which either id names.", "", "origClientOrderId orderListId", 4),
    _signed("openOrderLists.status", "Open order lists.", weight=6, answers="list"),
    _signed("allOrderLists", "Order lists, open or not.", "", f"fromId {_RANGE} limit", 20, answers="list"),
    _signed("myTrades", "Trades of the account.", "symbol", f"orderId {_RANGE} fromId limit", 5,
            "5 with orderId, else 20", answers="list"),
    _signed("account.rateLimits.orders", "Counts of unfilled orders.", weight=40, answers="list"),
    _signed("myPreventedMatches", "Matches that self-trade prevention has prevented.", "symbol",
            "preventedMatchId orderId fromPreventedMatchId limit", 2, "2, or 20 by order", answers="list"),
    _signed("myAllocations", "Allocations of smart order routing.", "symbol",
            f"{_RANGE} fromAllocationId limit orderId", 20, answers="list"),
    _signed("account.commission", "Rates of commission.", "symbol", weight=20),
    _signed("order.amendments", "Amendments of an order.", "symbol orderId", "fromExecutionId limit", 4,
            answers="list"),
    _signed("myFilters", "Filters that apply to the account.", "symbol", weight=40),
)  # fmt: skip

_LISTEN_KEYS = tuple(
    Method(name=f"userDataStream.{verb}", does=does, security="key")
    for verb, does in (
        ("start", "Make the account's listen key, or let it live longer."),
        ("ping", "Let the listen key live longer."),
        ("stop", "End the listen key, for all programs of the account."),
    )
)
_FUTURES_ORDER = f"positionSide timeInForce reduceOnly quantity price newClientOrderId {_KINDS} priceMatch"


def _account(version: str, of_position: str) -> tuple[Method, ...]:
    return (
        _signed(f"{version}account.position", "Positions.", "", of_position, 5, answers="list"),
        _signed(f"{version}account.balance", "Balances.", "", "", 5, answers="list"),
        _signed(f"{version}account.status", "Balances, positions and settings.", "", "", 5),
    )


_USDM = (
    *_CLOCK,
    *_SESSION,
    _plain("depth", "Order book.", "symbol", "limit", 2, "2, 5, 10 or 20 by limit", "dict"),
    _plain("ticker.price", "Latest prices.", optional="symbol", weight=1, weighs="1, or 2 for all"),
    _plain("ticker.book", "Best prices of the book.", optional="symbol", weight=2, weighs="2, or 5 for all"),
    _signed("order.place", "Place a LIMIT or MARKET order.", "symbol side type", f"{_FUTURES_ORDER} goodTillDate", 0,
            orders=1, ids="newClientOrderId"),
    _signed("order.modify", "Change price and quantity of a LIMIT order, which either id names.",
            "symbol side quantity", f"price {_ONE} priceMatch modifyId", 0, orders=1),
    _signed("order.cancel", "Cancel an order, which either id names.", "symbol", _ONE),
    _signed("order.status", "An order, which either id names.", "symbol", _ONE),
    _signed("algoOrder.place", "Place a conditional order.", "algoType symbol side type",
            f"positionSide timeInForce quantity price triggerPrice workingType priceMatch closePosition priceProtect"
            f" reduceOnly activatePrice callbackRate clientAlgoId {_KINDS} goodTillDate", 0, orders=1,
            ids="clientAlgoId"),
    _signed("algoOrder.cancel", "Cancel a conditional order, which either id names.", "", "algoId clientAlgoId"),
    *_account("", "symbol"),
    *_account("v2/", "symbol"),
    *_LISTEN_KEYS,
)  # fmt: skip

_COINM = (
    *_SESSION,
    _signed("order.place", "Place a LIMIT or MARKET order.", "symbol side type", _FUTURES_ORDER, 0, orders=1,
            ids="newClientOrderId"),
    _signed("order.modify", "Change price and quantity of a LIMIT order, which either id names.",
            "symbol side quantity", f"price {_ONE} priceMatch modifyId", orders=1),
    _signed("order.cancel", "Cancel an order, which either id names.", "symbol", _ONE),
    _signed("order.status", "An order, which either id names.", "symbol", _ONE),
    *_account("", "marginAsset pair"),
    *_LISTEN_KEYS,
)  # fmt: skip

METHODS: Mapping[str, Mapping[str, Method]] = {
    product: {row.name: row for row in rows} for product, rows in zip(API_PRODUCTS, (_SPOT, _USDM, _COINM), strict=True)
}
"""All rows, by product and name."""


def without_version(name: str) -> str:
    """A method's name without the version that may stand before it: ``v3/order.place``."""
    return re.sub(r"^v\d+/", "", name)


def method_of(product: str, name: object) -> Method:
    """The row of a method; a version that no row has is taken for the usual one.

    Raises:
        ConfigError: the product has no such method.
    """
    rows = METHODS[product]
    row = (rows.get(name) or rows.get(without_version(name))) if isinstance(name, str) else None
    if row is None:
        close = get_close_matches(name, rows, 3) if isinstance(name, str) else []
        hint = f"Close to it: {', '.join(close)}. " if close else ""
        raise ConfigError("method", name, f"a method of {product}", f"{hint}request(..., security=) sends any other")
    return row


def python_name(name: str) -> str:
    """The named method of a wire name: ``order.cancelReplace`` is ``order_cancel_replace``."""
    version, _, rest = name.rpartition("/")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", rest.replace(".", "_")).lower()
    return f"{words}_{version}" if version else words
