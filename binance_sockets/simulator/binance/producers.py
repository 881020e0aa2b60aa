"""What each kind of stream sends: a producer watches markets and yields payloads, on every action or at its period.

Which producer serves which names is said by the table in :mod:`~binance_sockets.simulator.binance.families`; the
functions at the end make the producer of one stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.payloads import Payload, Stamp
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.market.book import DepthTracker, OrderBook
from binance_sockets.simulator.market.candles import HOUR, Bars
from binance_sockets.simulator.market.market import Step

Payloads = Iterable["Payload | list[Payload]"]
FUTURES = ("usdm", "coinm")
ROLLING = {"1h": HOUR, "4h": 4 * HOUR, "1d": 24 * HOUR}


class Producer:
    """Yields the payloads of one stream.

    Args:
        markets: which must run for it.
    """

    def __init__(self, markets: Sequence[BinanceMarket]) -> None:
        self.markets = tuple(markets)

    def on_step(self, market: BinanceMarket, step: Step, now: int, ts: Stamp) -> Payloads:
        """After an action in one of its markets."""
        return ()

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        """At every period; never called for streams in real time."""
        return ()

    def close(self) -> None:
        """Nobody is subscribed any more."""


class _OnStep(Producer):
    def __init__(
        self, markets: Sequence[BinanceMarket], make: Callable[[BinanceMarket, Step, int, Stamp], Payloads]
    ) -> None:
        super().__init__(markets)
        self._make = make

    def on_step(self, market: BinanceMarket, step: Step, now: int, ts: Stamp) -> Payloads:
        return self._make(market, step, now, ts)


class _OnTick(Producer):
    def __init__(self, markets: Sequence[BinanceMarket], make: Callable[[int, Stamp], Payloads]) -> None:
        super().__init__(markets)
        self._make = make

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        return self._make(now, ts)


class _Depth(Producer):
    """Diff depth, at its period or, in real time, after every action. The retail orders' book is for ``rpiDepth``."""

    def __init__(self, market: BinanceMarket, *books: OrderBook, real_time: bool = False) -> None:
        super().__init__([market])
        self._tracker = DepthTracker(*books, told=market.told_levels)
        self._real_time = real_time

    def on_step(self, market: BinanceMarket, step: Step, now: int, ts: Stamp) -> Payloads:
        return self.on_tick(now, ts) if self._real_time else ()

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        diff = self._tracker.drain()
        if diff is not None:
            yield payloads.depth_update(self.markets[0], diff, now, ts)

    def close(self) -> None:
        self._tracker.close()


class _PartialDepth(_Depth):
    """The best levels, each time they may have changed."""

    def __init__(self, market: BinanceMarket, limit: int) -> None:
        super().__init__(market, market.book)
        self._limit = limit

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        market, diff = self.markets[0], self._tracker.drain()
        if diff is None:
            return
        if market.instrument.product == "spot":
            yield payloads.spot_partial_depth(market, self._limit)
        else:
            _, bids, asks = market.snapshot(self._limit)
            yield payloads.depth_update(market, diff._replace(bids=bids, asks=asks), now, ts)


class _Kline(Producer):
    """The open candle whenever it changed, and each candle once more when it has closed."""

    def __init__(self, market: BinanceMarket, bars: Callable[[], Bars], make: Callable[..., Payload]) -> None:
        super().__init__([market])
        self._bars, self._make = bars, make
        current = bars().current  # it may close before the first tick, and is told then
        self._start = 0 if current is None else current.start
        self._count = 0

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        self.markets[0].advance(now)
        now = self.markets[0].now  # by which candles close: later than a tick that is late
        bars = self._bars()
        current = bars.current
        if current is None:
            return
        if self._start and self._start < current.start:
            ended = list(takewhile(lambda bar: bar.start >= self._start, reversed(bars.closed)))
            for bar in reversed(ended):
                yield self._make(bar, bars.interval, now, ts)
            self._count = 0
        self._start = current.start
        if current.count != self._count:
            self._count = current.count
            yield self._make(current, bars.interval, now, ts)


