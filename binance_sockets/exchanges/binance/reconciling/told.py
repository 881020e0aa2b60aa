"""What a callback was told of an account: orders, each with its fills by number, and holdings.

An order is kept while anything of it may still have to be told. Of those that are over and told in full the latest are
kept; ``horizon`` is the moment up to which some were forgotten. Nothing that ended by then is asked for or told again,
so that what was forgotten is not told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from .facts import OVER, ZERO, Execution, Holding, OrderKey

__all__ = ["KnownHolding", "KnownOrder", "Told"]

_KEPT = 20_000  # orders that are over, and their fills


@dataclass
class KnownOrder:
    """An order as far as it was told.

    Args:
        fills: quantity and worth by the number of the trade.
        counted: quantity of these fills.
        filled, quote: so far, as the last event said; more than ``fills`` where some were not told.
        status: the last one.
        terms: what an amendment changes.
        time: of the last event.
        known_to: up to when REST has told what became of it; an older event of the stream would take it back.
        by_rest: kinds, with states or numbers of trades, that REST told and the stream may still bring.
    """

    fills: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    counted: Decimal = ZERO
    filled: Decimal = ZERO
    quote: Decimal = ZERO
    status: str = ""
    terms: tuple[Decimal, ...] = ()
    time: int = 0
    known_to: int = 0
    by_rest: set[tuple[str, object]] = field(default_factory=set)

    @property
    def over(self) -> bool:
        """Nothing can happen to it any more."""
        return self.status in OVER

    def note(self, step: Execution) -> None:
        """What was told goes forward only."""
        if step.number is not None and step.number not in self.fills:
            self.fills[step.number] = step.quantity, step.worth
            self.counted += step.quantity
        self.filled, self.quote = max(self.filled, step.filled), max(self.quote, step.quote)
        self.status = self.status if self.over else step.status
        self.terms, self.time = step.terms, max(self.time, step.time)


@dataclass(frozen=True)
class KnownHolding:
    """A balance or position as it was told.

    Args:
        holding: what was told.
        number: of the event among those that tell of holdings.
        by_rest: REST told it, and the stream may still bring it.
    """

    holding: Holding
    number: int
    by_rest: bool


class Told:
    """What the callback knows. One thread.

    Args:
        dated: REST and stream name the same moments for what is held.
    """

    def __init__(self, *, dated: bool) -> None:
        self._dated = dated
        self.horizon = 0
        self.symbols: set[str] = set()
        self.holdings: dict[tuple[str, ...], KnownHolding] = {}
        self.events = 0
        """How many events of the stream have told of holdings."""
        self._open: dict[OrderKey, KnownOrder] = {}
        self._done: dict[OrderKey, KnownOrder] = {}  # told in full, the first to end first
        self._size = 0  # of those

    def order(self, key: OrderKey) -> KnownOrder | None:
        """An order, if anything of it was told."""
        return self._open.get(key) or self._done.get(key)

    def forgotten(self, key: OrderKey, ended: int) -> bool:
        """Whether an order that ended at that moment may have been told and forgotten."""
        return ended <= self.horizon and self.order(key) is None

    def unfinished(self) -> Iterator[OrderKey]:
        """Orders that may have changed, or have fills that were not told."""
        return iter(self._open)

    def counted(self, since: int) -> dict[OrderKey, Decimal]:
        """How much of the orders was told fill by fill; of those that were over by then nothing is said."""
        late = ((key, order) for key, order in self._done.items() if order.time >= since)
        return {key: order.counted for key, order in (*self._open.items(), *late)}

    def note(self, step: Execution) -> KnownOrder:
        """Something was told of an order."""
        order = self.order(step.key)
        if order is None:
            order = self._open[step.key] = KnownOrder()
            self.symbols.add(step.key[0])
        order.note(step)
        if order.over and order.counted == order.filled and self._open.pop(step.key, None) is not None:
            self._done[step.key] = order
            self._size += 1 + len(order.fills)
            self._forget()
        return order

    def _forget(self) -> None:
        while self._size > _KEPT:
            key = next(iter(self._done))
            order = self._done.pop(key)
            self._size -= 1 + len(order.fills)
            self.horizon = max(self.horizon, order.time)

    def stream_tells(self, holdings: Iterable[Holding]) -> bool:
        """Note what the stream tells of holdings; whether there is anything in it that REST did not tell before."""
        self.events += 1
        rows = list(holdings)
        news = not rows or any(self._is_news(row) for row in rows)
        for row in rows:
            known = self.holdings.get(row.key)
            if news or known is None:
                self.holdings[row.key] = KnownHolding(row, self.events, by_rest=False)
            elif known.holding.amounts == row.amounts:  # it has come; the same once more is an event of its own
                self.holdings[row.key] = KnownHolding(known.holding, self.events, by_rest=False)
        return news

    def _is_news(self, row: Holding) -> bool:
        known = self.holdings.get(row.key)
        if known is None:
            return True
        if later := self._later(row, known):
            return later > 0
        late = known.holding.at is not None and row.at is not None and row.at > known.holding.at
        return late or not (known.by_rest and known.holding.amounts == row.amounts)

    def _later(self, row: Holding, known: KnownHolding) -> int:
        """The difference of their moments; 0 where nobody knows."""
        if not self._dated or row.at is None or known.holding.at is None:
            return 0
        return row.at - known.holding.at

    def rest_tells(self, row: Holding, asked: int) -> bool:
        """Note what REST tells of a holding; whether it was not told before.

        Args:
            row: it.
            asked: how many events had told of holdings when REST was asked. What came later may be newer.
        """
        known = self.holdings.get(row.key)
        if known is None:
            if any(row.amounts):
                self.holdings[row.key] = KnownHolding(row, self.events, by_rest=True)
            return any(row.amounts)
        later = self._later(row, known)
        if later < 0 or (later == 0 and known.number > asked):
            return False
        same = known.holding.amounts == row.amounts
        self.holdings[row.key] = KnownHolding(row, known.number, by_rest=known.by_rest or not same or later > 0)
        return not same
