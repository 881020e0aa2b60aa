"""A rolling window of messages per symbol, reduced to what you want to know of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from msgspec import Struct

from ..config import check_number
from ..errors import ConfigError
from .bars import read_trade
from .parts import Snapshots

__all__ = ["WindowStatistics", "Windowed"]


class WindowStatistics(Struct, frozen=True, kw_only=True):
    """The trades of one symbol in a window. Numbers are floats.

    Args:
        mean: mean price, each trade counting as one.
        high: highest price.
        low: lowest price.
        volume: in the base asset (COIN-M, options: in contracts).
        count: trades.
    """

    mean: float
    high: float
    low: float
    volume: float
    count: int


def _statistics(messages: Sequence[Any]) -> WindowStatistics:
    trades = [read_trade(message) for message in messages]
    prices = [trade.price for trade in trades]
    return WindowStatistics(
        mean=sum(prices) / len(prices),
        high=max(prices),
        low=min(prices),
        volume=sum(trade.quantity for trade in trades),
        count=len(trades),
    )


class Windowed(Snapshots):
    """Give this to ``start_*_socket``: ``callback`` gets ``{symbol: result}`` of the last ``seconds`` of each symbol
    that had a message in them, at most once in ``every`` seconds, while messages come. What stands for the symbol is
    said by :class:`Snapshots`.

    The window goes by arrival, on the monotonic clock of this machine, and keeps all messages in it in memory.

    Args:
        callback: called with each dict, on the window's thread.
        seconds: length of the window, above 0.
        every: seconds between the first new message and the call, above 0. Default 1.
        reducer: ``reducer(messages)`` makes the result of one symbol, oldest message first, on the window's thread;
            an error of it counts as one of the callback. ``None`` (default) makes :class:`WindowStatistics` of trades
            and aggregate trades; for other streams give one.
        key: as for :class:`Snapshots`.
    """

    def __init__(
        self,
        callback: Callable[[dict[Any, Any]], object],
        seconds: float = 60.0,
        every: float = 1.0,
        reducer: Callable[[Sequence[Any]], Any] | None = None,
        key: Callable[[Any], Hashable] | None = None,
    ) -> None:
        check_number("every", every, zero=False)
        check_number("seconds", seconds, zero=False)
        if reducer is not None and not callable(reducer):
            raise ConfigError("reducer", reducer, "a callable with one argument, or None")
        self._length = seconds
        self._reducer = reducer or _statistics
        super().__init__(callback, every, key)

    def _clear(self) -> None:
        self._windows: dict[Hashable, deque[tuple[float, Any]]] = {}

    def _add(self, message: tuple[Hashable, Any]) -> None:
        key, value = message
        now = time.monotonic()
        window = self._windows.setdefault(key, deque())
        window.append((now, value))
        self._prune(window, now)

    def _prune(self, window: deque[tuple[float, Any]], now: float) -> None:
        while window and window[0][0] <= now - self._length:
            window.popleft()

    def _take(self) -> dict[Hashable, Any]:
        now = time.monotonic()
        for window in self._windows.values():
            self._prune(window, now)
        self._windows = {key: window for key, window in self._windows.items() if window}
        return {key: [message for _, message in window] for key, window in self._windows.items()}

    def _call(self, part: dict[Hashable, Any]) -> None:
        if part:
            self._handler({key: self._reducer(messages) for key, messages in part.items()})
