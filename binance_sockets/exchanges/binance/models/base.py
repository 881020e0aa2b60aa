"""What all typed events are made of.

An event is a frozen msgspec Struct, decoded straight from the bytes of a message. Its fields have readable names and
keep the exchange's exact values: a price stays the string that was sent, a time the number. Each field is declared
once, with its meaning and its name on the wire; ``docs/reference/events.rst`` is generated from these declarations.
"""

from __future__ import annotations

import math
import sys
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from operator import attrgetter
from types import MappingProxyType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    overload,
)

from msgspec import Meta, Struct, defstruct, field
from msgspec.structs import FieldInfo, fields

__all__ = [
    "Blank",
    "Combined",
    "DecimalOf",
    "FILLER",
    "FINITE",
    "IGNORED",
    "Event",
    "Level",
    "N",
    "NUMBERS",
    "NUMERAL",
    "Num",
    "Number",
    "OptionalDecimalOf",
    "Part",
    "Symbol",
    "Time",
    "TimedEvent",
    "declared",
    "is_finite",
    "numbered",
    "read_blank",
    "structs_in",
    "undeclared",
    "with_extra",
]

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    N = TypeVar("N", bound=str | Decimal | float, default=str)
    """The type of an event's numbers."""

    Blank: TypeAlias = N | Literal[""]
else:
    from typing import TypeVar

    N = TypeVar("N")

    class _Anything(type):
        def __instancecheck__(cls, value: object) -> bool:
            return True

    class Blank(Generic[N], metaclass=_Anything):
        """A number, or ``""``: msgspec has no union of those, so that :func:`read_blank` reads it."""


T = TypeVar("T")

Num = Annotated[str, "exact decimal"]
"""A decimal number as the exchange's exact string."""

Number: TypeAlias = Annotated[N, "exact decimal"]
"""Such a number as what was asked for with ``numbers=``: the string, a ``Decimal`` or a ``float``."""

NUMBERS: Mapping[str, type] = {"str": str, "decimal": Decimal, "float": float}
"""The values of ``numbers=``, and what numbers are then."""

FINITE = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
"""A ``float`` as numbers are decoded to: neither infinite nor NaN, which msgspec reads from texts otherwise."""

NUMERAL = Annotated[str, Meta(pattern=r"^[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?$")]
"""A text that is checked to be a number, in a time that grows with its length and no faster."""

Time = Annotated[int, "ms"]
"""A point in time: milliseconds since 1970 UTC, or microseconds where the connection asked for them (spot only)."""

Symbol = Annotated[str, "symbol, upper case"]

IGNORED = "the exchange says to ignore it"
FILLER = "always 0: there are no trades"


class DecimalOf:
    """The attribute ``<field>_decimal``: the number of ``<field>`` as a ``Decimal``, made anew at each access.

    Raises:
        decimal.InvalidOperation: the exchange sent something that is no number.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._read: attrgetter[Any] = attrgetter(name.removesuffix("_decimal"))

    @overload
    def __get__(self, event: None, owner: type) -> DecimalOf: ...
    @overload
    def __get__(self, event: Struct, owner: type) -> Decimal: ...
    def __get__(self, event: Struct | None, owner: type) -> DecimalOf | Decimal:
        return self if event is None else _decimal(self._read(event))


class OptionalDecimalOf:
    """As :class:`DecimalOf` for a field that may be absent, null or ``""``: the value is ``None`` then."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._read: attrgetter[Any] = attrgetter(name.removesuffix("_decimal"))

    @overload
    def __get__(self, event: None, owner: type) -> OptionalDecimalOf: ...
    @overload
    def __get__(self, event: Struct, owner: type) -> Decimal | None: ...
    def __get__(self, event: Struct | None, owner: type) -> OptionalDecimalOf | Decimal | None:
        if event is None:
            return self
        number = self._read(event)
        return None if number is None or number == "" else _decimal(number)


def _decimal(number: str | Decimal | float) -> Decimal:
    """Of a ``float`` the shortest decimal that stands for it."""
    return number if isinstance(number, Decimal) else Decimal(str(number))


def numbered(kind: Any, numbers: Any) -> Any:
    """A type that is made of events, with their numbers as ``numbers``: ``str``, ``Decimal`` or ``float``."""
    origin, arguments = get_origin(kind), get_args(kind)
    if not arguments:
        return kind[numbers] if getattr(kind, "__parameters__", ()) else kind
    chosen = tuple(numbered(each, numbers) for each in arguments)
    return Union[chosen] if origin is UnionType else origin[chosen]  # noqa: UP007


def read_blank(kind: Any, value: Any) -> Any:
    """What msgspec calls for a :class:`Blank`."""
    if not isinstance(value, str):
        raise TypeError("expected a number as text")
    wanted = get_args(kind)[0]
    if not value or wanted is str:
        return value
    made: Any = getattr(wanted, "__origin__", wanted)
    try:
        number = made(value)
        finite = math.isfinite(number) if made is float else Decimal(value).is_finite()
    except (InvalidOperation, ValueError) as error:
        raise ValueError(f"invalid number {value[:40]!r}") from error
    if not finite:
        raise ValueError(f"no finite number {value[:40]!r}")
    return number


def is_finite(value: Any) -> bool:
    """Whether every ``Decimal`` in a decoded payload is a finite number, which msgspec does not look at."""
    kind: Any = type(value)
    if kind is Decimal:
        return bool(value.is_finite())
    if kind is list or kind is tuple:
        return all(map(is_finite, value))
    return all(is_finite(getattr(value, name)) for name in _numbers_of(kind))


