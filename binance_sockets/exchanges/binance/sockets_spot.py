"""``start_*`` methods of the spot streams."""

from __future__ import annotations

from .sockets import Callback, Key, MarketSockets, TimeUnit, ViewName, book

__all__ = ["SpotSockets"]


class SpotSockets(MarketSockets):
    """Spot streams. Payloads are bare, exactly as in the exchange's ``web-socket-streams.md`` (2026-07-21).

    Names, order and meaning of the arguments are python-binance 0.7's. All methods take, by keyword only,
    ``view`` (``"dict"``, ``"raw"`` or ``"typed"``) and ``time_unit`` (``"us"`` for microseconds, else milliseconds);
    they return the conn key, or ``False`` when that key is already in use; they raise ``ConfigError`` at once for a bad
    argument; they do not block, and the callback runs on the connection's thread.
    """

    WEBSOCKET_DEPTH_5 = "5"
    WEBSOCKET_DEPTH_10 = "10"
    WEBSOCKET_DEPTH_20 = "20"

    def start_depth_socket(
        self,
        symbol: str,
        callback: Callback,
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        view: ViewName = "dict",
        time_unit: TimeUnit = None,
    ) -> Key:
        """Order book: diffs (``depthUpdate``), or with ``depth`` the best levels (untagged, ``lastUpdateId``).

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets one dict per message.
            depth: ``5``, ``10`` or ``20`` levels; ``None``, ``0``, ``""`` and ``"1"`` mean diffs.
            interval: milliseconds between messages: ``100``, or ``1000`` (also ``None`` and ``0``).
            view: how the callback sees a message.
            time_unit: ``"us"`` for microseconds.
        """
        key, values = book(depth, interval)
        return self._start_family("spot", key, {"symbol": symbol, **values}, callback, view, time_unit)

    def start_kline_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        *,
        timezone: str | None = None,
        view: ViewName = "dict",
        time_unit: TimeUnit = None,
    ) -> Key:
        """Candles: ``kline`` with the candle in ``k``, every 2 s (``1s`` candles: every second).

        Args:
            symbol: such as ``"BNBBTC"``.
            callback: gets one dict per message.
            interval: ``1s`` to ``1M``.
            timezone: ``"+08:00"`` for candles that begin at UTC+8's day; ``None`` for UTC.
            view: how the callback sees a message.
            time_unit: ``"us"`` for microseconds.
        """
        values = {} if timezone is None else {"timezone": timezone}
        return self._start_family(
            "spot", "kline", {"symbol": symbol, "interval": interval, **values}, callback, view, time_unit
        )

    def start_miniticker_socket(
        self, callback: Callback, update_time: int = 1000, *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Short tickers of all symbols that changed: a list of ``24hrMiniTicker``, every second.

        The conn key keeps 0.7's spelling ``!miniTicker@arr@1000ms``. ``update_time`` can only be 1000 (milliseconds).
        """
        name = f"!miniTicker@arr@{update_time}ms"
        values = {"update_time": update_time}
        return self._start_family("spot", "all_mini_tickers", values, callback, view, time_unit, conn_name=name)

    def start_trade_socket(
        self, symbol: str, callback: Callback, *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Every trade: ``trade``."""
        return self._start_family("spot", "trade", {"symbol": symbol}, callback, view, time_unit)

    def start_aggtrade_socket(
        self, symbol: str, callback: Callback, *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Trades aggregated per taker order: ``aggTrade``."""
        return self._start_family("spot", "agg_trade", {"symbol": symbol}, callback, view, time_unit)

    def start_block_trade_socket(
        self, symbol: str, callback: Callback, *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Block trades: ``blockTrade``, with ids of their own. They are rare."""
        return self._start_family("spot", "block_trade", {"symbol": symbol}, callback, view, time_unit)

    def start_reference_price_socket(
        self, symbol: str, callback: Callback, *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Reference price: ``referencePrice`` every second, ``r`` being ``None`` where there is none."""
        return self._start_family("spot", "reference_price", {"symbol": symbol}, callback, view, time_unit)

    def start_average_price_socket(
        self, symbol: str, callback: Callback, *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Average price of the last minutes: ``avgPrice`` every second."""
        return self._start_family("spot", "average_price", {"symbol": symbol}, callback, view, time_unit)

    def start_symbol_miniticker_socket(
        self, symbol: str, callback: Callback, *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Short ticker of one symbol: ``24hrMiniTicker`` every second."""
        return self._start_family("spot", "mini_ticker", {"symbol": symbol}, callback, view, time_unit)

    def start_symbol_ticker_socket(
        self, symbol: str, callback: Callback, *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Ticker of the last 24 hours of one symbol: ``24hrTicker`` every second."""
        return self._start_family("spot", "ticker", {"symbol": symbol}, callback, view, time_unit)

    def start_ticker_socket(self, callback: Callback, *, view: ViewName = "dict", time_unit: TimeUnit = None) -> Key:
        """Tickers of all symbols: a list of ``24hrTicker``. Binance.US only.

        Raises:
            StreamRetired: on binance.com, which ended it on 2026-03-26; use :meth:`start_miniticker_socket`.
        """
        return self._start_family("spot", "all_tickers", {}, callback, view, time_unit)

    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callback,
        window: str = "1h",
        *,
        view: ViewName = "dict",
        time_unit: TimeUnit = None,
    ) -> Key:
        """Ticker of a rolling window of one symbol: ``1hTicker``, ``4hTicker`` or ``1dTicker`` every second.

        ``window`` is ``"1h"``, ``"4h"`` or ``"1d"``; the open time snaps to a full minute.
        """
        return self._start_family(
            "spot", "rolling_ticker", {"symbol": symbol, "window": window}, callback, view, time_unit
        )

    def start_all_rolling_ticker_socket(
        self, callback: Callback, window: str = "1h", *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Rolling-window tickers of all symbols that changed: a list, every second; windows as for one symbol."""
        return self._start_family("spot", "all_rolling_tickers", {"window": window}, callback, view, time_unit)

    def start_symbol_book_ticker_socket(
        self, symbol: str, callback: Callback, *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Best bid and ask of one symbol, in real time. The payload has no ``e``."""
        return self._start_family("spot", "book_ticker", {"symbol": symbol}, callback, view, time_unit)

    def start_book_ticker_socket(
        self, callback: Callback, *, view: ViewName = "dict", time_unit: TimeUnit = None
    ) -> Key:
        """Best bid and ask of all symbols, which the exchange no longer has.

        Raises:
            StreamRetired: always, since 2022-12-07; use :meth:`start_symbol_book_ticker_socket`.
        """
        return self._start_family("spot", "all_book_tickers", {}, callback, view, time_unit)
