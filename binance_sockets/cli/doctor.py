"""``binance-sockets doctor``: what stands between this machine and the exchange, in words."""

from __future__ import annotations

import json
import sys
from collections import Counter
from shutil import get_terminal_size

import click

from .. import ApiKey, Options
from ..doctor import Finding, Outcome, examine
from ..exchanges.binance.products import PRODUCTS, TLDS
from .columns import fold, printable
from .parameters import FiniteRange

__all__ = ["doctor"]

_ROUTES = ("streams", "public", "market", "api", "private")
_INDENT = " " * 9
_WIDEST = 110
_COLOURS = {Outcome.OK: "green", Outcome.WARNING: "yellow", Outcome.FAILED: "red", Outcome.SKIPPED: "bright_black"}


@click.command()
@click.option("--product", "products", multiple=True, type=click.Choice(PRODUCTS), help="This market; repeatable.")
@click.option(
    "--route",
    "routes",
    multiple=True,
    type=click.Choice(_ROUTES),
    help="This route; repeatable. streams are those of spot and coinm, api is the WebSocket API, private is user data.",
)
@click.option(
    "--account",
    "accounts",
    multiple=True,
    type=click.Choice(("margin", "portfolio")),
    help="This account's user data as well; repeatable.  [default: both, without --product]",
)
@click.option(
    "--environment", help="live, testnet, demo, data or a base URL.  [default: BINANCE_SOCKETS_BASE_URL, or live]"
)
@click.option("--tld", default="com", show_default=True, type=click.Choice(TLDS), help="us is Binance.US.")
@click.option("--proxy", help="URL of a proxy, in place of https_proxy and all_proxy; '' for none.")
@click.option("--ca-file", type=click.Path(exists=True, dir_okay=False), help="PEM file with CAs to trust as well.")
@click.option("--compression", is_flag=True, help="Ask for permessage-deflate as well.")
@click.option("--timeout", default=45.0, show_default=True, type=FiniteRange(min=1), help="Seconds for everything.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per check on stdout instead of words.")
def doctor(
    products: tuple[str, ...],
    routes: tuple[str, ...],
    accounts: tuple[str, ...],
    environment: str | None,
    tld: str,
    proxy: str | None,
    ca_file: str | None,
    compression: bool,
    timeout: float,
    as_json: bool,
) -> int:
    """Check names, proxy, TLS, clock, REST, each route and the API key, and say what is wrong and what to do.

    Keys come from BINANCE_API_KEY, with BINANCE_API_SECRET or with BINANCE_PRIVATE_KEY, the path of a PEM file; they
    are never shown. Nothing is ordered, and nothing stays behind. Ends with 1 when a check has failed.
    """
    found = examine(
        environment,
        tld=tld,
        products=products or None,
        routes=routes or None,
        accounts=accounts or None,
        options=Options(proxy=proxy, ca_file=ca_file, compression=compression),
        key=ApiKey.resolve(),
        timeout=timeout,
    )
    for finding in found:
        if as_json:
            click.echo(json.dumps(finding.as_dict(), ensure_ascii=False))
        else:
            _print(finding)
    counts = Counter(finding.outcome for finding in found)
    click.echo(", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome), err=True)
    return 1 if counts[Outcome.FAILED] else 0


def _print(finding: Finding) -> None:
    """One line for what was seen; below it what it means and what to do, where there is something."""
    width = min(_WIDEST, get_terminal_size().columns) if sys.stdout.isatty() else None
    name = f"{finding.check} {finding.subject}".rstrip()
    head = _folded(f"{name}: {finding.fact}", width)
    click.echo(click.style(f"{finding.outcome.value:<9}", fg=_COLOURS[finding.outcome]) + head[0])
    rest = head[1:]
    for text in (finding.meaning, finding.advice and f"-> {finding.advice}"):
        rest += _folded(text, width) if text else []
    for line in rest:
        click.echo(_INDENT + line)


def _folded(text: str, width: int | None) -> list[str]:
    shown = printable(text)
    return [shown] if width is None else fold(shown, max(20, width - len(_INDENT)))
