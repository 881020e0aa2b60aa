"""Sets of symbols that follow the exchange: ``"*usdt@trade"`` stands for the trades of every symbol in USDT.

What is listed is asked over REST again and again. New symbols join, delisted ones leave; a halt is told, and its
streams stay, as they go on without a change when it is over.
"""

from __future__ import annotations

import fnmatch
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...errors import BinanceSocketsError, ConfigError, ConnectError, DecodeError, one_line
from ...events import SymbolChange, SymbolEvent
from ...exchange import Stream
from .names import Name, parse, resolve
from .rest import PublicRest

__all__ = ["SetChange", "SymbolSets", "is_pattern", "listed_symbols", "without_wildcards"]

log = logging.getLogger("binance_sockets.binance")

TRADING = "TRADING"
_GONE = frozenset(("CLOSE", "DELIVERED", "SETTLED", "EXPIRED", "DELISTED"))
_NEVER_JOINS = _GONE | {"BREAK"}  # spot keeps what it has delisted in this state, for years
_WILD = re.compile(r"[*?]")
_CLASS = re.compile(r"[\[\]]")  # fnmatch knows these, too
_SHORTEST, _LONGEST = 5.0, 300.0  # seconds between attempts while REST does not answer


def is_pattern(name: object) -> bool:
    """Whether a stream name has a wildcard, which no name has."""
    return isinstance(name, str) and bool(_WILD.search(name))


def without_wildcards(pattern: str) -> str:
    """A name of the kind that a pattern stands for."""
    return _WILD.sub("x", pattern)


def listed_symbols(info: Any) -> dict[str, str]:
    """Each listed symbol, in lower case, with its status, from an exchangeInfo body.

    Raises:
        ValueError: it has another shape, or names no symbol: no market is empty, and all streams of a set would go.
    """
    tables = [info[key] for key in ("symbols", "optionSymbols") if isinstance(info, dict) and key in info]
    if not tables:
        raise ValueError("exchangeInfo without symbols")
    found = {
        str(row["symbol"]).lower(): str(row.get("status") or row.get("contractStatus") or TRADING)
        for table in tables
        for row in table
    }
    if not found:
        raise ValueError("exchangeInfo names no symbol")
    return found


class SetChange(NamedTuple):
    """What a look at the exchange, or a wish, changes.

    Args:
        added: streams that join.
        removed: names of streams that leave.
        changes: what listeners are told.
    """

    added: Sequence[Stream]
    removed: Sequence[str]
    changes: Sequence[SymbolChange]


class _Pattern:
    """One pattern: which symbols, and which stream of each."""

    def __init__(self, market: str, text: str) -> None:
        symbol, _, suffix = text.partition("@")
        if _WILD.search(suffix):
            raise ConfigError("streams", text, "a pattern such as '*usdt@trade'", "Wildcards stand in the symbol alone")
        if _CLASS.search(symbol):
            raise ConfigError("streams", text, "a pattern such as '*usdt@trade'", "Wildcards are * and ?")
        name = f"{without_wildcards(symbol)}@{suffix}"
        named = parse(market, name)
        if named.family is None or named.values.get("symbol") is None:
            hint = "A pattern stands for the symbols of one documented stream"
            raise ConfigError("streams", text, "a pattern such as '*usdt@trade'", hint)
        found = resolve(market, name, shown=text)  # raises for what is no stream
        self.stand_in = found.stream()
        self.matches = re.compile(fnmatch.translate(symbol.lower())).match
        self.suffix = found.wire.partition("@")[2]


