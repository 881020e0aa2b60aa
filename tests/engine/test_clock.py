"""Waits on real descriptors."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from binance_sockets.engine import clock as clocks
from binance_sockets.engine.clock import Cancelled, Clock, Waiter, Wakeup, wait_event, wait_ready


@pytest.fixture(params=["poll", "selectors"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With and without ``select.poll``."""
    if request.param == "selectors":
        monkeypatch.setattr(clocks, "_new_poll", clocks._SelectorPoll)
        monkeypatch.setattr(clocks, "_READ", clocks.selectors.EVENT_READ)
        monkeypatch.setattr(clocks, "_WRITE", clocks.selectors.EVENT_WRITE)
    return str(request.param)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ends = socket.socketpair()
    yield ends
    for end in ends:
        end.close()


@pytest.fixture(params=["eventfd", "socketpair"])
def wakeup(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wakeup]:
    if request.param == "eventfd" and not hasattr(clocks.os, "eventfd"):
        pytest.skip("no eventfd on this system")
    if request.param == "socketpair":
        monkeypatch.delattr(clocks.os, "eventfd", raising=False)
    made = Wakeup()
    yield made
    made.close()


class Flag:
    """A cancel: a wake-up and a flag."""

    def __init__(self, wakeup: Wakeup) -> None:
        self.wakeup = wakeup
        self.is_cancelled = False

    def fileno(self) -> int:
        return self.wakeup.fileno()

    def cancelled(self) -> bool:
        return self.is_cancelled


@pytest.mark.usefixtures("system")
def test_wait_reports_what_is_ready(pair: tuple[socket.socket, socket.socket], wakeup: Wakeup) -> None:
    """Readable descriptors, writable ones where asked for, and none that was removed."""
    waiter = Waiter()
    waiter.add(pair[0].fileno())
    waiter.add(wakeup.fileno())
    assert waiter.wait(0) == []
    pair[1].send(b"x")
    assert [fd for fd, _ in waiter.wait(5)] == [pair[0].fileno()]
    pair[0].recv(1)
    waiter.watch_write(pair[0].fileno(), True)
    assert [fd for fd, _ in waiter.wait(5)] == [pair[0].fileno()]
    waiter.watch_write(pair[0].fileno(), False)
    assert waiter.wait(0) == []
    wakeup.set()
    assert [fd for fd, _ in waiter.wait(None)] == [wakeup.fileno()]
    waiter.remove(wakeup.fileno())
    assert waiter.wait(0.001) == []
    waiter.close()


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize("timeout", [3e6, 1e12, float("inf")])
def test_very_long_waits(timeout: float, wakeup: Wakeup) -> None:
    """What the system call would refuse as too long is a wait like others."""
    waiter = Waiter()
    waiter.add(wakeup.fileno())
    wakeup.set()
    assert len(waiter.wait(timeout)) == 1
    waiter.close()
    far = Flag(Wakeup())
    assert wait_ready([wakeup.fileno()], False, timeout, far, Clock()) == {wakeup.fileno()}
    far.wakeup.close()


def test_wakeup_from_any_thread_and_any_number(wakeup: Wakeup) -> None:
    """Many calls are one; after ``clear`` it is quiet until the next."""
    waiter = Waiter()
    waiter.add(wakeup.fileno())
    threads = [threading.Thread(target=lambda: [wakeup.set() for _ in range(2000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waiter.wait(5)) == 1
    wakeup.clear()
    assert waiter.wait(0) == []
    wakeup.clear()
    wakeup.set()
    assert len(waiter.wait(5)) == 1
    waiter.close()


@pytest.mark.usefixtures("system")
def test_wait_ready_ends_at_its_deadline_or_when_cancelled(pair: tuple[socket.socket, socket.socket]) -> None:
    """Ready, too late and cancelled are told apart; a wake-up for another reason ends nothing."""
    cancel, clock = Flag(Wakeup()), Clock()
    own = pair[0].fileno()
    assert wait_ready([own], True, clock.monotonic() + 5, cancel, clock) == {own}
    cancel.wakeup.set()
    with pytest.raises(TimeoutError):
        wait_ready([own], False, clock.monotonic() + 0.02, cancel, clock)
    pair[1].send(b"x")
    assert wait_ready([own], False, clock.monotonic() + 5, cancel, clock) == {own}
    cancel.is_cancelled = True
    with pytest.raises(Cancelled):
        wait_ready([own], False, clock.monotonic() + 5, cancel, clock)
    cancel.wakeup.close()


def test_cancel_after_an_unrelated_wakeup_is_seen(pair: tuple[socket.socket, socket.socket]) -> None:
    """The descriptor is readable already; the flag still ends the wait."""
    cancel = Flag(Wakeup())
    cancel.wakeup.set()
    timer = threading.Timer(0.02, lambda: setattr(cancel, "is_cancelled", True))
    timer.start()
    clock = Clock()
    with pytest.raises(Cancelled):
        wait_ready([pair[0].fileno()], False, clock.monotonic() + 20, cancel, clock)
    timer.join()
    cancel.wakeup.close()


def test_wait_event() -> None:
    """Tells whether it was set in time."""
    event = threading.Event()
    assert not wait_event(event, 0)
    assert not wait_event(event, 0.01)
    event.set()
    assert wait_event(event, 0)
    assert wait_event(event, None)
