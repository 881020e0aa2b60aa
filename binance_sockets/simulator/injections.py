"""Faults on demand: which ones stand, whom they concern, how often they may strike. Safe to use from any thread."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from binance_sockets.faults import Fault, named, parameters

__all__ = ["CREDENTIAL_FAULTS", "LINK_FAULTS", "FaultBoard", "Injection"]

LINK_FAULTS = frozenset({Fault.CLOSE, Fault.RESET, Fault.EOF, Fault.SERVER_SHUTDOWN, Fault.MAX_AGE})
CREDENTIAL_FAULTS = frozenset({Fault.LISTEN_KEY_EXPIRED, Fault.TOKEN_EXPIRED, Fault.STREAM_TERMINATED})
_BEFORE_THE_PATH = frozenset({Fault.REFUSE, Fault.TLS_FAILURE})
_CHOICES = {
    (Fault.REFUSE, "mode"): ("reset", "closed"),
    (Fault.TLS_FAILURE, "mode"): ("alert", "cut"),
    (Fault.HTTP_STATUS, "on"): ("ws", "rest", "any"),
    (Fault.CREDENTIAL_REFUSED, "on"): ("any", "listen_key", "renewal", "token", "logon", "subscribe"),
}
_WHOLE = {
    (Fault.HTTP_STATUS, "status"): range(200, 600),
    (Fault.CLOSE, "code"): range(1000, 5000),
    (Fault.FRAGMENT, "frames"): range(1, 1001),
    (Fault.OVERSIZE, "size"): range(1, 2**30 + 1),
    (Fault.ACK_ERROR, "code"): range(-(2**31), 2**31),
    (Fault.REPLY_ERROR, "code"): range(-(2**31), 2**31),
    (Fault.REPLY_ERROR, "status"): range(400, 600),
    (Fault.CREDENTIAL_REFUSED, "code"): range(-(2**31), 2**31),
    (Fault.CREDENTIAL_REFUSED, "status"): range(400, 600),
}
_SECONDS = ("delay", "close_after")


class Injection:
    """One injected fault, until it is used up, has run out, or is removed.

    Args:
        fault: what goes wrong.
        product: only there; ``None`` everywhere.
        route: only there.
        stream: only messages of this stream, or connections that are subscribed to it.
        count: how often it strikes; ``None`` without limit.
        duration: seconds for which it stands; ``None`` without limit.
        params: the fault's own arguments.
    """

    def __init__(
        self,
        number: int,
        fault: Fault,
        *,
        product: str | None,
        route: str | None,
        stream: str | None,
        count: int | None,
        duration: float | None,
        params: Mapping[str, Any],
        on_end: Callable[[Injection], None],
    ) -> None:
        self.id = number
        self.fault = fault
        self.product, self.route, self.stream = product, route, stream
        self.count, self.duration = count, duration
        self.params = params
        self.until = None if duration is None else time.monotonic() + duration
        self._lock = threading.Lock()
        self._struck = 0
        self._removed = False
        self._on_end = on_end

    def __repr__(self) -> str:
        return f"<{self.fault.value} struck {self.struck} times, {'stands' if self.active else 'ended'}>"

    @property
    def struck(self) -> int:
        """How often it has struck."""
        with self._lock:
            return self._struck

    @property
    def active(self) -> bool:
        """Whether it may strike again."""
        with self._lock:
            return self._stands()

    def remove(self) -> None:
        """End it; what it did stays done."""
        with self._lock:
            self._removed = True
        self._on_end(self)

    def matches(self, product: str, route: str, streams: Collection[str]) -> bool:
        """Whether it concerns this connection or message."""
        return (
            self.product in (None, product)
            and self.route in (None, route)
            and (self.stream is None or self.stream in streams)
        )

    def strike(self) -> bool:
        """Use it once; ``False`` when it has ended."""
        with self._lock:
            if not self._stands():
                return False
            self._struck += 1
            return True

    def end_if_passing(self) -> None:
        """Faults that end connections do so once, unless a count or a duration lets them wait for new ones."""
        if self.count is None and self.duration is None:
            self.remove()

    def _stands(self) -> bool:
        if self._removed or (self.count is not None and self._struck >= self.count):
            return False
        return self.until is None or time.monotonic() < self.until


class FaultBoard:
    """All faults that stand.

    Args:
        on_change: called, from the thread that changes something, after every change.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._lock = threading.Lock()
        self._standing: dict[Fault, tuple[Injection, ...]] = {}
        self._numbers = itertools.count(1)

    def add(
        self,
        fault: Fault | str,
        *,
        product: str | None = None,
        route: str | None = None,
        stream: str | None = None,
        count: int | None = None,
        duration: float | None = None,
        **params: Any,
    ) -> Injection:
        """Let a fault stand. See :meth:`Simulator.inject`.

        Raises:
            ValueError: unknown fault or parameter, or a value that makes no sense.
        """
        fault = named(fault)
        merged = _checked(fault, params, counted=count is not None)
        if fault in _BEFORE_THE_PATH and (product or route or stream):
            raise ValueError(f"{fault.value} strikes before the path is known: no product, route or stream")
        if (count is not None and count < 1) or (duration is not None and not 0 < duration < math.inf):
            raise ValueError(f"count and duration must be positive: {count}, {duration}")
        injection = Injection(
            next(self._numbers), fault, product=product, route=route, stream=stream, count=count, duration=duration,
            params=merged, on_end=self._ended,
        )  # fmt: skip
        with self._lock:
            self._standing[fault] = (*self._standing.get(fault, ()), injection)
        self._on_change()
        return injection

    def find(self, fault: Fault, product: str = "", route: str = "", streams: Collection[str] = ()) -> Injection | None:
        """The first standing injection of a fault that concerns this connection or message. Does not count."""
        for injection in self._standing.get(fault, ()):
            if injection.active and injection.matches(product, route, streams):
                return injection
        return None

    def strike(
        self,
        fault: Fault,
        product: str = "",
        route: str = "",
        streams: Collection[str] = (),
        *,
        chosen: Callable[[Mapping[str, Any]], bool] = lambda params: True,
    ) -> Injection | None:
        """Like :meth:`find`, and counts it; only one whose own arguments are ``chosen``."""
        for injection in self._standing.get(fault, ()):
            if injection.matches(product, route, streams) and chosen(injection.params) and injection.strike():
                return injection
        return None

    def any(self) -> bool:
        """Whether some fault may stand; cheap."""
        return bool(self._standing)

    def all(self) -> list[Injection]:
        """Every injection not yet removed, oldest first."""
        with self._lock:
            rows = [row for group in self._standing.values() for row in group]
        return sorted(rows, key=lambda row: row.id)

    def clear(self) -> None:
        """Remove all."""
        for injection in self.all():
            injection.remove()

    def _ended(self, injection: Injection) -> None:
        with self._lock:
            rest = tuple(row for row in self._standing.get(injection.fault, ()) if row is not injection)
            if rest:
                self._standing[injection.fault] = rest
            else:
                self._standing.pop(injection.fault, None)
        self._on_change()


