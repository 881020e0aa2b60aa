"""The paths of Binance's WebSockets."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

from binance_sockets.simulator.answers import json_answer
from binance_sockets.simulator.binance.dialect import BinanceDialect
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import PRODUCTS
from binance_sockets.simulator.session import Dialect, Session
from binance_sockets.simulator.venue import Destination

__all__ = ["destination"]

_BAD_UNIT = {"code": -1194, "msg": "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."}
_PATH = re.compile(r"/(\w+)(?:/(public|market|private))?/(ws|stream)(?:/(.*))?")


def destination(listing: Listing, path: str, query: str) -> Destination:
    """Product, route and stream names of an upgrade."""
    match = _PATH.fullmatch(path)
    product = PRODUCTS.get(match[1]) if match else None
    if match is None or product is None:
        return Destination(None)
    route, combined = match[2] or "", match[3] == "stream"
    if route not in product.routes or (combined and match[4]):
        return Destination(None, route)
    text = match[4] or ""
    if combined:
        values = [part.partition("=")[2] for part in query.split("&") if part.startswith("streams=")]
        text = unquote("/".join(values), errors="replace")
    unit = dict(parse_qsl(query)).get("timeUnit", "").upper() if product.name == "spot" else ""
    if unit not in ("", "MILLISECOND", "MICROSECOND"):
        return Destination(product, route, refusal=json_answer(_BAD_UNIT, 400))
    micro = unit == "MICROSECOND"
    names = tuple(dict.fromkeys(name for name in text.split("/") if name))

    def speak(session: Session) -> Dialect:
        return BinanceDialect(session, product, listing, combined=combined, micro=micro)

    return Destination(product, route, names, combined, speak)
