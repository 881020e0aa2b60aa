"""A stream without a first message is reported, each cause in its own words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from e2e.harness import Record, managed, nothing_left, options

from binance_sockets import SocketManager
from binance_sockets.errors import StreamRetired, StreamSilent
from binance_sockets.exchange import Stream
from binance_sockets.exchanges.binance.market import MarketStreams
from binance_sockets.exchanges.binance.urls import Environment
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator

Start = Callable[[Simulator, SocketManager, Record], str]
SOON = options(first_message=0.2)


def _cause(record: Record, stream: str) -> str:
    """The likely cause in the one report about a stream."""
    record.wait(lambda record: record.errors, f"a report about {stream}")
    (report,) = record.errors
    assert isinstance(report.error, StreamSilent)
    assert report.error.stream == stream
    assert report.error.waited >= 0.2
    assert not report.final
    return report.error.cause


def _bypass(manager: SocketManager, sim: Simulator, name: str, record: Record) -> None:
    """Ask the exchange for a name that ``start_*`` would correct or refuse, as another program might."""
    exchange = MarketStreams(Environment(sim.environment), "spot", wrapped=False)
    assert manager._open(name, exchange, [Stream(name, 5.0)], record.on_message)


def _wrong_route(sim: Simulator, manager: SocketManager, record: Record) -> str:
    manager.start_multiplex_socket(["btcusdt@aggTrade"], record.on_message, "usdm", route="public")
    return "btcusdt@aggTrade"


def _upper_case(sim: Simulator, manager: SocketManager, record: Record) -> str:
    _bypass(manager, sim, "BTCUSDT@trade", record)
    return "BTCUSDT@trade"


def _unknown_symbol(sim: Simulator, manager: SocketManager, record: Record) -> str:
    manager.start_trade_socket("NOSUCHUSDT", record.on_message)
    return "nosuchusdt@trade"


def _retired(sim: Simulator, manager: SocketManager, record: Record) -> str:
    _bypass(manager, sim, "!ticker@arr", record)
    return "!ticker@arr"


def _undocumented(sim: Simulator, manager: SocketManager, record: Record) -> str:
    manager.start_socket("btcusdt@trades", record.on_message)
    return "btcusdt@trades"


def _quiet(sim: Simulator, manager: SocketManager, record: Record) -> str:
    sim.inject(Fault.HOLE, stream="btcusdt@trade")  # the market is asleep
    manager.start_trade_socket("BTCUSDT", record.on_message)
    return "btcusdt@trade"


SAYS: dict[Start, tuple[str, ...]] = {
    _wrong_route: ("/market", "/public"),
    _upper_case: ("case-sensitive", "'btcusdt@trade'"),
    _unknown_symbol: ("lists no symbol NOSUCHUSDT",),
    _retired: ("retired", "2026-03-26", "!miniTicker@arr"),
    _undocumented: ("documents no such stream", "<symbol>@trade"),
    _quiet: ("The exchange lists BTCUSDT", "nothing was traded"),
}


@pytest.mark.parametrize("start", SAYS, ids=lambda start: start.__name__.strip("_"))
def test_each_cause_of_silence_is_named(start: Start, sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """The report and the log name this cause, in words that no other cause has; the socket stays open."""
    with nothing_left(sim), managed(sim, SOON) as (manager, record):
        stream = start(sim, manager, record)
        manager.start()
        cause = _cause(record, stream)
        assert [words for words in SAYS[start] if words not in cause] == [], cause
        assert any(cause in entry.getMessage() for entry in caplog.records)
        (snapshot,) = manager.snapshot()["connections"].values()
        assert snapshot["state"] == "open"
        assert not record.messages
    for other, told in SAYS.items():
        assert other is start or not all(words in cause for words in told), f"as for {other.__name__}: {cause}"


def test_upper_case_is_corrected_on_the_wire(sim: Simulator) -> None:
    """Names in upper case, which the exchange would acknowledge and never serve, bring data through ``start_*``."""
    with nothing_left(sim), managed(sim, SOON) as (manager, record):
        assert manager.start_socket("BTCUSDT@bookTicker", record.on_message) == "BTCUSDT@bookTicker"
        manager.start()
        record.wait_messages(1)
        (info,) = sim.connections
        assert info.streams == ("btcusdt@bookTicker",)


def test_a_retired_stream_is_refused_with_its_replacement(sim: Simulator) -> None:
    """What the exchange has switched off raises at once, in the caller's thread, and opens nothing."""
    before = len(sim.history)
    with managed(sim, SOON) as (manager, record):
        manager.start()
        with pytest.raises(StreamRetired, match="!miniTicker@arr"):
            manager.start_ticker_socket(record.on_message)
    assert len(sim.history) == before


def test_a_rare_stream_may_stay_silent(sim: Simulator) -> None:
    """Liquidations may not come for hours: nothing is reported, while a silent neighbour on the same route is."""
    with nothing_left(sim), managed(sim, SOON) as (manager, record):
        manager.start_futures_multiplex_socket(["nosuchusdt@forceOrder", "nosuchusdt@aggTrade"], record.on_message)
        manager.start()
        assert "NOSUCHUSDT" in _cause(record, "nosuchusdt@aggTrade")
