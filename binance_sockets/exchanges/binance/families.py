"""The table of Binance's market streams: one row per family of names, with all that is known of it.

Everything else about a stream is made from its row: names on the wire and back, routes, typed events, the ``start_*``
methods with their texts (``scripts/generate_sockets.py``), the pages of the documentation and ``binance-sockets
streams``. A new stream is one row here, and a model where its payload has a new shape.

A pattern is the name on the wire with ``<placeholders>`` and ``[optional parts]``. Facts are those of the exchange's
documents as of late 2026: the spot ``web-socket-streams.md`` (2026-07-21), the derivatives change log (2026-10-23), the
route notice of 2026-03-05 and the options documentation that goes with SDK 7.0.0 (2026-07-14).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from ...exchange import Stream
from . import models as m
from .products import MARKETS

__all__ = ["FAMILIES", "REQUIRED", "ROWS", "SUBJECTS", "UNDOCUMENTED", "Argument", "Family", "MarketStream", "Retired"]

REQUIRED = object()
"""The default of an argument that has none."""

SUBJECTS = ("symbol", "pair", "asset")
"""Arguments that say what a stream is about. The callback comes second to one of them, else first."""


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """One argument of a ``start_*`` method, beside those that all have.

    Args:
        name: its keyword.
        says: its line in the text, without a final stop; ``{values}`` and ``{default}`` stand for what the row allows.
        example: a value for the example of a conn key; empty for the default.
        kind: its annotation.
        default: its default, :data:`REQUIRED` for none.
        keyword: whether it is taken by keyword only.
        fills: the placeholder that it fills; ``None`` for the one of its own name, empty for none.
        value: what is filled in for what was given; ``None`` leaves an optional part off.
    """

    name: str
    says: str
    example: str = ""
    kind: str = "str"
    default: object = REQUIRED
    keyword: bool = False
    fills: str | None = None
    value: Callable[[Any], object] = lambda given: given

    @property
    def placeholder(self) -> str:
        """The placeholder that it fills; empty for none."""
        return self.name if self.fills is None else self.fills


@dataclass(frozen=True, slots=True)
class Retired:
    """The end of a stream: the day, and what to use today."""

    since: str
    replacement: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Family:
    """One row: all streams that share a pattern.

    Args:
        key: the row's name within each of its markets.
        markets: those that have it, the one it is started on by default first.
        pattern: the name on the wire.
        method: the ``start_*`` method; empty where there is none.
        arguments: those of the method, in its order. Rows of one method have the same.
        says: what it carries, as the beginning of a sentence.
        note: what else to know, in whole sentences.
        model: the typed event, or a union of events.
        array: whether the payload is a list.
        named: values of the payload's ``e`` field, where the model does not fix them.
        lacks: fields of the model that it never sends.
        wrapped: whether the method delivers ``{"stream", "data"}``, as in python-binance 0.7.
        speed: how often it is pushed, in words.
        first_message: seconds within which a first message is expected; ``None`` where silence is normal.
        route: ``"public"`` or ``"market"`` where the product has routes.
        allowed: the values of a placeholder; one that is missing here is a symbol, an empty one a date.
        default: the value that the exchange means when the optional part is left off.
        spelled_out: whether the conn key has optional parts that the wire leaves off, as in python-binance 0.7.
        source: the heading in the product's document; of an undocumented stream, how it is known.
        documented: whether the exchange describes it.
        retired: set when the exchange has switched it off.
        differs: what another market than the first has otherwise, by market and field.
        market: the market of an expanded row, see :data:`FAMILIES`.
    """

    key: str
    markets: tuple[str, ...]
    pattern: str
    method: str = ""
    arguments: tuple[Argument, ...] = ()
    says: str = ""
    note: str = ""
    model: Any = None
    array: bool = False
    named: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    wrapped: bool = False
    speed: str = ""
    first_message: float | None = None
    route: str = ""
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default: Mapping[str, str] = field(default_factory=dict)
    spelled_out: bool = False
    source: str = ""
    documented: bool = True
    retired: Retired | None = None
    differs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    market: str = ""

    def of(self, market: str) -> Family:
        """This row as ``market`` has it."""
        route = self.route if MARKETS[market].routes else ""
        return replace(self, market=market, route=route, **self.differs.get(market, {}))

    def stream(self, name: str, route: str | None = None) -> MarketStream:
        """One stream of this family by its wire name; ``route`` overrules the row's."""
        return MarketStream(name, self.first_message, self.route if route is None else route, self)

    @property
    def models(self) -> tuple[Any, ...]:
        """The events that it carries: one, or those of the union."""
        return get_args(self.model) or (self.model,)

    @property
    def kind(self) -> Any:
        """The type of its typed payload: the model, or a list of it."""
        return list[self.model] if self.array else self.model  # type: ignore[name-defined]

    @property
    def events(self) -> tuple[str, ...]:
        """Values of the payload's ``e`` field; empty where it has none."""
        return self.named or tuple(tag for each in self.models if (tag := each.__struct_config__.tag))


