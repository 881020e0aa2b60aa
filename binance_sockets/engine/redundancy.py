"""Several links that carry the same streams deliver as one: the first copy of a message wins, and order is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..events import Reason, State
from ..exchange import Continuity, Position
from .continuity import Rules, position_of
from .websocket import WebSocket

if TYPE_CHECKING:
    from .link import Link

__all__ = ["Copies", "Twins", "twins_of"]

_MOST_HELD = 20_000  # messages of a stream that one link may be ahead of the others
_PATIENCE = 2.0  # seconds for which a link that is ahead waits for the others
_REMEMBERED = 1_000  # contents of a stream without an order that are told apart


class Copies:
    """One stream that several links bring. Sans-I/O; links are any hashable names.

    A link is *joined* once it has brought something that was delivered before: from there on it brings all, so that
    what is new may be delivered at once. What a link that is not joined brings ahead of the others waits until one of
    them has brought it, too, or none is left that could.
    """

    __slots__ = ("_contents", "_held", "_joined", "_last", "_rule", "_since")

    def __init__(self, rule: Continuity | None) -> None:
        self._rule = rule
        self._last: int | None = None
        self._contents: dict[Any, None] = {}  # of the last order; where there is none, the newest
        self._joined: set[Any] = set()
        self._held: dict[Any, deque[tuple[Position, Any]]] = {}
        self._since = 0.0  # since when something waits, where it does

    def came(self, link: Any, payload: Any, now: float) -> bool:
        """Whether what ``link`` brings is delivered now."""
        position = position_of(self._rule, payload)
        if self._has(position):
            self._joined.add(link)
            return False
        if link not in self._held and (link in self._joined or not self._joined):
            self._joined.add(link)
            self._brought(position)
            self._trim()
            return True
        if not self._held:
            self._since = now
        held = self._held.setdefault(link, deque())
        held.append((position, payload))
        if len(held) > _MOST_HELD and link not in self._joined:
            del self._held[link]  # the others still bring it
        return False

    def joined(self, link: Any) -> bool:
        """Nothing is missing between what ``link`` brings and what was delivered."""
        return link in self._joined

    def left(self, link: Any) -> None:
        """``link`` brings nothing more for now."""
        self._joined.discard(link)
        self._held.pop(link, None)

    @property
    def waiting(self) -> bool:
        """Something waits that may be delivered now."""
        return bool(self._held) and (not self._joined or any(link in self._joined for link in self._held))

    def overdue(self, now: float) -> bool:
        """Something waits for links that should have brought it long ago: they are cut off, and say nothing."""
        return bool(self._held) and now - self._since > _PATIENCE

    def give_up(self) -> None:
        """Wait no longer for those that bring what was delivered."""
        self._joined = self._joined & self._held.keys()

    def release(self) -> list[Any]:
        """What waits and is due, in order."""
        found = []
        for link in list(self._held):
            if self._joined and link not in self._joined:
                continue
            for position, payload in self._held.pop(link):
                if not self._has(position):
                    self._brought(position)
                    found.append(payload)
            self._joined.add(link)
        return found

    def _has(self, position: Position) -> bool:
        if position.order is None or position.order == self._last:
            return position.content in self._contents
        return self._last is not None and position.order < self._last

    def _brought(self, position: Position) -> None:
        if position.order is not None and position.order != self._last:
            self._last = position.order
            self._contents.clear()
        self._contents[position.content] = None
        if len(self._contents) > _REMEMBERED:
            del self._contents[next(iter(self._contents))]

    def _trim(self) -> None:
        """Forget what waits and has been delivered by now: whoever brought it is joined."""
        for link, held in list(self._held.items()):
            before = len(held)
            while held and self._has(held[0][0]):
                held.popleft()
            if len(held) < before:
                self._joined.add(link)
            if not held:
                del self._held[link]


class Twins:
    """The links of one group of streams where redundancy was asked for. On the connection's thread.

    Args:
        rules: the exchange's rule for each stream.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._links: list[Link] = []
        self._streams: dict[str, Copies] = {}

    def add(self, link: Link) -> None:
        """``link`` is one of them; before it starts."""
        self._links.append(link)
        link.twins = self
        link.router.delivery.twins = partial(self._pass, link)

    def _pass(self, link: Link, source: WebSocket, stream: str, payload: Any) -> bool:
        return self._copies(stream).came(link, payload, link.around.clock.monotonic())

    def _copies(self, stream: str) -> Copies:
        found = self._streams.get(stream)
        if found is None:
            found = self._streams[stream] = Copies(self._rules(stream))
        return found

    def advance(self, link: Link, now: float) -> None:
        """Something was read, or lost: deliver what waits no longer."""
        late = [name for name, copies in self._streams.items() if copies.overdue(now)]
        if late:
            for other in self._others(link):
                if other.current is not None:
                    other.losses.missed(Reason.STALE, other.current.safe_at, late, now)
            for name in late:
                self._streams[name].give_up()
        for name, copies in self._streams.items():
            if copies.waiting:
                link.router.release([(name, payload) for payload in copies.release()])

    def forgotten(self, names: Iterable[str]) -> None:
        """They are not wanted any more."""
        for name in names:
            self._streams.pop(name, None)

    def lost(self, link: Link, names: Iterable[str], safe_at: float) -> list[str]:
        """``link`` may miss what came behind ``safe_at``. Returns the streams that no other has had all the time."""
        names = list(names)
        others = [other for other in self._others(link) if other.state is State.OPEN]
        whole = any(other.whole_since is not None and other.whole_since <= safe_at for other in others)
        uncovered = []
        for name in names:
            copies = self._copies(name)
            copies.left(link)
            if not whole and not any(copies.joined(other) for other in others):
                uncovered.append(name)
        return uncovered

    def alone(self, link: Link) -> bool:
        """No other link is open, or about to be."""
        return not any(other.state in (State.OPEN, State.CONNECTING) for other in self._others(link))

    def _others(self, link: Link) -> Sequence[Link]:
        return [other for other in self._links if other is not link]


def twins_of(links: Iterable[Link]) -> list[list[Link]]:
    """The links by what they carry, in order; those that carry the same know each other from now on."""
    found: list[list[Link]] = []
    for link in links:
        if not link.group.copy:
            found.append([])
        found[-1].append(link)
    for same in found:
        if len(same) > 1:
            twins = Twins(same[0].rule)
            for link in same:
                twins.add(link)
    return found
