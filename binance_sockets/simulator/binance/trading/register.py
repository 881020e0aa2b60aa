"""The orders of one account, and what finds them; the same for every product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from binance_sockets.simulator.binance.products import Listed

__all__ = ["Register", "Registered"]


class Registered(Protocol):
    """What an order must tell."""

    @property
    def id(self) -> int: ...

    @property
    def client_id(self) -> str: ...

    @property
    def instrument(self) -> Listed: ...

    @property
    def is_open(self) -> bool: ...


OrderT = TypeVar("OrderT", bound=Registered)


class Register(Generic[OrderT]):
    """All orders of one wallet of one account, open and ended."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, int], OrderT] = {}
        self._open: dict[tuple[str, int], OrderT] = {}
        self._names: dict[tuple[str, str], OrderT] = {}  # of each name the youngest

    def add(self, order: OrderT) -> None:
        self._all[order.instrument.symbol, order.id] = self._open[order.instrument.symbol, order.id] = order
        self.name(order)

    def name(self, order: OrderT) -> None:
        """An order is found by the client order id that it has now."""
        self._names[order.instrument.symbol, order.client_id] = order

    def ended(self, order: OrderT) -> None:
        self._open.pop((order.instrument.symbol, order.id), None)

    def all(self, symbol: str | None = None) -> Iterator[OrderT]:
        """Of a symbol, or of all, oldest first."""
        return (order for (name, _), order in self._all.items() if symbol in (None, name))

    def open(self, symbol: str | None = None) -> list[OrderT]:
        """The open ones, of all symbols by default, oldest first."""
        return [order for (name, _), order in self._open.items() if symbol in (None, name)]

    def find(self, symbol: str, order_id: int | None, client_id: str | None) -> OrderT | None:
        """The order of this id and this name; of a name alone the youngest. ``None`` where they do not fit."""
        if order_id is not None:
            order = self._all.get((symbol, order_id))
        else:
            order = self._names.get((symbol, client_id or ""))
        return order if order is not None and client_id in (None, order.client_id) else None

    def named(self, symbol: str, client_id: str) -> bool:
        """Whether an open order has this name."""
        order = self._names.get((symbol, client_id))
        return order is not None and order.is_open and order.client_id == client_id
