"""Even spacing of control frames."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine.pacing import Pacer
from binance_sockets.exchange import ControlFrame

INTERVAL = 0.25


def frame(number: int) -> ControlFrame:
    return ControlFrame(str(number).encode(), request_id=number)


def filled(count: int, interval: float = INTERVAL) -> Pacer:
    pacer = Pacer(interval)
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


def test_no_interval_holds_nothing_back() -> None:
    """With an interval of 0 all frames leave at once."""
    pacer = filled(3, 0.0)
    assert [pacer.take(1.0) for _ in range(3)] == [frame(0), frame(1), frame(2)]


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


def test_a_flood_of_pings_puts_a_frame_off_only_once():
    """A server that pings faster than the interval cannot keep a subscription from being sent."""
    pacer = Pacer(0.25)
    pacer.queue.append(ControlFrame(b"subscribe"))
    sent = [moment / 10 for moment in range(10) if (pacer.spent(moment / 10), pacer.take(moment / 10))[1]]
    assert sent == [0.3]
