"""Orders, fills and holdings in the words that every product shares, and the question that is asked about them.

All times here are milliseconds. An order's id is its symbol's own, so that the symbol belongs to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

__all__ = [
    "OVER",
    "ZERO",
    "Execution",
    "Facts",
    "Fill",
    "Holding",
    "OrderKey",
    "Question",
    "Row",
    "Shape",
    "finite",
    "whole",
]

ZERO = Decimal(0)
OVER = frozenset(("FILLED", "CANCELED", "REJECTED", "EXPIRED", "EXPIRED_IN_MATCH"))
"""States of an order in which nothing can happen to it any more."""

OrderKey: TypeAlias = tuple[str, int]


def finite(value: Any) -> Decimal:
    """A quantity, a price or an amount as the exchange wrote it.

    Raises:
        ArithmeticError, TypeError, ValueError: it is none, or not finite.
    """
    found = Decimal(value)
    if not found.is_finite():
        raise ValueError(f"{found} is no number")
    return found


def whole(value: Any) -> int:
    """A moment, or the number of a trade.

    Raises:
        TypeError: it is none.
    """
    if type(value) is not int:
        raise TypeError(f"a {type(value).__name__} is no whole number")
    return value


@dataclass(frozen=True, slots=True)
class Row:
    """An order as REST shows it.

    Args:
        key: symbol and id.
        quantity, filled: ordered, and filled so far.
        quote: what the fills are worth, in the quote asset (COIN-M: in the base asset).
        status: one of the exchange's words.
        opened, updated: when it was placed, and when it last changed.
        terms: what an amendment changes.
        data: as REST sent it.
    """

    key: OrderKey
    quantity: Decimal
    filled: Decimal
    quote: Decimal
    status: str
    opened: int
    updated: int
    terms: tuple[Decimal, ...]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fill:
    """A fill as REST shows it; ``quote`` is what it is worth."""

    order: OrderKey
    number: int
    quantity: Decimal
    quote: Decimal
    time: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Holding:
    """A balance, or a position.

    Args:
        key: what tells it apart: its field in the event, and its name.
        amounts: those that are compared.
        at: as of when; ``None`` where that is not told.
        data: as a row of the event.
        symbol: of a position; empty for balances.
    """

    key: tuple[str, ...]
    amounts: tuple[Decimal, ...]
    at: int | None
    data: Mapping[str, Any]
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Execution:
    """What an event tells of an order.

    Args:
        key: symbol and id.
        kind: NEW, TRADE, CANCELED and others.
        status: of the order after it.
        filled, quote: so far; ``quote`` is zero where events do not tell it.
        number: id of the trade; ``None`` where nothing was filled.
        quantity, worth: of this fill.
        terms: what an amendment changes.
        time: when it happened.
    """

    key: OrderKey
    kind: str
    status: str
    filled: Decimal
    quote: Decimal
    number: int | None
    quantity: Decimal
    worth: Decimal
    terms: tuple[Decimal, ...]
    time: int


class Shape(Protocol):
    """How events and REST answers of a kind of account are written."""

    @property
    def amendment(self) -> str:
        """The kind of event that tells of an amendment."""

    @property
    def dated(self) -> bool:
        """REST and stream name the same moments for what is held, so that the later of both is known."""

    def row(self, data: Mapping[str, Any]) -> Row:
        """An order of a REST answer."""

    def fill(self, data: Mapping[str, Any]) -> Fill:
        """A fill of a REST answer."""

    def execution(self, event: Mapping[str, Any]) -> Execution | None:
        """What an event tells of an order; ``None`` for an event of another kind."""

    def repeats(self, event: Mapping[str, Any]) -> tuple[OrderKey, int] | None:
        """The fill that an event tells beside the one that counts; ``None`` for an event of another kind."""

    def holdings(self, event: Mapping[str, Any]) -> Sequence[Holding] | None:
        """What an event tells of balances and positions; ``None`` for an event of another kind."""

    def none_of(self, key: tuple[str, ...]) -> Holding:
        """A balance or position of nothing."""

    def report(self, row: Row, kind: str, status: str, time: int, filled: Decimal, quote: Decimal) -> dict[str, Any]:
        """An event that tells of an order, as far as REST knows it."""

    def trade(self, row: Row, fill: Fill, status: str, filled: Decimal, quote: Decimal) -> dict[str, Any]:
        """An event that tells of a fill."""

    def account(self, holdings: Sequence[Holding], now: int) -> dict[str, Any]:
        """An event that tells of balances and positions."""


@dataclass(frozen=True)
class Question:
    """What to ask about.

    Args:
        symbols: those whose orders and fills are looked at, beside those of open orders and positions.
        since: orders and fills before it were streamed.
        orders: those that may have changed: what has become of them?
        counted: how much of an order was told, fill by fill.
        asked: how many events had told of holdings by then.
        now: when it is asked.
    """

    symbols: frozenset[str]
    since: int
    orders: Collection[OrderKey]
    counted: Mapping[OrderKey, Decimal]
    asked: int
    now: int


@dataclass(frozen=True)
class Facts:
    """What REST says: orders, their fills by number, and holdings. ``asked`` and ``now`` are the question's."""

    rows: Mapping[OrderKey, Row]
    fills: Mapping[OrderKey, Mapping[int, Fill]]
    holdings: Sequence[Holding]
    asked: int
    now: int
