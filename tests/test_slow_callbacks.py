"""A callback, or a listener, that does not return: it is told in time, once, and by a thread that is not blocked."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback import Inbox, Server, Sockets, chatty
from patience import PATIENCE

from binance_sockets import Options, SocketManager
from binance_sockets.engine import lag, watch
from binance_sockets.engine.clock import Clock
from binance_sockets.errors import CallbackBehind, CallbackError, ShutdownTimeout
from binance_sockets.events import ErrorReport, State, StateChange
from binance_sockets.manager import Manager
from binance_sockets.simulator import Simulator


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds takes none."""
    monkeypatch.setattr(lag, "_BEHIND", 0.2)
    monkeypatch.setattr(watch, "_CALM", 0.2)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(chatty) as server:
        yield server


class Held:
    """A callback, or a listener, that returns when it may."""

    def __init__(self) -> None:
        self.entered, self.free = threading.Event(), threading.Event()

    def __call__(self, event: object) -> None:
        self.entered.set()
        assert self.free.wait(PATIENCE)


class Told:
    """An error listener, with the threads that called it."""

    def __init__(self, manager: Manager, react: Callable[[ErrorReport], object] = lambda report: None) -> None:
        self.reports: list[tuple[str, ErrorReport]] = []
        self.came = threading.Semaphore(0)
        self._react = react
        self._inside = threading.Lock()
        manager.add_error_listener(self)

    def __call__(self, report: ErrorReport) -> None:
        assert self._inside.acquire(blocking=False), "a listener of one socket runs twice at once"
        try:
            self.reports.append((threading.current_thread().name, report))
            self._react(report)
        finally:
            self._inside.release()
            self.came.release()

    def wait(self) -> None:
        assert self.came.acquire(timeout=PATIENCE)

    @property
    def behind(self) -> list[str]:
        """The threads that told of a callback that is behind."""
        return [name for name, report in self.reports if isinstance(report.error, CallbackBehind)]


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if "has been behind" in record.getMessage()]


