"""Market streams behind the engine's contract: splitting, URLs, control frames, liveness, reasons of silence."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets import ConfigError, ExchangeError, View
from binance_sockets.exchange import Exchange, Group, Misfits, Rate, Stream
from binance_sockets.exchanges.binance.market import MarketStreams
from binance_sockets.exchanges.binance.names import parse
from binance_sockets.exchanges.binance.urls import Environment

LIVE = Environment.resolve("live")


def streams(names: Sequence[str], product: str = "spot", route: str | None = None) -> list[Stream]:
    return [parse(product, name).stream(route) for name in names]


def make(product: str = "spot", wrapped: bool = True, **settings: object) -> MarketStreams:
    return MarketStreams(LIVE, product, wrapped=wrapped, **settings)  # type: ignore[arg-type]


def url_of(exchange: MarketStreams, names: Sequence[str]) -> str:
    (group,) = exchange.split(streams(names, exchange.product.market))
    return exchange.connect_request(group).url


def test_it_is_an_exchange() -> None:
    """The class fits the contract, method by method."""
    exchange: Exchange = make()
    assert [name for name in vars(Exchange) if name[0] != "_" and not callable(getattr(exchange, name))] == []


@pytest.mark.parametrize(
    ("product", "count", "sizes"),
    [
        ("spot", 1, [1]),
        ("spot", 1024, [1024]),
        ("spot", 1025, [1024, 1]),
        ("coinm", 3000, [1024, 1024, 952]),
        ("options", 401, [200, 200, 1]),
    ],
)
def test_streams_are_split_by_the_limit(product: str, count: int, sizes: list[int]) -> None:
    """1,024 streams per connection, 200 for options, in the order given."""
    names = [f"sym{number}@bookTicker" for number in range(count)]
    groups = make(product).split(streams(names, product))
    assert [len(group.streams) for group in groups] == sizes
    assert [stream.name for group in groups for stream in group.streams] == names


def test_streams_are_split_by_route() -> None:
    """USD-M books go to /public, the rest to /market, in the order given; an undocumented name to /market."""
    names = [
        "a@aggTrade",
        "a@depth",
        "a@bookTicker",
        "a@whatever",
        "!forceOrder@arr",
        "!bookTicker",
        "a@rpiDepth@500ms",
        "a@depth@0ms",
    ]
    exchange = make("usdm")
    groups = exchange.split(streams(names, "usdm"))
    assert {group.endpoint: [stream.name for stream in group.streams] for group in groups} == {
        "market": ["a@aggTrade", "a@whatever", "!forceOrder@arr"],
        "public": ["a@depth", "a@bookTicker", "!bookTicker", "a@rpiDepth@500ms", "a@depth@0ms"],
    }
    urls = [exchange.connect_request(group).url for group in groups]
    assert urls[0] == "wss://fstream.binance.com/market/stream?streams=a@aggTrade/a@whatever/!forceOrder@arr"
    assert urls[1].startswith("wss://fstream.binance.com/public/stream?streams=a@depth/")


def test_a_stream_brings_its_route() -> None:
    """``Stream.route`` decides; a stream without one is on the product's default route."""
    exchange = make("usdm")
    (group,) = exchange.split(streams(["a@aggTrade", "a@depth"], "usdm", route="public"))
    assert group.endpoint == "public"
    (group,) = exchange.split([Stream("a@depth")])
    assert group.endpoint == "market"


@given(
    st.sampled_from(["spot", "usdm", "coinm", "options"]),
    st.lists(st.sampled_from(["@depth@100ms", "@aggTrade", "@kline_1m", "@x"]).map("s".__add__), max_size=50),
)
def test_splitting_loses_and_repeats_nothing(product: str, names: list[str]) -> None:
    """Every stream is in exactly one group, and keeps its order within its route."""
    groups = make(product).split(streams(names, product))
    assert sorted(stream.name for group in groups for stream in group.streams) == sorted(names)
    for group in groups:
        wanted = iter(names)
        assert all(stream.name in wanted for stream in group.streams)


