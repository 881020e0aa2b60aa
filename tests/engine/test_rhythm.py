"""Streams that fall silent later: each by its own rhythm, and never a quiet one by mistake."""

from __future__ import annotations

from fake_exchange import Bench, FakeExchange, calm, data, named, server

from binance_sockets.engine import frames
from binance_sockets.errors import StreamSilent
from binance_sockets.testing import Send, frame


def every(gap: float, count: int) -> list[Send]:
    return [data("a", number, after=gap) for number in range(count)]


def alive(seconds: int) -> list[Send]:
    """A link that lives: a ping of the server every ten seconds."""
    return [Send(frame(frames.PING, b""), 10.0) for _ in range(seconds // 10)]


def silences(bench: Bench) -> list[tuple[float, float, float | None]]:
    """``(when, how long, longest before)`` of each later silence."""
    found = []
    for report in bench.reports:
        error = report.error
        assert isinstance(error, StreamSilent)
        assert error.later
        found.append((report.time, error.waited, error.longest))
    return found


def test_a_stream_that_falls_silent_is_reported_once() -> None:
    """Behind the deadline of its kind where its rhythm is fast; the likely cause is asked for."""
    exchange = FakeExchange(cause="The exchange has stopped it")
    steps = [*every(1.0, 120), *alive(200)]
    bench = Bench(server(*steps), streams=named("a", first_message=60), exchange=exchange).run(stop_at=300)
    ((_, waited, longest),) = silences(bench)
    assert 60 <= waited <= 65
    assert longest == 5.0
    assert bench.errors == [
        f"a: no message for {waited:.0f} s, where it rested for at most 5 s before. The exchange has stopped it"
    ]


def test_it_is_reported_anew_when_it_came_back_between() -> None:
    """Once per silence."""
    steps = [*every(1.0, 120), *alive(100), *every(1.0, 5), *alive(200)]
    bench = Bench(server(*steps), streams=named("a", first_message=30)).run(stop_at=400)
    # the first silence has become part of its rhythm, so that the second must be longer
    assert [round(waited) // 10 for _, waited, _ in silences(bench)] == [5]
    bench = Bench(server(*steps), streams=named("a", first_message=30), options=calm(silence=40.0)).run(stop_at=400)
    assert [40 <= waited <= 45 for _, waited, _ in silences(bench)] == [True, True]


def test_a_quiet_stream_raises_no_alarm() -> None:
    """Rests that belong to its rhythm, however uneven, are none to report."""
    steps: list[Send] = []
    for _ in range(40):
        steps += [*every(0.1, 3), *alive(120), *every(0.1, 1), *alive(20)]
    bench = Bench(server(*steps), streams=named("a", first_message=30)).run(stop_at=5000)
    assert bench.reports == []


def test_what_may_rest_for_hours_is_never_reported() -> None:
    """Its kind has no deadline; a limit of the user's changes nothing."""
    steps = [*every(1.0, 120), *alive(1000)]
    for options in (calm(), calm(silence=5.0)):
        assert Bench(server(*steps), streams=named("a"), options=options).run(stop_at=1000).reports == []


def test_text_of_a_given_limit() -> None:
    """Without a rhythm to compare with."""
    assert str(StreamSilent("a", 41.0, "Why", later=True)) == "a: no message for 41 s. Why"
