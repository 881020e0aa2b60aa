"""Copies while two WebSockets overlap, and the ids around a gap."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine.continuity import Loss, Overlap, Trail, position_of
from binance_sockets.engine.router import NOT_WANTED, Router, StreamStats
from binance_sockets.engine.websocket import WebSocket
from binance_sockets.events import Gap, Reason, StreamGap
from binance_sockets.exchange import Continuity, Position

OLD, NEW = cast(WebSocket, "old"), cast(WebSocket, "new")
NUMBERED = Continuity(Position, ids=True)  # payloads are their ids
CANDLES = Continuity(lambda payload: Position(*payload), ids=True)  # payloads are (open time, content[, progress])
RULES = {"numbered": NUMBERED, "candles": CANDLES, "plain": None}


def stats(**payloads: Any) -> dict[str, StreamStats]:
    """Counters of streams that have brought these last, at second 10; ``None`` for one that has brought nothing."""
    found = {}
    for name, payload in payloads.items():
        found[name] = StreamStats()
        if payload is not None:
            found[name].payload, found[name].last = payload, 10.0
    return found


def overlap(since: float = 10.0, **payloads: Any) -> Overlap:
    return Overlap(OLD, stats(**payloads), RULES.get, since)


# -- copies --


def test_what_the_old_one_had_brought_before_is_known() -> None:
    """The last message before the overlap is the first of what is compared."""
    both = overlap(numbered=7)
    assert not both(NEW, "numbered", 6)
    assert not both(NEW, "numbered", 7)
    assert both.joined


@pytest.mark.parametrize("odd", ["7", 7.5, [7], {"no": 7}])
def test_what_has_no_position_is_told_apart_by_its_content(odd: Any) -> None:
    """A message of another shape is neither before nor behind the others; its copy is dropped."""
    both = overlap(numbered=7)
    assert both(OLD, "numbered", odd)
    assert not both(NEW, "numbered", odd)
    assert both(OLD, "numbered", 8)
    assert not both(NEW, "numbered", 8)
    loss = Loss(Reason.STALE, 3.0, ("numbered",), counting(stats(numbered=odd)), RULES.get)
    assert told(loss, ("numbered",)).ids == ()


@pytest.mark.parametrize("before", [7, "odd"])
def test_what_does_not_fit_the_rule_of_its_stream_proves_nothing(before: Any) -> None:
    """Its copy may be another message with the same content: that both have brought it is no sign that they meet."""
    both = overlap(numbered=before)
    assert both(OLD, "numbered", "odd")
    assert both.joined is False
    assert not both(NEW, "numbered", "odd")
    assert not both.joined
    assert not both(NEW, "numbered", "later")
    assert both(OLD, "numbered", "later")
    assert not both.joined
    assert not both(NEW, "numbered", 8)
    assert both(OLD, "numbered", 8)
    assert both.joined


def test_a_candle_never_goes_back() -> None:
    """What the new one brings late of a candle is over, though the old one has not brought it."""
    both = overlap(candles=(60, "y", 5))
    assert not both(NEW, "candles", (60, "x", 4))
    assert both.joined
    assert both.release() == []
    assert both(NEW, "candles", (60, "z", 6))


def test_progress_is_a_number() -> None:
    """Anything else cannot be compared with what came before."""
    assert position_of(CANDLES, (60, "y", "5")).order is None


def test_the_old_one_leads() -> None:
    """What the new one is ahead waits, and is forgotten when the old one brings it."""
    both = overlap(numbered=7)
    assert not both(NEW, "numbered", 8)
    assert not both(NEW, "numbered", 9)
    assert not both.joined
    assert both(OLD, "numbered", 8)
    assert both.joined
    assert both.release() == [("numbered", 9)]
    assert both(NEW, "numbered", 10)
    assert both.over


def test_released_in_the_order_in_which_it_came() -> None:
    """Over all streams."""
    both = overlap(numbered=1, candles=(5, "a"))
    for name, payload in (("candles", (5, "b")), ("numbered", 2), ("plain", "x"), ("candles", (6, "a"))):
        assert not both(NEW, name, payload)
    assert both.release() == [("candles", (5, "b")), ("numbered", 2), ("plain", "x"), ("candles", (6, "a"))]


def test_candles_are_told_apart_by_their_content() -> None:
    """The same open time comes again and again; an older candle never after a newer one."""
    both = overlap(candles=(5, "a"))
    assert both(OLD, "candles", (5, "b"))
    assert not both(NEW, "candles", (5, "a"))
    assert both.joined
    assert not both(NEW, "candles", (5, "b"))
    assert not both(NEW, "candles", (5, "c"))
    assert both(OLD, "candles", (6, "a"))
    assert both.release() == []


def test_a_stream_without_order_is_compared_until_the_end() -> None:
    """Another order on the two WebSockets makes no doubles, and loses nothing."""
    both = overlap(plain=None)
    assert both(OLD, "plain", "x")
    assert both(OLD, "plain", "y")
    assert [both(NEW, "plain", each) for each in ("y", "z")] == [False, False]
    assert both.release() == [("plain", "z")]
    assert [both(NEW, "plain", each) for each in ("x", "w", "y", "v")] == [False, True, False, True]
    assert not both.over  # another copy may still come


def test_what_the_old_one_has_brought_in_another_order_is_not_released() -> None:
    """Also where something waits before it that only the new one has brought."""
    both = overlap(plain=None)
    assert [both(NEW, "plain", each) for each in ("z", "x")] == [False, False]
    assert both(OLD, "plain", "x")
    assert both.release() == [("plain", "z")]


def test_what_happened_before_the_old_one_began_is_not_delivered() -> None:
    """Where there is no order, its time tells: a stream that joined during the overlap begins with what the old one
    brings first."""
    both = Overlap(
        OLD, stats(plain=None), RULES.get, 10.0, lambda payload: {"early": 1.0, "late": 9.0}.get(payload, 5.0)
    )
    assert [both(NEW, "plain", each) for each in ("early", "late")] == [False, False]
    assert both(OLD, "plain", "begin")
    assert not both(NEW, "plain", "early")
    assert both.release() == [("plain", "late")]
    assert not both(NEW, "plain", "early")
    known = Overlap(OLD, stats(plain="x"), RULES.get, 10.0, lambda payload: 1.0 if payload == "early" else 5.0)
    assert not known(NEW, "plain", "early")
    assert known(OLD, "plain", "begin")
    assert known.release() == [("plain", "early")]  # it was carried before: the old one has missed that


def test_what_happened_before_the_overlap_began_was_brought_by_the_old_one() -> None:
    """Without an order, too: the new one's host may be behind by more than it takes to connect to it."""
    both = Overlap(OLD, stats(plain="7"), RULES.get, 10.0, float)
    assert [both(NEW, "plain", each) for each in ("5", "6", "7", "8")] == [False] * 4
    assert both.joined
    assert both(OLD, "plain", "7.5")
    assert both.release() == [("plain", "8")]
    assert [both(NEW, "plain", each) for each in ("6.5", "9")] == [False, True]
    assert both(NEW, "plain", "4.9")  # no host is that far behind: the old one has missed it


