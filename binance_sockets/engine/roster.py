"""What a connection shall carry, and the links that carry it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence, Set
from typing import NamedTuple

from ..errors import ConfigError
from ..events import State
from ..exchange import Group, Stream
from .link import Link
from .merging import Merge, pair_of
from .redundancy import twins_of
from .surroundings import Surroundings

__all__ = ["Decision", "Roster", "Totals"]

Decision = Callable[[], "tuple[Iterable[Stream], Iterable[str]]"]
"""``decide() -> (streams that are wanted, too; names that are not wanted any more)``. Fast, and free of locks."""

_GATHER = 0.05  # seconds in which changes are gathered, so that those made close together become one control frame
_CALM = 5.0  # seconds without a change after which half-empty links are merged: a change may be taken back
_LOOK = 0.1  # seconds between two looks at a merge


class Totals(NamedTuple):
    """Sums over links."""

    messages: int = 0
    reconnects: int = 0
    received: int = 0
    decode_errors: int = 0

    def plus(self, links: Iterable[Link]) -> Totals:
        """With those of ``links``."""
        rows = [self, *(_totals(link) for link in links)]
        return Totals(*map(sum, zip(*rows, strict=True)))


def _totals(link: Link) -> Totals:
    router, socket = link.router, link.current
    received = link.received if socket is None else socket.received
    return Totals(router.messages, max(0, link.sockets_opened - 1), received, router.decode_errors)


class Roster:
    """Spreads the wanted streams over links: fills those that are there, adds new ones, ends those that are empty, and
    merges those that have become half empty.

    Streams move from link to link in a :class:`Merge` alone, which neither doubles nor loses messages. Callers change
    the wanted set from any thread; all else is the connection's thread's, but that any thread may read the attributes.

    Args:
        streams: what is wanted at first.
        around: what the links share.

    Attributes:
        links: those that carry what is wanted. Replaced, never changed.
        sets: the same, those together that carry the same streams; one each as a rule.
        all: the same, and those that are ending.
        settled: every link is open, and every wanted stream confirmed or rejected; also set when that is in vain.
        due: when :meth:`apply` wants to be called, and
        merge_due: :meth:`advance` (monotonic seconds).
        awaited: what is wanted is not known yet; whoever sets it clears it before a later change.
    """

    def __init__(self, streams: Sequence[Stream], around: Surroundings) -> None:
        self._around = around
        self._lock = threading.Lock()  # guards the three below, and that ``settled`` fits them
        self._wanted = {stream.name: stream for stream in streams}
        self._changed = False
        self._anew: set[str] = set()
        self._made = 0
        self.settled = threading.Event()
        self.due: float | None = None
        self.merge_due: float | None = None
        self._merge: Merge | None = None
        self.awaited = False
        self._in_vain = 0  # merges in a row that were given up
        self._gone = Totals()  # of the links that have ended
        self.links: Sequence[Link] = []
        self.sets: Sequence[Sequence[Link]] = []
        self.all: Sequence[Link] = []
        self._have(self._made_for(around.exchange.split(streams)))
        self._run(self.links)

    def _made_for(self, groups: Iterable[Group]) -> list[list[Link]]:
        """New links, those that carry the same together."""
        links = []
        for group in groups:
            links.append(Link(self._made, group, self._around))
            self._made += 1
        return twins_of(links)

    def _have(self, sets: Sequence[Sequence[Link]]) -> None:
        self.sets = sets
        self.links = [link for links in sets for link in links]

    def _run(self, links: Sequence[Link]) -> None:
        self.all = links
        self._counted = links, self._gone

    # -- any thread --------------------------------------------------------------------------------------------------

    def change(self, decide: Decision, anew: Iterable[str] = ()) -> None:
        """Want other streams. Those that are wanted already stay as they are, but that those of ``anew`` are asked for
        once more. Never blocks.

        Args:
            decide: tells which are added and which removed. Decisions of several threads are made and carried out one
                behind the other, so that what one is made of needs no lock of its own.

        Raises:
            ConfigError: one of those removed is not wanted; then nothing changes.
            Exception: what ``decide`` raises.
        """
        with self._lock:
            added, removed = decide()
            removed = list(dict.fromkeys(removed))
            for name in removed:
                if name not in self._wanted:
                    raise ConfigError("streams", name, list(self._wanted), "This socket does not carry it")
            for name in removed:
                del self._wanted[name]
            for stream in added:
                self._wanted.setdefault(stream.name, stream)
            self._anew.update(anew)
            self._changed = True
            self.settled.clear()  # before anybody can ask

    def totals(self) -> Totals:
        """Sums over all links, also those that have ended. They never run backwards."""
        links, gone = self._counted  # in one look: each link is among these or those
        return gone.plus(links)

    # -- the connection's thread -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Nothing is started yet: what was changed before needs no control frames."""
        with self._lock:
            changed, self._changed, wanted = self._changed, False, list(self._wanted.values())
            self._anew.clear()
        if changed:
            self._made = 0
            groups = self._around.exchange.split(wanted) if wanted else [link.group for link in self.sets[0]]
            self._have(self._made_for(groups))
            self._run(self.links)
            if not wanted:
                for link in self.links:
                    link.change((), list(link.wanted), 0.0)

    @property
    def next_due(self) -> float | None:
        """When the first of the two is due."""
        return min((due for due in (self.due, self.merge_due) if due is not None), default=None)

    def gather(self, now: float) -> None:
        """Something was changed: more may come."""
        if self.due is None:
            self.due = now + _GATHER

    def apply(self, now: float) -> None:
        """Have the links carry what is wanted by now."""
        self.due = None
        self._give_up_merge(now)
        self._in_vain = 0  # it is not the links' doing
        with self._lock:
            wanted, self._changed = dict(self._wanted), False
            anew, self._anew = self._anew, set()
        carried = {name for link in self.links for name in link.wanted}
        added: Sequence[Stream] = [stream for name, stream in wanted.items() if name not in carried]
        for links in self.sets:
            removed = [name for name in links[0].wanted if name not in wanted]
            added = self._fill(links, added, removed, anew, now)
        if added:
            fresh = self._made_for(self._around.exchange.split(added))
            self._have([*self.sets, *fresh])
            started = [link for links in fresh for link in links]
            self._run([*self.all, *started])
            for link in started:
                link.start()
        self._retire(now)
        self.merge_due = now + self._calm if len(self.sets) > 1 else None
        self.look()

    def advance(self, now: float) -> bool:
        """Merge links that have become half empty. Returns whether streams have moved."""
        merge, moved = self._merge, False
        if merge is None:
            pair = pair_of(self.sets, self._around.exchange)
            if pair is None:  # perhaps as a link is not open, or something of it is still missing
                self.merge_due = now + self._calm if len(self.sets) > 1 else None
                return False
            merge = self._merge = Merge(*pair, self._around.label, now)
        elif merge.over(now):
            self._merge = None
        elif not merge.ending and merge.broken:
            self._give_up_merge(now)
        elif not merge.ending and merge.complete(now):
            merge.take_over(now)
            self._in_vain = 0
            self._have([links for links in self.sets if merge.old not in links])
            merge.old.stop(now)
            moved = True
        self.merge_due = now + (_LOOK if self._merge is not None else self._calm)
        return moved

    def left(self, now: float) -> None:
        """A link is open no more: a merge with it ends before it is back, as the streams stay where they were."""
        if self._merge is not None and not self._merge.ending and self._merge.broken:
            self._give_up_merge(now)
            self.merge_due = now + self._calm

    @property
    def _calm(self) -> float:
        """Seconds until the next merge: each that was given up makes it four times as long, up to hours."""
        return _CALM * 4.0 ** min(self._in_vain, 6)

    def _give_up_merge(self, now: float) -> None:
        """What is wanted has changed, or a link has: each keeps what it has."""
        if self._merge is not None and not self._merge.ending:
            self._merge.give_up(now)
            self._merge = None
            self._in_vain += 1

    def _fill(
        self, links: Sequence[Link], added: Sequence[Stream], removed: Sequence[str], anew: Set[str], now: float
    ) -> Sequence[Stream]:
        """Give ``links``, which carry the same, those of ``added`` that they have room for; returns the others. They
        ask once more for ``anew``."""
        link = links[0]
        kept = [stream for name, stream in link.wanted.items() if name not in removed]
        groups = self._around.exchange.split([*kept, *added]) if added else []
        own = next((group.streams for group in groups if group.endpoint == link.group.endpoint), ())
        joining = own[len(kept) :]
        if joining or removed or not anew.isdisjoint(link.wanted):
            for each in links:
                each.change(joining, removed, now, anew=anew)
        taken = {stream.name for stream in joining}
        return [stream for stream in added if stream.name not in taken]

    def _retire(self, now: float) -> None:
        """End the links that carry nothing; one stays, so that the connection lives."""
        before = self.links
        self._have([links for links in self.sets if links[0].wanted] or self.sets[:1])
        for link in [link for link in before if link not in self.links]:
            link.stop(now)

    def prune(self) -> None:
        """Forget the links that have ended; their counts stay."""
        if len(self.all) == len(self.links):
            return
        ended = [link for link in self.all if link.state is State.CLOSED and link not in self.links]
        self._gone = self._gone.plus(ended)
        self._run([link for link in self.all if link not in ended])

    def look(self) -> None:
        """Something has come to an end: all may be settled."""
        with self._lock:
            if not (self._changed or self.awaited) and self.whole:
                self.settled.set()

    @property
    def whole(self) -> bool:
        """Everything that is wanted comes over one link at least, or is rejected."""
        return all(any(link.ready for link in links) for links in self.sets)
