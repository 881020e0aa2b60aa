"""SocketManager: what each method asks of the engine, and what it refuses."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from binance_keys import DOC_KEY, DOC_SECRET

from binance_sockets import ApiKey, ConfigError, Options, SocketManager, StreamRetired, WebSocketAPI
from binance_sockets.exchange import Group, Misfits, Stream
from binance_sockets.exchanges.binance.market import MarketStreams
from binance_sockets.exchanges.binance.names import catalogue
from binance_sockets.exchanges.binance.sockets_accounts import AccountSockets


class Recording(SocketManager):
    """Keeps what the engine would have been asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.calls: list[tuple[str, MarketStreams, list[Stream]]] = []
        super().__init__(*args, **kwargs)

    def _open(self, conn_key: str, exchange: Any, streams: Any, callback: Any, **kept: Any) -> Any:
        self.calls.append((conn_key, exchange, list(streams)))
        return conn_key


@pytest.fixture
def manager() -> Iterator[Recording]:
    yield Recording(environment="http://127.0.0.1:9")


def callback(message: object) -> None: ...


def asked(manager: Recording) -> tuple[str, list[str], str, bool]:
    """Key, wire names, URL and framing of the last call."""
    key, exchange, streams = manager.calls[-1]
    (group,) = exchange.split(streams)
    url = exchange.connect_request(group).url.removeprefix("ws://127.0.0.1:9")
    return key, [stream.name for stream in streams], url, "/stream" in url


@pytest.mark.parametrize(
    "wish, text",
    [
        ({"redundancy": 2, "backfill": True}, "redundancy: expected 1 beside backfill= and history=; got 2"),
        (
            {"product": "usdm", "history": 5},
            "history: expected aggregate trades, candles, or a manager with an API key",
        ),
    ],
)
def test_what_does_not_go_together_is_said(wish: dict[str, Any], text: str, manager: Recording) -> None:
    """With what would."""
    with pytest.raises(ConfigError) as caught:
        manager.start_socket("btcusdt@trade", callback, **wish)
    assert str(caught.value).startswith(text)


