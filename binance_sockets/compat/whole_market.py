"""Streams of all symbols that the exchange has switched off, from those of single symbols.

``!ticker@arr`` and ``!bookTicker`` of spot ended (2026-03-26, 2022-12-07). Here one socket carries the stream of every
listed symbol, and the short tickers of all: these come every second, tell the time, and name what is newly listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

__all__ = ["CLOCK", "WHOLE", "Market", "Thinned", "Whole", "thinned"]

CLOCK = "!miniTicker@arr"
"""Every second the symbols that changed."""

Callback = Callable[[Any], object]


class Whole(NamedTuple):
    """One of those streams.

    Args:
        suffix: of the stream of one symbol.
        listed: whether payloads were lists, one every second, of what has changed.
    """

    suffix: str
    listed: bool


WHOLE = {"!ticker@arr": Whole("@ticker", True), "!bookTicker": Whole("@bookTicker", False)}
"""By the names that they had on spot."""


class Market:
    """Makes the payloads of a :class:`Whole` of those of single symbols. It runs on the connection's thread.

    Args:
        whole: which.
        callback: gets what the old stream brought.
        add: has the socket carry the streams of these names, too.
    """

    def __init__(self, whole: Whole, callback: Callback, add: Callable[[list[str]], None]) -> None:
        self._whole = whole
        self._callback = callback
        self._add = add
        self._known: set[str] = set()
        self._changed: dict[str, Any] = {}

    def __call__(self, message: Any) -> None:
        """A wrapped message, or the last payload, which goes on as it is."""
        if "stream" not in message:
            self._callback(message)
        elif message["stream"] == CLOCK:
            self.list(row["s"] for row in message["data"])
            if self._changed:
                changed, self._changed = list(self._changed.values()), {}
                self._callback(changed)
        elif self._whole.listed:
            self._changed[message["stream"]] = message["data"]
        else:
            self._callback(message["data"])

    def list(self, symbols: Iterable[str]) -> None:
        """These are listed. Any thread."""
        new = [symbol for symbol in symbols if symbol not in self._known]
        self._known.update(new)
        if new:
            self._add([f"{symbol.lower()}{self._whole.suffix}" for symbol in new])


class Thinned:
    """Every ``count``-th list of all symbols' short tickers, with the newest row of each that changed since.

    The exchange had them at 3000 ms, and has them at 1000 ms alone.
    """

    def __init__(self, callback: Callback, count: int) -> None:
        self._callback = callback
        self._count = count
        self._lists = 0
        self._rows: dict[str, Any] = {}

    def __call__(self, payload: Any) -> None:
        if isinstance(payload, dict):  # the last one
            self._callback(payload)
            return
        self._rows.update((row["s"], row) for row in payload)
        self._lists += 1
        if self._lists >= self._count:
            rows, self._rows, self._lists = list(self._rows.values()), {}, 0
            self._callback(rows)


def thinned(path: str, callback: Callback) -> tuple[str, Callback]:
    """What carries ``!miniTicker@arr@<n>ms`` today: name and callback; of other names what was given."""
    count = path.removeprefix(f"{CLOCK}@").removesuffix("ms")
    if not path.startswith(f"{CLOCK}@") or not count.isdecimal() or int(count) <= 1000:
        return path, callback
    return CLOCK, Thinned(callback, -(-int(count) // 1000))
