"""Requests to open a WebSocket: their paths, and the faults of the handshake."""

from __future__ import annotations

import asyncio
import re
import time
from urllib.parse import unquote

from aiohttp import web

from binance_sockets.faults import Fault
from binance_sockets.simulator.binance.products import PRODUCTS, Product
from binance_sockets.simulator.injections import Injection
from binance_sockets.simulator.ledger import Attempt
from binance_sockets.simulator.session import Session, Venue

__all__ = ["Upgrade"]

_PATH = re.compile(r"/(\w+)(?:/(public|market|private))?/(ws|stream)(?:/(.*))?")


class Upgrade:
    """Answers requests to open a WebSocket.

    Args:
        venue: what all sessions share.
    """

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    async def answer(self, request: web.BaseRequest, path: str, query: str) -> web.StreamResponse:
        """Serve the connection until it ends, or refuse it."""
        product, route, names, combined = _destination(path, query)
        name = product.name if product else ""
        attempt = Attempt(time.monotonic(), request.raw_path, name, route, dict(request.headers))
        self._venue.ledger.attempt(attempt)
        refused = self.refusal("ws", path, route, names)
        if refused is not None:
            return refused
        spoilt = await self._spoil(request, name, route, names)
        if spoilt is not None:
            return spoilt
        if product is None:
            return web.Response(text="404 page not found", status=404)
        micro = product.name == "spot" and "microsecond" in query.lower().partition("timeunit=")[2].partition("&")[0]
        session = Session(self._venue, product, route, request.raw_path, names, combined=combined, micro=micro)
        return await session.serve(request)

    def refusal(self, on: str, path: str, route: str = "", names: list[str] | None = None) -> web.Response | None:
        """An HTTP status where a fault asks for one: on "ws" or on "rest" requests."""
        product = path.split("/")[1]
        found = self._venue.faults.find(Fault.HTTP_STATUS, product, route, names or ())
        if found is None or found.params["on"] not in (on, "any") or not found.strike():
            return None
        params = found.params
        body = str(params["body"])
        headers = {"Content-Type": "application/json" if body.startswith("{") else "text/html"}
        if params["retry_after"] is not None:
            headers["Retry-After"] = str(params["retry_after"])
        if params["location"] is not None:
            headers["Location"] = str(params["location"])
        return web.Response(body=body.encode(), status=int(params["status"]), headers=headers)

    async def _spoil(
        self, request: web.BaseRequest, product: str, route: str, names: list[str]
    ) -> web.StreamResponse | None:
        faults = self._venue.faults
        late = faults.strike(Fault.SLOW_ACCEPT, product, route, names)
        if late:
            await asyncio.sleep(late.params["delay"])
            if request.transport is None:  # the client has not waited; other faults are for others
                return web.Response()
        garbage = faults.strike(Fault.GARBAGE_HANDSHAKE, product, route, names)
        drip = faults.strike(Fault.DRIP, product, route, names)
        transport = request.transport
        if transport is None or not (garbage or drip):
            return None
        if garbage:
            transport.write(str(garbage.params["body"]).encode())
        if drip:
            await _drip(transport, drip)
        transport.close()
        return web.Response()


async def _drip(transport: asyncio.Transport, drip: Injection) -> None:
    """The beginning of an answer, byte by byte, for as long as the client waits and the fault stands."""
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Patience: "
    position = 0
    while not transport.is_closing():
        transport.write(head[position : position + 1] or b"x")
        position += 1
        await asyncio.sleep(drip.params["delay"])


def _destination(path: str, query: str) -> tuple[Product | None, str, list[str], bool]:
    """Product, route, stream names, and whether payloads are wrapped; no product for paths that do not exist."""
    match = _PATH.fullmatch(path)
    product = PRODUCTS.get(match[1]) if match else None
    if match is None or product is None:
        return None, "", [], False
    route, combined = match[2] or "", match[3] == "stream"
    if route not in product.routes or (combined and match[4]):
        return None, route, [], combined
    text = match[4] or ""
    if combined:
        values = [part.partition("=")[2] for part in query.split("&") if part.startswith("streams=")]
        text = unquote("/".join(values), errors="replace")
    return product, route, list(dict.fromkeys(name for name in text.split("/") if name)), combined
