"""The streams of Binance, one row per family: names, products, route, period, and what makes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from binance_sockets.simulator.answers import dumps
from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance import producers as make
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import INTERVALS, BinanceMarket
from binance_sockets.simulator.feed import Messages, Source
from binance_sockets.simulator.market.market import Step

__all__ = ["FAMILIES", "Family", "StreamName", "home_of", "make_producer", "make_stream", "parse", "route_of"]

_SPOT, _USDM, _COINM, _FUTURES, _OPTIONS = ("spot",), ("usdm",), ("coinm",), ("usdm", "coinm"), ("options",)
_MS = 1000
_K = "|".join(INTERVALS)
_FK = "|".join(name for name in INTERVALS if name != "1s")
_OK = "1m|3m|5m|15m|30m|1h|2h|4h|6h|12h|1d|3d|1w"
_CONTRACTS = "perpetual|current_quarter|next_quarter|tradifi_perpetual"


@dataclass(frozen=True, slots=True)
class Family:
    """Streams that differ in their symbol and arguments only.

    Args:
        products: where they exist.
        pattern: what follows the symbol, or the whole name where it begins with "!" or stands in brackets. Groups are
            arguments; the group ``ms`` is a speed that replaces the period, ``s`` stands for one second.
        kind: names what has no event type of its own.
        period: milliseconds between two sends; 0 is real time.
        maker: makes the producer.
        route: on products that have routes.
    """

    products: tuple[str, ...]
    pattern: str
    kind: str
    period: int
    maker: make.Maker
    route: str = "market"


FAMILIES: tuple[Family, ...] = (
    # trades
    Family(_SPOT, "@aggTrade", "aggTrade", 0, make.each_step(make.single_agg_trades)),
    Family(_FUTURES, "@aggTrade", "aggTrade", 100, make.agg_trades),
    Family((*_SPOT, *_FUTURES), "@trade", "trade", 0, make.each_step(make.trades)),
    Family(_SPOT, "@blockTrade", "blockTrade", 0, make.each_step(make.blocks)),
    Family(_OPTIONS, "@optionTrade", "optionTrade", 50, make.option_trades, "public"),
    Family(_FUTURES, "@forceOrder", "forceOrder", 1000, make.force_orders),
    Family(_FUTURES, "!forceOrder@arr", "forceOrder", 1000, make.all_force_orders),
    # the book
    Family((*_SPOT, *_FUTURES, *_OPTIONS), "@bookTicker", "bookTicker", 0, make.each_step(make.book_tickers), "public"),
    Family(_USDM, "!bookTicker", "bookTicker", 5000, make.all_book_tickers, "public"),
    Family(_COINM, "!bookTicker", "bookTicker", 0, make.all_book_tickers),
    Family(_SPOT, r"@depth(?:@(?P<ms>100|1000)ms)?", "depth", 1000, make.depth),
    Family(_FUTURES, r"@depth(?:@(?P<ms>0|100|500)ms)?", "depth", 250, make.depth, "public"),
    Family(_OPTIONS, r"@depth@(?P<ms>100|500)ms", "depth", 100, make.depth, "public"),
    Family(_SPOT, r"@depth(5|10|20)(?:@(?P<ms>100|1000)ms)?", "partialDepth", 1000, make.partial_depth),
    Family(_FUTURES, r"@depth(5|10|20)(?:@(?P<ms>100|500)ms)?", "partialDepth", 250, make.partial_depth, "public"),
    Family(_OPTIONS, r"@depth(5|10|20)@(?P<ms>100|500)ms", "partialDepth", 100, make.partial_depth, "public"),
    Family(_USDM, r"@rpiDepth@(?P<ms>500)ms", "rpiDepth", 500, make.rpi_depth, "public"),
    # candles
    Family(_SPOT, r"@kline_(1s)", "kline", 1000, make.klines),
    Family(_SPOT, rf"@kline_({_K})(?:@(\+08:00))?", "kline", 2000, make.klines),
    Family(_FUTURES, rf"@kline_({_FK})", "kline", 250, make.klines),
    Family(_OPTIONS, rf"@kline_({_OK})", "kline", 1000, make.klines),
    Family(_FUTURES, rf"_({_CONTRACTS})@continuousKline_({_K})", "continuousKline", 250, make.continuous_klines),
    Family(_FUTURES, rf"@indexPriceKline_({_FK})", "indexPriceKline", 250, make.index_price_klines),
    Family(_FUTURES, rf"@markPriceKline_({_FK})", "markPriceKline", 250, make.mark_price_klines),
    # tickers
    Family(_SPOT, "@miniTicker", "miniTicker", 1000, make.each_tick(payloads.mini_ticker)),
    Family(_USDM, "@miniTicker", "miniTicker", 2000, make.each_tick(payloads.mini_ticker)),
    Family(_COINM, "@miniTicker", "miniTicker", 500, make.each_tick(payloads.mini_ticker)),
    Family(_SPOT, "!miniTicker@arr(?:@(?P<ms>1000)ms)?", "miniTicker", 1000, make.each_changed(payloads.mini_ticker)),
    Family(_FUTURES, "!miniTicker@arr", "miniTicker", 1000, make.each_changed(payloads.mini_ticker)),
    Family(_SPOT, "@ticker", "ticker", 1000, make.each_tick(payloads.ticker)),
    Family(_USDM, "@ticker", "ticker", 2000, make.each_tick(payloads.ticker)),
    Family(_COINM, "@ticker", "ticker", 500, make.each_tick(payloads.ticker)),
    Family(_FUTURES, "!ticker@arr", "ticker", 1000, make.each_changed(payloads.ticker)),
    Family(_OPTIONS, "@optionTicker", "ticker", 1000, make.each_tick(payloads.ticker), "public"),
    Family(_OPTIONS, r"@optionTicker@(\d{6})", "ticker", 1000, make.option_tickers, "public"),
    Family(_SPOT, "@ticker_(1h|4h|1d)", "rollingTicker", 1000, make.rolling_ticker),
    Family(_SPOT, "!ticker_(1h|4h|1d)@arr", "rollingTicker", 1000, make.all_rolling_tickers),
    Family(_SPOT, "@avgPrice", "avgPrice", 1000, make.each_tick(payloads.average_price)),
    Family(_SPOT, "@referencePrice", "referencePrice", 1000, make.each_tick(payloads.reference_price)),
    # mark and index prices
    Family(_FUTURES, "@markPrice(?:@(?P<s>1s))?", "markPrice", 3000, make.mark_price),
    Family(_FUTURES, "!markPrice@arr(?:@(?P<s>1s))?", "markPrice", 3000, make.all_mark_prices),
    Family(_FUTURES, "@indexPrice", "indexPrice", 1000, make.index_price),
    Family(_COINM, "!indexPrice@arr", "indexPrice", 1000, make.all_index_prices),
    Family(_USDM, "@compositeIndex", "compositeIndex", 1000, make.composite_index),
    Family(_USDM, "@assetIndex", "assetIndex", 1000, make.asset_index),
    Family(_USDM, "!assetIndex@arr", "assetIndex", 1000, make.all_asset_indexes),
    Family(_OPTIONS, "@optionMarkPrice", "optionMarkPrice", 1000, make.option_marks),
    Family(_OPTIONS, "!index@arr", "index", 1000, make.all_indexes),
    Family(_OPTIONS, r"@openInterest@(\d{6})", "openInterest", 60_000, make.open_interest),
    # announcements
    Family(_FUTURES, "!contractInfo", "contractInfo", 5000, make.contract_info),
    Family(_USDM, "(tradingSession)", "tradingSession", 1000, make.trading_session),
    Family(_OPTIONS, "!optionSymbol", "optionSymbol", 5000, make.option_symbols),
)
_SPEED = re.compile(r"@\d+ms$")
_ROUTED = ("usdm", "options")


def _compiled() -> dict[str, list[tuple[re.Pattern[str], Family]]]:
    table: dict[str, list[tuple[re.Pattern[str], Family]]] = {}
    for row in FAMILIES:
        prefix = "" if row.pattern[0] in "!(" else r"(?P<symbol>[^@!/]+?)"
        for product in row.products:
            table.setdefault(product, []).append((re.compile(prefix + row.pattern), row))
    return table


_TABLE = _compiled()


@dataclass(frozen=True, slots=True)
class StreamName:
    """A stream name, taken apart.

    Args:
        name: as asked for.
        family: its row.
        symbol: upper case; a pair, asset or underlying for some families; "" for streams of all symbols.
        period: microseconds between two sends; 0 is real time.
        args: what else the name says.
    """

    name: str
    family: Family
    symbol: str
    period: int
    args: tuple[str, ...] = ()


def parse(product: str, name: str) -> StreamName | None:
    """Take a name apart; ``None`` for names that the exchange acknowledges and never serves."""
    found = next(((match, row) for pattern, row in _TABLE.get(product, ()) if (match := pattern.fullmatch(name))), None)
    if found is None:
        return None
    match, family = found
    named = match.groupdict()
    symbol = named.get("symbol") or ""
    if symbol != symbol.lower():
        return None
    places = match.re.groupindex.values()
    args = tuple(text for place, text in enumerate(match.groups(), 1) if text and place not in places)
    speed = 1000 if named.get("s") else int(named.get("ms") or family.period)
    return StreamName(name, family, symbol.upper(), speed * _MS, args)


def home_of(product: str, name: str) -> str:
    """The product that a name belongs to: the host of USD-M serves the streams of options as well."""
    if product != "usdm" or parse("options", name) is None:
        return product
    own = parse("usdm", name)
    return "options" if own is None or "-" in own.symbol else "usdm"


def route_of(product: str, name: str) -> str:
    """The route on which a name is served: ``public``, ``market``, or "" for products without routes.

    Names at a speed that does not exist are acknowledged on their family's route, unknown ones on ``market``.
    """
    if product not in _ROUTED:
        return ""
    for text in (name, _SPEED.sub("", name), _SPEED.sub("@100ms", name)):
        for pattern, family in _TABLE[product]:
            if pattern.fullmatch(text):
                return family.route
    return "market"


def make_producer(listing: Listing, product: str, stream: StreamName, now: int) -> make.Producer | None:
    """The producer of a stream; ``None`` where the symbol is not listed."""
    return stream.family.maker(make.Wanted(listing, product, stream.symbol, stream.args, now, stream.period))


def make_stream(listing: Listing, product: str, name: str, now: int, *, micro: bool) -> Source | None:
    """What the feed asks for the payloads of a name; ``None`` for names that nothing is sent for."""
    stream = parse(product, name)
    producer = make_producer(listing, product, stream, now) if stream else None
    return _Stream(stream, producer, micro=micro) if stream and producer else None


class _Stream:
    """A producer's payloads as bytes. A :class:`~binance_sockets.simulator.feed.Source`."""

    def __init__(self, stream: StreamName, producer: make.Producer, *, micro: bool) -> None:
        self.name, self.period = stream.name, stream.period
        self._kind = stream.family.kind
        self._producer = producer
        self._ts = payloads.microseconds if micro else payloads.milliseconds

    @property
    def markets(self) -> Sequence[BinanceMarket]:
        return self._producer.markets

    def on_step(self, market: BinanceMarket, step: Step) -> Messages:
        rows = self._producer.on_step(market, step, market.now, self._ts)
        return self._written(rows) if rows else ()  # most sources have nothing to say about most actions

    def on_tick(self, now: int) -> Messages:
        return self._written(self._producer.on_tick(now, self._ts))

    def close(self) -> None:
        self._producer.close()

    def _written(self, rows: make.Payloads) -> Messages:
        return [(dumps(row), payloads.label(self._kind, row)) for row in rows]
