"""What ``history=`` asks for, on every exchange."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ..engine.clock import Clock
from ..errors import ConfigError
from ..exchange import Since

__all__ = ["since_of"]

_COUNTS = 10**8  # whole numbers below are counts, those between are likely to be seconds,
_TIMES = range(10**11, 10**14)  # and these are milliseconds
_AHEAD = 86_400.0  # seconds by which the clock behind a time may be ahead of this machine's, which may be set wrong


_machine = Clock()


def since_of(history: object, wall: Callable[[], float] = _machine.time) -> Since | None:
    """What ``history=`` asks for.

    Args:
        history: a count, a time or a span.
        wall: the clock that spans are counted from, seconds since 1970; default: this machine's.

    Raises:
        ConfigError: for anything but a count, a time or a span; for a time that is to come.
    """
    if history is None:
        return None
    since = None
    if isinstance(history, timedelta) and history > timedelta(0):
        since = Since(time=max(0.0, wall() - history.total_seconds()))
    elif isinstance(history, datetime) and history.tzinfo is not None:
        since = Since(time=max(0.0, history.timestamp()))
    elif isinstance(history, int) and not isinstance(history, bool):
        if 0 < history < _COUNTS:
            since = Since(count=history)
        elif history in _TIMES:
            since = Since(time=history / 1000)
    latest = max(wall(), _machine.time()) + _AHEAD  # the clock of a test may stand in 1970
    future = since is not None and since.time is not None and since.time > latest
    if since is None or future:
        allowed = "a count from 1, an aware datetime, milliseconds since 1970, or a timedelta above 0"
        raise ConfigError("history", history, allowed, "It lies in the future" if future else _hint(history))
    return since


def _hint(history: object) -> str:
    """What is likely to be wrong with it."""
    if isinstance(history, datetime):
        return "Without a time zone it is no moment: datetime(..., tzinfo=timezone.utc)"
    if isinstance(history, int) and _COUNTS <= history < _TIMES.start:
        return "Seconds, if these are any, are to be multiplied by 1000"
    return ""
