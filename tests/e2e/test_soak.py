"""A short soak; ``make soak`` runs long ones."""

from __future__ import annotations

import logging
import random
from pathlib import Path

import pytest
from e2e.harness import managed
from soak import Soak
from soak_accounts import Account

from binance_sockets.cli import main
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator


@pytest.mark.full
@pytest.mark.timeout(180)
def test_half_a_minute_of_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message is accounted for, sockets come back, and nothing is left open."""
    # pytest keeps every record of a log with the errors in it, and these what was under way
    monkeypatch.setattr(logging.getLogger("binance_sockets"), "propagate", False)
    soak = Soak(7, tmp_path)
    soak.run(30.0)
    assert not soak.failures
    assert sum(soak.done.values()) > 30
    assert all(any(what in done for done in soak.done) for what in ("spot order", "usdm order", "subscribe", "gaps"))
    assert main(["audit", str(soak.sent), str(soak.came)]) == 0


@pytest.mark.parametrize("product", ["spot", "usdm"])
def test_the_soak_itself_survives_its_faults(product: str) -> None:
    """A fault for the client that strikes a request of the soak's own costs it nothing but another attempt."""
    rng = random.Random(5)
    with Simulator(seed=5, symbols={product: ["BTCUSDT"]}) as sim, managed(sim) as (manager, _):
        account = Account(sim, manager, product)
        manager.start()
        manager.wait_open(account.key)
        for count in (1, 3, 2, 1, 1, 2):
            sim.inject(Fault.REFUSE, count=count)
            account.act(rng)
        sim.inject(Fault.HTTP_STATUS, status=503, on="rest", count=2)
        account.act(rng)
        assert account.repeated == 12
        account.settle()
