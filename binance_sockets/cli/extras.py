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
    except ImportError as error:
        if getattr(error.__cause__, "name", None) != "aiohttp":
            raise
        raise click.UsageError(str(error)) from None
    return Simulator
