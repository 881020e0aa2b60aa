"""``binance.helpers``: times and intervals as scripts write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

__all__ = ["date_to_milliseconds", "interval_to_milliseconds"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_592_000}
_FORMS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%d %b %Y",
    "%d %b, %Y",
    "%d %B %Y",
    "%d %B, %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%B %d %Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
)
_WORDS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_AGO = re.compile(r"^\s*(\d+|an?|one)\s+(second|sec|minute|min|hour|day|week|month|year)s?\s+ago(?:\s+utc)?\s*$", re.I)


def date_to_milliseconds(date_str: str) -> int:
    """Milliseconds since 1970 of a date as people write it: ``"1 Jan, 2018"``, ``"2020-05-01 12:00 UTC"``,
    ``"1 day ago UTC"``, ``"now"``. Times are UTC.

    Raises:
        ValueError: for a text that is no date.
    """
    text = date_str.strip()
    now = datetime.now(timezone.utc)
    if text.lower() in ("now", "now utc"):
        return int(now.timestamp() * 1000)
    if text.lower() in ("yesterday", "yesterday utc"):
        return int((now - timedelta(days=1)).timestamp() * 1000)
    if found := _AGO.match(text):
        count = int(found[1]) if found[1].isdigit() else 1
        unit = found[2].lower()
        seconds = _WORDS.get(unit) or {"month": 2_629_746, "year": 31_556_952}[unit]
        return int((now - timedelta(seconds=count * seconds)).timestamp() * 1000)
    plain = re.sub(r"\s+(UTC|GMT|Z)$", "", text, flags=re.I)
    if plain.isdecimal() and len(plain) >= 12:
        return int(plain)
    try:
        parsed = datetime.fromisoformat(plain)
    except ValueError:
        parsed = _by_form(plain)
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone.utc)
    return int(parsed.timestamp() * 1000)


def _by_form(text: str) -> datetime:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no date such as '1 Jan, 2018', '2020-05-01 12:00' or '1 day ago UTC'")


def interval_to_milliseconds(interval: str) -> int | None:
    """Milliseconds of ``"1m"`` to ``"1M"``, a month having 30 days; ``None`` for what is no interval."""
    number, unit = interval[:-1], interval[-1:]
    return int(number) * _UNITS[unit] * 1000 if number.isdecimal() and unit in _UNITS else None
