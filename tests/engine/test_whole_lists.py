"""Exchanges that take whole lists and answer none: refusals, streams asked for anew, messages of several streams."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from fake_exchange import START, Badge, Bench, FakeExchange, calm, data, joined, named, says, server

from binance_sockets.engine import frames
from binance_sockets.errors import ConfigError, CredentialError, RequestTimeout, SubscriptionRejected
from binance_sockets.events import Reason
from binance_sockets.exchange import Stream
from binance_sockets.manager import Manager
from binance_sockets.testing import Drop, FakeClock, Script, ScriptedTransport, Send, frame


def whole(**arguments: Any) -> FakeExchange:
    return FakeExchange(whole=True, rates=(), **arguments)


def change(bench: Bench, at: float, added: str = "", removed: str = "", anew: str = "") -> None:
    bench.clock.at(at, lambda: bench.connection.change(named(*added), [*removed], [*anew]))


def test_a_refusal_is_about_the_last_list() -> None:
    """What it brought is rejected; what was carried before may have ended with it: it is asked for again, and has a gap
    until then."""
    bench = Bench(server(says(after=1.2, ok=False, why=[13, "no"])), streams="ab", exchange=whole())
    change(bench, 1.0, "c")
    bench.run(stop_at=20)
    assert joined(bench.transport.links[0]) == [["a", "b"], ["a", "b", "c"], ["a", "b"]]
    (report,) = bench.reports
    assert isinstance(report.error, SubscriptionRejected)
    assert report.error.streams == ("c",)
    (gap,) = bench.gaps
    assert (gap.streams, gap.reason, gap.resumed) == (("a", "b"), Reason.REJECTED, START + 1.2)
    assert gap.last_received <= START + 1.05


def test_a_refusal_that_may_pass() -> None:
    """All is asked for again after the wait of the back-off, longer each time, and the gap is told."""
    refusals = [says(after=after, ok=False, why=[1, "slow"], passing=True) for after in (1.1, 0.6)]
    bench = Bench(server(*refusals), streams="ab", exchange=whole(), options=calm(initial=0.5, factor=2.0))
    change(bench, 1.0, "c")
    bench.run(stop_at=20)
    times = [at for at, _ in bench.sent()[:-1]]
    assert joined(bench.transport.links[0]) == [["a", "b"], ["a", "b", "c"], ["a", "b", "c"], ["a", "b", "c"]]
    assert times == [0.0, 1.05, 1.6, 2.7]
    assert [sorted(gap.streams) for gap in bench.gaps] == [["a", "b", "c"]] * 2
    assert bench.gaps[0].last_received <= START + 1.05  # what was carried may have ended with the list
    assert [gap.resumed for gap in bench.gaps] == [START + 1.6, START + 2.7]


def test_what_ran_before_runs_without_what_is_refused() -> None:
    """Also on the next link, where one list asks for both, and though nothing has ever come of it."""
    refusal = {"ok": False, "why": [13, "no"]}
    first, second = server(says(after=1.2, **refusal), Drop(after=2.0)), server(says(after=0.3, **refusal))
    bench = Bench(first, second, streams="a", exchange=whole(), options=calm(initial=1.0))
    change(bench, 1.0, "c")
    bench.run(stop_at=20)
    assert joined(bench.transport.links[0]) == [["a"], ["a", "c"], ["a"]]
    assert joined(bench.transport.links[1]) == [["a", "c"], ["a"]]
    assert [report.error.streams for report in bench.reports] == [("c",), ("a", "c")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", [13, 401])
def test_a_refused_account_goes_on_with_what_ran_before(code: int) -> None:
    """An error that does not say what it is about is about what is new, where something else ran before."""
    refusal = {"ok": False, "why": [code, "no"]}
    first, second = server(says(after=1.2, **refusal), Drop(after=2.0)), server(says(after=0.3, **refusal))
    exchange = whole(badge=Badge(renew_after=None, life=None, proves_url=False))
    bench = Bench(first, second, streams="a", exchange=exchange, options=calm(initial=1.0))
    change(bench, 1.0, "c")
    bench.run(stop_at=20)
    assert joined(bench.transport.links[1]) == [["a", "c"], ["a"]]
    assert not any(report.final for report in bench.reports)


@pytest.mark.parametrize("code", [13, 401])
def test_an_account_that_is_refused_all_is_over(code: int) -> None:
    """Nothing ran before: another link may be let in, unless that is known to be useless."""
    links = [server(says(after=0.3, ok=False, why=[code, "no"])) for _ in range(2)]
    exchange = whole(badge=Badge(renew_after=None, life=None, proves_url=False))
    bench = Bench(*links, streams="ac", exchange=exchange, options=calm(initial=1.0, max_reconnects=1))
    bench.run(stop_at=20)
    assert isinstance(bench.reports[-1].error, CredentialError)
    assert bench.reports[-1].final
    assert len(bench.transport.links) == (1 if code == 401 else 2)


def test_an_old_error_is_about_nothing() -> None:
    """One that comes long after the last list ends no stream."""
    bench = Bench(server(says(after=30, ok=False, why=[13, "no"])), streams="ab", exchange=whole())
    bench.run(stop_at=40)
    assert joined(bench.transport.links[0]) == [["a", "b"]]
    assert [report.error.streams for report in bench.reports] == [()]  # type: ignore[attr-defined]


def test_asked_for_anew() -> None:
    """A stream that is carried is asked for once more, together with those that join; gathered as changes are."""
    exchange = whole()
    asked: list[list[str]] = []
    real = exchange.control_frames

    def control_frames(group: Any, wanted: Any, added: Any, removed: Any, next_id: Any) -> Any:
        asked.append(list(added))
        return real(group, wanted, added, removed, next_id)

    exchange.control_frames = control_frames  # type: ignore[method-assign]
    bench = Bench(server(), streams="ab", exchange=exchange)
    change(bench, 1.0, "c", anew="a")
    change(bench, 1.01, anew="b")
    change(bench, 3.0, anew="xa")  # who is not wanted by then is not
    bench.run(stop_at=5)
    assert asked == [["a", "b"], ["a", "b", "c"], ["a"]]


def test_several_in_one_message() -> None:
    """Each piece is counted and delivered as if it had come alone; one that nobody wants is told, as elsewhere."""
    pieces = [{"from": name, "body": number} for number, name in enumerate("abza")]
    bench = Bench(server(says(after=1, all=pieces), data("a", 9)), streams="ab", exchange=whole())
    bench.run(stop_at=5)
    assert bench.payloads == [0, 1, 2, 3, 9]
    assert [report.error.detail for report in bench.reports] == ["data of z, which was not asked for; delivered"]  # type: ignore[attr-defined]
    assert bench.connection.links[0].router.messages == 4


def test_later() -> None:
    """What is to be done later is done on the connection's thread, in time, and not once it is stopping."""
    bench = Bench(server(), streams="a", exchange=whole())
    done: list[tuple[str, float]] = []

    def begin() -> None:
        for seconds in (2.0, 1.0, 50.0):
            bench.connection.later(seconds, lambda seconds=seconds: done.append((f"{seconds}", bench.now)))

    bench.clock.at(0.0, lambda: bench.connection.post(begin))
    bench.run(stop_at=10)
    assert done == [("1.0", 1.0), ("2.0", 2.0)]


