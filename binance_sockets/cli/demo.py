"""``binance-sockets demo``: the main job on the embedded exchange."""

from __future__ import annotations

import functools

import click

from .. import SocketManager
from .board import Board, show
from .extras import simulator
from .feed import Feed
from .lines import outcome
from .parameters import FiniteRange
from .session import trade
from .upbit import demo_upbit

__all__ = ["demo"]

SYMBOL = "BTCUSDT"
MULTIPLEX = ("ethusdt@trade", "ethusdt@bookTicker", "bnbusdt@miniTicker")


@click.command()
@click.option("--seconds", default=10.0, show_default=True, type=FiniteRange(min=2), help="How long to watch.")
@click.option("--seed", default=1, show_default=True, help="Seed of the simulated market.")
@click.option(
    "--exchange", default="binance", show_default=True, type=click.Choice(["binance", "upbit"]), help="Which to play."
)
@click.option("--user", "trading", is_flag=True, help="Trade on a demo account instead, and watch its user data.")
def demo(seconds: float, seed: int, exchange: str, trading: bool) -> int:
    """Start an exchange inside this process and watch its streams.

    Trade, depth, kline and multiplex sockets run through SocketManager, as they would against the real exchange. Ends
    with 1 if one of the streams stayed silent.

    With --user a demo account places, fills and cancels orders over the WebSocket API; its user data stream tells what
    becomes of them and of the balances. Ends with 1 if the stream told anything else than the exchange has at the end.
    """
    if exchange == "upbit":
        if trading:
            raise click.UsageError("--user trades on Binance")
        return demo_upbit(seconds, seed)
    if trading:
        return trade(seconds, seed)
    feed = Feed()
    with simulator()(seed=seed) as played, SocketManager(environment=played.environment) as manager:
        try:
            heading = f"embedded exchange at {played.url}, for {seconds:g} s"
            board = Board((*_start(manager, feed), *MULTIPLEX), heading)
            show(feed, board, seconds)
        finally:
            feed.stop()
    if code := outcome(feed, board.silent()):
        return code
    click.echo("closed cleanly", err=True)
    return 0


def _start(manager: SocketManager, feed: Feed) -> list[str]:
    """Start all sockets and wait until they are open; return the conn_keys of the single ones."""
    single = [
        manager.start_trade_socket(SYMBOL, functools.partial(feed.put, f"{SYMBOL.lower()}@trade")),
        manager.start_depth_socket(SYMBOL, functools.partial(feed.put, f"{SYMBOL.lower()}@depth")),
        manager.start_kline_socket(SYMBOL, functools.partial(feed.put, f"{SYMBOL.lower()}@kline_1m")),
    ]
    multiplex = manager.start_multiplex_socket(list(MULTIPLEX), feed.multiplexed)
    for conn_key in (*single, multiplex):
        manager.wait_open(str(conn_key), timeout=10)
    return [str(conn_key) for conn_key in single]
