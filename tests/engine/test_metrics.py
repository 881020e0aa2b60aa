"""What a snapshot of a connection says at each stage of its life."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from fake_exchange import Bench, FakeExchange, batch, calm, data, later, named, says, server

from binance_sockets.engine import frames
from binance_sockets.engine.metrics import connection_snapshot
from binance_sockets.errors import DecodeError
from binance_sockets.exchange import Group, Misfits
from binance_sockets.testing import Drop, Refuse, Send, close


def shot(bench: Bench) -> dict[str, Any]:
    return connection_snapshot(bench.connection, bench.clock.monotonic())


def shots(bench: Bench, *times: float, stop_at: float) -> list[dict[str, Any]]:
    """Snapshots at ``times`` of a run."""
    found: list[dict[str, Any]] = []
    for at in times:
        bench.clock.at(at, lambda: found.append(shot(bench)))
    bench.run(stop_at=stop_at)
    return found


def test_before_and_after() -> None:
    """Zeros and ``None`` before; the counts stay after the end, the ages go."""
    bench = Bench(server(data("a", 1), data("a", 2)))
    before = shot(bench)
    assert (before["state"], before["messages"], before["bytes"], before["reconnects"]) == ("idle", 0, 0, 0)
    assert before["links"] == [
        {
            "state": "idle",
            "streams": 1,
            "failures": 0,
            "waiting_until": None,
            "age": None,
            "last_frame_age": None,
            "replacing": None,
            "left": None,
            "departures": [],
            "forgotten": 0,
            "surplus": 0,
            "round_trip": None,
            "isolated": False,
            "gil_wait": None,
            "credential": None,
        }
    ]
    bench.run(stop_at=5)
    after = shot(bench)
    assert (after["state"], after["messages"], after["last_frame_age"]) == ("closed", 2, None)
    assert after["bytes"] > 2 * len(data("a", 1).data)
    assert after["streams"]["a"] == {
        "messages": 2,
        "last_message_age": 5.0,
        "confirmed": False,
        "complete_since": None,
        "complete_until": None,
        "delay": None,
        "new_fields": [],
    }


def test_values_are_plain() -> None:
    """A snapshot can be written as JSON at any time."""
    for found in shots(Bench(server(data("a", 1)), streams="ab"), 0.0, 1.0, stop_at=2):
        assert json.loads(json.dumps(found)) == found


def test_ages_while_open() -> None:
    """Seconds since the last frame and the last message of each stream, and of the link."""
    bench = Bench(server(data("a", 1, after=1), data("b", 1, after=2)), streams="abc", exchange=FakeExchange())
    (found,) = shots(bench, 5.0, stop_at=6)
    assert found["last_frame_age"] == 2.0
    assert found["links"][0]["age"] == 5.0
    assert {name: stats["last_message_age"] for name, stats in found["streams"].items()} == {
        "a": 4.0,
        "b": 2.0,
        "c": None,
    }


def test_between_which_moments_a_stream_is_complete() -> None:
    """From its confirmation to a second before something last came; of a link that is lost nobody knows."""
    lively = [data("a", number, after=1) for number in range(4)]
    bench = Bench(server(*lively, Drop(after=3)), server(*lively), streams="ab")
    begun, before = bench.clock.time(), shot(bench)
    found = [before, *shots(bench, 2.0, 6.0, 7.05, 15.0, stop_at=16)]
    rows = [each["streams"]["a"] for each in found]
    assert all(each["streams"]["b"] == {**each["streams"]["a"], **_counts(each, "b")} for each in found)
    moments = [(row["complete_since"], row["complete_until"]) for row in rows]
    assert moments[0] == moments[3] == (None, None)
    assert moments[1][0] == moments[2][0] == pytest.approx(begun, abs=0.5)
    assert begun <= moments[1][1] <= begun + 2.0
    assert begun + 2.0 <= moments[2][1] <= begun + 3.0  # then it was lost
    assert begun + 7.0 < moments[4][0] < begun + 8.0
    assert begun + 9.0 < moments[4][1] < begun + 12.0


@pytest.mark.parametrize("answer", [True, False])
def test_a_planned_change_holds_up_no_moment(answer: bool) -> None:
    """Whether the next WebSocket takes over or is never confirmed: the stream is as complete as the one before is."""
    lively = [data("a", number, after=1) for number in range(20)]
    bench = Bench(
        server(*lively), server(*lively[8:] * answer, answer=answer), streams="a", exchange=FakeExchange(ids=True)
    )
    begun = bench.clock.time()
    bench.clock.at(7.2, bench.connection.reconnect)
    found = [each["streams"]["a"] for each in shots(bench, 6.0, 9.5, 14.5, stop_at=15)]
    assert [row["complete_since"] for row in found] == [pytest.approx(begun, abs=0.5)] * 3
    behind = [begun + at - row["complete_until"] for at, row in zip((6.0, 9.5, 14.5), found, strict=True)]
    assert all(1.0 <= seconds <= 3.0 for seconds in behind)


def _counts(found: dict[str, Any], name: str) -> dict[str, Any]:
    """What differs from stream to stream of a link."""
    row = found["streams"][name]
    return {key: value for key, value in row.items() if not key.startswith("complete")}


def test_bytes_are_those_of_all_links() -> None:
    """The sum goes on over a reconnect, and stands still while there is no link."""
    message = data("a", "x" * 100)
    exchange = FakeExchange(names_in_url=1)  # without control frames, so that only messages count
    links = [server(message, Drop(after=2)), server(message, message)]
    found = shots(Bench(*links, exchange=exchange), 1.0, 2.2, 5.0, stop_at=6)
    size = len(message.data)
    assert [each["bytes"] for each in found] == [size, size, 3 * size]


def test_confirmed_follows_the_link() -> None:
    """False before the answer, true after it, false while there is no link."""
    exchange = FakeExchange(per_frame=1)
    bench = Bench(server(Drop(after=2)), Refuse(OSError()), server(), streams="ab", exchange=exchange)
    found = shots(bench, 0.1, 1.0, 2.2, 5.0, stop_at=6)
    assert [[stats["confirmed"] for stats in each["streams"].values()] for each in found] == [
        [True, False],
        [True, True],
        [False, False],
        [True, True],
    ]


def test_reconnects_and_failures() -> None:
    """Links opened beyond the first, and failures in a row until a link was stable."""
    bench = Bench(server(Drop(after=1)), Refuse(OSError()), server(Drop(after=60)), server())
    found = shots(bench, 0.5, 2.0, 5.0, 70.0, stop_at=71)
    assert [each["reconnects"] for each in found] == [0, 0, 1, 2]
    assert [each["links"][0]["failures"] for each in found] == [0, 2, 2, 1]


def test_each_departure_has_its_own_reason() -> None:
    """When and why each WebSocket was left, the latest last, planned changes among them; twenty at most."""
    bench = Bench(server(close(1008)), server(Drop(after=20)), server(), server(), options=calm(stable_after=1))
    bench.clock.at(30.0, bench.connection.reconnect)
    (found,) = shots(bench, 50.0, stop_at=51)
    rows = found["links"][0]["departures"]
    assert [row["reason"] for row in rows] == ["peer_closed", "network", "requested"]
    assert [row["error"] for row in rows][1:] == [
        "the connection ended without a close frame",
        "a new link was asked for",
    ]
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    assert found["reconnects"] == len(rows)
    many = Bench(*[server(Drop(after=20)) for _ in range(25)], server(), options=calm(stable_after=1))
    (found,) = shots(many, 600.0, stop_at=601)
    assert len(found["links"][0]["departures"]) == 20


def test_a_next_websocket_that_could_not_take_over_is_a_departure() -> None:
    """It counts among the reconnects; what the link was left for before stays what it was."""
    bench = Bench(server(Drop(after=10)), server(), server(close(1011), answer=False), server(), options=calm())
    bench.clock.at(30.0, bench.connection.reconnect)
    meanwhile, found = shots(bench, 30.4, 80.0, stop_at=81)
    rows = found["links"][0]["departures"]
    assert [row["reason"] for row in rows] == ["network", "peer_closed", "requested"]
    assert found["reconnects"] == len(rows)
    assert (meanwhile["reconnects"], meanwhile["links"][0]["left"]) == (2, "network")


def test_round_trip_of_a_ping() -> None:
    """From the ping to its answer, whatever is read between; a SUBSCRIBE was answered at once."""
    slow = server(data("a", 1, after=10.2))
    answer = slow.react

    def react(opcode: int, payload: bytes) -> Any:
        found = list(answer(opcode, payload))
        return [later(0.3, each) for each in found] if opcode == frames.PING else found

    slow.react = react
    bench = Bench(slow, exchange=FakeExchange(ping_after=10.0))
    before, after = shots(bench, 5.0, 11.0, stop_at=12)
    assert [each["links"][0]["round_trip"] for each in (before, after)] == [0.0, pytest.approx(0.3)]


def test_round_trip_of_a_request_of_the_client() -> None:
    """On a link that is never silent, and so never pinged: its subscriptions tell; ``None`` before."""
    slow = server(data("a", 1, after=0.1))
    answer = slow.react

    def react(opcode: int, payload: bytes) -> Any:
        return [later(0.3, each) for each in answer(opcode, payload)]

    slow.react = react
    before, after = shots(Bench(slow), 0.2, 1.0, stop_at=2)
    assert [each["links"][0]["round_trip"] for each in (before, after)] == [None, pytest.approx(0.3)]


def test_ages_are_never_negative() -> None:
    """A snapshot whose clock was read a moment before the last message shows 0."""
    bench = Bench(server(data("a", 1)))
    bench.clock.at(1.0, lambda: found.append(connection_snapshot(bench.connection, 0.0)))
    found: list[dict[str, Any]] = []
    bench.run(stop_at=2)
    assert found[0]["last_frame_age"] == found[0]["streams"]["a"]["last_message_age"] == 0.0


@pytest.mark.parametrize("links", [1, 3])
def test_streams_of_all_links(links: int) -> None:
    """Every stream shows, whichever link carries it."""
    bench = Bench(*[server()] * 3, streams=named("a", "b", "c"), exchange=FakeExchange(per_link=-(-3 // links)))
    (found,) = shots(bench, 1.0, stop_at=2)
    assert list(found["streams"]) == ["a", "b", "c"]
    assert [link["streams"] for link in found["links"]] == [3 // links] * links


class _Twice(FakeExchange):
    """One whose streams come over two links each."""

    def split(self, streams: Any) -> list[Group]:
        return [dataclasses.replace(group, copy=copy) for group in super().split(streams) for copy in (0, 1)]


def test_a_stream_of_two_links_has_one_row() -> None:
    """Whichever brings it first: all that was delivered counts, by the freshest of them, confirmed by either."""
    one = server(*[data("a", number, after=1.0 if number else 1.5) for number in range(5)])
    other = server(data("a", 0, after=1.6), data("a", 1, after=1.0), data("a", 2, after=0.8), Drop(after=0.2))
    bench = Bench(one, other, exchange=_Twice(ids=True), options=calm(initial=60))
    early, late = shots(bench, 3.0, 5.6, stop_at=6)
    assert bench.payloads == [0, 1, 2, 3, 4]
    assert [row["streams"]["a"]["messages"] for row in (early, late)] == [2, 5]
    assert late["streams"]["a"]["last_message_age"] == pytest.approx(0.1)
    assert late["streams"]["a"]["confirmed"] and late["messages"] == 5
    assert [link["state"] for link in late["links"]] == ["open", "backoff"]


def test_misfits_are_counted_and_reported_once() -> None:
    """What the view cannot express is delivered, counted, and reported once per stream and reason, after its batch."""

    def odd(name: str, reason: str) -> Send:
        return says(**{"from": name, "body": "x", "odd": reason})

    first = batch(*[odd("a", "too long")] * 3, odd("b", "too long"), odd("a", "too 'short'"), odd("a", "too 'small'"))
    bench = Bench(server(first, Drop()), server(odd("a", "too long"), odd("b", "strange")), streams="ab")
    assert shot(bench)["misfits"] == 0
    found = shots(bench, 0.4, 5.0, stop_at=6)
    assert [each["misfits"] for each in found] == [6, 8]
    assert all(each["decode_errors"] == 0 for each in found)
    assert bench.payloads == ["x"] * 8
    reports = [report.error for report in bench.reports]
    assert [(type(error), error.stream) for error in reports] == [  # type: ignore[attr-defined]
        (DecodeError, "a"),
        (DecodeError, "b"),
        (DecodeError, "a"),
        (DecodeError, "b"),
    ]
    assert str(reports[0]) == "a: no typed event (too long); delivered as in the dict view"
    assert bench.history.index("DecodeError") > bench.history.index("payload x") + 4


class GrowingExchange(FakeExchange):
    """Its decoder looks at the first message for fields that no event has."""

    def decoder(self, group: Group, misfits: Misfits, notes: Any = ()) -> Callable[[Any], tuple[str, Any]]:
        decode, looked = super().decoder(group, misfits), False

        def looking(message: Any) -> tuple[str, Any]:
            nonlocal looked
            if not looked:
                looked = True
                misfits.added("a", sorted(json.loads(bytes(message)).keys() - {"from", "body"}))
            return decode(message)

        return looking


def test_new_fields_are_listed_by_stream_and_looked_for_after_every_connect() -> None:
    """What the exchange adds while a program runs shows after a reconnect, as it would after a restart."""

    def message(**new: int) -> Send:
        return says(**{"from": "a", "body": "x", **new})

    servers = (server(batch(message(n1=1), message(late=1)), Drop()), server(message(n1=1, n2=2)))
    bench = Bench(*servers, streams="ab", exchange=GrowingExchange())
    found = shots(bench, 0.4, 5.0, stop_at=6)
    assert [each["streams"]["a"]["new_fields"] for each in found] == [["n1"], ["n1", "n2"]]
    assert found[-1]["streams"]["b"]["new_fields"] == []
    assert len(bench.reports) == 2 and "n2" in str(bench.reports[1].error) and "n1" not in str(bench.reports[1].error)
