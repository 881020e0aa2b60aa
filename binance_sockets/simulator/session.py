"""One WebSocket connection: control messages, limits, pings, data with its faults. On the simulator's thread."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from binance_sockets.faults import Fault
from binance_sockets.simulator import wire
from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.names import route_of
from binance_sockets.simulator.binance.products import Product
from binance_sockets.simulator.feed import Feed, dumps
from binance_sockets.simulator.injections import LINK_FAULTS, FaultBoard, Injection
from binance_sockets.simulator.ledger import Ledger

__all__ = ["LimitOverrides", "Session", "Venue"]

_SLOW_READER = 128 * 1024 * 1024  # unsent bytes at which a connection is given up
_CLOSE_WAIT = 1.0
_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
_TEXT_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")


@dataclass(frozen=True, slots=True)
class LimitOverrides:
    """What overrides the products' own limits. Seconds of wall-clock time, whatever the market's speed.

    Args:
        burst: inbound messages tolerated beyond the limit per second.
        ping_interval: between pings; ``None`` for the product's.
        pong_timeout: to answer one; ``None`` for the product's.
        max_age: after which a connection is cut.
        flat_errors: errors as ``{"code", "msg", "id"}`` instead of nested in ``error``.
    """

    burst: int = 5
    ping_interval: float | None = None
    pong_timeout: float | None = None
    max_age: float = 86_400.0
    flat_errors: bool = False


class Replay(Protocol):
    """What a session asks of a playback."""

    @property
    def snapshots(self) -> dict[str, bytes]:
        """Recorded REST depth bodies by symbol."""

    def covers(self, product: str, name: str) -> bool:
        """Whether this stream comes from the recording alone."""

    def subscribed(self) -> None:
        """Some subscription changed."""


@dataclass(slots=True)
class Venue:
    """What all sessions share."""

    feed: Feed
    faults: FaultBoard
    ledger: Ledger
    limits: LimitOverrides
    sessions: set[Session]
    replay: Replay


class _Refused(Exception):
    """A control message that is answered with an error."""

    def __init__(self, code: int, msg: str) -> None:
        super().__init__(code, msg)
        self.code, self.msg = code, msg


class Session:
    """One open connection.

    Args:
        venue: what all sessions share.
        product: its product.
        route: its route, "" for the plain path.
        path: as requested.
        names: streams in the URL.
        combined: whether it was opened on ``/stream``.
        micro: whether it asked for microseconds.
    """

    def __init__(
        self,
        venue: Venue,
        product: Product,
        route: str,
        path: str,
        names: list[str],
        *,
        combined: bool,
        micro: bool,
    ) -> None:
        self.product = product
        self.route = route
        self.streams: dict[str, None] = {}
        self.combined = combined
        self._venue = venue
        self._path = path
        self._first_names = names
        self._micro = micro
        self._ws: web.WebSocketResponse
        self._transport: asyncio.Transport
        self._drain: Callable[[], Any]
        self._loop = asyncio.get_running_loop()
        self._id = 0
        self._out: list[bytes] = []
        self._closing = False
        self._ended = False
        self._heard: deque[float] = deque()
        self._unanswered: dict[bytes, float] = {}
        self._held: dict[str, tuple[bytes, str]] = {}
        self._timers: list[asyncio.TimerHandle] = []
        self._struck_by: set[int] = set()

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
        self._transport, self._drain = transport, writer.drain
        venue = self._venue
        self._id = venue.ledger.opened(self._path, self.product.name, self.route, combined=self.combined)
        venue.sessions.add(self)
        try:
            self._start()
            await self._receive()
        finally:
            self._end()
        return self._ws

    def _start(self) -> None:
        limits = self._venue.limits
        self._every(limits.ping_interval or self.product.ping_interval, self._ping)
        self._later(limits.max_age, self.cut)
        for injection in self._venue.faults.all():
            if injection.fault in LINK_FAULTS:
                self.strike(injection)
        if len(self._first_names) > self.product.streams:
            self.close(1008, "Invalid request")
        else:
            self._subscribe(self._first_names)

    def _end(self) -> None:
        self._ended = True
        for timer in self._timers:
            timer.cancel()
        self._unsubscribe(list(self.streams), forget=False)
        self._venue.sessions.discard(self)
        self._transport.close()
        self._venue.ledger.closed(self._id)

    def _later(self, seconds: float, call: Callable[[], object]) -> None:
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

        self._later(seconds, again)

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
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > _SLOW_READER:
            self._transport.abort()
        self._venue.ledger.wake()

    async def drained(self) -> None:
        """Wait until the peer has taken most of what was sent, or is gone."""
        self.flush()
        with contextlib.suppress(ConnectionError):
            await self._drain()

    def close(self, code: int | None, reason: str = "") -> None:
        """Send a close frame, and end the connection soon after."""
        if self._closing:
            return
        self._closing = True
        self._venue.ledger.update(self._id, server_close_code=1005 if code is None else code)
        self.write(wire.frame(wire.CLOSE, wire.close_payload(code, reason)))
        self._later(_CLOSE_WAIT, self.cut)

    def cut(self) -> None:
        """End the connection without a close frame."""
        self.flush()
        self._closing = True
        self._transport.close()

    def _send_json(self, payload: object) -> None:
        self.write(wire.frame(wire.TEXT, dumps(payload)))

    def deliver(self, name: str, payload: bytes, event: str, *, whole: bytes | None = None) -> None:
        """Send one payload of a stream, with whatever faults stand; ``whole`` is the wrapped form, if there is one."""
        if self._closing or (self._venue.faults.any() and self._spoil(name, payload, event)):
            return
        message = whole if whole is not None and self.combined else self._wrapped(name, payload)
        self._send_message(name, message, event)

    def _wrapped(self, name: str, payload: bytes) -> bytes:
        if not self.combined:
            return payload
        return b'{"stream":' + dumps(name) + b',"data":' + payload + b"}"

    def _send(self, name: str, payload: bytes, event: str) -> None:
        self._send_message(name, self._wrapped(name, payload), event)

    def _send_message(self, name: str, message: bytes, event: str) -> None:
        self.write(wire.frame(wire.TEXT, message))
        self._venue.ledger.count(self.product.name, name, event)

    # faults of messages

    def _strike(self, fault: Fault, name: str | None = None) -> Injection | None:
        streams = (name,) if name is not None else (self.streams or tuple(self._first_names))
        return self._venue.faults.strike(fault, self.product.name, self.route, streams)

    def silent(self) -> bool:
        """Whether this connection is half-open: nothing goes out, nothing that comes in is answered."""
        if not self._venue.faults.any():
            return False
        found = self._venue.faults.find(Fault.SILENCE, self.product.name, self.route, tuple(self.streams))
        if found is None:
            return False
        if found.id not in self._struck_by:
            self._struck_by.add(found.id)
            found.strike()
        return True

    def _spoil(self, name: str, payload: bytes, event: str) -> bool:
        """Apply the standing faults to a message; ``True`` when it has been dealt with."""
        if self.silent() or self._strike(Fault.HOLE, name):
            return True
        self._insert_rubbish(name, payload)
        if self._strike(Fault.CUT, name):
            whole = wire.frame(wire.TEXT, self._wrapped(name, payload))
            self.write(whole[: len(whole) // 2 + 1])
            self.cut()
            return True
        missing = self._strike(Fault.MISSING_FIELD, name)
        if missing:
            payload = _without(payload, missing.params["field"])
        if name in self._held:
            self._send(name, payload, event)
            self._send(name, *self._held.pop(name))
            return True
        if self._strike(Fault.OUT_OF_ORDER, name):
            self._held[name] = (payload, event)
            return True
        if self._strike(Fault.DUPLICATE, name):
            self._send(name, payload, event)
        pieces = self._strike(Fault.FRAGMENT, name)
        if pieces:
            self._send_in_pieces(self._wrapped(name, payload), pieces.params["frames"])
            self._venue.ledger.count(self.product.name, name, event)
            return True
        if missing:
            self._send(name, payload, event)
        return bool(missing)

    def _insert_rubbish(self, name: str, payload: bytes) -> None:
        """Faults that are messages of their own, before the good one."""
        if self._strike(Fault.INVALID_JSON, name):
            message = self._wrapped(name, payload)
            self.write(wire.frame(wire.TEXT, message[: max(1, len(message) * 2 // 3)]))
        if self._strike(Fault.INVALID_UTF8, name):
            self.write(wire.frame(wire.TEXT, self._wrapped(name, b'{"e":"\xc3\x28\xff"}')))
        if self._strike(Fault.UNKNOWN_EVENT, name):
            unknown = {
                "e": "neverHeardOf",
                "E": payloads.milliseconds(self._venue.feed.clock.now),
                "zz": [1, {"y": None}],
            }
            self.write(wire.frame(wire.TEXT, self._wrapped(name, dumps(unknown))))
        oversize = self._strike(Fault.OVERSIZE, name)
        if oversize:
            filler = b'{"e":"oversize","x":"' + b"x" * int(oversize.params["size"]) + b'"}'
            self.write(wire.frame(wire.TEXT, self._wrapped(name, filler)))

    def _send_in_pieces(self, message: bytes, frames: int) -> None:
        size = max(1, -(-len(message) // max(2, frames)))
        pieces = [message[at : at + size] for at in range(0, len(message), size)]
        for number, piece in enumerate(pieces):
            opcode = wire.CONTINUATION if number else wire.TEXT
            self.write(wire.frame(opcode, piece, fin=number == len(pieces) - 1))
            if number < len(pieces) - 1:
                self._ping()

    # faults of the link

    def strike(self, injection: Injection) -> None:
        """Apply a fault that ends connections, once, if it concerns this one."""
        streams = self.streams or tuple(self._first_names)
        if injection.id in self._struck_by or not injection.matches(self.product.name, self.route, streams):
            return
        if injection.strike():
            self._struck_by.add(injection.id)
            self._later(injection.params["delay"], partial(self._suffer, injection))

    def _suffer(self, injection: Injection) -> None:
        params = injection.params
        if injection.fault is Fault.CLOSE:
            self.close(params["code"], params["reason"])
        elif injection.fault is Fault.RESET:
            self.flush()
            self._closing = True
            wire.reset(self._transport)
        elif injection.fault is Fault.SERVER_SHUTDOWN:
            self._announce_shutdown(params["close_after"])
        else:
            self.cut()

    def _announce_shutdown(self, close_after: float | None) -> None:
        ts = payloads.microseconds if self._micro else payloads.milliseconds
        notice = dumps(payloads.server_shutdown(self._venue.feed.clock.now, ts))
        self.write(wire.frame(wire.TEXT, self._wrapped("!serverShutdown", notice)))
        if close_after is not None:
            self._later(close_after, self.cut)

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
            if not self.silent():
                self._heard_one(kind, message.data)

    def _closed_by_peer(self, code: int, reason: str) -> None:
        self._venue.ledger.update(self._id, close_code=code or 1005, close_reason=reason)
        if not self._closing and not self.silent():
            self.write(wire.frame(wire.CLOSE, wire.close_payload(code or None)))
        self._closing = True
        self.flush()

    def _heard_one(self, kind: WSMsgType, data: str | bytes) -> None:
        payload = data.encode() if isinstance(data, str) else bytes(data)
        if self._closing or self._too_many():
            return
        if kind is WSMsgType.PING:
            self._venue.ledger.received(self._id, "pings", payload)
            self.write(wire.frame(wire.PONG, payload))
        elif kind is WSMsgType.PONG:
            self._venue.ledger.received(self._id, "pongs", payload)
            self._answered(payload)
        else:
            self._venue.ledger.received(self._id, "control", payload)
            self._control(payload)

    def _too_many(self) -> bool:
        now = time.monotonic()
        self._heard.append(now)
        while self._heard[0] <= now - 1.0:
            self._heard.popleft()
        if len(self._heard) <= self.product.messages_per_second + self._venue.limits.burst:
            return False
        self.close(1008, "Too many requests")
        return True

    def _ping(self) -> None:
        if self._closing or self.silent():
            return
        payload = str(time.time_ns() // 1_000_000).encode()
        self._venue.ledger.received(self._id, "pings_sent", payload)
        self._unanswered[payload] = time.monotonic()
        self.write(wire.frame(wire.PING, payload))
        self._later(self._venue.limits.pong_timeout or self.product.pong_timeout, lambda: self._overdue(payload))

    def _answered(self, payload: bytes) -> None:
        """A pong answers its ping and every earlier one; one that answers none does not count."""
        sent = self._unanswered.get(payload)
        if sent is not None:
            self._unanswered = {row: when for row, when in self._unanswered.items() if when > sent}

    def _overdue(self, payload: bytes) -> None:
        if payload in self._unanswered:
            self.close(1008, "Pong timeout")

    # control messages

    def _control(self, text: bytes) -> None:
        request_id: object = None
        known_id = False
        try:
            request = self._parsed(text)
            request_id, known_id = self._checked_id(request), True
            if self._strike(Fault.ACK_NEVER):
                return
            refusal = self._strike(Fault.ACK_ERROR)
            if refusal:
                raise _Refused(refusal.params["code"], refusal.params["msg"])
            result = self._perform(request.get("method"), request.get("params"))
            self._send_json({"result": result, "id": request_id})
        except _Refused as error:
            answer: dict[str, object] = {"code": error.code, "msg": error.msg}
            if not self._venue.limits.flat_errors:
                answer = {"error": answer}
            self._send_json({**answer, "id": request_id} if known_id else answer)
            if error.code == 4:
                self.close(1008, "Invalid request")

    def _parsed(self, text: bytes) -> dict[str, Any]:
        try:
            request = json.loads(text)
        except ValueError as error:
            raise _Refused(3, f"Invalid JSON: {error}") from None
        if not isinstance(request, dict):
            raise _Refused(2, "Invalid request: request must be an object")
        return request

    def _checked_id(self, request: dict[str, Any]) -> object:
        value = request.get("id")
        spot = self.product.name == "spot"
        if isinstance(value, int) and not isinstance(value, bool):
            low, high = (-(2**63), 2**63 - 1) if spot else (0, 2**64 - 1)
            valid = low <= value <= high
        elif isinstance(value, str):
            valid = not self.product.integer_ids and _TEXT_ID.fullmatch(value) is not None
        else:
            valid = value is None and spot
        if not valid:
            raise _Refused(2, "Invalid request: request ID must be an integer or a short text")
        return value

    def _perform(self, method: object, params: Any) -> object:
        if method is None:
            raise _Refused(2, "Invalid request: missing field `method`")
        if method not in _METHODS:
            raise _Refused(2, f"Invalid request: unknown variant `{method}`, expected one of {', '.join(_METHODS)}")
        if method == "LIST_SUBSCRIPTIONS":
            return list(self.streams)
        if not isinstance(params, list):
            raise _Refused(2, "Invalid request: params must be an array")
        if method in ("SET_PROPERTY", "GET_PROPERTY"):
            return self._property(params, write=method == "SET_PROPERTY")
        if not all(isinstance(name, str) and name for name in params):
            raise _Refused(2, "Invalid request: invalid stream")
        if method == "UNSUBSCRIBE":
            self._unsubscribe(params)
        else:
            self._check_room(params)
            self._subscribe(params)
        return None

    def _property(self, params: list[Any], *, write: bool) -> object:
        if len(params) > 1 + write:
            raise _Refused(2, "Invalid request: too many parameters")
        if not params or not isinstance(params[0], str):
            raise _Refused(2, "Invalid request: property name must be a string")
        if params[0] != "combined":
            raise _Refused(0, "Unknown property")
        if not write:
            return self.combined
        if len(params) < 2 or not isinstance(params[1], bool):
            raise _Refused(1, "Invalid value type: expected Boolean")
        self.combined = params[1]
        self._venue.ledger.update(self._id, combined=self.combined)
        return None

    def _check_room(self, names: list[str]) -> None:
        if len(self.streams.keys() | set(names)) > self.product.streams:
            raise _Refused(4, "Too many subscriptions")

    def _subscribe(self, names: list[str]) -> None:
        venue, product = self._venue, self.product.name
        for name in names:
            if name in self.streams:
                continue
            self.streams[name] = None
            if self.serves(name) and not venue.replay.covers(product, name):
                venue.feed.subscribe(self, product, name, micro=self._micro)
        venue.ledger.update(self._id, streams=tuple(self.streams))
        venue.replay.subscribed()

    def _unsubscribe(self, names: list[str], *, forget: bool = True) -> None:
        for name in names:
            if name in self.streams:
                del self.streams[name]
                self._venue.feed.unsubscribe(self, self.product.name, name, micro=self._micro)
        if forget:
            self._venue.ledger.update(self._id, streams=tuple(self.streams))

    def serves(self, name: str) -> bool:
        """Whether data of this stream flows on this route; the plain path of routed products counts as public."""
        route = route_of(self.product.name, name)
        return route == self.route or (self.route == "" and route == "public")


def _without(payload: bytes, field: str | None) -> bytes:
    """The payload without a field: the named one, or the first after the event type."""
    document = json.loads(payload)
    for row in document if isinstance(document, list) else [document]:
        names = [name for name in row if name != "e"]
        row.pop(field if field is not None else names[0], None)
    return dumps(document)
