"""Links that have become half empty are merged, over real sockets: nothing lost, doubled or out of order."""

from __future__ import annotations

import pytest
from e2e.harness import eventually, managed, nothing_left
from e2e.test_rotations import Chain

from binance_sockets.engine import roster
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
