"""What one process may ask of an exchange, whoever in it asks: so many connects and calls in a time, none in a ban.

Exchanges count by address, so that all managers, and REST, share one :class:`Budget` for each venue. It is a book, and
never waits: who may not connect yet is told from when on, waits on a timer of its own, and asks again then.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Sequence
from urllib.parse import urlsplit

from ..events import BudgetSnapshot
from ..exchange import ConnectLimits, Rate
from ..proxy import is_loopback
from .allowance import Allowance, Quota

__all__ = ["LONGEST_BAN", "Budget", "Budgets", "allowed", "ban_seconds", "shared", "told_seconds"]

LONGEST_BAN = 3 * 86_400.0
"""Seconds of the longest ban that an exchange imposes; what asks for more is a mistake of some machine between."""

_SHORTEST_BAN = 120.0  # seconds, where an HTTP 418 does not tell
_SECONDS = re.compile(r"(?<![\d.])(\d{1,7}(?:\.\d{1,9})?)\s*(?:s|sec|secs|seconds?|초)(?![a-z])", re.IGNORECASE).findall
_BODY = 4096  # bytes in which it stands
_PATIENCE = 5.0  # seconds for which a moment is kept for who is late
_SPREAD = Rate(10, 1.0)  # attempts in a second, whatever the exchange allows: a mass drop is no burst of connects


def ban_seconds(status: int, retry_after: float | None) -> float:
    """For how many seconds an exchange that answered HTTP 429 or 418 wants to be left alone; 0 where it does not say.

    Args:
        status: of the answer.
        retry_after: what it asked for, if it did.
    """
    if retry_after is None:
        return _SHORTEST_BAN if status == 418 else 0.0
    return min(max(0.0, retry_after), LONGEST_BAN)


def told_seconds(body: bytes) -> float | None:
    """The seconds that the text of a refusal names, where no header does: ``Blocked for 30 seconds``.

    Args:
        body: of an HTTP answer 429 or 418.

    Returns:
        The longest time in it; ``None`` where there is none.
    """
    found = [float(each) for each in _SECONDS(body[:_BODY].decode("utf-8", "replace"))]
    return max(found, default=None)


class Budget:
    """The attempts to connect to one venue, what its limits leave for calls, and its ban. Any thread; no call waits, or
    reads a clock.

    Attempts that may not begin yet get a moment each, in the order in which they were asked for. A moment is a
    promise to be kept by whoever holds it: an attempt counts when it begins, and none begins above a rate.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards all below; held for a few instructions
        self._begun: list[float] = []  # in order, as far back as the longest period
        self._promised: dict[object, float] = {}
        self._rates: Sequence[Rate] = ()
        self._banned = (0, float("-inf"))  # the status that told of it, and until when (monotonic seconds)
        self._allowances: dict[Quota, Allowance] = {}

    def ask(self, owner: object, rates: Sequence[Rate], now: float) -> float | None:
        """Begin an attempt, or be told when to ask again.

        Args:
            owner: who asks; it has one moment at most.
            rates: at most so many attempts in such a time.
            now: monotonic seconds.

        Returns:
            ``None`` when the attempt may begin, which is counted; else the later moment from which it may.
        """
        with self._lock:
            rates = (*rates, _SPREAD) if rates else ()
            self._rates = rates
            mine = self._promised.pop(owner, None)
            self._forget(now)
            if mine is not None and now < mine and self._banned[1] <= mine:
                self._promised[owner] = mine
                return mine
            # Who holds a moment that has come does not stand behind those whose moments are still to come.
            came = mine is not None and mine <= now
            others = [] if came else self._promised.values()
            due = _free(sorted([*self._begun, *others]), rates, max(now, self._banned[1]))
            if due <= now:
                self._begun.append(now if not self._begun else max(now, self._begun[-1]))
                return None
            self._promised[owner] = due
            return due

    def leave(self, owner: object) -> None:
        """``owner`` will not ask again: its moment, if it has one, is free."""
        with self._lock:
            self._promised.pop(owner, None)

    def ban(self, status: int, seconds: float, now: float) -> None:
        """The exchange wants no call for so many seconds. One that ends earlier than a known one changes nothing."""
        with self._lock:
            if seconds > 0 and now + seconds > self._banned[1]:
                self._banned = (status, now + seconds)
                self._promised.clear()  # all are told anew, one behind the other from its end on

    def banned(self, now: float) -> tuple[int, float]:
        """The HTTP status that told of a ban, and the seconds that are left of it; 0 of none."""
        with self._lock:
            status, until = self._banned
        return status, max(0.0, until - now)

    def allowance(self, quota: Quota) -> Allowance:
        """What is used of one limit on calls."""
        with self._lock:
            found = self._allowances.get(quota)
            if found is None:
                found = self._allowances[quota] = Allowance(quota)
            return found

    def snapshot(self, now: float, wall: float) -> BudgetSnapshot:
        """What is used and left of it.

        Args:
            now: monotonic seconds.
            wall: seconds since the epoch, at the same time.
        """
        with self._lock:
            self._forget(now)
            longest = max(self._rates, key=lambda rate: rate.seconds, default=Rate(0, 0.0))
            used = len(self._begun)  # as far back as that
            until, waiting = self._banned[1], len(self._promised)
            allowances = dict(self._allowances)
        return {
            "used": used,
            "left": max(0, longest.count - used),
            "period": longest.seconds,
            "waiting": waiting,
            "banned_until": wall + (until - now) if until > now else None,
            "weights": {quota.name: found.snapshot(now) for quota, found in allowances.items()},
        }

    def _forget(self, now: float) -> None:
        """What is too long ago to count, and moments that nobody came for."""
        period = max((rate.seconds for rate in self._rates), default=0.0)
        while self._begun and self._begun[0] + period <= now:
            del self._begun[0]
        for owner in [owner for owner, moment in self._promised.items() if moment + _PATIENCE <= now]:
            del self._promised[owner]


def _free(taken: Sequence[float], rates: Sequence[Rate], now: float) -> float:
    """The first moment, from ``now`` and from the last that is taken on, at which one more keeps every rate."""
    full = [taken[-rate.count] + rate.seconds for rate in rates if len(taken) >= rate.count]
    return max([now, *taken[-1:], *full]) if rates else now


class Budgets:
    """The budgets by venue. Any thread; never waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: dict[str, Budget] = {}

    def of(self, venue: str, loopback: bool) -> Budget | None:
        """The one budget of a venue; ``None`` for this machine, which needs none, unless ``loopback`` asks for it.

        Args:
            venue: host, and port if any, that stands for it.
            loopback: whether this machine has one, too.
        """
        if not loopback and is_loopback(urlsplit(f"//{venue}").hostname or ""):
            return None
        with self._lock:
            return self._budgets.setdefault(venue, Budget())

    def snapshot(self, now: float, wall: float) -> dict[str, BudgetSnapshot]:
        """All of them, by venue."""
        with self._lock:
            budgets = dict(self._budgets)
        return {venue: budget.snapshot(now, wall) for venue, budget in budgets.items()}


def allowed(limits: ConnectLimits, share: float) -> tuple[Rate, ...]:
    """The part of an exchange's limits that this process uses: the rest is for others behind the same address."""
    return tuple(Rate(max(1, int(rate.count * share)), rate.seconds) for rate in limits.rates)


_shared = Budgets()


def shared() -> Budgets:
    """The budgets of this process."""
    return _shared


def _forget_parent() -> None:
    """A forked child is another process; and whoever held a lock has stayed behind."""
    global _shared
    _shared = Budgets()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parent)
