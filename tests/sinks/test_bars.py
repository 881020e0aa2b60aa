"""Bars: every trade is in exactly one, and what is late or missing is said."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from binance_sockets import unified
from binance_sockets.errors import ConfigError
from binance_sockets.sinks import Bar, Bars


def trade(number: int, time_ms: int, price: str = "10", quantity: str = "1", sold: bool = False) -> dict[str, Any]:
    """A trade as the exchange sends it."""
    return {"e": "trade", "s": "BTCUSDT", "t": number, "T": time_ms, "p": price, "q": quantity, "m": sold}


def test_a_bar_by_time() -> None:
    """It closes with the first trade of a later interval; the last one is handed over, and says that it is open."""
    got: list[Bar] = []
    with Bars(got.append, "1m") as bars:
        bars(trade(1, 60_000, "10", "1"))
        bars(trade(2, 61_000, "12", "2", sold=True))
        bars(trade(3, 119_999, "9", "3"))
        assert not got
        bars(trade(4, 180_000, "11"))
    first, last = got
    assert first == Bar(
        symbol="BTCUSDT",
        open_time_ms=60_000,
        close_time_ms=119_999,
        open_price=10.0,
        high_price=12.0,
        low_price=9.0,
        close_price=9.0,
        volume=6.0,
        notional=61.0,
        buy_volume=4.0,
        trade_count=3,
        missing=0,
        is_closed=True,
    )
    assert (last.open_time_ms, last.trade_count, last.is_closed) == (180_000, 1, False)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.integers(1, 120))
def test_every_trade_is_in_one_bar(quantities: list[int], volume: int) -> None:
    """Volumes add up, and no closed bar is full before its last trade."""
    got: list[Bar] = []
    with Bars(got.append, volume=volume) as bars:
        for number, quantity in enumerate(quantities):
            bars(trade(number, number, quantity=str(quantity)))
    assert sum(bar.volume for bar in got) == sum(quantities)
    assert sum(bar.trade_count for bar in got) == len(quantities)
    assert all(volume <= bar.volume < volume + 50 for bar in got if bar.is_closed)
    assert all(bar.volume < volume for bar in got if not bar.is_closed)


def test_late_missing_and_empty_trades_are_said() -> None:
    """A jump of ids is noted in the bar it precedes; an id that is not new, and a trade of nothing, are in no bar."""
    got: list[Bar] = []
    with Bars(got.append, trades=2) as bars:
        for number in (1, 5, 4, 5):
            bars(trade(number, 1))
        bars(trade(6, 1, price="0", quantity="0"))
    assert [(bar.trade_count, bar.missing, bar.is_closed) for bar in got] == [(2, 3, True)]
    assert (bars.late, bars.missing, bars.ignored) == (2, 3, 1)


def unordered(number: int, time_ms: int) -> unified.Trade[float]:
    """A trade of an exchange whose ids only tell trades apart."""
    return unified.Trade(
        exchange="upbit", product="spot", symbol="KRW-BTC", instrument="BTC/KRW", time_ns=time_ms * 1_000_000,
        received_ns=1, id=number, price=10.0, quantity=1.0, side="buy", consecutive=False,
    )  # fmt: skip


def test_one_symbol_of_several_products_and_exchanges_makes_several_bars() -> None:
    """Neutral trades say whose they are: their ids and prices have nothing to do with each other."""
    got: list[Bar] = []
    places = [("binance", "spot"), ("binance", "usdm"), ("binanceus", "spot")]
    with Bars(got.append, "1m") as bars:
        for number in (1, 2):
            for place, (exchange, product) in enumerate(places):
                head: Any = {"exchange": exchange, "product": product, "symbol": "BTCUSDT", "instrument": None}
                times: Any = {"time_ns": 60_000_000_000, "received_ns": 1}
                bars(unified.Trade(**head, **times, id=number, price=10.0 * (place + 1), quantity=1.0, side="buy"))
    assert [(bar.exchange, bar.product, bar.high_price) for bar in got] == [
        (*place, 10.0 * (number + 1)) for number, place in enumerate(places)
    ]
    assert [(bar.trade_count, bar.missing) for bar in got] == [(2, 0)] * 3
    assert (bars.late, bars.missing) == (0, 0)


def test_ids_that_only_tell_trades_apart() -> None:
    """Their order says nothing: a copy is late, a lower id is not, and a jump is no missing trade."""
    got: list[Bar] = []
    with Bars(got.append, "1m") as bars:
        for number, time_ms in ((500, 60_000), (7, 60_001), (9_000, 60_002), (7, 60_001), (8, 120_000), (9, 119_000)):
            bars(unordered(number, time_ms))
    assert [(bar.trade_count, bar.missing) for bar in got] == [(3, 0), (1, 0)]
    assert (bars.late, bars.missing) == (2, 0)  # the copy, and the one whose bar was handed over


def test_a_trade_of_a_bar_that_was_handed_over_is_late() -> None:
    """Whatever its id: no bar has a trade from before its start."""
    got: list[Bar] = []
    with Bars(got.append, "1m") as bars:
        bars(trade(1, 60_000))
        bars(trade(2, 120_000))
        bars(trade(3, 119_999))
        bars(trade(4, 120_001))
    assert [bar.trade_count for bar in got] == [1, 2]
    assert (bars.late, bars.missing) == (1, 0)


def test_symbols_views_and_the_last_payload() -> None:
    """Wrapped, typed and aggregate trades are read; giving up hands over each symbol's bar."""
    got: list[Bar] = []
    bars = Bars(got.append, notional=1_000)
    bars({"stream": "btcusdt@trade", "data": trade(1, 1)})
    typed = SimpleNamespace(
        symbol="ETHUSDT", agg_trade_id=7, trade_time=2, price="2", quantity="3", is_buyer_maker=True
    )
    bars(typed)
    bars({"e": "error", "m": "Max reconnect retries reached"})
    assert [(bar.symbol, bar.notional, bar.buy_volume) for bar in got] == [("BTCUSDT", 10.0, 1.0), ("ETHUSDT", 6.0, 0)]
    bars.close()
    assert len(got) == 2


