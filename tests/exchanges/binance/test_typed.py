"""The typed decoder: which event a stream gives, and what happens to everything else."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.errors import ConfigError
from binance_sockets.exchange import Misfits
from binance_sockets.exchanges.binance import codec, models
from binance_sockets.exchanges.binance.names import parse
from binance_sockets.exchanges.binance.typed import event_type
from binance_sockets.exchanges.binance.typed import typed_decoder as decoder_of

TRADE = b'{"e":"trade","E":2,"s":"AAABBB","t":9,"p":"1.20","q":"3.0","T":1,"m":false,"M":true}'
KLINE = (
    b'{"e":"kline","E":2,"s":"AAABBB","k":{"t":0,"T":59,"s":"AAABBB","i":"1m","f":1,"L":2,"o":"1","c":"1","h":"1",'
    b'"l":"1","v":"1","n":1,"x":false,"q":"1","V":"1","Q":"1","B":"0"}}'
)
BOOK_TICKER = b'{"u":400,"s":"AAABBB","b":"1.19","B":"5","a":"1.21","A":"4"}'
PARTIAL_DEPTH = b'{"lastUpdateId":160,"bids":[["1.19","5"]],"asks":[]}'
MINI = b'[{"e":"24hrMiniTicker","E":2,"s":"AAABBB","c":"1","o":"1","h":"1","l":"1","v":"9","q":"9"}]'
DATA = {
    "aaabbb@trade": (TRADE, models.Trade),
    "aaabbb@kline_1m": (KLINE, models.Kline),
    "aaabbb@bookTicker": (BOOK_TICKER, models.BookTicker),
    "aaabbb@depth5": (PARTIAL_DEPTH, models.PartialDepth),
    "!miniTicker@arr": (MINI, list),
}
CONTROL = [
    b'{"result":null,"id":1}',
    b'{"id":2,"result":["aaabbb@trade"]}',
    b'{"error":{"code":2,"msg":"Invalid request"},"id":3}',
    b'{"code":2,"msg":"Invalid request","id":3}',
    b'{"e":"serverShutdown","E":1770000000000}',
    b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770000000000}}',
    b'{"stream":"abc","data":{"e":"listenKeyExpired","E":1}}',
]
NOT_DATA = [b"", b"5", b'"text"', b"null", b"{", b'{"e":"trade"', b"\xff\xfe"]


def typed_decoder(market: str, names: list[str], combined: bool, misfits: Misfits | None = None) -> Any:
    """The decoder for streams by name."""
    return decoder_of(market, {name: parse(market, name).family for name in names}, combined, misfits or Misfits(tell))


def wrap(name: str, data: bytes) -> bytes:
    return b'{"stream":"%s","data":%s}' % (name.encode(), data)


TOLD: list[str] = []  # what misfits were told of


def tell(stream: str, text: str) -> None:
    TOLD.append(f"{stream}: {text}")


@pytest.fixture(autouse=True)
def nothing_told() -> None:
    TOLD.clear()


@pytest.mark.parametrize(
    "names",
    [
        ["aaabbb@trade"],
        ["aaabbb@trade", "aaabbb@kline_1m", "!miniTicker@arr"],
        list(DATA),
        [*DATA, "aaabbb@unheardOf"],
    ],
    ids=["one family", "told apart by type", "told apart by name", "with an unknown one"],
)
def test_combined_messages_become_events_with_their_stream(names: list[str]) -> None:
    """Each stream of a combined connection gives its own event, whatever else is on the connection."""
    decode = typed_decoder("spot", names, combined=True)
    for name in DATA.keys() & set(names):
        data, kind = DATA[name]
        for message in (wrap(name, data), memoryview(bytearray(wrap(name, data)))):
            stream, payload = decode(message)
            assert stream == name
            assert isinstance(payload, models.Combined) and payload.stream == name
            assert isinstance(payload.data, kind)
    assert TOLD == []


@pytest.mark.parametrize("names", [["aaabbb@trade"], ["aaabbb@trade", "aaabbb@bookTicker"]])
def test_spacing_and_order_of_keys_do_not_matter(names: list[str]) -> None:
    """A wrapper is understood by its keys; its usual layout is only the fast way."""
    decode = typed_decoder("spot", names, combined=True)
    for text in (
        b'{ "stream" : "aaabbb@trade", "data": %s }' % TRADE,
        b'{"data":%s,"stream":"aaabbb@trade"}' % TRADE,
        b'{"more":[1],"stream":"aaabbb@trade","data":%s}' % TRADE,
    ):
        stream, payload = decode(memoryview(text))
        assert stream == "aaabbb@trade"
        assert isinstance(payload.data, models.Trade)


@pytest.mark.parametrize("names", [["aaabbb@trade"], list(DATA), ["aaabbb@unheardOf"]], ids=len)
@pytest.mark.parametrize("message", CONTROL + NOT_DATA, ids=lambda message: message[:24].decode("ascii", "replace"))
def test_control_messages_raise(names: list[str], message: bytes) -> None:
    """Acks, errors, announcements and what is no data go back to the engine, raw or combined."""
    with pytest.raises(Exception):  # noqa: B017 - the contract says any
        typed_decoder("spot", names, combined=True)(message)
    if b"stream" not in message:
        with pytest.raises(Exception):  # noqa: B017
            typed_decoder("spot", names[:1], combined=False)(message)
    assert TOLD == []


@pytest.mark.parametrize(
    "data, why",
    [
        (TRADE.replace(b'"p":"1.20",', b""), "missing"),
        (TRADE.replace(b'"1.20"', b"1.20"), "Expected `str`"),
        (TRADE.replace(b'"e":"trade"', b'"e":"hologram"'), "hologram"),
        (b"{}", "missing"),
        (b"[]", "Expected `object`"),
    ],
)
def test_data_that_fits_no_event_is_delivered_as_dict_with_one_warning(data: bytes, why: str) -> None:
    """A change of the exchange loses no message: it costs the type, and says so once per stream."""
    for names, combined in ([["aaabbb@trade"], False], [["aaabbb@trade"], True], [list(DATA), True]):
        TOLD.clear()
        decode = typed_decoder("spot", names, combined)
        for message, expected in ((data, json.loads(data)), (TRADE, models.Trade), (data, json.loads(data))):
            stream, payload = decode(memoryview(wrap("aaabbb@trade", message) if combined else message))
            assert stream == "aaabbb@trade"
            if expected is models.Trade:
                assert isinstance(payload.data if combined else payload, models.Trade)
            else:
                assert payload == (models.Combined("aaabbb@trade", expected) if combined else expected)
        assert len(TOLD) == 1
        assert "aaabbb@trade" in TOLD[0] and why in TOLD[0]


@pytest.mark.parametrize("combined", [False, True])
def test_an_unknown_stream_is_delivered_as_dict_with_one_warning(combined: bool) -> None:
    """A stream that the exchange adds can be used before this package knows its events."""
    name, data = "aaabbb@unheardOf", b'{"e":"unheardOf","x":1}'
    decode = typed_decoder("spot", [name], combined)
    expected: Any = {"e": "unheardOf", "x": 1}
    for _ in range(3):
        stream, payload = decode(wrap(name, data) if combined else data)
        assert stream == name
        assert payload == (models.Combined(name, expected) if combined else expected)
    assert len(TOLD) == 1


def test_data_of_a_stream_that_was_not_asked_for_is_decoded_by_its_name() -> None:
    """The engine gets the name that the message carries, and the event if there is one."""
    for names in (["aaabbb@bookTicker"], list(DATA)):
        stream, payload = typed_decoder("spot", names, combined=True)(wrap("cccddd@aggTrade", b'{"e":"new"}'))
        assert (stream, payload) == ("cccddd@aggTrade", models.Combined("cccddd@aggTrade", {"e": "new"}))
        stream, payload = typed_decoder("spot", names, combined=True)(wrap("cccddd@kline_1m", KLINE))
        assert stream == "cccddd@kline_1m" and isinstance(payload.data, models.Kline)


def test_warnings_are_bounded() -> None:
    """A peer that makes up names cannot fill the memory or the log."""
    decode = typed_decoder("spot", ["aaabbb@trade"], combined=True)
    for number in range(2100):
        decode(wrap(f"x{number}@new", b"{}"))
    assert len(TOLD) == 2048


def test_raw_connections_have_one_stream() -> None:
    """Raw messages carry no name, so several streams could not be told apart."""
    for names in ([], ["aaabbb@trade", "cccddd@trade"]):
        with pytest.raises(ConfigError):
            typed_decoder("spot", names, combined=False)


def test_an_unlisted_update_speed_does_not_hide_the_family() -> None:
    """``@depth@0ms`` was never documented and is a depth stream all the same."""
    assert event_type("usdm", "aaabbb@depth@0ms") is models.FuturesDepth
    assert event_type("usdm", "aaabbb@unheardOf@0ms") is None


MINI_ROW = json.loads(MINI)[0]
UNFIT_ROW = {**MINI_ROW, "s": "CCCDDD", "c": 1}
TICKERS = json.dumps([MINI_ROW, UNFIT_ROW, MINI_ROW, 5]).encode()


@pytest.mark.parametrize("names", [["!miniTicker@arr"], ["!miniTicker@arr", "aaabbb@bookTicker"], list(DATA)], ids=len)
def test_one_unfit_element_does_not_cost_the_others_their_type(names: list[str]) -> None:
    """In a list each element is an event if it fits one, else what the dict view has; order and length stay."""
    for combined in (False, True) if len(names) == 1 else (True,):
        TOLD.clear()
        misfits = Misfits(tell)
        decode = typed_decoder("spot", names, combined, misfits)
        for _ in range(2):
            _, payload = decode(memoryview(wrap("!miniTicker@arr", TICKERS) if combined else TICKERS))
            rows = payload.data if combined else payload
            assert [type(row) for row in rows] == [models.MiniTicker, dict, models.MiniTicker, int]
            assert rows[1] == UNFIT_ROW and rows[0].symbol == "AAABBB"
        assert misfits.count == 4
        assert len(TOLD) == 2  # a number in place of a string; a number in place of an object


def test_a_list_stream_that_sends_no_list_is_delivered_as_sent() -> None:
    """An object, or a list of other things, in place of a list of events is not lost."""
    decode = typed_decoder("spot", ["!miniTicker@arr"], combined=True)
    for data in ({"e": "24hrMiniTicker"}, [1, "2", None], []):
        _, payload = decode(wrap("!miniTicker@arr", json.dumps(data).encode()))
        assert payload == models.Combined("!miniTicker@arr", data)


def test_every_reason_is_reported_once_per_stream() -> None:
    """The listener learns the stream and the reason, once; the counter counts on; values do not make new reasons."""
    heard: list[tuple[str, str]] = []
    misfits = Misfits(lambda stream, text: heard.append((stream, text)))
    decode = typed_decoder("spot", ["aaabbb@trade", "cccddd@trade"], True, misfits)
    missing, number = TRADE.replace(b'"p":"1.20",', b""), TRADE.replace(b'"1.20"', b"1.20")
    renamed = [TRADE.replace(b'"e":"trade"', b'"e":"trade%d"' % each) for each in range(50)]
    for stream in ("aaabbb@trade", "cccddd@trade"):
        for data in (missing, number, missing, TRADE, *renamed):
            decode(wrap(stream, data))
    assert misfits.count == 2 * 53
    assert [stream for stream, _ in heard] == ["aaabbb@trade"] * 3 + ["cccddd@trade"] * 3
    assert ["missing" in text for _, text in heard[:3]] == [True, False, False]


@pytest.mark.parametrize("names", [["aaabbb@trade"], list(DATA)], ids=["by type", "by name"])
@pytest.mark.parametrize(
    "message",
    [b'{"stream":"aaabbb@trade"}', b'{"stream":"aaabbb@trade","date":{}}', b'{"data":{}}', b'{"stream":5,"data":{}}'],
)
def test_a_wrapper_without_stream_or_data_is_no_data_in_any_view(names: list[str], message: bytes) -> None:
    """All three views hand it back to the engine, which reports it."""
    for decode in (
        typed_decoder("spot", names, combined=True),
        codec.dict_wrapped(names),
        codec.raw_wrapped(names),
    ):
        with pytest.raises(Exception):  # noqa: B017 - the contract says any
            decode(memoryview(message))


def test_a_wrapper_in_an_unusual_layout_is_data_in_every_view() -> None:
    """Spaces and the order of keys do not matter to the check for ``data``."""
    for text in (b'{"stream" : "aaabbb@trade" , "data" : %s}', b'{"data":%s,"stream":"aaabbb@trade"}'):
        for decode in (
            typed_decoder("spot", ["aaabbb@trade"], combined=True),
            codec.dict_wrapped(["aaabbb@trade"]),
            codec.raw_wrapped(["aaabbb@trade"]),
        ):
            assert decode(memoryview(text % TRADE))[0] == "aaabbb@trade"


GROWN = {  # each with the new fields of its event, and how its part is found
    "aaabbb@trade": (TRADE[:-1] + b',"new":{"deep":[1,2]},"zz":null}', {"new": {"deep": [1, 2]}, "zz": None}, None),
    "aaabbb@kline_1m": (KLINE.replace(b'"x":false', b'"x":false,"y":2'), {}, lambda event: event.candle),
    "!miniTicker@arr": (MINI.replace(b'"v":"9"', b'"v":"9","vv":"9"'), {}, lambda events: events[0]),
}
PART_EXTRA = {"aaabbb@kline_1m": {"y": 2}, "!miniTicker@arr": {"vv": "9"}}


@pytest.mark.parametrize("names", [["aaabbb@trade", "aaabbb@kline_1m"], list(DATA)], ids=["by type", "by name"])
@pytest.mark.parametrize("combined", [False, True])
def test_new_fields_are_reachable_in_extra(names: list[str], combined: bool) -> None:
    """What the exchange adds, also nested and in lists, is in ``extra``; the event's own fields are as before."""
    for chosen in [names] if combined else [[name] for name in names]:
        decode = typed_decoder("spot", chosen, combined)
        for _ in range(3):
            for name in chosen:
                sent, extra, part = GROWN.get(name, (DATA[name][0], {}, None))
                _, payload = decode(memoryview(wrap(name, sent) if combined else sent))
                event = payload.data if combined else payload
                assert isinstance(event, DATA[name][1])
                if part is not None:
                    assert part(event).extra == PART_EXTRA[name]
                if not isinstance(event, list):
                    assert event.extra == extra
                    plain = typed_decoder("spot", [name], False)(DATA[name][0])[1]
                    same = [field for field in event.__struct_fields__ if field not in ("extra", "candle")]
                    assert [getattr(event, field) for field in same] == [getattr(plain, field) for field in same]


