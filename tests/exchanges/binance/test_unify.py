"""The unified view and the types of numbers: every stream's values in every form, and the names of instruments."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
import pytest
from exchanges.binance.recordings import Recorded, needs_recordings, recorded_lines, single_messages
from golden import MARKETS, Sample, market_samples, parse

from binance_sockets import unified
from binance_sockets.errors import ConfigError
from binance_sockets.exchange import Misfits
from binance_sockets.exchanges.binance import models
from binance_sockets.exchanges.binance.families import FAMILIES
from binance_sockets.exchanges.binance.instruments import Instruments, Place, listed_instruments
from binance_sockets.exchanges.binance.market import MarketStreams
from binance_sockets.exchanges.binance.unify import check_unified, unified_rows, unified_types
from binance_sockets.exchanges.binance.urls import Environment

NUMBERS: dict[str, Callable[[str], Any]] = {"str": str, "decimal": Decimal, "float": float}
NOW = 1_700_000_000.25

# Which letter each field of a neutral event comes from; of candles and liquidations inside the part they are in.
_BEST = {"bid_price": "b", "bid_quantity": "B", "ask_price": "a", "ask_quantity": "A"}
LETTERS: dict[str, dict[str, str]] = {
    "trade": {"price": "p", "quantity": "q"},
    "ticker": {
        "price": "c", "open_price": "o", "high_price": "h", "low_price": "l", "volume": "v", "quote_volume": "q",
    },
    "kline": {
        "open_price": "o", "high_price": "h", "low_price": "l", "close_price": "c", "interval": "i", "is_closed": "x",
    },
    "book_ticker": {**_BEST, "update_id": "u"},
    "depth": {},
    "mark_price": {"mark_price": "p"},
    "index_price": {"price": "p"},
    "liquidation": {"price": "p", "average_price": "ap", "quantity": "q", "filled_quantity": "z"},
    "open_interest": {"open_interest": "o", "open_interest_value": "h"},
    "greeks": {
        "mark_price": "mp", "index_price": "i", "bid_price": "bo", "bid_quantity": "bq", "ask_price": "ao",
        "ask_quantity": "aq", "mark_volatility": "vo", "delta": "d", "gamma": "g", "theta": "t", "vega": "v",
    },
}  # fmt: skip
FULL_TICKER = {
    "price_change": "p", "price_change_percent": "P", "weighted_average_price": "w", "trade_count": "n",
}  # fmt: skip
OPTIONAL = {
    "trade": {"first_id": "f", "last_id": "l"},
    "mark_price": {"index_price": "i", "settle_price": "P"},
    "kline": {"volume": "v", "quote_volume": "q", "taker_buy_volume": "V", "taker_buy_quote_volume": "Q"},
    "ticker": {"last_quantity": "Q"},
}


def streams_of(market: str, view: str, wrapped: bool, numbers: str | None = None, **more: Any) -> MarketStreams:
    tld = "us" if market == "us" else "com"
    product = "spot" if market == "us" else market
    where = Environment("http://127.0.0.1:9", tld)
    return MarketStreams(
        where, product, wrapped=wrapped, view=view, numbers=numbers, now=lambda: NOW, **more
    )  # fmt: skip


class Forms:
    """The decoders of one stream in every view and type of numbers."""

    def __init__(self, market: str, name: str, wrapped: bool) -> None:
        self.wrapped = wrapped
        stream = parse(market, name).stream()
        self.row = stream.family
        views = ["dict", "raw", "typed"] + (["unified"] if self.row and unified_types(self.row) else [])
        self.misfits = Misfits()
        self.decoders = {}
        for view in views:
            for numbers in NUMBERS if view in ("typed", "unified") else (None,):
                made = streams_of(market, view, wrapped, numbers)
                (group,) = made.split([stream])
                self.decoders[view, numbers] = made.decoder(group, self.misfits)

    def check(self, name: str, message: bytes) -> bool:
        """Fail unless all forms of a message have equal values; returns whether it is typed."""
        document = json.loads(message)
        bare = document["data"] if self.wrapped else document
        found: dict[Any, Any] = {}
        for key, decode in self.decoders.items():
            stream, payload = decode(memoryview(message))
            assert stream == name
            if key[0] in ("typed", "unified") and self.wrapped:
                assert isinstance(payload, models.Combined) and payload.stream == name
                payload = payload.data
            found[key] = payload
        assert found["dict", None] == document and found["raw", None] == message
        if not all(isinstance(each, models.Event) for each in listed(found["typed", "str"])):
            return False
        for view in {view for view, numbers in self.decoders if numbers}:
            exact = found[view, "str"]
            for numbers, made in NUMBERS.items():
                equal(exact, found[view, numbers], made)
        if ("unified", "str") in found:
            assert isinstance(found["unified", "str"], list) == isinstance(bare, list)
            for event, body in zip(listed(found["unified", "str"]), listed(bare), strict=True):
                told(event, body)
        return True


def listed(payload: Any) -> list[Any]:
    return payload if isinstance(payload, list) else [payload]


def equal(exact: Any, other: Any, number: Callable[[str], Any]) -> None:
    """``other`` is ``exact`` with its numbers, which are texts there, in another type."""
    if isinstance(exact, (list, tuple)):
        assert len(exact) == len(other)
        for one, another in zip(exact, other, strict=True):
            equal(one, another, number)
    elif isinstance(exact, msgspec.Struct):
        assert type(other) is type(exact)
        numeric = numeric_fields(type(exact))
        for name in exact.__struct_fields__:
            one, another = getattr(exact, name), getattr(other, name)
            if isinstance(one, str) and name in numeric and one:
                assert another == number(one) and type(another) is type(number(one)), name
            else:
                equal(one, another, number)
    elif isinstance(exact, str) and number is not str and not isinstance(other, str):
        assert other == number(exact) and type(other) is type(number(exact))
    else:
        assert other == exact and type(other) is type(exact)


@cache
def numeric_fields(kind: Any) -> set[str]:
    return {field.name for field in msgspec.structs.fields(kind) if "~N" in str(field.type)}


def told(event: Any, body: dict[str, Any]) -> None:
    """A neutral event with exact numbers has what the message says."""
    assert isinstance(event, unified.Event) and event.received_ns == int(NOW * 1e9)
    assert event.exchange in ("binance", "binanceus")
    inner = body.get("k") or (body["o"] if event.type == "liquidation" else None) or body
    wanted = {name: inner[letter] for name, letter in LETTERS[event.type].items()}
    if event.type == "ticker" and "P" in body:
        wanted |= {name: body[letter] for name, letter in FULL_TICKER.items()}
    if not (event.type == "kline" and event.kind != "trade"):
        wanted |= {name: inner[key] for name, key in OPTIONAL.get(event.type, {}).items() if key in inner}
    if event.type == "ticker" and body["e"] == "24hrTicker" and "x" in body:
        wanted |= {name: body[letter] for name, letter in _BEST.items()} | {"previous_close_price": body["x"]}
    if event.type == "depth":
        sides = (body["b"], body["a"]) if "b" in body else (body["bids"], body["asks"])
        assert [list(level) for side in (event.bids, event.asks) for level in side] == [*sides[0], *sides[1]]
        wanted["last_update_id"] = body.get("u", body.get("lastUpdateId"))
        if event.is_diff:
            wanted |= {"first_update_id": body["U"], "previous_update_id": body.get("pu")}
    if event.type == "trade":
        wanted["id"] = body["a"] if body["e"] == "aggTrade" else body["t"]
        wanted["side"] = "sell" if body["m"] else "buy"
    if event.type == "mark_price" and body["T"] and body["r"]:
        wanted |= {"funding_rate": body["r"], "next_funding_time_ns": body["T"] * 1_000_000}
    if event.type == "kline":
        wanted |= {"open_time_ns": inner["t"] * 1_000_000, "close_time_ns": inner["T"] * 1_000_000}
    if event.type == "liquidation":
        wanted["side"] = inner["S"].lower()
    wanted["sent_ns"] = body["E"] * 1_000_000 if "E" in body else None
    if event.type in ("trade", "liquidation") or (event.type in ("book_ticker", "depth") and "T" in body):
        wanted["time_ns"] = inner["T"] * 1_000_000
    assert {name: getattr(event, name) for name in wanted} == wanted


# -- made-up messages of every stream --


@pytest.mark.parametrize("wrapped", [False, True], ids=["bare", "wrapped"])
@pytest.mark.parametrize("sample", market_samples(), ids=lambda sample: sample.id)
def test_all_forms_of_a_message_have_equal_values(sample: Sample, wrapped: bool) -> None:
    """Dict, bytes, typed and unified events say the same, in every type of numbers."""
    forms = Forms(sample.market, sample.stream, wrapped)
    assert forms.check(sample.stream, sample.combined if wrapped else sample.raw)
    assert forms.misfits.count == 0


@pytest.mark.parametrize("market", MARKETS)
def test_which_streams_have_a_unified_form(market: str) -> None:
    """What every exchange has, has one; what is Binance's own has none, and is refused with those that have."""
    without = {row.key for row in FAMILIES[market] if row.retired is None} - {row.key for row in unified_rows(market)}
    own = {
        "average_price", "reference_price", "rpi_depth", "contract_info", "asset_index", "all_asset_indexes",
        "trading_session", "new_symbols",
    }  # fmt: skip
    assert without == own & {row.key for row in FAMILIES[market]}