# method, arguments, what precedes the name in the URL, name on the wire
CALLS: list[tuple[str, tuple[object, ...], dict[str, object], str, str]] = [
    # python-binance 0.7: positions, keywords, keys
    ("start_depth_socket", ("BNBBTC", callback), {}, "/spot/ws/", "bnbbtc@depth"),
    ("start_depth_socket", ("BNBBTC", callback, "1"), {}, "/spot/ws/", "bnbbtc@depth"),
    ("start_depth_socket", ("BNBBTC", callback, 0, 0), {}, "/spot/ws/", "bnbbtc@depth"),
    ("start_depth_socket", ("BNBBTC", callback, "20", 100), {}, "/spot/ws/", "bnbbtc@depth20@100ms"),
    ("start_depth_socket", ("BNBBTC", callback), {"depth": 5, "interval": None}, "/spot/ws/", "bnbbtc@depth5"),
    ("start_depth_socket", ("A", callback, "10"), {}, "/spot/ws/", "a@depth10"),
    ("start_kline_socket", ("BNBBTC", callback), {}, "/spot/ws/", "bnbbtc@kline_1m"),
    ("start_kline_socket", (), {"symbol": "a", "callback": callback, "interval": "1M"}, "/spot/ws/", "a@kline_1M"),
    ("start_trade_socket", ("bnbbtc", callback), {}, "/spot/ws/", "bnbbtc@trade"),
    ("start_aggtrade_socket", ("BNBBTC", callback), {}, "/spot/ws/", "bnbbtc@aggTrade"),
    ("start_symbol_ticker_socket", ("BNBBTC", callback), {}, "/spot/ws/", "bnbbtc@ticker"),
    ("start_symbol_book_ticker_socket", ("A", callback), {}, "/spot/ws/", "a@bookTicker"),
    ("start_symbol_mark_price_socket", ("A", callback), {}, "/usdm/market/stream?streams=", "a@markPrice@1s"),
    ("start_symbol_mark_price_socket", ("A", callback, False), {}, "/usdm/market/stream?streams=", "a@markPrice"),
    ("start_all_mark_price_socket", (callback,), {}, "/usdm/market/stream?streams=", "!markPrice@arr@1s"),
    ("start_all_mark_price_socket", (callback,), {"fast": False}, "/usdm/market/stream?streams=", "!markPrice@arr"),
    ("start_symbol_ticker_futures_socket", ("A", callback), {}, "/usdm/public/stream?streams=", "a@bookTicker"),
    ("start_all_ticker_futures_socket", (callback,), {}, "/usdm/public/stream?streams=", "!bookTicker"),
    ("start_aggtrade_futures_socket", ("A", callback), {}, "/usdm/market/stream?streams=", "a@aggTrade"),
    ("start_individual_symbol_ticker_futures_socket", ("A", callback), {}, "/usdm/market/stream?streams=", "a@ticker"),
    # further spot streams
    ("start_symbol_miniticker_socket", ("A", callback), {}, "/spot/ws/", "a@miniTicker"),
    ("start_block_trade_socket", ("A", callback), {}, "/spot/ws/", "a@blockTrade"),
    ("start_reference_price_socket", ("A", callback), {}, "/spot/ws/", "a@referencePrice"),
    ("start_average_price_socket", ("A", callback), {}, "/spot/ws/", "a@avgPrice"),
    ("start_rolling_ticker_socket", ("A", callback, "4h"), {}, "/spot/ws/", "a@ticker_4h"),
    ("start_all_rolling_ticker_socket", (callback,), {"window": "1d"}, "/spot/ws/", "!ticker_1d@arr"),
    # futures of python-binance 1.x, in 0.7's order
    ("start_kline_futures_socket", ("A", callback, "5m"), {}, "/usdm/market/ws/", "a_perpetual@continuousKline_5m"),
    (
        "start_kline_futures_socket",
        ("A", callback),
        {"futures_type": "coinm", "contract_type": "next_quarter"},
        "/coinm/ws/",
        "a_next_quarter@continuousKline_1m",
    ),
    ("start_index_price_socket", ("BTCUSD", callback), {}, "/coinm/ws/", "btcusd@indexPrice"),
    ("start_futures_depth_socket", ("A", callback), {}, "/usdm/public/ws/", "a@depth10"),
    ("start_futures_depth_socket", ("A", callback, None, "coinm", 100), {}, "/coinm/ws/", "a@depth@100ms"),
    # further futures streams
    ("start_futures_depth_socket", ("A", callback, 20), {"interval": 250}, "/usdm/public/ws/", "a@depth20"),
    ("start_futures_rpi_depth_socket", ("A", callback), {}, "/usdm/public/ws/", "a@rpiDepth@500ms"),
    ("start_trade_futures_socket", ("A", callback), {}, "/usdm/market/ws/", "a@trade"),
    ("start_trade_futures_socket", ("A", callback, "coinm"), {}, "/coinm/ws/", "a@trade"),
    ("start_index_price_socket", ("A", callback), {"futures_type": "usdm"}, "/usdm/market/ws/", "a@indexPrice"),
    ("start_all_index_price_socket", (callback,), {}, "/coinm/ws/", "!indexPrice@arr"),
    (
        "start_all_mark_price_socket",
        (callback,),
        {"futures_type": "coinm"},
        "/coinm/stream?streams=",
        "!markPrice@arr@1s",
    ),
    ("start_symbol_kline_futures_socket", ("A", callback), {"interval": "1h"}, "/usdm/market/ws/", "a@kline_1h"),
    ("start_symbol_miniticker_futures_socket", ("A", callback), {}, "/usdm/market/ws/", "a@miniTicker"),
    ("start_miniticker_futures_socket", (callback,), {}, "/usdm/market/ws/", "!miniTicker@arr"),
    ("start_ticker_futures_socket", (callback, "coinm"), {}, "/coinm/ws/", "!ticker@arr"),
    ("start_pair_mark_price_socket", ("BTCUSD", callback), {}, "/coinm/ws/", "btcusd@markPrice@1s"),
    ("start_index_price_kline_socket", ("BTCUSD", callback), {}, "/coinm/ws/", "btcusd@indexPriceKline_1m"),
    (
        "start_mark_price_kline_socket",
        ("A_PERP", callback, "1h", "usdm"),
        {},
        "/usdm/market/ws/",
        "a_perp@markPriceKline_1h",
    ),
    ("start_liquidation_socket", ("A", callback), {}, "/usdm/market/ws/", "a@forceOrder"),
    ("start_all_liquidation_socket", (callback,), {}, "/usdm/market/ws/", "!forceOrder@arr"),
    ("start_contract_info_socket", (callback,), {}, "/usdm/market/ws/", "!contractInfo"),
    ("start_composite_index_socket", ("DEFIUSDT", callback), {}, "/usdm/market/ws/", "defiusdt@compositeIndex"),
    ("start_asset_index_socket", ("ADAUSD", callback), {}, "/usdm/market/ws/", "adausd@assetIndex"),
    ("start_all_asset_index_socket", (callback,), {}, "/usdm/market/ws/", "!assetIndex@arr"),
    ("start_trading_session_socket", (callback,), {}, "/usdm/market/ws/", "tradingSession"),
    # options
    ("start_options_recent_trades_socket", ("BTC-1-C", callback), {}, "/options/public/ws/", "btc-1-c@optionTrade"),
    ("start_options_ticker_socket", ("BTC-1-C", callback), {}, "/options/public/ws/", "btc-1-c@optionTicker"),
    (
        "start_options_ticker_by_expiration_socket",
        ("BTCUSDT", callback, "261225"),
        {},
        "/options/public/ws/",
        "btcusdt@optionTicker@261225",
    ),
    ("start_options_book_ticker_socket", ("A", callback), {}, "/options/public/ws/", "a@bookTicker"),
    ("start_options_depth_socket", ("A", callback), {}, "/options/public/ws/", "a@depth10@100ms"),
    ("start_options_depth_socket", ("A", callback, None, 500), {}, "/options/public/ws/", "a@depth@500ms"),
    ("start_options_kline_socket", ("A", callback), {}, "/options/market/ws/", "a@kline_1m"),
    ("start_options_mark_price_socket", ("A", callback), {}, "/options/market/ws/", "a@optionMarkPrice"),
    (
        "start_options_open_interest_socket",
        (),
        {"symbol": "A", "callback": callback, "expiration_date": "261225"},
        "/options/market/ws/",
        "a@openInterest@261225",
    ),
    ("start_options_index_price_socket", (callback,), {}, "/options/market/ws/", "!index@arr"),
    ("start_options_new_symbol_socket", (callback,), {}, "/options/market/ws/", "!optionSymbol"),
]
FUTURES_OF_07 = {
    "start_symbol_mark_price_socket",
    "start_all_mark_price_socket",
    "start_symbol_ticker_futures_socket",
    "start_all_ticker_futures_socket",
    "start_aggtrade_futures_socket",
    "start_individual_symbol_ticker_futures_socket",
}
RETIRED_METHODS = {"start_ticker_socket", "start_book_ticker_socket"}
GENERAL = {"start_socket", "start_multiplex_socket", "start_futures_multiplex_socket", "start_options_multiplex_socket"}
STARTERS = {name for name in dir(SocketManager) if name.startswith("start_")}
BOOKS = {"start_order_book"}  # see tests/e2e/test_books.py
USER = {name for name in STARTERS if "user" in name or name in vars(AccountSockets)}  # see test_user_streams.py
SIGNED = {"start_user_socket", "start_user_multiplex_socket", "start_margin_socket", "start_isolated_margin_socket"}


