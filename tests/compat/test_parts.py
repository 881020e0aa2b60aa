"""Parts of the drop-in by themselves: dates, places, whole markets, the reactor's calls."""

from __future__ import annotations

import threading
import types
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from patience import PATIENCE

from binance_sockets import ConfigError
from binance_sockets.compat import carrier
from binance_sockets.compat.dates import date_to_milliseconds, interval_to_milliseconds
from binance_sockets.compat.places import place_of
from binance_sockets.compat.reactor import Reactor
from binance_sockets.compat.whole_market import WHOLE, Market, Thinned, thinned
from binance_sockets.exchanges.binance.urls import Environment

LIVE = Environment("live", "com")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1 Jan, 2018", datetime(2018, 1, 1)),
        ("1 January 2018", datetime(2018, 1, 1)),
        ("Dec 1, 2017", datetime(2017, 12, 1)),
        ("2020-05-01 12:00 UTC", datetime(2020, 5, 1, 12)),
        ("2020-05-01T12:00:00+02:00", datetime(2020, 5, 1, 10)),
        ("2020/05/01", datetime(2020, 5, 1)),
        ("1588334400000", datetime(2020, 5, 1, 12)),
    ],
)
def test_dates_as_people_write_them(text: str, moment: datetime) -> None:
    """Days, times and zones; without a zone it is UTC."""
    assert date_to_milliseconds(text) == int(moment.replace(tzinfo=timezone.utc).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("now UTC", timedelta()),
        ("1 day ago UTC", timedelta(days=1)),
        ("an hour ago", timedelta(hours=1)),
        ("30 minutes ago UTC", timedelta(minutes=30)),
        ("2 weeks ago UTC", timedelta(weeks=2)),
        ("yesterday", timedelta(days=1)),
    ],
)
def test_dates_that_count_from_now(text: str, ago: timedelta) -> None:
    """Within a second."""
    expected = (datetime.now(timezone.utc) - ago).timestamp() * 1000
    assert abs(date_to_milliseconds(text) - expected) < 1000


def test_what_is_no_date() -> None:
    """It raises, and shows what would be one."""
    with pytest.raises(ValueError, match="1 day ago UTC"):
        date_to_milliseconds("soon")


def test_intervals() -> None:
    """Every interval in milliseconds; None for what is none."""
    assert [interval_to_milliseconds(text) for text in ("1m", "4h", "1d", "1w")] == [
        60_000, 14_400_000, 86_400_000, 604_800_000,
    ]  # fmt: skip
    assert interval_to_milliseconds("m") is interval_to_milliseconds("7q") is None


@pytest.mark.parametrize(
    ("url", "product", "names", "wrapped"),
    [
        ("wss://stream.binance.com:9443/ws/bnbbtc@trade", "spot", ("bnbbtc@trade",), False),
        ("wss://stream.binance.com:9443/stream?streams=a@trade/b@trade", "spot", ("a@trade", "b@trade"), True),
        ("wss://stream.binance.com:9443/ws/a@trade/b@trade", "spot", ("a@trade", "b@trade"), False),
        ("wss://stream.binance.com:9443/ws/ws/a@trade", "spot", ("a@trade",), False),
        ("wss://fstream.binance.com/stream?streams=btcusdt@aggTrade", "usdm", ("btcusdt@aggTrade",), True),
        ("wss://dstream.binance.com/ws/btcusd_perp@trade", "coinm", ("btcusd_perp@trade",), False),
        ("ws://127.0.0.1:9/usdm/ws/btcusdt@trade", "usdm", ("btcusdt@trade",), False),
    ],
)
def test_places_of_urls(url: str, product: str, names: tuple[str, ...], wrapped: bool) -> None:
    """Product, names and shape by host and path."""
    place = place_of(url, "spot", LIVE)
    assert (place.product, place.names, place.wrapped) == (product, names, wrapped)


