"""What is no request is refused by name, and leaves what runs as it was."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import PATIENCE
from simulator.helpers import client
from simulator.upbit.helpers import INFO, PUBLIC, Member, ask, collected, error, listed, receive
from websockets.exceptions import ConnectionClosed

from binance_sockets.simulator import Fault, Simulator, UpbitOptions
from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.requests import Request, parsed

BTC = "KRW-BTC"
TICKET = {"ticket": "t"}
TRADES = {"type": "trade", "codes": [BTC]}
RSI = {"type": "rsi", "params": {"period": 14}}
INDICATOR = {"type": "indicator", "codes": [BTC], "timeframe": "5m", "indicators": [RSI]}
DEEP = "[" * 50_000

CASES: list[tuple[str, Any, str]] = [
    ("public", "nonsense", "WRONG_FORMAT"),
    ("public", "", "WRONG_FORMAT"),
    ("public", DEEP, "WRONG_FORMAT"),
    ("public", '[{"ticket":"t"},{"type":"orderbook","codes":["KRW-BTC"],"level":NaN}]', "WRONG_FORMAT"),
    ("public", {}, "WRONG_FORMAT"),
    ("public", [], "WRONG_FORMAT"),
    ("public", [TICKET, "trade"], "WRONG_FORMAT"),
    ("public", [TRADES], "NO_TICKET"),
    ("public", [{"ticket": ""}, TRADES], "NO_TICKET"),
    ("public", [{"ticket": 7}, TRADES], "NO_TICKET"),
    ("public", [{"ticket": None}, TRADES], "NO_TICKET"),
    ("public", [TICKET], "NO_TYPE"),
    ("public", [TICKET, {"format": "SIMPLE"}], "NO_TYPE"),
    ("public", [TICKET, {"codes": [BTC]}], "NO_TYPE"),
    ("public", [TICKET, TRADES, {"codes": [BTC]}], "NO_TYPE"),
    ("public", [TICKET, {"type": ""}], "NO_TYPE"),
    ("public", [TICKET, {"type": 5}], "NO_TYPE"),
    ("public", [TICKET, {"type": "nope"}], "INVALID_PARAM"),
    ("public", [TICKET, {"type": "Trade", "codes": [BTC]}], "INVALID_PARAM"),
    ("public", [TICKET, {"type": "candle.2m", "codes": [BTC]}], "INVALID_PARAM"),
    ("public", [TICKET, {"type": "candle.1d", "codes": [BTC]}], "INVALID_PARAM"),
    ("public", [TICKET, {"type": "trade"}], "NO_CODES"),
    ("public", [TICKET, {"type": "trade", "codes": []}], "NO_CODES"),
    ("public", [TICKET, {"type": "trade", "codes": BTC}], "WRONG_FORMAT"),
    ("public", [TICKET, {"type": "trade", "codes": [1]}], "WRONG_FORMAT"),
    ("public", [TICKET, {**TRADES, "is_only_snapshot": "true"}], "WRONG_FORMAT"),
    ("public", [TICKET, {**TRADES, "isOnlyRealtime": 1}], "WRONG_FORMAT"),
    ("public", [TICKET, {"type": "orderbook", "codes": [BTC], "level": "x"}], "INVALID_PARAM"),
    ("public", [TICKET, {"type": "orderbook", "codes": [BTC], "level": True}], "INVALID_PARAM"),
    ("public", [TICKET, {"type": "orderbook", "codes": [BTC], "level": "1e999999"}], "INVALID_PARAM"),
    ("public", [TICKET, {"type": "orderbook", "codes": [BTC], "level": []}], "INVALID_PARAM"),
    ("public", [TICKET, TRADES, {"format": "SHORT"}], "INVALID_PARAM"),
    ("public", [TICKET, TRADES, {"format": None}], "INVALID_PARAM"),
    ("public", [TICKET, {"method": "SUBSCRIBE"}], "INVALID_PARAM"),
    ("public", [TICKET, {"method": 3}], "INVALID_PARAM"),
    ("public", [TICKET, {"type": "myOrder"}], "INVALID_AUTH"),
    ("public", [TICKET, INDICATOR], "INVALID_AUTH"),
    ("private", [TICKET, TRADES], "INVALID_PARAM"),
    ("private", [TICKET, {"type": "myAsset", "codes": [BTC]}], "WRONG_FORMAT"),
    ("private", [TICKET, {"type": "myAsset", "codes": []}], "WRONG_FORMAT"),
    ("private", [TICKET, {"type": "myTrade"}], "INVALID_PARAM"),
    ("private", [TICKET, {"type": "announcement", "categories": ["gossip"]}], "INVALID_PARAM"),
    ("private", [TICKET, {"type": "announcement", "categories": [["notice"]]}], "INVALID_PARAM"),
    ("private", [TICKET, {"type": "announcement", "categories": "notice"}], "WRONG_FORMAT"),
    ("private", [TICKET, {"type": "announcement", "include_body": "yes"}], "WRONG_FORMAT"),
    ("info", [TICKET, {"type": "myAsset"}], "INVALID_PARAM"),
    ("info", [TICKET, {**INDICATOR, "codes": []}], "NO_CODES"),
    ("info", [TICKET, {**INDICATOR, "timeframe": "1m"}], "INVALID_PARAM"),
    ("info", [TICKET, {**INDICATOR, "timeframe": ["5m"]}], "INVALID_PARAM"),
    ("info", [TICKET, {**INDICATOR, "indicators": []}], "INVALID_PARAM"),
    ("info", [TICKET, {**INDICATOR, "indicators": RSI}], "INVALID_PARAM"),
    ("info", [TICKET, {**INDICATOR, "indicators": [{"type": "rsi", "params": {"period": 99}}]}], "INVALID_PARAM"),
    ("info", [TICKET, {**INDICATOR, "indicators": [{"type": "rsi", "params": {"period": [1]}}]}], "INVALID_PARAM"),
    ("info", [TICKET, {**INDICATOR, "indicators": [{"type": ["rsi"], "params": {}}]}], "INVALID_PARAM"),
    ("info", [TICKET, {**INDICATOR, "type": "indicator_signal"}], "INVALID_PARAM"),
    ("info", [TICKET, {**INDICATOR, "codes": [f"KRW-A{n}" for n in range(101)]}], "TOO_MANY_REQUEST"),
    ("info", [TICKET, *[{**INDICATOR, "codes": [f"KRW-A{n}" for n in range(51)]}] * 2], "TOO_MANY_REQUEST"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "request_", "name"), CASES, ids=str)
def test_a_message_that_is_no_request_has_a_name(place: str, request_: Any, name: str) -> None:
    """One for each way to be wrong."""
    text = request_ if isinstance(request_, str) else json.dumps(request_)
    with pytest.raises(Refused) as caught:
        parsed(text.encode(), place, camel_case=True)
    assert caught.value.name == name


_WORDS = ("ticket", "type", "codes", "format", "method", "level", "indicators", "timeframe", "params")
_KEYS = st.sampled_from(_WORDS) | st.text()
_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_DOCUMENTS = st.recursive(_VALUES, lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner))


@given(_DOCUMENTS, st.sampled_from(["public", "private", "info"]))
def test_whatever_is_sent_is_a_request_or_is_refused(document: Any, place: str) -> None:
    """No other exception comes of it."""
    for text in (
        json.dumps(document),
        json.dumps([TICKET, document]),
        json.dumps([TICKET, {"type": "orderbook", "codes": document, "level": document}]),
    ):
        with contextlib.suppress(Refused):
            assert isinstance(parsed(text.encode(), place, camel_case=True), Request)


def test_an_error_tells_its_name_and_leaves_the_streams(exchange: Simulator) -> None:
    """In Korean in Korea; the connection lives."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, TRADES)
        receive(connection)
        connection.send(json.dumps([TICKET, {"type": "nope"}]))
        assert error(connection) == {"name": "INVALID_PARAM", "message": "nope 은 지원하지 않는 타입입니다."}
        connection.send(json.dumps([TRADES]))
        assert error(connection) == {"name": "NO_TICKET", "message": "티켓이 존재하지 않거나, 유효하지 않습니다."}
        connection.send("{}")
        assert error(connection) == {"name": "WRONG_FORMAT", "message": "Format 이 맞지 않습니다."}
        assert {row["type"] for row in collected(connection, 10)} == {"trade"}
    with client(exchange, "/upbit-sg/websocket/v1") as connection:
        connection.send("{}")
        assert error(connection)["message"].isascii()


