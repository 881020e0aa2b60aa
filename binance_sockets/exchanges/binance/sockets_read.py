"""Binance's streams by name, read instead of calling back."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from types import GenericAlias
from typing import Any, Literal, TypeAlias, TypeVar, get_args, get_origin, overload

from ... import unified as u
from ...consume.stream import MessageStream
from ...errors import ConfigError
from ...exchange import View
from ..arguments import AsDict, AsEvent, AsRaw, AsUnified, History, Key, NumbersName, Payload, ViewName
from . import models as m
from .names import resolve
from .products import market_of
from .sockets import MarketSockets, TimeUnit, Wish
from .symbol_sets import is_pattern
from .unify import unified_types

__all__ = ["ReadSockets"]

E = TypeVar("E")

AsFloat: TypeAlias = Literal["float"] | None


class ReadSockets(MarketSockets):
    """Streams that are read."""

    @overload
    def stream(  # type: ignore[overload-overlap] # a str is an Iterable[str], too; the first that fits counts
        self,
        streams: str,
        product: str = "spot",
        *,
        view: AsEvent | AsUnified,
        event: type[E],
        numbers: NumbersName | None = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[E]: ...
    @overload
    def stream(
        self,
        streams: Iterable[str],
        product: str = "spot",
        *,
        view: AsEvent | AsUnified,
        event: type[E],
        numbers: NumbersName | None = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[m.Combined[E]]: ...
    @overload
    def stream(
        self,
        streams: str,
        product: str = "spot",
        *,
        view: AsEvent,
        event: None = None,
        numbers: NumbersName | None = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[Any]: ...
    @overload
    def stream(
        self,
        streams: Iterable[str],
        product: str = "spot",
        *,
        view: AsEvent,
        event: None = None,
        numbers: NumbersName | None = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[m.Combined[Any]]: ...
    @overload
    def stream(  # type: ignore[overload-overlap] # a str is an Iterable[str], too; the first that fits counts
        self,
        streams: str,
        product: str = "spot",
        *,
        view: AsUnified,
        event: None = None,
        numbers: AsFloat = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[u.AnyEvent[float]]: ...
    @overload
    def stream(
        self,
        streams: Iterable[str],
        product: str = "spot",
        *,
        view: AsUnified,
        event: None = None,
        numbers: AsFloat = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[m.Combined[u.AnyEvent[float]]]: ...
    @overload
    def stream(  # type: ignore[overload-overlap] # a str is an Iterable[str], too; the first that fits counts
        self,
        streams: str,
        product: str = "spot",
        *,
        view: AsUnified,
        event: None = None,
        numbers: Literal["str"],
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[u.AnyEvent[str]]: ...
    @overload
    def stream(
        self,
        streams: Iterable[str],
        product: str = "spot",
        *,
        view: AsUnified,
        event: None = None,
        numbers: Literal["str"],
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[m.Combined[u.AnyEvent[str]]]: ...
    @overload
    def stream(  # type: ignore[overload-overlap] # a str is an Iterable[str], too; the first that fits counts
        self,
        streams: str,
        product: str = "spot",
        *,
        view: AsUnified,
        event: None = None,
        numbers: Literal["decimal"],
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[u.AnyEvent[Decimal]]: ...
    @overload
    def stream(
        self,
        streams: Iterable[str],
        product: str = "spot",
        *,
        view: AsUnified,
        event: None = None,
        numbers: Literal["decimal"],
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[m.Combined[u.AnyEvent[Decimal]]]: ...
    @overload
    def stream(
        self,
        streams: str | Iterable[str],
        product: str = "spot",
        *,
        view: AsRaw,
        event: None = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[bytes]: ...
    @overload
    def stream(
        self,
        streams: str,
        product: str = "spot",
        *,
        view: AsDict = "dict",
        event: None = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[Any]: ...
    @overload
    def stream(
        self,
        streams: Iterable[str],
        product: str = "spot",
        *,
        view: AsDict = "dict",
        event: None = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[Payload]: ...
    @overload
    def stream(
        self,
        streams: str | Iterable[str],
        product: str = "spot",
        *,
        view: View,
        event: type[Any] | None = None,
        numbers: NumbersName | None = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[Any]: ...
    def stream(
        self,
        streams: str | Iterable[str],
        product: str = "spot",
        *,
        view: ViewName = "dict",
        event: Any = None,
        numbers: NumbersName | None = None,
        maxsize: int = 10_000,
        on_full: str = "drop_oldest",
        key: Callable[[Any], Hashable] | None = None,
        max_age: float | None = None,
        route: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        time_unit: TimeUnit = None,
    ) -> MessageStream[Any]:
        """Streams by name, to be read instead of calling back. Starts the manager where that has not been done.

        >>> with manager.stream("btcusdt@ticker", product="usdm") as stream:  # doctest: +SKIP
        ...     print(stream.receive(timeout=10)["c"])

        Args:
            streams: one stream name such as ``"btcusdt@trade"``, which brings bare payloads, or an iterable of at least
                one, which brings ``{"stream", "data"}``.
            product: ``"spot"`` (default), ``"usdm"``, ``"coinm"`` or ``"options"``.
            view: ``"dict"`` (default), ``"typed"``, ``"unified"`` or ``"raw"``.
            event: the class of ``models``, or of :mod:`binance_sockets.unified`, that the streams bring, such as
                ``Trade[str]``, or a ``list`` of it: checked against the names, and what type checkers then know the
                messages as. Its brackets say ``numbers``, too. ``None`` (default) says nothing. What fits no event
                still comes as in the dict view.
            maxsize, on_full, key, max_age: as for :class:`~binance_sockets.MessageStream`.
            numbers, route, backfill, history, redundancy, time_unit: as for :meth:`start_socket`.

        Returns:
            The stream, while it connects. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values, and where these streams are open already.
            StreamRetired, ManagerClosed, RuntimeError, OSError: as :meth:`start_socket`.
        """
        numbers = self._check_event(streams, product, view, event, numbers)
        past = Wish(backfill, history, redundancy, numbers)

        def opened(stream: MessageStream[Any]) -> Key:
            return self._start_names(streams, stream, product, view, time_unit, route, past=past)

        return self._pull(opened, streams, maxsize, on_full, key, max_age)

    def _check_event(
        self, streams: str | Iterable[str], product: str, view: object, event: Any, numbers: NumbersName | None
    ) -> NumbersName | None:
        """Whether all streams bring such an event; returns the numbers that it has."""
        if event is None:
            return numbers
        if view not in (View.TYPED, View.UNIFIED):
            raise ConfigError("event", event, (None,), "Events come with view='typed' and view='unified'")
        market = market_of(product, self._binance.environment.tld)
        for name in [streams] if isinstance(streams, str) else list(streams):
            row = None if is_pattern(name) else resolve(market, name).family
            if row is not None:
                kinds = unified_types(row) if view == View.UNIFIED else row.models
                possible = [GenericAlias(list, (kind,)) if row.array else kind for kind in map(_plain, kinds)]
                if _plain(event) not in possible:
                    raise ConfigError("event", event, possible, f"That is what {name} brings")
        said = _numbers_of(event)
        if said is not None and numbers not in (None, said):
            raise ConfigError("numbers", numbers, (None, said), f"Those are the numbers of event={event}")
        return said or numbers


def _plain(kind: Any) -> Any:
    """A class without the type of its numbers, as which it is made; and so in a list."""
    if get_origin(kind) is list:
        return GenericAlias(list, (_plain(kind.__args__[0]),))
    return get_origin(kind) or kind


def _numbers_of(event: Any) -> NumbersName | None:
    """The name of the numbers that a class says it has, also in a list."""
    (part, *_) = get_args(event) or (None,)
    if get_origin(event) is list:
        return _numbers_of(part)
    names: dict[Any, NumbersName] = {str: "str", Decimal: "decimal", float: "float"}
    return names.get(part)