@pytest.mark.parametrize(
    ("product", "wrapped", "settings", "names", "url"),
    [
        ("spot", False, {}, ["a@trade"], "wss://stream.binance.com:9443/ws/a@trade"),
        ("spot", True, {}, ["a@trade"], "wss://stream.binance.com:9443/stream?streams=a@trade"),
        ("spot", True, {}, ["a@trade", "!miniTicker@arr"],
         "wss://stream.binance.com:9443/stream?streams=a@trade/!miniTicker@arr"),
        ("spot", False, {"time_unit": "us"}, ["a@trade"],
         "wss://stream.binance.com:9443/ws/a@trade?timeUnit=MICROSECOND"),
        ("spot", True, {"time_unit": "us"}, ["a@trade"],
         "wss://stream.binance.com:9443/stream?streams=a@trade&timeUnit=MICROSECOND"),
        ("spot", True, {"time_unit": "ms"}, ["a@trade"], "wss://stream.binance.com:9443/stream?streams=a@trade"),
        ("usdm", False, {}, ["a@depth"], "wss://fstream.binance.com/public/ws/a@depth"),
        ("usdm", False, {}, ["tradingSession"], "wss://fstream.binance.com/market/ws/tradingSession"),
        ("coinm", False, {}, ["a_perp@depth"], "wss://dstream.binance.com/ws/a_perp@depth"),
        ("options", False, {}, ["a-c@optionTicker"], "wss://fstream.binance.com/public/ws/a-c@optionTicker"),
        ("options", False, {}, ["!index@arr"], "wss://fstream.binance.com/market/ws/!index@arr"),
        ("spot", False, {}, ["a@kline_1m@+08:00"], "wss://stream.binance.com:9443/ws/a@kline_1m@%2B08:00"),
        ("spot", False, {}, ["币a@trade"], "wss://stream.binance.com:9443/ws/%E5%B8%81a@trade"),
    ],
)  # fmt: skip
def test_urls(product: str, wrapped: bool, settings: dict[str, object], names: list[str], url: str) -> None:
    """Path for a bare single stream, query for wrapped ones, routes, percent-encoding, microseconds."""
    assert url_of(make(product, wrapped, **settings), names) == url


def test_links_of_the_same_streams_keep_to_different_addresses() -> None:
    """Each attempt of one link begins with another address, and never with one of the other link's."""
    made = make(redundancy=2)
    first, second = made.split(streams(["a@trade"]))
    turns = [[made.connect_request(group).turn for _ in range(3)] for group in (first, second)]
    assert turns == [[0, 2, 4], [1, 3, 5]]
    (alone,) = make().split(streams(["a@trade"]))
    assert make().connect_request(alone).turn is None


def test_the_request_has_no_origin_and_says_who_asks() -> None:
    """No Origin header, a User-Agent with the version, the URL's names confirmed."""
    exchange = make()
    (group,) = exchange.split(streams(["a@trade", "b@trade"]))
    request = exchange.connect_request(group)
    assert request.origin is None
    assert dict(request.headers)["User-Agent"].startswith("binance_sockets/")
    assert request.confirmed == {"a@trade", "b@trade"}


@given(st.integers(1, 1024), st.text("abcxyz币安", min_size=1, max_size=12), st.sampled_from([None, "us"]))
def test_urls_stay_short(count: int, symbol: str, time_unit: str | None) -> None:
    """Path and query stay below 4,096 bytes; the URL has either all names, decodable, or none."""
    names = [f"{symbol}{number}@trade" for number in range(count)]
    exchange = make(time_unit=time_unit)
    (group,) = exchange.split(streams(names))
    request = exchange.connect_request(group)
    parts = urlsplit(request.url)
    assert len(f"{parts.path}?{parts.query}".encode()) <= 4096
    assert request.url.isascii()
    query = parse_qs(parts.query)
    assert query.get("timeUnit", [None])[0] == ("MICROSECOND" if time_unit else None)
    if request.confirmed:
        assert request.confirmed == set(names)
        assert query["streams"] == ["/".join(names)]
    else:
        assert parts.path == "/stream" and "streams" not in query


