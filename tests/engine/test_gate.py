"""One call at a time, first come, first served; who is stopped while it waits is not called."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from e2e.harness import eventually
from patience import PATIENCE

from binance_sockets.engine.gate import Gate
from binance_sockets.engine.router import Handler


class Socket:
    """Whose calls pass."""

    def __init__(self) -> None:
        self.stopping = False
        self.waited = -1.0


class Caller:
    """Calls through a gate on a thread of its own."""

    def __init__(self, call: Callable[[Any], object]) -> None:
        self.thread = threading.Thread(target=call, args=(None,))
        self.thread.start()

    def join(self) -> None:
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


class Held:
    """A call that holds the gate until it is let go."""

    def __init__(self, gate: Gate) -> None:
        self.entered, self.free = threading.Event(), threading.Event()
        self.caller = Caller(gate.through(self._hold, Socket()))
        assert self.entered.wait(PATIENCE)

    def _hold(self, _: object) -> None:
        self.entered.set()
        self.free.wait(PATIENCE)

    def let_go(self) -> None:
        self.free.set()
        self.caller.join()


def waiting(gate: Gate, count: int) -> None:
    eventually(lambda: len(gate._waiting) == count, f"{count} wait")


def test_turns_are_in_the_order_of_coming() -> None:
    """Each is called once, in the order in which they came to wait."""
    gate, order = Gate(), list[int]()
    held = Held(gate)
    callers = []
    for number in range(8):
        callers.append(Caller(gate.through(lambda _, number=number: order.append(number), Socket())))
        waiting(gate, number + 1)
    held.let_go()
    for caller in callers:
        caller.join()
    assert order == list(range(8))


def test_a_backlog_does_not_keep_others_waiting() -> None:
    """Who calls again and again lets in who waits after one call, not after all of them."""
    gate, calls = Gate(), 0
    between = threading.Event()

    def slow(_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            waiting(gate, 1)

    backlog = gate.through(slow, Socket())

    def run(_: object) -> None:
        for _ in range(1000):
            backlog(None)

    seen: list[int] = []

    def other(_: object) -> None:
        seen.append(calls)
        between.set()

    busy = Caller(run)
    eventually(lambda: calls > 0, "the backlog began")
    Caller(gate.through(other, Socket())).join()
    assert between.is_set()
    busy.join()
    assert seen == [1]


def test_a_call_inside_a_call_passes() -> None:
    """A callback that starts another one on its thread does not wait for itself."""
    gate, seen = Gate(), list[object]()
    inner = gate.through(seen.append, Socket())
    assert not gate.is_mine()

    def outer(_: object) -> None:
        inner("inner")
        seen.append(gate.is_mine())

    gate.through(outer, Socket())(None)
    assert seen == ["inner", True]
    assert gate._owner is None


def test_who_is_stopped_while_it_waits_is_not_called() -> None:
    """Told by look() it goes at once; the turn of one that nobody told goes on to the next."""
    gate, seen, sockets = Gate(), list[int](), [Socket(), Socket(), Socket()]
    held = Held(gate)
    callers = []
    for number, socket in enumerate(sockets):
        callers.append(Caller(gate.through(lambda _, number=number: seen.append(number), socket)))
        waiting(gate, number + 1)
    sockets[1].stopping = True
    gate.look()
    callers[1].join()
    sockets[0].stopping = True  # and nobody tells
    held.let_go()
    for caller in callers:
        caller.join()
    assert seen == [2]
    assert gate._owner is None


def test_a_call_that_raises_gives_its_turn_back() -> None:
    """The exception passes, and the next one is let in."""
    gate, seen = Gate(), list[object]()

    def fails(_: object) -> None:
        raise KeyError("a mistake")

    for _ in range(2):
        try:
            gate.through(fails, Socket())(None)
        except KeyError as error:
            seen.append(error.args[0])
    gate.through(seen.append, Socket())("after")
    assert seen == ["a mistake", "a mistake", "after"]


def test_nothing_begins_once_it_is_stopping() -> None:
    """Also where nobody holds the gate."""
    gate, socket = Gate(), Socket()
    socket.stopping = True
    gate.through(lambda _: (_ for _ in ()).throw(AssertionError), socket)(None)
    assert gate._owner is None


def test_a_wait_is_not_the_callbacks_time(caplog: pytest.LogCaptureFixture) -> None:
    """Who waits for a slow one is not called slow: the wait is taken off what was measured."""
    gate = Gate()
    handler = Handler(lambda _: None, lambda _: None, lambda: None, gate)
    handler.entry(None)
    assert handler.waited == 0.0
    held = Held(gate)
    caller = Caller(handler.entry)
    waiting(gate, 1)
    held.let_go()
    caller.join()
    assert handler.waited > 0.0
    handler.waited = 3.0
    handler.took(3.1, "btcusdt@trade")
    assert handler.slowest == pytest.approx(0.1)
    assert not caplog.records
    handler.took(3.05, "btcusdt@trade")
    assert handler.slowest == pytest.approx(0.1)
    handler.took(5.0, "btcusdt@trade")
    assert "took 2.0 s" in caplog.text
