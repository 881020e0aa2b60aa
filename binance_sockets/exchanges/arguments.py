"""What users pass to ``start_*`` methods, for any exchange: its types, and checks that raise in the caller's thread."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from ..errors import ConfigError
from ..exchange import View

__all__ = [
    "AsDict",
    "AsEvent",
    "AsRaw",
    "AsUnified",
    "Callback",
    "History",
    "Key",
    "NumbersName",
    "Payload",
    "ViewName",
    "check_callback",
    "check_choice",
    "check_symbol",
]

AsDict: TypeAlias = Literal[View.DICT, "dict"]
AsEvent: TypeAlias = Literal[View.TYPED, "typed"]
AsRaw: TypeAlias = Literal[View.RAW, "raw"]
AsUnified: TypeAlias = Literal[View.UNIFIED, "unified"]
Callback: TypeAlias = Callable[[Any], object]
History: TypeAlias = int | datetime | timedelta | None
Key: TypeAlias = str | Literal[False]
NumbersName: TypeAlias = Literal["str", "decimal", "float"]
Payload: TypeAlias = dict[str, Any]
ViewName: TypeAlias = View | Literal["dict", "raw", "typed", "unified"]


def check_callback(callback: object, hint: str = "", *, name: str = "callback") -> None:
    """A data callback must be an ordinary callable.

    Args:
        callback: what the user gave.
        hint: the order of the arguments, shown where something else stands in the callback's place.
        name: the argument, for the error.

    Raises:
        ConfigError: for anything that cannot be called with one message, or that would have to be awaited.
    """
    if not callable(callback):
        raise ConfigError(name, callback, "a callable that takes one message", hint)
    call = getattr(callback, "__call__", None)  # noqa: B004 - an instance may have an async __call__
    for function in (callback, call):
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            advice = "It would never be awaited; hand over to a loop with asyncio.run_coroutine_threadsafe"
            raise ConfigError(name, callback, "a plain function, not async def", advice)
    try:
        inspect.signature(callback).bind(None)
    except TypeError as error:
        raise ConfigError(name, callback, "a callable that takes one message", f"It says: {error}") from None
    except ValueError:  # some builtins do not tell what they take
        return


def check_symbol(name: str, value: object, *, example: str, forbidden: str, hint: str = "") -> str:
    """``value``, when it can be a symbol.

    Args:
        name: the argument, for the error.
        value: what the user gave.
        example: a symbol as the exchange spells it, for the error.
        forbidden: the characters that no symbol has; white space never is part of one.
        hint: the order of the arguments, shown where a callback stands in the symbol's place.

    Raises:
        ConfigError: for a callable (swapped arguments), another type, or characters that no symbol has.
    """
    if callable(value):
        raise ConfigError(name, value, f"a symbol such as {example!r}", hint)
    usable = isinstance(value, str) and bool(value) and value.isprintable() and not set(forbidden).intersection(value)
    if not isinstance(value, str) or not usable or any(c.isspace() for c in value):
        shown = " ".join(forbidden[:8])
        raise ConfigError(name, value, f"a symbol such as {example!r}, without white space or any of {shown}")
    return value


def check_choice(name: str, value: object, allowed: tuple[str, ...], hint: str = "") -> str:
    """``value`` as one of ``allowed``. Numbers and the enums of other libraries count by their value.

    Raises:
        ConfigError: for anything else, naming what is allowed.
    """
    text = str(getattr(value, "value", value))
    if text not in allowed:
        raise ConfigError(name, value, allowed, hint)
    return text
