"""Stream names: what each one asks for, how often it is sent, and on which route it lives."""

from __future__ import annotations

import re
from dataclasses import dataclass

from binance_sockets.simulator.market.candles import HOUR, INTERVALS, SECOND

__all__ = ["StreamName", "parse", "route_of"]

_MS = 1000
_SPOT_KLINE = "|".join(INTERVALS)
_FUTURES_KLINE = "|".join(name for name in INTERVALS if name != "1s")
_OPTIONS_KLINE = "1m|3m|5m|15m|30m|1h|2h|4h|6h|12h|1d|3d|1w"


@dataclass(frozen=True, slots=True)
class StreamName:
    """A stream name, taken apart.

    Args:
        kind: which producer serves it.
        symbol: upper case; a pair, asset or underlying for some kinds; "" for streams of all symbols.
        period: microseconds between two sends; 0 is real time.
        args: what else the name says.
    """

    name: str
    kind: str
    symbol: str
    period: int
    args: tuple[str, ...] = ()


_Rule = tuple[str, str, int]  # pattern of what follows the symbol (or of the whole name), kind, period

_SPEED = r"(?:@(100|500)ms)?"
_BOTH_FUTURES: tuple[_Rule, ...] = (
    (r"@aggTrade", "aggTrade", 100 * _MS),
    (r"@trade", "trade", 0),
    (r"@bookTicker", "bookTicker", 0),
    (r"@forceOrder", "forceOrder", SECOND),
    (rf"@kline_({_FUTURES_KLINE})", "kline", 250 * _MS),
    (rf"_(perpetual|current_quarter|next_quarter|tradifi_perpetual)@continuousKline_({_SPOT_KLINE})",
     "continuousKline", 250 * _MS),
    (rf"@indexPriceKline_({_FUTURES_KLINE})", "indexPriceKline", 250 * _MS),
    (rf"@markPriceKline_({_FUTURES_KLINE})", "markPriceKline", 250 * _MS),
    (r"@markPrice(?:@(1s))?", "markPrice", 3 * SECOND),
    (rf"@depth(5|10|20){_SPEED}", "partialDepth", 250 * _MS),
    (rf"@depth{_SPEED}", "depth", 250 * _MS),
    (r"!miniTicker@arr", "allMiniTickers", SECOND),
    (r"!ticker@arr", "allTickers", SECOND),
    (r"!forceOrder@arr", "allForceOrders", SECOND),
    (r"!contractInfo", "contractInfo", 5 * SECOND),
)  # fmt: skip
_RULES: dict[str, tuple[_Rule, ...]] = {
    "spot": (
        (r"@aggTrade", "aggTrade", 0),
        (r"@trade", "trade", 0),
        (r"@blockTrade", "blockTrade", 0),
        (r"@bookTicker", "bookTicker", 0),
        (r"@referencePrice", "referencePrice", SECOND),
        (r"@kline_(1s)", "kline", SECOND),
        (rf"@kline_({_SPOT_KLINE})(?:@(\+08:00))?", "kline", 2 * SECOND),
        (r"@miniTicker", "miniTicker", SECOND),
        (r"@ticker", "ticker", SECOND),
        (r"@ticker_(1h|4h|1d)", "rollingTicker", SECOND),
        (r"@avgPrice", "avgPrice", SECOND),
        (r"@depth(5|10|20)(?:@(100)ms)?", "partialDepth", SECOND),
        (r"@depth(?:@(100)ms)?", "depth", SECOND),
        (r"!miniTicker@arr", "allMiniTickers", SECOND),
        (r"!ticker_(1h|4h|1d)@arr", "allRollingTickers", SECOND),
    ),
    "usdm": (
        *_BOTH_FUTURES,
        (r"@miniTicker", "miniTicker", 2 * SECOND),
        (r"@ticker", "ticker", 2 * SECOND),
        (r"@rpiDepth@(500)ms", "rpiDepth", 500 * _MS),
        (r"@compositeIndex", "compositeIndex", SECOND),
        (r"@assetIndex", "assetIndex", SECOND),
        (r"!bookTicker", "allBookTickers", 5 * SECOND),
        (r"!markPrice@arr(?:@(1s))?", "allMarkPrices", 3 * SECOND),
        (r"!assetIndex@arr", "allAssetIndexes", SECOND),
        (r"(tradingSession)", "tradingSession", SECOND),
    ),
    "coinm": (
        *_BOTH_FUTURES,
        (r"@miniTicker", "miniTicker", 500 * _MS),
        (r"@ticker", "ticker", 500 * _MS),
        (r"@indexPrice", "indexPrice", SECOND),
        (r"!bookTicker", "allBookTickers", 0),
    ),
    "options": (
        (r"@optionTrade", "optionTrade", 50 * _MS),
        (r"@optionTicker", "ticker", SECOND),
        (r"@optionTicker@(\d{6})", "optionTickers", SECOND),
        (r"@bookTicker", "bookTicker", 0),
        (rf"@kline_({_OPTIONS_KLINE})", "kline", SECOND),
        (r"@depth(5|10|20)@(100|500)ms", "partialDepth", 100 * _MS),
        (r"@depth@(100|500)ms", "depth", 100 * _MS),
        (r"@optionMarkPrice", "optionMarkPrice", SECOND),
        (r"@openInterest@(\d{6})", "openInterest", 60 * SECOND),
        (r"!index@arr", "allIndexes", SECOND),
        (r"!optionSymbol", "optionSymbol", 5 * SECOND),
    ),
}
_COMPILED: dict[str, list[tuple[re.Pattern[str], str, int]]] = {
    product: [
        (re.compile(pattern if pattern[0] in "!(" else r"([^@!/]+?)" + pattern), kind, period)
        for pattern, kind, period in rules
    ]
    for product, rules in _RULES.items()
}
_PUBLIC = re.compile(r".*@(?:bookTicker|(?:rpiD|d)epth.*|optionTrade|optionTicker.*)|!bookTicker")


def parse(product: str, name: str) -> StreamName | None:
    """Take a name apart; ``None`` for names that the exchange acknowledges and never serves."""
    found = next(((m, kind, period) for p, kind, period in _COMPILED[product] if (m := p.fullmatch(name))), None)
    if found is None:
        return None
    match, kind, period = found
    groups = [group for group in match.groups() if group]
    symbol = "" if name[0] == "!" or kind == "tradingSession" else groups.pop(0)
    if symbol != symbol.lower():
        return None
    return StreamName(name, kind, symbol.upper(), _period(kind, groups, period), tuple(groups))


def _period(kind: str, groups: list[str], default: int) -> int:
    """A speed in the name replaces the default."""
    if "epth" in kind and groups and int(groups[-1]) >= 100:
        return int(groups.pop()) * _MS
    if kind in ("markPrice", "allMarkPrices") and groups:
        groups.pop()
        return SECOND
    return default


def route_of(product: str, name: str) -> str:
    """The route on which a name is served: ``public``, ``market``, or "" for products without routes."""
    if product not in ("usdm", "options"):
        return ""
    return "public" if _PUBLIC.fullmatch(name) else "market"


ROLLING = {"1h": HOUR, "4h": 4 * HOUR, "1d": 24 * HOUR}
