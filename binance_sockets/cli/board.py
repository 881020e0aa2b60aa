"""The live table of streams: on a terminal it redraws itself, elsewhere it is plain lines."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import Any

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from .columns import Laid, fold, lay_out, printable, unseen
from .feed import Feed, Message

__all__ = ["Board", "show"]

_COLUMNS = ("stream", "messages", "per second", "last price", "age s", "latency ms")
_LEAST_STREAM = 14
_REDRAW = 0.25
_PLAIN = 2.0
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_MICROSECONDS = 10**14  # an event time above this is not in milliseconds


@dataclass
class _Row:
    messages: int = 0
    price: str = ""
    received: float | None = None
    latency: float | None = None


class Board:
    """What has arrived so far, per stream. Belongs to one thread.

    Args:
        streams: those that have a row from the start.
        heading: where they come from.
        status: tells how their connections are, in lines that stand above the table.
    """

    def __init__(
        self, streams: tuple[str, ...] = (), heading: str = "", status: Callable[[], list[str]] = list
    ) -> None:
        self.heading = heading
        self._status = status
        self._rows = {stream: _Row() for stream in streams}
        self._started = time.time()

    def add(self, message: Message) -> None:
        """Count one message."""
        row = self._rows.setdefault(message.stream, _Row())
        latest = message.payload[-1] if isinstance(message.payload, list) and message.payload else message.payload
        row.messages += 1
        row.received = message.received
        if isinstance(latest, dict):
            row.price = _short(_price(latest)) or row.price
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
                printable(stream),
                str(row.messages),
                f"{row.messages / elapsed:.1f}",
                row.price or "-",
                "-" if row.received is None else f"{now - row.received:.1f}",
                "-" if row.latency is None else f"{row.latency:.1f}",
            )
            for stream, row in self._rows.items()
        ]

    def text(self, width: int, height: int | None = None) -> Text:
        """The table for a terminal; with a ``height``, what does not fit is counted in the last line."""
        laid = self._laid(width)
        head = [line for text in (self.heading, *self._status()) for line in fold(text, width)]
        foot = unseen(laid.hidden, width)
        room = None if height is None else max(1, height - len(head) - len(laid.head) - len(foot))
        body = laid.body
        if room is not None and len(body) > room:
            foot.insert(0, f"and {len(body) - room + 1} more lines below")
            body = body[: room - 1]
        text = Text("\n".join([*head, ""]), no_wrap=True, overflow="ignore")
        text.append("\n".join([*laid.head, ""]), style="bold")
        return text.append("\n".join([*body, *foot]))

    def lines(self, width: int | None = None) -> str:
        """The table for everything else."""
        laid = self._laid(width)
        status = [line for text in self._status() for line in ([text] if width is None else fold(text, width))]
        return "\n".join([*status, *([""] if status else []), *laid.head, *laid.body, *unseen(laid.hidden, width)])

    def _laid(self, width: int | None) -> Laid:
        return lay_out(_COLUMNS, self.cells(), width, least=_LEAST_STREAM, right=_COLUMNS[1:])


def show(feed: Feed, board: Board, seconds: float | None, count: int | None = None) -> None:
    """Keep the board on stdout until ``seconds`` have passed, ``count`` messages came, or the feed has failed.

    A terminal that can only write on redraws nothing: it gets the lines of a pipe, in its width. There the heading
    stands once, on stderr.
    """
    console = Console()
    if not console.is_interactive or console.is_dumb_terminal:
        width = get_terminal_size().columns if console.is_terminal else None  # rich takes a dumb one for 80 wide
        click.echo("\n".join(fold(board.heading, width) if width else [board.heading]), err=True)
        for _ in _refreshes(feed, board, seconds, count, _PLAIN):
            click.echo(board.lines(width) + "\n")
        return
    # what is written to stderr meanwhile goes above the table, unless it goes elsewhere anyway
    with Live(console=console, auto_refresh=False, redirect_stderr=sys.stderr.isatty()) as live:
        try:
            for _ in _refreshes(feed, board, seconds, count, _REDRAW):
                live.update(board.text(*_room()), refresh=True)
        finally:
            live.update(board.text(_room()[0]), refresh=True)


def _room() -> tuple[int, int]:
    """Width and height for the table: a ``^C`` that the terminal writes behind it must not begin another line."""
    size = get_terminal_size()
    return size.columns - len("^C"), size.lines - 1


def _refreshes(feed: Feed, board: Board, seconds: float | None, count: int | None, every: float) -> Iterator[None]:
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
    if "trade_price" in payload:
        return str(payload["trade_price"])
    units = payload.get("orderbook_units")
    if isinstance(units, list):
        return str(units[0].get("bid_price", "")) if units else ""
    for key in ("p", "c"):
        if isinstance(payload.get(key), str) and payload.get("e") != "depthUpdate":
            return str(payload[key])
    bids = payload.get("bids") or payload.get("b")
    if isinstance(bids, list):
        return str(bids[0][0]) if bids and isinstance(bids[0], list) and bids[0] else ""
    return str(bids or "")


def _short(price: str) -> str:
    """A price without the zeros at its end that say nothing; anything else as it is."""
    return price.rstrip("0").rstrip(".") if _DECIMAL.fullmatch(price) else printable(price)


def _latency(payload: dict[str, Any], received: float) -> float | None:
    """Milliseconds from the exchange's event time to the arrival here, by both clocks."""
    event_time = payload.get("E", payload.get("timestamp"))
    if not isinstance(event_time, int):
        return None
    return received * 1000 - (event_time / 1000 if event_time > _MICROSECONDS else event_time)
