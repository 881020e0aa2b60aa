"""Upbit's trades and candles with their past, filled gaps and sockets that want neither, all on one connection.

Each trade comes once, in order, and each candle as it was at its end, or a gap was told; the past and what comes live
are one sequence.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any
from unittest import mock

from simulation.lives import _LAST, Span
from simulation.markets import Markets, Place, required_place, told_missing, within
from simulation.past_lists import PastLists, PastRest, Track, candle_id, open_of
from simulation.promises import budget, end, read
from simulation.whole_lists import CODES, NOSUCH

from binance_sockets.errors import BackfillFailed
from binance_sockets.events import ErrorReport, Gap, State, StateChange
from binance_sockets.exchanges.upbit import past

__all__ = ["UpbitPast", "check_upbit_past"]

_KEYS = ("k0", "k1", "k2", "k3", "k4")
_TYPES = ("trade", "trade", "candle.1s", "candle.1s", "candle.1m")
_PREFERENCES = ("both", "both", "both", "realtime_only")
_PAGES = (500, 12, 20)
_COUNTS = (1, 3, 20)
_NEAR = 40.0  # seconds in which the loss of a link is noticed, and what it carried is back


class Told(Place):
    """One conn key.

    Attributes:
        filled: whether each message came over REST, by stream; as long as ``got``.
    """

    def __init__(self, session: UpbitPast, key: str, type_: str, codes: list[str], preference: str, ways: Any) -> None:
        super().__init__(session, key, type_, codes, preference, None)
        self.ways = ways
        self.filled: dict[str, list[bool]] = {name: [] for name in self.names}

    def _take(self, message: Any) -> None:
        world = self._session.world
        if message == _LAST:
            super()._take(message)
            return
        name = f"{message['type']}:{message['code']}"
        track = self._session.exchange.streams[name]
        assert isinstance(track, Track)
        id = candle_id(message) if track.step else message["sequential_id"]
        super()._take({**message, "timestamp": id})
        if name not in self.got:
            return
        backfilled = message.get("backfilled", False)
        self.filled.setdefault(name, []).append(backfilled)
        sent = next((each for each in reversed(track.events) if each.id == id), None)
        if sent is None or any(message[field] != value for field, value in sent.plain.items()):
            world.fail(f"{self.key}: {name} {id} is not what was sent")
        if backfilled:
            world.sometimes("a message that was filled in")


class UpbitPast(Markets):
    """The program."""

    names = tuple(f"{type_}:{code}" for type_ in dict.fromkeys(_TYPES) for code in CODES)
    acts = 40.0
    pause = 3.0

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        rng = self.world.rng
        self.exchange: PastLists = PastLists(self.world)
        self.exchange.rate = 4.0
        self.network.peer = self.exchange
        self._page = rng.choice(_PAGES)
        self.rest: PastRest = PastRest(self.world, self.exchange, self._page)
        self.rest.trouble = rng.choice((0.5, 0.1, 0.1))
        self.changes: list[tuple[str, float]] = []  # keys whose links were in trouble, and when

    @contextlib.contextmanager
    def _in_world(self) -> Iterator[None]:
        with (
            mock.patch.object(past._Trades, "most", min(self._page, 500)),
            mock.patch.object(past._Candles, "most", min(self._page, 200)),
            super()._in_world(),
        ):
            yield

    def _state(self, change: StateChange) -> None:
        super()._state(change)
        if change.state is not State.OPEN or change.previous is not State.OPEN:
            self.changes.append((change.conn_key, self.world.now))

    def _report(self, report: ErrorReport) -> None:
        super()._report(report)
        self.changes.append((report.conn_key, self.world.now))
        if isinstance(report.error, BackfillFailed):
            self.world.sometimes("a past that cannot be had")

    # -- what the program does -----------------------------------------------------------------------------------------

    def _start_some(self) -> None:
        rng = self.world.rng
        for _ in range(rng.randint(1, 3)):
            free = [key for key in _KEYS if key not in {life.key for life in self._open()}]
            if not free:
                return
            type_ = rng.choice(_TYPES)
            codes = rng.sample(CODES, rng.randint(1, len(CODES)))
            if rng.random() < 0.05:
                codes.append(NOSUCH)
            ways = self._ways(())
            preference = rng.choice(_PREFERENCES) if ways else rng.choice((*_PREFERENCES, "snapshot_only"))
            self._open_place(Told(self, rng.choice(free), type_, codes, preference, ways))

    def _ways(self, names: tuple[str, ...]) -> dict[str, Any]:
        rng = self.world.rng
        ways: dict[str, Any] = {"backfill": True} if rng.random() < 0.6 else {}
        if rng.random() < 0.4:
            ways["history"] = rng.choice(_COUNTS) if rng.random() < 0.6 else self._moment()
        return ways

    def _moment(self) -> int:
        """Some time ago, by the exchange's clock, in milliseconds."""
        return round((self.world.now + self.base - self.world.rng.choice((0.5, 7.0, 40.0))) * 1000)

    def _start_again(self, life: Any) -> None:
        self._open_place(Told(self, life.key, life.type, life.codes, life.preference, life.ways))


# -- what must be true afterwards --------------------------------------------------------------------------------------


def check_upbit_past(session: UpbitPast) -> None:
    """Note everything that breaks a promise as a failure of the session's world."""
    for life in session.lives:
        assert isinstance(life, Told)
        for name in life.names:
            if NOSUCH in name:
                told_missing(session, life, name)
            elif (life.key, name) not in session.refused and name in session.exchange.streams:
                _stream(session, life, name, session.exchange.stream(name))
        end(session, life)
    for reader in session.readers:
        if reader.ended is None or reader.life.finals or reader.life.ended is None:  # else stopped before its last call
            read(session, reader)
    budget(session)


