"""The directives ``stream-table`` and ``retired-streams``: the table of streams, read from the program itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from binance_sockets.exchanges.binance.families import FAMILIES
from binance_sockets.exchanges.binance.streams import catalogue


def list_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a reStructuredText list-table."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in (head, *rows):
        lines += [f"   {'*' if number == 0 else ' '} - {cell}".rstrip() for number, cell in enumerate(row)]
    return lines


def stream_rows(market: str) -> list[tuple[str, ...]]:
    """One row of cells per stream of a market."""
    return [
        (_code(row.name), _code(row.method), row.route, row.speed, _code(row.event), row.note)
        for row in catalogue(market)
    ]


def retired_rows() -> list[tuple[str, ...]]:
    """One row of cells per stream that the exchange has switched off."""
    rows = [row for families in FAMILIES.values() for row in families if row.retired]
    return [(row.market, _code(row.pattern), row.retired.since, row.retired.replacement) for row in rows if row.retired]


def _code(text: str) -> str:
    return f"``{text}``" if text else ""


class _Table(SphinxDirective):
    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[nodes.Node]:
        box = nodes.container()
        self.state.nested_parse(StringList(list_table(head, rows), source=__file__), self.content_offset, box)
        return box.children


class StreamTable(_Table):
    """``.. stream-table:: MARKET`` lists the streams of one market."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        return self.table(("Name", "Method", "Route", "Speed", "``e``", "Note"), stream_rows(self.arguments[0]))


class RetiredStreams(_Table):
    """``.. retired-streams::`` lists what the exchange has switched off."""

    def run(self) -> list[nodes.Node]:
        return self.table(("Market", "Name", "Since", "Use"), retired_rows())


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("stream-table", StreamTable)
    app.add_directive("retired-streams", RetiredStreams)
    return {"parallel_read_safe": True}
