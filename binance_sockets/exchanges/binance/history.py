"""Whether what came is what was sent: each message once, in order, or inside a gap that was told. No thread, no I/O."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from ...engine.continuity import position_of
from ...exchange import Continuity, Position
from .continuity import continuity
from .names import parse
from .products import PRODUCTS

__all__ = ["Line", "Offence", "Verdict", "check"]

Line = Mapping[str, Any]
"""One decoded line of a record."""

_Stream = tuple[str, str]  # product, name

_CLOCKS = 1.0  # seconds by which the clock of who sends and that of who receives may differ


@dataclass(frozen=True)
class Offence:
    """One broken promise.

    Args:
        kind: ``lost``, ``doubled``, ``reordered`` or ``unknown`` (never sent).
        position: of the message: its id, or the time that stands for one.
    """

    kind: str
    position: int | None

    def __str__(self) -> str:
        return f"{self.kind} {'(no id)' if self.position is None else self.position}"


@dataclass
class Verdict:
    """What became of one stream of one socket.

    Args:
        conn_key: the socket.
        life: counts the starts of sockets in a record.
        stream: its name.
        came: messages that came.
        told: messages that did not, and lie in a gap that was told.
        offences: all the others.
    """

    conn_key: str
    life: int
    stream: str
    came: int = 0
    told: int = 0
    offences: list[Offence] = field(default_factory=list)


class _Sent:
    """What was sent on one stream."""

    def __init__(self, stream: _Stream) -> None:
        product, name = stream
        self.rule: Continuity | None = continuity(parse(product, name).family, name, False)
        self.positions: list[Position] = []
        self.times: list[float] = []
        self._places: dict[Position, list[int]] = {}

    def add(self, line: Line) -> None:
        position = position_of(self.rule, line["data"])
        self._places.setdefault(position, []).append(len(self.positions))
        self.positions.append(position)
        self.times.append(line["time"])

    def within(self, carried: tuple[float, float] | None) -> range:
        """The places of what was surely sent while it was carried."""
        if carried is None:
            return range(0)
        first, last = carried[0] + _CLOCKS, carried[1] - _CLOCKS
        return range(bisect_left(self.times, first), bisect_right(self.times, last))

    def begins_behind(self, order: int | None) -> TypeGuard[int]:
        """A message of this order is older than all that are known."""
        first = self.positions[0].order
        return order is not None and first is not None and order < first

    @property
    def candles(self) -> bool:
        """It is sent again and again under one id."""
        return self.rule is not None and self.rule.ids and any(row.content is not None for row in self.positions)

    def place(self, position: Position, after: int) -> int | None:
        """Where a message stands; the next of those that are alike, or the last of them."""
        places = self._places.get(position)
        return None if places is None else next((place for place in places if place > after), places[-1])


def check(sent: Iterable[Line], received: Iterable[Line]) -> Iterator[Verdict]:
    """Compare two records.

    What is judged of a stream in each life of its socket lies between its first and its last message, and from when to
    when it was carried, where ``received`` tells that: but for what was sent in the first and the last second, as two
    clocks may differ.

    Args:
        sent: lines with ``time``, ``product``, ``stream`` and ``data``, in the order of sending, by one clock.
        received: lines of :class:`~binance_sockets.sinks.Recorder`.

    Raises:
        ValueError: messages of a stream of which ``sent`` has nothing, or of a socket that was never started.
        KeyError: a line without one of its fields.
    """
    ledger: dict[_Stream, _Sent] = {}
    for line in sent:
        stream = (line["product"], line["stream"])
        ledger.setdefault(stream, _Sent(stream)).add(line)
    keys: dict[int, str] = {}
    filled: set[int] = set()
    gaps: list[Line] = []
    messages: dict[int, list[Line]] = {}
    carried: dict[int, dict[str, tuple[float, float]]] = {}
    for line in received:
        if "gap" in line:
            gaps.append(line["gap"])
        elif "carried" in line:
            carried[line["life"]] = {name: (first, last) for name, first, last in line["carried"]}
        elif "conn_key" in line:
            keys[line["life"]] = line["conn_key"]
            if line.get("backfill"):
                filled.add(line["life"])
        else:
            messages.setdefault(line["life"], []).append(line["data"])
    for life, key in keys.items():
        told = [gap for gap in gaps if gap["conn_key"] == key]
        product, name = _address(key)
        found, spans = _by_stream(name, messages.pop(life, [])), carried.get(life, {})
        for each in dict.fromkeys((*found, *spans)):
            payloads, sent_of = found.get(each, []), ledger.get((product, each))
            if sent_of is None and payloads:
                raise ValueError(f"{key}: nothing is recorded as sent on {each} of {product}")
            must = range(0) if sent_of is None else sent_of.within(spans.get(each))
            if sent_of is None or not (payloads or must):
                continue
            verdict = Verdict(key, life, each, came=len(payloads))
            gaps_of = [gap for gap in told if each in gap["streams"]]
            _judge(verdict, sent_of, payloads, gaps_of, life in filled, must)
            yield verdict
    if messages:
        raise ValueError(f"messages of sockets without a start: lives {sorted(messages)}")


def _address(key: str) -> _Stream:
    product, colon, name = key.partition(":")
    return (product, name) if colon and product in PRODUCTS else ("spot", key)


def _by_stream(name: str, payloads: Iterable[Any]) -> dict[str, list[Any]]:
    """The payloads of each stream, out of their wrapping; neither what was no JSON nor the last word of a socket."""
    found: dict[str, list[Any]] = {}
    for payload in payloads:
        if isinstance(payload, str) or (isinstance(payload, dict) and payload.get("e") == "error"):
            continue
        wrapped = isinstance(payload, dict) and payload.keys() == {"stream", "data"}
        stream, data = (payload["stream"], payload["data"]) if wrapped else (name, payload)
        found.setdefault(stream, []).append(data)
    return found


def _judge(verdict: Verdict, sent: _Sent, payloads: Iterable[Any], gaps: list[Line], filled: bool, must: range) -> None:
    last, seen = -1, set[int]()
    excused = set[int]()
    older: list[int] = []  # of a history, from before the record
    for payload in payloads:
        position = position_of(sent.rule, payload)
        over_rest = isinstance(payload, dict) and bool(payload.get("backfilled"))
        if over_rest and position.content is None and sent.begins_behind(position.order):
            if seen or position.order <= max(older, default=-1):
                verdict.offences.append(Offence("doubled" if position.order in older else "reordered", position.order))
            older.append(position.order)
            continue
        if over_rest and position.content is not None:
            # a candle over REST stands for all that was said about it
            excused.update(i for i, row in enumerate(sent.positions) if row.order == position.order)
            continue
        place = sent.place(position, last)
        if place is None:
            verdict.offences.append(Offence("unknown", position.order))
        elif place in seen:
            verdict.offences.append(Offence("doubled", position.order))
        else:
            if place < last:
                verdict.offences.append(Offence("reordered", position.order))
            seen.add(place)
            last = max(last, place)
    if filled and sent.candles:
        # nothing is fetched for one that goes on: what comes next about it holds all that was missed
        excused.update(_before_the_last_of_each(sent, seen))
    begin = min((*must[:1], *seen), default=0)
    for place in range(begin, max(last, must.stop if must else 0)):
        if place not in seen and place not in excused:
            order = sent.positions[place].order
            if any(_tells(gap, verdict.stream, sent.positions[place], sent.times[place]) for gap in gaps):
                verdict.told += 1
            else:
                verdict.offences.append(Offence("lost", order))


def _before_the_last_of_each(sent: _Sent, seen: set[int]) -> Iterator[int]:
    """The messages behind which another one about the same candle came."""
    lasts = {sent.positions[place].order: place for place in sorted(seen)}
    return (place for place, row in enumerate(sent.positions) if place < lasts.get(row.order, -1))


def _tells(gap: Line, stream: str, position: Position, time: float) -> bool:
    """Whether a gap has room for a message: by its ids where it names some of the stream, else by its times."""
    for name, before, after in gap["ids"]:
        if name == stream and position.order is not None:
            edge = position.content is not None  # a candle is sent many times under one id
            begun = bool(position.order >= before if edge else position.order > before)
            if after is None:
                return begun and bool(time <= gap["resumed"])
            return begun and bool(position.order <= after if edge else position.order < after)
    return bool(gap["last_received"] <= time <= gap["resumed"])
