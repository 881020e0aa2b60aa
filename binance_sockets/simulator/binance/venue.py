"""Binance on the simulator's port."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from aiohttp import web

from binance_sockets.simulator.answers import json_answer
from binance_sockets.simulator.binance import upgrade
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import PRODUCTS
from binance_sockets.simulator.binance.rest import Rest
from binance_sockets.simulator.binance.weights import Connects, Weights
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.session import Services
from binance_sockets.simulator.venue import Destination, RestRequest

__all__ = ["Binance"]


class Binance:
    """Spot, USD-M, COIN-M and options. A :class:`~binance_sockets.simulator.venue.Venue`.

    Args:
        world: holds the markets.
        services: what all sessions share.
        symbols: product to a list of symbols, or to how many.
    """

    def __init__(self, world: World, services: Services, symbols: Mapping[str, Sequence[str] | int] | None) -> None:
        self._listing = Listing(world, symbols)
        self._connects = Connects(services.limits.connects)
        self._rest = Rest(self._listing, services, Weights(services.limits))

    @property
    def prefixes(self) -> Collection[str]:
        return PRODUCTS.keys()

    def destination(self, path: str, query: str) -> Destination:
        return upgrade.destination(self._listing, path, query)

    def crowded(self, address: str) -> web.Response | None:
        wait = self._connects.admit(address)
        if not wait:
            return None
        text = f"Too many new connections; current limit is {self._connects.most} connections per 5 MINUTE."
        return json_answer({"code": -1034, "msg": text}, 429, {"Retry-After": str(wait)})

    def rest(self, request: RestRequest) -> web.Response:
        return self._rest.answer(request)

    def not_found(self) -> web.Response:
        return web.Response(text="404 page not found", status=404)