@dataclass(frozen=True, slots=True)
class MarketStream(Stream):
    """A stream of a connection, with its row of the table; ``None`` for a name that is in no row."""

    family: Family | None = None


# -- deadlines of a first message, in seconds. They only decide when a silence is reported, never a reconnect --

_CLOCK = 30.0  # pushed every 1 to 5 s whatever happens: six turns of the slowest
_TRADED = 60.0  # pushed on a trade or a change of the book: a listed symbol has one within a minute as a rule
_MINUTE = 150.0  # pushed every 60 s: two turns and a half
_RARE = None  # nothing may happen for hours
UNDOCUMENTED = _TRADED  # a name that is in no table: its silence is the only sign that it does not exist

# -- values of placeholders --

_FUTURES_INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
_SPOT_INTERVALS = ("1s", *_FUTURES_INTERVALS)
_OPTION_INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "3d", "1w")
_LEVELS = ("5", "10", "20")
_SPOT_BOOK = {"interval": ("100", "1000")}
_FUTURES_BOOK = {"interval": ("100", "250", "500")}
_OPTION_BOOK = {"interval": ("100", "500")}
_MARK = {"speed": ("1s", "3s")}
_CONTRACTS = ("perpetual", "current_quarter", "next_quarter")
_DATE: Mapping[str, tuple[str, ...]] = {"expiration_date": ()}

# -- arguments --

_CLOSED = Argument(
    "closed_only", "``True`` for the last message of each candle alone, in every view; one whose end falls into a gap "
    "is missing. Default ``False``", kind="bool", default=False, keyword=True, fills="",
)  # fmt: skip
_BACKFILL = Argument(
    "backfill", "``True`` to fetch over REST what is missed with a link, and to call back with it in order, marked by "
    "the field ``backfilled``. Default ``False``", kind="bool", default=False, keyword=True, fills="",
)  # fmt: skip
_HISTORY = Argument(
    "history", "how much of the past comes first, over REST and marked likewise: a count, an aware ``datetime``, "
    "milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing", kind="History", default=None,
    keyword=True, fills="",
)  # fmt: skip
_PAST = (_BACKFILL, _HISTORY)
REDUNDANCY = Argument(
    "redundancy", "over how many links the stream comes at once, 1 to 4: the first copy of each message is delivered, "
    "and a link that is lost is not noticed while another lives. Default 1", kind="int", default=1, keyword=True,
    fills="",
)  # fmt: skip
"""Taken by every method of a stream that lives."""
_SYMBOL = Argument("symbol", 'such as ``"BNBBTC"``, in any case', "BNBBTC")
_CONTRACT = Argument("symbol", 'such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case', "BTCUSDT")
_USDM_SYMBOL = Argument("symbol", 'such as ``"BTCUSDT"``, in any case', "BTCUSDT")
_COINM_SYMBOL = Argument("symbol", 'such as ``"BTCUSD_PERP"``, in any case', "BTCUSD_PERP")
_PAIR = Argument("pair", 'such as ``"BTCUSD"``, in any case', "BTCUSD")
_OPTION = Argument("symbol", 'of a contract, such as ``"BTC-261225-110000-C"``, in any case', "BTC-261225-110000-C")
_UNDERLYING = Argument("symbol", 'of an underlying, such as ``"BTCUSDT"``, in any case', "BTCUSDT")
_INTERVAL = Argument("interval", '{values}; default ``"1m"``', default="1m")
_WINDOW = Argument("window", '{values}; default ``"1h"``; it opens on a full minute', default="1h")
_EXPIRY = Argument("expiration_date", 'the day as ``yymmdd``, such as ``"261225"``', "261225")


def _futures_type(default: str, says: str = "") -> Argument:
    other = {"usdm": "coinm", "coinm": "usdm"}[default]
    says = says or f'``"{default}"`` (default) or ``"{other}"``; python-binance 1.x\'s ``FuturesType`` works too'
    return Argument("futures_type", says, kind="object", default=default, fills="")


_FUTURES = _futures_type("usdm")
_COIN_FIRST = _futures_type("coinm")
_COIN_ONLY = _futures_type("coinm", '``"coinm"`` (default); ``"usdm"`` gets the same from the USD-M host')

_FAST = Argument(
    "fast", "``True`` (default) for one message a second, ``False`` for one every 3 seconds",
    kind="bool", default=True, fills="speed", value=lambda fast: "1s" if fast else None,
)  # fmt: skip


def _depth(default: str | None) -> Argument:
    """As in 0.7, a depth of ``None``, 0, ``""`` or ``"1"`` means the changes."""
    none, ten = ("``None`` (default)", "``10``") if default is None else ("``None``", "``10`` (default)")
    return Argument(
        "depth", f'``5``, {ten} or ``20`` levels; {none}, ``0``, ``""`` and ``"1"`` mean the changes',
        kind="str | int | None", default=default, value=lambda depth: None if str(depth) == "1" else depth or None,
    )  # fmt: skip