# -- what it carries, asked behind a list, proves that the list counts --


def teller(
    *steps: Send | Drop, delay: float = 0.0, answers: bool = True, refuses: int | None = None, pong: bool = True
) -> Script:
    """A server that tells what it carries, ``delay`` seconds behind the question; it refuses a list by its number."""
    lists: list[list[str]] = []

    def react(opcode: int, payload: bytes) -> list[Send | Drop]:
        if opcode == frames.CLOSE:
            return [Send(frame(frames.CLOSE, payload)), Drop()]
        if opcode == frames.PING:
            return [Send(frame(frames.PONG, payload))] if pong else []
        if opcode != frames.TEXT:
            return []
        request = json.loads(payload)
        if request["op"] == "join":
            lists.append(request["list"])
            return [says(ok=False, why=[1, "slow"], passing=True)] if len(lists) == refuses else []
        return [says(after=delay, ref=request["ref"], ok=True, list=lists[-1])] if answers else []

    return Script(steps, react)


def telling(*scripts: Script, **options: Any) -> Bench:
    return Bench(*scripts, streams="ab", exchange=whole(lists=True), options=calm(**options))


def test_a_list_counts_when_the_exchange_tells_what_it_carries() -> None:
    """Not when it was sent: until then nobody says that all is subscribed."""
    bench = telling(teller(delay=0.7))
    settled: list[float] = []
    bench.connection.on_settled = lambda: settled.append(bench.now)
    change(bench, 2.0, "c")
    bench.run(stop_at=5)
    assert settled == [0.7, 2.75]
    assert joined(bench.transport.links[0]) == [["a", "b"], ["a", "b", "c"]]


