"""Stream names against the exchange's documents: built, read back, corrected, refused."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets import ConfigError, SocketManager, StreamRetired
from binance_sockets.exchanges.binance.families import FAMILIES, Family
from binance_sockets.exchanges.binance.names import build, catalogue, close_names, family, fill, parse, resolve
from binance_sockets.exchanges.binance.products import MARKETS

# Every market stream of the documents as of late 2026, and those that were only recorded, written down here a second
# time on purpose: market, route, one name.
DOCUMENTED = """
spot - btcusdt@aggTrade
spot - btcusdt@trade
spot - btcusdt@blockTrade
spot - btcusdt@referencePrice
spot - btcusdt@kline_1s
spot - btcusdt@kline_1M
spot - btcusdt@kline_1m@+08:00
spot - btcusdt@miniTicker
spot - !miniTicker@arr
spot - btcusdt@ticker
spot - btcusdt@ticker_1h
spot - btcusdt@ticker_4h
spot - btcusdt@ticker_1d
spot - !ticker_1h@arr
spot - !ticker_4h@arr
spot - !ticker_1d@arr
spot - btcusdt@bookTicker
spot - btcusdt@avgPrice
spot - btcusdt@depth5
spot - btcusdt@depth10@100ms
spot - btcusdt@depth20@100ms
spot - btcusdt@depth
spot - btcusdt@depth@100ms
us - btcusdt@ticker_4h
us - !ticker@arr
us - btcusdt@kline_1m
usdm market btcusdt@aggTrade
usdm market btcusdt@trade
usdm market btcusdt@markPrice
usdm market btcusdt@markPrice@1s
usdm market !markPrice@arr
usdm market !markPrice@arr@1s
usdm market btcusdt@kline_1m
usdm market btcusdt_perpetual@continuousKline_1m
usdm market btcusdt_tradifi_perpetual@continuousKline_1s
usdm market btcusdt_current_quarter@continuousKline_1M
usdm market btcusd@indexPriceKline_1m
usdm market btcusd_perp@markPriceKline_1m
usdm market btcusdt@miniTicker
usdm market !miniTicker@arr
usdm market btcusdt@ticker
usdm market !ticker@arr
usdm public btcusdt@bookTicker
usdm public !bookTicker
usdm public btcusdt@depth5
usdm public btcusdt@depth10@500ms
usdm public btcusdt@depth20@100ms
usdm public btcusdt@depth
usdm public btcusdt@depth@500ms
usdm public btcusdt@depth@100ms
usdm public btcusdt@rpiDepth@500ms
usdm market btcusdt@forceOrder
usdm market !forceOrder@arr
usdm market defiusdt@compositeIndex
usdm market !contractInfo
usdm market !assetIndex@arr
usdm market adausd@assetIndex
usdm market tradingSession
usdm market btcusdt@indexPrice
coinm - btcusd_perp@aggTrade
coinm - btcusd@indexPrice
coinm - btcusd_perp@trade
coinm - !markPrice@arr
coinm - !markPrice@arr@1s
coinm - !indexPrice@arr
coinm - btcusd_perp@markPrice
coinm - btcusd_perp@markPrice@1s
coinm - btcusd@markPrice
coinm - btcusd@markPrice@1s
coinm - btcusd_perp@kline_1m
coinm - btcusd_next_quarter@continuousKline_1h
coinm - btcusd@indexPriceKline_1m
coinm - btcusd_perp@markPriceKline_1m
coinm - btcusd_perp@miniTicker
coinm - btcusd_perp@ticker
coinm - !miniTicker@arr
coinm - !ticker@arr
coinm - btcusd_perp@bookTicker
coinm - !bookTicker
coinm - btcusd_perp@forceOrder
coinm - !forceOrder@arr
coinm - !contractInfo
coinm - btcusd_perp@depth5@100ms
coinm - btcusd_perp@depth@500ms
coinm - btcusd_perp@depth
options public btc-251226-110000-c@optionTrade
options public btcusdt@optionTrade
options public btc-251226-110000-c@optionTicker
options public btcusdt@optionTicker@251226
options public btc-251226-110000-c@bookTicker
options public btc-251226-110000-c@depth@100ms
options public btc-251226-110000-c@depth20@500ms
options market !index@arr
options market btc-251226-110000-c@kline_1w
options market btcusdt@optionMarkPrice
options market btcusdt@openInterest@251226
options market !optionSymbol
"""
NAMES = [tuple(line.split()) for line in DOCUMENTED.strip().splitlines()]
RETIRED = [
    ("spot", "!ticker@arr", "2026-03-26"),
    ("spot", "!bookTicker", "2022-12-07"),
    ("us", "!bookTicker", "2022-12-07"),
    ("coinm", "btcusd@indexPrice@1s", "2026-06-30"),
    ("options", "BTC-251226-110000-C@trade", "2025-12-15"),
    ("options", "BTC-251226-110000-C@ticker", "2025-12-15"),
    ("options", "BTC@ticker@251226", "2025-12-15"),
    ("options", "BTCUSDT@index", "2025-12-15"),
    ("options", "BTC@markPrice", "2025-12-15"),
    ("options", "option_pair", "2025-12-15"),
]
LIVE = [row for market in MARKETS for row in FAMILIES[market] if row.retired is None]


@pytest.mark.parametrize(("market", "route", "name"), NAMES, ids=lambda value: str(value))
def test_every_documented_stream_is_known(market: str, route: str, name: str) -> None:
    """Each documented name is read as it is, on its route, and its family has a method of the manager."""
    found = parse(market, name)
    assert found.family is not None and found.family.retired is None
    assert found.wire == name and found.listed
    assert found.family.route == found.stream().route == route.replace("-", "")
    assert callable(getattr(SocketManager, found.family.method))
    assert build(market, found.family.key, **found.values) == name


def test_the_table_has_no_stream_beyond_the_documents() -> None:
    """Each family of the table is the family of some documented name."""
    used = {parse(market, name).family for market, _, name in NAMES}
    shared = {row for row in LIVE if row.market == "us" and any(same.key == row.key for same in FAMILIES["spot"])}
    assert set(LIVE) - shared - used == set()


@pytest.mark.parametrize(
    ("market", "given", "wire"),
    [
        ("spot", "BTCUSDT@miniticker", "btcusdt@miniTicker"),
        ("spot", "BNBBTC@AGGTRADE", "bnbbtc@aggTrade"),
        ("spot", "!miniTicker@arr@1000ms", "!miniTicker@arr"),
        ("spot", "!MINITICKER@ARR", "!miniTicker@arr"),
        ("spot", "BTCUSDT@kline_1M", "btcusdt@kline_1M"),
        ("spot", "BTCUSDT@KLINE_1m", "btcusdt@kline_1m"),
        ("spot", "btcusdt@kline_1H", "btcusdt@kline_1h"),
        ("spot", "btcusdt@depth@1000ms", "btcusdt@depth"),
        ("spot", "币安人生USDT@Trade", "币安人生usdt@trade"),
        ("usdm", "btcusdt@depth@250ms", "btcusdt@depth"),
        ("usdm", "BTCUSDT@markprice@1S", "btcusdt@markPrice@1s"),
        ("usdm", "TRADINGSESSION", "tradingSession"),
        ("usdm", "BTCUSDT_PERPETUAL@continuouskline_1M", "btcusdt_perpetual@continuousKline_1M"),
        ("coinm", "BTCUSD_PERP@FORCEORDER", "btcusd_perp@forceOrder"),
        ("options", "BTC-251226-110000-C@optionticker", "btc-251226-110000-c@optionTicker"),
    ],
)
def test_case_is_corrected(market: str, given: str, wire: str) -> None:
    """Symbols become lower case, suffixes the exchange's spelling, 1m and 1M stay apart, defaults are left off."""
    assert parse(market, given).wire == wire


