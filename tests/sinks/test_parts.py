"""Batched and Snapshots: parts come in time, in order and whole, the last one too, and no thread stays."""

import math
import threading
from typing import Any

import pytest
from patience import PATIENCE

from binance_sockets.books import OrderBook
from binance_sockets.engine.threads import Worker
from binance_sockets.errors import ConfigError
from binance_sockets.exchanges.binance.models import Combined
from binance_sockets.sinks import Batched, Snapshots
from binance_sockets.unified import BookTicker, Market

GIVEN_UP = {"e": "error", "m": "Max reconnect retries reached"}


class Parts:
    """A callback that notes its parts and tells of the first."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.called = threading.Event()

    def __call__(self, part: Any) -> None:
        self.got.append(part)
        self.called.set()


def test_full_batches_come_at_once_and_the_rest_at_the_end() -> None:
    """Ten messages in batches of four: four, four, and two when it is closed."""
    parts = Parts()
    with Batched(parts, size=4, seconds=math.inf) as batches:
        for number in range(10):
            batches(number)
    assert parts.got == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert (batches.received, batches.delivered, batches.dropped) == (10, 3, 0)


def test_a_batch_that_is_not_full_comes_in_time() -> None:
    """After its seconds, without another message and without the end."""
    parts = Parts()
    with Batched(parts, size=100, seconds=0.02) as batches:
        batches("only")
        assert parts.called.wait(PATIENCE)
        assert parts.got == [["only"]]
    assert parts.got == [["only"]]  # the end adds no empty part


def test_the_last_payload_hands_over_what_there_is() -> None:
    """When the connection gives up the part comes at once, without that payload."""
    parts = Parts()
    with Batched(parts, size=100, seconds=math.inf) as batches:
        batches(GIVEN_UP)
        batches("last")
        batches(GIVEN_UP)
        assert parts.called.wait(PATIENCE)
    assert parts.got == [["last"]]


def test_nothing_is_lost_between_threads() -> None:
    """Four streams at once, a callback that is slow to start: each message comes once, in the order of its stream."""
    parts = Parts()
    batches = Batched(parts, size=7, seconds=math.inf)
    streams = [
        threading.Thread(target=lambda stream=stream: [batches((stream, number)) for number in range(500)])
        for stream in range(4)
    ]
    for thread in streams:
        thread.start()
    for thread in streams:
        thread.join(PATIENCE)
    batches.close()
    got = [message for part in parts.got for message in part]
    for stream in range(4):
        assert [number for origin, number in got if origin == stream] == list(range(500))
    assert all(len(part) <= 7 for part in parts.got)


def test_the_thread_ends_and_later_messages_are_counted() -> None:
    """After close no thread of it lives; what comes then is dropped and counted. Closing again does nothing."""
    batches = Batched(Parts(), size=2)
    batches(1)
    batches.close()
    batches.close()
    batches(2)
    assert batches.dropped == 1
    assert not [thread for thread in threading.enumerate() if ":batched:" in thread.name]


def test_an_error_of_the_callback_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged once and counted; the next parts come."""
    got = []

    def fail(part: list[int]) -> None:
        got.append(part)
        raise ValueError("no")

    with Batched(fail, size=1) as batches:
        batches(1)
        batches(2)
    assert got == [[1], [2]]
    assert batches.errors == 2
    assert len(caplog.records) == 1


def test_a_thread_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is counted as dropped, nobody waits, and the next message tries again."""
    parts = Parts()
    batches = Batched(parts, size=1, seconds=math.inf)

    def refuse(worker: Worker) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "start", refuse)
        for _ in range(2):
            with pytest.raises(RuntimeError):
                batches("lost")
    batches("kept")
    batches.close()
    assert parts.got == [["kept"]]
    assert (batches.received, batches.dropped) == (3, 2)


def test_close_inside_the_callback_does_not_wait() -> None:
    """A callback may end its own batches."""
    done = threading.Event()

    def stop(part: list[int]) -> None:
        batches.close()
        done.set()

    batches = Batched(stop, size=1)
    batches(1)
    assert done.wait(PATIENCE)
    batches.close()


def test_snapshots_of_order_books_go_by_their_name() -> None:
    """Which is the conn key of a book that a manager keeps."""
    parts, books = Parts(), [OrderBook(name=name) for name in ("btcusdt@book", "ethusdt@book")]
    with Snapshots(parts, seconds=math.inf) as snapshots:
        for book in books:
            snapshots(book)
    assert parts.got == [{"btcusdt@book": books[0], "ethusdt@book": books[1]}]


def test_snapshots_of_neutral_events_go_by_their_market() -> None:
    """One symbol of two products is two; wrapped ones go by their stream there."""

    def top(product: str) -> BookTicker[float]:
        sizes: Any = {"bid_price": 1.0, "bid_quantity": 1.0, "ask_price": 2.0, "ask_quantity": 1.0}
        place: Any = {"exchange": "binance", "product": product, "symbol": "BTCUSDT", "instrument": None}
        return BookTicker(**place, **sizes, time_ns=None, received_ns=1)

    parts, spot, usdm, wrapped = Parts(), top("spot"), top("usdm"), Combined("btcusdt@bookTicker", top("coinm"))
    with Snapshots(parts, seconds=math.inf) as snapshots:
        for message in (top("spot"), usdm, spot, wrapped):
            snapshots(message)
    (part,) = parts.got
    assert part == {
        Market("binance", "spot", "BTCUSDT"): spot,
        Market("binance", "usdm", "BTCUSDT"): usdm,
        Market("binance", "coinm", "btcusdt@bookTicker"): wrapped,
    }
    assert part[spot.market] is spot


def test_snapshots_have_the_newest_of_each_symbol() -> None:
    """Older messages of a symbol are not in it; dicts, wrapped dicts and events tell their symbol."""

    class Quote:
        symbol = "BNBUSDT"

    quote, parts = Quote(), Parts()
    with Snapshots(parts, seconds=math.inf) as snapshots:
        snapshots({"s": "BTCUSDT", "b": "1"})
        snapshots({"s": "BTCUSDT", "b": "2"})
        snapshots({"stream": "ethusdt@depth20", "data": {}})
        snapshots(quote)
    assert parts.got == [
        {
            "BTCUSDT": {"s": "BTCUSDT", "b": "2"},
            "ethusdt@depth20": {"stream": "ethusdt@depth20", "data": {}},
            "BNBUSDT": quote,
        }
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Batched(None),  # type: ignore[arg-type]
        lambda: Batched(lambda: None),  # type: ignore[arg-type, misc]
        lambda: Batched(print, size=0),
        lambda: Batched(print, seconds=0),
        lambda: Snapshots(print, seconds=-1),
        lambda: Snapshots(print, key=3),  # type: ignore[arg-type]
    ],
)
def test_bad_arguments_are_refused(make: Any) -> None:
    """In the caller's thread, before anything runs."""
    with pytest.raises(ConfigError):
        make()
