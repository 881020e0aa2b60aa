"""Answers of spot trading beside recorded ones: the same keys and JSON types, or listed here with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from golden import differences, shape
from simulator.trading.helpers import SYMBOL, Exchange, Trader

from binance_sockets.simulator.binance.trading import BY_METHOD, BY_REST, Refused
from binance_sockets.simulator.market.book import BUY, SELL

_FOLDERS = [folder / "shared" / "data" / "binance" / "spot" for folder in Path(__file__).resolve().parents]
SHARED = next((folder for folder in _FOLDERS if folder.is_dir()), None)
pytestmark = pytest.mark.skipif(SHARED is None, reason="no folder shared/data beside the project")

CONDITIONAL = frozenset(
    {
        "icebergQty", "preventedMatchId", "preventedQuantity", "stopPrice", "strategyId", "strategyType",
        "trailingDelta", "trailingTime", "expiryReason", "usedSor", "workingFloor", "pegPriceType", "pegOffsetType",
        "pegOffsetValue", "peggedPrice",
    }
)  # fmt: skip
"""Fields of orders that stand only where they apply; many examples show all of them at once."""
AMOUNTS = frozenset(
    {
        "price", "qty", "quoteQty", "commission", "origQty", "newQty", "executedQty", "origQuoteOrderQty",
        "cummulativeQuoteQty", "cumulativeQuoteQty", "quoteOrderQty", "preventedQty", "makerPreventedQuantity",
        "stopPrice", "icebergQty", "free", "locked", "commissionRates",
    }
)  # fmt: skip
"""Numbers that are texts; the examples of connectors leave them out."""
_BOTH_KINDS = "an example that puts the fields of single orders and of lists into one"
_LIST_FIELDS = ("contingencyType", "listClientOrderId", "listOrderStatus", "listStatusType", "orderReports", "orders",
                "transactionTime")  # fmt: skip
_FILTERS = frozenset(
    {
        "ICEBERG_PARTS", "LOT_SIZE", "MARKET_LOT_SIZE", "MAX_NUM_ALGO_ORDERS", "MAX_NUM_ORDERS",
        "MAX_NUM_ORDER_AMENDS", "MAX_NUM_ORDER_LISTS", "NOTIONAL", "PERCENT_PRICE_BY_SIDE", "PRICE_FILTER",
        "TRAILING_DELTA",
    }
)  # fmt: skip
_NO_NAME = "examples of REST tell the order's own client id as well"
_OLD = "recorded before this field existed"
# Recording: the paths at which the answer differs, and why.
EXCEPTIONS: dict[str, tuple[set[str], str]] = {
    "account.commission/1": ({".taxCommission"}, _OLD),
    "myFilters/1": (
        {
            ".rateLimits", ".symbolFilters.PRICE_FILTER.priceExponent",
            *(f".symbolFilters.{kind}" for kind in _FILTERS - {"PRICE_FILTER"}),
        },
        "an example of one filter; priceExponent is of SBE, and rateLimits stand beside the result",
    ),
    "myFilters/2": ({f".symbolFilters.{kind}" for kind in _FILTERS - {"MAX_NUM_ORDER_LISTS"}}, "the same"),
    "openOrders.cancelAll/1": (
        {
            *(f"[].{name}" for name in _LIST_FIELDS), "[].clientOrderId", "[].orderId", "[].origClientOrderId",
            "[].selfTradePreventionMode", "[].side", "[].status", "[].timeInForce", "[].transactTime", "[].type",
        },
        _BOTH_KINDS,
    ),
    "order.cancel/1": ({".origQuoteOrderQty", ".transactTime"}, _OLD),
    "order.cancel/2": ({f".{name}" for name in _LIST_FIELDS}, _BOTH_KINDS),
    "order.cancelReplace/1": ({".newOrderResponse.workingTime"}, _OLD),
    "order.cancelReplace/2": ({".newOrderResponse.workingTime"}, _OLD),
    "order.place/1": ({".origQuoteOrderQty"}, _OLD),
    "order.place/2": ({".origQuoteOrderQty"}, _OLD),
    "order.place/6": ({".selfTradePreventionMode"}, _OLD),
    "order.test/1": ({".discount"}, "an example of what commissions add, of which it shows one"),
    "orderList.cancel/1": ({".orderReports[].origClientOrderId"}, _NO_NAME),
    "orderList.cancel/2": ({".orderReports[].origClientOrderId"}, _NO_NAME),
    "orderList.place.otoco/1": ({".symbol"}, "an example of a connector that lacks it"),
    "error/3": ({".data"}, "of a ban, which no single session brings about"),
}  # fmt: skip

Answers = list[Any]


def limit(**more: Any) -> dict[str, Any]:
    """The parameters of a limit order."""
    return {"symbol": SYMBOL, "type": "LIMIT", "timeInForce": "GTC", "side": "SELL", "quantity": "0.01", **more}


class Session:
    """One account that does a bit of everything."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.trader: Trader = self.exchange.trader("ann")
        self.exchange.deepen()
        self.far = self.exchange.price(SELL, 5000)
        self.low = self.exchange.price(BUY, 5000)

    def call(self, method: str, **params: Any) -> Any:
        """A method's result; of one that is refused, the error."""
        try:
            return self.trader.call(method, **params)
        except Refused as refused:
            return refused.body

    def rest(self, **more: Any) -> Any:
        """An order that rests."""
        return self.call("order.place", **limit(price=self.far, **more))

    def take(self) -> Any:
        """One that is filled."""
        return self.call("order.place", symbol=SYMBOL, type="MARKET", side="BUY", quantity="0.01")

    def oco(self) -> Any:
        """A pair."""
        return self.call("orderList.place.oco", symbol=SYMBOL, side="SELL", quantity="0.01", aboveType="LIMIT_MAKER",
                         abovePrice=self.far, belowType="STOP_LOSS_LIMIT", belowStopPrice=self.low,
                         belowPrice=self.low, belowTimeInForce="GTC")  # fmt: skip

    def working(self) -> dict[str, Any]:
        return {"symbol": SYMBOL, "workingType": "LIMIT", "workingSide": "BUY", "workingPrice": self.low,
                "workingQuantity": "0.01", "workingTimeInForce": "GTC"}  # fmt: skip

    def pair(self) -> dict[str, Any]:
        return {"pendingSide": "SELL", "pendingAboveType": "LIMIT_MAKER", "pendingAbovePrice": self.far,
                "pendingBelowType": "STOP_LOSS", "pendingBelowStopPrice": self.exchange.price(BUY, 9000)}  # fmt: skip

    def prevented(self) -> Any:
        """A trade with oneself that did not happen."""
        best = self.exchange.price(SELL)
        self.call("order.place", **limit(price=self.exchange.price(BUY, -1), quantity="0.01"))
        return self.call("order.place", **limit(side="BUY", price=best, selfTradePreventionMode="EXPIRE_MAKER"))