@pytest.mark.parametrize(("market", "name", "since"), RETIRED)
def test_retired_streams_name_their_end_and_their_replacement(market: str, name: str, since: str) -> None:
    """A retired name raises with its date and a replacement that still exists."""
    with pytest.raises(StreamRetired) as caught:
        resolve(market, name)
    assert caught.value.since == since
    assert caught.value.replacement in str(caught.value)
    replacement = caught.value.replacement.split(" ")[0].rstrip(",")
    assert replacement in {row.pattern for row in FAMILIES[market]} | {"!miniTicker@arr"}


def test_retired_families_cannot_be_built() -> None:
    """The builder refuses a retired family too."""
    for market in MARKETS:
        for row in FAMILIES[market]:
            if row.retired is not None:
                with pytest.raises(StreamRetired):
                    build(market, row.key)


@pytest.mark.parametrize(
    ("market", "name", "help_"),
    [
        ("spot", "btcusdt@trad", "<symbol>@trade"),
        ("spot", "btcusdt@kline_7m", "<symbol>@kline_<interval>"),
        ("spot", "btcusdt@forceOrder", "It is a stream of usdm, coinm"),
        ("usdm", "btcusdt@avgPrice", "It is a stream of spot"),
        ("spot", "!minTicker@arr", "!miniTicker@arr"),
        ("spot", "whatever", "No documented stream"),
        ("spot", "!whatever@all", "No documented stream has a similar name"),
        ("spot", "BTCUSDT", "A symbol alone is no stream: <symbol>@trade is one"),
        ("options", "BTC-1-C", "A symbol alone is no stream: <symbol>@optionTrade is one"),
        ("spot", "btcusdt@depth7", "<depth> is one of '5', '10', '20'"),
        ("spot", "btcusdt@kline_1m@+05:00", "<timezone> is one of '+08:00'"),
        ("usdm", "btcusdt@depth@0ms", "<interval> is one of '100', '250', '500'"),
    ],
)
def test_unknown_suffixes_pass_with_a_warning(
    market: str, name: str, help_: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An undocumented name goes to the wire unchanged; the log has one warning that helps."""
    with caplog.at_level(logging.WARNING, logger="binance_sockets"):
        assert resolve(market, name).wire == name
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert help_ in caplog.text and name in caplog.text


@pytest.mark.parametrize(
    ("market", "given", "wire", "key", "route"),
    [
        ("usdm", "BTCUSDT@depth@0ms", "btcusdt@depth@0ms", "depth", "public"),
        ("usdm", "btcusdt@depth5@0MS", "btcusdt@depth5@0ms", "partial_depth", "public"),
        ("usdm", "btcusdt@rpiDepth@100ms", "btcusdt@rpiDepth@100ms", "rpi_depth", "public"),
        ("usdm", "btcusdt@bookTicker@100ms", "btcusdt@bookTicker@100ms", "book_ticker", "public"),
        ("usdm", "btcusdt@markPrice@5s", "btcusdt@markPrice@5s", "mark_price", "market"),
        ("options", "btc-1-c@depth@0ms", "btc-1-c@depth@0ms", "depth", "public"),
        ("coinm", "btcusd@indexPrice@3s", "btcusd@indexPrice@3s", "index_price", ""),
        ("spot", "!miniTicker@arr@3000ms", "!miniTicker@arr@3000ms", "all_mini_tickers", ""),
        ("usdm", "BTCUSDT@depth7", "btcusdt@depth7", "partial_depth", "public"),
        ("usdm", "btcusdt@Depth50@100MS", "btcusdt@depth50@100ms", "partial_depth", "public"),
        ("usdm", "btcusdt@rpiDepth", "btcusdt@rpiDepth", "rpi_depth", "public"),
        ("usdm", "btcusdt@kline_7m", "btcusdt@kline_7m", "kline", "market"),
        (
            "usdm",
            "btcusdt_next_year@continuousKline_1m",
            "btcusdt_next_year@continuousKline_1m",
            "continuous_kline",
            "market",
        ),
        ("options", "btc-1-c@depth7", "btc-1-c@depth7", "partial_depth", "public"),
        ("options", "btc-1-c@depth", "btc-1-c@depth", "depth", "public"),
        ("spot", "btcusdt@ticker_2H", "btcusdt@ticker_2H", "rolling_ticker", ""),
        ("spot", "btcusdt@kline_1m@+05:00", "btcusdt@kline_1m@+05:00", "kline", ""),
    ],
)
def test_an_unlisted_variant_takes_the_familys_route(
    market: str, given: str, wire: str, key: str, route: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A speed or value that nobody documents changes neither route nor event; the log warns and shows the pattern."""
    with caplog.at_level(logging.WARNING, logger="binance_sockets"):
        found = resolve(market, given)
    assert found.family is not None
    assert (found.wire, found.family.key, found.stream().route, found.listed) == (wire, key, route, False)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert found.family.pattern in caplog.text


@pytest.mark.parametrize(
    ("market", "name", "route"),
    [
        ("usdm", "btcusdt@whatever@0ms", "market"),
        ("usdm", "whatever", "market"),
        ("usdm", "btcusdt@depth@fast", "public"),
        ("usdm", "btcusdt@depth@0ms@0ms", "public"),
        ("usdm", "btcusdt@depthDiff", "public"),
        ("usdm", "btcusdt@rpiDepth5", "public"),
        ("usdm", "!bookTicker@arr", "public"),
        ("usdm", "btcusdt@markPriceIndex", "market"),
        ("options", "btc-1-c@optionTicker2", "public"),
        ("options", "!index@arr2", "market"),
        ("spot", "btcusdt@depth@fast", ""),
    ],
)
def test_what_is_no_variant_stays_unknown(market: str, name: str, route: str) -> None:
    """A name in no row has no event; it goes where the row lives from whose name it goes on."""
    assert parse(market, name).family is None
    assert parse(market, name).stream().route == route


def test_a_retired_stream_with_a_speed_is_retired() -> None:
    """A speed does not bring back what the exchange has switched off."""
    with pytest.raises(StreamRetired):
        resolve("spot", "!ticker@arr@1000ms")


def test_the_arguments_choose_the_row() -> None:
    """Of a method's rows the first is meant that has a place for every value; the key may spell more than the wire."""
    rows = [family("spot", key) for key in ("depth", "partial_depth")]
    for depth, interval, wire in ((None, 100, "a@depth@100ms"), ("1", None, "a@depth"), (5, 0, "a@depth5")):
        assert fill(rows, {"symbol": "A", "depth": depth, "interval": interval}).wire == wire
    built = fill([family("spot", "all_mini_tickers")], {"update_time": 1000})
    assert (built.wire, built.key) == ("!miniTicker@arr", "!miniTicker@arr@1000ms")


@pytest.mark.parametrize(
    "name", ["", "a b@trade", "btcusdt@trade/ethusdt@trade", "a\n@trade", "\ud800@trade", 5, None, b"x"]
)
def test_unusable_names_are_refused(name: object) -> None:
    """What cannot be one stream name raises."""
    with pytest.raises(ConfigError):
        resolve("spot", name)


def test_binance_us_has_its_own_streams() -> None:
    """No 1s kline, windows of 1h and 4h only, no block trades, but the array of tickers."""
    assert parse("us", "!ticker@arr").family is not None
    for name in ("btcusdt@kline_1s", "btcusdt@ticker_1d", "!ticker_1d@arr", "btcusdt@blockTrade"):
        found = parse("us", name)
        assert found.family is None or not found.listed
    with pytest.raises(ConfigError, match="us has no block trade stream"):
        build("us", "block_trade", symbol="BTCUSD")


@pytest.mark.parametrize(
    "symbol", ["", " ", "BTC USDT", "a@b", "a/b", "a!b", "a?b", "*b", "a%b", "\x00", None, 5, b"BTC"]
)
def test_bad_symbols_are_refused(symbol: object) -> None:
    """A symbol is a non-empty string without white space or the characters of URLs and names."""
    with pytest.raises(ConfigError, match="symbol: expected"):
        build("spot", "trade", symbol=symbol)


@pytest.mark.parametrize(
    ("market", "symbol", "good"),
    [("spot", "BTC-USDT", "BTCUSDT"), ("spot", "btc_usdt", "btcusdt"), ("us", "BTC-USD", "BTCUSD"),
     ("usdm", "BTC-USDT", "BTCUSDT"), ("coinm", "BTC-USD_PERP", "BTCUSD_PERP")],
)  # fmt: skip
def test_symbols_of_other_exchanges_are_refused(market: str, symbol: str, good: str) -> None:
    """Binance acknowledges them and sends nothing; the error has the right spelling, for arguments and for names."""
    with pytest.raises(ConfigError, match=f"symbol: expected a symbol without .*Say '{good}'"):
        build(market, "trade", symbol=symbol)
    with pytest.raises(ConfigError, match=f"Say '{good.lower()}'"):
        resolve(market, f"{symbol}@kline_1m")
    assert build(market, "trade", symbol=good) == f"{good.lower()}@trade"


@pytest.mark.parametrize("symbol", ["BTCUSD_PERP", "btcusdt_261225"])
def test_contracts_on_spot_are_refused_with_their_market(symbol: str) -> None:
    """Without the underscore they would be the name of nothing."""
    for attempt in (lambda: build("spot", "trade", symbol=symbol), lambda: resolve("spot", f"{symbol}@trade")):
        with pytest.raises(ConfigError, match=r"It looks like a contract of usdm or coinm$"):
            attempt()


def test_symbols_with_a_dash_or_an_underscore_that_exist() -> None:
    """Contracts of futures have an underscore, options have dashes."""
    assert resolve("usdm", "btcusdt_261225@trade").listed and resolve("coinm", "btcusd_perp@trade").listed
    assert resolve("options", "btc-261225-110000-c@optionTrade").listed


@pytest.mark.parametrize(
    ("market", "key", "values", "argument", "allowed"),
    [
        ("spot", "kline", {"symbol": "A", "interval": "7m"}, "interval", "1M"),
        ("usdm", "kline", {"symbol": "A", "interval": "1s"}, "interval", "1m"),
        ("options", "kline", {"symbol": "A", "interval": "1M"}, "interval", "1w"),
        ("spot", "kline", {"symbol": "A", "interval": "1m", "timezone": "+01:00"}, "timezone", "+08:00"),
        ("spot", "partial_depth", {"symbol": "A", "depth": 7}, "depth", "20"),
        ("spot", "depth", {"symbol": "A", "interval": 250}, "interval", "100"),
        ("usdm", "depth", {"symbol": "A", "interval": 1000}, "interval", "500"),
        ("options", "depth", {"symbol": "A"}, "interval", "500"),
        ("spot", "rolling_ticker", {"symbol": "A", "window": "2h"}, "window", "4h"),
        ("coinm", "continuous_kline", {"symbol": "A", "interval": "1m", "contract_type": "tradifi_perpetual"},
         "contract_type", "next_quarter"),
        ("options", "open_interest", {"symbol": "A", "expiration_date": "2026-12-25"}, "expiration_date", "yymmdd"),
        ("spot", "trade", {"symbol": "A", "levels": 5}, "levels", "symbol"),
        ("spot", "trade", {}, "symbol", "a value"),
    ],
)  # fmt: skip
def test_bad_values_name_the_allowed_ones(
    market: str, key: str, values: dict[str, object], argument: str, allowed: str
) -> None:
    """The error carries the argument's name and what would be accepted there."""
    with pytest.raises(ConfigError) as caught:
        build(market, key, **values)
    assert caught.value.name == argument
    assert allowed in str(caught.value)


def test_swapped_arguments_are_explained() -> None:
    """A callback where a symbol belongs, or the other way round, tells the order of the arguments."""
    with pytest.raises(ConfigError, match=r"1\.x had the callback first"):
        build("spot", "trade", symbol=print)
    with pytest.raises(ConfigError, match=r"order is \(streams, callback\)"):
        resolve("spot", print)


def test_catalogue() -> None:
    """One row per living family, with product, name, method and speed; a market narrows it; others are refused."""
    rows = catalogue()
    assert len(rows) == len(LIVE)
    assert all(row.says and row.pattern and row.method and row.speed and row.source and row.model for row in rows)
    assert {row.market for row in catalogue("coinm")} == {"coinm"}
    with pytest.raises(ConfigError):
        catalogue("margin")


symbols = st.text(
    st.characters(blacklist_categories=["C", "Z"], blacklist_characters="@/!?*#&=%,:;+\"'\\<>[]{}"), min_size=1
).filter(str.isprintable)


@st.composite
def built(draw: st.DrawFn) -> tuple[Family, dict[str, str]]:
    """A family with values that fit it."""
    row = draw(st.sampled_from(LIVE))
    values = {}
    for name in ("symbol", "pair", "asset"):
        if f"<{name}>" in row.pattern:
            foreign = MARKETS[row.market].foreign + ("_" if name == "pair" else "")
            values[name] = draw(symbols.filter(lambda text, foreign=foreign: not set(foreign) & set(text)))
    for name, allowed in row.allowed.items():
        if f"<{name}>" in row.pattern:
            values[name] = draw(st.sampled_from(allowed) if allowed else st.from_regex(r"[0-9]{6}", fullmatch=True))
    return row, values


@given(built())
def test_what_is_built_is_read_back(case: tuple[Family, dict[str, str]]) -> None:
    """A built name is understood, is already spelled correctly, and means a living family."""
    row, values = case
    name = build(row.market, row.key, **values)
    found = parse(row.market, name)
    assert found.wire == name
    assert found.family is not None and found.family.retired is None
    assert build(row.market, found.family.key, **found.values) == name


@given(st.sampled_from(list(MARKETS)), st.text())
def test_parsing_never_raises_and_is_stable(market: str, name: str) -> None:
    """Any text is understood or left alone, and the result is understood alike."""
    wire = parse(market, name).wire
    assert parse(market, wire).wire == wire
    assert isinstance(close_names(market, name), str)


def test_a_conn_key_is_not_a_stream_name() -> None:
    """A key that a start method returned is refused as a name, and the error says what to pass."""
    with pytest.raises(ConfigError, match="That is a conn_key; say 'btcusdt@trade' with product='usdm'"):
        resolve("spot", "usdm:btcusdt@trade")
