"""Wanted, pending, confirmed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine.subscriptions import Subscriptions
from binance_sockets.errors import RequestTimeout, SubscriptionRejected
from binance_sockets.exchange import Ack, ControlFrame


def join(request_id: int | None, *names: str) -> ControlFrame:
    return ControlFrame(b"join", names, request_id)


def asked(*frames: ControlFrame, wanted: str = "abcd") -> Subscriptions:
    """A set that has just opened and sent ``frames``, the n-th due at n."""
    subscriptions = Subscriptions(wanted)
    subscriptions.reset(())
    for number, frame in enumerate(frames, 1):
        subscriptions.sent(frame, float(number))
    return subscriptions


def test_url_leaves_the_rest_to_ask_for() -> None:
    """What the URL carries is confirmed; the rest is returned in the order wanted, without duplicates."""
    subscriptions = Subscriptions("dbacb")
    assert subscriptions.reset({"b"}) == ["d", "a", "c"]
    assert subscriptions.confirmed == {"b"}
    assert not subscriptions.settled
    assert subscriptions.reset("abcd") == []
    assert subscriptions.settled


def test_answer_confirms_by_id() -> None:
    """Answers in any order confirm the names of their own request."""
    subscriptions = asked(join(1, "a", "b"), join(2, "c", "d"))
    assert subscriptions.acked(Ack(2)) is None
    assert subscriptions.confirmed == {"c", "d"}
    assert not subscriptions.settled
    assert subscriptions.acked(Ack(1)) is None
    assert subscriptions.settled


def test_refusal_by_id() -> None:
    """A refusal names the streams of its request, is returned to be reported, and settles them."""
    subscriptions = asked(join(1, "a", "b"), join(2, "c", "d"))
    rejection = subscriptions.acked(Ack(2, (2, "Invalid request")))
    assert isinstance(rejection, SubscriptionRejected)
    assert str(rejection) == "Invalid request (code 2) for c, d"
    assert subscriptions.rejected == {"c": rejection, "d": rejection}
    subscriptions.acked(Ack(1))
    assert subscriptions.settled


def test_refusal_without_id_belongs_to_the_oldest() -> None:
    """An error without an id can only be about a request that waits: the oldest."""
    subscriptions = asked(join(1, "a", "b"), join(2, "c", "d"))
    rejection = subscriptions.acked(Ack(None, (3, "Invalid JSON")))
    assert rejection is not None
    assert rejection.streams == ("a", "b")
    assert subscriptions.due() == 2.0


def test_strange_answers_change_nothing() -> None:
    """Answers to nothing, twice or without an id confirm nothing."""
    subscriptions = asked(join(1, "a"))
    assert subscriptions.acked(Ack(9)) is None
    assert subscriptions.acked(Ack(None)) is None
    assert subscriptions.confirmed == set()
    subscriptions.acked(Ack(1))
    subscriptions.acked(Ack(1))
    assert subscriptions.confirmed == {"a"}


def test_error_that_belongs_to_nothing_is_still_reported() -> None:
    """An error with an unknown id is returned, about no stream."""
    rejection = asked(join(1, "a")).acked(Ack(9, (1, "odd")))
    assert rejection is not None
    assert rejection.streams == ()


def test_without_answers_sent_is_confirmed() -> None:
    """Where the exchange answers nothing, a name is confirmed when its request has left."""
    subscriptions = asked(join(None, "a", "b", "c", "d"))
    assert subscriptions.settled
    assert subscriptions.due() is None


def test_overdue() -> None:
    """The oldest deadline counts; it passes at its time, not before."""
    subscriptions = asked(join(1, "a"), join(2, "b"))
    assert subscriptions.due() == 1.0
    assert subscriptions.overdue(0.99, 10) is None
    error = subscriptions.overdue(1.0, 10)
    assert isinstance(error, RequestTimeout)
    assert str(error) == "no answer to a SUBSCRIBE within 10 s"


def test_new_link_forgets_the_old_one() -> None:
    """Nothing pending, rejected or confirmed survives a link; everything wanted is asked for again."""
    subscriptions = asked(join(1, "a"), join(2, "b"), join(3, "c"))
    subscriptions.acked(Ack(1))
    subscriptions.acked(Ack(2, (1, "no")))
    assert subscriptions.reset(()) == ["a", "b", "c", "d"]
    assert (subscriptions.confirmed, subscriptions.rejected, subscriptions.due()) == (set(), {}, None)


def test_names_nobody_wants_settle_nothing() -> None:
    """A URL that carries more than was wanted does not hide a name that is missing."""
    subscriptions = Subscriptions("ab")
    assert subscriptions.reset("axyz") == ["b"]
    assert not subscriptions.settled


@given(st.lists(st.sampled_from(["ack", "refuse", "refuse blind", "reset"]), max_size=40), st.randoms())
def test_any_order_of_answers(events: list[str], rng: object) -> None:
    """Whatever is answered in whatever order, settled means: every wanted name is confirmed or rejected, not both."""
    subscriptions = Subscriptions("abcdef")
    next_id, open_ids = 0, dict[int, str]()

    def ask(names: list[str]) -> None:
        nonlocal next_id
        for name in names:
            next_id += 1
            open_ids[next_id] = name
            subscriptions.sent(join(next_id, name), float(next_id))

    ask(subscriptions.reset(()))
    for event in events:
        if event == "reset":
            open_ids.clear()
            ask(subscriptions.reset("f"))
        elif open_ids:
            chosen = min(open_ids) if event == "refuse blind" else rng.choice(sorted(open_ids))  # type: ignore[attr-defined]
            del open_ids[chosen]
            error = None if event == "ack" else (1, "no")
            subscriptions.acked(Ack(None if event == "refuse blind" else chosen, error))
        answered = subscriptions.confirmed | set(subscriptions.rejected)
        assert not subscriptions.confirmed & set(subscriptions.rejected)
        assert subscriptions.settled == (answered == set("abcdef")) == (not open_ids)
