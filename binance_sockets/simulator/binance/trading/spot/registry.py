"""The orders of one wallet of spot or margin, and their lists."""

from __future__ import annotations

from binance_sockets.simulator.binance.trading.register import Register
from binance_sockets.simulator.binance.trading.spot.orders import OrderList, SpotOrder

__all__ = ["Orders"]


class Orders(Register[SpotOrder]):
    """All orders and order lists of one wallet of one account, open and ended.

    Attributes:
        lists: by id.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[int, OrderList] = {}

    def open_lists(self, symbol: str | None = None) -> list[OrderList]:
        """The open order lists, oldest first."""
        rows = (row for row in self.lists.values() if row.is_open)
        return [row for row in rows if symbol in (None, row.orders[0].instrument.symbol)]

    def find_list(self, list_id: int | None, client_id: str | None) -> OrderList | None:
        """The order list of this id and this name; of a name alone the youngest."""
        if list_id is not None:
            row = self.lists.get(list_id)
            return row if row is not None and client_id in (None, row.client_id) else None
        named = [row for row in self.lists.values() if row.client_id == client_id]
        return named[-1] if named else None
