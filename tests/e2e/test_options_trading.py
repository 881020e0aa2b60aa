"""The library's own user socket hears of options that are traded on the embedded exchange over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests
from e2e.harness import Record, managed, options
from simulator.members import Member

from binance_sockets.exchanges.binance import models as m
from binance_sockets.simulator import Fault, LimitOverrides, Simulator

SYMBOL = "BTC-261225-90000-C"
SECRET = "oSecret0" * 8
ORDER = "/options/eapi/v1/order"


class Trader(Member):
    """Somebody who signs REST calls, with an account."""

    def __init__(self, exchange: Simulator, name: str) -> None:
        super().__init__(name * 8, SECRET)
        self.exchange = exchange
        exchange.accounts.create(self.api_key, **self.arguments, balances={"options": {"USDT": "100000000"}})

    def ask(self, method: str, path: str, **params: Any) -> Any:
        answer = self.call(self.exchange, method, path, **params)
        assert answer.status_code == requests.codes.ok, answer.text
        return answer.json()

    def order(self, side: str, quantity: str, price: Decimal, **more: Any) -> dict[str, Any]:
        facts = {"symbol": SYMBOL, "type": "LIMIT", "newOrderRespType": "RESULT", **more}
        answer = self.ask("POST", ORDER, side=side, quantity=quantity, price=price, **facts)
        assert isinstance(answer, dict)
        return answer

    def filled(self, order_id: int) -> Decimal:
        """How much of an order is."""
        return Decimal(self.ask("GET", ORDER, symbol=SYMBOL, orderId=order_id)["executedQty"])


def reports(record: Record, order_id: int) -> list[tuple[str, str]]:
    """What was told of an order: execution and status."""
    rows = [row.order for row in list(record.messages) if isinstance(row, m.OptionOrderUpdate)]
    return [(row.execution_type, row.status) for row in rows if row.order_id == order_id]


def test_an_order_is_placed_partly_filled_filled_and_cancelled() -> None:
    """Typed events, as they come; balance and position of the stream are those that REST tells, exercise included."""
    with Simulator(symbols={"options": [SYMBOL]}, seed=5, limits=LimitOverrides(weight=1_000_000)) as exchange:
        maker, taker = Trader(exchange, "oMaker01"), Trader(exchange, "oTaker01")
        with managed(exchange, api_key=maker.api_key, api_secret=SECRET) as (manager, record):
            manager.start()
            manager.wait_open(manager.start_options_user_socket(record.on_message, view="typed"))
            mark = Decimal(maker.ask("GET", "/options/eapi/v1/mark", symbol=SYMBOL)[0]["markPrice"])
            price = (mark * 9 / 10).quantize(Decimal("0.1"))
            number = maker.order("BUY", "20", price, postOnly="true")["orderId"]
            taker.order("SELL", "500", price, timeInForce="IOC")
            record.wait(lambda seen: ("TRADE", "FILLED") in reports(seen, number), "the last fill")
            other = maker.order("BUY", "100", price)["orderId"]
            while not maker.filled(other):
                taker.order("SELL", "5", price, timeInForce="IOC")  # the crowd may have better bids
            maker.ask("DELETE", ORDER, symbol=SYMBOL, orderId=other)
            record.wait(lambda seen: ("CANCELED", "CANCELED") in reports(seen, other), "the cancel")
            for one in (number, other):
                assert reports(record, one)[0] == ("NEW", "NEW")
            assert ("TRADE", "PARTIALLY_FILLED") in reports(record, other)
            (position,) = maker.ask("GET", "/options/eapi/v1/position", symbol=SYMBOL)
            assert _last(record).positions[0].quantity_decimal == Decimal(position["quantity"]) > 20
            assert exchange.accounts.exercise(SYMBOL, "95000") >= 2
            record.wait(lambda seen: Decimal(_last(seen).positions[0].quantity) == 0, "the exercise")
            balance = maker.ask("GET", "/options/eapi/v1/marginAccount")["asset"][0]["marginBalance"]
            assert _last(record).balances[0].balance_decimal == Decimal(balance)
            exchange.accounts.deposit(maker.api_key, "USDT", "5", "options")
            record.wait(lambda seen: _last(seen).reason == "DEPOSIT", "the deposit")
            kinds = {type(row) for row in record.messages}
            assert kinds == {m.OptionOrderUpdate, m.BalancePositionUpdate, m.GreekUpdate, m.OptionAccountUpdate}


def test_what_a_gap_has_swallowed_is_told_over_rest() -> None:
    """Orders placed, filled, cancelled and begun before while the stream was down: each step once, marked."""
    with Simulator(symbols={"options": [SYMBOL]}, seed=6, limits=LimitOverrides(weight=1_000_000)) as exchange:
        maker, taker = Trader(exchange, "oMaker02"), Trader(exchange, "oTaker02")
        opts = options(attempts=None, initial=0.05)
        with managed(exchange, opts, api_key=maker.api_key, api_secret=SECRET) as (manager, record):
            manager.start()
            conn_key = manager.start_options_user_socket(record.on_message, view="typed", reconcile=True)
            manager.wait_open(conn_key)
            mark = Decimal(maker.ask("GET", "/options/eapi/v1/mark", symbol=SYMBOL)[0]["markPrice"])
            price = (mark * 9 / 10).quantize(Decimal("0.1"))
            begun = maker.order("BUY", "10", price)["orderId"]
            record.wait(lambda seen: reports(seen, begun), "the first order")
            exchange.inject(Fault.HTTP_STATUS, count=1000)
            exchange.inject(Fault.RESET, product="options")
            record.wait(lambda seen: any(change.state.value == "backoff" for change in seen.states), "it is down")
            taker.order("SELL", "500", price, timeInForce="IOC")
            gone = maker.order("BUY", "3", price / 2)["orderId"]
            maker.ask("DELETE", ORDER, symbol=SYMBOL, orderId=gone)
            left = maker.order("BUY", "4", price / 2)["orderId"]
            exchange.clear_faults()
            record.wait(lambda seen: reports(seen, left), "REST tells the last order")
            record.wait(lambda seen: any(isinstance(row, m.BalancePositionUpdate) for row in seen.messages), "and cash")
            assert reports(record, begun)[-1] == ("TRADE", "FILLED")
            assert reports(record, gone) == [("NEW", "NEW"), ("CANCELED", "CANCELED")]
            assert reports(record, left) == [("NEW", "NEW")]
            rows = [row.order for row in record.messages if isinstance(row, m.OptionOrderUpdate)]
            fills = [row for row in rows if row.execution_type == "TRADE"]
            trades = maker.ask("GET", "/options/eapi/v1/userTrades", symbol=SYMBOL)
            assert [row.trade_id for row in fills] == [row["tradeId"] for row in trades]
            assert [Decimal(row.commission or 0) for row in fills] == [-Decimal(row["fee"]) for row in trades]
            balance = maker.ask("GET", "/options/eapi/v1/marginAccount")["asset"][0]["marginBalance"]
            assert _last(record).balances[0].balance_decimal == Decimal(balance)
            marked = [row for row in record.messages if row.extra.get("reconciled")]
            assert len(marked) == len(record.messages) - 1
            manager.reconcile(conn_key)
            maker.ask("DELETE", ORDER, symbol=SYMBOL, orderId=left)
            record.wait(lambda seen: ("CANCELED", "CANCELED") in reports(seen, left), "the stream goes on")
            assert len(record.messages) == len(marked) + 2


def test_the_registrar_refuses_what_it_cannot_exercise() -> None:
    """An unknown symbol, a price that is none, and a simulator that was never started."""
    with pytest.raises(RuntimeError, match="started"):
        Simulator().accounts.exercise(SYMBOL)
    with Simulator(symbols={"options": [SYMBOL]}) as exchange:
        with pytest.raises(ValueError, match="Invalid symbol"):
            exchange.accounts.exercise("BTC-261225-1-C")
        with pytest.raises(ValueError, match="not an amount"):
            exchange.accounts.exercise(SYMBOL, "much")
        answer = requests.post(f"{exchange.url}/control/exercises", json={"symbol": SYMBOL}, timeout=5)
        assert answer.json() == {"positions": 0}


def _last(record: Record) -> m.BalancePositionUpdate:
    """The last word on balances and positions."""
    return [row for row in list(record.messages) if isinstance(row, m.BalancePositionUpdate)][-1]
