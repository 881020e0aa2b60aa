"""What clients send on a WebSocket: an array of a ticket, types and a format, or of a ticket and a method."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.indicators import checked
from binance_sockets.simulator.upbit.streams import DEPTHS, UNITS, Stream

__all__ = ["FORMATS", "Entry", "Part", "Request", "parsed"]

FORMATS = ("DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST")
PUBLIC = ("ticker", "trade", "orderbook", *(f"candle.{unit}" for unit in UNITS))
PRIVATE = ("myOrder", "myAsset", "announcement")
INFO = ("indicator", "indicator_signal")
CATEGORIES = (
    "notice", "trade", "wallet", "maintenance", "digital_asset", "nft", "service", "event", "note", "trading",
    "airdrop", "feature", "disclosure",
)  # fmt: skip
_TYPES = {"public": PUBLIC, "private": PRIVATE, "info": INFO}
_FLAGS = {"is_only_snapshot": "isOnlySnapshot", "is_only_realtime": "isOnlyRealtime"}
_DEPTH = re.compile(r"(.+)\.([0-9]{1,9})")
_MOST_COMBINATIONS = 100
_LONGEST_LEVEL = 24  # characters


@dataclass(frozen=True, slots=True)
class Part:
    """One stream of a request, with the text by which it was asked for.

    Args:
        code: as sent, with its depth; "" where the type has no codes.
        stream: which.
    """

    code: str
    stream: Stream


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of a type in a request.

    Args:
        type: of the messages.
        parts: its streams.
        snapshot: whether their present state is wanted.
        realtime: whether what happens from now on is wanted.
        facts: what a list of subscriptions tells beside type and codes.
        categories: of announcements; all where there are none.
        include_body: whether announcements have their text.
    """

    type: str
    parts: tuple[Part, ...]
    snapshot: bool = True
    realtime: bool = True
    facts: dict[str, Any] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    include_body: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One message.

    Args:
        ticket: the client's word for it.
        entries: of the types; empty for a list of subscriptions.
        format: of all that is sent from now on.
        lists: whether a list of subscriptions is asked for.
    """

    ticket: str
    entries: tuple[Entry, ...]
    format: str
    lists: bool = False


def parsed(message: bytes, place: str, *, camel_case: bool) -> Request:
    """A message as a request.

    Args:
        message: as received.
        place: ``public``, ``private`` or ``info``.
        camel_case: whether old names of flags are understood.

    Raises:
        Refused: it is none.
    """
    rows = _rows(message)
    ticket = next((row["ticket"] for row in rows if "ticket" in row), None)
    if not isinstance(ticket, str) or not ticket:
        raise Refused("NO_TICKET")
    format_ = next((row["format"] for row in rows if "format" in row), "DEFAULT")
    if not isinstance(format_, str) or format_ not in FORMATS:
        raise Refused("INVALID_PARAM", _shown(format_))
    method = next((row["method"] for row in rows if "method" in row), None)
    if method is not None:
        if method != "LIST_SUBSCRIPTIONS":
            raise Refused("INVALID_PARAM", _shown(method))
        return Request(ticket, (), format_, lists=True)
    typed = [row for row in rows if "type" in row]
    if not typed or any(not row.keys() & {"ticket", "format", "type"} for row in rows):
        raise Refused("NO_TYPE")
    entries = tuple(_entry(row, place, camel_case=camel_case) for row in typed)
    if sum(len(entry.parts) for entry in entries if entry.type in INFO) > _MOST_COMBINATIONS:
        raise Refused("TOO_MANY_REQUEST")
    return Request(ticket, entries, format_)


def _rows(message: bytes) -> list[dict[str, Any]]:
    try:
        rows = json.loads(message, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused("WRONG_FORMAT") from None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Refused("WRONG_FORMAT")
    return rows


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _entry(row: dict[str, Any], place: str, *, camel_case: bool) -> Entry:
    kind = row["type"]
    if not isinstance(kind, str) or not kind:
        raise Refused("NO_TYPE")
    if kind not in _TYPES[place]:
        elsewhere = kind in PRIVATE + INFO and place == "public"
        raise Refused("INVALID_AUTH") if elsewhere else Refused("INVALID_PARAM", _shown(kind))
    if kind in INFO:
        return _info_entry(kind, row)
    if kind == "announcement":
        return _announcements(row)
    if kind == "myAsset":
        if "codes" in row:
            raise Refused("WRONG_FORMAT")
        return Entry(kind, (Part("", Stream(kind)),), snapshot=False)
    codes = _codes(row, needed=kind != "myOrder")
    if kind == "myOrder":
        parts = [Part(code, Stream(kind, code)) for code in codes] or [Part("", Stream(kind))]
        return Entry(kind, tuple(parts), snapshot=False)
    only_snapshot, only_realtime = (_flag(row, name, camel_case=camel_case) for name in _FLAGS)
    level = _level(row.get("level", 0)) if kind == "orderbook" else "0"
    parts = [Part(code, _stream(kind, code, level)) for code in codes]
    facts = {"level": row.get("level", 0)} if kind == "orderbook" else {}
    return Entry(kind, tuple(parts), snapshot=not only_realtime, realtime=not only_snapshot, facts=facts)


def _codes(row: dict[str, Any], *, needed: bool) -> list[str]:
    codes = row.get("codes")
    if codes is None or codes == []:
        if needed:
            raise Refused("NO_CODES")
        return []
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise Refused("WRONG_FORMAT")
    return codes


def _flag(row: dict[str, Any], name: str, *, camel_case: bool) -> bool:
    value = row.get(name, row.get(_FLAGS[name], False) if camel_case else False)
    if not isinstance(value, bool):
        raise Refused("WRONG_FORMAT")
    return value


def _level(value: Any) -> str:
    """The level as a plain decimal, so that ``10000``, ``10000.0`` and ``"1e4"`` are one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or len(str(value)) > _LONGEST_LEVEL:
        raise Refused("INVALID_PARAM", _shown(value))
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Refused("INVALID_PARAM", _shown(value)) from None
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_LEVEL:
        raise Refused("INVALID_PARAM", _shown(value))
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def _stream(kind: str, code: str, level: str) -> Stream:
    if kind != "orderbook":
        return Stream(kind, code)
    match = _DEPTH.fullmatch(code)
    if match is None:
        return Stream(kind, code, level=level)
    depth = int(match[2])
    return Stream(kind, match[1], depth if depth in DEPTHS else DEPTHS[-1], level)