def test_what_waits_for_its_hole_was_brought_by_the_old_one() -> None:
    """Though it is not delivered yet: of streams with and without an order, and of one that has delivered nothing."""
    waiting = [("plain", "b"), ("numbered", 5), ("numbered", 6), ("candles", (5, "x"))]
    both = Overlap(OLD, stats(plain="a", numbered=2), RULES.get, 10.0, lambda payload: None, waiting)
    news = [("plain", "b"), ("numbered", 6), ("candles", (5, "x")), ("plain", "c"), ("numbered", 7)]
    assert [both(NEW, *each) for each in news] == [False] * 5
    assert both.release() == news[3:]


def test_equal_content_of_another_order_is_another_message() -> None:
    """As candles of two minutes without a trade."""
    both = overlap(candles=(5, "a"))
    assert both(OLD, "candles", (6, "b"))
    assert not both(NEW, "candles", (6, "a"))
    assert both.release() == [("candles", (6, "a"))]


def test_how_much_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the old one has brought meanwhile waits no longer."""
    monkeypatch.setattr("binance_sockets.engine.continuity._MOST_HELD", 3)
    both = overlap(numbered=0)
    for number in range(1, 20):
        both(NEW, "numbered", number)
        both(OLD, "numbered", number)
    assert not both.full
    for number in range(20, 24):
        assert not both.full
        both(NEW, "numbered", number)
    assert both.full


def test_only_lively_streams_are_waited_for() -> None:
    """One that has been quiet proves nothing by going on so; one that speaks up must be seen on both."""
    both = overlap(since=11.0, numbered=1, plain="x")
    assert both.joined
    assert both(OLD, "numbered", 2)
    assert not both.joined
    assert both.apart(["numbered", "plain", "unheard"]) == ["numbered", "plain", "unheard"]
    assert not both(NEW, "numbered", 2)
    assert both.joined
    assert both.apart(["numbered", "plain"]) == ["plain"]


def test_what_it_sends_itself_is_never_dropped() -> None:
    """Once the new one is beyond the old one, whatever it repeats is its own affair."""
    both = overlap(numbered=5)
    assert not both(NEW, "numbered", 5)
    both.release()
    assert [both(NEW, "numbered", each) for each in (5, 6, 6, 3)] == [False, True, True, True]


def test_a_message_that_fits_no_rule_is_told_by_its_content() -> None:
    """It is neither lost nor doubled."""
    both = overlap(numbered=1)
    assert both(OLD, "numbered", "odd")
    assert not both(NEW, "numbered", "odd")
    assert position_of(CANDLES, 3) == position_of(None, 3)
    assert position_of(CANDLES, 3) != position_of(None, 4)
    for odd in (Position("7"), Position(None, []), Position(1, {})):  # type: ignore[arg-type]
        assert position_of(Continuity(lambda payload, odd=odd: odd), 3) == position_of(None, 3)  # type: ignore[misc]


def test_what_waits_is_counted_until_it_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all streams, and nothing waits any more when the old one has ended."""
    monkeypatch.setattr("binance_sockets.engine.continuity._MOST_HELD", 1)
    both = overlap(numbered=1, plain="x")
    both(NEW, "numbered", 2)
    both(NEW, "numbered", 3)
    both(NEW, "plain", "y")
    both(OLD, "numbered", 2)
    assert both.full
    both(OLD, "numbered", 3)
    assert not both.full
    both(NEW, "numbered", 4)
    assert both.full
    both.release()
    monkeypatch.setattr("binance_sockets.engine.continuity._MOST_HELD", 0)
    assert not both.full


