"""Even spacing of control frames."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine.pacing import Pacer
from binance_sockets.exchange import ControlFrame, Rate

INTERVAL = 0.25  # of five a second, one of which is left to a pong
SPOT = (Rate(5, 1.0),)


def frame(number: int) -> ControlFrame:
    return ControlFrame(str(number).encode(), request_id=number)


def filled(count: int, rates: tuple[Rate, ...] = SPOT) -> Pacer[ControlFrame]:
    pacer: Pacer[ControlFrame] = Pacer(rates)
    pacer.queue.extend(map(frame, range(count)))
    return pacer


def test_first_frame_leaves_at_once() -> None:
    """Nothing was sent before, so nothing has to be waited for."""
    pacer = filled(2)
    assert pacer.due() == float("-inf")
    assert pacer.take(10.0) == frame(0)
    assert pacer.due() == 10.25


def test_next_frame_waits_its_interval() -> None:
    """A frame is kept until exactly one interval after the one before, in order."""
    pacer = filled(2)
    pacer.take(10.0)
    assert pacer.take(10.2499) is None
    assert pacer.take(10.25) == frame(1)


def test_empty_pacer_has_nothing_due() -> None:
    """Without waiting frames there is no timer."""
    pacer = filled(1)
    pacer.take(10.0)
    assert pacer.due() is None
    assert pacer.take(99.0) is None


def test_pong_counts() -> None:
    """A frame that left outside the queue delays the next one by its interval."""
    pacer = filled(1)
    pacer.spent(10.0)
    assert pacer.take(10.1) is None
    assert pacer.due() == 10.25


def test_a_pong_waits_for_the_next_period() -> None:
    """One in each second, the last that was asked for; what waits in the queue goes on beside it."""
    pacer = filled(2)
    pacer.pinged([b"1", b"2"])
    assert pacer.take_pongs(10.0) == [b"2"]
    assert (pacer.take_pongs(10.0), pacer.due()) == ((), 10.25)
    pacer.pinged([b"3"])
    pacer.pinged([b"4"])
    assert pacer.take_pongs(10.9) == ()
    assert [pacer.take(10.25), pacer.take(10.5), pacer.due()] == [frame(0), frame(1), 11.0]
    assert pacer.take_pongs(11.0) == [b"4"]
    assert pacer.due() is None


@given(st.lists(st.tuples(st.floats(0, 0.4), st.booleans()), max_size=80), st.integers(0, 30))
def test_no_second_holds_more_than_five_with_pongs(steps: list[tuple[float, bool]], count: int) -> None:
    """However the server pings: a message more, and an exchange ends the link."""
    pacer, now = filled(count), 0.0
    sent: list[float] = []
    for wait, pong in steps:
        now += wait
        if pong:
            pacer.pinged([b"1", b"2"])
        sent += [now for _ in pacer.take_pongs(now)]
        if pacer.take(now):
            sent.append(now)
    assert all(len([at for at in sent if first <= at < first + 1 - 1e-9]) <= 5 for first in sent)


def test_without_rates_nothing_is_held_back() -> None:
    """An exchange without limits gets all frames at once."""
    pacer = filled(3, ())
    assert [pacer.take(1.0) for _ in range(3)] == [frame(0), frame(1), frame(2)]
    pacer.pinged([b"1", b"2"])
    assert pacer.take_pongs(1.0) == [b"1", b"2"]


@given(st.lists(st.tuples(st.floats(0, 0.4), st.booleans()), max_size=80), st.integers(0, 30))
def test_any_window_of_a_second_holds_four(steps: list[tuple[float, bool]], count: int) -> None:
    """However it is asked and whatever pongs go out, control frames keep their distance: four in any second."""
    pacer, now = filled(count), 0.0
    frames: list[float] = []
    for wait, pong in steps:
        now += wait
        if pong:
            pacer.spent(now)
        elif pacer.take(now):
            frames.append(now)
    for sent in frames:
        assert not [at for at in frames if sent - INTERVAL + 1e-9 < at < sent], "too close behind another frame"
        assert len([at for at in frames if sent <= at < sent + 1 - 1e-9]) <= 4


def test_a_flood_of_pings_puts_a_frame_off_only_once() -> None:
    """A server that pings faster than the interval cannot keep a subscription from being sent."""
    pacer: Pacer[ControlFrame] = Pacer(SPOT)
    pacer.queue.append(ControlFrame(b"subscribe"))
    sent = [moment / 10 for moment in range(10) if (pacer.spent(moment / 10), pacer.take(moment / 10))[1]]
    assert sent == [0.3]


def test_longer_periods_are_windows() -> None:
    """Five a second and 100 a minute: evenly spaced at first, and the hundredth waits for the next minute."""
    pacer = filled(150, (Rate(5, 1.0), Rate(100, 60.0)))
    sent: list[float] = []
    while (due := pacer.due()) is not None:
        sent.append(max(due, 0.0))
        assert pacer.take(sent[-1]) is not None
    assert sent[:99] == [number * INTERVAL for number in range(99)]
    assert sent[99] == 60.0


@given(st.integers(2, 12), st.integers(0, 200), st.lists(st.floats(0, 3), max_size=60))
def test_no_window_of_any_rate_overflows(count: int, more: int, waits: list[float]) -> None:
    """Whatever the rates, no period holds more frames than it may beside a pong."""
    rates = (Rate(count, 1.0), Rate(count + more, 30.0))
    pacer, now = filled(400, rates), 0.0
    sent: list[float] = []
    for wait in waits:
        now += wait
        while pacer.take(now) is not None:
            sent.append(now)
    for rate in rates:
        for first in sent:
            assert len([at for at in sent if first <= at < first + rate.seconds - 1e-9]) <= rate.count - 1
