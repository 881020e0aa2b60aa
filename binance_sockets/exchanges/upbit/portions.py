"""What each conn key wants of the streams that many share on one connection, and what is handed on to it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any, NamedTuple

from .messages import Asked, Message
from .past import joined

__all__ = ["PATIENCE", "Portion", "Portions", "Preference"]

PATIENCE = 5.0  # seconds in which a snapshot comes, if there is one
_LATE = 20.0  # seconds in which another WebSocket may say what was told already
_BEGUN = 0  # less than the number of any list
_NOT_YET = float("inf")  # the number of a list that is not made yet


class Preference(str, Enum):
    """Which messages a callback wants."""

    #: what there is first, then what changes
    BOTH = "both"
    #: what there is, once; then the socket ends by itself
    SNAPSHOT_ONLY = "snapshot_only"
    #: what changes
    REALTIME_ONLY = "realtime_only"


class _Told(NamedTuple):
    """What was told of a stream otherwise than live.

    Args:
        contains: whether a message, or a later one, was.
        until: from when on a message that is newer ends it (monotonic seconds).
    """

    contains: Callable[[Message], bool]
    until: float


class Portion:
    """The callback of one conn key on a shared connection: hands on what belongs to it. On the connection's thread.

    A stream that others have already is asked for anew when it joins, so that its first message is the snapshot; the
    others do not see that one. What came before it belongs to the time before the subscription; so does, until the
    stream has begun, what a WebSocket brings whose list was made before. Behind a lost link each stream begins with a
    snapshot again.

    Args:
        names: of its streams, in order.
        callback: the user's.
        view: makes of a message what the callback receives.
        preference: which messages it wants.
        prime: it begins with what REST has: everything waits until that is given to :meth:`primed`.
        once: that is so at the begin alone, and not behind a lost link.
        take: what belongs to it of a message; ``None`` for nothing. Default: all of it.
        count: levels per side of an order book; ``None`` (default) for all that come.
        bodies: whether it wants the texts of announcements.
        backfill: whether it wants what was lost with a link.
        missing: called with the names whose snapshot has not come; then it goes on without, or is over.
        over: called when all its snapshots have come, where it wants nothing else.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        names: Iterable[str],
        callback: Callable[[Any], object],
        *,
        view: Callable[[Message], Any],
        preference: Preference,
        prime: bool = False,
        once: bool = False,
        take: Callable[[Message], Message | None] = lambda message: message,
        count: int | None = None,
        bodies: bool = False,
        backfill: bool = False,
        missing: Callable[[list[str]], object],
        over: Callable[[], object],
        clock: Callable[[], float],
    ) -> None:
        self.callback = self.__wrapped__ = callback  # by which a MessageStream is found
        self.preference = preference
        self.count = count
        self.bodies = bodies
        self.losses = 0
        """How often the link was lost."""
        self._prime = prime
        self._once = once
        self._view = view
        self._take = take
        self.backfill = backfill
        self.names: dict[str, float] = {}  # with the number of the first list that asked for each, until it has begun
        self._missing = missing
        self._over = over
        self._clock = clock
        self._lock = threading.Lock()  # guards that these and the six below fit each other; held for some instructions
        self._unprimed: dict[str, list[Message]] = {}  # streams that REST has not told of yet, and what waits
        self._asked: set[str] = set()  # those of them that REST is being asked about
        self._stale: dict[str, _Told] = {}  # whether REST was faster with a message
        self._older: dict[str, _Told] = {}  # whether the snapshot was
        self._fresh: dict[str, list[Message]] = {}  # streams that wait for their first snapshot, and what waits
        self._again: set[str] = set()  # streams that begin anew, behind a lost link
        self._due: dict[str, float] = {}  # until when the first snapshot is waited for
        self.__qualname__ = getattr(callback, "__qualname__", None) or repr(callback)  # for texts about the callback
        describe = getattr(callback, "book_snapshot", None)
        if describe is not None:
            self.book_snapshot = describe
        self.added(names)

    # -- what is wanted ----------------------------------------------------------------------------------------------

    def added(self, names: Iterable[str]) -> None:
        """It has these streams, too. Any thread."""
        with self._lock:
            fresh = [name for name in names if name not in self.names]
            self.names.update(dict.fromkeys(fresh, _NOT_YET))
            if self._prime:
                self._unprimed.update((name, []) for name in fresh)
            if self.preference is not Preference.REALTIME_ONLY:
                self._fresh.update((name, []) for name in fresh)

    def removed(self, names: Iterable[str]) -> None:
        """It has these streams no more. Any thread."""
        with self._lock:
            for name in names:
                self.names.pop(name, None)
                self._stale.pop(name, None)
                self._older.pop(name, None)
                self._forget(name)
            over = self.preference is Preference.SNAPSHOT_ONLY and not self._fresh
        if over:
            self._over()

    def _forget(self, name: str) -> None:
        self._fresh.pop(name, None)
        self._unprimed.pop(name, None)
        self._asked.discard(name)  # the answer to come is for the one that has left
        self._due.pop(name, None)
        self._again.discard(name)

    def asked(self, name: str, number: int) -> None:
        """The list of this number asks for a stream. On the connection's thread."""
        with self._lock:
            if self.names.get(name) == _NOT_YET:
                self.names[name] = number

    def awaits(self, name: str) -> bool:
        """Whether the next snapshot of a stream is for it."""
        return name in self._fresh or name in self._again

    def waiting(self, name: str) -> list[Message] | None:
        """What of a stream waits until REST has told what was before; ``None`` where nothing has to. It is the same
        list from when the stream is wanted until then."""
        return self._unprimed.get(name)

    # -- messages ----------------------------------------------------------------------------------------------------

    def __call__(self, message: Any) -> None:
        if not isinstance(message, Message):  # the last words of the connection
            self.callback(message)
            return
        name = message.name
        waiting = self._unprimed.get(name)
        if message.own:
            self._hand_on(message)
        elif waiting is not None:
            waiting.append(message)
        elif self._stale and self._was_told(self._stale, name, message):
            return
        elif message.snapshot:
            self._snapshot(name, message)
        elif message.backfilled:
            if self.backfill and name not in self._fresh:
                self._hand_on(message)
        elif self.preference is not Preference.SNAPSHOT_ONLY:
            held = self._fresh.get(name)
            if held is not None:
                held.append(message)
            elif self._is_own(name, message) and not (self._older and self._was_told(self._older, name, message)):
                if self.names.get(name) != _BEGUN:
                    with self._lock:
                        self._begins(name)
                self._again.discard(name)
                self._hand_on(message)

    def _was_told(self, told: dict[str, _Told], name: str, message: Message) -> bool:
        """It came otherwise already: what the next WebSocket says now, the one before may say later."""
        found = told.get(name)
        if found is None:
            return False
        if found.contains(message):
            return True
        if self._clock() >= found.until:
            told.pop(name, None)
        return False

    def _tell(self, told: dict[str, _Told], name: str, messages: Sequence[Message]) -> None:
        """From now on what ``messages`` contain is not told again."""
        contains = joined(messages, ())[1]
        if contains is not None:
            told[name] = _Told(contains, self._clock() + _LATE)

    def _is_own(self, name: str, message: Message) -> bool:
        """Its WebSocket was asked for the stream as this one wants it: a list before may bring no changes, or fewer
        levels."""
        asked, wanted = message.reading.asked, self.names.get(name, _NOT_YET)
        if not asked:  # every list was refused, and one counts all the same: an error says not what it is about
            return wanted == _BEGUN
        if asked[-1].number < wanted:
            return False
        if self.count is None or message.levels >= self.count:
            return True
        return all(each.counts.get(name) != message.levels for each in asked)  # then that is all that the market has

    def _begins(self, name: str) -> None:
        """From now on all is for it that the connection delivers, which tells what is missing; if it was asked for. The
        caller has the lock."""
        if self.names.get(name, _NOT_YET) != _NOT_YET:
            self.names[name] = _BEGUN

    def _snapshot(self, name: str, message: Message) -> None:
        with self._lock:
            if not self.awaits(name) or not self._is_own(name, message):
                return
            self._begins(name)
            self._forget(name)
            self._tell(self._older, name, [message])
            over = self.preference is Preference.SNAPSHOT_ONLY and not self._fresh
        try:
            self._hand_on(message)
        finally:
            if over:
                self._over()

    def _hand_on(self, message: Message) -> None:
        mine = self._take(message)
        if mine is not None:
            self.callback(self._view(mine))

    # -- the link ----------------------------------------------------------------------------------------------------

    def lost(self, release: Callable[[Message], object]) -> None:
        """The link is lost: each stream begins anew on the next one. ``release`` takes what has waited for REST."""
        late: list[Message] = []
        with self._lock:
            self.losses += 1
            self._older.clear()
            self._due.clear()
            for held in self._fresh.values():
                held.clear()
            if self.preference is Preference.BOTH:
                self._again = {name for name in self.names if name not in self._fresh}
            self._asked.clear()  # the answers to come are for the link that is lost
            if self._prime and not self._once:
                late = [message for waiting in self._unprimed.values() for message in waiting]
                self._unprimed = {}
        for message in late:
            release(message)
        if self._prime and not self._once:
            with self._lock:
                self._unprimed = {name: [] for name in self.names}

    def unprimed(self) -> list[str]:
        """Streams about which REST is to be asked now; each is said once. Not before the exchange is asked for them:
        between what REST tells and what comes live nothing may be missing."""
        with self._lock:
            names = [name for name in self._unprimed if name not in self._asked and self.names[name] != _NOT_YET]
            self._asked.update(names)
        return names

    def primed(
        self,
        name: str,
        found: Sequence[Message],
        release: Callable[[Message], object],
    ) -> None:
        """REST has told what there was of a stream; or nothing, where it could not be asked.

        Args:
            name: of the stream.
            found: what it has told.
            release: takes what is to be delivered.
        """
        with self._lock:
            waiting = self._unprimed.pop(name, None)
            self._asked.discard(name)
            if waiting is None:  # it was asked for a link that is lost, or is wanted no more
                return
            live = [each for each in waiting if not each.snapshot and (self.backfill or not each.backfilled)]
            before = joined(found, live)[0]
            if before:
                self._tell(self._stale, name, before)
                self._fresh.pop(name, None)
                self._due.pop(name, None)
                if self.preference is Preference.BOTH:  # REST may be behind what the snapshot tells
                    self._again.add(name)
        for message in before:
            message.own = True
            release(message)
        for message in waiting:
            release(message)

    def settled(self) -> float | None:
        """All is asked for: snapshots should come soon. Returns the seconds after which to call :meth:`expire`."""
        with self._lock:
            fresh = [name for name in self._fresh if name not in self._due and self.names[name] != _NOT_YET]
            due = self._clock() + PATIENCE
            self._due.update(dict.fromkeys(fresh, due))
            for name in self.names:
                self._begins(name)
        return PATIENCE if fresh else None

    def expire(self, release: Callable[[Message], object]) -> None:
        """Time is over: go on without the snapshots that have not come. ``release`` takes what has waited for them."""
        with self._lock:
            now = self._clock()
            late = [name for name, due in self._due.items() if due <= now]
            held = [message for name in late for message in self._fresh[name]]
            for name in late:
                self._fresh.pop(name, None)
                self._due.pop(name, None)
                if self.preference is Preference.BOTH:  # it may still come, if nothing changes before
                    self._again.add(name)
            over = self.preference is Preference.SNAPSHOT_ONLY and bool(late) and not self._fresh
        if late:  # first: the callback may stop the socket in one of these
            self._missing(late)
        for message in held:
            release(message)
        if over:
            self._over()


