"""Options: premiums and margin, the order of events, exercise, what is refused, and random sessions."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from golden import differences, read, shape
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.trading.helpers import OptionsExchange, Trader

from binance_sockets.simulator.accounts import Insufficient, amount_text, units
from binance_sockets.simulator.binance.trading import Refused
from binance_sockets.simulator.market.book import BUY, SELL

V1 = "/eapi/v1"
ORDER = f"{V1}/order"
_OPEN = ("NEW", "PARTIALLY_FILLED")
_NEXT = {"NEW": {"NEW"}, "TRADE": {"PARTIALLY_FILLED", "FILLED"}, "CANCELED": {"CANCELED"},
         "EXPIRED": {"EXPIRED", "EXPIRED_IN_MATCH"}}  # fmt: skip


@pytest.fixture
def exchange() -> OptionsExchange:
    return OptionsExchange()


def place(trader: Trader, side: str, quantity: str, price: str, **more: Any) -> Any:
    facts = {"symbol": trader.exchange.market.instrument.symbol, "type": "LIMIT", "newOrderRespType": "RESULT", **more}
    return trader.rest("POST", ORDER, side=side, quantity=quantity, price=price, **facts)


def refused(trader: Trader, verb: str, path: str, **params: Any) -> int:
    """The code of a call that must be refused, and must change nothing."""
    before, told = trader.holdings(), len(trader.events)
    with pytest.raises(Refused) as caught:
        trader.rest(verb, V1 + path, **params)
    assert trader.holdings() == before
    assert trader.events[told:] == []
    return caught.value.code


def names(events: list[dict[str, Any]]) -> list[str]:
    return [f"{e['o']['x']}/{e['o']['X']}" if e["e"] == "ORDER_TRADE_UPDATE" else e["e"] for e in events]


def cash(trader: Trader) -> Decimal:
    return Decimal(amount_text(trader.account.wallet("options").total("USDT")))


def total(exchange: OptionsExchange) -> int:
    """What is in wallets, with the exchange and with the crowd."""
    accounts = exchange.accounts
    owned = sum(account.wallet("options").total("USDT") for account in accounts)
    return owned + accounts.fees["USDT"] + accounts.crowd["USDT"] + accounts.insurance["USDT"]


# premiums


def test_the_premium_moves_from_who_buys_to_who_sells(exchange: OptionsExchange) -> None:
    """Both pay a fee; the position is told with its entry price, the greeks and the equity after it."""
    ann, bob = exchange.trader("ann"), exchange.trader("bob")
    price = exchange.text(exchange.flat())
    place(ann, "SELL", "2", price)
    assert names(ann.take()) == ["NEW/NEW"]
    place(bob, "BUY", "0.5", price)
    for trader, side in ((ann, -1), (bob, 1)):
        events = trader.take()
        after = ["GREEK_UPDATE", "ACCOUNT_UPDATE"]
        fill = ["BALANCE_POSITION_UPDATE", "TRADE/PARTIALLY_FILLED" if side < 0 else "TRADE/FILLED"]
        assert names(events) == [*([] if side < 0 else ["NEW/NEW"]), *fill, *after]
        moved, traded, greeks, equity = events[-4:]
        premium, fee = Decimal(price) / 2, -Decimal(traded["o"]["n"])
        assert cash(trader) == 100_000 - side * premium - fee == Decimal(moved["B"][0]["b"]) == Decimal(equity["b"])
        assert 0 < fee <= premium / 10
        assert moved["P"] == [{
            "s": exchange.market.instrument.symbol, "c": "0.50" if side > 0 else "-0.50",
            "p": amount_text(side * units(f"{premium:.8f}")), "a": amount_text(units(price)),
        }]  # fmt: skip
        assert Decimal(greeks["G"][0]["d"]) * side > 0
        assert Decimal(equity["eq"]) == cash(trader) + side * premium
        assert Decimal(equity["aeq"]) == cash(trader) + max(0, side) * premium
        assert (Decimal(equity["M"]) > 0) == (side < 0)
    assert total(exchange) == exchange.accounts.deposited["USDT"]


def test_closing_tells_what_was_gained(exchange: OptionsExchange) -> None:
    """``rp`` is the difference of the premiums; the position is gone from REST."""
    ann = exchange.trader("ann")
    price = exchange.flat()
    exchange.market.submit("whale", SELL, 100, price)
    place(ann, "BUY", "1", exchange.text(price))
    exchange.market.submit("whale", BUY, 100, price + 5)
    ann.take()
    place(ann, "SELL", "1", exchange.text(price + 5), reduceOnly="true")
    traded = next(e["o"] for e in ann.take() if e["e"] == "ORDER_TRADE_UPDATE" and e["o"]["x"] == "TRADE")
    assert Decimal(traded["rp"]) == Decimal("0.005")
    assert ann.rest("GET", f"{V1}/position") == []
    assert [row["realizedProfit"] for row in ann.rest("GET", f"{V1}/userTrades", symbol=traded["s"])] == [
        "0.00000000", "0.00500000",
    ]  # fmt: skip


def test_a_fee_is_at_most_a_tenth_of_the_premium(exchange: OptionsExchange) -> None:
    """A share of what is underlying would be more where an option is worth little."""
    desk, contract = exchange.desk, exchange.desk.contract(exchange.market.instrument)
    assert desk.fee(contract, 100, units("50")) == units("5")
    assert desk.fee(contract, 100, units("5000")) == desk.index(contract) * 24 // 100_000


def test_events_have_the_golden_shape(exchange: OptionsExchange) -> None:
    """All five kinds; what is no fill has no fee."""
    ann, price = exchange.trader("ann", balances={"USDT": "25000"}), exchange.flat()
    exchange.market.submit("whale", BUY, 100, price)
    place(ann, "SELL", "1", exchange.text(price))
    exchange.market.prices.fair *= 4
    exchange.desk.deposit(ann.account, "USDT", "1", "options")
    events = ann.take()
    assert len({event["e"] for event in events}) == 5
    for event in events:
        no_fee = [".o.N", ".o.n"] if event.get("o", {}).get("x") == "NEW" else []
        for row in read(f"user/options/{event['e']}")["samples"]:
            assert differences(shape(event), shape(row["payload"])) == no_fee


# what is in the way


def test_orders_are_refused_with_codes(exchange: OptionsExchange) -> None:
    """Nothing changes by a refused order."""
    ann = exchange.trader("ann", balances={"USDT": "1000"})
    price, symbol = exchange.flat(), exchange.market.instrument.symbol
    good = {"symbol": symbol, "side": "BUY", "type": "LIMIT", "quantity": "0.01", "price": exchange.text(price)}
    for code, change in {
        -1121: {"symbol": "BTC-991231-1-C"}, -1116: {"type": "MARKET"}, -1117: {"side": "HOLD"},
        -1115: {"timeInForce": "GTD"}, -1128: {"timeInForce": "IOC", "postOnly": "true"}, -1020: {"isMmp": "true"},
        -1111: {"quantity": "0.001"}, -4003: {"quantity": "0"}, -4005: {"quantity": "10000"}, -4001: {"price": "0"},
        -4016: {"price": exchange.text(price * 3)}, -4024: {"price": exchange.text(price // 6), "side": "SELL"},
        -2022: {"reduceOnly": "true"}, -2018: {"quantity": "1"}, -2027: {"quantity": "1", "side": "SELL"},
        -5039: {"selfTradePreventionMode": "DECREMENT"}, -1130: {"newOrderRespType": "FULL"},
        -5022: {"timeInForce": "GTX", "price": exchange.text(price + 10)},
        -5021: {"timeInForce": "FOK", "quantity": "0.02", "price": exchange.text(price - 1)},
    }.items():  # fmt: skip
        assert refused(ann, "POST", "/order", **{**good, **change}) == code, change
    ann.rest("POST", ORDER, **{**good, "price": exchange.text(price // 2)}, clientOrderId="mine")
    ann.take()
    again = {**good, "price": exchange.text(price // 2), "clientOrderId": "mine"}
    assert refused(ann, "POST", "/order", **again) == -4116
    assert refused(ann, "DELETE", "/order", symbol=symbol, orderId=1) == -2013
    assert refused(ann, "DELETE", "/order", symbol=symbol) == -1102
    assert refused(ann, "GET", "/historyOrders") == -1102
    assert refused(ann, "GET", "/openOrders", startTime=2, endTime=1) == -1023
    assert refused(ann, "DELETE", "/allOpenOrdersByUnderlying", underlying="NOUSDT") == -1121


def test_margin_is_that_of_sold_lots_alone(exchange: OptionsExchange) -> None:
    """Fifteen percent of the index price, less what it is out of the money, and the mark price; no less than ten."""
    exchange.market = exchange.find("BTC-261225-90000-C")
    ann, price = exchange.trader("ann"), exchange.flat()
    exchange.market.submit("whale", BUY, 100, price)
    place(ann, "SELL", "1", exchange.text(price))
    desk, contract = exchange.desk, exchange.desk.contract(exchange.market.instrument)
    index, mark = desk.index(contract), desk.mark(contract)
    away = units("90000") - index
    assert away > 0
    row = ann.rest("GET", f"{V1}/marginAccount")["asset"][0]
    initial = max(index * 15 // 100 - away, index // 10) + mark
    kept = max(index * 75 // 1000 - away, index * 5 // 100) + mark
    assert (units(row["initialMargin"]), units(row["maintMargin"])) == (initial, kept)
    assert units(row["available"]) == units(row["marginBalance"]) - initial


def test_an_account_without_margin_may_only_reduce(exchange: OptionsExchange) -> None:
    """RISK_LEVEL_CHANGE tells of it, and that it is over; it is looked at after fills and transfers."""
    ann, price = exchange.trader("ann", balances={"USDT": "25000"}), exchange.flat()
    exchange.market.submit("whale", BUY, 100, price)
    place(ann, "SELL", "1", exchange.text(price))
    exchange.market.prices.fair *= 4
    ann.take()
    exchange.desk.deposit(ann.account, "USDT", "1", "options")
    moved, equity, level = ann.take()
    assert (moved["m"], moved["P"], moved["B"][0]["bc"]) == ("DEPOSIT", [], "1.00000000")
    assert (level["e"], level["s"]) == ("RISK_LEVEL_CHANGE", "REDUCE_ONLY")
    assert Decimal(level["mb"]) < Decimal(level["mm"]) == Decimal(equity["M"])
    assert ann.rest("GET", f"{V1}/marginAccount")["reduceOnly"] is True
    with pytest.raises(Refused, match="ReduceOnly"):
        place(ann, "SELL", "0.01", exchange.text(exchange.market.prices.fair))
    exchange.desk.deposit(ann.account, "USDT", "100000", "options")
    assert (ann.take()[-1]["s"], exchange.desk.reduce_only(ann.account)) == ("NORMAL", False)


def test_equity_is_told_every_ten_seconds_while_there_is_a_position(exchange: OptionsExchange) -> None:
    """As far as the market of some option runs."""
    ann, price = exchange.trader("ann"), exchange.flat()
    exchange.market.submit("whale", SELL, 100, price)
    place(ann, "BUY", "1", exchange.text(price))
    ann.take()
    begun, times = exchange.now, []
    while exchange.now < begun + 35_000_000:
        exchange.steps(1)
        times += [event["E"] for event in ann.take()]
    assert len(times) == 3
    assert all(later - sooner >= 10_000 for sooner, later in itertools.pairwise(times))


# ends


@pytest.mark.parametrize(("mode", "ended"), [
    ("EXPIRE_MAKER", [True, False]), ("EXPIRE_TAKER", [False, True]), ("EXPIRE_BOTH", [True, True]),
])  # fmt: skip
def test_an_account_does_not_trade_with_itself(exchange: OptionsExchange, mode: str, ended: list[bool]) -> None:
    """The taker's mode says which of the two orders expires."""
    ann, price = exchange.trader("ann"), exchange.flat()
    maker = place(ann, "SELL", "0.1", exchange.text(price))
    taker = place(ann, "BUY", "0.1", exchange.text(price), selfTradePreventionMode=mode)
    rows = [ann.rest("GET", ORDER, symbol=one["symbol"], orderId=one["orderId"]) for one in (maker, taker)]
    assert [row["status"] == "EXPIRED_IN_MATCH" for row in rows] == ended
    assert all(row["executedQty"] == "0.00" for row in rows)


