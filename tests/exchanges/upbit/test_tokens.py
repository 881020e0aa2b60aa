"""Tokens as RFC 7519 wants them, one for each use."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from fake_upbit import Inline

from binance_sockets.exchanges.upbit.tokens import UpbitKey
from binance_sockets.testing import Drop


def opened(bearer: str, secret: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, whose signature is checked."""
    scheme, _, token = bearer.partition(" ")
    assert scheme == "Bearer"
    header, claims, signature = token.split(".")
    expected = hmac.new(secret.encode(), f"{header}.{claims}".encode(), hashlib.sha512).digest()
    assert base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)) == expected
    assert "=" not in token
    parts = [json.loads(base64.urlsafe_b64decode(each + "=" * (-len(each) % 4))) for each in (header, claims)]
    return parts[0], parts[1]


def test_claims() -> None:
    """The key and a nonce; with a query its hash; nothing else."""
    key = UpbitKey("access", "a secret that is no base64")
    header, claims = opened(key.bearer(), key.secret_key)
    assert header == {"alg": "HS512", "typ": "JWT"}
    assert set(claims) == {"access_key", "nonce"}
    assert claims["access_key"] == "access"
    query = "states[]=wait&page=1"
    _, claims = opened(key.bearer(query), key.secret_key)
    assert claims["query_hash"] == hashlib.sha512(query.encode()).hexdigest()
    assert claims["query_hash_alg"] == "SHA512"


def test_each_handshake_has_a_token_of_its_own() -> None:
    """A nonce is never used twice, and public links carry none."""
    manager = Inline(access_key="access", secret_key="secret")
    manager.begin(manager.start_my_asset_socket(manager.into("a"), prime=False))
    manager.at(1, lambda: manager.exchange.link.play([Drop()]))
    manager.run_until(5)
    requests = [request for _, request in manager.wire.attempts]
    assert {request.url for request in requests} == {"wss://api.upbit.com/websocket/v1/private"}
    nonces = [opened(dict(request.headers)["Authorization"], "secret")[1]["nonce"] for request in requests]
    assert len(set(nonces)) == 2
    assert "Bearer" not in repr(requests)
    manager = Inline(access_key="access", secret_key="secret")
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    manager.run_until(1)
    assert "Authorization" not in dict(manager.wire.attempts[0][1].headers)
