"""Whether messages follow those before: copies while two WebSockets overlap, and the ids at both ends of a gap."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..events import Gap, Reason, StreamGap
from ..exchange import Continuity, Position
from .router import NOT_WANTED, Router, StreamStats
from .websocket import WebSocket

__all__ = ["LAG", "LATER", "Loss", "Misfit", "Moment", "Overlap", "Trail", "moment_of", "position_of"]

_MOST_HELD = 20_000  # messages by which a new WebSocket may be ahead of the old one
LATER = 2.0
"""Seconds by which a message must be younger than one of a greater number, to be none of those before it: the exchange
counts anew."""
LAG = 2.0
"""Seconds by which the host of one WebSocket may be behind that of another."""

Rules = Callable[[str], "Continuity | None"]
"""The exchange's rule for a stream, by its name."""


Moment = Callable[[Any], "float | None"]
"""When a payload happened, seconds by the exchange's clock; ``None`` where it does not say."""


def moment_of(read: Moment, payload: Any) -> float | None:
    """When ``payload`` happened; ``None`` also for a message of another shape."""
    try:
        return read(payload)
    except Exception:
        return None


class Misfit(int):
    """Content of a message that the rule of its stream does not fit: another may look alike, so that it proves nothing
    of the stream when two bring it."""


def position_of(rule: Continuity | None, payload: Any) -> Position:
    """Where ``payload`` stands in its stream; what fits no rule is told apart by its content."""
    if rule is not None:
        try:
            position = rule.position(payload)
            hash(position.content)
        except Exception:
            pass  # a message of another shape
        else:
            comparable = position.order is None or isinstance(position.order, int)
            if comparable and isinstance(position.progress, int):  # else there is nothing to compare it with
                return position
    content = hash(repr(payload))
    return Position(None, content if rule is None else Misfit(content))


class _Track:
    """One stream while two WebSockets bring it.

    Attributes:
        held: what the new one brought and the old one has not: ``(number, position, payload)``.
        lively: the old one brings it often enough that the new one must be seen to.
        joined: both have brought the same message, so that nothing is missing between them.
        passed: the new one is beyond all that the old one brought.
        begin: when the first that is known of the old one happened, where it has no order: what the new one brings of
            before that the old one has brought, too, or it belongs to the time before the subscription;
        lagging: from then on: what is older still, of a stream that was carried all the time, the old one has missed.
    """

    __slots__ = (
        "_contents", "_last", "_progress", "_rule", "begin", "held", "joined", "lagging", "lively", "passed",
    )  # fmt: skip

    def __init__(self, rule: Continuity | None, before: Any, lively: bool) -> None:
        self._rule = rule
        self._last: int | None = None
        self._progress = 0  # within the last order
        self._contents: set[Any] = set()  # of the last order; where there is none, all since the overlap began
        self.held: deque[tuple[int, Position, Any]] = deque()
        self.lively = lively
        self.joined = self.passed = False
        self.begin: float | None = None
        self.lagging = float("-inf")
        if before is not None:
            self.brought(self.position(before))

    def position(self, payload: Any) -> Position:
        return position_of(self._rule, payload)

    def brought(self, position: Position) -> None:
        """The old one has brought this."""
        if position.order is not None:
            if position.order != self._last:
                self._last = position.order
                self._contents.clear()
            self._progress = position.progress
        self._contents.add(position.content)

    def has(self, position: Position) -> bool:
        """Whether the old one has brought this before."""
        if position.order is None:
            return position.content in self._contents
        if position.order == self._last:
            return position.progress < self._progress or position.content in self._contents
        return self._last is not None and position.order < self._last

    @property
    def ordered(self) -> bool:
        """What the old one has brought tells what came before it."""
        return self._last is not None

    @property
    def known(self) -> bool:
        """The old one has brought something at some time."""
        return bool(self._contents)

    def meets(self, position: Position) -> None:
        """Both have brought this."""
        self.joined = self.joined or not isinstance(position.content, Misfit)

    def trim(self) -> int:
        """Forget what is held and the old one has brought by now; returns how much that was."""
        before = len(self.held)
        while self.held and self.has(self.held[0][1]):
            self.meets(self.held.popleft()[1])
        return before - len(self.held)