def test_a_stream_without_one_is_refused_with_those_that_have_one() -> None:
    """By its row, and where nobody knows it."""
    for name in ("btcusdt@avgPrice", "btcusdt@unheardOf"):
        with pytest.raises(ConfigError, match=r"no unified form; on spot these have one: .*<symbol>@trade"):
            check_unified("spot", [parse("spot", name).stream()])
    check_unified("spot", [parse("spot", "btcusdt@trade").stream()])


@pytest.mark.parametrize("view", ["dict", "raw"])
def test_numbers_are_of_views_that_decode_them(view: str) -> None:
    """Asked for elsewhere, or of an unknown type, they are refused with what there is."""
    with pytest.raises(ConfigError, match="numbers: expected one of None"):
        streams_of("spot", view, False, "float")
    with pytest.raises(ConfigError, match="'str', 'decimal', 'float'"):
        streams_of("spot", "typed", False, "int")


def test_what_fits_no_event_comes_as_in_the_dict_view() -> None:
    """One element of a list alone, as in the typed view, and told once."""
    said: list[str] = []
    made = streams_of("spot", "unified", False)
    (group,) = made.split([parse("spot", "!miniTicker@arr").stream()])
    decode = made.decoder(group, Misfits(lambda stream, text: said.append(text)))
    good = '{"e":"24hrMiniTicker","E":2,"s":"BTCUSDT","c":"1","o":"2","h":"1","l":"1","v":"9","q":"9","new":1}'
    _, events = decode(memoryview(f'[{good},{{"e":"24hrMiniTicker"}},{good}]'.encode()))
    assert [type(each) for each in events] == [unified.Ticker, dict, unified.Ticker]
    assert (events[0].price_change, events[0].price_change_percent) == (-1.0, -50.0)
    assert len(said) == 1