def test_unified_trades_make_the_same_bars() -> None:
    """In any type of numbers, bare and wrapped."""
    plain: list[Bar] = []
    with Bars(plain.append, "1m") as bars:
        bars(trade(1, 60_000, "10.5", "2", sold=True))
        bars(trade(3, 61_000, "10.25", "1"))
    for number in (str, Decimal, float):
        got: list[Bar] = []
        head: Any = {"exchange": "binance", "product": "spot", "symbol": "BTCUSDT", "instrument": "BTC/USDT"}
        sold = unified.Trade(
            **head, time_ns=60_000_000_000, received_ns=1, id=1, price=number("10.5"), quantity=number("2"), side="sell"
        )
        bought = unified.Trade(
            **head, time_ns=61_000_000_999, received_ns=1, id=3, price=number("10.25"), quantity=number("1"), side="buy"
        )
        with Bars(got.append, "1m") as bars:
            bars(sold)
            bars(SimpleNamespace(stream="btcusdt@trade", data=bought))
        assert [(bar.exchange, bar.product) for bar in got] == [("binance", "spot")]
        assert [replace(bar, exchange=None, product=None) for bar in got] == plain


@pytest.mark.parametrize("options", [{}, {"every": "7m"}, {"every": "1m", "trades": 3}, {"volume": 0}])
def test_bad_arguments_are_refused(options: dict[str, Any]) -> None:
    """Exactly one size, and a known one."""
    with pytest.raises(ConfigError):
        Bars(print, **options)


def test_what_takes_no_bar_is_refused() -> None:
    """With the first argument, not with the first bar."""
    with pytest.raises(ConfigError, match=r"^callback: expected a callable with one argument"):
        Bars(lambda: None, "1m")  # type: ignore[arg-type, misc]


def test_what_is_no_trade_is_refused() -> None:
    """The socket's error listeners are told, as of any error of a callback."""
    with pytest.raises(ConfigError, match="a trade or an aggregate trade"):
        Bars(print, "1m")({"e": "kline"})
