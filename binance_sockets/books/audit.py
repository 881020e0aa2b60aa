"""Two books of the same moment, level by level."""

from __future__ import annotations

from typing import NamedTuple

from .side import Side

__all__ = ["Audit", "audited"]


class Audit(NamedTuple):
    """A book compared with a snapshot of the same update id, within what the book knows.

    Args:
        id: the update id.
        levels: levels of book and snapshot together.
        matching: those with the same quantity in both.
        missing: those only the snapshot has.
        orphaned: those only the book has.
        different: those with another quantity.
    """

    id: int
    levels: int
    matching: int
    missing: int
    orphaned: int
    different: int

    @property
    def percent(self) -> float:
        """How many of the levels match, in percent; 100 where there are none."""
        return 100.0 * self.matching / self.levels if self.levels else 100.0


def audited(update_id: int, ours: tuple[Side, Side], theirs: tuple[Side, Side]) -> Audit:
    """Compare both sides, within what both know."""
    counts = [_compared(*pair) for pair in zip(ours, theirs, strict=True)]
    return Audit(update_id, *(sum(column) for column in zip(*counts, strict=True)))


def _compared(ours: Side, theirs: Side) -> tuple[int, int, int, int, int]:
    """All, matching, missing, orphaned, different: within what both know."""
    reach = max(ours.known, theirs.known)
    true = {key: size for key, size in theirs.quantities().items() if key >= reach}
    found = {key: size for key, size in ours.quantities().items() if key >= reach}
    both = true.keys() & found.keys()
    matching = sum(true[key] == found[key] for key in both)
    everything = len(true.keys() | found.keys())
    return everything, matching, len(true) - len(both), len(found) - len(both), len(both) - matching
