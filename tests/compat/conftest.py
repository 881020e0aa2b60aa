"""An embedded exchange that scripts find by the variable, as ``binance-sockets run`` and tests of scripts do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from binance_sockets.simulator import Simulator


@pytest.fixture(scope="session")
def busy() -> Iterator[Simulator]:
    """An embedded exchange with a lively market."""
    with Simulator(seed=3, speed=20) as running:
        yield running


@pytest.fixture
def exchange(busy: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The embedded exchange, which the variable names."""
    monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", busy.url)
    return busy
