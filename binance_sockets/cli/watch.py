"""``binance-sockets watch``: any streams, as a live table or as JSON lines."""

from __future__ import annotations

import contextlib
import os

import click
from click.core import ParameterSource

from .. import BinanceSocketsError, ErrorReport, SocketManager, StreamSilent
from ..exchanges.binance.names import parse
from ..exchanges.binance.products import PRODUCTS
from ..exchanges.binance.symbol_sets import is_pattern
from ..exchanges.binance.urls import Environment
from ..exchanges.environment import BASE_URL_VARIABLE
from ..exchanges.upbit.regions import REGIONS
from .board import Board, show
from .columns import printable
from .feed import Feed
from .lines import outcome, print_lines, watched
from .parameters import FiniteRange
from .status import Status
from .symbols import say, unlisted
from .upbit import watch_upbit

__all__ = ["watch"]


@click.command()
@click.argument("streams", nargs=-1, required=True, metavar="STREAM...")
@click.option(
    "--exchange",
    default="binance",
    show_default=True,
    type=click.Choice(["binance", "upbit"]),
    help="Whose streams.",
)
@click.option(
    "--region",
    default="kr",
    show_default=True,
    type=click.Choice([*REGIONS]),
    help="Of Upbit.",
)
@click.option(
    "--product", default="spot", show_default=True, type=click.Choice(PRODUCTS), help="Market of the streams."
)
@click.option(
    "--environment", help="live, testnet, demo, data or a base URL.  [default: BINANCE_SOCKETS_BASE_URL, or live]"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per message on stdout instead of a table.")
@click.option("--count", type=click.IntRange(min=1), help="End after this many messages.")
@click.option("--seconds", type=FiniteRange(min=0.1), help="End after this time.")
def watch(
    streams: tuple[str, ...],
    exchange: str,
    region: str,
    product: str,
    environment: str | None,
    as_json: bool,
    count: int | None,
    seconds: float | None,
) -> int:
    """Show what STREAM... send, for example: watch btcusdt@trade ethusdt@depth5.

    With --exchange upbit a STREAM is a market, for its ticker, or a market and a type: KRW-BTC KRW-ETH@trade
    KRW-BTC@orderbook KRW-BTC@candle.1m.

    Above the table stand the state of each link, reconnects with their reasons, gaps, and how far the callback is
    behind.

    Runs until Ctrl-C, which ends it with a count of messages, gaps and reconnects on stderr, or one of the limits. Ends
    with 1 when the connection gives up, when the exchange lists a symbol of no STREAM (of some: at the end), or when no
    STREAM is a known one and none has sent anything for a minute. "binance-sockets streams" lists what exists.
    """
    other = "product" if exchange == "upbit" else "region"
    if click.get_current_context().get_parameter_source(other) is not ParameterSource.DEFAULT:
        raise click.UsageError(f"--{other} is of the other exchange, not of {exchange}")
    if exchange == "upbit":
        return watch_upbit(streams, region, environment, as_json, count, seconds)
    feed = Feed()
    chosen = Environment.resolve(environment)
    found = [parse(product, name) for name in streams]
    unknown = [name.wire for name in found if name.family is None]
    with SocketManager(environment=chosen.name) as manager:
        status = Status(manager)
        with watched(feed, status):
            manager.start_socket(list(streams), feed.multiplexed, product=product)
            if len(unknown) == len(found):
                manager.add_error_listener(_Doubt(feed, unknown))
            of = [name.symbol.upper() if name.family and name.symbol else None for name in found]
            missing = unlisted(chosen, product, [symbol for symbol in of if symbol], served=True)
            if say(missing) and missing.keys() >= {*of}:
                return 1
            if unknown:
                click.echo(f"binance-sockets streams --product {product} lists the streams that exist", err=True)
            if as_json:
                print_lines(feed, seconds, count)
            else:
                with contextlib.suppress(BinanceSocketsError):  # delays are shown without
                    manager.measure_clock(product)
                heading = _heading(chosen, product, environment is None and BASE_URL_VARIABLE in os.environ)
                rows = tuple(name.wire for name in found if not is_pattern(name.wire))  # its streams bring their own
                show(feed, Board(rows, heading, status.lines), seconds, count)
    return outcome(feed) or int(bool(missing))


class _Doubt:
    """Ends the command when every stream, none of which anybody knows, has been reported silent."""

    def __init__(self, feed: Feed, streams: list[str]) -> None:
        self._feed = feed
        self._left = set(streams)
        self._streams = ", ".join(map(printable, streams))

    def __call__(self, report: ErrorReport) -> None:
        if isinstance(report.error, StreamSilent):
            self._left.discard(report.error.stream)
            if not self._left and not self._feed.taken:
                waited = f"no message within {report.error.waited:.0f} s"
                self._feed.failure = f"{waited}, and no such stream is known: {self._streams}"


def _heading(chosen: Environment, product: str, by_variable: bool) -> str:
    """Product, environment and host: whether prices are real must be plain to see."""
    environment = "base URL" if "://" in chosen.name else f"environment {chosen.name}"
    origin = f" from {BASE_URL_VARIABLE}" if by_variable else ""
    return f"{product}, {environment}{origin}, {chosen.endpoint(product).streams}"
