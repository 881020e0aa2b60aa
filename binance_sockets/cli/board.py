"""The live table of streams: on a terminal it redraws itself, elsewhere it is plain lines."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.live import Live
from rich.table import Table

from .feed import Feed, Message

__all__ = ["Board", "show"]

_COLUMNS = ("stream", "messages", "per second", "last price", "age s", "latency ms")
_REDRAW = 0.25
_PLAIN = 2.0
_MICROSECONDS = 10**14  # an event time above this is not in milliseconds


@dataclass
class _Row:
    messages: int = 0
    price: str = ""
    received: float | None = None
    latency: float | None = None


class Board:
    """What has arrived so far, per stream. Belongs to one thread."""

    def __init__(self, streams: tuple[str, ...] = ()) -> None:
        self._rows = {stream: _Row() for stream in streams}
        self._started = time.time()

    def add(self, message: Message) -> None:
        """Count one message."""
        row = self._rows.setdefault(message.stream, _Row())
        latest = message.payload[-1] if isinstance(message.payload, list) and message.payload else message.payload
        row.messages += 1
        row.received = message.received
        if isinstance(latest, dict):
            row.price = _price(latest) or row.price
            row.latency = _latency(latest, message.received)

    def silent(self) -> list[str]:
        """Streams of which nothing has arrived."""
        return [stream for stream, row in self._rows.items() if not row.messages]

    def cells(self) -> list[tuple[str, ...]]:
        """One tuple of texts per stream, in the order of the columns."""
        now = time.time()
        elapsed = max(now - self._started, 0.001)
        return [
            (
                stream,
                str(row.messages),
                f"{row.messages / elapsed:.1f}",
                row.price or "-",
                "-" if row.received is None else f"{now - row.received:.1f}",
                "-" if row.latency is None else f"{row.latency:.1f}",
            )
            for stream, row in self._rows.items()
        ]

    def table(self) -> Table:
        """The table for a terminal."""
        table = Table(box=SIMPLE, padding=0, pad_edge=False)  # narrow, so that stream names fit into 80 columns
        for number, title in enumerate(_COLUMNS):
            table.add_column(title, justify="right" if number else "left", overflow="fold")
        for cells in self.cells():
            table.add_row(*cells)
        return table

    def lines(self) -> str:
        """The table for everything else."""
        rows = [_COLUMNS, *self.cells()]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
        return "\n".join(
            row[0].ljust(widths[0])
            + "".join("  " + cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
            for row in rows
        )


def show(feed: Feed, board: Board, seconds: float | None, count: int | None = None) -> None:
    """Keep the board on stdout until ``seconds`` have passed, ``count`` messages came, or the feed has failed."""
    console = Console()
    if not console.is_terminal:
        for _ in _refreshes(feed, board, seconds, count, _PLAIN):
            click.echo(board.lines() + "\n")
        return
    with Live(board.table(), console=console, auto_refresh=False) as live:
        for _ in _refreshes(feed, board, seconds, count, _REDRAW):
            live.update(board.table(), refresh=True)


def _refreshes(feed: Feed, board: Board, seconds: float | None, count: int | None, every: float) -> Any:
    """Fill the board; yield whenever it should be shown, the last time at the end."""
    end = float("inf") if seconds is None else time.monotonic() + seconds
    left = float("inf") if count is None else count
    refresh = time.monotonic() + every
    while left > 0 and feed.failure is None and time.monotonic() < end:
        message = feed.get(min(refresh, end) - time.monotonic())
        if message is not None:
            board.add(message)
            left -= 1
        if time.monotonic() >= refresh:
            yield
            refresh = time.monotonic() + every
    yield


def _price(payload: dict[str, Any]) -> str:
    """The most telling price of a payload: trade, close, mark price, or best bid."""
    kline = payload.get("k")
    if isinstance(kline, dict):
        return str(kline.get("c", ""))
    for key in ("p", "c"):
        if isinstance(payload.get(key), str) and payload.get("e") != "depthUpdate":
            return str(payload[key])
    bids = payload.get("bids") or payload.get("b")
    if isinstance(bids, list):
        return str(bids[0][0]) if bids and isinstance(bids[0], list) and bids[0] else ""
    return str(bids or "")


def _latency(payload: dict[str, Any], received: float) -> float | None:
    """Milliseconds from the exchange's event time to the arrival here, by both clocks."""
    event_time = payload.get("E")
    if not isinstance(event_time, int):
        return None
    return received * 1000 - (event_time / 1000 if event_time > _MICROSECONDS else event_time)
