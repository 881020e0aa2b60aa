"""Windowed: what is in the window is reduced, what is older is not."""

import math
from typing import Any

import pytest

from binance_sockets.errors import ConfigError
from binance_sockets.sinks import Windowed, WindowStatistics, windowed
from binance_sockets.unified import Market, Trade


def trade(price: str, quantity: str = "1", symbol: str = "BTCUSDT") -> dict[str, Any]:
    """A trade as the exchange sends it."""
    return {"e": "trade", "s": symbol, "t": 1, "T": 1, "p": price, "q": quantity, "m": False}


def test_statistics_of_each_symbol() -> None:
    """Mean, high, low and volume of the trades, at the latest with the end."""
    got: list[Any] = []
    with Windowed(got.append, seconds=60, every=math.inf) as window:
        window(trade("1", "2"))
        window(trade("3", "4"))
        window(trade("7", symbol="ETHUSDT"))
    assert got == [
        {
            "BTCUSDT": WindowStatistics(mean=2.0, high=3.0, low=1.0, volume=6.0, count=2),
            "ETHUSDT": WindowStatistics(mean=7.0, high=7.0, low=7.0, volume=1.0, count=1),
        }
    ]


def test_one_symbol_of_two_products_has_two_windows() -> None:
    """Neutral events say which."""
    got: list[Any] = []
    with Windowed(got.append, seconds=60, every=math.inf) as window:
        for product, price in (("spot", 1.0), ("usdm", 3.0), ("spot", 2.0)):
            head: Any = {"exchange": "binance", "product": product, "symbol": "BTCUSDT", "instrument": None}
            window(Trade(**head, time_ns=1, received_ns=1, id=1, price=price, quantity=1.0, side="buy"))
    assert {market: found.mean for market, found in got[0].items()} == {
        Market("binance", "spot", "BTCUSDT"): 1.5,
        Market("binance", "usdm", "BTCUSDT"): 3.0,
    }


def test_what_is_older_is_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message leaves when it is as old as the window is long; a symbol without messages has no result."""
    now = [1_000.0]
    got: list[Any] = []
    with Windowed(got.append, seconds=10, every=math.inf, reducer=list) as window, monkeypatch.context() as patch:
        patch.setattr(windowed, "time", type("Clock", (), {"monotonic": staticmethod(lambda: now[0])}))
        old, new = trade("1"), trade("2")
        window(old)
        window(trade("5", symbol="ETHUSDT"))
        now[0] += 10
        window(new)
        window.close()
    assert got == [{"BTCUSDT": [new]}]


def test_bad_arguments_are_refused() -> None:
    """In the caller's thread."""
    for options in ({"seconds": 0}, {"every": 0}, {"reducer": 3}):
        with pytest.raises(ConfigError):
            Windowed(print, **options)  # type: ignore[arg-type]
