"""``start_*`` methods of the European options streams."""

from __future__ import annotations

from .sockets import Callback, Key, MarketSockets, ViewName, book

__all__ = ["OptionsSockets"]


class OptionsSockets(MarketSockets):
    """Options streams, after the options documentation of 2026 (hosts and names changed on 2025-12-15).

    Symbols are those of contracts (``BTC-261225-110000-C``) or of underlyings (``BTCUSDT``), in any case. Payloads
    are bare; conn keys begin with ``options:``. All methods take ``view`` (``"dict"``, ``"raw"`` or ``"typed"``) by
    keyword only; they return the conn key, or ``False`` when it is already in use; they raise ``ConfigError`` at once
    for a bad argument; they do not block, and the callback runs on the connection's thread.
    """

    def start_options_recent_trades_socket(self, symbol: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Trades of one contract, or of all contracts of an underlying: ``trade``."""
        return self._start_family("options", "trade", {"symbol": symbol}, callback, view)

    def start_options_ticker_socket(self, symbol: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Ticker of one contract: ``24hrTicker`` every second."""
        return self._start_family("options", "ticker", {"symbol": symbol}, callback, view)

    def start_options_ticker_by_expiration_socket(
        self, symbol: str, callback: Callback, expiration_date: str, *, view: ViewName = "dict"
    ) -> Key:
        """Tickers of an underlying's contracts that expire on a day (``yymmdd``): ``24hrTicker`` every second.

        The documents disagree on the exact name of this stream.
        """
        values = {"symbol": symbol, "expiration_date": expiration_date}
        return self._start_family("options", "ticker_by_expiration", values, callback, view)

    def start_options_book_ticker_socket(self, symbol: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Best bid and ask of one contract: ``bookTicker`` in real time."""
        return self._start_family("options", "book_ticker", {"symbol": symbol}, callback, view)

    def start_options_depth_socket(
        self,
        symbol: str,
        callback: Callback,
        depth: str | int | None = "10",
        interval: int | str = 100,
        *,
        view: ViewName = "dict",
    ) -> Key:
        """Order book: the best levels, or with ``depth=None`` the diffs; ``depthUpdate`` both.

        Args:
            symbol: of a contract.
            callback: gets one dict per message.
            depth: ``5``, ``10`` or ``20`` levels; ``None``, ``0``, ``""`` and ``"1"`` mean diffs.
            interval: milliseconds between messages: ``100`` or ``500``.
            view: how the callback sees a message.
        """
        key, values = book(depth, interval)
        return self._start_family("options", key, {"symbol": symbol, **values}, callback, view)

    def start_options_kline_socket(
        self, symbol: str, callback: Callback, interval: str = "1m", *, view: ViewName = "dict"
    ) -> Key:
        """Candles of one contract: ``kline`` every second; ``interval`` from ``1m`` to ``1w``."""
        return self._start_family("options", "kline", {"symbol": symbol, "interval": interval}, callback, view)

    def start_options_mark_price_socket(self, symbol: str, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Mark prices and greeks of all contracts of an underlying: a list of ``markPrice`` every second."""
        return self._start_family("options", "mark_price", {"symbol": symbol}, callback, view)

    def start_options_open_interest_socket(
        self, symbol: str, callback: Callback, expiration_date: str, *, view: ViewName = "dict"
    ) -> Key:
        """Open interest of an underlying's contracts that expire on a day (``yymmdd``): a list, every 60 s."""
        values = {"symbol": symbol, "expiration_date": expiration_date}
        return self._start_family("options", "open_interest", values, callback, view)

    def start_options_index_price_socket(self, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Index prices of all underlyings: a list of ``indexPrice`` every second."""
        return self._start_family("options", "index_prices", {}, callback, view)

    def start_options_new_symbol_socket(self, callback: Callback, *, view: ViewName = "dict") -> Key:
        """Newly listed contracts: ``optionSymbol``. Rare."""
        return self._start_family("options", "new_symbols", {}, callback, view)
