"""Directives that show the tables of streams and products, read from the program itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from binance_sockets.exchanges.binance.families import FAMILIES
from binance_sockets.exchanges.binance.names import catalogue
from binance_sockets.exchanges.binance.products import MARKETS
from binance_sockets.exchanges.binance.unify import unified_types


def list_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a reStructuredText list-table."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in (head, *rows):
        lines += [f"   {'*' if number == 0 else ' '} - {cell}".rstrip() for number, cell in enumerate(row)]
    return lines


def stream_rows(market: str) -> list[tuple[str, ...]]:
    """One row of cells per stream of a market."""
    return [
        (
            _code(row.pattern),
            ". ".join(part for part in (row.says, row.note) if part),
            _code(row.method),
            row.route,
            row.speed,
            _code(", ".join(row.events)),
            _code(", ".join(each.__name__ for each in unified_types(row))),
        )
        for row in catalogue(market)
    ]


def retired_rows() -> list[tuple[str, ...]]:
    """One row of cells per stream that the exchange has switched off."""
    rows = [row for families in FAMILIES.values() for row in families if row.retired]
    return [(row.market, _code(row.pattern), row.retired.since, row.retired.replacement) for row in rows if row.retired]


def product_rows() -> list[tuple[str, ...]]:
    """One row of cells per product: its limits and where they are written."""
    return [
        (
            row.title,
            f"{row.streams_per_link:,}",
            str(row.messages_per_second),
            f"{row.weight_per_minute:,}" if row.weight_per_minute else "not documented",
            ", ".join(f"/{route}" for route in row.routes),
            row.sources,
        )
        for row in MARKETS.values()
    ]


def address_rows() -> list[tuple[str, ...]]:
    """One row of cells per product and environment."""
    return [
        (row.title, environment, _code(host.streams), _code(host.rest), host.source)
        for row in MARKETS.values()
        for environment, host in row.hosts.items()
    ]


def _code(text: str) -> str:
    return f"``{text}``" if text else ""


class Table(SphinxDirective):
    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[nodes.Node]:
        box = nodes.container()
        self.state.nested_parse(StringList(list_table(head, rows), source=__file__), self.content_offset, box)
        return box.children


class StreamTable(Table):
    """``.. stream-table:: MARKET`` lists the streams of one market."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        return self.table(
            ("Name", "What", "Method", "Route", "Speed", "``e``", "Unified"), stream_rows(self.arguments[0])
        )


class RetiredStreams(Table):
    """``.. retired-streams::`` lists what the exchange has switched off."""

    def run(self) -> list[nodes.Node]:
        return self.table(("Market", "Name", "Since", "Use"), retired_rows())


class ProductTable(Table):
    """``.. product-table::`` lists the limits of the products."""

    def run(self) -> list[nodes.Node]:
        head = ("Product", "Streams per link", "Messages per second", "REST weight per minute", "Routes", "Source")
        return self.table(head, product_rows())


class AddressTable(Table):
    """``.. address-table::`` lists where the products live."""

    def run(self) -> list[nodes.Node]:
        return self.table(("Product", "Environment", "Streams", "REST", "Source"), address_rows())


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("stream-table", StreamTable)
    app.add_directive("retired-streams", RetiredStreams)
    app.add_directive("product-table", ProductTable)
    app.add_directive("address-table", AddressTable)
    return {"parallel_read_safe": True}
