"""The stream service and the pool against the embedded exchange."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from e2e.harness import PATIENCE, eventually, nothing_left, options

from binance_sockets import Options, unified
from binance_sockets.errors import (
    BinanceSocketsError,
    CallbackError,
    ConfigError,
    ConnectError,
    StreamEnded,
    WouldDeadlock,
)
from binance_sockets.events import State
from binance_sockets.faults import Fault
from binance_sockets.service import Freq, WebSocketPool, WebSocketService
from binance_sockets.simulator import Simulator


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    """An exchange whose time runs fast."""
    with Simulator(speed=20.0, seed=7) as found:
        yield found


@pytest.fixture
def sim(exchange: Simulator) -> Iterator[Simulator]:
    yield exchange
    exchange.clear_faults()


class Seen:
    """Events by kind, for handlers."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.events: list[Any] = []

    def __call__(self, event: Any) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def wait(self, count: int = 1) -> list[Any]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.events) >= count, PATIENCE), self.events
            return list(self.events)


def service_for(sim: Simulator, **more: Any) -> WebSocketService:
    """A service with short waits."""
    return WebSocketService(sim.environment, reconnect_delay=0.01, max_reconnect_delay=0.05, options=options(), **more)


def test_every_kind_comes_to_its_own_handlers(sim: Simulator) -> None:
    """Subscribed before and after connect(), over one connection."""
    with nothing_left(sim):
        service = service_for(sim)
        kinds = {name: Seen() for name in ("ticker", "kline", "depth", "trade", "book_ticker")}
        for name, seen in kinds.items():
            assert getattr(service, f"on_{name}")(seen) is seen
        second = service.on_trade(Seen())
        everything = service.on_event(Seen())
        service.subscribe_tickers(["BTCUSDT", "ETHUSDT"])
        service.subscribe_kline("BTCUSDT", Freq.m1)
        with service:
            assert service.is_connected
            service.subscribe_depth("BTCUSDT", limit=20)
            service.subscribe_depth_diff("BTCUSDT")
            service.subscribe_trade("btcusdt")
            service.subscribe_book_ticker("BTCUSDT")
            service.subscribe_trade("BTCUSDT")  # again: nothing changes
            found = {name: seen.wait(1) for name, seen in kinds.items()}
            second.wait(1)
            eventually(lambda: {book.is_diff for book in kinds["depth"].events} == {True, False}, "both kinds of book")
            assert all(event.type == name for name, events in found.items() for event in events)
            assert {event.type for event in everything.events} == set(kinds)
            assert len(sim.connections) == 1
            assert len(service.subscriptions) == 7
            ticker = found["ticker"][0]
            assert isinstance(ticker, unified.Ticker) and ticker.instrument in ("BTC/USDT", "ETH/USDT")
            assert isinstance(ticker.price, float) and isinstance(ticker.price_change_percent, float)
        assert not service.is_connected


def test_unsubscribing_while_it_connects(sim: Simulator) -> None:
    """What was given up before the connection is open is not carried; what is refused is told with its argument."""
    service = service_for(sim)
    seen = service.on_trade(Seen())
    service.subscribe_trade("BTCUSDT")
    service.subscribe_trade("ETHUSDT")
    with contextlib.closing(service), service.listen():
        service.unsubscribe_trade("BTCUSDT")
        service.connect()
        snapshot = service.manager.snapshot
        eventually(lambda: list(snapshot()["connections"]["service-0"]["streams"]) == ["ethusdt@trade"], "one is left")
        before = len(seen.events)
        assert {trade.symbol for trade in seen.wait(before + 4)[before + 1 :]} == {"ETHUSDT"}
        for symbol in ("NOPE!", "btc-usdt", "", 5, ["BTCUSDT"]):
            with pytest.raises(ConfigError, match=r"^symbol: "):
                service.subscribe_trade(symbol)  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match=r"^symbols: "):
            service.subscribe_tickers("BTCUSDT")


def test_unsubscribing_ends_one_and_leaves_the_rest(sim: Simulator) -> None:
    """What is not subscribed is refused with what is; before connect() it works, too."""
    service = service_for(sim)
    service.subscribe_ticker("BNBUSDT")
    service.unsubscribe_ticker("BNBUSDT")
    service.subscribe_trade("BTCUSDT")
    service.subscribe_trade("ETHUSDT")
    with pytest.raises(ConfigError, match="btcusdt@trade"):
        service.unsubscribe_ticker("BTCUSDT")
    seen = service.on_trade(Seen())
    with service:
        eventually(lambda: {trade.symbol for trade in seen.events} == {"BTCUSDT", "ETHUSDT"}, "both symbols")
        service.unsubscribe_trade("BTCUSDT")
        assert service.subscriptions == ("ethusdt@trade",)
        snapshot = service.manager.snapshot
        eventually(lambda: list(snapshot()["connections"]["service-0"]["streams"]) == ["ethusdt@trade"], "one is left")
        before = len(seen.events)
        assert {trade.symbol for trade in seen.wait(before + 5)[before + 1 :]} == {"ETHUSDT"}