@cache
def _numbers_of(kind: Any) -> tuple[str, ...]:
    """The fields of a Struct that hold numbers, or parts that have some."""
    if not issubclass(kind, Struct):
        return ()
    return tuple(field.name for field in declared(kind) if _depends_on_numbers(field.type))


def _depends_on_numbers(kind: Any) -> bool:
    return isinstance(kind, typing.TypeVar) or any(map(_depends_on_numbers, get_args(kind)))


_NOTHING: Mapping[str, Any] = MappingProxyType({})


# gc=False is safe: a frozen value decoded from JSON cannot be part of a reference cycle.
class Part(Struct, frozen=True, gc=False, kw_only=True):
    """An object inside an event."""

    left_out: ClassVar[Mapping[str, str]] = {}
    """Fields that the exchange sends and that stand nowhere here, each with the reason."""

    @property
    def extra(self) -> Mapping[str, Any]:
        """As :attr:`Event.extra`, for the fields of this object."""
        return _NOTHING


class Event(Struct, frozen=True, gc=False, kw_only=True):
    """Base of every typed event. Fields that the exchange adds later are reported, and are in ``extra``."""

    left_out: ClassVar[Mapping[str, str]] = {}
    """Fields that the exchange sends and that stand nowhere here, each with the reason."""

    @property
    def extra(self) -> Mapping[str, Any]:
        """Fields that the exchange has added, by their names on the wire, as decoded from JSON. Empty as a rule."""
        return _NOTHING

    @property
    def event_type(self) -> str:
        """The event's name on the wire (``e``); ``""`` for the two spot events that carry none."""
        return str(self.__struct_config__.tag or "")


class TimedEvent(Event, frozen=True, kw_only=True, tag_field="e"):
    """An event with a type and the time at which the exchange sent it. Subclasses set ``tag`` to their type."""

    event_time: Annotated[Time, "when the exchange sent the event"] = field(name="E")


class Level(Struct, Generic[N], frozen=True, gc=False, array_like=True):
    """One price level of a book. Unpacks as ``price, quantity = level``."""

    price: Annotated[Number[N], "price"]
    quantity: Annotated[Number[N], "quantity at this price; zero removes the level in a diff"]

    price_decimal = DecimalOf()
    quantity_decimal = DecimalOf()

    def __iter__(self) -> Iterator[N]:
        yield self.price
        yield self.quantity


class Combined(Struct, Generic[T], frozen=True, gc=False):
    """A message of a combined stream: the event and the name of its stream.

    Args:
        stream: name of the stream, as on the wire.
        data: the event, or a list of events for array streams.
    """

    stream: str
    data: T


def structs_in(kind: Any) -> list[Any]:
    """The events and parts that a type is made of, whether it is one, a list, a union or annotated."""
    origin = get_origin(kind) or kind
    if isinstance(origin, type) and issubclass(origin, (Event, Part)):
        return [origin]
    return [struct for each in get_args(kind) for struct in structs_in(each)]


def undeclared(struct: Any, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What an object has that its event or part neither declares nor leaves out."""
    known = {field.encode_name for field in declared(struct)} | {struct.__struct_config__.tag_field, *struct.left_out}
    return {key: value for key, value in sent.items() if key not in known}


def with_extra(value: Any, sent: Any) -> Any:
    """An event, or a list of some, with what ``sent``, the same message as dicts, has besides, in it and its parts."""
    if isinstance(value, list) and isinstance(sent, list):
        return [with_extra(each, row) for each, row in zip(value, sent, strict=True)]
    if not isinstance(value, (Event, Part)) or not isinstance(sent, dict):
        return value
    kind = type(value)
    values = {field.name: getattr(value, field.name) for field in declared(kind)}
    for name, wire in _with_parts(kind):
        values[name] = with_extra(values[name], sent.get(wire))
    extra = undeclared(kind, sent)
    return _widened(kind, values, extra) if extra else kind(**values)


@cache
def declared(kind: Any) -> tuple[FieldInfo, ...]:
    """The fields of an event or part; msgspec takes a millisecond to find them."""
    return fields(kind)


@cache
def _with_parts(kind: Any) -> list[tuple[str, str]]:
    """Names of the fields that hold events or parts: here, and on the wire."""
    return [(field.name, field.encode_name) for field in declared(kind) if structs_in(field.type)]


def _widened(kind: Any, values: dict[str, Any], extra: dict[str, Any]) -> Any:
    return _wide(kind)(**values, extra=extra)


@cache
def _wide(kind: Any) -> Any:
    """The event with room for ``extra``: a class of its own, so that all other events pay nothing for it."""
    names = tuple(field.name for field in declared(kind))

    def taken(event: Any) -> dict[str, Any]:
        return {name: getattr(event, name) for name in names}

    namespace = {
        "__doc__": kind.__doc__,
        "__qualname__": kind.__qualname__,
        "__hash__": lambda event: hash(tuple(taken(event).values())),  # as before: a dict has none
        "__reduce__": lambda event: (_widened, (kind, taken(event), event.extra)),  # this class has no importable name
    }
    return defstruct(
        kind.__name__,
        [("extra", dict[str, Any])],
        bases=(kind,),
        namespace=namespace,
        module=kind.__module__,
        frozen=True,
        gc=True,
        kw_only=True,
    )
