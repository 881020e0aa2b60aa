"""Messages as JSON lines, and the summary at the end."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from .feed import Feed
from .status import Status
from .words import counted

__all__ = ["outcome", "print_lines", "watched"]


@contextmanager
def watched(feed: Feed, status: Status) -> Iterator[None]:
    """A block that reads a feed: whatever ends it, no callback waits for room; Ctrl-C leaves a summary on stderr."""
    try:
        yield
    except KeyboardInterrupt:
        _print_summary(feed.taken, status)
        logging.getLogger("binance_sockets.process").setLevel(logging.ERROR)  # it would say so as well
        raise
    finally:
        feed.stop()


def outcome(feed: Feed, silent: Sequence[str] = ()) -> int:
    """The code to end with: 1 where a connection has given up, or streams were ``silent``, which stderr then says."""
    if feed.failure or silent:
        click.echo(f"Error: {feed.failure or 'nothing arrived of ' + ', '.join(silent)}", err=True)
        return 1
    return 0


def _print_summary(messages: int, status: Status) -> None:
    counts = {"message": messages, "gap": status.gaps, "reconnect": status.reconnects}
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
