"""What a user's callback and a server's end do to a socket, and that nothing is left behind, three times over."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from e2e.harness import (
    FINAL,
    Held,
    Record,
    event_of,
    eventually,
    managed,
    nothing_left,
    number_of,
    numbers,
    options,
    say,
)
from idle import cpu_seconds
from patience import PATIENCE

from binance_sockets import SocketManager
from binance_sockets.errors import CallbackError, display_name
from binance_sockets.events import Reason, State
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator

pytestmark = pytest.mark.usefixtures("soon")
STREAM = "aaausdt@trade"
FEW = ["aaausdt@trade", "bbbusdt@bookTicker"]
TWO_ROUTES = ["aaausdt@bookTicker", "aaausdt@aggTrade"]

Start = Callable[[SocketManager, Callable[[Any], object]], "str | bool"]
SOCKETS: dict[str, tuple[str, list[str], Start]] = {
    "single": ("spot", [STREAM], lambda manager, callback: manager.start_trade_socket("AAAUSDT", callback)),
    "multiplex": ("spot", FEW, lambda manager, callback: manager.start_multiplex_socket(FEW, callback)),
    "list": ("spot", ["!miniTicker@arr"], lambda manager, callback: manager.start_miniticker_socket(callback)),
    "two routes": (
        "usdm", TWO_ROUTES, lambda manager, callback: manager.start_futures_multiplex_socket(TWO_ROUTES, callback)
    ),
}  # fmt: skip
each_socket = pytest.mark.parametrize("kind", SOCKETS, ids=lambda kind: kind.replace(" ", "-"))


# -- callbacks -------------------------------------------------------------------------------------------------------


def test_a_slow_callback_is_not_mistaken_for_silence(sim: Simulator) -> None:
    """While a callback blocks, its messages wait in order, other sockets go on, and no link is given up as stale."""
    entered, go, pause = threading.Event(), threading.Event(), threading.Event()
    stale, blocked = 1.0, 1.5
    with nothing_left(sim), managed(sim, options(stale=stale, ping=0.25)) as (manager, record):
        slow: list[int | None] = []

        def callback(payload: Any) -> None:
            slow.append(number_of(payload))
            if len(slow) == 1:
                entered.set()
                assert go.wait(PATIENCE)

        key = manager.start_trade_socket("AAAUSDT", callback)
        other = manager.start_trade_socket("BBBUSDT", record.on_message)
        assert key
        assert other
        manager.start()
        manager.wait_open(key)
        manager.wait_open(other)
        say(sim, "spot", [STREAM], 1)
        assert entered.wait(PATIENCE)
        begun = time.monotonic()
        number = 1
        while time.monotonic() - begun < blocked:  # more than the silence that is allowed
            number += 1
            say(sim, "spot", [STREAM, "bbbusdt@trade"], number)
            record.wait(lambda record, n=number: n in numbers(record), f"message {number} on the other socket")
            pause.wait(0.05)
        assert slow == [1]
        go.set()
        eventually(lambda: len(slow) == number, "the messages that waited")
        assert slow == list(range(1, number + 1))
        say(sim, "spot", [STREAM], 99)
        eventually(lambda: slow[-1] == 99, "messages afterwards")
        assert not record.into(State.BACKOFF)
        assert not record.gaps
        assert manager.snapshot()["connections"][key]["slowest_callback"] >= blocked


def test_a_raising_callback_ends_nothing(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """Every error is counted and reported with the user's exception, logged once with its traceback; data goes on."""
    with nothing_left(sim), managed(sim) as (manager, record):

        def callback(payload: Any) -> None:
            record.on_message(payload)
            raise KeyError("price")

        key = manager.start_trade_socket("AAAUSDT", callback)
        assert key
        manager.start()
        manager.wait_open(key)
        for number in range(5):
            say(sim, "spot", [STREAM], number)
        record.wait(lambda record: len(record.errors) == 5, "five reports")
        assert numbers(record) == [0, 1, 2, 3, 4]
        for report in record.errors:
            assert isinstance(report.error, CallbackError)
            assert isinstance(report.error.__cause__, KeyError)
            assert report.error.stream == STREAM
            assert not report.final
        (line,) = [entry for entry in caplog.records if entry.levelno >= logging.ERROR]
        assert line.exc_info
        assert manager.snapshot()["connections"][key]["callback_errors"] == 5
        assert not record.into(State.BACKOFF)


def test_a_callback_stops_its_own_socket(sim: Simulator) -> None:
    """After a callback stopped its socket no message follows, although more have arrived; the key can be used again."""
    with nothing_left(sim), managed(sim) as (manager, record):
        keys: list[Any] = []

        def callback(payload: Any) -> None:
            record.on_message(payload)
            if number_of(payload) == 3:
                manager.stop_socket(keys[0])

        keys.append(manager.start_trade_socket("AAAUSDT", callback))
        manager.start()
        manager.wait_open(keys[0])
        for number in range(1, 8):
            sim.publish("spot", STREAM, event_of(STREAM, number))
        manager.join(PATIENCE)
        assert numbers(record) == [1, 2, 3]
        assert record.into(State.CLOSED)[0].reason is Reason.STOPPED
        assert manager.start_trade_socket("AAAUSDT", record.on_message) == keys[0]
        say(sim, "spot", [STREAM], 8)
        record.wait(lambda record: 8 in numbers(record), "a message on the new socket")
        assert not record.finals


# -- the server's end ------------------------------------------------------------------------------------------------


