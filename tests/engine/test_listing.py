"""What the exchange says it carries is compared with what is wanted, and what a user wants meanwhile wins."""

from __future__ import annotations

from typing import Any

import pytest
from fake_exchange import START, Bench, Carrier, FakeExchange, calm, data, joined
from hypothesis import given, settings
from hypothesis import strategies as st

from binance_sockets.engine.metrics import connection_snapshot
from binance_sockets.engine.timers import Timer
from binance_sockets.errors import ConnectionLost, HandshakeRejected, StreamSilent, SubscriptionMismatch
from binance_sockets.events import Reason, StreamGap
from binance_sockets.exchange import Group, Stream
from binance_sockets.testing import Drop, Refuse, Send


def bench(carrier: Carrier, *steps: Send | Drop, streams: str = "ab", **fields: Any) -> Bench:
    return Bench(
        carrier.script(*steps), streams=streams, exchange=FakeExchange(lists=True, ids=True), options=calm(**fields)
    )


def test_a_forgotten_stream_is_asked_for_again() -> None:
    """The link lives, the stream is silent: it is reported, counted, asked for again, and what it missed is a gap."""
    carrier = Carrier()
    run = bench(carrier, data("a", 1, after=1.0), data("b", 7, after=0.5), data("b", 9, after=4.5))
    run.clock.at(2.0, lambda: carrier.carried.discard("b"))
    shots: list[Any] = []
    run.clock.at(9.0, lambda: shots.append(connection_snapshot(run.connection, run.clock.now)))
    run.run(stop_at=10.0)
    (report,) = run.reports
    assert isinstance(report.error, SubscriptionMismatch)
    assert (report.error.lacking, report.error.surplus) == (("b",), ())
    assert carrier.carried == {"a", "b"}
    (gap,) = run.gaps
    assert (gap.reason, gap.streams) == (Reason.FORGOTTEN, ("b",))
    assert gap.last_received <= START + 1.5
    assert [(each.last_id, each.first_id) for each in gap.ids] == [(7, 9)]
    assert [(link["forgotten"], link["surplus"]) for link in shots[0]["links"]] == [(1, 0)]
    assert len(run.attempts) == 1


def test_a_stream_that_nobody_wants_is_unsubscribed() -> None:
    """And reported and counted; there is no gap."""
    carrier = Carrier()
    run = bench(carrier)
    run.clock.at(2.0, lambda: carrier.carried.add("c"))
    shots: list[Any] = []
    run.clock.at(9.0, lambda: shots.append(connection_snapshot(run.connection, run.clock.now)))
    run.run(stop_at=10.0)
    assert [(link["forgotten"], link["surplus"]) for link in shots[0]["links"]] == [(0, 1)]
    assert [report.error.surplus for report in run.reports if isinstance(report.error, SubscriptionMismatch)] == [
        ("c",)
    ]
    assert (carrier.left, carrier.carried, run.gaps) == (["c"], {"a", "b"}, [])


def test_it_is_asked_once_and_then_rarely() -> None:
    """Some seconds behind the confirmation, then every five minutes."""
    carrier = Carrier()
    bench(carrier, stale=1e6).run(stop_at=4.0)
    assert carrier.asked == 0
    carrier = Carrier()
    bench(carrier, stale=1e6).run(stop_at=304.9)
    assert carrier.asked == 1
    carrier = Carrier()
    bench(carrier, stale=1e6).run(stop_at=305.1)
    assert carrier.asked == 2


@pytest.mark.parametrize("brought", [True, False], ids=["later", "never began"])
def test_a_silence_is_a_reason_to_ask(brought: bool) -> None:
    """Not at the next question, minutes later: a lively stream that is forgotten must not stay away so long."""
    carrier = Carrier()
    steps = [data("a", number, after=1.0) for number in range(1, 80)]
    if brought:
        steps.insert(1, data("b", 7))
    run = Bench(
        carrier.script(*steps),
        streams=[Stream("a"), Stream("b", first_message=20.0)],
        exchange=FakeExchange(lists=True, ids=True),
        options=calm(silence=20.0),
    )
    run.clock.at(8.0, lambda: carrier.carried.discard("b"))
    run.run(stop_at=40.0)
    kinds = [type(report.error) for report in run.reports]
    assert sorted(kinds, key=str) == [StreamSilent, SubscriptionMismatch]
    assert (carrier.carried, carrier.asked) == ({"a", "b"}, 3)  # soon, in the silence, and behind its mending
    (gap,) = run.gaps
    assert (gap.streams, gap.reason) == (("b",), Reason.FORGOTTEN)