def test_orders_are_cancelled_by_symbol_and_by_underlying(exchange: OptionsExchange) -> None:
    """Batches answer for each; what has ended is in the history, quantities of sold lots below zero."""
    ann, price = exchange.trader("ann"), exchange.flat()
    symbol = exchange.market.instrument.symbol
    row = f'{{"symbol":"{symbol}","side":"SELL","type":"LIMIT","quantity":"0.1","price":"{exchange.text(price + 9)}"}}'
    first, second, third, bad = ann.rest("POST", f"{V1}/batchOrders", orders=f"[{row},{row},{row},{{}}]")
    assert bad["code"] == -1102
    gone, unknown = ann.rest("DELETE", f"{V1}/batchOrders", symbol=symbol, orderIds=f"[{first['orderId']},1]")
    assert (gone["status"], unknown["code"]) == ("CANCELED", -2013)
    assert [o["orderId"] for o in ann.rest("GET", f"{V1}/openOrders")] == [second["orderId"], third["orderId"]]
    assert ann.rest("DELETE", f"{V1}/allOpenOrders", symbol=symbol)["code"] == 0
    assert ann.rest("GET", f"{V1}/openOrders", symbol=symbol) == []
    place(ann, "BUY", "0.1", exchange.text(price - 9))
    ann.rest("DELETE", f"{V1}/allOpenOrdersByUnderlying", underlying="BTCUSDT")
    history = ann.rest("GET", f"{V1}/historyOrders", symbol=symbol)
    assert [row["quantity"] for row in history] == ["-0.10000000"] * 3 + ["0.10000000"]
    assert {row["status"] for row in history} == {"CANCELED"}


