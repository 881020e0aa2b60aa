"""What is sent over a WebSocket: the whole list of what is wanted, in one message.

Source: docs.upbit.com/kr/reference/websocket-guide (2026-08-31) and ``list-subscriptions`` (2026-09-09).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from ...errors import BinanceSocketsError
from .kinds import COUNTS, kind_of
from .messages import asked_with, encode, indicator_name, level_text
from .portions import Portions

__all__ = ["FORMATS", "asked_by", "listing", "named_by", "subscription"]

FORMATS = ("SIMPLE", "DEFAULT", "SIMPLE_LIST", "JSON_LIST")
"""Forms of messages, the default first: the one with the fewest bytes."""

_LIST = "list-"


def subscription(counts: Mapping[str, int | None], first: Iterable[str], portions: Portions, format_: str) -> bytes:
    """The message that has a WebSocket carry these streams and nothing else.

    Streams of one type that shall come in the same way share an object.

    Args:
        counts: the levels of each stream that are asked for, by name; ``None`` for all.
        first: those that it does not carry yet.
        portions: who wants what of them.
        format_: one of :data:`FORMATS`.
    """
    new = set(first)
    objects: dict[bytes, dict[str, Any]] = {}
    for name, count in counts.items():
        type_, _, rest = name.partition(":")
        made: dict[str, Any] = {"type": type_}
        kind = kind_of(type_)
        code = None
        if kind.endpoint == "info":
            made, code = _indicator(name)
        elif kind.takes_codes:
            code, _, level = rest.partition(":")
            if type_ == "orderbook" and count not in (None, COUNTS[-1]):
                code = f"{code}.{count}"
            if level:
                made["level"] = msgspec.Raw(level.encode())
        if kind.snapshots:
            made |= _flags(portions.snapshot_of(name, name in new), portions.changes_of(name))
        if type_ == "announcement":
            made["include_body"] = portions.bodies(name)
        found = objects.setdefault(encode(made), made)
        if code is not None and code not in found.setdefault("codes", []):
            found["codes"].append(code)
    return encode([{"ticket": str(uuid.uuid4())}, *objects.values(), {"format": format_}])


def _flags(snapshot: bool, changes: bool) -> dict[str, bool]:
    if not changes:  # also once it has come, while its socket waits for that of another market
        return {"is_only_snapshot": True}
    return {} if snapshot else {"is_only_realtime": True}


def _indicator(name: str) -> tuple[dict[str, Any], str]:
    """The object that asks for one indicator of one market, but for its code."""
    type_, code, frame, indicator, _ = name.split(":", 4)
    params, trigger, event_params = asked_with(name)
    asked: dict[str, Any] = {"type": indicator, "params": params or {}}
    if trigger is not None:
        asked |= {"trigger": trigger, "event_params": event_params or {}}
    return {"type": type_, "timeframe": frame, "indicators": [asked]}, code


def listing(request_id: int, format_: str) -> bytes:
    """The message that asks what is carried. It brings the format again, as that would fall back to ``DEFAULT``."""
    return encode([{"ticket": f"{_LIST}{request_id}"}, {"method": "LIST_SUBSCRIPTIONS"}, {"format": format_}])


def asked_by(ticket: object) -> int | None:
    """The id of the question to :func:`listing` that has this ticket; ``None`` where it is another one."""
    text = str(ticket)
    number = text.removeprefix(_LIST)
    return int(number) if number != text and number.isdecimal() else None


def named_by(result: object) -> frozenset[str] | None:
    """The names of the streams in the answer to :func:`listing`; ``None`` where it cannot be read."""
    if not isinstance(result, list):
        return None
    try:
        return frozenset(name for row in result for name in _named(row))
    except (BinanceSocketsError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        return None


def _named(row: Mapping[str, Any]) -> list[str]:
    """The names in one row, in full or in short names; raises where it is none."""
    type_ = row["type"] if "type" in row else row["ty"]
    codes = row.get("codes", row.get("cds"))
    if codes is None or not kind_of(type_).takes_codes:
        kind_of(type_)
        return [type_]
    level = row.get("level", row.get("lv"))
    return [name for code in codes for name in _names(type_, str(code), level, row)]


def _names(type_: str, code: str, level: object, row: Mapping[str, Any]) -> list[str]:
    if type_ == "orderbook":
        base, dot, count = code.rpartition(".")
        code = base if dot and count.isdigit() and int(count) in COUNTS else code
        return [
            f"orderbook:{code}" if not level or not Decimal(str(level)) else f"orderbook:{code}:{level_text(level)}"
        ]
    if kind_of(type_).endpoint == "info":
        frame = row.get("timeframe", row.get("tf"))
        return [
            indicator_name({**each, "type": type_, "code": code, "timeframe": frame, "indicator": each["type"]})
            for each in row.get("indicators", row.get("inds", ()))
        ]
    return [f"{type_}:{code}"]