def test_streams_by_name_are_the_same_in_any_spelling(sim: Simulator) -> None:
    """What is refused is not wanted, before and after connect()."""
    service = service_for(sim)
    seen = service.on_event(Seen())
    service.subscribe(["BTCUSDT@Ticker", "!miniTicker@arr"])
    service.subscribe_ticker("BTCUSDT")
    assert service.subscriptions == ("btcusdt@ticker", "!miniTicker@arr")
    for names, why in (
        (["btcusdt@avgPrice"], "no unified form"),
        (["*usdt@trade"], "stream name"),
        ("a@b", "iterable"),
    ):
        with pytest.raises(ConfigError, match=why):
            service.subscribe(names)
    with service:
        eventually(lambda: len({event.symbol for event in seen.events}) > 1, "events of a list, one by one")
        with pytest.raises(ConfigError, match="no unified form"):
            service.subscribe(["ethusdt@trade", "btcusdt@avgPrice"])
        service.unsubscribe(["btcusdt@ticker", "BTCUSDT@ticker"])
        assert service.subscriptions == ("!miniTicker@arr",)


def test_the_loop_and_the_handlers_see_the_same(sim: Simulator) -> None:
    """listen() connects by itself, sees the kinds that are wanted, and ends with close()."""
    service = service_for(sim)
    seen = service.on_ticker(Seen())
    service.subscribe_ticker("BTCUSDT")
    service.subscribe_trade("BTCUSDT")
    read = []
    feed = service.listen("ticker")
    everything = service.listen()
    for event in feed:
        read.append(event)
        if len(read) == 3:
            service.close()
    assert [event.type for event in read[:3]] == ["ticker"] * 3
    assert {event.type for event in everything} == {"ticker", "trade"}
    assert seen.events[:3] == read[:3]
    with service:  # and again
        assert next(service.listen("trade")).type == "trade"


def test_a_handler_cannot_read_what_its_own_thread_would_bring(sim: Simulator) -> None:
    """It is told so, instead of waiting for ever."""
    service = service_for(sim)
    told = service.on_error(Seen())
    service.subscribe_trade("BTCUSDT")

    @service.on_trade
    def read(trade: unified.Trade[float]) -> None:
        for _ in service.listen("ticker"):
            raise AssertionError("nothing can come")

    with service:
        (error, *_) = told.wait()
        assert isinstance(error, CallbackError) and isinstance(error.__cause__, WouldDeadlock)


def test_a_forgotten_loop_takes_no_events(sim: Simulator) -> None:
    """It would keep as many as may wait, and count the rest as dropped; a kind that there is not is refused."""
    service = service_for(sim)
    with pytest.raises(ConfigError, match=r"kinds.*book_ticker"):
        service.listen("tikcer")
    with service:
        service.listen()
        gc.collect()
        with service.listen() as kept:
            assert [each() for each in service._feeds] == [kept]
        assert service._feeds == ()


def test_numbers_are_of_the_type_that_was_asked_for(sim: Simulator) -> None:
    """In handlers and in the loop."""
    service = service_for(sim, numbers="decimal", product="usdm")
    service.subscribe_mark_price("BTCUSDT")
    with service, service.listen() as feed:
        event = next(feed)
    assert isinstance(event, unified.MarkPrice) and isinstance(event.mark_price, Decimal)
    assert event.instrument == "BTC/USDT:USDT"


def test_what_happens_to_the_connection_is_told(sim: Simulator) -> None:
    """connect, disconnect, an attempt, connect; a handler that raises is an error and holds nobody up."""
    service = service_for(sim)
    told: list[Any] = []
    changed = threading.Condition()

    def tell(*what: Any) -> None:
        with changed:
            told.append(what)
            changed.notify_all()

    service.on_connect(lambda: tell("connect"))
    service.on_disconnect(lambda: tell("disconnect"))
    service.on_reconnect(lambda attempt: tell("reconnect", attempt))
    service.on_error(lambda error: tell("error", error))
    service.on_trade(lambda trade: 1 / 0)
    seen = service.on_trade(Seen())
    service.subscribe_trade("BTCUSDT")
    with service:
        seen.wait(2)
        sim.inject(Fault.RESET)
        with changed:
            assert changed.wait_for(lambda: told.count(("connect",)) == 2, PATIENCE), told
        count = len(seen.events)
        seen.wait(count + 2)
    errors = [what[1] for what in told if what[0] == "error"]
    assert any(isinstance(error, CallbackError) for error in errors)
    states = [what for what in told if what[0] != "error"]
    assert states == [("connect",), ("disconnect",), ("reconnect", 1), ("connect",), ("disconnect",)]


