"""``binance-sockets run``: a script of python-binance, unchanged."""

from __future__ import annotations

import functools
from collections.abc import Callable

import click

__all__ = ["script"]


@click.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("script", type=click.Path(exists=True, dir_okay=False))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def script(script: str, arguments: tuple[str, ...]) -> Callable[[], int]:
    """Run a SCRIPT that imports python-binance 0.7, unchanged, on today's streams.

    Everything behind SCRIPT is the script's own. It runs as with python SCRIPT; what is not installed of binance and
    twisted is replaced.
    """
    from ..compat.running import run_script

    return functools.partial(run_script, script, arguments)
