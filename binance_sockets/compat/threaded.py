"""ThreadedWebsocketManager as python-binance 1.x has it, callback first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from .arguments import Callback, check_callback, lower, names_of
from .enums import ContractType, FuturesType
from .places import Place
from .threaded_api import Listeners, ThreadedApiManager

__all__ = ["ThreadedWebsocketManager"]

log = logging.getLogger("binance_sockets.compat")

_QUEUE = 100
_ORDER = "callback, symbol, ..."
_FUTURES = {"USD_M": "usdm", "COIN_M": "coinm"}


class ThreadedWebsocketManager(ThreadedApiManager):
    """python-binance 1.x's threaded manager. Parameters, their order, payloads and returned names are those of 1.0.37.

    Each ``start_*`` method returns the name that :meth:`stop_socket` takes, and does not block. A name that is open
    already gets one more callback. Futures streams come wrapped in ``{"stream", "data"}``, others bare.

    Args:
        api_key: for sockets of an account.
        api_secret: likewise.
        requests_params: has no effect here.
        tld: ``"com"`` (default), or ``"us"`` for Binance.US.
        testnet: the exchange's test environment. Default ``False``.
        session_params: has no effect here.
        https_proxy: URL of a proxy; ``None`` (default) takes that of the environment.
        loop: has no effect here: there is no event loop.
        max_queue_size: has no effect here: a callback that is behind loses nothing silently.

    Raises:
        ConfigError: for a bad argument, naming the allowed values.
    """

    def __init__(
        self,
        api_key: str | None = None,
        api_secret: str | None = None,
        requests_params: dict[str, Any] | None = None,
        tld: str = "com",
        testnet: bool = False,
        session_params: dict[str, Any] | None = None,
        https_proxy: str | None = None,
        loop: object = None,
        max_queue_size: int = _QUEUE,
    ) -> None:
        super().__init__(api_key, api_secret, requests_params, tld, testnet, session_params, https_proxy, loop)
        if max_queue_size != _QUEUE:
            log.warning("ThreadedWebsocketManager: max_queue_size has no effect here")

    # Each method repeats the parameters of 1.0.37's method, with their defaults: scripts pass them by position.

    # -- spot --------------------------------------------------------------------------------------------------------

    def start_depth_socket(
        self, callback: Callback, symbol: str, depth: str | None = None, interval: int | None = None
    ) -> str:
        """Order book of a symbol: diffs, or with ``depth`` its best levels.

        Args:
            callback: gets each message.
            symbol: such as ``"BNBBTC"``.
            depth: ``"5"``, ``"10"`` or ``"20"``; ``None`` (default) for diffs.
            interval: ``100`` ms; ``0`` or ``None`` (default) for 1 s.

        Raises:
            ValueError: for another interval.
        """
        name = f"{lower(symbol, callback, _ORDER)}@depth"
        if depth and depth != "1":
            name += str(depth)
        if interval:
            if interval != 100:
                raise ValueError("Websocket interval value not allowed. Allowed values are [0, 100]")
            name += f"@{interval}ms"
        return self._start(name, callback)

    def start_kline_socket(self, callback: Callback, symbol: str, interval: str = "1m") -> str:
        """Candles of a symbol."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@kline_{interval}", callback)

    def start_miniticker_socket(self, callback: Callback, update_time: int = 1000) -> str:
        """Mini tickers of all symbols that changed, as a list."""
        return self._start(f"!miniTicker@arr@{update_time}ms", callback)

    def start_trade_socket(self, callback: Callback, symbol: str) -> str:
        """Trades of a symbol."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@trade", callback)

    def start_aggtrade_socket(self, callback: Callback, symbol: str) -> str:
        """Aggregate trades of a symbol."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@aggTrade", callback)

    def start_symbol_miniticker_socket(self, callback: Callback, symbol: str) -> str:
        """Mini ticker of a symbol."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@miniTicker", callback)

    def start_symbol_ticker_socket(self, callback: Callback, symbol: str) -> str:
        """24 hour ticker of a symbol."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@ticker", callback)

    def start_symbol_book_ticker_socket(self, callback: Callback, symbol: str) -> str:
        """Best bid and ask of a symbol."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@bookTicker", callback)

    def start_ticker_socket(self, callback: Callback) -> str:
        """24 hour tickers of all symbols, as a list."""
        return self._start("!ticker@arr", callback)

    def start_book_ticker_socket(self, callback: Callback) -> str:
        """Best bids and asks of all symbols."""
        return self._start("!bookTicker", callback)

    def start_multiplex_socket(self, callback: Callback, streams: list[str]) -> str:
        """Several spot streams by their names, as ``{"stream", "data"}``."""
        return self._multiplex(callback, streams, "spot")

    # -- futures -----------------------------------------------------------------------------------------------------

    def start_kline_futures_socket(
        self,
        callback: Callback,
        symbol: str,
        interval: str = "1m",
        futures_type: FuturesType = FuturesType.USD_M,
        contract_type: ContractType = ContractType.PERPETUAL,
    ) -> str:
        """Candles of a pair's contract, bare."""
        contract = getattr(contract_type, "value", contract_type)
        name = f"{lower(symbol, callback, _ORDER)}_{contract}@continuousKline_{interval}"
        return self._start(name, callback, _product(futures_type))

    def start_aggtrade_futures_socket(
        self, callback: Callback, symbol: str, futures_type: FuturesType = FuturesType.USD_M
    ) -> str:
        """Aggregate trades of a contract."""
        return self._start_futures(f"{lower(symbol, callback, _ORDER)}@aggTrade", callback, futures_type)

    def start_index_price_socket(self, callback: Callback, symbol: str, fast: bool = True) -> str:
        """Index price of a COIN-M pair. It is pushed every second, ``fast`` or not."""
        wire = f"{lower(symbol, callback, _ORDER)}@indexPrice"
        return self._start(f"{wire}@1s" if fast else wire, callback, "coinm", wrapped=True, wire=[wire])

    def start_symbol_mark_price_socket(
        self, callback: Callback, symbol: str, fast: bool = True, futures_type: FuturesType = FuturesType.USD_M
    ) -> str:
        """Mark price of a contract."""
        name = f"{lower(symbol, callback, _ORDER)}@markPrice{'@1s' if fast else ''}"
        return self._start_futures(name, callback, futures_type)

    def start_all_mark_price_socket(
        self, callback: Callback, fast: bool = True, futures_type: FuturesType = FuturesType.USD_M
    ) -> str:
        """Mark prices of all contracts."""
        return self._start_futures(f"!markPrice@arr{'@1s' if fast else ''}", callback, futures_type)

    def start_symbol_ticker_futures_socket(
        self, callback: Callback, symbol: str, futures_type: FuturesType = FuturesType.USD_M
    ) -> str:
        """Best bid and ask of a contract."""
        return self._start_futures(f"{lower(symbol, callback, _ORDER)}@bookTicker", callback, futures_type)

    def start_individual_symbol_ticker_futures_socket(
        self, callback: Callback, symbol: str, futures_type: FuturesType = FuturesType.USD_M
    ) -> str:
        """24 hour ticker of a contract."""
        return self._start_futures(f"{lower(symbol, callback, _ORDER)}@ticker", callback, futures_type)

    def start_all_ticker_futures_socket(self, callback: Callback, futures_type: FuturesType = FuturesType.USD_M) -> str:
        """Best bids and asks of all contracts."""
        return self._start_futures("!bookTicker", callback, futures_type)

    def start_futures_depth_socket(
        self, callback: Callback, symbol: str, depth: str = "10", futures_type: FuturesType = FuturesType.USD_M
    ) -> str:
        """Best levels of a contract's order book: 5, 10 or 20."""
        return self._start_futures(f"{lower(symbol, callback, _ORDER)}@depth{depth}", callback, futures_type)

    def start_futures_multiplex_socket(
        self, callback: Callback, streams: list[str], futures_type: FuturesType = FuturesType.USD_M
    ) -> str:
        """Several futures streams by their names, of any route, as ``{"stream", "data"}``."""
        return self._multiplex(callback, streams, _product(futures_type))

    # -- options -----------------------------------------------------------------------------------------------------

    def start_options_ticker_socket(self, callback: Callback, symbol: str) -> str:
        """24 hour ticker of an option."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@optionTicker", callback, "options")

    def start_options_ticker_by_expiration_socket(self, callback: Callback, symbol: str, expiration_date: str) -> str:
        """24 hour tickers of the options on an underlying that expire on a day such as ``"251226"``."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@optionTicker@{expiration_date}", callback, "options")

    def start_options_recent_trades_socket(self, callback: Callback, symbol: str) -> str:
        """Trades of an option, or of all on an underlying."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@optionTrade", callback, "options")

    def start_options_kline_socket(self, callback: Callback, symbol: str, interval: str = "1m") -> str:
        """Candles of an option."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@kline_{interval}", callback, "options")

    def start_options_depth_socket(self, callback: Callback, symbol: str, depth: str = "10") -> str:
        """Best levels of an option's order book, every 500 ms."""
        return self._start(f"{lower(symbol, callback, _ORDER)}@depth{depth}@500ms", callback, "options")

    def start_options_multiplex_socket(self, callback: Callback, streams: list[str]) -> str:
        """Several option streams by their names, of any route, as ``{"stream", "data"}``."""
        return self._multiplex(callback, streams, "options")

    # -- accounts ----------------------------------------------------------------------------------------------------

    def start_user_socket(self, callback: Callback) -> str:
        """Events of the spot account. Returns ``"user"``."""
        return self._account("user", callback, self._sockets.start_user_socket)

    def start_margin_socket(self, callback: Callback) -> str:
        """Events of the cross margin account. Returns ``"margin:user"``."""
        return self._account("margin:user", callback, self._sockets.start_margin_socket)

    def start_isolated_margin_socket(self, callback: Callback, symbol: str) -> str:
        """Events of the isolated margin account of a symbol. Returns ``"isolated:BNBBTC"``, say."""
        name = lower(symbol, callback, _ORDER).upper()
        begin = self._sockets.start_isolated_margin_socket
        return self._account(f"isolated:{name}", callback, lambda told: begin(name, told))

    def start_futures_user_socket(self, callback: Callback) -> str:
        """Events of the USD-M account. Returns ``"usdm:user"``."""
        return self._account("usdm:user", callback, self._sockets.start_futures_user_socket)

    def start_coin_futures_user_socket(self, callback: Callback) -> str:
        """Events of the COIN-M account. Returns ``"coinm:user"``."""
        return self._account("coinm:user", callback, self._sockets.start_coin_futures_user_socket)

    def start_futures_socket(self, callback: Callback) -> str:
        """The same as :meth:`start_futures_user_socket`."""
        return self.start_futures_user_socket(callback)

    def start_coin_futures_socket(self, callback: Callback) -> str:
        """The same as :meth:`start_coin_futures_user_socket`."""
        return self.start_coin_futures_user_socket(callback)

    # -- all of them -------------------------------------------------------------------------------------------------

    def _start(
        self,
        name: str,
        callback: Callback,
        product: str = "spot",
        *,
        wrapped: bool = False,
        wire: Iterable[str] | None = None,
    ) -> str:
        """Open a socket; ``wire`` has the names that the exchange knows, where they differ from ``name``."""
        check_callback(callback, "callback, ...")
        key = f"{product}:{name}"
        place = Place(self._sockets.environment, product, (name,) if wire is None else tuple(wire), wrapped)
        return self._enter(name, key, callback, lambda told: self._sockets.open(key, place, told))

    def _start_futures(self, name: str, callback: Callback, futures_type: object) -> str:
        return self._start(name, callback, _product(futures_type), wrapped=True)

    def _multiplex(self, callback: Callback, streams: list[str], product: str) -> str:
        names = names_of(streams, callback, "callback, streams")
        return self._start(f"streams={'/'.join(names)}", callback, product, wrapped=True, wire=names)

    def _account(self, name: str, callback: Callback, begin: Callable[[Listeners], object]) -> str:
        check_callback(callback, "callback, ...")
        return self._enter(name, name, callback, begin)


def _product(futures_type: object) -> str:
    """USD-M or COIN-M; takes python-binance's own enum as well."""
    found = _FUTURES.get(getattr(futures_type, "name", str(futures_type)))
    if found is None:
        raise ValueError(f"futures_type is {futures_type!r}: expected FuturesType.USD_M or FuturesType.COIN_M")
    return found