def test_a_stream_that_is_first_heard_meanwhile_has_its_rule() -> None:
    """It is waited for once the old one has brought it, not because the new one has."""
    both = overlap()
    assert not both(NEW, "candles", (5, "a"))
    assert both.joined
    assert both(OLD, "numbered", 5)
    assert not both.joined
    assert not both(NEW, "numbered", 4)
    assert both.joined


def test_far_more_than_a_burst_may_wait() -> None:
    """20,000 messages, and not one more."""
    both = overlap(numbered=0)
    for number in range(1, 20_001):
        both(NEW, "numbered", number)
    assert not both.full
    both(NEW, "numbered", 20_001)
    assert both.full


def test_over_waits_for_the_lively_streams_alone() -> None:
    """And for the end of the old one; what was released shows that the new one is beyond it."""
    both = overlap(since=11.0, numbered=1, candles=(5, "a"))
    assert both(OLD, "numbered", 2)
    assert not both(NEW, "numbered", 3)
    assert not both.over
    assert both.release() == [("numbered", 3)]
    assert both.over
    assert both(NEW, "numbered", 3)
    assert not both(NEW, "candles", (5, "a"))
    assert both(NEW, "candles", (5, "b"))
    assert both(NEW, "candles", (5, "a"))


def test_a_message_at_the_very_moment_makes_a_stream_lively() -> None:
    """It is a part of what is looked at."""
    assert not overlap(since=10.0, numbered=1).joined