def test_a_silence_is_no_reason_to_ask_where_lists_are_not_compared() -> None:
    """The spelling of one differs: nothing is compared on this link any more."""
    carrier = Carrier(spelled=lambda name: name.upper() if name == "a" else name)
    run = Bench(
        carrier.script(*(data("a", number, after=1.0) for number in range(1, 80))),
        streams=[Stream("a"), Stream("b", first_message=30.0)],
        exchange=FakeExchange(lists=True, ids=True),
        options=calm(),
    )
    shots: list[int] = []
    run.clock.at(29.0, lambda: shots.append(carrier.asked))
    run.run(stop_at=60.0)
    assert StreamSilent in [type(report.error) for report in run.reports]
    assert shots == [carrier.asked]


def test_names_spelled_otherwise_do_no_harm() -> None:
    """They are asked for once more, which changes nothing; none is ever unsubscribed, and nothing is compared again."""
    carrier = Carrier(spelled=str.upper)
    run = bench(carrier, stale=1e6).run(stop_at=1000.0)
    assert (carrier.left, carrier.carried) == ([], {"a", "b"})
    assert carrier.asked == 2
    (report,) = run.reports
    assert isinstance(report.error, SubscriptionMismatch)
    assert (report.error.lacking, report.error.surplus) == (("a", "b"), ())


def test_a_stream_that_has_just_spoken_is_carried_whatever_the_list_says() -> None:
    """Once it goes on to speak: nothing is asked for again."""
    carrier = Carrier(spelled=lambda name: name.upper() if name == "a" else name, delay=0.5)
    speaks = [data("a", number, after=0.1) for number in range(1, 130)]
    run = bench(carrier, *speaks, stale=1e6).run(stop_at=700.0)
    assert (run.reports, carrier.left, carrier.asked) == ([], [], 2)
    assert run.payloads == list(range(1, 130))


def test_a_stream_whose_last_words_were_on_their_way_is_forgotten_all_the_same() -> None:
    """It brought a message between the question and the answer that lacks it, and none since: it is asked for again."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    run = bench(carrier, data("b", 1, after=1.0), data("b", 2, after=4.8), stale=1e6).run(stop_at=30.0)
    (report,) = run.reports
    assert isinstance(report.error, SubscriptionMismatch) and report.error.lacking == ("b",)
    assert carrier.carried == {"a", "b"}
    (gap,) = run.gaps
    assert (gap.streams, gap.reason, gap.ids) == (("b",), Reason.FORGOTTEN, (StreamGap("b", 2, None),))


@pytest.mark.parametrize(("after", "first_id"), [(4.0, 9), (12.0, None)], ids=["while both are open", "later"])
def test_a_doubt_about_a_websocket_that_is_left_is_a_gap(after: float, first_id: int | None) -> None:
    """Nobody can be asked once more whether it carried the stream; what the next one brings may come later."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    first = carrier.script(data("b", 1, after=1.0), data("b", 2, after=4.8))
    run = Bench(
        first,
        Carrier(delay=0.5).script(data("b", 9, after=after)),
        streams="ab",
        exchange=FakeExchange(lists=True, ids=True),
    )
    run.clock.at(7.0, run.connection.reconnect)
    run.run(stop_at=30.0)
    assert [gap.reason for gap in run.gaps if "b" in gap.streams] == [Reason.FORGOTTEN]
    assert run.gaps[0].ids == (StreamGap("b", 2, first_id),)


def test_a_doubt_is_a_gap_though_the_next_one_has_not_all_that_was_wanted_meanwhile() -> None:
    """What was added a moment before is missing, too, and hides nothing of what was in doubt."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    lively = [data("a", number, after=0.5) for number in range(26)]
    first = carrier.script(data("b", 1, after=0.0), *lively, Drop())
    second = Carrier(delay=4.0).script()
    run = Bench(first, second, streams="ab", exchange=FakeExchange(lists=True, rates=()))
    run.clock.at(5.2, run.connection.reconnect)
    run.clock.at(12.0, lambda: run.connection.change([Stream("c")], []))
    run.run(stop_at=30.0)
    assert sorted(name for gap in run.gaps for name in gap.streams) == ["b", "c"]
    (gap,) = [gap for gap in run.gaps if "b" in gap.streams]
    assert gap.last_received < START + 5.2


def test_a_doubt_about_a_websocket_that_is_lost_widens_its_gap() -> None:
    """The stream may be missing since the exchange last listed it, though others came until the end."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    first = carrier.script(data("b", 1, after=1.0), data("b", 2, after=4.8), data("a", 1, after=3.0), Drop(after=0.1))
    run = Bench(first, Carrier().script(), streams="ab", exchange=FakeExchange(lists=True)).run(stop_at=30.0)
    (gap,) = run.gaps
    assert gap.streams == ("a", "b") and gap.last_received < START + 5.8


