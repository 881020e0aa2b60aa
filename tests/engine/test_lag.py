"""Keeping up, and falling behind."""

from __future__ import annotations

from binance_sockets.engine.lag import Lag


def turns(lag: Lag, works: float, waits: float, count: int, now: float, idle: bool = True) -> tuple[float, int]:
    """``count`` turns; returns the time after them, and how many warnings came."""
    warnings = 0
    for _ in range(count):
        woken, began = now, now + works
        lag.waits(idle)
        now = began + waits
        warnings += lag.worked(woken, began, now)
    return now, warnings


def test_waiting_is_no_lag() -> None:
    """However long it lasts, before the first message and between two."""
    lag = Lag()
    assert lag.seconds(1e6) == 0.0
    turns(lag, 0.1, 10.0, 3, 0.0)
    lag.waits(True)
    assert lag.seconds(1e6) == 0.0


def test_a_thread_that_is_busy_for_most_of_its_time_keeps_up() -> None:
    """0.1 s of work for every 0.03 s of waiting."""
    lag = Lag()
    now, warnings = turns(lag, 0.1, 0.03, 500, 0.0)
    assert (warnings, lag.seconds(now)) == (0, 0.0)


def test_waits_that_find_messages_at_once_add_up() -> None:
    """The gauge grows from the last real wait on; one warning."""
    lag = Lag()
    now, _ = turns(lag, 0.1, 1.0, 1, 0.0)
    now, warnings = turns(lag, 0.1, 0.0001, 100, now)
    assert warnings == 1
    assert 9.9 < lag.seconds(now) < 10.1
    now, warnings = turns(lag, 0.1, 1.0, 1, now)
    assert (warnings, lag.seconds(now)) == (0, 0.0)
    assert turns(lag, 0.1, 0.0001, 100, now)[1] == 0  # said once


def test_falling_behind_much_later_is_said_again() -> None:
    """A new episode, more than a minute after the warning of the one before."""
    lag = Lag()
    now, _ = turns(lag, 0.1, 1.0, 1, 0.0)
    now, warnings = turns(lag, 0.1, 0.0001, 100, now)
    assert warnings == 1
    now, warnings = turns(lag, 0.1, 1.0, 90, now)
    assert warnings == 0
    assert turns(lag, 0.1, 0.0001, 100, now)[1] == 1


def test_how_busy_it_is() -> None:
    """The share of work in the last window; a call that does not return, and a wait that lasts, show while they do."""
    lag = Lag()
    assert lag.busy(5.0) == 0.0
    now, _ = turns(lag, 0.3, 0.1, 100, 0.0)
    assert 0.7 < lag.busy(now) < 0.8
    assert lag.busy(now + 1000) > 0.95  # still in a callback
    lag.waits(True)
    assert lag.busy(now + 1000) < 0.05


def test_more_to_read_is_behind_whatever_the_wait_lasted() -> None:
    """A poll that asks nothing can take milliseconds beside a thread that computes."""
    lag = Lag()
    now, _ = turns(lag, 0.1, 1.0, 1, 0.0)
    now, warnings = turns(lag, 0.001, 0.005, 2000, now, idle=False)
    assert warnings == 1
    assert lag.seconds(now) > 11


def test_how_busy_it_is_from_the_first_seconds_on() -> None:
    """A window that has just begun tells by what there is of it, and by the one before."""
    lag = Lag()
    now, _ = turns(lag, 0.09, 0.01, 30, 0.0)
    assert 0.85 < lag.busy(now) < 0.95
    now, _ = turns(lag, 0.001, 1.0, 30, now)
    assert lag.busy(now) < 0.05
    lag.waits(True)
    lag.worked(now, now, now)
    assert lag.busy(now + 9.0) > 0.45  # still in the same callback


def test_falling_behind_is_seen_between_two_callbacks() -> None:
    """A batch that takes long is one turn: the warning does not wait for its end, and is the same story afterwards."""
    lag = Lag()
    now, _ = turns(lag, 0.1, 1.0, 1, 0.0)
    assert [lag.working(now + after) for after in (1.0, 5.0, 5.1, 6.0)] == [False, False, True, False]
    lag.waits(False)
    assert not lag.worked(now, now + 20.0, now + 20.0)