class Portions:
    """Who wants what of one shared connection.

    Args:
        wanting: the callbacks that want a stream. Any thread.
    """

    def __init__(self, wanting: Callable[[str], Iterable[object]]) -> None:
        self._wanting = wanting
        self._numbers = itertools.count(1)

    def _of(self, name: str) -> list[Portion]:
        return [each for each in self._wanting(name) if isinstance(each, Portion)]

    def snapshot_of(self, name: str, first: bool) -> bool:
        """Whether somebody wants to know what there is of a stream; ``first``: it is not carried yet. A past that comes
        over REST has to reach it."""
        found = self._of(name)
        return any(
            each.awaits(name) or each.waiting(name) is not None or (first and each.preference is Preference.BOTH)
            for each in found
        )

    def ask(self, names: Iterable[str]) -> Asked:
        """A list of these is about to be made, as they are wanted by now."""
        number, counts = next(self._numbers), {}
        for name in names:
            found = self._of(name)
            counts[name] = _most(found)
            for each in found:
                each.asked(name, number)
        return Asked(number, counts)

    def changes_of(self, name: str) -> bool:
        """Whether somebody wants what changes."""
        return any(each.preference is not Preference.SNAPSHOT_ONLY for each in self._of(name))

    def bodies(self, name: str) -> bool:
        """Whether somebody wants the texts of announcements."""
        return any(each.bodies for each in self._of(name))

    def fills(self, name: str) -> bool:
        """Whether somebody wants what a stream has missed."""
        return any(each.backfill for each in self._of(name))


def _most(portions: Iterable[Portion]) -> int | None:
    """The most levels that one of these wants of an order book; ``None`` for all."""
    counts = [each.count for each in portions]
    return None if None in counts else max((count for count in counts if count is not None), default=None)
