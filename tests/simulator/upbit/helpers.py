"""What the tests of Upbit share: clients that are not ours, tokens, and a quick exchange without tight limits."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

import requests
from simulator.helpers import PATIENCE, client
from websockets.sync.client import ClientConnection

from binance_sockets.simulator import Simulator, UpbitOptions
from binance_sockets.simulator.upbit.registrar import DEMO_ACCESS_KEY, DEMO_SECRET_KEY

GENEROUS = UpbitOptions(
    connects_per_second=10_000, messages_per_second=10_000, messages_per_minute=100_000, requests_per_second=10_000
)
"""Limits that no test meets by accident."""
PUBLIC, PRIVATE, INFO = "/upbit/websocket/v1", "/upbit/websocket/v1/private", "/upbit/websocket/v1/info"


def part(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def token(
    access_key: str = DEMO_ACCESS_KEY,
    secret_key: str = DEMO_SECRET_KEY,
    query: str = "",
    algorithm: str = "HS512",
    **claims: Any,
) -> str:
    """A JSON Web Token, made by hand."""
    payload: dict[str, Any] = {"access_key": access_key, "nonce": str(uuid.uuid4())}
    if query:
        payload |= {"query_hash": hashlib.sha512(query.encode()).hexdigest(), "query_hash_alg": "SHA512"}
    text = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part({**payload, **claims})}"
    digest = hmac.new(secret_key.encode(), text.encode(), getattr(hashlib, f"sha{algorithm[2:]}")).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@dataclass(frozen=True)
class Member:
    """Somebody with a key."""

    sim: Simulator
    access_key: str = DEMO_ACCESS_KEY
    secret_key: str = DEMO_SECRET_KEY
    product: str = "upbit"

    def call(self, method: str, path: str, **params: Any) -> requests.Response:
        """A call with a token: parameters in the query, or for POST in a JSON body."""
        query = unquote(urlencode({k: v for k, v in params.items() if v is not None}, doseq=True))
        headers = {"Authorization": f"Bearer {token(self.access_key, self.secret_key, query)}"}
        url = f"{self.sim.url}/{self.product}/v1/{path}"
        with requests.Session() as session:
            session.trust_env = False
            if method == "POST":
                return session.request(method, url, headers=headers, timeout=PATIENCE, json=params)
            return session.request(method, url, headers=headers, timeout=PATIENCE, params=params)

    def get(self, path: str, **params: Any) -> Any:
        answer = self.call("GET", path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def place(self, **params: Any) -> Any:
        answer = self.call("POST", "orders", **params)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def stream(self, place: str = PRIVATE) -> Any:
        """A connection with a token."""
        return bearer(self.sim, token(self.access_key, self.secret_key), place)


@contextmanager
def bearer(sim: Simulator, text: str, place: str = PRIVATE, **options: Any) -> Iterator[ClientConnection]:
    """A connection with this token."""
    with client(sim, place, additional_headers={"Authorization": f"Bearer {text}"}, **options) as connection:
        yield connection


def ask(connection: ClientConnection, *rows: Mapping[str, Any], format: str | None = None) -> None:
    """Send one request."""
    tail = [] if format is None else [{"format": format}]
    connection.send(json.dumps([{"ticket": "ticket-1"}, *rows, *tail]))


def receive(connection: ClientConnection) -> Any:
    """The next message, of a binary frame."""
    data = connection.recv(timeout=PATIENCE)
    assert isinstance(data, bytes)
    return json.loads(data)


def until(connection: ClientConnection, **facts: Any) -> Any:
    """The next message with these members, passing over others."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        message = receive(connection)
        row = message[0] if isinstance(message, list) else message
        if all(row.get(name) == value for name, value in facts.items()):
            return message
    raise AssertionError(f"never came: {facts}")


def error(connection: ClientConnection) -> dict[str, Any]:
    """The next error, passing over data."""
    while True:
        message = receive(connection)
        if "error" in message:
            return message["error"]


def listed(connection: ClientConnection, format: str | None = None) -> Any:
    """What a list of subscriptions says."""
    ask(connection, {"method": "LIST_SUBSCRIPTIONS"}, format=format)
    while True:
        message = receive(connection)
        row = message[0] if isinstance(message, list) else message
        if "method" in row or "mthd" in row:
            return message


def collected(connection: ClientConnection, count: int) -> list[Any]:
    return [receive(connection) for _ in range(count)]


def types_of(messages: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {(row["type"], row["code"]) for row in messages}
