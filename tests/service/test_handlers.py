"""Handlers by kind, feeds and names of subscriptions: no socket, no thread."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest
from patience import PATIENCE

from binance_sockets.errors import ConfigError, ConnectionLost, ReceiveTimeout, StreamEnded, WouldDeadlock
from binance_sockets.service.feed import Feed, Origin
from binance_sockets.service.handlers import Handlers
from binance_sockets.service.streams import Freq, place_of, stream_name


class Event:
    def __init__(self, type: str, number: int = 0) -> None:
        self.type = type
        self.number = number


def test_several_handlers_of_a_kind_are_called_in_order() -> None:
    """Each gets the event; those of other kinds do not."""
    handlers, seen = Handlers(), []
    first = handlers.add("ticker", lambda event: seen.append(("first", event)))
    handlers.add("ticker", lambda event: seen.append(("second", event)))
    handlers.add("kline", lambda event: seen.append(("other", event)))
    handlers.call("ticker", 1)
    assert seen == [("first", 1), ("second", 1)] and callable(first)


def test_one_that_raises_does_not_hold_up_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """The first error is raised when all were called; a second one is in the log."""
    handlers, seen = Handlers(), []

    def broken(event: Any) -> None:
        raise KeyError(event)

    def broken_too(event: Any) -> None:
        raise ValueError(event)

    handlers.add("ticker", broken)
    handlers.add("ticker", seen.append)
    handlers.add("ticker", broken_too)
    with pytest.raises(KeyError):
        handlers.call("ticker", 1)
    assert seen == [1]
    assert "another handler of ticker raised, too" in caplog.text


def test_methods_are_called_on_the_objects_that_are_registered() -> None:
    """In the class body there is no object yet; each that registers itself is called, and once."""
    handlers = Handlers()
    seen: list[tuple[object, int]] = []

    class Base:
        def __init__(self) -> None:
            handlers.bind(self)

        @lambda function: handlers.add("ticker", function)
        def on_ticker(self, event: int) -> None:
            seen.append((self, event))

    class Derived(Base):
        def on_ticker(self, event: int) -> None:
            seen.append((self, -event))

    handlers.call("ticker", 1)
    assert seen == [] and handlers.unbound() == [Base.on_ticker.__qualname__]
    base, derived = Base(), Derived()
    assert handlers.bind(base) == 1
    handlers.call("ticker", 2)
    assert seen == [(base, 2), (derived, -2)] and handlers.unbound() == []
    assert handlers.bind(object()) == 0


def test_functions_inside_functions_and_bound_methods_are_no_methods() -> None:
    """They are called as they are."""
    handlers = Handlers()
    seen: list[int] = []

    class Owner:
        def take(self, event: int) -> None:
            seen.append(event)

    def nested(event: int) -> None:
        seen.append(10 * event)

    handlers.add("ticker", nested)
    handlers.add("ticker", Owner().take)
    handlers.call("ticker", 1)
    assert seen == [10, 1] and handlers.unbound() == []


async def later(event: object) -> None: ...


@pytest.mark.parametrize("handler, why", [(5, "a function"), (later, "not async def"), (lambda: 1, "one argument")])
def test_what_cannot_be_called_is_refused(handler: Any, why: str) -> None:
    """At once, and with what it should take."""
    with pytest.raises(ConfigError, match=f"on_ticker: .*{why}"):
        Handlers().add("ticker", handler)


def test_what_takes_a_message_is_no_handler_without_one() -> None:
    """``on_connect`` is called without an argument."""
    with pytest.raises(ConfigError, match="takes no argument"):
        Handlers().add("connect", lambda event: None, 0)


# -- feeds --


def made(*kinds: str, waits: bool = False, leave: Any = lambda feed: None, **more: Any) -> Feed:
    return Feed(frozenset(kinds), more.get("maxsize", 10), more.get("max_age"), Origin(lambda: waits), leave)


def test_a_feed_ends_with_what_is_left_and_the_reason() -> None:
    """Nothing that came is lost, and every read behind it tells the reason."""
    feed = made("ticker")
    for event in (Event("ticker", 1), Event("kline", 2), Event("ticker", 3)):
        feed(event)  # type: ignore[arg-type]
    feed.end(ConnectionLost("gone"))
    feed(Event("ticker", 4))  # type: ignore[arg-type]
    assert [event.number for event in feed.receive_many(9)] == [1, 3]  # type: ignore[attr-defined]
    for _ in range(2):
        with pytest.raises(StreamEnded, match="gone") as ended:
            next(feed)
        assert isinstance(ended.value.failure, ConnectionLost)


def test_a_feed_is_a_stream_that_drops_the_oldest(caplog: pytest.LogCaptureFixture) -> None:
    """With what every stream has: counters, ``latest``, a timeout, and a word in the log at the first drop."""
    feed = made(maxsize=2)
    with pytest.raises(ReceiveTimeout):
        feed.receive(timeout=0)
    with caplog.at_level(logging.WARNING):
        for number in range(5):
            feed(Event("ticker", number))  # type: ignore[arg-type]
        assert feed.receive().number == 3  # type: ignore[attr-defined]
        for number in (5, 6):
            feed(Event("ticker", number))  # type: ignore[arg-type]
    assert (feed.dropped, feed.received, len(caplog.records)) == (4, 7, 1)
    feed.end()
    assert [event.number for event in feed] == [5, 6]  # type: ignore[attr-defined]
    assert feed.latest.number == 6  # type: ignore[union-attr]


def test_closing_a_feed_wakes_its_reader() -> None:
    """A thread that waits for the next event ends, and the service forgets the feed."""
    left: list[Feed] = []
    feed = made(leave=left.append)
    got: list[object] = []
    reader = threading.Thread(target=lambda: got.extend(feed))
    reader.start()
    with feed:
        pass
    reader.join(PATIENCE)
    assert not reader.is_alive() and got == [] and left == [feed]


def test_a_handler_that_reads_what_only_it_could_bring_is_told() -> None:
    """It would wait for itself."""
    with pytest.raises(WouldDeadlock):
        next(made(waits=True))


# -- names --


@pytest.mark.parametrize(
    "product, kind, values, name",
    [
        ("spot", "ticker", {}, "btcusdt@ticker"),
        ("options", "ticker", {}, "btcusdt@optionTicker"),
        ("spot", "kline", {"interval": Freq.m1}, "btcusdt@kline_1m"),
        ("spot", "kline", {"interval": "1M"}, "btcusdt@kline_1M"),
        ("spot", "depth", {"limit": 20}, "btcusdt@depth20"),
        ("options", "depth_diff", {}, "btcusdt@depth@100ms"),
        ("spot", "trade", {}, "btcusdt@trade"),
        ("usdm", "trade", {}, "btcusdt@aggTrade"),
        ("usdm", "mark_price", {}, "btcusdt@markPrice@1s"),
        ("coinm", "liquidation", {}, "btcusdt@forceOrder"),
    ],
)
def test_the_stream_behind_a_subscription(product: str, kind: str, values: dict[str, Any], name: str) -> None:
    """By product, in the exchange's spelling."""
    assert stream_name(product, kind, "BTCUSDT", **values) == name