def _named(answer: Any) -> dict[str, Any]:
    return {"symbol": SYMBOL, "orderId": answer["orderId"]}


def _amended(s: Session) -> Answers:
    lone, pair = s.rest(), s.oco()
    members = [row["orderId"] for row in pair["orders"]]
    return [
        s.call("order.amend.keepPriority", **_named(lone), newQty="0.005"),
        s.call("order.amend.keepPriority", symbol=SYMBOL, orderId=members[0], newQty="0.005", newClientOrderId="a"),
    ]


def _amendments(s: Session) -> Answers:
    order = s.rest()
    s.call("order.amend.keepPriority", **_named(order), newQty="0.005")
    return [s.call("order.amendments", **_named(order))]


def _replaced(s: Session) -> Answers:
    replace = {"cancelReplaceMode": "STOP_ON_FAILURE", "newOrderRespType": "RESULT"}
    return [s.call("order.cancelReplace", **limit(price=s.far), **replace, cancelOrderId=s.rest()["orderId"])]


def _errors(s: Session) -> Answers:
    crossing = {"symbol": SYMBOL, "type": "LIMIT_MAKER", "side": "SELL", "quantity": "0.01", "price": s.low}
    allow, stop = {"cancelReplaceMode": "ALLOW_FAILURE"}, {"cancelReplaceMode": "STOP_ON_FAILURE"}
    return [
        s.call("order.place", **limit(price=s.far, quantity="50")),
        s.call("order.cancelReplace", **crossing, **stop, cancelOrderId=s.rest()["orderId"]),
        s.call("order.cancelReplace", **limit(price=s.far), **allow, cancelOrderId=1),
        s.call("order.cancelReplace", **limit(price=s.far), **stop, cancelOrderId=1),
    ]


def _after(*names: str, method: str, **params: Any) -> Callable[[Session], Answers]:
    """What a method answers once these things have happened."""

    def run(s: Session) -> Answers:
        for name in names:
            getattr(s, name)()
        return [s.call(method, **params)]

    return run


