"""Finds the row of a request, charges its weight, checks its parameters, and writes the answer."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable

from aiohttp import web

from binance_sockets.simulator.answers import json_answer
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.rest import futures, info, market, options, tickers
from binance_sockets.simulator.binance.rest.backend import Backend
from binance_sockets.simulator.binance.rest.query import Query, RestError
from binance_sockets.simulator.binance.rest.rows import Row, Told
from binance_sockets.simulator.binance.weights import POOLS, Spent, Weights
from binance_sockets.simulator.session import Services
from binance_sockets.simulator.venue import RestRequest

__all__ = ["PUBLIC", "Rest", "refusal"]

PUBLIC: tuple[Row, ...] = (*info.ROWS, *market.ROWS, *tickers.ROWS, *futures.ROWS, *options.ROWS)
"""The calls that need no key."""

_GONE = (
    "<html>\r\n<head><title>410 Gone</title></head>\r\n<body>\r\n<center><h1>410 Gone</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_PRODUCTS = (*POOLS, "margin")
_RETIRED = re.compile(r"/spot/(?:api/v[13]|sapi/v1)/userDataStream(?:/isolated)?")


class Rest:
    """Answers REST requests from the same markets that the streams show.

    Args:
        listing: what is listed, and its markets.
        services: faults, clock and playback.
        weights: what each address has spent; shared with the WebSocket APIs.
        more: rows beside the public ones.
    """

    def __init__(self, listing: Listing, services: Services, weights: Weights, more: Iterable[Row] = ()) -> None:
        self._backend, self._weights = Backend(listing, services), weights
        rows = (*PUBLIC, *more)
        self._rows = {(f"/{row.product}{row.path}", row.method): row for row in rows}
        self._paths = {path for path, _ in self._rows}

    def answer(self, request: RestRequest) -> web.Response:
        """Answer one request; its path begins with the product."""
        if _RETIRED.fullmatch(request.path):
            return web.Response(text=_GONE, status=410, content_type="text/html", headers={"Server": "nginx"})
        row = self._rows.get((request.path, request.method))
        if row is None:
            return self._no_row(request)
        query = Query.of(row.product, request)
        cost = row.cost(query)
        spent = self._weights.spend(row.product, request.address, 0 if row.free else cost)
        if spent.retry_after:
            headers = {**_used(row, spent), "Retry-After": str(spent.retry_after)}
            return _mistake(refusal(row.product, request.address, spent), headers)
        try:
            if row.parameters is not None:
                query.check(row.allowed, row.mandatory)
            body = row.call(self._backend, query)
        except RestError as error:
            if row.free:
                spent = self._weights.spend(row.product, request.address, cost)
            return _mistake(error, _used(row, spent))
        if isinstance(body, Told):
            return json_answer(body.body, headers={**_used(row, spent), **body.headers})
        if isinstance(body, bytes):
            return web.Response(body=body, content_type="application/json", headers=_used(row, spent))
        return json_answer(body, headers=_used(row, spent))

    def call(self, product: str, path: str, query: Query) -> object:
        """Do a public call for another door, which has charged its weight.

        Args:
            product: whose call it is.
            path: of the call, such as ``/api/v3/depth``.
            query: its parameters.

        Raises:
            RestError: it refuses them.
        """
        row = self.row(product, path)
        query.check(row.allowed, row.mandatory)
        body = row.call(self._backend, query)
        return json.loads(body) if isinstance(body, bytes) else body

    def row(self, product: str, path: str) -> Row:
        """A public call."""
        return self._rows[f"/{product}{path}", "GET"]

    def _no_row(self, request: RestRequest) -> web.Response:
        product, _, rest = request.path[1:].partition("/")
        path = f"/{rest}" if product in _PRODUCTS else request.path
        if product in ("spot", "margin"):
            if request.path in self._paths:
                return json_answer({"code": -1000, "msg": "Method not allowed."}, 405)
            return json_answer(_not_found(path), 404)
        return json_answer({"code": -5000, "msg": f"Path {path}, Method {request.method} is invalid"}, 404)


def _mistake(error: RestError, headers: dict[str, str]) -> web.Response:
    return json_answer(error.body, error.status, headers)


def _not_found(path: str) -> dict[str, object]:
    stamp = time.time_ns() // 1_000_000
    return {"timestamp": stamp, "status": 404, "error": "Not Found", "message": "No message available", "path": path}


def _used(row: Row, spent: Spent) -> dict[str, str]:
    if row.path.startswith("/sapi/"):
        return {"X-SAPI-USED-IP-WEIGHT-1M": str(spent.used)}
    names = ["X-MBX-USED-WEIGHT-1M"]
    if row.product == "spot":
        names.insert(0, "X-MBX-USED-WEIGHT")
    return dict.fromkeys(names, str(spent.used))


def refusal(product: str, address: str, spent: Spent) -> RestError:
    """What a request is told whose weight is too much."""
    until = int(spent.banned_until * 1000)
    if product == "spot":
        if until:
            text = f"Way too much request weight used; IP banned until {until}. "
            return RestError(-1003, text + "Please use WebSocket Streams for live updates to avoid bans.", 418)
        text = f"Too much request weight used; current limit is {spent.limit} request weight per 1 MINUTE. "
        return RestError(-1003, text + "Please use WebSocket Streams for live updates to avoid polling the API.", 429)
    if until:
        text = f"Way too many requests; IP({address}) banned until {until}. "
        return RestError(-1003, text + "Please use the websocket for live updates to avoid bans.", 418)
    text = f"Too many requests; current limit of IP({address}) is {spent.limit} requests per minute. "
    return RestError(-1003, text + "Please use the websocket for live updates to avoid polling the API.", 429)
