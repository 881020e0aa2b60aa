"""Writes ``reference/events.rst`` from the declarations of the typed events: ``python docs/_ext/events_page.py``."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import msgspec

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[1]))

from binance_sockets.exchanges.binance import models  # noqa: E402
from binance_sockets.exchanges.binance.families import FAMILIES  # noqa: E402
from binance_sockets.exchanges.binance.models import accounts  # noqa: E402
from binance_sockets.exchanges.binance.models.base import Blank  # noqa: E402
from binance_sockets.exchanges.binance.user_products import USER_PRODUCTS  # noqa: E402

UNIONS = (typing.Union, types.UnionType)
PAGE = HERE.parent / "reference" / "events.rst"

INTRODUCTION = """\
Typed events
============

.. Written by docs/_ext/events_page.py; edit the events instead.

With ``view="typed"`` a callback receives the events of this page: msgspec Structs, decoded straight from the bytes of a
message, frozen, importable from ``binance_sockets.exchanges.binance.models``.

- **exact decimal**: the exchange's own string, digit by digit. ``<field>_decimal`` gives the ``Decimal``; it is
  ``None`` where the field is ``None`` or empty. Strings compare as text (``"9.5" > "10.0"``): compare and sort the
  ``Decimal``, or start a market stream with ``numbers="decimal"`` or ``numbers="float"``: these fields are decoded
  straight to that type then, and where this page says ``str`` for them they are of it. ``Trade[float]`` annotates such
  an event; ``Trade`` means ``Trade[str]``.
- **ms**: milliseconds since 1970 UTC; microseconds where the connection asked for them (spot only).
- ``event_type`` is the name in the payload's ``e``; ``""`` for spot's ``BookTicker`` and ``PartialDepth``, which have
  none.
- A field with a default of ``None`` is not sent by every product, or was not always sent.
- Streams whose payload is a list give a list of events.
- On a combined stream (a multiplex socket) the payload is a ``Combined`` with ``stream``, the name of the stream, and
  ``data``, the event or list.
- What is left out stands with each event. So does the third, empty item of a level in old spot frames, which nothing
  has.
- A field that the exchange adds is in ``extra`` of the event, or of the part, until it is declared here: a mapping from
  its name on the wire to its value as decoded from JSON, empty as a rule. The first message of each stream after each
  connect is looked at; where it has new fields they are said once per stream, as a warning to
  ``binance_sockets.connection``, ``new_fields`` in ``snapshot()`` lists them, and ``extra`` has them from that message
  on. A field that the exchange adds while a link is open is in ``extra`` from the next connect on.
- Nothing is lost: a stream that is not in the table, or a message that fits no event (a missing field, another type),
  is delivered as the dict view would give it; in a list that holds for the one element alone, and on a combined stream
  the ``Combined`` stays around it. Each reason is logged once per stream, as a warning to
  ``binance_sockets.connection``.
"""


def streams_of(event: Any) -> list[str]:
    """``product: pattern`` of every stream that carries an event."""
    return [
        f"{market}: ``{row.pattern}``" + (" (a list)" if row.array else "")
        for market, rows in FAMILIES.items()
        for row in rows
        if event in row.models and row.retired is None
    ]


def table(headers: list[str], rows: list[list[str]]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [headers, *rows]:
        lines += [f"   {'*' if column == 0 else ' '} - {cell}".rstrip() for column, cell in enumerate(row)]
    return "\n".join(lines) + "\n"


def type_name(kind: Any) -> str:
    """A type in words, without its annotations."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return type_name(arguments[0])
    if origin in UNIONS:
        return " or ".join(type_name(part) for part in arguments)
    if origin is list:
        return f"list of {type_name(arguments[0])}"
    if kind is type(None):
        return "``None``"
    if origin is not None or isinstance(kind, typing.TypeVar):
        return "``str``" if origin in (None, Blank) else type_name(origin)
    if issubclass(kind, msgspec.Struct):
        return f"`{kind.__name__}`_"
    return f"``{kind.__name__}``"


def words_of(kind: Any) -> list[str]:
    """The annotations of a type: its unit first, then the meaning."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return words_of(arguments[0]) + [word for word in arguments[1:] if word]
    if origin in UNIONS:
        return [word for part in arguments for word in words_of(part)]
    return ["a number on the wire"] if kind is Decimal else []


def section(event: type[msgspec.Struct]) -> str:
    hints = typing.get_type_hints(event, include_extras=True)
    is_array = event.__struct_config__.array_like
    rows = []
    for place, item in enumerate(msgspec.structs.fields(event)):
        hint = hints[item.name]
        wire = f"item {place}" if is_array else f"``{item.encode_name}``"
        rows.append([f"``{item.name}``", wire, type_name(hint), "; ".join(words_of(hint))])
    tag = event.__struct_config__.tag
    accounts = [row.title for row in USER_PRODUCTS.values() if event in get_args(row.events)]
    facts = [f"Type: ``{tag}``."] if tag else []
    streams = streams_of(event)
    facts += ["Streams: " + ", ".join(streams) + "."] if streams else []
    facts += ["User data: " + ", ".join(accounts) + "."] if accounts else []
    left_out = "; ".join(f"``{name}``, {why}" for name, why in getattr(event, "left_out", {}).items())
    facts += [f"Left out: {left_out}."] if left_out else []
    title = f"{event.__name__}\n{'~' * len(event.__name__)}\n"
    parts = [title, (inspect.getdoc(event) or "") + "\n", " ".join(facts) + "\n" if facts else ""]
    return "\n".join([part for part in parts if part] + [table(["Field", "Wire", "Type", "Unit and meaning"], rows)])


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    # bases of events, which no stream carries
    left_out = {"Event", "TimedEvent", "Part", "WindowTicker", "Combined", "OrderOrigin", "AccountEvent"}
    groups = {"Shared parts": "base", "Spot": "spot", "Futures": "futures", "Options": "options"}
    groups |= {
        "Spot and margin accounts": "user",
        "Futures accounts": "user_futures",
        "Options and portfolio margin accounts": "user_other",
        "About the connection": "notices",
    }
    for title, module in groups.items():
        parts.append(f"{title}\n{'-' * len(title)}\n")
        for name in models.__all__:
            event = getattr(models, name)
            if name not in left_out and event.__module__.endswith(f".{module}"):
                parts.append(section(event))
    return "\n".join([*parts, *unions()])


def unions() -> list[str]:
    """The names for all events of an account."""
    title = "All events of an account"
    rows = [
        [f"``{name}``", ", ".join(f"``{each.__name__}``" for each in get_args(getattr(models, name)))]
        for name in accounts.__all__
        if get_args(getattr(models, name))
    ]
    says = "What the callback of an account's socket is annotated with, in the typed view."
    return [f"{title}\n{'-' * len(title)}\n", f"{says}\n", table(["Name", "One of"], rows)]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
