"""What one process may ask of an exchange over REST in a time, by the weight of its calls, whoever in it asks.

All managers share one :class:`Allowance` for each limit of a venue; see :mod:`.budget`. Calls that can wait stand in
line. Each purpose (order books, back-fill, ...) has a part that no other one can use up, and those that wait are served
in turn, by weight (start-time fair queueing), so that whoever comes later does not hold back for long who is there. It
is a book, and never waits: who may not ask yet is told when to come again.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..events import WeightSnapshot

if TYPE_CHECKING:
    from .budget import Budget

__all__ = ["Allowance", "Claim", "Quota"]

_PATIENCE = 15.0  # seconds for which a place in the line is kept for who is late
_AT_ONCE = "at once"  # the purpose of calls that stand in no line
_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Quota:
    """What an exchange allows, and how much of it this process takes.

    Args:
        venue: host, and port if any, that stands for it.
        name: of the limit there.
        each: weight that calls of one purpose which can wait use in any ``seconds``.
        most: likewise, of all purposes together.
        limit: weight that no call goes beyond, with what the exchange has told of others behind the same address;
            infinite where no document says.
        seconds: in which the exchange counts.
    """

    venue: str
    name: str
    each: int
    most: int
    limit: float
    seconds: float


@dataclass(slots=True)
class _Waiting:
    """A place in the line: ``start`` is how much each purpose has used when it is its turn."""

    purpose: str
    start: float
    weight: float
    due: float = _NEVER


class Allowance:
    """What is used of a quota, and who waits for it. Any thread; no call waits, or reads a clock.

    Args:
        quota: what may be used.
    """

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._lock = threading.Lock()  # guards all below; held for a few instructions
        self._spent: deque[tuple[float, str, float]] = deque()  # when, what for, how much; as long as it counts
        self._told = (0.0, _NEVER, _NEVER)  # weight used, when that was asked, and until when it counts
        self._closed = _NEVER
        self._line: dict[object, _Waiting] = {}  # in the order of their coming
        self._turn = 0.0  # the start of the last call that was served
        self._ends: dict[str, float] = {}  # where the next call of a purpose starts

    def take(self, owner: object, purpose: str, weight: int, now: float) -> float:
        """Spend ``weight`` where it is the owner's turn, or stand in line.

        Args:
            owner: who asks; it has one place in the line at most.
            purpose: what for; purposes share evenly what is left.
            weight: of the call. One dearer than what a purpose may use goes when nothing else was spent on that.
            now: monotonic seconds.

        Returns:
            0 when the call may be made, which is counted; else the seconds after which to ask again.
        """
        with self._lock:
            self._forget(now)
            mine = self._line.get(owner)
            if mine is None:
                mine = self._line[owner] = self._place(purpose, min(weight, self._quota.each))
            own, others = self._before(mine)
            mine.due = max(
                self._open(own + others, now),
                self._free(own + others, self._quota.most, now),
                self._free(own, self._quota.each, now, purpose),
            )
            if mine.due > now:
                return mine.due - now
            del self._line[owner]
            self._turn = max(self._turn, mine.start)
            self._spent.append((now, purpose, weight))
            return 0.0

    def pay(self, weight: int, now: float) -> float:
        """Spend ``weight`` on a call that somebody waits for: it stands in no line, and may use all of the limit.

        Returns:
            0 when the call may be made, which is counted; else the seconds until it might be.
        """
        with self._lock:
            self._forget(now)
            due = max(self._open(weight, now), self._free(min(weight, self._quota.limit), self._quota.limit, now))
            if due > now:
                return due - now
            self._spent.append((now, _AT_ONCE, weight))
            return 0.0

    def leave(self, owner: object) -> None:
        """``owner`` will not ask again: its place in the line, if it has one, is free."""
        with self._lock:
            self._line.pop(owner, None)

    def told(self, used: int, asked: float, now: float) -> None:
        """The exchange has told how much of the limit is used, by whomever.

        Args:
            used: weight.
            asked: when the call was sent that was answered so; what was spent later is not in it.
            now: when the answer came.
        """
        with self._lock:
            if asked >= self._told[1]:
                self._told = (used, asked, now + self._quota.seconds)

    def refused(self, seconds: float, now: float) -> None:
        """The exchange has refused a call as one too many: there is nothing left for so long, or, where it does not say
        (0), in this window."""
        with self._lock:
            self._closed = max(self._closed, now + (seconds or self._quota.seconds))

    def snapshot(self, now: float) -> WeightSnapshot:
        """What is used and left of it at a moment, in monotonic seconds."""
        quota = self._quota
        with self._lock:
            self._forget(now)
            mine, known = self._sum(), self._known(now)
            left = 0.0 if self._closed > now else min(quota.most - mine, quota.limit - known)
            return {
                "used": int(max(mine, known)),
                "left": max(0, int(left)),
                "period": quota.seconds,
                "waiting": len(self._line),
            }

    def _forget(self, now: float) -> None:
        """What is too long ago to count, and places that nobody came for."""
        while self._spent and self._spent[0][0] + self._quota.seconds <= now:
            self._spent.popleft()
        for owner in list(self._line):
            if _NEVER < self._line[owner].due <= now - _PATIENCE:
                del self._line[owner]

    def _sum(self, since: float = _NEVER) -> float:
        return sum(weight for at, _, weight in self._spent if at > since)

    def _known(self, now: float) -> float:
        """What is used by whomever, as far as the exchange has told; 0 where that is too long ago."""
        used, asked, until = self._told
        return used + self._sum(asked) if until > now else 0.0

    def _place(self, purpose: str, weight: float) -> _Waiting:
        """Behind the last one of its purpose; one that has used nothing lately gains no more by it than its turn."""
        start = max(self._turn, self._ends.get(purpose, 0.0))
        self._ends[purpose] = start + weight
        return _Waiting(purpose, start, weight)

    def _before(self, mine: _Waiting) -> tuple[float, float]:
        """The weight of a place and of those of its purpose before it; and of others, as far as their parts allow."""
        before, reached = defaultdict[str, float](float), False
        for place in self._line.values():
            reached = reached or place is mine
            if place.start < mine.start or (place.start == mine.start and (place is mine or not reached)):
                before[place.purpose] += place.weight
        own = before.pop(mine.purpose)
        left = dict.fromkeys(before, float(self._quota.each))
        for _, purpose, weight in self._spent:
            if purpose in left:
                left[purpose] -= weight
        return own, sum(max(0.0, min(weight, left[purpose])) for purpose, weight in before.items())

    def _open(self, need: float, now: float) -> float:
        """The first moment from which ``need`` may be spent, by what the exchange has told."""
        full = self._known(now) + need > self._quota.limit
        return max(now, self._closed, self._told[2] if full else _NEVER)

    def _free(self, need: float, most: float, now: float, purpose: str = "") -> float:
        """The first moment from which ``need`` more is no more than ``most``, of one purpose or of all."""
        due, counts = now, [(at, weight) for at, each, weight in self._spent if purpose in ("", each)]
        beyond = sum(weight for _, weight in counts) + need - most
        for at, weight in counts:
            if beyond <= 0:
                return due
            due = at + self._quota.seconds
            beyond -= weight
        # Those before have first to spend theirs, and to wait until it counts no more.
        return now + self._quota.seconds if beyond > 0 else due


class Claim:
    """What one caller wants of a quota, again and again. Any thread; never waits.

    Args:
        budget: the venue's; looked up anew each time, as a fork may change it.
        quota: what it is taken of.
        purpose: what for.
        weight: of one call.
        clock: monotonic seconds.

    Attributes:
        line: the same for all that wait for each other.
    """

    __slots__ = ("_budget", "_clock", "_purpose", "_quota", "_weight", "line")

    def __init__(
        self, budget: Callable[[], Budget], quota: Quota, purpose: str, weight: int, clock: Callable[[], float]
    ) -> None:
        self._budget = budget
        self._quota = quota
        self._purpose = purpose
        self._weight = weight
        self._clock = clock
        self.line = (quota, purpose)

    def take(self) -> float:
        """Seconds until a call may be made; 0 where it may be made now, which is counted."""
        budget, now = self._budget(), self._clock()
        _, banned = budget.banned(now)
        return banned or budget.allowance(self._quota).take(self, self._purpose, self._weight, now)

    @property
    def banned(self) -> bool:
        """The exchange wants no call, perhaps for days."""
        return self._budget().banned(self._clock())[1] > 0

    def leave(self) -> None:
        """No call is wanted any more."""
        self._budget().allowance(self._quota).leave(self)
