"""``binance-sockets simulate``: the embedded exchange as a process of its own."""

from __future__ import annotations

import ssl
import threading

import click

from .extras import simulator

__all__ = ["simulate"]


@click.command()
@click.option(
    "--port", default=0, show_default="any free one", type=click.IntRange(0, 65535), help="Port on 127.0.0.1."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the simulated market.")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(min=0.01), help="Pace of the market.")
@click.option("--tls", nargs=2, type=click.Path(exists=True, dir_okay=False), metavar="CERT KEY", help="PEM files.")
def simulate(port: int, seed: int, speed: float, tls: tuple[str, str] | None) -> None:
    """Run the embedded exchange until Ctrl-C and print its URL.

    Point a script at it with BINANCE_SOCKETS_BASE_URL=URL.
    """
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(*tls)
        except (OSError, ssl.SSLError) as error:
            raise click.UsageError(f"--tls: {error}") from None
    exchange = simulator()(port=port, seed=seed, speed=speed, ssl_context=context)
    try:
        exchange.start()
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port}: {error.strerror or error}") from None
    with exchange:
        click.echo(exchange.url)
        click.echo(f"serving; Ctrl-C ends. Try: BINANCE_SOCKETS_BASE_URL={exchange.url} python script.py", err=True)
        threading.Event().wait()