def test_a_bare_single_stream_with_a_long_name_is_subscribed_too() -> None:
    """The raw link opens on ``/ws`` when the URL would be too long."""
    exchange = make(wrapped=False)
    (group,) = exchange.split(streams(["币" * 2000 + "@trade"]))
    request = exchange.connect_request(group)
    assert (request.url, request.confirmed) == ("wss://stream.binance.com:9443/ws", frozenset())


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (200, [200]), (401, [200, 200, 1])])
def test_control_frames(count: int, sizes: list[int]) -> None:
    """SUBSCRIBE frames of at most 200 names, UTF-8, each with its own integer id."""
    names = [f"币{number}@trade" for number in range(count)]
    frames = make().control_frames(Group(()), names, names, (), itertools.count(5).__next__)
    assert [len(frame.streams) for frame in frames] == sizes
    assert [name for frame in frames for name in frame.streams] == names
    for number, frame in enumerate(frames, 5):
        request = json.loads(frame.payload)
        assert request == {"method": "SUBSCRIBE", "params": list(frame.streams), "id": number}
        assert frame.request_id == number


def test_control_frames_end_before_they_begin() -> None:
    """UNSUBSCRIBE comes first, so that the limit of streams is not passed meanwhile."""
    frames = make().control_frames(Group(()), ["a", "c"], ["c"], ["b"], itertools.count(1).__next__)
    assert [json.loads(frame.payload)["method"] for frame in frames] == ["UNSUBSCRIBE", "SUBSCRIBE"]
    assert [(frame.streams, frame.removed) for frame in frames] == [((), ("b",)), (("c",), ())]


@pytest.mark.parametrize(("product", "count"), [("spot", 5), ("usdm", 10), ("coinm", 10), ("options", 10)])
def test_limits(product: str, count: int) -> None:
    """Messages a second that the exchange takes on one WebSocket."""
    assert make(product).limits(Group(())) == (Rate(count, 1.0),)


@pytest.mark.parametrize(
    ("product", "tld", "stale", "ping"),
    [
        ("spot", "com", 45.0, None),
        ("spot", "us", 40.0, 25.0),
        ("usdm", "com", 40.0, 25.0),
        ("coinm", "com", 40.0, 25.0),
        ("options", "com", 40.0, 25.0),
    ],
)
def test_keepalive(product: str, tld: str, stale: float, ping: float | None) -> None:
    """Spot waits for the server's pings; where those are minutes apart the client pings; 24 h is the end."""
    rules = MarketStreams(Environment("live", tld), product, wrapped=True).keepalive(Group(()))
    assert (rules.stale_after, rules.ping_after, rules.max_age) == (stale, ping, 86_400.0)


@pytest.mark.parametrize("product", ["usdm", "coinm", "options"])
def test_microseconds_are_for_spot(product: str) -> None:
    """Other products, and Binance.US, have no microseconds; other units do not exist."""
    with pytest.raises(ConfigError, match="microseconds"):
        make(product, time_unit="us")
    with pytest.raises(ConfigError, match="microseconds"):
        MarketStreams(Environment("live", "us"), wrapped=True, time_unit="us")
    with pytest.raises(ConfigError, match="time_unit"):
        make(time_unit="ns")


def test_views() -> None:
    """A view is a name or a View; each gives its own kind of payload; others raise."""
    trade = {"e": "trade", "E": 1, "s": "BNBBTC", "t": 1, "p": "1", "q": "1", "T": 1, "m": True, "M": True}
    message = json.dumps({"stream": "bnbbtc@trade", "data": trade}).encode()
    kinds = {}
    for view in ("dict", View.DICT, "raw", View.RAW, "typed"):
        exchange = make(view=view)
        (group,) = exchange.split(streams(["bnbbtc@trade"]))
        name, payload = exchange.decoder(group, Misfits())(memoryview(message))
        assert name == "bnbbtc@trade"
        kinds[view] = payload
    assert kinds["dict"] == json.loads(message)
    assert kinds["raw"] == message
    assert kinds["typed"].stream == "bnbbtc@trade"
    with pytest.raises(ConfigError, match="'dict', 'typed', 'unified', 'raw'"):
        make(view="json")


