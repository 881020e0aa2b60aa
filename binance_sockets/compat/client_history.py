"""What ``Client`` makes of several calls: candles and trades of long ago, one symbol, one balance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .dates import date_to_milliseconds, interval_to_milliseconds
from .enums import HistoricalKlinesType

__all__ = ["History"]

_PAGE = 1000  # what one call may bring
_TRADES_PAGE = 1000


class History:
    """Mixed into :class:`~.client.Client`, which has the calls."""

    get_klines: Any
    futures_klines: Any
    get_aggregate_trades: Any
    get_exchange_info: Any
    get_account: Any

    def get_historical_klines(
        self,
        symbol: str,
        interval: str,
        start_str: str | int | None = None,
        end_str: str | int | None = None,
        limit: int = _PAGE,
        klines_type: HistoricalKlinesType = HistoricalKlinesType.SPOT,
    ) -> list[Any]:
        """Candles between two times, over as many calls as that takes.

        Args:
            symbol: such as ``"BTCUSDT"``.
            interval: ``"1m"`` to ``"1M"``.
            start_str: a date as people write it, or milliseconds; ``None`` for the ``limit`` newest.
            end_str: likewise; ``None`` for now.
            limit: how many one call brings, at most 1000.
            klines_type: spot or USD-M.
        """
        return list(self.get_historical_klines_generator(symbol, interval, start_str, end_str, limit, klines_type))

    def get_historical_klines_generator(
        self,
        symbol: str,
        interval: str,
        start_str: str | int | None = None,
        end_str: str | int | None = None,
        limit: int = _PAGE,
        klines_type: HistoricalKlinesType = HistoricalKlinesType.SPOT,
    ) -> Iterator[Any]:
        """As :meth:`get_historical_klines`, one after another: calls are made as they are needed."""
        calls = {HistoricalKlinesType.SPOT: self.get_klines, HistoricalKlinesType.FUTURES: self.futures_klines}
        call = calls.get(klines_type)
        if call is None:
            raise ValueError(f"klines_type is {klines_type!r}; allowed are {list(calls)}")
        length = interval_to_milliseconds(interval)
        if length is None:
            raise ValueError(f"interval is {interval!r}; allowed are such as '1m', '4h', '1d', '1w', '1M'")
        size = min(limit, _PAGE)
        asked = {"symbol": symbol, "interval": interval, "limit": size}
        if start_str is None:
            yield from call(**asked)
            return
        since, until = _milliseconds(start_str), None if end_str is None else _milliseconds(end_str)
        while until is None or since <= until:
            page = call(**asked, startTime=since, endTime=until)
            yield from page
            if len(page) < size:
                return
            since = int(page[-1][0]) + 1  # the next one opens later, however long a month is

    def futures_historical_klines(
        self,
        symbol: str,
        interval: str,
        start_str: str | int,
        end_str: str | int | None = None,
        limit: int = 500,
    ) -> list[Any]:
        """:meth:`get_historical_klines` of USD-M."""
        return self.get_historical_klines(symbol, interval, start_str, end_str, limit, HistoricalKlinesType.FUTURES)

    def aggregate_trade_iter(
        self, symbol: str, start_str: str | int | None = None, last_id: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Aggregate trades since a time, or behind an id, up to now; calls are made as they are needed.

        Args:
            symbol: such as ``"BTCUSDT"``.
            start_str: a date as people write it, or milliseconds.
            last_id: of the last trade that is known.
        """
        if start_str is not None and last_id is not None:
            raise ValueError("start_time and last_id may not be simultaneously specified.")
        asked: dict[str, Any] = {"symbol": symbol, "limit": _TRADES_PAGE}
        if last_id is not None:
            asked["fromId"] = last_id + 1
        elif start_str is not None:
            asked["startTime"] = _milliseconds(start_str)
        else:
            asked["fromId"] = 0
        while True:
            page = self.get_aggregate_trades(**asked)
            yield from page
            if len(page) < _TRADES_PAGE:
                return
            asked.pop("startTime", None)
            asked["fromId"] = page[-1]["a"] + 1

    def get_symbol_info(self, symbol: str) -> dict[str, Any] | None:
        """Rules and filters of one symbol; ``None`` where it is not listed."""
        found = (each for each in self.get_exchange_info()["symbols"] if each["symbol"] == symbol.upper())
        return next(found, None)

    def get_asset_balance(self, asset: str, **params: Any) -> dict[str, Any] | None:
        """What the spot account has of one asset, with ``free`` and ``locked``; ``None`` where it is not listed."""
        found = (each for each in self.get_account(**params)["balances"] if each["asset"].lower() == asset.lower())
        return next(found, None)


def _milliseconds(moment: str | int) -> int:
    return date_to_milliseconds(moment) if isinstance(moment, str) else int(moment)
