"""Named methods of the WebSocket API for public data."""

# Written by scripts/generate_api.py from the table in methods.py; edit the table instead.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .api_client import ApiClient

__all__ = ["MarketMethods"]


class MarketMethods(ApiClient):
    """Public data."""

    def ping(self, *, timeout: float | None = None) -> dict[str, Any]:
        """Whether the exchange answers.

        ``ping`` of Spot and USD-M. Request weight 1.

        Args:
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("ping", {}, timeout)
        return result

    def time(self, *, timeout: float | None = None) -> dict[str, Any]:
        """The exchange's time.

        ``time`` of Spot and USD-M. Request weight 1.

        Args:
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("time", {}, timeout)
        return result

    def exchange_info(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        permissions: Sequence[str] | None = None,
        showPermissionSets: bool | None = None,
        symbolStatus: str | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Rules and symbols of the exchange.

        ``exchangeInfo`` of Spot. Request weight 20.

        Args:
            symbol: such as ``"BTCUSDT"``.
            symbols: several, instead of ``symbol``.
            permissions: only symbols with these.
            showPermissionSets: answer the sets of permissions.
            symbolStatus: only symbols of this status.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "symbols": symbols,
            "permissions": permissions,
            "showPermissionSets": showPermissionSets,
            "symbolStatus": symbolStatus,
        }
        result: dict[str, Any] = self._named("exchangeInfo", given, timeout)
        return result

    def execution_rules(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        symbolStatus: str | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Rules of execution by symbol.

        ``executionRules`` of Spot. Request weight 2 for each symbol, 40 at most.

        Args:
            symbol: such as ``"BTCUSDT"``.
            symbols: several, instead of ``symbol``.
            symbolStatus: only symbols of this status.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "symbols": symbols,
            "symbolStatus": symbolStatus,
        }
        result: dict[str, Any] = self._named("executionRules", given, timeout)
        return result

    def depth(
        self, symbol: str, *, limit: int | None = None, symbolStatus: str | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """Order book.

        ``depth`` of Spot and USD-M. Request weight: Spot 5, 25, 50 or 250 by limit; USD-M 2, 5, 10 or 20 by limit.

        Args:
            symbol: such as ``"BTCUSDT"``.
            limit: how many.
            symbolStatus: only symbols of this status (Spot).
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "limit": limit,
            "symbolStatus": symbolStatus,
        }
        result: dict[str, Any] = self._named("depth", given, timeout)
        return result

    def trades_recent(self, symbol: str, *, limit: int | None = None, timeout: float | None = None) -> list[Any]:
        """Recent trades.

        ``trades.recent`` of Spot. Request weight 25.

        Args:
            symbol: such as ``"BTCUSDT"``.
            limit: how many.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: list[Any] = self._named("trades.recent", {"symbol": symbol, "limit": limit}, timeout)
        return result

    def trades_historical(
        self, symbol: str, *, fromId: int | None = None, limit: int | None = None, timeout: float | None = None
    ) -> list[Any]:
        """Trades from an id on.

        ``trades.historical`` of Spot. Request weight 25.

        Args:
            symbol: such as ``"BTCUSDT"``.
            fromId: first id.
            limit: how many.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "fromId": fromId,
            "limit": limit,
        }
        result: list[Any] = self._named("trades.historical", given, timeout)
        return result

    def block_trades_historical(
        self, symbol: str, fromId: int, *, limit: int | None = None, timeout: float | None = None
    ) -> list[Any]:
        """Block trades from an id on.

        ``blockTrades.historical`` of Spot. Request weight 25.

        Args:
            symbol: such as ``"BTCUSDT"``.
            fromId: first id.
            limit: how many.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "fromId": fromId,
            "limit": limit,
        }
        result: list[Any] = self._named("blockTrades.historical", given, timeout)
        return result

    def trades_aggregate(
        self,
        symbol: str,
        *,
        fromId: int | None = None,
        startTime: int | None = None,
        endTime: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Aggregate trades.

        ``trades.aggregate`` of Spot. Request weight 4.

        Args:
            symbol: such as ``"BTCUSDT"``.
            fromId: first id.
            startTime: first moment, in ms.
            endTime: last moment, in ms.
            limit: how many.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "fromId": fromId,
            "startTime": startTime,
            "endTime": endTime,
            "limit": limit,
        }
        result: list[Any] = self._named("trades.aggregate", given, timeout)
        return result

    def klines(
        self,
        symbol: str,
        interval: str,
        *,
        startTime: int | None = None,
        endTime: int | None = None,
        timeZone: str | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Candles.

        ``klines`` of Spot. Request weight 2.

        Args:
            symbol: such as ``"BTCUSDT"``.
            interval: length of a candle, such as ``"1m"``.
            startTime: first moment, in ms.
            endTime: last moment, in ms.
            timeZone: hours from UTC.
            limit: how many.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "interval": interval,
            "startTime": startTime,
            "endTime": endTime,
            "timeZone": timeZone,
            "limit": limit,
        }
        result: list[Any] = self._named("klines", given, timeout)
        return result

    def ui_klines(
        self,
        symbol: str,
        interval: str,
        *,
        startTime: int | None = None,
        endTime: int | None = None,
        timeZone: str | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Candles for charts.

        ``uiKlines`` of Spot. Request weight 2.

        Args:
            symbol: such as ``"BTCUSDT"``.
            interval: length of a candle, such as ``"1m"``.
            startTime: first moment, in ms.
            endTime: last moment, in ms.
            timeZone: hours from UTC.
            limit: how many.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "interval": interval,
            "startTime": startTime,
            "endTime": endTime,
            "timeZone": timeZone,
            "limit": limit,
        }
        result: list[Any] = self._named("uiKlines", given, timeout)
        return result

    def avg_price(self, symbol: str, *, timeout: float | None = None) -> dict[str, Any]:
        """Average price of the last minutes.

        ``avgPrice`` of Spot. Request weight 2.

        Args:
            symbol: such as ``"BTCUSDT"``.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("avgPrice", {"symbol": symbol}, timeout)
        return result

    def ticker_24hr(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        type: str | None = None,
        symbolStatus: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Statistics of the last 24 hours.

        ``ticker.24hr`` of Spot. Request weight 2, 40 or 80 by the number of symbols.

        Args:
            symbol: such as ``"BTCUSDT"``.
            symbols: several, instead of ``symbol``.
            type: as the exchange names it.
            symbolStatus: only symbols of this status.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "symbols": symbols,
            "type": type,
            "symbolStatus": symbolStatus,
        }
        return self._named("ticker.24hr", given, timeout)

    def ticker_trading_day(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        timeZone: str | None = None,
        type: str | None = None,
        symbolStatus: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Statistics of the trading day.

        ``ticker.tradingDay`` of Spot. Request weight 4 for each symbol, 200 at most.

        Args:
            symbol: such as ``"BTCUSDT"``.
            symbols: several, instead of ``symbol``.
            timeZone: hours from UTC.
            type: as the exchange names it.
            symbolStatus: only symbols of this status.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "symbols": symbols,
            "timeZone": timeZone,
            "type": type,
            "symbolStatus": symbolStatus,
        }
        return self._named("ticker.tradingDay", given, timeout)

    def ticker(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        windowSize: str | None = None,
        type: str | None = None,
        symbolStatus: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Statistics of a rolling window.

        ``ticker`` of Spot. Request weight 4 for each symbol, 200 at most.

        Args:
            symbol: such as ``"BTCUSDT"``.
            symbols: several, instead of ``symbol``.
            windowSize: length of the window, such as ``"7d"``.
            type: as the exchange names it.
            symbolStatus: only symbols of this status.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "symbols": symbols,
            "windowSize": windowSize,
            "type": type,
            "symbolStatus": symbolStatus,
        }
        return self._named("ticker", given, timeout)

    def ticker_price(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        symbolStatus: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Latest prices.

        ``ticker.price`` of Spot and USD-M. Request weight: Spot 2, or 4 for several; USD-M 1, or 2 for all.

        Args:
            symbol: such as ``"BTCUSDT"``.
            symbols: several, instead of ``symbol`` (Spot).
            symbolStatus: only symbols of this status (Spot).
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "symbols": symbols,
            "symbolStatus": symbolStatus,
        }
        return self._named("ticker.price", given, timeout)

    def ticker_book(
        self,
        *,
        symbol: str | None = None,
        symbols: Sequence[str] | None = None,
        symbolStatus: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Best prices of the book.

        ``ticker.book`` of Spot and USD-M. Request weight: Spot 2, or 4 for several; USD-M 2, or 5 for all.

        Args:
            symbol: such as ``"BTCUSDT"``.
            symbols: several, instead of ``symbol`` (Spot).
            symbolStatus: only symbols of this status (Spot).
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "symbols": symbols,
            "symbolStatus": symbolStatus,
        }
        return self._named("ticker.book", given, timeout)

    def reference_price(self, symbol: str, *, timeout: float | None = None) -> dict[str, Any]:
        """Reference price.

        ``referencePrice`` of Spot. Request weight 2.

        Args:
            symbol: such as ``"BTCUSDT"``.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("referencePrice", {"symbol": symbol}, timeout)
        return result

    def reference_price_calculation(
        self, symbol: str, *, symbolStatus: str | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """How the reference price is made.

        ``referencePrice.calculation`` of Spot. Request weight 2.

        Args:
            symbol: such as ``"BTCUSDT"``.
            symbolStatus: only symbols of this status.
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        given = {
            "symbol": symbol,
            "symbolStatus": symbolStatus,
        }
        result: dict[str, Any] = self._named("referencePrice.calculation", given, timeout)
        return result

    def session_status(self, *, timeout: float | None = None) -> dict[str, Any]:
        """Whether the session is logged on.

        ``session.status`` of Spot, USD-M and COIN-M. Request weight 2.

        Args:
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("session.status", {}, timeout)
        return result

    def session_logout(self, *, timeout: float | None = None) -> dict[str, Any]:
        """Forget the key of the session; later requests are signed one by one.

        ``session.logout`` of Spot, USD-M and COIN-M. Request weight 2.

        Args:
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: dict[str, Any] = self._named("session.logout", {}, timeout)
        return result

    def session_subscriptions(self, *, timeout: float | None = None) -> list[Any]:
        """The session's user data subscriptions.

        ``session.subscriptions`` of Spot. Request weight 2.

        Args:
            timeout: seconds for the reply; ``None`` (default) for the client's.

        Returns and raises as :meth:`WebSocketAPI.request` does.
        """
        result: list[Any] = self._named("session.subscriptions", {}, timeout)
        return result
