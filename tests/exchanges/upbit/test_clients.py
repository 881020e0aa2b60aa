"""Named clients: what they promise, and each fault of the system whose face they have."""

from __future__ import annotations

import contextlib
import gc
import itertools
import logging
import os
import threading
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from e2e.harness import PATIENCE, eventually, options
from fake_upbit import Inline
from simulator.upbit.helpers import GENEROUS
from websockets.sync.server import ServerConnection, serve

from binance_sockets import ConfigError, ManagerClosed, MessageStream, UpbitSocketManager
from binance_sockets.exchanges.upbit import GlobalManager, WebSocketClient, clients, get_global_websocket_manager
from binance_sockets.exchanges.upbit.clients import options_of
from binance_sockets.simulator import Simulator
from binance_sockets.simulator.upbit.registrar import DEMO_ACCESS_KEY, DEMO_SECRET_KEY


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(upbit=GENEROUS, speed=20) as found:
        yield found


@pytest.fixture
def shared(sim: Simulator) -> Iterator[GlobalManager]:
    """The global manager, on the embedded exchange."""
    made = get_global_websocket_manager(
        environment=sim.environment, access_key=DEMO_ACCESS_KEY, secret_key=DEMO_SECRET_KEY, options=options()
    )
    try:
        yield made
    finally:
        made.close()


class Listener:
    """A callback that can be waited for."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.came = threading.Event()

    def __call__(self, event: Any) -> None:
        self.events.append(event)
        self.came.set()

    def wait(self) -> Any:
        assert self.came.wait(PATIENCE)
        return self.events[0]


def test_the_face(shared: GlobalManager) -> None:
    """All subscriptions of the document, with typed events, on two connections."""
    heard = {name: Listener() for name in ("ticker", "book", "trade", "candle", "asset")}
    with WebSocketClient("my_app") as client:
        key = client.subscribe_ticker(["KRW-BTC", "KRW-ETH"], heard["ticker"])
        client.subscribe_orderbook("KRW-BTC", heard["book"], count=5)
        client.subscribe_trade("KRW-BTC", heard["trade"], "realtime_only")
        client.subscribe_candle("KRW-BTC", heard["candle"], unit="1s")
        client.subscribe_my_order(print)
        client.subscribe_my_asset(heard["asset"])
        event = heard["ticker"].wait()
        assert f"{event.symbol}: {event.trade_price:,}".startswith("KRW-BTC: ")
        assert len(heard["book"].wait().orderbook_units) == 5
        assert heard["trade"].wait().stream_type == "REALTIME"
        assert heard["candle"].wait().type == "candle.1s"
        assert heard["asset"].wait().stream_type == "SNAPSHOT"
        assert client.get_subscription_count() == 7
        assert client.get_subscribed_symbols() == ["KRW-BTC", "KRW-ETH"]
        for each in (client, shared):  # on a busy machine a callback may be behind for a moment
            eventually(lambda each=each: each.get_health_status().status == "healthy", "health")  # type: ignore[misc]
        status = client.get_rate_limiter_status()
        assert set(status) == {"public", "private"}
        assert [(row["count"], row["seconds"]) for row in status["public"]["limits"]] == [(4, 1.0), (99, 60.0)]
        metrics = shared.get_all_connection_metrics()
        assert metrics["total_processed"] >= 5
        assert metrics["connections"]["public"]["subscriptions"] == 5
        assert metrics["connections"]["private"]["state"] == "open"
        client.unsubscribe(key)
        assert client.get_subscription_count() == 5
    assert client.get_subscription_count() == 0
    with pytest.raises(ManagerClosed):
        client.subscribe_my_asset(print)


def test_one_manager_for_all(shared: GlobalManager, sim: Simulator) -> None:
    """The same one comes back; other settings are refused; after its end there is a new one."""
    assert get_global_websocket_manager() is shared
    assert WebSocketClient("a")._shared is shared
    with pytest.raises(ConfigError, match="close"):
        get_global_websocket_manager(strategy="aggressive")
    shared.close()
    other = get_global_websocket_manager(environment=sim.environment)
    assert other is not shared
    other.close()


def test_options_by_two_words() -> None:
    """``heartbeat`` and ``strategy``; pings come before the exchange's limit."""
    balanced, aggressive = options_of(), options_of(60, "aggressive")
    assert (balanced.timeouts.ping, balanced.timeouts.stale, balanced.backoff.max_reconnects) == (30.0, 40.0, 5)
    assert (aggressive.timeouts.ping, aggressive.backoff.max_reconnects) == (60.0, None)
    for wrong in ({"heartbeat": 0}, {"heartbeat": 120}, {"strategy": "brave"}):
        with pytest.raises(ConfigError):
            options_of(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError):
        WebSocketClient(" ", manager=object())  # type: ignore[arg-type]