def test_an_answer_that_a_change_has_overtaken_is_a_doubt() -> None:
    """It tells what was carried when it was asked for, whatever has joined since, and the next answer may be none."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    second = Carrier().script()
    exchange = FakeExchange(lists=True, ids=True, rates=())
    run = Bench(carrier.script(data("b", 2, after=2.0)), second, streams="ab", exchange=exchange)
    run.clock.at(5.7, lambda: run.connection.change([Stream("c")], []))  # behind the question, before the answer
    run.clock.at(6.2, lambda: setattr(carrier, "answers", "error"))
    run.clock.at(12.3, run.connection.reconnect)
    run.run(stop_at=20.0)
    assert [(gap.streams, gap.reason) for gap in run.gaps] == [(("b",), Reason.FORGOTTEN)]
    assert (carrier.asked, len(run.attempts), run.reports) == (2, 2, [])


def test_a_doubt_is_asked_about_soon_though_one_answer_is_none() -> None:
    """Not after minutes, as where nothing is in doubt."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    exchange = FakeExchange(lists=True, ids=True)
    run = Bench(carrier.script(data("b", 1, after=1.0), data("b", 2, after=4.8)), streams="ab", exchange=exchange)
    run.clock.at(6.5, lambda: setattr(carrier, "answers", "error"))
    run.clock.at(12.0, lambda: setattr(carrier, "answers", True))
    run.run(stop_at=20.0)
    assert [(gap.streams, gap.reason) for gap in run.gaps] == [(("b",), Reason.FORGOTTEN)]
    assert (carrier.asked, carrier.carried) == (3, {"a", "b"})


def test_a_change_that_cannot_be_had_hinders_no_comparison() -> None:
    """The old WebSocket goes on alone, for hours perhaps: what it does not bring any more is asked for again."""
    carrier = Carrier(forgets=("b", 2))
    first = carrier.script(data("b", 1, after=1.0))
    refusal = Refuse(HandshakeRejected("fake:1", 451))
    run = Bench(first, refusal, streams="ab", exchange=FakeExchange(lists=True, ids=True), options=calm(stale=1e6))
    run.clock.at(20.0, run.connection.reconnect)
    run.run(stop_at=400.0)
    assert [(gap.streams, gap.reason) for gap in run.gaps] == [(("b",), Reason.FORGOTTEN)]
    assert (carrier.carried, len(run.attempts)) == ({"a", "b"}, 2)


