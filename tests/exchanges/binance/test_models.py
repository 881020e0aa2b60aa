"""Typed events: every field of every event has the value that the dict view has."""

from __future__ import annotations

import importlib.util
import json
import logging
import typing
from decimal import Decimal
from pathlib import Path
from string import Template
from typing import Any

import msgspec
import pytest
from exchanges.binance.model_fields import same
from exchanges.binance.recordings import BARE, SHARED

from binance_sockets.exchanges.binance import models
from binance_sockets.exchanges.binance.families import FAMILIES
from binance_sockets.exchanges.binance.models.base import DecimalOf, OptionalDecimalOf
from binance_sockets.exchanges.binance.names import parse
from binance_sockets.exchanges.binance.typed import event_type
from binance_sockets.exchanges.binance.typed import typed_decoder as decoder_of

ROOT = Path(__file__).resolve().parents[3]
RECORDED = SHARED / "binance"


def typed_decoder(market: str, names: list[str], combined: bool) -> Any:
    """The decoder for streams by name."""
    return decoder_of(market, {name: parse(market, name).family for name in names}, combined)


CANDLE = (
    '{"t":1700000040000,"T":1700000099999,"s":"AAABBB","i":"1m","f":11,"L":19,"o":"1.10","c":"1.30","h":"1.40",'
    '"l":"1.00","v":"70.5","n":9,"x":false,"q":"84.60","V":"30.5","Q":"36.60","B":"0"}'
)
PARTS = {
    "HEAD": '"E":1700000000123,"s":"AAABBB"',
    "WINDOW": '"p":"-0.10","P":"-7.692","w":"1.2345","c":"1.20","o":"1.30","h":"1.50","l":"1.10","v":"900.0",'
    '"q":"1111.05","O":1699913600000,"C":1700000000000,"F":1,"L":77,"n":77',
    "BOOK": '"b":[["1.19","5.0"],["1.18","0.0"]],"a":[]',
    "CANDLE": CANDLE,
    "CANDLE_WITHOUT_SYMBOL": CANDLE.replace('"s":"AAABBB",', ""),
    "INDEX_CANDLE": CANDLE.replace('"AAABBB"', '"0"'),
}

