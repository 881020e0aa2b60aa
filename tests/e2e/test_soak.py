"""A short soak; ``make soak`` runs long ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from soak import Soak

from binance_sockets.cli import main


@pytest.mark.full
@pytest.mark.timeout(180)
def test_half_a_minute_of_faults(tmp_path: Path) -> None:
    """Every message is accounted for, sockets come back, and nothing is left open."""
    soak = Soak(7, tmp_path)
    soak.run(30.0)
    assert not soak.failures
    assert sum(soak.done.values()) > 30
    assert all(any(what in done for done in soak.done) for what in ("spot order", "usdm order", "subscribe", "gaps"))
    assert main(["audit", str(soak.sent), str(soak.came)]) == 0
