"""Several accounts over one connection: whose event it is, and what concerns one of them alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from e2e.harness import FINAL, Record, eventually, managed

from binance_sockets import ApiKey, ConfigError, SocketManager
from binance_sockets.errors import SubscriptionRejected
from binance_sockets.exchanges.binance import models as m
from binance_sockets.simulator import Fault, Simulator

SECRET = "sharedS0" * 8
NAMES = ("alice", "bob", "carol")


@pytest.fixture
def exchange() -> Iterator[Simulator]:
    with Simulator(symbols={"spot": ["BTCUSDT"]}, seed=5) as simulator:
        for name in NAMES:
            simulator.accounts.create(key_of(name), secret=SECRET)
        yield simulator


def key_of(name: str) -> str:
    return f"{name:x<8}" * 8


def keys(*wrong: str) -> dict[str, ApiKey]:
    """All accounts, those of ``wrong`` with a secret of somebody else."""
    return {name: ApiKey(key_of(name), SECRET[::-1] if name in wrong else SECRET) for name in NAMES}


def tell(exchange: Simulator, number: int) -> list[tuple[str, int]]:
    """Have the exchange send an event to each account; what should arrive."""
    for place, name in enumerate(NAMES):
        event = {"e": "balanceUpdate", "E": 10 * number + place, "a": "BTC", "d": "0.1", "T": 1}
        exchange.accounts.publish(key_of(name), "spot", event)
    return [(name, 10 * number + place) for place, name in enumerate(NAMES)]


def heard(record: Record) -> list[tuple[str, int]]:
    return [(told["account"], told["event"]["E"]) for told in record.messages]


def start(manager: SocketManager, record: Record, **accounts: ApiKey) -> str:
    key = manager.start_user_multiplex_socket(accounts, record.on_message)
    assert isinstance(key, str)
    manager.start()
    manager.wait_open(key)
    return key


def without(events: list[tuple[str, int]], name: str) -> list[tuple[str, int]]:
    return [each for each in events if each[0] != name]


def test_each_event_says_whose_it_is(exchange: Simulator) -> None:
    """One connection, a subscription for each; after a cut, and over a planned change, still the right names."""
    with managed(exchange) as (manager, record):
        key = start(manager, record, **keys())
        assert key == "users=alice/bob/carol" and len(exchange.connections) == 1
        expected = tell(exchange, 1)
        record.wait_messages(3)
        manager.reconnect(key)
        eventually(lambda: [len(each.streams) for each in exchange.connections] == [3, 3], "both are subscribed")
        expected += tell(exchange, 2)  # which comes over both
        record.wait_messages(6)
        eventually(lambda: len(exchange.closed_connections) == 1, "the old connection ended")
        assert heard(record) == expected and record.gaps == []
        exchange.inject(Fault.RESET)
        record.wait(lambda told: told.gaps, "a gap")
        manager.wait_open(key)
        expected += tell(exchange, 3)
        record.wait_messages(9)
        assert heard(record) == expected
        assert record.gaps[0].streams == NAMES
        streams = manager.snapshot()["connections"][key]["streams"]
        assert {name: found["messages"] for name, found in streams.items()} == dict.fromkeys(NAMES, 3)


def test_a_refused_account_gives_up_alone(exchange: Simulator) -> None:
    """It is told by its name, at the first opening and at later ones; the numbers of the others do not shift."""
    with managed(exchange) as (manager, record):
        key = manager.start_user_multiplex_socket(keys("alice"), record.on_message)
        manager.start()
        with pytest.raises(SubscriptionRejected, match="alice"):
            manager.wait_open(key)
        expected = without(tell(exchange, 1), "alice")
        record.wait_messages(2)
        assert [report.error.streams for report in refusals(record)] == [("alice",)]
        exchange.accounts.revoke(key_of("bob"))
        record.wait(lambda told: ("bob",) in [each.error.streams for each in refusals(told)], "bob is refused")
        eventually(lambda: len(exchange.connections) == 1, "the old connection ended")
        tell_carol = [("carol", 22)]
        exchange.accounts.publish(key_of("carol"), "spot", {"e": "balanceUpdate", "E": 22, "a": "B", "d": "1", "T": 1})
        record.wait_messages(3)
        assert heard(record) == expected + tell_carol


def refusals(record: Record) -> list[Any]:
    return [report for report in record.errors if isinstance(report.error, SubscriptionRejected)]


def test_all_refused_is_the_end(exchange: Simulator) -> None:
    """There is nothing left to wait for: the usual last payload, at once."""
    with managed(exchange) as (manager, record):
        manager.start_user_multiplex_socket(keys(*NAMES), record.on_message)
        manager.start()
        record.wait_messages(1)
        assert record.messages == [FINAL]


def test_the_end_of_one_subscription_is_mended(exchange: Simulator) -> None:
    """The next connection has all of them, and is open before this one ends."""
    with managed(exchange) as (manager, record):
        key = start(manager, record, **keys())
        assert exchange.accounts.end_streams(key_of("bob")) == 1
        record.wait(lambda told: told.gaps, "a gap")
        manager.wait_open(key)
        expected = tell(exchange, 1)
        record.wait_messages(3)
        assert heard(record) == expected


def test_a_clock_that_is_wrong(exchange: Simulator) -> None:
    """It is no fault of the keys: measured, and all are subscribed."""
    with managed(exchange) as (manager, record):
        exchange.accounts.clock_skew = 60.0
        start(manager, record, **keys())
        expected = tell(exchange, 1)
        record.wait_messages(3)
        assert heard(record) == expected and not refusals(record)


def test_more_accounts_than_are_asked_for_at_once(exchange: Simulator) -> None:
    """They are signed for in turn; every event has its owner."""
    many = {f"n{number:02}": ApiKey(f"many{number:04}" * 8, SECRET) for number in range(12)}
    for each in many.values():
        exchange.accounts.create(each.api_key, secret=SECRET)
    with managed(exchange) as (manager, record):
        key = manager.start_user_multiplex_socket(many, record.on_message, view="typed")
        manager.start()
        manager.wait_open(key, 30)
        for number, each in enumerate(many.values()):
            event = {"e": "balanceUpdate", "E": number, "a": "BTC", "d": "0.1", "T": 1}
            exchange.accounts.publish(each.api_key, "spot", event)
        record.wait_messages(len(many))
        assert all(isinstance(told, m.AccountEvent) for told in record.messages)
        assert [(told.account, told.event.event_time) for told in record.messages] == [
            (name, number) for number, name in enumerate(many)
        ]


@pytest.mark.parametrize(
    ("accounts", "more", "name"),
    [
        ({}, {}, "accounts"),
        ([ApiKey("k", "s")], {}, "accounts"),
        ({"a": "key"}, {}, "accounts"),
        ({"a": ApiKey("k")}, {}, "accounts"),
        ({"a/b": ApiKey("k", "s")}, {}, "accounts"),
        ({"": ApiKey("k", "s")}, {}, "accounts"),
        ({1: ApiKey("k", "s")}, {}, "accounts"),
        ({"a": ApiKey("k", "s"), "b": ApiKey("k", "t")}, {}, "accounts"),
        ({str(each): ApiKey(f"k{each}", "s") for each in range(1001)}, {}, "accounts"),
        ({"a": ApiKey("k", "s")}, {"view": "raw"}, "view"),
        ({"a": ApiKey("k", "s")}, {"time_unit": "ns"}, "time_unit"),
    ],
)
def test_bad_arguments(accounts: Any, more: dict[str, Any], name: str) -> None:
    """In the caller's thread."""
    with pytest.raises(ConfigError) as caught:
        SocketManager(environment="http://127.0.0.1:9").start_user_multiplex_socket(accounts, print, **more)
    assert caught.value.name == name


def test_binance_us_has_none() -> None:
    """Its listen keys want a connection each."""
    with pytest.raises(ConfigError, match=r"Binance\.US"):
        SocketManager(environment="http://127.0.0.1:9", tld="us").start_user_multiplex_socket(keys(), print)
