"""Stream names: built from arguments, read back, and corrected in case, all from the table of families.

>>> build("spot", "kline", symbol="BTCUSDT", interval="1m")
'btcusdt@kline_1m'
>>> parse("spot", "BTCUSDT@miniticker").wire
'btcusdt@miniTicker'
"""

from __future__ import annotations

import difflib
import inspect
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ...errors import ConfigError, StreamRetired
from .families import FAMILIES, MARKETS, Family

__all__ = [
    "SYMBOL_FIRST",
    "Name",
    "Row",
    "build",
    "catalogue",
    "check_callback",
    "check_symbol",
    "close_names",
    "family",
    "market_of",
    "parse",
    "resolve",
]

_log = logging.getLogger("binance_sockets.binance")

SYMBOL_FIRST = "The order is (symbol, callback); python-binance 1.x had the callback first"
_PLACEHOLDER = re.compile(r"<(\w+)>")
_PART = re.compile(r"\[(?P<optional>.*?)\]|<(?P<name>\w+)>")
_TOKENS = re.compile(r"<\w+>|\[|\]|[^<\[\]]+")
_PRODUCTS = ("spot", "usdm", "coinm", "options")
_FORBIDDEN = frozenset("@/!?#&=%,:;+\"'\\<>[]{}")


@dataclass(frozen=True, slots=True)
class Name:
    """A stream name, understood.

    Args:
        wire: the spelling that the exchange knows.
        family: its row in the table; ``None`` for a suffix that is not in it.
        values: what stands for the placeholders of the pattern.
    """

    wire: str
    family: Family | None
    values: Mapping[str, str]

    @property
    def symbol(self) -> str | None:
        """The symbol, pair or underlying, where the name has one that the exchange lists."""
        return self.values.get("symbol") or self.values.get("pair")


class Row(NamedTuple):
    """One line of the catalogue."""

    product: str
    name: str
    method: str
    speed: str
    event: str
    route: str
    note: str


def catalogue(market: str | None = None) -> list[Row]:
    """Every stream that exists, one row per family, in the table's order.

    Args:
        market: ``"spot"``, ``"us"`` (Binance.US), ``"usdm"``, ``"coinm"``, ``"options"``; ``None`` for all.

    Raises:
        ConfigError: for another market.
    """
    if market is not None and market not in MARKETS:
        raise ConfigError("market", market, MARKETS)
    return [
        Row(row.market, row.pattern, row.method, row.speed, row.event, row.route, row.note)
        for name in MARKETS
        if market in (None, name)
        for row in FAMILIES[name]
        if row.retired is None
    ]


def market_of(product: str, tld: str = "com") -> str:
    """The market whose families apply: the product, or ``"us"`` for Binance.US."""
    return "us" if tld == "us" else product


def family(market: str, key: str) -> Family:
    """The row ``key`` of a market.

    Raises:
        ConfigError: when that market has no such streams, naming those that it has.
    """
    found = _by_key(market).get(key)
    if found is None:
        names = [name for name in MARKETS if key in _by_key(name)]
        raise ConfigError("product", market, names or MARKETS, f"{market} has no {key.replace('_', ' ')} stream")
    return found


def build(market: str, key: str, /, **values: object) -> str:
    """The wire name of one stream.

    Args:
        market: ``"spot"``, ``"us"``, ``"usdm"``, ``"coinm"`` or ``"options"``.
        key: the family's key in the table.
        values: one per placeholder of the pattern; those of optional parts may be missing or ``None``.

    Raises:
        ConfigError: for a value that the exchange does not accept, naming the allowed ones.
        StreamRetired: when the exchange no longer has it.
    """
    row = family(market, key)
    if row.retired is not None:
        raise StreamRetired(row.pattern, row.retired.since, row.retired.replacement)
    names = _PLACEHOLDER.findall(row.pattern)
    for name in values.keys() - set(names):
        raise ConfigError(name, values[name], names, f"The stream is {row.pattern}")
    checked = {name: _checked(row, name, value) for name, value in values.items() if value is not None}
    for name in names:
        if name not in checked and not _is_optional(row, name):
            raise ConfigError(name, None, row.allowed.get(name) or "a value", f"The stream is {row.pattern}")
    return _render(row, checked)


def parse(market: str, name: str) -> Name:
    """Understand a stream name, whatever its case. Never raises for a string.

    The symbol is lower-cased and the suffix spelled as the exchange spells it; ``1m`` and ``1M`` stay apart. Optional
    parts that only repeat the default are left off, as ``!miniTicker@arr@1000ms`` is ``!miniTicker@arr`` today.
    """
    for row in FAMILIES[market]:
        match = _regex(row).fullmatch(name)
        if match is None:
            continue
        found = {key: text for key, text in match.groupdict().items() if text is not None}
        values = {key: _canonical(row.allowed.get(key), text) for key, text in found.items()}
        return Name(_render(row, values), row, values)
    return Name(name, None, {})


def resolve(market: str, name: object) -> Name:
    """Like :func:`parse`, for a name that a user gave.

    Raises:
        ConfigError: when it is not a usable name.
        StreamRetired: when the exchange no longer has it.

    Logs a warning when the suffix is not in the table; the name then passes unchanged.
    """
    if callable(name):
        raise ConfigError("streams", name, "stream names", "The order is (streams, callback)")
    if not isinstance(name, str) or not name or "/" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise ConfigError("streams", name, "stream names such as 'btcusdt@trade', without white space or '/'")
    product, colon, bare = name.partition(":")
    if colon and product in _PRODUCTS:
        raise ConfigError("streams", name, "stream names", f"That is a conn_key; say {bare!r} with product={product!r}")
    found = parse(market, name)
    if found.family is None:
        _log.warning("stream %r is not among the documented ones of %s. %s", name, market, close_names(market, name))
    elif found.family.retired is not None:
        raise StreamRetired(name, found.family.retired.since, found.family.retired.replacement)
    return found