def test_messages_without_the_new_fields_have_plain_events() -> None:
    """A stream that has grown may send both: each message has in ``extra`` what it brought."""
    decode = typed_decoder("spot", ["aaabbb@trade"], combined=False)
    grown, plain = (decode(message)[1] for message in (GROWN["aaabbb@trade"][0], TRADE))
    assert type(plain) is models.Trade and plain.extra == {}
    with pytest.raises(TypeError):
        plain.extra["x"] = 1
    assert "extra" in repr(grown) and "extra" not in repr(plain)
    assert hash(grown) == hash(decode(GROWN["aaabbb@trade"][0])[1])


def test_events_with_extra_can_be_copied_and_sent_elsewhere() -> None:
    """Their class has the name of the event; what uses events in other processes goes on when the exchange adds."""
    for name, (sent, _, _) in GROWN.items():
        event = typed_decoder("spot", [name], combined=False)(sent)[1]
        assert pickle.loads(pickle.dumps(event)) == event == copy.deepcopy(event)
    (decoded,) = msgspec.json.decode(msgspec.json.encode([event]))
    assert decoded[0]["extra"] == {"vv": "9"}


def test_a_new_field_that_looks_like_control_does_not_make_data_control() -> None:
    """A message that fits its event is data, whatever the exchange adds."""
    more = TRADE[:-1] + b',"event":"x","result":null}'
    for names, combined in ([["aaabbb@trade"], False], [["aaabbb@trade"], True], [list(DATA), True]):
        decode = typed_decoder("spot", names, combined)
        for _ in range(2):
            payload = decode(wrap("aaabbb@trade", more) if combined else more)[1]
            assert (payload.data if combined else payload).extra == {"event": "x", "result": None}


