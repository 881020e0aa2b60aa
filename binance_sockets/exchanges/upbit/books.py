"""Local order books: every message of the stream is the whole of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ...books import BookStatus, OrderBook, WholeBooks
from ...books.feed import BookFeed
from ...books.sync import Depth
from ...engine.pool import Member
from ...errors import DecodeError, UnknownConnection
from ..arguments import Callback, Key, check_callback, check_choice
from .arguments import codes_of, levels_of
from .by_name import NamedSockets
from .messages import Message
from .portions import Portion
from .sockets import conn_key

__all__ = ["BookSockets"]

_VIEWS = ("book", "top")
_PER_MILLISECOND = 1000  # numbers that the moments of one millisecond get


class BookSockets(NamedSockets):
    """Order books that are kept up to date."""

    def start_order_book(
        self,
        code: str,
        callback: Callback | None = None,
        *,
        count: int = 30,
        level: object = 0,
        view: Literal["book", "top"] = "book",
        numbers: Literal["float", "str", "decimal"] = "float",
        on_status: Callable[[BookStatus], object] | None = None,
        name: str | None = None,
    ) -> Key:
        """Keep an order book; it shares the connection of all market data.

        Args:
            code: a market code such as ``"KRW-BTC"``.
            callback: gets the :class:`~binance_sockets.books.OrderBook` after each change, or with ``view="top"`` a
                :class:`~binance_sockets.books.Touch` when the best prices have changed; ``None`` (default) for nobody.
                On the thread that market data shares.
            count: levels per side: 1, 5, 15 or 30 (default).
            level: price unit by which levels are grouped; see :meth:`start_orderbook_socket`.
            view: ``"book"`` (default) or ``"top"``.
            numbers: ``"float"`` (default), ``"str"`` or ``"decimal"``.
            on_status: ``on_status(BookStatus)`` when the book comes into sync or leaves it. What it raises is logged.
            name: the conn key; ``None`` (default) for one that says what it carries.

        Returns:
            The conn key, such as ``"book=KRW-BTC"``; ``False`` while it is in use. Any thread may call; it does not
            block. :meth:`order_book` has the book.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: docs.upbit.com/kr/reference/websocket-orderbook (2026-09-09).
        """
        if callback is not None:
            check_callback(callback, "The order is (code, callback)")
        if on_status is not None:
            check_callback(on_status)
        check_choice("view", view, _VIEWS)
        (market,) = codes_of([code])
        most, unit, said = levels_of(count, level)
        key = conn_key("top" if view == "top" else "book", market, said, name)
        book = OrderBook(keep=most, numbers=numbers, name=key)

        def report(error: DecodeError) -> None:
            found = self._core.open().get(key)
            if isinstance(found, Member):
                found.report(error)

        feed = BookFeed(
            WholeBooks(book, limit=most, on_status=on_status),
            _Reader(),
            report,
            callback,
            later=lambda seconds, message: None,
            touch=view == "top",
            audit_every=None,
        )
        names = [f"orderbook:{market}:{unit}" if unit else f"orderbook:{market}"]
        return self._start(
            "orderbook", names, key, feed, view=_itself, count=most, take=lambda message: message.cut(most),
            watch=feed.changed,
        )  # fmt: skip

    def order_book(self, conn_key: Key) -> OrderBook:
        """The book that :meth:`start_order_book` has started. Any thread may read it; nothing here blocks.

        Args:
            conn_key: what :meth:`start_order_book` returned.

        Raises:
            UnknownConnection: no such book, or it was stopped.
            ManagerClosed: in a process forked after ``start()``.
        """
        self._core.check_caller()
        found = self._core.open().get(str(conn_key))
        portion = found.handler.callback if isinstance(found, Member) else None
        if not isinstance(portion, Portion) or not isinstance(portion.callback, BookFeed):
            raise UnknownConnection(conn_key, list(self._core.open()))
        return portion.callback.book


class _Reader:
    """Reads messages of one market. Its books are numbered by their time, those of one millisecond one behind another.

    A price of 0 stands for no level: the two sides of a thin book have one list.
    """

    def __init__(self) -> None:
        self._last = 0

    def __call__(self, message: Message) -> Depth:
        fields = message.fields("str")
        time, units = fields["timestamp"], fields["orderbook_units"]
        number = time * _PER_MILLISECOND
        if number <= self._last < number + _PER_MILLISECOND - 1:
            number = self._last + 1
        self._last = number
        bids = [(each["bid_price"], each["bid_size"]) for each in units if float(each["bid_price"])]
        asks = [(each["ask_price"], each["ask_size"]) for each in units if float(each["ask_price"])]
        return Depth(number, number, None, bids, asks, time)


def _itself(message: Message) -> Any:
    return message