# Method, and what makes answers of its kinds.
RUNS: dict[str, Callable[[Session], Answers]] = {
    "account.commission": _after(method="account.commission", symbol=SYMBOL),
    "account.rateLimits.orders": _after(method="account.rateLimits.orders"),
    "account.status": _after(method="account.status"),
    "allOrderLists": _after("oco", method="allOrderLists"),
    "allOrders": _after("prevented", "take", method="allOrders", symbol=SYMBOL),
    "myFilters": _after(method="myFilters", symbol=SYMBOL),
    "myPreventedMatches": lambda s: [
        s.call("myPreventedMatches", symbol=SYMBOL, orderId=s.prevented()["orderId"]),
    ],
    "myTrades": _after("take", method="myTrades", symbol=SYMBOL),
    "openOrderLists.status": _after("oco", method="openOrderLists.status"),
    "openOrders.cancelAll": _after("rest", "oco", method="openOrders.cancelAll", symbol=SYMBOL),
    "openOrders.status": _after("rest", method="openOrders.status"),
    "order.amend.keepPriority": _amended,
    "order.amendments": _amendments,
    "order.cancel": lambda s: [
        s.call("order.cancel", **_named(s.rest())),
        s.call("order.cancel", symbol=SYMBOL, orderId=s.oco()["orders"][0]["orderId"]),
        s.call("order.cancel", **_named(s.rest(strategyId=1, strategyType=1000000, icebergQty="0.005"))),
    ],
    "order.cancelReplace": _replaced,
    "order.place": lambda s: [s.rest(), s.take(), s.rest(newOrderRespType="RESULT")],
    "order.status": lambda s: [
        s.call("order.status", **_named(s.take())),
        s.call("order.status", **_named(s.rest(strategyId=1, strategyType=1000000))),
    ],
    "order.test": lambda s: [
        s.call("order.test", **limit(price=s.far)),
        s.call("order.test", **limit(price=s.far), computeCommissionRates="true"),
    ],
    "orderList.cancel": lambda s: [
        s.call("orderList.cancel", symbol=SYMBOL, orderListId=s.oco()["orderListId"]),
    ],
    "orderList.place": lambda s: [
        s.call("orderList.place", symbol=SYMBOL, side="SELL", quantity="0.01", price=s.far, stopPrice=s.low,
               stopLimitPrice=s.low, stopLimitTimeInForce="GTC"),
    ],
    "orderList.place.oco": lambda s: [s.oco()],
    "orderList.place.oto": lambda s: [
        s.call("orderList.place.oto", **s.working(), pendingType="MARKET", pendingSide="SELL", pendingQuantity="0.01"),
    ],
    "orderList.place.otoco": lambda s: [
        s.call("orderList.place.otoco", **s.working(), **s.pair(), pendingQuantity="0.01"),
    ],
    "orderList.place.opo": lambda s: [
        s.call("orderList.place.opo", **s.working(), pendingType="MARKET", pendingSide="SELL"),
    ],
    "orderList.place.opoco": lambda s: [s.call("orderList.place.opoco", **s.working(), **s.pair())],
    "orderList.status": lambda s: [s.call("orderList.status", orderListId=s.oco()["orderListId"])],
    "error": _errors,
}  # fmt: skip


def recordings() -> Iterator[tuple[str, str, Any, bool]]:
    """Name, method, recorded result or error, and whether it is a connector's example."""
    for method in RUNS if SHARED is not None else ():
        for path in sorted((SHARED / f"wsapi.{method}").glob("*.json")):
            reply = json.loads(path.read_text(encoding="utf-8"))
            body = reply.get("result", reply.get("error"))
            yield f"{method}/{path.stem}", method, _by_kind(body), reply.get("id", "123") == "123"


def _by_kind(body: Any) -> Any:
    """Filters by their type, so that each is compared with its own kind."""
    if isinstance(body, dict) and "symbolFilters" in body:
        return {**body, "symbolFilters": {row["filterType"]: row for row in body["symbolFilters"]}}
    return body


RECORDED = list(recordings())


@pytest.mark.parametrize(("name", "method", "body", "example"), RECORDED, ids=[row[0] for row in RECORDED])
def test_an_answer_is_like_the_recorded_one(name: str, method: str, body: Any, example: bool) -> None:
    """Key by key and type by type; what differs is listed, and what is listed differs."""
    answers = RUNS[method](Session())
    found = min((_differences(answer, body, example) for answer in answers), key=len)
    listed, _ = EXCEPTIONS.get(name, (set(), ""))
    assert set(found) == listed


def _differences(answer: Any, body: Any, example: bool) -> list[str]:
    silent = CONDITIONAL | AMOUNTS if example else CONDITIONAL
    found = differences(shape(_by_kind(answer)), shape(body))
    return [path for path in found if path.rpartition(".")[2] not in silent]


def test_exceptions_are_of_recordings() -> None:
    """Nothing is listed for a recording that is not there."""
    assert EXCEPTIONS.keys() <= {name for name, *_ in RECORDED}


def test_every_method_of_trading_is_compared() -> None:
    """Each has its answers here, but those of which no answer exists."""
    methods = {method for product, method in BY_METHOD if product == "spot"}
    assert methods - RUNS.keys() == {"sor.order.place", "sor.order.test", "myAllocations"}


def test_rest_answers_what_the_websocket_api_does() -> None:
    """Each method has a path with the same handler and parameters."""
    by_handler = {(call.handler, call.names) for call in BY_REST.values()}
    for (product, _), call in BY_METHOD.items():
        assert product != "spot" or (call.handler, call.names) in by_handler, call.method
