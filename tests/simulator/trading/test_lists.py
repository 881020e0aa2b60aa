"""Order lists: which order ends, places or pays for which, and what is told of the list."""

from __future__ import annotations

from typing import Any

import pytest
from simulator.trading.helpers import SYMBOL, Exchange, Trader, kinds

from binance_sockets.simulator.market.book import BUY, SELL

SELL_PAIR = {"aboveType": "LIMIT_MAKER", "abovePrice": "90000", "belowType": "STOP_LOSS_LIMIT",
             "belowStopPrice": "80000", "belowPrice": "75000", "belowTimeInForce": "GTC"}  # fmt: skip


@pytest.fixture
def exchange() -> Exchange:
    exchange = Exchange()
    exchange.deepen()
    return exchange


@pytest.fixture
def ann(exchange: Exchange) -> Trader:
    return exchange.trader("ann")


def oco(ann: Trader, **more: Any) -> Any:
    return ann.call("orderList.place.oco", symbol=SYMBOL, side="SELL", quantity="0.01", **{**SELL_PAIR, **more})


def states(ann: Trader, row: Any) -> list[str]:
    orders = [ann.call("order.status", symbol=SYMBOL, orderId=order["orderId"]) for order in row["orders"]]
    return [order["status"] for order in orders]


def test_an_oco_locks_once_and_answers_with_both_orders(ann: Trader) -> None:
    """Only one of the two can fill, so the funds of one are enough."""
    row = oco(
        ann, listClientOrderId="pair", aboveClientOrderId="up", belowClientOrderId="down", newOrderRespType="RESULT"
    )
    assert (row["contingencyType"], row["listStatusType"], row["listOrderStatus"]) == (
        "OCO",
        "EXEC_STARTED",
        "EXECUTING",
    )
    assert [order["clientOrderId"] for order in row["orders"]] == ["up", "down"]
    assert [(report["type"], report["status"], report["workingTime"] > 0) for report in row["orderReports"]] == [
        ("LIMIT_MAKER", "NEW", True), ("STOP_LOSS_LIMIT", "NEW", False),
    ]  # fmt: skip
    assert kinds(ann.events) == ["NEW/NEW", "NEW/NEW", "list EXEC_STARTED", "position"]
    assert {event["g"] for event in ann.events[:3]} == {row["orderListId"]}
    assert ann.holdings()["BTC"][1] == "0.01000000"
    status = ann.events[2]
    assert status == {
        "e": "listStatus", "E": status["E"], "s": SYMBOL, "g": row["orderListId"], "c": "OCO", "l": "EXEC_STARTED",
        "L": "EXECUTING", "r": "NONE", "C": "pair", "T": row["transactionTime"],
        "O": [{"s": SYMBOL, "i": o["orderId"], "c": o["clientOrderId"]} for o in row["orders"]],
    }  # fmt: skip


def test_the_filled_order_of_an_oco_ends_the_other(exchange: Exchange, ann: Trader) -> None:
    """And its list is done."""
    row = oco(ann)
    ann.take()
    exchange.sweep(BUY, 9_000_000)
    assert kinds(ann.events) == ["TRADE/FILLED", "EXPIRED/EXPIRED", "list ALL_DONE", "position"]
    assert ann.events[1]["eR"] == "OCO_TRIGGER"
    assert states(ann, row) == ["FILLED", "EXPIRED"]
    assert ann.holdings()["BTC"] == ("1.99000000", "0.00000000")
    assert ann.call("openOrderLists.status") == []


def test_an_oco_may_sell_all_there_is(exchange: Exchange) -> None:
    """What both orders share pays for the one that is filled; nothing else is free."""
    ann = exchange.trader("ann", balances={"BTC": "0.01"})
    row = oco(ann)
    exchange.sweep(BUY, 9_000_000)
    assert states(ann, row) == ["FILLED", "EXPIRED"]
    assert ann.holdings()["BTC"] == ("0.00000000", "0.00000000")


def test_a_partly_filled_order_of_an_oco_goes_on_alone(exchange: Exchange, ann: Trader) -> None:
    """The first fill ends the other order."""
    row = oco(ann)
    exchange.market.submit(
        "whale",
        BUY,
        sum(qty for price, qty in exchange.market.book.levels(SELL, 999) if price < 9_000_000) + 300,
        9_000_000,
    )
    assert states(ann, row) == ["PARTIALLY_FILLED", "EXPIRED"]
    assert ann.holdings()["BTC"][1] == "0.00700000"
    ann.call("order.cancel", symbol=SYMBOL, orderId=row["orders"][0]["orderId"])
    assert ann.events[-2]["l"] == "ALL_DONE"
    assert ann.holdings()["BTC"][1] == "0.00000000"