@pytest.mark.parametrize(
    ("method", "args", "kwargs", "prefix", "name"), CALLS, ids=[f"{c[0]} {c[3]}{c[4]}" for c in CALLS]
)
def test_each_method_asks_for_its_stream(
    manager: Recording, method: str, args: tuple[object, ...], kwargs: dict[str, Any], prefix: str, name: str
) -> None:
    """Conn key, product, route, wire name and framing of every method are as documented."""
    product = prefix.split("/")[1]
    key = name if product == "spot" else f"{product}:{name}"
    assert getattr(manager, method)(*args, **kwargs) == key
    assert asked(manager) == (key, [name], prefix + name, method in FUTURES_OF_07)


def test_keys_that_differ_from_the_wire(manager: Recording) -> None:
    """The mini tickers keep 0.7's key while the wire gets today's name; a time zone is encoded in the URL only."""
    for args in ((callback,), (callback, 1000), (callback, "1000")):
        assert manager.start_miniticker_socket(*args) == "!miniTicker@arr@1000ms"  # type: ignore[arg-type]
        assert asked(manager)[1:3] == (["!miniTicker@arr"], "/spot/ws/!miniTicker@arr")
    assert manager.start_kline_socket("A", callback, "1s", timezone="+08:00") == "a@kline_1s@+08:00"
    assert asked(manager)[1:3] == (["a@kline_1s@+08:00"], "/spot/ws/a@kline_1s@%2B08:00")


