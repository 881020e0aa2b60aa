"""Two half-empty links become one, or each stays as it is; every id comes once, in order."""

from __future__ import annotations

from typing import Any

from fake_exchange import Bench, FakeExchange, data, named, server

from binance_sockets.testing import Drop, Script, Send

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


def test_what_is_wanted_changes_meanwhile() -> None:
    """The change wins: what leaves is gone from both links, what joins is carried, and later there is one link."""
    bench = run(server(*numbers(1, 0.0)), server(*numbers(12, 0.03)))
    bench.clock.at(6.1, lambda: bench.connection.change(named("g"), ["e"]))
    bench.run(stop_at=LAST + 2)
    assert bench.payloads == list(range(1, LAST + 1))
    assert {name for names in spread(bench) for name in names} == {"a", "f", "g"}
    assert bench.gaps == []
