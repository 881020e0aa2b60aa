"""Named timers: the table, and what it says next."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine import timers as module
from binance_sockets.engine.timers import Timer, Timers


def test_next_is_the_earliest() -> None:
    """Setting, moving and unsetting keep ``next`` true."""
    timers = Timers()
    assert timers.next is None
    timers.set(Timer.STALE, 40.0)
    timers.set(Timer.PING, 25.0)
    assert (timers.next, timers.at(Timer.PING), timers.at(Timer.SEND)) == (25.0, 25.0, None)
    timers.set(Timer.PING, 60.0)
    assert timers.next == 40.0
    timers.set(Timer.STALE, None)
    assert timers.next == 60.0
    timers.clear()
    assert (timers.next, timers.at(Timer.PING), timers.expired(99.0)) == (None, None, [])


def test_expired_ones_are_unset_and_come_in_order() -> None:
    """Each fires once; what is not due stays."""
    timers = Timers()
    for timer, due in ((Timer.STALE, 3.0), (Timer.SEND, 1.0), (Timer.PING, 2.0), (Timer.MAX_AGE, 9.0)):
        timers.set(timer, due)
    assert timers.expired(3.0) == [Timer.SEND, Timer.PING, Timer.STALE]
    assert timers.expired(3.0) == []
    assert timers.next == 9.0


@given(st.lists(st.tuples(st.sampled_from(Timer), st.none() | st.floats(0, 100)), max_size=30), st.floats(0, 100))
def test_like_a_plain_dict(steps: list[tuple[Timer, float | None]], now: float) -> None:
    """Any sequence ends as the naive model says."""
    timers, model = Timers(), dict[Timer, float]()
    for timer, due in steps:
        timers.set(timer, due)
        if due is None:
            model.pop(timer, None)
        else:
            model[timer] = due
        assert timers.next == min(model.values(), default=None)
    fired = timers.expired(now)
    assert set(fired) == {timer for timer, due in model.items() if due <= now}
    assert [model[timer] for timer in fired] == sorted(model[timer] for timer in fired)
    assert timers.next == min((due for due in model.values() if due > now), default=None)


def test_every_timer_stands_in_the_table() -> None:
    """The docstring of the module is the one place that tells what each is for."""
    rows = [line.split()[0] for line in (module.__doc__ or "").splitlines() if line and line[0].isupper()]
    assert [row for row in rows if row.isupper()] == [timer.name for timer in Timer]
