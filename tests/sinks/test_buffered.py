"""Buffered: each policy does what it says, nothing is lost without being counted, nothing is left running."""

import gc
import logging
import os
import signal
import threading
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE

from binance_sockets.engine.threads import Worker
from binance_sockets.errors import ConfigError
from binance_sockets.sinks import Buffered, BufferFull


class Gate:
    """A handler that notes what it gets, and holds the first message until told to go on."""

    def __init__(self) -> None:
        self.got: list[object] = []
        self.entered = threading.Event()
        self.go = threading.Event()

    def __call__(self, message: object) -> None:
        self.got.append(message)
        self.entered.set()
        assert self.go.wait(PATIENCE)


def held(maxsize: int, on_full: str, key=None) -> tuple[Buffered, Gate]:
    """A buffer whose worker is busy with the message "first"."""
    gate = Gate()
    buffer = Buffered(gate, maxsize, on_full, key)
    buffer("first")
    assert gate.entered.wait(PATIENCE)
    return buffer, gate


def blocked(buffer: Buffered) -> threading.Event:
    """Is set as soon as a stream waits for room."""
    waits, emptied = threading.Event(), buffer._store._emptied
    wait = emptied.wait

    def waiting(timeout: float) -> bool:
        waits.set()
        return wait(timeout)

    emptied.wait = waiting
    return waits


def test_a_buffer_that_fills_is_told_in_time(caplog: pytest.LogCaptureFixture) -> None:
    """At half and at four fifths, once each until it was nearly empty; a small one is full as a rule."""
    for maxsize, marks in ((200, [55, 85]), (50, [])):
        caplog.clear()
        step, turn = threading.Semaphore(0), threading.Semaphore(0)

        def handler(message: object, step: threading.Semaphore = step, turn: threading.Semaphore = turn) -> None:
            turn.release()
            assert step.acquire(timeout=PATIENCE)

        def takes(count: int, step: threading.Semaphore = step, turn: threading.Semaphore = turn) -> None:
            for _ in range(count):
                step.release()
                assert turn.acquire(timeout=PATIENCE)

        def told() -> list[int]:
            return [record.args[1] for record in caplog.records if "% full" in record.getMessage()]

        buffer = Buffered(handler, maxsize)
        try:
            buffer(0)
            assert turn.acquire(timeout=PATIENCE)
            for percent in (40, 55, 60, 85, 90):
                for number in range(maxsize * percent // 100 + 1 - len(buffer)):
                    buffer(number)
                takes(1)
            assert told() == marks
            takes(len(buffer))
            for number in range(maxsize * 55 // 100 + 1):
                buffer(number)
            takes(1)
            assert told() == (marks and [*marks, 55])
        finally:
            step.release(10 * maxsize)
            buffer.close()


@pytest.mark.parametrize(
    ("on_full", "kept"),
    [("drop_oldest", ["first", 3, 4, 5]), ("drop_newest", ["first", 1, 2, 3])],
)
def test_dropping_policies_keep_their_end(on_full, kept):
    """drop_oldest keeps the newest messages, drop_newest the oldest, and both count what they drop."""
    buffer, gate = held(3, on_full)
    for message in range(1, 6):
        buffer(message)
    gate.go.set()
    assert buffer.close() == 2
    assert gate.got == kept
    assert (buffer.received, buffer.delivered, buffer.dropped) == (6, 4, 2)


def test_raise_tells_the_stream():
    """With on_full="raise" the message that finds no room is dropped, counted and reported."""
    buffer, gate = held(1, "raise")
    buffer(1)
    with pytest.raises(BufferFull, match="full \\(1 messages\\)"):
        buffer(2)
    gate.go.set()
    assert buffer.close() == 1
    assert gate.got == ["first", 1]


def test_block_waits_for_room_and_loses_nothing():
    """With on_full="block" the stream's thread waits until the handler has made room."""
    buffer, gate = held(2, "block")
    full, done = blocked(buffer), threading.Event()

    def stream() -> None:
        for message in range(50):
            buffer(message)
        done.set()

    thread = threading.Thread(target=stream)
    thread.start()
    assert full.wait(PATIENCE)
    assert len(buffer) == 2 and not done.is_set()
    gate.go.set()
    assert done.wait(PATIENCE)
    thread.join()
    assert buffer.close() == 0
    assert gate.got == ["first", *range(50)]


def test_closing_frees_a_blocked_stream():
    """A stream that waits for room is let go when the buffer is closed; its message counts as dropped."""
    buffer, gate = held(1, "block")
    buffer(1)
    full = blocked(buffer)
    stream = threading.Thread(target=buffer, args=(2,))
    stream.start()
    assert full.wait(PATIENCE)
    closer = threading.Thread(target=buffer.close)
    closer.start()
    stream.join(PATIENCE)
    assert not stream.is_alive()
    gate.go.set()
    closer.join(PATIENCE)
    assert gate.got == ["first", 1]
    assert buffer.dropped == 1


def test_the_thread_is_woken_only_while_it_waits():
    """A message that comes while the handler runs wakes nobody: the thread will come to it anyway."""
    buffer, gate = held(10, "block")
    woken: list[int] = []
    notify = buffer._store._filled.notify
    buffer._store._filled.notify = lambda *count: (woken.append(len(buffer)), notify(*count))
    for message in range(5):
        buffer(message)
    assert woken == []
    gate.go.set()
    assert buffer.close() == 0
    assert gate.got == ["first", *range(5)]


def test_conflate_keeps_the_latest_of_each_key_in_its_place():
    """conflate replaces the waiting message of the same key, and a new key drops the oldest when full."""
    buffer, gate = held(2, "conflate", key=lambda message: message[0])
    for message in ("a1", "b1", "a2", "b2", "a3"):
        buffer(message)
    assert len(buffer) == 2
    buffer("c1")
    gate.go.set()
    assert buffer.close() == 4
    assert gate.got == ["first", "b2", "c1"]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=40),
    st.integers(1, 5),
    st.sampled_from(["block", "drop_oldest", "drop_newest", "conflate", "raise"]),
)
def test_every_message_is_delivered_or_counted(messages, maxsize, on_full):
    """Whatever comes, received = delivered + dropped, and what is delivered keeps its order per key."""
    got: list[tuple[str, int]] = []
    buffer = Buffered(got.append, maxsize, on_full, (lambda m: m[0]) if on_full == "conflate" else None)
    for number, (key, _) in enumerate(messages):
        try:
            buffer((key, number))
        except BufferFull:
            assert on_full == "raise"
    dropped = buffer.close()
    assert buffer.received == len(messages) == len(got) + dropped
    for key in "abc":
        numbers = [number for found, number in got if found == key]
        assert numbers == sorted(numbers)
        if on_full == "conflate" and numbers:
            assert numbers[-1] <= max(n for n, (k, _) in enumerate(messages) if k == key)


