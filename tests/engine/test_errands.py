"""Slow calls that share an allowance: in order, within the budget, and over when they are stopped."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st
from patience import PATIENCE

from binance_sockets.engine.clock import Clock
from binance_sockets.engine.errands import Budget, Errand, Errands


def _errand(budget: Budget, weight: float, due: float = 0.0) -> Errand:
    return Errand(budget, weight, lambda: None, lambda: False, due)


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 50)), max_size=60))
def test_no_window_has_more_than_the_budget(steps: list[tuple[float, int]]) -> None:
    """Whoever waits as long as he is told spends at most the budget in any minute."""
    budget, now, spent = Budget(100, 60.0), 0.0, []
    for pause, weight in steps:
        now += pause
        now += budget.wait(weight, now)
        assert budget.wait(weight, now) <= 1e-6
        budget.spend(weight, now)
        spent.append((now, weight))
        assert sum(cost for when, cost in spent if when > now - 60.0 + 1e-6) <= 100


def test_what_is_dearer_than_the_budget_goes_alone() -> None:
    """It waits for an empty window, not for ever."""
    budget = Budget(100, 60.0)
    budget.spend(1, 0.0)
    assert budget.wait(250, 10.0) == 50.0
    assert budget.wait(250, 60.0) == 0.0


def test_a_closed_budget_waits() -> None:
    """The exchange has asked for it."""
    budget = Budget(100, 60.0)
    budget.close(30.0)
    assert (budget.wait(1, 10.0), budget.wait(1, 31.0)) == (20.0, 0.0)


def test_a_hundred_books_at_once_make_no_storm() -> None:
    """100 snapshots of weight 50 within 3,000 a minute: 60 in the first, 40 in the second; none is overtaken."""
    errands, budget = Errands("test", Clock()), Budget(3000, 60.0)
    wanted = [_errand(budget, 50) for _ in range(100)]
    errands._waiting = list(wanted)
    now, went = 0.0, []
    while len(went) < 100:
        found = errands.next(now)
        if isinstance(found, Errand):
            went.append((now, found))
        else:
            now += found
    assert [errand for _, errand in went] == wanted
    assert [sum(int(when // 60) == minute for when, _ in went) for minute in (0, 1)] == [60, 40]


def test_budgets_do_not_wait_for_each_other() -> None:
    """What cannot be paid holds back its own kind alone, and what nobody wants any more is forgotten."""
    errands = Errands("test", Clock())
    poor, rich = Budget(1, 60.0), Budget(1000, 60.0)
    poor.spend(1, 0.0)
    dear, cheap, other, later = _errand(poor, 1), _errand(poor, 0), _errand(rich, 1), _errand(rich, 1, due=7.0)
    gone = Errand(rich, 1, lambda: None, lambda: True)
    errands._waiting = [gone, dear, cheap, other, later]
    assert errands.next(1.0) is other
    assert errands.next(1.0) == 6.0
    assert errands.next(7.0) is later
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

    budget = Budget(100)
    errands.submit(Errand(budget, 1, run, lambda: False))
    assert done.wait(PATIENCE)
    assert runs == [0, 1, 2]
    errands.submit(Errand(budget, 1000, run, lambda: False))
    errands.stop()
    assert errands.join(PATIENCE)
    errands.submit(Errand(budget, 1, run, lambda: False))
    assert runs == [0, 1, 2]


def test_a_raising_errand_ends_nothing(caplog) -> None:  # type: ignore[no-untyped-def]
    """It is logged; the next one runs."""
    errands, done = Errands("binance_sockets-errands", Clock()), threading.Event()

    def fail() -> float | None:
        raise RuntimeError("boom")

    budget = Budget(100)
    errands.submit(Errand(budget, 1, fail, lambda: False))
    errands.submit(Errand(budget, 1, lambda: done.set(), lambda: False))
    assert done.wait(PATIENCE)
    errands.stop()
    assert errands.join(PATIENCE)
    assert "an errand failed" in caplog.text
