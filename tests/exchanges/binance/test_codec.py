"""Messages of the stream sockets: data in both views, acks, errors, notices, and garbage."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.exchange import Ack, Decode, Notice, NoticeKind
from binance_sockets.exchanges.binance.codec import control, dict_single, dict_wrapped, raw_single, raw_wrapped

SHUTDOWN = Notice(NoticeKind.SERVER_SHUTDOWN, "the server announced its shutdown")
NAME = "bnbbtc@trade"

PAYLOADS = {
    "tagged": b'{"e":"trade","E":1700000000000,"s":"BNBBTC","t":7,"p":"0.001","q":"2","T":1,"m":true,"M":true}',
    "book ticker": b'{"u":4009,"s":"BNBUSDT","b":"25.3","B":"31.2","a":"25.4","A":"40.6"}',
    "partial depth": b'{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[["0.0026","100"]]}',
    "array": b'[{"e":"24hrMiniTicker","s":"BNBBTC"},{"e":"24hrMiniTicker","s":"ETHBTC"}]',
    "empty array": b"[]",
    "loose white space": b' {\n "e" : "trade", "s" : "BNBBTC" }',
    "long, with an id somewhere": b'{"e":"x","data":"' + b"y" * 2000 + b'","deep":{"id":1,"error":2}}',
    "untagged and long": b'{"lastUpdateId":1,"bids":[' + b",".join([b'["1","2"]'] * 300) + b'],"asks":[]}',
    "a word of control in the data": '{"e":"contractInfo","s":"\u5e01\u5b89serverShutdown","cs":"id"}'.encode(),
}
CONTROLS = {
    "ack": (b'{"result":null,"id":3}', Ack(3)),
    "ack, other order": (b'{"id":1000,"result":null}', Ack(1000)),
    "list of subscriptions": (b'{"result":["a@trade"],"id":4}', Ack(4, result=["a@trade"])),
    "nested error": (b'{"error":{"code":2,"msg":"Invalid request"},"id":5}', Ack(5, (2, "Invalid request"))),
    "flat error": (b'{"code":2,"msg":"Invalid request","id":6}', Ack(6, (2, "Invalid request"))),
    "flat error without id": (b'{"code":3,"msg":"Invalid JSON"}', Ack(None, (3, "Invalid JSON"))),
    "nested error without id": (b'{"error":{"code":4,"msg":"Too many"}}', Ack(None, (4, "Too many"))),
    "error as text": (b'{"error":"no","id":7}', Ack(7, (None, "no"))),
    "error of a WebSocket API": (
        b'{"id":8,"status":400,"error":{"code":-1121,"msg":"Invalid symbol."}}',
        Ack(8, (-1121, "Invalid symbol.")),
    ),
    "foreign id": (b'{"result":null,"id":"abc"}', Ack(None)),
    "shutdown, raw": (b'{"e":"serverShutdown","E":1770123456789}', SHUTDOWN),
    "shutdown, spaced": (b'{ "e": "serverShutdown", "E": 1770123456789 }', SHUTDOWN),
    "shutdown, combined": (b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}', SHUTDOWN),
    "shutdown, WebSocket API": (b'{"event":{"e":"serverShutdown","E":1}}', SHUTDOWN),
}
SINGLE: list[Callable[[str], Decode]] = [dict_single, raw_single]
WRAPPED: list[Callable[[list[str]], Decode]] = [dict_wrapped, raw_wrapped]


def value(payload: Any) -> Any:
    """A payload of either view as a Python value."""
    return json.loads(payload) if isinstance(payload, bytes) else payload


def wrap(payload: bytes, name: str = NAME) -> bytes:
    return b'{"stream":' + json.dumps(name, ensure_ascii=False).encode() + b',"data":' + payload + b"}"


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize("make", SINGLE)
def test_single_streams_give_the_bare_payload(make: Callable[[str], Decode], payload: bytes) -> None:
    """Every shape of data is handed on as it is, under the link's name."""
    name, got = make(NAME)(memoryview(bytearray(payload)))
    assert name == NAME
    assert value(got) == json.loads(payload)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize("make", WRAPPED)
def test_combined_streams_give_the_wrapped_message(make: Callable[[list[str]], Decode], payload: bytes) -> None:
    """The wrapper stays; the name is its own."""
    message = wrap(payload)
    name, got = make(["other@trade", NAME])(memoryview(message))
    assert name == NAME
    assert value(got) == json.loads(message)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_the_raw_view_is_the_bytes_themselves(payload: bytes) -> None:
    """The raw view gives bytes equal to the message, which outlive the buffer they came in."""
    buffer = bytearray(payload)
    with memoryview(buffer) as view:
        _, got = raw_single(NAME)(view)
    buffer[:] = b"x" * len(buffer)
    assert type(got) is bytes and got == payload


@pytest.mark.parametrize(
    "message",
    [
        b'{"stream":"' + NAME.encode() + b'","data":{}}',
        b' { "stream" : "bnbbtc@trade" , "data" : {} }',
        b'{"data":{},"stream":"bnbbtc@trade"}',
        b'{"stream":"\\u0062nbbtc@trade","data":{}}',
    ],
)
@pytest.mark.parametrize("make", WRAPPED)
def test_names_are_found_however_they_are_written(make: Callable[[list[str]], Decode], message: bytes) -> None:
    """White space, order of keys and escapes do not hide the stream's name."""
    assert make([NAME])(message) == (NAME, message if make is raw_wrapped else json.loads(message))