class App:
    """A user's object, which refers to its client and is its callback."""

    def __init__(self) -> None:
        self.client = WebSocketClient("app")
        self.listener = Listener()
        self.client.subscribe_ticker("KRW-BTC", self.on_ticker)

    def on_ticker(self, event: Any) -> None:
        self.listener(event)


def test_a_forgotten_client_ends(shared: GlobalManager, caplog: pytest.LogCaptureFixture) -> None:
    """(g) Nothing of the manager keeps a client alive, though the callback is a method of who holds it."""
    app = App()
    app.listener.wait()
    gone = weakref.ref(app.client)
    with caplog.at_level(logging.WARNING, logger="binance_sockets.upbit"):
        del app
        gc.collect()
        assert gone() is None
        eventually(lambda: not shared.manager.snapshot()["connections"], "the end of its socket")
        eventually(lambda: "client app was forgotten with 1 subscription(s)" in caplog.text, "the warning")


def test_a_callback_lives_as_long_as_its_client(shared: GlobalManager) -> None:
    """One that nobody else refers to is not lost."""
    came = threading.Event()

    class Temporary:
        def on_ticker(self, event: Any) -> None:
            came.set()

    client = WebSocketClient("a")
    client.subscribe_ticker("KRW-BTC", Temporary().on_ticker)
    gc.collect()
    assert came.wait(PATIENCE)
    client.close()
    client.close()


def test_errors_are_told(shared: GlobalManager) -> None:
    """(h) Not only logged: listeners hear them, and the health says why."""
    told = threading.Event()
    shared.manager.add_error_listener(lambda report: told.set())
    client = WebSocketClient("a")

    def broken(event: Any) -> None:
        raise ValueError("mine")

    client.subscribe_ticker("KRW-BTC", broken)
    assert told.wait(PATIENCE)
    eventually(lambda: shared.get_all_connection_metrics()["total_errors"] > 0, "the count")
    client.close()


def test_a_snapshot_leaves_nothing_behind(shared: GlobalManager) -> None:
    """A price that is asked for again and again: neither its callback nor its key is kept when it is over."""
    with WebSocketClient("a") as client:
        listener = Listener()
        gone = weakref.ref(listener)
        client.subscribe_ticker("KRW-BTC", listener, "snapshot_only")
        assert listener.wait().stream_type == "SNAPSHOT"
        del listener
        eventually(lambda: gc.collect() is not None and gone() is None, "the end of its callback")
        assert client._keys == []
        assert dict(shared._clients) == {}


def test_a_key_of_others_ends_nothing(shared: GlobalManager) -> None:
    """Neither that of another client, nor that of a socket without one."""
    with WebSocketClient("a") as client, WebSocketClient("b") as other:
        key = other.subscribe_ticker("KRW-BTC", print)
        direct = shared.manager.start_ticker_socket("KRW-ETH", lambda message: None)
        for each in (key, direct, "nobody"):
            client.unsubscribe(str(each))
        assert other.get_subscription_count() == 1
        assert set(shared.manager.snapshot()["connections"]) == {key, direct}


def test_what_is_no_callback(shared: GlobalManager) -> None:
    """It raises at once, also where it would never be awaited, and names the order that the method has."""

    async def later(event: Any) -> None: ...

    with WebSocketClient("a") as client:
        for wrong in (later, None, lambda: None):
            with pytest.raises(ConfigError, match="callback"):
                client.subscribe_ticker("KRW-BTC", wrong)  # type: ignore[arg-type]
            with pytest.raises(ConfigError, match="callback"):
                client.subscribe_my_asset(wrong)  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match=r"order is \(codes, callback\)"):
            client.subscribe_trade(print, "KRW-BTC")  # type: ignore[arg-type]
        for start in (client.subscribe_my_order, shared.manager.start_my_order_socket):
            with pytest.raises(ConfigError, match=r"order is \(callback, codes\)"):
                start("KRW-BTC", print)  # type: ignore[arg-type]
        assert client._keys == []


def test_a_message_stream_of_a_client_ends_with_it(shared: GlobalManager) -> None:
    """It is filled as by a manager, and nobody waits for more when the client is closed."""
    client = WebSocketClient("a")
    stream: MessageStream[Any] = MessageStream()
    client.subscribe_ticker("KRW-BTC", stream)
    assert stream.receive(PATIENCE).code == "KRW-BTC"
    client.close()
    assert all(event.code == "KRW-BTC" for event in stream)


def test_clients_end_with_their_manager(shared: GlobalManager) -> None:
    """It opens nothing more for them, where nobody would look after it."""
    client = WebSocketClient("a")
    shared.close()
    shared.close()
    with pytest.raises(ManagerClosed, match="closed"):
        client.subscribe_ticker("KRW-BTC", print)
    assert shared.manager.snapshot()["connections"] == {}


