"""Binance's order books: the methods that start one and read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import requests

from ...books import BookStatus, BookSync, Depth, OrderBook, WholeBooks
from ...books.book import Keep, Numbers
from ...books.feed import AUDIT, BookFeed, Fetched, Ticker
from ...books.status import log
from ...config import check_number
from ...engine.connection import Connection
from ...engine.errands import Errand
from ...errors import (
    BinanceSocketsError,
    ConfigError,
    ConnectError,
    DecodeError,
    RateLimited,
    UnknownConnection,
    one_line,
)
from ..arguments import Callback, Key, check_callback, check_choice
from .book_table import BOOKS, BookMarket
from .names import SYMBOL_FIRST, family, fill
from .products import market_of
from .rest import PublicRest
from .sockets import NOTHING, MarketSockets, conn_key_of

__all__ = ["BookSockets"]

BookView = Literal["book", "top"]

_VIEWS = ("book", "top")
_SHORTEST, _LONGEST = 1.0, 60.0  # seconds between attempts for one snapshot
_LEVELS = (None, 5, 10, 20)


class BookSockets(MarketSockets):
    """Order books over sockets."""

    def start_order_book(
        self,
        symbol: str,
        callback: Callback | None = None,
        product: str = "spot",
        *,
        depth: int | None = None,
        interval: int | str | None = 100,
        rpi: bool = False,
        view: BookView = "book",
        keep: Keep = 1000,
        numbers: Numbers = "float",
        limit: int | None = None,
        audit_every: float | None = None,
        on_status: Callable[[BookStatus], object] | None = None,
    ) -> Key:
        """An order book that is either right or says that it is not; :meth:`order_book` returns it.

        Snapshots come over REST on a thread of their own, one after another, within 45 % of the request weight that the
        exchange allows in a minute, for all managers of the process together. Diffs wait meanwhile. Whatever breaks
        the book (a hole, a lost link, a crossed book) makes it unreadable until the next snapshot has joined.

        Args:
            symbol: such as ``"BTCUSDT"``.
            callback: ``callback(book)`` after each message that changed the book, on the connection's thread; with
                ``view="top"`` ``callback(Touch)`` when best bid or ask changed. ``None`` (default) for nobody. Where
                the connection gives up it gets the error payload of every stream, see
                :func:`~binance_sockets.is_error`.
            product: ``"spot"`` (default), ``"usdm"``, ``"coinm"`` or ``"options"``.
            depth: ``5``, ``10`` or ``20`` for the best levels alone, from the partial book stream and without
                snapshots; ``None`` (default) for all that is known.
            interval: milliseconds between messages, ``100`` (default) or what the depth streams of the product take.
            rpi: with retail price improvement orders, every 500 ms; USD-M only. Default ``False``.
            view: ``"book"`` (default), or ``"top"``: book and book ticker together, the later of both counts.
            keep: levels to keep on each side, from 1 (default 1,000); or how far from its best price a side is kept,
                in percent of that price, as ``"2%"``; ``None`` keeps all, rotten ones included.
            numbers: ``"float"`` (default), ``"str"`` or ``"decimal"``.
            limit: levels per side of a snapshot; ``None`` (default) for 1,000. Spot up to 5,000, others 5 to 1,000. No
                book is known further than its snapshot reaches.
            audit_every: seconds between audits against a new snapshot, from 1, in a quiet market, too; ``None``
                (default) for none. Where less than 99.9 % of the levels match, listeners see a resync. ``snapshot()``
                has the result.
            on_status: ``on_status(BookStatus)`` when the book comes into sync, leaves it or ends, on the connection's
                thread. What it raises is logged.

        Returns:
            The conn key, such as ``"btcusdt@book"`` or ``"usdm:btcusdt@book"``; ``False`` while it is in use. Any
            thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: "How to manage a local order book correctly" of each product (2025-11 to 2026).
        """
        environment = self._binance.environment
        environment.endpoint(product)  # raises for a product that is not there
        market = market_of(product, environment.tld)
        if callback is not None:
            check_callback(callback, SYMBOL_FIRST)
        if on_status is not None:
            check_callback(on_status, name="on_status")
        check_choice("view", view, _VIEWS)
        kind = _kind(BOOKS[market], depth, rpi, view, audit_every)
        given = {"symbol": symbol, "depth": depth, "interval": interval}
        rows = [family(market, key) for key in ("rpi_depth",)] if rpi else [family(market, k) for k in _KEYS]
        built = fill(rows, given)
        streams = [built.family.stream(built.wire)]
        if view == "top":
            ticker = fill([family(market, "book_ticker")], {"symbol": symbol})
            streams.append(ticker.family.stream(ticker.wire))
        path, row = (BOOKS[market].retail if rpi else BOOKS[market].path), BOOKS[market]
        limit = row.default if limit is None else limit
        weight = row.weight(limit)
        key = conn_key_of(product, f"{built.wire.partition('@')[0]}@{kind}")
        book = OrderBook(keep=keep, numbers=numbers, name=key)
        core = self._core

        rest = self._public_rest(product)
        claim = rest.claim("books", weight)
        query = {"symbol": str(symbol).upper(), "limit": str(limit)}

        def connection() -> Connection | None:
            found = core.alone(key)
            return found if found is not None and found.handler.callback is feed else None

        def ask() -> None:
            if (found := connection()) is not None:
                core.run_errand(Errand(claim, _Fetch(found, rest, path, query), found.cancelled))

        def later(seconds: float, message: Any) -> None:
            if (found := connection()) is not None:
                due = core.transport.clock.monotonic() + seconds
                core.run_errand(Errand(None, lambda: found.elsewhere.hand_over(message), found.cancelled, due))

        def report(error: DecodeError) -> None:
            if (found := connection()) is not None:
                found.elsewhere.report(error)

        sync: BookSync | WholeBooks
        if depth is None:
            sync = BookSync(book, row.rule, ask, limit=limit, on_status=on_status)
        else:
            sync = WholeBooks(book, limit=int(depth), on_status=on_status)
        feed = BookFeed(
            sync,
            _read_wrapped if view == "top" else _read,
            report,
            callback,
            later=later,
            touch=view == "top",
            audit_every=audit_every,
        )
        exchange = self._exchange(product, view == "top", "dict", None, NOTHING)
        return self._open(key, exchange, streams, feed, feed.changed)

    def order_book(self, conn_key: Key) -> OrderBook:
        """The book that :meth:`start_order_book` has started. Any thread may read it; nothing here blocks.

        Args:
            conn_key: what :meth:`start_order_book` returned.

        Raises:
            UnknownConnection: no such socket, or it was stopped.
            ConfigError: it is the key of another kind of socket.
            ManagerClosed: in a process forked after ``start()``.
        """
        return self._book_of(conn_key)[1].book

    def audit_order_book(self, conn_key: Key) -> None:
        """Compare a book with a new snapshot, which then replaces it. Any thread; it does not wait.

        The result is in ``snapshot()``, under ``book``; where less than 99.9 % of the levels match, listeners see a
        resync. A book out of sync waits for a snapshot anyway.

        Args:
            conn_key: what :meth:`start_order_book` returned.

        Raises:
            UnknownConnection: no such socket, or it was stopped.
            ConfigError: it is the key of another kind of socket.
        """
        self._book_of(conn_key)[0].elsewhere.hand_over(AUDIT)

    def _book_of(self, conn_key: Key) -> tuple[Connection, BookFeed]:
        self._core.check_caller()
        connection = self._core.alone(str(conn_key))
        if connection is None and str(conn_key) not in self._core.open():
            raise UnknownConnection(conn_key, list(self._core.open()))
        if connection is None or not isinstance(connection.handler.callback, BookFeed):
            raise ConfigError("conn_key", conn_key, "the key of an order book, as start_order_book returns it")
        return connection, connection.handler.callback


_KEYS = ("depth", "partial_depth")


def _kind(row: BookMarket, depth: int | None, rpi: bool, view: str, audit_every: float | None) -> str:
    """The name of such a book in its conn key; refuses what does not go together."""
    if depth not in _LEVELS or isinstance(depth, bool):
        raise ConfigError("depth", depth, _LEVELS)
    if not isinstance(rpi, bool) or (rpi and not row.retail):
        raise ConfigError("rpi", rpi, (False,) if not row.retail else (False, True), "USD-M alone has such a book")
    check_number("audit_every", audit_every, none=True, zero=False)
    if audit_every is not None and audit_every < 1:
        raise ConfigError("audit_every", audit_every, "seconds from 1, or None")
    if depth is not None and (rpi or view == "top" or audit_every is not None):
        raise ConfigError("depth", depth, (None,), "The best levels alone have no RPI, no view='top' and no audit")
    if rpi and view == "top":
        raise ConfigError("view", view, ("book",), "The book ticker has no retail price improvement orders")
    return "top" if view == "top" else "rpiBook" if rpi else f"book{depth or ''}"


class _Fetch:
    """One snapshot, asked for until it comes. On the errands' thread."""

    def __init__(self, connection: Connection, rest: PublicRest, path: str, query: Mapping[str, str]) -> None:
        self._connection = connection
        self._rest = rest
        self._path = path
        self._query = query
        self._failures = 0

    def __call__(self) -> float | None:
        connection = self._connection
        try:
            body = self._rest.get(self._path, self._query)
            found = Fetched(int(body["lastUpdateId"]), body["bids"], body["asks"])
        except Exception as exc:
            if connection.cancelled():  # there is no next attempt to tell of
                return None
            self._failures += 1
            delay = min(_LONGEST, _SHORTEST * 2.0 ** (self._failures - 1))
            if isinstance(exc, RateLimited):
                delay = exc.retry_after or _LONGEST
            told = _told(exc, connection.label)
            log.warning("%s: no snapshot, next attempt in %.0f s: %s", connection.label, delay, one_line(str(told)))
            connection.elsewhere.report(told)
            return delay
        connection.elsewhere.hand_over(found)
        return None


def _told(error: Exception, label: str) -> BinanceSocketsError:
    """A failure as listeners are told."""
    if isinstance(error, BinanceSocketsError):
        return error
    if isinstance(error, requests.RequestException):
        return ConnectError(label, f"no snapshot of the order book ({type(error).__name__})")
    return DecodeError(f"a snapshot of the order book has another shape ({error!r})")


def _read(message: Any) -> Depth:
    """A diff, or the best levels, of any product."""
    if "u" in message:
        first, last = _id(message["U"]), _id(message["u"])
        return Depth(first, last, message.get("pu"), message["b"], message["a"], message["E"])
    last = _id(message["lastUpdateId"])
    return Depth(last, last, None, message["bids"], message["asks"])


def _id(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"update id {value!r}")
    return value


def _read_wrapped(message: Any) -> Depth | Ticker:
    data = message["data"]
    if "U" in data:
        return _read(data)
    return Ticker(_id(data["u"]), (data["b"], data["B"]), (data["a"], data["A"]))