@pytest.mark.parametrize(
    "product, kind, symbol, values, field",
    [
        ("spot", "mark_price", "BTCUSDT", {}, "product"),
        ("spot", "ticker", "", {}, "symbol"),
        ("spot", "ticker", ["BTCUSDT"], {}, "symbol"),
        ("spot", "ticker", "btcusdt@trade", {}, "symbol"),
        ("spot", "depth", "BTCUSDT", {"limit": 7}, "limit"),
        ("spot", "kline", "BTCUSDT", {"interval": "7m"}, "interval"),
    ],
)
def test_bad_subscriptions_are_refused(
    product: str, kind: str, symbol: Any, values: dict[str, Any], field: str
) -> None:
    """With the argument and what is allowed."""
    with pytest.raises(ConfigError, match=f"^{field}: "):
        stream_name(product, kind, symbol, **values)


@pytest.mark.parametrize(
    "base_url, product, place",
    [
        (None, None, (None, "com", "spot")),
        ("testnet", "usdm", ("testnet", "com", "usdm")),
        ("wss://stream.binance.com:9443/ws/", None, ("live", "com", "spot")),
        ("wss://stream.binance.com:443", None, ("live", "com", "spot")),
        ("wss://fstream.binance.com/ws", None, ("live", "com", "usdm")),
        ("wss://fstream.binance.com/ws", "options", ("live", "com", "options")),
        ("wss://stream.binance.us:9443/ws", None, ("live", "us", "spot")),
        ("wss://stream.testnet.binance.vision/ws", None, ("testnet", "com", "spot")),
        ("ws://127.0.0.1:9000/ws/", "coinm", ("http://127.0.0.1:9000", "com", "coinm")),
        ("https://example.invalid/base", None, ("https://example.invalid/base", "com", "spot")),
    ],
)
def test_where_a_base_url_leads(base_url: Any, product: Any, place: Any) -> None:
    """The exchange's own stream URLs say environment and product; others are another server's."""
    assert place_of(base_url, product) == place


@pytest.mark.parametrize(
    "base_url, product, field",
    [
        (5, None, "base_url"),
        ("stream.binance.com", None, "base_url"),
        ("wss://stream.binance.com:9443/ws/", "usdm", "product"),
        (None, "futures", "product"),
    ],
)
def test_a_bad_base_url_is_refused(base_url: Any, product: Any, field: str) -> None:
    """Also where product and URL disagree."""
    with pytest.raises(ConfigError, match=f"^{field}: "):
        place_of(base_url, product)
