"""The unified view: typed events, decoded with the numbers that were asked for, as the neutral ones of ``unified``.

What each of them becomes is said by :mod:`.forms`. Nothing is a dict in between, and nothing is decoded twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from ... import unified as u
from ...errors import ConfigError
from ...exchange import Decode, Misfits, Stream
from . import models as m
from .families import FAMILIES, Family, MarketStream
from .forms import BUILDERS, FORMS, MS, WIRE, Target, builder
from .instruments import Instruments
from .typed import decoder_of_kinds, kind_of

__all__ = ["Unifier", "check_unified", "letters", "unified_decoder", "unified_rows", "unified_types"]

_decode_json = msgspec.json.Decoder().decode

_OTHER_BOOK = "rpi_depth"  # a zero may mean a hidden level there, which no other book has


def unified_rows(market: str) -> list[Family]:
    """The living streams of a market that have a neutral form."""
    return [row for row in FAMILIES[market] if row.retired is None and _has_form(row)]


def unified_types(row: Family) -> list[Any]:
    """The neutral events that a row carries; empty where it has no neutral form."""
    return list(dict.fromkeys(FORMS[each][0] for each in row.models)) if _has_form(row) else []


def _has_form(row: Family) -> bool:
    return row.model is not None and row.key != _OTHER_BOOK and all(each in FORMS for each in row.models)


def check_unified(market: str, streams: Iterable[Stream]) -> None:
    """Refuse streams that have no neutral form.

    Raises:
        ConfigError: naming those that have one.
    """
    for stream in streams:
        row = stream.family if isinstance(stream, MarketStream) else None
        if row is None or not _has_form(row):
            having = ", ".join(each.pattern for each in unified_rows(market))
            hint = f"{stream.name} has no unified form; on {market} these have one: {having}"
            raise ConfigError("view", "unified", ("dict", "typed", "raw"), hint)


def unified_decoder(
    market: str,
    streams: Mapping[str, Family | None],
    combined: bool,
    misfits: Misfits,
    numbers: Any,
    unify: Unifier,
) -> Decode:
    """As :func:`~.typed.typed_decoder`, for neutral events.

    What fits none, or has a number with which nothing can be computed, is delivered as in the dict view, as there.
    ``m.Combined`` stays around what is combined.
    """
    kinds = {name: WIRE.get(kind, kind) for name, kind in ((name, kind_of(row)) for name, row in streams.items())}
    decode_typed = decoder_of_kinds(market, kinds, combined, misfits, numbers, extra=False)
    if not combined:

        def decode(message: Any) -> tuple[str, Any]:
            name, payload = decode_typed(message)
            try:
                return name, unify(name, payload)
            except Exception:
                return name, _salvaged(unify, name, payload, _decode_json(message), misfits)

        return decode

    def decode_wrapped(message: Any) -> tuple[str, Any]:
        name, wrapper = decode_typed(message)
        try:
            return name, m.Combined(name, unify(name, wrapper.data))
        except Exception:
            plain = _decode_json(message)["data"]
            return name, m.Combined(name, _salvaged(unify, name, wrapper.data, plain, misfits))

    return decode_wrapped


def _salvaged(unify: Unifier, name: str, typed: Any, plain: Any, misfits: Misfits) -> Any:
    """As many neutral events as can be made of the payload ``typed``, which is ``plain`` in the dict view."""
    if isinstance(typed, list):
        return [_salvaged(unify, name, *both, misfits) for both in zip(typed, plain, strict=True)]
    try:
        return unify(name, typed)
    except Exception as error:
        misfits.untyped(name, f"{type(error).__name__}: {error}")
        return plain


class Unifier(Target):
    """Makes neutral events of typed ones, for the streams of one market. Used by one thread.

    Args:
        market, instruments, unit: as those of :class:`~.forms.Target`.
        now: wall clock, seconds since the epoch.
    """

    def __init__(self, market: str, instruments: Instruments, now: Callable[[], float], unit: int = MS) -> None:
        super().__init__(market, instruments, unit)
        self._now = now

    def __call__(self, name: str, payload: Any, backfilled: bool = False) -> Any:
        """The payload of the stream ``name`` with all typed events in it as neutral ones, the rest as it is."""
        received = int(self._now() * 1e9)
        build = BUILDERS.get(type(payload)) or builder(type(payload))
        if build is not None:
            event = build(self, name, payload, received)
            return replace(event, backfilled=True) if backfilled else event
        return [self._element(name, each, received) for each in payload] if isinstance(payload, list) else payload

    def _element(self, name: str, event: Any, received: int) -> Any:
        build = BUILDERS.get(type(event)) or builder(type(event))
        return event if build is None else build(self, name, event, received)


def letters(event: u.Event, unit: int) -> dict[str, Any]:
    """A neutral event as those of the exchange's own fields by which messages are told apart and put in order.

    Args:
        unit: nanoseconds of one unit of the exchange's times.
    """
    sent = None if event.sent_ns is None else event.sent_ns // unit
    fields: dict[str, Any] = {"E": sent, "s": event.symbol}
    if isinstance(event, u.Trade):
        return {**fields, "a": event.id, "t": event.id}
    if isinstance(event, (u.Depth, u.BookTicker)):
        number = event.last_update_id if isinstance(event, u.Depth) else event.update_id
        return {**fields, "u": number, "lastUpdateId": number}
    skipped = {"received_ns", "backfilled"}
    if isinstance(event, u.Kline):
        skipped |= {"time_ns", "sent_ns"}  # when it was sent does not tell a candle from its copy
    values = {name: getattr(event, name) for name in event.__struct_fields__ if name not in skipped}
    if isinstance(event, u.Kline):
        order = {"t": event.open_time_ns // unit, "x": event.is_closed, "n": event.trade_count}
        return {**fields, "k": {**order, **values}}
    return {**fields, **values}