def test_a_failure_is_over_with_its_subscription(shared: GlobalManager) -> None:
    """What has given up counts until its client lets it go."""
    refused = GlobalManager(
        UpbitSocketManager("x" * 40, "y" * 40, environment=shared.manager._upbit.place.environment, options=options())
    )
    client = WebSocketClient("a", manager=refused)
    key = client.subscribe_my_asset(print)
    eventually(lambda: "given up" in "".join(client.get_health_status().reasons), "the failure")
    assert refused.get_health_status().status == "unhealthy"
    client.unsubscribe(key)
    assert refused.get_health_status().status == client.get_health_status().status == "healthy"
    refused.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_has_a_manager_of_its_own(shared: GlobalManager) -> None:
    """That of the parent has no threads there, and may be asked for nothing."""
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            made = get_global_websocket_manager(environment=shared.manager._upbit.place.environment)
            client, listener = WebSocketClient("a"), Listener()
            client.subscribe_ticker("KRW-BTC", listener)
            code = 0 if made is not shared and listener.wait() else 2
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# -- the others, where time is made up --


def test_a_change_while_one_is_under_way_is_sent() -> None:
    """(a) One that comes when the message before has been made and not been sent."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    for number, seconds in enumerate((0.06, 0.12, 0.18, 0.24, 0.31, 0.49)):
        key = manager.start_ticker_socket("KRW-ETH", manager.into(f"k{number}"), name=f"k{number}")
        manager.at(seconds, lambda key=key: manager.begin(key))
    manager.run_until(5)
    assert all(len(manager.got[f"k{number}"]) == 1 for number in range(6))


def test_a_removal_is_sent() -> None:
    """(b) Also of one market of several."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    key = manager.begin(manager.start_ticker_socket("KRW-ETH", manager.into("b")))
    manager.at(1, lambda: manager.stop(key))
    manager.run_until(3)
    assert [each["codes"] for each in manager.exchange.link.subscriptions] == [["KRW-BTC"]]


def test_compression_reaches_the_handshake() -> None:
    """(c) What is set is used: another server sees the offer."""
    offers: list[str] = []

    def serve_one(connection: ServerConnection) -> None:
        assert connection.request is not None
        offers.append(connection.request.headers["Sec-WebSocket-Extensions"])
        connection.send(b'{"type":"ticker","code":"KRW-BTC","timestamp":1,"stream_type":"SNAPSHOT","trade_price":1}')
        for _ in connection:
            pass

    with serve(serve_one, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        base = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        made = get_global_websocket_manager(environment=base, options=replace(options(), compression=True))
        try:
            listener = Listener()
            with WebSocketClient("a") as client:
                client.subscribe_ticker("KRW-BTC", listener)
                assert listener.wait().trade_price == 1
        finally:
            made.close()
            server.shutdown()
            thread.join(PATIENCE)
    assert offers
    assert offers[0].startswith("permessage-deflate")


def test_private_streams_count() -> None:
    """(d) They have no markets, and are subscriptions; a lost link brings them back."""
    manager = Inline(access_key="a", secret_key="b")
    key = manager.begin(manager.start_my_asset_socket(manager.into("a"), prime=False))
    assert list(manager._members()[key].streams) == ["myAsset"]
    manager.run_until(1)
    assert [each["type"] for each in manager.exchange.link.subscriptions] == ["myAsset"]


def test_a_quiet_market_is_left_alone() -> None:
    """(e) Silence with answered pings is no reason to reconnect; pings keep the exchange's idle limit away."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.run_until(3600)
    assert len(manager.wire.attempts) == 1
    sent = [round(at - 1000) for at, _, _ in manager.wire.links[0].sent]
    assert max(later - first for first, later in itertools.pairwise(sent)) <= 31


def test_failed_attempts_count() -> None:
    """(f) See ``test_refusals.test_back_off``: what fails is no success."""
    assert clients.STRATEGIES["balanced"].max_reconnects == 5


def test_units_of_candles_are_told_apart() -> None:
    """(i) Who wants one minute does not get five; (j) a second is a unit, too."""
    manager = Inline()
    for unit in ("1s", "1m", "5m"):
        manager.begin(manager.start_candle_socket("KRW-BTC", manager.into(unit), unit=unit))
    manager.at(1, lambda: [manager.exchange.link.tell(f"candle.{unit}", "KRW-BTC") for unit in ("1s", "1m", "5m")])
    manager.run_until(2)
    for unit in ("1s", "1m", "5m"):
        assert [message["type"] for message in manager.got[unit]] == [f"candle.{unit}"] * 2


def test_the_list_of_subscriptions_keeps_the_format() -> None:
    """(k) See ``test_shared.test_formats``; its answer is used, too."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.at(7, lambda: manager.exchange.link.tell("ticker", "KRW-BTC"))
    manager.run_until(8)
    assert manager.exchange.link.requests[1][1][1:] == [{"method": "LIST_SUBSCRIPTIONS"}, {"format": "SIMPLE"}]
    assert manager.exchange.link.format == "SIMPLE"
