"""The old socket manager against the embedded exchange: keys, payloads, order, restart, accounts, subclasses."""

from __future__ import annotations

import gc
import json
import logging
import threading
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest
from e2e.harness import FINAL, eventually
from patience import PATIENCE

from binance_sockets import Backoff
from binance_sockets.compat import BinanceSocketManager, carrier
from binance_sockets.compat.client import Client
from binance_sockets.compat.factories import (
    BinanceClientFactory,
    BinanceClientProtocol,
    WebSocketClientFactory,
    connectWS,
)
from binance_sockets.compat.reactor import reactor
from binance_sockets.simulator import DEMO_API_KEY, DEMO_API_SECRET, Simulator


class Box:
    """A callback that keeps what it gets."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    def __call__(self, message: Any) -> None:
        self.messages.append(message)

    def wait(self, count: int = 1) -> Any:
        """The first message, once ``count`` have come."""
        eventually(lambda: len(self.messages) >= count, f"{count} messages")
        return self.messages[0]


@pytest.fixture
def bm(simulator: Simulator) -> Iterator[BinanceSocketManager]:
    manager = BinanceSocketManager(None)
    yield manager
    manager.close()
    manager.join(PATIENCE)


STARTS: dict[str, tuple[tuple[Any, ...], str]] = {
    "start_depth_socket": (("BNBBTC",), "bnbbtc@depth"),
    "start_kline_socket": (("BNBBTC",), "bnbbtc@kline_1m"),
    "start_trade_socket": (("BNBBTC",), "bnbbtc@trade"),
    "start_aggtrade_socket": (("BNBBTC",), "bnbbtc@aggTrade"),
    "start_symbol_ticker_socket": (("BNBBTC",), "bnbbtc@ticker"),
    "start_symbol_book_ticker_socket": (("BNBBTC",), "bnbbtc@bookTicker"),
    "start_miniticker_socket": ((), "!miniTicker@arr@1000ms"),
    "start_ticker_socket": ((), "!ticker@arr"),
    "start_book_ticker_socket": ((), "!bookTicker"),
    "start_multiplex_socket": ((["bnbbtc@trade", "BTCUSDT@ticker"],), "streams=bnbbtc@trade/BTCUSDT@ticker"),
    "start_aggtrade_futures_socket": (("BTCUSDT",), "btcusdt@aggTrade"),
    "start_symbol_mark_price_socket": (("BTCUSDT",), "btcusdt@markPrice@1s"),
    "start_all_mark_price_socket": ((), "!markPrice@arr@1s"),
    "start_symbol_ticker_futures_socket": (("BTCUSDT",), "btcusdt@bookTicker"),
    "start_individual_symbol_ticker_futures_socket": (("BTCUSDT",), "btcusdt@ticker"),
    "start_all_ticker_futures_socket": ((), "!bookTicker"),
}


@pytest.mark.parametrize("name", sorted(STARTS))
def test_every_start_returns_its_path_and_delivers(name: str, bm: BinanceSocketManager) -> None:
    """The conn key is the path; a second start of it is False; payloads have the shape of 0.7."""
    arguments, key = STARTS[name]
    box = Box()
    assert getattr(bm, name)(*arguments, box) == key
    assert getattr(bm, name)(*arguments, box) is False
    assert key in bm._conns and len(bm._conns) == 1
    bm.start()
    message = box.wait()
    futures = "futures" in name or "mark" in name
    if futures or "multiplex" in name:
        assert set(message) == {"stream", "data"}
    elif name in ("start_miniticker_socket", "start_ticker_socket"):
        assert isinstance(message, list) and {"e", "s", "c"} <= set(message[0])
    elif "book" in name:
        assert {"u", "s", "b", "B", "a", "A"} == set(message)
    else:
        assert message["s"] == "BNBBTC"
    bm.stop_socket(key)
    assert key not in bm._conns


# -- streams that are no more, and what is left of others --


def test_all_tickers_come_every_second_in_one_list(bm: BinanceSocketManager, simulator: Simulator) -> None:
    """``!ticker@arr``: lists of the full tickers of what has changed, each symbol once, all of them in time."""
    box = Box()
    bm.start_ticker_socket(box)
    bm.start()
    listed = {row["symbol"] for row in Client().get_exchange_info()["symbols"]}
    eventually(lambda: {row["s"] for each in box.messages for row in each} >= listed, "every symbol")
    assert all(row["e"] == "24hrTicker" and "P" in row for each in box.messages for row in each)
    assert all(len({row["s"] for row in each}) == len(each) for each in box.messages)
    opened = bm._compat.snapshot()["connections"]["!ticker@arr"]
    assert len(opened["links"]) == 1


def test_book_tickers_of_all_symbols(bm: BinanceSocketManager) -> None:
    """``!bookTicker``: the best prices of every symbol, bare, over one connection."""
    box = Box()
    bm.start()
    bm.start_book_ticker_socket(box)
    eventually(lambda: len({each["s"] for each in box.messages}) > 5, "several symbols")
    assert len(bm._compat.snapshot()["connections"]["!bookTicker"]["links"]) == 1


def test_mini_tickers_every_three_seconds(bm: BinanceSocketManager) -> None:
    """``update_time=3000`` brings the rows that changed, each symbol once, at a third of the rate."""
    fast, slow = Box(), Box()
    assert bm.start_miniticker_socket(fast) == "!miniTicker@arr@1000ms"
    assert bm.start_miniticker_socket(slow, update_time=3000) == "!miniTicker@arr@3000ms"
    bm.start()
    slow.wait()
    assert len(fast.messages) >= 2
    assert len({row["s"] for row in slow.messages[0]}) == len(slow.messages[0])


def test_dropped_fields_are_filled(bm: BinanceSocketManager, caplog: pytest.LogCaptureFixture) -> None:
    """Trades have the ids of buyer and seller, bare and wrapped, unless the class leaves them out."""

    class Bare(BinanceSocketManager):
        DROPPED_FIELDS = {}  # noqa: RUF012

    box, wrapped, without = Box(), Box(), Box()
    bm.start_trade_socket("BTCUSDT", box)
    bm.start_multiplex_socket(["ethusdt@trade"], wrapped)
    bm.start()
    other = Bare()
    other.start_trade_socket("BTCUSDT", without)
    other.start()
    assert (box.wait()["a"], box.wait()["b"]) == (0, 0)
    assert wrapped.wait()["data"]["a"] == 0
    assert "a" not in without.wait()
    other.close()


# -- life --


def test_one_callback_at_a_time(bm: BinanceSocketManager) -> None:
    """Sockets share variables without a lock, as in 0.7; a stopped one gets nothing once ``stop_socket`` is back."""
    inside, most, keys = [], [], ["btcusdt@trade", "ethusdt@trade", "bnbusdt@bookTicker"]
    done = threading.Event()

    def callback(message: Any) -> None:
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.01)
        inside.pop()
        if len(most) > 20:
            done.set()

    for key in keys:
        bm._start_socket(key, callback)
    bm.start()
    assert done.wait(PATIENCE)
    assert max(most) == 1


def test_managers_take_turns(simulator: Simulator) -> None:
    """0.7 had one reactor for all of them, and scripts with a manager per symbol share variables without a lock."""
    inside, most, counts = 0, 0, [0, 0]
    managers = [BinanceSocketManager(None), BinanceSocketManager(None)]

    def callback(number: int) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        threading.Event().wait(0.002)
        inside -= 1
        counts[number] += 1

    for number, manager in enumerate(managers):
        for symbol in ("BTCUSDT", "ETHUSDT"):
            manager.start_symbol_book_ticker_socket(symbol, lambda _, number=number: callback(number))
        manager.start()
    eventually(lambda: min(counts) >= 10, "both call back")
    for manager in managers:
        manager.close()
    assert most == 1


def test_lists_beside_trades_of_one_socket(bm: BinanceSocketManager) -> None:
    """A multiplex of trades, whose fields are filled, brings what has another shape as well."""
    box = Box()
    bm.start_multiplex_socket(["btcusdt@trade", "!miniTicker@arr", "btcusdt@depth5"], box)
    bm.start()
    eventually(lambda: len({each["stream"] for each in box.messages}) == 3, "all three streams")


def test_a_key_is_free_at_once_and_restarts_in_its_own_callback(bm: BinanceSocketManager) -> None:
    """``stop_socket`` and the start of the same key inside its callback open it anew; so does ``close``."""
    rounds: list[str | bool] = []
    later = Box()
    done = threading.Event()

    def callback(message: Any) -> None:
        if not rounds:
            bm.stop_socket("btcusdt@trade")
            rounds.append(bm.start_trade_socket("BTCUSDT", callback))
        elif len(rounds) == 1:
            bm.close()
            rounds.append(bm.start_trade_socket("BTCUSDT", later))
            done.set()

    bm.start_trade_socket("BTCUSDT", callback)
    bm.start()
    assert done.wait(PATIENCE)
    assert rounds == ["btcusdt@trade", "btcusdt@trade"]
    later.wait(2)


def test_close_does_not_wait_for_a_slow_callback(bm: BinanceSocketManager) -> None:
    """It returns soon, and the key is free; the callback goes on to its end."""
    inside, go_on = threading.Event(), threading.Event()

    def slow(message: Any) -> None:
        inside.set()
        go_on.wait(PATIENCE)

    bm.start_trade_socket("BTCUSDT", slow)
    bm.start()
    assert inside.wait(PATIENCE)
    closed = threading.Thread(target=bm.close)
    closed.start()
    closed.join(PATIENCE / 2)
    assert not closed.is_alive()
    box = Box()
    assert bm.start_trade_socket("BTCUSDT", box) == "btcusdt@trade"
    go_on.set()
    box.wait()


def test_unknown_keys_are_no_error(bm: BinanceSocketManager) -> None:
    """``stop_socket`` of what was never open returns None."""
    for key in ("nosuch", False, None, 7):
        assert bm.stop_socket(key) is None  # type: ignore[func-returns-value]


def test_the_face_of_a_thread(bm: BinanceSocketManager) -> None:
    """Everything that scripts ask a thread for is there, before and after ``start``."""
    assert isinstance(bm, threading.Thread)
    assert (bm.daemon, bm.isDaemon(), bm.is_alive(), bm.ident) == (False, False, False, None)
    bm.setDaemon(True)
    assert bm.daemon
    bm.name = "prices"
    assert bm.name == "prices"
    bm.start_trade_socket("BTCUSDT", Box())
    bm.start()
    bm.start()
    assert bm.is_alive() and bm.ident
    bm.join(0.01)


def test_reactor_stop_closes_managers_and_ends_run(bm: BinanceSocketManager) -> None:
    """``reactor.run()`` blocks until ``reactor.stop()``, which a callback may call; nothing is left open."""
    calls: list[str] = []

    def callback(message: Any) -> None:
        calls.append("message")
        reactor.stop()

    bm.start_trade_socket("BTCUSDT", callback)
    reactor.run()
    assert calls == ["message"]
    assert not bm._conns and not bm.is_alive() and reactor._stopped
    reactor.callLater(0.01, calls.append, "later")
    eventually(lambda: "later" in calls, "the call")
    reactor.stop()


def test_join_inside_a_callback_raises_where_it_would_wait(bm: BinanceSocketManager) -> None:
    """Other sockets' callbacks wait for this one: nothing could end them, as no thread can join itself."""
    told: Queue[BaseException | None] = Queue()

    def callback(message: Any) -> None:
        try:
            bm.join()
        except RuntimeError as error:
            told.put(error)
        bm.close()
        bm.join()  # nothing is left to wait for
        told.put(None)

    bm.start_symbol_book_ticker_socket("BTCUSDT", callback)
    bm.start_symbol_book_ticker_socket("ETHUSDT", callback)
    bm.start()
    assert "join() inside a callback" in str(told.get(timeout=PATIENCE))
    assert told.get(timeout=PATIENCE) is None


