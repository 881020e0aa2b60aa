"""``binance-sockets watch``: any streams, as a live table or as JSON lines."""

from __future__ import annotations

import json
import time

import click

from .. import SocketManager
from ..exchanges.binance.names import parse
from ..exchanges.binance.products import PRODUCTS
from .board import Board, show
from .feed import Feed

__all__ = ["watch"]


@click.command()
@click.argument("streams", nargs=-1, required=True, metavar="STREAM...")
@click.option(
    "--product", default="spot", show_default=True, type=click.Choice(PRODUCTS), help="Market of the streams."
)
@click.option(
    "--environment", help="live, testnet, demo, data or a base URL.  [default: BINANCE_SOCKETS_BASE_URL, or live]"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per message on stdout instead of a table.")
@click.option("--count", type=click.IntRange(min=1), help="End after this many messages.")
@click.option("--seconds", type=click.FloatRange(min=0.1), help="End after this time.")
def watch(
    streams: tuple[str, ...],
    product: str,
    environment: str | None,
    as_json: bool,
    count: int | None,
    seconds: float | None,
) -> int:
    """Show what STREAM... send, for example: watch btcusdt@trade ethusdt@depth5.

    Runs until Ctrl-C or one of the limits. Ends with 1 when the connection gives up.
    """
    feed = Feed()
    with SocketManager(environment=environment) as manager:
        try:
            manager.start_socket(list(streams), feed.multiplexed, product=product)
            if as_json:
                _print_lines(feed, seconds, count)
            else:
                show(feed, Board(tuple(parse(product, name).wire for name in streams)), seconds, count)
        finally:
            feed.stop()
    if feed.failure:
        click.echo(f"Error: {feed.failure}", err=True)
        return 1
    return 0


def _print_lines(feed: Feed, seconds: float | None, count: int | None) -> None:
    """Print messages until a limit is reached or the feed has failed."""
    end = float("inf") if seconds is None else time.monotonic() + seconds
    left = float("inf") if count is None else count
    while left > 0 and feed.failure is None and time.monotonic() < end:
        message = feed.get(min(0.25, end - time.monotonic()))
        if message is not None:
            wrapped = {"stream": message.stream, "data": message.payload}
            click.echo(json.dumps(wrapped, separators=(",", ":"), ensure_ascii=False))
            left -= 1
