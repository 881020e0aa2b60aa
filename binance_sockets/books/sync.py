"""The join of a snapshot with a stream of diffs. Decides; whoever feeds it fetches the snapshots.

Facts: Binance, "How to manage a local order book correctly", spot (text of 2025-11-12) and futures.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from ..errors import ConfigError, one_line
from .arguments import whole
from .book import OrderBook, Pairs
from .status import BookState, BookStatus, Synced, log

__all__ = ["BookSync", "Depth", "Rule", "WholeBooks"]

_SOUND = 99.9  # percent of levels that an audit must find right
_BUFFER = 10_000  # diffs: 16 minutes of a stream that sends ten a second


class Rule(str, Enum):
    """How an exchange numbers its diffs."""

    #: each first id follows the last id of the diff before
    SPOT = "spot"
    #: each diff names the last id of the diff before
    FUTURES = "futures"


class Depth(NamedTuple):
    """One diff.

    Args:
        first: id of its first change.
        last: id of its last change.
        previous: last id of the diff before it, where the exchange tells it.
        bids: pairs of price and quantity as text.
        asks: likewise.
        time: when the exchange sent it, milliseconds since the epoch.
    """

    first: int
    last: int
    previous: int | None
    bids: Pairs
    asks: Pairs
    time: int | None = None


class _Step(Enum):
    FOLLOWS = "follows"
    OLD = "old"
    HOLE = "hole"


class _Chain:
    """Tells whether a diff follows what a book has.

    Args:
        rule: how the exchange numbers its diffs.
        snapshot: the id that the book has from its snapshot.
    """

    __slots__ = ("_fresh", "_rule", "last")

    def __init__(self, rule: Rule, snapshot: int) -> None:
        self._rule = rule
        self._fresh = True  # no diff has followed yet
        self.last = snapshot

    def step(self, diff: Depth) -> _Step:
        """Judge a diff; the chain goes on with one that follows. Quantities are absolute: overlaps do no harm."""
        if self._rule is Rule.SPOT:
            follows, old = diff.first <= self.last + 1, diff.last <= self.last
        elif self._fresh:
            follows, old = diff.first <= self.last or diff.previous == self.last, diff.last < self.last
        else:
            follows, old = diff.previous == self.last, diff.last <= self.last
        if old:
            return _Step.OLD
        if not follows:
            return _Step.HOLE
        self._fresh, self.last = False, diff.last
        return _Step.FOLLOWS


class BookSync(Synced):
    """Feeds a book with snapshots and diffs, so that it is either right or out of sync.

    Not safe for threads: all methods are called by one thread at a time. The book itself can be read by any.

    Args:
        book: is fed.
        rule: how the exchange numbers its diffs.
        ask: called when a snapshot is needed; it returns at once, and the snapshot comes by :meth:`snapshot`, or
            :meth:`failed` says that it will not. Not called again before that.
        limit: how many levels per side a snapshot has at most; a side with as many may go on behind.
        on_status: called with a :class:`BookStatus` at every change, by the feeding thread.
        refresh_below: ask for a new snapshot, staying in sync, once fewer levels than this are known on a side.
            Default: half of what the book keeps or the snapshot brings, whichever is less, counted in levels or, for
            a book that keeps so many percent, in price.
        buffer: diffs that may wait for a snapshot; with more it begins anew. Default 10,000.

    Raises:
        ConfigError: for a bad argument.
    """

    def __init__(
        self,
        book: OrderBook,
        rule: Rule | str,
        ask: Callable[[], object],
        *,
        limit: int,
        on_status: Callable[[BookStatus], object] | None = None,
        refresh_below: int | None = None,
        buffer: int = _BUFFER,
    ) -> None:
        try:
            self._rule = Rule(rule)
        except ValueError:
            raise ConfigError("rule", rule, [each.value for each in Rule]) from None
        if not callable(ask):
            raise ConfigError("ask", ask, "a callable without arguments")
        limit, buffer = whole("limit", limit, "a number from 1"), whole("buffer", buffer, "a number from 1")
        super().__init__(book, on_status)
        self._ask = ask
        self._limit = limit
        self._most = buffer
        deepest = min(limit, book.retention.levels or limit)
        allowed = f"a number of levels up to {deepest}, as deep as a snapshot makes this book, or None"
        self._low = (
            deepest // 2
            if refresh_below is None
            else whole("refresh_below", refresh_below, allowed, least=0, most=deepest)
        )
        self._worn = book.worn if refresh_below is None and book.retention.window else self._shallow
        self._chain = _Chain(self._rule, 0)
        self._held: list[Depth] | None = []  # what came since a snapshot was wanted; None while none is
        self._asked = False
        self._void = False  # sync was lost after the snapshot was asked for

    def begin(self) -> None:
        """The stream is subscribed: ask for a snapshot now, as the first diff would. A quiet market may send none."""
        if self._held is not None:
            self._want()

    def diff(self, diff: Depth) -> bool:
        """A diff of the stream, in the order of the stream.

        Returns:
            Whether it changed the book.
        """
        applied = self.state is BookState.IN_SYNC and self._apply(diff)
        if self._held is not None:
            self._hold(diff)
        elif applied and self._worn():
            self.refresh()
        return applied

    @property
    def waiting(self) -> int:
        """How many diffs wait for a snapshot."""
        return len(self._held) if self._held is not None else 0

    def snapshot(self, update_id: int, bids: Pairs, asks: Pairs) -> None:
        """The snapshot that was asked for.

        Args:
            update_id: its ``lastUpdateId``.
            bids: pairs of price and quantity as text.
            asks: likewise.
        """
        self._asked, void, self._void = False, self._void, False
        if self._held is None:  # nobody wants it any more
            return
        self.counts.snapshots += 1
        if void:
            self._outdated(self._held)
            return
        book, chain = OrderBook(keep=self.book.keep, numbers=self.book.numbers), _Chain(self._rule, update_id)
        try:
            book.load(update_id, bids, asks, limit=self._limit)
            for index, diff in enumerate(self._held):
                step = chain.step(diff)
                if step is _Step.HOLE:
                    self._outdated(self._held[index:])
                    return
                if step is _Step.FOLLOWS:
                    book.apply(diff.last, diff.bids, diff.asks, diff.time)
        except ValueError as error:
            log.warning("%s: a snapshot or diff has a bad %s", self._name, one_line(str(error)))
            self._lose(f"bad {error}")
            self._want()  # in a market too quiet for a next diff, too
            return
        in_sync = self.state is BookState.IN_SYNC
        if in_sync and chain.last < self._chain.last:  # what lies between was not held
            self._outdated(self._held)
            return
        if book.crossed:
            self._lose("crossed after a snapshot")
            self._want()
            return
        if not in_sync and self._goes_back(chain.last):
            self.book.invalidate(f"a snapshot led to {chain.last}, which is older than {self.book.id}, shown before")
            self._outdated(self._held)
            return
        if in_sync and chain.last == self._chain.last:
            self._audit(book)
        self.book.become(book)
        self._chain, self._held = chain, None
        self._back_in_sync()

    def failed(self) -> None:
        """The snapshot that was asked for will not come; the next diff, or :meth:`begin`, asks again."""
        self._asked = self._void = False

    def restart(self, why: str) -> None:
        """Diffs may be missing: begin anew.

        Args:
            why: for listeners and readers, in some words.
        """
        self._lose(why)

    def refresh(self) -> None:
        """Ask for a snapshot; the book stays in sync meanwhile, and is replaced in one step.

        That is an audit as well: snapshot and later diffs make the book of the same update id a second time, and the
        two are compared (``counts.audit``). Where less than 99.9 % of the levels match, listeners are told.
        """
        if self._held is None:
            self._held = []
            self._want()

    def _shallow(self) -> bool:
        return self.book.shallower_than(self._low)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _apply(self, diff: Depth) -> bool:
        step = self._chain.step(diff)
        if step is _Step.FOLLOWS:
            try:
                self.book.apply(diff.last, diff.bids, diff.asks, diff.time)
            except ValueError as error:
                self._lose(f"a diff has a bad {error}")
                return False
            if not self.book.in_sync:
                self._lose(self.book.why)
                return False
            self.counts.applied += 1
            return True
        if step is _Step.OLD:
            self.counts.ignored += 1
        else:
            self._lose(f"diffs are missing between {self._chain.last} and {diff.first}")
        return False

    def _hold(self, diff: Depth) -> None:
        held = self._held
        if held is not None:
            if len(held) >= self._most:  # no snapshot has come for long
                held.clear()
            held.append(diff)
            self._want()

    def _want(self) -> None:
        if not self._asked:
            self._asked = True
            self._ask()

    def _outdated(self, held: list[Depth]) -> None:
        """The snapshot does not reach what was held: another one will."""
        self.counts.outdated += 1
        self._held = held
        self._want()

    def _lose(self, why: str) -> None:
        self._held, self._void = [], self._asked
        super().restart(why)

    def _audit(self, fresh: OrderBook) -> None:
        """Compare with the same moment, made anew."""
        self.counts.audits += 1
        self.counts.audit = found = self.book.compare(fresh)
        if found.percent < _SOUND:
            log.warning("%s: an audit found %s", self._name, found)
            super().restart(f"an audit found {found.percent:.2f} % of {found.levels} levels right")


class WholeBooks(Synced):
    """Feeds a book from a stream of which every message is the whole book, or the best levels of it.

    Args:
        book: is fed.
        limit: how many levels per side a message has at most; ``None`` (default): it is the whole book.
        on_status: called with a :class:`BookStatus` at every change, by the feeding thread.
    """

    def __init__(
        self,
        book: OrderBook,
        *,
        limit: int | None = None,
        on_status: Callable[[BookStatus], object] | None = None,
    ) -> None:
        super().__init__(book, on_status)
        self._limit = limit

    def whole(self, diff: Depth) -> bool:
        """One message; its ``last`` is the id of the book, the other ids do not count.

        Returns:
            Whether it changed the book.
        """
        repeated = self.state is BookState.IN_SYNC and diff.last == self.book.id
        if repeated or self._goes_back(diff.last):
            self.counts.ignored += 1
            return False
        try:
            self.book.load(diff.last, diff.bids, diff.asks, limit=self._limit, time=diff.time)
        except ValueError as error:
            log.warning("%s: a message has a bad %s", self._name, one_line(str(error)))
            self.restart(f"a message has a bad {error}")
            return False
        if self.book.crossed:
            self.restart("crossed")
            return False
        self.counts.applied += 1
        self._back_in_sync()
        return True
