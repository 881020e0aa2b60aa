"""From bytes to messages: keys restored, numbers exact, every view made once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from ...errors import DecodeError
from ...exchange import Misfits, View
from ..arguments import NumbersName
from . import models as m
from .kinds import KINDS, Kind, Part
from .unify import unified_of

__all__ = [
    "Asked",
    "Message",
    "Reading",
    "asked_with",
    "decoded",
    "encode",
    "indicator_name",
    "level_text",
    "like",
    "messages_of",
    "name_of",
]

_LONGEST = 64  # digits that a number written with an exponent may have without it
_MOST_PLACES = 1000  # behind the point; more would only fill the memory

_sorted = msgspec.json.Encoder(decimal_format="number", order="sorted").encode

encode = msgspec.json.Encoder(decimal_format="number").encode
"""JSON with decimal numbers as numbers."""


def _exact(text: str) -> Decimal:
    """A number with all of its digits; one with an exponent, such as ``1.16539E8``, is written without it."""
    number = Decimal(text)
    if "E" not in text and "e" not in text:  # nearly all; the rest need not be fast
        return number
    if number.as_tuple().exponent <= 0 or number.adjusted() > _LONGEST:  # type: ignore[operator]
        return number
    return number.quantize(Decimal(1)) if number.adjusted() < 28 else Decimal(format(number, "f"))


decoded = msgspec.json.Decoder(float_hook=_exact).decode
"""JSON with exact numbers."""

_plain = msgspec.json.Decoder(float_hook=Decimal).decode  # the same where no number has an exponent
_large, _small = (re.compile(e + rb"[-+0-9]").search for e in (b"E", b"e"))  # each begins with one byte: found fast


def _text(number: Decimal) -> str:
    short = number.adjusted() <= _LONGEST and number.as_tuple().exponent >= -_MOST_PLACES  # type: ignore[operator]
    return format(number, "f") if short else str(number)


def _itself(number: Decimal) -> Decimal:
    return number


_AS: dict[NumbersName, Callable[[Any], Any]] = {"str": _text, "float": float}


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What one list asks of its WebSocket.

    Args:
        number: those of a connection are numbered, from 1 on, over all its WebSockets.
        counts: its streams, and the levels of each; ``None`` for all.
    """

    number: int
    counts: Mapping[str, int | None]


class Reading(NamedTuple):
    """What messages of one connection are read with.

    Args:
        misfits: told of what a view cannot express.
        clock: the wall clock, seconds since the epoch.
        asked: the lists by which they come: the last one of their WebSocket that counts, and one under way; none where
            they come over REST.
    """

    misfits: Misfits
    clock: Callable[[], float]
    asked: tuple[Asked, ...] = ()


class Message(msgspec.Struct, eq=False):
    """One message of a stream. Its views are made when they are first asked for.

    Args:
        name: of its stream.
        kind: its row.
        sent: the object as decoded, with exact numbers.
        wire: its bytes; ``None`` where it did not come alone.
        reading: what it is read with.
        open: it is a candle that may still change.
        own: it was asked for by one conn key for itself.
    """

    name: str
    kind: Kind
    sent: dict[str, Any]
    wire: bytes | None
    reading: Reading
    open: bool = False
    own: bool = False
    _exact: dict[str, Any] | None = None
    _event: Any = None
    _neutral: dict[NumbersName, Any] | None = None
    _received: int = 0

    @property
    def snapshot(self) -> bool:
        """It is what there is, not what has changed."""
        sent = self.sent
        return (sent["st"] if "st" in sent else sent.get("stream_type")) == "SNAPSHOT"

    @property
    def backfilled(self) -> bool:
        """It was asked for over REST."""
        return "backfilled" in self.sent

    @property
    def exact(self) -> dict[str, Any]:
        """All fields by their full names, decimal numbers as ``Decimal``."""
        if self._exact is None:
            self._exact = _restored(self.sent, self.kind.part)
        return self._exact

    @property
    def code(self) -> str:
        """The market; empty where it is about none."""
        sent = self.sent
        return str(sent["cd"] if "cd" in sent else sent.get("code", ""))

    def view(self, view: View, numbers: NumbersName) -> Any:
        """What a callback with this view receives."""
        if view is View.RAW:
            return self.raw
        if view is View.TYPED:
            return self.event
        if view is View.DICT:
            return self.fields(numbers)
        if self._neutral is None:
            self._neutral = {}
        found = self._neutral.get(numbers)
        if found is None:
            found = self._neutral[numbers] = self._unified(numbers)
        return found

    def fields(self, numbers: NumbersName) -> dict[str, Any]:
        """The dict view, which belongs to whoever asks for it: a callback may change it."""
        if numbers != "decimal":
            return _changed(self.exact, _AS[numbers])  # type: ignore[no-any-return]
        return _restored(self.sent, self.kind.part)

    def _unified(self, numbers: NumbersName) -> Any:
        """The neutral event; the dict view where something is missing for it."""
        self._received = self._received or int(self.reading.clock() * 1e9)
        try:
            return unified_of(self.kind.type, self.exact, self._received, _AS.get(numbers, _itself))
        except (LookupError, TypeError, ValueError, ArithmeticError) as error:
            self.reading.misfits.untyped(self.name, f"no unified event: {error!r}")
            return self.fields(numbers)

    @property
    def raw(self) -> bytes:
        """The bytes as they were sent; of one that did not come alone those that it would have had."""
        if self.wire is None:
            self.wire = encode(self.sent)
        return self.wire

    @property
    def event(self) -> Any:
        """The typed view."""
        if self._event is None:
            self._event = m.event_of(self.kind.type, self.exact, self.name, self.reading.misfits)
            if self._event is None:
                self._event = self.exact
        return self._event

    @property
    def levels(self) -> int:
        """Levels per side of an order book."""
        units = self.sent.get("obu", self.sent.get("orderbook_units"))
        return len(units) if isinstance(units, list) else 0

    def without(self, field: str) -> Message:
        """The same without a field, which is given by its full name."""
        short = next((key for key, name in self.kind.part.names.items() if name == field), field)
        sent = {key: value for key, value in self.sent.items() if key not in (field, short)}
        return self if len(sent) == len(self.sent) else self._as(sent)

    def _as(self, sent: dict[str, Any]) -> Message:
        return Message(self.name, self.kind, sent, None, self.reading)

    def cut(self, count: int) -> Message:
        """The same with at most ``count`` levels of an order book per side."""
        key = "obu" if "obu" in self.sent else "orderbook_units"
        units = self.sent.get(key)
        if not isinstance(units, list) or len(units) <= count:
            return self
        return self._as({**self.sent, key: units[:count]})