def test_several_streams_in_one_path(bm: BinanceSocketManager) -> None:
    """The exchange takes ``/ws/a/b``: a subclass that asks for it gets the bare payloads of both."""
    seen = Box()
    path = "btcusdt@aggTrade/ethusdt@trade"
    assert bm._start_socket(path, seen) == path
    bm.start()
    eventually(lambda: {each["e"] for each in seen.messages} == {"aggTrade", "trade"}, "both")
    assert {each["s"] for each in seen.messages} == {"BTCUSDT", "ETHUSDT"}
    assert all(each["a"] == each["b"] == 0 for each in seen.messages if each["e"] == "trade")


# -- bad input --


def test_numbers_as_symbols_depths_and_timeouts(simulator: Simulator) -> None:
    """What 0.7 formatted into a path is formatted here."""
    for timeout in (0, None, "60", "1 hour", 1, 2400.5):
        bm = BinanceSocketManager(None, user_timeout=timeout)
        assert bm.start_trade_socket(1000, print) == "1000@trade"  # type: ignore[arg-type]
        assert bm.start_depth_socket("BNBBTC", print, depth=5) == "bnbbtc@depth5"
        assert bm.start_depth_socket("BNBBTC", print, depth="20", interval=100) == "bnbbtc@depth20@100ms"
        assert bm.start_depth_socket("BNBBTC", print, "1", 0) == "bnbbtc@depth"
        bm.close()


