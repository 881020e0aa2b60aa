"""What Binance's order books read of a message."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from binance_sockets.books import Depth
from binance_sockets.books.feed import Ticker
from binance_sockets.exchanges.binance.books import _Fetch, _read, _read_wrapped

DIFF = {"U": 5, "u": 6, "pu": 4, "b": [["1", "2"]], "a": [], "E": 7}
TICKER = {"u": 5, "b": "1", "B": "2", "a": "3", "A": "4"}


def test_messages_are_read() -> None:
    """Diffs with their ids, the best levels with one, and tickers."""
    assert _read(DIFF) == Depth(5, 6, 4, [["1", "2"]], [], 7)
    assert _read({"lastUpdateId": 5, "bids": [], "asks": [["3", "4"]]}) == Depth(5, 5, None, [], [["3", "4"]])
    assert _read_wrapped({"stream": "a@depth", "data": DIFF}) == _read(DIFF)
    assert _read_wrapped({"stream": "a@bookTicker", "data": TICKER}) == Ticker(5, ("1", "2"), ("3", "4"))


@pytest.mark.parametrize("bad", ["6", None, 6.0, True, [6]])
@pytest.mark.parametrize("name", ["U", "u"])
def test_an_id_that_is_none_is_no_message(name: str, bad: Any) -> None:
    """It is refused here, where that is told as the exchange's fault, and not compared with the book's."""
    with pytest.raises(TypeError, match="update id"):
        _read({**DIFF, name: bad})
    with pytest.raises(TypeError, match="update id"):
        _read_wrapped({"stream": "a@bookTicker", "data": {**TICKER, "u": bad}})
    with pytest.raises(TypeError, match="update id"):
        _read({"lastUpdateId": bad, "bids": [], "asks": []})


@pytest.mark.parametrize("stopped", [False, True])
def test_a_snapshot_that_fails_is_tried_again_while_somebody_wants_it(
    stopped: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the socket was stopped meanwhile nothing is told: no attempt follows."""
    told: list[Exception] = []
    connection: Any = SimpleNamespace(
        label="a@book", cancelled=lambda: stopped, elsewhere=SimpleNamespace(report=told.append)
    )
    rest: Any = SimpleNamespace(get=lambda path, query: {"lastUpdateId": "none"})
    fetch = _Fetch(connection, rest, "/depth", {})
    with caplog.at_level(logging.WARNING):
        assert [fetch(), fetch()] == ([None, None] if stopped else [1.0, 2.0])
    assert (len(told), caplog.text.count("no snapshot")) == ((0, 0) if stopped else (2, 2))
