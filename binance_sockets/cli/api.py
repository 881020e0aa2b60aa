"""``binance-sockets api``: one request of the WebSocket API."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import click
import msgspec

from .. import BinanceSocketsError, ConfigError, WebSocketAPI
from ..exchanges.binance.methods import API_PRODUCTS, METHODS, Kind, Method, kind_of
from .columns import lay_out, unseen
from .parameters import FiniteRange

__all__ = ["api"]

_LEAST = 30  # narrower columns of names are hard to read
_BOOLS = {"true": True, "false": False}


@click.command()
@click.argument("method", required=False, metavar="[METHOD]")
@click.argument("params", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--product", default="spot", show_default=True, type=click.Choice(API_PRODUCTS), help="Whose API is asked."
)
@click.option("--environment", help="live, testnet, demo or a base URL.  [default: BINANCE_SOCKETS_BASE_URL, or live]")
@click.option(
    "--timeout", default=10.0, show_default=True, type=FiniteRange(min=0.1), help="Seconds to wait for the reply."
)
@click.option("--limits", is_flag=True, help="Say on stderr what is used of the rate limits.")
def api(
    method: str | None, params: tuple[str, ...], product: str, environment: str | None, timeout: float, limits: bool
) -> int:
    """Send one request over the WebSocket API and print its result as JSON.

    For example: api order.place symbol=BTCUSDT side=BUY type=MARKET quantity=0.001. Without METHOD it lists the
    methods. Keys come from BINANCE_API_KEY, with BINANCE_API_SECRET or with BINANCE_PRIVATE_KEY, the path of a PEM
    file. Ends with 1 when the request is refused or no reply comes.
    """
    if method is None:
        _print_methods(list(METHODS[product].values()))
        return 0
    given = dict(_parameter(word) for word in params)
    with WebSocketAPI(product=product, environment=environment, timeout=timeout) as client:
        try:
            result = client.request(method, given)
        except ConfigError:
            raise
        except BinanceSocketsError as error:
            asked: dict[str, object] = getattr(error, "request", {})
            named = {name: value for name, value in asked.items() if name.endswith("ClientOrderId")}
            click.echo(f"Error: {error}" + (f"; {named}" if named else ""), err=True)
            return 1
        if limits:
            for limit in client.rate_limits:
                click.echo(str(limit), err=True)
    text = msgspec.json.encode(result)
    click.echo(msgspec.json.format(text, indent=2) if sys.stdout.isatty() else text)
    return 0


def _parameter(word: str) -> tuple[str, object]:
    """``key=value`` as a parameter of its kind."""
    name, equals, text = word.partition("=")
    if not name or not equals:
        raise ConfigError("KEY=VALUE", word, "a parameter such as symbol=BTCUSDT")
    return name, _value(text, kind_of(name))


def _value(text: str, kind: Kind) -> object:
    if kind == "list":
        return text.split(",")
    if kind == "bool":
        return _BOOLS.get(text.lower(), text)
    whole = kind in ("int", "number") and text.removeprefix("-").isdecimal()
    return int(text) if whole else text


def _print_methods(rows: Sequence[Method]) -> None:
    cells = [
        (row.name, " ".join((*row.required, *(f"[{name}]" for name in row.optional))), row.security, row.does)
        for row in rows
    ]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    laid = lay_out(("method", "parameters", "security", "description"), cells, width, least=_LEAST)
    for line in (*laid.head, *laid.body):
        click.echo(line)
    for line in unseen(laid.hidden, width, "; a wider terminal and a pipe have them"):
        click.echo(line, err=True)