def test_the_triggered_order_of_an_oco_ends_the_other(exchange: Exchange, ann: Trader) -> None:
    """A trigger counts like a fill."""
    row = oco(ann)
    ann.take()
    exchange.trade_at(8_000_000, SELL)
    assert kinds(ann.events) == ["EXPIRED/EXPIRED", "NEW/NEW", "TRADE/FILLED", "list ALL_DONE", "position"]
    assert states(ann, row) == ["EXPIRED", "FILLED"]


def test_cancelling_one_order_cancels_the_list(ann: Trader) -> None:
    """No half of a pair stays behind."""
    row = oco(ann)
    ann.take()
    answer = ann.call("order.cancel", symbol=SYMBOL, orderId=row["orders"][1]["orderId"])
    assert (answer["listStatusType"], [r["status"] for r in answer["orderReports"]]) == ("ALL_DONE", ["CANCELED"] * 2)
    assert kinds(ann.events) == ["CANCELED/CANCELED", "CANCELED/CANCELED", "list ALL_DONE", "position"]
    text = "Unknown order list sent."
    assert ann.refused("orderList.cancel", symbol=SYMBOL, orderListId=row["orderListId"]) == (-2011, text)


def test_lists_are_found_by_id_and_name(ann: Trader) -> None:
    """And unknown ones are refused."""
    row = oco(ann, listClientOrderId="pair")
    asked = ann.call("orderList.status", origClientOrderId="pair")
    assert asked == {name: value for name, value in row.items() if name != "orderReports"}
    assert ann.call("openOrderLists.status") == ann.call("allOrderLists") == [asked]
    assert ann.refused("orderList.status", orderListId=99) == (-2013, "Order list does not exist.")
    assert ann.refused("orderList.place.oco", symbol=SYMBOL, side="SELL", quantity="0.01", **SELL_PAIR,
                       listClientOrderId="pair") == (-2010, "Duplicate order sent.")  # fmt: skip
    ann.call("orderList.cancel", symbol=SYMBOL, listClientOrderId="pair")
    assert ann.call("openOrderLists.status") == []
    assert [done["listOrderStatus"] for done in ann.call("allOrderLists", fromId=row["orderListId"])] == ["ALL_DONE"]


def test_an_oco_in_the_old_spelling(ann: Trader) -> None:
    """``POST order/oco`` takes a price and a stop price."""
    row = ann.call(
        "orderList.place", symbol=SYMBOL, side="BUY", quantity="0.01", price="80000", stopPrice="90000",
        stopLimitPrice="91000", stopLimitTimeInForce="GTC", limitClientOrderId="low", stopClientOrderId="high",
    )  # fmt: skip
    assert [(r["clientOrderId"], r["type"], r["side"]) for r in row["orderReports"]] == [
        ("high", "STOP_LOSS_LIMIT", "BUY"), ("low", "LIMIT_MAKER", "BUY"),
    ]  # fmt: skip
    assert ann.holdings()["USDT"][1] == "910.00000000"  # the dearer of both


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"aboveType": "MARKET"}, -1158, "Order type not supported in OCO."),
        ({"aboveType": "STOP_LOSS"}, -1197, "A stop loss order in a sell OCO must be below."),
        ({"belowType": "TAKE_PROFIT_LIMIT"}, -1199, "A take profit order in a sell OCO must be above."),
        ({"abovePrice": "85500"}, -2010, "The relationship of the prices for the orders is not correct."),
        ({"belowStopPrice": "87000"}, -2010, "The relationship of the prices for the orders is not correct."),
        ({"quantity": "3"}, -2010, "Account has insufficient balance for requested action."),
        ({"aboveClientOrderId": "x", "belowClientOrderId": "x"}, -2010, "Duplicate order sent."),
        (
            {"belowIcebergQty": "0.001", "belowTimeInForce": "IOC"},
            -1160,
            "Parameter 'belowIcebergQty' is not supported if aboveTimeInForce/belowTimeInForce is not GTC.",
        ),
        ({"belowPrice": "79000.001"}, -1013, "Filter failure: PRICE_FILTER"),
    ],
)
def test_pairs_that_are_no_oco_are_refused(ann: Trader, change: dict[str, str], code: int, text: str) -> None:
    """Nothing of a refused pair is placed."""
    params = {"symbol": SYMBOL, "side": "SELL", "quantity": "0.01", **SELL_PAIR, **change}
    if change.get("aboveType") == "STOP_LOSS":
        params = {**params, "aboveStopPrice": "90000"}
        del params["abovePrice"]
    assert ann.refused("orderList.place.oco", **params) == (code, text)
    assert ann.call("openOrders.status") == []


