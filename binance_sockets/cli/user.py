"""``binance-sockets user``: what happens to an account, a line for each event."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import click

from .. import CredentialChange, CredentialStep, Gap, SocketManager, is_error
from .feed import Feed
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
_LONGEST = 200  # characters of an event that has no words of its own


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
            _print(feed, _as_json if as_json else _as_words, seconds, count)
        finally:
            feed.stop()
    if feed.failure:
        click.echo(f"Error: {feed.failure}", err=True)
        return 1
    return 0


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


def _as_json(event: Any) -> str:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False)


def _as_words(event: Mapping[str, Any]) -> str:
    """An event as a line: its name, and what matters of orders and balances."""
    name = str(event.get("e", "?"))
    try:
        words = _WORDS[name](event) if name in _WORDS else _rest(event)
    except (KeyError, TypeError):
        words = _rest(event)
    return f"{name:<24} {words}"


def _order(order: Mapping[str, Any]) -> str:
    price = "" if float(order["p"] or 0) == 0 else f" at {order['p']}"
    fill = f", {order['l']} at {order['L']}" if order["x"] == "TRADE" else ""
    return f"{order['s']} {order['S']} {order['o']} {order['q']}{price}: {order['X']}, filled {order['z']}{fill}"


def _spot_balances(event: Mapping[str, Any]) -> str:
    return ", ".join(f"{each['a']} {each['f']} free {each['l']} locked" for each in event["B"])


def _futures_account(event: Mapping[str, Any]) -> str:
    data = event["a"] if isinstance(event["a"], Mapping) else event
    balances = [f"{each['a']} {each['wb']}" for each in data.get("B", ())]
    positions = [f"{each['s']} {each['pa']} at {each['ep']}" for each in data.get("P", ())]
    return f"{data['m']}: " + ", ".join(balances + positions)


def _lite(event: Mapping[str, Any]) -> str:
    return f"{event['s']} {event['S']} {event['l']} at {event['L']}"


def _rest(event: Mapping[str, Any]) -> str:
    text = _as_json({name: value for name, value in event.items() if name != "e"})
    return text[:_LONGEST] + "..." if len(text) > _LONGEST else text


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "executionReport": _order,
    "ORDER_TRADE_UPDATE": lambda event: _order(event["o"]),
    "TRADE_LITE": _lite,
    "outboundAccountPosition": _spot_balances,
    "balanceUpdate": lambda event: f"{event['a']} {event['d']}",
    "ACCOUNT_UPDATE": _futures_account,
}
