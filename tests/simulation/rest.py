"""REST for the simulated client: an adapter of ``requests`` that answers from the exchange, in virtual time."""

from __future__ import annotations

import io
import json
from typing import Any

import requests
from requests.adapters import BaseAdapter
from simulation.exchange import Exchange
from simulation.world import World

from binance_sockets.faults import Fault

__all__ = ["Rest"]

_FAULTS = (Fault.REST_LATE, Fault.REPLY_NEVER, Fault.REPLY_LATE, Fault.REPLY_ERROR, Fault.HTTP_STATUS)
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
        self.asked = 0

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        world, rng = self._world, self._world.rng
        self.asked += 1
        world.note(f"REST {request.path_url}")
        fault = self._exchange.strikes(0.5, _FAULTS)
        if fault is Fault.REPLY_NEVER:
            world.park(_TIMEOUT)
            raise requests.ReadTimeout("no answer")
        world.park(rng.choice((0.01, 0.2)) if fault not in (Fault.REST_LATE, Fault.REPLY_LATE) else 2.0)
        if fault is Fault.REPLY_ERROR:
            return self._answer(request, 500, {"code": -1000, "msg": "An unknown error occurred."})
        if fault is Fault.HTTP_STATUS:
            return self._answer(request, 429, {}, {"Retry-After": "1"})
        return self._answer(request, 400, {"code": -1121, "msg": "Invalid symbol."})

    def _answer(
        self, request: requests.PreparedRequest, status: int, body: object, headers: dict[str, str] | None = None
    ) -> requests.Response:
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers or {})
        response.raw = io.BytesIO(json.dumps(body).encode())
        response.url = str(request.url)
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is kept."""