def _stream(session: UpbitPast, life: Told, name: str, track: Track) -> None:
    fail, events = session.world.fail, track.events
    numbers = {event.id: event.number for event in events}
    got, heard, filled = life.got[name], life.heard[name], life.filled.get(name, [])
    if any(id not in numbers for id, _ in got):
        return  # that was told
    pasts = len(life.spans[name]) - 1 if life.ways.get("history") else 0  # that may come again
    for at, (before, after) in enumerate(itertools.pairwise([id for id, _ in got]), 1):
        # a candle is told once more by REST, and once again when it has ended
        thrice = at > 1 and filled[at - 1] and filled[at - 2] and got[at - 2][0] == after
        ended = track.step and filled[at] and not thrice
        if after > before or (after == before and (heard[at] == "SNAPSHOT" or ended)):
            continue
        if filled[at] and pasts:
            pasts -= 1
            continue
        fail(f"{life.key}: {name} {after} came {'twice' if after == before else f'behind {before}'}")
    missed = told_missing(session, life, name)
    past_of = bool(life.ways.get("history"))
    for span in life.spans[name]:
        mine = [at for at, (_, when) in enumerate(got) if within(span, when)]
        snapshot = not mine or heard[mine[0]] == "SNAPSHOT" or life.preference == "realtime_only"
        if not (snapshot or missed or (past_of and filled[mine[0]])):
            fail(f"{life.key}: {name} began without a snapshot")
        if life.preference == "snapshot_only" and len(mine) > 1:
            fail(f"{life.key}: {len(mine)} snapshots of {name}")
    if life.preference == "snapshot_only":
        return
    gaps = [gap for gap, _ in session.gaps if gap.conn_key == life.key and name in gap.streams]
    for span in life.spans[name]:
        _whole(session, life, name, track, span, gaps, numbers)
    _paths(session, life, name)


def _whole(
    session: UpbitPast, life: Told, name: str, track: Track, span: Span, gaps: list[Gap], numbers: dict[int, int]
) -> None:
    """All that was sent while it was wanted has come, or lies in a gap; of candles that are filled how they ended."""
    got, filled = life.got[name], life.filled.get(name, [])
    have = {id for id, _ in got}
    first, last = required_place(session, life, span, track.events, got, numbers)
    missing = [event for event in track.events[first : last + 1] if event.id not in have]
    # a hole that is filled for one on the connection is one of how candles grew for the others
    filling = any(each.ways.get("backfill") and name in each.names for each in session.lives)
    if track.step and (life.ways or filling):
        ends = {event.id for event in track.finals()[:-1]}
        live = [id for (id, at), past_one in zip(got, filled, strict=True) if not past_one and within(span, at)]
        begun = min(live, default=track.last + 1) if life.ways.get("history") else 0
        rows = list(zip(got, filled, strict=True))
        missing = [
            event
            for event in missing
            if event.id in ends or not (event.id < begun or _skipped(session, life, event.id, event.time, rows))
        ]
    wanted = [event for event in missing if span.since < event.time or life.ways.get("history")]
    lost = [event for event in wanted if not any(_tells(session, gap, name, track, event) for gap in gaps)]
    if lost:
        event = lost[0]
        session.world.fail(f"{life.key}: {len(lost)} of {name} lost, the first {event.id} of {event.time:.3f}")
    elif missing:
        session.world.sometimes("messages lost, and told")


def _skipped(session: UpbitPast, life: Told, id: int, time: float, rows: list[tuple[tuple[int, float], bool]]) -> bool:
    """A socket whose gaps are filled goes on with what a candle holds behind a loss, not with how it grew before."""
    until, backfilled = next(((at, back) for (each, at), back in rows if each > id), (float("inf"), False))
    near = any(key == life.key and time - _NEAR <= at <= until for key, at in session.changes)
    return backfilled or near


def _tells(session: UpbitPast, gap: Gap, name: str, track: Track, event: Any) -> bool:
    """Whether a gap has room for a message; of candles it names those at both of its ends."""
    ids = next((ids for ids in gap.ids if ids.stream == name), None)
    when = event.time + session.base
    place = open_of(event.id) if track.step else event.id
    if ids is not None and ids.first_id is not None:
        if track.step:
            return ids.last_id <= place <= ids.first_id
        return ids.last_id < place < ids.first_id
    begun = (
        any(gap.last_received <= when + offset for offset in session.offsets) if ids is None else (ids.last_id <= place)
    )
    return begun and any(when + offset <= gap.resumed for offset in session.offsets)


def _paths(session: UpbitPast, life: Told, name: str) -> None:
    """Take note of what is rare."""
    world, got, filled = session.world, life.got[name], life.filled.get(name, [])
    live = [at for (_, at), back in zip(got, filled, strict=True) if not back]
    if not live:
        return
    if any(back and at > live[0] for (_, at), back in zip(got, filled, strict=True)):
        kind = "candle" if name.startswith("candle") else "trade"
        world.sometimes(f"a {kind} that was filled in behind a live one")
    if filled[0] and life.ways.get("history"):
        world.sometimes("a past that what is live goes on with")
        if any(key == life.key and got[0][1] < at < live[0] for key, at in session.changes):
            world.sometimes("a past that is joined across a loss")
