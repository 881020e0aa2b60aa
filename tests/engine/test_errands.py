"""Slow calls that share an allowance: in order, within the budget, and over when they are stopped."""

from __future__ import annotations

import threading
from typing import Any

from patience import PATIENCE

from binance_sockets.engine.allowance import Claim, Quota
from binance_sockets.engine.budget import Budget
from binance_sockets.engine.clock import Clock
from binance_sockets.engine.errands import Errand, Errands


class Purse:
    """A claim of its own line, of which a number of calls may be made."""

    def __init__(self, calls: int) -> None:
        self.line = object()
        self.calls = calls
        self.left = 0

    def take(self) -> float:
        self.calls -= 1
        return 0.0 if self.calls >= 0 else 5.0

    def leave(self) -> None:
        self.left += 1


def _errand(claim: Any, due: float = 0.0) -> Errand:
    return Errand(claim, lambda: None, lambda: False, due)


def test_a_hundred_books_at_once_make_no_storm() -> None:
    """100 snapshots of weight 50 within 3,000 a minute: 60 in the first, 40 in the second; none is overtaken."""
    now, budget = 0.0, Budget()
    errands, quota = Errands("test", Clock()), Quota("venue.invalid", "spot", 3000, 3000, 5400, 60.0)
    wanted = [_errand(Claim(lambda: budget, quota, "books", 50, lambda: now)) for _ in range(100)]
    errands._waiting = list(wanted)
    went = []
    while len(went) < 100:
        found = errands.next(now)
        if isinstance(found, Errand):
            went.append((now, found))
        else:
            now += found
    assert [errand for _, errand in went] == wanted
    assert [sum(int(when // 60) == minute for when, _ in went) for minute in (0, 1)] == [60, 40]


def test_lines_do_not_wait_for_each_other() -> None:
    """What cannot be paid holds back its own kind alone, and what nobody wants any more leaves its line."""
    errands, poor, rich = Errands("test", Clock()), Purse(0), Purse(9)
    dear, cheap, other, later, free = (
        _errand(poor),
        _errand(poor),
        _errand(rich),
        _errand(rich, 7.0),
        _errand(None, 6.5),
    )
    gone = Errand(Purse(9), lambda: None, lambda: True)  # type: ignore[arg-type]
    errands._waiting = [gone, dear, cheap, other, later, free]
    assert errands.next(1.0) is other
    assert gone.claim.left == 1  # type: ignore[union-attr]
    assert errands.next(1.0) == 5.0
    assert errands.next(6.5) is free
    assert errands.next(7.0) is later
    poor.calls = 1
    assert errands.next(60.0) is dear


def test_an_errand_that_failed_is_done_again_and_a_stop_ends_all() -> None:
    """On a thread of its own, which ends."""
    errands, done, runs = Errands("binance_sockets-errands", Clock()), threading.Event(), []

    def run() -> float | None:
        runs.append(len(runs))
        if len(runs) < 3:
            return 0.0
        done.set()
        return None

    errands.submit(Errand(None, run, lambda: False))
    assert done.wait(PATIENCE)
    assert runs == [0, 1, 2]
    purse = Purse(0)
    errands.submit(Errand(purse, run, lambda: False))  # type: ignore[arg-type]
    errands.stop()
    assert errands.join(PATIENCE)
    errands.submit(Errand(None, run, lambda: False))
    assert runs == [0, 1, 2]


def test_a_raising_errand_ends_nothing(caplog) -> None:  # type: ignore[no-untyped-def]
    """It is logged; the next one runs."""
    errands, done = Errands("binance_sockets-errands", Clock()), threading.Event()

    def fail() -> float | None:
        raise RuntimeError("boom")

    errands.submit(Errand(None, fail, lambda: False))
    errands.submit(Errand(None, lambda: done.set(), lambda: False))
    assert done.wait(PATIENCE)
    errands.stop()
    assert errands.join(PATIENCE)
    assert "an errand failed" in caplog.text