_SAMPLES = {
    ("spot", "aaabbb@aggTrade"): (
        '{"e":"aggTrade",$HEAD,"a":5,"p":"1.20","q":"3.0","f":7,"l":9,"T":1700000000122,"m":true,"M":true}'
    ),
    ("spot", "aaabbb@trade"): '{"e":"trade",$HEAD,"t":9,"p":"1.20","q":"3.0","T":1700000000122,"m":false,"M":true}',
    ("spot", "aaabbb@blockTrade"): '{"e":"blockTrade",$HEAD,"t":2,"p":"1.2","q":"5000","T":1700000000122,"m":true}',
    ("spot", "aaabbb@referencePrice"): '{"e":"referencePrice","s":"AAABBB","r":null,"t":1700000000100}',
    ("spot", "cccddd@referencePrice"): '{"e":"referencePrice","s":"CCCDDD","r":"1.21","t":1700000000100}',
    ("spot", "aaabbb@kline_1m"): '{"e":"kline",$HEAD,"k":$CANDLE}',
    ("spot", "aaabbb@kline_1d@+08:00"): '{"e":"kline",$HEAD,"k":$CANDLE}',
    (
        "spot",
        "aaabbb@miniTicker",
    ): '{"e":"24hrMiniTicker",$HEAD,"c":"1.2","o":"1.3","h":"1.5","l":"1.1","v":"9","q":"11"}',
    (
        "spot",
        "!miniTicker@arr",
    ): '[{"e":"24hrMiniTicker",$HEAD,"c":"1.2","o":"1.3","h":"1.5","l":"1.1","v":"9","q":"11"}]',
    (
        "spot",
        "aaabbb@ticker",
    ): '{"e":"24hrTicker",$HEAD,"x":"1.29","Q":"2","b":"1.19","B":"5","a":"1.21","A":"4",$WINDOW}',
    ("spot", "aaabbb@ticker_1h"): '{"e":"1hTicker",$HEAD,$WINDOW}',
    ("spot", "aaabbb@ticker_4h"): '{"e":"4hTicker",$HEAD,$WINDOW}',
    ("spot", "aaabbb@ticker_1d"): '{"e":"1dTicker",$HEAD,$WINDOW}',
    ("spot", "!ticker_4h@arr"): '[{"e":"4hTicker",$HEAD,$WINDOW}]',
    ("spot", "aaabbb@bookTicker"): '{"u":400,"s":"AAABBB","b":"1.19","B":"5","a":"1.21","A":"4"}',
    ("spot", "aaabbb@avgPrice"): '{"e":"avgPrice",$HEAD,"i":"5m","w":"1.2011","T":1700000000001}',
    ("spot", "aaabbb@depth5@100ms"): '{"lastUpdateId":160,"bids":[["1.19","5"]],"asks":[["1.21","4"]]}',
    ("spot", "aaabbb@depth"): '{"e":"depthUpdate",$HEAD,"U":157,"u":160,$BOOK}',
    (
        "us",
        "!ticker@arr",
    ): '[{"e":"24hrTicker",$HEAD,"x":"1.29","Q":"2","b":"1.19","B":"5","a":"1.21","A":"4",$WINDOW}]',
    ("usdm", "aaabbb@aggTrade"): (
        '{"e":"aggTrade","a":5,$HEAD,"p":"1.20","q":"3.0","nq":"2.5","f":7,"l":9,"T":1700000000122,"m":true,"st":1}'
    ),
    (
        "coinm",
        "aaabbb_perp@aggTrade",
    ): '{"e":"aggTrade","a":5,$HEAD,"p":"1.2","q":"3","f":7,"l":9,"T":1700000000122,"m":true}',
    ("usdm", "aaabbb@trade"): '{"e":"trade",$HEAD,"T":1700000000122,"t":9,"p":"0","q":"0","X":"NA","m":false}',
    ("usdm", "aaabbb@markPrice@1s"): (
        '{"e":"markPriceUpdate",$HEAD,"p":"1.2","ap":"1.21","i":"1.22","P":"1.23","r":"0.0001",'
        '"T":1700006400000,"st":1}'
    ),
    (
        "usdm",
        "!markPrice@arr",
    ): '[{"e":"markPriceUpdate",$HEAD,"p":"1.2","i":"1.22","P":"1.23","r":"0.00000000","T":0}]',
    (
        "coinm",
        "aaabbb@markPrice",
    ): '[{"e":"markPriceUpdate",$HEAD,"p":"1.2","P":"1.23","i":"1.22","r":"","T":0,"st":2}]',
    ("coinm", "aaabbb_perp@kline_1m"): '{"e":"kline",$HEAD,"k":$CANDLE}',
    ("usdm", "aaabbb_perpetual@continuousKline_1m"): (
        '{"e":"continuous_kline","E":1700000000123,"ps":"AAABBB","ct":"PERPETUAL","k":$CANDLE_WITHOUT_SYMBOL}'
    ),
    (
        "coinm",
        "aaabbb@indexPriceKline_1m",
    ): '{"e":"indexPrice_kline","E":1700000000123,"ps":"AAABBB","k":$INDEX_CANDLE}',
    ("coinm", "aaabbb_perp@markPriceKline_1m"): '{"e":"markPrice_kline","E":1700000000123,"ps":"AAABBB","k":$CANDLE}',
    ("coinm", "aaabbb@indexPrice"): '{"e":"IndexUpdate",$HEAD,"p":"1.2012"}',
    ("usdm", "aaabbb@indexPrice"): '{"E":1700000000123,"s":"AAABBB","p":"1.2012","e":"IndexUpdate"}',
    ("coinm", "!indexPrice@arr"): '[{"e":"indexPriceUpdate","E":1700000000123,"i":"CCCDDD","p":"1.2012"}]',
    ("coinm", "!markPrice@arr"): '[{"e":"markPriceUpdate",$HEAD,"p":"1.2","P":"1.23","r":"","T":0}]',
    ("coinm", "aaabbb_perp@trade"): '{"e":"trade",$HEAD,"T":1700000000122,"t":9,"p":"1.2","q":"4","X":"RPI","m":false}',
    ("coinm", "cccddd@indexPrice"): '{"e":"indexPriceUpdate","E":1700000000123,"i":"CCCDDD","p":"1.2012"}',
    ("usdm", "aaabbb@miniTicker"): (
        '{"e":"24hrMiniTicker",$HEAD,"c":"1.2","o":"1.3","h":"1.5","l":"1.1","v":"9","q":"11","ps":"AAABBB","st":1}'
    ),
    ("coinm", "!miniTicker@arr"): "[]",
    ("coinm", "aaabbb_perp@ticker"): '{"e":"24hrTicker",$HEAD,"ps":"AAABBB","Q":"2",$WINDOW,"st":2}',
    ("usdm", "!ticker@arr"): '[{"e":"24hrTicker",$HEAD,"Q":"2",$WINDOW}]',
    ("usdm", "aaabbb@bookTicker"): (
        '{"e":"bookTicker","u":400,$HEAD,"ps":"AAABBB","b":"1.19","B":"5","a":"1.21","A":"4","T":1700000000120,"st":1}'
    ),
    ("usdm", "!bookTicker"): '{"e":"bookTicker","u":400,$HEAD,"b":"1.19","B":"5","a":"1.21","A":"4","T":1700000000120}',
    (
        "usdm",
        "aaabbb@depth@100ms",
    ): '{"e":"depthUpdate","T":1700000000120,$HEAD,"ps":"AAABBB","U":157,"u":160,"pu":156,$BOOK,"st":1}',
    (
        "coinm",
        "aaabbb_perp@depth5",
    ): '{"e":"depthUpdate","T":1700000000120,$HEAD,"ps":"AAABBB","U":157,"u":160,"pu":-1,$BOOK}',
    ("usdm", "aaabbb@rpiDepth@500ms"): '{"e":"depthUpdate","T":1700000000120,$HEAD,"U":157,"u":160,"pu":156,$BOOK}',
    ("usdm", "aaabbb@forceOrder"): (
        '{"e":"forceOrder","E":1700000000123,"o":{"s":"AAABBB","S":"SELL","o":"LIMIT","f":"IOC","q":"3",'
        '"p":"1.1","ap":"1.12","X":"FILLED","l":"1","z":"3","T":1700000000120},"ps":"AAABBB","st":1}'
    ),
    ("coinm", "!forceOrder@arr"): (
        '{"e":"forceOrder","E":1700000000123,"o":{"s":"AAABBB_PERP","ps":"AAABBB","S":"BUY","o":"LIMIT",'
        '"f":"IOC","q":"3","p":"1.1","ap":"1.12","X":"FILLED","l":"1","z":"3","T":1700000000120,"st":2}}'
    ),
    ("usdm", "aaabbb@compositeIndex"): (
        '{"e":"compositeIndex",$HEAD,"p":"5.5","C":"baseAsset","c":[{"b":"AAA","q":"BBB","w":"1.5",'
        '"W":"0.25","i":"3.3"}]}'
    ),
    ("usdm", "!contractInfo"): (
        '{"e":"contractInfo",$HEAD,"ps":"AAABBB","ct":"PERPETUAL","dt":4100000000000,"ot":1600000000000,'
        '"cs":"TRADING","bks":[{"bs":1,"bnf":0,"bnc":5000.5,"mmr":0.01,"cf":0.25,"mi":0.5,"ma":50}],'
        '"st":1}'
    ),
    (
        "coinm",
        "!contractInfo",
    ): '{"e":"contractInfo",$HEAD,"ct":"PERPETUAL","dt":4100000000000,"ot":1600000000000,"cs":"TRADING"}',
    ("usdm", "!assetIndex@arr"): (
        '[{"e":"assetIndexUpdate",$HEAD,"i":"1.2","b":"0.1","a":"0.2","B":"1.1","A":"1.3","q":"0.05",'
        '"g":"0.06","Q":"1.15","G":"1.25"}]'
    ),
    ("usdm", "aaausd@assetIndex"): (
        '{"e":"assetIndexUpdate",$HEAD,"i":"1.2","b":"0.1","a":"0.2","B":"1.1","A":"1.3","q":"0.05",'
        '"g":"0.06","Q":"1.15","G":"1.25"}'
    ),
    (
        "usdm",
        "tradingSession",
    ): '{"e":"KR_EquityUpdate","E":1700000000123,"t":1700000000000,"T":1700020000000,"S":"REGULAR"}',
    ("options", "aaa-991231-10-c@optionTrade"): (
        '{"e":"trade",$HEAD,"T":1700000000122,"t":4,"p":"41.4","q":"1.00","X":"MARKET","S":"SELL","m":true}'
    ),
    ("options", "aaa-991231-10-c@optionTicker"): '{"e":"24hrTicker",$HEAD,"Q":"2",$WINDOW}',
    (
        "options",
        "aaa-991231-10-c@bookTicker",
    ): '{"e":"bookTicker","u":24,$HEAD,"b":"5","B":"2","a":"6","A":"1","T":1700000000120}',
    ("options", "aaa-991231-10-c@depth@100ms"): '{"e":"depthUpdate","T":1700000000120,$HEAD,"U":1,"u":3,"pu":0,$BOOK}',
    ("options", "!index@arr"): '[{"e":"indexPrice",$HEAD,"p":"86.1"}]',
    ("options", "aaa-991231-10-c@kline_1m"): '{"e":"kline",$HEAD,"k":$CANDLE}',
    ("options", "aaabbb@optionMarkPrice"): (
        '[{"s":"AAA-991231-10-C","mp":"38.7","E":1700000000123,"e":"markPrice","i":"86.1","P":"38.8",'
        '"bo":"38.5","ao":"38.9","bq":"2.4","aq":"4.6","b":"-1.0","a":"0.36","hl":"70","ll":"7",'
        '"vo":"0.36","rf":"0.05","d":"0.4","t":"-3.5","g":"0.00003","v":"15.6"}]'
    ),
    ("options", "aaabbb@openInterest@991231"): '[{"e":"openInterest",$HEAD,"o":"7.0","h":"301.5"}]',
    ("options", "!optionSymbol"): (
        '{"e":"optionSymbol",$HEAD,"ps":"AAABBB","qa":"BBB","d":"CALL","sp":"10","dt":4100000000000,'
        '"u":1,"ot":1700000000000,"cs":"TRADING"}'
    ),
}
SAMPLES = {stream: Template(text).substitute(PARTS) for stream, text in _SAMPLES.items()}


