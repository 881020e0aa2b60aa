"""``binance-sockets book``: an order book, as a live ladder or as JSON lines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from shutil import get_terminal_size

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from .. import SocketManager, is_error
from ..books import BookStatus, OrderBook, Top
from ..exchanges.binance.products import PRODUCTS
from ..exchanges.binance.urls import Environment
from .columns import printable
from .feed import Feed
from .lines import outcome
from .parameters import FiniteRange
from .symbols import unlisted

__all__ = ["book"]

_REDRAW, _PLAIN = 0.25, 2.0  # seconds
_BAR = 20  # characters of the longest bar


@click.command()
@click.argument("symbol")
@click.option("--product", default="spot", show_default=True, type=click.Choice(PRODUCTS), help="Market of SYMBOL.")
@click.option(
    "--environment", help="live, testnet, demo, data or a base URL.  [default: BINANCE_SOCKETS_BASE_URL, or live]"
)
@click.option("--levels", default=10, show_default=True, type=click.IntRange(1, 1000), help="Levels per side.")
@click.option("--rpi", is_flag=True, help="With retail price improvement orders (USD-M).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per change on stdout instead of a ladder.")
@click.option("--count", type=click.IntRange(min=1), help="End after this many changes.")
@click.option("--seconds", type=FiniteRange(min=0.1), help="End after this time.")
def book(
    symbol: str,
    product: str,
    environment: str | None,
    levels: int,
    rpi: bool,
    as_json: bool,
    count: int | None,
    seconds: float | None,
) -> int:
    """Show the order book of SYMBOL, for example: book BTCUSDT.

    What is shown is one moment of the exchange, with its update id; whenever the book leaves that state a line on
    stderr says so, and why. Runs until Ctrl-C or one of the limits. Ends with 1 when the connection gives up, or when
    the exchange lists no such SYMBOL.
    """
    feed, chosen = Feed(), Environment.resolve(environment)
    for text in unlisted(chosen, product, [symbol.upper()], served=False).values():
        raise click.ClickException(text)

    def on_book(book: OrderBook | dict[str, str]) -> None:
        if is_error(book):
            feed.failure = book["m"]
        elif isinstance(book, OrderBook):
            feed.put("book", book.top(levels))

    with SocketManager(environment=chosen.name) as manager:
        try:
            manager.start_order_book(
                symbol, on_book, product, rpi=rpi, interval=None if rpi else 100, numbers="str", on_status=_tell
            )
            if as_json:
                for top in _tops(feed, seconds, count, 0.0):
                    if top is not None:
                        click.echo(json.dumps(top._asdict(), separators=(",", ":")))
            else:
                _show(feed, f"{symbol.upper()}, {product}, {chosen.endpoint(product).streams}", seconds, count)
        finally:
            feed.stop()
    return outcome(feed)


def _tell(status: BookStatus) -> None:
    why = f": {printable(status.why)}" if status.why else ""
    click.echo(f"{printable(status.name)}: {status.state.value} at {status.id}{why}", err=True)


def _show(feed: Feed, heading: str, seconds: float | None, count: int | None) -> None:
    """A ladder that redraws itself on a terminal, and is written again every 2 s elsewhere."""
    console = Console()
    if not console.is_interactive or console.is_dumb_terminal:
        click.echo(heading, err=True)
        for top in _tops(feed, seconds, count, _PLAIN):
            if top is not None:
                click.echo("\n".join(ladder(top)) + "\n")
        return
    with Live(console=console, auto_refresh=False, redirect_stderr=sys.stderr.isatty()) as live:
        for top in _tops(feed, seconds, count, _REDRAW):
            lines = ["waiting for a book"] if top is None else ladder(top)
            size = get_terminal_size()
            cut = [line[: size.columns - 2] for line in [printable(heading), *lines]][: size.lines - 1]
            live.update(Text("\n".join(cut), no_wrap=True, overflow="ignore"), refresh=True)


def ladder(top: Top) -> list[str]:
    """Asks from above down to the touch, the spread, and the bids: price, quantity and a bar for it."""
    quantities = [float(level.quantity) for level in (*top.bids, *top.asks)]
    most = max(quantities, default=0.0) or 1.0
    prices = [str(level.price) for level in (*top.bids, *top.asks)]
    wide, long = (max(map(len, texts), default=0) for texts in (prices, [str(q) for _, q in (*top.bids, *top.asks)]))

    def line(side: str, price: str, quantity: str) -> str:
        bar = "#" * max(1, round(_BAR * float(quantity) / most))
        return f"{side} {price:>{wide}} {quantity:>{long}} {bar}"

    middle = f"--- at {top.id}"
    if top.bids and top.asks:
        middle += f", spread {float(top.asks[0].price) - float(top.bids[0].price):.8g}"
    return [
        *(line("ask", *level) for level in reversed(top.asks)),
        middle,
        *(line("bid", *level) for level in top.bids),
    ]


def _tops(feed: Feed, seconds: float | None, count: int | None, every: float) -> Iterator[Top | None]:
    """What came last, at most once in ``every`` seconds, and at the end; ``None`` where nothing has come yet."""
    end = float("inf") if seconds is None else time.monotonic() + seconds
    left = float("inf") if count is None else count
    refresh, last, told = time.monotonic() + every, None, False
    while left > 0 and feed.failure is None and time.monotonic() < end:
        message = feed.get(min(refresh if every else time.monotonic() + _REDRAW, end) - time.monotonic())
        if message is not None:
            last, told = message.payload, False
            left -= 1
        if time.monotonic() >= refresh and (message is not None or every):
            yield last
            told = True
            refresh = time.monotonic() + every
    if not told:
        yield last
