"""Orders of USD-M: what is answered, what is told, and what becomes of positions and balances."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from golden import differences, read, shape
from simulator.trading.helpers import CoinExchange, FuturesExchange, Trader

from binance_sockets.simulator.binance.trading import Refused
from binance_sockets.simulator.market.book import BUY, SELL, TimeInForce

SYMBOL = "BTCUSDT"


@pytest.fixture
def exchange() -> FuturesExchange:
    return FuturesExchange()


@pytest.fixture
def ann(exchange: FuturesExchange) -> Trader:
    return exchange.trader("ann")


def facts(events: list[dict[str, Any]]) -> list[str]:
    """Events in short: ``NEW/NEW``, ``LITE``, ``ORDER``, ``leverage``."""
    names = {"TRADE_LITE": lambda e: "LITE", "ACCOUNT_UPDATE": lambda e: e["a"]["m"],
             "ORDER_TRADE_UPDATE": lambda e: f"{e['o']['x']}/{e['o']['X']}",
             "ALGO_UPDATE": lambda e: f"algo {e['o']['X']}",
             "ACCOUNT_CONFIG_UPDATE": lambda e: "leverage", "MARGIN_CALL": lambda e: "call"}  # fmt: skip
    return [names[event["e"]](event) for event in events]


def buy(trader: Trader, quantity: str, **more: Any) -> Any:
    """A market order that buys."""
    return trader.call("order.place", symbol=SYMBOL, side="BUY", type="MARKET", quantity=quantity, **more)


def position(trader: Trader, symbol: str = SYMBOL) -> dict[str, Any]:
    """The position of a symbol."""
    rows = trader.call("account.position")
    return next(row for row in rows if row["symbol"] == symbol)


def test_a_market_order_tells_the_fill_before_it_tells_the_order(exchange: FuturesExchange, ann: Trader) -> None:
    """TRADE_LITE, NEW, ACCOUNT_UPDATE, TRADE: the sequence of the recordings."""
    price = exchange.flat()
    answer = buy(ann, "0.5", newOrderRespType="RESULT")
    assert (answer["status"], answer["executedQty"]) == ("FILLED", "0.500")
    events = ann.take()
    assert facts(events) == ["LITE", "NEW/NEW", "ORDER", "TRADE/FILLED"]
    fill, paid = events[3]["o"], Decimal(exchange.text(price + 10)) / 2
    assert Decimal(fill["n"]) == paid * Decimal("0.0005")
    assert Decimal(events[2]["a"]["B"][0]["wb"]) == 100_000 - Decimal(fill["n"])
    row = events[2]["a"]["P"][0]
    assert (row["pa"], Decimal(row["ep"])) == ("0.500", Decimal(exchange.text(price + 10)))
    assert position(ann)["positionAmt"] == "0.500"


def test_a_resting_order_is_filled_in_part_and_in_full(exchange: FuturesExchange, ann: Trader) -> None:
    """As maker: NEW at once, then for each fill TRADE_LITE, ACCOUNT_UPDATE, TRADE."""
    price = exchange.flat()
    text = exchange.text(price)
    ann.limit("BUY", "0.010", text)
    exchange.market.submit("other", SELL, 4, price, tif=TimeInForce.IOC)
    exchange.market.submit("other", SELL, 6, price, tif=TimeInForce.IOC)
    events = ann.take()
    assert facts(events) == [
        "NEW/NEW", "LITE", "ORDER", "TRADE/PARTIALLY_FILLED", "LITE", "ORDER", "TRADE/FILLED",
    ]  # fmt: skip
    assert [event["o"]["b"] for event in events if "o" in event] == [
        f"{Decimal(text) * qty / 1000:.5f}" if qty else "0" for qty in (10, 6, 0)
    ]
    assert events[-1]["o"]["m"] is True
    fee = Decimal(text) * Decimal("0.006") * Decimal("0.0002")
    assert Decimal(events[-1]["o"]["n"]) == fee.quantize(Decimal("1e-8"), "ROUND_DOWN")


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_events_and_answers_have_the_golden_shape(product: str) -> None:
    """Every event and every answer of an order has the fields of the samples."""
    exchange = FuturesExchange() if product == "usdm" else CoinExchange()
    symbol = exchange.market.instrument.symbol
    ann = exchange.trader("ann")
    exchange.flat()
    qty = "0.010" if product == "usdm" else "10"
    answer = ann.limit("BUY", qty, exchange.text(exchange.market.best(BUY)[0] - 5), symbol=symbol)
    ann.call("order.cancel", symbol=symbol, orderId=answer["orderId"])
    ann.call("order.place", symbol=symbol, side="BUY", type="MARKET", quantity=qty)
    ann.rest("POST", f"/{'fapi' if product == 'usdm' else 'dapi'}/v1/leverage", symbol=symbol, leverage=15)
    for event in ann.take():
        wanted = [shape(row["payload"]) for row in read(f"user/{product}/{event['e']}")["samples"]]
        assert min((differences(shape(event), one) for one in wanted), key=len) == [], event["e"]
    for row in read(f"ws_api/{product}")["samples"]:
        result = row["message"].get("result")
        if row["method"] == "order.place" and result is not None:
            assert differences(shape(answer), shape(result)) == []
        if row["method"] == "v2/account.balance" or (product == "coinm" and row["method"] == "account.balance"):
            assert differences(shape(ann.call(row["method"])), shape(result)) == []


def test_profit_and_fees_come_to_the_wallet(exchange: FuturesExchange, ann: Trader) -> None:
    """Bought, sold higher: rp of the fill, the wallet, userTrades and income agree, and the position is empty."""
    price = exchange.flat()
    buy(ann, "1.000")
    exchange.flat(price + 5000)
    sold = ann.call("order.place", symbol=SYMBOL, side="SELL", type="MARKET", quantity="1.000", reduceOnly="true")
    gain = Decimal(exchange.text(price + 5000 - 10)) - Decimal(exchange.text(price + 10))
    trades = ann.rest("GET", "/fapi/v1/userTrades", symbol=SYMBOL)
    assert sum(Decimal(row["realizedPnl"]) for row in trades) == gain
    fees = sum(Decimal(row["commission"]) for row in trades)
    assert Decimal(ann.call("account.balance")[0]["balance"]) == 100_000 + gain - fees
    incomes = ann.rest("GET", "/fapi/v1/income")
    assert sum(Decimal(row["income"]) for row in incomes) == gain - fees
    assert position(ann)["positionAmt"] == "0.000"
    assert ann.rest("GET", "/fapi/v1/order", symbol=SYMBOL, orderId=sold["orderId"])["status"] == "FILLED"
    assert ann.call("v2/account.position") == []


def test_reduce_only_needs_something_to_reduce_and_is_cut_to_it(exchange: FuturesExchange, ann: Trader) -> None:
    """-2022 without a position of the other side; more than there is closes what there is."""
    exchange.flat()
    order = {"symbol": SYMBOL, "side": "SELL", "type": "MARKET", "reduceOnly": "true"}
    assert ann.refused("order.place", quantity="0.100", **order) == (-2022, "ReduceOnly Order is rejected.")
    buy(ann, "0.100")
    ann.call("order.place", quantity="0.500", **order)
    assert position(ann)["positionAmt"] == "0.000"


def test_resting_reduce_only_orders_end_when_nothing_is_left_for_them(exchange: FuturesExchange, ann: Trader) -> None:
    """The order at the worse price goes first, with er 4."""
    price = exchange.flat()
    buy(ann, "0.100")
    far, near = (
        ann.limit("SELL", "0.060", exchange.text(price + away), reduceOnly="true")["orderId"] for away in (400, 300)
    )
    ended = [event["o"] for event in ann.take() if event["e"] == "ORDER_TRADE_UPDATE" and event["o"]["x"] == "EXPIRED"]
    assert [(row["i"], row["er"]) for row in ended] == [(far, "4")]
    ann.call("order.place", symbol=SYMBOL, side="SELL", type="MARKET", quantity="0.100")
    assert ann.call("order.status", symbol=SYMBOL, orderId=near)["status"] == "EXPIRED"


def test_hedge_mode_keeps_both_directions(exchange: FuturesExchange, ann: Trader) -> None:
    """Bought lots and sold lots stand beside each other; an order closes its own leg alone."""
    exchange.flat()
    ann.rest("POST", "/fapi/v1/positionSide/dual", dualSidePosition="true")
    assert ann.rest("GET", "/fapi/v1/positionSide/dual") == {"dualSidePosition": True}
    assert ann.refused("order.place", symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.1")[0] == -4061
    buy(ann, "0.300", positionSide="LONG")
    ann.call("order.place", symbol=SYMBOL, side="SELL", type="MARKET", quantity="0.200", positionSide="SHORT")
    rows = {row["positionSide"]: row["positionAmt"] for row in ann.call("account.position") if row["symbol"] == SYMBOL}
    assert rows == {"LONG": "0.300", "SHORT": "-0.200"}
    close = {"symbol": SYMBOL, "side": "SELL", "type": "MARKET", "positionSide": "LONG"}
    assert ann.refused("order.place", quantity="0.400", **close)[0] == -2022
    ann.call("order.place", quantity="0.300", **close)
    assert [row["positionSide"] for row in ann.call("v2/account.position")] == ["SHORT"]


def test_margin_is_needed_and_given_back(exchange: FuturesExchange, ann: Trader) -> None:
    """An order takes its share of the balance, a cancel gives it back; what is not there is refused."""
    price = exchange.flat()
    text = exchange.text(price - 20)
    answer = ann.limit("BUY", "1.000", text)
    free = Decimal(ann.call("account.balance")[0]["availableBalance"])
    assert free == 100_000 - Decimal(text) / 20
    ann.call("order.cancel", symbol=SYMBOL, orderId=answer["orderId"])
    assert Decimal(ann.call("account.balance")[0]["availableBalance"]) == 100_000
    assert ann.refused("order.place", symbol=SYMBOL, side="BUY", type="MARKET", quantity="40") == (
        -2019, "Margin is insufficient.",
    )  # fmt: skip
    ann.rest("POST", "/fapi/v1/leverage", symbol=SYMBOL, leverage=125)
    assert ann.refused("order.place", symbol=SYMBOL, side="BUY", type="MARKET", quantity="40")[0] == -2027


def test_time_in_force(exchange: FuturesExchange, ann: Trader) -> None:
    """IOC expires with er 2, FOK and GTX are refused without a trace, GTD ends at its time."""
    price = exchange.flat()
    far = exchange.text(price - 50)
    assert ann.limit("BUY", "0.010", far, timeInForce="IOC", newOrderRespType="RESULT")["status"] == "EXPIRED"
    assert [event["o"]["er"] for event in ann.take()] == ["0", "2"]
    order = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "quantity": "0.010"}
    assert ann.refused("order.place", price=far, timeInForce="FOK", **order)[0] == -5021
    assert ann.refused("order.place", price=exchange.text(price + 10), timeInForce="GTX", **order)[0] == -5022
    assert len(ann.rest("GET", "/fapi/v1/allOrders", symbol=SYMBOL)) == 1
    now = exchange.now // 1000
    assert ann.refused("order.place", price=far, timeInForce="GTD", goodTillDate=now + 1000, **order)[0] == -5040
    dated = ann.limit("BUY", "0.010", far, timeInForce="GTD", goodTillDate=now + 700_000)
    ann.take()
    exchange.now += 701 * 10**6
    exchange.market.advance(exchange.now)
    exchange.market.submit("other", BUY, 1, price - 30)
    assert facts(ann.take()) == ["EXPIRED/EXPIRED"]
    assert ann.call("order.status", symbol=SYMBOL, orderId=dated["orderId"])["status"] == "EXPIRED"


def test_modify(exchange: FuturesExchange, ann: Trader) -> None:
    """Smaller keeps its place, another price does not, both are told as AMENDMENT; the rest is refused."""
    price = exchange.flat()
    text = exchange.text(price)
    order = {"symbol": SYMBOL, "side": "BUY", "orderId": ann.limit("BUY", "0.010", text)["orderId"]}
    exchange.market.submit("rival", BUY, 10, price)
    answer = ann.call("order.modify", quantity="0.008", price=text, modifyId=41880, **order)
    assert (answer["origQty"], answer["modifyId"]) == ("0.008", 41880)
    exchange.market.submit("other", SELL, 8, price, tif=TimeInForce.IOC)
    events = ann.take()
    assert facts(events) == ["NEW/NEW", "AMENDMENT/NEW", "LITE", "ORDER", "TRADE/FILLED"]
    assert events[1]["o"]["M"] == "41880"
    assert ann.refused("order.modify", quantity="0.007", price=text, **order)[0] == -2013
    order["orderId"] = ann.limit("BUY", "0.010", exchange.text(price - 5))["orderId"]
    assert ann.refused("order.modify", quantity="0.010", price=exchange.text(price - 5), **order)[0] == -5027
    exchange.market.submit("other", SELL, 12, price, tif=TimeInForce.IOC)
    ann.call("order.modify", quantity="0.012", price=text, **order)
    assert ann.call("order.modify", quantity="0.011", price=text, **order)["origQty"] == "0.011"
    exchange.market.submit("other", SELL, 4, price, tif=TimeInForce.IOC)
    ann.call("order.modify", quantity="0.012", price=exchange.text(price - 1), **order)
    ann.call("order.modify", quantity="0.006", price=exchange.text(price - 1), **order)
    assert ann.call("order.modify", quantity="0.004", price=text, **order)["status"] == "CANCELED"


def test_self_trade_prevention(exchange: FuturesExchange, ann: Trader) -> None:
    """The maker ends by default, the taker on request, both, or they trade."""
    price = exchange.flat()
    for mode, ends in (("EXPIRE_MAKER", "maker"), ("EXPIRE_TAKER", "taker"), ("EXPIRE_BOTH", "both"), ("NONE", "")):
        maker = ann.limit("SELL", "0.010", exchange.text(price + 1))["orderId"]
        ann.take()
        taker = ann.limit("BUY", "0.010", exchange.text(price + 1), selfTradePreventionMode=mode)["orderId"]
        expired = {e["o"]["i"] for e in ann.take() if e.get("o", {}).get("X") == "EXPIRED_IN_MATCH"}
        wanted = {"maker": {maker}, "taker": {taker}, "both": {maker, taker}, "": set()}[ends]
        assert expired == wanted, mode
        ann.rest("DELETE", "/fapi/v1/allOpenOrders", symbol=SYMBOL)
    assert position(ann)["positionAmt"] == "0.000"


def test_batches_and_cancels(exchange: FuturesExchange, ann: Trader) -> None:
    """Each order of a batch has an answer or a refusal of its own; all go at once, or when the countdown ends."""
    price = exchange.flat()
    rows = [
        f'{{"symbol":"{SYMBOL}","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"{qty}",'
        f'"price":"{exchange.text(price - 20)}"}}'
        for qty in ("0.010", "0.000", "0.020")
    ]
    answers = ann.rest("POST", "/fapi/v1/batchOrders", batchOrders=f"[{','.join(rows)}]")
    assert [row.get("code", row.get("origQty")) for row in answers] == ["0.010", -4003, "0.020"]
    ids = [row["orderId"] for row in answers if "orderId" in row]
    gone = ann.rest("DELETE", "/fapi/v1/batchOrders", symbol=SYMBOL, orderIdList=f"[{ids[0]},1]")
    assert [row.get("code", row.get("status")) for row in gone] == ["CANCELED", -2011]
    with pytest.raises(Refused, match="-4082"):
        ann.rest("POST", "/fapi/v1/batchOrders", batchOrders=f"[{','.join(rows * 2)}]")
    ann.rest("POST", "/fapi/v1/countdownCancelAll", symbol=SYMBOL, countdownTime=60_000)
    exchange.now += 61 * 10**6
    exchange.market.advance(exchange.now)
    exchange.market.submit("other", BUY, 1, price - 30)
    assert ann.rest("GET", "/fapi/v1/openOrders") == []
    ann.limit("BUY", "0.010", exchange.text(price - 20))
    assert ann.rest("DELETE", "/fapi/v1/allOpenOrders", symbol=SYMBOL)["code"] == 200
    assert ann.rest("GET", "/fapi/v1/openOrders", symbol=SYMBOL) == []


def test_an_open_order_keeps_its_market_running(exchange: FuturesExchange, ann: Trader) -> None:
    """As on spot: the market has a guest as long as the order is open."""
    answer = ann.limit("BUY", "0.010", exchange.price(BUY, 500))
    assert exchange.market.has_guests
    ann.call("order.cancel", symbol=SYMBOL, orderId=answer["orderId"])
    assert not exchange.market.has_guests


REFUSALS = {
    "unknown symbol": ({"symbol": "NONEUSDT"}, -1121),
    "side": ({"side": "HOLD"}, -1117),
    "type": ({"type": "LIMIT_MAKER"}, -1116),
    "conditional": ({"type": "STOP_MARKET"}, -4120),
    "time in force": ({"timeInForce": "DAY"}, -1115),
    "no time in force": ({"timeInForce": None}, -1102),
    "no quantity": ({"quantity": None}, -1102),
    "precision of the quantity": ({"quantity": "0.0101"}, -1111),
    "precision of the price": ({"price": "80000.001"}, -1111),
    "zero": ({"quantity": "0"}, -4003),
    "too much": ({"quantity": "5000000"}, -4005),
    "price zero": ({"price": "0"}, -4001),
    "price beyond all": ({"price": "99999999"}, -4002),
    "price above the cap": ({"price": "120000"}, -4016),
    "price below the floor": ({"side": "SELL", "price": "50000"}, -4024),
    "no price": ({"price": None}, -1102),
    "notional": ({"quantity": "0.001", "price": "1000"}, -4164),
    "client id": ({"newClientOrderId": "no spaces"}, -1100),
    "long client id": ({"newClientOrderId": "x" * 37}, -4015),
    "taken client id": ({"newClientOrderId": "taken"}, -4116),
    "position side": ({"positionSide": "UP"}, -4060),
    "wrong position side": ({"positionSide": "LONG"}, -4061),
    "stp": ({"selfTradePreventionMode": "DECREMENT"}, -5039),
    "price match beside a price": ({"priceMatch": "QUEUE"}, -5037),
    "reduce only": ({"reduceOnly": "true"}, -2022),
    "empty": ({"newClientOrderId": ""}, -1105),
    "market with a price": ({"type": "MARKET"}, -1106),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(exchange: FuturesExchange, ann: Trader, name: str) -> None:
    """Each with the documented code, and without a trace."""
    change, code = REFUSALS[name]
    price = exchange.text(exchange.flat() - 100)
    ann.limit("BUY", "0.010", price, newClientOrderId="taken")
    order = {
        "symbol": SYMBOL,
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.010",
        "price": price,
    }
    sent = {key: value for key, value in {**order, **change}.items() if value is not None}
    assert ann.refused("order.place", **sent)[0] == code


def test_price_match_takes_a_level_of_the_book(exchange: FuturesExchange, ann: Trader) -> None:
    """QUEUE is the best price of one's own side, OPPONENT that of the other."""
    price = exchange.flat()
    order = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010"}
    assert ann.call("order.place", priceMatch="QUEUE", **order)["price"] == exchange.text(price - 10)
    assert ann.call("order.place", priceMatch="OPPONENT", **order)["price"] == exchange.text(price + 10)
    assert ann.refused("order.place", priceMatch="OPPONENT_20", **order)[0] == -5041


