"""What trades and candles have sent before, over REST: from the newest backwards, as the exchange tells it.

Source: docs.upbit.com/kr/reference, ``list-pair-trades`` (500 at once, by ``cursor``) and ``list-candles-minutes`` (200
at once, by ``to``); state of 2026-11.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ...errors import ExchangeError
from ...exchange import Page, Place, Since
from .kinds import KINDS
from .messages import Message, Reading
from .rest import UpbitRest
from .unify import open_ms, unit_ms

__all__ = ["History", "Source", "UpbitPast", "joined", "source_of"]

_CLOSED = 2**62  # progress of a candle that is final
_MOST_CALLS = 20  # for one hole
_CHANGE = {True: "RISE", False: "FALL"}
_DAYS = 7  # for which the exchange keeps trades

Fields = dict[str, Any]


def _place(name: str, fields: Mapping[str, Any], final: bool) -> Place:
    """A candle's is its begin, and the volume so far, which never falls."""
    if name.startswith("trade:"):
        return Place(fields["sequential_id"])
    progress = _CLOSED if final else int(Decimal(fields["candle_acc_trade_volume"]).scaleb(12))
    return Place(open_ms(fields["candle_date_time_utc"]), min(progress, _CLOSED))


class Source:
    """Trades or candles of one market.

    Args:
        name: of the stream.
        rest: asks.
        reading: what its messages are read with.
    """

    most: int
    """Rows of one answer."""

    def __init__(self, name: str, rest: UpbitRest, reading: Reading) -> None:
        self.name = name
        self.type, self.code = name.split(":", 1)
        self._rest = rest
        self._reading = reading

    def rows(self, before: Fields | None, count: int) -> Sequence[Fields]:
        """Up to ``count`` rows, the newest first, of what is older than a row; of the newest with ``None``."""
        raise NotImplementedError

    def place(self, fields: Mapping[str, Any], final: bool) -> Place:
        """Where a message, or a row, stands. ``final``: it can change no more."""
        return _place(self.name, fields, final)

    def time(self, row: Fields) -> float:
        """When a row, or a message, happened, seconds since the epoch."""
        raise NotImplementedError

    def fields(self, row: Fields) -> Fields:
        """A row as the stream would have sent it."""
        raise NotImplementedError

    def message(self, row: Fields) -> Message:
        """The message of a row."""
        fields = {**self.fields(row), "stream_type": "REALTIME", "backfilled": True}
        return Message(self.name, KINDS[self.type.partition(".")[0]], fields, None, self._reading)

    def backwards(self, reached: Callable[[Fields], bool], most: float = math.inf) -> Iterator[Fields]:
        """Rows from the newest on, until one that is ``reached`` or there are ``most``. Blocks for its turn to ask.

        Raises:
            ExchangeError: there is more than one would ask for.
        """
        last: Fields | None = None
        left = most
        for _ in range(_MOST_CALLS):
            count = int(min(left, self.most))
            rows = self._rows(last, count)
            for row in rows:
                if reached(row):
                    return
                yield row
            left -= len(rows)
            if len(rows) < count or not left:
                return
            last = rows[-1]
        raise ExchangeError(None, f"more than {_MOST_CALLS * self.most} rows were missed")

    def _rows(self, before: Fields | None, count: int) -> Sequence[Fields]:
        rows = self.rows(before, count)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ExchangeError(None, "the answer is no list of objects")
        return rows


class _Trades(Source):
    most = 500

    def rows(self, before: Fields | None, count: int) -> Sequence[Fields]:
        params = {"market": self.code, "count": str(count)}
        if before is not None:
            params["cursor"] = str(before["sequential_id"])
        found: Sequence[Fields] = self._rest.paced("/v1/trades/ticks", params)
        return found

    def time(self, row: Fields) -> float:
        return float(row.get("trade_timestamp") or row["timestamp"]) / 1000

    def fields(self, row: Fields) -> Fields:
        change = Decimal(row.get("change_price") or 0)
        return {
            "type": "trade",
            "code": row["market"],
            "timestamp": row["timestamp"],
            "trade_date": row.get("trade_date_utc"),
            "trade_time": row.get("trade_time_utc"),
            "trade_timestamp": row["timestamp"],
            "trade_price": row["trade_price"],
            "trade_volume": row["trade_volume"],
            "ask_bid": row["ask_bid"],
            "prev_closing_price": row.get("prev_closing_price"),
            "change": _CHANGE[change > 0] if change else "EVEN",
            "change_price": abs(change),
            "sequential_id": row["sequential_id"],
        }


class _Candles(Source):
    most = 200

    def __init__(self, name: str, rest: UpbitRest, reading: Reading) -> None:
        super().__init__(name, rest, reading)
        self._unit = self.type.partition(".")[2]
        self._path = "/v1/candles/seconds" if self._unit == "1s" else f"/v1/candles/minutes/{self._unit[:-1]}"
        self.step = unit_ms(self._unit)

    def rows(self, before: Fields | None, count: int) -> Sequence[Fields]:
        params = {"market": self.code, "count": str(count)}
        if before is not None:
            params["to"] = f"{before['candle_date_time_utc']}Z"
        found: Sequence[Fields] = self._rest.paced(self._path, params)
        return found

    def time(self, row: Fields) -> float:
        return open_ms(row["candle_date_time_utc"]) / 1000

    def fields(self, row: Fields) -> Fields:
        kept = {name: value for name, value in row.items() if name not in ("market", "unit")}
        return {"type": self.type, "code": row["market"], **kept}


