"""A link's holes: when they open, what is delivered, asked and reported for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import structs

from ..errors import BinanceSocketsError
from ..events import Gap, Reason
from ..exchange import Page, Past, Stream
from .backfill import Backfill, Question, Turn
from .commands import Fetch, Filled, GapSeen
from .timers import Timer

if TYPE_CHECKING:
    from .link import Link

__all__ = ["Filling"]


class Filling:
    """The holes of one link. On the connection's thread.

    Args:
        link: whose streams they are.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._around = link.around
        self._backfill = Backfill(link.around.conn_key, lambda payload: self._around.exchange.moment(payload))
        self._pasts: dict[str, Past] = {}
        self._safe_at: float | None = None  # since when something may be missing

    @property
    def open(self) -> bool:
        """Whether a hole is open."""
        return self._link.router.delivery.backfill is not None

    def began(self, streams: Iterable[Stream], *, moved: bool) -> None:
        """``streams`` are wanted from now on; with ``moved`` another link has brought them until now."""
        for stream in streams:
            past = self._around.exchange.past(stream)
            if past is not None:
                self._pasts[stream.name] = past
                if past.since is not None and not moved:
                    self._backfill.began(stream.name, past, self._around.clock.time())
                    self._opened()

    def forgotten(self, names: Iterable[str]) -> None:
        """They are not wanted any more."""
        self._backfill.forgotten(names)
        for name in names:
            if (past := self._pasts.pop(name, None)) is not None:
                past.leave()

    def lost(self, names: Iterable[str], reason: Reason, safe_at: float, begun: Mapping[str, float]) -> list[str]:
        """From ``safe_at`` on messages of ``names`` may be missing, which come since they are ``begun``. Returns those
        whose loss is no hole's."""
        left = []
        for name in names:
            past, stats = self._pasts.get(name), self._link.router.stats.get(name)
            if past is None or stats is None or not (past.fills or name in self._backfill):
                left.append(name)
                continue
            quiet = past.fills and not stats.messages  # then nothing of what REST tells can come twice
            since = max(safe_at, begun.get(name, safe_at)) if quiet else None
            if not self._backfill.lost(name, past, stats.payload, reason, since):
                left.append(name)
            else:
                self._safe_at = safe_at if self._safe_at is None else min(self._safe_at, safe_at)
                self._opened()
        return left

    def widen(self, safe_at: float) -> None:
        """It has begun earlier."""
        if self._safe_at is not None:
            self._safe_at = min(self._safe_at, safe_at)
            self._backfill.widen(safe_at)

    def resumed(self, resumed: float, now: float) -> None:
        """All that is wanted comes since ``resumed``."""
        if self.open:
            lacking = self._backfill.resumed(self._window(resumed), now, self._link.lacks)
            self._safe_at = self._safe_at if lacking else None
            self._link.timers.set(Timer.FILL, now)

    def awaits(self, question: Question) -> bool:
        """The answer is still wanted. Any thread."""
        return self._backfill.awaits(question)

    def answered(self, question: Question, answer: Page | BinanceSocketsError, now: float) -> None:
        """The exchange has told a part of the past, or refused."""
        self._backfill.answered(question, answer, now)
        if self.open:
            self.advance(now)

    def advance(self, now: float) -> None:
        """Something has come, or is due."""
        turn = self._backfill.turn(now)
        if not self._backfill:
            self._link.router.delivery.backfill = None
        self._do(turn)
        for question in turn.questions:
            self._link.do(Fetch(self, question))
        if self._link.timers.at(Timer.FILL) != turn.due:
            self._link.timers.set(Timer.FILL, turn.due)

    @property
    def waiting(self) -> list[tuple[str, Any]]:
        """The live messages that wait for what is before them, ``(stream, payload)``."""
        return self._backfill.waiting

    def so_far(self, names: Iterable[str], fills: bool) -> list[Gap]:
        """What is missing of ``names`` up to now for who wants them no more; without ``fills`` also what was fetched,
        which they do not get, and is not told yet."""
        if not self.open:
            return []
        window, names = self._window(self._around.clock.monotonic()), list(names)
        found = [] if fills else [self._level(gap) for gap in self._backfill.so_far(names, window)]
        told = {name for gap in found for name in gap.streams}
        rest = [name for name in names if name not in told]
        return found + self._backfill.lacking(rest, window, self._link.router.last)

    def end(self, error: BinanceSocketsError) -> None:
        """The link ends: what waits is delivered, but behind a stop; what is missing is told."""
        for past in self._pasts.values():
            past.leave()
        if self.open:
            self._link.router.delivery.backfill = None
            window = self._window(self._around.clock.monotonic())
            router = self._link.router
            self._do(self._backfill.ended(error, window, router.last if router.stopping else None))

    def _window(self, resumed: float) -> tuple[float, float]:
        """From when to when something may be missing that is back since ``resumed``, by the wall clock."""
        ago = self._around.clock.monotonic() - resumed  # callbacks may have taken long since
        wall = self._around.clock.time() - max(0.0, ago)
        since = resumed if self._safe_at is None else self._safe_at
        return wall - max(0.0, resumed - since), wall

    def _level(self, gap: Gap) -> Gap:
        """What was fetched before it came live goes to nobody else either: the gap is over now, where nothing newer has
        come."""
        if gap.ids and all(ids.first_id is not None for ids in gap.ids):
            return gap
        return structs.replace(gap, resumed=max(gap.resumed, self._around.clock.time()))

    def _opened(self) -> None:
        self._link.router.delivery.backfill = self._backfill

    def _do(self, turn: Turn) -> None:
        for gap in turn.gaps:
            self._link.do(GapSeen(gap))
        for gap in turn.filled:
            self._link.do(Filled(self._level(gap)))
        self._link.router.release(turn.messages)