@pytest.mark.parametrize(("symbol", "price", "pays"), [
    ("BTC-261225-80000-C", "90000", "10000"), ("BTC-261225-80000-C", "79999", "0"),
    ("BTC-261225-80000-P", "75000.5", "4999.5"),
])  # fmt: skip
def test_exercise_settles_in_cash(symbol: str, price: str, pays: str) -> None:
    """Who has bought receives what who has sold pays; orders end, and no new one is taken."""
    exchange = OptionsExchange(symbols={"options": [symbol]})
    ann, bob = exchange.trader("ann"), exchange.trader("bob")
    exchange.market = exchange.find(symbol)
    level = exchange.text(exchange.flat())
    place(ann, "SELL", "2", level)
    place(bob, "BUY", "1", level)
    before = cash(ann), cash(bob)
    ann.take()
    assert exchange.desk.exercise(symbol, units(price)) == 2
    assert (cash(ann), cash(bob)) == (before[0] - Decimal(pays), before[1] + Decimal(pays))
    assert names(ann.take()) == ["EXPIRED/EXPIRED", "BALANCE_POSITION_UPDATE", "GREEK_UPDATE", "ACCOUNT_UPDATE"]
    (row,) = ann.rest("GET", f"{V1}/exerciseRecord")
    assert (row["positionSide"], row["quantity"], Decimal(row["amount"])) == ("SHORT", "1.00000000", -Decimal(pays))
    assert ann.rest("GET", f"{V1}/position") == []
    assert total(exchange) == exchange.accounts.deposited["USDT"]
    assert exchange.desk.exercise(symbol) == 0
    with pytest.raises(Refused, match="symbol status"):
        place(ann, "BUY", "1", level)