def test_every_method_and_every_stream_is_covered() -> None:
    """The table above has every ``start_*_socket`` method; every stream of the catalogue has one of them."""
    assert {call[0] for call in CALLS} | {
        "start_miniticker_socket"
    } | RETIRED_METHODS | GENERAL == STARTERS - USER - BOOKS
    assert {row.method for row in catalogue()} <= STARTERS - GENERAL


def test_every_method_takes_a_view_and_spot_a_time_unit() -> None:
    """``view`` is keyword-only everywhere; ``time_unit`` is on every spot method and on those that take a product."""
    spot = {row.method for row in catalogue("spot")} | RETIRED_METHODS | {"start_socket", "start_multiplex_socket"}
    for name in STARTERS:
        parameters = inspect.signature(getattr(SocketManager, name)).parameters
        assert parameters["view"].kind is inspect.Parameter.KEYWORD_ONLY
        assert ("time_unit" in parameters) == (name in spot | SIGNED)
        positional = [name for name, p in parameters.items() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        assert "callback" in positional[1:3]
        assert inspect.getdoc(getattr(SocketManager, name))


def test_time_unit_and_view_reach_the_wire(manager: Recording) -> None:
    """Microseconds are asked for in the URL; the raw view hands on bytes."""
    manager.start_trade_socket("A", callback, time_unit="us", view="raw")
    assert asked(manager)[2] == "/spot/ws/a@trade?timeUnit=MICROSECOND"
    exchange = manager.calls[-1][1]
    assert exchange.decoder(Group((Stream("a@trade"),), ""), Misfits())(b'{"e":"trade"}') == (
        "a@trade",
        b'{"e":"trade"}',
    )


def test_start_socket_by_name(manager: Recording) -> None:
    """A string is one bare stream, a list wrapped ones; the key keeps the spelling, the wire corrects it."""
    assert manager.start_socket("BTCUSDT@miniticker", callback) == "BTCUSDT@miniticker"
    assert asked(manager)[1:] == (["btcusdt@miniTicker"], "/spot/ws/btcusdt@miniTicker", False)
    assert manager.start_socket(["btcusdt@trade"], callback) == "streams=btcusdt@trade"
    assert asked(manager)[2:] == ("/spot/stream?streams=btcusdt@trade", True)
    assert manager.start_socket("a@aggTrade", callback, product="usdm") == "usdm:a@aggTrade"
    assert asked(manager)[2:] == ("/usdm/market/ws/a@aggTrade", False)
    assert manager.start_socket("a@aggTrade", callback, "usdm", route="public") == "usdm:a@aggTrade"
    assert asked(manager)[2] == "/usdm/public/ws/a@aggTrade"


def test_an_unlisted_speed_is_asked_for_on_its_familys_route(manager: Recording) -> None:
    """``@depth@0ms`` is served by /public; on /market it would be acknowledged and silent."""
    manager.start_socket("btcusdt@depth@0ms", callback, "usdm")
    assert asked(manager)[2] == "/usdm/public/ws/btcusdt@depth@0ms"


def test_no_name_is_read_back(manager: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a start method to the wire and the decoder, the row goes with the stream: nothing parses the name again."""
    for place in ("names", "market", "typed"):
        monkeypatch.setattr(f"binance_sockets.exchanges.binance.{place}.parse", None)
    for method, args, kwargs, prefix, name in CALLS:
        getattr(manager, method)(*args, **kwargs, view="typed")
        assert asked(manager)[2] == prefix + name
        _, exchange, streams = manager.calls[-1]
        for group in exchange.split(streams):
            exchange.decoder(group, Misfits())


def test_multiplex(manager: Recording) -> None:
    """One key ``streams=a/b/c`` for any number of streams; a name given twice is subscribed once."""
    names = ["BTCUSDT@trade", "ethusdt@DEPTH", "btcusdt@trade", "!miniTicker@arr@1000ms"]
    assert manager.start_multiplex_socket(names, callback) == "streams=" + "/".join(names)
    assert asked(manager)[1] == ["btcusdt@trade", "ethusdt@depth", "!miniTicker@arr"]
    assert manager.start_multiplex_socket(iter(["a@depth"]), callback, "usdm") == "usdm:streams=a@depth"
    assert manager.start_futures_multiplex_socket(("a@depth",), callback, "coinm") == "coinm:streams=a@depth"
    assert manager.start_options_multiplex_socket(["!index@arr"], callback) == "options:streams=!index@arr"
    assert asked(manager)[2] == "/options/market/stream?streams=!index@arr"


class _FuturesType(enum.Enum):
    USD_M = 1
    COIN_M = 2


@pytest.mark.parametrize(
    ("futures_type", "product"),
    [
        ("usdm", "usdm"),
        ("coinm", "coinm"),
        (1, "usdm"),
        (2, "coinm"),
        (_FuturesType.COIN_M, "coinm"),
        ("COIN_M", "coinm"),
    ],
)
def test_futures_types(manager: Recording, futures_type: object, product: str) -> None:
    """Our names and python-binance 1.x's enum choose the product."""
    assert manager.start_liquidation_socket("A", callback, futures_type) == f"{product}:a@forceOrder"


@pytest.mark.parametrize(
    ("call", "name", "says"),
    [
        (lambda m: m.start_trade_socket(callback, "BNBBTC"), "symbol", "1.x had the callback first"),
        (lambda m: m.start_trade_socket("BNBBTC", "BNBBTC"), "callback", "1.x had the callback first"),
        (lambda m: m.start_kline_socket("BNBBTC", "1m", callback), "interval", "'1M'"),
        (lambda m: m.start_miniticker_socket("BNBBTC", callback), "update_time", "'1000'"),
        (lambda m: m.start_miniticker_socket("BNBBTC"), "callback", "first argument"),
        (lambda m: m.start_multiplex_socket(callback, ["a@trade"]), "streams", "order is (streams, callback)"),
        (lambda m: m.start_multiplex_socket("a@trade", callback), "streams", "start_socket takes a single name"),
        (lambda m: m.start_multiplex_socket([], callback), "streams", "at least one"),
        (lambda m: m.start_multiplex_socket([callback], callback), "streams", "stream names"),
        (lambda m: m.start_socket(b"a@trade", callback), "streams", "a stream name or a list"),
        (lambda m: m.start_socket(5, callback), "streams", "a stream name or a list"),
        (lambda m: m.start_socket("a@trade", callback, "margin"), "product", "'options'"),
        (lambda m: m.start_socket("a@trade", callback, view="json"), "view", "'raw'"),
        (lambda m: m.start_socket("a@trade", callback, "usdm", time_unit="us"), "time_unit", "microseconds"),
        (lambda m: m.start_socket("a@trade", callback, route="market"), "route", "no routes"),
        (lambda m: m.start_depth_socket("A", callback, 7), "depth", "'20'"),
        (lambda m: m.start_depth_socket("A", callback, 5, 300), "interval", "'100'"),
        (lambda m: m.start_futures_depth_socket("A", callback, interval=1000), "interval", "'500'"),
        (lambda m: m.start_liquidation_socket("A", callback, "spot"), "futures_type", "'coinm'"),
        (lambda m: m.start_liquidation_socket("A", callback, True), "futures_type", "'coinm'"),
        (lambda m: m.start_kline_futures_socket("A", callback, contract_type="weekly"), "contract_type", "perpetual"),
    ],
)
def test_bad_arguments_raise_at_once(
    manager: Recording, call: Callable[[SocketManager], object], name: str, says: str
) -> None:
    """Nothing is started; the error names the argument and what would be accepted."""
    with pytest.raises(ConfigError) as caught:
        call(manager)
    assert caught.value.name == name
    assert says in str(caught.value)
    assert manager.calls == []


async def _async(message: object) -> None: ...


@pytest.mark.parametrize("method", sorted(STARTERS - RETIRED_METHODS))
def test_every_method_refuses_an_async_callback(manager: Recording, method: str) -> None:
    """A callback defined with ``async def`` raises in every start method."""
    fits = {"symbol": "A", "pair": "A", "asset": "A", "expiration_date": "261225"}
    fits |= {"accounts": {"a": ApiKey("k", "s")}, "streams": ["!index@arr" if "options" in method else "a@trade"]}
    wanted = inspect.signature(getattr(SocketManager, method)).parameters
    with pytest.raises(ConfigError, match="not async def"):
        getattr(manager, method)(**{k: v for k, v in fits.items() if k in wanted}, callback=_async)


def test_retired_methods_name_their_replacement(manager: Recording) -> None:
    """The two methods of 0.7 whose streams are gone raise; Binance.US still has one of them."""
    with pytest.raises(StreamRetired, match=r"2026-03-26.*start_miniticker_socket"):
        manager.start_ticker_socket(callback)
    with pytest.raises(StreamRetired, match=r"2022-12-07.*start_symbol_book_ticker_socket"):
        manager.start_book_ticker_socket(callback)
    with pytest.raises(StreamRetired):
        manager.start_multiplex_socket(["a@trade", "!ticker@arr"], callback)
    american = Recording(tld="us")
    assert american.start_ticker_socket(callback) == "!ticker@arr"
    with pytest.raises(StreamRetired):
        american.start_book_ticker_socket(callback)
    with pytest.raises(ConfigError, match="'1M'"):
        american.start_kline_socket("A", callback, "1s")
    with pytest.raises(ConfigError, match="no usdm"):
        american.start_liquidation_socket("A", callback)


def test_first_messages_have_deadlines_by_family(manager: Recording) -> None:
    """Busy and undocumented streams are expected to speak within a minute, rare ones may stay silent."""
    deadlines = {}

    class Deadlines(SocketManager):
        def _open(self, conn_key: str, exchange: Any, streams: Any, callback: Any, **kept: Any) -> Any:
            deadlines.update({stream.name: stream.first_message for stream in streams})
            return conn_key

    Deadlines().start_futures_multiplex_socket(["a@aggTrade", "!forceOrder@arr", "a@whatever", "a@markPrice"], callback)
    assert deadlines == {"a@aggTrade": 60.0, "!forceOrder@arr": None, "a@whatever": 60.0, "a@markPrice": 30.0}


# -- the constructor --


class _Client:
    API_KEY = "client-key"
    API_SECRET = "client-secret"


@pytest.mark.parametrize(
    "arguments",
    [
        {"client": _Client()},
        {"api_key": "client-key", "api_secret": "client-secret"},
        {"api_key": "client-key", "private_key": b"client-secret"},
    ],
)
def test_secrets_are_not_shown(arguments: dict[str, Any]) -> None:
    """No credential appears in any representation."""
    manager = SocketManager(environment="live", **arguments)
    shown = repr(manager) + str(manager) + repr(vars(manager)) + repr(manager._binance)
    assert "client-key" not in shown and "client-secret" not in shown


def test_wrong_secrets_are_not_shown() -> None:
    """A credential of the wrong type raises without its value."""
    with pytest.raises(ConfigError) as caught:
        SocketManager(api_secret=b"client-secret")  # type: ignore[arg-type]
    assert "client-secret" not in str(caught.value)


def test_credentials_forbid_a_foreign_host_from_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is refused with credentials, whichever way they were given, unless it names this machine."""
    monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", "http://sim.invalid")
    SocketManager()
    for arguments in ({"client": _Client()}, {"api_key": "k"}, {"private_key": "pem"}):
        with pytest.raises(ConfigError, match="BINANCE_SOCKETS_BASE_URL"):
            SocketManager(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("client", [None, object(), type("Keyless", (), {"API_KEY": None, "API_SECRET": ""})()])
def test_any_client_will_do_for_public_streams(client: object) -> None:
    """0.7's first argument may be nothing, a foreign object or a client without keys."""
    assert Recording(client, 60).start_trade_socket("A", callback) == "a@trade"


@pytest.mark.parametrize("user_timeout", [1, 0.5, "60"])
def test_user_timeout_is_taken_as_07_did(user_timeout: Any) -> None:
    """Numbers and digits are accepted."""
    SocketManager(user_timeout=user_timeout)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"user_timeout": 0}, "user_timeout"),
        ({"user_timeout": "soon"}, "user_timeout"),
        ({"user_timeout": float("nan")}, "user_timeout"),
        ({"user_timeout": True}, "user_timeout"),
        ({"environment": "prod"}, "environment"),
        ({"tld": "de"}, "tld"),
        ({"options": {"timeouts": 1}}, "options"),
    ],
)
def test_bad_settings_raise(arguments: dict[str, Any], name: str) -> None:
    """Each wrong setting is named."""
    with pytest.raises(ConfigError) as caught:
        SocketManager(**arguments)
    assert caught.value.name == name


