"""Sockets of Upbit, all on one connection: who wants what changes at random while everything beneath goes wrong.

Each hears its own codes and units, with the levels that it asked for; a snapshot first, where it wants one; nothing
twice; and everything that was sent meanwhile, or a gap that tells of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

from simulation.exchange import Event
from simulation.lives import _LAST, Life, Span
from simulation.promises import budget, end, read, required, tells
from simulation.rest import Rest
from simulation.session import BASE, Session
from simulation.whole_lists import CODES, NOSUCH, Lists

from binance_sockets import SnapshotMissing, UpbitSocketManager
from binance_sockets.errors import BinanceSocketsError
from binance_sockets.events import Gap, State
from binance_sockets.exchange import Rate

__all__ = ["Markets", "Place", "check_markets", "required_place", "told_missing", "within"]

_KEYS = ("k0", "k1", "k2", "k3", "k4", "k5")
_TYPES = ("ticker", "trade", "orderbook", "candle.1m", "candle.5m")
_PREFERENCES = ("both", "both", "both", "realtime_only", "snapshot_only")
_FORMATS = ("SIMPLE", "SIMPLE", "DEFAULT", "SIMPLE_LIST", "JSON_LIST")


class _Markets(Rest):
    """REST that knows which markets there are."""

    def _found(self, request: Any) -> object:
        if request.path_url.startswith("/v1/market/all"):
            return [{"market": code} for code in CODES]
        return None


class Place(Life):
    """One conn key.

    Attributes:
        type: of its streams.
        preference: which messages it wants.
        heard: how each message came, ``SNAPSHOT`` or ``REALTIME``, by stream; as long as ``got``.
    """

    def __init__(
        self, session: Markets, key: str, type_: str, codes: list[str], preference: str, count: int | None
    ) -> None:
        super().__init__(session, key, tuple(f"{type_}:{code}" for code in codes), False)
        self.type, self.codes, self.preference, self.count = type_, codes, preference, count
        self.heard: dict[str, list[str]] = {name: [] for name in self.names}

    def _take(self, message: Any) -> None:
        world = self._session.world
        if message == _LAST:
            self.finals += 1
            world.note(f"last {self.key}")
            return
        name, how = f"{message['type']}:{message['code']}", message["stream_type"]
        world.note(f"got {self.key} {name} {how} {message['timestamp']}")
        if name not in self.got:
            world.fail(f"{self.key} heard {name}, and asked for {self.names}")
            return
        if self.count is not None and len(message["orderbook_units"]) != self.count:
            world.fail(f"{self.key}: {len(message['orderbook_units'])} levels of {name}, not {self.count}")
        if how != "REALTIME" and self.preference == "realtime_only":
            world.fail(f"{self.key}: a snapshot of {name}")
        if how != "SNAPSHOT" and self.preference == "snapshot_only":
            world.fail(f"{self.key}: more than a snapshot of {name}")
        self.live.add(name)
        self.got[name].append((message["timestamp"], world.now))
        self.heard[name].append(how)


class Markets(Session):
    """The program."""

    names = tuple(f"{type_}:{code}" for type_ in _TYPES for code in CODES)
    ages = (86_400.0,)
    pause = 1 / 0.6
    manager: Any

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.exchange: Lists = Lists(self.world)
        self.network.peer = self.exchange
        self.rest = _Markets(self.world, self.exchange)
        self.connects = Rate(5, 1.0)
        self._format = self.world.rng.choice(_FORMATS)
        self.nosuch = NOSUCH

    def _made(self) -> Any:
        return UpbitSocketManager(environment=BASE, options=self.options, format=self._format)

    @contextlib.contextmanager
    def _in_world(self) -> Iterator[None]:
        number = iter(range(10**9))
        with mock.patch("uuid.uuid4", lambda: f"ticket-{next(number)}"), super()._in_world():
            yield

    # -- what the program does -----------------------------------------------------------------------------------------

    def _start_some(self) -> None:
        rng = self.world.rng
        for _ in range(rng.randint(1, 3)):
            free = [key for key in _KEYS if key not in {life.key for life in self._open()}]
            if not free:
                return
            type_ = rng.choice(_TYPES)
            codes = rng.sample(CODES, rng.randint(1, len(CODES)))
            preference = rng.choice(_PREFERENCES)
            if rng.random() < 0.1:
                codes.append(NOSUCH)
            count = rng.choice((1, 5, 30)) if type_ == "orderbook" else None
            self._open_place(Place(self, rng.choice(free), type_, codes, preference, count))

    def _open_place(self, life: Place) -> None:
        kind, _, unit = life.type.partition(".")
        ways: dict[str, Any] = {"unit": unit} if unit else {"count": life.count} if life.count is not None else {}
        start = getattr(self.manager, f"start_{kind}_socket")
        if len({each.preference for each in self._open() if isinstance(each, Place)}) == 3:
            self.world.sometimes("all preferences on one connection")
        self._started(
            life,
            lambda callback: start(
                life.codes, callback, stream_preference=life.preference, name=life.key, **ways, **life.ways
            ),
        )

    def _start_again(self, life: Any) -> None:
        self._open_place(Place(self, life.key, life.type, life.codes, life.preference, life.count))

    def _subscribe(self) -> None:
        life: Any = self._some()
        if life is None or not life.started:
            return
        code = self.world.rng.choice(CODES)
        name = f"{life.type}:{code}"
        spans = life.spans.setdefault(name, [])
        if name in life.changing or (spans and spans[-1].until is None):
            return
        life.got.setdefault(name, [])
        life.heard.setdefault(name, [])
        if name not in life.names:
            life.names = (*life.names, name)
        self.world.note(f"subscribe {life.key} {name}")
        life.live.discard(name)
        spans.append(Span(self.world.now))
        try:
            with life.change(name):
                self.manager.subscribe(life.key, code)
        except BinanceSocketsError:
            spans[-1].until = self.world.now
        else:
            self.world.sometimes("a stream that joins")
            if self._state_of(life) is not State.OPEN:
                self.world.sometimes("a stream that joins while there is no link")

    def _unsubscribe(self) -> None:
        life: Any = self._some()
        if life is None or not life.started:
            return
        wanted = [name for name, spans in life.spans.items() if spans and spans[-1].until is None]
        wanted = [name for name in wanted if name not in life.changing]
        if len(wanted) < 2:
            return
        name = self.world.rng.choice(wanted)
        self.world.note(f"unsubscribe {life.key} {name}")
        life.spans[name][-1].until = self.world.now
        with contextlib.suppress(BinanceSocketsError), life.change(name):
            self.manager.unsubscribe(life.key, name.partition(":")[2])
            self.world.sometimes("a stream that leaves")

    def _wait_open(self) -> None:
        """It says nothing of streams that are asked for without answer."""
        life = self._some()
        if life is not None:
            with contextlib.suppress(BinanceSocketsError):
                self.manager.wait_open(life.key, self.world.rng.choice((0.1, 5.0)))

    # -- the end -------------------------------------------------------------------------------------------------------

    def _serves(self, connection: Any, life: Life) -> bool:
        callback = connection.handler.callback.callback
        return getattr(callback, "life", callback) is life

    def _missing(self, healed: dict[str, int]) -> list[tuple[Life, str]]:
        found = []
        for life, name in super()._missing(healed):
            if NOSUCH in name:
                continue
            once = isinstance(life, Place) and life.preference == "snapshot_only"
            if not once or self.manager._core.open().get(life.key) is not None:
                found.append((life, name))
        return found


def check_markets(session: Markets) -> None:
    """Note everything that breaks a promise as a failure of the session's world."""
    for life in session.lives:
        assert isinstance(life, Place)
        for name in life.names:
            if NOSUCH in name:
                told_missing(session, life, name)
            elif (life.key, name) not in session.refused:
                _stream(session, life, name)
        end(session, life)
    for reader in session.readers:
        if reader.ended is None or reader.life.finals or reader.life.ended is None:  # else stopped before its last call
            read(session, reader)
    budget(session)


def _stream(session: Markets, life: Place, name: str) -> None:
    fail, events = session.world.fail, session.exchange.streams[name].events if name in session.exchange.streams else []
    numbers = {event.id: event.number for event in events}
    got, heard = life.got[name], life.heard[name]
    if any(id not in numbers for id, _ in got):
        fail(f"{life.key}: something of {name} was never sent")
        return
    places = [numbers[id] for id, _ in got]
    for at in range(1, len(places)):
        before, after = places[at - 1], places[at]
        if after < before or (after == before and heard[at] != "SNAPSHOT"):
            fail(f"{life.key}: {name} {got[at][0]} came {'twice' if after == before else 'behind a later one'}")
    missed = told_missing(session, life, name)
    for span in life.spans[name]:
        mine = [at for at, (_, when) in enumerate(got) if within(span, when)]
        if life.preference != "realtime_only" and mine and heard[mine[0]] != "SNAPSHOT" and not missed:
            fail(f"{life.key}: {name} began without a snapshot")
        if life.preference == "snapshot_only" and len(mine) > 1:
            fail(f"{life.key}: {len(mine)} snapshots of {name}")
    if life.preference == "snapshot_only":
        session.world.sometimes("a socket of snapshots")
        return
    have = set(places)
    gaps = [gap for gap in session.gaps if gap[0].conn_key == life.key and name in gap[0].streams]
    wanted = [required_place(session, life, span, events, got, numbers) for span in life.spans[name]]
    missing = [number for first, last in wanted for number in range(first, last + 1) if number not in have]
    lost = [number for number in missing if not _excused(session, life, name, gaps, events[number])]
    if lost:
        event = events[lost[0]]
        fail(f"{life.key}: {len(lost)} of {name} lost without a report, the first {event.id} of {event.time:.3f}")
    elif missing:
        session.world.sometimes("messages lost, and told")


def required_place(
    session: Markets, life: Place, span: Span, events: list[Event], got: list[Any], numbers: dict[Any, int]
) -> tuple[int, int]:
    """As of others; but a snapshot from before the wish is that of a list in which others had asked for it alone, and
    what happened until the list with the wish was sent, perhaps behind a slow callback, nobody had asked for."""
    first, last = required(session, life, span, events, got, numbers)
    if first < len(events) and events[first].time < span.since:
        later = [numbers[id] for id, at in got if at >= span.since and events[numbers[id]].time >= span.since]
        first = min(later, default=last + 1)
    return first, last


def _excused(session: Markets, life: Place, name: str, gaps: list[tuple[Gap, float]], event: Event) -> bool:
    """Whether a gap tells of it; or it happened before the stream was wanted."""
    wanted = any(
        span.since < event.time and (span.until is None or event.time <= span.until) for span in life.spans[name]
    )
    if not wanted:
        return True
    return any(tells(session, gap, name, event) for gap, _ in gaps)


def within(span: Span, when: float) -> bool:
    """Whether a stream was wanted at a moment."""
    return span.since <= when and (span.until is None or when <= span.until)


def told_missing(session: Markets, life: Place, name: str) -> bool:
    """Whether it was told that a snapshot has not come."""
    found = any(
        isinstance(report.error, SnapshotMissing) and report.conn_key == life.key and name in report.error.streams
        for report in session.reports
    )
    if found:
        session.world.sometimes("a snapshot that has not come")
    return found
