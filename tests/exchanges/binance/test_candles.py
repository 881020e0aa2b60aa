"""``closed_only``: every kline method, every view, bare and wrapped; and ``is_error`` beside it."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from golden import Sample, compact, market_samples

from binance_sockets import ConfigError, SocketManager, is_error
from binance_sockets.exchange import Group, Misfits, Stream
from binance_sockets.exchanges.binance.families import ROWS
from binance_sockets.exchanges.binance.market import MarketStreams
from binance_sockets.exchanges.binance.urls import Environment

FINAL = {"e": "error", "m": "Max reconnect retries reached"}
METHODS = sorted({row.method for row in ROWS if row.method and "kline" in row.key})
CANDLES = [sample for sample in market_samples() if "kline" in sample.key]


class Recording(SocketManager):
    """Keeps the callback that the engine would have been given."""

    def _open(self, conn_key: str, exchange: Any, streams: Any, callback: Any, **kept: Any) -> Any:
        self.given = callback
        return conn_key


def filtered(keep: Callable[[Any], object], method: str = "start_kline_socket", **more: Any) -> Any:
    manager = Recording(environment="http://127.0.0.1:9")
    getattr(manager, method)("BTCUSDT", keep, closed_only=True, **more)
    return manager.given


@pytest.mark.parametrize("method", METHODS)
def test_every_kline_method_has_it(method: str) -> None:
    """By keyword only, ``False`` by default, and checked."""
    parameter = inspect.signature(getattr(SocketManager, method)).parameters["closed_only"]
    assert (parameter.kind, parameter.default) == (inspect.Parameter.KEYWORD_ONLY, False)
    manager = Recording(environment="http://127.0.0.1:9")
    symbol = "BTC-261225-110000-C" if "options" in method else "BTCUSDT"
    getattr(manager, method)(symbol, print)
    assert manager.given is print
    getattr(manager, method)(symbol, print, closed_only=True)
    assert manager.given is not print and manager.given.__qualname__ == "print"
    for wrong in (1, "yes", None):
        with pytest.raises(ConfigError, match="closed_only: expected one of True, False"):
            getattr(manager, method)(symbol, print, closed_only=wrong)


def test_only_kline_methods_have_it() -> None:
    """All others refuse the argument."""
    having = {
        name
        for name, method in inspect.getmembers(SocketManager, inspect.isfunction)
        if "closed_only" in inspect.signature(method).parameters
    }
    assert having == set(METHODS)


@pytest.mark.parametrize("view", ["dict", "typed", "raw"])
@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("sample", CANDLES, ids=lambda sample: sample.id)
def test_closed_candles_pass_in_every_view(sample: Sample, wrapped: bool, view: str) -> None:
    """Of an open and a closed state of a candle the callback gets the closed one, unchanged."""
    product, tld = ("spot", "us") if sample.market == "us" else (sample.market, "com")
    exchange = MarketStreams(Environment("http://127.0.0.1:9", tld), product, wrapped=wrapped, view=view)
    decode = exchange.decoder(Group((Stream(sample.stream),), ""), Misfits())
    got: list[Any] = []
    callback = filtered(got.append)
    for closed in (False, True, False):
        payload = copy.deepcopy(sample.payload)
        payload["k"]["x"] = closed
        message = compact({"stream": sample.stream, "data": payload} if wrapped else payload)
        callback(decode(memoryview(message))[1])
        if closed:
            assert got == [decode(memoryview(message))[1]]
    assert len(got) == 1


OTHERS: list[Any] = [
    FINAL,
    {"stream": "a@kline_1m", "data": {"k": None}},
    {"stream": "a@kline_1m", "data": []},
    {"k": {}},
    [],
    b"not JSON",
    b"[1]",
    b'{"k":{"x":"?"}}',
    b"{}",
    None,
]


@pytest.mark.parametrize("message", OTHERS, ids=repr)
def test_what_is_no_open_candle_passes(message: object) -> None:
    """Giving up is heard of, and nothing strange is lost."""
    got: list[Any] = []
    filtered(got.append)(message)
    assert got == [message]


def test_is_error() -> None:
    """True for the last payload alone, whatever else comes in any view."""
    assert is_error(FINAL)
    others = [sample.payload for sample in market_samples()] + [sample.raw for sample in market_samples()]
    others += [{"stream": "a", "data": sample.payload} for sample in market_samples()]
    for sample in market_samples():
        product, tld = ("spot", "us") if sample.market == "us" else (sample.market, "com")
        for wrapped in (False, True):
            exchange = MarketStreams(Environment("http://127.0.0.1:9", tld), product, wrapped=wrapped, view="typed")
            decode = exchange.decoder(Group((Stream(sample.stream),), ""), Misfits())
            others.append(decode(memoryview(sample.combined if wrapped else sample.raw))[1])
    assert not any(is_error(each) for each in [*others, *OTHERS[1:], None, "error", b'{"e":"error"}', {"e": ["error"]}])
