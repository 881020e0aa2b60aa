"""What a stream has sent before, joined with what it sends: holes are filled in order, without a double.

Sans I/O: a :class:`Backfill` is told what is lost, what comes live and what the exchange answers; it says what is to be
delivered, asked for and reported. It stands in the way of messages only while a hole is open.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import BackfillFailed, BinanceSocketsError
from ..events import Gap, Reason, StreamGap
from ..exchange import Page, Past, Place
from .continuity import LATER, Moment, moment_of
from .websocket import WebSocket

__all__ = ["Backfill", "Question", "Turn"]

_MOST_HELD = 50_000  # live messages of one link that wait while its holes are filled
_PATIENCE = 2.0  # seconds in which a first live message should tell whether there is a hole at all
_AGAIN = (0.25, 0.5, 1.0, 2.0)  # seconds after which the exchange is asked again for what it does not tell yet
_ANSWER = 60.0  # seconds without any answer after which live messages wait no longer
_AT_ONCE = 4  # questions of one link that wait for the job thread, which has other work


@dataclass(frozen=True, slots=True)
class Question:
    """``past.page(after)`` is to be asked, for :meth:`Backfill.answered`; a number is a moment (monotonic seconds)."""

    stream: str
    number: int
    past: Past
    after: Place | float | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be done.

    Args:
        messages: ``(stream, payload)``, to be delivered in order.
        gaps: to be reported.
        filled: likewise, to those who do not get what was fetched.
        questions: to be asked.
        due: when the next turn is at the latest (monotonic seconds); ``None``: when something happens.
    """

    messages: Sequence[tuple[str, Any]]
    gaps: Sequence[Gap]
    filled: Sequence[Gap]
    questions: Sequence[Question]
    due: float | None


class _Held(NamedTuple):
    """A live message that waits.

    Args:
        place: where it stands; ``None``: nobody knows, and it is delivered where it stands.
        payload: itself.
        begins: it is the first behind a loss.
        repeats: it tells what was there before, which may be missing nonetheless.
    """

    place: Place | None
    payload: Any
    begins: bool
    repeats: bool


