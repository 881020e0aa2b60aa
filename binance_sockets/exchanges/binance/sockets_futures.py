"""``start_*`` methods of the USD-M and COIN-M futures streams."""

# Written by scripts/generate_sockets.py from the table in families.py; edit the table instead.

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Literal, overload

from ... import unified as u
from ...exchange import View
from ..arguments import AsDict, AsEvent, AsRaw, AsUnified, Callback, History, Key, NumbersName, Payload, ViewName
from . import models as m
from .sockets import MarketSockets, futures_product

__all__ = ["FuturesSockets"]


class FuturesSockets(MarketSockets):
    """Futures streams, after the derivatives documentation and its change log (2026-10-23).

    ``futures_type`` is ``"usdm"`` or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too. Conn keys begin
    with ``usdm:`` or ``coinm:``. The six methods that python-binance 0.7 had keep its payload
    ``{"stream", "data"}``, which their text says; all others get the bare payload. The route of a USD-M stream
    (``/public`` or ``/market``) stands in the table of streams. ``view`` is taken by keyword only. Every method
    registers one connection and returns its conn key, or ``False`` while that key is in use. Any thread may call it;
    it does not block, and raises at once for a bad argument.

    Prices and quantities are decimal strings, times whole milliseconds. What the letters mean is said by the typed
    events, in ``binance_sockets.exchanges.binance.models``; what fits none of them comes as with ``view="dict"``. So
    it is with the exchange-neutral events of ``view="unified"``, in ``binance_sockets.unified``. The callback takes
    one argument and runs on the connection's thread; in every view the last payload of a connection that gives up is
    the dict ``{"e": "error", "m": ...}``.
    """

    @overload
    def start_aggtrade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.FuturesAggTrade]], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_aggtrade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.FuturesAggTrade[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_aggtrade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.FuturesAggTrade[float]]], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_aggtrade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.Trade[str]]], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_aggtrade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.Trade[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_aggtrade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.Trade]], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_aggtrade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_aggtrade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_aggtrade_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_aggtrade_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Trades of one symbol, aggregated per price and taker side: ``<symbol>@aggTrade``, every 100 ms.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` being a dict
                with ``e, E, a, s, p, q, nq, f, l, T, m, st``, COIN-M without ``nq``; ``e`` is ``aggTrade``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it in order,
                marked by the field ``backfilled``. Default ``False``.
            history: how much of the past comes first, over REST and marked likewise: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of ``models.FuturesAggTrade``),
                ``"unified"`` (``models.Combined`` of ``unified.Trade``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:btcusdt@aggTrade"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Aggregate Trade Streams"; change log of 2025-12-29 (``nq``).
        """
        given = {
            "symbol": symbol,
            "backfill": backfill,
            "history": history,
            "redundancy": redundancy,
            "numbers": numbers,
        }
        return self._start_stream(futures_product(futures_type), ("agg_trade",), given, callback, view)

    @overload
    def start_trade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesTrade], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_trade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesTrade[Decimal]], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_trade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesTrade[float]], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_trade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade[str]], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_trade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade[Decimal]], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_trade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Trade], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_trade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_trade_futures_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_trade_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_trade_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Every trade of one symbol: ``<symbol>@trade``, in real time.

        The exchange never documented this stream, which may be silent: prefer ``<symbol>@aggTrade``. REST gives its
        past to those with an API key alone.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, T, s, t, p, q, X, m, st``,
                COIN-M without ``st``; ``e`` is ``trade``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it in order,
                marked by the field ``backfilled``. Default ``False``.
            history: how much of the past comes first, over REST and marked likewise: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesTrade``), ``"unified"`` (``unified.Trade``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:btcusdt@trade"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: no document of the exchange; recorded frames (2026-09), and the route that other clients use
        (2026-04).
        """
        given = {
            "symbol": symbol,
            "backfill": backfill,
            "history": history,
            "redundancy": redundancy,
            "numbers": numbers,
        }
        return self._start_stream(futures_product(futures_type), ("trade",), given, callback, view)

    @overload
    def start_pair_mark_price_socket(
        self,
        pair: str,
        callback: Callable[[list[m.MarkPrice]], object],
        fast: bool = True,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_pair_mark_price_socket(
        self,
        pair: str,
        callback: Callable[[list[m.MarkPrice[Decimal]]], object],
        fast: bool = True,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_pair_mark_price_socket(
        self,
        pair: str,
        callback: Callable[[list[m.MarkPrice[float]]], object],
        fast: bool = True,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_pair_mark_price_socket(
        self,
        pair: str,
        callback: Callable[[list[u.MarkPrice[str]]], object],
        fast: bool = True,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_pair_mark_price_socket(
        self,
        pair: str,
        callback: Callable[[list[u.MarkPrice[Decimal]]], object],
        fast: bool = True,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_pair_mark_price_socket(
        self,
        pair: str,
        callback: Callable[[list[u.MarkPrice]], object],
        fast: bool = True,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_pair_mark_price_socket(
        self, pair: str, callback: Callable[[bytes], object], fast: bool = True, *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_pair_mark_price_socket(
        self,
        pair: str,
        callback: Callable[[list[Payload]], object],
        fast: bool = True,
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_pair_mark_price_socket(
        self,
        pair: str,
        callback: Callback,
        fast: bool = True,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_pair_mark_price_socket(
        self,
        pair: str,
        callback: Callback,
        fast: bool = True,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Mark prices and funding rates of all contracts of a COIN-M pair: ``<pair>@markPrice[@<speed>]``, every 3 s or
        1 s.

        Args:
            pair: such as ``"BTCUSD"``, in any case.
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, p, ap, i, P, r, T, st``; ``e`` is ``markPriceUpdate``.
            fast: ``True`` (default) for one message a second, ``False`` for one every 3 seconds.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.MarkPrice``), ``"unified"`` (a list of
                ``unified.MarkPrice``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"coinm:btcusd@markPrice@1s"``; ``False`` while it is in use. Any thread may call;
            it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Mark Price of All Symbols of a Pair".
        """
        given = {"pair": pair, "fast": fast, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("coinm", ("pair_mark_price",), given, callback, view)

    @overload
    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.MarkPrice]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.MarkPrice[Decimal]]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.MarkPrice[float]]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.MarkPrice[str]]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.MarkPrice[Decimal]]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.MarkPrice]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callback,
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callback,
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Mark price and funding rate of one symbol: ``<symbol>@markPrice[@<speed>]``, every 3 s or 1 s.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` being a dict
                with ``e, E, s, p, ap, i, P, r, T, st``; ``e`` is ``markPriceUpdate``.
            fast: ``True`` (default) for one message a second, ``False`` for one every 3 seconds.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of ``models.MarkPrice``), ``"unified"``
                (``models.Combined`` of ``unified.MarkPrice``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:btcusdt@markPrice@1s"``; ``False`` while it is in use. Any thread may call;
            it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Mark Price Stream"; change log of 2026-03-16 (``ap``).
        """
        given = {"symbol": symbol, "fast": fast, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("mark_price",), given, callback, view)

    @overload
    def start_all_mark_price_socket(
        self,
        callback: Callable[[m.Combined[list[m.MarkPrice]]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_all_mark_price_socket(
        self,
        callback: Callable[[m.Combined[list[m.MarkPrice[Decimal]]]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_all_mark_price_socket(
        self,
        callback: Callable[[m.Combined[list[m.MarkPrice[float]]]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_all_mark_price_socket(
        self,
        callback: Callable[[m.Combined[list[u.MarkPrice[str]]]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_all_mark_price_socket(
        self,
        callback: Callable[[m.Combined[list[u.MarkPrice[Decimal]]]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_all_mark_price_socket(
        self,
        callback: Callable[[m.Combined[list[u.MarkPrice]]], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_all_mark_price_socket(
        self,
        callback: Callable[[bytes], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_all_mark_price_socket(
        self,
        callback: Callable[[Payload], object],
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_all_mark_price_socket(
        self,
        callback: Callback,
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_all_mark_price_socket(
        self,
        callback: Callback,
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Mark prices and funding rates of all symbols: ``!markPrice@arr[@<speed>]``, every 3 s or 1 s.

        TradFi symbols come in a second list. COIN-M: the exchange does not document it; prefer ``<pair>@markPrice``.

        Args:
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` being a list of
                dicts with ``e, E, s, p, ap, i, P, r, T, st``; ``e`` is ``markPriceUpdate``.
            fast: ``True`` (default) for one message a second, ``False`` for one every 3 seconds.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of a list of ``models.MarkPrice``),
                ``"unified"`` (``models.Combined`` of a list of ``unified.MarkPrice``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:!markPrice@arr@1s"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Mark Price Stream for All market"; COIN-M by recorded frames
        alone (2022-06).
        """
        given = {"fast": fast, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("all_mark_prices",), given, callback, view)

    @overload
    def start_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.FuturesBookTicker]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.FuturesBookTicker[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.FuturesBookTicker[float]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.BookTicker[str]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.BookTicker[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.BookTicker]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Best bid and ask of one symbol (0.7 says ticker): ``<symbol>@bookTicker``, in real time.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` being a dict
                with ``e, E, u, s, ps, b, B, a, A, T, st``; ``e`` is ``bookTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of ``models.FuturesBookTicker``),
                ``"unified"`` (``models.Combined`` of ``unified.BookTicker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:btcusdt@bookTicker"``; ``False`` while it is in use. Any thread may call;
            it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Individual Symbol Book Ticker Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("book_ticker",), given, callback, view)

    @overload
    def start_all_ticker_futures_socket(
        self,
        callback: Callable[[m.Combined[m.FuturesBookTicker]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_all_ticker_futures_socket(
        self,
        callback: Callable[[m.Combined[m.FuturesBookTicker[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_all_ticker_futures_socket(
        self,
        callback: Callable[[m.Combined[m.FuturesBookTicker[float]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_all_ticker_futures_socket(
        self,
        callback: Callable[[m.Combined[u.BookTicker[str]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_all_ticker_futures_socket(
        self,
        callback: Callable[[m.Combined[u.BookTicker[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_all_ticker_futures_socket(
        self,
        callback: Callable[[m.Combined[u.BookTicker]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_all_ticker_futures_socket(
        self, callback: Callable[[bytes], object], futures_type: object = "usdm", *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_all_ticker_futures_socket(
        self,
        callback: Callable[[Payload], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_all_ticker_futures_socket(
        self,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_all_ticker_futures_socket(
        self,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Best bid and ask of all symbols (0.7 says ticker): ``!bookTicker``, USD-M every 5 s, COIN-M in real time.

        One symbol per message. Since 2026-06-30 USD-M and COIN-M come together; ``st`` tells them apart: 1 is USD-M,
        2 is COIN-M.

        Args:
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` being a dict
                with ``e, E, u, s, ps, b, B, a, A, T, st``; ``e`` is ``bookTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of ``models.FuturesBookTicker``),
                ``"unified"`` (``models.Combined`` of ``unified.BookTicker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:!bookTicker"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "All Book Tickers Stream".
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("all_book_tickers",), given, callback, view)

    @overload
    def start_individual_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.FuturesTicker]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_individual_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.FuturesTicker[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_individual_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[m.FuturesTicker[float]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_individual_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.Ticker[str]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_individual_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.Ticker[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_individual_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Combined[u.Ticker]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_individual_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_individual_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_individual_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_individual_symbol_ticker_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Ticker of the last 24 hours of one symbol: ``<symbol>@ticker``, USD-M every 2 s, COIN-M every 500 ms.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` being a dict
                with ``e, E, s, p, P, w, c, o, h, l, v, q, O, C, F, L, n, Q, ps, st``; ``e`` is ``24hrTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of ``models.FuturesTicker``), ``"unified"``
                (``models.Combined`` of ``unified.Ticker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:btcusdt@ticker"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Individual Symbol Ticker Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("ticker",), given, callback, view)

    @overload
    def start_ticker_futures_socket(
        self,
        callback: Callable[[list[m.FuturesTicker]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_ticker_futures_socket(
        self,
        callback: Callable[[list[m.FuturesTicker[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_ticker_futures_socket(
        self,
        callback: Callable[[list[m.FuturesTicker[float]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_ticker_futures_socket(
        self,
        callback: Callable[[list[u.Ticker[str]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_ticker_futures_socket(
        self,
        callback: Callable[[list[u.Ticker[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_ticker_futures_socket(
        self,
        callback: Callable[[list[u.Ticker]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_ticker_futures_socket(
        self, callback: Callable[[bytes], object], futures_type: object = "usdm", *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_ticker_futures_socket(
        self,
        callback: Callable[[list[Payload]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_ticker_futures_socket(
        self,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_ticker_futures_socket(
        self,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Tickers of the last 24 hours of all symbols that changed: ``!ticker@arr``, every second.

        Since 2026-06-30 USD-M and COIN-M come together; ``st`` tells them apart: 1 is USD-M, 2 is COIN-M.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, p, P, w, c, o, h, l, v, q, O, C, F, L, n, Q, ps, st``; ``e`` is ``24hrTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.FuturesTicker``), ``"unified"`` (a list of
                ``unified.Ticker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:!ticker@arr"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "All Market Tickers Streams".
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("all_tickers",), given, callback, view)

    @overload
    def start_symbol_miniticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesMiniTicker], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesMiniTicker[Decimal]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesMiniTicker[float]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[str]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker[Decimal]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Ticker], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_futures_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_symbol_miniticker_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_symbol_miniticker_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Short ticker of the last 24 hours of one symbol: ``<symbol>@miniTicker``, USD-M every 2 s, COIN-M every
        500 ms.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, s, c, o, h, l, v, q, ps, st``; ``e`` is ``24hrMiniTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesMiniTicker``), ``"unified"``
                (``unified.Ticker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:btcusdt@miniTicker"``; ``False`` while it is in use. Any thread may call;
            it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Individual Symbol Mini Ticker Stream".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("mini_ticker",), given, callback, view)

    @overload
    def start_miniticker_futures_socket(
        self,
        callback: Callable[[list[m.FuturesMiniTicker]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_miniticker_futures_socket(
        self,
        callback: Callable[[list[m.FuturesMiniTicker[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_miniticker_futures_socket(
        self,
        callback: Callable[[list[m.FuturesMiniTicker[float]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_miniticker_futures_socket(
        self,
        callback: Callable[[list[u.Ticker[str]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_miniticker_futures_socket(
        self,
        callback: Callable[[list[u.Ticker[Decimal]]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_miniticker_futures_socket(
        self,
        callback: Callable[[list[u.Ticker]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_miniticker_futures_socket(
        self, callback: Callable[[bytes], object], futures_type: object = "usdm", *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_miniticker_futures_socket(
        self,
        callback: Callable[[list[Payload]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_miniticker_futures_socket(
        self,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_miniticker_futures_socket(
        self,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Short tickers of the last 24 hours of all symbols that changed: ``!miniTicker@arr``, every second.

        Since 2026-06-30 USD-M and COIN-M come together; ``st`` tells them apart: 1 is USD-M, 2 is COIN-M.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, c, o, h, l, v, q, ps, st``; ``e`` is ``24hrMiniTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.FuturesMiniTicker``), ``"unified"`` (a list
                of ``unified.Ticker``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:!miniTicker@arr"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "All Market Mini Tickers Stream".
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("all_mini_tickers",), given, callback, view)

    @overload
    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.ContinuousKline], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.ContinuousKline[Decimal]], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.ContinuousKline[float]], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline[str]], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline[Decimal]], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Candles of a contract type of a pair: ``<symbol>_<contract_type>@continuousKline_<interval>``, every 250 ms.

        Args:
            symbol: a pair such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD"``), in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, ps, ct, k`` (``k``:
                ``t, T, i, f, L, o, c, h, l, v, n, x, q, V, Q``); ``B`` means nothing; ``e`` is ``continuous_kline``.
            interval: ``1m``, ``3m``, ``5m``, ``15m``, ``30m``, ``1h``, ``2h``, ``4h``, ``6h``, ``8h``, ``12h``,
                ``1d``, ``3d``, ``1w``, ``1M`` (USD-M also ``1s``); default ``"1m"``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            contract_type: ``perpetual``, ``current_quarter``, ``next_quarter`` (USD-M also ``tradifi_perpetual``);
                default ``"perpetual"``.
            closed_only: ``True`` for the last message of each candle alone, in every view; one whose end falls into
                a gap is missing. Default ``False``.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it in order,
                marked by the field ``backfilled``. Default ``False``.
            history: how much of the past comes first, over REST and marked likewise: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.ContinuousKline``), ``"unified"`` (``unified.Kline``)
                or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:btcusdt_perpetual@continuousKline_1m"``; ``False`` while it is in use. Any
            thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Continuous Contract Kline/Candlestick Streams".
        """
        given = {
            "symbol": symbol,
            "interval": interval,
            "contract_type": contract_type,
            "closed_only": closed_only,
            "backfill": backfill,
            "history": history,
            "redundancy": redundancy,
            "numbers": numbers,
        }
        return self._start_stream(futures_product(futures_type), ("continuous_kline",), given, callback, view)

    @overload
    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Kline], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Kline[Decimal]], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[m.Kline[float]], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline[str]], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline[Decimal]], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Candles of one symbol: ``<symbol>@kline_<interval>``, every 250 ms.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, k`` (``k``:
                ``t, T, i, f, L, o, c, h, l, v, n, x, q, V, Q, s``); ``B`` means nothing; ``e`` is ``kline``.
            interval: ``1m``, ``3m``, ``5m``, ``15m``, ``30m``, ``1h``, ``2h``, ``4h``, ``6h``, ``8h``, ``12h``,
                ``1d``, ``3d``, ``1w``, ``1M``; default ``"1m"``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
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
            The conn key, such as ``"usdm:btcusdt@kline_1m"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Kline/Candlestick Streams".
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
        return self._start_stream(futures_product(futures_type), ("kline",), given, callback, view)

    @overload
    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callable[[m.IndexPriceKline], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callable[[m.IndexPriceKline[Decimal]], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callable[[m.IndexPriceKline[float]], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callable[[u.Kline[str]], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callable[[u.Kline[Decimal]], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callable[[u.Kline], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callable[[bytes], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callable[[Payload], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Candles of the index price of a COIN-M pair: ``<pair>@indexPriceKline_<interval>``, every 250 ms.

        Args:
            pair: such as ``"BTCUSD"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, ps, k`` (``k``:
                ``t, T, s, i, f, L, o, c, h, l, n, x``); ``v, q, V, Q, B`` mean nothing; ``e`` is
                ``indexPrice_kline``.
            interval: ``1m``, ``3m``, ``5m``, ``15m``, ``30m``, ``1h``, ``2h``, ``4h``, ``6h``, ``8h``, ``12h``,
                ``1d``, ``3d``, ``1w``, ``1M``; default ``"1m"``.
            futures_type: ``"coinm"`` (default); ``"usdm"`` gets the same from the USD-M host.
            closed_only: ``True`` for the last message of each candle alone, in every view; one whose end falls into
                a gap is missing. Default ``False``.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it in order,
                marked by the field ``backfilled``. Default ``False``.
            history: how much of the past comes first, over REST and marked likewise: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.IndexPriceKline``), ``"unified"`` (``unified.Kline``)
                or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"coinm:btcusd@indexPriceKline_1m"``; ``False`` while it is in use. Any thread may
            call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Index Kline/Candlestick Streams".
        """
        given = {
            "pair": pair,
            "interval": interval,
            "closed_only": closed_only,
            "backfill": backfill,
            "history": history,
            "redundancy": redundancy,
            "numbers": numbers,
        }
        return self._start_stream(futures_product(futures_type), ("index_price_kline",), given, callback, view)

    @overload
    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callable[[m.MarkPriceKline], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callable[[m.MarkPriceKline[Decimal]], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callable[[m.MarkPriceKline[float]], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline[str]], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline[Decimal]], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callable[[u.Kline], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        closed_only: bool = False,
        backfill: bool = False,
        history: History = None,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Candles of the mark price of a COIN-M symbol: ``<symbol>@markPriceKline_<interval>``, every 250 ms.

        Args:
            symbol: such as ``"BTCUSD_PERP"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, ps, k`` (``k``:
                ``t, T, s, i, f, L, o, c, h, l, n, x``); ``v, q, V, Q, B`` mean nothing; ``e`` is
                ``markPrice_kline``.
            interval: ``1m``, ``3m``, ``5m``, ``15m``, ``30m``, ``1h``, ``2h``, ``4h``, ``6h``, ``8h``, ``12h``,
                ``1d``, ``3d``, ``1w``, ``1M``; default ``"1m"``.
            futures_type: ``"coinm"`` (default); ``"usdm"`` gets the same from the USD-M host.
            closed_only: ``True`` for the last message of each candle alone, in every view; one whose end falls into
                a gap is missing. Default ``False``.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it in order,
                marked by the field ``backfilled``. Default ``False``.
            history: how much of the past comes first, over REST and marked likewise: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.MarkPriceKline``), ``"unified"`` (``unified.Kline``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"coinm:btcusd_perp@markPriceKline_1m"``; ``False`` while it is in use. Any thread
            may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Mark Price Kline/Candlestick Streams".
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
        return self._start_stream(futures_product(futures_type), ("mark_price_kline",), given, callback, view)

    @overload
    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesDepth], object],
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesDepth[Decimal]], object],
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesDepth[float]], object],
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callable[[u.Depth[str]], object],
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callable[[u.Depth[Decimal]], object],
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callable[[u.Depth], object],
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callback,
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callback,
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Changes of the order book of one symbol: ``<symbol>@depth[@<interval>ms]``, every 250, 500 or 100 ms.

        Or the best levels of the order book of one symbol: ``<symbol>@depth<depth>[@<interval>ms]``, every 250, 500
        or 100 ms.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, T, s, ps, U, u, pu, b, a, st``; ``e`` is ``depthUpdate``.
            depth: ``5``, ``10`` (default) or ``20`` levels; ``None``, ``0``, ``""`` and ``"1"`` mean the changes.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            interval: milliseconds between messages: ``100``, ``250``, ``500``; ``None`` (default) and ``0`` mean
                ``250``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesDepth``), ``"unified"`` (``unified.Depth``) or
                ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:btcusdt@depth10"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Diff. Book Depth Streams" and "Partial Book Depth Streams".
        """
        given = {"symbol": symbol, "depth": depth, "interval": interval, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("depth", "partial_depth"), given, callback, view)

    @overload
    def start_futures_rpi_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesDepth], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_futures_rpi_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesDepth[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_futures_rpi_depth_socket(
        self,
        symbol: str,
        callback: Callable[[m.FuturesDepth[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_futures_rpi_depth_socket(
        self, symbol: str, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_futures_rpi_depth_socket(
        self, symbol: str, callback: Callable[[Payload], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_futures_rpi_depth_socket(
        self, symbol: str, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_futures_rpi_depth_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Changes of a USD-M book with its retail price improvement orders: ``<symbol>@rpiDepth@500ms``, every 500 ms.

        A quantity of zero removes a level, or means that its crossed orders are hidden.

        Args:
            symbol: such as ``"BTCUSDT"``, in any case.
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, T, s, ps, U, u, pu, b, a, st``; ``e`` is ``depthUpdate``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesDepth``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:btcusdt@rpiDepth@500ms"``; ``False`` while it is in use. Any thread may
            call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "RPI Diff. Book Depth Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("usdm", ("rpi_depth",), given, callback, view)

    @overload
    def start_liquidation_socket(
        self,
        symbol: str,
        callback: Callable[[m.Liquidation], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_liquidation_socket(
        self,
        symbol: str,
        callback: Callable[[m.Liquidation[Decimal]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_liquidation_socket(
        self,
        symbol: str,
        callback: Callable[[m.Liquidation[float]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_liquidation_socket(
        self,
        symbol: str,
        callback: Callable[[u.Liquidation[str]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_liquidation_socket(
        self,
        symbol: str,
        callback: Callable[[u.Liquidation[Decimal]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_liquidation_socket(
        self,
        symbol: str,
        callback: Callable[[u.Liquidation], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_liquidation_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_liquidation_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_liquidation_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_liquidation_socket(
        self,
        symbol: str,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Liquidation orders of one symbol: ``<symbol>@forceOrder``, every second.

        At most one a second: a sample, not all of them. ``ps`` and ``st`` come beside the order or inside it.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, o, ps, st`` (``o``:
                ``s, ps, S, o, f, q, p, ap, X, l, z, T, st``); ``e`` is ``forceOrder``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Liquidation``), ``"unified"`` (``unified.Liquidation``)
                or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:btcusdt@forceOrder"``; ``False`` while it is in use. Any thread may call;
            it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Liquidation Order Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("liquidation",), given, callback, view)

    @overload
    def start_all_liquidation_socket(
        self,
        callback: Callable[[m.Liquidation], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_all_liquidation_socket(
        self,
        callback: Callable[[m.Liquidation[Decimal]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_all_liquidation_socket(
        self,
        callback: Callable[[m.Liquidation[float]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_all_liquidation_socket(
        self,
        callback: Callable[[u.Liquidation[str]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_all_liquidation_socket(
        self,
        callback: Callable[[u.Liquidation[Decimal]], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_all_liquidation_socket(
        self,
        callback: Callable[[u.Liquidation], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_all_liquidation_socket(
        self, callback: Callable[[bytes], object], futures_type: object = "usdm", *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_all_liquidation_socket(
        self,
        callback: Callable[[Payload], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_all_liquidation_socket(
        self,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_all_liquidation_socket(
        self,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Liquidation orders of all symbols: ``!forceOrder@arr``, every second.

        At most one a second for each symbol; one order per message, in spite of ``arr``. Since 2026-06-30 USD-M and
        COIN-M come together; ``st`` tells them apart: 1 is USD-M, 2 is COIN-M.

        Args:
            callback: gets each payload on the connection's thread: a dict with ``e, E, o, ps, st`` (``o``:
                ``s, ps, S, o, f, q, p, ap, X, l, z, T, st``); ``e`` is ``forceOrder``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.Liquidation``), ``"unified"`` (``unified.Liquidation``)
                or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:!forceOrder@arr"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "All Market Liquidation Order Streams".
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("all_liquidations",), given, callback, view)

    @overload
    def start_contract_info_socket(
        self,
        callback: Callable[[m.ContractInfo], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    @overload
    def start_contract_info_socket(
        self, callback: Callable[[bytes], object], futures_type: object = "usdm", *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_contract_info_socket(
        self,
        callback: Callable[[Payload], object],
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_contract_info_socket(
        self,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_contract_info_socket(
        self,
        callback: Callback,
        futures_type: object = "usdm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Listings, settlements and changed brackets of contracts: ``!contractInfo``, in real time.

        They are rare; ``bks`` comes only where brackets changed. Since 2026-06-30 USD-M and COIN-M come together;
        ``st`` tells them apart: 1 is USD-M, 2 is COIN-M.

        Args:
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, s, ps, ct, dt, ot, cs, bks, st`` (``bks``: ``bs, bnf, bnc, mmr, cf, mi, ma``); ``e`` is
                ``contractInfo``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.ContractInfo``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:!contractInfo"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Contract Info Stream".
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("contract_info",), given, callback, view)

    @overload
    def start_composite_index_socket(
        self,
        symbol: str,
        callback: Callable[[m.CompositeIndex], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_composite_index_socket(
        self,
        symbol: str,
        callback: Callable[[m.CompositeIndex[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_composite_index_socket(
        self,
        symbol: str,
        callback: Callable[[m.CompositeIndex[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_composite_index_socket(
        self,
        symbol: str,
        callback: Callable[[u.IndexPrice[str]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_composite_index_socket(
        self,
        symbol: str,
        callback: Callable[[u.IndexPrice[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_composite_index_socket(
        self,
        symbol: str,
        callback: Callable[[u.IndexPrice], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_composite_index_socket(
        self, symbol: str, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_composite_index_socket(
        self, symbol: str, callback: Callable[[Payload], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_composite_index_socket(
        self, symbol: str, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_composite_index_socket(
        self,
        symbol: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """A composite index and its components: ``<symbol>@compositeIndex``, every second.

        USD-M only.

        Args:
            symbol: of an index, such as ``"DEFIUSDT"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, p, C, c`` (``c``:
                ``b, q, w, W, i``); ``e`` is ``compositeIndex``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.CompositeIndex``), ``"unified"``
                (``unified.IndexPrice``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:defiusdt@compositeIndex"``; ``False`` while it is in use. Any thread may
            call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Composite Index Symbol Information Streams".
        """
        given = {"symbol": symbol, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("usdm", ("composite_index",), given, callback, view)

    @overload
    def start_index_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.IndexPrice], object],
        fast: bool = True,
        futures_type: object = "coinm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_index_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.IndexPrice[Decimal]], object],
        fast: bool = True,
        futures_type: object = "coinm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_index_price_socket(
        self,
        symbol: str,
        callback: Callable[[m.IndexPrice[float]], object],
        fast: bool = True,
        futures_type: object = "coinm",
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_index_price_socket(
        self,
        symbol: str,
        callback: Callable[[u.IndexPrice[str]], object],
        fast: bool = True,
        futures_type: object = "coinm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_index_price_socket(
        self,
        symbol: str,
        callback: Callable[[u.IndexPrice[Decimal]], object],
        fast: bool = True,
        futures_type: object = "coinm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_index_price_socket(
        self,
        symbol: str,
        callback: Callable[[u.IndexPrice], object],
        fast: bool = True,
        futures_type: object = "coinm",
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_index_price_socket(
        self,
        symbol: str,
        callback: Callable[[bytes], object],
        fast: bool = True,
        futures_type: object = "coinm",
        *,
        redundancy: int = 1,
        view: AsRaw,
    ) -> Key: ...
    @overload
    def start_index_price_socket(
        self,
        symbol: str,
        callback: Callable[[Payload], object],
        fast: bool = True,
        futures_type: object = "coinm",
        *,
        redundancy: int = 1,
        view: AsDict = "dict",
    ) -> Key: ...
    @overload
    def start_index_price_socket(
        self,
        symbol: str,
        callback: Callback,
        fast: bool = True,
        futures_type: object = "coinm",
        *,
        redundancy: int = 1,
        view: View,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    def start_index_price_socket(
        self,
        symbol: str,
        callback: Callback,
        fast: bool = True,
        futures_type: object = "coinm",
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Index price of a pair: ``<symbol>@indexPrice``, every second.

        Before 2026-06-30 the pair was in ``i``. USD-M: the exchange does not document it.

        Args:
            symbol: a pair such as ``"BTCUSD"`` (USD-M: ``"BTCUSDT"``), in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, p``; ``e`` is
                ``IndexUpdate``.
            fast: without effect: on 2026-06-30 the exchange made one second the only speed. Default ``True``.
            futures_type: ``"coinm"`` (default) or ``"usdm"``; python-binance 1.x's ``FuturesType`` works too.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.IndexPrice``), ``"unified"`` (``unified.IndexPrice``)
                or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"coinm:btcusd@indexPrice"``; ``False`` while it is in use. Any thread may call;
            it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Index Price Stream"; change log of 2026-06-30; USD-M by
        recorded frames alone (2026-08).
        """
        given = {"symbol": symbol, "fast": fast, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream(futures_product(futures_type), ("index_price",), given, callback, view)

    @overload
    def start_all_index_price_socket(
        self,
        callback: Callable[[list[m.IndexPrice]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_all_index_price_socket(
        self,
        callback: Callable[[list[m.IndexPrice[Decimal]]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_all_index_price_socket(
        self,
        callback: Callable[[list[m.IndexPrice[float]]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_all_index_price_socket(
        self,
        callback: Callable[[list[u.IndexPrice[str]]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["str"],
    ) -> Key: ...
    @overload
    def start_all_index_price_socket(
        self,
        callback: Callable[[list[u.IndexPrice[Decimal]]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_all_index_price_socket(
        self,
        callback: Callable[[list[u.IndexPrice]], object],
        *,
        redundancy: int = 1,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
    ) -> Key: ...
    @overload
    def start_all_index_price_socket(
        self, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_all_index_price_socket(
        self, callback: Callable[[list[Payload]], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_all_index_price_socket(
        self, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_all_index_price_socket(
        self, callback: Callback, *, redundancy: int = 1, view: ViewName = "dict", numbers: NumbersName | None = None
    ) -> Key:
        """Index prices of all COIN-M pairs: ``!indexPrice@arr``, every second.

        The exchange does not document it, and may have ended it.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with ``e, E, s, p``; ``e`` is
                ``IndexUpdate``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.IndexPrice``), ``"unified"`` (a list of
                ``unified.IndexPrice``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"coinm:!indexPrice@arr"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: no document of the exchange; recorded frames (2022-06).
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream("coinm", ("all_index_prices",), given, callback, view)

    @overload
    def start_asset_index_socket(
        self,
        asset: str,
        callback: Callable[[m.AssetIndex], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_asset_index_socket(
        self,
        asset: str,
        callback: Callable[[m.AssetIndex[Decimal]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_asset_index_socket(
        self,
        asset: str,
        callback: Callable[[m.AssetIndex[float]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_asset_index_socket(
        self, asset: str, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_asset_index_socket(
        self, asset: str, callback: Callable[[Payload], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_asset_index_socket(
        self, asset: str, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_asset_index_socket(
        self,
        asset: str,
        callback: Callback,
        *,
        redundancy: int = 1,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
    ) -> Key:
        """Index and buffers of one asset of the multi-assets mode: ``<asset>@assetIndex``, every second.

        USD-M only.

        Args:
            asset: an asset pair such as ``"ADAUSD"``, in any case.
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, s, i, b, a, B, A, q, g, Q, G``; ``e`` is ``assetIndexUpdate``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.AssetIndex``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:adausd@assetIndex"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Asset Index".
        """
        given = {"asset": asset, "redundancy": redundancy, "numbers": numbers}
        return self._start_stream("usdm", ("asset_index",), given, callback, view)

    @overload
    def start_all_asset_index_socket(
        self,
        callback: Callable[[list[m.AssetIndex]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["str"] | None = None,
    ) -> Key: ...
    @overload
    def start_all_asset_index_socket(
        self,
        callback: Callable[[list[m.AssetIndex[Decimal]]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["decimal"],
    ) -> Key: ...
    @overload
    def start_all_asset_index_socket(
        self,
        callback: Callable[[list[m.AssetIndex[float]]], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: Literal["float"],
    ) -> Key: ...
    @overload
    def start_all_asset_index_socket(
        self, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_all_asset_index_socket(
        self, callback: Callable[[list[Payload]], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_all_asset_index_socket(
        self, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_all_asset_index_socket(
        self, callback: Callback, *, redundancy: int = 1, view: ViewName = "dict", numbers: NumbersName | None = None
    ) -> Key:
        """Indexes and buffers of all assets of the multi-assets mode: ``!assetIndex@arr``, every second.

        USD-M only.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, i, b, a, B, A, q, g, Q, G``; ``e`` is ``assetIndexUpdate``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.AssetIndex``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:!assetIndex@arr"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Asset Index".
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream("usdm", ("all_asset_indexes",), given, callback, view)

    @overload
    def start_trading_session_socket(
        self,
        callback: Callable[[m.TradingSession], object],
        *,
        redundancy: int = 1,
        view: AsEvent,
        numbers: NumbersName | None = None,
    ) -> Key: ...
    @overload
    def start_trading_session_socket(
        self, callback: Callable[[bytes], object], *, redundancy: int = 1, view: AsRaw
    ) -> Key: ...
    @overload
    def start_trading_session_socket(
        self, callback: Callable[[Payload], object], *, redundancy: int = 1, view: AsDict = "dict"
    ) -> Key: ...
    @overload
    def start_trading_session_socket(
        self, callback: Callback, *, redundancy: int = 1, view: View, numbers: NumbersName | None = None
    ) -> Key: ...
    def start_trading_session_socket(
        self, callback: Callback, *, redundancy: int = 1, view: ViewName = "dict", numbers: NumbersName | None = None
    ) -> Key:
        """Sessions of the markets behind the TradFi contracts: ``tradingSession``, every second.

        USD-M only. One message per market, which ``e`` names; ``EquityUpdate`` is that of the US.

        Args:
            callback: gets each payload on the connection's thread: a dict with ``e, E, t, T, S``; ``e`` is
                ``EquityUpdate``, ``CommodityUpdate``, ``KR_EquityUpdate``, ``HK_EquityUpdate`` or
                ``CN_EquityUpdate``.
            redundancy: over how many links the stream comes at once, 1 to 4: the first copy of each message is
                delivered, and a link that is lost is not noticed while another lives. Default 1.
            view: ``"dict"`` (default), ``"typed"`` (``models.TradingSession``) or ``"raw"`` (bytes).
            numbers: what numbers of events are decoded to: ``"str"``, ``"decimal"`` or ``"float"``; ``None``
                (default) for ``"str"`` in the typed view, ``"float"`` in the unified one.

        Returns:
            The conn key, such as ``"usdm:tradingSession"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without
                futures.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: derivatives documentation (2026-10-23), "Trading Session Stream"; change log of 2025-12-11 and
        2026-06-02.
        """
        given = {"redundancy": redundancy, "numbers": numbers}
        return self._start_stream("usdm", ("trading_session",), given, callback, view)
