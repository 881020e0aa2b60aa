"""Streams that join and leave an open socket, against the embedded exchange."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from e2e.harness import Record, eventually, managed, nothing_left, options

from binance_sockets import ConfigError, StreamRetired, UnknownConnection
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """An exchange whose time runs fast."""
    with Simulator(speed=50.0, seed=3) as found:
        yield found


def came(record: Record) -> set[str]:
    """Names of the streams that have brought something."""
    return {message["stream"] for message in list(record.messages) if "stream" in message}


def test_streams_join_and_leave(sim: Simulator) -> None:
    """What joins is delivered; of what has left nothing comes once that is confirmed, and nobody hears of an error."""
    with nothing_left(sim), managed(sim) as (manager, record):
        key = manager.start_multiplex_socket(["btcusdt@trade"], record.on_message)
        manager.start()
        manager.wait_open(key)
        manager.subscribe(key, ["ETHUSDT@trade", "bnbusdt@bookTicker"])
        manager.subscribe(key, "ethusdt@aggTrade")
        manager.wait_open(key)
        names = {"btcusdt@trade", "ethusdt@trade", "bnbusdt@bookTicker", "ethusdt@aggTrade"}
        record.wait(lambda found: came(found) == names, "all four")
        manager.unsubscribe(key, ["btcusdt@trade", "bnbusdt@bookTicker"])
        manager.wait_open(key)
        before = len(record.messages)
        record.wait_messages(before + 50)
        assert {message["stream"] for message in record.messages[before:]} <= {"ethusdt@trade", "ethusdt@aggTrade"}
        snapshot = manager.snapshot()["connections"][str(key)]
        assert list(snapshot["streams"]) == ["ethusdt@trade", "ethusdt@aggTrade"]
        assert snapshot["reconnects"] == 0
        assert (record.errors, record.gaps) == ([], [])


def test_a_stream_of_another_route_opens_a_link(sim: Simulator) -> None:
    """On USD-M depth is served elsewhere than trades: its link comes with it, and goes with it."""
    with nothing_left(sim), managed(sim) as (manager, record):
        key = str(manager.start_socket(["btcusdt@aggTrade"], record.on_message, product="usdm"))
        manager.start()
        manager.wait_open(key)
        manager.subscribe(key, "btcusdt@depth")
        manager.wait_open(key)
        record.wait(lambda found: "btcusdt@depth" in came(found), "depth")
        assert len(manager.snapshot()["connections"][key]["links"]) == 2
        manager.unsubscribe(key, "btcusdt@depth")
        manager.wait_open(key)
        eventually(lambda: len(sim.connections) == 1, "one connection")
        assert manager.snapshot()["connections"][key]["state"] == "open"


def test_what_was_added_is_asked_for_after_a_reconnect(sim: Simulator) -> None:
    """The next WebSocket has what is wanted by then, and a gap of what was there before tells of all of it."""
    with managed(sim, options(attempts=None)) as (manager, record):
        key = manager.start_multiplex_socket(["btcusdt@trade"], record.on_message)
        manager.start()
        manager.wait_open(key)
        manager.subscribe(key, "ethusdt@trade")
        manager.wait_open(key)
        sim.inject(Fault.RESET, stream="ethusdt@trade", count=1)
        record.wait(lambda found: found.gaps, "a gap")
        assert set(record.gaps[0].streams) == {"btcusdt@trade", "ethusdt@trade"}
        assert set(manager.snapshot()["connections"][str(key)]["streams"]) == {"btcusdt@trade", "ethusdt@trade"}


def test_history_of_what_joins(sim: Simulator) -> None:
    """The socket's wish for the past holds for a stream that joins later."""
    with managed(sim) as (manager, record):
        key = manager.start_multiplex_socket(["btcusdt@kline_1m"], record.on_message, history=5)
        manager.start()
        manager.wait_open(key)
        manager.subscribe(key, "ethusdt@kline_1m")
        record.wait(lambda found: "ethusdt@kline_1m" in came(found), "a candle")
        first: Any = next(each for each in record.messages if each["stream"] == "ethusdt@kline_1m")
        assert first["data"]["backfilled"]


@pytest.mark.parametrize(
    ("names", "error", "text"),
    [
        ([], ConfigError, "at least one stream name"),
        (["btcusdt @trade"], ConfigError, "without white space"),
        (["btc-usdt@trade"], ConfigError, "without -"),
        (3, ConfigError, "a stream name or a list"),
        (["!ticker@arr"], StreamRetired, "ticker"),
    ],
)
def test_bad_names_raise_where_they_are_given(names: Any, error: type[Exception], text: str) -> None:
    """At once, in the caller's thread, and nothing changes."""
    with managed("http://127.0.0.1:9") as (manager, record):
        key = manager.start_multiplex_socket(["btcusdt@trade"], record.on_message)
        with pytest.raises(error, match=text):
            manager.subscribe(key, names)
        assert list(manager.snapshot()["connections"][str(key)]["streams"]) == ["btcusdt@trade"]


def test_what_cannot_change_says_so() -> None:
    """Unknown keys, sockets of one stream, and streams that are not there."""
    with managed("http://127.0.0.1:9") as (manager, record):
        single = manager.start_trade_socket("BTCUSDT", record.on_message)
        key = manager.start_socket(["ethusdt@trade"], record.on_message)
        with pytest.raises(UnknownConnection, match="no connection 'nobody'"):
            manager.subscribe("nobody", "btcusdt@trade")
        with pytest.raises(ConfigError, match="one of 'streams=ethusdt@trade'; got 'btcusdt@trade'"):
            manager.subscribe(single, "bnbusdt@trade")
        with pytest.raises(ConfigError, match="one of 'ethusdt@trade'; got 'btcusdt@trade'"):
            manager.unsubscribe(key, "btcusdt@trade")
