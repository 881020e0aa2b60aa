"""The past of one stream over REST, page by page, within the request weight that is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import msgspec

from ...engine.clock import Clock
from ...errors import ExchangeError
from ...exchange import Page, Place, Since, View
from . import models as m
from .continuity import CLOSED, fields_of
from .models.base import with_extra
from .names import Name
from .past_table import BACKFILLED, Fields, Params, Source
from .rest import PublicRest
from .typed import decoder_for
from .unify import Unifier

__all__ = ["StreamPast"]

_BEHIND = 60.0  # seconds by which this machine's clock may be behind the exchange's
_END = 6  # of a candle, where it stands in a row
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 31 * 86_400}


class StreamPast:
    """The past of one stream: a :class:`~binance_sockets.exchange.Past`.

    Args:
        source: where it is.
        name: the stream.
        rest: asks.
        view: how callbacks see a message.
        wrapped: whether payloads come as ``{"stream", "data"}``.
        numbers: the type of the events' numbers.
        unify: makes neutral events.
        microseconds: whether times are microseconds.
        api_key: sent where the source wants one.
        fills: whether what was lost is asked for.
        since: how much comes before the first message.
        clock: this machine's; ``None`` (default) for one of its own.
    """

    rises = True

    def __init__(
        self,
        source: Source,
        name: Name,
        rest: PublicRest,
        *,
        view: View,
        wrapped: bool,
        numbers: Any = str,
        unify: Unifier | None = None,
        microseconds: bool = False,
        api_key: str | None = None,
        fills: bool = False,
        since: Since | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.fills = fills
        self.since = since
        self.numbered = not source.candles
        self._source = source
        self._clock = clock or Clock()
        self._name = name
        self._rest = rest
        self._claim = rest.claim("past", source.weight)
        self._paid = False  # for the next request
        self._view = view
        self._wrapped = wrapped
        self._numbers = numbers
        self._unify = unify
        self._unit = 1000 if microseconds else 1
        self._headers = {"X-MBX-TIME-UNIT": "MICROSECOND"} if microseconds else {}
        if source.keyed and api_key:
            self._headers["X-MBX-APIKEY"] = api_key

    def place(self, payload: Any) -> Place:
        """By the id of a trade; by the begin of a candle and the trades in it."""
        fields = fields_of(payload, self._wrapped, 1_000_000 // self._unit)
        if not self._source.candles:
            return Place(fields[self._source.id])
        candle = fields["k"]
        return Place(candle["t"], CLOSED if candle["x"] else candle["n"])

    def joins(self, before: Place, after: Place) -> bool:
        """The next id; the same candle, or the next one behind one that is final."""
        if not self._source.candles:
            return after.order <= before.order + 1
        if after.order == before.order:
            return True
        return before.progress == CLOSED and after.order <= before.order + self._step

    def repeats(self, payload: Any) -> bool:
        """None does."""
        return False

    @property
    def _step(self) -> int:
        """Length of a candle in the stream's unit of time; of a month its longest."""
        interval = self._name.values["interval"]
        return int(interval[:-1]) * _UNITS[interval[-1]] * 1000 * self._unit

    def pause(self) -> float:
        """By what the product's calls may use, of which the page's first one is paid where it may be made now.

        None in a ban, for which live messages are not to be held back: the page is refused at once.
        """
        if self._claim is None:
            return 0.0
        wait = self._claim.take()
        self._paid = wait <= 0.0
        return 0.0 if self._claim.banned else wait

    def leave(self) -> None:
        """Its place in the line is free."""
        if self._claim is not None:
            self._claim.leave()

    def page(self, after: Place | float | None) -> Page:
        """The next rows over REST; see :class:`~binance_sockets.exchange.Past`."""
        if isinstance(after, Place):
            rows = self._rows_after(after.order if after.progress != CLOSED else after.order + 1)
            last = len(rows) < self._source.page
        elif after is not None:
            rows, last = self._missed_rows(int(self._moment(after) * 1000))
        else:
            assert self.since is not None, "a history is asked for where one is wanted"
            rows, last = self._first_rows(self.since)
        return Page(self._payloads(rows), last, open=self._source.candles)

    def _moment(self, ago: float) -> float:
        """So many seconds ago, by the clock of the exchange or this machine's: whichever makes it earlier."""
        asked = self._clock.monotonic()
        path = self._source.path.rpartition("/")[0] + "/time"
        answer = self._rest.get(path, {}, weight=1)
        told = answer.get("serverTime") if isinstance(answer, dict) else None
        if type(told) is not int:
            raise ExchangeError(None, f"{path} answered without a time")
        ahead = told / 1000 - self._clock.time()
        if ahead > _BEHIND:  # else long before the loss would count as behind it
            raise ExchangeError(None, f"this machine's clock is {ahead:.0f} s behind the exchange's")
        return told / 1000 - max(0.0, ahead) - (self._clock.monotonic() - asked) - ago

    def _missed_rows(self, time_ms: int) -> tuple[Sequence[Any], bool]:
        """The first rows of what was sent from a moment on, and whether nothing is behind them."""
        if not self._source.candles:
            first = self._first_id(time_ms)
            rows = () if first is None else self._rows_after(first - 1)
            return rows, len(rows) < self._source.page
        since = time_ms * self._unit
        rows = self._rows_after(max(0, since - self._step))
        return [row for row in rows if row[_END] >= since], len(rows) < self._source.page

    def _rows_after(self, order: int) -> Sequence[Any]:
        if self._source.candles:
            return self._ask({"startTime": str(order)}, self._source.page)
        return self._ask({"fromId": str(order + 1)}, self._source.page)

    def _first_rows(self, since: Since) -> tuple[Sequence[Any], bool]:
        """The first rows of a history, and whether nothing is behind them."""
        most = self._source.page
        if since.count is not None and since.count <= most:
            return self._ask({}, since.count), True
        if since.time is not None and not self._source.candles:
            first = self._first_id(int(since.time * 1000))
        else:
            first = self._first_order(since)
        if first is None:
            return (), True
        rows = self._rows_after(first if self._source.candles else first - 1)
        return rows, len(rows) < most

    def _first_order(self, since: Since) -> int | None:
        if since.time is not None:
            return int(since.time * 1000) * self._unit
        assert since.count is not None
        latest = self._ask({}, 1)
        if not latest:
            return None
        order = self.place(self._payloads(latest)[0]).order
        return max(0, order - (since.count - 1) * (self._step if self._source.candles else 1))

    def _first_id(self, time_ms: int) -> int | None:
        """The id of the first trade from a moment on: aggregate trades alone are found by their time."""
        path = self._source.path.replace("historicalTrades", "aggTrades")
        found = self._ask({"startTime": str(time_ms)}, 1, path)
        if not found:
            return None
        first = found[0]["f" if self._source.id == "t" else "a"]
        return int(first)

    def _ask(self, params: Params, limit: int, path: str = "") -> Sequence[Any]:
        paid, self._paid = self._paid, False
        query = {**self._source.subject(self._name.values), **params, "limit": str(limit)}
        rows = self._rest.get(
            path or self._source.path, query, self._headers, weight=0 if paid else self._source.weight
        )
        if not isinstance(rows, list):
            raise ExchangeError(None, "the answer is no list")
        return rows

    def _payloads(self, rows: Sequence[Any]) -> list[Any]:
        fields = [self._source.row(row, self._name.values) for row in rows]
        if self._source.candles:
            # The last one may still change, whatever the time is here or there.
            for each, following in zip_longest(fields, fields[1:]):
                candle = each["k"]
                candle["x"] = following is not None
                each["E"] = candle["t"] if following is None else candle["T"] + 1
        return [self._seen({**each, BACKFILLED: True}) for each in fields]

    def _seen(self, fields: Fields) -> Any:
        """The message as the connection's view has it."""
        wire = self._name.wire
        message = {"stream": wire, "data": fields} if self._wrapped else fields
        if self._view is View.DICT:
            return message
        if self._view is View.RAW:
            return msgspec.json.encode(message)
        assert self._name.family is not None
        event = decoder_for(self._name.family.kind, self._numbers)(msgspec.json.encode(fields))
        if self._unify is not None and self._view is View.UNIFIED:
            event = self._unify(wire, event, backfilled=True)
        else:
            event = with_extra(event, fields)
        return m.Combined(wire, event) if self._wrapped else event
