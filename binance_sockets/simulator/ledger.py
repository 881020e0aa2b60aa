"""What happened on the server, for tests to read and wait for. Written by the simulator's thread, read by any."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from binance_sockets.simulator.redaction import without_secrets

__all__ = ["Attempt", "ConnectionInfo", "Ledger", "Received", "Sent"]

_T = TypeVar("_T")
_KEPT = 100_000


class _Discreet:
    """A record whose ``repr`` hides keys, tokens and signatures; its attributes have what was really received."""

    __slots__ = ()

    def __repr__(self) -> str:
        shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)  # type: ignore[arg-type]
        return without_secrets(f"{type(self).__name__}({', '.join(shown)})")


@dataclass(frozen=True, slots=True, repr=False)
class Attempt(_Discreet):
    """One request to open a WebSocket. ``time`` is ``time.monotonic()``.

    ``path`` has the secrets in it, as the headers have; the ``repr`` hides them.
    """

    time: float
    path: str
    product: str
    route: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Received(_Discreet):
    """Something a client sent. ``time`` is ``time.monotonic()``.

    ``payload`` has the secrets in it; the ``repr`` hides them.
    """

    time: float
    payload: bytes


@dataclass(frozen=True, slots=True, repr=False)
class ConnectionInfo(_Discreet):
    """One WebSocket connection, as it was when asked for. Times are ``time.monotonic()``.

    The attributes have what was really received, with listen keys, tokens and signatures, for tests that need them. The
    ``repr`` and ``/control/state`` hide those.

    Args:
        id: counts from 1.
        path: as requested, with the query.
        product: ``spot``, ``usdm``, ``coinm``, ``options``, ``portfolio``, ``margin``, ``us``, or a region of Upbit.
        route: ``public``, ``market``, ``private``, ``info``, ``pm``, ``pm-classic``, ``ws-api`` or "".
        combined: whether payloads are wrapped in ``{"stream": ..., "data": ...}``.
        streams: subscribed names, valid or not, in order; numbers of user streams on a WebSocket API.
        opened_at: when the handshake was answered.
        closed_at: when it ended; ``None`` while open.
        control: every text message received.
        pings: pings received.
        pongs: pongs received, with their payloads.
        pings_sent: pings sent, with their payloads.
        close_code: in the client's close frame; 1005 for one without a code, ``None`` without such a frame.
        close_reason: text of the client's close frame.
        server_close_code: in the close frame the server sent first; ``None`` where it sent none.
    """

    id: int
    path: str
    product: str
    route: str
    combined: bool
    streams: tuple[str, ...] = ()
    opened_at: float = 0.0
    closed_at: float | None = None
    control: tuple[Received, ...] = ()
    pings: tuple[Received, ...] = ()
    pongs: tuple[Received, ...] = ()
    pings_sent: tuple[Received, ...] = ()
    close_code: int | None = None
    close_reason: str = ""
    server_close_code: int | None = None


@dataclass(slots=True)
class Sent:
    """Data messages written to connections.

    Args:
        streams: (product, stream name) to messages.
        events: (product, event type) to messages; an array counts once.
    """

    streams: Counter[tuple[str, str]] = field(default_factory=Counter)
    events: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All messages."""
        return sum(self.streams.values())


class Ledger:
    """The record of one simulator."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.RLock())
        self._attempts: deque[Attempt] = deque(maxlen=_KEPT)
        self._open: dict[int, ConnectionInfo] = {}
        self._closed: deque[ConnectionInfo] = deque(maxlen=_KEPT)
        self._sent = Sent()
        self._next_id = 1

    # written by the simulator

    def attempt(self, attempt: Attempt) -> None:
        with self._changed:
            self._attempts.append(attempt)
            self._changed.notify_all()

    def opened(self, path: str, product: str, route: str, *, combined: bool) -> int:
        """A new connection; returns its id."""
        with self._changed:
            number, self._next_id = self._next_id, self._next_id + 1
            self._open[number] = ConnectionInfo(number, path, product, route, combined, opened_at=time.monotonic())
            self._changed.notify_all()
        return number

    def update(self, number: int, **facts: object) -> None:
        """Set attributes of an open connection."""
        with self._changed:
            if number in self._open:
                self._open[number] = replace(self._open[number], **facts)  # type: ignore[arg-type]
            self._changed.notify_all()

    def received(self, number: int, kind: str, payload: bytes) -> None:
        """Append to ``control``, ``pings``, ``pongs`` or ``pings_sent``."""
        with self._changed:
            if number in self._open:
                before = getattr(self._open[number], kind)
                row = Received(time.monotonic(), payload)
                self._open[number] = replace(self._open[number], **{kind: (*before[-999:], row)})  # type: ignore[arg-type]
            self._changed.notify_all()

    def closed(self, number: int) -> None:
        with self._changed:
            info = self._open.pop(number, None)
            if info is not None:
                self._closed.append(replace(info, closed_at=time.monotonic()))
            self._changed.notify_all()

    def count(self, product: str, stream: str, event: str) -> None:
        """One data message more; waiters learn of it at the next :meth:`wake`."""
        with self._changed:
            self._sent.streams[product, stream] += 1
            self._sent.events[product, event] += 1

    def wake(self) -> None:
        """Let waiters look again."""
        with self._changed:
            self._changed.notify_all()

    # read by tests

    def attempts(self) -> list[Attempt]:
        with self._changed:
            return list(self._attempts)

    def open_connections(self) -> list[ConnectionInfo]:
        with self._changed:
            return list(self._open.values())

    def closed_connections(self) -> list[ConnectionInfo]:
        with self._changed:
            return list(self._closed)

    def sent(self) -> Sent:
        with self._changed:
            return Sent(Counter(self._sent.streams), Counter(self._sent.events))

    def wait_for(self, predicate: Callable[[], _T], timeout: float) -> _T:
        """Block until ``predicate()`` is true; it is called again whenever something has changed.

        Raises:
            TimeoutError: it was still false after ``timeout`` seconds.
        """
        with self._changed:
            result = self._changed.wait_for(predicate, timeout)
        if not result:
            raise TimeoutError(f"not true after {timeout} s: {getattr(predicate, '__qualname__', predicate)}")
        return result
