"""One connection to the simulated exchange: the upgrade, frames, pings, its age, its faults and its end."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import deque
from typing import TYPE_CHECKING, Any

from simulation import faults
from simulation.desks import Desk, desk_at
from simulation.network import Wire

from binance_sockets.faults import PARAMETERS, Fault
from binance_sockets.simulator import wire as frames

if TYPE_CHECKING:
    from simulation.exchange import Exchange

__all__ = ["Visit"]

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CLOSE_WAIT = 1.0
_STATUSES = (503, 429, 418, 403, 500, 202)


class Visit:
    """One connection: an HTTP request, and a WebSocket behind it.

    Args:
        exchange: that is visited.
        wire: between the client and it.

    Attributes:
        streams: what is sent over it, by the exchange's names.
        desk: what is spoken on the path that was asked for.
    """

    def __init__(self, exchange: Exchange, wire: Wire) -> None:
        self.exchange = exchange
        self.wire = wire
        self.streams: dict[str, None] = {}
        self.desk: Desk
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
        if self in self.exchange.sessions:
            self.exchange.sessions.remove(self)
            self.desk.left()
        self.streams.clear()

    def _asked(self, head: str) -> None:
        exchange, world, rng = self.exchange, self._world, self._world.rng
        exchange.asked_at.append(world.now)
        if exchange.ban is not None and world.now < exchange.ban[0]:
            world.sometimes("banned once more")
            self._refuse(exchange.ban[1], exchange.ban[0] - world.now)
            return
        fault = exchange.strikes(exchange.trouble[0], faults.CONNECTING)
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
        self.desk = self._desk_at(head.split(" ", 2)[1])
        answer = self._upgrade(head)
        self.desk.opened()
        name = next(iter(self.streams), "nosuch")
        if exchange.going and rng.random() < 0.2 and "nosuch" not in name:  # data in one segment with the answer
            event = exchange.streams[name].happen(self._world.now)
            answer += frames.frame(frames.TEXT, self.desk.wrapped(name, event.payload))
            for other in list(exchange.sessions):
                if name in other.streams and other is not self:
                    other.deliver(name, event.payload)
        self.wire.send(answer)
        self._world.at(rng.uniform(0.0, exchange.ping_every), self._ping)
        self._world.at(exchange.max_age, self._too_old)

    def _desk_at(self, target: str) -> Desk:
        return desk_at(self, target)

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
            self.desk.asked(json.loads(payload))

    def _too_many(self) -> bool:
        now = self.wire.written_at  # the network may hold some up, and bring them together
        self._sent.append(now)
        while self._sent[0] <= now - 1.0:
            self._sent.popleft()
        return len(self._sent) > self.desk.per_second

    # -- out -----------------------------------------------------------------------------------------------------------

    def say(self, message: dict[str, Any]) -> None:
        self.wire.send(frames.frame(frames.TEXT, json.dumps(message).encode()))

    def deliver(self, name: str, payload: bytes) -> None:
        """Send a message, with whatever fault strikes."""
        if self.closing:
            return
        exchange = self.exchange
        message = self.desk.wrapped(name, payload)
        whole = frames.frame(self.desk.opcode, message)
        fault = exchange.strikes(exchange.trouble[1], exchange.said + exchange.ending)
        if fault is None:
            self.wire.send(whole)
        elif fault in faults.UNRULY:
            exchange.streams[name].unruly = True
            self._unruly(fault, name, payload, whole)
        elif fault in faults.RUBBISH:
            self._rubbish(fault, name, message)
            if fault is not Fault.FRAGMENT:
                self.wire.send(whole)
        else:
            self._end_by(fault, whole)
        if self._held is not None and fault is not Fault.OUT_OF_ORDER:
            held, self._held = self._held, None
            self.wire.send(frames.frame(frames.TEXT, self.desk.wrapped(*held)))

    def _unruly(self, fault: Fault, name: str, payload: bytes, whole: bytes) -> None:
        if fault is Fault.DUPLICATE:
            self.wire.send(whole + whole)
        elif fault is Fault.OUT_OF_ORDER:
            self._held = (name, payload)
        elif fault is Fault.MISSING_FIELD:
            document = json.loads(payload)
            document.pop(self._world.rng.choice(list(document)))
            self.wire.send(frames.frame(frames.TEXT, self.desk.wrapped(name, json.dumps(document).encode())))

    def _rubbish(self, fault: Fault, name: str, message: bytes) -> None:
        if fault is Fault.FRAGMENT:
            size = len(message) // 3 + 1
            for at in range(0, len(message), size):
                piece = message[at : at + size]
                opcode = frames.CONTINUATION if at else self.desk.opcode
                self.wire.send(frames.frame(opcode, piece, fin=at + size >= len(message)))
            return
        rubbish = {
            Fault.INVALID_UTF8: b'{"e":"\xc3\x28\xff"}',
            Fault.INVALID_JSON: message[: len(message) * 2 // 3],
            Fault.UNKNOWN_EVENT: self.desk.wrapped(name, b'{"e":"neverHeardOf","zz":[1,{"y":null}]}'),
            Fault.OVERSIZE: b'{"x":"' + b"x" * 9_000 + b'"}',
        }
        self.wire.send(frames.frame(self.desk.opcode, rubbish[fault]))

    def _end_by(self, fault: Fault, whole: bytes) -> None:
        rng = self._world.rng
        if fault is Fault.CLOSE:
            self.close(rng.choice((1000, 1001, 1008, 1011, 1012, None)), "")
        elif fault is Fault.RESET:
            self._reset()
        elif fault is Fault.SILENCE:
            self.wire.silent = True
            self.desk.unheard()
        elif fault is Fault.SERVER_SHUTDOWN:
            self.wire.send(whole)
            self.shut_down()
        else:
            self.wire.send(whole[: len(whole) // 2 + 1] if fault is Fault.CUT else whole)
            self._finish()

    def shut_down(self) -> None:
        """Tell of the end, and end some time after, or never."""
        if not self.closing and not self.over:
            self.say(self.desk.farewell())
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
        every = self.exchange.ping_every
        self._world.at(every, self._ping)
        self._world.at(3 * every, lambda: self._overdue(payload))

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
