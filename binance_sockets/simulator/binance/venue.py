"""Binance on the simulator's port."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence

from aiohttp import web

from binance_sockets.simulator.answers import json_answer
from binance_sockets.simulator.binance import hosts
from binance_sockets.simulator.binance.api_calls import calls_of
from binance_sockets.simulator.binance.api_session import API_TERMS
from binance_sockets.simulator.binance.doors import Doors
from binance_sockets.simulator.binance.families import home_of, make_stream
from binance_sockets.simulator.binance.listing import Listing
from binance_sockets.simulator.binance.products import PRODUCTS
from binance_sockets.simulator.binance.rest import Rest
from binance_sockets.simulator.binance.signed_rest import signed_rows
from binance_sockets.simulator.binance.trading import Desks
from binance_sockets.simulator.binance.trading.futures import FuturesCounter
from binance_sockets.simulator.binance.trading.options import OptionsDesk
from binance_sockets.simulator.binance.trading.spot import Desk
from binance_sockets.simulator.binance.upgrade import USER_ONLY, Upgrades
from binance_sockets.simulator.binance.weights import Connects
from binance_sockets.simulator.feed import Source
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.session import Services
from binance_sockets.simulator.venue import Destination, RestRequest, UpgradeRequest

__all__ = ["Binance"]


class Binance:
    """Spot, USD-M, COIN-M and options. A :class:`~binance_sockets.simulator.venue.Venue`.

    Args:
        world: holds the markets.
        services: what all sessions share.
        symbols: product to a list of symbols, or to how many.
        usdm_trade_route: which route of USD-M serves ``@trade``, one of ``TRADE_ROUTES``.
        doors: accounts, keys and limits.
    """

    def __init__(
        self,
        world: World,
        services: Services,
        symbols: Mapping[str, Sequence[str] | int] | None,
        usdm_trade_route: str,
        doors: Doors,
    ) -> None:
        self._listing = listing = Listing(world, symbols)
        self._clock = services.feed.clock
        feed = services.feed
        desks: Desks = {
            "spot": Desk(listing, world, doors.accounts, feed.clock.advance, feed.look),
            **{
                product: FuturesCounter(product, listing, world, doors.accounts, feed.clock.advance, feed.look)
                for product in ("usdm", "coinm")
            },
            "options": OptionsDesk(listing, world, doors.accounts, feed.clock.advance, feed.look),
        }
        doors.open(desks)
        self._connects, self._weights = Connects(services.limits.connects), doors.weights
        self._rest = Rest(listing, services, doors.weights, signed_rows(doors, desks))
        calls = {terms.name: calls_of(terms.name, desks, doors, self._rest) for terms in API_TERMS.values()}
        self._upgrades = Upgrades(listing, doors, calls, usdm_trade_route)

    def list_symbol(self, product: str, symbol: str) -> None:
        """List one symbol more."""
        self._listing.add(product, symbol)

    def delist_symbol(self, product: str, symbol: str) -> None:
        """List a symbol no more."""
        self._listing.remove(product, symbol, self._clock.advance())

    def set_symbol_status(self, product: str, symbol: str, status: str) -> None:
        """Have a symbol trade, or not."""
        self._listing.set_status(product, symbol, status, self._clock.advance())

    @property
    def prefixes(self) -> Collection[str]:
        return (*PRODUCTS, *USER_ONLY)

    def located(self, host: str, path: str) -> str:
        return hosts.located(host, path)

    def destination(self, request: UpgradeRequest) -> Destination:
        return self._upgrades.destination(request.path, request.query)

    def source(
        self, product: str, name: str, *, micro: bool = False
    ) -> tuple[Hashable, Callable[[int], Source | None]]:
        """What a stream is known by in the feed, and what makes its source at a time."""
        product = home_of(product, name)
        return (product, name, micro), lambda now: make_stream(self._listing, product, name, now, micro=micro)

    def crowded(self, request: UpgradeRequest) -> web.Response | None:
        banned = self._weights.banned(request.address)
        if banned:
            return json_answer({"code": -1003, "msg": "IP banned."}, 418, {"Retry-After": str(banned)})
        wait = self._connects.admit(request.address)
        if not wait:
            return None
        text = f"Too many new connections; current limit is {self._connects.most} connections per 5 MINUTE."
        return json_answer({"code": -1034, "msg": text}, 429, {"Retry-After": str(wait)})

    def rest(self, request: RestRequest) -> web.Response:
        return self._rest.answer(request)

    def not_found(self) -> web.Response:
        return web.Response(text="404 page not found", status=404)
