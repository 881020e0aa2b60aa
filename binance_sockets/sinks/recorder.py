"""Writes down what callbacks got and which gaps were told, for ``binance-sockets audit``."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from os import PathLike
from typing import Any, Protocol

import msgspec

from .._closing import Closing
from ..engine.clock import Clock
from ..errors import ConfigError
from ..events import ConnectionSnapshot, Gap, Snapshot, State, StateChange
from .buffered import Buffered

__all__ = ["Recorder"]

_encode = msgspec.json.Encoder().encode
_VIEWS = ("dict", "raw")
_LOOK = 0.2  # seconds between two looks at what the sockets carry, at least
_ENDING = (State.CLOSING.value, State.CLOSED.value)


def _line_of(message: bytes) -> object:
    """A message of the raw view as it stands, in one line; as text where it is no JSON, which would spoil the file."""
    try:
        found = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return message.decode(errors="replace")
    return found if b"\n" in message else msgspec.Raw(message)


class _Source(Protocol):
    def add_gap_listener(self, listener: Callable[[Gap], object], /) -> object: ...

    def add_state_listener(self, listener: Callable[[StateChange], object], /) -> object: ...

    def snapshot(self) -> Snapshot: ...


class _Life:
    """One start of a socket: from when to when each stream was carried, as far as looks at it have shown."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._carried: dict[str, tuple[float, float]] = {}

    def saw(self, row: ConnectionSnapshot, now: float) -> None:
        """What a snapshot says of it at ``now``."""
        for name, stream in row["streams"].items():
            since, until = stream["complete_since"], stream["complete_until"]
            first, last = self._carried.get(name, (since, None))
            if until is None and row["state"] not in _ENDING:
                until = now  # a loss is open: what it misses is told when it is over, or at the end of the socket
            if first is not None and until is not None:
                self._carried[name] = (first, until if last is None else max(last, until))

    def line(self) -> dict[str, Any]:
        carried = [[name, first, last] for name, (first, last) in self._carried.items()]
        return {"life": self.number, "carried": carried}


def _owner(method: object) -> object:
    """The manager whose method it is; ``None`` where that cannot be known."""
    return getattr(method.func if isinstance(method, partial) else method, "__self__", None)


