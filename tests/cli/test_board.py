"""What the live table makes of payloads."""

from __future__ import annotations

from typing import Any

import pytest

from binance_sockets.cli.board import Board
from binance_sockets.cli.feed import Feed, Message

NOW = 1_795_000_000.0


def cells(payload: Any) -> dict[str, str]:
    """Price and latency shown for one payload that arrives 250 ms after its event time."""
    board = Board(("s",))
    board.add(Message("s", payload, NOW + 0.25))
    (row,) = board.cells()
    return {"messages": row[1], "price": row[3], "latency": row[5]}


@pytest.mark.parametrize(
    ("payload", "price", "latency"),
    [
        ({"e": "trade", "E": 1_795_000_000_000, "p": "7.5"}, "7.5", "250.0"),
        ({"e": "trade", "E": 1_795_000_000_000_000, "p": "7.5"}, "7.5", "250.0"),
        ({"e": "kline", "E": 1_795_000_000_000, "k": {"c": "8.5"}}, "8.5", "250.0"),
        ({"e": "24hrMiniTicker", "E": 1_795_000_000_000, "c": "9.5"}, "9.5", "250.0"),
        ({"e": "depthUpdate", "E": 1_795_000_000_000, "b": [["1.5", "2"]], "a": []}, "1.5", "250.0"),
        ({"e": "depthUpdate", "E": 1_795_000_000_000, "b": [], "a": []}, "-", "250.0"),
        ({"u": 1, "s": "X", "b": "3.5", "B": "1", "a": "3.6", "A": "1"}, "3.5", "-"),
        ({"lastUpdateId": 1, "bids": [["4.5", "1"]], "asks": []}, "4.5", "-"),
        ([{"E": 1_795_000_000_000, "c": "1"}, {"E": 1_795_000_000_000, "c": "2"}], "2", "250.0"),
        ([], "-", "-"),
        ({"something": "new"}, "-", "-"),
        ("not even an object", "-", "-"),
    ],
)
def test_price_and_latency(payload: Any, price: str, latency: str) -> None:
    """Each kind of payload shows its most telling price; none of any shape is an error."""
    assert cells(payload) == {"messages": "1", "price": price, "latency": latency}


def test_last_price_stays() -> None:
    """A payload without a price keeps the one before."""
    board = Board()
    board.add(Message("s", {"p": "1.5"}, NOW))
    board.add(Message("s", {"b": []}, NOW))
    assert [row[:2] + row[3:4] for row in board.cells()] == [("s", "2", "1.5")]


def test_full_feed_lets_go_when_nobody_reads() -> None:
    """A callback that waits for room in the feed returns once the feed is stopped."""
    feed = Feed(size=1)
    feed.put("s", 1)
    feed.stop()
    feed.put("s", 2)
    first = feed.get(0)
    assert first is not None
    assert first.payload == 1
    assert feed.get(0) is None