def test_a_payload_without_e_is_explained_once(bm: BinanceSocketManager, caplog: pytest.LogCaptureFixture) -> None:
    """A callback that reads ``e`` of a partial book fails at every message: one ERROR, with its line and the shape."""
    seen = Box()

    def callback(message: Any) -> None:
        seen(message)
        print(message["e"])

    bm.start_depth_socket("BTCUSDT", callback, depth=5, interval=100)
    bm.start()
    seen.wait(3)
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "no 'e'" in errors[0].getMessage() or "lastUpdateId" in errors[0].getMessage()


def test_reactor_stop_closes_a_manager_that_nobody_keeps(simulator: Simulator) -> None:
    """The tutorial inside a function: the manager is a local variable of it, and only the reactor can end it."""
    got = Box()

    def main() -> None:
        manager = BinanceSocketManager(None)
        manager.start_symbol_book_ticker_socket("BTCUSDT", got)
        manager.start()

    main()
    got.wait()
    gc.collect()
    assert reactor.running
    assert reactor.stop()
    assert not reactor.running


def test_calls_of_the_reactor_take_turns_with_callbacks(bm: BinanceSocketManager) -> None:
    """What callLater calls never runs beside a callback, as on one thread."""
    inside, together, done = threading.Event(), [], threading.Event()

    def callback(_: Any) -> None:
        if not inside.is_set():
            inside.set()
            reactor.callLater(0, later)
            together.append("callback began")
            threading.Event().wait(0.05)
            together.append("callback ended")

    def later() -> None:
        together.append("later")
        done.set()

    bm.start_symbol_book_ticker_socket("BTCUSDT", callback)
    bm.start()
    assert done.wait(PATIENCE)
    assert together == ["callback began", "callback ended", "later"]


