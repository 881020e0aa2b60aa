"""The table of Binance's market streams: one row per family of names, with what is known of it.

A pattern is the name on the wire with ``<placeholders>`` and ``[optional parts]``; placeholders are named like the
arguments of the methods that fill them. Facts are those of the exchange's documents as of late 2026: the spot
``web-socket-streams.md`` (2026-07-21), the derivatives change log (2026-10-23), the route notice of 2026-03-05 and the
options documentation that goes with SDK 7.0.0 (2026-07-14).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

__all__ = ["FAMILIES", "MARKETS", "UNDOCUMENTED", "Family", "Retired"]

MARKETS = ("spot", "us", "usdm", "coinm", "options")
"""The products, with Binance.US's spot market as one of its own: its streams differ."""


@dataclass(frozen=True, slots=True)
class Retired:
    """The end of a stream: the day, and what to use today."""

    since: str
    replacement: str


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """All streams that share a pattern.

    Args:
        market: one of :data:`MARKETS`.
        key: the family's name within its market.
        pattern: the name on the wire.
        method: the ``start_*`` method; empty where only ``start_socket`` takes it.
        speed: how often it is pushed, in words.
        event: value of the payload's ``e`` field; empty where there is none.
        first_message: seconds within which a first message is expected; ``None`` where silence is normal.
        route: ``"public"`` or ``"market"`` where the product has routes.
        allowed: the values of a placeholder; one that is missing here is a symbol, an empty one a date.
        default: the value that the exchange means when the optional part is left off.
        array: whether the payload is a list.
        note: what else to know.
        retired: set when the exchange has switched it off.
    """

    market: str
    key: str
    pattern: str
    method: str = ""
    speed: str = ""
    event: str = ""
    first_message: float | None = None
    route: str = ""
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default: Mapping[str, str] = field(default_factory=dict)
    array: bool = False
    note: str = ""
    retired: Retired | None = None


# Deadlines of a first message, in seconds. They only decide when a silence is reported, never a reconnect.
_CLOCK = 30.0  # pushed every 1 to 5 s whatever happens: six turns of the slowest
_TRADED = 60.0  # pushed on a trade or a change of the book: a listed symbol has one within a minute as a rule
_MINUTE = 150.0  # pushed every 60 s: two turns and a half
_RARE = None  # nothing may happen for hours
UNDOCUMENTED = _TRADED  # a name that is in no table: its silence is the only sign that it does not exist

_FUTURES_INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
_SPOT_INTERVALS = ("1s", *_FUTURES_INTERVALS)
_OPTION_INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "3d", "1w")
_LEVELS = ("5", "10", "20")
_SPOT_BOOK = {"interval": ("100", "1000")}
_SPOT_BOOK_DEFAULT = {"interval": "1000"}
_FUTURES_BOOK = {"interval": ("100", "250", "500")}
_FUTURES_BOOK_DEFAULT = {"interval": "250"}
_OPTION_BOOK = {"interval": ("100", "500")}
_MARK = {"speed": ("1s", "3s")}
_MARK_DEFAULT = {"speed": "3s"}
_WINDOWS = {"window": ("1h", "4h", "1d")}
_CONTRACTS = ("perpetual", "current_quarter", "next_quarter")


