"""Streams that are read, over real sockets: in one line, in a notebook's way, and while the exchange fails."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from decimal import Decimal
from typing import Any

import pytest
from consume.test_stream import in_thread
from e2e.harness import PATIENCE, eventually, managed, nothing_left, options

import binance_sockets
from binance_sockets import (
    ConfigError,
    MarketStream,
    MessageStore,
    MessageStream,
    ReceiveTimeout,
    RequestTimeout,
    StreamEnded,
    unified,
)
from binance_sockets.exchanges.binance.models import Combined, Trade
from binance_sockets.faults import Fault
from binance_sockets.simulator import LimitOverrides, Simulator

NOTEBOOK = ("ticker", "trade", "miniTicker", "depth", "aggTrade")


@pytest.fixture(scope="module")
def busy() -> Any:
    """An exchange whose time runs fast, so that thousands of messages take no time."""
    with Simulator(seed=3, speed=50.0, limits=LimitOverrides(connects=100_000)) as sim:
        yield sim


# -- one line --


def test_one_line_collects(busy: Simulator) -> None:
    """A list of bare payloads of one stream, and nothing stays open behind it."""
    with nothing_left():
        trades = binance_sockets.collect("btcusdt@trade", 100, "usdm", timeout=PATIENCE, environment=busy.environment)
    assert [trade["e"] for trade in trades] == ["trade"] * 100
    ids = [trade["t"] for trade in trades]
    assert ids == list(range(ids[0], ids[0] + 100))
    assert busy.wait_for(lambda: not busy.connections) is True


def test_several_streams_are_collected_over_one_connection(busy: Simulator) -> None:
    """A list for each, of the same length, by the names as they were given."""
    before = len(busy.history)
    names = ("BTCUSDT@trade", "ethusdt@kline_1m")
    found = binance_sockets.collect(iter(names), 5, timeout=PATIENCE, environment=busy.environment)
    assert {name: [each["e"] for each in messages] for name, messages in found.items()} == {
        "BTCUSDT@trade": ["trade"] * 5, "ethusdt@kline_1m": ["kline"] * 5
    }  # fmt: skip
    assert len(busy.history) == before + 1


@pytest.mark.parametrize(
    ("view", "kind"), [("typed", Trade), ("unified", unified.Trade), ("raw", bytes), ("dict", dict)]
)
def test_all_views_are_collected(busy: Simulator, view: Any, kind: type) -> None:
    """Alone, and side by side on a shared link."""
    ways: dict[str, Any] = {"view": view, "timeout": PATIENCE, "environment": busy.environment}
    assert [type(each) for each in binance_sockets.collect("btcusdt@trade", 2, **ways)] == [kind] * 2
    found = binance_sockets.collect(["btcusdt@trade", "ethusdt@trade"], 2, **ways)
    assert [[type(each) for each in messages] for messages in found.values()] == [[kind] * 2] * 2


def test_events_are_checked_against_the_names(sim: Simulator) -> None:
    """In both views of events, with numbers of any kind, and in lists."""
    with managed(sim) as (manager, _):
        for name, view, event in (
            ("btcusdt@trade", "typed", Trade),
            ("btcusdt@depth", "unified", unified.Depth[Decimal]),
            ("!miniTicker@arr", "unified", list[unified.Ticker]),
        ):
            with manager.stream(name, view=view, event=event, numbers="decimal"):  # type: ignore[call-overload]
                pass
            with pytest.raises(ConfigError, match=r"^event: expected .*That is what"):
                manager.stream(name, view=view, event=unified.Kline, numbers="decimal")  # type: ignore[call-overload]


def test_the_brackets_of_an_event_say_its_numbers(busy: Simulator) -> None:
    """So that what a checker knows of them is what comes; another ``numbers=`` is refused."""
    with managed(busy) as (manager, _):
        for view, event, number in (
            ("typed", Trade[Decimal], Decimal),
            ("unified", unified.Trade[str], str),
            ("unified", unified.Trade, float),
        ):
            with manager.stream("btcusdt@trade", view=view, event=event) as stream:  # type: ignore[call-overload]
                assert type(stream.receive(PATIENCE).price) is number
        with pytest.raises(ConfigError, match=r"numbers: .*'str'.*got 'float'"):
            manager.stream("btcusdt@trade", view="typed", event=Trade[str], numbers="float")
        with pytest.raises(ConfigError, match=r"numbers: .*'float'"):
            tickers = list[unified.Ticker[float]]
            manager.stream("!miniTicker@arr", view="unified", event=tickers, numbers="str")
    where = {"environment": busy.environment, "timeout": PATIENCE}
    found = binance_sockets.collect("btcusdt@trade", 1, view="typed", event=Trade[float], **where)  # type: ignore[call-overload]
    assert isinstance(found[0].price, float)


def test_what_was_collected_comes_with_the_timeout(sim: Simulator) -> None:
    """In the form that the result would have had."""
    done = in_thread(lambda: binance_sockets.collect(
        ["btcusdt@trade", "nosuchusdt@trade"], 10**6, timeout=1.0, environment=sim.environment
    ))  # fmt: skip
    eventually(lambda: sim.publish("spot", "btcusdt@trade", b'{"e":"trade","s":"BTCUSDT","t":1}'), "a subscription")
    error = done.get(timeout=PATIENCE)
    assert isinstance(error, ReceiveTimeout)
    assert error.timeout == 1.0
    assert error.messages["nosuchusdt@trade"] == []
    assert {message["e"] for message in error.messages["btcusdt@trade"]} == {"trade"}


def test_a_connection_that_gives_up_ends_the_collecting(sim: Simulator) -> None:
    """With its reason, although there is no timeout."""
    sim.inject(Fault.HTTP_STATUS, status=404)
    with pytest.raises(StreamEnded, match="404") as caught:
        binance_sockets.collect("btcusdt@trade", 3, environment=sim.environment)
    assert caught.value.messages == []


def test_wrong_arguments_of_collect_open_nothing(sim: Simulator) -> None:
    """Each raises at once."""
    before = len(sim.history)
    for arguments, options_ in (
        (("btcusdt@trade", 0), {}),
        (("btcusdt@trade", 1), {"timeout": -1}),
        (([], 1), {}),
        (("btcusdt@trade", 1, "forex"), {}),
        (("btcusdt@trade", 1), {"view": "typed", "event": Combined}),
        (("btcusdt@trade", 1), {"view": "unified", "event": Trade}),
        (("btcusdt@trade", 1), {"event": Trade}),
        ((["btcusdt@trade", "btcusdt @"], 1), {}),
    ):
        with pytest.raises(ConfigError):
            binance_sockets.collect(*arguments, environment=sim.environment, **options_)  # type: ignore[call-overload]
    assert len(sim.history) == before


# -- a notebook's way --


def test_a_notebook_opens_receives_and_closes(busy: Simulator) -> None:
    """Each of its types in turn, on one instance, into a store; all messages are wrapped, as it had them."""
    instance = MarketStream(["BTCUSDT", "ethusdt"], product="usdm", environment=busy.environment)
    store = MessageStore(*NOTEBOOK)
    for kind in NOTEBOOK:
        instance.open_stream_connection(kind)
        store.set_data(kind, [instance.receive_message(PATIENCE) for _ in range(4)])
        instance.close_connection()
    for kind in NOTEBOOK:
        streams = {message["stream"] for message in store.get_data(kind)}
        assert streams <= {f"btcusdt@{kind}", f"ethusdt@{kind}"}
        assert len(store.get_data(kind)) == 4
    instance.open_kline_connection(["1m", "5m"])
    assert "@kline_" in next(iter(instance))["stream"]
    assert instance.latest["data"]["e"] == "kline"
    instance.close_connection()
    instance.close_connection()
    assert list(instance) == []


def test_a_market_stream_says_what_is_wrong(sim: Simulator) -> None:
    """Before anything is opened, and where another one is open; receiving without a connection does not return."""
    instance = MarketStream("BTCUSDT", "usdm", environment=sim.environment)
    with pytest.raises(StreamEnded, match="no connection is open"):
        instance.receive_message()
    with pytest.raises(ConfigError, match="stream_type"):
        instance.open_stream_connection("tickr")
    for symbols in ([], ["btc/usdt"], [5], ""):
        with pytest.raises(ConfigError, match="symbols"):
            MarketStream(symbols)  # type: ignore[arg-type]
    with instance:
        instance.open_stream_connection("trade")
        with pytest.raises(ConfigError, match="close_connection"):
            instance.open_stream_connection("depth")


def test_a_market_stream_that_cannot_open_is_closed_again(sim: Simulator) -> None:
    """It may be opened later."""
    refusal = sim.inject(Fault.HTTP_STATUS, status=503)
    instance = MarketStream("BTCUSDT", "usdm", environment=sim.environment, options=options(attempts=None))
    with pytest.raises(RequestTimeout):
        instance.open_stream_connection("trade", timeout=0.1)
    refusal.remove()
    instance.open_stream_connection("trade")
    instance.close_connection()


def test_closing_ends_the_wait_of_another_thread(sim: Simulator) -> None:
    """Which waits without a limit."""
    instance = MarketStream("BTCUSDT", "usdm", environment=sim.environment)
    instance.open_stream_connection("forceOrder")
    reader = in_thread(instance.receive_message)
    stream = instance._stream
    assert stream is not None
    eventually(lambda: stream._inbox._waiting, "a reader")
    instance.close_connection()
    assert isinstance(reader.get(timeout=PATIENCE), StreamEnded)


# -- while the exchange fails --


def test_a_reader_waits_over_faults_and_a_restart() -> None:
    """Killed, silent, blocked, gone and back: the reader never hangs, and gets what comes then."""
    with (
        Simulator(seed=5) as sim,
        managed(sim, options(attempts=None, stale=0.3)) as (manager, record),
        manager.stream("btcusdt@kline_1m", "usdm") as stream,
    ):

        def comes(number: int) -> None:
            """A message of ours, told apart by its number, reaches the reader."""
            payload = b'{"e":"kline","mark":%d}' % number
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                sim.publish("usdm", "btcusdt@kline_1m", payload)  # perhaps to a link that is silent already
                with contextlib.suppress(ReceiveTimeout):
                    if stream.receive(0.1).get("mark") == number:
                        return
            pytest.fail(f"message {number} did not come")

        comes(0)
        sim.inject(Fault.RESET)
        comes(1)
        silence = sim.inject(Fault.SILENCE)
        record.wait(lambda record: any(gap.reason.value == "stale" for gap in record.gaps), "a stale link")
        silence.remove()
        comes(2)
        sim.stop()
        with pytest.raises(ReceiveTimeout):
            while True:
                stream.receive(0.05)
        sim.start()
        comes(3)
        assert stream.dropped == 0


def test_a_reader_hears_that_the_exchange_is_gone() -> None:
    """Its connection gives up, and the wait without a limit ends with the reason."""
    with Simulator(seed=6) as sim, managed(sim, options(attempts=2)) as (manager, _):
        stream = manager.stream(["btcusdt@trade", "ethusdt@trade"], view="typed", event=Trade)
        assert isinstance(stream.receive(PATIENCE).data, Trade)
        sim.stop()
        with pytest.raises(StreamEnded, match="has given up"):
            for _ in stream:
                pass


def test_two_products_are_combined(busy: Simulator) -> None:
    """Spot and futures in one loop, by the exchange's time."""
    with managed(busy) as (manager, _):
        streams = [manager.stream("btcusdt@trade", product) for product in ("spot", "usdm")]
        with manager.listen(*streams, combine=True, wait=2.0) as both:
            heard = [both.receive(PATIENCE) for _ in range(200)]
    times = [message["E"] for _, message in heard]
    assert {key for key, _ in heard} == {"btcusdt@trade", "usdm:btcusdt@trade"}
    assert sum(after < before for before, after in itertools.pairwise(times)) == both.late == 0


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_thousand_streams_leave_nothing_behind(busy: Simulator) -> None:
    """No thread, no descriptor, no reference."""
    opens_and_closes(busy, 1_000)


