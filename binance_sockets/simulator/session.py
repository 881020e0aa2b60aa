"""One WebSocket connection of any venue: what goes out and comes in, limits, pings. On the simulator's thread."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from binance_sockets.faults import Rule, check, seconds, whole
from binance_sockets.simulator import wire
from binance_sockets.simulator.feed import Feed, Source
from binance_sockets.simulator.injections import FaultBoard
from binance_sockets.simulator.ledger import Ledger
from binance_sockets.simulator.server_clock import ServerClock
from binance_sockets.simulator.spoiling import Spoiler

__all__ = ["Dialect", "LimitOverrides", "Services", "Session", "Terms"]

_SLOW_READER = 128 * 1024 * 1024  # unsent bytes at which a connection is given up
_CLOSE_WAIT = 1.0
_LIMITS = {
    "burst": whole(0),
    "ping_interval": seconds(above=0),
    "pong_timeout": seconds(above=0),
    "max_age": seconds(above=0),
    "connects": whole(0),
    "weight": whole(0),
    "flat_errors": Rule("True or False", lambda value: isinstance(value, bool)),
    "listen_key_lifetime": seconds(above=0),
}
_PRODUCTS_OWN = ("ping_interval", "pong_timeout", "weight")  # may be None


@dataclass(frozen=True, slots=True)
class LimitOverrides:
    """What overrides the products' own limits. Seconds of wall-clock time, whatever the market's speed.

    Args:
        burst: inbound messages tolerated beyond the limit in any second.
        ping_interval: between pings; ``None`` for the product's.
        pong_timeout: to answer one; ``None`` for the product's.
        max_age: after which a connection is cut.
        connects: upgrades that one address may ask for in five minutes.
        weight: request weight that one address may spend in a minute, over REST and the WebSocket APIs; ``None`` for
            the product's.
        flat_errors: errors as ``{"code", "msg", "id"}`` instead of nested in ``error``.
        listen_key_lifetime: after which a listen key ends unless it is extended.

    Raises:
        ValueError: a value that is no such limit.
    """

    burst: int = 0
    ping_interval: float | None = None
    pong_timeout: float | None = None
    max_age: float = 86_400.0
    connects: int = 300
    weight: int | None = None
    flat_errors: bool = False
    listen_key_lifetime: float = 3600.0

    def __post_init__(self) -> None:
        for name, rule in _LIMITS.items():
            value = getattr(self, name)
            if value is not None or name not in _PRODUCTS_OWN:
                check(name, value, rule)


class Replay(Protocol):
    """What others ask of a playback."""

    @property
    def snapshots(self) -> dict[str, bytes]:
        """Recorded REST depth bodies by symbol."""

    def covers(self, product: str, name: str) -> bool:
        """Whether this stream comes from the recording alone."""

    def subscribed(self) -> None:
        """Some subscription changed."""


@dataclass(slots=True)
class Services:
    """What all sessions of a simulator share, whatever their venue."""

    feed: Feed
    faults: FaultBoard
    ledger: Ledger
    limits: LimitOverrides
    sessions: set[Session]
    replay: Replay
    clock: ServerClock = field(default_factory=ServerClock)


class Terms(Protocol):
    """What a venue promises about one kind of connection. Times are seconds."""

    @property
    def name(self) -> str:
        """The product."""

    @property
    def messages_per_second(self) -> int | None:
        """Inbound messages, pings and pongs included; ``None`` where the venue counts for itself."""

    @property
    def ping_interval(self) -> float | None:
        """Between two pings of the server; ``None`` for a server that asks for no pongs."""

    @property
    def pong_timeout(self) -> float:
        """Within which a ping must be answered."""

    @property
    def binary(self) -> bool:
        """Whether messages are binary frames."""

    @property
    def idle_timeout(self) -> float | None:
        """After which a connection is cut on which nothing was sent or received; ``None`` for never."""


class Dialect(Protocol):
    """How a venue speaks on one connection."""

    def opened(self) -> None:
        """The handshake has been answered."""

    def closed(self) -> None:
        """The connection has ended."""

    def heard(self, message: bytes) -> None:
        """The client has sent a message."""

    def serves(self, name: str) -> bool:
        """Whether data of this stream flows on this connection's route."""

    def forgettable(self, name: str) -> bool:
        """Whether this is a stream of a market, whose subscription the exchange may lose."""

    def source(self, name: str) -> tuple[Hashable, Callable[[int], Source | None]]:
        """A key under which subscriptions share a source, and what makes it."""

    def wrapped(self, name: str, payload: bytes, whole: bytes | None = None) -> bytes:
        """A payload as this connection gets it; ``whole`` is how it was wrapped when recorded."""

    def unknown_event(self) -> bytes:
        """A payload of an event that no document knows."""

    def without(self, payload: bytes, field: str | None) -> bytes:
        """A payload without a field: the named one, or the first that says something."""

    def shutdown_notice(self) -> bytes | None:
        """The message before a planned end; ``None`` where the venue has none."""