class Overlap:
    """Two WebSockets of one link deliver as one. A :class:`~.delivery.Stage`.

    The old one leads: all that it brings is delivered. What the new one brings is dropped where the old one has
    brought it, and waits where it has not. So each message comes once and in order, whichever of the two is ahead; and
    what waits is delivered when the old one has ended.

    Args:
        old: the WebSocket that leads.
        stats: of the streams, as they are when the next one is dialled.
        rules: the exchange's rule for each stream.
        since: streams that have brought a message since this moment are lively (monotonic seconds).
        moment: when a payload happened; default: nobody knows.
        waiting: ``(stream, payload)``, what the old one has brought and is not delivered yet.
    """

    def __init__(
        self,
        old: WebSocket,
        stats: Mapping[str, StreamStats],
        rules: Rules,
        since: float,
        moment: Moment = lambda payload: None,
        waiting: Iterable[tuple[str, Any]] = (),
    ) -> None:
        self._leading: WebSocket | None = old
        self._rules = rules
        self._moment = moment
        self._number = 0
        self._held = 0
        self._tracks = {
            name: _Track(rules(name), payload, each.last >= since)
            for name, each in stats.items()
            if (payload := each.payload) is not None
        }
        for name, track in self._tracks.items():
            if not track.ordered and (begin := moment_of(moment, stats[name].payload)) is not None:
                track.begin, track.lagging = begin, begin - LAG
        for name, payload in waiting:
            track = self._track(name)
            track.brought(track.position(payload))

    def __call__(self, source: WebSocket, stream: str, payload: Any) -> bool:
        track = self._track(stream)
        if track.passed:
            return True
        position = track.position(payload)
        if source is self._leading:
            track.lively = True
            if position.order is None and not track.known:
                track.begin = moment_of(self._moment, payload)
                kept = [entry for entry in track.held if not self._before(track, entry[2])]
                self._held -= len(track.held) - len(kept)
                track.held.clear()
                track.held.extend(kept)
            track.brought(position)
            self._held -= track.trim()
            return True
        if track.has(position):
            track.meets(position)
            return False
        if self._before(track, payload):
            return False
        if self._leading is None:
            track.passed = position.order is not None  # without an order the next one may be a copy again
            return True
        self._number += 1
        self._held += 1
        track.held.append((self._number, position, payload))
        return False

    def _track(self, stream: str) -> _Track:
        found = self._tracks.get(stream)
        if found is None:
            found = self._tracks[stream] = _Track(self._rules(stream), None, False)
        return found

    def _before(self, track: _Track, payload: Any) -> bool:
        """Whether it happened before what is known of the old one, which has no order."""
        happened = None if track.begin is None else moment_of(self._moment, payload)
        return track.begin is not None and happened is not None and track.lagging <= happened < track.begin

    def forgotten(self, names: Iterable[str]) -> None:
        """Nobody wants these any more, nor what waits of them."""
        for name in names:
            track = self._tracks.pop(name, None)
            self._held -= 0 if track is None else len(track.held)

    @property
    def full(self) -> bool:
        """The old one is too far behind the new one."""
        return self._held > _MOST_HELD

    @property
    def joined(self) -> bool:
        """The new one has been seen to go on where the old one is, on streams that are lively or that it brings."""
        return all(track.joined for track in self._tracks.values() if track.lively or (track.known and track.held))

    def apart(self, names: Iterable[str]) -> list[str]:
        """Those of the streams for which nothing proves that the two meet."""
        return [name for name in names if name not in self._tracks or not self._tracks[name].joined]

    @property
    def unmet(self) -> list[str]:
        """Streams that the new one brings, and the old one has brought nothing of that."""
        return [name for name, track in self._tracks.items() if track.held and track.known and not track.joined]

    def release(self) -> list[tuple[str, Any]]:
        """The old one has ended: what waits, as ``(stream, payload)``, in the order in which it came."""
        self._leading = None
        found = []
        for name, track in self._tracks.items():
            fresh = [entry for entry in track.held if not track.has(entry[1])]
            found += [(number, name, payload) for number, _, payload in fresh]
            track.passed = any(position.order is not None for _, position, _ in fresh)
            track.held.clear()
        self._held = 0
        return [(name, payload) for _, name, payload in sorted(found, key=lambda entry: entry[0])]

    @property
    def over(self) -> bool:
        """The new one is beyond all that the old one brought: there will be no copies any more."""
        return self._leading is None and all(track.passed for track in self._tracks.values() if track.lively)