def test_a_gap_lasts_until_the_list_counts() -> None:
    """What happened while the list was on its way belongs to it."""
    first = teller(data("a", 1, after=2.0), Drop(after=3.0))
    bench = telling(first, teller(delay=0.7), initial=1.0).run(stop_at=20)
    (gap,) = bench.gaps
    assert (gap.resumed - START, gap.streams) == (pytest.approx(6.7), ("a", "b"))


def test_an_exchange_that_does_not_tell_has_read_the_list_by_its_pong() -> None:
    """Then the list counts when its time is over; without a pong, too, the WebSocket is dead."""
    bench = telling(teller(answers=False), ack=4.0)
    settled: list[float] = []
    bench.connection.on_settled = lambda: settled.append(bench.now)
    bench.run(stop_at=6)
    assert (settled, bench.errors) == ([4.0], [])
    bench = telling(teller(answers=False, pong=False), teller(), ack=4.0, initial=1.0).run(stop_at=6)
    assert bench.attempts == [0.0, 5.0]
    assert isinstance(bench.changes[2][1].error, RequestTimeout)


def test_a_list_that_is_refused_does_not_count() -> None:
    """Though the question behind it is answered; nor does the next one count by that answer."""
    bench = telling(teller(delay=1.0, refuses=1), initial=0.5)
    settled: list[float] = []
    bench.connection.on_settled = lambda: settled.append(bench.now)
    bench.run(stop_at=5)
    assert joined(bench.transport.links[0]) == [["a", "b"], ["a", "b"]]
    assert settled == [0.0, 1.5]  # refused; asked for again at 0.5, a second before it counts


def test_what_is_asked_for_anew_while_a_list_is_under_way_is_asked_for_once_more() -> None:
    """The list that was sent before does not bring what begins with it."""
    bench = telling(teller(delay=1.0))
    change(bench, 0.2, anew="a")
    bench.run(stop_at=5)
    assert joined(bench.transport.links[0]) == [["a", "b"], ["a", "b"]]


def test_what_is_given_up_and_taken_again_while_its_list_is_under_way_is_asked_for_anew() -> None:
    """The list that brought it was somebody else's."""
    bench = telling(teller(delay=2.0))
    change(bench, 0.2, removed="b")
    change(bench, 0.5, "b", anew="b")
    bench.run(stop_at=5)
    assert joined(bench.transport.links[0]) == [["a", "b"], ["a", "b"]]


def test_nothing_is_lost_by_a_planned_change_whose_list_is_late() -> None:
    """The old WebSocket is read until the list counts on the new one."""
    both = [data("a", number, after=0.5) for number in range(40)]
    late = [data("a", number, after=0.5 if number > 10 else 6.6) for number in range(10, 40)]
    bench = telling(teller(*both), teller(*late, delay=1.5))
    bench.clock.at(4.0, bench.connection.reconnect)
    bench.run(stop_at=15)
    assert bench.payloads == list(range(bench.payloads[-1] + 1))
    assert (bench.gaps, bench.errors) == ([], [])
    assert bench.sent(0)[-1][0] >= 5.5


