"""Fixtures of the simulator's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from simulator.helpers import LISTED

from binance_sockets.simulator import Simulator


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """A quick simulator."""
    with Simulator(speed=50, seed=5, symbols=LISTED) as simulator:
        yield simulator
