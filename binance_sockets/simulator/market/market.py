"""One simulated market: an exchange for one instrument, its crowd, and everything that follows from its trades.

Time is an argument, in microseconds since the epoch. What the crowd does depends on the seed and the instrument alone;
:meth:`Market.step` performs its next action, :meth:`Market.submit` and :meth:`Market.cancel` are for everybody.
"""

from __future__ import annotations

import itertools
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from binance_sockets.simulator.market.book import BUY, SELL, Levels, Order, TimeInForce, UpdateIds
from binance_sockets.simulator.market.candles import HOUR, Bar, Bars, Tick, window
from binance_sockets.simulator.market.crowd import CROWD, Crowd
from binance_sockets.simulator.market.instruments import Instrument
from binance_sockets.simulator.market.matching import Execution, Fill, MatchingEngine, SelfTrade
from binance_sockets.simulator.market.prices import Prices

__all__ = ["AggTrade", "Block", "Liquidation", "Market", "Observer", "Step", "Trade"]

_KEPT = 5000
_WARM_UP = 12  # trades of the twenty hours before the market is looked at
_MEAN_PAUSE = 120_000  # between two actions, µs
_FIRST_PAUSE = 5_000

InstrumentT = TypeVar("InstrumentT", bound=Instrument, covariant=True)


class Trade(NamedTuple):
    """One maker order met by a taker order; ids and owners of both."""

    id: int
    price: int
    qty: int
    time: int
    buyer_maker: bool
    update_id: int
    retail: bool
    maker_order: int
    taker_order: int
    maker: str
    taker: str


@dataclass(slots=True)
class AggTrade:
    """Trades of one taker order at one price (on futures: of all takers within 100 ms)."""

    id: int
    price: int
    qty: int
    plain_qty: int  # without what retail takers met in their own book
    first: int
    last: int
    time: int
    buyer_maker: bool


class Liquidation(NamedTuple):
    """A position closed by force."""

    side: int
    qty: int
    price: int
    average: int
    last_fill: int
    filled: int
    time: int


class Block(NamedTuple):
    """A trade agreed on off the book."""

    id: int
    price: int
    qty: int
    time: int
    buyer_maker: bool


@dataclass(slots=True)
class Step:
    """What one action caused: the crowd's, or somebody else's."""

    trades: list[Trade] = field(default_factory=list)
    aggs: list[AggTrade] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    top_changed: bool = False


Observer = Callable[["Market[Any]", Step], None]
"""Called after each action that changed a market."""


