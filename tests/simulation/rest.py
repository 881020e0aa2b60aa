"""REST for the simulated client: an adapter of ``requests`` that answers from the exchange, in virtual time."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from simulation.exchange import Exchange, Stream
from simulation.faults import TELLING
from simulation.world import World
from urllib3 import HTTPResponse

from binance_sockets.faults import Fault

__all__ = ["Rest"]

_FAULTS = (Fault.REST_LATE, Fault.REPLY_NEVER, Fault.REPLY_LATE, Fault.REPLY_ERROR, Fault.HTTP_STATUS)
_PRIVATE = ("/listenKey", "/userListenToken", "/time")
_TIMEOUT = 3.0  # seconds for which the client waits for a byte


class Rest(BaseAdapter):
    """Answers every request; blocks its thread for as long as a network would.

    Args:
        world: tells time.
        exchange: whose faults strike here, too.
    """

    def __init__(self, world: World, exchange: Exchange) -> None:
        super().__init__()
        self._world = world
        self._exchange = exchange
        self.trouble = 0.5  # share of requests at which a fault strikes
        self.asked = 0
        self.failed = 0

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        world, rng = self._world, self._world.rng
        self.asked += 1
        private = request.path_url.partition("?")[0].endswith(_PRIVATE)
        told = f"{request.method} {request.path_url.partition('?')[0]}" if private else request.path_url
        world.note(f"REST {told}")
        fault = self._exchange.strikes(self.trouble, _FAULTS)
        self.failed += fault is not None
        done = None
        if private and rng.random() < 0.5:  # before the answer is on its way, or although none will come
            done = self._private(request)
        if fault is Fault.REPLY_NEVER:
            world.park(_TIMEOUT)
            raise requests.ReadTimeout("no answer")
        world.park(rng.choice((0.01, 0.2)) if fault not in (Fault.REST_LATE, Fault.REPLY_LATE) else 2.0)
        if fault is Fault.REPLY_ERROR:
            return self._answer(request, 500, {"code": -1000, "msg": "An unknown error occurred."})
        if fault is Fault.HTTP_STATUS:
            return self._answer(request, 429, {}, {"Retry-After": "1"})
        if private:
            return self._answer(request, *(done or self._private(request)))
        found = self._found(request)
        if found is None:
            return self._answer(request, 400, {"code": -1121, "msg": "Invalid symbol."})
        return self._answer(request, 200, found)

    def _private(self, request: requests.PreparedRequest) -> tuple[int, dict[str, Any]]:
        """The answer to a call of an account, or about the time."""
        parts = urlsplit(request.path_url)
        headers = {name: value for name, value in request.headers.items() if isinstance(value, str)}
        return self._exchange.accounts.answer(str(request.method), parts.path, parts.query, headers)

    def _found(self, request: requests.PreparedRequest) -> object:
        """What the exchange tells of the past and of books."""
        parts = urlsplit(request.path_url)
        query = dict(parse_qsl(parts.query))
        prefix = "usdm:" if parts.path.startswith("/usdm/") else ""
        symbol = prefix + query.get("symbol", "").lower()
        if parts.path.endswith("/aggTrades"):
            return self._trades(self._exchange.stream(f"{symbol}@aggTrade"), query)
        if parts.path.endswith("/depth"):
            return self._book(self._exchange.stream(f"{symbol}@depth@100ms"))
        return None

    def _trades(self, stream: Stream, query: dict[str, str]) -> list[dict[str, object]]:
        limit = int(query.get("limit", "500"))
        events = stream.events
        if "fromId" in query:
            events = [event for event in events if event.id >= int(query["fromId"])][:limit]
        elif "startTime" in query:
            base = self._exchange.accounts.base
            events = [event for event in events if (event.time + base) * 1000 >= int(query["startTime"])][:limit]
        chosen = events[-limit:]
        if len(chosen) > 1:
            self._world.sometimes("a past that is told")
        return [json.loads(event.payload) for event in chosen]

    def _book(self, stream: Stream) -> dict[str, object]:
        id = stream.last
        if self._exchange.strikes(0.3, TELLING):
            id = max(stream.first, id - 30)
        self._world.sometimes("a snapshot of a book")
        bids, asks = stream.book(id)
        return {
            "lastUpdateId": id,
            "bids": [[f"{price}.0", str(size)] for price, size in sorted(bids.items(), reverse=True)],
            "asks": [[f"{price}.0", str(size)] for price, size in sorted(asks.items())],
        }

    def _answer(
        self, request: requests.PreparedRequest, status: int, body: object, headers: dict[str, str] | None = None
    ) -> requests.Response:
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers or {})
        response.raw = HTTPResponse(io.BytesIO(json.dumps(body).encode()), preload_content=False)
        response.url = str(request.url)
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is kept."""
