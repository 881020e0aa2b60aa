"""What REST knows of an account: asked for, page by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from typing import Any

from ....errors import ExchangeError
from ..credentials import Caller
from .facts import ZERO, Facts, Fill, Holding, OrderKey, Question, Row, Shape

__all__ = ["Holdings", "Source", "fetch"]

_PAGE = 1000  # rows of one call
_NO_SUCH_ORDER = -2013
_HOUR = 3_600_000
_TIMES = ("startTime", "endTime")
_Pages = Callable[[Mapping[str, object]], Iterator[Mapping[str, Any]]]


@dataclass(frozen=True)
class Holdings:
    """A call that tells balances or positions.

    Args:
        path: of the call.
        read: makes holdings of the answer.
        params: its parameters.
    """

    path: str
    read: Callable[[Any], Iterable[Holding]]
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where REST tells about one account.

    Args:
        base: before the calls for orders and fills.
        shape: how answers and events are written.
        fills: name of the call for fills.
        by_order: that call can be asked for those of one order.
        orders: name of the call for orders that may be over.
        opened: what its rows call the moment at which an order was placed.
        span: from when to when one call may ask for orders and fills at most, in milliseconds.
        orders_page, fills_page: how many rows one call gives at most.
        params: parameters of every call about orders and fills.
        open_params: of the call for open orders.
        weights: of the calls, by the last part of their paths; empty where they are not of the request weight.
        symbols: those that are always looked at.
        holdings: the calls for balances and positions.
    """

    base: str
    shape: Shape
    fills: str
    by_order: bool = True
    orders: str = "allOrders"
    opened: str = "time"
    span: int
    orders_page: int = _PAGE
    fills_page: int = _PAGE
    params: Mapping[str, object] = field(default_factory=dict)
    open_params: Mapping[str, object] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    symbols: frozenset[str] = frozenset()
    holdings: tuple[Holdings, ...]

    def of_symbol(self, symbol: str) -> Source:
        """The same for the account of one symbol."""
        holdings = tuple(replace(call, params={"symbols": symbol}) for call in self.holdings)
        return replace(self, open_params={"symbol": symbol}, symbols=frozenset({symbol}), holdings=holdings)


def fetch(rest: Caller, source: Source, question: Question) -> Facts:
    """Ask the exchange. Blocks for as long as the calls take; not for the connection's thread.

    Raises what :meth:`SignedRest.call <binance_sockets.exchanges.binance.rest.SignedRest.call>` raises.
    """
    try:
        return _Answer(rest, source, question).all()
    finally:
        rest.close()


class _Answer:
    """The answer to a question, as far as it is known."""

    def __init__(self, rest: Caller, source: Source, question: Question) -> None:
        self._rest, self._source, self._question = rest, source, question
        self._rows: dict[OrderKey, Row] = {}
        self._fills: defaultdict[OrderKey, dict[int, Fill]] = defaultdict(dict)
        self._seen: set[str] = set()

    def all(self) -> Facts:
        source, question = self._source, self._question
        self._add_orders(self._get(f"{source.base}/openOrders", {**source.params, **source.open_params}))
        self._look_at({*source.symbols, *question.symbols, *(symbol for symbol, _ in self._rows)})
        answers = ((call, self._get(call.path, call.params)) for call in source.holdings)
        holdings = [holding for call, answer in answers for holding in call.read(answer)]
        self._look_at({holding.symbol for holding in holdings if holding.symbol and any(holding.amounts)})
        for key in {*question.orders, *self._fills} - self._rows.keys():
            self._look_up(key)
        for key, row in self._rows.items():
            if row.filled != question.counted.get(key, ZERO) and row.filled != self._filled(key):
                self._add_fills(self._fills_of(row))
        return Facts(self._rows, self._fills, holdings, question.asked, question.now)

    def _look_at(self, symbols: set[str]) -> None:
        """Orders and fills of symbols, since the moment in question."""
        for symbol in sorted(symbols - self._seen):
            named, start = {**self._source.params, "symbol": symbol}, self._question.since
            self._add_orders(self._orders_since(named, start))
            self._add_fills(self._fills_since(named, start))
        self._seen |= symbols

    def _look_up(self, key: OrderKey) -> None:
        try:
            self._add_orders([self._get(f"{self._source.base}/order", self._named(key))])
        except ExchangeError as error:  # futures forget cancelled orders without fills after three days
            if error.error_code != _NO_SUCH_ORDER:
                raise

    def _named(self, key: OrderKey) -> dict[str, object]:
        return {**self._source.params, "symbol": key[0], "orderId": key[1]}

    def _add_orders(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in map(self._source.shape.row, rows):
            self._rows[row.key] = row

    def _add_fills(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for fill in map(self._source.shape.fill, rows):
            self._fills[fill.order][fill.number] = fill

    def _filled(self, key: OrderKey) -> object:
        return sum((fill.quantity for fill in self._fills[key].values()), ZERO)

    def _orders_since(self, params: Mapping[str, object], start: int) -> Iterator[Mapping[str, Any]]:
        source = self._source
        pages = partial(self._pages, source.orders, "orderId", "orderId", size=source.orders_page)
        return self._since(pages, params, start, source.opened)

    def _fills_since(self, params: Mapping[str, object], start: int) -> Iterator[Mapping[str, Any]]:
        return self._since(self._pages_of_fills, params, start, "time")

    def _fills_of(self, row: Row) -> Iterator[Mapping[str, Any]]:
        """All fills of an order; where they cannot be asked for, all of its symbol since it was placed."""
        if self._source.by_order:
            return self._pages_of_fills(self._named(row.key))
        return self._fills_since({**self._source.params, "symbol": row.key[0]}, row.opened)

    def _pages_of_fills(self, params: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        return self._pages(self._source.fills, "id", "fromId", params, self._source.fills_page)

    def _since(self, pages: _Pages, params: Mapping[str, object], start: int, time: str) -> Iterator[Mapping[str, Any]]:
        """All rows since a moment, span by span; ``time`` is what they call theirs."""
        span = self._source.span - _HOUR  # clocks differ
        while start + span < self._question.now:
            end = start + span
            rows = pages({**params, "startTime": start, "endTime": end - 1})
            yield from takewhile(partial(_is_before, end, time), rows)
            start = end
        yield from pages({**params, "startTime": start})

    def _pages(
        self, path: str, key: str, first: str, params: Mapping[str, object], size: int
    ) -> Iterator[Mapping[str, Any]]:
        """All rows, page by page; those behind the first one by their ids."""
        while True:
            rows = self._get(f"{self._source.base}/{path}", {**params, "limit": size})
            yield from rows
            if len(rows) < size:
                return
            params = {name: value for name, value in params.items() if name not in _TIMES}
            params[first] = rows[-1][key] + 1

    def _get(self, path: str, params: Mapping[str, object]) -> Any:
        weight = self._source.weights.get(path.rpartition("/")[2], 0)
        return self._rest.call("GET", path, params, "signed", weight=weight)


def _is_before(end: int, name: str, row: Mapping[str, Any]) -> bool:
    return bool(row[name] < end)