@pytest.mark.parametrize("market, name", SAMPLES, ids="-".join)
@pytest.mark.parametrize("combined", [False, True], ids=["raw", "combined"])
def test_every_event_has_the_values_of_its_message(market: str, name: str, combined: bool, caplog: Any) -> None:
    """A message of every family becomes an event that equals the dict view, field by field."""
    text = SAMPLES[market, name]
    message = f'{{"stream":"{name}","data":{text}}}' if combined else text
    stream, payload = typed_decoder(market, [name], combined)(memoryview(message.encode()))
    assert stream == name
    event = payload.data if combined else payload
    assert not isinstance(event, dict) and not caplog.records
    if combined:
        assert isinstance(payload, models.Combined) and payload.stream == name
    same(event, json.loads(text))


def test_every_family_of_the_exchange_has_an_event_and_a_sample() -> None:
    """A stream family that is added to the table and not here fails."""
    kinds = [event_type(market, name) for market, name in SAMPLES]
    sampled = {typing.get_args(kind)[0] if typing.get_origin(kind) is list else kind for kind in kinds}
    kinds_of_rows = [row.model for rows in FAMILIES.values() for row in rows if row.retired is None]
    assert len(kinds_of_rows) > 80
    assert [kind for kind in kinds_of_rows if kind not in sampled] == []