_BOOK_SPEED = Argument(
    "interval", "milliseconds between messages: {values}; ``None`` (default) and ``0`` mean ``{default}``",
    kind="int | str | None", default=None, value=lambda interval: interval or None,
)  # fmt: skip
_OPTION_SPEED = Argument(
    "interval", "milliseconds between messages: {values}; default ``100``", kind="int | str", default=100
)

# -- the table. Where two patterns of a market could match a name, the earlier row is meant --

_SPOT = ("spot", "us")
_BOTH = ("usdm", "coinm")
_EITHER = ("coinm", "usdm")
_MERGED = "Since 2026-06-30 USD-M and COIN-M come together; ``st`` tells them apart: 1 is USD-M, 2 is COIN-M."
_MOVED = "2025-12-15"  # the previous generation of options lived on nbstream with upper-case symbols

_SPOT_ROWS = (
    Family(
        key="depth", markets=_SPOT, pattern="<symbol>@depth[@<interval>ms]", method="start_depth_socket",
        arguments=(_SYMBOL, _depth(None), _BOOK_SPEED),
        says="Changes of the order book of one symbol", model=m.Depth, speed="1 s or 100 ms", first_message=_TRADED,
        allowed=_SPOT_BOOK, default={"interval": "1000"}, source='"Diff. Depth Stream"',
    ),
    Family(
        key="partial_depth", markets=_SPOT, pattern="<symbol>@depth<depth>[@<interval>ms]",
        method="start_depth_socket", arguments=(_SYMBOL, _depth(None), _BOOK_SPEED),
        says="The best levels of the order book of one symbol", note="The best levels come without ``e`` and symbol.",
        model=m.PartialDepth, speed="1 s or 100 ms", first_message=_TRADED,
        allowed={"depth": _LEVELS, **_SPOT_BOOK}, default={"interval": "1000"},
        source='"Partial Book Depth Streams"',
    ),
    Family(
        key="kline", markets=_SPOT, pattern="<symbol>@kline_<interval>[@<timezone>]", method="start_kline_socket",
        arguments=(
            _SYMBOL, _INTERVAL,
            _CLOSED,
            Argument(
                "timezone", '``"+08:00"`` for candles of the days of UTC+8, times staying UTC (not on Binance.US); '
                "``None`` (default) for UTC", kind="str | None", default=None, keyword=True,
            ),
            *_PAST,
        ),
        says="Candles of one symbol", model=m.Kline, speed="2 s (``1s`` candles: 1 s)", first_message=_TRADED,
        allowed={"interval": _SPOT_INTERVALS, "timezone": ("+08:00",)},
        source='"Kline/Candlestick Streams for UTC" and "... with timezone offset"',
        differs={
            "us": {
                "pattern": "<symbol>@kline_<interval>", "allowed": {"interval": _FUTURES_INTERVALS}, "speed": "2 s",
            },
        },
    ),
    Family(
        key="all_mini_tickers", markets=_SPOT, pattern="!miniTicker@arr[@<update_time>ms]",
        method="start_miniticker_socket",
        arguments=(
            Argument("update_time", "milliseconds between messages; only {values} (default) exists", kind="int",
                     default=1000),
        ),
        says="Short tickers of the last 24 hours of all symbols that changed", model=m.MiniTicker, array=True,
        speed="1 s", first_message=_CLOCK, allowed={"update_time": ("1000",)}, default={"update_time": "1000"},
        spelled_out=True, source='"All Market Mini Tickers Stream"',
    ),
    Family(
        key="trade", markets=_SPOT, pattern="<symbol>@trade", method="start_trade_socket",
        arguments=(_SYMBOL, *_PAST), note="On Binance.US, REST gives single trades to those with an API key alone.",
        says="Every trade of one symbol", model=m.Trade, speed="real time", first_message=_TRADED,
        source='"Trade Streams"',
    ),
    Family(
        key="agg_trade", markets=_SPOT, pattern="<symbol>@aggTrade", method="start_aggtrade_socket",
        arguments=(_SYMBOL, *_PAST), says="Trades of one symbol, aggregated per taker order", model=m.AggTrade,
        speed="real time", first_message=_TRADED, source='"Aggregate Trade Streams"',
    ),
    Family(
        key="block_trade", markets=("spot",), pattern="<symbol>@blockTrade", method="start_block_trade_socket",
        arguments=(_SYMBOL,), says="Block trades of one symbol", note="They are rare, and exist since 2026-05-12.",
        model=m.BlockTrade, speed="real time", first_message=_RARE, source='"Block Trade Streams"',
    ),
    Family(
        key="reference_price", markets=("spot",), pattern="<symbol>@referencePrice",
        method="start_reference_price_socket", arguments=(_SYMBOL,), says="Reference price of one symbol",
        note="``r`` is null while there is none; ``E`` is not sent.", model=m.ReferencePrice, speed="1 s",
        first_message=_CLOCK, source='"Reference Price Streams"',
    ),
    Family(
        key="average_price", markets=_SPOT, pattern="<symbol>@avgPrice", method="start_average_price_socket",
        arguments=(_SYMBOL,), says="Average price of one symbol over the last minutes", model=m.AveragePrice,
        speed="1 s", first_message=_CLOCK, source='"Average Price"',
    ),
    Family(
        key="mini_ticker", markets=_SPOT, pattern="<symbol>@miniTicker", method="start_symbol_miniticker_socket",
        arguments=(_SYMBOL,), says="Short ticker of the last 24 hours of one symbol", model=m.MiniTicker, speed="1 s",
        first_message=_TRADED, source='"Individual Symbol Mini Ticker Stream"',
    ),
    Family(
        key="ticker", markets=_SPOT, pattern="<symbol>@ticker", method="start_symbol_ticker_socket",
        arguments=(_SYMBOL,), says="Ticker of the last 24 hours of one symbol", model=m.Ticker, speed="1 s",
        first_message=_TRADED, source='"Individual Symbol Ticker Streams"',
    ),
    Family(
        key="all_tickers", markets=_SPOT, pattern="!ticker@arr", method="start_ticker_socket",
        says="Tickers of the last 24 hours of all symbols that changed", model=m.Ticker, array=True, speed="1 s",
        first_message=_CLOCK, source='"All Market Tickers"; spot ``CHANGELOG.md`` (2025-11-14 and later) for its end',
        retired=Retired("2026-03-26", "!miniTicker@arr (start_miniticker_socket) or <symbol>@ticker"),
        differs={"us": {"retired": None}},
    ),
    Family(
        key="rolling_ticker", markets=_SPOT, pattern="<symbol>@ticker_<window>", method="start_rolling_ticker_socket",
        arguments=(_SYMBOL, _WINDOW), says="Ticker of a rolling window of one symbol",
        model=m.Ticker1h | m.Ticker4h | m.Ticker1d, speed="1 s", first_message=_TRADED,
        allowed={"window": ("1h", "4h", "1d")}, source='"Individual Symbol Rolling Window Statistics Streams"',
        differs={"us": {"allowed": {"window": ("1h", "4h")}}},
    ),
    Family(
        key="all_rolling_tickers", markets=_SPOT, pattern="!ticker_<window>@arr",
        method="start_all_rolling_ticker_socket", arguments=(_WINDOW,),
        says="Tickers of a rolling window of all symbols that changed", model=m.Ticker1h | m.Ticker4h | m.Ticker1d,
        array=True, speed="1 s", first_message=_CLOCK, allowed={"window": ("1h", "4h", "1d")},
        source='"All Market Rolling Window Statistics Streams"',
        differs={"us": {"allowed": {"window": ("1h", "4h")}}},
    ),
    Family(
        key="book_ticker", markets=_SPOT, pattern="<symbol>@bookTicker", method="start_symbol_book_ticker_socket",
        arguments=(_SYMBOL,), says="Best bid and ask of one symbol", note="The payload has neither ``e`` nor a time.",
        model=m.BookTicker, speed="real time", first_message=_TRADED,
        source='"Individual Symbol Book Ticker Streams"',
    ),
    Family(
        key="all_book_tickers", markets=_SPOT, pattern="!bookTicker", method="start_book_ticker_socket",
        says="Best bid and ask of all symbols", source="spot ``CHANGELOG.md`` (2022-12)", documented=False,
        retired=Retired("2022-12-07", "<symbol>@bookTicker (start_symbol_book_ticker_socket)"),
    ),
)  # fmt: skip

