"""``binance-sockets streams``: what exists, from the table that the library itself uses."""

from __future__ import annotations

import json
import shutil
import sys

import click

from ..exchanges.binance.families import Family
from ..exchanges.binance.names import catalogue
from ..exchanges.binance.products import MARKETS
from .columns import lay_out, unseen

__all__ = ["streams"]

_LEAST = 30  # narrower columns of names are hard to read


@click.command()
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--product", type=click.Choice(list(MARKETS)), help="One market only; us is Binance.US.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per stream.")
def streams(words: tuple[str, ...], product: str | None, as_json: bool) -> int:
    """List the streams that exist, those with every WORD in their description.

    Ends with 1 when there are none.
    """
    rows = [row for family in catalogue(product) if _matches(row := _cells(family), words)]
    if as_json:
        for row in rows:
            click.echo(json.dumps(row))
    elif rows:
        _print_table(rows)
    else:
        click.echo("no such stream", err=True)
    return 0 if rows else 1


def _cells(family: Family) -> dict[str, str]:
    """What is shown of a row of the table, by column."""
    cells = {
        "product": family.market,
        "name": family.pattern,
        "method": family.method,
        "speed": family.speed,
        "event": ", ".join(family.events),
        "route": family.route,
        "description": family.says,
        "note": family.note,
    }
    return {title: cell.replace("``", "") for title, cell in cells.items()}


def _matches(row: dict[str, str], words: tuple[str, ...]) -> bool:
    """Whether each word is part of what is told, or the whole route: ``mark`` is not meant for all of ``market``."""
    text = " ".join(cell for title, cell in row.items() if title != "route").lower()
    return all(word.lower() in text or word.lower() == row["route"] for word in words)


def _print_table(rows: list[dict[str, str]]) -> None:
    """Columns that fit the terminal, every cell whole; in a pipe all columns, and one line per stream."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    laid = lay_out(list(rows[0]), [list(row.values()) for row in rows], width, least=_LEAST)
    for line in (*laid.head, *laid.body):
        click.echo(line)
    for line in unseen(laid.hidden, width, "; a wider terminal, a pipe and --json have them"):
        click.echo(line, err=True)
