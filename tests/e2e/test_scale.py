"""Many streams and many sockets: split, paced, received, and stopped in time."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from e2e.harness import PATIENCE, Held, eventually, managed, nothing_left, say
from e2e.tables import TABLES

from binance_sockets.errors import display_name
from binance_sockets.simulator import ConnectionInfo, Simulator

TITLE = "scale"
PROMPT = PATIENCE / 2  # seconds in which what waits for nothing is done, on a machine that pauses
INTERVAL = 0.25  # seconds between two control frames of a link; that they leave so is proven in tests/engine


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


def _paced(info: ConnectionInfo, begun: float) -> list[list[str]]:
    """The names of each SUBSCRIBE frame of a link; no frame came before the ones until it can all have been sent.

    A frame may arrive late, and a late one close to the next, but none arrives before it was sent.

    Args:
        info: the link.
        begun: when it was not yet open.
    """
    rows = [(row, json.loads(row.payload)) for row in info.control]
    if rows[-1][1]["method"] == "LIST_SUBSCRIPTIONS":  # seconds later, on a busy machine
        rows.pop()
    frames = [frame for _, frame in rows]
    assert {frame["method"] for frame in frames} == {"SUBSCRIBE"}
    assert [frame["id"] for frame in frames] == list(range(1, len(frames) + 1))
    assert all(0 < len(frame["params"]) <= 200 for frame in frames)
    for number, (row, _) in enumerate(rows):
        assert row.time >= begun + INTERVAL * number - 1e-6
    return [frame["params"] for frame in frames]


@pytest.mark.parametrize("count", [400, pytest.param(1000, marks=pytest.mark.full)])
def test_many_streams_in_one_call_are_paced_received_and_stopped(count: int) -> None:
    """Every one of the streams of one multiplex call sends; the subscriptions are paced; the stop waits for nothing."""
    with Simulator(symbols={"spot": count // 4}, speed=5.0) as sim:
        suffixes = ("bookTicker", "depth@100ms", "trade", "aggTrade")
        names = [f"{symbol.lower()}@{suffix}" for symbol in sim.symbols["spot"] for suffix in suffixes]
        assert len(set(names)) == count
        seen: Counter[str] = Counter()
        everything = threading.Event()

        def note(message: dict[str, object]) -> None:
            seen[str(message["stream"])] += 1
            if len(seen) == len(names):
                everything.set()

        with nothing_left(sim), managed(sim) as (manager, record):
            begun = time.monotonic()
            key = manager.start_multiplex_socket(names, note)
            assert key
            manager.start()
            manager.wait_open(key, PATIENCE)
            opened = time.monotonic()
            assert everything.wait(40.0), f"{len(seen)} of {len(names)} streams have sent something"
            received = time.monotonic()
            assert set(seen) == set(names)
            (link,) = sim.connections
            assert set(link.streams) == set(names)
            assert _paced(link, begun) == [names[at : at + 200] for at in range(0, count, 200)]
            thread = f"binance_sockets:{display_name(key)}"
            assert thread in Held.now().threads
            stopping = time.monotonic()
            manager.stop_socket(key)
            assert thread not in Held.now().threads
            sim.wait_for(lambda: not sim.connections)
            stopped = time.monotonic()
            assert stopped - stopping < PROMPT
            assert not record.errors
            assert not record.gaps
    TABLES[TITLE].append(
        f"{count:,} streams in one call: all confirmed after {opened - begun:.2f} s, all received after "
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
        begun = time.monotonic()
        manager.start()
        for product, key in keys.items():
            assert key
            manager.wait_open(key, PATIENCE)
            infos = [info for info in sim.connections if info.product == product]
            assert sorted(len(info.streams) for info in infos) == sorted(links[product])
            assert sorted(name for info in infos for name in info.streams) == sorted(wanted[product])
            for info in infos:
                if info.control:
                    _paced(info, begun)
                if info.route:
                    market = [name for name in info.streams if "aggTrade" in name or name == "xyzusdt@optionMarkPrice"]
                    assert market == (list(info.streams) if info.route == "market" else [])
            for name in (wanted[product][0], wanted[product][-1]):
                assert sim.publish(product, name, b'{"e":"x","s":"%s"}' % name.encode()) == 1
        record.wait_messages(6)
        assert sorted(m["stream"] for m in record.messages) == sorted(n[at] for n in wanted.values() for at in (0, -1))


def test_two_hundred_single_sockets() -> None:
    """200 sockets start, receive and close within 5 s, with fewer than 1,024 descriptors beside the server's own."""
    symbols = [f"S{number:03}USDT" for number in range(200)]  # unlisted, so that no markets run beside them
    with few_descriptors(), Simulator(symbols={"spot": 1}) as sim, nothing_left(sim):
        before = Held.now()
        seen: set[str] = set()
        with managed(sim) as (manager, record):
            begun = time.monotonic()
            for symbol in symbols:
                assert manager.start_symbol_book_ticker_socket(symbol, lambda message: seen.add(message["s"]))
            manager.start()
            say(sim, "spot", [f"{symbol.lower()}@bookTicker" for symbol in symbols], 1)
            eventually(lambda: seen == set(symbols), "a message on every socket")
            received = time.monotonic()
            during = Held.now()
            assert len(sim.connections) == 200
            assert not record.errors
            manager.close()
            closed = time.monotonic()
        assert closed - begun < PATIENCE
    TABLES[TITLE].append(
        f"200 single sockets: all received after {received - begun:.2f} s, closed in {closed - received:.2f} s; "
        f"{during.descriptors - before.descriptors} descriptors for both ends"
    )