# -- accounts --


class Foreign:
    """Another package's client: the exchange has switched off what it calls."""

    API_KEY, API_SECRET = DEMO_API_KEY, DEMO_API_SECRET

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def stream_keepalive(self, listenKey: str) -> str:
        self.calls.append((listenKey,))
        return "410 Gone"

    stream_close = stream_keepalive

    def isolated_margin_stream_keepalive(self, symbol: str, listenKey: str) -> str:
        self.calls.append((symbol, listenKey))
        return "410 Gone"


def test_conn_keys_are_taken_by_a_client_of_another_package(simulator: Simulator) -> None:
    """python-binance's own client beside: its ``stream_keepalive`` would raise, and ends scripts after half an hour."""
    client, other = Foreign(), Foreign()
    bm = BinanceSocketManager(client)
    key = bm.start_user_socket(print)
    assert isinstance(key, str)
    isolated = bm.start_isolated_margin_socket("BTCUSDT", print)
    assert isinstance(isolated, str)
    assert bm.start_user_socket(print) == key  # anew
    assert client.stream_keepalive(key) == {}
    assert client.stream_keepalive(listenKey=bm._listen_keys["user"]) == {}
    assert client.stream_close(key) == {}
    assert client.isolated_margin_stream_keepalive("BTCUSDT", isolated) == {}
    assert client.calls == []
    assert client.stream_keepalive("k" * 60) == "410 Gone"  # not a conn key: what it did before
    assert client.calls == [("k" * 60,)]
    assert other.stream_keepalive("user") == "410 Gone"  # its class is as it was
    bm.close()


