"""Random sessions on futures: nothing is lost or made, nothing reduce-only opens, and the events tell all of it."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.trading.helpers import CoinExchange, FuturesExchange, Trader

from binance_sockets.simulator.accounts import amount_text, units
from binance_sockets.simulator.binance.trading import Refused

SYMBOLS = {"usdm": ("BTCUSDT", "SOLUSDT"), "coinm": ("BTCUSD_PERP", "ETHUSD_PERP")}
EXCHANGES = {"usdm": FuturesExchange, "coinm": CoinExchange}
BALANCES = {"usdm": {"USDT": "20000"}, "coinm": {"BTC": "0.5", "ETH": "10"}}
_OPEN = ("NEW", "PARTIALLY_FILLED")
_NEXT = {"NEW": {"NEW"}, "TRADE": {"PARTIALLY_FILLED", "FILLED"}, "CALCULATED": {"PARTIALLY_FILLED", "FILLED"},
         "CANCELED": {"CANCELED"}, "EXPIRED": {"EXPIRED", "EXPIRED_IN_MATCH"}, "AMENDMENT": set(_OPEN)}  # fmt: skip


class Told:
    """What an account knows from its events alone; complains about a sequence that is not legal."""

    def __init__(self, balances: dict[str, str]) -> None:
        self.totals = {asset: Decimal(text) for asset, text in balances.items()}
        self.wallets: dict[str, str] = {}
        self.positions: dict[tuple[str, str], str] = {}
        self.orders: dict[tuple[str, int], dict[str, Any]] = {}
        self.fills: Counter[tuple[str, int]] = Counter()

    def read(self, event: dict[str, Any]) -> None:
        if event["e"] == "ACCOUNT_UPDATE":
            for row in event["a"]["B"]:
                self.wallets[row["a"]] = row["wb"]
                self.totals[row["a"]] += Decimal(row["bc"])
            self.positions |= {(row["s"], row["ps"]): row["pa"] for row in event["a"]["P"]}
        elif event["e"] == "ORDER_TRADE_UPDATE":
            self._read_order(event["o"])
        elif event["e"] == "TRADE_LITE":
            self.fills[event["s"], event["i"]] += 1

    def _read_order(self, row: dict[str, Any]) -> None:
        key = row["s"], row["i"]
        before = self.orders.get(key)
        assert (before is None) == (row["x"] == "NEW"), row
        assert before is None or before["X"] in _OPEN, (before, row)
        assert row["X"] in _NEXT[row["x"]]
        assert Decimal(row["z"]) == Decimal(before["z"] if before else "0") + Decimal(row["l"])
        assert Decimal(row["z"]) <= Decimal(row["q"])
        self.totals[row["N"]] += Decimal(row["rp"]) - Decimal(row["n"])
        self.orders[key] = row


class Session:
    """What accounts do at random, in all ways there are."""

    def __init__(self, product: str, exchange_seed: int, rng: random.Random) -> None:
        self.product, self.rng = product, rng
        self.exchange = EXCHANGES[product](exchange_seed)
        self.prefix = "/fapi" if product == "usdm" else "/dapi"
        self.traders = [self.exchange.trader(name, balances=BALANCES[product]) for name in ("ann", "bob", "cy")]
        self.traders[1].rest("POST", f"{self.prefix}/v1/positionSide/dual", dualSidePosition="true")
        self.traders[2].rest("POST", f"{self.prefix}/v1/marginType", symbol=SYMBOLS[product][0], marginType="ISOLATED")
        for trader in self.traders:
            trader.take()
        self.told = [Told(BALANCES[product]) for _ in self.traders]
        self.done: Counter[str] = Counter()

    def act(self) -> None:
        rng, symbol = self.rng, self.rng.choice(SYMBOLS[self.product])
        if rng.random() < 0.35:
            self.exchange.steps(rng.randint(1, 12), self.exchange.find(symbol))
            return
        trader, name = rng.choice(self.traders), rng.choice(list(_ACTIONS))
        try:
            _ACTIONS[name](self, trader, symbol)
            self.done[name] += 1
        except Refused:
            self.done[f"refused {name}"] += 1

    def quantity(self, symbol: str) -> str:
        i = self.exchange.find(symbol).instrument
        return str(i.qty_text(max(1, int(i.typical_qty * self.rng.random() * 3))))

    def price(self, symbol: str, side: str, lowest: int, highest: int) -> str:
        market = self.exchange.find(symbol)
        away = self.rng.randint(lowest, highest) * market.prices.spacing
        return str(market.instrument.price_text(market.last_trade().price + (-away if side == "BUY" else away)))

    def common(self, trader: Trader, symbol: str) -> dict[str, Any]:
        rng, hedge = self.rng, trader.account.margin(self.product).hedge
        order: dict[str, Any] = {
            "symbol": symbol, "side": rng.choice(("BUY", "SELL")), "quantity": self.quantity(symbol),
            "selfTradePreventionMode": rng.choice(("EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "NONE")),
        }  # fmt: skip
        if hedge:
            return {**order, "positionSide": rng.choice(("LONG", "SHORT"))}
        return {**order, "reduceOnly": "true"} if rng.random() < 0.3 else order

    def place(self, trader: Trader, symbol: str) -> None:
        order = {**self.common(trader, symbol), "type": self.rng.choice(("LIMIT", "MARKET"))}
        if order["type"] == "LIMIT":
            order["price"] = self.price(symbol, order["side"], -3, 6)
            order["timeInForce"] = self.rng.choice(("GTC", "GTC", "IOC", "FOK", "GTX"))
        trader.call("order.place", **order)

    def algo(self, trader: Trader, symbol: str) -> None:
        order = {**self.common(trader, symbol), "algoType": "CONDITIONAL"}
        kind = order["type"] = self.rng.choice(("STOP_MARKET", "TAKE_PROFIT", "TRAILING_STOP_MARKET"))
        if kind == "TRAILING_STOP_MARKET":
            order["callbackRate"] = "0.1"
        else:
            rises = (order["side"] == "BUY") == kind.startswith("STOP")
            order["triggerPrice"] = self.price(symbol, "SELL" if rises else "BUY", 0, 4)
        if kind == "TAKE_PROFIT":
            order["price"] = self.price(symbol, order["side"], -3, 6)
        trader.rest("POST", f"{self.prefix}/v1/algoOrder", **order)

    def named(self, trader: Trader, symbol: str) -> dict[str, Any]:
        orders = self.exchange.desk.orders(trader.account).open(symbol)
        order = self.rng.choice(orders) if orders else None
        return {"symbol": symbol, "orderId": order.id if order else 1, "side": order.side_name if order else "BUY"}

    def cancel(self, trader: Trader, symbol: str) -> None:
        trader.call("order.cancel", **self.named(trader, symbol))

    def modify(self, trader: Trader, symbol: str) -> None:
        named = self.named(trader, symbol)
        trader.call(
            "order.modify", **named, quantity=self.quantity(symbol), price=self.price(symbol, named["side"], -2, 6)
        )

    def cancel_all(self, trader: Trader, symbol: str) -> None:
        trader.rest("DELETE", f"{self.prefix}/v1/allOpenOrders", symbol=symbol)

    def fund(self, trader: Trader, symbol: str) -> None:
        self.exchange.desk.force.fund(symbol, self.rng.randint(-10_000, 10_000))

    def force(self, trader: Trader, symbol: str) -> None:
        force = self.exchange.desk.force
        self.rng.choice((force.liquidate, force.deleverage, force.settle))(trader.account, symbol)

    def leverage(self, trader: Trader, symbol: str) -> None:
        trader.rest("POST", f"{self.prefix}/v1/leverage", symbol=symbol, leverage=self.rng.choice((2, 20, 75)))

    # what must hold at any moment

    def check(self) -> None:
        accounts, product = self.exchange.accounts, self.product
        for asset in BALANCES[product]:
            rows = [row for account in accounts for row in account.margin(product) if row.contract.asset == asset]
            costs = sum(row.side * row.contract.sense * row.cost for row in rows)
            owned = sum(account.wallet(product).total(asset) for account in accounts)
            booked = accounts.fees[asset] + accounts.crowd[asset] + accounts.insurance[asset]
            assert owned - costs + booked == accounts.deposited[asset], asset
        for trader, told in zip(self.traders, self.told, strict=True):
            self._check_events(trader, told)
            self._check_orders(trader, told)

    def _check_events(self, trader: Trader, told: Told) -> None:
        for event in trader.take():
            told.read(event)
        wallet = trader.account.wallet(self.product)
        for asset, total in told.totals.items():
            assert units(f"{total:.8f}") == wallet.total(asset), asset
        for asset, text in told.wallets.items():
            assert Decimal(text) == Decimal(amount_text(wallet.total(asset)))
        for row in trader.account.margin(self.product):
            key = row.contract.symbol, {0: "BOTH", 1: "LONG", -1: "SHORT"}[row.leg]
            assert Decimal(told.positions.get(key, "0")) == Decimal(row.contract.instrument.qty_text(row.qty))
            assert row.leg * row.qty >= 0

    def _check_orders(self, trader: Trader, told: Told) -> None:
        orders = {(o.instrument.symbol, o.id): o for o in self.exchange.desk.orders(trader.account).open()}
        assert set(orders) == {key for key, row in told.orders.items() if row["X"] in _OPEN}
        for symbol in SYMBOLS[self.product]:
            resting = self.exchange.find(symbol).open_orders(f"{trader.account.uid}/{self.product}")
            mine = {number: order.remaining for (name, number), order in orders.items() if name == symbol}
            assert {number: order.remaining for number, order in resting.items()} == mine
        closing: Counter[tuple[str, int, int]] = Counter()
        for order in orders.values():
            if order.ticket.closes:
                closing[order.instrument.symbol, order.ticket.leg, order.side] += order.remaining
        for (symbol, leg, side), qty in closing.items():
            row = next(o.position for o in orders.values() if (o.instrument.symbol, o.ticket.leg) == (symbol, leg))
            assert row.side == -side
            assert qty <= row.size


_ACTIONS: dict[str, Any] = {
    "place": Session.place, "place again": Session.place, "algo": Session.algo, "cancel": Session.cancel,
    "modify": Session.modify, "cancel all": Session.cancel_all, "fund": Session.fund, "force": Session.force,
    "leverage": Session.leverage,
}  # fmt: skip


def play(product: str, seed: int, exchange_seed: int, length: int) -> Session:
    session = Session(product, exchange_seed, random.Random(seed))
    for _ in range(length):
        session.act()
        session.check()
    return session


@pytest.mark.parametrize("product", ["usdm", "coinm"])
@given(seed=st.integers(0, 2**32), exchange_seed=st.integers(0, 50))
@settings(max_examples=8, deadline=None)
def test_random_sessions_keep_every_account_right(product: str, seed: int, exchange_seed: int) -> None:
    """One-way, hedge and isolated accounts trade with the crowd and each other; some are closed by force."""
    play(product, seed, exchange_seed, 100)


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("product", ["usdm", "coinm"])
@given(seed=st.integers(0, 2**32), exchange_seed=st.integers(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_many_long_sessions_keep_every_account_right(product: str, seed: int, exchange_seed: int) -> None:
    """The same, longer and more often."""
    play(product, seed, exchange_seed, 250)


def test_the_random_sessions_reach_everything() -> None:
    """Sessions that are refused everything would prove nothing."""
    done: Counter[str] = Counter()
    for product in EXCHANGES:
        done += play(product, 3, 1, 250).done
    assert set(_ACTIONS) <= set(done)
