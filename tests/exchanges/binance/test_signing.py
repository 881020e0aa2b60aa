"""From parameters to the signed text: the documentation's vectors, and numbers in every form."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl

import pytest
from binance_keys import DOC_KEY, DOC_SECRET, WIDE_SYMBOL
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets import ConfigError
from binance_sockets.exchanges.binance import signing
from binance_sockets.exchanges.binance.keys import ApiKey

KEY = ApiKey(DOC_KEY, DOC_SECRET)


class Side(str, Enum):
    BUY = "BUY"


COMMON = {"type": "LIMIT", "timeInForce": "GTC", "apiKey": DOC_KEY, "timestamp": 1645423376532}
SELL = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01000000", "price": "52000.00", "recvWindow": 100}
BUY = {"symbol": WIDE_SYMBOL, "side": "BUY", "quantity": "1.00000000", "price": "0.10000000", "recvWindow": 5000}


@pytest.mark.parametrize(
    "params, digest",
    [
        ({**SELL, **COMMON}, "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"),
        ({**BUY, **COMMON}, "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"),
    ],
    ids=["ascii", "beyond"],
)
def test_websocket_vectors(params: dict[str, Any], digest: str) -> None:
    """The documentation's requests of the WebSocket API: sorted, raw UTF-8, ``signature`` left out."""
    assert KEY.sign(signing.websocket_payload(params)) == digest
    assert KEY.sign(signing.websocket_payload({"signature": "x", "icebergQty": None, **params})) == digest


@pytest.mark.parametrize(
    "symbol, digest",
    [
        ("LTCBTC", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        (WIDE_SYMBOL, "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"),
    ],
)
def test_rest_vectors(symbol: str, digest: str) -> None:
    """The documentation's REST requests: in the order given, percent-encoded."""
    params = {"symbol": symbol, "side": Side.BUY, "type": "LIMIT", "timeInForce": "GTC", "quantity": 1, "price": 0.1}
    query = signing.rest_query({**params, "recvWindow": 5000, "stopPrice": None, "timestamp": 1499827319559})
    assert KEY.sign(query) == digest


@pytest.mark.parametrize(
    "value, expected",
    [
        (Decimal("0.00000001"), "0.00000001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (1e-8, "0.00000001"),
        (1e22, "10000000000000000000000"),
        (0.1, "0.1"),
        (100.0, "100.0"),
        (7, "7"),
        (True, "true"),
        (False, "false"),
        (Side.BUY, "BUY"),
        ("0.5", "0.5"),
        (["BTCUSDT", "BNBUSDT"], '["BTCUSDT","BNBUSDT"]'),
    ],
)
def test_values_as_text(value: object, expected: str) -> None:
    """Every kind of number is written out."""
    assert signing.text(value) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("nan"), object(), b"x", {"a": 1}, None])
def test_what_cannot_be_sent(value: object) -> None:
    """The parameter is named, at once."""
    with pytest.raises(ConfigError, match="price"):
        signing.text(value, "price")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_their_value_without_an_exponent(value: float) -> None:
    """Written out, and read back as the same float."""
    shown = signing.text(value)
    assert "e" not in shown.lower()
    assert float(shown) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_decimals_keep_every_digit(value: Decimal) -> None:
    """Also zeros at the end, which say how exact a number is."""
    shown = signing.text(value)
    assert "e" not in shown.lower() and Decimal(shown) == value
    if value.as_tuple().exponent <= 0:  # type: ignore[operator]
        assert Decimal(shown).as_tuple() == value.as_tuple()


@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.booleans(), max_size=6))
def test_a_query_reads_back(params: dict[str, Any]) -> None:
    """Whatever stands in names and values, the other side reads the same."""
    expected = [(name, signing.text(value)) for name, value in params.items()]
    assert parse_qsl(signing.rest_query(params), keep_blank_values=True) == expected


def test_what_goes_out_says_the_same_as_what_is_signed() -> None:
    """Whole numbers and bools as such, all other numbers as text; and the signed text is made of just these."""
    params = {"quantity": 0.00001, "price": Decimal("5E+4"), "limit": 5, "flag": True, "names": ["a"], "absent": None}
    sent = signing.websocket_params(params)
    assert sent == {"quantity": "0.00001", "price": "50000", "limit": 5, "flag": True, "names": ["a"]}
    assert signing.websocket_payload(sent) == signing.websocket_payload(params)
