"""Which field of a message says where it stands in its stream, by the rows of the table of streams.

Ids: ``t`` of trades, ``a`` of aggregate trades, ``u`` of books and best prices, the open time of candles with their
content. The exchange documents no id by which other messages repeat (see its pages on the streams, state of 2026-10);
they have an event time, and equal content; those of many instruments, and of events, content alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ...exchange import Continuity, Position
from ...unified import Event
from . import models as m
from .families import Family
from .forms import MS
from .unify import letters

__all__ = ["CLOSED", "continuity", "fields_of", "moment"]

CLOSED = 2**62
"""Progress of a candle that is final: beyond any number of trades."""

_decode = msgspec.json.Decoder().decode

# Rows of which equal content alone tells a copy. Those that report events: none of them stands for the one before, so
# that none may be left out because it is older.
_EVENTS = frozenset(
    ("liquidation", "all_liquidations", "contract_info", "trading_session", "new_symbols", "block_trade")
)
# And those of many instruments, beside the lists: neither ids nor event times of one say anything about the next, and
# whole lists come in several frames.
_MANY = frozenset(("all_book_tickers", "ticker_by_expiration"))


def continuity(row: Family | None, name: str, wrapped: bool, unit: int = MS) -> Continuity | None:
    """The rule for one stream.

    Args:
        row: its row in the table; ``None`` where it is in none.
        name: its name on the wire.
        wrapped: whether payloads come as ``{"stream", "data"}``.
        unit: nanoseconds of one unit of the exchange's times.
    """
    if row is None:
        return None
    read, ids = _rule(row, name)

    def position(payload: Any) -> Position:
        return read(fields_of(payload, wrapped, unit))

    return Continuity(position, ids)


def _rule(row: Family, name: str) -> tuple[Callable[[Any], Position], bool]:
    of_an_underlying = row.market == "options" and row.key == "trade" and "-" not in name
    if row.array or of_an_underlying or row.key in _EVENTS | _MANY:
        return _by_content, False
    if row.key == "agg_trade":
        return _by("a"), True
    if row.key in ("depth", "partial_depth", "rpi_depth"):
        return _by("lastUpdateId" if row.model is m.PartialDepth else "u"), True
    if row.key == "book_ticker":
        return _by("u"), True
    if row.key == "trade":
        return _by("t"), True
    if "kline" in row.key:
        return _candle, True
    return _by_time, False


def _by(field: str) -> Callable[[Any], Position]:
    return lambda fields: Position(fields[field])


def _candle(fields: Any) -> Position:
    """A candle is sent again and again until it is closed: its open time, what it holds, and the trades in it."""
    candle = fields["k"]
    return Position(candle["t"], _content(candle), CLOSED if candle.get("x") else candle.get("n", 0))


def _by_content(fields: Any) -> Position:
    return Position(None, _content(fields))


def _by_time(fields: Any) -> Position:
    time = fields["E"] if "E" in fields else fields["t"]  # reference prices have no E
    return Position(time, _content(fields))


_MICROSECONDS = 10**14  # times from here on are in microseconds


def moment(payload: Any, wrapped: bool) -> float | None:
    """When a message happened, by its event time: seconds since the epoch; ``None`` where it carries none."""
    fields = fields_of(payload, wrapped)
    first = fields[0] if isinstance(fields, list) and fields else fields
    time = first.get("E") if isinstance(first, dict) else None
    if not isinstance(time, int):
        return None
    return time / (1_000_000 if time >= _MICROSECONDS else 1_000)


def _content(fields: Any) -> int:
    return hash(msgspec.json.encode(fields))


def fields_of(payload: Any, wrapped: bool, unit: int = MS) -> Any:
    """A payload of any view as the exchange's own fields; of a neutral event those that tell its position."""
    if isinstance(payload, bytes):
        payload = _decode(payload)
    if isinstance(payload, m.Combined):
        payload = payload.data
    elif wrapped and isinstance(payload, Mapping):
        payload = payload["data"]
    if isinstance(payload, list):
        return [_fields(each, unit) for each in payload]
    return _fields(payload, unit)


def _fields(payload: Any, unit: int) -> Any:
    if isinstance(payload, dict):
        return payload
    return letters(payload, unit) if isinstance(payload, Event) else msgspec.to_builtins(payload)