def source_of(name: str, rest: UpbitRest, reading: Reading) -> Source | None:
    """What REST has of a stream; ``None`` where it has nothing."""
    if name.startswith("trade:"):
        return _Trades(name, rest, reading)
    return _Candles(name, rest, reading) if name.startswith("candle.") else None


class History:
    """The past that a callback begins with, of one stream.

    Args:
        source: what REST has.
        since: how much is wanted.

    Attributes:
        told: what REST has told so far, the oldest first.
    """

    def __init__(self, source: Source, since: Since) -> None:
        self.source = source
        self.told: list[Message] = []
        self._since = since

    def ask(self) -> list[Message]:
        """All of it by now; once something was told only what is newer is asked for. Blocks for its turn to ask; raises
        as REST calls do."""
        after = _so_far(self.told[-1]) if self.told else None
        if after is None:
            rows = self._rows()
        else:
            rows = _newer(self.source, after)
        found = [self.source.message(row) for row in reversed(rows)]
        if after is not None and found:  # a candle that has grown is told anew
            begin = _so_far(found[0])
            found = [*(each for each in self.told if _is_before(_so_far(each), begin)), *found]
        self.told = found or self.told
        return self.told

    def _rows(self) -> list[Fields]:
        source, since = self.source, self._since
        if since.count is not None:
            return list(source.backwards(lambda row: False, since.count))
        begin = since.time or 0.0
        return list(source.backwards(lambda row: source.time(row) < begin, source.most * _MOST_CALLS))

    def reaches(self, come: Sequence[Message]) -> bool:
        """Whether nothing is missing between what was told and what the stream has brought; REST may be behind."""
        live = ((message, _so_far(message)) for message in come if not message.backfilled)
        message, first = next(((message, place) for message, place in live if place is not None), (None, None))
        if message is None or first is None:
            return True
        if not self.told:
            return self._since.count is None and self.source.time(message.exact) < (self._since.time or 0.0)
        last = _so_far(self.told[-1])
        return last is None or last >= first


def _newer(source: Source, after: Place) -> list[Fields]:
    """The rows behind ``after``, the newest first; of candles the one at ``after`` as well, which may have grown."""

    def reached(row: Fields) -> bool:
        order = source.place(row, True).order
        return order < after.order or (order == after.order and not isinstance(source, _Candles))

    return list(source.backwards(reached))


def _is_before(place: Place | None, begin: Place | None) -> bool:
    return place is None or begin is None or place.order < begin.order


def joined(told: Sequence[Message], live: Sequence[Message]) -> tuple[list[Message], Callable[[Message], bool] | None]:
    """Where what was told of a stream, and what the stream brings, meet.

    Args:
        told: what REST has told, or a snapshot, the oldest first.
        live: what the stream has brought meanwhile. All that follows comes live as well.

    Returns:
        What of ``told`` comes before that; and, where nothing has come yet, what says of a message whether it, or a
        later one, was told already. All of ``told``, and ``None``, for what has no place in its stream.
    """
    places = {id(message): _so_far(message) for message in (*told, *live)}
    begun = min((place for message in live if (place := places[id(message)]) is not None), default=None)
    if begun is not None:
        return [message for message in told if (place := places[id(message)]) is None or place < begun], None
    known = {place for place in places.values() if place is not None}
    if not known:
        return list(told), None
    first, last, trades = min(known), max(known), told[0].name.startswith("trade:")

    def stale(message: Message) -> bool:
        place = _so_far(message)
        if place is None or place > last:
            return False
        return place < first or place in known or not trades

    return list(told), stale


def _so_far(message: Message) -> Place | None:
    """Where a message stands that may still change; ``None`` for one that stands nowhere, or of another shape."""
    try:
        found = _place(message.name, message.exact, False)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return None
    return found if isinstance(found.order, int) else None


class UpbitPast:
    """The past of one stream: a :class:`~binance_sockets.exchange.Past`.

    Args:
        source: what REST has.
        wanted: whether somebody wants what was lost. Any thread.
    """

    since = None
    numbered = False

    def __init__(self, source: Source, wanted: Callable[[], bool]) -> None:
        self.rises = isinstance(source, _Candles)  # ids of trades tell them apart; their order is not promised
        self._source = source
        self._wanted = wanted

    @property
    def fills(self) -> bool:
        return self._wanted()

    def place(self, payload: Any) -> Place:
        """A row of REST is final, but for the newest candle, which says so itself."""
        return self._source.place(payload.exact, payload.backfilled and not payload.open)

    def joins(self, before: Place, after: Place) -> bool:
        """The same candle, or the next one behind one that is final; of trades nobody can say."""
        if not isinstance(self._source, _Candles):
            return False
        if after.order == before.order:
            return True
        return before.progress == _CLOSED and after.order <= before.order + self._source.step

    def repeats(self, payload: Any) -> bool:
        """A snapshot, which is for those alone that await one."""
        return bool(payload.snapshot)

    def pause(self) -> float:
        """None: a page waits for its own turns, as it may take several calls."""
        return 0.0

    def leave(self) -> None:
        """Nothing: no page was put off."""

    def page(self, after: Place | None) -> Page:
        """All that is behind ``after`` by now."""
        assert after is not None, "a history comes otherwise"
        source = self._source

        rows = _newer(source, after)
        messages = [source.message(row) for row in reversed(rows)]
        if messages and isinstance(source, _Candles):
            messages[-1].open = True
        return Page(messages, True)