def test_a_position_stands_alone_in_isolated_margin(exchange: FuturesExchange, ann: Trader) -> None:
    """What is set aside, more of it, less of it, and what is refused."""
    exchange.flat()
    terms = {"symbol": SYMBOL, "marginType": "ISOLATED"}
    ann.rest("POST", "/fapi/v1/marginType", **terms)
    with pytest.raises(Refused, match="-4046"):
        ann.rest("POST", "/fapi/v1/marginType", **terms)
    buy(ann, "1.000")
    with pytest.raises(Refused, match="-4048"):
        ann.rest("POST", "/fapi/v1/marginType", symbol=SYMBOL, marginType="CROSSED")
    before = Decimal(position(ann)["isolatedWallet"])
    ann.rest("POST", "/fapi/v1/positionMargin", symbol=SYMBOL, amount="100", type=1)
    assert Decimal(position(ann)["isolatedWallet"]) == before + 100
    assert position(ann)["marginType"] == "isolated"
    assert facts(ann.take())[-1] == "MARGIN_TRANSFER"
    with pytest.raises(Refused, match="-4051"):
        ann.rest("POST", "/fapi/v1/positionMargin", symbol=SYMBOL, amount="3000", type=2)
    price = Decimal(position(ann)["liquidationPrice"])
    entry = Decimal(position(ann)["entryPrice"])
    assert entry * Decimal("0.94") < price < entry * Decimal("0.97")  # a twentieth was set aside, and a hundred


