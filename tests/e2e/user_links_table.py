"""Faults of links, messages and requests x user streams as data: the rows of market streams, and what an account adds.

What ends an account's credential in the middle of an order's life stands in ``user_faults_table``.
"""

from __future__ import annotations

from e2e.faults_table import DELIVERS, OF_USER_STREAMS, RECONNECTS, UNTOUCHED, Row
from e2e.faults_table import ROWS as LINK_ROWS
from e2e.user_faults_table import PRODUCTS as ALL
from e2e.user_faults_table import Product

from binance_sockets.errors import BinanceSocketsError, RequestTimeout
from binance_sockets.events import Reason
from binance_sockets.faults import Fault

__all__ = ["PRODUCTS", "ROWS", "products"]

PRODUCTS = {each.name: each for each in ALL if each.name in ("spot", "margin", "USD-M")}
"""One for each way in which an account proves itself."""

_SUBSCRIBE = {"method": "userDataStream.subscribe.signature"}
_OF_REQUESTS = (
    Row(Fault.REPLY_NEVER, RECONNECTS, "subscription", _SUBSCRIBE, Reason.STALE, RequestTimeout),
    Row(Fault.REPLY_LATE, DELIVERS, "subscription", {**_SUBSCRIBE, "delay": 0.1}),
    Row(Fault.REPLY_ERROR, RECONNECTS, "subscription", _SUBSCRIBE, Reason.CREDENTIAL, BinanceSocketsError),
    Row(Fault.REST_LATE, DELIVERS, "listen key", {"delay": 0.1}),
    Row(Fault.LISTEN_KEY_ROTATED, DELIVERS, "at the start"),
)
_ONLY = {row.fault: "USD-M" if "key" in row.fault.value or row.fault is Fault.REST_LATE else "spot"
         for row in _OF_REQUESTS}  # fmt: skip

ROWS: tuple[Row, ...] = (
    *(row for row in LINK_ROWS if not row.many and row.fault not in (*OF_USER_STREAMS, Fault.FORGET)),
    Row(Fault.FORGET, UNTOUCHED, "of market streams"),
    *_OF_REQUESTS,
)


def products(row: Row) -> list[Product]:
    """Those that a row concerns."""
    return [each for each in PRODUCTS.values() if _ONLY.get(row.fault, each.name) == each.name]