class _Hole:
    """One stream whose live messages wait.

    Attributes:
        past: tells what came before.
        last: place of what was delivered last; ``None`` before the first part of a history, or where nothing came.
        since: from when on all was missed, where nothing came before (monotonic seconds); else ``None``.
        reason: why it is open, and the ``window`` (wall clock) in which messages were missed.
        begun: when those began to be missed (monotonic seconds), as the wall clock may step; ``None`` of a history.
        held: what came live.
        row: the last live message was delivered, or told before: what comes next over the same link follows it.
        carried: a link carries the stream.
        live: something came since that was so.
        newest: place of the latest of it.
        asking: number of the question whose answer is awaited.
        outdated: that one was asked before the stream was carried again: it may not tell what was missed until then.
        ask_at: when the next one may be asked; ``None`` where nothing is known to be missing.
        tries: how often the exchange did not tell what must exist.
        refused: why the exchange does not tell, as long as the stream is not carried: the gap is not over before.
        fetched: something was delivered that was missed, and is not told yet.
        filled: place of the last message before that; ``None`` where there was none.
        skips: what lies before the next live message is not asked for any more.
        before: number of the last message before the loss, and when it happened.
        begin: order of the last message before the hole; and
        told: orders of those delivered since, where live ones need not rise.
    """

    def __init__(
        self,
        past: Past,
        last: Place | None,
        reason: Reason,
        window: tuple[float, float] | None,
        before: tuple[int, float] | None = None,
    ) -> None:
        self.past = past
        self.last = last
        self.since: float | None = None
        self.before = before
        self.begin = float("-inf") if last is None else last.order
        self.told: set[int] = set()
        self.reason = reason
        self.window = window
        self.begun: float | None = None
        self.held: deque[_Held] = deque()
        self.carried = self.live = self.skips = self.row = self.outdated = self.fetched = False
        self.newest: Place | None = None
        self.filled: Place | None = None
        self.asking: int | None = None
        self.ask_at: float | None = None
        self.tries = 0
        self.refused: BinanceSocketsError | None = None

    @property
    def over(self) -> bool:
        """The live messages go on where the last one was; before that the exchange may have told of later ones."""
        level = self.newest is not None and (self.last is None or self.newest >= self.last)
        return (level or (self.unknown and self.carried)) and not self.held and self.asking is None

    @property
    def begins(self) -> bool:
        """The first part of a history is still to come, which may begin behind what was missed."""
        return self.last is None and self.reason is Reason.HISTORY

    @property
    def unknown(self) -> bool:
        """Nothing tells from where on messages were missed: none is asked for."""
        return self.last is None and self.since is None and not self.begins

    @property
    def unanswered(self) -> bool:
        """What the stream has missed is still to be asked or answered."""
        asks = not self.carried or self.asking is not None or self.ask_at is not None
        return asks and not self.begins

    @property
    def first(self) -> Place | None:
        """Place of the first message that waits and is new."""
        return next((each.place for each in self.held if self.is_new(each) and not each.repeats), None)

    def is_new(self, held: _Held) -> bool:
        """It lies behind all that was delivered."""
        return held.place is not None and (self.last is None or held.place > self.last)

    def is_late(self, held: _Held) -> bool:
        """It was not delivered, though one of a greater order was."""
        place = held.place
        return place is not None and not self.past.rises and place.order > self.begin and place.order not in self.told

    def delivered(self, place: Place | None) -> None:
        """A message of the stream was."""
        if place is not None and not self.past.rises:
            self.told.add(place.order)

    def back(self, window: tuple[float, float], now: float) -> None:
        """The stream is carried again at ``now``, once more perhaps: what it missed began with the first loss."""
        if self.window is not None and self.begun is None:
            self.window = (min(self.window[0], window[0]), window[1])
            return
        begun = now - (window[1] - window[0])
        self.begun = begun if self.begun is None else min(self.begun, begun)
        self.window = (window[1] - (now - self.begun), window[1])

    def follows(self, held: _Held) -> bool:
        """Surely nothing is missing before the live message that waits first."""
        if held.repeats or held.place is None:
            return False
        if self.row and not held.begins and not self.past.numbered:
            return True
        return self.last is not None and self.past.joins(self.last, held.place)


