"""What one WebSocket should carry: wanted -> under way -> confirmed or rejected."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..errors import SubscriptionRejected
from ..exchange import Ack, ControlFrame

__all__ = ["Subscriptions"]


class Subscriptions:
    """How far one WebSocket is with the names that its link wants. Lives on the connection's thread.

    Args:
        wanted: the link's names, in order; a live collection, whose changes show in :meth:`missing` and
            :meth:`surplus`.
        confirmed: what the URL subscribed.
    """

    __slots__ = (
        "_again", "_anew", "_left", "_under_way", "_wanted", "changes", "confirmed", "doubted", "ending", "notes",
        "refused_at", "rejected",
    )  # fmt: skip

    def __init__(self, wanted: Collection[str], confirmed: Iterable[str] = ()) -> None:
        self._wanted = wanted
        self._under_way: set[str] = set()
        self._left: set[str] = set()
        self._again: set[str] = set()  # refused, and to be asked for once more
        self._anew: set[str] = set()  # forgotten while they were under way: to be asked for once more behind that
        self.confirmed = set(confirmed)
        self.changes = 0
        """How often frames were planned: what the exchange lists is compared only where none were meanwhile."""
        self.rejected: dict[str, SubscriptionRejected] = {}
        self.refused_at: dict[str, float] = {}
        """Since when those of them are refused that are to be asked for again (monotonic seconds)."""
        self.ending: set[str] = set()
        """Names whose end was asked for, until that is answered: what still comes of them was on its way, though they
        may be wanted anew by now."""
        self.notes: tuple[object, ...] = ()
        """Of the frames by which messages come: the last one that was confirmed, and those under way."""
        self.doubted: dict[str, float] = {}
        """Confirmed names that the exchange did not list, until it is asked once more: since when what comes of them
        tells that they are carried all the same (monotonic seconds)."""

    def missing(self) -> list[str]:
        """Names to ask for, in order."""
        known = (self.confirmed, self.rejected.keys() - self._again, self._under_way)
        return [name for name in self._wanted if not any(name in names for names in known)]

    def surplus(self) -> list[str]:
        """Names that the exchange sends and nobody wants any more."""
        return sorted(self.confirmed.difference(self._wanted))

    def planned(self, frames: Iterable[ControlFrame]) -> None:
        """``frames`` will be sent, in their turn."""
        self.changes += 1
        for frame in frames:
            self._under_way.update(frame.streams, frame.removed)
            self._again.difference_update(frame.streams)
            self._anew.difference_update(frame.streams)
            # Not with the answer: wanted anew before that, it would count as carried while the exchange ends it.
            self.confirmed.difference_update(frame.removed)
            self.ending.update(frame.removed)
            if frame.note is not None:
                self.notes += (frame.note,)

    def answered(self, frame: ControlFrame, ack: Ack) -> SubscriptionRejected | None:
        """The answer to ``frame``; returns the rejection to report, if it is one."""
        self._under_way.difference_update(frame.streams, frame.removed)
        self.ending.difference_update(frame.removed)
        if frame.note in self.notes:
            at = self.notes.index(frame.note)
            self.notes = self.notes[at:] if ack.error is None else self.notes[:at] + self.notes[at + 1 :]
        if ack.error is None:
            self.confirmed.update(name for name in frame.streams if name not in self._anew)
            for name in frame.streams:
                self.rejected.pop(name, None)
                self.refused_at.pop(name, None)
            return None
        # A name whose end was refused stays unconfirmed, or it would be asked about for ever.
        self.confirmed.difference_update(frame.streams)
        rejection = SubscriptionRejected(*ack.error, frame.streams or frame.removed)
        self.rejected.update((name, rejection) for name in frame.streams if name in self._wanted)
        return rejection

    def lacking(self, listed: Collection[str]) -> list[str]:
        """Wanted names that are confirmed and that the exchange does not list, in order."""
        return [name for name in self._wanted if name in self.confirmed and name not in listed]

    def forgotten(self, names: Iterable[str]) -> None:
        """The exchange does not carry ``names``, whatever it confirmed, or will confirm: they are missing again."""
        for name in names:
            self.confirmed.discard(name)
            self.doubted.pop(name, None)
            if name in self._under_way:
                self._anew.add(name)

    def found(self, names: Iterable[str]) -> None:
        """The exchange carries ``names``, which it has not confirmed."""
        for name in names:
            self.confirmed.add(name)
            self.rejected.pop(name, None)
            self.refused_at.pop(name, None)
            self._again.discard(name)

    def again(self, names: Iterable[str]) -> None:
        """Names that were refused are to be asked for once more; until they are answered they count as refused."""
        self._again.update(name for name in names if name in self.rejected)

    def final(self, name: str) -> bool:
        """It is refused, and not asked for again."""
        return name in self.rejected and name not in self.refused_at

    def forget(self, names: Iterable[str]) -> None:
        """Nobody wants ``names`` any more: that they were refused says nothing about another time."""
        for name in names:
            self.rejected.pop(name, None)
            self._left.add(name)
            self.refused_at.pop(name, None)
            self.doubted.pop(name, None)
            self._again.discard(name)

    def leaving(self, name: str) -> bool:
        """What still comes of ``name`` was on its way when it was given up."""
        known = (self.confirmed, self._under_way, self._left)
        return name not in self._wanted and any(name in names for names in known)

    @property
    def under_way(self) -> bool:
        """Frames wait to leave, or for their answers."""
        return bool(self._under_way)

    @property
    def settled(self) -> bool:
        """Every wanted name is confirmed or rejected."""
        return all(name in self.confirmed or name in self.rejected for name in self._wanted)