def test_what_only_the_new_one_brings_is_unmet() -> None:
    """Where the old one has had the stream: it is waited for although it is quiet, until the old one brings it, too."""
    both = overlap(since=11.0, numbered=1, candles=(5, "a"))
    assert both.joined
    assert [both(NEW, *each) for each in (("numbered", 2), ("plain", "x"), ("numbered", 3))] == [False] * 3
    assert (both.joined, both.unmet) == (False, ["numbered"])
    assert both(OLD, "numbered", 2)
    assert (both.joined, both.unmet) == (True, [])


def test_what_waits_of_a_stream_that_nobody_wants_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is neither counted any more nor delivered; what waits of others is."""
    monkeypatch.setattr("binance_sockets.engine.continuity._MOST_HELD", 1)
    both = overlap(numbered=1, plain="x")
    for name, payload in (("numbered", 2), ("numbered", 3), ("plain", "y")):
        assert not both(NEW, name, payload)
    assert both.full
    both.forgotten(["numbered", "unheard"])
    assert not both.full
    both(NEW, "plain", "z")
    assert both.full
    assert both.release() == [("plain", "y"), ("plain", "z")]


KINDS = st.sampled_from(["numbered", "candles", "plain"])


def made(kind: str, number: int) -> Any:
    """The message with this number in a stream of one kind."""
    return {"numbered": number * 3, "candles": (number // 4, number % 4), "plain": f"message {number}"}[kind]


@given(st.lists(KINDS, max_size=40), st.data())
def test_two_windows_of_one_sequence_make_one(kinds: list[str], source: st.DataObject) -> None:
    """Whatever window of the streams each of two WebSockets brings, in any interleaving: each once, in order.

    The old one brings all until it ends, the new one all from its begin on, which is not behind that end.
    """
    sent = [(kind, made(kind, number)) for number, kind in enumerate(kinds)]
    begin = source.draw(st.integers(0, len(sent)), "the new one begins")
    dialled = source.draw(st.integers(0, begin), "it is dialled")
    end = source.draw(st.integers(begin, len(sent)), "the old one ends")
    counters = stats(numbered=None, candles=None, plain=None)
    for kind, payload in sent[:dialled]:
        counters[kind].payload = payload
    both = Overlap(OLD, counters, RULES.get, 0.0)
    got = list(sent[:dialled])
    old, new = list(sent[dialled:end]), list(sent[begin:])
    while old:
        if new and source.draw(st.booleans(), "the new one is read"):
            kind, payload = new.pop(0)
            if both(NEW, kind, payload):
                got.append((kind, payload))
        else:
            kind, payload = old.pop(0)
            assert both(OLD, kind, payload)
            got.append((kind, payload))
    got += both.release()
    got += [(kind, payload) for kind, payload in new if both(NEW, kind, payload)]
    for kind in RULES:
        assert [each for each in got if each[0] == kind] == [each for each in sent if each[0] == kind]


# -- gaps --


def counting(found: dict[str, StreamStats]) -> Router:
    """The router that has these counters."""
    return cast(Router, SimpleNamespace(stats=found))


def told(loss: Loss, wanted: tuple[str, ...]) -> Gap:
    loss.resume(4.0, 1000.0)
    return loss.gap("key", wanted)


def test_ids_on_both_sides() -> None:
    """Of streams that have ids and had brought a message; open times are ids of candles."""
    found = stats(numbered=7, candles=(5, "a"), plain="x")
    loss = Loss(Reason.NETWORK, 3.0, tuple(found), counting(found), RULES.get)
    assert not loss.known
    found["numbered"].first, found["candles"].first = 12, (6, "b")
    assert loss.known
    gap = told(loss, tuple(found))
    assert (gap.last_received, gap.resumed, gap.streams) == (996.0, 1000.0, ("numbered", "candles", "plain"))
    assert gap.ids == (StreamGap("numbered", 7, 12), StreamGap("candles", 5, 6))
    assert all(each.first is NOT_WANTED for each in found.values())


def test_ids_that_are_not_known() -> None:
    """No message since: no first id. No message before, or one that its callback has changed: no entry."""
    found = stats(numbered=7, candles="changed", plain=None)
    gap = told(Loss(Reason.STALE, 3.0, tuple(found), counting(found), RULES.get), tuple(found))
    assert gap.ids == (StreamGap("numbered", 7, None),)


def test_a_gap_is_about_what_is_still_wanted() -> None:
    """And was carried when it began."""
    found = stats(numbered=7, plain="x")
    assert told(Loss(Reason.STALE, 3.0, tuple(found), counting(found), RULES.get), ("plain", "later")).streams == (
        "plain",
    )


@pytest.mark.parametrize("elapsed", [-1.0, 0.0])
def test_a_gap_is_never_negative(elapsed: float) -> None:
    """Whatever the clocks say."""
    found = stats(plain="x")
    loss = Loss(Reason.STALE, 3.0, ("plain",), counting(found), RULES.get)
    loss.resume(elapsed, 1000.0)
    assert loss.gap("key", ("plain",)).duration == 0.0


def test_ids_are_told_of_streams_that_have_them() -> None:
    """Not of one whose order is no id, nor of one that had brought nothing, nor once more when it was told before."""
    found = stats(numbered=7, ordered=8, quiet=None)
    rules = {**RULES, "ordered": Continuity(Position), "quiet": NUMBERED}
    loss = Loss(Reason.STALE, 3.0, ("numbered", "ordered", "quiet", "unheard"), counting(found), rules.get)
    assert [each.first for each in found.values()] == [None, NOT_WANTED, NOT_WANTED]
    found["numbered"].first = 9
    streams = ("numbered", "ordered", "quiet", "unheard")
    assert told(loss, streams) == Gap("key", streams, 996.0, 1000.0, Reason.STALE, (StreamGap("numbered", 7, 9),))
    assert loss.gap("key", ("numbered",)).ids == (StreamGap("numbered", 7, None),)


def test_streams_that_are_lost_once_more_are_one_gap() -> None:
    """From before the first loss to behind the second; others join it as they were when they were lost."""
    found = stats(numbered=7, candles=(5, "a"))
    loss = Loss(Reason.STALE, 3.0, ("numbered",), counting(found), RULES.get)
    found["numbered"].payload = found["numbered"].first = 9
    assert loss.known
    loss.lose(["numbered", "candles"])
    assert not loss.known
    found["numbered"].first = 12
    assert not loss.known
    found["candles"].first = (6, "b")
    assert loss.known
    assert told(loss, ("numbered", "candles")).ids == (StreamGap("numbered", 7, 12), StreamGap("candles", 5, 6))


def test_a_loss_begins_when_it_is_surely_not_too_late() -> None:
    """It is widened to what is earlier only; its window is known when it is over."""
    loss = Loss(Reason.STALE, 3.0, ("plain",), counting(stats(plain="x")), RULES.get)
    assert (loss.safe_at, loss.resumed) == (3.0, False)
    loss.widen(5.0)
    assert loss.safe_at == 3.0
    loss.widen(2.0)
    assert loss.safe_at == 2.0
    loss.resume(4.0, 1000.0)
    assert loss.resumed


def test_what_two_links_have_lost_is_one_gap() -> None:
    """From the earlier beginning on, behind the last message that was delivered before both losses."""
    found, others = stats(numbered=7, candles=(5, "a"), plain="x"), stats(numbered=3, candles=(6, "b"))
    loss = Loss(Reason.STALE, 3.0, ("numbered", "candles", "plain"), counting(found), RULES.get)
    other = Loss(Reason.NETWORK, 1.0, ("numbered", "candles"), counting(others), RULES.get)
    other.move(counting(found))
    loss.join(other)
    assert loss.safe_at == 1.0
    found["numbered"].first, found["candles"].first = 12, (9, "b")
    gap = told(loss, ("numbered", "candles", "plain"))
    assert gap.ids == (StreamGap("numbered", 3, 12), StreamGap("candles", 5, 9))
    assert gap.streams == ("numbered", "candles", "plain")


@pytest.mark.parametrize("heard", ["first", "second"])
def test_where_one_of_two_links_had_brought_nothing_their_gap_has_no_ids(heard: str) -> None:
    """What that one has missed may lie before the last message of the other, so that time alone tells; a stream that
    only the other had lost keeps its id."""
    found = stats(numbered=7 if heard == "first" else None, candles=None)
    others = stats(numbered=7 if heard == "second" else None, candles=(5, "a"))
    loss = Loss(Reason.STALE, 3.0, ("numbered",), counting(found), RULES.get)
    other = Loss(Reason.NETWORK, 1.0, ("numbered", "candles"), counting(others), RULES.get)
    other.move(counting(found))
    loss.join(other)
    assert found["numbered"].first is NOT_WANTED and not loss.known
    found["candles"].first = (6, "b")
    assert loss.known
    gap = told(loss, ("numbered", "candles"))
    assert (gap.streams, gap.ids) == (("numbered", "candles"), (StreamGap("candles", 5, 6),))


def test_a_loss_that_moves_is_counted_by_the_other_link() -> None:
    """From what that has brought by then; the counters before are let go, and a stream that it does not have is left
    out."""
    found = stats(numbered=7, candles=(5, "a"), plain="x")
    others = stats(numbered=3, plain="y")
    found["numbered"].messages, others["numbered"].messages = 9, 20
    loss = Loss(Reason.STALE, 3.0, tuple(found), counting(found), RULES.get)
    loss.move(counting(others))
    assert [each.first for each in found.values()] == [NOT_WANTED] * 3
    assert (loss.names, loss.known) == (["numbered", "plain"], False)
    found["numbered"].messages = 10
    others["numbered"].messages, others["numbered"].first = 21, 5
    assert loss.known
    assert told(loss, tuple(found)).ids == (StreamGap("numbered", 7, 5),)


def test_a_joined_loss_whose_message_was_changed_has_no_ids() -> None:
    """By its callback: what cannot be read may be before all."""
    found, others = stats(candles="changed"), stats(candles=(5, "a"))
    loss = Loss(Reason.STALE, 3.0, ("candles",), counting(found), RULES.get)
    other = Loss(Reason.NETWORK, 1.0, ("candles",), counting(others), RULES.get)
    other.move(counting(found))
    loss.join(other)
    assert told(loss, ("candles",)).ids == ()


def test_what_is_lost_is_told_before_the_loss_is_over() -> None:
    """Whether something has come since or not, with what is known of the ids; it may be asked again."""
    found = stats(numbered=7, changed="odd", plain="x", quiet=None)
    rules = {**RULES, "changed": CANDLES}
    names = ("numbered", "changed", "plain", "unheard")
    loss = Loss(Reason.STALE, 3.0, names, counting(found), rules.get)
    expected = Gap("key", names, 996.0, 1000.0, Reason.STALE, (StreamGap("numbered", 7, None),))
    assert loss.so_far("key", names, 4.0, 1000.0) == expected
    for name in ("numbered", "changed", "plain", "quiet"):
        found[name].messages = 1
    found["numbered"].first = 9
    expected = Gap("key", names, 996.0, 1000.0, Reason.STALE, (StreamGap("numbered", 7, 9),))
    assert [loss.so_far("key", (*names, "quiet"), 4.0, 1000.0) for _ in range(2)] == [expected] * 2
    assert loss.so_far("key", ["quiet"], 4.0, 1000.0) is None
    assert loss.so_far("key", ["plain"], 0.5, 1000.0) == Gap("key", ("plain",), 999.5, 1000.0, Reason.STALE, ())
    assert loss.so_far("key", ["plain"], -1.0, 1000.0) == Gap("key", ("plain",), 1000.0, 1000.0, Reason.STALE, ())


def test_what_is_told_of_a_loss_that_is_over() -> None:
    """Its window is that of the loss, whenever it is asked."""
    found = stats(numbered=7, plain="x")
    loss = Loss(Reason.STALE, 3.0, tuple(found), counting(found), RULES.get)
    ids = (StreamGap("numbered", 7, None),)
    expected = Gap("key", ("plain", "numbered"), 996.0, 1000.0, Reason.STALE, ids)
    assert loss.so_far("key", ["plain", "numbered", "later"], 4.0, 1000.0) == expected
    loss.resume(4.0, 1000.0)
    assert loss.so_far("key", ["plain", "numbered"], 60.0, 2000.0) == expected


def test_a_part_of_a_loss_goes_on_as_one_of_its_own() -> None:
    """With the same begin and reason, and its ids; of what it has not lost there is no part."""
    found = stats(numbered=7, candles=(5, "a"), plain="x")
    found["numbered"].messages = 3
    loss = Loss(Reason.STALE, 3.0, tuple(found), counting(found), RULES.get)
    assert loss.part(["later"]) is None
    rest = loss.part(["later", "numbered", "plain"])
    assert rest is not None
    assert (loss.names, rest.names) == (["candles"], ["numbered", "plain"])
    assert (rest.reason, rest.safe_at, rest.resumed) == (Reason.STALE, 3.0, False)
    assert not rest.known
    found["numbered"].first, found["numbered"].messages = 9, 4
    assert (rest.known, loss.known) == (True, False)
    assert told(rest, tuple(found)).ids == (StreamGap("numbered", 7, 9),)
    assert told(loss, tuple(found)).streams == ("candles",)


def test_a_loss_forgets_streams_that_nobody_wants() -> None:
    """Their first messages are waited for no longer; one that has no ids is forgotten, too."""
    found = stats(numbered=7, candles=(5, "a"), plain="x")
    loss = Loss(Reason.STALE, 3.0, (*found, "unheard"), counting(found), RULES.get)
    loss.leave(["numbered", "plain", "unheard", "later"])
    assert loss.names == ["candles"]
    assert [each.first for each in found.values()] == [NOT_WANTED, None, NOT_WANTED]
    found["candles"].first = (6, "b")
    assert loss.known


def test_a_stream_that_is_wanted_anew_is_lost_anew() -> None:
    """Its counters are other ones then: the gap begins behind what came since, and knows what comes behind it."""
    router = counting(stats(numbered=7, plain="x"))
    loss = Loss(Reason.STALE, 3.0, ("numbered", "plain"), router, RULES.get)
    loss.leave(["numbered"])
    router.stats = stats(numbered=20, plain="x")
    loss.lose(["numbered"])
    assert not loss.known
    router.stats["numbered"].first, router.stats["numbered"].messages = 25, 1
    assert loss.known
    assert told(loss, ("numbered",)).ids == (StreamGap("numbered", 20, 25),)


def test_behind_a_loss_an_order_that_was_reached_is_a_copy_unless_it_is_younger() -> None:
    """Up to the first message that is new; of streams without an order nothing is known to be a copy."""
    moments = {7: 100.0, 5: 99.0, 3: 101.0}
    trail = Trail(stats(numbered=7, plain="x"), RULES.get, moments.__getitem__)
    assert [trail(NEW, "numbered", payload) for payload in (5, 7, 3, 5)] == [False, False, True, True]
    assert [trail(NEW, name, "x") for name in ("plain", "other")] == [True, True]
    assert not trail


def test_behind_a_loss_what_each_websocket_begins_with_is_wanted_again() -> None:
    """Though it was brought before."""
    rule = Continuity(Position, snapshots=True)
    assert not Trail(stats(numbered=7), lambda name: rule, float)


def test_behind_a_loss_what_waits_was_brought_and_what_is_given_up_was_not() -> None:
    """A live message may wait for what is before it; a stream that is wanted anew begins anew."""
    trail = Trail(stats(numbered=7), RULES.get, float, [("numbered", 8), ("numbered", 9)])
    assert not trail(NEW, "numbered", 9)
    trail.forgotten(["numbered"])
    assert trail(NEW, "numbered", 9)


def test_behind_a_loss_nothing_is_a_copy_that_tells_no_time() -> None:
    """Best prices and partial books of spot: the same id may be the book as it is, a lower one of an exchange that
    counts anew. Neither does a message of another shape."""
    assert not Trail(stats(numbered=7), RULES.get, lambda payload: None)
    trail = Trail(stats(numbered=7), RULES.get, {7: 1.0}.__getitem__)
    assert trail(NEW, "numbered", 6)
