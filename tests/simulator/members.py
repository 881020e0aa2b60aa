"""Members of the embedded exchange: they sign by ``hmac`` and ``cryptography``, and ask by plain clients."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import requests
import websocket
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from simulator.helpers import PATIENCE, ws_url

from binance_sockets.simulator import Simulator

HMAC = ("hmacKey1" * 8, "hmacSecret")
_PUBLIC = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo


class Member:
    """Somebody with one API key.

    Args:
        api_key: its name.
        private: the secret of an HMAC key, or a private key.
    """

    def __init__(self, api_key: str, private: str | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> None:
        self.api_key, self._private = api_key, private

    @property
    def arguments(self) -> dict[str, str]:
        """With which an account is opened."""
        if isinstance(self._private, str):
            return {"secret": self._private}
        return {"public_key": self._private.public_key().public_bytes(*_PUBLIC).decode()}

    def sign(self, text: str) -> str:
        if isinstance(self._private, str):
            return hmac.new(self._private.encode(), text.encode(), hashlib.sha256).hexdigest()
        if isinstance(self._private, rsa.RSAPrivateKey):
            raw = self._private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        else:
            raw = self._private.sign(text.encode())
        return base64.b64encode(raw).decode()

    def signed(self, offset: float = 0.0, **params: Any) -> dict[str, Any]:
        """Parameters of a signed request to a WebSocket API, made ``offset`` seconds from now."""
        params = {"timestamp": milliseconds(offset), "apiKey": self.api_key, **params}
        params = {name: value for name, value in params.items() if value is not None}
        return {**params, "signature": self.sign("&".join(f"{name}={params[name]}" for name in sorted(params)))}

    def call(self, sim: Simulator, method: str, path: str, **params: Any) -> requests.Response:
        """A signed REST request."""
        query = urlencode({**params, "timestamp": milliseconds()})
        return rest(sim, method, f"{path}?{query}&signature={urlencode({'': self.sign(query)})[1:]}", self.api_key)


def by_hmac(api_key: str = HMAC[0]) -> Member:
    return Member(api_key, HMAC[1])


def by_rsa(api_key: str = "rsaKey12" * 8) -> Member:
    return Member(api_key, rsa.generate_private_key(65537, 2048))


def by_ed25519(api_key: str = "edKey123" * 8) -> Member:
    return Member(api_key, ed25519.Ed25519PrivateKey.generate())


def milliseconds(offset: float = 0.0) -> int:
    return int((time.time() + offset) * 1000)


def rest(sim: Simulator, method: str, path: str, api_key: str | None = None, **options: Any) -> requests.Response:
    """A REST request as it stands."""
    headers = {**({"X-MBX-APIKEY": api_key} if api_key else {}), **options.pop("headers", {})}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, sim.url + path, headers=headers, **{"timeout": PATIENCE, **options})


class Api:
    """A connection to a WebSocket API, or to a stream."""

    def __init__(self, connection: websocket.WebSocket) -> None:
        self.connection = connection
        self._events: list[Any] = []

    def receive(self) -> Any:
        """The next message, whatever it is."""
        return json.loads(self.connection.recv())

    def event(self) -> Any:
        """The next event."""
        if self._events:
            return self._events.pop(0)
        message = self.receive()
        assert "status" not in message, message
        return message

    def ask(self, method: str, params: Mapping[str, Any] | None = None, request_id: Any = 1, **more: Any) -> Any:
        """The reply to a request; events that come before it are kept."""
        request = {"id": request_id, "method": method, **more}
        self.send({**request, "params": params} if params is not None else request)
        while "status" not in (message := self.receive()):
            self._events.append(message)
        return message

    def result(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """The result of a request that succeeds."""
        reply = self.ask(method, params)
        assert reply["status"] == 200, reply
        return reply["result"]

    def code(self, method: str, params: Mapping[str, Any] | None = None) -> tuple[int, int]:
        """Status and code of a request that fails."""
        reply = self.ask(method, params)
        return reply["status"], reply["error"]["code"]

    def send(self, request: object) -> None:
        self.connection.send(request if isinstance(request, str) else json.dumps(request))

    def ended(self) -> bool:
        """Whether the connection ends now; a close frame is none of its messages."""
        try:
            return bool(self.connection.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_CLOSE)
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            return True


@contextmanager
def opened(sim: Simulator, path: str) -> Iterator[Api]:
    """A connection on a path."""
    connection = websocket.create_connection(ws_url(sim) + path, PATIENCE, http_no_proxy=["*"])
    try:
        yield Api(connection)
    finally:
        connection.shutdown()


def spot(sim: Simulator, query: str = "") -> Any:
    """A connection to the WebSocket API of spot."""
    return opened(sim, f"/spot/ws-api/v3{query}")


def following(sim: Simulator, product: str, key: str) -> None:
    """Wait until a connection of a product has taken up a listen key."""
    sim.wait_for(lambda: any(key in row.streams for row in sim.connections if row.product == product))
