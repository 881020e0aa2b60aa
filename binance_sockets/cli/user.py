"""``binance-sockets user``: what happens to an account, a line for each event."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import click

from .. import CredentialChange, CredentialStep, Gap, SocketManager, is_error
from . import words
from .feed import Feed
from .lines import outcome
from .parameters import FiniteRange

__all__ = ["user"]

_STARTERS = {
    "spot": "start_user_socket",
    "margin": "start_margin_socket",
    "isolated": "start_isolated_margin_socket",
    "usdm": "start_futures_user_socket",
    "coinm": "start_coin_futures_user_socket",
    "options": "start_options_user_socket",
    "portfolio": "start_portfolio_margin_socket",
    "portfolio-pro": "start_portfolio_margin_pro_socket",
    "margin-risk": "start_margin_risk_socket",
}


@click.command()
@click.argument("account", default="spot", type=click.Choice(tuple(_STARTERS)))
@click.option("--symbol", help="Of the isolated account.")
@click.option("--environment", help="live, testnet, demo or a base URL.  [default: BINANCE_SOCKETS_BASE_URL, or live]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per event on stdout instead of words.")
@click.option("--count", type=click.IntRange(min=1), help="End after this many events.")
@click.option("--seconds", type=FiniteRange(min=0.1), help="End after this time.")
def user(
    account: str, symbol: str | None, environment: str | None, as_json: bool, count: int | None, seconds: float | None
) -> int:
    """Print the user data of ACCOUNT: orders, fills, balances and positions as they change.

    Keys come from BINANCE_API_KEY, with BINANCE_API_SECRET or with BINANCE_PRIVATE_KEY, the path of a PEM file. Runs
    until Ctrl-C or one of the limits; gaps and failures of the credential are said on stderr. Ends with 1 when the
    connection gives up.
    """
    if (account == "isolated") != (symbol is not None):
        raise click.UsageError("--symbol belongs to the account isolated, and to that alone")
    feed = Feed()

    def on_event(event: Any) -> None:
        if is_error(event):
            feed.failure = feed.failure or event["m"]
        else:
            feed.put(account, event)

    with SocketManager(environment=environment) as manager:
        manager.add_gap_listener(_say_gap)
        manager.add_credential_listener(_say_step)
        manager.add_error_listener(lambda report: setattr(feed, "failure", str(report.error)) if report.final else None)
        try:
            start = getattr(manager, _STARTERS[account])
            start(*(() if symbol is None else (symbol,)), on_event)
            _print(feed, words.as_json if as_json else words.as_words, seconds, count)
        finally:
            feed.stop()
    return outcome(feed)


def _print(feed: Feed, write: Callable[[Any], str], seconds: float | None, count: int | None) -> None:
    """Print events until a limit is reached or the feed has failed."""
    end = float("inf") if seconds is None else time.monotonic() + seconds
    left = float("inf") if count is None else count
    while left > 0 and feed.failure is None and time.monotonic() < end:
        message = feed.get(min(0.25, end - time.monotonic()))
        if message is not None:
            click.echo(write(message.payload))
            sys.stdout.flush()
            left -= 1


def _say_gap(gap: Gap) -> None:
    click.echo(f"gap: {gap.duration:.1f} s may be missing ({gap.reason.value})", err=True)


def _say_step(change: CredentialChange) -> None:
    if change.step not in (CredentialStep.OBTAINED, CredentialStep.RENEWED):
        click.echo(f"credential {change.step.value}" + (f": {change.error}" if change.error else ""), err=True)
