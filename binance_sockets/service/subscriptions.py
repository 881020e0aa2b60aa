"""The subscriptions of a stream service, by kind and symbol, and which of its connections carries them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import ConfigError, UnknownConnection
from ..exchanges.arguments import NumbersName
from ..exchanges.binance.manager import SocketManager
from ..exchanges.binance.names import resolve
from ..exchanges.binance.products import market_of
from ..exchanges.binance.sockets import conn_key_of
from ..exchanges.binance.symbol_sets import is_pattern
from .streams import Freq, stream_name

__all__ = ["Subscriptions"]


class Subscriptions:
    """What is wanted, and the sockets that carry it. Any thread; no call blocks.

    Args:
        manager: has the sockets.
        product: of their streams.
        tld: ``"com"`` or ``"us"``.
        connections: how many there are.
        numbers: the type of the events' numbers.
    """

    def __init__(self, manager: SocketManager, product: str, tld: str, connections: int, numbers: NumbersName) -> None:
        self.manager = manager
        self._product = product
        self._market = market_of(product, tld)
        self._numbers: NumbersName = numbers
        self._wanting = threading.Lock()  # guards what is wanted; never held over a call of the manager
        self._wanted: list[dict[str, None]] = [{} for _ in range(connections)]

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """The streams that are subscribed, by their names on the wire."""
        return tuple(name for names in self._carried() for name in names)

    def _carried(self) -> list[list[str]]:
        with self._wanting:
            return [list(names) for names in self._wanted]

    def subscribe_ticker(self, symbol: str, *, connection_id: int | None = None) -> None:
        """Statistics of the last 24 hours, for ``on_ticker``. Does not block; before or after :meth:`connect`.

        Args:
            symbol: such as ``"BTCUSDT"``, in any case.
            connection_id: number of the connection, from 0, that is to carry it; ``None`` (default) for the one that
                carries least. What is subscribed already stays where it is.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
        """
        self._subscribe([self._name("ticker", symbol)], connection_id)

    def subscribe_tickers(self, symbols: Iterable[str], *, connection_id: int | None = None) -> None:
        """As :meth:`subscribe_ticker`, for several symbols."""
        self._subscribe([self._name("ticker", symbol) for symbol in _several("symbols", symbols)], connection_id)

    def subscribe_kline(self, symbol: str, interval: Freq | str = Freq.m1, *, connection_id: int | None = None) -> None:
        """Candles, for ``on_kline``; ``interval`` is a :class:`Freq` or a text such as ``"1m"`` (default)."""
        self._subscribe([self._name("kline", symbol, interval=interval)], connection_id)

    def subscribe_depth(self, symbol: str, limit: int = 20, *, connection_id: int | None = None) -> None:
        """The best ``limit`` (5, 10 or 20) levels of the book, for ``on_depth``."""
        self._subscribe([self._name("depth", symbol, limit=limit)], connection_id)

    def subscribe_depth_diff(self, symbol: str, *, connection_id: int | None = None) -> None:
        """The changes of the book, for ``on_depth``, with ``is_diff``. A whole book comes from ``start_order_book``."""
        self._subscribe([self._name("depth_diff", symbol)], connection_id)

    def subscribe_trade(self, symbol: str, *, connection_id: int | None = None) -> None:
        """Trades, for ``on_trade``; of futures aggregated ones, as the exchange documents no others."""
        self._subscribe([self._name("trade", symbol)], connection_id)

    def subscribe_book_ticker(self, symbol: str, *, connection_id: int | None = None) -> None:
        """Best bid and ask, for ``on_book_ticker``."""
        self._subscribe([self._name("book_ticker", symbol)], connection_id)

    def subscribe_mark_price(self, symbol: str, *, connection_id: int | None = None) -> None:
        """Mark price and funding of a futures contract every second, for ``on_mark_price``."""
        self._subscribe([self._name("mark_price", symbol)], connection_id)

    def subscribe_liquidation(self, symbol: str, *, connection_id: int | None = None) -> None:
        """Liquidation orders of a futures contract, for ``on_liquidation``."""
        self._subscribe([self._name("liquidation", symbol)], connection_id)

    def subscribe(self, streams: Iterable[str], *, connection_id: int | None = None) -> None:
        """Any streams that have a unified form, by their names, such as ``["!miniTicker@arr"]``, for ``on_event``."""
        self._subscribe([self._spelled(name) for name in _several("streams", streams)], connection_id)

    def unsubscribe_ticker(self, symbol: str) -> None:
        """End what :meth:`subscribe_ticker` began. Does not block.

        Raises:
            ConfigError: it is not subscribed.
        """
        self._unsubscribe([self._name("ticker", symbol)])

    def unsubscribe_tickers(self, symbols: Iterable[str]) -> None:
        """End what :meth:`subscribe_tickers` began."""
        self._unsubscribe([self._name("ticker", symbol) for symbol in _several("symbols", symbols)])

    def unsubscribe_kline(self, symbol: str, interval: Freq | str = Freq.m1) -> None:
        """End what :meth:`subscribe_kline` began, for this interval."""
        self._unsubscribe([self._name("kline", symbol, interval=interval)])

    def unsubscribe_depth(self, symbol: str, limit: int = 20) -> None:
        """End what :meth:`subscribe_depth` began, for this limit."""
        self._unsubscribe([self._name("depth", symbol, limit=limit)])

    def unsubscribe_depth_diff(self, symbol: str) -> None:
        """End what :meth:`subscribe_depth_diff` began."""
        self._unsubscribe([self._name("depth_diff", symbol)])

    def unsubscribe_trade(self, symbol: str) -> None:
        """End what :meth:`subscribe_trade` began."""
        self._unsubscribe([self._name("trade", symbol)])

    def unsubscribe_book_ticker(self, symbol: str) -> None:
        """End what :meth:`subscribe_book_ticker` began."""
        self._unsubscribe([self._name("book_ticker", symbol)])

    def unsubscribe_mark_price(self, symbol: str) -> None:
        """End what :meth:`subscribe_mark_price` began."""
        self._unsubscribe([self._name("mark_price", symbol)])

    def unsubscribe_liquidation(self, symbol: str) -> None:
        """End what :meth:`subscribe_liquidation` began."""
        self._unsubscribe([self._name("liquidation", symbol)])

    def unsubscribe(self, streams: Iterable[str]) -> None:
        """End what :meth:`subscribe` began."""
        self._unsubscribe([self._spelled(name) for name in _several("streams", streams)])

    def _name(self, kind: str, symbol: object, **values: object) -> str:
        return stream_name(self._product, kind, symbol, **values)

    def _spelled(self, name: str) -> str:
        """A stream's name as on the wire."""
        if is_pattern(name):
            hint = "start_multiplex_socket of service.manager takes patterns"
            raise ConfigError("streams", name, "a stream name such as 'btcusdt@trade'", hint)
        return resolve(self._market, name).wire

    def _key(self, place: int) -> str:
        return conn_key_of(self._product, f"service-{place}")

    def _subscribe(self, names: list[str], connection_id: int | None) -> None:
        """Have a connection carry ``names``, too; one that is carried already stays where it is."""
        allowed = range(len(self._wanted))
        if connection_id is not None and (type(connection_id) is not int or connection_id not in allowed):
            raise ConfigError("connection_id", connection_id, (None, *allowed))
        with self._wanting:
            spread: dict[int, list[str]] = {}
            loads = [len(wanted) for wanted in self._wanted]
            for name in dict.fromkeys(names):
                if not any(name in wanted for wanted in self._wanted):
                    place = loads.index(min(loads)) if connection_id is None else connection_id
                    loads[place] += 1
                    spread.setdefault(place, []).append(name)
            for place, fresh in spread.items():  # at once, so that no other thread has it carried twice
                self._wanted[place].update(dict.fromkeys(fresh))
            wholes = {place: list(self._wanted[place]) for place in spread}
        for place, fresh in spread.items():
            try:
                self._carry(place, wholes[place], fresh)
            except BaseException:
                self._forget(spread)
                raise

    def _carry(self, place: int, whole: list[str], fresh: list[str] | None = None) -> None:
        """Have a connection's socket carry ``fresh``; open it with the ``whole`` where it is not open."""
        key = self._key(place)
        while True:  # between the two calls it may give up, or another thread may open it
            try:
                self.manager.subscribe(key, whole if fresh is None else fresh)
                return
            except UnknownConnection:
                opened = self.manager.start_multiplex_socket(
                    whole, self._take, self._product, name=f"service-{place}", view="unified", numbers=self._numbers
                )
                if opened:
                    return

    def _forget(self, spread: Mapping[int, Iterable[str]]) -> None:
        """What could not be subscribed is not wanted."""
        with self._wanting:
            for place, names in spread.items():
                for name in names:
                    self._wanted[place].pop(name, None)

    def _take(self, message: Any) -> None:
        """What the sockets bring."""
        raise NotImplementedError

    def _unsubscribe(self, names: list[str]) -> None:
        names = list(dict.fromkeys(names))
        with self._wanting:
            for name in names:
                if not any(name in wanted for wanted in self._wanted):
                    known = tuple(name for wanted in self._wanted for name in wanted)
                    raise ConfigError("subscription", name, known or "nothing, as nothing is subscribed")
            leaving = [[name for name in names if name in wanted] for wanted in self._wanted]
            for wanted, gone in zip(self._wanted, leaving, strict=True):
                for name in gone:
                    del wanted[name]
        for place, gone in enumerate(leaving):
            if gone:
                try:
                    self.manager.unsubscribe(self._key(place), gone)
                except UnknownConnection:  # it was closed, or has given up
                    continue


def _several(argument: str, names: object) -> list[str]:
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise ConfigError(argument, names, "an iterable of texts, such as a list")
    found = list(names)
    if not found or not all(isinstance(name, str) for name in found):
        raise ConfigError(argument, found, "an iterable of at least one text")
    return found