# random sessions


class Told:
    """What an account knows from its events alone; complains about a sequence that is not legal."""

    def __init__(self, cash: str) -> None:
        self.cash = Decimal(cash)
        self.wallet = cash
        self.positions: dict[str, str] = {}
        self.orders: dict[tuple[str, int], dict[str, Any]] = {}

    def read(self, event: dict[str, Any]) -> None:
        if event["e"] == "BALANCE_POSITION_UPDATE":
            self.wallet = event["B"][0]["b"]
            self.cash += Decimal(event["B"][0]["bc"])
            self.positions |= {row["s"]: row["c"] for row in event["P"]}
        elif event["e"] == "ORDER_TRADE_UPDATE":
            self._read_order(event["o"])

    def _read_order(self, row: dict[str, Any]) -> None:
        key, side = (row["s"], row["i"]), 1 if row["S"] == "BUY" else -1
        before = self.orders.get(key)
        assert (before is None) == (row["x"] == "NEW"), row
        assert before is None or before["X"] in _OPEN, (before, row)
        assert row["X"] in _NEXT[row["x"]]
        assert Decimal(row["z"]) == Decimal(before["z"] if before else "0") + Decimal(row["l"]) <= Decimal(row["q"])
        self.cash += Decimal(row.get("n", "0")) - side * Decimal(row["l"]) * Decimal(row["L"])
        self.orders[key] = row


