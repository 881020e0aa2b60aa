"""Requests by id: every waiter ends, once."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.engine.requests import Requests
from binance_sockets.errors import ConnectionLost
from binance_sockets.exchange import Ack


class Waiting:
    """Requests whose waiters note what they get."""

    def __init__(self, count: int) -> None:
        self.requests = Requests()
        self.got: dict[int, list[Any]] = {number: [] for number in range(1, count + 1)}
        for number in self.got:
            self.requests.expect(number, partial(self._note, number), float(number))

    def _note(self, number: int, answer: Any) -> None:
        self.got[number].append(answer)


def test_answers_find_their_waiter() -> None:
    """By id, in any order, once; what belongs to nobody is said to."""
    waiting = Waiting(3)
    assert waiting.requests.answered(Ack(2, result="two"))
    assert not waiting.requests.answered(Ack(2))
    assert not waiting.requests.answered(Ack(99))
    assert not waiting.requests.answered(Ack(None))
    assert waiting.got == {1: [], 2: [Ack(2, result="two")], 3: []}
    assert (len(waiting.requests), waiting.requests.due) == (2, 1.0)


def test_error_without_id_is_about_the_oldest() -> None:
    """The exchange could not read the id of the request that it refuses."""
    waiting = Waiting(2)
    refused = Ack(None, (3, "Invalid JSON"))
    assert waiting.requests.answered(refused)
    assert waiting.got == {1: [refused], 2: []}


@given(st.lists(st.integers(1, 8), max_size=20))
def test_every_waiter_ends_exactly_once(answers: list[int]) -> None:
    """By its answer, or by the error that ended the socket."""
    waiting = Waiting(8)
    for number in answers:
        waiting.requests.answered(Ack(number))
    error = ConnectionLost("gone")
    waiting.requests.fail(error)
    waiting.requests.fail(error)
    assert all(len(got) == 1 for got in waiting.got.values())
    assert {number for number, got in waiting.got.items() if isinstance(got[0], Ack)} == set(answers)
    assert (len(waiting.requests), waiting.requests.due) == (0, None)
