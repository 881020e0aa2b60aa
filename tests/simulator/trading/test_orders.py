"""Single orders: what they answer, what they lock and pay, and which events tell of it, in which order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from simulator.trading.helpers import SYMBOL, Exchange, Trader, kinds

from binance_sockets.simulator.binance.order_door import perform
from binance_sockets.simulator.binance.trading import BY_METHOD, Refused
from binance_sockets.simulator.market.book import BUY, SELL


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def ann(exchange: Exchange) -> Trader:
    return exchange.trader("ann")


@pytest.fixture
def bob(exchange: Exchange) -> Iterator[Trader]:
    return exchange.trader("bob")


def test_an_order_rests_is_filled_by_the_crowd_in_part_and_in_full(exchange: Exchange, ann: Trader) -> None:
    """NEW, then trades as a maker with the maker's fee, each followed by the balances, then nothing is locked."""
    placed = ann.limit("SELL", "1.5", exchange.price(SELL))
    assert kinds(ann.events) == ["NEW/NEW", "position"]
    assert ann.holdings()["BTC"] == ("0.50000000", "1.50000000")
    for _ in range(5000):
        if ann.events[-2].get("X") == "FILLED":
            break
        exchange.steps(1)
    trades = [event for event in ann.events if event.get("x") == "TRADE"]
    assert len(trades) > 1
    assert kinds(ann.events)[2:] == ["TRADE/PARTIALLY_FILLED", "position"] * (len(trades) - 1) + [
        "TRADE/FILLED", "position",
    ]  # fmt: skip
    assert all(event["m"] and event["N"] == "USDT" and event["i"] == placed["orderId"] for event in trades)
    assert all(float(event["n"]) == pytest.approx(float(event["Y"]) * 0.001) for event in trades)
    public = {trade.id: trade for trade in exchange.market.trades}
    assert all(public[event["t"]].maker_order == placed["orderId"] for event in trades)
    assert all(public[event["t"]].time // 1000 == event["T"] for event in trades)
    assert ann.holdings()["BTC"] == ("0.50000000", "0.00000000")
    assert not exchange.market.has_guests


def test_the_first_report_of_an_order_has_the_fields_of_the_sheet(ann: Trader) -> None:
    """Those that always come, and no other."""
    ann.call(
        "order.place", symbol=SYMBOL, side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.01", price="50000",
        newClientOrderId="mine", icebergQty="0.002", strategyId=7, strategyType=1_000_001,
        selfTradePreventionMode="EXPIRE_BOTH",
    )  # fmt: skip
    event, position = ann.events
    now, order_id = event["E"], event["i"]
    assert event == {
        "e": "executionReport", "E": now, "s": SYMBOL, "c": "mine", "S": "BUY", "o": "LIMIT", "f": "GTC",
        "q": "0.01000000", "p": "50000.00000000", "P": "0.00000000", "F": "0.00200000", "g": -1, "C": "", "x": "NEW",
        "X": "NEW", "r": "NONE", "i": order_id, "l": "0.00000000", "z": "0.00000000", "L": "0.00000000", "n": "0",
        "N": None, "T": now, "t": -1, "I": 1, "w": True, "m": False, "M": False, "O": now, "Z": "0.00000000",
        "Y": "0.00000000", "Q": "0.00000000", "V": "EXPIRE_BOTH", "W": now, "j": 7, "J": 1_000_001,
    }  # fmt: skip
    assert position == {
        "e": "outboundAccountPosition", "E": now, "u": now,
        "B": [
            {"a": "BTC", "f": "2.00000000", "l": "0.00000000"},
            {"a": "USDT", "f": "99500.00000000", "l": "500.00000000"},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("side", "asset"), [("BUY", "BTC"), ("SELL", "USDT")])
def test_market_orders_take_the_book_and_pay_the_takers_fee(
    exchange: Exchange, ann: Trader, side: str, asset: str
) -> None:
    """Level by level."""
    ann.account.fees.taker = 200_000
    levels = exchange.market.book.levels(SELL if side == "BUY" else BUY, 3)
    lots = levels[0][1] + levels[1][1] + 1
    i = exchange.market.instrument
    answer = ann.call("order.place", symbol=SYMBOL, side=side, type="MARKET", quantity=i.qty_text(lots))
    assert answer["status"] == "FILLED"
    prices = [fill["price"] for fill in answer["fills"]]
    assert list(dict.fromkeys(prices)) == [i.price_text(price) for price, _ in levels]
    assert {fill["commissionAsset"] for fill in answer["fills"]} == {asset}
    assert kinds(ann.events) == [
        "NEW/NEW", *["TRADE/PARTIALLY_FILLED"] * (len(prices) - 1), "TRADE/FILLED", "position",
    ]  # fmt: skip
    assert [fill["tradeId"] for fill in answer["fills"]] == [
        event["t"] for event in ann.events if event.get("l", "0.00000000") != "0.00000000"
    ]
    paid = sum(float(fill["commission"]) for fill in answer["fills"])
    gained = float(answer["executedQty"] if side == "BUY" else answer["cummulativeQuoteQty"])
    assert paid == pytest.approx(gained * 0.002)


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_an_amount_of_the_quote_asset_is_met_to_within_a_lot(exchange: Exchange, ann: Trader, side: str) -> None:
    """Never exceeded."""
    worst = float(exchange.text(exchange.market.book.levels(SELL if side == "BUY" else BUY, 50)[-1][0]))
    answer = ann.call("order.place", symbol=SYMBOL, side=side, type="MARKET", quoteOrderQty="5000")
    spent = float(answer["cummulativeQuoteQty"])
    assert 5000 - max(worst, 100_000) * 1e-5 < spent <= 5000
    assert (answer["status"], answer["origQuoteOrderQty"]) == ("FILLED", "5000.00000000")
    assert ann.events[-2]["Q"] == "5000.00000000"


def test_an_amount_beyond_the_book_takes_all_of_it_and_expires(exchange: Exchange, ann: Trader) -> None:
    """The rest is not left to rest."""
    there = sum(qty for _, qty in exchange.market.book.levels(SELL, 1000))
    answer = ann.call("order.place", symbol=SYMBOL, side="BUY", type="MARKET", quoteOrderQty="100000")
    assert answer["executedQty"] == exchange.market.instrument.qty_text(there)
    assert (answer["status"], answer["expiryReason"]) == ("EXPIRED", "INSUFFICIENT_LIQUIDITY")


def test_answers_have_the_size_that_was_asked_for(ann: Trader) -> None:
    """ACK, RESULT and FULL."""
    common = {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"}
    result = common | {
        "price", "origQty", "executedQty", "origQuoteOrderQty", "cummulativeQuoteQty", "status", "timeInForce", "type",
        "side", "workingTime", "selfTradePreventionMode",
    }  # fmt: skip
    assert set(ann.limit("BUY", "0.01", "50000", newOrderRespType="ACK")) == common
    assert set(ann.limit("BUY", "0.01", "50000", newOrderRespType="RESULT")) == result
    assert set(ann.limit("BUY", "0.01", "50000")) == result | {"fills"}
    maker = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT_MAKER", "quantity": "0.01", "price": "50000"}
    assert set(ann.call("order.place", **maker)) == common


def test_what_finds_no_maker_expires_and_says_why(exchange: Exchange, ann: Trader) -> None:
    """IOC, FOK and market orders."""
    price, i = exchange.price(SELL), exchange.market.instrument
    there = exchange.market.best(SELL)[1]
    more, last = i.qty_text(there + 10), {"newOrderRespType": "RESULT"}
    killed = ann.limit("BUY", more, price, timeInForce="FOK", **last)
    assert (killed["status"], killed["executedQty"], killed["expiryReason"]) == (
        "EXPIRED", "0.00000000", "UNFILLED_FOK_ORDER_EXPIRED",
    )  # fmt: skip
    partly = ann.limit("BUY", more, price, timeInForce="IOC", **last)
    assert (partly["status"], partly["executedQty"], partly["expiryReason"]) == (
        "EXPIRED", i.qty_text(there), "UNFILLED_IOC_QUANTITY_EXPIRED",
    )  # fmt: skip
    reports = [event for event in ann.events if event["e"] == "executionReport"]
    assert kinds(reports)[:2] == ["NEW/NEW", "EXPIRED/EXPIRED"]
    assert reports[-1]["eR"] == "UNFILLED_IOC_QUANTITY_EXPIRED"
    assert all(locked == "0.00000000" for _, locked in ann.holdings().values())
    exchange.market.submit("whale", BUY, 10**9, None)
    empty = ann.call("order.place", symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01")
    assert (empty["status"], empty["expiryReason"]) == ("EXPIRED", "INSUFFICIENT_LIQUIDITY")


def test_two_accounts_meet_and_both_are_told(exchange: Exchange, ann: Trader, bob: Trader) -> None:
    """The maker's events carry the maker's fee and order, the taker's its own; the price is the maker's."""
    inside = exchange.text(exchange.market.best(SELL)[0] - 1)
    ann.limit("SELL", "0.01", inside)
    ann.take()
    answer = bob.limit("BUY", "0.004", exchange.price(SELL, 50))
    assert kinds(ann.events) == ["TRADE/PARTIALLY_FILLED", "position"]
    assert kinds(bob.events) == ["NEW/NEW", "TRADE/FILLED", "position"]
    maker, taker = ann.events[0], bob.events[1]
    assert (maker["t"], maker["L"], maker["m"], maker["N"]) == (taker["t"], inside, True, "USDT")
    assert (taker["m"], taker["N"], answer["fills"][0]["price"]) == (False, "BTC", inside)


def test_cancelling_unlocks_and_names_both_ids(ann: Trader) -> None:
    """The order's own name and that of the cancellation."""
    placed = ann.limit("BUY", "0.01", "50000", newClientOrderId="first")
    ann.take()
    answer = ann.call("order.cancel", symbol=SYMBOL, origClientOrderId="first", newClientOrderId="undo")
    assert (answer["origClientOrderId"], answer["clientOrderId"], answer["status"]) == ("first", "undo", "CANCELED")
    assert kinds(ann.events) == ["CANCELED/CANCELED", "position"]
    assert (ann.events[0]["c"], ann.events[0]["C"], ann.events[0]["w"]) == ("undo", "first", False)
    assert ann.holdings()["USDT"] == ("100000.00000000", "0.00000000")
    assert ann.call("order.status", symbol=SYMBOL, orderId=placed["orderId"])["clientOrderId"] == "first"
    assert ann.refused("order.cancel", symbol=SYMBOL, origClientOrderId="first") == (-2011, "Unknown order sent.")


def test_cancel_restrictions_hold(exchange: Exchange, ann: Trader, bob: Trader) -> None:
    """An order in the wrong state stays."""
    price = exchange.text(exchange.market.best(SELL)[0] - 1)
    order_id = ann.limit("SELL", "0.01", price)["orderId"]
    named = {"symbol": SYMBOL, "orderId": order_id}
    text = "Order was not canceled due to cancel restrictions."
    assert ann.refused("order.cancel", **named, cancelRestrictions="ONLY_PARTIALLY_FILLED") == (-2011, text)
    assert ann.refused("order.cancel", **named, cancelRestrictions="ANY") == (-1145, "Invalid cancelRestrictions")
    bob.limit("BUY", "0.004", price)
    assert ann.refused("order.cancel", **named, cancelRestrictions="ONLY_NEW") == (-2011, text)
    assert ann.call("order.cancel", **named, cancelRestrictions="ONLY_PARTIALLY_FILLED")["executedQty"] == "0.00400000"


def test_nobody_sees_or_cancels_orders_of_others(ann: Trader, bob: Trader) -> None:
    """They look like unknown ones."""
    order_id = ann.limit("BUY", "0.01", "50000")["orderId"]
    assert bob.refused("order.cancel", symbol=SYMBOL, orderId=order_id) == (-2011, "Unknown order sent.")
    assert bob.refused("order.status", symbol=SYMBOL, orderId=order_id) == (-2013, "Order does not exist.")
    assert bob.call("openOrders.status") == []


def test_cancel_all_ends_orders_and_lists_of_the_symbol(exchange: Exchange, ann: Trader) -> None:
    """And none of another symbol."""
    ann.limit("BUY", "0.01", "50000")
    ann.limit("BUY", "0.1", "500.00", symbol="BNBUSDT")
    pair = {
        "aboveType": "LIMIT_MAKER",
        "abovePrice": exchange.price(SELL, 900),
        "belowType": "STOP_LOSS",
        "belowStopPrice": "70000",
    }
    ann.call("orderList.place.oco", symbol=SYMBOL, side="SELL", quantity="0.01", **pair)
    answers = ann.call("openOrders.cancelAll", symbol=SYMBOL)
    assert [answer.get("contingencyType", answer.get("type")) for answer in answers] == ["LIMIT", "OCO"]
    assert [row["symbol"] for row in ann.call("openOrders.status")] == ["BNBUSDT"]
    assert ann.refused("openOrders.cancelAll", symbol=SYMBOL) == (-2011, "Unknown order sent.")


NEW = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT_MAKER", "quantity": "0.01", "price": "51000"}
CROSSING = {**NEW, "price": "200000"}


def test_cancel_replace_does_both(ann: Trader) -> None:
    """In one call, in this order."""
    order_id = ann.limit("BUY", "0.01", "50000")["orderId"]
    ann.take()
    answer = ann.call("order.cancelReplace", **NEW, cancelReplaceMode="STOP_ON_FAILURE", cancelOrderId=order_id)
    assert (answer["cancelResult"], answer["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    assert answer["cancelResponse"]["orderId"] == order_id
    assert kinds(ann.events) == ["CANCELED/CANCELED", "NEW/NEW", "position"]


@pytest.mark.parametrize(
    ("mode", "there", "new", "status", "results"),
    [
        ("STOP_ON_FAILURE", True, CROSSING, 409, ("SUCCESS", "FAILURE")),
        ("ALLOW_FAILURE", True, CROSSING, 409, ("SUCCESS", "FAILURE")),
        ("ALLOW_FAILURE", False, NEW, 409, ("FAILURE", "SUCCESS")),
        ("ALLOW_FAILURE", False, CROSSING, 400, ("FAILURE", "FAILURE")),
        ("STOP_ON_FAILURE", False, NEW, 400, ("FAILURE", "NOT_ATTEMPTED")),
    ],
)
def test_cancel_replace_tells_which_half_failed(
    ann: Trader, mode: str, there: bool, new: dict[str, str], status: int, results: tuple[str, str]
) -> None:
    """409 where one of them was done."""
    order_id = ann.limit("BUY", "0.01", "50000")["orderId"] if there else 1
    with pytest.raises(Refused) as caught:
        ann.call("order.cancelReplace", **new, cancelReplaceMode=mode, cancelOrderId=order_id)
    body, data = caught.value.body, caught.value.data
    assert caught.value.status == status
    assert body["code"] == (-2021 if status == 409 else -2022)
    assert data is not None
    assert (data["cancelResult"], data["newOrderResult"]) == results
    if results[0] == "FAILURE":
        assert data["cancelResponse"] == {"code": -2011, "msg": "Unknown order sent."}
    if results[1] == "FAILURE":
        assert data["newOrderResponse"] == {"code": -2010, "msg": "Order would immediately match and take."}
    if results[1] == "NOT_ATTEMPTED":
        assert data["newOrderResponse"] is None
    assert len(ann.call("openOrders.status")) == results.count("SUCCESS") - there


def test_an_amended_order_keeps_its_place_and_unlocks(exchange: Exchange, ann: Trader, bob: Trader) -> None:
    """Others do not get before it."""
    price = exchange.text(exchange.market.best(SELL)[0] - 1)
    first = ann.limit("SELL", "0.01", price, newClientOrderId="before")["orderId"]
    bob.limit("SELL", "0.01", price)
    ann.take()
    answer = ann.call(
        "order.amend.keepPriority", symbol=SYMBOL, orderId=first, newQty="0.004", newClientOrderId="after"
    )
    assert answer["amendedOrder"]["qty"] == "0.00400000"
    assert (answer["amendedOrder"]["origClientOrderId"], answer["amendedOrder"]["clientOrderId"]) == ("before", "after")
    assert kinds(ann.events) == ["REPLACED/NEW", "position"]
    assert (ann.events[0]["c"], ann.events[0]["C"], ann.events[0]["q"]) == ("after", "before", "0.00400000")
    assert ann.holdings()["BTC"][1] == "0.00400000"
    assert ann.call("order.status", symbol=SYMBOL, origClientOrderId="after")["orderId"] == first
    assert ann.refused("order.status", symbol=SYMBOL, origClientOrderId="before") == (-2013, "Order does not exist.")
    rows = ann.call("order.amendments", symbol=SYMBOL, orderId=first)
    assert [(row["origQty"], row["newQty"], row["executionId"]) for row in rows] == [
        ("0.01000000", "0.00400000", answer["executionId"]),
    ]  # fmt: skip
    exchange.market.submit("whale", BUY, 400, exchange.market.best(SELL)[0])
    assert ann.call("order.status", symbol=SYMBOL, orderId=first)["status"] == "FILLED"
    assert "TRADE/FILLED" not in kinds(bob.events)


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("0.01", "The requested action would change no state; rejecting."),
        ("0.02", "Order amend (quantity increase) is not supported."),
        ("0", "The new quantity is not above what is filled already."),
    ],
)
def test_amendments_only_make_smaller(ann: Trader, quantity: str, text: str) -> None:
    """Larger ones are refused."""
    order_id = ann.limit("BUY", "0.01", "50000")["orderId"]
    assert ann.refused("order.amend.keepPriority", symbol=SYMBOL, orderId=order_id, newQty=quantity) == (-2038, text)


@pytest.mark.parametrize(("quantity", "name"), [("0.00001", "NOTIONAL"), ("0.000015", "LOT_SIZE")])
def test_what_an_amendment_leaves_must_pass_the_filters(ann: Trader, quantity: str, name: str) -> None:
    """The new quantity is checked as that of a new order is."""
    order_id = ann.limit("BUY", "0.01", "50000")["orderId"]
    failure = ann.refused("order.amend.keepPriority", symbol=SYMBOL, orderId=order_id, newQty=quantity)
    assert failure == (-1013, f"Filter failure: {name}")


def test_an_order_is_amended_ten_times_at_most(ann: Trader) -> None:
    """As the filter of its symbol says."""
    order_id = ann.limit("BUY", "0.1", "50000")["orderId"]
    for n in range(1, 11):
        ann.call("order.amend.keepPriority", symbol=SYMBOL, orderId=order_id, newQty=f"0.0{99 - n}")
    assert ann.refused("order.amend.keepPriority", symbol=SYMBOL, orderId=order_id, newQty="0.05")[0] == -2038


@pytest.mark.parametrize(
    ("mode", "maker", "taker"),
    [
        ("EXPIRE_TAKER", "NEW", "EXPIRED_IN_MATCH"),
        ("EXPIRE_MAKER", "EXPIRED_IN_MATCH", "NEW"),
        ("EXPIRE_BOTH", "EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH"),
        ("DECREMENT", "EXPIRED_IN_MATCH", "NEW"),
        ("TRANSFER", "EXPIRED_IN_MATCH", "NEW"),
    ],
)
def test_nobody_trades_with_oneself(exchange: Exchange, ann: Trader, mode: str, maker: str, taker: str) -> None:
    """In every mode of prevention."""
    price = exchange.text(exchange.market.best(SELL)[0] - 1)
    first = ann.limit("SELL", "0.01", price)["orderId"]
    ann.take()
    answer = ann.limit("BUY", "0.03", price, selfTradePreventionMode=mode)
    ended = [event for event in ann.events if event.get("x") == "TRADE_PREVENTION"]
    assert answer["status"] == taker
    assert ann.call("order.status", symbol=SYMBOL, orderId=first)["status"] == maker
    assert len({event["v"] for event in ended}) == 1
    for event in ended:
        assert event["U"] == (first if event["i"] == answer["orderId"] else answer["orderId"])
        assert (event["l"], event["L"], event["pl"], event["pL"]) == ("0.00000000", "0.00000000", event["B"], price)
        assert event["A"] == event["B"]
    rows = ann.call("myPreventedMatches", symbol=SYMBOL, orderId=first)
    assert [(row["makerOrderId"], row["takerOrderId"], row["price"]) for row in rows] == [
        (first, answer["orderId"], price)
    ]
    lost = {"EXPIRE_TAKER": {"taker"}, "EXPIRE_MAKER": {"maker"}}.get(mode, {"maker", "taker"})
    assert {side for side in ("maker", "taker") if f"{side}PreventedQuantity" in rows[0]} == lost
    assert answer["preventedMatches"][0]["preventedMatchId"] == rows[0]["preventedMatchId"]


def test_an_iceberg_shows_a_part_of_itself(exchange: Exchange, ann: Trader) -> None:
    """And queues anew with each part."""
    ann.limit("SELL", "0.01", exchange.text(exchange.market.best(SELL)[0] - 1), icebergQty="0.002")
    assert exchange.market.best(SELL)[1] == 200
    assert ann.holdings()["BTC"][1] == "0.01000000"
    exchange.market.submit("whale", BUY, 300, exchange.market.best(SELL)[0])
    assert [event["l"] for event in ann.events if event.get("x") == "TRADE"] == ["0.00200000", "0.00100000"]
    assert exchange.market.best(SELL)[1] == 100


def test_the_unfilled_count_falls_with_the_first_fill(exchange: Exchange, ann: Trader) -> None:
    """Which gives the orders of the window back."""
    exchange.desk.counts.add(ann.account, 3, exchange.now)
    ann.call("order.place", symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01")
    assert [row["count"] for row in ann.call("account.rateLimits.orders")] == [2, 2]
    assert exchange.desk.counts.exceeded(ann.account, 49, exchange.now) == "50 orders per 10 SECOND"
    exchange.now += 10_000_000
    assert [row["count"] for row in ann.call("account.rateLimits.orders")] == [0, 2]


def test_deposits_and_withdrawals_are_told(exchange: Exchange, ann: Trader) -> None:
    """As ``balanceUpdate`` beside the new balance."""
    exchange.desk.deposit(ann.account, "ETH", "1.5")
    exchange.desk.deposit(ann.account, "ETH", "-0.5")
    assert kinds(ann.events) == ["balance 1.50000000 ETH", "position", "balance -0.50000000 ETH", "position"]
    assert set(ann.events[0]) == {"e", "E", "a", "d", "T"}
    assert ann.events[-1]["B"] == [{"a": "ETH", "f": "1.00000000", "l": "0.00000000"}]


def test_equal_seeds_and_calls_give_equal_events() -> None:
    """Byte for byte."""

    def told() -> list[object]:
        exchange = Exchange(seed=5)
        ann = exchange.trader("ann")
        ann.limit("SELL", "0.1", exchange.price(SELL))
        exchange.steps(300)
        return list(ann.events)

    assert told() == told()
    assert len(told()) > 4


@pytest.mark.parametrize("mode", ["EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT"])
def test_fill_or_kill_counts_nothing_that_queues_behind_an_order_of_its_own(
    exchange: Exchange, ann: Trader, bob: Trader, mode: str
) -> None:
    """Of an iceberg only the part that is shown stands before it."""
    price = exchange.market.best(SELL)[0] + 3
    exchange.sweep(BUY, price)
    bob.limit("SELL", "1", exchange.text(price), icebergQty="0.2")
    ann.limit("SELL", "0.5", exchange.text(price))
    for quantity, status in (("0.6", "EXPIRED"), ("0.2", "FILLED")):
        order = {"timeInForce": "FOK", "selfTradePreventionMode": mode}
        assert ann.limit("BUY", quantity, exchange.text(price), **order)["status"] == status


def test_an_order_of_very_many_trades_is_paid_in_full(exchange: Exchange) -> None:
    """Also where the market has forgotten the first of them by then."""
    rich = exchange.trader("rich", balances={"USDT": "1000000"})
    market = exchange.market
    price, count = market.best(SELL)[0] - 1, (market.trades.maxlen or 0) + 1
    for _ in range(count):
        market.submit("other", SELL, 1, price)
    quantity = market.instrument.qty_text(count)
    answer = rich.limit("BUY", quantity, exchange.text(price), timeInForce="IOC")
    assert (answer["status"], len(answer["fills"])) == ("FILLED", count)


@pytest.mark.parametrize(("mode", "count"), [("ALLOW_FAILURE", 1), ("STOP_ON_FAILURE", 0)])
def test_the_unfilled_count_knows_what_a_failed_cancel_replace_has_placed(
    exchange: Exchange, ann: Trader, mode: str, count: int
) -> None:
    """Nothing was there to cancel; the new order may stand all the same."""
    order = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "80000"}
    params = {"symbol": SYMBOL, **order, "cancelReplaceMode": mode, "cancelOrderId": "1"}
    with pytest.raises(Refused):
        perform(BY_METHOD["spot", "order.cancelReplace"], exchange.desk, ann.account, params)
    assert len(ann.call("openOrders.status")) == count
    assert exchange.desk.counts.rows(ann.account, exchange.now)[0]["count"] == count