def test_what_another_websocket_has_brought_proves_nothing() -> None:
    """The next one had the stream, and was lost: on the old one it is asked for again."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    lively = [data("a", number, after=0.5) for number in range(1, 30)]
    first = carrier.script(*lively)
    second = Carrier(delay=0.1).script(data("b", 9, after=2.0), Drop(after=0.1))
    refusal = Refuse(HandshakeRejected("fake:1", 451))
    run = Bench(first, second, refusal, streams="ab", exchange=FakeExchange(lists=True), options=calm(stale=1e6))
    run.clock.at(5.2, run.connection.reconnect)
    run.run(stop_at=100.0)
    assert len(run.attempts) == 3
    assert [report.error.lacking for report in run.reports if isinstance(report.error, SubscriptionMismatch)] == [
        ("b",)
    ]
    assert carrier.carried == {"a", "b"}


@pytest.mark.parametrize("answers", [False, "error"])
def test_an_exchange_that_does_not_tell_is_asked_rarely(answers: bool | str) -> None:
    """No answer, or a refusal, ends nothing but the question: the next one may be answered."""
    carrier = Carrier(answers=answers)
    run = bench(carrier, stale=1e6).run(stop_at=1000.0)
    assert (carrier.asked, run.reports, run.gaps, len(run.attempts)) == (4, [], [], 1)


_CHANGES = st.lists(
    st.tuples(st.floats(4.0, 7.0), st.sampled_from("abcd"), st.booleans()), max_size=6, unique_by=lambda row: row[0]
)


@given(
    changes=_CHANGES,
    delay=st.floats(0.0, 1.5),
    forgets=st.none() | st.tuples(st.floats(0.5, 7.0), st.sampled_from("ab")),
)
@settings(deadline=None)
def test_what_a_user_wants_meanwhile_wins(
    changes: list[tuple[float, str, bool]], delay: float, forgets: tuple[float, str] | None
) -> None:
    """Whenever the user changes the streams, and the exchange forgets one: in the end it carries what is wanted.

    Where it has forgotten nothing, no difference is ever reported.
    """
    carrier, wanted = Carrier(delay=delay), set("ab")
    run = bench(carrier, stale=1e6)

    def change(name: str, more: bool) -> None:
        if more and name not in wanted:
            wanted.add(name)
            run.connection.change([Stream(name)], [])
        elif not more and name in wanted and len(wanted) > 1:
            wanted.remove(name)
            run.connection.change([], [name])

    for at, name, more in changes:
        run.clock.at(at, lambda name=name, more=more: change(name, more))  # type: ignore[misc]
    if forgets is not None:
        run.clock.at(forgets[0], lambda: carrier.carried.discard(forgets[1]))
    run.run(stop_at=700.0)
    assert carrier.carried == wanted
    if forgets is None:
        assert run.reports == []
    assert len(run.attempts) == 1
    assert joined(run.transport.links[0])[0] == ["a", "b"]


def test_an_answer_that_a_slow_network_held_up_counts() -> None:
    """A stream that was forgotten is not left so for minutes, until the next question."""
    carrier = Carrier(delay=20.0, forgets=("b", 1))
    script = carrier.script(data("b", 1, after=21.0), data("a", 1, after=30.0))
    run = Bench(script, streams="ab", exchange=FakeExchange(lists=True, ids=True), options=calm(ack=60.0))
    run.run(stop_at=90.0)
    assert [(gap.streams, gap.reason) for gap in run.gaps] == [(("b",), Reason.FORGOTTEN)]


def test_an_exchange_that_cannot_be_asked_is_not() -> None:
    """It is tried once, and no timer is left."""

    class Mute(FakeExchange):
        tried = 0

        def listing(self, group: Group, request_id: int) -> bytes | None:
            self.tried += 1
            return None

    exchange, timers = Mute(), []
    run = Bench(Carrier().script(), exchange=exchange, options=calm(stale=1e6))
    run.clock.at(6.0, lambda: timers.extend(socket.timers.at(Timer.LIST) for socket in run.connection.links[0].sockets))
    run.clock.at(7.0, lambda: run.connection.change([Stream("b")], []))
    run.run(stop_at=700.0)
    assert (exchange.tried, timers) == (1, [None])


@pytest.mark.parametrize(("before", "last_received"), [(0, 4.0), (90, 99.0)])
def test_a_stream_is_missing_since_the_exchange_last_listed_it(before: int, last_received: float) -> None:
    """Or since its last message, if that came later; a moment before, as messages and answers were on their way."""
    lively = [data("a", number, after=1.0) for number in range(300)]
    carrier = Carrier(forgets=("b", 2))
    steps = [*lively[:before], data("b", 1, after=10.0 if before else 1.0), *lively[before:]]
    run = bench(carrier, *steps, stale=1e6).run(stop_at=310.0)
    (gap,) = run.gaps
    assert (gap.reason, gap.last_received) == (Reason.FORGOTTEN, START + last_received)


def test_what_the_exchange_listed_on_another_websocket_proves_nothing() -> None:
    """This one carries what is wanted since it was opened."""
    carrier = Carrier(forgets=("b", 1))
    first = Carrier().script(data("b", 1, after=1.0))
    run = Bench(first, carrier.script(), streams="ab", exchange=FakeExchange(lists=True), options=calm(stale=1e6))
    run.clock.at(20.0, run.connection.reconnect)
    run.run(stop_at=30.0)
    assert [(gap.reason, gap.last_received) for gap in run.gaps] == [(Reason.FORGOTTEN, START + 19.0)]


def test_an_answer_on_a_websocket_that_has_ended_changes_nothing() -> None:
    """As it broke while it was written to: nothing can be asked for there any more, and all is missing anyway."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    first = carrier.script(data("b", 1, after=1.0))
    run = Bench(first, Carrier().script(), streams="ab", exchange=FakeExchange(lists=True))
    link = run.connection.links[0]
    run.clock.at(5.75, lambda: setattr(link.current, "ended", ConnectionLost("it broke")))
    run.run(stop_at=20.0)
    assert (carrier.asked, run.reports) == (1, [])
    assert [(gap.reason, gap.streams) for gap in run.gaps] == [(Reason.NETWORK, ("a", "b"))]