def messages_of(message: Any, reading: Reading) -> list[Message]:
    """The messages in what was sent: one, or those of a list.

    Raises:
        DecodeError, msgspec.DecodeError, KeyError: it is no data.
    """
    found = decoded(message) if _large(message) or _small(message) else _plain(message)
    if isinstance(found, dict):
        return [_message(found, bytes(message), reading)]
    if not isinstance(found, list) or not found:
        raise DecodeError("neither an object nor a list of them")
    return [_message(each, bytes(message) if len(found) == 1 else None, reading) for each in found]


def _message(sent: Any, raw: bytes | None, reading: Reading) -> Message:
    return Message(*name_of(sent), sent, raw, reading)


def name_of(sent: dict[str, Any]) -> tuple[str, Kind]:
    """The stream that a message belongs to, and its row."""
    short = "ty" in sent
    type_ = sent["ty"] if short else sent["type"]
    kind = KINDS[type_.partition(".")[0]]
    if not kind.takes_codes:
        return type_, kind
    code = sent["cd"] if short else sent["code"]
    if type_ == "orderbook":
        level = sent.get("lv" if short else "level")
        return (f"orderbook:{code}:{level_text(level)}" if level else f"orderbook:{code}"), kind
    if kind.endpoint == "info":
        return indicator_name(sent, short), kind
    return f"{type_}:{code}", kind


def indicator_name(fields: Mapping[str, Any], short: bool = False) -> str:
    """The stream of an indicator: type, code, time frame and indicator, then what it was asked with, as JSON.

    Args:
        fields: of a message, or of what is asked for.
        short: their names are those of ``SIMPLE``.
    """
    where, asked = (("ty", "cd", "tf", "ind"), ("p", "tr", "ep")) if short else (
        ("type", "code", "timeframe", "indicator"), ("params", "trigger", "event_params")
    )  # fmt: skip
    head = ":".join(str(fields.get(key)) for key in where)
    return f"{head}:{_sorted([fields.get(key) or None for key in asked]).decode()}"


def asked_with(name: str) -> tuple[Any, Any, Any]:
    """``params``, ``trigger`` and ``event_params`` of an indicator's stream."""
    params, trigger, event_params = decoded(name.split(":", 4)[4])
    return params, trigger, event_params


def like(name: str, wanted: Iterable[str]) -> str:
    """The stream of ``wanted`` that an indicator's message belongs to; ``name`` itself where none fits.

    The exchange may tell more than it was asked with, such as parameters that were left out.
    """
    head, told = name.rpartition(":[")[0], asked_with(name)
    for other in wanted:
        if other.rpartition(":[")[0] == head and all(map(_fits, asked_with(other), told)):
            return other
    return name


def _fits(asked: Any, told: Any) -> bool:
    if isinstance(asked, dict) and isinstance(told, dict):
        return all(key in told and told[key] == value for key, value in asked.items())
    return asked is None or asked == told


def level_text(level: Any) -> str:
    """A level in the one spelling that names have: ``10000`` for ``1E4`` and ``10000.0``.

    Raises:
        ArithmeticError: it is no number, or beyond all measure.
    """
    return _text(Decimal(str(level)).normalize())


def _restored(sent: dict[str, Any], part: Part) -> dict[str, Any]:
    """A new object with full names, and decimal numbers that came as whole ones as what they are."""
    named, numbers = part.names.get, part.numbers
    return {
        (name := named(key, key)): value if (type_ := type(value)) is Decimal or type_ is str
        else (Decimal(value) if name in numbers else value) if type_ is int
        else value if value is None
        else _nested(value, part.parts.get(name, _UNKNOWN))
        for key, value in sent.items()
    }  # fmt: skip


_UNKNOWN = Part({})


def _nested(value: Any, part: Part) -> Any:
    if type(value) is list:
        return [_restored(each, part) if type(each) is dict else _nested(each, part) for each in value]
    return _restored(value, part) if type(value) is dict else value


def _changed(value: Any, change: Callable[[Decimal], Any]) -> Any:
    """With numbers in another form, also those that no row declares."""
    if type(value) is Decimal:
        return change(value)
    if type(value) is dict:
        return {key: _changed(each, change) for key, each in value.items()}
    if type(value) is list:
        return [_changed(each, change) for each in value]
    return value
