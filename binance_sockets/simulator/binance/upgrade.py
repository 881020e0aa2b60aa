"""The paths of Binance's WebSockets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, unquote

from binance_sockets.simulator.answers import json_answer
from binance_sockets.simulator.binance.api_calls import ApiCall
from binance_sockets.simulator.binance.api_session import API_TERMS, ApiSession
from binance_sockets.simulator.binance.dialect import BinanceDialect
from binance_sockets.simulator.binance.doors import Doors
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import PRODUCTS, Product
from binance_sockets.simulator.binance.user_feed import UserFeed
from binance_sockets.simulator.session import Dialect, Session
from binance_sockets.simulator.venue import Destination

__all__ = ["ROUTES", "USER_ONLY", "Upgrades"]

USER_ONLY: Mapping[str, Product] = {
    "portfolio": Product("portfolio", "/papi/v1", ("pm", "pm-classic"), 10, 1024, 180.0, 600.0),
    "margin": Product("margin", "", ("",), 5, 1024, 20.0, 60.0),
    "us": Product("us", "/api/v3", ("",), 5, 1024, 180.0, 600.0),
}
"""Products that have user streams and no markets."""

_BAD_UNIT = {"code": -1194, "msg": "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."}
_STREAMS = re.compile(r"/(\w+)(?:/(public|market|private|pm|pm-classic))?/(ws|stream)(?:/(.*))?")
_API = re.compile(r"/(\w+)/(ws-\w+/v\d)")

# Product and route of a path; product of the listen keys that work there, and the wallet whose events they bring.
_BOTH = {"usdm": "usdm", "options": "options"}  # they share a host
_WALLETS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("usdm", "private"): _BOTH,
    ("options", "private"): _BOTH,
    ("coinm", ""): {"coinm": "coinm"},
    ("portfolio", "pm"): {"portfolio": "portfolio"},
    ("portfolio", "pm-classic"): {"usdm": "portfolio-pro"},
    ("margin", ""): {"margin-risk": "margin-risk"},
    ("us", ""): {"us": "spot"},
}

_API_ROUTE = "ws-api"

ROUTES: Mapping[str, Sequence[str]] = {
    **{product.name: product.routes for product in PRODUCTS.values()},
    **{terms.name: (*PRODUCTS[terms.name].routes, _API_ROUTE) for terms in API_TERMS.values()},
    **{product.name: product.routes for product in USER_ONLY.values()},
    "margin-risk": (),
}
"""The routes of all products, those of listen keys among them: where faults may strike."""


class Upgrades:
    """Finds what a request to open a WebSocket leads to.

    Args:
        listing: what is listed.
        doors: keys and limits.
        calls: product to the methods of its WebSocket API.
        usdm_trade_route: which route of USD-M serves ``@trade``, one of ``TRADE_ROUTES``.
    """

    def __init__(
        self, listing: Listing, doors: Doors, calls: Mapping[str, Mapping[str, ApiCall]], usdm_trade_route: str
    ) -> None:
        self._listing, self._doors, self._calls = listing, doors, calls
        self._usdm_trade_route = usdm_trade_route

    def destination(self, path: str, query: str) -> Destination:
        """Product, route and stream names of an upgrade; ``path`` is unquoted."""
        match = _API.fullmatch(path)
        if match:
            return self._api(match[1], match[2], query)
        match = _STREAMS.fullmatch(path)
        product = PRODUCTS.get(match[1]) or USER_ONLY.get(match[1]) if match else None
        if match is None or product is None:
            return Destination(None)
        route, combined, text = match[2] or "", match[3] == "stream", match[4] or ""
        if route not in product.routes or (combined and text):
            return Destination(None, route)
        return self._streams(product, route, text, query, combined=combined)

    def _streams(self, product: Product, route: str, text: str, query: str, *, combined: bool) -> Destination:
        if combined:
            values = [part.partition("=")[2] for part in query.split("&") if part.startswith("streams=")]
            text = unquote("/".join(values), errors="replace")
        unit = _unit(query) if product.name == "spot" else ""
        if unit is None:
            return Destination(product, route, refusal=json_answer(_BAD_UNIT, 400))
        events = _events_of(query)
        names = tuple(dict.fromkeys(name for name in (*text.split("/"), *events) if name))
        wanted = {key: chosen for key, chosen in events.items() if chosen is not None}
        wallets = _WALLETS.get((product.name, route))

        def speak(session: Session) -> Dialect:
            doors = self._doors
            user = UserFeed(session, doors.listen_keys, doors.clock, wallets, wanted) if wallets else None
            return BinanceDialect(
                session, product, self._listing, combined=combined, micro=unit == "MICROSECOND",
                usdm_trade_route=self._usdm_trade_route, user=user,
            )  # fmt: skip

        return Destination(product, route, names, combined, speak)

    def _api(self, product: str, path: str, query: str) -> Destination:
        terms = API_TERMS.get(path)
        if terms is None or terms.name != product:
            return Destination(None)
        options = dict(parse_qsl(query))
        unit = _unit(query)
        if unit is None:
            return Destination(terms, _API_ROUTE, refusal=json_answer(_BAD_UNIT, 400))
        micro, shown = unit == "MICROSECOND", options.get("returnRateLimits", "true").lower() != "false"

        def speak(session: Session) -> Dialect:
            return ApiSession(session, terms, self._calls[terms.name], self._doors, limits_shown=shown, micro=micro)

        return Destination(terms, _API_ROUTE, speak=speak)


def _unit(query: str) -> str | None:
    """``MILLISECOND``, ``MICROSECOND``, "" for neither, or ``None`` for what is no unit."""
    unit = dict(parse_qsl(query)).get("timeUnit", "").upper()
    return unit if unit in ("", "MILLISECOND", "MICROSECOND") else None


def _events_of(query: str) -> dict[str, list[str] | None]:
    """The listen keys of a query, each with the events that the next ``events`` names."""
    found: dict[str, list[str] | None] = {}
    last = None
    for name, value in parse_qsl(query):
        if name == "listenKey":
            found[value], last = None, value
        elif name == "events" and last is not None:
            found[last] = value.split("/")
    return found