@pytest.mark.parametrize("value", [0, -1, float("inf"), "inf", "nan", "soon", "", None, True, 10**400, b"60"])
def test_user_timeout_follows_the_rule_of_all_times(value: Any) -> None:
    """The words are those of every other number of seconds."""
    with pytest.raises(ConfigError, match=r"^user_timeout: expected a finite number above 0; got "):
        SocketManager(user_timeout=value)


@pytest.mark.parametrize("arguments", [(DOC_KEY, DOC_SECRET), (DOC_KEY,), (None, DOC_SECRET), (DOC_KEY.encode(),)])
def test_keys_in_the_place_of_the_client_are_refused_without_being_shown(arguments: tuple[Any, ...]) -> None:
    """Others take key and secret as their first arguments; an error ends in logs and reports."""
    for make in (SocketManager, WebSocketAPI) if len(arguments) == 1 else (SocketManager,):
        with pytest.raises(ConfigError) as caught:
            make(*arguments)
        shown = f"{caught.value} {caught.value!r} {caught.value.args}"
        assert DOC_KEY not in shown and DOC_SECRET not in shown
        assert arguments[0] is None or str(caught.value) == (
            "client: expected an object with API_KEY, or None; got 'a text'. A key is given as api_key= and api_secret="
        )


def test_subclasses_keep_their_attributes() -> None:
    """Names that scripts in the wild set before the base constructor do not clash with ours."""

    class Bot(Recording):
        def __init__(self) -> None:
            for name in (
                "client",
                "callback",
                "symbol",
                "lock",
                "loop",
                "settings",
                "books",
                "timeout",
                "execute",
                "busy",
            ):
                setattr(self, name, f"mine: {name}")
            super().__init__(options=Options())

    bot = Bot()
    assert bot.start_trade_socket("A", callback) == "a@trade"
    assert bot.client == "mine: client" and bot.lock == "mine: lock"  # type: ignore[attr-defined]