@pytest.mark.parametrize("name", ["user", "margin", "isolated"])
def test_accounts_by_their_old_names(name: str, simulator: Simulator) -> None:
    """Events come; the key stands where scripts look for it, may be kept alive, and is opened anew."""
    client = Client(DEMO_API_KEY, DEMO_API_SECRET)
    bm = BinanceSocketManager(client, user_timeout="60")
    box, second = Box(), Box()
    starts: dict[str, Callable[[Any], Any]] = {
        "user": bm.start_user_socket,
        "margin": bm.start_margin_socket,
        "isolated": lambda callback: bm.start_isolated_margin_socket("btcusdt", callback),
    }
    key = starts[name](box)
    slot = "BTCUSDT" if name == "isolated" else name
    assert bm._listen_keys[slot] == key and key in bm._conns
    assert bm._account_callbacks[slot] is box
    assert client.stream_keepalive(key) == client.margin_stream_keepalive(listenKey=key) == {}
    bm.start()
    bm._compat.wait_open(key)
    assert starts[name](second) == key
    bm._compat.wait_open(key)
    if name == "user":
        client.order_market_buy(symbol="BTCUSDT", quantity=0.01)
        eventually(lambda: [each for each in second.messages if each["e"] == "executionReport"], "the order")
        assert not box.messages
    bm.stop_socket(key)
    assert bm._listen_keys[slot] is None and key not in bm._conns
    bm.close()
    client.session.close()


# -- subclasses --


class ByFactory(BinanceSocketManager):
    """Opens sockets by itself, as 0.7 did."""

    def _start_socket(self, path: str, callback: Any, prefix: str = "ws/") -> str | bool:
        if path in self._conns:
            return False
        factory = BinanceClientFactory(self.STREAM_URL + prefix + path)
        factory.protocol = BinanceClientProtocol
        factory.callback = callback
        factory.reconnect = True
        self._conns[path] = connectWS(factory, None)
        return path

    def stop_socket(self, conn_key: Any) -> None:
        if conn_key not in self._conns:
            return
        self._conns[conn_key].factory = WebSocketClientFactory(self.STREAM_URL + "tmp_path")
        self._conns[conn_key].disconnect()
        del self._conns[conn_key]


def test_a_subclass_that_opens_sockets_itself(simulator: Simulator) -> None:
    """Factories and ``connectWS`` open what stands in ``_conns``; ``disconnect`` ends it."""
    bm = ByFactory(None)
    box = Box()
    assert bm.start_trade_socket("BTCUSDT", box) == "btcusdt@trade"
    assert bm.start_trade_socket("BTCUSDT", box) is False
    bm.start()
    assert box.wait()["e"] == "trade"
    bm.stop_socket("btcusdt@trade")
    assert bm._compat.is_gone("btcusdt@trade")
    assert bm.start_trade_socket("BTCUSDT", box)
    bm.close()


def test_a_protocol_of_its_own(simulator: Simulator) -> None:
    """``onMessage`` of a subclass gets the bytes of JSON."""
    texts: list[bytes] = []

    class Protocol(BinanceClientProtocol):
        def onMessage(self, payload: bytes, isBinary: bool) -> None:
            texts.append(payload)
            super().onMessage(payload, isBinary)

    bm, box = BinanceSocketManager(), Box()
    factory = BinanceClientFactory(bm.STREAM_URL + "ws/btcusdt@trade")
    factory.protocol = Protocol
    factory.callback = box
    bm._conns["mine"] = connectWS(factory)
    bm.start()
    assert json.loads(texts[0] if box.wait() else "") == box.messages[0]
    bm.close()