class Session:
    """What accounts do at random, in all ways there are."""

    def __init__(self, exchange_seed: int, rng: random.Random) -> None:
        self.rng, self.exchange = rng, OptionsExchange(exchange_seed)
        self.symbols = list(self.exchange.listing.listed["options"])[:3]
        self.traders = [self.exchange.trader(name, balances={"USDT": "30000"}) for name in ("ann", "bob", "cy")]
        self.told = [Told("30000") for _ in self.traders]
        self.settled = False
        self.done: Counter[str] = Counter()

    def act(self) -> None:
        rng, symbol = self.rng, self.rng.choice(self.symbols)
        if rng.random() < 0.35:
            self.exchange.steps(rng.randint(1, 12), self.exchange.find(symbol))
            return
        trader, name = rng.choice(self.traders), rng.choice(list(_ACTIONS))
        try:
            _ACTIONS[name](self, trader, symbol)
            self.done[name] += 1
        except (Refused, Insufficient):
            self.done[f"refused {name}"] += 1

    def place(self, trader: Trader, symbol: str) -> None:
        rng, market = self.rng, self.exchange.find(symbol)
        side = rng.choice((1, -1))
        price = market.last_trade().price - side * rng.randint(-3, 6) * market.prices.spacing
        more = {"reduceOnly": "true"} if rng.random() < 0.2 else {}
        trader.rest(
            "POST", ORDER, symbol=symbol, side="BUY" if side > 0 else "SELL", type="LIMIT",
            quantity=market.instrument.qty_text(rng.randint(1, 150)), price=market.instrument.price_text(price),
            timeInForce=rng.choice(("GTC", "GTC", "IOC", "FOK", "GTX")),
            selfTradePreventionMode=rng.choice(("EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "NONE")), **more,
        )  # fmt: skip

    def cancel(self, trader: Trader, symbol: str) -> None:
        orders = self.exchange.desk.orders(trader.account).open(symbol)
        trader.rest("DELETE", ORDER, symbol=symbol, orderId=self.rng.choice(orders).id if orders else 1)

    def cancel_all(self, trader: Trader, symbol: str) -> None:
        trader.rest("DELETE", f"{V1}/allOpenOrders", symbol=symbol)

    def deposit(self, trader: Trader, symbol: str) -> None:
        self.exchange.desk.deposit(trader.account, "USDT", self.rng.choice(("100", "-1")), "options")

    def exercise(self, trader: Trader, symbol: str) -> None:
        if self.rng.random() < 0.1:
            if self.exchange.desk.exercise(symbol, units(str(self.rng.randint(60_000, 110_000)))):
                self.settled = True
                self.done["settled"] += 1
            self.exchange.desk.exercised.clear()

    def check(self) -> None:
        assert total(self.exchange) == self.exchange.accounts.deposited["USDT"]
        for trader, told in zip(self.traders, self.told, strict=True):
            for event in trader.take():
                told.read(event)
            assert Decimal(told.wallet) == cash(trader)
            if self.settled:  # what an exercise brings stands in no event but as the balance
                told.cash = Decimal(told.wallet)
            assert told.cash == cash(trader)
            for row in trader.account.margin("options"):
                assert Decimal(told.positions.get(row.contract.symbol, "0")) * 100 == row.qty
            orders = {(o.instrument.symbol, o.id): o for o in self.exchange.desk.orders(trader.account).open()}
            assert set(orders) == {key for key, row in told.orders.items() if row["X"] in _OPEN}
            for symbol in self.symbols:
                resting = self.exchange.find(symbol).open_orders(f"{trader.account.uid}/options")
                mine = {number: order.remaining for (name, number), order in orders.items() if name == symbol}
                assert {number: order.remaining for number, order in resting.items()} == mine
            self.done["fills"] += sum(len(order.trades) for order in orders.values())
        self.settled = False


_ACTIONS: dict[str, Any] = {
    "place": Session.place, "place again": Session.place, "cancel": Session.cancel, "cancel all": Session.cancel_all,
    "deposit": Session.deposit, "exercise": Session.exercise,
}  # fmt: skip


def play(seed: int, exchange_seed: int, length: int) -> Session:
    session = Session(exchange_seed, random.Random(seed))
    for _ in range(length):
        session.act()
        session.check()
    return session


@given(seed=st.integers(0, 2**32), exchange_seed=st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_random_sessions_keep_every_account_right(seed: int, exchange_seed: int) -> None:
    """Nothing is lost or made, and the events tell all of it."""
    play(seed, exchange_seed, 100)


@pytest.mark.full
@pytest.mark.timeout(600)
@given(seed=st.integers(0, 2**32), exchange_seed=st.integers(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_many_long_sessions_keep_every_account_right(seed: int, exchange_seed: int) -> None:
    """The same, longer and more often."""
    play(seed, exchange_seed, 250)


def test_the_random_sessions_reach_everything() -> None:
    """Sessions that are refused everything would prove nothing."""
    assert {*_ACTIONS, "settled", "fills"} <= set(play(3, 1, 200).done)