def structs() -> list[type[msgspec.Struct]]:
    found = [getattr(models, name) for name in models.__all__]
    others = (models.AccountEvent, models.Combined, models.OrderOrigin)
    return [kind for kind in found if isinstance(kind, type) and kind not in others]


@pytest.mark.parametrize("kind", structs(), ids=lambda kind: kind.__name__)
def test_every_decimal_string_has_a_decimal_property(kind: type[msgspec.Struct]) -> None:
    """``<field>_decimal`` exists for each decimal string, and only there; optional where the field may be empty."""
    numbers = {}
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        marks = str(hint)
        if "exact decimal" in marks:
            numbers[f"{name}_decimal"] = type(None) in typing.get_args(typing.get_args(hint)[0])
    other_names = {"last_price_decimal"}
    declared = {name: getattr(kind, name) for name in dir(kind) if name.endswith("_decimal")}
    declared = {name: value for name, value in declared.items() if name not in other_names}
    assert declared.keys() == numbers.keys()
    for name, attribute in declared.items():
        if numbers[name] or name == "funding_rate_decimal":
            assert isinstance(attribute, OptionalDecimalOf)
        else:
            assert isinstance(attribute, DecimalOf)


@pytest.mark.parametrize("kind", structs(), ids=lambda kind: kind.__name__)
def test_events_are_frozen_and_free_of_the_garbage_collector(kind: type[msgspec.Struct]) -> None:
    """An event can be shared between threads, and a burst of events does not wake the garbage collector."""
    assert kind.__struct_config__.frozen
    assert not kind.__struct_config__.gc