class Session:
    """One open connection.

    Args:
        services: what all sessions share.
        terms: what its venue promises.
        speak: makes what speaks for the venue.
        path: as requested.
        route: its route, "" for the plain path.
        names: streams in the URL, by which faults find it before it is subscribed.
        combined: whether payloads are wrapped at first, for the record.
    """

    def __init__(
        self,
        services: Services,
        terms: Terms,
        speak: Callable[[Session], Dialect],
        path: str,
        *,
        route: str = "",
        names: Iterable[str] = (),
        combined: bool = False,
    ) -> None:
        self.services = services
        self.product = terms.name
        self.route = route
        self.names = tuple(names)
        self.streams: dict[str, None] = {}
        self.closing = False
        self._terms = terms
        self._path = path
        self._combined = combined
        self._ws: web.WebSocketResponse
        self._transport: asyncio.Transport
        self._drain: Callable[[], Any]
        self.address = ""
        self._loop = asyncio.get_running_loop()
        self._id = 0
        self._out: list[bytes] = []
        self._ended = False
        self._heard: deque[float] = deque()
        self._unanswered: dict[bytes, float] = {}
        self._free_pongs: list[bytes] = []
        self._timers: list[asyncio.TimerHandle] = []
        self._moved = time.monotonic()  # when something was last sent or received
        self.opcode = wire.BINARY if terms.binary else wire.TEXT
        self.spoiler = Spoiler(self, services.faults)
        self.dialect = speak(self)

    # life

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer the handshake and stay until the connection ends."""
        self._ws = web.WebSocketResponse(
            autoclose=False, autoping=False, compress=False, timeout=_CLOSE_WAIT, max_msg_size=4 * 1024 * 1024
        )
        writer = await self._ws.prepare(request)
        transport = request.transport
        if writer is None or transport is None:
            return self._ws
        self._transport, self._drain, self.address = transport, writer.drain, request.remote or ""
        services = self.services
        self._id = services.ledger.opened(self._path, self.product, self.route, combined=self._combined)
        services.sessions.add(self)
        try:
            self._start()
            await self._receive()
        finally:
            self._end()
        return self._ws

    def _start(self) -> None:
        limits = self.services.limits
        interval = limits.ping_interval or self._terms.ping_interval
        if interval is not None:
            self._every(interval, self.ping)
        if self._terms.idle_timeout is not None:
            self._watch_idleness(self._terms.idle_timeout)
        self.later(limits.max_age, self.cut)
        self.spoiler.opened()
        self.dialect.opened()

    def _end(self) -> None:
        self._ended = True
        for timer in self._timers:
            timer.cancel()
        for name in list(self.streams):
            self._leave(name)
        self.dialect.closed()
        self.services.sessions.discard(self)
        self._transport.close()
        self.services.ledger.closed(self._id)

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Call something after a while, unless the connection has ended by then."""
        if self._ended:
            return
        self._timers = [timer for timer in self._timers if timer.when() > self._loop.time()]
        self._timers.append(self._loop.call_later(seconds, self._due, call))

    def _due(self, call: Callable[[], object]) -> None:
        if not self._ended:  # a timer that is due is no longer in the list, so that _end cannot cancel it
            call()

    def _every(self, seconds: float, call: Callable[[], object]) -> None:
        def again() -> None:
            call()
            self._every(seconds, call)

        self.later(seconds, again)

    def _watch_idleness(self, timeout: float) -> None:
        left = self._moved + timeout - time.monotonic()
        if left <= 0:
            self.cut()
        else:
            self.later(left, lambda: self._watch_idleness(timeout))

    def note(self, **facts: object) -> None:
        """Set attributes of this connection in the record."""
        self.services.ledger.update(self._id, **facts)

    # subscriptions

    def subscribe(self, names: Iterable[str]) -> None:
        """Begin to send streams; names that nothing is sent for are kept, too."""
        services = self.services
        for name in names:
            if name in self.streams:
                continue
            self.streams[name] = None
            if self.dialect.serves(name) and not services.replay.covers(self.product, name):
                services.feed.subscribe(self, *self.dialect.source(name))
        self.note(streams=tuple(self.streams))
        services.replay.subscribed()

    def unsubscribe(self, names: Iterable[str]) -> None:
        """Stop sending streams."""
        for name in names:
            if name in self.streams:
                self._leave(name)
        self.note(streams=tuple(self.streams))

    def _leave(self, name: str) -> None:
        del self.streams[name]
        self.services.feed.unsubscribe(self, self.dialect.source(name)[0])

    # out

    def write(self, data: bytes) -> None:
        """Queue bytes; they leave together at the end of the loop's turn."""
        if not self._out:
            self._loop.call_soon(self.flush)
        self._out.append(data)

    def flush(self) -> None:
        """Send what is queued."""
        data, self._out = b"".join(self._out), []
        if not data or self._transport.is_closing():
            return
        self._moved = time.monotonic()
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > _SLOW_READER:
            self._transport.abort()
        self.services.ledger.wake()

    async def drained(self) -> None:
        """Wait until the peer has taken most of what was sent, or is gone."""
        self.flush()
        with contextlib.suppress(ConnectionError):
            await self._drain()

    def close(self, code: int | None, reason: str = "") -> None:
        """Send a close frame, and end the connection soon after."""
        if self.closing:
            return
        self.closing = True
        self.note(server_close_code=1005 if code is None else code)
        self.write(wire.frame(wire.CLOSE, wire.close_payload(code, reason)))
        self.later(_CLOSE_WAIT, self.cut)

    def cut(self) -> None:
        """End the connection without a close frame."""
        self.flush()
        self.closing = True
        self._transport.close()

    def reset(self) -> None:
        """End the connection by a TCP reset."""
        self.flush()
        self.closing = True
        wire.reset(self._transport)

    def frame(self, message: bytes) -> bytes:
        """A message as it goes over the wire."""
        return wire.frame(self.opcode, message)

    def say(self, message: bytes) -> None:
        """Send a message that is no data of a stream."""
        self.write(self.frame(message))

    def deliver(self, name: str, payload: bytes, event: str, *, whole: bytes | None = None) -> None:
        """Send one payload of a stream, with whatever faults stand; ``whole`` is the wrapped form, if there is one."""
        spoiler = self.spoiler
        if self.closing or spoiler.half_open or (self.services.faults.any() and spoiler.spoil(name, payload, event)):
            return
        self.send(name, payload, event, whole)

    def send(self, name: str, payload: bytes, event: str, whole: bytes | None = None) -> None:
        """Send one payload of a stream as it is, and count it."""
        self.write(self.frame(self.dialect.wrapped(name, payload, whole)))
        self.services.ledger.count(self.product, name, event)

    # in

    async def _receive(self) -> None:
        while not self._transport.is_closing():
            message = await self._ws.receive()
            kind = message.type
            if kind in (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
                return
            if kind is WSMsgType.CLOSE:
                self._closed_by_peer(message.data, message.extra or "")
                return
            if not self.spoiler.silent():
                self._heard_one(kind, message.data)

    def _closed_by_peer(self, code: int, reason: str) -> None:
        self.note(close_code=code or 1005, close_reason=reason)
        if not self.closing and not self.spoiler.silent():
            self.write(wire.frame(wire.CLOSE, wire.close_payload(code or None)))
        self.closing = True
        self.flush()

    def _heard_one(self, kind: WSMsgType, data: str | bytes) -> None:
        payload = data.encode() if isinstance(data, str) else bytes(data)
        self._moved = time.monotonic()
        free = kind is WSMsgType.PONG and payload in self._free_pongs
        if free:
            self._free_pongs.remove(payload)
        if self.closing or (not free and self._too_many()):
            return
        if kind is WSMsgType.PING:
            self.services.ledger.received(self._id, "pings", payload)
            self.write(wire.frame(wire.PONG, payload))
        elif kind is WSMsgType.PONG:
            self.services.ledger.received(self._id, "pongs", payload)
            self._answered(payload)
        else:
            self.services.ledger.received(self._id, "control", payload)
            self.dialect.heard(payload)

    def _too_many(self) -> bool:
        most = self._terms.messages_per_second
        if most is None:
            return False
        now = time.monotonic()
        self._heard.append(now)
        while self._heard[0] <= now - 1.0:
            self._heard.popleft()
        if len(self._heard) <= most + self.services.limits.burst:
            return False
        self.close(1008, "Too many requests")
        return True

    def ping(self, *, free: bool = False) -> None:
        """Ask for a pong, and end the connection where none comes in time.

        Args:
            free: the pong does not count among the client's messages: a fault asks for it, and shall do no more.
        """
        if self.closing or self.spoiler.silent():
            return
        payload = str(time.time_ns() // 1_000_000).encode()
        self.services.ledger.received(self._id, "pings_sent", payload)
        self._unanswered[payload] = time.monotonic()
        if free:
            self._free_pongs.append(payload)
        self.write(wire.frame(wire.PING, payload))
        self.later(self.services.limits.pong_timeout or self._terms.pong_timeout, lambda: self._overdue(payload))

    def _answered(self, payload: bytes) -> None:
        """A pong answers its ping and every earlier one; one that answers none does not count."""
        sent = self._unanswered.get(payload)
        if sent is not None:
            self._unanswered = {row: when for row, when in self._unanswered.items() if when > sent}

    def _overdue(self, payload: bytes) -> None:
        if payload in self._unanswered:
            self.close(1008, "Pong timeout")
