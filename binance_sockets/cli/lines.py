"""Messages as JSON lines, and the summary at the end."""

from __future__ import annotations

import json
import sys
import time

import click

from .feed import Feed
from .words import counted

__all__ = ["print_lines", "print_summary"]


def print_summary(messages: int, gaps: int, reconnects: int) -> None:
    """What came, on stderr."""
    counts = {"message": messages, "gap": gaps, "reconnect": reconnects}
    if sys.stderr.isatty():
        click.echo(err=True)  # the terminal has written ^C into the line
    click.echo(", ".join(counted(count, name) for name, count in counts.items()), err=True)


def print_lines(feed: Feed, seconds: float | None, count: int | None) -> None:
    """Print messages until a limit is reached or the feed has failed."""
    end = float("inf") if seconds is None else time.monotonic() + seconds
    left = float("inf") if count is None else count
    while left > 0 and feed.failure is None and time.monotonic() < end:
        message = feed.get(min(0.25, end - time.monotonic()))
        if message is not None:
            wrapped = {"stream": message.stream, "data": message.payload}
            click.echo(json.dumps(wrapped, separators=(",", ":"), ensure_ascii=False))
            left -= 1