def test_a_raising_handler_is_logged_once_and_counted(caplog):
    """An exception of the handler costs its message only, is logged once with its traceback and counted."""
    buffer = Buffered(lambda message: 1 / message)
    with caplog.at_level(logging.ERROR, "binance_sockets.sinks"):
        for message in (0, 0, 1):
            buffer(message)
        assert buffer.close() == 0
    assert (buffer.delivered, buffer.errors) == (3, 2)
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_a_handler_that_ends_its_thread_frees_the_stream(caplog):
    """SystemExit in the handler ends the buffer with a warning: nobody waits for room any more, the rest is counted."""
    entered, go = threading.Event(), threading.Event()

    def handler(message: int) -> None:
        entered.set()
        assert go.wait(PATIENCE)
        raise SystemExit

    buffer = Buffered(handler, 1, "block")
    buffer(1)
    assert entered.wait(PATIENCE)
    buffer(2)
    full = blocked(buffer)
    stream = threading.Thread(target=buffer, args=(3,), daemon=True)
    stream.start()
    assert full.wait(PATIENCE)
    with caplog.at_level(logging.WARNING, "binance_sockets.sinks"):
        go.set()
        stream.join(PATIENCE)
        assert not stream.is_alive()
    assert "raised SystemExit: it gets no more messages" in caplog.text
    assert buffer.close() == 2
    assert (buffer.received, buffer.delivered, buffer.dropped) == (3, 1, 2)


def test_close_gives_up_after_its_timeout_and_says_what_is_lost(caplog):
    """close(timeout) does not wait for ever: what is left is dropped, counted and logged."""
    buffer, gate = held(10, "block")
    buffer(1)
    buffer(2)
    with caplog.at_level(logging.WARNING, "binance_sockets.sinks"):
        assert buffer.close(timeout=0.05) == 2
    assert "2 messages left" in caplog.text
    gate.go.set()
    assert buffer.close() == 2
    buffer(3)
    assert buffer.dropped == 3


def test_repr_has_the_counts():
    """What waits, and what became of the others, without anybody asking for attributes."""
    buffer, gate = held(2, "drop_newest")
    for number in (1, 2, 3):
        buffer(number)
    counts = "4 received, 0 delivered, 1 dropped, 0 errors"
    assert repr(buffer) == f"<Buffered Gate: 2 of 2 wait, {counts}>"
    gate.go.set()
    buffer.close()
    assert repr(buffer) == "<Buffered Gate: closed, 0 of 2 wait, 4 received, 3 delivered, 1 dropped, 0 errors>"


