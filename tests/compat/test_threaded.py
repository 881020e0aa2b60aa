"""ThreadedWebsocketManager of python-binance 1.x on the embedded exchange."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest
from patience import PATIENCE

from binance_sockets.compat.enums import ContractType, FuturesType
from binance_sockets.compat.threaded import ThreadedWebsocketManager
from binance_sockets.errors import ConfigError
from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, Fault, Simulator

COIN = FuturesType.COIN_M

MARKET = [
    ("start_depth_socket", ("BTCUSDT",), "btcusdt@depth", {"e": "depthUpdate", "s": "BTCUSDT"}),
    ("start_depth_socket", ("BTCUSDT", "10", 100), "btcusdt@depth10@100ms", "bids"),
    ("start_kline_socket", ("BTCUSDT",), "btcusdt@kline_1m", {"e": "kline"}),
    ("start_miniticker_socket", (), "!miniTicker@arr@1000ms", [{"e": "24hrMiniTicker"}]),
    ("start_trade_socket", ("BTCUSDT",), "btcusdt@trade", {"e": "trade"}),
    ("start_aggtrade_socket", ("BTCUSDT",), "btcusdt@aggTrade", {"e": "aggTrade"}),
    ("start_symbol_miniticker_socket", ("BTCUSDT",), "btcusdt@miniTicker", {"e": "24hrMiniTicker"}),
    ("start_symbol_ticker_socket", ("BTCUSDT",), "btcusdt@ticker", {"e": "24hrTicker"}),
    ("start_symbol_book_ticker_socket", ("BTCUSDT",), "btcusdt@bookTicker", {"s": "BTCUSDT"}),
    ("start_multiplex_socket", (["btcusdt@trade", "ethusdt@trade"],), "streams=btcusdt@trade/ethusdt@trade", "data"),
    ("start_kline_futures_socket", ("BTCUSDT",), "btcusdt_perpetual@continuousKline_1m", {"e": "continuous_kline"}),
    ("start_aggtrade_futures_socket", ("BTCUSDT",), "btcusdt@aggTrade", "data"),
    ("start_index_price_socket", ("BTCUSD",), "btcusd@indexPrice@1s", "data"),
    ("start_symbol_mark_price_socket", ("BTCUSDT",), "btcusdt@markPrice@1s", "data"),
    ("start_symbol_mark_price_socket", ("BTCUSD_PERP", True, COIN), "btcusd_perp@markPrice@1s", "data"),
    ("start_all_mark_price_socket", (), "!markPrice@arr@1s", "data"),
    ("start_symbol_ticker_futures_socket", ("BTCUSDT",), "btcusdt@bookTicker", "data"),
    ("start_individual_symbol_ticker_futures_socket", ("BTCUSDT",), "btcusdt@ticker", "data"),
    ("start_all_ticker_futures_socket", (), "!bookTicker", "data"),
    ("start_futures_depth_socket", ("BTCUSDT",), "btcusdt@depth10", "data"),
    ("start_futures_multiplex_socket", (["btcusdt@depth5", "btcusdt@aggTrade"],), None, "data"),
]


def ignore(message: Any) -> None:
    """A callback."""


class Heard:
    """A callback that keeps what it gets."""

    def __init__(self) -> None:
        self.messages: Queue[Any] = Queue()

    def __call__(self, message: Any) -> None:
        self.messages.put(message)

    def next(self) -> Any:
        return self.messages.get(timeout=PATIENCE)

    def until(self, wanted: Callable[[Any], bool]) -> Any:
        while not wanted(found := self.next()):
            pass
        return found


@pytest.fixture
def manager(exchange: Simulator) -> Iterator[ThreadedWebsocketManager]:
    """A manager that is stopped at the end."""
    made = ThreadedWebsocketManager(DEMO_API_KEY, DEMO_API_SECRET)
    yield made
    made.stop()


def test_market_methods_return_names_and_deliver_payloads_of_1x(manager: ThreadedWebsocketManager) -> None:
    """Each start method returns 1.x's name, and its payload has 1.x's shape: bare, list or wrapped."""
    manager.start()
    running = []
    for method, arguments, name, shape in MARKET:
        heard = Heard()
        found = getattr(manager, method)(heard, *arguments)
        assert found == (name or "streams=" + "/".join(arguments[0])), method
        running.append((method, heard, shape))
    for method, heard, shape in running:
        message = heard.next()
        if isinstance(shape, str):
            assert shape in message, (method, message)
            continue
        if isinstance(shape, list):
            assert isinstance(message, list), method
            message, shape = message[0], shape[0]
        assert {key: message.get(key) for key in shape} == shape, (method, message)


def test_options_methods_have_names_of_1x(manager: ThreadedWebsocketManager, exchange: Simulator) -> None:
    """Names of option streams are 1.x's, and their payloads bare."""
    symbol = exchange.symbols["options"][0]
    heard = Heard()
    low = symbol.lower()
    assert manager.start_options_depth_socket(heard, symbol) == f"{low}@depth10@500ms"
    assert manager.start_options_kline_socket(ignore, symbol) == f"{low}@kline_1m"
    assert manager.start_options_ticker_socket(ignore, symbol) == f"{low}@optionTicker"
    assert manager.start_options_recent_trades_socket(ignore, "BTCUSDT") == "btcusdt@optionTrade"
    expiring = manager.start_options_ticker_by_expiration_socket(ignore, "BTCUSDT", "261225")
    assert expiring == "btcusdt@optionTicker@261225"
    assert manager.start_options_multiplex_socket(ignore, [f"{low}@depth10@500ms"]) == f"streams={low}@depth10@500ms"
    manager.stop_socket(f"{low}@optionTicker")
    manager.start()
    message = heard.next()
    assert "stream" not in message
    assert "b" in message or "bids" in message