def test_at_least_one_order_of_an_oco_is_contingent(ann: Trader) -> None:
    """Two plain limits are no pair."""
    pair = {"aboveType": "LIMIT_MAKER", "abovePrice": "90000", "belowType": "LIMIT_MAKER", "belowPrice": "80000"}
    refusal = ann.refused("orderList.place.oco", symbol=SYMBOL, side="SELL", quantity="0.01", **pair)
    assert refusal == (-1168, "At least one OCO order must be contingent.")


def working(price: str, **more: str) -> dict[str, str]:
    return {"symbol": SYMBOL, "workingType": "LIMIT", "workingSide": "BUY", "workingPrice": price,
            "workingQuantity": "0.01", "workingTimeInForce": "GTC", **more}  # fmt: skip


PENDING = {"pendingType": "LIMIT", "pendingSide": "SELL", "pendingPrice": "95000", "pendingQuantity": "0.02",
           "pendingTimeInForce": "GTC"}  # fmt: skip


def test_the_fill_of_an_oto_places_the_pending_order(exchange: Exchange, ann: Trader) -> None:
    """Not before the working order is filled."""
    row = ann.call("orderList.place.oto", **working("80000"), **PENDING)
    assert (row["contingencyType"], states(ann, row)) == ("OTO", ["NEW", "PENDING_NEW"])
    assert kinds(ann.take()) == ["NEW/NEW", "NEW/PENDING_NEW", "list EXEC_STARTED", "position"]
    assert ann.holdings()["BTC"][1] == "0.02000000"
    exchange.sweep(SELL, 8_000_000)
    assert kinds(ann.take()) == ["TRADE/FILLED", "position", "NEW/NEW", "list UPDATED", "position"]
    assert states(ann, row) == ["FILLED", "NEW"]
    exchange.sweep(BUY, 9_500_000)
    assert kinds(ann.take()) == ["TRADE/FILLED", "list ALL_DONE", "position"]


def test_the_answer_to_an_oto_filled_at_once_still_shows_it_pending(exchange: Exchange, ann: Trader) -> None:
    """What follows is told by events."""
    row = ann.call("orderList.place.oto", **working(exchange.price(SELL, 500), workingQuantity="0.001"), **PENDING)
    assert [report["status"] for report in row["orderReports"]] == ["FILLED", "PENDING_NEW"]
    assert states(ann, row) == ["FILLED", "NEW"]


def test_a_working_order_that_ends_takes_the_pending_one_with_it(ann: Trader) -> None:
    """It never was placed."""
    row = ann.call("orderList.place.oto", **working("80000", workingTimeInForce="IOC"), **PENDING)
    assert states(ann, row) == ["EXPIRED", "EXPIRED"]
    expired = [event["eR"] for event in ann.events if event.get("x") == "EXPIRED"]
    assert expired == ["UNFILLED_IOC_QUANTITY_EXPIRED", "OTO_PHASE_ONE_EXPIRED"]
    assert kinds(ann.events)[-2:] == ["list ALL_DONE", "position"]
    assert all(locked == "0.00000000" for _, locked in ann.holdings().values())


def test_a_pending_order_that_cannot_be_placed_expires_with_its_reason(exchange: Exchange, ann: Trader) -> None:
    """The market has moved on by then."""
    pending = {
        "pendingType": "STOP_LOSS",
        "pendingSide": "SELL",
        "pendingStopPrice": "85000",
        "pendingQuantity": "0.01",
    }
    row = ann.call("orderList.place.oto", **working("80000"), **pending)
    exchange.sweep(SELL, 8_000_000)
    assert states(ann, row) == ["FILLED", "EXPIRED"]
    event = next(event for event in ann.events if event.get("x") == "EXPIRED")
    assert (event["r"], event["eR"]) == ("STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY", "REJECTED")


