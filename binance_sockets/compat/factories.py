"""What subclasses of the old socket manager open sockets with: factories, protocols and ``connectWS``.

A subclass that overrides ``_start_socket`` makes a factory of a URL, sets its ``callback``, and puts what ``connectWS``
returns into ``_conns``: by that the manager gets a socket to carry. One that is put nowhere is carried by a manager of
its own, once ``reactor.run()`` is called.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

__all__ = [
    "BinanceClientFactory",
    "BinanceClientProtocol",
    "BinanceReconnectingClientFactory",
    "Connector",
    "ReconnectingClientFactory",
    "WebSocketClientFactory",
    "WebSocketClientProtocol",
    "connectWS",
    "loose",
]

FINAL = {"e": "error", "m": "Max reconnect retries reached"}


class WebSocketClientProtocol:
    """What a message passes before it reaches the callback, for subclasses.

    Attributes:
        factory: that it belongs to.
    """

    factory: Any = None

    def onConnect(self, response: object) -> None:
        """The handshake is done."""

    def onOpen(self) -> None:
        """Messages may come."""

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """A message, as JSON."""

    def onClose(self, wasClean: bool, code: object, reason: object) -> None:
        """The socket has ended for good."""


class BinanceClientProtocol(WebSocketClientProtocol):
    """Hands each message on to the factory's ``callback``."""

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Decode the message, and call back with it."""
        if not isBinary:
            self.factory.callback(json.loads(payload))


class ReconnectingClientFactory:
    """Twisted's, of which nothing is left to do: sockets reconnect by themselves."""

    initialDelay = 0.1
    maxDelay = 10
    maxRetries = 5
    retries = 0

    def resetDelay(self) -> None:
        """Does nothing."""

    def retry(self, connector: object = None) -> None:
        """Does nothing: the socket reconnects by itself."""

    def stopTrying(self) -> None:
        """Does nothing: ``disconnect`` ends a socket."""


class WebSocketClientFactory:
    """A URL, and who gets what comes from there.

    Args:
        url: such as ``"wss://stream.binance.com:9443/ws/bnbbtc@trade"``.

    Attributes:
        protocol: class of what messages pass; ``None`` for none.
        callback: gets each payload.
    """

    protocol: type[WebSocketClientProtocol] | None = None
    callback: Callable[[Any], object] | None = None
    reconnect = True

    def __init__(self, url: str = "", *args: object, **kwargs: object) -> None:
        self.url = url
        self.host = url.partition("://")[2].partition("/")[0].partition(":")[0]
        self.isSecure = url.startswith("wss:")

    def setProtocolOptions(self, **options: object) -> None:
        """Does nothing: deadlines and pings are the manager's."""


class BinanceReconnectingClientFactory(ReconnectingClientFactory):
    """0.7's."""


class BinanceClientFactory(WebSocketClientFactory, BinanceReconnectingClientFactory):
    """0.7's: ``callback`` gets each payload, and ``_reconnect_error_payload`` at the end."""

    protocol = BinanceClientProtocol
    _reconnect_error_payload = FINAL

    def clientConnectionFailed(self, connector: object, reason: object) -> None:
        """Never called: the manager says it to the callback."""

    def clientConnectionLost(self, connector: object, reason: object) -> None:
        """Never called: the manager says it to the callback."""


class Connector:
    """What ``connectWS`` returns, and ``_conns`` has of each socket.

    Args:
        factory: whose socket it is.
        stop: ends the socket; ``None`` until a manager carries it.
        key: by which the manager knows it.
    """

    def __init__(self, factory: Any = None, stop: Callable[[], None] | None = None, key: str | None = None) -> None:
        self.factory = factory
        self.stop = stop
        self.key = key

    @property
    def state(self) -> str:
        """As of Twisted's connectors."""
        return "disconnected" if self.stop is None else "connected"

    def disconnect(self) -> None:
        """End the socket."""
        with _lock:
            loose.pop(self, None)
        if self.stop is not None:
            self.stop()

    stopConnecting = disconnect


_lock = threading.Lock()  # guards the one below
loose: dict[Connector, None] = {}
"""Connectors that no manager carries yet."""


def connectWS(
    factory: WebSocketClientFactory, contextFactory: object = None, timeout: float = 30, bindAddress: object = None
) -> Connector:  # the names are Twisted's
    """A socket of a factory's URL, opened once it stands in ``_conns`` of a manager, or ``reactor.run()`` is called.

    Args:
        factory: with URL and callback.
        contextFactory: has no effect: the exchange's certificate is always verified.
        timeout: has no effect.
        bindAddress: has no effect.
    """
    connector = Connector(factory)
    with _lock:
        loose[connector] = None
    return connector


def receiver(factory: Any) -> Callable[[Any], object]:
    """What a socket of ``factory`` calls back: the factory's callback, by way of its protocol where that does more."""
    kind = factory.protocol
    if kind is None or kind.onMessage is BinanceClientProtocol.onMessage:
        return lambda payload: factory.callback(payload)  # looked up each time: scripts exchange it
    protocol = kind()
    protocol.factory = factory

    def call(payload: Any) -> None:
        if payload == FINAL:
            protocol.onClose(False, 1006, FINAL["m"])
            if factory.callback is not None:
                factory.callback(payload)
            return
        protocol.onMessage(json.dumps(payload, separators=(",", ":")).encode(), False)

    return call
