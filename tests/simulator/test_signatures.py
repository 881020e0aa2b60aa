"""The documentation's own signatures pass the checks of the embedded exchange."""

from __future__ import annotations

import json
from typing import Any

import pytest

from binance_sockets.simulator.accounts import Accounts, Key
from binance_sockets.simulator.binance.auth import signature_fits
from binance_sockets.simulator.binance.requests import read_request
from binance_sockets.simulator.binance.signed_rest import signed_text
from binance_sockets.simulator.venue import RestRequest

API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
WIDE = "\uff11\uff12\uff13\uff14\uff15\uff16"
COMMON = {"type": "LIMIT", "timeInForce": "GTC", "apiKey": API_KEY, "timestamp": 1645423376532}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ORDER = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC"
REST = "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"


@pytest.fixture(scope="module")
def key() -> Key:
    """The key that the documentation signs with."""
    accounts = Accounts()
    accounts.create(API_KEY, secret=SECRET)
    found = accounts.key(API_KEY)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("order", "digest"),
    [
        (
            {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01000000", "price": "52000.00", "recvWindow": 100},
            "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
        ),
        (
            {"symbol": WIDE, "side": "BUY", "quantity": "1.00000000", "price": "0.10000000", "recvWindow": 5000},
            "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd",
        ),
    ],
    ids=["ascii", "beyond"],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_requests_of_the_websocket_api(key: Key, order: dict[str, Any], digest: str, ascii_only: bool) -> None:
    """Sorted, as they are, however JSON has written them; one changed letter does not pass."""
    params = {**order, **COMMON, "signature": digest}
    request = read_request(
        json.dumps({"id": 1, "method": "order.place", "params": params}, ensure_ascii=ascii_only).encode()
    )
    assert signature_fits(key, request.signed, request.params["signature"])
    assert not signature_fits(key, request.signed.replace(b"LIMIT", b"LIMIT_"), digest)


@pytest.mark.parametrize(
    ("query", "form", "digest"),
    [
        (f"{ORDER}&{REST}", "", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        ("", f"{ORDER}&{REST}", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        (ORDER, REST, "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"),
    ],
    ids=["query", "form", "both"],
)
def test_requests_over_rest(key: Key, query: str, form: str, digest: str) -> None:
    """Query and form are one text, and the signature is no part of it."""
    tail = f"&signature={digest}"
    request = RestRequest("POST", "/spot/api/v3/order", query, FORM, (form + tail).encode(), "127.0.0.1")
    assert signature_fits(key, signed_text(request), digest)
    assert not signature_fits(key, signed_text(request), digest[::-1])
