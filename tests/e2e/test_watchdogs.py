"""What a link that lives cannot hide: a stream that falls silent later, and a callback that falls behind."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from e2e.harness import eventually, managed, options, say

from binance_sockets.engine import lag, link, websocket
from binance_sockets.errors import CallbackBehind, StreamSilent
from binance_sockets.events import State
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator, session

_SHAPES = {
    "spot multiplex": ("spot", ("aaausdt@trade", "bbbusdt@trade")),
    "futures route": ("usdm", ("aaausdt@aggTrade", "bbbusdt@aggTrade")),
}


@pytest.mark.parametrize("shape", _SHAPES)
def test_a_stream_that_falls_silent_later_is_reported(
    shape: str, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, with how long it has rested, while its neighbour on the same link goes on and the link stays."""
    for module in (link, websocket):
        monkeypatch.setattr(module, "EVERY", 0.3)
    product, streams = _SHAPES[shape]
    quiet, loud = streams
    with managed(sim, options(first_message=30.0, silence=2.0)) as (manager, record):
        start = manager.start_multiplex_socket if product == "spot" else manager.start_futures_multiplex_socket
        key = start(list(streams), record.on_message)
        assert key
        manager.start()
        manager.wait_open(key)
        say(sim, product, streams, 1)
        record.wait_messages(2)
        standing = sim.inject(Fault.HOLE, product=product, stream=quiet)

        def told() -> bool:
            say(sim, product, [quiet, loud], 2)
            return bool(record.errors)

        eventually(told, "a report of the silence")
        (report,) = record.errors
        assert isinstance(report.error, StreamSilent)
        assert (report.error.stream, report.error.later, report.final) == (quiet, True, False)
        assert report.error.waited >= 2.0
        assert standing.struck > 0
        (connection,) = manager.snapshot()["connections"].values()
        assert (connection["state"], connection["reconnects"]) == ("open", 0)
        standing.remove()
        before = len(record.messages)
        say(sim, product, [quiet], 3)
        record.wait_messages(before + 1)
        assert len(record.errors) == 1


def test_a_callback_that_falls_behind_is_told_before_the_exchange_cuts(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The report, the log line and the gauges come while the link is still open; then the slow reader is cut."""
    monkeypatch.setattr(lag, "_BEHIND", 0.3)
    monkeypatch.setattr(lag, "_WINDOW", 0.3)
    monkeypatch.setattr(session, "_SLOW_READER", 256 * 1024)
    never = threading.Event()

    def slow(payload: Any) -> None:
        never.wait(0.02)

    body = b'{"e":"trade","E":1,"s":"AAAUSDT","t":1,"x":"%s"}' % (b"x" * 20_000)
    busy: list[float] = []
    with managed(sim, options()) as (manager, record):
        key = manager.start_trade_socket("AAAUSDT", slow)
        assert key
        manager.start()
        manager.wait_open(key)

        def cut() -> bool:
            sim.publish("spot", "aaausdt@trade", body)
            found = manager.snapshot()["connections"].get(key)
            if record.late and found is not None and not busy:
                busy.append(found["busy"])
            return bool(record.into(State.BACKOFF))

        eventually(cut, "the cut of a reader that is too slow")
        report = record.late[0]
        assert isinstance(report.error, CallbackBehind)
        assert report.error.seconds > 0.3
        assert report.time < record.into(State.BACKOFF)[0].time
        assert any("has been behind" in entry.getMessage() for entry in caplog.records)
        assert busy[0] > 0.5
