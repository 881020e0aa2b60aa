"""What all ``start_*`` methods share: from their arguments to one call of the engine."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias

import requests

from ...config import Options
from ...engine.connection import Connection
from ...engine.errands import Errand
from ...engine.pool import Member
from ...errors import ConfigError, ConnectError, DecodeError, UnknownConnection, one_line
from ...events import SymbolChange
from ...exchange import Stream, View
from ...manager import Manager, Registration
from ..arguments import Callback, Key, ViewName, check_callback
from .candles import ClosedOnly
from .codec import unwrap
from .families import SUBJECTS
from .instruments import Instruments, listed_instruments
from .market import MarketStreams
from .names import SYMBOL_FIRST, family, fill, resolve
from .products import MARKETS, market_of, product_of
from .rest import PublicRest
from .symbol_sets import Look, SetChange, SymbolSets, is_pattern, without_wildcards
from .urls import Environment

__all__ = ["NOTHING", "MarketSockets", "Settings", "TimeUnit", "Wish", "conn_key_of", "futures_product"]

TimeUnit: TypeAlias = Literal["ms", "us"] | None

log = logging.getLogger("binance_sockets.binance")

_NAMES_FIRST = "The order is (streams, callback); python-binance 1.x had the callback first"
_CALLBACK_FIRST = "The callback is the first argument here"
_FUTURES_TYPES = {1: "usdm", 2: "coinm", "usdm": "usdm", "coinm": "coinm", "usd_m": "usdm", "coin_m": "coinm"}


class Wish(NamedTuple):
    """How streams are to come; see :class:`MarketStreams`."""

    backfill: Any = False
    history: Any = None
    redundancy: Any = 1
    numbers: Any = None


NOTHING = Wish()


@dataclass(frozen=True)
class Settings:
    """What a manager was made with. Secrets stay out of its ``repr``; ``environment_named``: not by a variable."""

    environment: Environment
    options: Options
    user_timeout: float
    client: object = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    api_secret: str | None = field(default=None, repr=False)
    private_key: str | bytes | None = field(default=None, repr=False)
    passphrase: str | bytes | None = field(default=None, repr=False)
    environment_named: bool = True
    instruments: dict[str, Instruments] = field(default_factory=dict, repr=False)


class MarketSockets(Manager):
    """The one way from a ``start_*`` method to a connection."""

    _binance: Settings

    def _start_stream(
        self,
        product: str,
        keys: Sequence[str],
        given: Mapping[str, object],
        callback: Callback,
        view: ViewName,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Start one stream of the families ``keys``, the rows of one method; ``given`` are its arguments by name."""
        environment = self._binance.environment
        environment.endpoint(product)  # raises for a product that is not there
        market = market_of(product, environment.tld)
        rows = [family(market, key) for key in keys]
        past = Wish(
            given.get("backfill", False), given.get("history"), given.get("redundancy", 1), given.get("numbers")
        )
        exchange = self._exchange(product, rows[0].wrapped, view, time_unit, past)
        built = fill(rows, given)
        check_callback(callback, SYMBOL_FIRST if not given.keys().isdisjoint(SUBJECTS) else _CALLBACK_FIRST)
        closed_only = given.get("closed_only", False)
        if not isinstance(closed_only, bool):
            raise ConfigError("closed_only", closed_only, (True, False))
        if closed_only:
            callback = ClosedOnly(callback)
        streams = [built.family.stream(built.wire)]
        exchange.check_view(streams)
        exchange.check_past(streams)
        ways = (view, time_unit, past)
        return self._open_single(product, built.key, exchange, streams[0], callback, *ways)

    def _start_names(
        self,
        streams: object,
        callback: Callback,
        product: str,
        view: ViewName,
        time_unit: TimeUnit = None,
        route: str | None = None,
        name: str | None = None,
        past: Wish = NOTHING,
    ) -> Key:
        """Start streams by name: a string alone and bare, anything else wrapped. ``name`` replaces them in the key."""
        wrapped = not isinstance(streams, str)
        exchange = self._exchange(product, wrapped, view, time_unit, past)
        routes = product_of(product, self._binance.environment.tld).routes
        if route is not None and route not in routes:
            raise ConfigError("route", route, (None, *routes), "" if routes else f"{product} has no routes")
        given = _given(streams)
        check_callback(callback, _NAMES_FIRST)
        market = market_of(product, self._binance.environment.tld)
        if name is not None and not (isinstance(name, str) and name.strip() and name.isprintable()):
            raise ConfigError("name", name, "printable text, or None")
        if any(map(is_pattern, given)):
            if not wrapped:
                raise ConfigError("streams", streams, "a plain stream name", "A pattern stands in a list")
            return self._start_sets(product, market, route, given, name, exchange, callback)
        chosen = _chosen(market, route, given)
        conn_name = name or ("streams=" + "/".join(given) if wrapped else given[0])
        exchange.check_view(chosen)
        exchange.check_past(chosen)
        if not wrapped:
            return self._open_single(product, conn_name, exchange, chosen[0], callback, view, time_unit, past)

        def named(names: object) -> list[Stream]:
            found = _chosen(market, route, names)
            exchange.check_view(found)
            return found

        return self._open(conn_key_of(product, conn_name), exchange, chosen, callback, named=named)

    def _start_sets(
        self,
        product: str,
        market: str,
        route: str | None,
        names: Sequence[str],
        name: str | None,
        exchange: MarketStreams,
        callback: Callback,
    ) -> Key:
        """Start a socket of which patterns say what it carries."""
        core, settings = self._core, self._binance
        key = conn_key_of(product, name or "streams=" + "/".join(map(str, names)))
        sets = SymbolSets(market, route, names, key, core.transport.clock.time, exchange.check_view)
        placeholder = _chosen(market, route, [without_wildcards(each) for each in names if is_pattern(each)][:1])
        explicit = sets.explicit
        exchange.check_past([*explicit, *sets.stand_ins], names)
        row = MARKETS[market]
        rest = self._public_rest(product)
        begun: list[bool] = []

        def prepare(connection: Connection) -> None:
            connection.roster.awaited = True
            if not explicit:  # it begins with none
                connection.change((), [stream.name for stream in placeholder])

        def apply(connection: Connection, statuses: Mapping[str, str]) -> None:
            first, connection.roster.awaited = connection.roster.awaited, False
            found = _decided(connection, partial(sets.learned, statuses))
            if found is None:
                return
            if first and (useless := sets.useless()):
                log.warning("%s: no listed symbol fits %s", connection.label, ", ".join(map(one_line, useless)))
            for change in found.changes:
                core.symbols.call(change)

        def begin(change: object) -> None:
            connection = core.alone(key)
            if begun or connection is None or connection.named is not sets:
                return
            begun.append(True)
            look = Look(
                rest, row.info_path, row.info_query, settings.options.timeouts.listing,
                partial(apply, connection), connection.elsewhere.report, connection.label,
            )  # fmt: skip
            core.run_errand(Errand(rest.claim("symbols", row.info_weight), look, connection.cancelled))

        return self._open(key, exchange, explicit or placeholder, callback, begin, sets, prepare)

    def _public_rest(self, product: str) -> PublicRest:
        """Unsigned calls of a product, within what this process may ask."""
        environment, options = self._binance.environment, self._binance.options
        row = product_of(product, environment.tld)
        return PublicRest(environment.endpoint(product).rest, row, options, environment.quota(product))

    def subscribe(self, conn_key: str | bool | None, streams: object) -> None:
        self._change(conn_key, streams, SymbolSets.want, super().subscribe)

    def unsubscribe(self, conn_key: str | bool | None, streams: object) -> None:
        self._change(conn_key, streams, SymbolSets.leave, super().unsubscribe)

    subscribe.__doc__ = Manager.subscribe.__doc__
    unsubscribe.__doc__ = Manager.unsubscribe.__doc__

    def _change(
        self,
        conn_key: str | bool | None,
        streams: object,
        wish: Callable[[SymbolSets, Iterable[str]], SetChange],
        otherwise: Callable[[str | bool | None, object], None],
    ) -> None:
        """Change a socket of patterns by its sets, any other one by its names."""
        connection = self._changeable(conn_key)
        if isinstance(connection, Member) or not isinstance(connection.named, SymbolSets):
            given = _given(streams, "")
            if any(map(is_pattern, given)):
                hint = "Start a socket with a pattern among its names; others take plain names"
                raise ConfigError("streams", streams, "plain stream names", hint)
            return otherwise(conn_key, streams)
        if _decided(connection, partial(wish, connection.named, _given(streams, ""))) is None:
            raise UnknownConnection(conn_key, list(self._core.open()))
        return None

    def add_symbol_listener(self, listener: Callable[[SymbolChange], object]) -> Registration:
        """Call ``listener(SymbolChange)`` when a symbol that a pattern such as ``"*usdt@trade"`` stands for is listed,
        delisted, halted or resumed. On a thread of the manager that asks what is listed, not on a socket's.

        Args, return value and errors are those of :meth:`add_state_listener`.
        """
        return self._core.symbols.add(listener)

    def _open_single(
        self,
        product: str,
        name: str,
        exchange: MarketStreams,
        stream: Stream,
        callback: Callback,
        view: ViewName,
        time_unit: TimeUnit,
        past: Wish,
    ) -> Key:
        """Open a socket of one stream, on links of its own or on shared ones."""
        key = conn_key_of(product, name)
        if not self._binance.options.pool or exchange.wrapped:
            return self._open(key, exchange, [stream], callback)
        shared = self._exchange(product, True, view, time_unit, past)
        ways = (product, View(view).value, time_unit or "ms", *past)
        return self._open_pooled(key, ways, shared, [stream], callback, unwrap, alone=exchange)

    def load_instruments(self, product: str = "spot") -> None:
        """Ask the exchange what it lists, so that ``view="unified"`` knows the name of every symbol. Any thread; blocks
        for some seconds at most.

        Without this call ``instrument`` is what a symbol tells for sure, and ``None`` for some spot symbols; nothing is
        asked. It holds for the sockets of this manager that are open, too; call it again to know what was listed since.

        Args:
            product: ``"spot"`` (default), ``"usdm"``, ``"coinm"`` or ``"options"``.

        Raises:
            ConfigError: there is no such product here.
            DecodeError: the list has another shape.
            ConnectError, ExchangeError, RequestTimeout, ...: the exchange does not answer, or refuses.
        """
        row = product_of(product, self._binance.environment.tld)
        try:
            info = self._public_rest(product).get(row.info_path, row.info_query, weight=row.info_weight)
        except (requests.RequestException, OSError) as error:
            detail = f"what is listed could not be asked ({type(error).__name__})"
            raise ConnectError(row.info_path, detail) from error
        try:
            listed = listed_instruments(info)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise DecodeError(f"exchangeInfo has another shape ({type(error).__name__})") from error
        self._instruments(product).load(listed)

    def _instruments(self, product: str) -> Instruments:
        market = market_of(product, self._binance.environment.tld)
        return self._binance.instruments.setdefault(market, Instruments(market))

    def _exchange(self, product: str, wrapped: bool, view: ViewName, time_unit: TimeUnit, past: Wish) -> MarketStreams:
        settings = self._binance
        return MarketStreams(
            settings.environment,
            product,
            wrapped=wrapped,
            view=view,
            time_unit=time_unit,
            options=settings.options,
            backfill=past.backfill,
            history=past.history,
            redundancy=past.redundancy,
            api_key=settings.api_key,
            numbers=past.numbers,
            instruments=self._instruments(product),
            now=self._core.transport.clock.time,
        )