class Trail:
    """A WebSocket comes behind one that was lost, and its host may be behind that one's: what was brought already is
    dropped. A :class:`~.delivery.Stage`.

    Of streams with an order and a time alone, whose messages rise: an equal or lower one that is not younger is a copy.
    One that tells no time may be of an exchange that counts anew; and where the WebSocket may begin with what was
    there, nothing is known to be a copy.

    Args:
        stats: of the streams, as they are when it opens.
        rules: the exchange's rule for each stream.
        moment: when a payload happened.
        waiting: ``(stream, payload)``, what was brought and is not delivered yet.
    """

    def __init__(
        self,
        stats: Mapping[str, StreamStats],
        rules: Rules,
        moment: Moment,
        waiting: Iterable[tuple[str, Any]] = (),
    ) -> None:
        self._moment = moment
        self._tracks: dict[str, tuple[_Track, float]] = {}
        last = {name: payload for name, each in stats.items() if (payload := each.payload) is not None}
        for name, payload in {**last, **dict(waiting)}.items():
            rule = rules(name)
            track = _Track(rule, payload, False)
            latest = moment_of(moment, payload)
            if track.ordered and rule is not None and not rule.snapshots and latest is not None:
                self._tracks[name] = track, latest

    def __bool__(self) -> bool:
        """Whether something may be a copy."""
        return bool(self._tracks)

    def __call__(self, source: WebSocket, stream: str, payload: Any) -> bool:
        if stream not in self._tracks:
            return True
        track, latest = self._tracks[stream]
        if track.has(track.position(payload)):
            happened = moment_of(self._moment, payload)
            if happened is not None and happened <= latest:
                return False  # else the exchange counts anew
        del self._tracks[stream]
        return True

    def forgotten(self, names: Iterable[str]) -> None:
        """What comes of these from now on was asked for anew."""
        for name in names:
            self._tracks.pop(name, None)