@pytest.mark.parametrize("names", [["aaabbb@trade", "aaabbb@kline_1m"], list(DATA)], ids=["by type", "by name"])
@pytest.mark.parametrize("combined", [False, True])
def test_new_fields_are_said_once_per_stream(names: list[str], combined: bool) -> None:
    """Fields that no event has are named once, nested and in lists too; those that are left out on purpose are not."""
    cases = {
        "aaabbb@trade": (TRADE[:-1] + b',"new":1,"zz":null}', ("new", "zz")),
        "aaabbb@kline_1m": (KLINE.replace(b'"x":false', b'"x":false,"y":2'), ("k.y",)),
        "!miniTicker@arr": (MINI.replace(b'"v":"9"', b'"v":"9","vv":"9"'), ("vv",)),
        "aaabbb@bookTicker": (BOOK_TICKER, ()),
        "aaabbb@depth5": (PARTIAL_DEPTH.replace(b'["1.19","5"]', b'["1.19","5",[]]'), ()),
    }
    heard: list[str] = []
    misfits = Misfits(lambda stream, text: heard.append(stream))
    for chosen in [names] if combined else [[name] for name in names]:
        decode = typed_decoder("spot", chosen, combined, misfits)
        for _ in range(3):
            for name in chosen:
                data, _ = cases[name]
                decode(wrap(name, data) if combined else data)
    expected = {name: cases[name][1] for name in names if cases[name][1]}
    assert misfits.new_fields == expected
    assert heard == list(expected)
    assert misfits.count == 0


