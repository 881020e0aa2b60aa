"""Links that have become half empty are merged, over real sockets: nothing lost, doubled or out of order."""

from __future__ import annotations

import os
import socket
import threading

import pytest
from e2e.harness import eventually, managed, nothing_left
from e2e.test_rotations import Chain
from patience import PATIENCE

from binance_sockets.engine import roster
from binance_sockets.engine.merging import Merge
from binance_sockets.simulator import Simulator


@pytest.mark.full
def test_what_is_left_of_1500_streams_comes_over_one_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two links carry 1,500; with 200 of both left one does: under the same key, and every id comes once, in order."""
    monkeypatch.setattr(roster, "_CALM", 0.5)
    with Simulator(symbols={"spot": 500}, speed=5.0) as sim:
        suffixes = ("trade", "aggTrade", "depth@100ms")
        names = [f"{symbol.lower()}@{suffix}" for symbol in sim.symbols["spot"] for suffix in suffixes]
        kept = names[:100] + names[-100:]
        chain = Chain()
        with nothing_left(sim), managed(sim) as (manager, record):
            key = str(manager.start_multiplex_socket(names[:100], chain))
            manager.start()
            manager.wait_open(key)
            manager.subscribe(key, names[100:])
            manager.wait_open(key)
            assert len(manager.snapshot()["connections"][key]["links"]) == 2
            eventually(lambda: set(kept) <= set(chain.messages), "a message of each")
            manager.unsubscribe(key, names[100:-100])
            manager.wait_open(key)
            eventually(lambda: len(manager.snapshot()["connections"][key]["links"]) == 1, "one link")
            eventually(lambda: len(sim.connections) == 1, "one connection")
            shot = manager.snapshot()["connections"][key]
            assert (set(shot["streams"]), shot["state"], shot["reconnects"]) == (set(kept), "open", 0)
            before = dict(chain.messages)
            eventually(lambda: all(chain.messages[name] > before[name] for name in kept), "each goes on")
        assert chain.breaks == []
        assert (record.errors, record.gaps) == ([], [])


@pytest.mark.full
@pytest.mark.parametrize("lost", ["old", "into"])
def test_a_link_that_is_lost_while_they_are_merged(lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing lies in its gap, the other one misses nothing, and later there is one link nevertheless."""
    monkeypatch.setattr(roster, "_CALM", 0.5)
    merging, go_on, complete = threading.Event(), threading.Event(), Merge.complete
    merges: list[Merge] = []

    def held(merge: Merge, now: float) -> bool:
        merges.append(merge)
        merging.set()
        return go_on.is_set() and complete(merge, now)

    monkeypatch.setattr(Merge, "complete", held)
    with Simulator(symbols={"spot": 600}, speed=5.0) as sim:
        names = [f"{symbol.lower()}@{suffix}" for symbol in sim.symbols["spot"] for suffix in ("trade", "aggTrade")]
        kept = names[:40] + names[-60:]
        chain = Chain()
        with nothing_left(sim), managed(sim) as (manager, record):
            key = str(manager.start_multiplex_socket(names, chain))
            manager.start()
            manager.wait_open(key)
            manager.unsubscribe(key, names[40:-60])
            manager.wait_open(key)
            assert merging.wait(PATIENCE)
            eventually(lambda: set(kept) <= set(chain.messages), "a message of each")
            current = getattr(merges[0], lost).current
            with socket.socket(fileno=os.dup(current.fileno())) as cut:  # no fault tells the two apart
                cut.shutdown(socket.SHUT_RDWR)
            record.wait(lambda heard: heard.gaps, "the gap")
            go_on.set()
            eventually(lambda: len(manager.snapshot()["connections"][key]["links"]) == 1, "one link")
            before = dict(chain.messages)
            eventually(lambda: all(chain.messages[name] > before[name] for name in kept), "each goes on")
        told = {(ids.stream, ids.last_id) for gap in record.gaps for ids in gap.ids}
        assert {each.partition(":")[0] for each in chain.breaks} <= {name for name, _ in told}
        assert all((each.partition(":")[0], int(each.rpartition(" ")[2])) in told for each in chain.breaks), record
        streams = {name for gap in record.gaps for name in gap.streams}
        assert streams <= set(kept[:40] if lost == "old" else kept[40:])
