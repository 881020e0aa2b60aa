"""From the messages of a connection to a book: the handler behind a manager's order books. Knows no exchange."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import ConfigError, DecodeError
from ..events import BookSnapshot, State, StateChange, is_error
from .book import Level, OrderBook, Pairs
from .status import BookState, Synced
from .sync import BookSync, Depth, WholeBooks

__all__ = ["AUDIT", "BookFeed", "Fetched", "Ticker", "Touch"]

log = logging.getLogger("binance_sockets.books")


class Touch(NamedTuple):
    """Best bid and ask of one moment; ``None`` where a side is empty.

    Args:
        id: the exchange's update id of that moment.
        bid: the best bid.
        ask: the best ask.
    """

    id: int
    bid: Level | None
    ask: Level | None


class Ticker(NamedTuple):
    """A message that tells best bid and ask; pairs of price and quantity as text."""

    id: int
    bid: tuple[str, str]
    ask: tuple[str, str]


class Fetched(NamedTuple):
    """A snapshot, as a message of the connection."""

    id: int
    bids: Pairs
    asks: Pairs


AUDIT: Any = object()
"""A message of the connection that asks for an audit."""

_DUE: Any = object()  # a message of the connection: the next automatic audit


class _Quiet(NamedTuple):
    """A message of the connection: time is over in which a diff would have proven a snapshot in a lively market."""

    snapshot: Fetched


_QUIET = 3.0  # seconds; a diff stream sends at least once a second where there is something to tell


class BookFeed:
    """The callback of a connection that keeps a book. All of it runs on the connection's thread.

    Args:
        sync: is fed.
        read: makes a :class:`Depth` or :class:`Ticker` of a message; where it raises, that is reported.
        report: takes what is wrong with messages.
        callback: called with the book after each message that changed it, or with a :class:`Touch` when that changed;
            ``None`` for nobody. Whatever is no data, the last payload for example, is handed on to it.
        later: has a message delivered to this callback after so many seconds.
        touch: whether it wants touches.
        audit_every: seconds between audits, also where no message comes; ``None`` for none.
    """

    def __init__(
        self,
        sync: BookSync | WholeBooks,
        read: Callable[[Any], Depth | Ticker],
        report: Callable[[DecodeError], None],
        callback: Callable[[Any], object] | None,
        *,
        later: Callable[[float, Any], object],
        touch: bool,
        audit_every: float | None,
    ) -> None:
        self.sync: Synced = sync
        self._feed = sync.diff if isinstance(sync, BookSync) else sync.whole
        self._refresh = sync.refresh if isinstance(sync, BookSync) else None
        self._snapshot = sync.snapshot if isinstance(sync, BookSync) else None
        self._read = read
        self._report = report
        self._callback = callback
        self.__wrapped__ = callback
        self._touch: Touch | None = None
        self._wants_touch = touch
        self._later = later
        self._pending: Fetched | None = None  # a snapshot that no diff has proven yet
        self._every = audit_every
        self._audits = False  # the next one is on its way
        self._open = False
        self.__qualname__ = getattr(callback, "__qualname__", None) or repr(callback)  # for texts about the callback

    @property
    def book(self) -> OrderBook:
        """What it keeps."""
        return self.sync.book

    def __call__(self, message: Any) -> None:
        if isinstance(message, Fetched):
            self._fetched(message)
            return
        if is_error(message):
            if self._callback is not None:
                self._callback(message)
            return
        if message is AUDIT or message is _DUE:
            self._audit(message)
            return
        if isinstance(message, _Quiet):
            if message.snapshot is self._pending:
                self._take()
            return
        try:
            found = self._read(message)
            touch = self._touched(found) if isinstance(found, Ticker) else None
        except (LookupError, TypeError, ValueError) as error:  # if it was a diff, the next one shows the hole
            self._report(DecodeError(f"{self.book.name}: a message has another shape ({error!r})"))
            return
        if isinstance(found, Ticker):
            if touch is not None and self.sync.state is BookState.IN_SYNC:  # before, nobody knows that all comes
                self._tell(touch)
            return
        if self._feed(found):
            self._changed()
        if self._pending is not None and self._proven(self._pending):
            self._take()

    def _audit(self, why: Any) -> None:
        if why is _DUE and self._every is not None:
            self._later(self._every, _DUE)
        if self._refresh is not None and self.sync.state is BookState.IN_SYNC:
            self._refresh()

    def changed(self, change: StateChange) -> None:
        """The link of the connection has another state."""
        self._open = change.state is State.OPEN
        if self._open:
            self.sync.begin()
            if self._every is not None and not self._audits:
                self._audits = True
                self._later(self._every, _DUE)
        elif change.state in (State.BACKOFF, State.CLOSING, State.CLOSED):
            reason = "" if change.reason is None else f" ({change.reason.value})"
            leave = self.sync.restart if change.state is State.BACKOFF else self.sync.end
            leave(f"the connection is {change.state.value}{reason}")
            if self._pending is not None and isinstance(self.sync, BookSync):  # it may lack what the lost link had
                self._pending = None
                self.sync.failed()

    def book_snapshot(self) -> BookSnapshot:
        """What has happened to the book, as plain values. Any thread."""
        book, counts = self.book, self.sync.counts
        audit = counts.audit
        return {
            "state": self.sync.state.value,
            "why": book.why,
            "id": book.id,
            "levels": len(book),
            "applied": counts.applied,
            "ignored": counts.ignored,
            "snapshots": counts.snapshots,
            "outdated": counts.outdated,
            "resyncs": counts.resyncs,
            "audits": counts.audits,
            "audit_percent": None if audit is None else audit.percent,
            "audit_missing": None if audit is None else audit.missing,
            "audit_orphaned": None if audit is None else audit.orphaned,
            "audit_different": None if audit is None else audit.different,
        }

    def _fetched(self, snapshot: Fetched) -> None:
        """A snapshot counts while the link is open, and once a diff has shown that it is not older than the stream.

        In a market so quiet that none comes it is taken as it is; the next diff shows a hole if it was too old. One for
        an audit waits likewise until the stream is as far, as books of two moments cannot be compared.
        """
        if self._snapshot is None or not isinstance(self.sync, BookSync):
            raise ConfigError("snapshot", snapshot.id, "no snapshot, as every message is the whole book")
        if not self._open:
            self.sync.failed()
            return
        self._pending = snapshot
        if self._proven(snapshot):
            self._take()
        else:
            self._later(_QUIET, _Quiet(snapshot))

    def _proven(self, snapshot: Fetched) -> bool:
        """The stream has told what the snapshot can be compared with, or joined to."""
        in_sync = self.sync.state is BookState.IN_SYNC
        return self.book.id >= snapshot.id if in_sync else isinstance(self.sync, BookSync) and self.sync.waiting > 0

    def _take(self) -> None:
        """Join the snapshot with what waits for it."""
        snapshot, self._pending = self._pending, None
        if snapshot is None or self._snapshot is None:
            return
        before, anew = self.sync.state, self.sync.counts.anew
        self._snapshot(*snapshot)
        if self.sync.counts.anew != anew:  # ids below the last touch's are later ones now
            self._touch = None
        if before is not BookState.IN_SYNC and self.sync.state is BookState.IN_SYNC:
            self._changed()

    def _changed(self) -> None:
        if self._callback is None:
            return
        if not self._wants_touch:
            self._callback(self.book)
            return
        top = self.book.top(1)
        self._tell(Touch(top.id, top.bids[0] if top.bids else None, top.asks[0] if top.asks else None))

    def _touched(self, ticker: Ticker) -> Touch:
        bid, ask = (self.book.level(*pair) for pair in (ticker.bid, ticker.ask))
        return Touch(ticker.id, bid if float(bid.quantity) else None, ask if float(ask.quantity) else None)

    def _tell(self, touch: Touch) -> None:
        """The later of two moments counts; what is the same is not told again."""
        last = self._touch
        if last is not None and touch.id <= last.id:
            return
        self._touch = touch
        if self._callback is not None and (last is None or touch[1:] != last[1:]):
            self._callback(touch)
