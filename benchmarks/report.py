"""Writes the tables and plots of the documentation from the kept figures.

    python benchmarks/report.py           results/full.json, or quick.json where there is no full one

It writes ``docs/topics/benchmarks.inc`` and ``docs/_static/benchmarks/*.svg``, which are kept in the repository.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import tables
from environments import HERE
from measure import CLIENTS
from scenarios import SCENARIOS

DOCS = HERE.parent / "docs"
_BAR, _GAP, _LEFT, _RIGHT, _WIDTH = 18, 6, 190, 90, 760
_OURS, _LIMIT, _OTHER = "#1f6feb", "#8b949e", "#d4a72c"


def bars(title: str, values: list[tuple[str, float]], unit: str) -> str:
    """A horizontal bar chart as SVG, on a logarithmic scale from a fifth of the least value."""
    from math import log10

    low, high = min(value for _, value in values) / 5, max(value for _, value in values)
    scale = (_WIDTH - _LEFT - _RIGHT) / (log10(high / low) or 1)
    height = 40 + len(values) * (_BAR + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" font-weight="bold">{escape(title)}</text>',
    ]
    for index, (name, value) in enumerate(values):
        top = 32 + index * (_BAR + _GAP)
        color = _OURS if name.startswith("ours") else _LIMIT if name.startswith("limit") else _OTHER
        length = max(2.0, log10(value / low) * scale)
        middle = top + _BAR - 5
        parts.append(f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect x="{_LEFT}" y="{top}" width="{length:.1f}" height="{_BAR}" fill="{color}"/>')
        parts.append(f'<text x="{_LEFT + length + 6:.1f}" y="{middle}">{value:,.4g} {escape(unit)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def list_table(table: tables.Table) -> str:
    """A table in reStructuredText."""
    name, head, rows = table
    lines = [f".. list-table:: {name}" if name else ".. list-table::", "   :header-rows: 1", ""]
    for row in [head, *rows]:
        lines += [f"   {'* -' if column == 0 else '  -'} {text}" for column, text in enumerate(row)]
    return "\n".join([*lines, ""])


def plots(results: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """File names and SVG texts."""
    found = {}
    for tls in (False, True):
        for payload in ("trade", "depth"):
            group = [e for e in results.get("burst", []) if (e["payload"], e["tls"]) == (payload, tls)]
            values = sorted((value, e["client"]) for e in group if (value := tables.median(e, "us")) is not None)
            if values:
                words = f"{payload}, {'TLS' if tls else 'plain'}"
                chart = bars(f"CPU per message, {words}, burst", [(name, value) for value, name in values], "\u00b5s")
                found[f"burst-{payload}-{'tls' if tls else 'plain'}.svg"] = chart
    for tls in (False, True):
        group = [e for e in results.get("busy", []) if e["tls"] == tls]
        values = sorted(
            ((tables.median(e, "per_second") or 0, e["client"]) for e in group if not e["error"]), reverse=True
        )
        if values:
            words = f"Messages a second beside a CPU-bound thread, trade, {'TLS' if tls else 'plain'}"
            found[f"busy-{'tls' if tls else 'plain'}.svg"] = bars(
                words, [(name, value) for value, name in values], "/s"
            )
    return found


def _extent(results: dict[str, list[dict[str, Any]]]) -> str:
    """How often each scenario was repeated, and what it did without: a narrowed run must not pass for a whole one."""
    repeated = ", ".join(
        f"{name} {max((len(entry.get('memory_kb', ())) for entry in results[name]), default=0)}"
        for name in SCENARIOS
        if name in results
    )
    measured = {entry["client"] for entries in results.values() for entry in entries}
    missing = [name for name in CLIENTS if name not in measured] + [name for name in SCENARIOS if name not in results]
    return f"Repetitions: {repeated}." + (f" Not in this run: {', '.join(missing)}." if missing else "")


def _when(kept: dict[str, Any]) -> str:
    """Date and commit of the figures, of each scenario where they differ."""
    moments = {
        name: " at ".join(filter(None, map(part["about"].get, ("date", "commit")))) for name, part in kept.items()
    }
    if len(set(moments.values())) == 1:
        return f"Measured on {next(iter(moments.values()))}"
    return "Measured one by one: " + "; ".join(f"{name} on {moment}" for name, moment in moments.items())


def text(kept: dict[str, Any], form: str, extras: list[tuple[str, list[tables.Table]]]) -> str:
    """The whole included page part."""
    results = {name: part["entries"] for name, part in kept.items()}
    about = next(iter(kept.values()))["about"]
    lines = [
        ".. Written by benchmarks/report.py from benchmarks/results/; do not edit.",
        "",
        f"{_when(kept)} ({form} form): Python {about['python']}, {about['openssl']}, {about['system']}, "
        f"{about['cpus']} CPUs. {_extent(results)}",
        "",
        list_table(("Aims", tables.AIMS_HEAD, tables.aims(results))),
    ]
    drawn = plots(results)
    for name in (name for name in SCENARIOS if name in results):
        lines += [SCENARIOS[name].title, "~" * len(SCENARIOS[name].title), ""]
        for file in drawn:
            if file.startswith(name):
                lines += [f".. image:: ../_static/benchmarks/{file}", f"   :alt: {file.partition('.')[0]}", ""]
        lines += [list_table(table) for table in tables.TABLES[name](results[name])]
    for heading, found in extras:
        lines += [heading, "~" * len(heading), "", *(list_table(table) for table in found)]
    return "\n".join(lines)


def write(folder: Path, docs: Path) -> list[Path]:
    """Write all files from the results in ``folder``; returns them."""
    form = "full" if (folder / "full.json").exists() else "quick"
    kept = json.loads((folder / f"{form}.json").read_text())
    extras = []
    for file, heading in (
        ("hot_path.json", "Order of cost in the hot path"),
        ("round_trip.json", "Orders over the WebSocket API"),
        ("free_threaded.json", "Free-threaded CPython"),
        ("books.json", "Order books"),
    ):
        if (folder / file).exists():
            extras.append((heading, json.loads((folder / file).read_text())))
    drawn = plots({name: part["entries"] for name, part in kept.items()})
    files = {docs / "topics" / "benchmarks.inc": text(kept, form, extras)}
    files.update({docs / "_static" / "benchmarks" / name: svg for name, svg in drawn.items()})
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return list(files)


if __name__ == "__main__":
    for written in write(HERE / "results", DOCS):
        print(written)
    sys.exit(0)