def _spot(market: str, intervals: tuple[str, ...], windows: Mapping[str, tuple[str, ...]]) -> tuple[Family, ...]:
    """The families that Binance and Binance.US share."""
    row = partial(Family, market)
    symbol = "<symbol>@"
    kline = symbol + "kline_<interval>" + ("[@<timezone>]" if market == "spot" else "")
    zone = "+08:00: candles of UTC+8, times stay UTC" if market == "spot" else ""
    return (
        row("agg_trade", symbol + "aggTrade", "start_aggtrade_socket", "real time", "aggTrade", _TRADED),
        row("trade", symbol + "trade", "start_trade_socket", "real time", "trade", _TRADED),
        row(
            "kline", kline, "start_kline_socket", "2 s, 1s klines 1 s", "kline", _TRADED,
            allowed={"interval": intervals, "timezone": ("+08:00",)}, note=zone,
        ),
        row(
            "mini_ticker", symbol + "miniTicker", "start_symbol_miniticker_socket", "1 s", "24hrMiniTicker", _TRADED
        ),
        row(
            "all_mini_tickers", "!miniTicker@arr[@<update_time>ms]", "start_miniticker_socket", "1 s",
            "24hrMiniTicker", _CLOCK, array=True, allowed={"update_time": ("1000",)}, default={"update_time": "1000"},
            note="changed symbols only",
        ),
        row("ticker", symbol + "ticker", "start_symbol_ticker_socket", "1 s", "24hrTicker", _TRADED),
        row(
            "rolling_ticker", symbol + "ticker_<window>", "start_rolling_ticker_socket", "1 s",
            "1hTicker, 4hTicker, 1dTicker", _TRADED, allowed=windows,
        ),
        row(
            "all_rolling_tickers", "!ticker_<window>@arr", "start_all_rolling_ticker_socket", "1 s",
            "1hTicker, 4hTicker, 1dTicker", _CLOCK, array=True, allowed=windows, note="changed symbols only",
        ),
        row(
            "book_ticker", symbol + "bookTicker", "start_symbol_book_ticker_socket", "real time", "", _TRADED,
            note="payload without e and E",
        ),
        row("average_price", symbol + "avgPrice", "start_average_price_socket", "1 s", "avgPrice", _CLOCK),
        row(
            "partial_depth", symbol + "depth<depth>[@<interval>ms]", "start_depth_socket", "1 s or 100 ms", "",
            _TRADED, allowed={"depth": _LEVELS, **_SPOT_BOOK}, default=_SPOT_BOOK_DEFAULT,
            note="payload without e and symbol",
        ),
        row(
            "depth", symbol + "depth[@<interval>ms]", "start_depth_socket", "1 s or 100 ms", "depthUpdate", _TRADED,
            allowed=_SPOT_BOOK, default=_SPOT_BOOK_DEFAULT,
        ),
        row(
            "all_book_tickers", "!bookTicker", "start_book_ticker_socket",
            retired=Retired("2022-12-07", "<symbol>@bookTicker (start_symbol_book_ticker_socket)"),
        ),
    )  # fmt: skip


_SPOT_ONLY = (
    Family(
        "spot", "block_trade", "<symbol>@blockTrade", "start_block_trade_socket", "real time", "blockTrade", _RARE,
        note="since 2026-05-12",
    ),
    Family(
        "spot", "reference_price", "<symbol>@referencePrice", "start_reference_price_socket", "1 s", "referencePrice",
        _CLOCK, note="no E; r is null where there is none",
    ),
    Family(
        "spot", "all_tickers", "!ticker@arr", "start_ticker_socket",
        retired=Retired("2026-03-26", "!miniTicker@arr (start_miniticker_socket) or <symbol>@ticker"),
    ),
)  # fmt: skip

_US_ONLY = (Family("us", "all_tickers", "!ticker@arr", "start_ticker_socket", "1 s", "24hrTicker", _CLOCK, array=True),)


