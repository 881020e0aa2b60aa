"""Faults on demand: which ones stand, whom they concern, how often they may strike. Safe to use from any thread."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from binance_sockets.faults import Fault, Rule, check, choice, named, parameters, seconds, whole

__all__ = ["CREDENTIAL_FAULTS", "LINK_FAULTS", "FaultBoard", "Injection"]

LINK_FAULTS = frozenset({Fault.CLOSE, Fault.RESET, Fault.EOF, Fault.SERVER_SHUTDOWN, Fault.MAX_AGE})
CREDENTIAL_FAULTS = frozenset({Fault.LISTEN_KEY_EXPIRED, Fault.TOKEN_EXPIRED, Fault.STREAM_TERMINATED})
_BEFORE_THE_PATH = frozenset({Fault.REFUSE, Fault.TLS_FAILURE})
_ANY_STREAM = Rule("the name of a stream", lambda value: isinstance(value, str) and value != "")


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
        routes: those of each product.
    """

    def __init__(self, on_change: Callable[[], None], routes: Mapping[str, Collection[str]]) -> None:
        self._on_change = on_change
        self._routes = routes
        self._lock = threading.Lock()
        self._standing: dict[Fault, tuple[Injection, ...]] = {}
        self._numbers = itertools.count(1)

    def add(
        self,
        /,
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
        merged = parameters(fault, params)
        self._check_place(product, route, stream)
        if count is not None:
            check("count", count, whole(1))
        if duration is not None:
            check("duration", duration, seconds(above=0))
        if fault is Fault.REFUSE and merged["mode"] == "closed" and count is not None:
            raise ValueError("a closed port cannot count; use duration, or remove()")
        if fault in _BEFORE_THE_PATH and (product, route, stream) != (None, None, None):
            raise ValueError(f"{fault.value} strikes before the path is known: no product, route or stream")
        injection = Injection(
            next(self._numbers), fault, product=product, route=route, stream=stream, count=count, duration=duration,
            params=merged, on_end=self._ended,
        )  # fmt: skip
        with self._lock:
            self._standing[fault] = (*self._standing.get(fault, ()), injection)
        self._on_change()
        return injection

    def _check_place(self, product: object, route: object, stream: object) -> None:
        if product is not None:
            check("product", product, choice(self._routes))
        if route is not None:
            chosen = [routes for name, routes in self._routes.items() if product in (None, name)]
            check("route", route, choice(dict.fromkeys(name for routes in chosen for name in routes)))
        if stream is not None:
            check("stream", stream, _ANY_STREAM)

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