def test_streams_that_the_exchange_ended_still_deliver(manager: ThreadedWebsocketManager) -> None:
    """All tickers in one list, and all book tickers, out of the streams of single symbols."""
    tickers, books = Heard(), Heard()
    assert manager.start_ticker_socket(tickers) == "!ticker@arr"
    assert manager.start_book_ticker_socket(books) == "!bookTicker"
    manager.start()
    assert {row["e"] for row in tickers.next()} == {"24hrTicker"}
    assert {"s", "b", "a"} <= books.next().keys()


ACCOUNTS = {
    "start_user_socket": "user",
    "start_margin_socket": "margin:user",
    "start_futures_user_socket": "usdm:user",
    "start_futures_socket": "usdm:user",
    "start_coin_futures_user_socket": "coinm:user",
    "start_coin_futures_socket": "coinm:user",
}


def test_account_sockets_open_and_have_names(manager: ThreadedWebsocketManager) -> None:
    """Sockets of accounts work on today's credentials, and return names that stop_socket takes."""
    manager.start()
    for method, name in ACCOUNTS.items():
        assert getattr(manager, method)(ignore) == name
        manager._sockets.wait_open(name, PATIENCE)
    assert manager.start_isolated_margin_socket(ignore, "btcusdt") == "isolated:BTCUSDT"
    manager._sockets.wait_open("isolated:BTCUSDT", PATIENCE)
    manager.stop_socket("user")
    assert manager._sockets.is_gone("user")
    assert not manager._sockets.is_gone("usdm:user")


def test_a_name_that_is_open_tells_one_more(manager: ThreadedWebsocketManager) -> None:
    """A second start of a name returns it again; both callbacks get every message over one connection."""
    first, second = Heard(), Heard()
    name = manager.start_trade_socket(first, "btcusdt")
    assert manager.start_trade_socket(second, "BTCUSDT") == name
    manager.start()
    ids = [first.next()["t"] for _ in range(5)]
    assert [second.next()["t"] for _ in range(5)] == ids
    assert len(manager._sockets.snapshot()["connections"]) == 1


def test_a_callback_that_raises_does_not_keep_the_message_from_the_other(manager: ThreadedWebsocketManager) -> None:
    """What one callback raises is logged; the other one and the stream go on."""

    def broken(message: Any) -> None:
        raise KeyError("volume")

    heard = Heard()
    manager.start_trade_socket(broken, "BTCUSDT")
    manager.start_trade_socket(heard, "BTCUSDT")
    manager.start()
    assert heard.next()["e"] == heard.next()["e"] == "trade"


def test_one_name_may_be_of_two_products(manager: ThreadedWebsocketManager) -> None:
    """Spot and futures have one name for a symbol's trades, as in 1.x; stop_socket ends both."""
    spot, futures = Heard(), Heard()
    name = manager.start_aggtrade_socket(spot, "BTCUSDT")
    assert manager.start_aggtrade_futures_socket(futures, "BTCUSDT") == name
    manager.start()
    assert spot.next()["e"] == "aggTrade"
    assert futures.next()["data"]["e"] == "aggTrade"
    manager.stop_socket(name)
    assert manager._sockets.is_gone(f"spot:{name}")
    assert manager._sockets.is_gone(f"usdm:{name}")


def test_callbacks_run_one_at_a_time(manager: ThreadedWebsocketManager) -> None:
    """1.x had one loop thread: no two callbacks of one manager run together."""
    inside, most, seen, enough = [0], [0], [], threading.Event()

    def callback(message: Any) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.005)
        inside[0] -= 1
        seen.append(message["s"])
        if len(seen) > 40 and len(set(seen)) > 1:
            enough.set()

    for symbol in ("BTCUSDT", "ETHUSDT", "BNBUSDT"):
        manager.start_trade_socket(callback, symbol)
    manager.start()
    assert enough.wait(PATIENCE)
    assert most == [1]


def test_stop_inside_a_callback_ends_everything_and_start_begins_again(manager: ThreadedWebsocketManager) -> None:
    """stop() in a callback returns at once, join() comes back, and the manager can be started again."""
    calls = []

    def once(message: Any) -> None:
        calls.append(message)
        manager.stop()

    manager.start_trade_socket(once, "BTCUSDT")
    manager.start()
    manager.join(PATIENCE)
    assert not manager.is_alive()
    assert len(calls) == 1
    heard = Heard()
    manager.start()
    manager.start_trade_socket(heard, "BTCUSDT")
    assert heard.next()["e"] == "trade"
    assert manager.is_alive()


def test_join_waits_for_stop_and_not_for_sockets(manager: ThreadedWebsocketManager) -> None:
    """As in 1.x, a manager without sockets goes on until it is stopped."""
    with pytest.raises(RuntimeError, match="before it is started"):
        manager.join()
    manager.start()
    manager.start()
    manager.join(0.05)
    assert manager.is_alive()
    manager.stop()
    manager.join(PATIENCE)
    assert not manager.is_alive()


def test_join_inside_a_callback_is_refused(manager: ThreadedWebsocketManager) -> None:
    """A callback that joined would wait for itself: it is told so, as by any thread."""
    told: Queue[str] = Queue()

    def callback(message: Any) -> None:
        try:
            manager.join()
        except RuntimeError as error:
            told.put(str(error))

    manager.start_trade_socket(callback, "BTCUSDT")
    manager.start()
    assert told.get(timeout=PATIENCE) == "cannot join current thread"


def test_the_face_of_a_thread(manager: ThreadedWebsocketManager) -> None:
    """It is a Thread: daemon, name and ident can be read, the first two be set."""
    assert isinstance(manager, threading.Thread)
    assert not manager.daemon
    assert manager.ident is None
    manager.daemon = True
    manager.name = "feeds"
    manager.start()
    assert manager.isDaemon()
    assert manager.name == "feeds"
    assert isinstance(manager.ident, int)
    assert "feeds" in repr(manager)


def test_unknown_names_are_no_matter(manager: ThreadedWebsocketManager) -> None:
    """stop_socket takes anything."""
    for name in ("nothing", None, False, 7, ["a"]):
        manager.stop_socket(name)


def test_a_lost_link_is_told_in_the_shape_of_1x(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loss comes as an error dict with e, type and m, and messages follow."""
    with Simulator(seed=4, speed=20) as own:
        monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", own.url)
        manager = ThreadedWebsocketManager()
        heard = Heard()
        manager.start_trade_socket(heard, "BTCUSDT")
        manager.start()
        heard.next()
        own.inject(Fault.CUT, count=1)
        error = heard.until(lambda message: message["e"] == "error")
        assert error == {"e": "error", "type": "BinanceWebsocketClosed", "m": "Connection closed. Reconnecting..."}
        assert heard.next()["e"] == "trade"
        manager.stop()


def test_the_end_is_told_in_the_shape_of_1x(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that gives up tells so once, as BinanceWebsocketUnableToConnect; its name is free then."""
    with Simulator(seed=4) as own:
        monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", own.url)
        manager = ThreadedWebsocketManager()
        heard = Heard()
        own.inject(Fault.HTTP_STATUS, status=404, count=100)
        name = manager.start_trade_socket(heard, "BTCUSDT")
        manager.start()
        assert heard.next() == {
            "e": "error",
            "type": "BinanceWebsocketUnableToConnect",
            "m": "Max reconnect retries reached",
        }
        own.clear_faults()
        manager.stop_socket(name)
        assert manager.start_trade_socket(heard, "BTCUSDT") == name
        assert heard.next()["e"] == "trade"
        manager.stop()


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda m: m.start_trade_socket("BNBBTC", print), TypeError, "callback first"),
        (lambda m: m.start_kline_socket("1m", "BNBBTC", print), TypeError, "callback first"),
        (lambda m: m.start_multiplex_socket(print, "bnbbtc@trade"), TypeError, "list of stream names"),
        (lambda m: m.start_multiplex_socket(print, []), ValueError, "list of stream names"),
        (lambda m: m.start_depth_socket(print, "BNBBTC", interval=250), ValueError, r"\[0, 100\]"),
        (lambda m: m.start_aggtrade_futures_socket(print, "BNBBTC", "spot"), ValueError, "FuturesType"),
        (lambda m: m.start_trade_socket(asyncio.sleep, "BNBBTC"), TypeError, "run_coroutine_threadsafe"),
        (lambda m: ThreadedWebsocketManager(tld="je"), ConfigError, "us"),
    ],
)
def test_wrong_arguments_are_refused_at_once(
    manager: ThreadedWebsocketManager, call: Callable[..., Any], error: type[Exception], says: str
) -> None:
    """Whatever cannot work raises in the caller's thread, and says what would."""
    with pytest.raises(error, match=says):
        call(manager)


def test_arguments_of_an_event_loop_are_ignored_with_one_line(
    exchange: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """loop, requests_params and session_params are taken, and one line says that they have no effect."""
    with caplog.at_level(logging.WARNING, "binance_sockets.compat"):
        ThreadedWebsocketManager("k", "s", {"timeout": 5}, session_params={"a": 1}, loop=object())
    assert [record.getMessage() for record in caplog.records] == [
        "ThreadedWebsocketManager: requests_params, session_params, loop have no effect here"
    ]


def test_secrets_show_nowhere(exchange: Simulator) -> None:
    """Neither the object's repr nor those of its attributes have the secret."""
    manager = ThreadedWebsocketManager(DEMO_API_KEY, DEMO_API_SECRET)
    assert DEMO_API_SECRET not in repr(manager) + repr(vars(manager))


def test_contract_types_are_values_of_1x(manager: ThreadedWebsocketManager) -> None:
    """A contract type is spelled in the name as in 1.x."""
    kind = ContractType.CURRENT_QUARTER
    name = manager.start_kline_futures_socket(ignore, "BTCUSD", "5m", FuturesType.COIN_M, kind)
    assert name == "btcusd_current_quarter@continuousKline_5m"
