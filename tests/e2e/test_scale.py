"""Many streams and many sockets: split, paced, received, and stopped in time."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from e2e.harness import Held, eventually, managed, nothing_left
from e2e.tables import TABLES

from binance_sockets.simulator import ConnectionInfo, Simulator

TITLE = "scale"
SLACK = 0.05  # seconds by which the server's clock may see two frames closer together than they were sent


@contextmanager
def few_descriptors() -> Iterator[None]:
    """The usual limit of 1,024 descriptors, where the system has one."""
    resource = pytest.importorskip("resource", reason="no descriptor limits on this system")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, before[1]), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def _subscriptions(info: ConnectionInfo) -> list[tuple[float, int]]:
    """When the SUBSCRIBE frames of a link came, and how many names each had."""
    frames = [(row.time, json.loads(row.payload)) for row in info.control]
    assert {frame["method"] for _, frame in frames} <= {"SUBSCRIBE"}
    return [(at, len(frame["params"])) for at, frame in frames]


def _paced(info: ConnectionInfo) -> None:
    frames = _subscriptions(info)
    times = [at for at, _ in frames]
    assert all(0 < count <= 200 for _, count in frames)
    assert all(later - earlier >= 0.25 - SLACK for earlier, later in itertools.pairwise(times))
    assert times[-1] - times[0] >= 0.25 * (len(times) - 1) - SLACK


def test_a_thousand_streams_in_one_call_are_paced_received_and_stopped() -> None:
    """Every one of 1,000 streams of one multiplex call sends; the subscriptions are paced; the stop takes under 2 s."""
    with Simulator(symbols={"spot": 250}, speed=5.0) as sim:
        suffixes = ("bookTicker", "depth@100ms", "trade", "aggTrade")
        names = [f"{symbol.lower()}@{suffix}" for symbol in sim.symbols["spot"] for suffix in suffixes]
        assert len(set(names)) == 1000
        seen: Counter[str] = Counter()
        everything = threading.Event()

        def count(message: dict[str, object]) -> None:
            seen[str(message["stream"])] += 1
            if len(seen) == len(names):
                everything.set()

        with nothing_left(sim), managed(sim) as (manager, record):
            begun = time.monotonic()
            key = manager.start_multiplex_socket(names, count)
            assert key
            manager.start()
            manager.wait_open(key, 20.0)
            opened = time.monotonic()
            assert everything.wait(20.0), f"{len(seen)} of {len(names)} streams have sent something"
            received = time.monotonic()
            assert set(seen) == set(names)
            (link,) = sim.connections
            assert set(link.streams) == set(names)
            assert [count for _, count in _subscriptions(link)] == [200] * 5
            _paced(link)
            stopping = time.monotonic()
            manager.stop_socket(key)
            sim.wait_for(lambda: not sim.connections)
            manager.join(5.0)
            stopped = time.monotonic()
            assert stopped - stopping < 2.0
            assert not record.errors
            assert not record.gaps
    TABLES[TITLE].append(
        f"1,000 streams in one call: all confirmed after {opened - begun:.2f} s, all received after "
        f"{received - begun:.2f} s, stopped in {stopped - stopping:.3f} s"
    )


def test_streams_are_split_by_route_and_by_limit(sim: Simulator) -> None:
    """Each stream is on exactly one link, of its route, none above its limit: 1,024 streams, options 200."""
    wanted = {
        "spot": [f"n{number:04}usdt@trade" for number in range(1500)],
        "usdm": [f"n{number:02}usdt@{kind}" for number in range(20) for kind in ("aggTrade", "bookTicker")],
        "options": [f"btc-261030-{number}-c@bookTicker" for number in range(1, 401)] + ["xyzusdt@optionMarkPrice"],
    }
    links = {"spot": [1024, 476], "usdm": [20, 20], "options": [1, 200, 200]}
    with nothing_left(sim), managed(sim) as (manager, record):
        keys = {product: manager.start_multiplex_socket(n, record.on_message, product) for product, n in wanted.items()}
        manager.start()
        for product, key in keys.items():
            assert key
            manager.wait_open(key, 20.0)
            infos = [info for info in sim.connections if info.product == product]
            assert sorted(len(info.streams) for info in infos) == sorted(links[product])
            assert sorted(name for info in infos for name in info.streams) == sorted(wanted[product])
            for info in infos:
                if info.control:
                    _paced(info)
                if info.route:
                    market = [name for name in info.streams if "aggTrade" in name or name == "xyzusdt@optionMarkPrice"]
                    assert market == (list(info.streams) if info.route == "market" else [])
            for name in (wanted[product][0], wanted[product][-1]):
                assert sim.publish(product, name, b'{"e":"x","s":"%s"}' % name.encode()) == 1
        record.wait_messages(6)
        assert sorted(m["stream"] for m in record.messages) == sorted(n[at] for n in wanted.values() for at in (0, -1))


def test_two_hundred_single_sockets() -> None:
    """200 sockets start, receive and close within 5 s, with fewer than 1,024 descriptors beside the server's own."""
    with few_descriptors(), Simulator(symbols={"spot": 200}, speed=5.0) as sim, nothing_left(sim):
        before = Held.now()
        begun = time.monotonic()
        seen: set[str] = set()
        with managed(sim) as (manager, record):
            for symbol in sim.symbols["spot"]:
                assert manager.start_symbol_book_ticker_socket(symbol, lambda message: seen.add(message["s"]))
            manager.start()
            eventually(lambda: len(seen) == 200, "a message on every socket")
            received = time.monotonic()
            during = Held.now()
            assert len(sim.connections) == 200
            assert not record.errors
        closed = time.monotonic()
        sim.wait_for(lambda: not sim.connections)
        assert closed - begun < 5.0
    TABLES[TITLE].append(
        f"200 single sockets: all received after {received - begun:.2f} s, closed in {closed - received:.2f} s; "
        f"{during.descriptors - before.descriptors} descriptors for both ends"
    )