def _given(streams: object, hint: str = _NAMES_FIRST) -> list[Any]:
    """The names of an argument that may be one of them."""
    if not isinstance(streams, Iterable) or isinstance(streams, (bytes, bytearray)):
        raise ConfigError("streams", streams, "a stream name or a list of them", hint)
    given = [streams] if isinstance(streams, str) else list(streams)
    if not given:
        raise ConfigError("streams", given, "at least one stream name")
    return given


def _decided(connection: Connection, decision: Callable[[], SetChange]) -> SetChange | None:
    """Have the socket carry what is decided: how it changes; ``None`` when its thread is over."""
    made: list[SetChange] = []

    def decide() -> tuple[Sequence[Stream], Sequence[str]]:
        made.append(decision())
        return made[0].added, made[0].removed

    return made[0] if connection.decide(decide) else None


def _chosen(market: str, route: str | None, streams: object) -> list[Stream]:
    """The streams that are meant by one or several names."""
    names = {found.wire: found for found in (resolve(market, text) for text in _given(streams))}
    return [found.stream(route) for found in names.values()]


def futures_product(futures_type: object) -> str:
    """``"usdm"`` or ``"coinm"``; python-binance 1.x's ``FuturesType`` and its values (1, 2) are understood.

    Raises:
        ConfigError: for anything else.
    """
    value = getattr(futures_type, "value", futures_type)
    value = value.lower() if isinstance(value, str) else value
    known = isinstance(value, (str, int)) and not isinstance(value, bool) and value in _FUTURES_TYPES
    if not known:
        raise ConfigError("futures_type", futures_type, ("usdm", "coinm"))
    return _FUTURES_TYPES[value]


def conn_key_of(product: str, name: str) -> str:
    """Spot has no prefix, so that its keys are those of python-binance 0.7."""
    return name if product == "spot" else f"{product}:{name}"