class Market(Generic[InstrumentT]):
    """The market of one instrument.

    Args:
        instrument: what is traded.
        seed: together with the instrument's key it fixes every action of the crowd.
        start: time at which it is first looked at; twenty hours of thin history lie before it.
        observer: called after every action, of the crowd and of others.
        volatility: how far prices move, as a multiple of the usual.
        told_levels: of how many levels per side the diffs of its book tell; ``None`` for all.
    """

    def __init__(
        self,
        instrument: InstrumentT,
        seed: int,
        start: int,
        observer: Observer | None = None,
        *,
        volatility: float = 1.0,
        told_levels: int | None = None,
    ) -> None:
        self.instrument = instrument
        self.told_levels = told_levels
        self.halted = False
        self.now = start
        self.next_time = start
        self._rng = rng = random.Random(f"{seed}/{instrument.key}")
        most = instrument.id_stride
        self.ids = UpdateIds(rng.randrange(10**9, 10**10), (lambda: 1) if most == 1 else (lambda: rng.randint(1, most)))
        order_ids = itertools.count(rng.randrange(10**6, 10**9))
        self._engine, self._retail = MatchingEngine(self.ids, order_ids), MatchingEngine(self.ids, order_ids)
        self.book, self.retail_book = self._engine.book, self._retail.book
        self.trades: deque[Trade] = deque(maxlen=_KEPT)
        self.aggs: deque[AggTrade] = deque(maxlen=_KEPT)
        self.blocks: deque[Block] = deque(maxlen=_KEPT)
        self.liquidations: deque[Liquidation] = deque(maxlen=100)
        self.prices = Prices(instrument, rng, volatility)
        self.waiting = 0  # orders outside of the books that follow its trades; counted by who keeps them
        self._crowd = Crowd(self, instrument, self.prices, rng)
        self._minutes = Bars("1m", fill=False)
        self._trade_id = rng.randrange(10**6, 10**8)
        self._agg_id = self._trade_id // 2
        self._block_id = rng.randrange(100, 1000)
        self._bars: dict[tuple[str, int], Bars] = {}
        self._samples: dict[tuple[str, str], Bars] = {}
        self._observer: Observer | None = None
        self._within: _Within | None = None  # the action under way
        self._open_market(start)
        self._observer = observer
        self.first_snapshot = self.snapshot(5000)

    # what others read

    def snapshot(self, limit: int, *, retail: bool = False) -> tuple[int, Levels, Levels]:
        """Update id, bids and asks, best first; ``retail`` adds the orders that only retail takers meet."""
        if retail:
            last_id = max(self.book.last_id, self.retail_book.last_id)
            return last_id, self._with_retail(BUY, limit), self._with_retail(SELL, limit)
        return self.book.last_id, self.book.levels(BUY, limit), self.book.levels(SELL, limit)

    def best(self, side: int) -> tuple[int, int]:
        """Best price and its quantity; zeros where the side is empty."""
        return self.book.top(side)

    def last_trade(self) -> Trade:
        return self.trades[-1]

    def ticker(self, start: int) -> Bar | None:
        """The window from ``start`` (a minute or later) until now, from the trades in it."""
        return window(self._minutes, start)

    def bars(self, interval: str, offset: int = 0) -> Bars:
        """The candles of an interval, kept from the first call on; closed up to now."""
        bars = self._bars.get((interval, offset))
        if bars is None:
            bars = self._bars[interval, offset] = Bars(interval, offset, map(self._tick, self.trades))
        bars.roll(self.now)
        return bars

    def price_samples(self, kind: str, interval: str) -> Bars:
        """Candles of the ``mark`` or ``index`` price or the ``premium``, in steps of 1e-8, kept from the first call."""
        bars = self._samples.get((kind, interval))
        if bars is None:
            bars = self._samples[kind, interval] = Bars(interval, ticks=self._past_samples(kind))
            self._sample(kind, bars)
        bars.roll(self.now)
        return bars

    @property
    def has_guests(self) -> bool:
        """Whether somebody beside the crowd has an open order, in a book or waiting for a price."""
        return self.waiting > 0 or self._engine.has_others(CROWD) or self._retail.has_others(CROWD)

    # what everybody may do; at `now`, see advance()

    def action(self) -> _Within:
        """What is done within it belongs together: observers are told at its end, and its trades are in its step."""
        return self._within or _Action(self)

    def submit(
        self,
        owner: str,
        side: int,
        qty: int,
        price: int | None = None,
        *,
        client_id: str = "",
        tif: TimeInForce = TimeInForce.GTC,
        post_only: bool = False,
        self_trade: SelfTrade = SelfTrade.ALLOW,
        retail: bool = False,
        iceberg: int = 0,
        order_id: int | None = None,
    ) -> Execution:
        """Send an order; see :meth:`MatchingEngine.submit`.

        Args:
            retail: in the book whose orders only retail takers meet.

        Raises:
            OrderRejected: it cannot be taken; nothing has changed.
        """
        engine = self._retail if retail else self._engine
        with self.action() as step:
            execution = engine.submit(owner, side, qty, price, client_id, tif, post_only, self_trade, iceberg, order_id)
            if execution.fills:
                self._record(step, execution.fills, retail=retail)
        return execution

    def cancel(self, owner: str, order_id: int, *, retail: bool = False) -> Order:
        """End one's own open order.

        Raises:
            UnknownOrder: the owner has no such open order.
        """
        with self.action():
            return (self._retail if retail else self._engine).cancel(owner, order_id)

    def amend(self, owner: str, order_id: int, qty: int) -> Order:
        """Make one's own open order smaller where it stands; see :meth:`MatchingEngine.amend`.

        Raises:
            UnknownOrder: the owner has no such open order.
            ValueError: the quantity is not below the order's, or not above what is gone of it.
        """
        with self.action():
            return self._engine.amend(owner, order_id, qty)

    def new_order_id(self) -> int:
        """An order id nobody has, for an order that waits outside of the book before it is sent."""
        return self._engine.new_id()

    def open_orders(self, owner: str, *, retail: bool = False) -> Mapping[int, Order]:
        """An owner's open orders by id, oldest first."""
        return (self._retail if retail else self._engine).open_orders(owner)

    def find_order(self, owner: str, client_id: str) -> Order | None:
        """The owner's open order of this name."""
        return self._engine.find(owner, client_id)

    def liquidate(self, owner: str, side: int, qty: int, price: int, order_id: int | None = None) -> Execution:
        """Close a position of an owner by force, at this price or better."""
        with self.action():
            execution = self.submit(owner, side, qty, price, tif=TimeInForce.IOC, order_id=order_id)
            fills = execution.fills
            if fills:
                filled = execution.order.filled
                average = sum(fill.qty * fill.price for fill in fills) // filled
                row = Liquidation(side, filled, price, average, fills[-1].qty, filled, self.now)
                self.liquidations.append(row)
        return execution

    def block_trade(self, price: int, qty: int, *, buyer_maker: bool) -> None:
        """Report a trade agreed on off the book."""
        with self.action() as step:
            self._block_id += 1
            block = Block(self._block_id, price, qty, self.now, buyer_maker)
            self.blocks.append(block)
            step.blocks.append(block)

    # time

    def resume(self, now: int) -> None:
        """Go on at ``now`` after the crowd has slept."""
        self.now = max(self.now, now)
        if self.next_time < now:
            self.next_time = now + _FIRST_PAUSE

    def catch_up(self, now: int, most: int) -> None:
        """Let the crowd do what it has missed while it slept: at most so many actions, spread over the time."""
        missed = min(most, (now - self.next_time) // _MEAN_PAUSE)
        pause = (now - self.next_time) // max(1, missed)
        for moment in range(now - missed * pause, now, pause) if missed > 0 else ():
            self.next_time = moment
            self.step()

    def advance(self, now: int) -> None:
        """Let time pass without an action."""
        self.now = max(self.now, now)

    def step(self) -> Step:
        """Perform the crowd's next action, at ``next_time``."""
        self.now = max(self.now, self.next_time)
        with self.action() as step:
            self.prices.drift()
            self._crowd.act()
            for (kind, _), bars in self._samples.items():
                self._sample(kind, bars)
            self.next_time += 1000 + int(self._rng.expovariate(1 / _MEAN_PAUSE))
        return step

    def _open_market(self, start: int) -> None:
        self._crowd.open()
        for n in range(_WARM_UP):
            self.now = start - 20 * HOUR + n * (20 * HOUR // _WARM_UP) + self._rng.randrange(HOUR // 2)
            self.prices.drift()
            self._crowd.take()
            self._crowd.refill()
        self.now = start
        self.next_time = start + _FIRST_PAUSE

    # the record

    def _record(self, step: Step, fills: tuple[Fill, ...], *, retail: bool) -> None:
        agg: AggTrade | None = self.aggs[-1] if self.aggs and self.instrument.merge_window else None
        for fill in fills:
            self._trade_id += 1
            maker, taker = fill.maker, fill.taker
            trade = Trade(
                self._trade_id, fill.price, fill.qty, self.now, taker.side == SELL, fill.update_id, retail,
                maker.id, taker.id, maker.owner, taker.owner,
            )  # fmt: skip
            self.trades.append(trade)
            step.trades.append(trade)
            tick = self._tick(trade)
            self._minutes.add(tick)
            for bars in self._bars.values():
                bars.add(tick)
            agg = self._aggregate(step, agg, trade)

    def _aggregate(self, step: Step, agg: AggTrade | None, trade: Trade) -> AggTrade:
        plain = 0 if trade.retail else trade.qty
        if agg is not None and self._same(agg, trade):
            agg.qty += trade.qty
            agg.plain_qty += plain
            agg.last = trade.id
            return agg
        self._agg_id += 1
        agg = AggTrade(self._agg_id, trade.price, trade.qty, plain, trade.id, trade.id, trade.time, trade.buyer_maker)
        self.aggs.append(agg)
        step.aggs.append(agg)
        return agg

    def _same(self, agg: AggTrade, trade: Trade) -> bool:
        if agg.price != trade.price or agg.buyer_maker != trade.buyer_maker:
            return False
        length = self.instrument.merge_window
        return not length or agg.time // length == trade.time // length

    def _tick(self, trade: Trade) -> Tick:
        turnover = self.instrument.turnover(trade.price, trade.qty)
        return Tick(trade.time, trade.price, trade.qty, turnover, not trade.buyer_maker, trade.id, trade.update_id)

    def _past_samples(self, kind: str) -> Iterator[Tick]:
        """What was not kept: mark and index price were near the trades, the premium near zero."""
        for row in self.trades:
            price = 0 if kind == "premium" else self.instrument.price8(row.price)
            yield Tick(row.time, price, 0, 0, False, row.time, row.time)

    def _sample(self, kind: str, bars: Bars) -> None:
        prices = self.prices
        price = {"mark": prices.mark8, "index": prices.index8, "premium": prices.premium8}[kind]
        bars.add(Tick(self.now, price, 0, 0, False, self.now, self.now))

    def _with_retail(self, side: int, limit: int) -> Levels:
        total = dict(self.book.levels(side, limit))
        for price, qty in self.retail_book.levels(side, limit):
            total[price] = total.get(price, 0) + qty
        return sorted(total.items(), reverse=side == BUY)[:limit]


class _Within:
    """A part of an action that is under way already."""

    __slots__ = ("step",)

    def __init__(self, step: Step) -> None:
        self.step = step

    def __enter__(self) -> Step:
        return self.step

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """The outermost one tells the observer."""


class _Action(_Within):
    """One action as observers see it: begun by the outermost call, told to the observer when that is complete."""

    __slots__ = ("_before", "_market")

    def __init__(self, market: Market[Any]) -> None:
        self.step = Step()
        self._market = market
        self._before = market.book.touch()
        market._within = _Within(self.step)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        market = self._market
        market._within = None
        self.step.top_changed = self._before != market.book.touch()
        if market._observer is not None and error is None:
            market._observer(market, self.step)