def _announcements(row: dict[str, Any]) -> Entry:
    categories, body = row.get("categories") or [], row.get("include_body", False)
    if not isinstance(categories, list) or not isinstance(body, bool):
        raise Refused("WRONG_FORMAT")
    for category in categories:
        if category not in CATEGORIES:
            raise Refused("INVALID_PARAM", _shown(category))
    facts: dict[str, Any] = {name: row[name] for name in ("categories", "include_body") if name in row}
    part = Part("", Stream("announcement"))
    return Entry("announcement", (part,), False, True, facts, tuple(categories), body)


def _info_entry(kind: str, row: dict[str, Any]) -> Entry:
    codes, wanted = _codes(row, needed=True), row.get("indicators")
    if not isinstance(wanted, list) or not wanted:
        raise Refused("INVALID_PARAM", "indicators")
    if len(codes) * len(wanted) > _MOST_COMBINATIONS:
        raise Refused("TOO_MANY_REQUEST")
    try:
        indicators = [checked(kind, row.get("timeframe"), definition) for definition in wanted]
    except (ValueError, TypeError) as error:
        raise Refused("INVALID_PARAM", str(error)) from None
    parts = tuple(Part(code, Stream(kind, code, wanted=one)) for code in codes for one in indicators)
    return Entry(kind, parts, snapshot=False, facts={"timeframe": row["timeframe"], "indicators": wanted})


def _shown(value: object) -> str:
    """What a client has sent, short enough to be said back."""
    return str(value)[:50]