_FUTURES_ROWS = (
    Family(
        key="agg_trade", markets=_BOTH, pattern="<symbol>@aggTrade", method="start_aggtrade_futures_socket",
        arguments=(_CONTRACT, _FUTURES, *_PAST), says="Trades of one symbol, aggregated per price and taker side",
        model=m.FuturesAggTrade, wrapped=True, speed="100 ms", first_message=_TRADED, route="market",
        source='"Aggregate Trade Streams"; change log of 2025-12-29 (``nq``)',
        differs={"coinm": {"lacks": ("nq",)}},
    ),
    Family(
        key="trade", markets=_BOTH, pattern="<symbol>@trade", method="start_trade_futures_socket",
        arguments=(_CONTRACT, _FUTURES, *_PAST), says="Every trade of one symbol",
        note="The exchange never documented this stream, which may be silent: prefer ``<symbol>@aggTrade``. "
        "REST gives its past to those with an API key alone.",
        model=m.FuturesTrade, speed="real time", first_message=_RARE, route="market",
        source="no document of the exchange; recorded frames (2026-09), and the route that other clients use (2026-04)",
        documented=False, differs={"coinm": {"lacks": ("st",)}},
    ),
    Family(
        key="pair_mark_price", markets=("coinm",), pattern="<pair>@markPrice[@<speed>]",
        method="start_pair_mark_price_socket", arguments=(_PAIR, _FAST),
        says="Mark prices and funding rates of all contracts of a COIN-M pair", model=m.MarkPrice, array=True,
        speed="3 s or 1 s", first_message=_CLOCK, allowed=_MARK, default={"speed": "3s"},
        source='"Mark Price of All Symbols of a Pair"',
    ),
    Family(
        key="mark_price", markets=_BOTH, pattern="<symbol>@markPrice[@<speed>]",
        method="start_symbol_mark_price_socket", arguments=(_CONTRACT, _FAST, _FUTURES),
        says="Mark price and funding rate of one symbol", model=m.MarkPrice, wrapped=True, speed="3 s or 1 s",
        first_message=_CLOCK, route="market", allowed=_MARK, default={"speed": "3s"},
        source='"Mark Price Stream"; change log of 2026-03-16 (``ap``)',
    ),
    Family(
        key="all_mark_prices", markets=_BOTH, pattern="!markPrice@arr[@<speed>]", method="start_all_mark_price_socket",
        arguments=(_FAST, _FUTURES), says="Mark prices and funding rates of all symbols",
        note="TradFi symbols come in a second list.", model=m.MarkPrice, array=True, wrapped=True, speed="3 s or 1 s",
        first_message=_CLOCK, route="market", allowed=_MARK, default={"speed": "3s"},
        source='"Mark Price Stream for All market"; COIN-M by recorded frames alone (2022-06)',
        differs={
            "coinm": {
                "note": "The exchange does not document it; prefer ``<pair>@markPrice``.", "documented": False,
            },
        },
    ),
    Family(
        key="book_ticker", markets=_BOTH, pattern="<symbol>@bookTicker", method="start_symbol_ticker_futures_socket",
        arguments=(_CONTRACT, _FUTURES), says="Best bid and ask of one symbol (0.7 says ticker)",
        model=m.FuturesBookTicker, wrapped=True, speed="real time", first_message=_TRADED, route="public",
        source='"Individual Symbol Book Ticker Streams"',
    ),
    Family(
        key="all_book_tickers", markets=_BOTH, pattern="!bookTicker", method="start_all_ticker_futures_socket",
        arguments=(_FUTURES,), says="Best bid and ask of all symbols (0.7 says ticker)",
        note="One symbol per message. " + _MERGED, model=m.FuturesBookTicker, wrapped=True, speed="5 s",
        first_message=_CLOCK, route="public", source='"All Book Tickers Stream"',
        differs={"coinm": {"speed": "real time"}},
    ),
    Family(
        key="ticker", markets=_BOTH, pattern="<symbol>@ticker", method="start_individual_symbol_ticker_futures_socket",
        arguments=(_CONTRACT, _FUTURES), says="Ticker of the last 24 hours of one symbol", model=m.FuturesTicker,
        wrapped=True, speed="2 s", first_message=_TRADED, route="market", source='"Individual Symbol Ticker Streams"',
        differs={"coinm": {"speed": "500 ms"}},
    ),
    Family(
        key="all_tickers", markets=_BOTH, pattern="!ticker@arr", method="start_ticker_futures_socket",
        arguments=(_FUTURES,), says="Tickers of the last 24 hours of all symbols that changed", note=_MERGED,
        model=m.FuturesTicker, array=True, speed="1 s", first_message=_CLOCK, route="market",
        source='"All Market Tickers Streams"',
    ),
    Family(
        key="mini_ticker", markets=_BOTH, pattern="<symbol>@miniTicker",
        method="start_symbol_miniticker_futures_socket", arguments=(_CONTRACT, _FUTURES),
        says="Short ticker of the last 24 hours of one symbol", model=m.FuturesMiniTicker, speed="2 s",
        first_message=_TRADED, route="market", source='"Individual Symbol Mini Ticker Stream"',
        differs={"coinm": {"speed": "500 ms"}},
    ),
    Family(
        key="all_mini_tickers", markets=_BOTH, pattern="!miniTicker@arr", method="start_miniticker_futures_socket",
        arguments=(_FUTURES,), says="Short tickers of the last 24 hours of all symbols that changed", note=_MERGED,
        model=m.FuturesMiniTicker, array=True, speed="1 s", first_message=_CLOCK, route="market",
        source='"All Market Mini Tickers Stream"',
    ),
    Family(
        key="continuous_kline", markets=_BOTH, pattern="<symbol>_<contract_type>@continuousKline_<interval>",
        method="start_kline_futures_socket",
        arguments=(
            Argument("symbol", 'a pair such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD"``), in any case', "BTCUSDT"),
            _INTERVAL, _FUTURES,
            Argument("contract_type", '{values}; default ``"perpetual"``', kind="object", default="perpetual"),
            _CLOSED, *_PAST,
        ),
        says="Candles of a contract type of a pair", model=m.ContinuousKline, speed="250 ms", first_message=_TRADED,
        route="market",
        allowed={"contract_type": (*_CONTRACTS, "tradifi_perpetual"), "interval": _SPOT_INTERVALS},
        source='"Continuous Contract Kline/Candlestick Streams"',
        differs={"coinm": {"allowed": {"contract_type": _CONTRACTS, "interval": _FUTURES_INTERVALS}}},
    ),
    Family(
        key="kline", markets=_BOTH, pattern="<symbol>@kline_<interval>", method="start_symbol_kline_futures_socket",
        arguments=(_CONTRACT, _INTERVAL, _FUTURES, _CLOSED, *_PAST), says="Candles of one symbol", model=m.Kline,
        speed="250 ms", first_message=_TRADED, route="market", allowed={"interval": _FUTURES_INTERVALS},
        source='"Kline/Candlestick Streams"',
    ),
    Family(
        key="index_price_kline", markets=_EITHER, pattern="<pair>@indexPriceKline_<interval>",
        method="start_index_price_kline_socket", arguments=(_PAIR, _INTERVAL, _COIN_ONLY, _CLOSED, *_PAST),
        says="Candles of the index price of a COIN-M pair", model=m.IndexPriceKline, speed="250 ms",
        first_message=_CLOCK, route="market", allowed={"interval": _FUTURES_INTERVALS},
        source='"Index Kline/Candlestick Streams"',
    ),
    Family(
        key="mark_price_kline", markets=_EITHER, pattern="<symbol>@markPriceKline_<interval>",
        method="start_mark_price_kline_socket", arguments=(_COINM_SYMBOL, _INTERVAL, _COIN_ONLY, _CLOSED, *_PAST),
        says="Candles of the mark price of a COIN-M symbol", model=m.MarkPriceKline, speed="250 ms",
        first_message=_CLOCK, route="market", allowed={"interval": _FUTURES_INTERVALS},
        source='"Mark Price Kline/Candlestick Streams"',
    ),
    Family(
        key="depth", markets=_BOTH, pattern="<symbol>@depth[@<interval>ms]", method="start_futures_depth_socket",
        arguments=(_CONTRACT, _depth("10"), _FUTURES, _BOOK_SPEED), says="Changes of the order book of one symbol",
        model=m.FuturesDepth, speed="250, 500 or 100 ms", first_message=_TRADED, route="public",
        allowed=_FUTURES_BOOK, default={"interval": "250"}, source='"Diff. Book Depth Streams"',
    ),
    Family(
        key="partial_depth", markets=_BOTH, pattern="<symbol>@depth<depth>[@<interval>ms]",
        method="start_futures_depth_socket", arguments=(_CONTRACT, _depth("10"), _FUTURES, _BOOK_SPEED),
        says="The best levels of the order book of one symbol", model=m.FuturesDepth, speed="250, 500 or 100 ms",
        first_message=_TRADED, route="public", allowed={"depth": _LEVELS, **_FUTURES_BOOK},
        default={"interval": "250"}, source='"Partial Book Depth Streams"',
    ),
    Family(
        key="rpi_depth", markets=("usdm",), pattern="<symbol>@rpiDepth@500ms", method="start_futures_rpi_depth_socket",
        arguments=(_USDM_SYMBOL,), says="Changes of a USD-M book with its retail price improvement orders",
        note="A quantity of zero removes a level, or means that its crossed orders are hidden.", model=m.FuturesDepth,
        speed="500 ms", first_message=_TRADED, route="public", source='"RPI Diff. Book Depth Streams"',
    ),
    Family(
        key="liquidation", markets=_BOTH, pattern="<symbol>@forceOrder", method="start_liquidation_socket",
        arguments=(_CONTRACT, _FUTURES), says="Liquidation orders of one symbol",
        note="At most one a second: a sample, not all of them. ``ps`` and ``st`` come beside the order or inside it.",
        model=m.Liquidation, speed="1 s", first_message=_RARE, route="market", source='"Liquidation Order Streams"',
    ),
    Family(
        key="all_liquidations", markets=_BOTH, pattern="!forceOrder@arr", method="start_all_liquidation_socket",
        arguments=(_FUTURES,), says="Liquidation orders of all symbols",
        note="At most one a second for each symbol; one order per message, in spite of ``arr``. " + _MERGED,
        model=m.Liquidation, speed="1 s", first_message=_RARE, route="market",
        source='"All Market Liquidation Order Streams"',
    ),
    Family(
        key="contract_info", markets=_BOTH, pattern="!contractInfo", method="start_contract_info_socket",
        arguments=(_FUTURES,), says="Listings, settlements and changed brackets of contracts",
        note="They are rare; ``bks`` comes only where brackets changed. " + _MERGED, model=m.ContractInfo,
        speed="real time", first_message=_RARE, route="market", source='"Contract Info Stream"',
    ),
    Family(
        key="composite_index", markets=("usdm",), pattern="<symbol>@compositeIndex",
        method="start_composite_index_socket",
        arguments=(Argument("symbol", 'of an index, such as ``"DEFIUSDT"``, in any case', "DEFIUSDT"),),
        says="A composite index and its components", note="USD-M only.", model=m.CompositeIndex, speed="1 s",
        first_message=_CLOCK, route="market", source='"Composite Index Symbol Information Streams"',
    ),
    Family(
        key="index_price", markets=_EITHER, pattern="<symbol>@indexPrice", method="start_index_price_socket",
        arguments=(
            Argument("symbol", 'a pair such as ``"BTCUSD"`` (USD-M: ``"BTCUSDT"``), in any case', "BTCUSD"),
            Argument(
                "fast", "without effect: on 2026-06-30 the exchange made one second the only speed. Default ``True``",
                kind="bool", default=True, fills="",
            ),
            _COIN_FIRST,
        ),
        says="Index price of a pair", note="Before 2026-06-30 the pair was in ``i``.", model=m.IndexPrice,
        named=("IndexUpdate",), lacks=("i",), speed="1 s", first_message=_CLOCK, route="market",
        source='"Index Price Stream"; change log of 2026-06-30; USD-M by recorded frames alone (2026-08)',
        differs={"usdm": {"note": "The exchange does not document it.", "documented": False}},
    ),
    Family(
        key="index_price_1s", markets=("coinm",), pattern="<symbol>@indexPrice@1s",
        retired=Retired("2026-06-30", "<symbol>@indexPrice, which is pushed every second"),
    ),
    Family(
        key="all_index_prices", markets=("coinm",), pattern="!indexPrice@arr", method="start_all_index_price_socket",
        says="Index prices of all COIN-M pairs", note="The exchange does not document it, and may have ended it.",
        model=m.IndexPrice, array=True, named=("IndexUpdate",), lacks=("i",), speed="1 s", first_message=_CLOCK,
        source="no document of the exchange; recorded frames (2022-06)", documented=False,
    ),
    Family(
        key="asset_index", markets=("usdm",), pattern="<asset>@assetIndex", method="start_asset_index_socket",
        arguments=(Argument("asset", 'an asset pair such as ``"ADAUSD"``, in any case', "ADAUSD"),),
        says="Index and buffers of one asset of the multi-assets mode", note="USD-M only.", model=m.AssetIndex,
        speed="1 s", first_message=_CLOCK, route="market", source='"Asset Index"',
    ),
    Family(
        key="all_asset_indexes", markets=("usdm",), pattern="!assetIndex@arr", method="start_all_asset_index_socket",
        says="Indexes and buffers of all assets of the multi-assets mode", note="USD-M only.", model=m.AssetIndex,
        array=True, speed="1 s", first_message=_CLOCK, route="market", source='"Asset Index"',
    ),
    Family(
        key="trading_session", markets=("usdm",), pattern="tradingSession", method="start_trading_session_socket",
        says="Sessions of the markets behind the TradFi contracts",
        note="USD-M only. One message per market, which ``e`` names; ``EquityUpdate`` is that of the US.",
        model=m.TradingSession,
        named=("EquityUpdate", "CommodityUpdate", "KR_EquityUpdate", "HK_EquityUpdate", "CN_EquityUpdate"),
        speed="1 s", first_message=_RARE, route="market",
        source='"Trading Session Stream"; change log of 2025-12-11 and 2026-06-02',
    ),
)  # fmt: skip

