"""A second venue on the same port and over the same markets, with nothing of the first."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiohttp import web
from simulator.helpers import LISTED, PATIENCE, client, get, receive
from websockets.exceptions import ConnectionClosed

from binance_sockets.simulator import Fault, LimitOverrides, Simulator
from binance_sockets.simulator.answers import dumps, json_answer
from binance_sockets.simulator.binance.products import instrument
from binance_sockets.simulator.feed import Messages, Source
from binance_sockets.simulator.market.instruments import Instrument
from binance_sockets.simulator.market.market import Market, Step
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.session import Services, Session
from binance_sockets.simulator.venue import Destination, RestRequest, UpgradeRequest, Venue

KRW = Instrument(
    key="tally/KRW-BTC", symbol="KRW-BTC", base="BTC", quote="KRW", start_price=120_000, price_places=0, qty_places=4,
    typical_qty=100,
)  # fmt: skip
SHARED: Instrument = replace(instrument("spot", "BTCUSDT"))  # the same key: the same market
CODES = {"KRW-BTC": KRW, "USDT-BTC": SHARED}


@dataclass(frozen=True)
class Terms:
    name: str = "tally"
    messages_per_second: int = 3
    ping_interval: float = 60.0
    pong_timeout: float = 120.0
    binary: bool = True
    idle_timeout: float | None = None


class Tally:
    """Sends ``[code, trade id, price]`` of every trade."""

    period = 0

    def __init__(self, name: str, market: Market[Any]) -> None:
        self.name, self.markets = name, (market,)

    def on_step(self, market: Market[Any], step: Step) -> Messages:
        return [(dumps([self.name, row.id, market.instrument.price_text(row.price)]), "tally") for row in step.trades]

    def on_tick(self, now: int) -> Messages:
        return ()

    def close(self) -> None:
        """Nothing to close."""


class TallyDialect:
    """The client sends the whole set of codes it wants; nothing is acknowledged."""

    def __init__(self, session: Session, world: World) -> None:
        self._session, self._world = session, world

    def opened(self) -> None:
        self._session.say(b'"welcome"')

    def closed(self) -> None:
        """Nothing to end."""

    def heard(self, message: bytes) -> None:
        wanted = json.loads(message)
        self._session.unsubscribe([name for name in self._session.streams if name not in wanted])
        self._session.subscribe(wanted)

    def serves(self, name: str) -> bool:
        return name in CODES

    def forgettable(self, name: str) -> bool:
        return False

    def source(self, name: str) -> tuple[Hashable, Callable[[int], Source | None]]:
        return ("tally", name), lambda now: Tally(name, self._world.market(CODES[name], now))

    def wrapped(self, name: str, payload: bytes, whole: bytes | None = None) -> bytes:
        return payload

    def unknown_event(self) -> bytes:
        return b"[]"

    def without(self, payload: bytes, field: str | None) -> bytes:
        return dumps(json.loads(payload)[:-1])

    def shutdown_notice(self) -> bytes | None:
        return None


class TallyVenue:
    prefixes: Collection[str] = ("tally",)

    def __init__(self, world: World, services: Services) -> None:
        self._world, self._services = world, services

    def located(self, host: str, path: str) -> str:
        return "/tally/v1" if host == "tally.example" else path

    def destination(self, request: UpgradeRequest) -> Destination:
        if request.path != "/tally/v1":
            return Destination(None)
        return Destination(Terms(), speak=lambda session: TallyDialect(session, self._world))

    def crowded(self, request: UpgradeRequest) -> web.Response | None:
        return None

    def rest(self, request: RestRequest) -> web.Response:
        return json_answer({"codes": list(CODES)})

    def not_found(self) -> web.Response:
        return json_answer({"name": "not_found"}, 404)


class TwoVenues(Simulator):
    def _routes(self) -> Mapping[str, Collection[str]]:
        return {**super()._routes(), "tally": ("",)}

    def _open_venues(self, world: World, services: Services) -> Sequence[Venue]:
        return (*super()._open_venues(world, services), TallyVenue(world, services))


@pytest.fixture
def both() -> Iterator[Simulator]:
    with TwoVenues(speed=50, seed=5, symbols=LISTED, limits=LimitOverrides(burst=0)) as simulator:
        yield simulator


def test_each_venue_answers_its_own_paths(both: Simulator) -> None:
    """REST and WebSocket of both live side by side on one port."""
    assert get(both, "/tally/anything") == (200, {"codes": list(CODES)})
    assert get(both, "/spot/api/v3/ping") == (200, {})
    with client(both, "/tally/v1") as connection:
        assert receive(connection) == "welcome"
        connection.send('["KRW-BTC"]')
        assert receive(connection)[0] == "KRW-BTC"
        connection.send('["USDT-BTC"]')
        while receive(connection)[0] != "USDT-BTC":
            continue
        (info,) = both.connections
        assert (info.product, info.streams) == ("tally", ("USDT-BTC",))


def test_both_venues_show_the_same_market(both: Simulator) -> None:
    """A trade of a shared market is seen on both, in the words of each."""
    with client(both, "/tally/v1") as tally, client(both, "/spot/ws/btcusdt@trade") as spot:
        receive(tally)
        tally.send('["USDT-BTC"]')
        there = {row[1]: row[2] for row in (receive(tally) for _ in range(30))}
        here = {row["t"]: row["p"] for row in (receive(spot) for _ in range(60))}
    common = there.keys() & here.keys()
    assert common
    assert all(there[number] == here[number] for number in common)


def test_limits_and_faults_serve_any_venue(both: Simulator) -> None:
    """The message limit is the venue's own; faults find its product, and strike in its words."""
    with client(both, "/tally/v1") as connection:
        receive(connection)
        connection.send('["KRW-BTC"]')
        both.inject(Fault.MISSING_FIELD, product="tally")
        while len(receive(connection)) != 2:
            continue
        both.clear_faults()
        both.inject(Fault.CLOSE, product="tally", code=1012)
        with pytest.raises(ConnectionClosed) as caught:
            while True:
                connection.recv(timeout=PATIENCE)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1012
    with client(both, "/tally/v1") as connection:
        for _ in range(4):
            connection.send("[]")
        with pytest.raises(ConnectionClosed) as caught:
            while True:
                connection.recv(timeout=PATIENCE)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1008


def test_each_venue_has_hosts_of_its_own(both: Simulator) -> None:
    """A request without a path of this port goes to the venue whose exchange has the host."""
    assert get(both, "/", Host="tally.example") == (200, {"codes": list(CODES)})
    assert "serverTime" in get(both, "/api/v3/time", Host="api.binance.com")[1]
