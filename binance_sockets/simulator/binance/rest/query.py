"""The parameters of one REST request: what they must look like, and how each product refuses them."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import parse_qsl

from binance_sockets.simulator.binance.payloads import Stamp, microseconds, milliseconds
from binance_sockets.simulator.binance.trading.calls import Refused, missing
from binance_sockets.simulator.venue import RestRequest

__all__ = ["Query", "RestError"]

_INTEGER = "^[0-9]{1,20}$"
_SYMBOL = r"^[\w\-._&&[^a-z]]{1,50}$"
_LEGAL: dict[str, tuple[str, str]] = {  # name: what it must match, and how the exchange writes that
    "symbol": (r"(?:[^\Wa-z]|[-.]){1,50}", _SYMBOL),
    "limit": (r"\d{1,20}", _INTEGER),
    "fromId": (r"\d{1,20}", _INTEGER),
    "startTime": (r"\d{1,20}", _INTEGER),
    "endTime": (r"\d{1,20}", _INTEGER),
    "timeZone": (r"[+-]?(?:\d|1[0-4]|0\d)(?::[0-5]\d)?", r"^(-?\d{1,2}(:\d{2})?)$"),
    "windowSize": (r"[1-9]\d?[mhd]", "^[0-9]{1,2}[mhd]$"),
    "showPermissionSets": ("true|false", "true|false"),
}
_STATUSES = ("TRADING", "HALT", "BREAK")
_NUMBERS = frozenset({"limit", "fromId", "startTime", "endTime"})
_SYMBOLS = re.compile(r'\[(?:\s*"[^"]{1,50}"\s*(?:,\s*"[^"]{1,50}"\s*)*)?\]')
_MICROSECONDS = 10**14  # requests on spot may give times in either unit


RestError = Refused
"""An answer of the form ``{"code", "msg"}``."""


def not_valid(name: str) -> RestError:
    """A value that is well-formed and impossible."""
    return RestError(-1130, f"Data sent for parameter '{name}' is not valid.")


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a request, in the query or as a form in the body.

    Attributes:
        product: whose rules hold.
        request: the whole request.
        pairs: names and values in their order.
        values: by name.
        ts: turns microseconds into the unit that the request asked for.
    """

    product: str
    request: RestRequest
    pairs: tuple[tuple[str, str], ...]
    values: dict[str, str]
    ts: Stamp

    @classmethod
    def of(cls, product: str, request: RestRequest) -> Query:
        """Read a request; nothing is checked."""
        pairs = [*parse_qsl(request.query, keep_blank_values=True), *parse_qsl(request.form, keep_blank_values=True)]
        unit = request.headers.get("X-MBX-TIME-UNIT", "").upper() if product == "spot" else ""
        ts = microseconds if unit == "MICROSECOND" else milliseconds
        return cls(product, request, tuple(pairs), dict(pairs), ts)

    # checks, in the order of the exchange

    def check(self, allowed: frozenset[str], mandatory: tuple[str, ...]) -> None:
        """Refuse what the product refuses.

        Args:
            allowed: names that the call reads.
            mandatory: those that must be sent.

        Raises:
            RestError: repeated, empty, malformed, missing or unknown parameters, or an impossible time unit.
        """
        self._check_unit()
        if self.product == "spot" and self.pairs and not allowed:
            raise RestError(-1101, f"Too many parameters; expected '0' and received '{len(self.pairs)}'.")
        for name, count in Counter(name for name, _ in self.pairs).items():
            if count > 1 and (name in allowed or self.product == "spot"):
                raise RestError(-1101, f"Duplicate values for parameter '{name}'.")
        for name, value in self.values.items():
            if name in allowed:
                self._check_one(name, value)
        for name in mandatory:
            if name not in self.values:
                raise missing(name)
        unread = len(self.values.keys() - allowed)
        if unread and self.product == "spot":  # futures and options do not look at what they do not know
            read = len(self.values) - unread
            text = f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{len(self.values)}'."
            raise RestError(-1104, text)

    def _check_unit(self) -> None:
        unit = self.request.headers.get("X-MBX-TIME-UNIT")
        if self.product == "spot" and unit is not None and unit.upper() not in ("MICROSECOND", "MILLISECOND"):
            raise RestError(-1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.")

    def _check_one(self, name: str, value: str) -> None:
        if not value:
            raise RestError(-1105, f"Parameter '{name}' was empty.")
        if name == "symbolStatus" and value not in _STATUSES:
            raise RestError(-1122, "Invalid symbolStatus.")
        pattern, legal = _LEGAL.get(name, ("", ""))
        if not pattern or re.fullmatch(pattern, value):
            return
        if self.product == "spot":
            raise RestError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")
        if name in _NUMBERS:
            raise missing(name)

    # values

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """A value as it was sent."""
        return self.values.get(name, default)

    def number(self, name: str, default: int) -> int:
        """A whole number; the default also for what :meth:`check` refuses, so that weights can be known before."""
        text = self.values.get(name, "")
        return int(text) if re.fullmatch(r"[0-9]{1,20}", text) else default

    def limit(self, default: int, most: int) -> int:
        """How many rows. Spot cuts what is beyond ``most``, the others refuse it.

        Raises:
            RestError: zero, or too many.
        """
        limit = self.number("limit", default)
        if not limit or (limit > most and self.product != "spot"):
            raise not_valid("limit")
        return min(limit, most)

    def moment(self, name: str, default: int) -> int:
        """A time in microseconds."""
        time = self.number(name, -1)
        if time < 0:
            return default
        return time if self.product == "spot" and time >= _MICROSECONDS else time * 1000

    def span(self) -> tuple[int, int]:
        """``startTime`` and ``endTime`` in microseconds, everything by default.

        Raises:
            RestError: the end is before the start, where that is not simply an empty span.
        """
        start, end = self.moment("startTime", 0), self.moment("endTime", 10**18)
        if start > end and self.product != "spot":
            raise RestError(-1023, "Start time is greater than end time.")
        return start, end

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of some words.

        Raises:
            RestError: another word.
        """
        value = self.values.get(name, default)
        if value not in allowed:
            legal = "|".join(allowed)
            raise RestError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")
        return value

    def names(self, name: str = "symbols") -> list[str] | None:
        """A JSON array of texts; ``None`` where it was not sent.

        Raises:
            RestError: no such array, or a text stands in it twice.
        """
        text = self.values.get(name)
        if text is None:
            return None
        names = _texts(text) if _SYMBOLS.fullmatch(text) else None
        if names is None:
            legal = f'^\\[("{_SYMBOL[1:-1]}"(,"{_SYMBOL[1:-1]}"){{0,}}){{0,1}}\\]$'
            raise RestError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")
        if len(set(names)) < len(names):
            raise RestError(-1151, "Symbol is present multiple times in the list.")
        return names

    def zone(self) -> int:
        """``timeZone`` in microseconds east of UTC.

        Raises:
            RestError: beyond -12:00 to +14:00.
        """
        hours, _, minutes = self.text("timeZone", "0").partition(":")
        offset = abs(int(hours)) * 60 + int(minutes or 0)
        offset = -offset if hours.startswith("-") else offset
        if not -720 <= offset <= 840:
            raise not_valid("timeZone")
        return offset * 60_000_000


def _texts(text: str) -> list[str] | None:
    """A JSON array of texts; ``None`` where escapes, control signs or foreign spaces keep it from being JSON."""
    try:
        names: list[str] = json.loads(text)
    except ValueError:
        return None
    return names