def test_a_level_unpacks_and_tolerates_more_values() -> None:
    """``price, quantity = level`` works, also for the third, empty value of old spot frames."""
    level = msgspec.json.decode(b'["1.20","3.0",[]]', type=models.Level)
    price, quantity = level
    assert (price, quantity) == ("1.20", "3.0")
    assert level.price_decimal * level.quantity_decimal == Decimal("3.6")


def test_the_last_price_has_both_names() -> None:
    """Tickers say ``close`` as candles do, and ``last_price`` as everybody else."""
    for stream in (("spot", "aaabbb@miniTicker"), ("usdm", "!ticker@arr"), ("options", "aaa-991231-10-c@optionTicker")):
        _, event = typed_decoder(stream[0], [stream[1]], False)(SAMPLES[stream].encode())
        event = event[0] if isinstance(event, list) else event
        assert event.last_price == event.close
        assert event.last_price_decimal == event.close_decimal == Decimal(event.close)


def test_the_symbol_of_an_index_price_is_found_in_both_generations() -> None:
    """``symbol`` does not depend on how the exchange names the field."""
    found = {
        typed_decoder("coinm", [name], False)(SAMPLES["coinm", name].encode())[1].symbol
        for name in ("aaabbb@indexPrice", "cccddd@indexPrice")
    }
    assert found == {"AAABBB", "CCCDDD"}


def test_microseconds_are_kept_as_sent() -> None:
    """A time is the exchange's number in the unit that was asked for."""
    text = SAMPLES["spot", "aaabbb@trade"].replace("1700000000123", "1700000000123456")
    assert typed_decoder("spot", ["aaabbb@trade"], False)(text.encode())[1].event_time == 1700000000123456


def test_the_reference_page_is_in_line_with_the_events() -> None:
    """``docs/reference/events.rst`` is what its script writes from the declarations."""
    script = ROOT / "docs" / "_ext" / "events_page.py"
    spec = importlib.util.spec_from_file_location("events_page", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "reference" / "events.rst").read_text(encoding="utf-8")
    assert page == module.page(), "run: python docs/_ext/events_page.py"


# Recorded messages: the stream of those that carry no name, by folder.
CUT = "an example with values cut out"
OLD = "of the options' previous generation"
UNTYPED = {
    "coinm/depthUpdate/13.json": CUT,
    "options/24hrTicker/1.json": OLD,
    "options/24hrTicker/2.json": OLD,
    "options/arr.markPrice/1.json": OLD,
    "options/arr.openInterest/3.json": OLD,
    "options/trade/1.json": OLD,
    "options/trade/2.json": OLD,
    "spot/aggTrade/11.json": CUT,
    "spot/arr.1hTicker/2.json": CUT,
    "spot/arr.24hrMiniTicker/3.json": CUT,
    "spot/avgPrice/4.json": CUT,
    "spot/kline/9.json": CUT,
    "spot/trade/12.json": CUT,
    "usdm/depthUpdate/16.json": CUT,
}


def recorded() -> list[Path]:
    found = [path for market in BARE for folder in BARE[market] for path in (RECORDED / market / folder).glob("*.json")]
    return sorted(found)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the folder of recorded messages is not here")
def test_recorded_messages_have_the_values_of_the_dict_view(caplog: pytest.LogCaptureFixture) -> None:
    """Every recorded market message equals the dict view, field by field; only listed ones are delivered as dict."""
    caplog.set_level(logging.ERROR)
    untyped, wrong = set(), []
    for path in recorded():
        text = path.read_bytes()
        document = json.loads(text)
        wrapped = isinstance(document, dict) and "stream" in document
        market, folder = path.parts[-3], path.parts[-2]
        name = document["stream"] if wrapped else BARE[market][folder]
        stream, payload = typed_decoder(market, [name], wrapped)(text)
        assert stream == name
        if not is_typed(payload):
            assert (payload == models.Combined(name, document["data"])) if wrapped else (payload == document)
            untyped.add("/".join(path.parts[-3:]))
            continue
        try:
            same(payload.data if wrapped else payload, document["data"] if wrapped else document)
        except AssertionError as failure:
            wrong.append(f"{path}: {failure}")
    assert wrong == []
    assert untyped == UNTYPED.keys()


def is_typed(payload: Any) -> bool:
    data = payload.data if isinstance(payload, models.Combined) else payload
    return all(isinstance(event, models.Event) for event in (data if isinstance(data, list) else [data]))
