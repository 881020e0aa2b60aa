"""``start_*`` methods of the spot streams."""

# Written by scripts/generate_sockets.py from the table in families.py; edit the table instead.

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Literal, overload

from ... import unified as u
from ...exchange import View
from ..arguments import AsDict, AsEvent, AsRaw, AsUnified, Callback, History, Key, NumbersName, Payload, ViewName
from . import models as m
from .sockets import MarketSockets, TimeUnit

__all__ = ["SpotSockets"]


class SpotSockets(MarketSockets):
    """Spot streams. Payloads are bare, exactly as in the exchange's ``web-socket-streams.md`` (2026-07-21).

    Names, order and meaning of the arguments are python-binance 0.7's; ``view`` and ``time_unit`` are taken by
    keyword only. Every method registers one connection and returns its conn key, or ``False`` while that key is in
    use. Any thread may call it; it does not block, and raises at once for a bad argument.

    Prices and quantities are decimal strings, times whole milliseconds, or microseconds with ``time_unit="us"``,
    which Binance.US does not have. What the letters mean is said by the typed events, in
    ``binance_sockets.exchanges.binance.models``; what fits none of them comes as with ``view="dict"``. So it is with
    the exchange-neutral events of ``view="unified"``, in ``binance_sockets.unified``. The callback takes one
    argument and runs on the connection's thread; in every view the last payload of a connection that gives up is the
    dict ``{"e": "error", "m": ...}``.
    """

    WEBSOCKET_DEPTH_5 = "5"
    WEBSOCKET_DEPTH_10 = "10"
    WEBSOCKET_DEPTH_20 = "20"

    @overload
    def start_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.Depth], object] | Callable[[m.PartialDepth], object],
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.Depth[Decimal]], object] | Callable[[m.PartialDepth[Decimal]], object],
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.Depth[float]], object] | Callable[[m.PartialDepth[float]], object],
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_depth_socket(
        self,
        symbol: str,
        callback: Callable[[u.Depth[str]], object],
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_depth_socket(
        self,
        symbol: str,
        callback: Callable[[u.Depth[Decimal]], object],
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_depth_socket(
        self,
        symbol: str,
        callback: Callable[[u.Depth], object],
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_depth_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_depth_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_depth_socket(
        self,
        symbol: str,
        callback: Callback,
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_depth_socket(
        self,
        symbol: str,
        callback: Callback,
        depth: str | int | None = None,
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Changes of the order book of one symbol: ``<symbol>@depth[@<interval>ms]``, every 1 s or 100 ms.

        Or the best levels of the order book of one symbol: ``<symbol>@depth<depth>[@<interval>ms]``, every 1 s or
        100 ms.

        The best levels come without ``e`` and symbol.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: of ``<symbol>@depth[@<interval>ms]`` a dict with
                ``e, E, s, U, u, b, a``; ``e`` is ``depthUpdate``; of ``<symbol>@depth<depth>[@<interval>ms]`` a dict
                with ``lastUpdateId, bids, asks``.
            depth: ``5``, ``10`` or ``20`` levels; ``None`` (default), ``0``, ``""`` and ``"1"`` mean the changes.
            interval: milliseconds between messages: ``100``, ``1000``; ``None`` (default) and ``0`` mean ``1000``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Depth`` or ``models.PartialDepth``), ``"unified"``
                (``unified.Depth``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@depth"``; ``False`` while it is in use. Any thread may call; it does not
            block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Diff. Depth Stream" and "Partial Book Depth Streams".
        """
        given = {"symbol": symbol, "depth": depth, "interval": interval, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("depth", "partial_depth"), given, callback, view, time_unit)

    @overload
    def start_kline_socket(
        self,
        symbol: str,
        callback: Callable[[m.Kline], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        timezone: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_kline_socket(
        self,
        symbol: str,
        callback: Callable[[m.Kline[Decimal]], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        timezone: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_kline_socket(
        self,
        symbol: str,
        callback: Callable[[m.Kline[float]], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        timezone: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_kline_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline[str]], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        timezone: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_kline_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline[Decimal]], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        timezone: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_kline_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        timezone: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_kline_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        timezone: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_kline_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        interval: str = "1m",
        *,
        closed_only: bool = False,
        timezone: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_kline_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        *,
        closed_only: bool = False,
        timezone: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_kline_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        *,
        closed_only: bool = False,
        timezone: str | None = None,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Candles of one symbol: ``<symbol>@kline_<interval>[@<timezone>]``, binance.com every 2 s (``1s`` candles:
        1 s), Binance.US every 2 s.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, k`` (``k``:
                ``t, T, i, f, L, o, c, h, l, v, n, x, q, V, Q, s``); ``B`` means nothing; ``e`` is ``kline``.
            interval: ``1m``, ``3m``, ``5m``, ``15m``, ``30m``, ``1h``, ``2h``, ``4h``, ``6h``, ``8h``, ``12h``,
                ``1d``, ``3d``, ``1w``, ``1M`` (binance.com also ``1s``); default ``"1m"``.
            closed_only: ``True`` for the last message of each candle alone, in every view; one whose end falls into
                a gap is missing. Default ``False``.
            timezone: ``"+08:00"`` for candles of the days of UTC+8, times staying UTC (not on Binance.US); ``None``
                (default) for UTC.
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
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@kline_1m"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Kline/Candlestick Streams for UTC" and "... with timezone
        offset".
        """
        given = {
            "symbol": symbol,
            "interval": interval,
            "closed_only": closed_only,
            "timezone": timezone,
            "backfill": backfill,
            "history": history,
            "redundancy": redundancy,
            "numbers": numbers,
        }
        return self._start_stream("spot", ("kline",), given, callback, view, time_unit)

    @overload
    def start_miniticker_socket(
        self,
        callback: Callable[[list[m.MiniTicker]], object],
        update_time: int = 1000,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_miniticker_socket(
        self,
        callback: Callable[[list[m.MiniTicker[Decimal]]], object],
        update_time: int = 1000,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_miniticker_socket(
        self,
        callback: Callable[[list[m.MiniTicker[float]]], object],
        update_time: int = 1000,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_miniticker_socket(
        self,
        callback: Callable[[list[u.Ticker[str]]], object],
        update_time: int = 1000,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_miniticker_socket(
        self,
        callback: Callable[[list[u.Ticker[Decimal]]], object],
        update_time: int = 1000,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_miniticker_socket(
        self,
        callback: Callable[[list[u.Ticker]], object],
        update_time: int = 1000,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_miniticker_socket(
        self,
        callback: Callable[[bytes], object],
        update_time: int = 1000,
        *,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_miniticker_socket(
        self,
        callback: Callable[[list[Payload]], object],
        update_time: int = 1000,
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_miniticker_socket(
        self,
        callback: Callback,
        update_time: int = 1000,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_miniticker_socket(
        self,
        callback: Callback,
        update_time: int = 1000,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Short tickers of the last 24 hours of all symbols that changed: ``!miniTicker@arr[@<update_time>ms]``, every
        second.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, c, o, h, l, v, q``; ``e`` is ``24hrMiniTicker``.
            update_time: milliseconds between messages; only ``1000`` (default) exists.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.MiniTicker``), ``"unified"`` (a list of
                ``unified.Ticker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"!miniTicker@arr@1000ms"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "All Market Mini Tickers Stream".
        """
        given = {"update_time": update_time, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("all_mini_tickers",), given, callback, view, time_unit)

    @overload
    def start_trade_socket(
        self,
        symbol: str,
        callback: Callable[[m.Trade], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        symbol: str,
        callback: Callable[[m.Trade[Decimal]], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        symbol: str,
        callback: Callable[[m.Trade[float]], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade[str]], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade[Decimal]], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_trade_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Every trade of one symbol: ``<symbol>@trade``, in real time.

        On Binance.US, REST gives single trades to those with an API key alone.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, t, p, q, T, m``; ``M``
                means nothing; ``e`` is ``trade``.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it in order,
                marked by the field ``backfilled``. Default ``False``.
            history: how much of the past comes first, over REST and marked likewise: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Trade``), ``"unified"`` (``unified.Trade``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@trade"``; ``False`` while it is in use. Any thread may call; it does not
            block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Trade Streams".
        """
        given = {
            "symbol": symbol,
            "backfill": backfill,
            "history": history,
            "redundancy": redundancy,
            "numbers": numbers,
        }
        return self._start_stream("spot", ("trade",), given, callback, view, time_unit)

    @overload
    def start_aggtrade_socket(
        self,
        symbol: str,
        callback: Callable[[m.AggTrade], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_aggtrade_socket(
        self,
        symbol: str,
        callback: Callable[[m.AggTrade[Decimal]], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_aggtrade_socket(
        self,
        symbol: str,
        callback: Callable[[m.AggTrade[float]], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_aggtrade_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade[str]], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_aggtrade_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade[Decimal]], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_aggtrade_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_aggtrade_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_aggtrade_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_aggtrade_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_aggtrade_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Trades of one symbol, aggregated per taker order: ``<symbol>@aggTrade``, in real time.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, a, p, q, f, l, T, m``;
                ``M`` means nothing; ``e`` is ``aggTrade``.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it in order,
                marked by the field ``backfilled``. Default ``False``.
            history: how much of the past comes first, over REST and marked likewise: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.AggTrade``), ``"unified"`` (``unified.Trade``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@aggTrade"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Aggregate Trade Streams".
        """
        given = {
            "symbol": symbol,
            "backfill": backfill,
            "history": history,
            "redundancy": redundancy,
            "numbers": numbers,
        }
        return self._start_stream("spot", ("agg_trade",), given, callback, view, time_unit)

    @overload
    def start_block_trade_socket(
        self,
        symbol: str,
        callback: Callable[[m.BlockTrade], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_block_trade_socket(
        self,
        symbol: str,
        callback: Callable[[m.BlockTrade[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_block_trade_socket(
        self,
        symbol: str,
        callback: Callable[[m.BlockTrade[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_block_trade_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade[str]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_block_trade_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_block_trade_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_block_trade_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        *,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_block_trade_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_block_trade_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_block_trade_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Block trades of one symbol: ``<symbol>@blockTrade``, in real time.

        They are rare, and exist since 2026-05-12.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, t, p, q, T, m``; ``e`` is
                ``blockTrade``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.BlockTrade``), ``"unified"`` (``unified.Trade``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@blockTrade"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US, which has no such stream.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Block Trade Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("block_trade",), given, callback, view, time_unit)

    @overload
    def start_reference_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.ReferencePrice], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_reference_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.ReferencePrice[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_reference_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.ReferencePrice[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_reference_price_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        *,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_reference_price_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_reference_price_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_reference_price_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Reference price of one symbol: ``<symbol>@referencePrice``, every second.

        ``r`` is null while there is none; ``E`` is not sent.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, s, r, t``; ``e`` is
                ``referencePrice``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.ReferencePrice``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@referencePrice"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US, which has no such stream.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Reference Price Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("reference_price",), given, callback, view, time_unit)

    @overload
    def start_average_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.AveragePrice], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_average_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.AveragePrice[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_average_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.AveragePrice[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_average_price_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        *,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_average_price_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_average_price_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_average_price_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Average price of one symbol over the last minutes: ``<symbol>@avgPrice``, every second.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, i, w, T``; ``e`` is
                ``avgPrice``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.AveragePrice``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@avgPrice"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Average Price".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("average_price",), given, callback, view, time_unit)

    @overload
    def start_symbol_miniticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.MiniTicker], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.MiniTicker[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.MiniTicker[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[str]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        *,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_symbol_miniticker_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Short ticker of the last 24 hours of one symbol: ``<symbol>@miniTicker``, every second.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, c, o, h, l, v, q``; ``e``
                is ``24hrMiniTicker``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.MiniTicker``), ``"unified"`` (``unified.Ticker``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@miniTicker"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Individual Symbol Mini Ticker Stream".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("mini_ticker",), given, callback, view, time_unit)

    @overload
    def start_symbol_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.Ticker], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.Ticker[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.Ticker[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[str]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        *,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_symbol_ticker_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Ticker of the last 24 hours of one symbol: ``<symbol>@ticker``, every second.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, s, p, P, w, c, o, h, l, v, q, O, C, F, L, n, x, Q, b, B, a, A``; ``e`` is ``24hrTicker``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Ticker``), ``"unified"`` (``unified.Ticker``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@ticker"``; ``False`` while it is in use. Any thread may call; it does not
            block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Individual Symbol Ticker Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("ticker",), given, callback, view, time_unit)

    @overload
    def start_ticker_socket(
        self,
        callback: Callable[[list[m.Ticker]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        callback: Callable[[list[m.Ticker[Decimal]]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        callback: Callable[[list[m.Ticker[float]]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        callback: Callable[[list[u.Ticker[str]]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        callback: Callable[[list[u.Ticker[Decimal]]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        callback: Callable[[list[u.Ticker]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw, time_unit: TimeUnit = None
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        callback: Callable[[list[Payload]], object],
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_ticker_socket(
        self,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Tickers of the last 24 hours of all symbols that changed: ``!ticker@arr``, every second.

        Binance.US only.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, p, P, w, c, o, h, l, v, q, O, C, F, L, n, x, Q, b, B, a, A``; ``e`` is ``24hrTicker``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.Ticker``), ``"unified"`` (a list of
                ``unified.Ticker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"!ticker@arr"``; ``False`` while it is in use. Any thread may call; it does not
            block.

        Raises:
            StreamRetired: on binance.com, since 2026-03-26; use !miniTicker@arr (start_miniticker_socket) or
                <symbol>@ticker.
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: binance-us-api-docs (2024-06), "All Market Tickers"; spot ``CHANGELOG.md`` (2025-11-14 and later) for
        its end.
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("all_tickers",), given, callback, view, time_unit)

    @overload
    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.Ticker1h], object] | Callable[[m.Ticker4h], object] | Callable[[m.Ticker1d], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.Ticker1h[Decimal]], object]
        | Callable[[m.Ticker4h[Decimal]], object]
        | Callable[[m.Ticker1d[Decimal]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.Ticker1h[float]], object]
        | Callable[[m.Ticker4h[float]], object]
        | Callable[[m.Ticker1d[float]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[str]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[Decimal]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callback,
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_rolling_ticker_socket(
        self,
        symbol: str,
        callback: Callback,
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Ticker of a rolling window of one symbol: ``<symbol>@ticker_<window>``, every second.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, s, p, P, w, c, o, h, l, v, q, O, C, F, L, n``; ``e`` is ``1hTicker``, ``4hTicker`` or
                ``1dTicker``.
            window: ``1h``, ``4h`` (binance.com also ``1d``); default ``"1h"``; it opens on a full minute.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Ticker1h``, ``models.Ticker4h`` or
                ``models.Ticker1d``), ``"unified"`` (``unified.Ticker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@ticker_1h"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Individual Symbol Rolling Window Statistics Streams".
        """
        given = {"symbol": symbol, "window": window, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("rolling_ticker",), given, callback, view, time_unit)

    @overload
    def start_all_rolling_ticker_socket(
        self,
        callback: Callable[[list[m.Ticker1h]], object]
        | Callable[[list[m.Ticker4h]], object]
        | Callable[[list[m.Ticker1d]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_all_rolling_ticker_socket(
        self,
        callback: Callable[[list[m.Ticker1h[Decimal]]], object]
        | Callable[[list[m.Ticker4h[Decimal]]], object]
        | Callable[[list[m.Ticker1d[Decimal]]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_all_rolling_ticker_socket(
        self,
        callback: Callable[[list[m.Ticker1h[float]]], object]
        | Callable[[list[m.Ticker4h[float]]], object]
        | Callable[[list[m.Ticker1d[float]]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_all_rolling_ticker_socket(
        self,
        callback: Callable[[list[u.Ticker[str]]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_all_rolling_ticker_socket(
        self,
        callback: Callable[[list[u.Ticker[Decimal]]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_all_rolling_ticker_socket(
        self,
        callback: Callable[[list[u.Ticker]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_all_rolling_ticker_socket(
        self,
        callback: Callable[[bytes], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_all_rolling_ticker_socket(
        self,
        callback: Callable[[list[Payload]], object],
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_all_rolling_ticker_socket(
        self,
        callback: Callback,
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_all_rolling_ticker_socket(
        self,
        callback: Callback,
        window: str = "1h",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Tickers of a rolling window of all symbols that changed: ``!ticker_<window>@arr``, every second.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, p, P, w, c, o, h, l, v, q, O, C, F, L, n``; ``e`` is ``1hTicker``, ``4hTicker`` or
                ``1dTicker``.
            window: ``1h``, ``4h`` (binance.com also ``1d``); default ``"1h"``; it opens on a full minute.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.Ticker1h``, ``models.Ticker4h`` or
                ``models.Ticker1d``), ``"unified"`` (a list of ``unified.Ticker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"!ticker_1h@arr"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "All Market Rolling Window Statistics Streams".
        """
        given = {"window": window, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("all_rolling_tickers",), given, callback, view, time_unit)

    @overload
    def start_symbol_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.BookTicker], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.BookTicker[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[m.BookTicker[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.BookTicker[str]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.BookTicker[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[u.BookTicker], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        *,
        redundancy: int = 1,
        view: AsRaw,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_book_ticker_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
        time_unit: TimeUnit = None,
    ) -> Key: ...
    @overload
    def start_symbol_book_ticker_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key: ...
    def start_symbol_book_ticker_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Best bid and ask of one symbol: ``<symbol>@bookTicker``, in real time.

        The payload has neither ``e`` nor a time.

        Args:
            symbol: such as ``"BNBBTC"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``u, s, b, B, a, A``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.BookTicker``), ``"unified"`` (``unified.BookTicker``)
                or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds.

        Returns:
            The conn key, such as ``"bnbbtc@bookTicker"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: ``web-socket-streams.md`` (2026-07-21), "Individual Symbol Book Ticker Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("spot", ("book_ticker",), given, callback, view, time_unit)

    def start_book_ticker_socket(
        self,
        callback: Callback,
        *,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        time_unit: TimeUnit = None,
    ) -> Key:
        """Best bid and ask of all symbols: ``!bookTicker``, which the exchange no longer has. Always raises.

        Args:
            callback: never called.
            view: ``"dict"`` (default), ``"typed"``, ``"unified"`` or ``"raw"``; without effect.
            numbers: what numbers of events are decoded to; without effect.
            time_unit: ``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds; without
                effect.

        Returns:
            Nothing, as it raises at once in the caller's thread.

        Raises:
            StreamRetired: since 2022-12-07; use <symbol>@bookTicker (start_symbol_book_ticker_socket).
            ConfigError: for a bad ``view`` or ``time_unit``, naming the allowed values.

        Source: spot ``CHANGELOG.md`` (2022-12).
        """
        return self._start_stream("spot", ("all_book_tickers",), {}, callback, view, time_unit)
