"""An exchange whose subscriptions are whole lists, without answers: Upbit, as its documents have it.

The last list replaces the one before it. A connection may send 5 messages a second and 100 a minute, is cut when
nothing has passed for two minutes, and an upgrade may say no ``Origin``.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from simulation import faults
from simulation.desks import Desk
from simulation.exchange import Event, Exchange, Stream
from simulation.network import Wire
from simulation.visit import Visit
from simulation.world import World

from binance_sockets.faults import Fault
from binance_sockets.simulator import wire as frames

__all__ = ["CODES", "EPOCH", "NOSUCH", "Lists"]

CODES = ("KRW-BTC", "KRW-ETH", "BTC-ETH")
NOSUCH = "KRW-NOSUCH"
EPOCH = 1_789_999_000.0  # of its clock, in seconds before the start of the world's
_IDLE = 120.0
_LIMITS = ((5, 1.0), (100, 60.0))
_LEVELS = 30
_SHORT = {
    "type": "ty", "code": "cd", "timestamp": "tms", "stream_type": "st", "trade_price": "tp", "sequential_id": "sid",
    "orderbook_units": "obu", "ask_price": "ap", "bid_price": "bp", "ask_size": "as", "bid_size": "bs",
    "method": "mthd", "result": "rslt", "codes": "cds", "ticket": "tckt", "trade_volume": "tv", "ask_bid": "ab",
    "prev_closing_price": "pcp", "opening_price": "op", "high_price": "hp", "low_price": "lp",
    "candle_date_time_utc": "cdttmu", "candle_date_time_kst": "cdttmk", "candle_acc_trade_volume": "catv",
    "candle_acc_trade_price": "catp",
}  # fmt: skip


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {_SHORT.get(key, key): _shortened(each) for key, each in value.items()}
    return [_shortened(each) for each in value] if isinstance(value, list) else value


class _Message(Event):
    @property
    def payload(self) -> bytes:
        type_, _, code = self.stream.name.partition(":")
        found = {"type": type_, "code": code, "timestamp": self.id, "trade_price": 1.5}
        if type_ == "trade":
            found["sequential_id"] = self.id
        if type_ == "orderbook":
            found["orderbook_units"] = [{"ask_price": 2, "bid_price": 1, "ask_size": 0.1, "bid_size": 1e-07}] * _LEVELS
        return json.dumps(found).encode()


class _Stream(Stream):
    """All that ``type:code`` has brought, from something on: there is always a state."""

    def __init__(self, name: str, now: float) -> None:
        self.name = name
        self.product, self.kind = "", name.partition(":")[0]
        self.events: list[Event] = []
        self.unruly = False
        self.first = self.last = 0
        self.happen(now)

    def happen(self, now: float) -> Event:
        self.last = max(self.last + 1, int((now + EPOCH) * 1000))
        self.events.append(_Message(self, len(self.events), self.last, now))
        return self.events[-1]


class Lists(Exchange):
    """The exchange."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.ending = tuple(fault for fault in faults.ENDING if fault is not Fault.SERVER_SHUTDOWN)  # never announced

    def stream(self, name: str) -> Stream:
        if name not in self.streams:
            self.streams[name] = _Stream(name, self.world.now)
            if NOSUCH not in name:
                self._lively.append(name)
        return self.streams[name]

    def accepted(self, wire: Wire) -> Visit:
        self.opened += 1
        return _Visit(self, wire)

    def announce(self) -> None:
        """It goes without a word."""
        for visit in list(self.sessions):
            visit.close(1001, "")


class _Visit(Visit):
    def __init__(self, exchange: Lists, wire: Wire) -> None:
        super().__init__(exchange, wire)
        self._times: deque[float] = deque(maxlen=100)
        self._traffic = self._world.now

    def _desk_at(self, target: str) -> Desk:
        return _Desk(self)

    def _upgrade(self, head: str) -> bytes:
        if "\norigin:" in head.lower():
            self._world.fail("an upgrade that says its origin")
        return super()._upgrade(head)

    def _frame(self, opcode: int, payload: bytes) -> None:
        self._traffic = self._world.now
        if opcode == frames.TEXT and not self.closing:
            self._count()
        super()._frame(opcode, payload)

    def _count(self) -> None:
        """By when messages were sent; the network may hold some up, and bring them together."""
        now = self.wire.written_at
        for count, seconds in _LIMITS:
            if len(self._times) >= count and now - self._times[-count] < seconds:
                self._world.fail(f"more than {count} messages in {seconds:g} s")
        self._times.append(now)

    def _too_many(self) -> bool:
        return False

    def deliver(self, name: str, payload: bytes) -> None:
        self._traffic = self._world.now
        super().deliver(name, payload)

    def _ping(self) -> None:
        """It never pings, but looks for who is idle."""
        if self.over or self.closing:
            return
        if self._world.now - self._traffic > _IDLE:
            if not self.wire.silent:
                self._world.fail("a connection was idle until it was cut")
            self._finish()
        self._world.at(10.0, self._ping)


