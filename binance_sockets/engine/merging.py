"""Two half-empty links become one: streams are carried by both for a while; none is lost, doubled or reordered."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..events import Reason, State
from ..exchange import Exchange
from .continuity import LAG, Overlap
from .websocket import WebSocket

if TYPE_CHECKING:
    from .link import Link

__all__ = ["Merge", "pair_of"]

log = logging.getLogger("binance_sockets.connection")

_GRACE = 5.0  # seconds in which a lively stream should be seen on both links
_LAST = 5.0  # seconds for which copies of what the old link brought may still come from the other
_ROOM = 3  # what is merged leaves room for one of so many, so that the next streams need no new link


def pair_of(sets: Sequence[Sequence[Link]], exchange: Exchange) -> tuple[Link, Link] | None:
    """Two links that would fit on one with room to spare: the one that ends, and the one that takes its streams.

    Links of redundant streams are not merged: each of them stands in for another.
    """
    lone = sorted((links[0] for links in sets if len(links) == 1), key=lambda link: (len(link.wanted), -link.index))
    for number, old in enumerate(lone):
        for into in lone[number + 1 :]:
            if old.wanted and old.group.endpoint == into.group.endpoint:
                together = [*into.wanted.values(), *old.wanted.values()]
                spare = together[: -(-len(together) // _ROOM)]
                if _ready(old) and _ready(into) and len(exchange.split([*together, *spare])) == 1:
                    return old, into
    return None


def _ready(link: Link) -> bool:
    """Nothing is under way on the link that a merge would have to wait for."""
    return link.ready and link.succession is None and not link.losses.open and link.twins is None


class Merge:
    """The streams of ``old`` move to ``into``. On the connection's thread.

    ``old`` leads until it is cut: what ``into`` brings of its streams is dropped or waits, as while two WebSockets of
    one link overlap. So giving up costs nothing: ``old`` goes on alone.

    Args:
        old: ends when ``into`` surely brings everything.
        into: takes its streams.
        label: of the connection, for the log.
        now: monotonic seconds.
    """

    def __init__(self, old: Link, into: Link, label: str, now: float) -> None:
        assert old.current is not None and into.current is not None, "both are open"
        self.old = old
        self.into = into
        self._label = label
        self._moved = dict(old.wanted)
        self._sockets = (old.current, into.current)
        self._settled_at: float | None = None
        self._unmet: dict[str, float] = {}  # since when ``into`` alone has brought something of these
        self._until: float | None = None  # of the copies that may still come, once ``old`` has ended
        moment, waiting = old.around.exchange.moment, old.losses.waiting
        self._overlap = Overlap(old.current, old.router.stats, old.rule, now - _GRACE, moment, waiting)
        old.router.delivery.merge = self._lead
        into.router.delivery.merge = self._pass
        into.change(self._moved.values(), (), now, moved=True)
        log.info("%s: %d streams of link %d move to link %d", label, len(self._moved), old.index, into.index)

    def _lead(self, source: WebSocket, stream: str, payload: Any) -> bool:
        # Whatever WebSocket ``old`` has by now: what it brings is delivered, else it would be lost with the merge.
        return self._overlap(self._sockets[0], stream, payload)

    def _pass(self, source: WebSocket, stream: str, payload: Any) -> bool:
        return stream not in self._moved or self._overlap(source, stream, payload)

    @property
    def ending(self) -> bool:
        """``old`` has ended."""
        return self._until is not None

    @property
    def broken(self) -> bool:
        """One of the two is not what it was: ``old`` is to go on alone."""
        links, overlap = (self.old, self.into), self._overlap
        changed = any(
            link.current is not socket or link.state is not State.OPEN or link.succession is not None
            for link, socket in zip(links, self._sockets, strict=True)
        )
        refused = any(name in self._sockets[1].subscriptions.rejected for name in self._moved)
        missing = any(link.losses.open for link in links)  # to be told, or filled, where the streams were
        return changed or refused or missing or overlap.full

    def complete(self, now: float) -> bool:
        """All that comes from now on comes over ``into``, and all that came before has been delivered or waits."""
        old, into = self._sockets
        if not into.subscriptions.settled:
            return False
        if self._settled_at is None:
            self._settled_at = now
        # What happened before ``into`` had its streams has been read from ``old``, whose host may be behind; where a
        # stream is lively that shows.
        if old.safe_at <= self._settled_at + LAG:
            return False
        self._unmet = {name: self._unmet.get(name, now) for name in self._overlap.unmet}
        met = all(old.safe_at > since for since in self._unmet.values())  # else ``old`` may still bring it
        return self._overlap.joined or (met and now >= self._settled_at + _GRACE)

    def take_over(self, now: float) -> None:
        """``into`` brings the streams from now on; ``old`` is to be stopped by the caller."""
        forgotten = self._forgotten()
        held = self._overlap.release()
        self._until = now + _LAST
        self.old.router.delivery.merge = None
        self.into.router.adopt(self.old.router, self._moved)
        self.into.asking.moved()
        if forgotten:
            old = self._sockets[0]
            safe_at = min(old.safe_at, self.old.listing.carried_at(old))
            self.into.losses.missed(Reason.FORGOTTEN, safe_at, forgotten, now)
        behind = self.into.router.delivery.behind_merge
        self.into.router.release(each for each in held if behind is None or behind(self._sockets[1], *each))

    def _forgotten(self) -> list[str]:
        """What the exchange has most likely ceased to bring over ``old``: its silence tells, or its list."""
        found = {*self._overlap.unmet, *self._sockets[0].subscriptions.doubted}
        return self._overlap.apart(name for name in self._moved if name in found)

    def over(self, now: float) -> bool:
        """No copy can come any more; the links are as if there had been no merge."""
        if self._until is None or (now < self._until and not self._overlap.over):
            return False
        self.into.router.delivery.merge = None
        return True

    def give_up(self, now: float) -> None:
        """``old`` goes on alone."""
        log.info("%s: link %d goes on alone, as it cannot be merged now", self._label, self.old.index)
        self.old.router.delivery.merge = self.into.router.delivery.merge = None
        if self.into.state not in (State.CLOSING, State.CLOSED):
            self.into.change((), [name for name in self._moved if name in self.into.wanted], now, moved=True)