def test_the_look_for_new_fields_costs_no_message() -> None:
    """What cannot be read behind the event's own fields, in the first message of a stream, does not keep it back."""
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    for strange in (b'"\xff"', deep):
        first = TRADE[:-1] + b',"new":' + strange + b"}"
        try:
            expected = msgspec.json.decode(first, type=models.Trade)
        except RecursionError:  # the decoder of events gives up as well
            continue
        assert typed_decoder("spot", ["aaabbb@trade"], combined=False)(first)[1] == expected


def test_further_new_fields_are_said_when_they_come() -> None:
    """A field that is added later is said then, without the earlier ones; their number is bounded."""
    heard: list[str] = []
    misfits = Misfits(lambda stream, text: heard.append(text))
    for fields in (("x1",), ("x1", "x2"), ("x2", "x1"), tuple(f"y{number}" for number in range(100))):
        more = "".join(f',"{field}":1' for field in fields).encode()
        typed_decoder("spot", ["aaabbb@trade"], False, misfits)(TRADE[:-1] + more + b"}")
    assert len(heard) == 3 and "x2" in heard[1] and "x1" not in heard[1]
    assert 2 < len(misfits.new_fields["aaabbb@trade"]) <= 22


def test_events_outlive_the_buffer() -> None:
    """A message is only valid during the call; the event is not tied to it."""
    buffer = bytearray(TRADE)
    _, event = typed_decoder("spot", ["aaabbb@trade"], combined=False)(memoryview(buffer))
    buffer[:] = b" " * len(buffer)
    buffer.clear()  # would raise if a view were still held
    assert (event.symbol, event.price, event.trade_id) == ("AAABBB", "1.20", 9)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
