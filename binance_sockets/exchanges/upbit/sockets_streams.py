"""``start_*`` methods of Upbit's streams."""

# Written by scripts/generate_upbit.py from its table; edit the table instead.

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, overload

from ... import unified as u
from ...exchange import View
from ..arguments import AsDict, AsEvent, AsRaw, AsUnified, Callback, History, Key, NumbersName, Payload, ViewName
from . import models as m
from .arguments import unit_of
from .sockets import PreferenceName, UpbitSockets

__all__ = ["StreamSockets"]


class StreamSockets(UpbitSockets):
    """Market data, the account, announcements and indicators. Every method registers one socket on the connection of
    its kind and returns its conn key, or ``False`` while that key is in use. Any thread may call it; it does not block,
    and raises at once for a bad argument.

    The callback takes one argument; in every view the last payload of a connection that gives up is the dict
    ``{"e": "error", "m": ...}``, and what fits no event comes as with ``view="dict"``.
    """

    @overload
    def start_ticker_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[m.Ticker], object],
        stream_preference: PreferenceName = "both",
        *,
        view: AsEvent,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Ticker[str]], object],
        stream_preference: PreferenceName = "both",
        *,
        view: AsUnified,
        numbers: Literal["str"],
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Ticker[Decimal]], object],
        stream_preference: PreferenceName = "both",
        *,
        view: AsUnified,
        numbers: Literal["decimal"],
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Ticker], object],
        stream_preference: PreferenceName = "both",
        *,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[bytes], object],
        stream_preference: PreferenceName = "both",
        *,
        view: AsRaw,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[Payload], object],
        stream_preference: PreferenceName = "both",
        *,
        view: AsDict = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_ticker_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        stream_preference: PreferenceName = "both",
        *,
        view: View,
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    def start_ticker_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        stream_preference: PreferenceName = "both",
        *,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key:
        """The state of markets: a message whenever something was traded.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets
                ``{"type": "ticker", "code", "trade_price", "change", "acc_trade_volume_24h", ..., "stream_type"}``.
                On the thread that market data shares.
            stream_preference: ``"both"`` (default): what there is first, then what changes; ``"snapshot_only"``:
                once, then the socket ends by itself; ``"realtime_only"``: what changes.
            view: ``"dict"`` (default), ``"typed"`` (``models.Ticker``), ``"unified"`` (``unified.Ticker``) or
                ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``; of the unified view the same, ``"float"`` being the default there, as of other
                exchanges.
            name: the conn key; ``None`` (default) for one that says what it carries. Two of the same need two.

        Returns:
            The conn key, such as ``"ticker=KRW-BTC/KRW-ETH"``; ``False`` while it is in use. Any thread may call; it
            does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: docs.upbit.com/kr/reference/websocket-ticker (2026-11).
        """
        return self._start_codes(
            "ticker", codes, callback, name, preference=stream_preference, view=view, numbers=numbers
        )

    @overload
    def start_trade_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[m.Trade], object],
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsEvent,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Trade[str]], object],
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsUnified,
        numbers: Literal["str"],
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Trade[Decimal]], object],
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsUnified,
        numbers: Literal["decimal"],
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Trade], object],
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[bytes], object],
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsRaw,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[Payload], object],
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsDict = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_trade_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: View,
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    def start_trade_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key:
        """Every trade of markets; the snapshot is the last one. Two of one second may come in either order.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets
                ``{"type": "trade", "code", "trade_price", "trade_volume", "ask_bid", "sequential_id", ...}``. On the
                thread that market data shares.
            stream_preference: ``"both"`` (default): what there is first, then what changes; ``"snapshot_only"``:
                once, then the socket ends by itself; ``"realtime_only"``: what changes.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it, marked by the
                field ``backfilled``. Default ``False``.
            history: how much of the past of each market comes first, over REST: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing. Trades of seven days at
                most; no more than 10,000.
            view: ``"dict"`` (default), ``"typed"`` (``models.Trade``), ``"unified"`` (``unified.Trade``) or
                ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``; of the unified view the same, ``"float"`` being the default there, as of other
                exchanges.
            name: the conn key; ``None`` (default) for one that says what it carries. Two of the same need two.

        Returns:
            The conn key, such as ``"trade=KRW-BTC"``; ``False`` while it is in use. Any thread may call; it does not
            block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: docs.upbit.com/kr/reference/websocket-trade (2026-11).
        """
        return self._start_codes(
            "trade",
            codes,
            callback,
            name,
            preference=stream_preference,
            backfill=backfill,
            history=history,
            view=view,
            numbers=numbers,
        )

    @overload
    def start_orderbook_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[m.OrderBookEvent], object],
        stream_preference: PreferenceName = "both",
        *,
        count: int = 30,
        level: object = 0,
        view: AsEvent,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_orderbook_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Depth[str]], object],
        stream_preference: PreferenceName = "both",
        *,
        count: int = 30,
        level: object = 0,
        view: AsUnified,
        numbers: Literal["str"],
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_orderbook_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Depth[Decimal]], object],
        stream_preference: PreferenceName = "both",
        *,
        count: int = 30,
        level: object = 0,
        view: AsUnified,
        numbers: Literal["decimal"],
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_orderbook_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Depth], object],
        stream_preference: PreferenceName = "both",
        *,
        count: int = 30,
        level: object = 0,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_orderbook_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[bytes], object],
        stream_preference: PreferenceName = "both",
        *,
        count: int = 30,
        level: object = 0,
        view: AsRaw,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_orderbook_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[Payload], object],
        stream_preference: PreferenceName = "both",
        *,
        count: int = 30,
        level: object = 0,
        view: AsDict = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_orderbook_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        stream_preference: PreferenceName = "both",
        *,
        count: int = 30,
        level: object = 0,
        view: View,
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    def start_orderbook_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        stream_preference: PreferenceName = "both",
        *,
        count: int = 30,
        level: object = 0,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key:
        """Order books: every message is the whole of it, or its best levels.

        Sockets that want different counts of a market share one subscription of the largest; each gets its own
        number of levels.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets ``{"type": "orderbook", "code", "orderbook_units": [{"ask_price", "bid_price", "ask_size",
                 "bid_size"}, ...], "level", ...}``, the best first. On the thread that market data shares.
            stream_preference: ``"both"`` (default): what there is first, then what changes; ``"snapshot_only"``:
                once, then the socket ends by itself; ``"realtime_only"``: what changes.
            count: levels per side: 1, 5, 15 or 30 (default).
            level: price unit by which levels are grouped, a number or text; 0 (default) for the market's own. Korean
                won markets alone have others.
            view: ``"dict"`` (default), ``"typed"`` (``models.OrderBookEvent``), ``"unified"`` (``unified.Depth``) or
                ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``; of the unified view the same, ``"float"`` being the default there, as of other
                exchanges.
            name: the conn key; ``None`` (default) for one that says what it carries. Two of the same need two.

        Returns:
            The conn key, such as ``"orderbook=KRW-BTC&count=5"``; ``False`` while it is in use. Any thread may call;
            it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: docs.upbit.com/kr/reference/websocket-orderbook (2026-09-09).
        """
        return self._start_orderbooks(
            codes, callback, name, count, level, preference=stream_preference, view=view, numbers=numbers
        )

    @overload
    def start_candle_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[m.Candle], object],
        unit: str = "1m",
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsEvent,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_candle_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Kline[str]], object],
        unit: str = "1m",
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsUnified,
        numbers: Literal["str"],
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_candle_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Kline[Decimal]], object],
        unit: str = "1m",
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsUnified,
        numbers: Literal["decimal"],
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_candle_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[u.Kline], object],
        unit: str = "1m",
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsUnified,
        numbers: Literal["float"] | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_candle_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[bytes], object],
        unit: str = "1m",
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsRaw,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_candle_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[Payload], object],
        unit: str = "1m",
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: AsDict = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_candle_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        unit: str = "1m",
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: View,
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    def start_candle_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        unit: str = "1m",
        stream_preference: PreferenceName = "both",
        *,
        backfill: bool = False,
        history: History = None,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key:
        """Candles: a message at most once a second, where a trade has changed one. The next one's begin ends it.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets ``{"type": "candle.1m", "code", "candle_date_time_utc", "opening_price", ...}``. On the
                thread that market data shares.
            unit: ``"1s"``, ``"1m"`` (default), ``"3m"``, ``"5m"``, ``"10m"``, ``"15m"``, ``"30m"``, ``"60m"`` or
                ``"240m"``.
            stream_preference: ``"both"`` (default): what there is first, then what changes; ``"snapshot_only"``:
                once, then the socket ends by itself; ``"realtime_only"``: what changes.
            backfill: ``True`` to fetch over REST what is missed with a link, and to call back with it in order,
                marked by the field ``backfilled``. Default ``False``.
            history: how much of the past of each market comes first, over REST: a count, an aware ``datetime``,
                milliseconds since 1970, or a ``timedelta``; ``None`` (default) for nothing. No more than 4,000.
            view: ``"dict"`` (default), ``"typed"`` (``models.Candle``), ``"unified"`` (``unified.Kline``) or
                ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``; of the unified view the same, ``"float"`` being the default there, as of other
                exchanges.
            name: the conn key; ``None`` (default) for one that says what it carries. Two of the same need two.

        Returns:
            The conn key, such as ``"candle.1m=KRW-BTC"``; ``False`` while it is in use. Any thread may call; it does
            not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: docs.upbit.com/kr/reference/websocket-candle (2026-11).
        """
        return self._start_codes(
            f"candle.{unit_of(unit)}",
            codes,
            callback,
            name,
            preference=stream_preference,
            backfill=backfill,
            history=history,
            view=view,
            numbers=numbers,
        )

    @overload
    def start_my_order_socket(
        self,
        callback: Callable[[m.MyOrder], object],
        codes: str | Iterable[str] | None = None,
        *,
        prime: bool = True,
        view: AsEvent,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_my_order_socket(
        self,
        callback: Callable[[bytes], object],
        codes: str | Iterable[str] | None = None,
        *,
        prime: bool = True,
        view: AsRaw,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_my_order_socket(
        self,
        callback: Callable[[Payload], object],
        codes: str | Iterable[str] | None = None,
        *,
        prime: bool = True,
        view: AsDict = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_my_order_socket(
        self,
        callback: Callback,
        codes: str | Iterable[str] | None = None,
        *,
        prime: bool = True,
        view: View,
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    def start_my_order_socket(
        self,
        callback: Callback,
        codes: str | Iterable[str] | None = None,
        *,
        prime: bool = True,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key:
        """The account's own orders: placed, filled, cancelled. The API key needs the permission to view orders.

        Args:
            callback: gets ``{"type": "myOrder", "code", "uuid", "state", "price", "executed_volume", ...}``. On the
                thread that account data shares.
            codes: orders of these markets alone; ``None`` (default) for all.
            prime: begin with the orders that are open by then, over REST, and so again behind a lost link; their
                ``stream_type`` is ``"SNAPSHOT"``. What comes meanwhile waits, and may repeat what they say. Default
                ``True``: the stream itself tells what changes alone.
            view: ``"dict"`` (default), ``"typed"`` (``models.MyOrder``) or ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``.
            name: the conn key; ``None`` (default) for one that says what it carries. Two of the same need two.

        Returns:
            The conn key, ``"myOrder"`` or one such as ``"myOrder=KRW-BTC"``; ``False`` while it is in use. Any
            thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; no API key; ``BINANCE_SOCKETS_BASE_URL``
                names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: docs.upbit.com/kr/reference/websocket-myorder (2026-11-06).
        """
        return self._start_my_orders(codes, callback, name, prime=prime, view=view, numbers=numbers)

    @overload
    def start_my_asset_socket(
        self, callback: Callable[[m.MyAsset], object], *, prime: bool = True, view: AsEvent, name: str | None = None
    ) -> Key: ...
    @overload
    def start_my_asset_socket(
        self, callback: Callable[[bytes], object], *, prime: bool = True, view: AsRaw, name: str | None = None
    ) -> Key: ...
    @overload
    def start_my_asset_socket(
        self,
        callback: Callable[[Payload], object],
        *,
        prime: bool = True,
        view: AsDict = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_my_asset_socket(
        self,
        callback: Callback,
        *,
        prime: bool = True,
        view: View,
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    def start_my_asset_socket(
        self,
        callback: Callback,
        *,
        prime: bool = True,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key:
        """The account's balances as they change. The API key needs the permission to view assets.

        Args:
            callback: gets ``{"type": "myAsset", "assets": [{"currency", "balance", "locked"}, ...], ...}``. On the
                thread that account data shares.
            prime: begin with all balances, over REST, as with orders. Default ``True``.
            view: ``"dict"`` (default), ``"typed"`` (``models.MyAsset``) or ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``.
            name: the conn key; ``None`` (default) for one that says what it carries. Two of the same need two.

        Returns:
            The conn key, ``"myAsset"``; ``False`` while it is in use. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; no API key; ``BINANCE_SOCKETS_BASE_URL``
                names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: docs.upbit.com/kr/v1.6.4/reference/websocket-myasset (2026-11).
        """
        return self._start_alone("myAsset", callback, name, prime=prime, view=view, numbers=numbers)

    @overload
    def start_announcement_socket(
        self,
        callback: Callable[[m.Announcement], object],
        categories: str | Iterable[str] | None = None,
        *,
        include_body: bool = False,
        view: AsEvent,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_announcement_socket(
        self,
        callback: Callable[[bytes], object],
        categories: str | Iterable[str] | None = None,
        *,
        include_body: bool = False,
        view: AsRaw,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_announcement_socket(
        self,
        callback: Callable[[Payload], object],
        categories: str | Iterable[str] | None = None,
        *,
        include_body: bool = False,
        view: AsDict = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_announcement_socket(
        self,
        callback: Callback,
        categories: str | Iterable[str] | None = None,
        *,
        include_body: bool = False,
        view: View,
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    def start_announcement_socket(
        self,
        callback: Callback,
        categories: str | Iterable[str] | None = None,
        *,
        include_body: bool = False,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key:
        """Notices of the exchange as they are published or changed. Any API key will do.

        Args:
            callback: gets ``{"type": "announcement", "event_type", "category", "title", "url", ...}``. On the thread
                that account data shares.
            categories: those of these categories alone; ``None`` (default) for all.
            include_body: with their texts, as Markdown. Default ``False``.
            view: ``"dict"`` (default), ``"typed"`` (``models.Announcement``) or ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``.
            name: the conn key; ``None`` (default) for one that says what it carries. Two of the same need two.

        Returns:
            The conn key, ``"announcement"`` or one such as ``"announcement&include_body"``; ``False`` while it is in
            use. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; no API key; ``BINANCE_SOCKETS_BASE_URL``
                names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: docs.upbit.com/kr/reference/websocket-announcement (2026-11).
        """
        return self._start_announcements(categories, include_body, callback, name, view=view, numbers=numbers)

    @overload
    def start_indicator_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[m.Indicator], object],
        indicator: str,
        timeframe: str = "5m",
        params: Mapping[str, Any] | None = None,
        *,
        trigger: str | None = None,
        event_params: Mapping[str, Any] | None = None,
        view: AsEvent,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_indicator_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[bytes], object],
        indicator: str,
        timeframe: str = "5m",
        params: Mapping[str, Any] | None = None,
        *,
        trigger: str | None = None,
        event_params: Mapping[str, Any] | None = None,
        view: AsRaw,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_indicator_socket(
        self,
        codes: str | Iterable[str],
        callback: Callable[[Payload], object],
        indicator: str,
        timeframe: str = "5m",
        params: Mapping[str, Any] | None = None,
        *,
        trigger: str | None = None,
        event_params: Mapping[str, Any] | None = None,
        view: AsDict = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    @overload
    def start_indicator_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        indicator: str,
        timeframe: str = "5m",
        params: Mapping[str, Any] | None = None,
        *,
        trigger: str | None = None,
        event_params: Mapping[str, Any] | None = None,
        view: View,
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key: ...
    def start_indicator_socket(
        self,
        codes: str | Iterable[str],
        callback: Callback,
        indicator: str,
        timeframe: str = "5m",
        params: Mapping[str, Any] | None = None,
        *,
        trigger: str | None = None,
        event_params: Mapping[str, Any] | None = None,
        view: ViewName = "dict",
        numbers: NumbersName | None = None,
        name: str | None = None,
    ) -> Key:
        """A technical indicator of Korean won markets at each candle's end, or the signal that it was crossed.

        A connection carries at most 100 indicators, those of all sockets together. Any API key will do.

        Args:
            codes: market codes such as ``"KRW-BTC"``, or one.
            callback: gets ``{"type": "indicator", "code", "timeframe", "indicator", "params", "value", ...}``. On a
                thread that indicators share.
            indicator: ``"volume"``, ``"rsi"``, ``"moving_average"``, ``"ma_crossover"``, ``"bollinger_bands"`` or
                ``"macd"``.
            timeframe: ``"5m"`` (default), ``"15m"``, ``"60m"``, ``"240m"`` or ``"1d"``.
            params: of the indicator, as the exchange documents them, such as ``{"period": 14}``; ``None`` (default)
                for none.
            trigger: such as ``"overbought"``: messages of the type ``indicator_signal`` come when that becomes true,
                and no others. ``None`` (default) for the values.
            event_params: of the trigger, such as ``{"threshold": 70}``.
            view: ``"dict"`` (default), ``"typed"`` (``models.Indicator``) or ``"raw"`` (bytes).
            numbers: prices and quantities of the dict view: ``"decimal"`` (default, exact), ``"str"`` (exact) or
                ``"float"``.
            name: the conn key; ``None`` (default) for one that says what it carries. Two of the same need two.

        Returns:
            The conn key, such as ``"indicator=KRW-BTC:5m:rsi:[null,null,null]"``; ``False`` while it is in use. Any
            thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; no API key; ``BINANCE_SOCKETS_BASE_URL``
                names another machine.
            ManagerClosed: in a process forked after ``start()``.
            RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.

        Source: docs.upbit.com/kr/reference/websocket-indicator (2026-09-23).
        """
        return self._start_indicators(
            codes, callback, name, indicator, timeframe, params, trigger, event_params, view=view, numbers=numbers
        )
