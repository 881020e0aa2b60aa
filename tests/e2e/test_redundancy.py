"""A stream over two links at once: the loss of either is invisible to the callback."""

from __future__ import annotations

from typing import Any

import pytest
from e2e.harness import eventually, managed, nothing_left, options
from e2e.tables import TABLES
from e2e.test_backfill import MANY, RESETS, Sequence, awake

from binance_sockets import ConfigError, SocketManager
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator

STEADY = options(attempts=None, initial=0.1)


def whole(manager: SocketManager, key: str) -> bool:
    """Both links are open, and have brought what the other has."""
    links = manager._core.connections[key].links
    twins = links[0].twins
    assert twins is not None
    return all(twins._copies(name).joined(link) for link in links for name in link.wanted)


def resets(sim: Simulator, product: str, view: str, times: int) -> None:
    """So many unplanned ends of one link or the other."""
    seen = Sequence()
    names = [
        "btcusdt@aggTrade",
        "ethusdt@aggTrade",
        "btcusdt@depth@100ms" if product == "spot" else "btcusdt@markPrice",
    ]
    busy = awake(sim, "btcusdt@aggTrade", "ethusdt@aggTrade")
    with nothing_left(sim), busy, managed(sim, STEADY) as (manager, record):
        key: Any = manager.start_multiplex_socket(names, seen, product, view=view, redundancy=2)
        manager.start()
        manager.wait_open(key)
        eventually(lambda: len(seen.numbers) == 2 and whole(manager, key), "both links")
        for number in range(times):
            sim.inject(Fault.RESET, product=product, stream=names[-1], count=1)
            eventually(
                lambda done=number + 1: manager.snapshot()["connections"][key]["reconnects"] >= done, "another link"
            )
            eventually(lambda: whole(manager, key), "both links again")
        behind = {name: ids[-1] for name, ids in seen.numbers.items()}
        eventually(
            lambda: all(seen.numbers[name][-1] > behind[name] + 20 for name in behind), "messages behind the end"
        )
        manager.stop_socket(key)
        assert not [gap for gap in record.gaps if gap.conn_key == key]
    assert seen.whole(), seen.numbers
    TABLES[RESETS].append(f"redundancy  {times:>4} resets {seen.count:>8,} trades, each once; no gap")


@pytest.mark.parametrize(
    ("product", "view", "times"),
    [("spot", "dict", 8), ("usdm", "typed", 4), ("usdm", "raw", 4), ("usdm", "unified", 3)],
)
def test_no_message_is_lost_with_a_link(product: str, view: str, times: int) -> None:
    """Every number once and in order, and no gap, while the links are reset one after another under load."""
    with Simulator(speed=50.0, seed=7, limits=MANY) as sim:
        resets(sim, product, view, times)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_no_message_is_lost_with_two_hundred_links() -> None:
    """The same at length."""
    with Simulator(speed=50.0, seed=7, limits=MANY) as sim:
        resets(sim, "spot", "dict", 200)


def test_both_links_lost_is_a_gap() -> None:
    """Where no link is left, what may be missing is told; numbers stay in order."""
    seen = Sequence()
    names = ["btcusdt@aggTrade", "btcusdt@depth@100ms"]
    with (
        Simulator(speed=50.0, seed=7, limits=MANY) as sim,
        awake(sim, "btcusdt@aggTrade"),
        managed(sim, STEADY) as (manager, record),
    ):
        key: Any = manager.start_multiplex_socket(names, seen, redundancy=2)
        manager.start()
        manager.wait_open(key)
        eventually(lambda: whole(manager, key) and seen.numbers, "both links")
        sim.inject(Fault.RESET, stream=names[-1], count=2)
        eventually(lambda: [gap for gap in record.gaps if gap.conn_key == key], "the gap")
        eventually(lambda: whole(manager, key), "both links again")
    ids = seen.numbers["BTCUSDT aggTrade"]
    assert ids == sorted(set(ids))


def test_one_link_that_cannot_open_is_no_end() -> None:
    """While one link lives the other is tried for ever."""
    with (
        Simulator(speed=20.0, limits=MANY) as sim,
        managed(sim, options(attempts=1, initial=0.02)) as (manager, record),
    ):
        key: Any = manager.start_trade_socket("BTCUSDT", record.on_message, redundancy=2)
        manager.start()
        manager.wait_open(key)
        eventually(lambda: whole(manager, key), "both links")
        sim.inject(Fault.HTTP_STATUS, status=503, stream="btcusdt@trade", count=4)
        sim.inject(Fault.RESET, stream="btcusdt@trade", count=1)
        eventually(
            lambda: whole(manager, key) and manager.snapshot()["connections"][key]["reconnects"], "it comes back"
        )
        assert not any(report.final for report in record.errors)


@pytest.mark.parametrize("wrong", [0, 5, True, "2", None, 2.0])
def test_wrong_redundancy(wrong: Any) -> None:
    """It is a number from 1 to 4, and not together with the past."""
    manager = SocketManager()
    with pytest.raises(ConfigError, match="redundancy"):
        manager.start_trade_socket("BTCUSDT", print, redundancy=wrong)
    with pytest.raises(ConfigError, match="redundancy"):
        manager.start_trade_socket("BTCUSDT", print, redundancy=2, backfill=True)


def test_streams_change_on_both_links() -> None:
    """What is subscribed later comes over both links, and what is taken away over none."""
    seen = Sequence()
    with Simulator(speed=50.0, seed=7, limits=MANY) as sim, managed(sim, STEADY) as (manager, record):
        key: Any = manager.start_multiplex_socket(["btcusdt@aggTrade", "btcusdt@trade"], seen, redundancy=2)
        manager.start()
        manager.wait_open(key)
        manager.subscribe(key, ["ethusdt@aggTrade"])
        manager.unsubscribe(key, ["btcusdt@trade"])
        manager.wait_open(key)
        eventually(lambda: "ETHUSDT aggTrade" in seen.numbers and whole(manager, key), "the new stream on both links")
        sim.inject(Fault.RESET, stream="ethusdt@aggTrade", count=1)
        eventually(lambda: manager.snapshot()["connections"][key]["reconnects"], "another link")
        eventually(lambda: whole(manager, key), "both links again")
        assert not record.gaps
    assert all(ids == list(range(ids[0], ids[0] + len(ids))) for ids in seen.numbers.values())
