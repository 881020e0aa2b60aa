"""Who owns what a thread uses when its start is interrupted, and where threads come from when none can be started."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE

from binance_sockets.engine import threads
from binance_sockets.engine.threads import Worker

PACKAGE = Path(threads.__file__).resolve().parent.parent


class Resource:
    """Something that must be closed once."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.used = threading.Event()
        self.release = threading.Event()

    def run(self) -> None:
        self.used.set()
        assert self.release.wait(PATIENCE)
        self.closed.append("thread")

    def start(self) -> Worker:
        """As everybody does who starts one."""
        worker = Worker(self.run, name="binance_sockets:test", daemon=True)
        try:
            worker.start()
        except BaseException as exc:
            if worker.abandon():
                self.closed.append("starter")
            exc.args = (worker,)
            raise
        return worker


def test_work_runs_on_a_thread_of_that_name() -> None:
    """It is alive until its work is done, and its end can be waited for."""
    resource = Resource()
    worker = resource.start()
    assert resource.used.wait(PATIENCE)
    assert [thread.daemon for thread in threading.enumerate() if thread.name == "binance_sockets:test"] == [True]
    assert worker.is_alive() and not worker.is_current()
    assert not worker.join(0.01)
    resource.release.set()
    assert worker.join(PATIENCE)
    assert not worker.is_alive()
    assert resource.closed == ["thread"]
    assert not worker.abandon()


def test_within_its_work_a_join_does_not_wait() -> None:
    """Work may ask for the end of everything, itself included."""
    results: list[bool] = []
    worker = Worker(lambda: results.extend((worker.is_current(), worker.join(None))), name="t", daemon=True)
    worker.start()
    assert worker.join(PATIENCE)
    assert results == [True, True]
    assert not worker.is_current()


def test_a_failing_target_has_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits is let go, and the hook of threads is told."""
    told: list[type] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: told.append(args.exc_type))

    def fail() -> None:
        raise LookupError

    worker = Worker(fail, name="t", daemon=True)
    worker.start()
    assert worker.join(PATIENCE)
    assert told == [LookupError]


def test_abandoned_work_never_runs() -> None:
    """Also when its thread comes later."""
    ran: list[int] = []
    worker = Worker(lambda: ran.append(1), name="t", daemon=True)
    assert worker.abandon()
    assert worker.abandon()
    worker.run()
    assert ran == []
    assert worker.join(0) and not worker.is_alive()


@pytest.mark.parametrize("moment", ["before the thread", "before its work", "while it works", "after its work"])
def test_interrupted_start(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Wherever Ctrl-C meets the start, the resource is closed exactly once: by the thread if it runs, else here."""
    resource = Resource()
    real_start, real_run, late = threading.Thread.start, Worker.run, threading.Event()

    def run(worker: Worker, parked: bool = False) -> None:
        if moment == "before its work":
            assert late.wait(PATIENCE)
        real_run(worker)
        late.set()

    def start(thread: threading.Thread) -> None:
        if moment != "before the thread":
            real_start(thread)
        if moment == "while it works":
            assert resource.used.wait(PATIENCE)
        if moment == "after its work":
            resource.release.set()
            assert late.wait(PATIENCE)
        raise KeyboardInterrupt

    monkeypatch.setattr(Worker, "run", run)
    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(KeyboardInterrupt) as caught:
        resource.start()
    monkeypatch.setattr(threading.Thread, "start", real_start)
    (worker,) = caught.value.args
    late.set()
    resource.release.set()
    assert worker.join(PATIENCE)
    started = moment in ("while it works", "after its work")
    assert resource.closed == ["thread" if started else "starter"]
    assert resource.used.is_set() is started


def test_interrupt_in_pythons_own_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """``Thread.start`` is interrupted in its wait although the thread runs, as a real Ctrl-C does it."""
    resource = Resource()
    real_wait, mine = threading.Event.wait, threading.current_thread()

    def wait(event: threading.Event, timeout: float | None = None) -> bool:
        if threading.current_thread() is mine and event is not resource.used and not resource.closed:
            assert real_wait(resource.used, PATIENCE)
            raise KeyboardInterrupt
        return real_wait(event, timeout)

    monkeypatch.setattr(threading.Event, "wait", wait)
    with pytest.raises(KeyboardInterrupt) as caught:
        resource.start()
    monkeypatch.undo()
    (worker,) = caught.value.args
    assert worker.is_alive()
    resource.release.set()
    assert worker.join(PATIENCE)
    assert resource.closed == ["thread"]


def test_no_thread_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error reaches the starter, who keeps what the work would have used."""
    monkeypatch.setattr(threads.park, "enabled", False)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    resource = Resource()
    with pytest.raises(RuntimeError):
        resource.start()
    assert resource.closed == ["starter"]


def test_every_thread_of_the_package_is_made_here() -> None:
    """Who owns what a thread uses is answered in one place."""
    sources = [path for path in PACKAGE.rglob("*.py") if "simulator" not in path.parts]
    found = [
        path.name for path in sources if re.search(r"\bThread\(|threading\.Timer\(|PoolExecutor", path.read_text())
    ]
    assert found == ["threads.py"]


# -- parked threads --


def refuse(thread: threading.Thread) -> None:
    raise RuntimeError("can't create new thread at interpreter shutdown")


def spares() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "binance_sockets-spare"]


@pytest.fixture
def park(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A park in use, on every version."""
    found = threads._Park()
    found.enabled = True
    monkeypatch.setattr(threads, "park", found)
    before = set(spares())
    user = object()
    found.open(user)
    yield found
    found.close(user)
    for thread in set(spares()) - before:
        thread.join(PATIENCE)
    assert set(spares()) <= before


def test_parked_threads_take_what_cannot_be_started(park: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the right kind does the work under its name, and is there for the next."""
    seen: list[tuple[str, bool]] = []
    for number in range(20):
        daemon = number % 2 == 0

        def work() -> None:
            seen.append((threading.current_thread().name, threading.current_thread().daemon))

        worker = Worker(work, name=f"work {number}", daemon=daemon)
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            worker.start()
        assert worker.join(PATIENCE)
    assert seen == [(f"work {number}", number % 2 == 0) for number in range(20)]


def test_a_park_without_a_free_thread_says_so(park: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all are busy the start fails within a bounded time, and the work never runs."""
    monkeypatch.setattr(threads, "_TAKE", 0.05)
    release, began = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        began.release()
        assert release.wait(PATIENCE)

    workers = [Worker(hold, name="holds", daemon=False) for _ in range(threads._PARKED)]
    ran: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(threads, "_TAKE", PATIENCE)
        patch.setattr(threading.Thread, "start", refuse)
        for worker in workers:
            worker.start()
            assert began.acquire(timeout=PATIENCE)
        patch.setattr(threads, "_TAKE", 0.05)
        extra = Worker(lambda: ran.append(1), name="extra", daemon=False)
        with pytest.raises(RuntimeError, match="interpreter shutdown"):
            extra.start()
    release.set()
    assert all(worker.join(PATIENCE) for worker in workers)
    assert extra.abandon() and ran == []


def test_parked_threads_leave_with_the_last_user(park: Any) -> None:
    """Two managers share them; closing both ends them."""
    other = object()
    park.open(other)
    park.open(other)
    park.close(other)
    park.close(other)
    assert spares()  # the fixture's user is left, and the fixture waits for their end


def test_no_thread_waits_where_threads_can_always_be_started() -> None:
    """A version that starts threads at any time has none parked."""
    if not threads._REFUSED:
        found = threads._Park()
        found.open(object())
        assert not found._waiting[True] and not found._waiting[False]
        assert spares() == []
