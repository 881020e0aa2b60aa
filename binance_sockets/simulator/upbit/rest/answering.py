"""Finds the row of a request, counts it, checks its token, and writes the answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from aiohttp import web

from binance_sockets.faults import Fault
from binance_sockets.simulator.accounts import Key
from binance_sockets.simulator.upbit.backend import Backend
from binance_sockets.simulator.upbit.errors import Refused, error_body
from binance_sockets.simulator.upbit.limits import Allowance
from binance_sockets.simulator.upbit.numbers import encode
from binance_sockets.simulator.upbit.rest.query import Query
from binance_sockets.simulator.upbit.rest.quotation import ROWS
from binance_sockets.simulator.upbit.rest.rows import Keyed
from binance_sockets.simulator.venue import RestRequest

__all__ = ["Rest", "refusal"]

_NAMES = {429: "too_many_requests", 418: "banned"}  # on calls that need a key errors have names instead of numbers


class Rest:
    """Answers the REST requests of a region from the markets and accounts that its streams show.

    Args:
        backend: the region.
        desk: where accounts trade.
        keyed: the calls of accounts.
    """

    def __init__(self, backend: Backend, desk: Any, keyed: Iterable[Keyed]) -> None:
        self._backend, self._desk = backend, desk
        self._public = {row.path: row for row in ROWS}
        self._keyed = {(row.method, row.path): row for row in keyed}
        self._paths = {*self._public, *(path for _, path in self._keyed)}

    def answer(self, request: RestRequest) -> web.Response:
        """Answer one request; its path begins with the region's product."""
        path = request.path[len(self._backend.region.product) + 1 :]
        if request.method == "GET" and path in self._public:
            return self._quote(request, path)
        row = self._keyed.get((request.method, path))
        if row is not None:
            return self._serve(request, row)
        status = 405 if path in self._paths else 404
        body = {"error": {"name": status, "message": "Method not allowed" if status == 405 else "no Route matched"}}
        return _answer(body, status)

    def _quote(self, request: RestRequest, path: str) -> web.Response:
        backend, row = self._backend, self._public[path]
        group = "origin" if "Origin" in request.headers else row.group
        allowance = backend.limits.of(group, request.address)
        try:
            allowance.take()
            body = row.call(backend, Query(request, keyed=False))
        except Refused as refused:
            return refusal(refused, {"Remaining-Req": _remaining(group, allowance)}, korean=backend.region.korean)
        return _answer(body, headers={"Remaining-Req": _remaining(group, allowance)})

    def _serve(self, request: RestRequest, row: Keyed) -> web.Response:
        backend, headers = self._backend, dict[str, str]()
        try:
            query = Query(request, keyed=True)
            key = self._admitted(request, query, (row.scope,) if row.scope else ())
            allowance = backend.limits.of(row.group, f"{backend.region.product}/{key.account.uid}")
            try:
                allowance.take()
            finally:
                headers["Remaining-Req"] = _remaining(row.group, allowance)
            body = row.call(self._desk, key, query)
        except Refused as refused:
            name = _NAMES.get(refused.status, refused.name)
            named = Refused(name, refused.fact, refused.status, refused.retry_after)
            return refusal(named, headers, korean=backend.region.korean)
        return _answer(body, row.status, headers)

    def _admitted(self, request: RestRequest, query: Query, scopes: Collection[str]) -> Key:
        backend = self._backend
        fault = backend.services.faults.strike(
            Fault.CREDENTIAL_REFUSED, backend.region.product, chosen=lambda params: params["on"] == "any"
        )
        if fault is not None:
            raise Refused("jwt_verification", status=fault.params["status"])
        return backend.gatekeeper.key(
            request.headers.get("Authorization"), request.address, scopes=scopes, hashes=query.hashes
        )


def refusal(refused: Refused, headers: dict[str, str], *, korean: bool) -> web.Response:
    """An HTTP answer that says no."""
    if refused.retry_after:
        headers = {**headers, "Retry-After": str(refused.retry_after)}
    return _answer(error_body(refused, korean=korean), refused.status, headers)


def _answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=encode(body), status=status, content_type="application/json", headers=headers)


def _remaining(group: str, allowance: Allowance) -> str:
    """How often a group may be asked yet in this second; the figure of the minute is out of use."""
    left = allowance.left()
    return f"group={group}; min={left * 60}; sec={left}"