class _Desk(Desk):
    """Lists replace lists. What each stream is asked for with stands in its object, and its level behind its code."""

    opcode = frames.BINARY

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit)
        self._format = "DEFAULT"
        self._objects: list[dict[str, Any]] = []
        self._counts: dict[str, int] = {}

    def asked(self, request: Any) -> None:
        exchange, world = self._exchange, self._exchange.world
        ticket, *objects = request
        if not ticket["ticket"]:
            world.fail("a request without a ticket")
        self._format = next((each["format"] for each in objects if "format" in each), "DEFAULT")
        objects = [each for each in objects if "format" not in each]
        fault = exchange.strikes(exchange.trouble[0], (Fault.ACK_NEVER, Fault.ACK_ERROR))
        if fault is Fault.ACK_ERROR:
            world.sometimes("a list that is refused for now")
            self._visit.say({"error": {"name": "TOO_MANY_REQUEST", "message": "later"}})
        elif objects and "method" in objects[0]:
            world.sometimes("asked what is carried")
            if exchange.forgetful and exchange.strikes(exchange.forgetful, (Fault.FORGET,)):
                self._forget()
            if fault is None:
                rows = [{key: each[key] for key in ("type", "codes") if key in each} for each in self._objects]
                self._say({"method": "LIST_SUBSCRIPTIONS", "result": rows, "ticket": ticket["ticket"]})
        elif not objects:
            world.fail("a list of nothing")
        else:
            self._replace(objects)

    def _replace(self, objects: list[dict[str, Any]]) -> None:
        visit = self._visit
        self._exchange.world.note(f"asked for {[(each['type'], each['codes']) for each in objects]}")
        before, self._objects = set(visit.streams), objects
        visit.streams.clear()
        self._counts.clear()
        for each in objects:
            if each.get("is_only_snapshot") and each.get("is_only_realtime"):
                self._exchange.world.fail("neither what there is nor what changes")
            for asked in each["codes"]:
                code, _, count = asked.partition(".")
                name = f"{each['type']}:{code}"
                stream = self._exchange.stream(name)
                self._counts[name] = int(count or _LEVELS)
                if not each.get("is_only_snapshot"):
                    visit.streams[name] = None
                if not each.get("is_only_realtime") and NOSUCH not in name:
                    self._send(stream.events[-1].payload, name, "SNAPSHOT")
                elif name in before:
                    self._exchange.world.sometimes("a list that goes on without snapshots")
        if before - set(visit.streams):
            self._exchange.world.sometimes("a list without what was in the last one")

    def _forget(self) -> None:
        rows = [each for each in self._objects if not each.get("is_only_snapshot")]
        codes = [(each, code) for each in rows for code in each["codes"] if NOSUCH not in code]
        if len(codes) > 1:
            row, code = self._exchange.world.rng.choice(codes)
            row["codes"].remove(code)
            name = f"{row['type']}:{code.partition('.')[0]}"
            self._visit.streams.pop(name, None)

    def _send(self, payload: bytes, name: str, how: str) -> None:
        self._visit.wire.send(frames.frame(self.opcode, self.wrapped(name, payload, how)))

    def _say(self, message: dict[str, Any]) -> None:
        self._visit.wire.send(frames.frame(self.opcode, self._spelled(message)))

    def _spelled(self, message: dict[str, Any]) -> bytes:
        found = _shortened(message) if self._format.startswith("SIMPLE") else message
        return json.dumps([found] if self._format.endswith("LIST") else found).encode()

    def wrapped(self, name: str, payload: bytes, how: str = "REALTIME") -> bytes:
        message = {**json.loads(payload), "stream_type": how}
        if "orderbook_units" in message:
            message["orderbook_units"] = message["orderbook_units"][: self._counts.get(name, _LEVELS)]
        return self._spelled(message)
