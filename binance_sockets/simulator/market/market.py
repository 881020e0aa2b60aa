"""One simulated market: makers, takers, and everything that follows from them. No clock, no network, seeded.

Time is an argument, in microseconds since the epoch. The sequence of actions depends on the seed and the symbol alone;
:meth:`Market.step` performs the next one.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from binance_sockets.simulator.binance.products import Instrument
from binance_sockets.simulator.market.book import BUY, SELL, Book, Levels, UpdateIds
from binance_sockets.simulator.market.candles import HOUR, Bar, Bars, Tick, window

__all__ = ["AggTrade", "Block", "Liquidation", "Market", "Step", "Trade"]

_KEPT = 5000
_WARM_UP = 12  # trades of the twenty hours before the market is looked at
_MEAN_PAUSE = 120_000  # between two actions, µs
_FIRST_PAUSE = 5_000
_LEVELS = 26  # per side at the opening
_LEAST_LEVELS = 22
_MOST_ORDERS = 240


class Trade(NamedTuple):
    """One maker order met by a taker order."""

    id: int
    price: int
    qty: int
    time: int
    buyer_maker: bool
    update_id: int
    rpi: bool


@dataclass(slots=True)
class AggTrade:
    """Trades of one taker order at one price (on futures: of all takers within 100 ms)."""

    id: int
    price: int
    qty: int
    plain_qty: int  # without retail-price-improvement orders
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
    """What one action caused."""

    trades: list[Trade] = field(default_factory=list)
    aggs: list[AggTrade] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    top_changed: bool = False


class Market:
    """The market of one instrument.

    Args:
        instrument: what is traded.
        seed: together with product and symbol it fixes every action.
        start: time at which it is first looked at; twenty hours of thin history lie before it.
    """

    def __init__(self, instrument: Instrument, seed: int, start: int) -> None:
        self.instrument = instrument
        self.now = start
        self.next_time = start
        self._rng = random.Random(f"{seed}/{instrument.product}/{instrument.symbol}")
        rng = self._rng
        spot = instrument.product == "spot"
        self.ids = UpdateIds(rng.randrange(10**9, 10**10), (lambda: 1) if spot else (lambda: rng.randint(1, 20)))
        self.book = Book(self.ids)
        self.rpi = Book(self.ids)
        self.trades: deque[Trade] = deque(maxlen=_KEPT)
        self.aggs: deque[AggTrade] = deque(maxlen=_KEPT)
        self.blocks: deque[Block] = deque(maxlen=_KEPT)
        self.liquidations: deque[Liquidation] = deque(maxlen=100)
        self._minutes = Bars("1m", fill=False)
        self.fair = instrument.start_price
        self._spacing = max(1, self.fair // 20_000)
        self._anchor = self.fair
        self._trade_id = rng.randrange(10**6, 10**8)
        self._agg_id = self._trade_id // 2
        self._block_id = rng.randrange(100, 1000)
        self._premium = 0
        self._unit8 = instrument.price8(1)
        self._average8 = self.fair * self._unit8
        self._bars: dict[tuple[str, int], Bars] = {}
        self._samples: dict[tuple[str, str], Bars] = {}
        self._agg_window = 0 if spot else 100_000
        self._open_market(start)
        self.first_snapshot = self.snapshot(5000)

    # what others read

    def snapshot(self, limit: int, *, rpi: bool = False) -> tuple[int, Levels, Levels]:
        """Update id, bids and asks, best first."""
        if rpi:
            last_id = max(self.book.last_id, self.rpi.last_id)
            return last_id, self._with_rpi(BUY, limit), self._with_rpi(SELL, limit)
        return self.book.last_id, self.book.levels(BUY, limit), self.book.levels(SELL, limit)

    def best(self, side: int) -> tuple[int, int]:
        """Best price and its quantity; zeros where the side is empty."""
        price = self.book.best(side)
        return (0, 0) if price is None else (price, self.book.quantity(side, price))

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
        """Candles of the ``mark`` or ``index`` price, in steps of 1e-8, kept from the first call on."""
        bars = self._samples.get((kind, interval))
        if bars is None:
            bars = self._samples[kind, interval] = Bars(interval)
            self._sample(kind, bars)
        bars.roll(self.now)
        return bars

    @property
    def index8(self) -> int:
        """Index price in steps of 1e-8."""
        return self.fair * self._unit8 + self._premium // 7

    @property
    def mark8(self) -> int:
        """Mark price in steps of 1e-8."""
        return self.index8 + self._premium

    @property
    def average8(self) -> int:
        """Moving average of the mark price, in steps of 1e-8."""
        return self._average8

    @property
    def funding8(self) -> int:
        """Funding rate in steps of 1e-8."""
        return 10_000 + self._premium * 10**8 // max(1, self.index8) // 8

    # time

    def resume(self, now: int) -> None:
        """Go on at ``now`` after nobody looked for a while."""
        self.now = max(self.now, now)
        if self.next_time < now:
            self.next_time = now + _FIRST_PAUSE

    def advance(self, now: int) -> None:
        """Let time pass without an action."""
        self.now = max(self.now, now)

    def step(self) -> Step:
        """Perform the next action, at ``next_time``."""
        self.now = max(self.now, self.next_time)
        before = self.best(BUY), self.best(SELL)
        step = Step()
        self._drift()
        draw = self._rng.random()
        if draw < 0.27:
            self._take(step)
        elif draw < 0.55:
            self._cancel_one()
        elif draw < 0.60:
            self._rpi_order()
        elif draw < 0.62:
            self._block(step)
        else:
            self._make()
        self._refill()
        for (kind, _), bars in self._samples.items():
            self._sample(kind, bars)
        step.top_changed = before != (self.best(BUY), self.best(SELL))
        self.next_time += 1000 + int(self._rng.expovariate(1 / _MEAN_PAUSE))
        return step

    # how it moves

    def _open_market(self, start: int) -> None:
        for n in range(_LEVELS):
            self._rest(BUY, self.fair - self._spacing * n - self._rng.randint(1, self._spacing))
            self._rest(SELL, self.fair + self._spacing * n + self._rng.randint(1, self._spacing))
        for n in range(_WARM_UP):
            self.now = start - 20 * HOUR + n * (20 * HOUR // _WARM_UP) + self._rng.randrange(HOUR // 2)
            self._drift()
            self._take(Step())
            self._refill()
        self.now = start
        self.next_time = start + _FIRST_PAUSE

    def _drift(self) -> None:
        if self._rng.random() < 0.5:
            self.fair += self._rng.randint(-self._spacing, self._spacing)
        self.fair += int((self._anchor - self.fair) / 500)
        self.fair = max(self.fair, self._anchor // 2)
        unit = self._spacing * self._unit8
        self._premium += int(self._rng.randint(-unit, unit) / 4) - int(self._premium / 50)
        self._average8 += (self.mark8 - self._average8) // 20

    def _qty(self) -> int:
        return 1 + int(self.instrument.typical_qty * self._rng.expovariate(1.0))

    def _rest(self, side: int, price: int) -> None:
        opposite = self.book.best(-side)
        if opposite is not None and price * side >= opposite * side:
            price = opposite - side
        if price > 0:
            self.book.add(side, price, self._qty())

    def _make(self) -> None:
        side = self._rng.choice((BUY, SELL))
        away = int(self._rng.expovariate(0.7) * self._spacing) + self._rng.randint(0, self._spacing)
        self._rest(side, self.fair - side * away)

    def _cancel_one(self) -> None:
        orders = self.book.orders
        ids = list(orders)[: 4 * _LEVELS]
        self.book.cancel(self._rng.choice(ids))

    def _refill(self) -> None:
        for side in (BUY, SELL):
            while self.book.depth(side) < _LEAST_LEVELS:
                opposite = self.book.best(-side)
                start = self.fair if opposite is None else min(self.fair * side, opposite * side) * side
                self._rest(side, start - side * self._rng.randint(1, _LEVELS * self._spacing))
        while len(self.book.orders) > _MOST_ORDERS:
            self._cancel_one()

    def _rpi_order(self) -> None:
        if self.instrument.product != "usdm":
            return
        for order_id in list(self.rpi.orders)[:-6]:
            self.rpi.cancel(order_id)
        side = self._rng.choice((BUY, SELL))
        best = self.book.best(side)
        opposite = self.rpi.best(-side)
        if best is not None and (opposite is None or best * side < opposite * side):
            self.rpi.add(side, best, self._qty())

    def _take(self, step: Step) -> None:
        side = self._rng.choice((BUY, SELL))
        price, available = self.best(-side)
        forced = self.instrument.product in ("usdm", "coinm") and self._rng.random() < 0.15
        limit = price + side * 3 * self._spacing
        qty = min(self._qty(), available) if self._rng.random() < 0.75 else self._qty() + available
        fills = self.book.take(side, qty, limit)
        hidden = self.rpi.take(side, self._qty(), price) if self.rpi.best(-side) == price else []
        first = len(step.trades)
        for fill, rpi in [(f, False) for f in fills] + [(f, True) for f in hidden]:
            self._trade_id += 1
            trade = Trade(self._trade_id, fill.price, fill.qty, self.now, side == SELL, fill.update_id, rpi)
            self.trades.append(trade)
            step.trades.append(trade)
            tick = self._tick(trade)
            self._minutes.add(tick)
            for bars in self._bars.values():
                bars.add(tick)
        self._aggregate(step, step.trades[first:])
        if forced and fills:
            filled = sum(fill.qty for fill in fills)
            average = sum(fill.qty * fill.price for fill in fills) // filled
            self.liquidations.append(Liquidation(side, filled, limit, average, fills[-1].qty, filled, self.now))

    def _aggregate(self, step: Step, trades: list[Trade]) -> None:
        agg: AggTrade | None = self.aggs[-1] if self.aggs and self._agg_window else None
        for trade in sorted(trades, key=lambda trade: trade.id):
            plain = 0 if trade.rpi else trade.qty
            if agg is not None and self._same(agg, trade):
                agg.qty += trade.qty
                agg.plain_qty += plain
                agg.last = trade.id
            else:
                self._agg_id += 1
                agg = AggTrade(
                    self._agg_id, trade.price, trade.qty, plain, trade.id, trade.id, trade.time, trade.buyer_maker
                )
                self.aggs.append(agg)
                step.aggs.append(agg)

    def _same(self, agg: AggTrade, trade: Trade) -> bool:
        if agg.price != trade.price or agg.buyer_maker != trade.buyer_maker:
            return False
        if not self._agg_window:
            return True
        return agg.time // self._agg_window == trade.time // self._agg_window

    def _block(self, step: Step) -> None:
        self._block_id += 1
        block = Block(self._block_id, self.fair, 100 * self._qty(), self.now, self._rng.random() < 0.5)
        self.blocks.append(block)
        step.blocks.append(block)

    def _tick(self, trade: Trade) -> Tick:
        turnover = self.instrument.turnover(trade.price, trade.qty)
        return Tick(trade.time, trade.price, trade.qty, turnover, not trade.buyer_maker, trade.id, trade.update_id)

    def _sample(self, kind: str, bars: Bars) -> None:
        price = self.mark8 if kind == "mark" else self.index8
        bars.add(Tick(self.now, price, 0, 0, False, self.now, self.now))

    def _with_rpi(self, side: int, limit: int) -> Levels:
        total = dict(self.book.levels(side, limit))
        for price, qty in self.rpi.levels(side, limit):
            total[price] = total.get(price, 0) + qty
        return sorted(total.items(), reverse=side == BUY)[:limit]
