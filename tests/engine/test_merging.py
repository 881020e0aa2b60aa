"""Two half-empty links become one, or each stays as it is; every id comes once, in order."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from fake_exchange import Bench, Carrier, FakeExchange, calm, data, named, server

from binance_sockets.engine import frames
from binance_sockets.errors import SubscriptionRejected
from binance_sockets.events import Reason
from binance_sockets.testing import Drop, Script, Send, frame

LAST = 20  # messages of the stream that moves, one per second


def numbers(first: int, offset: float) -> list[Send | Drop]:
    """Messages of ``a`` from ``first`` on: the one of number n comes ``offset`` behind second n of the link."""
    steps: list[Send | Drop] = [data("a", first, after=first + offset)]
    return steps + [data("a", number, after=1.0) for number in range(first + 1, LAST + 1)]


def run(*servers: Script) -> Bench:
    """A link of four streams and one of two, of which the first keeps ``a`` alone: it moves at about second 6."""
    exchange: Any = FakeExchange(per_link=4, ids=True, rates=())
    bench = Bench(*servers, streams="abcdef", exchange=exchange)
    bench.clock.at(0.9, lambda: bench.connection.change((), ["b", "c", "d"]))
    return bench


def spread(bench: Bench) -> list[list[str]]:
    """What each link carries."""
    return [list(link.wanted) for link in bench.connection.links]


def test_the_smaller_link_moves_to_the_other() -> None:
    """One link carries all that is left, the other is closed, and copies are dropped."""
    bench = run(server(*numbers(1, 0.0)), server(*numbers(7, 0.03)))
    bench.run(stop_at=LAST + 2)
    assert bench.payloads == list(range(1, LAST + 1))
    assert spread(bench) == [["e", "f", "a"]]
    assert bench.gaps == []


def test_a_name_that_the_other_link_is_refused_stays() -> None:
    """The link that has it goes on alone, and the other is not asked again and again."""
    bench = run(server(*numbers(1, 0.0)), server(refuses="a"))
    bench.run(stop_at=LAST + 2)
    assert bench.payloads == list(range(1, LAST + 1))
    assert spread(bench) == [["a"], ["e", "f"]]
    assert [each.count('"a"') for each in bench.transport.links[1].texts()].count(1) <= 2
    assert bench.gaps == []


def test_the_link_that_takes_over_is_lost() -> None:
    """What it had is asked for again; what was to move has never left its link, so nothing of it is missing."""
    bench = run(server(*numbers(1, 0.0)), server(data("e", 1, after=6.2), Drop(after=0.1)), server())
    bench.run(stop_at=9)
    assert bench.payloads == [1, 2, 3, 4, 5, 6, 1, 7, 8]
    assert "a" not in {name for gap in bench.gaps for name in gap.streams}


def run_fast(*servers: Script, first: float = 0.01) -> Bench:
    """As :func:`run`, and what is lost is back before the roster looks at the merge again."""
    exchange: Any = FakeExchange(per_link=4, ids=True, rates=())
    options = calm(initial=first, factor=1.0)
    bench = Bench(*servers, streams="abcdef", exchange=exchange, options=options)
    bench.clock.at(0.9, lambda: bench.connection.change((), ["b", "c", "d"]))
    return bench


@pytest.mark.parametrize("wait", [0.01, 0.5])
def test_the_link_that_moves_is_lost(wait: float) -> None:
    """It comes back and goes on: what it brings is delivered, what the other link alone has had lies in its gap."""
    back = [data("a", number, after=0.02 if number == 8 else 1.0) for number in range(8, LAST + 1)]
    bench = run_fast(
        server(*numbers(1, 0.0)[:6], Drop(after=0.48)),  # at 6.48, while the first common message is waited for
        server(data("a", 7, after=6.5)),
        server(*back),
        first=wait,
    )
    bench.run(stop_at=LAST)
    assert bench.payloads == [1, 2, 3, 4, 5, 6, *range(8, LAST + 1)]
    assert [(gap.streams, [(ids.last_id, ids.first_id) for ids in gap.ids]) for gap in bench.gaps] == [
        (("a",), [(6, 8)])
    ]
    assert bench.gaps[0].reason is Reason.NETWORK


def test_the_link_that_moves_is_changed_as_planned() -> None:
    """The next WebSocket of the link that moves leads as the one before did: nothing is lost, and no gap is told."""
    bench = run_fast(
        server(*numbers(1, 0.0)),
        server(),
        server(*[data("a", n, after=0.5 if n == 7 else 1.0) for n in range(7, LAST + 1)]),
    )
    bench.clock.at(6.5, lambda: bench.connection.reconnect("a"))
    bench.run(stop_at=LAST)
    assert bench.payloads == list(range(1, LAST))
    assert bench.gaps == []


def test_the_link_that_takes_over_is_lost_for_a_moment() -> None:
    """It is back before anybody looks: of the streams that were to move no gap is told."""
    bench = run_fast(server(*numbers(1, 0.0)), server(data("e", 1, after=6.2), Drop(after=0.1)), server())
    bench.run(stop_at=9)
    assert bench.payloads == [1, 2, 3, 4, 5, 6, 1, 7, 8]
    assert "a" not in {name for gap in bench.gaps for name in gap.streams}


def test_a_refusal_while_streams_move_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    """The other link goes on with them: nobody is told that they were refused."""
    bench = run(server(*numbers(1, 0.0)), server(refuses="a"))
    with caplog.at_level(logging.INFO):
        bench.run(stop_at=LAST + 2)
    assert bench.payloads == list(range(1, LAST + 1))
    assert bench.reports == []
    assert not [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
    assert any("goes on alone" in record.getMessage() for record in caplog.records)


def test_a_refusal_that_counts_is_told_although_there_was_one_while_streams_moved() -> None:
    """The same name, asked for by the user on the link that could not take it: then nobody has it, and that is told."""
    bench = run(server(*numbers(1, 0.0)), server(refuses="a"))
    bench.clock.at(8.0, lambda: bench.connection.change((), ["a"]))
    bench.clock.at(9.0, lambda: bench.connection.change(named("a"), ()))
    bench.run(stop_at=LAST)
    assert [type(report.error) for report in bench.reports] == [SubscriptionRejected]


def test_what_is_wanted_changes_meanwhile() -> None:
    """The change wins: what leaves is gone from both links, what joins is carried, and later there is one link."""
    bench = run(server(*numbers(1, 0.0)), server(*numbers(12, 0.03)))
    bench.clock.at(6.1, lambda: bench.connection.change(named("g"), ["e"]))
    bench.run(stop_at=LAST + 2)
    assert bench.payloads == list(range(1, LAST + 1))
    assert {name for names in spread(bench) for name in names} == {"a", "f", "g"}
    assert bench.gaps == []


def alive(*steps: Send | Drop, first: float = 5.5) -> list[Send | Drop]:
    """Behind ``steps`` pings of the server, by which it is known up to when everything is read."""
    ping = frame(frames.PING, b"")
    return [*steps, Send(ping, first), *(Send(ping, 0.2) for _ in range(60))]


@pytest.mark.parametrize("delay", [0.0, 0.6, 1.0])
def test_what_was_forgotten_on_the_link_that_moves_is_told_before_it_moves(delay: float) -> None:
    """Its list tells while the streams move, and the gap is not over: they stay until it is, and move later."""
    exchange: Any = FakeExchange(per_link=4, ids=True, rates=(), lists=True)
    old, into = Carrier(delay, forgets=("a", 1)), Carrier(delay)
    bench = Bench(old.script(*alive(data("a", 1, after=0.5))), into.script(), streams="abcdef", exchange=exchange)
    bench.clock.at(0.9, lambda: bench.connection.change((), ["b", "c", "d"]))
    bench.run(stop_at=LAST)
    assert [(gap.streams, gap.reason, [ids.last_id for ids in gap.ids]) for gap in bench.gaps] == [
        (("a",), Reason.FORGOTTEN, [1])
    ]
    assert bench.payloads == [1]


def test_what_the_link_that_moves_has_not_brought_for_long_is_a_gap() -> None:
    """The other one brings it, and it has brought nothing of that: the exchange has forgotten it there."""
    old = server(*alive(data("a", 1, after=0.5)))
    bench = run(old, server(data("a", 5, after=7.5), data("a", 6, after=1.0), data("a", 7, after=6.0)))
    bench.run(stop_at=LAST)
    assert bench.payloads == [1, 5, 6, 7]
    assert [(gap.streams, gap.reason, [(ids.last_id, ids.first_id) for ids in gap.ids]) for gap in bench.gaps] == [
        (("a",), Reason.FORGOTTEN, [(1, 5)])
    ]
    assert spread(bench) == [["e", "f", "a"]]


def test_what_the_other_link_is_faster_with_is_no_gap() -> None:
    """It has come there a moment before patience ends: the link that leads may still bring it."""
    exchange: Any = FakeExchange(per_link=8, ids=True, rates=())
    lively = [data("a", 1, after=0.5), data("b", 1, after=4.0)]
    old = server(*lively, *alive(first=1.0)[:29], data("a", 2, after=0.2), *alive(first=0.2))  # at 11.5
    into = server(data("a", 2, after=11.0), data("a", 3, after=6.0))
    bench = Bench(old, into, streams="abcdefghijk", exchange=exchange)
    bench.clock.at(0.9, lambda: bench.connection.change((), list("cdefgh")))
    bench.run(stop_at=LAST)
    assert bench.payloads == [1, 1, 2, 3]
    assert bench.gaps == []
    assert spread(bench) == [["i", "j", "k", "a", "b"]]