_OPTIONS = ("options",)
_OPTION_ROWS = (
    Family(
        key="trade", markets=_OPTIONS, pattern="<symbol>@optionTrade", method="start_options_recent_trades_socket",
        arguments=(
            Argument(
                "symbol", '``"BTC-261225-110000-C"`` for a contract, ``"BTCUSDT"`` for an underlying, in any case',
                "BTCUSDT",
            ),
        ),
        says="Trades of one contract, or of all contracts of an underlying", model=m.OptionTrade, speed="50 ms",
        first_message=_RARE, route="public", source='"Trade Streams"',
    ),
    Family(
        key="ticker", markets=_OPTIONS, pattern="<symbol>@optionTicker", method="start_options_ticker_socket",
        arguments=(_OPTION,), says="Ticker of the last 24 hours of one contract", model=m.FuturesTicker,
        lacks=("ps", "st"), speed="1 s", first_message=_TRADED, route="public", source='"24-hour TICKER"',
    ),
    Family(
        key="ticker_by_expiration", markets=_OPTIONS, pattern="<symbol>@optionTicker@<expiration_date>",
        method="start_options_ticker_by_expiration_socket", arguments=(_UNDERLYING, _EXPIRY),
        says="Tickers of the contracts of an underlying by expiry",
        note="The documents disagree on the exact name of this stream.", model=m.FuturesTicker, lacks=("ps", "st"),
        speed="1 s", first_message=_TRADED, route="public", allowed=_DATE, source='"24-hour TICKER"',
    ),
    Family(
        key="book_ticker", markets=_OPTIONS, pattern="<symbol>@bookTicker", method="start_options_book_ticker_socket",
        arguments=(_OPTION,), says="Best bid and ask of one contract", model=m.FuturesBookTicker, lacks=("ps", "st"),
        speed="real time", first_message=_TRADED, route="public", source='"Individual Symbol Book Ticker Streams"',
    ),
    Family(
        key="depth", markets=_OPTIONS, pattern="<symbol>@depth@<interval>ms", method="start_options_depth_socket",
        arguments=(_OPTION, _depth("10"), _OPTION_SPEED),
        says="Changes of the order book of one contract", model=m.FuturesDepth, lacks=("ps", "st"),
        speed="100 or 500 ms", first_message=_TRADED, route="public", allowed=_OPTION_BOOK,
        source='"Diff Book Depth Streams"',
    ),
    Family(
        key="partial_depth", markets=_OPTIONS, pattern="<symbol>@depth<depth>@<interval>ms",
        method="start_options_depth_socket",
        arguments=(_OPTION, _depth("10"), _OPTION_SPEED),
        says="The best levels of the order book of one contract", model=m.FuturesDepth, lacks=("ps", "st"),
        speed="100 or 500 ms", first_message=_TRADED, route="public", allowed={"depth": _LEVELS, **_OPTION_BOOK},
        source='"Partial Book Depth Streams"',
    ),
    Family(
        key="kline", markets=_OPTIONS, pattern="<symbol>@kline_<interval>", method="start_options_kline_socket",
        arguments=(_OPTION, _INTERVAL, _CLOSED, *_PAST), says="Candles of one contract",
        note="Only while it is traded.", model=m.Kline, speed="1 s", first_message=_RARE, route="market",
        allowed={"interval": _OPTION_INTERVALS},
        source='"Kline/Candlestick Streams"',
    ),
    Family(
        key="mark_price", markets=_OPTIONS, pattern="<symbol>@optionMarkPrice",
        method="start_options_mark_price_socket", arguments=(_UNDERLYING,),
        says="Mark prices and greeks of all contracts of an underlying", model=m.OptionMarkPrice, array=True,
        speed="1 s", first_message=_CLOCK, route="market", source='"Mark Price"',
    ),
    Family(
        key="open_interest", markets=_OPTIONS, pattern="<symbol>@openInterest@<expiration_date>",
        method="start_options_open_interest_socket", arguments=(_UNDERLYING, _EXPIRY),
        says="Open interest of the contracts of an underlying by expiry", model=m.OptionOpenInterest, array=True,
        speed="60 s", first_message=_MINUTE, route="market", allowed=_DATE, source='"Open Interest"',
    ),
    Family(
        key="index_prices", markets=_OPTIONS, pattern="!index@arr", method="start_options_index_price_socket",
        says="Index prices of all underlyings", model=m.OptionIndexPrice, array=True, speed="1 s",
        first_message=_CLOCK, route="market", source='"Index Price Streams"',
    ),
    Family(
        key="new_symbols", markets=_OPTIONS, pattern="!optionSymbol", method="start_options_new_symbol_socket",
        says="Newly listed contracts", note="They are rare.", model=m.OptionSymbol, speed="50 ms",
        first_message=_RARE, route="market", source='"New Symbol Info"',
    ),
    Family(
        key="old_trade", markets=_OPTIONS, pattern="<symbol>@trade", retired=Retired(_MOVED, "<symbol>@optionTrade"),
    ),
    Family(
        key="old_ticker", markets=_OPTIONS, pattern="<symbol>@ticker",
        retired=Retired(_MOVED, "<symbol>@optionTicker"),
    ),
    Family(
        key="old_ticker_by_expiration", markets=_OPTIONS, pattern="<symbol>@ticker@<expiration_date>", allowed=_DATE,
        retired=Retired(_MOVED, "<symbol>@optionTicker@<expiration_date>"),
    ),
    Family(key="old_index", markets=_OPTIONS, pattern="<symbol>@index", retired=Retired(_MOVED, "!index@arr")),
    Family(
        key="old_mark_price", markets=_OPTIONS, pattern="<symbol>@markPrice",
        retired=Retired(_MOVED, "<symbol>@optionMarkPrice"),
    ),
    Family(key="old_new_symbols", markets=_OPTIONS, pattern="option_pair", retired=Retired(_MOVED, "!optionSymbol")),
)  # fmt: skip

ROWS = _SPOT_ROWS + _FUTURES_ROWS + _OPTION_ROWS
"""The table."""

FAMILIES: Mapping[str, tuple[Family, ...]] = {
    market: tuple(row.of(market) for row in ROWS if market in row.markets) for market in MARKETS
}
"""The table by market, each row as that market has it."""
