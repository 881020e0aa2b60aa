"""An exchange on this machine, which everything of this folder finds by the environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from binance_sockets.exchanges.environment import BASE_URL_VARIABLE
from binance_sockets.simulator import Simulator


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    """One exchange for the tests of a file."""
    with Simulator(seed=7, speed=10) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The exchange that the environment names."""
    monkeypatch.setenv(BASE_URL_VARIABLE, running.url)
    return running


@pytest.fixture(scope="session")
def busy() -> Iterator[Simulator]:
    """One exchange with a lively market, for the tests of all files."""
    with Simulator(seed=3, speed=20) as simulator:
        yield simulator


@pytest.fixture
def exchange(busy: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The lively exchange, which the environment names."""
    monkeypatch.setenv(BASE_URL_VARIABLE, busy.url)
    return busy
