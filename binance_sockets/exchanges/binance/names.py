"""Stream names: built from arguments, read back, and corrected in case, all from the table of families.

>>> build("spot", "kline", symbol="BTCUSDT", interval="1m")
'btcusdt@kline_1m'
>>> parse("spot", "BTCUSDT@miniticker").wire
'btcusdt@miniTicker'
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ...errors import ConfigError, StreamRetired, one_line
from ..arguments import check_choice, check_symbol
from .families import FAMILIES, UNDOCUMENTED, Family, MarketStream
from .products import MARKETS, PRODUCTS

__all__ = [
    "FORBIDDEN",
    "SYMBOL_FIRST",
    "Built",
    "Name",
    "build",
    "catalogue",
    "close_names",
    "family",
    "fill",
    "parse",
    "resolve",
    "symbol_of",
]

_log = logging.getLogger("binance_sockets.binance")

SYMBOL_FIRST = "The order is (symbol, callback); python-binance 1.x had the callback first"
FORBIDDEN = "@/!?*#&=%,:;+\"'\\<>[]{}"
_PLACEHOLDER = re.compile(r"<(\w+)>")
_CONTRACT = re.compile(r"_(perp|\d{6})$", re.IGNORECASE)  # how symbols of futures end
_PART = re.compile(r"\[(?P<optional>.*?)\]|<(?P<name>\w+)>")
_TOKENS = re.compile(r"<\w+>|\[|\]|[^<\[\]]+")
_SPEED = re.compile(r"\[?@(?:<(?:interval|speed|update_time)>(?:ms)?|[0-9]+ms)\]?$")  # the speed that ends a pattern


@dataclass(frozen=True, slots=True)
class Name:
    """A stream name, understood.

    Args:
        market: where it was looked for.
        wire: the spelling that the exchange knows.
        family: its row in the table; ``None`` for a suffix that is not in it.
        values: what stands for the placeholders of the pattern.
        listed: whether the exchange documents exactly this name, not only its family with other speeds or values.
    """

    market: str
    wire: str
    family: Family | None
    values: Mapping[str, str]
    listed: bool = True

    @property
    def symbol(self) -> str | None:
        """The symbol, pair or underlying, where the name has one that the exchange lists."""
        return self.values.get("symbol") or self.values.get("pair")

    def stream(self, route: str | None = None) -> MarketStream:
        """The stream of this name; ``route`` overrules the table's."""
        if self.family is not None:
            return self.family.stream(self.wire, route)
        return MarketStream(self.wire, UNDOCUMENTED, _kin_route(self.market, self.wire) if route is None else route)


class Built(NamedTuple):
    """A name made from arguments.

    Args:
        family: its row.
        wire: the spelling that the exchange knows.
        key: the spelling of the conn key.
    """

    family: Family
    wire: str
    key: str


def catalogue(market: str | None = None) -> list[Family]:
    """Every stream that exists, one row per family, in the table's order.

    Args:
        market: ``"spot"``, ``"us"`` (Binance.US), ``"usdm"``, ``"coinm"``, ``"options"``; ``None`` for all.

    Raises:
        ConfigError: for another market.
    """
    if market is not None and market not in MARKETS:
        raise ConfigError("market", market, tuple(MARKETS))
    return [row for name in MARKETS if market in (None, name) for row in FAMILIES[name] if row.retired is None]


def family(market: str, key: str) -> Family:
    """The row ``key`` of a market.

    Raises:
        ConfigError: when that market has no such streams, naming those that it has.
    """
    found = _by_key(market).get(key)
    if found is None:
        names = [name for name in MARKETS if key in _by_key(name)]
        raise ConfigError("product", market, names or tuple(MARKETS), f"{market} has no {key.replace('_', ' ')} stream")
    return found


def fill(rows: Sequence[Family], given: Mapping[str, object]) -> Built:
    """The stream that the arguments of a ``start_*`` method ask for.

    Args:
        rows: those of the method, as the market has them; the first that has a place for every value is meant.
        given: the arguments by their names.

    Raises:
        ConfigError: for a value that the exchange does not accept, naming the allowed ones.
        StreamRetired: when the exchange no longer has it.
    """
    values = {
        argument.placeholder: value
        for argument in rows[0].arguments
        if argument.placeholder and (value := argument.value(given[argument.name])) is not None
    }
    row = next((row for row in rows if values.keys() <= set(_PLACEHOLDER.findall(row.pattern))), rows[0])
    checked = _filled(row, values)
    return Built(row, _render(row, checked), _render(row, checked, spelled_out=row.spelled_out))


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
    return _render(row, _filled(row, values))


