"""DepthCache and its managers as python-binance has them, 0.7's and 1.x's threaded one, on order books of ours."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from ..books import BookState, BookStatus, OrderBook
from ..books.book import Numbers
from ..config import Backoff, Options
from ..engine.clock import wait_event
from ..engine.connection import fresh
from ..engine.gate import Gate
from ..errors import BinanceSocketsError, BookOutOfSync, RequestTimeout, ShutdownTimeout, UnknownConnection
from ..events import is_error
from ..exchanges.binance.manager import SocketManager
from ..exchanges.binance.urls import Environment
from .arguments import Callback, check_callback
from .factories import Connector
from .manager import BinanceSocketManager
from .places import place_of
from .threaded_api import Listeners, ThreadedApiManager

__all__ = ["DepthCache", "DepthCacheManager", "ThreadedDepthCacheManager"]

log = logging.getLogger("binance_sockets.compat")

_REFRESH = 30 * 60
_PATIENCE = 0.5  # seconds that close() waits for callbacks
_FIRST = 60.0  # seconds that the constructor waits for the first data
_FEWEST = 100  # levels of a snapshot: fewer cost as much, and are used up at once
_KEEP = 1000
_PARTIAL = 10  # levels of 1.x's caches of futures and options


class DepthCache:
    """Bids and asks of a symbol.

    Args:
        symbol: such as ``"BNBBTC"``.
        conv_type: what prices and quantities become, such as ``Decimal``. Default ``float``.

    Attributes:
        symbol: as given.
        update_time: when the exchange sent the last change, milliseconds since the epoch; ``None`` before the first.
    """

    def __init__(self, symbol: str, conv_type: Callable[[Any], Any] = float) -> None:
        self.symbol = symbol
        self.conv_type = conv_type
        self.update_time: int | None = None
        self._bids: dict[str, Any] = {}
        self._asks: dict[str, Any] = {}

    def add_bid(self, bid: Iterable[str]) -> None:
        """Set one bid, ``[price, quantity]`` as text; quantity 0 removes the level."""
        self._add(self._bids, bid)

    def add_ask(self, ask: Iterable[str]) -> None:
        """Set one ask, ``[price, quantity]`` as text; quantity 0 removes the level."""
        self._add(self._asks, ask)

    def get_bids(self) -> list[list[Any]]:
        """The bids as ``[price, quantity]``, the highest first."""
        return self.sort_depth(self._bids, reverse=True, conv_type=self.conv_type)

    def get_asks(self) -> list[list[Any]]:
        """The asks as ``[price, quantity]``, the lowest first."""
        return self.sort_depth(self._asks, conv_type=self.conv_type)

    @staticmethod
    def sort_depth(
        vals: Mapping[str, Any] | list[Any], reverse: bool = False, conv_type: Callable[[Any], Any] = float
    ) -> list[list[Any]]:
        """Levels sorted by price.

        Args:
            vals: quantity by price, or pairs of both.
            reverse: the highest first. Default ``False``.
            conv_type: what prices and quantities become. Default ``float``.

        Raises:
            ValueError: ``vals`` is neither.
        """
        if not isinstance(vals, (Mapping, list)):
            raise ValueError(f"Unknown order book depth data type: {type(vals)}")
        pairs = vals.items() if isinstance(vals, Mapping) else vals
        levels = [[conv_type(price), conv_type(quantity)] for price, quantity in pairs]
        return sorted(levels, key=itemgetter(0), reverse=reverse)

    def _add(self, side: dict[str, Any], level: Iterable[str]) -> None:
        price, quantity = level
        side[price] = self.conv_type(quantity)
        if not float(quantity):
            del side[price]


class _BookCache(DepthCache):
    """A cache that shows an order book. While that is out of sync, its sides are empty: what is wrong is not shown."""

    def __init__(self, symbol: str, conv_type: Callable[[Any], Any], book: OrderBook) -> None:
        self._book = book
        super().__init__(symbol, conv_type)

    @property
    def update_time(self) -> int | None:
        """When the exchange sent the last change; its update id where it does not say."""
        return self._book.time or self._book.id or None

    @update_time.setter
    def update_time(self, value: int | None) -> None:
        pass  # the book's counts

    def get_bids(self) -> list[list[Any]]:
        return self._levels(lambda: self._book.bids)

    def get_asks(self) -> list[list[Any]]:
        return self._levels(lambda: self._book.asks)

    def _add(self, side: dict[str, Any], level: Iterable[str]) -> None:
        raise TypeError("this DepthCache shows an order book of the exchange, which nobody else changes")

    def _levels(self, read: Callable[[], list[Any]]) -> list[list[Any]]:
        turn = self.conv_type
        try:
            return [[turn(level.price), turn(level.quantity)] for level in read()]
        except BookOutOfSync:
            return []


class _Books(SocketManager):
    """What carries the order books of one socket manager, behind its gate."""

    def __init__(self, environment: Environment, gate: Gate | None) -> None:
        options = Options(backoff=Backoff(initial=0.25))
        super().__init__(environment=environment.name, tld=environment.tld, options=options)
        self._core.gate = gate


class _Shelf:
    """The books of one socket manager: made with the first cache, closed with the last."""

    def __init__(self, bm: BinanceSocketManager) -> None:
        self._bm = bm
        self._lock = threading.Lock()  # guards the two below
        self._books: _Books | None = None
        self._users = 0

    @classmethod
    def of(cls, bm: BinanceSocketManager) -> _Shelf:
        """The one of a manager."""
        found: _Shelf = bm.__dict__.setdefault("_compat_shelf", cls(bm))
        return found

    def take(self) -> _Books:
        """One cache more."""
        with self._lock:
            if self._books is None:
                self._books = _Books(_environment(self._bm), self._bm._compat._core.gate)
                self._books.daemon = self._bm.daemon
                self._books.start()
                self._bm._compat_books.append(self._books)
            self._users += 1
            return self._books

    def give_back(self) -> None:
        """One cache less."""
        with self._lock:
            self._users -= 1
            books = self._books
            if self._users:
                return
            self._books = None
        if books is not None:
            with contextlib.suppress(ShutdownTimeout):  # a callback runs: the rest ends with it
                books.close(_PATIENCE)
            self._bm._compat_books.remove(books)


class DepthCacheManager:
    """python-binance 0.7's manager of one depth cache, on an order book that is either right or empty.

    The constructor blocks until the first data is there; inside a callback it does not block. A lost link, a
    hole and a crossed book lead to one new snapshot over REST, within the exchange's limits; meanwhile the cache is
    empty and the callback is silent.

    Args:
        client: as :class:`~binance_sockets.compat.BinanceSocketManager` takes it; ``None`` does as well.
        symbol: such as ``"BNBBTC"``.
        callback: ``callback(DepthCache)`` after each message that changed it, one at a time with all callbacks of
            ``bm``; ``callback(None)`` once when the socket has given up. ``None`` (default) for nobody.
        refresh_interval: seconds between comparisons with a new snapshot, which then replaces the cache; 0 or ``None``
            for none. Default 1,800.
        bm: a :class:`~binance_sockets.compat.BinanceSocketManager`, which is started, and whose ``close()`` ends this
            cache as well; ``None`` (default) for one of its own.
        limit: levels of a snapshot, up to 5,000; at least 100 are asked for. Default 500.
        ws_interval: ``100`` ms; ``0`` or ``None`` (default) for 1 s.

    Raises:
        ConfigError: for a bad argument, naming the allowed values.
        TypeError: ``bm`` is another manager than those of :mod:`binance_sockets.compat`.
        ValueError: ``bm`` has a cache of this symbol already.
        ConnectError, SubscriptionRejected, ConnectionLost: why no socket will open.
        RequestTimeout: no data within 60 seconds.
    """

    def __init__(
        self,
        client: object,
        symbol: str,
        callback: Callback | None = None,
        refresh_interval: float | None = _REFRESH,
        bm: BinanceSocketManager | None = None,
        limit: int = 500,
        ws_interval: int | None = None,
    ) -> None:
        if callback is not None:
            check_callback(callback, "client, symbol, callback, ...")
        if bm is not None and not isinstance(bm, BinanceSocketManager):
            raise TypeError(f"bm is {bm!r}: expected a BinanceSocketManager of binance_sockets.compat, or None")
        self._client = client
        self._symbol = symbol
        self._callback = callback
        self._given = bm is not None
        self._bm = BinanceSocketManager(client) if bm is None else bm
        self._ready = threading.Event()
        self._once = threading.Lock()  # taken by who ends it
        self._shelf = _Shelf.of(self._bm)
        self._books = self._shelf.take()
        self._conn_key: str | None = None
        self._depth_cache: DepthCache | None = None
        why: list[BinanceSocketsError] = []
        listening = self._books.add_error_listener(lambda report: why.append(report.error) if report.final else None)
        try:
            self._begin(limit, ws_interval, refresh_interval)
        except BaseException as exc:
            self.disconnect()
            if isinstance(exc, UnknownConnection) and why:  # it has given up already
                raise fresh(why[-1]) from None
            raise
        finally:
            listening.remove()

    def _begin(self, limit: int, interval: int | None, refresh: float | None) -> None:
        books = self._books
        key = books.start_order_book(
            self._symbol,
            self._event,
            interval=interval or 1000,
            limit=max(int(limit), _FEWEST),
            keep=max(int(limit), _KEEP),
            audit_every=max(float(refresh), 1.0) if refresh else None,
            on_status=self._status,
        )
        if not key:
            raise ValueError(f"this manager has a depth cache of {self._symbol} already")
        self._conn_key = key
        self._depth_cache = _BookCache(self._symbol, float, books.order_book(key))
        self._bm._conns[key] = Connector(stop=self.disconnect, key=key)
        if self._given and not self._bm.is_alive():
            self._bm.start()
        if books._core.gate is not None and books._core.gate.is_mine():
            return
        if not wait_event(self._ready, _FIRST):
            raise RequestTimeout(f"first data of the order book of {self._symbol}", _FIRST)
        if self.get_depth_cache() is None:
            books.wait_open(key, 0)  # raises why it will not open

    def get_depth_cache(self) -> DepthCache | None:
        """The cache; ``None`` after :meth:`close`, and once the socket has given up."""
        return self._depth_cache

    def get_symbol(self) -> str:
        """The symbol, as given."""
        return self._symbol

    def close(self, close_socket: bool = False) -> None:
        """End the cache. No callback begins any more; one that runs goes on to its end.

        Args:
            close_socket: close the socket manager, too, with all its sockets. Default ``False``.
        """
        self.disconnect()
        if close_socket:
            self._bm.close()

    def disconnect(self) -> None:
        """End the cache: ``bm`` calls this where it closes."""
        if not self._once.acquire(blocking=False):
            return
        self._depth_cache = None
        if self._conn_key is not None:
            self._bm._conns.pop(self._conn_key, None)
            if (found := self._books._core.open().get(self._conn_key)) is not None:
                found.request_stop()
        self._shelf.give_back()

    def _status(self, status: BookStatus) -> None:
        if status.state is BookState.IN_SYNC:
            self._ready.set()

    def _event(self, book: OrderBook | dict[str, str]) -> None:
        if not is_error(book):
            if self._callback is not None and self._depth_cache is not None:
                self._callback(self._depth_cache)
            return
        self.disconnect()
        self._ready.set()
        if self._callback is not None:
            self._callback(None)


class ThreadedDepthCacheManager(ThreadedApiManager):
    """python-binance 1.x's threaded manager of depth caches, callback first. Names and parameters are those of 1.0.37.

    Args:
        api_key: has no effect: order books are public.
        api_secret: likewise.
        requests_params: has no effect here.
        tld: ``"com"`` (default), or ``"us"`` for Binance.US.
        testnet: the exchange's test environment. Default ``False``.

    Raises:
        ConfigError: for a bad argument, naming the allowed values.
    """

    # Methods repeat the parameters of 1.0.37's, with their defaults: scripts pass them by position.

    def __init__(
        self,
        api_key: str | None = None,
        api_secret: str | None = None,
        requests_params: dict[str, Any] | None = None,
        tld: str = "com",
        testnet: bool = False,
    ) -> None:
        super().__init__(api_key, api_secret, requests_params, tld, testnet)

    def start_depth_cache(
        self,
        callback: Callback,
        symbol: str,
        refresh_interval: float | None = None,
        bm: object = None,
        limit: int = 10,
        conv_type: Callable[[Any], Any] = float,
        ws_interval: int | None = 0,
    ) -> str:
        """A cache of a spot symbol.

        Args:
            callback: ``callback(DepthCache)`` after each message that changed it; the error dict of 1.x when a link is
                lost or the socket has given up.
            symbol: such as ``"BNBBTC"``.
            refresh_interval: seconds between comparisons with a new snapshot; ``None`` (default) for none.
            bm: has no effect here.
            limit: levels of a snapshot, up to 5,000; at least 100 are asked for.
            conv_type: what prices and quantities become, such as ``Decimal``. Default ``float``.
            ws_interval: ``100`` ms; ``0`` (default) or ``None`` for 1 s.

        Returns:
            The name that :meth:`stop_socket` takes, such as ``"bnbbtc@depth10"``. It does not block.
        """
        more = {
            "interval": ws_interval or 1000,
            "limit": max(int(limit), _FEWEST),
            "keep": max(int(limit), _KEEP),
            "audit_every": max(float(refresh_interval), 1.0) if refresh_interval else None,
        }
        return self._start(callback, symbol, limit, conv_type, "spot", more)

    def start_futures_depth_socket(
        self,
        callback: Callback,
        symbol: str,
        refresh_interval: float | None = None,
        bm: object = None,
        limit: int = 10,
        conv_type: Callable[[Any], Any] = float,
    ) -> str:
        """The ten best levels of a USD-M contract, as :meth:`start_depth_cache`. There is nothing to refresh."""
        return self._start(callback, symbol, limit, conv_type, "usdm", {"depth": _PARTIAL, "interval": None})

    def start_options_depth_socket(
        self,
        callback: Callback,
        symbol: str,
        refresh_interval: float | None = None,
        bm: object = None,
        limit: int = 10,
        conv_type: Callable[[Any], Any] = float,
    ) -> str:
        """The ten best levels of an option, as :meth:`start_depth_cache`. There is nothing to refresh."""
        return self._start(callback, symbol, limit, conv_type, "options", {"depth": _PARTIAL, "interval": 500})

    def _start(
        self,
        callback: Callback,
        symbol: str,
        limit: int,
        conv_type: Callable[[Any], Any],
        product: str,
        more: dict[str, Any],
    ) -> str:
        check_callback(callback, "callback, symbol, ...")
        low = str(symbol).lower()
        prefix = "" if product == "spot" else f"{product}:"
        key = f"{prefix}{low}@book{more.get('depth', '')}"

        def begin(told: Listeners) -> object:
            cache: list[DepthCache] = []  # made with the first message, when the book can be had

            def turned(found: Any) -> None:
                if not is_error(found):
                    if not cache:
                        cache.append(_BookCache(symbol, conv_type, found))
                    found = cache[0]
                told(found)

            numbers: Numbers = "float" if conv_type is float else "str"
            return self._sockets.start_order_book(symbol, turned, product, numbers=numbers, **more)

        return self._enter(f"{low}@depth{limit}", key, callback, begin)


def _environment(bm: BinanceSocketManager) -> Environment:
    """Where the spot streams of a manager are: its own ``STREAM_URL``, else what its client or the variable says."""
    url = f"{bm.STREAM_URL.rstrip('/')}/ws/bnbbtc@depth"
    return place_of(url, "spot", bm._compat.environment).environment
