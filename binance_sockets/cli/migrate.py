"""``binance-sockets migrate``: what becomes of scripts that were written for python-binance."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import click

from ..errors import one_line
from ..migrate import Finding, Report, examine, read, scripts, write
from ..migrate.examination import Kind

__all__ = ["migrate"]

_TITLES: dict[Kind, str] = {
    "same": "works unchanged",
    "differs": "works differently",
    "gone": "gone at the exchange",
    "by hand": "to be changed by hand",
}


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@click.option("--write", "writes", is_flag=True, help="Rewrite the imports in the files.")
@click.option("--diff", "shows", is_flag=True, help="Show the rewriting as a diff, and no list.")
def migrate(paths: tuple[Path, ...], writes: bool, shows: bool) -> int:
    """Read scripts for python-binance 0.7, or for the threads of 1.x, and tell what becomes of them.

    PATH is a file, or a folder whose *.py files are meant. Nothing is executed; nothing is written without --write.
    Ends with 1 when a file cannot be read.
    """
    concerned = passed = failed = 0
    for path in scripts(paths):
        try:
            text, encoding = read(path)
            report = examine(text)
        except (OSError, SyntaxError, ValueError) as error:
            failed += 1
            click.echo(f"{one_line(str(path))}: cannot be read as Python 3: {one_line(str(error))}", err=True)
            continue
        if report.dialect is None and not report.findings:
            passed += 1
            continue
        concerned += 1
        click.echo("".join(_diff(path, text, report)) if shows else "\n".join(_lines(path, report)), nl=not shows)
        if writes and report.rewritten != text:
            write(path, report.rewritten, encoding)
            click.echo(f"{one_line(str(path))}: rewritten", err=True)
    click.echo(f"{concerned} of {concerned + passed + failed} files use python-binance's sockets", err=True)
    return 1 if failed else 0


def _lines(path: Path, report: Report) -> Iterator[str]:
    yield f"{one_line(str(path))}: {report.dialect or 'python-binance, asyncio'}"
    for kind, title in _TITLES.items():
        found = report.of(kind)
        if not found:
            continue
        yield f"  {title}"
        for (name, text), each in groupby(sorted(found, key=_by_name), key=_by_name):
            places = [str(finding.line) for finding in each]
            where = f"line{'s' if len(places) > 1 else ''} {', '.join(places)}"
            yield f"    {one_line(name)} ({where}){': ' + one_line(text) if text else ''}"


def _by_name(finding: Finding) -> tuple[str, str]:
    return finding.name, finding.text


def _diff(path: Path, text: str, report: Report) -> Iterator[str]:
    name = path.as_posix().lstrip("/")
    names = f"a/{name}", f"b/{name}"
    for line in difflib.unified_diff(
        text.splitlines(keepends=True), report.rewritten.splitlines(keepends=True), *names, n=1
    ):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
