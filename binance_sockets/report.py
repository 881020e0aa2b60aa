"""A snapshot as a small table for people: as text, and as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._html import html_table
from .errors import one_line

__all__ = ["Report"]

_COLUMNS = ("socket", "state", "streams", "messages", "last message", "reconnects", "errors", "lag")
_WIDEST = 60  # characters of a key


class Report:
    """The table of one snapshot. ``str`` and ``repr`` are text, notebooks show HTML.

    Columns are the conn key, the state, the number of streams and of messages, the age of the last message, how often
    it reconnected, the errors (callbacks that raised, messages that could not be decoded, misfits of the typed view)
    and how far the callback is behind.

    Args:
        snapshot: what :meth:`~binance_sockets.SocketManager.snapshot` returned.
    """

    def __init__(self, snapshot: Mapping[str, Any]) -> None:
        self._title = one_line(f"{snapshot['name']} {snapshot['environment']}".rstrip())
        self._title += "" if snapshot["alive"] else ", not running"
        self._rows = [_row(key, found) for key, found in snapshot["connections"].items()]

    def __str__(self) -> str:
        if not self._rows:
            return f"{self._title}: no sockets"
        table = [_COLUMNS, *self._rows]
        widths = [max(len(row[column]) for row in table) for column in range(len(_COLUMNS))]
        lines = []
        for row in table:  # texts to the left, numbers to the right
            cells = [f"{cell:<{width}}" for cell, width in zip(row[:2], widths[:2], strict=True)]
            cells += [f"{cell:>{width}}" for cell, width in zip(row[2:], widths[2:], strict=True)]
            lines.append("  ".join(cells).rstrip())
        return "\n".join([self._title, *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(_COLUMNS, self._rows, self._title, "no sockets")


def _row(key: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    streams = found["streams"].values()
    ages = [stream["last_message_age"] for stream in streams if stream["last_message_age"] is not None]
    return (
        one_line(key, _WIDEST),
        found["state"],
        str(len(streams)),
        f"{found['messages']:,}",
        f"{min(ages):.1f} s" if ages else "never",
        str(found["reconnects"]),
        str(found["callback_errors"] + found["decode_errors"] + found["misfits"]),
        f"{found['lag']:.1f} s",
    )
