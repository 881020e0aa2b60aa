"""Random trading sessions: nothing is lost or made, what is locked is what open orders hold, events tell all of it."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.trading.helpers import BALANCES, EventLedger, Exchange, Trader

from binance_sockets.simulator.accounts import amount_text, units
from binance_sockets.simulator.binance.trading import Refused
from binance_sockets.simulator.binance.trading.spot.orders import SpotOrder
from binance_sockets.simulator.market.book import BUY

SYMBOLS = ("BTCUSDT", "BNBUSDT", "BNBBTC")
STP = ("EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER")


class Session:
    """What one account does at random, in all ways there are."""

    def __init__(self, exchange: Exchange, traders: list[Trader], rng: random.Random) -> None:
        self.exchange, self.traders, self.rng = exchange, traders, rng
        self.refusals: Counter[int] = Counter()
        self.done: Counter[str] = Counter()

    def act(self) -> None:
        rng = self.rng
        symbol = rng.choice(SYMBOLS)
        if rng.random() < 0.35:
            self.exchange.steps(rng.randint(1, 12), self.exchange.find(symbol))
            return
        trader = rng.choice(self.traders)
        name = rng.choice(list(_ACTIONS if trader.wallet == "spot" else _MARGIN))
        make = _ACTIONS[name] if trader.wallet == "spot" else _MARGIN[name]
        params = {"symbol": symbol, **make(self, trader, symbol)}
        try:
            if trader.wallet == "spot":
                trader.call(name, **params)
            else:
                trader.rest(*name.split(), **{key: value for key, value in params.items() if value is not None})
            self.done[name] += 1
        except Refused as refused:
            self.refusals[refused.code] += 1

    def price(self, symbol: str, side: str, lowest: int, highest: int) -> str:
        """So many spacings behind the last price, as seen from a side."""
        market = self.exchange.find(symbol)
        away = self.rng.randint(lowest, highest) * market.prices.spacing
        return str(market.instrument.price_text(market.last_trade().price + (-away if side == "BUY" else away)))

    def quantity(self, symbol: str, times: float = 2.0) -> str:
        i = self.exchange.find(symbol).instrument
        return str(i.qty_text(max(1, int(i.typical_qty * self.rng.random() * times))))

    def order(self, symbol: str, prefix: str = "", side: str | None = None, kind: str | None = None) -> dict[str, str]:
        """The parameters of one order; ``prefix`` for one of a list."""
        rng = self.rng
        side = side or rng.choice(("BUY", "SELL"))
        kind = kind or rng.choice(("LIMIT", "LIMIT", "MARKET", "LIMIT_MAKER", "STOP_LOSS", "STOP_LOSS_LIMIT",
                                   "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"))  # fmt: skip
        params = {"side": side, "type": kind, "quantity": self.quantity(symbol)}
        if "LIMIT" in kind:
            params["price"] = self.price(symbol, side, -3, 8)
        if kind in ("LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"):
            params["timeInForce"] = rng.choice(("GTC", "GTC", "IOC", "FOK"))
        if kind.startswith(("STOP", "TAKE")):
            rises = (side == "BUY") == kind.startswith("STOP")
            if rng.random() < 0.8:
                params["stopPrice"] = self.price(symbol, "SELL" if rises else "BUY", 0, 4)
            if rng.random() < 0.3 or "stopPrice" not in params:
                params["trailingDelta"] = str(rng.choice((10, 10, 20)))
        if kind.startswith("LIMIT") and params.get("timeInForce", "GTC") == "GTC" and rng.random() < 0.3:
            params["icebergQty"] = self.quantity(symbol, 0.5)
        if not prefix:
            return {**params, "selfTradePreventionMode": rng.choice(STP)}
        return {f"{prefix}{name[0].upper()}{name[1:]}": value for name, value in params.items()}

    def place(self, trader: Trader, symbol: str) -> dict[str, str]:
        params = self.order(symbol)
        if params["type"] == "MARKET" and self.rng.random() < 0.5:
            del params["quantity"]
            params["quoteOrderQty"] = "0.01" if symbol.endswith("BTC") else "700"
        return params

    def named(self, trader: Trader, symbol: str) -> dict[str, Any]:
        orders = self.exchange.desk.orders(trader.account, trader.wallet).open(symbol)
        return {"orderId": self.rng.choice(orders).id if orders else 1}

    def amend(self, trader: Trader, symbol: str) -> dict[str, Any]:
        return {**self.named(trader, symbol), "newQty": self.quantity(symbol, 1.0)}

    def replace(self, trader: Trader, symbol: str) -> dict[str, Any]:
        mode = self.rng.choice(("STOP_ON_FAILURE", "ALLOW_FAILURE"))
        named = self.named(trader, symbol)["orderId"]
        return {**self.place(trader, symbol), "cancelOrderId": named, "cancelReplaceMode": mode}

    def pair(self, symbol: str, side: str, above: str, below: str) -> dict[str, str]:
        wins, loses = ("LIMIT_MAKER", "TAKE_PROFIT_LIMIT", "TAKE_PROFIT"), ("STOP_LOSS", "STOP_LOSS_LIMIT")
        kinds = (wins, loses) if side == "SELL" else (loses, wins)
        params: dict[str, str] = {}
        for prefix, choices in zip((above, below), kinds, strict=True):
            params |= self.order(symbol, prefix, side, self.rng.choice(choices))
            for name in ("Side", "Quantity", "IcebergQty"):
                params.pop(prefix + name, None)
        return params

    def oco(self, trader: Trader, symbol: str) -> dict[str, str]:
        side = self.rng.choice(("BUY", "SELL"))
        return {**self.pair(symbol, side, "above", "below"), "side": side, "quantity": self.quantity(symbol)}

    def working(self, symbol: str, side: str | None = None) -> dict[str, str]:
        return self.order(symbol, "working", side, self.rng.choice(("LIMIT", "LIMIT", "LIMIT_MAKER")))

    def oto(self, trader: Trader, symbol: str) -> dict[str, str]:
        return {**self.working(symbol), **self.order(symbol, "pending")}

    def otoco(self, trader: Trader, symbol: str) -> dict[str, str]:
        side = self.rng.choice(("BUY", "SELL"))
        pair = self.pair(symbol, side, "pendingAbove", "pendingBelow")
        return {**self.working(symbol), **pair, "pendingSide": side, "pendingQuantity": self.quantity(symbol)}

    def opo(self, trader: Trader, symbol: str) -> dict[str, str]:
        pending = self.order(symbol, "pending", "SELL")
        pending.pop("pendingQuantity")
        return {**self.working(symbol, "BUY"), **pending}

    def opoco(self, trader: Trader, symbol: str) -> dict[str, str]:
        pair = self.pair(symbol, "SELL", "pendingAbove", "pendingBelow")
        return {**self.working(symbol, "BUY"), **pair, "pendingSide": "SELL"}

    def any_list(self, trader: Trader, symbol: str) -> dict[str, Any]:
        rows = self.exchange.desk.orders(trader.account).open_lists(symbol)
        return {"orderListId": self.rng.choice(rows).id if rows else 1}


_ACTIONS: dict[str, Any] = {
    "order.place": Session.place,
    "order.cancel": Session.named,
    "order.amend.keepPriority": Session.amend,
    "order.cancelReplace": Session.replace,
    "orderList.place.oco": Session.oco,
    "orderList.place.oto": Session.oto,
    "orderList.place.otoco": Session.otoco,
    "orderList.place.opo": Session.opo,
    "orderList.place.opoco": Session.opoco,
    "orderList.cancel": Session.any_list,
    "openOrders.cancelAll": lambda session, trader, symbol: {},
}


def _loan(session: Session, trader: Trader, symbol: str) -> dict[str, Any]:
    rng = session.rng
    kind, asset = rng.choice(("BORROW", "REPAY")), rng.choice(("USDT", "BTC", "BNB"))
    return {"symbol": None, "type": kind, "asset": asset, "amount": "50" if asset == "USDT" else "0.01"}


def _move(session: Session, trader: Trader, symbol: str) -> dict[str, Any]:
    kind = session.rng.choice(("MAIN_MARGIN", "MARGIN_MAIN"))
    return {"symbol": None, "type": kind, "asset": session.rng.choice(("USDT", "BTC")), "amount": "0.05"}


def _margin_order(session: Session, trader: Trader, symbol: str) -> dict[str, Any]:
    effects = ("NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_REPAY", "AUTO_BORROW_REPAY")
    return {**session.place(trader, symbol), "sideEffectType": session.rng.choice(effects)}


_MARGIN: dict[str, Any] = {
    "POST /sapi/v1/margin/order": _margin_order,
    "DELETE /sapi/v1/margin/order": Session.named,
    "DELETE /sapi/v1/margin/openOrders": lambda session, trader, symbol: {},
    "POST /sapi/v1/margin/borrow-repay": _loan,
    "POST /sapi/v1/asset/transfer": _move,
}


def check(exchange: Exchange, traders: list[Trader]) -> None:
    """What must hold at any moment."""
    accounts = exchange.accounts
    assets = set(accounts.deposited) | set(accounts.fees) | set(accounts.crowd)
    for asset in assets:
        owned = sum(wallet.total(asset) for account in accounts for wallet in account.wallets.values())
        assert owned + accounts.fees[asset] + accounts.crowd[asset] == accounts.deposited[asset], asset
    for trader in traders:
        open_orders = exchange.desk.orders(trader.account, trader.wallet).open()
        wallet = trader.account.wallet(trader.wallet)
        for asset in assets:
            assert wallet.free(asset) >= 0
            assert wallet.locked(asset) == locked_by(open_orders, asset), asset
        for symbol in SYMBOLS:
            market = exchange.find(symbol)
            resting = market.open_orders(f"{trader.account.uid}/{trader.wallet}")
            mine = {order.id: order for order in open_orders if order.market is market and not waits(order)}
            assert {number: order.remaining for number, order in resting.items()} == {
                number: order.remaining for number, order in mine.items()
            }
    for symbol in SYMBOLS:
        market = exchange.find(symbol)
        orders = [
            order for trader in traders for order in exchange.desk.orders(trader.account, trader.wallet).open(symbol)
        ]
        assert market.waiting == sum(1 for order in orders if waits(order) and order.status != "PENDING_NEW")
    for trader in traders:
        for row in exchange.desk.orders(trader.account, trader.wallet).lists.values():
            assert row.is_open == any(order.is_open for order in row.orders)
            if row.contingency == "OTO" and row.orders[0].status == "FILLED":
                assert not any(order.pending for order in row.orders)


def waits(order: SpotOrder) -> bool:
    return order.status == "PENDING_NEW" or (order.ticket.contingent and order.working_at < 0)


def locked_by(orders: list[SpotOrder], asset: str) -> int:
    """What open orders hold of an asset, reckoned anew: pairs of which one is filled count by the larger."""
    total, pairs = 0, dict[int, int]()
    for order in orders:
        row = order.order_list
        needed = holds(order) if order.paid_asset == asset else 0
        paired = row is not None and (row.contingency == "OCO" or order is not row.orders[0])
        if row is not None and paired:
            pairs[row.id] = max(pairs.get(row.id, 0), needed)
        else:
            total += needed
    return total + sum(pairs.values())


def holds(order: SpotOrder) -> int:
    i, ticket, row = order.instrument, order.ticket, order.order_list
    if row is not None and row.pays and order.status == "PENDING_NEW":
        received = row.orders[0]
        return sum(t.qty * 10 ** (8 - i.qty_places) - t.fee for t in received.trades)
    left = order.qty - order.filled - order.prevented
    if ticket.side != BUY:
        return left * 10 ** (8 - i.qty_places)
    if ticket.price is None and ticket.stop is None:
        return order.hold.amount  # at the price of a moment that has passed
    value = Fraction((ticket.price or ticket.stop or 0) * left * 10**8, 10 ** (i.price_places + i.qty_places))
    return -int(-value // 1)


def open_rows(trader: Trader) -> Any:
    if trader.wallet == "spot":
        return trader.call("openOrders.status")
    return trader.rest("GET", "/sapi/v1/margin/openOrders")


def play(seed: int, length: int, exchange_seed: int) -> Session:
    rng, exchange = random.Random(seed), Exchange(exchange_seed)
    cross = exchange.trader("cy", "margin")
    traders = [exchange.trader("ann"), exchange.trader("bob"), cross, Trader(exchange, cross.account)]
    ledgers = [EventLedger(BALANCES), EventLedger(BALANCES), EventLedger(BALANCES), EventLedger({})]
    session = Session(exchange, traders, rng)
    for _ in range(length):
        session.act()
        check(exchange, traders)
        for trader, ledger in zip(traders, ledgers, strict=True):
            for event in trader.take():
                ledger.read(event)
            compare(exchange, trader, ledger)
    return session


def compare(exchange: Exchange, trader: Trader, ledger: EventLedger) -> None:
    """What the events told is what the exchange says when it is asked."""
    wallet = trader.account.wallet(trader.wallet)
    for asset, (free, locked) in ledger.positions.items():
        assert (free, locked) == (amount_text(wallet.free(asset)), amount_text(wallet.locked(asset))), asset
    for asset, total in ledger.totals.items():
        assert units(f"{total:.8f}") == wallet.total(asset), asset
    open_told = {
        key for key, event in ledger.orders.items() if event["X"] in ("NEW", "PENDING_NEW", "PARTIALLY_FILLED")
    }
    rows = {(row["symbol"], row["orderId"]): row for row in open_rows(trader)}
    assert open_told == set(rows)
    for key, row in rows.items():
        told = ledger.orders[key]
        assert (told["z"], told["q"], told["X"], told["Z"]) == (
            row["executedQty"], row["origQty"], row["status"], row["cummulativeQuoteQty"],
        )  # fmt: skip


@given(seed=st.integers(0, 2**32), exchange_seed=st.integers(0, 50))
@settings(max_examples=12, deadline=None)
def test_random_sessions_keep_every_account_right(seed: int, exchange_seed: int) -> None:
    """Accounts trade with the crowd and with each other in every way there is, one of them on margin and on spot."""
    play(seed, 120, exchange_seed)


@pytest.mark.full
@pytest.mark.timeout(600)
@given(seed=st.integers(0, 2**32), exchange_seed=st.integers(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_many_long_sessions_keep_every_account_right(seed: int, exchange_seed: int) -> None:
    """The same, longer and more often."""
    play(seed, 250, exchange_seed)


def test_the_random_sessions_reach_everything() -> None:
    """Sessions that are refused everything would prove nothing."""
    done: Counter[str] = Counter()
    for seed in range(4):
        done += play(seed, 250, seed).done
    assert set(done) == {*_ACTIONS, *_MARGIN}
