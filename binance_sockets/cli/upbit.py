"""``--exchange upbit`` of the commands that watch streams."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from typing import Any

import click

from .. import UpbitSocketManager
from ..exchanges.environment import BASE_URL_VARIABLE
from .board import Board, show
from .extras import simulator
from .feed import Feed
from .lines import outcome, print_lines, watched
from .status import Status
from .symbols import say, unlisted_on_upbit

__all__ = ["demo_upbit", "watch_upbit"]

_TYPES = ("ticker", "trade", "orderbook", "candle.UNIT")
_DEMO = ("KRW-BTC", "KRW-ETH@trade", "KRW-BTC@orderbook", "KRW-BTC@candle.1s")


def watch_upbit(
    streams: Sequence[str],
    region: str,
    environment: str | None,
    as_json: bool,
    count: int | None,
    seconds: float | None,
) -> int:
    """Show Upbit's streams until a limit is reached; returns 1 when the connection has given up."""
    feed = Feed()
    with UpbitSocketManager(region=region, environment=environment) as manager:
        status = Status(manager)
        with watched(feed, status):
            names = [_start(manager, feed, stream) for stream in streams]
            codes = [name.partition("@")[0] for name in names]
            missing = unlisted_on_upbit(environment, region, codes)
            if say(missing) and missing.keys() >= {*codes}:
                return 1
            if as_json:
                print_lines(feed, seconds, count)
            else:
                origin = f" from {BASE_URL_VARIABLE}" if environment is None and BASE_URL_VARIABLE in os.environ else ""
                snapshot = manager.snapshot()
                heading = f"upbit {region}, {snapshot['environment']}{origin}, {snapshot['hosts'][region]}"
                show(feed, Board(tuple(names), heading, status.lines), seconds, count)
    return outcome(feed) or int(bool(missing))


def demo_upbit(seconds: float, seed: int) -> int:
    """Watch the embedded exchange's Upbit; returns 1 if one of the streams stayed silent."""
    feed = Feed()
    with simulator()(seed=seed) as exchange, UpbitSocketManager(environment=exchange.environment) as manager:
        try:
            names = tuple(_start(manager, feed, stream) for stream in _DEMO)
            board = Board(names, f"embedded Upbit at {exchange.url}, for {seconds:g} s")
            show(feed, board, seconds)
        finally:
            feed.stop()
    if code := outcome(feed, board.silent()):
        return code
    click.echo("closed cleanly", err=True)
    return 0


def _start(manager: UpbitSocketManager, feed: Feed, stream: str) -> str:
    """Start ``KRW-BTC`` (its ticker) or ``KRW-BTC@trade``; returns its name."""
    code, _, type_ = stream.partition("@")
    kind, _, unit = (type_ or "ticker").partition(".")
    name = f"{code.upper()}@{type_ or 'ticker'}"
    callback = functools.partial(_put, feed, name)
    if kind == "candle":
        manager.start_candle_socket(code, callback, unit or "1m", numbers="str")
    elif not unit and kind in ("ticker", "trade", "orderbook"):
        getattr(manager, f"start_{kind}_socket")(code, callback, numbers="str")
    else:
        raise click.BadParameter(f"{stream!r}: CODE, or CODE@TYPE with one of {', '.join(_TYPES)}")
    return name


def _put(feed: Feed, name: str, message: Any) -> None:
    if message.get("e") == "error":
        feed.failure = message["m"]
    else:
        feed.put(name, message)
