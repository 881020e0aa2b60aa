"""OrderBook: both sides, the id they belong to, and what can be asked of them."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from html import escape
from typing import Any, Literal, NamedTuple

from .._html import html_table
from ..errors import BeyondKnownDepth, BookOutOfSync, ConfigError, one_line
from .arguments import number, whole
from .audit import Audit, audited
from .keep import Keep, Retention
from .side import Level, Side, new_level

__all__ = ["Audit", "Keep", "Level", "Numbers", "OrderBook", "SideName", "Top"]

Numbers = Literal["float", "str", "decimal"]
SideName = Literal["bids", "asks"]
Pairs = Sequence[Sequence[str]]

_KEEP = 1000
_COUNT = "a number of levels from 1"


class Top(NamedTuple):
    """The best levels of one moment.

    Args:
        id: the exchange's update id of that moment.
        time: when the exchange sent that update, milliseconds since the epoch; ``None`` where it does not say.
        bids: the best first.
        asks: the best first.
    """

    id: int
    time: int | None
    bids: list[Level]
    asks: list[Level]


class OrderBook:
    """An order book that is fed with a snapshot and diffs. Any thread may read it while another one feeds it.

    What is read is always one moment of the exchange. Before the first snapshot, and while it is out of sync, reading
    raises :class:`~binance_sockets.errors.BookOutOfSync`.

    The exchange sends no diffs for levels far from the touch, so that those of an old snapshot stay for ever in a book
    that never forgets: after a day most of them are wrong. Hence each side knows how deep it is *known*: down to the
    last level of its snapshot, or to the end of what it was to ``keep``, whichever is nearer. Levels behind are not
    kept.

    Args:
        keep: levels to keep on each side, from 1 (default 1,000); or how far from its best price a side is kept, in
            percent of that price: ``"2%"`` keeps bids down to 98 % of the best bid and asks up to 102 % of the best
            ask. ``None`` keeps all that a snapshot had, rotten ones included.
        numbers: what prices and quantities are read as: ``"float"`` (default), or exact as ``"str"`` or ``"decimal"``.
        name: what texts call it, such as a symbol.

    Raises:
        ConfigError: for a bad argument.
    """

    def __init__(self, *, keep: Keep = _KEEP, numbers: Numbers = "float", name: str = "") -> None:
        self.retention = Retention(keep)
        if numbers not in ("float", "str", "decimal"):
            raise ConfigError("numbers", numbers, "'float', 'str' or 'decimal'")
        self.name = name
        self.keep = keep
        self.numbers: Numbers = numbers
        self._lock = threading.Lock()  # held for one update or one question
        self._read: Callable[[Side, int | None], list[Any]] = Side.floats if numbers == "float" else Side.texts
        self._bids, self._asks = self._sides()
        self._id = 0
        self._time: int | None = None
        self._why = "no snapshot yet"  # empty while in sync

    # -- feeding (one thread) ----------------------------------------------------------------------------------------

    def load(
        self, update_id: int, bids: Pairs, asks: Pairs, *, limit: int | None = None, time: int | None = None
    ) -> None:
        """Replace everything by a snapshot, after which the book is in sync, unless its prices cross.

        Args:
            update_id: of the snapshot.
            bids: pairs of price and quantity as text, in any order.
            asks: likewise.
            limit: how many levels per side the snapshot was asked for; a side with as many may go on behind. ``None``
                (default): the snapshot is the whole book.
            time: when the exchange sent it, milliseconds since the epoch; ``None`` (default) where it does not say.

        Raises:
            ValueError: a price or quantity is no number; the book is as it was.
            ConfigError: ``limit`` is no number from 1.
        """
        if limit is not None:
            limit = whole("limit", limit, "a number of levels from 1, or None")
        new_bids, new_asks = self._sides()
        try:
            new_bids.load(bids, limit)
            new_asks.load(asks, limit)
        except TypeError as error:  # no pairs, or none of text
            raise ValueError(f"level: {error}") from error
        with self._lock:
            self._bids, self._asks, self._id, self._time, self._why = new_bids, new_asks, update_id, time, ""
            if self.crossed:
                self._why = "crossed"
            self.retention.loaded(new_bids, new_asks)

    def apply(self, update_id: int, bids: Pairs, asks: Pairs, time: int | None = None) -> None:
        """Apply one diff. Whether it follows is not asked here: see :class:`~binance_sockets.books.BookSync`.

        A book whose best bid is not below its best ask is out of sync.

        Args:
            update_id: of its last change.
            bids: pairs of price and quantity as text; quantity 0 removes the level.
            asks: likewise.
            time: when the exchange sent it, milliseconds since the epoch.

        Raises:
            ValueError: a price or quantity is no number; the book is out of sync then.
        """
        with self._lock:
            try:
                self._bids.apply(bids)
                self._asks.apply(asks)
            except (ValueError, TypeError) as error:
                self._why = f"a diff has a bad {error}"
                raise ValueError(str(error)) from error
            self._id, self._time = update_id, time
            if self.crossed:
                self._why = "crossed"
            self.retention.settle(self._bids, self._asks)

    def invalidate(self, why: str) -> None:
        """The book is out of sync from now on, until the next :meth:`load`.

        Args:
            why: for readers, part of a sentence.
        """
        with self._lock:
            self._why = why

    def become(self, other: OrderBook) -> None:
        """Take over, in one step, what ``other`` holds, which is of no further use."""
        with self._lock:
            self._bids, self._asks = other._bids, other._asks
            self._id, self._time, self._why = other._id, other._time, other._why

    def shallower_than(self, count: int) -> bool:
        """A side has fewer known levels than ``count``, and there may be more."""
        bids, asks = self._bids, self._asks
        return (len(bids) < count and bids.known > -math.inf) or (len(asks) < count and asks.known > -math.inf)

    def worn(self) -> bool:
        """Of the window that ``keep`` says in percent, less than half of what the snapshot had is known on a side."""
        return self._bids.worn or self._asks.worn

    # -- reading (any thread) ----------------------------------------------------------------------------------------

    @property
    def in_sync(self) -> bool:
        """Whether it can be read now."""
        return not self._why

    @property
    def why(self) -> str:
        """Why it cannot be read, part of a sentence; empty while it can."""
        return self._why

    @property
    def id(self) -> int:
        """The exchange's update id that the book is at; 0 before the first snapshot."""
        return self._id

    @property
    def time(self) -> int | None:
        """When the exchange sent the last diff, milliseconds since the epoch; ``None`` where it does not say."""
        return self._time

    @property
    def crossed(self) -> bool:
        """The best bid is not below the best ask, which no true book shows."""
        bids, asks = self._bids.keys, self._asks.keys
        return bool(bids and asks) and bids[-1] >= -asks[-1]

    def top(self, count: int = 10, *, strict: bool = False) -> Top:
        """The best levels of both sides.

        Args:
            count: how many per side, from 1. Default 10.
            strict: raise where fewer are known than that and there may be more. Default ``False``: what is known.

        Raises:
            BookOutOfSync: not in sync.
            BeyondKnownDepth: with ``strict``, too few levels are known.
        """
        if type(count) is not int or count < 1:
            count = whole("count", count, _COUNT)
        if self.numbers != "float":
            return Top(*self._all(count, strict))
        new, level, end = new_level, Level, -count - 1
        with self._lock:  # asked for at every update, for twenty levels: each call more would be felt
            if self._why or strict:
                self._check(count if strict else 0)
            bids, asks = self._bids, self._asks
            bought, sold = bids.levels, asks.levels
            best_bids = [new(level, (key, bought[key])) for key in bids.keys[:end:-1]]
            best_asks = [new(level, (-key, sold[key])) for key in asks.keys[:end:-1]]
            top: Top = new(Top, (self._id, self._time, best_bids, best_asks))
        return top

    @property
    def bids(self) -> list[Level]:
        """All known bids, the best first. Raises :class:`BookOutOfSync` while not in sync."""
        return self._all()[2]

    @property
    def asks(self) -> list[Level]:
        """All known asks, the best first. Raises :class:`BookOutOfSync` while not in sync."""
        return self._all()[3]

    @property
    def best_bid(self) -> Level | None:
        """The best bid, or ``None`` where there is none. Raises :class:`BookOutOfSync` while not in sync."""
        bids = self.top(1).bids
        return bids[0] if bids else None

    @property
    def best_ask(self) -> Level | None:
        """The best ask, or ``None`` where there is none. Raises :class:`BookOutOfSync` while not in sync."""
        asks = self.top(1).asks
        return asks[0] if asks else None

    @property
    def spread(self) -> Any:
        """Best ask minus best bid, ``None`` where a side is empty; ``Decimal`` for exact books."""
        pair = self._touch()
        return None if pair is None else pair[1].price - pair[0].price

    @property
    def mid(self) -> Any:
        """Half way between the best prices, ``None`` where a side is empty; ``Decimal`` for exact books."""
        pair = self._touch()
        return None if pair is None else (pair[0].price + pair[1].price) / 2

    @property
    def microprice(self) -> Any:
        """The best prices, each weighted with the quantity on the other side; ``None`` where a side is empty."""
        pair = self._touch()
        if pair is None:
            return None
        bid, ask = pair
        return (bid.price * ask.quantity + ask.price * bid.quantity) / (bid.quantity + ask.quantity)

    def imbalance(self, count: int = 1) -> float | None:
        """How far the quantity of the best ``count`` levels leans to the bids: from -1 (asks alone) to 1 (bids alone).

        ``None`` where both sides are empty. Raises :class:`BookOutOfSync` while not in sync.
        """
        count = whole("count", count, _COUNT)
        with self._lock:
            self._check()
            levels = self._bids.floats(count), self._asks.floats(count)
        bids, asks = (sum(quantity for _, quantity in side) for side in levels)
        return (bids - asks) / (bids + asks) if bids + asks else None

    def depth_to(self, side: SideName, price: float, *, strict: bool = True) -> float:
        """The quantity from the best level up to and with ``price``.

        Args:
            side: ``"bids"`` or ``"asks"``.
            price: the last price that counts.
            strict: raise where that lies behind what is known (default); else the quantity of what is known.

        Raises:
            BookOutOfSync: not in sync.
            BeyondKnownDepth: with ``strict``, ``price`` lies behind what is known.
            ConfigError: for another side, or a price that is no number.
        """
        end = number("price", price, "a number")
        with self._lock:
            self._check()
            found = self._side(side)
            key = found.sign * end
            if strict and key < found.known:
                raise BeyondKnownDepth(self.name, side, price, len(found))
            return sum(quantity for level, quantity in found.walk() if found.sign * level >= key)

    def price_to(self, side: SideName, quantity: float, *, strict: bool = True) -> float:
        """The price of the last level that a market order of ``quantity`` would reach now.

        Arguments and errors are those of :meth:`vwap`.
        """
        return self._fill(side, quantity, strict)[2]

    def vwap(self, side: SideName, quantity: float, *, strict: bool = True) -> float:
        """The average price that a market order of ``quantity`` would get from ``side`` now.

        Args:
            side: ``"asks"`` to buy, ``"bids"`` to sell.
            quantity: above 0.
            strict: raise where the known levels have less (default); else the answer for what they have.

        Raises:
            BookOutOfSync: not in sync.
            BeyondKnownDepth: the known levels have less than that; without ``strict``, there is none.
            ConfigError: for another side or quantity.
        """
        got, paid, _ = self._fill(side, quantity, strict)
        return paid / got

    def known_to(self, side: SideName) -> float | None:
        """The last price on ``side`` up to which every level is known; ``None`` where the whole side is."""
        with self._lock:
            found = self._side(side)
            return found.sign * found.known if found.known > -math.inf else None

    def level(self, price: str, quantity: str) -> Level:
        """A level of texts in the numbers of this book. Raises :class:`ValueError` where one is no number."""
        found = Level(float(price), float(quantity))
        if not math.isfinite(found.price) or not math.isfinite(found.quantity):
            raise ValueError(f"level {price!r}, {quantity!r}")
        return found if self.numbers == "float" else self._leveled([(price, quantity)])[0]

    def copy(self) -> OrderBook:
        """A book of its own with the same levels, which later updates do not change."""
        other = OrderBook(keep=self.keep, numbers=self.numbers, name=self.name)
        with self._lock:
            other._bids, other._asks = self._bids.copy(), self._asks.copy()
            other._id, other._time, other._why = self._id, self._time, self._why
        return other

    def to_dict(self, count: int | None = None) -> dict[str, Any]:
        """``{"id", "time", "bids": [[price, quantity], ...], "asks": ...}``; ``count`` levels per side, else all.

        Raises:
            BookOutOfSync: not in sync.
            ConfigError: ``count`` is no number from 0.
        """
        if count is not None:
            count = whole("count", count, "a number of levels from 0, or None for all", least=0)
        update_id, time, bids, asks = self._all(count)
        return {"id": update_id, "time": time, "bids": [*map(list, bids)], "asks": [*map(list, asks)]}

    def audit(self, bids: Pairs, asks: Pairs, update_id: int) -> Audit:
        """Compare with a snapshot of the same update id, within what the book knows and the snapshot reaches.

        Raises:
            BookOutOfSync: not in sync.
            ConfigError: the snapshot has another update id.
            ValueError: one of its prices or quantities is no number.
        """
        with self._lock:
            self._check()
            if update_id != self._id:
                raise ConfigError("update_id", update_id, f"the id that the book is at, {self._id}")
            sides = self._bids.copy(), self._asks.copy()
        theirs = OrderBook(keep=None)
        theirs.load(update_id, bids, asks)
        for side in (theirs._bids, theirs._asks):
            side.known = side.furthest  # nobody knows what the snapshot leaves out
        return audited(update_id, sides, (theirs._bids, theirs._asks))

    def compare(self, other: OrderBook) -> Audit:
        """:meth:`audit` against another book of the same update id that no thread feeds, within what both know.

        Raises:
            BookOutOfSync: one of them is not in sync.
            ConfigError: the other has another update id.
        """
        other._check()
        with self._lock:
            self._check()
            if other._id != self._id:
                raise ConfigError("other", other._id, f"a book at the id of this one, {self._id}")
            sides = self._bids.copy(), self._asks.copy()
        return audited(other._id, sides, (other._bids, other._asks))

    def __iter__(self) -> Iterator[Level]:
        """All known levels from the lowest price to the highest, at one moment."""
        _, _, bids, asks = self._all()
        yield from reversed(bids)
        yield from asks

    def __len__(self) -> int:
        """How many levels are known on both sides together."""
        return len(self._bids) + len(self._asks)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        state = f"at {self._id}" if self.in_sync else f"out of sync: {self._why}"
        name = f" {one_line(self.name)}:" if self.name else ""
        return f"<OrderBook{name} {len(self._bids)} bids, {len(self._asks)} asks, {state}>"

    def _repr_html_(self) -> str:
        try:
            top = self.top(10)
        except BookOutOfSync:
            return f"<p>{escape(repr(self))}</p>"
        rows = [("ask", level) for level in reversed(top.asks)] + [("bid", level) for level in top.bids]
        return html_table(("", "price", "quantity"), [(side, level.price, level.quantity) for side, level in rows])

    # -- inside ------------------------------------------------------------------------------------------------------

    def _sides(self) -> tuple[Side, Side]:
        exact = self.numbers != "float"
        return Side(1, exact), Side(-1, exact)

    def _side(self, name: str) -> Side:
        if name not in ("bids", "asks"):
            raise ConfigError("side", name, "'bids' or 'asks'")
        return self._bids if name == "bids" else self._asks

    def _fill(self, side: SideName, quantity: float, strict: bool) -> tuple[float, float, float]:
        wanted = number("quantity", quantity, "a number above 0")
        if not 0 < wanted < math.inf:
            raise ConfigError("quantity", quantity, "a number above 0")
        with self._lock:
            self._check()
            found = self._side(side)
            got, paid, price = found.fill(wanted)
            if not got or (strict and got < wanted):
                raise BeyondKnownDepth(self.name, side, quantity, len(found))
        return got, paid, price

    def _all(self, count: int | None = None, strict: bool = False) -> tuple[int, int | None, list[Level], list[Level]]:
        with self._lock:
            self._check(count if strict and count else 0)
            update_id, time = self._id, self._time
            bids, asks = self._read(self._bids, count), self._read(self._asks, count)
        return update_id, time, self._leveled(bids), self._leveled(asks)  # outside, as Decimals take their time

    def _check(self, count: int = 0) -> None:
        """It is in sync, and knows the best ``count`` levels where there are as many."""
        if self._why:
            raise BookOutOfSync(self.name, self._why)
        for name, side in (("bids", self._bids), ("asks", self._asks)) if count else ():
            if len(side) < count and side.known > -math.inf:
                raise BeyondKnownDepth(self.name, name, count, len(side))

    def _leveled(self, pairs: list[Any]) -> list[Level]:
        if self.numbers == "decimal":
            return [Level(Decimal(price), Decimal(quantity)) for price, quantity in pairs]
        return pairs if self.numbers == "float" else [new_level(Level, pair) for pair in pairs]

    def _touch(self) -> tuple[Level, Level] | None:
        top = self.top(1)
        if not top.bids or not top.asks:
            return None
        bid, ask = top.bids[0], top.asks[0]
        if self.numbers == "str":  # to calculate with, exactly
            bid, ask = Level(*map(Decimal, bid)), Level(*map(Decimal, ask))
        return bid, ask