def test_a_used_key_gives_false() -> None:
    """Starting the same stream again, before the manager runs, gives False; stopping frees the key."""
    manager = SocketManager(environment="http://127.0.0.1:9")
    assert manager.start_trade_socket("BNBBTC", callback) == "bnbbtc@trade"
    assert manager.start_trade_socket("bnbbtc", callback) is False
    assert manager.start_aggtrade_futures_socket("BNBBTC", callback) == "usdm:bnbbtc@aggTrade"
    manager.stop_socket("bnbbtc@trade")
    assert manager.start_trade_socket("BNBBTC", callback) == "bnbbtc@trade"
    manager.close()


def test_where_it_connects_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """``repr`` and ``snapshot()`` name the environment and its hosts, wherever it was chosen."""
    monkeypatch.setenv("BINANCE_SOCKETS_BASE_URL", "http://127.0.0.1:9000/x/")
    cases: list[tuple[dict[str, str], str, dict[str, str], str]] = [
        (
            {},
            "http://127.0.0.1:9000/x",
            dict.fromkeys(("spot", "usdm", "coinm", "options"), "127.0.0.1:9000"),
            "http://127.0.0.1:9000/x, 0 sockets",
        ),
        (
            {"environment": "live"},
            "live",
            {
                "spot": "stream.binance.com:9443",
                "usdm": "fstream.binance.com",
                "coinm": "dstream.binance.com",
                "options": "fstream.binance.com",
            },
            "live (stream.binance.com:9443, fstream.binance.com, dstream.binance.com), 0 sockets",
        ),
        (
            {"environment": "live", "tld": "us"},
            "live",
            {"spot": "stream.binance.us:9443"},
            "live (stream.binance.us:9443), 0 sockets",
        ),
    ]
    for arguments, environment, hosts, shown in cases:
        manager = SocketManager(**arguments)  # type: ignore[arg-type]
        found = manager.snapshot()
        assert (found["environment"], found["hosts"]) == (environment, hosts)
        assert f": {shown}" in repr(manager)


