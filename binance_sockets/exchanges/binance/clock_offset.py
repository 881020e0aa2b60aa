"""How far this machine's clock and the exchange's are apart, as REST tells."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ...errors import ExchangeError
from .rest import SignedRest

__all__ = ["Sample", "measured"]


class Sample(NamedTuple):
    """One measurement of the exchange's clock, in seconds.

    Args:
        offset: how far this machine's clock is ahead of the exchange's.
        error: half of the round trip: the offset is right within it.
        host: whose clock it is.
    """

    offset: float
    error: float
    host: str


class _Clock(Protocol):
    def time(self) -> float: ...

    def stopwatch(self) -> float: ...


def measured(rest: SignedRest, path: str, base: str, clock: _Clock) -> Sample:
    """Ask the exchange for its time, once. Blocks for some seconds at most; the first call pays for the connect.

    Args:
        rest: asks; not signed.
        path: tells the time.
        base: the host is named by.
        clock: this machine's.

    Raises:
        BinanceSocketsError: there is no such answer.
    """
    before, began = clock.time(), clock.stopwatch()
    answer = rest.call("GET", path)
    half = (clock.stopwatch() - began) / 2
    found = answer.get("serverTime") if isinstance(answer, dict) else None
    if type(found) is not int:
        raise ExchangeError(None, f"{path} answered without a time", 200)
    return Sample(before + half - found / 1000, half, base.partition("://")[2])
