"""A small exact exchange without sockets, threads or a clock of its own: bytes in, bytes out, ``world.at`` for time.

It speaks what the spot market streams speak: the upgrade with streams in the URL, SUBSCRIBE and its like, pings, five
messages a second, an age at which connections are cut, the shutdown notice. The market goes on whether anybody is
connected or not, and every message of it is kept, so that what a callback got can be compared with what there was.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import deque
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from simulation.network import Wire
from simulation.world import World

from binance_sockets.faults import PARAMETERS, Fault
from binance_sockets.simulator import wire as frames

__all__ = ["NOT_HERE", "Event", "Exchange", "Session", "Stream"]

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_EPOCH = 7.9e8  # of its clock, in seconds before the start of the world's
_PER_SECOND = 5
_STEP = 3  # ids of a depth message
_MEMORY = 60  # messages of a book after which every level was set anew
_CLOSE_WAIT = 1.0
_STATUSES = (503, 429, 418, 403, 500, 202)

#: faults that change what a stream says: of what they touch nothing is promised but that the stream goes on
UNRULY = (Fault.MISSING_FIELD, Fault.OUT_OF_ORDER, Fault.DUPLICATE, Fault.HOLE)
CONNECTING = (Fault.REFUSE, Fault.SLOW_ACCEPT, Fault.DRIP, Fault.HTTP_STATUS, Fault.GARBAGE_HANDSHAKE)
ENDING = (Fault.CLOSE, Fault.RESET, Fault.EOF, Fault.SILENCE, Fault.CUT, Fault.SERVER_SHUTDOWN, Fault.MAX_AGE)
RUBBISH = (Fault.FRAGMENT, Fault.OVERSIZE, Fault.INVALID_UTF8, Fault.INVALID_JSON, Fault.UNKNOWN_EVENT)
TELLING = (Fault.STALE_SNAPSHOT,)
ASKING = (Fault.ACK_NEVER, Fault.ACK_ERROR, Fault.REST_LATE, Fault.REPLY_NEVER, Fault.REPLY_LATE, Fault.REPLY_ERROR)
NOT_HERE = {
    Fault.FORGET: "sessions are shorter than the time between two looks at the list",
    Fault.TLS_FAILURE: "links are not encrypted here",
    **dict.fromkeys(
        (
            Fault.LISTEN_KEY_EXPIRED,
            Fault.LISTEN_KEY_ROTATED,
            Fault.CREDENTIAL_REFUSED,
            Fault.TOKEN_EXPIRED,
            Fault.STREAM_TERMINATED,
        ),
        "no accounts",
    ),
}
"""Faults of the vocabulary that this exchange does not have, with the reason."""


_TEXTS = {
    "trade": b'{"e":"trade","E":%d,"s":"%s","t":%d,"p":"1.0","q":"2.0","T":0,"m":true}',
    "aggTrade": b'{"e":"aggTrade","E":%d,"s":"%s","a":%d,"p":"1.0","q":"2.0","f":1,"l":1,"T":0,"m":true}',
    "depth": b'{"e":"depthUpdate","E":%d,"s":"%s","u":%d,"U":0,"b":[["1.0","1"]],"a":[]}',
    "miniTicker": b'{"e":"24hrMiniTicker","E":%d,"s":"%s","v":"%d","c":"1.0","o":"1.0"}',
}


class Event:
    """One message of a stream.

    Attributes:
        number: its place in the stream, from 0.
        id: what the exchange numbers it by, or its event time.
        time: when it happened (monotonic seconds).
    """

    __slots__ = ("id", "number", "stream", "time")

    def __init__(self, stream: Stream, number: int, id: int, time: float) -> None:
        self.stream, self.number, self.id, self.time = stream, number, id, time

    @property
    def payload(self) -> bytes:
        """Its text."""
        if self.stream.kind == "depth@100ms":
            return self._changes()
        stamp = self.id if self.stream.kind == "miniTicker" else int((self.time + _EPOCH) * 1000)
        return _TEXTS[self.stream.kind] % (stamp, self.stream.symbol, self.id)

    def _changes(self) -> bytes:
        """Of a book: the levels that it changes follow from its id."""
        bids, asks = changes(self.id)
        text = {
            "e": "depthUpdate",
            "E": int((self.time + _EPOCH) * 1000),
            "s": self.stream.symbol.decode(),
            "U": self.id - _STEP + 1,
            "u": self.id,
            "b": [[f"{price}.0", str(size)] for price, size in bids.items()],
            "a": [[f"{price}.0", str(size)] for price, size in asks.items()],
        }
        return json.dumps(text).encode()


def changes(id: int) -> tuple[dict[int, int], dict[int, int]]:
    """Bids and asks that the depth message with this id sets; size 0 removes a level."""
    number = id // _STEP
    return {100 - number * 7 % 12: number % 4}, {101 + number * 5 % 12: (number + 1) % 4}


class Stream:
    """All that a stream has brought."""

    def __init__(self, name: str, first: int) -> None:
        symbol, _, self.kind = name.partition("@")
        self.symbol = symbol.upper().encode()
        self.events: list[Event] = []
        self.unruly = False
        self.last = first - first % _STEP if self.kind.startswith("depth") else first
        self.first = self.last

    def book(self, id: int) -> tuple[dict[int, int], dict[int, int]]:
        """Bids and asks of a book at an id: what its latest changes have left."""
        sides: tuple[dict[int, int], dict[int, int]] = ({}, {})
        for each in range(max(self.first, id - _MEMORY * _STEP) + _STEP, id + 1, _STEP):
            for side, changed in zip(sides, changes(each), strict=True):
                for price, size in changed.items():
                    side[price] = size
        bids, asks = ({price: size for price, size in side.items() if size} for side in sides)
        return bids, asks

    def happen(self, now: float) -> Event:
        """The next message."""
        if self.kind == "miniTicker":  # it has no id but its time; one of these speaks once a second
            self.last = max(self.last + 1, int((now + _EPOCH) * 1000))
        else:
            self.last += _STEP if self.kind.startswith("depth") else 1
        event = Event(self, len(self.events), self.last, now)
        self.events.append(event)
        return event


class Exchange:
    """The market, and all that are connected to it.

    Args:
        world: tells and schedules time.
        unruly: whether streams may be changed by faults.

    Attributes:
        going: whether there is trading.
        troubled: whether faults strike.
        rate: messages a second over all streams.
        trouble: share of connects, and of messages, at which a fault strikes.
    """

    def __init__(self, world: World, unruly: bool = False) -> None:
        self.world = world
        self.troubled = False
        self.rate = 6.0
        self.trouble = (0.2, 0.02)
        self.closed = False  # no connection is accepted
        self.max_age = 86_400.0
        self.asked_at: list[float] = []  # for a WebSocket
        self.ban: tuple[float, int] | None = None
        self.streams: dict[str, Stream] = {}
        self._lively: list[str] = []  # names of those that something happens in
        self.sessions: list[Session] = []
        self.opened = 0
        self.connects: deque[float] = deque()
        self._ending = ENDING
        self._said = RUBBISH + (UNRULY if unruly else ())
        self.going = False

    # -- the market ----------------------------------------------------------------------------------------------------

    def open_market(self) -> None:
        """Trading begins."""
        self.going = True
        self._trade()

    def close_market(self) -> None:
        self.going = False

    def stream(self, name: str) -> Stream:
        if name not in self.streams:
            self.streams[name] = Stream(name, self.world.rng.randint(1, 10**9))
            if "nosuch" not in name:
                self._lively.append(name)
        return self.streams[name]

    def _trade(self) -> None:
        if not self.going:
            return
        rng = self.world.rng
        if names := self._lively:
            for _ in range(1 if rng.random() < 0.9 else rng.randint(2, 12)):
                self.happen(rng.choice(names))
        self.world.at(rng.expovariate(self.rate), self._trade)

    def happen(self, name: str) -> None:
        """Something happens in a stream, and is sent to all who are subscribed."""
        event = self.streams[name].happen(self.world.now)
        carried: set[tuple[str, ...]] = set()
        for session in list(self.sessions):
            if name in session.streams:
                if not (session.wire.silent or session.closing):
                    group = tuple(session.streams)
                    if group in carried:
                        self.world.sometimes("the same message on two links of a socket")
                    carried.add(group)
                session.deliver(name, event.payload)

    # -- connections ---------------------------------------------------------------------------------------------------

    def strikes(self, share: float, faults: tuple[Fault, ...]) -> Fault | None:
        """Which of some faults strikes now, if any."""
        rng = self.world.rng
        if not self.troubled or rng.random() >= share:
            return None
        fault = rng.choice(faults)
        self.world.note(f"fault {fault.value}")
        self.world.sometimes(f"fault {fault.value}")
        return fault

    def accepts(self, address: str) -> bool:
        self.connects.append(self.world.now)
        while self.connects[0] <= self.world.now - 300.0:
            self.connects.popleft()
        if len(self.connects) > 300:
            self.world.fail("more than 300 connects in five minutes")
        return not self.closed

    def accepted(self, wire: Wire) -> Session:
        self.opened += 1
        return Session(self, wire, self.opened)

    def announce(self) -> None:
        """All connections are told of a shutdown, and cut soon after."""
        for session in list(self.sessions):
            session.shut_down()


class Session:
    """One connection: an HTTP request, and a WebSocket behind it.

    Attributes:
        streams: what it is subscribed to.
        combined: messages are wrapped.
    """

    def __init__(self, exchange: Exchange, wire: Wire, number: int) -> None:
        self.exchange = exchange
        self.wire = wire
        self.number = number
        self.streams: dict[str, None] = {}
        self.combined = False
        self.open = False
        self.over = False
        self.closing = False
        self._world = exchange.world
        self._data = bytearray()
        self._held: tuple[str, bytes] | None = None
        self._sent: deque[float] = deque()
        self._unanswered: dict[bytes, float] = {}
        self._dripping = b""

    # -- in ------------------------------------------------------------------------------------------------------------

    def heard(self, data: bytes) -> None:
        self._data += data
        if not self.open:
            head, end, rest = bytes(self._data).partition(b"\r\n\r\n")
            if not end or self.over:
                return
            self._data = bytearray(rest)
            self._asked(head.decode())
        while self.open and (found := _cut_frame(self._data)) is not None:
            self._frame(*found)

    def ended(self) -> None:
        """The client is gone."""
        self.over = True
        self.streams.clear()
        if self in self.exchange.sessions:
            self.exchange.sessions.remove(self)

    def _asked(self, head: str) -> None:
        exchange, world, rng = self.exchange, self._world, self._world.rng
        exchange.asked_at.append(world.now)
        if exchange.ban is not None and world.now < exchange.ban[0]:
            world.sometimes("banned once more")
            self._refuse(exchange.ban[1], exchange.ban[0] - world.now)
            return
        fault = exchange.strikes(exchange.trouble[0], CONNECTING)
        if fault is Fault.REFUSE:
            self._reset()
        elif fault is Fault.HTTP_STATUS:
            self._refuse(rng.choice(_STATUSES), rng.choice((None, 1.0, 20.0)))
        elif fault is Fault.GARBAGE_HANDSHAKE:
            self.wire.send(PARAMETERS[fault]["body"].encode())
            self._finish()
        elif fault is Fault.DRIP:
            self._dripping = self._upgrade(head)
            self._drip()
        elif fault is Fault.SLOW_ACCEPT:
            world.at(rng.choice((1.0, 4.0, 20.0)), lambda: self._accept(head))
        else:
            self._accept(head)

    def _refuse(self, status: int, wait: float | None) -> None:
        retry = "" if wait is None else f"Retry-After: {wait:.0f}\r\n"
        self.wire.send(f"HTTP/1.1 {status} No\r\n{retry}Content-Length: 0\r\n\r\n".encode())
        if status in (429, 418) and wait is not None:
            self._world.sometimes("a ban")
            self.exchange.ban = (self._world.now + wait, 418)
        self._finish()

    def _drip(self) -> None:
        if self._dripping and not self.over:
            self.wire.send(self._dripping[:1])
            self._dripping = self._dripping[1:]
            self._world.at(1.0, self._drip)

    def _upgrade(self, head: str) -> bytes:
        key = next(
            line.partition(":")[2].strip()
            for line in head.split("\r\n")
            if line.lower().startswith("sec-websocket-key")
        )
        accept = base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()
        return (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
        ).encode()

    def _accept(self, head: str) -> None:
        if self.over:
            return
        exchange, rng = self.exchange, self._world.rng
        self.open = True
        exchange.sessions.append(self)
        target = urlsplit(head.split(" ", 2)[1])
        self.combined = target.path.endswith("/stream")
        asked = (
            parse_qs(target.query).get("streams", [""])[0] if self.combined else target.path.rpartition("/ws")[2][1:]
        )
        names = [unquote(name) for name in asked.split("/") if name]
        answer = self._upgrade(head)
        self._subscribe(names)
        if (
            exchange.going and rng.random() < 0.2 and names and "nosuch" not in names[0]
        ):  # data in one segment with the answer
            event = exchange.streams[names[0]].happen(self._world.now)
            answer += frames.frame(frames.TEXT, self._wrapped(names[0], event.payload))
            for other in list(exchange.sessions):
                if names[0] in other.streams and other is not self:
                    other.deliver(names[0], event.payload)
        self.wire.send(answer)
        self._world.at(rng.uniform(0.0, 20.0), self._ping)
        self._world.at(exchange.max_age, self._too_old)

    def _frame(self, opcode: int, payload: bytes) -> None:
        if self.closing:
            return
        if opcode == frames.CLOSE:
            self.closing = True
            self.wire.send(frames.frame(frames.CLOSE, payload))
            self._finish()
            return
        if self._too_many():
            self._world.fail("more messages in a second than the exchange allows")
            self.close(1008, "Too many requests")
        elif opcode == frames.PING:
            self.wire.send(frames.frame(frames.PONG, payload))
        elif opcode == frames.PONG:
            self._unanswered.clear()
        else:
            self._request(json.loads(payload))

    def _too_many(self) -> bool:
        now = self._world.now
        self._sent.append(now)
        while self._sent[0] <= now - 1.0:
            self._sent.popleft()
        return len(self._sent) > _PER_SECOND

    def _request(self, request: dict[str, Any]) -> None:
        fault = self.exchange.strikes(self.exchange.trouble[0], (Fault.ACK_NEVER, Fault.ACK_ERROR))
        if fault is Fault.ACK_ERROR:
            self._say({"error": {"code": 2, "msg": "Invalid request: invalid stream"}, "id": request["id"]})
            return
        result: object = None
        if request["method"] == "SUBSCRIBE":
            self._subscribe(request["params"])
        elif request["method"] == "LIST_SUBSCRIPTIONS":
            self._world.sometimes("asked what is carried")
            result = list(self.streams)
        else:
            for name in request["params"]:
                self.streams.pop(name, None)
        if fault is None:
            self._say({"result": result, "id": request["id"]})

    def _subscribe(self, names: list[str]) -> None:
        for name in names:
            self.exchange.stream(name)
            self.streams[name] = None

    # -- out -----------------------------------------------------------------------------------------------------------

    def _say(self, message: dict[str, Any]) -> None:
        self.wire.send(frames.frame(frames.TEXT, json.dumps(message).encode()))

    def _wrapped(self, name: str, payload: bytes) -> bytes:
        return b'{"stream":"%s","data":%s}' % (name.encode(), payload) if self.combined else payload

    def deliver(self, name: str, payload: bytes) -> None:
        """Send a message, with whatever fault strikes."""
        if self.closing:
            return
        exchange = self.exchange
        message = self._wrapped(name, payload)
        whole = frames.frame(frames.TEXT, message)
        fault = exchange.strikes(exchange.trouble[1], self.exchange._said + self.exchange._ending)
        if fault is None:
            self.wire.send(whole)
        elif fault in UNRULY:
            exchange.streams[name].unruly = True
            self._unruly(fault, name, payload, whole)
        elif fault in RUBBISH:
            self._rubbish(fault, name, message)
            if fault is not Fault.FRAGMENT:
                self.wire.send(whole)
        else:
            self._end_by(fault, whole)
        if self._held is not None and fault is not Fault.OUT_OF_ORDER:
            held, self._held = self._held, None
            self.wire.send(frames.frame(frames.TEXT, self._wrapped(*held)))

    def _unruly(self, fault: Fault, name: str, payload: bytes, whole: bytes) -> None:
        if fault is Fault.DUPLICATE:
            self.wire.send(whole + whole)
        elif fault is Fault.OUT_OF_ORDER:
            self._held = (name, payload)
        elif fault is Fault.MISSING_FIELD:
            document = json.loads(payload)
            document.pop(self._world.rng.choice(list(document)))
            self.wire.send(frames.frame(frames.TEXT, self._wrapped(name, json.dumps(document).encode())))

    def _rubbish(self, fault: Fault, name: str, message: bytes) -> None:
        if fault is Fault.FRAGMENT:
            size = len(message) // 3 + 1
            for at in range(0, len(message), size):
                piece = message[at : at + size]
                opcode = frames.CONTINUATION if at else frames.TEXT
                self.wire.send(frames.frame(opcode, piece, fin=at + size >= len(message)))
            return
        rubbish = {
            Fault.INVALID_UTF8: b'{"e":"\xc3\x28\xff"}',
            Fault.INVALID_JSON: message[: len(message) * 2 // 3],
            Fault.UNKNOWN_EVENT: self._wrapped(name, b'{"e":"neverHeardOf","zz":[1,{"y":null}]}'),
            Fault.OVERSIZE: b'{"x":"' + b"x" * 9_000 + b'"}',
        }
        self.wire.send(frames.frame(frames.TEXT, rubbish[fault]))

    def _end_by(self, fault: Fault, whole: bytes) -> None:
        rng = self._world.rng
        if fault is Fault.CLOSE:
            self.close(rng.choice((1000, 1001, 1008, 1011, 1012, None)), "")
        elif fault is Fault.RESET:
            self._reset()
        elif fault is Fault.SILENCE:
            self.wire.silent = True
        elif fault is Fault.SERVER_SHUTDOWN:
            self.wire.send(whole)
            self.shut_down()
        else:
            self.wire.send(whole[: len(whole) // 2 + 1] if fault is Fault.CUT else whole)
            self._finish()

    def shut_down(self) -> None:
        """Tell of the end, and end some time after, or never."""
        if not self.closing and not self.over:
            notice = {"e": "serverShutdown", "E": 1}
            self._say({"stream": "!serverShutdown", "data": notice} if self.combined else notice)
            self._world.at(self._world.rng.choice((0.0, 0.5, 10.0, 600.0)), self._finish)

    def _too_old(self) -> None:
        if not self.over and self.open:
            self._world.sometimes("a connection is cut for its age")
            self._finish()

    def close(self, code: int | None, reason: str) -> None:
        """Send a close frame; the end comes soon after."""
        if not self.closing:
            self.closing = True
            self.wire.send(frames.frame(frames.CLOSE, frames.close_payload(code, reason)))
            self._world.at(_CLOSE_WAIT, self._finish)

    def _finish(self) -> None:
        if not self.over:
            self.closing = True
            self.wire.finish()
            self.ended()

    def _reset(self) -> None:
        self.closing = True
        self.wire.reset()
        self.ended()

    def _ping(self) -> None:
        if self.over or self.closing:
            return
        payload = str(int(self._world.now * 1000)).encode()
        self._unanswered[payload] = self._world.now
        self.wire.send(frames.frame(frames.PING, payload))
        self._world.at(20.0, self._ping)
        self._world.at(60.0, lambda: self._overdue(payload))

    def _overdue(self, payload: bytes) -> None:
        if payload in self._unanswered and not self.over and not self.wire.silent:
            self.close(1008, "Pong timeout")


def _cut_frame(data: bytearray) -> tuple[int, bytes] | None:
    """Take one masked frame of a client."""
    if len(data) < 2:
        return None
    size, at = data[1] & 0x7F, 2
    if size == 126:
        at = 4
    elif size == 127:
        at = 10
    if len(data) < at:
        return None
    if at > 2:
        size = int.from_bytes(data[2:at], "big")
    if len(data) < at + 4 + size:
        return None
    assert data[1] & 0x80, "a client masks its frames"
    mask, body = data[at : at + 4], data[at + 4 : at + 4 + size]
    opcode = data[0] & 0x0F
    del data[: at + 4 + size]
    return opcode, bytes(byte ^ mask[index & 3] for index, byte in enumerate(body))
