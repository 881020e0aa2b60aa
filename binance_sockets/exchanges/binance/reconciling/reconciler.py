"""The callback of an account's connection: hands on what is new, and tells what REST knows and the stream has not told.

The differences come as events of the stream's own kinds, in the order of their times, with ``"reconciled": true``. What
the stream brings of them later is dropped, so that none comes twice. A fill is told by the number of its trade, and how
much of the order is filled with it is the sum of its fills: nothing is counted by what was told before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from ....exchange import View
from ..credentials import Caller
from ..models.base import Event, with_extra
from .asking import Source, fetch
from .facts import OVER, ZERO, Execution, Facts, Fill, Holding, Question, Row
from .told import KnownOrder, Told

__all__ = ["Reconciler"]

_TOLD_BY_REST = ("NEW", "CANCELED", "EXPIRED", "REJECTED")
_decode = msgspec.json.Decoder().decode


class Reconciler:
    """What was told, and what is missing of it. On the connection's thread, but for :meth:`fetch`.

    Args:
        callback: the user's.
        view: how it sees an event.
        kind: type of the account's events.
        source: where REST tells about the account.
        rest: its signed calls.
        wrapped: the stream's events stand in a wrapper.
        automatic: reconcile after every gap.
    """

    def __init__(
        self,
        callback: Callable[[Any], object],
        view: View,
        kind: Any,
        source: Source,
        rest: Caller,
        *,
        wrapped: bool,
        automatic: bool,
    ) -> None:
        self.automatic = automatic
        self._callback = callback
        self.__wrapped__ = callback
        self._view = view
        self._to_event = msgspec.json.Decoder(kind).decode
        self._source = source
        self._shape = source.shape
        self._rest = rest
        self._wrapped = wrapped
        self._told = Told(dated=source.shape.dated)
        self.__qualname__ = getattr(callback, "__qualname__", repr(callback))  # for the texts about the callback

    def __call__(self, payload: Any) -> object:
        try:
            event = _plain(payload)
            news = event is None or "reconciled" in event or self._is_news(event)
        except Exception:  # an event of another shape: nothing can be said about it
            news = True
        return self._callback(payload) if news else None

    def question(self, now: float, since: float, symbols: Iterable[str] = ()) -> Question:
        """What to ask when the stream may have been silent since that moment; both in seconds since the epoch."""
        told = self._told
        start = max(int(since * 1000), told.horizon)
        counted = told.counted(start)
        chosen = frozenset(symbols) | told.symbols
        return Question(chosen, start, tuple(told.unfinished()), counted, told.events, int(now * 1000))

    def fetch(self, question: Question) -> Facts:
        """Ask the exchange; see :func:`~.asking.fetch`."""
        return fetch(self._rest, self._source, question)

    def differences(self, facts: Facts) -> list[Any]:
        """Events, in the view, that tell what ``facts`` has and the stream has not; from now on they count as told."""
        steps = [step for row in facts.rows.values() for step in self._steps(row, facts.fills.get(row.key, {}))]
        steps.sort(key=lambda step: step[0])  # stable: the steps of an order stay in order
        events = [event for _, event in steps]
        if changed := self._changed(facts):
            events.append(self._shape.account(changed, facts.now))
        return [self._in_view({**event, "reconciled": True}) for event in events]

    # -- what the stream tells ---------------------------------------------------------------------------------------

    def _is_news(self, event: Mapping[str, Any]) -> bool:
        """Note what the stream tells; whether REST has not told it before."""
        told, shape = self._told, self._shape
        if (copy := shape.repeats(event)) is not None:
            key, number = copy
            known = told.order(key)
            return known is None or ("TRADE", number) not in known.by_rest
        if (holdings := shape.holdings(event)) is not None:
            return told.stream_tells(holdings)
        step = shape.execution(event)
        if step is None or told.forgotten(step.key, step.time):
            return True
        order = told.order(step.key)
        if order is not None and self._was_told(step, order):
            return False
        told.note(step)
        return True

    def _was_told(self, step: Execution, order: KnownOrder) -> bool:
        """Whether REST has told this step, or a later state of the order; a fill is known by its number."""
        if step.number is not None:
            return step.number in order.fills
        mark = step.kind, step.status
        if mark in order.by_rest and step.terms == order.terms:
            order.by_rest.discard(mark)
            return True
        return step.time < order.known_to and step.kind in (*_TOLD_BY_REST, self._shape.amendment)

    # -- what REST tells ---------------------------------------------------------------------------------------------

    def _steps(self, row: Row, fills: Mapping[int, Fill]) -> Iterator[tuple[int, dict[str, Any]]]:
        """What was not told of one order, each step with its time."""
        over, order = row.status in OVER, self._told.order(row.key)
        if order is None and over and self._told.forgotten(row.key, row.updated):
            return
        new = [fills[number] for number in sorted(fills) if order is None or number not in order.fills]
        if order is None:
            first = min([row.opened, *(fill.time for fill in new)])  # clocks of one exchange, and yet
            yield first, self._tell(row, "NEW", "NEW", first, *_filled_by(row, fills, {}, before=0))
        elif not over and not order.over and order.terms != row.terms and order.time < row.updated:
            kind, filled = self._shape.amendment, max(order.filled, row.filled)
            yield row.updated, self._tell(row, kind, row.status, row.updated, filled, max(order.quote, row.quote))
        for fill in new:
            yield fill.time, self._tell_fill(row, fill, fills)
        order = self._told.order(row.key)
        if over and row.status != "FILLED" and order is not None and not order.over:
            last = max([row.updated, *(fill.time for fill in new)])
            kind = "EXPIRED" if row.status.startswith("EXPIRED") else row.status
            filled, quote = max(order.filled, row.filled), max(order.quote, row.quote)
            yield last, self._tell(row, kind, row.status, last, filled, quote)

    def _tell(self, row: Row, kind: str, status: str, time: int, filled: Decimal, quote: Decimal) -> dict[str, Any]:
        event = self._shape.report(row, kind, status, time, filled, quote)
        self._note(event, row).by_rest.add((kind, status))
        return event

    def _tell_fill(self, row: Row, fill: Fill, fills: Mapping[int, Fill]) -> dict[str, Any]:
        """The order's state in it is never an older one than was told before."""
        order = self._told.order(row.key) or KnownOrder()
        filled, quote = _filled_by(row, fills, order.fills, before=fill.number + 1)
        filled, quote = max(filled, order.filled), max(quote, order.quote)
        complete = filled >= row.quantity or (row.status == "FILLED" and filled >= row.filled)
        status = order.status if order.over else "FILLED" if complete else "PARTIALLY_FILLED"
        event = self._shape.trade(row, fill, status, filled, quote)
        self._note(event, row).by_rest.add(("TRADE", fill.number))
        return event

    def _note(self, event: Mapping[str, Any], row: Row) -> KnownOrder:
        step = self._shape.execution(event)
        assert step is not None
        order = self._told.note(step)
        order.known_to = max(order.known_to, row.updated)
        return order

    def _changed(self, facts: Facts) -> list[Holding]:
        """Balances and positions that are not what was told last; what REST leaves out is nothing."""
        found = {holding.key: holding for holding in facts.holdings}
        gone = [self._shape.none_of(key) for key in self._told.holdings if key not in found]
        return [row for row in (*facts.holdings, *gone) if self._told.rest_tells(row, facts.asked)]

    def _in_view(self, event: dict[str, Any]) -> Any:
        if self._view is View.DICT:
            return event
        data = msgspec.json.encode(event)
        if self._view is View.RAW:
            return msgspec.json.encode({"event": event}) if self._wrapped else data
        return with_extra(self._to_event(data), event)


def _plain(payload: Any) -> Mapping[str, Any] | None:
    """An event of any view as a dict."""
    if isinstance(payload, bytes):
        message = _decode(payload)
        payload = message.get("event", message.get("data", message))
    elif isinstance(payload, Event):
        payload = {**msgspec.to_builtins(payload), **payload.extra}
    return payload if isinstance(payload, dict) and "e" in payload else None


def _filled_by(
    row: Row, fills: Mapping[int, Fill], told: Mapping[int, tuple[Decimal, Decimal]], before: int
) -> tuple[Decimal, Decimal]:
    """How much of an order was filled by the trades before a number, and what that is worth.

    What the row has and no fill explains was filled by trades that REST shows no more: before all others.
    """
    every = {**told, **{number: (fill.quantity, fill.quote) for number, fill in fills.items()}}
    early = [each for number, each in every.items() if number < before]
    unknown = row.filled - sum((quantity for quantity, _ in every.values()), ZERO)
    worth = row.quote - sum((quote for _, quote in every.values()), ZERO)
    filled, quote = (unknown, max(worth, ZERO)) if unknown > 0 else (ZERO, ZERO)
    return sum((quantity for quantity, _ in early), filled), sum((each for _, each in early), quote)
