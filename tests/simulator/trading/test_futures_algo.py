"""Algo orders: they wait for a price, send an order, and tell each step."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from golden import differences, read, shape
from simulator.trading.helpers import CoinExchange, FuturesExchange, Trader
from simulator.trading.test_futures_orders import SYMBOL, buy, facts, position

from binance_sockets.simulator.binance.trading import Refused
from binance_sockets.simulator.market.book import BUY, SELL


@pytest.fixture
def exchange() -> FuturesExchange:
    return FuturesExchange()


@pytest.fixture
def ann(exchange: FuturesExchange) -> Trader:
    return exchange.trader("ann")


def stop(trader: Trader, **more: Any) -> Any:
    """An algo order that sells."""
    order = {"algoType": "CONDITIONAL", "symbol": SYMBOL, "side": "SELL", "type": "STOP_MARKET", **more}
    return trader.call("algoOrder.place", **{name: value for name, value in order.items() if value is not None})


def last(exchange: FuturesExchange, price: int) -> None:
    """Let somebody trade one lot at a price."""
    exchange.flat(price)
    exchange.market.submit("other", SELL, 1, price)
    exchange.market.submit("whale", BUY, 1, price)


def test_a_stop_is_told_step_by_step(exchange: FuturesExchange, ann: Trader) -> None:
    """NEW, TRIGGERING, TRIGGERED before its order, FINISHED after it; each in the shape of the samples."""
    price = exchange.flat()
    last(exchange, price)
    buy(ann, "0.100")
    ann.take()
    answer = stop(
        ann, quantity="0.100", triggerPrice=exchange.text(price - 100), reduceOnly="true", clientAlgoId="guard"
    )
    wanted = [row["message"]["result"] for row in read("ws_api/usdm")["samples"] if row["method"] == "algoOrder.place"]
    assert differences(shape(answer), shape(wanted[0])) == []
    assert exchange.market.has_guests  # it keeps its market awake
    last(exchange, price - 50)
    assert [row["algoId"] for row in ann.rest("GET", "/fapi/v1/openAlgoOrders")] == [answer["algoId"]]
    last(exchange, price - 100)
    events = ann.take()
    assert facts(events) == [
        "algo NEW", "algo TRIGGERING", "LITE", "algo TRIGGERED", "NEW/NEW", "ORDER", "TRADE/FILLED", "algo FINISHED",
    ]  # fmt: skip
    samples = [shape(row["payload"]) for row in read("user/usdm/ALGO_UPDATE")["samples"]]
    for event in events:
        if event["e"] == "ALGO_UPDATE":
            assert min((differences(shape(event), one) for one in samples), key=len) == []
    order = events[4]["o"]
    assert (order["c"], order["o"], order["ot"], order["R"]) == ("guard", "MARKET", "STOP_MARKET", True)
    assert (events[-1]["o"]["ai"], events[-1]["o"]["aq"]) == (str(order["i"]), "0.100")
    found = ann.rest("GET", "/fapi/v1/algoOrder", clientAlgoId="guard")
    assert (found["algoStatus"], found["actualOrderId"]) == ("FINISHED", str(order["i"]))
    assert position(ann)["positionAmt"] == "0.000"
    assert not exchange.market.waiting


def test_take_profit_and_stop_with_a_limit(exchange: FuturesExchange, ann: Trader) -> None:
    """A limit order rests after its trigger; FINISHED comes when it is cancelled."""
    price = exchange.flat()
    last(exchange, price)
    order = {"type": "TAKE_PROFIT", "quantity": "0.010", "triggerPrice": exchange.text(price + 100)}
    answer = stop(ann, price=exchange.text(price + 500), timeInForce="GTC", **order)
    last(exchange, price + 100)
    found = ann.rest("GET", "/fapi/v1/algoOrder", algoId=answer["algoId"])
    assert found["algoStatus"] == "TRIGGERED"
    ann.call("order.cancel", symbol=SYMBOL, orderId=found["actualOrderId"])
    assert facts(ann.take())[-2:] == ["CANCELED/CANCELED", "algo FINISHED"]


def test_a_trailing_stop_follows_the_price(exchange: FuturesExchange, ann: Trader) -> None:
    """From its activation on, as far as the callback."""
    price = exchange.flat()
    last(exchange, price)
    buy(ann, "0.010")
    order = {"type": "TRAILING_STOP_MARKET", "quantity": "0.010", "callbackRate": "0.5", "reduceOnly": "true"}
    answer = stop(ann, activatePrice=exchange.text(price + 1000), **order)
    assert (answer["callbackRate"], answer["activatePrice"]) == ("0.5", exchange.text(price + 1000))
    last(exchange, price - price // 100)  # not active yet
    ann.take()
    last(exchange, price + 2000)
    assert [event["o"]["ia"] for event in ann.take()] == [True]
    top = price + 2000
    last(exchange, top - top * 49 // 10_000)
    assert ann.rest("GET", "/fapi/v1/algoOrder", algoId=answer["algoId"])["algoStatus"] == "NEW"
    last(exchange, top - top * 51 // 10_000)
    assert ann.rest("GET", "/fapi/v1/algoOrder", algoId=answer["algoId"])["algoStatus"] == "FINISHED"


def test_close_position_closes_all_there_is(exchange: FuturesExchange, ann: Trader) -> None:
    """Without a quantity; without a position it is rejected when its price comes."""
    price = exchange.flat()
    last(exchange, price)
    buy(ann, "0.300")
    trigger = exchange.text(price - 100)
    stop(ann, closePosition="true", triggerPrice=trigger)
    with pytest.raises(Refused, match="-4130"):
        stop(ann, closePosition="true", triggerPrice=trigger)
    ann.take()
    last(exchange, price - 100)
    sold = next(event["o"] for event in ann.take() if event["e"] == "ORDER_TRADE_UPDATE")
    assert (sold["q"], sold["cp"]) == ("0.300", True)
    last(exchange, price)
    stop(ann, closePosition="true", triggerPrice=trigger)
    last(exchange, price - 100)
    assert ann.take()[-1]["o"]["rm"] == "ReduceOnly Order is rejected."


def test_cancelling(exchange: FuturesExchange, ann: Trader) -> None:
    """One by its id or name, all of a symbol; those gone are not found."""
    price = exchange.flat()
    last(exchange, price)
    order = {"quantity": "0.010", "triggerPrice": exchange.text(price - 100)}
    one = stop(ann, clientAlgoId="one", **order)
    assert ann.refused("algoOrder.place", algoType="CONDITIONAL", symbol=SYMBOL, side="SELL", type="STOP_MARKET",
                       clientAlgoId="one", **order)[0] == -4116  # fmt: skip
    gone = ann.call("algoOrder.cancel", clientAlgoId="one")
    assert gone == {"algoId": one["algoId"], "clientAlgoId": "one", "code": "200", "msg": "success"}
    assert ann.refused("algoOrder.cancel", algoId=one["algoId"])[0] == -2011
    stop(ann, **order)
    ann.rest("DELETE", "/fapi/v1/algoOpenOrders", symbol=SYMBOL)
    assert ann.rest("GET", "/fapi/v1/openAlgoOrders", symbol=SYMBOL) == []
    rows = ann.rest("GET", "/fapi/v1/allAlgoOrders", symbol=SYMBOL)
    assert [row["algoStatus"] for row in rows] == ["CANCELED", "CANCELED"]
    assert not exchange.market.waiting


REFUSALS = {
    "kind": ({"algoType": "TWAP"}, -1130),
    "type": ({"type": "LIMIT"}, -1116),
    "no trigger": ({"triggerPrice": None}, -1102),
    "at once": ({"triggerPrice": "99000"}, -2021),
    "no quantity": ({"quantity": None}, -1102),
    "close all of a limit": ({"type": "STOP", "price": "70000", "closePosition": "true"}, -4136),
    "close all and a quantity": ({"closePosition": "true"}, -4137),
    "callback": ({"type": "TRAILING_STOP_MARKET", "callbackRate": "25"}, -2007),
    "no callback": ({"type": "TRAILING_STOP_MARKET"}, -1102),
    "activation": ({"type": "TRAILING_STOP_MARKET", "callbackRate": "1", "activatePrice": "50000"}, -2021),
    "working type": ({"workingType": "INDEX"}, -1130),
    "nothing named": ({"symbol": None}, -1102),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(exchange: FuturesExchange, ann: Trader, name: str) -> None:
    """Each with its code, and without a trace."""
    change, code = REFUSALS[name]
    last(exchange, exchange.flat())
    order = {"algoType": "CONDITIONAL", "symbol": SYMBOL, "side": "SELL", "type": "STOP_MARKET", "quantity": "0.010",
             "triggerPrice": "80000"}  # fmt: skip
    sent = {key: value for key, value in {**order, **change}.items() if value is not None}
    assert ann.refused("algoOrder.place", **sent)[0] == code


def test_mark_prices_trigger_too(exchange: FuturesExchange, ann: Trader) -> None:
    """Where the order says so, the mark price counts and the last price does not."""
    price = exchange.flat()
    last(exchange, price)
    mark = Decimal(exchange.market.prices.mark8) / 10**8
    answer = stop(ann, quantity="0.010", triggerPrice=f"{mark * Decimal('0.97'):.2f}", workingType="MARK_PRICE")
    last(exchange, price - price // 20)
    assert ann.rest("GET", "/fapi/v1/algoOrder", algoId=answer["algoId"])["algoStatus"] == "NEW"
    exchange.market.prices.fair -= exchange.market.prices.fair // 25
    exchange.market.submit("other", BUY, 1, 1000)
    assert ann.rest("GET", "/fapi/v1/algoOrder", algoId=answer["algoId"])["algoStatus"] == "FINISHED"


def test_coin_margined_algo_orders_are_told_by_their_orders_alone() -> None:
    """COIN-M has the calls, over REST alone; no documented event tells of what waits."""
    exchange = CoinExchange()
    symbol, ann = exchange.market.instrument.symbol, exchange.trader("ann")
    price = exchange.flat()
    last(exchange, price)
    facts_ = {"algoType": "CONDITIONAL", "symbol": symbol, "side": "SELL", "type": "STOP_MARKET", "quantity": "5"}
    ann.rest("POST", "/dapi/v1/algoOrder", triggerPrice=exchange.text(price - 100), **facts_)
    assert ann.take() == []
    last(exchange, price - 100)
    assert facts(ann.take()) == ["NEW/NEW", "ORDER", "TRADE/FILLED"]
    assert json.dumps(ann.rest("GET", "/dapi/v1/openAlgoOrders")) == "[]"
