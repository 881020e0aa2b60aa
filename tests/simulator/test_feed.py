"""When markets are awake: while anybody listens, has an open order, or has just looked; and not otherwise."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from patience import PATIENCE
from simulator.helpers import get, until

from binance_sockets.simulator import Simulator
from binance_sockets.simulator.binance.families import make_stream
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import BinanceMarket
from binance_sockets.simulator.feed import Feed
from binance_sockets.simulator.market.book import BUY
from binance_sockets.simulator.market.clock import SimClock
from binance_sockets.simulator.market.market import Market, Step
from binance_sockets.simulator.market.world import World


class Bench:
    """A feed without a network, and a count of the actions in each market."""

    def __init__(self, speed: float = 100.0) -> None:
        self.world = World(3)
        self.listing = Listing(self.world)
        self.feed = Feed(self.world, SimClock(speed))
        self.steps: Counter[str] = Counter()
        self._changed = asyncio.Event()
        self.received: list[bytes] = []
        self.world.observers.append(self._count)

    def _count(self, market: Market[Any], step: Step) -> None:
        self.steps[market.instrument.key] += 1
        self._changed.set()

    def market(self, symbol: str) -> BinanceMarket:
        found = self.listing.find("spot", symbol)
        assert found is not None
        return self.listing.market(found, self.feed.clock.advance())

    def deliver(self, name: str, payload: bytes, event: str) -> None:
        self.received.append(payload)

    def listen(self, name: str) -> bool:
        return self.feed.subscribe(self, name, lambda now: make_stream(self.listing, "spot", name, now, micro=False))

    async def until(self, fact: Callable[[], bool]) -> None:
        async def wait() -> None:
            while not fact():
                self._changed.clear()
                await self._changed.wait()

        await asyncio.wait_for(wait(), PATIENCE)

    async def acts(self, market: BinanceMarket, count: int = 5) -> None:
        """Wait until so many more actions have happened in a market."""
        wanted = self.steps[market.instrument.key] + count
        await self.until(lambda: self.steps[market.instrument.key] >= wanted)


def run(scenario: Callable[[Bench], Awaitable[None]]) -> None:
    async def main() -> None:
        bench = Bench()
        task = asyncio.create_task(bench.feed.run())
        try:
            await scenario(bench)
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


def test_a_market_sleeps_unless_somebody_listens() -> None:
    """It acts from the subscription on, and no more once that has ended, while another goes on."""

    async def scenario(bench: Bench) -> None:
        one, other = bench.market("BTCUSDT"), bench.market("ETHUSDT")
        assert bench.listen("ethusdt@trade")
        await bench.acts(other)
        assert not bench.feed.is_awake(one)
        assert bench.steps[one.instrument.key] == 0
        assert bench.listen("btcusdt@trade")
        await bench.acts(one)
        bench.feed.unsubscribe(bench, "btcusdt@trade")
        assert not bench.feed.is_awake(one)
        before = bench.steps[one.instrument.key]
        await bench.acts(other, 50)
        assert bench.steps[one.instrument.key] == before
        assert not bench.listen("nosuchusdt@trade")

    run(scenario)


def test_an_open_order_keeps_a_market_awake() -> None:
    """The crowd acts, with nobody listening, until the order of a guest is filled; subscribers see a guest's trade."""

    async def scenario(bench: Bench) -> None:
        market, other = bench.market("BTCUSDT"), bench.market("ETHUSDT")
        order = market.submit("ann", BUY, 5, market.best(BUY)[0] + 1).order
        assert bench.feed.is_awake(market)
        await bench.until(lambda: not order.is_open)
        assert order.filled == 5
        assert not bench.feed.is_awake(market)
        assert bench.listen("ethusdt@trade")
        before = len(bench.received)
        taken = other.submit("ann", BUY, 1)
        assert len(bench.received) - before == len(taken.fills) == 1

    run(scenario)


def test_an_open_order_leaves_out_nothing_that_is_due() -> None:
    """A market that lags behind the clock catches up action by action, also while only a guest keeps it awake."""

    async def scenario(bench: Bench) -> None:
        market = bench.market("BTCUSDT")
        market.submit("ann", BUY, 1, 1)
        bench.feed.clock.now += 60_000_000
        target, before = bench.feed.clock.now, bench.steps[market.instrument.key]
        await bench.until(lambda: market.next_time >= target)
        assert bench.steps[market.instrument.key] - before > 300

    run(scenario)


def test_a_look_keeps_a_market_awake_for_a_while() -> None:
    """After a look it acts for some seconds, then sleeps again."""

    async def scenario(bench: Bench) -> None:
        market = bench.market("BTCUSDT")
        bench.feed.look(market)
        await bench.acts(market)
        bench.feed.clock.now += 10**12
        assert not bench.feed.is_awake(market)

    run(scenario)


def test_a_market_makes_up_for_its_sleep_when_somebody_looks() -> None:
    """Its crowd does a part of what it missed, spread over the time; a short sleep, all of it."""
    bench = Bench(speed=1e-9)  # time passes by hand
    market = bench.market("BTCUSDT")
    bench.feed.look(market)
    assert bench.steps[market.instrument.key] == 0
    for sleep, least, most in ((10**10, 30, 30), (1_000_000, 5, 10)):
        bench.feed._looked_at.clear()
        bench.feed.clock.now += sleep
        before, trades = bench.steps[market.instrument.key], market.trades[-1].id
        asleep_at = market.now
        bench.feed.look(market)
        assert least <= bench.steps[market.instrument.key] - before <= most
        fresh = [trade for trade in market.trades if trade.id > trades]
        assert all(asleep_at <= trade.time <= market.now for trade in fresh)
        assert market.next_time >= market.now
    assert len({trade.time for trade in list(market.trades)[-5:]}) > 1


def test_markets_that_only_rest_looks_at_move(sim: Simulator) -> None:
    """Two depth answers differ although no stream is subscribed."""
    first = get(sim, "/spot/api/v3/depth?symbol=LTCUSDT&limit=5")[1]["lastUpdateId"]
    until(lambda: get(sim, "/spot/api/v3/depth?symbol=LTCUSDT&limit=5")[1]["lastUpdateId"] > first)
