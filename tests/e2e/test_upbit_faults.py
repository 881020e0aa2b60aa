"""Every fault of the vocabulary on a connection to Upbit: the streams go on, and what may be missing is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from e2e.harness import PATIENCE, Record, options
from simulator.upbit.helpers import GENEROUS

from binance_sockets import UpbitSocketManager
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator

# what strikes while connecting; struck for the second link, when the first one is cut
CONNECTING = {
    Fault.REFUSE: {"mode": "reset"}, Fault.SLOW_ACCEPT: {"delay": 0.1}, Fault.GARBAGE_HANDSHAKE: {},
    Fault.HTTP_STATUS: {"status": 503},
}  # fmt: skip
# what ends a link, with its parameters
ENDING = {
    Fault.CLOSE: {"code": 1006 + 5}, Fault.RESET: {}, Fault.EOF: {}, Fault.CUT: {}, Fault.MAX_AGE: {},
    Fault.SERVER_SHUTDOWN: {"close_after": 0.0}, Fault.OVERSIZE: {"size": 17 * 1024 * 1024},
}  # fmt: skip
# what strikes one message, and whether listeners hear of it
MESSAGES = {
    Fault.FRAGMENT: False, Fault.INVALID_JSON: True, Fault.UNKNOWN_EVENT: True, Fault.MISSING_FIELD: False,
    Fault.OUT_OF_ORDER: False, Fault.DUPLICATE: False, Fault.HOLE: False,
}  # fmt: skip


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(upbit=GENEROUS, speed=20) as found:
        yield found


@pytest.fixture
def record(sim: Simulator) -> Iterator[Record]:
    """The record of an open socket of two tickers; faults are gone afterwards."""
    with UpbitSocketManager(environment=sim.environment, options=options(attempts=None)) as manager:
        found = Record()
        found.attach(manager)  # type: ignore[arg-type]
        key = manager.start_ticker_socket(["KRW-BTC", "KRW-ETH"], found.on_message)
        manager.wait_open(key, PATIENCE)
        found.wait_messages(3)
        yield found
    sim.clear_faults()


def goes_on(record: Record, before: int) -> None:
    """Behind so many messages both markets come again, each beginning with what there is."""

    def came(found: Record) -> bool:
        news = found.messages[before:]
        return {each["code"] for each in news if each["stream_type"] == "SNAPSHOT"} == {"KRW-BTC", "KRW-ETH"}

    record.wait(came, "snapshots behind the fault")
    record.wait(lambda found: found.gaps, "the gap")
    record.wait(lambda found: found.messages[-1]["stream_type"] == "REALTIME", "what changes")


@pytest.mark.parametrize("fault", CONNECTING, ids=lambda fault: fault.value)
def test_while_connecting(fault: Fault, sim: Simulator, record: Record) -> None:
    """Tried again."""
    place = {} if fault is Fault.REFUSE else {"product": "upbit"}  # that one strikes before the path is known
    before = len(record.messages)
    struck = sim.inject(fault, count=2, **place, **CONNECTING[fault])  # type: ignore[arg-type]
    sim.inject(Fault.EOF, product="upbit", count=1)
    record.wait(lambda found: struck.struck, "the fault")
    goes_on(record, before)


@pytest.mark.parametrize("fault", ENDING, ids=lambda fault: fault.value)
def test_what_ends_a_link(fault: Fault, sim: Simulator, record: Record) -> None:
    """Opened again, with snapshots; the gap is told once for each stream."""
    before = len(record.messages)
    sim.inject(fault, product="upbit", count=1, **ENDING[fault])  # type: ignore[arg-type]
    goes_on(record, before)
    assert record.gaps[0].streams == ("ticker:KRW-BTC", "ticker:KRW-ETH")


@pytest.mark.parametrize("fault", MESSAGES, ids=lambda fault: fault.value)
def test_what_strikes_a_message(fault: Fault, sim: Simulator, record: Record) -> None:
    """The stream goes on over the same link; what could not be read is told."""
    struck = sim.inject(fault, product="upbit", count=1)
    record.wait(lambda found: struck.struck, "the fault")
    if MESSAGES[fault]:
        record.wait(lambda found: found.errors, "the report")
    before = len(record.messages)
    record.wait(lambda found: len(found.messages) > before + 3, "further messages")
    assert record.gaps == []
