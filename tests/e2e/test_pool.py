"""Many sockets of one stream on few shared links, against the embedded exchange."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from e2e.harness import FINAL, PATIENCE, Record, eventually, managed, nothing_left, options

from binance_sockets import Backoff, ConfigError, RequestTimeout, UnknownConnection
from binance_sockets.engine import metrics
from binance_sockets.events import Reason, State
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator

POOL = replace(options(attempts=None), pool=True)


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """An exchange whose time runs fast."""
    with Simulator(speed=50.0, seed=4) as found:
        yield found


def test_five_hundred_sockets_cost_one_attempt(sim: Simulator) -> None:
    """Started before and after ``start()``, each has its key, and its bare messages come to its own callback."""
    with nothing_left(sim), managed(sim, POOL) as (manager, record):
        other = Record()
        keys = [manager.start_socket(f"made{number}@trade", record.on_message) for number in range(250)]
        keys.append(manager.start_trade_socket("BTCUSDT", other.on_message))
        manager.start()
        keys += [manager.start_socket(f"more{number}@trade", record.on_message) for number in range(250)]
        manager.wait_open(keys[-1], PATIENCE)
        other.wait_messages(5)
        assert {message["s"] for message in other.messages} == {"BTCUSDT"}
        assert len(sim.history) == 1
        assert list(manager.snapshot()["connections"]) == keys
        assert len([each for each in threading.enumerate() if ":pool:" in each.name]) == 1


def test_a_snapshot_looks_at_each_stream_once(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not once for each key that shares its link: hundreds of keys would hold up the whole process for seconds."""
    looks: list[object] = []
    delay = metrics._delay
    monkeypatch.setattr(metrics, "_delay", lambda link, stats, now: looks.append(stats) or delay(link, stats, now))
    with nothing_left(sim), managed(sim, POOL) as (manager, record):
        keys = [manager.start_socket(f"made{number}@trade", record.on_message) for number in range(40)]
        manager.start()
        manager.wait_open(keys[-1], PATIENCE)
        rows = manager.snapshot()["connections"]
        assert [list(rows[str(key)]["streams"]) for key in keys] == [[str(key)] for key in keys]
        assert len(looks) == 40


def test_a_callback_of_a_pool_that_falls_behind_is_told_in_words(sim: Simulator) -> None:
    """Not by the name of an inner object."""
    with nothing_left(sim), managed(sim, POOL) as (manager, record):
        key = manager.start_trade_socket("BTCUSDT", record.on_message)
        manager.start()
        manager.wait_open(key, PATIENCE)
        connection = manager._core.connections[str(key)].connection  # type: ignore[union-attr]
        assert connection is not None
        assert connection.handler.name == "of a pool"


def test_what_begins_while_the_manager_is_closed_shares_nothing_with_what_was_before(sim: Simulator) -> None:
    """The helpers of a connection end with ``close()``, and what it waits for of them would never come."""
    with nothing_left(sim), managed(sim, POOL) as (manager, record):
        for symbol in ("BTCUSDT", "ETHUSDT"):
            manager.start_trade_socket(symbol, lambda message: None)
        manager.start()
        first, other = list(manager._core.connections.values())
        assert first.connection is other.connection  # type: ignore[union-attr]
        stop = first.request_stop

        def stop_and_begin() -> None:  # as another thread may, before the other one is stopped
            stop()
            manager.start_trade_socket("SOLUSDT", record.on_message)
            manager.start()

        first.request_stop = stop_and_begin  # type: ignore[method-assign]
        manager.close()
        assert manager._core.connections["solusdt@trade"].connection is not other.connection  # type: ignore[union-attr]
        record.wait_messages(3)


def test_a_key_that_comes_over_two_links_is_open_while_one_is(sim: Simulator) -> None:
    """The loss of one is no change of its state, and the snapshot shows both; the loss of both is, and a gap."""
    rests = replace(POOL, backoff=Backoff(initial=60.0, maximum=60.0, max_reconnects=None))
    with nothing_left(sim), managed(sim, rests) as (manager, record):
        key = manager.start_trade_socket("BTCUSDT", record.on_message, redundancy=2)
        other = manager.start_trade_socket("ETHUSDT", lambda message: None)  # over a link of its own kind
        manager.start()
        sim.wait_for(lambda: len(sim.connections) == 3)
        manager.wait_open(key)
        manager.wait_open(other)

        def links() -> list[str]:
            return sorted(link["state"] for link in manager.snapshot()["connections"][key]["links"])

        eventually(lambda: links() == ["open", "open"], "two links")
        sim.inject(Fault.RESET, stream="btcusdt@trade", count=1)
        eventually(lambda: links() == ["backoff", "open"], "the loss of one")
        record.wait_messages(len(record.messages) + 20)
        row = manager.snapshot()["connections"][key]
        assert (row["state"], row["reconnects"]) == ("open", 0)
        assert row["streams"][key]["messages"] >= row["messages"] > 0
        sim.inject(Fault.RESET, stream="btcusdt@trade", count=1)
        eventually(lambda: links() == ["backoff", "backoff"], "the loss of the other")
        assert manager.snapshot()["connections"][key]["state"] == "backoff"
        manager.stop_socket(key)
        states = [change.state for change in record.states if change.conn_key == key]
        assert states == [State.CONNECTING, State.OPEN, State.BACKOFF, State.CLOSED]