def test_an_otoco_places_a_pair(exchange: Exchange, ann: Trader) -> None:
    """Once the working order is filled."""
    pair = {"pending" + name[0].upper() + name[1:]: value for name, value in SELL_PAIR.items()}
    pair |= {"pendingBelowStopPrice": "78000", "pendingBelowPrice": "74000"}
    row = ann.call("orderList.place.otoco", **working("80000"), **pair, pendingSide="SELL", pendingQuantity="0.01")
    assert len(row["orders"]) == 3
    exchange.sweep(SELL, 8_000_000)
    assert states(ann, row) == ["FILLED", "NEW", "NEW"]
    assert ann.holdings()["BTC"][1] == "0.01000000"
    exchange.trade_at(7_800_000, SELL)
    assert states(ann, row)[:2] == ["FILLED", "EXPIRED"]
    assert ann.call("orderList.status", orderListId=row["orderListId"])["listOrderStatus"] == "ALL_DONE"


def test_an_opo_sells_what_it_has_bought(exchange: Exchange) -> None:
    """Less the fee, rounded down to lots; what is received is locked until then, and only money was needed."""
    ann = exchange.trader("ann", balances={"USDT": "1000"})
    pending = {name: value for name, value in PENDING.items() if name != "pendingQuantity"}
    row = ann.call("orderList.place.opo", **working("80000"), **pending)
    exchange.market.submit(
        "whale", SELL, 400 + sum(q for p, q in exchange.market.book.levels(BUY, 999) if p > 8_000_000), 8_000_000
    )
    assert ann.holdings()["BTC"] == ("0.00000000", "0.00399600")
    exchange.sweep(SELL, 8_000_000)
    order = ann.call("order.status", symbol=SYMBOL, orderId=row["orders"][1]["orderId"])
    assert (order["status"], order["origQty"]) == ("NEW", "0.00999000")
    assert ann.holdings()["BTC"] == ("0.00000000", "0.00999000")
    assert ann.refused("orderList.place.opo", **working("80000"), **{**pending, "pendingSide": "BUY"}) == (
        -1117,
        "Invalid side.",
    )


def test_amending_one_order_of_an_oco_amends_both(ann: Trader) -> None:
    """They stay of one size."""
    row = oco(ann)
    ann.take()
    first = row["orders"][0]["orderId"]
    answer = ann.call("order.amend.keepPriority", symbol=SYMBOL, orderId=first, newQty="0.006")
    assert kinds(ann.events) == ["REPLACED/NEW", "REPLACED/NEW", "list UPDATED", "position"]
    assert [row["origQty"] for row in ann.call("openOrders.status")] == ["0.00600000"] * 2
    assert answer["listStatus"]["orders"][0]["clientOrderId"] == answer["amendedOrder"]["clientOrderId"]
    assert ann.holdings()["BTC"][1] == "0.00600000"


def test_an_amended_working_order_still_places_the_pending_one(exchange: Exchange, ann: Trader) -> None:
    """Its list was UPDATED before, which must not be taken for the start of the pending order."""
    row = ann.call("orderList.place.oto", **working("80000", workingQuantity="0.02"), **PENDING)
    ann.call("order.amend.keepPriority", symbol=SYMBOL, orderId=row["orders"][0]["orderId"], newQty="0.01")
    exchange.sweep(SELL, 8_000_000)
    assert states(ann, row) == ["FILLED", "NEW"]
    ann.call("orderList.cancel", symbol=SYMBOL, orderListId=row["orderListId"])
    assert all(locked == "0.00000000" for _, locked in ann.holdings().values())


def test_an_oco_is_not_amended_below_what_either_order_has_lost(exchange: Exchange, ann: Trader) -> None:
    """Self-trade prevention may have taken a part of the other one."""
    exchange.sweep(BUY, 8_999_999)
    row = oco(ann, selfTradePreventionMode="DECREMENT")
    stop, limit = row["orders"] if row["orderReports"][0]["type"] == "STOP_LOSS_LIMIT" else row["orders"][::-1]
    ann.limit("BUY", "0.003", "90000", timeInForce="IOC", selfTradePreventionMode="DECREMENT")
    assert ann.call("order.status", symbol=SYMBOL, orderId=limit["orderId"])["preventedQuantity"] == "0.00300000"
    ann.take()
    refused = ann.refused("order.amend.keepPriority", symbol=SYMBOL, orderId=stop["orderId"], newQty="0.003")
    assert refused == (-2038, "The new quantity is not above what is filled already.")
    ann.call("order.amend.keepPriority", symbol=SYMBOL, orderId=stop["orderId"], newQty="0.004")
    assert ann.holdings()["BTC"][1] == "0.00400000"
