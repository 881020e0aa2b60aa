"""The parts of the process's end that need no process; whole processes are in ``test_process_life``."""

from __future__ import annotations

import gc
import inspect
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import pytest
from patience import PATIENCE

from binance_sockets.engine import process
from binance_sockets.engine.process import MainWatch, guard


class Ends:
    """Something that can be asked to end."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def request_stop(self) -> None:
        self.asked.set()


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Python's own handler of Ctrl-C, and nothing installed."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(process, "_installed", False)
    monkeypatch.setattr(process.tally, "interrupted", False)
    yield
    signal.signal(signal.SIGINT, before)


def test_watch_asks_nothing_while_the_main_thread_runs() -> None:
    """It ends when it is told to, quickly, having asked for nothing."""
    ends = Ends()
    watch = MainWatch("binance_sockets:main", ends)
    watch.start()
    assert (watch.thread.name, watch.thread.daemon) == ("binance_sockets:main", True)
    watch.stop()
    assert watch.join(PATIENCE)
    assert not ends.asked.is_set()


def test_join_is_bounded() -> None:
    """A watch that was not stopped does not hold its caller."""
    watch = MainWatch("binance_sockets:main", Ends())
    watch.start()
    assert not watch.join(0.01)
    watch.stop()
    assert watch.join(PATIENCE)


def frame_of(outcome: str) -> FrameType:
    """The frame of a function that has returned, raised or exited."""
    kept: list[FrameType] = []

    def ends() -> int:
        frame = inspect.currentframe()
        assert frame is not None
        kept.append(frame)
        if outcome == "raised":
            raise ValueError
        if outcome == "exited":
            sys.exit(3)
        return 1

    try:
        ends()
    except (ValueError, SystemExit) as exc:
        exc.__traceback__ = None
    return kept[0]


@pytest.mark.parametrize(("outcome", "returned"), [("returned", True), ("raised", False), ("exited", False)])
def test_how_a_frame_ended(outcome: str, returned: bool) -> None:
    """A return is told apart from an exception by where the frame stopped."""
    assert process._returned(frame_of(outcome)) is returned


@pytest.mark.usefixtures("clean")
def test_guard_takes_ctrl_c_once() -> None:
    """The first guard installs the handler; while the main thread lives Ctrl-C is what it always was."""
    ends = Ends()
    guard(ends)
    guard(Ends())
    assert signal.getsignal(signal.SIGINT) is process._on_sigint
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert not ends.asked.is_set()


@pytest.mark.usefixtures("clean")
def test_guard_respects_another_handler() -> None:
    """Who handles Ctrl-C already goes on doing so."""
    seen: list[int] = []

    def mine(number: int, frame: FrameType | None) -> None:
        seen.append(number)

    signal.signal(signal.SIGINT, mine)
    guard(Ends())
    assert signal.getsignal(signal.SIGINT) is mine


@pytest.mark.usefixtures("clean")
def test_guard_on_another_thread_installs_nothing() -> None:
    """Only the main thread may set signal handlers; elsewhere it is not tried."""
    failures: list[BaseException] = []

    def call() -> None:
        try:
            guard(Ends())
        except BaseException as exc:
            failures.append(exc)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join(PATIENCE)
    assert failures == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_may_come_while_the_lock_is_held() -> None:
    """Ctrl-C runs its handler in the middle of whatever the main thread does, also of its last exit handlers."""
    code = (
        "from types import SimpleNamespace\n"
        "import binance_sockets.engine.process as process\n"
        "process.threading = SimpleNamespace(main_thread=lambda: SimpleNamespace(is_alive=lambda: False))\n"
        "with process._lock:\n"
        "    process._on_sigint(2, None)\n"
        "print('done')\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (130, "done", "")


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether collections could begin, each time the frames of all threads were looked at."""
    real, seen = sys._current_frames, []

    def current_frames() -> dict[int, FrameType]:
        seen.append(gc.isenabled())
        return real()

    monkeypatch.setattr(sys, "_current_frames", current_frames)
    return seen


def test_no_collection_begins_while_frames_are_looked_at(looks: list[bool]) -> None:
    """On CPython 3.11 one would run finalizers under the interpreter's lock, and may wait there for ever."""
    here, over = threading.Event(), threading.Event()

    def wait() -> None:
        here.set()
        over.wait(PATIENCE)

    other = threading.Thread(target=wait)
    other.start()
    assert here.wait(PATIENCE)
    assert process._outermost(other) is not None
    assert looks == [sys.version_info >= (3, 12)]
    assert gc.isenabled()
    over.set()
    other.join(PATIENCE)


def test_collections_that_the_program_has_switched_off_stay_off(looks: list[bool]) -> None:
    """Looking at frames switches nothing on."""
    gc.disable()
    try:
        other = threading.Thread(target=lambda: None)
        assert process._outermost(other) is None
        assert looks == [False] and not gc.isenabled()
    finally:
        gc.enable()


def test_the_own_thread_needs_no_look_at_the_others(looks: list[bool]) -> None:
    """A manager is mostly started on the main thread."""
    frame = process._outermost(threading.current_thread())
    assert frame is not None and frame.f_back is None
    assert looks == []
