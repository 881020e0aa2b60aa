"""``binance-sockets audit``: compares what an exchange sent with what callbacks got."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from ..exchanges.binance.history import Verdict, check
from .columns import printable

__all__ = ["audit"]

_SHOWN = 5  # offences of a stream
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_KINDS = ("lost", "doubled", "reordered", "unknown")


@click.command()
@click.argument("sent", type=_FILE)
@click.argument("received", type=_FILE)
def audit(sent: Path, received: Path) -> int:
    """Prove that each message of SENT is in RECEIVED once, in order, or inside a reported gap.

    SENT is a record of Simulator.record, RECEIVED one of a Recorder, which notes from when to when each stream was
    carried: all that was sent between must be accounted for. A table on stdout has one row for each socket and
    stream; the first offences are named below it. Ends with 1 where there is any, and where nothing came at all.
    """
    try:
        verdicts = list(check(_lines(sent), _lines(received)))
    except (KeyError, ValueError, TypeError) as error:
        what = f"a line has no {error}" if isinstance(error, KeyError) else str(error)
        raise click.UsageError(f"{sent} and {received} are not two records of one session: {what}") from error
    rows = [("conn key", "start", "stream", "came", "in gaps", *_KINDS), *map(_row, verdicts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    bad = [verdict for verdict in verdicts if verdict.offences]
    for verdict in bad:
        first = ", ".join(map(str, verdict.offences[:_SHOWN]))
        more = len(verdict.offences) - _SHOWN
        where = printable(f"{verdict.conn_key}, start {verdict.life}, {verdict.stream}")
        click.echo(f"{where}: {first}{f' and {more} more' if more > 0 else ''}")
    if not verdicts:
        click.echo("Error: no message came", err=True)
    return 1 if bad or not verdicts else 0


def _row(verdict: Verdict) -> tuple[str, ...]:
    kinds = [offence.kind for offence in verdict.offences]
    counts = (verdict.came, verdict.told, *map(kinds.count, _KINDS))
    return (printable(verdict.conn_key), str(verdict.life), printable(verdict.stream), *map(str, counts))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.DecodeError as error:
                raise ValueError(f"{path}, line {number}: {error}") from error
