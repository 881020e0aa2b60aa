"""The typed view: messages decoded straight from their bytes into the events of :mod:`.models`.

Which event a stream carries follows from its row in the table, as the exchange leaves the type out of some payloads and
gives one type to several shapes. What fits no event is never lost: it is delivered as the dict view would, one element
alone where it stands in a list, and :class:`~binance_sockets.exchange.Misfits` tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Union, get_args, get_origin

import msgspec

from ...errors import ConfigError, DecodeError
from ...exchange import Decode, Misfits
from . import models as m
from .families import Family
from .models.base import FINITE, declared, is_finite, numbered, read_blank, structs_in, undeclared, with_extra
from .names import parse

__all__ = ["decoder_for", "decoder_of_kinds", "event_type", "fitted", "has_new_fields", "kind_of", "typed_decoder"]

_CONTROL_EVENTS = ("serverShutdown", "listenKeyExpired", "eventStreamTerminated")
_PREFIX = len('{"stream":"')

_decode_json = msgspec.json.Decoder().decode


class _Wrapper(msgspec.Struct):
    """A combined message whose payload is still bytes."""

    stream: str
    data: msgspec.Raw


_decode_wrapper = msgspec.json.Decoder(_Wrapper).decode
_decode_rows = msgspec.json.Decoder(list[msgspec.Raw]).decode


def event_type(market: str, name: str) -> Any:
    """The type that a stream's payload is decoded to: an event, a union of events, or a list of one of them.

    Args:
        market: ``"spot"``, ``"us"``, ``"usdm"``, ``"coinm"`` or ``"options"``.
        name: the stream's name.

    Returns:
        The type, or ``None`` for a stream that is not in the table of families.
    """
    return kind_of(parse(market, name).family)


def typed_decoder(
    market: str,
    streams: Mapping[str, Family | None],
    combined: bool,
    misfits: Misfits | None = None,
    numbers: Any = str,
) -> Decode:
    """The function that decodes the messages of one link to typed events.

    Args:
        market: ``"spot"``, ``"us"``, ``"usdm"``, ``"coinm"`` or ``"options"``.
        streams: the rows of the link's streams, by their names as spelled on the wire.
        combined: whether messages are wrapped with the name of their stream.
        misfits: told of what fits no event; ``None`` (default) for one of its own.
        numbers: ``str`` (default), ``Decimal`` or ``float``: what the events' numbers are decoded to. For ``float`` a
            number may stand where a text is expected, and the other way round.

    Returns:
        ``decode(message) -> (stream name, payload)`` for a memoryview or bytes. The payload is an event, or a list of
        events for array streams; on a combined stream a :class:`~.models.Combined` with ``stream`` and ``data``. In
        place of an event stands what the dict view gives where a stream is not in the table or a message, or an element
        of a list, fits no event. ``decode`` raises for control messages and for what is not JSON. It is called by one
        thread.

    Raises:
        ConfigError: raw messages carry no stream name, so a link with more than one stream must be combined.
    """
    misfits = Misfits() if misfits is None else misfits
    kinds = {name: kind_of(row) for name, row in streams.items()}
    return decoder_of_kinds(market, kinds, combined, misfits, numbers)


def decoder_of_kinds(
    market: str, kinds: Mapping[str, Any], combined: bool, misfits: Misfits, numbers: Any, extra: bool = True
) -> Decode:
    """As :func:`typed_decoder`, with the type of each stream's payload in place of its row.

    Args:
        extra: whether fields that the types do not declare are told of, and delivered. Default ``True``.
    """
    if combined:
        return _combined(market, kinds, misfits, numbers, extra)
    if len(kinds) != 1:
        raise ConfigError("names", tuple(kinds), "exactly one stream where messages are not combined")
    ((name, kind),) = kinds.items()
    return _raw(name, kind, misfits, numbers, extra)


def _raw(name: str, kind: Any, misfits: Misfits, numbers: Any, extra: bool) -> Decode:
    def untyped(message: Any) -> tuple[str, Any]:
        payload = _decode_json(message)
        if not isinstance(payload, (dict, list)) or _is_control(payload):
            raise DecodeError("not data", bytes(message[:200]))
        return name, fitted(name, message, payload, kind, misfits, numbers)

    if kind is None:
        return untyped
    decode_known = decode_event = decoder_for(kind, numbers)

    def widened(message: Any) -> Any:
        return _widened(decode_known(message), message)

    def first(message: Any) -> Any:
        nonlocal decode_event
        event = decode_known(message)
        decode_event = widened if has_new_fields(name, kind, message, misfits) else decode_known
        return event if decode_event is decode_known else _widened(event, message)

    if extra:
        decode_event = first

    def decode(message: Any) -> tuple[str, Any]:
        try:
            return name, decode_event(message)
        except msgspec.ValidationError:
            return untyped(message)

    return decode


def _combined(market: str, kinds: Mapping[str, Any], misfits: Misfits, numbers: Any, extra: bool) -> Decode:
    def by_content(message: Any) -> tuple[str, Any]:
        wrapper = _decode_wrapper(message)  # raises where there is no stream or no data
        payload = _decode_json(wrapper.data)
        if _is_control(payload):
            raise DecodeError("not data", bytes(message[:200]))
        name = wrapper.stream
        kind = kinds[name] if name in kinds else event_type(market, name)
        return name, m.Combined(name, fitted(name, wrapper.data, payload, kind, misfits, numbers))

    def grows(name: str, message: Any) -> bool:
        return has_new_fields(name, kinds[name], _decode_wrapper(message).data, misfits)

    def widened(event: Any, message: Any) -> Any:
        return m.Combined(event.stream, _widened(event.data, _decode_wrapper(message).data))

    decode_known = _decoder_of_all(tuple(dict.fromkeys(kinds.values())), numbers)
    if decode_known is not None:
        unseen = set(kinds) if extra else set()  # until a first message was looked at
        grown: set[str] = set()
        decode_any: Callable[[Any], Any] = decode_known

        def watching(message: Any) -> Any:
            nonlocal decode_any
            event = decode_known(message)
            if event.stream in unseen:
                unseen.discard(event.stream)
                if grows(event.stream, message):
                    grown.add(event.stream)
                if not unseen and not grown:
                    decode_any = decode_known
            return widened(event, message) if event.stream in grown else event

        if unseen:
            decode_any = watching

        def by_type(message: Any) -> tuple[str, Any]:
            try:
                event = decode_any(message)
            except msgspec.ValidationError:
                return by_content(message)
            return event.stream, event

        return by_type

    known: dict[bytes, tuple[str, Callable[[Any], Any]]] = {}

    def first_of(name: str, decode: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def wide(message: Any) -> Any:
            return widened(decode(message), message)

        def first(message: Any) -> Any:
            event = decode(message)
            known[name.encode()] = (name, wide if grows(name, message) else decode)
            return event if known[name.encode()][1] is decode else widened(event, message)

        return first

    for name, kind in kinds.items():
        if kind is not None:
            decode_wrapped = decoder_for(_combined_type(kind), numbers)
            known[name.encode()] = (name, first_of(name, decode_wrapped) if extra else decode_wrapped)
    place = slice(_PREFIX, _PREFIX + max(map(len, known), default=0) + 1)

    def by_name(message: Any) -> tuple[str, Any]:
        head = bytes(message[place])
        try:
            name, decode_event = known[head[: head.find(b'"')]]
            return name, decode_event(message)
        except (KeyError, msgspec.ValidationError):  # another stream, spacing or order of keys, or no event
            return by_content(message)

    return by_name


def fitted(name: str, data: Any, payload: Any, kind: Any, misfits: Misfits, numbers: Any = str) -> Any:
    """The payload ``data``, already decoded as ``payload``, with as many events in it as fit."""
    if kind is None:
        misfits.untyped(name, "the stream is not in the table")
        return payload
    if get_origin(kind) is list and isinstance(payload, list):
        (event,) = get_args(kind)
        rows = zip(_decode_rows(data), payload, strict=True)
        return [fitted(name, row, element, event, misfits, numbers) for row, element in rows]
    try:
        return with_extra(decoder_for(kind, numbers)(data), payload)
    except msgspec.ValidationError as error:
        misfits.untyped(name, str(error))
        return payload


def has_new_fields(name: str, kind: Any, data: Any, misfits: Misfits) -> bool:
    """Compare the first message of a stream with its events; msgspec skips what it does not know without a word."""
    fields = tuple(dict.fromkeys(_new_fields(kind, _readable(data))))
    if fields:
        misfits.added(name, fields)
    return bool(fields)


def _widened(event: Any, data: Any) -> Any:
    """The event of the message ``data``, of a stream with new fields, with those it has."""
    sent = _readable(data)
    return event if sent is None else with_extra(event, sent)


def _readable(data: Any) -> Any:
    """The payload as the dict view has it; ``None`` where that cannot read what the event has no field for."""
    try:
        return _decode_json(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _new_fields(kind: Any, value: Any, path: str = "") -> Iterator[str]:
    """Paths of the fields in ``value``, a message of type ``kind``, that its Structs neither have nor leave out."""
    if isinstance(value, list):
        for element in value:
            yield from _new_fields(kind, element, path)
    elif isinstance(value, dict) and (kinds := structs_in(kind)):
        struct = next((each for each in kinds if each.__struct_config__.tag == value.get("e")), kinds[0])
        yield from (path + key for key in undeclared(struct, value))
        for field in declared(struct):
            if field.encode_name in value:
                yield from _new_fields(field.type, value[field.encode_name], f"{path}{field.encode_name}.")


def kind_of(row: Family | None) -> Any:
    """The type of the payloads of a row; ``None`` where there is no row, or no event."""
    return None if row is None or row.model is None else row.kind


def _is_control(payload: Any) -> bool:
    """Whether an unwrapped payload is an answer of the server, or an announcement about the link."""
    if not isinstance(payload, dict):
        return False
    is_answer = not payload.keys().isdisjoint(("result", "error", "event")) or ("code" in payload and "msg" in payload)
    return is_answer or payload.get("e") in _CONTROL_EVENTS


def _combined_type(kind: Any) -> Any:
    return m.Combined[kind]


@cache
def decoder_for(kind: Any, numbers: Any = str) -> Callable[[Any], Any]:
    """One decoder per type for the whole process: it keeps no state between calls, so threads may share it.

    A ``Decimal`` or ``float`` that is not finite fits no event; a text is not looked at, unless ``numbers`` is
    ``NUMERAL``.
    """
    exact = numbers is not float  # msgspec reads a float from a text only where it takes one for the other everywhere
    wanted = numbered(kind, numbers if exact else FINITE)
    decode: Callable[[Any], Any] = msgspec.json.Decoder(wanted, strict=exact, dec_hook=read_blank).decode
    if numbers is not Decimal:
        return decode

    def checked(message: Any) -> Any:
        event = decode(message)
        text = str(message, "latin-1").lower()  # a look at the whole is cheaper than one at each number
        # a Decimal passes over underscores, and JSON may spell letters by numbers
        suspect = "nan" in text or "inf" in text or "_" in text or "\\" in text
        if suspect and not is_finite(event):
            raise msgspec.ValidationError("Expected finite numbers")
        return event

    return checked


def _decoder_of_all(kinds: tuple[Any, ...], numbers: Any) -> Callable[[Any], Any] | None:
    """One decoder for wrapped messages of all these types, where their ``e`` tells them apart."""
    if None in kinds or not kinds:
        return None
    try:
        return decoder_for(_combined_type(Union[kinds]), numbers)  # noqa: UP007
    except TypeError:  # two types with one tag, or with none
        return None