def test_a_multiplex_may_have_a_name() -> None:
    """It stands in the key in place of the streams, behind the product's prefix; the streams are the same."""
    manager = Recording(environment="http://127.0.0.1:9")
    assert manager.start_multiplex_socket(["a@trade", "b@trade"], callback, name="my prices") == "my prices"
    assert asked(manager)[1] == ["a@trade", "b@trade"]
    assert manager.start_multiplex_socket(["a@trade"], callback, "usdm", name="p") == "usdm:p"
    assert manager.start_futures_multiplex_socket(["a@trade"], callback, "coinm", name="p") == "coinm:p"
    assert manager.start_options_multiplex_socket(["!index@arr"], callback, name="p") == "options:p"
    for wrong in ("", " ", "a\nb", 5, b"a", True):
        with pytest.raises(ConfigError, match=r"^name: expected printable text, or None"):
            manager.start_multiplex_socket(["a@trade"], callback, name=wrong)  # type: ignore[arg-type]


def test_a_named_socket_is_found_by_its_name() -> None:
    """Also without the prefix, and a second one of the name is refused."""
    manager = SocketManager(environment="http://127.0.0.1:9")
    assert manager.start_futures_multiplex_socket(["a@trade"], callback, name="p") == "usdm:p"
    assert manager.start_futures_multiplex_socket(["b@trade"], callback, name="p") is False
    assert list(manager.snapshot()["connections"]) == ["usdm:p"]
    manager.stop_socket("p")
    assert manager.snapshot()["connections"] == {}
    manager.close()


@pytest.mark.parametrize("method", ["start_order_book", "start_kline_socket"])
def test_a_loop_wants_a_message_stream_where_the_library_chooses_messages(method: str) -> None:
    """The error tells what to do."""
    manager = SocketManager(environment="http://127.0.0.1:9")
    key = getattr(manager, method)("BTCUSDT", callback, **({"closed_only": True} if "kline" in method else {}))
    with pytest.raises(ConfigError, match="start it with a MessageStream in place of the callback"):
        manager.listen(key)
    manager.close()
