"""Faults of the handshake, the same for every venue: another status, garbage, a late or an endless answer."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from aiohttp import web

from binance_sockets.faults import Fault
from binance_sockets.simulator.injections import FaultBoard, Injection

__all__ = ["Handshake"]

_LOOK = 0.05  # seconds between two looks at whether a client has gone


class Handshake:
    """Spoils requests before a venue sees them.

    Args:
        faults: which faults stand.
    """

    def __init__(self, faults: FaultBoard) -> None:
        self._faults = faults

    def refusal(self, on: str, product: str, route: str = "", names: Collection[str] = ()) -> web.Response | None:
        """An HTTP status where a fault asks for one: on "ws" or on "rest" requests."""
        found = self._faults.strike(
            Fault.HTTP_STATUS, product, route, names, chosen=lambda params: params["on"] in (on, "any")
        )
        if found is None:
            return None
        params = found.params
        body = str(params["body"])
        headers = {"Content-Type": "application/json" if body.startswith("{") else "text/html"}
        if params["retry_after"] is not None:
            headers["Retry-After"] = str(params["retry_after"])
        if params["location"] is not None:
            headers["Location"] = str(params["location"])
        return web.Response(body=body.encode(), status=int(params["status"]), headers=headers)

    async def delay(self, request: web.BaseRequest, product: str, path: str) -> None:
        """Wait, where a fault wants a REST request to be answered late, for as long as the client does."""
        found = self._faults.strike(Fault.REST_LATE, product, chosen=lambda params: params["path"] in (None, path))
        if found is None:
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + found.params["delay"]
        while request.transport is not None and loop.time() < until:
            await asyncio.sleep(min(_LOOK, max(0.0, until - loop.time())))

    async def spoil(
        self, request: web.BaseRequest, product: str, route: str, names: Collection[str]
    ) -> web.StreamResponse | None:
        """What an upgrade is answered instead, late or never; ``None`` to go on."""
        faults = self._faults
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