def parse(market: str, name: str) -> Name:
    """Understand a stream name, whatever its case. Never raises for a string.

    The symbol is lower-cased and the suffix spelled as the exchange spells it; ``1m`` and ``1M`` stay apart. Optional
    parts that only repeat the default are left off, as ``!miniTicker@arr@1000ms`` is ``!miniTicker@arr`` today. A name
    with a speed or another value that the exchange does not document (``@depth@0ms``, ``@depth7``) belongs to its
    family all the same.
    """
    for row in FAMILIES[market]:
        if match := _regex(row).fullmatch(name):
            values = _values(row, match)
            return Name(market, _render(row, values), row, values)
    for row in FAMILIES[market]:
        if match := _any_variant(row).fullmatch(name):
            speed = (match["any_speed"] or "").lower()
            values = _values(row, match)
            return Name(market, _render(row, values, pattern=_SPEED.sub("", row.pattern)) + speed, row, values, False)
    return Name(market, name, None, {})


def resolve(market: str, name: object, shown: str = "") -> Name:
    """Like :func:`parse`, for a name that a user gave.

    Args:
        market: as for :func:`parse`.
        name: what was given.
        shown: what a warning calls it; ``""`` for the name. For one that stands for a pattern.

    Raises:
        ConfigError: when it is not a usable name, or its symbol none of this market.
        StreamRetired: when the exchange no longer has it.

    Logs a warning when the suffix is not in the table; the name then passes unchanged.
    """
    if callable(name):
        raise ConfigError("streams", name, "stream names", "The order is (streams, callback)")
    if not isinstance(name, str) or not name or "/" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise ConfigError("streams", name, "stream names such as 'btcusdt@trade', without white space or '/'")
    product, colon, bare = name.partition(":")
    if colon and product in PRODUCTS:
        raise ConfigError("streams", name, "stream names", f"That is a conn_key; say {bare!r} with product={product!r}")
    found = parse(market, name)
    row = found.family
    if row is not None and row.retired is not None:
        raise StreamRetired(name, row.retired.since, row.retired.replacement)
    for key, value in found.values.items():
        if row is not None and key not in row.allowed:
            _refuse_foreign(market, key, value)
    if row is None or not found.listed:
        help_ = close_names(market, name) if row is None else f"Similar ones are {row.pattern}{_values_of(found)}"
        given = one_line(repr(shown or name))
        _log.warning("stream %s is not among the documented ones of %s. %s", given, market, help_)
    return found


def _values_of(name: Name) -> str:
    """What may stand for the placeholders whose value is not documented; of all, where a speed is none of them."""
    allowed = name.family.allowed if name.family is not None else {}
    wrong = [key for key, value in name.values.items() if allowed.get(key) and value not in allowed[key]]
    rows = [(key, allowed[key]) for key in wrong or allowed if allowed[key]]
    return "".join(f"; <{key}> is one of {', '.join(map(repr, values))}" for key, values in rows)


def close_names(market: str, name: str) -> str:
    """One sentence that helps with an unknown name: the product that has it, or similar patterns."""
    elsewhere = [other for other in MARKETS if other != market and _exists(parse(other, name))]
    if elsewhere:
        return f"It is a stream of {', '.join(elsewhere)}"
    patterns = {_suffix(row.pattern): row.pattern for row in FAMILIES[market] if row.retired is None}
    close = difflib.get_close_matches(_suffix(name).lower(), [*map(str.lower, patterns)], n=3, cutoff=0.6)
    lowered = {suffix.lower(): pattern for suffix, pattern in patterns.items()}
    if not close:
        alone = "@" not in name and not name.startswith("!")
        return "No documented stream has a similar name" + (_symbol_alone(market) if alone else "")
    return "Similar ones are " + ", ".join(lowered[suffix] for suffix in close)


def _symbol_alone(market: str) -> str:
    """The most likely mistake: a list of symbols where stream names belong."""
    trades = next(row.pattern for row in FAMILIES[market] if re.fullmatch(r"<symbol>@\w*[tT]rade", row.pattern))
    return f". A symbol alone is no stream: {trades} is one"


def _exists(name: Name) -> bool:
    return name.family is not None and name.family.retired is None and name.listed


def _suffix(name: str) -> str:
    """What identifies the kind of a name or pattern: the part from its ``@``, without placeholders."""
    plain = _PLACEHOLDER.sub("", re.sub(r"\[.*?\]", "", name))
    head, at, tail = plain.partition("@")
    return plain if not at or head.startswith("!") else at + tail


def _is_optional(row: Family, name: str) -> bool:
    return any(f"<{name}>" in part for part in re.findall(r"\[.*?\]", row.pattern))


def _filled(row: Family, values: Mapping[str, object]) -> dict[str, str]:
    """The values of a row's placeholders, each checked."""
    if row.retired is not None:
        raise StreamRetired(row.pattern, row.retired.since, row.retired.replacement)
    names = _PLACEHOLDER.findall(row.pattern)
    for name in values.keys() - set(names):
        raise ConfigError(name, values[name], names, f"The stream is {row.pattern}")
    checked = {name: _checked(row, name, value) for name, value in values.items() if value is not None}
    for name in names:
        if name not in checked and not _is_optional(row, name):
            raise ConfigError(name, None, row.allowed.get(name) or "a value", f"The stream is {row.pattern}")
    return checked


