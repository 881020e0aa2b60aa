"""Messages: exact numbers, full names in every format, equal content in every view."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets import Bar, Bars, ConfigError
from binance_sockets.exchange import Misfits, View
from binance_sockets.exchanges.upbit.kinds import KINDS
from binance_sockets.exchanges.upbit.messages import Message, Reading, level_text, messages_of
from binance_sockets.exchanges.upbit.models import event_of
from binance_sockets.exchanges.upbit.requests import named_by

EXACT = json.JSONDecoder(parse_float=Decimal)


def read(wire: bytes | str, misfits: Misfits | None = None) -> Message:
    reading = Reading(misfits or Misfits(), lambda: 5.0)
    (found,) = messages_of(wire if isinstance(wire, bytes) else wire.encode(), reading)
    return found


def shortened(fields: Any, part: Any) -> Any:
    """A message as the format ``SIMPLE`` has it."""
    short = {name: key for key, name in part.names.items()}
    return {
        short.get(name, name): [shortened(each, part.parts[name]) for each in value] if name in part.parts else value
        for name, value in fields.items()
    }


def test_numbers_keep_all_digits() -> None:
    """More than a double has, exponents of both signs, whole numbers in decimal fields."""
    wire = (
        '{"type":"ticker","code":"KRW-BTC","timestamp":1,"trade_price":1.16539E8,"opening_price":41840,'
        '"trade_volume":7.9276E-4,"acc_trade_price":12345678901234567890.123456789012345,"change_rate":0.10}'
    )
    message = read(wire)
    fields = message.view(View.DICT, "decimal")
    assert str(fields["trade_price"]) == "116539000"
    assert fields["trade_volume"] == Decimal("0.00079276")
    assert type(fields["opening_price"]) is Decimal
    assert str(fields["acc_trade_price"]) == "12345678901234567890.123456789012345"
    assert type(fields["timestamp"]) is int
    assert message.view(View.DICT, "str") | {} == {
        "type": "ticker", "code": "KRW-BTC", "timestamp": 1, "trade_price": "116539000", "opening_price": "41840",
        "trade_volume": "0.00079276", "acc_trade_price": "12345678901234567890.123456789012345", "change_rate": "0.10",
    }  # fmt: skip
    assert message.view(View.DICT, "float")["trade_price"] == 116539000.0
    assert message.view(View.TYPED, "decimal").acc_trade_price == Decimal("12345678901234567890.123456789012345")
    assert message.view(View.RAW, "decimal") == wire.encode()


def test_a_number_that_would_fill_the_memory() -> None:
    """``1E999999`` stays short, in each direction."""
    message = read('{"type":"ticker","code":"A-B","trade_price":1E999999,"opening_price":1E-999999}')
    fields = message.view(View.DICT, "str")
    assert (fields["trade_price"], fields["opening_price"]) == ("1E+999999", "1E-999999")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=None))
def test_every_number_is_exact(number: Decimal) -> None:
    """In each spelling that JSON has."""
    for text in (str(number), f"{number:e}"):
        wire = f'{{"type":"myAsset","assets":[{{"currency":"X","balance":{text},"locked":0}}]}}'
        message = read(wire)
        assert message.view(View.DICT, "decimal")["assets"][0]["balance"] == Decimal(text)
        assert message.view(View.TYPED, "decimal").assets[0].balance == Decimal(text)
        assert Decimal(message.view(View.DICT, "str")["assets"][0]["balance"]) == Decimal(text)


@pytest.mark.parametrize("type_", [*KINDS])
def test_short_and_full_names_are_one_message(type_: str) -> None:
    """Each row gives every field of its event a short name of its own, and back."""
    kind = KINDS[type_]
    assert len(set(kind.part.names.values())) == len(kind.part.names)
    assert kind.part.numbers <= set(kind.part.names.values())
    struct = type(event_of(type_, {"type": type_}, "x", Misfits()))
    declared = set(struct.__struct_fields__) - {"extra"}
    assert declared - set(kind.part.names.values()) <= {"url"}
    wire = "candle.1m" if type_ == "candle" else type_
    fields: dict[str, Any] = {"type": wire, "code": "KRW-BTC", "timestamp": 5, "stream_type": "REALTIME"}
    for field in msgspec.structs.fields(struct):
        if field.name in fields or field.name == "extra":
            continue
        if field.name in kind.part.parts:
            inner = kind.part.parts[field.name]
            fields[field.name] = [{name: 1.5 if name in inner.numbers else "x" for name in inner.names.values()}]
        else:
            fields[field.name] = 2.5 if field.name in kind.part.numbers else None
    long, short = read(json.dumps(fields)), read(json.dumps(shortened(fields, kind.part)))
    assert long.name == short.name
    assert long.view(View.DICT, "decimal") == short.view(View.DICT, "decimal")
    assert long.view(View.TYPED, "decimal") == short.view(View.TYPED, "decimal")
    assert not long.view(View.TYPED, "decimal").extra


def test_a_callback_may_change_its_dict() -> None:
    """What one conn key does to its message is seen by no other."""
    message = read('{"type":"orderbook","code":"A-B","timestamp":1,"orderbook_units":[{"ask_price":1,"bid_price":2}]}')
    first = message.view(View.DICT, "decimal")
    first["orderbook_units"][0].clear()
    first.clear()
    assert message.view(View.DICT, "decimal")["orderbook_units"] == [{"ask_price": 1, "bid_price": 2}]
    assert message.view(View.TYPED, "decimal").code == "A-B"


def test_what_no_row_declares_is_exact_and_changed_too() -> None:
    """Objects and lists inside a field are in the numbers that were asked for, and belong to one callback."""
    message = read('{"type":"indicator","code":"A-B","timeframe":"5m","indicator":"macd","value":{"macd":[1.10,2E3]}}')
    first = message.view(View.DICT, "decimal")["value"]
    assert str(first["macd"]) == "[Decimal('1.10'), Decimal('2000')]"
    first["macd"].clear()
    assert message.view(View.DICT, "str")["value"] == {"macd": ["1.10", "2000"]}
    assert message.view(View.DICT, "float")["value"] == {"macd": [1.1, 2000.0]}


def test_what_fits_no_event_comes_as_a_dict() -> None:
    """A field of another type, and fields that are new, are told once, and lost nowhere."""
    told: list[tuple[str, str]] = []
    misfits = Misfits(lambda stream, text: told.append((stream, text)))
    assert read('{"type":"trade","code":"A-B","sequential_id":"x"}', misfits).view(View.TYPED, "decimal") == {
        "type": "trade", "code": "A-B", "sequential_id": "x"
    }  # fmt: skip
    event = read('{"type":"trade","code":"A-B","sequential_id":7,"fresh":1.5}', misfits).view(View.TYPED, "decimal")
    assert event.sequential_id == 7
    assert event.extra == {"fresh": Decimal("1.5")}
    assert [stream for stream, _ in told] == ["trade:A-B"] * 2
    assert read('{"type":"trade","code":"A-B"}', misfits).view(View.UNIFIED, "float") == {
        "type": "trade",
        "code": "A-B",
    }


def test_unified() -> None:
    """Trades, tickers, books and candles in the words that all exchanges share."""
    trade = read(
        '{"ty":"trade","cd":"KRW-BTC","tms":1700000000123,"ttms":1700000000100,"tp":1.5E8,"tv":0.25,"ab":"ASK","sid":9}'
    ).view(View.UNIFIED, "decimal")
    assert (trade.type, trade.exchange, trade.symbol, trade.instrument) == ("trade", "upbit", "KRW-BTC", "BTC/KRW")
    assert (trade.price, trade.quantity, trade.side, trade.id) == (Decimal(150000000), Decimal("0.25"), "sell", 9)
    assert (trade.time_ns, trade.sent_ns, trade.received_ns) == (
        1700000000100 * 10**6,
        1700000000123 * 10**6,
        5 * 10**9,
    )
    book = read(
        '{"type":"orderbook","code":"KRW-BTC","timestamp":1,"orderbook_units":['
        '{"ask_price":2,"bid_price":1,"ask_size":3,"bid_size":4},{"ask_price":0,"bid_price":0.5,"ask_size":0,"bid_size":1}]}'
    ).view(View.UNIFIED, "float")
    assert book.asks == [(2.0, 3.0)]
    assert book.bids == [(1.0, 4.0), (0.5, 1.0)]
    candle = read(
        '{"type":"candle.240m","code":"KRW-BTC","timestamp":1,"candle_date_time_utc":"2026-11-27T04:00:00",'
        '"opening_price":1,"high_price":4,"low_price":0.5,"trade_price":2,"candle_acc_trade_volume":9,'
        '"candle_acc_trade_price":18}'
    ).view(View.UNIFIED, "str")
    assert (candle.interval, candle.close_price, candle.is_closed) == ("4h", "2", False)
    assert candle.close_time_ns - candle.open_time_ns == (4 * 3600 * 1000 - 1) * 10**6


@pytest.mark.parametrize("numbers", ["decimal", "str", "float"])
@pytest.mark.parametrize(
    "field, bad",
    [
        ("trade_price", '"NaN"'), ("trade_price", '"1.5"'), ("trade_price", "null"), ("trade_price", "true"),
        ("sequential_id", "null"), ("sequential_id", '"9"'), ("ask_bid", "null"), ("trade_timestamp", "null"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_and_no_event(field: str, bad: str, numbers: Any) -> None:
    """In place of a neutral event comes what the dict view gives; a number that a float cannot have is such, too."""
    good = '{"type":"trade","code":"A-B","timestamp":1,"trade_timestamp":1,"trade_price":1.5,"trade_volume":1,'
    good += '"ask_bid":"BID","sequential_id":9}'
    misfits = Misfits()
    assert read(good, misfits).view(View.UNIFIED, numbers).side == "buy"
    wrong = re.sub(f'"{field}":[^,}}]+', f'"{field}":{bad}', good)
    message = read(wrong, misfits)
    assert message.view(View.UNIFIED, numbers) == message.fields(numbers)
    assert misfits.count == 1
    large = read(good.replace("1.5", "1e999"), misfits).view(View.UNIFIED, numbers)
    assert isinstance(large, dict) is (numbers == "float")


def test_trades_in_any_order_make_bars() -> None:
    """Their ids only tell them apart: none is missing, and only a copy is late. Other views are refused."""
    got: list[Bar] = []
    with Bars(got.append, "1m") as bars:
        for number in (9, 500, 3, 500):
            wire = (
                '{"type":"trade","code":"KRW-BTC","timestamp":1700000000123,"trade_timestamp":1700000000100,'
                f'"trade_price":10,"trade_volume":2,"ask_bid":"BID","sequential_id":{number}}}'
            )
            bars(read(wire).view(View.UNIFIED, "float"))
        with pytest.raises(ConfigError, match="view='unified'"):
            bars(read(wire).view(View.DICT, "decimal"))
    assert [(bar.symbol, bar.trade_count, bar.volume, bar.missing) for bar in got] == [("KRW-BTC", 3, 6.0, 0)]
    assert (bars.late, bars.missing) == (1, 0)


def test_levels_have_one_spelling() -> None:
    """However a level is written, it names one stream."""
    assert {level_text(each) for each in (10000, "1E4", "10000.0", Decimal("10000"), 10000.0)} == {"10000"}
    assert read('{"type":"orderbook","code":"A-B","level":1E4}').name == "orderbook:A-B:10000"
    assert read('{"ty":"orderbook","cd":"A-B","lv":0}').name == "orderbook:A-B"


def test_lists_of_subscriptions() -> None:
    """In full and short names, with counts behind codes, and for types without codes."""
    rows = [
        {"type": "ticker", "codes": ["KRW-BTC"]},
        {"type": "orderbook", "codes": ["KRW-BTC.5", "BTC-ETH"], "level": 1000.5},
        {"ty": "orderbook", "cds": ["KRW-BTC"], "lv": 0},
        {"type": "myAsset"},
        {"type": "myOrder", "codes": []},
        {"type": "candle.1m", "codes": ["KRW-ETH"]},
    ]
    assert named_by(rows) == {
        "ticker:KRW-BTC", "orderbook:KRW-BTC:1000.5", "orderbook:BTC-ETH:1000.5", "orderbook:KRW-BTC", "myAsset",
        "myOrder", "candle.1m:KRW-ETH",
    }  # fmt: skip
    assert named_by(None) is None
    assert named_by([7]) is None
