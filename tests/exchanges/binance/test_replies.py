"""The wire of the WebSocket API: requests out, replies and events in."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.exchange import Ack, Notice, NoticeKind
from binance_sockets.exchanges.binance import replies
from binance_sockets.exchanges.binance.keys import ApiKey
from binance_sockets.exchanges.binance.replies import Event, Reply

LIMIT = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000, "count": 70}


def decoded(message: Any) -> object:
    return replies.decode(json.dumps(message).encode())


def test_a_request_is_one_json_text() -> None:
    """Absent parameters are left out; without any there is no ``params``."""
    frame = replies.request(7, "order.place", {"price": Decimal("1E-7"), "limit": 5, "stopPrice": None})
    assert json.loads(frame) == {"id": 7, "method": "order.place", "params": {"price": "0.0000001", "limit": 5}}
    assert json.loads(replies.request(8, "ping")) == {"id": 8, "method": "ping"}


def test_a_signed_request_carries_key_time_and_signature() -> None:
    """The signature covers what is sent, in its form."""
    key = ApiKey("key", "secret")
    params = replies.signed({"quantity": 0.00001, "recvWindow": 100}, key, 1645423376532)
    payload = "apiKey=key&quantity=0.00001&recvWindow=100&timestamp=1645423376532"
    assert params == {
        "quantity": "0.00001",
        "recvWindow": 100,
        "apiKey": "key",
        "timestamp": 1645423376532,
        "signature": key.sign(payload),
    }


def test_replies() -> None:
    """A result with its limits; refusals with code, text, status and data."""
    assert decoded({"id": 1, "status": 200, "result": [1], "rateLimits": [LIMIT]}) == Reply(
        1, None, [1], 200, (LIMIT,), None
    )
    assert decoded({"id": 1, "status": 200, "result": {}}) == Reply(1, None, {})
    error = {"code": -1003, "msg": "Too much", "data": {"retryAfter": 5}}
    assert decoded({"id": 2, "status": 418, "error": error}) == Reply(
        2, (-1003, "Too much"), None, 418, (), {"retryAfter": 5}
    )
    assert decoded({"id": 3, "status": 503, "error": None}) == Reply(3, (None, "None"), None, 503)


def test_a_reply_without_an_id() -> None:
    """What could not be read comes without an id; a revoked key ends the session."""
    assert decoded({"id": None, "status": 400, "error": {"code": -1135, "msg": "bad JSON"}}) == Reply(
        None, (-1135, "bad JSON"), None, 400
    )
    found = decoded({"id": None, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key"}})
    assert isinstance(found, Notice) and found.kind is NoticeKind.CREDENTIAL and "-2015" in found.detail


def test_events_and_notices() -> None:
    """Events name their subscription; the shutdown is announced without one."""
    assert decoded({"subscriptionId": 3, "event": {"e": "balanceUpdate"}}) == Event(3, {"e": "balanceUpdate"})
    found = decoded({"event": {"e": "serverShutdown", "E": 1}})
    assert isinstance(found, Notice) and found.kind is NoticeKind.SERVER_SHUTDOWN
    assert replies.control(b'{"subscriptionId":3,"event":{"e":"balanceUpdate"}}') is None


@pytest.mark.parametrize("message", [b"", b"[1]", b"7", b"{}", b"\xff", b'{"event":{"e":"x"}}', b'{"status":true}'])
def test_what_is_nothing_known(message: bytes) -> None:
    """No reply, no event, and no exception."""
    assert replies.decode(message) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "status", "result", "error", "code", "msg", "event", "e", "subscriptionId", "rateLimits"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_message_raises(message: bytes) -> None:
    """Whatever arrives becomes one of the known kinds, with fields of their types."""
    found = replies.decode(message)
    assert found is None or isinstance(found, (Ack, Notice, Event))
    if isinstance(found, Reply):
        assert found.request_id is None or type(found.request_id) is int
        assert found.error is None or isinstance(found.error[1], str)
