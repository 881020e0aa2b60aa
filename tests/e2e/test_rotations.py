"""Planned changes of links under load, over real sockets: nothing lost, nothing doubled, nothing out of order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest
from e2e.conftest import Tls
from e2e.harness import eventually, managed, nothing_left, options
from e2e.tables import TABLES

from binance_sockets import Options, SocketManager
from binance_sockets.events import State
from binance_sockets.simulator import LimitOverrides, Simulator

TITLE = "planned changes under load"
STREAMS = {
    "spot": ("btcusdt@trade", "btcusdt@aggTrade", "btcusdt@depth@100ms", "ethusdt@trade", "ethusdt@depth@100ms"),
    "usdm": ("btcusdt@aggTrade", "btcusdt@depth@100ms", "ethusdt@aggTrade", "ethusdt@depth@100ms"),
}


@pytest.fixture(scope="module")
def busy() -> Iterator[Simulator]:
    """An exchange whose time runs fast."""
    with Simulator(speed=200.0, seed=7, limits=LimitOverrides(connects=100_000)) as sim:
        yield sim


@dataclass
class Chain:
    """Whether each message of each stream follows the one before, by the exchange's own rules."""

    last: dict[str, int] = field(default_factory=dict)
    messages: Counter[str] = field(default_factory=Counter)
    breaks: list[str] = field(default_factory=list)

    def __call__(self, message: Any) -> None:
        if isinstance(message, bytes):
            message = msgspec.json.decode(message)
        elif isinstance(message, msgspec.Struct):
            message = msgspec.to_builtins(message)
        name, data = message["stream"], message["data"]
        if data["e"] == "depthUpdate":
            before, number = data.get("pu", data["U"] - 1), data["u"]
        else:
            number = data["t"] if data["e"] == "trade" else data["a"]
            before = number - 1
        if self.last.setdefault(name, before) != before:
            self.breaks.append(f"{name}: {before} follows {self.last[name]}")
        self.last[name] = number
        self.messages[name] += 1


def rotate(manager: SocketManager, key: str, times: int) -> None:
    """Have all links of a socket changed, one change after the other."""

    def over(count: int) -> bool:
        shot = manager.snapshot()["connections"][key]
        return shot["reconnects"] >= count and not any(link["replacing"] for link in shot["links"])

    links = len(manager.snapshot()["connections"][key]["links"])
    for number in range(times):
        manager.reconnect(key)
        eventually(lambda done=(number + 1) * links: over(done), f"change {number}")


def changes(sim: Simulator, product: str, view: str, times: int, opts: Options | None = None) -> None:
    """Change all links of a multiplex so often, under load, and look at every message."""
    chain = Chain()
    with nothing_left(sim), managed(sim, opts or options()) as (manager, record):
        key = manager.start_multiplex_socket(STREAMS[product], chain, product, view=view)
        assert key
        manager.start()
        manager.wait_open(key)
        eventually(lambda: len(chain.last) == len(STREAMS[product]), "a message of every stream")
        begun, before = time.monotonic(), chain.messages.total()
        rotate(manager, key, times)
        took = time.monotonic() - begun
        behind = dict(chain.messages)
        eventually(
            lambda: all(chain.messages[name] > behind[name] for name in behind), "messages behind the last change"
        )
        shot = manager.snapshot()["connections"][key]
        assert shot["messages"] >= chain.messages.total()
        assert {link["left"] for link in shot["links"]} == {"requested"}
        assert not record.gaps
        assert not record.errors
        assert not record.into(State.BACKOFF)
    assert not chain.breaks
    count = chain.messages.total() - before
    assert count > 10 * times
    row = f"{product:<6} {view:<6} {times:>8} {count:>10,} {took:>8.1f} s {len(chain.breaks):>8}"
    TABLES[TITLE] = TABLES[TITLE] or [f"{'':<6} {'view':<6} {'changes':>8} {'messages':>10} {'':>10} {'breaks':>8}"]
    TABLES[TITLE].append(row)


@pytest.mark.parametrize(("product", "view"), [("spot", "dict"), ("usdm", "typed")])
def test_planned_changes_under_load(busy: Simulator, product: str, view: str) -> None:
    """Twenty changes of every link while trades and books run: each id once, in order."""
    changes(busy, product, view, 20)


def test_planned_changes_over_tls(tls: Tls) -> None:
    """Encrypted, both WebSockets are read by the one thread as well."""
    with Simulator(speed=200.0, seed=7, ssl_context=tls.server) as sim:
        changes(sim, "usdm", "raw", 5, replace(options(), ssl_context=tls.client))


def test_stopped_in_the_middle_of_a_change(busy: Simulator) -> None:
    """At whatever step: the socket ends at once, and nothing is left open."""
    with nothing_left(busy), managed(busy, options()) as (manager, record):
        manager.start()
        for number in range(30):
            chain = Chain()
            key = str(manager.start_multiplex_socket(STREAMS["spot"], chain))
            manager.wait_open(key)
            manager.reconnect(key)
            if number % 3:
                eventually(lambda key=key, number=number: _far(manager, key, number % 3), "a step of the change")
            manager.stop_socket(key)
            assert not chain.breaks
        assert not record.finals
        assert not record.into(State.BACKOFF)


def _far(manager: SocketManager, key: str, step: int) -> bool:
    """The change has begun; the next WebSocket is open."""
    shot = manager.snapshot()["connections"][key]
    return (
        shot["links"][0]["replacing"] is not None or shot["reconnects"] >= 1 if step == 1 else shot["reconnects"] >= 1
    )


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("view", ["dict", "typed", "raw"])
@pytest.mark.parametrize("product", STREAMS)
def test_a_thousand_planned_changes_under_load(busy: Simulator, product: str, view: str) -> None:
    """The same, long enough for what is rare."""
    changes(busy, product, view, 1000)
