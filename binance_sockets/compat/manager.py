"""BinanceSocketManager as python-binance 0.7 had it: a thread by its face, one callback at a time, keys that are paths."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from ..config import Backoff, Options
from ..engine.gate import Gate
from ..errors import ShutdownTimeout
from ..exchange import View
from ..exchanges.binance.manager import SocketManager
from ..exchanges.binance.market import MarketStreams
from ..exchanges.binance.names import resolve
from ..exchanges.binance.products import market_of
from ..exchanges.environment import BASE_URL_VARIABLE
from .places import FSTREAM_URL, STREAM_URL, Place, place_of

__all__ = ["BinanceSocketManager"]

log = logging.getLogger("binance_sockets.compat")

Callback = Callable[[Any], object]

_ORDER = "The order is ({}); python-binance 1.x had the callback first"
_PATIENCE = 0.5  # seconds that close() waits: 0.7's did not wait at all


class _Sockets(SocketManager):
    """What carries the sockets of one manager: all callbacks pass one gate."""

    def __init__(self, client: object, user_timeout: float, options: Options, environment: str | None) -> None:
        super().__init__(client, user_timeout, options=options, environment=environment)
        self._core.gate = Gate()

    def open(self, key: str, place: Place, callback: Callback) -> str | bool:
        """Open the streams of a place under a key of 0.7's."""
        settings = self._binance
        market = market_of(place.product, place.environment.tld)
        found = [resolve(market, name) for name in place.names]
        streams = list({each.wire: each.stream(None) for each in found}.values())
        exchange = MarketStreams(
            place.environment, place.product, wrapped=place.wrapped, view=View.DICT, options=settings.options
        )
        return self._open(key, exchange, streams, callback)

    def gone(self, key: str) -> bool:
        """No socket of this key is open, or it is being stopped."""
        found = self._core.open().get(key)
        return found is None or found.handler.stopping

    def stop(self, key: str) -> None:
        """Ask a socket to end, and do not wait: its callback may be the caller's, or slow."""
        found = self._core.open().get(key)
        if found is not None:
            found.request_stop()


class _Connector:
    """What ``_conns`` has of each socket."""

    def __init__(self, sockets: _Sockets, key: str) -> None:
        self._sockets = sockets
        self._key = key

    def disconnect(self) -> None:
        """End the socket."""
        self._sockets.stop(self._key)