def test_stop_of_one_leaves_the_others(sim: Simulator) -> None:
    """Its callback is not called any more, its key is free, and the last one takes the link along."""
    with nothing_left(sim), managed(sim, POOL) as (manager, record):
        other = Record()
        key = manager.start_trade_socket("BTCUSDT", record.on_message)
        stays = manager.start_trade_socket("ETHUSDT", other.on_message)
        manager.start()
        record.wait_messages(1)
        other.wait_messages(1)
        manager.stop_socket(key)
        before = len(record.messages)
        other.wait_messages(len(other.messages) + 20)
        assert len(record.messages) == before
        assert list(manager.snapshot()["connections"]) == [stays]
        with pytest.raises(UnknownConnection):
            manager.wait_open(key)
        assert manager.start_trade_socket("BTCUSDT", record.on_message) == key
        record.wait_messages(before + 1)
        manager.stop_socket(key)
        manager.stop_socket(stays)
        sim.wait_for(lambda: not sim.connections)
        assert [change.state for change in record.states if change.conn_key == stays] == [
            State.CONNECTING,
            State.OPEN,
            State.CLOSED,
        ]
        assert manager.start_trade_socket("BTCUSDT", record.on_message) == key  # a new link
        record.wait_messages(len(record.messages) + 1)


def test_each_key_hears_of_a_lost_link(sim: Simulator) -> None:
    """State, gap and reconnects under each key, of its own stream."""
    with managed(sim, POOL) as (manager, record):
        keys = [manager.start_trade_socket(symbol, record.on_message) for symbol in ("BTCUSDT", "ETHUSDT")]
        manager.start()
        for key in keys:
            manager.wait_open(key)
        record.wait_messages(2)
        sim.inject(Fault.RESET, stream="btcusdt@trade", count=1)
        record.wait(lambda found: len(found.gaps) == 2, "two gaps")
        assert sorted((gap.conn_key, gap.streams) for gap in record.gaps) == sorted((key, (key,)) for key in keys)
        assert {change.conn_key for change in record.into(State.BACKOFF)} == set(keys)
        rows = manager.snapshot()["connections"]
        assert [rows[str(key)]["reconnects"] for key in keys] == [1, 1]
        assert all(rows[str(key)]["streams"].keys() == {key} for key in keys)


def test_each_key_gets_the_last_word() -> None:
    """When the shared link gives up, every callback receives the last payload once, and every key is free."""
    with managed("http://127.0.0.1:9", replace(options(attempts=1), pool=True)) as (manager, record):
        keys = [manager.start_trade_socket(symbol, record.on_message) for symbol in ("BTCUSDT", "ETHUSDT", "BNBUSDT")]
        manager.start()
        manager.join(PATIENCE)
        assert record.messages == [FINAL] * 3
        assert [report.conn_key for report in record.errors if report.final] == keys
        assert manager.snapshot()["connections"] == {}
        assert all(change.reason is not None for change in record.into(State.CLOSED))
        assert Reason.STOPPED not in {change.reason for change in record.into(State.CLOSED)}


def test_a_callback_that_raises_disturbs_nobody(sim: Simulator) -> None:
    """It is reported under its key alone."""
    with managed(sim, POOL) as (manager, record):
        bad = manager.start_trade_socket("BTCUSDT", lambda message: 1 / 0)
        manager.start_trade_socket("ETHUSDT", record.on_message)
        manager.start()
        record.wait_messages(5)
        record.wait(lambda found: found.errors, "an error")
        assert {report.conn_key for report in record.errors} == {bad}


@pytest.mark.parametrize("view", ["dict", "typed", "raw"])
def test_messages_look_as_without_a_pool(sim: Simulator, view: Any) -> None:
    """The bare payload, in each view."""
    found: list[type] = []
    for opts in (POOL, replace(POOL, pool=False)):
        with managed(sim, opts) as (manager, record):
            manager.start_trade_socket("BTCUSDT", record.on_message, view=view)
            manager.start()
            record.wait_messages(1)
            found.append(type(record.messages[0]))
            assert view != "raw" or record.messages[0].startswith(b'{"e":"trade"')
    assert found[0] is found[1]


def test_stop_inside_a_callback(sim: Simulator) -> None:
    """It does not wait for itself; the manager closes from there, too."""
    with nothing_left(sim), managed(sim, POOL) as (manager, record):
        done = threading.Event()

        def once(message: Any) -> None:
            manager.stop_socket(key)
            done.set()

        key = manager.start_trade_socket("BTCUSDT", once)
        manager.start_trade_socket("ETHUSDT", record.on_message)
        manager.start()
        assert done.wait(PATIENCE)
        eventually(lambda: len(manager.snapshot()["connections"]) == 1, "one left")
        record.wait_messages(1)


def test_before_the_start() -> None:
    """A socket that was stopped before it began tells nothing, and frees its key; nobody can wait for one to open."""
    with managed("http://127.0.0.1:9", POOL) as (manager, record):
        key = manager.start_trade_socket("BTCUSDT", record.on_message)
        assert manager.start_trade_socket("BTCUSDT", record.on_message) is False
        with pytest.raises(RequestTimeout, match="has not been started"):
            manager.wait_open(key, 0)
        with pytest.raises(ConfigError, match="a socket of several streams"):
            manager.subscribe(key, "ethusdt@trade")
        manager.stop_socket(key)
        assert manager.snapshot()["connections"] == {}
        assert (record.states, record.messages) == ([], [])
        assert manager.start_trade_socket("BTCUSDT", record.on_message) == key