def test_one_long_call_is_told_while_it_lasts(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """By the log and the listeners, once; the socket goes on afterwards."""
    held, inbox = Held(), Inbox()

    def callback(payload: object) -> None:
        held(payload)
        inbox(payload)

    with Sockets() as manager:
        told = Told(manager)
        key = manager.open(server.url, callback)
        told.wait()
        assert not held.free.is_set()
        (line,) = lines(caplog)
        assert (line.levelno, line.threadName) == (logging.WARNING, f"{manager.name}:lag")
        assert manager.snapshot()["connections"][str(key)]["lag"] > 0.2
        held.free.set()
        inbox.next()
        inbox.next()
    assert told.behind == [f"{manager.name}:lag"]
    assert len(lines(caplog)) == 1
    error = told.reports[0][1].error
    assert isinstance(error, CallbackBehind)
    assert error.seconds > 0.2
    assert not told.reports[0][1].final


def test_a_daemons_callback_is_watched_too(server: Server) -> None:
    """Such a manager has no thread that waits for the main thread's end."""
    held, manager = Held(), Sockets()
    manager.daemon = True
    with manager:
        told = Told(manager)
        manager.open(server.url, held)
        told.wait()
        held.free.set()
    assert told.behind == [f"{manager.name}:lag"]


def test_a_listener_that_blocks_is_not_called_by_another_thread(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """The log tells in time; the listeners when their thread is back."""
    held, inbox, inside = Held(), Inbox(), threading.Lock()

    def listener(event: object) -> None:
        with_nobody = inside.acquire(blocking=False)
        assert with_nobody
        try:
            if isinstance(event, StateChange) and event.state is State.OPEN:
                held(event)
        finally:
            inside.release()

    with Sockets() as manager:
        manager.add_state_listener(listener)
        manager.add_error_listener(listener)
        told = Told(manager)
        manager.open(server.url, inbox)
        assert held.entered.wait(PATIENCE)
        pause = threading.Event()
        while not lines(caplog):
            assert not pause.wait(0.005)
        assert told.reports == []
        held.free.set()
        told.wait()
        inbox.next()
    assert told.behind == ["binance_sockets:a"]
    assert len(lines(caplog)) == 1


def test_what_is_told_meanwhile_waits_for_the_listener(server: Server) -> None:
    """The callback comes back with an error while a listener is told that it was behind."""
    held, reacting, go = Held(), threading.Event(), threading.Event()

    def callback(payload: object) -> None:
        if not held.free.is_set():
            held(payload)
            raise ValueError("of mine")

    def react(report: ErrorReport) -> None:
        if isinstance(report.error, CallbackBehind):
            reacting.set()
            assert go.wait(PATIENCE)

    with Sockets() as manager:
        told = Told(manager, react)
        manager.open(server.url, callback)
        assert reacting.wait(PATIENCE)
        held.free.set()
        go.set()
        told.wait()
        told.wait()
    assert [type(report.error) for _, report in told.reports[:2]] == [CallbackBehind, CallbackError]


@pytest.mark.parametrize("way", ["stop_socket", "close"])
def test_a_listener_may_end_the_socket(server: Server, way: str) -> None:
    """It waits for nothing, as in every listener of the socket; nothing is told twice."""
    held, done = Held(), threading.Event()

    def react(report: ErrorReport) -> None:
        if way == "close":
            manager.close()
        else:
            manager.stop_socket("a")
        done.set()

    with Sockets() as manager:
        told = Told(manager, react)
        manager.open(server.url, held)
        assert done.wait(PATIENCE)
        assert not held.free.is_set()
        held.free.set()
    assert len(told.reports) == 1


def test_closed_while_blocked(server: Server) -> None:
    """``close`` names the socket's thread alone: the one that watches ends."""
    held = Held()
    with Sockets() as manager:
        told = Told(manager)
        manager.open(server.url, held)
        told.wait()
        with pytest.raises(ShutdownTimeout) as caught:
            manager.close(timeout=0.1)
        held.free.set()
    assert caught.value.threads == ("binance_sockets:a",)


def test_nobody_is_called_for_a_callback_that_keeps_up(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Nor for a connect that takes long."""
    inbox: Any = Inbox()
    with Sockets() as manager:
        told = Told(manager)
        manager.open(server.url, inbox)
        manager.wait_open("a", PATIENCE)
        for _ in range(5):
            inbox.next()
    assert told.behind == []
    assert lines(caplog) == []


def test_all_keys_of_a_pool_are_told_of_the_one_that_blocks(caplog: pytest.LogCaptureFixture) -> None:
    """They share a thread, so each of them is behind."""
    held = Held()
    with Simulator(seed=1, speed=20) as exchange:
        manager = SocketManager(environment=exchange.environment, options=Options(pool=True))
        told = Told(manager)
        with manager:
            keys = [manager.start_trade_socket("BTCUSDT", held), manager.start_trade_socket("ETHUSDT", held)]
            told.wait()
            told.wait()
            held.free.set()
    assert sorted(report.conn_key for _, report in told.reports) == sorted(map(str, keys))
    assert told.behind == [f"{manager.name}:lag"] * 2
    assert len(lines(caplog)) == 1


def test_a_log_handler_that_raises_does_not_end_the_watch() -> None:
    """It is the user's, and may write to a disk that is full; the next look is made."""
    looked = threading.Semaphore(0)

    class Broken:
        def behind(self, now: float) -> None:
            looked.release()
            raise OSError("no space left on device")

        def tell_behind(self, report: ErrorReport) -> None: ...

    found = watch.LagWatch("watch", Clock(), lambda: [Broken()], watch.Alarm())
    found.start()
    try:
        assert all(looked.acquire(timeout=PATIENCE) for _ in range(3))
    finally:
        found.stop()
        assert found.join(PATIENCE)
