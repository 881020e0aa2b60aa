"""The orders of one wallet, and what finds them."""

from __future__ import annotations

from collections.abc import Iterator

from binance_sockets.simulator.binance.trading.spot.orders import OrderList, SpotOrder

__all__ = ["Orders"]


class Orders:
    """All orders of one wallet of one account, open and ended."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, int], SpotOrder] = {}
        self._open: dict[tuple[str, int], SpotOrder] = {}
        self._names: dict[tuple[str, str], SpotOrder] = {}  # of each name the youngest
        self.lists: dict[int, OrderList] = {}

    def add(self, order: SpotOrder) -> None:
        self._all[order.instrument.symbol, order.id] = self._open[order.instrument.symbol, order.id] = order
        self.name(order)

    def name(self, order: SpotOrder) -> None:
        """An order is found by the client order id that it has now."""
        self._names[order.instrument.symbol, order.client_id] = order

    def ended(self, order: SpotOrder) -> None:
        self._open.pop((order.instrument.symbol, order.id), None)

    def all(self, symbol: str) -> Iterator[SpotOrder]:
        """Of a symbol, oldest first."""
        return (order for (name, _), order in self._all.items() if name == symbol)

    def open(self, symbol: str | None = None) -> list[SpotOrder]:
        """The open ones, of all symbols by default, oldest first."""
        return [order for (name, _), order in self._open.items() if symbol in (None, name)]

    def open_lists(self, symbol: str | None = None) -> list[OrderList]:
        """The open order lists, oldest first."""
        rows = (row for row in self.lists.values() if row.is_open)
        return [row for row in rows if symbol in (None, row.orders[0].instrument.symbol)]

    def find(self, symbol: str, order_id: int | None, client_id: str | None) -> SpotOrder | None:
        """The order of this id and this name; of a name alone the youngest. ``None`` where they do not fit."""
        if order_id is not None:
            order = self._all.get((symbol, order_id))
        else:
            order = self._names.get((symbol, client_id or ""))
        return order if order is not None and client_id in (None, order.client_id) else None

    def find_list(self, list_id: int | None, client_id: str | None) -> OrderList | None:
        """The order list of this id and this name; of a name alone the youngest."""
        if list_id is not None:
            row = self.lists.get(list_id)
            return row if row is not None and client_id in (None, row.client_id) else None
        named = [row for row in self.lists.values() if row.client_id == client_id]
        return named[-1] if named else None

    def named(self, symbol: str, client_id: str) -> bool:
        """Whether an open order has this name."""
        order = self._names.get((symbol, client_id))
        return order is not None and order.is_open and order.client_id == client_id