def test_a_doubt_is_over_when_the_exchange_lists_the_stream() -> None:
    """A change of the WebSocket later has no gap."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    first = carrier.script(data("b", 1, after=1.0), data("b", 2, after=4.75))
    run = Bench(first, Carrier().script(), streams="ab", exchange=FakeExchange(lists=True))
    run.clock.at(7.0, lambda: carrier.carried.add("b"))
    run.clock.at(15.0, run.connection.reconnect)
    run.run(stop_at=30.0)
    assert (carrier.asked, len(run.attempts), run.gaps) == (2, 2, [])


def test_an_answer_while_two_websockets_are_open_is_a_doubt() -> None:
    """Of the one that is about to be left: nothing is put right there, and it is asked again some seconds later."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    first = carrier.script(data("b", 1, after=1.0), *[data("a", number, after=0.5) for number in range(40)])
    second = Carrier(delay=4.0).script()
    run = Bench(first, second, streams="ab", exchange=FakeExchange(lists=True))
    run.clock.at(5.2, run.connection.reconnect)
    run.run(stop_at=30.0)
    assert (carrier.asked, run.reports) == (2, [])
    assert [gap.reason for gap in run.gaps if "b" in gap.streams] == [Reason.FORGOTTEN]


@pytest.mark.parametrize(("after", "asked"), [(4.25, 1), (4.5, 2)])
def test_a_message_at_the_moment_of_the_question_may_have_been_on_its_way(after: float, asked: int) -> None:
    """Then it is asked once more; not where the last one came before."""
    carrier = Carrier(delay=0.5, forgets=("b", 1))
    run = bench(carrier, data("b", 1, after=1.0), data("b", 2, after=after), stale=1e6).run(stop_at=20.0)
    assert len(run.reports) == 1
    assert carrier.asked == asked + 1 and carrier.carried == {"a", "b"}


def test_a_stream_goes_on_where_it_speaks_a_moment_behind_the_answer() -> None:
    """A second later it may still have been on its way."""
    for after, reports in ((1.0, 1), (1.125, 0)):
        carrier = Carrier(delay=0.5, forgets=("b", 1))
        steps = [data("b", 1, after=1.0), data("b", 2, after=4.75), data("b", 3, after=0.25 + after)]
        run = bench(carrier, *steps, stale=1e6).run(stop_at=30.0)
        assert len(run.reports) == reports


def test_what_is_spelled_otherwise_is_not_doubted_either() -> None:
    """A change of the WebSocket later has no gap of a stream that rests."""
    carrier = Carrier(spelled=str.upper, delay=0.5)
    speaks = [data("a", number, after=0.25) for number in range(23)]
    first = carrier.script(*speaks, data("b", 1), *[data("a", number, after=0.25) for number in range(23, 121)])
    run = Bench(first, Carrier().script(), streams="ab", exchange=FakeExchange(lists=True))
    run.clock.at(50.0, run.connection.reconnect)
    run.run(stop_at=60.0)
    assert (len(run.attempts), run.reports, run.gaps) == (2, [], [])


def test_an_answer_is_waited_for_a_minute() -> None:
    """One that comes later is none."""
    carrier = Carrier(forgets=("b", 1))
    run = bench(carrier, data("b", 1, after=1.0), stale=1e6)
    run.clock.at(4.0, lambda: setattr(carrier, "delay", 60.5))
    run.run(stop_at=100.0)
    assert (carrier.asked, run.reports) == (1, [])


def test_what_it_finds_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A difference as a warning; why nothing is compared once for a reader who wonders."""
    caplog.set_level("INFO", logger="binance_sockets.connection")
    bench(Carrier(spelled=str.upper), stale=1e6).run(stop_at=20.0)
    bench(Carrier(answers="error"), stale=1e6).run(stop_at=20.0)
    found = [each for each in caplog.records if "exchange" in each.getMessage()]
    assert {each.name for each in found} == {"binance_sockets.connection"}
    assert [(each.levelname, each.getMessage().partition(";")[0]) for each in found] == [
        ("WARNING", "key: the exchange has lost the subscription of a, b, which is asked for again"),
        ("INFO", "key: the exchange lists names that are spelled otherwise than they were asked for"),
        ("INFO", "key: the exchange does not tell what it carries"),
    ]
