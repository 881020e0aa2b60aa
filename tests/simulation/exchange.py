"""A small exact exchange without sockets, threads or a clock of its own: bytes in, bytes out, ``world.at`` for time.

Here is what there is: streams of markets and of accounts, and the faults that strike. It goes on whether anybody is
connected or not, and every message is kept, so that what a callback got can be compared with what there was. How it is
spoken to stands in ``visit.py`` and ``desks.py``, and what lets somebody listen to an account in ``accounts.py``.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection
from typing import NamedTuple

from simulation import faults
from simulation.accounts import Accounts
from simulation.network import Wire
from simulation.visit import Visit
from simulation.world import World

from binance_sockets.faults import Fault

__all__ = ["Event", "Exchange", "Forgotten", "Stream"]

_SELDOM = 0.05  # share of what would happen in a stream that does, where that is little
_EPOCH = 7.9e8  # of its clock, in seconds before the start of the world's
_STEP = 3  # ids of a depth message
_MEMORY = 60  # messages of a book after which every level was set anew


_TEXTS = {
    "trade": b'{"e":"trade","E":%d,"s":"%s","t":%d,"p":"1.0","q":"2.0","T":0,"m":true}',
    "aggTrade": b'{"e":"aggTrade","E":%d,"s":"%s","a":%d,"p":"1.0","q":"2.0","f":1,"l":1,"T":0,"m":true}',
    "depth": b'{"e":"depthUpdate","E":%d,"s":"%s","u":%d,"U":0,"b":[["1.0","1"]],"a":[]}',
    "miniTicker": b'{"e":"24hrMiniTicker","E":%d,"s":"%s","v":"%d","c":"1.0","o":"1.0"}',
    "bookTicker": b'{"e":"bookTicker","E":%d,"s":"%s","u":%d,"b":"1.0","B":"1","a":"1.1","A":"1"}',
    "markPrice": b'{"e":"markPriceUpdate","E":%d,"s":"%s","p":"%d"}',
    "account": b'{"e":"ACCOUNT_CONFIG_UPDATE","E":%d,"x":"%s","i":%d}',
}
_TIMED = ("miniTicker", "markPrice")  # have no id but their time


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
        stamp = self.id if self.stream.kind in _TIMED else int((self.time + _EPOCH) * 1000)
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
            **({"pu": self.id - _STEP} if self.stream.product else {}),
            "b": [[f"{price}.0", str(size)] for price, size in bids.items()],
            "a": [[f"{price}.0", str(size)] for price, size in asks.items()],
        }
        return json.dumps(text).encode()


def changes(id: int) -> tuple[dict[int, int], dict[int, int]]:
    """Bids and asks that the depth message with this id sets; size 0 removes a level."""
    number = id // _STEP
    return {100 - number * 7 % 12: number % 4}, {101 + number * 5 % 12: (number + 1) % 4}


class Stream:
    """All that a stream has brought.

    Args:
        name: beginning with its product, but for those of spot: ``usdm:btcusdt@depth``.
        first: about its first id.
    """

    def __init__(self, name: str, first: int) -> None:
        self.product, _, bare = name.rpartition(":")
        symbol, _, self.kind = bare.partition("@")
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
        if self.kind in _TIMED:  # one of these speaks once a second
            self.last = max(self.last + 1, int((now + _EPOCH) * 1000))
        else:
            self.last += _STEP if self.kind.startswith("depth") else 1
        event = Event(self, len(self.events), self.last, now)
        self.events.append(event)
        return event


class Forgotten(NamedTuple):
    """A stream that a connection does not bring any more, though it was confirmed.

    Args:
        stream: its name.
        since: when it was forgotten (monotonic seconds).
        until: when that was over; nobody was told before.
    """

    stream: str
    since: float
    until: float


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
        accounts: of its customers.
        forgetful: share of the questions what is carried before which something is forgotten.
        ping_every: seconds between two pings of a connection.
        seldom: streams in which little happens.
        forgotten: what was, and was not told when it was asked what it carries.
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
        self.sessions: list[Visit] = []
        self.opened = 0
        self.connects: deque[float] = deque()
        self.ending = faults.ENDING
        self.said = faults.RUBBISH + (faults.UNRULY if unruly else ())
        self.going = False
        self.seldom: Collection[str] = ()
        self.accounts = Accounts(self)
        self.forgetful = 0.0
        self.forgotten: list[Forgotten] = []
        self.ping_every = 20.0

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
                name = rng.choice(names)
                if name not in self.seldom or rng.random() < _SELDOM:
                    self.happen(name)
        self.world.at(rng.expovariate(self.rate), self._trade)

    def happen(self, name: str) -> None:
        """Something happens in a stream, and is sent to all who are subscribed."""
        event = self.streams[name].happen(self.world.now)
        carried: set[tuple[str, ...]] = set()
        for visit in list(self.sessions):
            if name in visit.streams:
                if not (visit.wire.silent or visit.closing):
                    group = tuple(visit.streams)
                    if group in carried:
                        self.world.sometimes("the same message on two links of a socket")
                    carried.add(group)
                visit.deliver(name, event.payload)

    def excuse(self, stream: str, since: float) -> None:
        """From ``since`` until now a connection did not bring a stream, and nobody could know."""
        self.forgotten.append(Forgotten(stream, since, self.world.now))

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

    def accepted(self, wire: Wire) -> Visit:
        self.opened += 1
        return Visit(self, wire)

    def announce(self) -> None:
        """All connections are told of a shutdown, and cut soon after."""
        for visit in list(self.sessions):
            visit.shut_down()
