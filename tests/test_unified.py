"""The exchange-neutral events as values: numbers of each type, and JSON that reads back."""

from __future__ import annotations

import inspect
import pickle
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest

from binance_sockets import unified

KINDS: list[Any] = [kind.__origin__ for kind in get_args(unified.AnyEvent)]
NUMBERS: dict[Any, Any] = {float: 1.25, Decimal: Decimal("1.250"), str: "1.250"}


def made(kind: Any, number: Any) -> Any:
    """An event whose numbers are all ``number``, with nothing left at its default."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.name in ("bids", "asks"):
            values[field.name] = [(number, number)]
        elif field.name in ("side", "kind", "interval", "window", "exchange", "product", "symbol", "instrument"):
            values[field.name] = {"side": "buy", "kind": "trade"}.get(field.name, field.name)
        elif field.type in (bool, int, int | None) or field.type == (int | None):
            values[field.name] = True if field.type is bool else 7
        else:
            values[field.name] = number
    return kind(**values)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.__name__)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_event_reads_back_from_its_json(kind: Any, number: Any) -> None:
    """As its own kind, told by ``type``, with the type of number that is asked for."""
    event = made(kind, NUMBERS[number])
    text = msgspec.json.encode(event)
    assert msgspec.json.decode(text)["type"] == event.type == kind.type
    again = msgspec.json.decode(text, type=unified.AnyEvent[number])
    assert again == event and type(again) is kind
    assert pickle.loads(pickle.dumps(event)) == event


def test_every_event_of_the_module_is_among_them() -> None:
    """``AnyEvent`` forgets none, and no two have one ``type``."""
    own = [each for _, each in inspect.getmembers(unified, inspect.isclass) if issubclass(each, unified.Event)]
    assert {each for each in own if each is not unified.Event} == set(KINDS)
    assert len({kind.type for kind in KINDS}) == len(KINDS)
    assert all(kind.type == kind.__struct_config__.tag for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_is_described(kind: Any) -> None:
    """The docstring of an event has each of its own fields."""
    inherited = {field.name for field in msgspec.structs.fields(unified.Event)}
    text = inspect.getdoc(kind) or ""
    args = text.partition("Args:")[2]
    assert [f.name for f in msgspec.structs.fields(kind) if f.name not in inherited and f.name not in args] == []


def test_a_price_has_the_names_that_users_know() -> None:
    """What handlers of several kinds read: ``price``, and ``volume`` of a trade."""
    assert made(unified.Kline, 2.0).price == made(unified.MarkPrice, 2.0).price == 2.0
    assert made(unified.Ticker, 2.0).close_price == made(unified.Trade, 2.0).volume == 2.0