@each_socket
def test_the_server_dies_and_comes_back(kind: str) -> None:
    """A killed server that returns on its port costs one gap per link, with its streams and the reason."""
    product, streams, start = SOCKETS[kind]
    with Simulator(symbols={product: 1}) as sim, managed(sim, options(attempts=None)) as (manager, record):
        key = start(manager, record.on_message)
        assert key
        manager.start()
        manager.wait_open(str(key))
        links = len(manager.snapshot()["connections"][str(key)]["links"])  # the server may not have noted all yet
        say(sim, product, streams, 1)
        sim.stop()
        record.wait(lambda record: len(record.into(State.BACKOFF)) >= 2 * links, "attempts that are refused")
        assert not record.gaps
        sim.start()
        record.wait(lambda record: len(record.gaps) == links, "a gap per link")
        manager.wait_open(str(key))
        assert sorted(name for gap in record.gaps for name in gap.streams) == sorted(streams)
        assert {gap.reason for gap in record.gaps} == {Reason.NETWORK}
        say(sim, product, streams, 2)
        record.wait(lambda record: numbers(record).count(2) == len(streams) or kind == "list", "messages afterwards")
        assert not record.finals


@each_socket
def test_a_server_that_stays_away(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """One payload, one ERROR line with the reason, a free key and no thread; the server's return changes nothing."""
    product, streams, start = SOCKETS[kind]
    sim = Simulator(symbols={product: 1})
    with sim, managed(sim, options(attempts=2)) as (manager, record):
        calls: list[Any] = []
        key = start(manager, calls.append)
        assert key
        manager.start()
        manager.wait_open(str(key))
        thread = f"binance_sockets:{display_name(key)}"
        assert thread in Held.now().threads
        sim.stop()
        manager.join(PATIENCE)
        eventually(lambda: thread not in Held.now().threads, "the end of the thread")
        sim.start()
        for stream in streams:
            assert sim.publish(product, stream, event_of(stream, 9)) == 0
        assert [call for call in calls if call == FINAL] == [FINAL] == calls[-1:]
        finals = [report for report in record.errors if report.final]
        assert len(finals) == 1
        (line,) = [entry for entry in caplog.records if entry.levelno >= logging.ERROR]
        assert line.name == "binance_sockets.connection"
        assert str(finals[0].error) in line.getMessage()
        assert "refused" in line.getMessage()
        assert str(key) not in manager.snapshot()["connections"]
        before = cpu_seconds("binance_sockets")
        threading.Event().wait(0.2)
        assert cpu_seconds("binance_sockets") - before < 0.1, "a thread is not idle"
        assert start(manager, record.on_message) == key
        manager.wait_open(str(key))
        assert [call for call in calls if call == FINAL] == [FINAL]
        assert not record.finals


def test_an_announced_shutdown_is_not_data(sim: Simulator) -> None:
    """The notice, bare on raw sockets and wrapped on combined ones, makes a new link and never reaches a callback."""
    with nothing_left(sim), managed(sim) as (manager, record):
        keys = [SOCKETS[kind][2](manager, record.on_message) for kind in ("single", "multiplex")]
        manager.start()
        for key in keys:
            manager.wait_open(str(key))
        notice = sim.inject(Fault.SERVER_SHUTDOWN, close_after=5.0)
        assert notice.struck == 2
        eventually(
            lambda: (
                [each["links"][0]["left"] for each in manager.snapshot()["connections"].values()]
                == ["server_shutdown"] * 2
            ),
            "the next link of each",
        )
        say(sim, "spot", FEW, 1)
        record.wait_messages(3)
        assert numbers(record) == [1, 1, 1]
        assert len(record.messages) == 3
        assert not record.gaps
        assert not record.errors
        assert not record.into(State.BACKOFF)


# -- three times over ------------------------------------------------------------------------------------------------


def _troubled_life(sim: Simulator, manager: SocketManager, record: Record) -> None:
    """Sockets of every kind meet a reset, silence and the server's death, and end in different ways."""
    keys = [str(start(manager, record.on_message)) for _, _, start in SOCKETS.values()]
    links = len(keys) + 1  # one key has two routes
    manager.start()
    for trouble in (Fault.RESET, Fault.SILENCE, None):
        for key in keys:
            manager.wait_open(key)
        sim.wait_for(lambda: len(sim.connections) == links)
        gaps, backoffs = len(record.gaps), len(record.into(State.BACKOFF))
        if trouble is None:
            sim.stop()
            sim.start()
        else:
            standing = sim.inject(trouble)
            record.wait(lambda record: standing.struck >= links, "the fault")  # noqa: B023
            if trouble is Fault.SILENCE:
                record.wait(lambda record: len(record.into(State.BACKOFF)) >= backoffs + links, "staleness")  # noqa: B023
            standing.remove()
        record.wait(lambda record: len(record.gaps) >= gaps + links, "a gap per link")  # noqa: B023
    manager.stop_socket(keys[0])
    sim.inject(Fault.HTTP_STATUS, status=404)
    sim.inject(Fault.EOF)
    record.wait(lambda record: record.finals == len(keys) - 1, "the last word on every other socket")
    sim.clear_faults()


def test_nothing_is_left_three_times_over() -> None:
    """Threads, descriptors and sockets are, after each of three troubled lives, what they were before the first."""
    with Simulator(symbols={"spot": 1, "usdm": 1}) as sim, managed(sim) as (manager, _):
        manager.start()
        manager.close()
        before = Held.now()
        for _ in range(3):
            with managed(sim, options(attempts=None, stale=0.8, ping=0.2)) as (manager, record):
                _troubled_life(sim, manager, record)
            sim.wait_for(lambda: not sim.connections)
            eventually(lambda: Held.now().within(before), f"as few as {before}: now {Held.now()}")