_TRADE_LIKE = st.dictionaries(st.sampled_from(["e", "E", "s", "t", "p", "q", "T", "m", "k", "result"]), _JSON)
_CONTROL_KEYS = {"result", "error", "code", "event"}  # the last one announces a shutdown


@given(
    payload=st.dictionaries(st.text(max_size=6), _JSON, max_size=6) | _TRADE_LIKE, name=st.sampled_from([*DATA, "x@y"])
)
def test_any_json_object_is_data_as_sent_or_control(payload: dict[str, Any], name: str) -> None:
    """An arbitrary object is delivered whole, typed or as dict; it raises only if it looks like a control message."""
    looks_like_control = bool(_CONTROL_KEYS & payload.keys())
    text = json.dumps(payload).encode()
    wrapped = models.Combined(name, payload)
    cases: list[tuple[Any, bytes, Any]] = [
        (typed_decoder("spot", [name], combined=False), text, payload),
        (typed_decoder("spot", [name], combined=True), wrap(name, text), wrapped),
        (typed_decoder("spot", list(DATA), combined=True), wrap(name, text), wrapped),
    ]
    for decode, message, expected in cases:
        try:
            stream, found = decode(memoryview(message))
        except msgspec.DecodeError:
            raise AssertionError("well-formed JSON was refused") from None
        except Exception:
            assert looks_like_control
            continue
        assert stream == name
        data = found.data if isinstance(found, models.Combined) else found
        assert isinstance(data, models.Event) or found == expected


@given(message=st.binary(max_size=80))
def test_any_bytes_are_delivered_or_refused(message: bytes) -> None:
    """Arbitrary bytes end in a payload or in an exception, which the engine reports; never in anything else."""
    for decode in (
        typed_decoder("spot", ["aaabbb@trade"], combined=False),
        typed_decoder("spot", list(DATA), combined=True),
    ):
        try:
            stream, payload = decode(memoryview(message))
        except Exception:
            continue
        assert isinstance(stream, str) and payload is not None
