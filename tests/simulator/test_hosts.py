"""Requests for the hosts of the real exchange, led to the simulator."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from simulator.helpers import LISTED, PATIENCE, client, combined, first_of_each, get, receive
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from binance_sockets.simulator import Simulator
from binance_sockets.simulator.binance.hosts import located

UPGRADES = [
    ("stream.binance.com:9443", "/ws/btcusdt@trade", "spot"),
    ("STREAM.BINANCE.COM", "/ws/btcusdt@trade", "spot"),
    ("data-stream.binance.vision", "/stream?streams=btcusdt@trade", "spot"),
    ("demo-stream.binance.com", "/ws/btcusdt@trade", "spot"),
    ("fstream.binance.com", "/market/ws/btcusdt@aggTrade", "usdm"),
    ("fstream.binance.com", "/public/stream?streams=btcusdt@depth", "usdm"),
    ("fstream.binance.com", "/public/ws/btc-261225-90000-c@bookTicker", "usdm"),
    ("demo-fstream.binance.com", "/ws/btcusdt@bookTicker", "usdm"),
    ("dstream.binance.com", "/ws/btcusd_perp@trade", "coinm"),
]
CALLS = [
    ("api.binance.com", "/api/v3/depth?symbol=BTCUSDT", "bids"),
    ("api3.binance.com", "/api/v3/time", "serverTime"),
    ("data-api.binance.vision", "/api/v3/time", "serverTime"),
    ("testnet.binance.vision", "/api/v3/time", "serverTime"),
    ("fapi.binance.com:443", "/fapi/v1/depth?symbol=BTCUSDT", "bids"),
    ("dapi.binance.com", "/dapi/v1/depth?symbol=BTCUSD_PERP", "bids"),
    ("eapi.binance.com", "/eapi/v1/time", "serverTime"),
    ("testnet.binancefuture.com", "/fapi/v1/time", "serverTime"),
    ("testnet.binancefuture.com", "/dapi/v1/time", "serverTime"),
    ("testnet.binancefuture.com", "/eapi/v1/time", "serverTime"),
]
REFUSED = [
    ("stream.binance.com", "/api/v3/time"),
    ("api.binance.com", "/fapi/v1/time"),
    ("fapi.binance.com", "/api/v3/time"),
    ("127.0.0.1", "/api/v3/time"),
    ("www.example.com", "/api/v3/time"),
]
PATHS = [
    ("ws-api.binance.com", "/ws-api/v3", "/spot/ws-api/v3"),
    ("ws-fapi.binance.com", "/ws-fapi/v1", "/usdm/ws-fapi/v1"),
    ("testnet.binancefuture.com", "/ws-dapi/v1", "/coinm/ws-dapi/v1"),
    ("api.binance.com", "/sapi/v1/system/status", "/spot/sapi/v1/system/status"),
    ("fapi.binance.com", "/futures/data/openInterestHist", "/usdm/futures/data/openInterestHist"),
    ("margin-stream.binance.com", "/ws/key", "/margin/ws/key"),
    ("papi.binance.com", "/papi/v1/listenKey", "/portfolio/papi/v1/listenKey"),
    ("fstream.binance.com", "/pm/ws/key", "/portfolio/pm/ws/key"),
    ("fstream.binance.com", "/private/ws/key", "/usdm/private/ws/key"),
    ("stream.binance.com", "/spot/ws", "/spot/ws"),
    ("testnet.binance.vision", "/ws", "/ws"),
    ("nbstream.binance.com", "/eoptions/ws", "/eoptions/ws"),
    ("stream.binance.com", "", ""),
    ("", "/ws", "/ws"),
]


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(speed=50, seed=5, symbols=LISTED) as simulator:
        yield simulator


@contextmanager
def led_here(sim: Simulator, host: str, path: str) -> Iterator[ClientConnection]:
    """A client that asks for a host of the exchange and is led to the simulator."""
    sock = socket.create_connection(("127.0.0.1", sim.port), timeout=PATIENCE)
    with connect(f"ws://{host}{path}", sock=sock, proxy=None, close_timeout=1.0) as connection:
        yield connection


@pytest.mark.parametrize(("host", "path", "product"), UPGRADES)
def test_streams_of_a_host(sim: Simulator, host: str, path: str, product: str) -> None:
    """The host says which product a path without one belongs to, and its streams flow."""
    with led_here(sim, host, path) as connection:
        assert receive(connection)
    assert (sim.history[-1].product, sim.history[-1].path) == (product, path)


@pytest.mark.parametrize(("host", "path", "key"), CALLS)
def test_rest_of_a_host(sim: Simulator, host: str, path: str, key: str) -> None:
    """So do the REST calls."""
    status, body = get(sim, path, Host=host)
    assert (status, key in body) == (200, True)


@pytest.mark.parametrize(("host", "path"), REFUSED)
def test_paths_that_a_host_does_not_have(sim: Simulator, host: str, path: str) -> None:
    """Another host's paths, and paths without a product on the simulator's own address, do not exist."""
    assert get(sim, path, Host=host)[0] == 404


@pytest.mark.parametrize(("host", "path", "expected"), PATHS)
def test_where_paths_lead(host: str, path: str, expected: str) -> None:
    """Trading, margin and portfolio hosts have theirs; what no host of the table answers stays as it is."""
    assert located(host, path) == expected


def test_retired_hosts_are_refused(sim: Simulator) -> None:
    """The bare host of the spot testnet serves no streams any more."""
    with pytest.raises(InvalidStatus), led_here(sim, "testnet.binance.vision", "/ws"):
        pass


@pytest.mark.parametrize(("route", "served"), [("public", ("/public", "")), ("silent", ())])
def test_where_usdm_serves_trades(route: str, served: tuple[str, ...]) -> None:
    """``@trade`` flows on the chosen route alone; elsewhere it is acknowledged and silent."""
    with Simulator(speed=500, seed=5, symbols=LISTED, usdm_trade_route=route) as simulator:
        for place, alive in (("/public", "bookTicker"), ("", "bookTicker"), ("/market", "aggTrade")):
            names = ["btcusdt@trade", f"btcusdt@{alive}"]
            with client(simulator, combined(f"/usdm{place}", *names)) as connection:
                if place in served:
                    assert set(first_of_each(connection, names)) == set(names)
                else:
                    assert {receive(connection)["stream"] for _ in range(40)} == {names[1]}


def test_usdm_trade_route_is_checked() -> None:
    """A wrong route is named, with those that exist."""
    with pytest.raises(ValueError, match="market, public, silent: 'private'"):
        Simulator(usdm_trade_route="private")