def test_close_inside_the_handler_does_not_wait():
    """A handler may close its own buffer; what waits is still delivered."""
    got: list[int] = []
    buffers: list[Buffered] = []
    ready = threading.Event()

    def handler(message: int) -> None:
        assert ready.wait(PATIENCE)
        got.append(message)
        buffers[0].close()

    buffers.append(Buffered(handler))
    buffers[0](1)
    buffers[0](2)
    ready.set()
    buffers[0]._store.worker.join(PATIENCE)
    assert got == [1, 2]
    assert buffers[0].close() == 0


def test_a_message_whose_key_fails_is_delivered_by_itself():
    """The error reaches the caller, for which a stream reports it; the message is neither lost nor conflated."""
    buffer, gate = held(9, "conflate", key=lambda message: message if message == "first" else message["s"])
    buffer({"s": "a", "n": 1})
    for message, error in (({"e": "error"}, KeyError), ({"s": []}, TypeError)):
        with pytest.raises(error):
            buffer(message)
    buffer({"s": "a", "n": 2})
    gate.go.set()
    assert buffer.close() == 1
    assert gate.got == ["first", {"s": "a", "n": 2}, {"e": "error"}, {"s": []}]
    assert buffer.received == buffer.delivered + buffer.dropped


def test_a_buffer_may_be_collected_while_its_own_thread_holds_the_lock():
    """The garbage collector runs in any thread, also where the lock is held; it waits for nothing."""
    got: list[int] = []
    buffer = Buffered(got.append)
    buffer(1)
    store, thread = buffer._store, buffer._store.worker
    box: list[object] = [buffer]
    box.append(box)
    del buffer, box
    with store._lock:
        gc.collect()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert got == [1]


def test_a_forgotten_buffer_ends_by_itself():
    """When nobody refers to a buffer any more, its waiting messages are delivered and its thread ends."""
    got: list[int] = []
    buffer = Buffered(got.append)
    buffer(1)
    thread = buffer._store.worker
    del buffer
    gc.collect()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert got == [1]


def test_its_thread_starts_with_the_first_message():
    """Making one starts nothing, so a process that makes its buffers and forks has no thread to lose."""
    before = threading.active_count()
    buffer = Buffered(print)
    assert threading.active_count() == before
    assert buffer.close() == 0
    buffer(1)
    assert (threading.active_count(), buffer.dropped) == (before, 1)


def test_a_thread_that_cannot_be_started_costs_the_message_only(monkeypatch):
    """The stream is told, the message is counted, and the next one tries again."""
    got: list[int] = []
    buffer = Buffered(got.append)

    def refuse(worker: Worker) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "start", refuse)
        with pytest.raises(RuntimeError):
            buffer(1)
    buffer(2)
    assert buffer.close() == 1
    assert (got, buffer.received, buffer.delivered) == ([2], 2, 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_starts_anew():
    """What waited stays the parent's, also when its lock was held; the child delivers its own, and closing ends."""
    buffer, gate = held(10, "block")
    buffer("waits")
    with warnings.catch_warnings(), buffer._store._lock:
        warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork, as is the point here
        child = os.fork()
    if child == 0:
        code = 1
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(10)
        try:
            gate.got.clear()
            gate.go = threading.Event()
            gate.go.set()
            assert (len(buffer), buffer.received) == (0, 0)
            for message in range(20):
                buffer(message)
            assert buffer.close() == 0
            assert gate.got == [*range(20)]
            assert (buffer.received, buffer.delivered) == (20, 20)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    gate.go.set()
    assert buffer.close() == 0
    assert gate.got == ["first", "waits"]


async def never_awaited(message):
    """No handler: nobody would await it."""


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"handler": 5}, "handler"),
        ({"handler": lambda: None}, "handler"),
        ({"handler": lambda one, two: None}, "handler"),
        ({"handler": never_awaited}, "handler"),
        ({"handler": print, "maxsize": 0}, "maxsize"),
        ({"handler": print, "maxsize": True}, "maxsize"),
        ({"handler": print, "on_full": "drop"}, "on_full"),
        ({"handler": print, "on_full": "conflate"}, "key"),
        ({"handler": print, "key": len}, "key"),
    ],
)
def test_wrong_arguments_raise_at_once(arguments, field):
    """A wrong argument raises ConfigError in the caller's thread, naming the field and what is allowed."""
    with pytest.raises(ConfigError, match=f"^{field}: expected "):
        Buffered(**arguments)