class Recorder(Closing):
    """Records the sockets that are started through it, one JSON object per line.

    >>> recorder = Recorder("got.jsonl")
    >>> recorder.attach(manager)  # doctest: +SKIP
    >>> recorder.start(manager.start_trade_socket, "BTCUSDT")  # doctest: +SKIP

    Lines are written by a thread of its own, in the order of the calls; a full buffer (100,000 lines) makes the stream
    wait. Close the manager first, then the recorder. From when to when each stream was carried is taken from
    ``snapshot()`` of the attached managers, with messages and changes of state, at most five times a second.

    Args:
        path: the file, which is written anew.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._clock = Clock()
        self._lives = itertools.count(1)
        self._lock = threading.Lock()  # guards the six below; never held over a snapshot
        self._sources: list[_Source] = []
        self._running: dict[tuple[int, str], _Life] = {}  # by place of the manager among these, and conn key
        self._starting = self._started = 0  # calls that go on, and those that are over
        self._looking = False
        self._next_look = float("-inf")
        self._file = open(path, "wb")  # noqa: SIM115 - close() does
        self._failure: OSError | None = None
        self._lines: Buffered[dict[str, Any]] = Buffered(self._write, maxsize=100_000)

    def attach(self, manager: _Source) -> None:
        """Also record the gaps that ``manager`` tells, and from when to when its sockets that are started through
        this recorder carry each stream; do so before it starts."""
        with self._lock:
            self._sources.append(manager)
        manager.add_gap_listener(self._gap)
        manager.add_state_listener(lambda change: self._look())

    def start(
        self,
        method: Callable[..., Any],
        *arguments: Any,
        then: Callable[[Any], object] | None = None,
        **options: Any,
    ) -> Any:
        """Start a socket and record what it brings.

        Args:
            method: a ``start_*_socket`` method of a manager; it gets the other arguments.
            then: called with each message after it was taken down; ``None`` (default) for nobody.

        Returns:
            What ``method`` returns: the conn key, or ``False``.

        Raises:
            ConfigError: for another view than ``"dict"`` and ``"raw"``, for a callback other than ``then``, and as
                ``method`` does.
        """
        view = options.get("view", "dict")
        if view not in _VIEWS:
            raise ConfigError("view", view, _VIEWS)
        if not callable(method):
            raise ConfigError(
                "method", method, "a start_*_socket method of a manager, such as manager.start_trade_socket"
            )
        if any(map(callable, arguments)) or "callback" in options:
            given = options.get("callback", next(filter(callable, arguments), None))
            raise ConfigError("callback", given, "no callback among the arguments", "It is then= of the recorder")
        with self._lock:
            life = next(self._lives)
            self._starting += 1
        begun = self._clock.time()

        def callback(message: Any) -> None:
            data = _line_of(message) if isinstance(message, bytes) else message
            # encoded here, since what comes next may change it
            self._lines({"life": life, "time": self._clock.time(), "data": msgspec.Raw(_encode(data))})
            if self._clock.monotonic() >= self._next_look:
                self._look()
            if then is not None:
                then(message)

        key: Any = False
        try:
            key = method(*arguments, callback=callback, **options)
        finally:
            before = self._has_started(_owner(method), key, _Life(life))
        if before is not None:
            self._lines(before.line())
        if key:
            filled = {"backfill": True} if options.get("backfill") else {}
            self._lines({"life": life, "time": begun, "conn_key": str(key), **filled})
        return key

    def _has_started(self, owner: object, key: object, life: _Life) -> _Life | None:
        """A call is over, perhaps in vain. Returns the life before of the same socket, if it was not seen to end."""
        with self._lock:
            self._starting -= 1
            self._started += 1
            places = [place for place, source in enumerate(self._sources) if source is owner]
            if not key or not places:
                return None
            at = places[0], str(key)
            before = self._running.pop(at, None)
            self._running[at] = life
        return before

    def _look(self, last: bool = False) -> None:
        """See what the sockets carry, unless that was seen just before; of those that have ended it is written."""
        now = self._clock.monotonic()
        with self._lock:
            if not self._running or ((self._looking or now < self._next_look) and not last):
                return
            self._looking, self._next_look = True, now + _LOOK
            sources, started = list(self._sources), self._started
        try:
            found = [source.snapshot()["connections"] for source in sources]
            ended = self._saw(found, started, last)
        finally:
            with self._lock:
                self._looking = False
        for life in ended:
            self._lines(life.line())

    def _saw(self, found: Sequence[Mapping[str, ConnectionSnapshot]], started: int, last: bool) -> list[_Life]:
        """Returns the lives that are over."""
        now, ended = self._clock.time(), []
        with self._lock:
            if self._starting or self._started != started:
                return []  # whether a row is that of the life before is not known
            for (place, key), life in list(self._running.items()):
                row = found[place].get(key) if place < len(found) else None
                if row is not None:
                    life.saw(row, now)
                if row is None or last:
                    ended.append(self._running.pop((place, key)))
        return ended

    def _gap(self, gap: Gap) -> None:
        self._lines(
            {
                "gap": {
                    "conn_key": gap.conn_key,
                    "streams": gap.streams,
                    "last_received": gap.last_received,
                    "resumed": gap.resumed,
                    "reason": gap.reason.value,
                    "ids": [[ids.stream, ids.last_id, ids.first_id] for ids in gap.ids],
                }
            }
        )

    def _write(self, line: dict[str, Any]) -> None:
        try:
            self._file.write(_encode(line) + b"\n")
        except OSError as error:
            self._failure = self._failure or error

    def close(self, timeout: float = 10.0) -> None:
        """Write what waits, and close the file. Does nothing the second time.

        Args:
            timeout: seconds to wait at most.

        Raises:
            OSError: something could not be written: the record has a hole.
        """
        self._look(last=True)
        left = self._lines.close(timeout)
        if self._failure is None and not self._file.closed:
            self._file.close()
            if left or self._lines.dropped:
                self._failure = OSError(f"{left or self._lines.dropped} lines were not written in {timeout} s")
        if self._failure is not None:
            failure, self._failure = self._failure, None
            self._file.close()
            raise failure