class BinanceSocketManager(threading.Thread):
    """python-binance 0.7's socket manager. It is a ``threading.Thread`` by its face; its sockets have threads of their
    own, and their callbacks run one at a time.

    Callbacks, conn keys, payloads and return values are 0.7's; see :doc:`/migration` for what differs. Sockets may be
    started before or after :meth:`start`, which may be called any number of times.

    Args:
        client: an object with ``API_KEY`` and ``API_SECRET``, or ``None`` for public streams.
        user_timeout: seconds between renewals of listen keys; also a string of digits, 0 or ``None`` for the default.

    Attributes:
        STREAM_URL, FSTREAM_URL: where spot and futures are; a class or an object may say another host.
    """

    STREAM_URL = STREAM_URL
    FSTREAM_URL = FSTREAM_URL
    WEBSOCKET_DEPTH_5 = "5"
    WEBSOCKET_DEPTH_10 = "10"
    WEBSOCKET_DEPTH_20 = "20"
    DEFAULT_USER_TIMEOUT = 30 * 60

    def __init__(self, client: object = None, user_timeout: object = DEFAULT_USER_TIMEOUT) -> None:
        super().__init__()
        self._conns: dict[str, Any] = {}
        self._client = client
        self._user_timeout = user_timeout
        self._timers: dict[str, Any] = {"user": None, "margin": None}
        self._listen_keys: dict[str, Any] = {"user": None, "margin": None}
        self._account_callbacks: dict[str, Any] = {"user": None, "margin": None}

    # -- the face of a thread ----------------------------------------------------------------------------------------

    @property
    def _compat(self) -> _Sockets:
        """The real manager, made at first use: subclasses set attributes before they call our constructor."""
        found = self.__dict__.get("_compat_sockets")
        if found is None:
            options = Options(backoff=Backoff(initial=0.25))
            found = _Sockets(self.__dict__.get("_client"), _seconds(self.__dict__.get("_user_timeout")), options, None)
            found = self.__dict__.setdefault("_compat_sockets", found)
        assert isinstance(found, _Sockets)
        return found

    def start(self) -> None:
        """Open the sockets that were started so far; later ones open at once. May be called any number of times."""
        if not self._compat.is_alive() and "_compat_daemon" in self.__dict__:
            self._compat.daemon = self.__dict__["_compat_daemon"]
        self._compat.start()

    def run(self) -> None:
        """Start, and block until no socket is left."""
        self.start()
        self._compat.join()

    def join(self, timeout: float | None = None) -> None:
        """Block until no socket is left, at most ``timeout`` seconds."""
        if timeout is not None:
            timeout = max(0.0, timeout)
        if self._compat._core.was_started:
            self._compat.join(timeout)

    def is_alive(self) -> bool:
        """Started, and not closed since."""
        return self._compat.is_alive()

    isAlive = is_alive

    @property
    def daemon(self) -> bool:
        """Whether the process may end while sockets are open. Default ``False``. Set it before :meth:`start`."""
        return bool(self.__dict__.get("_compat_daemon", False))

    @daemon.setter
    def daemon(self, value: bool) -> None:
        self.__dict__["_compat_daemon"] = bool(value)

    def isDaemon(self) -> bool:
        return self.daemon

    def setDaemon(self, daemonic: bool) -> None:
        self.daemon = daemonic

    @property
    def ident(self) -> int | None:
        """A number once it is started, as of a thread."""
        return id(self) if self._compat._core.was_started else None

    # -- starting and stopping ---------------------------------------------------------------------------------------

    def _start_socket(self, path: str, callback: Callback, prefix: str = "ws/") -> str | bool:
        """Open what is at ``STREAM_URL + prefix + path``; ``False`` while the path is open."""
        return self._open(self.STREAM_URL, path, callback, prefix, "spot")

    def _start_futures_socket(self, path: str, callback: Callback, prefix: str = "stream?streams=") -> str | bool:
        """Open what is at ``FSTREAM_URL + prefix + path``; ``False`` while the path is open."""
        return self._open(self.FSTREAM_URL, path, callback, prefix, "usdm")

    def _open(self, base: str, path: str, callback: Callback, prefix: str, product: str) -> str | bool:
        _check_callback(callback)
        sockets = self._compat
        if path in self._conns and not sockets.gone(path):
            return False
        variable = os.environ.get(BASE_URL_VARIABLE)
        if variable and base in (STREAM_URL, FSTREAM_URL):  # the script says no host of its own
            base = f"{variable.rstrip('/')}/{product}/".replace("http", "ws", 1)
        place = place_of(f"{base.rstrip('/')}/{prefix}{path}", product)
        key = sockets.open(path, place, callback)
        if key:
            self._conns[path] = _Connector(sockets, path)
        return key

    def stop_socket(self, conn_key: object) -> None:
        """End one socket; its key is free at once. An unknown key, ``False`` or ``None`` does nothing.

        No callback of it begins any more; one that runs goes on to its end.

        Args:
            conn_key: what a ``start_*`` method returned.
        """
        connector = self._conns.pop(conn_key, None) if isinstance(conn_key, str) else None
        if connector is None:
            return
        connector.disconnect()
        for name, key in list(self._listen_keys.items()):
            if key == conn_key:
                self._forget_account(name)

    def _forget_account(self, name: str) -> None:
        self._listen_keys[name] = self._timers[name] = self._account_callbacks[name] = None

    def close(self) -> None:
        """End all sockets. Returns soon, also while a callback runs."""
        for key in list(self._conns):
            self.stop_socket(key)
        self._conns = {}
        try:
            self._compat.close(_PATIENCE)
        except ShutdownTimeout as late:
            log.info("close: %s", late)
        self._compat._core.was_started = True  # what is started after close() opens at once, as 0.7's did

    # -- market streams ----------------------------------------------------------------------------------------------

    def start_depth_socket(
        self, symbol: str, callback: Callback, depth: object = None, interval: object = None
    ) -> str | bool:
        """Order book of a symbol: changes, or the best 5, 10 or 20 levels with ``depth``; every 100 ms with
        ``interval=100``. Returns the conn key, or ``False`` while it is open."""
        path = f"{_lower(symbol, callback)}@depth"
        if depth and str(depth) != "1":
            path += str(depth)
        if interval:
            if interval not in (0, 100, "100"):
                raise ValueError("Websocket interval value not allowed. Allowed values are [0, 100]")
            path += f"@{interval}ms"
        return self._start_socket(path, callback)

    def start_kline_socket(self, symbol: str, callback: Callback, interval: str = "1m") -> str | bool:
        """Candles of a symbol. Returns the conn key, or ``False`` while it is open."""
        if callable(interval):
            raise TypeError(f"interval is {interval!r}. " + _ORDER.format("symbol, callback, interval"))
        return self._start_socket(f"{_lower(symbol, callback)}@kline_{interval}", callback)

    def start_miniticker_socket(self, callback: Callback, update_time: int = 1000) -> str | bool:
        """Short tickers of all symbols that changed, in a list. Returns the conn key, or ``False``."""
        return self._start_socket(f"!miniTicker@arr@{update_time}ms", callback)

    def start_trade_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Trades of a symbol. Returns the conn key, or ``False`` while it is open."""
        return self._start_socket(f"{_lower(symbol, callback)}@trade", callback)

    def start_aggtrade_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Aggregate trades of a symbol. Returns the conn key, or ``False`` while it is open."""
        return self._start_socket(f"{_lower(symbol, callback)}@aggTrade", callback)

    def start_symbol_ticker_socket(self, symbol: str, callback: Callback) -> str | bool:
        """24 hour ticker of a symbol. Returns the conn key, or ``False`` while it is open."""
        return self._start_socket(f"{_lower(symbol, callback)}@ticker", callback)

    def start_symbol_book_ticker_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Best bid and ask of a symbol. Returns the conn key, or ``False`` while it is open."""
        return self._start_socket(f"{_lower(symbol, callback)}@bookTicker", callback)

    def start_multiplex_socket(self, streams: Iterable[str], callback: Callback) -> str | bool:
        """Several streams over one socket, as ``{"stream", "data"}``. Returns the conn key, or ``False``."""
        return self._start_socket("streams=" + "/".join(streams), callback, "stream?")

    def start_aggtrade_futures_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Aggregate trades of a USD-M contract, wrapped. Returns the conn key, or ``False`` while it is open."""
        return self._start_futures_socket(f"{_lower(symbol, callback)}@aggTrade", callback)

    def start_symbol_mark_price_socket(self, symbol: str, callback: Callback, fast: bool = True) -> str | bool:
        """Mark price of a USD-M contract, wrapped. Returns the conn key, or ``False`` while it is open."""
        return self._start_futures_socket(f"{_lower(symbol, callback)}@markPrice{'@1s' if fast else ''}", callback)

    def start_all_mark_price_socket(self, callback: Callback, fast: bool = True) -> str | bool:
        """Mark prices of all USD-M contracts, wrapped. Returns the conn key, or ``False`` while it is open."""
        return self._start_futures_socket(f"!markPrice@arr{'@1s' if fast else ''}", callback)

    def start_symbol_ticker_futures_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Best bid and ask of a USD-M contract, wrapped. Returns the conn key, or ``False`` while it is open."""
        return self._start_futures_socket(f"{_lower(symbol, callback)}@bookTicker", callback)

    def start_individual_symbol_ticker_futures_socket(self, symbol: str, callback: Callback) -> str | bool:
        """24 hour ticker of a USD-M contract, wrapped. Returns the conn key, or ``False`` while it is open."""
        return self._start_futures_socket(f"{_lower(symbol, callback)}@ticker", callback)

    def start_all_ticker_futures_socket(self, callback: Callback) -> str | bool:
        """Best bids and asks of all USD-M contracts, wrapped. Returns the conn key, or ``False`` while it is open."""
        return self._start_futures_socket("!bookTicker", callback)

    # -- accounts ----------------------------------------------------------------------------------------------------

    def start_user_socket(self, callback: Callback) -> str | bool:
        """Events of the spot account. Returns the conn key; started again, the socket is opened anew."""
        return self._start_account("user", self._compat.start_user_socket, callback)

    def start_margin_socket(self, callback: Callback) -> str | bool:
        """Events of the cross margin account. Returns the conn key; started again, the socket is opened anew."""
        return self._start_account("margin", self._compat.start_margin_socket, callback)

    def start_isolated_margin_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Events of an isolated margin account. Returns the conn key; started again, the socket is opened anew."""
        name = _lower(symbol, callback).upper()
        return self._start_account(name, lambda found: self._compat.start_isolated_margin_socket(name, found), callback)

    def _start_account(self, name: str, start: Callable[[Callback], Any], callback: Callback) -> str | bool:
        _check_callback(callback)
        before = self._listen_keys.get(name)
        if before:
            self.stop_socket(before)
        key = start(callback)
        if isinstance(key, str):
            self._conns[key] = _Connector(self._compat, key)
            self._listen_keys[name] = key
            self._account_callbacks[name] = callback
            self._timers.setdefault(name, None)
        return bool(key) and str(key)

    def _start_socket_timer(self, socket_type: str) -> None:
        """Does nothing: credentials are kept alive without timers."""

    def _keepalive_account_socket(self, socket_type: str) -> None:
        """Does nothing: credentials are kept alive already."""

    def _check_account_socket_open(self, listen_key: object) -> bool:
        return listen_key in self._conns


def _seconds(value: object) -> float:
    """``user_timeout`` as 0.7's scripts gave it; what is no time is the default."""
    try:
        found = float(str(value))
    except ValueError:
        return float(BinanceSocketManager.DEFAULT_USER_TIMEOUT)
    return found if found > 0 else float(BinanceSocketManager.DEFAULT_USER_TIMEOUT)


def _lower(symbol: object, callback: object) -> str:
    if callable(symbol):
        raise TypeError(f"symbol is {symbol!r}. " + _ORDER.format("symbol, callback"))
    _check_callback(callback)
    return str(symbol).lower()


def _check_callback(callback: object) -> None:
    if not callable(callback):
        raise TypeError(f"callback is {callback!r}, which cannot be called. " + _ORDER.format("symbol, callback, ..."))