class Noting(FakeExchange):
    """Each list has its names for a note, and each payload the notes with which it was read."""

    def __init__(self) -> None:
        super().__init__(whole=True, rates=(), lists=True)

    def control_frames(self, *arguments: Any) -> Any:
        frames = super().control_frames(*arguments)
        return [dataclasses.replace(each, note="".join(arguments[1])) for each in frames]

    def decoder(self, group: Any, misfits: Any, notes: Any = ()) -> Any:
        decode = super().decoder(group, misfits)
        return lambda message: (decode(message)[0], (decode(message)[1], *notes))


def test_a_message_is_read_with_the_notes_of_the_lists_that_it_may_come_by() -> None:
    """Of the last one that counts, and of the one under way; one that is refused is not among them any more."""
    steps = [data("a", number, after=0.5) for number in range(7)]
    bench = Bench(teller(*steps, delay=0.7, refuses=3), streams="a", exchange=Noting(), options=calm(initial=60.0))
    change(bench, 1.0, "b")  # counts at 1.75
    change(bench, 2.0, "c")  # is refused at 2.05
    bench.run(stop_at=5)
    assert bench.payloads == [
        (0, "a"), (1, "a"), (2, "a", "ab"), (3, "ab"), (4, "ab"), (5, "ab"), (6, "ab")
    ]  # fmt: skip


def test_each_websocket_of_a_planned_change_has_the_notes_of_its_own_lists() -> None:
    """What the old one brings does not come by a list that was made for the new one."""
    old = teller(*(data("a", number, after=1.0) for number in range(6)), delay=2.5)
    new = teller(*(data("a", number, after=1.0) for number in range(3, 12)))
    bench = Bench(old, new, streams="a", exchange=Noting(), options=calm())
    change(bench, 3.0, "b")  # on the old one it is under way until 5.55
    bench.clock.at(3.5, bench.connection.reconnect)
    change(bench, 4.0, "c")
    bench.run(stop_at=12)
    assert bench.payloads[:6] == [
        (0, "a"), (1, "a"), (2, "a"), (3, "a", "ab"), (4, "a", "ab"), (5, "ab", "abc")
    ]  # fmt: skip
    assert {notes for _, *notes in map(tuple, bench.payloads[6:]) for notes in notes} == {"abc"}


# -- members of a pool with several streams --


class Pooled(Manager):
    """Members on a shared connection that the test runs."""

    def __init__(self, *scripts: Any) -> None:
        self.clock = FakeClock(START)
        self.wire = ScriptedTransport(self.clock, scripts)
        super().__init__(options=calm(), transport=self.wire)
        self.got: dict[str, list[Any]] = {}
        self.made: list[Any] = []
        self.settled: list[tuple[str, float]] = []

    def _make(self, *arguments: Any, **named: Any) -> Any:
        connection = super()._make(*arguments, **named)
        connection.start = lambda daemon: None  # type: ignore[method-assign]
        self.made.append(connection)
        return connection

    def open(self, key: str, names: str, exchange: FakeExchange | None = None, **ways: Any) -> None:
        exchange = exchange or whole()
        exchange.decoder = lambda group, misfits, notes: decode  # type: ignore[method-assign]
        settled = lambda connection: self.settled.append((key, round(self.clock.now - START, 2)))  # noqa: E731
        streams = [Stream(name) for name in names]
        self._open_pooled(
            key, "pool", exchange, streams, self.got.setdefault(key, []).append, unwrap, settled=settled, **ways
        )
        self._core.connections[key].start(False)

    def run_until(self, seconds: float) -> None:
        connection = self.made[0]
        self.clock.at(seconds, connection.request_stop)
        connection.run()


def decode(message: Any) -> tuple[str, Any]:
    found = json.loads(bytes(message))
    return found["from"], (found["from"], found["body"])


def unwrap(payload: Any) -> tuple[str, Any]:
    return payload  # type: ignore[no-any-return]