def _checked(row: Family, name: str, value: object) -> str:
    if name == "expiration_date":
        if re.fullmatch(r"[0-9]{6}", str(value)) is None:
            raise ConfigError(name, value, "a date as yymmdd, such as '261225'")
        return str(value)
    allowed = row.allowed.get(name)
    if allowed is None:
        return symbol_of(row.market, name, value, SYMBOL_FIRST).lower()
    return check_choice(name, value, allowed)


def symbol_of(market: str, name: str, value: object, hint: str = "") -> str:
    """``value``, when it can be a symbol of ``market``; ``name`` is the argument, ``hint`` the order of the arguments.

    Raises:
        ConfigError: it is none.
    """
    symbol = check_symbol(name, value, example="BTCUSDT", forbidden=FORBIDDEN, hint=hint)
    _refuse_foreign(market, name, symbol)
    return symbol


def _refuse_foreign(market: str, name: str, symbol: str) -> None:
    """No symbol of another exchange: the exchange takes ``btc-usdt@trade``, and never sends anything."""
    foreign = MARKETS[market].foreign
    if set(foreign).intersection(symbol):
        good = symbol.translate(dict.fromkeys(map(ord, foreign)))
        hint = f"Say {good!r}" if good else ""
        if "_" in foreign and _CONTRACT.search(symbol):  # without its underscore it would name nothing
            hint = "It looks like a contract of usdm or coinm"
        raise ConfigError(name, symbol, f"a symbol without {' or '.join(foreign)}, as {market} has none", hint)


def _values(row: Family, match: re.Match[str]) -> dict[str, str]:
    """What stands for the placeholders in a matched name, each as the exchange spells it."""
    found = {key: text for key, text in match.groupdict().items() if text is not None and key != "any_speed"}
    return {key: _canonical(row.allowed.get(key), text) for key, text in found.items()}


def _canonical(allowed: tuple[str, ...] | None, text: str) -> str:
    """A matched value as the exchange spells it: exact when it is one, else by case alone, else as it is."""
    if not allowed:
        return text.lower()
    if text in allowed:
        return text
    return next((value for value in allowed if value.lower() == text.lower()), text)


def _render(row: Family, values: Mapping[str, str], *, pattern: str | None = None, spelled_out: bool = False) -> str:
    """Fill a pattern; an optional part is left off without a value and, unless spelled out, with the default one."""

    def text(match: re.Match[str]) -> str:
        part = match["optional"]
        if part is None:
            return values[match["name"]]
        name = _PLACEHOLDER.findall(part)[0]
        value = values.get(name)
        left_off = value is None or (value == row.default.get(name) and not spelled_out)
        return "" if left_off or value is None else part.replace(f"<{name}>", value)

    return _PART.sub(text, row.pattern if pattern is None else pattern)


@cache
def _by_key(market: str) -> Mapping[str, Family]:
    return {row.key: row for row in FAMILIES[market]}


@cache
def _regex(row: Family) -> re.Pattern[str]:
    """The pattern as a regular expression that ignores the case of ASCII letters."""
    return re.compile("".join(_expressions(row, row.pattern)), re.IGNORECASE | re.ASCII)


@cache
def _any_variant(row: Family) -> re.Pattern[str]:
    """The same with any values, and with any speed or none behind it, in place of the documented ones."""
    stem = "".join(_expressions(row, _SPEED.sub("", row.pattern), _any_value))
    return re.compile(stem + "(?P<any_speed>@[0-9]+m?s)?", re.IGNORECASE | re.ASCII)


def _any_value(allowed: tuple[str, ...]) -> str:
    return "[0-9]+" if all(value.isdigit() for value in allowed) else r"[\w+:.-]+"


def _documented(allowed: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, allowed))


def _expressions(row: Family, pattern: str, values: Callable[[tuple[str, ...]], str] = _documented) -> Iterator[str]:
    for token in _TOKENS.findall(pattern):
        if token in "[]":
            yield "(?:" if token == "[" else ")?"
        elif not token.startswith("<"):
            yield re.escape(token)
        else:
            name = token[1:-1]
            yield f"(?P<{name}>{_expression(name, row.allowed.get(name), values)})"


def _kin_route(market: str, name: str) -> str:
    """The route of a name in no row: that of the row whose name it goes on from, as ``@depth@fast`` from ``@depth``."""
    suffix = _suffix(name).lower()
    stems = {_suffix(_SPEED.sub("", row.pattern)).lower(): row.route for row in FAMILIES[market] if row.retired is None}
    kin = [stem for stem in stems if suffix.startswith(stem)]
    return stems[max(kin, key=len)] if kin else MARKETS[market].default_route


def _expression(name: str, allowed: tuple[str, ...] | None, values: Callable[[tuple[str, ...]], str]) -> str:
    if name == "expiration_date":
        return "[0-9]{6}"
    if allowed is None:
        # a pair never has an underscore, a COIN-M contract always does
        return r"[^@/!:\s_]+" if name == "pair" else r"[^@/!:\s]+?"
    return values(allowed)