def test_bare_payloads_of_a_single_stream() -> None:
    """Without wrapping the decoder gives the payload itself, under the stream's name."""
    for view, expected in (("dict", {"e": "trade"}), ("raw", b'{"e":"trade"}')):
        exchange = make(wrapped=False, view=view)
        (group,) = exchange.split(streams(["a@trade"]))
        assert exchange.decoder(group, Misfits())(b'{"e":"trade"}') == ("a@trade", expected)


# -- why a stream is silent --


class Listing:
    """Answers the REST question."""

    def __init__(self, answer: bool | Exception) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def lists(self, symbol: str) -> bool:
        self.asked.append(symbol)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def causes() -> Iterator[tuple[str, str, str, str, bool | Exception, str]]:
    yield "retired", "spot", "", "!ticker@arr", True, "retired this stream on 2026-03-26; use !miniTicker@arr"
    yield "wrong route", "usdm", "public", "btcusdt@aggTrade", True, "served by the route /market"
    yield "upper case", "spot", "", "BTCUSDT@trade", True, "symbols lower case: 'btcusdt@trade' instead of"
    yield "upper case, unknown", "spot", "", "BTCUSDT@Foo", True, "'btcusdt@Foo' instead of 'BTCUSDT@Foo'"
    yield "unknown suffix", "spot", "", "btcusdt@trad", True, "documents no such stream for spot. Similar ones are"
    yield "unlisted speed", "usdm", "public", "btcusdt@depth@0ms", True, "no such speed: the stream is <symbol>@depth"
    yield "never documented", "coinm", "", "btcusd_perp@trade", True, "which never documented this stream"
    yield "unknown symbol", "spot", "", "nopeusdt@trade", False, "lists no symbol NOPEUSDT for spot"
    yield "quiet", "spot", "", "btcusdt@trade", True, "lists BTCUSDT; it seems that nothing was traded"
    yield "unchecked", "spot", "", "btcusdt@trade", ExchangeError(None, "HTTP 500"), "could not be checked over REST"
    yield "no symbol", "usdm", "market", "!contractInfo", True, "The name is right; it seems that nothing"
    yield "asset", "usdm", "market", "adausd@assetIndex", False, "The name is right; it seems that nothing"


@pytest.mark.parametrize(("product", "route", "name", "listed", "sentence"), [case[1:] for case in causes()],
                         ids=[case[0] for case in causes()])  # fmt: skip
def test_silence_is_explained(product: str, route: str, name: str, listed: bool | Exception, sentence: str) -> None:
    """Each cause of silence has a sentence of its own."""
    exchange = make(product)
    exchange._rest = Listing(listed)  # type: ignore[assignment]
    assert sentence in exchange.explain_silence(Group((Stream(name),), route), name)


@pytest.mark.parametrize("name", ["btcusdt@depth", "btcusdt@depth@0ms", "btcusdt@whatever"])
def test_the_route_is_named(name: str) -> None:
    """Where streams are spread over routes the sentence says on which one this name was asked for."""
    exchange = make("usdm")
    exchange._rest = Listing(True)  # type: ignore[assignment]
    (group,) = exchange.split(streams([name], "usdm"))
    assert exchange.explain_silence(group, name).endswith(f"It was asked for on the route /{group.endpoint}")


def test_the_sentences_differ() -> None:
    """No two causes are explained alike, and only causes that need it ask over REST."""
    sentences, asked = set(), []
    for cause, product, route, name, listed, _ in causes():
        exchange = make(product)
        listing = Listing(listed)
        exchange._rest = listing  # type: ignore[assignment]
        sentence = exchange.explain_silence(Group((Stream(name),), route), name)
        sentences.add(unquote(sentence))
        asked += [cause] if listing.asked else []
    assert len(sentences) == len(list(causes())) - 1  # an asset and no symbol are the same quiet
    assert asked == ["never documented", "unknown symbol", "quiet", "unchecked"]