def test_the_chosen_environment_stands_for_the_ordinary_hosts_alone() -> None:
    """A script that says test network gets it, whatever was chosen."""
    chosen = Environment("http://127.0.0.1:9", "com")
    assert place_of("wss://stream.binance.com:9443/ws/a@trade", "spot", chosen).environment is chosen
    assert place_of("wss://testnet.binance.vision/ws/a@trade", "spot", chosen).environment.name == "testnet"


@pytest.mark.parametrize(
    "url", ["wss://stream.binance.com:9443/", "wss://example.com/ws/a@trade", "wss://x/stream?a=b"]
)
def test_urls_that_lead_nowhere(url: str) -> None:
    """They raise, with hosts or a URL that would do."""
    with pytest.raises(ConfigError, match=r"stream\.binance\.com"):
        place_of(url, "spot", LIVE)


def test_a_new_listing_joins_the_whole_market() -> None:
    """A symbol that the short tickers name and nobody knew is subscribed, once; lists have the newest of each."""
    lists: list[Any] = []
    added: list[list[str]] = []
    market = Market(WHOLE["!ticker@arr"], lists.append, added.append)
    market.list(["BTCUSDT"])
    market({"stream": "btcusdt@ticker", "data": {"s": "BTCUSDT", "c": "1"}})
    market({"stream": "btcusdt@ticker", "data": {"s": "BTCUSDT", "c": "2"}})
    market({"stream": "!miniTicker@arr", "data": [{"s": "BTCUSDT"}, {"s": "NEWUSDT"}]})
    market({"stream": "!miniTicker@arr", "data": [{"s": "NEWUSDT"}]})
    market({"e": "error", "m": "Max reconnect retries reached"})
    assert added == [["btcusdt@ticker"], ["newusdt@ticker"]]
    assert lists == [[{"s": "BTCUSDT", "c": "2"}], {"e": "error", "m": "Max reconnect retries reached"}]


def test_thinned_lists() -> None:
    """Every third list, with the newest row of each symbol; the last payload at once."""
    found: list[Any] = []
    name, callback = thinned("!miniTicker@arr@3000ms", found.append)
    assert name == "!miniTicker@arr" and isinstance(callback, Thinned)
    for number in range(4):
        callback([{"s": "A", "c": number}, {"s": str(number)}])
    assert found == [[{"s": "A", "c": 2}, {"s": "0"}, {"s": "1"}, {"s": "2"}]]
    callback({"e": "error"})
    assert found[1:] == [{"e": "error"}]
    assert thinned("!miniTicker@arr@1000ms", print) == ("!miniTicker@arr@1000ms", print)


def test_calls_of_the_reactor() -> None:
    """They are made later, at once, or not at all: cancelled, and stopped before they were due."""
    reactor = Reactor()
    made: list[str] = []
    done = threading.Event()
    cancelled = reactor.callLater(30, made.append, "cancelled")
    cancelled.cancel()
    stopped = reactor.callLater(30, made.append, "stopped")
    assert stopped.active() and not cancelled.active()
    reactor.callFromThread(made.append, "now")
    reactor.callInThread(done.set)
    assert done.wait(PATIENCE)
    assert reactor.stop() is False
    assert not stopped.active()
    assert made == ["now"]
    assert stopped.worker.join(PATIENCE) and cancelled.worker.join(PATIENCE)


@pytest.mark.parametrize(
    ("url", "network"),
    [
        ("https://api.binance.com/api", (None, "com")),
        ("https://api.binance.us/api", (None, "us")),
        ("https://testnet.binance.vision/api", ("testnet", "com")),
        ("https://demo-api.binance.com/api", ("demo", "com")),
        ("http://127.0.0.1:8000/spot/api", ("http://127.0.0.1:8000", "com")),
    ],
)
def test_the_network_of_a_client_is_that_of_its_url(url: str, network: tuple[str | None, str]) -> None:
    """All that 0.7's client keeps of tld and test network is its URL; a client without one says nothing."""
    assert carrier._network(types.SimpleNamespace(API_URL=url)) == network
    assert carrier._network(object()) == (None, "com")
