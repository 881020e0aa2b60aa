"""Orders that wait for a price: when they are sent, and what they tell of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from simulator.trading.helpers import BALANCES, SYMBOL, Exchange, Trader, kinds

from binance_sockets.simulator.accounts import Accounts, amount_text
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.trading import BY_METHOD
from binance_sockets.simulator.binance.trading.spot import Desk
from binance_sockets.simulator.feed import Feed
from binance_sockets.simulator.market.book import BUY, SELL
from binance_sockets.simulator.market.clock import SimClock
from binance_sockets.simulator.market.world import World


@pytest.fixture
def exchange() -> Exchange:
    exchange = Exchange()
    exchange.deepen()
    return exchange


@pytest.fixture
def ann(exchange: Exchange) -> Trader:
    return exchange.trader("ann")


def stop(ann: Trader, side: str, kind: str, **more: Any) -> int:
    answer = ann.call("order.place", symbol=SYMBOL, side=side, type=kind, quantity="0.01", **more)
    return int(answer["orderId"])


@pytest.mark.parametrize(
    ("side", "kind", "away", "trades"),
    [
        ("BUY", "STOP_LOSS", 400, (100, 399, 400)),
        ("SELL", "STOP_LOSS", -400, (-100, -399, -400)),
        ("BUY", "TAKE_PROFIT", -400, (-100, -399, -401)),
        ("SELL", "TAKE_PROFIT", 400, (100, 399, 450)),
    ],
)
def test_a_trade_at_the_stop_price_sends_the_order(
    exchange: Exchange, ann: Trader, side: str, kind: str, away: int, trades: tuple[int, ...]
) -> None:
    """Not before; then it reports that it works, and takes the book."""
    last = exchange.last
    order_id = stop(ann, side, kind, stopPrice=exchange.text(last + away))
    assert kinds(ann.take()) == ["NEW/NEW", "position"]
    for n, change in enumerate(trades):
        row = ann.call("order.status", symbol=SYMBOL, orderId=order_id)
        assert (row["isWorking"], row["workingTime"]) == (False, -1), n
        exchange.trade_at(last + change, BUY if change > 0 else SELL)
    assert kinds(ann.events, partial=False) == ["NEW/NEW", "TRADE/FILLED", "position"]
    assert [event["w"] for event in (ann.events[0], ann.events[-2])] == [True, False]
    assert ann.events[0]["W"] == ann.events[0]["E"]
    assert all(locked == "0.00000000" for _, locked in ann.holdings().values())


def test_a_stop_limit_order_rests_at_its_limit(exchange: Exchange, ann: Trader) -> None:
    """Once the trade price has passed its stop."""
    last = exchange.last
    limit = exchange.text(last - 5000)
    order_id = stop(ann, "BUY", "STOP_LOSS_LIMIT", stopPrice=exchange.text(last + 400), price=limit, timeInForce="GTC")
    assert ann.events[0]["P"] == exchange.text(last + 400)
    locked = ann.holdings()["USDT"][1]
    exchange.trade_at(last + 400)
    row = ann.call("order.status", symbol=SYMBOL, orderId=order_id)
    assert (row["status"], row["isWorking"], row["price"]) == ("NEW", True, limit)
    assert kinds(ann.take())[2:] == ["NEW/NEW", "position"]
    assert ann.holdings()["USDT"][1] == locked
    exchange.sweep(SELL, last - 5000)
    assert kinds(ann.events) == ["TRADE/FILLED", "position"]


def test_a_market_stop_that_cannot_pay_expires(exchange: Exchange) -> None:
    """The funds may be gone when it triggers."""
    ann = exchange.trader("poor", balances={"USDT": "900"})
    last = exchange.last
    stop(ann, "BUY", "STOP_LOSS", stopPrice=exchange.text(last + 400))
    exchange.sweep(BUY, last + 900_000)
    event = ann.events[-2]
    assert (event["x"], event["X"], event["r"], event["eR"]) == (
        "EXPIRED",
        "EXPIRED",
        "INSUFFICIENT_BALANCES",
        "REJECTED",
    )
    assert ann.holdings()["USDT"] == ("900.00000000", "0.00000000")


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_trailing_stop_follows_the_best_price(exchange: Exchange, ann: Trader, side: str) -> None:
    """One percent from the best price since it was placed, not from the first."""
    sign = 1 if side == "SELL" else -1
    order_id = stop(ann, side, "STOP_LOSS", trailingDelta=100)
    event = ann.events[0]
    assert (event["d"], event["D"], event["P"]) == (100, event["E"], "0.00000000")
    start = exchange.last
    best = start + sign * start // 100
    exchange.trade_at(best, BUY if sign > 0 else SELL)
    exchange.trade_at(best - sign * (best // 100 - 10), SELL if sign > 0 else BUY)
    assert ann.call("order.status", symbol=SYMBOL, orderId=order_id)["status"] == "NEW"
    exchange.trade_at(best - sign * (best // 100 + 10), SELL if sign > 0 else BUY)
    assert ann.call("order.status", symbol=SYMBOL, orderId=order_id)["status"] == "FILLED"


def test_a_trailing_stop_with_a_stop_price_starts_there(exchange: Exchange, ann: Trader) -> None:
    """It does not follow the price before."""
    start = exchange.last
    order_id = stop(ann, "SELL", "TAKE_PROFIT", trailingDelta=50, stopPrice=exchange.text(start + 50_000))
    named = {"symbol": SYMBOL, "orderId": order_id}
    assert ann.events[0]["D"] == -1
    exchange.trade_at(start - 60_000, SELL)
    assert ann.call("order.status", **named)["trailingTime"] == -1
    exchange.trade_at(start + 50_000)
    assert ann.call("order.status", **named)["trailingTime"] == exchange.now // 1000
    assert ann.call("order.status", **named)["status"] == "NEW"
    exchange.trade_at(start + 5_000, SELL)
    assert ann.call("order.status", **named)["status"] == "FILLED"


def test_an_order_that_waits_keeps_its_market_awake() -> None:
    """Nobody else needs to listen."""
    exchange = Exchange()
    ann = exchange.trader("ann")
    assert not exchange.market.has_guests
    order_id = stop(ann, "BUY", "STOP_LOSS", stopPrice="120000")
    assert exchange.market.has_guests
    ann.call("order.cancel", symbol=SYMBOL, orderId=order_id)
    assert not exchange.market.has_guests


def test_what_a_triggered_order_trades_may_trigger_others(exchange: Exchange, ann: Trader) -> None:
    """In the same step, in a bounded chain."""
    bob = exchange.trader("bob")
    last = exchange.last
    ann.call(
        "order.place", symbol=SYMBOL, side="BUY", type="STOP_LOSS", quantity="0.2", stopPrice=exchange.text(last + 400)
    )
    stop(bob, "BUY", "STOP_LOSS", stopPrice=exchange.text(last + 2500))
    exchange.trade_at(last + 400)
    assert kinds(ann.events)[-2] == "TRADE/FILLED"
    assert kinds(bob.events, partial=False)[2:] == ["NEW/NEW", "TRADE/FILLED", "position"]


def test_the_crowd_trades_on_until_a_waiting_order_has_its_price() -> None:
    """Nobody listens to the market, and the order is in no book: its crowd acts all the same."""
    filled: list[str] = []

    async def scenario() -> None:
        world = World(3)
        feed, listing, accounts = Feed(world, SimClock(1000.0)), Listing(world), Accounts()
        desk = Desk(listing, world, accounts, lambda: feed.clock.now, feed.look)
        account = accounts.create("ann", balances={"spot": BALANCES})
        done = asyncio.Event()

        def told(event: dict[str, Any]) -> None:
            if event.get("X") == "FILLED":
                filled.append(event["s"])
                done.set()

        account.listen("spot", told)
        market = desk.market(SYMBOL)
        order = {"symbol": SYMBOL, "side": "SELL", "type": "STOP_LOSS", "quantity": "0.0001", "trailingDelta": "10"}
        BY_METHOD["spot", "order.place"](desk, account, order)
        feed._looked_at.clear()  # the look of the request is over
        assert feed.is_awake(market)
        task = asyncio.create_task(feed.run())
        await asyncio.wait_for(done.wait(), 20)
        assert not feed.is_awake(market)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())
    assert filled == [SYMBOL]


def test_a_smaller_order_locks_no_more_whatever_the_price_is(exchange: Exchange) -> None:
    """A trailing order has no price of its own: it locks that of the moment in which it was placed."""
    ann = exchange.trader("ann", balances={"USDT": amount_text(exchange.last * 10**4)})
    number = stop(ann, "BUY", "STOP_LOSS", trailingDelta="200")
    assert ann.holdings()["USDT"][0] == "0.00000000"
    exchange.trade_at(exchange.last + exchange.last // 100)
    before = ann.holdings()["USDT"]
    ann.call("order.amend.keepPriority", symbol=SYMBOL, orderId=number, newQty="0.00999")
    assert ann.holdings()["USDT"] == before
    ann.call("order.cancel", symbol=SYMBOL, orderId=number)
    assert ann.holdings()["USDT"] == (before[1], before[0])
