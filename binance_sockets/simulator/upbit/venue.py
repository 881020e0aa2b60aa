"""Upbit on the simulator's port."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from binance_sockets.faults import Fault
from binance_sockets.simulator.accounts import Key
from binance_sockets.simulator.answers import dumps
from binance_sockets.simulator.feed import Source
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.session import Dialect, Services, Session
from binance_sockets.simulator.upbit import regions
from binance_sockets.simulator.upbit.backend import Backend, House
from binance_sockets.simulator.upbit.dialect import UpbitDialect
from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.limits import Limits
from binance_sockets.simulator.upbit.listing import Listing
from binance_sockets.simulator.upbit.options import UpbitOptions
from binance_sockets.simulator.upbit.requests import parsed
from binance_sockets.simulator.upbit.rest import Rest
from binance_sockets.simulator.upbit.rest.answering import refusal
from binance_sockets.simulator.upbit.streams import Maker, Stream
from binance_sockets.simulator.upbit.trading import CALLS, Desk
from binance_sockets.simulator.venue import Destination, RestRequest, UpgradeRequest

__all__ = ["Upbit"]

_PLACES = {"/websocket/v1": "public", "/websocket/v1/private": "private", "/websocket/v1/info": "info"}


@dataclass(frozen=True, slots=True)
class UpbitTerms:
    """What a region promises about its connections. Times are seconds.

    Args:
        name: the product.
        binary: whether messages are binary frames.
        idle_timeout: after which a connection is cut on which nothing moves.
    """

    name: str
    binary: bool
    idle_timeout: float | None
    messages_per_second: int | None = None
    ping_interval: float | None = None
    pong_timeout: float = 10.0


class Upbit:
    """All regions of Upbit. A :class:`~binance_sockets.simulator.venue.Venue`.

    Args:
        world: holds the markets.
        services: what all sessions share.
        houses: product to the accounts of a region.
        codes: product to what is listed.
        options: what of the exchange is set.

    Attributes:
        desks: product to where its accounts trade.
    """

    def __init__(
        self,
        world: World,
        services: Services,
        houses: Mapping[str, House],
        codes: Mapping[str, Sequence[str]],
        options: UpbitOptions,
    ) -> None:
        self._options, self._limits = options, Limits(options)
        self._backends: dict[str, Backend] = {}
        self._rest: dict[str, Rest] = {}
        self.desks: dict[str, Desk] = {}
        for product, house in houses.items():
            listing = Listing(world, house.region, codes[product])
            self._backends[product] = backend = Backend(house, listing, services, options, self._limits)
            house.desk = desk = self.desks[product] = Desk(backend, world)
            self._rest[product] = Rest(backend, desk, CALLS)

    # what is listed

    def list_symbol(self, product: str, symbol: str) -> None:
        """List one code more."""
        backend = self._backends[product]
        backend.listing.add(symbol, backend.now())

    def delist_symbol(self, product: str, symbol: str) -> None:
        """List a code no more."""
        backend = self._backends[product]
        backend.listing.remove(symbol, backend.now())

    def set_symbol_status(self, product: str, symbol: str, status: str) -> None:
        """Have a market trade, or not."""
        backend = self._backends[product]
        backend.listing.set_status(symbol, status, backend.now())

    # what every venue has

    @property
    def prefixes(self) -> Collection[str]:
        return tuple(self._backends)

    def located(self, host: str, path: str) -> str:
        return regions.located(host, path)

    def destination(self, request: UpgradeRequest) -> Destination:
        product, _, rest = request.path[1:].partition("/")
        backend, place = self._backends.get(product), _PLACES.get(f"/{rest}")
        if backend is None or place is None:
            return Destination(None)
        if place == "info" and backend.region.code not in self._options.info_regions:
            return Destination(None, place)
        terms = UpbitTerms(product, not self._options.text_frames, self._options.idle_timeout)
        key: Key | None = None
        if place != "public":
            try:
                key = self._key(backend, place, request)
            except Refused as refused:
                if not self._options.late_auth:
                    answer = refusal(refused, {}, korean=backend.region.korean)
                    return Destination(terms, place, refusal=answer)

        def speak(session: Session) -> Dialect:
            return UpbitDialect(session, backend, place, key)

        return Destination(terms, place, speak=speak)

    def source(self, product: str, name: str) -> tuple[Hashable, Callable[[int], Source | None]]:
        """What a stream, such as ``trade/KRW-BTC``, is known by in the feed, and what makes its source at a time."""
        backend = self._backends[product]
        kind, _, code = name.partition("/")
        stream = _stream(kind, code)

        def make(now: int) -> Source | None:
            maker = Maker(backend.listing, self._options, simple=False)
            return None if stream is None else maker.source(stream, now)

        return (product, name, False), make

    def crowded(self, request: UpgradeRequest) -> web.Response | None:
        product = request.path[1:].partition("/")[0]
        backend = self._backends.get(product)
        if backend is None:
            return None
        found = backend.gatekeeper.peek(request.headers.get("Authorization"))
        who: Hashable = request.address if found is None else f"{product}/{found.account.uid}"
        try:
            if "Origin" in request.headers:
                self._limits.of("origin", request.address).take()
            self._limits.of("websocket-connect", who).take()
        except Refused as refused:
            return refusal(refused, {}, korean=backend.region.korean)
        return None

    def rest(self, request: RestRequest) -> web.Response:
        return self._rest[request.path[1:].partition("/")[0]].answer(request)

    def not_found(self) -> web.Response:
        return web.Response(text='{"error":{"name":404,"message":"no Route matched"}}', status=404)

    def _key(self, backend: Backend, place: str, request: UpgradeRequest) -> Key:
        fault = backend.services.faults.strike(
            Fault.CREDENTIAL_REFUSED, backend.region.product, place,
            chosen=lambda params: params["on"] in ("any", "logon"),
        )  # fmt: skip
        if fault is not None:
            raise Refused("jwt_verification", status=fault.params["status"])
        return backend.gatekeeper.key(
            request.headers.get("Authorization"), request.address, once=self._options.nonce_once
        )


def _stream(kind: str, code: str) -> Stream | None:
    """A stream of a market by its name."""
    from_level, _, level = code.partition("@")
    asked = [{"ticket": "record"}, {"type": kind, "codes": [from_level], "level": level or "0"}]
    try:
        request = parsed(dumps(asked), "public", camel_case=False)
    except Refused:
        return None
    return request.entries[0].parts[0].stream