class Loss:
    """What may be missing since a WebSocket was lost, until it can be told.

    Args:
        reason: why it was lost.
        safe_at: up to then nothing is missing (monotonic seconds).
        names: the streams that it carried.
        router: has their counters, where the first message of each from now on is kept. They are looked up each time:
            what the link carries may change before the loss is over.
        rules: the exchange's rule for each stream.

    Attributes:
        resumed: the streams are back.
    """

    def __init__(self, reason: Reason, safe_at: float, names: Iterable[str], router: Router, rules: Rules) -> None:
        self.resumed = False
        self.reason = reason
        self._safe_at = safe_at
        self._router = router
        self._rule_of = rules
        self._messages: dict[str, int] = {}  # that each of the streams had brought
        self._rules: dict[str, Continuity] = {}
        self._before: dict[str, Any] = {}
        self._window = (0.0, 0.0)
        self.lose(names)

    @property
    def _stats(self) -> Mapping[str, StreamStats]:
        return self._router.stats

    def lose(self, names: Iterable[str]) -> None:
        """These are lost, too, perhaps once more before they were confirmed: then it is one gap, and what came
        meanwhile lies in its midst."""
        for name in names:
            if name not in self._messages:
                self._add(name)
        for name in self._before:
            self._stats[name].first = None

    def _add(self, name: str) -> None:
        stats = self._stats.get(name)
        self._messages[name] = 0 if stats is None else stats.messages
        rule = self._rule_of(name)
        if stats is None or rule is None or not rule.ids:
            return
        if (before := stats.payload) is not None:
            self._rules[name], self._before[name] = rule, before

    def move(self, router: Router) -> None:
        """The streams go on over another link, whose router has their counters."""
        for name in self._before:
            self._stats[name].first = NOT_WANTED
        self._router, stats = router, router.stats
        self._messages = {name: stats[name].messages for name in self._messages if name in stats}
        self._before = {name: before for name, before in self._before.items() if name in stats}
        for name in self._before:
            stats[name].first = None

    def join(self, other: Loss) -> None:
        """What another link has lost of the same streams, and :meth:`move` has brought here, is one gap with this: it
        begins behind the last message that both know of, or, where one of them has none, by time alone."""
        self.widen(other._safe_at)
        for name, messages in other._messages.items():
            known = self._before.pop(name, None), other._before.get(name)
            if name not in self._messages:
                self._messages[name] = messages
                known = known[1], known[1]
            if known[0] is not None and known[1] is not None:
                rule = self._rules[name] = other._rules[name]
                self._before[name] = min(known, key=lambda each: _order(rule, each))
            elif name in self._stats:
                self._stats[name].first = NOT_WANTED

    def resume(self, elapsed: float, wall: float) -> None:
        """The streams are confirmed again: at ``wall``, ``elapsed`` seconds after :attr:`safe_at`."""
        self.resumed = True
        # by a clock that never steps: two readings of the wall clock may lie an hour apart in either direction
        self._window = (wall - max(0.0, elapsed), wall)

    @property
    def safe_at(self) -> float:
        return self._safe_at

    @property
    def names(self) -> list[str]:
        return list(self._messages)

    def widen(self, safe_at: float) -> None:
        """It has begun earlier."""
        self._safe_at = min(self._safe_at, safe_at)

    @property
    def known(self) -> bool:
        """All that can be told is known."""
        return all(self._stats[name].first is not None for name in self._before)

    def gap(self, conn_key: str, wanted: Iterable[str]) -> Gap:
        """What is told, about the streams that are still wanted."""
        names = tuple(name for name in wanted if name in self._messages)
        ids = tuple(self._ids(name) for name in names if name in self._before)
        for name in self._before:
            self._stats[name].first = NOT_WANTED
        return Gap(conn_key, names, *self._window, self.reason, tuple(each for each in ids if each is not None))

    def so_far(self, conn_key: str, names: Iterable[str], elapsed: float, wall: float) -> Gap | None:
        """What is told of those of these that are lost, up to now where they are not back; it is not over with that."""
        lost = tuple(name for name in names if name in self._messages)
        ids = tuple(found for name in lost if name in self._before and (found := self._ids(name)) is not None)
        window = self._window if self.resumed else (wall - max(0.0, elapsed), wall)
        return Gap(conn_key, lost, *window, self.reason, ids) if lost else None

    def part(self, names: Iterable[str]) -> Loss | None:
        """These go on as a loss of their own; ``None`` where there are none."""
        names = [name for name in names if name in self._messages]
        if not names:
            return None
        rest = Loss(self.reason, self._safe_at, (), self._router, self._rule_of)
        for name in names:
            rest._messages[name] = self._messages.pop(name)
            if name in self._before:
                rest._rules[name], rest._before[name] = self._rules[name], self._before.pop(name)
        return rest

    def leave(self, names: Iterable[str]) -> None:
        """Nobody wants these any more."""
        for name in names:
            self._messages.pop(name, None)
            if self._before.pop(name, None) is not None:
                self._stats[name].first = NOT_WANTED

    def _ids(self, name: str) -> StreamGap | None:
        rule = self._rules[name]
        last_id = position_of(rule, self._before[name]).order
        first_id = position_of(rule, self._stats[name].first).order  # none where nothing has come
        return None if last_id is None else StreamGap(name, last_id, first_id)


def _order(rule: Continuity, payload: Any) -> float:
    """By the id of ``payload``; one without is before all."""
    order = position_of(rule, payload).order
    return float("-inf") if order is None else order
