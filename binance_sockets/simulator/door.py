"""Where every request comes in, and which venue answers it."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from binance_sockets.simulator.control import Control
from binance_sockets.simulator.handshake import Handshake
from binance_sockets.simulator.ledger import Attempt
from binance_sockets.simulator.session import Services, Session
from binance_sockets.simulator.venue import RestRequest, UpgradeRequest, Venue

__all__ = ["Door", "ServerLog"]


if TYPE_CHECKING:
    _Adapter = logging.LoggerAdapter[logging.Logger]
else:  # Python 3.10 has no such type at run time
    _Adapter = logging.LoggerAdapter


class ServerLog(_Adapter):
    """The web server's log, in which what a client did wrong is no error: it was answered 400."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger("aiohttp.server"), {})

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        if isinstance(kwargs.get("exc_info"), (HttpProcessingError, web.RequestPayloadError)):
            level = logging.DEBUG
        super().log(level, msg, *args, **kwargs)


class Door:
    """Sends each request to the venue whose path it has; the first venue answers what belongs to none."""

    def __init__(self, services: Services, venues: Sequence[Venue], control: Control) -> None:
        self._services, self._control = services, control
        self._venues = {prefix: venue for venue in venues for prefix in venue.prefixes}
        self._first, self._all = venues[0], tuple(venues)
        self._handshake = Handshake(services.faults)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request. A client that went away in the middle of it is no error of the server."""
        try:
            return await self._answer(request)
        except web.RequestPayloadError:
            answer = web.Response(status=400, text="the body cannot be read")
            answer.force_close()
            return answer
        except ConnectionError:
            if request.transport is not None and not request.transport.is_closing():
                raise
            return web.Response()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        raw_path, _, query = request.raw_path.partition("?")
        path = unquote(raw_path, errors="replace")
        if path.startswith("/control/"):
            return await self._control.answer(request, path)
        host = request.headers.get("Host", "")
        for known in self._all:
            path = known.located(host, path)
        prefix = path.split("/")[1] if path.startswith("/") else ""
        venue = self._venues.get(prefix, self._first)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            asked = UpgradeRequest(path, query, request.headers, request.remote or "")
            return await self._upgrade(request, venue, asked, prefix)
        refused = self._handshake.refusal("rest", prefix)
        if refused is not None:
            return refused
        body = await request.read()
        await self._handshake.delay(request, prefix, path)
        return venue.rest(RestRequest(request.method, path, query, request.headers, body, request.remote or ""))

    async def _upgrade(
        self, request: web.BaseRequest, venue: Venue, asked: UpgradeRequest, prefix: str
    ) -> web.StreamResponse:
        to = venue.destination(asked)
        name = to.terms.name if to.terms else ""
        attempt = Attempt(time.monotonic(), request.raw_path, name, to.route, dict(request.headers))
        self._services.ledger.attempt(attempt)
        refused = self._handshake.refusal("ws", prefix, to.route, to.names)
        if refused is not None:
            return refused
        crowded = venue.crowded(asked)
        if crowded is not None:
            return crowded
        spoilt = await self._handshake.spoil(request, name, to.route, to.names)
        if spoilt is not None:
            return spoilt
        if to.refusal is not None:
            return to.refusal
        if to.terms is None or to.speak is None:
            return venue.not_found()
        session = Session(
            self._services, to.terms, to.speak, request.raw_path, route=to.route, names=to.names, combined=to.combined
        )
        return await session.serve(request)