def test_an_error_may_drop_the_streams_or_the_connection() -> None:
    """Neither is documented; neither happens by default."""
    with Simulator(upbit=UpbitOptions(errors_drop=True)) as sim, client(sim, PUBLIC) as connection:
        ask(connection, TRADES)
        connection.send("{}")
        error(connection)
        assert listed(connection)["result"] == []
    with Simulator(upbit=UpbitOptions(errors_close=True)) as sim, client(sim, PUBLIC) as connection:
        connection.send("{}")
        error(connection)
        with pytest.raises(ConnectionClosed) as caught:
            connection.recv(timeout=PATIENCE)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1008


def test_hostile_messages_never_break_a_connection(exchange: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """On all three endpoints; half of a character is no JSON, either."""
    messages = [text if isinstance(text, str) else json.dumps(text) for _, text, _ in CASES]
    messages += [
        '[{"ticket":"\\ud800"},{"type":"\\ud800","codes":["\\ud800"]}]',
        '[{"ticket":"t"},{"type":"trade","codes":["\\ud800"]}]',
    ]
    member = Member(exchange)
    for place in (PUBLIC, "/upbit/websocket/v1/private", INFO):
        with member.stream(place) as connection:
            for message in messages:
                connection.send(message)
            connection.send(b"\xff\xfe")
            connection.send("PING")
            while "status" not in receive(connection):
                continue
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def test_faults_of_requests(exchange: Simulator) -> None:
    """A request is lost, or refused in the exchange's words; what ran goes on."""
    with client(exchange, PUBLIC) as connection:
        ask(connection, TRADES)
        receive(connection)
        never = exchange.inject(Fault.ACK_NEVER, product="upbit", count=1)
        ask(connection, {"type": "ticker", "codes": [BTC]})
        exchange.wait_for(lambda: not never.active)
        refused = exchange.inject(Fault.ACK_ERROR, product="upbit", count=1, msg="moon")
        ask(connection, {"type": "ticker", "codes": [BTC]})
        assert error(connection) == {"name": "INVALID_PARAM", "message": "moon 은 지원하지 않는 타입입니다."}
        assert not refused.active
        assert {row["type"] for row in collected(connection, 10)} == {"trade"}