@pytest.mark.parametrize("auto_reconnect, attempts", [(True, 3), (False, 0)])
def test_giving_up_is_told_and_ends_the_loop(sim: Simulator, auto_reconnect: bool, attempts: int) -> None:
    """With the number of attempts; the loop reads what is left, then raises the reason. It can be connected again."""
    service = service_for(sim, auto_reconnect=auto_reconnect, max_reconnect_attempts=3)
    failed: list[int] = []
    tried: list[int] = []
    service.on_reconnect_failed(failed.append)
    service.on_reconnect(tried.append)
    service.subscribe_trade("BTCUSDT")
    with service:
        feed = service.listen()
        next(feed)
        sim.inject(Fault.REFUSE)
        sim.inject(Fault.RESET)
        with pytest.raises(StreamEnded) as ended:
            for _ in feed:
                pass
        assert isinstance(ended.value.failure, BinanceSocketsError) and not ended.value.asked_for
        assert failed == [attempts] and tried == list(range(1, attempts + 1))
        sim.clear_faults()
        service.connect()
        assert next(service.listen()).type == "trade"


@pytest.mark.parametrize("how", ["stop_socket", "manager.close", "SystemExit"])
@pytest.mark.parametrize("pooled", [False, True])
def test_a_loop_ends_with_the_last_socket_however_that_ends(sim: Simulator, how: str, pooled: bool) -> None:
    """Also where it is ended below the service, or by a handler: nobody waits for ever."""
    service = WebSocketPool(2, 5, sim.environment, options=options()) if pooled else service_for(sim)

    def leave(trade: Any) -> None:
        if how == "SystemExit":
            raise SystemExit

    with nothing_left(sim):
        service.subscribe_trade("BTCUSDT")
        service.subscribe_trade("ETHUSDT")
        with service, service.listen() as feed:
            feed.receive(PATIENCE)
            service.on_trade(leave)
            if how == "stop_socket":
                for key in list(service.manager.snapshot()["connections"]):
                    assert feed.is_open
                    service.manager.stop_socket(key)
            elif how == "manager.close":
                service.manager.close()
            eventually(lambda: not feed.is_open, "the end")
            assert {event.type for event in feed} <= {"trade"}


def test_what_gave_up_may_be_connected_again_where_that_is_told(sim: Simulator) -> None:
    """In on_reconnect_failed, where connect() does not wait; a loop that is made there sees what comes."""
    service = service_for(sim, max_reconnect_attempts=1)
    feeds: list[Any] = []

    @service.on_reconnect_failed
    def again(attempts: int) -> None:
        sim.clear_faults()
        service.connect(0)
        feeds.append(service.listen())

    service.subscribe_trade("BTCUSDT")
    with service:
        sim.inject(Fault.REFUSE)
        sim.inject(Fault.RESET)
        eventually(lambda: feeds, "the connection gave up")
        assert feeds[0].receive(PATIENCE).type == "trade"
        assert service.is_connected


def test_connect_says_why_it_cannot(sim: Simulator) -> None:
    """The block closes what was begun."""
    service = service_for(sim, auto_reconnect=False)
    service.subscribe_trade("BTCUSDT")
    sim.inject(Fault.HTTP_STATUS, status=404)
    with nothing_left(sim), pytest.raises(ConnectError), service:
        pass