def _futures(market: str, public: str, route: str, contracts: Mapping[str, tuple[str, ...]]) -> tuple[Family, ...]:
    """The families that USD-M and COIN-M share; only USD-M has routes."""
    row = partial(Family, market)
    symbol = "<symbol>@"
    kline = {"interval": _FUTURES_INTERVALS}
    merged = "USD-M and COIN-M rows since 2026-06-30: see st"
    ticker_speed = "2 s" if market == "usdm" else "500 ms"
    book_speed = "5 s" if market == "usdm" else "real time"
    coin_only = "" if market == "coinm" else "of COIN-M pairs and symbols"
    return (
        row("agg_trade", symbol + "aggTrade", "start_aggtrade_futures_socket", "100 ms", "aggTrade", _TRADED, route),
        row(
            "mark_price", symbol + "markPrice[@<speed>]", "start_symbol_mark_price_socket", "3 s or 1 s",
            "markPriceUpdate", _CLOCK, route, allowed=_MARK, default=_MARK_DEFAULT,
        ),
        row(
            "kline", symbol + "kline_<interval>", "start_symbol_kline_futures_socket", "250 ms", "kline", _TRADED,
            route, allowed=kline,
        ),
        row(
            "continuous_kline", "<symbol>_<contract_type>@continuousKline_<interval>", "start_kline_futures_socket",
            "250 ms", "continuous_kline", _TRADED, route, allowed=contracts, note="the symbol is a pair",
        ),
        row(
            "index_price_kline", "<pair>@indexPriceKline_<interval>", "start_index_price_kline_socket", "250 ms",
            "indexPrice_kline", _CLOCK, route, allowed=kline, note=coin_only,
        ),
        row(
            "mark_price_kline", symbol + "markPriceKline_<interval>", "start_mark_price_kline_socket", "250 ms",
            "markPrice_kline", _CLOCK, route, allowed=kline, note=coin_only,
        ),
        row(
            "mini_ticker", symbol + "miniTicker", "start_symbol_miniticker_futures_socket", ticker_speed,
            "24hrMiniTicker", _TRADED, route,
        ),
        row(
            "all_mini_tickers", "!miniTicker@arr", "start_miniticker_futures_socket", "1 s", "24hrMiniTicker", _CLOCK,
            route, array=True, note=merged,
        ),
        row(
            "ticker", symbol + "ticker", "start_individual_symbol_ticker_futures_socket", ticker_speed, "24hrTicker",
            _TRADED, route,
        ),
        row(
            "all_tickers", "!ticker@arr", "start_ticker_futures_socket", "1 s", "24hrTicker", _CLOCK, route, array=True,
            note=merged,
        ),
        row(
            "book_ticker", symbol + "bookTicker", "start_symbol_ticker_futures_socket", "real time", "bookTicker",
            _TRADED, public,
        ),
        row(
            "all_book_tickers", "!bookTicker", "start_all_ticker_futures_socket", book_speed, "bookTicker", _CLOCK,
            public, note="one object per message; " + merged,
        ),
        row(
            "partial_depth", symbol + "depth<depth>[@<interval>ms]", "start_futures_depth_socket",
            "250, 500 or 100 ms", "depthUpdate", _TRADED, public, allowed={"depth": _LEVELS, **_FUTURES_BOOK},
            default=_FUTURES_BOOK_DEFAULT,
        ),
        row(
            "depth", symbol + "depth[@<interval>ms]", "start_futures_depth_socket", "250, 500 or 100 ms",
            "depthUpdate", _TRADED, public, allowed=_FUTURES_BOOK, default=_FUTURES_BOOK_DEFAULT,
        ),
        row(
            "liquidation", symbol + "forceOrder", "start_liquidation_socket", "1 s", "forceOrder", _RARE, route,
            note="at most one per second",
        ),
        row(
            "all_liquidations", "!forceOrder@arr", "start_all_liquidation_socket", "1 s", "forceOrder", _RARE, route,
            note="one object per message; " + merged,
        ),
        row(
            "contract_info", "!contractInfo", "start_contract_info_socket", "real time", "contractInfo", _RARE, route,
            note=merged,
        ),
    )  # fmt: skip


_USDM_ONLY = (
    Family(
        "usdm", "trade", "<symbol>@trade", "start_trade_futures_socket", "real time", "trade", _RARE, "market",
        note="never documented, may be silent: prefer aggTrade",
    ),
    Family(
        "usdm", "all_mark_prices", "!markPrice@arr[@<speed>]", "start_all_mark_price_socket", "3 s or 1 s",
        "markPriceUpdate", _CLOCK, "market", _MARK, _MARK_DEFAULT, array=True, note="TradFi symbols in a second array",
    ),
    Family(
        "usdm", "rpi_depth", "<symbol>@rpiDepth@500ms", "start_futures_rpi_depth_socket", "500 ms", "depthUpdate",
        _TRADED, "public", note="with retail price improvement orders",
    ),
    Family(
        "usdm", "composite_index", "<symbol>@compositeIndex", "start_composite_index_socket", "1 s", "compositeIndex",
        _CLOCK, "market", note="index symbols such as DEFIUSDT",
    ),
    Family(
        "usdm", "all_asset_indexes", "!assetIndex@arr", "start_all_asset_index_socket", "1 s", "assetIndexUpdate",
        _CLOCK, "market", array=True,
    ),
    Family(
        "usdm", "asset_index", "<asset>@assetIndex", "start_asset_index_socket", "1 s", "assetIndexUpdate", _CLOCK,
        "market", note="asset pairs such as ADAUSD",
    ),
    Family(
        "usdm", "trading_session", "tradingSession", "start_trading_session_socket", "1 s",
        "EquityUpdate, CommodityUpdate, KR_EquityUpdate, HK_EquityUpdate, CN_EquityUpdate", _RARE, "market",
        note="one message per market of the TradFi contracts",
    ),
)  # fmt: skip

_COINM_ONLY = (
    Family(
        "coinm", "pair_mark_price", "<pair>@markPrice[@<speed>]", "start_pair_mark_price_socket", "3 s or 1 s",
        "markPriceUpdate", _CLOCK, allowed=_MARK, default=_MARK_DEFAULT, array=True, note="all contracts of the pair",
    ),
    Family(
        "coinm", "index_price", "<symbol>@indexPrice", "start_index_price_socket", "1 s",
        "IndexUpdate", _CLOCK, note="the symbol is a pair; before 2026 in i, and the event indexPriceUpdate",
    ),
    Family(
        "coinm", "index_price_1s", "<symbol>@indexPrice@1s",
        retired=Retired("2026-06-30", "<symbol>@indexPrice, which is pushed every second"),
    ),
)  # fmt: skip

