"""Whether a book can be read, what has happened to it, and who is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from ..errors import one_line
from .book import Audit, OrderBook

__all__ = ["BookState", "BookStatus", "SyncCounts", "Synced"]

log = logging.getLogger("binance_sockets.books")

_OLDER = 10  # moments in a row that are older than the one shown, after which the exchange has begun to count anew


class BookState(Enum):
    """Whether a book can be read."""

    #: it waits for its first snapshot
    SYNCING = "syncing"
    #: it shows one moment of the exchange
    IN_SYNC = "in sync"
    #: it was in sync, and waits for a new snapshot
    RESYNCING = "resyncing"
    #: nothing comes any more: its socket was stopped, or has given up
    ENDED = "ended"


class BookStatus(NamedTuple):
    """A book came into sync, left it, or has ended. For status listeners.

    Args:
        name: of the book.
        state: now.
        why: what caused it, in some words; empty for the way into sync, unless the exchange counts its ids anew.
        id: the update id that the book is at.
    """

    name: str
    state: BookState
    why: str
    id: int


@dataclass(slots=True)
class SyncCounts:
    """What has happened to a book so far.

    Args:
        applied: diffs that changed the book.
        ignored: diffs older than the book.
        snapshots: snapshots that were taken.
        outdated: snapshots that did not join the diffs, or were older than what the book had shown.
        resyncs: how often sync was lost.
        anew: how often the exchange began to count its ids anew.
        audits: how often the book was compared with a new snapshot.
        audit: the last of these; ``None`` before the first.
    """

    applied: int = 0
    ignored: int = 0
    snapshots: int = 0
    outdated: int = 0
    resyncs: int = 0
    anew: int = 0
    audits: int = 0
    audit: Audit | None = None


class Synced:
    """A book with its state; what feeds it derives from this. Not safe for threads.

    Args:
        book: is fed.
        on_status: called with a :class:`BookStatus` at every change, by the feeding thread. What it raises is logged.
    """

    def __init__(self, book: OrderBook, on_status: Callable[[BookStatus], object] | None = None) -> None:
        self.book = book
        self.counts = SyncCounts()
        self.state = BookState.SYNCING
        self._listener = on_status
        self._older = 0  # moments in a row that were refused for their age

    def begin(self) -> None:
        """The stream is subscribed."""

    def restart(self, why: str) -> None:
        """Messages may be missing: the book is out of sync until it is whole again.

        Args:
            why: for listeners and readers, in some words.
        """
        if self.state is BookState.IN_SYNC:
            self.counts.resyncs += 1
            self.book.invalidate(why)
            self._change(BookState.RESYNCING, why)

    def end(self, why: str) -> None:
        """No message comes any more.

        Args:
            why: for listeners and readers, in some words.
        """
        if self.state is not BookState.ENDED:
            self.book.invalidate(why)
            self._change(BookState.ENDED, why)

    def _goes_back(self, update_id: int) -> bool:
        """It is a moment before the one that readers have seen, which they must not see now.

        Where all of ten in a row are, the exchange counts its ids anew, as it may after a maintenance: the last of them
        is the present, since a book that waits for the old ids would wait for ever.
        """
        if update_id >= self.book.id:
            self._older = 0
        else:
            self._older += 1
        return 0 < self._older < _OLDER

    def _back_in_sync(self) -> None:
        """The book shows a new moment; with an id below those before where the exchange counts anew."""
        anew, self._older = self._older > 0, 0
        self.counts.anew += anew
        if anew or self.state is not BookState.IN_SYNC:
            self._change(BookState.IN_SYNC, "the exchange counts its ids anew" if anew else "")

    @property
    def _name(self) -> str:
        return one_line(self.book.name) or "order book"

    def _change(self, state: BookState, why: str) -> None:
        self.state = state
        log.info("%s: %s%s", self._name, state.value, f", {one_line(why)}" if why else "")
        if self._listener is not None:
            try:
                self._listener(BookStatus(self.book.name, state, why, self.book.id))
            except BaseException:  # whatever it is, the book is not to be left half changed
                log.exception("a status listener of %s raised; it stays", self._name)