def test_a_subclass_with_attributes_before_the_constructor(simulator: Simulator) -> None:
    """Names such as client, callback, lock and loop are the subclass's; it starts itself in its constructor."""

    class Bot(BinanceSocketManager):
        def __init__(self, callback: Any) -> None:
            self.client = self.loop = self.settings = self.books = self.symbol = self.exceptions = None
            self.lock, self.callback, self.timeout = threading.Lock(), callback, 1
            self._conns, self._timers = {}, {}
            super().__init__(user_timeout=60, client=None)
            self.start_trade_socket("BTCUSDT", self.on_message)
            self.start()

        def on_message(self, message: Any) -> None:
            with self.lock:
                self.callback(message)

        def close(self, **kwargs: Any) -> None:
            super().close()

    box = Box()
    bot = Bot(box)
    box.wait()
    bot.close(reason="done")
    assert not bot.is_alive()


def test_a_subclass_with_hosts_of_its_own(simulator: Simulator) -> None:
    """STREAM_URL and FSTREAM_URL of a class or an object are where its sockets go."""

    class Here(BinanceSocketManager):
        STREAM_URL = simulator.url.replace("http", "ws") + "/spot/"

    box, futures = Box(), Box()
    bm = Here()
    bm.FSTREAM_URL = simulator.url.replace("http", "ws") + "/usdm/"
    bm.start_trade_socket("BTCUSDT", box)
    bm.start_symbol_mark_price_socket("BTCUSDT", futures)
    bm.start()
    box.wait()
    futures.wait()
    bm.close()


def test_a_subclass_with_a_futures_user_stream(simulator: Simulator) -> None:
    """A listen key that it fetched opens the account by ``_start_futures_socket``, and the private hooks are there."""

    class Futures(BinanceSocketManager):
        def start_futures_user_socket(self, callback: Any) -> Any:
            key = self._client.futures_stream_get_listen_key()  # type: ignore[attr-defined]
            self._listen_keys["futures"] = key
            self._account_callbacks["futures"] = callback
            found = self._start_futures_socket(key, callback, prefix="ws/")
            self._start_socket_timer("futures")
            self._keepalive_account_socket("futures")
            assert self._check_account_socket_open(key)
            return found

    client = Client(DEMO_API_KEY, DEMO_API_SECRET)
    bm, box = Futures(client), Box()
    key = bm.start_futures_user_socket(box)
    bm.start()
    bm._compat.wait_open("usdm:user")
    client.futures_create_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.01)
    eventually(lambda: [each for each in box.messages if each["e"] == "ORDER_TRADE_UPDATE"], "the order")
    bm.stop_socket(key)
    assert key not in bm._conns
    bm.close()
    client.session.close()


def test_run_in_the_foreground(simulator: Simulator) -> None:
    """A subclass that calls ``run()`` blocks until its sockets are closed; its client serves REST beside."""
    client = Client()

    class Wrapper(BinanceSocketManager):
        def serve(self) -> list[float]:
            found: list[float] = []

            def callback(message: Any) -> None:
                found.append(self._client.get_server_time()["serverTime"])  # type: ignore[attr-defined]
                self.close()

            self.start_trade_socket("BTCUSDT", callback)
            self.run()
            return found

    assert len(Wrapper(client).serve()) == 1
    client.session.close()


def test_the_last_payload_frees_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that gives up says so once, as 0.7 did; starting it again is not refused."""
    monkeypatch.setattr(carrier, "_BACKOFF", Backoff(initial=0.02, maximum=0.05))
    with Simulator(seed=3) as simulator:
        monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", simulator.url)
        bm, box = BinanceSocketManager(), Box()
        bm.start_trade_socket("BTCUSDT", box)
        bm.start()
        box.wait()
    eventually(lambda: FINAL in box.messages, "the last payload", 30)
    assert box.messages.count(FINAL) == 1
    assert bm.start_trade_socket("BTCUSDT", box) == "btcusdt@trade"
    bm.close()
