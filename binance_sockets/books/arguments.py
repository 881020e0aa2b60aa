"""What the books take as numbers, and how they refuse the rest."""

from __future__ import annotations

from operator import index
from typing import Any

from ..errors import ConfigError

__all__ = ["number", "whole"]


def whole(name: str, value: Any, allowed: str, *, least: int = 1, most: float = float("inf")) -> int:
    """``value`` as an ``int``; integers of other libraries count, a ``bool`` is none.

    Raises:
        ConfigError: for anything else, or one that is not from ``least`` to ``most``.
    """
    try:
        found = least - 1 if isinstance(value, bool) else index(value)
    except TypeError:
        found = least - 1
    if not least <= found <= most:
        raise ConfigError(name, value, allowed)
    return found


def number(name: str, value: Any, allowed: str) -> float:
    """``value`` as a ``float``: a number of any kind, or its text; infinity is one, NaN is not.

    Raises:
        ConfigError: for anything else.
    """
    try:
        found = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        found = float("nan")
    if found != found:
        raise ConfigError(name, value, allowed)
    return found