@pytest.mark.parametrize("numbers, bad", [("float", "Infinity"), ("decimal", "-Infinity"), ("str", "x")])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_number_that_cannot_be_computed_with_costs_its_own_event_alone(numbers: str, bad: str, wrapped: bool) -> None:
    """It comes as in the dict view, and is told; the others of its list are events."""
    tickers = [
        {"e": "24hrMiniTicker", "E": 1, "s": symbol, "c": close, "o": "1", "h": "1", "l": "1", "v": "1", "q": "1"}
        for symbol, close in (("BTCUSDT", "2"), ("ETHUSDT", bad), ("BNBUSDT", "3"))
    ]
    made = streams_of("spot", "unified", wrapped, numbers)
    (group,) = made.split([parse("spot", "!miniTicker@arr").stream()])
    reports: list[str] = []
    misfits = Misfits(lambda stream, text: reports.append(text))
    message = {"stream": "!miniTicker@arr", "data": tickers} if wrapped else tickers
    _, payload = made.decoder(group, misfits)(memoryview(json.dumps(message).encode()))
    first, second, third = payload.data if wrapped else payload
    assert (first.symbol, third.symbol, float(first.price_change_percent)) == ("BTCUSDT", "BNBUSDT", 100.0)
    assert second == tickers[1]
    assert misfits.count == 1 and "dict view" in reports[0]