def close_names(market: str, name: str) -> str:
    """One sentence that helps with an unknown name: the product that has it, or similar patterns."""
    elsewhere = [other for other in MARKETS if other != market and _exists(parse(other, name))]
    if elsewhere:
        return f"It is a stream of {', '.join(elsewhere)}"
    patterns = {_suffix(row.pattern): row.pattern for row in FAMILIES[market] if row.retired is None}
    close = difflib.get_close_matches(_suffix(name).lower(), [*map(str.lower, patterns)], n=3, cutoff=0.6)
    lowered = {suffix.lower(): pattern for suffix, pattern in patterns.items()}
    if not close:
        return "No documented stream has a similar name"
    return "Similar ones are " + ", ".join(lowered[suffix] for suffix in close)


def check_callback(callback: object, order: str = SYMBOL_FIRST) -> None:
    """A data callback must be an ordinary callable.

    Raises:
        ConfigError: for anything else; the hint names the order of the arguments.
    """
    if not callable(callback):
        raise ConfigError("callback", callback, "a callable that takes one message", order)
    call = getattr(callback, "__call__", None)  # noqa: B004 - an instance may have an async __call__
    for function in (callback, call):
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            hint = "It would never be awaited; hand over to a loop with asyncio.run_coroutine_threadsafe"
            raise ConfigError("callback", callback, "a plain function, not async def", hint)


def check_symbol(name: str, value: object) -> str:
    """``value`` in lower case, when it can be a symbol.

    Raises:
        ConfigError: for a callable (swapped arguments), another type, or characters that no symbol has.
    """
    if callable(value):
        raise ConfigError(name, value, "a symbol such as 'BTCUSDT'", SYMBOL_FIRST)
    usable = isinstance(value, str) and bool(value) and value.isprintable() and not _FORBIDDEN.intersection(value)
    if not isinstance(value, str) or not usable or any(c.isspace() for c in value):
        raise ConfigError(name, value, "a symbol such as 'BTCUSDT', without white space or any of @ / ! ? # & = %")
    return value.lower()


def _exists(name: Name) -> bool:
    return name.family is not None and name.family.retired is None


def _suffix(name: str) -> str:
    """What identifies the kind of a name or pattern: the part from its ``@``, without placeholders."""
    plain = _PLACEHOLDER.sub("", re.sub(r"\[.*?\]", "", name))
    head, at, tail = plain.partition("@")
    return plain if not at or head.startswith("!") else at + tail


def _is_optional(row: Family, name: str) -> bool:
    return any(f"<{name}>" in part for part in re.findall(r"\[.*?\]", row.pattern))


def _checked(row: Family, name: str, value: object) -> str:
    if name == "expiration_date":
        if re.fullmatch(r"[0-9]{6}", str(value)) is None:
            raise ConfigError(name, value, "a date as yymmdd, such as '261225'")
        return str(value)
    allowed = row.allowed.get(name)
    if allowed is None:
        return check_symbol(name, value)
    text = str(getattr(value, "value", value))  # 1.x's enums
    if text not in allowed:
        raise ConfigError(name, value, allowed)
    return text


def _canonical(allowed: tuple[str, ...] | None, text: str) -> str:
    """A matched value as the exchange spells it: exact when it is one, else by case alone."""
    if not allowed:
        return text.lower()
    if text in allowed:
        return text
    return next(value for value in allowed if value.lower() == text.lower())


def _render(row: Family, values: Mapping[str, str]) -> str:
    """Fill a pattern; an optional part is left off without a value and with the default one."""

    def fill(match: re.Match[str]) -> str:
        part = match["optional"]
        if part is None:
            return values[match["name"]]
        name = _PLACEHOLDER.findall(part)[0]
        value = values.get(name)
        return "" if value is None or value == row.default.get(name) else part.replace(f"<{name}>", value)

    return _PART.sub(fill, row.pattern)


@cache
def _by_key(market: str) -> Mapping[str, Family]:
    return {row.key: row for row in FAMILIES[market]}


@cache
def _regex(row: Family) -> re.Pattern[str]:
    """The pattern as a regular expression that ignores the case of ASCII letters."""
    return re.compile("".join(_expressions(row)), re.IGNORECASE | re.ASCII)


def _expressions(row: Family) -> Iterator[str]:
    for token in _TOKENS.findall(row.pattern):
        if token in "[]":
            yield "(?:" if token == "[" else ")?"
        elif not token.startswith("<"):
            yield re.escape(token)
        else:
            name = token[1:-1]
            yield f"(?P<{name}>{_expression(name, row.allowed.get(name))})"


def _expression(name: str, allowed: tuple[str, ...] | None) -> str:
    if name == "expiration_date":
        return "[0-9]{6}"
    if allowed is None:
        # a pair never has an underscore, a COIN-M contract always does
        return r"[^@/!:\s_]+" if name == "pair" else r"[^@/!:\s]+?"
    return "|".join(map(re.escape, allowed))