def test_what_else_clients_ask(exchange: FuturesExchange, ann: Trader) -> None:
    """Brackets, rates and modes."""
    rows = ann.rest("GET", "/fapi/v1/leverageBracket", symbol=SYMBOL)
    assert rows[0]["brackets"][1] == {
        "bracket": 2, "initialLeverage": 100, "notionalCap": 600_000, "notionalFloor": 50_000,
        "maintMarginRatio": 0.005, "cum": 50.0,
    }  # fmt: skip
    assert ann.rest("GET", "/fapi/v1/commissionRate", symbol=SYMBOL)["takerCommissionRate"] == "0.0005"
    assert ann.rest("GET", "/fapi/v1/multiAssetsMargin") == {"multiAssetsMargin": False}
    assert {row["symbol"] for row in ann.call("account.status")["positions"]} == set(exchange.listing.listed["usdm"])
    assert ann.call("v2/account.status")["availableBalance"] == "100000.00000000"


def test_coin_margined_contracts_pay_in_the_coin() -> None:
    """The same orders over an inverse contract: profit, fee and margin in bitcoin."""
    exchange = CoinExchange()
    symbol, ann = exchange.market.instrument.symbol, exchange.trader("ann")
    price = exchange.flat()
    order = {"symbol": symbol, "type": "MARKET", "quantity": "100"}
    ann.call("order.place", side="BUY", **order)
    exchange.flat(price + price // 10)
    ann.call("order.place", side="SELL", **order)
    bought, sold = (Decimal(exchange.text(p)) for p in (price + 10, price + price // 10 - 10))
    gain = 100 * 100 / bought - 100 * 100 / sold
    trades = ann.rest("GET", "/dapi/v1/userTrades", symbol=symbol)
    assert abs(sum(Decimal(row["realizedPnl"]) for row in trades) - gain) < Decimal("0.0000001")
    assert {row["commissionAsset"] for row in trades} == {"BTC"}
    fees = sum(Decimal(row["commission"]) for row in trades)
    wallet = Decimal(ann.call("account.balance")[0]["balance"])
    assert wallet == 10 + sum(Decimal(row["realizedPnl"]) for row in trades) - fees
    assert "TRADE_LITE" not in {event["e"] for event in ann.take()}


_FOLDERS = [folder / "shared" / "data" for folder in Path(__file__).resolve().parents]
RECORDED = next((folder for folder in _FOLDERS if folder.is_dir()), None)


@pytest.mark.skipif(RECORDED is None, reason="no folder shared/data beside the project")
def test_a_position_is_opened_and_closed_as_it_was_recorded(exchange: FuturesExchange, ann: Trader) -> None:
    """The recorded sequence of a limit order that takes and a market order that closes: kinds, order and fields."""
    assert RECORDED is not None
    path = RECORDED / "sequences" / "userdata" / "ud_usdm_open_close_2024.jsonl"
    recorded = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    price = exchange.flat()
    ann.call("order.place", symbol=SYMBOL, side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.002",
             priceMatch="OPPONENT")  # fmt: skip
    ann.call("order.place", symbol=SYMBOL, side="SELL", type="MARKET", quantity="0.002", reduceOnly="true")
    events = ann.take()
    assert price
    assert facts(events) == facts(recorded)
    for event, wanted in zip(events, recorded, strict=True):
        lacking = [] if event["e"] != "ORDER_TRADE_UPDATE" else [".o.er"]  # newer than the recording
        assert differences(shape(event), shape(wanted)) == lacking
        same = ("S", "o", "f", "x", "X", "R", "ps", "pm", "cp", "m", "wt")
        if "o" in wanted:
            assert {name: event["o"][name] for name in same} == {name: wanted["o"][name] for name in same}
            assert {name for name, value in wanted["o"].items() if value == "0"} <= {
                name for name, value in event["o"].items() if value == "0"
            }
