"""What a link may miss, told once, with a window that is never too narrow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from fake_exchange import START, Bench, FakeExchange, calm, data, server
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine.losses import Losses
from binance_sockets.engine.router import StreamStats
from binance_sockets.engine.timers import Timers
from binance_sockets.events import Reason, StreamGap
from binance_sockets.exchange import Continuity, Position, Stream
from binance_sockets.testing import Drop, FakeClock


class _Link(SimpleNamespace):
    """Facts of a link without a WebSocket; ``told`` is what it asks its connection to do."""

    def __init__(self, *names: str, rule: Continuity | None = None) -> None:
        self.told: list[Any] = []
        self.lacking: set[str] = set()
        super().__init__(
            around=SimpleNamespace(conn_key="key", clock=FakeClock(START)),
            router=SimpleNamespace(
                stats={name: StreamStats() for name in names}, delivery=SimpleNamespace(backfill=None)
            ),
            rule=lambda name: rule,
            twins=None,
            since={},
            lacks=lambda name: name in self.lacking,
            ready=True,
            timers=Timers(),
            wanted=names,
            do=lambda command: self.told.append(command.gap),
        )


def test_a_loss_that_is_added_may_have_begun_earlier() -> None:
    """A stream that is refused is lost since then; the WebSocket that breaks a moment later was last read before."""
    link: Any = _Link("refused", "read")
    clock, losses = link.around.clock, Losses(link)
    losses.lose(Reason.REJECTED, START + 10.0, ["refused"])
    losses.lose(Reason.NETWORK, START + 5.0, ["refused", "read"])
    clock.now = START + 20.0
    losses.resumed(clock.now, clock.now)
    (gap,) = link.told
    assert gap.streams == ("refused", "read")
    assert (gap.last_received, gap.resumed) == (clock.time() - 15.0, clock.time())


def test_a_loss_that_is_taken_over_is_told_apart_from_one_that_is_over() -> None:
    """A link has had its streams since before it lost something, and what the other link lost is over only now: one
    window would end too early for that."""
    link: Any = _Link("a")
    clock, losses, others = link.around.clock, Losses(link), Losses(link)
    clock.now = START + 20.0
    others.lose(Reason.STALE, START + 15.0, ["a"])
    losses.lose(Reason.NETWORK, START + 3.0, ["a"])
    losses.resumed(START + 8.0, clock.now)
    losses.take_over(others, ["a"])
    losses.resumed(clock.now, clock.now)
    wall = clock.time() - 20.0
    windows = [(gap.reason, gap.last_received - wall, gap.resumed - wall) for gap in link.told]
    assert windows == [(Reason.NETWORK, 3.0, 8.0), (Reason.STALE, 15.0, 20.0)]


def test_a_stream_that_was_added_to_an_open_gap_has_its_ids() -> None:
    """One stream is refused for now, so that its gap stays open. Another one is wanted meanwhile, and is lost: its
    messages are counted as those of the first."""
    bench = Bench(
        server(data("a", 1), Drop(after=1.0)),
        server(data("c", 5, after=2.0), Drop(after=0.5), refuses="a"),
        server(data("c", 9, after=1.0), refuses="a"),
        streams="a",
        exchange=FakeExchange(ids=True, per_frame=1),
        options=calm(initial=1.0),
    )
    bench.clock.at(2.5, lambda: bench.connection.change([Stream("c")], ()))
    bench.run(stop_at=20)
    assert bench.payloads == [1, 5, 9]
    assert [each for gap in bench.gaps for each in gap.ids if each.stream == "c"] == [StreamGap("c", 5, 9)]


def test_a_stream_that_was_added_to_an_open_gap_is_told_where_the_link_ends() -> None:
    """It has brought something behind what it lost, though its confirmation never came: that lies in the midst."""
    quiet = server(data("c", 9, after=1.0), answer=False)
    bench = Bench(
        server(data("a", 1), Drop(after=1.0)),
        server(data("c", 5, after=2.0), Drop(after=0.5), refuses="a"),
        quiet,
        streams="a",
        exchange=FakeExchange(ids=True, per_frame=1),
        options=calm(initial=1.0, ack=60.0),
    )
    bench.clock.at(2.5, lambda: bench.connection.change([Stream("c")], ()))
    bench.run(stop_at=9)
    assert bench.payloads == [1, 5, 9]
    (gap,) = bench.gaps
    assert gap.streams == ("a", "c") and StreamGap("c", 5, 9) in gap.ids


STREAMS = st.sets(st.sampled_from("abc"), min_size=1)


@given(st.lists(st.tuples(st.sampled_from(["lose", "back", "sent", "sent"]), STREAMS), max_size=40))
def test_each_stream_is_missing_until_it_is_back(steps: list[tuple[str, set[str]]]) -> None:
    """In whatever order streams are lost and come back, each message that one of them has missed lies in a gap, by its
    id and by its time."""
    link: Any = _Link("a", "b", "c", rule=Continuity(lambda payload: Position(payload), True))
    clock, losses, stats = link.around.clock, Losses(link), link.router.stats
    missed: list[tuple[str, int, float]] = []
    for number, (what, names) in enumerate(steps):
        clock.now += 1.0
        if what == "lose":
            losses.lose(Reason.NETWORK, clock.now - 0.5, sorted(names))
            link.lacking |= names
        elif what == "back":
            link.lacking -= names
            losses.resumed(clock.now, clock.now)
        for name in sorted(names) if what == "sent" else ():
            if name in link.lacking:
                missed.append((name, number, clock.time()))
                continue
            each = stats[name]
            each.messages, each.payload = each.messages + 1, number
            each.first = number if each.first is None else each.first
        losses.advance(clock.now)
    link.lacking.clear()
    losses.resumed(clock.now, clock.now)
    losses.tell()
    assert not losses.open
    for name, number, at in missed:
        around = [gap for gap in link.told if name in gap.streams and gap.last_received <= at <= gap.resumed]
        found = [[each for each in gap.ids if each.stream == name] for gap in around]
        assert any(
            all(each.last_id < number and (each.first_id is None or number < each.first_id) for each in ids)
            for ids in found
        )
