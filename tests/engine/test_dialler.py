"""Dial threads: side by side, cancelled at once, bounded, gone at the end."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback import PATIENCE

from binance_sockets.config import Options
from binance_sockets.engine.clock import Cancel, Cancelled, wait_ready
from binance_sockets.engine.dialler import Attempt, Dialler, Opened
from binance_sockets.engine.threads import Worker
from binance_sockets.engine.transport import SocketTransport

TRANSPORT = SocketTransport(Options())


class Stream:
    """What a dial opens."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Desk:
    """A dialler, and what became of its attempts."""

    def __init__(self) -> None:
        self.results: queue.Queue[Any] = queue.Queue()
        self.dialler = Dialler("manager", TRANSPORT, threads=3)

    @property
    def threads(self) -> list[str]:
        """Names of the dial threads."""
        return sorted(thread.name for thread in threading.enumerate() if thread.name.startswith("manager:dial"))

    def submit(self, connect: Callable[[Cancel], Any]) -> Attempt:
        attempt = Attempt(connect, self.results.put)
        self.dialler.submit(attempt)
        return attempt

    def next(self) -> Any:
        return self.results.get(timeout=PATIENCE)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.dialler.stop()
    assert made.dialler.join(PATIENCE)
    assert made.threads == []


def until_cancelled(cancel: Cancel) -> Any:
    wait_ready([], False, TRANSPORT.clock.monotonic() + PATIENCE, cancel, TRANSPORT.clock)


def test_nothing_starts_before_it_is_needed(desk: Desk) -> None:
    """The first attempt brings the first thread; one that is free takes the next."""
    assert desk.threads == []
    for number in range(3):
        desk.submit(lambda cancel, number=number: number)
        assert desk.next() == number
    assert 1 <= len(desk.threads) <= 3
    assert desk.threads[0] == "manager:dial-1"


def test_attempts_run_side_by_side_up_to_the_limit(desk: Desk) -> None:
    """Three threads meet; the fourth attempt waits for one of them."""
    meeting, gate = threading.Barrier(4), threading.Event()

    def connect(cancel: Cancel) -> str:
        meeting.wait(PATIENCE)
        assert gate.wait(PATIENCE)
        return "opened"

    for _ in range(3):
        desk.submit(connect)
    desk.submit(lambda cancel: "fourth")
    meeting.wait(PATIENCE)  # all three are inside
    assert desk.results.empty()
    gate.set()
    assert sorted(desk.next() for _ in range(4)) == ["fourth", "opened", "opened", "opened"]
    assert len(desk.threads) == 3


def test_failures_are_results(desk: Desk) -> None:
    """The error goes where a WebSocket would have gone; the thread goes on."""
    error = OSError("no")

    def fail(cancel: Cancel) -> Any:
        raise error

    desk.submit(fail)
    assert desk.next() is error
    desk.submit(lambda cancel: "next")
    assert desk.next() == "next"


def test_cancel_ends_a_blocking_connect_at_once(desk: Desk) -> None:
    """It wakes its thread, has no result, and does not touch the attempt after it on the same thread."""
    entered = threading.Event()

    def connect(cancel: Cancel) -> Any:
        entered.set()
        return until_cancelled(cancel)

    attempt = desk.submit(connect)
    assert entered.wait(PATIENCE)
    attempt.cancel()
    desk.submit(lambda cancel: cancel.cancelled())
    assert desk.next() is False
    assert desk.results.empty()


def test_cancelled_before_its_turn_is_never_made(desk: Desk) -> None:
    """Nothing is connected."""
    attempt = Attempt(lambda cancel: pytest.fail("connected"), desk.results.put)
    attempt.cancel()
    desk.dialler.submit(attempt)
    desk.submit(lambda cancel: "next")
    assert desk.next() == "next"


def test_what_opens_in_spite_of_a_cancel_is_closed(desk: Desk) -> None:
    """Its stream has no owner any more."""
    stream: Any = Stream()
    entered = threading.Event()

    def connect(cancel: Cancel) -> Opened:
        entered.set()
        with pytest.raises(Cancelled):
            until_cancelled(cancel)
        return Opened(stream, None, frozenset())  # type: ignore[arg-type]

    attempt = desk.submit(connect)
    assert entered.wait(PATIENCE)
    attempt.cancel()
    desk.submit(lambda cancel: "next")
    assert desk.next() == "next"
    desk.dialler.stop()
    assert desk.dialler.join(PATIENCE)
    assert stream.closed


def test_stop_cancels_all(desk: Desk) -> None:
    """Threads inside a connect end at once, and nothing is taken any more."""
    entered = threading.Semaphore(0)

    def connect(cancel: Cancel) -> Any:
        entered.release()
        return until_cancelled(cancel)

    for _ in range(5):
        desk.submit(connect)
    for _ in range(3):
        assert entered.acquire(timeout=PATIENCE)
    desk.dialler.stop()
    desk.submit(lambda cancel: "late")
    assert desk.dialler.join(PATIENCE)
    assert desk.results.empty()


def test_without_any_thread_it_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one runs, it goes on alone; where none does, the caller must know."""
    gate = threading.Event()
    desk.submit(lambda cancel: gate.wait(PATIENCE))

    def refuse(worker: Worker) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(Worker, "start", refuse)
    alone = Dialler("manager", TRANSPORT)
    with pytest.raises(RuntimeError, match="interpreter shutdown"):
        alone.submit(Attempt(lambda cancel: "x", desk.results.put))
    desk.submit(lambda cancel: "second")
    gate.set()
    assert [desk.next(), desk.next()] == [True, "second"]


def test_a_shortage_of_descriptors_is_the_attempts_result(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No dial thread ends by it, and when it is over all goes on."""
    with monkeypatch.context() as patch:
        shortage = OSError(24, "Too many open files")
        patch.setattr(TRANSPORT, "wakeup", lambda: (_ for _ in ()).throw(shortage))
        for _ in range(8):
            desk.submit(lambda cancel: "opened")
        assert [desk.next() for _ in range(8)] == [shortage] * 8
    for _ in range(8):
        desk.submit(lambda cancel: "opened")
    assert [desk.next() for _ in range(8)] == ["opened"] * 8