def test_members_share_streams() -> None:
    """Each gets its own, in order; one that leaves takes along what nobody else wants; one that joins may ask anew."""
    steps = [data(name, number, after=1.0) for number, name in enumerate("abcab")]
    manager = Pooled(server(*steps))
    manager.open("x", "ab")
    manager.clock.at(1.5, lambda: manager.open("y", "bc", anew=True))
    manager.clock.at(3.5, lambda: manager._core.connections["x"].request_stop())
    manager.run_until(8)
    assert manager.got == {"x": [0, 1], "y": [1, 2, 4]}
    assert joined(manager.wire.links[0]) == [["a", "b"], ["a", "b", "c"], ["b", "c"]]
    assert ("y", 1.55) in manager.settled
    assert manager._core.connections == {}


def test_a_member_that_needs_nothing_is_told_that_all_is_settled() -> None:
    """What it wants is carried already: no list leaves, and it hears so."""
    manager = Pooled(server())
    manager.open("x", "ab")
    manager.clock.at(1.5, lambda: manager.open("y", "b"))
    manager.run_until(4)
    assert joined(manager.wire.links[0]) == [["a", "b"]]
    assert [key for key, at in manager.settled if at == 1.55] == ["x", "y"]


def test_the_streams_of_a_member_change() -> None:
    """One at least stays; what it does not have cannot leave; a socket with fixed streams says so."""
    manager = Pooled(server(*[data(name, name, after=1.0) for name in "abcc"]))
    manager.open("x", "ab", named=lambda names: [Stream(name) for name in str(names)])
    manager.open("y", "a")
    manager.clock.at(1.5, lambda: manager.subscribe("x", "c"))
    manager.clock.at(1.6, lambda: manager.unsubscribe("x", "ab"))
    manager.run_until(6)
    assert manager.got == {"x": ["a", "c", "c"], "y": ["a"]}
    assert joined(manager.wire.links[0])[-1] == ["a", "c"]
    manager = Pooled(server())
    manager.open("x", "ab", named=lambda names: [Stream(name) for name in str(names)])
    manager.open("y", "a")
    for wrong in ("z", "ab"):
        with pytest.raises(ConfigError):
            manager.unsubscribe("x", wrong)
    with pytest.raises(ConfigError, match="fixed"):
        manager.subscribe("y", "b")
    manager.run_until(1)


def test_gaps_and_errors_go_to_those_they_concern() -> None:
    """Once to each member, with its own streams."""
    manager = Pooled(server(says(after=1.2, ok=False, why=[13, "no"])))
    gaps: list[Any] = []
    errors: list[Any] = []
    manager.add_gap_listener(gaps.append)
    manager.add_error_listener(errors.append)
    manager.open("x", "ab")
    manager.clock.at(1.0, lambda: manager.open("y", "bcd"))
    manager.run_until(6)
    assert [(report.conn_key, report.error.streams) for report in errors] == [("y", ("c", "d"))]
    assert [(gap.conn_key, gap.streams) for gap in gaps] == [("x", ("a", "b")), ("y", ("b",))]


def test_a_member_that_gives_a_stream_up_behind_a_gap_is_told_of_it() -> None:
    """As one that stops: something has come behind what is lost, though the list is not known to count yet."""
    manager = Pooled(teller(data("a", 1, after=1.0), Drop(after=1.0)), teller(data("a", 2, after=0.5), answers=False))
    gaps: list[Any] = []
    manager.add_gap_listener(gaps.append)
    ways = {"exchange": whole(lists=True), "named": lambda names: [Stream(name) for name in names]}
    manager.open("x", "ab", **ways)
    manager.open("y", "a", **ways)
    manager.clock.at(4.0, lambda: manager.unsubscribe("x", ["a"]))
    manager.run_until(6)
    assert manager.got == {"x": [1, 2], "y": [1, 2]}
    assert [(gap.conn_key, gap.streams) for gap in gaps] == [("x", ("a",)), ("y", ("a",)), ("x", ("b",))]
    assert gaps[0].resumed - START == pytest.approx(4.0)
