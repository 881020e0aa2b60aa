"""Mistakes of scripts: one message each, in the line to change, with what to write there; nothing is left open."""

from __future__ import annotations

import logging
import traceback

import pytest
from e2e.harness import FINAL, eventually
from patience import PATIENCE

from binance_sockets import Backoff, ConfigError, StreamRetired
from binance_sockets.compat import BinanceSocketManager, carrier
from binance_sockets.simulator import Simulator

OLD = """
from binance_sockets.compat import BinanceSocketManager

def callback(msg):
    print(msg["e"])

async def coroutine(msg):
    print(msg["e"])

class Elsewhere(BinanceSocketManager):
    STREAM_URL = "wss://stream.binance.cloud:9443/"

bm = BinanceSocketManager()
bm.start()
"""
THREADS = """
from binance_sockets.compat import ThreadedWebsocketManager

def callback(msg):
    print(msg["e"])

bm = ThreadedWebsocketManager()
"""

MISTAKES: dict[str, tuple[str, str, type[Exception], str]] = {
    "interval and callback": (
        OLD,
        "bm.start_kline_socket('BTCUSDT', '1m', callback)",
        TypeError,
        r"\(symbol, callback, interval\)",
    ),
    "two callbacks": (
        OLD,
        "bm.start_kline_socket('BTCUSDT', callback, callback)",
        TypeError,
        r"interval is .*'1m'.*symbol, callback",
    ),
    "depth and callback": (
        OLD,
        "bm.start_depth_socket('BTCUSDT', '5', callback)",
        TypeError,
        r"callback, depth, interval",
    ),
    "1.x order": (OLD, "bm.start_trade_socket(callback, 'BTCUSDT')", TypeError, r"symbol is .*\(symbol, callback\)"),
    "1.x order of several": (
        OLD,
        "bm.start_multiplex_socket(callback, ['btcusdt@trade'])",
        TypeError,
        r"\(streams, callback\)",
    ),
    "1.x order of futures": (
        OLD,
        "bm.start_symbol_mark_price_socket(callback, 'BTCUSDT')",
        TypeError,
        r"\(symbol, callback, fast\)",
    ),
    "time and callback": (OLD, "bm.start_miniticker_socket(1000, callback)", TypeError, r"\(callback, update_time\)"),
    "a name for several": (
        OLD,
        "bm.start_multiplex_socket('btcusdt@trade', callback)",
        TypeError,
        r"\['bnbbtc@trade'\]",
    ),
    "no symbol": (
        OLD,
        "bm.start_trade_socket(None, callback)",
        ConfigError,
        r"'BNBBTC'; got None.*\(symbol, callback\)",
    ),
    "an empty symbol": (OLD, "bm.start_aggtrade_socket('', callback)", ConfigError, r"symbol: expected"),
    "a pair with a stroke": (OLD, "bm.start_symbol_ticker_socket('BNB/BTC', callback)", ConfigError, r"got 'BNB/BTC'"),
    "symbols in a list": (OLD, "bm.start_kline_socket(['BNBBTC'], callback)", ConfigError, r"got \['BNBBTC'\]"),
    "a stream for a symbol": (OLD, "bm.start_depth_socket('bnbbtc@depth', callback)", ConfigError, r"'bnbbtc@depth'"),
    "a futures symbol with a stroke": (
        OLD,
        "bm.start_aggtrade_futures_socket('BTC/USDT', callback)",
        ConfigError,
        r"got 'BTC/USDT'",
    ),
    "1.x, a pair with a stroke": (
        THREADS,
        "bm.start_trade_socket(callback, 'BNB/BTC')",
        ConfigError,
        r"got 'BNB/BTC'.*\(callback, symbol",
    ),
    "no names": (OLD, "bm.start_multiplex_socket([], callback)", ValueError, r"streams is empty"),
    "what a callback returned": (OLD, "bm.start_user_socket(print())", TypeError, r"callback is None.*\(callback\)"),
    "a coroutine": (OLD, "bm.start_trade_socket('BTCUSDT', coroutine)", TypeError, r"no event loop"),
    "a pace": (OLD, "bm.start_depth_socket('BTCUSDT', callback, interval=250)", ValueError, r"\[0, 100\]"),
    "a retired stream": (
        OLD,
        "bm.start_multiplex_socket(['!ticker@arr'], callback)",
        StreamRetired,
        r"was retired.*miniTicker",
    ),
    "a dead host": (
        OLD,
        "Elsewhere().start_trade_socket('BTCUSDT', callback)",
        ConfigError,
        r"stream.binance.cloud is not, or no longer",
    ),
    "an account without a key": (OLD, "bm.start_user_socket(callback)", ConfigError, r"key"),
    "0.7's order": (THREADS, "bm.start_trade_socket('BTCUSDT', callback)", TypeError, r"\(callback, symbol"),
    "0.7's order of several": (
        THREADS,
        "bm.start_multiplex_socket(['a@trade'], callback)",
        TypeError,
        r"callback, streams",
    ),
    "0.7's order of all": (THREADS, "bm.start_miniticker_socket(1000)", TypeError, r"\(callback, ...\)"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_its_line(
    name: str, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It raises there, in the thread of the script; nothing is open then, and no log repeats it."""
    before, line, kind, text = MISTAKES[name]
    names: dict[str, object] = {}
    with pytest.raises(kind, match=text) as raised:
        exec(compile(before + line, "script.py", "exec"), names)
    frames = [frame for frame in traceback.extract_tb(raised.tb) if frame.filename == "script.py"]
    assert frames[-1].lineno == before.count("\n") + 1
    manager = names["bm"]
    assert isinstance(manager, BinanceSocketManager) is (before is OLD)
    if isinstance(manager, BinanceSocketManager):
        assert not manager._conns
        manager.close()
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


def test_a_host_that_nobody_answers_at_is_told_once(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A script whose STREAM_URL leads nowhere hears so once, after the retries: one payload, one ERROR."""
    monkeypatch.setattr(carrier, "_BACKOFF", Backoff(initial=0.01, maximum=0.01, jitter=0))
    heard: list[object] = []

    class Nowhere(BinanceSocketManager):
        STREAM_URL = "ws://127.0.0.1:9/"

    bm = Nowhere()
    bm.start_trade_socket("BTCUSDT", heard.append)
    bm.start_multiplex_socket(["btcusdt@trade", "ethusdt@trade"], heard.append)
    bm.start()
    bm.join(PATIENCE)
    eventually(lambda: len(heard) == 2, "both say so")
    bm.close()
    assert heard == [FINAL, FINAL]
    errors = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert len(errors) == 2
    assert all("refused" in text.lower() for text in errors), errors
    assert len(caplog.records) < 40
