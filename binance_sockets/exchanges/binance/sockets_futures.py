"""``start_*`` methods of the USD-M and COIN-M futures streams."""

from __future__ import annotations

from .sockets import Callback, Key, MarketSockets, ViewName, book, futures_product

__all__ = ["FuturesSockets"]


class FuturesSockets(MarketSockets):
    """Futures streams, after the derivatives documentation and its change log (2026-10-23).

    ``futures_type`` is ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too. Conn keys
    begin with ``usdm:`` or ``coinm:``. The six methods that python-binance 0.7 had keep its payload
    ``{"stream", "data"}``, which their text says; all others get the bare payload. The route of a USD-M stream
    (``/public`` or ``/market``) is chosen from its name. ``view`` is taken by keyword only. Every method registers one
    connection and returns its conn key, or ``False`` while that key is in use or its old thread has not ended. Any
    thread may call it; it does not block, and raises at once for a bad argument.

    Prices and quantities are decimal strings, times whole milliseconds. What the letters mean is said by the typed
    events, in ``binance_sockets.exchanges.binance.models``; what fits none of them comes as with ``view="dict"``. The
    callback takes one argument and runs on the connection's thread; in every view the last payload of a connection that
    gives up is the bare dict ``{"e": "error", "m": ...}``.
    """

    def start_aggtrade_futures_socket(
        self, symbol: str, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Trades of one symbol, aggregated per price and taker side: ``<symbol>@aggTrade``, every 100 ms.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` with
                ``e, E, s, a, p, q, nq, f, l, T, m, st`` (COIN-M without ``nq``); ``e`` is ``aggTrade``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of ``models.FuturesAggTrade``) or ``"raw"``
                (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt@aggTrade"``; ``False`` while it is in use or its old thread has not
            ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Aggregate Trade Streams"; change log of 2025-12-29 (``nq``).
        """
        product = futures_product(futures_type)
        return self._start_family(product, "agg_trade", {"symbol": symbol}, callback, view, wrapped=True)

    def start_trade_futures_socket(self, symbol: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Every trade of one USD-M symbol: ``<symbol>@trade``, in real time.

        The exchange never documented this stream, which may be silent: prefer :meth:`start_aggtrade_futures_socket`.

        Args:
            symbol: such as ``"BTCUSDT"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, T, s, t, p, q, X, m``; ``e`` is
                ``trade``.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesTrade``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt@trade"``; ``False`` while it is in use or its old thread has not
            ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: no document of the exchange; recorded frames, and the route that other clients use (2026-04).
        """
        return self._start_family("usdm", "trade", {"symbol": symbol}, callback, view)

    def start_symbol_mark_price_socket(
        self,
        symbol: str,
        callback: Callback,
        fast: bool = True,
        futures_type: object = "usdm",
        *,
        view: ViewName = "dict",
    ) -> Key:
        """Mark price and funding rate of one symbol: ``<symbol>@markPrice[@1s]``.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` with
                ``e, E, s, p, ap, i, P, r, T, st``; ``e`` is ``markPriceUpdate``.
            fast: ``True`` (default) for one message a second, ``False`` for one every 3 seconds.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of ``models.MarkPrice``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt@markPrice@1s"``; ``False`` while it is in use or its old thread has
            not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Mark Price Stream"; change log of 2026-03-16 (``ap``).
        """
        product, speed = futures_product(futures_type), _mark_speed(fast)
        return self._start_family(
            product, "mark_price", {"symbol": symbol, "speed": speed}, callback, view, wrapped=True
        )

    def start_all_mark_price_socket(
        self, callback: Callback, fast: bool = True, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Mark prices and funding rates of all USD-M symbols: ``!markPrice@arr[@1s]``.

        Args:
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` being a list of
                dicts with ``e, E, s, p, ap, i, P, r, T, st``; ``e`` is ``markPriceUpdate``.
            fast: ``True`` (default) for every second, ``False`` for every 3 seconds; TradFi symbols come in a second
                list.
            futures_type: only ``"usdm"`` (default): COIN-M has :meth:`start_pair_mark_price_socket` instead.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of a list of ``models.MarkPrice``) or ``"raw"``
                (bytes).

        Returns:
            The conn key, such as ``"usdm:!markPrice@arr@1s"``; ``False`` while it is in use or its old thread has not
            ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Mark Price Stream for All market".
        """
        product, speed = futures_product(futures_type), _mark_speed(fast)
        return self._start_family(product, "all_mark_prices", {"speed": speed}, callback, view, wrapped=True)

    def start_pair_mark_price_socket(
        self, pair: str, callback: Callback, fast: bool = True, *, view: ViewName = "dict"
    ) -> Key:
        """Mark prices and funding rates of all contracts of a COIN-M pair: ``<pair>@markPrice[@1s]``.

        Args:
            pair: such as ``"BTCUSD"``, in any case.
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, p, ap, i, P, r, T, st``; ``e`` is ``markPriceUpdate``.
            fast: ``True`` (default) for one message a second, ``False`` for one every 3 seconds.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.MarkPrice``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"coinm:btcusd@markPrice@1s"``; ``False`` while it is in use or its old thread has
            not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Mark Price of All Symbols of a Pair".
        """
        return self._start_family(
            "coinm", "pair_mark_price", {"pair": pair, "speed": _mark_speed(fast)}, callback, view
        )

    def start_symbol_ticker_futures_socket(
        self, symbol: str, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Best bid and ask of one symbol (0.7 says ticker): ``<symbol>@bookTicker``, in real time.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` with
                ``e, u, E, T, s, ps, b, B, a, A, st``; ``e`` is ``bookTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of ``models.FuturesBookTicker``) or ``"raw"``
                (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt@bookTicker"``; ``False`` while it is in use or its old thread has not
            ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Individual Symbol Book Ticker Streams".
        """
        product = futures_product(futures_type)
        return self._start_family(product, "book_ticker", {"symbol": symbol}, callback, view, wrapped=True)

    def start_all_ticker_futures_socket(
        self, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Best bid and ask of all symbols (0.7 says ticker): ``!bookTicker``, USD-M every 5 s, COIN-M in real time.

        Since 2026-06-30 USD-M and COIN-M come together; ``st`` tells them apart: 1 is USD-M, 2 is COIN-M.

        Args:
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` with
                ``e, u, E, T, s, ps, b, B, a, A, st`` of one symbol; ``e`` is ``bookTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of ``models.FuturesBookTicker``) or ``"raw"``
                (bytes).

        Returns:
            The conn key, ``"usdm:!bookTicker"`` or ``"coinm:!bookTicker"``; ``False`` while it is in use or its old
            thread has not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "All Book Tickers Stream".
        """
        return self._start_family(futures_product(futures_type), "all_book_tickers", {}, callback, view, wrapped=True)

    def start_individual_symbol_ticker_futures_socket(
        self, symbol: str, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Ticker of the last 24 hours of one symbol: ``<symbol>@ticker``, USD-M every 2 s, COIN-M every 500 ms.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: ``{"stream", "data"}``, ``data`` with
                ``e, E, s, ps, p, P, w, c, Q, o, h, l, v, q, O, C, F, L, n, st``; ``e`` is ``24hrTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (``models.Combined`` of ``models.FuturesTicker``) or ``"raw"``
                (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt@ticker"``; ``False`` while it is in use or its old thread has not
            ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Individual Symbol Ticker Streams".
        """
        product = futures_product(futures_type)
        return self._start_family(product, "ticker", {"symbol": symbol}, callback, view, wrapped=True)

    def start_ticker_futures_socket(
        self, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Tickers of the last 24 hours of all symbols that changed: ``!ticker@arr``, every second.

        Since 2026-06-30 USD-M and COIN-M come together; ``st`` tells them apart: 1 is USD-M, 2 is COIN-M.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, ps, p, P, w, c, Q, o, h, l, v, q, O, C, F, L, n, st``; ``e`` is ``24hrTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.FuturesTicker``) or ``"raw"`` (bytes).

        Returns:
            The conn key, ``"usdm:!ticker@arr"`` or ``"coinm:!ticker@arr"``; ``False`` while it is in use or its old
            thread has not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "All Market Tickers Streams".
        """
        return self._start_family(futures_product(futures_type), "all_tickers", {}, callback, view)

    def start_symbol_miniticker_futures_socket(
        self, symbol: str, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Short ticker of one symbol (24 hours): ``<symbol>@miniTicker``, USD-M every 2 s, COIN-M every 500 ms.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, ps, c, o, h, l, v, q, st``;
                ``e`` is ``24hrMiniTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesMiniTicker``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt@miniTicker"``; ``False`` while it is in use or its old thread has not
            ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Individual Symbol Mini Ticker Stream".
        """
        return self._start_family(futures_product(futures_type), "mini_ticker", {"symbol": symbol}, callback, view)

    def start_miniticker_futures_socket(
        self, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Short tickers of the last 24 hours of all symbols that changed: ``!miniTicker@arr``, every second.

        Since 2026-06-30 USD-M and COIN-M come together; ``st`` tells them apart: 1 is USD-M, 2 is COIN-M.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, ps, c, o, h, l, v, q, st``; ``e`` is ``24hrMiniTicker``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.FuturesMiniTicker``) or ``"raw"`` (bytes).

        Returns:
            The conn key, ``"usdm:!miniTicker@arr"`` or ``"coinm:!miniTicker@arr"``; ``False`` while it is in use or its
            old thread has not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "All Market Mini Tickers Stream".
        """
        return self._start_family(futures_product(futures_type), "all_mini_tickers", {}, callback, view)

    def start_kline_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "usdm",
        contract_type: object = "perpetual",
        *,
        view: ViewName = "dict",
    ) -> Key:
        """Candles of a contract type of a pair: ``<symbol>_<contract_type>@continuousKline_<interval>``, every 250 ms.

        Args:
            symbol: a pair such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD"``), in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, ps, ct, k``, the candle ``k``
                with ``t, T, i, f, L, o, c, h, l, v, n, x, q, V, Q, B``; ``e`` is ``continuous_kline``.
            interval: ``1m``, ``3m``, ``5m``, ``15m``, ``30m``, ``1h``, ``2h``, ``4h``, ``6h``, ``8h``, ``12h``, ``1d``,
                ``3d``, ``1w``, ``1M``; USD-M also ``1s``. Default ``"1m"``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            contract_type: ``"perpetual"`` (default), ``"current_quarter"``, ``"next_quarter"``; USD-M also
                ``"tradifi_perpetual"``.
            view: ``"dict"`` (default), ``"typed"`` (``models.ContinuousKline``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt_perpetual@continuousKline_1m"``; ``False`` while it is in use or its
            old thread has not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Continuous Contract Kline/Candlestick Streams".
        """
        product = futures_product(futures_type)
        values = {"symbol": symbol, "interval": interval, "contract_type": contract_type}
        return self._start_family(product, "continuous_kline", values, callback, view)

    def start_symbol_kline_futures_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "usdm",
        *,
        view: ViewName = "dict",
    ) -> Key:
        """Candles of one symbol: ``<symbol>@kline_<interval>``, every 250 ms.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, k``, the candle ``k`` with
                ``t, T, s, i, f, L, o, c, h, l, v, n, x, q, V, Q, B``; ``e`` is ``kline``.
            interval: ``1m``, ``3m``, ``5m``, ``15m``, ``30m``, ``1h``, ``2h``, ``4h``, ``6h``, ``8h``, ``12h``, ``1d``,
                ``3d``, ``1w``, ``1M``; default ``"1m"``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (``models.Kline``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt@kline_1m"``; ``False`` while it is in use or its old thread has not
            ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Kline/Candlestick Streams".
        """
        product = futures_product(futures_type)
        return self._start_family(product, "kline", {"symbol": symbol, "interval": interval}, callback, view)

    def start_index_price_kline_socket(
        self,
        pair: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        view: ViewName = "dict",
    ) -> Key:
        """Candles of the index price of a COIN-M pair: ``<pair>@indexPriceKline_<interval>``, every 250 ms.

        Args:
            pair: such as ``"BTCUSD"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, ps, k``, the candle ``k`` with
                ``t, T, s, i, f, L, o, c, h, l, v, n, x, q, V, Q, B``; ``v, q, V, Q, B`` mean nothing; ``e`` is
                ``indexPrice_kline``.
            interval: ``1m``, ``3m``, ``5m``, ``15m``, ``30m``, ``1h``, ``2h``, ``4h``, ``6h``, ``8h``, ``12h``, ``1d``,
                ``3d``, ``1w``, ``1M``; default ``"1m"``.
            futures_type: ``"coinm"`` (default); ``"usdm"`` gets the same from the USD-M host.
            view: ``"dict"`` (default), ``"typed"`` (``models.IndexPriceKline``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"coinm:btcusd@indexPriceKline_1m"``; ``False`` while it is in use or its old thread
            has not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Index Kline/Candlestick Streams".
        """
        product = futures_product(futures_type)
        return self._start_family(product, "index_price_kline", {"pair": pair, "interval": interval}, callback, view)

    def start_mark_price_kline_socket(
        self,
        symbol: str,
        callback: Callback,
        interval: str = "1m",
        futures_type: object = "coinm",
        *,
        view: ViewName = "dict",
    ) -> Key:
        """Candles of the mark price of a COIN-M symbol: ``<symbol>@markPriceKline_<interval>``, every 250 ms.

        Args:
            symbol: such as ``"BTCUSD_PERP"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, ps, k``, the candle ``k`` with
                ``t, T, s, i, f, L, o, c, h, l, v, n, x, q, V, Q, B``; ``v, q, V, Q, B`` mean nothing; ``e`` is
                ``markPrice_kline``.
            interval: ``1m``, ``3m``, ``5m``, ``15m``, ``30m``, ``1h``, ``2h``, ``4h``, ``6h``, ``8h``, ``12h``, ``1d``,
                ``3d``, ``1w``, ``1M``; default ``"1m"``.
            futures_type: ``"coinm"`` (default); ``"usdm"`` gets the same from the USD-M host.
            view: ``"dict"`` (default), ``"typed"`` (``models.MarkPriceKline``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"coinm:btcusd_perp@markPriceKline_1m"``; ``False`` while it is in use or its old
            thread has not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Mark Price Kline/Candlestick Streams".
        """
        product = futures_product(futures_type)
        return self._start_family(product, "mark_price_kline", {"symbol": symbol, "interval": interval}, callback, view)

    def start_futures_depth_socket(
        self,
        symbol: str,
        callback: Callback,
        depth: str | int | None = "10",
        futures_type: object = "usdm",
        interval: int | str | None = None,
        *,
        view: ViewName = "dict",
    ) -> Key:
        """Order book of one symbol: its best levels (``<symbol>@depth<depth>``), or diffs (``<symbol>@depth``).

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, T, s, ps, U, u, pu, b, a, st``,
                for levels and diffs alike; ``e`` is ``depthUpdate``.
            depth: ``5``, ``10`` (default) or ``20`` levels; ``None``, ``0``, ``""`` and ``"1"`` mean the diffs.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            interval: milliseconds between messages: ``100``, ``500``, or ``250`` (also ``None``, the default, and
                ``0``).
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesDepth``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt@depth10"`` or ``"usdm:btcusdt@depth@100ms"``; ``False`` while it is in
            use or its old thread has not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Partial Book Depth Streams" and "Diff. Book Depth Streams".
        """
        key, values = book(depth, interval)
        return self._start_family(futures_product(futures_type), key, {"symbol": symbol, **values}, callback, view)

    def start_futures_rpi_depth_socket(self, symbol: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Diffs of a USD-M book with its retail price improvement orders: ``<symbol>@rpiDepth@500ms``, every 500 ms.

        A quantity of zero removes a level, or means that its crossed orders are hidden.

        Args:
            symbol: such as ``"BTCUSDT"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, T, s, ps, U, u, pu, b, a, st``;
                ``e`` is ``depthUpdate``.
            view: ``"dict"`` (default), ``"typed"`` (``models.FuturesDepth``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt@rpiDepth@500ms"``; ``False`` while it is in use or its old thread has
            not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "RPI Diff. Book Depth Streams".
        """
        return self._start_family("usdm", "rpi_depth", {"symbol": symbol}, callback, view)

    def start_liquidation_socket(
        self, symbol: str, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Liquidation orders of one symbol: ``<symbol>@forceOrder``, at most one a second: a sample, not all of them.

        Args:
            symbol: such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD_PERP"``), in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, o``, the order ``o`` with
                ``s, ps, S, o, f, q, p, ap, X, l, z, T, st``; ``e`` is ``forceOrder``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (``models.Liquidation``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"usdm:btcusdt@forceOrder"``; ``False`` while it is in use or its old thread has not
            ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Liquidation Order Streams".
        """
        return self._start_family(futures_product(futures_type), "liquidation", {"symbol": symbol}, callback, view)

    def start_all_liquidation_socket(
        self, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Liquidation orders of all symbols: ``!forceOrder@arr``, at most one a second for each symbol.

        Since 2026-06-30 USD-M and COIN-M come together; ``st`` tells them apart: 1 is USD-M, 2 is COIN-M.

        Args:
            callback: gets each payload on the connection's thread: one dict, in spite of ``arr``, with ``e, E, o``, the
                order ``o`` with ``s, ps, S, o, f, q, p, ap, X, l, z, T, st``; ``e`` is ``forceOrder``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (``models.Liquidation``) or ``"raw"`` (bytes).

        Returns:
            The conn key, ``"usdm:!forceOrder@arr"`` or ``"coinm:!forceOrder@arr"``; ``False`` while it is in use or its
            old thread has not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "All Market Liquidation Order Streams".
        """
        return self._start_family(futures_product(futures_type), "all_liquidations", {}, callback, view)

    def start_contract_info_socket(
        self, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Listings, settlements and changed brackets of contracts: ``!contractInfo``, in real time. They are rare.

        Since 2026-06-30 USD-M and COIN-M come together; ``st`` tells them apart: 1 is USD-M, 2 is COIN-M.

        Args:
            callback: gets each payload on the connection's thread: a dict with
                ``e, E, s, ps, ct, dt, ot, cs, bks, st``; ``bks`` only where brackets changed; ``e`` is
                ``contractInfo``.
            futures_type: ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too.
            view: ``"dict"`` (default), ``"typed"`` (``models.ContractInfo``) or ``"raw"`` (bytes).

        Returns:
            The conn key, ``"usdm:!contractInfo"`` or ``"coinm:!contractInfo"``; ``False`` while it is in use or its old
            thread has not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Contract Info Stream".
        """
        return self._start_family(futures_product(futures_type), "contract_info", {}, callback, view)

    def start_composite_index_socket(self, symbol: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """A composite index and its components: ``<symbol>@compositeIndex``, every second. USD-M only.

        Args:
            symbol: of an index, such as ``"DEFIUSDT"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, p, C, c``, each component in
                ``c`` with ``b, q, w, W, i``; ``e`` is ``compositeIndex``.
            view: ``"dict"`` (default), ``"typed"`` (``models.CompositeIndex``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"usdm:defiusdt@compositeIndex"``; ``False`` while it is in use or its old thread has
            not ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Composite Index Symbol Information Streams".
        """
        return self._start_family("usdm", "composite_index", {"symbol": symbol}, callback, view)

    def start_index_price_socket(
        self, symbol: str, callback: Callback, fast: bool = True, *, view: ViewName = "dict"
    ) -> Key:
        """Index price of a COIN-M pair: ``<symbol>@indexPrice``, every second.

        Args:
            symbol: a pair such as ``"BTCUSD"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, p`` (the pair was in ``i``
                before 2026-06-30); ``e`` is ``IndexUpdate``.
            fast: without effect: on 2026-06-30 the exchange made one second the only speed. Default ``True``.
            view: ``"dict"`` (default), ``"typed"`` (``models.IndexPrice``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"coinm:btcusd@indexPrice"``; ``False`` while it is in use or its old thread has not
            ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Index Price Stream"; change log of 2026-06-30.
        """
        return self._start_family("coinm", "index_price", {"symbol": symbol}, callback, view)

    def start_asset_index_socket(self, asset: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Index and buffers of one asset of the multi-assets mode: ``<asset>@assetIndex``, every second. USD-M only.

        Args:
            asset: an asset pair such as ``"ADAUSD"``, in any case.
            callback: gets each payload on the connection's thread: a dict with ``e, E, s, i, b, a, B, A, q, g, Q, G``;
                ``e`` is ``assetIndexUpdate``.
            view: ``"dict"`` (default), ``"typed"`` (``models.AssetIndex``) or ``"raw"`` (bytes).

        Returns:
            The conn key, such as ``"usdm:adausd@assetIndex"``; ``False`` while it is in use or its old thread has not
            ended. Any thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Asset Index".
        """
        return self._start_family("usdm", "asset_index", {"asset": asset}, callback, view)

    def start_all_asset_index_socket(self, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Indexes and buffers of all assets of the multi-assets mode: ``!assetIndex@arr``, every second. USD-M only.

        Args:
            callback: gets each payload on the connection's thread: a list of dicts with
                ``e, E, s, i, b, a, B, A, q, g, Q, G``; ``e`` is ``assetIndexUpdate``.
            view: ``"dict"`` (default), ``"typed"`` (a list of ``models.AssetIndex``) or ``"raw"`` (bytes).

        Returns:
            The conn key ``"usdm:!assetIndex@arr"``; ``False`` while it is in use or its old thread has not ended. Any
            thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Asset Index".
        """
        return self._start_family("usdm", "all_asset_indexes", {}, callback, view)

    def start_trading_session_socket(self, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Sessions of the markets behind the TradFi contracts: ``tradingSession``, every second. USD-M only.

        ``e`` names the market: ``EquityUpdate`` (US), ``KR_EquityUpdate``, ``HK_EquityUpdate``, ``CN_EquityUpdate`` or
        ``CommodityUpdate``.

        Args:
            callback: gets each payload on the connection's thread: a dict with ``e, E, t, T, S`` of one market.
            view: ``"dict"`` (default), ``"typed"`` (``models.TradingSession``) or ``"raw"`` (bytes).

        Returns:
            The conn key ``"usdm:tradingSession"``; ``False`` while it is in use or its old thread has not ended. Any
            thread may call; it does not block.

        Raises:
            ConfigError: for a bad argument, naming the allowed values; on Binance.US and ``"data"``, without futures.
            ManagerClosed: in a process forked after ``start()``, or where no thread can be started.
            OSError: after ``start()``, where the system gives no descriptor.

        Source: derivatives documentation (2026-10-23), "Trading Session Stream"; change log of 2025-12-11 and
        2026-06-02.
        """
        return self._start_family("usdm", "trading_session", {}, callback, view)


def _mark_speed(fast: bool) -> str | None:
    return "1s" if fast else None
