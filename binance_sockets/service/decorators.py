"""The decorators of a stream service: one per kind of event, and those about its connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import BinanceSocketsError, ConfigError
from ..unified import BookTicker, Depth, Kline, Liquidation, MarkPrice, Ticker, Trade
from .handlers import Handlers

__all__ = ["Decorators"]

_O = TypeVar("_O")
_Ticker = TypeVar("_Ticker", bound=Callable[[Ticker[Any]], object] | Callable[[Any, Ticker[Any]], object])
_Kline = TypeVar("_Kline", bound=Callable[[Kline[Any]], object] | Callable[[Any, Kline[Any]], object])
_Depth = TypeVar("_Depth", bound=Callable[[Depth[Any]], object] | Callable[[Any, Depth[Any]], object])
_Trade = TypeVar("_Trade", bound=Callable[[Trade[Any]], object] | Callable[[Any, Trade[Any]], object])
_Best = TypeVar("_Best", bound=Callable[[BookTicker[Any]], object] | Callable[[Any, BookTicker[Any]], object])
_Mark = TypeVar("_Mark", bound=Callable[[MarkPrice[Any]], object] | Callable[[Any, MarkPrice[Any]], object])
_Forced = TypeVar("_Forced", bound=Callable[[Liquidation[Any]], object] | Callable[[Any, Liquidation[Any]], object])
_Any = TypeVar("_Any", bound=Callable[[Any], object] | Callable[[Any, Any], object])
_Plain = TypeVar("_Plain", bound=Callable[[], object] | Callable[[Any], object])
_Count = TypeVar("_Count", bound=Callable[[int], object] | Callable[[Any, int], object])
_Failed = TypeVar(
    "_Failed", bound=Callable[[BinanceSocketsError], object] | Callable[[Any, BinanceSocketsError], object]
)


class Decorators:
    """What registers handlers; they may be functions, methods, several per kind. Any thread."""

    def __init__(self) -> None:
        self._handlers = Handlers()

    def on_ticker(self, handler: _Ticker) -> _Ticker:
        """Call ``handler(ticker)`` with each :class:`~binance_sockets.unified.Ticker`.

        A decorator, which returns the handler as it is; there may be several. On a function in a class body the method
        is called on each object that :meth:`register` gets.

        Raises:
            ConfigError: it cannot be called with one argument (a method: beside ``self``), or is ``async def``.
        """
        return self._handlers.add("ticker", handler)

    def on_kline(self, handler: _Kline) -> _Kline:
        """As :meth:`on_ticker`, with each :class:`~binance_sockets.unified.Kline`."""
        return self._handlers.add("kline", handler)

    def on_depth(self, handler: _Depth) -> _Depth:
        """As :meth:`on_ticker`, with each :class:`~binance_sockets.unified.Depth`, whole books and changes alike."""
        return self._handlers.add("depth", handler)

    def on_trade(self, handler: _Trade) -> _Trade:
        """As :meth:`on_ticker`, with each :class:`~binance_sockets.unified.Trade`."""
        return self._handlers.add("trade", handler)

    def on_book_ticker(self, handler: _Best) -> _Best:
        """As :meth:`on_ticker`, with each :class:`~binance_sockets.unified.BookTicker`."""
        return self._handlers.add("book_ticker", handler)

    def on_mark_price(self, handler: _Mark) -> _Mark:
        """As :meth:`on_ticker`, with each :class:`~binance_sockets.unified.MarkPrice`."""
        return self._handlers.add("mark_price", handler)

    def on_liquidation(self, handler: _Forced) -> _Forced:
        """As :meth:`on_ticker`, with each :class:`~binance_sockets.unified.Liquidation`."""
        return self._handlers.add("liquidation", handler)

    def on_event(self, handler: _Any) -> _Any:
        """As :meth:`on_ticker`, with each event of any kind: ``event.type`` tells."""
        return self._handlers.add("event", handler)

    def on_connect(self, handler: _Plain) -> _Plain:
        """As :meth:`on_ticker`, without an argument, each time a link opens. USD-M and options have two."""
        return self._handlers.add("connect", handler, 0)

    def on_disconnect(self, handler: _Plain) -> _Plain:
        """As :meth:`on_ticker`, without an argument, each time an open link is lost or closed."""
        return self._handlers.add("disconnect", handler, 0)

    def on_error(self, handler: _Failed) -> _Failed:
        """As :meth:`on_ticker`, with each :class:`~binance_sockets.BinanceSocketsError` that a human should know."""
        return self._handlers.add("error", handler)

    def on_reconnect(self, handler: _Count) -> _Count:
        """As :meth:`on_ticker`, with the number of the attempt, from 1, each time one begins."""
        return self._handlers.add("reconnect", handler)

    def on_reconnect_failed(self, handler: _Count) -> _Count:
        """As :meth:`on_ticker`, with the number of attempts, once the connection has given up."""
        return self._handlers.add("reconnect_failed", handler)

    def register(self, instance: _O) -> _O:
        """Have the decorated methods of an object's class called on this object, from now on; returns the object.

        It may be called in ``__init__``, with ``self``. The service keeps the object alive.

        Raises:
            ConfigError: its class has no decorated method.
        """
        if not self._handlers.bind(instance):
            raise ConfigError("instance", instance, "an object whose class has methods with decorators of this service")
        return instance
