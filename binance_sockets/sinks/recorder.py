"""Writes down what callbacks got and which gaps were told, for ``binance-sockets audit``."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from os import PathLike
from typing import Any, Protocol

import msgspec

from .._closing import Closing
from ..engine.clock import Clock
from ..errors import ConfigError
from ..events import Gap
from .buffered import Buffered

__all__ = ["Recorder"]

_encode = msgspec.json.Encoder().encode
_VIEWS = ("dict", "raw")


def _line_of(message: bytes) -> object:
    """A message of the raw view as it stands, in one line; as text where it is no JSON, which would spoil the file."""
    try:
        found = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return message.decode(errors="replace")
    return found if b"\n" in message else msgspec.Raw(message)


class _Source(Protocol):
    def add_gap_listener(self, listener: Callable[[Gap], object], /) -> object: ...


class Recorder(Closing):
    """Records the sockets that are started through it, one JSON object per line.

    >>> recorder = Recorder("got.jsonl")
    >>> recorder.attach(manager)  # doctest: +SKIP
    >>> recorder.start(manager.start_trade_socket, "BTCUSDT")  # doctest: +SKIP

    Lines are written by a thread of its own, in the order of the calls; a full buffer (100,000 lines) makes the stream
    wait. Close the manager first, then the recorder.

    Args:
        path: the file, which is written anew.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._clock = Clock()
        self._lives = itertools.count(1)
        self._lock = threading.Lock()
        self._file = open(path, "wb")  # noqa: SIM115 - close() does
        self._failure: OSError | None = None
        self._lines: Buffered[dict[str, Any]] = Buffered(self._write, maxsize=100_000)

    def attach(self, manager: _Source) -> None:
        """Also record the gaps that ``manager`` tells; do so before it starts."""
        manager.add_gap_listener(self._gap)

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
        begun = self._clock.time()

        def callback(message: Any) -> None:
            data = _line_of(message) if isinstance(message, bytes) else message
            # encoded here, since what comes next may change it
            self._lines({"life": life, "time": self._clock.time(), "data": msgspec.Raw(_encode(data))})
            if then is not None:
                then(message)

        key = method(*arguments, callback=callback, **options)
        if key:
            filled = {"backfill": True} if options.get("backfill") else {}
            self._lines({"life": life, "time": begun, "conn_key": str(key), **filled})
        return key

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
        left = self._lines.close(timeout)
        if self._failure is None and not self._file.closed:
            self._file.close()
            if left or self._lines.dropped:
                self._failure = OSError(f"{left or self._lines.dropped} lines were not written in {timeout} s")
        if self._failure is not None:
            failure, self._failure = self._failure, None
            self._file.close()
            raise failure