_option = partial(Family, "options")
_MOVED = "2025-12-15"  # the previous generation lived on nbstream with upper-case symbols

_OPTIONS = (
    _option(
        "trade", "<symbol>@optionTrade", "start_options_recent_trades_socket", "50 ms", "trade", _RARE, "public",
        note="symbol of a contract or of an underlying",
    ),
    _option(
        "ticker", "<symbol>@optionTicker", "start_options_ticker_socket", "1 s", "24hrTicker", _TRADED, "public"
    ),
    _option(
        "ticker_by_expiration", "<symbol>@optionTicker@<expiration_date>",
        "start_options_ticker_by_expiration_socket", "1 s", "24hrTicker", _TRADED, "public",
        allowed={"expiration_date": ()}, note="symbol of an underlying; the exact form is not settled in the documents",
    ),
    _option(
        "book_ticker", "<symbol>@bookTicker", "start_options_book_ticker_socket", "real time", "bookTicker", _TRADED,
        "public",
    ),
    _option(
        "partial_depth", "<symbol>@depth<depth>@<interval>ms", "start_options_depth_socket", "100 or 500 ms",
        "depthUpdate", _TRADED, "public", allowed={"depth": _LEVELS, **_OPTION_BOOK},
    ),
    _option(
        "depth", "<symbol>@depth@<interval>ms", "start_options_depth_socket", "100 or 500 ms", "depthUpdate", _TRADED,
        "public", allowed=_OPTION_BOOK,
    ),
    _option(
        "index_prices", "!index@arr", "start_options_index_price_socket", "1 s", "indexPrice", _CLOCK, "market",
        array=True,
    ),
    _option(
        "kline", "<symbol>@kline_<interval>", "start_options_kline_socket", "1 s", "kline", _RARE, "market",
        allowed={"interval": _OPTION_INTERVALS},
    ),
    _option(
        "mark_price", "<symbol>@optionMarkPrice", "start_options_mark_price_socket", "1 s", "markPrice", _CLOCK,
        "market", array=True, note="symbol of an underlying",
    ),
    _option(
        "open_interest", "<symbol>@openInterest@<expiration_date>", "start_options_open_interest_socket", "60 s",
        "openInterest", _MINUTE, "market", allowed={"expiration_date": ()}, array=True, note="symbol of an underlying",
    ),
    _option(
        "new_symbols", "!optionSymbol", "start_options_new_symbol_socket", "50 ms", "optionSymbol", _RARE, "market"
    ),
    _option("old_trade", "<symbol>@trade", retired=Retired(_MOVED, "<symbol>@optionTrade")),
    _option("old_ticker", "<symbol>@ticker", retired=Retired(_MOVED, "<symbol>@optionTicker")),
    _option(
        "old_ticker_by_expiration", "<symbol>@ticker@<expiration_date>", allowed={"expiration_date": ()},
        retired=Retired(_MOVED, "<symbol>@optionTicker@<expiration_date>"),
    ),
    _option("old_index", "<symbol>@index", retired=Retired(_MOVED, "!index@arr")),
    _option("old_mark_price", "<symbol>@markPrice", retired=Retired(_MOVED, "<symbol>@optionMarkPrice")),
    _option("old_new_symbols", "option_pair", retired=Retired(_MOVED, "!optionSymbol")),
)  # fmt: skip

FAMILIES: Mapping[str, tuple[Family, ...]] = {
    "spot": _spot("spot", _SPOT_INTERVALS, _WINDOWS) + _SPOT_ONLY,
    "us": _spot("us", _FUTURES_INTERVALS, {"window": ("1h", "4h")}) + _US_ONLY,
    "usdm": _futures(
        "usdm", "public", "market",
        {"contract_type": (*_CONTRACTS, "tradifi_perpetual"), "interval": _SPOT_INTERVALS},
    ) + _USDM_ONLY,
    "coinm": _COINM_ONLY + _futures("coinm", "", "", {"contract_type": _CONTRACTS, "interval": _FUTURES_INTERVALS}),
    "options": _OPTIONS,
}  # fmt: skip
"""All families by market. Where two patterns could match a name, the earlier one is meant."""