class SymbolSets:
    """The streams of one socket that has patterns among its names.

    It is what makes streams of the names that its socket is given later, too: any thread may call it for that. The
    methods decide what the socket carries, so each is called in a decision of its roster, one behind the other.

    Args:
        market: whose streams they are.
        route: overrules the table's.
        names: patterns and plain names.
        conn_key: of the socket.
        wall: tells the time of day.
        check: refuses streams that the socket cannot carry.

    Raises:
        ConfigError: a pattern that stands for no stream.
    """

    def __init__(
        self,
        market: str,
        route: str | None,
        names: Iterable[str],
        conn_key: str,
        wall: Callable[[], float],
        check: Callable[[Sequence[Stream]], None] = lambda streams: None,
    ) -> None:
        self._market = market
        self._route = route
        self._conn_key = conn_key
        self._wall = wall
        self._check = check
        self._patterns: dict[str, _Pattern] = {}
        self._explicit: dict[str, Stream] = {}
        self._refused: set[str] = set()
        self._members: dict[str, Stream] = {}  # streams that are there because of a pattern
        self._statuses: dict[str, str] | None = None  # of symbols, at the last look
        self._late: set[str] = set()  # symbols that were listed behind the first look
        self.want(names)

    def __call__(self, names: object) -> list[Stream]:
        """Streams of plain names."""
        given = [names] if isinstance(names, str) else list(names)  # type: ignore[call-overload]
        return [resolve(self._market, name).stream(self._route) for name in given]

    @property
    def explicit(self) -> list[Stream]:
        """The streams that were asked for by name."""
        return list(self._explicit.values())

    @property
    def stand_ins(self) -> list[Stream]:
        """For each pattern a stream of its kind."""
        return [pattern.stand_in for pattern in self._patterns.values()]

    def useless(self) -> list[str]:
        """Patterns that stood for nothing at the last look."""
        carried = [name.partition("@") for name in (*self._members, *self._explicit)]
        return [
            text
            for text, pattern in self._patterns.items()
            if not any(pattern.matches(symbol) and suffix == pattern.suffix for symbol, _, suffix in carried)
        ]

    def want(self, names: Iterable[str]) -> SetChange:
        """Names and patterns are wanted, too: an explicit name counts whatever patterns say."""
        given = list(names)
        patterns = {name: _Pattern(self._market, name) for name in given if is_pattern(name)}
        streams = self([name for name in given if name not in patterns])
        self._check([*streams, *(pattern.stand_in for pattern in patterns.values())])
        self._patterns.update(patterns)
        self._explicit.update((stream.name, stream) for stream in streams)
        self._refused.difference_update(stream.name for stream in streams)
        added, removed = self._spread()
        return SetChange([*streams, *added], removed, ())

    def leave(self, names: Iterable[str]) -> SetChange:
        """Names and patterns are not wanted any more; a name stays away though a pattern has it.

        Raises:
            ConfigError: a name or pattern that the socket does not carry; then nothing changes.
        """
        given = list(names)
        plain = [stream.name for stream in self([name for name in given if not is_pattern(name)])]
        for name in given:
            if is_pattern(name) and name not in self._patterns:
                raise ConfigError("streams", name, list(self._patterns), "This socket has no such pattern")
        for wire in plain:
            if wire not in self._explicit and wire not in self._members:
                known = [*self._explicit, *self._members]
                raise ConfigError("streams", wire, known, "This socket does not carry it")
        for name in given:
            self._patterns.pop(name, None)
        for wire in plain:
            self._explicit.pop(wire, None)
            self._members.pop(wire, None)
            self._refused.add(wire)
        added, removed = self._spread()
        return SetChange(added, [*plain, *removed], ())

    def learned(self, statuses: Mapping[str, str]) -> SetChange:
        """This is listed now."""
        before, self._statuses = self._statuses, dict(statuses)
        if before is not None:
            self._late |= statuses.keys() - before.keys()
        self._late &= statuses.keys()
        carried = {name.partition("@")[0] for name in self._members}
        added, removed = self._spread()
        carried |= {name.partition("@")[0] for name in self._members}
        changes = [] if before is None else list(self._told(before, statuses, carried))
        return SetChange(added, removed, changes)

    def _spread(self) -> tuple[list[Stream], list[str]]:
        """Have as members what patterns stand for by now; returns those that are new, and those that leave."""
        wanted: dict[str, Stream] = {}
        for symbol, status in (self._statuses or {}).items():
            member = any(f"{symbol}@{each.suffix}" in self._members for each in self._patterns.values())
            if status in _GONE or (status in _NEVER_JOINS and not member and symbol not in self._late):
                continue
            for pattern in self._patterns.values():
                wire = f"{symbol}@{pattern.suffix}"
                if pattern.matches(symbol) and wire not in self._refused and wire not in self._explicit:
                    found: Name = parse(self._market, wire)
                    wanted[wire] = self._members.get(wire) or found.stream(self._route)
        added = [stream for name, stream in wanted.items() if name not in self._members]
        removed = [name for name in self._members if name not in wanted and name not in self._explicit]
        self._members = wanted
        return added, removed

    def _told(self, before: Mapping[str, str], after: Mapping[str, str], carried: set[str]) -> Iterable[SymbolChange]:
        for symbol in sorted(carried):
            was, status = before.get(symbol), after.get(symbol)
            if was == status:
                continue
            if status is None or status in _GONE:
                event = SymbolEvent.DELISTED
            elif was is None:
                event = SymbolEvent.LISTED
            else:
                event = SymbolEvent.RESUMED if status == TRADING else SymbolEvent.HALTED
            yield SymbolChange(self._conn_key, symbol.upper(), event, status or "", self._wall())


class Look:
    """One look at what is listed, repeated: an errand.

    Args:
        rest: asks.
        path: of exchangeInfo.
        query: its parameters.
        every: seconds between two looks.
        apply: is told the status of each symbol that is listed.
        report: takes each failure.
        label: of the socket, for the log.
    """

    def __init__(
        self,
        rest: PublicRest,
        path: str,
        query: Mapping[str, str],
        every: float,
        apply: Callable[[Mapping[str, str]], object],
        report: Callable[[BinanceSocketsError], object],
        label: str,
    ) -> None:
        self._label = label
        self._rest = rest
        self._path = path
        self._query = query
        self._every = every
        self._apply = apply
        self._report = report
        self._failures = 0

    def __call__(self) -> float:
        """Look once; returns the seconds until the next look."""
        try:
            statuses = listed_symbols(self._rest.get(self._path, self._query))
        except Exception as exc:
            self._failures += 1
            delay = min(_LONGEST, _SHORTEST * 2.0 ** (self._failures - 1))
            why = str(exc) if isinstance(exc, BinanceSocketsError) else type(exc).__name__
            text = "%s: what is listed could not be asked, next attempt in %.0f s: %s"
            log.warning(text, self._label, delay, one_line(why))
            self._report(_known(exc))
            return delay
        self._failures = 0
        self._apply(statuses)
        return self._every


def _known(error: Exception) -> BinanceSocketsError:
    if isinstance(error, BinanceSocketsError):
        return error
    if isinstance(error, (ValueError, KeyError, TypeError, AttributeError)):
        return DecodeError(f"exchangeInfo has another shape ({type(error).__name__})")
    return ConnectError("exchangeInfo", f"what is listed could not be asked ({type(error).__name__})")