class Backfill:
    """The holes of one link: a :class:`~.delivery.Stage`. On the connection's thread.

    Args:
        conn_key: of the connection.
        moment: when a payload happened (seconds); default: nobody knows.
    """

    def __init__(self, conn_key: str, moment: Moment = lambda payload: None) -> None:
        self._conn_key = conn_key
        self._moment = moment
        self._holes: dict[str, _Hole] = {}
        self._held = 0
        self._touched: dict[str, None] = {}  # streams of which something came, in order
        self._due: float | None = None  # when all holes are to be looked at
        self._unanswered_at: float | None = None  # since when no answer has come to what was asked
        self._numbers = 0
        self._messages: list[tuple[str, Any]] = []
        self._gaps: list[Gap] = []
        self._filled: list[Gap] = []
        # what was fetched and delivered before its stream was confirmed: the places around it, and why it was missing
        self._untold: dict[str, tuple[Place | None, Place | None, Reason]] = {}

    def __bool__(self) -> bool:
        """Whether a hole is open, or one that was filled is to be told."""
        return bool(self._holes or self._untold)

    def __contains__(self, stream: str) -> bool:
        """Whether a hole of ``stream`` is open."""
        return stream in self._holes

    def __call__(self, source: WebSocket, stream: str, payload: Any) -> bool:
        """Hold a live message back while there is a hole before it."""
        hole = self._holes.get(stream)
        if hole is None:
            return True
        place = place_of(hole.past, payload)
        repeats = place is not None and hole.past.repeats(payload)
        hole.held.append(_Held(place, payload, not hole.live, repeats))
        hole.live = True
        if place is not None and (hole.past.rises or hole.newest is None or place > hole.newest):
            hole.newest = place
        self._held += 1
        self._touched[stream] = None
        return False

    # -- what happens ------------------------------------------------------------------------------------------------

    def began(self, stream: str, past: Past, wall: float) -> None:
        """The stream is new, and its history comes first. ``wall`` is the time of day."""
        self._holes.setdefault(stream, _Hole(past, None, Reason.HISTORY, (wall, wall)))

    def lost(self, stream: str, past: Past, before: Any, reason: Reason, since: float | None = None) -> bool:
        """The stream's link is lost; ``before`` was delivered last. Returns whether the loss is the hole's from now on.

        Where nothing was delivered, all from ``since`` on was missed (monotonic seconds).
        """
        hole = self._holes.get(stream)
        if hole is None:
            last = place_of(past, before)
            happened = moment_of(self._moment, before) if past.numbered and last is not None else None
            known = None if happened is None or last is None else (last.order, happened)
            hole = self._holes[stream] = _Hole(past, last, reason, None, known)
            hole.since = since if last is None else None
        elif hole.begins and hole.skips and since is not None:  # the exchange has told that there is no history
            hole.reason, hole.since, hole.window = reason, since, None
        elif not hole.begins:
            hole.reason = reason
        hole.carried = hole.live = hole.skips = False
        hole.newest = None
        if hole.unknown:
            hole.refused = BackfillFailed(stream, "nobody knows where the message stands that came last")
        return not hole.begins  # else what was missed is a gap of its own

    def widen(self, since: float) -> None:
        """What is missing of the streams that are not carried may have begun at ``since`` already."""
        for hole in self._holes.values():
            if hole.since is not None and not hole.carried:
                hole.since = min(hole.since, since)

    def resumed(self, window: tuple[float, float], now: float, lacks: Callable[[str], bool]) -> bool:
        """All streams but those that the link lacks are carried again; in the ``window`` (wall clock) messages may have
        been missed. Returns whether there is one that is not."""
        self._due, lacking = now, False
        for stream, hole in self._holes.items():
            if not hole.carried and lacks(stream):
                lacking = True
            elif not hole.carried:
                hole.carried, hole.outdated = True, hole.asking is not None
                refused, hole.refused = hole.refused, None
                hole.back(window, now)
                if hole.asking is None and hole.ask_at is None:
                    hole.ask_at = now + (0.0 if hole.begins else _PATIENCE)
                if refused is not None:  # what waits lies in the midst of the gap
                    hole.ask_at, hole.skips = None, True
                    self._report(stream, hole, None, refused)
        for stream in list(self._untold):
            if lacks(stream):
                lacking = True
            else:
                self._confirmed(stream, window)
        return lacking

    def forgotten(self, streams: Iterable[str]) -> None:
        """Nobody wants them any more, nor what waits; :meth:`lacking` tells before what they miss."""
        for stream in streams:
            hole = self._holes.pop(stream, None)
            self._held -= len(hole.held) if hole is not None else 0
            self._untold.pop(stream, None)

    def awaits(self, question: Question) -> bool:
        """The answer is still wanted. Any thread."""
        hole = self._holes.get(question.stream)
        return hole is not None and hole.asking == question.number

    def answered(self, question: Question, answer: Page | BinanceSocketsError, now: float) -> None:
        """The exchange has told a part, or refused."""
        stream, hole = question.stream, self._holes.get(question.stream)
        self._unanswered_at = now
        if hole is None or hole.asking != question.number:
            return  # it is given up, or forgotten
        hole.asking = hole.ask_at = None
        self._due = now  # others may wait for their turn to ask
        self._take(stream, hole, answer, now)
        if hole.outdated and hole.ask_at is None:
            hole.ask_at = now + _PATIENCE
        hole.outdated = False

    def _take(self, stream: str, hole: _Hole, answer: Page | BinanceSocketsError, now: float) -> None:
        """What the answer tells of one stream, and whether there is more to be asked."""
        if not isinstance(answer, Page):
            self._give_up(stream, hole, answer)
            return
        before, payloads, reached = hole.last, answer.payloads, False
        if before is None and not hole.begins and answer.open and payloads:  # what comes next tells all of the last one
            *payloads, running = payloads
            reached = self._reaches(hole, running)
        reached = self._told(stream, hole, payloads) or reached
        if not answer.last and hole.last != before and not reached:
            hole.ask_at, hole.tries = now, 0
        elif reached:
            self._misses(stream, hole, hole.first)
            hole.skips = True
        elif hole.last is None and payloads:
            self._give_up(stream, hole, BackfillFailed(stream, "the answer has no messages of it"))
        elif hole.begins:
            hole.skips = True  # there is no past: whatever comes is the first
        elif hole.held:
            self._again(stream, hole, now)

    def _reaches(self, hole: _Hole, payload: Any) -> bool:
        """Whether ``payload``, which may still change, is about what the first live message is about, or later."""
        place, first = place_of(hole.past, payload), hole.first
        return place is not None and first is not None and place.order >= first.order

    def _told(self, stream: str, hole: _Hole, payloads: Sequence[Any]) -> bool:
        """Take what is new, up to the first live message; returns whether that was reached."""
        first = hole.first
        for payload in payloads:
            place = place_of(hole.past, payload)
            if place is None or (hole.last is not None and place <= hole.last):
                continue
            self._repeat(stream, hole, place)
            if first is not None and place >= first:
                return True
            self._misses(stream, hole, place)
            if hole.reason is not Reason.HISTORY and not hole.fetched:
                hole.fetched, hole.filled = True, hole.last
            hole.last = place
            hole.delivered(place)
            self._messages.append((stream, payload))
        return False

    def _repeat(self, stream: str, hole: _Hole, before: Place) -> None:
        """Deliver where it stands what only tells what was there before."""
        while hole.held and (held := hole.held[0]).repeats and held.place is not None and held.place < before:
            self._pop(stream, hole)

    def _pop(self, stream: str, hole: _Hole) -> _Held:
        """Deliver what waits first, if that is not over."""
        held = hole.held.popleft()
        self._held -= 1
        hole.row = hole.row and not held.begins if held.place is None else True
        if held.place is None or held.repeats or hole.is_new(held) or hole.is_late(held):
            hole.delivered(held.place)
            self._messages.append((stream, held.payload))
        return held

    def _misses(self, stream: str, hole: _Hole, place: Place | None) -> None:
        """Report what the exchange has left out before ``place``, where it numbers messages."""
        if not hole.past.numbered or hole.last is None or place is None:
            return
        if place > hole.last and not hole.past.joins(hole.last, place):
            self._report(stream, hole, place, BackfillFailed(stream, "the exchange does not have them"))

    def ended(
        self,
        error: BinanceSocketsError,
        window: tuple[float, float],
        delivered: Callable[[str], Any] | None = None,
    ) -> Turn:
        """The link will bring nothing more: what waits, and what is missing before it, in the ``window`` at most.

        Where nothing is delivered any more, as a stop was asked for, what waits is missing as well: all behind the
        payload of a stream that was ``delivered`` last, as a turn before may not have been carried out to its end.
        """
        for stream, hole in self._holes.items():
            hole.window = hole.window or window
            if delivered is not None:
                self._drop(stream, hole, error, window, place_of(hole.past, delivered(stream)))
            lacks = hole.unanswered and not (hole.carried and hole.held)
            hole.carried = True
            while hole.held:
                self._give_up(stream, hole, error)
                self._join(stream, hole, 0.0)
            self._tell_filled(stream, hole, None)
            if lacks and delivered is None:
                self._report(stream, hole, None, error)
        self._holes.clear()
        for stream in list(self._untold):
            self._confirmed(stream, window)
        return Turn(self._messages, self._gaps, self._filled, (), None)

    def _drop(
        self,
        stream: str,
        hole: _Hole,
        error: BinanceSocketsError,
        window: tuple[float, float],
        delivered: Place | None,
    ) -> None:
        """Nobody gets what waits: the gap before it goes on to the end."""
        gap = self._lacking(stream, hole, error, window, delivered)
        if gap is not None:
            self._gaps.append(gap)
        hole.held.clear()

    def _lacking(
        self,
        stream: str,
        hole: _Hole,
        error: BinanceSocketsError,
        window: tuple[float, float],
        delivered: Place | None,
    ) -> Gap | None:
        """What nobody gets of a stream when nothing more is delivered of it."""
        short = delivered is not None and hole.last is not None and delivered < hole.last
        if not (hole.unanswered or hole.first is not None or short):
            return None
        window = ((hole.window or window)[0], window[1])
        return self._gap(stream, window, delivered if short else hole.last, None, hole.reason, error)

    # -- what is to be done ------------------------------------------------------------------------------------------

    def turn(self, now: float) -> Turn:
        """The next turn: behind each read, answer and loss, and when one is due.

        As a rule only the streams of which something came are looked at: a quiet one may wait for hours.
        """
        every = self._due is not None and self._due <= now
        if not every and not self._touched:
            return Turn((), (), (), (), self._due)
        if self._held > _MOST_HELD:
            every = True
            error = f"more than {_MOST_HELD} live messages were waiting"
            for stream, full in self._holes.items():
                if full.held:
                    self._give_up(stream, full, BackfillFailed(stream, error))
        asked = sum(hole.asking is not None for hole in self._holes.values())
        if asked and self._unanswered_at is not None and now >= self._unanswered_at + _ANSWER:
            every, asked = True, 0
            for stream, late in self._holes.items():
                if late.asking is not None or late.ask_at is not None:
                    self._give_up(stream, late, BackfillFailed(stream, f"no answer within {_ANSWER:g} s"))
        questions: list[Question] = []
        streams, due = (list(self._holes), None) if every else (list(self._touched), self._due)
        self._touched.clear()
        for stream in streams:
            hole = self._holes.get(stream)
            if hole is None or hole.asking is not None:
                continue
            self._join(stream, hole, now)
            if hole.over:
                self._tell_filled(stream, hole, None)
                del self._holes[stream]
            elif hole.ask_at is not None:
                if hole.ask_at <= now:
                    wait = hole.past.pause() if asked < _AT_ONCE else _AGAIN[0]
                    if wait <= 0.0:
                        self._unanswered_at = now if not asked else self._unanswered_at
                        questions.append(self._question(stream, hole))
                        asked += 1
                        continue
                    hole.ask_at = now + wait
                due = hole.ask_at if due is None else min(due, hole.ask_at)
        if asked and self._unanswered_at is not None:
            late_at = self._unanswered_at + _ANSWER
            due = late_at if due is None else min(due, late_at)
        self._due = due
        turn = Turn(self._messages, self._gaps, self._filled, questions, due)
        self._messages, self._gaps, self._filled = [], [], []
        return turn

    def _question(self, stream: str, hole: _Hole) -> Question:
        self._numbers += 1
        hole.asking, hole.ask_at = self._numbers, None
        return Question(stream, self._numbers, hole.past, hole.since if hole.last is None else hole.last)

    def _join(self, stream: str, hole: _Hole, now: float) -> None:
        """Deliver what waits, up to the next hole."""
        while hole.held:
            held = hole.held[0]
            if held.place is not None and self._is_anew(hole, held.place, held.payload):
                if not hole.carried:
                    return  # it is told once the stream is carried
                self._begins_anew(stream, hole, held.place)
            fresh = hole.is_new(held)
            if fresh and not (hole.skips or hole.follows(held)):
                if hole.refused is None:  # else it is told once the stream is carried
                    hole.ask_at = now if hole.ask_at is None or not hole.tries else hole.ask_at
                return
            if not held.repeats and (fresh or held.place is None):
                self._tell_filled(stream, hole, held.place)
                hole.skips, hole.tries = hole.skips and held.place is None, 0
            self._pop(stream, hole)
            if fresh and not held.repeats:
                hole.last = held.place
        if hole.live:
            hole.ask_at = None

    def _is_anew(self, hole: _Hole, place: Place, payload: Any) -> bool:
        """The exchange counts from the beginning again: a lower number than one before the loss, and yet younger."""
        if hole.before is None or place.order >= hole.before[0]:
            return False
        happened = moment_of(self._moment, payload)
        return happened is not None and happened > hole.before[1] + LATER

    def _begins_anew(self, stream: str, hole: _Hole, first: Place) -> None:
        """Nothing tells what is missing before the first of the new numbers."""
        self._tell_filled(stream, hole, None)
        self._report(stream, hole, first, BackfillFailed(stream, "the exchange numbers its messages anew"))
        hole.last = hole.before = None
        hole.skips = True

    def _again(self, stream: str, hole: _Hole, now: float) -> None:
        """The exchange has not told yet what must exist, as a live message comes behind it."""
        if hole.tries < len(_AGAIN):
            hole.ask_at = now + _AGAIN[hole.tries]
            hole.tries += 1
        else:
            self._give_up(stream, hole, BackfillFailed(stream, "the exchange does not tell what is missing"))

    def _give_up(self, stream: str, hole: _Hole, error: BinanceSocketsError) -> None:
        """Leave the hole as it is, and go on behind it; one that grows is told when the stream is carried again."""
        hole.asking = hole.ask_at = None
        hole.tries = 0
        if not hole.carried:
            hole.refused = error
            return
        hole.skips = True
        self._report(stream, hole, hole.first, error)

    def _report(self, stream: str, hole: _Hole, first: Place | None, error: BinanceSocketsError) -> None:
        self._gaps.append(self._gap(stream, hole.window, hole.last, first, hole.reason, error))

    def _tell_filled(self, stream: str, hole: _Hole, first: Place | None) -> None:
        """What was fetched has all been delivered; ``first`` comes live behind it."""
        if hole.fetched:
            last, hole.fetched = hole.filled, False
            before = self._untold.get(stream)
            self._untold[stream] = (last if before is None else before[0], first, hole.reason)
            if hole.carried:
                self._confirmed(stream, hole.window)

    @property
    def waiting(self) -> list[tuple[str, Any]]:
        """The live messages that wait, ``(stream, payload)``: of each stream in order."""
        return [(name, each.payload) for name, hole in self._holes.items() for each in hole.held]

    def so_far(self, streams: Iterable[str], window: tuple[float, float]) -> list[Gap]:
        """What was fetched of ``streams``, delivered, and is not told yet; also where the hole is still open."""
        gaps = []
        for name in streams:
            hole, untold = self._holes.get(name), self._untold.get(name)
            if hole is not None and hole.fetched:
                last = hole.filled if untold is None else untold[0]
                gaps.append(self._gap(name, hole.window or window, last, None, hole.reason, None))
            elif untold is not None:
                gaps.append(self._gap(name, window, *untold, None))
        return gaps

    def lacking(
        self, streams: Iterable[str], window: tuple[float, float], delivered: Callable[[str], Any]
    ) -> list[Gap]:
        """What is missing up to now of those of ``streams`` whose hole is open, for who wants them no more; all behind
        the payload that was ``delivered`` last, as what waits is not."""
        gaps = []
        for stream in streams:
            if (hole := self._holes.get(stream)) is not None:
                error = BackfillFailed(stream, "nobody wants the stream any more")
                place = place_of(hole.past, delivered(stream))
                if (gap := self._lacking(stream, hole, error, window, place)) is not None:
                    gaps.append(gap)
        return gaps

    def _confirmed(self, stream: str, window: tuple[float, float] | None) -> None:
        """When it was that what was fetched had been missed is known."""
        last, first, reason = self._untold.pop(stream)
        self._filled.append(self._gap(stream, window, last, first, reason, None))

    def _gap(
        self,
        stream: str,
        window: tuple[float, float] | None,
        last: Place | None,
        first: Place | None,
        reason: Reason,
        error: BinanceSocketsError | None,
    ) -> Gap:
        first_id = None if first is None else first.order
        ids = () if last is None else (StreamGap(stream, last.order, first_id),)
        span = window or (0.0, 0.0)
        return Gap(self._conn_key, (stream,), *span, reason, ids, error)


def place_of(past: Past, payload: Any) -> Place | None:
    """Where ``payload`` stands; ``None`` for one of another shape."""
    try:
        place = past.place(payload)
    except Exception:
        return None
    return place if isinstance(place.order, int) and isinstance(place.progress, int) else None
