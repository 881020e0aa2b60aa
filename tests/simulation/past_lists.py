"""Upbit's trades and candles with their past: what streams bring, and what REST tells, the newest first.

Trades have ids that leave room between them; a candle is sent whenever somebody trades, and there is none without
trades. Something has happened in every market before anybody asks.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from simulation.exchange import Event, Stream
from simulation.faults import TELLING
from simulation.rest import Rest
from simulation.whole_lists import CODES, EPOCH, NOSUCH, Lists
from simulation.world import World

__all__ = ["PastLists", "PastRest", "Track", "candle_id", "open_of"]

_BITS = 24  # of a candle's id: its number of trades
_UNIT = Decimal("0.00012")  # traded each time
_PAST = 60  # messages from before a stream was first asked for,
_APART = 1.7  # and seconds between them
_LAG = (0.3, 1.5)  # seconds by which an answer may be behind
_MOST = {"trade": 500, "candle": 200}
_PER_SECOND = 10
_ZERO = datetime(1970, 1, 1, tzinfo=timezone.utc)


def open_of(id: int) -> int:
    """When a candle began, in milliseconds."""
    return id >> _BITS


def candle_id(message: dict[str, Any]) -> int:
    """One number for a state of a candle; later states have larger ones."""
    begin = datetime.fromisoformat(message["candle_date_time_utc"] + "+00:00")
    count = Decimal(message["candle_acc_trade_volume"]) / _UNIT
    return (round((begin - _ZERO).total_seconds() * 1000) << _BITS) + int(count)


def _text(ms: int, zone: int = 0) -> str:
    return (_ZERO + timedelta(milliseconds=ms, hours=zone)).strftime("%Y-%m-%dT%H:%M:%S")


class _Message(Event):
    __slots__ = ()

    stream: Track

    @property
    def sent(self) -> int:
        """Its time, in milliseconds."""
        return _clock(self.time)

    @property
    def payload(self) -> bytes:
        return json.dumps({**self.fields, "type": self.stream.type, "code": self.stream.code}).encode()

    @property
    def fields(self) -> dict[str, Any]:
        """What the stream and REST both tell of it."""
        if self.stream.step:
            count, begin = self.id & ((1 << _BITS) - 1), open_of(self.id)
            return {
                "candle_date_time_utc": _text(begin), "candle_date_time_kst": _text(begin, 9),
                "opening_price": begin // 1000 % 97 + 1, "high_price": count + 1, "low_price": 0.5,
                "trade_price": count % 5 + 1, "timestamp": self.sent, "candle_acc_trade_price": count * 3,
                "candle_acc_trade_volume": float(count * _UNIT),
            }  # fmt: skip
        return {
            "timestamp": self.sent, "trade_price": self.id % 89 + 1, "trade_volume": 0.25,
            "ask_bid": "BID" if self.id % 3 else "ASK", "prev_closing_price": 40, "sequential_id": self.id,
        }  # fmt: skip

    @property
    def plain(self) -> dict[str, Any]:
        """The same with numbers as a callback has them."""
        exact = {field: Decimal(str(value)) for field, value in self.fields.items() if isinstance(value, float)}
        return {**self.fields, **exact}

    @property
    def row(self) -> dict[str, Any]:
        """What REST tells of it."""
        row = {"market": self.stream.code, **self.fields}
        if self.stream.step:
            return {**row, "unit": max(1, self.stream.step // 60_000)}
        date, _, time = _text(self.sent).partition("T")
        return {**row, "trade_date_utc": date, "trade_time_utc": time, "change_price": row["trade_price"] - 40}


class Track(Stream):
    """All that a stream of trades or candles has brought.

    Args:
        name: ``type:code``.
        now: monotonic seconds.

    Attributes:
        step: milliseconds of a candle; 0 of trades.
    """

    events: list[_Message]  # type: ignore[assignment]

    def __init__(self, name: str, now: float) -> None:
        self.name, self.product = name, ""
        self.type, _, self.code = name.partition(":")
        self.kind, _, unit = self.type.partition(".")
        self.step = 0 if not unit else 1_000 if unit == "1s" else int(unit[:-1]) * 60_000
        self.events = []
        self.unruly = False
        self.first = self.last = 0
        for number in range(_PAST, 0, -1):
            self.happen(now - number * _APART)

    def happen(self, now: float) -> _Message:
        ms = _clock(now)
        if self.step:
            begin = ms // self.step * self.step
            self.last = self.last + 1 if open_of(self.last) == begin else (begin << _BITS) + 1
        else:
            self.last = max(self.last + 1 + ms % 3, ms * 10_000)
        self.events.append(_Message(self, len(self.events), self.last, now))
        return self.events[-1]

    def finals(self) -> list[_Message]:
        """The last message about each candle; of trades all."""
        kept = {open_of(each.id) if self.step else each.id: each for each in self.events}
        return list(kept.values())


def _clock(now: float) -> int:
    return round((now + EPOCH) * 1000)


def _steps(request: requests.PreparedRequest) -> list[str]:
    """The parts of a path from the version on."""
    steps = urlsplit(request.path_url).path.strip("/").split("/")
    return steps[steps.index("v1") :]


class PastLists(Lists):
    """The exchange."""

    def stream(self, name: str) -> Track:
        if name not in self.streams:
            self.streams[name] = Track(name, self.world.now)
            if NOSUCH not in name:
                self._lively.append(name)
        found = self.streams[name]
        assert isinstance(found, Track)
        return found


class PastRest(Rest):
    """REST that knows which markets there are, and what has happened in them.

    Args:
        world, exchange: see :class:`Rest`.
        most: rows of one answer, where that is less than usual.
    """

    def __init__(self, world: World, exchange: PastLists, most: int) -> None:
        super().__init__(world, exchange)
        self._lists = exchange
        self._most = most
        self._asked: Counter[tuple[str, int]] = Counter()
        self._left: dict[str, str] = {}

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        group = _steps(request)[1]
        second = int(self._world.now)
        self._asked[group, second] += 1
        if self._asked[group, second] > _PER_SECOND:
            self._world.fail(f"more than {_PER_SECOND} calls of {group} in a second")
        self._left = {"Remaining-Req": f"group={group.rstrip('s')}; min=600; sec={self._left_of(group)}"}
        return super().send(request, **options)

    def _left_of(self, group: str) -> int:
        return max(0, _PER_SECOND - self._asked[group, int(self._world.now)])

    def _answer(
        self, request: requests.PreparedRequest, status: int, body: object, headers: dict[str, str] | None = None
    ) -> requests.Response:
        return super()._answer(request, status, body, {**self._left, **(headers or {})})

    def _found(self, request: requests.PreparedRequest) -> object:
        _, group, *kind = _steps(request)
        query = dict(parse_qsl(urlsplit(request.path_url).query))
        if group == "market":
            return [{"market": code} for code in CODES]
        if query["market"] not in CODES:
            return None
        unit = {"ticks": "", "seconds": ".1s"}.get(kind[0]) if len(kind) == 1 else f".{kind[1]}m"
        return self._told(self._lists.stream(f"{group.rstrip('s')}{unit}:{query['market']}"), query)

    def _told(self, track: Track, query: dict[str, str]) -> list[dict[str, Any]]:
        world, moment = self._world, self._world.now
        if self._exchange.strikes(0.3, TELLING):
            moment -= world.rng.choice(_LAG)
            world.sometimes("a past that is behind")
        happened = [each for each in track.events if each.time <= moment]
        found = list({open_of(each.id) if track.step else each.id: each for each in happened}.values())
        if "cursor" in query:
            found = [each for each in found if each.id < int(query["cursor"])]
        if "to" in query:
            end = datetime.fromisoformat(query["to"].replace("Z", "+00:00"))
            found = [each for each in found if open_of(each.id) < round((end - _ZERO).total_seconds() * 1000)]
        if found and ("cursor" in query or "to" in query):
            world.sometimes("a past of several pages")
        count = min(int(query.get("count", "1")), self._most, _MOST[track.kind])
        if len(found) > 1:
            world.sometimes("a past that is told")
        return [each.row for each in reversed(found[-count:])]
