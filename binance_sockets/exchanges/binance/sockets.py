"""What all ``start_*`` methods share: from their arguments to one call of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ...config import Options
from ...errors import ConfigError
from ...exchange import Stream, View
from ...manager import Manager
from .families import UNDOCUMENTED, Family
from .market import MarketStreams
from .streams import SYMBOL_FIRST, build, check_callback, family, market_of, resolve
from .urls import Environment

__all__ = ["Callback", "Key", "MarketSockets", "Settings", "TimeUnit", "ViewName", "book", "futures_product"]

Callback: TypeAlias = Callable[[Any], object]
Key: TypeAlias = str | Literal[False]
TimeUnit: TypeAlias = Literal["ms", "us"] | None
ViewName: TypeAlias = View | Literal["dict", "raw", "typed"]

_NAMES_FIRST = "The order is (streams, callback); python-binance 1.x had the callback first"
_SYMBOLS = {"symbol", "pair", "asset"}
_FUTURES_TYPES = {1: "usdm", 2: "coinm", "usdm": "usdm", "coinm": "coinm", "usd_m": "usdm", "coin_m": "coinm"}


@dataclass(frozen=True)
class Settings:
    """What a manager was made with. Secrets stay out of its ``repr``."""

    environment: Environment
    options: Options
    user_timeout: float
    client: object = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    api_secret: str | None = field(default=None, repr=False)
    private_key: str | bytes | None = field(default=None, repr=False)


class MarketSockets(Manager):
    """The one way from a ``start_*`` method to a connection."""

    _binance: Settings

    def _start_family(
        self,
        product: str,
        key: str,
        values: Mapping[str, object],
        callback: Callback,
        view: ViewName,
        time_unit: TimeUnit = None,
        *,
        wrapped: bool = False,
        conn_name: str | None = None,
    ) -> Key:
        """Start one stream of the family ``key``; ``values`` fill its pattern."""
        exchange = self._exchange(product, wrapped, view, time_unit)
        market = market_of(product, self._binance.environment.tld)
        row = family(market, key)
        name = build(market, key, **values)
        check_callback(
            callback, SYMBOL_FIRST if values.keys() & _SYMBOLS else "The callback is the first argument here"
        )
        return self._open(_conn_key(product, conn_name or name), exchange, [_stream(name, row)], callback)

    def _start_names(
        self,
        streams: object,
        callback: Callback,
        product: str,
        view: ViewName,
        time_unit: TimeUnit = None,
        route: str | None = None,
    ) -> Key:
        """Start streams by name: a string alone and bare, anything else wrapped."""
        wrapped = not isinstance(streams, str)
        exchange = self._exchange(product, wrapped, view, time_unit, route)
        if not isinstance(streams, Iterable) or isinstance(streams, (bytes, bytearray)):
            raise ConfigError("streams", streams, "a stream name or a list of them", _NAMES_FIRST)
        check_callback(callback, _NAMES_FIRST)
        given = [streams] if isinstance(streams, str) else list(streams)
        if not given:
            raise ConfigError("streams", given, "at least one stream name")
        market = market_of(product, self._binance.environment.tld)
        names = {name.wire: name for name in (resolve(market, text) for text in given)}
        conn_name = "streams=" + "/".join(given) if wrapped else given[0]
        chosen = [_stream(wire, name.family) for wire, name in names.items()]
        return self._open(_conn_key(product, conn_name), exchange, chosen, callback)

    def _exchange(
        self, product: str, wrapped: bool, view: ViewName, time_unit: TimeUnit, route: str | None = None
    ) -> MarketStreams:
        settings = self._binance
        return MarketStreams(
            settings.environment,
            product,
            wrapped=wrapped,
            view=view,
            time_unit=time_unit,
            route=route,
            options=settings.options,
        )


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


def book(depth: object, interval: object) -> tuple[str, dict[str, object]]:
    """Family and values of a depth stream. As in 0.7, a depth of ``None``, 0, ``""`` or ``"1"`` means the diffs."""
    values: dict[str, object] = {"interval": interval or None}
    if not depth or str(depth) == "1":
        return "depth", values
    return "partial_depth", {"depth": depth, **values}


def _conn_key(product: str, name: str) -> str:
    return name if product == "spot" else f"{product}:{name}"


def _stream(name: str, row: Family | None) -> Stream:
    return Stream(name, row.first_message if row is not None else UNDOCUMENTED)
