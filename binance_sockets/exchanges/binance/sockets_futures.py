"""``start_*`` methods of the USD-M and COIN-M futures streams."""

from __future__ import annotations

from .sockets import Callback, Key, MarketSockets, ViewName, book, futures_product

__all__ = ["FuturesSockets"]


class FuturesSockets(MarketSockets):
    """Futures streams, after the derivatives documentation and its change log (2026-10-23).

    ``futures_type`` is ``"usdm"`` (default) or ``"coinm"``; python-binance 1.x's ``FuturesType`` works too. Conn keys
    begin with ``usdm:`` or ``coinm:``. The six methods that python-binance 0.7 had keep its payload
    ``{"stream", "data"}``, which their text says; all others get the bare payload. All methods take ``view``
    (``"dict"``, ``"raw"`` or ``"typed"``) by keyword only; they return the conn key, or ``False`` when it is already in
    use; they raise ``ConfigError`` at once for a bad argument; they do not block, and the callback runs on the
    connection's thread. The route of a USD-M stream (``/public`` or ``/market``) is chosen from its name.
    """

    def start_aggtrade_futures_socket(
        self, symbol: str, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Aggregated trades: ``{"stream", "data"}`` with ``aggTrade`` every 100 ms."""
        product = futures_product(futures_type)
        return self._start_family(product, "agg_trade", {"symbol": symbol}, callback, view, wrapped=True)

    def start_trade_futures_socket(self, symbol: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Every trade of a USD-M symbol: ``trade``. Never documented by the exchange and perhaps silent."""
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
        """Mark price and funding rate of one symbol: ``{"stream", "data"}`` with ``markPriceUpdate``.

        ``fast`` means every second, otherwise every 3 seconds.
        """
        product, speed = futures_product(futures_type), _mark_speed(fast)
        return self._start_family(
            product, "mark_price", {"symbol": symbol, "speed": speed}, callback, view, wrapped=True
        )

    def start_all_mark_price_socket(
        self, callback: Callback, fast: bool = True, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Mark prices of all USD-M symbols: ``{"stream", "data"}`` with a list of ``markPriceUpdate``.

        ``fast`` means every second, otherwise every 3 seconds; two lists per turn, one of them of the TradFi symbols.
        COIN-M has :meth:`start_pair_mark_price_socket` instead.
        """
        product, speed = futures_product(futures_type), _mark_speed(fast)
        return self._start_family(product, "all_mark_prices", {"speed": speed}, callback, view, wrapped=True)

    def start_pair_mark_price_socket(
        self, pair: str, callback: Callback, fast: bool = True, *, view: ViewName = "dict"
    ) -> Key:
        """Mark prices of all contracts of a COIN-M pair such as ``BTCUSD``: a list of ``markPriceUpdate``.

        ``fast`` means every second, otherwise every 3 seconds.
        """
        return self._start_family(
            "coinm", "pair_mark_price", {"pair": pair, "speed": _mark_speed(fast)}, callback, view
        )

    def start_symbol_ticker_futures_socket(
        self, symbol: str, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Best bid and ask of one symbol (0.7's name says ticker): ``{"stream", "data"}`` with ``bookTicker``."""
        product = futures_product(futures_type)
        return self._start_family(product, "book_ticker", {"symbol": symbol}, callback, view, wrapped=True)

    def start_all_ticker_futures_socket(
        self, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Best bid and ask of all symbols (0.7's name says ticker): ``{"stream", "data"}`` with one ``bookTicker``.

        Since 2026-06-30 USD-M and COIN-M symbols come together; ``st`` tells them apart.
        """
        return self._start_family(futures_product(futures_type), "all_book_tickers", {}, callback, view, wrapped=True)

    def start_individual_symbol_ticker_futures_socket(
        self, symbol: str, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Ticker of the last 24 hours of one symbol: ``{"stream", "data"}`` with ``24hrTicker``."""
        product = futures_product(futures_type)
        return self._start_family(product, "ticker", {"symbol": symbol}, callback, view, wrapped=True)

    def start_ticker_futures_socket(
        self, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Tickers of all symbols that changed: a list of ``24hrTicker`` every second, USD-M and COIN-M together."""
        return self._start_family(futures_product(futures_type), "all_tickers", {}, callback, view)

    def start_symbol_miniticker_futures_socket(
        self, symbol: str, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Short ticker of one symbol: ``24hrMiniTicker``."""
        return self._start_family(futures_product(futures_type), "mini_ticker", {"symbol": symbol}, callback, view)

    def start_miniticker_futures_socket(
        self, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Short tickers of all symbols that changed: a list of ``24hrMiniTicker`` every second."""
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
        """Candles of a contract type of a pair: ``continuous_kline`` every 250 ms.

        Args:
            symbol: a pair such as ``"BTCUSDT"`` (COIN-M: ``"BTCUSD"``).
            callback: gets one dict per message.
            interval: ``1m`` to ``1M``; USD-M also ``1s``.
            futures_type: ``"usdm"`` or ``"coinm"``.
            contract_type: ``"perpetual"``, ``"current_quarter"``, ``"next_quarter"``; USD-M also
                ``"tradifi_perpetual"``.
            view: how the callback sees a message.
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
        """Candles of one symbol: ``kline`` every 250 ms; ``interval`` from ``1m`` to ``1M``."""
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
        """Candles of the index price of a COIN-M pair: ``indexPrice_kline`` every 250 ms.

        ``futures_type="usdm"`` gets the same from the USD-M host.
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
        """Candles of the mark price of a COIN-M symbol: ``markPrice_kline`` every 250 ms.

        ``futures_type="usdm"`` gets the same from the USD-M host.
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
        """Order book: the best levels, or with ``depth=None`` the diffs; ``depthUpdate`` both.

        Args:
            symbol: such as ``"BTCUSDT"`` or ``"BTCUSD_PERP"``.
            callback: gets one dict per message.
            depth: ``5``, ``10`` or ``20`` levels; ``None``, ``0``, ``""`` and ``"1"`` mean diffs.
            futures_type: ``"usdm"`` or ``"coinm"``.
            interval: milliseconds between messages: ``100``, ``500``, or ``250`` (also ``None`` and ``0``).
            view: how the callback sees a message.
        """
        key, values = book(depth, interval)
        return self._start_family(futures_product(futures_type), key, {"symbol": symbol, **values}, callback, view)

    def start_futures_rpi_depth_socket(self, symbol: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Diffs of a USD-M book with its retail price improvement orders: ``depthUpdate`` every 500 ms."""
        return self._start_family("usdm", "rpi_depth", {"symbol": symbol}, callback, view)

    def start_liquidation_socket(
        self, symbol: str, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Liquidation orders of one symbol: ``forceOrder``, one per second at most; a sample, not all of them."""
        return self._start_family(futures_product(futures_type), "liquidation", {"symbol": symbol}, callback, view)

    def start_all_liquidation_socket(
        self, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Liquidation orders of all symbols: one ``forceOrder`` per message, USD-M and COIN-M together."""
        return self._start_family(futures_product(futures_type), "all_liquidations", {}, callback, view)

    def start_contract_info_socket(
        self, callback: Callback, futures_type: object = "usdm", *, view: ViewName = "dict"
    ) -> Key:
        """Listings, settlements and changed brackets: ``contractInfo``. Rare."""
        return self._start_family(futures_product(futures_type), "contract_info", {}, callback, view)

    def start_composite_index_socket(self, symbol: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Parts of a composite index such as ``DEFIUSDT``: ``compositeIndex`` every second."""
        return self._start_family("usdm", "composite_index", {"symbol": symbol}, callback, view)

    def start_index_price_socket(
        self, symbol: str, callback: Callback, fast: bool = True, *, view: ViewName = "dict"
    ) -> Key:
        """Index price of a COIN-M pair such as ``BTCUSD``: ``indexPriceUpdate`` every second.

        ``fast`` has no effect: on 2026-06-30 the exchange made one second the only speed.
        """
        return self._start_family("coinm", "index_price", {"symbol": symbol}, callback, view)

    def start_asset_index_socket(self, asset: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Index and buffers of one asset pair of the multi-assets mode, such as ``ADAUSD``: ``assetIndexUpdate``."""
        return self._start_family("usdm", "asset_index", {"asset": asset}, callback, view)

    def start_all_asset_index_socket(self, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Indexes and buffers of all assets of the multi-assets mode: a list of ``assetIndexUpdate`` every second."""
        return self._start_family("usdm", "all_asset_indexes", {}, callback, view)

    def start_trading_session_socket(self, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Sessions of the markets behind the TradFi contracts: one ``EquityUpdate``, ``CommodityUpdate``, … each."""
        return self._start_family("usdm", "trading_session", {}, callback, view)


def _mark_speed(fast: bool) -> str | None:
    return "1s" if fast else None
