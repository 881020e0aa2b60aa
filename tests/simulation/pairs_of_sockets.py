"""Threads that share a connection, a pool or a manager, in the smallest scenarios."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from fake_exchange import FakeExchange, calm, data, named, server
from simulation.interleavings import Scenario, Scheduled, together
from simulation.pairs import Bound, Pair
from simulation.quiet import Quiet
from simulation.system import System

from binance_sockets import manager
from binance_sockets.engine import connection, dialler, metrics, pool, roster
from binance_sockets.errors import ConfigError, ManagerClosed, UnknownConnection
from binance_sockets.events import State
from binance_sockets.exchange import Stream
from binance_sockets.exchanges.binance.symbol_sets import SetChange, SymbolSets

__all__ = ["PAIRS_OF_SOCKETS"]

IN_URL = 9  # all names stand in the URL: no control frames


class _Observer:
    """Notes how often it is told of the end."""

    def __init__(self) -> None:
        self.released = self.ended = 0

    def on_released(self, connection: Any) -> None:
        self.released += 1

    def on_ended(self, connection: Any) -> None:
        self.ended += 1

    def __getattr__(self, name: str) -> Callable[[Any], None]:
        return lambda event: None


class _Bench:
    """A connection of its own, with dial threads where it has several links."""

    def __init__(
        self,
        module: Any,
        world: Scheduled,
        system: System,
        streams: Sequence[str] = "a",
        *messages: Any,
        in_url: int = IN_URL,
    ) -> None:
        self.observer = _Observer()
        self.transport = Quiet(world, system.network, lambda: server(*messages))
        self.dialler = dialler.Dialler("manager", self.transport, 2)
        self.payloads: list[Any] = []
        self.system = system
        self.connection = module.Connection(
            "key",
            FakeExchange(per_link=1, names_in_url=in_url),
            named(*streams),
            self.payloads.append,
            final_payload=lambda: "over",
            options=calm(),
            transport=self.transport,
            submit=lambda job: None,
            dial=self.dialler.submit,
            observer=self.observer,
            named=lambda names: named(*names),
        )

    def end(self) -> None:
        """All is over, once, and nothing is left."""
        self.connection.request_stop()
        assert self.connection.join(9.0)
        self.dialler.stop()
        assert self.dialler.join(9.0)
        assert (self.observer.released, self.observer.ended) == (1, 1)
        assert all(link.closed for link in self.transport.links)
        assert self.system.network.open == 0


def inbox(module: Any) -> Scenario:
    """Something is posted while the thread begins, works and is told to end: what was taken is run, once."""

    def scenario(world: Scheduled, system: System) -> None:
        bench = _Bench(module, world, system)
        ran: list[int] = []
        taken: list[int] = []

        def post(number: int) -> None:
            if bench.connection.post(lambda: ran.append(number)):
                taken.append(number)

        together(system, lambda: bench.connection.start(True), lambda: post(1), bench.connection.request_stop)
        post(2)
        bench.end()
        assert set(ran) <= set(taken)
        assert len(ran) == len(set(ran))
        if bench.transport.links:  # it ran; else there was no thread to run it
            assert sorted(ran) == sorted(taken)
        assert not bench.connection.post(print)

    return scenario


def woken(module: Any) -> Scenario:
    """Two post to a thread that begins, or is about to wait: both are run, and it is the wake-up that tells it."""

    def scenario(world: Scheduled, system: System) -> None:
        bench = _Bench(module, world, system)
        make = system.modules["threading"]
        ran = [make.Event(), make.Event()]
        posts = [lambda each=each: bench.connection.post(each.set) for each in ran]  # type: ignore[misc]
        together(system, lambda: bench.connection.start(True), *posts)
        assert all(each.wait(9.0) for each in ran)
        bench.end()

    return scenario


def handed_over(module: Any) -> Scenario:
    """A connection is told to end while two dial threads open its links: no descriptor is left."""

    def scenario(world: Scheduled, system: System) -> None:
        bench = _Bench(connection, world, system, "ab")
        bench.connection.start(True)
        bench.end()

    return scenario


def answers(module: Any) -> Scenario:
    """Two ask while the link ends: each has one answer, or one error."""

    def scenario(world: Scheduled, system: System) -> None:
        bench = _Bench(module, world, system)
        got: dict[int, list[Any]] = {1: [], 2: []}

        def ask(number: int) -> None:
            def build(reference: int) -> bytes:
                return json.dumps({"op": "ask", "ref": reference, "list": []}).encode()

            bench.connection.request(build, got[number].append, 5.0)

        bench.connection.start(True)
        together(system, lambda: ask(1), lambda: ask(2), bench.connection.request_stop)
        bench.end()
        assert [len(each) for each in got.values()] == [1, 1]

    return scenario


def subscribed(module: Any) -> Scenario:
    """One subscribes, one unsubscribes, while answers come and somebody waits for all: what was wanted is carried."""

    def scenario(world: Scheduled, system: System) -> None:
        bench = _Bench(connection, world, system, in_url=0)
        found = bench.connection
        found.start(True)
        together(
            system,
            lambda: found.change([Stream("b")], ()),
            lambda: found.change((), ["a"]),
        )
        found.wait_open(9.0)
        wanted = [name for link in found.links for name in link.wanted]
        assert wanted == ["b"]
        assert all(link.ready for link in found.links)
        bench.end()

    return scenario


def following(module: Any) -> Scenario:
    """A look at what is listed while the user unsubscribes what it brings: whichever comes first, the sets and the
    connection agree on what is carried, and what was refused is not."""

    def scenario(world: Scheduled, system: System) -> None:
        bench = _Bench(connection, world, system, ["aaausdt@trade"])
        found = bench.connection
        sets = SymbolSets("spot", None, ["aaausdt@trade", "*usdt@trade"], "key", lambda: 0.0)
        found.start(True)

        def decide(wish: Callable[..., SetChange], given: Any) -> None:
            found.decide(lambda: slowly(wish(given)))

        def slowly(change: SetChange) -> Any:
            world.maybe_switch()
            return change[:2]

        def user() -> None:
            with contextlib.suppress(ConfigError):  # it came too early
                decide(sets.leave, ["bbbusdt@trade"])
                refused.append("bbbusdt@trade")

        refused: list[str] = []
        together(system, lambda: decide(sets.learned, {"aaausdt": "TRADING", "bbbusdt": "TRADING"}), user)
        found.wait_open(9.0)
        carried = sorted(name for link in found.links for name in link.wanted)
        assert carried == [name for name in ("aaausdt@trade", "bbbusdt@trade") if name not in refused]
        decide(sets.leave, carried)  # the sets know all of it
        bench.end()

    return scenario


def counted(module: Any) -> Scenario:
    """A snapshot is taken while messages come, a link ends, and another one begins: no count goes back."""

    def scenario(world: Scheduled, system: System) -> None:
        bench = _Bench(connection, world, system, "ab", data("a", 1), data("b", 1), in_url=0)
        found = bench.connection
        found.start(True)
        found.wait_open(9.0)
        seen = [0]

        def look() -> None:
            for _ in range(2):
                world.maybe_switch()
                seen.append(module.connection_snapshot(found, world.now)["messages"])

        together(system, look, lambda: found.change((), ["a"]), lambda: found.wait_open(9.0))
        look()
        bench.end()
        seen.append(found.counts()[0])
        assert seen == sorted(seen), seen

    return scenario


class _Sockets:
    """A manager over quiet links."""

    def __init__(self, module: Any, world: Scheduled, system: System, *messages: Any) -> None:
        self.transport = Quiet(world, system.network, lambda: server(*messages))
        self.manager = module.Manager(options=calm(), transport=self.transport)
        self.payloads: list[Any] = []
        self.system = system

    def open(self, key: str = "a", callback: Callable[[Any], object] | None = None) -> Any:
        exchange = FakeExchange(names_in_url=IN_URL)
        return self.manager._open(key, exchange, named("a"), callback or self.payloads.append)

    def open_pooled(self, key: str, name: str) -> Any:
        exchange = FakeExchange(names_in_url=IN_URL)

        def unwrap(payload: Any) -> tuple[str, Any]:
            return payload["stream"], payload["data"]

        return self.manager._open_pooled(key, "pool", exchange, [Stream(name)], self.payloads.append, unwrap)

    def end(self) -> None:
        """All is over, and nothing is left."""
        core = self.manager._core
        self.manager.close()
        assert not core.all()
        assert not self.manager.is_alive()
        assert all(link.closed for link in self.transport.links)
        assert self.system.network.open == 0
        for task in list(self.system.world.tasks):
            if task is not self.system.world.main:  # it was abandoned before it began: it has nothing to do
                task.join()  # type: ignore[attr-defined]


def start_and_close(module: Any) -> Scenario:
    """Two threads start and close a manager at once: it is running or closed, and a close ends all of it."""

    def scenario(world: Scheduled, system: System) -> None:
        sockets = _Sockets(module, world, system)
        sockets.open()
        together(system, sockets.manager.start, sockets.manager.close)
        sockets.end()

    return scenario


def open_and_close(module: Any) -> Scenario:
    """A socket is opened in a manager that runs, while that is closed: it is wholly before or wholly behind."""

    def scenario(world: Scheduled, system: System) -> None:
        sockets = _Sockets(module, world, system)
        sockets.manager.start()
        together(system, sockets.open, sockets.manager.close)
        sockets.end()

    return scenario


def one_key(module: Any) -> Scenario:
    """Two open the same key while a third one stops it: one of them has it, and all of it ends."""

    def scenario(world: Scheduled, system: System) -> None:
        sockets = _Sockets(module, world, system)
        sockets.manager.start()
        got: list[Any] = []
        together(
            system,
            lambda: got.append(sockets.open()),
            lambda: got.append(sockets.open()),
            lambda: sockets.manager.stop_socket("a"),
        )
        assert "a" in got
        sockets.end()

    return scenario


def stop_inside(module: Any) -> Scenario:
    """A callback stops its own socket while the manager is closed and asked: all ends."""

    def scenario(world: Scheduled, system: System) -> None:
        sockets = _Sockets(module, world, system, data("a", 1))
        sockets.open(callback=lambda payload: sockets.manager.stop_socket("a"))
        sockets.manager.start()

        def look() -> None:
            sockets.manager.snapshot()
            with contextlib.suppress(UnknownConnection, ManagerClosed):
                sockets.manager.reconnect("a")

        together(system, sockets.manager.close, look)
        sockets.end()

    return scenario


def members(module: Any) -> Scenario:
    """One joins a shared connection while the last one leaves: it is carried by that one or by a new one."""

    def scenario(world: Scheduled, system: System) -> None:
        sockets = _Sockets(manager, world, system)
        sockets.open_pooled("a", "a")
        sockets.manager.start()
        together(system, lambda: sockets.open_pooled("b", "b"), lambda: sockets.manager.stop_socket("a"))
        sockets.manager.wait_open("b", 9.0)
        found = sockets.manager._core.connections["b"]
        assert found.state is State.OPEN
        assert [link.state for link in found.links] == [State.OPEN]
        sockets.end()

    return scenario


def member_begins(module: Any) -> Scenario:
    """A member is stopped while it begins: it ends, once."""

    def scenario(world: Scheduled, system: System) -> None:
        sockets = _Sockets(manager, world, system)
        sockets.open_pooled("a", "a")
        member = sockets.manager._core.connections["a"]
        together(system, sockets.manager.start, member.request_stop)
        assert member.ended.wait(9.0)
        sockets.end()

    return scenario


MEET, EACH, LINES = Bound(0, False, 2), Bound(0, True), Bound(1, True, 1)

PAIRS_OF_SOCKETS: dict[str, Pair] = {
    "a connection's inbox": Pair(connection, inbox, EACH, Bound(1, True)),
    "a connection's wake-up": Pair(connection, woken, EACH, Bound(1, True)),
    "links that are handed over": Pair(dialler, handed_over, MEET, Bound(1, True, 2)),
    "requests and the end": Pair(connection, answers, MEET, LINES),
    "subscriptions": Pair(roster, subscribed, MEET, Bound(1, True), instant=False),
    "symbol sets": Pair(roster, following, Bound(1, False, 1), Bound(1, True), instant=False),
    "a snapshot": Pair(metrics, counted, MEET, LINES, instant=False),
    "start and close": Pair(manager, start_and_close, MEET, LINES),
    "open and close": Pair(manager, open_and_close, MEET, LINES),
    "one key": Pair(manager, one_key, Bound(0, False, 1), LINES),
    "a stop inside a callback": Pair(manager, stop_inside, MEET, LINES),
    "members of a pool": Pair(pool, members, Bound(0, False, 1), LINES, instant=False),
    "a member that begins": Pair(pool, member_begins, MEET, LINES),
}
