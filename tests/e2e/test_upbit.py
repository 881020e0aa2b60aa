"""Upbit from the manager to the embedded exchange, over real sockets and threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from e2e.harness import PATIENCE, Record, options
from simulator.upbit.helpers import GENEROUS, Member

from binance_sockets import CredentialError, HandshakeRejected, SnapshotMissing, UpbitSocketManager, is_error
from binance_sockets.engine import losses
from binance_sockets.exchanges.upbit import portions
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator
from binance_sockets.simulator.upbit.registrar import DEMO_ACCESS_KEY, DEMO_SECRET_KEY


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(upbit=GENEROUS, speed=20) as found:
        yield found


@contextmanager
def managed(sim: Simulator, **arguments: Any) -> Iterator[tuple[UpbitSocketManager, Record]]:
    """A manager that is started and closed, and what it says."""
    arguments.setdefault("options", options())
    manager = UpbitSocketManager(environment=sim.environment, **arguments)
    record = Record()
    record.attach(manager)  # type: ignore[arg-type]
    manager.start()
    try:
        yield manager, record
    finally:
        manager.close()


def test_all_public_streams_share_one_connection(sim: Simulator) -> None:
    """Every type in every view, one WebSocket, and the exchange lists what was asked for."""
    with managed(sim) as (manager, record):
        for key in (
            manager.start_ticker_socket(["KRW-BTC", "KRW-ETH"], record.on_message),
            manager.start_trade_socket("KRW-BTC", record.on_message, view="typed"),
            manager.start_orderbook_socket("KRW-BTC", record.on_message, count=5, view="raw"),
            manager.start_candle_socket("KRW-BTC", record.on_message, unit="1s", view="unified"),
        ):
            manager.wait_open(key, PATIENCE)
        views = {"dict", "Trade", "bytes", "Kline"}
        record.wait(lambda found: {type(each).__name__ for each in found.messages} >= views, "each view")
        links = {id(link) for found in manager._core.open().values() for link in found.links}
        assert len(links) == 1
    assert record.errors == []


def test_a_book_follows_the_exchange(sim: Simulator) -> None:
    """An order book on the shared connection, with its counters in the snapshot."""
    with managed(sim) as (manager, record):
        key = manager.start_order_book("KRW-BTC", record.on_message, count=15)
        record.wait_messages(5)
        top = manager.order_book(key).top(5)
        assert top.bids[0].price < top.asks[0].price
        row = manager.snapshot()["connections"][str(key)]
        assert row["book"] is not None
        assert row["book"]["state"] == "in sync"
        assert row["book"]["applied"] >= 5


def test_snapshot_only_ends_by_itself(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message for each market; the one that is not there is told."""
    monkeypatch.setattr(portions, "PATIENCE", 0.5)
    with managed(sim) as (manager, record):
        key = manager.start_ticker_socket(["KRW-BTC", "KRW-NONE"], record.on_message, "snapshot_only")
        record.wait(lambda found: found.errors, "the missing one")
        assert isinstance(record.errors[0].error, SnapshotMissing)
        record.wait(lambda found: any(each.state.value == "closed" for each in found.states), "the end")
        assert [message["code"] for message in record.messages] == ["KRW-BTC"]
        assert str(key) not in manager.snapshot()["connections"]


def test_history_is_joined_with_the_stream(sim: Simulator) -> None:
    """Trades over REST, then those of the stream, which may have brought the newest of them: each once, in order."""
    with managed(sim) as (manager, record):
        manager.start_trade_socket("KRW-BTC", record.on_message)
        record.wait_messages(101)
    with managed(sim) as (manager, record):
        manager.start_trade_socket("KRW-BTC", record.on_message, history=100)
        record.wait(lambda found: sum("backfilled" not in each for each in found.messages) > 3, "live trades")
        numbers = [message["sequential_id"] % 10_000 for message in record.messages]  # the simulator counts in them
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        told = sum("backfilled" in each for each in record.messages)
        assert 0 < told <= 100
        assert all("backfilled" in each for each in record.messages[:told])


