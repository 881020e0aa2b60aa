"""``binance-sockets simulate``: the embedded exchange as a process of its own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable

import click

from .extras import simulator
from .parameters import FiniteRange

__all__ = ["simulate"]


@click.command()
@click.option(
    "--port", default=0, show_default="any free one", type=click.IntRange(0, 65535), help="Port on 127.0.0.1."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the simulated market.")
@click.option("--speed", default=1.0, show_default=True, type=FiniteRange(min=0.01), help="Pace of the market.")
@click.option(
    "--symbols", metavar="A,B,C", help="Symbols of the markets, each where it fits.  [default: about ten per product]"
)
@click.option(
    "--volatility",
    default=1.0,
    show_default=True,
    type=FiniteRange(0, 100),
    help="How far prices move, as a multiple of the usual.",
)
@click.option(
    "--told-levels",
    type=click.IntRange(min=1),
    help="Levels per side that the diffs of an order book tell of.  [default: all]",
)
@click.option(
    "--usdm-trade-route",
    default="market",
    show_default=True,
    type=click.Choice(("market", "public", "silent")),
    help="Route of USD-M that serves @trade, which is undocumented.",
)
@click.option("--tls", nargs=2, type=click.Path(exists=True, dir_okay=False), metavar="CERT KEY", help="PEM files.")
def simulate(
    port: int,
    seed: int,
    speed: float,
    symbols: str | None,
    volatility: float,
    told_levels: int | None,
    usdm_trade_route: str,
    tls: tuple[str, str] | None,
) -> None:
    """Run the embedded exchange until Ctrl-C and print its URL, and where Upbit is.

    Point a script at it with BINANCE_SOCKETS_BASE_URL=URL.
    """
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(*tls)
        except (OSError, ssl.SSLError) as error:
            raise click.UsageError(f"--tls: {error}") from None
    kind = simulator()
    listed = None if symbols is None else _by_product(symbols)
    exchange = kind(
        port=port,
        seed=seed,
        speed=speed,
        symbols=listed,
        volatility=volatility,
        told_levels=told_levels,
        usdm_trade_route=usdm_trade_route,
        ssl_context=context,
    )
    try:
        exchange.start()
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port}: {error.strerror or error}") from None
    with exchange:
        click.echo(exchange.url)
        click.echo(f"serving; Ctrl-C ends. Try: BINANCE_SOCKETS_BASE_URL={exchange.url} python script.py", err=True)
        streams = exchange.url.replace("http", "ws", 1)
        click.echo(
            f"Upbit: {streams}/upbit/websocket/v1, /private and /info below it; {exchange.url}/upbit/v1", err=True
        )
        threading.Event().wait()


def _by_product(symbols: str) -> dict[str, list[str]]:
    """Every product with those of the symbols that its names fit; none of another."""
    from ..simulator.binance import products
    from ..simulator.upbit import listing, regions

    table: dict[str, list[str]] = {product: [] for product in (*products.PRODUCTS, *regions.REGIONS)}

    def make(product: str, symbol: str) -> object:
        region = regions.REGIONS.get(product)
        return listing.instrument(region, symbol) if region else products.instrument(product, symbol)

    for symbol in dict.fromkeys(part.strip().upper() for part in symbols.split(",") if part.strip()):
        fits = [product for product in table if _exists(make, product, symbol)]
        if not fits:
            raise click.BadParameter(f"{symbol!r} is a symbol of no product", param_hint="--symbols")
        for product in fits:
            table[product].append(symbol)
    if not any(table.values()):
        raise click.BadParameter("no symbol in it", param_hint="--symbols")
    return table


def _exists(instrument: Callable[[str, str], object], product: str, symbol: str) -> bool:
    try:
        instrument(product, symbol)
    except ValueError:
        return False
    return True
