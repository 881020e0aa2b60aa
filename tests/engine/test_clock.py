"""Waiting: wake-ups, deadlines, cancellation."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from loopback import PATIENCE, Stop

from binance_sockets.engine import clock as module
from binance_sockets.engine.clock import Cancelled, Clock, Waiter, Wakeup, wait_event, wait_ready


@pytest.fixture(params=["native", "socketpair and selectors"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """This system, and one without ``eventfd`` and ``poll``."""
    if request.param != "native":
        monkeypatch.delattr(module.os, "eventfd", raising=False)
        monkeypatch.delattr(module.select, "poll", raising=False)
        monkeypatch.setattr(module, "_READ", module.selectors.EVENT_READ)
        monkeypatch.setattr(module, "_WRITE", module.selectors.EVENT_WRITE)


@pytest.fixture
def stop(system: None) -> Iterator[Stop]:
    stop = Stop()
    yield stop
    stop.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, two = socket.socketpair()
    with one, two:
        yield one, two


def test_wakeup(system: None) -> None:
    """A wake-up set once or a thousand times ends one wait; cleared, it ends none."""
    wakeup, waiter = Wakeup(), Waiter()
    waiter.add(wakeup.fileno())
    assert waiter.wait(0) == []
    for _ in range(1000):
        wakeup.set()
    assert [fd for fd, _ in waiter.wait(PATIENCE)] == [wakeup.fileno()]
    wakeup.clear()
    assert waiter.wait(0) == []
    wakeup.clear()
    waiter.remove(wakeup.fileno())
    wakeup.set()
    assert waiter.wait(0) == []
    waiter.close()
    wakeup.close()


def test_wakeup_that_is_full(system: None) -> None:
    """A wake-up that is set without end by many threads never blocks one of them."""
    wakeup = Wakeup()
    threads = [threading.Thread(target=lambda: [wakeup.set() for _ in range(5000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    wakeup.clear()
    wakeup.close()


def test_waiter_watches_writing_on_demand(system: None, pair: tuple[socket.socket, socket.socket]) -> None:
    """A descriptor is reported as writable only while that is asked for."""
    waiter = Waiter()
    waiter.add(pair[0].fileno())
    assert waiter.wait(0) == []
    waiter.watch_write(pair[0].fileno(), True)
    assert len(waiter.wait(PATIENCE)) == 1
    waiter.watch_write(pair[0].fileno(), False)
    assert waiter.wait(0) == []
    waiter.close()


@pytest.mark.parametrize("seconds", [1e9, float("inf")])
def test_endless_waits(system: None, pair: tuple[socket.socket, socket.socket], seconds: float) -> None:
    """A wait of years, or without end, is a wait."""
    waiter = Waiter()
    waiter.add(pair[0].fileno())
    pair[1].send(b"x")
    assert len(waiter.wait(seconds)) == 1
    waiter.close()


def test_wait_does_not_end_early(system: None, pair: tuple[socket.socket, socket.socket]) -> None:
    """A wait for a time that is not whole milliseconds lasts at least that long, so timers do not spin."""
    waiter = Waiter()
    waiter.add(pair[0].fileno())
    began = time.monotonic()
    waiter.wait(0.0105)
    assert time.monotonic() - began >= 0.0105
    waiter.close()


def test_wait_ready(stop: Stop, pair: tuple[socket.socket, socket.socket]) -> None:
    """It tells which descriptors are readable, or writable; at the deadline it raises TimeoutError."""
    clock = Clock()
    one, two = pair
    assert wait_ready([one.fileno()], True, clock.monotonic() + PATIENCE, stop, clock) == {one.fileno()}
    with pytest.raises(TimeoutError):
        wait_ready([one.fileno()], False, clock.monotonic() + 0.02, stop, clock)
    with pytest.raises(TimeoutError):
        wait_ready([one.fileno()], True, clock.monotonic() - 1, stop, clock)
    two.send(b"x")
    found = wait_ready([one.fileno(), two.fileno()], False, clock.monotonic() + PATIENCE, stop, clock)
    assert found == {one.fileno()}
    assert wait_ready([one.fileno()], False, float("inf"), stop, clock) == {one.fileno()}


def test_wait_ready_is_cancelled(stop: Stop, pair: tuple[socket.socket, socket.socket]) -> None:
    """A stop that came before, or comes meanwhile, ends the wait, long before its deadline."""
    clock = Clock()
    timer = threading.Timer(0.05, stop.stop)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        wait_ready([pair[0].fileno()], False, clock.monotonic() + PATIENCE, stop, clock)
    assert time.monotonic() - began < PATIENCE / 2
    with pytest.raises(Cancelled):
        wait_ready([pair[0].fileno()], True, clock.monotonic() + PATIENCE, stop, clock)
    timer.join()


def test_wait_ready_woken_for_another_reason(
    stop: Stop, pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wake-up without a stop neither ends the wait, nor makes it spin, nor hides a later stop."""
    clock = Clock()
    looks: list[float] = []
    monkeypatch.setattr(clock, "monotonic", lambda: looks.append(0.0) or time.monotonic())
    stop.wakeup.set()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        wait_ready([pair[0].fileno()], False, began + 0.2, stop, clock)
    assert time.monotonic() - began >= 0.2
    assert len(looks) <= 10  # one before every poll
    timer = threading.Timer(0.05, stop.stop)
    timer.start()
    with pytest.raises(Cancelled):
        wait_ready([pair[0].fileno()], False, clock.monotonic() + PATIENCE, stop, clock)
    timer.join()


def test_wait_event() -> None:
    """It tells whether the event is set, also when it was set before, and with no time left."""
    event = threading.Event()
    assert not wait_event(event, 0)
    assert not wait_event(event, -1)
    assert not wait_event(event, 0.02)
    timer = threading.Timer(0.02, event.set)
    timer.start()
    assert wait_event(event, None)
    assert wait_event(event, 0)
    timer.join()
