"""What users pass to start methods, checked and in the exchange's spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, get_args

from ...errors import ConfigError
from ...exchange import View
from ..arguments import NumbersName, check_choice
from .kinds import COUNTS, UNITS
from .messages import Message, level_text
from .portions import Preference
from .unify import UNIFIED

__all__ = [
    "ORDER",
    "ORDERS_ORDER",
    "codes_of",
    "flag_of",
    "level_of",
    "levels_of",
    "preference_of",
    "texts_of",
    "unit_of",
    "viewer_of",
]

ORDER = "The order is (codes, callback)"
ORDERS_ORDER = "The order is (callback, codes)"
"""Of what is about the account's orders, which needs no codes."""
_CODE = re.compile(r"[A-Z0-9]+-[A-Z0-9]+\Z").match
_EXAMPLE = "market codes such as 'KRW-BTC': the quote currency first"


def codes_of(codes: object) -> list[str]:
    """Codes in upper case, each once, in order.

    Raises:
        ConfigError: one cannot be a code, or there is none.
    """
    if callable(codes):
        raise ConfigError("codes", codes, _EXAMPLE, ORDER)
    if not isinstance(codes, Iterable) or isinstance(codes, (bytes, bytearray)):
        raise ConfigError("codes", codes, _EXAMPLE)
    given = [codes] if isinstance(codes, str) else list(codes)
    found = []
    for code in given:
        spelled = code.strip().upper() if isinstance(code, str) and code.isascii() else ""
        if not _CODE(spelled):
            hint = "Levels are asked for by count=" if "." in spelled else ""
            raise ConfigError("codes", code, _EXAMPLE, hint)
        found.append(spelled)
    if not found:
        raise ConfigError("codes", given, "at least one market code")
    return list(dict.fromkeys(found))


def preference_of(preference: object) -> Preference:
    """``preference`` as a :class:`Preference`."""
    return Preference(check_choice("stream_preference", preference, tuple(each.value for each in Preference)))


def viewer_of(type_: str, view: object, numbers: object) -> Callable[[Message], Any]:
    """What makes of a message of ``type_`` what a callback receives.

    Raises:
        ConfigError: there is no such view, or not with these numbers.
    """
    kind = type_.partition(".")[0]
    allowed = tuple(each.value for each in View if each is not View.UNIFIED or kind in UNIFIED)
    hint = "" if kind in UNIFIED else f"{type_} has no unified form; {', '.join(UNIFIED)} have one"
    chosen = View(check_choice("view", view, allowed, hint))
    if chosen in (View.RAW, View.TYPED):
        if numbers is not None:
            hint = "view='typed' has decimal numbers, view='raw' what was sent"
            raise ConfigError("numbers", numbers, (None,), hint)
        return lambda message: message.view(chosen, "decimal")
    if numbers is None:
        numbers = "decimal" if chosen is View.DICT else "float"
    if numbers not in get_args(NumbersName):
        raise ConfigError("numbers", numbers, (None, *get_args(NumbersName)))
    wanted: NumbersName = numbers  # type: ignore[assignment]
    if chosen is View.DICT:
        return lambda message: message.fields(wanted)
    return lambda message: message.view(chosen, wanted)


def unit_of(unit: object) -> str:
    """The length of a candle."""
    return check_choice("unit", unit, UNITS)


def levels_of(count: object, level: object) -> tuple[int, str, list[str]]:
    """Of an order book: how many levels per side, the price unit by which it is grouped as text (empty for none), and
    what a conn key says of them."""
    if isinstance(count, bool) or count not in COUNTS:
        raise ConfigError("count", count, COUNTS, "The exchange sends 30 for any other number")
    most, unit = int(count), level_of(level)
    said = [*([f"count={most}"] if most != COUNTS[-1] else []), *([f"level={unit}"] if unit else [])]
    return most, unit, said


def level_of(level: object) -> str:
    """The price unit by which an order book is grouped, as text; empty for none."""
    allowed = "a price unit from 0, such as 10000; /v1/orderbook/instruments has those of each market"
    try:
        number = Decimal(str(level)) if not isinstance(level, bool) else Decimal("nan")
        if number.is_finite() and number >= 0:
            return level_text(number) if number else ""
    except ArithmeticError:
        pass
    raise ConfigError("level", level, allowed)


def flag_of(name: str, value: object) -> bool:
    """``True`` or ``False``, and nothing like them."""
    if not isinstance(value, bool):
        raise ConfigError(name, value, (True, False))
    return value


def texts_of(name: str, value: object) -> list[str]:
    """Texts, or one."""
    given = [value] if isinstance(value, str) else value
    found = list(given) if isinstance(given, Iterable) else []
    if not found or not all(isinstance(each, str) and each for each in found):
        raise ConfigError(name, value, "texts, or None")
    return found