class _AggTrades(Producer):
    """Futures: the trades of 100 ms, once their window has ended."""

    def __init__(self, market: BinanceMarket) -> None:
        super().__init__([market])
        self._sent = market.aggs[-1].id

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        market = self.markets[0]
        for row in [agg for agg in market.aggs if agg.id > self._sent and agg.time // 100_000 < now // 100_000]:
            self._sent = row.id
            yield payloads.agg_trade(market, row, now, ts)


class _Queue(Producer):
    """Option trades, collected for 50 ms."""

    def __init__(self, markets: Sequence[BinanceMarket]) -> None:
        super().__init__(markets)
        self._waiting: list[tuple[BinanceMarket, Any]] = []

    def on_step(self, market: BinanceMarket, step: Step, now: int, ts: Stamp) -> Payloads:
        self._waiting += [(market, row) for row in step.trades]
        return ()

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        waiting, self._waiting = self._waiting, []
        for market, row in waiting:
            yield payloads.trade(market, row, now, ts)


class _ForceOrders(Producer):
    """The largest liquidation of each symbol since the last tick."""

    def __init__(self, markets: Sequence[BinanceMarket], now: int) -> None:
        super().__init__(markets)
        self._since = now

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        since, self._since = self._since, now
        for market in self.markets:
            recent = [row for row in market.liquidations if since < row.time <= now]
            if recent:
                yield payloads.force_order(market, max(recent, key=lambda row: row.qty), now, ts)


class _Changed(Producer):
    """One row per market that has traded since the last tick, in one array."""

    def __init__(self, markets: Sequence[BinanceMarket], make: Callable[[BinanceMarket, int, Stamp], Payload]) -> None:
        super().__init__(markets)
        self._make = make
        self._seen: dict[int, int] = {}

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        rows = []
        for number, market in enumerate(self.markets):
            last = market.last_trade().id
            if self._seen.get(number) != last:
                self._seen[number] = last
                rows.append(self._make(market, now, ts))
        if rows:
            yield rows


class _Rotating(Producer):
    """Announcements: one instrument after the other."""

    def __init__(self, rows: Sequence[Any], make: Callable[[Any, int, int, Stamp], Payload]) -> None:
        super().__init__([])
        self._rows, self._make, self._turn = rows, make, 0

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        if self._rows:
            yield self._make(self._rows[self._turn % len(self._rows)], self._turn, now, ts)
            self._turn += 1


# which producer a stream has


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stream somebody asks for.

    Args:
        listing: what is listed.
        product: on which product it was asked for.
        symbol: upper case; a pair, asset or underlying for some streams; "" for streams of all symbols.
        args: what else the name says.
        now: the time.
        period: microseconds between two sends; 0 is real time.
    """

    listing: Listing
    product: str
    symbol: str
    args: tuple[str, ...]
    now: int
    period: int

    def own(self) -> list[BinanceMarket]:
        """The market of the symbol; none where it is not listed."""
        found = self.listing.find(self.product, self.symbol)
        return self.markets([found] if found else [])

    def either(self) -> list[BinanceMarket]:
        """The market of the symbol, on either futures product: some streams serve each other's symbols."""
        other = "usdm" if self.product == "coinm" else "coinm"
        found = self.listing.find(other, self.symbol) if self.product in FUTURES else None
        return self.own() or self.markets([found] if found else [])

    def all(self) -> list[BinanceMarket]:
        """The markets of streams of all symbols; both futures products are in one."""
        return self.markets(self.listing.in_arrays(*(FUTURES if self.product in FUTURES else (self.product,))))

    def matching(self, products: Iterable[str], **facts: object) -> list[BinanceMarket]:
        """The markets of the instruments with these attributes."""
        return self.markets(self.listing.matching(products, **facts))

    def markets(self, rows: Iterable[Listed]) -> list[BinanceMarket]:
        return [self.listing.market(row, self.now) for row in rows]


Maker = Callable[[Wanted], "Producer | None"]


def each_step(make: Callable[[BinanceMarket, Step, int, Stamp], Payloads]) -> Maker:
    """One symbol, after every action."""
    return lambda wanted: _OnStep(rows, make) if (rows := wanted.own()) else None


def each_tick(make: Callable[[BinanceMarket, int, Stamp], Payload]) -> Maker:
    """One symbol, at every period."""

    def maker(wanted: Wanted) -> Producer | None:
        rows = wanted.own()
        return _OnTick(rows, lambda now, ts: [make(rows[0], now, ts)]) if rows else None

    return maker


def each_changed(make: Callable[[BinanceMarket, int, Stamp], Payload]) -> Maker:
    """All symbols that have traded, in one array."""
    return lambda wanted: _Changed(wanted.all(), make)


def agg_trades(wanted: Wanted) -> Producer | None:
    rows = wanted.own()
    return _AggTrades(rows[0]) if rows else None


def depth(wanted: Wanted) -> Producer | None:
    rows = wanted.own()
    return _Depth(rows[0], rows[0].book, real_time=not wanted.period) if rows else None


def rpi_depth(wanted: Wanted) -> Producer | None:
    rows = wanted.own()
    return _Depth(rows[0], rows[0].book, rows[0].retail_book) if rows else None


def partial_depth(wanted: Wanted) -> Producer | None:
    rows = wanted.own()
    return _PartialDepth(rows[0], int(wanted.args[0])) if rows else None


def klines(wanted: Wanted) -> Producer | None:
    rows = wanted.either()
    if not rows:
        return None
    market, (interval, *zone) = rows[0], wanted.args
    offset = 8 * HOUR if zone else 0
    return _Kline(market, lambda: market.bars(interval, offset), lambda *rest: payloads.kline(market, *rest))


def continuous_klines(wanted: Wanted) -> Producer | None:
    contract, interval = wanted.args
    rows = wanted.matching(FUTURES, pair=wanted.symbol, contract=contract.upper())
    if not rows:
        return None
    market = rows[0]
    return _Kline(market, lambda: market.bars(interval), lambda *rest: payloads.continuous_kline(market, *rest))


def mark_price_klines(wanted: Wanted) -> Producer | None:
    return _price_candles(wanted.either(), "mark", wanted.args[0])


def index_price_klines(wanted: Wanted) -> Producer | None:
    return _price_candles(wanted.matching(["coinm"], pair=wanted.symbol), "index", wanted.args[0])


def _price_candles(rows: Sequence[BinanceMarket], kind: str, interval: str) -> Producer | None:
    if not rows:
        return None
    market = rows[0]
    return _Kline(
        market,
        lambda: market.price_samples(kind, interval),
        lambda *rest: payloads.price_kline(market, kind, *rest),
    )


def rolling_ticker(wanted: Wanted) -> Producer | None:
    rows, size = wanted.own(), wanted.args[0]
    return _OnTick(rows, lambda now, ts: [_rolling(rows[0], size, now, ts)]) if rows else None


def all_rolling_tickers(wanted: Wanted) -> Producer:
    size = wanted.args[0]
    return _Changed(wanted.all(), lambda row, now, ts: _rolling(row, size, now, ts))


def _rolling(market: BinanceMarket, size: str, now: int, ts: Stamp) -> Payload:
    return payloads.rolling_ticker(market, size, ROLLING[size], now, ts)


def force_orders(wanted: Wanted) -> Producer | None:
    rows = wanted.own()
    return _ForceOrders(rows, wanted.now) if rows else None


def all_force_orders(wanted: Wanted) -> Producer:
    return _ForceOrders(wanted.all(), wanted.now)


def all_book_tickers(wanted: Wanted) -> Producer:
    markets = wanted.all()
    if not wanted.period:
        return _OnStep(markets, book_tickers)
    return _OnTick(markets, lambda now, ts: [payloads.book_ticker(market, now, ts) for market in markets])


def index_price(wanted: Wanted) -> Producer | None:
    rows = wanted.matching([wanted.product], pair=wanted.symbol)
    return _OnTick(rows[:1], lambda now, ts: [payloads.index_price(rows[0], now, ts)]) if rows else None


def all_index_prices(wanted: Wanted) -> Producer:
    """One row for each pair, however many contracts it has."""
    markets = list({market.instrument.pair: market for market in wanted.all()}.values())
    return _OnTick(markets, lambda now, ts: [[payloads.index_price(market, now, ts) for market in markets]])


def mark_price(wanted: Wanted) -> Producer | None:
    """One symbol; on COIN-M also a pair, with all its contracts in one array."""
    found = wanted.either()
    if found:
        return _OnTick(found, lambda now, ts: [payloads.mark_price(found[0], now, ts)])
    rows = wanted.matching(["coinm"], pair=wanted.symbol)
    if not rows or wanted.product != "coinm":
        return None
    return _OnTick(rows, lambda now, ts: [[payloads.mark_price(row, now, ts) for row in rows]])


def all_mark_prices(wanted: Wanted) -> Producer:
    """Two frames per tick: the markets of traditional finance come in one of their own."""
    markets = wanted.all()
    groups = [[m for m in markets if m.instrument.tradfi is tradfi] for tradfi in (False, True)]
    return _OnTick(
        markets, lambda now, ts: [[payloads.mark_price(row, now, ts) for row in group] for group in groups if group]
    )


def composite_index(wanted: Wanted) -> Producer | None:
    rows = wanted.own()
    if not rows or not rows[0].instrument.index:
        return None
    market = rows[0]
    parts = wanted.markets(wanted.listing.index_parts())
    return _OnTick([market, *parts], lambda now, ts: [payloads.composite_index(market, parts, now, ts)])


def asset_index(wanted: Wanted) -> Producer | None:
    asset, market = wanted.symbol, _assets(wanted).get(wanted.symbol)
    if market is None:
        return None
    return _OnTick([market], lambda now, ts: [payloads.asset_index(asset, market.prices.index8, now, ts)])


def all_asset_indexes(wanted: Wanted) -> Producer:
    assets = _assets(wanted)
    return _OnTick(
        list(assets.values()),
        lambda now, ts: [[payloads.asset_index(name, row.prices.index8, now, ts) for name, row in assets.items()]],
    )


def _assets(wanted: Wanted) -> dict[str, BinanceMarket]:
    rows = wanted.listing.collateral()
    return dict(zip(rows, wanted.markets(rows.values()), strict=True))


def contract_info(wanted: Wanted) -> Producer:
    return _Rotating(
        wanted.all(), lambda row, turn, now, ts: payloads.contract_info(row, now, ts, brackets=turn % 2 == 0)
    )


def trading_session(wanted: Wanted) -> Producer:
    return _OnTick([], lambda now, ts: [payloads.trading_session(kind, now, ts) for kind in payloads.SESSIONS])


def option_trades(wanted: Wanted) -> Producer | None:
    """Of one contract, or of all of an underlying."""
    rows = wanted.own() or wanted.matching(["options"], pair=wanted.symbol)
    return _Queue(rows) if rows else None


def option_tickers(wanted: Wanted) -> Producer | None:
    rows = _series(wanted)
    return _OnTick(rows, lambda now, ts: [payloads.ticker(row, now, ts) for row in rows]) if rows else None


def open_interest(wanted: Wanted) -> Producer | None:
    rows = _series(wanted)
    return _OnTick(rows, lambda now, ts: [[payloads.open_interest(row, now, ts) for row in rows]]) if rows else None


def _series(wanted: Wanted) -> list[BinanceMarket]:
    return wanted.matching(["options"], pair=wanted.symbol, delivery=wanted.args[0])


def option_marks(wanted: Wanted) -> Producer | None:
    rows = wanted.matching(["options"], pair=wanted.symbol)
    if not rows:
        return None
    base = wanted.listing.underlying(wanted.symbol, wanted.now)
    return _OnTick(
        [*rows, base],
        lambda now, ts: [[payloads.option_mark(row, base.prices.index8, now, ts) for row in rows]],
    )


def all_indexes(wanted: Wanted) -> Producer:
    pairs = sorted({row.pair for row in wanted.listing.in_arrays("options")})
    bases = [wanted.listing.underlying(pair, wanted.now) for pair in pairs]
    return _OnTick(
        bases,
        lambda now, ts: [
            [payloads.option_index(pair, base.prices.index8, now, ts) for pair, base in zip(pairs, bases, strict=True)]
        ],
    )


def option_symbols(wanted: Wanted) -> Producer:
    rows = wanted.listing.in_arrays("options")
    return _Rotating(rows, lambda row, turn, now, ts: payloads.option_symbol(row, now, ts))


# what an action yields


def trades(market: BinanceMarket, step: Step, now: int, ts: Stamp) -> Iterator[Payload]:
    return (payloads.trade(market, row, now, ts) for row in step.trades)


def single_agg_trades(market: BinanceMarket, step: Step, now: int, ts: Stamp) -> Iterator[Payload]:
    return (payloads.agg_trade(market, row, now, ts) for row in step.aggs)


def blocks(market: BinanceMarket, step: Step, now: int, ts: Stamp) -> Iterator[Payload]:
    return (payloads.block_trade(market, row, now, ts) for row in step.blocks)


def book_tickers(market: BinanceMarket, step: Step, now: int, ts: Stamp) -> Iterator[Payload]:
    if step.top_changed:
        yield payloads.book_ticker(market, now, ts)
