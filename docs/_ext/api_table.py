"""Directives that show the tables of the WebSocket API, read from the program itself."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from stream_table import Table

from binance_sockets.exchanges.binance.api_products import API_ROWS
from binance_sockets.exchanges.binance.methods import METHODS, python_name


def product_rows() -> list[tuple[str, ...]]:
    """One row of cells per product and environment."""
    return [
        (f"``{row.name}``", environment, f"``{host.streams}{row.path}``", host.source)
        for row in API_ROWS
        for environment, host in row.hosts.items()
    ]


def method_rows(product: str) -> list[tuple[str, ...]]:
    """One row of cells per method of a product."""
    return [
        (
            f"``{row.name}``",
            f"``{python_name(row.name)}``",
            ", ".join((*row.required, *(f"[{name}]" for name in row.optional))),
            row.security,
            row.weighs or str(row.weight),
        )
        for row in METHODS[product].values()
    ]


class ApiProducts(Table):
    """``.. api-products::`` lists where each product's WebSocket API is."""

    def run(self) -> list[nodes.Node]:
        return self.table(("Product", "Environment", "URL", "Source"), product_rows())


class ApiMethods(Table):
    """``.. api-methods:: PRODUCT`` lists the methods of one product."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        product = self.arguments[0]
        title = nodes.rubric(text=f'product="{product}"')
        head = ("Method", "Named method", "Parameters", "Security", "Weight")
        return [title, *self.table(head, method_rows(product))]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("api-products", ApiProducts)
    app.add_directive("api-methods", ApiMethods)
    return {"parallel_read_safe": True}