def test_methods_of_registered_objects_are_handlers(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """Those of a class that nobody has registered are named in the log."""
    service = service_for(sim)
    got = Seen()

    class Aggregator:
        def __init__(self, size: int) -> None:
            self.size = size
            service.register(self)

        @service.on_trade
        def take(self, trade: unified.Trade) -> None:
            got((self.size, trade.symbol))

        @service.on_connect
        def connected(self) -> None:
            got("connected")

    class Forgotten:
        @service.on_trade
        def take(self, trade: unified.Trade) -> None: ...

    assert (Aggregator(1).size, Aggregator(2).size) == (1, 2)
    with pytest.raises(ConfigError, match="whose class has methods"):
        service.register(object())
    service.subscribe_trade("BTCUSDT")
    with service:
        eventually(lambda: {(1, "BTCUSDT"), (2, "BTCUSDT"), "connected"} <= set(got.events), "both objects")
    assert "Forgotten.take is a method that is never called" in caplog.text


@pytest.mark.parametrize(
    "arguments, field",
    [
        ({"auto_reconnect": 1}, "auto_reconnect"),
        ({"enable_compression": "yes"}, "enable_compression"),
        ({"heartbeat_interval": -1}, "heartbeat_interval"),
        ({"reconnect_delay": -1}, "Backoff.initial"),
        ({"backoff_factor": 0.5}, "Backoff.factor"),
        ({"max_reconnect_attempts": 1.5}, "Backoff.max_reconnects"),
        ({"enable_compression": True, "compression_level": 6}, "compression_level: .*RFC 7692"),
        ({"base_url": "nowhere"}, "base_url"),
    ],
)
def test_bad_options_are_refused(arguments: dict[str, Any], field: str) -> None:
    """With the name and what is allowed."""
    with pytest.raises(ConfigError, match=f"^{field}"):
        WebSocketService(**arguments)


def test_what_the_options_become() -> None:
    """Each is the engine's own."""
    service = WebSocketService(
        "testnet", True, 20, None, 2, 50, 3.0, True, options=Options(connect_share=0.5), product="usdm"
    )
    made = service.manager._core.options
    assert (made.timeouts.ping, made.timeouts.stale) == (20, 35)
    backoff = made.backoff
    assert (backoff.initial, backoff.maximum, backoff.factor, backoff.max_reconnects) == (2, 50, 3.0, None)
    assert made.compression and made.connect_share == 0.5
    assert WebSocketService(auto_reconnect=False).manager._core.options.backoff.max_reconnects == 0
    assert WebSocketService(heartbeat_interval=0).manager._core.options.timeouts.ping is None
    pool = WebSocketPool(2, 7)
    assert pool.manager._core.options.timeouts.connect == 7


def test_compression_is_offered(sim: Simulator) -> None:
    """The events are the same."""
    service = service_for(sim, enable_compression=True)
    service.subscribe_ticker("BTCUSDT")
    with service, service.listen() as feed:
        assert next(feed).type == "ticker"
        assert "permessage-deflate" in sim.history[-1].headers["Sec-WebSocket-Extensions"]


# -- the pool --


def test_a_pool_spreads_what_is_subscribed(sim: Simulator) -> None:
    """By number, else where least is carried; each connection opens with its first subscription."""
    pool = WebSocketPool(3, 5, sim.environment, options=options())
    seen = pool.on_ticker(Seen())
    pool.subscribe_ticker("BTCUSDT", connection_id=0)
    pool.subscribe_ticker("ETHUSDT", connection_id=0)
    pool.subscribe_trade("BTCUSDT", connection_id=2)
    for unknown in (3, -1, 1.0, True, "0"):
        with pytest.raises(ConfigError, match="connection_id: expected one of None, 0, 1, 2"):
            pool.subscribe_ticker("BNBUSDT", connection_id=unknown)  # type: ignore[arg-type]
    with nothing_left(sim), pool:
        assert len(sim.connections) == 2
        pool.subscribe_ticker("BNBUSDT")  # the second one has none
        pool.subscribe_trade("BTCUSDT", connection_id=1)  # carried already
        eventually(lambda: {event.symbol for event in seen.events} >= {"BTCUSDT", "ETHUSDT", "BNBUSDT"}, "all three")
        streams = {
            key: sorted(row["streams"]) for key, row in pool.manager.snapshot()["connections"].items()
        }  # fmt: skip
        assert streams == {
            "service-0": ["btcusdt@ticker", "ethusdt@ticker"],
            "service-1": ["bnbusdt@ticker"],
            "service-2": ["btcusdt@trade"],
        }
        pool.unsubscribe_trade("BTCUSDT")
        pool.subscribe_tickers(["ADAUSDT", "XRPUSDT"])
        assert {len(row["streams"]) for row in pool.manager.snapshot()["connections"].values()} <= {0, 1, 2}


def test_one_connection_of_a_pool_may_end_without_the_others(sim: Simulator) -> None:
    """The loop goes on while one lives."""
    pool = WebSocketPool(2, 5, sim.environment, auto_reconnect=False, options=options())
    pool.subscribe_ticker("BTCUSDT", connection_id=0)
    pool.subscribe_ticker("ETHUSDT", connection_id=1)
    failed = Seen()
    pool.on_reconnect_failed(failed)
    with pool, pool.listen() as feed:
        sim.inject(Fault.RESET, stream="btcusdt@ticker")
        failed.wait()
        assert pool.manager.snapshot()["connections"]["service-1"]["state"] == State.OPEN.value
        assert any(event.symbol == "ETHUSDT" for _, event in zip(range(50), feed, strict=False))


@pytest.mark.parametrize(
    "arguments, field", [((0,), "max_connections"), ((True,), "max_connections"), ((1, 0), "conn")]
)
def test_a_bad_pool_is_refused(arguments: Any, field: str) -> None:
    """With the name and what is allowed."""
    with pytest.raises(ConfigError, match=f"^{field}"):
        WebSocketPool(*arguments)
