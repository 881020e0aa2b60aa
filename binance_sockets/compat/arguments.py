"""Arguments as scripts give them: refused at once where nothing could come of them, with the order that is right."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any

from ..errors import ConfigError

__all__ = ["Callback", "check_callback", "lower", "names_of"]

Callback = Callable[[Any], object]

_NO_SYMBOL = re.compile(r"[\s/@()\[\]{}<>'\",]")  # in none: a path, a stream name, what other types print
_ORDER = "python-binance 1.x has the callback first, 0.7 had it behind symbol or streams"


def check_callback(callback: object, order: str) -> None:
    """Refuses what cannot be called here.

    Args:
        callback: as it was given.
        order: the arguments of the method, for the text.

    Raises:
        TypeError: naming the order of the arguments.
    """
    if not callable(callback):
        raise TypeError(f"callback is {callback!r}, which cannot be called. The order here is ({order}): {_ORDER}")
    if inspect.iscoroutinefunction(callback):
        raise TypeError(
            f"callback is the coroutine function {callback!r}: there is no event loop here that would run it. Pass a "
            "function that calls asyncio.run_coroutine_threadsafe with a loop of yours"
        )


def lower(symbol: object, callback: object, order: str) -> str:
    """A symbol as stream names have it; arguments and errors are those of :func:`check_callback`.

    Raises:
        ConfigError: it is no symbol: nothing would ever come.
    """
    if callable(symbol):
        raise TypeError(f"symbol is {symbol!r}, and no text such as 'BNBBTC'. The order here is ({order}): {_ORDER}")
    check_callback(callback, order)
    text = str(symbol).lower()
    if symbol is None or not text or _NO_SYMBOL.search(text):
        raise ConfigError("symbol", symbol, "text such as 'BNBBTC'", f"The order here is ({order})")
    return text


def names_of(streams: object, callback: object, order: str) -> list[str]:
    """Names of streams as a list; arguments and errors are those of :func:`check_callback`.

    Raises:
        ValueError: there are none.
    """
    if callable(streams) or isinstance(streams, str) or not isinstance(streams, Iterable):
        raise TypeError(
            f"streams is {streams!r}, and no list of stream names such as ['bnbbtc@trade']. The order here is "
            f"({order}): {_ORDER}"
        )
    check_callback(callback, order)
    names = [str(name) for name in streams]
    if not names:
        raise ValueError("streams is empty: a list of stream names such as ['bnbbtc@trade'] is needed")
    return names
