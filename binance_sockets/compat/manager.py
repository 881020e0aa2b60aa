"""BinanceSocketManager as python-binance 0.7 had it: a thread by its face, one callback at a time, paths as keys."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Any, ClassVar

from ..errors import ShutdownTimeout
from ..exchanges.binance.manager import SocketManager
from .arguments import Callback, check_callback, lower, names_of
from .carrier import Carrier, has_sockets, keeps_waiting
from .client_keys import account_of, teach_conn_keys
from .factories import Connector, loose, receiver
from .places import FSTREAM_URL, STREAM_URL, place_of
from .reactor import reactor

__all__ = ["BinanceSocketManager"]

log = logging.getLogger("binance_sockets.compat")

_ORDER = "symbol, callback"
_PATIENCE = 0.5  # seconds that close() waits: 0.7's did not wait at all
_LISTEN_KEY = 60  # characters, at least: no stream has so long a name


class _Conns(dict[str, Any]):
    """``_conns``: conn key to connector. A connector of ``connectWS`` that is put here is carried from then on."""

    def __init__(self, manager: BinanceSocketManager, *given: Any) -> None:
        super().__init__(*given)
        self._manager = manager

    def __setitem__(self, key: str, connector: Any) -> None:
        if isinstance(connector, Connector) and connector in loose:
            self._manager._carry(key, connector)
        super().__setitem__(key, connector)


class BinanceSocketManager(threading.Thread):
    """python-binance 0.7's socket manager. It is a ``threading.Thread`` by its face; its sockets have threads of their
    own, and their callbacks run one at a time.

    Callbacks, conn keys, payloads and return values are 0.7's; see :doc:`/drop_in` for what differs. Sockets may be
    started before or after :meth:`start`, which may be called any number of times.

    Args:
        client: an object with ``API_KEY`` and ``API_SECRET``, or ``None`` for public streams.
        user_timeout: seconds between renewals of listen keys; also a string of digits, 0 or ``None`` for the default.

    Attributes:
        STREAM_URL, FSTREAM_URL: where spot and futures are; a class or an object may say another host.
        DROPPED_FIELDS: event to fields that the exchange has dropped since, and what they are filled with: ids of
            buyer and seller in trades with 0. ``{}`` leaves them out.
    """

    STREAM_URL = STREAM_URL
    FSTREAM_URL = FSTREAM_URL
    WEBSOCKET_DEPTH_5 = "5"
    WEBSOCKET_DEPTH_10 = "10"
    WEBSOCKET_DEPTH_20 = "20"
    DEFAULT_USER_TIMEOUT = 30 * 60
    DROPPED_FIELDS: ClassVar[dict[str, dict[str, Any]]] = {"trade": {"b": 0, "a": 0}}

    def __init__(self, client: object = None, user_timeout: object = DEFAULT_USER_TIMEOUT) -> None:
        super().__init__()
        self._conns = {}
        self._client = client
        self._user_timeout = user_timeout
        self._timers: dict[str, Any] = {"user": None, "margin": None}
        self._listen_keys: dict[str, Any] = {"user": None, "margin": None}
        self._account_callbacks: dict[str, Any] = {"user": None, "margin": None}

    # -- the face of a thread ----------------------------------------------------------------------------------------

    @property
    def _compat(self) -> Carrier:
        """The real manager, made at first use: subclasses set attributes before they call our constructor."""
        found = self.__dict__.get("_compat_carrier")
        if found is None:
            timeout = _seconds(self.__dict__.get("_user_timeout"))
            found = Carrier(self.__dict__.get("_client"), timeout, self.DROPPED_FIELDS, gate=reactor.gate)
            found = self.__dict__.setdefault("_compat_carrier", found)
            reactor.watch(self)
        assert isinstance(found, Carrier)
        return found

    @property
    def _compat_books(self) -> list[SocketManager]:
        """What carries the order books of its depth caches."""
        found: list[SocketManager] = self.__dict__.setdefault("_compat_shelves", [])
        return found

    @property
    def _conns(self) -> dict[str, Any]:
        """Conn key to connector of what was started and not stopped."""
        found: dict[str, Any] = self.__dict__.setdefault("_compat_conns", _Conns(self))
        return found

    @_conns.setter
    def _conns(self, value: dict[str, Any]) -> None:
        self.__dict__["_compat_conns"] = _Conns(self, value)

    def start(self) -> None:
        """Open the sockets that were started so far; later ones open at once. May be called any number of times."""
        reactor.watch(self)
        if not self._compat.is_alive() and "_compat_daemon" in self.__dict__:
            self._compat.daemon = self.__dict__["_compat_daemon"]
        self._compat.start()

    def run(self) -> None:
        """Start, and block until no socket and no depth cache is left."""
        self.start()
        self.join()

    def join(self, timeout: float | None = None) -> None:
        """Block until no socket and no depth cache is left, at most ``timeout`` seconds.

        Raises:
            RuntimeError: it would wait inside a callback: for those that wait for this one.
        """
        if not self._compat.was_started:
            return
        now = self._compat._core.transport.clock.monotonic
        ends = None if timeout is None else now() + max(0.0, timeout)
        while carriers := [each for each in (self._compat, *self._compat_books) if has_sockets(each)]:
            if reactor.gate.is_mine() and any(map(keeps_waiting, carriers)):
                raise RuntimeError("cannot join current thread: join() inside a callback waits for what waits for it")
            left = None if ends is None else max(0.0, ends - now())
            if left == 0.0:
                return
            carriers[0].join(left)

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
        return id(self) if self._compat.was_started else None

    # -- starting and stopping ---------------------------------------------------------------------------------------

    def _start_socket(self, path: str, callback: Callback, prefix: str = "ws/") -> str | bool:
        """Open what is at ``STREAM_URL + prefix + path``; ``False`` while the path is open."""
        return self._open(self.STREAM_URL, path, callback, prefix, "spot")

    def _start_futures_socket(self, path: str, callback: Callback, prefix: str = "stream?streams=") -> str | bool:
        """Open what is at ``FSTREAM_URL + prefix + path``; ``False`` while the path is open."""
        return self._open(self.FSTREAM_URL, path, callback, prefix, "usdm")

    def _open(self, base: str, path: str, callback: Callback, prefix: str, product: str) -> str | bool:
        check_callback(callback, "path, callback, prefix")
        carrier = self._compat
        open_now = self._conns.get(path)
        if open_now is not None and not (isinstance(open_now, Connector) and carrier.is_gone(open_now.key or path)):
            return False
        account = account_of(path) if product == "spot" else None
        if account is not None:
            return self._start_account(account[1] or account[0], callback)
        url = f"{base.rstrip('/')}/{prefix}{path}"
        if product == "usdm" and len(path) >= _LISTEN_KEY and path.isalnum():
            wrapped = prefix.startswith("stream")
            found = callback if not wrapped else lambda event: callback(_wrapped(path, event))
            return self._entered(path, carrier.start_futures_user_socket(found))
        place = place_of(url, product, carrier.environment)
        return self._entered(path, carrier.open(path, place, callback))

    def _entered(self, path: str, key: str | bool) -> str | bool:
        """A socket is open: it stands in ``_conns`` under its path."""
        if not isinstance(key, str):
            return False
        self._conns[path] = Connector(stop=lambda: self._compat.stop(key), key=key)
        reactor.watch(self)
        return path

    def _carry(self, path: str, connector: Connector) -> None:
        """Open what a subclass made by ``connectWS``."""
        carrier = self._compat
        loose.pop(connector, None)
        carrier.stop(path)
        product = "usdm" if connector.factory.url.startswith(self.FSTREAM_URL) else "spot"
        place = place_of(connector.factory.url, product, carrier.environment)
        carrier.open(path, place, receiver(connector.factory))
        connector.key, connector.stop = path, lambda: carrier.stop(path)

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
        self._listen_keys[name] = self._timers[name] = None  # 0.7 kept the callback

    def close(self) -> None:
        """End all sockets. Returns soon, also while a callback runs."""
        for key in list(self._conns):
            self.stop_socket(key)
        self._conns = {}
        try:
            self._compat.close(_PATIENCE)
        except ShutdownTimeout as late:
            log.info("close: %s", late)
        self._compat.go_on()  # what is started after close() opens at once, as 0.7's did

    # Each method repeats the parameters of 0.7's method, with their defaults: scripts pass them by position.

    # -- market streams ----------------------------------------------------------------------------------------------

    def start_depth_socket(
        self, symbol: str, callback: Callback, depth: object = None, interval: object = None
    ) -> str | bool:
        """Order book of a symbol: changes, or the best 5, 10 or 20 levels with ``depth``; every 100 ms with
        ``interval=100``. Returns the conn key, or ``False`` while it is open."""
        path = f"{lower(symbol, callback, 'symbol, callback, depth, interval')}@depth"
        if depth and str(depth) != "1":
            path += str(depth)
        if interval:
            if interval not in (0, 100, "100"):
                raise ValueError("Websocket interval value not allowed. Allowed values are [0, 100]")
            path += f"@{interval}ms"
        return self._start_socket(path, callback)

    def start_kline_socket(self, symbol: str, callback: Callback, interval: str = "1m") -> str | bool:
        """Candles of a symbol. Returns the conn key, or ``False`` while it is open."""
        order = "symbol, callback, interval"
        if callable(interval):
            raise TypeError(f"interval is {interval!r}, and no text such as '1m'. The order here is ({order})")
        return self._start_socket(f"{lower(symbol, callback, order)}@kline_{interval}", callback)

    def start_miniticker_socket(self, callback: Callback, update_time: int = 1000) -> str | bool:
        """Short tickers of all symbols that changed, in a list. Returns the conn key, or ``False``."""
        check_callback(callback, "callback, update_time")
        return self._start_socket(f"!miniTicker@arr@{update_time}ms", callback)

    def start_ticker_socket(self, callback: Callback) -> str | bool:
        """24 hour tickers of all symbols that changed, in a list every second, made of those of single symbols.
        Returns the conn key, or ``False`` while it is open."""
        check_callback(callback, "callback")
        return self._start_socket("!ticker@arr", callback)

    def start_book_ticker_socket(self, callback: Callback) -> str | bool:
        """Best bids and asks of all symbols, made of those of single symbols. Returns the conn key, or ``False``."""
        check_callback(callback, "callback")
        return self._start_socket("!bookTicker", callback)

    def start_trade_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Trades of a symbol. Returns the conn key, or ``False`` while it is open."""
        return self._start_socket(f"{lower(symbol, callback, _ORDER)}@trade", callback)

    def start_aggtrade_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Aggregate trades of a symbol. Returns the conn key, or ``False`` while it is open."""
        return self._start_socket(f"{lower(symbol, callback, _ORDER)}@aggTrade", callback)

    def start_symbol_ticker_socket(self, symbol: str, callback: Callback) -> str | bool:
        """24 hour ticker of a symbol. Returns the conn key, or ``False`` while it is open."""
        return self._start_socket(f"{lower(symbol, callback, _ORDER)}@ticker", callback)

    def start_symbol_book_ticker_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Best bid and ask of a symbol. Returns the conn key, or ``False`` while it is open."""
        return self._start_socket(f"{lower(symbol, callback, _ORDER)}@bookTicker", callback)

    def start_multiplex_socket(self, streams: Iterable[str], callback: Callback) -> str | bool:
        """Several streams over one socket, as ``{"stream", "data"}``. Returns the conn key, or ``False``."""
        names = names_of(streams, callback, "streams, callback")
        return self._start_socket("streams=" + "/".join(names), callback, "stream?")

    def start_aggtrade_futures_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Aggregate trades of a USD-M contract, wrapped. Returns the conn key, or ``False`` while it is open."""
        return self._start_futures_socket(f"{lower(symbol, callback, _ORDER)}@aggTrade", callback)

    def start_symbol_mark_price_socket(self, symbol: str, callback: Callback, fast: bool = True) -> str | bool:
        """Mark price of a USD-M contract, wrapped. Returns the conn key, or ``False`` while it is open."""
        name = f"{lower(symbol, callback, 'symbol, callback, fast')}@markPrice"
        return self._start_futures_socket(f"{name}@1s" if fast else name, callback)

    def start_all_mark_price_socket(self, callback: Callback, fast: bool = True) -> str | bool:
        """Mark prices of all USD-M contracts, wrapped. Returns the conn key, or ``False`` while it is open."""
        check_callback(callback, "callback, fast")
        return self._start_futures_socket(f"!markPrice@arr{'@1s' if fast else ''}", callback)

    def start_symbol_ticker_futures_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Best bid and ask of a USD-M contract, wrapped. Returns the conn key, or ``False`` while it is open."""
        return self._start_futures_socket(f"{lower(symbol, callback, _ORDER)}@bookTicker", callback)

    def start_individual_symbol_ticker_futures_socket(self, symbol: str, callback: Callback) -> str | bool:
        """24 hour ticker of a USD-M contract, wrapped. Returns the conn key, or ``False`` while it is open."""
        return self._start_futures_socket(f"{lower(symbol, callback, _ORDER)}@ticker", callback)

    def start_all_ticker_futures_socket(self, callback: Callback) -> str | bool:
        """Best bids and asks of all USD-M contracts, wrapped. Returns the conn key, or ``False`` while it is open."""
        check_callback(callback, "callback")
        return self._start_futures_socket("!bookTicker", callback)

    # -- accounts ----------------------------------------------------------------------------------------------------

    def start_user_socket(self, callback: Callback) -> str | bool:
        """Events of the spot account. Returns the conn key; started again, the socket is opened anew."""
        return self._start_account("user", callback)

    def start_margin_socket(self, callback: Callback) -> str | bool:
        """Events of the cross margin account. Returns the conn key; started again, the socket is opened anew."""
        return self._start_account("margin", callback)

    def start_isolated_margin_socket(self, symbol: str, callback: Callback) -> str | bool:
        """Events of an isolated margin account. Returns the conn key; started again, the socket is opened anew."""
        return self._start_account(lower(symbol, callback, _ORDER).upper(), callback)

    def _start_account(self, name: str, callback: Callback) -> str | bool:
        """Open the account ``"user"``, ``"margin"``, or that of a symbol."""
        check_callback(callback, "callback")
        carrier = self._compat
        before = self._listen_keys.get(name)
        if before:
            self.stop_socket(before)
        if name == "user":
            key = carrier.start_user_socket(callback)
        elif name == "margin":
            key = carrier.start_margin_socket(callback)
        else:
            key = carrier.start_isolated_margin_socket(name, callback)
        if isinstance(key, str):
            self._entered(key, key)
            self._listen_keys[name] = key
            self._account_callbacks[name] = callback
            self._timers.setdefault(name, None)
            teach_conn_keys(self.__dict__.get("_client"))
        return key

    def _start_socket_timer(self, socket_type: str) -> None:
        """Does nothing: credentials are kept alive without timers."""

    def _keepalive_account_socket(self, socket_type: str) -> None:
        """Does nothing: credentials are kept alive already."""

    def _check_account_socket_open(self, listen_key: object) -> bool:
        return listen_key in self._conns


def _carry_loose() -> None:
    """Have a manager carry what ``connectWS`` has made and nobody has put into a manager."""
    manager: BinanceSocketManager | None = None
    for connector in list(loose):
        manager = manager or BinanceSocketManager()
        manager._conns[connector.factory.url] = connector


reactor.on_run = _carry_loose


def _seconds(value: object) -> float:
    """``user_timeout`` as 0.7's scripts gave it; what is no time is the default."""
    try:
        found = float(str(value))
    except ValueError:
        return float(BinanceSocketManager.DEFAULT_USER_TIMEOUT)
    return found if found > 0 else float(BinanceSocketManager.DEFAULT_USER_TIMEOUT)


def _wrapped(stream: str, event: Any) -> Any:
    """An event as a combined stream brings it; the last payload as it is."""
    return event if event.get("e") == "error" else {"stream": stream, "data": event}
