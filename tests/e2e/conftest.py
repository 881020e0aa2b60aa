"""Simulators that several tests share, and the tables printed at the end of a run."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import trustme
from e2e.harness import managed, options

from binance_sockets.engine import losses, succession
from binance_sockets.simulator import LimitOverrides, Simulator


@dataclass(frozen=True)
class Tls:
    """Both ends of a private certificate authority."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="session")
def tls() -> Tls:
    """A server context for 127.0.0.1, and a client context that trusts it."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return Tls(server, client)


_MANY = LimitOverrides(connects=100_000, weight=10_000_000)  # hundreds of tests share one exchange


@pytest.fixture(scope="session")
def shared_plain() -> Iterator[Simulator]:
    with Simulator(limits=_MANY) as sim:
        _warm_up(sim)
        yield sim


@pytest.fixture(scope="session")
def shared_tls(tls: Tls) -> Iterator[Simulator]:
    with Simulator(ssl_context=tls.server, limits=_MANY) as sim:
        yield sim


@pytest.fixture
def sim(shared_plain: Simulator) -> Iterator[Simulator]:
    """A simulator without faults; its markets and its record are shared."""
    yield shared_plain
    shared_plain.clear_faults()


@pytest.fixture
def tls_sim(shared_tls: Simulator) -> Iterator[Simulator]:
    """The same over TLS."""
    yield shared_tls
    shared_tls.clear_faults()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gaps and planned changes wait less for streams that bring nothing."""
    monkeypatch.setattr(losses, "_FIRST", 0.2)
    monkeypatch.setattr(succession, "_GRACE", 0.5)


def _warm_up(sim: Simulator) -> None:
    """Let everything be imported and opened that stays for good."""
    with managed(sim, options()) as (manager, record):
        manager.start_trade_socket("BTCUSDT", record.on_message)
        manager.start()
        record.wait_messages(1)