@pytest.mark.parametrize("bad", ["NaN", "-nan", "sNaN", "Infinity", "-inf", "1e999", "x", ""])
@pytest.mark.parametrize("numbers", list(NUMBERS))
@pytest.mark.parametrize("view", ["typed", "unified"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_is_no_number_is_told_and_no_event(wrapped: bool, view: str, numbers: str, bad: str) -> None:
    """A price that is none costs its event in every view that reads it; typed texts alone come as they were sent."""
    samples: list[tuple[str, str, dict[str, Any]]] = [
        ("spot", "btcusdt@trade", {"e": "trade", "E": 1, "s": "BTC", "t": 1, "p": bad, "q": "1", "T": 1, "m": True}),
        ("spot", "btcusdt@depth", {"e": "depthUpdate", "E": 1, "s": "BTC", "U": 1, "u": 2, "b": [], "a": [[bad, "1"]]}),
        ("usdm", "btcusdt@markPrice", {
            "e": "markPriceUpdate", "E": 1, "s": "BTCUSDT", "p": "1", "i": "1", "P": "1", "r": bad, "T": 5, "ap": "1",
        }),
    ]  # fmt: skip
    for market, name, payload in samples:
        if (numbers == "decimal" and bad == "1e999") or (name.endswith("markPrice") and not bad):
            continue  # a Decimal can be that large, and some contracts have no funding
        made = streams_of(market, view, wrapped, numbers)
        (group,) = made.split([parse(market, name).stream()])
        misfits = Misfits()
        text = json.dumps({"stream": name, "data": payload} if wrapped else payload)
        _, found = made.decoder(group, misfits)(memoryview(text.encode()))
        as_sent = numbers == "str" and (view == "typed" or bad == "1e999")
        assert ((found.data if wrapped else found) == payload) is not as_sent
        assert misfits.count == (0 if as_sent else 1)


@pytest.mark.parametrize("text", ["1" * 200_000 + "x", "1." + "1" * 200_000 + "x", "1e" + "1" * 200_000 + "x"])
def test_what_is_no_number_is_seen_at_once_however_long_it_is(text: str) -> None:
    """A look at it that goes by the square of its length would keep the thread busy for minutes."""
    made = streams_of("spot", "unified", False, "str")
    (group,) = made.split([parse("spot", "btcusdt@trade").stream()])
    payload = {"e": "trade", "E": 1, "s": "BTC", "t": 1, "p": text, "q": "1", "T": 1, "m": True}
    misfits = Misfits()
    assert made.decoder(group, misfits)(memoryview(json.dumps(payload).encode()))[1] == payload
    assert misfits.count == 1


def test_microseconds_are_kept() -> None:
    """Times are nanoseconds whatever unit was asked for."""
    text = b'{"e":"trade","E":1700000000000123,"s":"BTCUSDT","t":9,"p":"1","q":"3","T":1700000000000120,"m":false}'
    made = streams_of("spot", "unified", False, time_unit="us")
    (group,) = made.split([parse("spot", "btcusdt@trade").stream()])
    _, trade = made.decoder(group, Misfits())(memoryview(text))
    assert (trade.time_ns, trade.sent_ns) == (1700000000000120000, 1700000000000123000)


@pytest.mark.parametrize(
    "sent, kept",
    [
        ('"r":"","T":0', (None, None)),
        ('"r":"0.00000000","T":0', (None, None)),
        ('"r":"0.0001","T":5', (0.0001, 5_000_000)),
    ],
)
def test_a_contract_without_funding_says_so(sent: str, kept: tuple[Any, Any]) -> None:
    """The exchange sends an empty text or a zero for delivery contracts; typed numbers keep the empty text."""
    text = f'{{"e":"markPriceUpdate","E":2,"s":"BTCUSDT_261225","p":"1.2",{sent}}}'.encode()
    for view, numbers in itertools.product(("typed", "unified"), NUMBERS):
        made = streams_of("usdm", view, False, numbers)
        (group,) = made.split([parse("usdm", "btcusdt_261225@markPrice").stream()])
        _, event = made.decoder(group, Misfits())(memoryview(text))
        if view == "typed":
            exact = json.loads(text)["r"]
            assert event.funding_rate == (NUMBERS[numbers](exact) if exact else "")
        else:
            rate = None if kept[0] is None else NUMBERS[numbers]("0.0001")
            assert (event.funding_rate, event.next_funding_time_ns) == (rate, kept[1])


@pytest.mark.parametrize("market, exchange", [("spot", "binance"), ("us", "binanceus")])
def test_the_same_symbol_of_two_exchanges_can_be_told_apart(market: str, exchange: str) -> None:
    """Binance.US is another exchange, with the same products and symbols."""
    made = streams_of(market, "unified", False)
    for name, text in {
        "btcusdt@trade": b'{"e":"trade","E":2,"s":"BTCUSDT","t":9,"p":"1","q":"3","T":1,"m":false,"M":true}',
        "btcusdt@ticker_1h": (
            b'{"e":"1hTicker","E":2,"s":"BTCUSDT","p":"0","P":"0","w":"1","c":"1","o":"1","h":"1","l":"1","v":"9",'
            b'"q":"9","O":0,"C":2,"F":1,"L":2,"n":2}'
        ),
    }.items():
        (group,) = made.split([parse(market, name).stream()])
        _, event = made.decoder(group, Misfits())(memoryview(text))
        assert (event.exchange, event.product, event.symbol) == (exchange, "spot", "BTCUSDT")


# -- instruments --


@pytest.mark.parametrize(
    "market, symbol, place",
    [
        ("spot", "BTCUSDT", ("spot", "BTC/USDT")),
        ("spot", "USDTTRY", ("spot", "USDT/TRY")),
        ("spot", "FLOWBTC", ("spot", "FLOW/BTC")),
        ("spot", "BTCAEUR", ("spot", None)),  # BTC/AEUR
        ("spot", "ADAEUR", ("spot", None)),  # ADA/EUR, but who knows
        ("spot", "USDT", ("spot", None)),
        ("spot", "ABCXYZ", ("spot", None)),
        ("us", "BTCUSD", ("spot", "BTC/USD")),
        ("us", "BNBUSD", ("spot", None)),
        ("usdm", "BTCUSDT", ("usdm", "BTC/USDT:USDT")),
        ("usdm", "1000SHIBUSDC", ("usdm", "1000SHIB/USDC:USDC")),
        ("usdm", "BTCUSDT_261225", ("usdm", "BTC/USDT:USDT-261225")),
        ("usdm", "BTCUSD_PERP", ("coinm", "BTC/USD:BTC")),
        ("usdm", "ETHBTC", ("usdm", None)),  # its margin asset is not said
        ("coinm", "BTCUSD_261225", ("coinm", "BTC/USD:BTC-261225")),
        ("coinm", "BTCUSDT", ("usdm", "BTC/USDT:USDT")),
        ("coinm", "BTCUSD", ("coinm", None)),
        ("options", "BTC-261225-110000-C", ("options", "BTC/USDT:USDT-261225-110000-C")),
        ("options", "BTCUSDT", ("options", None)),
    ],
)
def test_a_symbol_is_named_where_it_is_known_for_sure(market: str, symbol: str, place: tuple[str, str | None]) -> None:
    """As ccxt writes it; ``None`` where two splits are possible."""
    instruments = Instruments(market)
    assert instruments.known[symbol] == Place(*place) and instruments.known[symbol] is instruments.known[symbol]


def test_the_exchanges_own_list_names_the_rest() -> None:
    """It wins over what a symbol tells, also for what was asked for before."""
    instruments = Instruments("spot")
    assert instruments.known["ADAEUR"].instrument is None
    info = {"symbols": [{"symbol": "ADAEUR", "baseAsset": "ADA", "quoteAsset": "EUR"}]}
    instruments.load(listed_instruments(info))
    assert instruments.known["ADAEUR"].instrument == "ADA/EUR" and instruments.known["ETHBTC"].instrument == "ETH/BTC"


def test_contracts_are_named_by_the_exchanges_list() -> None:
    """Margin asset and day of delivery are the list's; options by their symbol."""
    futures = {"baseAsset": "BTC", "quoteAsset": "USD", "marginAsset": "BTC", "deliveryDate": 1798185600000}
    info = {
        "symbols": [
            {"symbol": "BTCUSD_PERP", "contractType": "PERPETUAL", **futures},
            {"symbol": "BTCUSD_261225", "contractType": "CURRENT_QUARTER", **futures},
        ],
        "optionSymbols": [{"symbol": "ETH-261225-3000-P", "quoteAsset": "USDT"}],
    }
    assert listed_instruments(info) == {
        "BTCUSD_PERP": "BTC/USD:BTC", "BTCUSD_261225": "BTC/USD:BTC-261225",
        "ETH-261225-3000-P": "ETH/USDT:USDT-261225-3000-P",
    }  # fmt: skip


# -- recordings --


def compare(messages: Iterator[Recorded]) -> tuple[int, set[str]]:
    """How many were typed and compared, and the streams of those that fit no event."""
    forms: dict[tuple[str, str, bool], Forms] = {}
    compared, unfit = 0, set()
    for market, name, wrapped, text in messages:
        if (market, name, wrapped) not in forms:
            forms[market, name, wrapped] = Forms(market, name, wrapped)
        if forms[market, name, wrapped].check(name, text):
            compared += 1
        else:
            unfit.add(f"{market} {name}")
    return compared, unfit


@needs_recordings
def test_recorded_messages_have_equal_values_in_every_form() -> None:
    """Every message that was recorded alone, and a sample of the sequences."""
    compared, unfit = compare(single_messages())
    print(f"{compared} single messages; no event for {sorted(unfit)}")
    assert compared > 200
    compared, unfit = compare(recorded_lines(1499))
    print(f"{compared} of the sequences")
    assert compared > 150 and unfit == set()


@needs_recordings
@pytest.mark.full
@pytest.mark.timeout(1800)
def test_whole_recordings_have_equal_values_in_every_form() -> None:
    """Every message of every sequence."""
    compared, unfit = compare(recorded_lines())
    print(f"{compared} of the sequences")
    assert compared > 250_000 and unfit == set()
