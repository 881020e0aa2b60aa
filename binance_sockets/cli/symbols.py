"""Symbols that an exchange does not list: it accepts a subscription to them all the same, and sends nothing."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence

import click
import requests

from .. import BinanceSocketsError, Options
from ..exchanges.binance.products import product_of
from ..exchanges.binance.rest import PublicRest
from ..exchanges.binance.urls import Environment
from ..exchanges.upbit.regions import Place
from ..exchanges.upbit.rest import UpbitRest
from .columns import printable

__all__ = ["say", "unlisted", "unlisted_on_upbit"]


def unlisted(environment: Environment, product: str, symbols: Sequence[str], *, served: bool) -> dict[str, str]:
    """What to say of each symbol that one of Binance's products does not list. Blocks for some seconds at most.

    Args:
        environment: where it is asked.
        product: whose symbols they are.
        symbols: in upper case.
        served: whether those of another product do, too, whose streams are served here.
    """
    row = product_of(product, environment.tld)

    def listed() -> frozenset[str]:
        rest = PublicRest(environment.endpoint(product).rest, row, Options(), environment.quota(product))
        if row.info_takes_symbol and len(symbols) == 1 and rest.lists(symbols[0]):
            return frozenset(symbols)
        found = rest.listed()
        if served and row.serves in environment.products() and not found.issuperset(symbols):
            other, quota = product_of(row.serves, environment.tld), environment.quota(row.serves)
            found |= PublicRest(environment.endpoint(row.serves).rest, other, Options(), quota).listed()
        return found

    return _missing(product, symbols, listed)


def unlisted_on_upbit(environment: str | None, region: str, codes: Sequence[str]) -> dict[str, str]:
    """As :func:`unlisted`, of the markets of a region."""
    rest = UpbitRest(Place.resolve(environment, region, credentials=False).endpoint.rest, Options())
    return _missing(f"Upbit {region}", codes, rest.markets)


def say(missing: dict[str, str]) -> bool:
    """Say it on stderr; returns whether there is anything to say."""
    for text in missing.values():
        click.echo(f"Error: {text}", err=True)
    return bool(missing)


def _missing(where: str, symbols: Iterable[str], listed: Callable[[], frozenset[str]]) -> dict[str, str]:
    try:
        names = listed() if symbols else frozenset()
    except (BinanceSocketsError, requests.RequestException, OSError, ValueError, LookupError, TypeError):
        return {}  # nobody knows: it will be seen whether something comes
    return {symbol: _text(where, symbol, names) for symbol in symbols if symbol not in names}


def _text(where: str, symbol: str, names: frozenset[str]) -> str:
    close = difflib.get_close_matches(symbol, sorted(names), n=3, cutoff=0.6)
    similar = f"; similar: {', '.join(map(printable, close))}" if close else ""
    return f"{where} lists no symbol {printable(symbol)}{similar}"