def test_streams_leave_nothing_behind(busy: Simulator) -> None:
    """As above, in short."""
    opens_and_closes(busy, 20)


def opens_and_closes(sim: Simulator, count: int) -> None:
    with nothing_left(), managed(sim) as (manager, _):
        threads = len(working())
        for number in range(count):
            with manager.stream("btcusdt@trade", "usdm") as stream:
                if number % 10 == 0:
                    stream.receive(PATIENCE)
                with manager.listen(stream):
                    pass
        assert manager.snapshot()["connections"] == {}
        eventually(lambda: len(working()) <= threads + 3, "the threads to end")


def working() -> list[threading.Thread]:
    """Threads that are not kept for later, as some versions need it."""
    return [thread for thread in threading.enumerate() if thread.name != "binance_sockets-spare"]


def test_accounts_are_read_too(sim: Simulator) -> None:
    """A stream in place of a callback of user data, behind the reconciler that the library puts there."""
    secret = "pSecret0" * 8
    sim.accounts.create("pKey0001" * 8, secret=secret, balances={"spot": {"USDT": "100"}})
    with managed(sim, api_key="pKey0001" * 8, api_secret=secret) as (manager, _):
        events: MessageStream[Any] = MessageStream()
        key = manager.start_user_socket(events)
        manager.start()
        manager.wait_open(key, PATIENCE)
        assert events.conn_keys == (key,)
        manager.stop_socket(key)
        assert not events.is_open
