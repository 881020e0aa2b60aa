"""Fixtures of Upbit's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from simulator.upbit.helpers import GENEROUS

from binance_sockets.simulator import Simulator


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    """A quick exchange; its tests leave it as they found it."""
    with Simulator(speed=50, seed=5, upbit=GENEROUS) as simulator:
        yield simulator
