"""One call of the REST API, as a row of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from binance_sockets.simulator.binance.rest.backend import Backend
from binance_sockets.simulator.binance.rest.query import Query

__all__ = ["Call", "Row", "Told", "Weight", "by_limit", "get", "one_or_all", "per_symbol"]

Call = Callable[[Backend, Query], object]
"""Returns what becomes JSON, bytes that are JSON already, or :class:`Told`. It may raise :class:`RestError`."""

Weight = Callable[[Query], int]


@dataclass(frozen=True, slots=True)
class Told:
    """What a call returns that answers more than its body.

    Args:
        body: becomes JSON.
        headers: beside those of the weight.
    """

    body: object
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A call.

    Args:
        product: its path prefix; parameters are refused by its rules.
        method: GET, POST, PUT or DELETE.
        path: below the prefix, such as ``/api/v3/depth``.
        weight: what it costs, also where it fails.
        call: answers it.
        parameters: allowed names, those that must be sent with a ``!``; ``None`` where the call checks them itself.
        free: whether it costs nothing where it succeeds.
    """

    product: str
    method: str
    path: str
    weight: int | Weight
    call: Call
    parameters: str | None = ""
    free: bool = False

    @property
    def allowed(self) -> frozenset[str]:
        return frozenset((self.parameters or "").replace("!", "").split())

    @property
    def mandatory(self) -> tuple[str, ...]:
        return tuple(name[:-1] for name in (self.parameters or "").split() if name.endswith("!"))

    def cost(self, query: Query) -> int:
        """The weight of a request."""
        return self.weight if isinstance(self.weight, int) else self.weight(query)


_ROOTS = {"spot": "/api/v3", "usdm": "/fapi/v1", "coinm": "/dapi/v1", "options": "/eapi/v1"}


def get(products: str, path: str, weight: int | Weight, call: Call, parameters: str = "") -> list[Row]:
    """Rows of one public call on several products, below the usual root of each unless the path has one."""
    return [
        Row(product, "GET", path if path.startswith("/") else f"{_ROOTS[product]}/{path}", weight, call, parameters)
        for product in products.split()
    ]


def by_limit(default: int, *steps: tuple[int, int]) -> Weight:
    """A weight that depends on ``limit``: pairs of the highest limit and its weight, the last for all beyond."""

    def weight(query: Query) -> int:
        limit = query.number("limit", default)
        return next((cost for most, cost in steps if limit <= most), steps[-1][1])

    return weight


def one_or_all(one: int, every: int) -> Weight:
    """A weight for one symbol, and for more."""
    return lambda query: one if "symbol" in query else every


def per_symbol(each: int, most: int) -> Weight:
    """A weight for each symbol; ``most`` at most, and where none is named."""

    def weight(query: Query) -> int:
        if "symbol" in query:
            return each
        return min(most, each * max(1, query.text("symbols").count('"') // 2)) if "symbols" in query else most

    return weight
