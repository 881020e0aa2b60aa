"""Wanted, under way, confirmed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine.subscriptions import Subscriptions
from binance_sockets.errors import SubscriptionRejected
from binance_sockets.exchange import Ack, ControlFrame


def join(request_id: int | None, *names: str) -> ControlFrame:
    return ControlFrame(b"join", names, request_id)


def leave(request_id: int | None, *names: str) -> ControlFrame:
    return ControlFrame(b"leave", (), request_id, names)


def test_url_leaves_the_rest_to_ask_for() -> None:
    """What the URL carries is confirmed; the rest is missing, in the order wanted."""
    subscriptions = Subscriptions(dict.fromkeys("dbac"), {"b"})
    assert subscriptions.missing() == ["d", "a", "c"]
    assert not subscriptions.settled
    assert Subscriptions(dict.fromkeys("dbac"), "abcd").settled


def test_what_is_under_way_is_not_asked_for_again() -> None:
    """Neither missing nor surplus nor confirmed until it is answered."""
    wanted = dict.fromkeys("abc")
    subscriptions = Subscriptions(wanted, "z")
    frames = [join(1, "a", "b"), leave(2, "z")]
    subscriptions.planned(frames)
    assert (subscriptions.missing(), subscriptions.surplus(), subscriptions.under_way) == (["c"], [], True)
    assert subscriptions.answered(frames[0], Ack(1)) is None
    assert subscriptions.answered(frames[1], Ack(2)) is None
    assert (subscriptions.confirmed, subscriptions.under_way) == ({"a", "b"}, False)


def test_refusal_settles_its_names() -> None:
    """It names the streams of its request, is returned to be reported, and they are not asked for again."""
    subscriptions = Subscriptions(dict.fromkeys("abcd"))
    subscriptions.planned([join(1, "a", "b"), join(2, "c", "d")])
    subscriptions.answered(join(1, "a", "b"), Ack(1))
    rejection = subscriptions.answered(join(2, "c", "d"), Ack(2, (2, "Invalid request")))
    assert isinstance(rejection, SubscriptionRejected)
    assert str(rejection) == "Invalid request (code 2) for c, d"
    assert subscriptions.rejected == {"c": rejection, "d": rejection}
    assert subscriptions.missing() == []
    assert subscriptions.settled


def test_what_is_to_be_asked_for_again_counts_as_refused_until_it_is_answered() -> None:
    """It is missing once more; a confirmation ends the refusal, another refusal takes its place."""
    subscriptions = Subscriptions(dict.fromkeys("ab"))
    subscriptions.planned([join(1, "a", "b")])
    first = subscriptions.answered(join(1, "a", "b"), Ack(1, (3, "busy")))
    subscriptions.again(["b", "z"])
    assert (subscriptions.missing(), subscriptions.settled) == (["b"], True)
    subscriptions.planned([join(2, "b")])
    assert (subscriptions.missing(), subscriptions.rejected) == ([], {"a": first, "b": first})
    subscriptions.answered(join(2, "b"), Ack(2, (3, "busy")))
    assert subscriptions.missing() == []
    subscriptions.again(["b"])
    subscriptions.planned([join(3, "b")])
    subscriptions.answered(join(3, "b"), Ack(3))
    assert (subscriptions.confirmed, set(subscriptions.rejected)) == ({"b"}, {"a"})


def test_what_is_asked_to_leave_is_confirmed_no_longer() -> None:
    """Wanted anew before the answer, it is not settled: asked for when the answer has come, whatever that says."""
    for answer in (Ack(1), Ack(1, (1, "no"))):
        wanted = dict.fromkeys("a")
        subscriptions = Subscriptions(wanted, "ab")
        subscriptions.planned([leave(1, "b")])
        wanted["b"] = None
        assert (subscriptions.missing(), subscriptions.surplus(), subscriptions.settled) == ([], [], False)
        subscriptions.answered(leave(1, "b"), answer)
        assert (subscriptions.missing(), subscriptions.settled) == (["b"], False)


def test_refused_end_is_reported_and_not_asked_for_again() -> None:
    """Or the same question would go out for ever."""
    subscriptions = Subscriptions({}, "a")
    assert subscriptions.surplus() == ["a"]
    subscriptions.planned([leave(1, "a")])
    rejection = subscriptions.answered(leave(1, "a"), Ack(1, (1, "no")))
    assert rejection is not None
    assert rejection.streams == ("a",)
    assert subscriptions.surplus() == []


def test_wanted_is_the_links_own_collection() -> None:
    """What the link wants next shows at once."""
    wanted = dict.fromkeys("a")
    subscriptions = Subscriptions(wanted, "a")
    wanted["b"] = None
    assert (subscriptions.missing(), subscriptions.settled) == (["b"], False)
    del wanted["a"]
    assert subscriptions.surplus() == ["a"]


def test_a_refusal_is_forgotten_with_its_name() -> None:
    """Wanted anew, the name is asked for as if it had never been refused, and counts as refused from then on alone."""
    wanted = dict.fromkeys("ab")
    subscriptions = Subscriptions(wanted)
    subscriptions.planned([join(1, "a", "b")])
    subscriptions.answered(join(1, "a", "b"), Ack(1, (3, "busy")))
    subscriptions.refused_at.update(a=5.0, b=5.0)
    subscriptions.again("ab")
    del wanted["a"]
    subscriptions.forget(["a", "never heard of"])
    assert (set(subscriptions.rejected), subscriptions.refused_at) == ({"b"}, {"b": 5.0})
    wanted["a"] = None
    assert (subscriptions.missing(), subscriptions.settled) == (["b", "a"], False)
    subscriptions.planned([join(2, "a", "b")])
    subscriptions.answered(join(2, "b"), Ack(2))
    assert (subscriptions.refused_at, subscriptions.rejected) == ({}, {})


def test_a_doubt_ends_with_the_wish_and_with_the_next_question() -> None:
    """What is asked for anew, or was given up, is carried or not whatever the exchange listed before."""
    subscriptions = Subscriptions(dict.fromkeys("abc"), "abc")
    subscriptions.doubted.update(a=1.0, b=2.0, c=3.0)
    subscriptions.forget("a")
    subscriptions.forgotten("b")
    assert (subscriptions.doubted, subscriptions.confirmed) == ({"c": 3.0}, {"a", "c"})


def test_what_is_found_is_confirmed_and_refused_no_longer() -> None:
    """The exchange lists it, whatever it has answered."""
    subscriptions = Subscriptions(dict.fromkeys("ab"))
    subscriptions.planned([join(1, "a", "b")])
    subscriptions.answered(join(1, "a", "b"), Ack(1, (3, "busy")))
    subscriptions.refused_at.update(a=5.0)
    assert [subscriptions.final(name) for name in "abc"] == [False, True, False]
    subscriptions.again("a")
    subscriptions.found("a")
    assert (subscriptions.confirmed, set(subscriptions.rejected), subscriptions.refused_at) == ({"a"}, {"b"}, {})
    subscriptions.forgotten("a")
    subscriptions.planned([join(2, "a")])
    subscriptions.answered(join(2, "a"), Ack(2, (3, "busy")))
    assert subscriptions.missing() == []


def test_to_be_asked_for_again_ends_with_the_wish() -> None:
    """A name that is given up meanwhile and refused in a later life is not asked for twice."""
    wanted = dict.fromkeys("a")
    subscriptions = Subscriptions(wanted)
    subscriptions.planned([join(1, "a")])
    subscriptions.answered(join(1, "a"), Ack(1, (3, "busy")))
    subscriptions.again("a")
    frame = join(2, "a")
    subscriptions.planned([frame])
    subscriptions.again("a")
    del wanted["a"]
    subscriptions.forget("a")
    wanted["a"] = None
    subscriptions.answered(frame, Ack(2, (3, "busy")))
    assert subscriptions.missing() == []


def test_what_comes_of_a_name_that_was_given_up_was_on_its_way() -> None:
    """Whether it was confirmed, asked for, or is ended already; not what was never asked for, nor what is wanted."""
    wanted = dict.fromkeys("abcd")
    subscriptions = Subscriptions(wanted, "a")
    subscriptions.planned([join(1, "b")])
    assert [subscriptions.leaving(name) for name in "abcdx"] == [False] * 5
    wanted.clear()
    assert [subscriptions.leaving(name) for name in "abcdx"] == [True, True, False, False, False]
    subscriptions.forget("c")
    assert subscriptions.leaving("c")
    subscriptions.planned([leave(2, "a")])
    subscriptions.answered(leave(2, "a"), Ack(2))
    assert not subscriptions.leaving("a")
    subscriptions.forget("a")
    assert subscriptions.leaving("a")


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans(), st.booleans()), max_size=40))
def test_asking_until_nothing_is_missing_reaches_the_wanted_set(steps: list[tuple[str, bool, bool]]) -> None:
    """Settled means that every wanted name is confirmed or rejected, and none both."""
    wanted = dict.fromkeys("ab")
    subscriptions = Subscriptions(wanted)
    for name, on, refused in steps:
        if on:
            wanted[name] = None
        else:
            wanted.pop(name, None)
        frames = [join(1, *subscriptions.missing()), leave(2, *subscriptions.surplus())]
        subscriptions.planned(frames)
        for frame in frames:
            subscriptions.answered(frame, Ack(1, (1, "no") if refused else None))
        assert not subscriptions.confirmed & set(subscriptions.rejected)
        assert subscriptions.settled
        assert subscriptions.confirmed <= set(wanted)


def test_what_is_forgotten_while_it_is_under_way_is_asked_for_again() -> None:
    """The answer is about the frame from before."""
    subscriptions = Subscriptions(dict.fromkeys("ab"))
    frame = join(1, "a", "b")
    subscriptions.planned([frame])
    subscriptions.forgotten("az")
    subscriptions.answered(frame, Ack(1))
    assert (subscriptions.missing(), subscriptions.confirmed) == (["a"], {"b"})
    subscriptions.planned([join(2, "a")])
    subscriptions.answered(join(2, "a"), Ack(2))
    assert subscriptions.missing() == []


def test_notes_are_those_of_the_frames_by_which_messages_may_come() -> None:
    """The last one that was confirmed, and those under way; a frame without one changes nothing."""
    subscriptions = Subscriptions(dict.fromkeys("abc"))
    first, second, third = (ControlFrame(b"", (name,), number, (), note=name) for number, name in enumerate("abc"))
    subscriptions.planned([first])
    assert subscriptions.notes == ("a",)
    subscriptions.planned([second, third, join(7, "b")])
    assert subscriptions.notes == ("a", "b", "c")
    subscriptions.answered(second, Ack(1, (13, "no")))
    assert subscriptions.notes == ("a", "c")
    subscriptions.answered(third, Ack(2))
    assert subscriptions.notes == ("c",)
    subscriptions.answered(join(7, "b"), Ack(7))
    assert subscriptions.notes == ("c",)