def _checked(fault: Fault, params: Mapping[str, Any], *, counted: bool) -> dict[str, Any]:
    merged = parameters(fault, params)
    for (row, name), limits in _WHOLE.items():
        if row is fault and not _is_whole(merged[name], limits) and not (fault is Fault.CLOSE and merged[name] is None):
            raise ValueError(
                f"{name} of {fault.value} must be a whole number from {limits[0]} to {limits[-1]}: {merged[name]!r}"
            )
    for name in _SECONDS:
        if merged.get(name) is not None and not _is_seconds(merged[name]):
            raise ValueError(f"{name} of {fault.value} must be a number of seconds: {merged[name]!r}")
    for (row, name), choices in _CHOICES.items():
        if row is fault and params.get(name, choices[0]) not in choices:
            raise ValueError(f"{name} of {fault.value} must be one of {', '.join(choices)}")
    if fault is Fault.REFUSE and merged["mode"] == "closed" and counted:
        raise ValueError("a closed port cannot count; use duration, or remove()")
    if fault is Fault.CLOSE and merged["code"] in (1005, 1006, 1015):
        raise ValueError(f"{merged['code']} cannot stand in a close frame; None sends one without a code, see also eof")
    return merged


def _is_whole(value: object, limits: range) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in limits


def _is_seconds(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf
