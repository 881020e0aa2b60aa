"""Streams of one connection: what was asked for, and what makes the payloads of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from binance_sockets.simulator.feed import Messages, Source
from binance_sockets.simulator.market.candles import SECOND, Bar
from binance_sockets.simulator.market.market import Step
from binance_sockets.simulator.upbit import payloads
from binance_sockets.simulator.upbit.indicators import IndicatorSource, Wanted
from binance_sockets.simulator.upbit.listing import Coin, CoinMarket, Listing
from binance_sockets.simulator.upbit.numbers import encode, text
from binance_sockets.simulator.upbit.options import UpbitOptions
from binance_sockets.simulator.upbit.short import shortened

__all__ = ["DEPTHS", "UNITS", "Maker", "Stream"]

UNITS = {"1s": "1s", "1m": "1m", "3m": "3m", "5m": "5m", "10m": "10m", "15m": "15m", "30m": "30m", "60m": "1h",
         "240m": "4h"}  # fmt: skip
"""The units of candles that are streamed, as the markets call them."""
DEPTHS = (1, 5, 15, 30)
"""How many units of a book may be asked for; any other number means 30."""

_DEEPEST = DEPTHS[-1]


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream that a connection asks for.

    Args:
        type: of its messages.
        code: of the market, without a depth; "" for streams of an account or of the exchange.
        depth: units of a book.
        level: price steps of a book as they were asked for; "0" for the book as it is.
        wanted: the indicator.
    """

    type: str
    code: str = ""
    depth: int = _DEEPEST
    level: str = "0"
    wanted: Wanted | None = field(default=None)

    @property
    def name(self) -> str:
        """By which faults and records know it: ``trade/KRW-BTC``, ``orderbook/KRW-BTC.5@10000``, ``myAsset``."""
        name = f"{self.type}/{self.code}" if self.code else self.type
        if self.type == "orderbook":
            name += f".{self.depth}" if self.depth != _DEEPEST else ""
            name += f"@{self.level}" if self.level != "0" else ""
        return f"{name}/{self.wanted.name}" if self.wanted is not None else name

    @property
    def of_market(self) -> bool:
        """Whether it tells of a market's trades."""
        return self.type in ("ticker", "trade", "orderbook") or self.type.startswith("candle.")


class _Trades:
    """Payloads after each action in a market."""

    period = 0

    def __init__(self, name: str, market: CoinMarket, make: Callable[[Step], Sequence[payloads.Payload]]) -> None:
        self.name, self.markets, self._make = name, (market,), make

    def on_step(self, market: CoinMarket, step: Step) -> Messages:
        if step.trades:
            for payload in self._make(step):
                yield encode(payload), self.name.partition("/")[0]

    def on_tick(self, now: int) -> Messages:
        return ()

    def close(self) -> None:
        """Nothing to close."""


class _Book:
    """The book, after each action that has changed what is shown of it."""

    period = 0

    def __init__(self, name: str, market: CoinMarket, make: Callable[[str], payloads.Payload]) -> None:
        self.name, self.markets, self._make = name, (market,), make
        self._seen = market.book.last_id
        self._shown: Any = None

    def on_step(self, market: CoinMarket, step: Step) -> Messages:
        if market.book.last_id == self._seen:
            return
        self._seen = market.book.last_id
        payload = self._make("REALTIME")
        shown = {name: value for name, value in payload.items() if name not in ("timestamp", "tms")}
        data = encode(shown)
        if data != self._shown:
            self._shown = data
            yield encode(payload), "orderbook"

    def on_tick(self, now: int) -> Messages:
        return ()

    def close(self) -> None:
        """Nothing to close."""


class _Candles:
    """The candle, at most once a second, and only when a trade has changed it."""

    period = SECOND

    def __init__(self, name: str, market: CoinMarket, unit: str, make: Callable[[Bar], payloads.Payload]) -> None:
        self.name, self.markets, self._make = name, (market,), make
        self._unit = UNITS[unit]
        current = market.bars(self._unit).current
        self._start, self._count = (current.start, current.count) if current else (0, 0)

    def on_step(self, market: CoinMarket, step: Step) -> Messages:
        return ()

    def on_tick(self, now: int) -> Messages:
        market = self.markets[0]
        market.advance(now)
        bars = market.bars(self._unit)
        rows = [bars.current] if bars.current is not None else []
        for bar in reversed(bars.closed):
            if bar.start < self._start:
                break
            rows.append(bar)
        for bar in reversed(rows):
            if bar.count > (self._count if bar.start == self._start else 0):
                self._start, self._count = bar.start, bar.count
                yield encode(self._make(bar)), self.name.partition("/")[0]

    def close(self) -> None:
        """Nothing to close."""


class Maker:
    """Makes snapshots and sources.

    Args:
        listing: what is listed.
        options: what of the exchange is set.
        simple: whether messages have short keys.
    """

    def __init__(self, listing: Listing, options: UpbitOptions, *, simple: bool) -> None:
        self._listing, self._options, self._simple = listing, options, simple

    def snapshot(self, stream: Stream, now: int) -> bytes | None:
        """The present state of a stream of a market; ``None`` where there is none."""
        market = self._market(stream, now)
        if market is None:
            return None
        market.advance(now)
        if stream.type == "trade":
            return encode(self._keys(payloads.trade(market, market.last_trade(), "SNAPSHOT")))
        if stream.type == "ticker":
            return encode(self._ticker(market, "SNAPSHOT"))
        if stream.type == "orderbook":
            group = group_of(market.instrument, stream.level)
            return None if group is None else encode(self._book(market, stream, group, "SNAPSHOT"))
        bar = _last_bar(market, UNITS[stream.type.partition(".")[2]])
        return None if bar is None else encode(self._candle(market, bar, stream, "SNAPSHOT"))

    def source(self, stream: Stream, now: int) -> Source | None:
        """What makes the payloads of a stream; ``None`` where nothing is ever sent."""
        market = self._market(stream, now)
        if market is None:
            return None
        name = stream.name
        if stream.wanted is not None:
            return IndicatorSource(name, market, stream.type, stream.wanted, self._keys)
        if stream.type == "trade":
            return _Trades(
                name, market,
                lambda step: [self._keys(payloads.trade(market, row, "REALTIME")) for row in step.trades],
            )  # fmt: skip
        if stream.type == "ticker":
            return _Trades(name, market, lambda step: [self._ticker(market, "REALTIME")])
        if stream.type == "orderbook":
            group = group_of(market.instrument, stream.level)
            if group is None:
                return None
            return _Book(name, market, lambda kind: self._book(market, stream, group, kind))
        unit = stream.type.partition(".")[2]
        return _Candles(name, market, unit, lambda bar: self._candle(market, bar, stream, "REALTIME"))

    def _market(self, stream: Stream, now: int) -> CoinMarket | None:
        coin = self._listing.coins.get(stream.code)
        if coin is None or (stream.wanted is not None and coin.quote != "KRW"):
            return None
        return self._listing.market(coin, now)

    def _ticker(self, market: CoinMarket, kind: str) -> payloads.Payload:
        return self._keys(payloads.ticker(market, kind, deprecated=self._options.deprecated_fields))

    def _book(self, market: CoinMarket, stream: Stream, group: int, kind: str) -> payloads.Payload:
        figures = payloads.orderbook(market, stream.depth, group, padded=self._options.zero_padding)
        return self._keys(payloads.orderbook_message(market, figures, kind))

    def _candle(self, market: CoinMarket, bar: Bar, stream: Stream, kind: str) -> payloads.Payload:
        unit = stream.type.partition(".")[2]
        return self._keys(payloads.candle_message(market, bar, unit, kind))

    def _keys(self, payload: payloads.Payload) -> payloads.Payload:
        return shortened(payload) if self._simple else payload


def group_of(coin: Coin, level: str) -> int | None:
    """How many ticks a level is, such as ``"10000"``; ``None`` for one that the market has not."""
    return next((group for group in coin.groups if level == level_text(coin, group)), None)


def level_text(coin: Coin, group: int) -> str:
    """A level as it is written."""
    return text(group, coin.price_places)


def _last_bar(market: CoinMarket, interval: str) -> Bar | None:
    """The candle under way, or where that has no trade yet the last one that has."""
    bars = market.bars(interval)
    rows = [*reversed(bars.closed)] if bars.current is None else [bars.current, *reversed(bars.closed)]
    return next((bar for bar in rows if bar.count), None)