def test_an_account(sim: Simulator) -> None:
    """Balances and open orders first, then what happens, on a private connection."""
    member = Member(sim)
    with managed(sim, access_key=DEMO_ACCESS_KEY, secret_key=DEMO_SECRET_KEY) as (manager, record):
        orders = Record()
        manager.start_my_asset_socket(record.on_message)
        key = manager.start_my_order_socket(orders.on_message)
        manager.wait_open(key, PATIENCE)
        record.wait_messages(1)
        assert record.messages[0]["stream_type"] == "SNAPSHOT"
        assert {row["currency"] for row in record.messages[0]["assets"]} >= {"KRW"}
        placed = member.place(market="KRW-BTC", side="bid", ord_type="limit", price="1000000", volume="0.01")
        orders.wait(lambda found: any(each["uuid"] == placed["uuid"] for each in found.messages), "the order")
        record.wait_messages(2)
        assert member.call("DELETE", "order", uuid=placed["uuid"]).status_code == 200
        orders.wait(lambda found: found.messages[-1]["state"] == "cancel", "its end")
    assert record.errors == []


@pytest.mark.parametrize("trouble", ["wrong secret", "unknown", "other region", "ip", "expired"])
def test_a_key_that_opens_nothing(sim: Simulator, trouble: str) -> None:
    """HTTP 401 is final, and says why."""
    name = f"key{trouble.replace(' ', '')}".ljust(40, "x")
    secret = "s" * 40
    if trouble != "unknown":
        sim.upbit.create(
            name,
            secret,
            region="sg" if trouble == "other region" else "kr",
            ip=["10.9.8.7"] if trouble == "ip" else None,
        )
    if trouble == "expired":
        sim.upbit.expire(name)
    used = "t" * 40 if trouble == "wrong secret" else secret
    with managed(sim, access_key=name, secret_key=used) as (manager, record):
        manager.start_my_order_socket(record.on_message, prime=False)
        record.wait_messages(1)
        assert is_error(record.messages[0])
        error = record.errors[-1].error
        assert isinstance(error, (HandshakeRejected, CredentialError))
        assert used not in f"{error}{error!r}"


def test_a_lost_link_begins_with_snapshots(sim: Simulator) -> None:
    """The exchange cuts the connection: the next one tells what there is, and the gap is reported."""
    with managed(sim) as (manager, record):
        key = manager.start_ticker_socket(["KRW-BTC", "KRW-ETH"], record.on_message)
        manager.wait_open(key, PATIENCE)
        record.wait_messages(3)
        sim.inject(Fault.EOF)
        record.wait(lambda found: sum(each["stream_type"] == "SNAPSHOT" for each in found.messages) >= 4, "snapshots")
        record.wait(lambda found: found.gaps, "the gap")
        assert record.gaps[0].streams == ("ticker:KRW-BTC", "ticker:KRW-ETH")
    sim.clear_faults()


def test_the_exchange_goes_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed and started again on the same port: every socket goes on, with snapshots and a gap each."""
    monkeypatch.setattr(losses, "_FIRST", 0.2)
    first = Simulator(upbit=GENEROUS, speed=20)
    with first as sim:
        port = int(sim.url.rpartition(":")[2])
        manager = UpbitSocketManager(
            DEMO_ACCESS_KEY, DEMO_SECRET_KEY, environment=sim.environment, options=options(attempts=None)
        )
        record, assets = Record(), Record()
        record.attach(manager)  # type: ignore[arg-type]
        manager.start()
        manager.start_ticker_socket(["KRW-BTC", "KRW-ETH"], record.on_message)
        manager.start_my_asset_socket(assets.on_message)
        record.wait_messages(3)
        assets.wait_messages(1)
    try:
        with Simulator(upbit=GENEROUS, speed=20, port=port):
            record.wait(
                lambda found: sum(each["stream_type"] == "SNAPSHOT" for each in found.messages) >= 4, "snapshots"
            )
            assets.wait(lambda found: [each["stream_type"] for each in found.messages].count("SNAPSHOT") == 2, "assets")
            record.wait(lambda found: {gap.conn_key for gap in found.gaps} >= {"ticker=KRW-BTC/KRW-ETH"}, "the gap")
    finally:
        manager.close()
