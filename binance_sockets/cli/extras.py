"""Optional parts of the package, with a useful word where they are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..simulator import Simulator

__all__ = ["simulator"]


def simulator() -> type[Simulator]:
    """The class of the embedded exchange; ends with the code 2 where its extra is not installed."""
    try:
        from ..simulator import Simulator
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "aiohttp":
            raise
        raise click.UsageError("the embedded exchange needs: pip install 'binance_sockets[sim]'") from None
    return Simulator
