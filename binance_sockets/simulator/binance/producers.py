"""What each kind of stream sends: a producer watches markets and yields payloads, on every action or at its period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.names import ROLLING, StreamName
from binance_sockets.simulator.binance.payloads import Payload, Stamp
from binance_sockets.simulator.binance.products import Instrument
from binance_sockets.simulator.market.book import Book, DepthTracker
from binance_sockets.simulator.market.candles import HOUR, Bars
from binance_sockets.simulator.market.market import Market, Step
from binance_sockets.simulator.market.world import World

__all__ = ["Producer", "make_producer"]

Payloads = Iterable["Payload | list[Payload]"]
_FUTURES = ("usdm", "coinm")
_CROSS_SERVED = ("kline", "markPrice", "indexPriceKline", "markPriceKline")


class Producer:
    """Yields the payloads of one stream.

    Args:
        markets: which must run for it.
    """

    def __init__(self, markets: Sequence[Market]) -> None:
        self.markets = tuple(markets)

    def on_step(self, market: Market, step: Step, now: int, ts: Stamp) -> Payloads:
        """After an action in one of its markets."""
        return ()

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        """At every period; never called for streams in real time."""
        return ()

    def close(self) -> None:
        """Nobody is subscribed any more."""


class _OnStep(Producer):
    def __init__(self, markets: Sequence[Market], make: Callable[[Market, Step, int, Stamp], Payloads]) -> None:
        super().__init__(markets)
        self._make = make

    def on_step(self, market: Market, step: Step, now: int, ts: Stamp) -> Payloads:
        return self._make(market, step, now, ts)


class _OnTick(Producer):
    def __init__(self, markets: Sequence[Market], make: Callable[[int, Stamp], Payloads]) -> None:
        super().__init__(markets)
        self._make = make

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        return self._make(now, ts)


class _Depth(Producer):
    """Diff depth. The book with the retail orders is passed for ``rpiDepth``."""

    def __init__(self, market: Market, *books: Book) -> None:
        super().__init__([market])
        self._tracker = DepthTracker(*books)

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        diff = self._tracker.drain()
        if diff is not None:
            yield payloads.depth_update(self.markets[0], diff, now, ts)

    def close(self) -> None:
        self._tracker.close()


class _PartialDepth(_Depth):
    """The best levels, each time they may have changed."""

    def __init__(self, market: Market, limit: int) -> None:
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

    def __init__(self, market: Market, bars: Callable[[], Bars], make: Callable[..., Payload]) -> None:
        super().__init__([market])
        self._bars, self._make = bars, make
        self._start = self._count = 0

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        self.markets[0].advance(now)
        bars = self._bars()
        current = bars.current
        if current is None:
            return
        if self._start and self._start < current.start:
            for bar in [bar for bar in list(bars.closed)[-20:] if bar.start >= self._start]:
                yield self._make(bar, bars.interval, now, ts)
            self._count = 0
        self._start = current.start
        if current.count != self._count:
            self._count = current.count
            yield self._make(current, bars.interval, now, ts)


class _AggTrades(Producer):
    """Futures: the trades of 100 ms, once their window has ended."""

    def __init__(self, market: Market) -> None:
        super().__init__([market])
        self._sent = market.aggs[-1].id

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        market = self.markets[0]
        for row in [agg for agg in market.aggs if agg.id > self._sent and agg.time // 100_000 < now // 100_000]:
            self._sent = row.id
            yield payloads.agg_trade(market, row, now, ts)


class _Queue(Producer):
    """Option trades, collected for 50 ms."""

    def __init__(self, markets: Sequence[Market]) -> None:
        super().__init__(markets)
        self._waiting: list[tuple[Market, Any]] = []

    def on_step(self, market: Market, step: Step, now: int, ts: Stamp) -> Payloads:
        self._waiting += [(market, row) for row in step.trades]
        return ()

    def on_tick(self, now: int, ts: Stamp) -> Payloads:
        waiting, self._waiting = self._waiting, []
        for market, row in waiting:
            yield payloads.trade(market, row, now, ts)


class _ForceOrders(Producer):
    """The largest liquidation of each symbol since the last tick."""

    def __init__(self, markets: Sequence[Market], now: int) -> None:
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

    def __init__(self, markets: Sequence[Market], make: Callable[[Market, int, Stamp], Payload]) -> None:
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


def make_producer(world: World, product: str, stream: StreamName, now: int) -> Producer | None:
    """The producer of a stream; ``None`` where the symbol is not listed."""
    return _Factory(world, product, stream, now).make()


class _Factory:
    def __init__(self, world: World, product: str, stream: StreamName, now: int) -> None:
        self._world, self._product, self._stream, self._now = world, product, stream, now

    def make(self) -> Producer | None:
        stream = self._stream
        special = getattr(self, f"_{stream.kind}", None)
        if special is not None:
            made: Producer | None = special()
            return made
        found = self._find()
        return self._single(self._world.market(found, self._now)) if found else None

    def _find(self) -> Instrument | None:
        stream, world = self._stream, self._world
        found = world.find(self._product, stream.symbol)
        if found is None and self._product in _FUTURES and stream.kind in _CROSS_SERVED:
            other = "usdm" if self._product == "coinm" else "coinm"
            found = world.find(other, stream.symbol)
        return found

    def _markets(self, rows: Iterable[Instrument]) -> list[Market]:
        return [self._world.market(row, self._now) for row in rows]

    # streams of one symbol

    def _single(self, market: Market) -> Producer | None:
        kind, args = self._stream.kind, self._stream.args
        on_step, on_tick = _ON_STEP.get(kind), _ON_TICK.get(kind)
        if on_step is not None:
            return _OnStep([market], on_step)
        if on_tick is not None:
            return _OnTick([market], lambda now, ts: [on_tick(market, now, ts)])
        if kind == "aggTrade":
            return _OnStep([market], _agg_trades) if self._product == "spot" else _AggTrades(market)
        if kind == "kline":
            return self._candles(market, args[0], 8 * HOUR if len(args) > 1 else 0)
        if kind == "markPriceKline":
            return self._price_candles(market, "mark")
        if kind == "rollingTicker":
            size = args[0]
            return _OnTick([market], lambda now, ts: [payloads.rolling_ticker(market, size, ROLLING[size], now, ts)])
        if kind == "depth":
            return _Depth(market, market.book)
        if kind == "rpiDepth":
            return _Depth(market, market.book, market.rpi)
        if kind == "partialDepth":
            return _PartialDepth(market, int(args[0]))
        if kind == "forceOrder":
            return _ForceOrders([market], self._now)
        raise AssertionError(f"no producer for {kind}")

    def _candles(self, market: Market, interval: str, offset: int = 0) -> Producer:
        return _Kline(market, lambda: market.bars(interval, offset), lambda *rest: payloads.kline(market, *rest))

    def _price_candles(self, market: Market, kind: str) -> Producer:
        interval = self._stream.args[0]
        return _Kline(
            market,
            lambda: market.price_samples(kind, interval),
            lambda *rest: payloads.price_kline(market, kind, *rest),
        )

    # streams whose symbol is a pair, an asset or an underlying

    def _continuousKline(self) -> Producer | None:
        contract, interval = self._stream.args
        rows = self._world.matching(_FUTURES, pair=self._stream.symbol, contract=contract.upper())
        if not rows:
            return None
        market = self._markets(rows)[0]
        return _Kline(market, lambda: market.bars(interval), lambda *rest: payloads.continuous_kline(market, *rest))

    def _indexPriceKline(self) -> Producer | None:
        rows = self._world.matching(["coinm"], pair=self._stream.symbol)
        return self._price_candles(self._markets(rows)[0], "index") if rows else None

    def _indexPrice(self) -> Producer | None:
        rows = self._world.matching(["coinm"], pair=self._stream.symbol)
        if not rows:
            return None
        market = self._markets(rows)[0]
        return _OnTick([market], lambda now, ts: [payloads.index_price(market, now, ts)])

    def _markPrice(self) -> Producer | None:
        found = self._find()
        if found is not None:
            market = self._world.market(found, self._now)
            return _OnTick([market], lambda now, ts: [payloads.mark_price(market, now, ts)])
        markets = self._markets(self._world.matching(["coinm"], pair=self._stream.symbol))
        if not markets or self._product != "coinm":
            return None
        return _OnTick(markets, lambda now, ts: [[payloads.mark_price(market, now, ts) for market in markets]])

    def _compositeIndex(self) -> Producer | None:
        found = self._world.find("usdm", self._stream.symbol)
        if found is None or not found.index:
            return None
        market = self._world.market(found, self._now)
        parts = self._markets([row for row in self._world.in_arrays("usdm") if not row.index and not row.delivery][:3])
        return _OnTick([market, *parts], lambda now, ts: [payloads.composite_index(market, parts, now, ts)])

    def _assets(self) -> dict[str, Market]:
        rows = [row for row in self._world.in_arrays("usdm") if not (row.index or row.tradfi or row.delivery)]
        return {f"{row.base}USD": self._world.market(row, self._now) for row in rows}

    def _assetIndex(self) -> Producer | None:
        asset = self._stream.symbol
        market = self._assets().get(asset)
        if market is None:
            return None
        return _OnTick([market], lambda now, ts: [payloads.asset_index(asset, market.index8, now, ts)])

    def _allAssetIndexes(self) -> Producer:
        assets = self._assets()
        return _OnTick(
            list(assets.values()),
            lambda now, ts: [[payloads.asset_index(name, row.index8, now, ts) for name, row in assets.items()]],
        )

    # streams of all symbols

    def _all_markets(self) -> list[Market]:
        products = _FUTURES if self._product in _FUTURES else (self._product,)
        return self._markets(self._world.in_arrays(*products))

    def _allMiniTickers(self) -> Producer:
        return _Changed(self._all_markets(), payloads.mini_ticker)

    def _allTickers(self) -> Producer:
        return _Changed(self._all_markets(), payloads.ticker)

    def _allRollingTickers(self) -> Producer:
        size = self._stream.args[0]
        return _Changed(
            self._all_markets(), lambda row, now, ts: payloads.rolling_ticker(row, size, ROLLING[size], now, ts)
        )

    def _allForceOrders(self) -> Producer:
        return _ForceOrders(self._all_markets(), self._now)

    def _allBookTickers(self) -> Producer:
        markets = self._all_markets()
        if not self._stream.period:
            return _OnStep(markets, _book_tickers)
        return _OnTick(markets, lambda now, ts: [payloads.book_ticker(market, now, ts) for market in markets])

    def _allMarkPrices(self) -> Producer:
        """Two frames per tick: the markets of traditional finance come in one of their own."""
        markets = self._all_markets()
        groups = [[m for m in markets if m.instrument.tradfi is tradfi] for tradfi in (False, True)]
        return _OnTick(
            markets, lambda now, ts: [[payloads.mark_price(row, now, ts) for row in group] for group in groups if group]
        )

    def _contractInfo(self) -> Producer:
        rows = self._markets(self._world.in_arrays(*_FUTURES))
        return _Rotating(rows, lambda row, turn, now, ts: payloads.contract_info(row, now, ts, brackets=turn % 2 == 0))

    def _tradingSession(self) -> Producer:
        return _OnTick([], lambda now, ts: [payloads.trading_session(kind, now, ts) for kind in payloads.SESSIONS])

    # options

    def _optionTrade(self) -> Producer | None:
        found = self._world.find("options", self._stream.symbol)
        rows = [found] if found else self._world.matching(["options"], pair=self._stream.symbol)
        return _Queue(self._markets(rows)) if rows else None

    def _optionTickers(self) -> Producer | None:
        rows = self._series()
        return _OnTick(rows, lambda now, ts: [[payloads.ticker(row, now, ts) for row in rows]]) if rows else None

    def _openInterest(self) -> Producer | None:
        rows = self._series()
        return _OnTick(rows, lambda now, ts: [[payloads.open_interest(row, now, ts) for row in rows]]) if rows else None

    def _series(self) -> list[Market]:
        rows = self._world.matching(["options"], pair=self._stream.symbol, delivery=self._stream.args[0])
        return self._markets(rows)

    def _optionMarkPrice(self) -> Producer | None:
        rows = self._markets(self._world.matching(["options"], pair=self._stream.symbol))
        if not rows:
            return None
        base = self._world.underlying(self._stream.symbol, self._now)
        return _OnTick(
            [*rows, base], lambda now, ts: [[payloads.option_mark(row, base.index8, now, ts) for row in rows]]
        )

    def _allIndexes(self) -> Producer:
        pairs = sorted({row.pair for row in self._world.in_arrays("options")})
        bases = [self._world.underlying(pair, self._now) for pair in pairs]
        return _OnTick(
            bases,
            lambda now, ts: [
                [payloads.option_index(pair, base.index8, now, ts) for pair, base in zip(pairs, bases, strict=True)]
            ],
        )

    def _optionSymbol(self) -> Producer:
        rows = self._world.in_arrays("options")
        return _Rotating(rows, lambda row, turn, now, ts: payloads.option_symbol(row, now, ts))


def _trades(market: Market, step: Step, now: int, ts: Stamp) -> Iterator[Payload]:
    return (payloads.trade(market, row, now, ts) for row in step.trades)


def _agg_trades(market: Market, step: Step, now: int, ts: Stamp) -> Iterator[Payload]:
    return (payloads.agg_trade(market, row, now, ts) for row in step.aggs)


def _blocks(market: Market, step: Step, now: int, ts: Stamp) -> Iterator[Payload]:
    return (payloads.block_trade(market, row, now, ts) for row in step.blocks)


def _book_tickers(market: Market, step: Step, now: int, ts: Stamp) -> Iterator[Payload]:
    if step.top_changed:
        yield payloads.book_ticker(market, now, ts)


_ON_STEP: dict[str, Callable[[Market, Step, int, Stamp], Payloads]] = {
    "trade": _trades,
    "blockTrade": _blocks,
    "bookTicker": _book_tickers,
}
_ON_TICK: dict[str, Callable[[Market, int, Stamp], Payload]] = {
    "miniTicker": payloads.mini_ticker,
    "ticker": payloads.ticker,
    "avgPrice": payloads.average_price,
    "referencePrice": payloads.reference_price,
}
