"""Faults of the network, of which the exchange knows nothing: every message is accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.harness import eventually, managed, nothing_left, options
from fault_proxy import FaultProxy

from binance_sockets import Recorder
from binance_sockets.cli import main
from binance_sockets.events import Reason, State
from binance_sockets.simulator import Simulator

STREAMS = ["btcusdt@trade", "ethusdt@trade", "btcusdt@depth@100ms"]


@pytest.fixture(scope="module")
def busy() -> Iterator[Simulator]:
    """An exchange whose time runs fast."""
    with Simulator(speed=20.0, seed=3) as sim:
        yield sim


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        (FaultProxy.silence, {Reason.STALE}),
        (lambda proxy: proxy.cut_after(1), {Reason.NETWORK}),
        (lambda proxy: proxy.cut_after(777), {Reason.NETWORK}),
        (lambda proxy: proxy.slow(40), set()),
    ],
    ids=["half-open", "cut in the first byte", "cut in mid-frame", "slow"],
)
def test_every_message_is_accounted_for(
    fault: Callable[[FaultProxy], None], reasons: set[Reason], busy: Simulator, tmp_path: Path
) -> None:
    """A link that is half-open or cut is left for the right reason, and what is missing lies in a reported gap; a slow
    one is kept, and loses nothing."""
    opts = options(attempts=None, stale=0.5)
    record = busy.record(tmp_path / "sent", "spot", STREAMS)
    with nothing_left(busy), FaultProxy(busy.port) as proxy, Recorder(tmp_path / "came") as recorder:
        address = busy.environment.replace(str(busy.port), str(proxy.port))
        with managed(address, opts) as (manager, heard):
            recorder.attach(manager)
            key = recorder.start(manager.start_multiplex_socket, STREAMS, then=heard.on_message)
            manager.start()
            manager.wait_open(key)
            heard.wait_messages(20)
            fault(proxy)
            if reasons:
                heard.wait(lambda all: all.into(State.BACKOFF), "the link is lost")
                proxy.heal()
                heard.wait(lambda all: all.gaps, "the gap is told")
            else:
                heard.wait_messages(len(heard.messages) + 20)
                proxy.heal()
            heard.wait_messages(len(heard.messages) + 50)
            assert {change.reason for change in heard.into(State.BACKOFF)} == reasons
            assert not heard.finals
    record.close()
    assert main(["audit", str(tmp_path / "sent"), str(tmp_path / "came")]) == 0


def test_an_end_that_comes_after_the_next_connection(busy: Simulator) -> None:
    """The end of the old WebSocket arrives when the new one is long open: it ends nothing that lives."""
    with nothing_left(busy), FaultProxy(busy.port) as proxy:
        address = busy.environment.replace(str(busy.port), str(proxy.port))
        with managed(address, options()) as (manager, heard):
            key = manager.start_multiplex_socket(STREAMS, heard.on_message)
            manager.start()
            manager.wait_open(key)
            heard.wait_messages(5)
            proxy.late_ends()
            manager.reconnect(key)
            eventually(lambda: manager.snapshot()["connections"][key]["reconnects"] == 1, "the planned change")
            heard.wait_messages(len(heard.messages) + 20)
            proxy.heal()
            heard.wait_messages(len(heard.messages) + 20)
            assert not heard.gaps
            assert not heard.into(State.BACKOFF)
            assert manager.snapshot()["connections"][key]["reconnects"] == 1
