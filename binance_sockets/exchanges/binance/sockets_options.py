"""``start_*`` methods of the European options streams."""

# Written by scripts/generate_sockets.py from the table in families.py; edit the table instead.

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Literal, overload

from ... import unified as u
from ...exchange import View
from ..arguments import AsDict, AsEvent, AsRaw, AsUnified, Callback, History, Key, NumbersName, Payload, ViewName
from . import models as m
from .sockets import MarketSockets

__all__ = ["OptionsSockets"]


class OptionsSockets(MarketSockets):
    """Options streams, after the options documentation of 2026 (hosts and names changed on 2025-12-15).

    Symbols are those of contracts (``BTC-261225-110000-C``) or of underlyings (``BTCUSDT``), in any case. Payloads
    are bare; conn keys begin with ``options:``. ``view`` is taken by keyword only. Every method registers one
    connection and returns its conn key, or ``False`` while that key is in use. Any thread may call it; it does not
    block, and raises at once for a bad argument.

    Prices and quantities are decimal strings, times whole milliseconds. What the letters mean is said by the typed
    events, in ``binance_sockets.exchanges.binance.models``; what fits none of them comes as with ``view="dict"``. So
    it is with the exchange-neutral events of ``view="unified"``, in ``binance_sockets.unified``. The callback takes
    one argument and runs on the connection's thread; in every view the last payload of a connection that gives up is
    the dict ``{"e": "error", "m": ...}``.
    """

    @overload
    def start_options_recent_trades_socket(
        self,
        symbol: str,
        callback: Callable[[m.OptionTrade], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_recent_trades_socket(
        self,
        symbol: str,
        callback: Callable[[m.OptionTrade[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_recent_trades_socket(
        self,
        symbol: str,
        callback: Callable[[m.OptionTrade[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_options_recent_trades_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade[str]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_options_recent_trades_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_recent_trades_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_recent_trades_socket(
        self, symbol: str, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_options_recent_trades_socket(
        self, symbol: str, callback: Callable[[Payload], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_options_recent_trades_socket(
        self, symbol: str, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_options_recent_trades_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Trades of one contract, or of all contracts of an underlying: ``<symbol>@optionTrade``, every 50 ms.

        Args:
            symbol: ``"BTC-261225-110000-C"`` for a contract, ``"BTCUSDT"`` for an underlying, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, T, s, t, p, q, X, S, m``;
                ``e`` is ``trade``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.OptionTrade``), ``"unified"`` (``unified.Trade``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:btcusdt@optionTrade"``; ``False`` while it is in use. Any thread may
            call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                options.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), "Trade Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("options", ("trade",), given, callback, view)

    @overload
    def start_options_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesTicker], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesTicker[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesTicker[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_options_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[str]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_options_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_ticker_socket(
        self, symbol: str, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_options_ticker_socket(
        self, symbol: str, callback: Callable[[Payload], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_options_ticker_socket(
        self, symbol: str, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_options_ticker_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Ticker of the last 24 hours of one contract: ``<symbol>@optionTicker``, every second.

        Args:
            symbol: of a contract, such as ``"BTC-261225-110000-C"``, in any case.
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, s, p, P, w, c, o, h, l, v, q, O, C, F, L, n, Q``; ``e`` is ``24hrTicker``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesTicker``), ``"unified"`` (``unified.Ticker``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:btc-261225-110000-c@optionTicker"``; ``False`` while it is in use. Any
            thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                options.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), "24-hour TICKER".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("options", ("ticker",), given, callback, view)

    @overload
    def start_options_ticker_by_expiration_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesTicker], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_ticker_by_expiration_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesTicker[Decimal]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_ticker_by_expiration_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesTicker[float]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_options_ticker_by_expiration_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[str]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_options_ticker_by_expiration_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[Decimal]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_ticker_by_expiration_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_ticker_by_expiration_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_options_ticker_by_expiration_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_options_ticker_by_expiration_socket(
        self,
        symbol: str,
        callback: Callback,
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_options_ticker_by_expiration_socket(
        self,
        symbol: str,
        callback: Callback,
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Tickers of the contracts of an underlying by expiry: ``<symbol>@optionTicker@<expiration_date>``, every
        second.

        The documents disagree on the exact name of this stream.

        Args:
            symbol: of an underlying, such as ``"BTCUSDT"``, in any case.
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, s, p, P, w, c, o, h, l, v, q, O, C, F, L, n, Q``; ``e`` is ``24hrTicker``.
            expiration_date: the day as ``yymmdd``, such as ``"261225"``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesTicker``), ``"unified"`` (``unified.Ticker``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:btcusdt@optionTicker@261225"``; ``False`` while it is in use. Any thread
            may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                options.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), "24-hour TICKER".
        """
        given = {"symbol": symbol, "expiration_date": expiration_date, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("options", ("ticker_by_expiration",), given, callback, view)

    @overload
    def start_options_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesBookTicker], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesBookTicker[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesBookTicker[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_options_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.BookTicker[str]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_options_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.BookTicker[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.BookTicker], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_book_ticker_socket(
        self, symbol: str, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_options_book_ticker_socket(
        self, symbol: str, callback: Callable[[Payload], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_options_book_ticker_socket(
        self, symbol: str, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_options_book_ticker_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Best bid and ask of one contract: ``<symbol>@bookTicker``, in real time.

        Args:
            symbol: of a contract, such as ``"BTC-261225-110000-C"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, u, s, b, B, a, A, T``; ``e``
                is ``bookTicker``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesBookTicker``), ``"unified"``
                (``unified.BookTicker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:btc-261225-110000-c@bookTicker"``; ``False`` while it is in use. Any
            thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                options.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), "Individual Symbol Book Ticker Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("options", ("book_ticker",), given, callback, view)

    @overload
    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesDepth], object],
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesDepth[Decimal]], object],
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesDepth[float]], object],
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callable[[u.Depth[str]], object],
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callable[[u.Depth[Decimal]], object],
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callable[[u.Depth], object],
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callback,
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callback,
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Changes of the order book of one contract: ``<symbol>@depth@<interval>ms``, every 100 or 500 ms.

        Or the best levels of the order book of one contract: ``<symbol>@depth<depth>@<interval>ms``, every 100 or
        500 ms.

        Args:
            symbol: of a contract, such as ``"BTC-261225-110000-C"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, T, s, U, u, pu, b, a``; ``e``
                is ``depthUpdate``.
            depth: ``5``, ``10`` (default) or ``20`` levels; ``None``, ``0``, ``""`` and ``"1"`` mean the changes.
            interval: milliseconds between messages: ``100``, ``500``; default ``100``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesDepth``), ``"unified"`` (``unified.Depth``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:btc-261225-110000-c@depth10@100ms"``; ``False`` while it is in use. Any
            thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                options.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), "Diff Book Depth Streams" and "Partial Book Depth
        Streams".
        """
        given = {"symbol": symbol, "depth": depth, "interval": interval, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("options", ("depth", "partial_depth"), given, callback, view)

    @overload
    def start_options_kline_socket(
        self,
        symbol: str,
        callback: Callable[[m.Kline], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_kline_socket(
        self,
        symbol: str,
        callback: Callable[[m.Kline[Decimal]], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_kline_socket(
        self,
        symbol: str,
        callback: Callable[[m.Kline[float]], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_options_kline_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline[str]], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_options_kline_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline[Decimal]], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_kline_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_kline_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_options_kline_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_options_kline_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_options_kline_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Candles of one contract: ``<symbol>@kline_<interval>``, every second.

        Only while it is traded.

        Args:
            symbol: of a contract, such as ``"BTC-261225-110000-C"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, k`` (``k``:
                ``t, T, i, f, L, o, c, h, l, v, n, x, q, V, Q, s``); ``B`` means nothing; ``e`` is ``kline``.
            interval: ``1m``, ``3m``, ``5m``, ``15m``, ``30m``, ``1h``, ``2h``, ``4h``, ``6h``, ``12h``, ``1d``,
                ``3d``, ``1w``; default ``"1m"``.
            closed_only: ``True`` for the last message of each candle alone, in every view; one whose end falls into
                a gap is missing. Default ``False``.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it in order,
                marked by the field ``backfilled``. Default ``False``.
            history: how much of the past comes first, over REST and marked likewise: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Kline``), ``"unified"`` (``unified.Kline``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:btc-261225-110000-c@kline_1m"``; ``False`` while it is in use. Any
            thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                options.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), "Kline/Candlestick Streams".
        """
        given = {
            "symbol": symbol,
            "interval": interval,
            "closed_only": closed_only,
            "backfill": backfill,
            "history": history,
            "redundancy": redundancy,
            "numbers": numbers,
        }
        return self._start_stream("options", ("kline",), given, callback, view)

    @overload
    def start_options_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[list[m.OptionMarkPrice]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[list[m.OptionMarkPrice[Decimal]]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[list[m.OptionMarkPrice[float]]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_options_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[list[u.Greeks[str]]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_options_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[list[u.Greeks[Decimal]]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[list[u.Greeks]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_mark_price_socket(
        self, symbol: str, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_options_mark_price_socket(
        self, symbol: str, callback: Callable[[list[Payload]], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_options_mark_price_socket(
        self, symbol: str, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_options_mark_price_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Mark prices and greeks of all contracts of an underlying: ``<symbol>@optionMarkPrice``, every second.

        Args:
            symbol: of an underlying, such as ``"BTCUSDT"``, in any case.
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, mp, i, P, bo, ao, bq, aq, b, a, hl, ll, vo, rf, d, t, g, v``; ``e`` is ``markPrice``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.OptionMarkPrice``), ``"unified"`` (a list of
                ``unified.Greeks``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:btcusdt@optionMarkPrice"``; ``False`` while it is in use. Any thread may
            call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                options.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), "Mark Price".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("options", ("mark_price",), given, callback, view)

    @overload
    def start_options_open_interest_socket(
        self,
        symbol: str,
        callback: Callable[[list[m.OptionOpenInterest]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_open_interest_socket(
        self,
        symbol: str,
        callback: Callable[[list[m.OptionOpenInterest[Decimal]]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_open_interest_socket(
        self,
        symbol: str,
        callback: Callable[[list[m.OptionOpenInterest[float]]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_options_open_interest_socket(
        self,
        symbol: str,
        callback: Callable[[list[u.OpenInterest[str]]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_options_open_interest_socket(
        self,
        symbol: str,
        callback: Callable[[list[u.OpenInterest[Decimal]]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_open_interest_socket(
        self,
        symbol: str,
        callback: Callable[[list[u.OpenInterest]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_open_interest_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_options_open_interest_socket(
        self,
        symbol: str,
        callback: Callable[[list[Payload]], object],
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_options_open_interest_socket(
        self,
        symbol: str,
        callback: Callback,
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_options_open_interest_socket(
        self,
        symbol: str,
        callback: Callback,
        expiration_date: str,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Open interest of the contracts of an underlying by expiry: ``<symbol>@openInterest@<expiration_date>``, every
        60 s.

        Args:
            symbol: of an underlying, such as ``"BTCUSDT"``, in any case.
            callback: gets each payload on the connection's thread: a list of dicts with ``e, E, s, o, h``; ``e`` is
                ``openInterest``.
            expiration_date: the day as ``yymmdd``, such as ``"261225"``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.OptionOpenInterest``), ``"unified"`` (a list
                of ``unified.OpenInterest``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:btcusdt@openInterest@261225"``; ``False`` while it is in use. Any thread
            may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                options.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), "Open Interest".
        """
        given = {"symbol": symbol, "expiration_date": expiration_date, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("options", ("open_interest",), given, callback, view)

    @overload
    def start_options_index_price_socket(
        self,
        callback: Callable[[list[m.OptionIndexPrice]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_index_price_socket(
        self,
        callback: Callable[[list[m.OptionIndexPrice[Decimal]]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_index_price_socket(
        self,
        callback: Callable[[list[m.OptionIndexPrice[float]]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_options_index_price_socket(
        self,
        callback: Callable[[list[u.IndexPrice[str]]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_options_index_price_socket(
        self,
        callback: Callable[[list[u.IndexPrice[Decimal]]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_index_price_socket(
        self,
        callback: Callable[[list[u.IndexPrice]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_index_price_socket(
        self, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_options_index_price_socket(
        self, callback: Callable[[list[Payload]], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_options_index_price_socket(
        self, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_options_index_price_socket(
        self, callback: Callback, *, redundancy: int = 1, view: ViewName = "dict", numbers: NumbersName | None = None
    ) -> Key:
        """Index prices of all underlyings: ``!index@arr``, every second.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with ``e, E, s, p``; ``e`` is
                ``indexPrice``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.OptionIndexPrice``), ``"unified"`` (a list of
                ``unified.IndexPrice``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:!index@arr"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                options.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), "Index Price Streams".
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream("options", ("index_prices",), given, callback, view)

    @overload
    def start_options_new_symbol_socket(
        self,
        callback: Callable[[m.OptionSymbol], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_options_new_symbol_socket(
        self,
        callback: Callable[[m.OptionSymbol[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_options_new_symbol_socket(
        self,
        callback: Callable[[m.OptionSymbol[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_options_new_symbol_socket(
        self, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_options_new_symbol_socket(
        self, callback: Callable[[Payload], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_options_new_symbol_socket(
        self, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_options_new_symbol_socket(
        self, callback: Callback, *, redundancy: int = 1, view: ViewName = "dict", numbers: NumbersName | None = None
    ) -> Key:
        """Newly listed contracts: ``!optionSymbol``, every 50 ms.

        They are rare.

        Args:
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, s, ps, qa, d, sp, dt, u, ot, cs``; ``e`` is ``optionSymbol``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.OptionSymbol``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"options:!optionSymbol"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                options.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: options documentation (SDK 7.0.0, 2026-07-14), "New Symbol Info".
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream("options", ("new_symbols",), given, callback, view)
