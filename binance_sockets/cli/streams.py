"""``binance-sockets streams``: what exists, from the table that the library itself uses."""

from __future__ import annotations

import json
import shutil
import sys

import click

from ..exchanges.binance.families import MARKETS
from ..exchanges.binance.streams import Row, catalogue

__all__ = ["streams"]


@click.command()
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--product", type=click.Choice(MARKETS), help="One market only; us is Binance.US.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per stream.")
def streams(words: tuple[str, ...], product: str | None, as_json: bool) -> int:
    """List the streams that exist, those with every WORD in their description.

    Ends with 1 when there are none.
    """
    rows = [row for row in catalogue(product) if _matches(row, words)]
    if as_json:
        for row in rows:
            click.echo(json.dumps(row._asdict()))
    elif rows:
        _print_table(rows)
    else:
        click.echo("no such stream", err=True)
    return 0 if rows else 1


def _matches(row: Row, words: tuple[str, ...]) -> bool:
    text = " ".join(row).lower()
    return all(word.lower() in text for word in words)


def _print_table(rows: list[Row]) -> None:
    """Columns as wide as their widest cell; the note is cut on a terminal, never in a pipe."""
    titles = tuple(title for title in Row._fields)
    table = [titles, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(titles))]
    limit = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for row in table:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.echo(line[:limit])
