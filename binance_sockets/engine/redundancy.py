"""Several links that carry the same streams deliver as one: the first copy of a message wins, and order is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..events import Reason, State
from ..exchange import Continuity, Position
from .continuity import LATER, Misfit, Rules, moment_of, position_of
from .websocket import WebSocket

if TYPE_CHECKING:
    from .link import Link

__all__ = ["Copies", "Twins", "twins_of"]

_MOST_HELD = 20_000  # messages of a stream that one link may be ahead of the others
_PATIENCE = 2.0  # seconds for which a link that is ahead waits for the others
_ON_ITS_WAY = 1.0  # seconds that a message may need from the exchange
_SILENT = 60.0  # seconds without a new one after which that is taken for granted, where no message tells its time
_NEVER = float("inf")
_REMEMBERED = 20_000  # contents of a stream without an order that are told apart: one link may be seconds behind


class Copies:
    """One stream that several links bring. Sans-I/O; links are any hashable names.

    A link is *joined* once it has brought something that was delivered before: from there on it brings all, so that
    what is new may be delivered at once. What a link that is not joined brings ahead of the others waits until one of
    them has brought it, too, or none is left that could.

    Args:
        rule: how its messages follow each other.
        clock: tells monotonic seconds.

    Attributes:
        whole_since: from then on nothing is missing between what was delivered: what none of them had before is not
            known to those that are joined.
        newest: the payload of the greatest order that was delivered; ``None`` where there is none.
        dropped: what waited of the last link to bring something was too much, and is forgotten; who looks clears it.
        rests: seconds since something new was delivered, when the last message was dropped for its lower order; else 0.
    """

    __slots__ = (
        "_clock", "_contents", "_delivered_at", "_doubted", "_held", "_joined", "_last", "_progress", "_rule", "_since",
        "dropped", "newest", "rests", "whole_since",
    )  # fmt: skip

    def __init__(self, rule: Continuity | None, clock: Callable[[], float]) -> None:
        self._rule = rule
        self._clock = clock
        self.whole_since = float("-inf")
        self._last: int | None = None
        self.newest: Any = None
        self._progress = 0  # within the last order
        self._contents: dict[Any, None] = {}  # of the last order; where there is none, the newest
        self._joined: set[Any] = set()
        self._doubted: set[Any] = set()  # those that were waited for in vain
        self._held: dict[Any, deque[tuple[Position, Any]]] = {}
        self._since: float | None = None  # since when something was seen to wait
        self._delivered_at = clock()
        self.rests = 0.0
        self.dropped = False

    def came(self, link: Any, payload: Any) -> bool:
        """Whether what ``link`` brings is delivered now."""
        position = position_of(self._rule, payload)
        self.rests = 0.0
        if self._has(position):
            if position.order not in (None, self._last):
                self.rests = self._clock() - self._delivered_at
            if not isinstance(position.content, Misfit):
                self._joined.add(link)
                self._doubted.discard(link)
            return False
        if link not in self._held and (link in self._joined or not self._joined):
            if not self._joined:
                self.begins()
            self._joined.add(link)
            self._brought(position, payload)
            self._trim()
            return True
        held = self._held.setdefault(link, deque())
        held.append((position, payload))
        if len(held) > _MOST_HELD and link not in self._joined:
            del self._held[link]  # the others still bring it, if they live
            self.dropped = True
        return False

    def begins_anew(self, link: Any, payload: Any) -> None:
        """The exchange counts from the beginning again: ``link`` has brought the first of that, which is delivered."""
        self._last = None
        self._contents.clear()
        self._held.clear()
        self.begins()
        self._joined = {link}
        self._brought(position_of(self._rule, payload), payload)

    def joined(self, link: Any) -> bool:
        """Nothing is missing between what ``link`` brings and what was delivered."""
        return link in self._joined

    def begins(self) -> None:
        """What comes from now on need not follow what was delivered before, if anything was."""
        if self._last is not None or self._contents:
            self.whole_since = self._clock()

    def left(self, link: Any) -> None:
        """``link`` brings nothing more for now."""
        self._joined.discard(link)
        self._doubted.discard(link)
        self._held.pop(link, None)

    @property
    def waiting(self) -> bool:
        """Something waits that may be delivered now."""
        return bool(self._held) and (not self._joined or any(link in self._joined for link in self._held))

    @property
    def holds(self) -> bool:
        """Something waits."""
        return bool(self._held)

    def overdue(self, now: float) -> bool:
        """Something waits for links that should have brought it long ago: they are cut off, and say nothing.

        Asked again and again while something waits.
        """
        if not self._held:
            self._since = None
        elif self._since is None:
            self._since = now
        return self._since is not None and now - self._since > _PATIENCE

    def give_up(self) -> set[Any]:
        """Wait no longer for those that bring what was delivered; returns those that are silent."""
        silent = self._joined - self._held.keys()
        self._doubted |= silent
        self._joined -= silent
        return silent

    @property
    def brought(self) -> bool:
        """A link brings all of it."""
        return bool(self._joined)

    def rely(self, links: Iterable[Any]) -> None:
        """``links`` have had the stream all the time: others wait for them, though they may not have brought it yet."""
        self._joined.update(links)

    def trusts(self, link: Any) -> bool:
        """``link`` is not one that should have brought something long ago."""
        return link not in self._doubted

    def release(self) -> list[Any]:
        """What waits and is due, in order."""
        found = []
        if not self._joined:
            self.begins()
        for link in list(self._held):
            if self._joined and link not in self._joined:
                continue
            for position, payload in self._held.pop(link):
                if not self._has(position):
                    self._brought(position, payload)
                    found.append(payload)
            self._joined.add(link)
        return found

    def _has(self, position: Position) -> bool:
        if position.order is None:
            return position.content in self._contents
        if position.order == self._last:
            return position.progress < self._progress or position.content in self._contents
        return self._last is not None and position.order < self._last

    def _brought(self, position: Position, payload: Any) -> None:
        self._delivered_at = self._clock()
        if position.order is not None:
            self.newest = payload
            if position.order != self._last:
                self._last = position.order
                self._contents.clear()
            self._progress = position.progress
        self._contents[position.content] = None
        if len(self._contents) > _REMEMBERED:
            del self._contents[next(iter(self._contents))]

    def _trim(self) -> None:
        """Forget what waits and has been delivered by now: whoever brought it is joined."""
        for link, held in list(self._held.items()):
            while held and self._has(held[0][0]):
                if not isinstance(held.popleft()[0].content, Misfit):
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
        self._holding: dict[str, None] = {}  # those of which something waits, or waited lately, in order

    def add(self, link: Link) -> None:
        """``link`` is one of them; before it starts."""
        self._links.append(link)
        link.twins = self
        link.router.delivery.twins = partial(self._pass, link)

    def _pass(self, link: Link, source: WebSocket, stream: str, payload: Any) -> bool:
        copies = self._copies(stream)
        if copies.came(link, payload):
            return True
        if copies.holds:
            self._holding[stream] = None
        if copies.dropped:
            copies.dropped = False
            link.since[stream] = link.around.clock.monotonic()
        if copies.rests <= LATER or not self._is_anew(copies, payload):
            return False
        if not any(each.losses.awaits(stream) for each in self._links):  # else that gap is told with what comes now
            now = link.around.clock.monotonic()
            link.losses.missed(Reason.STALE, now - copies.rests - _ON_ITS_WAY, [stream], now)
        copies.begins_anew(link, payload)
        return True

    def _is_anew(self, copies: Copies, payload: Any) -> bool:
        """It is younger than what was delivered, though its order is lower: else what comes now were dropped for ever,
        once an exchange was set up anew."""
        read = self._links[0].around.exchange.moment
        known, happened = moment_of(read, copies.newest), moment_of(read, payload)
        return copies.rests > _SILENT if known is None or happened is None else happened > known + LATER

    def _copies(self, stream: str) -> Copies:
        found = self._streams.get(stream)
        if found is None:
            found = self._streams[stream] = Copies(self._rules(stream), self._links[0].around.clock.monotonic)
        return found

    def advance(self, link: Link, now: float) -> None:
        """Something was read, or lost: deliver what waits no longer."""
        if not self._holding:
            return
        late = [name for name in self._holding if self._streams[name].overdue(now)]
        if late:
            self._give_up(late, now)
        for name in list(self._holding):
            copies = self._streams[name]
            if copies.waiting:
                link.router.release([(name, payload) for payload in copies.release()])
            if not copies.holds:
                copies.overdue(now)  # which forgets since when
                self._holding.pop(name, None)

    def _give_up(self, names: Iterable[str], now: float) -> None:
        """Wait no longer: what those that are silent should have brought since their last sign of it is missing: a link
        that is cut off has not brought it, nor one whose exchange has forgotten it."""
        missed: dict[tuple[Link, WebSocket], list[str]] = {}
        for name in names:
            silent = self._streams[name].give_up()
            found = [(link, link.current) for link in self._links if link in silent and link.current is not None]
            if found:
                missed.setdefault(max(found, key=lambda each: each[1].safe_at), []).append(name)
        for (link, socket), missing in missed.items():
            link.losses.missed(Reason.STALE, link.listing.safe_at(socket, missing), missing, now)

    def forgotten(self, names: Iterable[str]) -> None:
        """They are not wanted any more."""
        for name in names:
            self._streams.pop(name, None)
            self._holding.pop(name, None)

    def lost(self, link: Link, names: Iterable[str], safe_at: float) -> list[str]:
        """``link`` may miss what came behind ``safe_at``. Returns the streams that no other has had all the time."""
        names = list(names)
        others = [other for other in self._others(link) if other.state is State.OPEN]
        uncovered = []
        for name in names:
            copies = self._copies(name)
            copies.left(link)
            covering = [other for other in others if copies.trusts(other) and other.since.get(name, _NEVER) <= safe_at]
            copies.rely(covering)
            joined = copies.whole_since <= safe_at and any(copies.joined(other) for other in others)
            if not covering and not joined:
                uncovered.append(name)
        return uncovered

    def wanted_elsewhere(self, link: Link, name: str) -> bool:
        """Another link was not refused the stream."""
        sockets = [other.current for other in self._others(link)]
        return any(socket is None or name not in socket.subscriptions.rejected for socket in sockets)

    def settled(self, link: Link, now: float) -> None:
        """All is answered on ``link``: what others have lost, and it brings, is over, though they are not back yet."""
        for other in self._others(link):
            self._takes_over(link, other, now)
        self.relies(link)

    def go_on(self, link: Link, now: float) -> None:
        """``link`` has lost something: what another one brings by now is over."""
        for other in self._others(link):
            if other.state is State.OPEN and self._takes_over(other, link, now):
                self.relies(other)

    def _takes_over(self, link: Link, other: Link, now: float) -> bool:
        """What ``other`` has lost, and ``link`` brings, is over; tells whether there was any."""
        names = [name for name in other.losses.names if name in link.since]
        if names:
            link.losses.take_over(other.losses, names)
            link.losses.resumed(now, now)
        return bool(names)

    def relies(self, link: Link) -> None:
        """From now on ``link`` brings all; of streams that nobody else brings, others wait for it."""
        for name in link.since:
            copies = self._copies(name)
            if not copies.brought:
                copies.begins()
                copies.rely([link])

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