@pytest.mark.parametrize("make", WRAPPED)
def test_non_ascii_and_unasked_names_are_data(make: Callable[[list[str]], Decode]) -> None:
    """A UTF-8 name is matched as text; data under a name nobody asked for is still delivered."""
    for name in ("币安人生usdt@trade", "surprise@trade"):
        assert make(["币安人生usdt@trade"])(wrap(b"{}", name))[0] == name


@pytest.mark.parametrize(("message", "meaning"), CONTROLS.values(), ids=CONTROLS)
def test_control_messages_are_not_data(message: bytes, meaning: Ack | Notice) -> None:
    """No decoder takes a control message for data, and each is understood for what it is."""
    decoders = [*(make(NAME) for make in SINGLE), *(make([NAME]) for make in WRAPPED)]
    for decode in decoders:
        if b'"stream"' in message and decode in decoders[:2]:
            continue  # a combined message never comes on a raw socket
        with pytest.raises(Exception):  # noqa: B017 - the contract allows any
            decode(memoryview(message))
    assert control(message) == meaning


@pytest.mark.parametrize("message", [b"", b"5", b'"text"', b"null", b"true", b"garbage", b"\xff\xfe", b"1e999"])
def test_garbage_is_neither_data_nor_control(message: bytes) -> None:
    """Scalars and what is no JSON are refused by every decoder and mean nothing."""
    for decode in [*(make(NAME) for make in SINGLE), *(make([NAME]) for make in WRAPPED)]:
        with pytest.raises(Exception):  # noqa: B017
            decode(memoryview(message))
    assert control(message) is None


@pytest.mark.parametrize("message", [b"{}", b"[]", b"[" * 100_000, b'{"a":' * 5_000, b'{"stream":5}', b'{"stream":[]}'])
def test_control_takes_nothing_else(message: bytes) -> None:
    """Data, deep nesting and odd types are no control messages."""
    assert control(message) is None


@pytest.mark.parametrize("name", [b"5", b"null", b"[]", b"{}", b'"!serverShutdown"'])
@pytest.mark.parametrize("make", WRAPPED)
def test_odd_stream_names_are_refused(make: Callable[[list[str]], Decode], name: bytes) -> None:
    """A name that is no text, and that of the notice, is not data."""
    with pytest.raises(Exception):  # noqa: B017
        make([NAME])(b'{"stream":' + name + b',"data":{}}')


keys = st.sampled_from(["e", "id", "error", "code", "msg", "stream", "data", "event", "result"]) | st.text()
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner),
    max_leaves=8,
)


@given(st.binary() | json_like.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_handled(message: bytes) -> None:
    """Decoders return a name and a payload or raise; control never raises; nothing is both data and notice."""
    meaning = control(message)
    assert meaning is None or isinstance(meaning, (Ack, Notice))
    for decode in [*(make(NAME) for make in SINGLE), *(make([NAME]) for make in WRAPPED)]:
        try:
            name, payload = decode(memoryview(message))
        except Exception:
            continue
        assert isinstance(name, str)
        if decode.__qualname__.startswith("dict"):
            assert payload == json.loads(message)
        else:
            assert payload == message


DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "binance"
NOT_MARKET = (
    "rest.", "wsapi.", "ack", "serverShutdown", "balanceUpdate", "event", "execution", "externalLock", "listStatus",
    "listenKey", "outboundAccount", "ACCOUNT_", "BALANCE_", "GREEK_", "MARGIN_", "ORDER_", "RISK_", "TRADE_", "ALGO_",
)  # fmt: skip


def samples() -> Iterator[bytes]:
    """Every recorded market message."""
    for product in ("spot", "usdm", "coinm", "options"):
        for path in sorted((DATA / product).glob("*/*.json")):
            if not path.parent.name.startswith(NOT_MARKET):
                yield path.read_bytes()


@pytest.mark.skipif(not DATA.is_dir(), reason="the recorded samples are not here")
def test_recorded_messages_decode_to_what_json_says() -> None:
    """Every recorded message gives the value of ``json.loads`` in the dict view and its own bytes in the raw one."""
    compared = 0
    for message in samples():
        expected = json.loads(message)
        wrapped = isinstance(expected, dict) and "stream" in expected
        name = expected["stream"] if wrapped else NAME
        assert (dict_wrapped([name]) if wrapped else dict_single(name))(memoryview(message)) == (name, expected)
        assert (raw_wrapped([name]) if wrapped else raw_single(name))(memoryview(message)) == (name, message)
        compared += 1
    print(f"{compared} recorded messages compared")
    assert compared > 200


@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda body: b'{"stream":"a","s":"' + body + b'"}'))
def test_the_dict_decoders_take_no_invalid_text(message: bytes) -> None:
    """What a dict decoder accepts is UTF-8, so the frame reader need not check it."""
    for decode in (dict_single("a@trade"), dict_wrapped(["a"])):
        try:
            decode(memoryview(message))
        except Exception:
            continue
        message.decode()
